// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Context images
 *
 * The register page of an image is a list of commands: groups of register loads and an end mark.
 * Loading executes the list, saving writes the current values back into the same places, so the
 * page keeps whatever layout the driver gave it. Registers that have no meaning here keep their
 * value words untouched and so survive the round trip.
 *
 * State that no register of the list can hold (the stack of batches, general purpose registers of
 * classes that do not list them) goes into the second half of the page, which is the engine's.
 *
 * While a context is loaded its page belongs to the engine: hardware may write any of it at any
 * time. The host may only move the ring tail. The page is therefore compared with what was loaded
 * whenever the image is looked at again.
 *
 * Locking: the caller holds dma_read_lock().
 */

#include <stdio.h>
#include <string.h>

#include "dev/device.h"
#include "gfx/cs.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/log.h"

/* First dword and magic number of the engine's private part */
#define PRIVATE_DW 0x200u
#define PRIVATE_MAGIC 0x53584d45u
#define BB_ADDR_VALID 0x1u
#define BB_STATE_PPGTT 0x20u
#define N_PREDICATE_REGS 8u
/* Changed dwords that one report lists */
#define MAX_LISTED 6u
/* Clip rectangle of a context that never set one */
#define CLIP_NOTHING 0x7fff7fffu

/**
 * struct lrc_private - engine state behind the register list
 * @magic: PRIVATE_MAGIC once it was saved
 * @level: CS_RING, CS_BATCH or CS_BATCH2
 * @addr: next command of both batch levels
 * @ppgtt: address space of both batch levels
 * @skip: MI_SET_PREDICATE state
 * @predicate: registers 0x400 to 0x41c
 * @predicate_result: registers 0x3b8, 0x3bc
 * @clip: clip rectangle of the blitter
 * @gpr: general purpose registers
 */
struct lrc_private {
	u32 magic;
	u32 level;
	u64 addr[2];
	u32 ppgtt[2];
	u32 skip;
	u32 predicate[N_PREDICATE_REGS];
	u32 predicate_result[2];
	u32 clip[2];
	u32 pad;
	u64 gpr[16];
};

/**
 * typedef lri_fn - called for each register of the list
 * @e: engine
 * @page: register page
 * @at: dword index of the value
 * @off: offset from the engine base
 * @group: number of the load command, from 0
 */
typedef void (*lri_fn)(struct engine *e, u32 *page, unsigned int at, u32 off, unsigned int group);

static bool walk_registers(struct engine *e, u32 *page, lri_fn fn, unsigned int *bad)
{
	unsigned int group = 0;
	unsigned int i = 0;

	while (i < PRIVATE_DW) {
		u32 header = __atomic_load_n(&page[i], __ATOMIC_RELAXED);
		unsigned int n;

		*bad = i;
		if (header == MI_NOOP) {
			i++;
			continue;
		}
		if ((header & ~MI_BBE_END_CONTEXT) == MI_BATCH_BUFFER_END)
			return true;
		if ((header & (CMD_TYPE_MASK | MI_OPCODE_MASK)) != MI_LOAD_REGISTER_IMM)
			return false;
		n = ((header & MI_LRI_LEN_MASK) + 1) / 2;
		if (i + 1 + 2 * n > PRIVATE_DW || !(header & MI_LRI_CS_BASE))
			return false;
		for (i++; n; n--, i += 2)
			fn(e, page, i + 1, page[i] & (XE_ENGINE_MMIO_SIZE - 1), group);
		group++;
	}
	return false;
}

/* --- load ------------------------------------------------------------------------------------ */

static bool restore_inhibited(const struct engine *e)
{
	return cs_reg(e, RING_CONTEXT_CONTROL(0)) & CTX_CTRL_INHIBIT_RESTORE;
}

static void load_register(struct engine *e, u32 *page, unsigned int at, u32 off,
			  unsigned int group)
{
	u32 val = page[at];

	/* The first two groups select the ring and the address space; the rest is engine state. */
	if (group >= 2 && restore_inhibited(e))
		return;
	switch (off) {
	case RING_CONTEXT_CONTROL(0):
		val = (cs_reg(e, off) & ~(val >> 16)) | (val & (val >> 16));
		break;
	case RING_TAIL(0):
		val &= RING_TAIL_ADDR_MASK;
		e->tail_dw = at;
		break;
	default:
		break;
	}
	cs_reg_set(e, off, val);
}

