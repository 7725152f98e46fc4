// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Blitter commands and PIPE_CONTROL on running engines.
 */

#include "tests/lib_machine.h"

#include <string.h>

#include "instructions/gfx_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define SRC (AT_FREE + 0x40000)
#define TILED (AT_FREE + 0x80000)
#define DST (AT_FREE + 0xc0000)
#define VA_BATCH 0x100000u
#define VA_SRC 0x400000u
#define VA_TILED 0x800000u
#define VA_DST 0xc00000u
#define SURFACE 0x40000u

struct box {
	struct machine *m;
	struct engine *e;
	u64 desc;
};

static int setup(void **state)
{
	static struct box box;

	if (machine_setup((void **)&box.m))
		return -1;
	machine_use_engines(box.m);
	box.e = gfx_find(box.m->dev, 3, 0);
	box.desc = machine_context(box.m, CTX, XM_CLASS_COPY, true);
	machine_map(box.m, VA_BATCH, BATCH, 0x1000, RW);
	machine_map(box.m, VA_SRC, SRC, SURFACE, RW);
	machine_map(box.m, VA_TILED, TILED, SURFACE, RW);
	machine_map(box.m, VA_DST, DST, SURFACE, RW);
	for (u32 i = 0; i < SURFACE / 4; i++)
		*machine_dw(box.m, SRC + 4 * i) = 0x9e3779b9u * (i + 1);
	memset(box.m->mem + TILED, 0, SURFACE);
	memset(box.m->mem + DST, 0, SURFACE);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	struct box *box = *state;

	return machine_teardown((void **)&box->m);
}

static enum engine_stop run(struct box *box, const u32 *dw, unsigned int n)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };

	memcpy(box->m->mem + BATCH, dw, n * 4);
	*machine_dw(box->m, BATCH + n * 4) = MI_BATCH_BUFFER_END;
	machine_emit(box->m, CTX, start, 3);
	return machine_run(box->m, box->e, box->desc);
}

#define RUN(box, ...)                                                        \
	do {                                                                 \
		const u32 dws_[] = { __VA_ARGS__ };                          \
		assert_int_equal(run(box, dws_, ARRAY_SIZE(dws_)), ENGINE_IDLE); \
	} while (0)

static u32 at(struct box *box, u32 off)
{
	return *machine_dw(box->m, off);
}

/* The form the driver's migration uses: rows of 4 KiB. */
static void fast_copy_linear(void **state)
{
	struct box *box = *state;

	RUN(box, 0x50800008, 0x03001000, 0, 8 << 16 | 1024, VA_DST, 0, 0, 0x1000, VA_SRC, 0);
	assert_memory_equal(box->m->mem + DST, box->m->mem + SRC, 8 * 4096);
	assert_int_equal(at(box, DST + 8 * 4096), 0);
}

static void fast_copy_rectangle(void **state)
{
	struct box *box = *state;

	/* 8-bit pixels: 3 x 2 from (5, 1) to (1, 2) */
	RUN(box, 0x50800008, 0x100, 2 << 16 | 1, 4 << 16 | 4, VA_DST, 0, 1 << 16 | 5, 0x80, VA_SRC,
	    0);
	for (u32 y = 0; y < 2; y++)
		for (u32 x = 0; x < 3; x++)
			assert_int_equal(box->m->mem[DST + (y + 2) * 0x100 + x + 1],
					 box->m->mem[SRC + (y + 1) * 0x80 + x + 5]);
	assert_int_equal(box->m->mem[DST + 0x200], 0);
	assert_int_equal(box->m->mem[DST + 0x204], 0);
}

/* Linear to tiled and back gives the same bytes; the tiled form differs. */
static void tilings_round_trip(void **state)
{
	static const u32 codes[] = { 1, 2, 3 };
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++) {
		u32 pitch = 1024;

		RUN(box, 0x50800008 | codes[i] << 13, 0x03000000 | pitch / 4, 0, 128 << 16 | 256,
		    VA_TILED, 0, 0, pitch, VA_SRC, 0);
		assert_memory_not_equal(box->m->mem + TILED, box->m->mem + SRC, 128 * pitch);
		memset(box->m->mem + DST, 0, SURFACE);
		RUN(box, 0x50800008 | codes[i] << 20, 0x03000000 | pitch, 0, 128 << 16 | 256,
		    VA_DST, 0, 0, pitch / 4, VA_TILED, 0);
		assert_memory_equal(box->m->mem + DST, box->m->mem + SRC, 128 * pitch);
	}
}

/* Known positions of the Y layout: 16-byte columns of 32 rows. */
static void y_layout(void **state)
{
	struct box *box = *state;

	RUN(box, 0x50800008 | 2 << 13, 0x03000000 | 1024 / 4, 0, 64 << 16 | 256, VA_TILED, 0, 0,
	    1024, VA_SRC, 0);
	/* (x 16 bytes, y 0), (x 0, y 1), (x 128, y 0), (x 0, y 32) */
	assert_int_equal(at(box, TILED + 512), at(box, SRC + 16));
	assert_int_equal(at(box, TILED + 16), at(box, SRC + 1024));
	assert_int_equal(at(box, TILED + 4096), at(box, SRC + 128));
	assert_int_equal(at(box, TILED + 1024 * 32), at(box, SRC + 32 * 1024));
}

