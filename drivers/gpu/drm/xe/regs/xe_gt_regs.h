/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * GT registers: identity, forcewake, fuses, steering, caching tables, clock, power, reset and
 * the registers that hardware workarounds touch. Numbers only. "GSI" registers (below 0x40000)
 * are seen by a media GT at offset + MEDIA_GT_GSI_OFFSET. "MCR" registers are replicated and
 * reached through the steering selector. Masked registers are marked (xe_reg_bits.h).
 */
#ifndef _XE_GT_REGS_H_
#define _XE_GT_REGS_H_

#define GSI_LIMIT			0x40000
#define MEDIA_GT_GSI_OFFSET		0x380000

/* Identity */
#define GMD_ID				0xd8c
#define   GMD_ID_ARCH_MASK		0xffc00000
#define   GMD_ID_RELEASE_MASK		0x003fc000
#define   GMD_ID_REVISION_MASK		0x0000003f

/* Forcewake: requests are masked, acknowledge bit 0 mirrors request bit 0 */
#define FORCEWAKE_GT			0xa188
#define FORCEWAKE_ACK_GT		0x130044
#define FORCEWAKE_ACK_GT_MTL		0xdfc
#define FORCEWAKE_RENDER		0xa278
#define FORCEWAKE_ACK_RENDER		0xd84
#define FORCEWAKE_VDBOX(n)		(0xa540 + 4 * (n))
#define FORCEWAKE_ACK_VDBOX(n)		(0xd50 + 4 * (n))
#define FORCEWAKE_VEBOX(n)		(0xa560 + 4 * (n))
#define FORCEWAKE_ACK_VEBOX(n)		(0xd70 + 4 * (n))
#define   FORCEWAKE_KERNEL		0x0001

/* Fuses */
#define XEHP_FUSE4			0x9114
#define   XEHP_FUSE4_CCS_MASK		0x000f0000
#define MIRROR_FUSE3			0x9118
#define   MIRROR_FUSE3_L3BANK_DIS_MASK	0x000000ff
#define XELP_EU_ENABLE			0x9134
#define   XELP_EU_DIS_MASK		0x000000ff
#define XELP_GT_GEOMETRY_DSS_ENABLE	0x913c
#define GT_VEBOX_VDBOX_DISABLE		0x9140
#define   GT_VDBOX_MASK			0x000000ff
#define   GT_VEBOX_MASK			0x000f0000
#define   GT_VEBOX_SHIFT		16
#define XEHP_GT_COMPUTE_DSS_ENABLE	0x9144
#define XELP_DSS_PER_SLICE		6
#define DIST_DBS_POPULATED		0xd08
#define   DOORBELLS_PER_SQIDI_MASK	0x00ff0000
#define   DOORBELLS_PER_SQIDI_SHIFT	16

/* Steering of replicated registers */
#define MCR_SELECTOR			0xfdc
#define   MCR_MULTICAST			0x80000000
#define   MCR_SLICE_MASK		0x78000000
#define   MCR_SLICE_SHIFT		27
#define   MCR_SUBSLICE_MASK		0x07000000
#define   MCR_SUBSLICE_SHIFT		24
#define MTL_MCR_SELECTOR		0xfd4
#define STEER_SEMAPHORE			0xfd0

/* Caching tables */
#define XELP_PAT_INDEX(i)		(0x4800 + 4 * (i))
#define XE_PAT_INDEX_HIGH(i)		(0x4848 + 4 * ((i) - 8))
#define   XELP_PAT_UC			0x0
#define   XELP_PAT_WC			0x1
#define   XELP_PAT_WT			0x2
#define   XELP_PAT_WB			0x3
#define GLOBAL_MOCS(i)			(0x4000 + 4 * (i))
#define LNCFCMOCS(i)			(0xb020 + 4 * (i))	/* MCR, two entries each */
#define   LNCFCMOCS_REG_COUNT		32
#define XELP_MOCS_ENTRIES		64

/* Translation caches */
#define GUC_TLB_INV_CR			0xcee8
#define   GUC_TLB_INV_CR_INVALIDATE	0x00000001
#define VF_CAP				0x1901f8
#define GFX_AUX_INV_RENDER		0x4208
#define GFX_AUX_INV_VD0			0x4218
#define GFX_AUX_INV_VE0			0x4238
#define   GFX_AUX_INV			0x00000001

/* Clock */
#define CTC_MODE			0xa26c
#define   CTC_SOURCE_DIVIDE_LOGIC	0x00000001
#define TIMESTAMP_OVERRIDE		0x44074
#define   TIMESTAMP_DIVIDER_MASK	0x000003ff
#define   TIMESTAMP_DENOMINATOR_MASK	0x0000f000
#define RPM_CONFIG0			0xd00
#define   RPM_CRYSTAL_CLOCK_MASK	0x00000038
#define   RPM_CRYSTAL_CLOCK_24_MHZ	0
#define   RPM_CRYSTAL_CLOCK_19_2_MHZ	1
#define   RPM_CRYSTAL_CLOCK_38_4_MHZ	2
#define   RPM_CRYSTAL_CLOCK_25_MHZ	3
#define   RPM_CTC_SHIFT_MASK		0x00000006