static void load_private(struct engine *e)
{
	struct lrc_private p = { 0 };

	if (!restore_inhibited(e))
		memcpy(&p, e->image + PRIVATE_DW, sizeof(p));
	if (p.magic != PRIVATE_MAGIC || p.level >= CS_LEVELS) {
		memset(&p, 0, sizeof(p));
		p.level = CS_BATCH;
		p.addr[0] = (cs_reg(e, RING_BBADDR(0)) & ~3u) |
			    (u64)cs_reg(e, RING_BBADDR_UDW(0)) << 32;
		p.ppgtt[0] = cs_reg(e, RING_BB_STATE(0)) & BB_STATE_PPGTT;
		p.clip[1] = CLIP_NOTHING;
	}
	if (!(cs_reg(e, RING_BBADDR(0)) & BB_ADDR_VALID))
		p.level = CS_RING;
	e->level = p.level;
	for (unsigned int i = 0; i < 2; i++)
		e->ip[CS_BATCH + i] = (struct cs_ip){ .addr = p.addr[i] & ~3ull,
						      .ppgtt = p.ppgtt[i] };
	e->skip = p.skip;
	memcpy(e->clip, p.clip, sizeof(e->clip));
	for (unsigned int i = 0; i < N_PREDICATE_REGS; i++)
		cs_reg_set(e, MI_PREDICATE_SRC0(0) + 4 * i, p.predicate[i]);
	cs_reg_set(e, RING_PREDICATE_RESULT(0), p.predicate_result[0]);
	cs_reg_set(e, MI_PREDICATE_RESULT_2(0), p.predicate_result[1]);
	for (unsigned int i = 0; i < 16; i++)
		cs_gpr_set(e, i, p.gpr[i]);
}

static bool check_loaded(struct engine *e)
{
	u32 ctl = cs_reg(e, RING_CTL(0));
	u32 start = cs_reg(e, RING_START(0));
	u64 desc = e->run.desc;
	const char *wrong = NULL;

	if (!(desc & LRC_DESC_VALID) || (desc & LRC_DESC_MODE_MASK) != LRC_DESC_MODE_LEGACY64)
		wrong = "descriptor is not valid or has a wrong addressing mode";
	else if (desc >> 61 != e->desc->hw_class && e->dev->platform->graphics_ver < 1250)
		wrong = "descriptor names another engine class";
	else if (!(ctl & RING_CTL_VALID))
		wrong = "ring is not enabled (RING_CTL bit 0)";
	else if (start & 0xfff)
		wrong = "ring start is not aligned to 4 KiB";
	else if (e->ip[CS_RING].addr >= e->ring_size)
		wrong = "ring head lies outside the ring";
	else if (cs_reg(e, RING_TAIL(0)) >= e->ring_size || cs_reg(e, RING_TAIL(0)) & 7)
		wrong = "ring tail lies outside the ring or is not a multiple of 8";
	if (!wrong)
		return true;
	log_violation("lrc-image",
		      "%s: context %u (descriptor 0x%016llx): %s\n"
		      "  ring start 0x%08x ctl 0x%08x head 0x%x tail 0x%x",
		      e->desc->name, e->run.ctx_id, (unsigned long long)desc, wrong, start, ctl,
		      (unsigned int)e->ip[CS_RING].addr, cs_reg(e, RING_TAIL(0)));
	return false;
}

static u32 *map_page(struct engine *e, bool write)
{
	void *page;
	size_t avail;

	if (cs_map(e, true, (u64)e->lrca + LRC_STATE_OFFSET, write, &page, &avail) != CS_MEM_OK)
		return NULL;
	return page;
}

static void load_address_space(struct engine *e)
{
	struct ppgtt_walk walk = { 0 };

	e->ppgtt = e->run.desc & LRC_DESC_PPGTT;
	e->root = cs_reg(e, RING_PDP_LDW(0, 0)) | (u64)cs_reg(e, RING_PDP_UDW(0, 0)) << 32;
	if (!e->ppgtt)
		return;
	ppgtt_root(&e->fmt, e->root, &walk);
	if (walk.rule)
		log_violation(walk.rule, "%s: context %u: PDP0 0x%016llx: %s", e->desc->name,
			      e->run.ctx_id, (unsigned long long)e->root, walk.wrong);
	if (e->run.flush)
		tlb_flush_root(e->tlb, e->root);
}

