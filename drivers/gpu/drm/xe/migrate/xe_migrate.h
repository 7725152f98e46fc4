/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MIGRATE_H_
#define _XE_MIGRATE_H_

#include <linux/types.h>

struct dma_fence;
struct xe_device;
struct xe_migrate_job;
struct xe_pt_plan;

int xe_migrate_init(struct xe_device *xe);
void xe_migrate_fini(struct xe_device *xe);

struct xe_migrate_job *xe_migrate_job_create(struct xe_device *xe);
void xe_migrate_job_free(struct xe_migrate_job *mj);
struct dma_fence *xe_migrate_job_start(struct xe_migrate_job *mj, const struct xe_pt_plan *plan);
bool xe_migrate_job_finish(struct xe_migrate_job *mj);

#endif
