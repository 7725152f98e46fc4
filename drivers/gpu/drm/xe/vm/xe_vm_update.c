// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Page-table updates of a VM
 *
 * Binds and rebinds differ in what they change, not in how the change reaches the GPU. An update is
 * that common part: a plan, the fences it waits for, its TLB invalidations, and what is to be
 * released afterwards::
 *
 *	create -> (plan, add_dep)* -> prepare -> commit -> execute -> publish -> release
 *	                  \              \
 *	                   abort          abort
 *
 * Prepare decides how the change is carried out. If every dependency has signalled, the CPU writes
 * the entries in execute, and the update is complete with the TLB invalidation, or at once if no
 * entry that was present has changed. Otherwise a bind job does the same later, in two steps: when
 * the dependencies have signalled it has the entries written by the copy engine, and when that is
 * done it sends the TLB invalidation. If the copy engine cannot write them, or has failed, the CPU
 * does in the second step.
 *
 * The TLB invalidation of an earlier update that was made at once is no dependency of that kind.
 * What it follows has been stored, and invalidations are acknowledged in order: so the stores need
 * not wait for it, and the update completes with an invalidation of its own, or with that one.
 * Binds in a row go on without a job that way, as fast as they come.
 *
 * Everything that can fail, which is mostly allocation, happens up to and including prepare. Commit
 * and what follows cannot fail, and neither can abort.
 *
 * Two updates whose addresses overlap are carried out one after the other, whatever queues they are
 * on: each waits for the fences the range tracker knows for its addresses. The fence of an update
 * made at once is tracked too, for a new mapping must not be called complete while stale
 * translations of the same addresses are still being invalidated.
 *
 * Locking: the reservation of the VM protects the page tables' software view and the range tracker
 * against concurrent planning; it is held from create to publish or abort. The lock of the bind
 * queue is held from prepare on. Running and completing need no lock at all.
 */

#include "vm/xe_vm_update.h"

#include <linux/dma-fence-array.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/xe_compat.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "mem/xe_ppgtt.h"
#include "migrate/xe_migrate.h"
#include "pt/xe_pt_check.h"
#include "pt/xe_pt_plan.h"
#include "pt/xe_range_track.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/*
 * Largest amount of page-table entries one array of binds may leave to a job, in bytes. Deferred
 * changes keep kernel memory busy for as long as user space likes to hold the fence back.
 */
#define XE_VM_UPDATE_MAX_DEFERRED	SZ_1M

/**
 * struct xe_vm_update_job - the deferred part of an update
 */
struct xe_vm_update_job {
	/** @base: base class: step of a bind queue */
	struct xe_bind_job base;
	/** @u: the update, which owns the job */
	struct xe_vm_update *u;
	/** @stores: the stores by the copy engine, NULL if the CPU has to make them */
	struct xe_migrate_job *stores;
};

static void xe_vm_update_release_work(struct work_struct *work);

/**
 * xe_vm_update_create - begin an update
 * @vm: the VM
 * @id: of the bind or rebind, from xe_vm_next_bind()
 *
 * Context: reservation of the VM held, and kept until publish or abort. May sleep.
 * Return: the update with an empty plan, or ERR_PTR(-ENOMEM)
 */
struct xe_vm_update *xe_vm_update_create(struct xe_vm *vm, const struct xe_trace_bind *id)
{
	struct xe_vm_update *u;
	int err;

	drm_gpuvm_resv_assert_held(&vm->gpuvm);

	u = kzalloc(sizeof(*u), GFP_KERNEL_ACCOUNT);
	if (!u)
		return ERR_PTR(-ENOMEM);

	u->plan = xe_pt_plan_create(&vm->ppgtt->tree);
	if (IS_ERR(u->plan)) {
		err = PTR_ERR(u->plan);
		kfree(u);
		return ERR_PTR(err);
	}

	kref_init(&u->ref);
	u->vm = xe_vm_get(vm);
	u->id = *id;
	u->first = 1;
	INIT_LIST_HEAD(&u->garbage);
	INIT_WORK(&u->release_work, xe_vm_update_release_work);

	return u;
}

/**
 * xe_vm_update_add_dep - make an update wait for a fence
 * @u: an update that is not prepared
 * @fence: the fence, or NULL; a reference is taken
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM
 */
