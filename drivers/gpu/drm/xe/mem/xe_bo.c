// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Buffer objects
 *
 * A BO knows its memory, but not who maps it: a private BO shares a reservation
 * object it is given, whoever owns that, and news about its memory go out
 * through &xe_bo_ops.
 *
 * Three kinds share the structure: *user* BOs (handles, mmap, eviction), *imported*
 * BOs (memory of another device), and *kernel* BOs (pinned, mapped for the CPU
 * and mostly in the GGTT as well, from creation to destruction).
 *
 * References: handles, VMs, dma-bufs, CPU mappings of user space and the driver
 * hold GEM references. Those mappings, and work of TTM, hold references of TTM as
 * well; the memory goes when both are gone and all fences have signalled.
 *
 * Locking: the reservation protects placement and pages. The locks of GGTT and
 * TTM's LRU nest inside it.
 */

#include "mem/xe_bo.h"

#include <linux/delay.h>
#include <linux/dma-buf.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include "base/xe_assert.h"
#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "mem/xe_bo_move.h"
#include "mem/xe_bo_purge.h"
#include "mem/xe_dma_buf.h"
#include "mem/xe_ggtt.h"
#include "mem/xe_mem.h"
#include "pt/xe_page_iter.h"

/* Memory that others are just freeing is worth waiting for: about one second. */
#define XE_BO_ALLOC_RETRIES	50
#define XE_BO_ALLOC_RETRY_MS	20

/* PRIME's mmap leaves the GEM object in vm_private_data, where TTM expects its own. */
static_assert(!offsetof(struct ttm_buffer_object, base));

static void xe_bo_ttm_destroy(struct ttm_buffer_object *ttm_bo)
{
	struct xe_bo *bo = ttm_to_xe_bo(ttm_bo);
	struct drm_gem_object *gem = &ttm_bo->base;

	if (gem->import_attach)
		drm_prime_gem_destroy(gem, NULL);
	drm_gem_object_release(gem);
	if (bo->resv_obj)
		drm_gem_object_put(bo->resv_obj);
	if (bo->flags & XE_BO_IMPORTED)
		dma_buf_put(bo->dma_buf);
	xe_mem_untrack(bo);
	kfree(bo);
}

/**
 * xe_bo_release_kernel() - give the memory of a BO back that is out of the GGTT
 * @bo: BO whose last GEM reference has gone
 *
 * Context: sleeps; takes the reservation of @bo.
 */
void xe_bo_release_kernel(struct xe_bo *bo)
{
	if (bo->vaddr) {
		struct iosys_map map = IOSYS_MAP_INIT_VADDR(bo->vaddr);

		dma_resv_lock(bo->ttm.base.resv, NULL);
		ttm_bo_vunmap(&bo->ttm, &map);
		ttm_bo_unpin(&bo->ttm);
		dma_resv_unlock(bo->ttm.base.resv);
	}

	ttm_bo_fini(&bo->ttm);
}

static void xe_bo_gem_free(struct drm_gem_object *gem)
{
	struct xe_bo *bo = to_xe_bo(gem);

	/* As long as somebody may look at the addresses the GGTT keeps it. */
	if (drm_mm_node_allocated(&bo->ggtt_node) && !xe_ggtt_remove_bo(bo->xe->ggtt, bo))
		return;

	xe_bo_release_kernel(bo);
}

static int xe_bo_gem_vmap(struct drm_gem_object *gem, struct iosys_map *map)
{
	struct xe_bo *bo = to_xe_bo(gem);
	int ret;

	ret = xe_bo_pin(bo);
	if (ret)
		return ret;

	ret = ttm_bo_vmap(&bo->ttm, map);
	if (ret)
		xe_bo_unpin(bo);
	return ret;
}

static void xe_bo_gem_vunmap(struct drm_gem_object *gem, struct iosys_map *map)
{
	struct xe_bo *bo = to_xe_bo(gem);

	ttm_bo_vunmap(&bo->ttm, map);
	xe_bo_unpin(bo);
}

