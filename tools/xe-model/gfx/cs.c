// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Command streamer
 *
 * Fetches commands from the ring or from a batch, finds their length from the header alone, looks
 * them up in the table of their family and executes them, one at a time. Requests to the engine
 * are looked at between two commands.
 *
 * What need not be done for every command is done for a burst of them: taking the lock of the
 * memory map, finding the page of instructions, counting, and showing in registers where the
 * engine is. A burst ends early when anybody wants anything of the engine or of the map. The page
 * is read in place, so a batch may write its own next commands.
 *
 * A stream has three depths: the ring, a batch, and a second-level batch. Each remembers its next
 * command, so that a context can be stopped anywhere and resumed from its image.
 *
 * Locking: runs on the engine's thread; dma_read_lock() is held for a burst, never while resting.
 */

#include "gfx/cs.h"
#include "gfx/gang.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/pace.h"
#include "util/trace.h"

#define BURST_COMMANDS 512u
/* A batch that polls memory rests after this many jumps. */
#define LOOP_BURST 16u
/* A waiting engine costs one REST_SHARE-th of a core at most. */
#define REST_SHARE 25u
#define REST_SPIN_NS 20000u
#define REST_MIN_US 20u
#define REST_MAX_US 1000u
/* Jumps with so much between them are work, no waiting. */
#define REST_WORK_NS 200000u
#define HANG_REST_US 20000u

#define CMD_TYPE(h) (((h) & CMD_TYPE_MASK) >> CMD_TYPE_SHIFT)
#define CMD_TYPE_GFX_STATE 4u
#define CMD_TYPE_GFX_EXEC 5u

bool cs_privileged(const struct engine *e)
{
	return e->level == CS_RING || !e->ip[e->level].ppgtt;
}

bool cs_stream_ggtt(const struct engine *e)
{
	return e->level == CS_RING ? !e->ppgtt : !e->ip[e->level].ppgtt;
}

bool cs_operand_ggtt(struct engine *e, bool flag)
{
	return flag && cs_privileged(e);
}

bool cs_compare(unsigned int op, u32 mem, u32 data)
{
	switch (op) {
	case MI_COMPARE_GT:
		return mem > data;
	case MI_COMPARE_GE:
		return mem >= data;
	case MI_COMPARE_LT:
		return mem < data;
	case MI_COMPARE_LE:
		return mem <= data;
	case MI_COMPARE_EQ:
		return mem == data;
	case MI_COMPARE_NE:
		return mem != data;
	default:
		return false;
	}
}

static void close_windows(struct engine *e)
{
	e->code.host = NULL;
	e->data.host = NULL;
}

void cs_tlb_command(struct engine *e)
{
	tlb_flush(e->tlb);
	close_windows(e);
	xm_stat_inc(e->dev, tlb_flushes);
	trace_instant(e->desc->name, "TLB flush by command", "%s", "");
}

/* --- reports --------------------------------------------------------------------------------- */

static const struct cs_command *lookup(const struct engine *e, u32 header)
{
	switch (CMD_TYPE(header)) {
	case CMD_TYPE_MI:
		return cs_mi_command(e, header);
	case CMD_TYPE_BLT:
		return e->desc->hw_class == XM_CLASS_COPY ? cs_blt_command(e, header) : NULL;
	default:
		return cs_gfx_command(e, header);
	}
}

const char *cs_command_name(const struct engine *e, u32 header)
{
	const struct cs_command *c = lookup(e, header);

	return c ? c->name : "unknown";
}

void cs_report(struct engine *e, char *buf, size_t len)
{
	static const char *const levels[] = { "ring", "batch", "batch2" };
	unsigned long n = e->n_past;
	size_t at;

	at = snprintf(buf, len,
		      "  context %u, descriptor 0x%016llx, ring 0x%08x head 0x%x tail 0x%x, at %s "
		      "0x%llx; last commands, oldest first:",
		      e->run.ctx_id, (unsigned long long)e->run.desc, cs_reg(e, RING_START(0)),
		      (unsigned int)e->ip[CS_RING].addr, cs_reg(e, RING_TAIL(0)),
		      levels[e->level], (unsigned long long)e->ip[e->level].addr);
	for (unsigned long i = n > CS_HISTORY ? n - CS_HISTORY : 0; i < n && at < len; i++) {
		const struct cs_past *p = &e->past[i % CS_HISTORY];

		at += snprintf(buf + at, len - at, "\n    %-6s 0x%012llx  0x%08x %s",
			       levels[p->level % CS_LEVELS], (unsigned long long)p->ip, p->header,
			       cs_command_name(e, p->header));
	}
}

