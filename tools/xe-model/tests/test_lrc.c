// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Context images: what loading takes, what saving gives back.
 */

#include "tests/lib_machine.h"

#include <time.h>

#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/log.h"

#define CTX AT_FREE
#define CTX2 (AT_FREE + CTX_BYTES)
#define DATA (AT_FREE + 0x20000)
#define LRI1 (MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(1))
#define SRM_GGTT (MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE | MI_USE_GGTT)

static int setup(void **state)
{
	if (machine_setup(state))
		return -1;
	machine_use_engines(*state);
	return 0;
}

#define ring(m, at, ...)                                             \
	do {                                                         \
		const u32 dws_[] = { __VA_ARGS__ };                  \
		machine_emit(m, at, dws_, ARRAY_SIZE(dws_));         \
	} while (0)

static void save_keeps_the_list(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	u32 *page = machine_image(m, CTX);
	u32 tail;

	ring(m, CTX, SRM_GGTT, 0x3a8, MEM_GGTT + DATA, 0, LRI1, 0x608, 0x1234);
	tail = page[LRC_DW_RING_TAIL];
	assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
	assert_int_equal(page[LRC_DW_LRI1_HEADER], 0x11081019);
	assert_int_equal(page[LRC_DW_LRI2_HEADER], 0x11081011);
	assert_int_equal(page[LRC_DW_XELP_END], 0x05000001);
	assert_int_equal(page[LRC_DW_RING_HEAD], tail);
	assert_int_equal(page[LRC_DW_RING_TAIL], tail);
	assert_int_equal(page[LRC_DW_CONTEXT_CONTROL], 0x00090008);
	assert_int_equal(page[LRC_DW_RING_START], MEM_GGTT + CTX);

	/* The register survives although no load in the image names it. */
	ring(m, CTX2 - CTX2 + CTX, SRM_GGTT, 0x608, MEM_GGTT + DATA + 4, 0);
	assert_int_equal(machine_run(m, e, desc), ENGINE_IDLE);
	assert_int_equal(*machine_dw(m, DATA + 4), 0x1234);
}

static void contexts_do_not_mix(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 one = machine_context(m, CTX, XM_CLASS_RENDER, false);
	u64 two = machine_context(m, CTX2, XM_CLASS_RENDER, false);

	ring(m, CTX, LRI1, 0x600, 1);
	ring(m, CTX2, LRI1, 0x600, 2);
	machine_run(m, e, one);
	machine_run(m, e, two);
	ring(m, CTX, SRM_GGTT, 0x600, MEM_GGTT + DATA, 0);
	ring(m, CTX2, SRM_GGTT, 0x600, MEM_GGTT + DATA + 4, 0);
	machine_run(m, e, one);
	machine_run(m, e, two);
	assert_int_equal(*machine_dw(m, DATA), 1);
	assert_int_equal(*machine_dw(m, DATA + 4), 2);
}

/* The time stamp runs at 19.2 MHz while the context is loaded, and only then; the host can look. */
static void timestamp(void **state)
{
	struct timespec ms20 = { .tv_nsec = 20000000 };
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	u32 *page = machine_image(m, CTX);
	u32 reg = RING_CTX_TIMESTAMP(RENDER_RING_BASE);
	u32 saved, seen;

	*machine_dw(m, DATA) = 0;
	ring(m, CTX, SRM_GGTT, 0x3a8, MEM_GGTT + DATA + 4, 0);
	ring(m, CTX, MI_STORE_DATA_IMM | MI_USE_GGTT | MI_SDI_LEN_DW(1), MEM_GGTT + DATA + 8, 0, 1);
	ring(m, CTX, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_USE_GGTT | MI_COMPARE_EQ << 12, 1,
	     MEM_GGTT + DATA, 0);
	machine_start(m, e, desc);
	assert_true(machine_until(m, DATA + 8, 1));
	seen = reg_read(m->dev, reg, REG_FROM_HOST);
	nanosleep(&ms20, NULL);
	assert_true(reg_read(m->dev, reg, REG_FROM_HOST) - seen >= 19200 * 20);
	__atomic_store_n(machine_dw(m, DATA), 1, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(m, 1), ENGINE_IDLE);
	saved = page[LRC_DW_CTX_TIMESTAMP];
	assert_int_equal(reg_read(m->dev, reg, REG_FROM_HOST), saved);
	assert_true(saved >= 19200 * 20);
	assert_true(saved < 19200 * 5000u);
	assert_true(*machine_dw(m, DATA + 4) < 19200 * 1000u);

	nanosleep(&ms20, NULL);
	ring(m, CTX, SRM_GGTT, 0x3a8, MEM_GGTT + DATA + 4, 0);
	machine_run(m, e, desc);
	assert_true(*machine_dw(m, DATA + 4) >= saved);
	assert_true(*machine_dw(m, DATA + 4) < saved + 19200 * 15);
}

/* With restore inhibited only ring and address space are taken from the image. */
static void restore_inhibit(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	u32 *page = machine_image(m, CTX);

	page[0x34] = LRI1 | MI_LRI_FORCE_POSTED;
	page[0x35] = 0x2600;
	page[0x36] = 0x99;
	page[0x37] = MI_BATCH_BUFFER_END | 1;
	ring(m, CTX, SRM_GGTT, 0x600, MEM_GGTT + DATA, 0);
	machine_run(m, e, desc);
	assert_int_equal(*machine_dw(m, DATA), 0);
	assert_int_equal(page[0x36], 0);
	page[0x36] = 0x99;
	ring(m, CTX, SRM_GGTT, 0x600, MEM_GGTT + DATA, 0);
	machine_run(m, e, desc);
	assert_int_equal(*machine_dw(m, DATA), 0x99);
}

