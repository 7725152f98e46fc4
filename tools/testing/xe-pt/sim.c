// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "sim.h"

void sim_init(struct sim *sim, enum xe_pt_format_id format, u32 flags, u64 base, u64 size)
{
	*sim = (struct sim){ .env = env_create(format, flags) };
	ref_map_init(&sim->soft, sim->env, base, size);
	ref_map_init(&sim->mem, sim->env, base, size);
	sim->addrs = malloc(size / PAGE * sizeof(*sim->addrs));
	assert_non_null(sim->addrs);
}

void sim_fini(struct sim *sim)
{
	sim_drain(sim);
	free(sim->addrs);
	ref_map_fini(&sim->soft);
	ref_map_fini(&sim->mem);
	env_destroy(sim->env);
}

/* Page addresses of an operation; the same each time. */
static void op_addrs(const struct op *op, dma_addr_t *addrs)
{
	size_t i, n = (op->end - op->start) / PAGE;
	u64 addr = op->phys;

	for (i = 0; i < n; i++, addr += PAGE) {
		if (op->kind == OP_MAP_RUNS && (op->start / PAGE + i * 7) % 40 == 3)
			addr += 5 * PAGE;
		addrs[i] = op->kind == OP_MAP_REVERSED ? op->phys + (n - 1 - i) * PAGE : addr;
	}
}

static struct xe_pte_attrs op_attrs(const struct op *op)
{
	struct xe_pte_attrs attrs = op->attrs;

	attrs.null = op->kind == OP_MAP_NULL;
	return attrs;
}

int sim_plan_op(struct sim *sim, struct xe_pt_plan *plan, const struct op *op)
{
	struct xe_pte_attrs attrs = op_attrs(op);
	struct xe_page_iter it;
	u8 largest;
	int err;

	if (op->kind == OP_UNMAP)
		return xe_pt_plan_unmap(plan, op->start, op->end);

	op_addrs(op, sim->addrs);
	if (op->kind == OP_MAP_NULL)
		xe_page_iter_init_null(&it, op->end - op->start);
	else
		xe_page_iter_init_array(&it, sim->addrs, 0, op->end - op->start);

	err = xe_pt_plan_map(plan, op->start, op->end, &attrs, &it, &largest);
	if (!err) {
		assert_true(op->kind == OP_MAP_NULL || !it.remaining);
		sim->largest = max(sim->largest, largest);
	}
	return err;
}

static void apply(struct sim *sim, struct ref_map *map, const struct op *op)
{
	struct xe_pte_attrs attrs = op_attrs(op);

	if (op->kind == OP_UNMAP) {
		ref_map_clear(map, sim->env, op->start, op->end);
		return;
	}
	op_addrs(op, sim->addrs);
	ref_map_set(map, op->start, op->end, &attrs, sim->addrs);
}

static u64 *pages_at(const struct ref_map *map, u64 va)
{
	return map->pages + (va - map->base) / PAGE;
}

struct bind *sim_commit(struct sim *sim, struct xe_pt_plan *plan, const struct op *ops,
			unsigned int n_ops)
{
	struct bind *bind = &sim->binds[sim->n_binds++];
	unsigned int i;

	assert_true(sim->n_binds <= MAX_BINDS);
	*bind = (struct bind){ .plan = plan, .n_ops = n_ops };
	xe_pt_plan_extent(plan, &bind->first, &bind->last);
	xe_pt_plan_commit(plan);

	for (i = 0; i < n_ops; i++) {
		bind->ops[i] = ops[i];
		apply(sim, &sim->soft, &ops[i]);
	}
	for (i = 0; i < n_ops; i++) {
		size_t size = (ops[i].end - ops[i].start) / PAGE * sizeof(u64);

		bind->after[i] = malloc(size);
		assert_non_null(bind->after[i]);
		memcpy(bind->after[i], pages_at(&sim->soft, ops[i].start), size);
	}
	return bind;
}

bool sim_may_write(const struct sim *sim, unsigned int i)
{
	const struct bind *bind = &sim->binds[i];
	unsigned int k;

	if (bind->written)
		return false;
	for (k = 0; k < i; k++)
		if (!sim->binds[k].written && sim->binds[k].first <= bind->last &&
		    bind->first <= sim->binds[k].last)
			return false;
	return true;
}

/* The write in progress, for the hook. */
static struct {
	struct sim *sim;
	u64 *after;
	unsigned int n_stores;
	bool barrier;
} writing;

static void expect_page(size_t page)
{
	const struct ref_map *before = &writing.sim->mem;
	u64 va = before->base + page * PAGE;
	u64 got = ref_translate(writing.sim->env, va);

	if (got != before->pages[page] && got != writing.after[page])
		fail_msg("store %u: va %#llx is %#llx, neither %#llx nor %#llx", writing.n_stores,
			 (unsigned long long)va, (unsigned long long)got,
			 (unsigned long long)before->pages[page],
			 (unsigned long long)writing.after[page]);
}

static void check_store(u64 *word)
{
	size_t i, n = writing.sim->mem.n_pages;

	assert_true(test_n_barriers > 0);
	writing.n_stores++;
	/* Long runs of stores are alike: look at everything only now and then. */
	if (!writing.sim->sample && (writing.n_stores <= 4 || writing.n_stores % 64 == 0)) {
		for (i = 0; i < n; i++)
			expect_page(i);
	} else {
		for (i = 0; i < 32; i++)
			expect_page(rnd(n));
	}
}

