/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_EXEC_QUEUE_H_
#define _XE_EXEC_QUEUE_H_

#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "base/xe_platform.h"

struct dma_fence;
struct drm_sched_entity;
struct xe_bind_queue;
struct xe_device;
struct xe_engine;
struct xe_exec_queue;
struct xe_gt;
struct xe_guc_queue;
struct xe_lrc;
struct xe_ppgtt;
struct xe_usage;

/* width times placements never exceeds the number of instances of the largest class */
#define XE_EXEC_QUEUE_MAX_WIDTH	9

/* xe_exec_queue.flags, fixed at creation */
/*
 * made by the driver for itself: highest firmware priority class. A job that is interrupted by a
 * GT reset is started once more, so it must not matter if it is done twice
 */
#define XE_QUEUE_KERNEL		BIT(0)
/* carries binds only: no LRC, no firmware context */
#define XE_QUEUE_BIND		BIT(1)
/*
 * long-running: its jobs have no fence and no time limit. It is made suspended, and can be
 * suspended and resumed at any time
 */
#define XE_QUEUE_LR		BIT(2)

/**
 * enum xe_queue_priority - priority of a queue as user space knows it
 * @XE_QUEUE_PRIORITY_LOW: below the default
 * @XE_QUEUE_PRIORITY_NORMAL: the default
 * @XE_QUEUE_PRIORITY_HIGH: needs CAP_SYS_NICE
 * @XE_QUEUE_PRIORITY_KERNEL: the driver's own queues
 */
enum xe_queue_priority {
	XE_QUEUE_PRIORITY_LOW,
	XE_QUEUE_PRIORITY_NORMAL,
	XE_QUEUE_PRIORITY_HIGH,
	XE_QUEUE_PRIORITY_KERNEL,
};

/**
 * enum xe_queue_state - bit numbers of &xe_exec_queue.state; bits are only ever set
 * @XE_QUEUE_KILLED: its owner is done with it: unstarted jobs are cancelled
 * @XE_QUEUE_BANNED: a job of it hung or faulted
 * @XE_QUEUE_RESET: the firmware reset the engine because of it
 */
enum xe_queue_state {
	XE_QUEUE_KILLED,
	XE_QUEUE_BANNED,
	XE_QUEUE_RESET,
};

/**
 * struct xe_queue_props - scheduling properties of one queue
 */
struct xe_queue_props {
	/** @priority: enum xe_queue_priority */
	u32 priority;
	/** @timeslice_us: execution quantum, microseconds */
	u32 timeslice_us;
	/** @preempt_timeout_us: time to yield before an engine reset, microseconds */
	u32 preempt_timeout_us;
	/** @job_timeout_ms: run time after which a job counts as hung, ms */
	u32 job_timeout_ms;
};

/**
 * struct xe_exec_queue_ops - the back end that brings a queue's jobs to the hardware
 */
struct xe_exec_queue_ops {
	/**
	 * @init: make scheduler and entity and set &xe_exec_queue.entity. May sleep. 0 or -errno;
	 * on error @fini is not called.
	 */
	int (*init)(struct xe_exec_queue *q);
	/**
	 * @fini: the last reference is gone and no job is left. May be called from the queue's
	 * own scheduler work, so it only starts the teardown; when the firmware has let go of the
	 * context the back end calls xe_exec_queue_release().
	 */
	void (*fini)(struct xe_exec_queue *q);
	/**
	 * @kill: cancel what has not started, take what runs off the hardware; all fences signal
	 * in bounded time. XE_QUEUE_KILLED is already set. Does not wait. Idempotent.
	 */
	void (*kill)(struct xe_exec_queue *q);
	/** @is_reset: the firmware reported a reset of this queue */
	bool (*is_reset)(struct xe_exec_queue *q);
	/** @suspend: XE_QUEUE_LR only, see xe_exec_queue_suspend() */
	void (*suspend)(struct xe_exec_queue *q);
	/** @resume: XE_QUEUE_LR only, see xe_exec_queue_resume() */
	void (*resume)(struct xe_exec_queue *q);
};

/**
 * struct xe_exec_queue - a stream of jobs for one engine, one of several, or several at once
 */
