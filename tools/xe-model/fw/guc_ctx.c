// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Context scheduling
 *
 *	registered --enable--> idle --work--> waiting --engine free--> running --+
 *	                        ^                ^                               |
 *	                        +--ring empty----+------------switch-------------+
 *
 * Contexts that wait are kept in one list, the most important first, oldest first among equals. A
 * waiting context takes a free engine of its class; if there is none it displaces a less important
 * one at once and an equally important one when its time slice is over. An engine that does not
 * reach an arbitration point within the running context's limit is reset, and that context with it.
 *
 * A parallel context starts all its LRCs together, on consecutive engines. While it waits for
 * them, the engines it needs are not given to contexts behind it.
 *
 * Locking: the firmware's lock, except guc_lrc.more, which engines read without it.
 */

#include "fw/guc_ctx.h"

#include <stdlib.h>
#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_klvs.h"
#include "bus/dma.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "dev/ggtt.h"
#include "fw/guc_ct.h"
#include "fw/guc_trace.h"
#include "instructions/lrc_layout.h"
#include "regs/xe_engine_regs.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/pace.h"
#include "util/trace.h"

#define NS_PER_US 1000ull
/* The firmware's clock is coarse: no limit is shorter than this. */
#define MIN_PREEMPT_NS (2000ull * NS_PER_US)
#define MIN_TICK_NS (100ull * NS_PER_US)
/* Reason of an engine failure; hosts only print it. */
#define RESET_NOT_POSSIBLE 1u
#define DEFAULT_QUANTUM_US 1000u
#define DEFAULT_PREEMPT_US 640000u

/* --- events ---------------------------------------------------------------------------------- */

static void event(struct guc_sched *sched, u32 action, u32 id, u32 more, u32 len)
{
	u32 dw[3] = { FIELD_PUT(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
		      FIELD_PUT(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_EVENT) | action, id, more };

	guc_ct_send(sched->ct, 0, dw, len);
}

static void event_mode_done(struct guc_sched *sched, u32 id, u32 mode)
{
	event(sched, GUC_G2H_SCHED_CONTEXT_MODE_DONE, id, mode, 3);
}

static void event_of(struct guc_sched *sched, u32 action, u32 id)
{
	event(sched, action, id, 0, 2);
}

static void event_engine_failure(struct guc_sched *sched, const struct xm_engine_desc *desc)
{
	const u32 dw[4] = { FIELD_PUT(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
			    FIELD_PUT(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_EVENT) |
			    GUC_G2H_ENGINE_FAILURE_NOTIFICATION, desc->guc_class, desc->instance,
			    RESET_NOT_POSSIBLE };

	log_info("%s cannot be reset: the host is asked for a GT reset", desc->name);
	guc_ct_send(sched->ct, 0, dw, ARRAY_SIZE(dw));
}

/* --- list of waiting contexts ----------------------------------------------------------------- */

static void list_remove(struct guc_sched *sched, struct guc_context *ctx)
{
	if (!ctx->ready)
		return;
	if (ctx->prev)
		ctx->prev->next = ctx->next;
	else
		sched->first = ctx->next;
	if (ctx->next)
		ctx->next->prev = ctx->prev;
	ctx->prev = NULL;
	ctx->next = NULL;
	ctx->ready = false;
}

static void list_add(struct guc_sched *sched, struct guc_context *ctx)
{
	struct guc_context *prev = NULL, *at = sched->first;

	if (ctx->ready)
		return;
	ctx->order = sched->order++;
	while (at && at->priority <= ctx->priority) {
		prev = at;
		at = at->next;
	}
	ctx->prev = prev;
	ctx->next = at;
	if (prev)
		prev->next = ctx;
	else
		sched->first = ctx;
	if (at)
		at->prev = ctx;
	ctx->ready = true;
}

/* --- context images --------------------------------------------------------------------------- */

static bool has_work(struct guc_sched *sched, const struct guc_lrc *lrc)
{
	u32 head = 0, tail = 0;
	bool ok;

	dma_read_lock(sched->dev->dma);
	ok = ggtt_read32(sched->dev, guc_lrc_dword(lrc, LRC_DW_RING_HEAD), &head) &&
	     ggtt_read32(sched->dev, guc_lrc_dword(lrc, LRC_DW_RING_TAIL), &tail);
	dma_read_unlock(sched->dev->dma);
	if (!ok)
		log_violation("lrc-image", "context %u: image at GGTT 0x%08x cannot be read",
			      lrc->ctx->id, guc_lrc_dword(lrc, 0));
	return ok && (head & RING_HEAD_ADDR_MASK) != (tail & RING_TAIL_ADDR_MASK);
}

static bool ctx_has_work(struct guc_sched *sched, const struct guc_context *ctx)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (has_work(sched, &ctx->lrc[i]))
			return true;
	return false;
}

static bool is_running(const struct guc_context *ctx)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (ctx->lrc[i].slot)
			return true;
	return false;
}

