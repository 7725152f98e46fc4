// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: MOCS
 *
 * Commands and surface states name a row of this table for their caching policy. Its indices are
 * fixed between kernel and user space for a platform. On Tiger Lake a row has two halves: a 32-bit
 * word for the LLC and eDRAM, and a 16-bit one for L3; two L3 words share a register.
 */

#include "hw/xe_mocs.h"

#include <linux/array_size.h>

#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "hw/xe_mmio.h"
#include "regs/xe_gt_regs.h"

struct mocs_row {
	u8 index;
	u16 l3;
	u32 global;
};

struct mocs_table {
	const struct mocs_row *rows;
	unsigned int n_rows;
	unsigned int n_entries;
	u8 unused_index;
};

/* Documentation/hardware/mmio.md, 5.9 */
static const struct mocs_row tgl_rows[] = {
	{ 2, 0x30, 0x37 },
	{ 3, 0x10, 0x05 },
	{ 4, 0x30, 0x05 },
	{ 5, 0x10, 0x37 },
	{ 6, 0x10, 0x17 },
	{ 7, 0x30, 0x17 },
	{ 8, 0x10, 0x27 },
	{ 9, 0x30, 0x27 },
	{ 10, 0x10, 0x77 },
	{ 11, 0x30, 0x77 },
	{ 12, 0x10, 0x57 },
	{ 13, 0x30, 0x57 },
	{ 14, 0x10, 0x67 },
	{ 15, 0x30, 0x67 },
	{ 18, 0x30, 0x60037 },
	{ 19, 0x30, 0x737 },
	{ 20, 0x30, 0x337 },
	{ 21, 0x30, 0x137 },
	{ 22, 0x30, 0x3b7 },
	{ 23, 0x30, 0x7b7 },
	{ 48, 0x30, 0x37 },
	{ 49, 0x30, 0x05 },
	{ 50, 0x10, 0x37 },
	{ 51, 0x10, 0x05 },
	{ 60, 0x10, 0x37 },
	{ 61, 0x30, 0x05 },
	{ 62, 0x10, 0x37 },
	{ 63, 0x10, 0x37 },
};

static const struct mocs_table mocs_tables[] = {
	[XE_TIGERLAKE] = {
		.rows = tgl_rows, .n_rows = ARRAY_SIZE(tgl_rows), .n_entries = XELP_MOCS_ENTRIES,
		.unused_index = 2,
	},
};

static const struct mocs_row *find_row(const struct mocs_table *t, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < t->n_rows; i++)
		if (t->rows[i].index == index)
			return &t->rows[i];

	return NULL;
}

/* An index that nobody defined behaves like the platform's default row. */
static const struct mocs_row *row_of(const struct mocs_table *t, unsigned int index)
{
	return find_row(t, index) ?: find_row(t, t->unused_index);
}

static u32 l3_word(const struct mocs_table *t, unsigned int reg)
{
	return row_of(t, 2 * reg)->l3 | (u32)row_of(t, 2 * reg + 1)->l3 << 16;
}

/**
 * xe_mocs_program - write the table
 * @mmio: register view of a GT; its GT and render power domains are awake
 * @platform: platform
 *
 * Context: any; at init and after a GT reset.
 */
void xe_mocs_program(const struct xe_mmio *mmio, const struct xe_platform *platform)
{
	const struct mocs_table *t = &mocs_tables[platform->id];
	unsigned int i;

	for (i = 0; i < t->n_entries; i++)
		xe_mmio_write32(mmio, GLOBAL_MOCS(i), row_of(t, i)->global);
	for (i = 0; i < t->n_entries / 2; i++)
		xe_mmio_write32(mmio, LNCFCMOCS(i), l3_word(t, i));
}

/**
 * xe_mocs_print - show the table as the hardware has it
 * @mmio: register view of a GT; its GT and render power domains are awake
 * @platform: platform
 * @p: where to print
 *
 * Context: as the printer.
 */
void xe_mocs_print(const struct xe_mmio *mmio, const struct xe_platform *platform,
		   struct drm_printer *p)
{
	const struct mocs_table *t = &mocs_tables[platform->id];
	unsigned int i;

	drm_puts(p, "Global MOCS table:\n");
	for (i = 0; i < t->n_entries; i++)
		drm_printf(p, "GLOB_MOCS[%u] = %#010x\n", i, xe_mmio_read32(mmio, GLOBAL_MOCS(i)));

	drm_puts(p, "L3 MOCS table:\n");
	for (i = 0; i < t->n_entries; i++) {
		u32 val = xe_mmio_read32(mmio, LNCFCMOCS(i / 2));

		drm_printf(p, "LNCFCMOCS[%u] = %#06x\n", i, i % 2 ? val >> 16 : val & 0xffff);
	}
}
