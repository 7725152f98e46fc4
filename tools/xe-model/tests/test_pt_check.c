// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Rules for whole trees: each broken once, what is exempt, tables that change meanwhile, address
 * spaces that nobody uses, and the index of tables.
 */

#include "tests/lib_cmocka.h"

#include <string.h>

#include "dev/pt_check.h"
#include "dev/pt_index.h"
#include "tests/lib_tables.h"
#include "util/bits.h"

/* Memory of the device ends here. */
#define MEMORY_END 0x100000000ull
#define MAX_USED 8u
#define MS 1000000ull

static struct pt_check *check;

/* Xe2 without memory of its own */
static const struct ppgtt_format xe2_shared = {
	.levels = 5, .dma_bits = 46, .wb_pat = 2, .pat_valid = 0x0ff0ffff, .compact = true,
	.atomic = true, .ps64 = true,
};

/**
 * struct seen - what was reported
 * @n: reports
 * @f: the last one
 * @first: rule of the first one
 * @reads: tables and entries read
 * @on_read: called before a read, with the number of the read
 */
struct seen {
	unsigned int n;
	struct pt_finding f;
	const char *first;
	unsigned int reads;
	void (*on_read)(unsigned int n);
};

static struct seen seen;

/* Roots that jobs use, and the number of the job that does. */
static u64 used[MAX_USED];
static u64 job;
static u64 now;

static bool read_ram(void *ctx, u64 addr, u64 *entry, unsigned int n)
{
	if (seen.on_read)
		seen.on_read(seen.reads);
	seen.reads++;
	return read_table(ctx, addr, entry, n);
}

static u64 reach(void *ctx, u64 addr, u64 len)
{
	/* Tables may only lie in @ram; what is above it may be mapped. */
	if (addr >= MEMORY_END)
		return 0;
	return addr + len > MEMORY_END ? MEMORY_END - addr : len;
}

static u64 running(void *ctx, u64 root)
{
	for (unsigned int i = 0; i < MAX_USED; i++)
		if (used[i] == root)
			return job;
	return 0;
}

static void on_report(void *ctx, const struct pt_finding *f)
{
	if (!seen.n++)
		seen.first = f->rule;
	seen.f = *f;
}

static const struct pt_check_ops ops = { read_ram, reach, running, on_report };

static int begin(const struct ppgtt_format *fmt)
{
	tables_clear(MAX_TABLES);
	memset(&seen, 0, sizeof(seen));
	memset(used, 0, sizeof(used));
	job = 1;
	pt_check_destroy(check);
	check = pt_check_create(fmt, &ops);
	return check ? 0 : -1;
}

static int setup(void **state)
{
	return begin(&xelp);
}

static int teardown(void **state)
{
	pt_check_destroy(check);
	check = NULL;
	return 0;
}

/* A job begins to use an address space. */
static void use(u64 root)
{
	for (unsigned int i = 0; i < MAX_USED; i++) {
		if (used[i])
			continue;
		used[i] = root;
		return;
	}
	fail();
}

/* No job uses it any more. */
static void leave(u64 root)
{
	for (unsigned int i = 0; i < MAX_USED; i++)
		if (used[i] == root)
			used[i] = 0;
}

static void look_at(u64 root, unsigned int budget)
{
	unsigned int i = 0;

	pt_check_want(check, root);
	do {
		assert_true(i++ < 10000);
		now += 300 * MS;
	} while (pt_check_step(check, root, now, budget, NULL));
}

/* Look at everything that is in use. */
static void look(unsigned int budget)
{
	for (unsigned int i = 0; i < MAX_USED; i++)
		if (used[i])
			look_at(used[i], budget);
}

static void expect(const char *rule, u64 va)
{
	look(1000);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.f.rule, rule);
	assert_int_equal(seen.f.va, va);
	/* Once is enough. */
	look(1000);
	assert_int_equal(seen.n, 1);
}

static void expect_nothing(void)
{
	look(1000);
	look(3);
	assert_int_equal(seen.n, 0);
}

