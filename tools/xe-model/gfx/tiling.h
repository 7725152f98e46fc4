/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_TILING_H
#define XM_GFX_TILING_H

#include "util/types.h"

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
 * @pitch: bytes from a row to the next, a multiple of the tile's width
 * @bpp: bytes of a pixel: 1, 2, 4, 8 or 16; if linear also 12, or more for a copy
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
 * tile_width() - bytes of a row of a tile
 * @tiling: layout
 * @bpp: bytes of a pixel
 *
 * Return: bytes; 1 for linear surfaces.
 */
u32 tile_width(enum tiling tiling, u32 bpp);

struct tile;

/**
 * struct scanline - a row of a surface
 * @base: address of its first byte
 * @tile: layout, NULL if linear
 */
struct scanline {
	u64 base;
	const struct tile *tile;
};

/**
 * surface_row() - find a row
 * @s: surface
 * @y: number of the row
 *
 * Return: the row.
 */
struct scanline surface_row(const struct surface *s, u64 y);

/**
 * scanline_at() - find a byte of a row
 * @row: row
 * @x: byte in the row
 * @span: set to the bytes that follow each other in memory from there to the right, at most
 *
 * Return: its address.
 */
u64 scanline_at(const struct scanline *row, u64 x, u32 *span);

/**
 * scanline_before() - find the bytes to the left of a place
 * @row: row
 * @x: byte in the row, exclusive end, not 0
 * @span: set to the bytes that follow each other in memory up to there, at most
 *
 * Return: the address of byte @x - @span.
 */
u64 scanline_before(const struct scanline *row, u64 x, u32 *span);

#endif
