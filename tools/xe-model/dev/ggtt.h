/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_GGTT_H
#define XM_DEV_GGTT_H

#include "util/types.h"

struct xm_device;

/**
 * ggtt_entry() - the entry of a GGTT address, read in one piece
 * @dev: device
 * @addr: GGTT byte address
 *
 * Context: any thread.
 * Return: the entry, 0 past the end of the table.
 */
u64 ggtt_entry(struct xm_device *dev, u64 addr);

/**
 * ggtt_check() - test an entry against the format of the platform
 * @dev: device
 * @entry: a GGTT entry
 *
 * Context: any thread.
 * Return: NULL, or what is wrong with a present entry in a few words.
 */
const char *ggtt_check(struct xm_device *dev, u64 entry);

/**
 * ggtt_translate() - translate through the global table
 * @dev: device
 * @addr: GGTT byte address; the table covers 4 GiB at most
 * @dma: set to the guest physical address
 *
 * A malformed entry is reported as a violation.
 *
 * Context: any thread.
 * Return: true, or false if the entry is not present or @addr lies outside the table.
 */
bool ggtt_translate(struct xm_device *dev, u64 addr, u64 *dma);

/**
 * ggtt_read() - copy from GGTT-mapped memory
 * @dev: device
 * @addr: GGTT byte address
 * @buf: destination
 * @len: bytes
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if a page is not present or not accessible.
 */
bool ggtt_read(struct xm_device *dev, u64 addr, void *buf, size_t len);

/**
 * ggtt_write() - copy to GGTT-mapped memory
 * @dev: device
 * @addr: GGTT byte address
 * @buf: source
 * @len: bytes
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if a page is not present or not accessible.
 */
bool ggtt_write(struct xm_device *dev, u64 addr, const void *buf, size_t len);

/**
 * ggtt_read32() - one atomic 32-bit load
 * @dev: device
 * @addr: GGTT byte address, 4-byte aligned
 * @val: set to the value
 *
 * Context: dma_read_lock() held.
 * Return: as ggtt_read().
 */
bool ggtt_read32(struct xm_device *dev, u64 addr, u32 *val);

/**
 * ggtt_write32() - one atomic 32-bit store with release order
 * @dev: device
 * @addr: GGTT byte address, 4-byte aligned
 * @val: value
 *
 * Context: dma_read_lock() held.
 * Return: as ggtt_write().
 */
bool ggtt_write32(struct xm_device *dev, u64 addr, u32 val);

#endif