/* --- one entry -------------------------------------------------------------------------------- */

/* Entries nobody uses are judged all the same. */
static void rules_of_entries(void **state)
{
	static const struct {
		unsigned int level, index;
		u64 entry;
		const char *rule;
	} cases[] = {
		{ 0, 7, 0x100000, "pt-not-present" },
		{ 3, 511, 0x100000, "pt-not-present" },
		{ 0, 7, 0x100003 | PPGTT_ATOMIC, "pt-leaf-bits" },
		{ 0, 7, 0x100003 | PPGTT_PTE_PAT2, "pt-leaf-pat" },
		{ 0, 7, 0x8000100003, "pt-leaf-addr" },
		{ 0, 7, 0x100203, "pt-leaf-null" },
		{ 1, 7, 0x200203 | PS, "pt-leaf-null" },
		{ 1, 7, 0x201083, "pt-leaf-pat" },
		{ 1, 7, 0x40102083, "pt-leaf-align" },
		{ 2, 7, 0x40200083, "pt-leaf-align" },
		{ 3, 7, 0x83, "pt-level" },
		{ 2, 7, 0x5001, "pt-table-entry" },
		{ 1, 7, 0x5003 | PPGTT_DEVMEM, "pt-table-entry" },
		{ 0, 7, MEMORY_END | RW, "pt-leaf-memory" },
		{ 2, 7, (3ull << 30) | RW | PS, NULL },
		{ 2, 7, (4ull << 30) | RW | PS, "pt-leaf-memory" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 va = (u64)cases[i].index << (12 + 9 * cases[i].level);

		begin(&xelp);
		use(path(0));
		ram[3 - cases[i].level][cases[i].index] = cases[i].entry;
		if (cases[i].rule)
			expect(cases[i].rule, va);
		else
			expect_nothing();
		/* The walk shows the entry. */
		if (cases[i].rule && strcmp(cases[i].rule, "pt-table-entry"))
			assert_int_equal(seen.f.walk.step[seen.f.walk.n_steps - 1].entry,
					 cases[i].entry);
	}
}

static void tables_in_memory(void **state)
{
	use(path(0));
	ram[1][9] = MEMORY_END | RW;
	expect("pt-table-addr", 9ull << 30);

	begin(&xelp);
	use(MEMORY_END | RW);
	expect("pt-table-addr", 0);

	/* Taken away on order, so reach() says: not to be reported. */
	begin(&xelp);
	use(path(0));
	ram[1][9] = table(MAX_TABLES) | RW;
	expect_nothing();
}

/* --- whole tables ----------------------------------------------------------------------------- */

static void groups(void **state)
{
	static const struct {
		unsigned int index;
		u64 entry;
		bool good;
	} cases[] = {
		{ 5, 0x120005103, true },
		{ 5, 0x120005003, false },
		{ 5, 0x120006103, false },
		{ 5, 0x120005101, false },
		{ 0, 0x120001103, false },
	};

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const struct ppgtt_format *fmt = i % 2 ? &xe2_shared : &xelp;

		begin(fmt);
		ram[9][0] = path(0);
		use(i % 2 ? table(9) | RW | 0x10 : table(0) | RW);
		for (u64 k = 0; k < 16; k++)
			ram[3][32 + k] = (0x20000000 + k * 0x1000) | 0x103;
		ram[3][32 + cases[i / 2].index] = cases[i / 2].entry & ~0x100000000ull;
		/* Xe_LP does not look at the hint. */
		if (cases[i / 2].good || !(i % 2))
			expect_nothing();
		else
			expect("pt-group", 0x20000);
	}
	begin(&xe2_shared);
	ram[9][0] = table(0) | RW;
	path(0);
	use(table(9) | RW | 0x10);
	for (unsigned int k = 0; k < 16; k++)
		ram[3][496 + k] = 0x313;
	expect_nothing();
	for (u64 k = 0; k < 16; k++)
		ram[3][496 + k] = (0x20001000 + k * 0x1000) | 0x103;
	expect("pt-group", 0x1f0000);
}

