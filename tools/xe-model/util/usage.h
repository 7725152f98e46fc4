/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_USAGE_H
#define XM_UTIL_USAGE_H

#include <stdio.h>

#include "util/types.h"

/**
 * struct usage - a moment from which processor time is counted
 * @cpu_ns: processor time of all threads so far
 * @wall_ns: real time
 */
struct usage {
	u64 cpu_ns;
	u64 wall_ns;
};

/** usage_begin() - count from now on. */
void usage_begin(struct usage *u);

/**
 * usage_print() - print how much of one processor was used
 * @since: start of the interval
 * @out: stream; gets one line
 *
 * In stepped mode, too, this is about real time.
 */
void usage_print(const struct usage *since, FILE *out);

#endif
