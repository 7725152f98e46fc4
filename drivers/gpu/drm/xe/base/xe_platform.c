// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "base/xe_platform.h"

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/sizes.h>

#include "regs/xe_pci_regs.h"

/*
 * Tiger Lake: Documentation/hardware/mmio.md, 1 and 5.4. All media engines the generation can have
 * are listed; the fuses say which ones a part has.
 */
static const struct xe_platform tigerlake = {
	.name = "TIGERLAKE",
	.id = XE_TIGERLAKE,
	.guc_fw = "i915/tgl_guc_70.bin",
	.engine_mask = BIT_ULL(XE_ENGINE_RCS0) | BIT_ULL(XE_ENGINE_BCS0) |
		       XE_ENGINES_VCS | XE_ENGINES_VECS,
	.wopcm_size = SZ_2M,
	.graphics_verx100 = 1200,
	.media_verx100 = 1200,
	.dma_bits = 39,
	.va_bits = 48,
	.vm_max_level = 3,
	.n_gts = 1,
	.n_pat = 4,
	.timestamp_bits = 36,
	.has_aux_ccs = 1,
	.require_force_probe = 1,
};

static const struct {
	u16 devid;
	const struct xe_platform *platform;
} platforms[] = {
	{ XE_PCI_DEVICE_TGL, &tigerlake },
};

/**
 * xe_platform_find - facts about a PCI device id
 * @devid: PCI device id of vendor 8086
 *
 * Context: any.
 * Return: the platform, or NULL if the driver does not know the device.
 */
const struct xe_platform *xe_platform_find(u16 devid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(platforms); i++)
		if (platforms[i].devid == devid)
			return platforms[i].platform;

	return NULL;
}

/* First engine of each run of instances of one class, in the order of enum xe_engine_id. */
static const struct {
	enum xe_engine_id first;
	enum xe_engine_class class;
} engine_runs[] = {
	{ XE_ENGINE_RCS0, XE_ENGINE_CLASS_RENDER },
	{ XE_ENGINE_BCS0, XE_ENGINE_CLASS_COPY },
	{ XE_ENGINE_VCS0, XE_ENGINE_CLASS_VIDEO_DECODE },
	{ XE_ENGINE_VECS0, XE_ENGINE_CLASS_VIDEO_ENHANCE },
	{ XE_ENGINE_CCS0, XE_ENGINE_CLASS_COMPUTE },
};

static unsigned int engine_run(enum xe_engine_id id)
{
	unsigned int i = ARRAY_SIZE(engine_runs) - 1;

	while (i && engine_runs[i].first > id)
		i--;

	return i;
}

/**
 * xe_engine_id_class - class of an engine
 * @id: engine
 *
 * Context: any.
 * Return: its class.
 */
enum xe_engine_class xe_engine_id_class(enum xe_engine_id id)
{
	return engine_runs[engine_run(id)].class;
}

/**
 * xe_engine_id_instance - physical instance of an engine inside its class
 * @id: engine
 *
 * Context: any.
 * Return: the instance, from 0.
 */
unsigned int xe_engine_id_instance(enum xe_engine_id id)
{
	return id - engine_runs[engine_run(id)].first;
}

/**
 * xe_engine_class_name - short name of a class, as in sysfs and fdinfo
 * @class: engine class
 *
 * Context: any.
 * Return: "rcs", "vcs", "vecs", "bcs", "ccs" or "other".
 */
const char *xe_engine_class_name(enum xe_engine_class class)
{
	static const char * const names[] = {
		[XE_ENGINE_CLASS_RENDER] = "rcs",
		[XE_ENGINE_CLASS_VIDEO_DECODE] = "vcs",
		[XE_ENGINE_CLASS_VIDEO_ENHANCE] = "vecs",
		[XE_ENGINE_CLASS_COPY] = "bcs",
		[XE_ENGINE_CLASS_OTHER] = "other",
		[XE_ENGINE_CLASS_COMPUTE] = "ccs",
	};

	static_assert(ARRAY_SIZE(names) == XE_ENGINE_CLASS_MAX);

	return names[class];
}
