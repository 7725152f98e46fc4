// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Steps of a bind
 *
 * Each request of a bind is broken down by the split/merge algorithm of the core into steps: map a
 * new mapping, unmap one, remap (cut) one, prefetch one. Request n+1 must see what request n does,
 * so the steps of a request are *staged*: applied to the VA tree at once, but only there. BOs and
 * userptrs do not know about staged mappings, and page tables do not change::
 *
 *	create --> stage --> commit         link new mappings, unlink old ones, collect the old ones
 *	                \--> unwind         put the old mappings back, free the new ones
 *
 * A step keeps what it needs for both ways out. Steps are unwound in reverse order, so that every
 * range is free again when its old mapping returns. Neither way allocates or fails.
 *
 * A mapping that one request of a bind makes may be cut or removed by a later one. Commit handles
 * it like any other, in order: link, then unlink.
 *
 * Locking: the VM lock for writing, throughout. Commit needs the reservations of all BOs involved.
 */

#include "vm/xe_vm_ops.h"

#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "submit/xe_sync.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/**
 * xe_vma_op_alloc - allocate a step for the core
 *
 * Context: may sleep.
 * Return: the step, or NULL
 */
struct drm_gpuva_op *xe_vma_op_alloc(void)
{
	struct xe_vma_op *op = kzalloc(sizeof(*op), GFP_KERNEL_ACCOUNT);

	return op ? &op->base : NULL;
}

/**
 * xe_vma_op_free - free a step for the core
 * @base: the step
 *
 * Context: any.
 */
void xe_vma_op_free(struct drm_gpuva_op *base)
{
	kfree(to_xe_vma_op(base));
}

/**
 * xe_vma_op_old - mapping a step works on
 * @op: the step
 *
 * Context: any.
 * Return: the mapping that goes, is cut, or is prefetched; NULL for map
 */
struct xe_vma *xe_vma_op_old(const struct xe_vma_op *op)
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
struct drm_gem_object *xe_vma_op_obj(const struct xe_vma_op *op)
{
	struct xe_vma *old = xe_vma_op_old(op);

	return old ? old->gpuva.gem.obj : op->base.map.gem.obj;
}

/* Add an unmap step for @vma unless it is something else's or already gone. */
static int xe_vm_ops_add_unmap(struct drm_gpuva_ops *ops, struct xe_vma *vma,
			       const struct drm_gem_object *obj)
{
	struct drm_gpuva_op *base;

	if (!vma || vma->gpuva.gem.obj != obj || !(vma->gpuva.flags & XE_VMA_IN_TREE))
		return 0;

	base = xe_vma_op_alloc();
	if (!base)
		return -ENOMEM;

	base->op = DRM_GPUVA_OP_UNMAP;
	base->unmap.va = &vma->gpuva;
	list_add_tail(&base->entry, &ops->list);

	return 0;
}

/* The BO's own list knows committed mappings only: leave out those staged for removal... */
static void xe_vm_ops_drop_staged(struct drm_gpuva_ops *ops)
{
	struct drm_gpuva_op *base, *next;

	drm_gpuva_for_each_op_safe(base, next, ops) {
		if (base->unmap.va->flags & XE_VMA_IN_TREE)
			continue;
		list_del(&base->entry);
		xe_vma_op_free(base);
	}
}

/* ... and add what earlier requests of the same bind have staged. */
static int xe_vm_ops_add_staged(struct drm_gpuva_ops *ops, const struct drm_gem_object *obj,
				const struct xe_vm_bind_req *reqs, u32 n_reqs)
{
	struct drm_gpuva_op *base;
	int err = 0;
	u32 i;

	for (i = 0; i < n_reqs && !err; i++) {
		/* Quadratic in the length of an array of nothing but these. */
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();

		drm_gpuva_for_each_op(base, reqs[i].ops) {
			const struct xe_vma_op *op = to_xe_vma_op(base);

			err = xe_vm_ops_add_unmap(ops, op->vma, obj) ?:
			      xe_vm_ops_add_unmap(ops, op->prev, obj) ?:
			      xe_vm_ops_add_unmap(ops, op->next, obj);
			if (err)
				break;
		}
	}

	return err;
}

