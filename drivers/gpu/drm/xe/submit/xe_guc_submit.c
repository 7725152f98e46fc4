// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC submission
 *
 * Every exec queue has a DRM scheduler with a single entity. The schedulers of one GuC share an
 * ordered workqueue, so jobs reach the message ring one at a time. Running a job means writing
 * it into the ring of its context and telling the firmware (xe_guc_context.c); the fence it
 * returns signals from the user interrupt. What becomes of jobs is in xe_guc_jobs.c, what becomes
 * of queues in xe_guc_queue.c; this file has what concerns all of them at once.
 *
 * A GT reset comes in two steps. stop closes the message channel, so that nobody sleeps on it,
 * pauses each scheduler and forgets what the firmware knew. restart bans queues whose oldest
 * unfinished job had started, rewinds the rings of the others, and writes and submits their
 * unfinished jobs again. The driver's own jobs may be done twice, so its queues are banned only if
 * a second reset finds the same job running. abandon takes the place of restart when the GuC is
 * gone for good.
 *
 * System sleep takes the same two steps, but parks the queues before: their contexts are saved, and
 * restart has them scheduled again as they are.
 *
 * Long-running queues differ in what a job is, and in how a dead one is buried; see xe_guc_lr.c.
 *
 * Locking: &xe_guc_submit.lock, then &xe_guc_queue.ctl_lock, then &xe_guc_queue.lock. Fences
 * depend on the holders of all three, so nothing is allocated under them. run_job and free_job
 * take the last one only.
 */

#include <linux/slab.h>

#include <drm/drm_managed.h>
#include <drm/gpu_scheduler.h>

#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_submit.h"
#include "submit/xe_guc_types.h"
#include "submit/xe_job.h"

/* GT resets a running job of the driver survives, before the fatal one */
#define GUC_KERNEL_RETRIES	1

static int guc_submit_dispatch(struct xe_guc_queue *gq, u32 action, const u32 *payload,
			       u32 n_dwords)
{
	switch (action) {
	case GUC_G2H_SCHED_CONTEXT_MODE_DONE:
		return n_dwords == 2 ? xe_guc_context_mode_done(gq, payload[1]) : -EPROTO;
	case GUC_G2H_DEREGISTER_CONTEXT_DONE:
		return xe_guc_context_deregister_done(gq);
	default:
		xe_guc_queue_handle_reset(gq, action);
		return 0;
	}
}

/**
 * xe_guc_submit_g2h - handle an event that concerns one context
 * @guc: the GuC
 * @action: GUC_G2H_ number
 * @payload: dwords behind the header, the first one is the context id
 * @n_dwords: their number
 *
 * Context: worker of the message transport; takes the lock of &xe_guc_submit.lookup.
 * Return:
 * * 0 - handled
 * * -EPROTO - wrong length, unknown context, or an answer nobody waits for
 */
int xe_guc_submit_g2h(struct xe_guc *guc, u32 action, const u32 *payload, u32 n_dwords)
{
	struct xe_guc_queue *gq;
	int ret = -EPROTO;

	if (!n_dwords)
		return -EPROTO;

	/* the queue is erased under this lock before it is freed */
	xa_lock(&guc->submit.lookup);
	gq = xa_load(&guc->submit.lookup, payload[0]);
	if (gq)
		ret = guc_submit_dispatch(gq, action, payload, n_dwords);
	xa_unlock(&guc->submit.lookup);

	return ret;
}

static void guc_queue_stop(struct xe_guc_queue *gq)
{
	mutex_lock(&gq->ctl_lock);
	drm_sched_wqueue_stop(&gq->sched);
	xe_guc_context_forget(gq);
	spin_lock(&gq->lock);
	WRITE_ONCE(gq->state, gq->state | GUC_QUEUE_STOPPED);
	spin_unlock(&gq->lock);
	mutex_unlock(&gq->ctl_lock);
}

/**
 * xe_guc_submit_stop - pause all queues for a reset; new ones start paused
 * @guc: GuC whose message channel has been stopped
 *
 * Context: reset worker or remove; may sleep.
 */
void xe_guc_submit_stop(struct xe_guc *guc)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_guc_queue *gq;

	if (!submit->submit_wq)
		return;

	mutex_lock(&submit->lock);
	WRITE_ONCE(submit->stopped, true);
	list_for_each_entry(gq, &submit->queues, link)
		wake_up_all(&gq->wait);
	list_for_each_entry(gq, &submit->queues, link)
		guc_queue_stop(gq);
	mutex_unlock(&submit->lock);
}

