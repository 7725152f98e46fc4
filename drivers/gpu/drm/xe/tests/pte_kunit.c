// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Entry formats: known values, round trips, rules of the format.
 */
#include <kunit/test.h>

#include <linux/sizes.h>

#include "pt/xe_pte.h"

struct leaf_case {
	const char *name;
	enum xe_pt_format_id format;
	unsigned int level;
	u64 addr;
	struct xe_pte_attrs attrs;
	bool devmem;
	u64 raw;
};

#define RW(_pat, ...) { .pat_index = (_pat), .writable = true, ##__VA_ARGS__ }
#define RO(_pat, ...) { .pat_index = (_pat), ##__VA_ARGS__ }

static const struct leaf_case leaf_cases[] = {
	{ "Xe_LP page", XE_PT_FORMAT_XELP, 0, 0x123456000, RW(0), false, 0x123456003 },
	{ "Xe_LP read-only page", XE_PT_FORMAT_XELP, 0, 0x123456000, RO(0), false, 0x123456001 },
	{ "Xe_LP uncached page", XE_PT_FORMAT_XELP, 0, 0x123456000, RW(3), false, 0x12345601b },
	{ "Xe_LP 2 MiB page", XE_PT_FORMAT_XELP, 1, 0x140000000, RW(0), false, 0x140000083 },
	{ "Xe_LP 1 GiB page", XE_PT_FORMAT_XELP, 2, 0x140000000, RW(2), false, 0x140000093 },
	{ "Xe_LP null page", XE_PT_FORMAT_XELP, 0, 0, RW(0, .null = true), false, 0x203 },
	{ "Xe_LP null 1 GiB page", XE_PT_FORMAT_XELP, 2, 0, RO(0, .null = true), false, 0x281 },
	{ "Xe2 page", XE_PT_FORMAT_XE2_DGFX, 0, 0x40200000, RW(2), true, 0x40200813 },
	{ "Xe2 atomic page", XE_PT_FORMAT_XE2_DGFX, 0, 0x40200000, RW(2, .atomic = true), true,
	  0x40200c13 },
	{ "Xe2 2 MiB page, PAT bit 2", XE_PT_FORMAT_XE2_DGFX, 1, 0x40200000,
	  RW(12, .atomic = true), true, 0x4000000040201c83 },
	{ "Xe2 page, PAT bit 2", XE_PT_FORMAT_XE2_DGFX, 0, 0x40200000, RW(12, .atomic = true),
	  true, 0x4000000040200c83 },
	{ "Xe2 page, highest PAT", XE_PT_FORMAT_XE2_DGFX, 0, 0, RW(27), false,
	  0x600000000000001b },
};

