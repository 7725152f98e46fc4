// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A handler runs on whatever thread the kernel picks, between any two instructions of it, and the
 * thread sanitizer puts it off until that thread makes a call which may not come. A thread that
 * waits for signals has neither trouble.
 */

#include "util/signals.h"

#include <pthread.h>
#include <signal.h>

/* Ends the thread; nobody else sends it, and it is blocked as the others are. */
#define SIG_LEAVE SIGUSR2

static pthread_t thread;
static sigset_t expected;
static void (*receiver)(int sig);

static void *wait_for_signals(void *arg)
{
	int sig;

	while (!sigwait(&expected, &sig) && sig != SIG_LEAVE)
		receiver(sig);
	return NULL;
}

int signals_start(void (*received)(int sig))
{
	int err;

	receiver = received;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&expected);
	sigaddset(&expected, SIGTERM);
	sigaddset(&expected, SIGINT);
	sigaddset(&expected, SIGUSR1);
	sigaddset(&expected, SIG_LEAVE);
	pthread_sigmask(SIG_BLOCK, &expected, NULL);
	err = pthread_create(&thread, NULL, wait_for_signals, NULL);
	if (err)
		return -err;
	pthread_setname_np(thread, "signals");
	return 0;
}

void signals_stop(void)
{
	pthread_kill(thread, SIG_LEAVE);
	pthread_join(thread, NULL);
}
