// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Plans, case by case: what is stored, how much of the address space it affects, whether TLBs must
 * be invalidated, how many tables remain. Each case also goes through all checks of sim.c, in every
 * format, with and without scratch.
 *
 * Proven to notice (see mutants.py): an empty table left attached; a table replaced entry by entry;
 * a split that forgets a part; an entry cleared for a moment while it is replaced; a child cleared
 * together with mapped neighbours; a needless or a missing invalidation; an extent that is too
 * small; a table that is kept for later and not clean.
 */
#include "sim.h"

#define NONE { OP_END }
#define MAP(start, end, phys) { OP_MAP, start, end, phys, { .writable = true } }
#define MAPR(start, end, phys) { OP_MAP_REVERSED, start, end, phys, { .writable = true } }
#define NUL(start, end) { OP_MAP_NULL, start, end, 0, { .writable = true } }
#define UNMAP(start, end) { OP_UNMAP, start, end }

/* Where the cases take place: a multiple of 1 GiB inside the first 512 GiB. */
#define V (4 * GIB)
#define P (64 * GIB)
#define M2 (2 * MIB)

/* clang-format off */
static const struct plan_case {
	const char *name;
	struct op setup[3];
	struct op bind[5];
	/* Expected of the bind, for the format with 4 levels. */
	unsigned int n_writes;
	bool inval;
	u64 first, end;
	/* Tables below the root afterwards. */
	unsigned int n_tables;
	/* Largest page, 0 if nothing is mapped. */
	unsigned int shift;
} cases[] = {
	/* First mapping: one store into the root publishes the whole branch. */
	{ "first page", { NONE }, { MAP(V, V + PAGE, P) },
	  1, false, 0, 512 * GIB, 3, 12 },
	{ "first page, last of the space", { NONE }, { MAP(V + GIB - PAGE, V + GIB, P) },
	  1, false, 0, 512 * GIB, 3, 12 },
	{ "first 2 MiB page", { NONE }, { MAP(V, V + M2, P) },
	  1, false, 0, 512 * GIB, 2, 21 },
	{ "first 1 GiB page", { NONE }, { MAP(V, V + GIB, P) },
	  1, false, 0, 512 * GIB, 1, 30 },
	{ "first 1 GiB null page", { NONE }, { NUL(V, V + GIB) },
	  1, false, 0, 512 * GIB, 1, 30 },
	{ "2 MiB from misaligned memory", { NONE }, { MAP(V, V + M2, P + PAGE) },
	  1, false, 0, 512 * GIB, 3, 12 },
	{ "2 MiB across an aligned boundary", { NONE }, { MAP(V + MIB, V + 3 * MIB, P + MIB) },
	  1, false, 0, 512 * GIB, 4, 12 },
	{ "large page in the middle", { NONE }, { MAP(V + MIB, V + 5 * MIB, P + MIB) },
	  1, false, 0, 512 * GIB, 4, 21 },

	/* Neighbours in existing tables. */
	{ "page beside a page", { MAP(V, V + PAGE, P) }, { MAP(V + PAGE, V + 3 * PAGE, P) },
	  2, false, V + PAGE, V + 3 * PAGE, 3, 12 },
	{ "page beside a large page", { MAP(V, V + M2, P) }, { MAP(V + M2, V + M2 + PAGE, P) },
	  1, false, V + M2, V + 2 * M2, 3, 12 },
	{ "large pages beside a page", { MAP(V, V + PAGE, P) }, { MAP(V + M2, V + 3 * M2, P) },
	  2, false, V + M2, V + 3 * M2, 3, 21 },
	{ "page and large page around a boundary", { MAP(V, V + PAGE, P) },
	  { MAP(V + M2 - PAGE, V + 2 * M2, P + M2 - PAGE) },
	  2, false, V + M2 - PAGE, V + 2 * M2, 3, 21 },

	/* Replacing. */
	{ "page over page", { MAP(V, V + 2 * PAGE, P) }, { MAP(V, V + PAGE, P + GIB) },
	  1, true, V, V + PAGE, 3, 12 },
	{ "pages over all pages of a table: new table, one store",
	  { MAPR(V, V + M2, P), MAP(V + M2, V + 2 * M2, P) }, { MAPR(V, V + M2, P + GIB) },
	  1, true, V, V + M2, 3, 12 },
	{ "large page over a table", { MAPR(V, V + M2, P), MAP(V + M2, V + 2 * M2, P) },
	  { MAP(V, V + M2, P) }, 1, true, V, V + M2, 2, 21 },
	{ "table over a large page", { MAP(V, V + 2 * M2, P) }, { MAPR(V, V + M2, P) },
	  1, true, V, V + M2, 3, 12 },
	{ "1 GiB page over tables", { MAPR(V, V + 4 * M2, P), MAP(V + GIB, V + 2 * GIB, P) },
	  { MAP(V, V + GIB, P) }, 1, true, V, V + GIB, 1, 30 },
	{ "page into a large page: split", { MAP(V, V + 2 * M2, P) },
	  { MAP(V + PAGE, V + 2 * PAGE, P + GIB) }, 1, true, V, V + M2, 3, 12 },
	{ "page into a 1 GiB page: split twice, one store", { MAP(V, V + 2 * GIB, P) },
	  { MAP(V + PAGE, V + 2 * PAGE, P + GIB) }, 1, true, V, V + GIB, 3, 12 },
	{ "null page into a large null page", { NUL(V, V + 2 * M2) },
	  { { OP_MAP_NULL, V, V + PAGE } }, 1, true, V, V + M2, 3, 12 },

	/* Unmapping. */
	{ "nothing", { NONE }, { UNMAP(V, V + GIB) }, 0, false, V, V + GIB, 0, 0 },
	{ "gap between pages", { MAP(V, V + PAGE, P), MAP(V + 3 * PAGE, V + 4 * PAGE, P) },
	  { UNMAP(V + PAGE, V + 3 * PAGE) }, 0, false, V + PAGE, V + 3 * PAGE, 3, 0 },
	{ "one page of two", { MAP(V, V + 2 * PAGE, P) }, { UNMAP(V, V + PAGE) },
	  1, true, V, V + PAGE, 3, 0 },
	{ "only what is mapped is stored", { MAP(V + 2 * PAGE, V + 4 * PAGE, P) },
	  { UNMAP(V, V + 3 * PAGE) }, 1, true, V, V + 3 * PAGE, 3, 0 },
	{ "last page: the whole branch goes", { MAP(V, V + PAGE, P) }, { UNMAP(V, V + PAGE) },
	  1, true, 0, 512 * GIB, 0, 0 },
	{ "last page of a table, neighbour table stays",
	  { MAP(V, V + PAGE, P), MAP(V + M2, V + M2 + PAGE, P) }, { UNMAP(V, V + PAGE) },
	  1, true, V, V + M2, 3, 0 },
	{ "whole tables, one store each", { MAPR(V, V + 3 * M2, P) }, { UNMAP(V, V + 2 * M2) },
	  2, true, V, V + 2 * M2, 3, 0 },
	{ "end of one table, start of the next", { MAPR(V, V + 2 * M2, P) },
	  { UNMAP(V + M2 - PAGE, V + M2 + PAGE) }, 2, true, V + M2 - PAGE, V + M2 + PAGE, 4, 0 },
	{ "hole in a large page", { MAP(V, V + M2, P) }, { UNMAP(V + MIB, V + MIB + PAGE) },
	  1, true, V, V + M2, 3, 0 },
	{ "first half of a large page", { MAP(V, V + M2, P) }, { UNMAP(V, V + MIB) },
	  1, true, V, V + M2, 3, 0 },
	{ "second half of one, first half of the next", { MAP(V, V + 2 * M2, P) },
	  { UNMAP(V + MIB, V + 3 * MIB) }, 2, true, V, V + 2 * M2, 4, 0 },
	{ "hole in a 1 GiB page", { MAP(V, V + GIB, P) }, { UNMAP(V + MIB, V + MIB + PAGE) },
	  1, true, V, V + GIB, 3, 0 },
	{ "2 MiB out of a 1 GiB page", { MAP(V, V + GIB, P) }, { UNMAP(V + M2, V + 2 * M2) },
	  1, true, V, V + GIB, 2, 0 },
	{ "hole in a 1 GiB null page", { NUL(V, V + GIB) }, { UNMAP(V + MIB, V + MIB + PAGE) },
	  1, true, V, V + GIB, 3, 0 },
	{ "everything from an odd page on", { MAPR(V, V + 2 * M2, P), MAP(V + 2 * M2, V + GIB, P) },
	  { UNMAP(V + PAGE, V + 2 * GIB) }, 1022, true, V + PAGE, V + 2 * GIB, 3, 0 },

	/* Several operations in one bind. */
	{ "map, unmap: nothing remains but an idle store", { MAP(V, V + PAGE, P) },
	  { MAP(V + PAGE, V + 2 * PAGE, P), UNMAP(V + PAGE, V + 2 * PAGE) },
	  1, false, V + PAGE, V + 2 * PAGE, 3, 12 },
	{ "unmap, map: one store from old to new", { MAP(V, V + 2 * PAGE, P) },
	  { UNMAP(V, V + PAGE), MAP(V, V + PAGE, P + GIB) }, 1, true, V, V + PAGE, 3, 12 },
	{ "unmap all, map: never unmapped in between", { MAP(V, V + 2 * PAGE, P) },
	  { UNMAP(V, V + 2 * PAGE), MAP(V, V + PAGE, P + GIB) }, 1, true, 0, 512 * GIB, 3, 12 },
	{ "page by page into one table", { MAP(V, V + PAGE, P) },
	  { MAP(V + 4 * PAGE, V + 5 * PAGE, P), MAP(V + 3 * PAGE, V + 4 * PAGE, P),
	    MAP(V + 9 * PAGE, V + 10 * PAGE, P), MAP(V + PAGE, V + 2 * PAGE, P) },
	  4, false, V + PAGE, V + 10 * PAGE, 3, 12 },
	{ "page stored, then its table detached: store dropped", { MAP(V, V + 2 * PAGE, P),
	  MAP(V + M2, V + 2 * M2, P) }, { MAP(V, V + PAGE, P + GIB), UNMAP(V, V + M2) },
	  1, true, V, V + M2, 2, 12 },
	{ "page cleared, then its table detached: store dropped", { MAP(V, V + 2 * PAGE, P),
	  MAP(V + M2, V + 2 * M2, P) }, { UNMAP(V, V + PAGE), UNMAP(V, V + M2) },
	  1, true, V, V + M2, 2, 0 },
	{ "hole, then refilled", { MAP(V, V + M2, P) }, { UNMAP(V + MIB, V + MIB + PAGE),
	  MAP(V + MIB, V + MIB + PAGE, P) }, 1, true, V, V + M2, 3, 12 },
	{ "replaced three times", { MAP(V, V + M2, P) }, { MAPR(V, V + M2, P), MAP(V, V + M2, P),
	  MAPR(V, V + M2, P), UNMAP(V, V + MIB) }, 1, true, V, V + M2, 3, 21 },
	{ "page, all unmapped, another page: not into the table that went",
	  { MAP(V, V + 2 * PAGE, P) }, { MAP(V, V + PAGE, P + GIB), UNMAP(V, V + 2 * PAGE),
	  MAP(V + PAGE, V + 2 * PAGE, P + GIB) }, 1, true, 0, 512 * GIB, 3, 12 },
	{ "page, then the 1 GiB page it is in", { MAP(V, V + 2 * PAGE, P) },
	  { MAP(V, V + PAGE, P + GIB), MAP(V, V + GIB, P) }, 1, true, V, V + GIB, 1, 30 },
	{ "new large page, split at once", { MAP(V + GIB, V + 2 * GIB, P) },
	  { MAP(V, V + GIB, P), UNMAP(V, V + PAGE), UNMAP(V + MIB, V + MIB + PAGE) },
	  1, false, V, V + GIB, 3, 30 },
};

