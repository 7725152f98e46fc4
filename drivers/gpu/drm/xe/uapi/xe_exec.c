// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "uapi/xe_exec.h"

#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_job.h"
#include "submit/xe_sync.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_rebind.h"

/**
 * DOC: Exec
 *
 * A submission names a queue and the address of a batch; everything the batch may touch has been
 * bound before. So the work of the ioctl is to hold the VM still while the job gets its place
 * in it::
 *
 *	check, look up		arguments, queue, syncs; nothing is locked
 *	lock			VM and reservations; evicted objects and stale userptrs come back.
 *				External objects are left alone if none can have moved
 *	prepare			job, dependencies; last step that may fail
 *	publish			number, fence into the reservations, job to the scheduler
 *	finish			out-syncs
 *
 * Between prepare and publish the userptrs are checked once more under a lock that the MMU
 * notifier takes. If one has become stale the attempt is dropped and starts over from lock:
 * either the notifier sees the job's fence, or the job sees the notifier. The same goes for
 * external objects that were not locked, and whoever wants to move one.
 *
 * Jobs of one queue are ordered by the reservation of its VM, which is held from lock to the end
 * of publish.
 *
 * In a long-running VM all this is the business of a worker (vm/xe_vm_rebind.c), which lets the
 * queue run when the VM is valid. The job waits for its in-syncs alone, and nobody waits for the
 * job. It has left the scheduler before it has left the ring, so the ring may be full: -EAGAIN.
 */

/* One exec ioctl on its way. */
struct exec_request {
	struct xe_device *xe;
	struct xe_exec_queue *q;
	struct xe_vm *vm;
	struct xe_sync *syncs;
	struct xe_sync sync_room[XE_SYNC_ROOM];
	u32 num_syncs;
	bool has_batch;
	u64 batch[XE_EXEC_QUEUE_MAX_WIDTH];
};

static int check_args(struct xe_device *xe, const struct drm_xe_exec *args)
{
	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->pad[0] || args->pad[1] || args->pad[2]) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]) ||
	    XE_IOCTL_DBG(xe, args->num_syncs > XE_MAX_SYNCS))
		return -EINVAL;

	return 0;
}

static int check_queue(struct exec_request *r, const struct drm_xe_exec *args)
{
	if (XE_IOCTL_DBG(r->xe, r->q->flags & XE_QUEUE_BIND))
		return -EINVAL;
	if (XE_IOCTL_DBG(r->xe, args->num_batch_buffer && args->num_batch_buffer != r->q->width))
		return -EINVAL;
	if (XE_IOCTL_DBG(r->xe, xe_exec_queue_is_banned(r->q)))
		return -ECANCELED;

	return 0;
}

static int read_batches(struct exec_request *r, const struct drm_xe_exec *args)
{
	u32 i;

	r->has_batch = args->num_batch_buffer;
	if (!r->has_batch)
		return 0;

	if (r->q->width == 1)
		r->batch[0] = args->address;
	else if (XE_IOCTL_DBG(r->xe, copy_from_user(r->batch, u64_to_user_ptr(args->address),
						    r->q->width * sizeof(r->batch[0]))))
		return -EFAULT;

	/* Commands are dwords; the lowest bits of the address mean something else in the ring. */
	for (i = 0; i < r->q->width; i++)
		if (XE_IOCTL_DBG(r->xe, r->batch[i] % sizeof(u32)))
			return -EINVAL;

	return 0;
}

static const struct xe_sync *find_ufence(const struct exec_request *r)
{
	u32 i;

	for (i = 0; i < r->num_syncs; i++)
		if (xe_sync_is_ufence(&r->syncs[i]))
			return &r->syncs[i];

	return NULL;
}

/* @e: the locked VM; NULL: a long-running one */
static int prepare_job(struct exec_request *r, struct xe_vm_exec *e, struct xe_job **out)
{
	const struct xe_sync *ufence = find_ufence(r);
	struct xe_job *job;
	u32 i;
	int err;

	job = xe_job_create(r->q, r->has_batch ? r->batch : NULL);
	if (IS_ERR(job))
		return PTR_ERR(job);

	if (ufence) {
		job->has_ufence = true;
		job->ufence.addr = ufence->addr;
		job->ufence.value = ufence->timeline_value;
	}

	err = e ? xe_vm_exec_add_deps(e, job) : 0;
	for (i = 0; !err && i < r->num_syncs; i++)
		err = xe_sync_add_deps(&r->syncs[i], job);
	if (err)
		xe_job_put(job);
	else
		*out = job;

	return err;
}

/* Nothing in here can fail. Returns the finished fence with a reference. */
static struct dma_fence *publish_job(struct exec_request *r, struct xe_vm_exec *e,
				     struct xe_job *job)
{
	struct dma_fence *fence;
	bool cookie;

	job->ring_tlb_flush = xe_vm_needs_ring_flush(r->vm, r->q);