static int xe_bo_gem_mmap(struct drm_gem_object *gem, struct vm_area_struct *vma)
{
	int ret;

	/* Reservations are taken before mmap_lock. If the advice changes now, faults will fail. */
	ret = xe_bo_check_needed(to_xe_bo(gem));
	if (ret)
		return ret;

	/* The reference of GEM stays with the mapping until xe_bo_vm_close(). */
	if (!(to_xe_bo(gem)->flags & XE_BO_IMPORTED))
		return ttm_bo_mmap_obj(vma, &to_xe_bo(gem)->ttm);

	/* The exporter maps its own memory, with its own operations. */
	vma->vm_private_data = NULL;
	vma->vm_ops = NULL;
	ret = dma_buf_mmap(to_xe_bo(gem)->dma_buf, vma, 0);
	if (ret)
		return ret;

	/* The mapping holds one of the dma-buf instead. */
	drm_gem_object_put(gem);
	return 0;
}

/* TTM's reference is enough for the memory. One of GEM says that somebody still has the BO. */
static void xe_bo_vm_open(struct vm_area_struct *vma)
{
	drm_gem_vm_open(vma);
	ttm_bo_vm_open(vma);
}

static void xe_bo_vm_close(struct vm_area_struct *vma)
{
	struct ttm_buffer_object *ttm_bo = vma->vm_private_data;

	ttm_bo_vm_close(vma);
	drm_gem_object_put(&ttm_bo->base);
}

