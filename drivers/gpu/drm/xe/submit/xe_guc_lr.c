// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Long-running queues on the GuC
 *
 * A long-running job has no fence, and the scheduler is done with it when it is in the ring. So
 * nothing in the scheduler keeps account of what the hardware still has to do, and no time-out ends
 * it. What this file adds is a switch: a queue is *suspended* or not, independent of what the
 * firmware knows about its context::
 *
 *                         resume: enable if there is unfinished work
 *                  -------------------------------------------------->
 *      suspended                                                        not suspended
 *                  <--------------------------------------------------
 *                         suspend: disable, wait for the confirmation
 *
 * A job that arrives at a suspended queue is written into the ring, registering the context if need
 * be, and resume starts it. A queue is made suspended.
 *
 * suspend must not return before the hardware has let go, because memory is taken away next. If the
 * firmware does not confirm, or is being reset, it waits until the GuC was started again, after
 * which no context is on the hardware, and looks once more.
 *
 * Killed, banned and reset queues are *dead*. The time-out of the scheduler, which buries dead
 * queues of the other kind, fires for jobs only; here a work item of the queue evicts the context.
 * A GT reset bans a queue that had unfinished work, started or not: long-running work cannot be
 * repeated.
 *
 * Locking: the switch is thrown with &xe_guc_queue.ctl_lock held and the scheduler paused, so
 * run_job sees it stable. suspend, resume and the eviction allocate nothing.
 */

#include <linux/wait.h>
#include <linux/workqueue.h>

#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_types.h"
#include "submit/xe_job.h"

#define GUC_SUSPEND_RETRY	(5 * HZ)

/* Nobody starts the scheduler of a stopped queue but the restart. ctl_lock held. */
static void guc_lr_unpause(struct xe_guc_queue *gq)
{
	if (!xe_guc_queue_is_stopped(gq))
		drm_sched_wqueue_start(&gq->sched);
}

static void guc_lr_switch(struct xe_guc_queue *gq, bool suspended)
{
	spin_lock(&gq->lock);
	WRITE_ONCE(gq->state, suspended ? gq->state | GUC_QUEUE_SUSPENDED :
			      gq->state & ~GUC_QUEUE_SUSPENDED);
	spin_unlock(&gq->lock);
}

static void guc_lr_bury_work(struct work_struct *work)
{
	struct xe_guc_queue *gq = container_of(work, struct xe_guc_queue, bury);

	mutex_lock(&gq->ctl_lock);
	/* if the GuC is stopped, the reset takes the context off the hardware */
	if (!xe_guc_queue_is_stopped(gq)) {
		drm_sched_wqueue_stop(&gq->sched);
		xe_guc_snapshot_report(gq, NULL);
		xe_guc_context_evict(gq);
		guc_lr_unpause(gq);
	}
	mutex_unlock(&gq->ctl_lock);
}

/**
 * xe_guc_lr_init - prepare the long-running part of a queue
 * @gq: queue that is being made, of either kind
 *
 * Context: any.
 */
void xe_guc_lr_init(struct xe_guc_queue *gq)
{
	INIT_WORK(&gq->bury, guc_lr_bury_work);
	gq->lr_seqno = xe_lrc_seqno(gq->q->lrc[0]);
	if (gq->q->flags & XE_QUEUE_LR)
		gq->state |= GUC_QUEUE_SUSPENDED;
}

/**
 * xe_guc_lr_run_job - write a long-running job into the ring, and start it unless suspended
 * @gq: XE_QUEUE_LR
 * @job: its next job
 *
 * Context: the scheduler's run_job.
 * Return: NULL: the scheduler is done with the job; ERR_PTR(-ECANCELED): the queue is dead
 */
struct dma_fence *xe_guc_lr_run_job(struct xe_guc_queue *gq, struct xe_job *job)
{
	if (xe_guc_queue_is_dead(gq))
		return ERR_PTR(-ECANCELED);

	xe_job_emit(job);
	gq->lr_seqno = job->lrc_seqno;
	xe_guc_context_submit(gq);

	return NULL;
}

/**
 * xe_guc_lr_has_work - is there something in the rings that has not finished?
 * @gq: XE_QUEUE_LR
 *
 * Context: any; stable if the scheduler is paused and the context is off the hardware.
 * Return: true if there is
 */
bool xe_guc_lr_has_work(const struct xe_guc_queue *gq)
{
	const struct xe_exec_queue *q = gq->q;
	unsigned int i;

	for (i = 0; i < q->width; i++)
		if ((s32)(gq->lr_seqno - xe_lrc_seqno(q->lrc[i])) > 0)
			return true;

	return false;
}

/**
 * xe_guc_lr_bury - take a dead queue off the hardware, some time soon
 * @gq: XE_QUEUE_LR
 *
 * Context: any.
 */
void xe_guc_lr_bury(struct xe_guc_queue *gq)
{
	queue_work(gq->guc->submit.timeout_wq, &gq->bury);
}

/* 0 once no engine uses the context; else the GuC is, or will be, restarted. */
static int guc_lr_suspend_once(struct xe_guc_queue *gq)
{
	int ret = -ECANCELED;

	mutex_lock(&gq->ctl_lock);
	drm_sched_wqueue_stop(&gq->sched);
	guc_lr_switch(gq, true);
	if (!xe_guc_queue_is_stopped(gq))
		ret = xe_guc_queue_is_dead(gq) ? xe_guc_context_evict(gq) :
						 xe_guc_context_disable(gq);
	guc_lr_unpause(gq);
	mutex_unlock(&gq->ctl_lock);

	return ret;
}

/**
 * xe_guc_lr_suspend - &xe_exec_queue_ops.suspend
 * @q: XE_QUEUE_LR
 *
 * Context: may sleep. Fence signalling.
 */
void xe_guc_lr_suspend(struct xe_exec_queue *q)
{
	struct xe_guc_queue *gq = q->guc;
	struct xe_guc_submit *submit = &gq->guc->submit;
	unsigned int epoch;

	for (;;) {
		epoch = READ_ONCE(submit->epoch);
		if (!guc_lr_suspend_once(gq))
			return;
		wait_event_timeout(submit->wait, READ_ONCE(submit->epoch) != epoch,
				   GUC_SUSPEND_RETRY);
	}
}

/**
 * xe_guc_lr_resume - &xe_exec_queue_ops.resume
 * @q: XE_QUEUE_LR
 *
 * Context: may sleep. Fence signalling.
 */
void xe_guc_lr_resume(struct xe_exec_queue *q)
{
	struct xe_guc_queue *gq = q->guc;

	mutex_lock(&gq->ctl_lock);
	drm_sched_wqueue_stop(&gq->sched);
	guc_lr_switch(gq, false);
	/* A failure means that the GuC is about to be reset, which bans the queue. */
	if (!xe_guc_queue_is_stopped(gq) && !xe_guc_queue_is_dead(gq) && xe_guc_lr_has_work(gq))
		xe_guc_context_enable(gq);
	guc_lr_unpause(gq);
	mutex_unlock(&gq->ctl_lock);
}
