// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Blits byte by byte: every command, tiling and colour depth against a slow reference that places
 * each pixel by the patterns of the document.
 */

#include "tests/lib_machine.h"

#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "instructions/blt_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define SURFACE 0x80000u
#define AT_SRC 0x400000u
#define AT_DST 0x500000u
#define VA_BATCH 0x100000u
#define VA_SRC 0x4000000u
#define VA_DST 0x8000000u

/**
 * struct box - a machine with a copy engine and two surfaces full of noise
 * @m: machine
 * @e: copy engine
 * @desc: context
 * @platform: what the machine claims to be
 * @want: expected contents of the destination
 */
struct box {
	struct machine *m;
	struct engine *e;
	u64 desc;
	struct xm_platform platform;
	u8 want[SURFACE];
};

/* Layouts as the document draws them: from the highest bit of the offset to the lowest. */
enum layout { LINEAR, X, Y, YF, T4, T64, LAYOUTS };

static const char *const patterns[LAYOUTS] = {
	[X] = "YYYXXXXXXXXX", [Y] = "XXXYYYYYXXXX", [YF] = "XYXYXYYYXXXX", [T4] = "YYXYXXYYXXXX",
};

static const char *pattern_of(enum layout layout, u32 bpp)
{
	if (layout != T64)
		return patterns[layout];
	return bpp == 1 ? "YYYXYYXYXXYYXXXX" : bpp <= 4 ? "YYXXYYXYXXYYXXXX" : "YXXXYYXYXXYYXXXX";
}

/* Offset of byte @x of row @y in a surface. */
static u32 place(enum layout layout, u32 bpp, u32 pitch, u32 x, u32 y)
{
	const char *pattern = pattern_of(layout, bpp);
	u32 width = 1, height = 1, off = 0;
	unsigned int n;

	if (layout == LINEAR)
		return y * pitch + x;
	n = strlen(pattern);
	for (unsigned int i = 0; i < n; i++) {
		bool is_x = pattern[n - 1 - i] == 'X';
		u32 *unit = is_x ? &width : &height;

		off |= ((is_x ? x : y) / *unit & 1) << i;
		*unit *= 2;
	}
	return off + y / height * height * pitch + x / width * width * height;
}

static int setup(void **state)
{
	static struct box box;

	if (machine_setup((void **)&box.m))
		return -1;
	machine_use_engines(box.m);
	box.platform = *box.m->dev->platform;
	box.e = gfx_find(box.m->dev, 3, 0);
	box.desc = machine_context(box.m, CTX, XM_CLASS_COPY, true);
	machine_map(box.m, VA_BATCH, BATCH, 0x1000, RW);
	/* Neighbours in the address space are not neighbours in memory. */
	for (u32 i = 0; i < SURFACE; i += 0x1000) {
		machine_map(box.m, VA_SRC + i, AT_SRC + (i ^ 0x5000), 0x1000, RW);
		machine_map(box.m, VA_DST + i, AT_DST + (i ^ 0x3000), 0x1000, RW);
	}
	srand(1);
	for (u32 i = 0; i < SURFACE; i++) {
		box.m->mem[AT_SRC + i] = rand();
		box.m->mem[AT_DST + i] = rand();
	}
	*state = &box;
	return 0;
}

static int setup_xe2(void **state)
{
	struct box *box;

	if (setup(state))
		return -1;
	box = *state;
	box->platform.graphics_ver = 2001;
	box->m->dev->platform = &box->platform;
	return 0;
}

static int teardown(void **state)
{
	struct box *box = *state;

	return machine_teardown((void **)&box->m);
}

static u8 *src_at(struct box *box, u32 off)
{
	return box->m->mem + AT_SRC + (off ^ 0x5000);
}

static u8 *dst_at(struct box *box, u32 off)
{
	return box->m->mem + AT_DST + (off ^ 0x3000);
}

static void want_unchanged(struct box *box)
{
	for (u32 i = 0; i < SURFACE; i++)
		box->want[i] = *dst_at(box, i);
}

static void check_dst(struct box *box, const char *what)
{
	for (u32 i = 0; i < SURFACE; i++)
		if (box->want[i] != *dst_at(box, i))
			fail_msg("%s: byte 0x%x is 0x%02x, not 0x%02x", what, i, *dst_at(box, i),
				 box->want[i]);
}

