// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Ordered faults
 *
 * An order says which events go wrong: of those that match, some are skipped (after=), then every
 * n-th (every=) is hit with some probability (p=) until that has happened often enough (count=).
 * The place where an event happens asks fault_hit(); what going wrong means is done there.
 *
 * Some kinds last: they begin with a hit and are over after a time (ms=). Their end is not an
 * event; whoever cares compares the time, fault_active().
 *
 * Locking: @lock of struct xm_faults is a leaf, so that fault_hit() can be called anywhere. The set
 * of armed kinds and the ends of lasting kinds are atomics, read without it.
 */

#include "dev/fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/rng.h"
#include "util/trace.h"

#define MAX_ORDERS 64u
#define NS_PER_MS 1000000ull
#define FOREVER UINT64_MAX
#define LINES_PER_ORDER 20u

/* Keys of an order. */
enum fault_key {
	KEY_AFTER,
	KEY_COUNT,
	KEY_EVERY,
	KEY_P,
	KEY_MS,
	KEY_ACTION,
	KEY_CTX,
	KEY_ENGINE,
	KEY_ADDR,
	KEY_LEN,
	KEY_ON,
	KEYS,
};

#define K_COMMON (BIT(KEY_AFTER) | BIT(KEY_COUNT) | BIT(KEY_EVERY) | BIT(KEY_P))
#define K_CTX (BIT(KEY_CTX) | BIT(KEY_ENGINE))
#define K_ANY_TIME (BIT(KEY_MS) | BIT(KEY_ON) | K_CTX)

/**
 * struct kind_row - a kind of fault
 * @name: as in the order
 * @keys: keys it takes besides K_COMMON
 * @lasts: goes on for ms= milliseconds after a hit, 0 = for ever
 * @help: what happens, for fault_help()
 */
struct kind_row {
	const char *name;
	u32 keys;
	bool lasts;
	const char *help;
};

static const struct kind_row kinds[FAULT_KINDS] = {
	[FAULT_REPLY_LOST] = { "guc-reply-lost", BIT(KEY_ACTION) | BIT(KEY_CTX), false,
			       "a response or event of the GuC is dropped" },
	[FAULT_REPLY_LATE] = { "guc-reply-late", BIT(KEY_ACTION) | BIT(KEY_CTX) | BIT(KEY_MS),
			       false, "a response or event of the GuC comes ms= later" },
	[FAULT_MAILBOX_LOST] = { "guc-mailbox-lost", BIT(KEY_ACTION), false,
				 "a request in the message registers is not answered" },
	[FAULT_CT_STATUS] = { "ct-status", BIT(KEY_ACTION), false,
			      "a message leaves error bits in the status of the G2H descriptor" },
	[FAULT_CT_HEAD] = { "ct-head", BIT(KEY_ACTION), false,
			    "from a request on the H2G head lies outside of the ring" },
	[FAULT_CT_TAIL] = { "ct-tail", BIT(KEY_ACTION), false,
			    "from a message on the G2H tail lies outside of the ring" },
	[FAULT_CT_HEADER] = { "ct-header", BIT(KEY_ACTION), false,
			      "a message of the GuC has garbage instead of its header" },
	[FAULT_ENGINE_HANG] = { "engine-hang", K_CTX, false,
				"an engine stands still at a command until it is reset" },
	[FAULT_PREEMPT_IGNORED] = { "preempt-ignored", K_CTX, false,
				    "a running context does not yield when it is told to" },
	[FAULT_ENGINE_RESET] = { "engine-reset-fails", K_CTX, false,
				 "the GuC cannot reset an engine, which stays dead" },
	[FAULT_GT_RESET] = { "gt-reset-stuck", BIT(KEY_MS), true,
			     "GDRST stays set for ms=, and no firmware starts meanwhile" },
	[FAULT_UPLOAD] = { "guc-upload-fails", 0, false,
			   "the boot ROM refuses the firmware" },
	[FAULT_IRQ_SPURIOUS] = { "irq-spurious", 0, false,
				 "an interrupt without an event follows one that was handled" },
	[FAULT_IRQ_LOST] = { "irq-lost", BIT(KEY_ENGINE), false,
			     "an event of an engine or of the GuC (engine=guc) is lost" },
	[FAULT_IRQ_TWICE] = { "irq-twice", BIT(KEY_ENGINE), false,
			      "an event is handed out twice" },
	[FAULT_DMA_WINDOW] = { "dma-window", K_ANY_TIME | BIT(KEY_ADDR) | BIT(KEY_LEN), true,
			       "guest memory (addr=, len=) is inaccessible for ms=" },
	[FAULT_CAT_ERROR] = { "cat-error", K_CTX, false,
			      "a command of a context ends in a memory fault" },
	[FAULT_FORCEWAKE] = { "forcewake-stuck", BIT(KEY_ACTION) | BIT(KEY_MS), true,
			      "no forcewake acknowledge changes for ms=" },
	[FAULT_DEVICE_GONE] = { "device-gone", K_ANY_TIME, true,
				"the device leaves the bus for ms=: reads give all ones" },
};

