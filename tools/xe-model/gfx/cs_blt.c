// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Blitter commands
 *
 * Each command of the copy engines is decoded into a struct blit; gfx/blit.c does the work.
 * Compression formats, cache control and the place of memory (system or local) have no effect:
 * there is no compression, so that every surface is stored plainly.
 */

#include "dev/device.h"
#include "gfx/blit.h"
#include "gfx/cs.h"
#include "instructions/blt_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/bits.h"

#define BLT_OPCODE(h) (((h) & BLT_OPCODE_MASK) >> BLT_OPCODE_SHIFT)

static u64 address(const u32 *dw)
{
	return dw[0] | (u64)dw[1] << 32;
}

static s32 low16(u32 dw)
{
	return (int16_t)dw;
}

static s32 high16(u32 dw)
{
	return (int16_t)(dw >> 16);
}

static struct rect rect_of(const u32 *dw)
{
	return (struct rect){ low16(dw[0]), high16(dw[0]), low16(dw[1]), high16(dw[1]) };
}

static u32 pitch_bytes(u32 pitch, enum tiling tiling)
{
	return tiling == TILE_LINEAR ? pitch : pitch * 4;
}

/* Bytes per pixel of the depth code of FAST_COPY, SRC_COPY and COLOR; 0 if undefined. */
static u32 depth_old(u32 code)
{
	static const u8 bytes[8] = {
		[BLT_DEPTH_8] = 1, [BLT_DEPTH_16_565] = 2, [BLT_DEPTH_16_1555] = 2,
		[BLT_DEPTH_32] = 4, [BLT_DEPTH_64] = 8, [BLT_DEPTH_128] = 16,
	};

	return bytes[code & 7];
}

/* The same for BLOCK_COPY and FAST_COLOR. */
static u32 depth_new(u32 code)
{
	static const u8 bytes[8] = {
		[XY_BLOCK_DEPTH_8] = 1, [XY_BLOCK_DEPTH_16] = 2, [XY_BLOCK_DEPTH_32] = 4,
		[XY_BLOCK_DEPTH_64] = 8, [XY_BLOCK_DEPTH_96] = 12, [XY_BLOCK_DEPTH_128] = 16,
	};

	return bytes[code & 7];
}

/* --- XY_FAST_COPY_BLT ------------------------------------------------------------------------ */

static enum tiling fast_copy_tiling(const struct engine *e, u32 code, bool new_tile)
{
	switch (code & 3) {
	case XY_FAST_COPY_LINEAR:
		return TILE_LINEAR;
	case XY_FAST_COPY_TILE_X:
		return TILE_X;
	case XY_FAST_COPY_TILE_Y:
		if (cs_is_xe2(e))
			return TILE_4;
		return new_tile ? TILE_YF : TILE_Y;
	default:
		return TILE_64;
	}
}

static enum cs_result xy_fast_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_old(dw[1] >> XY_FAST_COPY1_DEPTH_SHIFT);
	bool ggtt = cs_stream_ggtt(e);
	struct blit b = {
		.dst = { .addr = address(dw + 4), .bpp = bpp, .ggtt = ggtt },
		.src = { .addr = address(dw + 8), .bpp = bpp, .ggtt = ggtt },
		.rect = rect_of(dw + 2),
		.sx = low16(dw[6]), .sy = high16(dw[6]),
		.rop = BLT_ROP_SRC_COPY, .bytes = BLIT_BYTES_ALL,
	};

	b.dst.tiling = fast_copy_tiling(e, dw[0] >> XY_FAST_COPY0_DST_TILING_SHIFT,
					dw[1] & XY_FAST_COPY1_DST_NEW_TILE);
	b.src.tiling = fast_copy_tiling(e, dw[0] >> XY_FAST_COPY0_SRC_TILING_SHIFT,
					dw[1] & XY_FAST_COPY1_SRC_NEW_TILE);
	b.dst.pitch = pitch_bytes(dw[1] & XY_FAST_COPY1_PITCH_MASK, b.dst.tiling);
	b.src.pitch = pitch_bytes(dw[7] & XY_FAST_COPY1_PITCH_MASK, b.src.tiling);
	return blit_run(e, "XY_FAST_COPY_BLT", &b);
}

