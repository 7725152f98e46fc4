/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Layout of a logical ring context in memory and of its descriptor. Numbers only, usable by the
 * kernel and by user space. LRCA is the GGTT address of the PPHWSP.
 */
#ifndef _XE_LRC_LAYOUT_H_
#define _XE_LRC_LAYOUT_H_

/* Parts, bytes from LRCA */
#define LRC_PPHWSP_SIZE			0x1000
#define LRC_STATE_OFFSET		0x1000
#define LRC_STATE_PAGE_SIZE		0x1000

/* Image size in 4 KiB pages, PPHWSP included, ring excluded */
#define LRC_XELP_RENDER_PAGES		14
#define LRC_XELP_COMPUTE_PAGES		14
#define LRC_XELP_OTHER_PAGES		2

/* Words of the PPHWSP, bytes from LRCA */
#define LRC_PPHWSP_FLUSH_SCRATCH	0x0d0
#define LRC_PPHWSP_SEQNO		0x200
#define LRC_PPHWSP_SEQNO_UDW		0x204
#define LRC_PPHWSP_START_SEQNO		0x208
#define LRC_PPHWSP_START_TIMESTAMP	0x210
#define LRC_PPHWSP_PARALLEL		0x800
#define LRC_PPHWSP_PARALLEL_SIZE	0x800

/* Value words of the register state page, dword index */
#define LRC_DW_CONTEXT_CONTROL		0x03
#define LRC_DW_RING_HEAD		0x05
#define LRC_DW_RING_TAIL		0x07
#define LRC_DW_RING_START		0x09
#define LRC_DW_RING_CTL			0x0b
#define LRC_DW_BB_ADDR_UDW		0x0d
#define LRC_DW_BB_ADDR			0x0f
#define LRC_DW_BB_STATE			0x11
#define LRC_DW_BB_PER_CTX_PTR		0x13
#define LRC_DW_INDIRECT_CTX		0x15
#define LRC_DW_INDIRECT_CTX_OFFSET	0x17
#define LRC_DW_CCID			0x19
#define LRC_DW_SEMAPHORE_TOKEN		0x1b
#define LRC_DW_CTX_TIMESTAMP		0x23
#define LRC_DW_PDP3_UDW			0x25
#define LRC_DW_PDP3_LDW			0x27
#define LRC_DW_PDP2_UDW			0x29
#define LRC_DW_PDP2_LDW			0x2b
#define LRC_DW_PDP1_UDW			0x2d
#define LRC_DW_PDP1_LDW			0x2f
#define LRC_DW_ASID			0x2f
#define LRC_DW_PDP0_UDW			0x31
#define LRC_DW_PDP0_LDW			0x33
#define LRC_DW_XELP_R_PWR_CLK_STATE	0x43
#define LRC_DW_XELP_MI_MODE		0x61
#define LRC_DW_XELP_GPR0		0x75

/* Header words of the register state page, dword index */
#define LRC_DW_LRI1_HEADER		0x01
#define LRC_DW_LRI2_HEADER		0x21
#define LRC_DW_XELP_RENDER_LRI3		0x34
#define LRC_DW_XELP_RENDER_LRI4		0x41
#define LRC_DW_XELP_RENDER_LRI5		0x51
#define LRC_DW_XELP_RENDER_END		0xb9
#define LRC_DW_XELP_END			0x34

/* Engine registers only the state page names, offsets from the engine base */
#define LRC_REG_BB_PER_CTX_PTR		0x1c0
#define LRC_REG_INDIRECT_CTX		0x1c4
#define LRC_REG_INDIRECT_CTX_OFFSET	0x1c8
#define LRC_REG_1B0			0x1b0
#define LRC_REG_SCHED_ATTRIBUTES	0x5a8
#define LRC_REG_PREEMPTION_STATUS	0x5ac
#define LRC_REG_R_PWR_CLK_STATE		0x0c8
#define LRC_REG_BB_STACK_PORT		0x588
#define LRC_REG_028			0x028
#define LRC_REG_150			0x150
#define LRC_REG_154			0x154
#define LRC_REG_158			0x158
#define LRC_REG_170			0x170
#define LRC_REG_178			0x178
#define LRC_REG_17C			0x17c
#define LRC_REG_41C			0x41c
#define LRC_REG_084			0x084

/* Context descriptor, low dword and bit positions in the high dword */
#define LRC_DESC_VALID			0x00000001
#define LRC_DESC_MODE_MASK		0x00000018
#define LRC_DESC_MODE_LEGACY64		0x00000018
#define LRC_DESC_PPGTT			0x00000100
#define LRC_DESC_LRCA_MASK		0xfffff000
#define LRC_DESC_HI_INSTANCE_SHIFT	16
#define LRC_DESC_HI_INSTANCE_MASK	0x003f0000
#define LRC_DESC_HI_CLASS_SHIFT		29
#define LRC_DESC_HI_CLASS_MASK		0xe0000000

#endif
