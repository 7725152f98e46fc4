// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Engines
 *
 * Each engine is a thread that runs one context at a time:
 *
 *	free --engine_start()--> busy: load, execute, save --stopped()--> free
 *
 * The thread sleeps while it is free. Requests to a running engine (switch, reset, translation
 * flush) are bits it looks at between two commands.
 *
 * Locking: @lock of an engine protects its hand-over state. The scheduler may take it while it
 * holds its own lock; the engine calls the scheduler without holding it. While a thread is not
 * "executing" (free, or inside an upcall) its translation cache may be flushed by others under
 * @lock, so nobody ever waits for an engine that itself waits for the scheduler. A visitor gets the
 * same treatment: it runs on the engine's thread between two commands, or on its own thread while
 * the engine is not executing.
 */

#include "gfx/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "gfx/cs.h"
#include "gfx/gang.h"
#include "gfx/pt_watch.h"
#include "regs/xe_engine_regs.h"
#include "util/clock.h"
#include "util/log.h"

#define DUMP_BYTES 3072u
/* How long a visitor waits for the end of one command */
#define VISIT_LIMIT_S 1
#define NS_PER_S 1000000000ull

/**
 * struct xm_gfx - the engines of a device
 * @engines: array
 * @n: number of engines
 * @signals: semaphore signals so far
 */
struct xm_gfx {
	struct engine *engines;
	unsigned int n;
	atomic_uint signals;
};

static void let_visit_locked(struct engine *e)
{
	if (!e->visitor)
		return;
	e->visitor->fn(e, e->visitor->ctx);
	e->visitor->done = true;
	e->visitor = NULL;
	pace_wake(e->dev->pace, &e->cond);
}

static void set_executing(struct engine *e, bool executing)
{
	pthread_mutex_lock(&e->lock);
	e->executing = executing;
	engine_tlb_settle_locked(e);
	let_visit_locked(e);
	atomic_fetch_and(&e->attention, ~CS_ATT_TLB);
	pthread_mutex_unlock(&e->lock);
}

void engine_rest(struct engine *e, unsigned int us)
{
	u64 until = clock_ns() + us * 1000ull;

	pthread_mutex_lock(&e->lock);
	if (!(atomic_load(&e->attention) & ~CS_ATT_PREEMPT) && us)
		pace_wait(e->dev->pace, &e->cond, &e->lock, until);
	engine_tlb_settle_locked(e);
	let_visit_locked(e);
	atomic_fetch_and(&e->attention, ~CS_ATT_TLB);
	pthread_mutex_unlock(&e->lock);
}

/* Run the context that is loaded, and save it if it stops by itself. */
static enum engine_stop run_loaded(struct engine *e)
{
	enum engine_stop why = cs_run(e);
	bool ok;

	cs_pt_stop(e, why);
	if (why == ENGINE_KILLED) {
		if (atomic_load(&e->attention) & CS_ATT_STAMP) {
			dma_read_lock(e->dev->dma);
			lrc_save_stamp(e);
			dma_read_unlock(e->dev->dma);
		}
		return why;
	}
	if (why == ENGINE_FAULT) {
		cs_fault_report(e);
		xm_stat_inc(e->dev, faults);
		return why;
	}
	dma_read_lock(e->dev->dma);
	ok = lrc_save(e);
	dma_read_unlock(e->dev->dma);
	return ok ? why : ENGINE_FAULT;
}

static enum engine_stop run_context(struct engine *e)
{
	enum engine_stop why;
	bool ok;

	dma_read_lock(e->dev->dma);
	ok = lrc_load(e);
	dma_read_unlock(e->dev->dma);
	if (!ok)
		return ENGINE_FAULT;
	cs_trace_loaded(e);

	cs_show_timestamp(e, true);
	why = run_loaded(e);
	cs_show_timestamp(e, false);
	return why;
}

/* Wait for a context to run. Return: false if the thread has to end. */
static bool await_context(struct engine *e)
{
	bool quit;

	pthread_mutex_lock(&e->lock);
	while (!e->assigned && !e->quit)
		pace_wait(e->dev->pace, &e->cond, &e->lock, 0);
	quit = e->quit;
	if (!quit) {
		e->assigned = false;
		e->executing = true;
		engine_tlb_settle_locked(e);
		e->run = e->next;
	}
	pthread_mutex_unlock(&e->lock);
	return !quit;
}