/* --- engines --------------------------------------------------------------------------------- */

static struct guc_slot *slot_of(struct guc_sched *sched, const struct guc_context *ctx,
				unsigned int logical)
{
	struct engine *e = guc_ads_engine(sched->dev, sched->ads, ctx->guc_class, logical);

	return e ? &sched->slot[engine_index(e)] : NULL;
}

/* Nanoseconds: three quarters of what was asked for, or more, but not longer. */
static u64 draw_slice(struct guc_sched *sched, const struct guc_context *ctx)
{
	u64 quantum = ctx->quantum_us * NS_PER_US;

	if (!sched->dev->cfg.seed)
		return quantum;
	return quantum - rng_below(&sched->rng, quantum / 4 + 1);
}

static void start_on(struct guc_sched *sched, struct guc_slot *slot, struct guc_lrc *lrc)
{
	struct guc_context *ctx = lrc->ctx;
	struct engine_run run = {
		.desc = lrc->desc,
		.job = lrc,
		.ctx_id = ctx->id,
		.flush = lrc->fresh & BIT(slot - sched->slot),
		.driver = ctx->priority == GUC_PRIORITY_KERNEL_HIGH,
		.gang = ctx->n_lrc > 1 ? &ctx->gang : NULL,
		.part = (unsigned int)(lrc - ctx->lrc),
	};

	lrc->slot = slot;
	lrc->started_ns = clock_ns();
	ctx->runs++;
	lrc->fresh = ~BIT(slot - sched->slot);
	atomic_store(&lrc->more, false);
	slot->lrc = lrc;
	slot->preempting = false;
	slot->hung = false;
	slot->kill_at = 0;
	slot->slice_end = ctx->quantum_us ? clock_ns() + draw_slice(sched, ctx) : 0;
	sched->switches++;
	fault_run(sched->dev, engine_desc(slot->engine)->name, ctx->id);
	engine_start(slot->engine, &run);
}

/* What runs on @slot, for ordered faults. */
static const struct fault_event *event_on(const struct guc_slot *slot, struct fault_event *ev)
{
	ev->engine = engine_desc(slot->engine)->name;
	ev->ctx = slot->lrc->ctx->id;
	return ev;
}

static void request_switch(struct guc_sched *sched, struct guc_slot *slot)
{
	struct fault_event ev = { 0 };
	const struct guc_context *ctx = slot->lrc->ctx;
	u64 limit = XM_MAX(ctx->preempt_us * NS_PER_US, MIN_PREEMPT_NS);

	if (!slot->preempting) {
		slot->preempting = true;
		slot->looks = engine_looks(slot->engine);
		if (!fault_hit(sched->dev, FAULT_PREEMPT_IGNORED, event_on(slot, &ev)))
			engine_preempt(slot->engine);
	} else if (slot->kill_at) {
		/* A shorter limit may have been set since: a forced disable. */
		limit = XM_MIN(limit, slot->kill_at > clock_ns() ? slot->kill_at - clock_ns() : 0);
	}
	if (ctx->preempt_us)
		slot->kill_at = clock_ns() + limit;
}

/* A parallel context gives up all its engines, or none. */
static void stop_all_lrcs(struct guc_sched *sched, struct guc_context *ctx)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (ctx->lrc[i].slot)
			request_switch(sched, ctx->lrc[i].slot);
}

/* --- placement -------------------------------------------------------------------------------- */

