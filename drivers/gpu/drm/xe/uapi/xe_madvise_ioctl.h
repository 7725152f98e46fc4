/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MADVISE_IOCTL_H_
#define _XE_MADVISE_IOCTL_H_

struct drm_device;
struct drm_file;

int xe_madvise_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_vm_query_mem_range_attrs_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
