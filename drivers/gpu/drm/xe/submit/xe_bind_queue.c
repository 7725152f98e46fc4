// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Bind queues
 *
 * A bind queue carries the page-table updates that cannot be made at once, because a fence they
 * depend on has not signalled. It is an entity of a scheduler that the whole device shares. Its
 * jobs are steps of a work item on the CPU, which may hand the stores on to an engine, wait for
 * them, and go on with the TLB invalidation.
 *
 * Jobs of one queue complete in the order in which they were pushed, on one fence time line.
 * Starting them in order is not enough for that: a job without TLB invalidation would overtake
 * the invalidation of its predecessor. Hence a job is started only when the previous one of its
 * queue is complete (xe_bind_queue_prepare_job()).
 *
 * An update made at once leaves no job behind, yet its TLB invalidation may still be on the way.
 * The queue remembers the fence of its newest update, of whichever kind, so that the next one can
 * be ordered behind it.
 *
 * Locking: a mutex per queue is held from reading the last fence until the new one is stored, which
 * spans arming and pushing a job. It nests inside reservations. The scheduler's work is part of the
 * fence-signalling path and never takes it. Whatever is slow or allocates (freeing the queue,
 * releasing what a job carried) goes to &xe_device.unordered_wq, because the scheduler's work must
 * not wait for memory.
 *
 * There is one scheduler rather than one per queue because fences of jobs that are not finished
 * point to it, and a queue is a small thing.
 */

#include "submit/xe_bind_queue.h"

#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "submit/xe_foreign_fence.h"
#include "submit/xe_retire.h"

/* Jobs that may wait for TLB invalidations at the same time; a queue never has more than one. */
#define XE_BIND_JOBS_IN_FLIGHT	1024

/**
 * struct xe_bind_queue - an in-order stream of page-table updates
 */
struct xe_bind_queue {
	/** @ref: reference count; owners and jobs hold references */
	struct kref ref;
	/** @xe: the device, kept alive by a reference on its DRM device */
	struct xe_device *xe;
	/** @entity: source of jobs for &xe_device.bind_sched */
	struct drm_sched_entity entity;
	/** @running: what the newest started job waits for (reference) or NULL; scheduler's work */
	struct dma_fence *running;
	/** @lock: orders submissions; inside reservations, never in the fence-signalling path */
	struct mutex lock;
	/** @last_fence: completion of the newest update (reference) or NULL; @lock */
	struct dma_fence *last_fence;
	/** @free_work: frees the queue outside of its own scheduler's work */
	struct work_struct free_work;
};

static struct xe_bind_job *to_xe_bind_job(struct drm_sched_job *drm)
{
	return container_of(drm, struct xe_bind_job, drm);
}

static struct dma_fence *xe_bind_queue_run_job(struct drm_sched_job *drm)
{
	struct xe_bind_job *job = to_xe_bind_job(drm);
	bool cookie = dma_fence_begin_signalling();
	struct dma_fence *fence;

	/* It need not have waited for what others were to do first. */
	if (READ_ONCE(job->bq->xe->foreign.cancelled))
		dma_fence_set_error(xe_bind_job_fence(job), -ENODEV);
	xe_inject_work_begin();
	fence = job->ops->run(job);
	xe_inject_work_end();
	dma_fence_put(job->bq->running);
	job->bq->running = dma_fence_get(fence);
	dma_fence_end_signalling(cookie);

	return fence;
}

/* Called when all other dependencies have signalled, in the same work as run_job(). */
static struct dma_fence *xe_bind_queue_prepare_job(struct drm_sched_job *drm,
						   struct drm_sched_entity *entity)
{
	struct xe_bind_job *job = to_xe_bind_job(drm);
	struct dma_fence *running = job->bq->running;
	struct dma_fence *fence;
	bool cookie;

	if (running && !dma_fence_is_signaled(running))
		return dma_fence_get(running);

	cookie = dma_fence_begin_signalling();
	xe_inject_work_begin();
	fence = job->ops->prepare(job);
	xe_inject_work_end();
	dma_fence_end_signalling(cookie);

	return fence;
}

