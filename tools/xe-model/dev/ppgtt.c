// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Per-process translation tables
 *
 * A walk reads one entry per level, from the root (or from a table a TLB remembers) to the leaf,
 * and records each of them. It also judges every entry by the rules of the format. A broken rule
 * does not end the walk unless hardware could not go on either: the report then shows the whole
 * walk, and the run goes on as far as it would on hardware.
 *
 * The code is pure: entries come from a callback, so that tests can walk trees in an array.
 */

#include "dev/ppgtt.h"

#include <stdio.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/mem.h"
#include "regs/xe_pte_bits.h"

#define VA_MASK ((1ull << 48) - 1)
#define INDEX_BITS 9
#define ENTRY_BYTES 8

struct ppgtt_format ppgtt_format_of(const struct xm_device *dev)
{
	const struct xm_platform *p = dev->platform;
	bool xe2 = p->graphics_ver >= 2000;

	return (struct ppgtt_format){
		.levels = p->ppgtt_levels,
		.dma_bits = p->dma_bits,
		.wb_pat = xe2 ? 2 : 0,
		.pat_valid = xe2 ? 0x0ff0ffff : 0xf,
		.compact = p->graphics_ver >= 1250,
		.devmem = xe2,
		.atomic = xe2,
		.ps64 = p->graphics_ver >= 1250,
	};
}

static void broken(struct ppgtt_walk *walk, const char *rule, const char *wrong)
{
	if (walk->rule)
		return;
	walk->rule = rule;
	walk->wrong = wrong;
}

static unsigned int level_shift(unsigned int level)
{
	return PPGTT_PAGE_SHIFT + INDEX_BITS * level;
}

/* PAT index of a leaf, gathered from where the format scatters it. */
static unsigned int leaf_pat(u64 entry, unsigned int level)
{
	u64 pat2 = level ? PPGTT_PDE_PAT2 : PPGTT_PTE_PAT2;

	return (entry & PPGTT_PAT0 ? 1 : 0) + (entry & PPGTT_PAT1 ? 2 : 0) +
	       (entry & pat2 ? 4 : 0) + (entry & PPGTT_PAT3 ? 8 : 0) +
	       (entry & PPGTT_PAT4 ? 16 : 0);
}

struct ppgtt_start ppgtt_root(const struct ppgtt_format *fmt, u64 root, struct ppgtt_walk *walk)
{
	walk->root = root;
	if ((root & 3) != 3)
		broken(walk, "pt-root", "root descriptor is not present and writable");
	else if (root & 0xfe4)
		broken(walk, "pt-root", "reserved bits 11:5 or 2 of the root descriptor are set");
	else if (((root >> 3) & 3) != (fmt->wb_pat & 3u))
		broken(walk, "pt-root", "root descriptor has not the write-back PAT index");
	else if ((root & PPGTT_ADDR_MASK) >> fmt->dma_bits || root >> 46)
		broken(walk, "pt-root", "root table lies beyond the device's address width");
	return (struct ppgtt_start){
		.table = root & PPGTT_ADDR_MASK,
		.level = fmt->levels - 1,
		.writable = true,
	};
}

static void judge(struct ppgtt_decoded *d, const char *rule, const char *wrong)
{
	if (d->rule)
		return;
	d->rule = rule;
	d->wrong = wrong;
}

static void decode_table(const struct ppgtt_format *fmt, u64 entry, unsigned int level,
			 struct ppgtt_decoded *d)
{
	d->kind = PPGTT_TABLE;
	d->addr = entry & PPGTT_ADDR_MASK;
	d->compact = level == 1 && fmt->compact && entry & PPGTT_COMPACT_CHILD;
	if (!(entry & PPGTT_WRITABLE))
		judge(d, "pt-table-entry", "entry that names a table is not writable");
	if (entry & 0xf24)
		judge(d, "pt-table-entry", "bits 11:8, 5 or 2 set in an entry naming a table");
	if (entry & PPGTT_COMPACT_CHILD && (level != 1 || !fmt->compact))
		judge(d, "pt-table-entry", "bit 6 (compact table) is not allowed here");
	if (entry >> 46)
		judge(d, "pt-table-entry", "bits 63:46 set in an entry naming a table");
	if (d->addr >> fmt->dma_bits)
		judge(d, "pt-table-entry", "table lies beyond the device's address width");
}

static void check_leaf(const struct ppgtt_format *fmt, u64 entry, unsigned int level, bool compact,
		       struct ppgtt_decoded *d)
{
	u64 addr = entry & PPGTT_ADDR_MASK;

	if (level)
		addr &= ~PPGTT_PDE_PAT2;
	if (addr & ((1ull << level_shift(level)) - 1))
		judge(d, "pt-leaf-align", "address of a large page is not aligned to its size");
	if (compact && addr & 0xf000)
		judge(d, "pt-leaf-align", "64 KiB page is not aligned");
	if (entry & 0x64)
		judge(d, "pt-leaf-bits", "bits 6, 5 or 2 set in a leaf");
	if (entry & PPGTT_PTE_PS64 && (level || compact))
		judge(d, "pt-leaf-bits", "64 KiB hint in a leaf that is not a plain 4 KiB one");
	if (entry & PPGTT_ATOMIC && !fmt->atomic)
		judge(d, "pt-leaf-bits", "atomic enable on a platform without it");
	if (entry & PPGTT_DEVMEM && !fmt->devmem)
		judge(d, "pt-leaf-bits", "device memory bit on a platform without it");
	if (entry & ~(PPGTT_ADDR_MASK | PPGTT_PAT3 | PPGTT_PAT4 | 0xfffull))
		judge(d, "pt-leaf-bits", "bits 63 or 60:46 set in a leaf");
	if (entry & PPGTT_NULL && addr)
		judge(d, "pt-leaf-null", "NULL leaf with an address");
	if (!(fmt->pat_valid >> d->pat & 1))
		judge(d, "pt-leaf-pat", "PAT index is reserved or does not exist");
	if (!(entry & (PPGTT_DEVMEM | PPGTT_NULL)) && addr >> fmt->dma_bits)
		judge(d, "pt-leaf-addr", "page lies beyond the device's address width");
}

