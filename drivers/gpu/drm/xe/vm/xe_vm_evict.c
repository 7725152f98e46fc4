// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Eviction, and making a VM valid for a job
 *
 * Memory of a BO may go away whenever the BO is idle. Page tables are not touched then: the entries
 * are stale, but no job runs before the VM has been made valid again. This file is both ends of
 * that promise. One is the notification from the memory layer, which marks the BO as evicted in
 * every VM that maps it. The other is xe_vm_exec_lock(), which every job passes::
 *
 *	VM lock -> pin invalidated userptrs -> lock VM and external BOs -> validate evicted BOs
 *		-> rebind what moved -> ... job ... -> publish its fence
 *
 * External BOs are locked only if something may have moved. If nothing has, the fence of the VM is
 * in all of them and stands for the job (see xe_vm_fence.c); what an exec costs does not depend on
 * their number.
 *
 * A rebind rewrites the entries of all mappings whose backing may have changed, in one update,
 * whose fence goes into the reservations as KERNEL: this job and all later ones wait for it. It
 * needs no fence of earlier jobs: the memory left only after those that could use it were done, and
 * no job that could use the mapping has been let in since. A userptr whose memory is gone loses
 * its entries instead, and so does a BO that was purged.
 *
 * A mapping stays on the rebind list until its rebind is committed. An exec that fails half-way
 * loses nothing. A bind that removes a mapping whose entries are stale, or rewrites them, takes
 * over from the rebind: jobs wait for it, as they do for no other bind (see xe_vm_bind.c).
 *
 * Locking: the VM lock is held for reading from xe_vm_exec_lock() to xe_vm_exec_unlock(), for
 * writing only while userptrs are pinned. The rebind list and page tables belong to the reservation
 * of the VM. See xe_userptr.c for the notifier lock.
 */

#include "vm/xe_vm_evict.h"

#include <drm/ttm/ttm_bo.h>

#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "mem/xe_bo.h"
#include "pt/xe_pt_plan.h"
#include "submit/xe_job.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_fence.h"
#include "vm/xe_vm_update.h"
#include "vm/xe_vma.h"

/* The reservation of the BO is held and all its fences have signalled. */
static void xe_vm_bo_invalidate(struct xe_bo *bo, bool evict)
{
	drm_gpuvm_bo_gem_evict(&bo->ttm.base, true);
}

/* What the memory layer calls. */
const struct xe_bo_ops xe_vm_bo_ops = {
	.invalidate = xe_vm_bo_invalidate,
};

/**
 * xe_vm_bo_validate - get the memory of an evicted BO back
 * @vm_bo: VM and BO pair
 * @exec: not used
 *
 * Its mappings go on the rebind list. Those of a BO that was purged lose their entries there.
 *
 * Context: called by drm_gpuvm_validate() with the reservations of VM and BO held.
 * Return: 0, or what xe_bo_validate() returns
 */
int xe_vm_bo_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct xe_vm *vm = to_xe_vm(vm_bo->vm);
	struct xe_bo *bo = to_xe_bo(vm_bo->obj);
	struct drm_gpuva *va;
	int err;

	if (bo->advice != XE_BO_PURGED) {
		err = xe_bo_validate(bo, &ctx);
		if (err)
			return err;
	}

	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		if (bo->advice == XE_BO_PURGED)
			va->flags |= XE_VMA_UNBACKED;
		list_move_tail(&to_xe_vma(va)->rebind_link, &vm->rebind_list);
	}
	vm_bo->evicted = false;

	return 0;
}

/* Take the VM lock for reading, with no userptr left to be pinned. */
static int xe_vm_exec_lock_vm(struct xe_vm *vm)
{
	int err = 0;

	if (xe_inject("exec-lock-vm", -EINTR) || down_read_killable(&vm->lock))
		return -EINTR;

	if (!xe_vm_is_closed_or_banned(vm) && !xe_userptr_needs_repin(vm))
		return 0;

	up_read(&vm->lock);
	if (xe_inject("exec-lock-vm-again", -EINTR) || down_write_killable(&vm->lock))
		return -EINTR;

	if (XE_IOCTL_DBG(vm->xe, xe_vm_is_closed_or_banned(vm)))
		err = -ECANCELED;
	else
		err = xe_userptr_repin_all(vm);
	if (err) {
		up_write(&vm->lock);
		return err;
	}

	downgrade_write(&vm->lock);

	return 0;
}

