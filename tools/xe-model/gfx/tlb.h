/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_TLB_H
#define XM_GFX_TLB_H

#include "dev/ppgtt.h"
#include "util/types.h"

struct tlb;

/**
 * struct tlb_page - a translation
 * @addr: memory address of the 4 KiB page that was asked for
 * @job: for the user of the cache: the job that last compared it with the tables; 0 at first, and
 *       again whenever another page has taken its place in the small table
 * @host: for the user of the cache: where the page lies in the memory of this process
 * @host_gen: dma_generation() for which @host is right; 0 at first
 * @host_writable: @host may be written to
 * @shift: log2 of the size of the page it belongs to
 * @writable: writes are allowed
 * @null: reads give zero, writes vanish
 */
struct tlb_page {
	u64 addr;
	u64 job;
	u8 *host;
	u64 host_gen;
	bool host_writable;
	u8 shift;
	bool writable;
	bool null;
};

/** tlb_create() - Return: an empty translation cache, NULL without memory. */
struct tlb *tlb_create(void);

/**
 * tlb_destroy() - free
 * @tlb: cache, NULL is allowed
 */
void tlb_destroy(struct tlb *tlb);

/**
 * tlb_lookup() - find a translation
 * @tlb: cache
 * @root: root descriptor of the address space
 * @va: address
 *
 * Return: the translation of the 4 KiB page of @va, valid until the next call, or NULL if it is
 * not cached.
 */
struct tlb_page *tlb_lookup(struct tlb *tlb, u64 root, u64 va);

/**
 * tlb_start() - find the deepest table on the way to an address that is cached
 * @tlb: cache
 * @fmt: format
 * @root: root descriptor
 * @va: address
 * @start: set to where the walk may begin
 *
 * Return: true if a table is cached, false if the walk has to begin at the root.
 */
bool tlb_start(struct tlb *tlb, const struct ppgtt_format *fmt, u64 root, u64 va,
	       struct ppgtt_start *start);

/**
 * tlb_fill() - remember a successful walk: its leaf and every table on the way
 * @tlb: cache
 * @root: root descriptor
 * @walk: a walk that ended with @result
 * @result: WALK_OK or WALK_NULL
 *
 * Return: the translation of the 4 KiB page of the walk's address, valid until the next call.
 */
struct tlb_page *tlb_fill(struct tlb *tlb, u64 root, const struct ppgtt_walk *walk,
			  enum walk_result result);

/**
 * tlb_flush() - forget everything
 * @tlb: cache
 */
void tlb_flush(struct tlb *tlb);

/**
 * tlb_flush_root() - forget one address space
 * @tlb: cache
 * @root: root descriptor
 */
void tlb_flush_root(struct tlb *tlb, u64 root);

/**
 * struct tlb_entry - a cached entry, for inspection
 * @root: address of the root table
 * @va: first address it covers
 * @addr: page or table
 * @shift: log2 of the bytes it covers
 * @level: level of the table (@table only)
 * @table: a table on the way, not a leaf
 * @writable: every entry down to it allowed writes
 * @null: NULL leaf
 */
struct tlb_entry {
	u64 root;
	u64 va;
	u64 addr;
	u8 shift;
	u8 level;
	bool table;
	bool writable;
	bool null;
};

/**
 * struct tlb_query - which entries to list
 * @root: root descriptor, or 0 for every address space
 * @first: first address
 * @last: last address, inclusive; entries that cover any part of the range match
 */
struct tlb_query {
	u64 root;
	u64 first;
	u64 last;
};

/**
 * tlb_list() - copy out entries, in no order
 * @tlb: cache
 * @q: which
 * @out: destination, NULL to count only
 * @max: size of @out, in entries
 *
 * Return: number of entries that match; the first @max of them were copied.
 */
size_t tlb_list(const struct tlb *tlb, const struct tlb_query *q, struct tlb_entry *out,
		size_t max);

/** tlb_count() - Return: number of cached translations and tables. */
size_t tlb_count(const struct tlb *tlb);

/**
 * tlb_flush_range() - forget a range
 * @tlb: cache
 * @q: which entries
 *
 * Every leaf that touches the range is dropped, whatever its size, and every table on the way to an
 * address in it; nothing else.
 *
 * Return: number of entries dropped.
 */
size_t tlb_flush_range(struct tlb *tlb, const struct tlb_query *q);

#endif
