// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Open files
 *
 * Every open of a device node has its own number spaces of VMs and exec queues.
 * A look-up returns a reference, so an object may be destroyed by one thread
 * while another one uses it.
 *
 * When the file is closed, the DRM core first closes its GEM handles and sync
 * objects; then the queues are killed, since nobody can wait for them any more,
 * and at last the VMs are closed.
 */

#include "uapi/xe_file.h"

#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_resource.h>
#include <drm/ttm/ttm_tt.h>

#include "base/xe_device.h"
#include "gt/xe_gt.h"
#include "mem/xe_bo.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_usage.h"
#include "vm/xe_vm.h"

static void file_table_init(struct xe_file_table *table)
{
	xa_init_flags(&table->xa, XA_FLAGS_ALLOC1);
	mutex_init(&table->lock);
}

static void file_table_fini(struct xe_file_table *table)
{
	xa_destroy(&table->xa);
	mutex_destroy(&table->lock);
}

static int file_table_add(struct xe_file_table *table, void *object, u32 *id)
{
	/* 0 means "none" to user space; an emptied array would hand it out if the limit let it. */
	const struct xa_limit names = XA_LIMIT(1, U32_MAX);

	guard(mutex)(&table->lock);

	return xa_alloc(&table->xa, id, object, names, GFP_KERNEL);
}

static void *file_table_remove(struct xe_file_table *table, u32 id)
{
	guard(mutex)(&table->lock);

	return xa_erase(&table->xa, id);
}

/**
 * xe_file_open() - a client opens the device
 * @drm: DRM device
 * @file: file being opened
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-ENOMEM - no memory
 */
int xe_file_open(struct drm_device *drm, struct drm_file *file)
{
	struct xe_file *xef;

	xef = kzalloc(sizeof(*xef), GFP_KERNEL);
	if (!xef)
		return -ENOMEM;

	xef->usage = xe_usage_create();
	if (!xef->usage) {
		kfree(xef);
		return -ENOMEM;
	}

	xef->xe = to_xe_device(drm);
	xef->drm = file;
	xef->client_id = file->client_id;
	file_table_init(&xef->vm);
	file_table_init(&xef->queue);

	file->driver_priv = xef;
	return 0;
}

/**
 * xe_file_postclose() - a client is gone
 * @drm: DRM device
 * @file: file being closed; no ioctl is running
 *
 * Context: sleeps, but does not wait for the GPU.
 */
void xe_file_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct xe_file *xef = to_xe_file(file);
	struct xe_exec_queue *q;
	struct xe_vm *vm;
	unsigned long id;

	xa_for_each(&xef->queue.xa, id, q)
		xe_vm_end_queue(q);

	xa_for_each(&xef->vm.xa, id, vm) {
		xe_vm_close(vm);
		xe_vm_put(vm);
	}

	file_table_fini(&xef->queue);
	file_table_fini(&xef->vm);
	file->driver_priv = NULL;
	xe_usage_put(xef->usage);
	kfree(xef);
}

/**
 * xe_file_vm_add() - give a VM a name
 * @xef: file
 * @vm: VM; on success the table owns the caller's reference
 * @id: returns the name
 *
 * The name is usable by other threads at once: this is the last step of creation.
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-ENOMEM - no memory
 * * %-EBUSY - no free name
 */
int xe_file_vm_add(struct xe_file *xef, struct xe_vm *vm, u32 *id)
{
	return file_table_add(&xef->vm, vm, id);
}

/**
 * xe_file_vm_get() - look up a VM
 * @xef: file
 * @id: name, any value
 *
 * Context: sleeps.
 * Return: the VM with a new reference, or NULL if @id names none.
 */
struct xe_vm *xe_file_vm_get(struct xe_file *xef, u32 id)
{
	struct xe_vm *vm;

	guard(mutex)(&xef->vm.lock);

	vm = xa_load(&xef->vm.xa, id);
	return vm ? xe_vm_get(vm) : NULL;
}

/**
 * xe_file_vm_remove() - take a VM's name away
 * @xef: file
 * @id: name, any value
 *
 * Context: sleeps.
 * Return: the VM, with the reference of the table, or ERR_PTR
 * * %-ENOENT - @id names none
 * * %-EBUSY - it is in use, see xe_vm_is_busy()
 */
struct xe_vm *xe_file_vm_remove(struct xe_file *xef, u32 id)
{
	struct xe_vm *vm;

	guard(mutex)(&xef->vm.lock);

	vm = xa_load(&xef->vm.xa, id);
	if (!vm)
		return ERR_PTR(-ENOENT);
	if (xe_vm_is_busy(vm))
		return ERR_PTR(-EBUSY);

	return xa_erase(&xef->vm.xa, id);
}

/**
 * xe_file_queue_add() - give an exec queue a name
 * @xef: file
 * @q: queue; on success the table owns the caller's reference
 * @id: returns the name
 *
 * The name is usable by other threads at once: this is the last step of creation.
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-ENOMEM - no memory
 * * %-EBUSY - no free name
 */
int xe_file_queue_add(struct xe_file *xef, struct xe_exec_queue *q, u32 *id)
{
	return file_table_add(&xef->queue, q, id);
}

/**
 * xe_file_queue_get() - look up an exec queue
 * @xef: file
 * @id: name, any value
 *
 * Context: sleeps.
 * Return: the queue with a new reference, or NULL if @id names none.
 */
struct xe_exec_queue *xe_file_queue_get(struct xe_file *xef, u32 id)
{
	struct xe_exec_queue *q;

	guard(mutex)(&xef->queue.lock);

	q = xa_load(&xef->queue.xa, id);
	return q ? xe_exec_queue_get(q) : NULL;
}