static void decode_leaf(const struct ppgtt_format *fmt, u64 entry, unsigned int level, bool compact,
			struct ppgtt_decoded *d)
{
	d->kind = PPGTT_LEAF;
	d->page_shift = compact ? 16 : level_shift(level);
	d->addr = entry & PPGTT_ADDR_MASK & ~((1ull << d->page_shift) - 1);
	d->pat = leaf_pat(entry, level);
	d->null = entry & PPGTT_NULL;
	d->devmem = entry & PPGTT_DEVMEM;
	d->atomic = entry & PPGTT_ATOMIC;
	d->hint = fmt->ps64 && !level && !compact && entry & PPGTT_PTE_PS64;
	check_leaf(fmt, entry, level, compact, d);
}

struct ppgtt_decoded ppgtt_decode(const struct ppgtt_format *fmt, u64 entry, unsigned int level,
				  bool compact)
{
	struct ppgtt_decoded d = { .kind = PPGTT_EMPTY };

	if (!(entry & PPGTT_PRESENT)) {
		if (entry)
			judge(&d, "pt-not-present", "entry is not zero, but not present");
		return d;
	}
	d.writable = entry & PPGTT_WRITABLE;
	if (!level || (level <= 2 && entry & PPGTT_PDE_PAGE_SIZE)) {
		decode_leaf(fmt, entry, level, compact, &d);
	} else if (entry & PPGTT_PDE_PAGE_SIZE) {
		d.kind = PPGTT_MALFORMED;
		judge(&d, "pt-level", "page size bit set above level 2");
	} else {
		decode_table(fmt, entry, level, &d);
	}
	return d;
}

static enum walk_result finish_leaf(const struct ppgtt_decoded *d, struct ppgtt_walk *walk)
{
	walk->page_shift = d->page_shift;
	walk->addr = d->addr | (walk->va & ((1ull << d->page_shift) - 1));
	return d->null ? WALK_NULL : WALK_OK;
}

enum walk_result ppgtt_walk(const struct ppgtt_format *fmt, struct ppgtt_start start, u64 va,
			    ppgtt_read_fn read, void *ctx, struct ppgtt_walk *walk)
{
	unsigned int level = start.level;
	u64 table = start.table;
	bool compact = false;

	walk->va = va & VA_MASK;
	walk->start_writable = start.writable;
	walk->writable = start.writable;
	walk->n_steps = 0;
	for (;; level--) {
		unsigned int shift = compact ? 16 : level_shift(level);
		unsigned int index = (walk->va >> shift) & (compact ? 31 : 511);
		struct ppgtt_step *s = &walk->step[walk->n_steps++];
		struct ppgtt_decoded d;
		u64 entry = 0;

		*s = (struct ppgtt_step){ .table = table, .index = index, .level = level };
		if (!read(ctx, table + index * ENTRY_BYTES, &entry))
			return WALK_NO_TABLE;
		s->entry = entry;
		d = ppgtt_decode(fmt, entry, level, compact);
		if (d.rule)
			broken(walk, d.rule, d.wrong);
		if (d.kind == PPGTT_EMPTY)
			return WALK_NOT_PRESENT;
		if (d.kind == PPGTT_MALFORMED)
			return WALK_MALFORMED;
		walk->writable = walk->writable && d.writable;
		if (d.kind == PPGTT_LEAF)
			return finish_leaf(&d, walk);
		compact = d.compact;
		table = d.addr;
	}
}

const char *ppgtt_walk_result_name(enum walk_result result)
{
	static const char *const names[] = {
		[WALK_OK] = "mapped",
		[WALK_NULL] = "mapped to nothing (NULL)",
		[WALK_NOT_PRESENT] = "not present",
		[WALK_MALFORMED] = "malformed entry",
		[WALK_NO_TABLE] = "table outside accessible memory",
	};

	return names[result];
}

void ppgtt_walk_print(const struct ppgtt_walk *walk, char *buf, size_t len)
{
	size_t at = 0;
	int n;

	n = snprintf(buf, len, "  walk of 0x%012llx, root descriptor 0x%016llx",
		     (unsigned long long)walk->va, (unsigned long long)walk->root);
	at += n > 0 ? (size_t)n : 0;
	for (unsigned int i = 0; i < walk->n_steps && at < len; i++) {
		const struct ppgtt_step *s = &walk->step[i];

		n = snprintf(buf + at, len - at,
			     "\n    level %u table 0x%012llx entry %3u = 0x%016llx", s->level,
			     (unsigned long long)s->table, s->index, (unsigned long long)s->entry);
		at += n > 0 ? (size_t)n : 0;
	}
}

bool ppgtt_read_sys(void *ctx, u64 addr, u64 *entry)
{
	return sys_read64(ctx, addr, entry);
}
