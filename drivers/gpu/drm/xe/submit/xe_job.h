/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_JOB_H_
#define _XE_JOB_H_

#include <linux/container_of.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>

#include <drm/gpu_scheduler.h>

#include "submit/xe_exec_queue.h"

struct dma_fence_array;
struct xe_hw_fence;

/**
 * struct xe_job_slot - what one context of a queue does for a job
 */
struct xe_job_slot {
	/** @batch: address of the batch */
	u64 batch;
	/** @hw_fence: completion of the slot, owned here until armed; NULL if long-running */
	struct xe_hw_fence *hw_fence;
};

/**
 * struct xe_job - one submission of a queue
 */
struct xe_job {
	/** @drm: scheduler part */
	struct drm_sched_job drm;
	/** @q: the queue (reference) */
	struct xe_exec_queue *q;
	/** @ref: reference count: the creator's, and the scheduler's from xe_job_push() on */
	struct kref ref;
	/** @lrc_seqno: sequence number, the same in every LRC of the queue */
	u32 lrc_seqno;
	/**
	 * @fence: completion on the hardware, valid from xe_job_arm() on; a fence array if wide;
	 * NULL if long-running
	 */
	struct dma_fence *fence;
	/** @backend_link: for the back end: its list of jobs on the hardware */
	struct list_head backend_link;
	/** @armed: xe_job_arm() has run */
	bool armed;
	/** @has_batch: false: a frame that only signals */
	bool has_batch;
	/** @ring_tlb_flush: the frame invalidates the TLBs of the address space */
	bool ring_tlb_flush;
	/** @has_ufence: store @ufence */
	bool has_ufence;
	/** @ufence: value the last slot's frame stores behind the batch */
	struct {
		/** @ufence.addr: address in the VM, 8-byte aligned */
		u64 addr;
		/** @ufence.value: the value */
		u64 value;
	} ufence;
	/** @watch: callback on the finished fence, for whoever has made the job */
	struct {
		/** @watch.cb: the callback; the job exists at least until it has run */
		struct dma_fence_cb cb;
		/** @watch.data: what it is about */
		void *data;
	} watch;
	/** @array: fence over @hw_fence if the queue is wide; owned here until armed */
	struct dma_fence_array *array;
	/** @array_fences: storage @array takes over when armed */
	struct dma_fence **array_fences;
	/** @slot: &xe_exec_queue.width of them */
	struct xe_job_slot slot[];
};

/**
 * to_xe_job - job a scheduler job is embedded in
 * @drm: the scheduler job
 *
 * Context: any.
 * Return: the job
 */
static inline struct xe_job *to_xe_job(struct drm_sched_job *drm)
{
	return container_of(drm, struct xe_job, drm);
}

int xe_job_module_init(void);
void xe_job_module_fini(void);

struct xe_job *xe_job_create(struct xe_exec_queue *q, const u64 *batch);
struct xe_job *xe_job_get(struct xe_job *job);
void xe_job_put(struct xe_job *job);

int xe_job_add_dep(struct xe_job *job, struct dma_fence *fence);
int xe_job_add_resv_deps(struct xe_job *job, struct dma_resv *resv, enum dma_resv_usage usage);

void xe_job_arm(struct xe_job *job);
void xe_job_push(struct xe_job *job);
void xe_job_emit(struct xe_job *job);

bool xe_job_started(struct xe_job *job);
bool xe_job_touched(struct xe_job *job);
bool xe_job_completed(struct xe_job *job);
void xe_job_set_error(struct xe_job *job, int error);

/**
 * xe_job_finished_fence - fence that user space and reservations see
 * @job: an armed job
 *
 * Context: any.
 * Return: the finished fence, borrowed from the job
 */
static inline struct dma_fence *xe_job_finished_fence(struct xe_job *job)
{
	return &job->drm.s_fence->finished;
}

#endif
