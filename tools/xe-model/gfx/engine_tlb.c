// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: TLB invalidation from outside
 *
 * A request is left with each engine concerned, which carries it out between two commands; an
 * engine that is not executing has it carried out by whoever asks. Exactly what was asked for is
 * dropped: an invalidation that is too narrow has to stay one.
 *
 * Locking: the lock of each engine. dev->lock is taken inside it to clear a request bit.
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "gfx/cs.h"
#include "gfx/engine.h"
#include "util/pace.h"
#include "util/trace.h"

static void flush_range(struct engine *e, const struct tlb_query *q)
{
	size_t n = tlb_flush_range(e->tlb, q);

	trace_instant(e->desc->name, "TLB range flushed",
		      "\"root\":\"0x%llx\",\"first\":\"0x%llx\",\"last\":\"0x%llx\","
		      "\"entries\":%zu", (unsigned long long)q->root,
		      (unsigned long long)q->first, (unsigned long long)q->last, n);
}

void engine_tlb_settle_locked(struct engine *e)
{
	if (e->tlb_done == e->tlb_want)
		return;
	if (e->tlb_all) {
		tlb_flush(e->tlb);
		trace_instant(e->desc->name, "TLB flushed", "%s", "");
	}
	for (unsigned int i = 0; i < e->n_tlb_ranges; i++)
		flush_range(e, &e->tlb_range[i]);
	if (e->tlb_all || e->n_tlb_ranges) {
		cs_stale_settle(e, true);
		cs_pt_changed(e);
		xm_stat_inc(e->dev, tlb_flushes);
	}
	if (e->tlb_report)
		tlb_reg_done(e->dev, e->desc->hw_class, e->desc->instance);
	e->tlb_all = false;
	e->n_tlb_ranges = 0;
	e->tlb_report = false;
	e->tlb_done = e->tlb_want;
	pace_wake(e->dev->pace, &e->cond);
}

static void ask(struct engine *e, const struct gfx_tlb_scope *scope)
{
	pthread_mutex_lock(&e->lock);
	while (scope->what == GFX_TLB_RANGE && e->n_tlb_ranges == GFX_TLB_RANGES)
		pace_wait(e->dev->pace, &e->cond, &e->lock, 0);
	if (scope->what == GFX_TLB_RANGE)
		e->tlb_range[e->n_tlb_ranges++] = scope->range;
	e->tlb_all = e->tlb_all || scope->what == GFX_TLB_ALL;
	e->tlb_report = e->tlb_report || scope->report;
	e->tlb_want++;
	if (e->executing) {
		atomic_fetch_or(&e->attention, CS_ATT_TLB);
		pace_wake(e->dev->pace, &e->cond);
	} else {
		engine_tlb_settle_locked(e);
	}
	pthread_mutex_unlock(&e->lock);
}

static void wait_for(struct engine *e)
{
	u64 want;

	pthread_mutex_lock(&e->lock);
	want = e->tlb_want;
	while (e->tlb_done < want)
		pace_wait(e->dev->pace, &e->cond, &e->lock, 0);
	pthread_mutex_unlock(&e->lock);
}

void gfx_tlb_invalidate(struct xm_device *dev, const struct gfx_tlb_scope *scope)
{
	unsigned int n = gfx_engine_count(dev);

	for (unsigned int i = 0; i < n; i++)
		if (scope->engines & 1u << i)
			ask(gfx_engine(dev, i), scope);
	if (scope->lite)
		return;
	for (unsigned int i = 0; i < n; i++)
		if (scope->engines & 1u << i)
			wait_for(gfx_engine(dev, i));
}

void gfx_tlb_flush(struct xm_device *dev)
{
	static const struct gfx_tlb_scope all = { .what = GFX_TLB_ALL, .engines = GFX_ALL_ENGINES };

	gfx_tlb_invalidate(dev, &all);
}
