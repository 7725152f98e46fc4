/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_GGTT_H_
#define _XE_GGTT_H_

#include <linux/types.h>

struct drm_printer;
struct xe_bo;
struct xe_device;
struct xe_ggtt;

/**
 * struct xe_ggtt_ops - what the GGTT needs from the layers above
 */
struct xe_ggtt_ops {
	/**
	 * @invalidate: drop every cached GGTT translation
	 *
	 * Called without the lock of the GGTT; may sleep.
	 *
	 * Return: 0 when no engine and no firmware can use an old translation any
	 * more, or an error if that has to wait for a reset of the hardware
	 */
	int (*invalidate)(void *data);
};

int xe_ggtt_init_early(struct xe_device *xe);
int xe_ggtt_init(struct xe_device *xe);
void xe_ggtt_restore(struct xe_ggtt *ggtt);
void xe_ggtt_empty(struct xe_ggtt *ggtt);
void xe_ggtt_fini(struct xe_device *xe);

void xe_ggtt_set_ops(struct xe_ggtt *ggtt, const struct xe_ggtt_ops *ops, void *data);

int xe_ggtt_insert_bo(struct xe_ggtt *ggtt, struct xe_bo *bo);
void xe_ggtt_clear_bo(struct xe_ggtt *ggtt, struct xe_bo *bo);
bool xe_ggtt_remove_bo(struct xe_ggtt *ggtt, struct xe_bo *bo);
void xe_ggtt_free_stale(struct xe_ggtt *ggtt);
void xe_ggtt_dump(struct xe_ggtt *ggtt, struct drm_printer *p);

#endif
