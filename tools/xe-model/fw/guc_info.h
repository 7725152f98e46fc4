/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Contexts and the state of the GuC as seen from outside, for the control socket.
 */
#ifndef XM_FW_GUC_INFO_H
#define XM_FW_GUC_INFO_H

#include "fw/guc_ctx.h"
#include "util/types.h"

/**
 * struct guc_lrc_info - one LRC of a context
 * @desc: descriptor
 * @engine: engine it runs on, NULL if it does not run
 */
struct guc_lrc_info {
	u64 desc;
	const struct engine *engine;
};

/**
 * struct guc_context_info - a registered context
 * @id: number
 * @guc_class: engine class
 * @mask: logical instances the first LRC may run on
 * @n_lrc: number of @lrc
 * @lrc: the LRCs
 * @priority: 0 is the most important
 * @quantum_us: time slice, 0 = endless
 * @preempt_us: time allowed to reach an arbitration point, 0 = endless
 * @state: one word for its state
 * @runs: how often an LRC of it was started
 * @run_ns: time its LRCs were on engines, the current runs included
 */
struct guc_context_info {
	u32 id;
	u32 guc_class;
	u32 mask;
	u32 n_lrc;
	struct guc_lrc_info lrc[GUC_MAX_LRC];
	u32 priority;
	u32 quantum_us;
	u32 preempt_us;
	const char *state;
	u64 runs;
	u64 run_ns;
};

/**
 * struct guc_context_list - all registered contexts, by id
 * @ctx: array, to be freed
 * @n: number of @ctx
 */
struct guc_context_list {
	struct guc_context_info *ctx;
	size_t n;
};

/**
 * guc_list_contexts() - copy out what is registered
 * @dev: device
 * @list: set; free @list->ctx
 *
 * Context: any thread that holds no lock; waits for the firmware's lock, a second at most.
 * Return: 0, -EBUSY if the lock was not free in time, -ENODEV without a GuC, or -ENOMEM.
 */
int guc_list_contexts(struct xm_device *dev, struct guc_context_list *list);

#endif
