// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Workaround tables
 *
 * Data only: which register bits a platform needs changed, and why. Sources are
 * Documentation/hardware/mmio.md, 5.17 for the registers of GT and engines and
 * Documentation/hardware/commands.md, 6 for those that belong to a context.
 */

#include "hw/xe_reg_tables.h"

#include <linux/array_size.h>

#include "base/xe_platform.h"
#include "hw/xe_reg_rules.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_gt_regs.h"

#define XELP		.ver_first = 1200, .ver_last = 1210
#define RENDER		.classes = BIT(XE_ENGINE_CLASS_RENDER)
#define COPY		.classes = BIT(XE_ENGINE_CLASS_COPY)
#define DECODE		.classes = BIT(XE_ENGINE_CLASS_VIDEO_DECODE)
#define NOT_RENDER	.classes = BIT(XE_ENGINE_CLASS_MAX) - 1 - BIT(XE_ENGINE_CLASS_RENDER)
#define ANY_ENGINE	.classes = BIT(XE_ENGINE_CLASS_MAX) - 1
#define TABLE(a)	{ .rules = (a), .n = ARRAY_SIZE(a) }

/* Row of the MOCS table with uncached policy on graphics 12.00. */
#define XELP_MOCS_UC	3

static const struct xe_reg_rule gt_rules[] = {
	{
		.name = "14011059788: no dynamic frequency ratio", XELP,
		.flags = XE_REG_MCR, .reg = DFR_RATIO_EN_AND_CHICKEN, .set = DFR_DISABLE,
	},
	{
		.name = "14015795083: no render DOP clock gating", XELP,
		.reg = MISCCPCTL, .clr = DOP_CLOCK_GATE_RENDER_ENABLE,
	},
};

static const struct xe_reg_rule engine_rules[] = {
	{
		.name = "IECP clock gating off", XELP, DECODE,
		.flags = XE_REG_BASE | XE_REG_EVEN,
		.reg = VDBOX_CGCTL3F10(0), .set = IECPUNIT_CLKGATE_DIS,
	},
	{
		.name = "1607297627: no idle message while waiting for a semaphore", XELP, RENDER,
		.flags = XE_REG_MASKED | XE_REG_BASE, .reg = RING_PSMI_CTL(0),
		.set = PSMI_RC_SEMA_IDLE_MSG_DISABLE | PSMI_WAIT_EVENT_PWR_CTX_DIS,
	},
	{
		.name = "no DOP gating in tessellation", XELP, RENDER,
		.reg = FF_THREAD_MODE, .set = FF_TESSELATION_DOP_GATE_DISABLE,
	},
	{
		.name = "preemption granularity is up to the context", XELP, RENDER,
		.flags = XE_REG_MASKED,
		.reg = FF_SLICE_CS_CHICKEN1, .set = FFSC_PERCTX_PREEMPT_CTRL,
	},
	{
		.name = "no DOP gating in the front end", XELP, RENDER,
		.flags = XE_REG_MASKED, .reg = CS_DEBUG_MODE1, .set = FF_DOP_CLOCK_GATE_DISABLE,
	},
	{
		.name = "sampler: small pixel lines, indirect state base", XELP, RENDER,
		.flags = XE_REG_MASKED | XE_REG_MCR, .reg = SAMPLER_MODE,
		.set = ENABLE_SMALLPL | INDIRECT_STATE_BASE_ADDR_OVERRIDE,
	},
	{
		.name = "thread dispatch: no push", XELP, RENDER,
		.flags = XE_REG_MASKED | XE_REG_MCR, .reg = ROW_CHICKEN4, .set = DISABLE_TDL_PUSH,
	},
	{
		.name = "no early read, no early release of push constants", XELP, RENDER,
		.flags = XE_REG_MASKED | XE_REG_MCR, .reg = ROW_CHICKEN2,
		.set = DISABLE_EARLY_READ | PUSH_CONST_DEREF_HOLD_DIS,
	},
	{
		.name = "command streamer accesses are uncached by default", XELP, ANY_ENGINE,
		.flags = XE_REG_MASKED | XE_REG_BASE, .reg = RING_CMD_CCTL(0),
		.clr = CMD_CCTL_WRITE_MOCS_MASK | CMD_CCTL_READ_MOCS_MASK,
		.set = XELP_MOCS_UC << CMD_CCTL_WRITE_MOCS_SHIFT |
		       XELP_MOCS_UC << CMD_CCTL_READ_MOCS_SHIFT,
	},
};

static const struct xe_reg_rule whitelist_rules[] = {
	{
		.name = "pixel shader invocation counters", XELP, RENDER,
		.reg = PS_INVOCATION_COUNT, .set = NONPRIV_ACCESS_RD | NONPRIV_RANGE_4,
	},
	{
		.name = "common slice chicken 1", XELP, RENDER,
		.reg = COMMON_SLICE_CHICKEN1, .set = NONPRIV_ACCESS_RW | NONPRIV_RANGE_1,
	},
	{
		.name = "HiZ chicken", XELP, RENDER,
		.reg = HIZ_CHICKEN, .set = NONPRIV_ACCESS_RW | NONPRIV_RANGE_1,
	},
	{
		.name = "run time of the context", XELP, NOT_RENDER, .flags = XE_REG_BASE,
		.reg = RING_CTX_TIMESTAMP(0), .set = NONPRIV_ACCESS_RD | NONPRIV_RANGE_1,
	},
};

static const struct xe_reg_rule lrc_rules[] = {
	{
		.name = "thread group preemption of GPGPU work", XELP, RENDER,
		.flags = XE_REG_MASKED | XE_REG_BASE, .reg = CS_CHICKEN1(0),
		.clr = CS_CHICKEN1_PREEMPT_GPGPU_MASK,
		.set = CS_CHICKEN1_PREEMPT_GPGPU_THREAD_GROUP,
	},
	{
		.name = "geometry shader timer", XELP, RENDER,
		.reg = FF_MODE2, .clr = FF_MODE2_GS_TIMER_MASK, .set = FF_MODE2_GS_TIMER_224,
	},
	{
		.name = "no LE/GE depth test optimisation", XELP, RENDER,
		.flags = XE_REG_MASKED, .reg = HIZ_CHICKEN,
		.set = HZ_DEPTH_TEST_LE_GE_OPT_DISABLE,
	},
	{
		.name = "no load balancing in the thread dispatcher", XELP, RENDER,
		.flags = XE_REG_MASKED, .reg = COMMON_SLICE_CHICKEN4,
		.set = DISABLE_TDC_LOAD_BALANCING_CALC,
	},
	{
		.name = "colour pipe ignores coarse pixel shading", XELP, RENDER,
		.flags = XE_REG_MASKED, .reg = COMMON_SLICE_CHICKEN3,
		.set = DISABLE_CPS_AWARE_COLOR_PIPE,
	},
	{
		.name = "blits are uncached by default", XELP, COPY,
		.flags = XE_REG_BASE, .reg = BLIT_CCTL(0),
		.clr = BLIT_CCTL_DST_MOCS_MASK | BLIT_CCTL_SRC_MOCS_MASK,
		.set = XELP_MOCS_UC << BLIT_CCTL_DST_MOCS_SHIFT |
		       XELP_MOCS_UC << BLIT_CCTL_SRC_MOCS_SHIFT,
	},
};

const struct xe_reg_table xe_gt_rules = TABLE(gt_rules);
const struct xe_reg_table xe_engine_rules = TABLE(engine_rules);
const struct xe_reg_table xe_whitelist_rules = TABLE(whitelist_rules);
const struct xe_reg_table xe_lrc_rules = TABLE(lrc_rules);
