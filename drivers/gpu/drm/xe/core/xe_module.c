// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "core/xe_module.h"

#include <linux/init.h>
#include <linux/kconfig.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>

#include <drm/drm_module.h>

#include "base/xe_compat.h"
#include "base/xe_device.h"
#include "core/xe_pci.h"
#include "gt/xe_hw_fence.h"
#include "submit/xe_job.h"
#include "submit/xe_retire.h"

#ifndef CONFIG_DRM_XE_FORCE_PROBE
#define CONFIG_DRM_XE_FORCE_PROBE ""
#endif

#define XE_GUC_LOG_LEVEL_DEFAULT 5

/* Fences are freed after a grace period or two. */
#define XE_FENCE_POLL			max(HZ / 50, 1)
#define XE_FENCE_COMPLAIN_POLLS		250

/* Written by the module loader only, except where a parameter has write permission. */
struct xe_modparam xe_modparam = {
	.force_probe = CONFIG_DRM_XE_FORCE_PROBE,
	.guc_firmware_path = "",
	.huc_firmware_path = "",
	.guc_log_level = XE_GUC_LOG_LEVEL_DEFAULT,
	.wedged_mode = XE_WEDGED_CRITICAL,
	.probe_display = true,
};

module_param_named(force_probe, xe_modparam.force_probe, charp, 0400);
MODULE_PARM_DESC(force_probe,
		 "Devices to bind although they are not bound by default: list of PCI ids in hex, * for all, !id or !* never");

module_param_named(probe_display, xe_modparam.probe_display, bool, 0400);
MODULE_PARM_DESC(probe_display, "Accepted and ignored: there is no display support");

module_param_named(guc_firmware_path, xe_modparam.guc_firmware_path, charp, 0400);
MODULE_PARM_DESC(guc_firmware_path, "GuC firmware to use instead of the platform's own");

module_param_named(huc_firmware_path, xe_modparam.huc_firmware_path, charp, 0400);
MODULE_PARM_DESC(huc_firmware_path, "Accepted and ignored: the HuC is not used");

module_param_named(guc_log_level, xe_modparam.guc_log_level, int, 0400);
MODULE_PARM_DESC(guc_log_level, "GuC log: 0 and 1 off, 2 to 5 rising verbosity [default 5]");

module_param_named(wedged_mode, xe_modparam.wedged_mode, int, 0400);
MODULE_PARM_DESC(wedged_mode,
		 "Give the device up: 0 never, 1 when it cannot be reset [default], 2 at the first hang");

module_param_named(vram_bar_size, xe_modparam.vram_bar_size, int, 0400);
MODULE_PARM_DESC(vram_bar_size, "Accepted and ignored: no supported device has VRAM");

module_param_named(force_execlist, xe_modparam.force_execlist, bool, 0400);
MODULE_PARM_DESC(force_execlist, "Submission without the GuC; not implemented, fails the probe");

module_param_named(max_vfs, xe_modparam.max_vfs, uint, 0400);
MODULE_PARM_DESC(max_vfs, "Accepted and ignored: there is no SR-IOV support");

/* Values of user fences that may wait for their memory at the same time, and hold a thread each. */
#define UFENCE_FAULTS	64

struct workqueue_struct *xe_module_wq;
struct workqueue_struct *xe_ufence_write_wq;
struct workqueue_struct *xe_ufence_fault_wq;

static void destroy_queues(void)
{
	/* Writes may go on as faults, both may drop the last reference to a device. */
	if (xe_ufence_write_wq)
		destroy_workqueue(xe_ufence_write_wq);
	if (xe_ufence_fault_wq)
		destroy_workqueue(xe_ufence_fault_wq);
	if (xe_module_wq)
		destroy_workqueue(xe_module_wq);
}

static int __init create_queues(void)
{
	xe_module_wq = alloc_workqueue("xe", WQ_UNBOUND, 0);
	xe_ufence_write_wq = alloc_workqueue("xe-ufence", WQ_UNBOUND, 0);
	xe_ufence_fault_wq = alloc_workqueue("xe-ufence-fault", WQ_UNBOUND, UFENCE_FAULTS);
	if (xe_module_wq && xe_ufence_write_wq && xe_ufence_fault_wq)
		return 0;

	destroy_queues();
	return -ENOMEM;
}

static int __init xe_init(void)
{
	int err;

	/* nomodeset asks for the firmware framebuffer to be left alone, as other drivers do. */
	if (drm_firmware_drivers_only())
		return -ENODEV;

	err = create_queues();
	if (err)
		return err;

	err = xe_job_module_init();
	if (err)
		goto destroy_queues;

	err = xe_retire_init();
	if (err)
		goto job_fini;

	err = xe_pci_register();
	if (err)
		goto retire_fini;

	return 0;

retire_fini:
	xe_retire_fini();
	rcu_barrier();
job_fini:
	xe_job_module_fini();
destroy_queues:
	destroy_queues();
	return err;
}
module_init(xe_init);

/*
 * Sync files and reservations of other drivers may still hold fences whose operations are part of
 * this module. They do not count as users of the module, so all it can do is to wait.
 */
static void __exit wait_for_fences(void)
{
	unsigned int n, polls;

	for (polls = 0; (n = xe_fences_alive()); polls++) {
		if (fatal_signal_pending(current)) {
			pr_err("xe: unloaded although %u fences are still in use\n", n);
			return;
		}
		if (polls == XE_FENCE_COMPLAIN_POLLS)
			pr_warn("xe: waiting for %u fences that somebody keeps, in a sync file perhaps\n",
				n);
		schedule_timeout_killable(XE_FENCE_POLL);
	}
}

static void __exit xe_exit(void)
{
	xe_pci_unregister();
	destroy_queues();
	xe_job_module_fini();
	xe_retire_fini();
	wait_for_fences();
	/* Frees of fences and objects that wait for a grace period run code of this module. */
	rcu_barrier();
}
module_exit(xe_exit);

MODULE_AUTHOR("The xe project authors");
MODULE_DESCRIPTION("Intel Xe Graphics");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_FIRMWARE("i915/tgl_guc_70.bin");
MODULE_IMPORT_NS("DMA_BUF");
