// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * MI_MATH and MI_ATOMIC: every operation, every size, and atomics of two engines at once.
 */

#include "tests/lib_batch.h"

#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"

#define ALL (~0ull)

static void put_gpr(struct box *box, unsigned int n, u64 val)
{
	batch(box, LRI(2), 0x600 + 8 * n, (u32)val, 0x604 + 8 * n, (u32)(val >> 32));
}

static void get_gpr(struct box *box, unsigned int n, u32 off)
{
	batch(box, SRM, 0x600 + 8 * n, VA_DATA + off, 0);
	batch(box, SRM, 0x604 + 8 * n, VA_DATA + off + 4, 0);
}

/* --- MI_MATH --------------------------------------------------------------------------------- */

static const struct {
	u32 op;
	u64 a, b;
	u64 accu;
	bool zero, carry;
	bool shift;
} sums[] = {
	{ MI_ALU_ADD, 5, 7, 12, false, false, false },
	{ MI_ALU_ADD, ALL, 1, 0, true, true, false },
	{ MI_ALU_ADD, 0xffffffff, 1, 0x100000000, false, false, false },
	{ MI_ALU_SUB, 7, 5, 2, false, false, false },
	{ MI_ALU_SUB, 5, 7, -2ull, false, true, false },
	{ MI_ALU_SUB, 5, 5, 0, true, false, false },
	{ MI_ALU_AND, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xf000f000f000f000, false, false,
	  false },
	{ MI_ALU_AND, 1, 2, 0, true, false, false },
	{ MI_ALU_OR, 0xf000000000000001, 2, 0xf000000000000003, false, false, false },
	{ MI_ALU_XOR, ALL, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, false, false, false },
	{ MI_ALU_XOR, 9, 9, 0, true, false, false },
	{ MI_ALU_SHL, 3, 62, 0xc000000000000000, false, false, true },
	{ MI_ALU_SHR, 0x8000000000000000, 63, 1, false, false, true },
	{ MI_ALU_SAR, 0x8000000000000000, 4, 0xf800000000000000, false, false, true },
};

static void do_sum(struct box *box, unsigned int i)
{
	put_gpr(box, 0, sums[i].a);
	put_gpr(box, 15, sums[i].b);
	batch(box, MI_MATH | 8, MI_ALU(MI_ALU_LOAD, MI_ALU_SRCA, 0),
	      MI_ALU(MI_ALU_LOAD, MI_ALU_SRCB, 15), MI_ALU(sums[i].op, 0, 0),
	      MI_ALU(MI_ALU_STORE, 1, MI_ALU_ACCU), MI_ALU(MI_ALU_STORE, 2, MI_ALU_ZF),
	      MI_ALU(MI_ALU_STORE, 3, MI_ALU_CF), MI_ALU(MI_ALU_STOREINV, 4, MI_ALU_ACCU),
	      MI_ALU(MI_ALU_STOREINV, 5, MI_ALU_ZF), MI_ALU(MI_ALU_STOREINV, 6, MI_ALU_CF));
	for (unsigned int n = 1; n <= 6; n++)
		get_gpr(box, n, 8 * n);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 8), sums[i].accu);
	assert_int_equal(data64(box, 16), sums[i].zero ? ALL : 0);
	assert_int_equal(data64(box, 24), sums[i].carry ? ALL : 0);
	assert_int_equal(data64(box, 32), ~sums[i].accu);
	assert_int_equal(data64(box, 40), sums[i].zero ? 0 : ALL);
	assert_int_equal(data64(box, 48), sums[i].carry ? 0 : ALL);
}

static void math(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(sums); i++)
		if (!sums[i].shift)
			do_sum(*state, i);
}

static void math_xe2(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(sums); i++)
		do_sum(*state, i);
}