static int xe_vm_plan_rebind_vma(struct xe_vm_update *u, struct xe_vma *vma)
{
	struct drm_gem_object *obj = vma->gpuva.gem.obj;
	struct xe_pte_attrs attrs = xe_vma_pte_attrs(vma);
	struct xe_page_iter it;
	int err;

	if (vma->gpuva.flags & XE_VMA_UNBACKED)
		return xe_pt_plan_unmap(u->plan, xe_vma_start(vma), xe_vma_end(vma));

	if (drm_gpuvm_is_extobj(&u->vm->gpuvm, obj)) {
		err = xe_vm_update_add_resv_deps(u, obj->resv, DMA_RESV_USAGE_KERNEL);
		if (err)
			return err;
	}

	xe_vma_pages(vma, &it);

	return xe_pt_plan_map(u->plan, xe_vma_start(vma), xe_vma_end(vma), &attrs, &it, NULL);
}

static int xe_vm_prepare_rebind(struct xe_vm_update *u)
{
	struct xe_vm *vm = u->vm;
	struct xe_vma *vma;
	int err;

	list_for_each_entry(vma, &vm->rebind_list, rebind_link) {
		err = xe_vm_plan_rebind_vma(u, vma);
		if (err)
			return err;
	}

	err = xe_vm_update_add_resv_deps(u, drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_KERNEL);
	if (err)
		return err;

	return xe_vm_update_prepare(u, vm->bind_queue, 0);
}

/* Mappings of process memory, all of which has just been looked for again. */
static void xe_vm_collect_stale(struct xe_vm *vm)
{
	struct xe_vma *vma, *next;

	list_for_each_entry_safe(vma, next, &vm->userptr.stale, stale_link) {
		list_del_init(&vma->stale_link);
		list_move_tail(&vma->rebind_link, &vm->rebind_list);
	}
}

/* Rewrite the entries of everything on the rebind list. */
static int xe_vm_exec_rebind(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;
	struct xe_vma *vma, *next;
	struct xe_vm_update *u;
	struct xe_trace_bind id;
	bool cookie;
	int err;

	xe_vm_collect_stale(vm);
	if (list_empty(&vm->rebind_list))
		return 0;

	id = xe_vm_next_bind(vm);
	u = xe_vm_update_create(vm, &id);
	if (IS_ERR(u))
		return PTR_ERR(u);

	err = xe_vm_prepare_rebind(u);
	if (err) {
		xe_vm_update_abort(u);
		return err;
	}

	/* Point of no return. */
	cookie = dma_fence_begin_signalling();
	list_for_each_entry_safe(vma, next, &vm->rebind_list, rebind_link) {
		trace_xe_rebind_vma(&id, xe_vma_start(vma), xe_vma_end(vma),
				    vma->gpuva.flags & XE_VMA_UNBACKED);
		vm->stats.rebound++;
		list_del_init(&vma->rebind_link);
	}
	xe_vm_update_commit(u);
	xe_vm_update_execute(u);
	trace_xe_rebind_execute(&id, u->fence, 0);
	xe_vm_update_publish(u, &e->ge.exec, DMA_RESV_USAGE_KERNEL);
	dma_fence_end_signalling(cookie);
	vm->stats.rebinds++;
	e->update = u;

	return 0;
}

static int xe_vm_exec_validate(struct xe_vm_exec *e)
{
	struct drm_gpuvm *gpuvm = &e->vm->gpuvm;
	int err;

	/* Getting memory for one BO may cost another one of the same VM its own. */
	do {
		err = drm_gpuvm_exec_validate(&e->ge);
	} while (!err && !list_empty(&gpuvm->evict.list));

	return err;
}

