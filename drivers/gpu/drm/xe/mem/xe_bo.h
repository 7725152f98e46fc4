/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_BO_H_
#define _XE_BO_H_

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/types.h>

#include <drm/drm_gem.h>
#include <drm/drm_mm.h>
#include <drm/ttm/ttm_bo.h>

struct dma_buf;
struct ttm_operation_ctx;
struct xe_device;
struct xe_page_iter;

/* Map the BO in the GGTT (kernel BOs only). */
#define XE_BO_GGTT			BIT(0)
/* Invalidate GGTT translations whenever the mapping comes or goes. */
#define XE_BO_GGTT_INVALIDATE		BIT(1)
/* Get no pages before the first validation or CPU fault. */
#define XE_BO_DEFER_BACKING		BIT(2)
/* A display may read the BO. */
#define XE_BO_SCANOUT			BIT(3)
/* Made for user space; set by xe_bo_create_user(). */
#define XE_BO_USER			BIT(4)
/* Memory belongs to another device's dma-buf; set by the import. */
#define XE_BO_IMPORTED			BIT(5)

/**
 * enum xe_bo_advice - whether the contents of a BO are needed, see xe_bo_purge.c
 * @XE_BO_WILLNEED: yes, or nobody has said anything
 * @XE_BO_DONTNEED: they may go when memory is short
 * @XE_BO_PURGED: they have gone, and do not come back
 */
enum xe_bo_advice {
	XE_BO_WILLNEED,
	XE_BO_DONTNEED,
	XE_BO_PURGED,
};

/**
 * struct xe_bo - a buffer object
 *
 * All memory is system memory so far. A BO that the GPU may use is in TTM's TT
 * domain, one that lost its GPU mappings is in TTM's SYSTEM domain and may be
 * swapped out. Pages are DMA mapped for as long as they exist.
 */
struct xe_bo {
	/** @ttm: base; its GEM object is the handle's object */
	struct ttm_buffer_object ttm;

	/** @xe: device */
	struct xe_device *xe;

	/** @flags: XE_BO_*; constant after creation */
	u32 flags;

	/**
	 * @cpu_caching: DRM_XE_GEM_CPU_CACHING_*, or 0 for BOs that user space
	 * did not create (kernel BOs are cached, imports follow their exporter);
	 * constant
	 */
	u16 cpu_caching;

	/**
	 * @resv_obj: owner of the shared reservation object, referenced; NULL if
	 * the BO has a reservation of its own. Constant
	 */
	struct drm_gem_object *resv_obj;

	/**
	 * @dma_buf: of an imported BO: the dma-buf it was made of, which owns its
	 * reservation (reference, constant). Else the dma-buf that was exported,
	 * NULL if there is none; not referenced, cleared under the reservation
	 * when it goes away
	 */
	struct dma_buf *dma_buf;

	/** @ggtt_node: GGTT range; protected by the lock of the GGTT */
	struct drm_mm_node ggtt_node;

	/**
	 * @ggtt_cleared: 0 while the GGTT range leads to the BO; then the number of the first
	 * invalidation after which nobody reaches it any more; lock of the GGTT
	 */
	u64 ggtt_cleared;

	/** @ggtt_stale: freed, but for translations that may be in use; lock of the GGTT */
	bool ggtt_stale;

	/** @vaddr: CPU mapping of a kernel BO, else NULL; constant */
	void *vaddr;

	/** @n_mappings: GPU mappings in all VMs; protected by the reservation */
	unsigned int n_mappings;

	/** @n_dontneed: those of @n_mappings that are advised not to be needed */
	unsigned int n_dontneed;

	/** @advice: what follows from that; may be read without the reservation */
	enum xe_bo_advice advice;

	/** @mem_link: in the lists of &struct xe_mem, from creation to destruction */
	struct list_head mem_link;
};

/**
 * struct xe_bo_ops - calls from BOs up to whoever maps them
 *
 * Registered once, in &xe_device.bo_ops, before the device is visible.
 */
