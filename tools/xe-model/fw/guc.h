/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_H
#define XM_FW_GUC_H

struct xm_device;

/**
 * xm_fw_create() - create the GuC of a device and start its thread
 * @dev: device with engines; dev->fw and dev->fw_ops are set
 *
 * Return: 0, -ENOMEM, or the error of a failed thread creation.
 */
int xm_fw_create(struct xm_device *dev);

/**
 * xm_fw_destroy() - stop and free the GuC
 * @dev: device, engines parked; a no-op without a GuC
 */
void xm_fw_destroy(struct xm_device *dev);

#endif
