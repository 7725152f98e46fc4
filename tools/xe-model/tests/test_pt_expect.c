// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Address spaces against what they should be: every kind of deviation, and the text form.
 */

#include "tests/lib_cmocka.h"

#include <errno.h>
#include <string.h>

#include "dev/pt_expect.h"
#include "tests/lib_tables.h"

#define PAGES 32u
#define MAX_SEEN 32u

/* Xe2 with four levels, so that one tree serves both formats */
static const struct ppgtt_format xe2_four = {
	.levels = 4, .dma_bits = 46, .wb_pat = 2, .pat_valid = 0x0ff0ffff, .compact = true,
	.devmem = true, .atomic = true, .ps64 = true,
};

/**
 * struct seen - what was reported
 * @d: deviations
 * @n: number of them
 * @stop: end the comparison after the first
 */
struct seen {
	struct pt_deviation d[MAX_SEEN];
	unsigned int n;
	bool stop;
};

static struct seen seen;

static bool on_deviation(void *ctx, const struct pt_deviation *d)
{
	assert_true(seen.n < MAX_SEEN);
	seen.d[seen.n++] = *d;
	return !seen.stop;
}

/* Four pages at 0x10000, two large ones at 0x200000; one path for address 0: 0 -> 1 -> 2 -> 3. */
static int setup(void **state)
{
	tables_clear(PAGES);
	memset(&seen, 0, sizeof(seen));
	path(0);
	for (u64 i = 0; i < 4; i++)
		ram[3][16 + i] = (0x1000000 + i * 0x1000) | RW;
	ram[2][1] = 0x40000000 | RW | PS;
	ram[2][2] = 0x40200000 | RW | PS;
	return 0;
}

#define SMALL "0x10000 0x14000 memory 0x1000000+0x4000\n"
#define LARGE "0x200000 0x600000 memory 0x40000000+0x400000\n"

static void compare_as(const struct ppgtt_format *fmt, const char *text)
{
	struct pt_expect x;
	char err[128];

	for (unsigned int budget = 1; budget < 100; budget += 98) {
		struct pt_compare c = { .read = read_table, .report = on_deviation };
		enum pt_tree_status status;

		seen.n = 0;
		assert_int_equal(pt_expect_parse(&x, text, err, sizeof(err)), 0);
		pt_compare_begin(&c, fmt, table(0) | RW, &x);
		do {
			status = pt_compare_step(&c, budget);
		} while (status == PT_TREE_MORE);
		assert_int_equal(status, seen.stop && seen.n ? PT_TREE_STOPPED : PT_TREE_DONE);
		pt_expect_free(&x);
	}
}

static void compare(const char *text)
{
	compare_as(&xelp, text);
}

static void expect(unsigned int i, const char *id, u64 first, u64 last, u64 want, u64 got)
{
	assert_true(i < seen.n);
	assert_string_equal(seen.d[i].id, id);
	assert_int_equal(seen.d[i].first, first);
	assert_int_equal(seen.d[i].last, last);
	assert_int_equal(seen.d[i].want, want);
	assert_int_equal(seen.d[i].got, got);
}

static void all_as_expected(void **state)
{
	compare("# nothing to complain about\n\n" SMALL LARGE);
	assert_int_equal(seen.n, 0);
	/* Neighbours, and memory in pieces. */
	compare("0x10000 0x12000 memory 0x1000000+0x1000 0x1001000+0x1000\n"
		"0x12000 0x14000 memory 0x1002000+0x2000 # the rest\n"
		"0x200000 0x400000 memory 0x40000000+0x200000\n"
		"0x400000 0x600000 memory 0x40200000+0x200000\n");
	assert_int_equal(seen.n, 0);
}

static void c1_coverage(void **state)
{
	ram[3][18] = 0;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C1", 0x12000, 0x12fff, 1, 0);

	/* Mapped, though nobody asked for it. */
	ram[3][18] = 0x1002000 | RW;
	compare("0x11000 0x13000 memory 0x1001000+0x2000\n" LARGE);
	assert_int_equal(seen.n, 2);
	expect(0, "C1", 0x10000, 0x10fff, 0, 0x1000000);
	expect(1, "C1", 0x13000, 0x13fff, 0, 0x1003000);

	/* Behind the last run, and all of it missing. */
	compare(SMALL LARGE "0x800000 0x801000 null\n");
	assert_int_equal(seen.n, 1);
	expect(0, "C1", 0x800000, 0x800fff, 1, 0);
	ram[0][0] = 0;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 2);
	expect(1, "C1", 0x200000, 0x5fffff, 1, 0);
}

