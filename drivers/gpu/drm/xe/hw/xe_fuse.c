// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "hw/xe_fuse.h"

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/units.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "hw/xe_mmio.h"
#include "regs/xe_gt_regs.h"

/* From 12.50 on, fuses say what is present; before, media, EU and L3 fuses say what is absent. */
#define FUSE_PRESENT_VERX100	1250
#define XELP_L3_BANKS		8
#define XELP_EU_FUSE_BITS	8

static u64 read_engines(const struct xe_mmio *mmio, const struct xe_platform *platform)
{
	u32 media = xe_mmio_read32(mmio, GT_VEBOX_VDBOX_DISABLE);
	u64 mask = platform->engine_mask;
	u64 vdbox, vebox;

	if (platform->media_verx100 < FUSE_PRESENT_VERX100)
		media = ~media;

	vdbox = FIELD_GET(GT_VDBOX_MASK, media);
	vebox = FIELD_GET(GT_VEBOX_MASK, media);

	mask &= ~(XE_ENGINES_VCS | XE_ENGINES_VECS) |
		(vdbox << XE_ENGINE_VCS0) | (vebox << XE_ENGINE_VECS0);

	if (mask & XE_ENGINES_CCS) {
		u64 ccs = FIELD_GET(XEHP_FUSE4_CCS_MASK, xe_mmio_read32(mmio, XEHP_FUSE4));

		mask &= ~XE_ENGINES_CCS | (ccs << XE_ENGINE_CCS0);
	}

	return mask;
}

/* Each bit of the Tiger Lake EU fuse disables a pair of SIMD8 EUs. */
static u32 xelp_eu_mask(u32 fuse)
{
	unsigned long enabled = ~fuse & XELP_EU_DIS_MASK;
	unsigned int bit;
	u32 mask = 0;

	for_each_set_bit(bit, &enabled, XELP_EU_FUSE_BITS)
		mask |= 3u << (2 * bit);

	return mask;
}

/**
 * xe_fuse_read - find out what the fuses leave of a GT
 * @mmio: register view of the GT; its GT power domain is awake
 * @platform: platform
 * @out: result
 *
 * Numbers and polarities: Documentation/hardware/mmio.md, 5.4.
 *
 * Context: any.
 * Return:
 * * 0
 * * -EIO: the fuses describe a GT without any dual subslice, or the device does not answer
 * * -EOPNOTSUPP: graphics version whose fuse layout is not known
 */
int xe_fuse_read(const struct xe_mmio *mmio, const struct xe_platform *platform,
		 struct xe_fuses *out)
{
	struct xe_fuses fuses = {};
	u32 doorbells;

	if (platform->graphics_verx100 >= FUSE_PRESENT_VERX100)
		return -EOPNOTSUPP;

	fuses.geometry_dss_mask = xe_mmio_read32(mmio, XELP_GT_GEOMETRY_DSS_ENABLE);
	if (!fuses.geometry_dss_mask || fuses.geometry_dss_mask == ~0u) {
		xe_err(mmio->xe, "implausible subslice fuse %#x\n", fuses.geometry_dss_mask);
		return -EIO;
	}

	fuses.eu_per_dss_mask = xelp_eu_mask(xe_mmio_read32(mmio, XELP_EU_ENABLE));
	fuses.l3_bank_mask = ~xe_mmio_read32(mmio, MIRROR_FUSE3) & MIRROR_FUSE3_L3BANK_DIS_MASK;
	fuses.engine_mask = read_engines(mmio, platform);

	doorbells = xe_mmio_read32(mmio, DIST_DBS_POPULATED);
	fuses.doorbells_per_sqidi = FIELD_GET(DOORBELLS_PER_SQIDI_MASK, doorbells) + 1;

	*out = fuses;
	return 0;
}

/**
 * xe_gt_clock_read_hz - frequency of the GPU's timestamp counters
 * @mmio: register view of the GT; its GT power domain is awake
 *
 * Numbers: mmio.md 5.11.
 *
 * Context: any.
 * Return: the frequency in Hz; 0 if the registers make no sense.
 */
u32 xe_gt_clock_read_hz(const struct xe_mmio *mmio)
{
	static const u32 crystal_hz[] = {
		[RPM_CRYSTAL_CLOCK_24_MHZ] = 24 * HZ_PER_MHZ,
		[RPM_CRYSTAL_CLOCK_19_2_MHZ] = 19200 * HZ_PER_KHZ,
		[RPM_CRYSTAL_CLOCK_38_4_MHZ] = 38400 * HZ_PER_KHZ,
		[RPM_CRYSTAL_CLOCK_25_MHZ] = 25 * HZ_PER_MHZ,
	};
	u32 ctc = xe_mmio_read32(mmio, CTC_MODE);
	u32 config, crystal, shift;

	if (ctc & CTC_SOURCE_DIVIDE_LOGIC) {
		u32 over = xe_mmio_read32(mmio, TIMESTAMP_OVERRIDE);
		u32 mhz = FIELD_GET(TIMESTAMP_DIVIDER_MASK, over) + 1;
		u32 denominator = FIELD_GET(TIMESTAMP_DENOMINATOR_MASK, over) + 1;

		return mhz * HZ_PER_MHZ + HZ_PER_MHZ / denominator;
	}

	config = xe_mmio_read32(mmio, RPM_CONFIG0);
	crystal = FIELD_GET(RPM_CRYSTAL_CLOCK_MASK, config);
	shift = FIELD_GET(RPM_CTC_SHIFT_MASK, config);
	if (crystal >= ARRAY_SIZE(crystal_hz))
		return 0;

	return crystal_hz[crystal] >> (3 - shift);
}

/**
 * xe_fuse_print - describe what the fuses left
 * @fuses: fuses of a GT
 * @p: where to print
 *
 * Context: as the printer.
 */
void xe_fuse_print(const struct xe_fuses *fuses, struct drm_printer *p)
{
	drm_printf(p, "dss mask (geometry): %08x\n", fuses->geometry_dss_mask);
	drm_printf(p, "dss mask (compute):  %08x\n", fuses->compute_dss_mask);
	drm_printf(p, "EU mask per DSS:     %08x\n", fuses->eu_per_dss_mask);
	drm_printf(p, "EU type:             %s\n", fuses->simd16_eus ? "simd16" : "simd8");
	drm_printf(p, "L3 bank mask:        %016llx\n", fuses->l3_bank_mask);
	drm_printf(p, "engine mask:         %016llx\n", fuses->engine_mask);
}
