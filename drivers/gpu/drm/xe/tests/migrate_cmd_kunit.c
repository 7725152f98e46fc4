// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Batches of the copy engine, word by word.
 */
#include <kunit/test.h>

#include <linux/string.h>

#include "migrate/xe_migrate_cmd.h"

#define STORE_HEADER	0x10200000
#define MAX_QW		510
#define FILLER		0xa5a5a5a5

static void begin_and_end(struct kunit *test)
{
	u32 dw[3] = { FILLER, FILLER, FILLER };

	KUNIT_EXPECT_EQ(test, xe_migrate_emit_begin(dw), XE_MIGRATE_BEGIN_DWORDS);
	KUNIT_EXPECT_EQ(test, dw[0], 0x04000000);
	KUNIT_EXPECT_EQ(test, dw[1], 0);
	KUNIT_EXPECT_EQ(test, dw[2], FILLER);

	KUNIT_EXPECT_EQ(test, xe_migrate_emit_end(dw), XE_MIGRATE_END_DWORDS);
	KUNIT_EXPECT_EQ(test, dw[0], 0x05000000);
	KUNIT_EXPECT_EQ(test, dw[1], 0);
	KUNIT_EXPECT_EQ(test, dw[2], FILLER);
}

static void one_entry(struct kunit *test)
{
	const u64 value = 0x1122334455667783;
	u32 dw[7] = { [6] = FILLER };

	KUNIT_EXPECT_EQ(test, xe_migrate_emit_store(dw, 0x1234567890, &value, 1), 6);
	KUNIT_EXPECT_EQ(test, dw[0], 0);
	KUNIT_EXPECT_EQ(test, dw[1], STORE_HEADER | 3);
	KUNIT_EXPECT_EQ(test, dw[2], 0x34567890);
	KUNIT_EXPECT_EQ(test, dw[3], 0x12);
	KUNIT_EXPECT_EQ(test, dw[4], 0x55667783);
	KUNIT_EXPECT_EQ(test, dw[5], 0x11223344);
	KUNIT_EXPECT_EQ(test, dw[6], FILLER);
}

struct store_case {
	u32 n;
	u32 n_commands;
};

static const struct store_case store_cases[] = {
	{ 0, 0 }, { 1, 1 }, { 2, 1 }, { MAX_QW - 1, 1 }, { MAX_QW, 1 }, { MAX_QW + 1, 2 },
	{ 512, 2 }, { 2 * MAX_QW, 2 }, { 2 * MAX_QW + 1, 3 },
};

static void store_case_name(const struct store_case *c, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u entries", c->n);
}

KUNIT_ARRAY_PARAM(store, store_cases, store_case_name);

/* Carry the commands out, and see that exactly the entries are stored. */
static void carry_out(struct kunit *test, const u32 *dw, u32 n_dw, u64 addr, u64 *mem)
{
	u32 i = 0, j, n;
	u64 at;

	while (i < n_dw) {
		KUNIT_ASSERT_EQ(test, dw[i], 0);
		KUNIT_ASSERT_EQ(test, dw[i + 1] & ~0x3ff, STORE_HEADER);
		n = ((dw[i + 1] & 0x3ff) - 1) / 2;
		KUNIT_ASSERT_LE(test, n, MAX_QW);
		at = ((u64)dw[i + 3] << 32 | dw[i + 2]) - addr;
		for (j = 0; j < n; j++)
			mem[at / 8 + j] = (u64)dw[i + 5 + 2 * j] << 32 | dw[i + 4 + 2 * j];
		i += 4 + 2 * n;
	}
	KUNIT_EXPECT_EQ(test, i, n_dw);
}

static void runs_of_entries(struct kunit *test)
{
	const struct store_case *c = test->param_value;
	const u64 addr = 0xfffffffff000;
	u32 n_dw = 4 * c->n_commands + 2 * c->n;
	u64 *values, *mem;
	u32 *dw, i;

	KUNIT_ASSERT_EQ(test, xe_migrate_store_dwords(c->n), n_dw);
	values = kunit_kcalloc(test, c->n + 1, sizeof(*values), GFP_KERNEL);
	mem = kunit_kcalloc(test, c->n + 1, sizeof(*mem), GFP_KERNEL);
	dw = kunit_kcalloc(test, n_dw + 1, sizeof(*dw), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, values);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_NOT_NULL(test, dw);

	for (i = 0; i <= c->n; i++)
		values[i] = (i + 1) * 0x100000001ULL;
	dw[n_dw] = FILLER;

	KUNIT_EXPECT_EQ(test, xe_migrate_emit_store(dw, addr, values, c->n), n_dw);
	KUNIT_EXPECT_EQ(test, dw[n_dw], FILLER);
	carry_out(test, dw, n_dw, addr, mem);
	KUNIT_EXPECT_MEMEQ(test, mem, values, c->n * sizeof(*values));
	KUNIT_EXPECT_EQ(test, mem[c->n], 0);
}

static struct kunit_case migrate_cmd_cases[] = {
	KUNIT_CASE(begin_and_end),
	KUNIT_CASE(one_entry),
	KUNIT_CASE_PARAM(runs_of_entries, store_gen_params),
	{}
};

static struct kunit_suite migrate_cmd_suite = {
	.name = "xe_migrate_cmd",
	.test_cases = migrate_cmd_cases,
};

kunit_test_suite(migrate_cmd_suite);
