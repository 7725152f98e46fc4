/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Common ground of the page-table tests: table memory in a pool, allocations that fail on request,
 * snapshots of trees, and a reference map to compare translations with.
 */
#ifndef _HARNESS_H_
#define _HARNESS_H_

#include <setjmp.h>
#include <stdarg.h>

#include "pt/xe_pt_internal.h"

#include <cmocka.h>

#include "pt/xe_pt.h"
#include "pt/xe_pt_check.h"
#include "pt/xe_pt_plan.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define PAGE XE_PAGE_SIZE

#define POOL_PAGES 16384
#define POOL_DMA (8 * GIB)

/* One address space under test. */
struct env {
	struct xe_pt_tree tree;
	u64 *pool;
	u64 *saved;
	bool used[POOL_PAGES];
	bool was_used[POOL_PAGES];
	unsigned int n_used;
	unsigned int next;
};

struct env *env_create(enum xe_pt_format_id format, u32 flags);
void env_destroy(struct env *env);
void env_expect_consistent(struct env *env);

/* Copy all table memory; compare it later. Pages not in the tree, or freed since, are ignored. */
void env_save_memory(struct env *env);
void env_expect_memory_saved(const struct env *env);

/*
 * Number that identifies software tree, table memory and allocation counts exactly. Tables that are
 * kept for later are looked at, and freed.
 */
u64 env_hash(struct env *env);
/* All tables that are kept for later are as good as new. */
void env_expect_clean_cache(struct env *env);

/* Let the nth allocation from now on fail (1 is the next); 0: none. */
void alloc_fail_nth(unsigned int nth);
bool alloc_has_failed(void);
unsigned int alloc_outstanding(void);
/* Forget what a failed test has left behind. */
void alloc_reset(void);

/* What an address translates to: 0 if unmapped, else address and attributes in one number. */
#define REF_WRITABLE 0x1ULL
#define REF_NULL 0x2ULL
#define REF_PAT(pat) ((u64)(pat) << 2)
#define REF_DEVMEM 0x80ULL
#define REF_PRESENT 0x100ULL

u64 ref_encode(const struct xe_pte_attrs *attrs, u64 addr, bool devmem);
u64 ref_unmapped(const struct env *env);
u64 ref_translate(const struct env *env, u64 va);

/* A window of address space, one reference value per 4 KiB page. */
struct ref_map {
	u64 base;
	size_t n_pages;
	u64 *pages;
};

void ref_map_init(struct ref_map *map, const struct env *env, u64 base, u64 size);
void ref_map_fini(struct ref_map *map);
void ref_map_set(struct ref_map *map, u64 start, u64 end, const struct xe_pte_attrs *attrs,
		 const dma_addr_t *addrs);
void ref_map_clear(struct ref_map *map, const struct env *env, u64 start, u64 end);
/* Compare with memory: every page, or (sparse) those around each change and one in 64 others. */
void ref_map_expect(const struct ref_map *map, const struct env *env, bool sparse);

/* Deterministic random numbers. */
void rnd_seed(u64 seed);
u64 rnd(u64 n);

extern const struct CMUnitTest pte_tests[], iter_tests[], plan_tests[], random_tests[],
	fail_tests[], range_tests[];
extern const size_t n_pte_tests, n_iter_tests, n_plan_tests, n_random_tests, n_fail_tests,
	n_range_tests;

#endif