static const struct {
	const char *name;
	const char *help;
} keys[KEYS] = {
	[KEY_AFTER] = { "after", "skip the first N matching events (0)" },
	[KEY_COUNT] = { "count", "inject N times, 0 = without end (1)" },
	[KEY_EVERY] = { "every", "only every N-th event (1)" },
	[KEY_P] = { "p", "probability of each, drawn from --seed, e.g. 0.01 (1)" },
	[KEY_MS] = { "ms", "milliseconds; for what lasts 0 = for ever (0), for delays (100)" },
	[KEY_ACTION] = { "action", "number of the GuC message, or offset of the register (any)" },
	[KEY_CTX] = { "ctx", "only context N (any)" },
	[KEY_ENGINE] = { "engine", "only this engine (any)" },
	[KEY_ADDR] = { "addr", "first byte, multiple of 4096 (0)" },
	[KEY_LEN] = { "len", "bytes, multiple of 4096 (everything)" },
	[KEY_ON] = { "on", "begin with: run = start of a context, access = access to BAR 0, "
		     "order = at once (run)" },
};

static const char *const occasions[] = {
	[FAULT_ON_RUN] = "run",
	[FAULT_ON_ACCESS] = "access",
	[FAULT_ON_ORDER] = "order",
};

/**
 * struct order - an ordered fault
 * @kind: what goes wrong
 * @given: keys that were given
 * @num: values of the numeric keys
 * @chance: threshold of a 32-bit random number, from p=
 * @engine: value of engine=
 * @on: value of on=
 * @rng: random numbers for @chance
 * @info: listing
 */
struct order {
	enum fault_kind kind;
	u32 given;
	u64 num[KEYS];
	u64 chance;
	const char *engine;
	enum fault_on on;
	struct xm_rng rng;
	struct fault_info info;
};

/**
 * struct xm_faults - ordered faults of a device
 * @lock: protects @orders and @n
 * @orders: orders
 * @n: number of @orders
 * @until: clock_ns() when a lasting kind is over, FOREVER, or 0
 * @gone_reset: the device was reset since it left the bus; bus thread only
 */
struct xm_faults {
	pthread_mutex_t lock;
	struct order orders[MAX_ORDERS];
	unsigned int n;
	atomic_ullong until[FAULT_KINDS];
	bool gone_reset;
};

/* --- parsing ---------------------------------------------------------------------------------- */

static int bad(char *err, size_t len, const char *fmt, ...) XM_PRINTF(3, 4);

static int bad(char *err, size_t len, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static bool parse_u64(const char *text, u64 *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && !*end;
}

static bool parse_chance(const char *text, u64 *chance)
{
	char *end;
	double p;

	if ((*text < '0' || *text > '9') && *text != '.')
		return false;
	p = strtod(text, &end);
	if (*end || !(p > 0.0) || p > 1.0)
		return false;
	*chance = (u64)(p * 4294967296.0);
	return true;
}

static int parse_engine(struct xm_device *dev, struct order *o, const char *value, char *err,
			size_t len)
{
	const struct xm_platform *p = dev->platform;

	if (!strcmp(value, "guc") && (o->kind == FAULT_IRQ_LOST || o->kind == FAULT_IRQ_TWICE)) {
		o->engine = "guc";
		return 0;
	}
	for (unsigned int i = 0; i < p->n_engines; i++) {
		if (!strcmp(value, p->engines[i].name)) {
			o->engine = p->engines[i].name;
			return 0;
		}
	}
	return bad(err, len, "there is no engine \"%s\"", value);
}

static int parse_occasion(struct order *o, const char *value, char *err, size_t len)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(occasions); i++) {
		if (!strcmp(value, occasions[i])) {
			o->on = (enum fault_on)i;
			return 0;
		}
	}
	return bad(err, len, "on=%s: run, access or order expected", value);
}

