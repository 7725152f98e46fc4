/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_CORE_SLEEP_H_
#define _XE_CORE_SLEEP_H_

struct xe_device;

int xe_device_suspend(struct xe_device *xe);
int xe_device_resume(struct xe_device *xe);

#endif
