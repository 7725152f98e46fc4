// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Page tables written by the copy engine
 *
 * A kernel queue on the first copy engine carries out page-table updates that had to wait. Its
 * address space holds a pool of batches, which it may only read, and a window::
 *
 *	2 MiB          3 MiB            4 MiB
 *	  | batch pool   | window         |	one table of level 0
 *
 * The window is where table pages appear for the time of a job. Starting a job writes an entry of
 * the window for each table with a store in it, and a batch with the stores; finishing it takes
 * both back. Outside of a job no table can be reached, and never anything that is not a table. The
 * CPU changes window entries freely, because the frame of each job begins with a flush of the
 * engine's TLB: no invalidation by the GuC is needed for the window, let alone waited for.
 *
 * Room in pool and window is found when a job is started, not when it is made, so that updates
 * which wait for a fence of user space keep none. What is in use then belongs to jobs that run. If
 * there is not enough left, or the engine has failed, the caller is told to use the CPU instead.
 * That makes the copy engine a matter of speed only: an update never depends on it.
 *
 * Stores may be repeated. After a GT reset the back end starts a job anew that was interrupted; if
 * it fails again the queue is banned. A job that did not finish has an error in its fence, which
 * signals only when the hardware cannot carry it out any more, so the CPU may repeat the stores
 * then. A banned queue is not replaced: whoever hangs on a few stores is not to be trusted again.
 *
 * Entries reach memory before the number of the job does, since the frame flushes in between; and
 * the fence of the job signals before anybody asks for the invalidation of TLBs.
 *
 * Locking: none. Starting and finishing run in the scheduler's work of the bind queues, one at a
 * time; they are part of fence signalling and allocate nothing. Everything else is constant.
 */

#include "migrate/xe_migrate.h"

#include <linux/bitmap.h>
#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/xe_assert.h"
#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "mem/xe_bo.h"
#include "mem/xe_ppgtt.h"
#include "migrate/xe_migrate_cmd.h"
#include "pt/xe_pt.h"
#include "pt/xe_pt_plan.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_job.h"

/* One table of level 0 spans both. Nothing is mapped at 0. */
#define POOL_ADDR	SZ_2M
#define POOL_SIZE	SZ_1M
#define WINDOW_ADDR	(POOL_ADDR + POOL_SIZE)
#define WINDOW_PAGES	256

static_assert(WINDOW_ADDR + WINDOW_PAGES * XE_PAGE_SIZE <= POOL_ADDR + SZ_2M);

/* Batches are made of units. The engine reads ahead of itself, by as much as stays free. */
#define POOL_UNIT	SZ_256
#define POOL_AHEAD	SZ_512
#define POOL_UNITS	((POOL_SIZE - POOL_AHEAD) / POOL_UNIT)

/**
 * struct xe_migrate - the kernel's queue on a copy engine
 */
struct xe_migrate {
	/** @ref: references of the device and of the queue, which jobs hold */
	struct kref ref;
	/** @xe: the device */
	struct xe_device *xe;
	/** @ppgtt: address space of pool and window (reference) */
	struct xe_ppgtt *ppgtt;
	/** @pool: memory of the batches */
	struct xe_bo *pool;
	/** @q: the queue; a reference until xe_migrate_fini() */
	struct xe_exec_queue *q;
	/** @window: CPU mapping of the WINDOW_PAGES entries of the window */
	u64 *window;
	/** @pages_used: bit per page of the window */
	DECLARE_BITMAP(pages_used, WINDOW_PAGES);
	/** @units_used: bit per unit of the pool */
	DECLARE_BITMAP(units_used, POOL_UNITS);
};

/**
 * struct xe_migrate_job - stores of one plan
 */
struct xe_migrate_job {
	/** @m: where it runs; kept by @job */
	struct xe_migrate *m;
	/** @job: the job on the queue (reference) */
	struct xe_job *job;
	/** @fence: its finished fence (reference), NULL until it is started */
	struct dma_fence *fence;
	/** @tried: xe_migrate_job_start() was called */
	bool tried;
	/** @page: first page of the window */
	unsigned int page;
	/** @n_pages: pages of the window, one per table */
	unsigned int n_pages;
	/** @unit: first unit of the pool */
	unsigned int unit;
	/** @n_units: units of the pool */
	unsigned int n_units;
};

static void migrate_release(struct kref *ref)
{
	struct xe_migrate *m = container_of(ref, struct xe_migrate, ref);

	if (m->pool)
		xe_bo_destroy_kernel(m->pool);
	xe_ppgtt_put(m->ppgtt);
	kfree(m);
}

static void migrate_put(void *m)
{
	kref_put(&((struct xe_migrate *)m)->ref, migrate_release);
}

static struct xe_pte_attrs entry_attrs(const struct xe_migrate *m, bool writable)
{
	return (struct xe_pte_attrs) {
		.pat_index = m->ppgtt->tree.fmt->pat_wb,
		.writable = writable,
	};
}

