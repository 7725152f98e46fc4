// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_cmocka.h"

#include <string.h>

#include "bus/pci.h"

struct seen {
	bool master;
	unsigned int master_changes;
	unsigned int flrs;
	struct pci_config *pci;
};

static void on_master(void *ctx, bool on)
{
	struct seen *s = ctx;

	s->master = on;
	s->master_changes++;
}

static void on_flr(void *ctx)
{
	struct seen *s = ctx;

	s->flrs++;
	pci_reset(s->pci);
}

static const struct pci_ops ops = { .bus_master = on_master, .flr = on_flr };

static int setup(void **state)
{
	static const struct pci_identity id = {
		.vendor = 0x8086,
		.device = 0x9a49,
		.subsystem = 0x2212,
		.revision = 1,
		.class_code = 0x030000,
		.ggc = 0x00c0,
		.bar0_size = SZ_16M,
	};
	static struct seen s;

	memset(&s, 0, sizeof(s));
	s.pci = pci_create(&id, &ops, &s);
	*state = &s;
	return s.pci ? 0 : -1;
}

static int teardown(void **state)
{
	struct seen *s = *state;

	pci_destroy(s->pci);
	return 0;
}

static u32 get(struct seen *s, u32 off, u32 count)
{
	u32 v = 0;

	pci_read(s->pci, off, &v, count);
	return v;
}

static void put(struct seen *s, u32 off, u32 v, u32 count)
{
	pci_write(s->pci, off, &v, count);
}

/* offset, size, value after reset, value after all ones were written */
static const struct {
	u32 off, size, reset, ones;
} regs[] = {
	{ 0x00, 4, 0x9a498086, 0x9a498086 },
	{ 0x04, 2, 0x0000, 0x0547 },
	{ 0x06, 2, 0x0010, 0x0010 },
	{ 0x08, 4, 0x03000001, 0x03000001 },
	{ 0x0c, 4, 0x00000000, 0x000000ff },
	{ 0x10, 4, 0x00000004, 0xff000004 },
	{ 0x14, 4, 0x00000000, 0xffffffff },
	{ 0x18, 4, 0, 0 },
	{ 0x2c, 4, 0x22128086, 0x22128086 },
	{ 0x30, 4, 0, 0 },
	{ 0x34, 1, 0x70, 0x70 },
	{ 0x3c, 2, 0, 0x00ff },
	{ 0x50, 2, 0x00c0, 0x00c0 },
	{ 0x5c, 4, 0, 0 },
	{ 0xc0, 4, 0, 0 },
	{ 0xfc, 4, 0, 0 },
	{ 0x100, 4, 0, 0 },
	{ 0xffc, 4, 0, 0 },
};

static void masks(void **state)
{
	struct seen *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		if (get(s, regs[i].off, regs[i].size) != regs[i].reset)
			fail_msg("0x%x reads 0x%x", regs[i].off, get(s, regs[i].off, 4));
		put(s, regs[i].off, 0xffffffff, regs[i].size);
		if (get(s, regs[i].off, regs[i].size) != regs[i].ones)
			fail_msg("0x%x reads 0x%x after ones", regs[i].off,
				 get(s, regs[i].off, 4));
	}
	pci_reset(s->pci);
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++)
		assert_int_equal(get(s, regs[i].off, regs[i].size), regs[i].reset);
}

static void capability_list(void **state)
{
	static const u8 want[] = { 0x10, 0x05, 0x01 };
	struct seen *s = *state;
	u32 at = get(s, 0x34, 1);

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(get(s, at, 1), want[i]);
		at = get(s, at + 1, 1);
	}
	assert_int_equal(at, 0);
	/* Integrated endpoint, function level reset announced, one 32-bit maskable MSI. */
	assert_int_equal(get(s, PCI_CAP_EXP + 2, 2) >> 4 & 0xf, 9);
	assert_true(get(s, PCI_CAP_EXP + 4, 4) & 1u << 28);
	assert_int_equal(get(s, PCI_CAP_MSI + 2, 2), 0x0100);
}

