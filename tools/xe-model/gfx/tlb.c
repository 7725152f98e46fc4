// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Strict translation cache
 *
 * A cache that forgets nothing until it is told to: leaves of every size, NULL leaves, and the
 * tables on the way to them. A translation that was used once is used again even if the tables
 * have changed, so a missing invalidation shows as wrong data each time, not once a month.
 * Entries that are not present are never cached.
 *
 * Open addressing; every entry carries the generation in which it was made, so that forgetting
 * everything is one increment. A dropped entry keeps its place as a tombstone with an impossible
 * root. A small direct-mapped table of 4 KiB pages in front serves nearly all lookups.
 *
 * Locking: none; a cache belongs to one engine and is touched between its commands only.
 */

#include "gfx/tlb.h"

#include <stdlib.h>
#include <string.h>

#include "regs/xe_pte_bits.h"
#include "util/bits.h"
#include "util/log.h"

#define FIRST_SLOTS 4096u
/* Beyond this the cache is emptied: the guest maps more pages than a test can need. */
#define MAX_SLOTS BIT(22)
#define FRONT_SLOTS 512u
#define ROOT_GONE (~0ull)
/* Above every page size, so that a table is never taken for a 64 KiB page (16). */
#define KIND_TABLE 0x40u
#define VA_MASK ((1ull << 48) - 1)

/**
 * struct slot - one cached entry
 * @root: address of the root table, ROOT_GONE for a tombstone
 * @tag: address bits above the page or table span
 * @addr: page or table
 * @gen: generation it belongs to; another one means empty
 * @kind: log2 of the page size for a leaf; KIND_TABLE | level for the table at that level
 * @writable: writes allowed so far
 * @null: NULL leaf
 */
struct slot {
	u64 root;
	u64 tag;
	u64 addr;
	u32 gen;
	u8 kind;
	bool writable;
	bool null;
};

struct front {
	u64 root;
	u64 vpn;
	struct tlb_page page;
	u32 gen;
};

struct tlb {
	struct slot *slots;
	u32 n_slots;
	u32 used;
	u32 gen;
	struct front front[FRONT_SLOTS];
};

static u64 root_addr(u64 root)
{
	return root & PPGTT_ADDR_MASK;
}

/* Neighbours in the address space are neighbours in the table: copies go through both in order. */
static u64 hash(u64 root, u64 tag, u8 kind)
{
	u64 h = ((tag >> 3) * 0x9e3779b97f4a7c15ull) ^ (root * 0xc2b2ae3d27d4eb4full) ^ kind;

	return (h ^ h >> 29) << 3 | (tag & 7);
}

struct tlb *tlb_create(void)
{
	struct tlb *tlb = calloc(1, sizeof(*tlb));

	if (!tlb)
		return NULL;
	tlb->slots = calloc(FIRST_SLOTS, sizeof(*tlb->slots));
	if (!tlb->slots) {
		free(tlb);
		return NULL;
	}
	tlb->n_slots = FIRST_SLOTS;
	tlb->gen = 1;
	return tlb;
}

void tlb_destroy(struct tlb *tlb)
{
	if (!tlb)
		return;
	free(tlb->slots);
	free(tlb);
}

/* The slot that holds the key, or the empty one where it would go. */
static struct slot *probe(struct tlb *tlb, u64 root, u64 tag, u8 kind)
{
	u32 i = hash(root, tag, kind) & (tlb->n_slots - 1);

	for (;; i = (i + 1) & (tlb->n_slots - 1)) {
		struct slot *s = &tlb->slots[i];

		if (s->gen != tlb->gen)
			return s;
		if (s->root == root && s->tag == tag && s->kind == kind)
			return s;
	}
}

static const struct slot *find(struct tlb *tlb, u64 root, u64 tag, u8 kind)
{
	const struct slot *s = probe(tlb, root, tag, kind);

	return s->gen == tlb->gen ? s : NULL;
}

static void grow(struct tlb *tlb)
{
	struct slot *old = tlb->slots;
	u32 n_old = tlb->n_slots;
	struct slot *grown;

	if (n_old >= MAX_SLOTS) {
		log_info("translation cache is full, emptied");
		tlb_flush(tlb);
		return;
	}
	grown = calloc(n_old * 2, sizeof(*grown));
	if (!grown) {
		tlb_flush(tlb);
		return;
	}
	tlb->slots = grown;
	tlb->n_slots = n_old * 2;
	tlb->used = 0;
	for (u32 i = 0; i < n_old; i++) {
		if (old[i].gen != tlb->gen || old[i].root == ROOT_GONE)
			continue;
		*probe(tlb, old[i].root, old[i].tag, old[i].kind) = old[i];
		tlb->used++;
	}
	free(old);
}

static void insert(struct tlb *tlb, const struct slot *e)
{
	struct slot *s;

	if (tlb->used >= tlb->n_slots / 2)
		grow(tlb);
	s = probe(tlb, e->root, e->tag, e->kind);
	if (s->gen != tlb->gen)
		tlb->used++;
	*s = *e;
	s->gen = tlb->gen;
}

static struct front *front_of(struct tlb *tlb, u64 root, u64 vpn)
{
	return &tlb->front[(vpn ^ vpn >> 9 ^ root >> 12) & (FRONT_SLOTS - 1)];
}

/* Put the 4 KiB page of @va, a part of the leaf @s, into the small table. */
static struct tlb_page *to_front(struct tlb *tlb, struct front *f, const struct slot *s, u64 va)
{
	*f = (struct front){
		.root = s->root,
		.vpn = va >> 12,
		.gen = tlb->gen,
		.page = {
			.addr = s->addr + (va & ((1ull << s->kind) - 1) & ~0xfffull),
			.shift = s->kind,
			.writable = s->writable,
			.null = s->null,
		},
	};
	return &f->page;
}

