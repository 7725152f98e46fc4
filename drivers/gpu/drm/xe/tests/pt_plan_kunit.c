// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Page-table plans with the kernel's allocator and types, in every format, with and without
 * scratch. The exhaustive tests of the same code run in user space (tools/testing/xe-pt); these
 * make sure that it behaves the same here.
 */
#include <kunit/test.h>

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/sizes.h>

#include "pt/xe_pt.h"
#include "pt/xe_pt_check.h"
#include "pt/xe_pt_plan.h"

#define V	(4ULL * SZ_1G)
#define P	(16ULL * SZ_1G)
#define PAGE	XE_PAGE_SIZE

/* What differs between trees, which is the parameter of every test */
struct tree_kind {
	const char *name;
	enum xe_pt_format_id format;
	u32 flags;
	/* Tables of an empty tree, and of a branch above those that the cases count */
	u8 n_tables;
	u8 n_more;
	/* End of the memory that entries can name */
	u64 phys_end;
};

static const struct tree_kind tree_kinds[] = {
	{ "Xe_LP", XE_PT_FORMAT_XELP, 0, 1, 0, BIT_ULL(39) },
	{ "Xe_LP, scratch", XE_PT_FORMAT_XELP, XE_PT_TREE_SCRATCH, 2, 0, BIT_ULL(39) },
	{ "Xe2", XE_PT_FORMAT_XE2_DGFX, 0, 1, 1, BIT_ULL(46) },
	{ "Xe2, scratch", XE_PT_FORMAT_XE2_DGFX, XE_PT_TREE_SCRATCH, 3, 1, BIT_ULL(46) },
};

static void tree_kind_desc(const struct tree_kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tree_kind, tree_kinds, tree_kind_desc);

struct fake {
	struct xe_pt_tree tree;
	const struct tree_kind *kind;
	u64 next_dma;
	unsigned int n_tables;
	/* Allocations of table memory before one fails; negative: none fails. */
	int budget;
};

static int fake_alloc(void *ctx, struct xe_pt_page *page)
{
	struct fake *fake = ctx;

	if (!fake->budget)
		return -ENOMEM;
	fake->budget--;
	page->words = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!page->words)
		return -ENOMEM;
	page->dma = fake->next_dma;
	fake->next_dma += PAGE;
	fake->n_tables++;
	return 0;
}

static void fake_free(void *ctx, struct xe_pt_page *page)
{
	struct fake *fake = ctx;

	fake->n_tables--;
	free_page((unsigned long)page->words);
}

static const struct xe_pt_ops fake_ops = { .alloc = fake_alloc, .free = fake_free };

static int plan_test_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->kind = test->param_value;
	fake->budget = -1;
	fake->next_dma = SZ_1M;
	test->priv = fake;
	return xe_pt_tree_init(&fake->tree, xe_pt_format_get(fake->kind->format), &fake_ops, fake,
			       fake->kind->flags);
}

static void plan_test_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	xe_pt_tree_fini(&fake->tree);
	KUNIT_EXPECT_EQ(test, fake->n_tables, 0);
}

#define NOTHING		0
/* Cannot be the address of a page */
#define SCRATCH		1

/* What the address translates to, NOTHING or SCRATCH if it is not mapped. */
static u64 translate(struct fake *fake, u64 va)
{
	struct xe_pt_translation t;

	if (xe_pt_translate(&fake->tree, va, &t))
		return NOTHING;

	return t.page.attrs.null ? SCRATCH : t.addr;
}

/* What it shall translate to as long as nothing is mapped there */
static u64 unmapped(const struct fake *fake)
{
	return fake->kind->flags & XE_PT_TREE_SCRATCH ? SCRATCH : NOTHING;
}

/* Map [start, end) to contiguous memory at @phys. */
static int plan_map(struct xe_pt_plan *plan, u64 start, u64 end, u64 phys, u8 *largest)
{
	const struct xe_pte_attrs attrs = { .writable = true };
	struct xe_page_iter it = { .addr = phys, .len = end - start, .remaining = end - start };

	return xe_pt_plan_map(plan, start, end, &attrs, &it, largest);
}

static struct xe_pt_plan *plan_begin(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct xe_pt_plan *plan = xe_pt_plan_create(&fake->tree);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, plan);
	return plan;
}