/**
 * struct placement - engines for one attempt to place a context
 * @slot: engine of each LRC
 * @bits: the same as a set of engine numbers
 */
struct placement {
	struct guc_slot *slot[GUC_MAX_LRC];
	u32 bits;
};

static bool placement_at(struct guc_sched *sched, const struct guc_context *ctx,
			 unsigned int logical, struct placement *p)
{
	p->bits = 0;
	for (unsigned int i = 0; i < ctx->n_lrc; i++) {
		p->slot[i] = slot_of(sched, ctx, logical + i);
		if (!p->slot[i])
			return false;
		p->bits |= BIT(p->slot[i] - sched->slot);
	}
	return true;
}

static bool all_free(const struct guc_context *ctx, const struct placement *p)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (p->slot[i]->lrc)
			return false;
	return true;
}

/* Whether @ctx may take over every busy engine of @p now. */
static bool may_displace(const struct guc_context *ctx, const struct placement *p, u64 now)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++) {
		const struct guc_slot *slot = p->slot[i];
		u32 priority;

		if (!slot->lrc || slot->preempting)
			continue;
		priority = slot->lrc->ctx->priority;
		if (priority < ctx->priority)
			return false;
		if (priority == ctx->priority && (!slot->slice_end || now < slot->slice_end))
			return false;
	}
	return true;
}

static void launch(struct guc_sched *sched, struct guc_context *ctx, const struct placement *p)
{
	u32 parts = 0;

	list_remove(sched, ctx);
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (ctx->n_lrc == 1 || has_work(sched, &ctx->lrc[i]))
			parts |= BIT(i);
	gang_start(&ctx->gang, parts);
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (parts & BIT(i))
			start_on(sched, p->slot[i], &ctx->lrc[i]);
}

static void displace(struct guc_sched *sched, const struct guc_context *ctx,
		     const struct placement *p)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (p->slot[i]->lrc && !p->slot[i]->preempting)
			stop_all_lrcs(sched, p->slot[i]->lrc->ctx);
}

/* Try to place one waiting context. @claimed: engines promised to contexts before it. */
static void place(struct guc_sched *sched, struct guc_context *ctx, u64 now, u32 *claimed)
{
	struct placement p, victim = { .bits = 0 };

	for (unsigned int i = 0; i < GUC_INSTANCE_COUNT; i++) {
		if (!(ctx->mask & BIT(i)) || !placement_at(sched, ctx, i, &p) || p.bits & *claimed)
			continue;
		if (all_free(ctx, &p)) {
			launch(sched, ctx, &p);
			*claimed |= p.bits;
			return;
		}
		if (!victim.bits && may_displace(ctx, &p, now))
			victim = p;
	}
	if (!victim.bits)
		return;
	displace(sched, ctx, &victim);
	*claimed |= victim.bits;
}

static void trace_queues(const struct guc_sched *sched)
{
	unsigned int waiting = 0, running = 0;

	if (!trace_on())
		return;
	for (const struct guc_context *ctx = sched->first; ctx; ctx = ctx->next)
		waiting++;
	for (unsigned int i = 0; i < sched->n_slots; i++)
		if (sched->slot[i].lrc)
			running++;
	guc_trace_queues(waiting, running);
}

static void schedule(struct guc_sched *sched)
{
	struct guc_context *ctx, *next;
	u64 now = clock_ns();
	u32 claimed = 0;

	if (!sched->running)
		return;
	for (ctx = sched->first; ctx; ctx = next) {
		next = ctx->next;
		place(sched, ctx, now, &claimed);
	}
	trace_queues(sched);
}

static void make_ready(struct guc_sched *sched, struct guc_context *ctx)
{
	/* A parallel context waits until all its LRCs have stopped. */
	if (ctx->enabled && !ctx->dead && !is_running(ctx))
		list_add(sched, ctx);
}

/* --- upcalls of engines ----------------------------------------------------------------------- */

static bool lrc_more(void *client, void *job)
{
	struct guc_lrc *lrc = job;

	return atomic_exchange(&lrc->more, false);
}

