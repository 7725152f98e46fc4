/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_DEBUGFS_H_
#define _XE_DEBUGFS_H_

struct drm_minor;

void xe_debugfs_init(struct drm_minor *minor);

#endif
