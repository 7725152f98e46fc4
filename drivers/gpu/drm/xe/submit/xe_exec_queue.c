// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "submit/xe_exec_queue.h"

#include <linux/bitops.h>
#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "mem/xe_ppgtt.h"
#include "submit/xe_usage.h"

/**
 * DOC: Exec queues
 *
 * A queue is an in-order stream of jobs. It owns one context (LRC) per slot and knows an address
 * space only as page tables; the VM it belongs to is an opaque cookie of the layers above. How
 * jobs reach the hardware is the business of the back end behind &xe_exec_queue_ops.
 *
 * Life::
 *
 *	create -> live -> killed / banned / reset -> last reference gone -> fini -> release
 *
 * The middle states are bits that are only ever set: a queue that is not live takes no new jobs
 * and completes those it has with an error. fini is asynchronous, because the firmware has to
 * give the context up first; contexts, page tables and owner stay until the back end calls
 * xe_exec_queue_release().
 *
 * A queue of a long-running address space (XE_QUEUE_LR) is off the hardware until it is resumed,
 * and again when it has been suspended. That is how memory gets moved under work that never ends:
 * who wants the memory waits for the suspension, not for the work. Jobs it takes meanwhile are
 * written into the ring and wait there.
 *
 * A bind queue has neither contexts nor a back end. It carries the VM layer's bind queue and
 * gives it a name in the file's table.
 *
 * Locking: &xe_exec_queue.state is changed atomically, @last_fence under @fence_lock, everything
 * else is constant after creation. Jobs of one queue are armed and pushed under one lock of the
 * caller (the reservation of the VM); see xe_job.c.
 */

/**
 * xe_queue_props_default - properties a queue gets if nobody asks for others
 * @gt: the GT
 * @class: engine class
 * @props: out: priority normal, the rest as sysfs has it now
 *
 * Context: any.
 */
void xe_queue_props_default(struct xe_gt *gt, enum xe_engine_class class,
			    struct xe_queue_props *props)
{
	const struct xe_class_props *c = &gt->props[class];

	*props = (struct xe_queue_props) {
		.priority = XE_QUEUE_PRIORITY_NORMAL,
		.timeslice_us = READ_ONCE(c->timeslice_us.value),
		.preempt_timeout_us = READ_ONCE(c->preempt_timeout_us.value),
		.job_timeout_ms = READ_ONCE(c->job_timeout_ms.value),
	};
}

static void free_lrcs(struct xe_exec_queue *q)
{
	unsigned int i;

	for (i = 0; i < q->width; i++) {
		xe_lrc_put(q->lrc[i]);
		q->lrc[i] = NULL;
	}
}

/* Contexts of slot i are made for the engine i places behind the first one of slot 0. */
static int create_lrcs(struct xe_exec_queue *q)
{
	struct xe_engine *hwe;
	struct xe_lrc *lrc;
	unsigned int i;

	for (i = 0; i < q->width; i++) {
		hwe = xe_gt_engine(q->gt, q->class, q->hwe->logical_instance + i);
		lrc = hwe ? xe_lrc_create(hwe, q->ppgtt) : ERR_PTR(-EINVAL);
		if (IS_ERR(lrc)) {
			free_lrcs(q);
			return PTR_ERR(lrc);
		}
		q->lrc[i] = lrc;
	}

	return 0;
}

static int init_engine_queue(struct xe_exec_queue *q, const struct xe_exec_queue_args *args)
{
	int err;

	q->class = args->class;
	q->logical_mask = args->logical_mask;
	q->hwe = xe_gt_engine(q->gt, q->class, __ffs(q->logical_mask));
	if (!q->hwe)
		return -EINVAL;

	if (args->props)
		q->sched_props = *args->props;
	else
		xe_queue_props_default(q->gt, q->class, &q->sched_props);
	if (q->flags & XE_QUEUE_KERNEL)
		q->sched_props.priority = XE_QUEUE_PRIORITY_KERNEL;

	q->ops = q->gt->queue_ops;
	if (drm_WARN_ON(&q->xe->drm, !q->ops))
		return -ENODEV;

	snprintf(q->name, sizeof(q->name), "%s%s", q->hwe->name,
		 q->flags & XE_QUEUE_KERNEL ? "-kernel" : "");
	if (args->ppgtt)
		q->ppgtt = xe_ppgtt_get(args->ppgtt);

	err = create_lrcs(q);
	if (err)
		goto err_ppgtt;

	err = q->ops->init(q);
	if (err)
		goto err_lrcs;

	return 0;

err_lrcs:
	free_lrcs(q);
err_ppgtt:
	if (q->ppgtt)
		xe_ppgtt_put(q->ppgtt);
	return err;
}

