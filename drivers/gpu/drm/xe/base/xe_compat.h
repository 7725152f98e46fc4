/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * What Linux 6.12 calls differently. The driver is written for the interfaces of Linux 7.2; here
 * they are made out of those of 6.12. For a newer kernel only the two macros at the end have
 * another meaning, so that support for 6.12 ends with this file.
 *
 * Included by the files that use a name from here, after the headers of the kernel, and by no other
 * header. Documentation/gpu/xe/kernels.rst lists what has changed between the two kernels.
 */
#ifndef _XE_COMPAT_H_
#define _XE_COMPAT_H_

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)

#include <linux/dma-buf.h>
#include <linux/dma-fence-array.h>
#include <linux/dma-fence.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include <drm/drm_gem.h>
#include <drm/drm_gpuvm.h>
#include <drm/gpu_scheduler.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_device.h>

/* A fence may have its lock inside. */
#define dma_fence_lock_irqsave(fence, flags)	spin_lock_irqsave((fence)->lock, flags)
#define dma_fence_unlock_irqrestore(fence, flags) \
	spin_unlock_irqrestore((fence)->lock, flags)

/* An array always signals with the last of its fences. */
#define dma_fence_array_init(array, n, fences, context, seqno) \
	dma_fence_array_init(array, n, fences, context, seqno, false)

/* New names. */
#define DRM_GPU_SCHED_STAT_RESET	DRM_GPU_SCHED_STAT_NOMINAL
#define dma_buf_invalidate_mappings	dma_buf_move_notify
#define drm_gpuvm_bo_obtain_locked	drm_gpuvm_bo_obtain
#define invalidate_mappings		move_notify
#define ttm_bo_fini			ttm_bo_put

/* Flags instead of two truth values, both of which are false here. */
#define ttm_device_init(bdev, funcs, dev, mapping, vma_manager, flags) \
	ttm_device_init(bdev, funcs, dev, mapping, vma_manager, false, false)

/**
 * struct drm_gpuvm_map_req - what is to be mapped, which is one argument now
 */
struct drm_gpuvm_map_req {
	/** @map: address, range, object or NULL, offset in it */
	struct drm_gpuva_op_map map;
};

#define drm_gpuvm_sm_map(gpuvm, priv, req) \
	drm_gpuvm_sm_map(gpuvm, priv, (req)->map.va.addr, (req)->map.va.range, \
			 (req)->map.gem.obj, (req)->map.gem.offset)

/* The operation is const. */
#define drm_gpuva_init_from_op(gpuva, op) \
	drm_gpuva_init(gpuva, (op)->va.addr, (op)->va.range, (op)->gem.obj, (op)->gem.offset)

/**
 * xe_compat_gem_lru_init - begin a list of GEM objects
 * @lru: the list
 *
 * Lists of that kind are protected by a lock of the DRM device; here all of the driver's share one.
 *
 * Context: any.
 */
static inline void xe_compat_gem_lru_init(struct drm_gem_lru *lru)
{
	static DEFINE_MUTEX(lock);

	drm_gem_lru_init(lru, &lock);
}

#define drm_gem_lru_init(lru)	xe_compat_gem_lru_init(lru)
#define drm_gem_lru_scan(drm, lru, nr, remaining, shrink, ticket) \
	drm_gem_lru_scan(lru, nr, remaining, shrink)
#define XE_GEM_LRU_SHRINK_ARGS	struct drm_gem_object *gem

/* Drivers have no date any more. */
#define XE_DRIVER_DATE		.date = "20201103",

/* A namespace of symbols is a string. */
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns)	MODULE_INFO(import_ns, ns)

#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)

#error "Linux 6.13 to 7.1 have some interfaces of 6.12 and some of 7.2. They were never tried."

#else

#define XE_GEM_LRU_SHRINK_ARGS	struct drm_gem_object *gem, struct ww_acquire_ctx *ticket
#define XE_DRIVER_DATE

#endif

#endif
