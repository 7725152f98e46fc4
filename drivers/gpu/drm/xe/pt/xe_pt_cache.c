// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_cache.h"

#include "pt/xe_pt.h"

/**
 * DOC: Recycling tables
 *
 * Most of what it takes to map a buffer into an empty part of the address space would be to zero
 * pages: the tables, and the slots of the software view. But a table that leaves the tree is nearly
 * clean, and the software view knows where it is not: only entries that are live differ from zero.
 * So those are cleared, and the table, memory and software view together, is kept for the next
 * one.
 *
 * A table gets here where it would be freed otherwise: after the plan that has detached it was
 * written and TLBs were invalidated, or when the plan that has made it is aborted. From then on
 * nothing but the cache points to it, so it may be cleared and used for any address and, as far as
 * it has slots or not, for any level.
 *
 * Memory is given back by a bound: no tree keeps more than XE_PT_CACHE_MAX tables, what goes beyond
 * is freed. Tables are accounted to who has made them and kept per tree, so nobody pays for the
 * tables of another address space.
 */

static struct xe_pt **cache_list(struct xe_pt_cache *cache, unsigned int level)
{
	return level ? &cache->inner : &cache->leaf;
}

/**
 * xe_pt_cache_init() - make an empty cache
 * @cache: memory to initialise
 *
 * Context: any.
 */
void xe_pt_cache_init(struct xe_pt_cache *cache)
{
	*cache = (struct xe_pt_cache){ .max = XE_PT_CACHE_MAX };
	spin_lock_init(&cache->lock);
}

/**
 * xe_pt_cache_take() - get a clean table
 * @cache: cache
 * @level: level it is for
 *
 * Entries and slots are zero, nothing is live; level, base and parent are those of its last use.
 *
 * Context: process context.
 * Return: the table, or NULL if there is none.
 */
struct xe_pt *xe_pt_cache_take(struct xe_pt_cache *cache, unsigned int level)
{
	struct xe_pt **list = cache_list(cache, level);
	struct xe_pt *pt;

	spin_lock(&cache->lock);
	pt = *list;
	if (pt) {
		*list = pt->next_detached;
		cache->n--;
	}
	spin_unlock(&cache->lock);

	if (pt)
		pt->next_detached = NULL;
	return pt;
}

/*
 * Zero whatever may not be zero. Where empty entries have a value of their own, in a tree with
 * scratch, that is all of the table.
 */
static void pt_clean(const struct xe_pt_tree *tree, struct xe_pt *pt)
{
	unsigned int slot, end;

	if (tree->empty[pt->level].raw)
		memset64(pt->page.words, 0, PPGTT_TABLE_ENTRIES);

	for (slot = xe_pt_bits_next(&pt->live, 0); slot < PPGTT_TABLE_ENTRIES;
	     slot = xe_pt_bits_next(&pt->live, end)) {
		end = xe_pt_bits_next_zero(&pt->live, slot);
		memset64(pt->page.words + slot, 0, end - slot);
		if (pt->level)
			memset64(&pt->slots[slot].raw, 0, end - slot);
	}

	pt->live = (struct xe_pt_bits){};
	pt->creator = NULL;
	pt->stage = NULL;
	pt->next_created = NULL;
}

/**
 * xe_pt_cache_put() - keep a table
 * @tree: tree the table was made for
 * @pt: table; neither the GPU nor the tree can reach it. &xe_pt.live covers every entry and slot
 *	that may not be empty
 *
 * Context: process context. Needs no lock of the tree.
 * Return: true if the cache has it; false if it has enough and the caller must free the table.
 */
bool xe_pt_cache_put(struct xe_pt_tree *tree, struct xe_pt *pt)
{
	struct xe_pt_cache *cache = &tree->cache;
	struct xe_pt **list = cache_list(cache, pt->level);
	bool kept;

	/* A guess is enough to save the work. */
	if (READ_ONCE(cache->n) >= READ_ONCE(cache->max))
		return false;
	pt_clean(tree, pt);

	spin_lock(&cache->lock);
	kept = cache->n < cache->max;
	if (kept) {
		pt->next_detached = *list;
		*list = pt;
		cache->n++;
	}
	spin_unlock(&cache->lock);

	return kept;
}

/**
 * xe_pt_cache_empty() - take all tables out
 * @cache: cache
 * @for_good: take none from now on
 *
 * Context: process context.
 * Return: list of tables, linked by &xe_pt.next_detached, which the caller must free.
 */
struct xe_pt *xe_pt_cache_empty(struct xe_pt_cache *cache, bool for_good)
{
	struct xe_pt *all, **last;

	spin_lock(&cache->lock);
	all = cache->leaf;
	for (last = &all; *last;)
		last = &(*last)->next_detached;
	*last = cache->inner;
	cache->leaf = NULL;
	cache->inner = NULL;
	cache->n = 0;
	if (for_good)
		cache->max = 0;
	spin_unlock(&cache->lock);

	return all;
}

/* The first entry of a table that is not as new, or PPGTT_TABLE_ENTRIES. */
static unsigned int pt_dirty_slot(const struct xe_pt *pt)
{
	unsigned int slot;

	for (slot = 0; slot < PPGTT_TABLE_ENTRIES; slot++)
		if (pt->page.words[slot] || (pt->level && pt->slots[slot].raw) ||
		    xe_pt_bits_test(&pt->live, slot))
			break;
	return slot;
}

/**
 * xe_pt_cache_find_dirty() - look for a table that is not clean
 * @cache: cache
 * @slot: out: where it is not
 *
 * For the validator: slow, and may be over with nobody knowing what becomes of the table.
 *
 * Context: process context.
 * Return: the table, NULL if all are clean.
 */
const struct xe_pt *xe_pt_cache_find_dirty(struct xe_pt_cache *cache, unsigned int *slot)
{
	const struct xe_pt *pt, *dirty = NULL;
	unsigned int i;

	spin_lock(&cache->lock);
	for (i = 0; i < 2 && !dirty; i++)
		for (pt = i ? cache->inner : cache->leaf; pt && !dirty; pt = pt->next_detached) {
			*slot = pt_dirty_slot(pt);
			if (*slot < PPGTT_TABLE_ENTRIES)
				dirty = pt;
		}
	spin_unlock(&cache->lock);

	return dirty;
}
