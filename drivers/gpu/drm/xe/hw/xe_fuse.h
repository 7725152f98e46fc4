/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_FUSE_H_
#define _XE_FUSE_H_

#include <linux/types.h>

struct drm_printer;
struct xe_mmio;
struct xe_platform;

/**
 * struct xe_fuses - what the fuses leave of a GT
 */
struct xe_fuses {
	/** @engine_mask: BIT_ULL(enum xe_engine_id) of the engines that exist */
	u64 engine_mask;
	/** @l3_bank_mask: bit per L3 bank that exists */
	u64 l3_bank_mask;
	/** @geometry_dss_mask: bit per dual subslice that can do geometry work */
	u32 geometry_dss_mask;
	/** @compute_dss_mask: bit per dual subslice that can do compute work; 0 if not reported */
	u32 compute_dss_mask;
	/** @eu_per_dss_mask: bit per EU in each dual subslice */
	u32 eu_per_dss_mask;
	/** @doorbells_per_sqidi: doorbells of the GuC per SQIDI unit */
	u32 doorbells_per_sqidi;
	/** @simd16_eus: @eu_per_dss_mask counts SIMD16 units, otherwise SIMD8 */
	bool simd16_eus;
};

int xe_fuse_read(const struct xe_mmio *mmio, const struct xe_platform *platform,
		 struct xe_fuses *out);
u32 xe_gt_clock_read_hz(const struct xe_mmio *mmio);
void xe_fuse_print(const struct xe_fuses *fuses, struct drm_printer *p);

#endif
