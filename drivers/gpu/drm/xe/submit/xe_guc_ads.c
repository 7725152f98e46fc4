// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Additional data structures (ADS)
 *
 * One GGTT-mapped blob tells the firmware what it cannot find out itself: which engines exist
 * and how their logical instances map to physical ones, scheduling policies, which registers to
 * save and restore when it resets an engine, and a pristine context image per engine class to
 * put into a context that was killed. The fixed part has offsets defined by the interface
 * (abi/guc_fwif.h); behind it follow the register lists, the golden contexts, a page with an
 * empty register-capture list and the firmware's private memory, each on a page boundary.
 *
 * The blob is written from scratch before every load, while the GuC is in reset. The golden
 * contexts do not exist then: they are recorded by the first jobs, which need the GuC.
 * The firmware reads them only when it resets an engine, so they are filled in later.
 */

#include <linux/align.h>
#include <linux/sizes.h>

#include "base/xe_print.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "hw/xe_mmio.h"
#include "hw/xe_reg_rules.h"
#include "mem/xe_bo.h"
#include "regs/xe_gt_regs.h"
#include "submit/xe_guc.h"
#include "submit/xe_guc_types.h"

/* rules of one engine, the registers every engine needs, and the L3 half of the MOCS table */
#define ADS_REGS_PER_ENGINE_MAX		(XE_REG_LIST_MAX + LNCFCMOCS_REG_COUNT + 8)
#define ADS_POINTER_BYTES		4

static_assert(GUC_ADS_REG_STATE_OFFSET +
	      GUC_CLASS_COUNT * GUC_INSTANCE_COUNT * GUC_ADS_REG_STATE_BYTES <=
	      GUC_ADS_SCHED_POLICIES_PTR_OFFSET);
static_assert(GUC_ADS_GOLDEN_PTR_OFFSET + GUC_CLASS_COUNT * ADS_POINTER_BYTES ==
	      GUC_ADS_ENGINE_STATE_SIZE_OFFSET);
static_assert(GUC_ADS_CAPTURE_INSTANCE_OFFSET + GUC_ADS_CAPTURE_POINTERS * ADS_POINTER_BYTES ==
	      GUC_ADS_WA_KLV_OFFSET);
static_assert(GUC_SYSINFO_MAPPING_OFFSET + GUC_CLASS_COUNT * GUC_INSTANCE_COUNT ==
	      GUC_SYSINFO_ENABLED_MASKS_OFFSET);

/**
 * xe_guc_class - the GuC's number of an engine class
 * @engine_class: &enum xe_engine_class
 *
 * Context: any.
 * Return: GUC_CLASS_ number.
 */
u32 xe_guc_class(unsigned int engine_class)
{
	static const u8 map[XE_ENGINE_CLASS_MAX] = {
		[XE_ENGINE_CLASS_RENDER] = GUC_CLASS_RENDER,
		[XE_ENGINE_CLASS_VIDEO_DECODE] = GUC_CLASS_VIDEO,
		[XE_ENGINE_CLASS_VIDEO_ENHANCE] = GUC_CLASS_VIDEO_ENHANCE,
		[XE_ENGINE_CLASS_COPY] = GUC_CLASS_COPY,
		[XE_ENGINE_CLASS_OTHER] = GUC_CLASS_OTHER,
		[XE_ENGINE_CLASS_COMPUTE] = GUC_CLASS_COMPUTE,
	};

	return map[engine_class];
}

static u32 *ads_word(struct xe_guc *guc, u32 offset)
{
	return xe_bo_vaddr(guc->ads.bo) + offset;
}

static u32 ads_addr(struct xe_guc *guc, u32 offset)
{
	return xe_bo_ggtt_addr(guc->ads.bo) + offset;
}

static bool ads_has_class(struct xe_gt *gt, enum xe_engine_class class)
{
	return class != XE_ENGINE_CLASS_OTHER && xe_gt_logical_mask(gt, class);
}

static u32 ads_golden_bytes(struct xe_gt *gt, enum xe_engine_class class)
{
	return ads_has_class(gt, class) ? ALIGN(xe_lrc_image_size(gt, class), SZ_4K) : 0;
}

