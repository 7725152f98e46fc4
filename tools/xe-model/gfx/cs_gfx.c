// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Render, compute and media commands
 *
 * Of the pipe commands only PIPE_CONTROL has an effect: there are no execution units and no media
 * pipeline. Everything else is stepped over by its length.
 */

#include <string.h>

#include "dev/device.h"
#include "gfx/cs.h"
#include "instructions/gfx_cmds.h"
#include "instructions/mi_cmds.h"
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

static enum cs_result pipe_control(struct engine *e, const u32 *dw, unsigned int len)
{
	bool ggtt = cs_operand_ggtt(e, dw[1] & PIPE_CONTROL1_GGTT);
	u64 addr = (dw[2] & ~3ull) | (u64)(dw[3] & 0xffff) << 32;
	u64 val = dw[4] | (u64)dw[5] << 32;

	if (dw[1] & PIPE_CONTROL1_TLB_INVALIDATE)
		cs_tlb_command(e);
	if (dw[1] & PIPE_CONTROL1_STORE_INDEX) {
		addr = e->lrca + (addr & 0xffc);
		ggtt = true;
	}
	if (dw[1] & PIPE_CONTROL1_POST_SYNC_LRI) {
		cs_reg_write(e, dw[2] & 0x7ffffc, dw[4]);
		return CS_OK;
	}
	switch (dw[1] & PIPE_CONTROL1_POST_SYNC_MASK) {
	case PIPE_CONTROL1_WRITE_TIMESTAMP:
		val = xm_gpu_ticks(e->dev);
		break;
	case PIPE_CONTROL1_WRITE_DEPTH_COUNT:
		val = 0;
		break;
	}
	if ((dw[1] & PIPE_CONTROL1_POST_SYNC_MASK) &&
	    !cs_store(e, ggtt, addr & ~7ull, &val, 8))
		return CS_FAULT;
	if (dw[1] & PIPE_CONTROL1_NOTIFY)
		irq_raise(e->dev, e->desc->hw_class, e->desc->instance, XM_IRQ_PIPE_NOTIFY);
	return CS_OK;
}

static enum cs_result pipe_control_short(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 full[PIPE_CONTROL_DWORDS] = { 0 };

	memcpy(full, dw, XM_MIN(len, PIPE_CONTROL_DWORDS) * sizeof(*dw));
	return pipe_control(e, full, PIPE_CONTROL_DWORDS);
}

/* Commands that a model without execution units steps over; names for reports. */
static const struct {
	u32 header;
	u32 mask;
	struct cs_command command;
} table[] = {
	{ PIPE_CONTROL, 0xffff0000, { "PIPE_CONTROL", 2, 6, pipe_control_short } },
	{ 0x69040000, 0xffff0000, { "PIPELINE_SELECT", 1, 1, NULL } },
	{ 0x61000000, 0xff000000, { "STATE_* (base addresses, SIP)", 2, 257, NULL } },
	{ 0x60000000, 0xf8000000, { "common state", 2, 257, NULL } },
	{ 0x68000000, 0xf8000000, { "single dword state", 1, 1, NULL } },
	{ 0x70000000, 0xf8000000, { "media or compute pipe", 2, 0xffff, NULL } },
	{ 0x78000000, 0xf8000000, { "3D state", 2, 1026, NULL } },
	{ 0x80000000, 0xe0000000, { "GFX_STATE", 2, 257, NULL } },
	{ 0xa0000000, 0xe0000000, { "GFX_EXEC", 2, 257, NULL } },
};

const struct cs_command *cs_gfx_command(const struct engine *e, u32 header)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
		if ((header & table[i].mask) == (table[i].header & table[i].mask))
			return &table[i].command;
	return NULL;
}
