/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_TESTS_LIB_DEVICE_H
#define XM_TESTS_LIB_DEVICE_H

#include "dev/device.h"

/** rd() - Return: register at @off, as the host reads it. */
u32 rd(struct xm_device *dev, u32 off);

/** wr() - write a register as the host. */
void wr(struct xm_device *dev, u32 off, u32 val);

/** msi_fd - eventfd that counts the messages of a device */
extern int msi_fd;

/** msi_open() - open @msi_fd, for the test to close, and connect it. Return: 0, or -errno. */
int msi_open(struct xm_device *dev);

/** messages() - Return: messages of the device since the last call. */
u64 messages(void);

/** device_teardown() - cmocka teardown: *state is a device; the clock is the real one again. */
int device_teardown(void **state);

/**
 * device_wake() - request every power domain and wait for the acknowledgments
 * @dev: device; the clock must run
 *
 * Context: the test's thread; takes microseconds.
 * Return: false if a domain does not answer within the drivers' limit of 50 ms.
 */
bool device_wake(struct xm_device *dev);

/** violations_of() - Return: how often rule @kind was reported by this process. */
unsigned long violations_of(const char *kind);

#endif
