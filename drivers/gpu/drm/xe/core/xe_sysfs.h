/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_SYSFS_H_
#define _XE_SYSFS_H_

struct xe_device;

int xe_sysfs_init(struct xe_device *xe);
void xe_sysfs_fini(struct xe_device *xe);

#endif
