// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Jobs on the GuC
 *
 * What the scheduler of a queue calls: a job is run, has taken too long, is freed.
 *
 * A queue is *dead* once it is killed (its owner closed it), banned (a job ran for too long, or
 * was running during a GT reset) or reset (the firmware caught a fault). Jobs of a dead queue are
 * not run any more, and those in flight are cancelled: the oldest unfinished one with -ETIME or
 * -EIO, the others with -ECANCELED, in order. Whoever notices the death only starts the scheduler's
 * time-out, whose handler is the one place where jobs of a live GuC are cancelled::
 *
 *     timedout_job
 *       |-- GuC stopped ..................... leave it to restart or abandon
 *       |-- job finished .................... go on
 *       |-- queue dead ...................... evict, cancel
 *       |-- job not started yet ............. go on; the third time: ban, evict, cancel
 *       '-- disable, compare run time ....... below the limit: enable, go on
 *                                             at the limit: ban, cancel
 *
 * A queue that died of something else than its owner's will is reported once, with a snapshot for
 * a device coredump; see xe_guc_snapshot.c.
 *
 * If the firmware does not confirm that the context is off the hardware, nothing is cancelled
 * before the GT was reset: a fence must not signal while the job may still write memory.
 *
 * Locking: time-outs hold &xe_guc_queue.ctl_lock. run_job and free_job must not, as its holders
 * wait for them; they take &xe_guc_queue.lock.
 */

#include <linux/dma-fence.h>
#include <linux/lockdep.h>
#include <linux/math64.h>

#include <drm/gpu_scheduler.h>

#include "base/xe_compat.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_types.h"
#include "submit/xe_job.h"
#include "submit/xe_retire.h"
#include "submit/xe_usage.h"

/* periods of its time-out a job may spend without being started, before the fatal one */
#define GUC_UNSTARTED_PERIODS	2
/* run time counts 5 % more than measured, so that a job cannot stay below the limit forever */
#define GUC_RUN_TIME_PERCENT	105

static struct xe_guc_queue *job_to_gq(const struct xe_job *job)
{
	return job->q->guc;
}

/**
 * xe_guc_job_is_done - has a job come to its end, whatever that was?
 * @job: job that was written into the rings, or is to be cancelled
 *
 * Context: any.
 * Return: true if it has finished, or was cancelled
 */
bool xe_guc_job_is_done(struct xe_job *job)
{
	return xe_job_completed(job) || dma_fence_is_signaled(job->fence);
}

/**
 * xe_guc_queue_first_unfinished - oldest job that has not come to its end
 * @gq: the queue
 *
 * Context: the scheduler's work, or ctl_lock held and the scheduler paused.
 * Return: the job, NULL if there is none
 */
struct xe_job *xe_guc_queue_first_unfinished(struct xe_guc_queue *gq)
{
	struct xe_job *job;

	list_for_each_entry(job, &gq->jobs, backend_link)
		if (!xe_guc_job_is_done(job))
			return job;

	return NULL;
}

/**
 * xe_guc_queue_trigger_timeout - the queue is dead: have it taken off the hardware
 * @gq: the queue
 *
 * Runs the scheduler's time-out now, and after every job from now on. It would not fire for
 * long-running jobs, which have left the scheduler.
 *
 * Context: any but interrupts.
 */
void xe_guc_queue_trigger_timeout(struct xe_guc_queue *gq)
{
	if (gq->q->flags & XE_QUEUE_LR)
		xe_guc_lr_bury(gq);
	else
		drm_sched_tdr_queue_imm(&gq->sched);
}

/* No time-out any more: nothing will be run, and what is in flight is somebody else's business. */
static void guc_queue_disarm_timeout(struct xe_guc_queue *gq)
{
	spin_lock(&gq->sched.job_list_lock);
	gq->sched.timeout = MAX_SCHEDULE_TIMEOUT;
	spin_unlock(&gq->sched.job_list_lock);
}

