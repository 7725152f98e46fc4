// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_pte.h"

/**
 * DOC: Page-table entry formats
 *
 * Pure functions between meaning (address, attributes) and the bits of an entry. What differs
 * between platforms is a row of &struct xe_pt_format; the position of the PAT bits depends only on
 * the level, so that the encoder has no platform test.
 *
 * The 64 KiB page hint (bit 8) is never set: Xe_LP ignores it, and without it every 4 KiB entry can
 * be changed on its own.
 */

static const struct xe_pt_format formats[] = {
	[XE_PT_FORMAT_XELP] = {
		.name = "Xe_LP",
		.root_level = 3,
		.va_bits = 48,
		.n_pat = 4,
		.pat_wb = 0,
		.addr_mask = PPGTT_ADDR_MASK & ((1ULL << 39) - 1),
	},
	[XE_PT_FORMAT_XE2_DGFX] = {
		.name = "Xe2 discrete",
		.root_level = 4,
		.va_bits = 48,
		.n_pat = 28,
		.pat_wb = 2,
		.addr_mask = PPGTT_ADDR_MASK,
		.devmem = PPGTT_DEVMEM,
		.scratch_devmem = PPGTT_DEVMEM,
		.atomic = PPGTT_ATOMIC,
	},
};

static_assert(ARRAY_SIZE(formats) == XE_PT_FORMAT_COUNT);
static_assert(sizeof(struct xe_pte) == sizeof(u64));

/**
 * xe_pt_format_get() - look up a format
 * @id: which one
 *
 * Context: any.
 * Return: the format, or NULL if @id is out of range.
 */
const struct xe_pt_format *xe_pt_format_get(enum xe_pt_format_id id)
{
	return (unsigned int)id < ARRAY_SIZE(formats) ? &formats[id] : NULL;
}

/* PAT bits that sit at the same place in leaves and in entries that point to a table. */
static u64 pat_low_bits(u16 pat_index)
{
	return (pat_index & 0x1 ? PPGTT_PAT0 : 0) | (pat_index & 0x2 ? PPGTT_PAT1 : 0);
}

static u64 pat2_bit(unsigned int level)
{
	return level ? PPGTT_PDE_PAT2 : PPGTT_PTE_PAT2;
}

/**
 * xe_pte_leaf_flags() - everything in a leaf but its address
 * @fmt: format
 * @level: level of the leaf, 0 to XE_PT_MAX_LEAF_LEVEL
 * @attrs: attributes
 *
 * The caller adds the address and, for device memory, &xe_pt_format.devmem. A null leaf has address
 * zero.
 *
 * Context: any.
 * Return: the bits.
 */
u64 xe_pte_leaf_flags(const struct xe_pt_format *fmt, unsigned int level,
		      const struct xe_pte_attrs *attrs)
{
	u64 bits = PPGTT_PRESENT | pat_low_bits(attrs->pat_index);

	if (attrs->pat_index & 0x4)
		bits |= pat2_bit(level);
	if (attrs->pat_index & 0x8)
		bits |= PPGTT_PAT3;
	if (attrs->pat_index & 0x10)
		bits |= PPGTT_PAT4;
	if (attrs->writable)
		bits |= PPGTT_WRITABLE;
	if (attrs->null)
		bits |= PPGTT_NULL;
	if (attrs->atomic)
		bits |= fmt->atomic;
	if (level)
		bits |= PPGTT_PDE_PAGE_SIZE;
	return bits;
}

/**
 * xe_pte_leaf() - encode a page
 * @fmt: format
 * @level: level of the leaf, 0 to XE_PT_MAX_LEAF_LEVEL
 * @addr: bus address, aligned to the page size of @level; ignored if @attrs says null
 * @attrs: attributes
 *
 * Context: any.
 * Return: the entry.
 */
struct xe_pte xe_pte_leaf(const struct xe_pt_format *fmt, unsigned int level, u64 addr,
			  const struct xe_pte_attrs *attrs)
{
	u64 flags = xe_pte_leaf_flags(fmt, level, attrs);

	return (struct xe_pte){ attrs->null ? flags : flags | addr };
}

/**
 * xe_pte_table() - encode a pointer to a table
 * @fmt: format
 * @dma: address of the table, 4 KiB aligned
 *
 * The root descriptor of a context has the same form.
 *
 * Context: any.
 * Return: the entry.
 */
struct xe_pte xe_pte_table(const struct xe_pt_format *fmt, u64 dma)
{
	return (struct xe_pte){ dma | PPGTT_PRESENT | PPGTT_WRITABLE | pat_low_bits(fmt->pat_wb) };
}

/**
 * xe_pte_scratch() - encode the leaf that stands for "nothing mapped" in trees with scratch
 * @fmt: format
 * @level: level of the leaf, 0 to XE_PT_MAX_LEAF_LEVEL
 *
 * Context: any.
 * Return: the entry: reads give zero, writes are dropped.
 */
struct xe_pte xe_pte_scratch(const struct xe_pt_format *fmt, unsigned int level)
{
	const struct xe_pte_attrs attrs = {
		.pat_index = fmt->pat_wb,
		.writable = true,
		.null = true,
	};

	return (struct xe_pte){ xe_pte_leaf_flags(fmt, level, &attrs) | fmt->scratch_devmem };
}

