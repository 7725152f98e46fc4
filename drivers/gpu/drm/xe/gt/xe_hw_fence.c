// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_hw_fence.h"

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/xe_trace.h"

/**
 * DOC: Hardware fences
 *
 * Every context counts its jobs in a 32-bit word of its status page; the last command of a job
 * stores the job's number there and raises the user interrupt. A hardware fence is a dma_fence
 * on such a number. It is complete when the signed difference between word and number is not
 * negative, so the counter may wrap.
 *
 * A fence is initialised when its job is armed and put on the pending list of its timeline, that is
 * its context, when the job is written into the ring (xe_hw_fence_track()); the list holds a
 * reference. Timelines with pending fences are on a list of the engine class. The user interrupt of
 * any engine of the class looks at each of them once: jobs of a context finish in order, so that
 * what is behind one that has not finished need not be looked at. A fence whose job will never
 * finish is completed with an error by xe_hw_fence_fail().
 *
 * Locking: a class-wide lock covers list membership and nothing else. Fences are signalled after it
 * has been dropped, under their own lock, so callbacks may do anything a hardirq may do,
 * including dropping references to other fences. Whoever takes a fence off the list, and nobody
 * else, owns the list's reference.
 *
 * User space may keep a fence for as long as it likes, in a sync file for instance. The operations
 * of a fence are code of this module, which therefore counts its fences and is not unloaded before
 * the last one is gone.
 */

/* Fences that were initialised and not freed, of all devices. */
static atomic_t fences_alive = ATOMIC_INIT(0);

/**
 * xe_fence_init - make a fence real and count it
 * @fence: first member of its allocation; kfree() frees that
 * @ops: operations, among them xe_fence_release()
 * @lock: lock of the fence
 * @context: dma_fence context of the timeline
 * @seqno: number on the timeline
 *
 * Context: any.
 */
void xe_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops, spinlock_t *lock,
		   u64 context, u64 seqno)
{
	atomic_inc(&fences_alive);
	dma_fence_init(fence, ops, lock, context, seqno);
}

static void fence_free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct dma_fence, rcu));
	atomic_dec(&fences_alive);
}

/**
 * xe_fence_release - &dma_fence_ops.release of fences made by xe_fence_init()
 * @fence: the fence, without references
 *
 * Context: any.
 */
void xe_fence_release(struct dma_fence *fence)
{
	call_rcu(&fence->rcu, fence_free_rcu);
}

/**
 * xe_fences_alive - how many fences of this module exist
 *
 * Context: any. When it is 0 and none can be made, rcu_barrier() is what is left to wait for.
 * Return: the number, of all devices.
 */
unsigned int xe_fences_alive(void)
{
	return atomic_read(&fences_alive);
}

static struct xe_hw_fence *to_xe_hw_fence(struct dma_fence *fence)
{
	return container_of(fence, struct xe_hw_fence, base);
}

static const char *xe_hw_fence_driver_name(struct dma_fence *fence)
{
	return "xe";
}

static const char *xe_hw_fence_timeline_name(struct dma_fence *fence)
{
	return to_xe_hw_fence(fence)->name;
}

static bool is_reached(const struct dma_fence *fence, u32 seqno)
{
	return (s32)(seqno - (u32)fence->seqno) >= 0;
}

static bool xe_hw_fence_signaled(struct dma_fence *fence)
{
	return is_reached(fence, READ_ONCE(*to_xe_hw_fence(fence)->timeline->seqno_map));
}

static bool xe_hw_fence_enable_signaling(struct dma_fence *fence)
{
	/* The interrupt is never off; only a fence that is complete already needs no callback. */
	return !xe_hw_fence_signaled(fence);
}

static const struct dma_fence_ops xe_hw_fence_ops = {
	.get_driver_name = xe_hw_fence_driver_name,
	.get_timeline_name = xe_hw_fence_timeline_name,
	.enable_signaling = xe_hw_fence_enable_signaling,
	.signaled = xe_hw_fence_signaled,
	.release = xe_fence_release,
};

static_assert(!offsetof(struct xe_hw_fence, base));

/**
 * xe_hw_fence_irq_init - prepare the list of timelines of one engine class
 * @irq: the list
 *
 * Context: any.
 */
void xe_hw_fence_irq_init(struct xe_hw_fence_irq *irq)
{
	spin_lock_init(&irq->lock);
	INIT_LIST_HEAD(&irq->busy);
}

/**
 * xe_hw_fence_timeline_init - prepare the timeline of a context
 * @tl: the timeline; stays until all fences on it have signalled, and their jobs are gone
 * @irq: list of the engine class that will run the jobs
 * @seqno_map: CPU address of the word the GPU writes
 * @name: name, shorter than XE_HW_FENCE_NAME_LEN
 *
 * The fence context after the one of the timeline is free to be used by its owner.
 *
 * Context: any.
 */
void xe_hw_fence_timeline_init(struct xe_hw_fence_timeline *tl, struct xe_hw_fence_irq *irq,
			       const u32 *seqno_map, const char *name)
{
	tl->irq = irq;
	tl->seqno_map = seqno_map;
	tl->context = dma_fence_context_alloc(2);
	INIT_LIST_HEAD(&tl->link);
	INIT_LIST_HEAD(&tl->pending);
	strscpy(tl->name, name, sizeof(tl->name));
}

