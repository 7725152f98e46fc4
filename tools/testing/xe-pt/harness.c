// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "harness.h"

#include <time.h>
#include <unistd.h>

void (*test_store_hook)(u64 *word);
unsigned int test_n_barriers;

static unsigned int fail_countdown;
static bool has_failed;
static unsigned int n_outstanding;

void alloc_fail_nth(unsigned int nth)
{
	fail_countdown = nth;
	has_failed = false;
}

void alloc_reset(void)
{
	n_outstanding = 0;
	fail_countdown = 0;
	test_store_hook = NULL;
}

bool alloc_has_failed(void)
{
	return has_failed;
}

unsigned int alloc_outstanding(void)
{
	return n_outstanding;
}

bool stub_should_fail(void)
{
	if (!fail_countdown || --fail_countdown)
		return false;
	has_failed = true;
	return true;
}

void *stub_alloc(size_t size, bool zero)
{
	void *p;

	if (stub_should_fail())
		return NULL;
	p = malloc(size);
	assert_non_null(p);
	memset(p, zero ? 0 : 0xa5, size);
	n_outstanding++;
	return p;
}

void stub_free(const void *p)
{
	if (p)
		n_outstanding--;
	free((void *)p);
}

/* Shared by all tests, one after the other: allocating that much each time is slow. */
static u64 pool[POOL_PAGES * PPGTT_TABLE_ENTRIES], saved[POOL_PAGES * PPGTT_TABLE_ENTRIES];

/* Table pages: taken round robin, so that a freed page stays poisoned for a while. */
static int pool_alloc(void *ctx, struct xe_pt_page *page)
{
	struct env *env = ctx;
	unsigned int i, limit = env->n_used < 256 ? 512 : POOL_PAGES;

	if (stub_should_fail())
		return -ENOMEM;
	assert_true(env->n_used < POOL_PAGES);
	do {
		i = env->next++ % limit;
	} while (env->used[i]);

	env->used[i] = true;
	env->n_used++;
	page->words = env->pool + (size_t)i * PPGTT_TABLE_ENTRIES;
	page->dma = POOL_DMA + i * PAGE;
	memset(page->words, 0, PAGE);
	return 0;
}

static void pool_free(void *ctx, struct xe_pt_page *page)
{
	struct env *env = ctx;
	unsigned int i = (page->dma - POOL_DMA) / PAGE;

	assert_true(env->used[i]);
	env->used[i] = false;
	env->n_used--;
	memset(page->words, 0x5a, PAGE);
}

static const u64 *pool_find(void *ctx, u64 dma)
{
	struct env *env = ctx;
	u64 i = (dma - POOL_DMA) / PAGE;

	return i < POOL_PAGES && env->used[i] ? env->pool + i * PPGTT_TABLE_ENTRIES : NULL;
}

static const struct xe_pt_ops pool_ops = {
	.alloc = pool_alloc,
	.free = pool_free,
	.find = pool_find,
};

struct env *env_create(enum xe_pt_format_id format, u32 flags)
{
	struct env *env = calloc(1, sizeof(*env));

	assert_non_null(env);
	env->pool = pool;
	env->saved = saved;
	/* A test that failed may have left something behind. */
	alloc_reset();
	assert_int_equal(xe_pt_tree_init(&env->tree, xe_pt_format_get(format), &pool_ops, env,
					 flags), 0);
	return env;
}

void env_destroy(struct env *env)
{
	xe_pt_tree_fini(&env->tree);
	assert_int_equal(env->n_used, 0);
	assert_int_equal(n_outstanding, 0);
	free(env);
}

static void env_forget_list(struct env *env, const struct xe_pt *pt)
{
	for (; pt; pt = pt->next_detached)
		env->was_used[(pt->page.dma - POOL_DMA) / PAGE] = false;
}

void env_save_memory(struct env *env)
{
	unsigned int i;

	memcpy(env->was_used, env->used, sizeof(env->used));
	/* A plan may write to these at once. */
	env_forget_list(env, env->tree.cache.leaf);
	env_forget_list(env, env->tree.cache.inner);
	for (i = 0; i < POOL_PAGES; i++)
		if (env->used[i])
			memcpy(env->saved + (size_t)i * PPGTT_TABLE_ENTRIES,
			       env->pool + (size_t)i * PPGTT_TABLE_ENTRIES, PAGE);
}

