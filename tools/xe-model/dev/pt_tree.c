// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Walk over a whole tree of page tables
 *
 * Visits every table and every leaf below a root, in ascending order of addresses, and joins
 * leaves that continue each other to runs. The walk is a loop over a stack with one table per
 * level; it can be cut anywhere and taken up again at the next address. The level falls with every
 * step down, so a loop in the tables does not make it endless.
 *
 * The guest changes tables meanwhile. Each table is copied when it is entered, so what is reported
 * was true at some moment, but not all of it at the same one. Whoever blames the guest for
 * something has to look again at the path that leads there.
 *
 * The code is pure: tables come from a callback.
 */

#include "dev/pt_tree.h"

#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "regs/xe_pte_bits.h"

#define COMPACT_ENTRIES 32u

/**
 * struct frame - a table on the way down
 * @table: its address
 * @va: first address it translates
 * @index: entry to look at next
 * @n: number of entries
 * @level: its level
 * @compact: compact table
 * @writable: the entries above allow writes
 * @entry: copy of the table
 */
struct frame {
	u64 table;
	u64 va;
	unsigned int index;
	unsigned int n;
	u8 level;
	bool compact;
	bool writable;
	u64 entry[PPGTT_TABLE_ENTRIES];
};

/**
 * struct nothing - a table below which everything is the same NULL leaf
 * @table: its address, 0 if none is known
 * @leaf: the leaf
 */
struct nothing {
	u64 table;
	struct ppgtt_decoded leaf;
};

/**
 * struct walker - one call of pt_tree_walk()
 * @tree: the walk
 * @read: reads tables
 * @ctx: argument of @read and @ops
 * @ops: callbacks
 * @budget: tables that may still be read
 * @depth: number of @frame in use
 * @nothing: by level of the table
 * @frame: the root first
 */
struct walker {
	struct pt_tree *tree;
	pt_read_fn read;
	void *ctx;
	const struct pt_tree_ops *ops;
	unsigned int budget;
	unsigned int depth;
	struct nothing nothing[PPGTT_MAX_LEVELS];
	struct frame frame[PPGTT_MAX_LEVELS];
};

unsigned int pt_table_entries(bool compact)
{
	return compact ? COMPACT_ENTRIES : PPGTT_TABLE_ENTRIES;
}

unsigned int pt_entry_shift(unsigned int level, bool compact)
{
	return compact ? 16 : PPGTT_PAGE_SHIFT + PPGTT_TABLE_SHIFT * level;
}

void pt_tree_begin(struct pt_tree *tree, const struct ppgtt_format *fmt, u64 root)
{
	*tree = (struct pt_tree){ .fmt = *fmt, .root = root, .next_level = fmt->levels };
}

/* Whether an earlier call dealt with what lies at @va in a table of @level. */
static bool done_before(const struct pt_tree *tree, u64 va, unsigned int level)
{
	return tree->next > va || (tree->next == va && level > tree->next_level);
}

/* --- runs ------------------------------------------------------------------------------------- */

static bool report_run(struct walker *w)
{
	if (!w->tree->open)
		return true;
	w->tree->open = false;
	return !w->ops->run || w->ops->run(w->ctx, &w->tree->run);
}

static bool continues(const struct pt_run *run, const struct pt_run *next)
{
	return run->va + run->len == next->va && run->page_shift == next->page_shift &&
	       run->pat == next->pat && run->writable == next->writable &&
	       run->null == next->null && run->devmem == next->devmem &&
	       run->atomic == next->atomic && run->hint == next->hint &&
	       (run->null || run->addr + run->len == next->addr);
}

static bool add_leaf(struct walker *w, const struct ppgtt_decoded *d, u64 va, u64 len,
		     bool writable)
{
	/* A large leaf has replaced a table since the last call: its first part is reported. */
	u64 skip = w->tree->next > va ? w->tree->next - va : 0;
	struct pt_run next = {
		.va = va + skip,
		.len = len - skip,
		.addr = d->null ? 0 : d->addr + skip,
		.page_shift = d->page_shift,
		.pat = d->pat,
		.writable = writable && d->writable,
		.null = d->null,
		.devmem = d->devmem,
		.atomic = d->atomic,
		.hint = d->hint,
	};

	if (w->tree->open && continues(&w->tree->run, &next)) {
		w->tree->run.len += next.len;
		return true;
	}
	if (!report_run(w))
		return false;
	w->tree->run = next;
	w->tree->open = true;
	return true;
}