struct tlb_page *tlb_lookup(struct tlb *tlb, u64 root, u64 va)
{
	static const u8 shifts[] = { 12, 21, 30, 16 };
	struct front *f;

	va &= VA_MASK;
	root = root_addr(root);
	f = front_of(tlb, root, va >> 12);
	if (f->gen == tlb->gen && f->root == root && f->vpn == va >> 12)
		return &f->page;
	for (unsigned int i = 0; i < ARRAY_SIZE(shifts); i++) {
		const struct slot *s = find(tlb, root, va >> shifts[i], shifts[i]);

		if (s)
			return to_front(tlb, f, s, va);
	}
	return NULL;
}

bool tlb_start(struct tlb *tlb, const struct ppgtt_format *fmt, u64 root, u64 va,
	       struct ppgtt_start *start)
{
	va &= VA_MASK;
	root = root_addr(root);
	for (unsigned int level = 0; level + 1 < fmt->levels; level++) {
		const struct slot *s = find(tlb, root, va >> (21 + 9 * level), KIND_TABLE | level);

		if (!s)
			continue;
		*start = (struct ppgtt_start){ .table = s->addr, .level = level,
					       .writable = s->writable };
		return true;
	}
	return false;
}

struct tlb_page *tlb_fill(struct tlb *tlb, u64 root, const struct ppgtt_walk *walk,
			  enum walk_result result)
{
	struct slot e = { .root = root_addr(root), .writable = walk->start_writable };
	u64 offset = walk->va & ((1ull << walk->page_shift) - 1);

	/*
	 * A compact table is walked with another index width than a plain one, which a walk that
	 * starts at the table could not know: it is not remembered.
	 */
	for (unsigned int i = 0; i + 1 < walk->n_steps; i++) {
		const struct ppgtt_step *child = &walk->step[i + 1];

		e.writable = e.writable && walk->step[i].entry & PPGTT_WRITABLE;
		if (walk->page_shift == 16 && !child->level)
			break;
		e.kind = KIND_TABLE | child->level;
		e.tag = walk->va >> (21 + 9 * child->level);
		e.addr = child->table;
		insert(tlb, &e);
	}
	e.kind = walk->page_shift;
	e.tag = walk->va >> walk->page_shift;
	e.addr = walk->addr - offset;
	e.writable = walk->writable;
	e.null = result == WALK_NULL;
	insert(tlb, &e);
	return to_front(tlb, front_of(tlb, e.root, walk->va >> 12), &e, walk->va);
}

void tlb_flush(struct tlb *tlb)
{
	tlb->used = 0;
	if (++tlb->gen)
		return;
	/* The counter wrapped: make sure no old entry looks current. */
	memset(tlb->slots, 0, tlb->n_slots * sizeof(*tlb->slots));
	memset(tlb->front, 0, sizeof(tlb->front));
	tlb->gen = 1;
}

void tlb_flush_root(struct tlb *tlb, u64 root)
{
	root = root_addr(root);
	for (u32 i = 0; i < tlb->n_slots; i++)
		if (tlb->slots[i].gen == tlb->gen && tlb->slots[i].root == root)
			tlb->slots[i].root = ROOT_GONE;
	for (u32 i = 0; i < FRONT_SLOTS; i++)
		if (tlb->front[i].root == root)
			tlb->front[i].gen = 0;
}

size_t tlb_count(const struct tlb *tlb)
{
	size_t n = 0;

	for (u32 i = 0; i < tlb->n_slots; i++)
		n += tlb->slots[i].gen == tlb->gen && tlb->slots[i].root != ROOT_GONE;
	return n;
}

static struct tlb_entry describe(const struct slot *s)
{
	bool table = s->kind & KIND_TABLE;
	u8 level = table ? s->kind & ~KIND_TABLE : 0;
	u8 shift = table ? 21 + 9 * level : s->kind;

	return (struct tlb_entry){
		.root = s->root,
		.va = s->tag << shift,
		.addr = s->addr,
		.shift = shift,
		.level = level,
		.table = table,
		.writable = s->writable,
		.null = s->null,
	};
}

static bool matches(const struct tlb_query *q, const struct tlb_entry *e)
{
	return (!q->root || e->root == root_addr(q->root)) && e->va <= q->last &&
	       e->va + ((1ull << e->shift) - 1) >= q->first;
}

size_t tlb_list(const struct tlb *tlb, const struct tlb_query *q, struct tlb_entry *out, size_t max)
{
	size_t n = 0;

	for (u32 i = 0; i < tlb->n_slots; i++) {
		const struct slot *s = &tlb->slots[i];
		struct tlb_entry e;

		if (s->gen != tlb->gen || s->root == ROOT_GONE)
			continue;
		e = describe(s);
		if (!matches(q, &e))
			continue;
		if (out && n < max)
			out[n] = e;
		n++;
	}
	return n;
}

size_t tlb_flush_range(struct tlb *tlb, const struct tlb_query *q)
{
	size_t n = 0;

	for (u32 i = 0; i < tlb->n_slots; i++) {
		struct slot *s = &tlb->slots[i];
		struct tlb_entry e;

		if (s->gen != tlb->gen || s->root == ROOT_GONE)
			continue;
		e = describe(s);
		if (!matches(q, &e))
			continue;
		s->root = ROOT_GONE;
		n++;
	}
	/* A page in the small table may be part of a large leaf that only touches the range. */
	if (n)
		memset(tlb->front, 0, sizeof(tlb->front));
	return n;
}
