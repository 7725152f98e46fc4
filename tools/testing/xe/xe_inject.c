// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: for each call of xe_inject_cases.c, the first allocation fails, or the first
 * copy from or to user space, then the second, until the call succeeds because there is none left
 * to fail. After each failure, everything must be as it was before: mappings, counters, page tables
 * as the driver has them, page tables as the device reads them, fences. When the client is closed,
 * nothing may be left allocated.
 *
 * The kernel has to offer fail-nth, which counts what the calling thread allocates, and allocinfo;
 * "make inject" boots one that does.
 */
#define _GNU_SOURCE

#include <stdarg.h>

#include "xe_inject.h"

#define MAX_POINTS	2000
#define WHY_SIZE	400
/* Objects are freed by work items, and after RCU grace periods. */
#define SETTLE_SECONDS	20
#define KNOB_SIZE	96

struct tally {
	unsigned int points;
	unsigned int failed;
	unsigned int survived;
	unsigned int bad;
};

static int fail_nth = -1;

__attribute__((format(printf, 4, 5)))
static void complain(const struct xe_case *c, struct tally *t, unsigned int n, const char *format,
		     ...)
{
	char text[WHY_SIZE + 100];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("bad\t%s\t%u\t%s\n", c->name, n, text);
	fflush(stdout);
	t->bad++;
}

/* The @n-th fallible step of this thread from now on is to fail; 0: none. */
static void arm(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	/* It may be this very write that is made to fail. */
	while (pwrite(fail_nth, text, strlen(text), 0) < 0)
		;
}

/* Has it failed? Reading and writing the file are fallible steps themselves. */
static bool disarm(void)
{
	char text[16] = "";
	bool fired = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	arm(0);

	return fired;
}

/* Settings of a source of failures: quiet, and for all allocations. */
static int set_knobs(void)
{
	static const char *const knobs[] = {
		"failslab/verbose", "fail_page_alloc/verbose", "fail_usercopy/verbose",
		"failslab/ignore-gfp-wait", "fail_page_alloc/ignore-gfp-wait",
		"fail_page_alloc/ignore-gfp-highmem", "fail_page_alloc/min-order",
		"failslab/stacktrace-depth", "fail_page_alloc/stacktrace-depth",
		"fail_usercopy/stacktrace-depth",
	};
	char path[KNOB_SIZE];
	unsigned int i;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s", knobs[i]);
		f = fopen(path, "w");
		if (!f) {
			perror(path);
			return -1;
		}
		fputs(strstr(knobs[i], "wait") || strstr(knobs[i], "highmem") ? "N" : "0", f);
		fclose(f);
	}
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);

	return fail_nth < 0 ? -1 : 0;
}

static int call(const struct xe_case *c, struct xe_env *env, unsigned int n, bool *fired)
{
	struct drm_xe_vm_bind_op ops[XE_INJECT_MAX_OPS];
	uint32_t n_ops = c->ops ? c->ops(env, ops) : 0;
	int ret;

	arm(n);
	ret = c->ops ? xe_env_bind(env, ops, n_ops, c->flags) : c->call(env);
	*fired = disarm();

	return ret;
}

/* The id that an object gets if it is created now, where ids are given out in order. */
static uint32_t expected_id(const struct xe_case *c, struct xe_env *env)
{
	if (!c->destroy || c->call(env))
		return 0;
	c->destroy(env, env->made);

	return env->made;
}

static bool is_expected(const struct xe_case *c, int err)
{
	/* Arrays are told to split themselves. */
	return err == -ENOMEM || err == -EFAULT || (c->ops && err == -ENOBUFS);
}

/*
 * Only if the result could not be copied to user space may something have been created, by the DRM
 * core's design.
 */
static bool is_forgotten(const struct xe_case *c, struct xe_env *env, uint32_t id, int err)
{
	return !c->destroy || c->destroy(env, id) || err == -EFAULT;
}

/* Look at everything after failure @n. */
static void check_failure(const struct xe_case *c, struct xe_env *env, struct tally *t,
			  unsigned int n, int err, const struct xe_state *before)
{
	struct xe_state after = {};
	char why[WHY_SIZE];
	int ret;

	if (!is_expected(c, err))
		complain(c, t, n, "errno %d", -err);

	ret = env->out ? xe_syncobj_wait(env->fd, env->out, 0) : -EINVAL;
	if (ret != -EINVAL)
		complain(c, t, n, "the sync object has got a fence (%d)", ret);
	if (env->user_fence)
		complain(c, t, n, "the user fence was stored");

	if (xe_state_read(env, &after))
		complain(c, t, n, "the state cannot be read");
	else if (!(c->flags & XE_CASE_PROGRESS) &&
		 !xe_state_equal(before, &after, why, sizeof(why)))
		complain(c, t, n, "errno %d: %s", -err, why);
	xe_state_free(&after);
}

