// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Render, compute and media commands
 *
 * Of the pipe commands only PIPE_CONTROL has an effect: there are no execution units and no media
 * pipeline. Everything else is stepped over by its length and counted by family.
 */

#include <string.h>

#include "dev/device.h"
#include "gfx/cs.h"
#include "instructions/gfx_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/bits.h"

#define PIPELINE(h) ((h) >> 27 & 3)
#define OPCODE(h) ((h) >> 24 & 7)
#define SUBOPCODE(h) ((h) >> 16 & 0xff)

static bool is_render(const struct engine *e)
{
	return e->desc->hw_class == XM_CLASS_RENDER || e->desc->hw_class == XM_CLASS_COMPUTE;
}

unsigned int cs_gfx_length(const struct engine *e, u32 header)
{
	switch (PIPELINE(header)) {
	case 1:
		return 1;
	case 2:
		if (!is_render(e))
			return (header & 0xfff) + 2;
		if (OPCODE(header) == 2 || (OPCODE(header) == 1 && SUBOPCODE(header) == 5))
			return (header & 0xff) + 2;
		return (header & 0xffff) + 2;
	case 3:
		/* Streamout declarations and binding table edits are longer. */
		if (OPCODE(header) == 1 && SUBOPCODE(header) == 0x17)
			return (header & 0x1ff) + 2;
		if (OPCODE(header) == 0 && SUBOPCODE(header) >= 0x43 && SUBOPCODE(header) <= 0x47)
			return (header & 0x1ff) + 2;
		return (header & 0xff) + 2;
	default:
		return (header & 0xff) + 2;
	}
}

static u64 post_sync_value(struct engine *e, const u32 *dw)
{
	switch (dw[1] & PIPE_CONTROL1_POST_SYNC_MASK) {
	case PIPE_CONTROL1_WRITE_TIMESTAMP:
		return xm_timestamp(e->dev);
	case PIPE_CONTROL1_WRITE_DEPTH_COUNT:
		/* Nothing is ever drawn. */
		return 0;
	default:
		return dw[4] | (u64)dw[5] << 32;
	}
}

static bool post_sync(struct engine *e, const u32 *dw)
{
	u64 addr = (dw[2] & ~7ull) | (u64)(dw[3] & 0xffff) << 32;
	bool ggtt = cs_operand_ggtt(e, dw[1] & PIPE_CONTROL1_GGTT);
	u64 val = post_sync_value(e, dw);

	if (dw[1] & PIPE_CONTROL1_STORE_INDEX) {
		addr = e->lrca + (addr & 0xff8);
		ggtt = true;
	}
	return cs_store(e, ggtt, addr, &val, 8);
}

static enum cs_result pipe_control(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 full[PIPE_CONTROL_DWORDS] = { 0 };

	if (len < PIPE_CONTROL_DWORDS &&
	    dw[1] & (PIPE_CONTROL1_POST_SYNC_MASK | PIPE_CONTROL1_POST_SYNC_LRI))
		return cs_malformed(e, "PIPE_CONTROL with a post-sync operation and %u dwords",
				    len);
	memcpy(full, dw, XM_MIN(len, PIPE_CONTROL_DWORDS) * sizeof(*dw));
	if (full[0] & PIPE_CONTROL0_PREDICATE && cs_is_xe2(e) &&
	    !(cs_reg(e, MI_PREDICATE_RESULT(0)) & 1))
		return CS_OK;
	if (full[1] & PIPE_CONTROL1_TLB_INVALIDATE)
		cs_tlb_command(e);
	if (full[1] & PIPE_CONTROL1_POST_SYNC_LRI)
		cs_reg_write(e, full[2] & MI_REG_OFFSET_MASK, full[4]);
	else if (full[1] & PIPE_CONTROL1_POST_SYNC_MASK && !post_sync(e, full))
		return CS_FAULT;
	if (full[1] & PIPE_CONTROL1_NOTIFY)
		irq_raise(e->dev, e->desc->hw_class, e->desc->instance, XM_IRQ_PIPE_NOTIFY);
	return CS_OK;
}

/* --- tables ---------------------------------------------------------------------------------- */

#define RENDER (BIT(XM_CLASS_RENDER) | BIT(XM_CLASS_COMPUTE))
#define VIDEO BIT(XM_CLASS_VIDEO_DECODE)
#define ENHANCE BIT(XM_CLASS_VIDEO_ENHANCE)
#define ANY 0xff

#define PC_HEAD (0xffff0000u | 0xff | PIPE_CONTROL0_HDC_FLUSH | PIPE_CONTROL0_L3_RO_INVALIDATE)
#define PC_FLAGS (GENMASK(29, 0) & ~BIT(6))