/* Loads: constants, inverted registers, and the accumulator of the instruction before. */
static void math_loads(void **state)
{
	struct box *box = *state;

	put_gpr(box, 7, 0x1234);
	batch(box, MI_MATH | 7, MI_ALU(MI_ALU_LOADINV, MI_ALU_SRCA, 7),
	      MI_ALU(MI_ALU_LOAD0, MI_ALU_SRCB, 0), MI_ALU(MI_ALU_OR, 0, 0), MI_ALU_NOOP,
	      MI_ALU(MI_ALU_LOAD, MI_ALU_SRCA, MI_ALU_ACCU), MI_ALU(MI_ALU_LOAD1, MI_ALU_SRCB, 0),
	      MI_ALU(MI_ALU_ADD, 0, 0), MI_ALU(MI_ALU_STORE, 8, MI_ALU_ACCU));
	get_gpr(box, 8, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 0), ~0x1234ull - 1);
}

/* --- MI_ATOMIC ------------------------------------------------------------------------------- */

static const struct {
	u8 op;
	u64 m, a, b;
	u32 want32;
	u64 want64;
} changes[] = {
	{ MI_ATOMIC_AND, 0xff00ff00f0f0f0f0, 0xf0f0f0f0ff00ff00, 0, 0xf000f000,
	  0xf000f000f000f000 },
	{ MI_ATOMIC_OR, 0x100000001, 0x200000002, 0, 3, 0x300000003 },
	{ MI_ATOMIC_XOR, 0x500000005, 0x300000003, 0, 6, 0x600000006 },
	{ MI_ATOMIC_MOVE, 1, 0x123456789abcdef0, 0, 0x9abcdef0, 0x123456789abcdef0 },
	{ MI_ATOMIC_INC, 0xffffffff, 0, 0, 0, 0x100000000 },
	{ MI_ATOMIC_DEC, 0x100000000, 0, 0, 0xffffffff, 0xffffffff },
	{ MI_ATOMIC_ADD, 0xfffffffe, 3, 0, 1, 0x100000001 },
	{ MI_ATOMIC_SUB, 1, 2, 0, 0xffffffff, ALL },
	{ MI_ATOMIC_RSUB, 2, 1, 0, 0xffffffff, ALL },
	/* As 32 bits -1 and 1, as 64 bits 4294967295 and 1 */
	{ MI_ATOMIC_IMAX, 0xffffffff, 1, 0, 1, 0xffffffff },
	{ MI_ATOMIC_IMIN, 0xffffffff, 1, 0, 0xffffffff, 1 },
	{ MI_ATOMIC_IMAX, ALL, 1, 0, 1, 1 },
	{ MI_ATOMIC_IMIN, ALL, 1, 0, 0xffffffff, ALL },
	{ MI_ATOMIC_UMAX, ALL, 1, 0, 0xffffffff, ALL },
	{ MI_ATOMIC_UMIN, ALL, 1, 0, 1, 1 },
	{ MI_ATOMIC_CMPWR, 7, 7, 9, 9, 9 },
	{ MI_ATOMIC_CMPWR, 7, 8, 9, 7, 7 },
	{ MI_ATOMIC_CMPWR, 0x100000007, 7, 9, 9, 0x100000007 },
};

/* Operands from registers, without and with the old value returned. */
static void by_registers(struct box *box, unsigned int i, bool wide, bool back)
{
	u32 op = changes[i].op + (wide ? MI_ATOMIC_WIDER : 0);
	u64 keep = wide ? 0 : changes[i].m & 0xffffffff00000000;
	u32 flags = back ? MI_ATOMIC_RETURN_DATA : 0;

	put_data64(box, 0, changes[i].m);
	put_gpr(box, 0, changes[i].a);
	put_gpr(box, 2, changes[i].b);
	put_gpr(box, 4, 0xeeee);
	batch(box, MI_ATOMIC | 1 | op << 8 | wide << 19 | flags, VA_DATA, 0);
	get_gpr(box, 4, 16);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 0), wide ? changes[i].want64 : (keep | changes[i].want32));
	if (back)
		assert_int_equal(data64(box, 16), wide ? changes[i].m : (u32)changes[i].m);
	else
		assert_int_equal(data64(box, 16), 0xeeee);
}

