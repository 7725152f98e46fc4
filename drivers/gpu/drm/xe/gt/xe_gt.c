// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_gt.h"

#include <linux/pci.h>
#include <linux/slab.h>

#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "gt/xe_engine.h"
#include "hw/xe_irq.h"
#include "hw/xe_mocs.h"
#include "hw/xe_pat.h"
#include "hw/xe_reg_rules.h"
#include "regs/xe_gt_regs.h"

/**
 * DOC: GT
 *
 * A GT is a register view, a set of power domains, engines, and the firmware that schedules
 * them. Bring-up has two steps, because the interrupt block and the GGTT come up in between::
 *
 *	xe_gt_create()		memory only
 *	xe_gt_init_early()	power domains, fuses, clock; engine objects
 *	xe_gt_init_engines()	status pages, interrupts, all register programming
 *	xe_gt_program()		the register programming alone, after a reset
 *	xe_gt_halt()		no engine runs any more, or the device is off the bus
 *	xe_gt_fini()		quiesce and release what the hardware could see
 *
 * The memory of GT and engines belongs to the DRM device and goes with it: queues of open files
 * name them even after the device has been unbound.
 *
 * Locking: none; core/ orders the steps, and everything here is constant in between. Pending
 * fences have a lock of their own (xe_hw_fence.c).
 */

/* A full reset takes microseconds; the limit is that of Documentation/hardware/mmio.md, 7. */
#define GT_RESET_TIMEOUT_US	5000

const struct xe_class_props xe_class_props_default = {
	.job_timeout_ms = { .value = 5000, .min = 1, .max = 10000 },
	.timeslice_us = { .value = 1000, .min = 1, .max = 10000000 },
	.preempt_timeout_us = { .value = 640000, .min = 1, .max = 10000000 },
};

/**
 * xe_gt_create - make the object of a GT and enter it in the device
 * @xe: the device, registers mapped
 * @id: which GT
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_gt_create(struct xe_device *xe, u8 id)
{
	struct xe_gt *gt = drmm_kzalloc(&xe->drm, sizeof(*gt), GFP_KERNEL);
	unsigned int class;

	if (!gt)
		return -ENOMEM;

	gt->xe = xe;
	gt->id = id;
	xe_mmio_init_gt(&gt->mmio, xe->mmio, false);
	xe_force_wake_init(&gt->fw, &gt->mmio, 0);
	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++) {
		gt->props[class] = xe_class_props_default;
		xe_hw_fence_irq_init(&gt->fence_irq[class]);
	}

	xe->gt[id] = gt;
	xe->n_gts = max_t(u8, xe->n_gts, id + 1);

	return 0;
}

static int create_engines(struct xe_gt *gt)
{
	u8 next[XE_ENGINE_CLASS_MAX] = {};
	enum xe_engine_id id;
	int err;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		if (!(gt->fuses.engine_mask & BIT_ULL(id)))
			continue;
		err = xe_engine_create(gt, id, next[xe_engine_id_class(id)]++);
		if (err)
			return err;
	}

	return 0;
}

/**
 * xe_gt_init_early - find out what the GT consists of
 * @gt: the GT
 *
 * Context: may sleep. Takes and releases forcewake.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 * * -ENODEV - the clock registers make no sense, or the fuses leave no engine
 * * errors of xe_force_wake_get() and xe_fuse_read()
 */
int xe_gt_init_early(struct xe_gt *gt)
{
	int err;

	err = xe_force_wake_get(&gt->fw, XE_FW_GT);
	if (err)
		return err;

	err = xe_fuse_read(&gt->mmio, gt->xe->platform, &gt->fuses);
	if (!err)
		gt->clock_hz = xe_gt_clock_read_hz(&gt->mmio);
	xe_force_wake_put(&gt->fw, XE_FW_GT);
	if (err)
		return err;

	if (!gt->clock_hz || !gt->fuses.engine_mask) {
		xe_gt_err(gt, "unusable: reference clock %u Hz, engine mask %#llx\n",
			  gt->clock_hz, gt->fuses.engine_mask);
		return -ENODEV;
	}

	xe_force_wake_set_engines(&gt->fw, gt->fuses.engine_mask);

	return create_engines(gt);
}

static void enable_power_gating(struct xe_gt *gt)
{
	u32 gates = POWERGATE_RENDER | POWERGATE_MEDIA;
	unsigned int i;

	for (i = 0; i < XE_FW_VDBOX_COUNT; i++)
		if (gt->fuses.engine_mask & BIT_ULL(XE_ENGINE_VCS0 + i))
			gates |= POWERGATE_VDN_HCP(i) | POWERGATE_VDN_MFXVDENC(i);

	xe_mmio_write32(&gt->mmio, POWERGATE_ENABLE, gates);
}

static int program_gt(struct xe_gt *gt)
{
	const struct xe_platform *platform = gt->xe->platform;
	enum xe_engine_id id;
	int err;

	err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	if (err)
		return err;

	enable_power_gating(gt);
	xe_pat_program(&gt->mmio, platform);
	xe_reg_rules_apply_gt(&gt->mmio, platform, &gt->fuses);
	xe_mocs_program(&gt->mmio, platform);
	for (id = 0; id < XE_NUM_ENGINES; id++)
		if (gt->engines[id])
			xe_engine_program(gt->engines[id]);

	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);

	return 0;
}

