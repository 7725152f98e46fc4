/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_CT_H
#define XM_FW_GUC_CT_H

#include "abi/guc_messages.h"
#include "util/rng.h"
#include "util/types.h"

struct xm_device;

/**
 * struct guc_ctb - one ring
 * @desc: GGTT address of the descriptor
 * @ring: GGTT address of the ring
 * @size: dwords
 * @pos: own position: head of H2G, tail of G2H
 * @off: added to the position the descriptor shows, not 0 only through an ordered fault
 */
struct guc_ctb {
	u64 desc;
	u64 ring;
	u32 size;
	u32 pos;
	u32 off;
};

/**
 * struct guc_out - a message to the host that waits for its time
 * @next: the next one, due at the same time or later
 * @due: clock_ns() when it is put into the ring
 * @fence: fence of the CT header
 * @len: dwords of @dw
 * @dw: HXG message
 */
struct guc_out {
	struct guc_out *next;
	u64 due;
	u16 fence;
	u32 len;
	u32 dw[];
};

/**
 * struct guc_ct - the command transport
 * @dev: device
 * @kick: called when a message was queued that is due before all others; takes no lock of the
 *        caller
 * @kick_ctx: its argument
 * @rng: draws the delays of messages
 * @out: messages that wait, the next due first
 * @last_due: time of the last message that must not be overtaken
 * @h2g: requests of the host
 * @g2h: replies and events
 * @request: action of the request taken last, the one that is answered
 * @enabled: rings may be used
 * @broken: the host broke the protocol: nothing is read any more until the next enable
 * @spoiled: an ordered fault broke it, so what the host does with the rings is not its fault
 */
struct guc_ct {
	struct xm_device *dev;
	void (*kick)(void *kick_ctx);
	void *kick_ctx;
	struct xm_rng rng;
	struct guc_out *out;
	u64 last_due;
	struct guc_ctb h2g;
	struct guc_ctb g2h;
	u32 request;
	bool enabled;
	bool broken;
	bool spoiled;
};

/**
 * struct guc_msg - a message taken from the H2G ring
 * @fence: fence of the CT header
 * @len: dwords of @dw, the HXG header included
 * @dw: HXG message
 */
struct guc_msg {
	u16 fence;
	u32 len;
	u32 dw[GUC_CT_MSG_MAX_DWORDS];
};

/**
 * guc_ct_init() - prepare a transport
 * @ct: zeroed, with dev, kick and kick_ctx set
 */
void guc_ct_init(struct guc_ct *ct);

/**
 * guc_ct_reset() - forget rings, their state and messages that wait
 * @ct: transport
 */
void guc_ct_reset(struct guc_ct *ct);

/**
 * guc_ct_configure() - one SELF_CFG key
 * @ct: transport
 * @key: GUC_KLV_SELF_CFG_*
 * @value: value
 *
 * Return: true, or false if the key does not belong to the transport.
 */
bool guc_ct_configure(struct guc_ct *ct, u32 key, u64 value);

/**
 * guc_ct_enable() - start or stop the rings
 * @ct: transport
 * @on: start
 *
 * Context: dma_read_lock() not held.
 * Return: 0, or a GUC_ERROR_* if the rings cannot be used.
 */
u32 guc_ct_enable(struct guc_ct *ct, bool on);

/**
 * guc_ct_receive() - take the next request
 * @ct: transport
 * @msg: set to the message
 *
 * Context: dma_read_lock() not held.
 * Return: true, or false if there is none or the transport is broken.
 */
bool guc_ct_receive(struct guc_ct *ct, struct guc_msg *msg);

/**
 * guc_ct_send() - send a message and interrupt the host
 * @ct: transport
 * @fence: fence of the request that is answered, 0 for events
 * @dw: HXG message
 * @len: dwords, at most GUC_CT_MSG_MAX_DWORDS
 *
 * Unless the seed is 0, one message in eight leaves a little later, 2 ms at most. The order of
 * messages stays.
 *
 * Context: dma_read_lock() not held.
 * Return: true, or false if the transport is off, or the ring is full (reported).
 */
bool guc_ct_send(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len);

/**
 * guc_ct_send_late() - send a message at a later time, whatever is sent until then
 * @ct: transport
 * @fence: as for guc_ct_send()
 * @dw: as for guc_ct_send()
 * @len: as for guc_ct_send()
 * @ns: nanoseconds to wait; messages sent meanwhile overtake this one
 *
 * Return: true, or false if the transport is off or there is no memory.
 */
bool guc_ct_send_late(struct guc_ct *ct, u16 fence, const u32 *dw, u32 len, u64 ns);

/**
 * guc_ct_deliver() - send the messages whose time has come
 * @ct: transport
 * @now: clock_ns()
 *
 * Context: dma_read_lock() not held.
 * Return: clock_ns() when the next one is due, 0 if none waits.
 */
u64 guc_ct_deliver(struct guc_ct *ct, u64 now);

#endif