/* The 16 entries are stored one by one: what is about to be completed is no mistake. */
static void half_a_group(void **state)
{
	u64 root = table(9) | RW | 0x10;

	for (unsigned int slow = 0; slow < 2; slow++) {
		begin(&xe2_shared);
		ram[9][0] = path(0);
		for (u64 k = 0; k < 16; k++) {
			ram[3][32 + k] = (0x20000000 + k * 0x1000) | 0x103;
			pt_check_want(check, root);
			now += slow ? 1100 * MS : 60 * MS;
			/* Wanted again until it is complete, or was reported. */
			assert_int_equal(pt_check_step(check, root, now, 100, NULL), k < 15);
		}
		assert_int_equal(seen.n, 0);
	}
	/* The guest stops half-way. */
	ram[3][47] = 0;
	pt_check_want(check, root);
	assert_true(pt_check_step(check, root, now, 100, NULL));
	assert_true(pt_check_step(check, root, now + 999 * MS, 100, NULL));
	assert_int_equal(seen.n, 0);
	assert_false(pt_check_step(check, root, now + 1000 * MS, 100, NULL));
	assert_int_equal(seen.n, 1);
}

static void compact_tables(void **state)
{
	begin(&xe2_shared);
	ram[9][0] = table(0) | RW;
	path(0);
	ram[2][1] = table(4) | RW | PPGTT_COMPACT_CHILD;
	for (u64 k = 0; k < 512; k++)
		ram[4][k] = k < 32 ? (0x20000000 + k * 0x10000) | RW : 0xdeadbeef;
	use(table(9) | RW | 0x10);
	expect_nothing();
	ram[4][31] = 0;
	expect("pt-compact", 0x200000 + 31 * 0x10000);
}

static void root_of_five_levels(void **state)
{
	begin(&xe2_shared);
	path(0);
	ram[9][0] = table(0) | RW;
	use(table(9) | RW | 0x10);
	expect_nothing();
	for (unsigned int i = 0; i < 512; i++) {
		ram[11][i] = 0x293;
		ram[10][i] = table(11) | RW;
		ram[9][i] = i ? table(10) | RW : ram[9][0];
	}
	expect_nothing();
	ram[9][300] = 0;
	expect("pt-root-rest", 0);

	begin(&xe2_shared);
	ram[9][0] = path(0);
	ram[9][300] = 0x5a000;
	use(table(9) | RW | 0x10);
	look(1000);
	assert_int_equal(seen.n, 2);
	assert_string_equal(seen.first, "pt-not-present");
	assert_string_equal(seen.f.rule, "pt-root-rest");
}

/* --- several tables --------------------------------------------------------------------------- */

static void two_parents(void **state)
{
	use(path(0));
	ram[2][5] = table(3) | RW;
	expect("pt-table-twice", 5 << 21);
	assert_true(seen.f.two);
	assert_int_equal(seen.f.other.va, 0);

	/* A loop: the table of level 1 is its own child. */
	begin(&xelp);
	use(path(0));
	ram[2][5] = table(2) | RW;
	expect("pt-table-twice", 5 << 21);
	assert_string_equal(seen.f.wrong, "a table is used at two levels");
}

static void two_spaces(void **state)
{
	use(path(0));
	use(path(8));
	expect_nothing();
	ram[9][3] = table(2) | RW;
	expect("pt-table-twice", 3ull << 30);
	assert_string_equal(seen.f.wrong, "a table is part of two address spaces");
	/* The first one gives it away, and gets another: all is well. */
	ram[9][3] = 0;
	look(1000);
	ram[1][0] = table(12) | RW;
	ram[9][4] = table(2) | RW;
	look(1000);
	assert_int_equal(seen.n, 1);
}

