// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_lrc_image.h"

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sizes.h>

#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_reg_bits.h"

/**
 * DOC: Register state of a context
 *
 * The first page of a context's state is a list of MI_LOAD_REGISTER_IMM commands which the
 * engine runs when it loads the context and rewrites when it saves it. The driver has to lay it
 * out once per engine class; every later context starts from what the hardware saved
 * (xe_default_ctx_record()).
 *
 * A layout is data: blocks of registers at fixed dwords, and the dword of the end marker. The
 * functions here are pure: they write the words they are given and take no locks.
 */

/**
 * struct lrc_block - one MI_LOAD_REGISTER_IMM of the state page
 * @at: dword index of the header; register/value pairs follow
 * @n: number of registers
 * @not_posted: leave the force-posted flag out
 * @regs: register offsets from the engine base
 */
struct lrc_block {
	u8 at;
	u8 n;
	bool not_posted;
	const u16 *regs;
};

/**
 * struct lrc_layout - state page of one engine class
 * @min_verx100: first graphics version it applies to, inclusive
 * @max_verx100: last one, inclusive
 * @classes: bit per enum xe_engine_class
 * @pages: image size in 4 KiB pages, PPHWSP included
 * @n_blocks: entries of @blocks
 * @blocks: the register blocks
 * @end: dword index of the end marker
 * @mi_mode: dword index of the MI_MODE value, 0 if the page has none
 */
struct lrc_layout {
	u16 min_verx100;
	u16 max_verx100;
	u32 classes;
	u8 pages;
	u8 n_blocks;
	const struct lrc_block *blocks;
	u8 end;
	u8 mi_mode;
};

static const u16 xelp_control_regs[] = {
	RING_CONTEXT_CONTROL(0), RING_HEAD(0), RING_TAIL(0), RING_START(0), RING_CTL(0),
	RING_BBADDR_UDW(0), RING_BBADDR(0), RING_BB_STATE(0),
	LRC_REG_BB_PER_CTX_PTR, LRC_REG_INDIRECT_CTX, LRC_REG_INDIRECT_CTX_OFFSET,
	RING_CCID(0), RING_SEMAPHORE_TOKEN(0),
};

static const u16 xelp_space_regs[] = {
	RING_CTX_TIMESTAMP(0),
	RING_PDP_UDW(0, 3), RING_PDP_LDW(0, 3), RING_PDP_UDW(0, 2), RING_PDP_LDW(0, 2),
	RING_PDP_UDW(0, 1), RING_PDP_LDW(0, 1), RING_PDP_UDW(0, 0), RING_PDP_LDW(0, 0),
};

static const u16 xelp_render_sched_regs[] = {
	LRC_REG_1B0, LRC_REG_SCHED_ATTRIBUTES, LRC_REG_PREEMPTION_STATUS,
};

static const u16 xelp_render_power_regs[] = {
	LRC_REG_R_PWR_CLK_STATE,
};

static const u16 xelp_render_regs[] = {
	LRC_REG_BB_STACK_PORT, LRC_REG_BB_STACK_PORT, LRC_REG_BB_STACK_PORT,
	LRC_REG_BB_STACK_PORT, LRC_REG_BB_STACK_PORT, LRC_REG_BB_STACK_PORT,
	LRC_REG_028, RING_MI_MODE(0), RING_INSTPM(0), LRC_REG_178, LRC_REG_17C,
	RING_TIMESTAMP(0), LRC_REG_170, LRC_REG_150, LRC_REG_154, LRC_REG_158, LRC_REG_41C,
	RING_GPR(0, 0), RING_GPR_UDW(0, 0), RING_GPR(0, 1), RING_GPR_UDW(0, 1),
	RING_GPR(0, 2), RING_GPR_UDW(0, 2), RING_GPR(0, 3), RING_GPR_UDW(0, 3),
	RING_GPR(0, 4), RING_GPR_UDW(0, 4), RING_GPR(0, 5), RING_GPR_UDW(0, 5),
	RING_GPR(0, 6), RING_GPR_UDW(0, 6), RING_GPR(0, 7), RING_GPR_UDW(0, 7),
	RING_GPR(0, 8), RING_GPR_UDW(0, 8), RING_GPR(0, 9), RING_GPR_UDW(0, 9),
	RING_GPR(0, 10), RING_GPR_UDW(0, 10), RING_GPR(0, 11), RING_GPR_UDW(0, 11),
	RING_GPR(0, 12), RING_GPR_UDW(0, 12), RING_GPR(0, 13), RING_GPR_UDW(0, 13),
	RING_GPR(0, 14), RING_GPR_UDW(0, 14), RING_GPR(0, 15), RING_GPR_UDW(0, 15),
	RING_IPEHR(0), LRC_REG_084,
};

#define LRC_BLOCK(_at, _regs) { .at = (_at), .n = ARRAY_SIZE(_regs), .regs = (_regs) }

static const struct lrc_block xelp_blocks[] = {
	LRC_BLOCK(LRC_DW_LRI1_HEADER, xelp_control_regs),
	LRC_BLOCK(LRC_DW_LRI2_HEADER, xelp_space_regs),
};

