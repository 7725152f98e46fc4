// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_check.h"

#include "pt/xe_pt.h"

/**
 * DOC: Validating, translating and printing page tables
 *
 * Three read-only walks for tests, debugfs and assertions. The validator compares the software tree
 * with itself and with memory. The translator follows memory words as the GPU would. Both need the
 * lock that serialises binds.
 */

static int flaw_at(struct xe_pt_flaw *flaw, const struct xe_pt *pt, unsigned int slot,
		   const char *rule)
{
	if (flaw)
		*flaw = (struct xe_pt_flaw){
			.rule = rule,
			.va = xe_pt_slot_base(pt, slot),
			.word = pt->page.words[slot],
			.level = pt->level,
			.slot = slot,
		};
	return -EUCLEAN;
}

/* The rule that the software view of one slot of an interior table breaks, or NULL. */
static const char *check_slot(const struct xe_pt_tree *tree, const struct xe_pt *pt,
			      unsigned int slot)
{
	struct xe_pt_slot s = pt->slots[slot];
	const struct xe_pt *child = xe_pt_slot_child(s);

	if (xe_pt_slot_is_empty(s) == xe_pt_bits_test(&pt->live, slot))
		return "exactly the slots that are not empty are live";
	if (xe_pt_slot_is_leaf(s))
		return xe_pte_is_leaf((struct xe_pte){ s.raw }, pt->level) ?
		       xe_pte_check(tree->fmt, pt->level, (struct xe_pte){ s.raw }) :
		       "a leaf is encoded as one";
	if (!child)
		return NULL;
	if (child->parent != pt || child->level != pt->level - 1 ||
	    child->base != xe_pt_slot_base(pt, slot))
		return "a table knows its place";
	if (xe_pt_bits_empty(&child->live))
		return "no table but the root is empty";
	if (!tree->planning && (child->creator || child->stage))
		return "no table belongs to a plan that is over";
	if (child->blank != tree->empty[child->level].raw)
		return "what is not live in a table is empty";
	return NULL;
}

/* The rule that one entry in memory breaks, given the software view, or NULL. */
static const char *check_word(const struct xe_pt_tree *tree, const struct xe_pt *pt,
			      unsigned int slot)
{
	struct xe_pte word = { pt->page.words[slot] };
	const struct xe_pt *child;

	if (!xe_pt_bits_test(&pt->live, slot))
		return word.raw == tree->empty[pt->level].raw ? NULL :
		       "an entry that is not live has the empty value";
	if (!pt->level)
		return xe_pte_is_present(word) ? xe_pte_check(tree->fmt, 0, word) :
		       "a live entry is present";

	child = xe_pt_slot_child(pt->slots[slot]);
	if (child)
		return word.raw == xe_pte_table(tree->fmt, child->page.dma).raw ? NULL :
		       "an entry points to the table the software tree has there";
	return word.raw == pt->slots[slot].raw ? NULL :
	       "an entry maps the large page the software tree has there";
}

static int check_table(const struct xe_pt_tree *tree, const struct xe_pt *pt, u32 flags,
		       struct xe_pt_flaw *flaw)
{
	unsigned int slot;

	for (slot = 0; slot < PPGTT_TABLE_ENTRIES; slot++) {
		const char *rule = pt->level ? check_slot(tree, pt, slot) : NULL;
		const struct xe_pt *child;
		int err;

		if (!rule && (flags & XE_PT_CHECK_WRITTEN))
			rule = check_word(tree, pt, slot);
		if (rule)
			return flaw_at(flaw, pt, slot, rule);

		child = pt->level ? xe_pt_slot_child(pt->slots[slot]) : NULL;
		err = child ? check_table(tree, child, flags, flaw) : 0;
		if (err)
			return err;
	}
	return 0;
}

/**
 * xe_pt_check() - validate a tree
 * @tree: tree
 * @flags: XE_PT_CHECK_WRITTEN: all committed plans have been written and none is being planned;
 *	compare memory with the software tree too
 * @flaw: out, may be NULL: the first inconsistency, set only on error
 *
 * Context: the lock that serialises binds is held.
 * Return: 0 if the tree is consistent, else -EUCLEAN.
 */
int xe_pt_check(struct xe_pt_tree *tree, u32 flags, struct xe_pt_flaw *flaw)
{
	const struct xe_pt *spare;
	unsigned int level, slot;
	int err;

	spare = xe_pt_cache_find_dirty(&tree->cache, &slot);
	if (spare)
		return flaw_at(flaw, spare, slot, "a table that is kept knows what is in it");

	err = check_table(tree, tree->root, flags, flaw);
	for (level = 0; !err && level < XE_PT_MAX_LEVELS; level++) {
		const struct xe_pt *pt = tree->scratch[level];

		for (slot = 0; pt && slot < PPGTT_TABLE_ENTRIES; slot++)
			if (pt->page.words[slot] != tree->empty[level].raw)
				return flaw_at(flaw, pt, slot, "scratch tables never change");
	}
	return err;
}

