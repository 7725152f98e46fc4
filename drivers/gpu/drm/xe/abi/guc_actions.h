/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Action numbers of host-to-GuC (H2G) and GuC-to-host (G2H) messages and the layout of their
 * payload. "dw n" counts dwords of the HXG message, the header being dw 0. Numbers only.
 */
#ifndef _XE_ABI_GUC_ACTIONS_H_
#define _XE_ABI_GUC_ACTIONS_H_

/* Register mailbox */
#define GUC_MMIO_SELF_CFG			0x0508	/* 1 key<<16 | length; 2, 3 value */
#define GUC_MMIO_GET_HWCONFIG			0x4100	/* 1, 2 address; 3 bytes */
#define GUC_MMIO_CONTROL_CTB			0x4509	/* 1 enable */
#define GUC_MMIO_CLIENT_SOFT_RESET		0x5507

/* Submission */
#define GUC_H2G_SCHED_CONTEXT			0x1000	/* 1 context id */
#define GUC_H2G_SCHED_CONTEXT_MODE_SET		0x1001	/* 1 context id; 2 mode */
#define   GUC_CONTEXT_DISABLE			0
#define   GUC_CONTEXT_ENABLE			1
#define GUC_H2G_UPDATE_CONTEXT_POLICIES		0x100b	/* 1 context id; KLVs */
#define GUC_H2G_REGISTER_CONTEXT		0x4502
#define   GUC_REGISTER_CONTEXT_DWORDS		12	/* HXG header included */
#define   GUC_CONTEXT_FLAG_KMD			0x00000001
#define GUC_H2G_DEREGISTER_CONTEXT		0x4503	/* 1 context id */
#define GUC_H2G_REGISTER_CONTEXT_MULTI_LRC	0x4601
#define   GUC_REGISTER_MULTI_LRC_DWORDS(n)	(11 + 2 * (n))
#define GUC_H2G_GLOBAL_SCHED_POLICY_CHANGE	0x0506

/* Everything else the host sends */
#define GUC_H2G_PC_SLPC_REQUEST			0x3003	/* 1 event<<8 | arguments */
#define GUC_H2G_SETUP_PC_GUCRC			0x3004	/* 1 who controls RC6 */
#define   GUCRC_HOST_CONTROL			0
#define   GUCRC_FIRMWARE_CONTROL		1
#define GUC_H2G_AUTHENTICATE_HUC		0x4000
#define GUC_H2G_PAGE_FAULT_RES_DESC		0x6003
#define GUC_H2G_TLB_INVALIDATION		0x7000	/* 1 seqno; 2 operation; 3.. range */

/* Dwords 2 and following of TLB_INVALIDATION */
#define GUC_TLB_INVAL_TYPE_FULL			0x00000000u
#define GUC_TLB_INVAL_TYPE_RANGE		0x00000001u
#define GUC_TLB_INVAL_TYPE_RANGE_CONTEXT	0x00000002u
#define GUC_TLB_INVAL_TYPE_GUC			0x00000003u
#define GUC_TLB_INVAL_MODE_LITE			0x00000100u
#define GUC_TLB_INVAL_FLUSH_CACHE		0x80000000u
#define GUC_TLB_INVAL_SEQNO_MAX			0xfffffu

/* Events from the GuC */
#define GUC_G2H_SCHED_CONTEXT_MODE_DONE		0x1002	/* 1 context id; 2 mode */
#define GUC_G2H_SCHED_ENGINE_MODE_DONE		0x1004
#define GUC_G2H_CONTEXT_RESET_NOTIFICATION	0x1008	/* 1 context id */
#define GUC_G2H_ENGINE_FAILURE_NOTIFICATION	0x1009	/* 1 class; 2 instance; 3 reason */
#define GUC_G2H_DEREGISTER_CONTEXT_DONE		0x4600	/* 1 context id */
#define GUC_G2H_MEMORY_CAT_ERROR		0x6000	/* 1 context id */
#define GUC_G2H_PAGE_FAULT_REQ_DESC		0x6002
#define GUC_G2H_ACCESS_COUNTER_NOTIFY		0x6004
#define GUC_G2H_TLB_INVALIDATION_DONE		0x7001	/* 1 seqno */
#define GUC_G2H_STATE_CAPTURE_NOTIFICATION	0x8002
#define GUC_G2H_FLUSH_LOG_BUFFER_TO_FILE	0x8003
#define GUC_G2H_CRASH_DUMP_POSTED		0x8004
#define GUC_G2H_EXCEPTION			0x8005

/* Context ids; a context of n LRCs owns n consecutive ids */
#define GUC_ID_FIRST				0
#define GUC_ID_COUNT				65535

/* SLPC: dw 1 of PC_SLPC_REQUEST */
#define SLPC_EVENT(id, n_args)			(((id) << 8) | (n_args))
#define SLPC_EVENT_RESET			0x00
#define SLPC_EVENT_QUERY_TASK_STATE		0x05
#define SLPC_EVENT_PARAMETER_SET		0x06
#define SLPC_EVENT_PARAMETER_UNSET		0x07

#define SLPC_PARAM_MIN_UNSLICE_MHZ		6
#define SLPC_PARAM_MAX_UNSLICE_MHZ		7
#define SLPC_PARAM_RC6_MODE			21
#define SLPC_PARAM_IGNORE_EFFICIENT_FREQUENCY	28

/* SLPC shared page (bytes) */
#define SLPC_SHARED_BYTES			8192
#define SLPC_SHARED_SIZE_OFFSET			0x00
#define SLPC_SHARED_GLOBAL_STATE_OFFSET		0x04
#define   SLPC_STATE_NOT_RUNNING		0
#define   SLPC_STATE_INITIALIZING		1
#define   SLPC_STATE_RESETTING			2
#define   SLPC_STATE_RUNNING			3
#define   SLPC_STATE_SHUTTING_DOWN		4
#define   SLPC_STATE_ERROR			5
#define SLPC_SHARED_TASK_STATUS_OFFSET		0x80
#define SLPC_SHARED_FREQ_LIMITS_OFFSET		0x84
#define   SLPC_FREQ_MAX_UNSLICE_MASK		0x000000ffu
#define   SLPC_FREQ_MIN_UNSLICE_MASK		0x0000ff00u
#define   SLPC_FREQ_MAX_SLICE_MASK		0x00ff0000u
#define   SLPC_FREQ_MIN_SLICE_MASK		0xff000000u
/* a frequency unit is SLPC_FREQ_UNIT_NUM / SLPC_FREQ_UNIT_DEN MHz */
#define   SLPC_FREQ_UNIT_NUM			50
#define   SLPC_FREQ_UNIT_DEN			3

#endif
