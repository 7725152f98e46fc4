// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Steering of replicated registers
 *
 * Some registers exist once per slice, subslice or L3 bank. A write reaches all instances while
 * the selector is in multicast mode, which is how the driver always leaves it. A read must name
 * one instance that the fuses have left alive: reading a dead one returns zero.
 *
 * Locking: &xe_device.mcr_lock keeps selector and access together.
 */

#include "hw/xe_mcr.h"

#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/spinlock.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "hw/xe_fuse.h"
#include "hw/xe_mmio.h"
#include "regs/xe_gt_regs.h"

enum mcr_kind {
	MCR_L3BANK,
	MCR_DSS,
};

/*
 * Replicated ranges of graphics 12.00, last offset inclusive: Documentation/hardware/mmio.md, 5.5
 */
static const struct {
	u32 first, last;
	enum mcr_kind kind;
} xelp_ranges[] = {
	{ 0x008150, 0x00815f, MCR_DSS },
	{ 0x009520, 0x00955f, MCR_DSS },
	{ 0x00b100, 0x00b3ff, MCR_L3BANK },
	{ 0x00de80, 0x00e8ff, MCR_DSS },
	{ 0x024a00, 0x024a7f, MCR_DSS },
};

static struct xe_mcr_target target_of(const struct xe_fuses *fuses, enum mcr_kind kind)
{
	struct xe_mcr_target t = {};
	unsigned int dss;

	if (kind == MCR_L3BANK) {
		t.subslice = fuses->l3_bank_mask ? __ffs64(fuses->l3_bank_mask) : 0;
	} else {
		dss = fuses->geometry_dss_mask ? __ffs(fuses->geometry_dss_mask) : 0;
		t.slice = dss / XELP_DSS_PER_SLICE;
		t.subslice = dss % XELP_DSS_PER_SLICE;
	}

	return t;
}

/**
 * xe_mcr_find_target - a live instance of a register
 * @fuses: fuses of the GT
 * @reg: register offset
 * @out: the instance, if the register is replicated
 *
 * Context: any.
 * Return: whether the register is replicated.
 */
bool xe_mcr_find_target(const struct xe_fuses *fuses, u32 reg, struct xe_mcr_target *out)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xelp_ranges); i++) {
		if (reg < xelp_ranges[i].first || reg > xelp_ranges[i].last)
			continue;
		*out = target_of(fuses, xelp_ranges[i].kind);
		return true;
	}

	return false;
}

/**
 * xe_mcr_read - read a register that may be replicated
 * @mmio: register view of the GT
 * @fuses: its fuses
 * @reg: register offset
 *
 * Context: any.
 * Return: value of a live instance.
 */
u32 xe_mcr_read(const struct xe_mmio *mmio, const struct xe_fuses *fuses, u32 reg)
{
	struct xe_mcr_target t;
	unsigned long flags;
	u32 val;

	if (!xe_mcr_find_target(fuses, reg, &t))
		return xe_mmio_read32(mmio, reg);

	spin_lock_irqsave(&mmio->xe->mcr_lock, flags);
	xe_mmio_write32(mmio, MCR_SELECTOR, MCR_MULTICAST | (u32)t.slice << MCR_SLICE_SHIFT |
			(u32)t.subslice << MCR_SUBSLICE_SHIFT);
	val = xe_mmio_read32(mmio, reg);
	spin_unlock_irqrestore(&mmio->xe->mcr_lock, flags);

	return val;
}

/**
 * xe_mcr_write - write all instances of a register that may be replicated
 * @mmio: register view of the GT
 * @reg: register offset
 * @val: value
 *
 * Context: any.
 */
void xe_mcr_write(const struct xe_mmio *mmio, u32 reg, u32 val)
{
	unsigned long flags;

	spin_lock_irqsave(&mmio->xe->mcr_lock, flags);
	xe_mmio_write32(mmio, reg, val);
	spin_unlock_irqrestore(&mmio->xe->mcr_lock, flags);
}

/**
 * xe_mcr_print - list the replicated ranges and the instances reads are steered to
 * @fuses: fuses of the GT
 * @p: where to print
 *
 * Context: as the printer.
 */
void xe_mcr_print(const struct xe_fuses *fuses, struct drm_printer *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xelp_ranges); i++) {
		struct xe_mcr_target t = target_of(fuses, xelp_ranges[i].kind);

		drm_printf(p, "%06x-%06x %s: slice %u, subslice %u\n", xelp_ranges[i].first,
			   xelp_ranges[i].last,
			   xelp_ranges[i].kind == MCR_L3BANK ? "L3BANK" : "DSS",
			   t.slice, t.subslice);
	}
}