static void run(struct box *box, const u32 *dw, unsigned int n)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };

	memcpy(box->m->mem + BATCH, dw, n * 4);
	*machine_dw(box->m, BATCH + n * 4) = MI_BATCH_BUFFER_END;
	machine_emit(box->m, CTX, start, 3);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
}

#define RUN(box, ...)                                            \
	do {                                                     \
		const u32 dws_[] = { __VA_ARGS__ };              \
		run(box, dws_, ARRAY_SIZE(dws_));                \
	} while (0)

/**
 * struct side - one surface of a case
 * @layout: layout
 * @pitch: bytes
 * @x: left, pixels
 * @y: top
 */
struct side {
	enum layout layout;
	u32 pitch;
	u32 x, y;
};

/* The rectangle of every case: odd edges that cross tiles of all kinds. */
#define W 37u
#define H 70u

/* Expect a copy of w * h pixels. */
static void want_copy(struct box *box, const struct side *d, const struct side *s, u32 bpp)
{
	want_unchanged(box);
	for (u32 y = 0; y < H; y++)
		for (u32 i = 0; i < W * bpp; i++)
			box->want[place(d->layout, bpp, d->pitch, d->x * bpp + i, d->y + y)] =
				*src_at(box, place(s->layout, bpp, s->pitch, s->x * bpp + i,
						   s->y + y));
}

static u32 xy(u32 x, u32 y)
{
	return y << 16 | x;
}

/* A pitch of a few tiles. */
static u32 pitch_for(enum layout layout, u32 bpp)
{
	if (layout == T64)
		return bpp == 1 ? 512 : bpp <= 4 ? 1024 : 2048;
	return 1024 + (layout == LINEAR ? 60 : 512);
}

static u32 units(const struct side *s)
{
	return s->layout == LINEAR ? s->pitch : s->pitch / 4;
}

/* --- every tiling and depth ------------------------------------------------------------------ */

static const u32 old_bpp[] = { 1, 2, 2, 4, 8, 16 };
static const u32 new_bpp[] = { 1, 2, 4, 8, 12, 16 };

static void fast_copy_case(struct box *box, enum layout to, enum layout from, u32 depth, bool xe2)
{
	static const u32 code[LAYOUTS] = { 0, 1, 2, 2, 2, 3 };
	u32 bpp = old_bpp[depth];
	struct side d = { to, pitch_for(to, bpp), 3, 5 }, s = { from, pitch_for(from, bpp), 1, 9 };
	u32 types = (to == YF || xe2 ? XY_FAST_COPY1_DST_NEW_TILE : 0) |
		    (from == YF || xe2 ? XY_FAST_COPY1_SRC_NEW_TILE : 0);
	char what[64];

	want_copy(box, &d, &s, bpp);
	RUN(box, XY_FAST_COPY_BLT | code[to] << 13 | code[from] << 20,
	    types | depth << 24 | units(&d), xy(3, 5), xy(3 + W, 5 + H), VA_DST, 0, xy(1, 9),
	    units(&s), VA_SRC, 0);
	snprintf(what, sizeof(what), "fast copy, layout %u to %u, depth %u", from, to, depth);
	check_dst(box, what);
}

static void fast_copy(void **state)
{
	static const enum layout have[] = { LINEAR, X, Y, YF, T64 };

	for (unsigned int to = 0; to < ARRAY_SIZE(have); to++)
		for (unsigned int from = 0; from < ARRAY_SIZE(have); from++)
			for (u32 depth = 0; depth < ARRAY_SIZE(old_bpp); depth++)
				fast_copy_case(*state, have[to], have[from], depth, false);
}

static void fast_copy_xe2(void **state)
{
	static const enum layout have[] = { LINEAR, X, T4, T64 };

	for (unsigned int to = 0; to < ARRAY_SIZE(have); to++)
		for (unsigned int from = 0; from < ARRAY_SIZE(have); from++)
			for (u32 depth = 0; depth < ARRAY_SIZE(old_bpp); depth++)
				fast_copy_case(*state, have[to], have[from], depth, true);
}