/* --- tables ----------------------------------------------------------------------------------- */

static bool all_equal(const struct frame *f)
{
	/* The first entry equals the second, the second the third, and so on. */
	return !memcmp(f->entry, f->entry + 1, (f->n - 1) * sizeof(*f->entry));
}

static void learn_nothing(struct walker *w, const struct frame *f)
{
	struct ppgtt_decoded d;

	if (f->compact || !all_equal(f))
		return;
	d = ppgtt_decode(&w->tree->fmt, f->entry[0], f->level, false);
	if (d.rule || d.hint)
		return;
	if (d.kind == PPGTT_LEAF && d.null)
		w->nothing[f->level] = (struct nothing){ f->table, d };
	else if (d.kind == PPGTT_TABLE && w->nothing[f->level - 1].table == d.addr)
		w->nothing[f->level] = (struct nothing){ f->table, w->nothing[f->level - 1].leaf };
}

static const struct nothing *known_nothing(const struct walker *w, const struct ppgtt_decoded *d,
					   unsigned int level)
{
	const struct nothing *n = &w->nothing[level];

	return n->table && n->table == d->addr && !d->compact ? n : NULL;
}

static void report_broken(struct walker *w, const struct frame *f, u64 va, const char *rule,
			  const char *wrong)
{
	const struct pt_broken b = {
		.va = va,
		.table = f->table,
		.entry = f->entry[f->index],
		.index = (u16)f->index,
		.level = f->level,
		.rule = rule,
		.wrong = wrong,
	};

	if (w->ops->broken && !done_before(w->tree, va, f->level))
		w->ops->broken(w->ctx, &b);
}

/* Read the table of @f and announce it, unless an earlier call did. Return: it may be entered. */
static bool open_table(struct walker *w, struct frame *f, u64 parent)
{
	const struct pt_table t = {
		.table = f->table,
		.va = f->va,
		.parent = parent,
		.level = f->level,
		.compact = f->compact,
		.entry = f->entry,
	};
	const struct pt_tree *tree = w->tree;

	f->n = pt_table_entries(f->compact);
	if (!w->read(w->ctx, f->table, f->entry, f->n))
		return false;
	if (done_before(tree, f->va, f->level))
		f->index = (tree->next - f->va) >> pt_entry_shift(f->level, f->compact);
	else if (w->ops->table && w->ops->table(w->ctx, &t) == PT_VISIT_SKIP)
		f->index = f->n;
	if (!f->index)
		learn_nothing(w, f);
	return true;
}

static void descend(struct walker *w, struct frame *f, const struct ppgtt_decoded *d, u64 va)
{
	struct frame *child = &w->frame[w->depth];

	child->table = d->addr;
	child->va = va;
	child->index = 0;
	child->level = f->level - 1;
	child->compact = d->compact;
	child->writable = f->writable && d->writable;
	if (open_table(w, child, f->table + f->index * sizeof(u64))) {
		w->depth++;
		return;
	}
	report_broken(w, f, va, "pt-table-addr", "table lies outside of accessible memory");
	f->index++;
}

/* --- walk ------------------------------------------------------------------------------------- */

/* Whether the entry behind @entry is the same, for the page behind or, if NULL, for no page. */
static bool goes_on(const struct ppgtt_format *fmt, u64 entry, u64 next,
		    const struct ppgtt_decoded *d, unsigned int shift)
{
	if (d->null)
		return next == entry;
	return next == entry + (1ull << shift) && !((next ^ entry) & ~PPGTT_ADDR_MASK) &&
	       !((next & PPGTT_ADDR_MASK) >> fmt->dma_bits);
}

/* Take the leaves that continue the last one: most do, and looking at each costs more. */
static void extend_run(struct walker *w, struct frame *f, const struct ppgtt_decoded *d,
		       unsigned int shift)
{
	for (; f->index < f->n; f->index++) {
		if (!goes_on(&w->tree->fmt, f->entry[f->index - 1], f->entry[f->index], d, shift))
			return;
		w->tree->run.len += 1ull << shift;
	}
}

