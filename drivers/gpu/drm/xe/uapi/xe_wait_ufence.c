// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Waiting for user fences
 *
 * A user fence is 64 bits of the caller's memory. The waiter looks again
 * whenever something happened that may have written one: a user interrupt of an
 * engine, the completion of a bind, the death of a queue; all of these wake
 * &xe_device.ufence_wq. The condition comes before everything else, so a fence
 * that is true never gives an error.
 */

#include "uapi/xe_wait_ufence.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "submit/xe_exec_queue.h"
#include "uapi/xe_file.h"

#define UFENCE_ALIGN	sizeof(u64)

static int ufence_check(struct xe_device *xe, const struct drm_xe_wait_user_fence *args)
{
	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->pad) ||
	    XE_IOCTL_DBG(xe, args->pad2) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	if (XE_IOCTL_DBG(xe, args->flags & ~DRM_XE_UFENCE_WAIT_FLAG_ABSTIME) ||
	    XE_IOCTL_DBG(xe, args->op > DRM_XE_UFENCE_WAIT_OP_LTE) ||
	    XE_IOCTL_DBG(xe, !IS_ALIGNED(args->addr, UFENCE_ALIGN)))
		return -EINVAL;

	return 0;
}

static bool ufence_compare(u64 fence, u64 value, u16 op)
{
	switch (op) {
	case DRM_XE_UFENCE_WAIT_OP_EQ:
		return fence == value;
	case DRM_XE_UFENCE_WAIT_OP_NEQ:
		return fence != value;
	case DRM_XE_UFENCE_WAIT_OP_GT:
		return fence > value;
	case DRM_XE_UFENCE_WAIT_OP_GTE:
		return fence >= value;
	case DRM_XE_UFENCE_WAIT_OP_LT:
		return fence < value;
	case DRM_XE_UFENCE_WAIT_OP_LTE:
		return fence <= value;
	default:
		return false;
	}
}

/* 1 if the fence is true, 0 if not, -EFAULT if there is none */
static int ufence_test(const struct drm_xe_wait_user_fence *args)
{
	u64 fence;

	if (copy_from_user(&fence, u64_to_user_ptr(args->addr), sizeof(fence)))
		return -EFAULT;

	return ufence_compare(fence & args->mask, args->value & args->mask, args->op);
}

/* Jiffies to wait, never less than asked for; 0 if the time is over already. */
static long ufence_timeout(const struct drm_xe_wait_user_fence *args)
{
	s64 ns = args->timeout;

	if (ns < 0)
		return MAX_SCHEDULE_TIMEOUT;

	if (args->flags & DRM_XE_UFENCE_WAIT_FLAG_ABSTIME)
		ns -= ktime_get_ns();

	if (ns <= 0)
		return 0;

	return min_t(u64, nsecs_to_jiffies64(ns) + 1, MAX_SCHEDULE_TIMEOUT - 1);
}

static int ufence_wait(struct xe_device *xe, const struct drm_xe_wait_user_fence *args,
		       struct xe_exec_queue *q)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	long timeout = ufence_timeout(args);
	int ret;

	add_wait_queue(&xe->ufence_wq, &wait);
	for (;;) {
		ret = ufence_test(args);
		if (ret)
			break;

		if (signal_pending(current))
			ret = -ERESTARTSYS;
		else if (q && xe_exec_queue_is_banned(q))
			ret = -EIO;
		else if (drm_dev_is_unplugged(&xe->drm))
			ret = -ENODEV;
		else if (!timeout)
			ret = -ETIME;
		if (ret)
			break;

		timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, timeout);
	}
	remove_wait_queue(&xe->ufence_wq, &wait);

	return ret < 0 ? ret : 0;
}

/**
 * xe_wait_user_fence_ioctl() - &DRM_IOCTL_XE_WAIT_USER_FENCE
 * @drm: DRM device
 * @data: struct drm_xe_wait_user_fence
 * @file: caller
 *
 * A relative time-out is replaced by the time left, so that the call can be
 * restarted. "For ever" stays as it is.
 *
 * Context: sleeps.
 * Return: 0 when the fence is true, or
 * * %-EINVAL - a value is not allowed
 * * %-ENOENT - unknown exec queue
 * * %-EFAULT - the address cannot be read
 * * %-ERESTARTSYS - signal
 * * %-EIO - the exec queue is banned
 * * %-ENODEV - device unplugged
 * * %-ETIME - time over
 */
int xe_wait_user_fence_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_wait_user_fence *args = data;
	struct xe_exec_queue *q = NULL;
	u64 start;
	int ret;

	ret = ufence_check(xe, args);
	if (ret)
		return ret;

	if (args->exec_queue_id) {
		q = xe_file_queue_get(to_xe_file(file), args->exec_queue_id);
		if (XE_IOCTL_DBG(xe, !q))
			return -ENOENT;
	}

	start = ktime_get_ns();
	ret = ufence_wait(xe, args, q);

	if (args->timeout > 0 && !(args->flags & DRM_XE_UFENCE_WAIT_FLAG_ABSTIME)) {
		s64 elapsed = ktime_get_ns() - start;

		args->timeout = max_t(s64, args->timeout - elapsed, 0);
	}

	if (q)
		xe_exec_queue_put(q);
	return ret;
}
