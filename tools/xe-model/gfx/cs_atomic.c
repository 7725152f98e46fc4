// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: MI_ATOMIC
 *
 * Read-modify-write operations on memory, atomic towards other engines and the CPUs of the guest:
 * each is a compare-and-exchange loop on the host's memory.
 */

#include "gfx/cs_mi.h"
#include "instructions/mi_cmds.h"

static u64 atomic_result(unsigned int op, u64 m, u64 a, u64 b, unsigned int bits)
{
	unsigned int up = 64 - bits;
	s64 sm = (s64)(m << up) >> up, sa = (s64)(a << up) >> up;

	switch (op) {
	case 0x01:
		return m & a;
	case 0x02:
		return m | a;
	case 0x03:
		return m ^ a;
	case 0x04:
		return a;
	case 0x05:
		return m + 1;
	case 0x06:
		return m - 1;
	case 0x07:
		return m + a;
	case 0x08:
		return m - a;
	case 0x09:
		return a - m;
	case 0x0a:
		return sm > sa ? m : a;
	case 0x0b:
		return sm < sa ? m : a;
	case 0x0c:
		return m > a ? m : a;
	case 0x0d:
		return m < a ? m : a;
	default:
		return m == a ? b : m;
	}
}

static void atomic32(void *p, unsigned int op, u32 a, u32 b, u64 *old)
{
	u32 m = __atomic_load_n((u32 *)p, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n((u32 *)p, &m, (u32)atomic_result(op, m, a, b, 32),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	*old = m;
}

static void atomic64(void *p, unsigned int op, u64 a, u64 b, u64 *old)
{
	u64 m = __atomic_load_n((u64 *)p, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n((u64 *)p, &m, atomic_result(op, m, a, b, 64), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	*old = m;
}

enum cs_result mi_atomic(struct engine *e, const u32 *dw, unsigned int len)
{
	unsigned int size = (dw[0] & MI_ATOMIC_SIZE_MASK) >> MI_ATOMIC_SIZE_SHIFT;
	unsigned int op = (dw[0] & MI_ATOMIC_OP_MASK) >> MI_ATOMIC_OP_SHIFT;
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	u64 addr = cs_address(dw + 1), old = 0, a, b;
	unsigned int bytes = size ? 8 : 4;
	size_t avail;
	void *p;

	if (size > 1 || op < size * 0x20 + 1 || op > size * 0x20 + 0x0e)
		return cs_hang(e, "MI_ATOMIC: operation 0x%02x of size code %u", op, size);
	if (addr % bytes)
		return cs_hang(e, "MI_ATOMIC: address 0x%llx is not aligned",
			       (unsigned long long)addr);
	if (dw[0] & MI_ATOMIC_INLINE_DATA) {
		if (len < 7)
			return cs_hang(e, "MI_ATOMIC: inline data missing");
		a = dw[3] | (u64)dw[5] << 32;
		b = dw[4] | (u64)dw[6] << 32;
	} else {
		/* A 16-byte operand would take two registers, so the second one starts at 2. */
		a = cs_gpr(e, 0);
		b = cs_gpr(e, 2);
	}
	op -= size * 0x20;
	switch (cs_map(e, ggtt, addr, true, &p, &avail)) {
	case CS_MEM_OK:
		if (size)
			atomic64(p, op, a, b, &old);
		else
			atomic32(p, op, (u32)a, (u32)b, &old);
		break;
	case CS_MEM_NULL:
		break;
	default:
		return CS_FAULT;
	}
	if (dw[0] & MI_ATOMIC_RETURN_DATA)
		cs_gpr_set(e, 4, old);
	return CS_OK;
}
