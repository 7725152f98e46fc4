/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PPGTT_H_
#define _XE_PPGTT_H_

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/types.h>

#include "pt/xe_pt.h"

struct xe_device;

/**
 * struct xe_ppgtt - a GPU address space without policy: page tables and an identity
 * @ref: VMs, exec queues and pending updates hold references
 * @xe: device
 * @asid: address-space id of contexts that use it; 0 where the platform has none
 * @tree: page tables; the lock that serialises binds protects them
 * @n_tables: table pages in existence, for statistics and to find leaks
 */
struct xe_ppgtt {
	struct kref ref;
	struct xe_device *xe;
	u32 asid;
	struct xe_pt_tree tree;
	atomic_t n_tables;
};

/* Flags of xe_ppgtt_create(). */
#define XE_PPGTT_SCRATCH	0x1	/* unmapped addresses read zero instead of faulting */

struct xe_ppgtt *xe_ppgtt_create(struct xe_device *xe, u32 flags);
struct xe_ppgtt *xe_ppgtt_get(struct xe_ppgtt *ppgtt);
void xe_ppgtt_put(struct xe_ppgtt *ppgtt);
u64 xe_ppgtt_root_desc(const struct xe_ppgtt *ppgtt);

#endif
