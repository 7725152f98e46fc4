/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_WAIT_UFENCE_H_
#define _XE_WAIT_UFENCE_H_

struct drm_device;
struct drm_file;

int xe_wait_user_fence_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