/* A table the GPU can reach, as it was before a write. */
struct table {
	const u64 *words;
	u64 base;
	unsigned int level;
};

static unsigned int list_tables(const struct env *env, const u64 *words, unsigned int level,
				u64 base, struct table *out)
{
	unsigned int slot, n = 1;

	*out = (struct table){ .words = words, .base = base, .level = level };
	for (slot = 0; level && slot < PPGTT_TABLE_ENTRIES; slot++) {
		struct xe_pte pte = { words[slot] };

		if (!xe_pte_is_present(pte) || xe_pte_is_leaf(pte, level) ||
		    pte.raw == env->tree.empty[level].raw)
			continue;
		n += list_tables(env, env->tree.ops->find((void *)env, xe_pte_addr(env->tree.fmt,
										   level, pte)),
				 level - 1, base + slot * xe_pt_level_size(level), out + n);
	}
	return n;
}

static bool bind_touches(const struct bind *bind, u64 first, u64 last)
{
	unsigned int i;

	for (i = 0; i < bind->n_ops; i++)
		if (bind->ops[i].start <= last && first < bind->ops[i].end)
			return true;
	return false;
}

/* Entries that say nothing about the ranges of the bind are bit-identical to before. */
static void expect_words_kept(const struct env *env, const struct bind *bind,
			      const struct table *tables, unsigned int n)
{
	unsigned int i, slot;

	for (i = 0; i < n; i++) {
		const u64 *old = env->saved + (tables[i].words - env->pool);
		u64 size = xe_pt_level_size(tables[i].level);

		for (slot = 0; slot < PPGTT_TABLE_ENTRIES; slot++) {
			u64 va = tables[i].base + slot * size;

			if (old[slot] != tables[i].words[slot])
				assert_true(bind_touches(bind, va, va + size - 1));
		}
	}
}

void sim_write(struct sim *sim, unsigned int i)
{
	static struct table tables[POOL_PAGES];
	struct bind *bind = &sim->binds[i];
	struct env *env = sim->env;
	size_t size = sim->mem.n_pages * sizeof(u64);
	unsigned int k, n;

	writing.sim = sim;
	writing.n_stores = 0;
	writing.after = malloc(size);
	assert_non_null(writing.after);
	memcpy(writing.after, sim->mem.pages, size);
	for (k = 0; k < bind->n_ops; k++)
		memcpy(writing.after + (bind->ops[k].start - sim->mem.base) / PAGE, bind->after[k],
		       (bind->ops[k].end - bind->ops[k].start) / PAGE * sizeof(u64));

	n = list_tables(env, env->tree.root->page.words, env->tree.fmt->root_level, 0, tables);
	env_save_memory(env);
	test_n_barriers = 0;
	test_store_hook = check_store;
	xe_pt_plan_write(bind->plan);
	test_store_hook = NULL;
	assert_int_equal(test_n_barriers, 2);
	assert_int_equal(writing.n_stores, xe_pt_plan_n_writes(bind->plan));
	expect_words_kept(env, bind, tables, n);

	free(sim->mem.pages);
	sim->mem.pages = writing.after;
	bind->written = true;
	ref_map_expect(&sim->mem, env, sim->sample);
}

void sim_free(struct sim *sim, unsigned int i)
{
	struct bind *bind = &sim->binds[i];
	unsigned int k;

	assert_true(bind->written);
	xe_pt_plan_free(bind->plan);
	for (k = 0; k < bind->n_ops; k++)
		free(bind->after[k]);
	memmove(bind, bind + 1, (--sim->n_binds - i) * sizeof(*bind));
}

void sim_bind(struct sim *sim, const struct op *ops, unsigned int n_ops)
{
	struct xe_pt_plan *plan = xe_pt_plan_create(&sim->env->tree);
	unsigned int i;

	assert_false(IS_ERR(plan));
	for (i = 0; i < n_ops; i++)
		assert_int_equal(sim_plan_op(sim, plan, &ops[i]), 0);
	sim_commit(sim, plan, ops, n_ops);
	sim_drain(sim);
}

void sim_drain(struct sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->n_binds; i++)
		if (!sim->binds[i].written)
			sim_write(sim, i);
	while (sim->n_binds)
		sim_free(sim, 0);

	assert_memory_equal(sim->mem.pages, sim->soft.pages, sim->mem.n_pages * sizeof(u64));
	ref_map_expect(&sim->mem, sim->env, sim->sample);
	env_expect_consistent(sim->env);
}

struct op sim_random_op(struct sim *sim, u64 granularity, u64 max_size)
{
	u64 size = sim->soft.n_pages * PAGE, end = sim->soft.base + size;
	static const u64 aligns[] = { PAGE, PAGE, 2 * MIB, GIB };
	struct op op = { .kind = OP_MAP + rnd(5) };
	u64 align = aligns[rnd(4)];

	/* Some operations have large pages' alignment, if that is not too coarse for the window. */
	if (align < granularity || align > max_size)
		align = granularity;
	if (!rnd(3))
		op.kind = OP_UNMAP;
	op.start = sim->soft.base + rnd(size / align) * align;
	op.end = op.start + (1 + rnd(max_size / align)) * align;
	op.end = min(op.end, end);

	/* Half of the memory can be used for large pages. */
	op.phys = 64 * GIB + rnd(64) * GIB + (op.start & (GIB - 1));
	op.phys += rnd(2) ? 0 : rnd(512) * PAGE;
	op.attrs.pat_index = rnd(sim->env->tree.fmt->n_pat);
	op.attrs.writable = rnd(2);
	return op;
}
