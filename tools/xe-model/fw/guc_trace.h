/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_TRACE_H
#define XM_FW_GUC_TRACE_H

#include "util/types.h"

struct guc_msg;
struct xm_device;

/*
 * The GuC's time lines: "GuC" with a span for each request while it is carried out, and "GuC to
 * host" with what enters the other ring. Arrows lead from a request to its answer. Each function
 * does nothing while no trace is being written.
 */

/**
 * guc_trace_request() - a request of the ring is about to be carried out
 * @dev: device
 * @msg: request; may be malformed
 *
 * At an invalidation of TLBs the page tables are compared with what was last seen of them.
 *
 * Context: dma_read_lock() not held.
 */
void guc_trace_request(struct xm_device *dev, const struct guc_msg *msg);

/**
 * guc_trace_mailbox() - a request of the register mailbox is about to be carried out
 * @dw: message registers
 */
void guc_trace_mailbox(const u32 *dw);

/**
 * guc_trace_done() - the request was carried out
 * @err: 0 or a GUC_ERROR_*; for the mailbox: the header of the reply
 */
void guc_trace_done(u32 err);

/**
 * guc_trace_sent() - a message entered the ring to the host
 * @fence: fence of the request that is answered, 0 for events
 * @dw: HXG message
 * @len: dwords
 */
void guc_trace_sent(u16 fence, const u32 *dw, u32 len);

/**
 * guc_trace_queues() - how many contexts wait and run
 * @waiting: contexts that wait for an engine
 * @running: engines that run a context
 */
void guc_trace_queues(unsigned int waiting, unsigned int running);

#endif
