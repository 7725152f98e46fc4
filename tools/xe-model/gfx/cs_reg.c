// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Registers of a command streamer
 *
 * The registers that belong to the running context, and those that show where the engine is,
 * live in the engine; everything else lives in the register file of the device. Commands reach
 * both, with the rights of the stream they are in: the ring and batches in the GGTT may touch
 * everything, other batches only what hardware or the driver (FORCE_TO_NONPRIV) opened.
 *
 * Locking: the engine's thread is the only writer; other threads read single dwords.
 */

#include "dev/device.h"
#include "gfx/cs.h"
#include "regs/xe_engine_regs.h"
#include "util/log.h"

#define WINDOW XE_ENGINE_MMIO_SIZE

u32 cs_reg(const struct engine *e, u32 off)
{
	return __atomic_load_n(&e->reg[(off & (WINDOW - 1)) / 4], __ATOMIC_RELAXED);
}

void cs_reg_set(struct engine *e, u32 off, u32 val)
{
	__atomic_store_n(&e->reg[(off & (WINDOW - 1)) / 4], val, __ATOMIC_RELAXED);
}

u64 cs_gpr(const struct engine *e, unsigned int n)
{
	return cs_reg(e, RING_GPR(0, n)) | (u64)cs_reg(e, RING_GPR_UDW(0, n)) << 32;
}

void cs_gpr_set(struct engine *e, unsigned int n, u64 val)
{
	cs_reg_set(e, RING_GPR(0, n), (u32)val);
	cs_reg_set(e, RING_GPR_UDW(0, n), (u32)(val >> 32));
}

u32 cs_timestamp(const struct engine *e)
{
	return (u32)(e->ts_base + xm_gpu_ticks(e->dev) - e->ts_load);
}

/* In &engine.ts_shown: the low half holds, the register advances. */
#define STAMP_RUNS	0x100000000ull

void cs_show_timestamp(struct engine *e, bool runs)
{
	u64 shown = runs ? STAMP_RUNS | (u32)(e->ts_base - e->ts_load) : 0;

	__atomic_store_n(&e->ts_shown, shown, __ATOMIC_RELEASE);
}

/* Registers (offsets from the base, inclusive ranges) that live in the engine. */
static const struct {
	u16 first;
	u16 last;
} owned[] = {
	{ 0x030, 0x03c }, { 0x05c, 0x05c }, { 0x068, 0x068 }, { 0x074, 0x074 }, { 0x094, 0x094 },
	{ 0x110, 0x110 }, { 0x140, 0x140 }, { 0x168, 0x168 }, { 0x180, 0x180 }, { 0x1c0, 0x1c8 },
	{ 0x244, 0x244 }, { 0x270, 0x28c }, { 0x2b4, 0x2b4 }, { 0x3a8, 0x3ac }, { 0x3b8, 0x3bc },
	{ 0x400, 0x41c }, { 0x600, 0x67c },
};

static bool is_owned(u32 off)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(owned); i++)
		if (off >= owned[i].first && off <= owned[i].last)
			return true;
	return false;
}

static bool in_window(const struct engine *e, u32 off)
{
	return off - e->desc->mmio_base < WINDOW;
}

u32 cs_reg_offset(const struct engine *e, u32 dw, bool cs_base, bool remap)
{
	u32 off = dw & 0x7ffffc;

	if (cs_base)
		return e->desc->mmio_base + (off & (WINDOW - 1));
	if (remap && off - RENDER_RING_BASE < WINDOW)
		return e->desc->mmio_base + (off - RENDER_RING_BASE);
	return off;
}

/*
 * Registers any batch may use, beside the slots the driver programs: general purpose and
 * predicate registers, timestamps, the tiling control of the blitter, and the counters and
 * indirect draw parameters that user-mode drivers of render engines depend on.
 */
static const struct {
	u8 hw_class;
	bool absolute;
	bool write;
	u32 first;
	u32 last;
} user_regs[] = {
	{ 0xff, false, true, 0x600, 0x67c },
	{ 0xff, false, true, 0x400, 0x41c },
	{ 0xff, false, true, 0x3b8, 0x3bc },
	{ 0xff, false, false, 0x358, 0x35c },
	{ 0xff, false, false, 0x3a8, 0x3ac },
	{ XM_CLASS_COPY, false, true, 0x200, 0x200 },
	{ XM_CLASS_RENDER, false, false, 0x290, 0x29b },
	{ XM_CLASS_RENDER, false, false, 0x2d8, 0x35c },
	{ XM_CLASS_RENDER, false, true, 0x430, 0x440 },
	{ XM_CLASS_RENDER, false, true, 0x500, 0x50c },
	{ XM_CLASS_RENDER, true, true, 0x5200, 0x525c },
};

