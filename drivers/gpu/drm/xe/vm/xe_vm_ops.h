/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_OPS_H_
#define _XE_VM_OPS_H_

#include <linux/types.h>

#include <drm/drm_gpuvm.h>

#include "vm/xe_vma.h"

struct list_head;
struct xe_bo;
struct xe_user_fence;
struct xe_vm;
struct xe_vm_ops_chunk;

/* Memory for steps that a pool brings along, in words of 8 bytes: for two that do not cut. */
#define XE_VM_OPS_FIRST_WORDS	24

/**
 * struct xe_vm_ops_pool - memory of all steps of a bind
 */
struct xe_vm_ops_pool {
	/** @chunks: list of allocations, the newest first */
	struct xe_vm_ops_chunk *chunks;
	/** @free: unused part of the newest one, or of @first */
	void *free;
	/** @left: bytes at @free */
	size_t left;
	/** @chunk_size: bytes of the next allocation */
	size_t chunk_size;
	/** @first: memory for the first steps */
	u64 first[XE_VM_OPS_FIRST_WORDS];
};

/**
 * struct xe_vm_bind_req - one operation a user asked for, looked up
 */
struct xe_vm_bind_req {
	/** @op: DRM_XE_VM_BIND_OP_* */
	u32 op;
	/** @flags: DRM_XE_VM_BIND_FLAG_* */
	u32 flags;
	/** @pat_index: row of the page attribute table */
	u16 pat_index;
	/** @addr: first GPU address, bytes */
	u64 addr;
	/** @range: bytes */
	u64 range;
	/** @offset: first byte of the BO, or CPU address of a userptr */
	u64 offset;
	/** @busy: a mapping that goes has a user fence that is not written yet */
	bool busy;
	/** @stale: from commit on: entries of a mapping that goes may name memory that is gone */
	bool stale;
	/** @old_userptr: from commit on: among the mappings that go is memory of a process */
	bool old_userptr;
	/** @bo: BO (reference), or NULL */
	struct xe_bo *bo;
	/** @ops: steps of the split/merge algorithm, in order */
	struct drm_gpuva_ops ops;
};

/**
 * struct xe_vma_op - one step: a mapping comes, goes, or is cut
 */
struct xe_vma_op {
	/** @base: base class: kind, addresses, the mapping that goes */
	struct drm_gpuva_op base;
	/** @staged: the VA tree reflects this step */
	bool staged;
	/** @vma: map: the new mapping */
	struct xe_vma *vma;
	/** @prev: remap: piece left below the removed range, or NULL */
	struct xe_vma *prev;
	/** @next: remap: piece left above the removed range, or NULL */
	struct xe_vma *next;
	/** @vm_bo: map: VM and BO pair (reference), from prepare until commit; or NULL */
	struct drm_gpuvm_bo *vm_bo;
};

/**
 * to_xe_vma_op - step a DRM GPU VA operation is part of
 * @ptr: embedded base, const or not
 */
#define to_xe_vma_op(ptr)	container_of_const(ptr, struct xe_vma_op, base)

/**
 * xe_vma_op_old - mapping a step works on
 * @op: the step
 *
 * Context: any.
 * Return: the mapping that goes, is cut, or is prefetched; NULL for map
 */
static inline struct xe_vma *xe_vma_op_old(const struct xe_vma_op *op)
{
	switch (op->base.op) {
	case DRM_GPUVA_OP_UNMAP:
		return to_xe_vma(op->base.unmap.va);
	case DRM_GPUVA_OP_REMAP:
		return to_xe_vma(op->base.remap.unmap->va);
	case DRM_GPUVA_OP_PREFETCH:
		return to_xe_vma(op->base.prefetch.va);
	default:
		return NULL;
	}
}

/**
 * xe_vma_op_obj - object a step concerns
 * @op: the step
 *
 * Context: any.
 * Return: the object, borrowed, or NULL
 */
static inline struct drm_gem_object *xe_vma_op_obj(const struct xe_vma_op *op)
{
	struct xe_vma *old = xe_vma_op_old(op);

	return old ? old->gpuva.gem.obj : op->base.map.gem.obj;
}

void xe_vm_ops_pool_init(struct xe_vm_ops_pool *pool, u32 n_reqs);
void xe_vm_ops_pool_fini(struct xe_vm_ops_pool *pool);

int xe_vm_ops_step(struct drm_gpuva_op *base, void *priv);

int xe_vm_ops_create(struct xe_vm *vm, struct xe_vm_ops_pool *pool, struct xe_vm_bind_req *reqs,
		     u32 i);
int xe_vm_ops_stage(struct xe_vm *vm, struct xe_vm_bind_req *req);
void xe_vm_ops_unwind(struct xe_vm *vm, struct xe_vm_bind_req *req);
void xe_vm_ops_commit(struct xe_vm *vm, struct xe_vm_bind_req *req,
		      struct xe_user_fence *ufence, struct list_head *garbage);

#endif
