// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: for each call of xe_inject_cases.c, the first step that can fail does, then
 * the second, until the call succeeds because there is none left to fail. Steps are allocations,
 * copies from and to user space, and the named steps of the driver, such as a lock that a signal
 * takes away. After each failure, everything must be as it was before: mappings, counters, page
 * tables as the driver has them, page tables as the device reads them, fences. When the client is
 * closed, nothing may be left allocated. Then the same once more with the named steps alone: how
 * many allocations there are is a matter of luck, and a step may have been missed for that.
 *
 * Without xe_vm_ops_undo_old() for a REMAP in xe_vm_ops_unwind(), for example, each of the 16
 * failures of map-over-middle+pending behind the staging of its request is reported with the
 * mapping that is gone, and the case with the memory that is left.
 *
 * Where work items go on with a call it is their steps that fail. They may do less than they wanted
 * or try again, but nobody may notice in the end.
 *
 * The kernel has to offer fail-nth and allocinfo, and the driver has to be a debug build; "make
 * inject" boots one with the other.
 */
#define _GNU_SOURCE

#include <stdarg.h>

#include "xe_inject.h"

#define MAX_POINTS	4000
#define WHY_SIZE	400
/* Objects are freed by work items, and after RCU grace periods. */
#define SETTLE_SECONDS	20
#define N_LOOKS		20
#define LOOK_US		20000

struct tally {
	unsigned int points;
	unsigned int named;
	unsigned int failed;
	unsigned int survived;
	unsigned int bad;
	/* what a bind makes of the mappings if nothing fails */
	char *outcome;
};

/* One attempt of a case: which step is to fail, and what happened. */
struct attempt {
	unsigned int n;
	/* only steps with a name count */
	bool named;
	bool fired;
	struct xe_step step;
	int err;
};

__attribute__((format(printf, 4, 5)))
static void complain(const struct xe_case *c, struct tally *t, const struct attempt *a,
		     const char *format, ...)
{
	char text[WHY_SIZE + 100];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("bad\t%s\t%u\t", c->name, a->n);
	if (*a->step.name)
		printf("step %s: ", a->step.name);
	printf("errno %d: %s\n", -a->err, text);
	fflush(stdout);
	t->bad++;
}

/* Do it, with step @a->n failing. */
static void try(const struct xe_case *c, struct xe_env *env, struct attempt *a)
{
	struct drm_xe_vm_bind_op ops[XE_INJECT_MAX_OPS];
	uint32_t n_ops = c->ops ? c->ops(env, ops) : 0;

	if (c->work) {
		a->err = xe_knobs_arm_work(a->n) ?: c->work(env);
		a->fired = xe_knobs_disarm_work();
	} else {
		if (a->named)
			xe_knobs_arm_named(a->n);
		else
			xe_knobs_arm(a->n);
		a->err = c->ops ? xe_env_bind(env, ops, n_ops, c->flags) : c->call(env);
		a->fired = a->named ? xe_knobs_disarm_named() : xe_knobs_disarm();
	}
	a->step = xe_knobs_last_step();
}

static void tally_up(struct tally *t, const struct attempt *a)
{
	t->points += a->fired;
	t->named += a->fired && *a->step.name;
	t->failed += a->fired && a->err;
	t->survived += a->fired && !a->err;
}

/* The id that an object gets if it is created now, where ids are given out in order. */
static uint32_t expected_id(const struct xe_case *c, struct xe_env *env)
{
	if (!c->destroy || c->call(env))
		return 0;
	c->destroy(env, env->made);

	return env->made;
}

static bool is_expected(const struct xe_case *c, const struct attempt *a)
{
	/* Arrays are told to split themselves. */
	if (c->ops && a->err == -ENOBUFS && (!*a->step.name || a->step.err == -ENOMEM))
		return true;
	if (*a->step.name)
		return a->err == a->step.err;

	return a->err == -ENOMEM || a->err == -EFAULT;
}

