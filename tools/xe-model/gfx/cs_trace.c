// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * What an engine puts on its time line: a span for each run of a context, in it a span for each
 * batch, in that the waits for a condition.
 */

#include <stdio.h>

#include "gfx/cs.h"
#include "util/trace.h"

static void begin_batch(const struct engine *e, unsigned int level, const char *how)
{
	const struct cs_ip *ip = &e->ip[level];
	char name[48];

	snprintf(name, sizeof(name), "batch%s 0x%llx", level == CS_BATCH2 ? "2" : "",
		 (unsigned long long)ip->addr);
	trace_begin(e->desc->name, name, "\"address\":\"0x%llx\",\"space\":\"%s\",\"how\":\"%s\"",
		    (unsigned long long)ip->addr, ip->ppgtt ? "PPGTT" : "GGTT", how);
}

void cs_trace_start(const struct engine *e)
{
	char name[32];

	if (!trace_on())
		return;
	snprintf(name, sizeof(name), "context %u", e->run.ctx_id);
	trace_begin(e->desc->name, name, "\"ctx\":%u,\"descriptor\":\"0x%llx\"", e->run.ctx_id,
		    (unsigned long long)e->run.desc);
}

void cs_trace_loaded(const struct engine *e)
{
	if (!trace_on())
		return;
	trace_instant(e->desc->name, "loaded",
		      "\"root\":\"0x%llx\",\"head\":\"0x%llx\",\"in\":\"%s\"",
		      (unsigned long long)(e->ppgtt ? e->root : 0),
		      (unsigned long long)e->ip[CS_RING].addr,
		      e->level == CS_RING ? "ring" : "batch");
	for (unsigned int level = CS_BATCH; level <= e->level; level++)
		begin_batch(e, level, "resumed");
}

void cs_trace_stop(const struct engine *e, enum engine_stop why)
{
	static const char *const names[] = {
		[ENGINE_IDLE] = "ring empty",
		[ENGINE_PREEMPTED] = "preempted",
		[ENGINE_FAULT] = "fault",
		[ENGINE_KILLED] = "reset",
	};

	if (trace_on())
		trace_end_all(e->desc->name, "\"end\":\"%s\"", names[why]);
}

void cs_trace_flow(const struct engine *e, unsigned int level, u64 next)
{
	for (unsigned int i = level; i > e->level; i--)
		trace_end(e->desc->name, "\"end\":\"batch end\"");
	for (unsigned int i = level + 1; i <= e->level; i++)
		begin_batch(e, i, "started");
	if (level == e->level && level != CS_RING && next != e->ip[level].addr)
		trace_instant(e->desc->name, "jump", "\"address\":\"0x%llx\"",
			      (unsigned long long)e->ip[level].addr);
}

void cs_trace_wait(const struct engine *e)
{
	if (!trace_on())
		return;
	if (e->waiting)
		trace_begin(e->desc->name, "wait", "\"at\":\"0x%llx\"",
			    (unsigned long long)e->ip[e->level].addr);
	else
		trace_end(e->desc->name, "\"polls\":%u", e->waits);
}

void cs_trace_fault(const struct engine *e)
{
	const struct cs_fault *f = &e->fault;
	char what[128];

	if (trace_on())
		trace_instant(e->desc->name, "memory fault",
			      "\"ctx\":%u,\"space\":\"%s\",\"address\":\"0x%llx\","
			      "\"access\":\"%s\",\"why\":\"%s\"", e->run.ctx_id,
			      f->ggtt ? "GGTT" : "PPGTT", (unsigned long long)f->va,
			      f->write ? "write" : "read",
			      trace_escape(f->what, what, sizeof(what)));
}

void cs_trace_hang(const struct engine *e, const char *why)
{
	char text[256];

	if (trace_on())
		trace_instant(e->desc->name, "hang", "\"ctx\":%u,\"why\":\"%s\"", e->run.ctx_id,
			      trace_escape(why, text, sizeof(text)));
}
