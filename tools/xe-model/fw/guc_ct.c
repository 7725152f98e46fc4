// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Command transport
 *
 * Two rings in GGTT memory with a descriptor each. The receiver moves the head, the sender the
 * tail. The host never splits a message: what does not fit before the end of its ring is preceded
 * by zero dwords, each skipped like an empty message. Messages to the host may wrap.
 *
 * A message to the host may wait for a while before it enters the ring, because a host must not
 * count on prompt answers:
 *
 *	sent --no delay, nothing waits--> in the ring
 *	sent --delay--> waiting --due, guc_ct_deliver()--> in the ring
 *
 * Messages of guc_ct_send() keep their order, those of guc_ct_send_late() are overtaken.
 *
 * Locking: the caller serialises; guest memory is accessed under dma_read_lock() taken here.
 */

#include "fw/guc_ct.h"

#include <stdlib.h>
#include <string.h>

#include "abi/guc_klvs.h"
#include "bus/dma.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "dev/ggtt.h"
#include "fw/guc_trace.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"

/* Reserved bits are set, and the length is more than any message of the GuC has. */
#define GARBAGE_HEADER 0xdeadffefu

static u64 dword(u64 base, u32 index)
{
	return base + index * 4ull;
}

void guc_ct_init(struct guc_ct *ct)
{
	rng_init(&ct->rng, ct->dev->cfg.seed, RNG_REPLY);
}

static void forget_waiting(struct guc_ct *ct)
{
	while (ct->out) {
		struct guc_out *out = ct->out;

		ct->out = out->next;
		free(out);
	}
	ct->last_due = 0;
}

void guc_ct_reset(struct guc_ct *ct)
{
	forget_waiting(ct);
	memset(&ct->h2g, 0, sizeof(ct->h2g));
	memset(&ct->g2h, 0, sizeof(ct->g2h));
	ct->enabled = false;
	ct->broken = false;
	ct->spoiled = false;
}

bool guc_ct_configure(struct guc_ct *ct, u32 key, u64 value)
{
	switch (key) {
	case GUC_KLV_SELF_CFG_H2G_ADDR:
		ct->h2g.ring = value;
		return true;
	case GUC_KLV_SELF_CFG_H2G_DESC_ADDR:
		ct->h2g.desc = value;
		return true;
	case GUC_KLV_SELF_CFG_H2G_SIZE:
		ct->h2g.size = (u32)value / 4;
		return true;
	case GUC_KLV_SELF_CFG_G2H_ADDR:
		ct->g2h.ring = value;
		return true;
	case GUC_KLV_SELF_CFG_G2H_DESC_ADDR:
		ct->g2h.desc = value;
		return true;
	case GUC_KLV_SELF_CFG_G2H_SIZE:
		ct->g2h.size = (u32)value / 4;
		return true;
	default:
		return false;
	}
}

static u32 start_ring(struct xm_device *dev, struct guc_ctb *ctb, u32 pos_index)
{
	u32 top = dev->platform->ggtt_guc_top;
	u32 status;

	if (!ctb->size || !ctb->ring || !ctb->desc || (ctb->ring | ctb->desc) & 3)
		return GUC_ERROR_CTB_NOT_REGISTERED;
	if (ctb->ring < dev->platform->wopcm_size || ctb->desc < dev->platform->wopcm_size ||
	    ctb->ring + ctb->size * 4ull > top || ctb->desc + GUC_CT_DESC_BYTES > top)
		return GUC_ERROR_BAD_GGTT_ADDRESS;
	ctb->off = 0;
	if (!ggtt_read32(dev, dword(ctb->desc, pos_index), &ctb->pos) ||
	    !ggtt_read32(dev, dword(ctb->desc, GUC_CT_DESC_STATUS), &status))
		return GUC_ERROR_BAD_GGTT_ADDRESS;
	if (ctb->pos >= ctb->size || status)
		return GUC_ERROR_CTB_BAD_DESCRIPTOR;
	return 0;
}

u32 guc_ct_enable(struct guc_ct *ct, bool on)
{
	u32 err = 0;

	forget_waiting(ct);
	ct->enabled = false;
	ct->broken = false;
	ct->spoiled = false;
	if (!on)
		return 0;
	dma_read_lock(ct->dev->dma);
	err = start_ring(ct->dev, &ct->h2g, GUC_CT_DESC_HEAD);
	if (!err)
		err = start_ring(ct->dev, &ct->g2h, GUC_CT_DESC_TAIL);
	dma_read_unlock(ct->dev->dma);
	if (err)
		log_violation("ct-setup", "CT rings cannot be enabled: error 0x%x\n"
			      "  H2G ring 0x%llx desc 0x%llx size %u dw, G2H ring 0x%llx desc "
			      "0x%llx size %u dw", err, (unsigned long long)ct->h2g.ring,
			      (unsigned long long)ct->h2g.desc, ct->h2g.size,
			      (unsigned long long)ct->g2h.ring,
			      (unsigned long long)ct->g2h.desc, ct->g2h.size);
	ct->enabled = !err;
	return err;
}