/* --- XY_BLOCK_COPY_BLT, XY_FAST_COLOR_BLT ---------------------------------------------------- */

static enum tiling block_tiling(const struct engine *e, u32 code)
{
	static const enum tiling xe2[] = {
		TILE_LINEAR, [XY_BLOCK_XE2_TILE_X] = TILE_X, [XY_BLOCK_XE2_TILE_4] = TILE_4,
		[XY_BLOCK_XE2_TILE_64] = TILE_64,
	};

	if (cs_is_xe2(e))
		return xe2[code & 3];
	return code & 3 ? TILE_Y : TILE_LINEAR;
}

static struct surface block_surface(const struct engine *e, const u32 *dw, u32 flags, u32 bpp)
{
	enum tiling tiling = block_tiling(e, flags >> XY_BLOCK_TILING_SHIFT);

	return (struct surface){
		.addr = address(dw), .ggtt = cs_stream_ggtt(e), .bpp = bpp, .tiling = tiling,
		.pitch = pitch_bytes((flags & XY_BLOCK_PITCH_MASK) + 1, tiling),
	};
}

static s32 offset_x(u32 dw)
{
	return dw & XY_BLOCK_OFFSET_X_MASK;
}

static s32 offset_y(u32 dw)
{
	return (dw & XY_BLOCK_OFFSET_Y_MASK) >> XY_BLOCK_OFFSET_Y_SHIFT;
}

static struct rect block_rect(const u32 *dw, u32 offset)
{
	struct rect r = rect_of(dw);

	r.x1 += offset_x(offset);
	r.x2 += offset_x(offset);
	r.y1 += offset_y(offset);
	r.y2 += offset_y(offset);
	return r;
}

static enum cs_result xy_block_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_new((dw[0] & XY_BLOCK0_DEPTH_MASK) >> XY_BLOCK0_DEPTH_SHIFT);
	struct blit b = {
		.dst = block_surface(e, dw + 4, dw[1], bpp),
		.src = block_surface(e, dw + 9, dw[8], bpp),
		.rect = block_rect(dw + 2, dw[6]),
		.sx = low16(dw[7]) + offset_x(dw[11]), .sy = high16(dw[7]) + offset_y(dw[11]),
		.rop = BLT_ROP_SRC_COPY, .bytes = BLIT_BYTES_ALL,
	};

	return blit_run(e, "XY_BLOCK_COPY_BLT", &b);
}

static enum cs_result xy_fast_color(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_new((dw[0] & XY_BLOCK0_DEPTH_MASK) >> XY_BLOCK0_DEPTH_SHIFT);
	struct blit b = {
		.dst = block_surface(e, dw + 4, dw[1], bpp),
		.rect = block_rect(dw + 2, dw[6]),
		.colour = dw + 7, .rop = BLT_ROP_PAT_COPY, .bytes = BLIT_BYTES_ALL,
	};

	return blit_run(e, "XY_FAST_COLOR_BLT", &b);
}

/* --- XY_SRC_COPY_BLT, XY_COLOR_BLT ----------------------------------------------------------- */

static enum cs_result xy_setup_clip(struct engine *e, const u32 *dw, unsigned int len)
{
	e->clip[0] = dw[1];
	e->clip[1] = dw[2];
	return CS_OK;
}

/* Cut the rectangle, and what is copied to it, to the clip rectangle. */
static void clip(const struct engine *e, struct blit *b)
{
	struct rect c = rect_of(e->clip);

	if (b->rect.x1 < c.x1) {
		b->sx += c.x1 - b->rect.x1;
		b->rect.x1 = c.x1;
	}
	if (b->rect.y1 < c.y1) {
		b->sy += c.y1 - b->rect.y1;
		b->rect.y1 = c.y1;
	}
	b->rect.x2 = XM_MIN(b->rect.x2, c.x2);
	b->rect.y2 = XM_MIN(b->rect.y2, c.y2);
}

static enum tiling swctrl_tiling(const struct engine *e, bool tiled, u32 y_bit)
{
	if (!tiled)
		return TILE_LINEAR;
	return reg_peek(e->dev, BCS_SWCTRL(e->desc->mmio_base)) & y_bit ? TILE_Y : TILE_X;
}