enum cs_result cs_hang(struct engine *e, const char *fmt, ...)
{
	char why[256];
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	cs_report(e, text, sizeof(text));
	cs_trace_hang(e, why);
	log_guest("%s: context %u: engine hangs: %s\n%s", e->desc->name, e->run.ctx_id, why, text);
	return CS_HANG;
}

void cs_unknown(struct engine *e, u32 header)
{
	/* The opcode without flags and length tells commands apart well enough. */
	u32 key = header & (CMD_TYPE(header) == CMD_TYPE_MI ? 0xff800000u : 0xffff0000u);

	xm_stat_inc(e->dev, commands_unknown);
	for (unsigned int i = 0; i < e->n_unknown; i++)
		if (e->unknown[i] == key)
			return;
	if (e->n_unknown == ARRAY_SIZE(e->unknown))
		return;
	e->unknown[e->n_unknown++] = key;
	log_info("%s: context %u: command 0x%08x is not known, skipped by its length",
		 e->desc->name, e->run.ctx_id, header);
}

/* --- fetch ----------------------------------------------------------------------------------- */

/* Address of the dword @skip dwords behind the instruction pointer. A ring may be set up badly. */
static u64 stream_at(const struct engine *e, unsigned int skip, bool *ggtt)
{
	const struct cs_ip *ip = &e->ip[e->level];

	if (e->level == CS_RING) {
		*ggtt = true;
		return (cs_reg(e, RING_START(0)) & ~3u) + (ip->addr + skip * 4) % e->ring_size;
	}
	*ggtt = !ip->ppgtt;
	return ip->addr + skip * 4;
}

static enum cs_mem open_window(struct engine *e, u64 at, bool ggtt)
{
	enum cs_mem result;
	size_t avail;
	void *ptr;

	e->code.host = NULL;
	result = cs_map(e, ggtt, at, false, &ptr, &avail);
	if (result == CS_MEM_OK)
		e->code = (struct cs_window){ .host = (u8 *)ptr - at % SZ_4K, .page = at / SZ_4K,
					      .ggtt = ggtt };
	return result;
}

static inline void copy_dwords(u32 *dw, const u8 *from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		dw[i] = __atomic_load_n((const u32 *)from + i, __ATOMIC_RELAXED);
}

static inline const u8 *in_window(const struct engine *e, u64 at, bool ggtt)
{
	if (!e->code.host || e->code.page != at / SZ_4K || e->code.ggtt != ggtt)
		return NULL;
	return e->code.host + at % SZ_4K;
}

/* Page by page. The ring wraps at the end of a page. */
static bool fetch_pages(struct engine *e, unsigned int skip, u32 *dw, unsigned int n)
{
	while (n) {
		enum cs_mem result = CS_MEM_OK;
		bool ggtt;
		u64 at = stream_at(e, skip, &ggtt);
		unsigned int now = XM_MIN(n, (SZ_4K - at % SZ_4K) / 4);

		if (!in_window(e, at, ggtt))
			result = open_window(e, at, ggtt);
		if (result == CS_MEM_OK)
			copy_dwords(dw, in_window(e, at, ggtt), now);
		else if (result == CS_MEM_NULL)
			memset(dw, 0, now * 4);
		else
			return false;
		skip += now;
		dw += now;
		n -= now;
	}
	return true;
}

/* Read @n dwords at @skip dwords behind the instruction pointer. */
static inline bool fetch(struct engine *e, unsigned int skip, u32 *dw, unsigned int n)
{
	const struct cs_ip *ip = &e->ip[e->level];
	u64 at = ip->addr + skip * 4;
	const u8 *from = in_window(e, at, !ip->ppgtt);

	if (e->level == CS_RING || !from || at % SZ_4K + n * 4 > SZ_4K)
		return fetch_pages(e, skip, dw, n);
	copy_dwords(dw, from, n);
	return true;
}

static void advance(struct engine *e, unsigned int n)
{
	struct cs_ip *ip = &e->ip[e->level];

	ip->addr += n * 4ull;
	if (e->level == CS_RING)
		ip->addr %= e->ring_size;
}

static u32 ring_filled(const struct engine *e)
{
	u32 tail = cs_reg(e, RING_TAIL(0));

	return (tail + e->ring_size - (u32)e->ip[CS_RING].addr) % e->ring_size;
}