/* Start of the golden context of a class inside the blob */
static u32 ads_golden_offset(struct xe_guc *guc, enum xe_engine_class class)
{
	u32 offset = guc->ads.golden_offset;
	enum xe_engine_class c;

	for (c = 0; c < class; c++)
		offset += ads_golden_bytes(guc->gt, c);

	return offset;
}

/**
 * xe_guc_ads_init - lay the blob out and allocate it
 * @guc: the GuC; engines known, firmware header parsed
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space
 */
int xe_guc_ads_init(struct xe_guc *guc)
{
	struct xe_guc_ads *ads = &guc->ads;
	struct xe_gt *gt = guc->gt;
	u32 end = GUC_ADS_REG_LISTS_OFFSET;
	struct xe_bo *bo;
	unsigned int id;

	for (id = 0; id < XE_NUM_ENGINES; id++)
		if (gt->engines[id])
			end += ADS_REGS_PER_ENGINE_MAX * GUC_REG_ENTRY_BYTES;

	ads->golden_offset = ALIGN(end, SZ_4K);
	ads->capture_offset = ads_golden_offset(guc, XE_ENGINE_CLASS_MAX);
	ads->private_offset = ads->capture_offset + GUC_ADS_CAPTURE_BYTES;
	ads->size = ads->private_offset + ALIGN(guc->fw.private_bytes, SZ_4K);

	bo = xe_bo_create_kernel(gt->xe, ads->size, XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	ads->bo = bo;

	return 0;
}

/**
 * xe_guc_ads_fini - free the blob
 * @guc: the GuC, in reset or never started
 *
 * Context: may sleep.
 */
void xe_guc_ads_fini(struct xe_guc *guc)
{
	xe_bo_destroy_kernel(guc->ads.bo);
	guc->ads.bo = NULL;
}

static void ads_write_policies(struct xe_guc *guc)
{
	bool any_hang = READ_ONCE(guc->gt->xe->wedged.mode) == XE_WEDGED_ANY_HANG;
	const u32 base = GUC_ADS_POLICIES_OFFSET;

	*ads_word(guc, GUC_ADS_SCHED_POLICIES_PTR_OFFSET) = ads_addr(guc, base);
	*ads_word(guc, base + GUC_POLICIES_DPC_PROMOTE_US_OFFSET) = GUC_POLICIES_DPC_PROMOTE_US;
	*ads_word(guc, base + GUC_POLICIES_IS_VALID_OFFSET) = 1;
	*ads_word(guc, base + GUC_POLICIES_MAX_WORK_ITEMS_OFFSET) = GUC_POLICIES_MAX_WORK_ITEMS;
	/* a device that is to be inspected after a hang must keep the state of the engine */
	*ads_word(guc, base + GUC_POLICIES_GLOBAL_FLAGS_OFFSET) =
		any_hang ? GUC_POLICIES_NO_ENGINE_RESET : 0;
}

static void ads_write_system_info(struct xe_guc *guc)
{
	const u32 base = GUC_ADS_SYSTEM_INFO_OFFSET;
	struct xe_gt *gt = guc->gt;
	u8 *mapping = (u8 *)ads_word(guc, base + GUC_SYSINFO_MAPPING_OFFSET);
	u32 *masks = ads_word(guc, base + GUC_SYSINFO_ENABLED_MASKS_OFFSET);
	u32 *generic = ads_word(guc, base + GUC_SYSINFO_GENERIC_OFFSET);
	const struct xe_engine *hwe;
	unsigned int id;
	u32 class;

	*ads_word(guc, GUC_ADS_SYSTEM_INFO_PTR_OFFSET) = ads_addr(guc, base);
	memset(mapping, GUC_INSTANCE_UNUSED, GUC_CLASS_COUNT * GUC_INSTANCE_COUNT);

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		hwe = gt->engines[id];
		if (!hwe)
			continue;
		class = xe_guc_class(hwe->class);
		mapping[class * GUC_INSTANCE_COUNT + hwe->logical_instance] = hwe->instance;
		masks[class] |= BIT(hwe->instance);
	}

	generic[GUC_SYSINFO_DOORBELLS_PER_SQIDI] = gt->fuses.doorbells_per_sqidi;
}

/* Bytes of a context image in front of what the firmware restores from the golden one */
static u32 ads_lrc_skip_bytes(struct xe_gt *gt)
{
	return GUC_LRC_SKIP_BYTES + (gt->xe->platform->graphics_verx100 >= 2000 ?
				     GUC_LRC_REGS_BYTES_XE2 : GUC_LRC_REGS_BYTES_XELP);
}

