/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_TTM_SYS_H_
#define _XE_TTM_SYS_H_

#include <linux/types.h>

struct ttm_resource_manager;
struct xe_device;

void xe_ttm_sys_init(struct xe_device *xe, struct ttm_resource_manager *man, u64 size);
void xe_ttm_sys_fini(struct xe_device *xe, struct ttm_resource_manager *man);

#endif
