/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_BO_PURGE_H_
#define _XE_BO_PURGE_H_

#include <linux/types.h>

struct xe_bo;
struct xe_device;

int xe_bo_purge_init(struct xe_device *xe);
void xe_bo_purge_fini(struct xe_device *xe);
unsigned long xe_bo_purgeable_pages(struct xe_device *xe);

bool xe_bo_may_be_purged(const struct xe_bo *bo);
int xe_bo_check_needed(struct xe_bo *bo);
void xe_bo_count_mappings(struct xe_bo *bo, int mappings, int dontneed);
bool xe_bo_purge(struct xe_bo *bo);

#endif