static struct drm_gpuva_ops *xe_vm_ops_create_empty(void)
{
	struct drm_gpuva_ops *ops = kzalloc(sizeof(*ops), GFP_KERNEL);

	if (!ops)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&ops->list);

	return ops;
}

/* Steps that unmap every mapping of the BO of request @i. */
static struct drm_gpuva_ops *xe_vm_ops_create_unmap_all(struct xe_vm *vm,
							struct xe_vm_bind_req *reqs, u32 i)
{
	struct drm_gem_object *obj = &reqs[i].bo->ttm.base;
	struct drm_gpuvm_bo *vm_bo;
	struct drm_gpuva_ops *ops;
	int err;

	err = dma_resv_lock_interruptible(obj->resv, NULL);
	if (err)
		return ERR_PTR(err);

	vm_bo = drm_gpuvm_bo_find(&vm->gpuvm, obj);
	if (vm_bo) {
		ops = drm_gpuvm_bo_unmap_ops_create(vm_bo);
		/* Not the last reference: its mappings hold one each. */
		drm_gpuvm_bo_put(vm_bo);
	} else {
		ops = xe_vm_ops_create_empty();
	}
	dma_resv_unlock(obj->resv);
	if (IS_ERR(ops))
		return ops;

	xe_vm_ops_drop_staged(ops);
	err = xe_vm_ops_add_staged(ops, obj, reqs, i);
	if (err) {
		drm_gpuva_ops_free(&vm->gpuvm, ops);
		return ERR_PTR(err);
	}

	return ops;
}

/**
 * xe_vm_ops_create - find the steps of a request
 * @vm: the VM; its tree reflects the requests before this one
 * @reqs: requests of the bind
 * @i: which one; &xe_vm_bind_req.ops is set on success
 *
 * Context: VM lock held for writing.
 * Return: 0, or -ENOMEM; -EINTR: signal; -EINVAL: not a range of this address space
 */
int xe_vm_ops_create(struct xe_vm *vm, struct xe_vm_bind_req *reqs, u32 i)
{
	struct xe_vm_bind_req *req = &reqs[i];
	struct drm_gpuvm *gpuvm = &vm->gpuvm;
	struct drm_gpuva_ops *ops;

	switch (req->op) {
	case DRM_XE_VM_BIND_OP_MAP:
	case DRM_XE_VM_BIND_OP_MAP_USERPTR:
		ops = drm_gpuvm_sm_map_ops_create(gpuvm, req->addr, req->range,
						  req->bo ? &req->bo->ttm.base : NULL,
						  req->offset);
		break;
	case DRM_XE_VM_BIND_OP_UNMAP:
		ops = drm_gpuvm_sm_unmap_ops_create(gpuvm, req->addr, req->range);
		break;
	case DRM_XE_VM_BIND_OP_UNMAP_ALL:
		ops = xe_vm_ops_create_unmap_all(vm, reqs, i);
		break;
	case DRM_XE_VM_BIND_OP_PREFETCH:
		ops = drm_gpuvm_prefetch_ops_create(gpuvm, req->addr, req->range);
		break;
	default:
		return -EINVAL;
	}
	if (IS_ERR(ops))
		return PTR_ERR(ops);

	req->ops = ops;

	return 0;
}

static int xe_vm_ops_stage_map(struct xe_vm *vm, struct xe_vm_bind_req *req, struct xe_vma_op *op)
{
	struct xe_vma_attrs attrs = { .pat_index = req->pat_index };
	bool readonly = req->flags & DRM_XE_VM_BIND_FLAG_READONLY;
	struct xe_userptr *up;
	struct xe_vma *vma;
	int err;

	if (readonly)
		attrs.flags |= XE_VMA_READONLY;
	if (req->flags & DRM_XE_VM_BIND_FLAG_DUMPABLE)
		attrs.flags |= XE_VMA_DUMPABLE;
	if (req->flags & DRM_XE_VM_BIND_FLAG_NULL)
		attrs.flags |= DRM_GPUVA_SPARSE;

	vma = xe_vma_create(&op->base.map, &attrs);
	if (!vma)
		return -ENOMEM;

	if (req->op == DRM_XE_VM_BIND_OP_MAP_USERPTR) {
		up = xe_userptr_create(vm, req->offset, req->range, readonly);
		if (IS_ERR(up)) {
			err = PTR_ERR(up);
			goto free_vma;
		}
		vma->userptr = up;
	}

	err = xe_vma_insert(vm, vma);
	if (err)
		goto free_vma;

	op->vma = vma;

	return 0;

free_vma:
	xe_vma_free(vma);
	return err;
}