static bool broken(struct guc_ct *ct, struct guc_ctb *ctb, u32 status, const char *why, u32 value)
{
	ggtt_write32(ct->dev, dword(ctb->desc, GUC_CT_DESC_STATUS), status);
	ct->broken = true;
	if (ct->spoiled)
		log_excuse(true);
	log_violation("ct-protocol", "%s CT ring: %s (0x%x), own position %u of %u",
		      ctb == &ct->h2g ? "H2G" : "G2H", why, value, ctb->pos, ctb->size);
	return false;
}

/* Whether an ordered fault is to break the rings here. */
static bool spoil(struct guc_ct *ct, enum fault_kind kind, const struct fault_event *ev)
{
	bool hit = fault_hit(ct->dev, kind, ev);

	ct->spoiled |= hit;
	return hit;
}

static bool set_head(struct guc_ct *ct)
{
	struct guc_ctb *h2g = &ct->h2g;

	return ggtt_write32(ct->dev, dword(h2g->desc, GUC_CT_DESC_HEAD), h2g->pos + h2g->off);
}

static bool receive(struct guc_ct *ct, struct guc_msg *msg)
{
	struct guc_ctb *h2g = &ct->h2g;
	u32 tail, header = 0, filled;
	bool spoilt;

	if (!ggtt_read32(ct->dev, dword(h2g->desc, GUC_CT_DESC_TAIL), &tail))
		return broken(ct, h2g, GUC_CT_STATUS_MISMATCH, "descriptor is not mapped", 0);
	if (tail >= h2g->size)
		return broken(ct, h2g, GUC_CT_STATUS_OVERFLOW, "tail is outside the ring", tail);
	for (; h2g->pos != tail; h2g->pos = (h2g->pos + 1) % h2g->size) {
		if (!ggtt_read32(ct->dev, dword(h2g->ring, h2g->pos), &header))
			return broken(ct, h2g, GUC_CT_STATUS_MISMATCH, "ring is not mapped", 0);
		if (header)
			break;
	}
	if (h2g->pos == tail) {
		set_head(ct);
		return false;
	}
	msg->fence = FIELD_OF(GUC_CT_FENCE_MASK, header);
	msg->len = header & GUC_CT_NUM_DWORDS_MASK;
	filled = (tail + h2g->size - h2g->pos) % h2g->size;
	if (header & 0xff00 || !msg->len)
		return broken(ct, h2g, GUC_CT_STATUS_MISMATCH, "bad message header", header);
	if (msg->len + 1 > filled)
		return broken(ct, h2g, GUC_CT_STATUS_UNDERFLOW, "message behind the tail", header);
	if (h2g->pos + msg->len + 1 > h2g->size)
		return broken(ct, h2g, GUC_CT_STATUS_MISMATCH, "message wraps", header);
	if (!ggtt_read(ct->dev, dword(h2g->ring, h2g->pos + 1), msg->dw, msg->len * 4))
		return broken(ct, h2g, GUC_CT_STATUS_MISMATCH, "ring is not mapped", 0);
	h2g->pos = (h2g->pos + msg->len + 1) % h2g->size;
	ct->request = msg->dw[0] & GUC_HXG_ACTION_MASK;
	spoilt = spoil(ct, FAULT_CT_HEAD, FAULT_EVENT(.action = ct->request));
	if (spoilt)
		h2g->off = h2g->size;
	set_head(ct);
	xm_stat_inc(ct->dev, h2g);
	return true;
}

bool guc_ct_receive(struct guc_ct *ct, struct guc_msg *msg)
{
	bool got;

	if (!ct->enabled || ct->broken)
		return false;
	dma_read_lock(ct->dev->dma);
	got = receive(ct, msg);
	dma_read_unlock(ct->dev->dma);
	return got;
}

static bool put_dwords(struct guc_ct *ct, const u32 *dw, u32 n)
{
	struct guc_ctb *g2h = &ct->g2h;

	while (n) {
		u32 now = XM_MIN(n, g2h->size - g2h->pos);

		if (!ggtt_write(ct->dev, dword(g2h->ring, g2h->pos), dw, now * 4))
			return false;
		g2h->pos = (g2h->pos + now) % g2h->size;
		dw += now;
		n -= now;
	}
	return true;
}