int xe_vm_update_add_dep(struct xe_vm_update *u, struct dma_fence *fence)
{
	struct dma_fence **deps;
	unsigned int max, i;

	if (!fence || dma_fence_is_signaled(fence))
		return 0;

	/*
	 * The same few fences come again for every operation of a big bind, and every update in
	 * flight on a bind queue has a fence. Fences of one context signal in order.
	 */
	for (i = 0; i < u->n_deps; i++) {
		if (u->deps[i]->context != fence->context)
			continue;
		if (dma_fence_is_later(fence, u->deps[i])) {
			dma_fence_put(u->deps[i]);
			u->deps[i] = dma_fence_get(fence);
		}
		return 0;
	}

	if (u->n_deps == u->max_deps) {
		max = max(2 * u->max_deps, 8U);
		deps = krealloc_array(u->deps, max, sizeof(*deps), GFP_KERNEL);
		if (!deps)
			return -ENOMEM;
		u->deps = deps;
		u->max_deps = max;
	}
	u->deps[u->n_deps++] = dma_fence_get(fence);

	return 0;
}

/*
 * Let an update complete after an earlier one of the same VM or bind queue. If that has stored its
 * entries, nothing but its invalidation is on the way.
 */
static int xe_vm_update_add_earlier(struct xe_vm_update *u, struct dma_fence *fence)
{
	if (!fence || dma_fence_is_signaled(fence))
		return 0;

	if (!xe_tlb_inval_is_fence(fence) ||
	    (u->behind && u->behind->context != fence->context))
		return xe_vm_update_add_dep(u, fence);

	if (!u->behind || dma_fence_is_later(fence, u->behind)) {
		dma_fence_put(u->behind);
		u->behind = dma_fence_get(fence);
	}

	return 0;
}

static int xe_vm_update_add_range_dep(void *ctx, struct dma_fence *fence)
{
	return xe_vm_update_add_earlier(ctx, fence);
}

/**
 * xe_vm_update_add_resv_deps - make an update wait for the fences of a reservation
 * @u: an update that is not prepared
 * @resv: the reservation, locked
 * @usage: fences of this usage and of those that imply it
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM
 */
int xe_vm_update_add_resv_deps(struct xe_vm_update *u, struct dma_resv *resv,
			       enum dma_resv_usage usage)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int err;

	dma_resv_for_each_fence(&cursor, resv, usage, fence) {
		err = xe_vm_update_add_dep(u, fence);
		if (err)
			return err;
	}

	return 0;
}

static bool xe_vm_update_is_pending(const struct xe_vm_update *u)
{
	unsigned int i;

	for (i = 0; i < u->n_deps; i++)
		if (!dma_fence_is_signaled(u->deps[i]))
			return true;

	return false;
}

static bool xe_vm_update_has_range(const struct xe_vm_update *u)
{
	return u->first <= u->last;
}

/*
 * Running jobs of a long-running VM are to see a new mapping as soon as the bind is complete. If
 * what it replaces is scratch, that may be in the TLBs.
 */
static bool xe_vm_update_needs_inval(const struct xe_vm_update *u)
{
	const u32 lr_scratch = XE_VM_LR | XE_VM_SCRATCH;

	if ((u->vm->flags & lr_scratch) == lr_scratch && xe_pt_plan_n_words(u->plan))
		return true;

	return xe_pt_plan_needs_inval(u->plan);
}

static bool xe_vm_update_invalidates(const struct xe_vm_update *u)
{
	return u->inval[0] || u->inval[1];
}

static_assert(XE_MAX_GTS == 2);

/* Memory for the invalidation of every GT, and for one fence over all of them. */
static int xe_vm_update_prepare_inval(struct xe_vm_update *u)
{
	struct xe_device *xe = u->vm->xe;
	unsigned int id, n = 0;
	struct xe_gt *gt;

	xe_for_each_gt(gt, xe, id) {
		u->inval[id] = xe_tlb_inval_fence_alloc(gt);
		if (!u->inval[id])
			return -ENOMEM;
		n++;
	}
	if (n < 2)
		return 0;

	u->array = dma_fence_array_alloc(n);
	u->array_fences = kcalloc(n, sizeof(*u->array_fences), GFP_KERNEL);

	return u->array && u->array_fences ? 0 : -ENOMEM;
}

