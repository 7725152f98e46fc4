// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "util/clock.h"

#include <stdatomic.h>
#include <time.h>

static atomic_bool stepped;
static _Atomic u64 step_ns;

u64 clock_ns(void)
{
	struct timespec ts;

	if (stepped)
		return step_ns;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

void clock_set_stepped(u64 start_ns)
{
	step_ns = start_ns;
	stepped = true;
}

void clock_step(u64 ns)
{
	step_ns += ns;
}

void clock_set_real(void)
{
	stepped = false;
}