/* Map the pool. That makes the table in which the window is. */
static int map_pool(struct xe_migrate *m)
{
	struct xe_pte_attrs attrs = entry_attrs(m, false);
	struct xe_pt_plan *plan;
	struct xe_page_iter it;
	int err;

	plan = xe_pt_plan_create(&m->ppgtt->tree);
	if (IS_ERR(plan))
		return PTR_ERR(plan);

	xe_bo_page_iter(m->pool, 0, POOL_SIZE, &it);
	err = xe_pt_plan_map(plan, POOL_ADDR, POOL_ADDR + POOL_SIZE, &attrs, &it, NULL);
	if (err) {
		xe_pt_plan_abort(plan);
		return err;
	}
	xe_pt_plan_commit(plan);
	xe_pt_plan_write(plan);
	xe_pt_plan_free(plan);

	m->window = xe_pt_leaf_word(&m->ppgtt->tree, WINDOW_ADDR);

	return drm_WARN_ON(&m->xe->drm, !m->window) ? -ENODEV : 0;
}

static int create_queue(struct xe_migrate *m, struct xe_gt *gt)
{
	struct xe_exec_queue_args args = {
		.gt = gt,
		.class = XE_ENGINE_CLASS_COPY,
		.logical_mask = BIT(0),
		.width = 1,
		.flags = XE_QUEUE_KERNEL,
		.ppgtt = m->ppgtt,
		.owner = m,
		.owner_put = migrate_put,
	};
	struct xe_exec_queue *q;

	kref_get(&m->ref);
	q = xe_exec_queue_create(&args);
	if (IS_ERR(q)) {
		migrate_put(m);
		return PTR_ERR(q);
	}
	m->q = q;

	return 0;
}

/* The tables are the device's, not a GT's, so one engine is enough. */
static struct xe_gt *find_copy_gt(struct xe_device *xe)
{
	unsigned int id;
	struct xe_gt *gt;

	xe_for_each_gt(gt, xe, id)
		if (xe_gt_engine(gt, XE_ENGINE_CLASS_COPY, 0))
			return gt;

	return NULL;
}

/**
 * xe_migrate_init - make the queue
 * @xe: device whose GuC runs; without a copy engine all page tables are written by the CPU
 *
 * Context: probe.
 * Return: 0, or
 * -ENOMEM: no memory; -ENOSPC: no room for the context; -EOPNOTSUPP: no page-table format;
 * -ENODEV: the device is on its way out
 */
int xe_migrate_init(struct xe_device *xe)
{
	struct xe_gt *gt = find_copy_gt(xe);
	struct xe_migrate *m;
	int err;

	if (!gt)
		return 0;

	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	kref_init(&m->ref);
	m->xe = xe;

	m->ppgtt = xe_ppgtt_create(xe, 0);
	if (IS_ERR(m->ppgtt)) {
		err = PTR_ERR(m->ppgtt);
		m->ppgtt = NULL;
		goto err_put;
	}
	m->pool = xe_bo_create_kernel(xe, POOL_SIZE, 0);
	if (IS_ERR(m->pool)) {
		err = PTR_ERR(m->pool);
		m->pool = NULL;
		goto err_put;
	}
	err = map_pool(m);
	if (!err)
		err = create_queue(m, gt);
	if (err)
		goto err_put;

	xe->migrate = m;

	return 0;

err_put:
	migrate_put(m);
	return err;
}

/**
 * xe_migrate_fini - give the queue up
 * @xe: the device; no update will be prepared any more. Jobs that are left fail
 *
 * Context: remove, or a failed probe.
 */
void xe_migrate_fini(struct xe_device *xe)
{
	struct xe_migrate *m = xe->migrate;

	if (!m)
		return;

	xe->migrate = NULL;
	xe_exec_queue_kill(m->q);
	xe_exec_queue_put(m->q);
	migrate_put(m);
}

/**
 * xe_migrate_job_create - allocate all that carrying a plan out by the copy engine takes
 * @xe: the device
 *
 * Context: may sleep.
 * Return: the job; NULL if there is no copy engine that works; ERR_PTR(-ENOMEM)
 */
struct xe_migrate_job *xe_migrate_job_create(struct xe_device *xe)
{
	struct xe_migrate *m = xe->migrate;
	struct xe_migrate_job *mj;
	u64 batch = POOL_ADDR;

	if (!m || xe_exec_queue_is_banned(m->q))
		return NULL;

	mj = kzalloc(sizeof(*mj), GFP_KERNEL);
	if (!mj)
		return ERR_PTR(-ENOMEM);

	mj->m = m;
	mj->job = xe_job_create(m->q, &batch);
	if (IS_ERR(mj->job)) {
		kfree(mj);
		return ERR_PTR(-ENOMEM);
	}

	return mj;
}

/**
 * xe_migrate_job_free - free a job that was not started, or that is finished
 * @mj: the job, or NULL
 *
 * Context: may sleep.
 */
void xe_migrate_job_free(struct xe_migrate_job *mj)
{
	if (!mj)
		return;

	dma_fence_put(mj->fence);
	xe_job_put(mj->job);
	kfree(mj);
}

/* GPU address of the table a run is in */
static u64 table_addr(const struct xe_pt_run *run)
{
	return run->dma & ~(XE_PAGE_SIZE - 1);
}

