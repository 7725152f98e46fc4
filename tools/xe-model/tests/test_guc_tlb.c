// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * TLB invalidation: ranges in a cache, requests to the GuC with their rules, and registers.
 */

#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"

#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "dev/ggtt.h"
#include "gfx/inspect.h"
#include "gfx/tlb.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_guc_regs.h"
#include "tests/lib_guc.h"
#include "util/log.h"

#define FULL (GUC_TLB_INVAL_TYPE_FULL | GUC_TLB_INVAL_FLUSH_CACHE)
#define RANGE (GUC_TLB_INVAL_TYPE_RANGE | GUC_TLB_INVAL_FLUSH_CACHE)
#define RANGE_CONTEXT (GUC_TLB_INVAL_TYPE_RANGE_CONTEXT | GUC_TLB_INVAL_FLUSH_CACHE)
#define GUC (GUC_TLB_INVAL_TYPE_GUC | GUC_TLB_INVAL_FLUSH_CACHE)
#define REQUEST (HOST_FAST | GUC_H2G_TLB_INVALIDATION)

/* --- ranges in a cache ------------------------------------------------------------------------ */

static u64 ram[8][512];

static bool read_ram(void *ctx, u64 addr, u64 *entry)
{
	*entry = ram[(addr >> 12) - 1][addr >> 3 & 511];
	return true;
}

static const struct ppgtt_format xelp = { .levels = 4, .dma_bits = 39, .pat_valid = 0xf };

/* Root at 0x1000 or 0x2000; 4 KiB pages at 0, 2 MiB pages at 2 and 4 MiB, 1 GiB page at 1 GiB. */
static void fill(struct tlb *tlb, u64 root)
{
	static const u64 va[] = { 0x0, 0x1000, 0x1ff000, 0x200000, 0x5ff000, 0x40000000 };

	memset(ram, 0, sizeof(ram));
	ram[0][0] = 0x3000 | HOST_RW;
	ram[1][0] = 0x3000 | HOST_RW;
	ram[2][0] = 0x4000 | HOST_RW;
	ram[2][1] = 0x80000000 | HOST_RW | PPGTT_PDE_PAGE_SIZE;
	ram[3][0] = 0x5000 | HOST_RW;
	ram[3][1] = 0x200000 | HOST_RW | PPGTT_PDE_PAGE_SIZE;
	ram[3][2] = 0x400000 | HOST_RW | PPGTT_PDE_PAGE_SIZE;
	ram[4][0] = 0x7000 | HOST_RW;
	ram[4][1] = 0x8000 | HOST_RW;
	ram[4][511] = 0x9000 | HOST_RW;
	for (unsigned int i = 0; i < ARRAY_SIZE(va); i++) {
		struct ppgtt_walk walk = { 0 };
		enum walk_result result;

		result = ppgtt_walk(&xelp, ppgtt_root(&xelp, root, &walk), va[i], read_ram, NULL,
				    &walk);
		assert_int_equal(result, WALK_OK);
		tlb_fill(tlb, root, &walk, result);
	}
}

/*
 * What is left: bit n for page n of fill(), then 8 and up for the tables of level 2, 1, 0 on the
 * way to address 0.
 */
static unsigned int left(struct tlb *tlb, u64 root)
{
	static const u64 va[] = { 0x0, 0x1000, 0x1ff000, 0x200000, 0x400000, 0x40000000 };
	struct tlb_entry e[32];
	struct tlb_query q = { .root = root, .first = 0, .last = ~0ull };
	size_t n = tlb_list(tlb, &q, e, ARRAY_SIZE(e));
	unsigned int bits = 0;

	for (size_t i = 0; i < n; i++) {
		if (e[i].table)
			bits |= 0x100u << (2 - e[i].level);
		for (unsigned int k = 0; k < ARRAY_SIZE(va) && !e[i].table; k++)
			if (e[i].va == va[k])
				bits |= 1u << k;
	}
	return bits;
}

