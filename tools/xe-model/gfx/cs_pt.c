// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: When page tables are checked as a whole
 *
 * dev/pt_check.c judges the tables of an address space. The question here is when they may be
 * looked at. A driver may free the tables of a context that is registered, even enabled, as soon as
 * its last job has ended. So an engine looks at the tables of the context it runs, and only while
 * it is in a batch:
 *
 *	ring --batch begins--> in a job: looks, between two commands --batch ends--> ring
 *
 * In a job the driver cannot free the root, because it learns of the end of the job by a command
 * that comes behind the batch. A table that is detached meanwhile cannot be freed either: its
 * driver waits for a TLB invalidation, which waits for this engine to come to its next command.
 *
 * The tables of an address space in use on another engine are looked at without stopping that
 * engine. It shows which job of which root it is in, and a look counts if that was the same
 * before and after. A job whose context was stopped inside of a batch goes on to use its tables
 * until the context is loaded again, or the scheduler says that the job is over:
 *
 *	in a job --stopped in a batch--> stopped job --loaded--> in a job
 *	                                             --gfx_job_over()--> nothing
 *
 * An engine looks when a job begins, when a TLB was invalidated during a job, and after bursts of
 * commands until the whole tree was seen. It spends one TIME_SHARE-th of its time on that, but the
 * first PART_TABLES tables of an address space that is new are looked at in any case.
 *
 * Locking: one mutex for all engines and for stopped jobs, taken inside of dma_read_lock() for the
 * length of a part. The job of an engine is shown by atomic variables that the engine alone writes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/pt_check.h"
#include "dev/pt_tree.h"
#include "gfx/cs.h"
#include "util/clock.h"
#include "util/log.h"

#define PART_TABLES 8u
#define TIME_SHARE 20u
#define NS_PER_US 1000ull
#define WALK_BYTES 1024u
#define STOPPED_JOBS 64u

/**
 * struct stopped_job - a job whose context was stopped inside of a batch
 * @desc: descriptor of the context
 * @root: root descriptor of its address space, 0 for a free place
 * @number: counts such jobs
 */
struct stopped_job {
	u64 desc;
	u64 root;
	u64 number;
};

/**
 * struct cs_pt_shared - what the engines of a device share
 * @lock: protects everything
 * @check: the checks
 * @stopped: stopped jobs; the oldest one makes room
 * @n_stopped: number of the last one
 * @parts: parts looked at
 * @ns: time spent on them, nanoseconds
 * @longest: longest part, nanoseconds
 */
struct cs_pt_shared {
	pthread_mutex_t lock;
	struct pt_check *check;
	struct stopped_job stopped[STOPPED_JOBS];
	u64 n_stopped;
	unsigned long parts;
	u64 ns;
	u64 longest;
};

/* --- what the checks need --------------------------------------------------------------------- */

static bool read_table(void *ctx, u64 addr, u64 *entry, unsigned int n)
{
	struct engine *e = ctx;

	return pt_read_sys(e->dev, addr, entry, n);
}

/* Memory that was taken away on order is not the guest's mistake. */
static u64 reach(void *ctx, u64 addr, u64 len)
{
	struct engine *e = ctx;
	u64 done = 0;

	while (done < len) {
		enum dma_state state;
		size_t n;

		if (dma_ptr(e->dev->dma, addr + done, 1, false, &n)) {
			done += n;
			continue;
		}
		state = dma_probe(e->dev->dma, addr + done, false);
		if (state == DMA_STATE_UNMAPPED || state == DMA_STATE_NO_MEMORY)
			return done;
		done += SZ_4K;
	}
	return len;
}

static u64 running(void *ctx, u64 root)
{
	const struct engine *self = ctx;
	const struct stopped_job *stopped = self->dev->cs_pt->stopped;
	unsigned int n = gfx_engine_count(self->dev);

	for (unsigned int i = 0; i < n; i++) {
		const struct engine *e = gfx_engine(self->dev, i);
		u64 job = atomic_load(&e->pt.job);

		if (atomic_load(&e->pt.root) == root)
			return job << 8 | (i + 1);
	}
	for (unsigned int i = 0; i < STOPPED_JOBS; i++)
		if (stopped[i].root == root)
			return stopped[i].number << 8;
	return 0;
}

static void report(void *ctx, const struct pt_finding *f)
{
	char walk[WALK_BYTES], other[WALK_BYTES] = "";
	struct engine *e = ctx;
	char where[CS_REPORT_BYTES];

	/* What a driver has a queue of its own for: it writes tables of others by the GPU. */
	if (e->run.driver && !strcmp(f->rule, "pt-maps-table"))
		return;
	ppgtt_walk_print(&f->walk, walk, sizeof(walk));
	if (f->two)
		ppgtt_walk_print(&f->other, other, sizeof(other));
	cs_report(e, where, sizeof(where));
	log_violation(f->rule, "%s: context %u: page tables at 0x%012llx: %s\n%s%s%s\n%s",
		      e->desc->name, e->run.ctx_id, (unsigned long long)f->va, f->wrong, walk,
		      f->two ? "\n  the other way to the table\n" : "", other, where);
}

