// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tables of platforms: each row against the rules that hold for all of them, and against the
 * hardware description, whose values are written down here a second time.
 */
#include <kunit/test.h>

#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "hw/xe_pat.h"
#include "hw/xe_reg_rules.h"
#include "pt/xe_pte.h"

#define TGL	0x9a49

static void test_known_devices(struct kunit *test)
{
	unsigned int devid, n = 0;

	for (devid = 0; devid <= U16_MAX; devid++)
		n += !!xe_platform_find(devid);
	KUNIT_EXPECT_EQ(test, n, 1);
	KUNIT_EXPECT_NOT_NULL(test, xe_platform_find(TGL));
	KUNIT_EXPECT_NULL(test, xe_platform_find(0xe20b));
}

static const void *platform_gen_params(const void *prev, char *desc)
{
	const struct xe_platform *platform;
	unsigned int devid = prev ? U16_MAX + 1 : 0;

	for (; devid <= U16_MAX; devid++) {
		platform = xe_platform_find(devid);
		if (!platform)
			continue;
		strscpy(desc, platform->name, KUNIT_PARAM_DESC_SIZE);
		return platform;
	}

	return NULL;
}

static void test_rules(struct kunit *test)
{
	const struct xe_platform *p = test->param_value;
	const u64 engines = BIT_ULL(XE_NUM_ENGINES) - 1;

	KUNIT_EXPECT_TRUE(test, strstarts(p->guc_fw, "i915/") || strstarts(p->guc_fw, "xe/"));
	KUNIT_EXPECT_PTR_EQ(test, strstr(p->guc_fw, ".bin"),
			    (const char *)p->guc_fw + strlen(p->guc_fw) - strlen(".bin"));
	KUNIT_EXPECT_EQ(test, p->engine_mask & ~engines, 0);
	/* Resets of one engine and golden contexts count on these two. */
	KUNIT_EXPECT_TRUE(test, p->engine_mask & BIT_ULL(XE_ENGINE_BCS0));
	KUNIT_EXPECT_TRUE(test, p->engine_mask & (XE_ENGINES_RCS | XE_ENGINES_CCS));
	KUNIT_EXPECT_TRUE(test, is_power_of_2(p->wopcm_size));
	KUNIT_EXPECT_GE(test, p->n_gts, 1);
	KUNIT_EXPECT_LE(test, p->n_gts, XE_MAX_GTS);
	KUNIT_EXPECT_GT(test, p->dma_bits, 32);
	KUNIT_EXPECT_LT(test, p->dma_bits, 64);
	/* Tables of all levels have 512 entries. */
	KUNIT_EXPECT_EQ(test, p->va_bits, 12 + 9 * (p->vm_max_level + 1));
	KUNIT_EXPECT_GE(test, p->va_bits, 48);
	KUNIT_EXPECT_LE(test, p->timestamp_bits, 64);
}

/* Documentation/hardware/mmio.md, 1 */
static void test_tigerlake(struct kunit *test)
{
	const struct xe_pt_format *fmt = xe_pt_format_get(XE_PT_FORMAT_XELP);
	const struct xe_platform *p = xe_platform_find(TGL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p->id, XE_TIGERLAKE);
	KUNIT_EXPECT_STREQ(test, p->guc_fw, "i915/tgl_guc_70.bin");
	KUNIT_EXPECT_EQ(test, p->graphics_verx100, 1200);
	KUNIT_EXPECT_EQ(test, p->media_verx100, 1200);
	KUNIT_EXPECT_EQ(test, p->engine_mask, XE_ENGINES_RCS | BIT_ULL(XE_ENGINE_BCS0) |
					      XE_ENGINES_VCS | XE_ENGINES_VECS);
	KUNIT_EXPECT_EQ(test, p->n_gts, 1);
	KUNIT_EXPECT_EQ(test, p->dma_bits, 39);
	KUNIT_EXPECT_EQ(test, p->va_bits, 48);
	KUNIT_EXPECT_EQ(test, p->timestamp_bits, 36);
	KUNIT_EXPECT_EQ(test, p->wopcm_size, SZ_2M);
	KUNIT_EXPECT_FALSE(test, p->is_dgfx);
	KUNIT_EXPECT_FALSE(test, p->has_asid);
	KUNIT_EXPECT_FALSE(test, p->has_range_tlb_inval);
	KUNIT_EXPECT_TRUE(test, p->has_aux_ccs);
	KUNIT_EXPECT_TRUE(test, p->require_force_probe);
	/* Its page tables */
	KUNIT_EXPECT_EQ(test, fmt->root_level, p->vm_max_level);
	KUNIT_EXPECT_EQ(test, fmt->va_bits, p->va_bits);
	KUNIT_EXPECT_EQ(test, fmt->n_pat, p->n_pat);
	KUNIT_EXPECT_EQ(test, fmt->addr_mask & ~(BIT_ULL(p->dma_bits) - 1), 0);
}