/*
 * Only if the result could not be copied to user space may something have been created, by the DRM
 * core's design.
 */
static bool is_forgotten(const struct xe_case *c, struct xe_env *env, uint32_t id, int err)
{
	return !c->destroy || c->destroy(env, id) || err == -EFAULT;
}

static bool is_same(const struct xe_case *c, const struct xe_state *before,
		    const struct xe_state *after, char *why)
{
	if (!(c->flags & XE_CASE_PROGRESS))
		return xe_state_equal(before, after, why, WHY_SIZE);
	/* A job may have been preceded by a rebind. */
	if (!(c->flags & XE_CASE_EXEC))
		return xe_state_equal_map(before, after, why, WHY_SIZE);

	return true;
}

/* Is the state what it was, at the latest when work that was under way is over? */
static bool is_back(const struct xe_case *c, struct xe_env *env, const struct xe_state *before,
		    char *why)
{
	struct xe_state now = {};
	bool same = false;
	int i;

	for (i = 0; i < N_LOOKS && !same; i++) {
		if (i)
			usleep(LOOK_US);
		if (xe_state_reread(env, &now))
			snprintf(why, WHY_SIZE, "the state cannot be read");
		else
			same = is_same(c, before, &now, why);
	}
	xe_state_free(&now);

	return same;
}

/* Look at everything after a failure. */
static void check_failure(const struct xe_case *c, struct xe_env *env, struct tally *t,
			  const struct attempt *a, const struct xe_state *before)
{
	char why[WHY_SIZE];
	int ret;

	if (!is_expected(c, a))
		complain(c, t, a, "not an errno for that");

	ret = env->out ? xe_syncobj_wait(env->fd, env->out, 0) : -EINVAL;
	if (ret != -EINVAL)
		complain(c, t, a, "the sync object has got a fence (%d)", ret);
	if (env->user_fence)
		complain(c, t, a, "the user fence was stored");

	if (!is_back(c, env, before, why))
		complain(c, t, a, "%s", why);
}

/* Are the mappings what a bind without a failure makes of them? It may be a job that does. */
static bool is_done(struct xe_env *env, const char *outcome, struct xe_state *after, char *why)
{
	bool same = false;
	char *is;
	int i;

	for (i = 0; i < N_LOOKS && !same; i++) {
		if (i)
			usleep(LOOK_US);
		if (xe_state_reread(env, after)) {
			snprintf(why, WHY_SIZE, "the state cannot be read");
			return false;
		}
		is = xe_state_outcome(env, after);
		same = is && xe_same_text(outcome, is, "mappings", why, WHY_SIZE);
		free(is);
	}

	return same;
}

/* Jobs of a long-running VM store a user fence, all others signal a sync object. */
static int await_job(const struct xe_case *c, struct xe_env *env)
{
	return xe_env_await(env, c->flags & XE_CASE_LR ? XE_BIND_USER_FENCE : c->flags);
}

/*
 * A call that succeeded, although something failed or because nothing did: it must have had its
 * whole effect. Half an array would be one, too.
 */
static void check_success(const struct xe_case *c, struct xe_env *env, struct tally *t,
			  const struct attempt *a, const struct xe_state *before)
{
	struct xe_state after = {};
	char why[WHY_SIZE];
	int ret;

	if (c->destroy) {
		if (c->destroy(env, env->made))
			complain(c, t, a, "there is nothing to destroy");
		return;
	}
	if (c->flags & XE_CASE_EXEC) {
		ret = c->flags & XE_CASE_JOB ? await_job(c, env) : 0;
		if (ret)
			complain(c, t, a, "the job did not run (%d)", ret);
		return;
	}
	if (!is_done(env, t->outcome, &after, why))
		complain(c, t, a, "not what it makes without a failure: %s", why);
	else if (xe_state_equal(before, &after, why, sizeof(why)))
		complain(c, t, a, "nothing has changed");
	xe_state_free(&after);
}

