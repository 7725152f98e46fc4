/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_ASSERT_H_
#define _XE_ASSERT_H_

#include <linux/build_bug.h>
#include <linux/kconfig.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"

/**
 * xe_assert - state an invariant of the driver
 * @xe: device
 * @cond: must be true
 *
 * Checked in debug builds (DRM_XE_DEBUG), where a violation warns with the condition; otherwise
 * only compiled. Not for user input and not for hardware behaviour.
 */
#define xe_assert(xe, cond) do { \
	if (IS_ENABLED(CONFIG_DRM_XE_DEBUG)) \
		drm_WARN((struct drm_device *)&(xe)->drm, !(cond), \
			 "assertion failed: %s\n", #cond); \
	else \
		BUILD_BUG_ON_INVALID(cond); \
} while (0)

#endif
