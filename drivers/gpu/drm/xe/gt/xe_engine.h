/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_ENGINE_H_
#define _XE_ENGINE_H_

#include <linux/atomic.h>
#include <linux/types.h>

#include "base/xe_platform.h"

struct xe_bo;
struct xe_gt;

#define XE_ENGINE_NAME_LEN	8

/**
 * struct xe_engine - one present engine of a GT
 */
struct xe_engine {
	/** @gt: the GT it belongs to */
	struct xe_gt *gt;
	/** @id: hardware id */
	enum xe_engine_id id;
	/** @class: engine class */
	enum xe_engine_class class;
	/** @instance: physical instance within the class */
	u8 instance;
	/** @logical_instance: instance counted over the present engines of the class, from 0 */
	u8 logical_instance;
	/** @mmio_base: start of the register block, bytes into the register BAR */
	u32 mmio_base;
	/** @name: short name */
	char name[XE_ENGINE_NAME_LEN];
	/** @status_page: the engine's 4 KiB status page (RING_HWS_PGA) */
	struct xe_bo *status_page;
	/**
	 * @retired: address of the ring (high half) and run time that the registers show of a
	 * context that was freed; another one may have the address now. See xe_usage.c
	 */
	atomic64_t retired;
	/** @irq_registered: the interrupt handler is installed */
	bool irq_registered;
};

int xe_engine_create(struct xe_gt *gt, enum xe_engine_id id, u8 logical_instance);
int xe_engine_init(struct xe_engine *hwe);
void xe_engine_program(struct xe_engine *hwe);
void xe_engine_fini(struct xe_engine *hwe);

#endif
