// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Queues of the GuC
 *
 * The back end of an exec queue, from its making to its end. What it knows of the firmware is in
 * xe_guc_context.c, what it does with jobs in xe_guc_jobs.c.
 *
 * When the last reference of a queue is gone all its jobs have finished. A work item takes the
 * context off the firmware, then frees it. If the firmware does not let go, it waits for the GT
 * reset that was requested.
 *
 * Queues often die together, with the process that made them. So the work item takes all that are
 * dead at a time through each step: the firmware is notified once per step, its answers share
 * interrupts, and one grace period and one TLB invalidation are enough. The price is that a queue
 * the firmware does not let go of holds the others up, until it is given up for a GT reset.
 *
 * Locking: see xe_guc_submit.c.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/gpu_scheduler.h>

#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_submit.h"
#include "submit/xe_guc_types.h"

#define GUC_DESTROY_RETRY	(5 * HZ)

static void guc_queue_erase_ids(struct xe_guc_queue *gq, u32 n)
{
	struct xe_guc *guc = gq->guc;
	u32 i;

	for (i = 0; i < n; i++)
		xa_erase(&guc->submit.lookup, gq->id + i);
	xe_guc_ids_free(&guc->ids, gq->id, gq->q->width);
}

/* Do one step of the way off the firmware with all @dead queues; where it fails they get @stuck. */
static void guc_queues_step(struct list_head *dead, struct list_head *stuck,
			    int (*step)(struct xe_guc_queue *gq))
{
	struct xe_guc_queue *gq, *next;
	int ret;

	list_for_each_entry_safe(gq, next, dead, dead) {
		mutex_lock(&gq->ctl_lock);
		/* between stop and reset the hardware may use what the driver has forgotten */
		ret = xe_guc_queue_is_stopped(gq) ? -ECANCELED : step(gq);
		mutex_unlock(&gq->ctl_lock);
		if (ret)
			list_move_tail(&gq->dead, stuck);
	}
}

/* What fails does so only until the next restart. */
static void guc_queues_unregister(struct xe_guc *guc, struct list_head *dead,
				  struct list_head *stuck)
{
	guc_queues_step(dead, stuck, xe_guc_context_settle);
	guc_queues_step(dead, stuck, xe_guc_context_start_evict);
	xe_guc_ct_notify(&guc->ct);
	guc_queues_step(dead, stuck, xe_guc_context_settle);
	guc_queues_step(dead, stuck, xe_guc_context_start_deregister);
	xe_guc_ct_notify(&guc->ct);
	guc_queues_step(dead, stuck, xe_guc_context_settle);
}

static void guc_queue_free(struct xe_guc_queue *gq)
{
	struct xe_exec_queue *q = gq->q;

	drm_sched_entity_fini(&gq->entity);
	drm_sched_wqueue_stop(&gq->sched);
	drm_sched_fini(&gq->sched);
	xe_guc_snapshot_drop(gq);
	mutex_destroy(&gq->ctl_lock);
	q->guc = NULL;
	q->entity = NULL;
	kfree(gq);

	xe_exec_queue_release(q);
}

/* Free queues that the firmware does not know. */
static void guc_queues_free(struct xe_guc_submit *submit, struct list_head *dead)
{
	struct xe_guc_queue *gq, *next;

	if (list_empty(dead))
		return;

	/* stop and restart must not find them any more */
	mutex_lock(&submit->lock);
	list_for_each_entry(gq, dead, dead)
		list_del(&gq->link);
	mutex_unlock(&submit->lock);
	wake_up_all(&submit->wait);

	list_for_each_entry(gq, dead, dead) {
		/* waits for an event handler that still holds the queue, and may start the work */
		guc_queue_erase_ids(gq, gq->q->width);
		/* before the scheduler goes, which the work pauses and starts */
		cancel_work_sync(&gq->bury);
		xe_exec_queue_unmap(gq->q);
	}

	/*
	 * All jobs are freed, but the core may not be done with what they were queued on. A
	 * dependency that signalled is about to wake the scheduler, with interrupts off, so that a
	 * grace period ends it. And the worker that freed the last job is about to queue the other
	 * worker, which the first of two stops may miss.
	 */
	synchronize_rcu();
	list_for_each_entry_safe(gq, next, dead, dead) {
		list_del(&gq->dead);
		guc_queue_free(gq);
	}
}

