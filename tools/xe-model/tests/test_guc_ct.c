// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Messages of the GuC that wait for their time, in stepped time and without a GuC thread.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_klvs.h"
#include "abi/guc_messages.h"
#include "fw/guc_ct.h"
#include "tests/lib_cmocka.h"
#include "util/clock.h"

#define CT AT_FREE
#define START_NS 1000000000ull
#define US 1000ull
#define MESSAGES 400u

static unsigned int kicks;

static void kick(void *ctx)
{
	kicks++;
}

/* A transport with open rings and a generator of @seed. */
static struct guc_ct *open_rings(struct machine *m, struct guc_ct *ct, u64 seed)
{
	const u64 base = MEM_GGTT + CT;

	memset(m->mem + CT, 0, GUC_CT_H2G_RING_OFFSET);
	m->dev->cfg.seed = seed;
	kicks = 0;
	*ct = (struct guc_ct){ .dev = m->dev, .kick = kick };
	guc_ct_init(ct);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_H2G_DESC_ADDR, base + GUC_CT_H2G_DESC_OFFSET);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_H2G_ADDR, base + GUC_CT_H2G_RING_OFFSET);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_H2G_SIZE, GUC_CT_H2G_RING_BYTES);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_G2H_DESC_ADDR, base + GUC_CT_G2H_DESC_OFFSET);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_G2H_ADDR, base + GUC_CT_G2H_RING_OFFSET);
	guc_ct_configure(ct, GUC_KLV_SELF_CFG_G2H_SIZE, GUC_CT_G2H_RING_BYTES);
	assert_int_equal(guc_ct_enable(ct, true), 0);
	return ct;
}

static void send(struct guc_ct *ct, u32 number)
{
	const u32 dw[] = { 0x90000000 | GUC_G2H_TLB_INVALIDATION_DONE, number };

	assert_true(guc_ct_send(ct, 0, dw, 2));
}

/* Messages that arrived so far. */
static u32 arrived(struct machine *m)
{
	return machine_dw(m, CT + GUC_CT_G2H_DESC_OFFSET)[GUC_CT_DESC_TAIL] / 3;
}

static u32 number_at(struct machine *m, u32 i)
{
	return machine_dw(m, CT + GUC_CT_G2H_RING_OFFSET)[i * 3 + 2];
}

/*
 * Send @MESSAGES numbers, 10 us apart, and note in @when after how many us each arrived.
 * Return: the longest delay, us.
 */
static u32 play(struct machine *m, u64 seed, u32 *when)
{
	struct guc_ct ct;
	u32 longest = 0;

	clock_set_stepped(START_NS);
	open_rings(m, &ct, seed);
	for (u32 us = 0, sent = 0, got = 0; got < MESSAGES; us++) {
		if (us % 10 == 0 && sent < MESSAGES)
			send(&ct, sent++);
		else
			guc_ct_deliver(&ct, clock_ns());
		for (; got < arrived(m); got++) {
			assert_int_equal(number_at(m, got), got);
			when[got] = us;
			longest = XM_MAX(longest, us - got * 10);
		}
		assert_true(us < MESSAGES * 10 + 5000);
		clock_step(US);
	}
	assert_int_equal(guc_ct_deliver(&ct, clock_ns()), 0);
	clock_set_real();
	return longest;
}

/* The same seed gives the same delays; the order is kept, and none is longer than promised. */
static void seed_fixes_delays(void **state)
{
	static u32 first[MESSAGES], again[MESSAGES], other[MESSAGES];
	struct machine *m = *state;
	u32 longest = play(m, 7, first);

	assert_true(longest > 200 && longest <= 2001);
	play(m, 7, again);
	assert_memory_equal(first, again, sizeof(first));
	play(m, 8, other);
	assert_memory_not_equal(first, other, sizeof(first));
}

static void seed_0_never_waits(void **state)
{
	static u32 when[MESSAGES];

	assert_int_equal(play(*state, 0, when), 0);
}

/* A late message is overtaken, and wakes who delivers it. */
static void late_message(void **state)
{
	const u32 dw[] = { 0x90000000 | GUC_G2H_TLB_INVALIDATION_DONE, 77 };
	struct machine *m = *state;
	struct guc_ct ct;

	clock_set_stepped(START_NS);
	open_rings(m, &ct, 0);
	assert_true(guc_ct_send_late(&ct, 0, dw, 2, 500 * US));
	assert_int_equal(kicks, 1);
	assert_true(guc_ct_send_late(&ct, 0, dw, 2, 900 * US));
	assert_int_equal(kicks, 1);
	send(&ct, 1);
	assert_int_equal(arrived(m), 1);
	assert_int_equal(guc_ct_deliver(&ct, START_NS + 500 * US - 1), START_NS + 500 * US);
	assert_int_equal(arrived(m), 1);
	assert_int_equal(guc_ct_deliver(&ct, START_NS + 500 * US), START_NS + 900 * US);
	assert_int_equal(arrived(m), 2);
	assert_int_equal(number_at(m, 1), 77);
	/* What still waits is forgotten when the rings close. */
	assert_int_equal(guc_ct_enable(&ct, false), 0);
	assert_int_equal(guc_ct_deliver(&ct, START_NS + 999 * US), 0);
	assert_int_equal(arrived(m), 2);
	assert_false(guc_ct_send_late(&ct, 0, dw, 2, 1));
	clock_set_real();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, machine_setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		T(seed_fixes_delays), T(seed_0_never_waits), T(late_message),
	};

	return cmocka_run_group_tests_name("guc ct", tests, NULL, NULL);
}
