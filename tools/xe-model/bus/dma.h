/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_BUS_DMA_H
#define XM_BUS_DMA_H

#include "util/types.h"

struct dma_space;

/** dma_create() - Return: an empty map of guest memory, NULL without memory. */
struct dma_space *dma_create(void);

/**
 * dma_destroy() - drop every mapping and free the map
 * @space: map, NULL is allowed
 */
void dma_destroy(struct dma_space *space);

/* Rights of an entry, equal to the flags of the DMA_MAP message. */
#define DMA_READ 0x1u
#define DMA_WRITE 0x2u

/**
 * dma_map() - add a range of guest memory
 * @space: map
 * @addr: guest physical address, 4 KiB aligned
 * @len: bytes, 4 KiB aligned, not 0
 * @rights: DMA_READ and, or DMA_WRITE
 * @fd: file that holds the memory (not consumed), or -1: the range exists but cannot be accessed
 * @offset: where @addr lies in the file, 4 KiB aligned
 *
 * Each file (device and inode) is mapped once as a whole and stays mapped until dma_reset().
 *
 * Context: bus thread; takes the write side of the lock.
 * Return: 0, or
 * * -EINVAL - bad alignment, empty or wrapping range, bad rights, or @fd cannot back the range
 * * -EEXIST - the range overlaps an entry
 * * -ENOSPC - more than 65535 entries
 * * -ENOMEM - no memory
 */
int dma_map(struct dma_space *space, u64 addr, u64 len, u32 rights, int fd, u64 offset);

/**
 * dma_unmap() - remove whatever lies in a range, splitting entries that are partly inside
 * @space: map
 * @addr: first byte
 * @len: bytes; a range that reaches past 2^64 is cut there
 *
 * When it returns no engine uses the range any more: readers drop the lock soon.
 *
 * Context: bus thread; takes the write side of the lock.
 * Return: 0, -EINVAL if @len is 0, or -ENOMEM when a split found no memory (nothing changed).
 */
int dma_unmap(struct dma_space *space, u64 addr, u64 len);

/**
 * dma_reset() - drop all entries and unmap all files, at the end of a connection
 * @space: map
 *
 * Context: bus thread, all engines parked; takes the write side of the lock.
 */
void dma_reset(struct dma_space *space);

/** dma_count() - Return: number of entries of @space. */
size_t dma_count(struct dma_space *space);

/**
 * dma_set_bus_master() - follow the bus master enable bit of the PCI command register
 * @space: map
 * @on: new state; while off dma_ptr() finds nothing
 *
 * When it returns no engine uses memory by the old state: readers drop the lock soon.
 *
 * Context: bus thread; takes the write side of the lock.
 */
void dma_set_bus_master(struct dma_space *space, bool on);

/** dma_bus_master() - Return: whether @space may be accessed at all. */
bool dma_bus_master(struct dma_space *space);

/**
 * dma_set_window() - make part of guest memory inaccessible for a time
 * @space: map
 * @first: first byte of the range
 * @last: last byte of the range
 * @until: clock_ns() when it is over, UINT64_MAX = never, 0 = at once
 *
 * There is one window; a new one replaces it. A refused access excuses the violations of its thread
 * until the next dma_read_lock(), see log_excuse().
 *
 * Context: any thread. Accesses that hold a pointer of dma_ptr() may still end.
 */
void dma_set_window(struct dma_space *space, u64 first, u64 last, u64 until);

/**
 * dma_read_lock() - begin accesses through pointers of dma_ptr()
 * @space: map
 *
 * Held by an engine for some commands, dropped while waiting for anything and between two commands
 * as soon as dma_write_wanted(), because DMA_UNMAP (and with it the whole guest) waits for it. Not
 * recursive: a waiting unmap goes first.
 *
 * Context: any thread but the bus thread inside dma_map()/dma_unmap().
 */
void dma_read_lock(struct dma_space *space);

/** dma_read_unlock() - end accesses; pointers obtained before must not be used any more. */
void dma_read_unlock(struct dma_space *space);

/**
 * dma_write_wanted() - does a change of the map wait for readers?
 * @space: map
 *
 * Context: any thread.
 * Return: true if a holder of the read lock should drop it.
 */
bool dma_write_wanted(const struct dma_space *space);

/**
 * dma_generation() - number of the map's current state
 * @space: map, read lock held
 *
 * Return: a number, not 0, that every change of the map increases: what dma_ptr() returned stays
 * right, also after the lock was dropped and taken again, as long as the number is the same.
 */
u64 dma_generation(const struct dma_space *space);

/**
 * dma_ptr() - find guest memory
 * @space: map, read lock held
 * @addr: guest physical address
 * @len: bytes wanted, at least 1
 * @write: the access is a write
 * @avail: if not NULL: set to the number of bytes from @addr to the end of the entry, which may be
 *         less than @len (the caller then continues with the rest) or more. If NULL, all of @len
 *         has to lie in one entry.
 *
 * Guest memory changes under the reader at any time: read values once, use atomics for fences.
 *
 * Return: host pointer, or NULL if @addr is not mapped, has no memory behind it, forbids the
 * access, bus mastering is off, or a window hides it. *@avail is then 0.
 */
void *dma_ptr(struct dma_space *space, u64 addr, size_t len, bool write, size_t *avail);

/**
 * enum dma_state - why dma_ptr() returned NULL, for reports
 * @DMA_STATE_OK: it is accessible
 * @DMA_STATE_UNMAPPED: no entry
 * @DMA_STATE_NO_MEMORY: an entry without a descriptor (device memory, firmware)
 * @DMA_STATE_READ_ONLY: a write to a read-only entry
 * @DMA_STATE_NO_MASTER: bus mastering is disabled
 * @DMA_STATE_WINDOW: taken away for a time, dma_set_window()
 */
enum dma_state {
	DMA_STATE_OK,
	DMA_STATE_UNMAPPED,
	DMA_STATE_NO_MEMORY,
	DMA_STATE_READ_ONLY,
	DMA_STATE_NO_MASTER,
	DMA_STATE_WINDOW,
};

/**
 * dma_probe() - classify an address
 * @space: map, read lock held
 * @addr: guest physical address
 * @write: the access is a write
 *
 * Return: see enum dma_state.
 */
enum dma_state dma_probe(struct dma_space *space, u64 addr, bool write);

/** dma_state_name() - Return: short words for @state. */
const char *dma_state_name(enum dma_state state);

#endif
