/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PCODE_H_
#define _XE_PCODE_H_

#include <linux/types.h>

struct xe_mmio;

int xe_pcode_write(const struct xe_mmio *mmio, u32 command, u32 data);
int xe_pcode_read(const struct xe_mmio *mmio, u32 command, u32 *data);
int xe_pcode_init_min_freq_table(const struct xe_mmio *mmio, u32 min_ratio, u32 max_ratio);

#endif
