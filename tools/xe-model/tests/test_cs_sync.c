// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Conditions: comparisons, semaphores, predicates; and what flushes and register loads write.
 */

#include "tests/lib_batch.h"

#include <unistd.h>

#include "dev/platform.h"
#include "instructions/gfx_cmds.h"
#include "instructions/lrc_layout.h"
#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"

/* Left side, right side; which of >, >=, <, <=, ==, != hold, unsigned */
static const struct {
	u32 left, right;
	u8 holds;
} pairs[] = {
	{ 5, 4, 0x23 }, { 4, 5, 0x2c }, { 4, 4, 0x1a }, { 0x80000000, 1, 0x23 }, { 0, ~0u, 0x2c },
};

static void conditional_ends(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(pairs) * 6; i++) {
		u32 op = i % 6, left = pairs[i / 6].left;

		*machine_dw(box->m, DATA + 4) = left;
		*machine_dw(box->m, DATA + 8) = 0;
		batch(box, MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE | op << 12,
		      pairs[i / 6].right, VA_DATA + 4, 0, SDI(1), VA_DATA + 8, 0, 1);
		assert_int_equal(go(box), ENGINE_IDLE);
		assert_int_equal(data(box, 8), pairs[i / 6].holds >> op & 1);
	}
}

/* Mask and value are a pair in memory; without the enable bit nothing ends. */
static void conditional_end_forms(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA + 8) = 0x0f;
	*machine_dw(box->m, DATA + 12) = 0xf3;
	batch(box, MI_CONDITIONAL_BATCH_BUFFER_END, ~0u, VA_DATA, 0, SDI(1), VA_DATA + 16, 0, 1);
	batch(box, MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE | MI_CBBE_MASK_MODE |
	      MI_COMPARE_EQ << 12, 3, VA_DATA + 8, 0, SDI(1), VA_DATA + 20, 0, 1);
	batch(box, MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE | MI_CBBE_MASK_MODE |
	      MI_COMPARE_NE << 12, 3, VA_DATA + 8, 0, SDI(1), VA_DATA + 24, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 16), 1);
	assert_int_equal(data(box, 20), 1);
	assert_int_equal(data(box, 24), 0);
}

/* From a second-level batch: ends that level, or all of them. */
static void conditional_end_of_a_level(void **state)
{
	struct box *box = *state;

	for (unsigned int level = 0; level < 2; level++) {
		*machine_dw(box->m, DATA) = 0;
		*machine_dw(box->m, DATA + 4) = 0;
		batch(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT | MI_BBS_SECOND_LEVEL,
		      VA_BATCH + 0x1000, 0, SDI(1), VA_DATA, 0, 1, MI_BATCH_BUFFER_END);
		box->n = 0x400;
		batch(box, MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE |
		      (level ? MI_CBBE_END_LEVEL : 0), 1, VA_DATA + 8, 0,
		      SDI(1), VA_DATA + 4, 0, 1);
		assert_int_equal(go(box), ENGINE_IDLE);
		assert_int_equal(data(box, 0), level);
		assert_int_equal(data(box, 4), 0);
	}
}

static void semaphore_comparisons(void **state)
{
	struct box *box = *state;
	unsigned int stops = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(pairs) * 6; i++) {
		u32 op = i % 6;

		*machine_dw(box->m, DATA + 4) = pairs[i / 6].left;
		*machine_dw(box->m, DATA + 8) = 0;
		batch(box, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | op << 12, pairs[i / 6].right,
		      VA_DATA + 4, 0, SDI(1), VA_DATA + 8, 0, 1, MI_BATCH_BUFFER_END);
		box->n = 0;
		box->desc = machine_context(box->m, CTX, XM_CLASS_COPY, true);
		ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
		machine_start(box->m, box->e, box->desc);
		if (!(pairs[i / 6].holds >> op & 1)) {
			engine_preempt(box->e);
			assert_int_equal(machine_wait(box->m, ++stops), ENGINE_PREEMPTED);
			assert_int_equal(data(box, 8), 0);
			continue;
		}
		assert_int_equal(machine_wait(box->m, ++stops), ENGINE_IDLE);
		assert_int_equal(data(box, 8), 1);
	}
}

/* Polls a register that the host changes: one outside of the engine. */
static void semaphore_on_a_register(void **state)
{
	struct box *box = *state;

	ring(box, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_REGISTER_POLL | MI_SEMAPHORE_POLL |
	     MI_COMPARE_EQ << 12, 0x77, 0x7300, 0);
	ring(box, SDI(1) | MI_USE_GGTT, MEM_GGTT + DATA, 0, 1);
	machine_start(box->m, box->e, box->desc);
	usleep(2000);
	assert_int_equal(data(box, 0), 0);
	reg_poke(box->m->dev, 0x7300, 0x77);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 1);
}