/* What both commands have in common: dwords 0 to 5. */
static struct blit old_blit(const struct engine *e, const u32 *dw)
{
	struct blit b = {
		.dst = { .addr = address(dw + 4), .ggtt = cs_stream_ggtt(e) },
		.rect = rect_of(dw + 2),
		.rop = (dw[1] & XY_OLD1_ROP_MASK) >> XY_OLD1_ROP_SHIFT,
		.bytes = BLIT_BYTES_ALL,
	};

	b.dst.bpp = depth_old((dw[1] & XY_OLD1_DEPTH_MASK) >> XY_OLD1_DEPTH_SHIFT);
	if (b.dst.bpp == 4)
		b.bytes = (dw[0] & XY_OLD0_WRITE_RGB ? 0x7 : 0) |
			  (dw[0] & XY_OLD0_WRITE_ALPHA ? 0x8 : 0);
	b.dst.tiling = swctrl_tiling(e, dw[0] & XY_OLD0_DST_TILED, BCS_SWCTRL_DST_Y);
	b.dst.pitch = pitch_bytes(dw[1] & XY_OLD1_PITCH_MASK, b.dst.tiling);
	return b;
}

static enum cs_result xy_src_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	struct blit b = old_blit(e, dw);

	b.src = (struct surface){ .addr = address(dw + 8), .ggtt = b.dst.ggtt, .bpp = b.dst.bpp };
	b.src.tiling = swctrl_tiling(e, dw[0] & XY_OLD0_SRC_TILED, BCS_SWCTRL_SRC_Y);
	b.src.pitch = pitch_bytes(dw[7] & XY_OLD1_PITCH_MASK, b.src.tiling);
	b.sx = low16(dw[6]);
	b.sy = high16(dw[6]);
	/* Within one surface the direction follows the coordinates, so that overlaps are right. */
	b.from_right = b.src.addr == b.dst.addr && b.sx < b.rect.x1;
	b.from_bottom = b.src.addr == b.dst.addr && b.sy < b.rect.y1;
	if (dw[1] & XY_OLD1_CLIP)
		clip(e, &b);
	return blit_run(e, "XY_SRC_COPY_BLT", &b);
}

static enum cs_result xy_color(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 colour[4] = { dw[6] };
	struct blit b = old_blit(e, dw);

	b.colour = colour;
	if (dw[1] & XY_OLD1_CLIP)
		clip(e, &b);
	return blit_run(e, "XY_COLOR_BLT", &b);
}

/* --- MEM_COPY, MEM_SET ----------------------------------------------------------------------- */

/* A surface of bytes or of longer units. Widths, heights and pitches are stored minus 1. */
static struct surface bytes_at(const struct engine *e, const u32 *dw, u32 pitch, u32 unit)
{
	return (struct surface){
		.addr = address(dw), .ggtt = cs_stream_ggtt(e), .bpp = unit,
		.pitch = (pitch & XY_BLOCK_PITCH_MASK) + 1,
	};
}

static struct rect bytes_rect(const u32 *dw, bool matrix)
{
	return (struct rect){
		.x2 = (s32)(dw[0] & GENMASK(23, 0)) + 1,
		.y2 = matrix ? (s32)(dw[1] & XY_BLOCK_PITCH_MASK) + 1 : 1,
	};
}

static enum cs_result mem_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 unit = dw[0] & MEM_COPY0_PAGES ? MEM_COPY_PAGE_BYTES : 1;
	bool matrix = dw[0] & MEM_COPY0_MATRIX;
	struct blit b = {
		.src = bytes_at(e, dw + 5, dw[3], unit),
		.dst = bytes_at(e, dw + 7, dw[4], unit),
		.rect = bytes_rect(dw + 1, matrix),
		.rop = BLT_ROP_SRC_COPY, .bytes = BLIT_BYTES_ALL,
	};

	return blit_run(e, "MEM_COPY", &b);
}

