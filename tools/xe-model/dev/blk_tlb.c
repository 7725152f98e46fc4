// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: TLB invalidation registers
 *
 * One register per engine class with a bit per instance: a written 1 starts the invalidation of
 * that engine and reads 1 until it is done. Video registers take a mask in the upper half. The
 * registers of the GuC and of OA work at once and read 0. The firmware and engine layers do the
 * work.
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "util/log.h"

#define GFX_TLB_INV 0xced8u
#define VD_TLB_INV 0xcedcu
#define VE_TLB_INV 0xcee0u
#define BLT_TLB_INV 0xcee4u
#define GUC_TLB_INV 0xcee8u
#define OA_TLB_INV 0xceecu

static const struct {
	u32 off;
	u8 hw_class;
	bool masked;
} classes[] = {
	{ GFX_TLB_INV, XM_CLASS_RENDER, false },
	{ VD_TLB_INV, XM_CLASS_VIDEO_DECODE, true },
	{ VE_TLB_INV, XM_CLASS_VIDEO_ENHANCE, true },
	{ BLT_TLB_INV, XM_CLASS_COPY, false },
};

static u32 instances_of(const struct xm_device *dev, unsigned int hw_class)
{
	const struct xm_platform *p = dev->platform;
	u32 bits = 0;

	for (unsigned int i = 0; i < p->n_engines; i++)
		if (p->engines[i].hw_class == hw_class)
			bits |= 1u << p->engines[i].instance;
	return bits;
}

/* A request of an engine that is not there is over at once; one that is under way stays. */
static u32 write_request(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].off == off)
			return (stored | val) & instances_of(dev, classes[i].hw_class);
	return 0;
}

static void after_request(struct xm_device *dev, u32 off, u32 raw)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++) {
		u32 asked = classes[i].masked ? raw & (raw >> 16) & 0xffff : raw;

		if (classes[i].off != off)
			continue;
		if (asked & ~instances_of(dev, classes[i].hw_class))
			log_guest("%s: there is no engine for bits 0x%x", reg_name(dev, off),
				  asked & ~instances_of(dev, classes[i].hw_class));
		asked &= instances_of(dev, classes[i].hw_class);
		if (asked && dev->fw_ops)
			dev->fw_ops->tlb_invalidate(dev, classes[i].hw_class, asked);
	}
}

void tlb_reg_done(struct xm_device *dev, unsigned int hw_class, unsigned int instance)
{
	pthread_mutex_lock(&dev->lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].hw_class == hw_class)
			reg_poke_locked(dev, classes[i].off,
					reg_peek_locked(dev, classes[i].off) & ~(1u << instance));
	pthread_mutex_unlock(&dev->lock);
}

static u32 write_clears(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return 0;
}

static void after_guc(struct xm_device *dev, u32 off, u32 raw)
{
	if (raw & 1 && dev->fw_ops)
		dev->fw_ops->ggtt_invalidate(dev);
}

static const struct reg_row tlb_rows[] = {
	{ .name = "GFX_TLB_INV_CR", .offset = GFX_TLB_INV, .write = write_request,
	  .after = after_request },
	{ .name = "VD_TLB_INV_CR", .offset = VD_TLB_INV, .flags = REG_MASKED,
	  .write = write_request, .after = after_request },
	{ .name = "VE_TLB_INV_CR", .offset = VE_TLB_INV, .flags = REG_MASKED,
	  .write = write_request, .after = after_request },
	{ .name = "BLT_TLB_INV_CR", .offset = BLT_TLB_INV, .write = write_request,
	  .after = after_request },
	{ .name = "GUC_TLB_INV_CR", .offset = GUC_TLB_INV, .write = write_clears,
	  .after = after_guc },
	{ .name = "OA_TLB_INV_CR", .offset = OA_TLB_INV, .write = write_clears },
};

const struct xm_block xm_block_tlb = {
	.name = "tlb",
	.rows = tlb_rows,
	.n_rows = ARRAY_SIZE(tlb_rows),
};
