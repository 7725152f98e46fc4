/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_HW_FENCE_H_
#define _XE_HW_FENCE_H_

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Bytes of a timeline name, the final zero included */
#define XE_HW_FENCE_NAME_LEN	8

/**
 * struct xe_hw_fence_irq - contexts whose fences the user interrupt of one engine class completes
 */
struct xe_hw_fence_irq {
	/**
	 * @lock: protects @busy, the lists of the timelines in it and &xe_hw_fence.pending.
	 * Innermost, taken with interrupts off from hardirq context; no fence is signalled
	 * under it.
	 */
	spinlock_t lock;
	/** @busy: timelines with pending fences, &xe_hw_fence_timeline.link */
	struct list_head busy;
};

/**
 * struct xe_hw_fence_timeline - the jobs of one context, and the word in memory that counts them
 */
struct xe_hw_fence_timeline {
	/** @irq: where fences wait for the interrupt */
	struct xe_hw_fence_irq *irq;
	/** @seqno_map: CPU address of the word that the GPU writes */
	const u32 *seqno_map;
	/** @context: dma_fence context of the fences */
	u64 context;
	/** @link: entry in &xe_hw_fence_irq.busy while @pending is not empty */
	struct list_head link;
	/** @pending: emitted, unsignalled fences, &xe_hw_fence.link, oldest first */
	struct list_head pending;
	/** @name: its name, ends with a zero */
	char name[XE_HW_FENCE_NAME_LEN];
};

/**
 * struct xe_hw_fence - a dma_fence that completes when a 32-bit word in memory reaches a number
 *
 * The fence has its own lock and its own copy of the timeline name, so that it may outlive the
 * context, the GT and the device it came from.
 */
struct xe_hw_fence {
	/** @base: the fence; its seqno is the 32-bit sequence number of the context */
	struct dma_fence base;
	/** @lock: the fence lock handed to dma_fence_init() */
	spinlock_t lock;
	/** @timeline: the context; valid until the fence signals and its job lets go of it */
	struct xe_hw_fence_timeline *timeline;
	/** @link: entry in &xe_hw_fence_timeline.pending while @pending is set */
	struct list_head link;
	/** @tracked: the fence has been put on the pending list once; never cleared */
	bool tracked;
	/** @pending: the fence is on the pending list (protected by &xe_hw_fence_irq.lock) */
	bool pending;
	/** @name: timeline name */
	char name[XE_HW_FENCE_NAME_LEN];
};

void xe_fence_init(struct dma_fence *fence, const struct dma_fence_ops *ops, spinlock_t *lock,
		   u64 context, u64 seqno);
void xe_fence_release(struct dma_fence *fence);
unsigned int xe_fences_alive(void);

void xe_hw_fence_irq_init(struct xe_hw_fence_irq *irq);
void xe_hw_fence_irq_run(struct xe_hw_fence_irq *irq);

void xe_hw_fence_timeline_init(struct xe_hw_fence_timeline *tl, struct xe_hw_fence_irq *irq,
			       const u32 *seqno_map, const char *name);

struct xe_hw_fence *xe_hw_fence_alloc(void);
void xe_hw_fence_free(struct xe_hw_fence *fence);
void xe_hw_fence_init(struct xe_hw_fence *fence, struct xe_hw_fence_timeline *tl, u32 seqno);
void xe_hw_fence_track(struct xe_hw_fence *fence);
void xe_hw_fence_fail(struct xe_hw_fence *fence, int error);

#endif
