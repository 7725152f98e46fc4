// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "migrate/xe_migrate_cmd.h"

#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "instructions/mi_cmds.h"

/**
 * DOC: Batches of the copy engine
 *
 * A batch that changes page tables is a list of stores between a beginning and an end. Arbitration
 * is off from the beginning on, and the ring frame that started the batch turns it on again. So
 * the context is never saved in the middle of a batch, and after a GT reset the whole batch can
 * simply be started once more: storing an entry twice is as good as storing it once.
 *
 * Everything has an even number of dwords. A store begins with a MI_NOOP, which puts its data on
 * an 8-byte boundary, where the engine reads 64-bit entries as such.
 *
 * The functions here are pure: they write the words they are given.
 */

/* MI_NOOP, header, address */
#define STORE_HEADER_DWORDS	4

/**
 * xe_migrate_store_dwords - length of the commands that store consecutive entries
 * @n: number of entries
 *
 * Context: any; pure.
 * Return: dwords xe_migrate_emit_store() writes, even
 */
u32 xe_migrate_store_dwords(u32 n)
{
	return DIV_ROUND_UP(n, MI_SDI_MAX_QW) * STORE_HEADER_DWORDS + 2 * n;
}

/**
 * xe_migrate_emit_begin - begin a batch
 * @dw: out: XE_MIGRATE_BEGIN_DWORDS dwords, 8-byte aligned
 *
 * Context: any; pure.
 * Return: number of dwords written
 */
u32 xe_migrate_emit_begin(u32 *dw)
{
	dw[0] = MI_ARB_ON_OFF;
	dw[1] = MI_NOOP;

	return XE_MIGRATE_BEGIN_DWORDS;
}

/**
 * xe_migrate_emit_store - store consecutive page-table entries
 * @dw: out: xe_migrate_store_dwords() dwords, 8-byte aligned
 * @addr: PPGTT address of the first entry, 8-byte aligned
 * @values: @n entries
 * @n: number of entries
 *
 * Context: any; pure.
 * Return: number of dwords written
 */
u32 xe_migrate_emit_store(u32 *dw, u64 addr, const u64 *values, u32 n)
{
	u32 *begin = dw;

	while (n) {
		u32 part = min(n, MI_SDI_MAX_QW);

		*dw++ = MI_NOOP;
		*dw++ = MI_STORE_DATA_IMM | MI_SDI_QWORD | MI_SDI_LEN_QW(part);
		*dw++ = lower_32_bits(addr);
		*dw++ = upper_32_bits(addr);
		memcpy(dw, values, part * sizeof(*values));

		dw += 2 * part;
		addr += part * sizeof(*values);
		values += part;
		n -= part;
	}

	return dw - begin;
}

/**
 * xe_migrate_emit_end - end a batch
 * @dw: out: XE_MIGRATE_END_DWORDS dwords
 *
 * Context: any; pure.
 * Return: number of dwords written
 */
u32 xe_migrate_emit_end(u32 *dw)
{
	dw[0] = MI_BATCH_BUFFER_END;
	dw[1] = MI_NOOP;

	return XE_MIGRATE_END_DWORDS;
}
