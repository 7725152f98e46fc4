/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_BIND_QUEUE_H_
#define _XE_BIND_QUEUE_H_

#include <linux/types.h>

#include <drm/gpu_scheduler.h>

struct dma_fence;
struct xe_bind_job;
struct xe_bind_queue;
struct xe_device;

/**
 * struct xe_bind_job_ops - what a bind job does; const, supplied by the layer above
 */
struct xe_bind_job_ops {
	/**
	 * @prepare: all dependencies have signalled; start what has to be complete before @run.
	 * Fence-signalling critical section like @run. Called again when the fence it returned has
	 * signalled, until it returns NULL.
	 * Return: a reference on the fence to wait for, NULL if there is nothing to wait for
	 */
	struct dma_fence *(*prepare)(struct xe_bind_job *job);
	/**
	 * @run: carry the update out. Fence-signalling critical section: no allocation, no
	 * reservation, no sleep on anything that allocates. Called once.
	 * Return: a reference on the fence that completes the job, or NULL if it is complete
	 */
	struct dma_fence *(*run)(struct xe_bind_job *job);
	/**
	 * @done: the finished fence has signalled and the scheduler has let go of @job.
	 * Called from the scheduler's work: must not block on fences or reservations.
	 */
	void (*done)(struct xe_bind_job *job);
};

/**
 * struct xe_bind_job - one deferred page-table update; embedded by its user
 */
struct xe_bind_job {
	/** @drm: scheduler part */
	struct drm_sched_job drm;
	/** @bq: the queue (reference) */
	struct xe_bind_queue *bq;
	/** @ops: what to do */
	const struct xe_bind_job_ops *ops;
};

int xe_bind_queue_init_device(struct xe_device *xe);

struct xe_bind_queue *xe_bind_queue_create(struct xe_device *xe);
struct xe_bind_queue *xe_bind_queue_get(struct xe_bind_queue *bq);
void xe_bind_queue_put(struct xe_bind_queue *bq);

void xe_bind_queue_lock(struct xe_bind_queue *bq);
void xe_bind_queue_unlock(struct xe_bind_queue *bq);
struct dma_fence *xe_bind_queue_last_fence_locked(struct xe_bind_queue *bq);
void xe_bind_queue_set_last_fence_locked(struct xe_bind_queue *bq, struct dma_fence *fence);

int xe_bind_job_init(struct xe_bind_job *job, struct xe_bind_queue *bq,
		     const struct xe_bind_job_ops *ops);
void xe_bind_job_fini(struct xe_bind_job *job);
int xe_bind_job_add_dep(struct xe_bind_job *job, struct dma_fence *fence);
void xe_bind_job_arm(struct xe_bind_job *job);
void xe_bind_job_push(struct xe_bind_job *job);

/**
 * xe_bind_job_fence - fence that signals when the job is complete
 * @job: an armed job
 *
 * Context: any.
 * Return: the finished fence, borrowed from the job
 */
static inline struct dma_fence *xe_bind_job_fence(struct xe_bind_job *job)
{
	return &job->drm.s_fence->finished;
}

#endif