/*
 * The reservation of the VM alone, which is the usual case and needs no transaction. Returns 1 if
 * that is enough: nothing is stale, and there are no external objects or the fence of the VM stands
 * for the job in them. Else nothing is locked.
 */
static int xe_vm_exec_lock_alone(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;
	struct dma_resv *resv = drm_gpuvm_resv(&vm->gpuvm);
	int err;

	err = xe_inject("exec-lock-alone", -EINTR) ?: dma_resv_lock_interruptible(resv, NULL);
	if (err)
		return err;

	if (!xe_vm_exec_is_stale(e)) {
		if (xe_vm_fence_is_open(vm->fence))
			e->fence = vm->fence;
		e->alone = e->fence || list_empty(&vm->gpuvm.extobj.list);
	}
	if (e->alone)
		err = dma_resv_reserve_fences(resv, e->ge.num_fences);
	if (!e->alone || err) {
		e->fence = NULL;
		e->alone = false;
		dma_resv_unlock(resv);
		return err;
	}

	return 1;
}

/* The reservations of the VM and of all external objects. */
static int xe_vm_exec_lock_resvs(struct xe_vm_exec *e)
{
	struct drm_gpuvm_exec *ge = &e->ge;
	struct xe_vm *vm = e->vm;
	int err = 0;

	drm_exec_init(&ge->exec, ge->flags, XE_VM_EXEC_OBJECTS);
	drm_exec_until_all_locked(&ge->exec) {
		err = xe_inject("exec-lock-reservation", -EINTR) ?:
		      drm_gpuvm_prepare_vm(&vm->gpuvm, &ge->exec, ge->num_fences);
		drm_exec_retry_on_contention(&ge->exec);
		if (err)
			break;

		err = xe_inject("exec-lock-objects", -EINTR) ?:
		      drm_gpuvm_prepare_objects(&vm->gpuvm, &ge->exec, ge->num_fences);
		drm_exec_retry_on_contention(&ge->exec);
		if (err)
			break;
	}
	if (err)
		drm_exec_fini(&ge->exec);

	return err;
}

/* @all: external objects are to be locked in any case */
static int xe_vm_exec_begin(struct xe_vm_exec *e, struct xe_vm *vm, bool all)
{
	int err;

	*e = (struct xe_vm_exec) {
		.vm = vm,
		.ge = {
			.vm = &vm->gpuvm,
			.flags = DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
			/*
			 * the job's, one per GT for a rebind, and one of the exporter of an
			 * import, who may move it when it is validated
			 */
			.num_fences = 2 + vm->xe->n_gts,
		},
	};

	err = xe_vm_exec_lock_vm(vm);
	if (err)
		return err;

	err = all ? 0 : xe_vm_exec_lock_alone(e);
	if (!err)
		err = xe_vm_exec_lock_resvs(e);
	if (err < 0) {
		up_read(&vm->lock);
		return err;
	}

	return 0;
}

/**
 * xe_vm_exec_lock_objects - hold a VM still
 * @e: on the caller's stack, to be initialised
 * @vm: the VM
 *
 * Userptrs have been pinned, nothing has been validated.
 *
 * Context: process context; takes the VM lock and all reservations.
 * Return: 0, after which xe_vm_exec_unlock() must follow; or
 * -ECANCELED: VM closed or banned; -EINTR: signal; -ENOMEM: no memory;
 * -EAGAIN: the memory of a userptr kept changing for a second, may be called again
 */
int xe_vm_exec_lock_objects(struct xe_vm_exec *e, struct xe_vm *vm)
{
	return xe_vm_exec_begin(e, vm, true);
}

/**
 * xe_vm_exec_is_stale - whether entries of a VM do not match what they map
 * @e: locked
 *
 * Context: any.
 * Return: true if xe_vm_exec_make_valid() has something to do
 */
