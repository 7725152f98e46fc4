// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Blitter commands
 *
 * Rectangle copies and fills of the copy engine. A command is decoded into surfaces and a
 * rectangle; one routine then copies or fills row by row, in pieces that are contiguous in both
 * surfaces.
 */

#include <string.h>

#include "dev/device.h"
#include "gfx/cs.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"

#define BLT_OPCODE(h) ((h) >> 22 & 0x7f)
#define SPAN_MAX 512u

/**
 * enum tiling - how a surface is laid out in memory
 * @TILE_LINEAR: rows
 * @TILE_X: 512 bytes by 8 rows
 * @TILE_Y: 128 bytes by 32 rows, in columns of 16 bytes
 * @TILE_YF: 4 KiB tile of Xe_LP's "new" layouts
 * @TILE_4: 4 KiB tile of later platforms
 * @TILE_64: 64 KiB tile
 */
enum tiling {
	TILE_LINEAR,
	TILE_X,
	TILE_Y,
	TILE_YF,
	TILE_4,
	TILE_64,
};

/**
 * struct surface - one side of a blit
 * @addr: start
 * @ggtt: address space
 * @pitch: bytes from a row to the next
 * @bpp: bytes of a pixel
 * @tiling: layout
 */
struct surface {
	u64 addr;
	bool ggtt;
	u32 pitch;
	u32 bpp;
	enum tiling tiling;
};

/**
 * struct rect - pixels [x1, x2) of rows [y1, y2)
 * @x1: left
 * @y1: top
 * @x2: right, exclusive
 * @y2: bottom, exclusive
 */
struct rect {
	s32 x1, y1, x2, y2;
};

/**
 * struct tile - geometry: where each bit of the offset in a tile comes from
 * @width: bytes
 * @height: rows
 * @bits: from the highest bit of the offset to the lowest: next bit of x (bytes) or of y
 */
struct tile {
	u16 width;
	u16 height;
	const char *bits;
};

static const struct tile tiles[] = {
	[TILE_X] = { 512, 8, "YYYXXXXXXXXX" },
	[TILE_Y] = { 128, 32, "XXXYYYYYXXXX" },
	[TILE_YF] = { 128, 32, "XYXYXYYYXXXX" },
	[TILE_4] = { 128, 32, "YYXYXXYYXXXX" },
};

static const struct tile tiles64[] = {
	{ 256, 256, "YYYXYYXYXXYYXXXX" },
	{ 512, 128, "YYXXYYXYXXYYXXXX" },
	{ 1024, 64, "YXXXYYXYXXYYXXXX" },
};

static const struct tile *tile_of(const struct surface *s)
{
	if (s->tiling != TILE_64)
		return &tiles[s->tiling];
	return &tiles64[s->bpp == 1 ? 0 : s->bpp <= 4 ? 1 : 2];
}

static u32 swizzle(const struct tile *t, u32 x, u32 y)
{
	unsigned int n = strlen(t->bits);
	u32 off = 0;

	for (unsigned int i = 0; i < n; i++) {
		u32 *from = t->bits[n - 1 - i] == 'X' ? &x : &y;

		off |= (*from & 1) << i;
		*from >>= 1;
	}
	return off;
}

/* Address of byte @x of row @y; @span is cut to what is contiguous from there. */
static u64 locate(const struct surface *s, u64 x, u64 y, u32 *span)
{
	const struct tile *t;
	u32 run;

	if (s->tiling == TILE_LINEAR)
		return s->addr + y * s->pitch + x;
	t = tile_of(s);
	run = s->tiling == TILE_X ? 512 : 16;
	*span = XM_MIN(*span, run - (u32)(x % run));
	return s->addr + y / t->height * s->pitch * t->height +
	       x / t->width * t->width * t->height + swizzle(t, x % t->width, y % t->height);
}

static enum cs_result copy_rect(struct engine *e, const struct surface *dst, const struct rect *r,
				const struct surface *src, s32 sx, s32 sy)
{
	u64 bytes = r->x2 > r->x1 ? (u64)(r->x2 - r->x1) * dst->bpp : 0;
	u8 piece[SPAN_MAX];

	for (s32 row = 0; row < r->y2 - r->y1; row++) {
		for (u64 done = 0; done < bytes;) {
			u32 n = XM_MIN(bytes - done, SPAN_MAX);
			u64 from = locate(src, (u64)sx * src->bpp + done, sy + row, &n);
			u64 to = locate(dst, (u64)r->x1 * dst->bpp + done, r->y1 + row, &n);

			if (!cs_load(e, src->ggtt, from, piece, n) ||
			    !cs_store(e, dst->ggtt, to, piece, n))
				return CS_FAULT;
			done += n;
		}
	}
	return CS_OK;
}

