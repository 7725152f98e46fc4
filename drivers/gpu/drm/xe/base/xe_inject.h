/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_BASE_INJECT_H_
#define _XE_BASE_INJECT_H_

#include <linux/kconfig.h>

struct dentry;

#if IS_ENABLED(CONFIG_DRM_XE_DEBUG) && IS_ENABLED(CONFIG_FAULT_INJECTION)
int xe_inject(const char *step, int err);
void xe_inject_work_begin(void);
void xe_inject_work_end(void);
void xe_inject_debugfs(struct dentry *root);
#else
static inline int xe_inject(const char *step, int err)
{
	return 0;
}

static inline void xe_inject_work_begin(void)
{
}

static inline void xe_inject_work_end(void)
{
}

static inline void xe_inject_debugfs(struct dentry *root)
{
}
#endif

#endif
