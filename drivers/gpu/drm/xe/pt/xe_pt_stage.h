/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Inside of plans, shared by xe_pt_plan.c, xe_pt_plan_ops.c and xe_pt_stage.c only.
 */
#ifndef _XE_PT_STAGE_H_
#define _XE_PT_STAGE_H_

#include "pt/xe_pt.h"
#include "pt/xe_pt_bits.h"
#include "pt/xe_pt_internal.h"

/**
 * struct xe_pt_chunk - memory for stages
 * @next: chunk that was made before this one
 * @data: stages, one after the other
 */
struct xe_pt_chunk {
	struct xe_pt_chunk *next;
	u64 data[];
};

/**
 * struct xe_pt_stage - changes of one plan to one table it has not made, or to part of it
 * @next: next stage of the plan: tables in order of first use, stages of a table in a row
 * @other: next stage of the same table; those of a table have no slot in common
 * @pt: the table
 * @detached: the table has left the tree by the end of the plan: nothing is stored
 * @lo: slot that the first element of @data belongs to
 * @cap: number of slots @data has room for
 * @dirty: slots that were changed
 * @old_live: &xe_pt.live before the plan
 * @data: @cap new entries; above level 0 followed by @cap old slots; valid where @dirty
 */
struct xe_pt_stage {
	struct xe_pt_stage *next;
	struct xe_pt_stage *other;
	struct xe_pt *pt;
	bool detached;
	u16 lo;
	u16 cap;
	struct xe_pt_bits dirty;
	struct xe_pt_bits old_live;
	u64 data[];
};

/**
 * struct xe_pt_plan - one atomic change of a tree
 * @tree: tree
 * @stages: list of stages
 * @last_stage: where the next stage is linked
 * @created: tables made by the plan, until commit
 * @detached: top tables of the subtrees removed by the plan, disjoint
 * @near: table of level XE_PT_NEAR_LEVEL, part of the tree, that was mapped into last; or NULL
 * @chunks: list of allocations for stages, the newest first
 * @free: unused memory of the newest one
 * @left: bytes at @free
 * @chunk_size: least number of bytes of the next allocation
 * @first: lowest address of an operation or affected by a store
 * @last: highest address of an operation or affected by a store
 * @n_splits: large pages replaced by a table that says the same
 * @needs_inval: an entry that was present is changed
 * @committed: the point of no return is passed
 * @written: the stores have been made
 */
struct xe_pt_plan {
	struct xe_pt_tree *tree;
	struct xe_pt_stage *stages;
	struct xe_pt_stage **last_stage;
	struct xe_pt *created;
	struct xe_pt *detached;
	struct xe_pt *near;
	struct xe_pt_chunk *chunks;
	void *free;
	u32 left;
	u32 chunk_size;
	u64 first;
	u64 last;
	unsigned int n_splits;
	bool needs_inval;
	bool committed;
	bool written;
};

/* Tables of this level cover 1 GiB: what is bound together is mostly within one. */
#define XE_PT_NEAR_LEVEL	1

/* Slots of an interior table before the plan, parallel to &xe_pt_stage.data. */
static inline u64 *xe_pt_stage_old_slots(struct xe_pt_stage *stage)
{
	return stage->data + stage->cap;
}

/* Last slot that @data has room for. */
static inline unsigned int xe_pt_stage_last(const struct xe_pt_stage *stage)
{
	return stage->lo + stage->cap - 1;
}

/* Was the table made by this plan, so that nothing else can reach it? */
static inline bool xe_pt_plan_owns(const struct xe_pt_plan *plan, const struct xe_pt *pt)
{
	return pt->creator == plan;
}

/* Make the extent include [first, last]. */
static inline void xe_pt_plan_widen(struct xe_pt_plan *plan, u64 first, u64 last)
{
	plan->first = min(plan->first, first);
	plan->last = max(plan->last, last);
}

struct xe_pt *xe_pt_plan_new_table(struct xe_pt_plan *plan, struct xe_pt *parent,
				   unsigned int slot, unsigned int first, unsigned int n);
struct xe_pt *xe_pt_plan_split(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot);
int xe_pt_plan_set_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			unsigned int hint, struct xe_pt_slot new, struct xe_pte pte);
int xe_pt_plan_set_child(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			 struct xe_pt *child);
int xe_pt_plan_clear_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot);
u64 *xe_pt_plan_open_ptes(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int first,
			  unsigned int last);

#endif
