// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Rules for whole trees of page tables
 *
 * Looks at all tables of an address space, some at a time, on request:
 *
 *	idle --want--> walk, piece by piece --end--> idle, or the next walk if wanted meanwhile
 *
 * Each entry is judged alone, whether or not anybody ever uses it. Beyond that, the tables of all
 * address spaces are kept in an index, so that it is seen when a table has two parents, or when a
 * leaf maps a page that is a table. Exempt are scratch tables (all entries are the same NULL leaf,
 * or lead to the same table), and an address space that maps its own tables on purpose to write
 * them: it is recognised by mapping all tables on the way to address 0, by leaves of the last of
 * them. Between uses it is full of leftovers.
 *
 * Nothing is ever read but the tables of an address space that a job is using, for others may have
 * been freed:
 *
 * - The caller promises that for the address space it asks for.
 * - For another one that the index leads to, the number of the job that uses it is asked for
 *   before and after. Without a job, or with another one afterwards, nothing is concluded.
 *
 * The guest changes tables meanwhile. What looks broken is therefore confirmed: the path from the
 * root is followed twice more, and must look the same each time. Then the entry was reachable while
 * it had its value. What takes several stores to set up (the 16 entries of a 64 KiB page, the rest
 * of a root) must moreover have been the same for HOLD_NS: the guest may be interrupted between two
 * of them.
 *
 * Locking: the caller's.
 */

#include "dev/pt_check.h"

#include <stdlib.h>
#include <string.h>

#include "dev/pt_index.h"
#include "dev/pt_tree.h"
#include "regs/xe_pte_bits.h"
#include "util/bits.h"

#define SPACES 64u
#define REPORTED_SLOTS 1024u
#define HELD_SLOTS 64u
#define HOLD_NS 1000000000ull
#define GROUP 16u
/* What the entries of a 64 KiB group have in common: everything but the address */
#define GROUP_SAME (~PPGTT_ADDR_MASK)
/* Known tables that are tried for one run of pages: some may be no tables any more */
#define TRIES 16u

/**
 * struct space - an address space
 * @root: root descriptor, 0 for a free place
 * @used: number of the request that asked for it last
 * @round: walks begun
 * @wanted: another walk is wanted
 * @busy: a walk is under way
 * @own_tables: it maps its own tables on purpose
 * @tree: the walk
 */
struct space {
	u64 root;
	u64 used;
	u32 round;
	bool wanted;
	bool busy;
	bool own_tables;
	struct pt_tree tree;
};

/**
 * struct held - a table that looked broken, and may be about to be repaired
 * @table: its address
 * @hash: of its entries
 * @since: when it was seen like that first, nanoseconds
 */
struct held {
	u64 table;
	u64 hash;
	u64 since;
};

/**
 * struct pt_check - see the head of this file
 * @fmt: format
 * @ops: callbacks
 * @ctx: their argument in the current step
 * @now: time of the current step, nanoseconds
 * @at: address space of the current step
 * @space: address spaces used lately
 * @requests: number of the last request
 * @index: tables
 * @held: by the hash of the table
 * @reported: hashes of what was reported, so that each is reported once
 * @count: figures
 */
struct pt_check {
	struct ppgtt_format fmt;
	const struct pt_check_ops *ops;
	void *ctx;
	u64 now;
	struct space *at;
	struct space space[SPACES];
	u64 requests;
	struct pt_index *index;
	struct held held[HELD_SLOTS];
	u64 reported[REPORTED_SLOTS];
	struct pt_check_count count;
};

static u64 root_page(u64 root)
{
	return root & PPGTT_ADDR_MASK;
}

static u64 mix(u64 x)
{
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 32;
}

/* --- address spaces --------------------------------------------------------------------------- */

static struct space *find_space(struct pt_check *c, u64 root)
{
	for (unsigned int i = 0; i < SPACES; i++)
		if (c->space[i].root == root)
			return &c->space[i];
	return NULL;
}

/* In place of the one whose last use is the longest ago. */
static struct space *new_space(struct pt_check *c, u64 root)
{
	struct space *s = &c->space[0];

