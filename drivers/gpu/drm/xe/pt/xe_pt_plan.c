// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pt_plan.h"

#include "pt/xe_pt.h"
#include "pt/xe_pt_stage.h"

/**
 * DOC: Page-table plans
 *
 * A plan is one atomic change of a page-table tree, made of any number of map and unmap operations
 * that see each other's effect. Its life has two halves:
 *
 * - *Planning* (create, map, unmap, then commit or abort) decides, allocates and may fail. The
 *   software tree is changed in place; what it was is kept in records by table, stages, so that
 *   abort can put it back. At most one plan per tree is in this half.
 * - *Carrying out* (write, free) happens at once or much later, from another context. It touches
 *   only what the plan owns and memory of tables, never the software tree, which may have been
 *   changed further by later plans. Instead of having the plan written, its owner may list the
 *   stores (xe_pt_run_next()) and let the GPU make them.
 *
 * Tables that a plan makes are filled while planning, because nothing can reach them. Entries of
 * tables that were there before are staged: new values lie in the stage of the table until write
 * stores them. After a commit the new tables are like any other: a later plan stages its changes
 * to them, even if they have not been published yet.
 *
 * Several operations on the same entry leave one store, of the last value. Each store takes the
 * addresses of the plan's operations from the state before the plan to the state after it, and
 * leaves the translation of all others as it is. That is so because
 *
 * - a range that covers a whole table gets a new table (or page) and one store in its parent;
 * - part of a large page is changed by making a table that describes the rest of the page too, and
 *   one store that swings the parent from the page to the table;
 * - entries are cleared at the highest level at which they belong to the range as a whole, or hold
 *   nothing else; what is below is detached with its contents;
 * - stages of tables that were detached later in the same plan are dropped at commit.
 *
 * A table is freed, or kept to be used again, only by the plan that detached it, after that plan
 * was written and the caller has had TLBs invalidated. Any earlier plan that has stores to the
 * table was written before, if the caller carries out plans with overlapping extents in the
 * order of their commits: detaching a table widens the extent to all addresses the table covers. So
 * what is in the memory of such a table is what the software view has it to be. That does not hold
 * for a plan that was never written, which is why tables are not used again after that.
 *
 * Locking: planning and commit need the lock that serialises binds of the address space, write and
 * free need none. Commit, abort and write neither allocate nor fail; write does not sleep.
 */

/**
 * xe_pt_plan_create() - start planning a change
 * @tree: tree; no other plan of it may be neither committed nor aborted
 *
 * Context: may sleep. The lock that serialises binds is held until commit or abort.
 * Return: the plan, or ERR_PTR(-ENOMEM).
 */
struct xe_pt_plan *xe_pt_plan_create(struct xe_pt_tree *tree)
{
	struct xe_pt_plan *plan;

	plan = kzalloc(sizeof(*plan), GFP_KERNEL_ACCOUNT);
	if (!plan)
		return ERR_PTR(-ENOMEM);

	WARN_ON(tree->planning);
	tree->planning = plan;
	plan->tree = tree;
	plan->last_stage = &plan->stages;
	plan->first = ~0ULL;
	return plan;
}

/* Free a plan with all its stages. */
static void plan_free(struct xe_pt_plan *plan)
{
	struct xe_pt_chunk *chunk, *next;

	for (chunk = plan->chunks; chunk; chunk = next) {
		next = chunk->next;
		kfree(chunk);
	}
	kfree(plan);
}

static void stage_undo(struct xe_pt_stage *stage)
{
	struct xe_pt *pt = stage->pt;
	unsigned int slot;

	pt->stage = NULL;
	pt->live = stage->old_live;
	if (pt->level)
		xe_pt_bits_for_each(slot, &stage->dirty, 0)
			pt->slots[slot].raw = xe_pt_stage_old_slots(stage)[slot - stage->lo];
}

/**
 * xe_pt_plan_abort() - forget a plan
 * @plan: plan, not committed
 *
 * The tree is again what it was when the plan was created. Frees the plan.
 *
 * Context: may sleep (table memory is freed). Allocates nothing.
 */
