// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Work queues
 *
 * The host submits to a parallel context through a ring of items in its memory. A descriptor
 * beside it holds head and tail. Each item carries the new ring tails of all LRCs: the
 * firmware hands them to the context images and moves the head.
 */

#include "abi/guc_actions.h"
#include "bus/dma.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "fw/guc_ctx.h"
#include "instructions/lrc_layout.h"
#include "util/bits.h"
#include "util/log.h"

u32 guc_lrc_dword(const struct guc_lrc *lrc, unsigned int index)
{
	return ((u32)lrc->desc & LRC_DESC_LRCA_MASK) + LRC_STATE_OFFSET + index * 4;
}

/*
 * A host that moves the tail of a parallel context by itself has it moved back by the next item
 * that is older, and the engine runs beyond the end of the ring's contents.
 */
static bool give_tail(struct guc_sched *sched, struct guc_lrc *lrc, u32 tail)
{
	u32 at = guc_lrc_dword(lrc, LRC_DW_RING_TAIL), now;

	if (!ggtt_read32(sched->dev, at, &now))
		return false;
	if (lrc->has_tail && now != lrc->tail)
		log_violation("work-queue", "context %u: ring tail 0x%x in the image at GGTT "
			      "0x%08x is not from a work item, the last one said 0x%x",
			      lrc->ctx->id, now,
			      guc_lrc_dword(lrc, 0), lrc->tail);
	lrc->tail = tail;
	lrc->has_tail = true;
	return ggtt_write32(sched->dev, at, tail);
}

/* Hand the ring tails of one work item to the images. */
static bool apply_work_item(struct guc_sched *sched, struct guc_context *ctx, const u32 *item)
{
	u32 tail = FIELD_OF(GUC_WQ_ITEM_TAIL_MASK, item[2]) * 8;

	for (unsigned int i = 0; i < ctx->n_lrc; i++) {
		if (i)
			tail = item[3 + i] * 8;
		if (!give_tail(sched, &ctx->lrc[i], tail))
			return false;
	}
	return true;
}

/* @left: bytes between head and tail; an item lies in them as a whole, and does not wrap. */
static bool consume_item(struct guc_sched *sched, struct guc_context *ctx, u32 *head, u32 *left)
{
	u32 item[3 + GUC_MAX_LRC] = { 0 };
	u32 header, len;

	if (!ggtt_read32(sched->dev, ctx->wq_base + *head, &header))
		return false;
	len = FIELD_OF(GUC_WQ_ITEM_LEN_MASK, header) + 1;
	if (len * 4 > *left || *head + len * 4 > ctx->wq_size)
		return false;
	if (FIELD_OF(GUC_WQ_ITEM_TYPE_MASK, header) == GUC_WQ_TYPE_MULTI_LRC) {
		if (len != GUC_WQ_ITEM_DWORDS(ctx->n_lrc) ||
		    !ggtt_read(sched->dev, ctx->wq_base + *head, item, len * 4) ||
		    !apply_work_item(sched, ctx, item))
			return false;
	} else if (FIELD_OF(GUC_WQ_ITEM_TYPE_MASK, header) != GUC_WQ_TYPE_NOOP) {
		return false;
	}
	*head = (*head + len * 4) % ctx->wq_size;
	*left -= len * 4;
	return true;
}

void guc_wq_read(struct guc_sched *sched, struct guc_context *ctx)
{
	u32 head = 0, tail = 0, left;
	bool ok;

	dma_read_lock(sched->dev->dma);
	ok = ggtt_read32(sched->dev, ctx->wq_desc + GUC_WQ_DESC_HEAD * 4, &head) &&
	     ggtt_read32(sched->dev, ctx->wq_desc + GUC_WQ_DESC_TAIL * 4, &tail) &&
	     head < ctx->wq_size && tail < ctx->wq_size;
	left = ok ? (tail + ctx->wq_size - head) % ctx->wq_size : 0;
	while (ok && left)
		ok = consume_item(sched, ctx, &head, &left);
	ggtt_write32(sched->dev, ctx->wq_desc + GUC_WQ_DESC_HEAD * 4, head);
	if (!ok)
		ggtt_write32(sched->dev, ctx->wq_desc + GUC_WQ_DESC_STATUS * 4,
			     GUC_WQ_STATUS_CMD_ERROR);
	dma_read_unlock(sched->dev->dma);
	if (!ok)
		log_violation("work-queue", "context %u: work queue is malformed at byte 0x%x "
			      "(tail 0x%x, size 0x%x)", ctx->id, head, tail, ctx->wq_size);
}