/* Without polling only a signal of another engine makes it look again. */
static void semaphore_signal(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	u32 ctx2 = CTX + CTX_BYTES;
	u64 desc2 = machine_context(m, ctx2, XM_CLASS_RENDER, true);
	const u32 signal[] = { MI_SEMAPHORE_SIGNAL, 0 };

	ring(box, SDI(1) | MI_USE_GGTT, MEM_GGTT + DATA + 4, 0, 1);
	ring(box, MI_SEMAPHORE_WAIT | MI_USE_GGTT | MI_COMPARE_EQ << 12, 1, MEM_GGTT + DATA, 0);
	ring(box, SDI(1) | MI_USE_GGTT, MEM_GGTT + DATA + 4, 0, 2);
	machine_start(m, box->e, box->desc);
	assert_true(machine_until(m, DATA + 4, 1));
	usleep(5000);
	__atomic_store_n(machine_dw(m, DATA), 1, __ATOMIC_RELEASE);
	usleep(5000);
	assert_int_equal(data(box, 4), 1);
	machine_emit(m, ctx2, signal, 2);
	machine_start(m, gfx_find(m->dev, 0, 0), desc2);
	assert_int_equal(machine_wait(m, 2), ENGINE_IDLE);
	assert_int_equal(data(box, 4), 2);
}

/* --- predicates ------------------------------------------------------------------------------ */

#define SET MI_PREDICATE_COMBINE_SET
#define AND MI_PREDICATE_COMBINE_AND
#define OR MI_PREDICATE_COMBINE_OR
#define XOR MI_PREDICATE_COMBINE_XOR

/* Load, combine, compare; old result; whether the sources are equal; new result */
static const struct {
	u8 load, combine, compare;
	bool old, equal, want;
} predicates[] = {
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_TRUE, false, false, true },
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_FALSE, true, false, false },
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_EQUAL, false, true, true },
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_EQUAL, true, false, false },
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_DELTAS, false, false, true },
	{ MI_PREDICATE_LOAD, SET, MI_PREDICATE_COMPARE_DELTAS, true, true, false },
	{ MI_PREDICATE_LOAD_INVERTED, SET, MI_PREDICATE_COMPARE_EQUAL, true, true, false },
	{ MI_PREDICATE_LOAD_INVERTED, SET, MI_PREDICATE_COMPARE_EQUAL, false, false, true },
	{ MI_PREDICATE_LOAD_KEEP, SET, MI_PREDICATE_COMPARE_FALSE, true, false, true },
	{ MI_PREDICATE_LOAD_KEEP, SET, MI_PREDICATE_COMPARE_TRUE, false, false, false },
	{ MI_PREDICATE_LOAD, AND, MI_PREDICATE_COMPARE_TRUE, true, false, true },
	{ MI_PREDICATE_LOAD, AND, MI_PREDICATE_COMPARE_TRUE, false, false, false },
	{ MI_PREDICATE_LOAD, OR, MI_PREDICATE_COMPARE_FALSE, true, false, true },
	{ MI_PREDICATE_LOAD, OR, MI_PREDICATE_COMPARE_FALSE, false, false, false },
	{ MI_PREDICATE_LOAD, XOR, MI_PREDICATE_COMPARE_TRUE, true, false, false },
	{ MI_PREDICATE_LOAD, XOR, MI_PREDICATE_COMPARE_TRUE, false, false, true },
};

/* The result shows in its register, in a predicated store, and in a predicated batch. */
static void predicate(void **state)
{
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(predicates); i++) {
		for (u32 off = 0; off < 12; off += 4)
			*machine_dw(box->m, DATA + off) = 0xff;
		batch(box, LRI(6), 0x418, predicates[i].old, 0x400, 7, 0x404, 1, 0x408, 7, 0x40c,
		      predicates[i].equal, 0x410, 0);
		/* If they differ they do so by 2^32. */
		batch(box, LRI(1), 0x414, 1, LRI(1), 0x600, 1);
		batch(box, MI_PREDICATE | predicates[i].load << 6 | predicates[i].combine << 3 |
		      predicates[i].compare);
		batch(box, SRM, 0x418, VA_DATA, 0, SRM | MI_SRM_PREDICATE, 0x600, VA_DATA + 4, 0);
		batch(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT | MI_BBS_PREDICATE |
		      MI_BBS_SECOND_LEVEL, VA_BATCH + 0x1000, 0, MI_BATCH_BUFFER_END);
		box->n = 0x400;
		batch(box, SDI(1), VA_DATA + 8, 0, 1);
		assert_int_equal(go(box), ENGINE_IDLE);
		assert_int_equal(data(box, 0), predicates[i].want);
		assert_int_equal(data(box, 4), predicates[i].want ? 1 : 0xff);
		assert_int_equal(data(box, 8), predicates[i].want ? 1 : 0xff);
	}
}

