// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The walk over whole trees, on trees in an array: runs, tables, broken entries, pieces.
 */

#include "tests/lib_cmocka.h"

#include <string.h>

#include "dev/pt_tree.h"
#include "tests/lib_tables.h"
#include "util/rng.h"

#define PAGES 256u
#define MAX_RUNS 20000u
#define SCRATCH 0x283ull

static unsigned int reads;

/**
 * struct seen - what a walk reported
 * @run: runs
 * @n_runs: number of @run
 * @tables: tables
 * @last: last table
 * @broken: broken entries
 * @what: the last one
 * @stop_after: end the walk with this run
 * @skip: table to leave out
 */
struct seen {
	struct pt_run run[MAX_RUNS];
	unsigned int n_runs;
	unsigned int tables;
	struct pt_table last;
	unsigned int broken;
	struct pt_broken what;
	unsigned int stop_after;
	u64 skip;
};

static struct seen seen;

static bool read_ram(void *ctx, u64 at, u64 *entry, unsigned int n)
{
	if (!read_table(ctx, at, entry, n))
		return false;
	reads++;
	return true;
}

static bool on_run(void *ctx, const struct pt_run *run)
{
	struct seen *s = ctx;

	assert_true(s->n_runs < MAX_RUNS);
	s->run[s->n_runs++] = *run;
	return s->n_runs != s->stop_after;
}

static enum pt_visit on_table(void *ctx, const struct pt_table *t)
{
	struct seen *s = ctx;

	s->tables++;
	s->last = *t;
	return t->table == s->skip ? PT_VISIT_SKIP : PT_VISIT_ENTER;
}

static void on_broken(void *ctx, const struct pt_broken *b)
{
	struct seen *s = ctx;

	s->broken++;
	s->what = *b;
}

static const struct pt_tree_ops ops = { on_run, on_table, on_broken };

static int setup(void **state)
{
	tables_clear(PAGES);
	memset(&seen, 0, sizeof(seen));
	reads = 0;
	path(0);
	return 0;
}

static enum pt_tree_status scan(const struct ppgtt_format *fmt, unsigned int budget)
{
	enum pt_tree_status status;
	struct pt_tree tree;
	unsigned int calls = 0;

	pt_tree_begin(&tree, fmt, table(0) | RW);
	do {
		status = pt_tree_walk(&tree, read_ram, &seen, &ops, budget);
		assert_true(++calls < 10000);
	} while (status == PT_TREE_MORE);
	return status;
}

static void expect_run(unsigned int i, u64 va, u64 len, u64 addr, unsigned int shift)
{
	assert_true(i < seen.n_runs);
	assert_int_equal(seen.run[i].va, va);
	assert_int_equal(seen.run[i].len, len);
	assert_int_equal(seen.run[i].addr, addr);
	assert_int_equal(seen.run[i].page_shift, shift);
}

static void empty_tree(void **state)
{
	tables_clear(PAGES);
	assert_int_equal(scan(&xelp, ~0u), PT_TREE_DONE);
	assert_int_equal(seen.n_runs, 0);
	assert_int_equal(seen.tables, 1);
	assert_int_equal(seen.broken, 0);
}

/* Leaves join while they continue each other in address, size and attributes. */
static void runs(void **state)
{
	for (unsigned int i = 0; i < 16; i++)
		ram[3][i] = (0x100000 + i * 0x1000ull) | RW;
	ram[3][16] = 0x500000 | RW;
	ram[3][17] = 0x501000 | PPGTT_PRESENT;
	ram[3][18] = 0x502000 | PPGTT_PRESENT | PPGTT_PAT1;
	ram[3][20] = 0x504000 | PPGTT_PRESENT | PPGTT_PAT1;
	ram[2][1] = 0x600000 | RW | PS;
	ram[2][2] = 0x800000 | RW | PS;
	ram[1][1] = 0x80000000 | RW | PS;
	assert_int_equal(scan(&xelp, ~0u), PT_TREE_DONE);
	assert_int_equal(seen.n_runs, 7);
	expect_run(0, 0, 0x10000, 0x100000, 12);
	expect_run(1, 0x10000, 0x1000, 0x500000, 12);
	expect_run(2, 0x11000, 0x1000, 0x501000, 12);
	assert_true(seen.run[1].writable && !seen.run[2].writable);
	expect_run(3, 0x12000, 0x1000, 0x502000, 12);
	assert_int_equal(seen.run[3].pat, 2);
	expect_run(4, 0x14000, 0x1000, 0x504000, 12);
	expect_run(5, 0x200000, 0x400000, 0x600000, 21);
	expect_run(6, 0x40000000, 0x40000000, 0x80000000, 30);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(seen.tables, 4);
	assert_int_equal(seen.last.level, 0);
	assert_int_equal(seen.last.parent, table(2));
}

/* A table that forbids writes does so for all below it. */
static void permission_of_the_path(void **state)
{
	ram[2][0] &= ~PPGTT_WRITABLE;
	ram[3][0] = 0x5000 | RW;
	scan(&xelp, ~0u);
	assert_false(seen.run[0].writable);
	assert_int_equal(seen.broken, 1);
	assert_string_equal(seen.what.rule, "pt-table-entry");
	assert_int_equal(seen.what.level, 1);
	assert_int_equal(seen.what.entry, ram[2][0]);
}

