// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * MI commands on a running engine.
 */

#include "tests/lib_batch.h"

#include "instructions/lrc_layout.h"
#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"
#include "util/bits.h"

static void stores(void **state)
{
	struct box *box = *state;

	batch(box, SDI(1), VA_DATA, 0, 0x11);
	batch(box, SDI(3), VA_DATA + 0xffc, 0, 1, 2, 3);
	batch(box, MI_STORE_DATA_IMM | MI_SDI_QWORD | MI_SDI_LEN_QW(2), VA_DATA + 8, 0, 5, 6, 7, 8);
	/* A sign-extended upper half means the same. */
	batch(box, SDI(1), VA_DATA + 0x20, 0xffff0000, 0x22);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x11);
	assert_int_equal(data(box, 0xffc), 1);
	assert_int_equal(data(box, 0x1000), 2);
	assert_int_equal(data(box, 0x1004), 3);
	assert_int_equal(data64(box, 8), 6ull << 32 | 5);
	assert_int_equal(data64(box, 16), 8ull << 32 | 7);
	assert_int_equal(data(box, 0x20), 0x22);
	assert_int_equal(box->m->dev->stats.batch_imm_bytes, 4 + 12 + 16 + 4);
}

static void ring_wraps_in_a_command(void **state)
{
	struct box *box = *state;
	u32 *page = machine_image(box->m, CTX);

	page[LRC_DW_RING_HEAD] = CTX_RING_BYTES - 8;
	page[LRC_DW_RING_TAIL] = CTX_RING_BYTES - 8;
	ring(box, SDI(1) | MI_USE_GGTT, MEM_GGTT + DATA, 0, 0x77);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x77);
	assert_int_equal(page[LRC_DW_RING_HEAD], 8);
	/* Batches are what is counted. */
	assert_int_equal(box->m->dev->stats.batch_imm_bytes, 0);
}

/* In a batch of the address space the GGTT bit has no effect. */
static void ggtt_bit_in_user_batch(void **state)
{
	struct box *box = *state;

	batch(box, SDI(1) | MI_USE_GGTT, VA_DATA, 0, 0x33);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x33);
}

static void registers(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA + 0x40) = 0xabcd;
	batch(box, LRI(2), 0x600, 0x123, 0x604, 0x456);
	batch(box, LRR_BOTH, 0x600, 0x608);
	batch(box, SRM, 0x608, VA_DATA, 0);
	batch(box, SRM, 0x604, VA_DATA + 4, 0);
	batch(box, LRM, 0x60c, VA_DATA + 0x40, 0);
	batch(box, SRM, 0x60c, VA_DATA + 8, 0);
	/* The same register without the base. */
	batch(box, MI_STORE_REGISTER_MEM, 0x22600, VA_DATA + 12, 0);
	/* Not open to user batches: the ring start and a global register. */
	batch(box, LRI(1), 0x38, 0xbad000);
	batch(box, MI_LOAD_REGISTER_IMM | MI_LRI_LEN(1), 0x7300, 0xbad);
	batch(box, MI_STORE_REGISTER_MEM, 0x7300, VA_DATA + 16, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x123);
	assert_int_equal(data(box, 4), 0x456);
	assert_int_equal(data(box, 8), 0xabcd);
	assert_int_equal(data(box, 12), 0x123);
	assert_int_equal(data(box, 16), 0);
	assert_int_equal(reg_peek(box->m->dev, 0x7300), 0);
}

static void nonpriv_slots(void **state)
{
	struct box *box = *state;

	/* Slot 0: 0x7300 for 4 registers, read and write. Slot 1: 0x7400 read only. */
	reg_poke(box->m->dev, 0x224d0, 0x7300 | NONPRIV_RANGE_4);
	reg_poke(box->m->dev, 0x224d4, 0x7400 | NONPRIV_ACCESS_RD);
	batch(box, MI_LOAD_REGISTER_IMM | MI_LRI_LEN(2), 0x730c, 0x55, 0x7400, 0x66);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(reg_peek(box->m->dev, 0x730c), 0x55);
	assert_int_equal(reg_peek(box->m->dev, 0x7400), 0);
}