void xe_pt_plan_abort(struct xe_pt_plan *plan)
{
	struct xe_pt_stage *stage;
	struct xe_pt *pt, *next;

	WARN_ON(plan->committed);

	for (stage = plan->stages; stage; stage = stage->next)
		stage_undo(stage);
	for (pt = plan->detached; pt; pt = next) {
		next = pt->next_detached;
		pt->next_detached = NULL;
	}
	for (pt = plan->created; pt; pt = next) {
		next = pt->next_created;
		pt->next_created = NULL;
		pt->creator = NULL;
		xe_pt_release(plan->tree, pt);
	}

	plan->tree->planning = NULL;
	plan_free(plan);
}

/* Is the table still reachable from the root of the software tree? */
static bool pt_is_attached(const struct xe_pt *pt)
{
	for (; pt->parent; pt = pt->parent) {
		unsigned int slot = xe_pt_slot_of(pt->base, pt->parent->level);

		if (xe_pt_slot_child(pt->parent->slots[slot]) != pt)
			return false;
	}
	return true;
}

/**
 * xe_pt_plan_commit() - make a plan final
 * @plan: plan
 *
 * From here on the next plan of the tree may be created; it sees the effect of this one, written or
 * not.
 *
 * Context: any. Cannot fail, allocates nothing.
 */
void xe_pt_plan_commit(struct xe_pt_plan *plan)
{
	struct xe_pt_stage *stage;
	struct xe_pt *pt, *next;

	WARN_ON(plan->committed);

	for (stage = plan->stages; stage; stage = stage->next) {
		stage->pt->stage = NULL;
		/* Only what the plan has detached can have left the tree. */
		if (plan->detached)
			stage->detached = !pt_is_attached(stage->pt);
		/* These entries stay as they are: whoever uses the table again has to know. */
		if (stage->detached)
			xe_pt_bits_add(&stage->pt->live, &stage->old_live);
	}
	for (pt = plan->created; pt; pt = next) {
		next = pt->next_created;
		pt->next_created = NULL;
		pt->creator = NULL;
	}
	plan->created = NULL;
	plan->tree->planning = NULL;
	plan->committed = true;
}

/**
 * xe_pt_plan_write() - store the entries of a committed plan
 * @plan: plan
 *
 * New tables were filled before; the barrier makes their contents visible before the stores that
 * publish them. The second barrier lets the caller invalidate TLBs right away. Writing a plan once
 * more has no effect, so that a plan whose execution is retried cannot undo a later one.
 *
 * Context: any, also where fences are signalled: allocates nothing, does not sleep, takes no lock.
 * Committed plans with overlapping extents are written in the order of their commits.
 */
void xe_pt_plan_write(struct xe_pt_plan *plan)
{
	struct xe_pt_run_iter it;
	struct xe_pt_run run;
	unsigned int i;

	if (WARN_ON(!plan->committed) || plan->written)
		return;

	xe_pt_barrier();
	xe_pt_run_iter_init(&it, plan);
	while (xe_pt_run_next(&it, &run))
		for (i = 0; i < run.count; i++)
			xe_pt_store(run.words + i, run.values[i]);
	xe_pt_barrier();
	plan->written = true;
}

/**
 * xe_pt_plan_set_written() - take note that somebody else has made the stores of a plan
 * @plan: committed plan
 *
 * Context: any, like xe_pt_plan_write(), which has nothing to do any more.
 */
void xe_pt_plan_set_written(struct xe_pt_plan *plan)
{
	plan->written = true;
}

/**
 * xe_pt_plan_free() - free a committed plan and the tables it has detached
 * @plan: plan; NULL is fine
 *
 * All stores have been made and, if xe_pt_plan_needs_inval(), TLBs have been invalidated since; or
 * the GPU will not use the address space any more. The tree still exists.
 *
 * Context: may sleep. Takes no lock, needs none.
 */
void xe_pt_plan_free(struct xe_pt_plan *plan)
{
	struct xe_pt *pt, *next;

	if (!plan)
		return;

	WARN_ON(!plan->committed);
	for (pt = plan->detached; pt; pt = next) {
		next = pt->next_detached;
		xe_pt_release_subtree(plan->tree, pt, plan->written);
	}
	plan_free(plan);
}

/**
 * xe_pt_plan_is_empty() - does the plan change nothing?
 * @plan: plan
 *
 * Context: any.
 * Return: true if there is nothing to store.
 */
