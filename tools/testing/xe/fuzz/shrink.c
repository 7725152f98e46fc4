// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Makes a failing program smaller, by leaving out parts and looking whether it fails still: delta
 * debugging, after Zeller and Hildebrandt. Parts are the steps after the failure, the steps of all
 * other threads, runs of steps of falling length, operations of arrays, and then sizes.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "../xe_calls.h"

/* A failure that comes and goes gets some chances. */
#define ATTEMPTS	2

static int64_t deadline;
static unsigned int trials;
static struct program candidate;

static bool time_is_up(void)
{
	return xe_now() > deadline;
}

/* Whether @candidate fails; then it becomes @p. */
static bool accept(struct program *p)
{
	for (int i = 0; i < ATTEMPTS && !time_is_up(); i++) {
		trials++;
		if (!run_isolated(&candidate)) {
			*p = candidate;
			return true;
		}
	}
	return false;
}

static void copy_without(const struct program *p, unsigned int first, unsigned int n)
{
	candidate.seed = p->seed;
	candidate.threads = p->threads;
	candidate.n = 0;
	for (unsigned int i = 0; i < p->n; i++)
		if (i < first || i >= first + n)
			candidate.step[candidate.n++] = p->step[i];
}

/* Nothing after the failing step; each thread has its own last one, so this is a guess. */
static void cut_end(struct program *p, unsigned int step)
{
	if (step + 1 >= p->n)
		return;
	copy_without(p, step + 1, p->n);
	accept(p);
}

static void keep_one_thread(struct program *p)
{
	for (unsigned int t = 0; t < p->threads && p->threads > 1; t++) {
		candidate = *p;
		candidate.n = 0;
		candidate.threads = 1;
		for (unsigned int i = 0; i < p->n; i++) {
			if (p->step[i].thread != t)
				continue;
			candidate.step[candidate.n] = p->step[i];
			candidate.step[candidate.n++].thread = 0;
		}
		if (accept(p))
			return;
	}
}

/* Leave out runs of @n steps, from the end. Return: whether anything could be left out */
static bool drop_runs(struct program *p, unsigned int n)
{
	bool any = false;

	for (unsigned int end = p->n; end > 0 && !time_is_up();) {
		unsigned int first = end > n ? end - n : 0;

		copy_without(p, first, end - first);
		any |= accept(p);
		end = first;
	}
	return any;
}

static void drop_steps(struct program *p)
{
	for (unsigned int n = p->n / 2; n > 1 && !time_is_up(); n /= 2)
		drop_runs(p, n);
	while (p->n && drop_runs(p, 1))
		;
}

static void drop_ops(struct program *p)
{
	for (unsigned int i = 0; i < p->n; i++) {
		for (unsigned int k = p->step[i].n_ops; k-- > 0 && p->step[i].n_ops > 1;) {
			struct step *s = &candidate.step[i];

			candidate = *p;
			memmove(&s->op[k], &s->op[k + 1], (s->n_ops - k - 1) * sizeof(*s->op));
			s->n_ops--;
			accept(p);
		}
	}
}

/* Sizes are halved as long as that does not help the driver. */
static void reduce_sizes(struct program *p)
{
	for (unsigned int i = 0; i < p->n; i++) {
		for (unsigned int k = 0; k < p->step[i].n_ops; k++) {
			while (p->step[i].op[k].n > 1 && !time_is_up()) {
				candidate = *p;
				candidate.step[i].op[k].n /= 2;
				if (!accept(p))
					break;
			}
		}
	}
}

/**
 * shrink() - make a failing program small
 * @p: program; replaced by a smaller one
 *
 * struct result tells of the smaller one afterwards, if that still fails.
 *
 * Return: how many programs were tried
 */
unsigned int shrink(struct program *p)
{
	deadline = xe_now() + options.shrink_seconds * NSEC_PER_SEC;
	trials = 0;
	cut_end(p, result->step);
	keep_one_thread(p);
	drop_steps(p);
	drop_ops(p);
	reduce_sizes(p);
	drop_steps(p);
	return trials;
}
