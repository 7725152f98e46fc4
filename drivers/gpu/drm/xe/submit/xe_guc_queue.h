/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A queue as the GuC back end sees it. Shared by the files that deal with one queue, each of which
 * calls those that it stands on: xe_guc_context.c talks to the firmware, xe_guc_lr.c suspends and
 * resumes long-running work, xe_guc_jobs.c runs and ends jobs, xe_guc_queue.c makes and ends
 * queues, xe_guc_submit.c stops and restarts all of them.
 */
#ifndef _XE_GUC_QUEUE_H_
#define _XE_GUC_QUEUE_H_

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/gpu_scheduler.h>

#include "base/xe_device.h"
#include "submit/xe_exec_queue.h"

struct dma_fence;
struct xe_guc;
struct xe_guc_snapshot;
struct xe_job;

/* Bits of &xe_guc_queue.state. The diagram is in xe_guc_context.c. */
/* REGISTER_CONTEXT was sent, the firmware may use the context */
#define GUC_QUEUE_REGISTERED	BIT(0)
/* the last mode asked for was "enabled" */
#define GUC_QUEUE_ENABLED	BIT(1)
/* the change of mode has not been confirmed */
#define GUC_QUEUE_MODE_PENDING	BIT(2)
/* DEREGISTER_CONTEXT was sent and not confirmed */
#define GUC_QUEUE_DEREGISTERING	BIT(3)
/* what the firmware knows; gone after a reset of the GuC */
#define GUC_QUEUE_FW_BITS	(GUC_QUEUE_REGISTERED | GUC_QUEUE_ENABLED | \
				 GUC_QUEUE_MODE_PENDING | GUC_QUEUE_DEREGISTERING)
/* between stop and restart: no job runs, time-outs are not judged */
#define GUC_QUEUE_STOPPED	BIT(4)
/* long-running: not to be enabled before it is resumed; survives a reset */
#define GUC_QUEUE_SUSPENDED	BIT(5)

/* system sleep: went off the hardware in good order, so its contexts continue where they were */
#define GUC_QUEUE_PARKED	BIT(6)

/**
 * struct xe_guc_queue - GuC side of an exec queue
 */
struct xe_guc_queue {
	/** @q: the exec queue */
	struct xe_exec_queue *q;
	/** @guc: the GuC */
	struct xe_guc *guc;
	/** @sched: scheduler of this queue alone */
	struct drm_gpu_scheduler sched;
	/** @entity: its only entity */
	struct drm_sched_entity entity;
	/** @id: first context id; the queue owns as many as it has LRCs */
	u32 id;
	/** @link: entry in &xe_guc_submit.queues */
	struct list_head link;
	/**
	 * @ctl_lock: serialises everything that takes the queue off the hardware or puts it back:
	 * time-outs, suspend and resume, teardown, stop and restart. Taken after
	 * &xe_guc_submit.lock. Fences wait for its holders, so nothing is allocated under it. Never
	 * taken by the scheduler's run_job and free_job, which its holders may wait for.
	 */
	struct mutex ctl_lock;
	/** @lock: protects @state and @jobs; innermost, not taken in interrupts */
	spinlock_t lock;
	/** @state: GUC_QUEUE_ bits */
	u32 state;
	/** @wait: woken when @state changes and when the GuC is stopped */
	wait_queue_head_t wait;
	/** @jobs: jobs written to the ring and not freed, &xe_job.backend_link, oldest first */
	struct list_head jobs;
	/** @error: errno for the oldest unfinished job of a dead queue; 0: -ECANCELED. Set once */
	int error;
	/**
	 * @incident: what the queue was banned or reset for, NULL: nothing, or its owner was done
	 * with it anyway. Set once
	 */
	const char *incident;
	/** @reported: @incident was reported, ctl_lock */
	bool reported;
	/** @snapshot: state of the engines, taken while a job was under suspicion; ctl_lock */
	struct xe_guc_snapshot *snapshot;
	/** @lr_seqno: long-running: number of the newest job in the rings */
	u32 lr_seqno;
	/** @bury: long-running: takes the queue off the hardware once it is dead */
	struct work_struct bury;
	/** @wq_tail: next byte to write in the work queue of a parallel queue */
	u32 wq_tail;
	/** @dead: entry in &xe_guc_submit.dead after the last reference is gone */
	struct list_head dead;
};

/**
 * xe_guc_queue_is_dead - whether a queue runs no more jobs
 * @gq: the queue
 *
 * Context: any.
 * Return: true if it was killed, banned or reset, or if the device is wedged
 */
static inline bool xe_guc_queue_is_dead(const struct xe_guc_queue *gq)
{
	return READ_ONCE(gq->q->state) || xe_device_is_wedged(gq->q->xe);
}

/**
 * xe_guc_queue_is_stopped - whether a GT reset has paused a queue
 * @gq: the queue
 *
 * Context: any; stable with ctl_lock held.
 * Return: true between stop and restart
 */
static inline bool xe_guc_queue_is_stopped(const struct xe_guc_queue *gq)
{
	return READ_ONCE(gq->state) & GUC_QUEUE_STOPPED;
}

/* xe_guc_queue.c */
void xe_guc_queue_reap_work(struct work_struct *work);
void xe_guc_queue_handle_reset(struct xe_guc_queue *gq, u32 action);

/* xe_guc_jobs.c */
extern const struct drm_sched_backend_ops xe_guc_sched_ops;

bool xe_guc_job_is_done(struct xe_job *job);
struct xe_job *xe_guc_queue_first_unfinished(struct xe_guc_queue *gq);
void xe_guc_queue_trigger_timeout(struct xe_guc_queue *gq);
void xe_guc_queue_blame(struct xe_guc_queue *gq, const char *why);
void xe_guc_queue_ban(struct xe_guc_queue *gq, const char *why);
void xe_guc_queue_cancel_jobs(struct xe_guc_queue *gq);

/* xe_guc_lr.c */
void xe_guc_lr_init(struct xe_guc_queue *gq);
struct dma_fence *xe_guc_lr_run_job(struct xe_guc_queue *gq, struct xe_job *job);
bool xe_guc_lr_has_work(const struct xe_guc_queue *gq);
void xe_guc_lr_bury(struct xe_guc_queue *gq);
void xe_guc_lr_suspend(struct xe_exec_queue *q);
void xe_guc_lr_resume(struct xe_exec_queue *q);

/* xe_guc_snapshot.c */
void xe_guc_snapshot_take(struct xe_guc_queue *gq);
void xe_guc_snapshot_drop(struct xe_guc_queue *gq);
void xe_guc_snapshot_report(struct xe_guc_queue *gq, const struct xe_job *job);

/* xe_guc_context.c */
void xe_guc_context_submit(struct xe_guc_queue *gq);
int xe_guc_context_enable(struct xe_guc_queue *gq);
int xe_guc_context_disable(struct xe_guc_queue *gq);
int xe_guc_context_evict(struct xe_guc_queue *gq);
int xe_guc_context_settle(struct xe_guc_queue *gq);
int xe_guc_context_start_evict(struct xe_guc_queue *gq);
int xe_guc_context_start_deregister(struct xe_guc_queue *gq);
int xe_guc_context_update_policies(struct xe_guc_queue *gq);
void xe_guc_context_forget(struct xe_guc_queue *gq);
u32 xe_guc_context_max_jobs(const struct xe_exec_queue *q);
int xe_guc_context_mode_done(struct xe_guc_queue *gq, u32 mode);
int xe_guc_context_deregister_done(struct xe_guc_queue *gq);

#endif
