// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Mappings
 *
 * Life of a mapping: made while a bind is staged, put in the VA tree at once (so that later
 * operations of the same bind see it), linked to its backing at commit. A mapping that goes away
 * leaves the tree while staged and its backing at commit; it is freed when the fence of the update
 * that empties its entries has signalled. Until then it keeps the memory alive::
 *
 *	create -> insert -> link -> (mapped) -> remove -> unlink -> free
 *	             \________________________/
 *	              undone by remove / insert as long as nothing is committed
 *
 * Locking: the tree and &xe_userptr.vmas belong to the VM lock held for writing; links to BOs need
 * the reservations of the VM and of the BO as well.
 */

#include "vm/xe_vma.h"

#include <linux/build_bug.h>
#include <linux/slab.h>

#include "base/xe_compat.h"
#include "mem/xe_bo.h"
#include "mem/xe_bo_purge.h"
#include "submit/xe_sync.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"

/* drm_gpuva.flags is an enum, hence an int: the sign bit is not ours. */
static_assert(((u64)DRM_GPUVA_USERBITS << (XE_VMA_N_FLAGS - 1)) <= BIT_ULL(30));
static_assert((DRM_GPUVA_USERBITS << (XE_VMA_N_FLAGS - 1)) == XE_VMA_DONTNEED);
static_assert(!(XE_VMA_INHERITED & XE_VMA_IN_TREE));

static struct xe_vma *xe_vma_alloc(const struct drm_gpuva_op_map *op, u32 flags, u16 pat_index)
{
	struct xe_vma *vma;

	vma = kzalloc(sizeof(*vma), GFP_KERNEL_ACCOUNT);
	if (!vma)
		return NULL;

	drm_gpuva_init_from_op(&vma->gpuva, op);
	vma->gpuva.flags = flags;
	vma->pat_index = pat_index;
	INIT_LIST_HEAD(&vma->gpuva.gem.entry);
	INIT_LIST_HEAD(&vma->userptr_link);
	INIT_LIST_HEAD(&vma->stale_link);
	INIT_LIST_HEAD(&vma->rebind_link);
	INIT_LIST_HEAD(&vma->garbage_link);

	return vma;
}

/**
 * xe_vma_create - make a mapping a user asked for
 * @op: address, range, BO (may be NULL) and offset
 * @attrs: attributes
 *
 * Context: may sleep.
 * Return: the mapping, not in any tree, or NULL if there is no memory
 */
struct xe_vma *xe_vma_create(const struct drm_gpuva_op_map *op, const struct xe_vma_attrs *attrs)
{
	return xe_vma_alloc(op, attrs->flags, attrs->pat_index);
}

/**
 * xe_vma_create_piece - make what is left of a mapping that is cut
 * @old: the mapping; everything but address, range and offset is inherited
 * @op: address, range, BO and offset of the piece
 *
 * Context: may sleep.
 * Return: the piece, not in any tree, or NULL if there is no memory
 */
struct xe_vma *xe_vma_create_piece(const struct xe_vma *old, const struct drm_gpuva_op_map *op)
{
	struct xe_vma *vma;

	vma = xe_vma_alloc(op, old->gpuva.flags & XE_VMA_INHERITED, old->pat_index);
	if (vma && old->userptr)
		vma->userptr = xe_userptr_get(old->userptr);

	return vma;
}

/**
 * xe_vma_free - free a mapping that is neither in the tree nor linked
 * @vma: the mapping, or NULL. The GPU cannot reach it any more
 *
 * Context: may sleep and wait for an MMU notifier; no reservation held.
 */
void xe_vma_free(struct xe_vma *vma)
{
	if (!vma)
		return;

	xe_userptr_put(vma->userptr);
	if (vma->ufence)
		xe_user_fence_put(vma->ufence);
	if (vma->held_obj)
		drm_gem_object_put(vma->held_obj);
	kfree(vma);
}

/**
 * xe_vma_insert - put a mapping in the VA tree
 * @vm: the VM
 * @vma: the mapping; its range is free
 *
 * Context: VM lock held for writing. Allocates nothing.
 * Return: 0; -EEXIST or -EINVAL if the range is not free or not in the address space, which no
 * caller lets happen
 */
int xe_vma_insert(struct xe_vm *vm, struct xe_vma *vma)
{
	int err;

	lockdep_assert_held_write(&vm->lock);

	err = drm_gpuva_insert(&vm->gpuvm, &vma->gpuva);
	if (!err)
		vma->gpuva.flags |= XE_VMA_IN_TREE;

	return err;
}

