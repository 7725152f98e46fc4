// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_lrc.h"

#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/xe_assert.h"
#include "base/xe_device.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "gt/xe_hw_fence.h"
#include "gt/xe_lrc_image.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "mem/xe_bo.h"
#include "mem/xe_ppgtt.h"
#include "regs/xe_engine_regs.h"

/**
 * DOC: Logical ring contexts
 *
 * A context is one pinned, GGTT-mapped buffer: the ring, the status page (PPHWSP) and the state
 * image, in this order. The GuC and the engine know it by its descriptor, which holds the
 * address of the PPHWSP.
 *
 * Who writes what: the driver writes the ring and, after it, the tail in the image, which for a
 * parallel queue the GuC does; the hardware writes the head and everything else in the image
 * whenever it switches the context out, and the words of the PPHWSP while jobs run. The driver
 * touches other parts of the image only before the context is first submitted, or after a GT reset.
 *
 * Locking: none. Sequence numbers are handed out under whatever lock orders the jobs of a queue
 * (xe_job_arm()); ring and tail are written by the one thread that runs the queue's jobs.
 */

/*
 * First sequence number of a context: close below zero, so that wrap-around is exercised by
 * every context that runs more than a hundred jobs.
 */
#define LRC_FIRST_SEQNO ((u32)-127)

static void *lrc_ring(const struct xe_lrc *lrc)
{
	return xe_bo_vaddr(lrc->bo);
}

static void *lrc_pphwsp(const struct xe_lrc *lrc)
{
	return lrc_ring(lrc) + XE_LRC_RING_SIZE;
}

static u32 *lrc_pphwsp_word(const struct xe_lrc *lrc, u32 offset)
{
	return lrc_pphwsp(lrc) + offset;
}

static u32 *lrc_state(const struct xe_lrc *lrc)
{
	return lrc_pphwsp(lrc) + LRC_STATE_OFFSET;
}

/**
 * xe_lrc_image_size - size of a context image
 * @gt: the GT
 * @class: engine class
 *
 * Context: any.
 * Return: bytes, PPHWSP included, ring excluded; 0 if the platform has no such class
 */
size_t xe_lrc_image_size(struct xe_gt *gt, enum xe_engine_class class)
{
	return (size_t)xe_lrc_image_pages(gt->xe->platform->graphics_verx100, class) * SZ_4K;
}

static u64 lrc_make_descriptor(const struct xe_lrc *lrc, const struct xe_engine *hwe,
			       bool has_ppgtt)
{
	u32 lo = xe_lrc_ggtt_addr(lrc) | LRC_DESC_VALID | LRC_DESC_MODE_LEGACY64;
	u32 hi = (u32)hwe->class << LRC_DESC_HI_CLASS_SHIFT |
		 (u32)hwe->instance << LRC_DESC_HI_INSTANCE_SHIFT;

	if (has_ppgtt)
		lo |= LRC_DESC_PPGTT;

	return (u64)hi << 32 | lo;
}

static int lrc_init_image(struct xe_lrc *lrc, struct xe_engine *hwe, struct xe_ppgtt *ppgtt)
{
	const void *recorded = lrc->gt->default_image[hwe->class];
	struct xe_lrc_values values = {
		.ring_start = xe_bo_ggtt_addr(lrc->bo),
		.ring_size = XE_LRC_RING_SIZE,
	};
	int err;

	if (ppgtt) {
		values.has_ppgtt = true;
		values.root = xe_ppgtt_root_desc(ppgtt);
	}

	if (recorded) {
		memcpy(lrc_state(lrc), recorded + LRC_STATE_OFFSET,
		       xe_lrc_image_size(lrc->gt, hwe->class) - LRC_STATE_OFFSET);
	} else {
		err = xe_lrc_image_build(lrc_state(lrc),
					 lrc->gt->xe->platform->graphics_verx100,
					 hwe->class, hwe->mmio_base);
		if (err)
			return err;
	}
	xe_lrc_image_set_values(lrc_state(lrc), &values);

	return 0;
}

/**
 * xe_lrc_create - make a context
 * @hwe: engine it is made for; any engine of the same class may run it
 * @ppgtt: address space, NULL for batches in the GGTT; the caller keeps it alive as long as the
 * hardware may know the context
 *
 * Context: may sleep.
 * Return: the context with one reference, or ERR_PTR:
 * * -EINVAL - the platform has no image layout for the engine's class
 * * -ENOMEM - no memory
 * * -ENOSPC - no room in the GGTT
 */
