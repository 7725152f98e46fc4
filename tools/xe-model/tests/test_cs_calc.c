// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands that calculate: MI_MATH, MI_ATOMIC, MI_PREDICATE, each operation with operands whose
 * result is written down here.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"

#define CTX AT_FREE
#define DATA (AT_FREE + 0x20000)
#define AT(off) (MEM_GGTT + DATA + (off))
#define LRI1 (MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(1))
#define LRI2 (MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(2))
#define SRM_GGTT (MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE | MI_USE_GGTT)
#define SDI_GGTT (MI_STORE_DATA_IMM | MI_USE_GGTT | MI_SDI_LEN_DW(1))

static int setup(void **state)
{
	if (machine_setup(state))
		return -1;
	machine_use_engines(*state);
	return 0;
}

#define ring(m, ...)                                                 \
	do {                                                         \
		const u32 dws_[] = { __VA_ARGS__ };                  \
		machine_emit(m, CTX, dws_, ARRAY_SIZE(dws_));        \
	} while (0)

static u64 read64(struct machine *m, u32 off)
{
	u64 val;

	memcpy(&val, machine_dw(m, DATA + off), 8);
	return val;
}

static void write64(struct machine *m, u32 off, u64 val)
{
	memcpy(machine_dw(m, DATA + off), &val, 8);
}

static void load64(struct machine *m, u32 reg, u64 val)
{
	ring(m, LRI2, reg, (u32)val, reg + 4, (u32)(val >> 32));
}

static void store64(struct machine *m, u32 reg, u32 off)
{
	ring(m, SRM_GGTT, reg, AT(off), 0);
	ring(m, SRM_GGTT, reg + 4, AT(off) + 4, 0);
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
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

	for (unsigned int i = 0; i < ARRAY_SIZE(sums); i++) {
		load64(m, 0x600, sums[i].a);
		load64(m, 0x608, sums[i].b);
		ring(m, MI_MATH | 6, ALU(LOAD, SRCA, 0), ALU(LOAD, SRCB, 1), ALU(sums[i].op, 0, 0),
		     ALU(STORE, 2, ACCU), ALU(STORE, 3, ZF), ALU(STORE, 4, CF), ALU(NOOP, 0, 0));
		for (u32 r = 2; r <= 4; r++)
			store64(m, 0x600 + 8 * r, 8 * r);
		assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
		if (read64(m, 16) != sums[i].accu || (read64(m, 24) & 1) != sums[i].zero ||
		    (read64(m, 32) & 1) != sums[i].carry)
			fail_msg("operation %u: 0x%llx", i, (unsigned long long)read64(m, 16));
	}
}

static void math_operands(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

	load64(m, 0x600, 0xf0);
	/* R1 = ~R0 + 0; R2 = ~(ones + 1); R3 = ~R0 + 0 again, stored inverted */
	ring(m, MI_MATH | 11, ALU(LOADINV, SRCA, 0), ALU(LOAD0, SRCB, 0), ALU(0x100, 0, 0),
	     ALU(STORE, 1, ACCU), ALU(STOREINV, 3, ACCU), ALU(LOAD1, SRCA, 0), ALU(LOAD0, SRCB, 0),
	     ALU(0x103, 0, 0), ALU(STORE, 2, ACCU), ALU(LOAD, SRCB, 3), ALU(0x102, 0, 0),
	     ALU(STORE, 4, ACCU));
	for (u32 r = 1; r <= 4; r++)
		store64(m, 0x600 + 8 * r, 8 * r);
	assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
	assert_true(read64(m, 8) == ~0xf0ull);
	assert_true(read64(m, 16) == ~0ull);
	assert_true(read64(m, 24) == 0xf0);
	assert_true(read64(m, 32) == 0xf0);
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
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

	for (unsigned int i = 0; i < ARRAY_SIZE(atomics); i++) {
		u32 header = MI_ATOMIC | MI_USE_GGTT | MI_ATOMIC_INLINE_DATA | 9 |
			     (u32)atomics[i].op << 8;
		u32 header64 = header | 0x20u << 8 | 1u << 19;
		u64 a = wide(atomics[i].a);

		write64(m, 0, atomics[i].mem);
		write64(m, 8, wide(atomics[i].mem));
		ring(m, header, AT(0), 0, atomics[i].a, 0, 0, 0, 0, 0, 0, 0);
		ring(m, header64, AT(8), 0, (u32)a, 0, (u32)(a >> 32), 0, 0, 0, 0, 0);
		assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
		if (*machine_dw(m, DATA) != atomics[i].after || *machine_dw(m, DATA + 4))
			fail_msg("operation 0x%x: 0x%x", atomics[i].op, *machine_dw(m, DATA));
		/* All results fit 32 bits with their sign, except where 32 bits wrap. */
		if (atomics[i].op == 0x05 || atomics[i].op == 0x06)
			continue;
		if (read64(m, 8) != wide(atomics[i].after))
			fail_msg("operation 0x%x: 0x%llx", atomics[i].op,
				 (unsigned long long)read64(m, 8));
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
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

	for (unsigned int i = 0; i < ARRAY_SIZE(predicates); i++) {
		load64(m, MI_PREDICATE_SRC0(0), 7);
		load64(m, MI_PREDICATE_SRC1(0), 4);
		load64(m, MI_PREDICATE_DATA(0), 3);
		ring(m, LRI1, MI_PREDICATE_RESULT(0), predicates[i].before);
		ring(m, predicates[i].header);
		ring(m, SRM_GGTT, MI_PREDICATE_RESULT(0), AT(0), 0);
		assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
		if (*machine_dw(m, DATA) != predicates[i].after)
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
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		*machine_dw(m, DATA) = 0;
		ring(m, LRI1, MI_PREDICATE_RESULT_2(0), modes[i].result2);
		ring(m, LRI1, RING_PREDICATE_RESULT(0), modes[i].result);
		ring(m, MI_SET_PREDICATE | modes[i].mode);
		ring(m, SDI_GGTT, AT(0), 0, 1);
		ring(m, MI_SET_PREDICATE);
		ring(m, SDI_GGTT, AT(4), 0, i + 1);
		assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
		if (*machine_dw(m, DATA) != !modes[i].skipped)
			fail_msg("mode %u", i);
		assert_int_equal(*machine_dw(m, DATA + 4), i + 1);
	}
	/* An undefined mode hangs the engine. */
	ring(m, MI_SET_PREDICATE | 9);
	ring(m, SDI_GGTT, AT(4), 0, 0);
	machine_start(m, e, desc);
	gfx_tlb_flush(m->dev);
	engine_kill(e);
	assert_int_equal(machine_wait(m, ARRAY_SIZE(modes) + 1), ENGINE_KILLED);
	assert_int_equal(*machine_dw(m, DATA + 4), ARRAY_SIZE(modes));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		T(math_operations), T(math_operands), T(atomic_operations),
		T(predicate_operations), T(predicate_modes),
	};

	return cmocka_run_group_tests_name("cs_calc", tests, NULL, NULL);
}
