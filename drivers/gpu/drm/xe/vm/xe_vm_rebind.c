// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Long-running VMs
 *
 * Jobs of a long-running VM have no fence. In their place each queue of the VM has a preempt fence
 * (xe_preempt_fence.c) in the reservation of the VM and in those of all its external objects. Who
 * moves memory waits for these, as for any fence, and thereby takes the queues off the hardware.
 * The worker in this file brings them back::
 *
 *	running --a fence is triggered--> preempted --worker--> running
 *	                                      |  ^
 *	                     no queue has work \  \ next job
 *	                                      dormant
 *
 * One turn of the worker: pin userptrs, lock everything, and
 *
 * 1. if anything is stale, trigger the fences of queues that still run; if a queue is on its way
 *    off the hardware, let go of the locks, wait for it, start over;
 * 2. get evicted memory back, rewrite the entries;
 * 3. if moves or rebinds are not complete, let go of the locks, wait, start over;
 * 4. shut the MMU notifier out; if a userptr was hit meanwhile, start over;
 * 5. resume every queue that was preempted, and publish its next fence.
 *
 * So as long as anything of the VM is stale, none of its queues is on the hardware. Step 5 resumes
 * first, because a fence may be triggered as soon as it can be seen; nobody who wants the memory
 * can look before the locks are dropped. Waiting is done without locks, as what is waited for may
 * depend on user space, which may want the VM for something else.
 *
 * A queue is made suspended and without a fence, and gets both with the first job. The worker does
 * nothing for a VM whose queues have no work: preempting and resuming idle queues in turns would be
 * wasted. The VM is dormant then, until the next job wakes the worker.
 *
 * If memory is short the worker tries again, for a limited time; after that, and after any other
 * failure, the VM is banned and its queues are killed, so that user space learns of it.
 *
 * Locking: &xe_vm.lr.lock protects the list of queues, their fences, and the dormant flag. It is
 * taken inside reservations; queues are resumed with it held. The worker holds the VM lock for
 * reading and all reservations of the VM. No dma-fence ever waits for the worker.
 */

#include "vm/xe_vm_rebind.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "submit/xe_exec_queue.h"
#include "vm/xe_preempt_fence.h"
#include "vm/xe_vm.h"

/* How long the worker puts up with a shortage of memory, and how often it looks. */
#define XE_VM_REBIND_NOMEM_MS	5000
#define XE_VM_REBIND_PAUSE_MS	20

/* What a long-running VM knows about one of its queues. */
struct xe_vm_queue {
	struct list_head link;
	/* reference */
	struct xe_exec_queue *q;
	/* newest preempt fence (reference), NULL before the first one */
	struct dma_fence *fence;
	/* the fence that follows, while the worker is about to publish it; else NULL */
	struct xe_preempt_fence *next;
	u64 fence_context;
	u64 fence_seqno;
};

/* Queue the worker, which holds a reference on the VM as long as it is queued. */
static void xe_vm_rebind_queue_work(struct xe_vm *vm)
{
	xe_vm_get(vm);
	if (!queue_work(vm->xe->rebind_wq, &vm->lr.work))
		xe_vm_put(vm);
}

/* A queue is off the hardware. */
static void xe_vm_rebind_preempted(void *data)
{
	struct xe_vm *vm = data;

	atomic_inc(&vm->lr.n_preemptions);
	xe_vm_rebind_queue_work(vm);
}

/* The queue is suspended for good, or until it gets its next fence. */
static bool xe_vm_queue_is_preempted(const struct xe_vm_queue *vq)
{
	return !xe_preempt_fence_is_live(vq->fence) && !xe_preempt_fence_is_pending(vq->fence);
}

/*
 * Trigger the fences of running queues if @all. Return: a reference on a fence that was triggered
 * and has not signalled, NULL if there is none.
 */
static struct dma_fence *xe_vm_rebind_preempt(struct xe_vm *vm, bool all)
{
	struct dma_fence *pending = NULL;
	struct xe_vm_queue *vq;

	lockdep_assert_held(&vm->lr.lock);

