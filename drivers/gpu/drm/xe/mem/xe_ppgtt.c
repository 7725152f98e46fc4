// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "mem/xe_ppgtt.h"

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "pt/xe_page_iter.h"

/**
 * DOC: GPU address spaces
 *
 * A page-table tree, its identity and a reference count, and nothing else: what is mapped where is
 * decided by the owner. Table memory is single pages of system memory, written through the kernel's
 * cached mapping; table walks of the integrated parts supported here snoop the CPU caches.
 *
 * Locking: the tree belongs to the owner and its bind lock. The reference count and @n_tables are
 * atomic.
 */

/* A hardware table fills one page of the CPU. */
static_assert(PAGE_SIZE == XE_PAGE_SIZE);

static int table_alloc(void *ctx, struct xe_pt_page *table)
{
	struct xe_ppgtt *ppgtt = ctx;
	struct device *dev = ppgtt->xe->drm.dev;
	struct page *page;
	dma_addr_t dma;

	/* How many there are is up to the user. */
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return -ENOMEM;

	if (xe_inject("map-table", -ENOMEM))
		goto free_page;
	dma = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, dma))
		goto free_page;
	/* Entries are stored one by one with no sync calls, which a bounce buffer would not see. */
	if (dma_need_sync(dev, dma)) {
		xe_err(ppgtt->xe, "page-table memory is not coherent with the GPU\n");
		goto unmap_page;
	}

	*table = (struct xe_pt_page){ .words = page_address(page), .dma = dma, .priv = page };
	atomic_inc(&ppgtt->n_tables);
	return 0;

unmap_page:
	dma_unmap_page(dev, dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
free_page:
	__free_page(page);
	return -ENOMEM;
}

static void table_free(void *ctx, struct xe_pt_page *table)
{
	struct xe_ppgtt *ppgtt = ctx;

	dma_unmap_page(ppgtt->xe->drm.dev, table->dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
	__free_page(table->priv);
	atomic_dec(&ppgtt->n_tables);
}

static const struct xe_pt_ops table_ops = {
	.alloc = table_alloc,
	.free = table_free,
};

/* Page-table format of a platform, NULL if there is none yet. */
static const struct xe_pt_format *platform_format(const struct xe_platform *platform)
{
	const struct xe_pt_format *fmt;

	/* Device memory for tables and address-space ids come with the first discrete part. */
	if (platform->is_dgfx || platform->has_asid)
		return NULL;

	fmt = xe_pt_format_get(XE_PT_FORMAT_XELP);
	if (fmt->root_level != platform->vm_max_level || fmt->va_bits != platform->va_bits)
		return NULL;
	return fmt;
}

/**
 * xe_ppgtt_create() - create an empty address space
 * @xe: device; must outlive the address space
 * @flags: XE_PPGTT_SCRATCH: unmapped addresses read as zero instead of faulting
 *
 * Context: may sleep.
 * Return: the address space with one reference; ERR_PTR(-ENOMEM); ERR_PTR(-EOPNOTSUPP) if no
 * page-table format fits the platform.
 */
struct xe_ppgtt *xe_ppgtt_create(struct xe_device *xe, u32 flags)
{
	const struct xe_pt_format *fmt = platform_format(xe->platform);
	struct xe_ppgtt *ppgtt;
	int err;

	if (!fmt) {
		xe_err(xe, "%s: no page-table format\n", xe->platform->name);
		return ERR_PTR(-EOPNOTSUPP);
	}

	ppgtt = kzalloc(sizeof(*ppgtt), GFP_KERNEL);
	if (!ppgtt)
		return ERR_PTR(-ENOMEM);

	kref_init(&ppgtt->ref);
	ppgtt->xe = xe;
	err = xe_pt_tree_init(&ppgtt->tree, fmt, &table_ops, ppgtt,
			      flags & XE_PPGTT_SCRATCH ? XE_PT_TREE_SCRATCH : 0);
	if (err)
		goto free_ppgtt;
	return ppgtt;

free_ppgtt:
	kfree(ppgtt);
	return ERR_PTR(err);
}

static void ppgtt_release(struct kref *ref)
{
	struct xe_ppgtt *ppgtt = container_of(ref, struct xe_ppgtt, ref);

	xe_pt_tree_fini(&ppgtt->tree);
	drm_WARN_ON(&ppgtt->xe->drm, atomic_read(&ppgtt->n_tables));
	kfree(ppgtt);
}

/**
 * xe_ppgtt_get() - take a reference
 * @ppgtt: address space; NULL is fine
 *
 * Context: any.
 * Return: @ppgtt.
 */
struct xe_ppgtt *xe_ppgtt_get(struct xe_ppgtt *ppgtt)
{
	if (ppgtt)
		kref_get(&ppgtt->ref);
	return ppgtt;
}

/**
 * xe_ppgtt_put() - drop a reference
 * @ppgtt: address space; NULL is fine
 *
 * With the last reference all tables are freed, whatever they map: contexts that use the address
 * space hold references, and so do plans that have not been freed.
 *
 * Context: may sleep.
 */
void xe_ppgtt_put(struct xe_ppgtt *ppgtt)
{
	if (ppgtt)
		kref_put(&ppgtt->ref, ppgtt_release);
}

/**
 * xe_ppgtt_root_desc() - root pointer for contexts
 * @ppgtt: address space
 *
 * Context: any.
 * Return: the 64-bit value for the PDP0 register pair of a context image; constant while the
 * address space exists.
 */
u64 xe_ppgtt_root_desc(const struct xe_ppgtt *ppgtt)
{
	return xe_pt_tree_root_desc(&ppgtt->tree);
}
