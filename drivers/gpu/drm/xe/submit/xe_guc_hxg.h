/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Packing and unpacking of what host and GuC exchange. Everything here is a pure function of its
 * arguments: no locks, no registers, no allocation.
 */
#ifndef _XE_GUC_HXG_H_
#define _XE_GUC_HXG_H_

#include <linux/bitfield.h>
#include <linux/types.h>
#include <linux/wordpart.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "abi/guc_messages.h"

/**
 * xe_hxg_request - header of a request that will be answered
 * @action: GUC_H2G_ or GUC_MMIO_ number
 *
 * Return: the header.
 */
static inline u32 xe_hxg_request(u16 action)
{
	return FIELD_PREP(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_HOST) |
	       FIELD_PREP(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_REQUEST) |
	       FIELD_PREP(GUC_HXG_ACTION_MASK, action);
}

/**
 * xe_hxg_fast_request - header of a request that is answered only if it is refused
 * @action: GUC_H2G_ number
 *
 * Return: the header.
 */
static inline u32 xe_hxg_fast_request(u16 action)
{
	return FIELD_PREP(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_HOST) |
	       FIELD_PREP(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_FAST_REQUEST) |
	       FIELD_PREP(GUC_HXG_ACTION_MASK, action);
}

/** xe_hxg_is_from_guc - who wrote a message; @header: its first dword */
static inline bool xe_hxg_is_from_guc(u32 header)
{
	return FIELD_GET(GUC_HXG_ORIGIN_MASK, header) == GUC_HXG_ORIGIN_GUC;
}

/** xe_hxg_type - GUC_HXG_TYPE_ of a message; @header: its first dword */
static inline u32 xe_hxg_type(u32 header)
{
	return FIELD_GET(GUC_HXG_TYPE_MASK, header);
}

/** xe_hxg_action - action of a request or event; @header: its first dword */
static inline u32 xe_hxg_action(u32 header)
{
	return FIELD_GET(GUC_HXG_ACTION_MASK, header);
}

/** xe_hxg_data0 - value carried by a success message; @header: its first dword */
static inline u32 xe_hxg_data0(u32 header)
{
	return FIELD_GET(GUC_HXG_RESPONSE_DATA0_MASK, header);
}

/** xe_hxg_error - GUC_ERROR_ of a failure message; @header: its first dword */
static inline u32 xe_hxg_error(u32 header)
{
	return FIELD_GET(GUC_HXG_FAILURE_ERROR_MASK, header);
}

/** xe_hxg_hint - hint of a failure message; @header: its first dword */
static inline u32 xe_hxg_hint(u32 header)
{
	return FIELD_GET(GUC_HXG_FAILURE_HINT_MASK, header);
}

/**
 * xe_ct_header - dword in front of a message in a ring
 * @fence: what the answer will repeat
 * @n_dwords: length of the HXG message, 1 to GUC_CT_MSG_MAX_DWORDS
 *
 * Return: the CT header.
 */
static inline u32 xe_ct_header(u16 fence, u8 n_dwords)
{
	return FIELD_PREP(GUC_CT_FENCE_MASK, fence) |
	       FIELD_PREP(GUC_CT_FORMAT_MASK, GUC_CT_FORMAT_HXG) |
	       FIELD_PREP(GUC_CT_NUM_DWORDS_MASK, n_dwords);
}

/** xe_ct_fence - fence of a message; @header: its CT header */
static inline u16 xe_ct_fence(u32 header)
{
	return FIELD_GET(GUC_CT_FENCE_MASK, header);
}

/** xe_ct_format - format of a message; @header: its CT header */
static inline u32 xe_ct_format(u32 header)
{
	return FIELD_GET(GUC_CT_FORMAT_MASK, header);
}

/** xe_ct_n_dwords - dwords that follow the CT header @header */
static inline u32 xe_ct_n_dwords(u32 header)
{
	return FIELD_GET(GUC_CT_NUM_DWORDS_MASK, header);
}

/**
 * xe_ct_ring_room - dwords that can be written without making a full ring look empty
 * @head: next dword the receiver reads
 * @tail: next dword the sender writes
 * @size: dwords in the ring, a power of two
 *
 * Return: number of dwords.
 */
static inline u32 xe_ct_ring_room(u32 head, u32 tail, u32 size)
{
	return (head - tail - 1) & (size - 1);
}

