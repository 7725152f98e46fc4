// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/attach.h"

#include <string.h>

#include "bus/pci.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "util/log.h"
#include "util/pace.h"

#define REGION_BAR0 0u

static void region_read(void *ctx, u32 region, u64 off, void *buf, u32 count)
{
	struct xm_device *dev = ctx;

	if (region == REGION_BAR0)
		xm_bar0_read(dev, off, buf, count);
	else if (fault_active(dev, FAULT_DEVICE_GONE))
		memset(buf, 0xff, count);
	else
		pci_read(dev->pci, (u32)off, buf, count);
}

static void region_write(void *ctx, u32 region, u64 off, const void *buf, u32 count)
{
	struct xm_device *dev = ctx;

	if (region == REGION_BAR0)
		xm_bar0_write(dev, off, buf, count);
	else if (!fault_active(dev, FAULT_DEVICE_GONE))
		pci_write(dev->pci, (u32)off, buf, count);
}

static void reset(void *ctx)
{
	xm_device_reset(ctx);
}

static void disconnect(void *ctx)
{
	log_debug("client left");
	xm_device_reset(ctx);
}

/* The client maps our own BAR like guest memory, but without descriptor. */
static bool owns(void *ctx, u64 addr, u64 len)
{
	struct xm_device *dev = ctx;
	u64 base = pci_bar0(dev->pci);
	u64 size = dev->platform->bar0_size;

	return base && addr >= base && addr - base < size && len <= size - (addr - base);
}

static void settle(void *ctx)
{
	struct xm_device *dev = ctx;

	pace_settle(dev->pace);
}

static const struct vfu_dev_ops device_ops = {
	.region_read = region_read,
	.region_write = region_write,
	.reset = reset,
	.disconnect = disconnect,
	.settle = settle,
	.owns = owns,
};

void xm_device_attach(struct xm_device *dev, struct vfu_device *vfu)
{
	const struct xm_platform *p = dev->platform;
	struct vfu_region *bar0 = &vfu->regions[REGION_BAR0];

	memset(vfu, 0, sizeof(*vfu));
	for (unsigned int i = 0; i < VFU_REGIONS; i++)
		vfu->regions[i].fd = -1;

	bar0->size = p->bar0_size;
	bar0->flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
	if (dev->cfg.ggtt_map) {
		bar0->flags |= VFU_REGION_F_MMAP;
		bar0->fd = dev->ggtt_fd;
		bar0->area.offset = p->ggtt_offset;
		bar0->area.size = p->ggtt_size;
	}
	vfu->regions[VFU_REGION_CONFIG].size = PCI_CONFIG_SIZE;
	vfu->regions[VFU_REGION_CONFIG].flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;

	vfu->write_multi = !dev->cfg.ggtt_map;
	vfu->dma = dev->dma;
	vfu->irq = dev->irq;
	vfu->ops = &device_ops;
	vfu->ctx = dev;
}
