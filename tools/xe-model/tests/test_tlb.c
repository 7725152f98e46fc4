// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Use of translations that should have been invalidated, on a running engine.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "util/clock.h"
#include "util/log.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define OLD (AT_FREE + 0x20000)
#define NEW (AT_FREE + 0x30000)
#define FLAG (AT_FREE + 0x40000)
#define VA_BATCH 0x100000u
#define VA_DATA 0x40000000u
#define SDI (MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1))
/* A flush of the ring, as a job after a rebind begins with; it writes to the status page */
#define FLUSH_TLB MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW | MI_FLUSH_DW_WRITE_IMM | \
	MI_FLUSH_DW_TLB_INVALIDATE | MI_FLUSH_DW_STORE_INDEX, 0xd0, 0, 0
#define LATE_NS 3000000000ull
#define SEMAPHORE (MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_EQ << 12)

/**
 * struct box - a machine with a context on the copy engine
 * @m: machine
 * @e: engine
 * @desc: context
 * @n: dwords in the batch
 * @stale: reports of the rule when the test began
 */
struct box {
	struct machine *m;
	struct engine *e;
	u64 desc;
	u32 n;
	unsigned long stale;
};

static unsigned long reports(void)
{
	unsigned long n;
	const char *kind;

	for (unsigned int i = 0; (n = log_violation_at(i, &kind)); i++)
		if (!strcmp(kind, "tlb-stale"))
			return n;
	return 0;
}

static unsigned long stale(const struct box *box)
{
	return reports() - box->stale;
}

static int setup(void **state)
{
	static struct box box;

	if (machine_setup((void **)&box.m))
		return -1;
	machine_use_engines(box.m);
	clock_set_stepped(LATE_NS);
	box.e = gfx_find(box.m->dev, 3, 0);
	box.desc = machine_context(box.m, CTX, XM_CLASS_COPY, true);
	box.n = 0;
	box.stale = reports();
	machine_map(box.m, VA_BATCH, BATCH, 0x2000, RW);
	machine_map(box.m, VA_DATA, OLD, 0x2000, RW);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	struct box *box = *state;

	clock_set_real();
	return machine_teardown((void **)&box->m);
}

static void batch(struct box *box, const u32 *dw, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		*machine_dw(box->m, BATCH + 4 * box->n++) = dw[i];
}

#define batch(box, ...) (batch)(box, (const u32[]){ __VA_ARGS__ }, \
				sizeof((const u32[]){ __VA_ARGS__ }) / 4)
#define ring(box, ...) machine_emit((box)->m, CTX, (const u32[]){ __VA_ARGS__ }, \
				    sizeof((const u32[]){ __VA_ARGS__ }) / 4)

/* One job that runs the batch written so far. */
static enum engine_stop go(struct box *box)
{
	batch(box, MI_BATCH_BUFFER_END);
	box->n = 0;
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	return machine_run(box->m, box->e, box->desc);
}

/* One job that stores a value. */
static enum engine_stop store(struct box *box, u64 va, u32 val)
{
	batch(box, SDI, (u32)va, (u32)(va >> 32), val);
	return go(box);
}

static u32 at(struct box *box, u32 off)
{
	return *machine_dw(box->m, off);
}

/* The entry of @va in the table at @level; its tables exist. */
static u64 *entry(struct box *box, u64 va, unsigned int level)
{
	u64 *table = (u64 *)(box->m->mem + AT_TABLES);

	for (unsigned int l = 3; l > level; l--)
		table = (u64 *)(box->m->mem +
				((table[va >> (12 + 9 * l) & 511] & PPGTT_ADDR_MASK) - MEM_DMA));
	return &table[va >> (12 + 9 * level) & 511];
}

static u64 new_table(struct box *box)
{
	u64 table = MEM_DMA + box->m->next_table;

	box->m->next_table += SZ_4K;
	return table | RW;
}

