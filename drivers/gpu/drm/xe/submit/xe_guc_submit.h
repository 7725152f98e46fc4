/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GUC_SUBMIT_H_
#define _XE_GUC_SUBMIT_H_

#include <linux/types.h>

struct drm_sched_entity;
struct xe_exec_queue;
struct xe_exec_queue_ops;
struct xe_guc;

extern const struct xe_exec_queue_ops xe_guc_exec_queue_ops;

int xe_guc_submit_init(struct xe_guc *guc);
void xe_guc_submit_stop(struct xe_guc *guc);
void xe_guc_submit_restart(struct xe_guc *guc);
void xe_guc_submit_abandon(struct xe_guc *guc);
void xe_guc_submit_park(struct xe_guc *guc);
bool xe_guc_submit_wait_empty(struct xe_guc *guc, unsigned long timeout_jiffies);
bool xe_guc_submit_drain(struct xe_guc *guc, unsigned long timeout_jiffies);

int xe_guc_submit_g2h(struct xe_guc *guc, u32 action, const u32 *payload, u32 n_dwords);

#endif
