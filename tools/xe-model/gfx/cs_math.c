// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: MI_MATH
 *
 * A small 64-bit arithmetic unit whose operands and results are the general purpose registers. Its
 * state does not outlive the command.
 */

#include "gfx/cs_mi.h"
#include "instructions/mi_cmds.h"

/**
 * struct alu - state of the arithmetic unit during one MI_MATH
 * @src: operands A and B
 * @accu: result
 * @carry: carry or borrow of the result
 */
struct alu {
	u64 src[2];
	u64 accu;
	bool carry;
};

/* Shifts came with graphics 12.50. */
static bool has_shifts(const struct engine *e)
{
	return e->dev->platform->graphics_ver >= 1250;
}

static bool alu_operate(struct alu *alu, unsigned int op)
{
	u64 a = alu->src[0], b = alu->src[1];

	alu->carry = false;
	switch (op) {
	case MI_ALU_ADD:
		alu->carry = __builtin_add_overflow(a, b, &alu->accu);
		return true;
	case MI_ALU_SUB:
		alu->carry = __builtin_sub_overflow(a, b, &alu->accu);
		return true;
	case MI_ALU_AND:
		alu->accu = a & b;
		return true;
	case MI_ALU_OR:
		alu->accu = a | b;
		return true;
	case MI_ALU_XOR:
		alu->accu = a ^ b;
		return true;
	case MI_ALU_SHL:
		alu->accu = a << (b & 63);
		return true;
	case MI_ALU_SHR:
		alu->accu = a >> (b & 63);
		return true;
	case MI_ALU_SAR:
		alu->accu = (u64)((s64)a >> (b & 63));
		return true;
	default:
		return false;
	}
}

static bool alu_store(struct engine *e, const struct alu *alu, unsigned int reg, unsigned int what,
		      bool invert)
{
	u64 val;

	switch (what) {
	case MI_ALU_ACCU:
		val = alu->accu;
		break;
	case MI_ALU_ZF:
		val = alu->accu ? 0 : ~0ull;
		break;
	case MI_ALU_CF:
		val = alu->carry ? ~0ull : 0;
		break;
	default:
		return false;
	}
	if (reg > 15)
		return false;
	cs_gpr_set(e, reg, invert ? ~val : val);
	return true;
}

static bool alu_load(const struct engine *e, struct alu *alu, unsigned int op, u32 instr)
{
	unsigned int to = instr >> 10 & 0x3ff, from = instr & 0x3ff;
	u64 val = 0;

	if (to != MI_ALU_SRCA && to != MI_ALU_SRCB)
		return false;
	if (op == MI_ALU_LOAD || op == MI_ALU_LOADINV) {
		if (from > 15 && from != MI_ALU_ACCU)
			return false;
		val = from > 15 ? alu->accu : cs_gpr(e, from);
	}
	alu->src[to - MI_ALU_SRCA] = op == MI_ALU_LOADINV || op == MI_ALU_LOAD1 ? ~val : val;
	return true;
}

static bool alu_instruction(struct engine *e, struct alu *alu, u32 instr)
{
	unsigned int op = instr >> 20;

	switch (op) {
	case MI_ALU_NOOP:
		return true;
	case MI_ALU_LOAD:
	case MI_ALU_LOADINV:
	case MI_ALU_LOAD0:
	case MI_ALU_LOAD1:
		return alu_load(e, alu, op, instr);
	case MI_ALU_SHL:
	case MI_ALU_SHR:
	case MI_ALU_SAR:
		return has_shifts(e) && alu_operate(alu, op);
	case MI_ALU_STORE:
	case MI_ALU_STOREINV:
		return alu_store(e, alu, instr >> 10 & 0x3ff, instr & 0x3ff, op == MI_ALU_STOREINV);
	default:
		return alu_operate(alu, op);
	}
}

enum cs_result mi_math(struct engine *e, const u32 *dw, unsigned int len)
{
	struct alu alu = { 0 };

	for (unsigned int i = 1; i < len; i++)
		if (!alu_instruction(e, &alu, dw[i]))
			return cs_malformed(e, "MI_MATH: instruction %u (0x%08x) is undefined", i,
					    dw[i]);
	return CS_OK;
}
