// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Memory of the device
 *
 * Ties the device to TTM. User space may hold mappings and dma-bufs after the
 * driver was unbound, so TTM stays alive until the DRM device is released; when
 * the driver is unbound only the DMA mappings go, of both directions: those of our
 * pages for the device, and those of other devices' pages, which imports hold.
 *
 * Pages that were exported stay as long as their BO, because the mapping of an
 * importer is none of ours and may be in use. Other BOs lose pages and contents.
 *
 * Therefore every BO is on a list from before it gets memory until it is freed. TTM
 * could be asked for its BOs instead, but not while others drop their last
 * references: in Linux 6.12 ttm_device_clear_dma_mappings() spins on such a BO,
 * holding the lock that whoever frees it waits for.
 *
 * A BO that nobody has any more may have to wait for another device that uses its
 * memory. TTM has a reference of its own on it then, and so can we: our mapping of
 * it is of no use to others.
 *
 * Locking: the list has a spinlock, inside of everything.
 */

#include "mem/xe_mem.h"

#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include <drm/drm_device.h>
#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_resource.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "mem/xe_bo.h"
#include "mem/xe_bo_move.h"
#include "mem/xe_bo_purge.h"
#include "mem/xe_dma_buf.h"
#include "mem/xe_ttm_sys.h"

/* How long somebody may take to free a BO, in jiffies; without memory TTM waits for its fences */
#define XE_MEM_FINI_PATIENCE	(40 * HZ)

/**
 * struct xe_mem - memory managers of one device
 */
struct xe_mem {
	/** @sys: manager of system memory the GPU may use */
	struct ttm_resource_manager sys;

	/** @lock: protects the lists */
	spinlock_t lock;

	/** @bos: BOs whose memory the device may use */
	struct list_head bos;

	/** @detached: BOs that xe_mem_fini() has dealt with */
	struct list_head detached;
};

static void xe_mem_release(struct drm_device *drm, void *arg)
{
	struct xe_device *xe = to_xe_device(drm);
	struct xe_mem *mem = arg;

	/* BOs whose last reference went away may still wait for their fences. */
	drain_workqueue(xe->ttm.wq);
	xe_ttm_sys_fini(xe, &mem->sys);
	ttm_device_fini(&xe->ttm);
}

/**
 * xe_mem_init() - make BOs possible
 * @xe: device; its DMA mask is set
 *
 * Context: probe.
 * Return: 0, or
 * * %-ENOMEM - no memory
 */
int xe_mem_init(struct xe_device *xe)
{
	struct drm_device *drm = &xe->drm;
	struct sysinfo si;
	struct xe_mem *mem;
	int ret;

	mem = drmm_kzalloc(drm, sizeof(*mem), GFP_KERNEL);
	if (!mem)
		return -ENOMEM;

	spin_lock_init(&mem->lock);
	INIT_LIST_HEAD(&mem->bos);
	INIT_LIST_HEAD(&mem->detached);

	/* Released after the last BO. */
	ret = xe_bo_purge_init(xe);
	if (ret)
		return ret;

	/* The hardware has no limit; the default of PCI devices is 64 KiB. */
	dma_set_max_seg_size(drm->dev, UINT_MAX);

	ret = ttm_device_init(&xe->ttm, &xe_ttm_funcs, drm->dev, drm->anon_inode->i_mapping,
			      drm->vma_offset_manager, 0);
	if (ret)
		return ret;

	/* Half of memory is what TTM lets pages grow to before it swaps. */
	si_meminfo(&si);
	xe_ttm_sys_init(xe, &mem->sys, ((u64)si.totalram * si.mem_unit) >> 1);

	ret = drmm_add_action_or_reset(drm, xe_mem_release, mem);
	if (ret)
		return ret;

	xe->mem = mem;
	return 0;
}

/**
 * xe_mem_track() - let the removal of the device find a BO
 * @bo: BO that has no memory yet; its TTM part is zeroed or initialised
 *
 * Context: any that may not be interrupted.
 */
void xe_mem_track(struct xe_bo *bo)
{
	struct xe_mem *mem = bo->xe->mem;

	spin_lock(&mem->lock);
	list_add_tail(&bo->mem_link, &mem->bos);
	spin_unlock(&mem->lock);
}