/**
 * xe_ct_ring_used - dwords written and not yet read
 * @head: next dword the receiver reads
 * @tail: next dword the sender writes
 * @size: dwords in the ring, a power of two
 *
 * Return: number of dwords.
 */
static inline u32 xe_ct_ring_used(u32 head, u32 tail, u32 size)
{
	return (tail - head) & (size - 1);
}

/**
 * xe_ct_ring_pad - dwords to fill with zero before a message, because it must not be split
 * @tail: next dword the sender writes
 * @n_dwords: length of the message with its CT header
 * @size: dwords in the ring
 *
 * Return: 0 if the message fits before the end of the ring.
 */
static inline u32 xe_ct_ring_pad(u32 tail, u32 n_dwords, u32 size)
{
	return tail + n_dwords > size ? size - tail : 0;
}

/**
 * struct xe_guc_ctx_desc - a context as the GuC is told about it
 */
struct xe_guc_ctx_desc {
	/** @id: first context id */
	u32 id;
	/** @guc_class: GUC_CLASS_ number */
	u32 guc_class;
	/** @submit_mask: logical instances LRC 0 may run on */
	u32 submit_mask;
	/** @wq_desc: GGTT address of the work queue descriptor, if @n_lrc > 1 */
	u32 wq_desc;
	/** @wq_base: GGTT address of the work queue, if @n_lrc > 1 */
	u32 wq_base;
	/** @n_lrc: number of LRCs */
	u32 n_lrc;
	/** @lrc_desc: descriptors, @n_lrc entries */
	const u64 *lrc_desc;
};

/**
 * xe_guc_pack_register - encode REGISTER_CONTEXT or its multi-LRC form
 * @d: the context
 * @msg: room for GUC_REGISTER_CONTEXT_DWORDS, or GUC_REGISTER_MULTI_LRC_DWORDS(@d->n_lrc)
 *
 * Return: length in dwords.
 */
static inline u32 xe_guc_pack_register(const struct xe_guc_ctx_desc *d, u32 *msg)
{
	bool multi = d->n_lrc > 1;
	u32 i, n = 0;

	msg[n++] = xe_hxg_fast_request(multi ? GUC_H2G_REGISTER_CONTEXT_MULTI_LRC :
					       GUC_H2G_REGISTER_CONTEXT);
	msg[n++] = GUC_CONTEXT_FLAG_KMD;
	msg[n++] = d->id;
	msg[n++] = d->guc_class;
	msg[n++] = d->submit_mask;
	msg[n++] = multi ? d->wq_desc : 0;
	msg[n++] = 0;
	msg[n++] = multi ? d->wq_base : 0;
	msg[n++] = 0;
	msg[n++] = multi ? GUC_WQ_QUEUE_BYTES : 0;
	if (multi)
		msg[n++] = d->n_lrc;
	for (i = 0; i < d->n_lrc; i++) {
		msg[n++] = lower_32_bits(d->lrc_desc[i]);
		msg[n++] = upper_32_bits(d->lrc_desc[i]);
	}

	return n;
}

/**
 * xe_guc_pack_klv1 - encode a KLV of one value dword
 * @key: GUC_KLV_ key
 * @value: the value
 * @out: room for two dwords
 *
 * Return: 2, the dwords written.
 */
static inline u32 xe_guc_pack_klv1(u16 key, u32 value, u32 *out)
{
	out[0] = GUC_KLV(key, 1);
	out[1] = value;
	return 2;
}

/**
 * xe_guc_wq_item_header - first dword of a work queue item
 * @type: GUC_WQ_TYPE_
 * @n_dwords: length of the item, this dword included
 *
 * Return: the dword.
 */
static inline u32 xe_guc_wq_item_header(u32 type, u32 n_dwords)
{
	return FIELD_PREP(GUC_WQ_ITEM_TYPE_MASK, type) |
	       FIELD_PREP(GUC_WQ_ITEM_LEN_MASK, n_dwords - 1);
}

/**
 * xe_guc_wq_item_context - third dword of a work queue item
 * @id: context id
 * @ring_tail: tail of LRC 0 in bytes, 8-byte aligned
 *
 * Return: the dword.
 */
static inline u32 xe_guc_wq_item_context(u32 id, u32 ring_tail)
{
	return FIELD_PREP(GUC_WQ_ITEM_ID_MASK, id) |
	       FIELD_PREP(GUC_WQ_ITEM_TAIL_MASK, ring_tail / 8);
}

#endif
