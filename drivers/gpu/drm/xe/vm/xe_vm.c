// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: VM
 *
 * A VM is a DRM GPU VA space with page tables. Its life::
 *
 *	open --xe_vm_close()--> closed --teardown work--> empty --last reference--> freed
 *	  \                       /
 *	   `--> banned ----------'
 *
 * Close makes binds and execs fail and returns at once. The teardown work waits for everything the
 * VM has in flight, takes the root away from the GPU, has TLBs invalidated and drops all mappings.
 * It allocates nothing, so that it cannot fail: the invalidations were allocated with the VM. Exec
 * queues and updates hold references on page tables and VM, so both outlive the teardown for as
 * long as needed.
 *
 * Locking, outermost first::
 *
 *	VM lock -> mmap lock -> reservations (one drm_exec transaction) -> bind queue lock, lr.lock
 *		-> (reclaim) -> userptr notifier lock -> spinlocks
 *
 * DRM_GPUVM_RESV_PROTECTED is set: the lists of external and of evicted objects are protected by
 * the reservation of the VM, not by the spinlocks of the core. Nothing here touches them from the
 * fence-signalling path, mappings are linked and unlinked with all reservations of the bind held
 * anyway, and in this mode the core moves evicted external objects to the evict list by itself when
 * an exec locks them. In exchange, whoever drops a VM-BO pair must hold both reservations, which
 * is why VMAs are unlinked at commit and only their memory is released by fence callbacks.
 */

#include "vm/xe_vm.h"

#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "mem/xe_ppgtt.h"
#include "submit/xe_bind_queue.h"
#include "submit/xe_exec_queue.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm_evict.h"
#include "vm/xe_vm_fence.h"
#include "vm/xe_vm_ops.h"
#include "vm/xe_vm_rebind.h"
#include "vm/xe_vma.h"

/* What user space may address, whatever the hardware can (uapi: 2^48). */
#define XE_VM_ADDRESS_BITS	48
/* Upper bound for what is in flight when the device goes away: hung jobs time out before. */
#define XE_VM_DRAIN_TIMEOUT_MS	30000

static void xe_vm_free_work(struct work_struct *work);
static void xe_vm_teardown_work(struct work_struct *work);

static void xe_vm_gpuvm_free(struct drm_gpuvm *gpuvm)
{
	struct xe_vm *vm = to_xe_vm(gpuvm);

	queue_work(vm->xe->unordered_wq, &vm->free_work);
}

static const struct drm_gpuvm_ops xe_gpuvm_ops = {
	.vm_free = xe_vm_gpuvm_free,
	.sm_step_map = xe_vm_ops_step,
	.sm_step_remap = xe_vm_ops_step,
	.sm_step_unmap = xe_vm_ops_step,
	.vm_bo_validate = xe_vm_bo_validate,
};

/* Show lockdep the order of the locks once per VM, rather than when a race takes them. */
static void xe_vm_prime_lockdep(struct xe_vm *vm)
{
	struct dma_resv *resv = drm_gpuvm_resv(&vm->gpuvm);

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;

	down_write(&vm->lock);
	dma_resv_lock(resv, NULL);
	xe_bind_queue_lock(vm->bind_queue);
	fs_reclaim_acquire(GFP_KERNEL);
	down_write(&vm->userptr.notifier_lock);
	up_write(&vm->userptr.notifier_lock);
	fs_reclaim_release(GFP_KERNEL);
	xe_bind_queue_unlock(vm->bind_queue);
	mutex_lock(&vm->lr.lock);
	fs_reclaim_acquire(GFP_KERNEL);
	fs_reclaim_release(GFP_KERNEL);
	mutex_unlock(&vm->lr.lock);
	dma_resv_unlock(resv);
	up_write(&vm->lock);
}

static int xe_vm_alloc_close_inval(struct xe_vm *vm)
{
	struct xe_gt *gt;
	unsigned int id;

	xe_for_each_gt(gt, vm->xe, id) {
		vm->close_inval[id] = xe_tlb_inval_fence_alloc(gt);
		if (!vm->close_inval[id])
			return -ENOMEM;
	}

	return 0;
}

static void xe_vm_free_close_inval(struct xe_vm *vm)
{
	unsigned int id;

	for (id = 0; id < XE_MAX_GTS; id++)
		xe_tlb_inval_fence_free(vm->close_inval[id]);
}

static void xe_vm_init_lists(struct xe_vm *vm)
{
	init_rwsem(&vm->lock);
	init_rwsem(&vm->userptr.notifier_lock);
	spin_lock_init(&vm->userptr.list_lock);
	INIT_LIST_HEAD(&vm->userptr.invalidated);
	INIT_LIST_HEAD(&vm->userptr.repin);
	INIT_LIST_HEAD(&vm->userptr.stale);
	INIT_LIST_HEAD(&vm->rebind_list);
	INIT_WORK(&vm->free_work, xe_vm_free_work);
	INIT_WORK(&vm->teardown_work, xe_vm_teardown_work);
	xe_vm_rebind_init(vm);
	xe_range_tracker_init(&vm->ranges);
}

/**
 * xe_vm_create - make a VM
 * @xe: the device
 * @flags: XE_VM_SCRATCH, XE_VM_LR
 *
 * Context: may sleep.
 * Return: the VM with one reference, to be given up with xe_vm_close() and xe_vm_put(); or an
 * ERR_PTR: -ENOMEM; -EOPNOTSUPP: no page-table format for this platform
 */
struct xe_vm *xe_vm_create(struct xe_device *xe, u32 flags)
{
	struct drm_gem_object *r_obj;
	struct xe_vm *vm;
	int err = -ENOMEM;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);

	vm->xe = xe;
	vm->flags = flags;
	vm->id = atomic_inc_return(&xe->vms.last_id);
	xe_vm_init_lists(vm);

	r_obj = drm_gpuvm_resv_object_alloc(&xe->drm);
	if (!r_obj)
		goto free_vm;

	vm->ppgtt = xe_ppgtt_create(xe, flags & XE_VM_SCRATCH ? XE_PPGTT_SCRATCH : 0);
	if (IS_ERR(vm->ppgtt)) {
		err = PTR_ERR(vm->ppgtt);
		goto put_resv;
	}

	vm->bind_queue = xe_bind_queue_create(xe);
	if (IS_ERR(vm->bind_queue)) {
		err = PTR_ERR(vm->bind_queue);
		goto put_ppgtt;
	}

	err = xe_vm_alloc_close_inval(vm);
	if (err)
		goto free_inval;

	drm_gpuvm_init(&vm->gpuvm, "xe", DRM_GPUVM_RESV_PROTECTED, &xe->drm, r_obj,
		       0, BIT_ULL(XE_VM_ADDRESS_BITS), 0, 0, &xe_gpuvm_ops);
	drm_gem_object_put(r_obj);
	/* The core drops its device reference before our free work has run. */
	drm_dev_get(&xe->drm);
	atomic_inc(&xe->vms.alive);
	xe_vm_prime_lockdep(vm);
	trace_xe_vm_create(xe_device_minor(xe), vm->id, flags);

	return vm;

free_inval:
	xe_vm_free_close_inval(vm);
	xe_bind_queue_put(vm->bind_queue);
put_ppgtt:
	xe_ppgtt_put(vm->ppgtt);
put_resv:
	drm_gem_object_put(r_obj);
free_vm:
	kfree(vm);
	return ERR_PTR(err);
}

static void xe_vm_free_work(struct work_struct *work)
{
	struct xe_vm *vm = container_of(work, struct xe_vm, free_work);
	struct xe_device *xe = vm->xe;

	trace_xe_vm_free(xe_device_minor(xe), vm->id, vm->flags);
	xe_range_tracker_fini(&vm->ranges);
	xe_vm_rebind_fini(vm);
	xe_vm_free_close_inval(vm);
	if (vm->fence)
		dma_fence_put(&vm->fence->base);
	xe_bind_queue_put(vm->bind_queue);
	xe_ppgtt_put(vm->ppgtt);
	kfree(vm);

	if (atomic_dec_and_test(&xe->vms.alive))
		wake_up_all(&xe->vms.idle);
	drm_dev_put(&xe->drm);
}

/**
 * xe_vm_get - take a reference
 * @vm: the VM
 *
 * Context: any.
 * Return: @vm
 */
struct xe_vm *xe_vm_get(struct xe_vm *vm)
{
	drm_gpuvm_get(&vm->gpuvm);
	return vm;
}

/**
 * xe_vm_put - drop a reference
 * @vm: the VM, or NULL; closed unless it never had a mapping
 *
 * Context: any.
 */
void xe_vm_put(struct xe_vm *vm)
{
	if (vm)
		drm_gpuvm_put(&vm->gpuvm);
}

/**
 * xe_vm_close - let nothing new into a VM and tear it down when it is idle
 * @vm: the VM; the caller keeps its reference
 *
 * Context: may sleep, for as long as a bind in progress takes to be queued. Idempotent.
 */
void xe_vm_close(struct xe_vm *vm)
{
	bool first;

	/* Whoever holds the lock has seen the VM open and may still publish fences. */
	down_write(&vm->lock);
	first = !test_and_set_bit(XE_VM_CLOSED, &vm->state);
	up_write(&vm->lock);
	if (!first)
		return;

	trace_xe_vm_close(xe_device_minor(vm->xe), vm->id, vm->flags);
	xe_vm_get(vm);
	queue_work(vm->xe->unordered_wq, &vm->teardown_work);
}

/**
 * xe_vm_ban - give a VM up
 * @vm: the VM
 * @why: reason, for the log
 * @err: negative errno, for the log
 *
 * For failures after the point of no return, and for long-running work that cannot go on. No bind
 * and no exec is accepted any more. Long-running queues are killed, which wakes who waits for a
 * user fence of theirs.
 *
 * Context: may sleep; takes &xe_vm.lr.lock.
 */
void xe_vm_ban(struct xe_vm *vm, const char *why, int err)
{
	if (test_and_set_bit(XE_VM_BANNED, &vm->state))
		return;

	trace_xe_vm_ban(xe_device_minor(vm->xe), vm->id, err);
	xe_err(vm->xe, "VM banned: %s (%d)\n", why, err);
	xe_vm_rebind_kill_queues(vm);
}

/**
 * xe_vm_is_busy - whether a VM must not be destroyed yet
 * @vm: the VM
 *
 * Context: any. A queue that is being made at the same time may be missed; it does no harm, for
 * jobs of a closed VM are refused, and its preempt fence is waited for like any other.
 * Return: true if it is long-running and has queues
 */
bool xe_vm_is_busy(const struct xe_vm *vm)
{
	return READ_ONCE(vm->lr.n_queues);
}

/**
 * xe_vm_end_queue - kill a user's queue and drop the reference that goes with its name
 * @q: queue of a VM, or bind queue
 *
 * Context: may sleep.
 */
void xe_vm_end_queue(struct xe_exec_queue *q)
{
	xe_exec_queue_kill(q);
	if (q->owner)
		xe_vm_rebind_remove_queue(q->owner, q);
	xe_exec_queue_put(q);
}

/**
 * xe_vm_is_closed_or_banned - whether a VM takes neither binds nor execs
 * @vm: the VM
 *
 * Context: any; the answer stays true only with the VM lock held.
 * Return: true if closed or banned
 */
bool xe_vm_is_closed_or_banned(const struct xe_vm *vm)
{
	return READ_ONCE(vm->state) & (BIT(XE_VM_CLOSED) | BIT(XE_VM_BANNED));
}

/**
 * xe_vm_needs_ring_flush - whether a job has to begin with a TLB flush
 * @vm: the VM
 * @q: the queue the job is for
 *
 * Only where scratch translations may be cached, whose replacement is no reason for an
 * invalidation. It is one in long-running VMs, whose jobs see new mappings while they run. Rebinds
 * are no reason to flush here: their fence, which the job waits for, includes an invalidation of
 * their own.
 *
 * Context: any.
 * Return: true if the job must flush
 */
bool xe_vm_needs_ring_flush(struct xe_vm *vm, struct xe_exec_queue *q)
{
	return (vm->flags & XE_VM_SCRATCH) && !(vm->flags & XE_VM_LR);
}

/* Nothing is in flight: make every address invalid for the GPU, also in its caches. */
static void xe_vm_teardown_tables(struct xe_vm *vm)
{
	struct dma_resv *resv = drm_gpuvm_resv(&vm->gpuvm);
	u64 size = BIT_ULL(vm->xe->platform->va_bits);
	struct xe_gt *gt;
	unsigned int id;

	dma_resv_lock(resv, NULL);
	xe_pt_tree_clear_root(&vm->ppgtt->tree);
	xe_vm_fence_close(vm->fence);
	dma_resv_unlock(resv);

	xe_for_each_gt(gt, vm->xe, id)
		xe_tlb_inval_range(gt, vm->close_inval[id], 0, size, vm->ppgtt->asid);
	xe_for_each_gt(gt, vm->xe, id) {
		dma_fence_wait(&vm->close_inval[id]->base, false);
		dma_fence_put(&vm->close_inval[id]->base);
		vm->close_inval[id] = NULL;
	}
}

/* Untie a mapping with the reservations of VM and BO held; allocates nothing. */
static void xe_vm_teardown_vma(struct xe_vm *vm, struct xe_vma *vma)
{
	struct drm_gem_object *objs[2] = { xe_vm_resv_obj(vm), vma->gpuva.gem.obj };
	int n = drm_gpuvm_is_extobj(&vm->gpuvm, objs[1]) ? 2 : 1;
	struct ww_acquire_ctx ctx;

	/* Interruptible, but a worker gets no signals. */
	if (drm_WARN_ON(&vm->xe->drm, drm_gem_lock_reservations(objs, n, &ctx)))
		return;
	xe_vma_unlink(vma);
	drm_gem_unlock_reservations(objs, n, &ctx);

	xe_vma_remove(vma);
	xe_vma_free(vma);
}

/* Ask all fences of a VM to signal. Return: a reference on one that has not; NULL: all have */
static struct dma_fence *xe_vm_pending_fence(struct xe_vm *vm)
{
	struct dma_fence *fence, *pending = NULL;
	struct dma_resv_iter cursor;

	/* Who holds the reservation may be waiting for the very fences. */
	dma_resv_iter_begin(&cursor, drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		dma_fence_enable_sw_signaling(fence);
		if (pending || dma_fence_is_signaled(fence))
			continue;
		pending = dma_fence_get(fence);
	}
	dma_resv_iter_end(&cursor);

	return pending;
}

static void xe_vm_teardown_again(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct xe_vm *vm = container_of(cb, struct xe_vm, teardown_cb);

	queue_work(vm->xe->unordered_wq, &vm->teardown_work);
}

/*
 * Whether a closed VM has fences that have not signalled; then the work is queued again when one
 * has. To wait for them here would keep a place in the queue that frees what others have let go of.
 */
static bool xe_vm_teardown_later(struct xe_vm *vm)
{
	struct dma_fence *fence;

	do {
		dma_fence_put(vm->teardown_fence);
		fence = xe_vm_pending_fence(vm);
		vm->teardown_fence = fence;
	} while (fence && dma_fence_add_callback(fence, &vm->teardown_cb, xe_vm_teardown_again));

	return fence;
}

static void xe_vm_teardown_work(struct work_struct *work)
{
	struct xe_vm *vm = container_of(work, struct xe_vm, teardown_work);
	struct drm_gpuva *va, *next;

	/* The VM is closed: there will be no new fences. */
	if (xe_vm_teardown_later(vm))
		return;

	down_write(&vm->lock);
	xe_vm_teardown_tables(vm);
	drm_gpuvm_for_each_va_safe(va, next, &vm->gpuvm) {
		xe_vm_teardown_vma(vm, to_xe_vma(va));
		cond_resched();
	}
	xe_userptr_forget_all(vm);
	up_write(&vm->lock);

	xe_vm_put(vm);
}

static void destroy_wq(struct drm_device *drm, void *wq)
{
	destroy_workqueue(wq);
}

/* A workqueue that is destroyed with the DRM device; NULL without memory. */
static struct workqueue_struct *drmm_alloc_wq(struct xe_device *xe, const char *name,
					      unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("%s", flags, 0, name);

	if (wq && drmm_add_action_or_reset(&xe->drm, destroy_wq, wq))
		wq = NULL;

	return wq;
}

/**
 * xe_vm_init_device - prepare a device for VMs
 * @xe: the device
 *
 * Context: probe, before user space can reach the device.
 * Return: 0, or -ENOMEM
 */
int xe_vm_init_device(struct xe_device *xe)
{
	atomic_set(&xe->vms.last_id, 0);
	atomic_set(&xe->vms.alive, 0);
	init_waitqueue_head(&xe->vms.idle);
	xe->bo_ops = &xe_vm_bo_ops;

	xe->preempt_wq = drmm_alloc_wq(xe, "xe-preempt", WQ_UNBOUND | WQ_MEM_RECLAIM);
	xe->rebind_wq = drmm_alloc_wq(xe, "xe-rebind", WQ_UNBOUND);
	if (!xe->preempt_wq || !xe->rebind_wq)
		return -ENOMEM;

	return xe_bind_queue_init_device(xe);
}

/**
 * xe_vm_fini_device - wait until all VMs are gone
 * @xe: the device; TLB invalidation still works
 *
 * Context: remove, after the VMs of all files were closed, or their files are just being closed; or
 * a failed probe.
 */
void xe_vm_fini_device(struct xe_device *xe)
{
	if (!xe->bind_sched)
		return;

	if (!wait_event_timeout(xe->vms.idle, !atomic_read(&xe->vms.alive),
				msecs_to_jiffies(XE_VM_DRAIN_TIMEOUT_MS)))
		xe_err(xe, "%d VMs are still in use\n", atomic_read(&xe->vms.alive));
	/* VMs that are gone may have left bind queues to be freed. */
	flush_workqueue(xe->unordered_wq);
}