/**
 * xe_gt_init_engines - make all engines ready for the GuC
 * @gt: the GT; GGTT and interrupt block are up
 *
 * On error xe_gt_fini() releases what has been made.
 *
 * Context: may sleep. Takes and releases forcewake.
 * Return:
 * * 0
 * * errors of xe_engine_init() and xe_force_wake_get()
 */
int xe_gt_init_engines(struct xe_gt *gt)
{
	enum xe_engine_id id;
	int err;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		if (!gt->engines[id])
			continue;
		err = xe_engine_init(gt->engines[id]);
		if (err) {
			xe_gt_err(gt, "engine %s: init failed: %d\n", gt->engines[id]->name, err);
			return err;
		}
	}

	xe_irq_enable_engines(&gt->mmio, gt->fuses.engine_mask);

	return program_gt(gt);
}

/**
 * xe_gt_program - write all GT and engine registers again, after a reset
 * @gt: the GT, xe_gt_init_engines() done
 *
 * Context: may sleep. Takes and releases forcewake.
 */
void xe_gt_program(struct xe_gt *gt)
{
	int err = program_gt(gt);

	if (err)
		xe_gt_err(gt, "programming after reset failed: %d\n", err);
}

/**
 * xe_gt_fini - release what xe_gt_init_engines() and the recording of contexts made
 * @gt: the GT or NULL; no queue is left and the GuC is gone
 *
 * May be called after a partial bring-up. The object itself goes with the DRM device.
 *
 * Context: may sleep. Takes and releases forcewake.
 */
void xe_gt_fini(struct xe_gt *gt)
{
	enum xe_engine_id id;
	unsigned int class;

	if (!gt)
		return;

	for (id = 0; id < XE_NUM_ENGINES; id++)
		if (gt->engines[id])
			xe_engine_fini(gt->engines[id]);

	if (!xe_force_wake_get(&gt->fw, XE_FW_GT)) {
		xe_mmio_write32(&gt->mmio, POWERGATE_ENABLE, 0);
		xe_force_wake_put(&gt->fw, XE_FW_GT);
	}

	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++) {
		kvfree(gt->default_image[class]);
		gt->default_image[class] = NULL;
	}
}

/**
 * xe_gt_reset_hw - reset the whole GT: engines stop, the GuC forgets everything
 * @gt: the GT; the driver does not talk to its GuC
 *
 * Context: may sleep. Takes and releases forcewake.
 * Return:
 * * 0
 * * -ETIMEDOUT - the reset did not finish
 * * errors of xe_force_wake_get()
 */
int xe_gt_reset_hw(struct xe_gt *gt)
{
	int err;

	err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	if (err)
		return err;

	xe_mmio_write32(&gt->mmio, GDRST, GRDOM_FULL);
	err = xe_mmio_wait32(&gt->mmio, GDRST, GRDOM_FULL, 0, GT_RESET_TIMEOUT_US, NULL, false);
	if (err)
		xe_gt_err(gt, "full reset did not finish within %u us\n", GT_RESET_TIMEOUT_US);

	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);

	return err;
}

/**
 * xe_gt_halt - see to it that the engines do not touch memory any more
 * @gt: the GT; the driver does not talk to its GuC, and will not again
 *
 * Fences are about to signal, and memory to be freed. Engines that cannot be stopped are cut off
 * from memory.
 *
 * Context: may sleep. Takes and releases forcewake.
 */
void xe_gt_halt(struct xe_gt *gt)
{
	if (!xe_gt_reset_hw(gt))
		return;

	xe_gt_err(gt, "engines cannot be stopped, taking bus mastership away\n");
	pci_clear_master(to_xe_pci(gt->xe));
}

/**
 * xe_gt_engine - engine by the name user space and the GuC use
 * @gt: the GT
 * @class: engine class
 * @logical_instance: instance counted over the present engines of the class
 *
 * Context: any.
 * Return: the engine, NULL if there is none
 */
struct xe_engine *xe_gt_engine(struct xe_gt *gt, enum xe_engine_class class,
			       u16 logical_instance)
{
	enum xe_engine_id id;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		struct xe_engine *hwe = gt->engines[id];

		if (hwe && hwe->class == class && hwe->logical_instance == logical_instance)
			return hwe;
	}

	return NULL;
}

/**
 * xe_gt_logical_mask - the logical instances of a class that exist
 * @gt: the GT
 * @class: engine class
 *
 * Context: any.
 * Return: bit per logical instance
 */
u32 xe_gt_logical_mask(struct xe_gt *gt, enum xe_engine_class class)
{
	enum xe_engine_id id;
	u32 mask = 0;

	for (id = 0; id < XE_NUM_ENGINES; id++)
		if (gt->engines[id] && gt->engines[id]->class == class)
			mask |= BIT(gt->engines[id]->logical_instance);

	return mask;
}
