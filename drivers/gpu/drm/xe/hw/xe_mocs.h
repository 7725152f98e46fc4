/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MOCS_H_
#define _XE_MOCS_H_

#include <linux/types.h>

struct drm_printer;
struct xe_mmio;
struct xe_platform;

void xe_mocs_program(const struct xe_mmio *mmio, const struct xe_platform *platform);
void xe_mocs_print(const struct xe_mmio *mmio, const struct xe_platform *platform,
		   struct drm_printer *p);

#endif
