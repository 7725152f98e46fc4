// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Random binds, aborted, committed, written late and in any legal order, freed later still. Each
 * store is checked against the reference as it happens.
 *
 * Proven to notice (see mutants.py): direct writes to a table that an unwritten plan has made;
 * extents that are too small, so that plans pass each other; tables freed while reachable.
 */
#include "sim.h"

/* Write one bind that may be written, or free one that is. */
static void random_progress(struct sim *sim)
{
	unsigned int i = rnd(sim->n_binds);

	if (sim->binds[i].written)
		sim_free(sim, i);
	else if (sim_may_write(sim, i))
		sim_write(sim, i);
}

static void random_bind(struct sim *sim, u64 granularity, u64 max_size)
{
	struct xe_pt_plan *plan = xe_pt_plan_create(&sim->env->tree);
	unsigned int i, n = 1 + rnd(rnd(3) ? 3 : MAX_OPS);
	struct op ops[MAX_OPS];
	bool abort = !rnd(6);
	u64 hash = 0;

	assert_false(IS_ERR(plan));
	sim->env->tree.planning = NULL;
	if (abort)
		hash = env_hash(sim->env);
	sim->env->tree.planning = plan;

	env_save_memory(sim->env);
	for (i = 0; i < n; i++) {
		ops[i] = sim_random_op(sim, granularity, max_size);
		assert_int_equal(sim_plan_op(sim, plan, &ops[i]), 0);
	}
	if (abort) {
		xe_pt_plan_abort(plan);
		env_expect_clean_cache(sim->env);
		xe_pt_tree_trim(&sim->env->tree);
		/* The plan itself was counted when the hash was taken. */
		assert_int_equal(env_hash(sim->env) ^ (u64)alloc_outstanding() << 32,
				 hash ^ (u64)(alloc_outstanding() + 1) << 32);
	} else {
		sim_commit(sim, plan, ops, n);
	}
	env_expect_memory_saved(sim->env);
	assert_int_equal(xe_pt_check(&sim->env->tree, 0, NULL), 0);
}

static void run(enum xe_pt_format_id format, u32 flags, u64 base, u64 size, u64 granularity,
		u64 max_size, unsigned int rounds)
{
	struct sim sim;

	sim_init(&sim, format, flags, base, size);
	sim.sample = size > 64 * MIB;
	while (rounds--) {
		if (sim.n_binds < MAX_BINDS && rnd(5) < 2)
			random_bind(&sim, granularity, max_size);
		else if (sim.n_binds)
			random_progress(&sim);
		if (!rnd(40))
			sim_drain(&sim);
	}
	sim_drain(&sim);
	sim_fini(&sim);
}

/* Two 512 GiB entries, few pages: every page is compared after every store. */
static void test_small(void **state)
{
	unsigned int format, flags;

	for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
		for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++)
			run(format, flags, 512 * GIB - 4 * MIB, 8 * MIB, PAGE, 3 * MIB, 300);
}

/* The same with short operations, so that tables fill up and empty slowly. */
static void test_fine(void **state)
{
	unsigned int format, flags;

	for (format = 0; format < XE_PT_FORMAT_COUNT; format++)
		for (flags = 0; flags <= XE_PT_TREE_SCRATCH; flags++)
			run(format, flags, 512 * GIB - 64 * PAGE, 128 * PAGE, PAGE, 60 * PAGE, 600);
}

/* All page sizes: 1 GiB and 2 MiB pages that are split and replaced. */
static void test_large(void **state)
{
	run(XE_PT_FORMAT_XELP, 0, 511 * GIB, 3 * GIB, PAGE, 2 * GIB, 60);
	run(XE_PT_FORMAT_XELP, XE_PT_TREE_SCRATCH, 511 * GIB, 3 * GIB, 64 * PAGE, 2 * GIB, 60);
}

const struct CMUnitTest random_tests[] = {
	cmocka_unit_test(test_small),
	cmocka_unit_test(test_fine),
	cmocka_unit_test(test_large),
};

const size_t n_random_tests = ARRAY_SIZE(random_tests);