static void plan_carry_out(struct kunit *test, struct xe_pt_plan *plan)
{
	struct fake *fake = test->priv;

	xe_pt_plan_commit(plan);
	xe_pt_plan_write(plan);
	xe_pt_plan_free(plan);
	KUNIT_EXPECT_EQ(test, xe_pt_check(&fake->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
	xe_pt_tree_trim(&fake->tree);
}

struct size_case {
	const char *name;
	u64 size;
	u64 phys;
	u8 shift;
	unsigned int n_tables;
};

static const struct size_case size_cases[] = {
	{ "4 KiB", PAGE, P, 12, 3 },
	{ "2 MiB", SZ_2M, P, 21, 2 },
	{ "2 MiB, misaligned memory", SZ_2M, P + PAGE, 12, 3 },
	{ "2 MiB and a page", SZ_2M + PAGE, P, 21, 3 },
	{ "1 GiB", SZ_1G, P, 30, 1 },
};

static void map_unmap(struct kunit *test, const struct size_case *c)
{
	struct xe_pt_plan *plan = plan_begin(test);
	struct fake *fake = test->priv;
	const struct tree_kind *kind = fake->kind;
	u8 shift;

	KUNIT_ASSERT_EQ(test, plan_map(plan, V, V + c->size, c->phys, &shift), 0);
	KUNIT_EXPECT_EQ_MSG(test, shift, c->shift, "%s", c->name);
	KUNIT_EXPECT_FALSE_MSG(test, xe_pt_plan_needs_inval(plan), "%s", c->name);
	plan_carry_out(test, plan);
	KUNIT_EXPECT_EQ_MSG(test, translate(fake, V), c->phys, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(test, translate(fake, V + c->size - PAGE), c->phys + c->size - PAGE,
			    "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(test, translate(fake, V + c->size), unmapped(fake), "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(test, fake->n_tables, kind->n_tables + kind->n_more + c->n_tables,
			    "%s", c->name);

	plan = plan_begin(test);
	KUNIT_ASSERT_EQ(test, xe_pt_plan_unmap(plan, V, V + c->size), 0);
	KUNIT_EXPECT_TRUE_MSG(test, xe_pt_plan_needs_inval(plan), "%s", c->name);
	plan_carry_out(test, plan);
	KUNIT_EXPECT_EQ_MSG(test, translate(fake, V), unmapped(fake), "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(test, fake->n_tables, kind->n_tables, "%s", c->name);
}

static void test_map_unmap(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size_cases); i++)
		map_unmap(test, &size_cases[i]);
}

/* A hole in a 1 GiB page takes one store; both sides stay as they were. */
static void test_hole(struct kunit *test)
{
	struct xe_pt_plan *plan = plan_begin(test);
	struct fake *fake = test->priv;
	u64 hole = V + SZ_512M + PAGE;
	u64 first, last;

	KUNIT_ASSERT_EQ(test, plan_map(plan, V, V + SZ_1G, P, NULL), 0);
	plan_carry_out(test, plan);

	plan = plan_begin(test);
	KUNIT_ASSERT_EQ(test, xe_pt_plan_unmap(plan, hole, hole + PAGE), 0);
	KUNIT_EXPECT_EQ(test, xe_pt_plan_n_writes(plan), 1);
	xe_pt_plan_extent(plan, &first, &last);
	KUNIT_EXPECT_EQ(test, first, V);
	KUNIT_EXPECT_EQ(test, last, V + SZ_1G - 1);
	plan_carry_out(test, plan);

	KUNIT_EXPECT_EQ(test, translate(fake, hole), unmapped(fake));
	KUNIT_EXPECT_EQ(test, translate(fake, hole - PAGE), P + SZ_512M);
	KUNIT_EXPECT_EQ(test, translate(fake, hole + PAGE), P + SZ_512M + 2 * PAGE);
}

/* Two plans committed before either is written. */
static void test_late_write(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct xe_pt_plan *one, *two;

	one = plan_begin(test);
	KUNIT_ASSERT_EQ(test, plan_map(one, V, V + PAGE, P, NULL), 0);
	xe_pt_plan_commit(one);
	two = plan_begin(test);
	KUNIT_ASSERT_EQ(test, plan_map(two, V + PAGE, V + 2 * PAGE, P, NULL), 0);
	xe_pt_plan_commit(two);

	KUNIT_EXPECT_EQ(test, translate(fake, V), unmapped(fake));
	xe_pt_plan_write(one);
	KUNIT_EXPECT_EQ(test, translate(fake, V), P);
	KUNIT_EXPECT_EQ(test, translate(fake, V + PAGE), unmapped(fake));
	xe_pt_plan_write(two);
	KUNIT_EXPECT_EQ(test, translate(fake, V + PAGE), P);
	xe_pt_plan_free(one);
	xe_pt_plan_free(two);
	KUNIT_EXPECT_EQ(test, xe_pt_check(&fake->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
}

/* Running out of memory at any table leaves the tree as it was. */
static void test_no_memory(struct kunit *test)
{
	struct xe_pt_plan *plan = plan_begin(test);
	struct fake *fake = test->priv;
	unsigned int n_tables, budget;

	KUNIT_ASSERT_EQ(test, plan_map(plan, V, V + 2 * SZ_2M, P, NULL), 0);
	plan_carry_out(test, plan);
	n_tables = fake->n_tables;

	/* Two splits and a new branch of three tables. */
	for (budget = 0; budget < 5; budget++) {
		int err;

		plan = plan_begin(test);
		fake->budget = budget;
		err = xe_pt_plan_unmap(plan, V + SZ_1M, V + SZ_2M + SZ_1M);
		err = err ?: plan_map(plan, V + SZ_1G * 600ULL, V + SZ_1G * 600ULL + PAGE, P, NULL);
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		fake->budget = -1;
		xe_pt_plan_abort(plan);
		KUNIT_EXPECT_EQ(test, xe_pt_check(&fake->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
		xe_pt_tree_trim(&fake->tree);
		KUNIT_EXPECT_EQ(test, fake->n_tables, n_tables);
		KUNIT_EXPECT_EQ(test, translate(fake, V + SZ_1M), P + SZ_1M);
	}
}

struct error_case {
	const char *name;
	u64 start;
	u64 end;
	u64 phys;
};

static const struct error_case error_cases[] = {
	{ "empty range", V, V, P },
	{ "misaligned start", V + 1, V + PAGE, P },
	{ "misaligned end", V, V + PAGE + 1, P },
	{ "end beyond the address space", V, (1ULL << 48) + PAGE, P },
	{ "misaligned memory", V, V + PAGE, P + 1 },
};

static void expect_error(struct kunit *test, const struct error_case *c)
{
	struct xe_pt_plan *plan = plan_begin(test);
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, plan_map(plan, c->start, c->end, c->phys, NULL), -EINVAL, "%s",
			    c->name);
	xe_pt_plan_abort(plan);
	KUNIT_EXPECT_EQ(test, xe_pt_check(&fake->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
	xe_pt_tree_trim(&fake->tree);
	KUNIT_EXPECT_EQ_MSG(test, fake->n_tables, fake->kind->n_tables, "%s", c->name);
}

static void test_error(struct kunit *test)
{
	const struct tree_kind *kind = test->param_value;
	const struct error_case beyond = {
		"memory beyond what entries can hold", V, V + PAGE, kind->phys_end
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(error_cases); i++)
		expect_error(test, &error_cases[i]);
	expect_error(test, &beyond);
}

/* The last page of the memory that entries can name is good. */
static void test_last_page(struct kunit *test)
{
	const struct tree_kind *kind = test->param_value;
	struct xe_pt_plan *plan = plan_begin(test);
	struct fake *fake = test->priv;
	u64 last = kind->phys_end - PAGE;

	KUNIT_ASSERT_EQ(test, plan_map(plan, V, V + PAGE, last, NULL), 0);
	plan_carry_out(test, plan);
	KUNIT_EXPECT_EQ(test, translate(fake, V), last);
}

static struct kunit_case plan_cases[] = {
	KUNIT_CASE_PARAM(test_map_unmap, tree_kind_gen_params),
	KUNIT_CASE_PARAM(test_hole, tree_kind_gen_params),
	KUNIT_CASE_PARAM(test_late_write, tree_kind_gen_params),
	KUNIT_CASE_PARAM(test_no_memory, tree_kind_gen_params),
	KUNIT_CASE_PARAM(test_error, tree_kind_gen_params),
	KUNIT_CASE_PARAM(test_last_page, tree_kind_gen_params),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "xe_pt_plan",
	.init = plan_test_init,
	.exit = plan_test_exit,
	.test_cases = plan_cases,
};

kunit_test_suite(plan_suite);
