// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Where the memory of a BO is
 *
 * A BO is in one of two TTM domains::
 *
 *            validate                     populate
 *   SYSTEM -------------> TT      empty -------------> pages, DMA mapped
 *          <-------------               <-------------
 *            evict, swap out,             swap out, destroy
 *            exporter moved
 *
 * TT means that GPU mappings may exist. On the way out of TT all fences of the
 * BO are waited for, importers of the BO are told to forget their mappings, and
 * &xe_bo_ops.invalidate tells the layers above to forget theirs. Page tables are
 * not touched: no job runs before its BOs are validated and mapped afresh.
 *
 * Pages are mapped for DMA as long as they exist, in either domain, and the
 * device does. The table of an imported BO belongs to its exporter and exists in
 * TT only.
 *
 * Locking: everything here runs under the reservation of the BO.
 */

#include "mem/xe_bo_move.h"

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include <drm/drm_drv.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_pool.h>
#include <drm/ttm/ttm_tt.h>
#include <uapi/drm/xe_drm.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "mem/xe_bo_purge.h"
#include "pt/xe_page_index.h"

/**
 * struct xe_tt - backing memory of a BO
 */
struct xe_tt {
	/** @base: TTM's part: the pages */
	struct ttm_tt base;

	/** @own: DMA mapping of @base's pages, valid if @sgt points to it */
	struct sg_table own;

	/** @sgt: current DMA mapping: @own, or the exporter's; NULL if there is none */
	struct sg_table *sgt;

	/** @index: index of @sgt, NULL if it has none */
	struct xe_page_index *index;
};

static const struct ttm_place place_system = { .mem_type = TTM_PL_SYSTEM };
static const struct ttm_place place_tt = { .mem_type = TTM_PL_TT };

/* TTM takes placements without const, but only reads them. */
struct ttm_placement xe_placement_system = { .num_placement = 1, .placement = &place_system };
struct ttm_placement xe_placement_tt = { .num_placement = 1, .placement = &place_tt };

static struct xe_tt *to_xe_tt(struct ttm_tt *tt)
{
	return container_of(tt, struct xe_tt, base);
}

/**
 * xe_bo_sgt() - DMA mapping of a BO
 * @bo: BO, its reservation held or the BO pinned
 *
 * Return: the scatter table of the whole BO, or NULL if it has no pages now.
 */
struct sg_table *xe_bo_sgt(const struct xe_bo *bo)
{
	return bo->ttm.ttm ? to_xe_tt(bo->ttm.ttm)->sgt : NULL;
}

/**
 * xe_bo_page_index() - index of the DMA mapping of a BO
 * @bo: BO, its reservation held or the BO pinned
 *
 * Return: the index, or NULL if xe_bo_sgt() is short, or there was no memory for it.
 */
const struct xe_page_index *xe_bo_page_index(const struct xe_bo *bo)
{
	return bo->ttm.ttm ? to_xe_tt(bo->ttm.ttm)->index : NULL;
}

static void xe_tt_set_sgt(struct xe_tt *tt, struct sg_table *sgt)
{
	tt->sgt = sgt;
	tt->index = xe_page_index_create(sgt);
}

static void xe_tt_clear_sgt(struct xe_tt *tt)
{
	xe_page_index_free(tt->index);
	tt->index = NULL;
	tt->sgt = NULL;
}

static struct ttm_tt *xe_tt_create(struct ttm_buffer_object *ttm_bo, u32 page_flags)
{
	struct xe_bo *bo = ttm_to_xe_bo(ttm_bo);
	enum ttm_caching caching = ttm_cached;
	struct xe_tt *tt;
	int ret;

	/* What can never have all its pages must not push everything else out of memory first. */
	if (!(page_flags & TTM_TT_FLAG_EXTERNAL) && PFN_UP(xe_bo_size(bo)) > totalram_pages())
		return NULL;

	tt = kzalloc(sizeof(*tt), GFP_KERNEL);
	if (!tt)
		return NULL;

	if (bo->cpu_caching == DRM_XE_GEM_CPU_CACHING_WC)
		caching = ttm_write_combined;

	if (page_flags & TTM_TT_FLAG_EXTERNAL) {
		ret = ttm_sg_tt_init(&tt->base, ttm_bo, page_flags, caching);
	} else {
		/* TTM asks for this for user BOs only; firmware data wants it as much. */
		page_flags |= TTM_TT_FLAG_ZERO_ALLOC;
		ret = ttm_tt_init(&tt->base, ttm_bo, page_flags, caching, 0);
	}
	if (ret) {
		kfree(tt);
		return NULL;
	}

