/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Page tables in an array, for tests of what reads them, and the formats they may have.
 */
#ifndef XM_TESTS_LIB_TABLES_H
#define XM_TESTS_LIB_TABLES_H

#include "dev/ppgtt.h"
#include "regs/xe_pte_bits.h"
#include "util/types.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define PS PPGTT_PDE_PAGE_SIZE
#define MAX_TABLES 2200u

/* Memory: the entries of each table */
extern u64 ram[MAX_TABLES][512];

/* As the platforms have it; Xe2 with five levels and memory of its own */
extern const struct ppgtt_format xelp;
extern const struct ppgtt_format xe2;

/** tables_clear() - empty all tables; memory ends behind the first @n. */
void tables_clear(unsigned int n);

/** table() - Return: address of a table; that of table 0 is 0x1000. */
u64 table(unsigned int n);

/** path() - let tables @n to @n + 3 lead to address 0. Return: entry for the first. */
u64 path(unsigned int n);

/** read_table() - read @n entries of one table from @addr on. Return: false if it is no memory. */
bool read_table(void *ctx, u64 addr, u64 *entry, unsigned int n);

/** read_entry() - read one entry. Return: false if it is no memory. */
bool read_entry(void *ctx, u64 addr, u64 *entry);

#endif
