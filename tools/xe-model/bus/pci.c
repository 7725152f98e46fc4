// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Configuration space
 *
 * Three byte arrays decide everything: the value, which bits a write changes, and which bits a
 * written 1 clears. Odd sizes and accesses that straddle registers therefore need no care. A look
 * at the command, power and device control registers after each write finds the effects.
 *
 * QEMU emulates BARs, MSI and the capability links itself and uses our values as the template.
 *
 * Locking: none, bus thread only.
 */

#include "bus/pci.h"

#include <stdlib.h>
#include <string.h>

#include "util/bits.h"

#define COMMAND_MASTER 0x4u
#define DEVCTL_FLR 0x8000u
#define DEVCAP_FLR BIT(28)
/* Role-based error reporting, mandatory since PCI Express 1.1. */
#define DEVCAP_RBER BIT(15)
#define PMCSR_STATE 0x3u
#define PMCSR_D3HOT 0x3u
#define PMCSR_NO_SOFT_RESET 0x8u

struct pci_config {
	u8 value[PCI_CONFIG_SIZE];
	u8 reset[PCI_CONFIG_SIZE];
	u8 writable[PCI_CONFIG_SIZE];
	u8 w1c[PCI_CONFIG_SIZE];
	const struct pci_ops *ops;
	void *ctx;
	bool master;
};

/**
 * struct pci_field - one register of the template
 * @off: byte offset
 * @size: bytes, at most 4
 * @value: reset value
 * @writable: bits that take what is written
 * @w1c: bits that a written 1 clears
 */
struct pci_field {
	u16 off;
	u8 size;
	u32 value;
	u32 writable;
	u32 w1c;
};

/* Registers that do not depend on the identity. */
static const struct pci_field fields[] = {
	{ PCI_COMMAND, 2, 0, 0x0547, 0 },
	/* Capability list present. */
	{ PCI_STATUS, 2, 0x0010, 0, 0xf900 },
	{ 0x0c, 1, 0, 0xff, 0 },
	{ 0x34, 1, PCI_CAP_EXP, 0, 0 },
	/* Interrupt line; the pin register stays 0: there is no INTx. */
	{ 0x3c, 1, 0, 0xff, 0 },

	/* PCI Express version 2, root complex integrated endpoint (type 9). */
	{ PCI_CAP_EXP, 4, 0x00920010 | PCI_CAP_MSI << 8, 0, 0 },
	{ PCI_CAP_EXP + 0x04, 4, DEVCAP_FLR | DEVCAP_RBER, 0, 0 },
	{ PCI_EXP_DEVCTL, 2, 0x2810, 0x7fff, 0 },
	{ PCI_EXP_DEVSTA, 2, 0, 0, 0x000f },
	{ PCI_CAP_EXP + 0x28, 2, 0, 0x041f, 0 },

	/* MSI: one vector, 32-bit address, mask and pending bits. */
	{ PCI_CAP_MSI, 4, 0x01000005 | PCI_CAP_PM << 8, 0x00710000, 0 },
	{ PCI_CAP_MSI + 0x04, 4, 0, 0xfffffffc, 0 },
	{ PCI_CAP_MSI + 0x08, 4, 0, 0x0000ffff, 0 },
	{ PCI_CAP_MSI + 0x0c, 4, 0, 0x00000001, 0 },

	/* Power management version 3; state is kept over D3hot (no soft reset), or not. */
	{ PCI_CAP_PM, 4, 0x00030001, 0, 0 },
	{ PCI_PMCSR, 2, 0x0008, 0x0103, 0x8000 },
};

static u32 get(const u8 *array, u32 off, u32 size)
{
	u32 v = 0;

	for (u32 i = 0; i < size; i++)
		v |= (u32)array[off + i] << (8 * i);
	return v;
}

static void put(u8 *array, u32 off, u32 size, u32 v)
{
	for (u32 i = 0; i < size; i++)
		array[off + i] = (u8)(v >> (8 * i));
}

static void put_field(struct pci_config *pci, const struct pci_field *f)
{
	put(pci->reset, f->off, f->size, f->value);
	put(pci->writable, f->off, f->size, f->writable);
	put(pci->w1c, f->off, f->size, f->w1c);
}