static void xe_bind_queue_free_job(struct drm_sched_job *drm)
{
	struct xe_bind_job *job = to_xe_bind_job(drm);

	xe_retire_sched_job(drm);
	job->ops->done(job);
}

/* There is no time-out: dependencies are dma-fences and TLB invalidations have their own. */
static const struct drm_sched_backend_ops xe_bind_sched_ops = {
	.prepare_job = xe_bind_queue_prepare_job,
	.run_job = xe_bind_queue_run_job,
	.free_job = xe_bind_queue_free_job,
};

static void xe_bind_queue_fini_sched(struct drm_device *drm, void *sched)
{
	drm_sched_fini(sched);
}

/**
 * xe_bind_queue_init_device - make the scheduler of all bind queues
 * @xe: the device
 *
 * It lives as long as the DRM device: bind queues, which hold references on that, refer to it, and
 * so do fences.
 *
 * Context: probe.
 * Return: 0, or -ENOMEM
 */
int xe_bind_queue_init_device(struct xe_device *xe)
{
	const struct drm_sched_init_args args = {
		.ops = &xe_bind_sched_ops,
		.num_rqs = 1,
		.credit_limit = XE_BIND_JOBS_IN_FLIGHT,
		.timeout = MAX_SCHEDULE_TIMEOUT,
		.name = "xe-bind",
		.dev = xe->drm.dev,
	};
	struct drm_gpu_scheduler *sched;
	int err;

	sched = drmm_kzalloc(&xe->drm, sizeof(*sched), GFP_KERNEL);
	if (!sched)
		return -ENOMEM;

	err = drm_sched_init(sched, &args);
	if (err)
		return err;

	err = drmm_add_action_or_reset(&xe->drm, xe_bind_queue_fini_sched, sched);
	if (err)
		return err;

	xe->bind_sched = sched;

	return 0;
}

static void xe_bind_queue_free_work(struct work_struct *work)
{
	struct xe_bind_queue *bq = container_of(work, struct xe_bind_queue, free_work);
	struct xe_device *xe = bq->xe;

	/* a dependency that signalled may still be waking the scheduler, with interrupts off */
	synchronize_rcu();
	drm_sched_entity_destroy(&bq->entity);
	dma_fence_put(bq->running);
	dma_fence_put(bq->last_fence);
	mutex_destroy(&bq->lock);
	kfree(bq);
	drm_dev_put(&xe->drm);
}

/**
 * xe_bind_queue_create - make a bind queue
 * @xe: the device
 *
 * Context: may sleep.
 * Return: the queue with one reference, or ERR_PTR(-ENOMEM)
 */
struct xe_bind_queue *xe_bind_queue_create(struct xe_device *xe)
{
	struct drm_gpu_scheduler *sched = xe->bind_sched;
	struct xe_bind_queue *bq;
	int err;

	bq = kzalloc(sizeof(*bq), GFP_KERNEL);
	if (!bq)
		return ERR_PTR(-ENOMEM);

	err = drm_sched_entity_init(&bq->entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (err) {
		kfree(bq);
		return ERR_PTR(err);
	}

	kref_init(&bq->ref);
	mutex_init(&bq->lock);
	INIT_WORK(&bq->free_work, xe_bind_queue_free_work);
	bq->xe = xe;
	drm_dev_get(&xe->drm);

	return bq;
}

/**
 * xe_bind_queue_get - take a reference
 * @bq: the queue
 *
 * Context: any.
 * Return: @bq
 */
struct xe_bind_queue *xe_bind_queue_get(struct xe_bind_queue *bq)
{
	kref_get(&bq->ref);
	return bq;
}

static void xe_bind_queue_free(struct kref *ref)
{
	struct xe_bind_queue *bq = container_of(ref, struct xe_bind_queue, ref);

	queue_work(bq->xe->unordered_wq, &bq->free_work);
}

/**
 * xe_bind_queue_put - drop a reference
 * @bq: the queue, or NULL
 *
 * Jobs hold references: a queue goes away when its last job is complete.
 *
 * Context: any.
 */
void xe_bind_queue_put(struct xe_bind_queue *bq)
{
	if (bq)
		kref_put(&bq->ref, xe_bind_queue_free);
}

/**
 * xe_bind_queue_lock - begin a submission
 * @bq: the queue
 *
 * Context: may sleep. Reservations may be held; nothing may be locked after it but page-table and
 * notifier locks.
 */
void xe_bind_queue_lock(struct xe_bind_queue *bq)
{
	mutex_lock(&bq->lock);
}

/**
 * xe_bind_queue_unlock - end a submission
 * @bq: the queue
 *
 * Context: any that may sleep.
 */
void xe_bind_queue_unlock(struct xe_bind_queue *bq)
{
	mutex_unlock(&bq->lock);
}

/**
 * xe_bind_queue_last_fence_locked - completion of the newest update of a queue
 * @bq: the queue
 *
 * Context: between xe_bind_queue_lock() and xe_bind_queue_unlock().
 * Return: the fence, borrowed, or NULL if there is nothing to wait for
 */
struct dma_fence *xe_bind_queue_last_fence_locked(struct xe_bind_queue *bq)
{
	lockdep_assert_held(&bq->lock);