/**
 * xe_file_queue_remove() - take an exec queue's name away
 * @xef: file
 * @id: name, any value
 *
 * Context: sleeps.
 * Return: the queue, with the reference of the table, or NULL if @id names none.
 */
struct xe_exec_queue *xe_file_queue_remove(struct xe_file *xef, u32 id)
{
	return file_table_remove(&xef->queue, id);
}

/* Memory regions as fdinfo names them, in the order in which they must appear. */
enum fdinfo_region {
	FDINFO_SYSTEM,
	FDINFO_GTT,
	FDINFO_REGIONS
};

static void fdinfo_account(struct drm_memory_stats *stats, struct drm_gem_object *gem)
{
	struct ttm_buffer_object *ttm_bo = &to_xe_bo(gem)->ttm;
	enum fdinfo_region region = FDINFO_SYSTEM;
	bool resident, purgeable;

	dma_resv_lock(gem->resv, NULL);
	if (ttm_bo->resource && ttm_bo->resource->mem_type == TTM_PL_TT)
		region = FDINFO_GTT;
	resident = ttm_bo->ttm && ttm_tt_is_populated(ttm_bo->ttm);
	purgeable = to_xe_bo(gem)->advice == XE_BO_DONTNEED;
	dma_resv_unlock(gem->resv);

	stats += region;
	if (drm_gem_object_is_shared_for_memory_stats(gem))
		stats->shared += gem->size;
	else
		stats->private += gem->size;
	if (resident)
		stats->resident += gem->size;
	if (resident && purgeable)
		stats->purgeable += gem->size;
	if (!dma_resv_test_signaled(gem->resv, DMA_RESV_USAGE_BOOKKEEP))
		stats->active += gem->size;
}

/* Engine classes as fdinfo names them, in the order in which they must appear. */
static const struct {
	const char *name;
	enum xe_engine_class class;
} fdinfo_classes[] = {
	{ "rcs", XE_ENGINE_CLASS_RENDER },
	{ "vcs", XE_ENGINE_CLASS_VIDEO_DECODE },
	{ "vecs", XE_ENGINE_CLASS_VIDEO_ENHANCE },
	{ "bcs", XE_ENGINE_CLASS_COPY },
	{ "ccs", XE_ENGINE_CLASS_COMPUTE },
};

/* Account what the queues of a file have run on a GT. Return: the time on the GT, 0 if unknown */
static u64 fdinfo_account_queues(struct xe_file *xef, struct xe_gt *gt)
{
	struct xe_usage_sample sample;
	struct xe_exec_queue *q;
	unsigned long id = 0;

	xe_usage_sample(gt, &sample);
	while (xa_find(&xef->queue.xa, &id, ULONG_MAX, XA_PRESENT)) {
		q = xe_file_queue_get(xef, id++);
		if (!q)
			continue;
		if (q->gt == gt)
			xe_usage_account(q, &sample);
		xe_exec_queue_put(q);
	}

	return sample.now;
}

/* Number of engines of a class; 0 if @gt has none. */
static unsigned int fdinfo_capacity(struct xe_gt *gt, enum xe_engine_class class)
{
	return hweight32(xe_gt_logical_mask(gt, class));
}

static void fdinfo_show_engines(struct drm_printer *p, struct xe_file *xef)
{
	u64 now[XE_MAX_GTS] = {}, ticks[XE_ENGINE_CLASS_MAX];
	struct xe_gt *gt;
	unsigned int id, i, n;

	xe_for_each_gt(gt, xef->xe, id)
		now[id] = fdinfo_account_queues(xef, gt);
	xe_usage_read(xef->usage, ticks);

	for (i = 0; i < ARRAY_SIZE(fdinfo_classes); i++) {
		xe_for_each_gt(gt, xef->xe, id) {
			n = fdinfo_capacity(gt, fdinfo_classes[i].class);
			if (!n || !now[id])
				continue;
			drm_printf(p, "drm-cycles-%s:\t%llu\n", fdinfo_classes[i].name,
				   ticks[fdinfo_classes[i].class]);
			drm_printf(p, "drm-total-cycles-%s:\t%llu\n", fdinfo_classes[i].name,
				   now[id]);
			if (n > 1)
				drm_printf(p, "drm-engine-capacity-%s:\t%u\n",
					   fdinfo_classes[i].name, n);
			break;
		}
	}
}

/**
 * xe_file_show_fdinfo() - print what a client uses
 * @p: the fdinfo file
 * @file: open file
 *
 * Context: sleeps; takes the reservations of the file's BOs one by one, and references on its
 * queues.
 */
void xe_file_show_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct drm_memory_stats stats[FDINFO_REGIONS] = {};
	struct drm_gem_object *gem;
	int handle, idx;

	for (handle = 0;; handle++) {
		spin_lock(&file->table_lock);
		gem = idr_get_next(&file->object_idr, &handle);
		if (gem)
			drm_gem_object_get(gem);
		spin_unlock(&file->table_lock);
		if (!gem)
			break;

		fdinfo_account(stats, gem);
		drm_gem_object_put(gem);
	}

	drm_print_memory_stats(p, &stats[FDINFO_SYSTEM],
			       DRM_GEM_OBJECT_RESIDENT | DRM_GEM_OBJECT_PURGEABLE, "system");
	drm_print_memory_stats(p, &stats[FDINFO_GTT],
			       DRM_GEM_OBJECT_RESIDENT | DRM_GEM_OBJECT_PURGEABLE, "gtt");

	if (drm_dev_enter(file->minor->dev, &idx)) {
		fdinfo_show_engines(p, to_xe_file(file));
		drm_dev_exit(idx);
	}
}