static int parse_value(struct xm_device *dev, struct order *o, enum fault_key key,
		       const char *value, char *err, size_t len)
{
	u64 max = key == KEY_ADDR || key == KEY_LEN ? UINT64_MAX : UINT32_MAX;
	u64 n;

	if (key == KEY_ENGINE)
		return parse_engine(dev, o, value, err, len);
	if (key == KEY_ON)
		return parse_occasion(o, value, err, len);
	if (key == KEY_P) {
		if (parse_chance(value, &o->chance))
			return 0;
		return bad(err, len, "p=%s: a number above 0 and up to 1 expected", value);
	}
	if (!parse_u64(value, &n) || n > max)
		return bad(err, len, "%s=%s: bad number", keys[key].name, value);
	if (key == KEY_EVERY && !n)
		return bad(err, len, "every=0: at least 1 expected");
	if ((key == KEY_ADDR || key == KEY_LEN) && n % SZ_4K)
		return bad(err, len, "%s=%s: not a multiple of 4096", keys[key].name, value);
	o->num[key] = n;
	return 0;
}

static int parse_pair(struct xm_device *dev, struct order *o, char *pair, char *err, size_t len)
{
	char *value = strchr(pair, '=');

	if (!value || !value[1])
		return bad(err, len, "\"%s\": KEY=VALUE expected", pair);
	*value++ = '\0';
	for (unsigned int i = 0; i < KEYS; i++) {
		if (strcmp(pair, keys[i].name))
			continue;
		if (!((K_COMMON | kinds[o->kind].keys) & BIT(i)))
			return bad(err, len, "%s does not take the key \"%s\"", kinds[o->kind].name,
				   pair);
		if (o->given & BIT(i))
			return bad(err, len, "key \"%s\" is given twice", pair);
		o->given |= BIT(i);
		return parse_value(dev, o, (enum fault_key)i, value, err, len);
	}
	return bad(err, len, "unknown key \"%s\"", pair);
}

static int parse_kind(struct order *o, const char *name, char *err, size_t len)
{
	for (unsigned int i = 0; i < FAULT_KINDS; i++) {
		if (!strcmp(name, kinds[i].name)) {
			o->kind = (enum fault_kind)i;
			return 0;
		}
	}
	return bad(err, len, "unknown fault \"%s\" (\"help\" lists them)", name);
}

static int parse(struct xm_device *dev, struct order *o, const char *spec, char *err, size_t len)
{
	char text[sizeof(o->info.spec)];
	char *rest = text, *pair;
	size_t bytes = strlen(spec) + 1;
	int ret;

	if (bytes > sizeof(text))
		return bad(err, len, "longer than %zu characters", sizeof(text) - 1);
	memcpy(text, spec, bytes);
	memcpy(o->info.spec, spec, bytes);
	pair = strsep(&rest, ":");
	ret = parse_kind(o, pair, err, len);
	if (ret)
		return ret;
	o->info.kind = kinds[o->kind].name;
	o->num[KEY_COUNT] = 1;
	o->num[KEY_EVERY] = 1;
	o->num[KEY_MS] = kinds[o->kind].lasts ? 0 : 100;
	while (!ret && (pair = strsep(&rest, ",")))
		ret = parse_pair(dev, o, pair, err, len);
	if (ret)
		return ret;
	if (o->given & BIT(KEY_LEN) && (!o->num[KEY_LEN] ||
					o->num[KEY_ADDR] + o->num[KEY_LEN] - 1 < o->num[KEY_ADDR]))
		return bad(err, len, "len=: the range is empty or passes 2^64");
	return 0;
}

/* --- picking ---------------------------------------------------------------------------------- */

