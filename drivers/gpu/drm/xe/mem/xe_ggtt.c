// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Global GTT
 *
 * One table for the whole device translates the addresses that the GuC and the
 * context hardware use: firmware, message buffers, status pages, contexts. It is
 * written through a window in BAR0, one 64-bit store per entry; the hardware
 * drops wider stores, so the window is mapped uncached.
 *
 * Usable addresses start above the protected memory of the GuC, which the GuC
 * cannot reach through the table, and end below the range the GuC uses for
 * itself. Whatever is not in use points to a scratch page.
 *
 * The entries outlive nothing: when the driver is unbound, and at shutdown, the table is
 * emptied, because display and aperture must not reach pages that belong to somebody else
 * by then. Then the window goes away, and BOs removed later only give their addresses back.
 *
 * A BO may go when no old translation of its addresses is in use. If the invalidation
 * is not acknowledged, the table keeps the BO, with its memory and addresses, until the
 * hardware has been reset. Invalidations are numbered, because one that began after the
 * entries of several BOs had been cleared lets all of them go.
 *
 * Locking: &xe_ggtt.lock protects the allocator, the entries and the window. It
 * nests inside reservations; nothing is allocated under it. Invalidation runs
 * without it, and an address is reused only afterwards.
 */

#include "mem/xe_ggtt.h"

#include <linux/cleanup.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include <drm/drm_managed.h>
#include <drm/drm_mm.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_platform.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "pt/xe_page_iter.h"
#include "pt/xe_pte.h"
#include "regs/xe_pci_regs.h"

/* The GuC does not translate addresses from here up: Documentation/hardware/page-tables.md, 3.2 */
#define XE_GGTT_GUC_TOP		0xfee00000ULL

/**
 * struct xe_ggtt - the global table of one device
 */
struct xe_ggtt {
	/** @xe: device */
	struct xe_device *xe;

	/** @lock: see the overview */
	struct mutex lock;

	/** @mm: addresses in use */
	struct drm_mm mm;

	/** @window: the entries; NULL before init and after fini */
	u64 __iomem *window;

	/** @start: first usable address; constant */
	u64 start;

	/** @end: end of usable addresses, exclusive; constant */
	u64 end;

	/** @inval_begun: number of the last invalidation that was begun for a BO that goes */
	u64 inval_begun;

	/** @inval_done: highest number of those that were acknowledged */
	u64 inval_done;

	/** @scratch: page behind unused addresses, NULL before xe_ggtt_init() */
	struct page *scratch;

	/** @scratch_dma: DMA address of @scratch */
	dma_addr_t scratch_dma;

	/** @scratch_entry: what unused addresses contain; 0 before xe_ggtt_init() */
	u64 scratch_entry;

	/** @ops: hooks; NULL until the TLB code has registered, and after fini */
	const struct xe_ggtt_ops *ops;

	/** @ops_data: argument of @ops */
	void *ops_data;
};

static void ggtt_write(struct xe_ggtt *ggtt, u64 addr, u64 entry)
{
	writeq(entry, &ggtt->window[addr >> PAGE_SHIFT]);
}

static void ggtt_fill_locked(struct xe_ggtt *ggtt, u64 start, u64 end, u64 entry)
{
	u64 __iomem *slot, *last;

	lockdep_assert_held(&ggtt->lock);

	if (!ggtt->window)
		return;

	last = &ggtt->window[end >> PAGE_SHIFT];
	for (slot = &ggtt->window[start >> PAGE_SHIFT]; slot < last; slot++)
		writeq(entry, slot);
}

/* Entries are posted writes: a read from the window waits until they have arrived. */
static void ggtt_flush_locked(struct xe_ggtt *ggtt, u64 addr)
{
	lockdep_assert_held(&ggtt->lock);

	if (ggtt->window)
		readq(&ggtt->window[addr >> PAGE_SHIFT]);
}

static int ggtt_invalidate(struct xe_ggtt *ggtt)
{
	const struct xe_ggtt_ops *ops = READ_ONCE(ggtt->ops);

	return ops ? ops->invalidate(ggtt->ops_data) : 0;
}

static void ggtt_release(struct drm_device *drm, void *arg)
{
	struct xe_ggtt *ggtt = arg;

	drm_mm_takedown(&ggtt->mm);
	mutex_destroy(&ggtt->lock);
}

