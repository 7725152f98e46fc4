// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Fences of others
 *
 * A job may have to wait for a fence of another driver. That signals in finite time if all goes
 * well, but when is not in our hands, and removing our device must not take longer because of it.
 * So a job waits for a *guard* instead, a fence of ours that signals together with the other one,
 * or with -ENODEV when the device is removed, whichever comes first.
 *
 * That a job no longer waits then does no harm. Queues of a device that is removed are dead, so
 * their jobs do not run. Binds change page tables that no job will use; what they must wait for
 * lest memory be used after it was freed are jobs and updates of our own, which have no guards.
 *
 * A guard has two references: its job's, and the one of the callback on the other fence, which goes
 * with it. Who settles a guard signals it; that happens once. The callback is added before the
 * guard is put on the list of the device, so that whoever finds it there can remove the callback:
 * none is left behind on a fence that may never signal, where it would keep the module.
 *
 * Locking: the lock of the list nests inside the locks of fences of others. It is dropped before a
 * guard is signalled.
 */

#include "submit/xe_foreign_fence.h"

#include <linux/build_bug.h>
#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <drm/gpu_scheduler.h>

#include "base/xe_device.h"
#include "gt/xe_hw_fence.h"

/* What all fences of this driver say that are not of the scheduler. */
#define OWN_DRIVER_NAME	"xe"

/**
 * struct xe_foreign_fence - stands for a fence of somebody else
 */
struct xe_foreign_fence {
	/** @base: what the job waits for; embedded first */
	struct dma_fence base;
	/** @lock: lock of @base */
	spinlock_t lock;
	/** @xe: the device, which is there until the guard has signalled */
	struct xe_device *xe;
	/** @fence: the fence of somebody else (reference) */
	struct dma_fence *fence;
	/** @cb: callback on @fence */
	struct dma_fence_cb cb;
	/** @link: in &xe_device.foreign.list, from when @cb was added until the guard is settled */
	struct list_head link;
	/** @settled: somebody signals the guard, or has; under the lock of the list */
	bool settled;
};

static_assert(!offsetof(struct xe_foreign_fence, base));

static const char *foreign_fence_driver_name(struct dma_fence *fence)
{
	return OWN_DRIVER_NAME;
}

static const char *foreign_fence_timeline_name(struct dma_fence *fence)
{
	return "foreign";
}

static void foreign_fence_release(struct dma_fence *fence)
{
	struct xe_foreign_fence *ff = container_of(fence, struct xe_foreign_fence, base);

	dma_fence_put(ff->fence);
	xe_fence_release(fence);
}

static const struct dma_fence_ops foreign_fence_ops = {
	.get_driver_name = foreign_fence_driver_name,
	.get_timeline_name = foreign_fence_timeline_name,
	.release = foreign_fence_release,
};

/* Jobs carry the device as their owner. Other fences of this driver signal by themselves. */
static bool is_own(const struct xe_device *xe, struct dma_fence *fence)
{
	struct drm_sched_fence *job = to_drm_sched_fence(fence);

	if (job)
		return job->owner == xe;

	return !strcmp(fence->ops->get_driver_name(fence), OWN_DRIVER_NAME);
}

/* True for the first caller only, who has to signal the guard. */
static bool settle_locked(struct xe_foreign_fence *ff)
{
	bool first = !ff->settled;

	lockdep_assert_held(&ff->xe->foreign.lock);

	ff->settled = true;
	list_del_init(&ff->link);

	return first;
}

static void signal_guard(struct xe_foreign_fence *ff, int error)
{
	if (error)
		dma_fence_set_error(&ff->base, error);
	dma_fence_signal(&ff->base);
}

