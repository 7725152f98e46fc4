// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_trace.h"

#include <stdio.h>

#include "abi/guc_actions.h"
#include "abi/guc_messages.h"
#include "fw/guc_ct.h"
#include "fw/guc_names.h"
#include "gfx/pt_watch.h"
#include "util/bits.h"
#include "util/trace.h"

#define TRACK_IN "GuC"
#define TRACK_OUT "GuC to host"
/* Dwords of a message that are shown */
#define SHOWN_DWORDS 8u
/* Dwords of a TLB_INVALIDATION that names a range */
#define RANGE_DWORDS 7u

/* Kinds of arrows; the rest of the id tells the arrows of a kind apart. */
#define FLOW_TLB 0x100000000ull
#define FLOW_MODE 0x200000000ull
#define FLOW_DEREGISTER 0x300000000ull
#define FLOW_REPLY 0x400000000ull

static const char *print_dwords(const u32 *dw, u32 len, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (u32 i = 1; i < len && i <= SHOWN_DWORDS && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s0x%x", i > 1 ? " " : "", dw[i]);
	return buf;
}

static u64 flow_of_request(const u32 *dw, u32 len, u16 fence)
{
	if (FIELD_OF(GUC_HXG_TYPE_MASK, dw[0]) == GUC_HXG_TYPE_REQUEST)
		return FLOW_REPLY | fence;
	if (len < 2)
		return 0;
	switch (dw[0] & GUC_HXG_ACTION_MASK) {
	case GUC_H2G_TLB_INVALIDATION:
		return FLOW_TLB | dw[1];
	case GUC_H2G_SCHED_CONTEXT_MODE_SET:
		return FLOW_MODE | dw[1];
	case GUC_H2G_DEREGISTER_CONTEXT:
		return FLOW_DEREGISTER | dw[1];
	default:
		return 0;
	}
}

static u64 flow_of_answer(u16 fence, const u32 *dw, u32 len)
{
	if (FIELD_OF(GUC_HXG_TYPE_MASK, dw[0]) != GUC_HXG_TYPE_EVENT)
		return FLOW_REPLY | fence;
	if (len < 2)
		return 0;
	switch (dw[0] & GUC_HXG_ACTION_MASK) {
	case GUC_G2H_TLB_INVALIDATION_DONE:
		return FLOW_TLB | dw[1];
	case GUC_G2H_SCHED_CONTEXT_MODE_DONE:
		return FLOW_MODE | dw[1];
	case GUC_G2H_DEREGISTER_CONTEXT_DONE:
		return FLOW_DEREGISTER | dw[1];
	default:
		return 0;
	}
}

static const char *tlb_type_name(u32 operation)
{
	static const char *const names[] = {
		[GUC_TLB_INVAL_TYPE_FULL] = "full",
		[GUC_TLB_INVAL_TYPE_RANGE] = "range",
		[GUC_TLB_INVAL_TYPE_RANGE_CONTEXT] = "range of a context",
		[GUC_TLB_INVAL_TYPE_GUC] = "GuC",
	};
	u32 type = operation & 0xff;

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

static void begin_invalidation(const struct guc_msg *msg)
{
	const char *name = guc_action_name(GUC_H2G_TLB_INVALIDATION);
	const u32 *dw = msg->dw;

	if (msg->len < RANGE_DWORDS)
		trace_begin(TRACK_IN, name, "\"seqno\":%u,\"type\":\"%s\",\"mode\":\"%s\"", dw[1],
			    tlb_type_name(dw[2]),
			    dw[2] & GUC_TLB_INVAL_MODE_LITE ? "lite" : "heavy");
	else
		trace_begin(TRACK_IN, name,
			    "\"seqno\":%u,\"type\":\"%s\",\"mode\":\"%s\",\"of\":%u,"
			    "\"first\":\"0x%llx\",\"bytes\":\"0x%llx\"", dw[1],
			    tlb_type_name(dw[2]),
			    dw[2] & GUC_TLB_INVAL_MODE_LITE ? "lite" : "heavy", dw[3],
			    (unsigned long long)(dw[4] | (u64)dw[5] << 32),
			    (unsigned long long)SZ_4K << (dw[6] & 63));
}

void guc_trace_request(struct xm_device *dev, const struct guc_msg *msg)
{
	u32 action = msg->dw[0] & GUC_HXG_ACTION_MASK;
	char dwords[SHOWN_DWORDS * 12];
	u64 flow;

	if (!trace_on())
		return;
	print_dwords(msg->dw, msg->len, dwords, sizeof(dwords));
	if (action == GUC_H2G_TLB_INVALIDATION && msg->len > 2)
		begin_invalidation(msg);
	else
		trace_begin(TRACK_IN, guc_action_name(action),
			    "\"action\":\"0x%04x\",\"fence\":%u,\"dwords\":\"%s\"", action,
			    msg->fence, dwords);
	flow = flow_of_request(msg->dw, msg->len, msg->fence);
	if (flow)
		trace_flow(TRACK_IN, guc_action_name(action), flow, true);
	if (action == GUC_H2G_TLB_INVALIDATION)
		pt_watch_compare(dev);
}

void guc_trace_mailbox(const u32 *dw)
{
	u32 action = dw[0] & GUC_HXG_ACTION_MASK;
	char dwords[SHOWN_DWORDS * 12];

	if (trace_on())
		trace_begin(TRACK_IN, guc_action_name(action),
			    "\"action\":\"0x%04x\",\"mailbox\":true,\"dwords\":\"%s\"", action,
			    print_dwords(dw, 4, dwords, sizeof(dwords)));
}

void guc_trace_done(u32 err)
{
	if (trace_on())
		trace_end(TRACK_IN, "\"result\":\"0x%x\"", err);
}

static const char *message_name(const u32 *dw)
{
	switch (FIELD_OF(GUC_HXG_TYPE_MASK, dw[0])) {
	case GUC_HXG_TYPE_EVENT:
		return guc_action_name(dw[0] & GUC_HXG_ACTION_MASK);
	case GUC_HXG_TYPE_SUCCESS:
		return "reply: success";
	case GUC_HXG_TYPE_FAILURE:
		return "reply: failure";
	default:
		return "reply";
	}
}

void guc_trace_sent(u16 fence, const u32 *dw, u32 len)
{
	char dwords[SHOWN_DWORDS * 12];
	u64 flow;

	if (!trace_on())
		return;
	trace_begin(TRACK_OUT, message_name(dw), "\"fence\":%u,\"dwords\":\"%s\"", fence,
		    print_dwords(dw, len, dwords, sizeof(dwords)));
	flow = flow_of_answer(fence, dw, len);
	if (flow)
		trace_flow(TRACK_OUT, message_name(dw), flow, false);
	trace_end(TRACK_OUT, "%s", "");
}

void guc_trace_queues(unsigned int waiting, unsigned int running)
{
	trace_counter("contexts", "\"waiting\":%u,\"running\":%u", waiting, running);
}
