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
 * All steps of a bind come from one pool, no allocation for a simple bind and a few for a whole
 * array, and go together.
 *
 * Locking: the VM lock for writing, throughout. Commit needs the reservations of all BOs involved.
 */

#include "vm/xe_vm_ops.h"

#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_compat.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "submit/xe_sync.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/* Memory of further steps: allocations of a bind of one request begin small. */
#define XE_VM_OPS_CHUNK_MIN	256
#define XE_VM_OPS_CHUNK_MAX	SZ_4K

/**
 * struct xe_vm_ops_chunk - part of a pool
 */
struct xe_vm_ops_chunk {
	/** @next: chunk that was full when this one was made */
	struct xe_vm_ops_chunk *next;
	/** @data: steps, one after the other */
	u64 data[];
};

/**
 * struct xe_vma_op_remap - a step that cuts, and what its base class points to
 */
struct xe_vma_op_remap {
	/** @op: base class */
	struct xe_vma_op op;
	/** @prev: piece below */
	struct drm_gpuva_op_map prev;
	/** @next: piece above */
	struct drm_gpuva_op_map next;
	/** @unmap: the mapping that is cut */
	struct drm_gpuva_op_unmap unmap;
};

/**
 * struct xe_vm_ops_sink - where the steps of a request go
 */
struct xe_vm_ops_sink {
	/** @pool: memory */
	struct xe_vm_ops_pool *pool;
	/** @req: the request */
	struct xe_vm_bind_req *req;
};

/**
 * xe_vm_ops_pool_init - begin to make steps
 * @pool: memory to initialise
 * @n_reqs: number of requests of the bind
 *
 * Context: any.
 */
void xe_vm_ops_pool_init(struct xe_vm_ops_pool *pool, u32 n_reqs)
{
	*pool = (struct xe_vm_ops_pool) {
		.chunk_size = n_reqs > 1 ? XE_VM_OPS_CHUNK_MAX : XE_VM_OPS_CHUNK_MIN,
		.left = sizeof(pool->first),
	};
	pool->free = pool->first;
}

/**
 * xe_vm_ops_pool_fini - free all steps of a bind
 * @pool: the pool
 *
 * Context: any.
 */
void xe_vm_ops_pool_fini(struct xe_vm_ops_pool *pool)
{
	struct xe_vm_ops_chunk *chunk, *next;

	for (chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		kfree(chunk);
	}
	pool->chunks = NULL;
}

static_assert(sizeof(struct xe_vma_op_remap) <=
	      XE_VM_OPS_CHUNK_MIN - sizeof(struct xe_vm_ops_chunk));
static_assert(2 * sizeof(struct xe_vma_op) <= sizeof_field(struct xe_vm_ops_pool, first));
static_assert(IS_ALIGNED(sizeof(struct xe_vma_op), sizeof(u64)));

/* Zeroed memory, NULL if there is none. */
static void *xe_vm_ops_pool_alloc(struct xe_vm_ops_pool *pool, size_t size)
{
	struct xe_vm_ops_chunk *chunk;
	void *p;

	if (pool->left < size) {
		chunk = kzalloc(pool->chunk_size, GFP_KERNEL_ACCOUNT);
		if (!chunk)
			return NULL;
		chunk->next = pool->chunks;
		pool->chunks = chunk;
		pool->free = chunk->data;
		pool->left = pool->chunk_size - sizeof(*chunk);
		pool->chunk_size = min_t(size_t, 2 * pool->chunk_size, XE_VM_OPS_CHUNK_MAX);
	}

	p = pool->free;
	pool->free += size;
	pool->left -= size;

	return p;
}

/**
 * xe_vm_ops_step - take a step of the core's algorithm down
 * @base: the step, on the stack of the core
 * @priv: &struct xe_vm_ops_sink
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM
 */
int xe_vm_ops_step(struct drm_gpuva_op *base, void *priv)
{
	bool remap = base->op == DRM_GPUVA_OP_REMAP;
	struct xe_vm_ops_sink *sink = priv;
	struct xe_vma_op_remap *r;
	struct xe_vma_op *op;

	op = xe_vm_ops_pool_alloc(sink->pool, remap ? sizeof(*r) : sizeof(*op));
	if (!op)
		return -ENOMEM;

	op->base = *base;
	if (remap) {
		r = container_of(op, struct xe_vma_op_remap, op);
		r->unmap = *base->remap.unmap;
		op->base.remap.unmap = &r->unmap;
		if (base->remap.prev) {
			r->prev = *base->remap.prev;
			op->base.remap.prev = &r->prev;
		}
		if (base->remap.next) {
			r->next = *base->remap.next;
			op->base.remap.next = &r->next;
		}
	}
	list_add_tail(&op->base.entry, &sink->req->ops.list);

	return 0;
}

