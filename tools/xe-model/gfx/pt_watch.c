// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Stores into page tables
 *
 * Puts changes of page tables on the time line. A page is known to be a table from the first walk
 * that reads it, and a copy of it is kept from then on:
 *
 *	unknown --walked--> watched --not linked, or no table by its looks--> unknown
 *
 * - A store of an engine into a watched page is seen when it happens.
 * - A store of the host goes to memory without passing the model. It is found when the page
 *   differs from the copy: at a walk through the entry, or at an invalidation of TLBs, which has
 *   every watched table compared. So it is shown late, but before it can have an effect that is
 *   not a mistake; and of two stores to one entry only the last is shown.
 * - What was stored into a page before the first walk is not shown.
 *
 * A table that its parent does not name any more is dropped at the next comparison, for its page
 * may be anything by then. A root has no parent; it is dropped when an entry appears in it that is
 * not zero and not present.
 *
 * Locking: one mutex, taken inside of dma_read_lock(); the lock of the trace is taken inside of it.
 */

#include "gfx/pt_watch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "regs/xe_pte_bits.h"
#include "util/trace.h"

#define MAX_TABLES 4096u
#define HASH_SLOTS 16384u
#define ENTRIES 512u
#define NO_PARENT (~0u)
#define TRACK "page tables"

/**
 * struct watched - a page that is watched
 * @page: host pointer to it
 * @table: its address
 * @va: first address it translates
 * @root: address of the root table
 * @parent: number of the table that names it, NO_PARENT for a root
 * @index: of the entry that names it
 * @level: its level
 * @dropped: not watched any more; its place is free
 * @copy: its entries when they were last looked at
 */
struct watched {
	const u64 *page;
	u64 table;
	u64 va;
	u64 root;
	u32 parent;
	u16 index;
	u8 level;
	bool dropped;
	u64 copy[ENTRIES];
};

/**
 * struct pt_watch - all watched tables
 * @lock: protects everything
 * @trace: number of the trace the tables belong to
 * @tables: tables, in the order in which they became known
 * @n: number of @tables
 * @slot: 1 + number of a table by the hash of its host page, 0 = free; never emptied singly
 */
struct pt_watch {
	pthread_mutex_t lock;
	unsigned long trace;
	struct watched *tables[MAX_TABLES];
	u32 n;
	u16 slot[HASH_SLOTS];
};

struct pt_watch *pt_watch_create(void)
{
	struct pt_watch *w = calloc(1, sizeof(*w));

	if (w)
		pthread_mutex_init(&w->lock, NULL);
	return w;
}

static void forget_locked(struct pt_watch *w)
{
	for (u32 i = 0; i < w->n; i++)
		free(w->tables[i]);
	w->n = 0;
	memset(w->slot, 0, sizeof(w->slot));
}

void pt_watch_forget(struct pt_watch *w)
{
	pthread_mutex_lock(&w->lock);
	forget_locked(w);
	pthread_mutex_unlock(&w->lock);
}

