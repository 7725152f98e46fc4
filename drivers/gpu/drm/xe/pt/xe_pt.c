// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt.h"

/**
 * DOC: Page-table trees
 *
 * Each hardware table has a software companion, &struct xe_pt, that says which of its entries are
 * in use and, above level 0, what is below them. Decisions are taken on the software tree alone:
 * table memory is only written by plans (see xe_pt_plan.c), perhaps much later, and is never read
 * except by the validator.
 *
 * Tables are used again, see xe_pt_cache.c.
 *
 * In a tree with scratch, entries of levels 0 to 2 that map nothing are null pages; above, they
 * point to a table full of null pages which all such entries share.
 */

/* A leaf is recognised by its present bit, which no pointer to a table has. */
static_assert(PPGTT_PRESENT == 1);
static_assert(__alignof__(struct xe_pt) > 1);

/* A table with memory, all of it zero; NULL if out of memory. */
static struct xe_pt *pt_alloc(struct xe_pt_tree *tree, unsigned int level)
{
	struct xe_pt *pt;

	pt = kzalloc(sizeof(*pt), GFP_KERNEL_ACCOUNT);
	if (!pt)
		return NULL;

	if (level) {
		pt->slots = kcalloc(PPGTT_TABLE_ENTRIES, sizeof(*pt->slots),
				    GFP_KERNEL_ACCOUNT);
		if (!pt->slots)
			goto free_pt;
	}
	if (tree->ops->alloc(tree->ctx, &pt->page))
		goto free_slots;
	return pt;

free_slots:
	kfree(pt->slots);
free_pt:
	kfree(pt);
	return NULL;
}

/**
 * xe_pt_create() - make a table that nothing points to yet
 * @tree: tree it will belong to
 * @parent: table above it, NULL for a root or scratch table
 * @level: its level
 * @base: first GPU virtual address it covers
 *
 * What is in it may be left over from an earlier use: xe_pt_reset() comes next.
 *
 * Context: may sleep.
 * Return: the table, NULL if out of memory.
 */
struct xe_pt *xe_pt_create(struct xe_pt_tree *tree, struct xe_pt *parent, unsigned int level,
			   u64 base)
{
	struct xe_pt *pt;

	pt = xe_pt_cache_take(&tree->cache, level) ?: pt_alloc(tree, level);
	if (!pt)
		return NULL;

	pt->parent = parent;
	pt->level = level;
	pt->base = base;
	return pt;
}

/**
 * xe_pt_reset() - let a table map nothing
 * @tree: tree it is for
 * @pt: table that the GPU cannot reach
 * @first: first slot that the caller is going to write
 * @n: number of such slots, may be 0. They keep what is in them: before anything can fail, the
 *	caller writes them all, or makes them live
 *
 * Entries that differ are given the empty value of the table's level, whatever it was used for.
 *
 * Context: any.
 */
void xe_pt_reset(const struct xe_pt_tree *tree, struct xe_pt *pt, unsigned int first,
		 unsigned int n)
{
	u64 empty = tree->empty[pt->level].raw;
	u64 *words = pt->page.words;
	unsigned int slot, end;

	if (pt->blank != empty) {
		memset64(words, empty, first);
		memset64(words + first + n, empty, PPGTT_TABLE_ENTRIES - first - n);
		pt->blank = empty;
	}

	if (n)
		xe_pt_bits_clear(&pt->live, first, first + n - 1);
	for (slot = xe_pt_bits_next(&pt->live, 0); slot < PPGTT_TABLE_ENTRIES;
	     slot = xe_pt_bits_next(&pt->live, end)) {
		end = xe_pt_bits_next_zero(&pt->live, slot);
		memset64(words + slot, empty, end - slot);
		if (pt->level)
			memset64(&pt->slots[slot].raw, 0, end - slot);
	}
	pt->live = (struct xe_pt_bits){};
}

/**
 * xe_pt_destroy() - free one table, not those below it
 * @tree: tree it was made for
 * @pt: table
 *
 * Context: may sleep. Needs no lock of the tree, once the table has been removed from it.
 */
void xe_pt_destroy(struct xe_pt_tree *tree, struct xe_pt *pt)
{
	tree->ops->free(tree->ctx, &pt->page);
	kfree(pt->slots);
	kfree(pt);
}

/**
 * xe_pt_release() - let go of one table, not those below it
 * @tree: tree it was made for
 * @pt: table; what may be in it is known, see xe_pt_cache_put()
 *
 * The table is kept for later, or freed.
 *
 * Context: may sleep. Needs no lock of the tree, once the table has been removed from it.
 */
void xe_pt_release(struct xe_pt_tree *tree, struct xe_pt *pt)
{
	if (!xe_pt_cache_put(&tree->cache, pt))
		xe_pt_destroy(tree, pt);
}

/**
 * xe_pt_release_subtree() - let go of a table and everything below it
 * @tree: tree it was made for
 * @pt: table
 * @known: as for xe_pt_release(); if not, all is freed
 *
 * Context: may sleep. Needs no lock of the tree, once the table has been removed from it. The
 * recursion is as deep as the tree: at most XE_PT_MAX_LEVELS.
 */
void xe_pt_release_subtree(struct xe_pt_tree *tree, struct xe_pt *pt, bool known)
{
	unsigned int slot;

	if (pt->level) {
		xe_pt_bits_for_each(slot, &pt->live, 0) {
			struct xe_pt *child = xe_pt_slot_child(pt->slots[slot]);

			if (child)
				xe_pt_release_subtree(tree, child, known);
		}
	}
	if (known)
		xe_pt_release(tree, pt);
	else
		xe_pt_destroy(tree, pt);
}