struct xe_lrc *xe_lrc_create(struct xe_engine *hwe, struct xe_ppgtt *ppgtt)
{
	static const u32 first[] = { MI_ARB_ON_OFF | MI_ARB_ENABLE, MI_NOOP };
	struct xe_gt *gt = hwe->gt;
	size_t image = xe_lrc_image_size(gt, hwe->class);
	struct xe_lrc *lrc;
	int err;

	if (!image)
		return ERR_PTR(-EINVAL);

	lrc = kzalloc(sizeof(*lrc), GFP_KERNEL);
	if (!lrc)
		return ERR_PTR(-ENOMEM);

	kref_init(&lrc->ref);
	lrc->gt = gt;
	lrc->class = hwe->class;
	lrc->next_seqno = LRC_FIRST_SEQNO;
	lrc->bo = xe_bo_create_kernel(gt->xe, XE_LRC_RING_SIZE + image,
				      XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(lrc->bo)) {
		err = PTR_ERR(lrc->bo);
		goto err_free;
	}

	err = lrc_init_image(lrc, hwe, ppgtt);
	if (err)
		goto err_bo;

	lrc->desc = lrc_make_descriptor(lrc, hwe, ppgtt);
	lrc->accounted = xe_lrc_ctx_timestamp(lrc);
	xe_hw_fence_timeline_init(&lrc->timeline, &gt->fence_irq[hwe->class],
				  lrc_pphwsp_word(lrc, LRC_PPHWSP_SEQNO), hwe->name);
	*lrc_pphwsp_word(lrc, LRC_PPHWSP_SEQNO) = lrc->next_seqno - 1;
	*lrc_pphwsp_word(lrc, LRC_PPHWSP_START_SEQNO) = lrc->next_seqno - 1;
	xe_lrc_write_ring(lrc, first, ARRAY_SIZE(first));

	return lrc;

err_bo:
	xe_bo_destroy_kernel(lrc->bo);
err_free:
	kfree(lrc);
	return ERR_PTR(err);
}

static void lrc_release(struct kref *ref)
{
	struct xe_lrc *lrc = container_of(ref, struct xe_lrc, ref);

	xe_assert(lrc->gt->xe, list_empty(&lrc->timeline.pending));
	xe_bo_destroy_kernel(lrc->bo);
	kfree(lrc);
}

/**
 * xe_lrc_get - take a reference
 * @lrc: the context
 *
 * Context: any.
 * Return: @lrc
 */
struct xe_lrc *xe_lrc_get(struct xe_lrc *lrc)
{
	kref_get(&lrc->ref);
	return lrc;
}

/**
 * xe_lrc_unmap - take a context out of the reach of the GPU, before it is freed
 * @lrc: the context; the hardware does not know it any more
 *
 * One TLB invalidation is enough for all contexts that were unmapped before the first is freed.
 *
 * Context: may sleep.
 */
void xe_lrc_unmap(struct xe_lrc *lrc)
{
	xe_bo_ggtt_clear(lrc->bo);
}

/**
 * xe_lrc_put - drop a reference
 * @lrc: the context or NULL; with the last reference the hardware must not know it any more
 *
 * Context: may sleep.
 */
void xe_lrc_put(struct xe_lrc *lrc)
{
	if (lrc)
		kref_put(&lrc->ref, lrc_release);
}

/**
 * xe_lrc_image - the context image as the hardware last saved it
 * @lrc: the context
 *
 * Context: any.
 * Return: start of the PPHWSP, xe_lrc_image_size() bytes
 */
const void *xe_lrc_image(struct xe_lrc *lrc)
{
	return lrc_pphwsp(lrc);
}

/**
 * xe_lrc_descriptor - what the GuC is told about the context
 * @lrc: the context
 *
 * Context: any.
 * Return: the 64-bit context descriptor
 */
u64 xe_lrc_descriptor(const struct xe_lrc *lrc)
{
	return lrc->desc;
}

/**
 * xe_lrc_ggtt_addr - address of the context
 * @lrc: the context
 *
 * Context: any.
 * Return: GGTT address of the PPHWSP, 4 KiB aligned
 */
