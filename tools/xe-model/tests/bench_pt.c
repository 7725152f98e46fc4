// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Measures checks of whole page tables: what a tree costs, and the longest part of it, for which an
 * engine stops. In processor time of this thread, best of a few runs.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dev/pt_check.h"
#include "regs/xe_pte_bits.h"
#include "util/types.h"

#define RUNS 5u
#define PART_TABLES 8u
#define MAX_TABLES 1024u
#define TABLES_AT 0x100000000ull
#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)

static u64 (*ram)[PPGTT_TABLE_ENTRIES];
static unsigned int n_tables;

static const struct ppgtt_format xelp = {
	.levels = 4, .dma_bits = 39, .wb_pat = 0, .pat_valid = 0xf,
};

static bool read_ram(void *ctx, u64 addr, u64 *entry, unsigned int n)
{
	const u64 *p = ram[(addr - TABLES_AT) / SZ_4K] + (addr >> 3 & 511);

	for (unsigned int i = 0; i < n; i++)
		entry[i] = __atomic_load_n(&p[i], __ATOMIC_ACQUIRE);
	return true;
}

static u64 reach(void *ctx, u64 addr, u64 len)
{
	return len;
}

static u64 running(void *ctx, u64 root)
{
	return 1;
}

static void report(void *ctx, const struct pt_finding *f)
{
	fprintf(stderr, "bench_pt: %s at 0x%012llx: %s\n", f->rule, (unsigned long long)f->va,
		f->wrong);
	exit(1);
}

static const struct pt_check_ops ops = { read_ram, reach, running, report };

static void map(u64 va, unsigned int level, u64 leaf)
{
	unsigned int at = 0;

	for (unsigned int l = 3; l > level; l--) {
		u64 *entry = &ram[at][va >> (12 + 9 * l) & 511];

		if (!*entry)
			*entry = (TABLES_AT + SZ_4K * (u64)n_tables++) | RW;
		at = (unsigned int)(((*entry & PPGTT_ADDR_MASK) - TABLES_AT) / SZ_4K);
	}
	ram[at][va >> (12 + 9 * level) & 511] = leaf | RW;
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

/**
 * struct cost - of a tree
 * @tree: all of it, nanoseconds
 * @part: the longest part, nanoseconds
 */
struct cost {
	u64 tree;
	u64 part;
};

static struct cost look(struct pt_check *check, u64 root)
{
	struct cost cost = { 0 };
	bool more = true;

	pt_check_want(check, root);
	while (more) {
		u64 begin = cpu_ns(), took;

		more = pt_check_step(check, root, 0, PART_TABLES, NULL);
		took = cpu_ns() - begin;
		cost.tree += took;
		cost.part = XM_MAX(cost.part, took);
	}
	return cost;
}

static void measure(const char *name)
{
	struct pt_check *check = pt_check_create(&xelp, &ops);
	struct cost best = { ~0ull, ~0ull };

	for (unsigned int i = 0; i < RUNS; i++) {
		struct cost cost = look(check, TABLES_AT | RW);

		best.tree = XM_MIN(best.tree, cost.tree);
		best.part = XM_MIN(best.part, cost.part);
	}
	printf("page tables, %-36s %4u tables: tree %8.1f us, longest part %6.1f us\n", name,
	       n_tables, best.tree / 1e3, best.part / 1e3);
	pt_check_destroy(check);
	memset(ram, 0, MAX_TABLES * sizeof(*ram));
	n_tables = 1;
}

int main(void)
{
	ram = calloc(MAX_TABLES, sizeof(*ram));
	if (!ram)
		return 1;
	n_tables = 1;
	for (u64 i = 0; i < 8; i++)
		map(0x100000 + i * SZ_4K, 0, 0x40000000 + i * SZ_4K);
	measure("8 pages of 4 KiB");
	for (u64 i = 0; i < 100000; i++)
		map(i * SZ_4K, 0, 0x200000000 + (i * 7919 % 1000000) * SZ_4K);
	measure("100000 scattered pages of 4 KiB");
	for (u64 i = 0; i < 1u << 18; i++)
		map(i * SZ_4K, 0, 0x200000000 + i * SZ_4K);
	measure("1 GiB in one piece, in pages of 4 KiB");
	for (u64 i = 0; i < 1u << 15; i++)
		map(i << 21, 1, (0x200000000 + ((i * 7919 % 65536) << 21)) | PPGTT_PDE_PAGE_SIZE);
	measure("64 GiB in scattered pages of 2 MiB");
	free(ram);
	return 0;
}