	for (unsigned int i = 1; i < SPACES; i++)
		if (c->space[i].used < s->used)
			s = &c->space[i];
	*s = (struct space){ .root = root };
	return s;
}

/* Whether a table was met by one of the last two walks over its tree. */
static bool keep(void *ctx, const struct pt_known *known)
{
	const struct space *s = find_space(ctx, known->root);

	return s && known->round + 1 >= s->round;
}

static bool maps_own_tables(struct pt_check *c, u64 root)
{
	const struct space *s = find_space(c, root);

	return s && s->own_tables;
}

/* --- looking again ---------------------------------------------------------------------------- */

static bool read_table(void *ctx, u64 addr, u64 *entry, unsigned int n)
{
	struct pt_check *c = ctx;

	return c->ops->read(c->ctx, addr, entry, n);
}

static bool read_entry(void *ctx, u64 addr, u64 *entry)
{
	return read_table(ctx, addr, entry, 1);
}

static enum walk_result walk(struct pt_check *c, u64 root, u64 va, struct ppgtt_walk *w)
{
	struct ppgtt_start start;

	memset(w, 0, sizeof(*w));
	start = ppgtt_root(&c->fmt, root, w);
	return ppgtt_walk(&c->fmt, start, va, read_entry, c, w);
}

/* The step of a walk that reads from @table at @level, NULL if there is none. */
static const struct ppgtt_step *step_at(const struct ppgtt_walk *w, u64 table, unsigned int level)
{
	for (unsigned int i = 0; i < w->n_steps; i++)
		if (w->step[i].level == level && w->step[i].table == table)
			return &w->step[i];
	return NULL;
}

static bool still_table(struct pt_check *c, const struct pt_known *k, struct ppgtt_walk *w)
{
	walk(c, k->root, k->va, w);
	return step_at(w, k->table, k->level);
}

/*
 * Whether an entry is reachable with the value it was seen with. Addresses end at 48 bits: of a
 * root of five levels a walk sees one entry, and the others are there as long as the root is.
 */
static bool still_entry(struct pt_check *c, const struct pt_broken *b, struct ppgtt_walk *w)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct ppgtt_step *s;

		walk(c, c->at->root, b->va, w);
		s = step_at(w, b->table, b->level);
		if (!s || (s->index == b->index && s->entry != b->entry))
			return false;
	}
	return true;
}

/* --- reports ---------------------------------------------------------------------------------- */

static bool first_time(struct pt_check *c, const char *rule, u64 root, u64 va)
{
	u64 key = mix(mix((u64)(uintptr_t)rule + root) + va) | 1;
	u64 *slot = &c->reported[key / 2 % REPORTED_SLOTS];

	if (*slot == key)
		return false;
	*slot = key;
	return true;
}

static void report(struct pt_check *c, struct pt_finding *f)
{
	if (first_time(c, f->rule, c->at->root, f->va))
		c->ops->report(c->ctx, f);
}

static void on_broken(void *ctx, const struct pt_broken *b)
{
	struct pt_finding f = { .rule = b->rule, .wrong = b->wrong, .va = b->va };
	struct pt_check *c = ctx;
	bool root = b->level == c->fmt.levels;

	if (c->at->own_tables)
		return;
	if (!strcmp(b->rule, "pt-table-addr") &&
	    c->ops->reach(c->ctx, b->entry & PPGTT_ADDR_MASK, SZ_4K) == SZ_4K)
		return;
	if (root)
		walk(c, c->at->root, 0, &f.walk);
	if (root || still_entry(c, b, &f.walk))
		report(c, &f);
}

/* --- rules about one table -------------------------------------------------------------------- */