/* Unmap what the operations concern, so that nothing is left that could be wrong, and do them. */
static int bind_afresh(struct xe_env *env, const struct drm_xe_vm_bind_op *ops, uint32_t n)
{
	struct drm_xe_vm_bind_op op;
	uint32_t i;
	int ret;

	for (i = 0; i < n; i++) {
		op = xe_unmap_op(ops[i].addr, ops[i].range);
		ret = xe_env_bind(env, &op, 1, 0);
		if (ret)
			return ret;
	}

	return xe_env_bind(env, ops, n, 0);
}

/*
 * What had become stale must be as a bind leaves it. Memory of the process that was not found is
 * looked for again before the next job.
 */
static void check_again(const struct xe_case *c, struct xe_env *env, struct tally *t,
			const struct attempt *a)
{
	struct xe_state is = {}, should = {};
	struct drm_xe_vm_bind_op ops[XE_INJECT_MAX_OPS];
	char why[WHY_SIZE];
	int ret = 0;

	if (!c->work || !strcmp(a->step.name, "find-pages"))
		ret = xe_env_run(env, c->flags & XE_CASE_LR);
	if (ret)
		complain(c, t, a, "no job runs any more (%d)", ret);
	ret = xe_state_read(env, &is);
	ret |= bind_afresh(env, ops, c->again(env, ops));
	ret |= xe_state_read(env, &should);
	if (ret)
		complain(c, t, a, "no bind works any more");
	else if (!xe_state_equal_map(&should, &is, why, sizeof(why)))
		complain(c, t, a, "not what a bind makes: %s", why);
	xe_state_free(&is);
	xe_state_free(&should);
}

/*
 * Look at what an attempt has left. Return: whether the client is as good as a fresh one for
 * another one. A VM is not: it keeps page tables that it did not need in the end, and allocates
 * fewer next.
 */
static bool check(const struct xe_case *c, struct xe_env *env, struct tally *t,
		  const struct attempt *a, uint32_t id, const struct xe_state *before)
{
	if (a->err && !a->fired) {
		complain(c, t, a, "nothing was made to fail");
		return false;
	}
	if (c->work && a->err) {
		complain(c, t, a, "it went wrong");
		return false;
	}

	if (a->err) {
		if (!is_forgotten(c, env, id, a->err))
			complain(c, t, a, "it was created");
		check_failure(c, env, t, a, before);
	} else if (!c->work) {
		check_success(c, env, t, a, before);
	}
	if (c->again)
		check_again(c, env, t, a);

	return c->destroy;
}

/*
 * Read the state when nothing changes any more: what was done before holds references until work
 * items have run.
 */
static bool settle(const struct xe_env *env, struct xe_state *state)
{
	struct xe_state now = {};
	int i, same = 0;
	char why[WHY_SIZE];

	if (xe_state_reread(env, state))
		return false;
	for (i = 0; i < 5 * N_LOOKS && same < 2; i++) {
		usleep(LOOK_US / 2);
		if (xe_state_reread(env, &now))
			break;
		same = xe_state_equal(state, &now, why, sizeof(why)) ? same + 1 : 0;
		xe_state_free(state);
		*state = now;
		now = (struct xe_state){};
	}
	xe_state_free(&now);

	return same == 2;
}

/*
 * From a fresh client, fail one step after the other, from the one with number @n on; @named: of
 * those with a name. Returns the number of the next step.
 */
