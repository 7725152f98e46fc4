/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_ENGINE_H
#define XM_GFX_ENGINE_H

#include <pthread.h>
#include <stdio.h>

#include "dev/platform.h"
#include "gfx/tlb.h"
#include "util/types.h"

struct engine;
struct xm_device;

/**
 * enum engine_stop - why an engine stopped running a context
 * @ENGINE_IDLE: the ring is empty; the context was saved
 * @ENGINE_PREEMPTED: stopped at an arbitration point on request; the context was saved
 * @ENGINE_FAULT: a memory access failed; the context was not saved
 * @ENGINE_KILLED: stopped by engine_kill(); the context was not saved
 */
enum engine_stop {
	ENGINE_IDLE,
	ENGINE_PREEMPTED,
	ENGINE_FAULT,
	ENGINE_KILLED,
};

/* Most engines that run one parallel context */
#define ENGINE_GANG_MAX 8u

/**
 * struct engine_gang_part - what one LRC of a parallel context does
 * @batches: batches it has ended
 * @running: an engine runs it
 * @drained: its ring is empty, the engine waits for the others
 */
struct engine_gang_part {
	unsigned int batches;
	bool running;
	bool drained;
};

/**
 * struct engine_gang - keeps the engines of a parallel context together
 * @lock: protects the rest
 * @part: by LRC
 * @over: every ring was found empty: all engines give the context up
 *
 * Engines of real hardware start within a microsecond of each other. Threads do not: see gang.c. It
 * belongs to the scheduler's context, for as long as the context exists.
 */
struct engine_gang {
	pthread_mutex_t lock;
	struct engine_gang_part part[ENGINE_GANG_MAX];
	bool over;
};

/**
 * struct engine_run - a context to run
 * @desc: context descriptor
 * @job: cookie for the client
 * @ctx_id: number for reports
 * @flush: forget cached translations of the context's address space first: the context runs for
 *         the first time after its scheduling was enabled, or ran on another engine since
 * @driver: it has a priority that no user can have, so it belongs to the driver itself
 * @gang: of a parallel context, which has called gang_start(); NULL for others
 * @part: LRC of @gang
 */
struct engine_run {
	u64 desc;
	void *job;
	u32 ctx_id;
	bool flush;
	bool driver;
	struct engine_gang *gang;
	unsigned int part;
};

/**
 * struct engine_client_ops - upcalls to the scheduler
 * @more: the ring is empty. Return true if the tail in the context image has moved since the
 *        context was started: the engine then reads it again. Called on the engine's thread; must
 *        not block
 * @stopped: the engine gave the context up and is free. May start the next one on it. Called on
 *           the engine's thread, which may take the client's locks: it counts as parked
 */
struct engine_client_ops {
	bool (*more)(void *client, void *job);
	void (*stopped)(void *client, struct engine *e, void *job, enum engine_stop why);
};

/**
 * xm_gfx_create() - create the engines of the platform and start their threads
 * @dev: device; dev->gfx is set
 *
 * Return: 0, -ENOMEM, or the error of a failed thread creation.
 */
int xm_gfx_create(struct xm_device *dev);

/**
 * xm_gfx_destroy() - stop and free the engines
 * @dev: device; a no-op without engines
 */
void xm_gfx_destroy(struct xm_device *dev);

/**
 * gfx_set_client() - register the scheduler
 * @dev: device
 * @ops: upcalls
 * @client: first argument of the upcalls
 *
 * Context: initialisation, before any context runs.
 */
void gfx_set_client(struct xm_device *dev, const struct engine_client_ops *ops, void *client);

/** gfx_engine_count() - Return: number of engines. */
unsigned int gfx_engine_count(struct xm_device *dev);

/** gfx_engine() - Return: engine number @i, below gfx_engine_count(). */
struct engine *gfx_engine(struct xm_device *dev, unsigned int i);

/** gfx_find() - Return: the engine of a GuC class and physical instance, NULL if absent. */
struct engine *gfx_find(struct xm_device *dev, unsigned int guc_class, unsigned int instance);

/** engine_desc() - Return: what @e is. */
const struct xm_engine_desc *engine_desc(const struct engine *e);

/** engine_index() - Return: number of @e, as for gfx_engine(). */
unsigned int engine_index(const struct engine *e);

/**
 * engine_start() - run a context
 * @e: a free engine: never started, or stopped() was called since
 * @run: context
 *
 * Context: any thread.
 */
void engine_start(struct engine *e, const struct engine_run *run);

/**
 * gang_init() - prepare the gang of a new context
 * @gang: zeroed
 */
void gang_init(struct engine_gang *gang);

/**
 * gang_destroy() - free what gang_init() made
 * @gang: gang, no engine runs a part of it
 */
void gang_destroy(struct engine_gang *gang);

/**
 * gang_start() - some or all LRCs of a context are about to be started
 * @gang: gang, no engine runs a part of it
 * @parts: bit for each LRC for which engine_start() is called next
 *
 * Context: any thread.
 */