struct xe_exec_queue {
	/** @ref: reference count; jobs, the file's table and ioctls hold references */
	struct kref ref;
	/** @xe: the device */
	struct xe_device *xe;
	/** @gt: the GT; for bind queues the one the user named */
	struct xe_gt *gt;
	/** @hwe: first engine of @logical_mask, NULL for bind queues */
	struct xe_engine *hwe;
	/** @class: engine class, undefined for bind queues */
	enum xe_engine_class class;
	/** @logical_mask: logical instances slot 0 may run on */
	u32 logical_mask;
	/** @width: LRCs started together; 0 for bind queues */
	u16 width;
	/** @flags: XE_QUEUE_KERNEL, XE_QUEUE_BIND, XE_QUEUE_LR */
	u32 flags;
	/** @max_jobs: how many jobs the rings have room for, set by the back end */
	u32 max_jobs;
	/** @state: atomic bits, enum xe_queue_state */
	unsigned long state;
	/** @name: timeline and scheduler name */
	char name[32];
	/** @creator: process that made the queue */
	struct {
		/** @creator.comm: its name */
		char comm[TASK_COMM_LEN];
		/** @creator.pid: its number, in the initial namespace */
		pid_t pid;
	} creator;
	/** @ppgtt: address space the jobs run in (reference), NULL: GGTT */
	struct xe_ppgtt *ppgtt;
	/** @sched_props: scheduling properties */
	struct xe_queue_props sched_props;
	/** @ops: back end, NULL for bind queues */
	const struct xe_exec_queue_ops *ops;
	/** @guc: the back end's part */
	struct xe_guc_queue *guc;
	/** @entity: scheduler entity, set by the back end */
	struct drm_sched_entity *entity;
	/** @owner: the VM (opaque here, a reference), NULL for kernel and bind queues */
	void *owner;
	/** @owner_put: releases @owner */
	void (*owner_put)(void *owner);
	/** @owner_data: the owner's record of the queue (opaque here), or NULL; the owner's lock */
	void *owner_data;
	/** @bind: the in-order bind queue of a bind queue */
	struct xe_bind_queue *bind;
	/** @bind_release: releases @bind */
	void (*bind_release)(struct xe_bind_queue *bind);
	/** @usage: account of the client (reference), NULL if nobody asks */
	struct xe_usage *usage;
	/** @fence_lock: protects @last_fence; innermost */
	spinlock_t fence_lock;
	/** @last_fence: finished fence of the newest job, NULL if there was none */
	struct dma_fence *last_fence;
	/** @lrc: @width contexts, slot order */
	struct xe_lrc *lrc[];
};

/**
 * struct xe_exec_queue_args - what xe_exec_queue_create() needs
 */
struct xe_exec_queue_args {
	/** @gt: the GT */
	struct xe_gt *gt;
	/** @class: engine class (ignored for bind queues) */
	enum xe_engine_class class;
	/** @logical_mask: logical instances slot 0 may run on, not 0 (ignored for bind queues) */
	u32 logical_mask;
	/** @width: number of slots, 1 to XE_EXEC_QUEUE_MAX_WIDTH (ignored for bind queues) */
	u16 width;
	/** @flags: XE_QUEUE_KERNEL, XE_QUEUE_BIND, XE_QUEUE_LR */
	u32 flags;
	/** @ppgtt: address space or NULL; the queue takes its own reference */
	struct xe_ppgtt *ppgtt;
	/** @props: scheduling properties, NULL: the defaults of the class */
	const struct xe_queue_props *props;
	/** @owner: cookie whose reference the queue takes over on success, or NULL */
	void *owner;
	/** @owner_put: releases @owner */
	void (*owner_put)(void *owner);
	/** @usage: account of the client or NULL; the queue takes its own reference */
	struct xe_usage *usage;
	/** @bind: bind queue whose reference the queue takes over on success, or NULL */
	struct xe_bind_queue *bind;
	/** @bind_release: releases @bind */
	void (*bind_release)(struct xe_bind_queue *bind);
};

void xe_queue_props_default(struct xe_gt *gt, enum xe_engine_class class,
			    struct xe_queue_props *props);

struct xe_exec_queue *xe_exec_queue_create(const struct xe_exec_queue_args *args);
struct xe_exec_queue *xe_exec_queue_get(struct xe_exec_queue *q);
void xe_exec_queue_put(struct xe_exec_queue *q);
void xe_exec_queue_unmap(struct xe_exec_queue *q);
void xe_exec_queue_release(struct xe_exec_queue *q);

void xe_exec_queue_kill(struct xe_exec_queue *q);
void xe_exec_queue_suspend(struct xe_exec_queue *q);
void xe_exec_queue_resume(struct xe_exec_queue *q);
bool xe_exec_queue_is_banned(struct xe_exec_queue *q);
bool xe_exec_queue_is_idle(struct xe_exec_queue *q);
bool xe_exec_queue_is_full(struct xe_exec_queue *q);
void xe_exec_queue_mark(struct xe_exec_queue *q, enum xe_queue_state bit);

struct dma_fence *xe_exec_queue_last_fence_get(struct xe_exec_queue *q);
void xe_exec_queue_set_last_fence(struct xe_exec_queue *q, struct dma_fence *fence);

/**
 * xe_exec_queue_entity - scheduler entity of a queue
 * @q: the queue, not a bind queue
 *
 * Context: any.
 * Return: the entity its jobs are pushed to
 */
static inline struct drm_sched_entity *xe_exec_queue_entity(struct xe_exec_queue *q)
{
	return q->entity;
}

#endif
