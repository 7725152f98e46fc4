/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PT_CACHE_H_
#define _XE_PT_CACHE_H_

#include "pt/xe_pt_internal.h"

struct xe_pt;

/* Most tables a tree keeps in reserve. An interior table takes 8 KiB, one of level 0 half of it. */
#define XE_PT_CACHE_MAX	64

/**
 * struct xe_pt_cache - tables of one tree that are not in use
 */
struct xe_pt_cache {
	/** @lock: protects all of it; nothing is called with it held */
	spinlock_t lock;
	/** @leaf: tables of level 0, linked by &xe_pt.next_detached */
	struct xe_pt *leaf;
	/** @inner: tables that have slots, likewise */
	struct xe_pt *inner;
	/** @n: number of tables in both lists, at most @max */
	unsigned int n;
	/** @max: XE_PT_CACHE_MAX; 0 after the tree has ended */
	unsigned int max;
};

void xe_pt_cache_init(struct xe_pt_cache *cache);
struct xe_pt *xe_pt_cache_take(struct xe_pt_cache *cache, unsigned int level);
bool xe_pt_cache_put(struct xe_pt_cache *cache, struct xe_pt *pt);
struct xe_pt *xe_pt_cache_empty(struct xe_pt_cache *cache, bool for_good);
const struct xe_pt *xe_pt_cache_find_dirty(struct xe_pt_cache *cache, unsigned int *slot);

#endif
