/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _XE_FILE_H_
#define _XE_FILE_H_

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <drm/drm_file.h>

struct drm_printer;
struct xe_device;
struct xe_exec_queue;
struct xe_usage;
struct xe_vm;

/**
 * struct xe_file_table - names of one kind of object in one open file
 *
 * Ids are allocated from 1 up, the lowest free one first. The table owns one
 * reference on each object.
 */
struct xe_file_table {
	/** @xa: objects by id */
	struct xarray xa;

	/**
	 * @lock: makes look-up and reference one step against removal. Innermost
	 * of the ioctl layer: nothing is locked and nothing waited for under it,
	 * except memory allocation for @xa
	 */
	struct mutex lock;
};

/**
 * struct xe_file - state of one open device file
 */
struct xe_file {
	/** @xe: device */
	struct xe_device *xe;

	/** @drm: DRM core's side of the file */
	struct drm_file *drm;

	/** @vm: VMs by id */
	struct xe_file_table vm;

	/** @queue: exec queues by id */
	struct xe_file_table queue;

	/** @usage: engine time of all queues of the file (reference) */
	struct xe_usage *usage;

	/** @client_id: unique number of the file, shown in fdinfo */
	u64 client_id;
};

/**
 * to_xe_file() - driver state of a DRM file
 * @file: DRM file
 *
 * Return: the xe_file made when @file was opened.
 */
static inline struct xe_file *to_xe_file(const struct drm_file *file)
{
	return file->driver_priv;
}

int xe_file_open(struct drm_device *drm, struct drm_file *file);
void xe_file_postclose(struct drm_device *drm, struct drm_file *file);
void xe_file_show_fdinfo(struct drm_printer *p, struct drm_file *file);

int xe_file_vm_add(struct xe_file *xef, struct xe_vm *vm, u32 *id);
struct xe_vm *xe_file_vm_get(struct xe_file *xef, u32 id);
struct xe_vm *xe_file_vm_remove(struct xe_file *xef, u32 id);

int xe_file_queue_add(struct xe_file *xef, struct xe_exec_queue *q, u32 *id);
struct xe_exec_queue *xe_file_queue_get(struct xe_file *xef, u32 id);
struct xe_exec_queue *xe_file_queue_remove(struct xe_file *xef, u32 id);

#endif
