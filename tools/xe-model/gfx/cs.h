/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Inside of an engine, shared by the files of gfx/ only.
 */
#ifndef XM_GFX_CS_H
#define XM_GFX_CS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "dev/device.h"
#include "dev/ppgtt.h"
#include "gfx/engine.h"
#include "gfx/tlb.h"
#include "util/pace.h"
#include "util/types.h"

/* Longest command the interpreter looks into: MI_STORE_DATA_IMM with its 10-bit length */
#define CS_MAX_DWORDS 1025u
#define CS_HISTORY 16u
#define CS_REGS 1024u

/* Depth of the instruction stream */
#define CS_RING 0u
#define CS_BATCH 1u
#define CS_BATCH2 2u
#define CS_LEVELS 3u

/* Requests to a running engine */
#define CS_ATT_PREEMPT 0x1u
#define CS_ATT_KILL 0x2u
#define CS_ATT_TLB 0x4u
#define CS_ATT_STAMP 0x8u

/**
 * enum cs_result - what a command did to the flow of execution
 * @CS_OK: go on
 * @CS_ARB: go on, or stop here if a switch was asked for and arbitration is on
 * @CS_WAIT: a condition does not hold yet: execute the command again later
 * @CS_LOOP: jumped backwards: the batch may be polling memory
 * @CS_FAULT: a memory access failed, see struct cs_fault
 * @CS_HANG: the command cannot be executed; the engine stands still until it is reset
 */
enum cs_result {
	CS_OK,
	CS_ARB,
	CS_WAIT,
	CS_LOOP,
	CS_FAULT,
	CS_HANG,
};

/**
 * enum cs_mem - outcome of a translation
 * @CS_MEM_OK: memory
 * @CS_MEM_NULL: reads give zero, writes vanish
 * @CS_MEM_FAULT: no access; recorded in struct cs_fault
 */
enum cs_mem {
	CS_MEM_OK,
	CS_MEM_NULL,
	CS_MEM_FAULT,
};

/* Dwords of the register page of a context image */
#define CS_IMAGE_DWORDS 1024u

/**
 * struct cs_fault - a failed access
 * @va: address
 * @ggtt: in the global address space
 * @write: it was a write
 * @what: reason
 * @result: outcome of the walk (PPGTT)
 * @walk: the walk, if n_steps is not 0
 */
struct cs_fault {
	u64 va;
	bool ggtt;
	bool write;
	const char *what;
	enum walk_result result;
	struct ppgtt_walk walk;
};

/**
 * struct cs_past - a command that was executed
 * @ip: where: ring offset or batch address
 * @header: first dword
 * @level: CS_RING, CS_BATCH, CS_BATCH2
 */
struct cs_past {
	u64 ip;
	u32 header;
	u8 level;
};

/**
 * struct cs_ip - place in an instruction stream
 * @addr: ring offset (CS_RING) or address
 * @ppgtt: the address is in the address space of the context
 */
struct cs_ip {
	u64 addr;
	bool ppgtt;
};

/**
 * struct cs_window - a page that was used last and probably is next
 * @host: where it lies in the memory of this process, NULL: none
 * @page: its number: address / 4 KiB
 * @ggtt: in the global address space
 * @writable: it may be written to
 *
 * Valid in the same job while dma_read_lock() is held and the translation cache is not flushed.
 */
struct cs_window {
	u8 *host;
	u64 page;
	bool ggtt;
	bool writable;
};

/* Headers whose meaning an engine remembers */
#define CS_DECODED_BITS 6u

/**
 * struct cs_decoded - meaning of a header
 * @command: row of its family, NULL: unknown
 * @header: the header
 * @len: dwords of the command, 0: the slot is empty
 */
struct cs_decoded {
	const struct cs_command *command;
	u32 header;
	u32 len;
};

/**
 * struct cs_rest - how long an engine sleeps between two looks at memory it waits for
 * @n: looks at the memory since it began to nap
 * @since: when it began to wait (clock_ns()), 0: it does not
 * @asked: a switch was requested when it looked last
 * @cpu: processor time of the thread at the last nap, nanoseconds
 * @cost: processor time from one nap to the next, nanoseconds, averaged
 */
