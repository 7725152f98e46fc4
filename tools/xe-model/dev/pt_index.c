// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Index of page tables
 *
 * What is known about pages that are page tables, by address: a hash table with open addressing
 * that is at most half full. When it is, tables that are not worth their place go; if too many
 * stay, it grows, up to MAX_SLOTS. Nearly all pages that are asked about are no tables, and many
 * questions are about large pages: a second hash table has, for each 2 MiB of memory with a table,
 * a bit per page.
 *
 * A dropped table keeps its slot, with root 0, until the next clean-up: others may lie behind it.
 *
 * Locking: the caller's.
 */

#include "dev/pt_index.h"

#include <stdlib.h>
#include <string.h>

#include "util/bits.h"

#define FIRST_SLOTS 1024u
/* Half of them hold the tables of 128 GiB in pages of 4 KiB. */
#define MAX_SLOTS BIT(17)
#define REGION_SHIFT 21
#define REGION_PAGES 512u

/**
 * struct region - 2 MiB of memory
 * @number: 1 + its address / 2 MiB, 0 for a free slot
 * @tables: bit set: the page is a table
 */
struct region {
	u64 number;
	u64 tables[REGION_PAGES / 64];
};

/**
 * struct pt_index - see the head of this file
 * @keep: asked when the index is full
 * @ctx: its argument
 * @slots: tables; @table 0 is a free slot, @root 0 a dropped table
 * @regions: memory with tables; tables that were dropped may have left empty ones
 * @n_slots: size of @slots and of @regions, a power of two
 * @n_used: slots that are not free
 * @n_known: tables that were not dropped
 * @n_missed: tables left out because the index was full
 */
struct pt_index {
	pt_keep_fn keep;
	void *ctx;
	struct pt_known *slots;
	struct region *regions;
	u32 n_slots;
	u32 n_used;
	u32 n_known;
	u32 n_missed;
};

static u32 hash(u64 x)
{
	return (u32)(x * 0x9e3779b97f4a7c15ull >> 32);
}

/* The slot of a table, or the free one where it would go. */
static struct pt_known *slot_of(struct pt_known *slots, u32 n, u64 table)
{
	u32 i = hash(table >> 12) & (n - 1);

	while (slots[i].table && slots[i].table != table)
		i = (i + 1) & (n - 1);
	return &slots[i];
}

/* The region of an address, or the free slot where it would go. */
static struct region *region_of(struct region *regions, u32 n, u64 addr)
{
	u64 number = (addr >> REGION_SHIFT) + 1;
	u32 i = hash(number) & (n - 1);

	while (regions[i].number && regions[i].number != number)
		i = (i + 1) & (n - 1);
	return &regions[i];
}

static void mark(struct region *regions, u32 n, u64 table)
{
	struct region *r = region_of(regions, n, table);
	u64 page = table >> 12 & (REGION_PAGES - 1);

	r->number = (table >> REGION_SHIFT) + 1;
	r->tables[page / 64] |= BIT_ULL(page % 64);
}

/* Move what is known to @n slots. Return: false without memory; nothing has changed then. */
static bool move(struct pt_index *index, u32 n)
{
	struct pt_known *slots = calloc(n, sizeof(*slots));
	struct region *regions = calloc(n, sizeof(*regions));

	if (!slots || !regions) {
		free(slots);
		free(regions);
		return false;
	}
	for (u32 i = 0; i < index->n_slots; i++) {
		const struct pt_known *k = &index->slots[i];

		if (!k->root)
			continue;
		*slot_of(slots, n, k->table) = *k;
		mark(regions, n, k->table);
	}
	free(index->slots);
	free(index->regions);
	index->slots = slots;
	index->regions = regions;
	index->n_slots = n;
	index->n_used = index->n_known;
	return true;
}