struct pci_config *pci_create(const struct pci_identity *id, const struct pci_ops *ops, void *ctx)
{
	const struct pci_field identity[] = {
		{ 0x00, 2, id->vendor, 0, 0 },
		{ 0x02, 2, id->device, 0, 0 },
		{ 0x08, 4, id->class_code << 8 | id->revision, 0, 0 },
		/* 64-bit memory, not prefetchable. */
		{ PCI_BAR0, 4, 0x4, ~(id->bar0_size - 1), 0 },
		{ PCI_BAR0 + 4, 4, 0, 0xffffffff, 0 },
		{ 0x2c, 2, id->vendor, 0, 0 },
		{ 0x2e, 2, id->subsystem, 0, 0 },
		{ 0x50, 2, id->ggc, 0, 0 },
	};
	struct pci_config *pci = calloc(1, sizeof(*pci));

	if (!pci)
		return NULL;
	pci->ops = ops;
	pci->ctx = ctx;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		put_field(pci, &fields[i]);
	for (size_t i = 0; i < ARRAY_SIZE(identity); i++)
		put_field(pci, &identity[i]);
	memcpy(pci->value, pci->reset, sizeof(pci->value));
	return pci;
}

void pci_destroy(struct pci_config *pci)
{
	free(pci);
}

static void follow_master(struct pci_config *pci)
{
	bool on = get(pci->value, PCI_COMMAND, 2) & COMMAND_MASTER &&
		  !(get(pci->value, PCI_PMCSR, 2) & PMCSR_STATE);

	if (on == pci->master)
		return;
	pci->master = on;
	pci->ops->bus_master(pci->ctx, on);
}

void pci_forget_in_d3(struct pci_config *pci)
{
	u32 pmcsr = get(pci->reset, PCI_PMCSR, 2) & ~PMCSR_NO_SOFT_RESET;

	put(pci->reset, PCI_PMCSR, 2, pmcsr);
	put(pci->value, PCI_PMCSR, 2, pmcsr);
}

static u32 power_state(const struct pci_config *pci)
{
	return get(pci->value, PCI_PMCSR, 2) & PMCSR_STATE;
}

void pci_reset(struct pci_config *pci)
{
	memcpy(pci->value, pci->reset, sizeof(pci->value));
	follow_master(pci);
}

void pci_read(const struct pci_config *pci, u32 off, void *buf, u32 count)
{
	u32 inside = off < PCI_CONFIG_SIZE ? XM_MIN(count, PCI_CONFIG_SIZE - off) : 0;

	memset(buf, 0, count);
	if (inside)
		memcpy(buf, pci->value + off, inside);
}

void pci_write(struct pci_config *pci, u32 off, const void *buf, u32 count)
{
	const u32 flr_byte = PCI_EXP_DEVCTL + 1;
	u32 state = power_state(pci);
	const u8 *bytes = buf;
	bool flr;

	if (off >= PCI_CONFIG_SIZE)
		return;
	count = XM_MIN(count, PCI_CONFIG_SIZE - off);
	for (u32 i = 0; i < count; i++) {
		u8 mask = pci->writable[off + i];
		u8 *v = &pci->value[off + i];

		*v = (u8)((*v & ~mask & ~(pci->w1c[off + i] & bytes[i])) | (bytes[i] & mask));
	}

	/* The bit that starts a function level reset is not writable and so always reads 0. */
	flr = flr_byte >= off && flr_byte < off + count &&
	      bytes[flr_byte - off] & (DEVCTL_FLR >> 8);
	/* On the way from D3hot to D0 a function is reset, unless it promises that it is not. */
	if (state == PMCSR_D3HOT && !power_state(pci))
		flr |= !(get(pci->value, PCI_PMCSR, 2) & PMCSR_NO_SOFT_RESET);
	if (flr)
		pci->ops->flr(pci->ctx);
	follow_master(pci);
}

u64 pci_bar0(const struct pci_config *pci)
{
	u64 lo = get(pci->value, PCI_BAR0, 4);

	return (u64)get(pci->value, PCI_BAR0 + 4, 4) << 32 | (lo & ~0xfull);
}
