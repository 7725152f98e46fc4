/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_ENGINE_SNAPSHOT_H_
#define _XE_ENGINE_SNAPSHOT_H_

#include <linux/types.h>

#include "gt/xe_engine.h"

struct drm_printer;

/* registers of an engine that are worth a look */
#define XE_ENGINE_SNAPSHOT_REGS	20

/**
 * struct xe_engine_snapshot - registers of one engine at one time
 */
struct xe_engine_snapshot {
	/** @name: the engine */
	char name[XE_ENGINE_NAME_LEN];
	/** @logical_instance: instance counted over the present engines of its class */
	u8 logical_instance;
	/** @value: registers in the order of the table in xe_engine_snapshot.c */
	u64 value[XE_ENGINE_SNAPSHOT_REGS];
};

void xe_engine_snapshot_take(struct xe_engine_snapshot *s, const struct xe_engine *hwe);
void xe_engine_snapshot_print(const struct xe_engine_snapshot *s, struct drm_printer *p);

#endif
