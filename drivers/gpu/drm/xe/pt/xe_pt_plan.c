// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_plan.h"

#include "pt/xe_pt.h"

/**
 * DOC: Page-table plans
 *
 * A plan is one atomic change of a page-table tree, made of any number of map and unmap operations
 * that see each other's effect. Its life has two halves:
 *
 * - *Planning* (create, map, unmap, then commit or abort) decides, allocates and may fail. The
 *   software tree is changed in place; what it was is kept in a record per table, a stage, so that
 *   abort can put it back. At most one plan per tree is in this half.
 * - *Carrying out* (write, free) happens at once or much later, from another context. It touches
 *   only what the plan owns and memory of tables, never the software tree, which may have been
 *   changed further by later plans.
 *
 * Tables that a plan makes are filled while planning, because nothing can reach them. Entries of
 * tables that were there before are staged: new values lie in the stage of the table until write
 * stores them. After a commit the new tables are like any other: a later plan stages its changes
 * to them, even if they have not been published yet.
 *
 * Several operations on the same entry leave one store, of the last value. Each store takes the
 * addresses of the plan's operations from the state before the plan to the state after it, and
 * leaves the translation of all others as it is. That is so because
 *
 * - a range that covers a whole table gets a new table (or page) and one store in its parent;
 * - part of a large page is changed by making a table that describes the rest of the page too, and
 *   one store that swings the parent from the page to the table;
 * - entries are cleared at the highest level at which they belong to the range as a whole, or hold
 *   nothing else; what is below is detached with its contents;
 * - stages of tables that were detached later in the same plan are dropped at commit.
 *
 * A table is freed only by the plan that detached it, after that plan was written and the caller
 * has had TLBs invalidated. Any earlier plan that has stores to the table was written before,
 * provided that the caller carries out plans with overlapping extents in the order of their commits:
 * detaching a table widens the extent to all addresses the table covers.
 *
 * Locking: planning and commit need the lock that serialises binds of the address space, write and
 * free need none. Commit, abort and write neither allocate nor fail; write does not sleep.
 */

/**
 * struct xe_pt_stage - changes of one plan to one table it has not made
 * @next: next stage of the plan, in order of first use
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
 * @stages: list of stages, oldest first
 * @last_stage: where the next stage is linked
 * @created: tables made by the plan, until commit
 * @detached: top tables of the subtrees removed by the plan, disjoint
 * @first: lowest address of an operation or affected by a store
 * @last: highest address of an operation or affected by a store
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
	u64 first;
	u64 last;
	bool needs_inval;
	bool committed;
	bool written;
};

/**
 * struct xe_pt_map_op - a map operation under way
 * @plan: plan
 * @attrs: attributes of the mapping
 * @src: backing memory at the current position; unused if @attrs say null
 * @flags: leaf without its address, per level
 * @largest: highest level at which a leaf was written
 */
struct xe_pt_map_op {
	struct xe_pt_plan *plan;
	const struct xe_pte_attrs *attrs;
	struct xe_page_iter *src;
	u64 flags[XE_PT_MAX_LEAF_LEVEL + 1];
	u8 largest;
};

/* Make the extent include [first, last]. */
static void plan_widen(struct xe_pt_plan *plan, u64 first, u64 last)
{
	plan->first = min(plan->first, first);
	plan->last = max(plan->last, last);
}

/*
 * Stages
 */

static u64 *stage_old_slots(struct xe_pt_stage *stage)
{
	return stage->data + stage->cap;
}

/* Choose a window of slots that includes [first, last] and leaves room to grow, mostly upwards. */
static void stage_window(unsigned int first, unsigned int last, u16 *lo, u16 *cap)
{
	unsigned int n = roundup_pow_of_two(last - first + 1);

	*cap = n;
	*lo = min(first, PPGTT_TABLE_ENTRIES - n);
}

