/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_RETIRE_H_
#define _XE_RETIRE_H_

struct drm_sched_job;

int xe_retire_init(void);
void xe_retire_fini(void);
void xe_retire_sched_job(struct drm_sched_job *job);

#endif
