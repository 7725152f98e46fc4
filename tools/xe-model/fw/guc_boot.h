/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_BOOT_H
#define XM_FW_GUC_BOOT_H

#include "regs/xe_guc_regs.h"
#include "util/types.h"

struct guc_ads;
struct xm_device;

/* GUC_STATUS of a firmware that runs */
#define GUC_BOOT_READY ((2u << GS_AUTH_STATUS_SHIFT) | (GS_UKERNEL_READY << GS_UKERNEL_SHIFT) | \
			(GS_BOOTROM_JUMP_PASSED << GS_BOOTROM_SHIFT))

/**
 * guc_boot() - the boot ROM and the start of the firmware
 * @dev: device, the DMA engine was started with the firmware as source
 * @ads: set to what the host asks for
 *
 * Checks what a boot ROM without keys can check: WOPCM, source and destination of the transfer,
 * the header of the image; then reads the ADS. What is wrong is reported.
 *
 * Context: dev->lock and dma_read_lock() not held.
 * Return: the value of GUC_STATUS, GUC_BOOT_READY on success.
 */
u32 guc_boot(struct xm_device *dev, struct guc_ads *ads);

#endif
