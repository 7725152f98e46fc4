/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_EVICT_H_
#define _XE_VM_EVICT_H_

struct drm_exec;
struct drm_gpuvm_bo;
struct xe_bo_ops;

extern const struct xe_bo_ops xe_vm_bo_ops;

int xe_vm_bo_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec);

#endif
