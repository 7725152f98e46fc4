// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Sharing BOs with other devices
 *
 * Exported BOs are mapped for the importer from their own pages, and are in the
 * TT domain for as long as an importer that cannot cope with moves uses them.
 * Imported BOs are dynamic: the exporter may move them, then the GPU mappings
 * are given up and made again at the next use.
 *
 * When our device goes away, what it has imported is detached. What it has exported is
 * plain memory, which stays for importers on other devices: they may go on, map
 * it and pin it, for as long as they hold the dma-buf.
 *
 * Locking: callbacks run under the reservation of the dma-buf, which is the
 * reservation of the BO on both sides.
 */

#include "mem/xe_dma_buf.h"

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_prime.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_tt.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "mem/xe_bo_move.h"
#include "mem/xe_bo_purge.h"

static int xe_dma_buf_pin(struct dma_buf_attachment *attach)
{
	return xe_bo_pin(to_xe_bo(attach->dmabuf->priv));
}

static void xe_dma_buf_unpin(struct dma_buf_attachment *attach)
{
	xe_bo_unpin(to_xe_bo(attach->dmabuf->priv));
}

static struct sg_table *xe_dma_buf_map(struct dma_buf_attachment *attach,
				       enum dma_data_direction dir)
{
	struct xe_bo *bo = to_xe_bo(attach->dmabuf->priv);
	struct ttm_operation_ctx ctx = { .gfp_retry_mayfail = true };
	struct sg_table *sgt;
	int ret;

	ret = xe_bo_make_resident(bo, &ctx);
	if (ret)
		return ERR_PTR(ret);

	sgt = drm_prime_pages_to_sg(&bo->xe->drm, bo->ttm.ttm->pages, bo->ttm.ttm->num_pages);
	if (IS_ERR(sgt))
		return sgt;

	ret = dma_map_sgtable(attach->dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret) {
		sg_free_table(sgt);
		kfree(sgt);
		return ERR_PTR(ret);
	}

	return sgt;
}

static void xe_dma_buf_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			     enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(sgt);
	kfree(sgt);
}

static void xe_dma_buf_release(struct dma_buf *dma_buf)
{
	struct xe_bo *bo = to_xe_bo(dma_buf->priv);

	dma_resv_lock(bo->ttm.base.resv, NULL);
	if (bo->dma_buf == dma_buf)
		WRITE_ONCE(bo->dma_buf, NULL);
	/* Advice that was not followed as long as others had it is now. */
	xe_bo_count_mappings(bo, 0, 0);
	dma_resv_unlock(bo->ttm.base.resv);

	drm_gem_dmabuf_release(dma_buf);
}

static const struct dma_buf_ops xe_dma_buf_ops = {
	.pin = xe_dma_buf_pin,
	.unpin = xe_dma_buf_unpin,
	.map_dma_buf = xe_dma_buf_map,
	.unmap_dma_buf = xe_dma_buf_unmap,
	.release = xe_dma_buf_release,
	.mmap = drm_gem_dmabuf_mmap,
	.vmap = drm_gem_dmabuf_vmap,
	.vunmap = drm_gem_dmabuf_vunmap,
};

/**
 * xe_dma_buf_export() - make a dma-buf of a BO
 * @gem: GEM object of the BO, not imported
 * @flags: DRM_CLOEXEC, DRM_RDWR
 *
 * Context: sleeps.
 * Return: the dma-buf, or an error pointer
 * * %-EPERM - the BO is private to a VM: its reservation covers other BOs too
 * * %-EBUSY, %-EINVAL - its contents are not needed, or were purged
 * * an error of drm_gem_prime_export()
 */
struct dma_buf *xe_dma_buf_export(struct drm_gem_object *gem, int flags)
{
	struct xe_bo *bo = to_xe_bo(gem);
	struct dma_buf *dma_buf;
	int ret;

	if (XE_IOCTL_DBG(bo->xe, bo->resv_obj))
		return ERR_PTR(-EPERM);

	dma_buf = drm_gem_prime_export(gem, flags);
	if (IS_ERR(dma_buf))
		return dma_buf;

	dma_buf->ops = &xe_dma_buf_ops;
	/*
	 * Importers are told about moves for as long as they are attached. The pointer in the GEM
	 * object is gone when the last handle is. What is exported is not purged.
	 */
	dma_resv_lock(gem->resv, NULL);
	ret = xe_bo_check_needed(bo);
	if (!ret)
		WRITE_ONCE(bo->dma_buf, dma_buf);
	dma_resv_unlock(gem->resv);