/* Look at one entry. Return: false to end the call, with *@status set. */
static bool step(struct walker *w, enum pt_tree_status *status)
{
	struct frame *f = &w->frame[w->depth - 1];
	unsigned int shift = pt_entry_shift(f->level, f->compact);
	u64 va = f->va + ((u64)f->index << shift);
	struct ppgtt_decoded d = ppgtt_decode(&w->tree->fmt, f->entry[f->index], f->level,
					      f->compact);
	const struct nothing *nothing;

	if (d.rule)
		report_broken(w, f, va, d.rule, d.wrong);
	if (d.kind == PPGTT_TABLE) {
		bool again = done_before(w->tree, va, f->level - 1);

		nothing = known_nothing(w, &d, f->level - 1);
		if (!nothing) {
			if (!again && !w->budget) {
				w->tree->next = va;
				w->tree->next_level = f->level - 1;
				*status = PT_TREE_MORE;
				return false;
			}
			w->budget -= !again;
			descend(w, f, &d, va);
			return true;
		}
		d = (struct ppgtt_decoded){ .kind = PPGTT_LEAF, .null = true,
					    .page_shift = nothing->leaf.page_shift,
					    .pat = nothing->leaf.pat,
					    .writable = d.writable && nothing->leaf.writable,
					    .devmem = nothing->leaf.devmem,
					    .atomic = nothing->leaf.atomic };
	}
	*status = PT_TREE_STOPPED;
	f->index++;
	if (d.kind != PPGTT_LEAF)
		return true;
	if (!add_leaf(w, &d, va, 1ull << shift, f->writable))
		return false;
	if (!d.rule && d.page_shift == shift)
		extend_run(w, f, &d, shift);
	return true;
}

static void report_unreadable_root(struct walker *w)
{
	const struct pt_broken b = {
		.entry = w->tree->root,
		.level = w->tree->fmt.levels,
		.rule = "pt-table-addr",
		.wrong = "root table lies outside of accessible memory",
	};

	if (w->ops->broken)
		w->ops->broken(w->ctx, &b);
}

static void leave(struct walker *w)
{
	struct frame *f = &w->frame[--w->depth];

	/* Its children are known now: perhaps all of them are one table full of nothing. */
	if (f->level)
		learn_nothing(w, f);
	if (w->depth)
		w->frame[w->depth - 1].index++;
}

enum pt_tree_status pt_tree_walk(struct pt_tree *tree, pt_read_fn read, void *ctx,
				 const struct pt_tree_ops *ops, unsigned int budget)
{
	enum pt_tree_status status = PT_TREE_DONE;
	struct walker w;
	struct frame *root = &w.frame[0];

	w.tree = tree;
	w.read = read;
	w.ctx = ctx;
	w.ops = ops;
	w.budget = budget;
	w.depth = 1;
	memset(w.nothing, 0, sizeof(w.nothing));
	root->table = tree->root & PPGTT_ADDR_MASK;
	root->va = 0;
	root->index = 0;
	root->level = tree->fmt.levels - 1;
	root->compact = false;
	root->writable = true;
	if (!open_table(&w, root, 0)) {
		report_unreadable_root(&w);
		return PT_TREE_DONE;
	}
	while (w.depth) {
		struct frame *f = &w.frame[w.depth - 1];

		while (f->index < f->n && !f->entry[f->index])
			f->index++;
		if (f->index >= f->n)
			leave(&w);
		else if (!step(&w, &status))
			return status;
	}
	return report_run(&w) ? PT_TREE_DONE : PT_TREE_STOPPED;
}

bool pt_read_sys(struct xm_device *dev, u64 table, u64 *entry, unsigned int n)
{
	const u64 *p = dma_ptr(dev->dma, table & ~7ull, n * sizeof(u64), false, NULL);

	if (!p)
		return false;
	for (unsigned int i = 0; i < n; i++)
		entry[i] = __atomic_load_n(&p[i], __ATOMIC_ACQUIRE);
	return true;
}