static void set_predicate(void **state)
{
	/* Mode, register, its value: skipped? */
	static const struct {
		u32 mode, reg, val;
		bool skipped;
	} modes[] = {
		{ MI_SET_PREDICATE_NEVER, 0x3bc, 1, false },
		{ MI_SET_PREDICATE_RESULT2_CLEAR, 0x3bc, 0, true },
		{ MI_SET_PREDICATE_RESULT2_CLEAR, 0x3bc, 1, false },
		{ MI_SET_PREDICATE_RESULT2_SET, 0x3bc, 0, false },
		{ MI_SET_PREDICATE_RESULT2_SET, 0x3bc, 1, true },
		{ MI_SET_PREDICATE_RESULT_CLEAR, 0x3b8, 0, true },
		{ MI_SET_PREDICATE_RESULT_CLEAR, 0x3b8, 1, false },
		{ MI_SET_PREDICATE_RESULT_SET, 0x3b8, 0, false },
		{ MI_SET_PREDICATE_RESULT_SET, 0x3b8, 1, true },
		{ MI_SET_PREDICATE_ALWAYS, 0x3b8, 0, true },
	};
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		*machine_dw(box->m, DATA) = 0;
		*machine_dw(box->m, DATA + 4) = 0;
		batch(box, LRI(2), 0x3b8, 0, 0x3bc, 0, LRI(1), modes[i].reg, modes[i].val);
		batch(box, MI_SET_PREDICATE | modes[i].mode, SDI(1), VA_DATA, 0, 1,
		      MI_SET_PREDICATE, SDI(1), VA_DATA + 4, 0, 1);
		assert_int_equal(go(box), ENGINE_IDLE);
		assert_int_equal(data(box, 0), !modes[i].skipped);
		assert_int_equal(data(box, 4), 1);
	}
}

/* --- registers and flushes ------------------------------------------------------------------- */

static void load_register_forms(void **state)
{
	struct box *box = *state;

	batch(box, LRI(1), 0x600, 0x11223344);
	/* Bytes 0 and 2 stay. */
	batch(box, LRI(1) | 5 << 8, 0x600, 0xaabbccdd, SRM, 0x600, VA_DATA, 0);
	/* Offsets of the render engine mean this one, if asked for; else they mean the other. */
	batch(box, MI_LOAD_REGISTER_IMM | MI_LRI_REMAP | MI_LRI_LEN(1), 0x2608, 0x55);
	batch(box, SRM, 0x608, VA_DATA + 4, 0);
	batch(box, MI_LOAD_REGISTER_REG | MI_LRR_SRC_REMAP | MI_LRR_DST_CS_BASE, 0x2608, 0x610);
	batch(box, MI_STORE_REGISTER_MEM | MI_REG_MEM_REMAP, 0x2610, VA_DATA + 8, 0);
	batch(box, MI_LOAD_REGISTER_MEM | MI_REG_MEM_REMAP, 0x2618, VA_DATA, 0);
	batch(box, MI_LOAD_REGISTER_REG | MI_LRR_SRC_CS_BASE | MI_LRR_DST_REMAP, 0x618, 0x2620);
	batch(box, SRM, 0x620, VA_DATA + 12, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0xaa22cc44);
	assert_int_equal(data(box, 4), 0x55);
	assert_int_equal(data(box, 8), 0x55);
	assert_int_equal(data(box, 12), 0xaa22cc44);
}

/* The time of the engine goes on while the context runs, and cannot be set by a user. */
static void time_goes_on(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA + 16) = 0;
	batch(box, SRM, 0x3a8, VA_DATA, 0, SRM, 0x358, VA_DATA + 4, 0, SDI(1), VA_DATA + 12, 0, 1);
	batch(box, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_EQ << 12, 1, VA_DATA + 16, 0);
	batch(box, LRI(1), 0x3a8, 0, SRM, 0x3a8, VA_DATA + 8, 0, SRM, 0x358, VA_DATA + 20, 0);
	batch(box, MI_BATCH_BUFFER_END);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(box->m, box->e, box->desc);
	assert_true(machine_until(box->m, DATA + 12, 1));
	usleep(2000);
	__atomic_store_n(machine_dw(box->m, DATA + 16), 1, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_IDLE);
	/* Two milliseconds are 38400 ticks of 19.2 MHz. */
	assert_true(data(box, 8) - data(box, 0) >= 38400 - 1000);
	assert_true(data(box, 20) - data(box, 4) >= 38400 - 1000);
}

