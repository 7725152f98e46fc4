/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PRINT_H_
#define _XE_PRINT_H_

#include <linux/compiler.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"

#define xe_dbg(xe, fmt, ...)		drm_dbg(&(xe)->drm, fmt, ##__VA_ARGS__)
#define xe_info(xe, fmt, ...)		drm_info(&(xe)->drm, fmt, ##__VA_ARGS__)
#define xe_notice(xe, fmt, ...)		drm_notice(&(xe)->drm, fmt, ##__VA_ARGS__)
#define xe_warn(xe, fmt, ...)		drm_warn(&(xe)->drm, fmt, ##__VA_ARGS__)
#define xe_err(xe, fmt, ...)		drm_err(&(xe)->drm, fmt, ##__VA_ARGS__)
#define xe_err_ratelimited(xe, fmt, ...) drm_err_ratelimited(&(xe)->drm, fmt, ##__VA_ARGS__)

#define xe_gt_dbg(gt, fmt, ...)	\
	xe_dbg((gt)->xe, "GT%u: " fmt, (gt)->id, ##__VA_ARGS__)
#define xe_gt_info(gt, fmt, ...) \
	xe_info((gt)->xe, "GT%u: " fmt, (gt)->id, ##__VA_ARGS__)
#define xe_gt_notice(gt, fmt, ...) \
	xe_notice((gt)->xe, "GT%u: " fmt, (gt)->id, ##__VA_ARGS__)
#define xe_gt_warn(gt, fmt, ...) \
	xe_warn((gt)->xe, "GT%u: " fmt, (gt)->id, ##__VA_ARGS__)
#define xe_gt_err(gt, fmt, ...)	\
	xe_err((gt)->xe, "GT%u: " fmt, (gt)->id, ##__VA_ARGS__)

/**
 * XE_IOCTL_DBG - evaluate a rule that user input must not break
 * @xe: device
 * @cond: true if the rule is broken
 *
 * Says at debug level which rule it was: user mistakes must not fill the kernel log.
 *
 * Return: whether @cond holds.
 */
#define XE_IOCTL_DBG(xe, cond) ({ \
	bool __xe_broken = !!(cond); \
	if (unlikely(__xe_broken)) \
		xe_dbg(xe, "rejected by %s:%d: %s\n", __func__, __LINE__, #cond); \
	unlikely(__xe_broken); \
})

#endif
