/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PAT_H_
#define _XE_PAT_H_

#include <linux/types.h>

struct drm_printer;
struct xe_device;
struct xe_mmio;
struct xe_platform;

/**
 * enum xe_coherency - how GPU accesses through a PAT entry see CPU caches
 * @XE_COH_NONE: they do not; the CPU must not cache the memory
 * @XE_COH_1WAY: GPU reads and writes snoop CPU caches
 * @XE_COH_2WAY: CPU and GPU caches are coherent in both directions
 */
enum xe_coherency {
	XE_COH_NONE,
	XE_COH_1WAY,
	XE_COH_2WAY,
};

void xe_pat_program(const struct xe_mmio *mmio, const struct xe_platform *platform);
u16 xe_pat_n_entries(const struct xe_device *xe);
bool xe_pat_is_valid(const struct xe_device *xe, u32 idx);
enum xe_coherency xe_pat_coherency(const struct xe_device *xe, u16 idx);
void xe_pat_print(const struct xe_mmio *mmio, const struct xe_platform *platform,
		  struct drm_printer *p);

#endif