/* The whole address space but one page is scratch: a handful of reads, three runs. */
static void scratch_is_read_once(void **state)
{
	for (unsigned int i = 0; i < 512; i++) {
		ram[9][i] = SCRATCH;
		if (i)
			ram[0][i] = table(9) | RW;
		ram[1][i] = i ? SCRATCH : ram[1][0];
		ram[2][i] = i ? SCRATCH : ram[2][0];
		ram[3][i] = i == 5 ? 0x7000 | RW : 0x203;
	}
	assert_int_equal(scan(&xelp, ~0u), PT_TREE_DONE);
	assert_int_equal(reads, 5);
	assert_int_equal(seen.broken, 0);
	expect_run(0, 0, 0x5000, 0, 12);
	expect_run(1, 0x5000, 0x1000, 0x7000, 12);
	assert_true(seen.run[0].null && !seen.run[1].null && seen.run[2].null);
	expect_run(4, 1ull << 30, (1ull << 48) - (1ull << 30), 0, 30);
	assert_int_equal(seen.n_runs, 5);
}

/* Five levels: the scratch table of level 3 is recognised by the one below it. */
static void scratch_of_two_levels(void **state)
{
	tables_clear(PAGES);
	for (unsigned int i = 0; i < 512; i++) {
		ram[0][i] = table(8) | RW;
		ram[8][i] = table(9) | RW;
		ram[9][i] = 0xa93;
	}
	assert_int_equal(scan(&xe2, ~0u), PT_TREE_DONE);
	assert_int_equal(reads, 3);
	assert_int_equal(seen.n_runs, 1);
	expect_run(0, 0, 1ull << 57, 0, 30);
	assert_int_equal(seen.run[0].pat, 2);
}

static void compact_table(void **state)
{
	tables_clear(PAGES);
	ram[0][0] = table(4) | RW;
	ram[4][0] = table(1) | RW;
	ram[1][0] = table(2) | RW;
	ram[2][1] = table(3) | RW | PPGTT_COMPACT_CHILD;
	for (unsigned int i = 0; i < 512; i++)
		ram[3][i] = i < 32 ? (0x40200000 + i * 0x10000ull) | RW | PPGTT_DEVMEM : 0xdead;
	assert_int_equal(scan(&xe2, ~0u), PT_TREE_DONE);
	assert_int_equal(seen.broken, 0);
	assert_int_equal(seen.n_runs, 1);
	expect_run(0, 0x200000, 0x200000, 0x40200000, 16);
	assert_true(seen.run[0].devmem);
	assert_true(seen.last.compact);
}

static void broken_entries(void **state)
{
	struct pt_tree tree;

	ram[3][3] = 0x1000;
	scan(&xelp, ~0u);
	assert_string_equal(seen.what.rule, "pt-not-present");
	assert_int_equal(seen.what.va, 0x3000);
	assert_int_equal(seen.what.index, 3);

	/* The last of several pages that continue each other. */
	setup(NULL);
	ram[3][3] = 0x7fffffe003;
	ram[3][4] = 0x7ffffff003;
	ram[3][5] = 0x8000000003;
	scan(&xelp, ~0u);
	assert_string_equal(seen.what.rule, "pt-leaf-addr");
	assert_int_equal(seen.what.va, 0x5000);

	setup(NULL);
	ram[0][7] = table(1) | RW | PS;
	scan(&xelp, ~0u);
	assert_string_equal(seen.what.rule, "pt-level");

	setup(NULL);
	ram[1][2] = table(PAGES) | RW;
	scan(&xelp, ~0u);
	assert_string_equal(seen.what.rule, "pt-table-addr");
	assert_int_equal(seen.what.va, 2ull << 30);
	assert_int_equal(seen.what.table, table(1));

	setup(NULL);
	pt_tree_begin(&tree, &xelp, table(PAGES) | RW);
	assert_int_equal(pt_tree_walk(&tree, read_ram, &seen, &ops, 1), PT_TREE_DONE);
	assert_int_equal(seen.broken, 1);
	assert_int_equal(seen.what.level, 4);
}

/* A loop ends with the levels, and a callback can leave tables out. */
static void loops_end(void **state)
{
	ram[2][0] = table(2) | RW;
	assert_int_equal(scan(&xelp, ~0u), PT_TREE_DONE);
	assert_int_equal(seen.tables, 4);
	assert_int_equal(seen.n_runs, 1);
	expect_run(0, 0, 0x1000, table(2), 12);

	setup(NULL);
	ram[3][0] = 0x5000 | RW;
	seen.skip = table(2);
	scan(&xelp, ~0u);
	assert_int_equal(seen.tables, 3);
	assert_int_equal(seen.n_runs, 0);
}