static void compact_and_plain(void **state)
{
	begin(&xe2_shared);
	ram[9][0] = table(0) | RW;
	path(0);
	for (u64 k = 0; k < 32; k++)
		ram[3][k] = (0x20000000 + k * 0x10000) | RW;
	ram[2][1] = table(3) | RW | PPGTT_COMPACT_CHILD;
	use(table(9) | RW | 0x10);
	expect("pt-table-twice", 0x200000);
	assert_string_equal(seen.f.wrong, "a table is used as a compact one and as a plain one");
}

/* Upper tables are replaced, the lower one stays in its place. */
static void new_parents(void **state)
{
	use(path(0));
	look(1000);
	ram[10][0] = ram[1][0];
	ram[0][0] = table(10) | RW;
	expect_nothing();
	/* And a table moves to another address, where it is looked at as before. */
	ram[10][6] = ram[10][0];
	ram[10][0] = 0;
	expect_nothing();
	ram[10][7] = ram[10][6];
	ram[10][6] = 0;
	ram[3][9] = 0xdead000;
	expect("pt-not-present", (7ull << 30) + 0x9000);
}

static void scratch_tables(void **state)
{
	use(path(0));
	for (unsigned int i = 0; i < 512; i++) {
		ram[9][i] = 0x283;
		ram[0][i] = i ? table(9) | RW : ram[0][0];
	}
	/* Real tables in between, so that the scratch table is met again in another piece. */
	path(20);
	ram[0][100] = table(21) | RW;
	expect_nothing();
	look(1);
	assert_int_equal(seen.n, 0);
	/* One that is not the same everywhere is none. */
	ram[9][17] = 0;
	look(1000);
	assert_string_equal(seen.f.rule, "pt-table-twice");
}

