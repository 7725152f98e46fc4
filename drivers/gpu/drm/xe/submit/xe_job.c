// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "submit/xe_job.h"

#include <linux/dma-fence-array.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_hw_fence.h"
#include "gt/xe_lrc.h"
#include "gt/xe_ring.h"
#include "submit/xe_foreign_fence.h"

/**
 * DOC: Jobs
 *
 * A job goes through create, add dependencies, arm, push. Everything that can fail is in the
 * first two: arming hands out the sequence number and turns memory that is already there into
 * fences. An armed job must be pushed, and the jobs of one queue must be armed and pushed under
 * one lock, so that numbers, scheduler order and ring order agree.
 *
 * The scheduler of the back end calls xe_job_emit() when the dependencies have signalled. After
 * a GT reset it may call it again for the same job; the number stays.
 *
 * Fences: each slot has a hardware fence on its context's sequence number. The fence of the job
 * is that of the only slot, or an array over all of them. User space and reservations see the
 * scheduler's finished fence, which follows it.
 *
 * A job of a long-running queue has none of these, because nobody may wait for it: it may run for
 * ever. For the scheduler it is over when it has been written into the ring, and its finished fence
 * must stay within the scheduler.
 *
 * References: the creator holds one until it calls xe_job_put(); from xe_job_push() on the
 * scheduler holds another, which its free_job() callback drops. A job holds its queue.
 */

/* For jobs of one slot, as nearly all are. Exactly their size: what is allocated is zeroed. */
static struct kmem_cache *job_cache;

/**
 * xe_job_module_init - prepare for jobs
 *
 * Context: module init.
 * Return: 0, or -ENOMEM
 */
int xe_job_module_init(void)
{
	const struct xe_job *job;

	job_cache = kmem_cache_create("xe_job", struct_size(job, slot, 1), 0, 0, NULL);

	return job_cache ? 0 : -ENOMEM;
}

/**
 * xe_job_module_fini - all jobs have been freed
 *
 * Context: module exit.
 */
void xe_job_module_fini(void)
{
	kmem_cache_destroy(job_cache);
}

/* Freed with kfree(). */
static struct xe_job *job_alloc(u16 width)
{
	struct xe_job *job;

	if (width == 1)
		return kmem_cache_zalloc(job_cache, GFP_KERNEL);

	return kzalloc(struct_size(job, slot, width), GFP_KERNEL);
}

static void free_fences(struct xe_job *job)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		xe_hw_fence_free(job->slot[i].hw_fence);
	kfree(job->array);
	kfree(job->array_fences);
}

static int alloc_fences(struct xe_job *job)
{
	u16 width = job->q->width;
	unsigned int i;

	if (job->q->flags & XE_QUEUE_LR)
		return 0;

	for (i = 0; i < width; i++) {
		job->slot[i].hw_fence = xe_hw_fence_alloc();
		if (!job->slot[i].hw_fence)
			goto err_free;
	}

	if (width > 1) {
		job->array = dma_fence_array_alloc(width);
		job->array_fences = kcalloc(width, sizeof(*job->array_fences), GFP_KERNEL);
		if (!job->array || !job->array_fences)
			goto err_free;
	}

	return 0;

err_free:
	free_fences(job);
	return -ENOMEM;
}

/**
 * xe_job_create - make a job
 * @q: the queue, not a bind queue
 * @batch: batch address per slot, &xe_exec_queue.width entries; PPGTT addresses if the queue has
 * an address space, GGTT addresses otherwise. NULL: a job that only signals
 *
 * Context: may sleep.
 * Return: the job with one reference, or ERR_PTR:
 * * -ENOMEM - no memory
 * * -ENOENT - the scheduler entity of the queue is gone
 */
struct xe_job *xe_job_create(struct xe_exec_queue *q, const u64 *batch)
{
	struct xe_job *job;
	unsigned int i;
	int err;

	job = job_alloc(q->width);
	if (!job)
		return ERR_PTR(-ENOMEM);

	kref_init(&job->ref);
	INIT_LIST_HEAD(&job->backend_link);
	job->q = xe_exec_queue_get(q);
	job->has_batch = batch;
	for (i = 0; batch && i < q->width; i++)
		job->slot[i].batch = batch[i];

	err = alloc_fences(job);
	if (err)
		goto err_queue;

	err = drm_sched_job_init(&job->drm, xe_exec_queue_entity(q), 1, q->xe, 0);
	if (err)
		goto err_fences;

