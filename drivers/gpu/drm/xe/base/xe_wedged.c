// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "base/xe_device.h"
#include "base/xe_print.h"

/**
 * xe_device_declare_wedged - give the device up
 * @xe: device
 *
 * From now on every ioctl answers -ECANCELED and nothing is submitted any more; core/ stops the
 * GuC and cancels what was running from the ordered workqueue. There is no way back but to bind
 * the driver again. Does nothing with wedged mode "never", or the second time.
 *
 * Context: any, including hard interrupts and fence signalling.
 */
void xe_device_declare_wedged(struct xe_device *xe)
{
	if (READ_ONCE(xe->wedged.mode) == XE_WEDGED_NEVER) {
		xe_err_ratelimited(xe, "device needs a reset it cannot get; wedged mode is off\n");
		return;
	}

	if (atomic_xchg(&xe->wedged.flag, 1))
		return;

	/* IGT, and others who read logs, know the event by this sentence. */
	xe_err(xe, "CRITICAL: Xe has declared device %s as wedged\n", dev_name(xe->drm.dev));
	xe_notice(xe, "all requests are refused until the driver is bound again\n");
	wake_up_all(&xe->ufence_wq);
	queue_work(xe->ordered_wq, &xe->reset.work);
}
