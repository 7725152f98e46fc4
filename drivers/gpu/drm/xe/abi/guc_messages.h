/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Words that host and GuC exchange: the HXG header every message starts with, the register
 * mailbox, and the command transport (CT) rings. Numbers only, no includes: the driver, the
 * device model and user-space tests share this file.
 */
#ifndef _XE_ABI_GUC_MESSAGES_H_
#define _XE_ABI_GUC_MESSAGES_H_

/* HXG header: the first dword of a message, in the mailbox or behind a CT header */
#define GUC_HXG_ORIGIN_MASK		0x80000000u
#define   GUC_HXG_ORIGIN_HOST		0u
#define   GUC_HXG_ORIGIN_GUC		1u
#define GUC_HXG_TYPE_MASK		0x70000000u
#define   GUC_HXG_TYPE_REQUEST		0u
#define   GUC_HXG_TYPE_EVENT		1u
#define   GUC_HXG_TYPE_FAST_REQUEST	2u
#define   GUC_HXG_TYPE_BUSY		3u
#define   GUC_HXG_TYPE_RETRY		5u
#define   GUC_HXG_TYPE_FAILURE		6u
#define   GUC_HXG_TYPE_SUCCESS		7u
#define GUC_HXG_AUX_MASK		0x0fffffffu

/* request, fast request and event */
#define GUC_HXG_DATA0_MASK		0x0fff0000u
#define GUC_HXG_ACTION_MASK		0x0000ffffu
/* success */
#define GUC_HXG_RESPONSE_DATA0_MASK	0x0fffffffu
/* failure */
#define GUC_HXG_FAILURE_HINT_MASK	0x0fff0000u
#define GUC_HXG_FAILURE_ERROR_MASK	0x0000ffffu

/* Error codes of a failure message */
#define GUC_ERROR_PROTOCOL		0x0004
#define GUC_ERROR_INVALID_STATE		0x000a
#define GUC_ERROR_UNSUPPORTED_VERSION	0x000b
#define GUC_ERROR_NOT_SUPPORTED		0x0020
#define GUC_ERROR_UNKNOWN_ACTION	0x0030
#define GUC_ERROR_REQUEST_ABORTED	0x0031
#define GUC_ERROR_NO_PERMISSION		0x0040
#define GUC_ERROR_CANNOT_COMPLETE	0x0041
#define GUC_ERROR_BAD_KLV_DATA		0x0050
#define GUC_ERROR_BAD_PARAMS		0x0060
#define GUC_ERROR_BAD_BUFFER_RANGE	0x0070
#define GUC_ERROR_BAD_BUFFER		0x0071
#define GUC_ERROR_BAD_GGTT_ADDRESS	0x0080
#define GUC_ERROR_PENDING_ACTION	0x0090
#define GUC_ERROR_INVALID_SIZE		0x0102
#define GUC_ERROR_MALFORMED_KLV		0x0103
#define GUC_ERROR_INVALID_KLV_KEY	0x0105
#define GUC_ERROR_DATA_TOO_LARGE	0x0106
#define GUC_ERROR_CTB_FULL		0x0301
#define GUC_ERROR_CTB_INVALID		0x0303
#define GUC_ERROR_CTB_NOT_REGISTERED	0x0304
#define GUC_ERROR_CTB_IN_USE		0x0305
#define GUC_ERROR_CTB_BAD_DESCRIPTOR	0x0306
#define GUC_ERROR_GENERIC		0xf000

/* CT header: the dword before the HXG header in a ring */
#define GUC_CT_FENCE_MASK		0xffff0000u
#define   GUC_CT_FENCE_FAST_REQUEST	0x8000u	/* fences of requests that get no answer */
#define GUC_CT_FORMAT_MASK		0x0000f000u
#define   GUC_CT_FORMAT_HXG		0u
#define GUC_CT_NUM_DWORDS_MASK		0x000000ffu
#define GUC_CT_MSG_MAX_DWORDS		255	/* behind the CT header */

/* CT descriptor, 64 bytes; dword indices */
#define GUC_CT_DESC_HEAD		0	/* dwords, moved by the receiver */
#define GUC_CT_DESC_TAIL		1	/* dwords, moved by the sender */
#define GUC_CT_DESC_STATUS		2
#define   GUC_CT_STATUS_OVERFLOW	0x1u
#define   GUC_CT_STATUS_UNDERFLOW	0x2u
#define   GUC_CT_STATUS_MISMATCH	0x4u
#define   GUC_CT_STATUS_DISABLED	0x8u
#define GUC_CT_DESC_BYTES		64

/* Layout of the one buffer that holds both rings (bytes) */
#define GUC_CT_H2G_DESC_OFFSET		0x0000
#define GUC_CT_G2H_DESC_OFFSET		0x0800
#define GUC_CT_H2G_RING_OFFSET		0x1000
#define GUC_CT_H2G_RING_BYTES		0x1000
#define GUC_CT_G2H_RING_OFFSET		0x2000
#define GUC_CT_G2H_RING_BYTES		0x20000
#define GUC_CT_BUFFER_BYTES		0x22000

/* Dwords (CT header included) the G2H ring must keep free for each answer */
#define GUC_G2H_LEN_RESPONSE		256
#define GUC_G2H_LEN_SCHED_MODE_DONE	4
#define GUC_G2H_LEN_DEREGISTER_DONE	3
#define GUC_G2H_LEN_TLB_INVAL_DONE	3

/* Event bits of the GuC's interrupt source */
#define GUC_IRQ_GUC2HOST		0x8000

#endif