/* A call that succeeded: it must have had an effect. */
static void check_success(const struct xe_case *c, struct xe_env *env, struct tally *t,
			  unsigned int n, const struct xe_state *before)
{
	struct xe_state after = {};
	char why[WHY_SIZE];

	if (c->destroy) {
		if (c->destroy(env, env->made))
			complain(c, t, n, "it succeeded, and there is nothing to destroy");
		return;
	}
	if (c->flags & XE_CASE_EXEC)
		return;
	if (xe_state_read(env, &after) || xe_state_equal(before, &after, why, sizeof(why)))
		complain(c, t, n, "it succeeded, and nothing has changed");
	xe_state_free(&after);
}

/* From a fresh client, fail one step after the other. Returns the number of the next step. */
static unsigned int fail_in_turn(const struct xe_case *c, struct tally *t, unsigned int n,
				 bool *done)
{
	struct xe_state before = {};
	struct xe_env env;
	uint32_t id = 0;
	bool fired;
	int ret;

	ret = xe_env_open(&env, c);
	if (ret) {
		complain(c, t, n, "the client cannot be set up (%d)", ret);
		*done = true;
		goto out;
	}
	id = expected_id(c, &env);
	if (xe_state_read(&env, &before))
		complain(c, t, n, "the state cannot be read");

	for (;; n++) {
		if (c->prepare) {
			c->prepare(&env);
			xe_state_free(&before);
			xe_state_read(&env, &before);
		}
		ret = call(c, &env, n, &fired);
		*done = !fired || n == MAX_POINTS;
		t->points += fired;
		if (!ret) {
			t->survived += fired;
			check_success(c, &env, t, n, &before);
			n++;
			break;
		}
		if (*done) {
			complain(c, t, n, "nothing was made to fail, and the errno is %d", -ret);
			break;
		}
		t->failed++;
		if (!is_forgotten(c, &env, id, ret))
			complain(c, t, n, "errno %d, but it was created", -ret);
		check_failure(c, &env, t, n, ret, &before);
	}

out:
	xe_state_free(&before);
	xe_env_close(&env);

	return n;
}

/* Some memory is allocated once and kept. */
static void warm_up(const struct xe_case *c)
{
	struct xe_env env;
	bool fired;

	if (!xe_env_open(&env, c)) {
		if (c->prepare)
			c->prepare(&env);
		call(c, &env, 0, &fired);
	}
	xe_env_close(&env);
}

static void run_case(const struct xe_case *c, struct tally *sum)
{
	struct xe_memory *memory;
	struct tally t = {};
	char why[WHY_SIZE];
	unsigned int n = 1;
	bool done = false;

	warm_up(c);
	memory = xe_memory_quiet(SETTLE_SECONDS);
	while (!done)
		n = fail_in_turn(c, &t, n, &done);

	if (!memory)
		complain(c, &t, 0, "the kernel does not count allocations");
	else if (!xe_memory_settles(memory, SETTLE_SECONDS, why, sizeof(why)))
		complain(c, &t, 0, "%s", why);
	if (!t.points)
		complain(c, &t, 0, "nothing could be made to fail");
	xe_memory_free(memory);

	printf("case\t%s\t%u\t%u\t%u\t%u\n", c->name, t.points, t.failed, t.survived, t.bad);
	fflush(stdout);
	sum->points += t.points;
	sum->bad += t.bad;
}

static bool is_wanted(const struct xe_case *c, char **patterns, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strstr(c->name, patterns[i]))
			return true;

	return !n;
}

/* usage: xe_inject DIRECTORY [PART-OF-A-NAME]...; DIRECTORY "-": nobody answers for the device */
int main(int argc, char **argv)
{
	struct tally sum = {};
	unsigned int i, n = 0;

	if (argc < 2 || set_knobs()) {
		fprintf(stderr, "usage: xe_inject DIRECTORY|- [PART-OF-A-NAME]...\n");
		return 2;
	}
	if (strcmp(argv[1], "-"))
		xe_state_ask_in(argv[1]);

	for (i = 0; i < xe_n_cases; i++) {
		if (!is_wanted(&xe_cases[i], argv + 2, argc - 2))
			continue;
		run_case(&xe_cases[i], &sum);
		n++;
	}
	printf("sum\t%u\t%u\t%u\n", n, sum.points, sum.bad);

	return sum.bad || !n;
}