static enum cs_result mem_set(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 type = (dw[0] & MEM_SET0_TYPE_MASK) >> MEM_SET0_TYPE_SHIFT;
	u32 colour[4] = { dw[6] >> MEM_SET6_VALUE_SHIFT };
	struct blit b = {
		.dst = bytes_at(e, dw + 4, dw[3], 1),
		.rect = bytes_rect(dw + 1, type == MEM_SET_MATRIX),
		.colour = colour, .rop = BLT_ROP_PAT_COPY, .bytes = BLIT_BYTES_ALL,
	};

	/* To evict data from caches has no effect here. */
	if (dw[0] & MEM_SET0_MODE_MASK)
		return CS_OK;
	if (type > MEM_SET_MATRIX)
		return cs_hang(e, "MEM_SET: fast clears need compression, which does not exist");
	return blit_run(e, "MEM_SET", &b);
}

/* --- tables ---------------------------------------------------------------------------------- */

#define OPCODE (CMD_TYPE_MASK | BLT_OPCODE_MASK)
#define HEAD(flags) (OPCODE | 0xffu | (flags))
#define ANY 0xffffffffu
#define RECT ANY, ANY
#define ADDR ANY, ANY
#define OFFSET (XY_BLOCK_OFFSET_X_MASK | XY_BLOCK_OFFSET_Y_MASK)

#define FAST_COPY_HEAD HEAD(XY_FAST_COPY0_DST_TILING_MASK | XY_FAST_COPY0_SRC_TILING_MASK)
#define FAST_COPY1 (XY_FAST_COPY1_PITCH_MASK | XY_FAST_COPY1_DEPTH_MASK | \
		    XY_FAST_COPY1_DST_NEW_TILE | XY_FAST_COPY1_SRC_NEW_TILE)
#define FAST_COPY_DEPTH { 1, XY_FAST_COPY1_DEPTH_SHIFT, 3, 0x3f }
#define BLOCK_SURFACE (XY_BLOCK_PITCH_MASK | XY_BLOCK_MOCS_MASK | XY_BLOCK_TILING_MASK)
#define BLOCK_DEPTH { 0, XY_BLOCK0_DEPTH_SHIFT, 3, 0x3f }
/* Linear and Y */
#define LP_TILING(dw) { dw, XY_BLOCK_TILING_SHIFT, 2, 0x3 }
#define OLD0 (XY_OLD0_DST_TILED | XY_OLD0_WRITE_RGB | XY_OLD0_WRITE_ALPHA)
#define OLD1 (XY_OLD1_PITCH_MASK | XY_OLD1_ROP_MASK | XY_OLD1_DEPTH_MASK | XY_OLD1_CLIP)

