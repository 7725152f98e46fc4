/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_CLOCK_H
#define XM_UTIL_CLOCK_H

#include "util/types.h"

/**
 * clock_ns() - Return: nanoseconds since an arbitrary start, never going backwards.
 *
 * Real time (CLOCK_MONOTONIC) unless clock_set_stepped() was called.
 */
u64 clock_ns(void);

/**
 * clock_set_stepped() - replace real time by a counter that only clock_step() moves (tests)
 * @start_ns: first value
 */
void clock_set_stepped(u64 start_ns);

/**
 * clock_step() - move stepped time forward
 * @ns: nanoseconds to add
 */
void clock_step(u64 ns);

/** clock_set_real() - return to real time. */
void clock_set_real(void);

#endif
