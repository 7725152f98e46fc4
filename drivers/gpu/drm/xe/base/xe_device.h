/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_DEVICE_H_
#define _XE_DEVICE_H_

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_util.h>
#include <drm/ttm/ttm_device.h>

#include "base/xe_platform.h"

struct drm_gpu_scheduler;
struct xe_bo_ops;
struct xe_bo_purge;
struct xe_coredump;
struct xe_coredump_ops;
struct xe_ggtt;
struct xe_gt;
struct xe_irq;
struct xe_mem;
struct xe_migrate;
struct xe_mmio;
struct xe_sysfs;

/** XE_MAX_GTS: most GTs a device can have: graphics, and media if it has a GT of its own */
#define XE_MAX_GTS 2

/**
 * enum xe_wedged_mode - when to give the device up
 * @XE_WEDGED_NEVER: never; a failed reset is tried again with the next hang
 * @XE_WEDGED_CRITICAL: when the hardware cannot be brought back, for example a failed GT reset
 * @XE_WEDGED_ANY_HANG: at the first hang of any queue, to preserve its state for inspection
 * @XE_WEDGED_MODES: number of modes
 */
enum xe_wedged_mode {
	XE_WEDGED_NEVER,
	XE_WEDGED_CRITICAL,
	XE_WEDGED_ANY_HANG,
	XE_WEDGED_MODES,
};

/**
 * struct xe_params - module parameters, frozen into the device at probe
 */
struct xe_params {
	/** @guc_firmware_path: replaces the platform's firmware name; empty for the default */
	const char *guc_firmware_path;
	/** @guc_log_level: 0 and 1 switch the log off, 2 to 5 give verbosity 0 to 3 */
	int guc_log_level;
};

/**
 * struct xe_device - one GPU
 *
 * Blocks own their data behind opaque pointers; only core/ decides the order in which they start
 * and stop.
 */
struct xe_device {
	/** @drm: base class; first, so that DRM may allocate and free the whole */
	struct drm_device drm;
	/** @ttm: TTM device, set up by xe_mem_init() */
	struct ttm_device ttm;

	/** @platform: facts of the platform, const */
	const struct xe_platform *platform;
	/** @params: module parameters as they were at probe */
	struct xe_params params;
	/** @devid: PCI device id */
	u16 devid;
	/** @revid: PCI revision */
	u8 revid;
	/** @n_gts: valid entries of @gt */
	u8 n_gts;

	/** @mmio: root view of the register BAR; lives until the DRM device is released */
	struct xe_mmio *mmio;
	/** @hw_gone: the registers belong to somebody else, or nobody; see xe_mmio_detach() */
	bool hw_gone;
	/** @irq: interrupt block */
	struct xe_irq *irq;
	/** @ggtt: global translation table */
	struct xe_ggtt *ggtt;
	/** @mem: memory managers and their accounting */
	struct xe_mem *mem;
	/** @purge: BOs whose contents are not needed, and what purges them */
	struct xe_bo_purge *purge;
	/** @gt: GTs by id; NULL before creation */
	struct xe_gt *gt[XE_MAX_GTS];
	/** @sysfs: sysfs files below the PCI device */
	struct xe_sysfs *sysfs;

	/**
	 * @mcr_lock: keeps the steering selector of replicated registers as it was set until the
	 * access it was set for. Innermost, interrupts off.
	 */
	spinlock_t mcr_lock;
	/** @pcode_lock: one mailbox conversation at a time. Sleeps; not in fence signalling */
	struct mutex pcode_lock;

	/** @bo_ops: notifications of the memory layer, registered by the vm layer at init */
	const struct xe_bo_ops *bo_ops;

	/** @coredump: dump of a hang, if there is one; NULL before the stage "coredump" */
	struct xe_coredump *coredump;
	/** @coredump_ops: told of hangs, registered by the core layer; NULL: nobody is */
	const struct xe_coredump_ops *coredump_ops;

	/** @unordered_wq: freeing and deferred destruction; flushed at remove */
	struct workqueue_struct *unordered_wq;
	/** @ufence_write_wq: values of bind user fences whose memory is there */
	struct workqueue_struct *ufence_write_wq;
	/** @ufence_fault_wq: of the others, which may take as long as user space likes */
	struct workqueue_struct *ufence_fault_wq;
	/** @ordered_wq: resets, one at a time */
	struct workqueue_struct *ordered_wq;
	/** @preempt_wq: suspends long-running queues; every fence may depend on it */
	struct workqueue_struct *preempt_wq;
	/** @rebind_wq: workers of long-running VMs, which allocate and wait for fences */
	struct workqueue_struct *rebind_wq;
	/** @bind_sched: runs deferred binds; made by xe_bind_queue_init_device() */
	struct drm_gpu_scheduler *bind_sched;
	/** @migrate: kernel queue on the copy engine, NULL if there is none */
	struct xe_migrate *migrate;
	/** @ufence_wq: woken by user interrupts, bind user fences and the death of a queue */
	wait_queue_head_t ufence_wq;

