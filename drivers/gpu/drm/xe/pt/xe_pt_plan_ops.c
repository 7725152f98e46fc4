// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_plan.h"

#include "pt/xe_pt.h"
#include "pt/xe_pt_stage.h"

/**
 * DOC: Planning to map and to unmap
 *
 * Both operations are one recursion down the software tree, with the range cut to what each table
 * covers. They decide; xe_pt_stage.c records.
 */

/**
 * struct xe_pt_map_op - a map operation under way
 * @plan: plan
 * @attrs: attributes of the mapping
 * @src: backing memory at the current position; unused if @attrs say null
 * @flags: leaf without its address, per level; 0 where none was needed yet
 * @largest: highest level at which a leaf was written
 */
struct xe_pt_map_op {
	struct xe_pt_plan *plan;
	const struct xe_pte_attrs *attrs;
	struct xe_page_iter *src;
	u64 flags[XE_PT_MAX_LEAF_LEVEL + 1];
	u8 largest;
};

/*
 * Unmap
 */

/* Is everything mapped by the table inside [start, last]? */
static bool pt_live_is_within(const struct xe_pt *pt, u64 start, u64 last)
{
	unsigned int shift = xe_pt_level_shift(pt->level);
	u64 base, size = 1ULL << shift;
	unsigned int lo, hi, slot;

	start = max(start, pt->base);
	last = min(last, xe_pt_last(pt));
	lo = (start - pt->base) >> shift;
	hi = (last - pt->base) >> shift;
	if (xe_pt_bits_any_outside(&pt->live, lo, hi))
		return false;
	if (!pt->level)
		return true;

	/* Only the first and the last slot can be covered in part, and often they are the same. */
	for (slot = lo;; slot = hi) {
		const struct xe_pt *child;

		base = xe_pt_slot_base(pt, slot);
		if (xe_pt_bits_test(&pt->live, slot) &&
		    (base < start || base + size - 1 > last)) {
			child = xe_pt_slot_child(pt->slots[slot]);
			if (!child || !pt_live_is_within(child, start, last))
				return false;
		}
		if (slot == hi)
			return true;
	}
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
		dst = xe_pt_plan_open_ptes(plan, pt, slot, end - 1);
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
			return xe_pt_plan_clear_slot(plan, pt, slot);
		return unmap_table(plan, child, start, last);
	}

	child = xe_pt_plan_split(plan, pt, slot);
	if (!child)
		return -ENOMEM;
	err = unmap_table(plan, child, start, last);
	return err ?: xe_pt_plan_set_child(plan, pt, slot, child);
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
			err = xe_pt_plan_clear_slot(plan, pt, slot);
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

/* Leaf of a level without its address. */
static u64 map_flags(struct xe_pt_map_op *op, unsigned int level)
{
	if (!op->flags[level])
		op->flags[level] = xe_pte_leaf_flags(op->plan->tree->fmt, level, op->attrs);
	return op->flags[level];
}

/* The leaf for what comes next, and move on. */
static struct xe_pte map_next_leaf(struct xe_pt_map_op *op, unsigned int level)
{
	struct xe_pte pte = { map_flags(op, level) };

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
	u64 flags = map_flags(op, 0);
	unsigned int n = last - first + 1;
	u64 *dst, *end;

	dst = xe_pt_plan_open_ptes(op->plan, pt, first, last);
	if (!dst)
		return -ENOMEM;
	xe_pt_bits_set(&pt->live, first, last);

	if (op->attrs->null) {
		memset64(dst, flags, n);
		return 0;
	}