/*
 * Write the unfinished jobs of a queue that survived once more. If there are none, the engines may
 * still have been reset before they saved that: the images would have them begin with old jobs.
 */
static void guc_queue_replay(struct xe_guc_queue *gq)
{
	struct xe_job *job;
	unsigned int i;

	for (i = 0; i < gq->q->width; i++)
		xe_lrc_rewind(gq->q->lrc[i]);

	list_for_each_entry(job, &gq->jobs, backend_link) {
		if (xe_guc_job_is_done(job))
			continue;
		xe_job_emit(job);
		xe_guc_context_submit(gq);
	}
}

/*
 * Is the oldest unfinished job to be given up after a reset? One part of a parallel job that has
 * begun is enough, for it cannot be done twice. Jobs of the driver itself can, and somebody else is
 * to blame the first time.
 */
static bool guc_queue_is_suspect(const struct xe_guc_queue *gq, struct xe_job *job)
{
	if (!xe_job_touched(job))
		return false;

	return !(gq->q->flags & XE_QUEUE_KERNEL) ||
	       drm_sched_invalidate_job(&job->drm, GUC_KERNEL_RETRIES);
}

/* The contexts are as the hardware left them: all they need is to be scheduled again. */
static void guc_queue_continue(struct xe_guc_queue *gq)
{
	bool lr = gq->q->flags & XE_QUEUE_LR;

	if (lr ? xe_guc_lr_has_work(gq) : !!xe_guc_queue_first_unfinished(gq))
		xe_guc_context_submit(gq);
}

/* Take up what the GuC was reset under; ctl_lock held, scheduler paused. */
static void guc_queue_recover(struct xe_guc_queue *gq)
{
	struct xe_job *first = xe_guc_queue_first_unfinished(gq);

	if (first && !xe_guc_queue_is_dead(gq) && guc_queue_is_suspect(gq, first))
		xe_guc_queue_ban(gq, "its job was running during a GT reset");
	if (gq->q->flags & XE_QUEUE_LR && !xe_guc_queue_is_dead(gq) && xe_guc_lr_has_work(gq))
		xe_guc_queue_ban(gq, "long-running work was lost in a GT reset");
	xe_guc_snapshot_report(gq, first);
	/* what was seen before the reset says nothing about a later incident */
	xe_guc_snapshot_drop(gq);
	if (xe_guc_queue_is_dead(gq))
		xe_guc_queue_cancel_jobs(gq);
	else
		guc_queue_replay(gq);
}

static void guc_queue_restart(struct xe_guc_queue *gq)
{
	bool parked;

	mutex_lock(&gq->ctl_lock);

	spin_lock(&gq->lock);
	parked = gq->state & GUC_QUEUE_PARKED;
	WRITE_ONCE(gq->state, gq->state & ~(GUC_QUEUE_STOPPED | GUC_QUEUE_PARKED));
	spin_unlock(&gq->lock);

	if (parked && !xe_guc_queue_is_dead(gq))
		guc_queue_continue(gq);
	else
		guc_queue_recover(gq);

	drm_sched_wqueue_start(&gq->sched);
	mutex_unlock(&gq->ctl_lock);
}

/**
 * xe_guc_submit_restart - take up work after a reset
 * @guc: GuC that has been loaded again
 *
 * Context: reset worker; may sleep.
 */
void xe_guc_submit_restart(struct xe_guc *guc)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_guc_queue *gq;

	mutex_lock(&submit->lock);
	WRITE_ONCE(submit->stopped, false);
	list_for_each_entry(gq, &submit->queues, link)
		guc_queue_restart(gq);
	WRITE_ONCE(submit->epoch, submit->epoch + 1);
	mutex_unlock(&submit->lock);
	wake_up_all(&submit->wait);
	/* Jobs may have stored their user fences, and been reset before they said so. */
	wake_up_all(&guc->gt->xe->ufence_wq);
}

static void guc_queue_abandon(struct xe_guc_queue *gq)
{
	xe_exec_queue_mark(gq->q, XE_QUEUE_KILLED);

	mutex_lock(&gq->ctl_lock);
	drm_sched_wqueue_stop(&gq->sched);
	xe_guc_context_forget(gq);
	spin_lock(&gq->lock);
	WRITE_ONCE(gq->state, gq->state & ~GUC_QUEUE_STOPPED);
	spin_unlock(&gq->lock);
	if (xe_device_is_wedged(gq->q->xe))
		xe_guc_snapshot_report(gq, xe_guc_queue_first_unfinished(gq));
	xe_guc_queue_cancel_jobs(gq);
	drm_sched_wqueue_start(&gq->sched);
	mutex_unlock(&gq->ctl_lock);
}

