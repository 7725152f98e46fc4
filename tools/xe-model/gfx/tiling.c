// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Tilings
 *
 * A tile is a rectangle that is contiguous in memory; tiles follow each other row by row. Inside a
 * tile each bit of the offset is a bit of the x coordinate (in bytes) or of y. The patterns are
 * those of section 11.9 of Documentation/hardware/commands.md.
 */

#include "gfx/tiling.h"

/**
 * struct tile - geometry and layout of one tile
 * @width: log2 of the bytes of a row
 * @height: log2 of the rows
 * @run: log2 of the bytes that follow each other in a row: these bits of x stay where they are
 * @x_bits: bits of the offset that come from x, lowest first; the others come from y
 */
struct tile {
	u8 width;
	u8 height;
	u8 run;
	u16 x_bits;
};

static const struct tile tiles[] = {
	/* YYYXXXXXXXXX */
	[TILE_X] = { 9, 3, 9, 0x1ff },
	/* XXXYYYYYXXXX */
	[TILE_Y] = { 7, 5, 4, 0xe0f },
	/* XYXYXYYYXXXX */
	[TILE_YF] = { 7, 5, 4, 0xa8f },
	/* YYXYXXYYXXXX */
	[TILE_4] = { 7, 5, 4, 0x2cf },
};

static const struct tile tiles64[] = {
	/* YYYXYYXYXXYYXXXX */
	{ 8, 8, 4, 0x12cf },
	/* YYXXYYXYXXYYXXXX */
	{ 9, 7, 4, 0x32cf },
	/* YXXXYYXYXXYYXXXX */
	{ 10, 6, 4, 0x72cf },
};

static const struct tile *tile_of(enum tiling tiling, u32 bpp)
{
	if (tiling != TILE_64)
		return &tiles[tiling];
	return &tiles64[bpp == 1 ? 0 : bpp <= 4 ? 1 : 2];
}

u32 tile_width(enum tiling tiling, u32 bpp)
{
	return tiling == TILE_LINEAR ? 1 : 1u << tile_of(tiling, bpp)->width;
}

/* Spread the low bits of @v to the places where @mask has ones. */
static u32 deposit(u32 v, u32 mask)
{
	u32 out = 0;

	for (; mask; v >>= 1, mask &= mask - 1)
		out |= -(v & 1) & mask & -mask;
	return out;
}

struct scanline surface_row(const struct surface *s, u64 y)
{
	struct scanline row = { .base = s->addr };
	const struct tile *t;
	u32 in_tile;

	if (s->tiling == TILE_LINEAR) {
		row.base += y * s->pitch;
		return row;
	}
	t = tile_of(s->tiling, s->bpp);
	in_tile = (1u << (t->width + t->height)) - 1;
	row.tile = t;
	row.base += (y >> t->height) * s->pitch << t->height;
	row.base += deposit(y & ((1u << t->height) - 1), in_tile & ~t->x_bits);
	return row;
}

/* Bytes of the offsets of a tile that come from x, and whole tiles to the left. */
static u64 across(const struct tile *t, u64 x)
{
	u32 run_mask = (1u << t->run) - 1;
	u32 in_row = x & ((1u << t->width) - 1);

	return (x >> t->width << (t->width + t->height)) + (x & run_mask) +
	       deposit(in_row >> t->run, t->x_bits & ~run_mask);
}

u64 scanline_at(const struct scanline *row, u64 x, u32 *span)
{
	const struct tile *t = row->tile;

	if (!t) {
		*span = ~0u;
		return row->base + x;
	}
	*span = (1u << t->run) - (u32)(x & ((1u << t->run) - 1));
	return row->base + across(t, x);
}

u64 scanline_before(const struct scanline *row, u64 x, u32 *span)
{
	const struct tile *t = row->tile;

	if (!t) {
		*span = (u32)XM_MIN(x, ~0u);
		return row->base + x - *span;
	}
	*span = (u32)((x - 1) & ((1u << t->run) - 1)) + 1;
	return row->base + across(t, x - *span);
}
