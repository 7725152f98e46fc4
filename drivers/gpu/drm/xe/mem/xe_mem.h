/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_MEM_H_
#define _XE_MEM_H_

#include <linux/types.h>

struct drm_printer;
struct xe_bo;
struct xe_device;

int xe_mem_init(struct xe_device *xe);
void xe_mem_fini(struct xe_device *xe);

void xe_mem_track(struct xe_bo *bo);
void xe_mem_untrack(struct xe_bo *bo);

u64 xe_mem_sys_used(struct xe_device *xe);
u64 xe_mem_sys_total(struct xe_device *xe);
void xe_mem_sys_dump(struct xe_device *xe, struct drm_printer *p);

#endif
