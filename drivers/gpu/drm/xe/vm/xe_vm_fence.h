/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_FENCE_H_
#define _XE_VM_FENCE_H_

#include <linux/atomic.h>
#include <linux/dma-fence.h>
#include <linux/spinlock.h>

/**
 * struct xe_vm_fence - stands for jobs of one VM, also those that come later
 */
struct xe_vm_fence {
	/** @base: the fence; first, see xe_fence_init() */
	struct dma_fence base;
	/** @lock: lock of @base */
	spinlock_t lock;
	/** @state: number of jobs that have not finished; negative if it is closed as well */
	atomic_t state;
};

struct xe_vm_fence *xe_vm_fence_alloc(void);
void xe_vm_fence_free(struct xe_vm_fence *vf);
void xe_vm_fence_open(struct xe_vm_fence *vf);
void xe_vm_fence_close(struct xe_vm_fence *vf);
bool xe_vm_fence_is_open(const struct xe_vm_fence *vf);
bool xe_vm_fence_hold(struct xe_vm_fence *vf);
void xe_vm_fence_release(struct xe_vm_fence *vf);

#endif
