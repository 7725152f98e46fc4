// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Pace
 *
 * How the threads of a device share time. All their waits come here, in one of two modes.
 *
 * Free-running: conditions and mutexes of the system, real time. A thread yields after a drawn
 * number of commands, sometimes for a while, so that interleavings vary even on an idle machine.
 * Short turns and long ones are equally likely whatever short means: each power of two is, up to
 * YIELD_MAX. So a thread may be interrupted several times in some ten commands, and yet nearly all
 * commands are part of turns that are long enough to cost nothing.
 *
 * Stepped: one thread runs at a time, the holder of the baton:
 *
 *	runnable --picked--> runs --pace_point(), at the end of its turn--> runnable
 *	                      |
 *	                      +--pace_wait()--> waiting --pace_wake(), deadline--> runnable
 *
 * Whenever the baton is passed, a seeded generator picks one of the runnable threads and the
 * length of its turn. Time is virtual: a command takes STEP_NS, and when every thread waits the
 * clock jumps to the next deadline. The host is a thread like the others, except that it keeps the
 * baton while it waits for its client: the device stands still until the client sends a message.
 * Therefore everything that happens follows from the messages and the seed.
 *
 * If every thread waits for ever while the host waits too, a wake-up was lost. That is a fault of
 * this program, and it ends.
 *
 * Locking: @lock protects the states of all threads, and is a leaf.
 */

#include "util/pace.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/thread.h"

#define NS_PER_US 1000ull
#define NS_PER_S 1000000000ull
/* Free-running: most commands between two yields (a power of two), what a message counts as */
#define YIELD_BITS 14u
#define YIELD_MAX BIT(YIELD_BITS)
#define MESSAGE_COMMANDS 32u
/* How many yields are naps, and how long */
#define NAP_ONE_IN 8u
#define NAP_NS 50000u
#define TIMER_SLACK_NS 1000ul
/* Stepped: start and advance of the clock, longest turn, longest run after a message */
#define START_NS NS_PER_S
#define STEP_NS 200u
#define TURN_MAX 16u
#define SETTLE_MAX 48u

/**
 * struct pace - how threads share time
 * @stepped: one at a time
 * @seed: seed of the run
 * @lock: protects the states of all threads and the members below
 * @host: the thread that talks to the client
 * @threads: the others, in order of creation
 * @current: holder of the baton
 * @rng: picks the next thread
 * @turn: points left in the turn of @current
 * @steps: steps left until a settling host goes on
 */
struct pace {
	bool stepped;
	u64 seed;
	pthread_mutex_t lock;
	struct pace_thread host;
	struct pace_thread *threads;
	struct pace_thread *current;
	struct xm_rng rng;
	unsigned int turn;
	unsigned int steps;
};

/* NULL on the host */
static __thread struct pace_thread *self;

static struct pace_thread *me(struct pace *p)
{
	return self ? self : &p->host;
}

/* --- the baton -------------------------------------------------------------------------------- */

/* Every thread, the host first. */
static struct pace_thread *following(struct pace *p, struct pace_thread *t)
{
	return t == &p->host ? p->threads : t->next;
}

#define for_each_thread(p, t) for (t = &(p)->host; t; t = following(p, t))

static void expire_locked(struct pace *p, u64 now)
{
	struct pace_thread *t;

	for_each_thread(p, t) {
		if (t->state != PACE_WAITING || !t->deadline || t->deadline > now)
			continue;
		t->state = PACE_RUNNABLE;
		t->expired = true;
	}
}

/* Jump to the next deadline. Return: false if there is none. */
static bool jump_locked(struct pace *p)
{
	struct pace_thread *t;
	u64 next = 0, now = clock_ns();

	for_each_thread(p, t)
		if (t->state == PACE_WAITING && t->deadline && (!next || t->deadline < next))
			next = t->deadline;
	if (!next)
		return false;
	clock_step(next - now);
	expire_locked(p, next);
	return true;
}

static unsigned int count_runnable_locked(struct pace *p)
{
	struct pace_thread *t;
	unsigned int n = 0;

	for_each_thread(p, t)
		n += t->state == PACE_RUNNABLE;
	return n;
}

static struct pace_thread *nth_runnable_locked(struct pace *p, u64 n)
{
	struct pace_thread *t;

	for_each_thread(p, t)
		if (t->state == PACE_RUNNABLE && !n--)
			break;
	return t;
}