static void callbacks_stop(void **state)
{
	ram[3][0] = 0x5000 | RW;
	ram[3][2] = 0x7000 | RW;
	ram[3][4] = 0x9000 | RW;
	seen.stop_after = 2;
	assert_int_equal(scan(&xelp, ~0u), PT_TREE_STOPPED);
	assert_int_equal(seen.n_runs, 2);
}

/* --- against single walks --------------------------------------------------------------------- */

static struct xm_rng rng;
static unsigned int next_table;

static u64 random_leaf(unsigned int level)
{
	u64 align = ~0ull << (12 + 9 * level);
	u64 entry = (rng_u64(&rng) & 0x7fffffffffull & align) | PPGTT_PRESENT;

	if (rng_below(&rng, 8))
		entry |= PPGTT_WRITABLE;
	if (!rng_below(&rng, 8))
		entry = (entry & 3) | PPGTT_NULL;
	if (!rng_below(&rng, 4))
		entry |= PPGTT_PAT0;
	return level ? entry | PS : entry;
}

static void random_table(unsigned int n, unsigned int level)
{
	unsigned int entries = level ? 1 + (unsigned int)rng_below(&rng, 6) : 40;

	for (unsigned int k = 0; k < entries; k++) {
		unsigned int i = (unsigned int)rng_below(&rng, 512);
		unsigned int child;

		if (ram[n][i])
			continue;
		if (!level || (level <= 2 && !rng_below(&rng, 3))) {
			ram[n][i] = random_leaf(level);
			/* Neighbours that continue it. */
			for (u64 j = 1; j < 4 && i + j < 512 && !ram[n][i + j]; j++)
				ram[n][i + j] = ram[n][i] + (j << (12 + 9 * level));
			continue;
		}
		if (next_table == PAGES)
			continue;
		child = next_table++;
		ram[n][i] = table(child) | RW;
		random_table(child, level - 1);
	}
}

static void compare(u64 va)
{
	const struct pt_run *run = NULL;
	struct ppgtt_walk walk = { 0 };
	enum walk_result result;

	va &= (1ull << 48) - 1;
	for (unsigned int i = 0; i < seen.n_runs; i++)
		if (va >= seen.run[i].va && va - seen.run[i].va < seen.run[i].len)
			run = &seen.run[i];
	result = ppgtt_walk(&xelp, ppgtt_root(&xelp, table(0) | RW, &walk), va, read_entry, NULL,
			    &walk);
	assert_int_equal(result == WALK_OK || result == WALK_NULL, !!run);
	if (!run)
		return;
	assert_int_equal(run->null, result == WALK_NULL);
	assert_int_equal(run->page_shift, walk.page_shift);
	assert_int_equal(run->writable, walk.writable);
	if (result == WALK_OK)
		assert_int_equal(run->addr + (va - run->va), walk.addr);
}

/* Random trees, in pieces of random size: the same as translating address by address. */
static void same_as_single_walks(void **state)
{
	for (u64 seed = 1; seed <= 40; seed++) {
		setup(NULL);
		tables_clear(PAGES);
		rng_init(&rng, seed, 0);
		next_table = 1;
		random_table(0, 3);
		scan(&xelp, seed % 2 ? 1 + (unsigned int)rng_below(&rng, 5) : ~0u);
		assert_int_equal(seen.tables, next_table);
		for (unsigned int i = 0; i < seen.n_runs; i++) {
			const struct pt_run *r = &seen.run[i];

			if (i)
				assert_true(r->va >= r[-1].va + r[-1].len);
			compare(r->va);
			compare(r->va + r->len - 1);
			compare(r->va + r->len);
			compare(r->va - 1);
			compare(rng_u64(&rng));
		}
	}
}

/* A leaf that replaced the table where the last piece ended is reported from there on. */
static void tree_changes_between_pieces(void **state)
{
	struct pt_tree tree;

	ram[3][0] = 0x5000 | RW;
	ram[1][1] = table(4) | RW;
	ram[4][0] = 0x600000 | RW | PS;
	pt_tree_begin(&tree, &xelp, table(0) | RW);
	assert_int_equal(pt_tree_walk(&tree, read_ram, &seen, &ops, 3), PT_TREE_MORE);
	assert_int_equal(tree.next, 1ull << 30);
	ram[0][0] = 0;
	assert_int_equal(pt_tree_walk(&tree, read_ram, &seen, &ops, 3), PT_TREE_DONE);
	assert_int_equal(seen.n_runs, 1);

	setup(NULL);
	ram[2][0] = 0x200000 | RW | PS;
	pt_tree_begin(&tree, &xelp, table(0) | RW);
	tree.next = 0x1000;
	assert_int_equal(pt_tree_walk(&tree, read_ram, &seen, &ops, 3), PT_TREE_DONE);
	assert_int_equal(seen.n_runs, 1);
	expect_run(0, 0x1000, 0x1ff000, 0x201000, 21);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(empty_tree), T(runs), T(permission_of_the_path), T(scratch_is_read_once),
		T(scratch_of_two_levels), T(compact_table), T(broken_entries), T(loops_end),
		T(callbacks_stop), T(same_as_single_walks), T(tree_changes_between_pieces),
	};

	return cmocka_run_group_tests_name("pt_tree", tests, NULL, NULL);
}