/* The context will not run again unless it is enabled again: its driver may free what it used. */
static void give_up_jobs(struct guc_sched *sched, const struct guc_context *ctx)
{
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		gfx_job_over(sched->dev, ctx->lrc[i].desc);
}

static void free_context(struct guc_sched *sched, struct guc_context *ctx)
{
	list_remove(sched, ctx);
	give_up_jobs(sched, ctx);
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		sched->ctx[ctx->id + i] = NULL;
	sched->n_ctx--;
	gang_destroy(&ctx->gang);
	free(ctx);
}

static void kill_context(struct guc_sched *sched, struct guc_context *ctx)
{
	ctx->dead = true;
	list_remove(sched, ctx);
	give_up_jobs(sched, ctx);
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (ctx->lrc[i].slot)
			engine_kill(ctx->lrc[i].slot->engine);
}

static void after_fault(struct guc_sched *sched, struct guc_context *ctx)
{
	if (ctx->dead)
		return;
	sched->faults++;
	kill_context(sched, ctx);
	event_of(sched, GUC_G2H_MEMORY_CAT_ERROR, ctx->id);
	event_of(sched, GUC_G2H_CONTEXT_RESET_NOTIFICATION, ctx->id);
}

static void after_hang(struct guc_sched *sched, struct guc_context *ctx)
{
	if (ctx->dead)
		return;
	sched->resets++;
	log_info("context %u did not yield within %u us: reset", ctx->id, ctx->preempt_us);
	kill_context(sched, ctx);
	event_of(sched, GUC_G2H_CONTEXT_RESET_NOTIFICATION, ctx->id);
}

/* All LRCs of @ctx have stopped: answer what waited for it. */
static void after_last(struct guc_sched *sched, struct guc_context *ctx, bool work)
{
	if (ctx->disabling) {
		ctx->disabling = false;
		event_mode_done(sched, ctx->id, GUC_CONTEXT_DISABLE);
	}
	if (ctx->deregistering) {
		event_of(sched, GUC_G2H_DEREGISTER_CONTEXT_DONE, ctx->id);
		free_context(sched, ctx);
		return;
	}
	if (work || (ctx->n_lrc > 1 && ctx->enabled && !ctx->dead && ctx_has_work(sched, ctx)))
		make_ready(sched, ctx);
}

static void stopped_locked(struct guc_sched *sched, struct guc_lrc *lrc, enum engine_stop why)
{
	struct guc_context *ctx = lrc->ctx;
	struct guc_slot *slot = lrc->slot;
	bool work = why == ENGINE_PREEMPTED || atomic_exchange(&lrc->more, false);
	bool hung = slot->hung;

	slot->lrc = NULL;
	slot->preempting = false;
	slot->hung = false;
	slot->kill_at = 0;
	lrc->slot = NULL;
	ctx->run_ns += clock_ns() - lrc->started_ns;
	if (!sched->running)
		return;
	if (why == ENGINE_FAULT)
		after_fault(sched, ctx);
	else if (why == ENGINE_KILLED && hung)
		after_hang(sched, ctx);
	if (!ctx->enabled || ctx->dead)
		give_up_jobs(sched, ctx);
	if (!is_running(ctx))
		after_last(sched, ctx, work);
	schedule(sched);
	/* Time limits matter only while somebody waits; requests of the host come with a tick. */
	if (sched->first)
		sched->kick(sched->kick_ctx);
}

static void lrc_stopped(void *client, struct engine *e, void *job, enum engine_stop why)
{
	struct guc_sched *sched = client;

	pace_lock(sched->dev->pace, sched->lock);
	stopped_locked(sched, job, why);
	pace_unlock(sched->dev->pace, sched->lock);
}

static const struct engine_client_ops client_ops = {
	.more = lrc_more,
	.stopped = lrc_stopped,
};

/* --- requests of the host --------------------------------------------------------------------- */

static struct guc_context *find(struct guc_sched *sched, u32 id, const char *what)
{
	struct guc_context *ctx = id < GUC_MAX_CONTEXTS ? sched->ctx[id] : NULL;

	if (ctx && ctx->id == id)
		return ctx;
	log_violation("guc-context", "%s: context %u is not registered", what, id);
	return NULL;
}