/**
 * struct walk_pos - table a translation has arrived at
 * @words: its memory
 * @pt: its software view; NULL if tables are found by address
 */
struct walk_pos {
	const u64 *words;
	const struct xe_pt *pt;
};

/* Follow a table entry, stored in memory at slot @slot of the table at @pos. */
static int walk_down(const struct xe_pt_tree *tree, struct walk_pos *pos, unsigned int level,
		     unsigned int slot, u64 dma)
{
	const struct xe_pt *child;

	if (tree->ops->find) {
		pos->words = tree->ops->find(tree->ctx, dma);
		return pos->words ? 0 : -EUCLEAN;
	}

	child = xe_pt_slot_child(pos->pt->slots[slot]);
	if (!child || child->page.dma != dma)
		child = tree->scratch[level - 1];
	if (!child || child->page.dma != dma)
		return -EAGAIN;
	*pos = (struct walk_pos){ .words = child->page.words, .pt = child };
	return 0;
}

/**
 * xe_pt_translate() - translate an address as the GPU would
 * @tree: tree
 * @va: GPU virtual address
 * @out: out: the translation, valid only on success
 *
 * Reads the tables in memory, so plans that have not been written do not show.
 *
 * Context: the lock that serialises binds is held.
 * Return: 0; -ENOENT if nothing is mapped (scratch is a null page, not "nothing"); -EUCLEAN for a
 * malformed entry; -EAGAIN if memory leads to a table that the software tree has already dropped.
 */
int xe_pt_translate(const struct xe_pt_tree *tree, u64 va, struct xe_pt_translation *out)
{
	struct walk_pos pos = { .words = tree->root->page.words, .pt = tree->root };
	unsigned int level = tree->fmt->root_level;
	int err;

	if (va >> tree->fmt->va_bits)
		return -ENOENT;

	for (;; level--) {
		unsigned int slot = xe_pt_slot_of(va, level);
		struct xe_pte pte = { READ_ONCE(pos.words[slot]) };

		if (xe_pte_check(tree->fmt, level, pte))
			return -EUCLEAN;
		if (!xe_pte_is_present(pte))
			return -ENOENT;
		if (xe_pte_is_leaf(pte, level)) {
			out->pte = pte;
			out->shift = xe_pt_level_shift(level);
			xe_pte_decode(tree->fmt, level, pte, &out->page);
			out->addr = out->page.addr;
			if (!out->page.attrs.null)
				out->addr += va & (xe_pt_level_size(level) - 1);
			return 0;
		}
		err = walk_down(tree, &pos, level, slot, xe_pte_addr(tree->fmt, level, pte));
		if (err)
			return err;
	}
}

/* An entry that a deferred update may just be storing. */
static u64 dump_word(const struct xe_pt *pt, unsigned int slot)
{
	return READ_ONCE(pt->page.words[slot]);
}

/* Print the leaves from slot @slot on that continue each other; return the slot after them. */
static unsigned int dump_run(const struct xe_pt *pt, unsigned int slot, xe_pt_print_fn print,
			     void *arg)
{
	u64 size = xe_pt_level_size(pt->level);
	u64 raw = dump_word(pt, slot);
	struct xe_pte pte = { raw };
	unsigned int first = slot;
	u64 step = raw & PPGTT_NULL ? 0 : size;

	do {
		slot++;
		raw += step;
	} while (slot < PPGTT_TABLE_ENTRIES && xe_pt_bits_test(&pt->live, slot) &&
		 dump_word(pt, slot) == raw &&
		 !(pt->level && xe_pt_slot_child(pt->slots[slot])));

	print(arg, xe_pt_slot_base(pt, first), (slot - first) * size, pt->level, pte);
	return slot;
}

static void dump_table(const struct xe_pt *pt, xe_pt_print_fn print, void *arg)
{
	unsigned int slot = xe_pt_bits_next(&pt->live, 0);

	while (slot < PPGTT_TABLE_ENTRIES) {
		const struct xe_pt *child = pt->level ? xe_pt_slot_child(pt->slots[slot]) : NULL;

		if (child) {
			print(arg, child->base, xe_pt_level_size(pt->level), pt->level,
			      (struct xe_pte){ dump_word(pt, slot) });
			dump_table(child, print, arg);
			slot++;
		} else {
			slot = dump_run(pt, slot, print, arg);
		}
		slot = xe_pt_bits_next(&pt->live, slot);
	}
}

/**
 * xe_pt_dump() - list what a tree maps, as stored in memory
 * @tree: tree
 * @print: receives one line per table and per run of pages that continue each other
 * @arg: first argument of @print
 *
 * Context: the lock that serialises binds is held; whatever @print needs.
 */
void xe_pt_dump(const struct xe_pt_tree *tree, xe_pt_print_fn print, void *arg)
{
	dump_table(tree->root, print, arg);
}
