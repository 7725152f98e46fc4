/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_BUS_PCI_H
#define XM_BUS_PCI_H

#include "util/types.h"

/* Bytes of configuration space. */
#define PCI_CONFIG_SIZE 4096u

/* Where the capabilities lie; the gaps keep 0x50, 0xC0 and 0xC4 free for Intel's registers. */
#define PCI_CAP_EXP 0x70u
#define PCI_CAP_MSI 0xacu
#define PCI_CAP_PM 0xd0u

#define PCI_COMMAND 0x04u
#define PCI_STATUS 0x06u
#define PCI_BAR0 0x10u
#define PCI_EXP_DEVCTL (PCI_CAP_EXP + 0x08u)
#define PCI_EXP_DEVSTA (PCI_CAP_EXP + 0x0au)
#define PCI_PMCSR (PCI_CAP_PM + 0x04u)

struct pci_config;

/**
 * struct pci_identity - what identifies the function
 * @vendor: vendor id
 * @device: device id
 * @subsystem: subsystem id, of the same vendor
 * @revision: revision
 * @class_code: 24-bit class code
 * @ggc: word at 0x50
 * @bar0_size: bytes of BAR0, a power of two
 */
struct pci_identity {
	u16 vendor;
	u16 device;
	u16 subsystem;
	u8 revision;
	u32 class_code;
	u16 ggc;
	u32 bar0_size;
};

/**
 * struct pci_ops - effects of configuration writes, called from pci_write() and pci_reset()
 * @bus_master: the function may (@on) or may not access memory: command bit 2, and state D0
 * @flr: a function level reset was requested, or the function lost its state in D3hot; the callee
 *       calls pci_reset()
 */
struct pci_ops {
	void (*bus_master)(void *ctx, bool on);
	void (*flr)(void *ctx);
};

/**
 * pci_create() - build the configuration space of an integrated GPU
 * @id: identity
 * @ops: effects
 * @ctx: handed to @ops
 *
 * Return: configuration space in its reset state, NULL without memory.
 */
struct pci_config *pci_create(const struct pci_identity *id, const struct pci_ops *ops, void *ctx);

/**
 * pci_destroy() - free
 * @pci: configuration space, NULL is allowed
 */
void pci_destroy(struct pci_config *pci);

/**
 * pci_forget_in_d3() - let the function come back from D3hot in its reset state
 * @pci: configuration space, before its first use
 *
 * It tells so in its power management capability.
 */
void pci_forget_in_d3(struct pci_config *pci);

/**
 * pci_reset() - put every register back to its reset value
 * @pci: configuration space
 */
void pci_reset(struct pci_config *pci);

/**
 * pci_read() - read bytes
 * @pci: configuration space
 * @off: first byte
 * @buf: destination
 * @count: bytes; what lies past the end reads 0
 */
void pci_read(const struct pci_config *pci, u32 off, void *buf, u32 count);

/**
 * pci_write() - write bytes, each through its masks, then apply the effects
 * @pci: configuration space
 * @off: first byte
 * @buf: source
 * @count: bytes; what lies past the end is dropped
 */
void pci_write(struct pci_config *pci, u32 off, const void *buf, u32 count);

/** pci_bar0() - Return: the address programmed into BAR0, 0 if none. */
u64 pci_bar0(const struct pci_config *pci);

#endif