struct cs_rest {
	unsigned int n;
	bool asked;
	u64 since;
	u64 cpu;
	u64 cost;
};

#define CS_REPORT_BYTES 4096u

/**
 * struct cs_suspect - a use of a cached translation whose tables lead nowhere by now
 * @since: when it was used (clock_ns()), 0: there is no suspect
 * @root: address space
 * @va: address
 * @text: the report, formatted at the time of the use
 */
struct cs_suspect {
	u64 since;
	u64 root;
	u64 va;
	char text[CS_REPORT_BYTES];
};

/**
 * struct cs_pt - checks of the page tables that a job uses
 * @job: counts jobs
 * @root: root descriptor while the engine is in a batch of a context with an address space, else 0
 * @begins: a job begins: the checks come before its first command
 * @changed: tables may have changed since the last look; protected like the translation cache
 * @more: not all tables were looked at
 * @next: when there is time for the next look (clock_ns())
 *
 * The engine alone writes @job and @root; others read them.
 */
struct cs_pt {
	_Atomic u64 job;
	_Atomic u64 root;
	bool begins;
	bool changed;
	bool more;
	u64 next;
};

/**
 * struct engine_visitor - somebody who waits in engine_visit()
 * @fn: what to do between two commands
 * @ctx: handed to @fn
 * @done: @fn was called
 */
struct engine_visitor {
	engine_visit_fn fn;
	void *ctx;
	bool done;
};

/**
 * enum cs_family - work that this model steps over, for the counters
 * @CS_FAMILY_NONE: not counted
 * @CS_FAMILY_STATE: common state: base addresses, pipeline selection
 * @CS_FAMILY_3D_STATE: state of the 3D pipeline
 * @CS_FAMILY_3D_PRIMITIVE: 3DPRIMITIVE: a draw
 * @CS_FAMILY_COMPUTE: state and walkers of compute and of the media pipe of the render engine
 * @CS_FAMILY_MFX: fixed-function decoders and encoders
 * @CS_FAMILY_HCP: HEVC and VP9 codec
 * @CS_FAMILY_AVP: AV1 decoder
 * @CS_FAMILY_VDENC: low-power encoder
 * @CS_FAMILY_HUC: media micro-controller
 * @CS_FAMILY_VEBOX: video enhancement and scaling
 * @CS_FAMILY_GFX: types 4 and 5, GFX_STATE and GFX_EXEC
 * @CS_FAMILIES: number of families
 */
enum cs_family {
	CS_FAMILY_NONE,
	CS_FAMILY_STATE,
	CS_FAMILY_3D_STATE,
	CS_FAMILY_3D_PRIMITIVE,
	CS_FAMILY_COMPUTE,
	CS_FAMILY_MFX,
	CS_FAMILY_HCP,
	CS_FAMILY_AVP,
	CS_FAMILY_VDENC,
	CS_FAMILY_HUC,
	CS_FAMILY_VEBOX,
	CS_FAMILY_GFX,
	CS_FAMILIES,
};

