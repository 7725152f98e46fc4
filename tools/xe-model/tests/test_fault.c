// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/* Ordered faults: grammar, counting, and what lasts. What each kind does: test_fault_kinds.c. */

#include "dev/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_machine.h"
#include "util/clock.h"
#include "util/log.h"

static void order(struct machine *m, const char *spec)
{
	char why[200] = "";

	if (fault_add(m->dev, spec, why, sizeof(why)))
		fail_msg("%s: %s", spec, why);
}

/* --- grammar ---------------------------------------------------------------------------------- */

static void test_grammar_errors(void **state)
{
	static const struct {
		const char *spec;
		const char *says;
	} bad[] = {
		{ "", "unknown fault \"\"" },
		{ "nonsense", "unknown fault \"nonsense\"" },
		{ "irq-lost2", "unknown fault" },
		{ "irq-lost:", "KEY=VALUE expected" },
		{ "irq-lost:after", "KEY=VALUE expected" },
		{ "irq-lost:after=", "KEY=VALUE expected" },
		{ "irq-lost:after=1,", "KEY=VALUE expected" },
		{ "irq-lost:=1", "unknown key \"\"" },
		{ "irq-lost:colour=1", "unknown key \"colour\"" },
		{ "irq-lost:ms=1", "irq-lost does not take the key \"ms\"" },
		{ "irq-lost:after=1,after=2", "given twice" },
		{ "irq-lost:after=x", "after=x: bad number" },
		{ "irq-lost:after=-1", "bad number" },
		{ "irq-lost:after= 1", "bad number" },
		{ "irq-lost:after=1x", "bad number" },
		{ "irq-lost:after=0x100000000", "bad number" },
		{ "dma-window:addr=0x10000000000000000", "bad number" },
		{ "irq-lost:every=0", "every=0" },
		{ "irq-lost:p=0", "p=0" },
		{ "irq-lost:p=1.5", "p=1.5" },
		{ "irq-lost:p=nan", "p=nan" },
		{ "irq-lost:p=0.5x", "p=0.5x" },
		{ "irq-lost:engine=rcs7", "no engine \"rcs7\"" },
		{ "engine-hang:engine=guc", "no engine \"guc\"" },
		{ "dma-window:on=monday", "run, access or order" },
		{ "dma-window:addr=0x100", "multiple of 4096" },
		{ "dma-window:len=0", "empty" },
		{ "dma-window:addr=0xfffffffffffff000,len=0x2000", "passes 2^64" },
	};
	struct machine *m = *state;
	struct fault_info info;
	char why[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		why[0] = '\0';
		assert_int_equal(fault_add(m->dev, bad[i].spec, why, sizeof(why)), -EINVAL);
		if (!strstr(why, bad[i].says))
			fail_msg("\"%s\": says \"%s\", not \"%s\"", bad[i].spec, why, bad[i].says);
	}
	assert_false(fault_list(m->dev, 0, &info));
	assert_int_equal(m->dev->fault_kinds, 0);
}

static void test_long_spec(void **state)
{
	struct machine *m = *state;
	struct fault_info info;
	char spec[400], why[200];

	memset(spec, 'x', sizeof(spec) - 1);
	spec[sizeof(spec) - 1] = '\0';
	assert_int_equal(fault_add(m->dev, spec, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "longer than"));
	/* One more than fits, and what just fits. */
	spec[sizeof(info.spec)] = '\0';
	assert_int_equal(fault_add(m->dev, spec, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "longer than"));
	spec[sizeof(info.spec) - 1] = '\0';
	assert_int_equal(fault_add(m->dev, spec, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "unknown fault"));
	spec[sizeof(info.spec) - 1] = 'x';
	/* A short buffer for the reason is cut, not overrun. */
	assert_int_equal(fault_add(m->dev, spec, why, 4), -EINVAL);
	assert_string_equal(why, "lon");
}

