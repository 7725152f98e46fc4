// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Life of a device
 *
 * The order in which blocks start is a table; they stop in reverse order, and a failure in the
 * middle stops what has been started. Blocks do not know each other's order.
 *
 * A device ends in two steps, because files, mappings and dma-bufs may outlive the binding. When
 * the driver is unbound, xe_device_remove() keeps new callers out, waits for those inside, takes
 * queues and address spaces away from open files, stops the hardware and releases everything it
 * could reach. It waits for nothing that others decide about: jobs give up waiting for fences of
 * other drivers (xe_foreign_fence.c), and values of user fences that wait for their memory are left
 * to themselves. What is left is plain memory, freed by DRM when the last reference goes.
 *
 * Locking: probe, remove and shutdown are serialised by the driver core. Against GT resets they
 * are protected by xe_reset_disable().
 */

#include "core/xe_device.h"

#include <linux/array_size.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_managed.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_print.h"
#include "core/xe_debugfs.h"
#include "core/xe_devcoredump.h"
#include "core/xe_module.h"
#include "core/xe_reset.h"
#include "core/xe_sysfs.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_irq.h"
#include "hw/xe_mmio.h"
#include "mem/xe_dma_buf.h"
#include "mem/xe_ggtt.h"
#include "mem/xe_mem.h"
#include "migrate/xe_migrate.h"
#include "submit/xe_default_ctx.h"
#include "submit/xe_foreign_fence.h"
#include "submit/xe_guc.h"
#include "submit/xe_guc_pc.h"
#include "uapi/xe_file.h"
#include "uapi/xe_gem_ioctl.h"
#include "uapi/xe_ioctl.h"
#include "vm/xe_vm.h"

/* IGT and libdrm want a date; for the rest see Documentation/hardware/uapi.md, 1. */
static const struct drm_driver xe_drm_driver = {
	.driver_features = DRIVER_GEM | DRIVER_RENDER | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE | DRIVER_GEM_GPUVA,
	.open = xe_file_open,
	.postclose = xe_file_postclose,
	.show_fdinfo = xe_file_show_fdinfo,
	.gem_prime_import = xe_dma_buf_import,
	.dumb_create = xe_gem_dumb_create,
	.debugfs_init = xe_debugfs_init,
	.ioctls = xe_ioctls,
	.num_ioctls = ARRAY_SIZE(xe_ioctls),
	.fops = &xe_driver_fops,
	.name = "xe",
	.desc = "Intel Xe Graphics",
	XE_DRIVER_DATE
	.major = 1,
	.minor = 1,
	.patchlevel = 0,
};

static void destroy_wq(struct drm_device *drm, void *wq)
{
	destroy_workqueue(wq);
}

static int create_queues(struct xe_device *xe)
{
	xe->unordered_wq = xe_module_wq;
	xe->ufence_write_wq = xe_ufence_write_wq;
	xe->ufence_fault_wq = xe_ufence_fault_wq;

	/* Resets let fences signal that memory reclaim may wait for. */
	xe->ordered_wq = alloc_ordered_workqueue("xe-ordered", WQ_MEM_RECLAIM);
	if (!xe->ordered_wq)
		return -ENOMEM;

	return drmm_add_action_or_reset(&xe->drm, destroy_wq, xe->ordered_wq);
}

/**
 * xe_device_create - allocate a device and what needs no hardware
 * @pdev: PCI function
 * @platform: its platform
 *
 * The device is released by the driver core after unbind, or after a failed probe.
 *
 * Context: probe.
 * Return: the device, or an error pointer:
 * * -ENOMEM: no memory
 */
struct xe_device *xe_device_create(struct pci_dev *pdev, const struct xe_platform *platform)
{
	struct xe_device *xe;
	int err;

	xe = devm_drm_dev_alloc(&pdev->dev, &xe_drm_driver, struct xe_device, drm);
	if (IS_ERR(xe))
		return xe;

