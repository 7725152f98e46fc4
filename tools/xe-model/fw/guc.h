/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_H
#define XM_FW_GUC_H

#include "util/types.h"

struct guc_sched;
struct xm_device;

/**
 * xm_fw_create() - create the GuC of a device and start its thread
 * @dev: device with engines; dev->fw and dev->fw_ops are set
 *
 * Return: 0, -ENOMEM, or the error of a failed thread creation.
 */
int xm_fw_create(struct xm_device *dev);

/**
 * xm_fw_create_stepped() - create the GuC of a device without a thread
 * @dev: device with engines; dev->fw and dev->fw_ops are set
 *
 * It does nothing of its own: guc_step() is its thread (tests).
 *
 * Return: 0 or -ENOMEM.
 */
int xm_fw_create_stepped(struct xm_device *dev);

/**
 * guc_step() - answer the mailbox, handle all messages in the ring, act on time limits
 * @dev: device with a GuC
 *
 * Context: the GuC's thread, or with a stepped GuC any one thread.
 * Return: clock_ns() when it has to be called again without being woken, 0 for never.
 */
u64 guc_step(struct xm_device *dev);

/**
 * xm_fw_destroy() - stop and free the GuC
 * @dev: device, engines parked; a no-op without a GuC
 */
void xm_fw_destroy(struct xm_device *dev);

/**
 * struct guc_info - the firmware from outside
 * @loaded: the firmware was uploaded and answers
 * @transport: the rings are open
 * @broken: the host broke the protocol of the rings
 * @loads: uploads
 * @switches: contexts started
 * @resets: contexts reset because they did not yield
 * @faults: contexts stopped by a memory fault
 * @contexts: contexts that are registered
 */
struct guc_info {
	bool loaded;
	bool transport;
	bool broken;
	unsigned long loads;
	unsigned long switches;
	unsigned long resets;
	unsigned long faults;
	unsigned int contexts;
};

/**
 * guc_with_lock() - look at the scheduler
 * @dev: device
 * @fn: called with the firmware's lock held: must be short and take no other lock
 * @ctx: handed to @fn
 *
 * Context: any thread that holds no lock; waits a second for the lock at most.
 * Return: what @fn returned, -EBUSY if the lock was not free in time, -ENODEV without a GuC.
 */
int guc_with_lock(struct xm_device *dev, int (*fn)(struct guc_sched *sched, void *ctx), void *ctx);

/**
 * guc_inspect() - describe the firmware
 * @dev: device
 * @info: set
 *
 * Context: as guc_with_lock().
 * Return: 0, -EBUSY or -ENODEV as guc_with_lock().
 */
int guc_inspect(struct xm_device *dev, struct guc_info *info);

/**
 * struct guc_count - statistics of an action
 * @action: number
 * @n: messages
 */
struct guc_count {
	u32 action;
	unsigned long n;
};

/* Most actions that are counted */
#define GUC_COUNTS 24u

/**
 * guc_requests() - how often each request was received
 * @dev: device
 * @list: set, GUC_COUNTS entries
 *
 * Context: as guc_with_lock().
 * Return: number of @list, or -EBUSY or -ENODEV as guc_with_lock().
 */
int guc_requests(struct xm_device *dev, struct guc_count *list);

#endif