/**
 * xe_exec_queue_create - make a queue
 * @args: what kind; references named there are taken over on success only
 *
 * Context: may sleep.
 * Return: the queue with one reference, or ERR_PTR:
 * * -EINVAL - an instance of @args->logical_mask, or of a later slot, does not exist
 * * -ENODEV - the GT has no back end
 * * -ENOMEM - no memory
 * * -ENOSPC - no room for the contexts in the GGTT, or no context id left
 */
struct xe_exec_queue *xe_exec_queue_create(const struct xe_exec_queue_args *args)
{
	bool bind = args->flags & XE_QUEUE_BIND;
	u16 width = bind ? 0 : args->width;
	struct xe_exec_queue *q;
	int err;

	if (!bind && (!args->logical_mask || !width || width > XE_EXEC_QUEUE_MAX_WIDTH))
		return ERR_PTR(-EINVAL);

	q = kzalloc(struct_size(q, lrc, width), GFP_KERNEL);
	if (!q)
		return ERR_PTR(-ENOMEM);

	kref_init(&q->ref);
	spin_lock_init(&q->fence_lock);
	q->gt = args->gt;
	q->xe = args->gt->xe;
	q->flags = args->flags;
	q->width = width;
	get_task_comm(q->creator.comm, current->group_leader);
	q->creator.pid = task_tgid_nr(current);

	if (bind) {
		strscpy(q->name, "bind", sizeof(q->name));
	} else {
		err = init_engine_queue(q, args);
		if (err) {
			kfree(q);
			return ERR_PTR(err);
		}
	}

	q->owner = args->owner;
	q->owner_put = args->owner_put;
	q->usage = args->usage ? xe_usage_get(args->usage) : NULL;
	q->bind = args->bind;
	q->bind_release = args->bind_release;
	drm_dev_get(&q->xe->drm);

	return q;
}

/**
 * xe_exec_queue_unmap - take the contexts of a queue out of the reach of the GPU
 * @q: queue without references, which the firmware does not know any more
 *
 * The back end does this with all queues it is about to release, see xe_lrc_unmap().
 *
 * Context: may sleep.
 */
void xe_exec_queue_unmap(struct xe_exec_queue *q)
{
	unsigned int i;

	for (i = 0; i < q->width; i++)
		xe_lrc_unmap(q->lrc[i]);
}

/**
 * xe_exec_queue_release - free a queue the firmware does not know any more
 * @q: the queue, without references
 *
 * Called by the back end at the end of &xe_exec_queue_ops.fini.
 *
 * Context: may sleep. Not from the queue's own scheduler work.
 */
void xe_exec_queue_release(struct xe_exec_queue *q)
{
	struct drm_device *drm = &q->xe->drm;

	dma_fence_put(q->last_fence);
	xe_usage_account(q, NULL);
	xe_usage_put(q->usage);
	if (q->width)
		xe_usage_retire(q);
	free_lrcs(q);
	if (q->bind)
		q->bind_release(q->bind);
	if (q->owner)
		q->owner_put(q->owner);
	if (q->ppgtt)
		xe_ppgtt_put(q->ppgtt);
	kfree(q);

	drm_dev_put(drm);
}

static void exec_queue_fini(struct kref *ref)
{
	struct xe_exec_queue *q = container_of(ref, struct xe_exec_queue, ref);

	if (q->ops)
		q->ops->fini(q);
	else
		xe_exec_queue_release(q);
}

/**
 * xe_exec_queue_get - take a reference
 * @q: the queue
 *
 * Context: any.
 * Return: @q
 */
struct xe_exec_queue *xe_exec_queue_get(struct xe_exec_queue *q)
{
	kref_get(&q->ref);
	return q;
}

/**
 * xe_exec_queue_put - drop a reference
 * @q: the queue or NULL
 *
 * Context: may sleep.
 */
void xe_exec_queue_put(struct xe_exec_queue *q)
{
	if (q)
		kref_put(&q->ref, exec_queue_fini);
}

/**
 * xe_exec_queue_mark - enter a state from which there is no return
 * @q: the queue
 * @bit: the state
 *
 * Waiters on user fences are woken: the value they wait for may never come.
 *
 * Context: any.
 */
