/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_BO_MOVE_H_
#define _XE_BO_MOVE_H_

struct sg_table;
struct ttm_device_funcs;
struct ttm_placement;
struct xe_bo;
struct xe_page_index;

extern const struct ttm_device_funcs xe_ttm_funcs;

/* Placements: unmapped, may be swapped out; and usable by the GPU. */
extern struct ttm_placement xe_placement_system;
extern struct ttm_placement xe_placement_tt;

struct sg_table *xe_bo_sgt(const struct xe_bo *bo);
const struct xe_page_index *xe_bo_page_index(const struct xe_bo *bo);
void xe_bo_unmap_dma(struct xe_bo *bo);

#endif
