// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Register access
 *
 * BAR0 is mapped once, when the device is probed, and stays mapped until the last user of the
 * DRM device is gone. When the driver is unbound, core/ stops the hardware and detaches it: from
 * then on reads return all ones and writes are dropped, as if the device had been pulled out. So
 * objects that die after an unbind may go through their usual motions.
 *
 * Every access is one aligned 32-bit load or store. There is no lock: a register that needs
 * several accesses is protected by its owner.
 */

#include "hw/xe_mmio.h"

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>

#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_pci_regs.h"

static void mmio_unmap(struct drm_device *drm, void *regs)
{
	iounmap((void __iomem __force *)regs);
}

/**
 * xe_mmio_init - map the registers
 * @xe: device; the PCI function is enabled and its BAR 0 claimed
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -ENODEV: BAR 0 is missing or too small
 * * -ENOMEM: no memory, or no address space to map it
 */
int xe_mmio_init(struct xe_device *xe)
{
	struct pci_dev *pdev = to_xe_pci(xe);
	resource_size_t len = pci_resource_len(pdev, XE_BAR_GTTMMADR);
	struct xe_mmio *mmio;
	int err;

	if (len < XE_GTTMMADR_SIZE) {
		xe_err(xe, "BAR 0 has %llu bytes, need %u\n", (u64)len, XE_GTTMMADR_SIZE);
		return -ENODEV;
	}

	mmio = drmm_kzalloc(&xe->drm, sizeof(*mmio), GFP_KERNEL);
	if (!mmio)
		return -ENOMEM;

	mmio->xe = xe;
	mmio->regs = ioremap(pci_resource_start(pdev, XE_BAR_GTTMMADR), len);
	if (!mmio->regs)
		return -ENOMEM;

	err = drmm_add_action_or_reset(&xe->drm, mmio_unmap, (void __force *)mmio->regs);
	if (err)
		return err;

	xe->mmio = mmio;
	return 0;
}

/**
 * xe_mmio_detach - give the registers up
 * @xe: device, stopped
 *
 * The caller has made sure that nobody is in the middle of an access that matters.
 *
 * Context: any.
 */
void xe_mmio_detach(struct xe_device *xe)
{
	WRITE_ONCE(xe->hw_gone, true);
}

/**
 * xe_mmio_is_gone - whether the registers were given up
 * @mmio: view
 *
 * Context: any.
 * Return: true after xe_mmio_detach().
 */
bool xe_mmio_is_gone(const struct xe_mmio *mmio)
{
	return READ_ONCE(mmio->xe->hw_gone);
}

/**
 * xe_mmio_init_gt - make the register view of a GT
 * @mmio: view to fill
 * @root: view of the device
 * @media: the GT is a media GT, which sees its registers relocated
 *
 * Context: any.
 */
void xe_mmio_init_gt(struct xe_mmio *mmio, const struct xe_mmio *root, bool media)
{
	*mmio = *root;
	mmio->gsi_limit = media ? GSI_LIMIT : 0;
	mmio->gsi_offset = media ? MEDIA_GT_GSI_OFFSET : 0;
}

static void __iomem *mmio_addr(const struct xe_mmio *mmio, u32 reg)
{
	if (reg < mmio->gsi_limit)
		reg += mmio->gsi_offset;

	return mmio->regs + reg;
}

/**
 * xe_mmio_read32 - read a register
 * @mmio: view
 * @reg: byte offset, multiple of 4
 *
 * Context: any.
 * Return: its value; all ones if the device does not answer.
 */
u32 xe_mmio_read32(const struct xe_mmio *mmio, u32 reg)
{
	if (unlikely(xe_mmio_is_gone(mmio)))
		return ~0u;

	return readl(mmio_addr(mmio, reg));
}

/**
 * xe_mmio_write32 - write a register
 * @mmio: view
 * @reg: byte offset, multiple of 4
 * @val: value
 *
 * The write is posted: read a register back where completion matters.
 *
 * Context: any.
 */
void xe_mmio_write32(const struct xe_mmio *mmio, u32 reg, u32 val)
{
	if (likely(!xe_mmio_is_gone(mmio)))
		writel(val, mmio_addr(mmio, reg));
}

/**
 * xe_mmio_rmw32 - change bits of a register
 * @mmio: view
 * @reg: byte offset, multiple of 4
 * @clr: bits to clear
 * @set: bits to set afterwards
 *
 * Context: any; the caller keeps others away from the register.
 * Return: the old value.
 */
u32 xe_mmio_rmw32(const struct xe_mmio *mmio, u32 reg, u32 clr, u32 set)
{
	u32 old = xe_mmio_read32(mmio, reg);

	xe_mmio_write32(mmio, reg, (old & ~clr) | set);
	return old;
}

/**
 * xe_mmio_wait32 - wait until a register shows a value
 * @mmio: view
 * @reg: byte offset, multiple of 4
 * @mask: bits that matter
 * @val: their expected value
 * @timeout_us: how long to wait, in microseconds
 * @out: last value read, also on time-out; may be NULL
 * @atomic: the caller may not sleep
 *
 * The register is read once more after the time is up, so that a caller who was kept from running
 * does not see a time-out that never was.
 *
 * Context: any with @atomic, otherwise sleeps.
 * Return:
 * * 0
 * * -ETIMEDOUT: the value did not appear
 */
int xe_mmio_wait32(const struct xe_mmio *mmio, u32 reg, u32 mask, u32 val, u32 timeout_us,
		   u32 *out, bool atomic)
{
	unsigned int pause_us = 1;
	int ret = -ETIMEDOUT;
	bool last = false;
	ktime_t end = 0;
	u32 read;

	for (;;) {
		read = xe_mmio_read32(mmio, reg);
		if ((read & mask) == val) {
			ret = 0;
			break;
		}
		/* The clock is not looked at for what is there already. */
		if (!end)
			end = ktime_add_us(ktime_get_raw(), timeout_us);
		if (last || xe_mmio_is_gone(mmio))
			break;

		if (atomic)
			udelay(pause_us);
		else
			usleep_range(pause_us, 2 * pause_us);
		if (pause_us < 64)
			pause_us *= 2;
		last = ktime_after(ktime_get_raw(), end);
	}

	if (out)
		*out = read;
	return ret;
}