static struct dma_fence *xe_vm_update_start_stores(struct xe_bind_job *base);
static struct dma_fence *xe_vm_update_run_job(struct xe_bind_job *base);
static void xe_vm_update_job_done(struct xe_bind_job *base);

static const struct xe_bind_job_ops xe_vm_update_job_ops = {
	.prepare = xe_vm_update_start_stores,
	.run = xe_vm_update_run_job,
	.done = xe_vm_update_job_done,
};

static int xe_vm_update_check_size(const struct xe_vm_update *u)
{
	size_t bytes = xe_pt_plan_n_words(u->plan) * sizeof(u64);

	if (u->flags & XE_VM_UPDATE_LIMITED &&
	    (xe_inject("too-big", -ENOBUFS) || bytes > XE_VM_UPDATE_MAX_DEFERRED)) {
		xe_dbg(u->vm->xe, "deferred update of %zu bytes of entries is too big\n", bytes);
		return -ENOBUFS;
	}

	return 0;
}

static struct xe_vm_update_job *to_xe_vm_update_job(struct xe_bind_job *base)
{
	return container_of(base, struct xe_vm_update_job, base);
}

static int xe_vm_update_create_job(struct xe_vm_update *u)
{
	struct xe_vm_update_job *job;
	int err;

	job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);
	if (!job)
		return -ENOMEM;

	err = xe_bind_job_init(&job->base, u->bq, &xe_vm_update_job_ops);
	if (err) {
		kfree(job);
		return err;
	}
	job->u = u;
	u->job = job;

	return 0;
}

static void xe_vm_update_free_job(struct xe_vm_update_job *job)
{
	if (!job)
		return;

	xe_bind_job_fini(&job->base);
	xe_migrate_job_free(job->stores);
	kfree(job);
}

static int xe_vm_update_prepare_job(struct xe_vm_update *u)
{
	struct xe_migrate_job *stores;
	unsigned int i;
	int err;

	err = xe_vm_update_create_job(u);
	if (err)
		return err;

	if (!xe_pt_plan_is_empty(u->plan)) {
		stores = xe_migrate_job_create(u->vm->xe);
		if (IS_ERR(stores))
			return PTR_ERR(stores);
		u->job->stores = stores;
	}

	for (i = 0; i < u->n_deps; i++) {
		err = xe_bind_job_add_dep(&u->job->base, u->deps[i]);
		if (err)
			return err;
	}
	if (u->behind) {
		err = xe_bind_job_add_dep(&u->job->base, u->behind);
		if (err)
			return err;
	}
	/* The queue's time line must not run ahead of an invalidation on its way. */
	if (!(u->flags & XE_VM_UPDATE_IN_ORDER) && xe_bind_queue_last_fence_locked(u->bq))
		err = xe_bind_job_add_dep(&u->job->base, xe_bind_queue_last_fence_locked(u->bq));

	return err;
}

/* Whether the update takes time, at once or deferred; the others are over when they are made. */
static bool xe_vm_update_takes_time(const struct xe_vm_update *u)
{
	return u->deferred || xe_vm_update_invalidates(u) || u->behind;
}

/* Memory for what carries the update out, and for the range tracker. */
static int xe_vm_update_prepare_way(struct xe_vm_update *u)
{
	int err;

	if (xe_vm_update_needs_inval(u)) {
		err = xe_vm_update_prepare_inval(u);
		if (err)
			return err;
	}

	if (xe_vm_update_is_pending(u)) {
		err = xe_vm_update_check_size(u);
		if (err)
			return err;
		u->deferred = true;
	} else {
		u->deferred = READ_ONCE(u->vm->xe->pt_updates.never_at_once) &&
			      !xe_pt_plan_is_empty(u->plan);
	}
	if (u->deferred) {
		err = xe_vm_update_prepare_job(u);
		if (err)
			return err;
	}

	if (xe_vm_update_has_range(u) && xe_vm_update_takes_time(u)) {
		u->range = xe_range_node_alloc();
		if (!u->range)
			return -ENOMEM;
	}

	return 0;
}