/**
 * xe_guc_submit_abandon - the GuC will not come back: cancel all jobs, now and from now on
 * @guc: GuC whose message channel has been stopped; the engines are in reset
 *
 * Context: reset worker or remove; may sleep. May be called more than once.
 */
void xe_guc_submit_abandon(struct xe_guc *guc)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_guc_queue *gq;

	if (!submit->submit_wq)
		return;

	mutex_lock(&submit->lock);
	submit->abandoned = true;
	/* releases ctl_lock where somebody waits for the firmware */
	WRITE_ONCE(submit->stopped, true);
	list_for_each_entry(gq, &submit->queues, link)
		wake_up_all(&gq->wait);
	list_for_each_entry(gq, &submit->queues, link)
		guc_queue_abandon(gq);
	WRITE_ONCE(submit->epoch, submit->epoch + 1);
	mutex_unlock(&submit->lock);
	wake_up_all(&submit->wait);
}

/**
 * xe_guc_submit_wait_empty - wait until the firmware has let go of all queues
 * @guc: the GuC; no new queue can be made
 * @timeout_jiffies: how long to wait
 *
 * A queue that something still refers to does not go.
 *
 * Context: may sleep. Interrupts must work.
 * Return: true if no queue is left.
 */
bool xe_guc_submit_wait_empty(struct xe_guc *guc, unsigned long timeout_jiffies)
{
	struct xe_guc_submit *submit = &guc->submit;

	return wait_event_timeout(submit->wait, list_empty_careful(&submit->queues),
				  timeout_jiffies);
}

/**
 * xe_guc_submit_drain - kill all queues and wait until the firmware has let go of them
 * @guc: the GuC; no new queue can be made
 * @timeout_jiffies: how long to wait
 *
 * Queues that something still refers to are killed, too, but stay.
 *
 * Context: remove; may sleep. Interrupts must work.
 * Return: true if no queue is left.
 */
bool xe_guc_submit_drain(struct xe_guc *guc, unsigned long timeout_jiffies)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_guc_queue *gq;

	if (!submit->submit_wq)
		return true;

	mutex_lock(&submit->lock);
	list_for_each_entry(gq, &submit->queues, link)
		xe_exec_queue_kill(gq->q);
	mutex_unlock(&submit->lock);

	return xe_guc_submit_wait_empty(guc, timeout_jiffies);
}

static void guc_submit_fini(struct drm_device *drm, void *arg)
{
	struct xe_guc *guc = arg;
	struct xe_guc_submit *submit = &guc->submit;

	if (submit->timeout_wq)
		destroy_workqueue(submit->timeout_wq);
	if (submit->submit_wq)
		destroy_workqueue(submit->submit_wq);
	xa_destroy(&submit->lookup);
	xe_guc_ids_fini(&guc->ids);
	mutex_destroy(&submit->lock);
}

/**
 * xe_guc_submit_init - prepare for queues
 * @guc: the GuC
 *
 * Undone when the DRM device is released, because open files may keep queues until then.
 *
 * Context: probe; may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM - no memory
 */
int xe_guc_submit_init(struct xe_guc *guc)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct drm_device *drm = &guc->gt->xe->drm;
	int ret;

	mutex_init(&submit->lock);
	INIT_LIST_HEAD(&submit->queues);
	INIT_LIST_HEAD(&submit->dead);
	spin_lock_init(&submit->dead_lock);
	INIT_WORK(&submit->reap, xe_guc_queue_reap_work);
	xa_init(&submit->lookup);
	init_waitqueue_head(&submit->wait);

	ret = xe_guc_ids_init(&guc->ids);
	if (!ret) {
		submit->timeout_wq = alloc_workqueue("xe-timeout", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
		submit->submit_wq = alloc_ordered_workqueue("xe-submit", WQ_MEM_RECLAIM);
		if (!submit->timeout_wq || !submit->submit_wq)
			ret = -ENOMEM;
	}
	if (ret) {
		guc_submit_fini(drm, guc);
		submit->timeout_wq = NULL;
		submit->submit_wq = NULL;
		return ret;
	}

	return drmm_add_action_or_reset(drm, guc_submit_fini, guc);
}