static enum cs_result fill_rect(struct engine *e, const struct surface *dst, const struct rect *r,
				const u32 *colour)
{
	u64 bytes = r->x2 > r->x1 ? (u64)(r->x2 - r->x1) * dst->bpp : 0;
	u8 piece[SPAN_MAX + 16];

	for (u32 i = 0; i < sizeof(piece); i++)
		piece[i] = ((const u8 *)colour)[i % dst->bpp];
	for (s32 row = 0; row < r->y2 - r->y1; row++) {
		for (u64 done = 0; done < bytes;) {
			u32 n = XM_MIN(bytes - done, SPAN_MAX);
			u64 to = locate(dst, (u64)r->x1 * dst->bpp + done, r->y1 + row, &n);

			if (!cs_store(e, dst->ggtt, to, piece + done % dst->bpp, n))
				return CS_FAULT;
			done += n;
		}
	}
	return CS_OK;
}

/* --- decoding -------------------------------------------------------------------------------- */

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

static bool bad_rect(const struct rect *r, s32 sx, s32 sy)
{
	return r->x1 < 0 || r->y1 < 0 || sx < 0 || sy < 0;
}

static u32 pitch_bytes(u32 pitch, enum tiling tiling)
{
	return tiling == TILE_LINEAR ? pitch : pitch * 4;
}

static bool is_xe2(const struct engine *e)
{
	return e->dev->platform->graphics_ver >= 2000;
}

/* Bytes per pixel of the depth code of FAST_COPY, SRC_COPY and COLOR; 0 if undefined. */
static u32 depth_old(u32 code)
{
	static const u8 bytes[8] = { 1, 2, 2, 4, 8, 16 };

	return bytes[code & 7];
}

/* The same for BLOCK_COPY and FAST_COLOR. */
static u32 depth_new(u32 code)
{
	static const u8 bytes[8] = { 1, 2, 4, 8, 12, 16 };

	return bytes[code & 7];
}

static enum tiling fast_copy_tiling(const struct engine *e, u32 code, bool new_type)
{
	switch (code & 3) {
	case 0:
		return TILE_LINEAR;
	case 1:
		return TILE_X;
	case 2:
		if (is_xe2(e))
			return TILE_4;
		return new_type ? TILE_YF : TILE_Y;
	default:
		return TILE_64;
	}
}

static enum cs_result xy_fast_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_old(dw[1] >> 24);
	bool ggtt = cs_stream_ggtt(e);
	struct surface dst = { .addr = address(dw + 4), .bpp = bpp, .ggtt = ggtt };
	struct surface src = { .addr = address(dw + 8), .bpp = bpp, .ggtt = ggtt };
	struct rect r = rect_of(dw + 2);

	dst.tiling = fast_copy_tiling(e, dw[0] >> 13, dw[1] >> 30 & 1);
	src.tiling = fast_copy_tiling(e, dw[0] >> 20, dw[1] >> 31);
	dst.pitch = pitch_bytes(dw[1] & 0xffff, dst.tiling);
	src.pitch = pitch_bytes(dw[7] & 0xffff, src.tiling);
	if (!bpp || bad_rect(&r, low16(dw[6]), high16(dw[6])))
		return cs_hang(e, "XY_FAST_COPY_BLT: bad depth or rectangle");
	return copy_rect(e, &dst, &r, &src, low16(dw[6]), high16(dw[6]));
}

static enum tiling block_copy_tiling(const struct engine *e, u32 code)
{
	static const enum tiling xe2[] = { TILE_LINEAR, TILE_X, TILE_4, TILE_64 };

	if (is_xe2(e))
		return xe2[code & 3];
	return code & 3 ? TILE_Y : TILE_LINEAR;
}

static void block_surface(const struct engine *e, struct surface *s, const u32 *dw, u32 bpp)
{
	s->bpp = bpp;
	s->ggtt = cs_stream_ggtt(e);
	s->tiling = block_copy_tiling(e, dw[0] >> 30);
	s->pitch = pitch_bytes((dw[0] & 0x3ffff) + 1, s->tiling);
}