static void only_the_range(void **state)
{
	static const struct {
		u64 first, last;
		unsigned int left;
	} cases[] = {
		/* A page, and all tables on the way to it. */
		{ 0x1000, 0x1fff, 0x03d },
		{ 0x1000, 0x1000, 0x03d },
		{ 0x2000, 0x2fff, 0x03f },
		/* Touches the end of one large page and the beginning of the next. */
		{ 0x3ff000, 0x400fff, 0x427 },
		{ 0x3ff000, 0x3fffff, 0x437 },
		{ 0x600000, 0x3fffffff, 0x43f },
		{ 0x7ffff000, 0x7fffffff, 0x61f },
		{ 0x80000000, ~0ull, 0x63f },
		{ 1ull << 39, ~0ull, 0x73f },
		{ 0, ~0ull, 0 },
	};
	const u64 one = 0x1000 | HOST_RW, two = 0x2000 | HOST_RW;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tlb_query q = { .root = one, cases[i].first, cases[i].last };
		struct tlb *tlb = tlb_create();

		fill(tlb, one);
		fill(tlb, two);
		assert_int_equal(left(tlb, one), 0x73f);
		tlb_flush_range(tlb, &q);
		assert_int_equal(left(tlb, one), cases[i].left);
		assert_int_equal(left(tlb, two), 0x73f);
		/* Without a root: every address space. */
		q.root = 0;
		tlb_flush_range(tlb, &q);
		assert_int_equal(left(tlb, two), cases[i].left);
		/* What was dropped can come back. */
		fill(tlb, one);
		assert_int_equal(left(tlb, one), 0x73f);
		tlb_destroy(tlb);
	}
}

/* A page looked up through a large leaf goes with it, though it lies outside of the range. */
static void parts_of_large_pages(void **state)
{
	const u64 root = 0x1000 | HOST_RW;
	const struct tlb_query q = { .root = root, .first = 0x200000, .last = 0x200fff };
	struct tlb *tlb = tlb_create();

	fill(tlb, root);
	assert_non_null(tlb_lookup(tlb, root, 0x3ff000));
	assert_int_equal(tlb_flush_range(tlb, &q), 3);
	assert_null(tlb_lookup(tlb, root, 0x3ff000));
	assert_non_null(tlb_lookup(tlb, root, 0x400000));
	tlb_destroy(tlb);
}

/* --- requests --------------------------------------------------------------------------------- */

static struct xm_platform with_ranges;

static int setup_ranges(void **state)
{
	struct machine *m;
	int err = host_setup(state);

	m = *state;
	with_ranges = *m->dev->platform;
	with_ranges.asid = true;
	with_ranges.range_invalidation = true;
	m->dev->platform = &with_ranges;
	return err;
}

static void done(struct machine *m, u32 seqno)
{
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seqno, 0);
}

/* One violation more, answered or not. */
static void broken(struct machine *m, unsigned long *count, u32 answered)
{
	if (answered)
		done(m, answered);
	else
		host_expect_nothing(m, 20);
	assert_int_equal(violations_of("tlb-request"), ++*count);
}

static void rules_of_requests(void **state)
{
	struct machine *m = *state;
	unsigned long n = violations_of("tlb-request");

	HOST_SEND(m, REQUEST, 7, FULL);
	done(m, 7);
	HOST_SEND(m, REQUEST, 8, GUC);
	done(m, 8);
	HOST_SEND(m, REQUEST, 9, FULL | GUC_TLB_INVAL_MODE_LITE);
	done(m, 9);
	assert_int_equal(violations_of("tlb-request"), n);

	HOST_SEND(m, REQUEST, 10, 4);
	broken(m, &n, 0);
	HOST_SEND(m, REQUEST, 10, FULL, 0);
	broken(m, &n, 0);
	HOST_SEND(m, REQUEST, 10, RANGE);
	broken(m, &n, 0);
	HOST_SEND(m, REQUEST, 10, FULL | 0x200);
	broken(m, &n, 10);
	HOST_SEND(m, REQUEST, 12, FULL);
	broken(m, &n, 12);
	HOST_SEND(m, REQUEST, 12, FULL);
	broken(m, &n, 12);
	HOST_SEND(m, REQUEST, 0x100000, FULL);
	broken(m, &n, 0x100000);
}