static void block_copy_case(struct box *box, enum layout to, enum layout from, u32 depth, bool xe2)
{
	static const u32 lp_code[LAYOUTS] = { 0, 0, 1, 0, 0, 0 };
	static const u32 xe2_code[LAYOUTS] = { 0, 1, 0, 0, 2, 3 };
	const u32 *code = xe2 ? xe2_code : lp_code;
	u32 bpp = new_bpp[depth], header = xe2 ? XY_BLOCK_COPY_BLT_XE2 : XY_BLOCK_COPY_BLT;
	struct side d = { to, pitch_for(to, bpp), 3, 5 }, s = { from, pitch_for(from, bpp), 1, 9 };
	u32 dw[22] = {
		/* Half of each coordinate is in the offset. */
		header | depth << 19, code[to] << 30 | (units(&d) - 1), xy(1, 4),
		xy(1 + W, 4 + H), VA_DST, 0, xy(2, 1), xy(0, 2), code[from] << 30 | (units(&s) - 1),
		VA_SRC, 0, xy(1, 7),
	};
	char what[64];

	want_copy(box, &d, &s, bpp);
	run(box, dw, xe2 ? 22 : 12);
	snprintf(what, sizeof(what), "block copy, layout %u to %u, depth %u", from, to, depth);
	check_dst(box, what);
}

static void block_copies(struct box *box, const enum layout *have, unsigned int n, bool xe2)
{
	for (unsigned int to = 0; to < n; to++)
		for (unsigned int from = 0; from < n; from++)
			for (u32 depth = 0; depth < ARRAY_SIZE(new_bpp); depth++)
				if (new_bpp[depth] != 12 || to + from == LINEAR)
					block_copy_case(box, have[to], have[from], depth, xe2);
}

static void block_copy(void **state)
{
	block_copies(*state, (const enum layout[]){ LINEAR, Y }, 2, false);
}

static void block_copy_xe2(void **state)
{
	block_copies(*state, (const enum layout[]){ LINEAR, X, T4, T64 }, 4, true);
}

static void want_fill(struct box *box, const struct side *d, u32 bpp, const void *colour)
{
	want_unchanged(box);
	for (u32 y = 0; y < H; y++)
		for (u32 i = 0; i < W * bpp; i++)
			box->want[place(d->layout, bpp, d->pitch, d->x * bpp + i, d->y + y)] =
				((const u8 *)colour)[i % bpp];
}

static void fast_color_case(struct box *box, enum layout to, u32 code, u32 depth, bool xe2)
{
	u32 bpp = new_bpp[depth], header = xe2 ? XY_FAST_COLOR_BLT_XE2 : XY_FAST_COLOR_BLT;
	struct side d = { to, pitch_for(to, bpp), 3, 5 };
	u32 dw[16] = { header | depth << 19, code << 30 | (units(&d) - 1), xy(1, 4),
		       xy(1 + W, 4 + H), VA_DST, 0, xy(2, 1), 0x11223344 + depth, 0x55667788,
		       0x99aabbcc, 0xddeeff00 };
	char what[64];

	want_fill(box, &d, bpp, dw + 7);
	run(box, dw, xe2 ? 16 : 11);
	snprintf(what, sizeof(what), "fill, layout %u, depth %u", to, depth);
	check_dst(box, what);
}

static void fast_color(void **state)
{
	for (u32 depth = 0; depth < ARRAY_SIZE(new_bpp); depth++) {
		fast_color_case(*state, LINEAR, 0, depth, false);
		if (new_bpp[depth] != 12)
			fast_color_case(*state, Y, XY_BLOCK_TILE_Y, depth, false);
	}
}

static void fast_color_xe2(void **state)
{
	for (u32 depth = 0; depth < ARRAY_SIZE(new_bpp); depth++) {
		fast_color_case(*state, LINEAR, 0, depth, true);
		if (new_bpp[depth] == 12)
			continue;
		fast_color_case(*state, X, XY_BLOCK_XE2_TILE_X, depth, true);
		fast_color_case(*state, T4, XY_BLOCK_XE2_TILE_4, depth, true);
		fast_color_case(*state, T64, XY_BLOCK_XE2_TILE_64, depth, true);
	}
}

/* --- the old commands ------------------------------------------------------------------------ */

#define COPY_HEAD (XY_SRC_COPY_BLT | XY_OLD0_WRITE_RGB | XY_OLD0_WRITE_ALPHA)

