// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "submit/xe_sync.h"

#include <linux/dma-fence-chain.h>
#include <linux/dma-fence-unwrap.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_syncobj.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "submit/xe_job.h"

/**
 * DOC: Syncs
 *
 * A sync of an ioctl is looked up, and given all the memory it will need, before the ioctl does
 * anything: xe_sync_parse(). In-syncs then become dependencies. Out-syncs are only touched when
 * nothing can fail any more: xe_sync_signal() installs the fence and cannot fail, so an ioctl
 * that returns an error has changed no sync object.
 *
 * User fences are 64-bit values in memory. Those of EXEC are stored by the job itself; this file
 * only carries address and value. Those of VM_BIND are stored by the CPU: a callback on the
 * bind's fence queues a work item which borrows the process's address space. They are memory
 * fences: nothing that gates a dma-fence may wait for them.
 *
 * Memory that is not present is brought in by whoever is responsible for it, which may be a program
 * that never does (userfaultfd). Therefore a value is first stored only if that is possible at
 * once; otherwise a second work item waits, in a queue where it is in the way of its like only.
 *
 * A bind user fence counts as done just before its value is written, so that a process which
 * has seen the value never finds the mapping busy.
 *
 * Locking: none. A sync belongs to the ioctl that parsed it, a user fence is reference counted.
 */

/**
 * struct xe_user_fence - value a bind stores in the memory of the process that asked for it
 */
struct xe_user_fence {
	/** @ref: the sync, the mappings that wait for it, and the pending callback */
	struct kref ref;
	/** @xe: the device (reference on its DRM device) */
	struct xe_device *xe;
	/** @cb: callback on the bind's fence */
	struct dma_fence_cb cb;
	/** @work: stores the value if its memory is there */
	struct work_struct work;
	/** @fault_work: stores the value, and waits for its memory */
	struct work_struct fault_work;
	/** @mm: address space of the process; only the struct is kept, not its mappings */
	struct mm_struct *mm;
	/** @addr: where to store, 8-byte aligned */
	u64 __user *addr;
	/** @value: what to store */
	u64 value;
	/** @done: the value is about to be visible, or never will be */
	bool done;
};

static void user_fence_release(struct kref *ref)
{
	struct xe_user_fence *uf = container_of(ref, struct xe_user_fence, ref);

	mmdrop(uf->mm);
	drm_dev_put(&uf->xe->drm);
	kfree(uf);
}

/**
 * xe_user_fence_get - take a reference
 * @uf: the user fence
 *
 * Context: any.
 * Return: @uf
 */
struct xe_user_fence *xe_user_fence_get(struct xe_user_fence *uf)
{
	kref_get(&uf->ref);
	return uf;
}

/**
 * xe_user_fence_put - drop a reference
 * @uf: the user fence or NULL
 *
 * Context: may sleep.
 */
void xe_user_fence_put(struct xe_user_fence *uf)
{
	if (uf)
		kref_put(&uf->ref, user_fence_release);
}

/**
 * xe_user_fence_done - has the bind completed?
 * @uf: the user fence
 *
 * Context: any.
 * Return: true if the value has been, or is just being, written
 */
bool xe_user_fence_done(const struct xe_user_fence *uf)
{
	return READ_ONCE(uf->done);
}

static void user_fence_written(struct xe_user_fence *uf)
{
	wake_up_all(&uf->xe->ufence_wq);
	xe_user_fence_put(uf);
}

static void user_fence_fault_work(struct work_struct *work)
{
	struct xe_user_fence *uf = container_of(work, struct xe_user_fence, fault_work);
	bool failed = false;

	/* A process that is gone has nobody who could look. */
	if (mmget_not_zero(uf->mm)) {
		kthread_use_mm(uf->mm);
		xe_inject_work_begin();
		failed = copy_to_user(uf->addr, &uf->value, sizeof(uf->value));
		xe_inject_work_end();
		kthread_unuse_mm(uf->mm);
		mmput_async(uf->mm);
	}
	if (failed)
		xe_dbg(uf->xe, "user fence: its memory is not writable any more\n");

	user_fence_written(uf);
}

static void user_fence_work(struct work_struct *work)
{
	struct xe_user_fence *uf = container_of(work, struct xe_user_fence, work);
	bool absent = false;

	WRITE_ONCE(uf->done, true);
	/*
	 * Before the value: a process that has seen it must not find the fence pending. Pairs
	 * with the barrier of the process's own next system call.
	 */
	smp_wmb();

	if (mmget_not_zero(uf->mm)) {
		kthread_use_mm(uf->mm);
		absent = copy_to_user_nofault(uf->addr, &uf->value, sizeof(uf->value));
		kthread_unuse_mm(uf->mm);
		mmput_async(uf->mm);
	}

	if (absent)
		queue_work(uf->xe->ufence_fault_wq, &uf->fault_work);
	else
		user_fence_written(uf);
}

