// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Address spaces as they should be
 *
 * Compares the tables of an address space with a list of its parts, as the driver believes them to
 * be: two sequences in ascending order, the parts and the runs of the tables, walked side by side.
 * What lies between two runs is not mapped, what lies between two parts should not be, or should
 * lead to scratch.
 *
 * The code is pure; the text form is in pt_expect_text.c.
 */

#include "dev/pt_expect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "regs/xe_pte_bits.h"
#include "util/bits.h"

#define SPACE_END BIT_ULL(48)

static bool deviate(struct pt_compare *c, const struct pt_deviation *d)
{
	if (!c->stopped && !c->report(c->ctx, d))
		c->stopped = true;
	return !c->stopped;
}

static bool differ(struct pt_compare *c, const char *id, const char *wrong, u64 first, u64 end,
		   u64 want, u64 got)
{
	const struct pt_deviation d = { id, wrong, first, end - 1, want, got };

	return deviate(c, &d);
}

/* --- parts ------------------------------------------------------------------------------------ */

/* The part at @va, or NULL; *@end: where that, or the space without a part, ends. */
static const struct pt_vma *vma_at(struct pt_compare *c, u64 va, u64 *end)
{
	const struct pt_vma *v;

	while (c->vma < c->x->n_vmas && c->x->vma[c->vma].end <= va)
		c->vma++;
	v = c->vma < c->x->n_vmas ? &c->x->vma[c->vma] : NULL;
	if (!v || v->start > va) {
		*end = v ? v->start : ~0ull;
		return NULL;
	}
	*end = v->end;
	return v;
}

static const struct pt_vma *vma_in(const struct pt_expect *x, u64 first, u64 last)
{
	for (unsigned int i = 0; i < x->n_vmas; i++)
		if (x->vma[i].start <= last && x->vma[i].end > first)
			return &x->vma[i];
	return NULL;
}

/* Memory behind @va of a part; *@left: how much of it is contiguous. */
static struct pt_backing backing_at(const struct pt_expect *x, const struct pt_vma *v, u64 va,
				    u64 *left)
{
	const struct pt_backing *b = &x->backing[v->backing];
	u64 offset = va - v->start;

	while (offset >= b->len)
		offset -= b++->len;
	*left = b->len - offset;
	return (struct pt_backing){ .addr = b->addr + offset, .devmem = b->devmem };
}

/* --- what is mapped --------------------------------------------------------------------------- */

static bool check_memory(struct pt_compare *c, const struct pt_vma *v, const struct pt_run *run,
			 u64 first, u64 end)
{
	while (first < end) {
		u64 got = run->addr + (first - run->va);
		struct pt_backing b;
		u64 left;

		b = backing_at(c->x, v, first, &left);
		left = XM_MIN(left, end - first);
		if (b.devmem != run->devmem &&
		    !differ(c, "C2", "the page is in another kind of memory", first, first + left,
			    b.devmem, run->devmem))
			return false;
		if (b.addr != got && !differ(c, "C2", "the page leads to another address", first,
					     first + left, b.addr, got))
			return false;
		first += left;
	}
	return true;
}

static bool check_mapped(struct pt_compare *c, const struct pt_vma *v, const struct pt_run *run,
			 u64 first, u64 end)
{
	bool null = v->kind == PT_VMA_NULL;

	if (v->kind == PT_VMA_EMPTY)
		return differ(c, "C1", "a page is mapped that should be empty", first, end, 0,
			      run->addr + (first - run->va));
	if (run->null != null &&
	    !differ(c, "C5", null ? "the page leads to memory instead of nothing" :
		    "the page leads to nothing instead of memory", first, end, null, run->null))
		return false;
	if (run->writable == v->read_only &&
	    !differ(c, "C3", "the permission is another one", first, end, !v->read_only,
		    run->writable))
		return false;
	if (run->pat != v->pat &&
	    !differ(c, "C4", "the PAT index is another one", first, end, v->pat, run->pat))
		return false;
	if (c->tree.fmt.atomic && run->atomic != v->atomic &&
	    !differ(c, "C6", "atomic enable is another one", first, end, v->atomic, run->atomic))
		return false;
	return null || run->null || check_memory(c, v, run, first, end);
}

