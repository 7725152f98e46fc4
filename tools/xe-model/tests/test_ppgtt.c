// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The page-table walker on trees in an array: page sizes, ends of walks, and every structure rule.
 */

#include "tests/lib_cmocka.h"

#include <string.h>

#include "gfx/tlb.h"
#include "tests/lib_tables.h"

#define PAGES 16u

static int setup(void **state)
{
	tables_clear(PAGES);
	path(0);
	return 0;
}

static enum walk_result walk(const struct ppgtt_format *fmt, u64 va, struct ppgtt_walk *w)
{
	struct ppgtt_start start;

	memset(w, 0, sizeof(*w));
	start = ppgtt_root(fmt, table(0) | RW | (fmt->wb_pat ? 0x10 : 0), w);
	return ppgtt_walk(fmt, start, va, read_entry, NULL, w);
}

static void page_sizes(void **state)
{
	struct ppgtt_walk w;

	ram[3][1] = 0x123456000 | RW;
	assert_int_equal(walk(&xelp, 0x1abc, &w), WALK_OK);
	assert_int_equal(w.addr, 0x123456abc);
	assert_int_equal(w.page_shift, 12);
	assert_int_equal(w.n_steps, 4);
	assert_true(w.writable);
	assert_null(w.rule);

	ram[2][3] = 0x140000000 | RW | PPGTT_PDE_PAGE_SIZE;
	assert_int_equal(walk(&xelp, 3 * 0x200000 + 0x12345, &w), WALK_OK);
	assert_int_equal(w.addr, 0x140012345);
	assert_int_equal(w.page_shift, 21);
	assert_null(w.rule);

	ram[1][2] = 0x1c0000000 | RW | PPGTT_PDE_PAGE_SIZE;
	assert_int_equal(walk(&xelp, (2ull << 30) + 0x1234567, &w), WALK_OK);
	assert_int_equal(w.addr, 0x1c1234567);
	assert_int_equal(w.page_shift, 30);
	assert_null(w.rule);
}

static void ends(void **state)
{
	struct ppgtt_walk w;

	assert_int_equal(walk(&xelp, 0x5000, &w), WALK_NOT_PRESENT);
	assert_null(w.rule);
	ram[3][5] = RW | PPGTT_NULL;
	assert_int_equal(walk(&xelp, 0x5000, &w), WALK_NULL);
	assert_null(w.rule);
	ram[3][6] = 0x7000 | PPGTT_PRESENT;
	assert_int_equal(walk(&xelp, 0x6000, &w), WALK_OK);
	assert_false(w.writable);
	ram[0][1] = table(PAGES) | RW;
	assert_int_equal(walk(&xelp, 1ull << 39, &w), WALK_NO_TABLE);
	ram[0][2] = table(1) | RW | PPGTT_PDE_PAGE_SIZE;
	assert_int_equal(walk(&xelp, 2ull << 39, &w), WALK_MALFORMED);
	assert_string_equal(w.rule, "pt-level");
	/* Sign extension is ignored. */
	ram[0][511] = table(1) | RW;
	ram[3][0] = 0x9000 | RW;
	assert_int_equal(walk(&xelp, 0xffffff8000000000ull, &w), WALK_OK);
	assert_int_equal(w.va, 0xff8000000000ull);
}

/* The stock driver sets the 64 KiB hint on Xe_LP too: not an error. */
static void hint_is_ignored(void **state)
{
	struct ppgtt_walk w;

	ram[3][0] = 0x120000103;
	assert_int_equal(walk(&xelp, 0x10, &w), WALK_OK);
	assert_int_equal(w.addr, 0x120000010);
	assert_int_equal(w.page_shift, 12);
	assert_null(w.rule);
}

