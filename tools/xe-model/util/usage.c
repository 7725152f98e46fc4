// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "util/usage.h"

#include <time.h>

static u64 read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

void usage_begin(struct usage *u)
{
	u->cpu_ns = read_ns(CLOCK_PROCESS_CPUTIME_ID);
	u->wall_ns = read_ns(CLOCK_MONOTONIC);
}

void usage_print(const struct usage *since, FILE *out)
{
	struct usage now;
	double cpu, wall;

	usage_begin(&now);
	cpu = (double)(now.cpu_ns - since->cpu_ns) / 1e9;
	wall = (double)(now.wall_ns - since->wall_ns) / 1e9;
	fprintf(out, "  processor time: %.2f s of %.2f s (%.1f %%)\n", cpu, wall,
		wall > 0 ? 100 * cpu / wall : 0);
}