bool xe_vm_exec_is_stale(const struct xe_vm_exec *e)
{
	const struct xe_vm *vm = e->vm;

	return !list_empty(&vm->gpuvm.evict.list) || !list_empty(&vm->rebind_list) ||
	       !list_empty(&vm->userptr.stale);
}

/**
 * xe_vm_exec_make_valid - get evicted memory back and rewrite stale entries
 * @e: locked
 *
 * The entries may be written later: fences of usage KERNEL tell when.
 *
 * Context: process context.
 * Return: 0; or -EINTR: signal; -ENOMEM: no memory for a BO or for page tables. May be called again
 */
int xe_vm_exec_make_valid(struct xe_vm_exec *e)
{
	int err;

	err = xe_vm_exec_validate(e);
	if (!err)
		err = xe_vm_exec_rebind(e);

	return err;
}

/* Find or allocate the fence that will stand for the job in external objects, if there are any. */
static int xe_vm_exec_choose_fence(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;

	/* It decided what is locked. If it has been closed meanwhile the job cannot hold it. */
	if (e->fence)
		return 0;

	if (xe_vm_fence_is_open(vm->fence)) {
		e->fence = vm->fence;
	} else if (!list_empty(&vm->gpuvm.extobj.list)) {
		e->next_fence = xe_vm_fence_alloc();
		if (!e->next_fence)
			return -ENOMEM;
	}

	return 0;
}

/**
 * xe_vm_exec_lock - hold a VM still and make it valid for a job
 * @e: on the caller's stack, to be initialised
 * @vm: the VM, not a long-running one
 *
 * Context: process context; takes the VM lock, the reservation of the VM and, unless none can have
 * moved, those of its external objects.
 * Return: 0, after which xe_vm_exec_unlock() must follow; or errors of xe_vm_exec_lock_objects()
 * and xe_vm_exec_make_valid()
 */
int xe_vm_exec_lock(struct xe_vm_exec *e, struct xe_vm *vm)
{
	int err;

	err = xe_vm_exec_begin(e, vm, false);
	if (err || e->alone)
		return err;

	err = xe_vm_exec_make_valid(e);
	if (!err)
		err = xe_vm_exec_choose_fence(e);
	if (err)
		xe_vm_exec_unlock(e);

	return err;
}

/**
 * xe_vm_exec_deps_usage - which fences of a reservation jobs of a VM have to wait for
 * @e: locked
 * @resv: of the VM or of an external object
 *
 * Context: any.
 * Return: the least binding usage of these
 */
enum dma_resv_usage xe_vm_exec_deps_usage(const struct xe_vm_exec *e, const struct dma_resv *resv)
{
	return resv == drm_gpuvm_resv(&e->vm->gpuvm) ? XE_VM_USAGE_JOBS : DMA_RESV_USAGE_KERNEL;
}

/**
 * xe_vm_exec_add_deps - let a job wait for moves and rebinds
 * @e: locked
 * @job: a job that is not armed
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM
 */
int xe_vm_exec_add_deps(struct xe_vm_exec *e, struct xe_job *job)
{
	struct drm_gem_object *obj;
	int err;

	if (e->alone)
		return xe_job_add_resv_deps(job, drm_gpuvm_resv(&e->vm->gpuvm), XE_VM_USAGE_JOBS);

	drm_exec_for_each_locked_object(&e->ge.exec, obj) {
		err = xe_job_add_resv_deps(job, obj->resv, xe_vm_exec_deps_usage(e, obj->resv));
		if (err)
			return err;

		/* Later jobs must look at this object, too. */
		if (e->next_fence && drm_gpuvm_is_extobj(&e->vm->gpuvm, obj) &&
		    !dma_resv_test_signaled(obj->resv, DMA_RESV_USAGE_KERNEL)) {
			xe_vm_fence_free(e->next_fence);
			e->next_fence = NULL;
		}
	}

	return 0;
}

