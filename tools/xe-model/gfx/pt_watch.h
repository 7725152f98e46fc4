/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_PT_WATCH_H
#define XM_GFX_PT_WATCH_H

#include "dev/ppgtt.h"
#include "util/types.h"

struct pt_watch;
struct xm_device;

/** pt_watch_create() - Return: a watcher that knows no table, NULL without memory. */
struct pt_watch *pt_watch_create(void);

/**
 * pt_watch_destroy() - free
 * @w: watcher, NULL is allowed
 */
void pt_watch_destroy(struct pt_watch *w);

/**
 * pt_watch_forget() - know no table any more: guest memory has got other owners
 * @w: watcher
 */
void pt_watch_forget(struct pt_watch *w);

/**
 * pt_watch_walk() - learn from the walk of an engine, while a trace is being written
 * @dev: device
 * @walk: the walk; its tables are watched from now on, its entries are compared
 *
 * Context: dma_read_lock() held.
 */
void pt_watch_walk(struct xm_device *dev, const struct ppgtt_walk *walk);

/**
 * pt_watch_store() - an engine has stored, while a trace is being written
 * @dev: device
 * @engine: its name
 * @ptr: host pointer to the first byte
 * @len: bytes, inside of one page
 *
 * Context: dma_read_lock() held.
 */
void pt_watch_store(struct xm_device *dev, const char *engine, const void *ptr, size_t len);

/**
 * pt_watch_compare() - look at every watched table for stores of the host
 * @dev: device
 *
 * Does nothing while no trace is being written.
 *
 * Context: dma_read_lock() not held.
 */
void pt_watch_compare(struct xm_device *dev);

#endif