/* A fence has left the list, or is about to be put on it. */
static void timeline_update_locked(struct xe_hw_fence_timeline *tl)
{
	lockdep_assert_held(&tl->irq->lock);

	if (list_empty(&tl->pending))
		list_del_init(&tl->link);
	else if (list_empty(&tl->link))
		list_add_tail(&tl->link, &tl->irq->busy);
}

/* Move the fences whose number has been reached to @done, with the references of the list. */
static void timeline_collect_locked(struct xe_hw_fence_timeline *tl, struct list_head *done)
{
	u32 seqno = READ_ONCE(*tl->seqno_map);
	struct xe_hw_fence *hwf, *next;

	list_for_each_entry_safe(hwf, next, &tl->pending, link) {
		if (!is_reached(&hwf->base, seqno) &&
		    !test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &hwf->base.flags))
			break;
		WRITE_ONCE(hwf->pending, false);
		list_move_tail(&hwf->link, done);
	}
	timeline_update_locked(tl);
}

/**
 * xe_hw_fence_irq_run - signal every pending fence whose number has been reached
 * @irq: list of the engine class that raised the user interrupt
 *
 * Context: any, including hardirq.
 */
void xe_hw_fence_irq_run(struct xe_hw_fence_irq *irq)
{
	struct xe_hw_fence_timeline *tl, *next_tl;
	struct xe_hw_fence *hwf, *next;
	unsigned long flags;
	bool cookie;
	LIST_HEAD(done);

	cookie = dma_fence_begin_signalling();

	spin_lock_irqsave(&irq->lock, flags);
	list_for_each_entry_safe(tl, next_tl, &irq->busy, link)
		timeline_collect_locked(tl, &done);
	spin_unlock_irqrestore(&irq->lock, flags);

	list_for_each_entry_safe(hwf, next, &done, link) {
		trace_xe_hw_fence_signal(&hwf->base);
		dma_fence_signal(&hwf->base);
		dma_fence_put(&hwf->base);
	}

	dma_fence_end_signalling(cookie);
}

/**
 * xe_hw_fence_alloc - allocate a fence to be initialised later
 *
 * Context: may sleep.
 * Return: the fence, NULL without memory. Until xe_hw_fence_init() it is released with
 * xe_hw_fence_free(), afterwards with dma_fence_put().
 */
struct xe_hw_fence *xe_hw_fence_alloc(void)
{
	return kzalloc(sizeof(struct xe_hw_fence), GFP_KERNEL);
}

/**
 * xe_hw_fence_free - free a fence that was never initialised
 * @fence: the fence or NULL
 *
 * Context: any.
 */
void xe_hw_fence_free(struct xe_hw_fence *fence)
{
	kfree(fence);
}

/**
 * xe_hw_fence_init - make the fence real; cannot fail
 * @fence: from xe_hw_fence_alloc()
 * @tl: the context that runs the job
 * @seqno: number that completes the fence
 *
 * Context: any.
 */
void xe_hw_fence_init(struct xe_hw_fence *fence, struct xe_hw_fence_timeline *tl, u32 seqno)
{
	fence->timeline = tl;
	memcpy(fence->name, tl->name, sizeof(fence->name));
	spin_lock_init(&fence->lock);
	INIT_LIST_HEAD(&fence->link);
	xe_fence_init(&fence->base, &xe_hw_fence_ops, &fence->lock, tl->context, seqno);
}

/**
 * xe_hw_fence_track - let the user interrupt signal the fence
 * @fence: an initialised fence
 *
 * To be called before the GPU can see the job. A second call, when the job is written again
 * after a GT reset, does nothing.
 *
 * Context: any. Serialised per fence by the caller.
 */
void xe_hw_fence_track(struct xe_hw_fence *fence)
{
	struct xe_hw_fence_timeline *tl = fence->timeline;
	unsigned long flags;

	if (fence->tracked)
		return;
	fence->tracked = true;

	spin_lock_irqsave(&tl->irq->lock, flags);
	if (!test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->base.flags)) {
		dma_fence_get(&fence->base);
		WRITE_ONCE(fence->pending, true);
		list_add_tail(&fence->link, &tl->pending);
		timeline_update_locked(tl);
	}
	spin_unlock_irqrestore(&tl->irq->lock, flags);
}

/**
 * xe_hw_fence_fail - complete a fence whose job will not finish
 * @fence: an initialised fence
 * @error: negative errno the fence will carry
 *
 * A fence that has signalled, or whose number has been reached, keeps its success.
 *
 * Context: any.
 */
void xe_hw_fence_fail(struct xe_hw_fence *fence, int error)
{
	struct xe_hw_fence_timeline *tl = fence->timeline;
	unsigned long flags;
	bool listed;

	/* The usual end. A fence that has signalled is not put on the list any more. */
	if (test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->base.flags) && !READ_ONCE(fence->pending))
		return;

	spin_lock_irqsave(&fence->lock, flags);
	if (!test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->base.flags)) {
		if (!xe_hw_fence_signaled(&fence->base))
			dma_fence_set_error(&fence->base, error);
		trace_xe_hw_fence_signal(&fence->base);
		dma_fence_signal_locked(&fence->base);
	}
	spin_unlock_irqrestore(&fence->lock, flags);

	spin_lock_irqsave(&tl->irq->lock, flags);
	listed = fence->pending;
	if (listed) {
		WRITE_ONCE(fence->pending, false);
		list_del_init(&fence->link);
		timeline_update_locked(tl);
	}
	spin_unlock_irqrestore(&tl->irq->lock, flags);

	if (listed)
		dma_fence_put(&fence->base);
}