static void user_fence_cb(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct xe_user_fence *uf = container_of(cb, struct xe_user_fence, cb);

	queue_work(uf->xe->ufence_write_wq, &uf->work);
	/* the reference xe_sync_signal() took for this callback */
	dma_fence_put(fence);
}

static struct xe_user_fence *user_fence_create(struct xe_device *xe, u64 addr, u64 value)
{
	struct xe_user_fence *uf;
	u64 probe;

	if (XE_IOCTL_DBG(xe, copy_from_user(&probe, u64_to_user_ptr(addr), sizeof(probe))))
		return ERR_PTR(-EFAULT);

	uf = kzalloc(sizeof(*uf), GFP_KERNEL);
	if (!uf)
		return ERR_PTR(-ENOMEM);

	kref_init(&uf->ref);
	INIT_WORK(&uf->work, user_fence_work);
	INIT_WORK(&uf->fault_work, user_fence_fault_work);
	uf->addr = u64_to_user_ptr(addr);
	uf->value = value;
	uf->xe = xe;
	drm_dev_get(&xe->drm);
	uf->mm = current->mm;
	mmgrab(uf->mm);

	return uf;
}

static int parse_in_syncobj(struct xe_device *xe, struct drm_file *file, struct xe_sync *out,
			    u32 handle)
{
	bool timeline = out->type == DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
	struct drm_syncobj *syncobj;
	int err = 0;

	syncobj = xe_inject("find-in-sync", -ENOENT) ? NULL : drm_syncobj_find(file, handle);
	if (XE_IOCTL_DBG(xe, !syncobj))
		return -ENOENT;

	out->fence = drm_syncobj_fence_get(syncobj);
	if (XE_IOCTL_DBG(xe, !out->fence)) {
		err = -EINVAL;
	} else if (timeline) {
		err = dma_fence_chain_find_seqno(&out->fence, out->timeline_value);
		if (XE_IOCTL_DBG(xe, err))
			err = -EINVAL;
	}
	drm_syncobj_put(syncobj);

	return err;
}

static int parse_syncobj(struct xe_device *xe, struct drm_file *file, struct xe_sync *out,
			 const struct drm_xe_sync *in, u32 flags)
{
	bool timeline = out->type == DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;

	if (XE_IOCTL_DBG(xe, (flags & XE_SYNC_LR) && out->signal))
		return -EOPNOTSUPP;
	if (XE_IOCTL_DBG(xe, upper_32_bits(in->addr)))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, timeline && !in->timeline_value))
		return -EINVAL;

	if (!out->signal)
		return parse_in_syncobj(xe, file, out, in->handle);

	out->syncobj = xe_inject("find-out-sync", -ENOENT) ? NULL :
		       drm_syncobj_find(file, in->handle);
	if (XE_IOCTL_DBG(xe, !out->syncobj))
		return -ENOENT;

	return xe_sync_prepare_signal(out);
}

static int parse_user_fence(struct xe_device *xe, struct xe_sync *out,
			    const struct drm_xe_sync *in, u32 flags)
{
	struct xe_user_fence *uf;

	if (XE_IOCTL_DBG(xe, !out->signal) || XE_IOCTL_DBG(xe, flags & XE_SYNC_NO_UFENCE))
		return -EOPNOTSUPP;
	if (XE_IOCTL_DBG(xe, !IS_ALIGNED(in->addr, sizeof(u64))))
		return -EINVAL;

	if (flags & XE_SYNC_EXEC) {
		out->addr = in->addr;
		return 0;
	}

	uf = user_fence_create(xe, in->addr, in->timeline_value);
	if (IS_ERR(uf))
		return PTR_ERR(uf);
	out->ufence = uf;

	return 0;
}

/**
 * xe_sync_parse - read, check and look up one sync
 * @xe: the device
 * @file: whose sync objects
 * @out: the sync; on error it is empty again
 * @user: one struct drm_xe_sync
 * @flags: XE_SYNC_EXEC or XE_SYNC_BIND, XE_SYNC_LR, XE_SYNC_NO_UFENCE
 *
 * Context: may sleep, process context of the ioctl.
 * Return:
 * * 0
 * * -EFAULT - @user, or the memory of a bind user fence, cannot be read
 * * -EINVAL - unknown flag or type, non-zero reserved field or upper handle half, point 0,
 *   nothing to wait for in the sync object (yet), or user fence not 8-byte aligned
 * * -ENOENT - unknown sync object
 * * -EOPNOTSUPP - dma-fence out of a long-running VM, user fence as in-sync or where none may be
 * * -ENOMEM - no memory
 */
