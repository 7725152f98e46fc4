/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_DEVCOREDUMP_H_
#define _XE_DEVCOREDUMP_H_

struct drm_printer;
struct xe_device;

int xe_devcoredump_init(struct xe_device *xe);
void xe_devcoredump_fini(struct xe_device *xe);
void xe_devcoredump_print_stats(struct xe_device *xe, struct drm_printer *p);

#endif
