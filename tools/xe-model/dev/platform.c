// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/platform.h"

#include <string.h>

#include "dev/blocks.h"

static const struct xm_engine_desc tgl_engines[] = {
	{ "rcs0", XM_CLASS_RENDER, 0, 0, 0x002000 },
	{ "bcs0", XM_CLASS_COPY, 0, 3, 0x022000 },
	{ "vcs0", XM_CLASS_VIDEO_DECODE, 0, 1, 0x1c0000 },
	{ "vcs2", XM_CLASS_VIDEO_DECODE, 2, 1, 0x1d0000 },
	{ "vecs0", XM_CLASS_VIDEO_ENHANCE, 0, 2, 0x1c8000 },
};

/* Class, instance, bank, bit, enable in upper half, mask in upper half, enable, mask. */
static const struct xm_irq_source tgl_irq_sources[] = {
	{ XM_CLASS_RENDER, 0, 0, 0, true, true, 0x190030, 0x190090 },
	{ XM_CLASS_COPY, 0, 0, 15, false, true, 0x190030, 0x1900a0 },
	{ XM_CLASS_OTHER, XM_OTHER_GUC, 0, 25, true, true, 0x190038, 0x1900e8 },
	{ XM_CLASS_VIDEO_DECODE, 0, 1, 0, true, true, 0x190034, 0x1900a8 },
	{ XM_CLASS_VIDEO_DECODE, 1, 1, 1, true, false, 0x190034, 0x1900a8 },
	{ XM_CLASS_VIDEO_DECODE, 2, 1, 2, true, true, 0x190034, 0x1900ac },
	{ XM_CLASS_VIDEO_DECODE, 3, 1, 3, true, false, 0x190034, 0x1900ac },
	{ XM_CLASS_VIDEO_ENHANCE, 0, 1, 31, false, true, 0x190034, 0x1900d0 },
	{ XM_CLASS_VIDEO_ENHANCE, 1, 1, 30, false, false, 0x190034, 0x1900d0 },
};

/* Fused-off units and reserved stretches have no row: nothing there can be asleep. */
static const struct xm_fw_range tgl_fw_ranges[] = {
	{ 0x002000, 0x0026ff, XM_FW_RENDER },
	{ 0x002700, 0x0027ff, XM_FW_GT },
	{ 0x002800, 0x002aff, XM_FW_RENDER },
	{ 0x002b00, 0x002fff, XM_FW_GT },
	{ 0x003000, 0x003fff, XM_FW_RENDER },
	{ 0x004000, 0x0051ff, XM_FW_GT },
	{ 0x005200, 0x007fff, XM_FW_RENDER },
	{ 0x008000, 0x00813f, XM_FW_GT },
	{ 0x008140, 0x00815f, XM_FW_RENDER },
	{ 0x008200, 0x0082ff, XM_FW_GT },
	{ 0x008300, 0x0084ff, XM_FW_RENDER },
	{ 0x008500, 0x0094cf, XM_FW_GT },
	{ 0x0094d0, 0x00955f, XM_FW_RENDER },
	{ 0x009800, 0x00afff, XM_FW_GT },
	{ 0x00b000, 0x00b3ff, XM_FW_RENDER },
	{ 0x00b400, 0x00cfff, XM_FW_GT },
	{ 0x00d800, 0x00d8ff, XM_FW_RENDER },
	{ 0x00d900, 0x00dbff, XM_FW_GT },
	{ 0x00dc00, 0x00efff, XM_FW_RENDER },
	{ 0x00f000, 0x0147ff, XM_FW_GT },
	{ 0x014800, 0x01ffff, XM_FW_RENDER },
	{ 0x020000, 0x020fff, XM_FW_VDBOX0 },
	{ 0x021000, 0x021fff, XM_FW_VDBOX0 + 2 },
	{ 0x022000, 0x023fff, XM_FW_GT },
	{ 0x024180, 0x0249ff, XM_FW_GT },
	{ 0x024a00, 0x0251ff, XM_FW_RENDER },
	{ 0x025200, 0x0255ff, XM_FW_GT },
	{ 0x030000, 0x03ffff, XM_FW_GT },
	{ 0x1c0000, 0x1c3fff, XM_FW_VDBOX0 },
	{ 0x1c8000, 0x1cbfff, XM_FW_VEBOX0 },
	{ 0x1cc000, 0x1cffff, XM_FW_VDBOX0 },
	{ 0x1d0000, 0x1d3fff, XM_FW_VDBOX0 + 2 },
};