/**
 * xe_vm_update_prepare - do everything that can fail
 * @u: an update whose plan and dependencies are complete, but for those known here
 * @bq: bind queue for a deferred update; locked by this function until publish or abort
 * @flags: XE_VM_UPDATE_IN_ORDER, XE_VM_UPDATE_LIMITED
 *
 * Context: reservation of the VM held; fence slots have been reserved, one per GT. May sleep.
 * Return: 0, or
 * -ENOMEM; -ENOBUFS: XE_VM_UPDATE_LIMITED and too big to be deferred.
 * After an error the caller calls xe_vm_update_abort().
 */
int xe_vm_update_prepare(struct xe_vm_update *u, struct xe_bind_queue *bq, u32 flags)
{
	int err;

	u->flags = flags;
	u->bq = bq;
	xe_bind_queue_lock(bq);

	if (flags & XE_VM_UPDATE_IN_ORDER) {
		err = xe_vm_update_add_earlier(u, xe_bind_queue_last_fence_locked(bq));
		if (err)
			return err;
	}

	/* Also for operations that store nothing: they must not overtake an earlier one. */
	xe_pt_plan_extent(u->plan, &u->first, &u->last);
	if (xe_vm_update_has_range(u)) {
		err = xe_range_track_deps(&u->vm->ranges, u->first, u->last,
					  xe_vm_update_add_range_dep, u);
		if (err)
			return err;
	}

	err = xe_vm_update_prepare_way(u);
	if (err)
		return err;
	if (trace_xe_bind_parse_enabled())
		trace_xe_bind_parse(&u->id, u->first, u->last, xe_pt_plan_n_words(u->plan),
				    u->deferred, xe_vm_update_invalidates(u));

	return 0;
}

static void xe_vm_update_put_inval(struct xe_vm_update *u)
{
	unsigned int id;

	for (id = 0; id < XE_MAX_GTS; id++) {
		if (!u->inval[id])
			continue;
		if (u->issued)
			dma_fence_put(&u->inval[id]->base);
		else
			xe_tlb_inval_fence_free(u->inval[id]);
	}
	if (!u->issued) {
		kfree(u->array_fences);
		kfree(u->array);
	}
}

/* Free an update that is complete, or that never got anywhere. Sleeps. */
static void xe_vm_update_free(struct xe_vm_update *u)
{
	struct xe_vma *vma, *next;
	struct xe_vm *vm = u->vm;
	unsigned int i;

	xe_vm_update_free_job(u->job);
	if (u->committed)
		xe_pt_plan_free(u->plan);
	list_for_each_entry_safe(vma, next, &u->garbage, garbage_link) {
		xe_vma_free(vma);
		cond_resched();
	}
	xe_range_node_free(u->range);
	xe_vm_update_put_inval(u);
	for (i = 0; i < u->n_deps; i++)
		dma_fence_put(u->deps[i]);
	kfree(u->deps);
	dma_fence_put(u->behind);
	dma_fence_put(u->fence);
	kfree(u);
	xe_vm_put(vm);
}

static void xe_vm_update_release_work(struct work_struct *work)
{
	xe_vm_update_free(container_of(work, struct xe_vm_update, release_work));
}

/**
 * xe_vm_update_abort - give an update up before it is committed
 * @u: the update, prepared or not, or NULL; freed
 *
 * Context: reservation of the VM held. Allocates nothing, cannot fail.
 */
void xe_vm_update_abort(struct xe_vm_update *u)
{
	if (!u)
		return;

	drm_WARN_ON(&u->vm->xe->drm, !list_empty(&u->garbage));
	xe_pt_plan_abort(u->plan);
	if (u->bq)
		xe_bind_queue_unlock(u->bq);
	xe_vm_update_free(u);
}

/**
 * xe_vm_update_commit - pass the point of no return
 * @u: a prepared update
 *
 * Context: reservation of the VM held. Allocates nothing, cannot fail.
 */
