// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The global table: what engines and the GuC remember of it, and when they forget.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "dev/ggtt.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/log.h"

#define PAGE (MEM_GGTT + AT_FREE)
#define DMA (MEM_DMA + AT_FREE)
#define CTX (AT_FREE + 0x10000)
#define GUC_TLB_INV_CR 0xcee8u

static u64 *entry(struct machine *m, u64 addr)
{
	return (u64 *)m->dev->ggtt + (addr >> 12);
}

static void set(struct machine *m, u64 addr, u64 val)
{
	__atomic_store_n(entry(m, addr), val, __ATOMIC_RELEASE);
}

static u64 look(struct machine *m, enum ggtt_client who, u64 addr, bool *stale)
{
	struct ggtt_hit hit;

	if (!ggtt_lookup(m->dev, who, addr, &hit))
		hit.dma = 0;
	*stale = hit.stale;
	return hit.dma;
}

static void remembered_until_told(void **state)
{
	struct machine *m = *state;
	bool stale;

	assert_int_equal(look(m, GGTT_GUC, PAGE + 0x123, &stale), DMA + 0x123);
	assert_false(stale);
	set(m, PAGE, (DMA + 0x5000) | GGTT_PRESENT);
	/* Reported once; the old entry counts. */
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA);
	assert_true(stale);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA);
	assert_false(stale);
	/* The other one has not used it before. */
	assert_int_equal(look(m, GGTT_ENGINES, PAGE, &stale), DMA + 0x5000);
	assert_false(stale);
	ggtt_forget(m->dev, GGTT_GUC);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA + 0x5000);
	assert_false(stale);
	/* And again, after it was told once. */
	set(m, PAGE, DMA | GGTT_PRESENT);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA + 0x5000);
	assert_true(stale);
	/* Changed back before anybody looked: nothing is wrong. */
	set(m, PAGE, (DMA + 0x5000) | GGTT_PRESENT);
	assert_int_equal(look(m, GGTT_ENGINES, PAGE, &stale), DMA + 0x5000);
	assert_false(stale);
}

static void only_present_entries(void **state)
{
	struct machine *m = *state;
	bool stale;

	set(m, PAGE, 0);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), 0);
	set(m, PAGE, DMA | GGTT_PRESENT);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA);
	assert_false(stale);
	set(m, PAGE, 0);
	assert_int_equal(look(m, GGTT_GUC, PAGE, &stale), DMA);
	assert_true(stale);
	assert_int_equal(look(m, GGTT_GUC, 1ull << 32, &stale), 0);
	assert_int_equal(look(m, GGTT_GUC, ~0ull, &stale), 0);
}

/* Forgetting looks at the parts in use only: first and last page of a part, and the last part. */
static void forgets_everything(void **state)
{
	static const u32 pages[] = { 0, 511, 512, 1023, 0xfffff };
	struct machine *m = *state;
	bool stale;

	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
			u64 dma = DMA + i * 0x1000 + round * 0x10000;

			set(m, (u64)pages[i] << 12, dma | GGTT_PRESENT);
			assert_int_equal(look(m, GGTT_ENGINES, (u64)pages[i] << 12, &stale), dma);
			assert_false(stale);
		}
		ggtt_forget(m->dev, GGTT_ENGINES);
	}
}

static void malformed_entries(void **state)
{
	static const u64 bad[] = { 1ull << 1, 1ull << 11, 1ull << 39, 1ull << 46, 1ull << 63 };
	struct machine *m = *state;
	unsigned long before = violations_of("ggtt-entry");
	bool stale;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		set(m, PAGE + i * 0x1000, DMA | GGTT_PRESENT | bad[i]);
		look(m, GGTT_GUC, PAGE + i * 0x1000, &stale);
		look(m, GGTT_GUC, PAGE + i * 0x1000, &stale);
		assert_int_equal(violations_of("ggtt-entry"), before + i + 1);
	}
}

static void *look_for_ever(void *arg)
{
	struct machine *m = arg;
	bool stale;

	while (!__atomic_load_n(&m->more, __ATOMIC_ACQUIRE))
		look(m, GGTT_ENGINES, PAGE, &stale);
	return NULL;
}

/* An entry read before it changed must not be remembered after the invalidation. */
static void forgetting_beats_filling(void **state)
{
	struct machine *m = *state;
	pthread_t thread;
	bool stale;

	assert_int_equal(pthread_create(&thread, NULL, look_for_ever, m), 0);
	for (u64 i = 0; i < 20000; i++) {
		u64 dma = DMA + i % 2 * 0x1000;

		set(m, PAGE, dma | GGTT_PRESENT);
		ggtt_forget(m->dev, GGTT_ENGINES);
		assert_int_equal(look(m, GGTT_ENGINES, PAGE, &stale), dma);
	}
	__atomic_store_n(&m->more, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

static void store(struct machine *m, u64 desc, u32 val)
{
	const u32 dw[] = { MI_STORE_DATA_IMM | MI_USE_GGTT | MI_SDI_LEN_DW(1), PAGE, 0, val };

	machine_emit(m, CTX, dw, 4);
	machine_run(m, gfx_engine(m->dev, 0), desc);
}

/* An engine writes through what it remembers, and the report names it. */
static void engine_uses_the_old_entry(void **state)
{
	u64 desc = machine_context(*state, CTX, XM_CLASS_RENDER, false);
	struct machine *m = *state;
	unsigned long before = violations_of("ggtt-stale");
	u32 one = 1;

	machine_use_engines(m);
	store(m, desc, 1);
	assert_int_equal(*machine_dw(m, AT_FREE), 1);
	set(m, PAGE, (DMA + 0x1000) | GGTT_PRESENT);
	store(m, desc, 2);
	assert_int_equal(*machine_dw(m, AT_FREE), 2);
	assert_int_equal(*machine_dw(m, AT_FREE + 0x1000), 0);
	assert_int_equal(violations_of("ggtt-stale"), before + 1);
	gfx_reset(m->dev);
	store(m, desc, 3);
	assert_int_equal(*machine_dw(m, AT_FREE + 0x1000), 3);
	assert_int_equal(violations_of("ggtt-stale"), before + 1);
	/* A device reset forgets, too; there is nothing in the table then. */
	one = 0;
	xm_device_reset(m->dev);
	set(m, PAGE, DMA | GGTT_PRESENT);
	assert_int_equal(ggtt_entry(m->dev, PAGE), DMA | GGTT_PRESENT);
	assert_true(ggtt_read32(m->dev, PAGE, &one));
	assert_int_equal(one, 2);
	assert_int_equal(violations_of("ggtt-stale"), before + 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, machine_setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		T(remembered_until_told), T(only_present_entries), T(forgets_everything),
		T(malformed_entries), T(forgetting_beats_filling), T(engine_uses_the_old_entry),
	};

	return cmocka_run_group_tests_name("ggtt", tests, NULL, NULL);
}