u32 xe_lrc_ggtt_addr(const struct xe_lrc *lrc)
{
	return xe_bo_ggtt_addr(lrc->bo) + XE_LRC_RING_SIZE;
}

/**
 * xe_lrc_ring_ggtt_addr - address of the ring, by which an engine tells what it has loaded
 * @lrc: the context
 *
 * Context: any.
 * Return: GGTT address, 4 KiB aligned, not 0
 */
u32 xe_lrc_ring_ggtt_addr(const struct xe_lrc *lrc)
{
	return xe_bo_ggtt_addr(lrc->bo);
}

/**
 * xe_lrc_write_ring - append commands to the ring; the hardware does not see them yet
 * @lrc: the context
 * @dw: the commands
 * @n_dw: number of dwords, even
 *
 * There is always room: a queue never has more than XE_LRC_MAX_JOBS jobs in flight. A command
 * may straddle the end of the ring.
 *
 * Context: any. Serialised by the caller.
 */
void xe_lrc_write_ring(struct xe_lrc *lrc, const u32 *dw, u32 n_dw)
{
	u32 bytes = n_dw * sizeof(*dw);
	u32 before_wrap = min_t(u32, bytes, XE_LRC_RING_SIZE - lrc->tail);

	xe_assert(lrc->gt->xe, !(n_dw & 1) && bytes < XE_LRC_RING_SIZE);

	memcpy(lrc_ring(lrc) + lrc->tail, dw, before_wrap);
	memcpy(lrc_ring(lrc), (const void *)dw + before_wrap, bytes - before_wrap);
	lrc->tail = (lrc->tail + bytes) % XE_LRC_RING_SIZE;
}

/**
 * xe_lrc_ring_space - where the next commands can be written without a copy
 * @lrc: the context
 * @n_dw: number of dwords
 *
 * Context: any. Serialised by the caller, until xe_lrc_ring_written().
 * Return: memory of the ring, NULL if the end of the ring is in between.
 */
u32 *xe_lrc_ring_space(const struct xe_lrc *lrc, u32 n_dw)
{
	if (XE_LRC_RING_SIZE - lrc->tail < n_dw * sizeof(u32))
		return NULL;

	return lrc_ring(lrc) + lrc->tail;
}

/**
 * xe_lrc_ring_written - append the commands that are in xe_lrc_ring_space()
 * @lrc: the context
 * @n_dw: their number of dwords, even
 *
 * The same as xe_lrc_write_ring() otherwise.
 *
 * Context: any. Serialised by the caller.
 */
void xe_lrc_ring_written(struct xe_lrc *lrc, u32 n_dw)
{
	xe_assert(lrc->gt->xe, !(n_dw & 1));
	lrc->tail = (lrc->tail + n_dw * sizeof(u32)) % XE_LRC_RING_SIZE;
}

/**
 * xe_lrc_write_tail - show the hardware what has been appended
 * @lrc: the context
 *
 * Writes the tail in the image; somebody still has to tell the GuC. Not for parallel queues.
 *
 * Context: any. Serialised by the caller.
 */
void xe_lrc_write_tail(struct xe_lrc *lrc)
{
	/*
	 * The ring must be in memory before the tail that makes the engine fetch it. Pairs with
	 * the engine's own order: it loads the tail from the image, then fetches the ring.
	 */
	wmb();
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_RING_TAIL], lrc->tail);
}

/**
 * xe_lrc_tail - where the driver will write next
 * @lrc: the context
 *
 * Context: any. Stable only for the thread that writes the ring.
 * Return: bytes from the start of the ring, 8-byte aligned
 */
u32 xe_lrc_tail(const struct xe_lrc *lrc)
{
	return lrc->tail;
}

/**
 * xe_lrc_saved_head - where the engine was in the ring when the context was last saved
 * @lrc: the context
 *
 * Context: any.
 * Return: bytes from the start of the ring
 */
u32 xe_lrc_saved_head(const struct xe_lrc *lrc)
{
	return READ_ONCE(lrc_state(lrc)[LRC_DW_RING_HEAD]);
}

/**
 * xe_lrc_rewind - forget what the ring holds, after a GT reset
 * @lrc: the context; no engine and no firmware knows it
 *
 * The image is told that the ring is empty at the driver's tail, and that no batch goes on: it may
 * have been saved in the middle of one. Jobs that have not finished are then emitted again.
 *
 * Context: any. Serialised by the caller.
 */
