/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_GEM_IOCTL_H_
#define _XE_GEM_IOCTL_H_

struct drm_device;
struct drm_file;
struct drm_mode_create_dumb;

int xe_gem_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_gem_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_gem_dumb_create(struct drm_file *file, struct drm_device *drm,
		       struct drm_mode_create_dumb *args);

#endif
