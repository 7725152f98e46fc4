// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Predication
 *
 * MI_PREDICATE computes a bit, MI_SET_PREDICATE decides from such bits whether the commands that
 * follow are skipped.
 */

#include "gfx/cs_mi.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"

static u64 reg_pair(const struct engine *e, u32 off)
{
	return cs_reg(e, off) | (u64)cs_reg(e, off + 4) << 32;
}

enum cs_result mi_predicate(struct engine *e, const u32 *dw, unsigned int len)
{
	u64 src0 = reg_pair(e, MI_PREDICATE_SRC0(0));
	u64 src1 = reg_pair(e, MI_PREDICATE_SRC1(0));
	bool old = cs_reg(e, MI_PREDICATE_DATA(0)) & 1;
	bool val;

	switch (dw[0] & 3) {
	case 0:
		val = true;
		break;
	case 1:
		val = false;
		break;
	case 2:
		val = src0 == src1;
		break;
	default:
		val = src0 - src1 == reg_pair(e, MI_PREDICATE_DATA(0));
		break;
	}
	if ((dw[0] >> 6 & 3) == 3)
		val = !val;
	old = cs_reg(e, MI_PREDICATE_RESULT(0)) & 1;
	if ((dw[0] >> 6 & 3) < 2)
		val = old;
	switch (dw[0] >> 3 & 3) {
	case 1:
		val = old && val;
		break;
	case 2:
		val = old || val;
		break;
	case 3:
		val = old != val;
		break;
	default:
		break;
	}
	cs_reg_set(e, MI_PREDICATE_RESULT(0), val);
	return CS_OK;
}

enum cs_result mi_set_predicate(struct engine *e, const u32 *dw, unsigned int len)
{
	switch (dw[0] & 0xf) {
	case 0:
		e->skip = false;
		break;
	case 1:
		e->skip = !cs_reg(e, MI_PREDICATE_RESULT_2(0));
		break;
	case 2:
		e->skip = cs_reg(e, MI_PREDICATE_RESULT_2(0));
		break;
	case 3:
		e->skip = !cs_reg(e, RING_PREDICATE_RESULT(0));
		break;
	case 4:
		e->skip = cs_reg(e, RING_PREDICATE_RESULT(0));
		break;
	case 15:
		e->skip = true;
		break;
	default:
		return cs_hang(e, "MI_SET_PREDICATE with reserved mode 0x%x", dw[0] & 0xf);
	}
	return CS_OK;
}