/* Documentation/hardware/uapi.md, 7.3 */
static void test_tigerlake_pat(struct kunit *test)
{
	static const enum xe_coherency want[] = {
		XE_COH_1WAY, XE_COH_NONE, XE_COH_NONE, XE_COH_NONE,
	};
	struct xe_device *xe = kunit_kzalloc(test, sizeof(*xe), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, xe);
	xe->platform = xe_platform_find(TGL);
	KUNIT_ASSERT_EQ(test, xe_pat_n_entries(xe), ARRAY_SIZE(want));
	KUNIT_EXPECT_EQ(test, xe_pat_n_entries(xe), xe->platform->n_pat);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		KUNIT_EXPECT_TRUE(test, xe_pat_is_valid(xe, i));
		KUNIT_EXPECT_EQ_MSG(test, xe_pat_coherency(xe, i), want[i], "row %u", i);
	}
	KUNIT_EXPECT_FALSE(test, xe_pat_is_valid(xe, ARRAY_SIZE(want)));
	KUNIT_EXPECT_FALSE(test, xe_pat_is_valid(xe, U32_MAX));
}

static void test_engine_ids(struct kunit *test)
{
	static const struct {
		const char *name;
		enum xe_engine_class class;
		unsigned int n;
	} runs[] = {
		{ "rcs", XE_ENGINE_CLASS_RENDER, 1 },
		{ "bcs", XE_ENGINE_CLASS_COPY, 9 },
		{ "vcs", XE_ENGINE_CLASS_VIDEO_DECODE, 8 },
		{ "vecs", XE_ENGINE_CLASS_VIDEO_ENHANCE, 4 },
		{ "ccs", XE_ENGINE_CLASS_COMPUTE, 4 },
	};
	unsigned int run, i, id = 0;

	for (run = 0; run < ARRAY_SIZE(runs); run++) {
		KUNIT_EXPECT_STREQ(test, xe_engine_class_name(runs[run].class), runs[run].name);
		for (i = 0; i < runs[run].n; i++, id++) {
			KUNIT_EXPECT_EQ_MSG(test, xe_engine_id_class(id), runs[run].class,
					    "engine %u", id);
			KUNIT_EXPECT_EQ_MSG(test, xe_engine_id_instance(id), i, "engine %u", id);
		}
	}
	KUNIT_EXPECT_EQ(test, id, XE_NUM_ENGINES);
	KUNIT_EXPECT_STREQ(test, xe_engine_class_name(XE_ENGINE_CLASS_OTHER), "other");
}

#define MASKED	XE_REG_MASKED
#define MCR	XE_REG_MCR
#define ALL	0xffffffffu

/* Documentation/hardware/mmio.md, 5.17; whitelists as they are without OA */
static const struct rules_case {
	const char *name;
	struct xe_reg_engine engine;
	unsigned int n;
	struct xe_reg_value want[16];
} rules_cases[] = {
	{
		"render", { XE_ENGINE_CLASS_RENDER, 0, 0x2000 }, 11, {
			{ 0x2050, 0, BIT(7) | BIT(12), MASKED },
			{ 0x20a0, 0, BIT(19) },
			{ 0x20c4, 0x3f7e, 0x0306, MASKED },
			{ 0x20e0, 0, BIT(14), MASKED },
			{ 0x20ec, 0, BIT(1), MASKED },
			{ 0x24d0, ALL, 0x10002349 },
			{ 0x24d4, ALL, 0x00007010 },
			{ 0x24d8, ALL, 0x00007018 },
			{ 0xe18c, 0, BIT(15) | BIT(0), MASKED | MCR },
			{ 0xe48c, 0, BIT(9), MASKED | MCR },
			{ 0xe4f4, 0, BIT(8) | BIT(14), MASKED | MCR },
		},
	}, {
		"copy", { XE_ENGINE_CLASS_COPY, 0, 0x22000 }, 2, {
			{ 0x220c4, 0x3f7e, 0x0306, MASKED },
			{ 0x224d0, ALL, 0x100223a8 },
		},
	}, {
		"even video decode", { XE_ENGINE_CLASS_VIDEO_DECODE, 2, 0x1d0000 }, 3, {
			{ 0x1d00c4, 0x3f7e, 0x0306, MASKED },
			{ 0x1d04d0, ALL, 0x101d03a8 },
			{ 0x1d3f10, 0, BIT(22) },
		},
	}, {
		"odd video decode", { XE_ENGINE_CLASS_VIDEO_DECODE, 1, 0x1c4000 }, 2, {
			{ 0x1c40c4, 0x3f7e, 0x0306, MASKED },
			{ 0x1c44d0, ALL, 0x101c43a8 },
		},
	},
};