static void inline_data(struct box *box, unsigned int i, bool wide)
{
	u32 op = changes[i].op + (wide ? MI_ATOMIC_WIDER : 0);
	u64 keep = wide ? 0 : changes[i].m & 0xffffffff00000000;

	put_data64(box, 0, changes[i].m);
	put_gpr(box, 0, 0x5a5a);
	batch(box, MI_ATOMIC | 9 | op << 8 | wide << 19 | MI_ATOMIC_INLINE_DATA, VA_DATA, 0,
	      (u32)changes[i].a, (u32)changes[i].b, (u32)(changes[i].a >> 32),
	      (u32)(changes[i].b >> 32), 0, 0, 0, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 0), wide ? changes[i].want64 : (keep | changes[i].want32));
}

static void atomics(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(changes) * 2; i++) {
		by_registers(*state, i / 2, i % 2, false);
		by_registers(*state, i / 2, i % 2, true);
		inline_data(*state, i / 2, i % 2);
	}
}

/* 16 bytes: move, compare and write; operands in pairs of registers or inline. */
static void atomics_of_16_bytes(void **state)
{
	struct box *box = *state;

	put_data64(box, 0, 1);
	put_data64(box, 8, 2);
	for (unsigned int n = 0; n < 4; n++)
		put_gpr(box, n, 1 + n);
	/* {1, 2} becomes {3, 4}, then the second compare fails. */
	for (unsigned int i = 0; i < 2; i++)
		batch(box, MI_ATOMIC | 1 | 0x4e << 8 | 2 << 19 | MI_ATOMIC_RETURN_DATA, VA_DATA, 0);
	get_gpr(box, 4, 32);
	get_gpr(box, 5, 40);
	batch(box, MI_ATOMIC | 9 | 0x44 << 8 | 2 << 19 | MI_ATOMIC_INLINE_DATA, VA_DATA + 16, 0,
	      0x11, 0, 0x22, 0, 0x33, 0, 0x44, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 0), 3);
	assert_int_equal(data64(box, 8), 4);
	assert_int_equal(data64(box, 32), 3);
	assert_int_equal(data64(box, 40), 4);
	assert_int_equal(data64(box, 16), 0x2200000011);
	assert_int_equal(data64(box, 24), 0x4400000033);
}

#define ADDS 1000u
#define ROUNDS 40u

/* Two engines and the host add to the same dword; nothing is lost. */
static void atomic_between_engines(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	struct engine *other = gfx_find(m->dev, 0, 0);
	u32 ctx2 = CTX + CTX_BYTES;
	u64 desc2 = machine_context(m, ctx2, XM_CLASS_RENDER, true);
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	u32 added = 0;

	for (unsigned int i = 0; i < ADDS; i++)
		batch(box, MI_ATOMIC | 1 | MI_ATOMIC_INC << 8, VA_DATA, 0);
	batch(box, MI_BATCH_BUFFER_END);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		machine_emit(m, CTX, start, 3);
		machine_emit(m, ctx2, start, 3);
		machine_start(m, box->e, box->desc);
		machine_start(m, other, desc2);
		/* Add as long as one of them does. */
		while (machine_stops(m) < 2 * (round + 1)) {
			__atomic_fetch_add(machine_dw(m, DATA), 1, __ATOMIC_RELAXED);
			added++;
		}
	}
	assert_int_equal(data(box, 0), 2 * ADDS * ROUNDS + added);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, box_setup, box_teardown)
#define T2(f) cmocka_unit_test_setup_teardown(f, box_setup_xe2, box_teardown)
	const struct CMUnitTest tests[] = {
		T(math), T2(math_xe2), T(math_loads), T(atomics), T(atomics_of_16_bytes),
		T(atomic_between_engines),
	};

	return cmocka_run_group_tests_name("cs_alu", tests, NULL, NULL);
}
