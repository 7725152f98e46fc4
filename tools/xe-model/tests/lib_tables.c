// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_tables.h"

#include <string.h>

#include "tests/lib_cmocka.h"

u64 ram[MAX_TABLES][512];
static unsigned int n_tables;

const struct ppgtt_format xelp = {
	.levels = 4, .dma_bits = 39, .wb_pat = 0, .pat_valid = 0xf,
};

const struct ppgtt_format xe2 = {
	.levels = 5, .dma_bits = 46, .wb_pat = 2, .pat_valid = 0x0ff0ffff, .compact = true,
	.devmem = true, .atomic = true, .ps64 = true,
};

void tables_clear(unsigned int n)
{
	assert_in_range(n, 1, MAX_TABLES);
	n_tables = n;
	memset(ram, 0, n * sizeof(*ram));
}

u64 table(unsigned int n)
{
	return (n + 1ull) << 12;
}

u64 path(unsigned int n)
{
	for (unsigned int i = n; i < n + 3; i++)
		ram[i][0] = table(i + 1) | RW;
	return table(n) | RW;
}

bool read_table(void *ctx, u64 addr, u64 *entry, unsigned int n)
{
	u64 page = (addr >> 12) - 1;
	unsigned int first = addr >> 3 & 511;

	if (page >= n_tables)
		return false;
	assert_in_range(n, 1, 512 - first);
	memcpy(entry, &ram[page][first], n * sizeof(*entry));
	return true;
}

bool read_entry(void *ctx, u64 addr, u64 *entry)
{
	return read_table(ctx, addr, entry, 1);
}
