// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Entry formats: known values, round trips, rules of the format.
 */
#include <kunit/test.h>

#include <linux/array_size.h>
#include <linux/build_bug.h>
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
	{ "Xe2 atomic 2 MiB page", XE_PT_FORMAT_XE2_DGFX, 1, 0x40200000, RW(2, .atomic = true),
	  true, 0x40200c93 },
	{ "Xe2 2 MiB page, PAT bit 2", XE_PT_FORMAT_XE2_DGFX, 1, 0x40200000,
	  RW(12, .atomic = true), true, 0x4000000040201c83 },
	{ "Xe2 page, PAT bit 2", XE_PT_FORMAT_XE2_DGFX, 0, 0x40200000, RW(12, .atomic = true),
	  true, 0x4000000040200c83 },
	{ "Xe2 page, highest PAT", XE_PT_FORMAT_XE2_DGFX, 0, 0, RW(27), false,
	  0x600000000000001b },
	{ "Xe2 page, PAT bits 2 and 4", XE_PT_FORMAT_XE2_DGFX, 0, 0, RW(20), false,
	  0x2000000000000083 },
	{ "Xe2 2 MiB page, PAT bits 2 and 4", XE_PT_FORMAT_XE2_DGFX, 1, 0, RW(20), false,
	  0x2000000000001083 },
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

struct format_case {
	const char *name;
	enum xe_pt_format_id format;
	u64 table;
	/* by level */
	u64 scratch[XE_PT_MAX_LEAF_LEVEL + 1];
};

static const struct format_case format_cases[] = {
	{ "Xe_LP", XE_PT_FORMAT_XELP, 0x5003, { 0x203, 0x283, 0x283 } },
	{ "Xe2", XE_PT_FORMAT_XE2_DGFX, 0x5013, { 0xa13, 0xa93, 0xa93 } },
};

static_assert(ARRAY_SIZE(format_cases) == XE_PT_FORMAT_COUNT);

static void format_case_desc(const struct format_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(format, format_cases, format_case_desc);

static void test_tables_and_scratch(struct kunit *test)
{
	const struct format_case *c = test->param_value;
	const struct xe_pt_format *fmt = xe_pt_format_get(c->format);
	unsigned int level;

	KUNIT_EXPECT_EQ(test, xe_pte_table(fmt, 0x5000).raw, c->table);
	for (level = 0; level <= XE_PT_MAX_LEAF_LEVEL; level++) {
		KUNIT_EXPECT_EQ_MSG(test, xe_pte_scratch(fmt, level).raw, c->scratch[level],
				    "level %u", level);
		KUNIT_EXPECT_NULL(test, xe_pte_check(fmt, level, xe_pte_scratch(fmt, level)));
	}
}

static void test_ggtt(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xe_ggtt_pte_encode(0x123456000, 0, false), 0x123456001);
	KUNIT_EXPECT_EQ(test, xe_ggtt_pte_encode(0x1234000, 2, true), 0x0020000001234003);
	KUNIT_EXPECT_EQ(test, xe_ggtt_pte_encode(0x1234000, 3, false), 0x0030000001234001);
}

struct bad_case {
	const char *name;
	enum xe_pt_format_id format;
	unsigned int level;
	u64 raw;
};

static const struct bad_case bad_cases[] = {
	{ "not present", XE_PT_FORMAT_XELP, 0, 0x2 },
	{ "PAT bit 2", XE_PT_FORMAT_XELP, 0, 0x1083 },
	{ "device memory", XE_PT_FORMAT_XELP, 0, 0x1803 },
	{ "atomic", XE_PT_FORMAT_XELP, 0, 0x1403 },
	{ "address too high", XE_PT_FORMAT_XELP, 0, 0x8000001003 },
	{ "null with an address", XE_PT_FORMAT_XELP, 0, 0x1203 },
	{ "misaligned 2 MiB page", XE_PT_FORMAT_XELP, 1, 0x100083 },
	{ "page at level 3", XE_PT_FORMAT_XELP, 3, 0x40000083 },
	{ "read-only table", XE_PT_FORMAT_XELP, 1, 0x5001 },
	/* What this driver does not make, though the GPU would take it. */
	{ "first page of 64 KiB", XE_PT_FORMAT_XELP, 0, 0x120000103 },
	{ "last page of 64 KiB", XE_PT_FORMAT_XELP, 0, 0x12000f103 },
	{ "compact table", XE_PT_FORMAT_XE2_DGFX, 1, 0x5053 },
};

static void bad_case_desc(const struct bad_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad, bad_cases, bad_case_desc);

static void test_bad(struct kunit *test)
{
	const struct bad_case *c = test->param_value;

	KUNIT_EXPECT_NOT_NULL(test, xe_pte_check(xe_pt_format_get(c->format), c->level,
						 (struct xe_pte){ c->raw }));
}

static struct kunit_case pte_cases[] = {
	KUNIT_CASE_PARAM(test_leaf, leaf_gen_params),
	KUNIT_CASE(test_split),
	KUNIT_CASE_PARAM(test_tables_and_scratch, format_gen_params),
	KUNIT_CASE(test_ggtt),
	KUNIT_CASE_PARAM(test_bad, bad_gen_params),
	{}
};

static struct kunit_suite pte_suite = {
	.name = "xe_pte",
	.test_cases = pte_cases,
};

kunit_test_suite(pte_suite);
