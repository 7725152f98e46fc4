/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GUC_PC_H_
#define _XE_GUC_PC_H_

#include <linux/types.h>

struct xe_gt;

int xe_guc_pc_start(struct xe_gt *gt);
void xe_guc_pc_stop(struct xe_gt *gt);

u32 xe_guc_pc_act_freq(struct xe_gt *gt);
int xe_guc_pc_cur_freq(struct xe_gt *gt, u32 *mhz);
u32 xe_guc_pc_rp0_freq(struct xe_gt *gt);
u32 xe_guc_pc_rpe_freq(struct xe_gt *gt);
u32 xe_guc_pc_rpn_freq(struct xe_gt *gt);
int xe_guc_pc_get_min_freq(struct xe_gt *gt, u32 *mhz);
int xe_guc_pc_set_min_freq(struct xe_gt *gt, u32 mhz);
int xe_guc_pc_get_max_freq(struct xe_gt *gt, u32 *mhz);
int xe_guc_pc_set_max_freq(struct xe_gt *gt, u32 mhz);

#endif