	for (end = dst + n; dst < end;) {
		u64 len = min(op->src->len, (u64)(end - dst) << PPGTT_PAGE_SHIFT);
		u64 raw = flags | op->src->addr;
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

/* Does [start, last] cover all that a slot of an interior table does? */
static bool map_is_whole(const struct xe_pt *pt, u64 start, u64 last)
{
	return last - start == xe_pt_level_size(pt->level) - 1;
}

/*
 * Table below slot @slot into which [start, last], part of the slot's range or all of it, will be
 * mapped. @is_new: it has to be attached afterwards.
 */
static struct xe_pt *map_get_child(struct xe_pt_map_op *op, struct xe_pt *pt, unsigned int slot,
				   u64 start, u64 last, bool *is_new)
{
	struct xe_pt *child = xe_pt_slot_child(pt->slots[slot]);
	bool whole = map_is_whole(pt, start, last);
	struct xe_pt_plan *plan = op->plan;

	*is_new = false;
	if (child && (!whole || xe_pt_plan_owns(plan, child)))
		return child;

	*is_new = true;
	if (xe_pt_slot_is_leaf(pt->slots[slot]) && !whole)
		return xe_pt_plan_split(plan, pt, slot);

	/* Only map_ptes() makes all of its slots live before anything can fail. */
	if (pt->level > 1)
		return xe_pt_plan_new_table(plan, pt, slot, 0, 0);
	return xe_pt_plan_new_table(plan, pt, slot, xe_pt_slot_of(start, 0),
				    (last - start) / XE_PAGE_SIZE + 1);
}

/* Map [start, last], which is all or part of what slot @slot of an interior table covers. */
static int map_slot(struct xe_pt_map_op *op, struct xe_pt *pt, unsigned int slot,
		    unsigned int hint, u64 start, u64 last)
{
	struct xe_pt *child;
	bool is_new;
	int err;

	if (map_is_whole(pt, start, last) && map_fits_leaf(op, pt->level)) {
		struct xe_pte pte = map_next_leaf(op, pt->level);

		return xe_pt_plan_set_slot(op->plan, pt, slot, hint, xe_pt_slot_from_leaf(pte),
					   pte);
	}

	child = map_get_child(op, pt, slot, start, last, &is_new);
	if (!child)
		return -ENOMEM;
	err = map_table(op, child, start, last);
	if (err || !is_new)
		return err;
	return xe_pt_plan_set_child(op->plan, pt, slot, child);
}

/* Map [start, last], which must lie in what the table covers. */
static int map_table(struct xe_pt_map_op *op, struct xe_pt *pt, u64 start, u64 last)
{
	unsigned int shift = xe_pt_level_shift(pt->level);
	unsigned int slot = (start - pt->base) >> shift;
	unsigned int hi = (last - pt->base) >> shift;

	if (!pt->level)
		return map_ptes(op, pt, slot, hi);
	if (pt->level == XE_PT_NEAR_LEVEL)
		op->plan->near = pt;

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
 * Where to begin to map: arrays are often about addresses that lie together. What covers all of a
 * table is decided further up. To unmap always begins at the root, because it clears what gets
 * empty as far up as it can.
 */
static struct xe_pt *map_top(const struct xe_pt_plan *plan, u64 start, u64 last)
{
	struct xe_pt *near = plan->near;

	if (near && start >= near->base && last <= xe_pt_last(near) &&
	    last - start < xe_pt_last(near) - near->base)
		return near;
	return plan->tree->root;
}

/*
 * Check the range of an operation. Even if nothing has to be stored for it, it belongs to the
 * extent: an unmap of what an earlier plan, not written yet, unmaps must not be over before that
 * plan is.
 */
static int plan_add_range(struct xe_pt_plan *plan, u64 start, u64 end)
{
	if (WARN_ON(plan->committed))
		return -EINVAL;
	if (start >= end || end > 1ULL << plan->tree->fmt->va_bits ||
	    ((start | end) & (XE_PAGE_SIZE - 1)))
		return -EINVAL;
	xe_pt_plan_widen(plan, start, end - 1);
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
 * Return: 0; -ENOMEM; -EINVAL if the range is empty, misaligned or beyond the address space, the
 * PAT index does not exist, or the backing memory is too short, misaligned or at an address that
 * entries cannot hold.
 */
int xe_pt_plan_map(struct xe_pt_plan *plan, u64 start, u64 end, const struct xe_pte_attrs *attrs,
		   struct xe_page_iter *src, u8 *largest_level)
{
	const struct xe_pt_format *fmt = plan->tree->fmt;
	struct xe_pt_map_op op = { .plan = plan, .attrs = attrs, .src = src };
	int err;

	err = plan_add_range(plan, start, end);
	if (err)
		return err;
	if (attrs->pat_index >= fmt->n_pat)
		return -EINVAL;
	if (!attrs->null && (!src || src->null || src->remaining < end - start))
		return -EINVAL;

	err = map_table(&op, map_top(plan, start, end - 1), start, end - 1);
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