static void report_stop(struct engine *e, enum engine_stop why)
{
	/* New work may arrive just here, when the ring was found empty and nobody knows yet. */
	pace_point(e->dev->pace);
	pthread_mutex_lock(&e->lock);
	e->busy = false;
	e->reporting = true;
	atomic_store(&e->attention, 0);
	pthread_mutex_unlock(&e->lock);
	gang_leave(e);
	e->client_ops->stopped(e->client, e, e->run.job, why);

	pthread_mutex_lock(&e->lock);
	e->reporting = false;
	pace_wake(e->dev->pace, &e->cond);
	pthread_mutex_unlock(&e->lock);
}

static void engine_thread(void *arg)
{
	struct engine *e = arg;
	enum engine_stop why;

	while (await_context(e)) {
		cs_trace_start(e);
		why = run_context(e);
		set_executing(e, false);
		cs_trace_stop(e, why);
		report_stop(e, why);
	}
}

void engine_start(struct engine *e, const struct engine_run *run)
{
	pthread_mutex_lock(&e->lock);
	e->next = *run;
	e->busy = true;
	e->assigned = true;
	pace_wake(e->dev->pace, &e->cond);
	pthread_mutex_unlock(&e->lock);
}

static void request(struct engine *e, unsigned int bits)
{
	pthread_mutex_lock(&e->lock);
	if (e->busy) {
		atomic_fetch_or(&e->attention, bits);
		pace_wake(e->dev->pace, &e->cond);
	}
	pthread_mutex_unlock(&e->lock);
}

void engine_preempt(struct engine *e)
{
	request(e, CS_ATT_PREEMPT);
}

unsigned long engine_looks(const struct engine *e)
{
	return atomic_load_explicit(&e->looks, memory_order_relaxed);
}

void engine_kill(struct engine *e)
{
	request(e, CS_ATT_KILL | CS_ATT_STAMP);
}

void gfx_park(struct xm_device *dev)
{
	/* Guest memory may have got other owners already: nothing is written back. */
	for (unsigned int i = 0; i < dev->gfx->n; i++)
		request(&dev->gfx->engines[i], CS_ATT_KILL);
	for (unsigned int i = 0; i < dev->gfx->n; i++) {
		struct engine *e = &dev->gfx->engines[i];

		pthread_mutex_lock(&e->lock);
		while (e->busy || e->reporting)
			pace_wait(dev->pace, &e->cond, &e->lock, 0);
		pthread_mutex_unlock(&e->lock);
	}
}

void gfx_reset(struct xm_device *dev)
{
	pt_watch_forget(dev->pt_watch);
	for (unsigned int i = 0; i < dev->gfx->n; i++) {
		struct engine *e = &dev->gfx->engines[i];

		pthread_mutex_lock(&e->lock);
		tlb_flush(e->tlb);
		cs_stale_settle(e, true);
		memset(e->reg, 0, sizeof(e->reg));
		e->level = CS_RING;
		pthread_mutex_unlock(&e->lock);
	}
	ggtt_forget(dev, GGTT_ENGINES);
}

void gfx_signal(struct xm_device *dev)
{
	atomic_fetch_add(&dev->gfx->signals, 1);
}

unsigned int gfx_signals(struct xm_device *dev)
{
	return atomic_load(&dev->gfx->signals);
}

bool engine_visit(struct engine *e, engine_visit_fn fn, void *ctx)
{
	struct engine_visitor v = { .fn = fn, .ctx = ctx };
	u64 until = clock_ns() + VISIT_LIMIT_S * NS_PER_S;
	bool wait = true;

	pthread_mutex_lock(&e->lock);
	while (e->executing && e->visitor && wait)
		wait = pace_wait(e->dev->pace, &e->cond, &e->lock, until);
	if (!e->executing) {
		fn(e, ctx);
		v.done = true;
	} else if (!e->visitor) {
		e->visitor = &v;
		atomic_fetch_or(&e->attention, CS_ATT_TLB);
		pace_wake(e->dev->pace, &e->cond);
	}
	while (!v.done && wait)
		wait = pace_wait(e->dev->pace, &e->cond, &e->lock, until);
	if (e->visitor == &v)
		e->visitor = NULL;
	pthread_mutex_unlock(&e->lock);
	return v.done;
}

