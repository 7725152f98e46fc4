// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GT registers
 *
 * Resets, clocks, power and cache policy. Most are storage; what behaves:
 *
 *	GDRST		starts a reset and reads 0: the reset is over when the write returns,
 *			unless an ordered fault keeps the GT in reset
 *	GU_CNTL		driver-initiated function level reset, unless the platform forbids it
 *	AUX		invalidation registers read 0
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "util/bits.h"
#include "util/log.h"

#define GUC_STATUS 0xc000u
#define GUC_STATUS_IN_RESET 1u

#define GDRST 0x941cu
#define GDRST_FULL 0x1u
#define GDRST_GUC 0x8u

#define GU_CNTL_PROTECTED 0x10100cu
#define GU_CNTL 0x101010u
#define GU_DEBUG 0x101018u
#define DRIVERFLR 0x80000000u

#define RPNSWREQ 0xa008u

static u32 write_clears(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return 0;
}

static u32 read_gdrst(struct xm_device *dev, u32 off, u32 stored)
{
	return fault_active(dev, FAULT_GT_RESET) ? GDRST_FULL : 0;
}

static void after_gdrst(struct xm_device *dev, u32 off, u32 raw)
{
	if (raw & ~(GDRST_FULL | GDRST_GUC))
		log_violation("reg-write", "GDRST: bits 0x%x belong to the GuC",
			      raw & ~(GDRST_FULL | GDRST_GUC));
	if (raw & GDRST_FULL) {
		fault_hit(dev, FAULT_GT_RESET, FAULT_EVENT(.action = GDRST));
		xm_device_gt_reset(dev);
	} else if (raw & GDRST_GUC) {
		reg_poke(dev, GUC_STATUS, GUC_STATUS_IN_RESET);
		if (dev->fw_ops)
			dev->fw_ops->guc_reset(dev);
	}
}

static u32 write_gu_cntl(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return val & ~DRIVERFLR;
}

static void after_gu_cntl(struct xm_device *dev, u32 off, u32 raw)
{
	if (!(raw & DRIVERFLR) || reg_peek(dev, GU_CNTL_PROTECTED) & DRIVERFLR)
		return;
	xm_device_reset(dev);
	reg_poke(dev, GU_DEBUG, DRIVERFLR);
}

/* The frequency asked for is the frequency reached; both in units of 50/3 MHz. */
static u32 read_perf_status(struct xm_device *dev, u32 off, u32 stored)
{
	return reg_peek_locked(dev, RPNSWREQ) >> 23 << 11;
}

static const struct reg_row gt_rows[] = {
	{ .name = "GDRST", .offset = GDRST, .read = read_gdrst, .write = write_clears,
	  .after = after_gdrst },
	{ .name = "GU_CNTL", .offset = GU_CNTL, .flags = REG_KEEP, .write = write_gu_cntl,
	  .after = after_gu_cntl },
	{ .name = "GU_DEBUG", .offset = GU_DEBUG, .w1c = DRIVERFLR, .flags = REG_KEEP },

	/* 38.4 MHz crystal, shifted by 3 - 2: the usual 19.2 MHz. */
	{ .name = "RPM_CONFIG0", .offset = 0xd00, .reset = 0x14, .flags = REG_READ_ONLY },
	{ .name = "CTC_MODE", .offset = 0xa26c, .flags = REG_READ_ONLY },
	{ .name = "TIMESTAMP_OVERRIDE", .offset = 0x44074, .flags = REG_READ_ONLY },

	{ .name = "RPNSWREQ", .offset = RPNSWREQ },
	{ .name = "RP_CONTROL", .offset = 0xa024 },
	{ .name = "RC_CONTROL", .offset = 0xa090 },
	{ .name = "RC_STATE", .offset = 0xa094 },
	{ .name = "RC_IDLE_HYSTERSIS", .offset = 0xa0ac },
	{ .name = "PMINTRMSK", .offset = 0xa168 },
	/* Render, media, and two bits of each of eight video decoders from bit 3 on. */
	{ .name = "POWERGATE_ENABLE", .offset = 0xa210, .reserved = ~0x0007fffbu },
	{ .name = "GT_PM_CONFIG", .offset = 0x13816c, .flags = REG_KEEP },
	{ .name = "GT_PERF_STATUS", .offset = 0x1381b4, .flags = REG_READ_ONLY,
	  .read = read_perf_status },
	{ .name = "GT_CORE_STATUS", .offset = 0x138060, .flags = REG_READ_ONLY },
	{ .name = "GT_GFX_RC6", .offset = 0x138108, .flags = REG_READ_ONLY },
	{ .name = "GT0_PERF_LIMIT_REASONS", .offset = 0x1381a8, .ro = ~0u, .flags = REG_KEEP },

	{ .name = "CCS_AUX_INV", .offset = 0x4208, .write = write_clears },
	{ .name = "VD0_AUX_INV", .offset = 0x4218, .write = write_clears },
	{ .name = "VE0_AUX_INV", .offset = 0x4238, .write = write_clears },

	/* Writes of 0 drain GGTT updates on some platforms: dropped without a word. */
	{ .name = "GMD_ID", .offset = 0xd8c, .ro = ~0u },
	{ .name = "OAG_OA_DEBUG", .offset = 0xdaf8, .flags = REG_MASKED },
};