/**
 * xe_vma_remove - take a mapping out of the VA tree
 * @vma: the mapping
 *
 * Context: VM lock held for writing, and a reference on the VM. Allocates nothing.
 */
void xe_vma_remove(struct xe_vma *vma)
{
	lockdep_assert_held_write(&to_xe_vm(vma->gpuva.vm)->lock);

	drm_gpuva_remove(&vma->gpuva);
	vma->gpuva.flags &= ~XE_VMA_IN_TREE;
}

static void xe_vma_count(const struct xe_vma *vma, int n)
{
	xe_bo_count_mappings(to_xe_bo(vma->gpuva.gem.obj), n,
			     vma->gpuva.flags & XE_VMA_DONTNEED ? n : 0);
}

/**
 * xe_vma_link - tie a mapping to its backing
 * @vma: a mapping that was inserted
 * @vm_bo: VM and BO pair, NULL if there is no BO
 *
 * Context: VM lock held for writing, reservations of VM and BO held. Allocates nothing.
 */
void xe_vma_link(struct xe_vma *vma, struct drm_gpuvm_bo *vm_bo)
{
	if (vma->userptr)
		list_add_tail(&vma->userptr_link, &vma->userptr->vmas);

	if (vm_bo) {
		drm_gpuva_link(&vma->gpuva, vm_bo);
		drm_gpuvm_bo_extobj_add(vm_bo);
		xe_vma_count(vma, 1);
	}
}

/**
 * xe_vma_unlink - untie a mapping from its backing
 * @vma: a linked mapping
 *
 * A reference on the BO moves to the mapping: neither may the object go away below its own
 * reservation, nor its memory before the GPU lets go of it.
 *
 * Context: VM lock held for writing, reservations of VM and BO held. Allocates nothing.
 */
void xe_vma_unlink(struct xe_vma *vma)
{
	list_del_init(&vma->userptr_link);
	list_del_init(&vma->stale_link);
	list_del_init(&vma->rebind_link);

	if (vma->gpuva.vm_bo) {
		vma->held_obj = vma->gpuva.gem.obj;
		drm_gem_object_get(vma->held_obj);
		xe_vma_count(vma, -1);
		drm_gpuva_unlink(&vma->gpuva);
	}
}

/**
 * xe_vma_is_busy - whether a mapping must not be unmapped yet
 * @vma: the mapping
 *
 * Context: VM lock held.
 * Return: true if the user fence of the bind that made it has not been written
 */
bool xe_vma_is_busy(const struct xe_vma *vma)
{
	return vma->ufence && !xe_user_fence_done(vma->ufence);
}

/**
 * xe_vma_is_stale - whether the entries of a mapping may name memory that it has lost
 * @vma: a linked mapping
 *
 * A page set that the notifier has hit is not seen until somebody has taken note of it, see
 * xe_userptr_any_invalidated().
 *
 * Context: VM lock held for writing, reservations of VM and BO held.
 * Return: true if the next job would have them rewritten first
 */
bool xe_vma_is_stale(const struct xe_vma *vma)
{
	const struct drm_gpuvm_bo *vm_bo = vma->gpuva.vm_bo;

	return !list_empty(&vma->stale_link) || !list_empty(&vma->rebind_link) ||
	       (vm_bo && vm_bo->evicted) ||
	       (vma->userptr && !list_empty(&vma->userptr->repin_link));
}

/**
 * xe_vma_pages - walk the backing of a mapping
 * @vma: the mapping; a BO has been validated, a userptr pinned
 * @it: out: iterator
 *
 * Context: reservation of the BO, if there is one, held.
 */
void xe_vma_pages(const struct xe_vma *vma, struct xe_page_iter *it)
{
	const struct drm_gpuva *va = &vma->gpuva;

	if (va->gem.obj)
		xe_bo_page_iter(to_xe_bo(va->gem.obj), va->gem.offset, va->va.range, it);
	else if (vma->userptr)
		xe_userptr_pages(vma->userptr, va->gem.offset, va->va.range, it);
	else
		xe_page_iter_init_null(it, va->va.range);
}

/**
 * xe_vma_pte_attrs - attributes of the page-table entries of a mapping
 * @vma: the mapping
 *
 * Context: any.
 * Return: the attributes
 */
struct xe_pte_attrs xe_vma_pte_attrs(const struct xe_vma *vma)
{
	return (struct xe_pte_attrs) {
		.pat_index = vma->pat_index,
		.writable = !(vma->gpuva.flags & XE_VMA_READONLY),
		.null = xe_vma_is_null(vma),
	};
}
