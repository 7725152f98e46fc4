/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_DMA_BUF_H_
#define _XE_DMA_BUF_H_

struct dma_buf;
struct drm_device;
struct drm_gem_object;
struct xe_bo;

struct dma_buf *xe_dma_buf_export(struct drm_gem_object *gem, int flags);
struct drm_gem_object *xe_dma_buf_import(struct drm_device *drm, struct dma_buf *dma_buf);
void xe_dma_buf_detach(struct xe_bo *bo);

#endif
