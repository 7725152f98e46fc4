// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Purgeable objects
 *
 * User space may say that it does not need the contents of a BO for now. The memory of such a BO
 * is the first to go when memory is short: it is given back at once, instead of being swapped out::
 *
 *               last mapping advised              memory short
 *	WILLNEED ----------------------> DONTNEED ----------------> PURGED
 *	         <----------------------
 *	          any mapping needed again
 *
 * The advice is given by mapping. A BO may go when all its mappings, in all VMs, say so; mappings
 * are counted for that, so that binds do not search. Without any mapping the last state stays.
 * PURGED is for ever: who still wants the contents has to make a new BO.
 *
 * A BO that others know of, through a dma-buf, is never purged.
 *
 * What purges is a shrinker of the kernel, which never waits and takes only idle BOs, and TTM, when
 * it is about to swap one out.
 *
 * Locking: advice and counts belong to the reservation of the BO. The mutex of the list of
 * candidates nests inside it and is taken in reclaim: nothing is allocated under it.
 */

#include "mem/xe_bo_purge.h"

#include <linux/shrinker.h>

#include <drm/drm_gem.h>
#include <drm/drm_managed.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"

/**
 * struct xe_bo_purge - what a device could do without
 */
struct xe_bo_purge {
	/** @candidates: BOs in state DONTNEED */
	struct drm_gem_lru candidates;
	/** @shrinker: ours; NULL when the device is going away */
	struct shrinker *shrinker;
};

/**
 * xe_bo_purgeable_pages() - how much memory could be had by purging?
 * @xe: device
 *
 * Context: any, after xe_bo_purge_init(). The number may be outdated at once.
 * Return: pages of the BOs in state DONTNEED, in use or not
 */
unsigned long xe_bo_purgeable_pages(struct xe_device *xe)
{
	/* The core changes it under a lock that nothing else here needs, and by plain writes. */
	long pages = data_race(READ_ONCE(xe->purge->candidates.count));

	return max(pages, 0L);
}

static unsigned long purge_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return xe_bo_purgeable_pages(shrinker->private_data) ?: SHRINK_EMPTY;
}

static bool purge_if_idle(XE_GEM_LRU_SHRINK_ARGS)
{
	if (!dma_resv_test_signaled(gem->resv, DMA_RESV_USAGE_BOOKKEEP))
		return false;

	return xe_bo_purge(to_xe_bo(gem));
}

static unsigned long purge_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct xe_device *xe = shrinker->private_data;
	unsigned long freed, remaining = 0;

	freed = drm_gem_lru_scan(&xe->drm, &xe->purge->candidates, sc->nr_to_scan, &remaining,
				 purge_if_idle, NULL);

	return freed ?: SHRINK_STOP;
}

/**
 * xe_bo_purge_init() - make purgeable BOs possible
 * @xe: device
 *
 * Context: probe, before the first BO.
 * Return: 0, or
 * * %-ENOMEM - no memory
 */
int xe_bo_purge_init(struct xe_device *xe)
{
	struct xe_bo_purge *purge;

	purge = drmm_kzalloc(&xe->drm, sizeof(*purge), GFP_KERNEL);
	if (!purge)
		return -ENOMEM;

	drm_gem_lru_init(&purge->candidates);

	purge->shrinker = shrinker_alloc(0, "drm-xe_purge:%s", dev_name(xe->drm.dev));
	if (!purge->shrinker)
		return -ENOMEM;

	purge->shrinker->count_objects = purge_count;
	purge->shrinker->scan_objects = purge_scan;
	purge->shrinker->private_data = xe;
	xe->purge = purge;
	shrinker_register(purge->shrinker);

	return 0;
}

/**
 * xe_bo_purge_fini() - purge nothing any more
 * @xe: device; does nothing if xe_bo_purge_init() has not succeeded
 *
 * Context: remove, and the error path of probe.
 */
void xe_bo_purge_fini(struct xe_device *xe)
{
	if (!xe->purge)
		return;

	shrinker_free(xe->purge->shrinker);
	xe->purge->shrinker = NULL;
}

/**
 * xe_bo_may_be_purged() - does nobody else depend on the contents of a BO?
 * @bo: BO of user space
 *
 * Context: reservation of @bo held.
 * Return: false for what was imported, or is exported now.
 */
bool xe_bo_may_be_purged(const struct xe_bo *bo)
{
	dma_resv_assert_held(bo->ttm.base.resv);

	return !(bo->flags & XE_BO_IMPORTED) && !bo->dma_buf;
}

/**
 * xe_bo_check_needed() - may a BO be given to anybody else?
 * @bo: BO
 *
 * Context: any; the answer lasts while the reservation of @bo is held.
 * Return: 0, or
 * * %-EBUSY - its contents are not needed, and may go at any moment
 * * %-EINVAL - it was purged
 */
int xe_bo_check_needed(struct xe_bo *bo)
{
	switch (READ_ONCE(bo->advice)) {
	case XE_BO_DONTNEED:
		return -EBUSY;
	case XE_BO_PURGED:
		return -EINVAL;
	default:
		return 0;
	}
}

/**
 * xe_bo_count_mappings() - a BO has got or lost mappings, or advice about one
 * @bo: BO
 * @mappings: how many more mappings it has
 * @dontneed: how many more of them are advised not to be needed
 *
 * Context: sleeps; reservation of @bo held. Allocates nothing.
 */
void xe_bo_count_mappings(struct xe_bo *bo, int mappings, int dontneed)
{
	enum xe_bo_advice advice;

	dma_resv_assert_held(bo->ttm.base.resv);
	bo->n_mappings += mappings;
	bo->n_dontneed += dontneed;
	if (!bo->n_mappings || bo->advice == XE_BO_PURGED)
		return;

	/* What was exported after some of the mappings were advised is needed by others. */
	advice = bo->n_dontneed == bo->n_mappings && xe_bo_may_be_purged(bo) ? XE_BO_DONTNEED :
									      XE_BO_WILLNEED;
	if (advice == bo->advice)
		return;

	WRITE_ONCE(bo->advice, advice);
	if (advice == XE_BO_DONTNEED)
		drm_gem_lru_move_tail(&bo->xe->purge->candidates, &bo->ttm.base);
	else
		drm_gem_lru_remove(&bo->ttm.base);
}

/**
 * xe_bo_purge() - give the memory of a BO back if its contents are not needed
 * @bo: BO, idle
 *
 * What was swapped out already stays there until the BO goes.
 *
 * Context: reclaim; reservation of @bo held. Allocates nothing.
 * Return: true if the BO was purged
 */
bool xe_bo_purge(struct xe_bo *bo)
{
	struct ttm_placement nowhere = {};
	struct ttm_operation_ctx ctx = {};
	struct xe_device *xe = bo->xe;

	dma_resv_assert_held(bo->ttm.base.resv);
	if (bo->advice != XE_BO_DONTNEED || bo->dma_buf || bo->ttm.pin_count ||
	    !bo->ttm.ttm || !ttm_tt_is_populated(bo->ttm.ttm))
		return false;

	/* New faults see the state. */
	WRITE_ONCE(bo->advice, XE_BO_PURGED);
	ttm_bo_unmap_virtual(&bo->ttm);
	if (xe->bo_ops)
		xe->bo_ops->invalidate(bo, true);
	drm_WARN_ON(&xe->drm, ttm_bo_validate(&bo->ttm, &nowhere, &ctx));
	drm_gem_lru_remove(&bo->ttm.base);

	return true;
}