static vm_fault_t xe_bo_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct ttm_buffer_object *ttm_bo = vma->vm_private_data;
	vm_fault_t ret;
	int idx;

	ret = ttm_bo_vm_reserve(ttm_bo, vmf);
	if (ret)
		return ret;

	if (xe_bo_check_needed(ttm_to_xe_bo(ttm_bo))) {
		dma_resv_unlock(ttm_bo->base.resv);
		return VM_FAULT_SIGBUS;
	}

	if (drm_dev_enter(ttm_bo->base.dev, &idx)) {
		ret = ttm_bo_vm_fault_reserved(vmf, vma->vm_page_prot, TTM_BO_VM_NUM_PREFAULT);
		drm_dev_exit(idx);
	} else if (ttm_to_xe_bo(ttm_bo)->dma_buf && ttm_bo->resource) {
		/* Other devices may be using it still. */
		ret = ttm_bo_vm_fault_reserved(vmf, vma->vm_page_prot, TTM_BO_VM_NUM_PREFAULT);
	} else {
		ret = ttm_bo_vm_dummy_page(vmf, vma->vm_page_prot);
	}

	/* In this one case TTM has dropped the reservation together with mmap_lock. */
	if (ret == VM_FAULT_RETRY && !(vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		return ret;

	dma_resv_unlock(ttm_bo->base.resv);
	return ret;
}

static const struct vm_operations_struct xe_bo_vm_ops = {
	.fault = xe_bo_vm_fault,
	.open = xe_bo_vm_open,
	.close = xe_bo_vm_close,
	.access = ttm_bo_vm_access,
};

static const struct drm_gem_object_funcs xe_bo_gem_funcs = {
	.free = xe_bo_gem_free,
	.export = xe_dma_buf_export,
	.vmap = xe_bo_gem_vmap,
	.vunmap = xe_bo_gem_vunmap,
	.mmap = xe_bo_gem_mmap,
	.vm_ops = &xe_bo_vm_ops,
};

static struct xe_bo *xe_bo_alloc(struct xe_device *xe, size_t size, u32 flags)
{
	struct xe_bo *bo;

	bo = kzalloc(sizeof(*bo), GFP_KERNEL);
	if (!bo)
		return NULL;

	bo->xe = xe;
	bo->flags = flags;
	drm_gem_private_object_init(&xe->drm, &bo->ttm.base, size);
	bo->ttm.base.funcs = &xe_bo_gem_funcs;
	xe_mem_track(bo);
	return bo;
}

/* Frees the BO on error. With a NULL @resv the BO's own reservation is left locked. */
static int xe_bo_init_locked(struct xe_bo *bo, enum ttm_bo_type type,
			     struct ttm_placement *placement, struct ttm_operation_ctx *ctx,
			     struct dma_resv *resv)
{
	return ttm_bo_init_reserved(&bo->xe->ttm, &bo->ttm, type, placement, 1, ctx, NULL, resv,
				    xe_bo_ttm_destroy);
}

static struct xe_bo *xe_bo_try_create_user(struct xe_device *xe,
					   const struct xe_bo_user_args *args)
{
	struct dma_resv *resv = args->resv_obj ? args->resv_obj->resv : NULL;
	struct ttm_operation_ctx ctx = {
		.interruptible = true,
		.gfp_retry_mayfail = true,
		.allow_res_evict = true,
		.resv = resv,
	};
	struct ttm_placement *placement = &xe_placement_tt;
	struct xe_bo *bo;
	int ret;

	bo = xe_bo_alloc(xe, args->size, args->flags | XE_BO_USER);
	if (!bo)
		return ERR_PTR(-ENOMEM);

	bo->cpu_caching = args->cpu_caching;
	if (args->flags & XE_BO_DEFER_BACKING)
		placement = &xe_placement_system;

	if (resv) {
		ret = xe_inject("bo-lock-reservation", -EINTR) ?:
		      dma_resv_lock_interruptible(resv, NULL);
		if (ret) {
			drm_gem_object_release(&bo->ttm.base);
			xe_mem_untrack(bo);
			kfree(bo);
			return ERR_PTR(ret);
		}
		drm_gem_object_get(args->resv_obj);
		bo->resv_obj = args->resv_obj;
	}

	ret = xe_bo_init_locked(bo, ttm_bo_type_device, placement, &ctx, resv);
	if (!ret)
		ttm_bo_unreserve(&bo->ttm);
	else if (resv)
		dma_resv_unlock(resv);

	return ret ? ERR_PTR(ret) : bo;
}

/**
 * xe_bo_create_user() - create a BO for user space
 * @xe: device
 * @args: what to create; valid values
 *
 * The contents are zero. An offset for mmap() is reserved.
 *
 * Context: sleeps; takes the reservation of @args->resv_obj.
 * Return: the BO, or an error pointer
 * * %-ENOSPC - larger than what is left of the range of mmap offsets
 * * %-ENOMEM - no memory, after eviction and a second of waiting
 * * %-ERESTARTSYS, %-EINTR - signal
 */
struct xe_bo *xe_bo_create_user(struct xe_device *xe, const struct xe_bo_user_args *args)
{
	unsigned int retries = XE_BO_ALLOC_RETRIES;
	struct xe_bo *bo;

	if (args->size >> PAGE_SHIFT > totalram_pages())
		retries = 0;

	while ((bo = xe_bo_try_create_user(xe, args)) == ERR_PTR(-ENOMEM) && retries--) {
		if (msleep_interruptible(XE_BO_ALLOC_RETRY_MS))
			return ERR_PTR(-ERESTARTSYS);
	}

	return bo;
}

/**
 * xe_bo_create_import() - create a BO for memory of another device
 * @xe: device
 * @dma_buf: what to import; the BO takes a reference, because TTM uses the reservation until it
 * destroys the BO, long after the last reference on that is gone
 *
 * The BO gets its memory at the first validation; the caller sets the attachment.
 *
 * Context: sleeps; takes the reservation of @dma_buf.
 * Return: the BO, or an error pointer
 * * %-ENOSPC - larger than what is left of the range of mmap offsets
 * * %-ENOMEM - no memory
 */
struct xe_bo *xe_bo_create_import(struct xe_device *xe, struct dma_buf *dma_buf)
{
	struct dma_resv *resv = dma_buf->resv;
	struct ttm_operation_ctx ctx = {};
	struct xe_bo *bo;
	int ret;

	bo = xe_bo_alloc(xe, dma_buf->size, XE_BO_IMPORTED);
	if (!bo)
		return ERR_PTR(-ENOMEM);

	get_dma_buf(dma_buf);
	bo->dma_buf = dma_buf;

	dma_resv_lock(resv, NULL);
	ret = xe_bo_init_locked(bo, ttm_bo_type_sg, &xe_placement_system, &ctx, resv);
	dma_resv_unlock(resv);

	return ret ? ERR_PTR(ret) : bo;
}

/**
 * xe_bo_create_kernel() - create a BO for the driver itself
 * @xe: device
 * @size: bytes, rounded up to whole pages
 * @flags: XE_BO_GGTT, XE_BO_GGTT_INVALIDATE
 *
 * The BO is zeroed, pinned, CPU mapped (cached) and, if asked for, in the GGTT.
 *
 * Context: sleeps; takes the GGTT lock; may wait for a TLB invalidation.
 * Return: the BO, or an error pointer
 * * %-ENOMEM - no memory
 * * %-ENOSPC - no room in the GGTT
 * * %-ENODEV - device unplugged
 */
struct xe_bo *xe_bo_create_kernel(struct xe_device *xe, size_t size, u32 flags)
{
	struct ttm_operation_ctx ctx = { .gfp_retry_mayfail = true };
	struct iosys_map map;
	struct xe_bo *bo;
	int ret;

	bo = xe_bo_alloc(xe, PAGE_ALIGN(size), flags);
	if (!bo)
		return ERR_PTR(-ENOMEM);

	ret = xe_bo_init_locked(bo, ttm_bo_type_kernel, &xe_placement_tt, &ctx, NULL);
	if (ret)
		return ERR_PTR(ret);

	ret = xe_bo_sgt(bo) ? ttm_bo_vmap(&bo->ttm, &map) : -ENODEV;
	if (!ret) {
		ttm_bo_pin(&bo->ttm);
		bo->vaddr = map.vaddr;
	}
	ttm_bo_unreserve(&bo->ttm);
	if (ret)
		goto put;

	if (flags & XE_BO_GGTT) {
		ret = xe_ggtt_insert_bo(xe->ggtt, bo);
		if (ret)
			goto put;
	}

	return bo;

put:
	xe_bo_put(bo);
	return ERR_PTR(ret);
}

/**
 * xe_bo_destroy_kernel() - destroy a BO of the driver
 * @bo: BO made by xe_bo_create_kernel(), or NULL; the GPU does not use it any more
 *
 * Context: sleeps; takes the GGTT lock; may wait for a TLB invalidation.
 */
void xe_bo_destroy_kernel(struct xe_bo *bo)
{
	xe_bo_put(bo);
}

/**
 * xe_bo_ggtt_clear() - the GPU does not use the GGTT address of a BO any more
 * @bo: kernel BO with XE_BO_GGTT that will be destroyed soon
 *
 * If this is done with several before the first of them is destroyed, one TLB invalidation
 * is enough for all.
 *
 * Context: sleeps; takes the GGTT lock.
 */
void xe_bo_ggtt_clear(struct xe_bo *bo)
{
	xe_ggtt_clear_bo(bo->xe->ggtt, bo);
}

/**
 * xe_bo_ggtt_addr() - GGTT address of a BO
 * @bo: kernel BO with XE_BO_GGTT
 *
 * Return: address, page aligned.
 */
u32 xe_bo_ggtt_addr(const struct xe_bo *bo)
{
	xe_assert(bo->xe, drm_mm_node_allocated(&bo->ggtt_node));
	return bo->ggtt_node.start;
}

/**
 * xe_bo_make_resident() - let a BO have its pages, in the domain where they stay
 * @bo: BO
 * @ctx: how to wait
 *
 * That is all other devices and the CPU need, and goes on working when our device is gone.
 *
 * Context: sleeps; reservation of @bo held.
 * Return: 0, or
 * * %-ENOMEM - no memory, or no space for a swapped-out BO
 * * %-EBUSY - @ctx forbids waiting
 * * %-ERESTARTSYS - signal
 * * %-EINVAL - the BO was purged
 * * other errors of the exporter of an imported BO
 */
int xe_bo_make_resident(struct xe_bo *bo, struct ttm_operation_ctx *ctx)
{
	dma_resv_assert_held(bo->ttm.base.resv);
	if (bo->advice == XE_BO_PURGED)
		return -EINVAL;

	return xe_inject("validate", -ENOMEM) ?: ttm_bo_validate(&bo->ttm, &xe_placement_tt, ctx);
}

/**
 * xe_bo_validate() - make the memory of a BO ready for the GPU
 * @bo: BO
 * @ctx: how to wait
 *
 * Afterwards, and for as long as the reservation is held, the BO has pages, which
 * are mapped for DMA: xe_bo_page_iter() works.
 *
 * Context: sleeps; reservation of @bo held.
 * Return: 0, or
 * * %-ENODEV - device unplugged
 * * an error of xe_bo_make_resident()
 */
int xe_bo_validate(struct xe_bo *bo, struct ttm_operation_ctx *ctx)
{
	int ret;

	ret = xe_bo_make_resident(bo, ctx);
	if (ret)
		return ret;

	return xe_bo_sgt(bo) ? 0 : -ENODEV;
}

/**
 * xe_bo_pin() - make a BO resident and keep it where it is
 * @bo: BO; may be pinned already
 *
 * Context: sleeps; reservation of @bo held.
 * Return: 0, or
 * * %-EINVAL - pinned where the GPU cannot use it
 * * an error of xe_bo_make_resident()
 */
int xe_bo_pin(struct xe_bo *bo)
{
	struct ttm_operation_ctx ctx = { .gfp_retry_mayfail = true };
	int ret;

	ret = xe_bo_make_resident(bo, &ctx);
	if (ret)
		return ret;

	ttm_bo_pin(&bo->ttm);
	return 0;
}

/**
 * xe_bo_unpin() - undo one xe_bo_pin()
 * @bo: pinned BO
 *
 * Context: reservation of @bo held.
 */
void xe_bo_unpin(struct xe_bo *bo)
{
	ttm_bo_unpin(&bo->ttm);
}

/**
 * xe_bo_page_iter() - walk the memory of a BO
 * @bo: BO; validated and its reservation held, or pinned
 * @offset: first byte, multiple of 4 KiB
 * @size: bytes, multiple of 4 KiB; @offset + @size is within the BO
 * @it: iterator to initialise; valid for as long as the BO cannot move
 */
void xe_bo_page_iter(struct xe_bo *bo, u64 offset, u64 size, struct xe_page_iter *it)
{
	struct sg_table *sgt = xe_bo_sgt(bo);

	if (!bo->ttm.pin_count)
		dma_resv_assert_held(bo->ttm.base.resv);

	if (drm_WARN_ON(&bo->xe->drm, !sgt)) {
		*it = (struct xe_page_iter){};
		return;
	}

	xe_page_iter_init_sgt(it, sgt, xe_bo_page_index(bo), offset, size);
}

static int xe_bo_read_own(struct xe_bo *bo, u64 offset, void *dst, size_t size)
{
	struct ttm_bo_kmap_obj map;
	bool is_iomem;
	int ret = 0;
	size_t at;

	dma_resv_lock(bo->ttm.base.resv, NULL);
	if (!bo->ttm.ttm || !bo->ttm.resource)
		ret = -ENXIO;

	for (at = 0; !ret && at < size; at += PAGE_SIZE) {
		ret = ttm_bo_kmap(&bo->ttm, (offset + at) >> PAGE_SHIFT, 1, &map);
		if (ret)
			break;
		memcpy(dst + at, ttm_kmap_obj_virtual(&map, &is_iomem), PAGE_SIZE);
		ttm_bo_kunmap(&map);
	}
	dma_resv_unlock(bo->ttm.base.resv);

	return ret;
}

static int xe_bo_read_imported(struct xe_bo *bo, u64 offset, void *dst, size_t size)
{
	struct iosys_map map;
	int ret;

	ret = dma_buf_begin_cpu_access(bo->dma_buf, DMA_FROM_DEVICE);
	if (ret)
		return ret;

	ret = dma_buf_vmap_unlocked(bo->dma_buf, &map);
	if (!ret) {
		iosys_map_memcpy_from(dst, &map, offset, size);
		dma_buf_vunmap_unlocked(bo->dma_buf, &map);
	}
	dma_buf_end_cpu_access(bo->dma_buf, DMA_FROM_DEVICE);

	return ret;
}

/**
 * xe_bo_read() - copy a part of the contents, wherever they are
 * @bo: BO of user space
 * @offset: first byte, multiple of the page size
 * @dst: where to
 * @size: bytes, multiple of the page size; @offset + @size is within the BO
 *
 * Memory that was swapped out comes back. The GPU is not waited for.
 *
 * Context: sleeps; takes the reservation of @bo, or what the exporter of an import wants.
 * Return: 0, or
 * * %-ENOMEM - no memory
 * * %-ENXIO - the BO has no memory any more
 * * %-ENODEV - device unplugged
 * * an error of the exporter
 */
int xe_bo_read(struct xe_bo *bo, u64 offset, void *dst, size_t size)
{
	if (bo->flags & XE_BO_IMPORTED)
		return xe_bo_read_imported(bo, offset, dst, size);

	return xe_bo_read_own(bo, offset, dst, size);
}
