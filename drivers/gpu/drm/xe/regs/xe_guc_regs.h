/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Registers through which the GuC is loaded and talked to. Numbers only.
 */
#ifndef _XE_GUC_REGS_H_
#define _XE_GUC_REGS_H_

#define GUC_STATUS			0xc000
#define   GS_AUTH_STATUS_MASK		0xc0000000
#define   GS_AUTH_STATUS_SHIFT		30
#define   GS_AUTH_STATUS_BAD		1
#define   GS_AUTH_STATUS_GOOD		2
#define   GS_MIA_MASK			0x00070000
#define   GS_MIA_SHIFT			16
#define   GS_UKERNEL_MASK		0x0000ff00
#define   GS_UKERNEL_SHIFT		8
#define   GS_UKERNEL_READY		0xf0
#define   GS_BOOTROM_MASK		0x000000fe
#define   GS_BOOTROM_SHIFT		1
#define   GS_BOOTROM_JUMP_PASSED	0x76
#define   GS_MIA_IN_RESET		0x00000001

#define GUC_WOPCM_SIZE			0xc050
#define   GUC_WOPCM_SIZE_MASK		0xfffff000
#define   GUC_WOPCM_SIZE_LOCKED		0x00000001
#define DMA_GUC_WOPCM_OFFSET		0xc340
#define   GUC_WOPCM_OFFSET_MASK		0xffffc000
#define   GUC_WOPCM_HUC_LOADED_BY_GUC	0x00000002
#define   GUC_WOPCM_OFFSET_VALID	0x00000001

#define GUC_SHIM_CONTROL		0xc064
#define   GUC_SHIM_DISABLE_SRAM_CLEAR	0x00000001
#define   GUC_SHIM_READ_CACHE_1		0x00000002
#define   GUC_SHIM_ENABLE_CACHING	0x00000004
#define   GUC_SHIM_READ_CACHE_9		0x00000200
#define   GUC_SHIM_READ_CACHE_10	0x00000400
#define   GUC_SHIM_CLOCK_GATE_ENABLE	0x00008000
#define   GUC_SHIM_TGL			0x00008607

#define SOFT_SCRATCH(n)			(0xc180 + 4 * (n))
#define   SOFT_SCRATCH_COUNT		16
#define GUC_PARAM(n)			SOFT_SCRATCH(1 + (n))
#define   GUC_PARAM_COUNT		14
#define UOS_RSA_SCRATCH(i)		(0xc200 + 4 * (i))
#define   UOS_RSA_SCRATCH_COUNT		64

#define DMA_ADDR_0_LOW			0xc300
#define DMA_ADDR_0_HIGH			0xc304
#define DMA_ADDR_1_LOW			0xc308
#define DMA_ADDR_1_HIGH			0xc30c
#define   DMA_ADDRESS_SPACE_WOPCM	0x00070000
#define   DMA_ADDRESS_SPACE_GGTT	0x00080000
#define DMA_COPY_SIZE			0xc310
#define DMA_CTRL			0xc314	/* masked */
#define   DMA_HUC_UKERNEL		0x0200
#define   DMA_UOS_MOVE			0x0010
#define   DMA_START			0x0001
#define   GUC_DMA_DESTINATION		0x2000

#define HUC_KERNEL_LOAD_INFO		0xc1dc
#define   HUC_LOAD_SUCCESSFUL		0x00000001

/* Register mailbox and the notify ("doorbell") register of the GuC of GT0 */
#define GUC_MAILBOX(n)			(0x190240 + 4 * (n))
#define MEDIA_GUC_MAILBOX(n)		(0x190310 + 4 * (n))
#define   GUC_MAILBOX_COUNT		4
#define GUC_HOST_INTERRUPT		0x1901f0
#define MEDIA_GUC_HOST_INTERRUPT	0x190304

/* GuC scratch register the firmware leaves error bits in while the CT ring comes up */
#define GUC_EARLY_ERROR			SOFT_SCRATCH(15)

#endif
