/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PT_H_
#define _XE_PT_H_

#include "pt/xe_pt_bits.h"
#include "pt/xe_pt_cache.h"
#include "pt/xe_pt_internal.h"
#include "pt/xe_pte.h"

struct xe_pt_plan;
struct xe_pt_stage;

/**
 * struct xe_pt_page - memory of one hardware table
 * @words: CPU mapping, PPGTT_TABLE_ENTRIES entries
 * @dma: address by which the GPU reaches it, 4 KiB aligned
 * @priv: for the allocator
 */
struct xe_pt_page {
	u64 *words;
	u64 dma;
	void *priv;
};

/**
 * struct xe_pt_ops - where table memory comes from
 * @alloc: provide a zeroed page in @page; 0 or -ENOMEM; may sleep
 * @free: take a page back; may sleep; may run without the lock of the tree
 * @find: optional: CPU mapping of the page at GPU address @dma, or NULL. Lets xe_pt_translate()
 *	walk memory with no help from the software tree.
 */
struct xe_pt_ops {
	int (*alloc)(void *ctx, struct xe_pt_page *page);
	void (*free)(void *ctx, struct xe_pt_page *page);
	const u64 *(*find)(void *ctx, u64 dma);
};

/**
 * struct xe_pt_slot - what the software tree knows about one entry of an interior table
 * @raw: 0 if empty; the &struct xe_pte of a leaf (bit 0, present, is set); else a pointer to the
 *	&struct xe_pt below
 *
 * Slots are ahead of memory while a plan that is committed has not been written yet.
 */
struct xe_pt_slot {
	u64 raw;
};

/**
 * struct xe_pt - software view of one table
 * @page: the hardware table
 * @parent: table above, NULL for the root and for scratch tables
 * @base: first GPU virtual address the table covers
 * @level: 0 for a table of 4 KiB pages
 * @live: slots that are not empty
 * @blank: entries that are not live. While the table is part of a tree, that is the empty entry of
 *	its level; a new table is all zero
 * @slots: PPGTT_TABLE_ENTRIES slots; NULL at level 0, where @live says all that is needed
 * @creator: plan that made the table and has not been committed. The table cannot be reached by the
 *	GPU then and that plan may write its entries directly.
 * @stage: list of what the plan being built has recorded of changes to this table, or NULL
 * @next_created: list of tables made by @creator
 * @next_detached: list of tables a plan has removed from the tree, or of tables kept for later
 */
struct xe_pt {
	struct xe_pt_page page;
	struct xe_pt *parent;
	u64 base;
	u8 level;
	struct xe_pt_bits live;
	u64 blank;
	struct xe_pt_slot *slots;
	const struct xe_pt_plan *creator;
	struct xe_pt_stage *stage;
	struct xe_pt *next_created;
	struct xe_pt *next_detached;
};

/**
 * struct xe_pt_tree - page tables of one GPU address space
 * @fmt: format
 * @ops: allocator of table memory
 * @ctx: first argument of @ops
 * @root: top table, exists from init to fini
 * @scratch: table of each level shared by all empty entries one level above; NULL if not needed
 * @empty: entry that stands for "nothing mapped", per level
 * @planning: plan that has been created and neither committed nor aborted; at most one
 * @cache: tables to be used again
 *
 * Locking is the owner's: the software view (everything but table memory) is protected by the lock
 * that serialises binds of the address space. Table memory of a written or unwritten plan belongs
 * to that plan; see xe_pt_plan.c. The cache has a lock of its own.
 */
struct xe_pt_tree {
	const struct xe_pt_format *fmt;
	const struct xe_pt_ops *ops;
	void *ctx;
	struct xe_pt *root;
	struct xe_pt *scratch[XE_PT_MAX_LEVELS];
	struct xe_pte empty[XE_PT_MAX_LEVELS];
	struct xe_pt_plan *planning;
	struct xe_pt_cache cache;
};

/* Flags of xe_pt_tree_init(). */
#define XE_PT_TREE_SCRATCH	0x1

int xe_pt_tree_init(struct xe_pt_tree *tree, const struct xe_pt_format *fmt,
		    const struct xe_pt_ops *ops, void *ctx, u32 flags);
void xe_pt_tree_fini(struct xe_pt_tree *tree);
void xe_pt_tree_trim(struct xe_pt_tree *tree);
void xe_pt_tree_clear_root(struct xe_pt_tree *tree);
u64 xe_pt_tree_root_desc(const struct xe_pt_tree *tree);
u64 *xe_pt_leaf_word(const struct xe_pt_tree *tree, u64 va);

struct xe_pt *xe_pt_create(struct xe_pt_tree *tree, struct xe_pt *parent, unsigned int level,
			   u64 base);
void xe_pt_reset(const struct xe_pt_tree *tree, struct xe_pt *pt, unsigned int first,
		 unsigned int n);
void xe_pt_destroy(struct xe_pt_tree *tree, struct xe_pt *pt);
void xe_pt_release(struct xe_pt_tree *tree, struct xe_pt *pt);
void xe_pt_release_subtree(struct xe_pt_tree *tree, struct xe_pt *pt, bool known);
void xe_pt_fill(struct xe_pt *pt, struct xe_pte first, u64 step);

/* Is nothing mapped by this slot? */
static inline bool xe_pt_slot_is_empty(struct xe_pt_slot slot)
{
	return !slot.raw;
}

/* Does this slot map a large page? */
static inline bool xe_pt_slot_is_leaf(struct xe_pt_slot slot)
{
	return slot.raw & PPGTT_PRESENT;
}

/* Table below this slot, or NULL. */
static inline struct xe_pt *xe_pt_slot_child(struct xe_pt_slot slot)
{
	return xe_pt_slot_is_leaf(slot) ? NULL : (struct xe_pt *)(uintptr_t)slot.raw;
}

static inline struct xe_pt_slot xe_pt_slot_from_leaf(struct xe_pte pte)
{
	return (struct xe_pt_slot){ .raw = pte.raw };
}

static inline struct xe_pt_slot xe_pt_slot_from_child(const struct xe_pt *child)
{
	return (struct xe_pt_slot){ .raw = (uintptr_t)child };
}

/* First address covered by slot @slot of @pt. */
static inline u64 xe_pt_slot_base(const struct xe_pt *pt, unsigned int slot)
{
	return pt->base + ((u64)slot << xe_pt_level_shift(pt->level));
}

/* Last address covered by the whole of @pt. */
static inline u64 xe_pt_last(const struct xe_pt *pt)
{
	return pt->base + (xe_pt_level_size(pt->level) << PPGTT_TABLE_SHIFT) - 1;
}

#endif