static void test_too_many(void **state)
{
	struct machine *m = *state;
	char why[200];
	unsigned int i;

	for (i = 0; i < 64; i++)
		order(m, "irq-lost:after=1000000");
	assert_int_equal(fault_add(m->dev, "irq-lost", why, sizeof(why)), -ENOSPC);
	assert_non_null(strstr(why, "more than 64"));
}

static void test_every_kind_is_known(void **state)
{
	struct machine *m = *state;
	struct fault_info info;
	char *text = NULL;
	char name[64];
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned int kinds = 0;

	fault_help(out);
	fclose(out);
	for (char *line = strstr(text, "\n  ") + 1; *line == ' '; line = strchr(line, '\n') + 1) {
		if (line[2] == ' ')
			continue;
		assert_true(sscanf(line, " %63s", name) == 1);
		order(m, name);
		assert_true(fault_list(m->dev, kinds, &info));
		assert_string_equal(info.kind, name);
		assert_string_equal(info.spec, name);
		kinds++;
	}
	assert_int_equal(kinds, FAULT_KINDS);
	free(text);
}

/* --- counting --------------------------------------------------------------------------------- */

/* Which of the next @n events are hit, first event in bit 0. */
static u64 pattern(struct machine *m, enum fault_kind kind, const struct fault_event *ev,
		   unsigned int n)
{
	u64 bits = 0;

	for (unsigned int i = 0; i < n; i++)
		bits |= (u64)fault_hit(m->dev, kind, ev) << i;
	return bits;
}

static void test_counts(void **state)
{
	static const struct {
		const char *spec;
		u64 hits;
	} rows[] = {
		{ "irq-twice", 0x0001 },
		{ "irq-twice:after=3", 0x0008 },
		{ "irq-twice:count=3", 0x0007 },
		{ "irq-twice:count=0", 0xffff },
		{ "irq-twice:after=1,every=4,count=3", 0x0222 },
		{ "irq-twice:every=5,count=0", 0x8421 },
		{ "irq-twice:after=0x10", 0x0000 },
		{ "irq-twice:p=1", 0x0001 },
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		fault_clear(m->dev);
		order(m, rows[i].spec);
		assert_int_equal(pattern(m, FAULT_IRQ_TWICE, FAULT_EVENT(.ctx = 1), 16),
				 rows[i].hits);
	}
}

static void test_kinds_are_apart(void **state)
{
	struct machine *m = *state;

	order(m, "irq-twice:count=0");
	assert_int_equal(pattern(m, FAULT_IRQ_LOST, FAULT_EVENT(.ctx = 1), 4), 0);
	assert_int_equal(pattern(m, FAULT_IRQ_TWICE, FAULT_EVENT(.ctx = 1), 4), 0xf);
}

static void test_filters(void **state)
{
	struct machine *m = *state;

	order(m, "engine-hang:engine=bcs0,ctx=7,count=0");
	assert_false(fault_hit(m->dev, FAULT_ENGINE_HANG, FAULT_EVENT(.engine = "rcs0", .ctx = 7)));
	assert_false(fault_hit(m->dev, FAULT_ENGINE_HANG, FAULT_EVENT(.engine = "bcs0", .ctx = 8)));
	assert_false(fault_hit(m->dev, FAULT_ENGINE_HANG, FAULT_EVENT(.ctx = 7)));
	assert_true(fault_hit(m->dev, FAULT_ENGINE_HANG, FAULT_EVENT(.engine = "bcs0", .ctx = 7)));
	order(m, "guc-reply-lost:action=0x1002,after=1");
	assert_false(fault_hit(m->dev, FAULT_REPLY_LOST, FAULT_EVENT(.action = 0x1002)));
	assert_false(fault_hit(m->dev, FAULT_REPLY_LOST, FAULT_EVENT(.action = 0x7001)));
	assert_true(fault_hit(m->dev, FAULT_REPLY_LOST, FAULT_EVENT(.action = 0x1002)));
}