/**
 * struct engine - one command streamer
 * @dev: device
 * @desc: what it is
 * @index: number of the engine
 * @client_ops: scheduler
 * @client: first argument of @client_ops
 * @thread: its thread
 * @lock: protects the members up to @visitor; taken after the scheduler's lock
 * @cond: something under @lock changed
 * @quit: the thread has to end
 * @busy: a context was handed over and stopped() was not called yet
 * @reporting: the thread is inside stopped()
 * @assigned: a context waits in @next
 * @executing: the thread is somewhere in or between commands and will look at @attention
 * @next: context to run
 * @tlb_want: number of the last translation flush asked for
 * @tlb_done: number of the last flush carried out
 * @tlb_all: a flush of everything waits
 * @tlb_range: ranges to be flushed
 * @n_tlb_ranges: number of @tlb_range
 * @tlb_report: a register has to show that the flush is done
 * @visitor: wants to look at the engine between two commands, or NULL
 * @attention: CS_ATT_*, read between commands without @lock
 * @looks: how often the thread looked at @attention, for engine_looks(); only the thread counts
 * @run: the running context
 * @fmt: page table format
 * @tlb: cached translations, engine thread while executing, else under @lock
 * @suspect: use of a translation that awaits its invalidation, protected like @tlb
 * @pt: checks of page tables as a whole
 * @job: number of the current job, from 1: counts loads of a context and batches of a ring
 * @reg: registers owned by the engine (index: offset / 4), relaxed atomic access
 * @lrca: GGTT address of the running context
 * @image: register page of the running context as it was loaded
 * @tail_dw: dword of @image that holds the ring tail: the host may write it at any time
 * @ppgtt: the context has an address space
 * @root: its root descriptor
 * @ring_size: bytes
 * @level: current depth
 * @ip: next command of each depth
 * @arb: arbitration is on
 * @skip: MI_SET_PREDICATE state: commands are skipped
 * @clip: clip rectangle of the blitter: left and top; right and bottom, exclusive
 * @ts_base: context timestamp at load
 * @ts_load: reference clock at load
 * @ts_shown: what the host is to add to the reference clock, STAMP_RUNS set while a context runs
 * @signals_seen: gfx_signals() when a semaphore was looked at last
 * @decoded: headers seen lately, by a hash
 * @code: page of the last command
 * @data: page of the address space that was read or written last
 * @loops: backward jumps since the context was loaded
 * @waiting: the last command waits for a condition and is executed again
 * @waits: looks at the condition so far
 * @cut: the ring tail lies within the next command
 * @rest: naps while waiting for memory
 * @held: clock_ns() since when the ring waits for the other engines of a gang, 0 if it does not
 * @n_commands: commands executed, not yet counted in the device's statistics
 * @n_hits: translations served by the cache, as above
 * @fault: last failed access
 * @past: last commands, a ring
 * @n_past: commands executed so far
 * @n_published: the same when cs_publish() was called last
 * @unknown: headers of unknown commands already reported
 * @n_unknown: number of @unknown
 * @dropped_regs: dropped register accesses already reported
 * @n_dropped: number of @dropped_regs
 * @stepped_over: commands without effect, by family
 */
struct engine {
	struct xm_device *dev;
	const struct xm_engine_desc *desc;
	unsigned int index;
	const struct engine_client_ops *client_ops;
	void *client;
	struct pace_thread thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool quit;
	bool busy;
	bool reporting;
	bool assigned;
	bool executing;
	struct engine_run next;
	u64 tlb_want;
	u64 tlb_done;
	bool tlb_all;
	struct tlb_query tlb_range[GFX_TLB_RANGES];
	unsigned int n_tlb_ranges;
	bool tlb_report;
	struct engine_visitor *visitor;
	atomic_uint attention;
	atomic_ulong looks;

	struct engine_run run;
	struct ppgtt_format fmt;
	struct tlb *tlb;
	struct cs_suspect suspect;
	struct cs_pt pt;
	u64 job;
	u32 reg[CS_REGS];
	u32 lrca;
	u32 image[CS_IMAGE_DWORDS];
	unsigned int tail_dw;
	bool ppgtt;
	u64 root;
	u32 ring_size;
	unsigned int level;
	struct cs_ip ip[CS_LEVELS];
	bool arb;
	bool skip;
	u32 clip[2];
	u64 ts_base;
	u64 ts_load;
	u64 ts_shown;
	unsigned int signals_seen;
	struct cs_decoded decoded[1u << CS_DECODED_BITS];
	struct cs_window code;
	struct cs_window data;
	unsigned int loops;
	bool waiting;
	unsigned int waits;
	bool cut;
	struct cs_rest rest;
	u64 held;
	unsigned long n_commands;
	unsigned long n_hits;
	struct cs_fault fault;
	struct cs_past past[CS_HISTORY];
	unsigned long n_past;
	unsigned long n_published;
	u32 unknown[64];
	unsigned int n_unknown;
	u32 dropped_regs[64];
	unsigned int n_dropped;
	atomic_ulong stepped_over[CS_FAMILIES];
};

/* --- engine.c --------------------------------------------------------------------------------- */

/**
 * engine_rest() - let time pass between two commands
 * @e: engine
 * @us: at most this long; a request to the engine ends it early
 */
void engine_rest(struct engine *e, unsigned int us);

/* --- engine_tlb.c ----------------------------------------------------------------------------- */