static void ads_write_golden(struct xe_guc *guc)
{
	struct xe_gt *gt = guc->gt;
	enum xe_engine_class class;
	u32 offset, slot;

	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++) {
		if (!ads_has_class(gt, class))
			continue;
		offset = ads_golden_offset(guc, class);
		slot = xe_guc_class(class) * ADS_POINTER_BYTES;
		*ads_word(guc, GUC_ADS_GOLDEN_PTR_OFFSET + slot) = ads_addr(guc, offset);
		*ads_word(guc, GUC_ADS_ENGINE_STATE_SIZE_OFFSET + slot) =
			xe_lrc_image_size(gt, class) - ads_lrc_skip_bytes(gt);
		if (gt->default_image[class])
			memcpy(ads_word(guc, offset), gt->default_image[class],
			       xe_lrc_image_size(gt, class));
	}
}

/* All capture lists are one empty page: the driver does not use the feature. */
static void ads_write_capture(struct xe_guc *guc)
{
	u32 *ptr = ads_word(guc, GUC_ADS_CAPTURE_INSTANCE_OFFSET);
	unsigned int i;

	for (i = 0; i < GUC_ADS_CAPTURE_POINTERS; i++)
		ptr[i] = ads_addr(guc, guc->ads.capture_offset);
}

/* Write the save/restore list of one engine at @offset; returns its length in bytes. */
static u32 ads_write_engine_regs(struct xe_guc *guc, const struct xe_engine *hwe, u32 offset)
{
	const struct xe_reg_engine where = {
		.class = hwe->class,
		.instance = hwe->instance,
		.mmio_base = hwe->mmio_base,
	};
	struct xe_reg_save regs[ADS_REGS_PER_ENGINE_MAX];
	u32 slot, *state, *entry;
	unsigned int i, n;

	n = xe_reg_rules_save_list(guc->gt->xe->platform, &where, regs, ARRAY_SIZE(regs));
	if (drm_WARN_ON(&guc->gt->xe->drm, n > ARRAY_SIZE(regs)))
		n = ARRAY_SIZE(regs);

	entry = ads_word(guc, offset);
	for (i = 0; i < n; i++, entry += GUC_REG_ENTRY_BYTES / sizeof(*entry)) {
		/* the firmware samples the value (dword 1) itself */
		entry[0] = regs[i].reg;
		entry[2] = regs[i].masked ? GUC_REG_ENTRY_MASKED : 0;
	}

	slot = xe_guc_class(hwe->class) * GUC_INSTANCE_COUNT + hwe->instance;
	state = ads_word(guc, GUC_ADS_REG_STATE_OFFSET + slot * GUC_ADS_REG_STATE_BYTES);
	state[0] = ads_addr(guc, offset);
	state[1] = n;

	return n * GUC_REG_ENTRY_BYTES;
}

static void ads_write_reg_lists(struct xe_guc *guc)
{
	u32 offset = GUC_ADS_REG_LISTS_OFFSET;
	unsigned int id;

	for (id = 0; id < XE_NUM_ENGINES; id++)
		if (guc->gt->engines[id])
			offset += ads_write_engine_regs(guc, guc->gt->engines[id], offset);
}

/**
 * xe_guc_ads_populate - write the whole blob
 * @guc: GuC in reset
 *
 * Context: may sleep.
 */
void xe_guc_ads_populate(struct xe_guc *guc)
{
	memset(xe_bo_vaddr(guc->ads.bo), 0, guc->ads.size);

	ads_write_policies(guc);
	ads_write_system_info(guc);
	ads_write_golden(guc);
	ads_write_capture(guc);
	ads_write_reg_lists(guc);
	*ads_word(guc, GUC_ADS_PRIVATE_DATA_PTR_OFFSET) =
		guc->fw.private_bytes ? ads_addr(guc, guc->ads.private_offset) : 0;
}

/**
 * xe_guc_ads_golden_update - hand the recorded context images to the firmware
 * @gt: the GT; its default contexts have just been recorded
 *
 * Context: may sleep. The firmware may be running: it has had no reason to look at the images.
 */
void xe_guc_ads_golden_update(struct xe_gt *gt)
{
	ads_write_golden(gt->guc);
}