#define ROW(op, str, dwords, fn, ...) \
	[op] = { .name = str, .min = dwords, .max = dwords, .run = fn, ##__VA_ARGS__ }

static const struct cs_command table[128] = {
	ROW(BLT_OP_SETUP_CLIP, "XY_SETUP_CLIP_BLT", 3, xy_setup_clip, CS_MASKS(HEAD(0), RECT)),
	ROW(BLT_OP_BLOCK_COPY, "XY_BLOCK_COPY_BLT", 12, xy_block_copy,
	    CS_MASKS(HEAD(XY_BLOCK0_DEPTH_MASK), BLOCK_SURFACE, RECT, ADDR, OFFSET, ANY,
		     BLOCK_SURFACE, ADDR, OFFSET),
	    CS_FIELDS(BLOCK_DEPTH, LP_TILING(1), LP_TILING(8))),
	ROW(BLT_OP_FAST_COPY, "XY_FAST_COPY_BLT", 10, xy_fast_copy,
	    CS_MASKS(FAST_COPY_HEAD,
		     FAST_COPY1 | XY_FAST_COPY1_DST_SYSTEM | XY_FAST_COPY1_SRC_SYSTEM, RECT, ADDR,
		     ANY, XY_FAST_COPY1_PITCH_MASK, ADDR),
	    CS_FIELDS(FAST_COPY_DEPTH)),
	ROW(BLT_OP_FAST_COLOR, "XY_FAST_COLOR_BLT", 11, xy_fast_color,
	    CS_MASKS(HEAD(XY_BLOCK0_DEPTH_MASK), BLOCK_SURFACE, RECT, ADDR,
		     OFFSET | XY_BLOCK_OFFSET_SYSTEM),
	    CS_FIELDS(BLOCK_DEPTH, LP_TILING(1))),
	ROW(BLT_OP_COLOR, "XY_COLOR_BLT", 7, xy_color, CS_MASKS(HEAD(OLD0), OLD1)),
	ROW(BLT_OP_SRC_COPY, "XY_SRC_COPY_BLT", 10, xy_src_copy,
	    CS_MASKS(HEAD(OLD0 | XY_OLD0_SRC_TILED), OLD1, RECT, ADDR, ANY,
		     XY_OLD1_PITCH_MASK)),
};

/* Encryption, cache control, and the format of compression have no effect. */
#define XE2_FAST_COPY1 (FAST_COPY1 | BIT(17) | GENMASK(23, 20))
#define XE2_BLOCK_HEAD HEAD(XY_BLOCK0_DEPTH_MASK | GENMASK(13, 9))
/* Size and type; level of detail, pitch and depth; alignment, tail and array */
#define XE2_SURFACE GENMASK(31, 29) | GENMASK(27, 0), GENMASK(31, 21) | GENMASK(18, 0), \
	GENMASK(31, 21) | GENMASK(11, 8) | GENMASK(4, 3) | GENMASK(1, 0)
#define XE2_OFFSET (OFFSET | XY_BLOCK_OFFSET_SYSTEM)

static const struct cs_command xe2_table[128] = {
	ROW(BLT_OP_BLOCK_COPY, "XY_BLOCK_COPY_BLT", 22, xy_block_copy,
	    CS_MASKS(XE2_BLOCK_HEAD, BLOCK_SURFACE, RECT, ADDR, XE2_OFFSET, ANY, BLOCK_SURFACE,
		     ADDR, XE2_OFFSET, 0xf, 0, 0xf, 0, XE2_SURFACE, XE2_SURFACE),
	    CS_FIELDS(BLOCK_DEPTH)),
	ROW(BLT_OP_FAST_COPY, "XY_FAST_COPY_BLT", 10, xy_fast_copy,
	    CS_MASKS(FAST_COPY_HEAD, XE2_FAST_COPY1, RECT, ADDR, ANY,
		     XY_FAST_COPY1_PITCH_MASK | BIT(17) | GENMASK(23, 20), ADDR),
	    CS_FIELDS(FAST_COPY_DEPTH, { 1, 30, 2, 0x8 })),
	ROW(BLT_OP_FAST_COLOR, "XY_FAST_COLOR_BLT", 16, xy_fast_color,
	    CS_MASKS(HEAD(XY_BLOCK0_DEPTH_MASK), BLOCK_SURFACE, RECT, ADDR, XE2_OFFSET, ANY, ANY,
		     ANY, ANY, 0xf, GENMASK(31, 29) | GENMASK(8, 0)),
	    CS_FIELDS(BLOCK_DEPTH)),
	ROW(BLT_OP_MEM_COPY, "MEM_COPY", 10, mem_copy,
	    CS_MASKS(HEAD(GENMASK(12, 9) | GENMASK(19, 17)), GENMASK(23, 0), GENMASK(17, 0),
		     GENMASK(17, 0), GENMASK(17, 0), ADDR, ADDR,
		     GENMASK(31, 25) | GENMASK(6, 3) | BIT(0)),
	    CS_FIELDS({ 0, 17, 2, 0x3 })),
	ROW(BLT_OP_MEM_SET, "MEM_SET", 7, mem_set,
	    CS_MASKS(HEAD(GENMASK(12, 9) | GENMASK(20, 17)), GENMASK(23, 0), GENMASK(17, 0),
		     GENMASK(17, 0), ADDR, GENMASK(31, 24) | GENMASK(6, 3) | BIT(0)),
	    CS_FIELDS({ 0, 19, 2, 0x3 })),
};

const struct cs_command *cs_blt_command(const struct engine *e, u32 header)
{
	const struct cs_command *rows = cs_is_xe2(e) ? xe2_table : table;
	const struct cs_command *c = &rows[BLT_OPCODE(header)];

	return c->name ? c : NULL;
}