/**
 * xe_guc_queue_reap_work - end the queues that have no reference any more
 * @work: &xe_guc_submit.reap
 *
 * Context: worker; may wait for the firmware and for a GT reset.
 */
void xe_guc_queue_reap_work(struct work_struct *work)
{
	struct xe_guc *guc = container_of(work, struct xe_guc, submit.reap);
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_device *xe = guc->gt->xe;
	LIST_HEAD(stuck);
	LIST_HEAD(dead);
	unsigned int epoch;

	for (;;) {
		epoch = READ_ONCE(submit->epoch);
		spin_lock(&submit->dead_lock);
		list_splice_tail_init(&submit->dead, &dead);
		spin_unlock(&submit->dead_lock);

		guc_queues_unregister(guc, &dead, &stuck);
		guc_queues_free(submit, &dead);
		if (list_empty(&stuck))
			break;

		wait_event_timeout(submit->wait, READ_ONCE(submit->epoch) != epoch,
				   GUC_DESTROY_RETRY);
		list_splice_init(&stuck, &dead);
	}

	/* that of this run, see guc_queue_fini(); the GuC may go with it */
	drm_dev_put(&xe->drm);
}

static int guc_queue_store_ids(struct xe_guc_queue *gq)
{
	struct xe_guc *guc = gq->guc;
	u32 i, n = gq->q->width;
	int ret;

	ret = xe_inject("context-ids", -ENOSPC) ?: xe_guc_ids_alloc(&guc->ids, n);
	if (ret < 0)
		return ret;
	gq->id = ret;

	for (i = 0; i < n; i++) {
		ret = xa_err(xa_store(&guc->submit.lookup, gq->id + i, gq, GFP_KERNEL));
		if (ret) {
			guc_queue_erase_ids(gq, i);
			return ret;
		}
	}

	return 0;
}

