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

static const struct xm_block *const tgl_blocks[] = {
	&xm_block_gt,	 &xm_block_engine, &xm_block_mcr, &xm_block_irq,
	&xm_block_fw,	 &xm_block_pcode,  &xm_block_gt_tgl,
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