static void rules_case_desc(const struct rules_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rules, rules_cases, rules_case_desc);

static void expect_list(struct kunit *test, const struct xe_reg_list *list,
			const struct xe_reg_value *want, unsigned int n)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, list->n, n);
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_EQ_MSG(test, list->e[i].reg, want[i].reg, "entry %u", i);
		KUNIT_EXPECT_EQ_MSG(test, list->e[i].clr, want[i].clr, "entry %u", i);
		KUNIT_EXPECT_EQ_MSG(test, list->e[i].set, want[i].set, "entry %u", i);
		KUNIT_EXPECT_EQ_MSG(test, list->e[i].flags, want[i].flags, "entry %u", i);
	}
}

static void test_engine_rules(struct kunit *test)
{
	const struct rules_case *c = test->param_value;
	struct xe_reg_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	xe_reg_rules_engine(xe_platform_find(TGL), &c->engine, list);
	expect_list(test, list, c->want, c->n);
}

static void test_gt_rules(struct kunit *test)
{
	static const struct xe_reg_value want[] = {
		{ 0x9424, BIT(1), 0 },
		{ 0x9550, 0, BIT(9), MCR },
	};
	struct xe_reg_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	xe_reg_rules_gt(xe_platform_find(TGL), NULL, list);
	expect_list(test, list, want, ARRAY_SIZE(want));
}

/* Rules are for versions: none of these is for another one. */
static void test_other_version(struct kunit *test)
{
	const struct xe_reg_engine render = { XE_ENGINE_CLASS_RENDER, 0, 0x2000 };
	struct xe_reg_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);
	struct xe_platform other = *xe_platform_find(TGL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	other.graphics_verx100 = 2001;
	xe_reg_rules_gt(&other, NULL, list);
	KUNIT_EXPECT_EQ(test, list->n, 0);
	xe_reg_rules_engine(&other, &render, list);
	KUNIT_EXPECT_EQ(test, list->n, 0);
	xe_reg_rules_lrc(&other, &render, list);
	KUNIT_EXPECT_EQ(test, list->n, 0);
}

/* What the firmware restores after an engine reset is all that was programmed, and more. */
static void test_save_list(struct kunit *test)
{
	const struct rules_case *c = test->param_value;
	const struct xe_platform *p = xe_platform_find(TGL);
	unsigned int n = xe_reg_rules_save_list(p, &c->engine, NULL, 0);
	struct xe_reg_save *save = kunit_kcalloc(test, n, sizeof(*save), GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, save);
	KUNIT_ASSERT_GT(test, n, c->n);
	KUNIT_EXPECT_EQ(test, xe_reg_rules_save_list(p, &c->engine, save, n), n);
	for (i = 0; i < c->n; i++) {
		for (j = 0; j < n && save[j].reg != c->want[i].reg; j++)
			;
		KUNIT_ASSERT_LT_MSG(test, j, n, "register %#x", c->want[i].reg);
		KUNIT_EXPECT_EQ(test, save[j].masked, !!(c->want[i].flags & MASKED));
	}
}

static struct kunit_case platform_cases[] = {
	KUNIT_CASE(test_known_devices),
	KUNIT_CASE_PARAM(test_rules, platform_gen_params),
	KUNIT_CASE(test_tigerlake),
	KUNIT_CASE(test_tigerlake_pat),
	KUNIT_CASE(test_engine_ids),
	KUNIT_CASE_PARAM(test_engine_rules, rules_gen_params),
	KUNIT_CASE(test_gt_rules),
	KUNIT_CASE(test_other_version),
	KUNIT_CASE_PARAM(test_save_list, rules_gen_params),
	{}
};

static struct kunit_suite platform_suite = {
	.name = "xe_platform",
	.test_cases = platform_cases,
};

kunit_test_suite(platform_suite);