/* A time stamp of the last minute: it has as many bits as the platform says, and wraps. */
static bool is_timestamp(struct box *box, u64 val)
{
	u64 wrap = 1ull << box->m->dev->platform->timestamp_bits;

	return val < wrap && (xm_timestamp(box->m->dev) - val) % wrap <
	       xm_ticks_from_ns(box->m->dev, 60000000000ull);
}

static void flush_dw_forms(void **state)
{
	struct box *box = *state;
	u32 pphwsp = CTX + CTX_RING_BYTES;

	for (u32 off = 0; off < 64; off += 4)
		*machine_dw(box->m, DATA + off) = 0xeeeeeeee;
	/* No post-sync operation, a dword, a qword, a time stamp in a short and in a long form */
	batch(box, MI_FLUSH_DW | 1, VA_DATA, 0);
	batch(box, MI_FLUSH_DW | 2 | MI_FLUSH_DW_WRITE_IMM, VA_DATA + 8, 0, 1);
	batch(box, MI_FLUSH_DW | 3 | MI_FLUSH_DW_WRITE_IMM, VA_DATA + 16, 0, 2, 3);
	batch(box, MI_FLUSH_DW | 1 | MI_FLUSH_DW_WRITE_TIMESTAMP, VA_DATA + 24, 0);
	batch(box, MI_FLUSH_DW | 3 | MI_FLUSH_DW_WRITE_TIMESTAMP, VA_DATA + 32, 0, 7, 7);
	batch(box, MI_FLUSH_DW | 2 | MI_FLUSH_DW_WRITE_IMM | MI_FLUSH_DW_STORE_INDEX, 0x100, 0, 4);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0xeeeeeeee);
	assert_int_equal(data64(box, 8), 0xeeeeeeee00000001);
	assert_int_equal(data64(box, 16), 0x300000002);
	assert_true(is_timestamp(box, data64(box, 24)) && is_timestamp(box, data64(box, 32)));
	assert_int_equal(*machine_dw(box->m, pphwsp + 0x100), 4);
}

static void pipe_control_forms(void **state)
{
	struct box *box = *state;
	u32 pphwsp = CTX + CTX_RING_BYTES;

	*machine_dw(box->m, DATA) = 0xeeeeeeee;
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_CS_STALL, VA_DATA, 0, 1, 2);
	batch(box, PIPE_CONTROL - 4, PIPE_CONTROL1_CS_STALL);
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_WRITE_QW, VA_DATA + 8, 0, 1, 2);
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_WRITE_DEPTH_COUNT, VA_DATA + 16, 0, 3, 4);
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_WRITE_TIMESTAMP, VA_DATA + 24, 0, 5, 6);
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_WRITE_QW | PIPE_CONTROL1_STORE_INDEX, 0x108, 0, 7,
	      8);
	batch(box, PIPE_CONTROL, PIPE_CONTROL1_POST_SYNC_LRI, 0x2600, 0, 0x99, 0);
	batch(box, SRM, 0x600, VA_DATA + 32, 0);
	*machine_dw(box->m, DATA + 16) = 0xeeeeeeee;
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0xeeeeeeee);
	assert_int_equal(data64(box, 8), 0x200000001);
	assert_int_equal(data64(box, 16), 0);
	assert_true(is_timestamp(box, data64(box, 24)));
	assert_int_equal(data(box, 32), 0x99);
	assert_int_equal(*machine_dw(box->m, pphwsp + 0x108), 7);
	assert_int_equal(*machine_dw(box->m, pphwsp + 0x10c), 8);
}

static void indirect_batch_xe2(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA) = VA_BATCH + 0x1000;
	batch(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT | MI_BBS_INDIRECT, VA_DATA, 0,
	      SDI(1), VA_DATA + 8, 0, 1);
	box->n = 0x400;
	batch(box, MI_MEM_FENCE | MI_MEM_FENCE_WRITE, SDI(1), VA_DATA + 12, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 8), 0);
	assert_int_equal(data(box, 12), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, box_setup, box_teardown)
#define TR(f) cmocka_unit_test_setup_teardown(f, box_setup_render, box_teardown)
#define T2(f) cmocka_unit_test_setup_teardown(f, box_setup_xe2, box_teardown)
	const struct CMUnitTest tests[] = {
		T(conditional_ends), T(conditional_end_forms), T(conditional_end_of_a_level),
		T(semaphore_comparisons), T(semaphore_on_a_register), T(semaphore_signal),
		T(predicate), T(set_predicate), T(load_register_forms), T(time_goes_on),
		T(flush_dw_forms), TR(pipe_control_forms), T2(indirect_batch_xe2),
	};

	return cmocka_run_group_tests_name("cs_sync", tests, NULL, NULL);
}
