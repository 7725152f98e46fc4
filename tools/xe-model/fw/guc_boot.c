// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_boot.h"

#include <string.h>

#include "abi/guc_fwif.h"
#include "bus/dma.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "dev/ggtt.h"
#include "fw/guc_ads.h"
#include "regs/xe_guc_regs.h"
#include "util/log.h"

#define BOOTROM_SIGNATURE_FAILED 0x50u
#define BOOTROM_WOPCM_FAILED 0x74u
#define UKERNEL_ADS_INVALID 0x71u

static u32 css(const u8 *header, u32 offset)
{
	u32 val;

	memcpy(&val, header + offset, 4);
	return val;
}

/* The checks the boot ROM can make without keys. */
static const char *check_image(struct xm_device *dev, u64 src, u32 size)
{
	u8 h[GUC_CSS_BYTES];
	u32 header_dw, code_dw;
	bool ok;

	if (size < GUC_CSS_BYTES)
		return "transfer is shorter than the image header";
	dma_read_lock(dev->dma);
	ok = ggtt_read(dev, src, h, sizeof(h));
	for (u64 at = 0; ok && at < size; at += SZ_4K)
		ok = ggtt_read(dev, src + at, &code_dw, 4);
	dma_read_unlock(dev->dma);
	if (!ok)
		return "image is not mapped in the GGTT";
	header_dw = css(h, GUC_CSS_HEADER_SIZE_DW_OFFSET) - css(h, GUC_CSS_KEY_SIZE_DW_OFFSET) -
		    css(h, GUC_CSS_MODULUS_SIZE_DW_OFFSET) -
		    css(h, GUC_CSS_EXPONENT_SIZE_DW_OFFSET);
	if (header_dw * 4 != GUC_CSS_BYTES)
		return "image header has a wrong size";
	code_dw = css(h, GUC_CSS_SIZE_DW_OFFSET) - css(h, GUC_CSS_HEADER_SIZE_DW_OFFSET);
	if (size != GUC_CSS_BYTES + code_dw * 4)
		return "transfer size is not header plus micro-code";
	return NULL;
}

static u32 status_bad(u32 rom)
{
	return (GS_AUTH_STATUS_BAD << GS_AUTH_STATUS_SHIFT) | rom << GS_BOOTROM_SHIFT;
}

static u32 boot_failed(u32 rom, const char *why)
{
	log_violation("guc-upload", "GuC upload: %s", why);
	return status_bad(rom);
}

u32 guc_boot(struct xm_device *dev, struct guc_ads *ads)
{
	u64 src = reg_peek(dev, DMA_ADDR_0_LOW) | (u64)(reg_peek(dev, DMA_ADDR_0_HIGH) & 0xffff)
						   << 32;
	u32 size = reg_peek(dev, DMA_COPY_SIZE);
	u32 wopcm = reg_peek(dev, GUC_WOPCM_SIZE) & GUC_WOPCM_SIZE_MASK;
	u32 at = (reg_peek(dev, GUC_PARAM(GUC_PARAM_ADS)) >> GUC_ADS_PAGE_SHIFT) << 12;
	const char *wrong;

	if (fault_active(dev, FAULT_GT_RESET))
		return GS_MIA_IN_RESET;
	if (fault_hit(dev, FAULT_UPLOAD, FAULT_EVENT()))
		return status_bad(BOOTROM_SIGNATURE_FAILED);
	if (!(reg_peek(dev, GUC_WOPCM_SIZE) & GUC_WOPCM_SIZE_LOCKED) ||
	    !(reg_peek(dev, DMA_GUC_WOPCM_OFFSET) & GUC_WOPCM_OFFSET_VALID))
		return boot_failed(BOOTROM_WOPCM_FAILED, "WOPCM is not set up");
	if (size + GUC_WOPCM_GUC_RESERVED + GUC_WOPCM_GUC_STACK > wopcm)
		return boot_failed(BOOTROM_WOPCM_FAILED, "image does not fit into WOPCM");
	if (!(reg_peek(dev, DMA_ADDR_0_HIGH) & DMA_ADDRESS_SPACE_GGTT) ||
	    !(reg_peek(dev, DMA_ADDR_1_HIGH) & DMA_ADDRESS_SPACE_WOPCM) ||
	    reg_peek(dev, DMA_ADDR_1_LOW) != GUC_DMA_DESTINATION)
		return boot_failed(BOOTROM_SIGNATURE_FAILED, "wrong source or destination");
	wrong = check_image(dev, src, size);
	if (wrong)
		return boot_failed(BOOTROM_SIGNATURE_FAILED, wrong);
	if (!guc_ads_parse(dev, ads, at))
		return (2u << GS_AUTH_STATUS_SHIFT) | UKERNEL_ADS_INVALID << GS_UKERNEL_SHIFT |
		       GS_BOOTROM_JUMP_PASSED << GS_BOOTROM_SHIFT;
	return GUC_BOOT_READY;
}