void xe_lrc_rewind(struct xe_lrc *lrc)
{
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_RING_HEAD], lrc->tail);
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_RING_TAIL], lrc->tail);
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_BB_ADDR_UDW], 0);
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_BB_ADDR], 0);
	WRITE_ONCE(lrc_state(lrc)[LRC_DW_BB_STATE], 0);
}

/**
 * xe_lrc_seqno - number of the last finished job
 * @lrc: the context
 *
 * Context: any.
 * Return: sequence number as stored by the GPU; compare by signed difference
 */
u32 xe_lrc_seqno(const struct xe_lrc *lrc)
{
	return READ_ONCE(*lrc_pphwsp_word(lrc, LRC_PPHWSP_SEQNO));
}

/**
 * xe_lrc_start_seqno - number of the last started job
 * @lrc: the context
 *
 * Context: any.
 * Return: sequence number as stored by the GPU; compare by signed difference
 */
u32 xe_lrc_start_seqno(const struct xe_lrc *lrc)
{
	return READ_ONCE(*lrc_pphwsp_word(lrc, LRC_PPHWSP_START_SEQNO));
}

/**
 * xe_lrc_jobs_in_flight - jobs that have a number and have not finished
 * @lrc: the context
 *
 * Context: any. Grows only when a number is handed out.
 * Return: their number
 */
u32 xe_lrc_jobs_in_flight(const struct xe_lrc *lrc)
{
	return READ_ONCE(lrc->next_seqno) - 1 - xe_lrc_seqno(lrc);
}

/**
 * xe_lrc_ctx_timestamp - run time of the context when it was last saved
 * @lrc: the context
 *
 * Context: any.
 * Return: ticks of the reference clock (&xe_gt.clock_hz), wraps
 */
u32 xe_lrc_ctx_timestamp(const struct xe_lrc *lrc)
{
	return READ_ONCE(lrc_state(lrc)[LRC_DW_CTX_TIMESTAMP]);
}

/**
 * xe_lrc_job_timestamp - run time of the context when its last started job began
 * @lrc: the context
 *
 * Context: any.
 * Return: ticks of the reference clock (&xe_gt.clock_hz), wraps
 */
u32 xe_lrc_job_timestamp(const struct xe_lrc *lrc)
{
	return READ_ONCE(*lrc_pphwsp_word(lrc, LRC_PPHWSP_START_TIMESTAMP));
}

/**
 * xe_lrc_parallel_ggtt_addr - work-queue area of a parallel queue
 * @lrc: the context of slot 0
 *
 * Context: any.
 * Return: GGTT address of LRC_PPHWSP_PARALLEL_SIZE bytes in the status page
 */
u32 xe_lrc_parallel_ggtt_addr(const struct xe_lrc *lrc)
{
	return xe_lrc_ggtt_addr(lrc) + LRC_PPHWSP_PARALLEL;
}

/**
 * xe_lrc_parallel_vaddr - work-queue area of a parallel queue
 * @lrc: the context of slot 0
 *
 * Context: any.
 * Return: CPU address of the same bytes
 */
void *xe_lrc_parallel_vaddr(const struct xe_lrc *lrc)
{
	return lrc_pphwsp(lrc) + LRC_PPHWSP_PARALLEL;
}

/**
 * xe_lrc_seqno_arm - hand out the next sequence number, for a job without a fence
 * @lrc: the context
 *
 * Context: any. Serialised by the caller; numbers must reach the ring in this order.
 * Return: the sequence number
 */
u32 xe_lrc_seqno_arm(struct xe_lrc *lrc)
{
	u32 seqno = lrc->next_seqno;

	WRITE_ONCE(lrc->next_seqno, seqno + 1);

	return seqno;
}

/**
 * xe_lrc_fence_arm - hand out the next sequence number; cannot fail
 * @lrc: the context
 * @fence: from xe_hw_fence_alloc(), becomes a fence on that number
 *
 * Context: any. Serialised by the caller; numbers must reach the ring in this order.
 * Return: the sequence number
 */
u32 xe_lrc_fence_arm(struct xe_lrc *lrc, struct xe_hw_fence *fence)
{
	u32 seqno = xe_lrc_seqno_arm(lrc);

	xe_hw_fence_init(fence, &lrc->timeline, seqno);

	return seqno;
}
