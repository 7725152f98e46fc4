// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands about a whole address space.
 */

#include "bus/dma.h"
#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/pt_tree.h"

/* Tables read under one hold of dma_read_lock(), and holds at most */
#define TABLES_AT_ONCE 16u
#define MAX_HOLDS 65536u
#define MAX_BROKEN 1000u

/**
 * struct mapping - a map, or a list of tables, while it is put together
 * @dev: device
 * @first: first address asked for
 * @last: last address asked for
 * @rows: runs, or tables, so far
 * @broken: entries that break a rule so far
 * @cut: address of the first row that found no place, if @full
 * @full: there are more rows than places
 */
struct mapping {
	struct xm_device *dev;
	u64 first;
	u64 last;
	json_t *rows;
	json_t *broken;
	u64 cut;
	bool full;
};

static bool add_run(void *ctx, const struct pt_run *run)
{
	struct mapping *m = ctx;
	json_t *row;

	if (run->va + (run->len - 1) < m->first)
		return true;
	if (run->va > m->last)
		return false;
	if (json_array_size(m->rows) == CTL_MAX_ROWS) {
		m->full = true;
		m->cut = run->va;
		return false;
	}
	row = json_pack("{s:o, s:o, s:o, s:o, s:s, s:i, s:o}", "first", ctl_hex(run->va), "last",
			ctl_hex(run->va + (run->len - 1)), "size", ctl_size(run->len), "page",
			ctl_size(1ull << run->page_shift), "access", run->writable ? "rw" : "ro",
			"pat", run->pat, "leads to",
			run->null ? json_string("null") : ctl_hex(run->addr));
	if (run->devmem)
		json_object_set_new(row, "memory", json_string("device"));
	if (run->atomic)
		json_object_set_new(row, "atomic", json_true());
	json_array_append_new(m->rows, row);
	return true;
}

static void add_broken(void *ctx, const struct pt_broken *b)
{
	struct mapping *m = ctx;

	if (json_array_size(m->broken) == MAX_BROKEN || b->va > m->last)
		return;
	json_array_append_new(m->broken, json_pack("{s:o, s:i, s:o, s:i, s:o, s:s, s:s}", "va",
						   ctl_hex(b->va), "level", b->level, "table",
						   ctl_hex(b->table), "index", b->index, "entry",
						   ctl_hex(b->entry), "rule", b->rule, "wrong",
						   b->wrong));
}

static enum pt_visit add_table(void *ctx, const struct pt_table *table)
{
	struct mapping *m = ctx;

	if (json_array_size(m->rows) == CTL_MAX_ROWS) {
		m->cut = table->va;
		m->full = true;
		return PT_VISIT_SKIP;
	}
	json_array_append_new(m->rows, ctl_hex(table->table));
	/* Below are pages. */
	return table->level ? PT_VISIT_ENTER : PT_VISIT_SKIP;
}

static bool read_table(void *ctx, u64 table, u64 *entry, unsigned int n)
{
	struct mapping *m = ctx;

	return pt_read_sys(m->dev, table, entry, n);
}

/* Return: false if the tree is larger than anybody can wait for. */
static bool walk_all(struct mapping *m, u64 root, const struct pt_tree_ops *ops)
{
	struct ppgtt_format fmt = ppgtt_format_of(m->dev);
	enum pt_tree_status status = PT_TREE_MORE;
	struct pt_tree tree;

	pt_tree_begin(&tree, &fmt, root);
	for (unsigned int i = 0; i < MAX_HOLDS && status == PT_TREE_MORE; i++) {
		dma_read_lock(m->dev->dma);
		status = pt_tree_walk(&tree, read_table, m, ops, TABLES_AT_ONCE);
		dma_read_unlock(m->dev->dma);
	}
	return status != PT_TREE_MORE;
}

json_t *ctl_map(struct ctl_request *r)
{
	static const struct pt_tree_ops ops = {
		.run = add_run,
		.broken = add_broken,
	};
	struct mapping m = { .dev = r->env->dev };
	u64 top = (1ull << m.dev->platform->va_bits) - 1;
	struct ppgtt_format fmt = ppgtt_format_of(m.dev);
	struct ppgtt_walk walk = { 0 };
	json_t *result;
	u64 root;

	if (!ctl_root(r, r->arg[0], &root) || !ctl_range(r, 1, top, &m.first, &m.last))
		return NULL;
	m.rows = json_array();
	m.broken = json_array();
	ppgtt_root(&fmt, root, &walk);
	result = json_pack("{s:o}", "root", ctl_hex(root));
	if (walk.rule)
		json_object_set_new(result, "broken rule",
				    json_sprintf("%s: %s", walk.rule, walk.wrong));
	if (!walk_all(&m, root, &ops))
		json_object_set_new(result, "given up", json_string("the tree is too large"));
	if (m.full)
		json_object_set_new(result, "cut at", ctl_hex(m.cut));
	json_object_set_new(result, "map", m.rows);
	if (json_array_size(m.broken))
		json_object_set(result, "broken", m.broken);
	json_decref(m.broken);
	return result;
}

json_t *ctl_tables(struct ctl_request *r)
{
	static const struct pt_tree_ops ops = { .table = add_table };
	struct mapping m = { .dev = r->env->dev };
	json_t *result;
	u64 root;

	if (!ctl_root(r, r->arg[0], &root))
		return NULL;
	m.rows = json_array();
	result = json_pack("{s:o, s:o}", "root", ctl_hex(root), "tables", m.rows);
	if (!walk_all(&m, root, &ops))
		json_object_set_new(result, "given up", json_string("the tree is too large"));
	if (m.full)
		json_object_set_new(result, "cut at", ctl_hex(m.cut));
	return result;
}
