/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PPGTT_H
#define XM_DEV_PPGTT_H

#include "util/types.h"

struct xm_device;

/* Deepest tree of any platform */
#define PPGTT_MAX_LEVELS 5

/**
 * struct ppgtt_format - geometry and entry format of a platform
 * @levels: levels of the tree; the root table has level @levels - 1
 * @dma_bits: width of a system address in an entry
 * @wb_pat: PAT index the root descriptor carries (low two bits)
 * @pat_valid: bit n set: PAT index n may be used
 * @compact: level-1 entries may name compact 64 KiB tables (bit 6)
 * @devmem: entries may point into device memory (bit 11)
 * @atomic: leaves have an atomic-enable bit (bit 10)
 * @ps64: hardware looks at the 64 KiB hint (bit 8); it may be set in any case
 */
struct ppgtt_format {
	u8 levels;
	u8 dma_bits;
	u8 wb_pat;
	u32 pat_valid;
	bool compact;
	bool devmem;
	bool atomic;
	bool ps64;
};

/**
 * enum walk_result - how a walk ended
 * @WALK_OK: a leaf with memory behind it
 * @WALK_NULL: a NULL leaf: reads give zero, writes vanish
 * @WALK_NOT_PRESENT: an entry on the way is not present
 * @WALK_MALFORMED: an entry no hardware can follow
 * @WALK_NO_TABLE: a table lies in memory the device cannot read
 */
enum walk_result {
	WALK_OK,
	WALK_NULL,
	WALK_NOT_PRESENT,
	WALK_MALFORMED,
	WALK_NO_TABLE,
};

/**
 * struct ppgtt_step - one entry read during a walk
 * @table: address of the table
 * @entry: the entry
 * @index: its index in the table
 * @level: level of the table
 */
struct ppgtt_step {
	u64 table;
	u64 entry;
	u16 index;
	u8 level;
};

/**
 * struct ppgtt_walk - a walk and all it saw
 * @root: root descriptor as given
 * @va: address, without the bits above the platform's width
 * @addr: memory address of @va, if the result is WALK_OK
 * @step: entries in the order they were read
 * @n_steps: number of @step
 * @page_shift: log2 of the page size of the leaf (12, 16, 21 or 30)
 * @start_writable: the entries above the first step allowed writes
 * @writable: every entry allowed writes
 * @rule: short name of the first broken rule, NULL if none
 * @wrong: what is wrong, if @rule is set
 */
struct ppgtt_walk {
	u64 root;
	u64 va;
	u64 addr;
	struct ppgtt_step step[PPGTT_MAX_LEVELS];
	u8 n_steps;
	u8 page_shift;
	bool start_writable;
	bool writable;
	const char *rule;
	const char *wrong;
};

/**
 * typedef ppgtt_read_fn - reads one entry of a table in one piece
 * @ctx: as given to the walk
 * @addr: address of the entry
 * @entry: set to the entry
 *
 * Return: false if the address cannot be read.
 */
typedef bool (*ppgtt_read_fn)(void *ctx, u64 addr, u64 *entry);

/**
 * enum ppgtt_kind - what an entry is
 * @PPGTT_EMPTY: not present
 * @PPGTT_TABLE: it names a table
 * @PPGTT_LEAF: it maps a page
 * @PPGTT_MALFORMED: no hardware could follow it
 */
enum ppgtt_kind {
	PPGTT_EMPTY,
	PPGTT_TABLE,
	PPGTT_LEAF,
	PPGTT_MALFORMED,
};

/**
 * struct ppgtt_decoded - an entry taken apart
 * @kind: what it is; the members below are 0 if they do not belong to the kind
 * @addr: address of the table or page
 * @page_shift: log2 of the page size of a leaf (12, 16, 21 or 30)
 * @pat: PAT index of a leaf
 * @writable: writes are allowed
 * @null: NULL leaf
 * @devmem: the page is in device memory
 * @atomic: atomic accesses are enabled
 * @hint: 64 KiB hint of a 4 KiB leaf, on platforms that look at it
 * @compact: the table is a compact one
 * @rule: short name of the first broken rule, NULL if none
 * @wrong: what is wrong, if @rule is set
 */
struct ppgtt_decoded {
	enum ppgtt_kind kind;
	u64 addr;
	u8 page_shift;
	u8 pat;
	bool writable;
	bool null;
	bool devmem;
	bool atomic;
	bool hint;
	bool compact;
	const char *rule;
	const char *wrong;
};

/**
 * ppgtt_decode() - take an entry apart and judge it
 * @fmt: format
 * @entry: the entry
 * @level: level of its table
 * @compact: its table is a compact one
 *
 * Return: all there is to know about the entry alone.
 */
struct ppgtt_decoded ppgtt_decode(const struct ppgtt_format *fmt, u64 entry, unsigned int level,
				  bool compact);

/**
 * struct ppgtt_start - where a walk begins
 * @table: address of the first table
 * @level: its level
 * @writable: the entries above allowed writes
 */
struct ppgtt_start {
	u64 table;
	u8 level;
	bool writable;
};

/** ppgtt_format_of() - Return: the entry format of @dev's platform. */
struct ppgtt_format ppgtt_format_of(const struct xm_device *dev);

/**
 * ppgtt_root() - check a root descriptor
 * @fmt: format
 * @root: descriptor (PDP0 of the context image)
 * @walk: @root is recorded here, and a broken rule
 *
 * Return: where a walk begins.
 */
struct ppgtt_start ppgtt_root(const struct ppgtt_format *fmt, u64 root, struct ppgtt_walk *walk);

/**
 * ppgtt_walk() - translate one address
 * @fmt: format
 * @start: where to begin: from ppgtt_root(), or a table remembered from an earlier walk
 * @va: address; bits above the platform's width are ignored
 * @read: reads entries
 * @ctx: handed to @read
 * @walk: set to all that was seen; a rule already recorded there is kept
 *
 * Checks every entry it reads, whether or not hardware would notice the mistake.
 *
 * Return: see enum walk_result.
 */
enum walk_result ppgtt_walk(const struct ppgtt_format *fmt, struct ppgtt_start start, u64 va,
			    ppgtt_read_fn read, void *ctx, struct ppgtt_walk *walk);

/** ppgtt_walk_result_name() - Return: words for @result. */
const char *ppgtt_walk_result_name(enum walk_result result);

/**
 * ppgtt_walk_print() - format a walk as readable lines
 * @walk: walk
 * @buf: destination
 * @len: bytes at @buf
 */
void ppgtt_walk_print(const struct ppgtt_walk *walk, char *buf, size_t len);

/**
 * ppgtt_read_sys() - ppgtt_read_fn for tables in guest memory
 * @ctx: struct xm_device
 * @addr: address of the entry
 * @entry: set to the entry
 *
 * Context: dma_read_lock() held.
 */
bool ppgtt_read_sys(void *ctx, u64 addr, u64 *entry);

#endif