void gang_start(struct engine_gang *gang, u32 parts);

/**
 * engine_preempt() - ask for a switch at the next arbitration point
 * @e: engine; nothing happens if it is free
 *
 * Context: any thread; does not wait.
 */
void engine_preempt(struct engine *e);

/**
 * engine_looks() - how often the engine was in a position to switch
 * @e: engine
 *
 * Grows with each short sequence of commands, by ENGINE_LOOKS for one that has stopped for good. It
 * tells an engine that ignores a request from one whose thread got no processor since.
 *
 * Context: any thread.
 * Return: a number that never decreases.
 */
unsigned long engine_looks(const struct engine *e);

/* Growth of engine_looks() after which a context that can be preempted has been */
#define ENGINE_LOOKS 16u

/**
 * engine_kill() - reset the engine: the context is dropped between two commands
 * @e: engine; nothing happens if it is free
 *
 * Of the context only the timestamp is saved.
 *
 * Context: any thread; does not wait.
 */
void engine_kill(struct engine *e);

/**
 * gfx_job_over() - what a context was stopped in is over, as far as its driver will know
 * @dev: device
 * @desc: descriptor of the context
 *
 * To be called before the driver is told, for it may then free the page tables of the job.
 *
 * Context: any thread; dma_read_lock() not held.
 */
void gfx_job_over(struct xm_device *dev, u64 desc);

/**
 * gfx_park() - kill all contexts and wait until every engine is free
 * @dev: device
 *
 * Context: no lock that stopped() takes is held.
 */
void gfx_park(struct xm_device *dev);

/**
 * gfx_reset() - power-on state of all engines: registers, translation caches
 * @dev: device, engines parked
 */
void gfx_reset(struct xm_device *dev);

/**
 * gfx_signal() - a semaphore signal: all waiting contexts look at their semaphores again
 * @dev: device
 *
 * Context: any thread; does not wait.
 */
void gfx_signal(struct xm_device *dev);

/** gfx_signals() - Return: number of semaphore signals so far. */
unsigned int gfx_signals(struct xm_device *dev);

/**
 * enum gfx_tlb_what - how much a TLB invalidation covers
 * @GFX_TLB_NOTHING: it only waits for accesses under way
 * @GFX_TLB_RANGE: a range
 * @GFX_TLB_ALL: everything
 */
enum gfx_tlb_what {
	GFX_TLB_NOTHING,
	GFX_TLB_RANGE,
	GFX_TLB_ALL,
};

/* All engines, and how many ranges may wait for an engine before a request for the next waits */
#define GFX_ALL_ENGINES (~0u)
#define GFX_TLB_RANGES 8u

/**
 * struct gfx_tlb_scope - a TLB invalidation
 * @what: how much
 * @range: address space and range, for GFX_TLB_RANGE
 * @engines: engines concerned, bits as gfx_engine() numbers them
 * @lite: do not wait for accesses under way: each engine forgets before its next command
 * @report: clear the request bits in the engines' registers when done (tlb_reg_done())
 */
struct gfx_tlb_scope {
	enum gfx_tlb_what what;
	struct tlb_query range;
	u32 engines;
	bool lite;
	bool report;
};

/**
 * gfx_tlb_invalidate() - make engines forget cached translations
 * @dev: device
 * @scope: which
 *
 * Unless @scope says lite, returns when every engine concerned has passed a point between two
 * commands since the call, so that no access through an old translation is under way.
 *
 * Context: any thread but the engines'; dma_read_lock() not held.
 */
void gfx_tlb_invalidate(struct xm_device *dev, const struct gfx_tlb_scope *scope);

/**
 * gfx_tlb_flush() - gfx_tlb_invalidate() of everything on all engines
 * @dev: device
 *
 * Context: as gfx_tlb_invalidate().
 */
void gfx_tlb_flush(struct xm_device *dev);

/**
 * typedef engine_visit_fn - looks at an engine that stands between two commands
 * @e: engine; its lock is held, nothing of it moves
 * @ctx: as given to engine_visit()
 *
 * Must be short and must not take the scheduler's lock.
 */
typedef void (*engine_visit_fn)(struct engine *e, void *ctx);

/**
 * engine_visit() - look at an engine while it stands still
 * @e: engine
 * @fn: called once, on this thread or on the engine's
 * @ctx: handed to @fn
 *
 * Visitors take turns.
 *
 * Context: any thread but the engines'. No lock that stopped() takes and no
 * dma_read_lock() is held.
 * Return: true, or false if the engine did not come to the end of a command within a second; @fn
 * was not called then.
 */
bool engine_visit(struct engine *e, engine_visit_fn fn, void *ctx);

/**
 * gfx_dump() - print the state of all engines with their last commands
 * @dev: device
 * @out: stream
 * @ctx: unused
 *
 * Context: as engine_visit().
 */
void gfx_dump(struct xm_device *dev, FILE *out, void *ctx);

#endif