	return job;

err_fences:
	free_fences(job);
err_queue:
	xe_exec_queue_put(q);
	kfree(job);
	return ERR_PTR(err);
}

/* For traces: what slot 0 runs, 0 if nothing */
static u64 job_batch(const struct xe_job *job)
{
	return job->has_batch ? job->slot[0].batch : 0;
}

static void job_release(struct kref *ref)
{
	struct xe_job *job = container_of(ref, struct xe_job, ref);
	unsigned long flags;

	if (job->armed)
		trace_xe_job_done(xe_device_minor(job->q->xe), job->q->name,
				  xe_job_finished_fence(job), job->lrc_seqno, job_batch(job));
	if (job->fence) {
		/* Nobody may look at the context through a fence once the job lets go of it. */
		xe_job_set_error(job, -ECANCELED);
		/*
		 * The scheduler's callback, which runs under this lock, touches the scheduler to
		 * the end. That goes away with the queue, which this job may be the last to hold.
		 */
		dma_fence_lock_irqsave(job->fence, flags);
		dma_fence_unlock_irqrestore(job->fence, flags);
		dma_fence_put(job->fence);
	} else if (!job->armed) {
		free_fences(job);
	}
	drm_sched_job_cleanup(&job->drm);
	xe_exec_queue_put(job->q);
	kfree(job);
}

/**
 * xe_job_get - take a reference
 * @job: the job
 *
 * Context: any.
 * Return: @job
 */
struct xe_job *xe_job_get(struct xe_job *job)
{
	kref_get(&job->ref);
	return job;
}

/**
 * xe_job_put - drop a reference
 * @job: the job or NULL; with the last reference it has completed, or was never armed
 *
 * Context: may sleep.
 */
void xe_job_put(struct xe_job *job)
{
	if (job)
		kref_put(&job->ref, job_release);
}

/**
 * xe_job_add_dep - make a job wait for a fence
 * @job: a job that is not armed
 * @fence: the fence; its reference is consumed, also on error. NULL: nothing to wait for. If it is
 * not ours, removing the device ends the wait
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_job_add_dep(struct xe_job *job, struct dma_fence *fence)
{
	fence = xe_foreign_fence_guard(job->q->xe, fence);
	if (IS_ERR(fence))
		return PTR_ERR(fence);

	return drm_sched_job_add_dependency(&job->drm, fence);
}

/**
 * xe_job_add_resv_deps - make a job wait for the fences of a reservation
 * @job: a job that is not armed
 * @resv: the reservation, held
 * @usage: fences of this usage and of those it implies
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_job_add_resv_deps(struct xe_job *job, struct dma_resv *resv, enum dma_resv_usage usage)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int err;

	dma_resv_for_each_fence(&cursor, resv, usage, fence) {
		err = xe_job_add_dep(job, dma_fence_get(fence));
		if (err)
			return err;
	}

	return 0;
}

static void arm_seqnos(struct xe_job *job)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		job->lrc_seqno = xe_lrc_seqno_arm(job->q->lrc[i]);
}

static void arm_fences(struct xe_job *job)
{
	struct xe_exec_queue *q = job->q;
	unsigned int i;

	for (i = 0; i < q->width; i++)
		job->lrc_seqno = xe_lrc_fence_arm(q->lrc[i], job->slot[i].hw_fence);

	if (q->width > 1) {
		/* the array takes over the references of the slots and the storage */
		for (i = 0; i < q->width; i++)
			job->array_fences[i] = &job->slot[i].hw_fence->base;
		dma_fence_array_init(job->array, q->width, job->array_fences,
				     q->lrc[0]->timeline.context + 1, job->lrc_seqno);
		job->fence = &job->array->base;
	} else {
		job->fence = &job->slot[0].hw_fence->base;
	}
}

/**
 * xe_job_arm - give the job its number and its fences; cannot fail
 * @job: a job that is not armed; xe_job_push() must follow
 *
 * Context: any. Under the lock that orders the jobs of the queue, held until xe_job_push().
 */
void xe_job_arm(struct xe_job *job)
{
	if (job->q->flags & XE_QUEUE_LR)
		arm_seqnos(job);
	else
		arm_fences(job);

	drm_sched_job_arm(&job->drm);
	job->armed = true;
	trace_xe_job_push(xe_device_minor(job->q->xe), job->q->name,
			  xe_job_finished_fence(job), job->lrc_seqno, job_batch(job));
}

/**
 * xe_job_push - hand an armed job to the scheduler
 * @job: the job; the scheduler takes its own reference
 *
 * Context: any. Under the lock that orders the jobs of the queue.
 */
