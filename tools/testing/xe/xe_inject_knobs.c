// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: how to say what is to fail. There are three sources of failures:
 *
 * - the kernel counts what the calling thread allocates and copies from and to user space;
 * - the driver, in a debug build, has named steps that fail without an allocation. They count, too;
 * - the driver hands a number of our choice to its work items: see base/xe_inject.c there. It also
 *   counts named steps alone.
 */
#define _GNU_SOURCE

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "xe_inject.h"

#define DEBUGFS		"/sys/kernel/debug"
#define PATH_SIZE	128
#define MAX_STEPS	100

static char device[64];
static char work_nth[PATH_SIZE];
static char named_nth[PATH_SIZE];
static int fail_nth = -1;

static struct {
	char name[32];
	unsigned int count;
} steps[MAX_STEPS];

static int set_knob(const char *dir, const char *name, const char *value)
{
	char path[PATH_SIZE];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		return -1;
	}
	fputs(value, f);

	return fclose(f);
}

/* All sources: quiet, and for every allocation. Nobody asks which function is calling. */
static int set_knobs(void)
{
	static const char *const sources[] = { "failslab", "fail_page_alloc", "fail_usercopy" };
	static const char *const all[] = {
		"failslab/ignore-gfp-wait", "fail_page_alloc/ignore-gfp-wait",
		"fail_page_alloc/ignore-gfp-highmem",
	};
	char dir[PATH_SIZE];
	unsigned int i;
	int err = 0;

	for (i = 0; i <= ARRAY_SIZE(sources); i++) {
		if (i < ARRAY_SIZE(sources))
			snprintf(dir, sizeof(dir), DEBUGFS "/%s", sources[i]);
		else
			snprintf(dir, sizeof(dir), "%s/fail_step", device);
		err |= set_knob(dir, "verbose", "0");
		err |= set_knob(dir, "stacktrace-depth", "0");
	}
	for (i = 0; i < ARRAY_SIZE(all); i++)
		err |= set_knob(DEBUGFS, all[i], "N");

	return err | set_knob(DEBUGFS, "fail_page_alloc/min-order", "0");
}

/**
 * xe_knobs_open() - find all knobs
 *
 * Return: 0, or -1 if kernel or driver cannot do that, with a message.
 */
int xe_knobs_open(void)
{
	struct stat st;
	int fd = xe_open();

	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "no device\n");
		return -1;
	}
	close(fd);
	snprintf(device, sizeof(device), DEBUGFS "/dri/%u", minor(st.st_rdev) - 128);
	if (set_knobs())
		return -1;
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0) {
		perror("fail-nth");
		return -1;
	}
	snprintf(work_nth, sizeof(work_nth), "%s/fail_step/work-nth", device);
	snprintf(named_nth, sizeof(named_nth), "%s/fail_step/named-nth", device);

	return access(work_nth, R_OK | W_OK) ?: access(named_nth, R_OK | W_OK);
}

/**
 * xe_knobs_device() - where the driver shows what it does
 *
 * Return: directory of the device in debugfs.
 */
const char *xe_knobs_device(void)
{
	return device;
}

/**
 * xe_knobs_arm() - let a step of this thread fail
 * @n: which one from now on; 0: none
 */
void xe_knobs_arm(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	/* It may be this very write that is made to fail. */
	while (pwrite(fail_nth, text, strlen(text), 0) < 0)
		;
}

/**
 * xe_knobs_disarm() - let none fail any more
 *
 * Return: whether the step has failed. Reading and writing the file are fallible steps themselves,
 * so a late one does not count.
 */
bool xe_knobs_disarm(void)
{
	char text[16] = "";
	bool fired = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	xe_knobs_arm(0);

	return fired;
}

static int write_number(const char *path, unsigned int n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return -1;
	fprintf(f, "%u\n", n);

	return fclose(f);
}

/* Is it 0? */
static bool is_used_up(const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned int left = 1;

	if (f) {
		if (fscanf(f, "%u", &left) != 1)
			left = 1;
		fclose(f);
	}

	return !left;
}

/**
 * xe_knobs_arm_named() - let a named step of this thread fail
 * @n: which one from now on, not counting anything else; 0: none
 *
 * Return: 0, or -1 if the driver could not be told.
 */
int xe_knobs_arm_named(unsigned int n)
{
	return write_number(named_nth, n);
}

/**
 * xe_knobs_disarm_named() - let none fail any more
 *
 * Return: whether the step has failed.
 */
bool xe_knobs_disarm_named(void)
{
	bool fired = is_used_up(named_nth);

	xe_knobs_arm_named(0);

	return fired;
}

/**
 * xe_knobs_arm_work() - let a step of the driver's work items fail
 * @n: which one from now on; 0: none
 *
 * Return: 0, or -1 if the driver could not be told.
 */
int xe_knobs_arm_work(unsigned int n)
{
	return write_number(work_nth, n);
}

/**
 * xe_knobs_disarm_work() - let none of them fail any more
 *
 * Return: whether the step has failed, if no work is left that could.
 */
bool xe_knobs_disarm_work(void)
{
	bool fired = is_used_up(work_nth);

	xe_knobs_arm_work(0);

	return fired;
}

static void count_step(const char *name)
{
	unsigned int i;

	for (i = 0; i < MAX_STEPS && *steps[i].name && strcmp(steps[i].name, name); i++)
		;
	if (i == MAX_STEPS)
		return;
	snprintf(steps[i].name, sizeof(steps[i].name), "%s", name);
	steps[i].count++;
}

/**
 * xe_knobs_last_step() - ask the driver which of its named steps has failed
 *
 * It counts as having failed once more.
 *
 * Return: the step since the last call of this.
 */
struct xe_step xe_knobs_last_step(void)
{
	struct xe_step step = { .err = 0 };
	char path[PATH_SIZE];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fail_step/last", device);
	f = fopen(path, "r");
	if (!f)
		return step;
	if (fscanf(f, "%31s %d", step.name, &step.err) == 2)
		count_step(step.name);
	else
		*step.name = '\0';
	fclose(f);

	return step;
}

/**
 * xe_knobs_print_steps() - tell how often each named step was made to fail
 */
void xe_knobs_print_steps(void)
{
	unsigned int i;

	for (i = 0; i < MAX_STEPS && *steps[i].name; i++)
		printf("step\t%s\t%u\n", steps[i].name, steps[i].count);
}
