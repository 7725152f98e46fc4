/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_PACE_H
#define XM_UTIL_PACE_H

#include <pthread.h>

#include "util/rng.h"
#include "util/types.h"

struct pace;

/**
 * enum pace_state - what a thread does in stepped mode
 * @PACE_RUNNABLE: it runs or could run
 * @PACE_WAITING: it waits for a wake-up or a time
 * @PACE_SETTLING: the host lets the others run on for some steps
 * @PACE_ENDED: its function returned
 */
enum pace_state {
	PACE_RUNNABLE,
	PACE_WAITING,
	PACE_SETTLING,
	PACE_ENDED,
};

/**
 * struct pace_thread - a thread of the device; members are private to pace.c
 * @pace: what it belongs to
 * @next: next thread, in order of creation
 * @name: name of the thread
 * @run: its function
 * @arg: argument of @run
 * @thread: the thread
 * @rng: draws when it yields
 * @left: commands until it yields
 * @turn: signalled when the thread gets the baton
 * @state: enum pace_state
 * @channel: what a waiting thread waits for
 * @deadline: clock_ns() when a waiting thread goes on anyway, 0 = never
 * @expired: it did go on because of @deadline
 */
struct pace_thread {
	struct pace *pace;
	struct pace_thread *next;
	const char *name;
	void (*run)(void *arg);
	void *arg;
	pthread_t thread;
	struct xm_rng rng;
	unsigned int left;
	pthread_cond_t turn;
	enum pace_state state;
	const void *channel;
	u64 deadline;
	bool expired;
};

/**
 * pace_create() - decide how the threads of a device share time
 * @stepped: one at a time and in virtual time; else freely
 * @seed: seed of the run; 0 without @stepped: threads yield only where they have to
 *
 * Context: the calling thread becomes the host. Stepped mode replaces the clock of the process.
 * Return: the pace, NULL without memory.
 */
struct pace *pace_create(bool stepped, u64 seed);

/**
 * pace_destroy() - return to real time and free
 * @p: pace, all its threads joined; NULL is allowed
 */
void pace_destroy(struct pace *p);

/**
 * pace_thread_start() - start a thread of the device
 * @p: pace
 * @t: zeroed, stays in place until pace_thread_join(); run, arg and name are set
 * @stream: enum rng_stream of the thread
 *
 * Return: 0 or the negative error of pthread_create().
 */
int pace_thread_start(struct pace *p, struct pace_thread *t, u64 stream);

/**
 * pace_thread_join() - wait until the function of a thread has returned
 * @t: started thread that was told to end
 *
 * Context: no lock held that the thread takes.
 */
void pace_thread_join(struct pace_thread *t);

/** pace_cond_init() - initialise @cond for pace_wait(). */
void pace_cond_init(pthread_cond_t *cond);

/**
 * pace_wait() - wait for a wake-up or a time
 * @p: pace
 * @cond: condition, of pace_cond_init()
 * @mutex: held; released while waiting
 * @deadline: clock_ns() when to go on anyway, 0 = never
 *
 * Return: true after a wake-up, which may be spurious; false when @deadline has passed.
 */
bool pace_wait(struct pace *p, pthread_cond_t *cond, pthread_mutex_t *mutex, u64 deadline);

/**
 * pace_wake() - wake every thread that waits for a condition
 * @p: pace
 * @cond: condition; the caller holds its mutex
 */
void pace_wake(struct pace *p, pthread_cond_t *cond);

/**
 * pace_lock() - take a mutex whose holder may wait for something else than this mutex
 * @p: pace
 * @mutex: mutex
 *
 * A mutex that is only ever held between two waits needs no more than pthread_mutex_lock().
 */
void pace_lock(struct pace *p, pthread_mutex_t *mutex);

/** pace_unlock() - release @mutex of pace_lock(). */
void pace_unlock(struct pace *p, pthread_mutex_t *mutex);

/**
 * pace_point() - a place between two messages: others may run now
 * @p: pace
 *
 * Context: a thread of pace_thread_start(), no lock held.
 */
void pace_point(struct pace *p);

/**
 * pace_room() - how many commands may be passed by one pace_points()
 * @p: pace
 *
 * Context: a thread of pace_thread_start().
 * Return: at least 1; whoever passes them together changes nothing of the order of things.
 */
unsigned int pace_room(struct pace *p);

/**
 * pace_points() - commands were executed together: others may run now
 * @p: pace
 * @n: how many, 1 to pace_room()
 *
 * Context: as pace_point().
 */
void pace_points(struct pace *p, unsigned int n);

/**
 * pace_settle() - the host has handled a message: let the device run on
 * @p: pace
 *
 * In stepped mode a drawn number of steps of the other threads follows, fewer if all of them wait
 * for ever. Without it nothing happens.
 *
 * Context: the host, no lock held.
 */
void pace_settle(struct pace *p);

/** pace_stepped() - Return: whether @p is in stepped mode. */
bool pace_stepped(const struct pace *p);

#endif