void xe_job_push(struct xe_job *job)
{
	xe_job_get(job);
	drm_sched_entity_push_job(&job->drm);
}

/* Frames are put together in the ring, but for one that straddles its end. */
static void write_frame(struct xe_lrc *lrc, const struct xe_ring_frame *frame)
{
	u32 *space = xe_lrc_ring_space(lrc, XE_RING_MAX_JOB_DWORDS);
	u32 dw[XE_RING_MAX_JOB_DWORDS];

	if (space)
		xe_lrc_ring_written(lrc, xe_ring_emit_frame(frame, space));
	else
		xe_lrc_write_ring(lrc, dw, xe_ring_emit_frame(frame, dw));
}

/**
 * xe_job_emit - write the job into the ring of every slot
 * @job: an armed job whose dependencies have signalled
 *
 * The firmware still has to be told, and moves the tails in the images of a parallel queue: if they
 * had been moved already, an older work item would move them back under the engines. A job may be
 * emitted again after xe_lrc_rewind().
 *
 * Context: any; fence-signalling. Serialised per queue by the back end.
 */
void xe_job_emit(struct xe_job *job)
{
	struct xe_exec_queue *q = job->q;
	struct xe_ring_frame frame = {
		.class = q->class,
		.has_aux_ccs = q->xe->platform->has_aux_ccs,
		.ppgtt = q->ppgtt,
		.has_batch = job->has_batch,
		.tlb_flush = job->ring_tlb_flush,
		.seqno = job->lrc_seqno,
		.ufence_addr = job->ufence.addr,
		.ufence_value = job->ufence.value,
	};
	unsigned int i;

	trace_xe_job_run(xe_device_minor(job->q->xe), job->q->name,
			 xe_job_finished_fence(job), job->lrc_seqno, job_batch(job));
	for (i = 0; i < q->width; i++) {
		frame.pphwsp = xe_lrc_ggtt_addr(q->lrc[i]);
		frame.batch = job->slot[i].batch;
		frame.has_ufence = job->has_ufence && i == q->width - 1;
		write_frame(q->lrc[i], &frame);

		/* on the list before the GPU can raise the interrupt */
		if (job->slot[i].hw_fence)
			xe_hw_fence_track(job->slot[i].hw_fence);
	}
	if (q->width == 1)
		xe_lrc_write_tail(q->lrc[0]);
}

static bool seqno_passed(u32 now, u32 seqno)
{
	return (s32)(now - seqno) >= 0;
}

/**
 * xe_job_started - has the hardware begun the job?
 * @job: an armed job
 *
 * Context: any.
 * Return: true if every slot has stored its start marker
 */
bool xe_job_started(struct xe_job *job)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		if (!seqno_passed(xe_lrc_start_seqno(job->q->lrc[i]), job->lrc_seqno))
			return false;

	return true;
}

/**
 * xe_job_touched - may the hardware have begun any part of the job?
 * @job: an armed job
 *
 * Context: any.
 * Return: true if a slot has stored its start marker
 */
bool xe_job_touched(struct xe_job *job)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		if (seqno_passed(xe_lrc_start_seqno(job->q->lrc[i]), job->lrc_seqno))
			return true;

	return false;
}

/**
 * xe_job_completed - has the hardware finished the job?
 * @job: an armed job
 *
 * Looks at memory, not at fences, so it is false for a job that was given up with
 * xe_job_set_error(). A finished job whose interrupt is late, or got lost, has its fence
 * signalled here.
 *
 * Context: any.
 * Return: true if every slot has stored its end marker
 */
bool xe_job_completed(struct xe_job *job)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		if (!seqno_passed(xe_lrc_seqno(job->q->lrc[i]), job->lrc_seqno))
			return false;

	for (i = 0; i < job->q->width; i++)
		dma_fence_is_signaled(&job->slot[i].hw_fence->base);

	return true;
}

/**
 * xe_job_set_error - complete a job that will not finish on the hardware
 * @job: an armed job, emitted or not
 * @error: negative errno its fence will carry
 *
 * Signals the fence of the job. A job that has finished keeps its success; the first error wins.
 *
 * Context: any.
 */
void xe_job_set_error(struct xe_job *job, int error)
{
	unsigned int i;

	for (i = 0; i < job->q->width; i++)
		xe_hw_fence_fail(job->slot[i].hw_fence, error);

	/* An array without callbacks only notices when somebody asks. */
	dma_fence_is_signaled(job->fence);
}
