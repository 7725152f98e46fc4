/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MMIO_H_
#define _XE_MMIO_H_

#include <linux/types.h>

struct xe_device;

/**
 * struct xe_mmio - a view of the register file
 *
 * The device has a root view; each GT has a copy that relocates the registers a media GT sees at
 * a different offset.
 */
struct xe_mmio {
	/** @xe: device */
	struct xe_device *xe;
	/** @regs: start of BAR0 */
	void __iomem *regs;
	/** @gsi_limit: registers below this offset are relocated; 0 for none */
	u32 gsi_limit;
	/** @gsi_offset: distance of the relocation in bytes */
	u32 gsi_offset;
};

int xe_mmio_init(struct xe_device *xe);
void xe_mmio_detach(struct xe_device *xe);
bool xe_mmio_is_gone(const struct xe_mmio *mmio);
void xe_mmio_init_gt(struct xe_mmio *mmio, const struct xe_mmio *root, bool media);

u32 xe_mmio_read32(const struct xe_mmio *mmio, u32 reg);
void xe_mmio_write32(const struct xe_mmio *mmio, u32 reg, u32 val);
u32 xe_mmio_rmw32(const struct xe_mmio *mmio, u32 reg, u32 clr, u32 set);
int xe_mmio_wait32(const struct xe_mmio *mmio, u32 reg, u32 mask, u32 val, u32 timeout_us,
		   u32 *out, bool atomic);

#endif
