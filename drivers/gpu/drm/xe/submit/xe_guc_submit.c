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
 * returns signals from the user interrupt.
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
 * When the last reference of a queue is gone all its jobs have finished. A work item takes the
 * context off the firmware, then frees it.
 *
 * Locking: &xe_guc_submit.lock, then &xe_guc_queue.ctl_lock, then &xe_guc_queue.lock. Fences
 * depend on the holders of all three, so nothing is allocated under them. run_job and free_job
 * take the last one only.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/drm_managed.h>
#include <drm/gpu_scheduler.h>

#include "base/xe_compat.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_submit.h"
#include "submit/xe_guc_types.h"
#include "submit/xe_job.h"
#include "submit/xe_retire.h"
#include "submit/xe_usage.h"

/* periods of its time-out a job may spend without being started, before the fatal one */
#define GUC_UNSTARTED_PERIODS	2
/* run time counts 5 % more than measured, so that a job cannot stay below the limit forever */
#define GUC_RUN_TIME_PERCENT	105
/* GT resets a running job of the driver survives, before the fatal one */
#define GUC_KERNEL_RETRIES	1
#define GUC_DESTROY_RETRY	(5 * HZ)

static struct xe_guc_queue *job_to_gq(const struct xe_job *job)
{
	return job->q->guc;
}

static bool job_is_done(struct xe_job *job)
{
	return xe_job_completed(job) || dma_fence_is_signaled(job->fence);
}

/* For the scheduler's work, or with ctl_lock held and the scheduler paused. */
static struct xe_job *guc_queue_first_unfinished(struct xe_guc_queue *gq)
{
	struct xe_job *job;

	list_for_each_entry(job, &gq->jobs, backend_link)
		if (!job_is_done(job))
			return job;

	return NULL;
}

/*
 * The queue is dead: run the scheduler's time-out now, and after every job from now on. It would
 * not fire for long-running jobs, which have left the scheduler.
 */
static void guc_queue_trigger_timeout(struct xe_guc_queue *gq)
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

/* Something went wrong, unless the owner of the queue has given it up. Not twice. */
static void guc_queue_blame(struct xe_guc_queue *gq, const char *why)
{
	if (test_bit(XE_QUEUE_KILLED, &gq->q->state))
		return;
	cmpxchg(&gq->incident, NULL, why);
	if (READ_ONCE(gq->q->xe->wedged.mode) == XE_WEDGED_ANY_HANG)
		xe_device_declare_wedged(gq->q->xe);
}

static void guc_queue_ban(struct xe_guc_queue *gq, const char *why)
{
	struct xe_exec_queue *q = gq->q;

	xe_gt_notice(gq->guc->gt, "banning queue %s, context %u: %s\n", q->name, gq->id, why);
	if (!gq->error)
		gq->error = -ETIME;
	guc_queue_blame(gq, why);
	trace_xe_queue_ban(xe_device_minor(q->xe), q->name, gq->id, gq->error);
	xe_exec_queue_mark(q, XE_QUEUE_BANNED);
}

/*
 * Complete every job in flight of a queue the hardware does not use. ctl_lock held, scheduler
 * paused: nobody else changes the list of jobs.
 */
static void guc_queue_cancel_jobs(struct xe_guc_queue *gq)
{
	int error = gq->error ?: -ECANCELED;
	struct xe_job *job;
	bool done;

	lockdep_assert_held(&gq->ctl_lock);
	list_for_each_entry(job, &gq->jobs, backend_link) {
		done = job_is_done(job);
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
	if (dead && !guc_queue_first_unfinished(gq))
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
	guc_queue_cancel_jobs(gq);

	return 0;
}

static void guc_queue_report_and_bury(struct xe_guc_queue *gq)
{
	xe_guc_snapshot_report(gq, guc_queue_first_unfinished(gq));
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
		guc_queue_ban(gq, "its job did not start");
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
		if (job_is_done(job) || run_ms < limit_ms) {
			xe_gt_dbg(gq->guc->gt, "context %u has run for %llu of %u ms\n", gq->id,
				  run_ms, limit_ms);
			xe_guc_snapshot_drop(gq);
			xe_guc_context_enable(gq);
			return;
		}
		guc_queue_ban(gq, "its job ran for too long");
	}
	xe_guc_snapshot_report(gq, job);
	guc_queue_cancel_jobs(gq);
}

