/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_ATTACH_H
#define XM_DEV_ATTACH_H

#include "bus/vfu.h"

struct xm_device;

/**
 * xm_device_attach() - describe a device to the vfio-user server
 * @dev: device
 * @vfu: filled; refers to @dev
 *
 * With dev->cfg.ggtt_map the GGTT half of BAR0 can be mapped by the client. Without it every entry
 * the driver writes is a message, and batches of writes are offered.
 */
void xm_device_attach(struct xm_device *dev, struct vfu_device *vfu);

#endif