	/** @foreign: what our jobs wait for that is not ours, see xe_foreign_fence.c */
	struct {
		/** @foreign.lock: of the others; interrupts off, inside the locks of fences */
		spinlock_t lock;
		/** @foreign.list: guards that have not signalled */
		struct list_head list;
		/** @foreign.cancelled: the device is being removed, nothing is waited for */
		bool cancelled;
	} foreign;

	/** @vms: address spaces */
	struct {
		/** @vms.last_id: &xe_vm.id of the newest VM */
		atomic_t last_id;
		/** @vms.alive: VMs that are not freed yet */
		atomic_t alive;
		/** @vms.idle: woken when @vms.alive drops to 0 */
		wait_queue_head_t idle;
	} vms;

	/** @pt_updates: page-table updates with at least one store, by how they were carried out */
	struct {
		/** @pt_updates.at_once: by the CPU, before the ioctl returned */
		atomic64_t at_once;
		/** @pt_updates.by_gpu: by a job of the copy engine */
		atomic64_t by_gpu;
		/** @pt_updates.by_cpu: by the CPU, later, for the copy engine could not */
		atomic64_t by_cpu;
		/** @pt_updates.never_at_once: for tests: leave every update to the copy engine */
		bool never_at_once;
	} pt_updates;

	/** @wedged: the device has been given up */
	struct {
		/** @wedged.flag: 1 once wedged, never goes back */
		atomic_t flag;
		/** @wedged.mode: enum xe_wedged_mode; changed through debugfs, read anywhere */
		int mode;
	} wedged;

	/** @reset: GT resets */
	struct {
		/** @reset.work: carries out the requested resets, runs on @ordered_wq */
		struct work_struct work;
		/** @reset.gts: bit per GT whose reset is requested */
		unsigned long gts;
		/**
		 * @reset.lock: held during a reset and by whoever must not overlap with one
		 * (probe, remove). Outermost: taken before every lock of a GT. Fences wait for
		 * its holder, so nothing is allocated under it with GFP flags that may reclaim.
		 */
		struct mutex lock;
		/** @reset.ready: resets may touch hardware; protected by @reset.lock */
		bool ready;
		/** @reset.given_up: wedged, and everything is stopped; under @reset.lock */
		bool given_up;
		/** @reset.count: completed resets since probe */
		atomic_t count;
	} reset;
};

/**
 * to_xe_device - the device a DRM device is part of
 * @drm: embedded base
 *
 * Context: any.
 * Return: the device.
 */
static inline struct xe_device *to_xe_device(const struct drm_device *drm)
{
	return container_of(drm, struct xe_device, drm);
}

/**
 * ttm_to_xe_device - the device a TTM device is part of
 * @ttm: embedded TTM device
 *
 * Context: any.
 * Return: the device.
 */
static inline struct xe_device *ttm_to_xe_device(struct ttm_device *ttm)
{
	return container_of(ttm, struct xe_device, ttm);
}

/**
 * to_xe_pci - PCI function of a device
 * @xe: device
 *
 * Context: any.
 * Return: the function, borrowed from the device.
 */
static inline struct pci_dev *to_xe_pci(const struct xe_device *xe)
{
	return to_pci_dev(xe->drm.dev);
}

/**
 * xe_device_minor - number of a device in trace events
 * @xe: device
 *
 * Context: any, once the DRM device is initialised.
 * Return: minor number of the card node
 */
static inline u32 xe_device_minor(const struct xe_device *xe)
{
	return xe->drm.primary->index;
}

/**
 * xe_device_is_wedged - whether the device has been given up
 * @xe: device
 *
 * Context: any.
 * Return: true if it was, for good.
 */
static inline bool xe_device_is_wedged(const struct xe_device *xe)
{
	return atomic_read(&xe->wedged.flag);
}

void xe_device_declare_wedged(struct xe_device *xe);

/**
 * xe_for_each_gt - walk the GTs that exist
 * @gt: cursor, struct xe_gt pointer
 * @xe: device
 * @id: unsigned int cursor
 */
#define xe_for_each_gt(gt, xe, id) \
	for ((id) = 0; (id) < XE_MAX_GTS; (id)++) \
		for_each_if(((gt) = (xe)->gt[(id)]))

#endif