static enum drm_gpu_sched_stat guc_queue_timedout_job(struct drm_sched_job *drm_job)
{
	struct xe_job *job = to_xe_job(drm_job);
	struct xe_guc_queue *gq = job_to_gq(job);
	struct drm_gpu_scheduler *sched = &gq->sched;
	bool cookie = dma_fence_begin_signalling();

	mutex_lock(&gq->ctl_lock);

	if (!xe_guc_queue_is_stopped(gq)) {
		drm_sched_wqueue_stop(sched);
		if (xe_guc_queue_is_dead(gq))
			guc_queue_report_and_bury(gq);
		else if (!job_is_done(job))
			guc_queue_judge(gq, job);
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
	dma_fence_end_signalling(cookie);

	return DRM_GPU_SCHED_STAT_RESET;
}

static const struct drm_sched_backend_ops guc_sched_ops = {
	.run_job = guc_queue_run_job,
	.timedout_job = guc_queue_timedout_job,
	.free_job = guc_queue_free_job,
};

/* Take the context off the firmware; may fail only until the next restart. */
static int guc_queue_unregister(struct xe_guc_queue *gq)
{
	int ret;

	mutex_lock(&gq->ctl_lock);
	/* between stop and reset the hardware may still use what the driver has forgotten */
	ret = xe_guc_queue_is_stopped(gq) ? -ECANCELED : xe_guc_context_evict(gq);
	if (!ret)
		ret = xe_guc_context_deregister(gq);
	mutex_unlock(&gq->ctl_lock);

	return ret;
}

static void guc_queue_erase_ids(struct xe_guc_queue *gq, u32 n)
{
	struct xe_guc *guc = gq->guc;
	u32 i;

	for (i = 0; i < n; i++)
		xa_erase(&guc->submit.lookup, gq->id + i);
	xe_guc_ids_free(&guc->ids, gq->id, gq->q->width);
}

/*
 * All jobs are freed, but the core may not be done with what they were queued on. A dependency that
 * signalled is about to wake the scheduler, with interrupts off, so that a grace period ends it.
 * And the worker that freed the last job is about to queue the other worker, which the first of two
 * stops may miss.
 */
static void guc_queue_fini_sched(struct xe_guc_queue *gq)
{
	synchronize_rcu();
	drm_sched_entity_fini(&gq->entity);
	drm_sched_wqueue_stop(&gq->sched);
	drm_sched_fini(&gq->sched);
}

static void guc_queue_destroy_work(struct work_struct *work)
{
	struct xe_guc_queue *gq = container_of(work, struct xe_guc_queue, destroy);
	struct xe_exec_queue *q = gq->q;
	struct xe_guc_submit *submit = &gq->guc->submit;
	unsigned int epoch;

	for (;;) {
		epoch = READ_ONCE(submit->epoch);
		if (!guc_queue_unregister(gq))
			break;
		wait_event_timeout(submit->wait, READ_ONCE(submit->epoch) != epoch,
				   GUC_DESTROY_RETRY);
	}

	/* stop and restart must not find it any more */
	mutex_lock(&submit->lock);
	list_del(&gq->link);
	mutex_unlock(&submit->lock);
	wake_up_all(&submit->wait);

	/* waits for an event handler that still holds the queue, and may start the work */
	guc_queue_erase_ids(gq, q->width);
	/* before the scheduler goes, which the work pauses and starts */
	cancel_work_sync(&gq->bury);
	guc_queue_fini_sched(gq);
	xe_guc_snapshot_drop(gq);
	mutex_destroy(&gq->ctl_lock);
	q->guc = NULL;
	q->entity = NULL;
	kfree(gq);

	/* drops the reference to the device, and with it possibly the GuC */
	xe_exec_queue_release(q);
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
		.ops = &guc_sched_ops,
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

/* Reclaim may wait for fences, and those for the holders of these locks: show lockdep the order. */
static void guc_queue_prime_lockdep(struct xe_guc_queue *gq)
{
	struct xe_guc *guc = gq->guc;

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;

	fs_reclaim_acquire(GFP_KERNEL);
	mutex_lock(&guc->submit.lock);
	mutex_lock(&gq->ctl_lock);
	might_lock(&guc->ids.lock);
	mutex_lock(&guc->pc.lock);
	might_lock(&guc->gt->xe->pcode_lock);
	mutex_unlock(&guc->pc.lock);

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
	INIT_WORK(&gq->destroy, guc_queue_destroy_work);
	xe_guc_lr_init(gq);
	q->max_jobs = xe_guc_context_max_jobs(q);
	guc_queue_prime_lockdep(gq);

	ret = guc_queue_init_sched(gq);
	if (ret)
		goto free;

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
	/* the scheduler may be the caller, so it cannot be taken down here */
	queue_work(q->xe->unordered_wq, &q->guc->destroy);
}

static void guc_queue_kill(struct xe_exec_queue *q)
{
	guc_queue_trigger_timeout(q->guc);
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

/* The firmware has thrown the queue off the hardware. */
static void guc_queue_handle_reset(struct xe_guc_queue *gq, u32 action)
{
	const char *why = action == GUC_G2H_MEMORY_CAT_ERROR ? "memory fault" : "engine reset";
	struct xe_exec_queue *q = gq->q;

	if (!test_bit(XE_QUEUE_KILLED, &q->state))
		xe_gt_notice(gq->guc->gt, "queue %s, context %u: %s\n", q->name, gq->id, why);
	if (!gq->error)
		gq->error = -EIO;
	guc_queue_blame(gq, why);
	trace_xe_queue_ban(xe_device_minor(q->xe), q->name, gq->id, gq->error);
	xe_exec_queue_mark(q, XE_QUEUE_RESET);
	guc_queue_trigger_timeout(gq);
}

static int guc_submit_dispatch(struct xe_guc_queue *gq, u32 action, const u32 *payload,
			       u32 n_dwords)
{
	switch (action) {
	case GUC_G2H_SCHED_CONTEXT_MODE_DONE:
		return n_dwords == 2 ? xe_guc_context_mode_done(gq, payload[1]) : -EPROTO;
	case GUC_G2H_DEREGISTER_CONTEXT_DONE:
		return xe_guc_context_deregister_done(gq);
	default:
		guc_queue_handle_reset(gq, action);
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

/* Write the unfinished jobs of a queue that survived once more. */
static void guc_queue_replay(struct xe_guc_queue *gq)
{
	struct xe_job *job;
	unsigned int i;

	for (i = 0; i < gq->q->width; i++)
		xe_lrc_rewind(gq->q->lrc[i]);

	list_for_each_entry(job, &gq->jobs, backend_link) {
		if (job_is_done(job))
			continue;
		xe_job_emit(job);
		xe_guc_context_submit(gq);
	}
}

/*
 * Is the oldest unfinished job to be given up after a reset? Jobs of the driver itself can be done
 * twice, and somebody else is to blame the first time.
 */
static bool guc_queue_is_suspect(const struct xe_guc_queue *gq, struct xe_job *job)
{
	if (!xe_job_started(job))
		return false;

	return !(gq->q->flags & XE_QUEUE_KERNEL) ||
	       drm_sched_invalidate_job(&job->drm, GUC_KERNEL_RETRIES);
}

/* The contexts are as the hardware left them: all they need is to be scheduled again. */
static void guc_queue_continue(struct xe_guc_queue *gq)
{
	if (gq->q->flags & XE_QUEUE_LR ? xe_guc_lr_has_work(gq) : !!guc_queue_first_unfinished(gq))
		xe_guc_context_submit(gq);
}

/* Take up what the GuC was reset under; ctl_lock held, scheduler paused. */
static void guc_queue_recover(struct xe_guc_queue *gq)
{
	struct xe_job *first = guc_queue_first_unfinished(gq);

	if (first && !xe_guc_queue_is_dead(gq) && guc_queue_is_suspect(gq, first))
		guc_queue_ban(gq, "its job was running during a GT reset");
	if (gq->q->flags & XE_QUEUE_LR && !xe_guc_queue_is_dead(gq) && xe_guc_lr_has_work(gq))
		guc_queue_ban(gq, "long-running work was lost in a GT reset");
	xe_guc_snapshot_report(gq, first);
	/* what was seen before the reset says nothing about a later incident */
	xe_guc_snapshot_drop(gq);
	if (xe_guc_queue_is_dead(gq))
		guc_queue_cancel_jobs(gq);
	else if (first)
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
		xe_guc_snapshot_report(gq, guc_queue_first_unfinished(gq));
	guc_queue_cancel_jobs(gq);
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

	return wait_event_timeout(submit->wait, list_empty_careful(&submit->queues),
				  timeout_jiffies);
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