static enum cs_result xy_block_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_new(dw[0] >> 19);
	s32 sx = low16(dw[7]) + (s32)(dw[11] & 0x3fff);
	s32 sy = high16(dw[7]) + (s32)(dw[11] >> 16 & 0x3fff);
	struct rect r = rect_of(dw + 2);
	struct surface dst, src;

	block_surface(e, &dst, dw + 1, bpp);
	block_surface(e, &src, dw + 8, bpp);
	dst.addr = address(dw + 4);
	src.addr = address(dw + 9);
	r.x1 += dw[6] & 0x3fff;
	r.x2 += dw[6] & 0x3fff;
	r.y1 += dw[6] >> 16 & 0x3fff;
	r.y2 += dw[6] >> 16 & 0x3fff;
	if (!bpp || bad_rect(&r, sx, sy))
		return cs_hang(e, "XY_BLOCK_COPY_BLT: bad depth or rectangle");
	return copy_rect(e, &dst, &r, &src, sx, sy);
}

static enum cs_result xy_fast_color(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_new(dw[0] >> 19);
	struct rect r = rect_of(dw + 2);
	struct surface dst;

	block_surface(e, &dst, dw + 1, bpp);
	dst.addr = address(dw + 4);
	r.x1 += dw[6] & 0x3fff;
	r.x2 += dw[6] & 0x3fff;
	r.y1 += dw[6] >> 16 & 0x3fff;
	r.y2 += dw[6] >> 16 & 0x3fff;
	if (!bpp || bad_rect(&r, 0, 0))
		return cs_hang(e, "XY_FAST_COLOR_BLT: bad depth or rectangle");
	return fill_rect(e, &dst, &r, dw + 7);
}

static enum tiling swctrl_tiling(const struct engine *e, bool tiled, u32 y_bit)
{
	if (!tiled)
		return TILE_LINEAR;
	return reg_peek(e->dev, BCS_SWCTRL(e->desc->mmio_base)) & y_bit ? TILE_Y : TILE_X;
}

static enum cs_result xy_src_copy(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_old(dw[1] >> 24 & 3);
	bool ggtt = cs_stream_ggtt(e);
	struct surface dst = { .addr = address(dw + 4), .bpp = bpp, .ggtt = ggtt };
	struct surface src = { .addr = address(dw + 8), .bpp = bpp, .ggtt = ggtt };
	struct rect r = rect_of(dw + 2);

	dst.tiling = swctrl_tiling(e, dw[0] >> 11 & 1, 2);
	src.tiling = swctrl_tiling(e, dw[0] >> 15 & 1, 1);
	dst.pitch = pitch_bytes(dw[1] & 0xffff, dst.tiling);
	src.pitch = pitch_bytes(dw[7] & 0xffff, src.tiling);
	if ((dw[1] >> 16 & 0xff) != 0xcc || bad_rect(&r, low16(dw[6]), high16(dw[6])))
		return cs_hang(e, "XY_SRC_COPY_BLT: raster operation 0x%02x or bad rectangle",
			       dw[1] >> 16 & 0xff);
	return copy_rect(e, &dst, &r, &src, low16(dw[6]), high16(dw[6]));
}

static enum cs_result xy_color(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 bpp = depth_old(dw[1] >> 24 & 3);
	struct surface dst = { .addr = address(dw + 4), .bpp = bpp, .ggtt = cs_stream_ggtt(e) };
	struct rect r = rect_of(dw + 2);
	u32 colour[4] = { dw[6] };

	dst.tiling = swctrl_tiling(e, dw[0] >> 11 & 1, 2);
	dst.pitch = pitch_bytes(dw[1] & 0xffff, dst.tiling);
	if ((dw[1] >> 16 & 0xff) != 0xf0 || bad_rect(&r, 0, 0))
		return cs_hang(e, "XY_COLOR_BLT: raster operation 0x%02x or bad rectangle",
			       dw[1] >> 16 & 0xff);
	return fill_rect(e, &dst, &r, colour);
}

/* --- table ----------------------------------------------------------------------------------- */

#define ROW(op, str, lo, hi, fn) \
	[op] = { .name = str, .min = lo, .max = hi, .run = fn }

static const struct cs_command table[128] = {
	ROW(0x41, "XY_BLOCK_COPY_BLT", 12, 22, xy_block_copy),
	ROW(0x42, "XY_FAST_COPY_BLT", 10, 10, xy_fast_copy),
	ROW(0x44, "XY_FAST_COLOR_BLT", 11, 16, xy_fast_color),
	ROW(0x50, "XY_COLOR_BLT", 7, 7, xy_color),
	ROW(0x53, "XY_SRC_COPY_BLT", 10, 10, xy_src_copy),
};

const struct cs_command *cs_blt_command(const struct engine *e, u32 header)
{
	const struct cs_command *c = &table[BLT_OPCODE(header)];

	return c->name ? c : NULL;
}