/**
 * xe_guc_queue_blame - something went wrong, unless the owner of the queue has given it up
 * @gq: the queue
 * @why: what; a constant. The first of several counts
 *
 * In wedged mode 2 that is the end of the device.
 *
 * Context: any but interrupts.
 */
void xe_guc_queue_blame(struct xe_guc_queue *gq, const char *why)
{
	if (test_bit(XE_QUEUE_KILLED, &gq->q->state))
		return;
	cmpxchg(&gq->incident, NULL, why);
	if (READ_ONCE(gq->q->xe->wedged.mode) == XE_WEDGED_ANY_HANG)
		xe_device_declare_wedged(gq->q->xe);
}

/**
 * xe_guc_queue_ban - end a queue because of what its oldest job did
 * @gq: the queue, of which the caller cancels the jobs
 * @why: for the log and the record
 *
 * Context: ctl_lock held, scheduler paused.
 */
void xe_guc_queue_ban(struct xe_guc_queue *gq, const char *why)
{
	struct xe_exec_queue *q = gq->q;

	xe_gt_notice(gq->guc->gt, "banning queue %s, context %u: %s\n", q->name, gq->id, why);
	cmpxchg(&gq->error, 0, -ETIME);
	xe_guc_queue_blame(gq, why);
	trace_xe_queue_ban(xe_device_minor(q->xe), q->name, gq->id, READ_ONCE(gq->error));
	xe_exec_queue_mark(q, XE_QUEUE_BANNED);
}

/**
 * xe_guc_queue_cancel_jobs - complete every job in flight of a queue the hardware does not use
 * @gq: the queue
 *
 * Context: ctl_lock held, scheduler paused: nobody else changes the list of jobs.
 */
void xe_guc_queue_cancel_jobs(struct xe_guc_queue *gq)
{
	int error = READ_ONCE(gq->error) ?: -ECANCELED;
	struct xe_job *job;
	bool done;

	lockdep_assert_held(&gq->ctl_lock);

	list_for_each_entry(job, &gq->jobs, backend_link) {
		done = xe_guc_job_is_done(job);
		xe_job_set_error(job, error);
		if (!done)
			error = -ECANCELED;
	}
	guc_queue_disarm_timeout(gq);
}

static struct dma_fence *guc_queue_start_job(struct xe_guc_queue *gq, struct xe_job *job)
{
	bool dead = xe_guc_queue_is_dead(gq);

	if (gq->q->flags & XE_QUEUE_LR)
		return xe_guc_lr_run_job(gq, job);

	/*
	 * The fences of a queue signal in order: reservations keep the newest one only. As long as
	 * an older job may be on the hardware, this one waits to be cancelled after it.
	 */
	if (dead && !xe_guc_queue_first_unfinished(gq))
		return ERR_PTR(-ECANCELED);

	spin_lock(&gq->lock);
	list_add_tail(&job->backend_link, &gq->jobs);
	spin_unlock(&gq->lock);

	if (!dead) {
		xe_job_emit(job);
		xe_guc_context_submit(gq);
	}

	return dma_fence_get(job->fence);
}

static struct dma_fence *guc_queue_run_job(struct drm_sched_job *drm_job)
{
	struct xe_job *job = to_xe_job(drm_job);
	bool cookie = dma_fence_begin_signalling();
	struct dma_fence *fence;

	fence = guc_queue_start_job(job_to_gq(job), job);
	dma_fence_end_signalling(cookie);

	return fence;
}

static void guc_queue_free_job(struct drm_sched_job *drm_job)
{
	struct xe_job *job = to_xe_job(drm_job);
	struct xe_guc_queue *gq = job_to_gq(job);

	spin_lock(&gq->lock);
	list_del_init(&job->backend_link);
	spin_unlock(&gq->lock);

	xe_usage_account(gq->q, NULL);
	xe_retire_sched_job(drm_job);
	xe_job_put(job);
}