static bool xe_vma_op_is_busy(struct xe_vm *vm, const struct xe_vma_op *op)
{
	return XE_IOCTL_DBG(vm->xe, xe_vma_is_busy(xe_vma_op_old(op)));
}

static int xe_vm_ops_stage_unmap(struct xe_vm *vm, struct xe_vma_op *op)
{
	if (xe_vma_op_is_busy(vm, op))
		return -EBUSY;

	xe_vma_remove(xe_vma_op_old(op));

	return 0;
}

static int xe_vm_ops_stage_remap(struct xe_vm *vm, struct xe_vma_op *op)
{
	const struct drm_gpuva_op_remap *remap = &op->base.remap;
	struct xe_vma *old = xe_vma_op_old(op);

	if (xe_vma_op_is_busy(vm, op))
		return -EBUSY;

	if (remap->prev) {
		op->prev = xe_vma_create_piece(old, remap->prev);
		if (!op->prev)
			return -ENOMEM;
	}
	if (remap->next) {
		op->next = xe_vma_create_piece(old, remap->next);
		if (!op->next) {
			xe_vma_free(op->prev);
			op->prev = NULL;
			return -ENOMEM;
		}
	}

	/* The pieces lie in the range that @old leaves: they fit. */
	xe_vma_remove(old);
	if (op->prev)
		drm_WARN_ON(&vm->xe->drm, xe_vma_insert(vm, op->prev));
	if (op->next)
		drm_WARN_ON(&vm->xe->drm, xe_vma_insert(vm, op->next));

	return 0;
}

/**
 * xe_vm_ops_stage - apply the steps of a request to the VA tree, reversibly
 * @vm: the VM
 * @req: a request whose steps were created from the tree as it is
 *
 * Context: VM lock held for writing, no reservation held.
 * Return: 0, or
 * -ENOMEM; -EBUSY: a mapping that goes has a user fence that is not written yet;
 * -EFAULT or -EINTR: see xe_userptr_create().
 * After an error the request still has to be unwound.
 */
int xe_vm_ops_stage(struct xe_vm *vm, struct xe_vm_bind_req *req)
{
	struct drm_gpuva_op *base;
	int err = 0;

	drm_gpuva_for_each_op(base, req->ops) {
		struct xe_vma_op *op = to_xe_vma_op(base);

		switch (base->op) {
		case DRM_GPUVA_OP_MAP:
			err = xe_vm_ops_stage_map(vm, req, op);
			break;
		case DRM_GPUVA_OP_UNMAP:
			err = xe_vm_ops_stage_unmap(vm, op);
			break;
		case DRM_GPUVA_OP_REMAP:
			err = xe_vm_ops_stage_remap(vm, op);
			break;
		default:
			break;
		}
		if (err)
			return err;
		op->staged = true;
	}

	return 0;
}

static void xe_vm_ops_undo_new(struct xe_vma **vma)
{
	if (!*vma)
		return;

	if ((*vma)->gpuva.flags & XE_VMA_IN_TREE)
		xe_vma_remove(*vma);
	xe_vma_free(*vma);
	*vma = NULL;
}

static void xe_vm_ops_undo_old(struct xe_vm *vm, struct xe_vma *old)
{
	/* Its range was free while the steps were made and is free again now. */
	if (drm_WARN_ON(&vm->xe->drm, xe_vma_insert(vm, old)))
		xe_vm_ban(vm, "a mapping cannot be put back", -EINVAL);
}

