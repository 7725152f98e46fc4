/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_LRC_IMAGE_H_
#define _XE_LRC_IMAGE_H_

#include <linux/types.h>

#include "base/xe_platform.h"

/**
 * struct xe_lrc_values - what the driver itself writes into the register state of a context
 */
struct xe_lrc_values {
	/** @ring_start: GGTT address of the ring, 4 KiB aligned */
	u32 ring_start;
	/** @ring_size: bytes, multiple of 4 KiB */
	u32 ring_size;
	/** @has_ppgtt: @root is valid; otherwise the root stays as the image has it */
	bool has_ppgtt;
	/** @root: root page-directory entry of the address space */
	u64 root;
};

u32 xe_lrc_image_pages(u16 graphics_verx100, enum xe_engine_class class);
int xe_lrc_image_build(u32 *state, u16 graphics_verx100, enum xe_engine_class class,
		       u32 mmio_base);
void xe_lrc_image_set_values(u32 *state, const struct xe_lrc_values *values);

#endif