bool xe_pt_plan_is_empty(const struct xe_pt_plan *plan)
{
	return !plan->stages;
}

/**
 * xe_pt_plan_needs_inval() - must TLBs be invalidated after the plan was written?
 * @plan: plan
 *
 * Scratch does not count as present: contexts of trees with scratch flush TLBs before each job.
 *
 * Context: any.
 * Return: true if an entry that was present before the plan is changed or goes away.
 */
bool xe_pt_plan_needs_inval(const struct xe_pt_plan *plan)
{
	return plan->needs_inval;
}

/**
 * xe_pt_plan_extent() - addresses the plan depends on or affects
 * @plan: plan; may store nothing
 * @first: out: first address
 * @last: out: last address, inclusive; below @first if the plan has no operations
 *
 * From the lowest to the highest address of all operations, and wider where tables are attached,
 * detached or split: all addresses whose translation runs through an entry that is stored.
 *
 * Context: any.
 */
void xe_pt_plan_extent(const struct xe_pt_plan *plan, u64 *first, u64 *last)
{
	*first = plan->first;
	*last = plan->last;
}

/**
 * xe_pt_plan_n_writes() - number of entries to store
 * @plan: plan; before commit the number may be too high
 *
 * Context: any.
 * Return: the number of 64-bit stores xe_pt_plan_write() makes.
 */
size_t xe_pt_plan_n_writes(const struct xe_pt_plan *plan)
{
	const struct xe_pt_stage *stage;
	size_t n = 0;

	for (stage = plan->stages; stage; stage = stage->next)
		if (!stage->detached)
			n += xe_pt_bits_count(&stage->dirty, stage->lo, xe_pt_stage_last(stage));
	return n;
}

/**
 * xe_pt_plan_n_words() - size of a change
 * @plan: plan, not committed
 *
 * Context: any.
 * Return: the number of entries the plan sets, those in tables it has made included.
 */
size_t xe_pt_plan_n_words(const struct xe_pt_plan *plan)
{
	size_t n = xe_pt_plan_n_writes(plan);
	const struct xe_pt *pt;

	for (pt = plan->created; pt; pt = pt->next_created)
		n += xe_pt_bits_count(&pt->live, 0, XE_PT_LAST_SLOT);
	return n;
}

/**
 * xe_pt_plan_n_splits() - how many large pages a plan breaks up
 * @plan: plan
 *
 * Context: any.
 * Return: large pages that are replaced by a table which maps the same, but for what is changed
 */
unsigned int xe_pt_plan_n_splits(const struct xe_pt_plan *plan)
{
	return plan->n_splits;
}

/**
 * xe_pt_run_iter_init() - start listing the stores of a plan
 * @it: iterator
 * @plan: plan, committed; must outlive the iterator
 *
 * Context: any.
 */
void xe_pt_run_iter_init(struct xe_pt_run_iter *it, const struct xe_pt_plan *plan)
{
	*it = (struct xe_pt_run_iter){ .stage = plan->stages };
}

/**
 * xe_pt_run_next() - next run of consecutive entries to store
 * @it: iterator
 * @run: out: the run
 *
 * Runs may be stored in any order, after the contents of new tables are visible.
 *
 * Context: any.
 * Return: false if there is no further run.
 */
bool xe_pt_run_next(struct xe_pt_run_iter *it, struct xe_pt_run *run)
{
	const struct xe_pt_stage *stage;

	for (; it->stage; it->stage = it->stage->next, it->slot = 0) {
		unsigned int slot, end;

		stage = it->stage;
		slot = max_t(unsigned int, it->slot, stage->lo);
		if (stage->detached || slot > xe_pt_stage_last(stage))
			continue;
		slot = xe_pt_bits_next(&stage->dirty, slot);
		if (slot == PPGTT_TABLE_ENTRIES)
			continue;

		end = xe_pt_bits_next_zero(&stage->dirty, slot);
		it->slot = end;
		*run = (struct xe_pt_run){
			.dma = stage->pt->page.dma + slot * sizeof(u64),
			.words = stage->pt->page.words + slot,
			.values = stage->data + (slot - stage->lo),
			.count = end - slot,
			.va = xe_pt_slot_base(stage->pt, slot),
			.level = stage->pt->level,
		};
		return true;
	}
	return false;
}
