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

enum {
	ALU_NOOP = 0x000, ALU_LOAD = 0x080, ALU_LOAD0 = 0x081, ALU_LOADINV = 0x480,
	ALU_LOAD1 = 0x481, ALU_ADD = 0x100, ALU_SUB = 0x101, ALU_AND = 0x102, ALU_OR = 0x103,
	ALU_XOR = 0x104, ALU_SHL = 0x105, ALU_SHR = 0x106, ALU_SAR = 0x107, ALU_STORE = 0x180,
	ALU_STOREINV = 0x580,
};

enum { ALU_SRCA = 0x20, ALU_SRCB = 0x21, ALU_ACCU = 0x31, ALU_ZF = 0x32, ALU_CF = 0x33 };

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

static bool alu_operate(struct alu *alu, unsigned int op)
{
	u64 a = alu->src[0], b = alu->src[1];

	alu->carry = false;
	switch (op) {
	case ALU_ADD:
		alu->carry = __builtin_add_overflow(a, b, &alu->accu);
		return true;
	case ALU_SUB:
		alu->carry = __builtin_sub_overflow(a, b, &alu->accu);
		return true;
	case ALU_AND:
		alu->accu = a & b;
		return true;
	case ALU_OR:
		alu->accu = a | b;
		return true;
	case ALU_XOR:
		alu->accu = a ^ b;
		return true;
	case ALU_SHL:
		alu->accu = a << (b & 63);
		return true;
	case ALU_SHR:
		alu->accu = a >> (b & 63);
		return true;
	case ALU_SAR:
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
	case ALU_ACCU:
		val = alu->accu;
		break;
	case ALU_ZF:
		val = alu->accu ? 0 : ~0ull;
		break;
	case ALU_CF:
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

	if (to != ALU_SRCA && to != ALU_SRCB)
		return false;
	if (op == ALU_LOAD || op == ALU_LOADINV) {
		if (from > 15 && from != ALU_ACCU)
			return false;
		val = from > 15 ? alu->accu : cs_gpr(e, from);
	}
	alu->src[to - ALU_SRCA] = op == ALU_LOADINV || op == ALU_LOAD1 ? ~val : val;
	return true;
}

static bool alu_instruction(struct engine *e, struct alu *alu, u32 instr)
{
	unsigned int op = instr >> 20;

	switch (op) {
	case ALU_NOOP:
		return true;
	case ALU_LOAD:
	case ALU_LOADINV:
	case ALU_LOAD0:
	case ALU_LOAD1:
		return alu_load(e, alu, op, instr);
	case ALU_STORE:
	case ALU_STOREINV:
		return alu_store(e, alu, instr >> 10 & 0x3ff, instr & 0x3ff, op == ALU_STOREINV);
	default:
		return alu_operate(alu, op);
	}
}

enum cs_result mi_math(struct engine *e, const u32 *dw, unsigned int len)
{
	struct alu alu = { 0 };

	for (unsigned int i = 1; i < len; i++)
		if (!alu_instruction(e, &alu, dw[i]))
			return cs_hang(e, "MI_MATH: instruction %u (0x%08x) is undefined", i,
				       dw[i]);
	return CS_OK;
}
