// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Interrupt tree and outlets, seen the way a driver's handler sees them.
 */

#include "tests/lib_cmocka.h"

#include <errno.h>
#include <unistd.h>

#include "tests/lib_device.h"
#include "util/clock.h"
#include "util/pace.h"

#define MSTR 0x190010u
#define MSTR_ENABLE 0x80000000u
#define DW(bank) (0x190018u + 4 * (bank))
#define IDENTITY(bank) (0x190060u + 4 * (bank))
#define SELECTOR(bank) (0x190070u + 4 * (bank))

/* What settling itself takes */
#define SETTLE_NS 8000u

/* What a driver programs for user interrupts and PIPE_CONTROL notify on every engine. */
static void enable_all(struct xm_device *dev)
{
	wr(dev, 0x190030, 0x00110011);
	wr(dev, 0x190090, ~0x00110000u);
	wr(dev, 0x1900a0, ~0x00110000u);
	wr(dev, 0x190034, 0x00110011);
	wr(dev, 0x1900a8, ~0x00110011u);
	wr(dev, 0x1900ac, ~0x00110011u);
	wr(dev, 0x1900d0, ~0x00110011u);
	wr(dev, 0x190038, 0x80000000);
	wr(dev, 0x1900e8, ~0x80000000u);
	wr(dev, MSTR, MSTR_ENABLE);
}

static int setup_with(void **state, u64 seed, bool stepped)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .stepped = stepped,
				       .ggtt_map = true };
	struct xm_device *dev = xm_device_create(&cfg);

	if (!dev)
		return -1;
	if (msi_open(dev))
		return -1;
	*state = dev;
	return 0;
}

/* Every message leaves at once. */
static int setup(void **state)
{
	return setup_with(state, 0, false);
}

static int setup_delays(void **state)
{
	return setup_with(state, 3, true);
}

static int teardown(void **state)
{
	close(msi_fd);
	return device_teardown(state);
}

static void sources(void **state)
{
	static const struct {
		unsigned int hw_class, instance, bank, bit;
		u32 identity;
	} rows[] = {
		{ XM_CLASS_RENDER, 0, 0, 0, 0x80000001 },
		{ XM_CLASS_COPY, 0, 0, 15, 0x80030001 },
		{ XM_CLASS_VIDEO_DECODE, 0, 1, 0, 0x80010001 },
		{ XM_CLASS_VIDEO_DECODE, 2, 1, 2, 0x80210001 },
		{ XM_CLASS_VIDEO_ENHANCE, 0, 1, 31, 0x80020001 },
	};
	struct xm_device *dev = *state;

	enable_all(dev);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 bit = 1u << rows[i].bit;

		irq_raise(dev, rows[i].hw_class, rows[i].instance, XM_IRQ_USER);
		assert_int_equal(messages(), 1);
		assert_int_equal(rd(dev, MSTR), MSTR_ENABLE | 1u << rows[i].bank);
		assert_int_equal(rd(dev, DW(rows[i].bank)), bit);
		assert_int_equal(rd(dev, DW(!rows[i].bank)), 0);
		wr(dev, SELECTOR(rows[i].bank), bit);
		assert_int_equal(rd(dev, IDENTITY(rows[i].bank)), rows[i].identity);
		wr(dev, IDENTITY(rows[i].bank), rows[i].identity);
		assert_int_equal(rd(dev, IDENTITY(rows[i].bank)), 0);
		wr(dev, DW(rows[i].bank), bit);
		assert_int_equal(rd(dev, MSTR), MSTR_ENABLE);
	}
}

static void guc_source(void **state)
{
	struct xm_device *dev = *state;

	enable_all(dev);
	irq_raise(dev, XM_CLASS_OTHER, XM_OTHER_GUC, XM_IRQ_GUC_TO_HOST);
	assert_int_equal(rd(dev, DW(0)), 1u << 25);
	wr(dev, SELECTOR(0), 1u << 25);
	assert_int_equal(rd(dev, IDENTITY(0)), 0x80048000);
}

static void gating(void **state)
{
	struct xm_device *dev = *state;

	/* After reset nothing is enabled and everything is masked. */
	wr(dev, MSTR, MSTR_ENABLE);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	wr(dev, 0x190030, 0x00010000);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	assert_int_equal(rd(dev, DW(0)), 0);
	/* Unmasked for another instance only, then for the right one but not that event. */
	wr(dev, 0x1900a0, 0);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	wr(dev, 0x190090, 0xfffeffff);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_CTX_SWITCH);
	assert_int_equal(rd(dev, DW(0)), 0);
	assert_int_equal(messages(), 0);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER | XM_IRQ_CTX_SWITCH);
	assert_int_equal(messages(), 1);
	wr(dev, SELECTOR(0), 1);
	assert_int_equal(rd(dev, IDENTITY(0)), 0x80000001);
	assert_int_equal(dev->stats.irq_gated, 4);
}