	list_for_each_entry(vq, &vm->lr.queues, link) {
		if (all && xe_preempt_fence_is_live(vq->fence))
			dma_fence_enable_sw_signaling(vq->fence);
		if (!pending && xe_preempt_fence_is_pending(vq->fence))
			pending = dma_fence_get(vq->fence);
	}

	return pending;
}

static bool xe_vm_rebind_is_idle(struct xe_vm *vm)
{
	struct xe_vm_queue *vq;

	list_for_each_entry(vq, &vm->lr.queues, link)
		if (!xe_exec_queue_is_idle(vq->q))
			return false;

	return true;
}

static struct dma_fence *xe_vm_rebind_pending_move(struct xe_vm_exec *e)
{
	struct dma_resv_iter cursor;
	struct drm_gem_object *obj;
	struct dma_fence *fence;

	drm_exec_for_each_locked_object(&e->ge.exec, obj)
		dma_resv_for_each_fence(&cursor, obj->resv, xe_vm_exec_deps_usage(e, obj->resv),
					fence)
			if (!dma_fence_is_signaled(fence))
				return dma_fence_get(fence);

	return NULL;
}

/* Allocate the next fence of every queue that is to be resumed. */
static int xe_vm_rebind_alloc_fences(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;
	struct drm_gem_object *obj;
	struct xe_vm_queue *vq;
	unsigned int n = 0;
	int err;

	list_for_each_entry(vq, &vm->lr.queues, link) {
		if (!xe_vm_queue_is_preempted(vq) || xe_exec_queue_is_banned(vq->q))
			continue;
		vq->next = xe_preempt_fence_alloc();
		if (!vq->next)
			return -ENOMEM;
		n++;
	}
	if (!n)
		return 0;

	drm_exec_for_each_locked_object(&e->ge.exec, obj) {
		err = dma_resv_reserve_fences(obj->resv, n);
		if (err)
			return err;
	}

	return 0;
}

/* Let a queue run, under its next fence. Nobody can look at the reservations yet. */
static void xe_vm_rebind_resume(struct xe_vm_exec *e, struct xe_vm_queue *vq)
{
	const struct xe_preempt_fence_args args = {
		.q = vq->q,
		.context = vq->fence_context,
		.seqno = ++vq->fence_seqno,
		.notify = xe_vm_rebind_preempted,
		.data = e->vm,
	};

	xe_preempt_fence_init(vq->next, &args);
	dma_fence_put(vq->fence);
	vq->fence = &vq->next->base;
	vq->next = NULL;

	trace_xe_preempt_resume(vq->fence);
	xe_exec_queue_resume(vq->q);
	xe_vm_exec_publish(e, vq->fence);
}

/* Steps 4 and 5 of a turn. */
static int xe_vm_rebind_resume_all(struct xe_vm_exec *e)
{
	struct xe_vm *vm = e->vm;
	struct xe_vm_queue *vq;
	int err;

	mutex_lock(&vm->lr.lock);
	err = xe_vm_rebind_alloc_fences(e);
	if (!err)
		err = xe_vm_exec_begin_publish(e);
	if (!err) {
		list_for_each_entry(vq, &vm->lr.queues, link)
			if (vq->next)
				xe_vm_rebind_resume(e, vq);
		xe_vm_exec_end_publish(e);
	}

	list_for_each_entry(vq, &vm->lr.queues, link) {
		xe_preempt_fence_free(vq->next);
		vq->next = NULL;
	}
	mutex_unlock(&vm->lr.lock);

	return err;
}

/*
 * The locked part of a turn. Return: 0: done, unless *@wait is a fence to wait for (reference);
 * -EAGAIN: start over; other errors: failed.
 */