/* Add an unmap step for @vma unless it is something else's or already gone. */
static int xe_vm_ops_add_unmap(struct xe_vm_ops_sink *sink, struct xe_vma *vma)
{
	struct drm_gpuva_op step = { .op = DRM_GPUVA_OP_UNMAP };

	if (!vma || vma->gpuva.gem.obj != &sink->req->bo->ttm.base ||
	    !(vma->gpuva.flags & XE_VMA_IN_TREE))
		return 0;
	step.unmap.va = &vma->gpuva;

	return xe_vm_ops_step(&step, sink);
}

/* The BO's own list knows committed mappings only, also those that are staged for removal... */
static int xe_vm_ops_add_committed(struct xe_vm_ops_sink *sink, struct xe_vm *vm)
{
	struct drm_gem_object *obj = &sink->req->bo->ttm.base;
	struct drm_gpuvm_bo *vm_bo;
	struct drm_gpuva *va;
	int err;

	err = xe_inject("lock-unmapped", -EINTR) ?: dma_resv_lock_interruptible(obj->resv, NULL);
	if (err)
		return err;

	vm_bo = drm_gpuvm_bo_find(&vm->gpuvm, obj);
	if (vm_bo) {
		drm_gpuvm_bo_for_each_va(va, vm_bo) {
			err = xe_vm_ops_add_unmap(sink, to_xe_vma(va));
			if (err)
				break;
		}
		/* Not the last reference: its mappings hold one each. */
		drm_gpuvm_bo_put(vm_bo);
	}
	dma_resv_unlock(obj->resv);

	return err;
}

/* ... and there is what earlier requests of the same bind have staged. */
static int xe_vm_ops_add_staged(struct xe_vm_ops_sink *sink, const struct xe_vm_bind_req *reqs,
				u32 n_reqs)
{
	struct drm_gpuva_op *base;
	int err = 0;
	u32 i;

	for (i = 0; i < n_reqs && !err; i++) {
		/* Quadratic in the length of an array of nothing but these. */
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();

		drm_gpuva_for_each_op(base, &reqs[i].ops) {
			const struct xe_vma_op *op = to_xe_vma_op(base);

			err = xe_vm_ops_add_unmap(sink, op->vma) ?:
			      xe_vm_ops_add_unmap(sink, op->prev) ?:
			      xe_vm_ops_add_unmap(sink, op->next);
			if (err)
				break;
		}
	}

	return err;
}

static int xe_vm_ops_add_map(struct xe_vm_ops_sink *sink, struct xe_vm *vm)
{
	const struct xe_vm_bind_req *req = sink->req;
	const struct drm_gpuvm_map_req map = {
		.map.va.addr = req->addr,
		.map.va.range = req->range,
		.map.gem.obj = req->bo ? &req->bo->ttm.base : NULL,
		.map.gem.offset = req->offset,
	};

	return drm_gpuvm_sm_map(&vm->gpuvm, sink, &map);
}

static int xe_vm_ops_add_prefetch(struct xe_vm_ops_sink *sink, struct xe_vm *vm)
{
	struct drm_gpuva_op step = { .op = DRM_GPUVA_OP_PREFETCH };
	const struct xe_vm_bind_req *req = sink->req;
	struct drm_gpuva *va;
	int err;

	drm_gpuvm_for_each_va_range(va, &vm->gpuvm, req->addr, req->addr + req->range) {
		step.prefetch.va = va;
		err = xe_vm_ops_step(&step, sink);
		if (err)
			return err;
	}

	return 0;
}

/**
 * xe_vm_ops_create - find the steps of a request
 * @vm: the VM; its tree reflects the requests before this one
 * @pool: memory of the steps, also after an error
 * @reqs: requests of the bind
 * @i: which one; its &xe_vm_bind_req.ops, an empty list, is filled
 *
 * Context: VM lock held for writing.
 * Return: 0, or -ENOMEM; -EINTR: signal; -EINVAL: not a range of this address space.
 * After an error the steps there are say nothing, and none is staged.
 */