	return &tt->base;
}

static void xe_tt_destroy(struct ttm_device *ttm_dev, struct ttm_tt *ttm)
{
	ttm_tt_fini(ttm);
	kfree(to_xe_tt(ttm));
}

static int xe_tt_map(struct xe_tt *tt, struct device *dev)
{
	/* A segment must also fit a bounce buffer, where those are in use. */
	size_t max_segment = min_t(size_t, dma_max_mapping_size(dev), UINT_MAX);
	int ret;

	ret = sg_alloc_table_from_pages_segment(&tt->own, tt->base.pages, tt->base.num_pages, 0,
						(u64)tt->base.num_pages << PAGE_SHIFT,
						ALIGN_DOWN(max_segment, PAGE_SIZE), GFP_KERNEL);
	if (ret)
		return ret;

	ret = xe_inject("map-bo", -ENOMEM) ?:
	      dma_map_sgtable(dev, &tt->own, DMA_BIDIRECTIONAL, 0);
	if (ret) {
		sg_free_table(&tt->own);
		return ret;
	}

	xe_tt_set_sgt(tt, &tt->own);
	return 0;
}

/* The share of RAM from which on a BO is looked at before memory for it is asked for: a 16th */
#define XE_TT_LARGE_SHIFT	4

/*
 * The page allocator finds out that there is too little only when nothing is left, not even the
 * text of programs, and who needs a page by then has a process killed. So what cannot be is not
 * tried. The kernel does not know of all that could be given back, a file system may have caches
 * of its own: what is not large is left to the allocator.
 */
static bool xe_tt_is_too_large(struct xe_device *xe, const struct ttm_tt *ttm)
{
	if (ttm->num_pages < totalram_pages() >> XE_TT_LARGE_SHIFT)
		return false;

	return ttm->num_pages > si_mem_available() + get_nr_swap_pages() +
				xe_bo_purgeable_pages(xe);
}

static int xe_tt_populate(struct ttm_device *ttm_dev, struct ttm_tt *ttm,
			  struct ttm_operation_ctx *ctx)
{
	struct xe_device *xe = ttm_to_xe_device(ttm_dev);
	int ret, idx;

	if (ttm->page_flags & TTM_TT_FLAG_EXTERNAL)
		return 0;
	if (xe_tt_is_too_large(xe, ttm))
		return -ENOMEM;

	ret = ttm_pool_alloc(&ttm_dev->pool, ttm, ctx);
	if (ret)
		return ret;

	/* An exported BO may outlive the binding of the device. Importers need its pages only. */
	if (!drm_dev_enter(&xe->drm, &idx))
		return 0;

	ret = xe_tt_map(to_xe_tt(ttm), xe->drm.dev);
	if (ret)
		ttm_pool_free(&ttm_dev->pool, ttm);
	drm_dev_exit(idx);

	return ret;
}

static void xe_tt_unmap(struct xe_tt *tt, struct device *dev)
{
	if (!tt->sgt)
		return;

	xe_tt_clear_sgt(tt);
	dma_unmap_sgtable(dev, &tt->own, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&tt->own);
}

static void xe_tt_unpopulate(struct ttm_device *ttm_dev, struct ttm_tt *ttm)
{
	if (ttm->page_flags & TTM_TT_FLAG_EXTERNAL)
		return;

	xe_tt_unmap(to_xe_tt(ttm), ttm_to_xe_device(ttm_dev)->drm.dev);
	ttm_pool_free(&ttm_dev->pool, ttm);
}

static int xe_bo_import_map(struct xe_bo *bo)
{
	struct dma_buf_attachment *attach = bo->ttm.base.import_attach;
	struct xe_tt *tt = to_xe_tt(bo->ttm.ttm);
	struct sg_table *sgt;
	long left;
	int idx;

	if (!attach)
		return -ENXIO;

	if (!drm_dev_enter(&bo->xe->drm, &idx))
		return -ENODEV;
	sgt = dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL);
	drm_dev_exit(idx);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);

	/* The exporter may still be moving the contents to where @sgt points. */
	left = dma_resv_wait_timeout(bo->ttm.base.resv, DMA_RESV_USAGE_KERNEL, false,
				     MAX_SCHEDULE_TIMEOUT);
	if (left < 0) {
		dma_buf_unmap_attachment(attach, sgt, DMA_BIDIRECTIONAL);
		return left;
	}

	xe_tt_set_sgt(tt, sgt);
	return 0;
}