/* clang-format on */

static unsigned int count_ops(const struct op *ops, unsigned int max)
{
	unsigned int n = 0;

	while (n < max && ops[n].kind != OP_END)
		n++;
	return n;
}

/* Window that holds all operations of a case, and a bit more. */
static u64 case_size(const struct plan_case *c)
{
	u64 end = V + 4 * M2;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->setup); i++)
		end = max(end, c->setup[i].end);
	for (i = 0; i < ARRAY_SIZE(c->bind); i++)
		end = max(end, c->bind[i].end);
	return end - V;
}

static void run_case(const struct plan_case *c, enum xe_pt_format_id format, u32 flags)
{
	struct sim sim;
	struct xe_pt_plan *plan;
	unsigned int i, n, fixed;
	struct bind *bind;

	sim_init(&sim, format, flags, V, case_size(c));
	sim.sample = case_size(c) > 4 * M2;
	fixed = sim.env->n_used;
	for (i = 0; i < count_ops(c->setup, 3); i++)
		sim_bind(&sim, &c->setup[i], 1);

	sim.largest = 0;
	n = count_ops(c->bind, 5);
	plan = xe_pt_plan_create(&sim.env->tree);
	assert_false(IS_ERR(plan));
	for (i = 0; i < n; i++)
		assert_int_equal(sim_plan_op(&sim, plan, &c->bind[i]), 0);
	assert_int_equal(xe_pt_plan_needs_inval(plan), c->inval);
	bind = sim_commit(&sim, plan, c->bind, n);
	assert_int_equal(xe_pt_plan_is_empty(plan), !c->n_writes);
	assert_int_equal(sim.largest, c->shift);

	if (format == XE_PT_FORMAT_XELP) {
		assert_int_equal(xe_pt_plan_n_writes(plan), c->n_writes);
		assert_int_equal(bind->first, c->first);
		assert_int_equal(bind->last, c->end - 1);
	}
	sim_drain(&sim);
	xe_pt_tree_trim(&sim.env->tree);
	if (format == XE_PT_FORMAT_XELP)
		assert_int_equal(sim.env->n_used, fixed + c->n_tables);
	sim_fini(&sim);
}