/**
 * xe_pt_fill() - write all entries of a table that the GPU cannot reach
 * @pt: table
 * @first: entry of slot 0
 * @step: added for each further slot
 *
 * Only memory is written, not the software view.
 *
 * Context: any.
 */
void xe_pt_fill(struct xe_pt *pt, struct xe_pte first, u64 step)
{
	u64 *words = pt->page.words;
	u64 raw = first.raw;
	unsigned int i;

	for (i = 0; i < PPGTT_TABLE_ENTRIES; i++, raw += step)
		words[i] = raw;
}

static void destroy_list(struct xe_pt_tree *tree, struct xe_pt *pt)
{
	struct xe_pt *next;

	for (; pt; pt = next) {
		next = pt->next_detached;
		xe_pt_destroy(tree, pt);
	}
}

static void destroy_all_tables(struct xe_pt_tree *tree)
{
	unsigned int level;

	destroy_list(tree, xe_pt_cache_empty(&tree->cache, true));
	if (tree->root)
		xe_pt_release_subtree(tree, tree->root, false);
	tree->root = NULL;

	for (level = 0; level < XE_PT_MAX_LEVELS; level++) {
		if (tree->scratch[level])
			xe_pt_destroy(tree, tree->scratch[level]);
		tree->scratch[level] = NULL;
	}
}

/* Scratch tables exist from the largest leaf level up to the level below the root. */
static int create_scratch(struct xe_pt_tree *tree)
{
	const struct xe_pt_format *fmt = tree->fmt;
	unsigned int level;

	for (level = 0; level <= XE_PT_MAX_LEAF_LEVEL; level++)
		tree->empty[level] = xe_pte_scratch(fmt, level);

	for (level = XE_PT_MAX_LEAF_LEVEL; level < fmt->root_level; level++) {
		struct xe_pt *pt = xe_pt_create(tree, NULL, level, 0);

		if (!pt)
			return -ENOMEM;
		xe_pt_reset(tree, pt, 0, 0);
		tree->scratch[level] = pt;
		tree->empty[level + 1] = xe_pte_table(fmt, pt->page.dma);
	}
	return 0;
}

/**
 * xe_pt_tree_init() - make an empty tree
 * @tree: memory to initialise
 * @fmt: format
 * @ops: allocator of table memory; must outlive the tree
 * @ctx: first argument of @ops
 * @flags: XE_PT_TREE_SCRATCH: unmapped addresses read as zero instead of faulting
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM if tables cannot be allocated.
 */
int xe_pt_tree_init(struct xe_pt_tree *tree, const struct xe_pt_format *fmt,
		    const struct xe_pt_ops *ops, void *ctx, u32 flags)
{
	*tree = (struct xe_pt_tree){ .fmt = fmt, .ops = ops, .ctx = ctx };
	xe_pt_cache_init(&tree->cache);

	if ((flags & XE_PT_TREE_SCRATCH) && create_scratch(tree))
		goto destroy_tables;

	tree->root = xe_pt_create(tree, NULL, fmt->root_level, 0);
	if (!tree->root)
		goto destroy_tables;
	xe_pt_reset(tree, tree->root, 0, 0);
	return 0;

destroy_tables:
	destroy_all_tables(tree);
	return -ENOMEM;
}

/**
 * xe_pt_tree_fini() - free all tables
 * @tree: tree; all zero is fine
 *
 * The GPU must no longer use the tree, and every plan must have been freed.
 *
 * Context: may sleep.
 */
void xe_pt_tree_fini(struct xe_pt_tree *tree)
{
	if (!tree->ops)
		return;

	WARN_ON(tree->planning);
	destroy_all_tables(tree);
}

/**
 * xe_pt_tree_trim() - free the tables that are kept for later
 * @tree: tree
 *
 * Context: may sleep. Needs no lock of the tree.
 */
void xe_pt_tree_trim(struct xe_pt_tree *tree)
{
	destroy_list(tree, xe_pt_cache_empty(&tree->cache, false));
}

/**
 * xe_pt_tree_clear_root() - make every address unmapped, scratch included, at once
 * @tree: tree that will not be planned against any more
 *
 * For closing an address space: after a TLB invalidation nothing below the root is in use. The
 * software view keeps its tables until fini.
 *
 * Context: any. Every plan must have been written.
 */
void xe_pt_tree_clear_root(struct xe_pt_tree *tree)
{
	unsigned int i;

	for (i = 0; i < PPGTT_TABLE_ENTRIES; i++)
		xe_pt_store(&tree->root->page.words[i], 0);
	xe_pt_barrier();
}

/**
 * xe_pt_tree_root_desc() - value for the root pointer of a context
 * @tree: tree
 *
 * Context: any.
 * Return: the descriptor; it does not change while the tree exists.
 */
u64 xe_pt_tree_root_desc(const struct xe_pt_tree *tree)
{
	return xe_pte_table(tree->fmt, tree->root->page.dma).raw;
}

/**
 * xe_pt_leaf_word() - the entry of a 4 KiB page
 * @tree: tree that nobody plans against any more
 * @va: GPU virtual address
 *
 * For an address space that belongs to the driver itself and whose pages come and go without plans,
 * below tables that stay.
 *
 * Context: any.
 * Return: CPU mapping of the entry of level 0, which the entries of the following pages follow up
 * to the end of its table; NULL if there is no such table.
 */
u64 *xe_pt_leaf_word(const struct xe_pt_tree *tree, u64 va)
{
	const struct xe_pt *pt = tree->root;

	while (pt && pt->level)
		pt = xe_pt_slot_child(pt->slots[xe_pt_slot_of(va, pt->level)]);

	return pt ? pt->page.words + xe_pt_slot_of(va, 0) : NULL;
}