static void describe(struct engine *e, void *ctx)
{
	char *text = ctx;
	int n = snprintf(text, DUMP_BYTES, "%s%s, attention 0x%x\n", e->busy ? "busy" : "free",
			 e->executing ? ", executing" : "", atomic_load(&e->attention));

	cs_report(e, text + n, DUMP_BYTES - (size_t)n);
}

void gfx_dump(struct xm_device *dev, FILE *out, void *ctx)
{
	char text[DUMP_BYTES];

	for (unsigned int i = 0; i < dev->gfx->n; i++) {
		struct engine *e = &dev->gfx->engines[i];

		if (engine_visit(e, describe, text))
			fprintf(out, "%s: %s\n", e->desc->name, text);
		else
			fprintf(out, "%s: in one command for more than a second\n",
				e->desc->name);
	}
}

/* --- creation -------------------------------------------------------------------------------- */

void gfx_set_client(struct xm_device *dev, const struct engine_client_ops *ops, void *client)
{
	for (unsigned int i = 0; i < dev->gfx->n; i++) {
		dev->gfx->engines[i].client_ops = ops;
		dev->gfx->engines[i].client = client;
	}
}

unsigned int gfx_engine_count(struct xm_device *dev)
{
	return dev->gfx->n;
}

struct engine *gfx_engine(struct xm_device *dev, unsigned int i)
{
	return &dev->gfx->engines[i];
}

struct engine *gfx_find(struct xm_device *dev, unsigned int guc_class, unsigned int instance)
{
	for (unsigned int i = 0; i < dev->gfx->n; i++) {
		struct engine *e = &dev->gfx->engines[i];

		if (e->desc->guc_class == guc_class && e->desc->instance == instance)
			return e;
	}
	return NULL;
}

const struct xm_engine_desc *engine_desc(const struct engine *e)
{
	return e->desc;
}

unsigned int engine_index(const struct engine *e)
{
	return e->index;
}

static int engine_init(struct xm_device *dev, struct engine *e, unsigned int index)
{
	int err;

	e->dev = dev;
	e->desc = &dev->platform->engines[index];
	e->index = index;
	e->fmt = ppgtt_format_of(dev);
	e->tlb = tlb_create();
	if (!e->tlb)
		return -ENOMEM;
	pthread_mutex_init(&e->lock, NULL);
	pace_cond_init(&e->cond);

	err = cs_reg_hook(e);
	e->thread.name = e->desc->name;
	e->thread.run = engine_thread;
	e->thread.arg = e;
	if (!err)
		err = pace_thread_start(dev->pace, &e->thread, RNG_ENGINE + index);
	if (err)
		tlb_destroy(e->tlb);
	return err;
}

int xm_gfx_create(struct xm_device *dev)
{
	unsigned int n = dev->platform->n_engines;
	struct xm_gfx *gfx = calloc(1, sizeof(*gfx));
	int err;

	if (!gfx)
		return -ENOMEM;
	dev->gfx = gfx;
	dev->pt_watch = pt_watch_create();
	gfx->engines = calloc(n, sizeof(*gfx->engines));
	if (!gfx->engines || !dev->pt_watch || !cs_pt_create(dev)) {
		xm_gfx_destroy(dev);
		return -ENOMEM;
	}
	for (; gfx->n < n; gfx->n++) {
		err = engine_init(dev, &gfx->engines[gfx->n], gfx->n);
		if (err) {
			xm_gfx_destroy(dev);
			return err;
		}
	}
	xm_add_dump(dev, gfx_dump, NULL);
	xm_add_summary(dev, cs_summary, NULL);
	return 0;
}

void xm_gfx_destroy(struct xm_device *dev)
{
	struct xm_gfx *gfx = dev->gfx;

	if (!gfx)
		return;
	for (unsigned int i = 0; i < gfx->n; i++) {
		struct engine *e = &gfx->engines[i];

		pthread_mutex_lock(&e->lock);
		e->quit = true;
		atomic_fetch_or(&e->attention, CS_ATT_KILL);
		pace_wake(e->dev->pace, &e->cond);
		pthread_mutex_unlock(&e->lock);
		pace_thread_join(&e->thread);
		tlb_destroy(e->tlb);
		pthread_cond_destroy(&e->cond);
		pthread_mutex_destroy(&e->lock);
	}
	cs_pt_destroy(dev);
	pt_watch_destroy(dev->pt_watch);
	dev->pt_watch = NULL;
	free(gfx->engines);
	free(gfx);
	dev->gfx = NULL;
}