	xe->platform = platform;
	xe->devid = pdev->device;
	xe->revid = pdev->revision;
	xe->params.guc_firmware_path = xe_modparam.guc_firmware_path;
	xe->params.guc_log_level = xe_modparam.guc_log_level;
	xe->wedged.mode = clamp_t(int, xe_modparam.wedged_mode, 0, XE_WEDGED_MODES - 1);
	init_waitqueue_head(&xe->ufence_wq);
	spin_lock_init(&xe->mcr_lock);
	xe_foreign_fence_init_device(xe);

	err = drmm_mutex_init(&xe->drm, &xe->pcode_lock);
	if (!err)
		err = create_queues(xe);
	if (!err)
		err = xe_reset_init(xe);

	return err ? ERR_PTR(err) : xe;
}

static int gts_init(struct xe_device *xe)
{
	unsigned int id;
	int err;

	for (id = 0; id < xe->platform->n_gts; id++) {
		err = xe_gt_create(xe, id);
		if (!err)
			err = xe_gt_init_early(xe->gt[id]);
		if (!err)
			err = xe_tlb_inval_init(xe->gt[id]);
		if (err)
			return err;
	}

	return 0;
}

/*
 * One step of bringing a device up: either @init, or @init_gt for every GT. @fini undoes it; it
 * is also called if its own @init failed, and does nothing to what was never started.
 */
struct stage {
	const char *name;
	int (*init)(struct xe_device *xe);
	int (*init_gt)(struct xe_gt *gt);
	void (*fini)(struct xe_device *xe);
	void (*fini_gt)(struct xe_gt *gt);
};

static int resets_start(struct xe_device *xe)
{
	xe_reset_enable(xe);
	return 0;
}

/* Nearly every step needs registers: to wake up for each one would take longer than the steps. */
static int gt_keep_awake(struct xe_gt *gt)
{
	int err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);

	gt->kept_awake = !err;
	return err;
}

static void gt_let_sleep(struct xe_gt *gt)
{
	if (gt->kept_awake)
		xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	gt->kept_awake = false;
}

static int gt_update_golden(struct xe_gt *gt)
{
	xe_guc_ads_golden_update(gt);
	return 0;
}

static const struct stage stages[] = {
	{ .name = "registers", .init = xe_mmio_init, .fini = xe_mmio_detach },
	{ .name = "memory", .init = xe_mem_init, .fini = xe_mem_fini },
	{ .name = "GGTT window", .init = xe_ggtt_init_early, .fini = xe_ggtt_fini },
	{ .name = "GT", .init = gts_init, .fini_gt = xe_tlb_inval_fini },
	{ .name = "power", .init_gt = gt_keep_awake, .fini_gt = gt_let_sleep },
	{ .name = "interrupt tree", .init = xe_irq_init },
	{ .name = "GGTT", .init = xe_ggtt_init },
	{ .name = "GuC", .init_gt = xe_guc_init, .fini_gt = xe_guc_fini },
	{ .name = "interrupts", .init = xe_irq_install, .fini = xe_irq_fini },
	{ .name = "engines", .init_gt = xe_gt_init_engines, .fini_gt = xe_gt_fini },
	{ .name = "GuC load", .init_gt = xe_guc_load, .fini_gt = xe_guc_unload },
	{ .name = "default contexts", .init_gt = xe_default_ctx_record },
	{ .name = "golden contexts", .init_gt = gt_update_golden },
	{ .name = "TLB invalidation", .init_gt = xe_guc_carry_invalidations },
	{ .name = "frequency control", .init_gt = xe_guc_pc_start, .fini_gt = xe_guc_pc_stop },
	{ .name = "copy queue", .init = xe_migrate_init, .fini = xe_migrate_fini },
	/* Address spaces go first at remove: a reset may be what frees them from a hung job. */
	{ .name = "resets", .init = resets_start, .fini = xe_reset_disable },
	{ .name = "address spaces", .init = xe_vm_init_device, .fini = xe_vm_fini_device },
	/* holds on to address spaces and contexts while a record is being made */
	{ .name = "coredump", .init = xe_devcoredump_init, .fini = xe_devcoredump_fini },
};

