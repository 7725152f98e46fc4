/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PLATFORM_H_
#define _XE_PLATFORM_H_

#include <linux/bits.h>
#include <linux/types.h>

/**
 * enum xe_platform_id - platforms the driver knows
 * @XE_TIGERLAKE: Tiger Lake, graphics 12.00, integrated, one GT
 */
enum xe_platform_id {
	XE_TIGERLAKE,
};

/**
 * enum xe_engine_class - engine classes, in the numbering of the hardware
 *
 * The same numbers appear in interrupt identities and context descriptors. The GuC and user space
 * have numberings of their own.
 *
 * @XE_ENGINE_CLASS_RENDER: 3D and compute
 * @XE_ENGINE_CLASS_VIDEO_DECODE: video decode and encode
 * @XE_ENGINE_CLASS_VIDEO_ENHANCE: video enhancement
 * @XE_ENGINE_CLASS_COPY: blitter
 * @XE_ENGINE_CLASS_OTHER: units that run no user work (GuC, GSC)
 * @XE_ENGINE_CLASS_COMPUTE: compute only
 * @XE_ENGINE_CLASS_MAX: number of classes
 */
enum xe_engine_class {
	XE_ENGINE_CLASS_RENDER = 0,
	XE_ENGINE_CLASS_COMPUTE = 5,
	XE_ENGINE_CLASS_COPY = 3,
	XE_ENGINE_CLASS_VIDEO_DECODE = 1,
	XE_ENGINE_CLASS_VIDEO_ENHANCE = 2,
	XE_ENGINE_CLASS_OTHER = 4,
	XE_ENGINE_CLASS_MAX = 6,
};

/**
 * enum xe_engine_id - every engine a GT can have, in the order in which engines are initialised
 *
 * Masks of engines are u64 values with bit BIT_ULL(id) per engine.
 *
 * @XE_ENGINE_RCS0: render engine 0
 * @XE_ENGINE_BCS0: copy engine 0
 * @XE_ENGINE_BCS1: copy engine 1
 * @XE_ENGINE_BCS2: copy engine 2
 * @XE_ENGINE_BCS3: copy engine 3
 * @XE_ENGINE_BCS4: copy engine 4
 * @XE_ENGINE_BCS5: copy engine 5
 * @XE_ENGINE_BCS6: copy engine 6
 * @XE_ENGINE_BCS7: copy engine 7
 * @XE_ENGINE_BCS8: copy engine 8
 * @XE_ENGINE_VCS0: video decode engine 0
 * @XE_ENGINE_VCS1: video decode engine 1
 * @XE_ENGINE_VCS2: video decode engine 2
 * @XE_ENGINE_VCS3: video decode engine 3
 * @XE_ENGINE_VCS4: video decode engine 4
 * @XE_ENGINE_VCS5: video decode engine 5
 * @XE_ENGINE_VCS6: video decode engine 6
 * @XE_ENGINE_VCS7: video decode engine 7
 * @XE_ENGINE_VECS0: video enhancement engine 0
 * @XE_ENGINE_VECS1: video enhancement engine 1
 * @XE_ENGINE_VECS2: video enhancement engine 2
 * @XE_ENGINE_VECS3: video enhancement engine 3
 * @XE_ENGINE_CCS0: compute engine 0
 * @XE_ENGINE_CCS1: compute engine 1
 * @XE_ENGINE_CCS2: compute engine 2
 * @XE_ENGINE_CCS3: compute engine 3
 * @XE_NUM_ENGINES: number of engines
 */
enum xe_engine_id {
	XE_ENGINE_RCS0,
	XE_ENGINE_BCS0,
	XE_ENGINE_BCS1,
	XE_ENGINE_BCS2,
	XE_ENGINE_BCS3,
	XE_ENGINE_BCS4,
	XE_ENGINE_BCS5,
	XE_ENGINE_BCS6,
	XE_ENGINE_BCS7,
	XE_ENGINE_BCS8,
	XE_ENGINE_VCS0,
	XE_ENGINE_VCS1,
	XE_ENGINE_VCS2,
	XE_ENGINE_VCS3,
	XE_ENGINE_VCS4,
	XE_ENGINE_VCS5,
	XE_ENGINE_VCS6,
	XE_ENGINE_VCS7,
	XE_ENGINE_VECS0,
	XE_ENGINE_VECS1,
	XE_ENGINE_VECS2,
	XE_ENGINE_VECS3,
	XE_ENGINE_CCS0,
	XE_ENGINE_CCS1,
	XE_ENGINE_CCS2,
	XE_ENGINE_CCS3,
	XE_NUM_ENGINES,
};

#define XE_ENGINES_RCS		BIT_ULL(XE_ENGINE_RCS0)
#define XE_ENGINES_BCS		GENMASK_ULL(XE_ENGINE_BCS8, XE_ENGINE_BCS0)
#define XE_ENGINES_VCS		GENMASK_ULL(XE_ENGINE_VCS7, XE_ENGINE_VCS0)
#define XE_ENGINES_VECS		GENMASK_ULL(XE_ENGINE_VECS3, XE_ENGINE_VECS0)
#define XE_ENGINES_CCS		GENMASK_ULL(XE_ENGINE_CCS3, XE_ENGINE_CCS0)

/**
 * struct xe_platform - what is fixed by the PCI device id
 *
 * Instances are const; per-device findings (fuses, memory sizes) live in the device.
 */
struct xe_platform {
	/** @name: human-readable name, used in messages and debugfs */
	const char *name;
	/** @guc_fw: firmware file of the GuC, relative to the firmware directory */
	const char *guc_fw;
	/** @engine_mask: BIT_ULL(enum xe_engine_id) of the engines a part can have before fuses */
	u64 engine_mask;
	/** @id: which platform */
	enum xe_platform_id id;
	/** @wopcm_size: bytes of protected memory at the bottom of the GGTT, owned by the GuC */
	u32 wopcm_size;
	/** @graphics_verx100: graphics IP version times 100 */
	u16 graphics_verx100;
	/** @media_verx100: media IP version times 100 */
	u16 media_verx100;
	/** @dma_bits: width of DMA addresses */
	u8 dma_bits;
	/** @va_bits: width of GPU virtual addresses */
	u8 va_bits;
	/** @vm_max_level: level of the root page table; a level-0 table maps pages */
	u8 vm_max_level;
	/** @n_gts: graphics tiles' GTs present */
	u8 n_gts;
	/** @n_pat: entries of the PAT table that user space may name */
	u8 n_pat;
	/** @timestamp_bits: valid bits of an engine's RING_TIMESTAMP */
	u8 timestamp_bits;
	/** @has_range_tlb_inval: the GuC can invalidate a range of one address space */
	u8 has_range_tlb_inval:1;
	/** @has_asid: address spaces carry an id in the context descriptor */
	u8 has_asid:1;
	/** @is_dgfx: discrete part with memory of its own */
	u8 is_dgfx:1;
	/** @has_aux_ccs: compression metadata sits in main memory behind an auxiliary table */
	u8 has_aux_ccs:1;
	/** @require_force_probe: bound only when the user asks for it by module parameter */
	u8 require_force_probe:1;
};

const struct xe_platform *xe_platform_find(u16 devid);
enum xe_engine_class xe_engine_id_class(enum xe_engine_id id);
unsigned int xe_engine_id_instance(enum xe_engine_id id);
const char *xe_engine_class_name(enum xe_engine_class class);

#endif