static void c1_empty_parts(void **state)
{
	compare("0x10000 0x14000 empty\n" LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C1", 0x10000, 0x13fff, 0, 0x1000000);
	/* Zapped: the table stays. */
	memset(ram[3], 0, sizeof(ram[3]));
	compare("0x10000 0x14000 empty\n" LARGE);
	assert_int_equal(seen.n, 0);
}

static void c1_scratch(void **state)
{
	for (unsigned int i = 0; i < 512; i++) {
		ram[9][i] = 0x283;
		ram[0][i] = i ? table(9) | RW : ram[0][0];
		ram[1][i] = i ? 0x283 : ram[1][0];
		ram[2][i] = i && (i > 2) ? 0x283 : ram[2][i];
		ram[3][i] = i >= 16 && i < 20 ? ram[3][i] : 0x203;
	}
	compare("scratch\n" SMALL LARGE);
	assert_int_equal(seen.n, 0);
	compare("scratch pat=2\n" SMALL LARGE);
	assert_true(seen.n > 2);
	ram[3][20] = 0;
	compare("scratch\n" SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C1", 0x14000, 0x14fff, 1, 0);
	ram[3][20] = 0x5000 | RW;
	compare("scratch\n" SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C1", 0x14000, 0x14fff, 0, 0x5000);
	/* A part of a space with scratch may be empty for real. */
	ram[3][20] = 0;
	compare("scratch\n" SMALL "0x14000 0x15000 empty\n" LARGE);
	assert_int_equal(seen.n, 0);
	/* Without scratch all of it is too much. */
	compare(SMALL LARGE);
	assert_true(seen.n > 2);
}

static void c2_address(void **state)
{
	ram[3][17] = 0x1008000 | RW;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C2", 0x11000, 0x11fff, 0x1001000, 0x1008000);
	ram[3][17] = 0x1001000 | RW;
	compare(SMALL "0x200000 0x600000 memory 0x40000000+0x300000 0x50000000+0x100000\n");
	assert_int_equal(seen.n, 1);
	expect(0, "C2", 0x500000, 0x5fffff, 0x50000000, 0x40300000);
	compare_as(&xe2_four, SMALL "0x200000 0x600000 memory dev:0x40000000+0x400000\n");
	assert_int_equal(seen.n, 1);
	expect(0, "C2", 0x200000, 0x5fffff, 1, 0);
}

static void c3_permission(void **state)
{
	compare("0x10000 0x14000 memory ro 0x1000000+0x4000\n" LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C3", 0x10000, 0x13fff, 0, 1);
	ram[3][19] &= ~PPGTT_WRITABLE;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C3", 0x13000, 0x13fff, 1, 0);
}

static void c4_pat(void **state)
{
	ram[3][17] |= PPGTT_PAT0 | PPGTT_PAT1;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C4", 0x11000, 0x11fff, 0, 3);
	compare("0x10000 0x11000 memory 0x1000000+0x1000\n"
		"0x11000 0x12000 memory pat=3 0x1001000+0x1000\n"
		"0x12000 0x14000 memory 0x1002000+0x2000\n" LARGE);
	assert_int_equal(seen.n, 0);
}

static void c5_null(void **state)
{
	compare("0x10000 0x14000 null\n" LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C5", 0x10000, 0x13fff, 1, 0);
	ram[3][18] = 0x203;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C5", 0x12000, 0x12fff, 0, 1);
	compare("0x10000 0x12000 memory 0x1000000+0x2000\n0x12000 0x13000 null\n"
		"0x13000 0x14000 memory 0x1003000+0x1000\n" LARGE);
	assert_int_equal(seen.n, 0);
}

static void c6_atomic(void **state)
{
	ram[3][16] |= PPGTT_ATOMIC;
	compare_as(&xe2_four, SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C6", 0x10000, 0x10fff, 0, 1);
	compare_as(&xe2_four, SMALL "0x200000 0x600000 memory atomic 0x40000000+0x400000\n");
	assert_int_equal(seen.n, 2);
	expect(1, "C6", 0x200000, 0x5fffff, 1, 0);
}

static void c7_borders(void **state)
{
	compare(SMALL "0x200000 0x500000 memory 0x40000000+0x300000\n");
	assert_int_equal(seen.n, 2);
	expect(0, "C7", 0x400000, 0x5fffff, 0x500000, 0);
	expect(1, "C1", 0x500000, 0x5fffff, 0, 0x40300000);
	/* Two parts with one page, though all addresses are right. */
	compare(SMALL "0x200000 0x300000 memory 0x40000000+0x100000\n"
		"0x300000 0x600000 memory 0x40100000+0x300000\n");
	assert_int_equal(seen.n, 1);
	expect(0, "C7", 0x200000, 0x3fffff, 0x300000, 0);

	/* A 64 KiB group, where hardware looks at it. */
	for (u64 i = 0; i < 16; i++)
		ram[3][32 + i] = (0x2000000 + i * 0x1000) | RW | PPGTT_PTE_PS64;
	compare_as(&xe2_four, SMALL "0x20000 0x28000 memory 0x2000000+0x8000\n"
		   "0x28000 0x30000 memory 0x2008000+0x8000\n" LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C7", 0x20000, 0x2ffff, 0x28000, 0);
	compare(SMALL "0x20000 0x28000 memory 0x2000000+0x8000\n"
		"0x28000 0x30000 memory 0x2008000+0x8000\n" LARGE);
	assert_int_equal(seen.n, 0);
}

static void c9_dead_tables(void **state)
{
	ram[2][5] = table(8) | RW;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C9", 5 << 21, (6 << 21) - 1, 0, table(8));
	/* In a space with scratch it is full of that. */
	for (unsigned int i = 0; i < 512; i++) {
		ram[8][i] = 0x203;
		ram[9][i] = 0x283;
		ram[0][i] = i ? table(9) | RW : ram[0][0];
		ram[1][i] = i ? 0x283 : ram[1][0];
		ram[2][i] = i > 2 && i != 5 ? 0x283 : ram[2][i];
		ram[3][i] = i >= 16 && i < 20 ? ram[3][i] : 0x203;
	}
	compare("scratch\n" SMALL LARGE);
	assert_int_equal(seen.n, 1);
	expect(0, "C9", 5 << 21, (6 << 21) - 1, 0, table(8));
}

static void c10_kept_parts(void **state)
{
	struct pt_snapshot was = { .first = 0x11000, .last = 0x3fffff }, is = was, again = was;

	assert_int_equal(pt_snapshot_take(&was, &xelp, table(0) | RW, read_table, NULL), 0);
	assert_int_equal(was.n, 4);
	assert_int_equal(was.leaf[0].va, 0x11000);
	assert_int_equal(was.leaf[3].va, 0x200000);
	assert_int_equal(pt_snapshot_take(&again, &xelp, table(0) | RW, read_table, NULL), 0);
	pt_snapshot_compare(&was, &again, on_deviation, NULL);
	assert_int_equal(seen.n, 0);

	ram[3][16] = 0;
	ram[3][17] |= PPGTT_PAT0;
	ram[3][18] = 0;
	ram[3][30] = 0x5000 | RW;
	/* The large page is the same memory in another form: not the same entry. */
	ram[2][1] = table(8) | RW;
	ram[8][0] = 0x40000000 | RW;
	assert_int_equal(pt_snapshot_take(&is, &xelp, table(0) | RW, read_table, NULL), 0);
	pt_snapshot_compare(&was, &is, on_deviation, NULL);
	assert_int_equal(seen.n, 4);
	expect(0, "C10", 0x11000, 0x11fff, 0x1001003, 0x100100b);
	expect(1, "C10", 0x12000, 0x12fff, 0x1002003, 0);
	expect(2, "C10", 0x1e000, 0x1efff, 0, 0x5003);
	expect(3, "C10", 0x200000, 0x3fffff, 0x40000083, 0x40000003);
	seen.n = 0;
	seen.stop = true;
	pt_snapshot_compare(&was, &is, on_deviation, NULL);
	assert_int_equal(seen.n, 1);
	pt_snapshot_free(&was);
	pt_snapshot_free(&is);
	pt_snapshot_free(&again);
}

static void report_ends_it(void **state)
{
	seen.stop = true;
	compare("0x900000 0x901000 null\n");
	assert_int_equal(seen.n, 1);
	ram[2][5] = table(8) | RW;
	compare(SMALL LARGE);
	assert_int_equal(seen.n, 1);
}

/* --- text ------------------------------------------------------------------------------------- */

static void text_is_read(void **state)
{
	struct pt_expect x;
	char err[128];

	assert_int_equal(pt_expect_parse(&x, "", err, sizeof(err)), 0);
	assert_int_equal(x.n_vmas, 0);
	pt_expect_free(&x);
	assert_int_equal(pt_expect_parse(&x, "# all kinds\n"
		"  scratch pat=2  # five\n"
		"4096 0x3000 memory ro pat=3 atomic 0x5000+0x1000 dev:0x9000+4096\r\n"
		"\t0x3000\t0x4000\tnull\tpat=1\n"
		"0xfffffffff000 0x1000000000000 empty", err, sizeof(err)), 0);
	assert_true(x.scratch);
	assert_int_equal(x.scratch_pat, 2);
	assert_int_equal(x.n_vmas, 3);
	assert_int_equal(x.n_backings, 2);
	assert_int_equal(x.vma[0].start, 0x1000);
	assert_int_equal(x.vma[0].end, 0x3000);
	assert_int_equal(x.vma[0].kind, PT_VMA_MEMORY);
	assert_true(x.vma[0].read_only && x.vma[0].atomic && !x.vma[1].read_only);
	assert_int_equal(x.vma[0].pat, 3);
	assert_true(x.backing[1].devmem && !x.backing[0].devmem);
	assert_int_equal(x.backing[1].addr, 0x9000);
	assert_int_equal(x.vma[1].kind, PT_VMA_NULL);
	assert_int_equal(x.vma[2].kind, PT_VMA_EMPTY);
	pt_expect_free(&x);
}

static void text_is_refused(void **state)
{
	static const struct {
		const char *text, *err;
	} cases[] = {
		{ "0x1000", "line 1: not START END KIND" },
		{ "\n0x1000 0x2000", "line 2: not START END KIND" },
		{ "0x1000 x null", "line 1: not START END KIND" },
		{ "-4096 0x1000 null", "line 1: not START END KIND" },
		{ "0x1000 0x2000z null", "line 1: not START END KIND" },
		{ "0x1000 0x99999999999999999 null", "line 1: not START END KIND" },
		{ "0x1000 0x1000 null", "line 1: 0x1000 to 0x1000 is no range of pages" },
		{ "0x1000 0x1800 null", "line 1: 0x1000 to 0x1800 is no range of pages" },
		{ "0x1000 0x1000000001000 null",
		  "line 1: 0x1000 to 0x1000000001000 is no range of pages" },
		{ "0x1000 0x3000 null\n0x2000 0x4000 null",
		  "line 2: 0x2000 lies before the end of the last part" },
		{ "0x1000 0x2000 magic", "line 1: \"magic\" is not memory, null or empty" },
		{ "0x1000 0x2000 null 0x5000+0x1000", "line 1: \"0x5000+0x1000\" is no option" },
		{ "0x1000 0x2000 empty ro", "line 1: \"ro\": an empty part has no options" },
		{ "0x1000 0x2000 null pat=32", "line 1: PAT index \"32\" is not between 0 and 31" },
		{ "0x1000 0x2000 null pat=", "line 1: PAT index \"\" is not between 0 and 31" },
		{ "0x1000 0x2000 memory",
		  "line 1: 0x0 bytes of memory for 0x1000 bytes of addresses" },
		{ "0x1000 0x2000 memory 0x5000+0x2000",
		  "line 1: 0x2000 bytes of memory for 0x1000 bytes of addresses" },
		{ "0x1000 0x2000 memory 0x5800+0x1000",
		  "line 1: \"0x5800+0x1000\" is no option and no ADDR+LEN in pages" },
		{ "0x1000 0x2000 memory 0x5000",
		  "line 1: \"0x5000\" is no option and no ADDR+LEN in pages" },
		{ "0x1000 0x2000 memory 0x5000+0",
		  "line 1: \"0x5000+0\" is no option and no ADDR+LEN in pages" },
		{ "scratch 2", "line 1: \"2\" is not pat=N" },
	};
	struct pt_expect x;
	char err[128];

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(pt_expect_parse(&x, cases[i].text, err, sizeof(err)), -EINVAL);
		assert_string_equal(err, cases[i].err);
		assert_null(x.vma);
	}
	assert_int_equal(pt_expect_parse(&x, "nonsense", err, 5), -EINVAL);
	assert_string_equal(err, "line");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(all_as_expected), T(c1_coverage), T(c1_empty_parts), T(c1_scratch),
		T(c2_address), T(c3_permission), T(c4_pat), T(c5_null), T(c6_atomic),
		T(c7_borders), T(c9_dead_tables), T(c10_kept_parts), T(report_ends_it),
		T(text_is_read), T(text_is_refused),
	};

	return cmocka_run_group_tests_name("pt_expect", tests, NULL, NULL);
}