static void compact_tables(void **state)
{
	struct ppgtt_walk w;

	ram[0][0] |= 0x10;
	ram[3][0] = table(4) | RW;
	ram[3][0] |= PPGTT_COMPACT_CHILD;
	ram[4][2] = 0x40220000 | RW | 0x10 | PPGTT_DEVMEM;
	assert_int_equal(walk(&xe2, 2 * 0x10000 + 0x1234, &w), WALK_OK);
	assert_int_equal(w.addr, 0x40221234);
	assert_int_equal(w.page_shift, 16);
	assert_null(w.rule);

	ram[2][0] |= PPGTT_COMPACT_CHILD;
	walk(&xelp, 0, &w);
	assert_string_equal(w.rule, "pt-table-entry");
}

static void rules(void **state)
{
	static const struct {
		unsigned int level;
		u64 entry;
		const char *rule;
	} cases[] = {
		{ 0, 0x1000, "pt-not-present" },
		{ 0, 0x1003 | PPGTT_ATOMIC, "pt-leaf-bits" },
		{ 0, 0x1003 | PPGTT_DEVMEM, "pt-leaf-bits" },
		{ 0, 0x1003 | 1ull << 63, "pt-leaf-bits" },
		{ 0, 0x1003 | 0x40, "pt-leaf-bits" },
		{ 0, 0x1003 | PPGTT_PTE_PAT2, "pt-leaf-pat" },
		{ 0, 0x1003 | PPGTT_PAT3, "pt-leaf-pat" },
		{ 0, 0x8000001003, "pt-leaf-addr" },
		{ 0, 0x1003 | PPGTT_NULL, "pt-leaf-null" },
		{ 1, 0x200083 | PPGTT_NULL, "pt-leaf-null" },
		{ 1, 0x100083, "pt-leaf-align" },
		{ 1, 0x200083 | PPGTT_PTE_PS64, "pt-leaf-bits" },
		{ 1, 0x200083 | PPGTT_PDE_PAT2, "pt-leaf-pat" },
		{ 1, 0x4001, "pt-table-entry" },
		{ 1, 0x4003 | PPGTT_NULL, "pt-table-entry" },
		{ 1, 0x4003 | PPGTT_DEVMEM, "pt-table-entry" },
		{ 1, 0x4003 | 1ull << 50, "pt-table-entry" },
		{ 2, 0x200083, "pt-leaf-align" },
	};
	struct ppgtt_walk w;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		setup(NULL);
		ram[3 - cases[i].level][0] = cases[i].entry;
		walk(&xelp, 0, &w);
		assert_non_null(w.rule);
		assert_string_equal(w.rule, cases[i].rule);
	}
}

static void root_rules(void **state)
{
	static const u64 bad[] = { 0x1001, 0x1000, 0x1013, 0x1103, 0x1007, 0x8000001003 };
	struct ppgtt_walk w;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&w, 0, sizeof(w));
		ppgtt_root(&xelp, bad[i], &w);
		assert_string_equal(w.rule, "pt-root");
	}
	memset(&w, 0, sizeof(w));
	assert_int_equal(ppgtt_root(&xe2, 0x1013, &w).level, 4);
	assert_null(w.rule);
}

/* --- translation cache ------------------------------------------------------------------------ */

static bool through(struct tlb *tlb, u64 root, u64 va, struct tlb_page *page)
{
	struct tlb_page *cached = tlb_lookup(tlb, root, va);
	enum walk_result result;
	struct ppgtt_start start;
	struct ppgtt_walk w;

	if (cached) {
		*page = *cached;
		return true;
	}
	memset(&w, 0, sizeof(w));
	if (!tlb_start(tlb, &xelp, root, va, &start))
		start = ppgtt_root(&xelp, root, &w);
	result = ppgtt_walk(&xelp, start, va, read_entry, NULL, &w);
	if (result != WALK_OK && result != WALK_NULL)
		return false;
	*page = *tlb_fill(tlb, root, &w, result);
	return true;
}

