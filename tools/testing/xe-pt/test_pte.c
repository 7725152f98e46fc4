// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Entry formats: known values, round trips, splitting, rules of the format.
 *
 * Proven to notice (see mutants.py): PAT bit 2 put at its level-0 place in large pages or lost by a
 * split; the writable bit forgotten.
 */
#include "harness.h"

#define LP XE_PT_FORMAT_XELP
#define X2 XE_PT_FORMAT_XE2_DGFX

/* clang-format off */
static const struct {
	enum xe_pt_format_id format;
	unsigned int level;
	u64 addr;
	struct xe_pte_attrs attrs;
	bool devmem;
	u64 raw;
} leaf_values[] = {
	{ LP, 0, 0x123456000, { 0, true }, false, 0x0000000123456003 },
	{ LP, 0, 0x123456000, { 0, false }, false, 0x0000000123456001 },
	{ LP, 0, 0x123456000, { 3, true }, false, 0x000000012345601b },
	{ LP, 1, 0x140000000, { 0, true }, false, 0x0000000140000083 },
	{ LP, 2, 0x140000000, { 2, true }, false, 0x0000000140000093 },
	{ LP, 0, 0, { 0, true, true }, false, 0x203 },
	{ LP, 1, 0, { 0, true, true }, false, 0x283 },
	{ LP, 2, 0, { 0, false, true }, false, 0x281 },
	{ X2, 0, 0x40200000, { 2, true, false, true }, true, 0x0000000040200c13 },
	{ X2, 0, 0x40200000, { 2, true }, true, 0x0000000040200813 },
	{ X2, 1, 0x40200000, { 2, true, false, true }, true, 0x0000000040200c93 },
	{ X2, 0, 0x40200000, { 12, true, false, true }, true, 0x4000000040200c83 },
	{ X2, 1, 0x40200000, { 12, true, false, true }, true, 0x4000000040201c83 },
	{ X2, 0, 0, { 27, true }, false, 0x600000000000001b },
	{ X2, 0, 0, { 20, true }, false, 0x2000000000000083 },
	{ X2, 1, 0, { 20, true }, false, 0x2000000000001083 },
};

/* clang-format on */

static void test_leaf_values(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(leaf_values); i++) {
		const struct xe_pt_format *fmt = xe_pt_format_get(leaf_values[i].format);
		struct xe_pte pte = xe_pte_leaf(fmt, leaf_values[i].level, leaf_values[i].addr,
						&leaf_values[i].attrs);

		if (leaf_values[i].devmem)
			pte.raw |= fmt->devmem;
		assert_int_equal(pte.raw, leaf_values[i].raw);
		assert_null(xe_pte_check(fmt, leaf_values[i].level, pte));
	}
}

static void test_other_values(void **state)
{
	const struct xe_pt_format *lp = xe_pt_format_get(LP), *x2 = xe_pt_format_get(X2);

	assert_int_equal(xe_pte_table(lp, 0x5000).raw, 0x5003);
	assert_int_equal(xe_pte_table(x2, 0x5000).raw, 0x5013);
	assert_int_equal(xe_pte_scratch(lp, 0).raw, 0x203);
	assert_int_equal(xe_pte_scratch(lp, 1).raw, 0x283);
	assert_int_equal(xe_pte_scratch(lp, 2).raw, 0x283);
	assert_int_equal(xe_pte_scratch(x2, 0).raw, 0xa13);
	assert_int_equal(xe_pte_scratch(x2, 1).raw, 0xa93);
	assert_int_equal(xe_pte_scratch(x2, 2).raw, 0xa93);
	assert_int_equal(xe_ggtt_pte_encode(0x123456000, 0, false), 0x0000000123456001);
	assert_int_equal(xe_ggtt_pte_encode(0x1234000, 2, true), 0x0020000001234003);
	assert_int_equal(xe_ggtt_pte_encode(0x1234000, 3, false), 0x0030000001234001);
	assert_null(xe_pt_format_get(XE_PT_FORMAT_COUNT));
}

/* Every combination of attributes survives encoding, at every level, also after splitting. */
static void test_round_trip(void **state)
{
	const unsigned int n_levels = XE_PT_MAX_LEAF_LEVEL + 1, n_pats = 32;
	unsigned int i;

	for (i = 0; i < XE_PT_FORMAT_COUNT * n_levels * n_pats * 8; i++) {
		const struct xe_pt_format *fmt = xe_pt_format_get(i / 8 / n_pats / n_levels);
		unsigned int bits = i % 8, pat = i / 8 % n_pats;
		unsigned int level = i / 8 / n_pats % n_levels;
		struct xe_pte_attrs attrs = { pat, bits & 1, bits & 2, fmt->atomic && bits & 4 };
		u64 addr = attrs.null ? 0 : 0x7fc0000000 & fmt->addr_mask;
		struct xe_pte pte = xe_pte_leaf(fmt, level, addr, &attrs);
		struct xe_pte_info info;
		u64 step;

		if (pat >= fmt->n_pat)
			continue;
		assert_null(xe_pte_check(fmt, level, pte));
		assert_true(xe_pte_is_leaf(pte, level));
		xe_pte_decode(fmt, level, pte, &info);
		assert_int_equal(info.addr, addr);
		assert_memory_equal(&info.attrs, &attrs, sizeof(attrs));

		if (!level)
			continue;
		pte = xe_pte_split(fmt, level, pte, &step);
		assert_int_equal(pte.raw, xe_pte_leaf(fmt, level - 1, addr, &attrs).raw);
		assert_int_equal(step, attrs.null ? 0 : xe_pt_level_size(level - 1));
	}
}

/* clang-format off */
static const struct {
	enum xe_pt_format_id format;
	unsigned int level;
	u64 raw;
} bad_values[] = {
	{ LP, 0, 0x2 },					/* not present */
	{ LP, 0, 0x1083 },				/* PAT bit 2 */
	{ LP, 1, 0x201083 },				/* PAT bit 2, large page */
	{ LP, 0, 0x1803 },				/* device memory */
	{ LP, 0, 0x1403 },				/* atomic */
	{ LP, 0, 0x1103 },				/* 64 KiB hint */
	{ LP, 0, 0x8000001003 },			/* bit 39 of the address */
	{ LP, 0, 0x1203 },				/* null with an address */
	{ LP, 1, 0x100083 },				/* misaligned 2 MiB page */
	{ LP, 2, 0x20000083 },				/* misaligned 1 GiB page */
	{ LP, 3, 0x40000083 },				/* page at level 3 */
	{ LP, 1, 0x5001 },				/* table, not writable */
	{ LP, 1, 0x5043 },				/* table, compact */
	{ LP, 1, 0x500b },				/* table, wrong PAT */
	{ X2, 0, 0x600000000000101f },			/* bit 2 */
	{ X2, 0, 0x6000000000001083 | 0x18 },		/* PAT 31 */
};

/* clang-format on */

static void test_bad_values(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_values); i++)
		if (!xe_pte_check(xe_pt_format_get(bad_values[i].format), bad_values[i].level,
				  (struct xe_pte){ bad_values[i].raw }))
			fail_msg("entry %#llx passes", (unsigned long long)bad_values[i].raw);
}

const struct CMUnitTest pte_tests[] = {
	cmocka_unit_test(test_leaf_values),
	cmocka_unit_test(test_other_values),
	cmocka_unit_test(test_round_trip),
	cmocka_unit_test(test_bad_values),
};

const size_t n_pte_tests = ARRAY_SIZE(pte_tests);