void xe_vm_update_commit(struct xe_vm_update *u)
{
	struct xe_vm_stats *stats = &u->vm->stats;

	xe_pt_plan_commit(u->plan);
	u->committed = true;

	stats->updates++;
	stats->deferred += u->deferred;
	stats->entries += xe_pt_plan_n_writes(u->plan);
	stats->split += xe_pt_plan_n_splits(u->plan);
	stats->invals += xe_vm_update_invalidates(u);

	if (u->deferred) {
		xe_bind_job_arm(&u->job->base);
		u->fence = dma_fence_get(xe_bind_job_fence(&u->job->base));
	}
}

/* Start the invalidation on every GT; the fence over all of them. No allocation, no sleep. */
static struct dma_fence *xe_vm_update_invalidate(struct xe_vm_update *u)
{
	struct xe_vm *vm = u->vm;
	struct dma_fence *fence = NULL;
	unsigned int id, n = 0;
	struct xe_gt *gt;

	xe_for_each_gt(gt, vm->xe, id) {
		if (!u->inval[id])
			continue;
		xe_tlb_inval_range(gt, u->inval[id], u->first, u->last + 1, vm->ppgtt->asid);
		fence = &u->inval[id]->base;
		if (u->array)
			u->array_fences[n++] = dma_fence_get(fence);
	}
	if (!fence)
		return NULL;

	u->issued = true;
	if (!u->array)
		return dma_fence_get(fence);

	dma_fence_array_init(u->array, n, u->array_fences, dma_fence_context_alloc(1), 1);

	return &u->array->base;
}

/* All stores have been made, in the way that @count counts. */
static void xe_vm_update_written(struct xe_vm_update *u, atomic64_t *count)
{
	if (trace_xe_bind_write_enabled())
		trace_xe_bind_write(&u->id, u->first, u->last, xe_pt_plan_n_words(u->plan),
				    u->deferred, xe_vm_update_invalidates(u));
	if (!xe_pt_plan_is_empty(u->plan))
		atomic64_inc(count);
}

static struct dma_fence *xe_vm_update_start_stores(struct xe_bind_job *base)
{
	struct xe_vm_update_job *job = to_xe_vm_update_job(base);

	return job->stores ? xe_migrate_job_start(job->stores, job->u->plan) : NULL;
}

static struct dma_fence *xe_vm_update_run_job(struct xe_bind_job *base)
{
	struct xe_vm_update_job *job = to_xe_vm_update_job(base);
	struct xe_vm_update *u = job->u;
	struct xe_device *xe = u->vm->xe;

	if (job->stores && xe_migrate_job_finish(job->stores)) {
		xe_pt_plan_set_written(u->plan);
		xe_vm_update_written(u, &xe->pt_updates.by_gpu);
	} else {
		xe_pt_plan_write(u->plan);
		xe_vm_update_written(u, &xe->pt_updates.by_cpu);
	}

	/* Pairs with the acquire in xe_vm_update_check(). */
	atomic_dec_return_release(&u->vm->n_unwritten);

	return xe_vm_update_invalidate(u);
}

/*
 * In debug builds, look at all page tables of the VM. Words in memory differ from the software view
 * while an update is left to a job.
 */
static void xe_vm_update_check(const struct xe_vm_update *u)
{
	struct xe_vm *vm = u->vm;
	struct xe_pt_flaw flaw;
	u32 flags;

	if (!IS_ENABLED(CONFIG_DRM_XE_DEBUG))
		return;

	drm_gpuvm_resv_assert_held(&vm->gpuvm);
	/* Pairs with the release in xe_vm_update_run_job(). */
	flags = atomic_read_acquire(&vm->n_unwritten) ? 0 : XE_PT_CHECK_WRITTEN;
	if (xe_pt_check(&vm->ppgtt->tree, flags, &flaw))
		drm_WARN(&vm->xe->drm, true,
			 "page tables: not so at %#llx, level %u, slot %u, entry %#llx: %s\n",
			 flaw.va, flaw.level, flaw.slot, flaw.word, flaw.rule);
}

static void xe_vm_update_trace_done(struct xe_vm_update *u)
{
	trace_xe_bind_done(&u->id, u->fence, u->fence->error);
}

/* Last reference: freeing takes reservations and sleeps, so it cannot be done in the scheduler. */
static void xe_vm_update_queue_release(struct kref *ref)
{
	struct xe_vm_update *u = container_of(ref, struct xe_vm_update, ref);

	queue_work(u->vm->xe->unordered_wq, &u->release_work);
}