static u64 ggtt_table_bytes(struct xe_device *xe)
{
	u16 ggc = 0;
	u32 ggms;

	pci_read_config_word(to_xe_pci(xe), XE_PCI_GGC, &ggc);
	ggms = (ggc & XE_GGC_GGMS_MASK) >> XE_GGC_GGMS_SHIFT;

	return ggms ? (u64)SZ_1M << ggms : 0;
}

/**
 * xe_ggtt_init_early() - find the table and make its addresses available
 * @xe: device
 *
 * Context: probe, before any kernel BO is created.
 * Return: 0, or
 * * %-ENOMEM - the firmware of the machine reserved no table, or no memory
 * * %-ENODEV - the window is not where it should be
 */
int xe_ggtt_init_early(struct xe_device *xe)
{
	struct pci_dev *pdev = to_xe_pci(xe);
	u64 bytes = ggtt_table_bytes(xe);
	struct xe_ggtt *ggtt;
	int ret;

	if (!bytes) {
		xe_err(xe, "the machine's firmware has reserved no memory for the GGTT\n");
		return -ENOMEM;
	}

	if (bytes > XE_GTTMMADR_GGTT_SIZE ||
	    pci_resource_len(pdev, XE_BAR_GTTMMADR) < XE_GTTMMADR_GGTT_OFFSET + bytes) {
		xe_err(xe, "GGTT of %llu bytes does not fit its window in BAR0\n", bytes);
		return -ENODEV;
	}

	ggtt = drmm_kzalloc(&xe->drm, sizeof(*ggtt), GFP_KERNEL);
	if (!ggtt)
		return -ENOMEM;

	ggtt->xe = xe;
	ggtt->start = xe->platform->wopcm_size;
	ggtt->end = min(bytes / sizeof(u64) << PAGE_SHIFT, XE_GGTT_GUC_TOP);
	mutex_init(&ggtt->lock);
	drm_mm_init(&ggtt->mm, ggtt->start, ggtt->end - ggtt->start);
	ret = drmm_add_action_or_reset(&xe->drm, ggtt_release, ggtt);
	if (ret)
		return ret;

	ggtt->window = ioremap(pci_resource_start(pdev, XE_BAR_GTTMMADR) +
			       XE_GTTMMADR_GGTT_OFFSET, bytes);
	if (!ggtt->window)
		return -ENOMEM;

	xe->ggtt = ggtt;
	return 0;
}

static int ggtt_init_scratch(struct xe_ggtt *ggtt)
{
	struct device *dev = ggtt->xe->drm.dev;

	ggtt->scratch = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!ggtt->scratch)
		return -ENOMEM;

	ggtt->scratch_dma = dma_map_page(dev, ggtt->scratch, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, ggtt->scratch_dma)) {
		__free_page(ggtt->scratch);
		ggtt->scratch = NULL;
		return -ENOMEM;
	}

	ggtt->scratch_entry = xe_ggtt_pte_encode(ggtt->scratch_dma, 0, false);
	return 0;
}

/**
 * xe_ggtt_init() - point all unused addresses to scratch
 * @xe: device, after xe_ggtt_init_early(); the invalidation hook is registered
 *
 * Context: probe.
 * Return: 0, or
 * * %-ENOMEM - no memory
 */
int xe_ggtt_init(struct xe_device *xe)
{
	struct xe_ggtt *ggtt = xe->ggtt;
	struct drm_mm_node *hole;
	u64 start, end;
	int ret;

	ret = ggtt_init_scratch(ggtt);
	if (ret)
		return ret;

	mutex_lock(&ggtt->lock);
	drm_mm_for_each_hole(hole, &ggtt->mm, start, end)
		ggtt_fill_locked(ggtt, start, end, ggtt->scratch_entry);
	ggtt_flush_locked(ggtt, ggtt->start);
	mutex_unlock(&ggtt->lock);

	ggtt_invalidate(ggtt);
	return 0;
}

/**
 * xe_ggtt_empty() - let no address lead to memory any more
 * @ggtt: GGTT; the GuC and the engines are stopped, and will not go on
 *
 * Nobody else looks after the table when the driver has gone, and there are others who use it: the
 * display, and the processor through the aperture, as a console on the firmware's frame buffer
 * does. They would reach pages that are somebody else's by then, or those of the next kernel.
 *
 * Context: remove, the error path of probe, and shutdown; sleeps; takes the lock. Does nothing if
 * xe_ggtt_init() has not run.
 */