/* Dwords of a command, 0 if no engine understands the header. */
static unsigned int length_of(const struct engine *e, u32 header)
{
	switch (CMD_TYPE(header)) {
	case CMD_TYPE_MI:
		return cs_mi_length(header);
	case CMD_TYPE_BLT:
	case CMD_TYPE_GFX_STATE:
	case CMD_TYPE_GFX_EXEC:
		return (header & 0xff) + 2;
	case CMD_TYPE_GFX:
		return cs_gfx_length(e, header);
	default:
		return 0;
	}
}

void cs_publish(struct engine *e)
{
	const struct cs_past *p = &e->past[(e->n_past - 1) % CS_HISTORY];
	u64 at = p->ip;

	if (e->n_past == e->n_published)
		return;
	e->n_published = e->n_past;
	if (p->level == CS_RING) {
		cs_reg_set(e, RING_HEAD(0), (u32)at);
		at += cs_reg(e, RING_START(0));
	} else {
		cs_reg_set(e, RING_BBADDR(0), (u32)at);
		cs_reg_set(e, RING_BBADDR_UDW(0), (u32)(at >> 32));
	}
	cs_reg_set(e, RING_ACTHD(0), (u32)at);
	cs_reg_set(e, RING_ACTHD_UDW(0), (u32)(at >> 32));
	cs_reg_set(e, RING_IPEHR(0), p->header);
}

static void remember(struct engine *e, u32 header)
{
	bool ring = e->level == CS_RING;

	/* A condition that is looked at once more would drive everything else out. */
	if (e->waiting)
		return;
	/* Head and batch address are different registers: each shows its last command. */
	if (ring)
		cs_publish(e);
	e->past[e->n_past++ % CS_HISTORY] = (struct cs_past){ .ip = e->ip[e->level].addr,
							      .header = header, .level = e->level };
	if (ring)
		cs_publish(e);
}

/* Other work begins: translations are compared with the tables anew. */
static void new_job(struct engine *e)
{
	e->job++;
	close_windows(e);
	e->rest.since = 0;
	e->cut = false;
	cs_stale_settle(e, false);
}

static bool is_set_predicate(u32 header)
{
	return (header & (CMD_TYPE_MASK | MI_OPCODE_MASK)) == MI_SET_PREDICATE;
}

/* What the command did to the flow, for the time line and for whoever looks at the engine. */
static void note_flow(struct engine *e, unsigned int level, u64 next, enum cs_result result)
{
	bool waiting = result == CS_WAIT;

	if (e->waiting != waiting) {
		e->waiting = waiting;
		cs_trace_wait(e);
		e->waits = 0;
		e->rest.since = 0;
	}
	e->waits += e->waiting;
	if ((level != e->level || next != e->ip[level].addr) && trace_on() &&
	    (result == CS_OK || result == CS_ARB))
		cs_trace_flow(e, level, next);
}

/* What a header means; NULL after a report if it stops the engine. */
static const struct cs_decoded *decode(struct engine *e, u32 header)
{
	struct cs_decoded *d = &e->decoded[header * 0x9e3779b1u >> (32 - CS_DECODED_BITS)];

	if (d->len && d->header == header)
		return d;
	*d = (struct cs_decoded){ .header = header, .len = length_of(e, header),
				  .command = lookup(e, header) };
	if (!d->len) {
		cs_hang(e, "0x%08x is no command", header);
		return NULL;
	}
	return d;
}

static enum cs_result run_command(struct engine *e, const struct cs_decoded *d)
{
	const struct cs_command *c = d->command;
	struct cs_ip back = e->ip[e->level];
	unsigned int level = e->level;
	u32 dw[CS_MAX_DWORDS];
	enum cs_result result;

