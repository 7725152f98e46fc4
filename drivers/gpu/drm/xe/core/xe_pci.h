/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PCI_H_
#define _XE_PCI_H_

#include <linux/types.h>

/**
 * enum xe_probe_wish - what a force_probe list says about a device
 * @XE_PROBE_DEFAULT: nothing
 * @XE_PROBE_FORCE: bind it
 * @XE_PROBE_BLOCK: leave it alone
 */
enum xe_probe_wish {
	XE_PROBE_DEFAULT,
	XE_PROBE_FORCE,
	XE_PROBE_BLOCK,
};

enum xe_probe_wish xe_pci_probe_wish(const char *list, u16 devid);

int xe_pci_register(void);
void xe_pci_unregister(void);

#endif
