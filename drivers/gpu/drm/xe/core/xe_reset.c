// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GT reset
 *
 * Lower layers ask for the reset of a GT with xe_device_request_gt_reset(); a work item carries it
 * out. Everything the GuC and the engines know is lost, so the GuC is loaded again and unfinished
 * work is handed to it again. If that fails, the device is declared wedged, and all that is left
 * to do is to let every fence signal with an error.
 *
 * Locking: &xe_device.reset.lock is held over a reset. Fences wait for its end, so nothing is
 * allocated under it. Requests come from any context; those made before probe has finished or after
 * remove has begun are dropped, because probe and remove reset the hardware by themselves.
 */

#include "core/xe_reset.h"

#include <linux/err.h>
#include <linux/fault-inject.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>

#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "base/xe_reset.h"
#include "gt/xe_gt.h"
#include "hw/xe_force_wake.h"
#include "mem/xe_ggtt.h"
#include "submit/xe_guc.h"
#include "submit/xe_guc_pc.h"

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
static DECLARE_FAULT_ATTR(fail_gt_reset);

static bool reset_shall_fail(void)
{
	return should_fail(&fail_gt_reset, 1);
}

/**
 * xe_reset_debugfs - offer to make resets fail, in kernels with fault injection
 * @root: debugfs directory of the device
 *
 * Context: process, sleeps.
 */
void xe_reset_debugfs(struct dentry *root)
{
	fault_create_debugfs_attr("fail_gt_reset", root, &fail_gt_reset);
}
#else
static bool reset_shall_fail(void)
{
	return false;
}

void xe_reset_debugfs(struct dentry *root)
{
}
#endif

static int bring_back(struct xe_gt *gt)
{
	int err;

	if (reset_shall_fail()) {
		xe_gt_notice(gt, "reset fails by fault injection\n");
		return -ECANCELED;
	}

	err = xe_gt_reset_hw(gt);
	if (err)
		return err;

	xe_gt_program(gt);
	err = xe_guc_restart(gt);
	if (err)
		return err;

	return xe_guc_pc_start(gt);
}

static void abandon_gt(struct xe_gt *gt)
{
	xe_guc_stop(gt);
	xe_gt_halt(gt);
	xe_guc_abandon(gt);
}

/* Whatever state the GT is in: to a GT that works, or to none. Return: whether it works */
static bool restart_gt(struct xe_gt *gt, const char *what)
{
	struct xe_device *xe = gt->xe;
	int err;

	lockdep_assert_held(&xe->reset.lock);

	/* Keeps the domains awake over the steps, which take references of their own. */
	err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	xe_guc_stop(gt);
	/*
	 * What was asked for up to here is about the GuC that is gone. Of those who found it silent
	 * several ask, one after the other, and for each reset somebody pays who had nothing to do
	 * with it.
	 */
	clear_bit(gt->id, &xe->reset.gts);
	if (!err) {
		err = bring_back(gt);
		xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	}
	if (!err)
		return true;

	xe_gt_err(gt, "%s failed (%pe)\n", what, ERR_PTR(err));
	abandon_gt(gt);
	xe_device_declare_wedged(xe);

	return false;
}

static void reset_gt(struct xe_gt *gt)
{
	xe_gt_info(gt, "reset started\n");
	if (!restart_gt(gt, "reset"))
		return;

	xe_gt_info(gt, "reset done\n");
	atomic_inc(&gt->xe->reset.count);
}

static void abandon_all(struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;

	lockdep_assert_held(&xe->reset.lock);

	if (xe->reset.given_up)
		return;
	xe->reset.given_up = true;

	xe_for_each_gt(gt, xe, id)
		abandon_gt(gt);
}

static void reset_work(struct work_struct *work)
{
	struct xe_device *xe = container_of(work, struct xe_device, reset.work);
	struct xe_gt *gt;
	unsigned int id;
	bool ready;

	mutex_lock(&xe->reset.lock);
	ready = xe->reset.ready;
	if (!ready)
		goto unlock;

	xe_for_each_gt(gt, xe, id)
		if (test_and_clear_bit(id, &xe->reset.gts) && !xe_device_is_wedged(xe))
			reset_gt(gt);

	if (xe_device_is_wedged(xe))
		abandon_all(xe);
unlock:
	mutex_unlock(&xe->reset.lock);
	if (ready)
		xe_ggtt_free_stale(xe->ggtt);
}

/**
 * xe_reset_init - prepare for reset requests; they are dropped until xe_reset_enable()
 * @xe: device whose workqueues exist
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -ENOMEM: no memory
 */
int xe_reset_init(struct xe_device *xe)
{
	int err;

	INIT_WORK(&xe->reset.work, reset_work);
	err = drmm_mutex_init(&xe->drm, &xe->reset.lock);
	if (err)
		return err;

	/* Reclaim may wait for fences, and those for a reset: show lockdep. */
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&xe->reset.lock);
	fs_reclaim_release(GFP_KERNEL);

	return 0;
}

/**
 * xe_reset_enable - honour reset requests from now on
 * @xe: device that is fully initialised
 *
 * A request that came while probe was still busy is carried out now.
 *
 * Context: process, sleeps.
 */
void xe_reset_enable(struct xe_device *xe)
{
	mutex_lock(&xe->reset.lock);
	xe->reset.ready = true;
	mutex_unlock(&xe->reset.lock);

	queue_work(xe->ordered_wq, &xe->reset.work);
}

/**
 * xe_reset_disable - drop reset requests from now on; none is running when this returns
 * @xe: device
 *
 * Context: process, sleeps.
 */
void xe_reset_disable(struct xe_device *xe)
{
	mutex_lock(&xe->reset.lock);
	xe->reset.ready = false;
	mutex_unlock(&xe->reset.lock);

	cancel_work_sync(&xe->reset.work);
}

/**
 * xe_reset_wake_up - start all GTs after system sleep
 * @xe: device; resets are disabled, the GuCs are stopped
 *
 * A reset that was requested before is not needed any more.
 *
 * Context: process, sleeps.
 */
void xe_reset_wake_up(struct xe_device *xe)
{
	struct xe_gt *gt;
	unsigned int id;

	mutex_lock(&xe->reset.lock);
	xe_for_each_gt(gt, xe, id)
		restart_gt(gt, "wake-up");
	mutex_unlock(&xe->reset.lock);
}

/**
 * xe_reset_flush - wait for the resets requested so far
 * @xe: device
 *
 * Context: process, sleeps. Not from the ordered workqueue.
 */
void xe_reset_flush(struct xe_device *xe)
{
	flush_work(&xe->reset.work);
}
