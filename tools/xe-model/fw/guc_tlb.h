/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_TLB_H
#define XM_FW_GUC_TLB_H

#include "fw/guc_ctx.h"
#include "util/types.h"

/**
 * struct guc_tlb - TLB invalidation of a GuC
 * @seqno: sequence number of the last request, 0 before the first one since the upload
 */
struct guc_tlb {
	u32 seqno;
};

/**
 * guc_tlb_reset() - forget what was before an upload
 * @tlb: state
 */
void guc_tlb_reset(struct guc_tlb *tlb);

/**
 * guc_tlb_request() - TLB_INVALIDATION: check, carry out and answer
 * @tlb: state
 * @sched: scheduler
 * @dw: HXG message
 * @len: dwords
 *
 * A request that cannot be understood is not answered.
 *
 * Context: sched->lock held, dma_read_lock() not held; waits for engines to pass a point between
 * two commands.
 */
void guc_tlb_request(struct guc_tlb *tlb, struct guc_sched *sched, const u32 *dw, u32 len);

#endif
