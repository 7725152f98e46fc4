// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands about translations: the page tables, the global table, and what TLBs hold.
 */

#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "dev/ppgtt.h"
#include "gfx/inspect.h"
#include "regs/xe_pte_bits.h"

/* Most entries of a TLB that are looked at: what is more is only counted */
#define MAX_TLB_ENTRIES 262144u

static const char *access_name(bool writable)
{
	return writable ? "rw" : "ro";
}

static u64 va_max(const struct xm_device *dev)
{
	return (1ull << dev->platform->va_bits) - 1;
}

/* --- one address ------------------------------------------------------------------------------ */

static json_t *walk_rows(const struct ppgtt_walk *walk)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < walk->n_steps; i++) {
		const struct ppgtt_step *s = &walk->step[i];

		json_array_append_new(rows, json_pack("{s:i, s:o, s:i, s:o}", "level", s->level,
						      "table", ctl_hex(s->table), "index", s->index,
						      "entry", ctl_hex(s->entry)));
	}
	return rows;
}

/**
 * struct lookup - a walk and its outcome
 * @walk: the walk
 * @result: how it ended
 */
struct lookup {
	struct ppgtt_walk walk;
	enum walk_result result;
};

/* Whether a cached entry says what the tables say now. */
static bool still_true(const struct tlb_entry *e, const struct lookup *l)
{
	if (e->table) {
		for (unsigned int i = 0; i < l->walk.n_steps; i++)
			if (l->walk.step[i].level == e->level)
				return l->walk.step[i].table == e->addr;
		return false;
	}
	if (l->result == WALK_NULL || e->null)
		return l->result == WALK_NULL && e->null;
	return l->result == WALK_OK && e->writable == l->walk.writable &&
	       e->addr + (l->walk.va - e->va) == l->walk.addr;
}

static json_t *cached_row(const char *engine, const struct tlb_entry *e)
{
	json_t *row = json_pack("{s:s, s:o, s:o, s:o}", "engine", engine, "va", ctl_hex(e->va),
				"covers", ctl_size(1ull << e->shift), "leads to",
				e->null ? json_string("null") : ctl_hex(e->addr));

	if (e->table)
		json_object_set_new(row, "what", json_sprintf("table of level %u", e->level));
	else
		json_object_set_new(row, "what", json_string("page"));
	json_object_set_new(row, "access", json_string(access_name(e->writable)));
	return row;
}

static json_t *cached_rows(struct xm_device *dev, const struct lookup *l)
{
	const struct tlb_query q = { .root = l->walk.root, .first = l->walk.va,
				     .last = l->walk.va };
	/* A leaf of each size and a table of each level at most */
	struct tlb_entry found[4 + PPGTT_MAX_LEVELS];
	json_t *rows = json_array();

	for (unsigned int i = 0; i < gfx_engine_count(dev); i++) {
		struct engine *e = gfx_engine(dev, i);
		size_t n;

		if (!engine_tlb_list(e, &q, found, ARRAY_SIZE(found), &n))
			continue;
		for (size_t k = 0; k < n && k < ARRAY_SIZE(found); k++) {
			json_t *row = cached_row(engine_desc(e)->name, &found[k]);

			json_object_set_new(row, "tables say",
					    json_string(still_true(&found[k], l) ?
							"the same" : "something else"));
			json_array_append_new(rows, row);
		}
	}
	return rows;
}

static void walk_tables(struct xm_device *dev, u64 root, u64 va, struct lookup *l)
{
	struct ppgtt_format fmt = ppgtt_format_of(dev);
	struct ppgtt_start start;

	memset(l, 0, sizeof(*l));
	start = ppgtt_root(&fmt, root, &l->walk);
	dma_read_lock(dev->dma);
	l->result = ppgtt_walk(&fmt, start, va, ppgtt_read_sys, dev, &l->walk);
	dma_read_unlock(dev->dma);
}