bool lrc_load(struct engine *e)
{
	unsigned int bad;
	u32 *page;

	e->lrca = (u32)e->run.desc & LRC_DESC_LRCA_MASK;
	page = map_page(e, false);
	if (!page)
		return false;
	for (unsigned int i = 0; i < CS_IMAGE_DWORDS; i++)
		e->image[i] = __atomic_load_n(&page[i], __ATOMIC_RELAXED);

	cs_reg_set(e, RING_CONTEXT_CONTROL(0), 0);
	cs_reg_set(e, RING_CTL(0), 0);
	memset(&e->reg[RING_GPR(0, 0) / 4], 0, 16 * sizeof(u64));
	if (!walk_registers(e, e->image, load_register, &bad)) {
		log_violation("lrc-image", "%s: context %u: dword 0x%x of the register page is "
			      "0x%08x, not a register load, no-op or end", e->desc->name,
			      e->run.ctx_id, bad, e->image[bad]);
		return false;
	}
	e->ring_size = (cs_reg(e, RING_CTL(0)) & RING_CTL_SIZE_MASK) + SZ_4K;
	e->ip[CS_RING] = (struct cs_ip){ .addr = cs_reg(e, RING_HEAD(0)) & RING_HEAD_ADDR_MASK };
	load_private(e);
	if (!restore_inhibited(e))
		walk_registers(e, e->image, load_register, &bad);
	if (!check_loaded(e))
		return false;
	if ((cs_reg(e, LRC_REG_BB_PER_CTX_PTR) | cs_reg(e, LRC_REG_INDIRECT_CTX)) & 1)
		log_error("%s: context %u: context workaround batches are not supported",
			  e->desc->name, e->run.ctx_id);

	e->arb = true;
	e->loops = 0;
	e->waiting = false;
	e->ts_base = cs_reg(e, RING_CTX_TIMESTAMP(0));
	e->ts_load = xm_gpu_ticks(e->dev);
	load_address_space(e);
	return true;
}

/* --- writes behind the engine's back --------------------------------------------------------- */

/* What dword @dw of the loaded image is. */
static const char *dword_name(struct engine *e, unsigned int dw)
{
	unsigned int i = 0;

	while (i <= dw && i < PRIVATE_DW) {
		u32 header = e->image[i];
		unsigned int end;

		if ((header & (CMD_TYPE_MASK | MI_OPCODE_MASK)) != MI_LOAD_REGISTER_IMM) {
			if (i == dw)
				return "command";
			i++;
			continue;
		}
		end = i + 1 + ((header & MI_LRI_LEN_MASK) + 1) / 2 * 2;
		if (dw == i)
			return "load command";
		if (dw < end)
			return (dw - i) % 2 ? "register number" :
			       reg_name(e->dev, e->desc->mmio_base +
						(e->image[dw - 1] & (XE_ENGINE_MMIO_SIZE - 1)));
		i = end;
	}
	return "engine state";
}

static void check_untouched(struct engine *e, const u32 *page)
{
	char list[512], past[3072];
	unsigned int n = 0;
	size_t used = 0;

	for (unsigned int i = 0; i < CS_IMAGE_DWORDS; i++) {
		u32 now = __atomic_load_n(&page[i], __ATOMIC_RELAXED);

		if (now == e->image[i] || i == e->tail_dw)
			continue;
		if (n++ < MAX_LISTED)
			used += (size_t)snprintf(list + used, sizeof(list) - used,
						 "  dword 0x%03x %s: 0x%08x -> 0x%08x\n", i,
						 dword_name(e, i), e->image[i], now);
		e->image[i] = now;
	}
	if (!n)
		return;
	cs_report(e, past, sizeof(past));
	log_violation("lrc-running",
		      "%s: context %u: %u dwords of the image at GGTT 0x%08x were written while it "
		      "runs\n%s%s", e->desc->name, e->run.ctx_id, n, e->lrca, list, past);
}