static void report_lost_wakeup(struct pace *p)
{
	struct pace_thread *t;

	log_error("every thread waits for ever: a wake-up was lost");
	for_each_thread(p, t)
		log_error("  thread %s: state %d, waits for %p", t->name, t->state, t->channel);
	abort();
}

static struct pace_thread *pick_locked(struct pace *p)
{
	bool settling = p->host.state == PACE_SETTLING;
	unsigned int n;

	expire_locked(p, clock_ns());
	if (settling && !p->steps)
		return &p->host;
	n = count_runnable_locked(p);
	if (!n && jump_locked(p))
		n = count_runnable_locked(p);
	if (!n && settling)
		return &p->host;
	if (!n)
		report_lost_wakeup(p);
	if (p->steps)
		p->steps--;
	p->turn = 1 + (unsigned int)rng_below(&p->rng, TURN_MAX);
	return nth_runnable_locked(p, rng_below(&p->rng, n));
}

static void pass_locked(struct pace *p)
{
	p->current = pick_locked(p);
	pthread_cond_signal(&p->current->turn);
}

static void await_turn_locked(struct pace *p, struct pace_thread *t)
{
	while (p->current != t)
		pthread_cond_wait(&t->turn, &p->lock);
}

static void yield_locked(struct pace *p, struct pace_thread *t)
{
	pass_locked(p);
	await_turn_locked(p, t);
}

static void wake_locked(struct pace *p, const void *channel)
{
	struct pace_thread *t;

	for_each_thread(p, t)
		if (t->state == PACE_WAITING && t->channel == channel)
			t->state = PACE_RUNNABLE;
}

/* Wait for @channel after releasing @mutex, which may be NULL. Return: false if time was up. */
static bool sleep_on(struct pace *p, const void *channel, pthread_mutex_t *mutex, u64 deadline)
{
	struct pace_thread *t = me(p);

	pthread_mutex_lock(&p->lock);
	t->state = PACE_WAITING;
	t->channel = channel;
	t->deadline = deadline;
	t->expired = false;
	if (mutex) {
		pthread_mutex_unlock(mutex);
		wake_locked(p, mutex);
	}
	yield_locked(p, t);
	t->channel = NULL;
	pthread_mutex_unlock(&p->lock);
	return !t->expired;
}

/* --- threads ---------------------------------------------------------------------------------- */

static unsigned int draw_turn(struct pace_thread *t)
{
	unsigned int longest = YIELD_MAX >> rng_below(&t->rng, YIELD_BITS + 1);

	return 1 + (unsigned int)rng_below(&t->rng, longest);
}

static void thread_init(struct pace *p, struct pace_thread *t, u64 stream)
{
	t->pace = p;
	t->state = PACE_RUNNABLE;
	rng_init(&t->rng, p->seed, stream);
	t->left = draw_turn(t);
	pthread_cond_init(&t->turn, NULL);
}

struct pace *pace_create(bool stepped, u64 seed)
{
	struct pace *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->stepped = stepped;
	p->seed = seed;
	pthread_mutex_init(&p->lock, NULL);
	p->host.name = "host";
	thread_init(p, &p->host, RNG_ORDER);
	rng_init(&p->rng, seed, RNG_ORDER);
	p->current = &p->host;
	if (stepped)
		clock_set_stepped(START_NS);
	return p;
}