const struct xm_block xm_block_gt = {
	.name = "gt",
	.rows = gt_rows,
	.n_rows = ARRAY_SIZE(gt_rows),
};

static const struct reg_row tgl_rows[] = {
	/* Fuses. L3 banks, EUs: none disabled. Six subslices. VCS0, VCS2 and VECS0 present. */
	{ .name = "XEHP_FUSE4", .offset = 0x9114, .flags = REG_READ_ONLY },
	{ .name = "MIRROR_FUSE3", .offset = 0x9118, .flags = REG_READ_ONLY },
	{ .name = "XELP_EU_ENABLE", .offset = 0x9134, .flags = REG_READ_ONLY },
	{ .name = "GT_GEOMETRY_DSS_ENABLE", .offset = 0x913c, .reset = 0x3f,
	  .flags = REG_READ_ONLY },
	{ .name = "GT_VEBOX_VDBOX_DISABLE", .offset = 0x9140, .reset = 0x000e00fa,
	  .flags = REG_READ_ONLY },
	{ .name = "GT_COMPUTE_DSS_ENABLE", .offset = 0x9144, .flags = REG_READ_ONLY },

	/* 1300, 400 and 300 MHz; most efficient 400 MHz. */
	{ .name = "RP_STATE_CAP", .offset = 0x145998, .reset = 0x0006081a,
	  .flags = REG_READ_ONLY },
	{ .name = "FREQ_INFO_REC", .offset = 0x145ef0, .reset = 0x0800,
	  .flags = REG_READ_ONLY },

	/* All display pipes fused off, no driver-initiated reset. */
	{ .name = "DFSM", .offset = 0x51000, .reset = 0x50600000, .flags = REG_READ_ONLY },
	{ .name = "GMD_ID_DISPLAY", .offset = 0x510a0, .flags = REG_READ_ONLY },
	{ .name = "GU_CNTL_PROTECTED", .offset = GU_CNTL_PROTECTED, .reset = 0x80000000,
	  .flags = REG_READ_ONLY },

	/* Cache policy: what each field can hold is less than what later platforms have. */
	{ .name = "GLOBAL_MOCS", .offset = 0x4000, .count = 64, .reserved = 0xfff80000 },
	{ .name = "PAT", .offset = 0x4800, .count = 8, .reserved = ~3u },
	{ .name = "LNCFCMOCS", .offset = 0xb020, .count = 32, .reserved = 0xffc0ffc0 },

	/* Workaround and tuning registers. */
	{ .name = "UNSLICE_CLK_GATING", .offset = 0x9424 },
	{ .name = "FF_MODE2", .offset = 0x6604 },
	{ .name = "COMMON_SLICE_CHICKEN3", .offset = 0x7304, .flags = REG_MASKED },
	{ .name = "CACHE_MODE_SS_HIZ", .offset = 0x7018, .flags = REG_MASKED },
	{ .name = "CHICKEN_RASTER", .offset = 0x7300, .flags = REG_MASKED },
	{ .name = "VCS0_CGCTL3F10", .offset = 0x1c3f10 },
	{ .name = "VCS2_CGCTL3F10", .offset = 0x1d3f10 },
};

const struct xm_block xm_block_gt_tgl = {
	.name = "gt-tgl",
	.rows = tgl_rows,
	.n_rows = ARRAY_SIZE(tgl_rows),
};
