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
 * A stream has three depths: the ring, a batch, and a second-level batch. Each remembers its next
 * command, so that a context can be stopped anywhere and resumed from its image.
 *
 * Locking: runs on the engine's thread; dma_read_lock() is held for one command at a time and
 * never while resting.
 */

#include "gfx/cs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/log.h"
#include "util/pace.h"
#include "util/trace.h"

/* A batch that polls memory rests after this many jumps, a little longer each time. */
#define LOOP_BURST 16u
#define LOOP_REST_MIN_US 50u
#define LOOP_REST_MAX_US 1000u
#define WAIT_REST_MIN_US 20u
#define WAIT_REST_MAX_US 200u
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

void cs_tlb_command(struct engine *e)
{
	tlb_flush(e->tlb);
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

static bool fetch_ring(struct engine *e, u32 off, u32 *dw, unsigned int n)
{
	u32 start = cs_reg(e, RING_START(0));

	while (n) {
		unsigned int now = XM_MIN(n, (e->ring_size - off) / 4);

		if (!cs_load(e, true, (u64)start + off, dw, now * 4))
			return false;
		dw += now;
		n -= now;
		off = 0;
	}
	return true;
}

/* Read @n dwords at @skip dwords behind the instruction pointer. */
static bool fetch(struct engine *e, unsigned int skip, u32 *dw, unsigned int n)
{
	const struct cs_ip *ip = &e->ip[e->level];

	if (e->level == CS_RING)
		return fetch_ring(e, (ip->addr + skip * 4) % e->ring_size, dw, n);
	return cs_load(e, !ip->ppgtt, ip->addr + skip * 4, dw, n * 4);
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

static void remember(struct engine *e, u32 header)
{
	struct cs_past *p = &e->past[e->n_past % CS_HISTORY];
	u64 at = e->ip[e->level].addr;

	*p = (struct cs_past){ .ip = at, .header = header, .level = e->level };
	e->n_past++;
	if (e->level == CS_RING) {
		cs_reg_set(e, RING_HEAD(0), (u32)at);
		at += cs_reg(e, RING_START(0));
	} else {
		cs_reg_set(e, RING_BBADDR(0), (u32)at);
		cs_reg_set(e, RING_BBADDR_UDW(0), (u32)(at >> 32));
	}
	cs_reg_set(e, RING_ACTHD(0), (u32)at);
	cs_reg_set(e, RING_ACTHD_UDW(0), (u32)(at >> 32));
	cs_reg_set(e, RING_IPEHR(0), header);
}

/* Other work begins: translations are compared with the tables anew. */
static void new_job(struct engine *e)
{
	e->job++;
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
	}
	if (trace_on() && (result == CS_OK || result == CS_ARB))
		cs_trace_flow(e, level, next);
}

static enum cs_result execute(struct engine *e, u32 header, unsigned int len)
{
	const struct cs_command *c = lookup(e, header);
	struct cs_ip back = e->ip[e->level];
	unsigned int level = e->level;
	u32 dw[CS_MAX_DWORDS];
	enum cs_result result;

	xm_stat_inc(e->dev, commands);
	if (!c) {
		cs_unknown(e, header);
		advance(e, len);
		return CS_OK;
	}
	if (e->skip && !is_set_predicate(header)) {
		advance(e, len);
		return CS_OK;
	}
	if (!cs_length_legal(c, len))
		return cs_malformed(e, "%s (0x%08x) cannot have %u dwords", c->name, header, len);
	dw[0] = header;
	if (len > 1 && (c->run || c->n_masks) && !fetch(e, 1, dw + 1, len - 1))
		return CS_FAULT;
	/* A wait is looked at once, not every time it is tried again. */
	if (!cs_surely_legal(c, dw, len) && !e->waits && cs_check(e, c, dw, len) != CS_OK)
		return CS_HANG;
	advance(e, len);
	if (!c->run) {
		cs_stepped_over(e, c);
		return CS_OK;
	}
	result = c->run(e, dw, len);
	if (level == CS_RING && e->level == CS_BATCH)
		new_job(e);
	if (result == CS_WAIT || result == CS_FAULT || result == CS_HANG) {
		e->level = level;
		e->ip[level] = back;
	}
	note_flow(e, level, back.addr + len * 4ull, result);
	return result;
}

/* One command. */
static enum cs_result step(struct engine *e)
{
	enum cs_result ordered;
	unsigned int len;
	u32 header;

	if (!fetch(e, 0, &header, 1))
		return CS_FAULT;
	remember(e, header);
	ordered = cs_ordered_fault(e);
	if (ordered != CS_OK)
		return ordered;
	len = length_of(e, header);
	if (!len)
		return cs_hang(e, "0x%08x is no command", header);
	if (e->level == CS_RING && len * 4 > ring_filled(e))
		return cs_hang(e, "0x%08x reaches behind the ring tail", header);
	return execute(e, header, len);
}

/* --- flow ------------------------------------------------------------------------------------ */

static unsigned int backoff(unsigned int n, unsigned int min, unsigned int max)
{
	return XM_MIN(min + n * min / 16, max);
}

static void rest_in_loop(struct engine *e)
{
	e->loops++;
	if (e->loops % LOOP_BURST == 0)
		engine_rest(e, backoff(e->loops / LOOP_BURST, LOOP_REST_MIN_US, LOOP_REST_MAX_US));
}

static void rest_in_wait(struct engine *e)
{
	e->waits++;
	engine_rest(e, backoff(e->waits, WAIT_REST_MIN_US, WAIT_REST_MAX_US));
}

static void hang(struct engine *e)
{
	while (!(atomic_load(&e->attention) & CS_ATT_KILL))
		engine_rest(e, HANG_REST_US);
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

/* Whether a switch was asked for and may happen right here. */
static bool may_switch(struct engine *e, bool arbitration_point)
{
	return arbitration_point && e->arb &&
	       atomic_load_explicit(&e->attention, memory_order_relaxed) & CS_ATT_PREEMPT;
}

enum engine_stop cs_run(struct engine *e)
{
	enum cs_result result = CS_OK;
	bool ok;

	xm_stat_inc(e->dev, jobs);
	new_job(e);
	for (;;) {
		unsigned int attention = atomic_load(&e->attention);

		if (attention & CS_ATT_KILL)
			return ENGINE_KILLED;
		if (attention & CS_ATT_TLB)
			engine_rest(e, 0);
		if (e->level == CS_RING && !ring_filled(e)) {
			if (attention & CS_ATT_PREEMPT || !more_work(e, &ok))
				return ENGINE_IDLE;
			if (!ok)
				return ENGINE_FAULT;
			continue;
		}
		if (may_switch(e, result == CS_ARB || result == CS_WAIT || e->level == CS_RING))
			return ENGINE_PREEMPTED;
		dma_read_lock(e->dev->dma);
		result = step(e);
		dma_read_unlock(e->dev->dma);
		pace_point(e->dev->pace);

		switch (result) {
		case CS_WAIT:
			if (!may_switch(e, true))
				rest_in_wait(e);
			break;
		case CS_LOOP:
			rest_in_loop(e);
			break;
		case CS_FAULT:
			return ENGINE_FAULT;
		case CS_HANG:
			hang(e);
			return ENGINE_KILLED;
		default:
			e->waits = 0;
			break;
		}
	}
}