	return bq->last_fence;
}

/**
 * xe_bind_queue_set_last_fence_locked - store the completion of a new update
 * @bq: the queue
 * @fence: signals after everything submitted to @bq so far; a reference is taken
 *
 * Context: between xe_bind_queue_lock() and xe_bind_queue_unlock().
 */
void xe_bind_queue_set_last_fence_locked(struct xe_bind_queue *bq, struct dma_fence *fence)
{
	lockdep_assert_held(&bq->lock);

	dma_fence_put(bq->last_fence);
	bq->last_fence = dma_fence_get(fence);
}

/**
 * xe_bind_job_init - prepare a job
 * @job: embedded in the caller's object
 * @bq: the queue; the job takes a reference
 * @ops: what the job does
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM, after which @job needs no xe_bind_job_fini()
 */
int xe_bind_job_init(struct xe_bind_job *job, struct xe_bind_queue *bq,
		     const struct xe_bind_job_ops *ops)
{
	int err;

	err = drm_sched_job_init(&job->drm, &bq->entity, 1, bq->xe, 0);
	if (err)
		return err;

	job->bq = xe_bind_queue_get(bq);
	job->ops = ops;

	return 0;
}

/**
 * xe_bind_job_fini - release a job that was not armed, or that is done
 * @job: the job
 *
 * Context: any that may sleep.
 */
void xe_bind_job_fini(struct xe_bind_job *job)
{
	drm_sched_job_cleanup(&job->drm);
	xe_bind_queue_put(job->bq);
	job->bq = NULL;
}

/**
 * xe_bind_job_add_dep - let a job wait for a fence
 * @job: a job that is not armed
 * @fence: the fence; a reference is taken. If it is not ours, removing the device ends the wait
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM
 */
int xe_bind_job_add_dep(struct xe_bind_job *job, struct dma_fence *fence)
{
	fence = xe_foreign_fence_guard(job->bq->xe, dma_fence_get(fence));
	if (IS_ERR(fence))
		return PTR_ERR(fence);

	return drm_sched_job_add_dependency(&job->drm, fence);
}

/**
 * xe_bind_job_arm - fix the place of a job on the time line
 * @job: the job; xe_bind_job_push() must follow
 *
 * Context: between xe_bind_queue_lock() and xe_bind_queue_unlock().
 */
void xe_bind_job_arm(struct xe_bind_job *job)
{
	lockdep_assert_held(&job->bq->lock);

	drm_sched_job_arm(&job->drm);
	/*
	 * Jobs of one scheduler normally wait for each other's start only, as if a ring kept the
	 * order. Here a job that waits for one of another queue must not complete before it.
	 */
	set_bit(DRM_SCHED_FENCE_DONT_PIPELINE, &xe_bind_job_fence(job)->flags);
}

/**
 * xe_bind_job_push - hand an armed job to the scheduler
 * @job: the job; from here on &xe_bind_job_ops.done may be called at any time
 *
 * Context: under the same xe_bind_queue_lock() as xe_bind_job_arm().
 */
void xe_bind_job_push(struct xe_bind_job *job)
{
	lockdep_assert_held(&job->bq->lock);

	drm_sched_entity_push_job(&job->drm);
}