int xe_sync_parse(struct xe_device *xe, struct drm_file *file, struct xe_sync *out,
		  const struct drm_xe_sync __user *user, u32 flags)
{
	struct drm_xe_sync in;
	int err;

	memset(out, 0, sizeof(*out));
	if (copy_from_user(&in, user, sizeof(in)))
		return -EFAULT;

	if (XE_IOCTL_DBG(xe, in.flags & ~DRM_XE_SYNC_FLAG_SIGNAL) ||
	    XE_IOCTL_DBG(xe, in.reserved[0] || in.reserved[1]))
		return -EINVAL;

	out->type = in.type;
	out->signal = in.flags & DRM_XE_SYNC_FLAG_SIGNAL;
	out->timeline_value = in.timeline_value;

	switch (in.type) {
	case DRM_XE_SYNC_TYPE_SYNCOBJ:
	case DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ:
		err = parse_syncobj(xe, file, out, &in, flags);
		break;
	case DRM_XE_SYNC_TYPE_USER_FENCE:
		err = parse_user_fence(xe, out, &in, flags);
		break;
	default:
		xe_dbg(xe, "rejected: sync type %u is unknown\n", in.type);
		err = -EINVAL;
	}
	if (err)
		xe_sync_fini(out);

	return err;
}

/**
 * xe_sync_parse_array - parse the syncs of an ioctl
 * @xe: the device
 * @file: whose sync objects
 * @out: out: @num_syncs syncs, released with xe_sync_fini_array(); NULL if there are none
 * @room: memory for them, zeroed, used if it is enough; lives as long as they do
 * @user_syncs: user pointer to @num_syncs struct drm_xe_sync
 * @num_syncs: number of syncs, at most XE_MAX_SYNCS (checked by the caller)
 * @flags: as xe_sync_parse()
 *
 * Context: may sleep, process context of the ioctl.
 * Return:
 * * 0
 * * -EINVAL - more than one user fence
 * * errors of xe_sync_parse()
 */
int xe_sync_parse_array(struct xe_device *xe, struct drm_file *file, struct xe_sync **out,
			struct xe_sync room[XE_SYNC_ROOM], u64 user_syncs, u32 num_syncs, u32 flags)
{
	const struct drm_xe_sync __user *user = u64_to_user_ptr(user_syncs);
	struct xe_sync *syncs;
	u32 ufences = 0;
	u32 i;
	int err;

	*out = NULL;
	if (!num_syncs)
		return 0;

	syncs = room;
	if (num_syncs > XE_SYNC_ROOM)
		syncs = kvcalloc(num_syncs, sizeof(*syncs), GFP_KERNEL);
	if (!syncs)
		return -ENOMEM;

	for (i = 0; i < num_syncs; i++) {
		err = xe_sync_parse(xe, file, &syncs[i], &user[i], flags);
		if (err)
			goto err_syncs;
		ufences += xe_sync_is_ufence(&syncs[i]);
	}
	if (XE_IOCTL_DBG(xe, ufences > 1)) {
		err = -EINVAL;
		goto err_syncs;
	}

	*out = syncs;
	return 0;

err_syncs:
	xe_sync_fini_array(syncs, room, num_syncs);
	return err;
}

/**
 * xe_sync_fini - release what a sync still holds
 * @sync: the sync; empty afterwards
 *
 * Context: may sleep.
 */
void xe_sync_fini(struct xe_sync *sync)
{
	if (sync->syncobj)
		drm_syncobj_put(sync->syncobj);
	dma_fence_put(sync->fence);
	dma_fence_chain_free(sync->chain);
	xe_user_fence_put(sync->ufence);
	memset(sync, 0, sizeof(*sync));
}

/**
 * xe_sync_fini_array - release the syncs of xe_sync_parse_array()
 * @syncs: @num_syncs syncs, or NULL
 * @room: as for xe_sync_parse_array()
 * @num_syncs: number of syncs
 *
 * Context: may sleep.
 */
void xe_sync_fini_array(struct xe_sync *syncs, const struct xe_sync *room, u32 num_syncs)
{
	u32 i;

	if (!syncs)
		return;

	for (i = 0; i < num_syncs; i++)
		xe_sync_fini(&syncs[i]);
	if (syncs != room)
		kvfree(syncs);
}

/**
 * xe_sync_is_signal - is this an out-sync?
 * @sync: the sync
 *
 * Context: any.
 * Return: true if it is signalled when the work is done, false if the work waits for it
 */
