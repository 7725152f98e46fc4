/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_GANG_H
#define XM_GFX_GANG_H

#include <stdbool.h>

struct engine;

/*
 * For the engine's thread. Without a gang, nothing is waited for.
 */

/** gang_end_batch() - the ring is behind a batch: look at gang_hold() next. */
void gang_end_batch(struct engine *e);

/** gang_may_be_ahead() - a context was loaded: look at gang_hold() next. */
void gang_may_be_ahead(struct engine *e);

/**
 * gang_hold() - may the ring go on behind a batch?
 * @e: engine, after gang_end_batch() or gang_may_be_ahead()
 *
 * Return: true if another engine of the gang has to end as many batches first. It ends some time.
 */
bool gang_hold(struct engine *e);

/**
 * gang_drained() - the ring is empty, and no work was added
 * @e: engine
 *
 * Return: true if the context may be given up; false: look for work again.
 */
bool gang_drained(struct engine *e);

/**
 * gang_refilled() - work was added to an empty ring
 * @e: engine
 *
 * Return: true if it shall be executed, false if the gang gives its context up already.
 */
bool gang_refilled(struct engine *e);

/** gang_leave() - the engine has stopped, and tells the scheduler next. */
void gang_leave(struct engine *e);

#endif