static int xe_vm_rebind_locked(struct xe_vm_exec *e, struct dma_fence **wait)
{
	struct xe_vm *vm = e->vm;
	bool idle;
	int err;

	mutex_lock(&vm->lr.lock);
	*wait = xe_vm_rebind_preempt(vm, xe_vm_exec_is_stale(e));
	idle = xe_vm_rebind_is_idle(vm);
	if (idle && !*wait)
		vm->lr.dormant = true;
	mutex_unlock(&vm->lr.lock);
	if (idle || *wait)
		return 0;

	err = xe_vm_exec_make_valid(e);
	if (err)
		return err;

	*wait = xe_vm_rebind_pending_move(e);
	if (*wait)
		return 0;

	return xe_vm_rebind_resume_all(e);
}

/* One turn, see above. Return: 0: done; -EAGAIN: start over; other errors: failed. */
static int xe_vm_rebind_turn(struct xe_vm *vm)
{
	struct dma_fence *wait = NULL;
	struct xe_vm_exec e;
	int err;

	err = xe_vm_exec_lock_objects(&e, vm);
	if (err)
		return err;
	err = xe_vm_rebind_locked(&e, &wait);
	xe_vm_exec_unlock(&e);
	if (err || !wait)
		return err;

	dma_fence_wait(wait, false);
	dma_fence_put(wait);

	return -EAGAIN;
}

static void xe_vm_rebind_work(struct work_struct *work)
{
	struct xe_vm *vm = container_of(work, struct xe_vm, lr.work);
	unsigned long give_up = 0;
	int err;

	for (;;) {
		xe_inject_work_begin();
		err = xe_vm_rebind_turn(vm);
		xe_inject_work_end();
		trace_xe_rebind_turn(xe_device_minor(vm->xe), vm->id, err);
		if (err == -ENOMEM) {
			if (!give_up)
				give_up = jiffies + msecs_to_jiffies(XE_VM_REBIND_NOMEM_MS);
			if (time_after(jiffies, give_up))
				break;
			msleep(XE_VM_REBIND_PAUSE_MS);
		} else if (err != -EAGAIN) {
			break;
		}
		cond_resched();
	}

	/* -ECANCELED: it is closed or banned already */
	if (err && err != -ECANCELED)
		xe_vm_ban(vm, err == -ENOMEM ? "no memory to let long-running work go on" :
					       "rebind of long-running work failed", err);
	xe_vm_put(vm);
}

/**
 * xe_vm_rebind_init - prepare the long-running part of a VM
 * @vm: VM that is being made, of either kind
 *
 * Context: any.
 */
void xe_vm_rebind_init(struct xe_vm *vm)
{
	mutex_init(&vm->lr.lock);
	INIT_LIST_HEAD(&vm->lr.queues);
	INIT_WORK(&vm->lr.work, xe_vm_rebind_work);
}

/**
 * xe_vm_rebind_fini - undo xe_vm_rebind_init()
 * @vm: VM that is being freed
 *
 * Context: any.
 */
void xe_vm_rebind_fini(struct xe_vm *vm)
{
	mutex_destroy(&vm->lr.lock);
}

/**
 * xe_vm_rebind_add_queue - let a VM look after a new queue
 * @vm: XE_VM_LR
 * @q: XE_QUEUE_LR, suspended; xe_vm_rebind_remove_queue() must follow at the end of its life
 *
 * Context: may sleep.
 * Return: 0, or
 * -ENOMEM; -EINTR: killed; -ENOENT: VM closed or banned
 */
int xe_vm_rebind_add_queue(struct xe_vm *vm, struct xe_exec_queue *q)
{
	struct xe_vm_queue *vq;
	int err = 0;

	vq = kzalloc(sizeof(*vq), GFP_KERNEL);
	if (!vq)
		return -ENOMEM;
	vq->fence_context = dma_fence_context_alloc(1);

	if (xe_inject("queue-lock-vm", -EINTR) || down_read_killable(&vm->lock)) {
		kfree(vq);
		return -EINTR;
	}
	if (XE_IOCTL_DBG(vm->xe, xe_vm_is_closed_or_banned(vm))) {
		kfree(vq);
		err = -ENOENT;
	} else {
		vq->q = xe_exec_queue_get(q);
		q->owner_data = vq;
		mutex_lock(&vm->lr.lock);
		list_add_tail(&vq->link, &vm->lr.queues);
		WRITE_ONCE(vm->lr.n_queues, vm->lr.n_queues + 1);
		vm->lr.dormant = true;
		mutex_unlock(&vm->lr.lock);
	}
	up_read(&vm->lock);

	return err;
}