/**
 * xe_vm_exec_begin_publish - shut the MMU notifier out
 * @e: locked
 *
 * On success the caller must go on to xe_vm_exec_end_publish(), and allocate nothing until then.
 *
 * Context: may sleep, for as long as a notifier needs to take note.
 * Return: 0; -EAGAIN: a userptr was invalidated or an external object is wanted by somebody else
 * meanwhile, unlock and start over
 */
int xe_vm_exec_begin_publish(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;

	if (xe_inject("made-stale", -EAGAIN))
		return -EAGAIN;

	down_read(&vm->userptr.notifier_lock);
	if (!xe_userptr_any_invalidated(vm) && (!e->fence || xe_vm_fence_hold(e->fence)))
		return 0;

	up_read(&vm->userptr.notifier_lock);

	return -EAGAIN;
}

/**
 * xe_vm_exec_publish - make everybody who wants the memory of the VM wait for a fence
 * @e: between begin and end of publishing, all reservations held
 * @fence: completion of a job, or preempt fence of a queue
 *
 * Context: allocates nothing, cannot fail.
 */
void xe_vm_exec_publish(struct xe_vm_exec *e, struct dma_fence *fence)
{
	drm_gpuvm_exec_resv_add_fence(&e->ge, fence, DMA_RESV_USAGE_BOOKKEEP,
				      DMA_RESV_USAGE_BOOKKEEP);
}

/* Make the next fence the one of the VM, held for a job, with all reservations held. */
static void xe_vm_exec_open_fence(struct xe_vm_exec *e)
{
	struct xe_vm_fence *vf = e->next_fence;
	struct xe_vm *vm = e->vm;
	struct drm_gem_object *obj;

	xe_vm_fence_open(vf);
	xe_vm_fence_hold(vf);
	drm_exec_for_each_locked_object(&e->ge.exec, obj)
		if (drm_gpuvm_is_extobj(&vm->gpuvm, obj))
			dma_resv_add_fence(obj->resv, &vf->base, DMA_RESV_USAGE_BOOKKEEP);

	if (vm->fence)
		dma_fence_put(&vm->fence->base);
	vm->fence = vf;
	vm->stats.protected++;
	e->fence = vf;
	e->next_fence = NULL;
}

static void xe_vm_exec_job_finished(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct xe_job *job = container_of(cb, struct xe_job, watch.cb);

	xe_vm_fence_release(job->watch.data);
}

/**
 * xe_vm_exec_publish_job - make everybody who wants the memory of the VM wait for a job
 * @e: between begin and end of publishing
 * @job: armed, not pushed
 *
 * Context: allocates nothing, cannot fail.
 */
void xe_vm_exec_publish_job(struct xe_vm_exec *e, struct xe_job *job)
{
	struct dma_fence *fence = xe_job_finished_fence(job);

	if (e->next_fence)
		xe_vm_exec_open_fence(e);
	if (!e->fence && !e->alone) {
		xe_vm_exec_publish(e, fence);
		return;
	}

	dma_resv_add_fence(drm_gpuvm_resv(&e->vm->gpuvm), fence, DMA_RESV_USAGE_BOOKKEEP);
	if (!e->fence)
		return;

	job->watch.data = e->fence;
	if (dma_fence_add_callback(fence, &job->watch.cb, xe_vm_exec_job_finished))
		xe_vm_fence_release(e->fence);
}

/**
 * xe_vm_exec_end_publish - let the MMU notifier in again
 * @e: between begin and end of publishing
 *
 * Context: any.
 */
void xe_vm_exec_end_publish(struct xe_vm_exec *e)
{
	up_read(&e->vm->userptr.notifier_lock);
}

/**
 * xe_vm_exec_unlock - let a VM go
 * @e: locked
 *
 * Context: may sleep.
 */
void xe_vm_exec_unlock(struct xe_vm_exec *e)
{
	if (e->alone)
		dma_resv_unlock(drm_gpuvm_resv(&e->vm->gpuvm));
	else
		drm_exec_fini(&e->ge.exec);
	xe_vm_fence_free(e->next_fence);
	up_read(&e->vm->lock);
	xe_vm_update_release(e->update);
	e->update = NULL;
}