static bool check_outside(struct pt_compare *c, const struct pt_run *run, u64 first, u64 end)
{
	if (!c->x->scratch)
		return differ(c, "C1", "a page is mapped outside of every part", first, end, 0,
			      run->null ? 0 : run->addr + (first - run->va));
	if (run->null && run->writable && run->pat == c->x->scratch_pat)
		return true;
	return differ(c, "C1", "a page that should lead to scratch does not", first, end, 0,
		      run->null ? 0 : run->addr + (first - run->va));
}

/* A border of parts at @va, inside of a run. */
static bool check_border(struct pt_compare *c, const struct pt_run *run, u64 va)
{
	const char *wrong = "a page reaches over the border of a part";
	u64 mask = (1ull << run->page_shift) - 1;

	if (run->hint) {
		wrong = "a 64 KiB group reaches over the border of a part";
		mask = SZ_64K - 1;
	}
	if (!(va & mask))
		return true;
	return differ(c, "C7", wrong, va & ~mask, (va | mask) + 1, va, 0);
}

/* --- what is not ------------------------------------------------------------------------------ */

static bool check_gap(struct pt_compare *c, u64 first, u64 end)
{
	while (first < end) {
		const struct pt_vma *v;
		u64 part;

		v = vma_at(c, first, &part);
		part = XM_MIN(part, end);
		if (v && v->kind != PT_VMA_EMPTY &&
		    !differ(c, "C1", "a page is not mapped", first, part, 1, 0))
			return false;
		if (!v && c->x->scratch &&
		    !differ(c, "C1", "a page that should lead to scratch is not mapped", first,
			    part, 1, 0))
			return false;
		first = part;
	}
	return true;
}

/* --- walk ------------------------------------------------------------------------------------- */

static bool on_run(void *ctx, const struct pt_run *run)
{
	struct pt_compare *c = ctx;
	u64 first = run->va, end = run->va + run->len;

	if (!check_gap(c, c->pos, first))
		return false;
	c->pos = end;
	while (first < end) {
		const struct pt_vma *v;
		u64 part;

		v = vma_at(c, first, &part);
		if (part < end && !check_border(c, run, part))
			return false;
		part = XM_MIN(part, end);
		if (!(v ? check_mapped(c, v, run, first, part) :
			  check_outside(c, run, first, part)))
			return false;
		first = part;
	}
	return true;
}

static bool is_live(const struct pt_compare *c, const struct pt_table *t)
{
	for (unsigned int i = 0; i < pt_table_entries(t->compact); i++) {
		struct ppgtt_decoded d = ppgtt_decode(&c->tree.fmt, t->entry[i], t->level,
						      t->compact);

		/* An unmapped page of a space with scratch leads to nothing. */
		if (d.kind != PPGTT_EMPTY && !(c->x->scratch && d.kind == PPGTT_LEAF && d.null))
			return true;
	}
	return false;
}

static enum pt_visit on_table(void *ctx, const struct pt_table *t)
{
	struct pt_compare *c = ctx;
	u64 last = t->va + ((u64)pt_table_entries(t->compact)
			    << pt_entry_shift(t->level, t->compact)) - 1;
	/* The scratch table is the one table that has to be full of nothing. */
	bool scratch = c->x->scratch && t->level == 2 && t->entry[0] & PPGTT_NULL;

	if (t->parent && !scratch && !is_live(c, t) && !vma_in(c->x, t->va, last))
		differ(c, "C9", "a table has no live entry", t->va, last + 1, 0, t->table);
	return c->stopped ? PT_VISIT_SKIP : PT_VISIT_ENTER;
}

static bool read_table(void *ctx, u64 table, u64 *entry, unsigned int n)
{
	struct pt_compare *c = ctx;

	return c->read(c->ctx, table, entry, n);
}

void pt_compare_begin(struct pt_compare *c, const struct ppgtt_format *fmt, u64 root,
		      const struct pt_expect *x)
{
	c->x = x;
	c->pos = 0;
	c->vma = 0;
	c->stopped = false;
	pt_tree_begin(&c->tree, fmt, root);
}

enum pt_tree_status pt_compare_step(struct pt_compare *c, unsigned int budget)
{
	static const struct pt_tree_ops ops = { .run = on_run, .table = on_table };
	enum pt_tree_status status = pt_tree_walk(&c->tree, read_table, c, &ops, budget);