	cookie = dma_fence_begin_signalling();
	xe_job_arm(job);
	fence = dma_fence_get(xe_job_finished_fence(job));
	xe_vm_exec_publish_job(e, job);
	xe_vm_exec_end_publish(e);
	xe_job_push(job);
	dma_fence_end_signalling(cookie);

	xe_exec_queue_set_last_fence(r->q, fence);

	return fence;
}

static void signal_syncs(struct exec_request *r, struct dma_fence *fence)
{
	u32 i;

	for (i = 0; i < r->num_syncs; i++)
		xe_sync_signal(&r->syncs[i], fence);
}

/* One attempt; -EAGAIN asks for another. */
static int try_submit(struct exec_request *r)
{
	struct dma_fence *fence;
	struct xe_vm_exec e;
	struct xe_job *job;
	int err;

	err = xe_vm_exec_lock(&e, r->vm);
	if (err)
		return err;

	err = prepare_job(r, &e, &job);
	if (err)
		goto out_unlock;

	err = xe_vm_exec_begin_publish(&e);
	if (err)
		goto out_put_job;

	/* Point of no return. */
	fence = publish_job(r, &e, job);
	signal_syncs(r, fence);
	dma_fence_put(fence);

out_put_job:
	xe_job_put(job);
out_unlock:
	xe_vm_exec_unlock(&e);
	return err;
}

static int submit_lr(struct exec_request *r)
{
	struct xe_job *job;
	int err;

	err = prepare_job(r, NULL, &job);
	if (err)
		return err;

	err = xe_vm_rebind_exec_begin(r->vm);
	if (err)
		goto out_put_job;

	if (xe_inject("ring-full", -EAGAIN) || XE_IOCTL_DBG(r->xe, xe_exec_queue_is_full(r->q))) {
		err = -EAGAIN;
	} else {
		xe_job_arm(job);
		xe_job_push(job);
	}
	xe_vm_rebind_exec_end(r->vm);

out_put_job:
	xe_job_put(job);
	return err;
}

static int submit(struct exec_request *r)
{
	int err;

	if (r->vm->flags & XE_VM_LR)
		return submit_lr(r);

	do {
		if (signal_pending(current))
			return -ERESTARTSYS;
		err = try_submit(r);
		cond_resched();
	} while (err == -EAGAIN);

	return err;
}

/* No batch and nothing the GPU would have to store: the fences alone move on. */
static int move_fences(struct exec_request *r)
{
	struct dma_fence *last, *fence;

	if (XE_IOCTL_DBG(r->xe, xe_vm_is_closed_or_banned(r->vm)))
		return -ECANCELED;
	if (r->vm->flags & XE_VM_LR)
		return 0;

	last = xe_exec_queue_last_fence_get(r->q);
	fence = xe_sync_merge_in_fences(r->syncs, r->num_syncs, last);
	dma_fence_put(last);
	if (IS_ERR(fence))
		return PTR_ERR(fence);

	signal_syncs(r, fence);
	dma_fence_put(fence);

	return 0;
}

/**
 * xe_exec_ioctl - DRM_IOCTL_XE_EXEC
 * @drm: the device
 * @data: struct drm_xe_exec
 * @file: caller's file
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -EINVAL - non-zero reserved field, too many syncs, bind queue, wrong number of batches,
 *   malformed sync
 * * -ENOENT - no such queue or sync object
 * * -ECANCELED - the queue is banned, or its VM is closed or banned
 * * -EFAULT - syncs or batch addresses cannot be read
 * * -EOPNOTSUPP - a user fence as in-sync; long-running VM: a sync object as out-sync
 * * -EAGAIN - long-running VM: no room in the ring, as long as earlier jobs have not finished
 * * -EINTR - interrupted; the call may be repeated
 * * -ENOMEM - no memory
 */
int xe_exec_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	const struct drm_xe_exec *args = data;
	struct exec_request r = { .xe = xe, .num_syncs = args->num_syncs };
	u32 flags = XE_SYNC_EXEC;
	int err;

	err = check_args(xe, args);
	if (err)
		return err;

	r.q = xe_file_queue_get(to_xe_file(file), args->exec_queue_id);
	if (XE_IOCTL_DBG(xe, !r.q))
		return -ENOENT;
	r.vm = r.q->owner;

	err = check_queue(&r, args);
	if (err)
		goto out_queue;

	if (r.vm->flags & XE_VM_LR)
		flags |= XE_SYNC_LR;
	err = xe_sync_parse_array(xe, file, &r.syncs, r.sync_room, args->syncs, args->num_syncs,
				  flags);
	if (err)
		goto out_queue;

	err = read_batches(&r, args);
	if (err)
		goto out_syncs;

	if (r.has_batch || find_ufence(&r))
		err = submit(&r);
	else
		err = move_fences(&r);

out_syncs:
	xe_sync_fini_array(r.syncs, r.sync_room, r.num_syncs);
out_queue:
	xe_exec_queue_put(r.q);
	return err;
}
