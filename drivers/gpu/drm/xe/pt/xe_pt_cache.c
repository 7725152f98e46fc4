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
 * empty, and the software view knows where it is not: only entries that are live differ from
 * &xe_pt.blank. So the table, memory and software view together, is kept as it is for the next
 * one.
 *
 * A table gets here where it would be freed otherwise: after the plan that has detached it was
 * written and TLBs were invalidated, or when the plan that has made it is aborted. From then on
 * nothing but the cache points to it, so it may be used for any address and, as far as it has slots
 * or not, for any level.
 *
 * What a kept table maps is forgotten by its next use, see xe_pt_reset(), not before: there it is
 * known which entries are about to be overwritten anyway, and no work is done for a table that is
 * freed in the end.
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
 * xe_pt_cache_take() - get a table
 * @cache: cache
 * @level: level it is for
 *
 * All of it is as its last use has left it, but for the links.
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
		WRITE_ONCE(cache->n, cache->n - 1);
	}
	spin_unlock(&cache->lock);

	if (pt)
		pt->next_detached = NULL;
	return pt;
}

/**
 * xe_pt_cache_put() - keep a table
 * @cache: cache of the tree the table was made for
 * @pt: table that neither the GPU nor the tree can reach, and no plan. &xe_pt.live covers every
 *	entry that may not be &xe_pt.blank, and every slot that may not be empty
 *
 * Stores nothing into the table. Slots may point to tables that no longer exist.
 *
 * Context: process context. Needs no lock of the tree.
 * Return: true if the cache has it; false if it has enough and the caller must free the table.
 */
bool xe_pt_cache_put(struct xe_pt_cache *cache, struct xe_pt *pt)
{
	struct xe_pt **list = cache_list(cache, pt->level);
	bool kept;

	spin_lock(&cache->lock);
	kept = cache->n < cache->max;
	if (kept) {
		pt->next_detached = *list;
		*list = pt;
		WRITE_ONCE(cache->n, cache->n + 1);
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
	WRITE_ONCE(cache->n, 0);
	if (for_good)
		WRITE_ONCE(cache->max, 0);
	spin_unlock(&cache->lock);

	return all;
}

/* The first entry that xe_pt_reset() would not set right, or PPGTT_TABLE_ENTRIES. */
static unsigned int pt_dirty_slot(const struct xe_pt *pt)
{
	unsigned int slot;

	if (pt->creator || pt->stage || pt->next_created)
		return 0;
	for (slot = 0; slot < PPGTT_TABLE_ENTRIES; slot++)
		if (!xe_pt_bits_test(&pt->live, slot) &&
		    (pt->page.words[slot] != pt->blank || (pt->level && pt->slots[slot].raw)))
			break;
	return slot;
}

/**
 * xe_pt_cache_find_dirty() - look for a table with more in it than its software view knows of
 * @cache: cache
 * @slot: out: where that is
 *
 * For the validator: slow, and may be over with nobody knowing what becomes of the table.
 *
 * Context: process context.
 * Return: the table, NULL if there is none.
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