static const char *current_case;

static int print_case(void **state)
{
	if (current_case)
		print_message("in the case \"%s\"\n", current_case);
	current_case = NULL;
	return 0;
}

static void test_cases(void **state)
{
	unsigned int i, format, flags;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
			for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++) {
				current_case = cases[i].name;
				run_case(&cases[i], format, flags);
			}
	current_case = NULL;
}

static struct xe_pt_plan *new_plan(struct sim *sim)
{
	struct xe_pt_plan *plan = xe_pt_plan_create(&sim->env->tree);

	assert_false(IS_ERR(plan));
	return plan;
}

static struct bind *plan_and_commit(struct sim *sim, const struct op *op)
{
	struct xe_pt_plan *plan = new_plan(sim);

	assert_int_equal(sim_plan_op(sim, plan, op), 0);
	return sim_commit(sim, plan, op, 1);
}

/* Every errno in the Return: lists, from input that is otherwise valid. */
static void test_errors(void **state)
{
	const struct xe_pte_attrs attrs = { .writable = true }, bad_pat = { .pat_index = 4 };
	static const struct { u64 start, end; } bad_ranges[] = {
		{ V, V }, { V + PAGE, V }, { V + 1, V + PAGE }, { V, V + PAGE + 1 },
		{ (1ULL << 48) - PAGE, (1ULL << 48) + PAGE }, { 1ULL << 48, (1ULL << 48) + PAGE },
		{ 0, ~0ULL & ~(PAGE - 1) },
	};
	static const dma_addr_t bad_addrs[] = { 1ULL << 39, GIB + 1, (1ULL << 63) };
	dma_addr_t pages[2] = { GIB, GIB + PAGE };
	struct scatterlist odd = { .dma_address = GIB, .dma_length = PAGE + 512 };
	struct sg_table sgt = { .sgl = &odd, .nents = 1 };
	struct xe_page_iter it;
	struct sim sim;
	unsigned int i;
	u64 hash;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, M2);
	hash = env_hash(sim.env);