	/* Copies take long enough for others to look where the engine is. */
	if (CMD_TYPE(d->header) != CMD_TYPE_MI)
		cs_publish(e);
	if (!cs_length_legal(c, d->len))
		return cs_malformed(e, "%s (0x%08x) cannot have %u dwords", c->name, d->header,
				    d->len);
	dw[0] = d->header;
	if (d->len > 1 && (c->run || c->n_masks) && !fetch(e, 1, dw + 1, d->len - 1))
		return CS_FAULT;
	/* A wait is looked at once, not every time it is tried again. */
	if (!cs_surely_legal(c, dw, d->len) && !e->waiting && cs_check(e, c, dw, d->len) != CS_OK)
		return CS_HANG;
	advance(e, d->len);
	if (!c->run) {
		cs_stepped_over(e, c);
		return CS_OK;
	}
	result = c->run(e, dw, d->len);
	if (level == CS_RING && e->level == CS_BATCH) {
		new_job(e);
		cs_pt_enter(e);
	} else if (level != CS_RING && e->level == CS_RING) {
		cs_pt_leave(e);
		gang_end_batch(e);
	}
	if (result == CS_WAIT || result == CS_FAULT || result == CS_HANG) {
		e->level = level;
		e->ip[level] = back;
	}
	note_flow(e, level, back.addr + d->len * 4ull, result);
	return result;
}

/*
 * The ring tail lies within a command. The engine waits for the rest, as long as it takes. But what is
 * behind the tail is nobody's: the driver has shown half a job.
 */
static enum cs_result cut_command(struct engine *e, u32 header)
{
	char past[1024];

	e->cut = true;
	e->n_past--;
	cs_report(e, past, sizeof(past));
	log_violation("ring-tail", "%s: context %u: the tail cuts 0x%08x %s\n%s", e->desc->name,
		      e->run.ctx_id, header, cs_command_name(e, header), past);
	return CS_WAIT;
}

/* One command. */
static enum cs_result step(struct engine *e)
{
	enum cs_result ordered = CS_OK;
	const struct cs_decoded *d;
	u32 header;

	if (!fetch(e, 0, &header, 1))
		return CS_FAULT;
	remember(e, header);
	if (fault_armed(e->dev, FAULT_ENGINE_HANG) || fault_armed(e->dev, FAULT_CAT_ERROR))
		ordered = cs_ordered_fault(e);
	if (ordered != CS_OK)
		return ordered;
	d = decode(e, header);
	if (!d)
		return CS_HANG;
	if (e->level == CS_RING && d->len * 4u > ring_filled(e))
		return cut_command(e, header);
	e->n_commands++;
	if (d->command && (!e->skip || is_set_predicate(header)))
		return run_command(e, d);
	if (!d->command)
		cs_unknown(e, header);
	advance(e, d->len);
	return CS_OK;
}

/* --- flow ------------------------------------------------------------------------------------ */

static u64 thread_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

/*
 * Nap before memory is looked at again, for an eighth of the time waited so far: a short wait ends
 * soon after the change, and a very short one is over before a nap would be worth it. Longer naps
 * than keep the thread below its share of a core have no use; what waking up costs differs by ten
 * between machines, so it is measured. A requested switch begins a new wait: its time runs out.
 */
static void rest(struct engine *e)
{
	bool stepped = pace_stepped(e->dev->pace);
	bool asked = atomic_load(&e->attention) & CS_ATT_PREEMPT;
	struct cs_rest *r = &e->rest;
	u64 now = clock_ns();
	u64 nap, used, cpu;

	if (!r->since || asked != r->asked) {
		r->asked = asked;
		r->since = now;
		r->n = 0;
	}
	nap = (now - r->since) / 8;
	if (!stepped) {
		if (now - r->since < REST_SPIN_NS)
			return;
		cpu = thread_cpu_ns();
		used = cpu - r->cpu;
		r->cpu = cpu;
		if (r->n++ && used > REST_WORK_NS)
			return;
		if (r->n > 1)
			r->cost = (7 * r->cost + used) / 8;
		nap = XM_MIN(nap, r->cost * REST_SHARE);
	}
	engine_rest(e, XM_MIN(XM_MAX(nap / 1000, REST_MIN_US), REST_MAX_US));
}

static void count_looks(struct engine *e, unsigned long n)
{
	unsigned long looks = atomic_load_explicit(&e->looks, memory_order_relaxed);

	atomic_store_explicit(&e->looks, looks + n, memory_order_relaxed);
}

bool cs_make_way(struct engine *e, bool *moved)
{
	count_looks(e, 1);
	*moved = dma_write_wanted(e->dev->dma);
	if (*moved) {
		dma_read_unlock(e->dev->dma);
		dma_read_lock(e->dev->dma);
		close_windows(e);
	}
	return !(atomic_load_explicit(&e->attention, memory_order_relaxed) & CS_ATT_KILL);
}

static void hang(struct engine *e)
{
	while (!(atomic_load(&e->attention) & CS_ATT_KILL)) {
		engine_rest(e, HANG_REST_US);
		count_looks(e, ENGINE_LOOKS);
	}
}