static bool ids_free(const struct guc_sched *sched, u32 id, u32 n)
{
	if (!n || n > GUC_MAX_LRC || id >= GUC_ID_COUNT || n > GUC_ID_COUNT - id)
		return false;
	for (u32 i = 0; i < n; i++)
		if (sched->ctx[id + i])
			return false;
	return true;
}

static bool engines_exist(struct guc_sched *sched, const struct guc_context *ctx)
{
	bool any = false;

	for (unsigned int i = 0; i < GUC_INSTANCE_COUNT; i++) {
		struct placement p;

		if (!(ctx->mask & BIT(i)))
			continue;
		if (!placement_at(sched, ctx, i, &p))
			return false;
		any = true;
	}
	return any;
}

static void fill_context(struct guc_context *ctx, const u32 *dw, bool parallel)
{
	ctx->id = dw[2];
	ctx->guc_class = (u8)dw[3];
	ctx->mask = dw[4];
	ctx->priority = GUC_PRIORITY_NORMAL;
	ctx->quantum_us = DEFAULT_QUANTUM_US;
	ctx->preempt_us = DEFAULT_PREEMPT_US;
	if (parallel) {
		ctx->wq_desc = dw[5] | (u64)dw[6] << 32;
		ctx->wq_base = dw[7] | (u64)dw[8] << 32;
		ctx->wq_size = dw[9];
	}
	for (unsigned int i = 0; i < ctx->n_lrc; i++) {
		const u32 *desc = dw + (parallel ? 11 + 2 * i : 10);

		ctx->lrc[i].ctx = ctx;
		ctx->lrc[i].desc = desc[0] | (u64)desc[1] << 32;
	}
}

void guc_ctx_register(struct guc_sched *sched, const u32 *dw, u32 len)
{
	bool parallel = (dw[0] & GUC_HXG_ACTION_MASK) == GUC_H2G_REGISTER_CONTEXT_MULTI_LRC;
	u32 n = parallel ? (len > 10 ? dw[10] : 0) : 1;
	struct guc_context *ctx;

	if (n > GUC_MAX_LRC || len != (parallel ? GUC_REGISTER_MULTI_LRC_DWORDS(n) :
						  (u32)GUC_REGISTER_CONTEXT_DWORDS) ||
	    !ids_free(sched, dw[2], n)) {
		log_violation("guc-context", "registration of context %u with %u LRCs (%u dwords) "
			      "is malformed or uses an id twice", dw[2], n, len);
		return;
	}
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx) {
		log_error("no memory for context %u", dw[2]);
		return;
	}
	gang_init(&ctx->gang);
	ctx->n_lrc = n;
	fill_context(ctx, dw, parallel);
	if (!engines_exist(sched, ctx) || (parallel && !ctx->wq_size)) {
		log_violation("guc-context", "context %u: class %u has no engines for mask 0x%x",
			      ctx->id, ctx->guc_class, ctx->mask);
		gang_destroy(&ctx->gang);
		free(ctx);
		return;
	}
	for (u32 i = 0; i < n; i++)
		sched->ctx[ctx->id + i] = ctx;
	sched->n_ctx++;
}

void guc_ctx_deregister(struct guc_sched *sched, u32 id)
{
	struct guc_context *ctx = find(sched, id, "deregister");

	if (!ctx)
		return;
	if (ctx->enabled || is_running(ctx)) {
		log_violation("guc-context", "context %u is deregistered while it is enabled", id);
		ctx->enabled = false;
		ctx->deregistering = true;
		kill_context(sched, ctx);
		if (is_running(ctx))
			return;
	}
	event_of(sched, GUC_G2H_DEREGISTER_CONTEXT_DONE, id);
	free_context(sched, ctx);
}

static void apply_policy(struct guc_sched *sched, struct guc_context *ctx, u32 key, u32 val)
{
	switch (key) {
	case GUC_KLV_CONTEXT_EXEC_QUANTUM_US:
		ctx->quantum_us = val;
		break;
	case GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US:
		ctx->preempt_us = val;
		break;
	case GUC_KLV_CONTEXT_PRIORITY:
		ctx->priority = val;
		if (ctx->ready) {
			list_remove(sched, ctx);
			list_add(sched, ctx);
		}
		break;
	case GUC_KLV_CONTEXT_PREEMPT_TO_IDLE:
	case GUC_KLV_CONTEXT_FREQUENCY_HINT:
		break;
	default:
		log_violation("guc-policy", "context %u: unknown policy 0x%x", ctx->id, key);
		break;
	}
}