static bool nonpriv_slot_allows(const struct engine *e, u32 off, bool write)
{
	static const u32 span[] = { 1 * 4, 4 * 4, 16 * 4, 64 * 4 };

	for (unsigned int i = 0; i < RING_FORCE_TO_NONPRIV_SLOTS; i++) {
		u32 slot = reg_peek(e->dev, RING_FORCE_TO_NONPRIV(e->desc->mmio_base, i));
		u32 base = slot & NONPRIV_ADDR_MASK;
		u32 bytes = span[slot & NONPRIV_RANGE_64];
		u32 access = slot & (NONPRIV_ACCESS_RD | NONPRIV_ACCESS_WR);

		if (!slot || slot & NONPRIV_DENY)
			continue;
		if ((off & ~(bytes - 1)) != (base & ~(bytes - 1)))
			continue;
		if (access == NONPRIV_ACCESS_RW ||
		    access == (write ? NONPRIV_ACCESS_WR : NONPRIV_ACCESS_RD))
			return true;
	}
	return false;
}

static bool user_may(const struct engine *e, u32 off, bool write)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(user_regs); i++) {
		u32 rel = user_regs[i].absolute ? off : off - e->desc->mmio_base;

		if (user_regs[i].hw_class != 0xff && user_regs[i].hw_class != e->desc->hw_class)
			continue;
		if (rel >= user_regs[i].first && rel <= user_regs[i].last &&
		    (!write || user_regs[i].write))
			return true;
	}
	return nonpriv_slot_allows(e, off, write);
}

static bool allowed(struct engine *e, u32 off, bool write)
{
	if (cs_privileged(e) || user_may(e, off, write))
		return true;
	for (unsigned int i = 0; i < e->n_dropped; i++)
		if (e->dropped_regs[i] == off)
			return false;
	if (e->n_dropped < ARRAY_SIZE(e->dropped_regs)) {
		e->dropped_regs[e->n_dropped++] = off;
		log_info("%s: context %u: user batch may not %s register 0x%x (%s), dropped",
			 e->desc->name, e->run.ctx_id, write ? "write" : "read", off,
			 reg_name(e->dev, off));
	}
	return false;
}

static u32 current(struct engine *e, u32 rel)
{
	cs_publish(e);
	return cs_reg(e, rel);
}

bool cs_reg_read(struct engine *e, u32 off, u32 *val)
{
	u32 rel = off - e->desc->mmio_base;

	*val = 0;
	if (!allowed(e, off, false))
		return false;
	if (!in_window(e, off) || !is_owned(rel))
		*val = reg_read(e->dev, off, REG_FROM_ENGINE);
	else if (rel == RING_CTX_TIMESTAMP(0))
		*val = cs_timestamp(e);
	else
		*val = current(e, rel);
	return true;
}

void cs_reg_write(struct engine *e, u32 off, u32 val)
{
	u32 rel = off - e->desc->mmio_base;

	if (!allowed(e, off, true))
		return;
	if (!in_window(e, off) || !is_owned(rel)) {
		reg_write(e->dev, off, val, REG_FROM_ENGINE);
		return;
	}
	if (rel == RING_CTX_TIMESTAMP(0)) {
		e->ts_base = val;
		e->ts_load = xm_gpu_ticks(e->dev);
		cs_show_timestamp(e, true);
	} else if (rel == RING_CONTEXT_CONTROL(0)) {
		val = (cs_reg(e, rel) & ~(val >> 16)) | (val & (val >> 16));
	}
	cs_reg_set(e, rel, val);
}

static bool hook_read(struct xm_device *dev, u32 off, enum reg_origin origin, u32 *val, void *ctx)
{
	const struct engine *e = ctx;
	u32 rel = off - e->desc->mmio_base;

	if (!is_owned(rel))
		return false;
	if (rel == RING_CTX_TIMESTAMP(0)) {
		u64 shown = __atomic_load_n(&e->ts_shown, __ATOMIC_ACQUIRE);

		if (shown & STAMP_RUNS) {
			*val = (u32)(shown + xm_gpu_ticks(e->dev));
			return true;
		}
	}
	*val = cs_reg(e, rel);
	return true;
}

int cs_reg_hook(struct engine *e)
{
	u32 base = e->desc->mmio_base;

	return reg_add_hook(e->dev, base, base + WINDOW - 4, hook_read, NULL, e);
}