json_t *ctl_translate(struct ctl_request *r)
{
	struct xm_device *dev = r->env->dev;
	struct lookup l;
	json_t *result;
	u64 root, va;

	if (!ctl_root(r, r->arg[0], &root) ||
	    !ctl_number(r, r->arg[1], "address", va_max(dev), &va))
		return NULL;
	walk_tables(dev, root, va, &l);
	result = json_pack("{s:o, s:o, s:s}", "root", ctl_hex(root), "va", ctl_hex(va), "result",
			   ppgtt_walk_result_name(l.result));
	if (l.result == WALK_OK)
		json_object_set_new(result, "address", ctl_hex(l.walk.addr));
	if (l.result == WALK_OK || l.result == WALK_NULL) {
		json_object_set_new(result, "page", ctl_size(1ull << l.walk.page_shift));
		json_object_set_new(result, "access", json_string(access_name(l.walk.writable)));
	}
	if (l.walk.rule)
		json_object_set_new(result, "broken rule",
				    json_sprintf("%s: %s", l.walk.rule, l.walk.wrong));
	json_object_set_new(result, "walk", walk_rows(&l.walk));
	json_object_set_new(result, "cached", cached_rows(dev, &l));
	return result;
}

/* --- global table ----------------------------------------------------------------------------- */

/**
 * struct ggtt_run - neighbouring entries that belong together
 * @first: GGTT address of the first page
 * @pages: number of entries
 * @entry: the first entry
 * @step: distance of the memory addresses: 4 KiB, or 0 if all pages are the same one
 */
struct ggtt_run {
	u64 first;
	u64 pages;
	u64 entry;
	u64 step;
};

/* Whether @entry belongs to @run; the second entry decides how the addresses go on. */
static bool continues(struct ggtt_run *run, u64 entry)
{
	if (run->pages == 1) {
		run->step = entry - run->entry;
		return !run->step || run->step == SZ_4K;
	}
	return entry == run->entry + run->pages * run->step;
}

static json_t *ggtt_row(struct xm_device *dev, const struct ggtt_run *run)
{
	const char *wrong = ggtt_check(dev, run->entry);
	json_t *row = json_pack("{s:o, s:o, s:o, s:o}", "first", ctl_hex(run->first), "last",
				ctl_hex(run->first + run->pages * SZ_4K - 1), "size",
				ctl_size(run->pages * SZ_4K), "leads to",
				ctl_hex(run->entry & GGTT_ADDR_MASK));

	if (run->pages > 1 && !run->step)
		json_object_set_new(row, "note", json_string("the same page all over"));
	if (wrong)
		json_object_set_new(row, "broken rule", json_string(wrong));
	return row;
}

json_t *ctl_ggtt(struct ctl_request *r)
{
	struct xm_device *dev = r->env->dev;
	u64 top = dev->ggtt_size / sizeof(u64) * SZ_4K - 1;
	struct ggtt_run run = { 0 };
	json_t *rows, *result;
	u64 first, last;

	if (!ctl_range(r, 0, top, &first, &last))
		return NULL;
	rows = json_array();
	for (u64 at = first & ~0xfffull; at <= last; at += SZ_4K) {
		u64 entry = ggtt_entry(dev, at);
		bool present = entry & GGTT_PRESENT;

		if (run.pages && present && continues(&run, entry)) {
			run.pages++;
			continue;
		}
		if (run.pages)
			json_array_append_new(rows, ggtt_row(dev, &run));
		run = (struct ggtt_run){ .first = at, .pages = present, .entry = entry };
		if (json_array_size(rows) == CTL_MAX_ROWS)
			break;
	}
	result = json_pack("{s:o}", "ggtt", rows);
	if (run.pages && json_array_size(rows) < CTL_MAX_ROWS)
		json_array_append_new(rows, ggtt_row(dev, &run));
	else if (run.pages)
		json_object_set_new(result, "cut at", ctl_hex(run.first));
	return result;
}