/* Reset */
#define GDRST				0x941c
#define   GRDOM_FULL			0x00000001
#define   GRDOM_RENDER			0x00000002
#define   GRDOM_BLT			0x00000004
#define   GRDOM_GUC			0x00000008
#define GU_CNTL				0x101010
#define   GU_CNTL_LMEM_INIT		0x00000080
#define   GU_CNTL_DRIVERFLR		0x80000000
#define GU_CNTL_PROTECTED		0x10100c
#define   DRIVERFLR_DISABLE		0x80000000
#define GU_DEBUG			0x101018
#define   GU_DEBUG_DRIVERFLR_STATUS	0x80000000

/* Power and frequency */
#define RPNSWREQ			0xa008
#define   RPNSWREQ_RATIO_MASK		0xff800000
#define   RPNSWREQ_RATIO_SHIFT		23
#define RP_CONTROL			0xa024
#define   RP_CONTROL_SW_MASK		0x00000600
#define   RP_CONTROL_SW_ENABLE		0x00000400
#define RC_CONTROL			0xa090
#define RC_STATE			0xa094
#define RC_IDLE_HYSTERSIS		0xa0ac
#define PMINTRMSK			0xa168
#define   PMINTRMSK_ARAT_EXPIRED	0x00000200
#define   PMINTRMSK_DISABLE_REDIRECT	0x80000000
#define POWERGATE_ENABLE		0xa210
#define   POWERGATE_RENDER		0x00000001
#define   POWERGATE_MEDIA		0x00000002
#define   POWERGATE_VDN_HCP(n)		(1 << (3 + 2 * (n)))
#define   POWERGATE_VDN_MFXVDENC(n)	(1 << (4 + 2 * (n)))
#define GT_PM_CONFIG			0x13816c
#define   GT_DOORBELL_ENABLE		0x00000001
#define RP_STATE_CAP			0x145998
#define   RP0_CAP_MASK			0x000000ff
#define   RP1_CAP_MASK			0x0000ff00
#define   RP1_CAP_SHIFT			8
#define   RPN_CAP_MASK			0x00ff0000
#define   RPN_CAP_SHIFT			16
#define FREQ_INFO_REC			0x145ef0
#define   RPE_MASK			0x0000ff00
#define   RPE_SHIFT			8
#define GT_PERF_STATUS			0x1381b4
#define   GT_PERF_ACT_RATIO_MASK	0x000ff800
#define   GT_PERF_ACT_RATIO_SHIFT	11
#define GT_CORE_STATUS			0x138060
#define   GT_CORE_RCN_MASK		0x00000007
#define GT_GFX_RC6			0x138108
#define GT0_PERF_LIMIT_REASONS		0x1381a8

/* Registers that workarounds and tuning touch on Tiger Lake */
#define PS_INVOCATION_COUNT		0x2348
#define FF_THREAD_MODE			0x20a0
#define   FF_TESSELATION_DOP_GATE_DISABLE 0x00080000
#define FF_SLICE_CS_CHICKEN1		0x20e0	/* masked */
#define   FFSC_PERCTX_PREEMPT_CTRL	0x4000
#define CS_DEBUG_MODE1			0x20ec	/* masked */
#define   FF_DOP_CLOCK_GATE_DISABLE	0x0002
#define FF_MODE2			0x6604
#define   FF_MODE2_GS_TIMER_MASK	0xff000000
#define   FF_MODE2_GS_TIMER_224		0xe0000000
#define COMMON_SLICE_CHICKEN1		0x7010	/* masked */
#define HIZ_CHICKEN			0x7018	/* masked */
#define   HZ_DEPTH_TEST_LE_GE_OPT_DISABLE 0x2000
#define COMMON_SLICE_CHICKEN4		0x7300	/* masked */
#define   DISABLE_TDC_LOAD_BALANCING_CALC 0x0040
#define COMMON_SLICE_CHICKEN3		0x7304	/* masked */
#define   DISABLE_CPS_AWARE_COLOR_PIPE	0x0200
#define MISCCPCTL			0x9424
#define   DOP_CLOCK_GATE_RENDER_ENABLE	0x00000002
#define DFR_RATIO_EN_AND_CHICKEN	0x9550	/* MCR */
#define   DFR_DISABLE			0x00000200
#define SAMPLER_MODE			0xe18c	/* masked, MCR */
#define   ENABLE_SMALLPL		0x8000
#define   INDIRECT_STATE_BASE_ADDR_OVERRIDE 0x0001
#define ROW_CHICKEN4			0xe48c	/* masked, MCR */
#define   DISABLE_TDL_PUSH		0x0200
#define ROW_CHICKEN2			0xe4f4	/* masked, MCR */
#define   DISABLE_READ_SUPPRESSION	0x8000
#define   DISABLE_EARLY_READ		0x4000
#define   PUSH_CONST_DEREF_HOLD_DIS	0x0100
#define RCU_MODE			0x14800	/* masked */
#define   RCU_MODE_CCS_ENABLE		0x0001
#define CCS_MODE			0x14804	/* masked */

/* Observation registers that appear in the whitelist, denied while no stream is open */
#define OAG_OASTATUS			0xdafc
#define OAG_OAHEADPTR			0xdb00
#define OAG_MMIOTRIGGER			0xdb1c

#endif
