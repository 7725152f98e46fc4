/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_ARGS_H_
#define _XE_VM_ARGS_H_

#include <linux/types.h>

struct drm_xe_vm_bind;
struct drm_xe_vm_bind_op;
struct drm_xe_vm_create;
struct drm_xe_vm_destroy;
struct xe_device;

/**
 * struct xe_vm_args_bo - what the checks need to know about a BO
 */
struct xe_vm_args_bo {
	/** @size: bytes */
	u64 size;
	/** @cpu_cached: CPU accesses are cached, so GPU accesses must snoop */
	bool cpu_cached;
	/** @imported: the memory belongs to another device */
	bool imported;
};

int xe_vm_args_check_create(struct xe_device *xe, const struct drm_xe_vm_create *args);
int xe_vm_args_check_destroy(struct xe_device *xe, const struct drm_xe_vm_destroy *args);
int xe_vm_args_check_bind(struct xe_device *xe, const struct drm_xe_vm_bind *args);
int xe_vm_args_check_op(struct xe_device *xe, const struct drm_xe_vm_bind_op *op);
int xe_vm_args_check_range(struct xe_device *xe, const struct drm_xe_vm_bind_op *op, u64 va_size);
int xe_vm_args_check_bo(struct xe_device *xe, const struct drm_xe_vm_bind_op *op,
			const struct xe_vm_args_bo *bo);

#endif
