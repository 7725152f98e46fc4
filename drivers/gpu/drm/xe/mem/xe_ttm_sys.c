// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: System memory manager
 *
 * Manager of TTM's TT domain: system memory that the GPU may use. There is no
 * aperture to run out of, since every address space has page tables of its own,
 * so an allocation only counts bytes. What limits the domain is TTM's page
 * limit, which pushes BOs out to the SYSTEM domain and to swap.
 *
 * Locking: the count belongs to TTM, under the LRU lock of the TTM device.
 */

#include "mem/xe_ttm_sys.h"

#include <linux/slab.h>

#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_resource.h>

#include "base/xe_device.h"
#include "base/xe_print.h"

static int sys_alloc(struct ttm_resource_manager *man, struct ttm_buffer_object *bo,
		     const struct ttm_place *place, struct ttm_resource **out)
{
	struct ttm_resource *res;

	res = kzalloc(sizeof(*res), GFP_KERNEL);
	if (!res)
		return -ENOMEM;

	ttm_resource_init(bo, place, res);
	*out = res;
	return 0;
}

static void sys_free(struct ttm_resource_manager *man, struct ttm_resource *res)
{
	ttm_resource_fini(man, res);
	kfree(res);
}

static const struct ttm_resource_manager_func sys_manager_func = {
	.alloc = sys_alloc,
	.free = sys_free,
};

/**
 * xe_ttm_sys_init() - offer the TT domain
 * @xe: device, its TTM device initialised
 * @man: manager to initialise
 * @size: bytes to report as the size of the domain
 *
 * Context: probe.
 */
void xe_ttm_sys_init(struct xe_device *xe, struct ttm_resource_manager *man, u64 size)
{
	man->use_tt = true;
	man->func = &sys_manager_func;
	ttm_resource_manager_init(man, &xe->ttm, size);
	ttm_set_driver_manager(&xe->ttm, TTM_PL_TT, man);
	ttm_resource_manager_set_used(man, true);
}

/**
 * xe_ttm_sys_fini() - withdraw the TT domain
 * @xe: device
 * @man: manager
 *
 * Context: release of the device; no BO is left.
 */
void xe_ttm_sys_fini(struct xe_device *xe, struct ttm_resource_manager *man)
{
	u64 usage = ttm_resource_manager_usage(man);

	drm_WARN(&xe->drm, usage, "%llu bytes of system memory leaked\n", usage);
	ttm_resource_manager_set_used(man, false);
	ttm_resource_manager_cleanup(man);
	ttm_set_driver_manager(&xe->ttm, TTM_PL_TT, NULL);
}