static const struct pt_check_ops check_ops = { read_table, reach, running, report };

/* --- engines ---------------------------------------------------------------------------------- */

void gfx_job_over(struct xm_device *dev, u64 desc)
{
	struct cs_pt_shared *pt = dev->cs_pt;

	pthread_mutex_lock(&pt->lock);
	for (unsigned int i = 0; i < STOPPED_JOBS; i++)
		if (pt->stopped[i].desc == desc)
			pt->stopped[i].root = 0;
	pthread_mutex_unlock(&pt->lock);
}

static void remember_job(struct engine *e, u64 root)
{
	struct cs_pt_shared *pt = e->dev->cs_pt;

	pthread_mutex_lock(&pt->lock);
	pt->n_stopped++;
	pt->stopped[pt->n_stopped % STOPPED_JOBS] = (struct stopped_job){
		.desc = e->run.desc, .root = root, .number = pt->n_stopped };
	pthread_mutex_unlock(&pt->lock);
}

void cs_pt_enter(struct engine *e)
{
	if (e->level == CS_RING || !e->ppgtt || !e->root)
		return;
	atomic_fetch_add(&e->pt.job, 1);
	atomic_store(&e->pt.root, e->root);
	e->pt.begins = true;
	e->pt.changed = true;
}

void cs_pt_leave(struct engine *e)
{
	atomic_store(&e->pt.root, 0);
	e->pt.begins = false;
	e->pt.changed = false;
	e->pt.more = false;
}

void cs_pt_load(struct engine *e)
{
	gfx_job_over(e->dev, e->run.desc);
	cs_pt_enter(e);
}

void cs_pt_stop(struct engine *e, enum engine_stop why)
{
	u64 root = atomic_load(&e->pt.root);

	if (root && why == ENGINE_PREEMPTED)
		remember_job(e, root);
	cs_pt_leave(e);
}

void cs_pt_changed(struct engine *e)
{
	e->pt.changed = true;
}

static void look(struct engine *e, u64 now)
{
	struct cs_pt_shared *pt = e->dev->cs_pt;
	u64 root = atomic_load(&e->pt.root);
	bool first = false;
	u64 took;

	dma_read_lock(e->dev->dma);
	pthread_mutex_lock(&pt->lock);
	if (e->pt.changed)
		first = pt_check_want(pt->check, root);
	e->pt.changed = false;
	e->pt.more = true;
	if (first || now >= e->pt.next) {
		e->pt.more = pt_check_step(pt->check, root, now, PART_TABLES, e);
		took = clock_ns() - now;
		e->pt.next = now + took * TIME_SHARE;
		pt->parts++;
		pt->ns += took;
		pt->longest = XM_MAX(pt->longest, took);
	}
	pthread_mutex_unlock(&pt->lock);
	dma_read_unlock(e->dev->dma);
}

void cs_pt_look(struct engine *e)
{
	u64 now;

	e->pt.begins = false;
	if (!atomic_load(&e->pt.root) || !dma_bus_master(e->dev->dma)) {
		e->pt.changed = false;
		e->pt.more = false;
		return;
	}
	now = clock_ns();
	if (e->pt.changed || now >= e->pt.next)
		look(e, now);
}

/* --- life cycle ------------------------------------------------------------------------------- */

static void summary(struct xm_device *dev, FILE *out, void *ctx)
{
	struct cs_pt_shared *pt = dev->cs_pt;
	unsigned long long us, longest;
	struct pt_check_count n;

	pthread_mutex_lock(&pt->lock);
	n = pt_check_count(pt->check);
	us = pt->ns / NS_PER_US;
	longest = pt->longest / NS_PER_US;
	fprintf(out, "page table checks: %lu trees, %lu tables, %lu parts in %llu us, longest "
		"%llu us\n", n.rounds, n.tables, pt->parts, us, longest);
	pthread_mutex_unlock(&pt->lock);
}

bool cs_pt_create(struct xm_device *dev)
{
	const struct ppgtt_format fmt = ppgtt_format_of(dev);
	struct cs_pt_shared *pt = calloc(1, sizeof(*pt));

	if (!pt)
		return false;
	pt->check = pt_check_create(&fmt, &check_ops);
	if (!pt->check) {
		free(pt);
		return false;
	}
	pthread_mutex_init(&pt->lock, NULL);
	dev->cs_pt = pt;
	xm_add_summary(dev, summary, NULL);
	return true;
}

void cs_pt_destroy(struct xm_device *dev)
{
	struct cs_pt_shared *pt = dev->cs_pt;

	if (!pt)
		return;
	pt_check_destroy(pt->check);
	pthread_mutex_destroy(&pt->lock);
	free(pt);
	dev->cs_pt = NULL;
}