static struct xe_pt_stage *stage_alloc(const struct xe_pt *pt, unsigned int first,
				       unsigned int last)
{
	struct xe_pt_stage *stage;
	u16 lo, cap;

	stage_window(first, last, &lo, &cap);
	stage = kmalloc(struct_size(stage, data, pt->level ? 2 * cap : cap), GFP_KERNEL);
	if (!stage)
		return NULL;

	stage->lo = lo;
	stage->cap = cap;
	return stage;
}

static struct xe_pt_stage *stage_create(struct xe_pt_plan *plan, struct xe_pt *pt,
					unsigned int first, unsigned int last)
{
	struct xe_pt_stage *stage = stage_alloc(pt, first, last);

	if (!stage)
		return NULL;

	stage->next = NULL;
	stage->pt = pt;
	stage->detached = false;
	stage->dirty = (struct xe_pt_bits){};
	stage->old_live = pt->live;
	*plan->last_stage = stage;
	plan->last_stage = &stage->next;
	pt->stage = stage;
	return stage;
}

/* Replace a stage by a larger one that also includes [first, last]. */
static struct xe_pt_stage *stage_grow(struct xe_pt_plan *plan, struct xe_pt_stage *old,
				      unsigned int first, unsigned int last)
{
	struct xe_pt_stage **link = &plan->stages;
	struct xe_pt_stage *stage;
	unsigned int shift;

	stage = stage_alloc(old->pt, min_t(unsigned int, first, old->lo),
			    max_t(unsigned int, last, old->lo + old->cap - 1));
	if (!stage)
		return NULL;

	shift = old->lo - stage->lo;
	memcpy(stage->data + shift, old->data, old->cap * sizeof(u64));
	if (old->pt->level)
		memcpy(stage_old_slots(stage) + shift, stage_old_slots(old),
		       old->cap * sizeof(u64));
	stage->next = old->next;
	stage->pt = old->pt;
	stage->detached = false;
	stage->dirty = old->dirty;
	stage->old_live = old->old_live;

	while (*link != old)
		link = &(*link)->next;
	*link = stage;
	if (plan->last_stage == &old->next)
		plan->last_stage = &stage->next;
	stage->pt->stage = stage;
	kfree(old);
	return stage;
}

/* Make sure that changes to slots [first, last] of a table can be recorded. */
static struct xe_pt_stage *stage_reserve(struct xe_pt_plan *plan, struct xe_pt *pt,
					 unsigned int first, unsigned int last)
{
	struct xe_pt_stage *stage = pt->stage;

	if (!stage)
		return stage_create(plan, pt, first, last);
	if (first >= stage->lo && last < stage->lo + stage->cap)
		return stage;
	return stage_grow(plan, stage, first, last);
}

/* Note that [first, last] will be stored, and what follows from that for the plan. */
static void stage_touch(struct xe_pt_plan *plan, struct xe_pt_stage *stage, unsigned int first,
			unsigned int last)
{
	struct xe_pt *pt = stage->pt;

	xe_pt_bits_set(&stage->dirty, first, last);
	if (!plan->needs_inval && xe_pt_bits_any(&stage->old_live, first, last))
		plan->needs_inval = true;

	plan_widen(plan, xe_pt_slot_base(pt, first),
		   xe_pt_slot_base(pt, last) + xe_pt_level_size(pt->level) - 1);
}

/*
 * Changes of the software tree
 */

static bool pt_is_own(const struct xe_pt_plan *plan, const struct xe_pt *pt)
{
	return pt->creator == plan;
}

static struct xe_pt *plan_new_table(struct xe_pt_plan *plan, struct xe_pt *parent,
				    unsigned int slot)
{
	struct xe_pt *pt;

	pt = xe_pt_create(plan->tree, parent, parent->level - 1, xe_pt_slot_base(parent, slot));
	if (!pt)
		return NULL;

	pt->creator = plan;
	pt->next_created = plan->created;
	plan->created = pt;
	return pt;
}