/**
 * xe_pte_split() - describe a large page by entries one level down
 * @fmt: format
 * @level: level of @leaf, 1 to XE_PT_MAX_LEAF_LEVEL
 * @leaf: the large page
 * @step: out: what to add to get from one entry of the lower table to the next
 *
 * Context: any.
 * Return: entry 0 of the lower table.
 */
struct xe_pte xe_pte_split(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte leaf,
			   u64 *step)
{
	u64 raw = leaf.raw;

	*step = raw & PPGTT_NULL ? 0 : xe_pt_level_size(level - 1);
	if (level == 1) {
		raw &= ~(PPGTT_PDE_PAGE_SIZE | PPGTT_PDE_PAT2);
		if (leaf.raw & PPGTT_PDE_PAT2)
			raw |= PPGTT_PTE_PAT2;
	}
	return (struct xe_pte){ raw };
}

/**
 * xe_pte_addr() - address in an entry
 * @fmt: format
 * @level: level of the table the entry is in
 * @pte: entry, present
 *
 * Context: any.
 * Return: address of the page or table the entry leads to.
 */
u64 xe_pte_addr(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte pte)
{
	u64 addr = pte.raw & fmt->addr_mask;

	return xe_pte_is_leaf(pte, level) ? addr & ~(xe_pt_level_size(level) - 1) : addr;
}

/**
 * xe_pte_decode() - take a leaf apart
 * @fmt: format
 * @level: level of the leaf, 0 to XE_PT_MAX_LEAF_LEVEL
 * @leaf: the leaf, present
 * @info: out: its meaning
 *
 * Context: any.
 */
void xe_pte_decode(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte leaf,
		   struct xe_pte_info *info)
{
	u16 pat = 0;

	if (leaf.raw & PPGTT_PAT0)
		pat |= 0x1;
	if (leaf.raw & PPGTT_PAT1)
		pat |= 0x2;
	if (leaf.raw & pat2_bit(level))
		pat |= 0x4;
	if (leaf.raw & PPGTT_PAT3)
		pat |= 0x8;
	if (leaf.raw & PPGTT_PAT4)
		pat |= 0x10;

	*info = (struct xe_pte_info){
		.addr = xe_pte_addr(fmt, level, leaf),
		.attrs.pat_index = pat,
		.attrs.writable = leaf.raw & PPGTT_WRITABLE,
		.attrs.null = leaf.raw & PPGTT_NULL,
		.attrs.atomic = leaf.raw & fmt->atomic,
		.devmem = leaf.raw & fmt->devmem,
	};
}

/* Bits that may be set in a leaf of @level. */
static u64 leaf_bits(const struct xe_pt_format *fmt, unsigned int level)
{
	u64 bits = PPGTT_PRESENT | PPGTT_WRITABLE | PPGTT_PAT0 | PPGTT_PAT1 | PPGTT_NULL |
		   fmt->devmem | fmt->atomic;

	bits |= fmt->addr_mask & ~(xe_pt_level_size(level) - 1);
	if (fmt->n_pat > 4)
		bits |= pat2_bit(level);
	if (fmt->n_pat > 8)
		bits |= PPGTT_PAT3;
	if (fmt->n_pat > 16)
		bits |= PPGTT_PAT4;
	if (level)
		bits |= PPGTT_PDE_PAGE_SIZE;
	return bits;
}

/**
 * xe_pte_check() - does an entry keep to the format?
 * @fmt: format
 * @level: level of the table the entry is in
 * @pte: entry; 0 is always fine
 *
 * Context: any.
 * Return: NULL if it does, else the rule it breaks.
 */
const char *xe_pte_check(const struct xe_pt_format *fmt, unsigned int level, struct xe_pte pte)
{
	struct xe_pte_info info;

	if (!pte.raw)
		return NULL;
	if (!xe_pte_is_present(pte))
		return "a non-zero entry is present";

	if (!xe_pte_is_leaf(pte, level)) {
		u64 fixed = xe_pte_table(fmt, 0).raw;

		return (pte.raw & ~fmt->addr_mask) == fixed ? NULL :
		       "an entry that points to a table has no flags but present, writable, PAT";
	}

	if (level > XE_PT_MAX_LEAF_LEVEL)
		return "pages exist at levels 0 to 2 only";
	if (pte.raw & ~leaf_bits(fmt, level))
		return "reserved bits are zero and the address is aligned";
	xe_pte_decode(fmt, level, pte, &info);
	if (info.attrs.pat_index >= fmt->n_pat)
		return "the PAT index exists";
	if (info.attrs.null && info.addr)
		return "a null page has address zero";
	return NULL;
}

/**
 * xe_ggtt_pte_encode() - encode an entry of the global table
 * @addr: address of a 4 KiB page
 * @pat_bits: PAT index, 0 to 3; must be 0 before graphics 12.70, where entries have no such field
 * @devmem: @addr is in device memory
 *
 * Context: any.
 * Return: the entry.
 */
u64 xe_ggtt_pte_encode(u64 addr, u16 pat_bits, bool devmem)
{
	u64 raw = (addr & GGTT_ADDR_MASK) | GGTT_PRESENT;

	if (devmem)
		raw |= GGTT_DEVMEM;
	if (pat_bits & 0x1)
		raw |= GGTT_PAT0;
	if (pat_bits & 0x2)
		raw |= GGTT_PAT1;
	return raw;
}