static void test_listing(void **state)
{
	struct machine *m = *state;
	struct fault_info info;

	order(m, "irq-lost:count=2,engine=guc");
	order(m, "irq-twice");
	for (unsigned int i = 0; i < 5; i++)
		fault_hit(m->dev, FAULT_IRQ_LOST, FAULT_EVENT(.engine = "guc"));
	fault_hit(m->dev, FAULT_IRQ_LOST, FAULT_EVENT(.engine = "rcs0"));
	assert_true(fault_list(m->dev, 0, &info));
	assert_string_equal(info.kind, "irq-lost");
	assert_int_equal(info.hits, 2);
	assert_true(info.spent);
	assert_true(fault_list(m->dev, 1, &info));
	assert_int_equal(info.seen, 0);
	assert_false(info.spent);
	/* What is spent costs nothing any more. */
	assert_false(fault_armed(m->dev, FAULT_IRQ_LOST));
	assert_true(fault_armed(m->dev, FAULT_IRQ_TWICE));
	fault_clear(m->dev);
	assert_false(fault_list(m->dev, 0, &info));
	assert_false(fault_armed(m->dev, FAULT_IRQ_TWICE));
}

static void test_probability_follows_the_seed(void **state)
{
	struct machine *m = *state;
	u64 first, again, other;

	order(m, "irq-twice:p=0.25,count=0");
	first = pattern(m, FAULT_IRQ_TWICE, FAULT_EVENT(.ctx = 1), 64);
	fault_clear(m->dev);
	order(m, "irq-twice:p=0.25,count=0");
	again = pattern(m, FAULT_IRQ_TWICE, FAULT_EVENT(.ctx = 1), 64);
	fault_clear(m->dev);
	m->dev->cfg.seed = 2;
	order(m, "irq-twice:p=0.25,count=0");
	other = pattern(m, FAULT_IRQ_TWICE, FAULT_EVENT(.ctx = 1), 64);

	assert_int_equal(first, again);
	assert_int_not_equal(first, other);
	/* Nor is it the same sequence a little earlier or later. */
	for (unsigned int shift = 1; shift < 8; shift++) {
		assert_int_not_equal(first >> shift, other << shift >> shift);
		assert_int_not_equal(other >> shift, first << shift >> shift);
	}
	/* 16 expected; the bounds are four standard deviations away. */
	assert_in_range(__builtin_popcountll(first), 3, 29);
}

static void test_delay(void **state)
{
	struct machine *m = *state;

	clock_set_stepped(1000);
	order(m, "guc-reply-late:ms=250");
	assert_int_equal(fault_until(m->dev, FAULT_REPLY_LATE, FAULT_EVENT(.action = 1)),
			 250001000);
	assert_int_equal(fault_until(m->dev, FAULT_REPLY_LATE, FAULT_EVENT(.action = 1)), 0);
	order(m, "guc-reply-late");
	assert_int_equal(fault_until(m->dev, FAULT_REPLY_LATE, FAULT_EVENT(.action = 1)),
			 100001000);
	order(m, "forcewake-stuck");
	assert_int_equal(fault_until(m->dev, FAULT_FORCEWAKE, FAULT_EVENT(.action = 1)),
			 UINT64_MAX);
	clock_set_real();
}

static void test_lasting(void **state)
{
	struct machine *m = *state;

	clock_set_stepped(1000);
	order(m, "forcewake-stuck:ms=5,action=0xa188,after=1");
	assert_false(fault_hit(m->dev, FAULT_FORCEWAKE, FAULT_EVENT(.action = 0xa188)));
	assert_false(fault_active(m->dev, FAULT_FORCEWAKE));
	assert_true(fault_hit(m->dev, FAULT_FORCEWAKE, FAULT_EVENT(.action = 0xa188)));
	assert_true(fault_active(m->dev, FAULT_FORCEWAKE));
	clock_step(4999999);
	assert_true(fault_active(m->dev, FAULT_FORCEWAKE));
	clock_step(1);
	assert_false(fault_active(m->dev, FAULT_FORCEWAKE));

	order(m, "gt-reset-stuck");
	assert_true(fault_hit(m->dev, FAULT_GT_RESET, FAULT_EVENT(.action = 0x941c)));
	clock_step(1000000000000ull);
	assert_true(fault_active(m->dev, FAULT_GT_RESET));
	fault_clear(m->dev);
	assert_false(fault_active(m->dev, FAULT_GT_RESET));
	clock_set_real();
}