/**
 * xe_vm_ops_unwind - make the VA tree what it was before a request was staged
 * @vm: the VM
 * @req: request, staged completely or in part; later requests have been unwound
 *
 * Context: VM lock held for writing, no reservation held. Allocates nothing, cannot fail.
 */
void xe_vm_ops_unwind(struct xe_vm *vm, struct xe_vm_bind_req *req)
{
	struct drm_gpuva_op *base;

	if (!req->ops)
		return;

	list_for_each_entry_reverse(base, &req->ops->list, entry) {
		struct xe_vma_op *op = to_xe_vma_op(base);

		if (!op->staged)
			continue;
		xe_vm_ops_undo_new(&op->vma);
		xe_vm_ops_undo_new(&op->prev);
		xe_vm_ops_undo_new(&op->next);
		if (base->op == DRM_GPUVA_OP_UNMAP || base->op == DRM_GPUVA_OP_REMAP)
			xe_vm_ops_undo_old(vm, xe_vma_op_old(op));
		op->staged = false;
	}
}

/* A piece takes the place of the mapping it was cut from, also in the queues for a rebind. */
static void xe_vm_ops_commit_piece(struct xe_vm *vm, const struct xe_vma *old, struct xe_vma *piece)
{
	if (!piece)
		return;

	vm->stats.kept++;
	xe_vma_link(piece, old->gpuva.vm_bo);
	if (!list_empty(&old->repin_link))
		list_add_tail(&piece->repin_link, &vm->userptr.repinned);
	if (!list_empty(&old->rebind_link))
		list_add_tail(&piece->rebind_link, &vm->rebind_list);
}

static void xe_vm_ops_commit_old(struct xe_vma *old, struct list_head *garbage)
{
	xe_vma_unlink(old);
	list_add_tail(&old->garbage_link, garbage);
}

static void xe_vm_ops_commit_op(struct xe_vm *vm, struct xe_vma_op *op,
				struct xe_user_fence *ufence, struct list_head *garbage)
{
	struct xe_vma *old = xe_vma_op_old(op);

	vm->stats.steps++;
	switch (op->base.op) {
	case DRM_GPUVA_OP_MAP:
		xe_vma_link(op->vma, op->vm_bo);
		if (ufence)
			op->vma->ufence = xe_user_fence_get(ufence);
		break;
	case DRM_GPUVA_OP_UNMAP:
		xe_vm_ops_commit_old(old, garbage);
		break;
	case DRM_GPUVA_OP_REMAP:
		xe_vm_ops_commit_piece(vm, old, op->prev);
		xe_vm_ops_commit_piece(vm, old, op->next);
		xe_vm_ops_commit_old(old, garbage);
		break;
	case DRM_GPUVA_OP_PREFETCH:
		/* Its entries are rewritten by this very bind. */
		old->gpuva.flags &= ~XE_VMA_UNBACKED;
		list_del_init(&old->repin_link);
		list_del_init(&old->rebind_link);
		break;
	default:
		break;
	}
}

/**
 * xe_vm_ops_commit - make the steps of a request final
 * @vm: the VM
 * @req: a staged request; earlier ones have been committed
 * @ufence: user fence of the bind, which keeps new mappings busy, or NULL
 * @garbage: mappings that are gone are added, to be freed when the GPU has let go of them
 *
 * Context: VM lock held for writing, all reservations held. Allocates nothing, cannot fail.
 */
void xe_vm_ops_commit(struct xe_vm *vm, struct xe_vm_bind_req *req,
		      struct xe_user_fence *ufence, struct list_head *garbage)
{
	struct drm_gpuva_op *base;

	drm_gpuva_for_each_op(base, req->ops)
		xe_vm_ops_commit_op(vm, to_xe_vma_op(base), ufence, garbage);
}

/**
 * xe_vm_ops_free - free the steps of a request
 * @vm: the VM
 * @req: request, committed or unwound
 *
 * Context: any.
 */
void xe_vm_ops_free(struct xe_vm *vm, struct xe_vm_bind_req *req)
{
	if (req->ops)
		drm_gpuva_ops_free(&vm->gpuvm, req->ops);
	req->ops = NULL;
}
