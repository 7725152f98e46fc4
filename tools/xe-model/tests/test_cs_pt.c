// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * When engines look at whole page tables: while a job uses them, and never else.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_guc.h"
#include "util/log.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define BATCH AT_FREE
#define FLAGS (AT_FREE + 0x1000)
#define CTX(n) (AT_FREE + 0x10000 * ((n) + 1))
#define VA_FLAGS (VA_BATCH + 0x1000)
#define VA_OTHER 0x40000000u
#define SDI (MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1))
#define WAIT_FOR (MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | \
		  MI_COMPARE_EQ << MI_SEMAPHORE_COMPARE_SHIFT)
/* Dwords of FLAGS: the job has begun, the job may end; the same for the rest of the ring */
#define BEGUN 0u
#define GO 4u
#define RING_BEGUN 8u
#define RING_GO 12u

enum { BCS, RCS };

/**
 * struct box - a machine with one context on each of two engines
 * @m: machine
 * @e: copy and render engine
 * @desc: their contexts
 */
struct box {
	struct machine *m;
	struct engine *e[2];
	u64 desc[2];
};

static unsigned long reports(const char *rule)
{
	unsigned long n;
	const char *kind;

	for (unsigned int i = 0; (n = log_violation_at(i, &kind)); i++)
		if (!strcmp(kind, rule))
			return n;
	return 0;
}

static u64 new_table(struct machine *m)
{
	u64 table = MEM_DMA + m->next_table;

	m->next_table += SZ_4K;
	return table;
}

/* The level-0 entry of @va below another root than the machine's. */
static u64 *leaf_of(struct machine *m, u64 root, u64 va)
{
	u64 *table = (u64 *)(m->mem + ((root & PPGTT_ADDR_MASK) - MEM_DMA));

	for (unsigned int level = 3; level; level--) {
		u64 *entry = &table[va >> (12 + 9 * level) & 511];

		if (!*entry)
			*entry = new_table(m) | RW;
		table = (u64 *)(m->mem + ((*entry & PPGTT_ADDR_MASK) - MEM_DMA));
	}
	return &table[va >> 12 & 511];
}

static int setup(void **state)
{
	static struct box box;
	struct machine *m;

	if (machine_setup((void **)&box.m))
		return -1;
	m = box.m;
	machine_use_engines(m);
	box.e[BCS] = gfx_find(m->dev, 3, 0);
	box.e[RCS] = gfx_find(m->dev, 0, 0);
	box.desc[BCS] = machine_context(m, CTX(BCS), XM_CLASS_COPY, true);
	box.desc[RCS] = machine_context(m, CTX(RCS), XM_CLASS_RENDER, true);
	machine_map(m, VA_BATCH, BATCH, 0x2000, RW);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	struct box *box = *state;

	return machine_teardown((void **)&box->m);
}

#define ring(box, n, ...) machine_emit((box)->m, CTX(n), (const u32[]){ __VA_ARGS__ }, \
				       sizeof((const u32[]){ __VA_ARGS__ }) / 4)