#define EXPECT_EINVAL(call) do { \
	struct xe_pt_plan *plan = new_plan(&sim); \
	assert_int_equal(call, -EINVAL); \
	xe_pt_plan_abort(plan); \
	assert_int_equal(env_hash(sim.env), hash); \
} while (0)

	for (i = 0; i < ARRAY_SIZE(bad_ranges); i++) {
		xe_page_iter_init_null(&it, 1ULL << 48);
		it.null = false;
		EXPECT_EINVAL(xe_pt_plan_unmap(plan, bad_ranges[i].start, bad_ranges[i].end));
		EXPECT_EINVAL(xe_pt_plan_map(plan, bad_ranges[i].start, bad_ranges[i].end, &attrs,
					     &it, NULL));
	}
	for (i = 0; i < ARRAY_SIZE(bad_addrs); i++) {
		xe_page_iter_init_array(&it, bad_addrs + i, 0, PAGE);
		EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + PAGE, &attrs, &it, NULL));
	}
	xe_page_iter_init_array(&it, pages, 0, 2 * PAGE);
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + PAGE, &bad_pat, &it, NULL));
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + 3 * PAGE, &attrs, &it, NULL));
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + PAGE, &attrs, NULL, NULL));
	xe_page_iter_init_null(&it, PAGE);
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + PAGE, &attrs, &it, NULL));
	/* The scatter table is shorter than the iterator was told, or odd. */
	xe_page_iter_init_sgt(&it, &sgt, NULL, 0, 2 * PAGE);
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + 2 * PAGE, &attrs, &it, NULL));
	odd.dma_length = PAGE;
	xe_page_iter_init_sgt(&it, &sgt, NULL, 0, 2 * PAGE);
	EXPECT_EINVAL(xe_pt_plan_map(plan, V, V + 2 * PAGE, &attrs, &it, NULL));

	sim_fini(&sim);
}

/*
 * A table made by a plan that is not written yet is filled by a later plan: memory of the table
 * must not change before the later plan is written.
 */
static void test_unwritten_table(void **state)
{
	static const struct op make = MAP(V, V + PAGE, P), fill = MAP(V + PAGE, V + 2 * PAGE, P),
			       drop = UNMAP(V, V + PAGE), all = UNMAP(V, V + M2);
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, M2);
	plan_and_commit(&sim, &make);
	env_save_memory(sim.env);
	plan_and_commit(&sim, &fill);
	plan_and_commit(&sim, &drop);
	plan_and_commit(&sim, &all);
	env_expect_memory_saved(sim.env);

	assert_int_equal(xe_pt_plan_n_writes(sim.binds[0].plan), 1);
	assert_int_equal(xe_pt_plan_n_writes(sim.binds[1].plan), 1);
	assert_int_equal(xe_pt_plan_n_writes(sim.binds[2].plan), 1);
	assert_int_equal(xe_pt_plan_n_writes(sim.binds[3].plan), 1);
	assert_true(sim_may_write(&sim, 0));
	assert_false(sim_may_write(&sim, 1));
	assert_false(sim_may_write(&sim, 3));
	sim_fini(&sim);
}

