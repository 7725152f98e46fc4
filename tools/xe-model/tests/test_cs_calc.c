// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands that calculate: MI_MATH, MI_ATOMIC, MI_PREDICATE, each operation with operands whose
 * result is written down here.
 */

#include "tests/lib_batch.h"

#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"

#define AT(off) (MEM_GGTT + DATA + (off))
#define SRM_GGTT (SRM | MI_USE_GGTT)
#define SDI_GGTT (SDI(1) | MI_USE_GGTT)

/* Everything happens in the ring, and the context has no address space. */
static int setup(void **state)
{
	struct box *box;

	if (box_setup_render(state))
		return -1;
	box = *state;
	box->desc = machine_context(box->m, CTX, XM_CLASS_RENDER, false);
	return 0;
}

static enum engine_stop run(struct box *box)
{
	return machine_run(box->m, box->e, box->desc);
}

static void load64(struct box *box, u32 reg, u64 val)
{
	ring(box, LRI(2), reg, (u32)val, reg + 4, (u32)(val >> 32));
}

static void store64(struct box *box, u32 reg, u32 off)
{
	ring(box, SRM_GGTT, reg, AT(off), 0);
	ring(box, SRM_GGTT, reg + 4, AT(off) + 4, 0);
}

/* --- MI_MATH ---------------------------------------------------------------------------------- */

#define ALU(op, a, b) ((u32)(op) << 20 | (a) << 10 | (b))
enum { SRCA = 0x20, SRCB = 0x21, ACCU = 0x31, ZF = 0x32, CF = 0x33 };
enum { NOOP = 0, LOAD = 0x080, LOAD0, LOADINV = 0x480, LOAD1, STORE = 0x180, STOREINV = 0x580 };

/* operation, operands, result, zero flag, carry flag */
static const struct {
	u32 op;
	u64 a, b, accu;
	bool zero, carry;
} sums[] = {
	{ 0x100, 3, 4, 7, false, false },
	{ 0x100, ~0ull, 1, 0, true, true },
	{ 0x101, 9, 4, 5, false, false },
	{ 0x101, 4, 9, (u64)-5, false, true },
	{ 0x101, 4, 4, 0, true, false },
	{ 0x102, 0xff00ff00ff00ull, 0x0ff00ff00ff0ull, 0x0f000f000f00ull, false, false },
	{ 0x103, 0xf0, 0x0f, 0xff, false, false },
	{ 0x104, 0xff, 0x0f, 0xf0, false, false },
	{ 0x104, 5, 5, 0, true, false },
};

static void math_operations(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(sums); i++) {
		load64(box, 0x600, sums[i].a);
		load64(box, 0x608, sums[i].b);
		ring(box, MI_MATH | 6, ALU(LOAD, SRCA, 0), ALU(LOAD, SRCB, 1),
		     ALU(sums[i].op, 0, 0), ALU(STORE, 2, ACCU), ALU(STORE, 3, ZF),
		     ALU(STORE, 4, CF), ALU(NOOP, 0, 0));
		for (u32 r = 2; r <= 4; r++)
			store64(box, 0x600 + 8 * r, 8 * r);
		assert_int_equal(run(box), ENGINE_IDLE);
		if (data64(box, 16) != sums[i].accu || (data64(box, 24) & 1) != sums[i].zero ||
		    (data64(box, 32) & 1) != sums[i].carry)
			fail_msg("operation %u: 0x%llx", i, (unsigned long long)data64(box, 16));
	}
}

static void math_operands(void **state)
{
	struct box *box = *state;

	load64(box, 0x600, 0xf0);
	/* R1 = ~R0 + 0; R2 = ~(ones + 1); R3 = ~R0 + 0 again, stored inverted */
	ring(box, MI_MATH | 11, ALU(LOADINV, SRCA, 0), ALU(LOAD0, SRCB, 0), ALU(0x100, 0, 0),
	     ALU(STORE, 1, ACCU), ALU(STOREINV, 3, ACCU), ALU(LOAD1, SRCA, 0), ALU(LOAD0, SRCB, 0),
	     ALU(0x103, 0, 0), ALU(STORE, 2, ACCU), ALU(LOAD, SRCB, 3), ALU(0x102, 0, 0),
	     ALU(STORE, 4, ACCU));
	for (u32 r = 1; r <= 4; r++)
		store64(box, 0x600 + 8 * r, 8 * r);
	assert_int_equal(run(box), ENGINE_IDLE);
	assert_true(data64(box, 8) == ~0xf0ull);
	assert_true(data64(box, 16) == ~0ull);
	assert_true(data64(box, 24) == 0xf0);
	assert_true(data64(box, 32) == 0xf0);
}

/* --- MI_ATOMIC -------------------------------------------------------------------------------- */

/* operation, memory, operand, memory afterwards: 32 bits, and 64 bits with the upper half in use */
static const struct {
	u8 op;
	u32 mem, a, after;
} atomics[] = {
	{ 0x01, 0xff0, 0x0ff, 0x0f0 },	     { 0x02, 0xf00, 0x00f, 0xf0f },
	{ 0x03, 0xff0, 0x0ff, 0xf0f },	     { 0x04, 5, 9, 9 },
	{ 0x05, 0xffffffff, 0, 0 },	     { 0x06, 0, 0, 0xffffffff },
	{ 0x07, 5, 9, 14 },		     { 0x08, 5, 9, (u32)-4 },
	{ 0x09, 5, 9, 4 },		     { 0x0a, (u32)-3, 2, 2 },
	{ 0x0a, 3, (u32)-2, 3 },	     { 0x0b, (u32)-3, 2, (u32)-3 },
	{ 0x0b, 3, (u32)-2, (u32)-2 },	     { 0x0c, (u32)-3, 2, (u32)-3 },
	{ 0x0d, (u32)-3, 2, 2 },
};

