/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * The interrupt tree: top level, GT banks, selectors, enables and masks. Numbers only.
 */
#ifndef _XE_IRQ_REGS_H_
#define _XE_IRQ_REGS_H_

/* Top level */
#define DG1_MSTR_TILE_INTR		0x190008
#define GFX_MSTR_IRQ			0x190010
#define   MASTER_IRQ			0x80000000
#define   GU_MISC_IRQ			0x20000000
#define   DISPLAY_IRQ			0x00010000
#define   GT_DW_IRQ(bank)		(1u << (bank))

/* GT banks */
#define GT_INTR_DW(bank)		(0x190018 + 4 * (bank))
#define   GT_INTR_BANKS			2
#define IIR_REG_SELECTOR(bank)		(0x190070 + 4 * (bank))
#define INTR_IDENTITY_REG(bank)		(0x190060 + 4 * (bank))
#define   INTR_DATA_VALID		0x80000000
#define   INTR_ENGINE_INSTANCE_MASK	0x03f00000
#define   INTR_ENGINE_INSTANCE_SHIFT	20
#define   INTR_ENGINE_CLASS_MASK	0x00070000
#define   INTR_ENGINE_CLASS_SHIFT	16
#define   INTR_ENGINE_INTR_MASK		0x0000ffff

/* Engine classes of the hardware (identity register, forcewake tables, context descriptor) */
#define XE_HW_CLASS_RENDER		0
#define XE_HW_CLASS_VIDEO_DECODE	1
#define XE_HW_CLASS_VIDEO_ENHANCE	2
#define XE_HW_CLASS_COPY		3
#define XE_HW_CLASS_OTHER		4
#define XE_HW_CLASS_COMPUTE		5
#define   XE_HW_OTHER_INSTANCE_GUC	0
#define   XE_HW_OTHER_INSTANCE_GSC	6
#define   XE_HW_OTHER_INSTANCE_MEDIA_GUC 16

/* Event vector bits of the identity register */
#define GT_RENDER_USER_INTERRUPT	0x0001
#define GT_CS_MASTER_ERROR_INTERRUPT	0x0008
#define GT_RENDER_PIPECTL_NOTIFY	0x0010
#define GT_CONTEXT_SWITCH_INTERRUPT	0x0100
#define GT_WAIT_SEMAPHORE_INTERRUPT	0x0800
#define GUC_INTR_GUC2HOST		0x8000

/* Enables (1 = on) and masks (1 = masked); the first unit named has bits 31:16 */
#define RENDER_COPY_INTR_ENABLE		0x190030
#define VCS_VECS_INTR_ENABLE		0x190034
#define GUC_SG_INTR_ENABLE		0x190038
#define GPM_WGBOXPERF_INTR_ENABLE	0x19003c
#define GUNIT_GSC_INTR_ENABLE		0x190044
#define CCS_RSVD_INTR_ENABLE		0x190048
#define RCS0_RSVD_INTR_MASK		0x190090
#define BCS_RSVD_INTR_MASK		0x1900a0
#define VCS0_VCS1_INTR_MASK		0x1900a8
#define VCS2_VCS3_INTR_MASK		0x1900ac
#define VECS0_VECS1_INTR_MASK		0x1900d0
#define GUC_SG_INTR_MASK		0x1900e8
#define GPM_WGBOXPERF_INTR_MASK		0x1900ec
#define   INTR_HIGH_UNIT(events)	((events) * 0x10000u)
#define   INTR_LOW_UNIT(events)		(events)

/* Units beside the GT: interrupt status, mask, identity and enable at these distances */
#define PCU_IRQ_BASE			0x444e0
#define GU_MISC_IRQ_BASE		0x444f0
#define   GU_MISC_GSE			0x08000000
#define IRQ_UNIT_ISR(base)		((base) + 0x0)
#define IRQ_UNIT_IMR(base)		((base) + 0x4)
#define IRQ_UNIT_IIR(base)		((base) + 0x8)
#define IRQ_UNIT_IER(base)		((base) + 0xc)

#endif
