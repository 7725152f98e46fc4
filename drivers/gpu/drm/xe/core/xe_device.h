/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_CORE_DEVICE_H_
#define _XE_CORE_DEVICE_H_

struct pci_dev;
struct xe_device;
struct xe_platform;

struct xe_device *xe_device_create(struct pci_dev *pdev, const struct xe_platform *platform);
int xe_device_probe(struct xe_device *xe);
void xe_device_remove(struct xe_device *xe);
void xe_device_shutdown(struct xe_device *xe);

#endif
