// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Gangs
 *
 * A parallel context has an LRC for each of several engines, and work for all of them at a
 * time. Its driver counts on the engines keeping step: the first one's ring may tell the end
 * of a job, and then whoever submitted it takes the memory of all batches away. Nothing in the
 * rings makes the engines wait for each other. Those of real hardware start within a
 * microsecond; here each one is a thread, and on a busy host one may have finished before the
 * other was woken. Two rules make up for it:
 *
 * * Behind a batch a ring goes on when every other one that runs has ended as many batches.
 * * An engine whose ring is empty keeps its context until all rings are empty, so that new
 *   work finds all engines or none.
 *
 * Neither is promised by hardware, so neither is relied upon: a wait ends after
 * %HOLD_LIMIT_NS, and a request to switch ends it at once.
 *
 * Locking: the gang's lock, a leaf.
 */

#include "gfx/cs.h"
#include "gfx/gang.h"
#include "util/bits.h"
#include "util/clock.h"

#define HOLD_LIMIT_NS 1000000000ull

void gang_init(struct engine_gang *gang)
{
	pthread_mutex_init(&gang->lock, NULL);
}

void gang_destroy(struct engine_gang *gang)
{
	pthread_mutex_destroy(&gang->lock);
}

/* Whether rule one asks @part to wait. */
static bool is_ahead(const struct engine_gang *gang, unsigned int part)
{
	for (unsigned int i = 0; i < ENGINE_GANG_MAX; i++) {
		const struct engine_gang_part *other = &gang->part[i];

		if (i != part && other->running && !other->drained &&
		    (int)(gang->part[part].batches - other->batches) > 0)
			return true;
	}
	return false;
}

/* Rings need not have as many batches as each other: what they differ in at rest is forgotten. */
static void level_batches(struct engine_gang *gang)
{
	for (unsigned int i = 0; i < ENGINE_GANG_MAX; i++)
		gang->part[i].batches = 0;
}

static bool all_drained(const struct engine_gang *gang)
{
	for (unsigned int i = 0; i < ENGINE_GANG_MAX; i++)
		if (gang->part[i].running && !gang->part[i].drained)
			return false;
	return true;
}

void gang_start(struct engine_gang *gang, u32 parts)
{
	pthread_mutex_lock(&gang->lock);
	for (unsigned int i = 0; i < ENGINE_GANG_MAX; i++) {
		gang->part[i].running = parts & BIT(i);
		gang->part[i].drained = false;
	}
	gang->over = false;
	pthread_mutex_unlock(&gang->lock);
}

void gang_end_batch(struct engine *e)
{
	struct engine_gang *gang = e->run.gang;

	if (!gang)
		return;
	pthread_mutex_lock(&gang->lock);
	gang->part[e->run.part].batches++;
	pthread_mutex_unlock(&gang->lock);
	gang_may_be_ahead(e);
}

void gang_may_be_ahead(struct engine *e)
{
	e->held = e->run.gang ? clock_ns() : 0;
}

bool gang_hold(struct engine *e)
{
	struct engine_gang *gang = e->run.gang;
	bool hold;

	pthread_mutex_lock(&gang->lock);
	hold = is_ahead(gang, e->run.part);
	pthread_mutex_unlock(&gang->lock);

	if (hold && clock_ns() - e->held < HOLD_LIMIT_NS)
		return true;
	e->held = 0;
	return false;
}

bool gang_drained(struct engine *e)
{
	struct engine_gang *gang = e->run.gang;
	bool over;

	if (!gang)
		return true;
	pthread_mutex_lock(&gang->lock);
	gang->part[e->run.part].drained = true;
	if (!gang->over && all_drained(gang)) {
		gang->over = true;
		level_batches(gang);
	}
	over = gang->over;
	pthread_mutex_unlock(&gang->lock);
	return over;
}

bool gang_refilled(struct engine *e)
{
	struct engine_gang *gang = e->run.gang;
	bool over;

	if (!gang)
		return true;
	pthread_mutex_lock(&gang->lock);
	over = gang->over;
	if (!over)
		gang->part[e->run.part].drained = false;
	pthread_mutex_unlock(&gang->lock);
	return !over;
}

void gang_leave(struct engine *e)
{
	struct engine_gang *gang = e->run.gang;

	if (!gang)
		return;
	pthread_mutex_lock(&gang->lock);
	gang->part[e->run.part].running = false;
	pthread_mutex_unlock(&gang->lock);
}
