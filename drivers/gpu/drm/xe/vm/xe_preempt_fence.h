/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PREEMPT_FENCE_H_
#define _XE_PREEMPT_FENCE_H_

#include <linux/dma-fence.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct xe_exec_queue;

/**
 * struct xe_preempt_fence - promise to take one long-running queue off the hardware when asked
 */
struct xe_preempt_fence {
	/** @base: the fence; first, see xe_fence_init() */
	struct dma_fence base;
	/** @lock: lock of @base */
	spinlock_t lock;
	/** @q: the queue (reference), until @work is done with it */
	struct xe_exec_queue *q;
	/** @notify: called when the fence has signalled, with @data; may sleep */
	void (*notify)(void *data);
	/** @data: for @notify; must live as long as @q */
	void *data;
	/** @work: suspends the queue, then signals; holds a reference on @base */
	struct work_struct work;
};

/**
 * struct xe_preempt_fence_args - what xe_preempt_fence_init() needs
 */
struct xe_preempt_fence_args {
	/** @q: XE_QUEUE_LR; the fence takes a reference of its own */
	struct xe_exec_queue *q;
	/** @context: dma_fence context, one per queue */
	u64 context;
	/** @seqno: number in @context, rising */
	u64 seqno;
	/** @notify: see &xe_preempt_fence.notify */
	void (*notify)(void *data);
	/** @data: see &xe_preempt_fence.data */
	void *data;
};

struct xe_preempt_fence *xe_preempt_fence_alloc(void);
void xe_preempt_fence_free(struct xe_preempt_fence *pf);
void xe_preempt_fence_init(struct xe_preempt_fence *pf, const struct xe_preempt_fence_args *args);

bool xe_preempt_fence_is_pending(struct dma_fence *fence);
bool xe_preempt_fence_is_live(struct dma_fence *fence);

#endif