/**
 * engine_tlb_settle_locked() - carry out the translation flushes that wait
 * @e: engine
 *
 * Context: e->lock held; the engine's thread, or any other while it is not executing.
 */
void engine_tlb_settle_locked(struct engine *e);

/* --- cs.c ------------------------------------------------------------------------------------- */

/**
 * cs_run() - execute the loaded context until it has to stop
 * @e: engine
 *
 * Return: why it stopped.
 */
enum engine_stop cs_run(struct engine *e);

/**
 * cs_make_way() - look up from a command that takes long
 * @e: engine, dma_read_lock() held; it is dropped for a moment if somebody waits for it
 * @moved: set to whether it was dropped: no pointer to guest memory is valid any more
 *
 * Return: false if the engine is reset: the command has to end.
 */
bool cs_make_way(struct engine *e, bool *moved);

/**
 * cs_publish() - bring the registers that show where the engine is up to date
 * @e: engine
 *
 * Done by the engine now and then, and before a command reads one of them.
 */
void cs_publish(struct engine *e);

/** cs_privileged() - Return: whether the current stream may use the GGTT and all registers. */
bool cs_privileged(const struct engine *e);

/** cs_stream_ggtt() - Return: whether addresses without a choice of their own mean the GGTT. */
bool cs_stream_ggtt(const struct engine *e);

/**
 * cs_operand_ggtt() - address space of an operand
 * @e: engine
 * @flag: the command asks for the GGTT
 *
 * Return: true for the GGTT; the flag has no effect in a batch that runs from the PPGTT.
 */
bool cs_operand_ggtt(struct engine *e, bool flag);

/**
 * cs_command_name() - name of a command for reports
 * @e: engine
 * @header: its first dword
 *
 * Return: the name, "unknown" if there is none.
 */
const char *cs_command_name(const struct engine *e, u32 header);

/**
 * cs_hang() - report a command that stops the engine
 * @e: engine
 * @fmt: printf format of the reason
 *
 * Return: CS_HANG.
 */