void env_expect_memory_saved(const struct env *env)
{
	unsigned int i;

	for (i = 0; i < POOL_PAGES; i++) {
		size_t at = (size_t)i * PPGTT_TABLE_ENTRIES;

		if (env->used[i] && env->was_used[i])
			assert_memory_equal(env->saved + at, env->pool + at, PAGE);
	}
}

static unsigned int count_tables(const struct xe_pt *pt)
{
	unsigned int slot, n = 1;

	if (pt->level)
		xe_pt_bits_for_each(slot, &pt->live, 0) {
			const struct xe_pt *child = xe_pt_slot_child(pt->slots[slot]);

			if (child)
				n += count_tables(child);
		}
	return n;
}

/* Everything is written and freed: memory agrees with the software tree and nothing leaks. */
void env_expect_consistent(struct env *env)
{
	struct xe_pt_flaw flaw;
	unsigned int level, n;

	if (xe_pt_check(&env->tree, XE_PT_CHECK_WRITTEN, &flaw))
		fail_msg("level %u slot %u va %#llx word %#llx: %s", flaw.level, flaw.slot,
			 (unsigned long long)flaw.va, (unsigned long long)flaw.word, flaw.rule);

	n = count_tables(env->tree.root);
	for (level = 0; level < XE_PT_MAX_LEVELS; level++)
		n += !!env->tree.scratch[level];
	assert_int_equal(env->n_used, n + env->tree.cache.n);
}

static u64 hash_bytes(u64 h, const void *p, size_t n)
{
	const u64 *w = p;

	for (; n; n -= sizeof(*w))
		h = (h ^ *w++) * 0x100000001b3ULL, h ^= h >> 29;
	return h;
}

static u64 hash_table(u64 h, const struct xe_pt *pt)
{
	unsigned int slot;

	h = hash_bytes(h, pt, sizeof(*pt) & ~7);
	h = hash_bytes(h, pt->page.words, PAGE);
	if (!pt->level)
		return h;
	h = hash_bytes(h, pt->slots, PAGE);
	xe_pt_bits_for_each(slot, &pt->live, 0) {
		const struct xe_pt *child = xe_pt_slot_child(pt->slots[slot]);

		if (child)
			h = hash_table(h, child);
	}
	return h;
}

void env_expect_clean_cache(struct env *env)
{
	const struct xe_pt *dirty;
	unsigned int slot;

	dirty = xe_pt_cache_find_dirty(&env->tree.cache, &slot);
	if (dirty)
		fail_msg("kept table, last of level %u, slot %u: word %#llx", dirty->level, slot,
			 (unsigned long long)dirty->page.words[slot]);
}

u64 env_hash(struct env *env)
{
	u64 h = hash_table(0xcbf29ce484222325ULL, env->tree.root);

	env_expect_clean_cache(env);
	xe_pt_tree_trim(&env->tree);
	h = hash_bytes(h, &env->tree, sizeof(env->tree));
	return h ^ env->n_used ^ (u64)n_outstanding << 32;
}

u64 ref_encode(const struct xe_pte_attrs *attrs, u64 addr, bool devmem)
{
	return REF_PRESENT | (attrs->writable ? REF_WRITABLE : 0) | REF_PAT(attrs->pat_index) |
	       (attrs->null ? REF_NULL : addr) | (devmem ? REF_DEVMEM : 0);
}

u64 ref_unmapped(const struct env *env)
{
	const struct xe_pt_format *fmt = env->tree.fmt;
	const struct xe_pte_attrs scratch = {
		.pat_index = fmt->pat_wb, .writable = true, .null = true,
	};

	if (!env->tree.empty[0].raw)
		return 0;
	return ref_encode(&scratch, 0, fmt->scratch_devmem);
}

u64 ref_translate(const struct env *env, u64 va)
{
	struct xe_pt_translation t;
	int err = xe_pt_translate(&env->tree, va, &t);

	if (err == -ENOENT)
		return 0;
	if (err)
		fail_msg("va %#llx: translation fails with %d", (unsigned long long)va, err);
	return ref_encode(&t.page.attrs, t.addr, t.page.devmem);
}

void ref_map_init(struct ref_map *map, const struct env *env, u64 base, u64 size)
{
	size_t i;

	*map = (struct ref_map){ .base = base, .n_pages = size / PAGE };
	map->pages = malloc(map->n_pages * sizeof(u64));
	assert_non_null(map->pages);
	for (i = 0; i < map->n_pages; i++)
		map->pages[i] = ref_unmapped(env);
}

