/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_GGTT_H
#define XM_DEV_GGTT_H

#include "util/types.h"

struct xm_device;

/**
 * enum ggtt_client - who translates; each remembers on its own
 * @GGTT_GUC: the GuC: transport, firmware image, ADS, status and work queues of contexts
 * @GGTT_ENGINES: rings, context images, and commands with addresses in the global table
 * @GGTT_CLIENTS: number of kinds
 */
enum ggtt_client {
	GGTT_GUC,
	GGTT_ENGINES,
	GGTT_CLIENTS,
};

/**
 * struct ggtt_hit - a translation
 * @dma: guest physical address
 * @entry: the entry it was made with
 * @now: the entry in the table, if @stale
 * @stale: @entry is a remembered one that differs from the table, and nobody was told so far: the
 *         caller has to report it
 */
struct ggtt_hit {
	u64 dma;
	u64 entry;
	u64 now;
	bool stale;
};

/**
 * ggtt_create() - prepare the caches of a device
 * @dev: device with its table mapped
 *
 * Return: 0 or -ENOMEM.
 */
int ggtt_create(struct xm_device *dev);

/**
 * ggtt_destroy() - free the caches
 * @dev: device; a no-op without caches
 */
void ggtt_destroy(struct xm_device *dev);

/**
 * ggtt_forget() - invalidate what a kind of client remembers
 * @dev: device
 * @who: kind of client
 *
 * Context: any thread; takes the lock of the cache only.
 */
void ggtt_forget(struct xm_device *dev, enum ggtt_client who);

/**
 * ggtt_lookup() - translate through the global table
 * @dev: device
 * @who: kind of client
 * @addr: GGTT byte address; the table covers 4 GiB at most
 * @hit: set
 *
 * A malformed entry is reported as a violation when it is remembered.
 *
 * Context: any thread.
 * Return: true, or false if the entry is not present or @addr lies outside the table.
 */
bool ggtt_lookup(struct xm_device *dev, enum ggtt_client who, u64 addr, struct ggtt_hit *hit);

/**
 * ggtt_print_stale() - words for a stale translation
 * @hit: what ggtt_lookup() found
 * @addr: GGTT byte address
 * @buf: destination
 * @len: bytes at @buf
 */
void ggtt_print_stale(const struct ggtt_hit *hit, u64 addr, char *buf, size_t len);

/**
 * ggtt_entry() - the entry of a GGTT address as it is in the table
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
 * ggtt_translate() - translate for the GuC
 * @dev: device
 * @addr: GGTT byte address; the table covers 4 GiB at most
 * @dma: set to the guest physical address
 *
 * As ggtt_lookup(); a stale translation is reported. The functions below use it.
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