static void odd_sizes(void **state)
{
	struct seen *s = *state;
	u8 all[PCI_CONFIG_SIZE + 16];

	put(s, 0x11, 0xababab, 3);
	assert_int_equal(get(s, 0x10, 4), 0xab000004);
	/* Straddles command and status; clips at the end; nothing at all past it. */
	put(s, 0x05, 0xffff, 2);
	assert_int_equal(get(s, 0x04, 4), 0x00100500);
	memset(all, 0xff, sizeof(all));
	pci_write(s->pci, PCI_CONFIG_SIZE - 2, all, 16);
	pci_write(s->pci, PCI_CONFIG_SIZE + 5, all, 4);
	pci_read(s->pci, PCI_CONFIG_SIZE - 4, all, 8);
	assert_int_equal(all[0] | all[4] | all[7], 0);
	pci_read(s->pci, 0xfffffff0, all, 64);
	assert_int_equal(all[0], 0);
}

static void bus_master(void **state)
{
	struct seen *s = *state;

	put(s, PCI_COMMAND, 0x6, 2);
	assert_true(s->master);
	put(s, PCI_COMMAND, 0x6, 2);
	assert_int_equal(s->master_changes, 1);
	/* D3hot takes the bus away, D0 gives it back. */
	put(s, PCI_PMCSR, 0x3, 2);
	assert_false(s->master);
	assert_int_equal(get(s, PCI_PMCSR, 2), 0x000b);
	put(s, PCI_PMCSR, 0x0, 2);
	assert_true(s->master);
	pci_reset(s->pci);
	assert_false(s->master);
}

static void flr(void **state)
{
	struct seen *s = *state;

	put(s, PCI_COMMAND, 0x6, 2);
	put(s, PCI_EXP_DEVCTL, 0x2810, 2);
	assert_int_equal(s->flrs, 0);
	put(s, PCI_EXP_DEVCTL, 0xa810, 2);
	assert_int_equal(s->flrs, 1);
	assert_false(s->master);
	assert_int_equal(get(s, PCI_EXP_DEVCTL, 2), 0x2810);
	/* The byte alone is enough; its neighbour is not. */
	put(s, PCI_EXP_DEVCTL, 0xff, 1);
	assert_int_equal(s->flrs, 1);
	put(s, PCI_EXP_DEVCTL + 1, 0x80, 1);
	assert_int_equal(s->flrs, 2);
}

static void d3_keeps_or_forgets(void **state)
{
	struct seen *s = *state;

	/* A function that promises to keep its state */
	put(s, PCI_PMCSR, 0x3, 2);
	put(s, PCI_PMCSR, 0x0, 2);
	assert_int_equal(s->flrs, 0);

	pci_forget_in_d3(s->pci);
	assert_int_equal(get(s, PCI_PMCSR, 2), 0);
	put(s, PCI_PMCSR, 0x3, 2);
	assert_int_equal(get(s, PCI_PMCSR, 2), 0x3);
	put(s, PCI_PMCSR, 0x3, 2);
	put(s, PCI_COMMAND, 0x6, 2);
	assert_int_equal(s->flrs, 0);
	put(s, PCI_PMCSR, 0x0, 2);
	assert_int_equal(s->flrs, 1);
	assert_int_equal(get(s, PCI_PMCSR, 2), 0);
	assert_int_equal(get(s, PCI_COMMAND, 2), 0);
	put(s, PCI_PMCSR, 0x0, 2);
	assert_int_equal(s->flrs, 1);
}

static void bar0_address(void **state)
{
	struct seen *s = *state;

	assert_int_equal(pci_bar0(s->pci), 0);
	put(s, PCI_BAR0, 0xfd000000, 4);
	put(s, PCI_BAR0 + 4, 0x12, 4);
	assert_true(pci_bar0(s->pci) == 0x12fd000000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(masks, setup, teardown),
		cmocka_unit_test_setup_teardown(capability_list, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(bus_master, setup, teardown),
		cmocka_unit_test_setup_teardown(flr, setup, teardown),
		cmocka_unit_test_setup_teardown(d3_keeps_or_forgets, setup, teardown),
		cmocka_unit_test_setup_teardown(bar0_address, setup, teardown),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