/* An abort while an earlier plan waits to be written leaves that plan alone. */
static void test_abort_over_unwritten(void **state)
{
	static const struct op make = MAP(V, V + PAGE, P), more = MAP(V + PAGE, V + M2, P),
			       drop = UNMAP(V, V + M2);
	struct xe_pt_plan *plan;
	struct sim sim;
	u64 hash;

	sim_init(&sim, XE_PT_FORMAT_XELP, XE_PT_TREE_SCRATCH, V, M2);
	plan_and_commit(&sim, &make);
	hash = env_hash(sim.env);

	plan = new_plan(&sim);
	assert_int_equal(sim_plan_op(&sim, plan, &more), 0);
	assert_int_equal(sim_plan_op(&sim, plan, &drop), 0);
	assert_int_equal(sim_plan_op(&sim, plan, &make), 0);
	xe_pt_plan_abort(plan);
	assert_int_equal(env_hash(sim.env), hash);
	sim_fini(&sim);
}

/* Writing twice must not bring back what a later plan has changed. */
static void test_write_twice(void **state)
{
	static const struct op neighbour = MAP(V + PAGE, V + 2 * PAGE, P);
	static const struct op map = MAP(V, V + PAGE, P), other = MAP(V, V + PAGE, P + GIB);
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, M2);
	sim_bind(&sim, &neighbour, 1);
	plan_and_commit(&sim, &map);
	plan_and_commit(&sim, &other);
	sim_write(&sim, 0);
	sim_write(&sim, 1);
	xe_pt_plan_write(sim.binds[0].plan);
	ref_map_expect(&sim.mem, sim.env, false);
	sim_fini(&sim);
}

/*
 * The list of runs, one table after the other, is what write stores, with GPU addresses that belong
 * to the CPU addresses.
 */
static void test_runs(void **state)
{
	static const struct op setup = MAP(V, V + 40 * PAGE, P);
	static const struct op ops[] = {
		MAP(V + 50 * PAGE, V + 60 * PAGE, P), MAP(V + M2, V + 3 * M2, P),
		UNMAP(V + 2 * PAGE, V + 4 * PAGE), MAP(V + 60 * PAGE, V + 61 * PAGE, P),
	};
	static const struct { u64 va; unsigned int count, level; } expected[] = {
		{ V + 50 * PAGE, 11, 0 }, { V + 2 * PAGE, 2, 0 }, { V + M2, 2, 1 },
	};
	struct xe_pt_run_iter it;
	struct xe_pt_plan *plan;
	struct xe_pt_run run;
	struct sim sim;
	unsigned int i;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, 4 * M2);
	sim_bind(&sim, &setup, 1);
	plan = new_plan(&sim);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		assert_int_equal(sim_plan_op(&sim, plan, &ops[i]), 0);
	sim_commit(&sim, plan, ops, ARRAY_SIZE(ops));
	sim_write(&sim, 0);

	xe_pt_run_iter_init(&it, plan);
	for (i = 0; xe_pt_run_next(&it, &run); i++) {
		const u64 *page = sim.env->tree.ops->find(sim.env, run.dma & ~(PAGE - 1));

		assert_true(i < ARRAY_SIZE(expected));
		assert_int_equal(run.va, expected[i].va);
		assert_int_equal(run.count, expected[i].count);
		assert_int_equal(run.level, expected[i].level);
		assert_ptr_equal(run.words, page + run.dma % PAGE / sizeof(u64));
		assert_memory_equal(run.words, run.values, run.count * sizeof(u64));
	}
	assert_int_equal(i, ARRAY_SIZE(expected));
	sim_fini(&sim);
}

/* A fresh tree: scratch or nothing everywhere; after closing: nothing everywhere. */
static void test_empty_tree(void **state)
{
	static const u64 vas[] = { 0, V, 1ULL << 39, (1ULL << 48) - PAGE };
	unsigned int format, flags, i;

	for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
		for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++) {
			struct env *env = env_create(format, flags);
			struct xe_pt_translation t;

			env_expect_consistent(env);
			for (i = 0; i < ARRAY_SIZE(vas); i++)
				assert_int_equal(ref_translate(env, vas[i]), ref_unmapped(env));
			assert_int_equal(xe_pt_translate(&env->tree, 1ULL << 48, &t), -ENOENT);
			assert_int_equal(xe_pt_tree_root_desc(&env->tree) & 0xfff,
					 format == XE_PT_FORMAT_XELP ? 0x003 : 0x013);
			xe_pt_tree_clear_root(&env->tree);
			for (i = 0; i < ARRAY_SIZE(vas); i++)
				assert_int_equal(ref_translate(env, vas[i]), 0);
			env_destroy(env);
		}
}

