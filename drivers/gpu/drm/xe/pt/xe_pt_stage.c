// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_stage.h"

/**
 * DOC: Recording changes of a plan
 *
 * The only functions that change the software tree. Each records what it changes in tables that
 * were there before the plan, or writes directly to a table the plan has made; see xe_pt_plan.c for
 * the whole picture and the locking.
 *
 * What is far apart in a table is recorded apart: a few records of a table, each for some slots in
 * a row, take less memory than one that has room for all between them.
 */

/* Most bytes that are allocated for stages before they are needed */
#define XE_PT_PLAN_CHUNK_MAX	4096
/* Most stages of one table, which are searched one by one */
#define XE_PT_STAGES_MAX	4

/* Memory that goes together with the plan; a multiple of 8 bytes. */
static void *plan_alloc(struct xe_pt_plan *plan, size_t size)
{
	struct xe_pt_chunk *chunk;
	size_t bytes;
	void *p;

	if (plan->left < size) {
		bytes = max_t(size_t, plan->chunk_size, sizeof(*chunk) + size);
		chunk = kmalloc(bytes, GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return NULL;
		chunk->next = plan->chunks;
		plan->chunks = chunk;
		plan->free = chunk->data;
		plan->left = bytes - sizeof(*chunk);
		plan->chunk_size = min_t(size_t, 2 * roundup_pow_of_two(bytes),
					 XE_PT_PLAN_CHUNK_MAX);
	}

	p = plan->free;
	plan->free += size;
	plan->left -= size;
	return p;
}

/*
 * A stage of @pt for @cap slots from @lo on, which the plan has behind the newest one of the table,
 * or at its end. Not one of the table yet.
 */
static struct xe_pt_stage *stage_alloc(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int lo,
				       unsigned int cap)
{
	struct xe_pt_stage *stage, **link;

	stage = plan_alloc(plan, struct_size(stage, data, pt->level ? 2 * cap : cap));
	if (!stage)
		return NULL;

	link = pt->stage ? &pt->stage->next : plan->last_stage;
	stage->next = *link;
	*link = stage;
	if (!stage->next)
		plan->last_stage = &stage->next;

	stage->other = NULL;
	stage->pt = pt;
	stage->detached = false;
	stage->lo = lo;
	stage->cap = cap;
	stage->dirty = (struct xe_pt_bits){};
	stage->old_live = pt->stage ? pt->stage->old_live : pt->live;
	return stage;
}

/* The only stage of a table: its slots include [first, last] and leave room, mostly upwards. */
static struct xe_pt_stage *stage_alloc_only(struct xe_pt_plan *plan, struct xe_pt *pt,
					    unsigned int first, unsigned int last)
{
	unsigned int n = roundup_pow_of_two(last - first + 1);

	return stage_alloc(plan, pt, min(first, PPGTT_TABLE_ENTRIES - n), n);
}

/* Move what a stage has recorded to a later one that has room for it, and let go of it. */
static void stage_move(struct xe_pt_plan *plan, struct xe_pt_stage *to, struct xe_pt_stage *from)
{
	struct xe_pt_stage **link = &plan->stages;
	unsigned int shift = from->lo - to->lo;

	memcpy(to->data + shift, from->data, from->cap * sizeof(u64));
	if (from->pt->level)
		memcpy(xe_pt_stage_old_slots(to) + shift, xe_pt_stage_old_slots(from),
		       from->cap * sizeof(u64));
	xe_pt_bits_add(&to->dirty, &from->dirty);

	while (*link != from)
		link = &(*link)->next;
	*link = from->next;
}

/*
 * Replace all stages of a table by one that includes [first, last], too. Their memory is not used
 * again, but they have no slot in common, and what is made here is at least twice as large as what
 * was made here before: so a table takes at most a few times what its last stage needs.
 */
static struct xe_pt_stage *stage_merge(struct xe_pt_plan *plan, struct xe_pt *pt,
				       unsigned int first, unsigned int last)
{
	struct xe_pt_stage *stage, *old;

	for (old = pt->stage; old; old = old->other) {
		first = min_t(unsigned int, first, old->lo);
		last = max(last, xe_pt_stage_last(old));
	}
	stage = stage_alloc_only(plan, pt, first, last);
	if (!stage)
		return NULL;

	for (old = pt->stage; old; old = old->other)
		stage_move(plan, stage, old);
	pt->stage = stage;
	return stage;
}

/* Make sure that changes to slots [first, last] of a table can be recorded, in one stage. */
static struct xe_pt_stage *stage_reserve(struct xe_pt_plan *plan, struct xe_pt *pt,
					 unsigned int first, unsigned int last)
{
	struct xe_pt_stage *stage;
	unsigned int n = 0;

	for (stage = pt->stage; stage; stage = stage->other) {
		if (first >= stage->lo && last <= xe_pt_stage_last(stage))
			return stage;
		if ((first <= xe_pt_stage_last(stage) && last >= stage->lo) ||
		    ++n == XE_PT_STAGES_MAX)
			return stage_merge(plan, pt, first, last);
	}

	/* Changes far apart are common, and what is between them would be large. */
	stage = n ? stage_alloc(plan, pt, first, last - first + 1) :
		    stage_alloc_only(plan, pt, first, last);
	if (stage) {
		stage->other = pt->stage;
		pt->stage = stage;
	}
	return stage;
}

/* Note that [first, last] will be stored, and what follows from that for the plan. */
static void stage_touch(struct xe_pt_plan *plan, struct xe_pt_stage *stage, unsigned int first,
			unsigned int last)
{
	struct xe_pt *pt = stage->pt;

	xe_pt_bits_set(&stage->dirty, first, last);
	if (!plan->needs_inval && xe_pt_bits_any(&stage->old_live, first, last))
		plan->needs_inval = true;

	xe_pt_plan_widen(plan, xe_pt_slot_base(pt, first),
			 xe_pt_slot_base(pt, last) + xe_pt_level_size(pt->level) - 1);
}

/**
 * xe_pt_plan_new_table() - make a table that this plan may write directly
 * @plan: plan
 * @parent: table it will be attached to, above level 0
 * @slot: slot of @parent
 * @first: first slot of the new table that the caller is going to write
 * @n: number of such slots, see xe_pt_reset()
 *
 * All other entries are empty. The table is let go of by xe_pt_plan_abort(), attached or not.
 *
 * Context: may sleep.
 * Return: the table, NULL if out of memory.
 */
struct xe_pt *xe_pt_plan_new_table(struct xe_pt_plan *plan, struct xe_pt *parent,
				   unsigned int slot, unsigned int first, unsigned int n)
{
	struct xe_pt *pt;

	pt = xe_pt_create(plan->tree, parent, parent->level - 1, xe_pt_slot_base(parent, slot));
	if (!pt)
		return NULL;

	xe_pt_reset(plan->tree, pt, first, n);
	pt->creator = plan;
	pt->next_created = plan->created;
	plan->created = pt;
	return pt;
}

static void plan_detach(struct xe_pt_plan *plan, struct xe_pt *pt)
{
	pt->next_detached = plan->detached;
	plan->detached = pt;
	/* It may be there, or below. */
	plan->near = NULL;
}

/**
 * xe_pt_plan_set_slot() - give a slot a new meaning and record the store that makes it true
 * @plan: plan
 * @pt: interior table
 * @slot: slot
 * @hint: highest slot that the operation may change as well, for the size of the record
 * @new: new meaning
 * @pte: entry that says the same
 *
 * The table that was below is detached.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int xe_pt_plan_set_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			unsigned int hint, struct xe_pt_slot new, struct xe_pte pte)
{
	struct xe_pt_slot old = pt->slots[slot];
	struct xe_pt_stage *stage;
	struct xe_pt *child;

	if (xe_pt_plan_owns(plan, pt)) {
		pt->page.words[slot] = pte.raw;
	} else {
		stage = stage_reserve(plan, pt, slot, hint);
		if (!stage)
			return -ENOMEM;
		if (!xe_pt_bits_test(&stage->dirty, slot))
			xe_pt_stage_old_slots(stage)[slot - stage->lo] = old.raw;
		stage->data[slot - stage->lo] = pte.raw;
		stage_touch(plan, stage, slot, slot);
	}

	child = xe_pt_slot_child(old);
	if (child)
		plan_detach(plan, child);

	pt->slots[slot] = new;
	if (xe_pt_slot_is_empty(new))
		xe_pt_bits_clear(&pt->live, slot, slot);
	else
		xe_pt_bits_set(&pt->live, slot, slot);
	return 0;
}

/**
 * xe_pt_plan_set_child() - attach a table
 * @plan: plan
 * @pt: interior table
 * @slot: slot; the table below it is detached
 * @child: table to attach, complete
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int xe_pt_plan_set_child(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			 struct xe_pt *child)
{
	return xe_pt_plan_set_slot(plan, pt, slot, slot, xe_pt_slot_from_child(child),
				   xe_pte_table(plan->tree->fmt, child->page.dma));
}

/**
 * xe_pt_plan_clear_slot() - let a slot map nothing
 * @plan: plan
 * @pt: interior table
 * @slot: slot; the table below it is detached
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int xe_pt_plan_clear_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot)
{
	return xe_pt_plan_set_slot(plan, pt, slot, slot, (struct xe_pt_slot){},
				   plan->tree->empty[pt->level]);
}

/**
 * xe_pt_plan_open_ptes() - where new values of consecutive level-0 entries go
 * @plan: plan
 * @pt: table of level 0
 * @first: first slot
 * @last: last slot
 *
 * The caller writes all of the entries, and keeps &xe_pt.live up to date.
 *
 * Context: may sleep.
 * Return: array of @last - @first + 1 entries, NULL if out of memory.
 */
u64 *xe_pt_plan_open_ptes(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int first,
			  unsigned int last)
{
	struct xe_pt_stage *stage;

	if (xe_pt_plan_owns(plan, pt))
		return pt->page.words + first;

	stage = stage_reserve(plan, pt, first, last);
	if (!stage)
		return NULL;
	stage_touch(plan, stage, first, last);
	return stage->data + (first - stage->lo);
}

/**
 * xe_pt_plan_split() - build the table that says the same as a large page
 * @plan: plan
 * @pt: table with the large page
 * @slot: its slot
 *
 * Context: may sleep.
 * Return: the table, not attached; NULL if out of memory.
 */
struct xe_pt *xe_pt_plan_split(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot)
{
	struct xe_pte first;
	struct xe_pt *child;
	unsigned int i;
	u64 step;

	child = xe_pt_plan_new_table(plan, pt, slot, 0, PPGTT_TABLE_ENTRIES);
	if (!child)
		return NULL;

	first = xe_pte_split(plan->tree->fmt, pt->level, (struct xe_pte){ pt->slots[slot].raw },
			     &step);
	xe_pt_fill(child, first, step);
	xe_pt_bits_set(&child->live, 0, XE_PT_LAST_SLOT);
	plan->n_splits++;
	if (child->level)
		for (i = 0; i < PPGTT_TABLE_ENTRIES; i++)
			child->slots[i].raw = child->page.words[i];
	return child;
}
