/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GUC_H_
#define _XE_GUC_H_

#include <linux/types.h>

struct drm_printer;
struct xe_gt;
struct xe_guc;

int xe_guc_init(struct xe_gt *gt);
int xe_guc_load(struct xe_gt *gt);
int xe_guc_carry_invalidations(struct xe_gt *gt);
void xe_guc_park(struct xe_gt *gt);
void xe_guc_stop(struct xe_gt *gt);
int xe_guc_restart(struct xe_gt *gt);
void xe_guc_abandon(struct xe_gt *gt);
void xe_guc_unload(struct xe_gt *gt);
void xe_guc_fini(struct xe_gt *gt);

void xe_guc_ads_golden_update(struct xe_gt *gt);
u32 xe_guc_submission_version(struct xe_gt *gt, u32 *major, u32 *minor, u32 *patch);
void xe_guc_print_info(struct xe_gt *gt, struct drm_printer *p);
void xe_guc_log_print(struct xe_gt *gt, struct drm_printer *p);

#endif
