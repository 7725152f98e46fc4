/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_CTX_H
#define XM_FW_GUC_CTX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "fw/guc_ads.h"
#include "gfx/engine.h"
#include "util/rng.h"
#include "util/types.h"

struct guc_context;
struct guc_ct;
struct xm_device;

/* Most LRCs of a parallel context */
#define GUC_MAX_LRC ENGINE_GANG_MAX
#define GUC_MAX_ENGINES 32u
#define GUC_MAX_CONTEXTS 65536u

/**
 * struct guc_lrc - one LRC of a context; the job cookie of an engine
 * @ctx: the context
 * @desc: descriptor
 * @slot: engine it runs on, NULL if it does not run
 * @more: the ring tail moved while it ran
 * @started_ns: clock_ns() when it was started on @slot
 * @tail: ring tail of the last work item, if @has_tail; parallel contexts only
 * @has_tail: there was a work item
 * @fresh: engines that load it anew and forget the translations of its address space: all when
 *         scheduling was enabled, and all others once it ran on one
 */
struct guc_lrc {
	struct guc_context *ctx;
	u64 desc;
	struct guc_slot *slot;
	atomic_bool more;
	u64 started_ns;
	u32 tail;
	bool has_tail;
	u32 fresh;
};

/**
 * struct guc_context - a registered context
 * @id: number
 * @guc_class: engine class
 * @mask: logical instances the first LRC may run on
 * @n_lrc: number of @lrc; they run on consecutive logical instances
 * @lrc: the LRCs
 * @gang: keeps the engines of a parallel context together
 * @wq_desc: GGTT address of the work queue descriptor, parallel contexts only
 * @wq_base: GGTT address of the work queue
 * @wq_size: bytes of the work queue
 * @priority: 0 is the most important
 * @quantum_us: time slice, 0 = endless
 * @preempt_us: time allowed to reach an arbitration point, 0 = endless
 * @enabled: scheduling is enabled
 * @disabling: a disable request waits for the LRCs to stop
 * @deregistering: a deregistration (of a running context) waits for the LRCs to stop
 * @dead: hung or faulted; not run any more
 * @ready: in the list of contexts that wait for an engine
 * @runs: how often an LRC was started
 * @run_ns: time of the runs that have ended
 * @order: position among contexts of equal priority
 * @prev: list of waiting contexts
 * @next: list of waiting contexts
 */
struct guc_context {
	u32 id;
	u8 guc_class;
	u32 mask;
	u32 n_lrc;
	struct guc_lrc lrc[GUC_MAX_LRC];
	struct engine_gang gang;
	u64 wq_desc;
	u64 wq_base;
	u32 wq_size;
	u32 priority;
	u32 quantum_us;
	u32 preempt_us;
	bool enabled;
	bool disabling;
	bool deregistering;
	bool dead;
	bool ready;
	u64 runs;
	u64 run_ns;
	u64 order;
	struct guc_context *prev;
	struct guc_context *next;
};

/**
 * struct guc_slot - scheduling state of an engine
 * @engine: the engine
 * @lrc: what runs on it
 * @slice_end: clock_ns() when its time slice is over, 0 = never
 * @kill_at: clock_ns() when a requested switch must have happened, 0 = no limit
 * @looks: engine_looks() when the switch was requested
 * @preempting: a switch was requested
 * @hung: the switch did not happen in time, the engine is being reset
 */
struct guc_slot {
	struct engine *engine;
	struct guc_lrc *lrc;
	u64 slice_end;
	u64 kill_at;
	unsigned long looks;
	bool preempting;
	bool hung;
};