static void drop(struct pt_index *index, struct pt_known *known)
{
	struct region *r = region_of(index->regions, index->n_slots, known->table);
	u64 page = known->table >> 12 & (REGION_PAGES - 1);

	r->tables[page / 64] &= ~BIT_ULL(page % 64);
	known->root = 0;
	index->n_known--;
}

/* Return: whether there is room for one more. */
static bool make_room(struct pt_index *index)
{
	u32 n = index->n_slots;

	if (index->n_used < n / 2)
		return true;
	/* A clean-up takes long: one that was in vain is not repeated for every table. */
	if (index->n_missed && index->n_missed++ % (n / 8))
		return false;
	for (u32 i = 0; i < n; i++)
		if (index->slots[i].root && !index->keep(index->ctx, &index->slots[i]))
			drop(index, &index->slots[i]);
	if (index->n_known >= n / 4 && n < MAX_SLOTS)
		n *= 2;
	index->n_missed = index->n_known < n / 2 && move(index, n) ? 0 : 1;
	return !index->n_missed;
}

void pt_index_put(struct pt_index *index, const struct pt_known *known)
{
	struct pt_known *slot = slot_of(index->slots, index->n_slots, known->table);

	if (!slot->table) {
		if (!make_room(index))
			return;
		slot = slot_of(index->slots, index->n_slots, known->table);
		index->n_used++;
	}
	index->n_known += !slot->root;
	*slot = *known;
	mark(index->regions, index->n_slots, known->table);
}

void pt_index_drop(struct pt_index *index, u64 table)
{
	struct pt_known *slot = slot_of(index->slots, index->n_slots, table);

	if (slot->root)
		drop(index, slot);
}

const struct pt_known *pt_index_find(const struct pt_index *index, u64 table)
{
	const struct pt_known *slot = slot_of(index->slots, index->n_slots, table);

	return slot->root ? slot : NULL;
}

/* The first table of a region from page @first on and before page @end. */
static const struct pt_known *find_in_region(const struct pt_index *index, u64 addr,
					     unsigned int first, unsigned int end)
{
	const struct region *r = region_of(index->regions, index->n_slots, addr);

	for (unsigned int i = first / 64; r->number && i * 64 < end; i++) {
		u64 bits = r->tables[i];
		unsigned int page;

		if (i == first / 64)
			bits &= ~0ull << first % 64;
		if (!bits)
			continue;
		page = i * 64 + (unsigned int)__builtin_ctzll(bits);
		return page < end ? pt_index_find(index, addr + page * SZ_4K) : NULL;
	}
	return NULL;
}

/* For more memory than there are tables. */
static const struct pt_known *find_in_all(const struct pt_index *index, u64 addr, u64 len)
{
	const struct pt_known *first = NULL;

	for (u32 i = 0; i < index->n_slots; i++) {
		const struct pt_known *k = &index->slots[i];

		if (k->root && k->table - addr < len && (!first || k->table < first->table))
			first = k;
	}
	return first;
}

const struct pt_known *pt_index_find_in(const struct pt_index *index, u64 addr, u64 len)
{
	const u64 size = 1ull << REGION_SHIFT;
	const struct pt_known *first = NULL;
	u64 end = addr + len;

	if (len >> REGION_SHIFT > index->n_slots)
		return find_in_all(index, addr, len);
	for (u64 at = addr & ~(size - 1); at < end && !first; at += size)
		first = find_in_region(index, at, at < addr ? (addr - at) >> 12 : 0,
				       (unsigned int)(XM_MIN(end - at, size) >> 12));
	return first;
}

u32 pt_index_count(const struct pt_index *index)
{
	return index->n_known;
}

struct pt_index *pt_index_create(pt_keep_fn keep, void *ctx)
{
	struct pt_index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->keep = keep;
	index->ctx = ctx;
	if (!move(index, FIRST_SLOTS)) {
		free(index);
		return NULL;
	}
	return index;
}

void pt_index_destroy(struct pt_index *index)
{
	if (!index)
		return;
	free(index->slots);
	free(index->regions);
	free(index);
}