/* --- translation caches ----------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct tlb_entry *x = a, *y = b;

	if (x->root != y->root)
		return x->root < y->root ? -1 : 1;
	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return y->shift - x->shift;
}

/* All matching entries of an engine, sorted; @n is how many there are, *@kept how many came. */
static struct tlb_entry *copy_tlb(struct engine *e, u64 root, size_t *kept, size_t *n)
{
	const struct tlb_query q = { .root = root, .last = UINT64_MAX };
	struct tlb_entry *list;
	size_t max;

	if (!engine_tlb_list(e, &q, NULL, 0, &max))
		return NULL;
	/* Some room, for it fills further until it is copied. */
	max = XM_MIN(max + 1024, MAX_TLB_ENTRIES);
	list = calloc(max, sizeof(*list));
	if (!list || !engine_tlb_list(e, &q, list, max, n)) {
		free(list);
		return NULL;
	}
	*kept = XM_MIN(*n, max);
	qsort(list, *kept, sizeof(*list), by_place);
	return list;
}

/* One row for each address space an engine has entries of. */
static void add_counts(json_t *rows, const char *engine, const struct tlb_entry *list, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		json_int_t tables = 0, pages = 0, large = 0, nulls = 0;

		for (end = i; end < n && list[end].root == list[i].root; end++) {
			tables += list[end].table;
			nulls += list[end].null;
			large += !list[end].table && list[end].shift > 12;
			pages += !list[end].table && list[end].shift == 12;
		}
		json_array_append_new(rows, json_pack("{s:s, s:o, s:I, s:I, s:I, s:I}", "engine",
						      engine, "root", ctl_hex(list[i].root),
						      "4 KiB pages", pages, "large pages", large,
						      "null pages", nulls, "tables", tables));
	}
}

static json_t *tlb_counts(struct xm_device *dev)
{
	json_t *rows = json_array();

	for (unsigned int i = 0; i < gfx_engine_count(dev); i++) {
		struct engine *e = gfx_engine(dev, i);
		size_t kept, n;
		struct tlb_entry *list = copy_tlb(e, 0, &kept, &n);

		if (list)
			add_counts(rows, engine_desc(e)->name, list, kept);
		free(list);
	}
	return json_pack("{s:o}", "tlb", rows);
}

static json_t *tlb_entries(struct engine *e, u64 root)
{
	json_t *rows = json_array();
	size_t kept, n, i;
	struct tlb_entry *list = copy_tlb(e, root, &kept, &n);
	json_t *result;

	if (!list) {
		json_decref(rows);
		return NULL;
	}
	for (i = 0; i < kept && i < CTL_MAX_ROWS; i++) {
		json_t *row = cached_row(engine_desc(e)->name, &list[i]);

		json_object_set_new(row, "root", ctl_hex(list[i].root));
		json_array_append_new(rows, row);
	}
	result = json_pack("{s:I, s:o}", "entries", (json_int_t)n, "tlb", rows);
	if (i < n)
		json_object_set_new(result, "cut after", json_integer((json_int_t)i));
	free(list);
	return result;
}

json_t *ctl_tlb(struct ctl_request *r)
{
	struct xm_device *dev = r->env->dev;
	u64 root = 0;
	json_t *result;

	if (!r->n_args)
		return tlb_counts(dev);
	if (r->n_args > 1 && !ctl_root(r, r->arg[1], &root))
		return NULL;
	for (unsigned int i = 0; i < gfx_engine_count(dev); i++) {
		struct engine *e = gfx_engine(dev, i);

		if (strcmp(r->arg[0], engine_desc(e)->name))
			continue;
		result = tlb_entries(e, root);
		return result ? result : ctl_fail(r, "%s does not come to the end of a command",
						  r->arg[0]);
	}
	return ctl_misuse(r, "there is no engine \"%s\"", r->arg[0]);
}