/* How many tables have stores, and how long a batch it takes. Runs of a table are adjacent. */
static void measure(struct xe_migrate_job *mj, const struct xe_pt_plan *plan)
{
	u64 dwords = XE_MIGRATE_BEGIN_DWORDS + XE_MIGRATE_END_DWORDS;
	struct xe_pt_run_iter it;
	struct xe_pt_run run;
	u64 table = ~0ULL;

	mj->n_pages = 0;
	xe_pt_run_iter_init(&it, plan);
	while (xe_pt_run_next(&it, &run)) {
		dwords += xe_migrate_store_dwords(run.count);
		if (table_addr(&run) == table)
			continue;
		table = table_addr(&run);
		mj->n_pages++;
	}
	mj->n_units = min_t(u64, DIV_ROUND_UP_ULL(dwords * sizeof(u32), POOL_UNIT), UINT_MAX);
}

/* Find room for a measured job. */
static bool reserve(struct xe_migrate_job *mj)
{
	struct xe_migrate *m = mj->m;

	if (mj->n_pages > WINDOW_PAGES || mj->n_units > POOL_UNITS)
		return false;

	mj->page = bitmap_find_next_zero_area(m->pages_used, WINDOW_PAGES, 0, mj->n_pages, 0);
	mj->unit = bitmap_find_next_zero_area(m->units_used, POOL_UNITS, 0, mj->n_units, 0);
	if (mj->page + mj->n_pages > WINDOW_PAGES || mj->unit + mj->n_units > POOL_UNITS)
		return false;

	bitmap_set(m->pages_used, mj->page, mj->n_pages);
	bitmap_set(m->units_used, mj->unit, mj->n_units);

	return true;
}

static void unreserve(struct xe_migrate_job *mj)
{
	struct xe_migrate *m = mj->m;
	unsigned int i;

	/* What the TLB still knows is flushed before the pages are used again. */
	for (i = 0; i < mj->n_pages; i++)
		xe_pt_store(&m->window[mj->page + i], 0);
	bitmap_clear(m->pages_used, mj->page, mj->n_pages);
	bitmap_clear(m->units_used, mj->unit, mj->n_units);
}

/* Show the tables in the window and write the batch. */
static void encode(struct xe_migrate_job *mj, const struct xe_pt_plan *plan)
{
	struct xe_migrate *m = mj->m;
	struct xe_pte_attrs attrs = entry_attrs(m, true);
	u32 *dw = xe_bo_vaddr(m->pool) + mj->unit * POOL_UNIT;
	unsigned int page = mj->page - 1;
	struct xe_pt_run_iter it;
	struct xe_pt_run run;
	u64 table = ~0ULL;

	dw += xe_migrate_emit_begin(dw);
	xe_pt_run_iter_init(&it, plan);
	while (xe_pt_run_next(&it, &run)) {
		if (table_addr(&run) != table) {
			table = table_addr(&run);
			xe_pt_store(&m->window[++page],
				    xe_pte_leaf(m->ppgtt->tree.fmt, 0, table, &attrs).raw);
		}
		dw += xe_migrate_emit_store(dw, WINDOW_ADDR + page * XE_PAGE_SIZE +
					    (run.dma - table), run.values, run.count);
	}
	xe_migrate_emit_end(dw);
}

/**
 * xe_migrate_job_start - let the copy engine carry out a plan
 * @mj: the job
 * @plan: committed, not written, with at least one store; stays until xe_migrate_job_finish()
 *
 * What the CPU has written to new tables reaches memory before the stores of the job, because the
 * ring does.
 *
 * Context: work of the bind queues' scheduler. Fence signalling: allocates nothing.
 * Return: a reference on the fence to wait for, then call xe_migrate_job_finish(); NULL at every
 * further call, and if the job cannot be started
 */
struct dma_fence *xe_migrate_job_start(struct xe_migrate_job *mj, const struct xe_pt_plan *plan)
{
	struct xe_job *job = mj->job;

	if (mj->tried)
		return NULL;
	mj->tried = true;

	measure(mj, plan);
	if (xe_inject("copy-engine", -EBUSY) || xe_exec_queue_is_banned(job->q) || !reserve(mj))
		return NULL;
	encode(mj, plan);

	job->slot[0].batch = POOL_ADDR + mj->unit * POOL_UNIT;
	job->ring_tlb_flush = true;
	xe_job_arm(job);
	mj->fence = dma_fence_get(xe_job_finished_fence(job));
	xe_job_push(job);

	return dma_fence_get(mj->fence);
}

/**
 * xe_migrate_job_finish - find out what has become of a job, and give its room back
 * @mj: the job; if it was started its fence has signalled
 *
 * Context: as xe_migrate_job_start().
 * Return: true if all stores of the plan are in memory. If not, none can be made by the engine any
 * more, and the caller has to make them all
 */
bool xe_migrate_job_finish(struct xe_migrate_job *mj)
{
	if (!mj->fence)
		return false;

	xe_assert(mj->m->xe, dma_fence_is_signaled(mj->fence));
	unreserve(mj);

	return dma_fence_get_status(mj->fence) > 0;
}
