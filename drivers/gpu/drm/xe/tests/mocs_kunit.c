// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The MOCS table as it reaches the registers, which are memory here. The values of the hardware
 * description are written down a second time, register by register rather than row by row.
 */
#include <kunit/test.h>

#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "hw/xe_mmio.h"
#include "hw/xe_mocs.h"
#include "regs/xe_gt_regs.h"

#define TGL		0x9a49
/* Both tables are in here. */
#define REGS_BYTES	SZ_64K
/* What nobody has written */
#define UNTOUCHED	0xa5a5a5a5

struct mocs_test {
	struct xe_device xe;
	struct xe_mmio mmio;
	u32 *regs;
};

static const u32 global_words[] = {
	0x37, 0x37, 0x37, 0x05, 0x05, 0x37, 0x17, 0x17, 0x27, 0x27, 0x77, 0x77, 0x57, 0x57, 0x67,
	0x67, 0x37, 0x37, 0x60037, 0x737, 0x337, 0x137, 0x3b7, 0x7b7, 0x37, 0x37, 0x37, 0x37, 0x37,
	0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37,
	0x37, 0x37, 0x37, 0x37, 0x37, 0x05, 0x37, 0x05, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37, 0x37,
	0x37, 0x37, 0x05, 0x37, 0x37,
};

static const u32 l3_words[] = {
	0x300030, 0x100030, 0x100030, 0x300010, 0x300010, 0x300010, 0x300010, 0x300010, 0x300030,
	0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030,
	0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x300030, 0x100010, 0x300030,
	0x300030, 0x300030, 0x300030, 0x300010, 0x100010,
};

static void free_regs(void *regs)
{
	kvfree(regs);
}

static int mocs_test_init(struct kunit *test)
{
	struct mocs_test *mocs = kunit_kzalloc(test, sizeof(*mocs), GFP_KERNEL);
	u32 *regs;

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "memory cannot stand for registers");
	regs = kvmalloc(REGS_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, regs);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_regs, regs), 0);
	KUNIT_ASSERT_NOT_NULL(test, mocs);
	memset32(regs, UNTOUCHED, REGS_BYTES / sizeof(*regs));
	mocs->regs = regs;
	mocs->mmio.xe = &mocs->xe;
	mocs->mmio.regs = (void __iomem __force *)regs;
	test->priv = mocs;

	return 0;
}

static u32 reg(struct kunit *test, u32 offset)
{
	const struct mocs_test *mocs = test->priv;

	return mocs->regs[offset / sizeof(u32)];
}

static void test_registers(struct kunit *test)
{
	struct mocs_test *mocs = test->priv;
	unsigned int i;

	xe_mocs_program(&mocs->mmio, xe_platform_find(TGL));
	for (i = 0; i < ARRAY_SIZE(global_words); i++)
		KUNIT_EXPECT_EQ_MSG(test, reg(test, GLOBAL_MOCS(i)), global_words[i],
				    "index %u", i);
	for (i = 0; i < ARRAY_SIZE(l3_words); i++)
		KUNIT_EXPECT_EQ_MSG(test, reg(test, LNCFCMOCS(i)), l3_words[i], "register %u", i);
}

/* Neighbours of the tables are registers of something else. */
static void test_nothing_else_is_written(struct kunit *test)
{
	struct mocs_test *mocs = test->priv;
	unsigned int i, n = 0;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(global_words), XELP_MOCS_ENTRIES);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(l3_words), LNCFCMOCS_REG_COUNT);
	xe_mocs_program(&mocs->mmio, xe_platform_find(TGL));
	for (i = 0; i < REGS_BYTES / sizeof(u32); i++)
		n += mocs->regs[i] != UNTOUCHED;
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(global_words) + ARRAY_SIZE(l3_words));
}

/* What user space and engines count on: one index does not cache at all, one caches everywhere. */
static void test_indices_with_a_meaning(struct kunit *test)
{
	const struct xe_platform *platform = xe_platform_find(TGL);
	const u32 uncached = 3, everywhere = 2, cacheability = 0x3, l3_shift = 4;
	struct mocs_test *mocs = test->priv;

	xe_mocs_program(&mocs->mmio, platform);
	KUNIT_EXPECT_EQ(test, reg(test, GLOBAL_MOCS(uncached)) & cacheability, 1);
	KUNIT_EXPECT_EQ(test, reg(test, LNCFCMOCS(1)) >> (16 + l3_shift) & 3, 1);
	KUNIT_EXPECT_EQ(test, reg(test, GLOBAL_MOCS(everywhere)) & cacheability, 3);
	KUNIT_EXPECT_EQ(test, reg(test, LNCFCMOCS(1)) >> l3_shift & 3, 3);
}

/* A dump shows registers, not the driver's idea of them. */
static void test_print(struct kunit *test)
{
	struct mocs_test *mocs = test->priv;
	char *text = kunit_kzalloc(test, SZ_8K, GFP_KERNEL);
	struct drm_print_iterator it = { .data = text, .remain = SZ_8K - 1 };
	struct drm_printer p = drm_coredump_printer(&it);

	KUNIT_ASSERT_NOT_NULL(test, text);
	xe_mocs_program(&mocs->mmio, xe_platform_find(TGL));
	mocs->regs[GLOBAL_MOCS(7) / sizeof(u32)] = 0xabcdef01;
	mocs->regs[LNCFCMOCS(31) / sizeof(u32)] = 0x56781234;
	xe_mocs_print(&mocs->mmio, xe_platform_find(TGL), &p);

	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "GLOB_MOCS[7] = 0xabcdef01\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "GLOB_MOCS[63] = 0x00000037\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "LNCFCMOCS[62] = 0x1234\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "LNCFCMOCS[63] = 0x5678\n"));
	KUNIT_EXPECT_NULL(test, strstr(text, "MOCS[64]"));
}

static struct kunit_case mocs_cases[] = {
	KUNIT_CASE(test_registers),
	KUNIT_CASE(test_nothing_else_is_written),
	KUNIT_CASE(test_indices_with_a_meaning),
	KUNIT_CASE(test_print),
	{}
};

static struct kunit_suite mocs_suite = {
	.name = "xe_mocs",
	.init = mocs_test_init,
	.test_cases = mocs_cases,
};

kunit_test_suite(mocs_suite);