bool lrc_reload_tail(struct engine *e)
{
	u32 *page = map_page(e, false);
	u32 tail;

	if (!page)
		return false;
	check_untouched(e, page);
	tail = __atomic_load_n(&page[LRC_DW_RING_TAIL], __ATOMIC_ACQUIRE) & RING_TAIL_ADDR_MASK;
	if (tail >= e->ring_size || tail & 7) {
		log_violation("lrc-image", "%s: context %u: new ring tail 0x%x is not in the ring",
			      e->desc->name, e->run.ctx_id, tail);
		return false;
	}
	cs_reg_set(e, RING_TAIL(0), tail);
	return true;
}

/* --- save ------------------------------------------------------------------------------------ */

static void save_register(struct engine *e, u32 *page, unsigned int at, u32 off,
			  unsigned int group)
{
	u32 val;

	switch (off) {
	case RING_HEAD(0):
	case RING_BBADDR(0):
	case RING_BBADDR_UDW(0):
	case RING_BB_STATE(0):
	case RING_CTX_TIMESTAMP(0):
	case RING_IPEHR(0):
		val = cs_reg(e, off);
		break;
	case RING_CONTEXT_CONTROL(0):
		/* What was saved is valid: it may be restored from now on. */
		val = (page[at] & 0xffff0000u) |
		      (cs_reg(e, off) & 0xffffu & ~CTX_CTRL_INHIBIT_RESTORE);
		break;
	default:
		if (off < RING_GPR(0, 0) || off > RING_GPR_UDW(0, 15))
			return;
		val = cs_reg(e, off);
		break;
	}
	__atomic_store_n(&page[at], val, __ATOMIC_RELEASE);
}

static void save_private(const struct engine *e, u32 *page)
{
	struct lrc_private p = { .magic = PRIVATE_MAGIC, .level = e->level, .skip = e->skip };

	for (unsigned int i = 0; i < 2; i++) {
		p.addr[i] = e->ip[CS_BATCH + i].addr;
		p.ppgtt[i] = e->ip[CS_BATCH + i].ppgtt;
	}
	for (unsigned int i = 0; i < N_PREDICATE_REGS; i++)
		p.predicate[i] = cs_reg(e, MI_PREDICATE_SRC0(0) + 4 * i);
	p.predicate_result[0] = cs_reg(e, RING_PREDICATE_RESULT(0));
	p.predicate_result[1] = cs_reg(e, MI_PREDICATE_RESULT_2(0));
	memcpy(p.clip, e->clip, sizeof(p.clip));
	for (unsigned int i = 0; i < 16; i++)
		p.gpr[i] = cs_gpr(e, i);
	memcpy(page + PRIVATE_DW, &p, sizeof(p));
}

bool lrc_save(struct engine *e)
{
	const struct cs_ip *ip = &e->ip[e->level];
	u32 *page = map_page(e, true);
	unsigned int bad;

	if (!page)
		return false;
	check_untouched(e, page);
	cs_reg_set(e, RING_HEAD(0), (u32)e->ip[CS_RING].addr);
	cs_reg_set(e, RING_CTX_TIMESTAMP(0), cs_timestamp(e));
	if (e->level == CS_RING) {
		cs_reg_set(e, RING_BBADDR(0), 0);
		cs_reg_set(e, RING_BBADDR_UDW(0), 0);
		cs_reg_set(e, RING_BB_STATE(0), 0);
	} else {
		cs_reg_set(e, RING_BBADDR(0), (u32)ip->addr | BB_ADDR_VALID);
		cs_reg_set(e, RING_BBADDR_UDW(0), (u32)(ip->addr >> 32));
		cs_reg_set(e, RING_BB_STATE(0), ip->ppgtt ? BB_STATE_PPGTT : 0);
	}
	save_private(e, page);
	return walk_registers(e, page, save_register, &bad);
}

void lrc_save_stamp(struct engine *e)
{
	u32 *page = map_page(e, true);

	if (!page)
		return;
	check_untouched(e, page);
	cs_reg_set(e, RING_CTX_TIMESTAMP(0), cs_timestamp(e));
	__atomic_store_n(&page[LRC_DW_CTX_TIMESTAMP], cs_reg(e, RING_CTX_TIMESTAMP(0)),
			 __ATOMIC_RELEASE);
}