static void math(void **state)
{
	struct box *box = *state;
	enum { LOAD = 0x080 << 20, SUB = 0x101 << 20, ADD = 0x100 << 20, STORE = 0x180 << 20 };
	u32 inv = 0x580u << 20;

	batch(box, LRI(4), 0x600, 5, 0x604, 0, 0x608, 7, 0x60c, 0);
	/* R2 = R0 - R1, R3 = carry, R4 = ~R2, R5 = R0 + R1 */
	batch(box, MI_MATH | 8, LOAD | 0x20 << 10 | 0, LOAD | 0x21 << 10 | 1, SUB,
	      STORE | 2 << 10 | 0x31, STORE | 3 << 10 | 0x33, inv | 4 << 10 | 0x31, ADD,
	      STORE | 5 << 10 | 0x31, STORE | 6 << 10 | 0x32);
	for (u32 i = 2; i < 7; i++) {
		batch(box, SRM, 0x600 + 8 * i, VA_DATA + 8 * i, 0);
		batch(box, SRM, 0x604 + 8 * i, VA_DATA + 8 * i + 4, 0);
	}
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data64(box, 16), (u64)-2);
	assert_int_equal(data64(box, 24), ~0ull);
	assert_int_equal(data64(box, 32), 1);
	assert_int_equal(data64(box, 40), 12);
	assert_int_equal(data64(box, 48), 0);
}

static void atomics(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA) = 41;
	*machine_dw(box->m, DATA + 8) = 0xffffffff;
	batch(box, 0x17800501, VA_DATA, 0);
	batch(box, 0x17800601, VA_DATA + 4, 0);
	/* 64-bit increment, and a compare-and-write with inline data */
	batch(box, 0x17800001 | 0x25 << 8 | 1 << 19, VA_DATA + 8, 0);
	batch(box, 0x17800009 | 0x0e << 8 | MI_ATOMIC_INLINE_DATA, VA_DATA, 0, 42, 99, 0, 0, 0, 0,
	      0, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 99);
	assert_int_equal(data(box, 4), 0xffffffff);
	assert_int_equal(data64(box, 8), 1ull << 32);
}

static void conditional_end(void **state)
{
	struct box *box = *state;

	*machine_dw(box->m, DATA + 4) = 10;
	/* 10 > 9: goes on; 10 != 10: ends */
	batch(box, 0x1b200002, 9, VA_DATA + 4, 0, SDI(1), VA_DATA + 8, 0, 1);
	batch(box, 0x1b205002, 10, VA_DATA + 4, 0, SDI(1), VA_DATA + 12, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 8), 1);
	assert_int_equal(data(box, 12), 0);
}

static void second_level_and_jump(void **state)
{
	struct box *box = *state;

	/* Called: 0x1000 behind; jumped to: 0x2000 behind, with the address-space bit clear. */
	batch(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT | MI_BBS_SECOND_LEVEL,
	      VA_BATCH + 0x1000, 0);
	batch(box, SDI(1), VA_DATA + 4, 0, 2);
	batch(box, MI_BATCH_BUFFER_START, VA_BATCH + 0x2000, 0);
	batch(box, SDI(1), VA_DATA + 12, 0, 4);
	box->n = 0x400;
	batch(box, SDI(1), VA_DATA, 0, 1, MI_BATCH_BUFFER_END);
	box->n = 0x800;
	batch(box, SDI(1), VA_DATA + 8, 0, 3);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 1);
	assert_int_equal(data(box, 4), 2);
	assert_int_equal(data(box, 8), 3);
	assert_int_equal(data(box, 12), 0);
}

static void semaphore_waits_and_yields(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;

	batch(box, SDI(1), VA_DATA + 4, 0, 1);
	batch(box, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12, 5, VA_DATA, 0);
	batch(box, SDI(1), VA_DATA + 4, 0, 2, MI_BATCH_BUFFER_END);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(m, box->e, box->desc);
	assert_true(machine_until(m, DATA + 4, 1));
	engine_preempt(box->e);
	assert_int_equal(machine_wait(m, 1), ENGINE_PREEMPTED);
	assert_int_equal(data(box, 4), 1);
	/* Resumed in the batch, from the image. */
	machine_start(m, box->e, box->desc);
	__atomic_store_n(machine_dw(m, DATA), 5, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(m, 2), ENGINE_IDLE);
	assert_int_equal(data(box, 4), 2);
}

/* An endless loop: does not yield without arbitration points, ends when told so or when reset. */
static void loops(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;

	*machine_dw(m, DATA + 4) = ~0u;
	batch(box, SDI(1), VA_DATA, 0, 0xc0ffee);
	batch(box, 0x1b200002, 0, VA_DATA + 4, 0);
	batch(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH + 16, 0);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(m, box->e, box->desc);
	assert_true(machine_until(m, DATA, 0xc0ffee));
	engine_preempt(box->e);
	/* Translations can be flushed while it loops. */
	gfx_tlb_flush(m->dev);
	assert_int_equal(machine_stops(m), 0);
	__atomic_store_n(machine_dw(m, DATA + 4), 0, __ATOMIC_RELEASE);
	/* Between two commands of the ring, at last. */
	assert_int_equal(machine_wait(m, 1), ENGINE_PREEMPTED);
	assert_int_equal(machine_run(m, box->e, box->desc), ENGINE_IDLE);

	*machine_dw(m, DATA + 4) = ~0u;
	*machine_dw(m, DATA) = 0;
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(m, box->e, box->desc);
	assert_true(machine_until(m, DATA, 0xc0ffee));
	engine_kill(box->e);
	assert_int_equal(machine_wait(m, 3), ENGINE_KILLED);
}