/* The validator sees each kind of damage, in memory and in the software tree. */
static void test_validator(void **state)
{
	static const struct op ops[] = { MAP(V, V + 2 * PAGE, P), MAP(V + M2, V + 2 * M2, P) };
	static const struct op drop = UNMAP(V, V + M2), rest = UNMAP(V + M2, V + 2 * M2);
	struct xe_pt_flaw flaw;
	struct xe_pt *l2, *l1, *l0;
	struct xe_pt_tree *tree;
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, XE_PT_TREE_SCRATCH, V, 4 * M2);
	sim_bind(&sim, ops, ARRAY_SIZE(ops));
	tree = &sim.env->tree;
	l2 = xe_pt_slot_child(tree->root->slots[0]);
	l1 = xe_pt_slot_child(l2->slots[V / GIB]);
	l0 = xe_pt_slot_child(l1->slots[0]);

#define EXPECT_FLAW(lvalue, value, flags) do { \
	__typeof__(lvalue) saved = (lvalue); \
	assert_int_equal(xe_pt_check(tree, XE_PT_CHECK_WRITTEN, NULL), 0); \
	(lvalue) = (value); \
	assert_int_equal(xe_pt_check(tree, (flags), &flaw), -EUCLEAN); \
	assert_non_null(flaw.rule); \
	(lvalue) = saved; \
} while (0)

	EXPECT_FLAW(l0->page.words[1], 0, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(l0->page.words[2], 0x1003, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(l0->page.words[0], 0x1803, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(l1->page.words[0], 0x5003, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(l1->page.words[1], 0x200083, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(tree->scratch[2]->page.words[7], 0, XE_PT_CHECK_WRITTEN);
	EXPECT_FLAW(l1->slots[1].raw, 0x200003, 0);
	EXPECT_FLAW(l1->slots[2].raw, 0x200083, 0);
	EXPECT_FLAW(l1->live.w[0], 0x1, 0);
	EXPECT_FLAW(l0->live.w[0], 0, 0);
	EXPECT_FLAW(l0->base, V + M2, 0);
	EXPECT_FLAW(l0->parent, l2, 0);
	EXPECT_FLAW(l0->level, 1, 0);
	EXPECT_FLAW(l0->creator, (void *)l0, 0);
	EXPECT_FLAW(l0->blank, 0, 0);

	sim_bind(&sim, &drop, 1);
	assert_ptr_equal(tree->cache.leaf, l0);
	EXPECT_FLAW(l0->page.words[2], 0x1003, 0);
	EXPECT_FLAW(l0->live.w[0], 1, 0);
	EXPECT_FLAW(l0->blank, 0, 0);
	EXPECT_FLAW(l0->creator, (void *)l0, 0);
	EXPECT_FLAW(l0->next_created, l0, 0);
	sim_bind(&sim, &rest, 1);
	assert_ptr_equal(tree->cache.inner, l2);
	assert_ptr_equal(l2->next_detached, l1);
	EXPECT_FLAW(l1->slots[2].raw, 0x200083, 0);
	EXPECT_FLAW(l1->page.words[511], 0, 0);
	sim_fini(&sim);
}

/* Tables come back as if new; also those of a plan that was given up. */
static void recycle(u32 flags)
{
	static const struct op first = MAPR(V, V + M2 + PAGE, P), all = UNMAP(V, V + M2 + PAGE),
			       other = MAP(V + GIB, V + GIB + 2 * PAGE, P + GIB);
	struct xe_pt_cache *cache;
	struct xe_pt_plan *plan;
	unsigned int n_used;
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, flags, V, GIB + M2);
	sim.sample = true;
	cache = &sim.env->tree.cache;
	sim_bind(&sim, &first, 1);
	assert_int_equal(cache->n, 0);
	n_used = sim.env->n_used;

	sim_bind(&sim, &all, 1);
	assert_int_equal(cache->n, 4);
	plan = new_plan(&sim);
	assert_int_equal(sim_plan_op(&sim, plan, &first), 0);
	assert_int_equal(cache->n, 0);
	xe_pt_plan_abort(plan);
	assert_int_equal(cache->n, 4);
	env_expect_clean_cache(sim.env);

	sim_bind(&sim, &other, 1);
	assert_int_equal(cache->n, 1);
	assert_int_equal(sim.env->n_used, n_used);
	sim_fini(&sim);
}

static void test_recycle(void **state)
{
	recycle(0);
	recycle(XE_PT_TREE_SCRATCH);
}

/*
 * A table that goes is not written; what it had is gone where it is used again, whatever part of it
 * is overwritten and however far the next use gets.
 */
static void recycle_leaf(enum xe_pt_format_id format, u32 flags)
{
	static const struct op first = MAPR(V + 8 * PAGE, V + 24 * PAGE, P), all = UNMAP(V, V + M2),
			       uses[] = {
		MAP(V + 16 * PAGE, V + 32 * PAGE, P), MAP(V, V + 9 * PAGE, P),
		MAP(V + 8 * PAGE, V + 24 * PAGE, P), MAPR(V, V + M2, P),
		MAP(V + 511 * PAGE, V + 512 * PAGE, P), MAP(V, V + PAGE, P), NUL(V, V + 23 * PAGE),
		MAP(V + 9 * PAGE, V + 23 * PAGE, P),
	};
	u64 words[PPGTT_TABLE_ENTRIES];
	struct xe_pt_plan *plan;
	struct sim sim;
	unsigned int i;

	sim_init(&sim, format, flags, V, M2);
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		const struct xe_pt *leaf = sim.env->tree.cache.leaf;
		const u64 *word;

		sim_bind(&sim, &first, 1);
		word = xe_pt_leaf_word(&sim.env->tree, V);
		assert_true(!leaf || word == leaf->page.words);
		memcpy(words, word, PAGE);
		sim_bind(&sim, &all, 1);
		leaf = sim.env->tree.cache.leaf;
		assert_ptr_equal(leaf->page.words, word);
		assert_memory_equal(words, word, PAGE);

		plan = new_plan(&sim);
		assert_int_equal(sim_plan_op(&sim, plan, &uses[i]), 0);
		xe_pt_plan_abort(plan);
		env_expect_clean_cache(sim.env);

		sim_bind(&sim, &uses[i], 1);
		assert_ptr_equal(xe_pt_leaf_word(&sim.env->tree, V), word);
		sim_bind(&sim, &all, 1);
	}
	sim_fini(&sim);
}

static void test_recycle_leaf(void **state)
{
	unsigned int format, flags;

	for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
		for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++)
			recycle_leaf(format, flags);
}

/* Tables of level 1 for all levels: with scratch, each has another idea of what is empty. */
static void recycle_levels(u32 flags)
{
	const unsigned int n = XE_PT_CACHE_MAX / 2 + 1;
	struct env *env = env_create(XE_PT_FORMAT_XE2_DGFX, flags);
	const struct xe_pte_attrs attrs = { .null = true };
	const struct xe_pt *pt;
	struct xe_pt_plan *plan;
	unsigned int round, i;

	for (round = 0; round < 2; round++) {
		plan = xe_pt_plan_create(&env->tree);
		for (i = 0; i < n; i++)
			assert_int_equal(xe_pt_plan_map(plan, V + i * GIB, V + i * GIB + PAGE,
							&attrs, NULL, NULL), 0);
		xe_pt_plan_commit(plan);
		xe_pt_plan_write(plan);
		xe_pt_plan_free(plan);
		env_expect_consistent(env);

		/* The cache is full before it is the turn of what is above. */
		plan = xe_pt_plan_create(&env->tree);
		assert_int_equal(xe_pt_plan_unmap(plan, V, V + n * GIB), 0);
		xe_pt_plan_commit(plan);
		xe_pt_plan_write(plan);
		xe_pt_plan_free(plan);
		env_expect_consistent(env);
		assert_int_equal(env->tree.cache.n, XE_PT_CACHE_MAX);
		for (pt = env->tree.cache.inner; pt; pt = pt->next_detached)
			assert_int_equal(pt->level, 1);
	}
	env_destroy(env);
}

static void test_recycle_levels(void **state)
{
	recycle_levels(0);
	recycle_levels(XE_PT_TREE_SCRATCH);
}

/* The last table is detached by a plan that the GPU cannot see any more: nobody has written it. */
static void test_recycle_unwritten(void **state)
{
	static const struct op make = MAP(V, V + 2 * PAGE, P), drop = UNMAP(V, V + PAGE),
			       all = UNMAP(V, V + M2);
	struct env *env = env_create(XE_PT_FORMAT_XELP, 0);
	struct sim sim = { .env = env, .addrs = calloc(2, sizeof(*sim.addrs)) };
	struct xe_pt_plan *plans[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plans); i++) {
		plans[i] = new_plan(&sim);
		assert_int_equal(sim_plan_op(&sim, plans[i], i == 0 ? &make : i == 1 ? &drop :
					     &all), 0);
		xe_pt_plan_commit(plans[i]);
		if (!i)
			xe_pt_plan_write(plans[i]);
	}
	for (i = 0; i < ARRAY_SIZE(plans); i++)
		xe_pt_plan_free(plans[i]);
	assert_int_equal(env->tree.cache.n, 0);
	assert_int_equal(env->n_used, 1);

	/* Written by somebody else, they are used again. */
	plans[0] = new_plan(&sim);
	assert_int_equal(sim_plan_op(&sim, plans[0], &make), 0);
	xe_pt_plan_commit(plans[0]);
	xe_pt_plan_write(plans[0]);
	xe_pt_plan_free(plans[0]);
	plans[0] = new_plan(&sim);
	assert_int_equal(sim_plan_op(&sim, plans[0], &all), 0);
	xe_pt_plan_commit(plans[0]);
	env->tree.root->page.words[0] = 0;
	xe_pt_plan_set_written(plans[0]);
	xe_pt_plan_free(plans[0]);
	assert_int_equal(env->tree.cache.n, 3);
	env_expect_consistent(env);
	free(sim.addrs);
	env_destroy(env);
}

