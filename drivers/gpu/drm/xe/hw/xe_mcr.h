/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MCR_H_
#define _XE_MCR_H_

#include <linux/types.h>

struct drm_printer;
struct xe_fuses;
struct xe_mmio;

/**
 * struct xe_mcr_target - one instance of a replicated register
 */
struct xe_mcr_target {
	/** @slice: slice number */
	u8 slice;
	/** @subslice: subslice (or L3 bank) number inside the slice */
	u8 subslice;
};

bool xe_mcr_find_target(const struct xe_fuses *fuses, u32 reg, struct xe_mcr_target *out);
u32 xe_mcr_read(const struct xe_mmio *mmio, const struct xe_fuses *fuses, u32 reg);
void xe_mcr_write(const struct xe_mmio *mmio, u32 reg, u32 val);
void xe_mcr_print(const struct xe_fuses *fuses, struct drm_printer *p);

#endif