void ref_map_fini(struct ref_map *map)
{
	free(map->pages);
}

void ref_map_set(struct ref_map *map, u64 start, u64 end, const struct xe_pte_attrs *attrs,
		 const dma_addr_t *addrs)
{
	size_t i, first = (start - map->base) / PAGE;

	for (i = 0; i < (end - start) / PAGE; i++)
		map->pages[first + i] = ref_encode(attrs, attrs->null ? 0 : addrs[i], false);
}

void ref_map_clear(struct ref_map *map, const struct env *env, u64 start, u64 end)
{
	for (; start < end; start += PAGE)
		map->pages[(start - map->base) / PAGE] = ref_unmapped(env);
}

/* Does page @i continue page @i - 1? */
static bool ref_map_continues(const struct ref_map *map, size_t i)
{
	u64 prev, this;

	if (!i || i == map->n_pages)
		return false;
	prev = map->pages[i - 1];
	this = map->pages[i];
	return this == prev || this == prev + PAGE;
}

void ref_map_expect(const struct ref_map *map, const struct env *env, bool sparse)
{
	size_t i;

	for (i = 0; i < map->n_pages; i++) {
		u64 got;

		if (sparse && i % 64 && ref_map_continues(map, i) && ref_map_continues(map, i + 1))
			continue;
		got = ref_translate(env, map->base + i * PAGE);
		if (got != map->pages[i])
			fail_msg("va %#llx: %#llx, expected %#llx",
				 (unsigned long long)(map->base + i * PAGE),
				 (unsigned long long)got, (unsigned long long)map->pages[i]);
	}
}

static u64 rnd_state;

void rnd_seed(u64 seed)
{
	rnd_state = seed * 2 + 1;
}

/* xorshift64*: 0 to n - 1. */
u64 rnd(u64 n)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (rnd_state * 0x2545f4914f6cdd1dULL >> 16) % n;
}

struct dma_fence *dma_fence_get(struct dma_fence *fence)
{
	fence->refs++;
	return fence;
}

void dma_fence_put(struct dma_fence *fence)
{
	assert(fence->refs > 0);
	fence->refs--;
}

int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb, dma_fence_func_t func)
{
	if (fence->signalled)
		return -ENOENT;
	cb->func = func;
	cb->next = fence->cbs;
	fence->cbs = cb;
	return 0;
}

int dma_fence_signal(struct dma_fence *fence)
{
	struct dma_fence_cb *cb, *next;
	unsigned long flags;

	spin_lock_irqsave(fence->lock, flags);
	fence->signalled = true;
	for (cb = fence->cbs; cb; cb = next) {
		next = cb->next;
		cb->func(fence, cb);
	}
	fence->cbs = NULL;
	spin_unlock_irqrestore(fence->lock, flags);
	return 0;
}

/* Whoever waits in a single thread makes it happen. */
long dma_fence_wait(struct dma_fence *fence, bool intr)
{
	(void)intr;
	if (!fence->signalled)
		dma_fence_signal(fence);
	return 0;
}

int main(int argc, char **argv)
{
	struct timespec now;
	int failed = 0;

	/* A seed may be given to repeat a run, or a number to vary it. */
	clock_gettime(CLOCK_REALTIME, &now);
	rnd_seed(argc > 1 ? strtoull(argv[1], NULL, 0) : (u64)now.tv_nsec);
	printf("random seed %llu\n", (unsigned long long)(rnd_state / 2));

	failed += _cmocka_run_group_tests("pte", pte_tests, n_pte_tests, NULL, NULL);
	failed += _cmocka_run_group_tests("page iterator", iter_tests, n_iter_tests, NULL, NULL);
	failed += _cmocka_run_group_tests("plan", plan_tests, n_plan_tests, NULL, NULL);
	failed += _cmocka_run_group_tests("failure", fail_tests, n_fail_tests, NULL, NULL);
	failed += _cmocka_run_group_tests("random", random_tests, n_random_tests, NULL, NULL);
	failed += _cmocka_run_group_tests("range", range_tests, n_range_tests, NULL, NULL);
	/* Failed tests leave memory behind: do not let the leak checker bury their messages. */
	fflush(NULL);
	if (failed)
		_exit(1);
	return 0;
}
