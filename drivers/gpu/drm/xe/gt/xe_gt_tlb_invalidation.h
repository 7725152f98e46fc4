/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GT_TLB_INVALIDATION_H_
#define _XE_GT_TLB_INVALIDATION_H_

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct dentry;
struct xe_gt;
struct xe_tlb_inval;

#define XE_TLB_INVAL_CMD_DWORDS	5

/**
 * struct xe_tlb_inval_fence - completion of one TLB invalidation
 *
 * Allocated by xe_tlb_inval_fence_alloc(). xe_tlb_inval_range() turns it into a live dma_fence;
 * from then on it is reference counted through @base.
 */
struct xe_tlb_inval_fence {
	/** @base: the fence; initialised when the invalidation is issued */
	struct dma_fence base;
	/** @lock: lock of @base, per fence because fences outlive the GT */
	spinlock_t lock;
	/** @link: position in the queue of the GT, under its lock */
	struct list_head link;
	/** @deadline: jiffies after which the GuC is considered unresponsive */
	unsigned long deadline;
	/** @cmd: dwords of the request behind the sequence number */
	u32 cmd[XE_TLB_INVAL_CMD_DWORDS];
	/** @n_cmd: number of valid dwords in @cmd */
	u8 n_cmd;
	/** @start: for traces: first address, 0 with @end: everything */
	u64 start;
	/** @end: for traces: end of the range, exclusive */
	u64 end;
	/** @seqno: sequence number on the wire; 0 until sent */
	u32 seqno;
};

/**
 * struct xe_tlb_inval_ops - how an invalidation reaches the hardware
 */
struct xe_tlb_inval_ops {
	/**
	 * @send: send a request. Called with interrupts off under the front end's lock; must
	 * not sleep. @cmd holds @n_cmd dwords that follow the sequence number.
	 * Return: 0 when sent, -EBUSY if there is no room at the moment, anything else if the
	 * channel is down: the request is kept for xe_tlb_inval_resume().
	 */
	int (*send)(void *data, u32 seqno, const u32 *cmd, u32 n_cmd);
	/**
	 * @is_up: whether @send may be used for GGTT translations. Called under the front end's
	 * lock
	 */
	bool (*is_up)(void *data);
	/** @stuck: an answer is overdue; request a reset. Called under the front end's lock. */
	void (*stuck)(void *data);
};

int xe_tlb_inval_init(struct xe_gt *gt);
void xe_tlb_inval_fini(struct xe_gt *gt);
void xe_tlb_inval_set_ops(struct xe_gt *gt, const struct xe_tlb_inval_ops *ops, void *data);

int xe_tlb_inval_ggtt(struct xe_gt *gt);
void xe_tlb_inval_range(struct xe_gt *gt, struct xe_tlb_inval_fence *f, u64 start, u64 end,
			u32 asid);
struct xe_tlb_inval_fence *xe_tlb_inval_fence_alloc(struct xe_gt *gt);
void xe_tlb_inval_fence_free(struct xe_tlb_inval_fence *f);
bool xe_tlb_inval_is_fence(const struct dma_fence *fence);

void xe_tlb_inval_done(struct xe_gt *gt, u32 seqno);
void xe_tlb_inval_reset(struct xe_gt *gt);
void xe_tlb_inval_resume(struct xe_gt *gt);
void xe_tlb_inval_abandon(struct xe_gt *gt);
u64 xe_tlb_inval_count(struct xe_gt *gt);
void xe_tlb_inval_debugfs(struct dentry *root);

#endif
