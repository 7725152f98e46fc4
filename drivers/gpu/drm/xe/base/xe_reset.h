/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_BASE_RESET_H_
#define _XE_BASE_RESET_H_

#include <linux/bitops.h>
#include <linux/workqueue.h>

#include "base/xe_device.h"

/**
 * xe_device_request_gt_reset - ask for a reset of one GT
 * @xe: device
 * @gt_id: index of the GT
 *
 * Returns at once; core/ carries the reset out on the ordered workqueue. Requests made before the
 * reset has started are merged into one.
 *
 * Context: any, including hard interrupts and fence signalling.
 */
static inline void xe_device_request_gt_reset(struct xe_device *xe, unsigned int gt_id)
{
	set_bit(gt_id, &xe->reset.gts);
	queue_work(xe->ordered_wq, &xe->reset.work);
}

#endif
