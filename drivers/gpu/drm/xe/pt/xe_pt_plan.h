/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PT_PLAN_H_
#define _XE_PT_PLAN_H_

#include "pt/xe_page_iter.h"
#include "pt/xe_pt_internal.h"
#include "pt/xe_pte.h"

struct xe_pt_plan;
struct xe_pt_stage;
struct xe_pt_tree;

/**
 * struct xe_pt_run - consecutive entries of one table that a plan stores
 * @dma: GPU address of the first entry
 * @words: CPU mapping of the first entry
 * @values: @count new values
 * @count: number of entries, 1 to 512
 * @va: first GPU virtual address whose translation passes through these entries
 * @level: level of the table
 */
struct xe_pt_run {
	u64 dma;
	u64 *words;
	const u64 *values;
	unsigned int count;
	u64 va;
	u8 level;
};

/**
 * struct xe_pt_run_iter - position in the runs of a plan
 * @stage: table the next run is in
 * @slot: where the search for the next run starts
 */
struct xe_pt_run_iter {
	const struct xe_pt_stage *stage;
	unsigned int slot;
};

struct xe_pt_plan *xe_pt_plan_create(struct xe_pt_tree *tree);
int xe_pt_plan_map(struct xe_pt_plan *plan, u64 start, u64 end, const struct xe_pte_attrs *attrs,
		   struct xe_page_iter *src, u8 *largest_level);
int xe_pt_plan_unmap(struct xe_pt_plan *plan, u64 start, u64 end);

void xe_pt_plan_abort(struct xe_pt_plan *plan);
void xe_pt_plan_commit(struct xe_pt_plan *plan);
void xe_pt_plan_write(struct xe_pt_plan *plan);
void xe_pt_plan_set_written(struct xe_pt_plan *plan);
void xe_pt_plan_free(struct xe_pt_plan *plan);

bool xe_pt_plan_is_empty(const struct xe_pt_plan *plan);
bool xe_pt_plan_needs_inval(const struct xe_pt_plan *plan);
void xe_pt_plan_extent(const struct xe_pt_plan *plan, u64 *first, u64 *last);
size_t xe_pt_plan_n_writes(const struct xe_pt_plan *plan);
size_t xe_pt_plan_n_words(const struct xe_pt_plan *plan);
unsigned int xe_pt_plan_n_splits(const struct xe_pt_plan *plan);

void xe_pt_run_iter_init(struct xe_pt_run_iter *it, const struct xe_pt_plan *plan);
bool xe_pt_run_next(struct xe_pt_run_iter *it, struct xe_pt_run *run);

#endif
