/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_USAGE_H_
#define _XE_USAGE_H_

#include <linux/kref.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include "base/xe_platform.h"

struct xe_exec_queue;
struct xe_gt;

/**
 * struct xe_usage - engine time that the queues of one client have used
 */
struct xe_usage {
	/** @ref: reference count: the file's, and one of each of its queues */
	struct kref ref;
	/** @lock: protects @ticks and the last samples of the contexts; innermost */
	spinlock_t lock;
	/** @ticks: by engine class, ticks of the reference clock */
	u64 ticks[XE_ENGINE_CLASS_MAX];
};

/**
 * struct xe_usage_sample - what the engines of a GT are doing
 */
struct xe_usage_sample {
	/** @now: time stamp of the GT, ticks of the reference clock; 0 if it could not be read */
	u64 now;
	/** @engine: by hardware id, all 0 where nothing could be read */
	struct {
		/** @engine.ring: GGTT address of the ring of the context that was loaded last */
		u32 ring;
		/** @engine.ticks: run time of that context, wraps */
		u32 ticks;
	} engine[XE_NUM_ENGINES];
};

struct xe_usage *xe_usage_create(void);
struct xe_usage *xe_usage_get(struct xe_usage *usage);
void xe_usage_put(struct xe_usage *usage);

void xe_usage_sample(struct xe_gt *gt, struct xe_usage_sample *sample);
void xe_usage_account(struct xe_exec_queue *q, const struct xe_usage_sample *sample);
void xe_usage_settle(struct xe_exec_queue *q);
void xe_usage_retire(struct xe_exec_queue *q);
void xe_usage_read(struct xe_usage *usage, u64 ticks[XE_ENGINE_CLASS_MAX]);

#endif
