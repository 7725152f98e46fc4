/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_FOREIGN_FENCE_H_
#define _XE_FOREIGN_FENCE_H_

struct dma_fence;
struct xe_device;

void xe_foreign_fence_init_device(struct xe_device *xe);
struct dma_fence *xe_foreign_fence_guard(struct xe_device *xe, struct dma_fence *fence);
void xe_foreign_fence_cancel_all(struct xe_device *xe);

#endif
