/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_SIGNALS_H
#define XM_UTIL_SIGNALS_H

/**
 * signals_start() - receive SIGTERM, SIGINT and SIGUSR1 on a thread of their own
 * @received: called with the number of each signal, on that thread; unlike a handler it may do
 *	      anything
 *
 * From now on these signals interrupt nothing: they are blocked in the calling thread and in all
 * threads it creates later. SIGPIPE is ignored.
 *
 * Context: before other threads exist, once in a program.
 * Return: 0 or -errno of pthread_create().
 */
int signals_start(void (*received)(int sig));

/**
 * signals_stop() - end the thread
 *
 * A signal that arrives later stays pending.
 */
void signals_stop(void);

#endif