static void table_is_mapped(void **state)
{
	static const struct {
		unsigned int level;
		u64 entry, va;
	} cases[] = {
		{ 0, 0x1003, 0x7000 },
		{ 0, 0x9003, 0x7000 },
		/* The large ones begin below the tables. */
		{ 1, 0x83, (7 << 21) + 0x1000 },
		{ 2, 0x83, 0 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(&xelp);
		use(path(0));
		use(path(8));
		look(1000);
		ram[11 - cases[i].level][7] = cases[i].entry;
		look(1000);
		assert_string_equal(seen.f.rule, "pt-maps-table");
		if (cases[i].va)
			assert_int_equal(seen.f.va, cases[i].va);
		assert_true(seen.f.two);
		assert_int_equal(seen.f.other.step[0].level, 3);
	}
	/* A page that was a table, and is none any more. */
	begin(&xelp);
	use(path(0));
	use(path(8));
	look(1000);
	ram[2][0] = 0;
	ram[11][7] = table(3) | RW;
	expect_nothing();
}

/* An address space that maps its own tables, full of leftovers. */
static void migration_space(void **state)
{
	u64 root = path(0);

	use(root);
	use(path(8));
	for (unsigned int i = 1; i < 4; i++)
		ram[3][i + 4] = table(i) | RW;
	ram[2][1] = table(5) | RW;
	ram[5][3] = 0xdeadbeef;
	ram[5][4] = table(9) | RW;
	ram[5][5] = (MEMORY_END + 0x1000) | RW;
	expect_nothing();
	/* Nobody else may map its tables. */
	ram[11][1] = table(5) | RW;
	expect("pt-maps-table", 0x1000);
	/* Without one of its own tables it is like any other. */
	begin(&xelp);
	path(0);
	use(root);
	ram[3][5] = table(1) | RW;
	ram[3][6] = table(2) | RW;
	look(1000);
	assert_string_equal(seen.f.rule, "pt-maps-table");
}

/* Tables lie in device memory if there is any: in system memory the address is another page. */
static void device_memory(void **state)
{
	struct ppgtt_format fmt = xe2_shared;

	fmt.devmem = true;
	begin(&fmt);
	ram[9][0] = path(0);
	use(table(9) | RW | 0x10);
	ram[3][5] = table(2) | RW;
	expect_nothing();
	ram[3][5] |= PPGTT_DEVMEM;
	expect("pt-maps-table", 0x5000);
}

/* --- changes ---------------------------------------------------------------------------------- */

static unsigned int when;

static void table_is_freed(unsigned int n)
{
	if (n != when)
		return;
	/* First unlinked, then filled by its next owner. */
	ram[2][0] = 0;
	memset(ram[3], 0x5a, sizeof(ram[3]));
}

/* The guest frees a table at any moment of the check: its next contents are not blamed on it. */
static void freed_meanwhile(void **state)
{
	for (when = 0; when < 24; when++) {
		for (unsigned int spaces = 1; spaces < 3; spaces++) {
			begin(&xelp);
			use(path(0));
			if (spaces > 1)
				use(path(8));
			ram[3][1] = 0x100000 | RW;
			seen.on_read = table_is_freed;
			look(2);
			assert_int_equal(seen.n, 0);
		}
	}
}

/* Tables that no job uses may be anybody's: not read, and nothing is concluded from them. */
static void unused_space(void **state)
{
	const u64 a = path(0), b = path(8);

	use(a);
	use(b);
	look(1000);
	leave(a);
	ram[11][7] = table(1) | RW;
	expect_nothing();
	/* A table of the other one, in its place or in another. */
	ram[9][3] = table(2) | RW;
	expect_nothing();
	ram[9][3] = 0;
	/* Whatever is there now. */
	memset(ram[0], 0x5a, sizeof(ram[0]));
	expect_nothing();
	memset(ram[0], 0, sizeof(ram[0]));
	ram[0][0] = table(1) | RW;
	/* A job uses it again: now it is a mistake. */
	use(a);
	expect("pt-maps-table", 0x7000);
}

static void job_ends(unsigned int n)
{
	if (n == when)
		leave(table(0) | RW);
}

static void next_job(unsigned int n)
{
	if (n == when)
		job++;
}

/* The job of the other address space ends at any moment of the check, or the next one begins. */
static void job_ends_meanwhile(void **state)
{
	static void (*const events[])(unsigned int n) = { job_ends, next_job };
	unsigned int silent[2] = { 0 };

	for (unsigned int i = 0; i < 2; i++) {
		for (when = 0; when < 40; when++) {
			begin(&xelp);
			use(path(0));
			use(path(8));
			look(1000);
			ram[11][7] = table(1) | RW;
			seen.reads = 0;
			seen.on_read = events[i];
			look_at(table(8) | RW, 1000);
			silent[i] += !seen.n;
			/* Without a job there is no report, whatever was seen before. */
			if (i == 0 && when < 16)
				assert_int_equal(seen.n, 0);
		}
	}
	/* Another job in between makes the same difference, but one before or after makes none. */
	assert_true(silent[0] >= 16);
	assert_in_range(silent[1], 8, 20);
}

/* Below one entry of the root: a table of level 2, one of level 1 for each 512 of level 0. */
static void many(unsigned int first, unsigned int n)
{
	ram[0][0] = table(first) | RW;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int above = first + 1 + i / 512 * 513;

		ram[first][i / 512] = table(above) | RW;
		ram[above][i % 512] = table(above + 1 + i % 512) | RW;
	}
}

/* More tables than the index begins with, in pieces. Tables that are gone make room. */
static void many_tables(void **state)
{
	u64 root = table(0) | RW;
	unsigned int steps = 1;

	use(root);
	many(1, 1000);
	pt_check_want(check, root);
	while (pt_check_step(check, root, now, 5, NULL))
		steps++;
	assert_int_equal(seen.n, 0);
	assert_int_equal(pt_check_count(check).known, 1004);
	assert_int_equal(pt_check_count(check).rounds, 1);
	/* No piece is longer than asked for; the way back to where it was is not counted. */
	assert_in_range(steps, 1004 / (5 + 3), 1004 / 5 + 1);
	ram[0][0] = 0;
	look(1000);
	look(1000);
	many(1100, 1000);
	look(1000);
	assert_in_range(pt_check_count(check).known, 1004, 1500);
	assert_int_equal(seen.n, 0);
}