static const char *wrong_group(const u64 *group)
{
	u64 base = group[0] & PPGTT_ADDR_MASK;
	bool null = group[0] & PPGTT_NULL;
	unsigned int hints = 0;

	for (unsigned int i = 0; i < GROUP; i++)
		hints += !!(group[i] & PPGTT_PTE_PS64);
	if (!hints)
		return NULL;
	if (hints != GROUP)
		return "only some of the 16 entries of a 64 KiB page have the hint";
	if (!null && base & (SZ_64K - 1))
		return "a 64 KiB page is not aligned";
	for (unsigned int i = 0; i < GROUP; i++) {
		if ((group[i] ^ group[0]) & GROUP_SAME)
			return "the 16 entries of a 64 KiB page differ in their flags";
		if ((group[i] & PPGTT_ADDR_MASK) != base + (null ? 0 : i * (u64)SZ_4K))
			return "the 16 entries of a 64 KiB page are not contiguous";
	}
	return NULL;
}

static const char *wrong_root(const u64 *entry)
{
	for (unsigned int i = 2; i < PPGTT_TABLE_ENTRIES; i++)
		if (entry[i] != entry[1])
			return "entries 1 to 511 of a root of five levels are not all the same";
	return NULL;
}

/**
 * struct flaw - what is wrong with a table as a whole
 * @rule: short name of the rule
 * @wrong: what is wrong, NULL if nothing is
 * @index: entry to show
 * @hold: it may be a matter of stores that are still to come
 */
struct flaw {
	const char *rule;
	const char *wrong;
	unsigned int index;
	bool hold;
};

static struct flaw flaw_of_compact(const struct pt_table *t)
{
	for (unsigned int i = 0; i < pt_table_entries(true); i++)
		if (!(t->entry[i] & PPGTT_PRESENT))
			return (struct flaw){ .rule = "pt-compact", .index = i, .wrong =
					      "an entry of a compact table is not present" };
	return (struct flaw){ .wrong = NULL };
}

static struct flaw flaw_of(const struct pt_check *c, const struct pt_table *t)
{
	struct flaw flaw = { .rule = "pt-group", .hold = true };

	if (t->level == 4)
		return (struct flaw){ .rule = "pt-root-rest", .wrong = wrong_root(t->entry),
				      .hold = true };
	if (t->compact)
		return flaw_of_compact(t);
	if (t->level || !c->fmt.ps64)
		return flaw;
	for (unsigned int i = 0; i < PPGTT_TABLE_ENTRIES && !flaw.wrong; i += GROUP) {
		flaw.wrong = wrong_group(t->entry + i);
		flaw.index = i;
	}
	return flaw;
}

/* Whether a table still holds what it held when it was judged. */
static bool still_same(struct pt_check *c, const struct pt_table *t)
{
	u64 now[PPGTT_TABLE_ENTRIES];
	unsigned int n = pt_table_entries(t->compact);

	return c->ops->read(c->ctx, t->table, now, n) &&
	       !memcmp(now, t->entry, n * sizeof(*now));
}

static struct held *held_slot(struct pt_check *c, const struct pt_table *t)
{
	return &c->held[mix(t->table >> 12) % HELD_SLOTS];
}

/* Whether a table has held the same for long enough. If not, another look is wanted. */
static bool held_long(struct pt_check *c, const struct pt_table *t)
{
	struct held *h = held_slot(c, t);
	u64 hash = c->at->root;

	for (unsigned int i = 0; i < pt_table_entries(t->compact); i++)
		hash = mix(hash + t->entry[i]);
	if (h->table != t->table || h->hash != hash)
		*h = (struct held){ .table = t->table, .hash = hash, .since = c->now };
	if (c->now - h->since >= HOLD_NS)
		return true;
	c->at->wanted = true;
	return false;
}

static void check_table(struct pt_check *c, const struct pt_table *t)
{
	struct flaw flaw = flaw_of(c, t);
	struct pt_finding f = { .rule = flaw.rule, .wrong = flaw.wrong, .va = t->va };
	struct pt_broken at = { .table = t->table, .level = t->level, .index = (u16)flaw.index };

	if (!flaw.wrong && held_slot(c, t)->table == t->table)
		held_slot(c, t)->table = 0;
	if (!flaw.wrong || (flaw.hold && !held_long(c, t)))
		return;
	f.va += (u64)flaw.index << pt_entry_shift(t->level, t->compact);
	at.va = f.va;
	at.entry = t->entry[flaw.index];
	if (still_entry(c, &at, &f.walk) && still_same(c, t))
		report(c, &f);
}

