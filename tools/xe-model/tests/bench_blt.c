// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Speed of blits against memcpy() and memset() of the same size in the same run. Prints one line
 * per case: the best of a few runs, in processor time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bus/dma.h"
#include "instructions/blt_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_machine.h"

#define RUNS 5u
#define BYTES (64u << 20)
#define ROWS (BYTES / 4096)
#define BIG_DMA 0x40000000ull
#define VA_SRC 0x40000000u
#define VA_DST 0x80000000u
#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)

static struct machine *m;
static u8 *src, *dst;

static void fail(const char *why)
{
	fprintf(stderr, "bench_blt: %s\n", why);
	exit(1);
}

static void create(void)
{
	int fd = memfd_create("big", MFD_CLOEXEC);

	if (machine_setup((void **)&m) || fd < 0 || ftruncate(fd, 2 * BYTES))
		fail("no machine");
	machine_use_engines(m);
	src = mmap(NULL, 2 * BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (src == MAP_FAILED ||
	    dma_map(m->dev->dma, BIG_DMA, 2 * BYTES, DMA_READ | DMA_WRITE, fd, 0))
		fail("no memory");
	dst = src + BYTES;
	for (u32 i = 0; i < BYTES; i += SZ_4K) {
		*machine_leaf(m, VA_SRC + i) = (BIG_DMA + i) | RW;
		*machine_leaf(m, VA_DST + i) = (BIG_DMA + BYTES + i) | RW;
	}
	for (u32 i = 0; i < BYTES; i++)
		src[i] = i * 2654435761u >> 24;
}

/* Time of the processor, so that other programs on the machine count less. */
static u64 cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000ull + t.tv_nsec;
}

static double best(void (*once)(const u32 *dw, unsigned int n), const u32 *dw, unsigned int n)
{
	u64 least = ~0ull;

	for (unsigned int i = 0; i < RUNS; i++) {
		u64 start = cpu_ns(), took;

		once(dw, n);
		took = cpu_ns() - start;
		if (took < least)
			least = took;
	}
	return BYTES / (double)least;
}

static void once_memcpy(const u32 *dw, unsigned int n)
{
	memcpy(dst, src, BYTES);
}

static void once_memset(const u32 *dw, unsigned int n)
{
	memset(dst, n, BYTES);
}

/* From the ring of a new context: no batch, no page of it. */
static void once_blit(const u32 *dw, unsigned int n)
{
	u64 desc = machine_context(m, AT_FREE, XM_CLASS_COPY, true);

	machine_emit(m, AT_FREE, dw, n);
	if (machine_run(m, gfx_find(m->dev, 3, 0), desc) != ENGINE_IDLE)
		fail("a blit did not end");
}

static void line(const char *what, double rate, const char *base, double base_rate)
{
	printf("  %-44s %6.2f GB/s  %.2f of %s\n", what, rate, rate / base_rate, base);
}

static double blit(const char *what, const u32 *dw, unsigned int n, double base)
{
	double rate = best(once_blit, dw, n);

	line(what, rate, "memcpy()", base);
	return rate;
}

#define BLIT(what, base, ...)                                             \
	blit(what, (const u32[]){ __VA_ARGS__ },                          \
	     ARRAY_SIZE(((const u32[]){ __VA_ARGS__ })), base)

#define FAST(to, from, to_pitch, from_pitch) \
	XY_FAST_COPY_BLT | (to) << 13 | (from) << 20, 0x03000000 | (to_pitch), 0, \
	ROWS << 16 | 1024, VA_DST, 0, 0, from_pitch, VA_SRC, 0

static void tiled(double base)
{
	BLIT("XY_FAST_COPY_BLT, linear to X", base, FAST(1, 0, 1024, 4096));
	BLIT("XY_FAST_COPY_BLT, linear to Y", base, FAST(2, 0, 1024, 4096));
	BLIT("XY_FAST_COPY_BLT, Y to linear", base, FAST(0, 2, 4096, 1024));
	BLIT("XY_FAST_COPY_BLT, linear to 64 KiB tiles", base, FAST(3, 0, 1024, 4096));
}

static void fill(void)
{
	static const u32 dw[] = { XY_FAST_COLOR_BLT | XY_BLOCK_DEPTH_32 << 19, 4095, 0,
				  ROWS << 16 | 1024, VA_DST, 0, 0, 0x12345678, 0, 0, 0 };
	double base = best(once_memset, NULL, 0);

	printf("  %-44s %6.2f GB/s\n", "memset()", base);
	line("XY_FAST_COLOR_BLT", best(once_blit, dw, ARRAY_SIZE(dw)), "memset()", base);
}

int main(void)
{
	static struct xm_platform xe2;
	double base, fast;

	create();
	base = best(once_memcpy, NULL, 0);
	printf("blits of 64 MiB, best of %u runs\n  %-44s %6.2f GB/s\n", RUNS, "memcpy()", base);
	memset(dst, 0, BYTES);
	fast = BLIT("XY_FAST_COPY_BLT, linear", base, FAST(0, 0, 4096, 4096));
	if (memcmp(src, dst, BYTES))
		fail("the copy is wrong");
	BLIT("XY_SRC_COPY_BLT, linear", base, 0x54f00008, 0x03cc1000, 0, ROWS << 16 | 1024, VA_DST,
	     0, 0, 4096, VA_SRC, 0);
	tiled(base);
	fill();
	xe2 = *m->dev->platform;
	xe2.graphics_ver = 2001;
	m->dev->platform = &xe2;
	BLIT("MEM_COPY of Xe2, rows of 4 KiB", base, MEM_COPY | MEM_COPY0_MATRIX, 4095, ROWS - 1,
	     4095, 4095, VA_SRC, 0, VA_DST, 0, 0);
	machine_teardown((void **)&m);
	if (fast < base / 2)
		printf("  linear copies are slower than half of memcpy()\n");
	return 0;
}