void xe_exec_queue_mark(struct xe_exec_queue *q, enum xe_queue_state bit)
{
	set_bit(bit, &q->state);
	/* orders the bit before the check for sleepers; pairs with prepare_to_wait() */
	smp_mb__after_atomic();
	wake_up_all(&q->xe->ufence_wq);
}

/**
 * xe_exec_queue_kill - end a queue: nothing new starts, what runs is taken off the hardware
 * @q: the queue
 *
 * All fences of the queue signal in bounded time, most with -ECANCELED. Does not wait for that.
 *
 * Context: may sleep.
 */
void xe_exec_queue_kill(struct xe_exec_queue *q)
{
	if (test_and_set_bit(XE_QUEUE_KILLED, &q->state))
		return;

	if (q->ops)
		q->ops->kill(q);
	wake_up_all(&q->xe->ufence_wq);
}

/**
 * xe_exec_queue_suspend - take a long-running queue off the hardware
 * @q: XE_QUEUE_LR, in any state
 *
 * On return no engine uses the address space on behalf of the queue, nor will one before
 * xe_exec_queue_resume(). The caller sees to it that nobody resumes the queue meanwhile.
 *
 * Context: may sleep; allocates nothing, because fences wait for the caller. Time is bounded, by
 * the preemption time-out of the queue or else by a GT reset.
 */
void xe_exec_queue_suspend(struct xe_exec_queue *q)
{
	q->ops->suspend(q);
}

/**
 * xe_exec_queue_resume - let a long-running queue run
 * @q: XE_QUEUE_LR
 *
 * A queue that is not live stays off the hardware.
 *
 * Context: may sleep; allocates nothing.
 */
void xe_exec_queue_resume(struct xe_exec_queue *q)
{
	q->ops->resume(q);
}

/* Jobs that have a number and are not finished in the slot that is furthest behind. */
static u32 jobs_in_flight(const struct xe_exec_queue *q)
{
	u32 n = 0;
	unsigned int i;

	for (i = 0; i < q->width; i++)
		n = max(n, xe_lrc_jobs_in_flight(q->lrc[i]));

	return n;
}

/**
 * xe_exec_queue_is_idle - has a queue nothing to do?
 * @q: the queue, not a bind queue
 *
 * Context: any; the answer holds as long as no job is armed.
 * Return: true if all its jobs have finished, or never will
 */
bool xe_exec_queue_is_idle(struct xe_exec_queue *q)
{
	return xe_exec_queue_is_banned(q) || !jobs_in_flight(q);
}

/**
 * xe_exec_queue_is_full - is there no room for another job in the rings?
 * @q: the queue, not a bind queue
 *
 * For queues whose jobs leave the scheduler before they have left the ring.
 *
 * Context: any; a "no" holds until the next job is armed.
 * Return: true if a job must not be armed now
 */
bool xe_exec_queue_is_full(struct xe_exec_queue *q)
{
	return jobs_in_flight(q) >= q->max_jobs;
}

/**
 * xe_exec_queue_is_banned - may the queue still take jobs?
 * @q: the queue
 *
 * Context: any.
 * Return: true if it was killed, banned or reset, or if the device is wedged
 */
bool xe_exec_queue_is_banned(struct xe_exec_queue *q)
{
	if (READ_ONCE(q->state) || xe_device_is_wedged(q->xe))
		return true;

	return q->ops && q->ops->is_reset && q->ops->is_reset(q);
}

/**
 * xe_exec_queue_last_fence_get - fence of the newest job
 * @q: the queue
 *
 * Context: process.
 * Return: a reference, NULL if the queue has had no job
 */
struct dma_fence *xe_exec_queue_last_fence_get(struct xe_exec_queue *q)
{
	struct dma_fence *fence;

	spin_lock(&q->fence_lock);
	fence = q->last_fence ? dma_fence_get(q->last_fence) : NULL;
	spin_unlock(&q->fence_lock);

	return fence;
}

/**
 * xe_exec_queue_set_last_fence - remember the fence of the newest job
 * @q: the queue
 * @fence: its finished fence; a reference is taken
 *
 * Context: process. In the order of the jobs.
 */
void xe_exec_queue_set_last_fence(struct xe_exec_queue *q, struct dma_fence *fence)
{
	struct dma_fence *old;

	dma_fence_get(fence);
	spin_lock(&q->fence_lock);
	old = q->last_fence;
	q->last_fence = fence;
	spin_unlock(&q->fence_lock);
	dma_fence_put(old);
}