/* --- rules about several tables --------------------------------------------------------------- */

static bool is_scratch(const struct pt_check *c, const struct pt_table *t)
{
	struct ppgtt_decoded d = ppgtt_decode(&c->fmt, t->entry[0], t->level, t->compact);
	unsigned int n = pt_table_entries(t->compact);

	return (d.kind == PPGTT_TABLE || (d.kind == PPGTT_LEAF && d.null)) &&
	       !memcmp(t->entry, t->entry + 1, (n - 1) * sizeof(*t->entry));
}

static bool same_place(const struct pt_check *c, const struct pt_table *t, const struct pt_known *k)
{
	return root_page(k->root) == root_page(c->at->root) && k->va == t->va &&
	       k->level == t->level && k->compact == t->compact;
}

static const char *wrong_twice(const struct pt_check *c, const struct pt_table *t,
			       const struct pt_known *k)
{
	if (k->compact != t->compact)
		return "a table is used as a compact one and as a plain one";
	if (k->level != t->level)
		return "a table is used at two levels";
	if (root_page(k->root) != root_page(c->at->root))
		return "a table is part of two address spaces";
	return "a table has two parents";
}

/* The table is known by another path. Return: whether that path surely still leads to it. */
static bool check_shared(struct pt_check *c, const struct pt_table *t, const struct pt_known *k)
{
	struct pt_finding f = { .rule = "pt-table-twice", .va = t->va, .two = true };
	u64 job = c->ops->running(c->ctx, k->root);
	struct ppgtt_walk again;
	bool both;

	if (!job || !still_table(c, k, &f.other))
		return false;
	walk(c, c->at->root, t->va, &f.walk);
	both = step_at(&f.walk, t->table, t->level) && still_table(c, k, &again);
	if (c->ops->running(c->ctx, k->root) != job)
		return false;
	f.wrong = wrong_twice(c, t, k);
	if (both)
		report(c, &f);
	return true;
}

static enum pt_visit on_table(void *ctx, const struct pt_table *t)
{
	struct pt_check *c = ctx;
	const struct pt_known *k = pt_index_find(c->index, t->table);
	const struct pt_known now = {
		.table = t->table,
		.root = c->at->root,
		.va = t->va,
		.round = c->at->round,
		.level = t->level,
		.compact = t->compact,
	};

	c->count.tables++;
	if (k && !same_place(c, t, k) && !c->at->own_tables && !maps_own_tables(c, k->root) &&
	    (is_scratch(c, t) || check_shared(c, t, k)))
		return PT_VISIT_SKIP;
	pt_index_put(c->index, &now);
	if (!c->at->own_tables)
		check_table(c, t);
	return PT_VISIT_ENTER;
}

static bool leads_to(struct pt_check *c, u64 va, u64 addr, struct ppgtt_walk *w)
{
	return walk(c, c->at->root, va, w) == WALK_OK && w->addr == addr;
}

/* A leaf maps a page that is, or was, a table. Return: true after a report. */
static bool check_mapped(struct pt_check *c, const struct pt_run *run, const struct pt_known *k)
{
	struct pt_finding f = {
		.rule = "pt-maps-table",
		.wrong = "a page is mapped that is a page table",
		.va = run->va + (k->table - run->addr),
		.two = true,
	};
	u64 job = c->ops->running(c->ctx, k->root);
	struct ppgtt_walk again;
	bool table, both;

	if (!job)
		return false;
	table = still_table(c, k, &f.other);
	both = table && leads_to(c, f.va, k->table, &f.walk) && still_table(c, k, &again);
	if (c->ops->running(c->ctx, k->root) != job)
		return false;
	if (both)
		report(c, &f);
	else if (!table)
		pt_index_drop(c->index, k->table);
	return both;
}

