// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Cost of the calls that memory management is made of.
 *
 * Made for a machine with one processor whose clock counts instructions: then a tick of the time
 * stamp counter is an instruction. What is counted is all that the machine does from the call to
 * its end, interrupts and kernel threads included, but not what it spends idle.
 *
 * One line of JSON for each case: its name, how many operations a sample stands for, and the ticks
 * of each sample.
 */

#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <x86intrin.h>

#include "xe_bench.h"

#define WARM_UP		4
/* of cases that take long, and so have a number of samples of their own */
#define LONG_WARM_UP	1
#define LONG_COUNTS	3
#define DEFAULT_SAMPLES	41
#define REST_TICKS	5000000ULL
#define REST_TRIES	2000

/* Ticks that the processor has been idle for so far. The kernel counts them in nanoseconds. */
static uint64_t idle_ticks(void)
{
	FILE *list = fopen("/proc/timer_list", "r");
	unsigned long long ns = 0;
	bool found = false;
	char line[256];

	while (list && !found && fgets(line, sizeof(line), list))
		found = sscanf(line, " .idle_sleeptime : %llu", &ns) == 1;
	if (!found)
		bench_die("/proc/timer_list does not tell how long the processor was idle");
	fclose(list);
	return ns;
}

/* Ticks that this process has run for. */
static uint64_t clock_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void bench_die(const char *what)
{
	fprintf(stderr, "xe_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void bench_check(const char *what, int ret)
{
	if (!ret)
		return;
	errno = -ret;
	bench_die(what);
}

/*
 * A processor that polls when idle is the worst to wait with: the emulator leaves its loop at each
 * turn, so the clock hardly moves.
 */
uint64_t bench_let_others_run(void)
{
	uint64_t begin = __rdtsc(), own = clock_ticks(), ticks;

	do {
		sched_yield();
		ticks = __rdtsc() - begin;
	} while (ticks < REST_TICKS);
	own = clock_ticks() - own;

	return ticks > own ? ticks - own : 0;
}

/*
 * What a case leaves to workers must not fall into the samples of the next one: the address space
 * with 100,000 mappings takes as many instructions to go as a thousand samples.
 */
static void come_to_rest(void)
{
	unsigned int i;

	for (i = 0; i < REST_TRIES; i++)
		if (bench_let_others_run() < REST_TICKS / 20)
			return;
	bench_die("others keep running");
}

static uint64_t sample(const struct bench_case *c, struct bench *b, bool counted)
{
	uint64_t idle, ticks;

	if (c->before)
		c->before(b);
	idle = idle_ticks();
	if (counted)
		bench_profile_on();
	ticks = __rdtsc();
	c->run(b);
	ticks = __rdtsc() - ticks;
	bench_profile_off();
	idle = idle_ticks() - idle;
	if (c->after)
		c->after(b);
	return ticks - idle;
}

static void measure(const struct bench_case *c, unsigned int samples)
{
	unsigned int warm_up = c->samples ? LONG_WARM_UP : WARM_UP;
	struct bench b = { .fd = -1 };
	unsigned int i;

	if (c->setup)
		c->setup(&b);
	for (i = 0; i < warm_up; i++)
		sample(c, &b, false);
	printf("{\"case\": \"%s\", \"per\": %u, \"uncounted\": %u, \"ticks\": [", c->name, c->per,
	       warm_up);
	for (i = 0; i < samples; i++)
		printf("%s%llu", i ? ", " : "", (unsigned long long)sample(c, &b, true));
	printf("]}\n");
	fflush(stdout);
	bench_profile_next();
}

/* Each in a process of its own, which takes all it has made with it. */
static int do_alone(const struct bench_case *c, unsigned int samples,
		    void (*what)(const struct bench_case *c, unsigned int samples))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		what(c, samples);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		bench_die("fork");
	come_to_rest();
	if (!status)
		return 0;
	fprintf(stderr, "xe_bench: %s failed\n", c->name);
	return 1;
}

static void help(void)
{
	const struct bench_case *c;

	printf("usage: xe_bench [--samples N | --count N] [CASE...]\n\n"
	       "Without CASE: all of them, a line of JSON for each. With --count, not instructions\n"
	       "are counted but what N samples do otherwise.\n\n");
	for (c = bench_cases; c->name; c++)
		printf("  %-16s %s\n", c->name, c->title);
}

static bool wanted(const char *name, int n, char **names)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return !n;
}

static const struct bench_case *find(const char *name)
{
	const struct bench_case *c;

	for (c = bench_cases; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int samples = DEFAULT_SAMPLES;
	const struct bench_case *c;
	bool count = false;
	int bad = 0, at = 1;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		help();
		return 0;
	}
	if (argc > 2 && (!strcmp(argv[1], "--samples") || !strcmp(argv[1], "--count"))) {
		count = !strcmp(argv[1], "--count");
		samples = strtoul(argv[2], NULL, 10);
		at = 3;
	}
	for (int i = at; i < argc || !samples; i++) {
		if (samples && find(argv[i]))
			continue;
		fprintf(stderr, "xe_bench: bad argument, see --help\n");
		return 2;
	}
	if (count)
		bench_count_open();
	for (c = bench_cases; c->name; c++) {
		if (!wanted(c->name, argc - at, argv + at))
			continue;
		if (count)
			bad |= do_alone(c, c->samples ? LONG_COUNTS : samples, bench_count);
		else
			bad |= do_alone(c, c->samples ? c->samples : samples, measure);
	}
	return bad;
}
