// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: PAT
 *
 * Page-table entries name a row of the page attribute table for their caching policy. The table
 * is the same for every process and programmed once; user space chooses rows by number when it
 * binds, so order and content are part of the contract (Documentation/hardware/uapi.md, 7.3).
 */

#include "hw/xe_pat.h"

#include <linux/array_size.h>
#include <linux/build_bug.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "hw/xe_mmio.h"
#include "regs/xe_gt_regs.h"

struct pat_row {
	const char *name;
	u32 value;
	enum xe_coherency coherency;
};

struct pat_table {
	const struct pat_row *rows;
	u8 n;
};

/*
 * All accesses of a Tiger Lake GT snoop the CPU caches, whatever the memory type. The coherency
 * column is a promise to user space that holds on other platforms as well.
 */
static const struct pat_row xelp_rows[] = {
	{ "WB", XELP_PAT_WB, XE_COH_1WAY },
	{ "WC", XELP_PAT_WC, XE_COH_NONE },
	{ "WT", XELP_PAT_WT, XE_COH_NONE },
	{ "UC", XELP_PAT_UC, XE_COH_NONE },
};

static const struct pat_table pat_tables[] = {
	[XE_TIGERLAKE] = {
		.rows = xelp_rows, .n = ARRAY_SIZE(xelp_rows),
	},
};

static const struct pat_table *pat_table(const struct xe_platform *platform)
{
	return &pat_tables[platform->id];
}

static u32 pat_reg(unsigned int i)
{
	return i < 8 ? XELP_PAT_INDEX(i) : XE_PAT_INDEX_HIGH(i);
}

/**
 * xe_pat_program - write the table
 * @mmio: register view of a GT; its GT power domain is awake
 * @platform: platform
 *
 * Context: any; at init and after a GT reset.
 */
void xe_pat_program(const struct xe_mmio *mmio, const struct xe_platform *platform)
{
	const struct pat_table *t = pat_table(platform);
	unsigned int i;

	for (i = 0; i < t->n; i++)
		xe_mmio_write32(mmio, pat_reg(i), t->rows[i].value);
}

/**
 * xe_pat_n_entries - number of rows user space may name
 * @xe: device
 *
 * Context: any.
 * Return: the count; indices run from 0 to one less.
 */
u16 xe_pat_n_entries(const struct xe_device *xe)
{
	return pat_table(xe->platform)->n;
}

/**
 * xe_pat_is_valid - whether a row exists
 * @xe: device
 * @idx: index, any value
 *
 * Context: any.
 * Return: true if page-table entries may use the index.
 */
bool xe_pat_is_valid(const struct xe_device *xe, u32 idx)
{
	return idx < xe_pat_n_entries(xe);
}

/**
 * xe_pat_coherency - how accesses through a row see CPU caches
 * @xe: device
 * @idx: valid index
 *
 * Context: any.
 * Return: the coherency class.
 */
enum xe_coherency xe_pat_coherency(const struct xe_device *xe, u16 idx)
{
	return pat_table(xe->platform)->rows[idx].coherency;
}

/**
 * xe_pat_print - show the table as the hardware has it
 * @mmio: register view of a GT; its GT power domain is awake
 * @platform: platform
 * @p: where to print
 *
 * Context: as the printer.
 */
void xe_pat_print(const struct xe_mmio *mmio, const struct xe_platform *platform,
		  struct drm_printer *p)
{
	const struct pat_table *t = pat_table(platform);
	unsigned int i;

	drm_puts(p, "PAT table:\n");
	for (i = 0; i < t->n; i++) {
		u32 val = xe_mmio_read32(mmio, pat_reg(i));

		drm_printf(p, "PAT[%2u] = %s (%#8x)%s\n", i, t->rows[i].name, val,
			   val == t->rows[i].value ? "" : " differs from the driver's table");
	}
}