/*
 * Tails and submission ports of the engines, frequency request, and the requests themselves; last
 * OAG_OA_DEBUG, which the stock driver sets without a request.
 */
static const struct xm_fw_span tgl_fw_shadowed[] = {
	{ 0x002030, 0x002030 }, { 0x002510, 0x002550 },
	{ 0x00a008, 0x00a00c }, { 0x00a188, 0x00a188 }, { 0x00a278, 0x00a278 },
	{ 0x00a540, 0x00a56c }, { 0x00c4c8, 0x00c4c8 }, { 0x00c4d4, 0x00c4d4 },
	{ 0x00c600, 0x00c600 },
	{ 0x022030, 0x022030 }, { 0x022510, 0x022550 },
	{ 0x1c0030, 0x1c0030 }, { 0x1c0510, 0x1c0550 },
	{ 0x1c8030, 0x1c8030 }, { 0x1c8510, 0x1c8550 },
	{ 0x1d0030, 0x1d0030 }, { 0x1d0510, 0x1d0550 },
	{ 0x00daf8, 0x00daf8 },
};

/* LNCFCMOCS, which the stock driver reads for debugfs with the GT domain alone. */
static const struct xm_fw_span tgl_fw_gt_reads[] = {
	{ 0x00b020, 0x00b09c },
};

static const struct xm_block *const tgl_blocks[] = {
	&xm_block_forcewake, &xm_block_gt, &xm_block_engine, &xm_block_mcr,
	&xm_block_irq,	     &xm_block_fw, &xm_block_pcode,  &xm_block_tlb,
	&xm_block_gt_tgl,
};

static const struct xm_platform platforms[] = {
	{
		.name = "tgl",
		.device_id = 0x9a49,
		.revision = 1,
		.graphics_ver = 1200,
		.dma_bits = 39,
		/* GGMS 3: 8 MiB of entries, a GGTT of 4 GiB; GMS 0: no stolen memory. */
		.ggc = 0x00c0,
		.bar0_size = SZ_16M,
		.ggtt_offset = SZ_8M,
		.ggtt_size = SZ_8M,
		.wopcm_size = SZ_2M,
		.ggtt_guc_top = 0xfee00000,
		.ref_clock_hz = 19200000,
		.timestamp_bits = 36,
		.va_bits = 48,
		.ppgtt_levels = 4,
		.engines = tgl_engines,
		.n_engines = ARRAY_SIZE(tgl_engines),
		.irq_sources = tgl_irq_sources,
		.n_irq_sources = ARRAY_SIZE(tgl_irq_sources),
		.fw_ranges = tgl_fw_ranges,
		.n_fw_ranges = ARRAY_SIZE(tgl_fw_ranges),
		.fw_shadowed = tgl_fw_shadowed,
		.n_fw_shadowed = ARRAY_SIZE(tgl_fw_shadowed),
		.fw_gt_reads = tgl_fw_gt_reads,
		.n_fw_gt_reads = ARRAY_SIZE(tgl_fw_gt_reads),
		.blocks = tgl_blocks,
		.n_blocks = ARRAY_SIZE(tgl_blocks),
	},
};

const struct xm_platform *xm_platform_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(platforms); i++)
		if (!strcmp(platforms[i].name, name))
			return &platforms[i];
	return NULL;
}

const struct xm_platform *xm_platform_at(unsigned int i)
{
	return i < ARRAY_SIZE(platforms) ? &platforms[i] : NULL;
}