void pt_watch_destroy(struct pt_watch *w)
{
	if (!w)
		return;
	forget_locked(w);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* What was seen during an earlier trace is old. */
static void begin_locked(struct pt_watch *w)
{
	if (w->trace == trace_number())
		return;
	forget_locked(w);
	w->trace = trace_number();
}

static u64 load(const u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/* --- events ----------------------------------------------------------------------------------- */

static void tell_table(const struct watched *t, const char *what)
{
	trace_instant(TRACK, what,
		      "\"root\":\"0x%llx\",\"level\":%u,\"table\":\"0x%llx\",\"va\":\"0x%llx\"",
		      (unsigned long long)t->root, t->level, (unsigned long long)t->table,
		      (unsigned long long)t->va);
}

/* Entries @first to @last have changed; @old is what @first was. */
static void tell_stores(const struct watched *t, const char *who, unsigned int first,
			unsigned int last, u64 old)
{
	unsigned int shift = PPGTT_PAGE_SHIFT + 9 * t->level;

	trace_instant(TRACK, who,
		      "\"root\":\"0x%llx\",\"level\":%u,\"table\":\"0x%llx\",\"va\":\"0x%llx\","
		      "\"index\":%u,\"entries\":%u,\"old\":\"0x%llx\",\"new\":\"0x%llx\","
		      "\"last new\":\"0x%llx\"", (unsigned long long)t->root, t->level,
		      (unsigned long long)t->table,
		      (unsigned long long)(t->va + ((u64)first << shift)), first,
		      last - first + 1, (unsigned long long)old,
		      (unsigned long long)t->copy[first], (unsigned long long)t->copy[last]);
}

/* Look at entries @at to @end - 1, tell of every group of neighbours that has changed. */
static bool update(struct watched *t, const char *who, unsigned int at, unsigned int end)
{
	bool changed = false;

	while (at < end) {
		unsigned int first = at;
		u64 old = t->copy[at];

		for (; at < end && load(&t->page[at]) != t->copy[at]; at++)
			t->copy[at] = load(&t->page[at]);
		if (at > first)
			tell_stores(t, who, first, at - 1, old);
		changed = changed || at > first;
		at += at == first;
	}
	return changed;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* The slot of a host page, or the free one where it would go; the table is never full. */
static u16 *find_slot(struct pt_watch *w, const u64 *page)
{
	u64 h = (uintptr_t)page / SZ_4K * 0x9e3779b97f4a7c15ull;
	u32 i = (u32)(h >> 40) % HASH_SLOTS;

	while (w->slot[i] && w->tables[w->slot[i] - 1]->page != page)
		i = (i + 1) % HASH_SLOTS;
	return &w->slot[i];
}

static struct watched *find_table(struct pt_watch *w, const u64 *page)
{
	u16 slot = *find_slot(w, page);
	struct watched *t = slot ? w->tables[slot - 1] : NULL;

	return t && !t->dropped ? t : NULL;
}

/* Begin to watch a page. A page that was a table before keeps its place in the list. */
static struct watched *add_table(struct pt_watch *w, const struct watched *like)
{
	u16 *slot = find_slot(w, like->page);
	struct watched *t;

	if (!*slot) {
		if (w->n == MAX_TABLES)
			return NULL;
		w->tables[w->n] = calloc(1, sizeof(*t));
		if (!w->tables[w->n])
			return NULL;
		w->n++;
		*slot = (u16)w->n;
	}
	t = w->tables[*slot - 1];
	*t = *like;
	for (unsigned int i = 0; i < ENTRIES; i++)
		t->copy[i] = load(&t->page[i]);
	tell_table(t, "table found");
	return t;
}

static u32 number_of(struct pt_watch *w, const struct watched *t)
{
	return t ? *find_slot(w, t->page) - 1u : NO_PARENT;
}

/* One step of a walk; @above is the table of the step before. */
static struct watched *step_locked(struct xm_device *dev, const struct ppgtt_walk *walk,
				   unsigned int i, const struct watched *above)
{
	const struct ppgtt_step *s = &walk->step[i];
	const u64 *page = dma_ptr(dev->dma, s->table, SZ_4K, false, NULL);
	u64 span = 1ull << (PPGTT_PAGE_SHIFT + 9 * (s->level + 1));
	struct watched *t = page ? find_table(dev->pt_watch, page) : NULL;
	struct watched like = {
		.page = page,
		.table = s->table,
		.va = walk->va & ~(span - 1),
		.root = walk->root & PPGTT_ADDR_MASK,
		.parent = number_of(dev->pt_watch, above),
		.index = i ? walk->step[i - 1].index : 0,
		.level = s->level,
	};

	/* A walk that begins at a cached table does not show who names it. */
	if (!page || (!t && !i && s->level + 1 < dev->platform->ppgtt_levels))
		return NULL;
	if (!t)
		return add_table(dev->pt_watch, &like);
	if (load(&page[s->index]) != t->copy[s->index])
		update(t, "store of the host, seen at a walk", s->index, s->index + 1);
	return t;
}

void pt_watch_walk(struct xm_device *dev, const struct ppgtt_walk *walk)
{
	struct watched *t = NULL;

	pthread_mutex_lock(&dev->pt_watch->lock);
	begin_locked(dev->pt_watch);
	for (unsigned int i = 0; i < walk->n_steps && (t || !i); i++)
		t = step_locked(dev, walk, i, t);
	pthread_mutex_unlock(&dev->pt_watch->lock);
}

void pt_watch_store(struct xm_device *dev, const char *engine, const void *ptr, size_t len)
{
	uintptr_t page = (uintptr_t)ptr & ~(uintptr_t)(SZ_4K - 1);
	unsigned int first = (unsigned int)((uintptr_t)ptr - page) / 8;
	unsigned int end = (unsigned int)((uintptr_t)ptr - page + len + 7) / 8;
	struct watched *t;
	char who[32];

	pthread_mutex_lock(&dev->pt_watch->lock);
	begin_locked(dev->pt_watch);
	t = find_table(dev->pt_watch, (const u64 *)page);
	if (t) {
		snprintf(who, sizeof(who), "store of %s", engine);
		update(t, who, first, XM_MIN(end, ENTRIES));
	}
	pthread_mutex_unlock(&dev->pt_watch->lock);
}

/* --- comparison ------------------------------------------------------------------------------- */

static bool looks_like_table(const struct watched *t)
{
	for (unsigned int i = 0; i < ENTRIES; i++)
		if (t->copy[i] && !(t->copy[i] & PPGTT_PRESENT))
			return false;
	return true;
}

/* Whether the table above still leads here. */
static bool linked(const struct pt_watch *w, const struct watched *t)
{
	const struct watched *above;
	u64 entry;

	if (t->parent == NO_PARENT)
		return true;
	above = w->tables[t->parent];
	entry = above->copy[t->index];
	return !above->dropped && entry & PPGTT_PRESENT && (entry & PPGTT_ADDR_MASK) == t->table;
}

static void drop(struct watched *t, const char *why)
{
	t->dropped = true;
	tell_table(t, why);
}

static void compare_table(struct xm_device *dev, struct watched *t)
{
	if (!linked(dev->pt_watch, t)) {
		drop(t, "table not linked any more");
	} else if (dma_ptr(dev->dma, t->table, SZ_4K, false, NULL) != t->page) {
		drop(t, "table not accessible any more");
	} else if (update(t, "store of the host, seen at an invalidation", 0, ENTRIES) &&
		   !looks_like_table(t)) {
		drop(t, "no table any more");
	}
}

void pt_watch_compare(struct xm_device *dev)
{
	struct pt_watch *w = dev->pt_watch;

	if (!trace_on())
		return;
	dma_read_lock(dev->dma);
	pthread_mutex_lock(&w->lock);
	begin_locked(w);
	/* From the roots down: whether a table is linked depends on the one above it. */
	for (unsigned int level = PPGTT_MAX_LEVELS; level--;)
		for (u32 i = 0; i < w->n; i++)
			if (w->tables[i]->level == level && !w->tables[i]->dropped)
				compare_table(dev, w->tables[i]);
	pthread_mutex_unlock(&w->lock);
	dma_read_unlock(dev->dma);
}
