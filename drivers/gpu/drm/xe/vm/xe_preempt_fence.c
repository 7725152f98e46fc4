// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Preempt fences
 *
 * Work of a long-running VM may never end, so nobody can wait for it. What can be waited for is
 * that it stops using memory. A preempt fence stands for that in the reservations of everything the
 * queue may touch. As long as nobody waits for it, it does nothing::
 *
 *	live --signalling enabled--> triggered --queue is off the hardware--> signalled --> notify
 *
 * To wait for the fence is what triggers it. The callback behind that runs under a spinlock, so the
 * suspension is left to a work item; each fence has its own, so that the queues of a VM are
 * preempted at the same time. What happens next is the business of whoever is notified
 * (xe_vm_rebind.c).
 *
 * A fence is used once. The next one of the same queue is made before the queue is resumed.
 *
 * Locking: none but the lock of the fence. The work item is what other dma-fences, and memory
 * reclaim, wait for: it allocates nothing and takes no lock that is held while allocating.
 */

#include "vm/xe_preempt_fence.h"

#include <linux/build_bug.h>
#include <linux/slab.h>

#include "base/xe_device.h"
#include "base/xe_trace.h"
#include "gt/xe_hw_fence.h"
#include "submit/xe_exec_queue.h"

static_assert(!offsetof(struct xe_preempt_fence, base));

static struct xe_preempt_fence *to_xe_preempt_fence(struct dma_fence *fence)
{
	return container_of(fence, struct xe_preempt_fence, base);
}

static const char *xe_preempt_fence_driver_name(struct dma_fence *fence)
{
	return "xe";
}

static const char *xe_preempt_fence_timeline_name(struct dma_fence *fence)
{
	return "preempt";
}

static bool xe_preempt_fence_enable_signaling(struct dma_fence *fence)
{
	struct xe_preempt_fence *pf = to_xe_preempt_fence(fence);

	trace_xe_preempt_trigger(fence);
	dma_fence_get(fence);
	queue_work(pf->q->xe->preempt_wq, &pf->work);

	return true;
}

static const struct dma_fence_ops xe_preempt_fence_ops = {
	.get_driver_name = xe_preempt_fence_driver_name,
	.get_timeline_name = xe_preempt_fence_timeline_name,
	.enable_signaling = xe_preempt_fence_enable_signaling,
	.release = xe_fence_release,
};

static void xe_preempt_fence_work(struct work_struct *work)
{
	struct xe_preempt_fence *pf = container_of(work, struct xe_preempt_fence, work);
	struct xe_exec_queue *q = pf->q;

	xe_exec_queue_suspend(q);
	trace_xe_preempt_done(&pf->base);
	dma_fence_signal(&pf->base);
	pf->notify(pf->data);

	/* keeps the device, the owner of @data and the workqueue up to here */
	xe_exec_queue_put(q);
	dma_fence_put(&pf->base);
}

/**
 * xe_preempt_fence_alloc - allocate a fence to be initialised later
 *
 * Context: may sleep.
 * Return: the fence, NULL without memory. Until xe_preempt_fence_init() it is released with
 * xe_preempt_fence_free(), afterwards with dma_fence_put().
 */
struct xe_preempt_fence *xe_preempt_fence_alloc(void)
{
	return kzalloc(sizeof(struct xe_preempt_fence), GFP_KERNEL);
}

/**
 * xe_preempt_fence_free - free a fence that was never initialised
 * @pf: the fence or NULL
 *
 * Context: any.
 */
void xe_preempt_fence_free(struct xe_preempt_fence *pf)
{
	kfree(pf);
}

/**
 * xe_preempt_fence_init - make the fence live; cannot fail
 * @pf: from xe_preempt_fence_alloc()
 * @args: queue and place on the timeline
 *
 * Signalling must be enabled before the last reference goes, or the one on the queue is lost.
 *
 * Context: any.
 */
void xe_preempt_fence_init(struct xe_preempt_fence *pf, const struct xe_preempt_fence_args *args)
{
	spin_lock_init(&pf->lock);
	INIT_WORK(&pf->work, xe_preempt_fence_work);
	pf->q = xe_exec_queue_get(args->q);
	pf->notify = args->notify;
	pf->data = args->data;
	xe_fence_init(&pf->base, &xe_preempt_fence_ops, &pf->lock, args->context, args->seqno);
}

/**
 * xe_preempt_fence_is_live - has nobody asked for the preemption yet?
 * @fence: a preempt fence, or NULL
 *
 * Context: any; a "no" stays.
 * Return: true if the fence exists, has not signalled and is not triggered
 */
bool xe_preempt_fence_is_live(struct dma_fence *fence)
{
	return fence && !test_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &fence->flags) &&
	       !test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
}

/**
 * xe_preempt_fence_is_pending - is the queue on its way off the hardware?
 * @fence: a preempt fence, or NULL
 *
 * Context: any; a "no" of a fence that has been triggered stays.
 * Return: true if the fence has been triggered and has not signalled
 */
bool xe_preempt_fence_is_pending(struct dma_fence *fence)
{
	return fence && test_bit(DMA_FENCE_FLAG_ENABLE_SIGNAL_BIT, &fence->flags) &&
	       !test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &fence->flags);
}