/* XY_SRC_COPY chooses X or Y by the blitter's tiling control, set by the batch itself. */
static void src_copy(void **state)
{
	struct box *box = *state;

	RUN(box, 0x54f00008, 0x03cc0000 | 1024, 0, 64 << 16 | 256, VA_DST, 0, 0, 1024, VA_SRC, 0);
	assert_memory_equal(box->m->mem + DST, box->m->mem + SRC, 64 * 1024);
	RUN(box, 0x11000001, 0x22200, 0x00030002, 0x54f00008 | 1 << 11, 0x03cc0000 | 1024 / 4, 0,
	    64 << 16 | 256, VA_TILED, 0, 0, 1024, VA_SRC, 0, 0x11000001, 0x22200, 0x00030000);
	assert_int_equal(at(box, TILED + 16), at(box, SRC + 1024));
	RUN(box, 0x54f00008 | 1 << 11, 0x03cc0000 | 1024 / 4, 0, 64 << 16 | 256, VA_TILED, 0, 0,
	    1024, VA_SRC, 0);
	assert_int_equal(at(box, TILED + 512), at(box, SRC + 1024));
}

static void block_copy(void **state)
{
	struct box *box = *state;

	RUN(box, 0x5040000a | 2 << 19, 4095, 0, 4 << 16 | 1024, VA_DST, 0, 1 << 16, 0, 4095, VA_SRC,
	    0, 2 << 16);
	assert_memory_equal(box->m->mem + DST + 4096, box->m->mem + SRC + 2 * 4096, 4 * 4096);
	assert_int_equal(at(box, DST), 0);
}

static void fills(void **state)
{
	struct box *box = *state;

	memcpy(box->m->mem + DST, box->m->mem + SRC, SURFACE);
	/* The form of the driver's clear */
	RUN(box, 0x51100009, 0x00c00fff, 0, 4 << 16 | 1024, VA_DST, 0, 0x80000000, 0, 0, 0, 0);
	for (u32 i = 0; i < 4 * 4096; i += 4)
		assert_int_equal(at(box, DST + i), 0);
	assert_int_equal(at(box, DST + 4 * 4096), at(box, SRC + 4 * 4096));
	RUN(box, 0x54300005, 0x03f00000 | 4096, 1 << 16 | 2, 2 << 16 | 4, VA_DST, 0, 0x12345678);
	assert_int_equal(at(box, DST + 4096 + 4), 0);
	assert_int_equal(at(box, DST + 4096 + 8), 0x12345678);
	assert_int_equal(at(box, DST + 4096 + 12), 0x12345678);
	assert_int_equal(at(box, DST + 4096 + 16), 0);
}

static void blit_faults(void **state)
{
	struct box *box = *state;
	const u32 dw[] = { 0x50800008, 0x03001000, 0, 4 << 16 | 1024, 0x5000000, 0, 0, 0x1000,
			   VA_SRC, 0 };

	assert_int_equal(run(box, dw, ARRAY_SIZE(dw)), ENGINE_FAULT);
}

static void pipe_control(void **state)
{
	struct box *box = *state;
	struct machine *m = box->m;
	struct engine *rcs = gfx_find(m->dev, 0, 0);
	u64 desc = machine_context(m, CTX, XM_CLASS_RENDER, true);
	const u32 dw[] = {
		PIPE_CONTROL, PIPE_CONTROL1_WRITE_QW | PIPE_CONTROL1_GGTT, MEM_GGTT + DST, 0, 5, 6,
		PIPE_CONTROL, PIPE_CONTROL1_WRITE_QW | PIPE_CONTROL1_STORE_INDEX, 0xd0, 0, 7, 8,
		PIPE_CONTROL, PIPE_CONTROL1_WRITE_TIMESTAMP, VA_DST + 8, 0, 0, 0,
		/* Stepped over: 3D state, a walker with a long length, single-dword state. */
		0x7b000005, 1, 2, 3, 4, 5, 6, 0x69040000,
		PIPE_CONTROL, PIPE_CONTROL1_WRITE_QW, VA_DST + 16, 0, 9, 0,
	};

	machine_emit(m, CTX, dw, ARRAY_SIZE(dw));
	assert_int_equal(machine_run(m, rcs, desc), ENGINE_IDLE);
	assert_int_equal(at(box, DST), 5);
	assert_int_equal(at(box, DST + 4), 6);
	assert_int_equal(at(box, CTX + CTX_RING_BYTES + 0xd0), 7);
	assert_true(at(box, DST + 8) || at(box, DST + 12));
	assert_int_equal(at(box, DST + 16), 9);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(fast_copy_linear), T(fast_copy_rectangle), T(tilings_round_trip), T(y_layout),
		T(src_copy), T(block_copy), T(fills), T(blit_faults), T(pipe_control),
	};

	return cmocka_run_group_tests_name("cs_blt", tests, NULL, NULL);
}
