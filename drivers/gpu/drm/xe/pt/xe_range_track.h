/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_RANGE_TRACK_H_
#define _XE_RANGE_TRACK_H_

#include "pt/xe_pt_internal.h"

struct xe_range_node;

/**
 * struct xe_range_tracker - updates in flight, by the range of addresses they touch
 */
struct xe_range_tracker {
	/** @lock: protects @tree. Innermost: taken from fence callbacks with interrupts off. */
	spinlock_t lock;
	/** @tree: interval tree of &struct xe_range_node */
	struct rb_root_cached tree;
};

void xe_range_tracker_init(struct xe_range_tracker *tracker);
void xe_range_tracker_fini(struct xe_range_tracker *tracker);

struct xe_range_node *xe_range_node_alloc(void);
void xe_range_node_free(struct xe_range_node *node);

int xe_range_track_deps(struct xe_range_tracker *tracker, u64 first, u64 last,
			int (*add)(void *ctx, struct dma_fence *fence), void *ctx);
void xe_range_track_insert(struct xe_range_tracker *tracker, struct xe_range_node *node,
			   u64 first, u64 last, struct dma_fence *fence);

#endif