bool xe_sync_is_signal(const struct xe_sync *sync)
{
	return sync->signal;
}

/**
 * xe_sync_is_ufence - is this a user fence?
 * @sync: the sync
 *
 * Context: any.
 * Return: true if it is a user fence
 */
bool xe_sync_is_ufence(const struct xe_sync *sync)
{
	return sync->type == DRM_XE_SYNC_TYPE_USER_FENCE;
}

/**
 * xe_sync_in_fence - what an in-sync waits for
 * @sync: the sync
 *
 * Context: any.
 * Return: the fence, borrowed; NULL for out-syncs and for points that have passed
 */
struct dma_fence *xe_sync_in_fence(const struct xe_sync *sync)
{
	return sync->fence;
}

/**
 * xe_sync_add_deps - make a job wait for an in-sync
 * @sync: the sync; nothing happens for out-syncs
 * @job: a job that is not armed
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_sync_add_deps(const struct xe_sync *sync, struct xe_job *job)
{
	return sync->fence ? xe_job_add_dep(job, dma_fence_get(sync->fence)) : 0;
}

/**
 * xe_sync_prepare_signal - allocate what xe_sync_signal() will need
 * @sync: the sync; a second call does nothing
 *
 * xe_sync_parse() has done it; after a signal it makes the sync usable once more.
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_sync_prepare_signal(struct xe_sync *sync)
{
	if (!sync->signal || sync->type != DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ || sync->chain)
		return 0;

	sync->chain = dma_fence_chain_alloc();

	return sync->chain ? 0 : -ENOMEM;
}

static void user_fence_signal(struct xe_user_fence *uf, struct dma_fence *fence)
{
	xe_user_fence_get(uf);
	/* keeps the fence until its callback has run, whoever else lets go of it */
	dma_fence_get(fence);
	if (dma_fence_add_callback(fence, &uf->cb, user_fence_cb))
		user_fence_cb(fence, &uf->cb);
}

/**
 * xe_sync_signal - install a fence in an out-sync; cannot fail
 * @sync: the sync, prepared; nothing happens for in-syncs and exec user fences
 * @fence: armed fence; references are taken. Not a chain node
 *
 * Context: process.
 */
void xe_sync_signal(struct xe_sync *sync, struct dma_fence *fence)
{
	if (!sync->signal)
		return;

	if (sync->ufence) {
		user_fence_signal(sync->ufence, fence);
	} else if (sync->chain) {
		/* the sync object owns the chain node from here on */
		drm_syncobj_add_point(sync->syncobj, sync->chain, fence, sync->timeline_value);
		sync->chain = NULL;
	} else if (sync->syncobj) {
		drm_syncobj_replace_fence(sync->syncobj, fence);
	}
}

/**
 * xe_sync_merge_in_fences - one fence for all in-syncs
 * @syncs: @num_syncs syncs, or NULL if there are none
 * @num_syncs: number of syncs
 * @extra: one more fence to wait for, or NULL; borrowed
 *
 * For ioctls that carry no work and only move fences.
 *
 * Context: may sleep.
 * Return: a reference on a fence that signals when all have; ERR_PTR(-ENOMEM) without memory
 */
struct dma_fence *xe_sync_merge_in_fences(const struct xe_sync *syncs, u32 num_syncs,
					  struct dma_fence *extra)
{
	struct dma_fence_unwrap *cursors;
	struct dma_fence **fences;
	struct dma_fence *merged = NULL;
	u32 n = 0;
	u32 i;

	fences = kvcalloc(num_syncs + 1, sizeof(*fences), GFP_KERNEL);
	cursors = kvcalloc(num_syncs + 1, sizeof(*cursors), GFP_KERNEL);
	if (!fences || !cursors)
		goto out;

	for (i = 0; i < num_syncs; i++)
		if (xe_sync_in_fence(&syncs[i]))
			fences[n++] = xe_sync_in_fence(&syncs[i]);
	if (extra)
		fences[n++] = extra;

	merged = __dma_fence_unwrap_merge(n, fences, cursors);
out:
	kvfree(cursors);
	kvfree(fences);

	return merged ?: ERR_PTR(-ENOMEM);
}

/**
 * xe_sync_ufence_get - user fence of a bind sync
 * @sync: the sync
 *
 * Context: any.
 * Return: a reference, NULL if the sync is no bind user fence
 */
struct xe_user_fence *xe_sync_ufence_get(const struct xe_sync *sync)
{
	return sync->ufence ? xe_user_fence_get(sync->ufence) : NULL;
}