/**
 * struct guc_sched - contexts and engines
 * @dev: device
 * @ct: where events go
 * @ads: engines the host enabled
 * @lock: protects everything here and the transport; see fw/guc.c
 * @kick: called when a deadline may have come nearer; must not take @lock
 * @kick_ctx: its argument
 * @rng: draws the lengths of time slices
 * @running: the firmware runs; false while everything is being stopped
 * @ctx: registered contexts by id
 * @n_ctx: number of them
 * @first: contexts waiting for an engine, most important first
 * @slot: engines
 * @n_slots: number of engines
 * @order: next value of guc_context.order
 * @resets: contexts reset because they did not yield
 * @faults: contexts stopped by a memory fault
 * @switches: contexts started
 */
struct guc_sched {
	struct xm_device *dev;
	struct guc_ct *ct;
	struct guc_ads *ads;
	pthread_mutex_t *lock;
	void (*kick)(void *kick_ctx);
	void *kick_ctx;
	struct xm_rng rng;
	bool running;
	struct guc_context *ctx[GUC_MAX_CONTEXTS];
	unsigned int n_ctx;
	struct guc_context *first;
	struct guc_slot slot[GUC_MAX_ENGINES];
	unsigned int n_slots;
	u64 order;
	unsigned long resets;
	unsigned long faults;
	unsigned long switches;
};

/*
 * Every function below needs sched->lock held; none takes it. dma_read_lock() must not be held.
 */

/**
 * guc_sched_init() - connect the scheduler with the engines
 * @sched: zeroed, with dev, ct, ads, lock and kick set
 */
void guc_sched_init(struct guc_sched *sched);

/**
 * guc_sched_forget() - drop all contexts
 * @sched: scheduler, all engines parked
 */
void guc_sched_forget(struct guc_sched *sched);

/**
 * guc_ctx_register() - REGISTER_CONTEXT and REGISTER_CONTEXT_MULTI_LRC
 * @sched: scheduler
 * @dw: HXG message
 * @len: dwords
 */
void guc_ctx_register(struct guc_sched *sched, const u32 *dw, u32 len);

/**
 * guc_ctx_deregister() - DEREGISTER_CONTEXT; answered by an event
 * @sched: scheduler
 * @id: context
 */
void guc_ctx_deregister(struct guc_sched *sched, u32 id);

/**
 * guc_ctx_policies() - UPDATE_CONTEXT_POLICIES
 * @sched: scheduler
 * @dw: HXG message
 * @len: dwords
 */
void guc_ctx_policies(struct guc_sched *sched, const u32 *dw, u32 len);

/**
 * guc_ctx_mode() - SCHED_CONTEXT_MODE_SET; answered by an event
 * @sched: scheduler
 * @id: context
 * @enable: enable scheduling
 */
void guc_ctx_mode(struct guc_sched *sched, u32 id, bool enable);

/**
 * guc_ctx_schedule() - SCHED_CONTEXT: the context may have new work
 * @sched: scheduler
 * @id: context
 */
void guc_ctx_schedule(struct guc_sched *sched, u32 id);

/**
 * guc_lrc_dword() - where a dword of a context image is
 * @lrc: LRC
 * @index: dword of the image's register state, LRC_DW_*
 *
 * Return: GGTT address.
 */
u32 guc_lrc_dword(const struct guc_lrc *lrc, unsigned int index);

/**
 * guc_wq_read() - consume the work queue of a parallel context
 * @sched: scheduler
 * @ctx: context; its LRCs get new ring tails
 */
void guc_wq_read(struct guc_sched *sched, struct guc_context *ctx);

/** guc_sched_busy() - Return: whether an engine runs a context. */
bool guc_sched_busy(const struct guc_sched *sched);

/**
 * guc_sched_tick() - act on time limits that have passed
 * @sched: scheduler
 * @now: clock_ns()
 *
 * Return: clock_ns() of the next limit, 0 if there is none.
 */
u64 guc_sched_tick(struct guc_sched *sched, u64 now);

/**
 * guc_sched_dump() - print contexts that are enabled or waiting
 * @sched: scheduler
 * @out: stream
 */
void guc_sched_dump(struct guc_sched *sched, FILE *out);

#endif