/* The ring is empty: has the driver added work meanwhile? */
static bool more_work(struct engine *e, bool *ok)
{
	*ok = true;
	if (!e->client_ops->more(e->client, e->run.job))
		return false;
	dma_read_lock(e->dev->dma);
	*ok = lrc_reload_tail(e);
	dma_read_unlock(e->dev->dma);
	return true;
}

/* The ring is empty. Return: true if there is nothing to wait for, with the reason in @why. */
static bool out_of_work(struct engine *e, unsigned int attention, enum engine_stop *why)
{
	bool ok;

	*why = ENGINE_IDLE;
	if (attention & CS_ATT_PREEMPT)
		return true;
	if (!more_work(e, &ok)) {
		if (gang_drained(e))
			return true;
		rest(e);
		return false;
	}
	if (!ok)
		*why = ENGINE_FAULT;
	return !ok || !gang_refilled(e);
}

/* Of the next command a part is missing. Return: as out_of_work(). */
static bool out_of_command(struct engine *e, enum engine_stop *why)
{
	bool ok;

	if (!more_work(e, &ok)) {
		rest(e);
		return false;
	}
	e->cut = false;
	*why = ok ? ENGINE_IDLE : ENGINE_FAULT;
	return !ok || !gang_refilled(e);
}

/* Whether a switch was asked for and may happen right here. */
static bool may_switch(struct engine *e, bool arbitration_point)
{
	return arbitration_point && e->arb &&
	       atomic_load_explicit(&e->attention, memory_order_relaxed) & CS_ATT_PREEMPT;
}

static bool burst_is_over(struct engine *e, enum cs_result result)
{
	unsigned int attention = atomic_load_explicit(&e->attention, memory_order_relaxed);

	if (result > CS_ARB && result != CS_LOOP)
		return true;
	if (result == CS_LOOP && ++e->loops % LOOP_BURST == 0)
		return true;
	if (attention & ~CS_ATT_PREEMPT || e->pt.begins || dma_write_wanted(e->dev->dma))
		return true;
	if (e->level == CS_RING)
		return attention || e->held || !ring_filled(e);
	return attention && result == CS_ARB;
}

/* Some commands. Return: what the last of them did. */
static enum cs_result burst(struct engine *e)
{
	unsigned int room = XM_MIN(BURST_COMMANDS, pace_room(e->dev->pace));
	unsigned int left = room;
	enum cs_result result;

	dma_read_lock(e->dev->dma);
	close_windows(e);
	do {
		result = step(e);
		left--;
	} while (!burst_is_over(e, result) && left);
	dma_read_unlock(e->dev->dma);

	cs_publish(e);
	xm_stat_add(e->dev, commands, e->n_commands);
	xm_stat_add(e->dev, tlb_hits, e->n_hits);
	e->n_commands = 0;
	e->n_hits = 0;
	pace_points(e->dev->pace, room - left);
	return result;
}

enum engine_stop cs_run(struct engine *e)
{
	enum cs_result result = CS_OK;
	enum engine_stop why;

	xm_stat_inc(e->dev, jobs);
	gang_may_be_ahead(e);
	new_job(e);
	cs_pt_load(e);
	for (;;) {
		unsigned int attention = atomic_load(&e->attention);

		count_looks(e, 1);
		if (attention & CS_ATT_KILL)
			return ENGINE_KILLED;
		if (attention & CS_ATT_TLB)
			engine_rest(e, 0);
		if (e->level == CS_RING && !ring_filled(e)) {
			if (out_of_work(e, attention, &why))
				return why;
			continue;
		}
		if (may_switch(e, result == CS_ARB || result == CS_WAIT || e->level == CS_RING))
			return ENGINE_PREEMPTED;
		if (e->cut) {
			if (out_of_command(e, &why))
				return why;
			continue;
		}
		if (e->held && gang_hold(e)) {
			rest(e);
			continue;
		}
		if (cs_pt_due(e))
			cs_pt_look(e);
		result = burst(e);
		switch (result) {
		case CS_WAIT:
			if (!may_switch(e, true))
				rest(e);
			break;
		case CS_LOOP:
			if (e->loops % LOOP_BURST == 0)
				rest(e);
			break;
		case CS_FAULT:
			return ENGINE_FAULT;
		case CS_HANG:
			hang(e);
			return ENGINE_KILLED;
		default:
			break;
		}
	}
}