struct xe_bo_ops {
	/**
	 * @invalidate: the memory of the BO is about to move or to go away
	 *
	 * Called with the reservation held, after all its fences have signalled.
	 * GPU mappings must not be used again before the next
	 * xe_bo_validate(). Must not fail and must not allocate memory.
	 *
	 * @evict: true when TTM takes the memory away, false when the exporter
	 * of an imported BO moved it
	 */
	void (*invalidate)(struct xe_bo *bo, bool evict);
};

/**
 * struct xe_bo_user_args - what xe_bo_create_user() makes
 */
struct xe_bo_user_args {
	/** @size: bytes, multiple of the page size, not 0 */
	u64 size;

	/** @flags: XE_BO_DEFER_BACKING, XE_BO_SCANOUT */
	u32 flags;

	/** @cpu_caching: DRM_XE_GEM_CPU_CACHING_* */
	u16 cpu_caching;

	/**
	 * @resv_obj: object whose reservation the BO shares (the r_obj of a VM for
	 * a private BO), not locked by the caller; NULL for an external BO
	 */
	struct drm_gem_object *resv_obj;
};

/**
 * to_xe_bo() - BO of a GEM object
 * @gem: GEM object of this driver
 *
 * Return: the BO that embeds @gem.
 */
static inline struct xe_bo *to_xe_bo(const struct drm_gem_object *gem)
{
	return container_of(gem, struct xe_bo, ttm.base);
}

/**
 * ttm_to_xe_bo() - BO of a TTM object
 * @ttm: TTM object of this driver
 *
 * Return: the BO that embeds @ttm.
 */
static inline struct xe_bo *ttm_to_xe_bo(const struct ttm_buffer_object *ttm)
{
	return container_of(ttm, struct xe_bo, ttm);
}

/**
 * xe_bo_get() - take a reference
 * @bo: BO
 *
 * Return: @bo.
 */
static inline struct xe_bo *xe_bo_get(struct xe_bo *bo)
{
	drm_gem_object_get(&bo->ttm.base);
	return bo;
}

/**
 * xe_bo_put() - drop a reference
 * @bo: BO or NULL
 *
 * Context: may sleep when it drops the last reference.
 */
static inline void xe_bo_put(struct xe_bo *bo)
{
	if (bo)
		drm_gem_object_put(&bo->ttm.base);
}

/**
 * xe_bo_size() - size of a BO
 * @bo: BO
 *
 * Return: bytes.
 */
static inline size_t xe_bo_size(const struct xe_bo *bo)
{
	return bo->ttm.base.size;
}

/**
 * xe_bo_vaddr() - CPU address of a kernel BO
 * @bo: BO made by xe_bo_create_kernel()
 *
 * Return: cached mapping of the whole BO, valid until the BO is destroyed.
 */
static inline void *xe_bo_vaddr(const struct xe_bo *bo)
{
	return bo->vaddr;
}

/**
 * xe_bo_is_private_to() - does a BO belong to one address space?
 * @bo: BO
 * @r_obj: reservation owner of the address space
 *
 * Return: true if @bo shares the reservation of @r_obj.
 */
static inline bool xe_bo_is_private_to(const struct xe_bo *bo,
				       const struct drm_gem_object *r_obj)
{
	return bo->resv_obj && bo->resv_obj == r_obj;
}

u32 xe_bo_ggtt_addr(const struct xe_bo *bo);

struct xe_bo *xe_bo_create_user(struct xe_device *xe, const struct xe_bo_user_args *args);
struct xe_bo *xe_bo_create_import(struct xe_device *xe, struct dma_buf *dma_buf);
struct xe_bo *xe_bo_create_kernel(struct xe_device *xe, size_t size, u32 flags);
void xe_bo_ggtt_clear(struct xe_bo *bo);
void xe_bo_destroy_kernel(struct xe_bo *bo);
void xe_bo_release_kernel(struct xe_bo *bo);

int xe_bo_validate(struct xe_bo *bo, struct ttm_operation_ctx *ctx);
int xe_bo_make_resident(struct xe_bo *bo, struct ttm_operation_ctx *ctx);
int xe_bo_pin(struct xe_bo *bo);
void xe_bo_unpin(struct xe_bo *bo);
void xe_bo_page_iter(struct xe_bo *bo, u64 offset, u64 size, struct xe_page_iter *it);
int xe_bo_read(struct xe_bo *bo, u64 offset, void *dst, size_t size);

#endif