static int guc_queue_init_sched(struct xe_guc_queue *gq)
{
	struct xe_exec_queue *q = gq->q;
	long timeout = q->flags & XE_QUEUE_LR ? MAX_SCHEDULE_TIMEOUT :
			msecs_to_jiffies(q->sched_props.job_timeout_ms) ?: 1;
	const struct drm_sched_init_args args = {
		.ops = &xe_guc_sched_ops,
		.submit_wq = gq->guc->submit.submit_wq,
		.timeout_wq = gq->guc->submit.timeout_wq,
		.num_rqs = 1,
		.credit_limit = q->max_jobs,
		.timeout = timeout,
		.name = q->name,
		.dev = q->xe->drm.dev,
	};
	struct drm_gpu_scheduler *sched = &gq->sched;
	int ret;

	ret = drm_sched_init(sched, &args);
	if (ret)
		return ret;

	/* the only run queue is the one of the highest priority */
	ret = drm_sched_entity_init(&gq->entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (ret)
		drm_sched_fini(sched);

	return ret;
}

/* Make the queue known to stop and restart. */
static int guc_queue_link(struct xe_guc_queue *gq)
{
	struct xe_guc_submit *submit = &gq->guc->submit;
	int ret = 0;

	mutex_lock(&submit->lock);
	if (submit->abandoned) {
		ret = -ENODEV;
	} else {
		if (submit->stopped) {
			drm_sched_wqueue_stop(&gq->sched);
			gq->state |= GUC_QUEUE_STOPPED;
		}
		list_add_tail(&gq->link, &submit->queues);
	}
	mutex_unlock(&submit->lock);

	return ret;
}

/*
 * Reclaim may wait for fences, and those for the holders of these locks: show lockdep the order.
 * Holders of ctl_lock pause the scheduler, that is wait for its work, which signals fences. So they
 * can be in no section that signals fences themselves, but must do without memory like one.
 */
static void guc_queue_prime_lockdep(struct xe_guc_queue *gq)
{
	struct xe_guc *guc = gq->guc;
	bool cookie;

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;

	fs_reclaim_acquire(GFP_KERNEL);
	mutex_lock(&guc->submit.lock);
	mutex_lock(&gq->ctl_lock);
	might_lock(&guc->ids.lock);
	mutex_lock(&guc->pc.lock);
	might_lock(&guc->gt->xe->pcode_lock);
	mutex_unlock(&guc->pc.lock);

	lock_map_acquire(&gq->sched.work_run_job.lockdep_map);
	cookie = dma_fence_begin_signalling();
	dma_fence_end_signalling(cookie);
	lock_map_release(&gq->sched.work_run_job.lockdep_map);

	xa_lock(&guc->submit.lookup);
	spin_lock(&gq->lock);
	spin_lock_irq(&guc->ct.g2h_lock);
	might_lock(&guc->ct.lock);
	spin_unlock_irq(&guc->ct.g2h_lock);
	spin_unlock(&gq->lock);
	xa_unlock(&guc->submit.lookup);

	mutex_unlock(&gq->ctl_lock);
	mutex_unlock(&guc->submit.lock);
	fs_reclaim_release(GFP_KERNEL);
}

static int guc_queue_init(struct xe_exec_queue *q)
{
	struct xe_guc_queue *gq;
	int ret;

	gq = kzalloc(sizeof(*gq), GFP_KERNEL);
	if (!gq)
		return -ENOMEM;

	gq->q = q;
	gq->guc = q->gt->guc;
	mutex_init(&gq->ctl_lock);
	spin_lock_init(&gq->lock);
	init_waitqueue_head(&gq->wait);
	INIT_LIST_HEAD(&gq->jobs);
	xe_guc_lr_init(gq);
	q->max_jobs = xe_guc_context_max_jobs(q);

	ret = guc_queue_init_sched(gq);
	if (ret)
		goto free;
	guc_queue_prime_lockdep(gq);

	ret = guc_queue_store_ids(gq);
	if (ret)
		goto fini_sched;

	q->guc = gq;
	q->entity = &gq->entity;
	ret = guc_queue_link(gq);
	if (ret)
		goto erase_ids;

	return 0;

erase_ids:
	q->guc = NULL;
	q->entity = NULL;
	guc_queue_erase_ids(gq, q->width);
fini_sched:
	drm_sched_entity_fini(&gq->entity);
	drm_sched_fini(&gq->sched);
free:
	mutex_destroy(&gq->ctl_lock);
	kfree(gq);
	return ret;
}

static void guc_queue_fini(struct xe_exec_queue *q)
{
	struct xe_guc_submit *submit = &q->guc->guc->submit;
	struct xe_device *xe = q->xe;

	/*
	 * The scheduler may be the caller, so it cannot be taken down here. A run may find the
	 * queue as soon as the lock is free, and release it: therefore each run that was queued has
	 * a reference to the device of its own. The one that is not needed is not the last.
	 */
	spin_lock(&submit->dead_lock);
	list_add_tail(&q->guc->dead, &submit->dead);
	drm_dev_get(&xe->drm);
	if (!queue_work(xe->unordered_wq, &submit->reap))
		drm_dev_put(&xe->drm);
	spin_unlock(&submit->dead_lock);
}

static void guc_queue_kill(struct xe_exec_queue *q)
{
	xe_guc_queue_trigger_timeout(q->guc);
}

static bool guc_queue_is_reset(struct xe_exec_queue *q)
{
	return test_bit(XE_QUEUE_RESET, &q->state);
}

/* The back end behind &xe_gt.queue_ops of a GT with a GuC */
const struct xe_exec_queue_ops xe_guc_exec_queue_ops = {
	.init = guc_queue_init,
	.fini = guc_queue_fini,
	.kill = guc_queue_kill,
	.is_reset = guc_queue_is_reset,
	.suspend = xe_guc_lr_suspend,
	.resume = xe_guc_lr_resume,
};

/**
 * xe_guc_queue_handle_reset - the firmware has thrown the queue off the hardware
 * @gq: the queue
 * @action: event that says so
 *
 * Context: worker of the message transport, with the lock of &xe_guc_submit.lookup.
 */
void xe_guc_queue_handle_reset(struct xe_guc_queue *gq, u32 action)
{
	const char *why = action == GUC_G2H_MEMORY_CAT_ERROR ? "memory fault" : "engine reset";
	struct xe_exec_queue *q = gq->q;

	if (!test_bit(XE_QUEUE_KILLED, &q->state))
		xe_gt_notice(gq->guc->gt, "queue %s, context %u: %s\n", q->name, gq->id, why);
	cmpxchg(&gq->error, 0, -EIO);
	xe_guc_queue_blame(gq, why);
	trace_xe_queue_ban(xe_device_minor(q->xe), q->name, gq->id, READ_ONCE(gq->error));
	xe_exec_queue_mark(q, XE_QUEUE_RESET);
	xe_guc_queue_trigger_timeout(gq);
}