static void moved_page(void **state)
{
	struct box *box = *state;

	assert_int_equal(store(box, VA_DATA, 1), ENGINE_IDLE);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	assert_int_equal(stale(box), 0);

	machine_map(box->m, VA_DATA, NEW, 0x1000, RW);
	assert_int_equal(store(box, VA_DATA, 3), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
	/* Hardware goes on with what it has cached. */
	assert_int_equal(at(box, OLD), 3);
	assert_int_equal(at(box, NEW), 0);
	assert_int_equal(store(box, VA_DATA, 4), ENGINE_IDLE);
	assert_int_equal(stale(box), 2);
}

static void moved_batch(void **state)
{
	struct box *box = *state;

	assert_int_equal(go(box), ENGINE_IDLE);
	machine_map(box->m, VA_BATCH, NEW, 0x1000, RW);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
}

static void permission(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	machine_map(box->m, VA_DATA, OLD, 0x1000, PPGTT_PRESENT);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
	gfx_tlb_flush(box->m->dev);
	assert_int_equal(store(box, VA_DATA, 3), ENGINE_FAULT);
	assert_int_equal(stale(box), 1);
	assert_int_equal(at(box, OLD), 2);
}

/* A mapping made where scratch was cached. */
static void null_becomes_memory(void **state)
{
	struct box *box = *state;

	*machine_leaf(box->m, VA_DATA) = RW | PPGTT_NULL;
	assert_int_equal(store(box, VA_DATA, 1), ENGINE_IDLE);
	machine_map(box->m, VA_DATA, OLD, 0x1000, RW);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
	assert_int_equal(at(box, OLD), 0);
}

/* Where a NULL leaf points to does not matter. */
static void null_with_another_address(void **state)
{
	struct box *box = *state;

	machine_map(box->m, VA_DATA, OLD, 0x1000, RW | PPGTT_NULL);
	assert_int_equal(store(box, VA_DATA, 1), ENGINE_IDLE);
	machine_map(box->m, VA_DATA, NEW, 0x1000, PPGTT_PRESENT | PPGTT_NULL);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	clock_step(LATE_NS);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(stale(box), 0);
}

/* The pages below a cached table: the table was replaced. */
static void replaced_table(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	*entry(box, VA_DATA, 1) = new_table(box);
	machine_map(box->m, VA_DATA, OLD, 0x1000, RW);
	machine_map(box->m, VA_DATA + 0x1000, NEW, 0x2000, RW);
	assert_int_equal(store(box, VA_DATA + 0x1000, 2), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
	assert_int_equal(at(box, OLD + 0x1000), 2);
	assert_int_equal(at(box, NEW), 0);

	/* The old table has nothing there: the new mapping is not found. */
	assert_int_equal(store(box, VA_DATA + 0x2000, 3), ENGINE_FAULT);
	assert_int_equal(stale(box), 2);
}

static void split_is_fine(void **state)
{
	struct box *box = *state;
	const u64 va = VA_DATA + SZ_2M;
	u64 table = new_table(box);

	/* The memory is the one that has the contexts: only its last page is written. */
	*entry(box, va, 1) = MEM_DMA | RW | PPGTT_PDE_PAGE_SIZE;
	assert_int_equal(store(box, va + NEW, 1), ENGINE_IDLE);
	for (u32 i = 0; i < 512; i++)
		*(u64 *)(box->m->mem + ((table & PPGTT_ADDR_MASK) - MEM_DMA) + 8 * i) =
			(MEM_DMA + i * SZ_4K) | RW;
	*entry(box, va, 1) = table;
	assert_int_equal(store(box, va + NEW, 2), ENGINE_IDLE);
	assert_int_equal(store(box, va + NEW + 0x1000, 2), ENGINE_IDLE);
	assert_int_equal(at(box, NEW), 2);
	assert_int_equal(stale(box), 0);

	/* One of the small pages moves: only its use is wrong. */
	machine_map(box->m, va + NEW, OLD, 0x1000, RW);
	store(box, va + NEW + 0x1000, 3);
	assert_int_equal(stale(box), 0);
	store(box, va + NEW, 3);
	assert_int_equal(stale(box), 1);
}

static void invalidation_heals(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	machine_map(box->m, VA_DATA, NEW, 0x1000, RW);
	gfx_tlb_flush(box->m->dev);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	assert_int_equal(at(box, NEW), 2);

	/* A rebind: the next job begins with a flush. */
	machine_map(box->m, VA_DATA, OLD, 0x1000, RW);
	ring(box, FLUSH_TLB);
	assert_int_equal(store(box, VA_DATA, 3), ENGINE_IDLE);
	assert_int_equal(at(box, OLD), 3);
	assert_int_equal(stale(box), 0);
}

/* The way of a migration job: a batch writes entries, the ring flushes, a batch uses them. */
static void entries_written_by_a_batch(void **state)
{
	const u32 va_table = VA_DATA + 0x10000;
	struct box *box = *state;
	u64 *leaf = machine_leaf(box->m, VA_DATA);
	u64 table = (u64)((u8 *)leaf - box->m->mem);

	for (unsigned int flush = 0; flush < 2; flush++) {
		machine_map(box->m, VA_DATA, OLD, 0x1000, RW);
		machine_map(box->m, va_table, (u32)table & ~0xfffu, 0x1000, RW);
		gfx_tlb_flush(box->m->dev);
		batch(box, SDI, VA_DATA, 0, 1);
		batch(box, SDI, va_table + ((u32)table & 0xfff), 0, (MEM_DMA + NEW) | RW);
		batch(box, MI_BATCH_BUFFER_END);
		batch(box, SDI, VA_DATA, 0, 2 + flush, MI_BATCH_BUFFER_END);
		ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
		if (flush)
			ring(box, FLUSH_TLB);
		ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH + 36, 0);
		assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
		box->n = 0;
		assert_int_equal(at(box, flush ? NEW : OLD), 2 + flush);
		assert_int_equal(stale(box), 1);
	}
}

/* Tables may change under a job that has used them, until the invalidation arrives. */
static void running_job_is_spared(void **state)
{
	struct box *box = *state;

	batch(box, SDI, VA_DATA, 0, 1);
	batch(box, SEMAPHORE, 7, VA_DATA + 0x1000, 0);
	batch(box, SDI, VA_DATA, 0, 2, MI_BATCH_BUFFER_END);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(box->m, box->e, box->desc);
	assert_true(machine_until(box->m, OLD, 1));
	machine_map(box->m, VA_DATA, NEW, 0x1000, RW);
	__atomic_store_n(machine_dw(box->m, OLD + 0x1000), 7, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_IDLE);
	assert_int_equal(at(box, OLD), 2);
	assert_int_equal(stale(box), 0);
}

static void unmapped_in_time(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	*machine_leaf(box->m, VA_DATA) = 0;
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	gfx_tlb_flush(box->m->dev);
	clock_step(LATE_NS);
	assert_int_equal(store(box, VA_DATA, 3), ENGINE_FAULT);
	assert_int_equal(at(box, OLD), 2);
	assert_int_equal(stale(box), 0);
}

static void unmapped_too_late(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	*machine_leaf(box->m, VA_DATA) = 0;
	store(box, VA_DATA, 2);
	/* A flush by a command does not undo the use. */
	ring(box, FLUSH_TLB);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(stale(box), 0);
	clock_step(LATE_NS);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(stale(box), 1);
}

static void unmapped_and_never_again(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	*machine_leaf(box->m, VA_DATA) = RW | PPGTT_NULL;
	store(box, VA_DATA, 2);
	clock_step(LATE_NS);
	gfx_park(box->m->dev);
	gfx_reset(box->m->dev);
	assert_int_equal(stale(box), 1);
	assert_int_equal(at(box, OLD), 2);
}

/* A context that runs after its address space was closed and its root cleared. */
static void closed_address_space(void **state)
{
	struct box *box = *state;

	store(box, VA_DATA, 1);
	memset(box->m->mem + AT_TABLES, 0, SZ_4K);
	assert_int_equal(store(box, VA_DATA, 2), ENGINE_IDLE);
	clock_step(LATE_NS);
	gfx_tlb_flush(box->m->dev);
	assert_int_equal(stale(box), 1);
	assert_int_equal(store(box, VA_DATA, 3), ENGINE_FAULT);
	assert_int_equal(at(box, OLD), 2);
	assert_int_equal(stale(box), 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(moved_page),
		T(moved_batch),
		T(permission),
		T(null_becomes_memory),
		T(null_with_another_address),
		T(replaced_table),
		T(split_is_fine),
		T(invalidation_heals),
		T(entries_written_by_a_batch),
		T(running_job_is_spared),
		T(unmapped_in_time),
		T(unmapped_too_late),
		T(unmapped_and_never_again),
		T(closed_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
