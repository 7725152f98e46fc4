/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * PCI identity, configuration space and BAR layout of Intel Xe GPUs. Numbers only.
 */
#ifndef _XE_PCI_REGS_H_
#define _XE_PCI_REGS_H_

#define XE_PCI_VENDOR_INTEL		0x8086
#define XE_PCI_DEVICE_TGL		0x9A49
#define XE_PCI_BASE_CLASS_DISPLAY	0x03

/* BAR numbers (PCI resource index) */
#define XE_BAR_GTTMMADR			0
#define XE_BAR_APERTURE			2

/* Layout of BAR0 */
#define XE_GTTMMADR_SIZE		0x1000000
#define XE_GTTMMADR_REGS_SIZE		0x400000
#define XE_GTTMMADR_GGTT_OFFSET		0x800000
#define XE_GTTMMADR_GGTT_SIZE		0x800000

/* Graphics control word of the configuration space */
#define XE_PCI_GGC			0x50
#define   XE_GGC_GGMS_MASK		0x00c0
#define   XE_GGC_GGMS_SHIFT		6
#define   XE_GGC_GMS_MASK		0xff00
#define   XE_GGC_GMS_SHIFT		8
#define XE_PCI_BSM_LOW			0xc0
#define XE_PCI_BSM_HIGH			0xc4
#define XE_PCI_ASLS			0xfc

#endif