void xe_ggtt_empty(struct xe_ggtt *ggtt)
{
	if (!ggtt->scratch)
		return;

	mutex_lock(&ggtt->lock);
	ggtt_fill_locked(ggtt, ggtt->start, ggtt->end, 0);
	ggtt_flush_locked(ggtt, ggtt->start);
	mutex_unlock(&ggtt->lock);

	ggtt_invalidate(ggtt);
}

/**
 * xe_ggtt_fini() - stop using the table
 * @xe: device; the GuC and the engines are stopped
 *
 * Context: remove, and the error path of probe, whatever was initialised.
 */
void xe_ggtt_fini(struct xe_device *xe)
{
	struct xe_ggtt *ggtt = xe->ggtt;
	u64 __iomem *window;

	if (!ggtt)
		return;

	xe_ggtt_empty(ggtt);

	mutex_lock(&ggtt->lock);
	window = ggtt->window;
	ggtt->window = NULL;
	WRITE_ONCE(ggtt->ops, NULL);
	mutex_unlock(&ggtt->lock);

	if (window)
		iounmap(window);

	if (ggtt->scratch) {
		dma_unmap_page(xe->drm.dev, ggtt->scratch_dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
		__free_page(ggtt->scratch);
		ggtt->scratch = NULL;
	}

	xe_ggtt_free_stale(ggtt);
}

/**
 * xe_ggtt_set_ops() - register the hooks
 * @ggtt: GGTT
 * @ops: hooks
 * @data: argument of the hooks; lives until xe_ggtt_fini()
 *
 * Context: probe, before xe_ggtt_init().
 */
void xe_ggtt_set_ops(struct xe_ggtt *ggtt, const struct xe_ggtt_ops *ops, void *data)
{
	ggtt->ops_data = data;
	ggtt->ops = ops;
}

static void ggtt_clear_locked(struct xe_ggtt *ggtt, struct xe_bo *bo)
{
	u64 start = bo->ggtt_node.start;

	ggtt_fill_locked(ggtt, start, start + bo->ggtt_node.size, ggtt->scratch_entry);
	ggtt_flush_locked(ggtt, start);
}

/* The lock is held, and the BO is pinned. */
static void ggtt_write_bo_locked(struct xe_ggtt *ggtt, struct xe_bo *bo)
{
	struct xe_page_iter it;
	u64 addr = bo->ggtt_node.start;

	xe_bo_page_iter(bo, 0, xe_bo_size(bo), &it);
	while (it.remaining) {
		ggtt_write(ggtt, addr, xe_ggtt_pte_encode(it.addr, 0, false));
		xe_page_iter_advance(&it, PAGE_SIZE);
		addr += PAGE_SIZE;
	}
	ggtt_flush_locked(ggtt, bo->ggtt_node.start);
}

/**
 * xe_ggtt_restore() - write the whole table again
 * @ggtt: GGTT; nobody uses its addresses yet
 *
 * Context: wake-up from system sleep; sleeps; takes the lock.
 */
void xe_ggtt_restore(struct xe_ggtt *ggtt)
{
	struct drm_mm_node *node;
	struct xe_bo *bo;
	u64 start, end;

	/* The hardware has forgotten all translations. */
	xe_ggtt_free_stale(ggtt);

	mutex_lock(&ggtt->lock);
	drm_mm_for_each_hole(node, &ggtt->mm, start, end)
		ggtt_fill_locked(ggtt, start, end, ggtt->scratch_entry);
	ggtt_flush_locked(ggtt, ggtt->start);
	drm_mm_for_each_node(node, &ggtt->mm) {
		bo = container_of(node, struct xe_bo, ggtt_node);
		if (bo->ggtt_cleared)
			ggtt_clear_locked(ggtt, bo);
		else
			ggtt_write_bo_locked(ggtt, bo);
	}
	mutex_unlock(&ggtt->lock);

	ggtt_invalidate(ggtt);
}

/**
 * xe_ggtt_insert_bo() - map a BO
 * @ggtt: GGTT
 * @bo: pinned BO, not in the GGTT yet
 *
 * Context: sleeps; takes the lock; may wait for a TLB invalidation.
 * Return: 0, or
 * * %-ENOSPC - no free range is long enough
 * * %-ENODEV - after xe_ggtt_fini()
 */
int xe_ggtt_insert_bo(struct xe_ggtt *ggtt, struct xe_bo *bo)
{
	int ret = -ENODEV;

	mutex_lock(&ggtt->lock);
	if (ggtt->window)
		ret = xe_inject("ggtt-space", -ENOSPC) ?:
		      drm_mm_insert_node_generic(&ggtt->mm, &bo->ggtt_node, xe_bo_size(bo),
						 PAGE_SIZE, 0, DRM_MM_INSERT_BEST);
	if (ret) {
		mutex_unlock(&ggtt->lock);
		return ret;
	}

	ggtt_write_bo_locked(ggtt, bo);
	mutex_unlock(&ggtt->lock);

	if (bo->flags & XE_BO_GGTT_INVALIDATE)
		ggtt_invalidate(ggtt);
	return 0;
}

/**
 * xe_ggtt_clear_bo() - unmap a BO that will be removed, without an invalidation
 * @ggtt: GGTT
 * @bo: BO in the GGTT, not in use by the GPU any more; keeps its addresses
 *
 * The first one to be removed of several BOs that were cleared invalidates for all.
 *
 * Context: sleeps; takes the lock.
 */
void xe_ggtt_clear_bo(struct xe_ggtt *ggtt, struct xe_bo *bo)
{
	mutex_lock(&ggtt->lock);
	if (!bo->ggtt_cleared) {
		ggtt_clear_locked(ggtt, bo);
		bo->ggtt_cleared = ggtt->inval_begun + 1;
	}
	mutex_unlock(&ggtt->lock);
}

/* See that an invalidation of at least this number is over; false: it was not acknowledged. */
static bool ggtt_invalidate_up_to(struct xe_ggtt *ggtt, u64 wanted)
{
	u64 number;

	mutex_lock(&ggtt->lock);
	if (ggtt->inval_done >= wanted) {
		mutex_unlock(&ggtt->lock);
		return true;
	}
	number = ++ggtt->inval_begun;
	mutex_unlock(&ggtt->lock);

	if (ggtt_invalidate(ggtt))
		return false;

	mutex_lock(&ggtt->lock);
	ggtt->inval_done = max(ggtt->inval_done, number);
	mutex_unlock(&ggtt->lock);

	return true;
}

/**
 * xe_ggtt_remove_bo() - unmap a BO that is about to be freed
 * @ggtt: GGTT
 * @bo: BO in the GGTT, not in use by the GPU
 *
 * Context: sleeps; takes the lock; may wait for a TLB invalidation.
 * Return: true if nobody can reach the memory any more. Else the table owns the BO, and
 * xe_ggtt_free_stale() frees it.
 */
bool xe_ggtt_remove_bo(struct xe_ggtt *ggtt, struct xe_bo *bo)
{
	bool stale = false;

	xe_ggtt_clear_bo(ggtt, bo);
	if (bo->flags & XE_BO_GGTT_INVALIDATE)
		stale = !ggtt_invalidate_up_to(ggtt, bo->ggtt_cleared);

	mutex_lock(&ggtt->lock);
	/* Without the window the hardware has been stopped meanwhile. */
	bo->ggtt_stale = stale && ggtt->window;
	stale = bo->ggtt_stale;
	if (!stale)
		drm_mm_remove_node(&bo->ggtt_node);
	mutex_unlock(&ggtt->lock);

	return !stale;
}

static struct xe_bo *ggtt_next_stale(struct xe_ggtt *ggtt)
{
	struct drm_mm_node *node;
	struct xe_bo *bo;

	guard(mutex)(&ggtt->lock);

	drm_mm_for_each_node(node, &ggtt->mm) {
		bo = container_of(node, struct xe_bo, ggtt_node);
		if (bo->ggtt_stale) {
			drm_mm_remove_node(node);
			return bo;
		}
	}

	return NULL;
}

/**
 * xe_ggtt_free_stale() - free BOs whose translations could not be invalidated
 * @ggtt: GGTT; the hardware was reset after they had been removed
 *
 * Context: sleeps; takes the lock, and reservations of BOs. Not in fence signalling.
 */
void xe_ggtt_free_stale(struct xe_ggtt *ggtt)
{
	struct xe_bo *bo;

	while ((bo = ggtt_next_stale(ggtt)))
		xe_bo_release_kernel(bo);
}

/**
 * xe_ggtt_dump() - print which addresses are in use
 * @ggtt: GGTT
 * @p: where to
 *
 * Context: sleeps.
 */
void xe_ggtt_dump(struct xe_ggtt *ggtt, struct drm_printer *p)
{
	mutex_lock(&ggtt->lock);
	drm_mm_print(&ggtt->mm, p);
	mutex_unlock(&ggtt->lock);
}
