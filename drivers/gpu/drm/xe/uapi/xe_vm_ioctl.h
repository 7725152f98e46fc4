/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_IOCTL_H_
#define _XE_VM_IOCTL_H_

struct drm_device;
struct drm_file;

int xe_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_vm_get_property_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int xe_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
