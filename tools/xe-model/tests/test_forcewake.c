// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Power domains: the handshake, what sleeps with which domain, and what happens to accesses that
 * come too early.
 */

#include "tests/lib_cmocka.h"

#include "tests/lib_device.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"

#define KERNEL_ON 0x00010001u
#define KERNEL_OFF 0x00010000u
/* Longer than any acknowledgment takes */
#define LONG_NS 1000000u

static const struct {
	u32 request, ack;
} domains[] = {
	{ 0xa188, 0x130044 },	   { 0xa278, 0xd84 }, { 0xa540, 0xd50 },
	{ 0xa540 + 8, 0xd50 + 8 }, { 0xa560, 0xd70 }, { 0xa560 + 12, 0xd70 + 12 },
};

static int setup(void **state)
{
	static const struct xm_config cfg = { .platform = "tgl", .seed = 1, .strict = true };

	clock_set_stepped(1000);
	*state = xm_device_create(&cfg);
	return *state ? 0 : -1;
}

static void request(struct xm_device *dev, unsigned int i, u32 val, u32 ack)
{
	wr(dev, domains[i].request, val);
	clock_step(LONG_NS);
	assert_int_equal(rd(dev, domains[i].ack), ack);
}

static void handshake(void **state)
{
	struct xm_device *dev = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(domains); i++) {
		assert_int_equal(rd(dev, domains[i].ack), 0);
		wr(dev, domains[i].request, KERNEL_ON);
		/* Not at once, and not later than drivers are willing to wait. */
		assert_int_equal(rd(dev, domains[i].ack), 0);
		clock_step(1000);
		assert_int_equal(rd(dev, domains[i].ack), 0);
		clock_step(50000);
		assert_int_equal(rd(dev, domains[i].ack), 1);
		/* Another agent's bit leaves ours alone. */
		request(dev, i, 0x00020002, 3);
		request(dev, i, KERNEL_OFF, 2);
		wr(dev, domains[i].request, 0x00030001);
		assert_int_equal(rd(dev, domains[i].ack), 2);
		clock_step(LONG_NS);
		xm_device_gt_reset(dev);
		assert_int_equal(rd(dev, domains[i].ack), 1);
		xm_device_reset(dev);
		assert_int_equal(rd(dev, domains[i].ack), 0);
	}
}

/* One register of each domain: request number, offset, value, other power domains must not do. */
static const struct {
	unsigned int domain;
	u32 off;
} sleepers[] = {
	{ 0, 0x4000 }, { 0, 0xc000 }, { 0, 0xa210 }, { 0, 0x2207c }, { 0, 0xffff & ~3u },
	{ 1, 0x2080 }, { 1, 0xb100 }, { 1, 0xe18c }, { 2, 0x1c0080 }, { 3, 0x1d0080 },
	{ 4, 0x1c8080 },
};

static void too_early(struct xm_device *dev, u32 off, bool sleeps)
{
	unsigned long before = violations_of("forcewake");

	reg_poke(dev, off, 0x11);
	if (rd(dev, off) != (sleeps ? 0 : 0x11))
		fail_msg("read of 0x%x", off);
	wr(dev, off, 0x22);
	if (reg_peek(dev, off) != (sleeps ? 0x11 : 0x22))
		fail_msg("write of 0x%x", off);
	assert_int_equal(violations_of("forcewake") - before, sleeps ? 2 : 0);
}

static void sleeping_registers(void **state)
{
	static const u32 storage[] = { 0x4000, 0xa210, 0xb100, 0x2207c, 0x2080, 0x1c0080, 0x1d0080,
				       0x1c8080 };
	struct xm_device *dev = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(storage); i++)
		too_early(dev, storage[i], true);
	/* The engines keep awake what they use. */
	reg_write(dev, 0x2080, 0x33000, REG_FROM_ENGINE);
	assert_int_equal(reg_read(dev, 0x2080, REG_FROM_ENGINE), 0x33000);
	for (unsigned int d = 0; d < 5; d++) {
		request(dev, d, KERNEL_ON, 1);
		for (unsigned int i = 0; i < ARRAY_SIZE(sleepers); i++) {
			unsigned long before = violations_of("forcewake");
			unsigned long want = sleepers[i].domain == d ? 0 : 1;

			rd(dev, sleepers[i].off);
			if (violations_of("forcewake") - before != want)
				fail_msg("0x%x in domain %u", sleepers[i].off, d);
		}
		request(dev, d, KERNEL_OFF, 0);
	}
}