/* Between disabling and enabling the top level nothing is sent, and nothing is lost. */
static void rearm(void **state)
{
	struct xm_device *dev = *state;

	enable_all(dev);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	irq_raise(dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	assert_int_equal(messages(), 1);

	wr(dev, MSTR, 0);
	assert_int_equal(rd(dev, MSTR), 1);
	wr(dev, SELECTOR(0), 1);
	wr(dev, IDENTITY(0), 0);
	irq_raise(dev, XM_CLASS_VIDEO_DECODE, 0, XM_IRQ_USER);
	assert_int_equal(messages(), 0);
	wr(dev, MSTR, MSTR_ENABLE);
	assert_int_equal(messages(), 1);
	/* Enabling again while something is pending is a new edge. */
	wr(dev, MSTR, MSTR_ENABLE);
	assert_int_equal(messages(), 1);

	wr(dev, SELECTOR(0), 1u << 15);
	wr(dev, SELECTOR(1), 1u);
	assert_int_equal(rd(dev, MSTR), MSTR_ENABLE);
	wr(dev, MSTR, MSTR_ENABLE);
	assert_int_equal(messages(), 0);
}

/* An event that arrives after its source was read out survives the write to GT_INTR_DW. */
static void late_event(void **state)
{
	struct xm_device *dev = *state;
	u32 dw;

	enable_all(dev);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	wr(dev, MSTR, 0);
	dw = rd(dev, DW(0));
	wr(dev, SELECTOR(0), dw);
	wr(dev, IDENTITY(0), rd(dev, IDENTITY(0)));
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_PIPE_NOTIFY);
	wr(dev, DW(0), dw);
	assert_int_equal(rd(dev, DW(0)), 1);
	messages();
	wr(dev, MSTR, MSTR_ENABLE);
	assert_int_equal(messages(), 1);
	wr(dev, SELECTOR(0), 1);
	assert_int_equal(rd(dev, IDENTITY(0)), 0x80000010);
}

static void handle_all(struct xm_device *dev)
{
	wr(dev, MSTR, 0);
	wr(dev, SELECTOR(0), 1);
	wr(dev, IDENTITY(0), 0);
	wr(dev, MSTR, MSTR_ENABLE);
}

/* Let everything happen that is still to happen. */
static void settle(struct xm_device *dev)
{
	for (unsigned int i = 0; i < 8; i++)
		pace_settle(dev->pace);
}

/* With a seed some messages are late, but none for long, and none is lost. */
static void delays(void **state)
{
	struct xm_device *dev = *state;
	unsigned int late = 0;
	u64 longest = 0;

	enable_all(dev);
	for (unsigned int i = 0; i < 1000; i++) {
		u64 start = clock_ns();

		irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
		if (!messages()) {
			settle(dev);
			assert_int_equal(messages(), 1);
			longest = XM_MAX(longest, clock_ns() - start - SETTLE_NS);
			late++;
		}
		handle_all(dev);
		assert_int_equal(messages(), 0);
	}
	assert_in_range(late, 80, 170);
	assert_in_range(longest, 200000, 2000000);
}

/* Two late messages are one, and a reset drops it. */
static void delays_merge(void **state)
{
	struct xm_device *dev = *state;

	enable_all(dev);
	do {
		messages();
		handle_all(dev);
		irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	} while (messages());
	/* Each write is an edge of its own. */
	for (unsigned int i = 0; i < 50; i++)
		wr(dev, MSTR, MSTR_ENABLE);
	assert_int_equal(messages(), 0);
	settle(dev);
	assert_int_equal(messages(), 1);

	do {
		messages();
		handle_all(dev);
		irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	} while (messages());
	xm_device_reset(dev);
	settle(dev);
	assert_int_equal(messages(), 0);
}