static unsigned int fail_in_turn(const struct xe_case *c, struct tally *t, unsigned int n,
				 bool named, bool *done)
{
	struct attempt a = { .n = n, .named = named };
	struct xe_state before = {};
	struct xe_env env;
	bool more = true;
	uint32_t id = 0;

	a.err = xe_env_open(&env, c);
	if (a.err) {
		complain(c, t, &a, "the client cannot be set up");
		*done = true;
		goto out;
	}
	id = expected_id(c, &env);

	for (; more && !*done; a.n++) {
		if (c->prepare)
			c->prepare(&env);
		if ((!before.vms || c->prepare) && !settle(&env, &before))
			complain(c, t, &a, "the state cannot be read");
		try(c, &env, &a);
		*done = !a.fired || a.n == MAX_POINTS;
		if (a.fired && *done)
			complain(c, t, &a, "there is no end of steps that can fail");
		tally_up(t, &a);
		more = check(c, &env, t, &a, id, &before);
	}

out:
	xe_state_free(&before);
	xe_env_close(&env);

	return a.n;
}

/* A job may store the entries, and may have to wait itself. */
static int await_entries(const struct xe_case *c, struct xe_env *env)
{
	if (!c->ops || c->flags & XE_BIND_IN_PENDING ||
	    !(c->flags & (XE_BIND_OUT | XE_BIND_OUT_POINT)))
		return 0;

	return xe_env_await(env, c->flags & ~XE_BIND_USER_FENCE);
}

/* Once without a failure: some memory is allocated once and kept, and it shows what comes out. */
static void warm_up(const struct xe_case *c, struct tally *t)
{
	struct attempt a = { .n = 0 };
	struct xe_state after = {};
	struct xe_env env;

	if (!xe_env_open(&env, c)) {
		if (c->prepare)
			c->prepare(&env);
		try(c, &env, &a);
		if (!a.err)
			a.err = await_entries(c, &env);
		if (a.err)
			complain(c, t, &a, "it does not even work without a failure");
		else if (xe_state_read(&env, &after))
			complain(c, t, &a, "the state cannot be read");
		else
			t->outcome = xe_state_outcome(&env, &after);
		xe_state_free(&after);
	}
	xe_env_close(&env);
}

static void fail_all(const struct xe_case *c, struct tally *t, bool named)
{
	unsigned int n = 1;
	bool done = false;

	while (!done)
		n = fail_in_turn(c, t, n, named, &done);
}

static void run_case(const struct xe_case *c, struct tally *sum)
{
	struct attempt none = { .n = 0 };
	int64_t begin = xe_now();
	struct xe_memory *memory;
	struct tally t = {};
	char why[WHY_SIZE];

	printf("begin\t%s\n", c->name);
	fflush(stdout);
	warm_up(c, &t);
	memory = xe_memory_quiet(SETTLE_SECONDS);
	fail_all(c, &t, false);
	if (!c->work)
		fail_all(c, &t, true);

	if (!memory)
		complain(c, &t, &none, "the kernel does not count allocations");
	else if (!xe_memory_settles(memory, SETTLE_SECONDS, why, sizeof(why)))
		complain(c, &t, &none, "%s", why);
	xe_memory_free(memory);

	printf("case\t%s\t%u\t%u\t%u\t%u\t%u\t%lld\n", c->name, t.points, t.named, t.failed,
	       t.survived, t.bad, (long long)((xe_now() - begin) / NSEC_PER_MSEC));
	fflush(stdout);
	sum->points += t.points;
	sum->bad += t.bad;
	free(t.outcome);
}

static bool is_wanted(const struct xe_case *c, char **patterns, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strstr(c->name, patterns[i]))
			return true;

	return !n;
}

/* usage: xe_inject [PART-OF-A-NAME]... */
int main(int argc, char **argv)
{
	struct tally sum = {};
	unsigned int i, n = 0;

	if (xe_knobs_open())
		return 2;
	if (xe_state_open()) {
		fprintf(stderr, "there is no device model to ask\n");
		return 2;
	}

	for (i = 0; i < xe_n_cases; i++) {
		if (!is_wanted(&xe_cases[i], argv + 1, argc - 1))
			continue;
		run_case(&xe_cases[i], &sum);
		n++;
	}
	xe_knobs_print_steps();
	printf("sum\t%u\t%u\t%u\n", n, sum.points, sum.bad);

	return sum.bad || !n;
}