/* --- guest memory ----------------------------------------------------------------------------- */

static void test_dma_window(void **state)
{
	struct machine *m = *state;
	struct dma_space *dma = m->dev->dma;
	unsigned long consequences = log_excused(), violations = log_violations();
	size_t avail;

	clock_set_stepped(1000);
	order(m, "dma-window:addr=0x10002000,len=0x3000,ms=1,on=order");
	dma_read_lock(dma);
	assert_non_null(dma_ptr(dma, MEM_DMA, 4, true, &avail));
	assert_int_equal(avail, 0x2000);
	assert_non_null(dma_ptr(dma, MEM_DMA + 0x1ffc, 4, true, NULL));
	log_violation("test-kind", "not excused: nothing was refused");
	assert_int_equal(log_violations(), ++violations);

	assert_null(dma_ptr(dma, MEM_DMA + 0x2000, 4, true, NULL));
	assert_null(dma_ptr(dma, MEM_DMA + 0x4fff, 1, false, NULL));
	assert_int_equal(dma_probe(dma, MEM_DMA + 0x4fff, false), DMA_STATE_WINDOW);
	assert_non_null(dma_ptr(dma, MEM_DMA + 0x5000, 4, true, NULL));
	assert_int_equal(dma_probe(dma, MEM_DMA + 0x5000, false), DMA_STATE_OK);
	log_violation("test-kind", "excused");
	assert_int_equal(log_violations(), violations);
	assert_int_equal(log_excused(), consequences + 1);
	dma_read_unlock(dma);

	/* The next section of accesses stands on its own feet. */
	dma_read_lock(dma);
	assert_null(dma_ptr(dma, 0x1000, 4, true, NULL));
	assert_int_equal(dma_probe(dma, 0x1000, true), DMA_STATE_UNMAPPED);
	log_violation("test-kind", "not excused: nothing is mapped there");
	assert_int_equal(log_violations(), violations + 1);
	dma_read_unlock(dma);

	clock_step(1000000);
	dma_read_lock(dma);
	assert_non_null(dma_ptr(dma, MEM_DMA + 0x2000, 4, true, NULL));
	dma_read_unlock(dma);
	clock_set_real();
}

static void test_device_gone(void **state)
{
	struct machine *m = *state;
	u32 val;

	clock_set_stepped(1000);
	/* The frequency request keeps what is written to it. */
	val = 0x12345678;
	xm_bar0_write(m->dev, 0xa008, &val, 4);
	order(m, "device-gone:on=access,after=1,ms=10");
	xm_bar0_read(m->dev, 0xa008, &val, 4);
	assert_int_equal(val, 0x12345678);
	xm_bar0_read(m->dev, 0xa008, &val, 4);
	assert_int_equal(val, 0xffffffff);
	val = 1;
	xm_bar0_write(m->dev, 0xa008, &val, 4);
	dma_read_lock(m->dev->dma);
	assert_null(dma_ptr(m->dev->dma, MEM_DMA, 4, false, NULL));
	dma_read_unlock(m->dev->dma);

	clock_step(10000000);
	xm_bar0_read(m->dev, 0xa008, &val, 4);
	assert_int_equal(val, 0);
	clock_set_real();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, machine_setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		T(test_grammar_errors),
		T(test_long_spec),
		T(test_too_many),
		T(test_every_kind_is_known),
		T(test_counts),
		T(test_kinds_are_apart),
		T(test_filters),
		T(test_listing),
		T(test_probability_follows_the_seed),
		T(test_delay),
		T(test_lasting),
		T(test_dma_window),
		T(test_device_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