/**
 * xe_vm_rebind_remove_queue - let go of a queue that was killed
 * @vm: the VM
 * @q: the queue; nothing happens if the VM does not look after it
 *
 * Its fence is triggered, so nobody has to wait for long.
 *
 * Context: may sleep.
 */
void xe_vm_rebind_remove_queue(struct xe_vm *vm, struct xe_exec_queue *q)
{
	struct xe_vm_queue *vq = q->owner_data;

	if (!vq)
		return;

	mutex_lock(&vm->lr.lock);
	list_del(&vq->link);
	WRITE_ONCE(vm->lr.n_queues, vm->lr.n_queues - 1);
	mutex_unlock(&vm->lr.lock);

	if (vq->fence)
		dma_fence_enable_sw_signaling(vq->fence);
	dma_fence_put(vq->fence);
	q->owner_data = NULL;
	xe_exec_queue_put(vq->q);
	kfree(vq);
}

/**
 * xe_vm_rebind_kill_queues - end all queues a VM looks after
 * @vm: the VM
 *
 * Context: may sleep.
 */
void xe_vm_rebind_kill_queues(struct xe_vm *vm)
{
	struct xe_vm_queue *vq;

	mutex_lock(&vm->lr.lock);
	list_for_each_entry(vq, &vm->lr.queues, link)
		xe_exec_queue_kill(vq->q);
	mutex_unlock(&vm->lr.lock);
}

/**
 * xe_vm_rebind_exec_begin - hold a VM still for a long-running job
 * @vm: XE_VM_LR
 *
 * Whether the VM is valid does not matter: if it is not, the queue is suspended.
 *
 * Context: process context; takes the VM lock for reading and the reservation of the VM.
 * Return: 0, after which xe_vm_rebind_exec_end() must follow; or
 * -EINTR: a signal; -ECANCELED: VM closed or banned
 */
int xe_vm_rebind_exec_begin(struct xe_vm *vm)
{
	int err;

	if (xe_inject("lr-lock-vm", -EINTR) || down_read_killable(&vm->lock))
		return -EINTR;

	err = XE_IOCTL_DBG(vm->xe, xe_vm_is_closed_or_banned(vm)) ? -ECANCELED :
		xe_inject("lr-lock-reservation", -EINTR) ?:
		dma_resv_lock_interruptible(drm_gpuvm_resv(&vm->gpuvm), NULL);
	if (err)
		up_read(&vm->lock);

	return err;
}

/**
 * xe_vm_rebind_exec_end - let a VM go, and see to it that what was pushed will run
 * @vm: XE_VM_LR
 *
 * Context: may sleep.
 */
void xe_vm_rebind_exec_end(struct xe_vm *vm)
{
	bool wake;

	mutex_lock(&vm->lr.lock);
	wake = vm->lr.dormant;
	vm->lr.dormant = false;
	mutex_unlock(&vm->lr.lock);
	if (wake)
		xe_vm_rebind_queue_work(vm);

	dma_resv_unlock(drm_gpuvm_resv(&vm->gpuvm));
	up_read(&vm->lock);
}

/**
 * xe_vm_rebind_protect - make whoever moves an object wait for the queues of a VM
 * @vm: the VM
 * @obj: external object that is being mapped; one slot per queue of the VM has been reserved
 *
 * Context: reservations of VM and object held. Allocates nothing.
 */
void xe_vm_rebind_protect(struct xe_vm *vm, struct drm_gem_object *obj)
{
	struct xe_vm_queue *vq;

	mutex_lock(&vm->lr.lock);
	list_for_each_entry(vq, &vm->lr.queues, link)
		if (vq->fence && !dma_fence_is_signaled(vq->fence))
			dma_resv_add_fence(obj->resv, vq->fence, DMA_RESV_USAGE_BOOKKEEP);
	mutex_unlock(&vm->lr.lock);
}