/* A job that says when it has begun and waits until it may end. */
static void start(struct box *box, unsigned int n)
{
	const u32 batch[] = { SDI, VA_FLAGS + BEGUN, 0, 1, WAIT_FOR, 1, VA_FLAGS + GO, 0,
			      MI_BATCH_BUFFER_END };

	memset(box->m->mem + FLAGS, 0, 16);
	memcpy(box->m->mem + BATCH, batch, sizeof(batch));
	ring(box, n, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	machine_start(box->m, box->e[n], box->desc[n]);
	assert_true(machine_until(box->m, FLAGS + BEGUN, 1));
}

static void set(struct box *box, u32 at, u32 val)
{
	__atomic_store_n(machine_dw(box->m, at), val, __ATOMIC_RELEASE);
}

static void end(struct box *box)
{
	unsigned int stops = machine_stops(box->m) + 1;

	set(box, FLAGS + GO, 1);
	assert_int_equal(machine_wait(box->m, stops), ENGINE_IDLE);
}

/* An engine looks when there is time: it may have looked a moment ago. */
static bool reported(struct box *box, const char *rule, unsigned long n)
{
	for (unsigned int i = 0; i < 5000 && reports(rule) < n; i++)
		machine_pause(box->m);
	return reports(rule) >= n;
}

/* Entries that no command uses are found when a job begins, and when a TLB is invalidated. */
static void looks(void **state)
{
	struct box *box = *state;
	unsigned long n = reports("pt-leaf-pat");

	*machine_leaf(box->m, 0x5000000) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	start(box, BCS);
	assert_int_equal(reports("pt-leaf-pat"), n + 1);
	*machine_leaf(box->m, 0x5001000) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	for (unsigned int i = 0; i < 20; i++)
		machine_pause(box->m);
	assert_int_equal(reports("pt-leaf-pat"), n + 1);
	gfx_tlb_flush(box->m->dev);
	assert_true(reported(box, "pt-leaf-pat", n + 2));
	end(box);
}

/* What is behind the batch in the ring may run when the tables are somebody else's memory. */
static void not_after_the_batch(void **state)
{
	struct box *box = *state;
	unsigned int stops = machine_stops(box->m) + 1;
	unsigned long n;

	start(box, BCS);
	ring(box, BCS, SDI | MI_USE_GGTT, MEM_GGTT + FLAGS + RING_BEGUN, 0, 1,
	     WAIT_FOR | MI_USE_GGTT, 1, MEM_GGTT + FLAGS + RING_GO, 0);
	pthread_mutex_lock(&box->m->lock);
	box->m->more = true;
	pthread_mutex_unlock(&box->m->lock);
	set(box, FLAGS + GO, 1);
	assert_true(machine_until(box->m, FLAGS + RING_BEGUN, 1));
	n = log_violations();
	memset(box->m->mem + AT_TABLES, 0x5a, box->m->next_table);
	gfx_tlb_flush(box->m->dev);
	for (unsigned int i = 0; i < 20; i++)
		machine_pause(box->m);
	set(box, FLAGS + RING_GO, 1);
	assert_int_equal(machine_wait(box->m, stops), ENGINE_IDLE);
	/* Nor when the context is loaded once more without using them. */
	ring(box, BCS, SDI | MI_USE_GGTT, MEM_GGTT + FLAGS, 0, 7);
	assert_int_equal(machine_run(box->m, box->e[BCS], box->desc[BCS]), ENGINE_IDLE);
	assert_int_equal(*machine_dw(box->m, FLAGS), 7);
	assert_int_equal(log_violations(), n);
}

/* A context that was stopped inside of a batch is looked at when it goes on, and not before. */
static void stopped_in_a_batch(void **state)
{
	struct box *box = *state;
	unsigned long n = reports("pt-leaf-pat");
	unsigned int stops;

	start(box, BCS);
	stops = machine_stops(box->m) + 1;
	engine_preempt(box->e[BCS]);
	assert_int_equal(machine_wait(box->m, stops), ENGINE_PREEMPTED);
	*machine_leaf(box->m, 0x5000000) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	gfx_tlb_flush(box->m->dev);
	for (unsigned int i = 0; i < 20; i++)
		machine_pause(box->m);
	assert_int_equal(reports("pt-leaf-pat"), n);
	set(box, FLAGS + BEGUN, 0);
	machine_start(box->m, box->e[BCS], box->desc[BCS]);
	assert_true(reported(box, "pt-leaf-pat", n + 1));
	end(box);
}

/* An address space of its own for the context on the render engine. Return: its root descriptor. */
static u64 second_space(struct box *box)
{
	u32 *image = machine_image(box->m, CTX(RCS));
	u64 root = new_table(box->m) | RW;

	*leaf_of(box->m, root, VA_BATCH) = (MEM_DMA + BATCH) | RW;
	*leaf_of(box->m, root, VA_FLAGS) = (MEM_DMA + FLAGS) | RW;
	image[LRC_DW_PDP0_UDW] = (u32)(root >> 32);
	image[LRC_DW_PDP0_LDW] = (u32)root;
	return root;
}

/* A table of another address space is mapped: reported if a job uses that one, too. */
static void two_engines(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	unsigned long n = reports("pt-maps-table");
	u64 root = second_space(box);
	unsigned int stops;

	start(box, RCS);
	end(box);
	*machine_leaf(m, VA_OTHER) = root;
	/* Nobody uses the other one: its tables may have been freed. */
	start(box, BCS);
	end(box);
	assert_int_equal(reports("pt-maps-table"), n);
	start(box, RCS);
	start(box, BCS);
	assert_true(reported(box, "pt-maps-table", n + 1));
	/* Both jobs wait for the same dword. */
	stops = machine_stops(m) + 2;
	set(box, FLAGS + GO, 1);
	machine_wait(m, stops);
}

/* The same if the job was stopped inside of its batch, unless its driver takes it for ended. */
static void stopped_job(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	unsigned long n = reports("pt-maps-table"), pat = reports("pt-leaf-pat");
	u64 root = second_space(box);
	unsigned int stops;

	start(box, RCS);
	stops = machine_stops(m) + 1;
	engine_preempt(box->e[RCS]);
	assert_int_equal(machine_wait(m, stops), ENGINE_PREEMPTED);
	gfx_job_over(m->dev, box->desc[RCS]);
	*machine_leaf(m, VA_OTHER) = root;
	/* Behind it: the look that found this one has seen the other. */
	*machine_leaf(m, VA_OTHER + SZ_4K) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	start(box, BCS);
	assert_true(reported(box, "pt-leaf-pat", pat + 1));
	assert_int_equal(reports("pt-maps-table"), n);
	/* It was no mistake: the context goes on, and is stopped again. */
	stops = machine_stops(m) + 1;
	machine_start(m, box->e[RCS], box->desc[RCS]);
	engine_preempt(box->e[RCS]);
	assert_int_equal(machine_wait(m, stops), ENGINE_PREEMPTED);
	gfx_tlb_flush(m->dev);
	assert_true(reported(box, "pt-maps-table", n + 1));
	/* Nothing is left of the stopped job when it has ended. */
	end(box);
	assert_int_equal(machine_run(m, box->e[RCS], box->desc[RCS]), ENGINE_IDLE);
	/* On a busy host what is wrong may be reported again with each look. */
	*machine_leaf(m, VA_OTHER + SZ_4K) = 0;
	pat = reports("pt-leaf-pat");
	*machine_leaf(m, VA_OTHER + 2 * SZ_4K) = root;
	*machine_leaf(m, VA_OTHER + 3 * SZ_4K) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	start(box, BCS);
	assert_true(reported(box, "pt-leaf-pat", pat + 1));
	assert_int_equal(reports("pt-maps-table"), n + 1);
	end(box);
}

/* The same, but the one that maps a table of the other is the driver's own. */
static void driver_maps_tables(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	struct engine_run run = { .desc = box->desc[BCS], .job = m, .ctx_id = 1, .driver = true };
	unsigned long n = reports("pt-maps-table"), pat = reports("pt-leaf-pat");
	const u32 batch[] = { WAIT_FOR, 1, VA_FLAGS + GO, 0, MI_BATCH_BUFFER_END };
	u32 *image = machine_image(m, CTX(RCS));
	u64 root = new_table(m) | RW;
	unsigned int stops;

	*leaf_of(m, root, VA_BATCH) = (MEM_DMA + BATCH) | RW;
	*leaf_of(m, root, VA_FLAGS) = (MEM_DMA + FLAGS) | RW;
	image[LRC_DW_PDP0_UDW] = (u32)(root >> 32);
	image[LRC_DW_PDP0_LDW] = (u32)root;
	*machine_leaf(m, VA_OTHER) = root;
	*machine_leaf(m, VA_OTHER + SZ_4K) = (MEM_DMA + FLAGS) | RW | PPGTT_PTE_PAT2;
	start(box, RCS);
	memcpy(m->mem + BATCH + 0x800, batch, sizeof(batch));
	ring(box, BCS, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH + 0x800, 0);
	engine_start(box->e[BCS], &run);
	/* The look that found the one mistake has seen the other mapping, too. */
	assert_true(reported(box, "pt-leaf-pat", pat + 1));
	stops = machine_stops(m) + 2;
	set(box, FLAGS + GO, 1);
	machine_wait(m, stops);
	assert_int_equal(reports("pt-maps-table"), n);
}

/* A context without an address space uses no tables, whatever its image says. */
static void no_address_space(void **state)
{
	struct box *box = *state;
	unsigned long n = log_violations();

	box->desc[BCS] &= ~(u64)LRC_DESC_PPGTT;
	memset(box->m->mem + AT_TABLES, 0x5a, box->m->next_table);
	*machine_dw(box->m, BATCH) = MI_BATCH_BUFFER_END;
	ring(box, BCS, MI_BATCH_BUFFER_START, MEM_GGTT + BATCH, 0);
	assert_int_equal(machine_run(box->m, box->e[BCS], box->desc[BCS]), ENGINE_IDLE);
	assert_int_equal(log_violations(), n);
}

/* --- the GuC ---------------------------------------------------------------------------------- */

/* A context that never ran gets an address space of its own. Return: its root descriptor. */
static u64 give_space(struct machine *m, u32 id)
{
	u32 *image = machine_image(m, AT_CTX(id));
	u64 root = new_table(m) | RW;

	*leaf_of(m, root, VA_BATCH) = (MEM_DMA + AT_BATCH) | RW;
	*leaf_of(m, root, VA_DATA) = (MEM_DMA + AT_DATA) | RW;
	image[LRC_DW_PDP0_UDW] = (u32)(root >> 32);
	image[LRC_DW_PDP0_LDW] = (u32)root;
	return root;
}

static void mode(struct machine *m, u32 id, u32 on)
{
	host_mode(m, id, on);
	host_expect_mode(m, id, on);
}

/* Map a table, and a mark behind it: a look that reports the mark has seen both. */
static void map_and_mark(struct machine *m, u64 va, u64 table)
{
	*machine_leaf(m, va) = table;
	*machine_leaf(m, va + SZ_4K) = (MEM_DMA + AT_DATA) | RW | PPGTT_PTE_PAT2;
}

static bool comes(const char *rule, unsigned long n)
{
	for (unsigned int i = 0; i < 5000 && reports(rule) < n; i++)
		host_sleep_ms(1);
	return reports(rule) >= n;
}

/*
 * Context 0 maps the root of context 1, which has to make way for it on the engine. That is a
 * mistake as long as context 1 waits to go on, and none when it was disabled: while it ran, or
 * while it waited.
 */
static void making_way(void **state)
{
	struct machine *m = *state;
	unsigned long n = reports("pt-maps-table"), pat = reports("pt-leaf-pat");
	struct host_policy less = host_normal;
	u64 root;

	less.priority++;
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_context(m, 1, GUC_CLASS_COPY, 1, less);
	root = give_space(m, 1);
	host_emit_spin(m, 1, 1, true);
	host_emit_spin(m, 0, 0, true);
	mode(m, 1, 1);
	assert_true(machine_until(m, AT_DATA + 16, 1));
	mode(m, 1, 0);
	map_and_mark(m, VA_OTHER, root);
	mode(m, 0, 1);
	assert_true(comes("pt-leaf-pat", pat + 1));
	assert_int_equal(reports("pt-maps-table"), n);

	mode(m, 0, 0);
	mode(m, 1, 1);
	mode(m, 0, 1);
	assert_true(comes("pt-maps-table", n + 1));

	mode(m, 1, 0);
	*machine_leaf(m, VA_OTHER + SZ_4K) = 0;
	pat = reports("pt-leaf-pat");
	map_and_mark(m, VA_OTHER + SZ_2M, root);
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 1, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 1, 0);
	assert_true(comes("pt-leaf-pat", pat + 1));
	assert_int_equal(reports("pt-maps-table"), n + 1);
	mode(m, 0, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(looks), T(not_after_the_batch), T(stopped_in_a_batch), T(two_engines),
		T(driver_maps_tables), T(no_address_space), T(stopped_job),
		cmocka_unit_test_setup_teardown(making_way, host_setup, host_teardown),
	};

	return cmocka_run_group_tests_name("cs_pt", tests, NULL, NULL);
}
