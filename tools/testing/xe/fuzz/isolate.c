// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A run in a process of its own, so that it starts from nothing, may hang and may crash; with a
 * look at the kernel log.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>

#include "fuzz.h"
#include "log.h"
#include "../xe_calls.h"

/* Without a step for that long, a run hangs. Longer than waits of a run and time-outs of jobs */
#define SILENCE_NS	(100 * NSEC_PER_SEC)

static void give_up(const struct program *p, const char *how)
{
	if (atomic_exchange(&result->failed, 2))
		return;
	result->step = p->n;
	snprintf(result->text, sizeof(result->text), "%s after %llu steps", how,
		 (unsigned long long)atomic_load(&result->steps));
}

/* Wait until the child ends, or does nothing for too long. */
static void watch_child(const struct program *p, pid_t child)
{
	uint64_t seen = 0, steps;
	int64_t since = xe_now();
	char how[64];
	int status;

	while (!waitpid(child, &status, WNOHANG)) {
		usleep(10000);
		steps = atomic_load(&result->steps) + atomic_load(&result->asked);
		if (steps != seen)
			since = xe_now();
		seen = steps;
		if (xe_now() - since < SILENCE_NS)
			continue;
		kill(child, SIGKILL);
		give_up(p, "the program hangs");
		/* What the kernel does not let go of cannot be waited for. */
		for (int i = 0; i < 100 && !waitpid(child, &status, WNOHANG); i++)
			usleep(100000);
		return;
	}
	if (status) {
		snprintf(how, sizeof(how), "the program ended with status 0x%x", status);
		give_up(p, how);
	}
}

/* Run a program in fresh files. Return: whether all was as the reference says. */
bool run_isolated(const struct program *p)
{
	char text[300];
	pid_t child;

	atomic_store(&result->failed, 0);
	result->step = p->n;
	ask_begin();
	fflush(NULL);
	child = fork();
	if (!child) {
		run_program(p);
		_exit(0);
	}
	if (child < 0) {
		perror("fork");
		exit(2);
	}
	watch_child(p, child);
	if (log_is_bad(text, sizeof(text)) && !atomic_exchange(&result->failed, 2)) {
		result->step = p->n;
		snprintf(result->text, sizeof(result->text), "%s", text);
	}
	return !failed();
}