static int stage_start(const struct stage *stage, struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;
	int err;

	if (stage->init)
		return stage->init(xe);

	xe_for_each_gt(gt, xe, id) {
		err = stage->init_gt(gt);
		if (err)
			return err;
	}

	return 0;
}

static void stage_stop(const struct stage *stage, struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;

	if (stage->fini)
		stage->fini(xe);
	if (!stage->fini_gt)
		return;
	xe_for_each_gt(gt, xe, id)
		stage->fini_gt(gt);
}

/* Stops the first @n stages, last one first. */
static void stages_stop(struct xe_device *xe, unsigned int n)
{
	while (n--)
		stage_stop(&stages[n], xe);
}

static int stages_start(struct xe_device *xe)
{
	unsigned int i, id;
	struct xe_gt *gt;
	int err;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		err = stage_start(&stages[i], xe);
		if (err) {
			xe_err(xe, "probe failed at %s: %d\n", stages[i].name, err);
			stages_stop(xe, i + 1);
			return err;
		}
	}

	xe_for_each_gt(gt, xe, id)
		gt_let_sleep(gt);

	return 0;
}

/**
 * xe_device_probe - bring a device up and show it to user space
 * @xe: device whose PCI function is enabled
 *
 * Context: probe.
 * Return: 0, or the error of the block that failed, which has been logged.
 */
int xe_device_probe(struct xe_device *xe)
{
	int err;

	err = stages_start(xe);
	if (err)
		return err;

	err = drm_dev_register(&xe->drm, 0);
	if (err) {
		xe_err(xe, "cannot register with DRM: %d\n", err);
		goto stop;
	}

	err = xe_sysfs_init(xe);
	if (err) {
		xe_err(xe, "cannot create sysfs files: %d\n", err);
		goto unplug;
	}

	return 0;

unplug:
	drm_dev_unplug(&xe->drm);
stop:
	stages_stop(xe, ARRAY_SIZE(stages));
	return err;
}

/*
 * No ioctl of the driver is running any more, so nobody else holds on to these objects. Queues go
 * first: a long-running VM that has any is busy and keeps its name.
 */
static void revoke_file(struct xe_file *xef)
{
	struct xe_exec_queue *q;
	struct xe_vm *vm;
	unsigned long id;

	xa_for_each(&xef->queue.xa, id, q) {
		xe_file_queue_remove(xef, id);
		xe_vm_end_queue(q);
	}

	xa_for_each(&xef->vm.xa, id, vm) {
		xe_file_vm_remove(xef, id);
		xe_vm_close(vm);
		xe_vm_put(vm);
	}
}

/* Files that were not closed keep their handles, but lose what makes the hardware work. */
static void revoke_files(struct xe_device *xe)
{
	struct drm_file *file;

	mutex_lock(&xe->drm.filelist_mutex);
	list_for_each_entry(file, &xe->drm.filelist, lhead)
		if (file->driver_priv)
			revoke_file(to_xe_file(file));
	mutex_unlock(&xe->drm.filelist_mutex);
}

/**
 * xe_device_remove - stop a device and release its hardware
 * @xe: device; files may be open
 *
 * Context: remove.
 */
void xe_device_remove(struct xe_device *xe)
{
	xe_sysfs_fini(xe);
	drm_dev_unplug(&xe->drm);
	/* Waiters on user fences look at the state of the device when they are woken. */
	wake_up_all(&xe->ufence_wq);

	revoke_files(xe);
	xe_foreign_fence_cancel_all(xe);
	stages_stop(xe, ARRAY_SIZE(stages));
	flush_workqueue(xe->unordered_wq);
}

/**
 * xe_device_shutdown - leave the hardware quiet for the next kernel
 * @xe: device, or NULL if the function is not bound
 *
 * Context: system shutdown, reboot, kexec.
 */
void xe_device_shutdown(struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;

	if (!xe)
		return;

	xe_reset_disable(xe);
	xe_for_each_gt(gt, xe, id)
		xe_guc_stop(gt);
	xe_irq_suspend(xe);
	xe_for_each_gt(gt, xe, id)
		xe_gt_reset_hw(gt);
	xe_ggtt_empty(xe->ggtt);
}