/* However many tables go at once, few stay. */
static void test_recycle_bound(void **state)
{
	static const struct op make = MAPR(V, V + 100 * M2, P), all = UNMAP(V, V + 100 * M2);
	unsigned int fixed;
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, 100 * M2);
	sim.sample = true;
	fixed = sim.env->n_used;
	sim_bind(&sim, &make, 1);
	assert_int_equal(sim.env->n_used, fixed + 102);
	sim_bind(&sim, &all, 1);
	assert_int_equal(sim.env->tree.cache.n, 64);
	assert_int_equal(sim.env->n_used, fixed + 64);
	xe_pt_tree_trim(&sim.env->tree);
	assert_int_equal(sim.env->n_used, fixed);
	sim_fini(&sim);
}

static void print_line(void *arg, u64 va, u64 size, u8 level, struct xe_pte pte)
{
	char *buf = arg;
	size_t n = strlen(buf);

	snprintf(buf + n, 1024 - n, "%u:%llx+%llx ", level, (unsigned long long)va,
		 (unsigned long long)size);
}

static void test_dump(void **state)
{
	static const struct op ops[] = {
		MAP(V + PAGE, V + 3 * PAGE, P), MAP(V + 3 * PAGE, V + 4 * PAGE, P),
		NUL(V + M2, V + 3 * M2),
	};
	char buf[1024] = "";
	struct sim sim;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, 4 * M2);
	sim_bind(&sim, ops, ARRAY_SIZE(ops));
	xe_pt_dump(&sim.env->tree, print_line, buf);
	assert_string_equal(buf, "3:0+8000000000 2:100000000+40000000 1:100000000+200000 "
			    "0:100001000+2000 0:100003000+1000 1:100200000+400000 ");
	sim_fini(&sim);
}