static void sequence_wraps(void **state)
{
	struct machine *m = *state;
	unsigned long n = violations_of("tlb-request");

	HOST_SEND(m, REQUEST, GUC_TLB_INVAL_SEQNO_MAX, FULL);
	done(m, GUC_TLB_INVAL_SEQNO_MAX);
	HOST_SEND(m, REQUEST, 1, FULL);
	done(m, 1);
	assert_int_equal(violations_of("tlb-request"), n);
	HOST_SEND(m, REQUEST, GUC_TLB_INVAL_SEQNO_MAX, FULL);
	broken(m, &n, GUC_TLB_INVAL_SEQNO_MAX);
	HOST_SEND(m, REQUEST, 0, FULL);
	n++;
	done(m, 0);
	assert_int_equal(violations_of("tlb-request"), n);
	/* A new firmware begins anew. */
	host_write(m, 0x941c, 8);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_start_rings(m);
	HOST_SEND(m, REQUEST, 500, FULL);
	done(m, 500);
	assert_int_equal(violations_of("tlb-request"), n);
}

static void rules_of_ranges(void **state)
{
	struct machine *m = *state;
	unsigned long n = violations_of("tlb-request");
	u32 seqno = 1;

	for (u32 code = 0; code <= 40; code++) {
		HOST_SEND(m, REQUEST, seqno, RANGE, 1, 0, 0, code);
		if ((code > 8 && code < 12) || code > 36)
			broken(m, &n, seqno);
		else
			done(m, seqno);
		seqno++;
	}
	HOST_SEND(m, REQUEST, seqno, RANGE, 1, 0x3000, 0, 1);
	broken(m, &n, seqno++);
	HOST_SEND(m, REQUEST, seqno, RANGE, 1, 0x3000, 0, 0);
	done(m, seqno++);
	HOST_SEND(m, REQUEST, seqno, RANGE, 1, 0, 0x10000, 0);
	broken(m, &n, seqno++);
	HOST_SEND(m, REQUEST, seqno, RANGE, 0x100000, 0, 0, 0);
	broken(m, &n, seqno++);
	HOST_SEND(m, REQUEST, seqno, RANGE_CONTEXT, 5, 0, 0, 0);
	broken(m, &n, seqno++);
	/* Absurd values do no harm. */
	HOST_SEND(m, REQUEST, seqno, RANGE, 1, ~0u, ~0u, ~0u);
	broken(m, &n, seqno++);
}

static void not_on_this_platform(void **state)
{
	struct machine *m = *state;
	unsigned long n = violations_of("tlb-request");

	HOST_SEND(m, REQUEST, 1, RANGE, 0, 0, 0, 0);
	broken(m, &n, 1);
}

/* --- what is forgotten ------------------------------------------------------------------------ */

static size_t cached(struct machine *m, unsigned int engine, u64 root, u64 va)
{
	const struct tlb_query q = { .root = root, .first = va, .last = va };
	size_t n = 0;

	assert_true(engine_tlb_list(gfx_engine(m->dev, engine), &q, NULL, 0, &n));
	return n;
}

/* Context @id gets a root of its own, with the same tables below, and an ASID. */
static u64 own_space(struct machine *m, u32 id, u32 asid)
{
	u32 *page = machine_image(m, AT_CTX(id));
	u64 root = (MEM_DMA + m->next_table) | HOST_RW;

	memcpy(m->mem + m->next_table, m->mem + AT_TABLES, SZ_4K);
	m->next_table += SZ_4K;
	page[LRC_DW_PDP0_LDW] = (u32)root;
	page[LRC_DW_ASID] = asid;
	return root;
}

static void use_data(struct machine *m, u32 id)
{
	host_emit_store(m, id, 0x100, id + 1);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, id);
	assert_true(machine_until(m, AT_DATA + 0x100, id + 1));
	/* The batch, too: another 2 MiB. */
	machine_dw(m, AT_BATCH)[0] = MI_BATCH_BUFFER_END;
	host_emit_batch(m, id, VA_BATCH);
	host_emit_store(m, id, 0x100, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, id);
	assert_true(machine_until(m, AT_DATA + 0x100, 0));
}

