/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_TESTS_LIB_DEVICE_H
#define XM_TESTS_LIB_DEVICE_H

#include "dev/device.h"

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