	if (XE_IOCTL_DBG(bo->xe, ret)) {
		dma_buf_put(dma_buf);
		return ERR_PTR(ret);
	}

	return dma_buf;
}

static void xe_dma_buf_invalidate(struct dma_buf_attachment *attach)
{
	struct xe_bo *bo = to_xe_bo(attach->importer_priv);
	struct ttm_operation_ctx ctx = {};
	int ret;

	/* Between the end of its memory and its own a BO is still attached. It must get none. */
	if (!bo->ttm.resource)
		return;

	/* Returns with EBUSY when a job is stuck; its time-out ends that. */
	do {
		ret = ttm_bo_validate(&bo->ttm, &xe_placement_system, &ctx);
	} while (ret == -EBUSY);

	drm_WARN(&bo->xe->drm, ret, "imported BO kept its mapping over a move: %pe\n",
		 ERR_PTR(ret));
}

static const struct dma_buf_attach_ops xe_dma_buf_attach_ops = {
	.allow_peer2peer = false,
	.invalidate_mappings = xe_dma_buf_invalidate,
};

static struct drm_gem_object *dma_buf_attach_bo(struct xe_device *xe, struct dma_buf *dma_buf)
{
	struct dma_buf_attachment *attach;
	struct xe_bo *bo;

	bo = xe_bo_create_import(xe, dma_buf);
	if (IS_ERR(bo))
		return ERR_CAST(bo);

	attach = dma_buf_dynamic_attach(dma_buf, xe->drm.dev, &xe_dma_buf_attach_ops,
					&bo->ttm.base);
	if (IS_ERR(attach)) {
		xe_bo_put(bo);
		return ERR_CAST(attach);
	}

	get_dma_buf(dma_buf);
	bo->ttm.base.import_attach = attach;
	return &bo->ttm.base;
}

/**
 * xe_dma_buf_import() - make a BO of a dma-buf
 * @drm: DRM device
 * @dma_buf: dma-buf of any device
 *
 * A dma-buf of this device gives the BO it was exported from.
 *
 * Context: sleeps; takes the reservation of @dma_buf.
 * Return: the GEM object with a new reference, or an error pointer
 * * %-EINVAL - not a number of whole pages
 * * %-ENODEV - device unplugged
 * * %-ENOMEM, %-ENOSPC - see xe_bo_create_import()
 * * an error of dma_buf_dynamic_attach()
 */
struct drm_gem_object *xe_dma_buf_import(struct drm_device *drm, struct dma_buf *dma_buf)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_gem_object *gem;
	int idx;

	if (dma_buf->ops == &xe_dma_buf_ops) {
		gem = dma_buf->priv;

		if (gem->dev == drm) {
			drm_gem_object_get(gem);
			return gem;
		}
	}

	/* GEM objects consist of whole pages; the core takes anything else for a bug of ours. */
	if (XE_IOCTL_DBG(xe, !dma_buf->size || !PAGE_ALIGNED(dma_buf->size)))
		return ERR_PTR(-EINVAL);

	/* Removing the device detaches what is attached by then. */
	if (!drm_dev_enter(drm, &idx))
		return ERR_PTR(-ENODEV);
	gem = dma_buf_attach_bo(xe, dma_buf);
	drm_dev_exit(idx);

	return gem;
}

/**
 * xe_dma_buf_detach() - let go of another device's memory, for ours goes away
 * @bo: imported BO; the GPU does not use it any more
 *
 * The exporter undoes its mappings for our device. The dma-buf stays with the BO.
 *
 * Context: sleeps; takes the core's lock of GEM names, and the reservation of @bo.
 */
void xe_dma_buf_detach(struct xe_bo *bo)
{
	struct drm_gem_object *gem = &bo->ttm.base;
	struct dma_buf_attachment *attach;

	/* The core looks at the attachment under its lock, we do under the reservation. */
	mutex_lock(&gem->dev->object_name_lock);
	dma_resv_lock(gem->resv, NULL);
	xe_bo_unmap_dma(bo);
	attach = gem->import_attach;
	gem->import_attach = NULL;
	dma_resv_unlock(gem->resv);
	mutex_unlock(&gem->dev->object_name_lock);

	if (attach) {
		dma_buf_detach(bo->dma_buf, attach);
		dma_buf_put(bo->dma_buf);
	}
}
