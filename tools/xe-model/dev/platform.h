/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PLATFORM_H
#define XM_DEV_PLATFORM_H

#include "dev/forcewake.h"
#include "util/types.h"

/**
 * enum xm_hw_class - engine classes as interrupts and context descriptors number them
 * @XM_CLASS_RENDER: render and 3D
 * @XM_CLASS_VIDEO_DECODE: video codec
 * @XM_CLASS_VIDEO_ENHANCE: video enhancement
 * @XM_CLASS_COPY: blitter
 * @XM_CLASS_OTHER: sources that are no engine; instance 0 is the GuC of GT0
 * @XM_CLASS_COMPUTE: compute only
 */
enum xm_hw_class {
	XM_CLASS_RENDER = 0,
	XM_CLASS_VIDEO_DECODE = 1,
	XM_CLASS_VIDEO_ENHANCE = 2,
	XM_CLASS_COPY = 3,
	XM_CLASS_OTHER = 4,
	XM_CLASS_COMPUTE = 5,
};

/* Instance of the GuC of GT0 in XM_CLASS_OTHER and the event bit of its host interrupt. */
#define XM_OTHER_GUC 0
#define XM_IRQ_GUC_TO_HOST 0x8000
#define XM_IRQ_USER 0x0001
#define XM_IRQ_CS_ERROR 0x0008
#define XM_IRQ_PIPE_NOTIFY 0x0010
#define XM_IRQ_CTX_SWITCH 0x0100
#define XM_IRQ_SEMAPHORE 0x0800

/**
 * struct xm_engine_desc - one engine a platform can have
 * @name: short name, e.g. "rcs0"
 * @hw_class: see enum xm_hw_class
 * @instance: number in the class
 * @guc_class: number of the class in GuC messages
 * @mmio_base: first register
 */
struct xm_engine_desc {
	const char *name;
	u8 hw_class;
	u8 instance;
	u8 guc_class;
	u32 mmio_base;
};

/**
 * struct xm_irq_source - one source of the GT interrupt tree
 * @hw_class: class reported in the identity register
 * @instance: instance reported in the identity register
 * @bank: 0 or 1
 * @bit: bit in the bank
 * @enable_hi: the enable bits are in the upper half of @enable_reg
 * @mask_hi: the mask bits are in the upper half of @mask_reg
 * @enable_reg: class enable register
 * @mask_reg: instance mask register
 */
struct xm_irq_source {
	u8 hw_class;
	u8 instance;
	u8 bank;
	u8 bit;
	bool enable_hi;
	bool mask_hi;
	u32 enable_reg;
	u32 mask_reg;
};

struct xm_block;

/**
 * struct xm_platform - everything that differs between two GPUs
 * @name: name for --platform
 * @device_id: PCI device id
 * @revision: PCI revision
 * @graphics_ver: graphics IP version times 100
 * @dma_bits: width of system addresses
 * @ggc: config word 0x50
 * @bar0_size: bytes of BAR0
 * @ggtt_offset: byte offset of the GGTT array in BAR0
 * @ggtt_size: bytes of the GGTT array
 * @wopcm_size: bytes of WOPCM; GGTT addresses below are not usable by the GuC
 * @ggtt_guc_top: first GGTT address the GuC cannot use
 * @ref_clock_hz: rate of RING_TIMESTAMP
 * @timestamp_bits: valid bits of RING_TIMESTAMP
 * @va_bits: width of a PPGTT address
 * @asid: contexts carry a number of their address space
 * @range_invalidation: the GuC invalidates ranges of an address space
 * @ppgtt_levels: levels of a 48-bit PPGTT walk
 * @engines: engines present after fuses
 * @n_engines: number of @engines
 * @irq_sources: interrupt sources
 * @n_irq_sources: number of @irq_sources
 * @fw_ranges: registers that sleep, ascending; anything else is always awake
 * @n_fw_ranges: number of @fw_ranges
 * @fw_shadowed: registers that may be written asleep
 * @n_fw_shadowed: number of @fw_shadowed
 * @fw_gt_reads: registers of other domains that may be read while the GT domain is awake
 * @n_fw_gt_reads: number of @fw_gt_reads
 * @blocks: register blocks, reset and initialised in this order
 * @n_blocks: number of @blocks
 */
struct xm_platform {
	const char *name;
	u16 device_id;
	u8 revision;
	u16 graphics_ver;
	u8 dma_bits;
	u16 ggc;
	u32 bar0_size;
	u32 ggtt_offset;
	u32 ggtt_size;
	u32 wopcm_size;
	u32 ggtt_guc_top;
	u32 ref_clock_hz;
	u8 timestamp_bits;
	u8 va_bits;
	bool asid;
	bool range_invalidation;
	u8 ppgtt_levels;
	const struct xm_engine_desc *engines;
	unsigned int n_engines;
	const struct xm_irq_source *irq_sources;
	unsigned int n_irq_sources;
	const struct xm_fw_range *fw_ranges;
	unsigned int n_fw_ranges;
	const struct xm_fw_span *fw_shadowed;
	unsigned int n_fw_shadowed;
	const struct xm_fw_span *fw_gt_reads;
	unsigned int n_fw_gt_reads;
	const struct xm_block *const *blocks;
	unsigned int n_blocks;
};

/** xm_platform_find() - Return: the platform called @name, NULL if there is none. */
const struct xm_platform *xm_platform_find(const char *name);

/** xm_platform_at() - Return: platform number @i, NULL past the last (for --help). */
const struct xm_platform *xm_platform_at(unsigned int i);

#endif
