/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PTE_H_
#define _XE_PTE_H_

#include "pt/xe_pt_internal.h"
#include "regs/xe_pte_bits.h"

/* Deepest tree: levels 4 (root) to 0. */
#define XE_PT_MAX_LEVELS	5
/* Largest page is 1 GiB: leaves exist at levels 0 to 2. */
#define XE_PT_MAX_LEAF_LEVEL	2

/**
 * enum xe_pt_format_id - page-table formats
 * @XE_PT_FORMAT_XELP: graphics 12.00 (Tiger Lake): 4 levels, tables and pages in system memory
 * @XE_PT_FORMAT_XE2_DGFX: graphics 20.01 (Battlemage): 5 levels, device memory
 * @XE_PT_FORMAT_COUNT: number of formats
 */
enum xe_pt_format_id {
	XE_PT_FORMAT_XELP,
	XE_PT_FORMAT_XE2_DGFX,
	XE_PT_FORMAT_COUNT,
};

/**
 * struct xe_pt_format - everything that differs between platforms
 * @name: for messages
 * @root_level: level of the root table
 * @va_bits: bits of a valid GPU virtual address
 * @n_pat: PAT indices below this one can be encoded
 * @pat_wb: PAT index used for tables and scratch entries
 * @addr_mask: bits of an entry that hold an address (4 KiB granularity)
 * @devmem: bit that marks an address in device memory, 0 if the platform has none
 * @scratch_devmem: @devmem if scratch entries carry it, else 0
 * @atomic: bit that allows device atomics, 0 if the platform has none
 */
struct xe_pt_format {
	const char *name;
	u8 root_level;
	u8 va_bits;
	u16 n_pat;
	u16 pat_wb;
	u64 addr_mask;
	u64 devmem;
	u64 scratch_devmem;
	u64 atomic;
};

/**
 * struct xe_pte - one hardware entry of a PPGTT table, as the GPU reads it
 * @raw: the bits
 */
struct xe_pte {
	u64 raw;
};

/**
 * struct xe_pte_attrs - attributes of a mapping
 * @pat_index: PAT index, below &xe_pt_format.n_pat
 * @writable: the GPU may write
 * @null: no memory behind it: reads give zero, writes are dropped
 * @atomic: the GPU may do atomics; ignored where entries have no such bit
 */
struct xe_pte_attrs {
	u16 pat_index;
	bool writable;
	bool null;
	bool atomic;
};

/**
 * struct xe_pte_info - a decoded leaf
 * @addr: address of the page, 0 if @attrs.null
 * @attrs: attributes
 * @devmem: @addr is in device memory
 */
struct xe_pte_info {
	u64 addr;
	struct xe_pte_attrs attrs;
	bool devmem;
};

/**
 * xe_pt_level_shift() - size of the range of one entry
 * @level: level of the table the entry is in
 *
 * Return: log2 of bytes: 12, 21, 30, 39, 48 for levels 0 to 4.
 */
static inline unsigned int xe_pt_level_shift(unsigned int level)
{
	return PPGTT_PAGE_SHIFT + PPGTT_TABLE_SHIFT * level;
}

/**
 * xe_pt_level_size() - size of the range of one entry
 * @level: level of the table the entry is in
 *
 * Return: bytes.
 */
static inline u64 xe_pt_level_size(unsigned int level)
{
	return 1ULL << xe_pt_level_shift(level);
}

/**
 * xe_pt_slot_of() - slot of an address in its table of some level
 * @va: GPU virtual address
 * @level: level of the table
 *
 * Return: 0 to 511.
 */
static inline unsigned int xe_pt_slot_of(u64 va, unsigned int level)
{
	return va >> xe_pt_level_shift(level) & (PPGTT_TABLE_ENTRIES - 1);
}

/**
 * xe_pte_is_present() - does the entry lead anywhere?
 * @pte: entry of any level
 *
 * Return: true if it maps a page or points to a table.
 */
static inline bool xe_pte_is_present(struct xe_pte pte)
{
	return pte.raw & PPGTT_PRESENT;
}

/**
 * xe_pte_is_leaf() - does the entry map a page, as opposed to pointing to a table?
 * @pte: entry, present
 * @level: level of the table it is in
 *
 * Return: true if it maps a page.
 */
static inline bool xe_pte_is_leaf(struct xe_pte pte, unsigned int level)
{
	return !level || (pte.raw & PPGTT_PDE_PAGE_SIZE);
}

const struct xe_pt_format *xe_pt_format_get(enum xe_pt_format_id id);

u64 xe_pte_leaf_flags(const struct xe_pt_format *fmt, unsigned int level,
		      const struct xe_pte_attrs *attrs);
struct xe_pte xe_pte_leaf(const struct xe_pt_format *fmt, unsigned int level, u64 addr,
			  const struct xe_pte_attrs *attrs);
struct xe_pte xe_pte_table(const struct xe_pt_format *fmt, u64 dma);
struct xe_pte xe_pte_scratch(const struct xe_pt_format *fmt, unsigned int level);
struct xe_pte xe_pte_split(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte leaf,
			   u64 *step);
u64 xe_pte_addr(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte pte);
void xe_pte_decode(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte leaf,
		   struct xe_pte_info *info);
const char *xe_pte_check(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte pte);

u64 xe_ggtt_pte_encode(u64 addr, u16 pat_bits, bool devmem);

#endif