static void selector_misuse(void **state)
{
	struct xm_device *dev = *state;

	enable_all(dev);
	wr(dev, SELECTOR(0), 1);
	assert_int_equal(rd(dev, IDENTITY(0)), 0);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	wr(dev, SELECTOR(0), 0);
	wr(dev, SELECTOR(0), 3);
	wr(dev, SELECTOR(0), 1u << 7);
	assert_int_equal(rd(dev, IDENTITY(0)), 0);
	assert_int_equal(rd(dev, DW(0)), 1);
	/* All ones to the top level enables; pending levels are not stored. */
	wr(dev, MSTR, 0xffffffff);
	assert_int_equal(rd(dev, MSTR), MSTR_ENABLE | 1);
	irq_raise(dev, 6, 0, 1);
}

static void resets(void **state)
{
	struct xm_device *dev = *state;

	enable_all(dev);
	irq_raise(dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
	xm_device_gt_reset(dev);
	assert_int_equal(rd(dev, MSTR), MSTR_ENABLE | 1);
	assert_int_equal(rd(dev, 0x190030), 0x00110011);
	xm_device_reset(dev);
	assert_int_equal(rd(dev, MSTR), 0);
	assert_int_equal(rd(dev, DW(0)), 0);
	assert_int_equal(rd(dev, 0x190030), 0);
	assert_int_equal(rd(dev, 0x190090), 0xffffffff);
}

static void gu_misc(void **state)
{
	struct xm_device *dev = *state;

	wr(dev, 0x444f8, 0xffffffff);
	assert_int_equal(rd(dev, 0x444f8), 0);
	wr(dev, 0x444f4, 0xf7ffffff);
	assert_int_equal(rd(dev, 0x444f4), 0xf7ffffff);
}

/* --- outlets ---------------------------------------------------------------------------------- */

static void pending_without_fd(void **state)
{
	struct xm_device *dev = *state;

	assert_int_equal(irq_set_fd(dev->irq, IRQ_MSI, 0, -1), 0);
	assert_false(irq_signal(dev->irq, IRQ_MSI, 0));
	assert_int_equal(irq_set_fd(dev->irq, IRQ_MSI, 0, dup(msi_fd)), 0);
	assert_int_equal(messages(), 1);
	/* Disabling and resetting forget. */
	irq_disable(dev->irq, IRQ_MSI);
	irq_signal(dev->irq, IRQ_MSI, 0);
	irq_forget(dev->irq);
	irq_set_fd(dev->irq, IRQ_MSI, 0, dup(msi_fd));
	assert_int_equal(messages(), 0);
	assert_int_equal(irq_set_fd(dev->irq, IRQ_MSI, 1, dup(msi_fd)), -EINVAL);
	assert_int_equal(irq_set_fd(dev->irq, IRQ_INTX, 0, dup(msi_fd)), -EINVAL);
	assert_false(irq_signal(dev->irq, IRQ_MSI, 7));
}

static void strange_descriptors(void **state)
{
	struct xm_device *dev = *state;
	const u64 nearly_full = 0xfffffffffffffffeull;
	int pipes[2];

	/* A full counter must not block. */
	assert_int_equal(write(msi_fd, &nearly_full, sizeof(nearly_full)), sizeof(nearly_full));
	assert_false(irq_signal(dev->irq, IRQ_MSI, 0));
	/* Neither must a full pipe, nor something that cannot be written. */
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(irq_set_fd(dev->irq, IRQ_MSI, 0, pipes[1]), 0);
	for (unsigned int i = 0; i < 20000; i++)
		irq_signal(dev->irq, IRQ_MSI, 0);
	assert_int_equal(irq_set_fd(dev->irq, IRQ_MSI, 0, pipes[0]), 0);
	assert_false(irq_signal(dev->irq, IRQ_MSI, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sources, setup, teardown),
		cmocka_unit_test_setup_teardown(guc_source, setup, teardown),
		cmocka_unit_test_setup_teardown(gating, setup, teardown),
		cmocka_unit_test_setup_teardown(rearm, setup, teardown),
		cmocka_unit_test_setup_teardown(late_event, setup, teardown),
		cmocka_unit_test_setup_teardown(delays, setup_delays, teardown),
		cmocka_unit_test_setup_teardown(delays_merge, setup_delays, teardown),
		cmocka_unit_test_setup_teardown(selector_misuse, setup, teardown),
		cmocka_unit_test_setup_teardown(resets, setup, teardown),
		cmocka_unit_test_setup_teardown(gu_misc, setup, teardown),
		cmocka_unit_test_setup_teardown(pending_without_fd, setup, teardown),
		cmocka_unit_test_setup_teardown(strange_descriptors, setup, teardown),
	};

	return cmocka_run_group_tests_name("irq", tests, NULL, NULL);
}
