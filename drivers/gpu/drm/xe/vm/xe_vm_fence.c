// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: One fence for all jobs of a VM
 *
 * Whoever wants to move or free the memory of an external object has to wait for the jobs that may
 * use it. The plain way to see to that is to lock every external object of the VM at every exec and
 * to add the fence of the job. That is a lot of work, nearly always for nothing: hardly any object
 * moves between two jobs.
 *
 * Here the objects are given a fence once, which stands for all jobs of the VM, those to come
 * included, for as long as nobody wants to wait for it::
 *
 *	open ------- closed -------------> signalled
 *	  hold,       no more holds;          all jobs have finished
 *	  release     release
 *
 * A job holds the fence from before it is published until it has finished. To wait for the fence is
 * what closes it: enable_signaling, which every waiter calls first. From then on it stands for a
 * fixed set of jobs that have all been submitted, so it signals in finite time like any fence, and
 * whoever waits for it never waits for a job that was submitted later. Polling closes it only if no
 * job holds it; what then signals was idle.
 *
 * As long as the fence is open, and the VM has published it,
 *
 * - every external object of the VM has it in its reservation: those there were when it was opened,
 *   with all of them locked, and those that binds have added since;
 * - every external object is where the page tables say: all were made valid before it was opened,
 *   and an object is moved only after the fences of its reservation have signalled;
 * - no external object had a move pending when it was opened, so there is nothing that jobs would
 *   have to wait for. None can have been added: a move starts with waiting.
 *
 * So an exec that gets hold of the fence needs neither lock external objects nor look at them. If
 * it does not, because somebody has waited, it locks them all, makes them valid, and opens the
 * next fence. One exec pays for that per eviction, not each.
 *
 * A closed fence that has not signalled stays in the reservations beside its successor, hence each
 * fence has a context of its own: they may signal in any order.
 *
 * The usage is BOOKKEEP, as that of the fences of jobs: nobody synchronises with it implicitly. In
 * the reservation of the VM, which all private objects share, jobs have their own fences.
 *
 * Locking: @state is atomic. Releases run in callbacks of the fences of jobs, hence the lock of
 * this fence is taken inside of theirs.
 */

#include "vm/xe_vm_fence.h"

#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/slab.h>

#include "gt/xe_hw_fence.h"

/* Bit of &xe_vm_fence.state; makes it negative. */
#define XE_VM_FENCE_CLOSED	INT_MIN

static_assert(!offsetof(struct xe_vm_fence, base));

static struct xe_vm_fence *to_xe_vm_fence(struct dma_fence *fence)
{
	return container_of(fence, struct xe_vm_fence, base);
}

static const char *xe_vm_fence_driver_name(struct dma_fence *fence)
{
	return "xe";
}

static const char *xe_vm_fence_timeline_name(struct dma_fence *fence)
{
	return "vm";
}

/* Return: false if no job has to be waited for; the core signals the fence then */
static bool xe_vm_fence_enable_signaling(struct dma_fence *fence)
{
	struct xe_vm_fence *vf = to_xe_vm_fence(fence);

	return atomic_fetch_or(XE_VM_FENCE_CLOSED, &vf->state) & ~XE_VM_FENCE_CLOSED;
}

/* Once this has said true, no hold can be taken before the core has signalled the fence. */
static bool xe_vm_fence_signaled(struct dma_fence *fence)
{
	struct xe_vm_fence *vf = to_xe_vm_fence(fence);
	int old = atomic_cmpxchg(&vf->state, 0, XE_VM_FENCE_CLOSED);

	return !old || old == XE_VM_FENCE_CLOSED;
}

static const struct dma_fence_ops xe_vm_fence_ops = {
	.get_driver_name = xe_vm_fence_driver_name,
	.get_timeline_name = xe_vm_fence_timeline_name,
	.enable_signaling = xe_vm_fence_enable_signaling,
	.signaled = xe_vm_fence_signaled,
	.release = xe_fence_release,
};

/**
 * xe_vm_fence_alloc - allocate a fence to be opened later
 *
 * Context: may sleep.
 * Return: the fence, NULL without memory. Until xe_vm_fence_open() it is released with
 * xe_vm_fence_free(), afterwards with dma_fence_put().
 */
struct xe_vm_fence *xe_vm_fence_alloc(void)
{
	return kzalloc(sizeof(struct xe_vm_fence), GFP_KERNEL);
}

/**
 * xe_vm_fence_free - free a fence that was never opened
 * @vf: the fence or NULL
 *
 * Context: any.
 */
void xe_vm_fence_free(struct xe_vm_fence *vf)
{
	kfree(vf);
}

/**
 * xe_vm_fence_open - make a fence that stands for the jobs that hold it; cannot fail
 * @vf: from xe_vm_fence_alloc()
 *
 * Context: any. xe_vm_fence_close() must follow before the last reference goes.
 */
void xe_vm_fence_open(struct xe_vm_fence *vf)
{
	spin_lock_init(&vf->lock);
	atomic_set(&vf->state, 0);
	xe_fence_init(&vf->base, &xe_vm_fence_ops, &vf->lock, dma_fence_context_alloc(1), 1);
}

/**
 * xe_vm_fence_close - let no further job hold a fence
 * @vf: the fence, or NULL; closed already is fine
 *
 * It signals when the last job that holds it has finished.
 *
 * Context: any.
 */
void xe_vm_fence_close(struct xe_vm_fence *vf)
{
	if (vf)
		dma_fence_enable_sw_signaling(&vf->base);
}

/**
 * xe_vm_fence_is_open - whether a job could hold a fence
 * @vf: the fence, or NULL
 *
 * Context: any; a "no" stays, a "yes" may be over at once.
 * Return: true if the fence exists and nobody has closed it
 */
bool xe_vm_fence_is_open(const struct xe_vm_fence *vf)
{
	return vf && atomic_read(&vf->state) >= 0;
}

/**
 * xe_vm_fence_hold - make a fence stand for one more job
 * @vf: the fence
 *
 * Context: any. The caller ends it with xe_vm_fence_release().
 * Return: false if the fence is closed. If true, the hold comes with a reference.
 */
bool xe_vm_fence_hold(struct xe_vm_fence *vf)
{
	if (!atomic_inc_unless_negative(&vf->state))
		return false;
	dma_fence_get(&vf->base);

	return true;
}

/**
 * xe_vm_fence_release - undo xe_vm_fence_hold() when the job has finished
 * @vf: the fence
 *
 * Context: any, also in a callback of another fence.
 */
void xe_vm_fence_release(struct xe_vm_fence *vf)
{
	if (atomic_dec_return(&vf->state) == XE_VM_FENCE_CLOSED)
		dma_fence_signal(&vf->base);
	dma_fence_put(&vf->base);
}