static u64 wide(u32 v)
{
	return (u64)(s64)(s32)v;
}

static void atomic_operations(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(atomics); i++) {
		u32 header = MI_ATOMIC | MI_USE_GGTT | MI_ATOMIC_INLINE_DATA | 9 |
			     (u32)atomics[i].op << 8;
		u32 header64 = header | 0x20u << 8 | 1u << 19;
		u64 a = wide(atomics[i].a);

		put_data64(box, 0, atomics[i].mem);
		put_data64(box, 8, wide(atomics[i].mem));
		ring(box, header, AT(0), 0, atomics[i].a, 0, 0, 0, 0, 0, 0, 0);
		ring(box, header64, AT(8), 0, (u32)a, 0, (u32)(a >> 32), 0, 0, 0, 0, 0);
		assert_int_equal(run(box), ENGINE_IDLE);
		if (data(box, 0) != atomics[i].after || data(box, 4))
			fail_msg("operation 0x%x: 0x%x", atomics[i].op, data(box, 0));
		/* All results fit 32 bits with their sign, except where 32 bits wrap. */
		if (atomics[i].op == 0x05 || atomics[i].op == 0x06)
			continue;
		if (data64(box, 8) != wide(atomics[i].after))
			fail_msg("operation 0x%x: 0x%llx", atomics[i].op,
				 (unsigned long long)data64(box, 8));
	}
}

/* --- MI_PREDICATE ----------------------------------------------------------------------------- */

/* load (0 keep, 2 as compared, 3 inverted), combine (0 set, 1 and, 2 or, 3 xor), compare */
#define PREDICATE(load, combine, compare) (0x06000000u | (load) << 6 | (combine) << 3 | (compare))

/* result before, command, result after; the sources are 7 and 4, the difference asked for is 3 */
static const struct {
	u32 before, header, after;
} predicates[] = {
	{ 0, PREDICATE(2u, 0, 0), 1 }, { 1, PREDICATE(2u, 0, 1), 0 }, { 1, PREDICATE(2u, 0, 2), 0 },
	{ 0, PREDICATE(2u, 0, 3), 1 }, { 0, PREDICATE(3u, 0, 2), 1 }, { 1, PREDICATE(3u, 0, 3), 0 },
	{ 1, PREDICATE(0u, 0, 1), 1 }, { 0, PREDICATE(0u, 0, 0), 0 }, { 0, PREDICATE(2u, 1, 0), 0 },
	{ 1, PREDICATE(2u, 1, 3), 1 }, { 1, PREDICATE(2u, 2, 2), 1 }, { 0, PREDICATE(2u, 2, 0), 1 },
	{ 1, PREDICATE(2u, 3, 0), 0 }, { 1, PREDICATE(2u, 3, 1), 1 },
};

static void predicate_operations(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(predicates); i++) {
		load64(box, MI_PREDICATE_SRC0(0), 7);
		load64(box, MI_PREDICATE_SRC1(0), 4);
		load64(box, MI_PREDICATE_DATA(0), 3);
		ring(box, LRI(1), MI_PREDICATE_RESULT(0), predicates[i].before);
		ring(box, predicates[i].header);
		ring(box, SRM_GGTT, MI_PREDICATE_RESULT(0), AT(0), 0);
		assert_int_equal(run(box), ENGINE_IDLE);
		if (data(box, 0) != predicates[i].after)
			fail_msg("row %u", i);
	}
}

/* mode, result 2, result, whether what follows is skipped */
static const struct {
	u32 mode, result2, result;
	bool skipped;
} modes[] = {
	{ 0, 0, 0, false }, { 1, 0, 1, true }, { 1, 1, 0, false },
	{ 2, 0, 1, false }, { 2, 1, 0, true }, { 3, 1, 0, true },
	{ 3, 0, 1, false }, { 4, 1, 0, false }, { 4, 0, 1, true }, { 15, 1, 1, true },
};

static void predicate_modes(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		*machine_dw(box->m, DATA) = 0;
		ring(box, LRI(1), MI_PREDICATE_RESULT_2(0), modes[i].result2);
		ring(box, LRI(1), RING_PREDICATE_RESULT(0), modes[i].result);
		ring(box, MI_SET_PREDICATE | modes[i].mode);
		ring(box, SDI_GGTT, AT(0), 0, 1);
		ring(box, MI_SET_PREDICATE);
		ring(box, SDI_GGTT, AT(4), 0, i + 1);
		assert_int_equal(run(box), ENGINE_IDLE);
		if (data(box, 0) != !modes[i].skipped)
			fail_msg("mode %u", i);
		assert_int_equal(data(box, 4), i + 1);
	}
	/* An undefined mode hangs the engine. */
	ring(box, MI_SET_PREDICATE | 9);
	ring(box, SDI_GGTT, AT(4), 0, 0);
	machine_start(box->m, box->e, box->desc);
	gfx_tlb_flush(box->m->dev);
	engine_kill(box->e);
	assert_int_equal(machine_wait(box->m, ARRAY_SIZE(modes) + 1), ENGINE_KILLED);
	assert_int_equal(data(box, 4), ARRAY_SIZE(modes));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, box_teardown)
	const struct CMUnitTest tests[] = {
		T(math_operations), T(math_operands), T(atomic_operations),
		T(predicate_operations), T(predicate_modes),
	};

	return cmocka_run_group_tests_name("cs_calc", tests, NULL, NULL);
}