/* More address spaces than are remembered, in turns. */
static void many_spaces(void **state)
{
	for (unsigned int i = 0; i < 100; i++) {
		ram[i][0] = table(200 + i) | RW;
		assert_true(pt_check_want(check, table(i) | RW));
		assert_false(pt_check_step(check, table(i) | RW, now, 100, NULL));
		assert_false(pt_check_want(check, table(i) | RW));
	}
	assert_int_equal(pt_check_count(check).rounds, 100);
	assert_false(pt_check_want(check, table(99) | RW));
	assert_true(pt_check_want(check, table(0) | RW));
	ram[0][1] = 0xdead000;
	pt_check_step(check, table(0) | RW, now, 100, NULL);
	assert_int_equal(seen.n, 1);
	/* Nothing is wanted of one that was forgotten. */
	assert_false(pt_check_step(check, table(1) | RW, now, 100, NULL));
}

/* --- the index -------------------------------------------------------------------------------- */

static bool keep_recent(void *ctx, const struct pt_known *known)
{
	return known->round >= *(u32 *)ctx;
}

static void put(struct pt_index *index, u64 n, u32 round)
{
	const struct pt_known known = { .table = n << 12, .root = 1, .round = round };

	pt_index_put(index, &known);
}

static void index_of_tables(void **state)
{
	u32 oldest = 0;
	struct pt_index *index = pt_index_create(keep_recent, &oldest);

	for (u64 i = 1; i <= 3000; i++)
		put(index, i, 1);
	put(index, 7, 2);
	assert_int_equal(pt_index_count(index), 3000);
	assert_int_equal(pt_index_find(index, 7 << 12)->round, 2);
	assert_null(pt_index_find(index, 3001 << 12));
	pt_index_drop(index, 8 << 12);
	pt_index_drop(index, 8 << 12);
	pt_index_drop(index, 4000 << 12);
	assert_null(pt_index_find(index, 8 << 12));
	assert_int_equal(pt_index_count(index), 2999);
	/* In short pieces of memory and in long ones. */
	for (u64 len = 1ull << 24; len <= 1ull << 40; len <<= 16) {
		assert_int_equal(pt_index_find_in(index, 8 << 12, len)->table, 9 << 12);
		assert_int_equal(pt_index_find_in(index, 3000 << 12, len)->table, 3000 << 12);
		assert_null(pt_index_find_in(index, 3001 << 12, len));
	}
	assert_null(pt_index_find_in(index, 8 << 12, SZ_4K));
	/* What is old makes room. */
	oldest = 2;
	for (u64 i = 10000; i < 20000; i++)
		put(index, i, 2);
	assert_int_equal(pt_index_count(index), 10001);
	assert_null(pt_index_find(index, 9 << 12));
	assert_non_null(pt_index_find(index, 7 << 12));
	/* It does not grow for ever, and recovers. */
	for (u64 i = 20000; i < 300000; i++)
		put(index, i, 2);
	assert_int_equal(pt_index_count(index), 65536);
	oldest = 3;
	for (u64 i = 300000; i < 400000; i++)
		put(index, i, 3);
	assert_in_range(pt_index_count(index), 50000, 65536);
	assert_non_null(pt_index_find(index, 340000ull << 12));
	pt_index_destroy(index);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(rules_of_entries), T(tables_in_memory), T(groups), T(compact_tables),
		T(root_of_five_levels), T(two_parents), T(two_spaces), T(compact_and_plain),
		T(new_parents), T(scratch_tables), T(table_is_mapped), T(migration_space),
		T(half_a_group), T(freed_meanwhile), T(unused_space), T(job_ends_meanwhile),
		T(device_memory), T(many_tables), T(many_spaces), cmocka_unit_test(index_of_tables),
	};

	return cmocka_run_group_tests_name("pt_check", tests, NULL, NULL);
}