static void plan_detach(struct xe_pt_plan *plan, struct xe_pt *pt)
{
	pt->next_detached = plan->detached;
	plan->detached = pt;
}

/*
 * Give slot @slot of an interior table a new meaning and record the store that makes it true. The
 * table that was below is detached. @hint: highest slot that this operation may change as well.
 */
static int plan_set_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			 unsigned int hint, struct xe_pt_slot new, struct xe_pte pte)
{
	struct xe_pt_slot old = pt->slots[slot];
	struct xe_pt_stage *stage;
	struct xe_pt *child;

	if (pt_is_own(plan, pt)) {
		pt->page.words[slot] = pte.raw;
	} else {
		stage = stage_reserve(plan, pt, slot, hint);
		if (!stage)
			return -ENOMEM;
		if (!xe_pt_bits_test(&stage->dirty, slot))
			stage_old_slots(stage)[slot - stage->lo] = old.raw;
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

static int plan_set_child(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			  struct xe_pt *child)
{
	return plan_set_slot(plan, pt, slot, slot, xe_pt_slot_from_child(child),
			     xe_pte_table(plan->tree->fmt, child->page.dma));
}

static int plan_clear_slot(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot,
			   unsigned int hint)
{
	return plan_set_slot(plan, pt, slot, hint, (struct xe_pt_slot){},
			     plan->tree->empty[pt->level]);
}

/*
 * Where the new values of slots [first, last] of a level-0 table go; the caller writes all of them.
 * NULL if out of memory.
 */
static u64 *plan_open_ptes(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int first,
			   unsigned int last)
{
	struct xe_pt_stage *stage;

	if (pt_is_own(plan, pt))
		return pt->page.words + first;

	stage = stage_reserve(plan, pt, first, last);
	if (!stage)
		return NULL;
	stage_touch(plan, stage, first, last);
	return stage->data + (first - stage->lo);
}

/* Build the table that says the same as the large page in slot @slot of @pt. */
static struct xe_pt *plan_split(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot)
{
	struct xe_pt *child = plan_new_table(plan, pt, slot);
	struct xe_pte first;
	unsigned int i;
	u64 step;

	if (!child)
		return NULL;

	first = xe_pte_split(plan->tree->fmt, pt->level, (struct xe_pte){ pt->slots[slot].raw },
			     &step);
	xe_pt_fill(child, first, step);
	xe_pt_bits_set(&child->live, 0, XE_PT_LAST_SLOT);
	if (child->level)
		for (i = 0; i < PPGTT_TABLE_ENTRIES; i++)
			child->slots[i].raw = child->page.words[i];
	return child;
}

/*
 * Unmap
 */

/* Is everything mapped by the table inside [start, last]? */
static bool pt_live_is_within(const struct xe_pt *pt, u64 start, u64 last)
{
	unsigned int shift = xe_pt_level_shift(pt->level);
	unsigned int lo, hi, slot, i;
	u64 size = 1ULL << shift;

	start = max(start, pt->base);
	last = min(last, xe_pt_last(pt));
	lo = (start - pt->base) >> shift;
	hi = (last - pt->base) >> shift;
	if (xe_pt_bits_any_outside(&pt->live, lo, hi))
		return false;
	if (!pt->level)
		return true;

	/* Only the first and the last slot can be covered in part. */
	for (i = 0, slot = lo; i < 2; i++, slot = hi) {
		u64 base = xe_pt_slot_base(pt, slot);
		const struct xe_pt *child;

		if (!xe_pt_bits_test(&pt->live, slot) ||
		    (base >= start && base + size - 1 <= last))
			continue;
		child = xe_pt_slot_child(pt->slots[slot]);
		if (!child || !pt_live_is_within(child, start, last))
			return false;
	}
	return true;
}

static int unmap_ptes(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int first,
		      unsigned int last)
{
	u64 empty = plan->tree->empty[0].raw;
	unsigned int slot, end;

	for (slot = xe_pt_bits_next(&pt->live, first); slot <= last;
	     slot = xe_pt_bits_next(&pt->live, end)) {
		u64 *dst;

		end = min(xe_pt_bits_next_zero(&pt->live, slot), last + 1);
		dst = plan_open_ptes(plan, pt, slot, end - 1);
		if (!dst)
			return -ENOMEM;
		memset64(dst, empty, end - slot);
	}
	xe_pt_bits_clear(&pt->live, first, last);
	return 0;
}

static int unmap_table(struct xe_pt_plan *plan, struct xe_pt *pt, u64 start, u64 last);

/* Unmap the part [start, last] of what slot @slot covers; the slot is not empty. */
static int unmap_part(struct xe_pt_plan *plan, struct xe_pt *pt, unsigned int slot, u64 start,
		      u64 last)
{
	struct xe_pt *child = xe_pt_slot_child(pt->slots[slot]);
	int err;

	if (child) {
		if (pt_live_is_within(child, start, last))
			return plan_clear_slot(plan, pt, slot, slot);
		return unmap_table(plan, child, start, last);
	}

	child = plan_split(plan, pt, slot);
	if (!child)
		return -ENOMEM;
	err = unmap_table(plan, child, start, last);
	return err ?: plan_set_child(plan, pt, slot, child);
}

/* Unmap [start, last], which must lie in what the table covers and leave something mapped. */
static int unmap_table(struct xe_pt_plan *plan, struct xe_pt *pt, u64 start, u64 last)
{
	unsigned int shift = xe_pt_level_shift(pt->level);
	unsigned int lo = (start - pt->base) >> shift;
	unsigned int hi = (last - pt->base) >> shift;
	unsigned int slot;

	if (!pt->level)
		return unmap_ptes(plan, pt, lo, hi);

	xe_pt_bits_for_each(slot, &pt->live, lo) {
		u64 base = xe_pt_slot_base(pt, slot);
		u64 part = max(base, start);
		u64 part_last = min(base + (1ULL << shift) - 1, last);
		int err;

		if (slot > hi)
			break;
		if (part_last - part == (1ULL << shift) - 1)
			err = plan_clear_slot(plan, pt, slot, slot);
		else
			err = unmap_part(plan, pt, slot, part, part_last);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Map
 */

/* Can an entry hold the addresses of @len bytes from the current position on? */
static bool map_is_encodable(const struct xe_pt_map_op *op, u64 len)
{
	u64 mask = op->plan->tree->fmt->addr_mask;
	u64 addr = op->src->addr;

	return !((addr | (addr + len - XE_PAGE_SIZE)) & ~mask) && !(len & (XE_PAGE_SIZE - 1));
}

/* Can one leaf at @level map what comes next? The caller knows that the range is large enough. */
static bool map_fits_leaf(const struct xe_pt_map_op *op, unsigned int level)
{
	u64 size = xe_pt_level_size(level);

	if (level > XE_PT_MAX_LEAF_LEVEL)
		return false;
	if (op->attrs->null)
		return true;
	return op->src->len >= size && !(op->src->addr & (size - 1)) && map_is_encodable(op, size);
}

/* The leaf for what comes next, and move on. */
static struct xe_pte map_next_leaf(struct xe_pt_map_op *op, unsigned int level)
{
	struct xe_pte pte = { op->flags[level] };

	op->largest = max_t(u8, op->largest, level);
	if (op->attrs->null)
		return pte;

	pte.raw |= op->src->addr;
	if (op->src->devmem)
		pte.raw |= op->plan->tree->fmt->devmem;
	xe_page_iter_advance(op->src, xe_pt_level_size(level));
	return pte;
}

static int map_ptes(struct xe_pt_map_op *op, struct xe_pt *pt, unsigned int first,
		    unsigned int last)
{
	unsigned int n = last - first + 1;
	u64 *dst, *end;

	dst = plan_open_ptes(op->plan, pt, first, last);
	if (!dst)
		return -ENOMEM;
	xe_pt_bits_set(&pt->live, first, last);

	if (op->attrs->null) {
		memset64(dst, op->flags[0], n);
		return 0;
	}

	for (end = dst + n; dst < end;) {
		u64 len = min(op->src->len, (u64)(end - dst) << PPGTT_PAGE_SHIFT);
		u64 raw = op->flags[0] | op->src->addr;
		u64 *seg_end = dst + (len >> PPGTT_PAGE_SHIFT);

		if (!len || !map_is_encodable(op, len))
			return -EINVAL;
		if (op->src->devmem)
			raw |= op->plan->tree->fmt->devmem;
		for (; dst < seg_end; raw += XE_PAGE_SIZE)
			*dst++ = raw;
		xe_page_iter_advance(op->src, len);
	}
	return 0;
}

static int map_table(struct xe_pt_map_op *op, struct xe_pt *pt, u64 start, u64 last);

/*
 * Table below slot @slot into which part of the slot's range, or all of it (@whole), will be mapped.
 * @is_new: it has to be attached afterwards.
 */
static struct xe_pt *map_get_child(struct xe_pt_map_op *op, struct xe_pt *pt, unsigned int slot,
				   bool whole, bool *is_new)
{
	struct xe_pt_slot old = pt->slots[slot];
	struct xe_pt_plan *plan = op->plan;
	struct xe_pt *child = xe_pt_slot_child(old);

	*is_new = false;
	if (child && (!whole || pt_is_own(plan, child)))
		return child;

	*is_new = true;
	if (xe_pt_slot_is_leaf(old) && !whole)
		return plan_split(plan, pt, slot);

	child = plan_new_table(plan, pt, slot);
	/* A table that will be covered completely needs no empty entries, and zero is the default. */
	if (child && !whole && plan->tree->empty[child->level].raw)
		xe_pt_fill(child, plan->tree->empty[child->level], 0);
	return child;
}

/* Map [start, last], which is all or part of what slot @slot of an interior table covers. */
static int map_slot(struct xe_pt_map_op *op, struct xe_pt *pt, unsigned int slot,
		    unsigned int hint, u64 start, u64 last)
{
	bool whole = last - start == xe_pt_level_size(pt->level) - 1;
	struct xe_pt *child;
	bool is_new;
	int err;

	if (whole && map_fits_leaf(op, pt->level)) {
		struct xe_pte pte = map_next_leaf(op, pt->level);

		return plan_set_slot(op->plan, pt, slot, hint, xe_pt_slot_from_leaf(pte), pte);
	}

	child = map_get_child(op, pt, slot, whole, &is_new);
	if (!child)
		return -ENOMEM;
	err = map_table(op, child, start, last);
	if (err || !is_new)
		return err;
	return plan_set_child(op->plan, pt, slot, child);
}

/* Map [start, last], which must lie in what the table covers. */
static int map_table(struct xe_pt_map_op *op, struct xe_pt *pt, u64 start, u64 last)
{
	unsigned int shift = xe_pt_level_shift(pt->level);
	unsigned int slot = (start - pt->base) >> shift;
	unsigned int hi = (last - pt->base) >> shift;

	if (!pt->level)
		return map_ptes(op, pt, slot, hi);

	for (; slot <= hi; slot++) {
		u64 slot_last = min(xe_pt_slot_base(pt, slot) + (1ULL << shift) - 1, last);
		int err;

		err = map_slot(op, pt, slot, hi, start, slot_last);
		if (err)
			return err;
		start = slot_last + 1;
	}
	return 0;
}

/*
 * Interface
 */

/**
 * xe_pt_plan_create() - start planning a change
 * @tree: tree; no other plan of it may be neither committed nor aborted
 *
 * Context: may sleep. The lock that serialises binds is held until commit or abort.
 * Return: the plan, or ERR_PTR(-ENOMEM).
 */
struct xe_pt_plan *xe_pt_plan_create(struct xe_pt_tree *tree)
{
	struct xe_pt_plan *plan;

	plan = kzalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return ERR_PTR(-ENOMEM);

	WARN_ON(tree->planning);
	tree->planning = plan;
	plan->tree = tree;
	plan->last_stage = &plan->stages;
	plan->first = ~0ULL;
	return plan;
}

/*
 * Check the range of an operation. Even if nothing has to be stored for it, it belongs to the extent:
 * an unmap of what an earlier plan, not written yet, unmaps must not be over before that plan is.
 */
static int plan_add_range(struct xe_pt_plan *plan, u64 start, u64 end)
{
	if (WARN_ON(plan->committed))
		return -EINVAL;
	if (start >= end || end > 1ULL << plan->tree->fmt->va_bits ||
	    ((start | end) & (XE_PAGE_SIZE - 1)))
		return -EINVAL;
	plan_widen(plan, start, end - 1);
	return 0;
}

/**
 * xe_pt_plan_map() - plan to map a range
 * @plan: plan
 * @start: first GPU virtual address, multiple of 4 KiB
 * @end: address after the last one, multiple of 4 KiB
 * @attrs: attributes of the mapping
 * @src: backing memory, at least @end - @start bytes; advanced. Ignored (may be NULL) if @attrs say
 *	null.
 * @largest_level: out, may be NULL: log2 of the largest page used: 12, 21 or 30
 *
 * Whatever was mapped in the range is replaced. After an error the plan can only be aborted.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINVAL if the range is empty, misaligned or beyond the address space, the PAT
 * index does not exist, or the backing memory is too short, misaligned or at an address that
 * entries cannot hold.
 */
int xe_pt_plan_map(struct xe_pt_plan *plan, u64 start, u64 end, const struct xe_pte_attrs *attrs,
		   struct xe_page_iter *src, u8 *largest_level)
{
	const struct xe_pt_format *fmt = plan->tree->fmt;
	struct xe_pt_map_op op = { .plan = plan, .attrs = attrs, .src = src };
	unsigned int level;
	int err;

	err = plan_add_range(plan, start, end);
	if (err)
		return err;
	if (attrs->pat_index >= fmt->n_pat)
		return -EINVAL;
	if (!attrs->null && (!src || src->null || src->remaining < end - start))
		return -EINVAL;

	for (level = 0; level <= XE_PT_MAX_LEAF_LEVEL; level++)
		op.flags[level] = xe_pte_leaf_flags(fmt, level, attrs);

	err = map_table(&op, plan->tree->root, start, end - 1);
	if (err)
		return err;
	if (largest_level)
		*largest_level = xe_pt_level_shift(op.largest);
	return 0;
}

/**
 * xe_pt_plan_unmap() - plan to unmap a range
 * @plan: plan
 * @start: first GPU virtual address, multiple of 4 KiB
 * @end: address after the last one, multiple of 4 KiB
 *
 * Parts of the range that are not mapped are skipped. A large page that is only partly in the range
 * is split. After an error the plan can only be aborted.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EINVAL if the range is empty, misaligned or beyond the address space.
 */
int xe_pt_plan_unmap(struct xe_pt_plan *plan, u64 start, u64 end)
{
	int err;

	err = plan_add_range(plan, start, end);
	return err ?: unmap_table(plan, plan->tree->root, start, end - 1);
}

static void plan_free_stages(struct xe_pt_plan *plan)
{
	struct xe_pt_stage *stage, *next;

	for (stage = plan->stages; stage; stage = next) {
		next = stage->next;
		kfree(stage);
	}
}

static void stage_undo(struct xe_pt_stage *stage)
{
	struct xe_pt *pt = stage->pt;
	unsigned int slot;

	pt->stage = NULL;
	pt->live = stage->old_live;
	if (pt->level)
		xe_pt_bits_for_each(slot, &stage->dirty, 0)
			pt->slots[slot].raw = stage_old_slots(stage)[slot - stage->lo];
}

/**
 * xe_pt_plan_abort() - forget a plan
 * @plan: plan, not committed
 *
 * The tree is again what it was when the plan was created. Frees the plan.
 *
 * Context: may sleep (table memory is freed). Allocates nothing.
 */
void xe_pt_plan_abort(struct xe_pt_plan *plan)
{
	struct xe_pt_stage *stage;
	struct xe_pt *pt, *next;

	WARN_ON(plan->committed);

	for (stage = plan->stages; stage; stage = stage->next)
		stage_undo(stage);
	for (pt = plan->detached; pt; pt = next) {
		next = pt->next_detached;
		pt->next_detached = NULL;
	}
	for (pt = plan->created; pt; pt = next) {
		next = pt->next_created;
		xe_pt_destroy(plan->tree, pt);
	}

	plan->tree->planning = NULL;
	plan_free_stages(plan);
	kfree(plan);
}

/* Is the table still reachable from the root of the software tree? */
static bool pt_is_attached(const struct xe_pt *pt)
{
	for (; pt->parent; pt = pt->parent) {
		unsigned int slot = xe_pt_slot_of(pt->base, pt->parent->level);

		if (xe_pt_slot_child(pt->parent->slots[slot]) != pt)
			return false;
	}
	return true;
}

/**
 * xe_pt_plan_commit() - make a plan final
 * @plan: plan
 *
 * From here on the next plan of the tree may be created; it sees the effect of this one, written or
 * not.
 *
 * Context: any. Cannot fail, allocates nothing.
 */
void xe_pt_plan_commit(struct xe_pt_plan *plan)
{
	struct xe_pt_stage *stage;
	struct xe_pt *pt, *next;

	WARN_ON(plan->committed);

	for (stage = plan->stages; stage; stage = stage->next) {
		stage->detached = !pt_is_attached(stage->pt);
		stage->pt->stage = NULL;
	}
	for (pt = plan->created; pt; pt = next) {
		next = pt->next_created;
		pt->next_created = NULL;
		pt->creator = NULL;
	}
	plan->created = NULL;
	plan->tree->planning = NULL;
	plan->committed = true;
}

/**
 * xe_pt_plan_write() - store the entries of a committed plan
 * @plan: plan
 *
 * New tables were filled before; the barrier makes their contents visible before the stores that
 * publish them. The second barrier lets the caller invalidate TLBs right away. Writing a plan once
 * more has no effect, so that a plan whose execution is retried cannot undo a later one.
 *
 * Context: any, also where fences are signalled: allocates nothing, does not sleep, takes no lock.
 * Committed plans with overlapping extents are written in the order of their commits.
 */
void xe_pt_plan_write(struct xe_pt_plan *plan)
{
	struct xe_pt_run_iter it;
	struct xe_pt_run run;
	unsigned int i;

	if (WARN_ON(!plan->committed) || plan->written)
		return;

	xe_pt_barrier();
	xe_pt_run_iter_init(&it, plan);
	while (xe_pt_run_next(&it, &run))
		for (i = 0; i < run.count; i++)
			xe_pt_store(run.words + i, run.values[i]);
	xe_pt_barrier();
	plan->written = true;
}

/**
 * xe_pt_plan_free() - free a committed plan and the tables it has detached
 * @plan: plan; NULL is fine
 *
 * The plan has been written and, if xe_pt_plan_needs_inval(), TLBs have been invalidated since; or
 * the GPU will not use the address space any more. The tree still exists.
 *
 * Context: may sleep. Takes no lock, needs none.
 */
void xe_pt_plan_free(struct xe_pt_plan *plan)
{
	struct xe_pt *pt, *next;

	if (!plan)
		return;

	WARN_ON(!plan->committed);
	for (pt = plan->detached; pt; pt = next) {
		next = pt->next_detached;
		xe_pt_destroy_subtree(plan->tree, pt);
	}
	plan_free_stages(plan);
	kfree(plan);
}

/**
 * xe_pt_plan_is_empty() - does the plan change nothing?
 * @plan: plan
 *
 * Context: any.
 * Return: true if there is nothing to store.
 */
bool xe_pt_plan_is_empty(const struct xe_pt_plan *plan)
{
	return !plan->stages;
}

/**
 * xe_pt_plan_needs_inval() - must TLBs be invalidated after the plan was written?
 * @plan: plan
 *
 * Scratch does not count as present: contexts of trees with scratch flush TLBs before each job.
 *
 * Context: any.
 * Return: true if an entry that was present before the plan is changed or goes away.
 */
bool xe_pt_plan_needs_inval(const struct xe_pt_plan *plan)
{
	return plan->needs_inval;
}

/**
 * xe_pt_plan_extent() - addresses the plan depends on or affects
 * @plan: plan with at least one operation; may be empty otherwise
 * @first: out: first address
 * @last: out: last address, inclusive
 *
 * From the lowest to the highest address of all operations, and wider where tables are attached,
 * detached or split: all addresses whose translation runs through an entry that is stored.
 *
 * Context: any.
 */
void xe_pt_plan_extent(const struct xe_pt_plan *plan, u64 *first, u64 *last)
{
	*first = plan->first;
	*last = plan->last;
}

/**
 * xe_pt_plan_n_writes() - number of entries to store
 * @plan: plan, committed
 *
 * Context: any.
 * Return: the number of 64-bit stores xe_pt_plan_write() makes.
 */
size_t xe_pt_plan_n_writes(const struct xe_pt_plan *plan)
{
	const struct xe_pt_stage *stage;
	size_t n = 0;

	for (stage = plan->stages; stage; stage = stage->next)
		if (!stage->detached)
			n += xe_pt_bits_count(&stage->dirty);
	return n;
}

/**
 * xe_pt_plan_n_words() - size of a change
 * @plan: plan, not committed
 *
 * Context: any.
 * Return: the number of entries the plan sets, those in tables it has made included.
 */
size_t xe_pt_plan_n_words(const struct xe_pt_plan *plan)
{
	size_t n = xe_pt_plan_n_writes(plan);
	const struct xe_pt *pt;

	for (pt = plan->created; pt; pt = pt->next_created)
		n += xe_pt_bits_count(&pt->live);
	return n;
}

/**
 * xe_pt_run_iter_init() - start listing the stores of a plan
 * @it: iterator
 * @plan: plan, committed; must outlive the iterator
 *
 * Context: any.
 */
void xe_pt_run_iter_init(struct xe_pt_run_iter *it, const struct xe_pt_plan *plan)
{
	*it = (struct xe_pt_run_iter){ .stage = plan->stages };
}

/**
 * xe_pt_run_next() - next run of consecutive entries to store
 * @it: iterator
 * @run: out: the run
 *
 * Runs may be stored in any order, after the contents of new tables are visible.
 *
 * Context: any.
 * Return: false if there is no further run.
 */
bool xe_pt_run_next(struct xe_pt_run_iter *it, struct xe_pt_run *run)
{
	const struct xe_pt_stage *stage;

	for (; it->stage; it->stage = it->stage->next, it->slot = 0) {
		unsigned int slot, end;

		stage = it->stage;
		if (stage->detached)
			continue;
		slot = xe_pt_bits_next(&stage->dirty, it->slot);
		if (slot == PPGTT_TABLE_ENTRIES)
			continue;

		end = xe_pt_bits_next_zero(&stage->dirty, slot);
		it->slot = end;
		*run = (struct xe_pt_run){
			.dma = stage->pt->page.dma + slot * sizeof(u64),
			.words = stage->pt->page.words + slot,
			.values = stage->data + (slot - stage->lo),
			.count = end - slot,
			.va = xe_pt_slot_base(stage->pt, slot),
			.level = stage->pt->level,
		};
		return true;
	}
	return false;
}
