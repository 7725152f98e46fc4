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

static bool compare(const struct engine *e, unsigned int op)
{
	u64 src0 = reg_pair(e, MI_PREDICATE_SRC0(0));
	u64 src1 = reg_pair(e, MI_PREDICATE_SRC1(0));

	switch (op) {
	case MI_PREDICATE_COMPARE_TRUE:
		return true;
	case MI_PREDICATE_COMPARE_FALSE:
		return false;
	case MI_PREDICATE_COMPARE_EQUAL:
		return src0 == src1;
	default:
		return src0 - src1 == reg_pair(e, MI_PREDICATE_DATA(0));
	}
}

static bool combine(unsigned int op, bool old, bool val)
{
	switch (op) {
	case MI_PREDICATE_COMBINE_AND:
		return old && val;
	case MI_PREDICATE_COMBINE_OR:
		return old || val;
	case MI_PREDICATE_COMBINE_XOR:
		return old != val;
	default:
		return val;
	}
}

enum cs_result mi_predicate(struct engine *e, const u32 *dw, unsigned int len)
{
	unsigned int load = (dw[0] & MI_PREDICATE_LOAD_MASK) >> MI_PREDICATE_LOAD_SHIFT;
	unsigned int op = (dw[0] & MI_PREDICATE_COMBINE_MASK) >> MI_PREDICATE_COMBINE_SHIFT;
	bool old = cs_reg(e, MI_PREDICATE_RESULT(0)) & 1;
	bool val = compare(e, dw[0] & MI_PREDICATE_COMPARE_MASK);

	switch (load) {
	case MI_PREDICATE_LOAD:
		break;
	case MI_PREDICATE_LOAD_INVERTED:
		val = !val;
		break;
	default:
		val = old;
		break;
	}
	cs_reg_set(e, MI_PREDICATE_RESULT(0), combine(op, old, val));
	return CS_OK;
}

enum cs_result mi_set_predicate(struct engine *e, const u32 *dw, unsigned int len)
{
	switch (dw[0] & MI_SET_PREDICATE_MODE_MASK) {
	case MI_SET_PREDICATE_NEVER:
		e->skip = false;
		break;
	case MI_SET_PREDICATE_RESULT2_CLEAR:
		e->skip = !cs_reg(e, MI_PREDICATE_RESULT_2(0));
		break;
	case MI_SET_PREDICATE_RESULT2_SET:
		e->skip = cs_reg(e, MI_PREDICATE_RESULT_2(0));
		break;
	case MI_SET_PREDICATE_RESULT_CLEAR:
		e->skip = !cs_reg(e, RING_PREDICATE_RESULT(0));
		break;
	case MI_SET_PREDICATE_RESULT_SET:
		e->skip = cs_reg(e, RING_PREDICATE_RESULT(0));
		break;
	case MI_SET_PREDICATE_ALWAYS:
		e->skip = true;
		break;
	default:
		return cs_hang(e, "MI_SET_PREDICATE with undefined mode");
	}
	return CS_OK;
}