static bool matches(const struct order *o, const struct fault_event *ev)
{
	if (o->given & BIT(KEY_ACTION) && o->num[KEY_ACTION] != ev->action)
		return false;
	if (o->given & BIT(KEY_CTX) && o->num[KEY_CTX] != ev->ctx)
		return false;
	if (o->engine && (!ev->engine || strcmp(o->engine, ev->engine)))
		return false;
	return !(kinds[o->kind].keys & BIT(KEY_ON)) || o->on == ev->on;
}

static bool picks(struct order *o)
{
	u64 seen = o->info.seen++;

	if (o->info.spent || seen < o->num[KEY_AFTER])
		return false;
	if ((seen - o->num[KEY_AFTER]) % o->num[KEY_EVERY])
		return false;
	if (o->given & BIT(KEY_P) && (rng_u64(&o->rng) >> 32) >= o->chance)
		return false;
	o->info.hits++;
	o->info.spent = o->num[KEY_COUNT] && o->info.hits == o->num[KEY_COUNT];
	return true;
}

/* Ends only move away: a second order of the kind does not shorten the first. */
static void last_until(struct xm_faults *f, enum fault_kind kind, u64 until)
{
	if (until > atomic_load(&f->until[kind]))
		atomic_store(&f->until[kind], until);
}

static u64 end_of(const struct order *o)
{
	if (kinds[o->kind].lasts && !o->num[KEY_MS])
		return FOREVER;
	return clock_ns() + o->num[KEY_MS] * NS_PER_MS;
}

static void begin_lasting(struct xm_device *dev, const struct order *o, u64 until)
{
	struct xm_faults *f = dev->faults;
	u64 first = o->num[KEY_ADDR];
	u64 last = o->given & BIT(KEY_LEN) ? first + o->num[KEY_LEN] - 1 : UINT64_MAX;

	last_until(f, o->kind, until);
	if (o->kind == FAULT_DMA_WINDOW || o->kind == FAULT_DEVICE_GONE)
		dma_set_window(dev->dma, first, last, until);
}

static void report(const struct order *o, const struct fault_event *ev)
{
	char what[80] = "", spec[2 * sizeof(o->info.spec)];
	size_t at = 0;

	if (o->info.hits > LINES_PER_ORDER)
		return;
	if (ev->engine)
		at += (size_t)snprintf(what + at, sizeof(what) - at, ", %s", ev->engine);
	if (ev->action)
		at += (size_t)snprintf(what + at, sizeof(what) - at, ", 0x%04x", ev->action);
	if (ev->ctx)
		snprintf(what + at, sizeof(what) - at, ", context %u", ev->ctx);
	trace_instant("injected faults", o->info.kind, "\"order\":\"%s\",\"number\":%lu",
		      trace_escape(o->info.spec, spec, sizeof(spec)), o->info.hits);
	log_info("fault injected: %s, number %lu, at event %lu%s", o->info.spec, o->info.hits,
		 o->info.seen, what);
}

/* The set of kinds that somebody has to ask for; lasting ones stay in it. */
static void update_armed_locked(struct xm_device *dev)
{
	struct xm_faults *f = dev->faults;
	u32 armed = 0;

	for (unsigned int i = 0; i < f->n; i++)
		if (!f->orders[i].info.spent || kinds[f->orders[i].kind].lasts)
			armed |= BIT(f->orders[i].kind);
	atomic_store(&dev->fault_kinds, armed);
}

bool fault_pick(struct xm_device *dev, enum fault_kind kind, const struct fault_event *ev,
		u64 *until)
{
	struct xm_faults *f = dev->faults;
	const struct order *hit = NULL;

	pthread_mutex_lock(&f->lock);
	for (unsigned int i = 0; i < f->n; i++) {
		struct order *o = &f->orders[i];
		u64 end;

		if (o->kind != kind || !matches(o, ev) || !picks(o))
			continue;
		report(o, ev);
		end = end_of(o);
		if (kinds[kind].lasts)
			begin_lasting(dev, o, end);
		if (until)
			*until = XM_MAX(*until, end);
		hit = o;
	}
	if (hit)
		update_armed_locked(dev);
	pthread_mutex_unlock(&f->lock);
	return hit;
}