/**
 * xe_mem_untrack() - a BO is about to be freed
 * @bo: BO without DMA mappings
 *
 * Context: any that may not be interrupted.
 */
void xe_mem_untrack(struct xe_bo *bo)
{
	struct xe_mem *mem = bo->xe->mem;

	spin_lock(&mem->lock);
	list_del(&bo->mem_link);
	spin_unlock(&mem->lock);
}

/*
 * A BO that has to be detached, with a reference of TTM; NULL if there is none. @left: whether
 * there are BOs without a reference to take: somebody is just freeing them. None is being made, as
 * calls that make BOs keep the device from being unplugged.
 */
static struct xe_bo *mem_next_bo(struct xe_mem *mem, bool *left)
{
	struct xe_bo *bo, *found = NULL;

	spin_lock(&mem->lock);
	list_for_each_entry(bo, &mem->bos, mem_link) {
		if (kref_get_unless_zero(&bo->ttm.kref)) {
			list_move_tail(&bo->mem_link, &mem->detached);
			found = bo;
			break;
		}
	}
	*left = !list_empty(&mem->bos);
	spin_unlock(&mem->lock);

	return found;
}

/* What nobody else shares cannot be seen by anybody without the device. */
static void mem_drop_pages(struct xe_bo *bo)
{
	struct ttm_placement nowhere = {};
	struct ttm_operation_ctx ctx = {};

	if (!xe_bo_may_be_purged(bo) || bo->ttm.pin_count || !bo->ttm.resource ||
	    !dma_resv_test_signaled(bo->ttm.base.resv, DMA_RESV_USAGE_BOOKKEEP))
		return;

	/* It may have been exported until just now, and mapped since the device was unplugged. */
	ttm_bo_unmap_virtual(&bo->ttm);
	drm_WARN_ON(&bo->xe->drm, ttm_bo_validate(&bo->ttm, &nowhere, &ctx));
}

static void mem_detach_bo(struct xe_bo *bo)
{
	if (bo->flags & XE_BO_IMPORTED) {
		xe_dma_buf_detach(bo);
		return;
	}

	dma_resv_lock(bo->ttm.base.resv, NULL);
	xe_bo_unmap_dma(bo);
	mem_drop_pages(bo);
	dma_resv_unlock(bo->ttm.base.resv);
}

/**
 * xe_mem_fini() - give up all DMA mappings
 * @xe: device, unplugged or never registered
 *
 * The GPU is stopped. Fences are not waited for: what other devices do with memory that is shared
 * is their business. A CPU fault on what is not shared meets a dummy page.
 *
 * Context: remove, and the error path of probe. Does nothing if xe_mem_init() has
 * not succeeded.
 */
void xe_mem_fini(struct xe_device *xe)
{
	unsigned long give_up = jiffies + XE_MEM_FINI_PATIENCE;
	struct xe_bo *bo;
	bool left;

	xe_bo_purge_fini(xe);
	if (!xe->mem)
		return;

	unmap_mapping_range(xe->ttm.dev_mapping, 0, 0, 1);

	while ((bo = mem_next_bo(xe->mem, &left)) || left) {
		if (!bo && time_after(jiffies, give_up)) {
			drm_err(&xe->drm, "memory is still being freed\n");
			break;
		}
		if (!bo) {
			/* Nobody says when they are done, but it does not take long. */
			schedule_timeout_uninterruptible(1);
			continue;
		}
		mem_detach_bo(bo);
		ttm_bo_fini(&bo->ttm);
	}
}

/**
 * xe_mem_sys_used() - system memory in use by BOs the GPU may access
 * @xe: device
 *
 * Return: bytes, a snapshot.
 */
u64 xe_mem_sys_used(struct xe_device *xe)
{
	return ttm_resource_manager_usage(&xe->mem->sys);
}

/**
 * xe_mem_sys_total() - system memory BOs may use
 * @xe: device
 *
 * Return: bytes.
 */
u64 xe_mem_sys_total(struct xe_device *xe)
{
	return xe->mem->sys.size;
}

/**
 * xe_mem_sys_dump() - print the state of the system memory manager
 * @xe: device
 * @p: where to
 */
void xe_mem_sys_dump(struct xe_device *xe, struct drm_printer *p)
{
	ttm_resource_manager_debug(&xe->mem->sys, p);
}
