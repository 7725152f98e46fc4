// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Registers around the GuC
 *
 * WOPCM partition, upload engine, scratch and mailbox. They store what the host writes and tell the
 * firmware layer when something has to happen; what happens is decided there.
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "util/log.h"

#define WOPCM_LOCKED 0x1u
#define WOPCM_SIZE_FIELD 0xfffff000u
#define WOPCM_OFFSET_FIELD 0xffffc002u

#define DMA_CTRL 0xc314u
#define DMA_START 0x0001u
#define DMA_UOS_MOVE 0x0010u
#define DMA_HUC_UKERNEL 0x0200u

static u32 lock_once(u32 off, u32 stored, u32 fields)
{
	if (!(stored & WOPCM_LOCKED))
		return fields | WOPCM_LOCKED;
	if ((stored | WOPCM_LOCKED) != (fields | WOPCM_LOCKED))
		log_violation("reg-write", "WOPCM register 0x%x is locked at 0x%x, 0x%x refused",
			      off, stored, fields);
	return stored;
}

static u32 write_wopcm_size(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return lock_once(off, stored, raw & WOPCM_SIZE_FIELD);
}

static u32 write_wopcm_offset(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return lock_once(off, stored, raw & WOPCM_OFFSET_FIELD);
}

/* The transfer is over when the write returns: START reads 0. */
static u32 write_dma_ctrl(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return val & ~DMA_START;
}

static void after_dma_ctrl(struct xm_device *dev, u32 off, u32 raw)
{
	u32 ctrl;

	if (!(raw & (raw >> 16) & DMA_START))
		return;
	ctrl = reg_peek(dev, DMA_CTRL);
	if (ctrl & DMA_UOS_MOVE) {
		if (dev->fw_ops)
			dev->fw_ops->upload(dev);
	} else if (!(ctrl & DMA_HUC_UKERNEL)) {
		log_violation("reg-write", "DMA_CTRL: START without a kind of image (0x%x)", raw);
	}
}

static u32 write_notify(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return 0;
}

static void after_notify(struct xm_device *dev, u32 off, u32 raw)
{
	if (dev->fw_ops)
		dev->fw_ops->mailbox(dev);
}

static const struct reg_row fw_rows[] = {
	/* Held in reset until an image is loaded. The firmware layer sets it with reg_poke(). */
	{ .name = "GUC_STATUS", .offset = 0xc000, .reset = 1, .flags = REG_READ_ONLY },
	{ .name = "GUC_WOPCM_SIZE", .offset = 0xc050, .reserved = 0xffe,
	  .write = write_wopcm_size },
	{ .name = "GUC_SHIM_CONTROL", .offset = 0xc064 },
	{ .name = "SOFT_SCRATCH", .offset = 0xc180, .count = 16 },
	{ .name = "HUC_KERNEL_LOAD_INFO", .offset = 0xc1dc, .flags = REG_READ_ONLY },
	{ .name = "UOS_RSA_SCRATCH", .offset = 0xc200, .count = 64 },
	{ .name = "DMA_ADDR_COPY", .offset = 0xc300, .count = 5 },
	{ .name = "DMA_CTRL", .offset = DMA_CTRL, .flags = REG_MASKED, .write = write_dma_ctrl,
	  .after = after_dma_ctrl },
	{ .name = "DMA_GUC_WOPCM_OFFSET", .offset = 0xc340, .reserved = 0x3ffc,
	  .write = write_wopcm_offset },
	/* 256 doorbells, minus 1, in bits 23:16. */
	{ .name = "DIST_DBS_POPULATED", .offset = 0xd08, .reset = 0x00ff0000,
	  .flags = REG_READ_ONLY },
	{ .name = "GUC_HOST_INTERRUPT", .offset = 0x1901f0, .flags = REG_KEEP,
	  .write = write_notify, .after = after_notify },
	/* Bit 0 would make this a virtual function; some platforms write it as a barrier. */
	{ .name = "VF_CAP", .offset = 0x1901f8, .ro = ~0u },
	{ .name = "VF_SW_FLAG", .offset = 0x190240, .count = 4, .flags = REG_KEEP },
};

const struct xm_block xm_block_fw = {
	.name = "fw",
	.rows = fw_rows,
	.n_rows = ARRAY_SIZE(fw_rows),
};