void pace_destroy(struct pace *p)
{
	if (!p)
		return;
	if (p->stepped)
		clock_set_real();
	pthread_cond_destroy(&p->host.turn);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void *thread_main(void *arg)
{
	struct pace_thread *t = arg;
	struct pace *p = t->pace;

	self = t;
	thread_urgent();
	/* The device sleeps for tens of microseconds: the usual slack would double that. */
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	if (p->stepped) {
		pthread_mutex_lock(&p->lock);
		await_turn_locked(p, t);
		pthread_mutex_unlock(&p->lock);
	}
	t->run(t->arg);
	if (p->stepped) {
		pthread_mutex_lock(&p->lock);
		t->state = PACE_ENDED;
		wake_locked(p, t);
		pass_locked(p);
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

static void list_add(struct pace *p, struct pace_thread *t)
{
	struct pace_thread **at = &p->threads;

	while (*at)
		at = &(*at)->next;
	*at = t;
}

static void list_remove(struct pace *p, struct pace_thread *t)
{
	struct pace_thread **at = &p->threads;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
}

int pace_thread_start(struct pace *p, struct pace_thread *t, u64 stream)
{
	int err;

	thread_init(p, t, stream);
	pthread_mutex_lock(&p->lock);
	list_add(p, t);
	err = -pthread_create(&t->thread, NULL, thread_main, t);
	if (err)
		list_remove(p, t);
	pthread_mutex_unlock(&p->lock);
	if (err)
		pthread_cond_destroy(&t->turn);
	else
		pthread_setname_np(t->thread, t->name);
	return err;
}

void pace_thread_join(struct pace_thread *t)
{
	struct pace *p = t->pace;

	while (p->stepped && t->state != PACE_ENDED)
		sleep_on(p, t, NULL, 0);
	pthread_join(t->thread, NULL);
	pthread_mutex_lock(&p->lock);
	list_remove(p, t);
	pthread_mutex_unlock(&p->lock);
	pthread_cond_destroy(&t->turn);
}

/* --- waits ------------------------------------------------------------------------------------ */

void pace_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool pace_wait(struct pace *p, pthread_cond_t *cond, pthread_mutex_t *mutex, u64 deadline)
{
	struct timespec until = { .tv_sec = (time_t)(deadline / NS_PER_S),
				  .tv_nsec = (long)(deadline % NS_PER_S) };
	bool woken;

	if (p->stepped) {
		woken = sleep_on(p, cond, mutex, deadline);
		pace_lock(p, mutex);
		return woken;
	}
	if (deadline)
		return !pthread_cond_timedwait(cond, mutex, &until);
	pthread_cond_wait(cond, mutex);
	return true;
}

void pace_wake(struct pace *p, pthread_cond_t *cond)
{
	if (!p->stepped) {
		pthread_cond_broadcast(cond);
		return;
	}
	pthread_mutex_lock(&p->lock);
	wake_locked(p, cond);
	pthread_mutex_unlock(&p->lock);
}

void pace_lock(struct pace *p, pthread_mutex_t *mutex)
{
	if (!p->stepped) {
		pthread_mutex_lock(mutex);
		return;
	}
	while (pthread_mutex_trylock(mutex))
		sleep_on(p, mutex, NULL, 0);
}

void pace_unlock(struct pace *p, pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex);
	if (!p->stepped)
		return;
	pthread_mutex_lock(&p->lock);
	wake_locked(p, mutex);
	pthread_mutex_unlock(&p->lock);
}

static void yield_freely(struct pace *p, struct pace_thread *t, unsigned int commands)
{
	struct timespec nap = { 0 };

	if (!p->seed)
		return;
	if (t->left > commands) {
		t->left -= commands;
		return;
	}
	t->left = draw_turn(t);
	if (rng_below(&t->rng, NAP_ONE_IN)) {
		sched_yield();
		return;
	}
	nap.tv_nsec = (long)rng_below(&t->rng, NAP_NS);
	nanosleep(&nap, NULL);
}

static void step(struct pace *p)
{
	clock_step(STEP_NS);
	pthread_mutex_lock(&p->lock);
	if (p->steps)
		p->steps--;
	if (!--p->turn || (p->host.state == PACE_SETTLING && !p->steps))
		yield_locked(p, me(p));
	pthread_mutex_unlock(&p->lock);
}

void pace_point(struct pace *p)
{
	if (p->stepped)
		step(p);
	else
		yield_freely(p, me(p), MESSAGE_COMMANDS);
}

unsigned int pace_room(struct pace *p)
{
	if (p->stepped)
		return 1;
	return p->seed ? me(p)->left : UINT_MAX;
}

void pace_points(struct pace *p, unsigned int n)
{
	if (p->stepped)
		step(p);
	else
		yield_freely(p, me(p), n);
}

void pace_settle(struct pace *p)
{
	struct pace_thread *host = &p->host;

	if (!p->stepped)
		return;
	clock_step(NS_PER_US);
	pthread_mutex_lock(&p->lock);
	p->steps = 1 + (unsigned int)rng_below(&p->rng, SETTLE_MAX);
	host->state = PACE_SETTLING;
	yield_locked(p, host);
	host->state = PACE_RUNNABLE;
	p->steps = 0;
	pthread_mutex_unlock(&p->lock);
}

bool pace_stepped(const struct pace *p)
{
	return p->stepped;
}