	if (status == PT_TREE_DONE && !c->stopped)
		check_gap(c, c->pos, SPACE_END);
	return c->stopped ? PT_TREE_STOPPED : status;
}

/* --- snapshots -------------------------------------------------------------------------------- */

/**
 * struct taking - a snapshot while it is taken
 * @s: the snapshot
 * @fmt: format
 * @read: reads tables
 * @ctx: its argument
 * @failed: there is no memory
 */
struct taking {
	struct pt_snapshot *s;
	const struct ppgtt_format *fmt;
	pt_read_fn read;
	void *ctx;
	bool failed;
};

static bool add_leaf(struct pt_snapshot *s, u64 va, u64 entry, u8 level)
{
	if (s->n == s->max) {
		size_t max = s->max ? s->max * 2 : 64;
		void *grown = realloc(s->leaf, max * sizeof(*s->leaf));

		if (!grown)
			return false;
		s->leaf = grown;
		s->max = max;
	}
	s->leaf[s->n++] = (struct pt_leaf){ .va = va, .entry = entry, .level = level };
	return true;
}

static enum pt_visit take_table(void *ctx, const struct pt_table *t)
{
	unsigned int shift = pt_entry_shift(t->level, t->compact);
	struct taking *take = ctx;
	struct pt_snapshot *s = take->s;

	for (unsigned int i = 0; i < pt_table_entries(t->compact) && !take->failed; i++) {
		u64 va = t->va + ((u64)i << shift);

		if (va > s->last || va + ((1ull << shift) - 1) < s->first)
			continue;
		if (ppgtt_decode(take->fmt, t->entry[i], t->level, t->compact).kind == PPGTT_LEAF)
			take->failed = !add_leaf(s, va, t->entry[i], t->level);
	}
	return PT_VISIT_ENTER;
}

static bool take_read(void *ctx, u64 table, u64 *entry, unsigned int n)
{
	struct taking *take = ctx;

	return take->read(take->ctx, table, entry, n);
}

static int by_address(const void *a, const void *b)
{
	const struct pt_leaf *one = a, *two = b;

	return one->va < two->va ? -1 : one->va > two->va;
}

int pt_snapshot_take(struct pt_snapshot *s, const struct ppgtt_format *fmt, u64 root,
		     pt_read_fn read, void *ctx)
{
	static const struct pt_tree_ops ops = { .table = take_table };
	struct taking take = { .s = s, .fmt = fmt, .read = read, .ctx = ctx };
	struct pt_tree tree;

	pt_tree_begin(&tree, fmt, root);
	pt_tree_walk(&tree, take_read, &take, &ops, ~0u);
	if (take.failed)
		return -ENOMEM;
	/* The leaves of a table come before those of the tables below it. */
	if (s->n)
		qsort(s->leaf, s->n, sizeof(*s->leaf), by_address);
	return 0;
}

void pt_snapshot_compare(const struct pt_snapshot *was, const struct pt_snapshot *is,
			 pt_deviation_fn report, void *ctx)
{
	size_t a = 0, b = 0;

	while (a < was->n || b < is->n) {
		const struct pt_leaf *old = a < was->n ? &was->leaf[a] : NULL;
		const struct pt_leaf *new = b < is->n ? &is->leaf[b] : NULL;
		struct pt_deviation d = { .id = "C10", .wrong = "a leaf was changed" };
		const struct pt_leaf *leaf;

		if (old && new && old->va == new->va) {
			a++, b++;
			if (old->entry == new->entry && old->level == new->level)
				continue;
		} else if (!new || (old && old->va < new->va)) {
			d.wrong = "a leaf is gone";
			new = NULL;
			a++;
		} else {
			d.wrong = "a leaf is new";
			old = NULL;
			b++;
		}
		leaf = old ? old : new;
		d.first = leaf->va;
		d.last = leaf->va + (1ull << pt_entry_shift(leaf->level, false)) - 1;
		d.want = old ? old->entry : 0;
		d.got = new ? new->entry : 0;
		if (!report(ctx, &d))
			return;
	}
}

void pt_snapshot_free(struct pt_snapshot *s)
{
	free(s->leaf);
	*s = (struct pt_snapshot){ 0 };
}

void pt_expect_free(struct pt_expect *x)
{
	free(x->vma);
	free(x->backing);
	*x = (struct pt_expect){ 0 };
}