bool fault_lasts(struct xm_device *dev, enum fault_kind kind)
{
	u64 until = atomic_load(&dev->faults->until[kind]);

	return until && clock_ns() < until;
}

bool fault_host_access(struct xm_device *dev)
{
	const struct fault_event ev = { .on = FAULT_ON_ACCESS };
	struct xm_faults *f = dev->faults;

	fault_hit(dev, FAULT_DMA_WINDOW, &ev);
	fault_hit(dev, FAULT_DEVICE_GONE, &ev);
	if (!fault_active(dev, FAULT_DEVICE_GONE)) {
		f->gone_reset = false;
		return false;
	}
	if (!f->gone_reset) {
		f->gone_reset = true;
		xm_device_reset(dev);
	}
	return true;
}

/* --- orders ----------------------------------------------------------------------------------- */

static int add_locked(struct xm_faults *f, const struct order *o, char *err, size_t len)
{
	if (f->n == MAX_ORDERS) {
		bad(err, len, "more than %u faults are ordered", MAX_ORDERS);
		return -ENOSPC;
	}
	f->orders[f->n++] = *o;
	return 0;
}

int fault_add(struct xm_device *dev, const char *spec, char *err, size_t len)
{
	struct order o = { .kind = FAULT_KINDS };
	int ret = parse(dev, &o, spec, err, len);

	if (ret)
		return ret;
	pthread_mutex_lock(&dev->faults->lock);
	rng_init(&o.rng, dev->cfg.seed, RNG_FAULT + dev->faults->n);
	ret = add_locked(dev->faults, &o, err, len);
	update_armed_locked(dev);
	pthread_mutex_unlock(&dev->faults->lock);
	if (!ret && o.on == FAULT_ON_ORDER)
		fault_hit(dev, o.kind, FAULT_EVENT(.on = FAULT_ON_ORDER));
	return ret;
}

void fault_clear(struct xm_device *dev)
{
	struct xm_faults *f = dev->faults;

	pthread_mutex_lock(&f->lock);
	f->n = 0;
	for (unsigned int i = 0; i < FAULT_KINDS; i++)
		atomic_store(&f->until[i], 0);
	dma_set_window(dev->dma, 0, 0, 0);
	update_armed_locked(dev);
	pthread_mutex_unlock(&f->lock);
}

bool fault_list(struct xm_device *dev, unsigned int i, struct fault_info *info)
{
	struct xm_faults *f = dev->faults;
	bool found;

	pthread_mutex_lock(&f->lock);
	found = i < f->n;
	if (found)
		*info = f->orders[i].info;
	pthread_mutex_unlock(&f->lock);
	return found;
}

void fault_help(FILE *out)
{
	fputs("a fault is ordered as KIND[:KEY=VALUE,...]\n\n"
	      "kinds, and the keys each takes:\n", out);
	for (unsigned int i = 0; i < FAULT_KINDS; i++) {
		fprintf(out, "  %-18s  %s\n", kinds[i].name, kinds[i].help);
		for (unsigned int k = 0, n = 0; k < KEYS; k++)
			if (kinds[i].keys & BIT(k))
				fprintf(out, "%*s%s=", n++ ? 1 : 22, "", keys[k].name);
		if (kinds[i].keys)
			fputc('\n', out);
	}
	fputs("\nkeys (default); the first four belong to every kind:\n", out);
	for (unsigned int k = 0; k < KEYS; k++)
		fprintf(out, "  %-8s  %s\n", keys[k].name, keys[k].help);
}

static void summary(struct xm_device *dev, FILE *out, void *ctx)
{
	struct fault_info info;

	for (unsigned int i = 0; fault_list(dev, i, &info); i++)
		fprintf(out, "  ordered fault %s: %lu injected, %lu events\n", info.spec, info.hits,
			info.seen);
}

int faults_create(struct xm_device *dev)
{
	struct xm_faults *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	pthread_mutex_init(&f->lock, NULL);
	dev->faults = f;
	xm_add_summary(dev, summary, NULL);
	return 0;
}

void faults_destroy(struct xm_device *dev)
{
	if (!dev->faults)
		return;
	pthread_mutex_destroy(&dev->faults->lock);
	free(dev->faults);
	dev->faults = NULL;
}
