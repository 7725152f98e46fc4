// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: System sleep
 *
 * What the device knows is lost in system sleep: registers, the GGTT, the firmware and all it was
 * told. What it was told is in system memory, and memory keeps its contents: objects, page tables,
 * rings and contexts. So nothing has to be saved, but everything has to come to rest in memory:
 *
 * 1. GT resets are disabled; one that was requested is made up for by the wake-up.
 * 2. Every context is taken off the hardware and saved. A job that runs is preempted.
 * 3. The GuC is stopped and the GT reset: nothing of it reaches memory any more.
 * 4. Interrupts end. Jobs whose interrupt came too late are completed.
 *
 * A wake-up is a GT reset that finds the contexts in order: the GGTT is written again, then
 * registers, then the firmware is loaded and the contexts go on where they were. TLB invalidations
 * that were under way are sent again, and so jobs and binds end as they would have without the
 * sleep. What did not come to rest in time is treated as in any other GT reset.
 *
 * Nothing new comes from user space: the system has frozen it. Work of the kernel that needs the
 * hardware meets a stopped GuC, and waits as it does during a reset.
 *
 * Locking: none beyond that of GT resets; the calls are serialised by the core.
 */

#include "core/xe_sleep.h"

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "core/xe_reset.h"
#include "gt/xe_gt.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_irq.h"
#include "mem/xe_ggtt.h"
#include "submit/xe_guc.h"

static int suspend_gt(struct xe_gt *gt)
{
	int err;

	err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	if (err)
		return err;

	xe_guc_park(gt);
	xe_guc_stop(gt);
	err = xe_gt_reset_hw(gt);
	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);

	return err;
}

/* Interrupts are off: what has finished meanwhile has to be found by looking. */
static void complete_jobs(struct xe_gt *gt)
{
	unsigned int class;

	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++)
		xe_hw_fence_irq_run(&gt->fence_irq[class]);
}

/**
 * xe_device_suspend - bring a device to rest before its power goes
 * @xe: device
 *
 * Context: system sleep, user space is frozen.
 * Return: 0, or
 * * -ETIMEDOUT, -EIO: the hardware does not come to rest; it works on as after a GT reset
 */
int xe_device_suspend(struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;
	int err = 0;

	xe_reset_disable(xe);
	if (xe_device_is_wedged(xe))
		return 0;

	xe_for_each_gt(gt, xe, id) {
		err = suspend_gt(gt);
		if (err)
			break;
	}

	xe_irq_suspend(xe);
	xe_for_each_gt(gt, xe, id)
		complete_jobs(gt);

	if (err) {
		xe_err(xe, "cannot be put to sleep: %d\n", err);
		xe_device_resume(xe);
	}

	return err;
}

/**
 * xe_device_resume - have a device go on where it was
 * @xe: device, with power and its PCI configuration
 *
 * Context: wake-up from system sleep.
 * Return: 0, or
 * * -EIO: it does not work any more and has been declared wedged
 */
int xe_device_resume(struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;

	if (!xe_device_is_wedged(xe)) {
		xe_irq_resume(xe);
		xe_for_each_gt(gt, xe, id)
			xe_irq_enable_engines(&gt->mmio, gt->fuses.engine_mask);
		xe_ggtt_restore(xe->ggtt);
		xe_reset_wake_up(xe);
	}
	xe_reset_enable(xe);

	return xe_device_is_wedged(xe) ? -EIO : 0;
}