static void check_tables(struct pt_check *c, const struct pt_run *run)
{
	u64 at = 0;

	for (unsigned int i = 0; i < TRIES && at < run->len; i++) {
		const struct pt_known *k;
		u64 table;

		k = pt_index_find_in(c->index, run->addr + at, run->len - at);
		if (!k)
			return;
		table = k->table;
		if (check_mapped(c, run, k))
			return;
		at = table - run->addr + SZ_4K;
	}
}

static void check_memory(struct pt_check *c, const struct pt_run *run)
{
	u64 good = c->ops->reach(c->ctx, run->addr, run->len);
	struct pt_finding f = {
		.rule = "pt-leaf-memory",
		.wrong = "a page is mapped that is no memory of the device",
		.va = run->va + good,
	};

	if (good < run->len && leads_to(c, f.va, run->addr + good, &f.walk) &&
	    leads_to(c, f.va, run->addr + good, &f.walk))
		report(c, &f);
}

static bool on_run(void *ctx, const struct pt_run *run)
{
	struct pt_check *c = ctx;

	if (run->null || run->devmem != c->fmt.devmem || c->at->own_tables)
		return true;
	check_tables(c, run);
	if (!run->devmem && !((run->addr + run->len - 1) >> c->fmt.dma_bits))
		check_memory(c, run);
	return true;
}

static const struct pt_tree_ops tree_ops = { on_run, on_table, on_broken };

/* --- walks ------------------------------------------------------------------------------------ */

static bool maps_page(const u64 *entry, u64 page)
{
	for (unsigned int i = 0; i < PPGTT_TABLE_ENTRIES; i++)
		if (entry[i] & PPGTT_PRESENT && (entry[i] & PPGTT_ADDR_MASK) == page)
			return true;
	return false;
}

static bool detect_own_tables(struct pt_check *c, u64 root)
{
	u64 entry[PPGTT_TABLE_ENTRIES];
	struct ppgtt_walk w;

	walk(c, root, 0, &w);
	if (w.n_steps != c->fmt.levels || (w.step[c->fmt.levels - 2].entry & PPGTT_COMPACT_CHILD) ||
	    !c->ops->read(c->ctx, w.step[w.n_steps - 1].table, entry, PPGTT_TABLE_ENTRIES))
		return false;
	for (unsigned int i = 1; i < w.n_steps; i++)
		if (!maps_page(entry, w.step[i].table))
			return false;
	return true;
}

bool pt_check_want(struct pt_check *check, u64 root)
{
	struct space *s = find_space(check, root);

	if (!s)
		s = new_space(check, root);
	s->used = ++check->requests;
	s->wanted = true;
	return !s->round;
}

bool pt_check_step(struct pt_check *check, u64 root, u64 now, unsigned int budget, void *ctx)
{
	struct space *s = find_space(check, root);

	if (!s || (!s->busy && !s->wanted))
		return false;
	check->ctx = ctx;
	check->now = now;
	check->at = s;
	if (!s->busy) {
		s->busy = true;
		s->wanted = false;
		s->round++;
		s->own_tables = detect_own_tables(check, root);
		pt_tree_begin(&s->tree, &check->fmt, root);
	}
	if (pt_tree_walk(&s->tree, read_table, check, &tree_ops, budget) != PT_TREE_MORE) {
		s->busy = false;
		check->count.rounds++;
	}
	return s->busy || s->wanted;
}

/* --- life cycle ------------------------------------------------------------------------------- */

struct pt_check_count pt_check_count(const struct pt_check *check)
{
	struct pt_check_count count = check->count;

	count.known = pt_index_count(check->index);
	return count;
}

struct pt_check *pt_check_create(const struct ppgtt_format *fmt, const struct pt_check_ops *ops)
{
	struct pt_check *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fmt = *fmt;
	c->ops = ops;
	c->index = pt_index_create(keep, c);
	if (!c->index) {
		free(c);
		return NULL;
	}
	return c;
}

void pt_check_destroy(struct pt_check *check)
{
	if (!check)
		return;
	pt_index_destroy(check->index);
	free(check);
}