static void src_copy(void **state)
{
	static const enum layout have[] = { LINEAR, X, Y };
	struct box *box = *state;

	for (unsigned int i = 0; i < 9 * 4; i++) {
		u32 depth = i % 4, bpp = old_bpp[depth];
		enum layout to = have[i / 4 % 3], from = have[i / 12];
		struct side d = { to, pitch_for(to, bpp), 3, 5 };
		struct side s = { from, pitch_for(from, bpp), 1, 9 };
		u32 y_bits = (to == Y ? BCS_SWCTRL_DST_Y : 0) | (from == Y ? BCS_SWCTRL_SRC_Y : 0);

		want_copy(box, &d, &s, bpp);
		RUN(box, MI_LOAD_REGISTER_IMM | 1, BCS_SWCTRL(0x22000), 3 << 16 | y_bits,
		    COPY_HEAD | (to ? XY_OLD0_DST_TILED : 0) | (from ? XY_OLD0_SRC_TILED : 0),
		    depth << 24 | 0xcc << 16 | units(&d), xy(3, 5), xy(3 + W, 5 + H), VA_DST, 0,
		    xy(1, 9), units(&s), VA_SRC, 0);
		check_dst(box, "source copy");
	}
}

/* Inside of one surface overlaps are right in all directions. */
static void src_copy_overlaps(void **state)
{
	static const struct {
		s32 dx, dy;
	} moves[] = { { 5, 0 }, { -5, 0 }, { 0, 3 }, { 0, -3 }, { 7, 2 }, { -7, 2 }, { 7, -2 },
		      { -7, -2 }, { 1, 0 }, { 0, 0 } };
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(moves) * 2; i++) {
		bool tiled = i % 2;
		enum layout layout = tiled ? X : LINEAR;
		s32 dx = moves[i / 2].dx, dy = moves[i / 2].dy;

		want_unchanged(box);
		for (u32 y = 10; y < 50; y++)
			for (u32 x = 20; x < 1120; x++)
				box->want[place(layout, 1, 1536, x, y)] =
					*dst_at(box, place(layout, 1, 1536, x - dx, y - dy));
		RUN(box, COPY_HEAD | (tiled ? XY_OLD0_DST_TILED | XY_OLD0_SRC_TILED : 0),
		    0xcc << 16 | (tiled ? 1536 / 4 : 1536), xy(20, 10), xy(1120, 50), VA_DST, 0,
		    xy(20 - dx, 10 - dy), tiled ? 1536 / 4 : 1536, VA_DST, 0);
		check_dst(box, "overlapping copy");
	}
}

/* All raster operations, with the bytes that may be written chosen by the header. */
static void raster_operations(void **state)
{
	struct box *box = *state;

	for (u32 rop = 0; rop < 256; rop++) {
		u32 parts = rop % 4, depth = rop & 4 ? BLT_DEPTH_32 : BLT_DEPTH_8;
		u32 bpp = old_bpp[depth];

		want_unchanged(box);
		for (u32 i = 0; i < 16 * bpp; i++) {
			u8 s = *src_at(box, i), d = *dst_at(box, 0x800 + i), out = 0;

			for (unsigned int bit = 0; bit < 8; bit++) {
				u32 s_bit = s >> bit & 1, d_bit = d >> bit & 1;

				/* Without a pattern it equals the source. */
				out |= (rop >> (s_bit * 6 + d_bit) & 1) << bit;
			}
			if (bpp == 1 || (i % 4 == 3 ? parts & 2 : parts & 1))
				box->want[0x800 + i] = out;
		}
		RUN(box, XY_SRC_COPY_BLT | (parts & 1 ? XY_OLD0_WRITE_RGB : 0) |
			    (parts & 2 ? XY_OLD0_WRITE_ALPHA : 0),
		    depth << 24 | rop << 16 | 0x800, xy(0, 1), xy(16, 2), VA_DST, 0, 0, 0x800,
		    VA_SRC, 0);
		check_dst(box, "raster operation");
	}
}

static void clipping(void **state)
{
	struct box *box = *state;

	want_unchanged(box);
	for (u32 y = 10; y < 14; y++) {
		for (u32 x = 20; x < 30; x++)
			box->want[y * 512 + x] = *src_at(box, (y - 8 + 3) * 512 + x - 15 + 2);
		for (u32 x = 100; x < 110; x++)
			box->want[(y + 30) * 512 + x] = 0x77;
	}
	RUN(box, XY_SETUP_CLIP_BLT, xy(20, 10), xy(30, 14),
	    XY_SRC_COPY_BLT, XY_OLD1_CLIP | 0xcc << 16 | 512, xy(15, 8), xy(40, 30), VA_DST, 0,
	    xy(2, 3), 512, VA_SRC, 0,
	    XY_SETUP_CLIP_BLT, xy(100, 40), xy(110, 44),
	    XY_COLOR_BLT, XY_OLD1_CLIP | 0xf0 << 16 | 512, xy(-5, -7), xy(500, 500), VA_DST, 0,
	    0x77,
	    /* Outside: nothing */
	    XY_COLOR_BLT, XY_OLD1_CLIP | 0xf0 << 16 | 512, xy(0, 0), xy(100, 40), VA_DST, 0, 0x55);
	check_dst(box, "clips");
	/* The rectangle is part of the context. */
	for (u32 y = 40; y < 44; y++)
		memset(box->want + y * 512 + 100, 0x99, 10);
	RUN(box, XY_COLOR_BLT, XY_OLD1_CLIP | 0xf0 << 16 | 512, 0, xy(500, 500), VA_DST, 0, 0x99);
	check_dst(box, "the clip in a later batch");
}