static const struct lrc_block xelp_render_blocks[] = {
	LRC_BLOCK(LRC_DW_LRI1_HEADER, xelp_control_regs),
	LRC_BLOCK(LRC_DW_LRI2_HEADER, xelp_space_regs),
	LRC_BLOCK(LRC_DW_XELP_RENDER_LRI3, xelp_render_sched_regs),
	{
		.at = LRC_DW_XELP_RENDER_LRI4,
		.n = ARRAY_SIZE(xelp_render_power_regs),
		.not_posted = true,
		.regs = xelp_render_power_regs,
	},
	LRC_BLOCK(LRC_DW_XELP_RENDER_LRI5, xelp_render_regs),
};

static_assert(ARRAY_SIZE(xelp_control_regs) == 13);
static_assert(ARRAY_SIZE(xelp_space_regs) == 9);
static_assert(ARRAY_SIZE(xelp_render_regs) == 51);
static_assert(LRC_DW_XELP_RENDER_LRI5 + 2 * ARRAY_SIZE(xelp_render_regs) < LRC_DW_XELP_RENDER_END);

static const struct lrc_layout lrc_layouts[] = {
	{
		.min_verx100 = 1200,
		.max_verx100 = 1210,
		.classes = BIT(XE_ENGINE_CLASS_RENDER),
		.pages = LRC_XELP_RENDER_PAGES,
		.n_blocks = ARRAY_SIZE(xelp_render_blocks),
		.blocks = xelp_render_blocks,
		.end = LRC_DW_XELP_RENDER_END,
		.mi_mode = LRC_DW_XELP_MI_MODE,
	},
	{
		.min_verx100 = 1200,
		.max_verx100 = 1210,
		.classes = BIT(XE_ENGINE_CLASS_COPY) | BIT(XE_ENGINE_CLASS_VIDEO_DECODE) |
			   BIT(XE_ENGINE_CLASS_VIDEO_ENHANCE),
		.pages = LRC_XELP_OTHER_PAGES,
		.n_blocks = ARRAY_SIZE(xelp_blocks),
		.blocks = xelp_blocks,
		.end = LRC_DW_XELP_END,
	},
};

static const struct lrc_layout *lrc_layout_find(u16 verx100, enum xe_engine_class class)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lrc_layouts); i++) {
		const struct lrc_layout *l = &lrc_layouts[i];

		if (verx100 >= l->min_verx100 && verx100 <= l->max_verx100 &&
		    (l->classes & BIT(class)))
			return l;
	}

	return NULL;
}

/**
 * xe_lrc_image_pages - size of a context image
 * @graphics_verx100: graphics version times 100
 * @class: engine class
 *
 * Context: any; pure.
 * Return: 4 KiB pages including the PPHWSP; 0 if the platform has no such class
 */
u32 xe_lrc_image_pages(u16 graphics_verx100, enum xe_engine_class class)
{
	const struct lrc_layout *l = lrc_layout_find(graphics_verx100, class);

	return l ? l->pages : 0;
}

/**
 * xe_lrc_image_build - lay out the register state of the first context of a class
 * @state: register state page, zeroed, 1024 dwords
 * @graphics_verx100: graphics version times 100
 * @class: engine class
 * @mmio_base: register base of an engine of the class
 *
 * The engine state behind the page is not valid yet, so the image forbids restoring it; the
 * hardware lifts that when it saves the context for the first time.
 *
 * Context: any; pure.
 * Return:
 * * 0
 * * -EINVAL - no layout is known for this class on this platform
 */
int xe_lrc_image_build(u32 *state, u16 graphics_verx100, enum xe_engine_class class,
		       u32 mmio_base)
{
	const struct lrc_layout *l = lrc_layout_find(graphics_verx100, class);
	const struct lrc_block *b;
	u32 i;

	if (!l)
		return -EINVAL;

	for (b = l->blocks; b < l->blocks + l->n_blocks; b++) {
		state[b->at] = MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(b->n) |
			       (b->not_posted ? 0 : MI_LRI_FORCE_POSTED);
		for (i = 0; i < b->n; i++)
			state[b->at + 1 + 2 * i] = mmio_base + b->regs[i];
	}
	state[l->end] = MI_BATCH_BUFFER_END | MI_BBE_END_CONTEXT;

	state[LRC_DW_CONTEXT_CONTROL] = XE_MASKED_SET(CTX_CTRL_INHIBIT_SYN_SWITCH |
						      CTX_CTRL_INHIBIT_RESTORE);
	if (l->mi_mode)
		state[l->mi_mode] = XE_MASKED_CLR(MI_MODE_STOP_RING);

	return 0;
}

/**
 * xe_lrc_image_set_values - make an image that of one particular context
 * @state: register state page with valid headers
 * @values: the values
 *
 * Context: any; pure.
 */
void xe_lrc_image_set_values(u32 *state, const struct xe_lrc_values *values)
{
	state[LRC_DW_RING_HEAD] = 0;
	state[LRC_DW_RING_TAIL] = 0;
	state[LRC_DW_RING_START] = values->ring_start;
	state[LRC_DW_RING_CTL] = RING_CTL_SIZE(values->ring_size) | RING_CTL_VALID;
	state[LRC_DW_CTX_TIMESTAMP] = 0;

	if (values->has_ppgtt) {
		state[LRC_DW_PDP0_UDW] = upper_32_bits(values->root);
		state[LRC_DW_PDP0_LDW] = lower_32_bits(values->root);
	}
}
