/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Key-length-value (KLV) records understood by the GuC: a dword with the key in bits 31:16 and
 * the number of value dwords in bits 15:0, then the value. Numbers only.
 */
#ifndef _XE_ABI_GUC_KLVS_H_
#define _XE_ABI_GUC_KLVS_H_

#define GUC_KLV_KEY_MASK			0xffff0000u
#define GUC_KLV_LEN_MASK			0x0000ffffu
#define GUC_KLV(key, len)			((unsigned int)(key) << 16 | (len))

/* SELF_CFG: where the command transport lives */
#define GUC_KLV_SELF_CFG_H2G_ADDR		0x0902	/* 2 dwords */
#define GUC_KLV_SELF_CFG_H2G_DESC_ADDR		0x0903	/* 2 dwords */
#define GUC_KLV_SELF_CFG_H2G_SIZE		0x0904	/* bytes */
#define GUC_KLV_SELF_CFG_G2H_ADDR		0x0905	/* 2 dwords */
#define GUC_KLV_SELF_CFG_G2H_DESC_ADDR		0x0906	/* 2 dwords */
#define GUC_KLV_SELF_CFG_G2H_SIZE		0x0907	/* bytes */

/* UPDATE_CONTEXT_POLICIES */
#define GUC_KLV_CONTEXT_EXEC_QUANTUM_US		0x2001
#define GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US	0x2002
#define GUC_KLV_CONTEXT_PRIORITY		0x2003
#define   GUC_PRIORITY_KERNEL_HIGH		0
#define   GUC_PRIORITY_HIGH			1
#define   GUC_PRIORITY_KERNEL_NORMAL		2
#define   GUC_PRIORITY_NORMAL			3
#define GUC_KLV_CONTEXT_PREEMPT_TO_IDLE		0x2004
#define GUC_KLV_CONTEXT_FREQUENCY_HINT		0x2005

/* Workarounds, handed over through the ADS (length 0) */
#define GUC_KLV_WA_PAGE_FAULT_SHADOW_TAIL	0x9005
#define GUC_KLV_WA_NO_MTP_IN_ASYNC_COMPUTE	0x9007
#define GUC_KLV_WA_BACK_TO_BACK_RCS_RESET	0x9009

#endif
