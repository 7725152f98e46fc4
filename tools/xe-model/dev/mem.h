/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_MEM_H
#define XM_DEV_MEM_H

#include "util/types.h"

struct xm_device;

/*
 * System memory as the device sees it. Every function here needs dma_read_lock(dev->dma) held by
 * the caller, who drops it before waiting for anything.
 */

/**
 * sys_read() - copy from guest memory
 * @dev: device
 * @dma: guest physical address
 * @buf: destination
 * @len: bytes
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if a byte is not accessible (@buf is then undefined).
 */
bool sys_read(struct xm_device *dev, u64 dma, void *buf, size_t len);

/**
 * sys_write() - copy to guest memory
 * @dev: device
 * @dma: guest physical address
 * @buf: source
 * @len: bytes
 *
 * Aligned dwords and qwords are stored in one piece.
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if a byte is not accessible; what was accessible is written.
 */
bool sys_write(struct xm_device *dev, u64 dma, const void *buf, size_t len);

/**
 * sys_read32() - one atomic 32-bit load
 * @dev: device
 * @dma: guest physical address, 4-byte aligned
 * @val: set to the value
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if it is not accessible.
 */
bool sys_read32(struct xm_device *dev, u64 dma, u32 *val);

/**
 * sys_read64() - one atomic 64-bit load
 * @dev: device
 * @dma: guest physical address, 8-byte aligned
 * @val: set to the value
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if it is not accessible.
 */
bool sys_read64(struct xm_device *dev, u64 dma, u64 *val);

/**
 * sys_write32() - one atomic 32-bit store with release order
 * @dev: device
 * @dma: guest physical address, 4-byte aligned
 * @val: value
 *
 * Context: dma_read_lock() held.
 * Return: true, or false if it is not accessible.
 */
bool sys_write32(struct xm_device *dev, u64 dma, u32 val);

/**
 * mem_copy_in() - copy from memory the guest changes concurrently
 * @dst: private destination
 * @src: shared source
 * @len: bytes
 *
 * Aligned dwords are loaded in one piece.
 */
void mem_copy_in(void *dst, const void *src, size_t len);

/**
 * mem_copy_out() - copy to memory the guest reads concurrently
 * @dst: shared destination
 * @src: private source
 * @len: bytes
 *
 * Aligned qwords and dwords are stored in one piece, in ascending order.
 */
void mem_copy_out(void *dst, const void *src, size_t len);

#endif
