/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_UPDATE_H_
#define _XE_VM_UPDATE_H_

#include <linux/bits.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "base/xe_device.h"
#include "base/xe_trace_types.h"
#include "submit/xe_bind_queue.h"

struct dma_fence_array;
struct drm_exec;
struct xe_pt_plan;
struct xe_range_node;
struct xe_tlb_inval_fence;
struct xe_vm;
struct xe_vm_update_job;

/* flags of xe_vm_update_prepare() */
/* complete behind everything submitted to the bind queue before */
#define XE_VM_UPDATE_IN_ORDER	BIT(0)
/* refuse to defer more than XE_VM_UPDATE_MAX_DEFERRED bytes of entries */
#define XE_VM_UPDATE_LIMITED	BIT(1)

/**
 * struct xe_vm_update - one change of the page tables of a VM, from plan to completion
 */
struct xe_vm_update {
	/** @ref: reference count: the creator's, and the bind job's from push on */
	struct kref ref;
	/** @vm: the VM (reference) */
	struct xe_vm *vm;
	/** @id: what trace events call it */
	struct xe_trace_bind id;
	/** @plan: the change; the creator fills it between create and prepare */
	struct xe_pt_plan *plan;
	/** @bq: bind queue, locked from prepare to publish or abort; borrowed; else NULL */
	struct xe_bind_queue *bq;
	/** @flags: XE_VM_UPDATE_* */
	u32 flags;
	/** @deferred: carried out by @job, because a dependency was pending */
	bool deferred;
	/** @committed: past the point of no return */
	bool committed;
	/** @first: first address the update concerns */
	u64 first;
	/** @last: last such address, inclusive; below @first if there is none */
	u64 last;
	/** @job: the deferred part, or NULL */
	struct xe_vm_update_job *job;
	/** @inval: TLB invalidation by GT; all NULL if none is needed */
	struct xe_tlb_inval_fence *inval[XE_MAX_GTS];
	/** @issued: the fences of @inval are live and reference counted */
	bool issued;
	/** @array: completion if there is more than one invalidation, else NULL */
	struct dma_fence_array *array;
	/** @array_fences: storage @array takes over when it is initialised */
	struct dma_fence **array_fences;
	/** @range: node for the range tracker, NULL if not needed or once inserted */
	struct xe_range_node *range;
	/** @fence: completion (reference), valid from execute on */
	struct dma_fence *fence;
	/** @deps: newest fence to wait for of each context (references), @n_deps entries */
	struct dma_fence **deps;
	/** @n_deps: used entries of @deps */
	unsigned int n_deps;
	/** @max_deps: allocated entries of @deps */
	unsigned int max_deps;
	/** @behind: newest invalidation of an earlier update to wait for (reference), or NULL */
	struct dma_fence *behind;
	/** @garbage: VMAs to free at completion (&xe_vma.garbage_link) */
	struct list_head garbage;
	/** @cb: on @fence, if the update was made at once and its invalidation is on the way */
	struct dma_fence_cb cb;
	/** @release_work: frees the update */
	struct work_struct release_work;
};

struct xe_vm_update *xe_vm_update_create(struct xe_vm *vm, const struct xe_trace_bind *id);
int xe_vm_update_add_dep(struct xe_vm_update *u, struct dma_fence *fence);
int xe_vm_update_add_resv_deps(struct xe_vm_update *u, struct dma_resv *resv,
			       enum dma_resv_usage usage);
int xe_vm_update_prepare(struct xe_vm_update *u, struct xe_bind_queue *bq, u32 flags);
void xe_vm_update_abort(struct xe_vm_update *u);

void xe_vm_update_commit(struct xe_vm_update *u);
void xe_vm_update_execute(struct xe_vm_update *u);
void xe_vm_update_publish(struct xe_vm_update *u, struct drm_exec *exec,
			  enum dma_resv_usage usage);
void xe_vm_update_release(struct xe_vm_update *u);

#endif
