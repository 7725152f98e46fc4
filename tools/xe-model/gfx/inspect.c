// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "gfx/inspect.h"

#include "gfx/cs.h"
#include "regs/xe_engine_regs.h"

static const char *stream_name(unsigned int level)
{
	static const char *const names[CS_LEVELS] = { "ring", "batch", "batch2" };

	return names[level % CS_LEVELS];
}

static void copy_past(struct engine *e, struct engine_info *info)
{
	unsigned long n = e->n_past;

	info->n_past = 0;
	for (unsigned long i = n > CS_HISTORY ? n - CS_HISTORY : 0;
	     i < n && info->n_past < ENGINE_PAST; i++) {
		const struct cs_past *p = &e->past[i % CS_HISTORY];

		info->past[info->n_past++] = (struct engine_command){
			.ip = p->ip,
			.header = p->header,
			.stream = stream_name(p->level),
			.name = cs_command_name(e, p->header),
		};
	}
}

static void fill_info(struct engine *e, void *ctx)
{
	struct engine_info *info = ctx;

	*info = (struct engine_info){
		.busy = e->busy,
		.ctx_id = e->run.ctx_id,
		.desc = e->run.desc,
		.ppgtt = e->ppgtt,
		.root = e->root,
		.ring_start = cs_reg(e, RING_START(0)),
		.ring_size = e->ring_size,
		.head = (u32)e->ip[CS_RING].addr,
		.tail = cs_reg(e, RING_TAIL(0)),
		.stream = stream_name(e->level),
		.ip = e->ip[e->level].addr,
		.waiting = e->busy && e->waiting,
		.switching = atomic_load(&e->attention) & CS_ATT_PREEMPT,
		.commands = e->n_past,
		.tlb_entries = tlb_count(e->tlb),
	};
	copy_past(e, info);
}

bool engine_inspect(struct engine *e, struct engine_info *info)
{
	return engine_visit(e, fill_info, info);
}

/**
 * struct tlb_listing - arguments and result of a visit that lists the cache
 * @q: which entries
 * @out: destination or NULL
 * @max: size of @out
 * @n: entries that match
 */
struct tlb_listing {
	const struct tlb_query *q;
	struct tlb_entry *out;
	size_t max;
	size_t n;
};

static void list_tlb(struct engine *e, void *ctx)
{
	struct tlb_listing *l = ctx;

	l->n = tlb_list(e->tlb, l->q, l->out, l->max);
}

bool engine_tlb_list(struct engine *e, const struct tlb_query *q, struct tlb_entry *out, size_t max,
		     size_t *n)
{
	struct tlb_listing l = { .q = q, .out = out, .max = max };
	bool seen = engine_visit(e, list_tlb, &l);

	*n = l.n;
	return seen;
}