static void tlb_never_forgets(void **state)
{
	u64 root = table(0) | RW;
	struct tlb *tlb = tlb_create();
	struct tlb_page p;

	assert_false(through(tlb, root, 0x1000, &p));
	/* Not-present results are not cached. */
	ram[3][1] = 0x5000 | RW;
	assert_true(through(tlb, root, 0x1234, &p));
	assert_int_equal(p.addr, 0x5000);

	ram[3][1] = 0;
	assert_true(through(tlb, root, 0x1234, &p));
	assert_int_equal(p.addr, 0x5000);
	/* Tables are cached too. */
	ram[2][0] = 0;
	ram[3][2] = 0x6000 | PPGTT_PRESENT;
	assert_true(through(tlb, root, 0x2000, &p));
	assert_int_equal(p.addr, 0x6000);
	assert_false(p.writable);

	tlb_flush(tlb);
	assert_false(through(tlb, root, 0x1234, &p));
	assert_int_equal(tlb_count(tlb), 0);
	tlb_destroy(tlb);
}

static void tlb_large_pages(void **state)
{
	u64 root = table(0) | RW;
	struct tlb *tlb = tlb_create();
	struct tlb_page p;

	ram[2][1] = 0x200000 | RW | PPGTT_PDE_PAGE_SIZE;
	assert_true(through(tlb, root, 0x200000 + 0x3456, &p));
	assert_int_equal(p.addr, 0x203000);
	ram[2][1] = 0x800000 | RW | PPGTT_PDE_PAGE_SIZE;
	/* Another page of the same leaf comes from the cache. */
	assert_true(through(tlb, root, 0x2ff000, &p));
	assert_int_equal(p.addr, 0x2ff000);
	tlb_destroy(tlb);
}

static void tlb_tells_spaces_apart(void **state)
{
	u64 one = table(0) | RW, two = table(5) | RW;
	struct tlb *tlb = tlb_create();
	struct tlb_page p;

	ram[5][0] = table(1) | RW;
	ram[3][1] = 0x5000 | RW;
	assert_true(through(tlb, one, 0x1000, &p));
	ram[3][1] = 0x6000 | RW;
	assert_true(through(tlb, two, 0x1000, &p));
	assert_int_equal(p.addr, 0x6000);
	tlb_flush_root(tlb, one);
	ram[3][1] = 0x7000 | RW;
	assert_true(through(tlb, one, 0x1000, &p));
	assert_int_equal(p.addr, 0x7000);
	assert_true(through(tlb, two, 0x1000, &p));
	assert_int_equal(p.addr, 0x6000);
	tlb_destroy(tlb);
}

static void tlb_grows(void **state)
{
	u64 root = table(0) | RW;
	struct tlb *tlb = tlb_create();
	struct tlb_page p;

	for (unsigned int i = 0; i < 512; i++)
		ram[1][i] = ((u64)i << 30) | RW | PPGTT_PDE_PAGE_SIZE;
	for (unsigned int i = 0; i < 512; i++)
		ram[0][i] = table(1) | RW;
	for (u64 i = 0; i < 40000; i++)
		assert_true(through(tlb, root, i << 30, &p));
	assert_true(tlb_count(tlb) > 40000);
	for (u64 i = 0; i < 40000; i++) {
		const struct tlb_page *cached = tlb_lookup(tlb, root, i << 30);

		assert_non_null(cached);
		assert_int_equal(cached->addr, (i % 512) << 30);
	}
	tlb_destroy(tlb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(page_sizes, setup),
		cmocka_unit_test_setup(ends, setup),
		cmocka_unit_test_setup(hint_is_ignored, setup),
		cmocka_unit_test_setup(compact_tables, setup),
		cmocka_unit_test_setup(rules, setup),
		cmocka_unit_test_setup(root_rules, setup),
		cmocka_unit_test_setup(tlb_never_forgets, setup),
		cmocka_unit_test_setup(tlb_large_pages, setup),
		cmocka_unit_test_setup(tlb_tells_spaces_apart, setup),
		cmocka_unit_test_setup(tlb_grows, setup),
	};

	return cmocka_run_group_tests_name("ppgtt", tests, NULL, NULL);
}