/* The device is there: before it goes, its removal removes the callbacks of all guards. */
static void foreign_fence_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct xe_foreign_fence *ff = container_of(cb, struct xe_foreign_fence, cb);
	struct xe_device *xe = ff->xe;
	unsigned long flags;
	bool first;

	spin_lock_irqsave(&xe->foreign.lock, flags);
	first = settle_locked(ff);
	spin_unlock_irqrestore(&xe->foreign.lock, flags);

	if (first)
		signal_guard(ff, fence->error);
	dma_fence_put(&ff->base);
}

/* Do not wait any more. By the caller who has settled the guard, and holds it. */
static void cancel_guard(struct xe_foreign_fence *ff)
{
	signal_guard(ff, -ENODEV);
	/* Otherwise it has run, or is running and about to end, and drops its reference. */
	if (dma_fence_remove_callback(ff->fence, &ff->cb))
		dma_fence_put(&ff->base);
}

/* True if the device has been removed meanwhile: the caller has to cancel the guard. */
static bool put_on_list(struct xe_foreign_fence *ff)
{
	struct xe_device *xe = ff->xe;
	bool cancel = false;

	spin_lock_irq(&xe->foreign.lock);
	if (xe->foreign.cancelled)
		cancel = settle_locked(ff);
	else if (!ff->settled)
		list_add_tail(&ff->link, &xe->foreign.list);
	spin_unlock_irq(&xe->foreign.lock);

	return cancel;
}

/**
 * xe_foreign_fence_guard - what a job is to wait for in place of a fence
 * @xe: the device
 * @fence: the fence; its reference is consumed, also on error. NULL: nothing to wait for
 *
 * Context: may sleep.
 * Return: a reference on @fence, or on a guard; NULL; or ERR_PTR
 * * -ENOMEM - no memory
 */
struct dma_fence *xe_foreign_fence_guard(struct xe_device *xe, struct dma_fence *fence)
{
	struct xe_foreign_fence *ff;

	if (!fence || dma_fence_is_signaled(fence) || is_own(xe, fence))
		return fence;

	ff = kzalloc(sizeof(*ff), GFP_KERNEL);
	if (!ff) {
		dma_fence_put(fence);
		return ERR_PTR(-ENOMEM);
	}

	ff->xe = xe;
	ff->fence = dma_fence_get(fence);
	spin_lock_init(&ff->lock);
	INIT_LIST_HEAD(&ff->link);
	xe_fence_init(&ff->base, &foreign_fence_ops, &ff->lock, dma_fence_context_alloc(1), 1);

	/* for the callback */
	dma_fence_get(&ff->base);
	if (dma_fence_add_callback(fence, &ff->cb, foreign_fence_signalled)) {
		/* It has just signalled, and can be waited for as it is. */
		dma_fence_put(&ff->base);
		dma_fence_put(&ff->base);
		return fence;
	}
	dma_fence_put(fence);

	if (put_on_list(ff))
		cancel_guard(ff);

	return &ff->base;
}

/**
 * xe_foreign_fence_cancel_all - let no job wait for fences of others, now and from now on
 * @xe: device that is being removed; its queues are dead, its VMs closed
 *
 * Context: remove; sleeps.
 */
void xe_foreign_fence_cancel_all(struct xe_device *xe)
{
	struct xe_foreign_fence *ff;

	for (;;) {
		spin_lock_irq(&xe->foreign.lock);
		WRITE_ONCE(xe->foreign.cancelled, true);
		ff = list_first_entry_or_null(&xe->foreign.list, struct xe_foreign_fence, link);
		if (ff) {
			dma_fence_get(&ff->base);
			settle_locked(ff);
		}
		spin_unlock_irq(&xe->foreign.lock);
		if (!ff)
			return;

		cancel_guard(ff);
		dma_fence_put(&ff->base);
	}
}

/**
 * xe_foreign_fence_init_device - prepare a device for guards
 * @xe: device that is being made
 *
 * Context: probe.
 */
void xe_foreign_fence_init_device(struct xe_device *xe)
{
	spin_lock_init(&xe->foreign.lock);
	INIT_LIST_HEAD(&xe->foreign.list);
}