static void malformed_hangs(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;

	batch(box, SDI(1), VA_DATA, 0, 1, 0xdeadbeef);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(m, box->e, box->desc);
	assert_true(machine_until(m, DATA, 1));
	engine_preempt(box->e);
	gfx_tlb_flush(m->dev);
	assert_int_equal(machine_stops(m), 0);
	engine_kill(box->e);
	assert_int_equal(machine_wait(m, 1), ENGINE_KILLED);
}

static void unknown_is_skipped(void **state)
{
	struct box *box = *state;

	batch(box, 0x1f000001, 1, 2);
	batch(box, SDI(1), VA_DATA, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 1);
	assert_int_equal(box->m->dev->stats.commands_unknown, 1);
}

static void faults(void **state)
{
	struct box *box = *state;

	batch(box, SDI(1), 0x700000, 0, 1);
	assert_int_equal(go(box), ENGINE_FAULT);
	machine_context(box->m, CTX, XM_CLASS_COPY, true);
	*machine_leaf(box->m, VA_DATA + 0x1000) &= ~PPGTT_WRITABLE;
	batch(box, SDI(1), VA_DATA + 0x1000, 0, 1);
	assert_int_equal(go(box), ENGINE_FAULT);
	/* NULL pages swallow writes and read as zero. */
	machine_context(box->m, CTX, XM_CLASS_COPY, true);
	*machine_leaf(box->m, VA_DATA + 0x3000) = RW | PPGTT_NULL;
	*machine_dw(box->m, DATA) = 7;
	batch(box, SDI(1), VA_DATA + 0x3000, 0, 1);
	batch(box, MI_COPY_MEM_MEM, VA_DATA, 0, VA_DATA + 0x3000, 0);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0);
}

static void flush_dw(void **state)
{
	struct box *box = *state;

	ring(box, MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW | MI_FLUSH_DW_WRITE_IMM,
	     (MEM_GGTT + DATA) | MI_FLUSH_DW_ADDR_GGTT, 0, 0x1234);
	ring(box, MI_FLUSH_DW | MI_FLUSH_DW_LEN_QW | MI_FLUSH_DW_WRITE_IMM |
		     MI_FLUSH_DW_STORE_INDEX, 0xd0, 0, 0x5678, 0x9abc);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x1234);
	assert_int_equal(*machine_dw(box->m, CTX + CTX_RING_BYTES + 0xd0), 0x5678);
	assert_int_equal(*machine_dw(box->m, CTX + CTX_RING_BYTES + 0xd4), 0x9abc);
}

/* A changed leaf is not seen before a flush: by the ring, or from outside. */
static void translations_stay(void **state)
{
	struct box *box = *state;

	batch(box, SDI(1), VA_DATA, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	machine_map(box->m, VA_DATA, DATA + 0x1000, 0x1000, RW);
	batch(box, SDI(1), VA_DATA, 0, 2);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 2);
	ring(box, MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW | MI_FLUSH_DW_WRITE_IMM |
		     MI_FLUSH_DW_TLB_INVALIDATE, (MEM_GGTT + DATA + 0x40) | MI_FLUSH_DW_ADDR_GGTT,
	     0, 0);
	batch(box, SDI(1), VA_DATA, 0, 3);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0x1000), 3);
	machine_map(box->m, VA_DATA, DATA, 0x1000, RW);
	gfx_tlb_flush(box->m->dev);
	batch(box, SDI(1), VA_DATA, 0, 4);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 4);
}

static void predicates(void **state)
{
	struct box *box = *state;

	batch(box, LRI(1), 0x3bc, 0);
	batch(box, MI_SET_PREDICATE | 1, SDI(1), VA_DATA, 0, 1, MI_SET_PREDICATE);
	batch(box, MI_SET_PREDICATE | 2, SDI(1), VA_DATA + 4, 0, 1, MI_SET_PREDICATE);
	batch(box, SDI(1), VA_DATA + 8, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0);
	assert_int_equal(data(box, 4), 1);
	assert_int_equal(data(box, 8), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, box_setup, box_teardown)
	const struct CMUnitTest tests[] = {
		T(stores), T(ring_wraps_in_a_command), T(ggtt_bit_in_user_batch), T(registers),
		T(nonpriv_slots), T(math), T(atomics), T(conditional_end),
		T(second_level_and_jump), T(semaphore_waits_and_yields), T(loops),
		T(malformed_hangs), T(unknown_is_skipped), T(faults), T(flush_dw),
		T(translations_stay), T(predicates),
	};

	return cmocka_run_group_tests_name("cs_mi", tests, NULL, NULL);
}