/* Start a context that says 1 in DATA and waits until it finds 2 there. */
static void start_waiting(struct machine *m, struct engine *e, u64 desc)
{
	ring(m, CTX, MI_STORE_DATA_IMM | MI_USE_GGTT | MI_SDI_LEN_DW(1), MEM_GGTT + DATA, 0, 1);
	ring(m, CTX, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_USE_GGTT | MI_COMPARE_EQ << 12, 2,
	     MEM_GGTT + DATA, 0);
	machine_start(m, e, desc);
	assert_true(machine_until(m, DATA, 1));
}

static void tail_moves_while_running(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	unsigned long before = violations_of("lrc-running");

	start_waiting(m, e, desc);
	ring(m, CTX, MI_STORE_DATA_IMM | MI_USE_GGTT | MI_SDI_LEN_DW(1), MEM_GGTT + DATA + 4, 0, 3);
	pthread_mutex_lock(&m->lock);
	m->more = true;
	pthread_mutex_unlock(&m->lock);
	__atomic_store_n(machine_dw(m, DATA), 2, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(m, 1), ENGINE_IDLE);
	assert_int_equal(*machine_dw(m, DATA + 4), 3);
	assert_int_equal(violations_of("lrc-running"), before);
}

/* dword to change: ring start, a register number, behind the list, engine state, page table */
static const unsigned int forbidden[] = { LRC_DW_RING_START, LRC_DW_CTX_TIMESTAMP - 1, 0x100,
					  0x210, LRC_DW_PDP0_LDW };

static void image_written_while_running(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u32 *page = machine_image(m, CTX);

	for (unsigned int i = 0; i < ARRAY_SIZE(forbidden); i++) {
		unsigned long before = violations_of("lrc-running");
		u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);

		/* Whoever does not run may be written. */
		page[LRC_DW_CTX_TIMESTAMP] = 5;
		start_waiting(m, e, desc);
		__atomic_fetch_xor(&page[forbidden[i]], 0x10, __ATOMIC_RELEASE);
		*machine_dw(m, DATA) = 2;
		machine_wait(m, i + 1);
		if (violations_of("lrc-running") != before + 1)
			fail_msg("dword 0x%x", forbidden[i]);
	}
}

/* A write is reported once, by the first look at the image: here when the tail is read again. */
static void write_seen_with_the_tail(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	unsigned long before = violations_of("lrc-running");
	u32 *page = machine_image(m, CTX);

	start_waiting(m, e, desc);
	ring(m, CTX, MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_USE_GGTT | MI_COMPARE_EQ << 12, 3,
	     MEM_GGTT + DATA, 0);
	page[LRC_DW_CCID] ^= 1;
	pthread_mutex_lock(&m->lock);
	m->more = true;
	pthread_mutex_unlock(&m->lock);
	__atomic_store_n(machine_dw(m, DATA), 2, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < 1000 && violations_of("lrc-running") == before; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(violations_of("lrc-running"), before + 1);
	__atomic_store_n(machine_dw(m, DATA), 3, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(m, 1), ENGINE_IDLE);
	assert_int_equal(violations_of("lrc-running"), before + 1);
}

static void write_seen_by_a_reset(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	unsigned long before = violations_of("lrc-running");

	start_waiting(m, e, desc);
	machine_image(m, CTX)[LRC_DW_PDP0_UDW] = 9;
	engine_kill(e);
	assert_int_equal(machine_wait(m, 1), ENGINE_KILLED);
	assert_int_equal(violations_of("lrc-running"), before + 1);
}

static void bad_images(void **state)
{
	struct machine *m = *state;
	struct engine *e = gfx_find(m->dev, 0, 0);
	unsigned long before = log_violations();
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, false);
	u32 *page = machine_image(m, CTX);

	page[LRC_DW_RING_CTL] = 0;
	assert_int_equal(machine_run(m, e, desc), ENGINE_FAULT);
	machine_context(m, CTX, XM_CLASS_RENDER, false);
	page[LRC_DW_LRI2_HEADER] = 0x12345678;
	assert_int_equal(machine_run(m, e, desc), ENGINE_FAULT);
	machine_context(m, CTX, XM_CLASS_RENDER, false);
	page[LRC_DW_RING_TAIL] = CTX_RING_BYTES;
	assert_int_equal(machine_run(m, e, desc), ENGINE_FAULT);
	assert_int_equal(machine_run(m, e, desc | 1ull << 61), ENGINE_FAULT);
	assert_int_equal(log_violations() - before, 4);
	/* Not mapped at all: a fault of the context. */
	assert_int_equal(machine_run(m, e, 0x00200019), ENGINE_FAULT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		T(save_keeps_the_list), T(contexts_do_not_mix), T(timestamp), T(restore_inhibit),
		T(tail_moves_while_running), T(image_written_while_running),
		T(write_seen_with_the_tail), T(write_seen_by_a_reset), T(bad_images),
	};

	return cmocka_run_group_tests_name("lrc", tests, NULL, NULL);
}