static void xe_vm_update_job_done(struct xe_bind_job *base)
{
	struct xe_vm_update *u = to_xe_vm_update_job(base)->u;

	xe_vm_update_trace_done(u);
	kref_put(&u->ref, xe_vm_update_queue_release);
}

/**
 * xe_vm_update_execute - carry an update out, or leave it to the bind queue
 * @u: a committed update; its fence is valid afterwards
 *
 * Context: reservation of the VM held, bind queue locked by prepare. Allocates nothing, cannot
 * fail.
 */
void xe_vm_update_execute(struct xe_vm_update *u)
{
	if (u->deferred) {
		kref_get(&u->ref);
		atomic_inc(&u->vm->n_unwritten);
		xe_bind_job_push(&u->job->base);
	} else {
		xe_pt_plan_write(u->plan);
		xe_vm_update_written(u, &u->vm->xe->pt_updates.at_once);
		u->fence = xe_vm_update_invalidate(u) ?: dma_fence_get(u->behind) ?:
			   dma_fence_get_stub();
	}
	xe_vm_update_check(u);
}

static void xe_vm_update_add_to_resv(struct xe_vm_update *u, struct drm_exec *exec,
				     enum dma_resv_usage usage)
{
	struct drm_gpuvm *gpuvm = &u->vm->gpuvm;
	unsigned int id;

	if (u->deferred) {
		drm_gpuvm_resv_add_fence(gpuvm, exec, u->fence, usage, DMA_RESV_USAGE_BOOKKEEP);
		return;
	}

	/* Reservations do not take fence arrays. */
	for (id = 0; id < XE_MAX_GTS; id++)
		if (u->inval[id])
			drm_gpuvm_resv_add_fence(gpuvm, exec, &u->inval[id]->base, usage,
						 DMA_RESV_USAGE_BOOKKEEP);
	if (!u->issued && u->behind)
		drm_gpuvm_resv_add_fence(gpuvm, exec, u->behind, usage, DMA_RESV_USAGE_BOOKKEEP);
}

/**
 * xe_vm_update_publish - let everybody who must wait for an update know its fence
 * @u: an executed update
 * @exec: reservations that get the fence, the one of the VM among them
 * @usage: in the reservation of the VM: DMA_RESV_USAGE_KERNEL if it is the driver's own and later
 * jobs must wait, XE_VM_USAGE_JOBS if only they must, else DMA_RESV_USAGE_BOOKKEEP. It is always
 * BOOKKEEP in external objects: other users of those need not wait for page tables of this VM, only
 * whoever wants to move the memory
 *
 * Unlocks the bind queue.
 *
 * Context: all reservations of @exec held. Allocates nothing, cannot fail.
 */
void xe_vm_update_publish(struct xe_vm_update *u, struct drm_exec *exec,
			  enum dma_resv_usage usage)
{
	if (u->range) {
		xe_vm_update_add_to_resv(u, exec, usage);
		xe_range_track_insert(&u->vm->ranges, u->range, u->first, u->last, u->fence);
		u->range = NULL;
	}

	/* An update made at once and out of order says nothing about the queue. */
	if (u->deferred || u->flags & XE_VM_UPDATE_IN_ORDER)
		xe_bind_queue_set_last_fence_locked(u->bq, u->fence);
	xe_bind_queue_unlock(u->bq);
	u->bq = NULL;
}

static void xe_vm_update_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct xe_vm_update *u = container_of(cb, struct xe_vm_update, cb);

	xe_vm_update_trace_done(u);
	kref_put(&u->ref, xe_vm_update_queue_release);
}

/**
 * xe_vm_update_release - let go of an update that was published
 * @u: the update, or NULL; it frees itself and its garbage when it is complete
 *
 * Context: may sleep and free objects: no reservation held.
 */
void xe_vm_update_release(struct xe_vm_update *u)
{
	if (!u)
		return;

	if (u->deferred) {
		kref_put(&u->ref, xe_vm_update_queue_release);
	} else if (dma_fence_add_callback(u->fence, &u->cb, xe_vm_update_signalled)) {
		xe_vm_update_trace_done(u);
		xe_vm_update_free(u);
	}
}
