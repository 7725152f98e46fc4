// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure and abort: whatever allocation fails, and wherever a bind is given up, the tree, table
 * memory and the number of allocations are exactly what they were.
 *
 * Proven to notice (see mutants.py): slots, liveness or detached tables not restored; created
 * tables leaked; an allocation failure that is ignored.
 */
#include "sim.h"

#define V (512 * GIB - 4 * MIB)
#define W (8 * MIB)
#define P (64 * GIB)

/* A tree that has something of everything, half of it not written. */
static void populate(struct sim *sim)
{
	static const struct op ops[] = {
		{ OP_MAP, V, V + W, P, { .writable = true } },
		{ OP_UNMAP, V + MIB, V + MIB + 8 * PAGE },
		{ OP_MAP_REVERSED, V + 3 * MIB, V + 5 * MIB, P + GIB },
	};
	static const struct op unwritten = { OP_UNMAP, V + 6 * MIB - PAGE, V + 6 * MIB + PAGE };
	struct xe_pt_plan *plan;

	sim_bind(sim, ops, ARRAY_SIZE(ops));
	plan = xe_pt_plan_create(&sim->env->tree);
	assert_false(IS_ERR(plan));
	assert_int_equal(sim_plan_op(sim, plan, &unwritten), 0);
	sim_commit(sim, plan, &unwritten, 1);
}

/* Plan random operations; one error, -ENOMEM, ends it. */
static int plan_ops(struct sim *sim, const struct op *ops, unsigned int n, struct xe_pt_plan **out)
{
	struct xe_pt_plan *plan = xe_pt_plan_create(&sim->env->tree);
	unsigned int i;
	int err;

	*out = NULL;
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	for (i = 0; i < n; i++) {
		err = sim_plan_op(sim, plan, &ops[i]);
		if (err) {
			xe_pt_plan_abort(plan);
			return err;
		}
	}
	*out = plan;
	return 0;
}

static void test_every_allocation(void **state)
{
	unsigned int round, nth;

	for (round = 0; round < 60; round++) {
		struct op ops[5];
		unsigned int i, n = 1 + rnd(ARRAY_SIZE(ops));
		struct xe_pt_plan *plan;
		struct sim sim;
		u64 hash;

		sim_init(&sim, round % XE_PT_FORMAT_COUNT, rnd(2), V, W);
		if (rnd(4))
			populate(&sim);
		for (i = 0; i < n; i++)
			ops[i] = sim_random_op(&sim, PAGE, 3 * MIB);

		hash = env_hash(sim.env);
		env_save_memory(sim.env);
		for (nth = 1;; nth++) {
			int err;

			alloc_fail_nth(nth);
			err = plan_ops(&sim, ops, n, &plan);
			if (!alloc_has_failed())
				break;
			assert_int_equal(err, -ENOMEM);
			assert_int_equal(env_hash(sim.env), hash);
			env_expect_memory_saved(sim.env);
		}
		/* Nothing allocates from here on: the next request would fail. */
		alloc_fail_nth(1);
		sim_commit(&sim, plan, ops, n);
		sim_drain(&sim);
		assert_false(alloc_has_failed());
		alloc_fail_nth(0);
		sim_fini(&sim);
	}
}

static void test_abort_anywhere(void **state)
{
	unsigned int round, k;

	for (round = 0; round < 60; round++) {
		struct op ops[MAX_OPS];
		struct xe_pt_plan *plan;
		struct sim sim;
		u64 hash;

		sim_init(&sim, round % XE_PT_FORMAT_COUNT, rnd(2), V, W);
		populate(&sim);
		for (k = 0; k < ARRAY_SIZE(ops); k++)
			ops[k] = sim_random_op(&sim, PAGE, 3 * MIB);

		hash = env_hash(sim.env);
		env_save_memory(sim.env);
		for (k = 0; k <= ARRAY_SIZE(ops); k++) {
			assert_int_equal(plan_ops(&sim, ops, k, &plan), 0);
			env_expect_memory_saved(sim.env);
			assert_int_equal(xe_pt_check(&sim.env->tree, 0, NULL), 0);
			alloc_fail_nth(1);
			xe_pt_plan_abort(plan);
			assert_false(alloc_has_failed());
			alloc_fail_nth(0);
			assert_int_equal(env_hash(sim.env), hash);
			env_expect_memory_saved(sim.env);
		}
		sim_fini(&sim);
	}
}

static int alloc_page_stub(void *ctx, struct xe_pt_page *page)
{
	if (stub_should_fail())
		return -ENOMEM;
	*page = (struct xe_pt_page){ .words = stub_alloc(PAGE, true) };
	if (!page->words)
		return -ENOMEM;
	page->dma = (uintptr_t)page->words & 0x7ffffff000;
	return 0;
}

static void free_page_stub(void *ctx, struct xe_pt_page *page)
{
	stub_free(page->words);
}

static void test_tree_init(void **state)
{
	static const struct xe_pt_ops ops = { .alloc = alloc_page_stub, .free = free_page_stub };
	unsigned int format, flags, nth;

	alloc_reset();
	for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
		for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++)
			for (nth = 1;; nth++) {
				struct xe_pt_tree tree;
				int err;

				alloc_fail_nth(nth);
				err = xe_pt_tree_init(&tree, xe_pt_format_get(format), &ops, NULL,
						      flags);
				if (!alloc_has_failed()) {
					assert_int_equal(err, 0);
					xe_pt_tree_fini(&tree);
					assert_int_equal(alloc_outstanding(), 0);
					break;
				}
				assert_int_equal(err, -ENOMEM);
				assert_int_equal(alloc_outstanding(), 0);
			}
	alloc_fail_nth(0);
}

const struct CMUnitTest fail_tests[] = {
	cmocka_unit_test(test_every_allocation),
	cmocka_unit_test(test_abort_anywhere),
	cmocka_unit_test(test_tree_init),
};

const size_t n_fail_tests = ARRAY_SIZE(fail_tests);
