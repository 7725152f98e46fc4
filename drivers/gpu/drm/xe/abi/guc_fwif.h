/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * What the GuC finds in memory or in its parameter registers: firmware image header, init
 * parameters, additional data structures (ADS), log buffer and multi-LRC work queue. Offsets
 * and sizes are bytes unless a name says otherwise. Numbers only, no includes.
 */
#ifndef _XE_ABI_GUC_FWIF_H_
#define _XE_ABI_GUC_FWIF_H_

/* Firmware image: CSS header, micro-code, RSA signature */
#define GUC_CSS_BYTES				128
#define GUC_CSS_MODULE_TYPE_OFFSET		0x00
#define GUC_CSS_HEADER_SIZE_DW_OFFSET		0x04
#define GUC_CSS_DATE_OFFSET			0x14
#define GUC_CSS_SIZE_DW_OFFSET			0x18
#define GUC_CSS_KEY_SIZE_DW_OFFSET		0x1c
#define GUC_CSS_MODULUS_SIZE_DW_OFFSET		0x20
#define GUC_CSS_EXPONENT_SIZE_DW_OFFSET		0x24
#define GUC_CSS_SW_VERSION_OFFSET		0x40
#define GUC_CSS_SUBMISSION_VERSION_OFFSET	0x44
#define   GUC_CSS_VERSION_MAJOR_MASK		0x00ff0000u
#define   GUC_CSS_VERSION_MINOR_MASK		0x0000ff00u
#define   GUC_CSS_VERSION_PATCH_MASK		0x000000ffu
#define GUC_CSS_PRIVATE_DATA_SIZE_OFFSET	0x78
#define GUC_CSS_HEADER_INFO_OFFSET		0x7c
#define GUC_RSA_IN_REGISTERS_BYTES		256

#define GUC_FW_WANTED_MAJOR			70
#define GUC_FW_MIN_MINOR			29
#define GUC_FW_MIN_PATCH			2

/* WOPCM carve-out */
#define GUC_WOPCM_CONTEXT_RESERVED		(36 * 1024)
#define GUC_WOPCM_HUC_RESERVED			(16 * 1024)
#define GUC_WOPCM_GUC_RESERVED			(16 * 1024)
#define GUC_WOPCM_GUC_STACK			(8 * 1024)
#define GUC_WOPCM_BASE_ALIGN			(16 * 1024)
#define GUC_WOPCM_MAX_BYTES			(8 * 1024 * 1024)

/* Init parameters: word i goes to GUC_PARAM(i) */
#define GUC_PARAM_LOG				0
#define   GUC_LOG_VALID				0x00000001u
#define   GUC_LOG_NOTIFY_HALF_FULL		0x00000002u
#define   GUC_LOG_CAPTURE_UNIT_1M		0x00000004u
#define   GUC_LOG_DEBUG_UNIT_1M			0x00000008u
#define   GUC_LOG_CRASH_UNITS_MASK		0x00000030u	/* units - 1 */
#define   GUC_LOG_DEBUG_UNITS_MASK		0x000003c0u	/* units - 1 */
#define   GUC_LOG_CAPTURE_UNITS_MASK		0x00000c00u	/* units - 1 */
#define   GUC_LOG_PAGE_MASK			0xfffff000u
#define GUC_PARAM_WA				1
#define   GUC_WA_PRE_PARSER			0x00004000u
#define   GUC_WA_POLLCS				0x00040000u
#define   GUC_WA_TGL				0x00044000u
#define GUC_PARAM_FEATURE			2
#define   GUC_FEATURE_SLPC			0x00000004u
#define   GUC_FEATURE_SCHEDULER_OFF		0x00004000u
#define GUC_PARAM_DEBUG				3
#define   GUC_DEBUG_VERBOSITY_MASK		0x0000000fu
#define   GUC_DEBUG_LOG_OFF			0x00000040u
#define GUC_PARAM_ADS				4
#define   GUC_ADS_PAGE_SHIFT			1
#define GUC_PARAM_DEVID				5
#define   GUC_DEVID_DEVICE_MASK			0xffff0000u
#define   GUC_DEVID_REVISION_MASK		0x0000ffffu

/* GuC engine classes; the ADS and REGISTER_CONTEXT use them */
#define GUC_CLASS_RENDER			0
#define GUC_CLASS_VIDEO				1
#define GUC_CLASS_VIDEO_ENHANCE			2
#define GUC_CLASS_COPY				3
#define GUC_CLASS_COMPUTE			4
#define GUC_CLASS_OTHER				5
#define GUC_CLASS_COUNT				16
#define GUC_INSTANCE_COUNT			32
#define GUC_INSTANCE_UNUSED			32

