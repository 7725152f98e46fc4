// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC log
 *
 * The firmware writes its log into a buffer of four parts: a page of state headers, the crash
 * log, the debug log and the register capture. The driver only lends the memory and shows it in
 * debugfs as numbers, for whoever has the decoder that belongs to the firmware. The module
 * parameter guc_log_level chooses between nothing (0 and 1) and four levels of verbosity (2 to 5).
 */

#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <drm/drm_print.h>

#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "mem/xe_bo.h"
#include "submit/xe_guc.h"
#include "submit/xe_guc_types.h"

#define GUC_LOG_BYTES \
	(GUC_LOG_STATE_BYTES + GUC_LOG_CRASH_BYTES + GUC_LOG_DEBUG_BYTES + GUC_LOG_CAPTURE_BYTES)
#define GUC_LOG_LINE_DWORDS	8
#define GUC_LOG_LEVEL_MAX	5
#define GUC_LOG_LEVEL_VERBOSE	2	/* first level with output */

/**
 * xe_guc_log_init - allocate the log buffer
 * @guc: the GuC
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space
 */
int xe_guc_log_init(struct xe_guc *guc)
{
	struct xe_device *xe = guc->gt->xe;
	struct xe_bo *bo;

	guc->log_level = clamp(xe->params.guc_log_level, 0, GUC_LOG_LEVEL_MAX);

	bo = xe_bo_create_kernel(xe, GUC_LOG_BYTES, XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	guc->log_bo = bo;

	return 0;
}

/**
 * xe_guc_log_fini - free the log buffer
 * @guc: the GuC, stopped
 *
 * Context: may sleep.
 */
void xe_guc_log_fini(struct xe_guc *guc)
{
	xe_bo_destroy_kernel(guc->log_bo);
	guc->log_bo = NULL;
}

/**
 * xe_guc_log_param - parameter word that describes the buffer to the firmware
 * @guc: the GuC
 *
 * Context: any.
 * Return: the word for GUC_PARAM_LOG.
 */
u32 xe_guc_log_param(const struct xe_guc *guc)
{
	return GUC_LOG_VALID | GUC_LOG_NOTIFY_HALF_FULL |
	       FIELD_PREP(GUC_LOG_CRASH_UNITS_MASK, GUC_LOG_CRASH_BYTES / GUC_LOG_UNIT_BYTES - 1) |
	       FIELD_PREP(GUC_LOG_DEBUG_UNITS_MASK, GUC_LOG_DEBUG_BYTES / GUC_LOG_UNIT_BYTES - 1) |
	       FIELD_PREP(GUC_LOG_CAPTURE_UNITS_MASK,
			  GUC_LOG_CAPTURE_BYTES / GUC_LOG_UNIT_BYTES - 1) |
	       (xe_bo_ggtt_addr(guc->log_bo) & GUC_LOG_PAGE_MASK);
}

/**
 * xe_guc_log_debug_param - parameter word that sets the verbosity
 * @guc: the GuC
 *
 * Context: any.
 * Return: the word for GUC_PARAM_DEBUG.
 */
u32 xe_guc_log_debug_param(const struct xe_guc *guc)
{
	if (guc->log_level < GUC_LOG_LEVEL_VERBOSE)
		return GUC_DEBUG_LOG_OFF;

	return FIELD_PREP(GUC_DEBUG_VERBOSITY_MASK, guc->log_level - GUC_LOG_LEVEL_VERBOSE);
}

/**
 * xe_guc_log_print - dump the log buffer
 * @gt: the GT, after xe_guc_init()
 * @p: where to
 *
 * Lines of zeros are left out. The firmware may be writing meanwhile.
 *
 * Context: any.
 */
void xe_guc_log_print(struct xe_gt *gt, struct drm_printer *p)
{
	const u32 *log = xe_bo_vaddr(gt->guc->log_bo);
	u32 line[GUC_LOG_LINE_DWORDS];
	unsigned int i;

	drm_printf(p, "GuC log: level %d, states %u, crash %u, debug %u, capture %u bytes\n",
		   gt->guc->log_level, GUC_LOG_STATE_BYTES, GUC_LOG_CRASH_BYTES,
		   GUC_LOG_DEBUG_BYTES, GUC_LOG_CAPTURE_BYTES);
	for (i = 0; i < GUC_LOG_BYTES / sizeof(*log); i += GUC_LOG_LINE_DWORDS) {
		memcpy(line, log + i, sizeof(line));
		if (memchr_inv(line, 0, sizeof(line)))
			drm_printf(p, "%05zx: %08x %08x %08x %08x %08x %08x %08x %08x\n",
				   i * sizeof(*log), line[0], line[1], line[2], line[3], line[4],
				   line[5], line[6], line[7]);
	}
}