void guc_ctx_policies(struct guc_sched *sched, const u32 *dw, u32 len)
{
	struct guc_context *ctx = len > 1 ? find(sched, dw[1], "policies") : NULL;

	if (!ctx)
		return;
	for (u32 i = 2; i < len;) {
		u32 key = FIELD_OF(GUC_KLV_KEY_MASK, dw[i]);
		u32 n = dw[i] & GUC_KLV_LEN_MASK;

		if (n != 1 || i + n >= len) {
			log_violation("guc-policy", "context %u: malformed KLV 0x%08x", ctx->id,
				      dw[i]);
			return;
		}
		apply_policy(sched, ctx, key, dw[i + 1]);
		i += 1 + n;
	}
	schedule(sched);
}

static void enable(struct guc_sched *sched, struct guc_context *ctx)
{
	if (ctx->enabled)
		log_violation("guc-context", "context %u is enabled twice", ctx->id);
	ctx->enabled = true;
	ctx->dead = false;
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		ctx->lrc[i].fresh = ~0u;
	event_mode_done(sched, ctx->id, GUC_CONTEXT_ENABLE);
	if (ctx_has_work(sched, ctx))
		make_ready(sched, ctx);
	schedule(sched);
}

static void disable(struct guc_sched *sched, struct guc_context *ctx)
{
	/* The stock driver repeats the request for a queue that was suspended before it died. */
	if (!ctx->enabled)
		log_debug("context %u is disabled, but not enabled", ctx->id);
	ctx->enabled = false;
	list_remove(sched, ctx);
	give_up_jobs(sched, ctx);
	if (!is_running(ctx)) {
		event_mode_done(sched, ctx->id, GUC_CONTEXT_DISABLE);
		return;
	}
	ctx->disabling = true;
	stop_all_lrcs(sched, ctx);
}

void guc_ctx_mode(struct guc_sched *sched, u32 id, bool on)
{
	struct guc_context *ctx = find(sched, id, on ? "enable" : "disable");

	if (!ctx)
		return;
	if (on)
		enable(sched, ctx);
	else
		disable(sched, ctx);
}

void guc_ctx_schedule(struct guc_sched *sched, u32 id)
{
	struct guc_context *ctx = find(sched, id, "schedule");

	if (!ctx)
		return;
	if (ctx->wq_size)
		guc_wq_read(sched, ctx);
	if (!ctx->enabled || ctx->dead)
		return;
	for (unsigned int i = 0; i < ctx->n_lrc; i++)
		if (ctx->lrc[i].slot)
			atomic_store(&ctx->lrc[i].more, true);
	if (is_running(ctx) || ctx->ready || !ctx_has_work(sched, ctx))
		return;
	make_ready(sched, ctx);
	schedule(sched);
}

/* --- time ------------------------------------------------------------------------------------- */

static u64 earlier(u64 a, u64 b)
{
	if (!a || !b)
		return a + b;
	return XM_MIN(a, b);
}

static bool could_use(struct guc_sched *sched, const struct guc_context *ctx,
		      const struct guc_slot *slot)
{
	struct placement p;

	for (unsigned int i = 0; i < GUC_INSTANCE_COUNT; i++)
		if (ctx->mask & BIT(i) && placement_at(sched, ctx, i, &p) &&
		    p.bits & BIT(slot - sched->slot))
			return true;
	return false;
}

/* Whether a context that waits could use @slot when its time slice is over. */
static bool wanted(struct guc_sched *sched, const struct guc_slot *slot)
{
	const struct guc_context *running = slot->lrc->ctx;

	for (const struct guc_context *ctx = sched->first; ctx; ctx = ctx->next) {
		if (ctx->priority > running->priority)
			return false;
		if (ctx->guc_class == running->guc_class && could_use(sched, ctx, slot))
			return true;
	}
	return false;
}

