// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Stale translations
 *
 * The caches of an engine forget nothing until they are told to. Each job compares what it gets
 * from them with the page tables: a cached page at its first use, a cached table whenever a walk
 * begins at it. What counts is where the 4 KiB page leads and what may be done there, not how the
 * tables say it, so that a large page may be split without an invalidation.
 *
 * A driver has to invalidate before anybody may learn that the tables have changed. Two cases:
 *
 * - The tables lead to another page, or allow something else. Nothing may replace a mapping under
 *   the jobs that use it, and no job may start before the invalidation: reported at once.
 * - The tables lead nowhere. An unmapping does not wait for jobs, and a job of a dying process may
 *   start between the clearing of the tables and the invalidation. The use becomes a suspect. If
 *   the invalidation follows within SUSPECT_NS and removes the translation, all is well; else the
 *   suspect is reported. A flush by a command does not clear it: it came too late for that use.
 *
 *	nothing --use--> suspect --invalidation in time--> nothing
 *	                         --SUSPECT_NS passed-----> reported
 *
 * The clock is looked at when something happens: at the next job, invalidation or reset. A clock,
 * and not the number of jobs or messages, because nothing the device sees comes after the
 * invalidation for certain: the driver may send it from a worker, beside messages of other threads
 * and under any number of jobs of other contexts. What it does certainly is to give up after
 * SUSPECT_NS itself.
 *
 * Locking: as for the translation cache.
 */

#include <stdio.h>
#include <string.h>

#include "dev/device.h"
#include "gfx/cs.h"
#include "util/clock.h"
#include "util/log.h"

/* As long as a driver waits for the answer to an invalidation, rounded down. */
#define SUSPECT_NS 2000000000ull

/**
 * struct target - where a 4 KiB page leads
 * @mapped: anywhere at all
 * @null: to nothing, by a NULL leaf
 * @writable: writes are allowed
 * @addr: memory address of the page
 */
struct target {
	bool mapped;
	bool null;
	bool writable;
	u64 addr;
};

static struct target target_of(const struct ppgtt_walk *walk, enum walk_result result)
{
	return (struct target){
		.mapped = result == WALK_OK || result == WALK_NULL,
		.null = result == WALK_NULL,
		.writable = walk->writable,
		.addr = walk->addr & ~0xfffull,
	};
}

static bool equal(const struct target *a, const struct target *b)
{
	if (a->mapped != b->mapped || !a->mapped)
		return a->mapped == b->mapped;
	if (a->null || b->null)
		return a->null == b->null;
	return a->addr == b->addr && a->writable == b->writable;
}

/* Append one line. */
static size_t put_target(char *buf, size_t len, const char *who, const struct target *t)
{
	if (!t->mapped)
		return snprintf(buf, len, "\n  %s: not mapped", who);
	if (t->null)
		return snprintf(buf, len, "\n  %s: mapped to nothing (NULL)", who);
	return snprintf(buf, len, "\n  %s: 0x%012llx, %s", who, (unsigned long long)t->addr,
			t->writable ? "writable" : "read-only");
}

/**
 * struct use - a use of the cache that is compared with the tables
 * @va: address
 * @write: the access is a write
 * @was: where the cache leads
 * @shift: log2 of the size of the cached page, if that is what was cached
 * @walk: the walk that began at a cached table, else NULL
 */
struct use {
	u64 va;
	bool write;
	struct target was;
	u8 shift;
	const struct ppgtt_walk *walk;
};

static void format(struct engine *e, const struct use *use, const struct ppgtt_walk *fresh,
		   const struct target *now, char *buf)
{
	size_t len = CS_REPORT_BYTES;
	size_t at;

	at = snprintf(buf, len, "%s: context %u: %s 0x%012llx used a translation that should have "
		      "been invalidated", e->desc->name, e->run.ctx_id,
		      use->write ? "write to" : "read from", (unsigned long long)fresh->va);
	at += put_target(buf + at, len - at, "cached", &use->was);
	if (use->walk) {
		at += snprintf(buf + at, len - at, ", beginning at a cached table\n");
		ppgtt_walk_print(use->walk, buf + at, len - at);
		at += strlen(buf + at);
	} else {
		at += snprintf(buf + at, len - at, ", from a page of %llu KiB",
			       1ull << (use->shift - 10));
	}
	at += put_target(buf + at, len - at, "the tables now", now);
	at += snprintf(buf + at, len - at, "\n");
	ppgtt_walk_print(fresh, buf + at, len - at);
	at += strlen(buf + at);
	at += snprintf(buf + at, len - at, "\n");
	cs_report(e, buf + at, len - at);
}

static struct target walk_tables(struct engine *e, u64 va, struct ppgtt_walk *fresh)
{
	struct ppgtt_start start;

	memset(fresh, 0, sizeof(*fresh));
	start = ppgtt_root(&e->fmt, e->root, fresh);
	return target_of(fresh, ppgtt_walk(&e->fmt, start, va, ppgtt_read_sys, e->dev, fresh));
}

static void judge(struct engine *e, const struct use *use, const struct ppgtt_walk *fresh,
		  const struct target *now)
{
	char text[CS_REPORT_BYTES];

	cs_stale_settle(e, false);
	format(e, use, fresh, now, text);
	if (now->mapped && !now->null) {
		log_violation("tlb-stale", "%s", text);
	} else if (!e->suspect.since) {
		memcpy(e->suspect.text, text, sizeof(text));
		e->suspect.since = clock_ns();
		e->suspect.root = e->root;
		e->suspect.va = use->va;
	}
}

void cs_stale_check_page(struct engine *e, u64 va, bool write, const struct tlb_page *page)
{
	struct use use = { .va = va, .write = write, .shift = page->shift };
	struct ppgtt_walk fresh;
	struct target now;

	use.was = (struct target){ .mapped = true, .null = page->null, .writable = page->writable,
				   .addr = page->addr };
	xm_stat_inc(e->dev, tlb_checks);
	now = walk_tables(e, va, &fresh);
	if (!equal(&use.was, &now))
		judge(e, &use, &fresh, &now);
}

void cs_stale_check_walk(struct engine *e, struct ppgtt_start start, bool write)
{
	const struct ppgtt_walk *walk = &e->fault.walk;
	struct use use = { .va = walk->va, .write = write, .walk = walk };
	struct ppgtt_walk again = { .root = walk->root };
	struct ppgtt_walk fresh;
	struct target now;

	use.was = target_of(walk, e->fault.result);
	xm_stat_inc(e->dev, tlb_checks);
	now = walk_tables(e, walk->va, &fresh);
	if (equal(&use.was, &now))
		return;
	/* An entry that changed between the two walks proves nothing about the cached table. */
	use.was = target_of(&again, ppgtt_walk(&e->fmt, start, walk->va, ppgtt_read_sys, e->dev,
					       &again));
	if (!equal(&use.was, &now))
		judge(e, &use, &fresh, &now);
}

void cs_stale_settle(struct engine *e, bool invalidated)
{
	struct cs_suspect *s = &e->suspect;

	if (!s->since)
		return;
	if (clock_ns() - s->since > SUSPECT_NS)
		log_violation("tlb-stale", "%s", s->text);
	else if (!invalidated || tlb_lookup(e->tlb, s->root, s->va))
		return;
	s->since = 0;
}