static const struct cs_command pipe_control_row = {
	.name = "PIPE_CONTROL", .min = 2, .max = 6, .step = 4, .run = pipe_control,
	.classes = RENDER,
	CS_MASKS(PC_HEAD, PC_FLAGS | PIPE_CONTROL1_L3_FABRIC_FLUSH, 0xfffffffc, 0xffff),
};

static const struct cs_command xe2_pipe_control_row = {
	.name = "PIPE_CONTROL", .min = 2, .max = 6, .step = 4, .run = pipe_control,
	.classes = RENDER,
	CS_MASKS(PC_HEAD | PIPE_CONTROL0_PREDICATE | PIPE_CONTROL0_UNTYPED_FLUSH |
		 PIPE_CONTROL0_CCS_FLUSH | PIPE_CONTROL0_WPARID, PC_FLAGS, 0xfffffffc, 0xffff),
};

/*
 * Commands that a model without execution units and codecs steps over. The first row that fits
 * counts: names for a few, families for the rest. The media engines number their codecs in bits
 * 26:23 (MFX uses even numbers only, its opcode has three bits).
 */
#define SKIP(classes, header, mask, str, fam) \
	{ classes, header, mask, { .name = str, .min = 1, .max = 0xffff, .family = fam } }

static const struct {
	u8 classes;
	u32 header;
	u32 mask;
	struct cs_command command;
} table[] = {
	SKIP(RENDER, 0x69040000, 0xffff0000, "PIPELINE_SELECT", CS_FAMILY_STATE),
	SKIP(RENDER, 0x61010000, 0xffff0000, "STATE_BASE_ADDRESS", CS_FAMILY_STATE),
	SKIP(RENDER, 0x61020000, 0xffff0000, "STATE_SIP", CS_FAMILY_STATE),
	SKIP(RENDER, 0x61050000, 0xffff0000, "STATE_COMPUTE_MODE", CS_FAMILY_STATE),
	SKIP(RENDER, 0x60000000, 0xf8000000, "common state", CS_FAMILY_STATE),
	SKIP(RENDER, 0x68000000, 0xf8000000, "single-dword state", CS_FAMILY_STATE),
	SKIP(RENDER, 0x70000000, 0xffff0000, "MEDIA_VFE_STATE", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x70020000, 0xffff0000, "MEDIA_INTERFACE_DESCRIPTOR_LOAD",
	     CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x70040000, 0xffff0000, "MEDIA_STATE_FLUSH", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x71050000, 0xffff0000, "GPGPU_WALKER", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x72000000, 0xffff0000, "CFE_STATE", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x72020000, 0xffff0000, "COMPUTE_WALKER", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x70000000, 0xf8000000, "media or compute pipe", CS_FAMILY_COMPUTE),
	SKIP(RENDER, 0x7b000000, 0xffff0000, "3DPRIMITIVE", CS_FAMILY_3D_PRIMITIVE),
	SKIP(RENDER, 0x78000000, 0xf8000000, "3D state", CS_FAMILY_3D_STATE),
	SKIP(VIDEO, 0x68000000, 0xffff0000, "MFX_WAIT", CS_FAMILY_MFX),
	SKIP(VIDEO, 0x70000000, 0xf8800000, "MFX", CS_FAMILY_MFX),
	SKIP(VIDEO, 0x70800000, 0xff800000, "VDENC", CS_FAMILY_VDENC),
	SKIP(VIDEO, 0x71800000, 0xff800000, "AVP", CS_FAMILY_AVP),
	SKIP(VIDEO, 0x73800000, 0xff800000, "HCP", CS_FAMILY_HCP),
	SKIP(VIDEO, 0x75800000, 0xff800000, "HUC", CS_FAMILY_HUC),
	SKIP(ENHANCE, 0x70000000, 0xf8000000, "VEBOX", CS_FAMILY_VEBOX),
	SKIP(ANY, 0x80000000, 0xe0000000, "GFX_STATE", CS_FAMILY_GFX),
	SKIP(ANY, 0xa0000000, 0xe0000000, "GFX_EXEC", CS_FAMILY_GFX),
};

const struct cs_command *cs_gfx_command(const struct engine *e, u32 header)
{
	if ((header & 0xffff0000) == (PIPE_CONTROL & 0xffff0000))
		return cs_is_xe2(e) ? &xe2_pipe_control_row : &pipe_control_row;
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].classes >> e->desc->hw_class & 1 &&
		    (header & table[i].mask) == table[i].header)
			return &table[i].command;
	return NULL;
}
