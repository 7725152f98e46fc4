/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_CORE_RESET_H_
#define _XE_CORE_RESET_H_

struct dentry;
struct xe_device;

int xe_reset_init(struct xe_device *xe);
void xe_reset_enable(struct xe_device *xe);
void xe_reset_disable(struct xe_device *xe);
void xe_reset_wake_up(struct xe_device *xe);
void xe_reset_flush(struct xe_device *xe);
void xe_reset_debugfs(struct dentry *root);

#endif
