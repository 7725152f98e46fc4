// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Memory of the device
 *
 * Ties the device to TTM. User space may hold mappings and dma-bufs after the
 * driver was unbound, so TTM stays alive until the DRM device is released; when
 * the driver is unbound only the DMA mappings go, and with them the contents.
 */

#include "mem/xe_mem.h"

#include <linux/dma-mapping.h>
#include <linux/mm.h>

#include <drm/drm_device.h>
#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_resource.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "mem/xe_bo_move.h"
#include "mem/xe_bo_purge.h"
#include "mem/xe_ttm_sys.h"

/**
 * struct xe_mem - memory managers of one device
 */
struct xe_mem {
	/** @sys: manager of system memory the GPU may use */
	struct ttm_resource_manager sys;
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
 * xe_mem_fini() - give up all DMA mappings
 * @xe: device, unplugged or never registered
 *
 * The GPU is stopped and every kernel BO destroyed. User BOs lose their pages;
 * CPU mappings of them must already be gone, a later fault meets a dummy page.
 *
 * Context: remove, and the error path of probe. Does nothing if xe_mem_init() has
 * not succeeded.
 */
void xe_mem_fini(struct xe_device *xe)
{
	xe_bo_purge_fini(xe);
	if (!xe->mem)
		return;

	drain_workqueue(xe->ttm.wq);
	unmap_mapping_range(xe->ttm.dev_mapping, 0, 0, 1);
	ttm_device_clear_dma_mappings(&xe->ttm);
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
