/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_GFX_BLIT_H
#define XM_GFX_BLIT_H

#include "gfx/cs.h"
#include "gfx/tiling.h"

/* Raster operations: bit n of the code is the result for pattern, source, destination = n */
#define BLIT_BYTES_ALL 0xffffu

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
 * struct blit - a copy or a fill of a rectangle
 * @dst: destination
 * @src: source of a copy, with the same bytes per pixel
 * @rect: pixels of the destination; nothing happens if it is empty
 * @sx: first pixel in a row of the source
 * @sy: first row of the source
 * @colour: one pixel (16 bytes) to fill with, NULL for a copy
 * @rop: raster operation of pattern (@colour), source and destination
 * @bytes: bit n: byte n of each pixel is written
 * @from_right: copy each row from its end
 * @from_bottom: copy the last row first
 */
struct blit {
	struct surface dst;
	struct surface src;
	struct rect rect;
	s32 sx, sy;
	const u32 *colour;
	u8 rop;
	u16 bytes;
	bool from_right;
	bool from_bottom;
};

/**
 * blit_run() - check and carry out
 * @e: engine, dma_read_lock() held
 * @name: command, for reports
 * @b: what to do
 *
 * Return: CS_OK; CS_FAULT; CS_HANG if it makes no sense (reported); CS_WAIT if the engine is being
 * reset and the blit was left unfinished.
 */
enum cs_result blit_run(struct engine *e, const char *name, const struct blit *b);

#endif