static void xe_bo_import_unmap(struct xe_bo *bo)
{
	struct ttm_tt *ttm = bo->ttm.ttm;
	struct xe_tt *tt;

	if (!ttm)
		return;

	tt = to_xe_tt(ttm);
	if (!tt->sgt)
		return;

	dma_buf_unmap_attachment(bo->ttm.base.import_attach, tt->sgt, DMA_BIDIRECTIONAL);
	xe_tt_clear_sgt(tt);
}

/**
 * xe_bo_unmap_dma() - undo the DMA mapping of a BO for good: the device goes away
 * @bo: BO; the device does not use its memory any more
 *
 * Context: sleeps; reservation of @bo held. Waits for no fence.
 */
void xe_bo_unmap_dma(struct xe_bo *bo)
{
	dma_resv_assert_held(bo->ttm.base.resv);

	if (bo->ttm.type == ttm_bo_type_sg)
		xe_bo_import_unmap(bo);
	else if (bo->ttm.ttm)
		xe_tt_unmap(to_xe_tt(bo->ttm.ttm), bo->xe->drm.dev);
}

/* The BO is idle and leaves TT: nobody may use its addresses any more. */
static void xe_bo_leave_tt(struct xe_bo *bo, bool evict)
{
	struct xe_device *xe = bo->xe;
	struct dma_buf *dma_buf = READ_ONCE(bo->dma_buf);

	if (xe->bo_ops)
		xe->bo_ops->invalidate(bo, evict);

	if (bo->ttm.type == ttm_bo_type_sg)
		xe_bo_import_unmap(bo);
	else if (dma_buf)
		dma_buf_invalidate_mappings(dma_buf);
}

/*
 * The fence of a long-running queue does something only when it is waited for: have all queues
 * preempted at the same time, rather than one after the other.
 */
static void xe_bo_enable_signaling(struct ttm_buffer_object *ttm_bo)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_for_each_fence(&cursor, ttm_bo->base.resv, DMA_RESV_USAGE_BOOKKEEP, fence)
		dma_fence_enable_sw_signaling(fence);
}

static bool ttm_bo_is_in(const struct ttm_buffer_object *bo, u32 mem_type)
{
	return bo->resource && bo->resource->mem_type == mem_type;
}

static int xe_bo_move(struct ttm_buffer_object *ttm_bo, bool evict, struct ttm_operation_ctx *ctx,
		      struct ttm_resource *new_mem, struct ttm_place *hop)
{
	struct xe_bo *bo = ttm_to_xe_bo(ttm_bo);
	int ret;

	if (new_mem->mem_type == TTM_PL_TT) {
		if (ttm_bo->type == ttm_bo_type_sg && !ttm_bo_is_in(ttm_bo, TTM_PL_TT)) {
			ret = xe_bo_import_map(bo);
			if (ret)
				return ret;
		}
	} else if (ttm_bo_is_in(ttm_bo, TTM_PL_TT)) {
		if (!ctx->no_wait_gpu)
			xe_bo_enable_signaling(ttm_bo);
		ret = ttm_bo_wait_ctx(ttm_bo, ctx);
		if (ret)
			return ret;

		xe_bo_leave_tt(bo, evict);
	}

	ttm_bo_move_null(ttm_bo, new_mem);
	return 0;
}

static void xe_bo_evict_flags(struct ttm_buffer_object *ttm_bo, struct ttm_placement *placement)
{
	*placement = xe_placement_system;
}

static void xe_bo_delete_mem_notify(struct ttm_buffer_object *ttm_bo)
{
	if (ttm_bo->type == ttm_bo_type_sg)
		xe_bo_import_unmap(ttm_to_xe_bo(ttm_bo));
}

/* The BO is idle and about to be swapped out. If there is nothing left then, TTM lets it be. */
static void xe_bo_swap_notify(struct ttm_buffer_object *ttm_bo)
{
	xe_bo_purge(ttm_to_xe_bo(ttm_bo));
}

/* What TTM calls in this driver. */
const struct ttm_device_funcs xe_ttm_funcs = {
	.ttm_tt_create = xe_tt_create,
	.ttm_tt_populate = xe_tt_populate,
	.ttm_tt_unpopulate = xe_tt_unpopulate,
	.ttm_tt_destroy = xe_tt_destroy,
	.eviction_valuable = ttm_bo_eviction_valuable,
	.evict_flags = xe_bo_evict_flags,
	.move = xe_bo_move,
	.delete_mem_notify = xe_bo_delete_mem_notify,
	.swap_notify = xe_bo_swap_notify,
};