/* What the host must have done: asked, waited, looked, and not given it back since. */
static void rules_of_waiting(void **state)
{
	struct xm_device *dev = *state;

	wr(dev, 0xa188, KERNEL_ON);
	too_early(dev, 0xa210, true);
	clock_step(LONG_NS);
	too_early(dev, 0xa210, true);
	assert_int_equal(rd(dev, 0x130044), 1);
	too_early(dev, 0xa210, false);
	wr(dev, 0xa188, KERNEL_OFF);
	assert_int_equal(rd(dev, 0x130044), 1);
	too_early(dev, 0xa210, true);
	clock_step(LONG_NS);
	too_early(dev, 0xa210, true);
	/* Asking again before the release was acknowledged still means asking again. */
	request(dev, 0, KERNEL_ON, 1);
	wr(dev, 0xa188, KERNEL_OFF);
	wr(dev, 0xa188, KERNEL_ON);
	too_early(dev, 0xa210, true);
	request(dev, 0, KERNEL_ON, 1);
	too_early(dev, 0xa210, false);
}

/* Shadowed registers take writes asleep; registers outside of the GT never sleep. */
static void exempt_registers(void **state)
{
	static const u32 shadowed[] = { 0xa008, 0x2030, 0x22550, 0x1d0510 };
	static const u32 awake[] = { 0xd8c, 0xfdc, 0x1901f8, 0x138124, 0x145998, 0x44074 };
	struct xm_device *dev = *state;
	unsigned long before = violations_of("forcewake");

	for (unsigned int i = 0; i < ARRAY_SIZE(shadowed); i++) {
		wr(dev, shadowed[i], 8);
		assert_int_equal(reg_peek(dev, shadowed[i]), 8);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(awake); i++)
		rd(dev, awake[i]);
	assert_int_equal(violations_of("forcewake"), before);
	assert_int_equal(rd(dev, shadowed[0]), 0);
	assert_int_equal(violations_of("forcewake"), before + 1);
}

/* Some registers may be read, not written, when the GT domain alone is awake. */
static void reads_with_the_gt(void **state)
{
	struct xm_device *dev = *state;
	unsigned long before = violations_of("forcewake");

	rd(dev, 0xb020);
	assert_int_equal(violations_of("forcewake"), before + 1);
	request(dev, 0, KERNEL_ON, 1);
	rd(dev, 0xb020);
	rd(dev, 0xb09c);
	assert_int_equal(violations_of("forcewake"), before + 1);
	rd(dev, 0xb0a0);
	wr(dev, 0xb020, 0);
	assert_int_equal(violations_of("forcewake"), before + 3);
}

/* The table is searched by halves, and every engine has its registers in its domain. */
static void table_is_sound(void **state)
{
	static const u8 domain_of_class[] = { XM_FW_RENDER, XM_FW_VDBOX0, XM_FW_VEBOX0, XM_FW_GT };
	struct xm_device *dev = *state;
	const struct xm_platform *p = dev->platform;
	u32 next = 0;

	for (unsigned int i = 0; i < p->n_fw_ranges; i++) {
		const struct xm_fw_range *r = &p->fw_ranges[i];

		assert_true(r->first >= next && r->first < r->last && !(r->first & 3));
		assert_int_equal(r->last & 3, 3);
		assert_true(r->domain < XM_FW_DOMAINS);
		assert_int_equal(forcewake_domain(dev, r->first), r->domain);
		assert_int_equal(forcewake_domain(dev, r->last), r->domain);
		next = r->last + 1;
	}
	for (unsigned int i = 0; i < p->n_engines; i++) {
		const struct xm_engine_desc *e = &p->engines[i];
		int want = domain_of_class[e->hw_class] + e->instance;

		assert_int_equal(forcewake_domain(dev, e->mmio_base + 0x30), want);
		assert_int_equal(forcewake_domain(dev, e->mmio_base + 0x5ac), want);
	}
	for (unsigned int i = 0; i < p->n_fw_shadowed; i++)
		assert_true(forcewake_domain(dev, p->fw_shadowed[i].first) >= 0);
}

/* The device is reset while a driver keeps a domain awake. */
static void reset_below_a_driver(void **state)
{
	struct xm_device *dev = *state;
	unsigned long violations, consequences = log_excused();

	request(dev, 0, KERNEL_ON, 1);
	xm_device_reset(dev);
	violations = log_violations();
	assert_int_equal(rd(dev, sleepers[0].off), 0);
	assert_int_equal(log_violations(), violations);
	assert_int_equal(log_excused(), consequences + 1);
	/* Nobody kept this one awake. */
	rd(dev, 0x2080);
	assert_int_equal(log_violations(), violations + 1);
	/* A driver that has noticed asks again, and from then on has to wait. */
	wr(dev, domains[0].request, KERNEL_ON);
	rd(dev, sleepers[0].off);
	assert_int_equal(log_violations(), violations + 2);
	xm_device_reset(dev);
	rd(dev, sleepers[0].off);
	assert_int_equal(log_violations(), violations + 3);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, device_teardown)
	const struct CMUnitTest tests[] = {
		T(handshake), T(sleeping_registers), T(rules_of_waiting), T(exempt_registers),
		T(reads_with_the_gt), T(table_is_sound), T(reset_below_a_driver),
	};

	return cmocka_run_group_tests_name("forcewake", tests, NULL, NULL);
}
