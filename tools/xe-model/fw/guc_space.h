/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_SPACE_H
#define XM_FW_GUC_SPACE_H

#include "fw/guc_ctx.h"
#include "util/types.h"

/**
 * struct guc_space - the address space of an LRC, as its image says
 * @root: root descriptor
 * @asid: its number; 0 on platforms without
 */
struct guc_space {
	u64 root;
	u32 asid;
};

/**
 * guc_space_of() - read the address space of an LRC from its image
 * @dev: device
 * @desc: context descriptor
 * @space: set
 *
 * Context: dma_read_lock() not held.
 * Return: false if the context has no address space, or its image cannot be read.
 */
bool guc_space_of(struct xm_device *dev, u64 desc, struct guc_space *space);

/**
 * typedef guc_space_fn - called for an address space
 * @space: the address space; one that several contexts use comes several times
 * @ctx: as given to guc_space_each()
 */
typedef void (*guc_space_fn)(const struct guc_space *space, void *ctx);

/**
 * guc_space_each() - the address spaces of all registered contexts
 * @sched: scheduler
 * @fn: called for each LRC that has one
 * @ctx: handed to @fn
 *
 * Context: sched->lock held, dma_read_lock() not held.
 */
void guc_space_each(struct guc_sched *sched, guc_space_fn fn, void *ctx);

#endif