/* ADS blob, fixed part */
#define GUC_ADS_REG_STATE_OFFSET		0x0000	/* [class][instance], 8 bytes each */
#define   GUC_ADS_REG_STATE_BYTES		8	/* dw list address, u16 count, u16 0 */
#define GUC_ADS_SCHED_POLICIES_PTR_OFFSET	0x1004
#define GUC_ADS_SYSTEM_INFO_PTR_OFFSET		0x1008
#define GUC_ADS_GOLDEN_PTR_OFFSET		0x1014	/* [class] */
#define GUC_ADS_ENGINE_STATE_SIZE_OFFSET	0x1054	/* [class] */
#define GUC_ADS_PRIVATE_DATA_PTR_OFFSET		0x1094
#define GUC_ADS_UM_INIT_PTR_OFFSET		0x1098
#define GUC_ADS_CAPTURE_INSTANCE_OFFSET		0x109c	/* [2][class] */
#define GUC_ADS_CAPTURE_CLASS_OFFSET		0x111c	/* [2][class] */
#define GUC_ADS_CAPTURE_GLOBAL_OFFSET		0x119c	/* [2] */
#define GUC_ADS_CAPTURE_POINTERS		66	/* the three tables together */
#define GUC_ADS_WA_KLV_OFFSET			0x11a4	/* low, high, bytes */
#define GUC_ADS_POLICIES_OFFSET			0x11dc
#define GUC_ADS_SYSTEM_INFO_OFFSET		0x123c
#define GUC_ADS_ENGINE_USAGE_OFFSET		0x14bc
#define GUC_ADS_UM_INIT_OFFSET			0x54bc
#define GUC_ADS_REG_LISTS_OFFSET		0x553c
#define GUC_ADS_CAPTURE_BYTES			4096

/* offsets inside the policies block */
#define GUC_POLICIES_DPC_PROMOTE_US_OFFSET	0x40
#define   GUC_POLICIES_DPC_PROMOTE_US		500000
#define GUC_POLICIES_IS_VALID_OFFSET		0x44
#define GUC_POLICIES_MAX_WORK_ITEMS_OFFSET	0x48
#define   GUC_POLICIES_MAX_WORK_ITEMS		15
#define GUC_POLICIES_GLOBAL_FLAGS_OFFSET	0x4c
#define   GUC_POLICIES_NO_ENGINE_RESET		0x00000001u

/* offsets inside the system information block */
#define GUC_SYSINFO_MAPPING_OFFSET		0x000	/* [class][logical] = physical, bytes */
#define GUC_SYSINFO_ENABLED_MASKS_OFFSET	0x200	/* [class] */
#define GUC_SYSINFO_GENERIC_OFFSET		0x240	/* [16] */
#define   GUC_SYSINFO_DOORBELLS_PER_SQIDI	2

/* register save/restore list entry: four dwords */
#define GUC_REG_ENTRY_BYTES			16
#define   GUC_REG_ENTRY_MASKED			0x00000001u
#define   GUC_REG_ENTRY_MASKED_VALUE		0x00000004u
#define   GUC_REG_ENTRY_RESTORE_ONLY		0x00000008u

/* part of a context image in front of the engine state that the golden copy leaves out */
#define GUC_LRC_SKIP_BYTES			4096	/* status page */
#define GUC_LRC_REGS_BYTES_XELP			0x140
#define GUC_LRC_REGS_BYTES_XE2			0x180

/* Log buffer */
#define GUC_LOG_STATE_BYTES			0x1000
#define GUC_LOG_CRASH_BYTES			0x4000
#define GUC_LOG_DEBUG_BYTES			0x10000
#define GUC_LOG_CAPTURE_BYTES			0x4000
#define GUC_LOG_UNIT_BYTES			0x1000

/* LRC descriptor */
#define GUC_LRC_DESC_VALID			0x00000001u
#define GUC_LRC_DESC_ADDRESSING_MASK		0x00000018u
#define GUC_LRC_DESC_PPGTT			0x00000100u

/* Multi-LRC work queue, in the status page of LRC 0 */
#define GUC_WQ_DESC_OFFSET			2048
#define   GUC_WQ_DESC_HEAD			0	/* dword index; bytes, moved by the GuC */
#define   GUC_WQ_DESC_TAIL			1	/* bytes, moved by the host */
#define   GUC_WQ_DESC_ERROR			2
#define   GUC_WQ_DESC_STATUS			3
#define     GUC_WQ_STATUS_ACTIVE		1
#define     GUC_WQ_STATUS_SUSPENDED		2
#define     GUC_WQ_STATUS_CMD_ERROR		3
#define     GUC_WQ_STATUS_ENGINE_ID_UNUSED	4
#define     GUC_WQ_STATUS_RESET_SUSPENDED	5
#define GUC_WQ_QUEUE_OFFSET			(2048 + 1024)
#define GUC_WQ_QUEUE_BYTES			1024
/* item: header, descriptor low, id and tail, zero, tails of the other LRCs */
#define GUC_WQ_ITEM_TYPE_MASK			0x000000ffu
#define   GUC_WQ_TYPE_NOOP			4
#define   GUC_WQ_TYPE_MULTI_LRC			5
#define GUC_WQ_ITEM_LEN_MASK			0x07ff0000u	/* dwords - 1 */
#define GUC_WQ_ITEM_ID_MASK			0x0000ffffu
#define GUC_WQ_ITEM_TAIL_MASK			0x1ffc0000u	/* ring tail / 8 */
#define GUC_WQ_ITEM_DWORDS(n_lrc)		((n_lrc) + 3)

#endif
