// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Copies and fills of rectangles
 *
 * A rectangle is cut into pieces: bytes of a row that are contiguous in both surfaces and lie in
 * one page of each. Rows that follow each other without a gap count as one long row. Each surface
 * remembers the pages it has translated, which is right for the length of a command because
 * translations are flushed between commands only. Where the pages lie in this process is looked up
 * anew after the memory map of the guest has changed, which does not wait for the end of a command.
 */

#include "gfx/blit.h"

#include <string.h>

#include "instructions/blt_cmds.h"

#define PAGES 64u
#define PAGE_BYTES 4096u
#define NO_PAGE (~0ull)
/* A piece of a fill: a page, and a pixel more, so that it can start inside of a pixel. */
#define PATTERN_BYTES (PAGE_BYTES + 16u)
/* Look for what others want of the engine after so many pieces, of a page each at most. */
#define PATIENCE 128u

/**
 * struct window - translated pages of one surface
 * @e: engine
 * @ggtt: address space
 * @write: pages are written
 * @slot: page numbers and host pointers, NULL for a NULL page
 */
struct window {
	struct engine *e;
	bool ggtt;
	bool write;
	struct {
		u64 page;
		u8 *ptr;
	} slot[PAGES];
};

/**
 * struct work - a blit under way
 * @b: the blit
 * @e: engine
 * @plain: every byte of the destination is replaced
 * @dst: pages of the destination
 * @src: pages of the source
 * @to: current row of the destination
 * @from: current row of the source
 * @pieces: pieces done
 * @pattern: pixels of a fill
 */
struct work {
	const struct blit *b;
	struct engine *e;
	bool plain;
	struct window dst;
	struct window src;
	struct scanline to;
	struct scanline from;
	unsigned int pieces;
	u8 pattern[PATTERN_BYTES];
};

/**
 * struct piece - bytes that are moved at once
 * @to: destination
 * @from: source
 * @n: bytes
 */
struct piece {
	u64 to;
	u64 from;
	u32 n;
};

static void window_forget(struct window *w)
{
	for (unsigned int i = 0; i < PAGES; i++)
		w->slot[i].page = NO_PAGE;
}

static void window_init(struct window *w, struct engine *e, const struct surface *s, bool write)
{
	w->e = e;
	w->ggtt = s->ggtt;
	w->write = write;
	window_forget(w);
}

/* Host pointer to @va, which is set to NULL for a NULL page. Return: false on a fault. */
static bool window_at(struct window *w, u64 va, u8 **ptr)
{
	u64 page = va / PAGE_BYTES;
	u32 in_page = va % PAGE_BYTES;
	unsigned int i = page % PAGES;
	size_t avail;
	void *p;

	if (w->slot[i].page != page) {
		switch (cs_map(w->e, w->ggtt, va, w->write, &p, &avail)) {
		case CS_MEM_OK:
			w->slot[i].ptr = (u8 *)p - in_page;
			break;
		case CS_MEM_NULL:
			w->slot[i].ptr = NULL;
			break;
		default:
			return false;
		}
		w->slot[i].page = page;
	}
	*ptr = w->slot[i].ptr ? w->slot[i].ptr + in_page : NULL;
	return true;
}

static void move(u8 *to, const u8 *from, u32 n)
{
	u8 column[16];

	/* The columns of tiles, most pieces by far, are moved without a call. */
	if (n != sizeof(column)) {
		memmove(to, from, n);
		return;
	}
	memcpy(column, from, sizeof(column));
	memcpy(to, column, sizeof(column));
}

/* Bitwise function of three bytes: bit n of @rop is the result for p, s, d = n. */
static u8 raster(u8 rop, u8 p, u8 s, u8 d)
{
	u8 out = 0;

	for (unsigned int n = 0; n < 8; n++)
		if (rop >> n & 1)
			out |= (n & 4 ? p : ~p) & (n & 2 ? s : ~s) & (n & 1 ? d : ~d);
	return out;
}

/* @in is what comes from the source or the pattern; @phase is the first byte's place in a pixel. */
static void combine(const struct blit *b, u8 *to, const u8 *in, u32 n, u32 phase)
{
	for (u32 i = 0; i < n; i++)
		if (b->bytes >> (phase + i) % b->dst.bpp & 1)
			to[i] = raster(b->rop, in[i], in[i], to[i]);
}

static bool do_piece(struct work *w, const struct piece *p, u32 phase)
{
	static const u8 zeros[PAGE_BYTES];
	const u8 *in = w->pattern + phase;
	u8 *to, *from;

	if (!w->b->colour) {
		if (!window_at(&w->src, p->from, &from))
			return false;
		in = from ? from : zeros;
	}
	if (!window_at(&w->dst, p->to, &to))
		return false;
	if (!to)
		return true;
	if (w->plain)
		move(to, in, p->n);
	else
		combine(w->b, to, in, p->n, phase);
	return true;
}

/* The piece that starts at byte @x of the row of the rectangle. */
static struct piece piece_at(const struct work *w, u64 x, u64 left)
{
	u32 n = XM_MIN(left, PAGE_BYTES), span;
	struct piece p = { 0 };