enum cs_result cs_hang(struct engine *e, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * cs_unknown() - report a command the model does not execute, once for each header
 * @e: engine
 * @header: its first dword
 */
void cs_unknown(struct engine *e, u32 header);

/**
 * cs_report() - format where an engine is: context, position and last commands
 * @e: engine
 * @buf: destination
 * @len: bytes
 */
void cs_report(struct engine *e, char *buf, size_t len);

/* --- cs_mem.c --------------------------------------------------------------------------------- */

/**
 * cs_map() - translate
 * @e: engine, dma_read_lock() held
 * @ggtt: address space
 * @va: address
 * @write: the access is a write
 * @ptr: set to the host pointer (CS_MEM_OK)
 * @avail: set to the bytes from @va to the end of the 4 KiB page (not for CS_MEM_FAULT)
 */
enum cs_mem cs_map(struct engine *e, bool ggtt, u64 va, bool write, void **ptr, size_t *avail);

/**
 * cs_load() - read memory
 * @e: engine, dma_read_lock() held
 * @ggtt: address space
 * @va: address
 * @buf: destination
 * @len: bytes
 *
 * Return: false on a fault.
 */
bool cs_load(struct engine *e, bool ggtt, u64 va, void *buf, size_t len);

/**
 * cs_store() - write memory; aligned dwords and qwords in one piece
 * @e: engine, dma_read_lock() held
 * @ggtt: address space
 * @va: address
 * @buf: source
 * @len: bytes
 *
 * Return: false on a fault.
 */
bool cs_store(struct engine *e, bool ggtt, u64 va, const void *buf, size_t len);

/**
 * cs_fault_report() - print the recorded fault with its walk and the last commands
 * @e: engine
 */
void cs_fault_report(struct engine *e);

/* --- cs_stale.c ------------------------------------------------------------------------------- */

/**
 * cs_stale_check_page() - compare a cached translation with the tables
 * @e: engine, dma_read_lock() held
 * @va: address whose page is about to be used
 * @write: the access is a write
 * @page: what the cache says
 */
void cs_stale_check_page(struct engine *e, u64 va, bool write, const struct tlb_page *page);

/**
 * cs_stale_check_walk() - compare a walk that began at a cached table with the tables
 * @e: engine, dma_read_lock() held; the walk is the one in its struct cs_fault
 * @start: the cached table
 * @write: the access is a write
 */
void cs_stale_check_walk(struct engine *e, struct ppgtt_start start, bool write);

/**
 * cs_stale_settle() - decide about a suspect
 * @e: engine
 * @invalidated: an invalidation by the host was just carried out: it clears a suspect that it
 *               removed from the cache in time
 *
 * A suspect that waited for too long is reported.
 *
 * Context: whoever may touch the engine's translation cache.
 */
void cs_stale_settle(struct engine *e, bool invalidated);

/* --- cs_pt.c ---------------------------------------------------------------------------------- */

/**
 * cs_pt_create() - prepare the checks of whole page tables
 * @dev: device; dev->cs_pt is set
 *
 * Return: false without memory.
 */
bool cs_pt_create(struct xm_device *dev);

/**
 * cs_pt_destroy() - free
 * @dev: device; a no-op without checks
 */
void cs_pt_destroy(struct xm_device *dev);

/**
 * cs_pt_enter() - a job begins or goes on
 * @e: engine; nothing happens if it is not in a batch of a context with an address space
 */
void cs_pt_enter(struct engine *e);

/** cs_pt_leave() - the batch has ended. */
void cs_pt_leave(struct engine *e);

/** cs_pt_load() - a context was loaded, perhaps inside of a batch. */
void cs_pt_load(struct engine *e);

/** cs_pt_stop() - the context is about to be given up, because of @why. */
void cs_pt_stop(struct engine *e, enum engine_stop why);

/**
 * cs_pt_changed() - a TLB invalidation says that tables have changed
 * @e: engine
 *
 * Context: whoever may touch the engine's translation cache.
 */
void cs_pt_changed(struct engine *e);

/** cs_pt_due() - Return: whether cs_pt_look() has anything to do. */
static inline bool cs_pt_due(const struct engine *e)
{
	return e->pt.changed || e->pt.more;
}

/**
 * cs_pt_look() - look at a part of the tables of the current job, if it is time
 * @e: engine, between two commands, dma_read_lock() not held
 */
void cs_pt_look(struct engine *e);

/* --- cs_trace.c: no-ops while no trace is being written --------------------------------------- */

/** cs_trace_start() - a context was handed to @e: begin its span. */
void cs_trace_start(const struct engine *e);

/** cs_trace_loaded() - the image was loaded: begin the spans of the batches it is in. */
void cs_trace_loaded(const struct engine *e);

/** cs_trace_stop() - the context stopped because of @why: end its spans. */
void cs_trace_stop(const struct engine *e, enum engine_stop why);

/**
 * cs_trace_flow() - a command was executed: begin or end the spans of batches
 * @e: engine, behind the command
 * @level: depth of the command
 * @next: address right behind the command
 */
void cs_trace_flow(const struct engine *e, unsigned int level, u64 next);

/** cs_trace_wait() - @e->waiting has changed: begin or end the span of the wait. */
void cs_trace_wait(const struct engine *e);

/** cs_trace_fault() - put the recorded fault on the time line. */
void cs_trace_fault(const struct engine *e);

/** cs_trace_hang() - the engine stands still because of @why. */
void cs_trace_hang(const struct engine *e, const char *why);

/* --- cs_reg.c --------------------------------------------------------------------------------- */

/**
 * cs_reg() - value of a register the engine owns
 * @e: engine
 * @off: offset from the engine base
 *
 * Context: any thread.
 */
u32 cs_reg(const struct engine *e, u32 off);

/**
 * cs_reg_set() - change a register the engine owns
 * @e: engine
 * @off: offset from the engine base
 * @val: value
 */
void cs_reg_set(struct engine *e, u32 off, u32 val);

/** cs_gpr() - Return: general purpose register @n of @e. */
u64 cs_gpr(const struct engine *e, unsigned int n);

/** cs_gpr_set() - set general purpose register @n of @e to @val. */
void cs_gpr_set(struct engine *e, unsigned int n, u64 val);

/** cs_timestamp() - Return: context timestamp now. Context: engine thread, context loaded. */
u32 cs_timestamp(const struct engine *e);

/**
 * cs_show_timestamp() - let the host see CTX_TIMESTAMP advance, or stand still
 * @e: engine
 * @runs: a context is loaded; false: the register keeps the value that was stored last
 *
 * Context: engine thread.
 */
void cs_show_timestamp(struct engine *e, bool runs);

/**
 * cs_reg_offset() - register a command names
 * @e: engine
 * @dw: dword of the command that holds the offset
 * @cs_base: the engine base is added
 * @remap: offsets of the render engine mean the executing engine
 *
 * Return: offset in BAR0.
 */
u32 cs_reg_offset(const struct engine *e, u32 dw, bool cs_base, bool remap);

/**
 * cs_reg_read() - register read by a command
 * @e: engine
 * @off: offset in BAR0
 * @val: set to the value, 0 if it may not be read
 *
 * Return: whether the stream may read it.
 */
bool cs_reg_read(struct engine *e, u32 off, u32 *val);

/**
 * cs_reg_write() - register write by a command; dropped if the stream may not write it
 * @e: engine
 * @off: offset in BAR0
 * @val: value
 */
void cs_reg_write(struct engine *e, u32 off, u32 val);

/**
 * cs_reg_hook() - make the registers of an engine visible in the register file
 * @e: engine
 *
 * Return: 0 or the error of reg_add_hook().
 */
int cs_reg_hook(struct engine *e);

/* --- lrc.c ------------------------------------------------------------------------------------ */

/**
 * lrc_load() - load the context image of @e->run into the engine
 * @e: engine, dma_read_lock() held
 *
 * Return: false if the image cannot be read or is malformed (reported).
 */
bool lrc_load(struct engine *e);

/**
 * lrc_reload_tail() - read the ring tail of the image again
 * @e: engine, dma_read_lock() held
 *
 * Return: false if the image cannot be read.
 */
bool lrc_reload_tail(struct engine *e);

/**
 * lrc_save() - write the state of the engine back into the image
 * @e: engine, dma_read_lock() held
 *
 * The ring tail belongs to the driver, which may be writing it now: it is never written.
 *
 * Return: false if the image cannot be written.
 */
bool lrc_save(struct engine *e);

/**
 * lrc_save_stamp() - write only the context timestamp back into the image
 * @e: engine, dma_read_lock() held
 *
 * For a context that is reset: its state is lost, the time it ran is not.
 */
void lrc_save_stamp(struct engine *e);

/* --- cs_fault.c ------------------------------------------------------------------------------- */

/**
 * cs_ordered_fault() - whether the next command goes wrong on request
 * @e: engine
 *
 * Return: CS_OK, or CS_HANG or CS_FAULT (recorded) if an ordered fault picks the command.
 */
enum cs_result cs_ordered_fault(struct engine *e);

/* --- command families ------------------------------------------------------------------------- */

/**
 * struct cs_field - a field of a command that has values without meaning
 * @dword: dword of the command
 * @shift: lowest bit
 * @bits: width, at most 5
 * @legal: bit n is set if value n is defined
 */
struct cs_field {
	u8 dword;
	u8 shift;
	u8 bits;
	u32 legal;
};

/**
 * struct cs_command - a row of an opcode table
 * @name: name
 * @min: fewest dwords
 * @max: most dwords
 * @step: legal lengths are @min, @min + @step, ... up to @max; 0 means 1
 * @n_masks: number of @masks; dwords behind them are free
 * @repeat: if not 0: masks from this one on apply to the rest of the command over and over
 * @n_fields: number of @fields
 * @classes: engine classes that have the command, bit = enum xm_hw_class; 0 means all
 * @family: counter of a command without effect, enum cs_family
 * @video: bits of the header that only video engines have
 * @run: executes it; NULL: no effect in this model
 * @masks: bits of each dword that may be set
 * @fields: fields with undefined values
 */
struct cs_command {
	const char *name;
	u16 min;
	u16 max;
	u8 step;
	u8 n_masks;
	u8 repeat;
	u8 n_fields;
	u8 classes;
	u8 family;
	u32 video;
	enum cs_result (*run)(struct engine *e, const u32 *dw, unsigned int len);
	const u32 *masks;
	const struct cs_field *fields;
};

/* The masks of a row, one a dword, and its fields */
#define CS_MASKS(...) \
	.masks = (const u32[]){ __VA_ARGS__ }, \
	.n_masks = ARRAY_SIZE(((const u32[]){ __VA_ARGS__ }))
#define CS_FIELDS(...) \
	.fields = (const struct cs_field[]){ __VA_ARGS__ }, \
	.n_fields = ARRAY_SIZE(((const struct cs_field[]){ __VA_ARGS__ }))

/* --- cs_check.c ------------------------------------------------------------------------------- */

/** cs_length_legal() - Return: whether a command of row @c may have @len dwords. */
static inline bool cs_length_legal(const struct cs_command *c, unsigned int len)
{
	return len >= c->min && len <= c->max && (c->step < 2 || (len - c->min) % c->step == 0);
}

/**
 * cs_surely_legal() - quick check of a command's bits
 * @c: row of the command
 * @dw: the command
 * @len: dwords
 *
 * Return: true if no reserved bit is set and the row has nothing else to look at.
 */
static inline bool cs_surely_legal(const struct cs_command *c, const u32 *dw, unsigned int len)
{
	unsigned int n = XM_MIN(len, c->n_masks);
	u32 bad = dw[0] & c->video;

	for (unsigned int i = 0; i < n; i++)
		bad |= dw[i] & ~c->masks[i];
	return !bad && !c->n_fields && !c->repeat && !c->classes;
}

/**
 * cs_check() - report reserved bits, undefined values and a wrong engine (rule cmd-reserved)
 * @e: engine
 * @c: row of the command
 * @dw: the command
 * @len: dwords
 *
 * Context: engine thread, needed if cs_surely_legal() does not hold.
 * Return: CS_OK; CS_HANG if the engine does not have the command.
 */
enum cs_result cs_check(struct engine *e, const struct cs_command *c, const u32 *dw,
			unsigned int len);

/**
 * cs_malformed() - report a command without meaning (rule cmd-reserved), which stops the engine
 * @e: engine
 * @fmt: printf format of the reason
 *
 * Return: CS_HANG.
 */
enum cs_result cs_malformed(struct engine *e, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * cs_stepped_over() - count a command without effect
 * @e: engine
 * @c: its row
 */
void cs_stepped_over(struct engine *e, const struct cs_command *c);

/**
 * cs_summary() - print how many commands of each family were stepped over
 * @dev: device
 * @out: stream
 * @ctx: unused
 */
void cs_summary(struct xm_device *dev, FILE *out, void *ctx);

/** cs_is_xe2() - Return: whether the platform of @e has the Xe2 forms of commands. */
static inline bool cs_is_xe2(const struct engine *e)
{
	return e->dev->platform->graphics_ver >= 2000;
}

/* --- tables ----------------------------------------------------------------------------------- */

/** cs_mi_command() - Return: row of an MI opcode on the platform of @e, NULL if unknown. */
const struct cs_command *cs_mi_command(const struct engine *e, u32 header);

/** cs_mi_length() - Return: dwords of the MI command @header. */
unsigned int cs_mi_length(u32 header);

/** cs_blt_command() - Return: row of a blitter opcode on the platform of @e, NULL if unknown. */
const struct cs_command *cs_blt_command(const struct engine *e, u32 header);

/** cs_gfx_command() - Return: row of a render or media command of @e, NULL if unknown. */
const struct cs_command *cs_gfx_command(const struct engine *e, u32 header);

/** cs_gfx_length() - Return: dwords of the type 3 command @header on @e. */
unsigned int cs_gfx_length(const struct engine *e, u32 header);

/**
 * cs_tlb_command() - a flush command of the ring: forget this engine's translations
 * @e: engine
 */
void cs_tlb_command(struct engine *e);

/**
 * cs_compare() - comparison of semaphores and conditional ends
 * @op: 0 >, 1 >=, 2 <, 3 <=, 4 ==, 5 !=
 * @mem: left side
 * @data: right side
 *
 * Return: outcome; false for an undefined @op.
 */
bool cs_compare(unsigned int op, u32 mem, u32 data);

#endif
