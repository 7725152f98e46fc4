// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_info.h"

#include <errno.h>
#include <stdlib.h>

#include "fw/guc.h"
#include "util/clock.h"

static const char *state_of(const struct guc_context *ctx, bool running)
{
	if (ctx->dead)
		return "dead";
	if (ctx->deregistering)
		return "deregistering";
	if (ctx->disabling)
		return "disabling";
	if (!ctx->enabled)
		return "disabled";
	if (running)
		return "running";
	return ctx->ready ? "waiting" : "idle";
}

static void describe(const struct guc_context *ctx, u64 now, struct guc_context_info *info)
{
	bool running = false;

	*info = (struct guc_context_info){
		.id = ctx->id,
		.guc_class = ctx->guc_class,
		.mask = ctx->mask,
		.n_lrc = ctx->n_lrc,
		.priority = ctx->priority,
		.quantum_us = ctx->quantum_us,
		.preempt_us = ctx->preempt_us,
		.runs = ctx->runs,
		.run_ns = ctx->run_ns,
	};
	for (unsigned int i = 0; i < ctx->n_lrc; i++) {
		const struct guc_lrc *lrc = &ctx->lrc[i];

		info->lrc[i].desc = lrc->desc;
		if (!lrc->slot)
			continue;
		info->lrc[i].engine = lrc->slot->engine;
		info->run_ns += now - lrc->started_ns;
		running = true;
	}
	info->state = state_of(ctx, running);
}

/* Runs under the firmware's lock. */
static int copy_contexts(struct guc_sched *sched, void *arg)
{
	struct guc_context_list *list = arg;
	u64 now = clock_ns();

	list->ctx = calloc(sched->n_ctx ? sched->n_ctx : 1, sizeof(*list->ctx));
	if (!list->ctx)
		return -ENOMEM;
	for (u32 id = 0; id < GUC_MAX_CONTEXTS && list->n < sched->n_ctx; id++) {
		const struct guc_context *ctx = sched->ctx[id];

		if (ctx && ctx->id == id)
			describe(ctx, now, &list->ctx[list->n++]);
	}
	return 0;
}

int guc_list_contexts(struct xm_device *dev, struct guc_context_list *list)
{
	*list = (struct guc_context_list){ 0 };
	return guc_with_lock(dev, copy_contexts, list);
}