/* What ordered faults can pick a message by: its action, or that of the request it answers. */
static struct fault_event event_of(const struct guc_ct *ct, const u32 *dw, u32 len)
{
	if (FIELD_OF(GUC_HXG_TYPE_MASK, dw[0]) != GUC_HXG_TYPE_EVENT)
		return (struct fault_event){ .action = ct->request };
	return (struct fault_event){ .action = dw[0] & GUC_HXG_ACTION_MASK,
				     .ctx = len > 1 ? dw[1] : 0 };
}

static bool send(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len)
{
	u32 header = FIELD_PUT(GUC_CT_FENCE_MASK, (u32)fence) | len;
	const struct fault_event ev = event_of(ct, dw, len);
	struct guc_ctb *g2h = &ct->g2h;
	u32 head, space;

	if (!ggtt_read32(ct->dev, dword(g2h->desc, GUC_CT_DESC_HEAD), &head) || head >= g2h->size)
		return broken(ct, g2h, GUC_CT_STATUS_OVERFLOW, "head is outside the ring", head);
	space = (head + g2h->size - g2h->pos - 1) % g2h->size;
	if (space < len + 1)
		return broken(ct, g2h, GUC_CT_STATUS_OVERFLOW, "no room for a message", dw[0]);
	if (spoil(ct, FAULT_CT_HEADER, &ev))
		header = GARBAGE_HEADER;
	if (spoil(ct, FAULT_CT_STATUS, &ev))
		ggtt_write32(ct->dev, dword(g2h->desc, GUC_CT_DESC_STATUS), GUC_CT_STATUS_MISMATCH);
	if (!put_dwords(ct, &header, 1) || !put_dwords(ct, dw, len))
		return broken(ct, g2h, GUC_CT_STATUS_MISMATCH, "ring is not mapped", 0);
	if (spoil(ct, FAULT_CT_TAIL, &ev))
		g2h->off = g2h->size;
	if (!ggtt_write32(ct->dev, dword(g2h->desc, GUC_CT_DESC_TAIL), g2h->pos + g2h->off))
		return broken(ct, g2h, GUC_CT_STATUS_MISMATCH, "ring is not mapped", 0);
	return true;
}

static bool send_now(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len)
{
	bool sent;

	dma_read_lock(ct->dev->dma);
	sent = send(ct, fence, dw, len);
	dma_read_unlock(ct->dev->dma);
	if (!sent)
		return false;
	guc_trace_sent(fence, dw, len);
	xm_stat_inc(ct->dev, g2h);
	irq_raise(ct->dev, XM_CLASS_OTHER, XM_OTHER_GUC, XM_IRQ_GUC_TO_HOST);
	return true;
}

/* --- messages that wait ----------------------------------------------------------------------- */

static bool queue(struct guc_ct *ct, const struct guc_out *head, const u32 *dw)
{
	struct guc_out *out = malloc(sizeof(*out) + head->len * 4);
	struct guc_out **at = &ct->out;

	if (!out) {
		log_error("no memory for a message of the GuC");
		return false;
	}
	*out = *head;
	memcpy(out->dw, dw, head->len * 4);
	while (*at && (*at)->due <= out->due)
		at = &(*at)->next;
	out->next = *at;
	*at = out;
	if (ct->out == out)
		ct->kick(ct->kick_ctx);
	return true;
}

u64 guc_ct_deliver(struct guc_ct *ct, u64 now)
{
	while (ct->out && ct->out->due <= now) {
		struct guc_out *out = ct->out;

		ct->out = out->next;
		send_now(ct, out->fence, out->dw, out->len);
		free(out);
	}
	return ct->out ? ct->out->due : 0;
}

/* Return: true if an ordered fault took the message out of the way. */
static bool goes_astray(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len)
{
	const struct fault_event ev = event_of(ct, dw, len);
	u64 until;

	if (fault_hit(ct->dev, FAULT_REPLY_LOST, &ev))
		return true;
	until = fault_until(ct->dev, FAULT_REPLY_LATE, &ev);
	return until && guc_ct_send_late(ct, fence, dw, len, until - clock_ns());
}

bool guc_ct_send(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len)
{
	struct guc_out head = { .fence = fence, .len = len };
	u64 now = clock_ns();
	u64 delay;

	if (!ct->enabled)
		return false;
	if (goes_astray(ct, fence, dw, len))
		return true;
	delay = ct->dev->cfg.seed ? rng_delay_ns(&ct->rng) : 0;
	head.due = XM_MAX(now + delay, ct->last_due);
	if (head.due <= now) {
		guc_ct_deliver(ct, now);
		return send_now(ct, fence, dw, len);
	}
	ct->last_due = head.due;
	return queue(ct, &head, dw);
}

bool guc_ct_send_late(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len, u64 ns)
{
	struct guc_out head = { .fence = fence, .len = len, .due = clock_ns() + ns };

	return ct->enabled && queue(ct, &head, dw);
}
