/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MODULE_H_
#define _XE_MODULE_H_

#include <linux/types.h>

struct workqueue_struct;

/**
 * struct xe_modparam - module parameters as the user gave them
 */
struct xe_modparam {
	/** @force_probe: list of device ids, see xe_pci.c */
	char *force_probe;
	/** @guc_firmware_path: replacement of the platform's GuC firmware, empty for none */
	char *guc_firmware_path;
	/** @huc_firmware_path: accepted for compatibility; the HuC is not used */
	char *huc_firmware_path;
	/** @guc_log_level: 0 to 5 */
	int guc_log_level;
	/** @wedged_mode: enum xe_wedged_mode for devices bound from now on */
	int wedged_mode;
	/** @vram_bar_size: MiB; accepted for compatibility, there is no VRAM to map */
	int vram_bar_size;
	/** @max_vfs: accepted for compatibility; there is no SR-IOV */
	unsigned int max_vfs;
	/** @probe_display: accepted for compatibility; there is no display support */
	bool probe_display;
	/** @force_execlist: refused: submission without the GuC is not implemented */
	bool force_execlist;
};

extern struct xe_modparam xe_modparam;

/*
 * xe_module_wq - queue of deferred destruction, shared by all devices
 *
 * A work item may drop the last reference to a device, which then frees its own workqueues; so
 * this one cannot belong to a device. Lives as long as the module.
 */
extern struct workqueue_struct *xe_module_wq;

/*
 * Queues for values of user fences, for the same reason without a device: for those whose memory
 * is there, and for those that have to wait for it.
 */
extern struct workqueue_struct *xe_ufence_write_wq;
extern struct workqueue_struct *xe_ufence_fault_wq;

#endif