/* Own run time of the oldest job; valid while the context is saved. */
static u64 guc_queue_run_time_ms(const struct xe_guc_queue *gq)
{
	const struct xe_lrc *lrc = gq->q->lrc[0];
	u32 ticks = xe_lrc_ctx_timestamp(lrc) - xe_lrc_job_timestamp(lrc);

	return div_u64(mul_u32_u32(ticks, 10 * GUC_RUN_TIME_PERCENT), gq->guc->gt->clock_hz);
}

/* Returns 0 once the queue is off the hardware and its jobs are cancelled. */
static int guc_queue_bury(struct xe_guc_queue *gq)
{
	int ret;

	ret = xe_guc_context_evict(gq);
	if (ret) {
		/* the reset that follows will cancel the jobs */
		guc_queue_disarm_timeout(gq);
		return ret;
	}
	xe_guc_queue_cancel_jobs(gq);

	return 0;
}

static void guc_queue_report_and_bury(struct xe_guc_queue *gq)
{
	xe_guc_snapshot_report(gq, xe_guc_queue_first_unfinished(gq));
	guc_queue_bury(gq);
}

/* The oldest job has exceeded its wall-clock limit: find out whether it is to blame. */
static void guc_queue_judge(struct xe_guc_queue *gq, struct xe_job *job)
{
	u32 limit_ms = gq->q->sched_props.job_timeout_ms;
	u64 run_ms;

	if (!xe_job_started(job)) {
		if (!drm_sched_invalidate_job(&job->drm, GUC_UNSTARTED_PERIODS))
			return;
		xe_guc_queue_ban(gq, "its job did not start");
		guc_queue_report_and_bury(gq);
		return;
	}

	/* What the engine is doing shows only as long as it is. */
	xe_guc_snapshot_take(gq);
	/* On failure the GT will be reset, which finds the job started and bans the queue. */
	if (xe_guc_context_disable(gq))
		return;

	if (!xe_guc_queue_is_dead(gq)) {
		run_ms = guc_queue_run_time_ms(gq);
		if (xe_guc_job_is_done(job) || run_ms < limit_ms) {
			xe_gt_dbg(gq->guc->gt, "context %u has run for %llu of %u ms\n", gq->id,
				  run_ms, limit_ms);
			xe_guc_snapshot_drop(gq);
			xe_guc_context_enable(gq);
			return;
		}
		xe_guc_queue_ban(gq, "its job ran for too long");
	}
	xe_guc_snapshot_report(gq, job);
	xe_guc_queue_cancel_jobs(gq);
}

static enum drm_gpu_sched_stat guc_queue_timedout_job(struct drm_sched_job *drm_job)
{
	struct xe_job *job = to_xe_job(drm_job);
	struct xe_guc_queue *gq = job_to_gq(job);
	struct drm_gpu_scheduler *sched = &gq->sched;

	mutex_lock(&gq->ctl_lock);

	if (!xe_guc_queue_is_stopped(gq)) {
		drm_sched_wqueue_stop(sched);
		if (xe_guc_queue_is_dead(gq))
			guc_queue_report_and_bury(gq);
		else if (!xe_guc_job_is_done(job))
			guc_queue_judge(gq, job);
		else
			/* The interrupt that should have said so was lost. */
			wake_up_all(&gq->q->xe->ufence_wq);
	} else if (xe_guc_queue_is_dead(gq)) {
		guc_queue_disarm_timeout(gq);
	}

	/* The core has taken the oldest job off the list; the scheduler frees what has finished. */
	spin_lock(&sched->job_list_lock);
	list_add(&drm_job->list, &sched->pending_list);
	spin_unlock(&sched->job_list_lock);

	if (!xe_guc_queue_is_stopped(gq))
		drm_sched_wqueue_start(sched);

	mutex_unlock(&gq->ctl_lock);

	return DRM_GPU_SCHED_STAT_RESET;
}

/* For &xe_guc_queue.sched */
const struct drm_sched_backend_ops xe_guc_sched_ops = {
	.run_job = guc_queue_run_job,
	.timedout_job = guc_queue_timedout_job,
	.free_job = guc_queue_free_job,
};