static void color(void **state)
{
	static const enum layout have[] = { LINEAR, X, Y };
	const u32 pixel[4] = { 0x89abcdef };
	struct box *box = *state;

	for (unsigned int i = 0; i < 3 * 4; i++) {
		u32 depth = i % 4, bpp = old_bpp[depth];
		struct side d = { have[i / 4], pitch_for(have[i / 4], bpp), 3, 5 };

		want_fill(box, &d, bpp, pixel);
		RUN(box, MI_LOAD_REGISTER_IMM | 1, BCS_SWCTRL(0x22000),
		    3 << 16 | (d.layout == Y ? BCS_SWCTRL_DST_Y : 0),
		    XY_COLOR_BLT | XY_OLD0_WRITE_RGB | XY_OLD0_WRITE_ALPHA |
			    (d.layout ? XY_OLD0_DST_TILED : 0),
		    depth << 24 | 0xf0 << 16 | units(&d), xy(3, 5), xy(3 + W, 5 + H), VA_DST, 0,
		    pixel[0]);
		check_dst(box, "colour");
	}
}

/* --- MEM_COPY, MEM_SET ----------------------------------------------------------------------- */

static void mem_copy(void **state)
{
	static const u32 sizes[] = { 1, 17, 0xfd, 0x369, 0x3fff, 0xfffe, 0x3fffe };
	struct box *box = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		want_unchanged(box);
		for (u32 k = 0; k < sizes[i]; k++)
			box->want[5 + k] = *src_at(box, 3 + k);
		/* Height and pitches mean nothing in the linear form. */
		RUN(box, MEM_COPY, sizes[i] - 1, 7, 9, 11, VA_SRC + 3, 0, VA_DST + 5, 0, 0);
		check_dst(box, "linear");
	}
	want_unchanged(box);
	for (u32 y = 0; y < 127; y++)
		for (u32 x = 0; x < 200; x++)
			box->want[y * 600 + x] = *src_at(box, y * 300 + x);
	RUN(box, MEM_COPY | MEM_COPY0_MATRIX, 199, 126, 299, 599, VA_SRC, 0, VA_DST, 0, 0);
	check_dst(box, "matrix");
	want_unchanged(box);
	for (u32 k = 0; k < 17 * 256; k++)
		box->want[0x100 + k] = *src_at(box, k);
	RUN(box, MEM_COPY | MEM_COPY0_PAGES, 16, 0, 0, 0, VA_SRC, 0, VA_DST + 0x100, 0, 0);
	check_dst(box, "pages");
	want_unchanged(box);
	for (u32 y = 0; y < 2; y++)
		for (u32 k = 0; k < 512; k++)
			box->want[y * 2048 + k] = *src_at(box, y * 1024 + k);
	RUN(box, MEM_COPY | MEM_COPY0_PAGES | MEM_COPY0_MATRIX, 1, 1, 1023, 2047, VA_SRC, 0, VA_DST,
	    0, 0);
	check_dst(box, "matrix of pages");
}

static void mem_set(void **state)
{
	struct box *box = *state;

	want_unchanged(box);
	memset(box->want + 3, 0xa5, 0x12345);
	for (u32 y = 0; y < 9; y++)
		memset(box->want + 0x40000 + y * 4096, 0x3c, 100);
	RUN(box, MEM_SET, 0x12344, 0, 0, VA_DST + 3, 0, 0xa5u << 24,
	    MEM_SET | MEM_SET_MATRIX << 17, 99, 8, 4095, VA_DST + 0x40000, 0, 0x3c << 24 | 3 << 3,
	    /* Eviction has no effect. */
	    MEM_SET | 1 << 19, 99, 0, 0, VA_DST, 0, 0xff000000);
	check_dst(box, "set");
}