static void reset_engine(struct guc_sched *sched, struct guc_slot *slot)
{
	struct fault_event ev = { 0 };

	if (fault_hit(sched->dev, FAULT_ENGINE_RESET, event_on(slot, &ev)))
		event_engine_failure(sched, engine_desc(slot->engine));
	else
		engine_kill(slot->engine);
}

/*
 * Whether the time to switch is over on @slot. Hardware needs microseconds to come to its next
 * arbitration point; a thread may get no processor for the whole time, and then it gets more.
 */
static bool overdue(const struct guc_slot *slot, u64 now)
{
	return slot->lrc && slot->kill_at && !slot->hung && now >= slot->kill_at &&
	       engine_looks(slot->engine) - slot->looks >= ENGINE_LOOKS;
}

/* When to look at a switch again that was requested on @slot; 0 = never. */
static u64 next_kill(const struct guc_slot *slot, u64 now)
{
	return slot->hung || !slot->kill_at ? 0 : XM_MAX(slot->kill_at, now + MIN_TICK_NS);
}

u64 guc_sched_tick(struct guc_sched *sched, u64 now)
{
	u64 next = 0;

	if (!sched->running)
		return 0;
	for (unsigned int i = 0; i < sched->n_slots; i++) {
		struct guc_slot *slot = &sched->slot[i];

		if (!overdue(slot, now))
			continue;
		if (sched->ads->global_flags & GUC_POLICIES_NO_ENGINE_RESET) {
			slot->kill_at = 0;
			continue;
		}
		slot->hung = true;
		reset_engine(sched, slot);
	}
	schedule(sched);
	for (unsigned int i = 0; i < sched->n_slots; i++) {
		const struct guc_slot *slot = &sched->slot[i];

		if (!slot->lrc)
			continue;
		if (slot->preempting)
			next = earlier(next, next_kill(slot, now));
		else if (slot->slice_end && wanted(sched, slot))
			next = earlier(next, XM_MAX(slot->slice_end, now + MIN_TICK_NS));
	}
	return next;
}

bool guc_sched_busy(const struct guc_sched *sched)
{
	for (unsigned int i = 0; i < sched->n_slots; i++)
		if (sched->slot[i].lrc)
			return true;
	return false;
}

/* --- life cycle ------------------------------------------------------------------------------- */

void guc_sched_init(struct guc_sched *sched)
{
	sched->n_slots = gfx_engine_count(sched->dev);
	rng_init(&sched->rng, sched->dev->cfg.seed, RNG_SLICE);
	for (unsigned int i = 0; i < sched->n_slots; i++)
		sched->slot[i].engine = gfx_engine(sched->dev, i);
	gfx_set_client(sched->dev, &client_ops, sched);
}

void guc_sched_forget(struct guc_sched *sched)
{
	for (u32 id = 0; id < GUC_MAX_CONTEXTS && sched->n_ctx; id++)
		if (sched->ctx[id])
			free_context(sched, sched->ctx[id]);
	for (unsigned int i = 0; i < sched->n_slots; i++)
		sched->slot[i] = (struct guc_slot){ .engine = sched->slot[i].engine };
	sched->first = NULL;
}

void guc_sched_dump(struct guc_sched *sched, FILE *out)
{
	fprintf(out, "guc: %u contexts, %lu switches, %lu resets, %lu faults\n", sched->n_ctx,
		sched->switches, sched->resets, sched->faults);
	for (u32 id = 0; id < GUC_MAX_CONTEXTS; id++) {
		const struct guc_context *ctx = sched->ctx[id];

		if (!ctx || ctx->id != id || (!ctx->enabled && !is_running(ctx)))
			continue;
		fprintf(out, "  context %u class %u mask 0x%x lrcs %u priority %u quantum %u us "
			"preempt %u us:%s%s%s%s%s\n", id, ctx->guc_class, ctx->mask, ctx->n_lrc,
			ctx->priority, ctx->quantum_us, ctx->preempt_us,
			ctx->enabled ? " enabled" : "", ctx->disabling ? " disabling" : "",
			ctx->dead ? " dead" : "", ctx->ready ? " waiting" : "",
			is_running(ctx) ? " running" : "");
	}
}