static void address_spaces(void **state)
{
	struct machine *m = *state;
	u64 root[2];
	size_t all;

	for (u32 id = 0; id < 2; id++) {
		host_context(m, id, GUC_CLASS_RENDER, 1, host_normal);
		root[id] = own_space(m, id, id + 1);
		host_mode(m, id, 1);
		host_expect_mode(m, id, 1);
		use_data(m, id);
	}
	all = cached(m, 0, root[0], VA_DATA);
	assert_int_equal(all, 4);
	/* Tables of level 2 and 1 are on the way to both. */
	HOST_SEND(m, REQUEST, 1, RANGE, 1, VA_DATA, 0, 0);
	done(m, 1);
	assert_int_equal(cached(m, 0, root[0], VA_DATA), 0);
	assert_int_equal(cached(m, 0, root[0], VA_BATCH), 2);
	assert_int_equal(cached(m, 0, root[1], VA_DATA), all);
	/* An ASID nobody has. */
	HOST_SEND(m, REQUEST, 2, RANGE, 7, 0, 0, 36);
	done(m, 2);
	assert_int_equal(cached(m, 0, root[1], VA_DATA), all);
	HOST_SEND(m, REQUEST, 3, RANGE_CONTEXT, 1, VA_DATA, 0, 0);
	done(m, 3);
	assert_int_equal(cached(m, 0, root[1], VA_DATA), 0);
	assert_int_equal(cached(m, 0, root[0], VA_BATCH), 2);
	HOST_SEND(m, REQUEST, 4, FULL);
	done(m, 4);
	assert_int_equal(cached(m, 0, 0, VA_BATCH), 0);
}

/* Without ASIDs a range is one of every address space; a hundred do not get stuck. */
static void ranges_without_asid(void **state)
{
	struct machine *m = *state;
	unsigned long n = violations_of("tlb-request");

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	use_data(m, 0);
	host_emit_spin(m, 0, 0, false);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, AT_DATA, 1));
	for (u32 i = 1; i <= 100; i++)
		HOST_SEND(m, REQUEST, i, RANGE | GUC_TLB_INVAL_MODE_LITE, 0, i << 21, 0, 0);
	for (u32 i = 1; i <= 100; i++)
		done(m, i);
	assert_int_equal(violations_of("tlb-request"), n + 100);
	host_end_spin(m, 0);
}

/* Only requests of type GuC reach what the GuC remembers of the global table. */
static void global_table(void **state)
{
	static const struct {
		u32 op;
		bool guc, engines;
	} cases[] = {
		{ FULL, false, true },
		{ GUC, true, true },
	};
	const u64 addr = MEM_GGTT + AT_DATA;
	struct machine *m = *state;
	struct ggtt_hit hit;

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 *entry = (u64 *)m->dev->ggtt + (addr >> 12);
		u64 old = *entry;

		ggtt_forget(m->dev, GGTT_GUC);
		assert_true(ggtt_lookup(m->dev, GGTT_GUC, addr, &hit));
		assert_true(ggtt_lookup(m->dev, GGTT_ENGINES, addr, &hit));
		*entry = old + 0x1000;
		HOST_SEND(m, REQUEST, i + 1, cases[i].op);
		done(m, i + 1);
		ggtt_lookup(m->dev, GGTT_GUC, addr, &hit);
		assert_int_equal(hit.stale, !cases[i].guc);
		ggtt_lookup(m->dev, GGTT_ENGINES, addr, &hit);
		assert_int_equal(hit.stale, !cases[i].engines);
	}
}

/* --- registers -------------------------------------------------------------------------------- */

static void engine_registers(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 1, GUC_CLASS_COPY, 1, host_normal);
	for (u32 id = 0; id < 2; id++) {
		host_mode(m, id, 1);
		host_expect_mode(m, id, 1);
		use_data(m, id);
	}
	assert_true(cached(m, 0, 0, VA_DATA) && cached(m, 1, 0, VA_DATA));
	host_write(m, 0xced8, 1);
	assert_int_equal(host_read(m, 0xced8), 0);
	assert_int_equal(cached(m, 0, 0, VA_DATA), 0);
	assert_true(cached(m, 1, 0, VA_DATA));
	/* While it runs: between two commands. */
	host_emit_spin(m, 1, 1, false);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 1);
	assert_true(machine_until(m, AT_DATA + 16, 1));
	host_write(m, 0xcee4, 1);
	for (unsigned int i = 0; i < 1000 && host_read(m, 0xcee4); i++)
		host_sleep_ms(1);
	assert_int_equal(host_read(m, 0xcee4), 0);
	host_end_spin(m, 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)
#define R(f) cmocka_unit_test_setup_teardown(f, setup_ranges, host_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_range), cmocka_unit_test(parts_of_large_pages),
		T(rules_of_requests), T(sequence_wraps), R(rules_of_ranges),
		T(not_on_this_platform), R(address_spaces), T(ranges_without_asid),
		T(global_table), T(engine_registers),
	};

	return cmocka_run_group_tests_name("guc_tlb", tests, NULL, NULL);
}
