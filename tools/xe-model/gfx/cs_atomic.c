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

/* A value of 16 bytes; the other sizes use the lower halves. */
struct wide {
	u64 lo;
	u64 hi;
};

static u64 atomic_result(unsigned int op, u64 m, u64 a, u64 b, unsigned int bits)
{
	unsigned int up = 64 - bits;
	s64 sm = (s64)(m << up) >> up, sa = (s64)(a << up) >> up;

	switch (op) {
	case MI_ATOMIC_AND:
		return m & a;
	case MI_ATOMIC_OR:
		return m | a;
	case MI_ATOMIC_XOR:
		return m ^ a;
	case MI_ATOMIC_MOVE:
		return a;
	case MI_ATOMIC_INC:
		return m + 1;
	case MI_ATOMIC_DEC:
		return m - 1;
	case MI_ATOMIC_ADD:
		return m + a;
	case MI_ATOMIC_SUB:
		return m - a;
	case MI_ATOMIC_RSUB:
		return a - m;
	case MI_ATOMIC_IMAX:
		return sm > sa ? m : a;
	case MI_ATOMIC_IMIN:
		return sm < sa ? m : a;
	case MI_ATOMIC_UMAX:
		return m > a ? m : a;
	case MI_ATOMIC_UMIN:
		return m < a ? m : a;
	default:
		return m == a ? b : m;
	}
}

static u64 atomic32(u32 *p, unsigned int op, u32 a, u32 b)
{
	u32 m = __atomic_load_n(p, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(p, &m, (u32)atomic_result(op, m, a, b, 32), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return m;
}

static u64 atomic64(u64 *p, unsigned int op, u64 a, u64 b)
{
	u64 m = __atomic_load_n(p, __ATOMIC_SEQ_CST);

	while (!__atomic_compare_exchange_n(p, &m, atomic_result(op, m, a, b, 64), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return m;
}

/*
 * Replace 16 bytes if they are still @old, else set @old to what they are. Compilers offer this
 * only to programs that demand a processor with the instruction, which all of today have.
 */
static bool replace128(struct wide *p, struct wide *old, struct wide new)
{
	bool done;

#ifdef __x86_64__
	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(done), "+m"(*p), "+a"(old->lo), "+d"(old->hi)
			 : "b"(new.lo), "c"(new.hi)
			 : "memory");
#else
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	/* Only engines are kept apart: the CPUs of an emulated guest have no such instruction. */
	pthread_mutex_lock(&lock);
	done = p->lo == old->lo && p->hi == old->hi;
	if (done)
		*p = new;
	else
		*old = *p;
	pthread_mutex_unlock(&lock);
#endif
	return done;
}

/* Move, or compare and write. */
static struct wide atomic128(struct wide *p, unsigned int op, struct wide a, struct wide b)
{
	struct wide old = { 0, 0 }, new;

	do {
		new = a;
		if (op == MI_ATOMIC_CMPWR)
			new = old.lo == a.lo && old.hi == a.hi ? b : old;
	} while (!replace128(p, &old, new));
	return old;
}

/* Operands: behind the address, dword by dword in turn, or in pairs of registers. */
static struct wide operand(const struct engine *e, const u32 *dw, unsigned int n)
{
	if (!(dw[0] & MI_ATOMIC_INLINE_DATA))
		return (struct wide){ cs_gpr(e, 2 * n), cs_gpr(e, 2 * n + 1) };
	return (struct wide){ dw[3 + n] | (u64)dw[5 + n] << 32, dw[7 + n] | (u64)dw[9 + n] << 32 };
}

/* The operation as it is numbered for 4 bytes, 0 if it is undefined for the size. */
static unsigned int operation(u32 header, unsigned int size)
{
	unsigned int op = (header & MI_ATOMIC_OP_MASK) >> MI_ATOMIC_OP_SHIFT;

	if (size > 2 || op <= size * MI_ATOMIC_WIDER)
		return 0;
	op -= size * MI_ATOMIC_WIDER;
	if (size == 2 && op != MI_ATOMIC_MOVE && op != MI_ATOMIC_CMPWR)
		return 0;
	return op <= MI_ATOMIC_CMPWR ? op : 0;
}

/* Carry out @op on 4 << @size bytes at @addr; @old is set to what was there, 0 for a NULL page. */
static enum cs_result apply(struct engine *e, const u32 *dw, unsigned int op, unsigned int size,
			    struct wide *old)
{
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	struct wide a = operand(e, dw, 0), b = operand(e, dw, 1);
	size_t avail;
	void *p;

	*old = (struct wide){ 0, 0 };
	switch (cs_map(e, ggtt, cs_address(dw + 1), true, &p, &avail)) {
	case CS_MEM_OK:
		break;
	case CS_MEM_NULL:
		return CS_OK;
	default:
		return CS_FAULT;
	}
	if (size == 2)
		*old = atomic128(p, op, a, b);
	else if (size == 1)
		old->lo = atomic64(p, op, a.lo, b.lo);
	else
		old->lo = atomic32(p, op, (u32)a.lo, (u32)b.lo);
	return CS_OK;
}

enum cs_result mi_atomic(struct engine *e, const u32 *dw, unsigned int len)
{
	unsigned int size = (dw[0] & MI_ATOMIC_SIZE_MASK) >> MI_ATOMIC_SIZE_SHIFT;
	unsigned int op = operation(dw[0], size);
	u64 addr = cs_address(dw + 1);
	bool inline_data = len != 3;
	enum cs_result result;
	struct wide old;

	if (!op)
		return cs_malformed(e, "MI_ATOMIC (0x%08x): undefined operation or size", dw[0]);
	if (addr % (4u << size))
		return cs_malformed(e, "MI_ATOMIC: address 0x%llx is not aligned to %u bytes",
				    (unsigned long long)addr, 4u << size);
	if (inline_data == !(dw[0] & MI_ATOMIC_INLINE_DATA))
		return cs_malformed(e, "MI_ATOMIC (0x%08x) with %u dwords", dw[0], len);
	result = apply(e, dw, op, size, &old);
	if (result != CS_OK || !(dw[0] & MI_ATOMIC_RETURN_DATA))
		return result;
	cs_gpr_set(e, 4, old.lo);
	if (size == 2)
		cs_gpr_set(e, 5, old.hi);
	return CS_OK;
}
