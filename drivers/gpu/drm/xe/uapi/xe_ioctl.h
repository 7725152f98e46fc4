/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_IOCTL_H_
#define _XE_IOCTL_H_

#include <linux/fs.h>

#include <drm/drm_ioctl.h>
#include <uapi/drm/xe_drm_newer.h>

/* For struct drm_driver: the private ioctls, and the file operations. */
extern const struct drm_ioctl_desc xe_ioctls[DRM_XE_VM_GET_PROPERTY + 1];
extern const struct file_operations xe_driver_fops;

struct drm_device;
struct drm_file;

int xe_observation_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