static void leaf_case_desc(const struct leaf_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(leaf, leaf_cases, leaf_case_desc);

static void test_leaf(struct kunit *test)
{
	const struct leaf_case *c = test->param_value;
	const struct xe_pt_format *fmt = xe_pt_format_get(c->format);
	struct xe_pte pte = xe_pte_leaf(fmt, c->level, c->addr, &c->attrs);
	struct xe_pte_info info;

	if (c->devmem)
		pte.raw |= fmt->devmem;
	KUNIT_EXPECT_EQ(test, pte.raw, c->raw);
	KUNIT_EXPECT_NULL(test, xe_pte_check(fmt, c->level, pte));
	KUNIT_EXPECT_TRUE(test, xe_pte_is_leaf(pte, c->level));

	xe_pte_decode(fmt, c->level, pte, &info);
	KUNIT_EXPECT_EQ(test, info.addr, c->addr);
	KUNIT_EXPECT_EQ(test, info.attrs.pat_index, c->attrs.pat_index);
	KUNIT_EXPECT_EQ(test, info.attrs.writable, c->attrs.writable);
	KUNIT_EXPECT_EQ(test, info.attrs.null, c->attrs.null);
	KUNIT_EXPECT_EQ(test, info.attrs.atomic, c->attrs.atomic);
	KUNIT_EXPECT_EQ(test, info.devmem, c->devmem);
}

/* A split page says the same, at every level and for every PAT index of every format. */
static void test_split(struct kunit *test)
{
	unsigned int id, level, pat;

	for (id = 0; id < XE_PT_FORMAT_COUNT; id++) {
		const struct xe_pt_format *fmt = xe_pt_format_get(id);

		for (pat = 0; pat < fmt->n_pat; pat++) {
			const struct xe_pte_attrs attrs = RW(pat);

			for (level = 1; level <= XE_PT_MAX_LEAF_LEVEL; level++) {
				struct xe_pte large = xe_pte_leaf(fmt, level, SZ_1G, &attrs);
				struct xe_pte small = xe_pte_leaf(fmt, level - 1, SZ_1G, &attrs);
				u64 step;

				large = xe_pte_split(fmt, level, large, &step);
				KUNIT_EXPECT_EQ(test, step, xe_pt_level_size(level - 1));
				KUNIT_EXPECT_EQ(test, large.raw, small.raw);
			}
		}
	}
}

static void test_tables_and_scratch(struct kunit *test)
{
	const struct xe_pt_format *lp = xe_pt_format_get(XE_PT_FORMAT_XELP);
	const struct xe_pt_format *xe2 = xe_pt_format_get(XE_PT_FORMAT_XE2_DGFX);

	KUNIT_EXPECT_EQ(test, xe_pte_table(lp, 0x5000).raw, 0x5003);
	KUNIT_EXPECT_EQ(test, xe_pte_table(xe2, 0x5000).raw, 0x5013);
	KUNIT_EXPECT_EQ(test, xe_pte_scratch(lp, 0).raw, 0x203);
	KUNIT_EXPECT_EQ(test, xe_pte_scratch(lp, 2).raw, 0x283);
	KUNIT_EXPECT_EQ(test, xe_pte_scratch(xe2, 0).raw, 0xa13);
	KUNIT_EXPECT_EQ(test, xe_pte_scratch(xe2, 2).raw, 0xa93);
	KUNIT_EXPECT_EQ(test, xe_ggtt_pte_encode(0x123456000, 0, false), 0x123456001);
	KUNIT_EXPECT_EQ(test, xe_ggtt_pte_encode(0x1234000, 2, true), 0x0020000001234003);
}

struct bad_case {
	const char *name;
	unsigned int level;
	u64 raw;
};

static const struct bad_case bad_cases[] = {
	{ "not present", 0, 0x2 },
	{ "PAT bit 2", 0, 0x1083 },
	{ "device memory", 0, 0x1803 },
	{ "atomic", 0, 0x1403 },
	{ "address too high", 0, 0x8000001003 },
	{ "null with an address", 0, 0x1203 },
	{ "misaligned 2 MiB page", 1, 0x100083 },
	{ "page at level 3", 3, 0x40000083 },
	{ "read-only table", 1, 0x5001 },
};

static void bad_case_desc(const struct bad_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad, bad_cases, bad_case_desc);

static void test_bad(struct kunit *test)
{
	const struct bad_case *c = test->param_value;

	KUNIT_EXPECT_NOT_NULL(test, xe_pte_check(xe_pt_format_get(XE_PT_FORMAT_XELP), c->level,
						 (struct xe_pte){ c->raw }));
}

static struct kunit_case pte_cases[] = {
	KUNIT_CASE_PARAM(test_leaf, leaf_gen_params),
	KUNIT_CASE(test_split),
	KUNIT_CASE(test_tables_and_scratch),
	KUNIT_CASE_PARAM(test_bad, bad_gen_params),
	{}
};

static struct kunit_suite pte_suite = {
	.name = "xe_pte",
	.test_cases = pte_cases,
};

kunit_test_suite(pte_suite);