	p.to = scanline_at(&w->to, (u64)w->b->rect.x1 * w->b->dst.bpp + x, &span);
	n = XM_MIN(n, span);
	n = XM_MIN(n, PAGE_BYTES - (u32)(p.to % PAGE_BYTES));
	if (!w->b->colour) {
		p.from = scanline_at(&w->from, (u64)w->b->sx * w->b->src.bpp + x, &span);
		n = XM_MIN(n, span);
		n = XM_MIN(n, PAGE_BYTES - (u32)(p.from % PAGE_BYTES));
	}
	p.n = n;
	return p;
}

/* The piece that ends before byte @x of the row of the rectangle. */
static struct piece piece_before(const struct work *w, u64 x)
{
	u32 to_span, from_span;
	struct piece p;

	p.to = scanline_before(&w->to, (u64)w->b->rect.x1 * w->b->dst.bpp + x, &to_span);
	p.from = scanline_before(&w->from, (u64)w->b->sx * w->b->src.bpp + x, &from_span);
	p.to += to_span;
	p.from += from_span;
	p.n = XM_MIN(XM_MIN(to_span, from_span), (u32)XM_MIN(x, PAGE_BYTES));
	p.n = XM_MIN(p.n, (u32)((p.to - 1) % PAGE_BYTES) + 1);
	p.n = XM_MIN(p.n, (u32)((p.from - 1) % PAGE_BYTES) + 1);
	p.to -= p.n;
	p.from -= p.n;
	return p;
}

/* Return: false if the blit has to end here. */
static bool look_up(struct work *w)
{
	bool moved, go_on;

	if (++w->pieces % PATIENCE)
		return true;
	go_on = cs_make_way(w->e, &moved);
	if (moved) {
		window_forget(&w->dst);
		window_forget(&w->src);
	}
	return go_on;
}

static enum cs_result do_row(struct work *w, u64 bytes)
{
	struct piece p;

	for (u64 done = 0; done < bytes; done += p.n) {
		u64 x = done;

		if (w->b->from_right) {
			p = piece_before(w, bytes - done);
			x = bytes - done - p.n;
		} else {
			p = piece_at(w, done, bytes - done);
		}
		if (!do_piece(w, &p, (u32)(x % w->b->dst.bpp)))
			return CS_FAULT;
		if (!look_up(w))
			return CS_WAIT;
	}
	return CS_OK;
}

static bool gapless(const struct surface *s, u64 bytes)
{
	return s->tiling == TILE_LINEAR && s->pitch == bytes;
}

static bool pitch_wrong(const struct surface *s)
{
	return s->pitch % tile_width(s->tiling, s->bpp) ||
	       (s->bpp == 12 && s->tiling != TILE_LINEAR);
}

static enum cs_result check(struct engine *e, const char *name, const struct blit *b)
{
	if (!b->dst.bpp)
		return cs_malformed(e, "%s: undefined colour depth", name);
	if (pitch_wrong(&b->dst) || (!b->colour && pitch_wrong(&b->src)))
		return cs_malformed(e, "%s: pitch or colour depth does not fit the tiling", name);
	if (b->rect.x1 < 0 || b->rect.y1 < 0 || (!b->colour && (b->sx < 0 || b->sy < 0)))
		return cs_malformed(e, "%s: negative coordinates", name);
	return CS_OK;
}

static void work_init(struct work *w, struct engine *e, const struct blit *b, u64 bytes)
{
	u32 bpp = b->dst.bpp, n = XM_MIN(bytes + bpp, PATTERN_BYTES);
	u32 all = bpp < 16 ? (1u << bpp) - 1 : BLIT_BYTES_ALL;

	w->b = b;
	w->e = e;
	w->pieces = 0;
	w->plain = b->rop == (b->colour ? BLT_ROP_PAT_COPY : BLT_ROP_SRC_COPY) &&
		   (b->bytes & all) == all;
	window_init(&w->dst, e, &b->dst, true);
	if (!b->colour) {
		window_init(&w->src, e, &b->src, false);
		return;
	}
	for (u32 i = 0; i < n; i++)
		w->pattern[i] = ((const u8 *)b->colour)[i % bpp];
}

enum cs_result blit_run(struct engine *e, const char *name, const struct blit *b)
{
	u64 rows = b->rect.y2 > b->rect.y1 ? (u64)(b->rect.y2 - b->rect.y1) : 0;
	u64 bytes = b->rect.x2 > b->rect.x1 ? (u64)(b->rect.x2 - b->rect.x1) * b->dst.bpp : 0;
	enum cs_result result = check(e, name, b);
	struct work w;

	if (result != CS_OK || !bytes)
		return result;
	if (!b->from_right && !b->from_bottom && gapless(&b->dst, bytes) &&
	    (b->colour || gapless(&b->src, bytes))) {
		bytes *= rows;
		rows = XM_MIN(rows, 1);
	}
	work_init(&w, e, b, bytes);
	for (u64 i = 0; i < rows && result == CS_OK; i++) {
		u64 row = b->from_bottom ? rows - 1 - i : i;

		w.to = surface_row(&b->dst, (u64)b->rect.y1 + row);
		if (!b->colour)
			w.from = surface_row(&b->src, (u64)b->sy + row);
		result = do_row(&w, bytes);
	}
	return result;
}