int xe_vm_ops_create(struct xe_vm *vm, struct xe_vm_ops_pool *pool, struct xe_vm_bind_req *reqs,
		     u32 i)
{
	struct xe_vm_bind_req *req = &reqs[i];
	struct xe_vm_ops_sink sink = { .pool = pool, .req = req };

	switch (req->op) {
	case DRM_XE_VM_BIND_OP_MAP:
	case DRM_XE_VM_BIND_OP_MAP_USERPTR:
		return xe_vm_ops_add_map(&sink, vm);
	case DRM_XE_VM_BIND_OP_UNMAP:
		return drm_gpuvm_sm_unmap(&vm->gpuvm, &sink, req->addr, req->range);
	case DRM_XE_VM_BIND_OP_UNMAP_ALL:
		return xe_vm_ops_add_committed(&sink, vm) ?: xe_vm_ops_add_staged(&sink, reqs, i);
	case DRM_XE_VM_BIND_OP_PREFETCH:
		return xe_vm_ops_add_prefetch(&sink, vm);
	default:
		return -EINVAL;
	}
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

/* That is for the caller to refuse, who has to look at other things first. */
static void xe_vm_ops_note_busy(struct xe_vm *vm, struct xe_vm_bind_req *req,
				const struct xe_vma_op *op)
{
	if (xe_inject("busy", -EBUSY) || XE_IOCTL_DBG(vm->xe, xe_vma_is_busy(xe_vma_op_old(op))))
		req->busy = true;
}

static int xe_vm_ops_stage_remap(struct xe_vm *vm, struct xe_vma_op *op)
{
	const struct drm_gpuva_op_remap *remap = &op->base.remap;
	struct xe_vma *old = xe_vma_op_old(op);

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
 * @req: a request whose steps were created from the tree as it is; &xe_vm_bind_req.busy is set if
 * it must not be committed
 *
 * Context: VM lock held for writing, no reservation held.
 * Return: 0, or
 * -ENOMEM;
 * -EFAULT or -EINTR: see xe_userptr_create().
 * After an error the request still has to be unwound.
 */
int xe_vm_ops_stage(struct xe_vm *vm, struct xe_vm_bind_req *req)
{
	struct drm_gpuva_op *base;
	int err = 0;

	drm_gpuva_for_each_op(base, &req->ops) {
		struct xe_vma_op *op = to_xe_vma_op(base);

		switch (base->op) {
		case DRM_GPUVA_OP_MAP:
			err = xe_vm_ops_stage_map(vm, req, op);
			break;
		case DRM_GPUVA_OP_UNMAP:
			xe_vm_ops_note_busy(vm, req, op);
			xe_vma_remove(xe_vma_op_old(op));
			break;
		case DRM_GPUVA_OP_REMAP:
			xe_vm_ops_note_busy(vm, req, op);
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

	list_for_each_entry_reverse(base, &req->ops.list, entry) {
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
	/* Since the piece was made, an earlier request of the bind may have found the backing. */
	if (!(old->gpuva.flags & XE_VMA_UNBACKED))
		piece->gpuva.flags &= ~XE_VMA_UNBACKED;
	xe_vma_link(piece, old->gpuva.vm_bo);
	if (!list_empty(&old->stale_link))
		list_add_tail(&piece->stale_link, &vm->userptr.stale);
	if (!list_empty(&old->rebind_link))
		list_add_tail(&piece->rebind_link, &vm->rebind_list);
}

static void xe_vm_ops_commit_old(struct xe_vma *old, struct list_head *garbage)
{
	xe_vma_unlink(old);
	list_add_tail(&old->garbage_link, garbage);
}

static void xe_vm_ops_commit_op(struct xe_vm *vm, struct xe_vm_bind_req *req, struct xe_vma_op *op,
				struct xe_user_fence *ufence, struct list_head *garbage)
{
	struct xe_vma *old = xe_vma_op_old(op);

	vm->stats.steps++;
	if (old) {
		req->stale |= xe_vma_is_stale(old);
		req->old_userptr |= !!old->userptr;
	}
	switch (op->base.op) {
	case DRM_GPUVA_OP_MAP:
		xe_vma_link(op->vma, op->vm_bo);
		/* Not the last reference: the mapping has one now. */
		drm_gpuvm_bo_put(op->vm_bo);
		op->vm_bo = NULL;
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
		list_del_init(&old->stale_link);
		list_del_init(&old->rebind_link);
		break;
	default:
		break;
	}
}

/**
 * xe_vm_ops_commit - make the steps of a request final
 * @vm: the VM
 * @req: a staged request; earlier ones have been committed. &xe_vm_bind_req.stale and
 * &xe_vm_bind_req.old_userptr are set if they hold
 * @ufence: user fence of the bind, which keeps new mappings busy, or NULL
 * @garbage: mappings that are gone are added, to be freed when the GPU has let go of them
 *
 * Context: VM lock held for writing, all reservations held. Allocates nothing, cannot fail.
 */
void xe_vm_ops_commit(struct xe_vm *vm, struct xe_vm_bind_req *req,
		      struct xe_user_fence *ufence, struct list_head *garbage)
{
	struct drm_gpuva_op *base;

	drm_gpuva_for_each_op(base, &req->ops)
		xe_vm_ops_commit_op(vm, req, to_xe_vma_op(base), ufence, garbage);
}