static void test_leaf_word(void **state)
{
	static const struct op ops[] = {
		MAP(V + PAGE, V + 2 * PAGE, P), MAP(V + M2, V + 2 * M2, P + M2),
	};
	struct xe_pt_tree *tree;
	struct sim sim;
	u64 *word;

	sim_init(&sim, XE_PT_FORMAT_XELP, 0, V, 4 * M2);
	sim_bind(&sim, ops, ARRAY_SIZE(ops));
	tree = &sim.env->tree;

	word = xe_pt_leaf_word(tree, V + PAGE);
	assert_non_null(word);
	assert_int_equal(*word & ~0xfffULL, P);
	assert_ptr_equal(xe_pt_leaf_word(tree, V), word - 1);
	assert_ptr_equal(xe_pt_leaf_word(tree, V + M2 - PAGE), word + 510);
	assert_null(xe_pt_leaf_word(tree, V + M2));
	assert_null(xe_pt_leaf_word(tree, V + 2 * M2));
	assert_null(xe_pt_leaf_word(tree, 0));
	sim_fini(&sim);
}

const struct CMUnitTest plan_tests[] = {
	cmocka_unit_test_teardown(test_cases, print_case),
	cmocka_unit_test(test_errors),
	cmocka_unit_test(test_unwritten_table),
	cmocka_unit_test(test_abort_over_unwritten),
	cmocka_unit_test(test_write_twice),
	cmocka_unit_test(test_runs),
	cmocka_unit_test(test_empty_tree),
	cmocka_unit_test(test_validator),
	cmocka_unit_test(test_recycle),
	cmocka_unit_test(test_recycle_leaf),
	cmocka_unit_test(test_recycle_levels),
	cmocka_unit_test(test_recycle_unwritten),
	cmocka_unit_test(test_recycle_bound),
	cmocka_unit_test(test_dump),
	cmocka_unit_test(test_leaf_word),
};

const size_t n_plan_tests = ARRAY_SIZE(plan_tests);