/* --- memory that is special ------------------------------------------------------------------ */

static void null_pages(void **state)
{
	struct box *box = *state;

	*machine_leaf(box->m, VA_SRC + 0x1000) = RW | PPGTT_NULL;
	*machine_leaf(box->m, VA_DST + 0x3000) = RW | PPGTT_NULL;
	want_unchanged(box);
	for (u32 i = 0; i < 0x8000; i++)
		if (i >> 12 != 3)
			box->want[i] = i >> 12 == 1 ? 0 : *src_at(box, i);
	RUN(box, XY_FAST_COPY_BLT, 0x03001000, 0, xy(1024, 8), VA_DST, 0, 0, 0x1000, VA_SRC, 0);
	check_dst(box, "NULL pages");
}

/* What lies before the fault is written, what lies behind is not. */
static void fault_in_the_middle(void **state)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	const u32 dw[] = { XY_FAST_COPY_BLT, 0x03001000, 0, xy(1024, 8), VA_DST, 0, 0, 0x1000,
			   VA_SRC, 0 };
	struct box *box = *state;

	*machine_leaf(box->m, VA_DST + 0x3000) &= ~PPGTT_WRITABLE;
	want_unchanged(box);
	for (u32 i = 0; i < 0x3000; i++)
		box->want[i] = *src_at(box, i);
	memcpy(box->m->mem + BATCH, dw, sizeof(dw));
	machine_emit(box->m, CTX, start, 3);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_FAULT);
	check_dst(box, "fault");
}

/* 32767 rows of 32767 pixels of 16 bytes, all in the same few pages: the pitch is 0. */
static void start_endless(struct box *box)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	const u32 dw[] = { XY_FAST_COPY_BLT, BLT_DEPTH_128 << 24, 0, xy(32767, 32767), VA_DST, 0,
			   0, 0, VA_SRC, 0 };

	for (u32 i = 0; i < 32767 * 16; i += 0x1000) {
		machine_map(box->m, VA_SRC + i, AT_SRC, 0x1000, RW);
		machine_map(box->m, VA_DST + i, AT_DST, 0x1000, RW);
	}
	memcpy(box->m->mem + BATCH, dw, sizeof(dw));
	machine_emit(box->m, CTX, start, 3);
	machine_start(box->m, box->e, box->desc);
	assert_true(machine_until(box->m, AT_DST, *machine_dw(box->m, AT_SRC)));
}

/* A blit that takes for ever can be killed, and its engine is seen to be alive until then. */
static void endless_blit_is_killed(void **state)
{
	struct box *box = *state;
	unsigned long looks;

	start_endless(box);
	looks = engine_looks(box->e);
	while (engine_looks(box->e) < looks + ENGINE_LOOKS && !machine_stops(box->m))
		machine_pause(box->m);
	engine_kill(box->e);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_KILLED);
}

/* The guest's memory map can change meanwhile, and what is gone is not touched any more. */
static void map_changes_in_a_blit(void **state)
{
	struct box *box = *state;
	struct dma_space *dma = box->m->dev->dma;

	start_endless(box);
	assert_int_equal(dma_map(dma, MEM_DMA + MEM_BYTES, SZ_4K, DMA_READ, box->m->fd, 0), 0);
	assert_int_equal(machine_stops(box->m), 0);
	assert_int_equal(dma_unmap(dma, MEM_DMA + AT_DST, SZ_4K), 0);
	*machine_dw(box->m, AT_DST) = ~*machine_dw(box->m, AT_SRC);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_FAULT);
	assert_int_equal(*machine_dw(box->m, AT_DST), ~*machine_dw(box->m, AT_SRC));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define T2(f) cmocka_unit_test_setup_teardown(f, setup_xe2, teardown)
	const struct CMUnitTest tests[] = {
		T(fast_copy), T2(fast_copy_xe2), T(block_copy), T2(block_copy_xe2), T(fast_color),
		T2(fast_color_xe2), T(src_copy), T(src_copy_overlaps), T(raster_operations),
		T(clipping), T(color), T2(mem_copy), T2(mem_set), T(null_pages),
		T(fault_in_the_middle), T(endless_blit_is_killed),
		T(map_changes_in_a_blit),
	};

	return cmocka_run_group_tests_name("cs_blit", tests, NULL, NULL);
}
