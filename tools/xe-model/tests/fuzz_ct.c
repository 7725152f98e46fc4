// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Feeds the GuC: messages and garbage in the rings, descriptors, mailbox requests, work queues and
 * ADS, and engines that stop when and why the input says. The GuC has no thread here, time is
 * stepped, and the engines below are stand-ins without threads, so an input always does the same.
 * After every operation the state of the scheduler and all messages to the host are checked.
 *
 * An input is a list of operations: a byte that says what, then its arguments, little-endian.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "abi/guc_messages.h"
#include "dev/device.h"
#include "fw/guc.h"
#include "fw/guc_boot.h"
#include "fw/guc_ctx.h"
#include "gfx/engine.h"
#include "instructions/lrc_layout.h"
#include "regs/xe_guc_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/fuzz.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"

#define RAM_BYTES 0x20000u
#define RAM_DMA 0x10000000ull
/* The global table maps all of the memory from here; what lies behind is not mapped. */
#define RAM_GGTT 0x1000000u

/* Offsets in the memory: firmware, ADS, descriptors and rings, the rest for contexts and queues */
#define AT_FW 0x0u
#define FW_BYTES 0x1000u
#define AT_ADS 0x2000u
#define AT_DESC 0x8000u
#define AT_H2G 0x9000u
#define AT_G2H 0xa000u
#define AT_FREE 0xb000u
#define N_CTX 8u
#define AT_CTX(id) (AT_FREE + (id) % N_CTX * 0x2000u)
#define AT_WQ (AT_CTX(N_CTX - 1) + 0x2000u)
#define WQ_BYTES 0x80u
/* Small rings wrap often. */
#define H2G_DW 64u
#define G2H_DW 32u

/* --- stand-ins for the engines ---------------------------------------------------------------- */

struct engine {
	const struct xm_engine_desc *desc;
	unsigned int index;
	bool busy;
	bool preempt;
	bool kill;
	struct engine_run run;
};

static struct engine engines[16];
static unsigned int n_engines;
static const struct engine_client_ops *client_ops;
static void *client;

void gfx_set_client(struct xm_device *dev, const struct engine_client_ops *ops, void *ctx)
{
	client_ops = ops;
	client = ctx;
}

unsigned int gfx_engine_count(struct xm_device *dev)
{
	return n_engines;
}

struct engine *gfx_engine(struct xm_device *dev, unsigned int i)
{
	check(i < n_engines);
	return &engines[i];
}

struct engine *gfx_find(struct xm_device *dev, unsigned int guc_class, unsigned int instance)
{
	for (unsigned int i = 0; i < n_engines; i++)
		if (engines[i].desc->guc_class == guc_class &&
		    engines[i].desc->instance == instance)
			return &engines[i];
	return NULL;
}

const struct xm_engine_desc *engine_desc(const struct engine *e)
{
	return e->desc;
}

unsigned int engine_index(const struct engine *e)
{
	return e->index;
}

void engine_start(struct engine *e, const struct engine_run *run)
{
	check(!e->busy);
	e->busy = true;
	e->preempt = false;
	e->kill = false;
	e->run = *run;
}

void engine_preempt(struct engine *e)
{
	e->preempt = true;
}

void engine_kill(struct engine *e)
{
	e->kill = true;
}

static void stop(struct engine *e, enum engine_stop why)
{
	e->busy = false;
	client_ops->stopped(client, e, e->run.job, why);
}

/* Time passes, and the threads of the engines get the processor or do not. */
static unsigned long looks;

unsigned long engine_looks(const struct engine *e)
{
	return looks;
}

void gfx_park(struct xm_device *dev)
{
	for (unsigned int i = 0; i < n_engines; i++)
		if (engines[i].busy)
			stop(&engines[i], ENGINE_KILLED);
}

void gfx_reset(struct xm_device *dev)
{
}

void gfx_job_over(struct xm_device *dev, u64 desc)
{
}

void gfx_tlb_flush(struct xm_device *dev)
{
}

void gfx_tlb_invalidate(struct xm_device *dev, const struct gfx_tlb_scope *scope)
{
	check(scope->what <= GFX_TLB_ALL);
}

/* An engine reaches its next point of rest: @choice says which, among those it may. */
static void engine_moves(u8 choice)
{
	struct engine *e = &engines[choice % n_engines];
	unsigned int why = choice / 16 % 4;

	if (!e->busy)
		return;
	if (e->kill)
		stop(e, ENGINE_KILLED);
	else if (why == 3)
		stop(e, ENGINE_FAULT);
	else if (e->preempt)
		stop(e, ENGINE_PREEMPTED);
	else if (!client_ops->more(client, e->run.job))
		stop(e, ENGINE_IDLE);
}

/* --- the machine ------------------------------------------------------------------------------ */

static struct xm_device *dev;
static u8 *ram;

static u32 *dw_at(u32 at)
{
	return (u32 *)(ram + at);
}

static void write_image(void)
{
	u32 *css = dw_at(AT_FW);

	css[GUC_CSS_HEADER_SIZE_DW_OFFSET / 4] = 0xa1;
	css[GUC_CSS_KEY_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_MODULUS_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_EXPONENT_SIZE_DW_OFFSET / 4] = 1;
	css[GUC_CSS_SIZE_DW_OFFSET / 4] = 0xa1 + (FW_BYTES - GUC_CSS_BYTES) / 4;
}

static void write_ads(void)
{
	u8 *ads = ram + AT_ADS;
	u32 *masks = (u32 *)(ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_ENABLED_MASKS_OFFSET);
	u8 *map = ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_MAPPING_OFFSET;
	const u32 ggtt = RAM_GGTT + AT_ADS;

	memset(map, GUC_INSTANCE_UNUSED, GUC_CLASS_COUNT * GUC_INSTANCE_COUNT);
	*(u32 *)(ads + GUC_ADS_SCHED_POLICIES_PTR_OFFSET) = ggtt + GUC_ADS_POLICIES_OFFSET;
	*(u32 *)(ads + GUC_ADS_SYSTEM_INFO_PTR_OFFSET) = ggtt + GUC_ADS_SYSTEM_INFO_OFFSET;
	*(u32 *)(ads + GUC_ADS_POLICIES_OFFSET + GUC_POLICIES_IS_VALID_OFFSET) = 1;
	for (unsigned int i = 0; i < n_engines; i++) {
		unsigned int c = engines[i].desc->guc_class, n = 0;

		while (map[c * GUC_INSTANCE_COUNT + n] != GUC_INSTANCE_UNUSED)
			n++;
		masks[c] |= BIT(engines[i].desc->instance);
		map[c * GUC_INSTANCE_COUNT + n] = engines[i].desc->instance;
	}
}

static void upload(void)
{
	reg_poke(dev, GUC_WOPCM_SIZE, 0x1f3000 | GUC_WOPCM_SIZE_LOCKED);
	reg_poke(dev, DMA_GUC_WOPCM_OFFSET, 0x4000 | GUC_WOPCM_OFFSET_VALID);
	reg_poke(dev, GUC_PARAM(GUC_PARAM_ADS), (RAM_GGTT + AT_ADS) >> 12 << GUC_ADS_PAGE_SHIFT);
	reg_poke(dev, DMA_ADDR_0_LOW, RAM_GGTT + AT_FW);
	reg_poke(dev, DMA_ADDR_0_HIGH, DMA_ADDRESS_SPACE_GGTT);
	reg_poke(dev, DMA_ADDR_1_LOW, GUC_DMA_DESTINATION);
	reg_poke(dev, DMA_ADDR_1_HIGH, DMA_ADDRESS_SPACE_WOPCM);
	reg_poke(dev, DMA_COPY_SIZE, FW_BYTES);
	dev->fw_ops->upload(dev);
}

static void mailbox(const u32 *dw)
{
	for (unsigned int i = 0; i < GUC_MAILBOX_COUNT; i++)
		reg_poke(dev, GUC_MAILBOX(i), dw[i]);
	dev->fw_ops->mailbox(dev);
	guc_step(dev);
}

static void open_rings(void)
{
	static const u32 requests[][GUC_MAILBOX_COUNT] = {
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_H2G_DESC_ADDR, 2),
		  RAM_GGTT + AT_DESC },
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_H2G_ADDR, 2), RAM_GGTT + AT_H2G },
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_H2G_SIZE, 1), H2G_DW * 4 },
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_G2H_DESC_ADDR, 2),
		  RAM_GGTT + AT_DESC + GUC_CT_DESC_BYTES },
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_G2H_ADDR, 2), RAM_GGTT + AT_G2H },
		{ GUC_MMIO_SELF_CFG, GUC_KLV(GUC_KLV_SELF_CFG_G2H_SIZE, 1), G2H_DW * 4 },
		{ GUC_MMIO_CONTROL_CTB, 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++)
		mailbox(requests[i]);
}

static void fresh_machine(void)
{
	dev->fw_ops->gt_reset(dev);
	memset(ram, 0, RAM_BYTES);
	write_image();
	write_ads();
	clock_set_stepped(1000000000);
	upload();
	check(reg_peek(dev, GUC_STATUS) == GUC_BOOT_READY);
	open_rings();
}

/* --- what always holds ------------------------------------------------------------------------ */

static int check_scheduler(struct guc_sched *sched, void *ctx)
{
	const struct guc_context *at, *prev = NULL;
	unsigned int n = 0, listed = 0;

	for (u32 id = 0; id < GUC_MAX_CONTEXTS && n < sched->n_ctx; id++) {
		const struct guc_context *c = sched->ctx[id];

		if (!c || c->id != id)
			continue;
		n++;
		check(c->n_lrc && c->n_lrc <= GUC_MAX_LRC);
		for (unsigned int i = 0; i < c->n_lrc; i++) {
			check(sched->ctx[id + i] == c && c->lrc[i].ctx == c);
			check(!c->lrc[i].slot || c->lrc[i].slot->lrc == &c->lrc[i]);
		}
	}
	check(n == sched->n_ctx);
	for (at = sched->first; at; prev = at, at = at->next) {
		check(at->ready && at->enabled && !at->dead && at->prev == prev);
		check(!prev || prev->priority <= at->priority);
		check(++listed <= n);
	}
	for (unsigned int i = 0; i < sched->n_slots; i++)
		check(!sched->slot[i].lrc == !engines[i].busy);
	return 0;
}

/* Take the messages of the GuC as a driver does. Without sense in the descriptor, leave them. */
static void drain(void)
{
	u32 *desc = dw_at(AT_DESC + GUC_CT_DESC_BYTES);
	const u32 *ring = dw_at(AT_G2H);
	u32 head = desc[GUC_CT_DESC_HEAD], tail = desc[GUC_CT_DESC_TAIL];

	if (head >= G2H_DW || tail >= G2H_DW || desc[GUC_CT_DESC_STATUS])
		return;
	while (head != tail) {
		u32 n = ring[head] & GUC_CT_NUM_DWORDS_MASK;
		u32 hxg = ring[(head + 1) % G2H_DW];

		check(n && n < (tail + G2H_DW - head) % G2H_DW);
		check(FIELD_OF(GUC_HXG_ORIGIN_MASK, hxg) == GUC_HXG_ORIGIN_GUC);
		head = (head + 1 + n) % G2H_DW;
	}
	desc[GUC_CT_DESC_HEAD] = head;
}

/* --- input ------------------------------------------------------------------------------------ */

/**
 * struct input - what is left of the input
 * @at: next byte
 * @left: bytes
 * @poked: rings and descriptors were written behind the driver's back: drain() must not judge
 */
struct input {
	const u8 *at;
	size_t left;
	bool poked;
};

static u32 take(struct input *in, size_t n)
{
	u32 v = 0;

	n = XM_MIN(n, in->left);
	memcpy(&v, in->at, n);
	in->at += n;
	in->left -= n;
	return v;
}

static void send(u16 fence, const u32 *dw, u32 n)
{
	u32 *desc = dw_at(AT_DESC), *ring = dw_at(AT_H2G);
	u32 tail = desc[GUC_CT_DESC_TAIL] % H2G_DW;

	if (tail + n + 1 > H2G_DW) {
		while (tail < H2G_DW)
			ring[tail++] = 0;
		tail = 0;
	}
	ring[tail++] = (u32)fence << 16 | n;
	for (u32 i = 0; i < n; i++)
		ring[tail++] = dw[i];
	desc[GUC_CT_DESC_TAIL] = tail % H2G_DW;
	dev->fw_ops->mailbox(dev);
	guc_step(dev);
}

/* A well-formed message with arbitrary content. */
static void op_message(struct input *in)
{
	u32 n = take(in, 1) % 24 + 1;
	u16 fence = (u16)(take(in, 1) << 8);
	u32 dw[24];

	for (u32 i = 0; i < n; i++)
		dw[i] = take(in, 4);
	send(fence, dw, n);
}

/* The requests a driver sends, with arguments that make sense more often than not. */
static const struct {
	u16 action;
	u8 n;
} requests[] = {
	{ GUC_H2G_REGISTER_CONTEXT, GUC_REGISTER_CONTEXT_DWORDS },
	{ GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, GUC_REGISTER_MULTI_LRC_DWORDS(2) },
	{ GUC_H2G_UPDATE_CONTEXT_POLICIES, 8 },
	{ GUC_H2G_DEREGISTER_CONTEXT, 2 },
	{ GUC_H2G_SCHED_CONTEXT_MODE_SET, 3 },
	{ GUC_H2G_SCHED_CONTEXT, 2 },
	{ GUC_H2G_TLB_INVALIDATION, 3 },
	{ GUC_H2G_PC_SLPC_REQUEST, 4 },
};

static u32 descriptor(u32 id)
{
	return (RAM_GGTT + AT_CTX(id)) | LRC_DESC_VALID | LRC_DESC_MODE_LEGACY64;
}

static void fill_request(u32 r, u32 *dw)
{
	bool parallel = r == 1;

	if (r <= 1) {
		dw[2] %= N_CTX;
		dw[3] = parallel ? GUC_CLASS_VIDEO : dw[3] % 4;
		dw[4] = parallel ? 1 : dw[4] % 4;
		dw[parallel ? 11 : 10] = descriptor(dw[2]);
		dw[parallel ? 12 : 11] = 0;
	} else if (r <= 5) {
		dw[1] %= N_CTX;
	}
	if (parallel) {
		dw[5] = RAM_GGTT + AT_WQ;
		dw[6] = 0;
		dw[7] = RAM_GGTT + AT_WQ + 0x100;
		dw[8] = 0;
		dw[9] = WQ_BYTES;
		dw[10] = 2;
		dw[13] = descriptor(dw[2] + 1);
		dw[14] = 0;
	}
	for (u32 i = 0; r == 2 && i < 3; i++)
		dw[2 + 2 * i] = GUC_KLV(GUC_KLV_CONTEXT_EXEC_QUANTUM_US + i, 1);
	if (r == 4)
		dw[2] %= 2;
	if (r == 7) {
		dw[1] = (dw[1] % 8) << 8 | dw[1] >> 6;
		dw[2] = dw[2] % 2 ? dw[2] : RAM_GGTT + AT_WQ + 0x800;
	}
}

static void op_request(struct input *in)
{
	u32 dw[GUC_CT_MSG_MAX_DWORDS] = { 0 };
	u32 r = take(in, 1) % ARRAY_SIZE(requests);

	dw[0] = 0x20000000u | requests[r].action;
	for (u32 i = 1; i < requests[r].n; i++)
		dw[i] = take(in, 1);
	fill_request(r, dw);
	send(0x8000, dw, requests[r].n);
}

/* New work: move a ring tail, alone or through the work queue of a parallel context. */
static void op_submit(struct input *in)
{
	u32 *desc = dw_at(AT_WQ), *item = dw_at(AT_WQ + 0x100 + desc[GUC_WQ_DESC_TAIL] % WQ_BYTES);
	u32 id = take(in, 1), tail = take(in, 1) * 8;

	if (id < 128) {
		dw_at(AT_CTX(id % N_CTX) + LRC_STATE_OFFSET)[LRC_DW_RING_TAIL] = tail;
		return;
	}
	if (desc[GUC_WQ_DESC_TAIL] % WQ_BYTES + GUC_WQ_ITEM_DWORDS(2) * 4 > WQ_BYTES) {
		desc[GUC_WQ_DESC_TAIL] = 0;
		return;
	}
	item[0] = FIELD_PUT(GUC_WQ_ITEM_TYPE_MASK, id < 250 ? GUC_WQ_TYPE_MULTI_LRC : id) |
		  FIELD_PUT(GUC_WQ_ITEM_LEN_MASK, GUC_WQ_ITEM_DWORDS(2) - 1);
	item[2] = FIELD_PUT(GUC_WQ_ITEM_TAIL_MASK, tail / 8);
	item[4] = tail / 8;
	desc[GUC_WQ_DESC_TAIL] += GUC_WQ_ITEM_DWORDS(2) * 4;
}

static void op_poke(struct input *in, u32 base, u32 bytes)
{
	u32 at = take(in, 2) * 4 % bytes;

	*dw_at(base + at) = take(in, 4);
}

static void op_mailbox(struct input *in)
{
	u32 dw[GUC_MAILBOX_COUNT];

	for (unsigned int i = 0; i < GUC_MAILBOX_COUNT; i++)
		dw[i] = take(in, 4);
	mailbox(dw);
}

static void operation(struct input *in)
{
	u32 ticks;

	switch (take(in, 1) % 16) {
	case 0:
		op_message(in);
		break;
	default:
		op_request(in);
		break;
	case 1:
	case 2:
		op_submit(in);
		break;
	case 10:
	case 3:
		engine_moves((u8)take(in, 1));
		break;
	case 4:
		ticks = (u32)take(in, 2);
		clock_step(ticks * 10000ull);
		looks += ticks & 1 ? ENGINE_LOOKS : 0;
		guc_step(dev);
		break;
	case 5:
		op_poke(in, AT_FREE, RAM_BYTES - AT_FREE);
		break;
	case 6:
		/* Ring contents, both descriptors. */
		op_poke(in, AT_DESC, AT_FREE - AT_DESC);
		in->poked = true;
		guc_step(dev);
		break;
	case 7:
		op_mailbox(in);
		break;
	case 8:
		op_poke(in, AT_ADS, 0x2000);
		break;
	case 9:
		dev->fw_ops->guc_reset(dev);
		upload();
		memset(ram + AT_DESC, 0, 2 * GUC_CT_DESC_BYTES);
		open_rings();
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };

	fresh_machine();
	while (in.left) {
		operation(&in);
		check(!guc_with_lock(dev, check_scheduler, NULL));
		if (!in.poked)
			drain();
	}
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct xm_config cfg = { .platform = "tgl", .strict = true };
	int fd = memfd_create("ram", MFD_CLOEXEC);
	u64 *ggtt;

	/* Reports are the normal case here, and would be most of the time spent. */
	check(!log_open("/dev/null", false));
	dev = xm_device_create(&cfg);
	check(dev && fd >= 0 && !ftruncate(fd, RAM_BYTES));
	ram = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(ram != MAP_FAILED);
	check(!dma_map(dev->dma, RAM_DMA, RAM_BYTES, DMA_READ | DMA_WRITE, fd, 0));
	dma_set_bus_master(dev->dma, true);
	ggtt = dev->ggtt;
	for (u32 i = 0; i < RAM_BYTES / SZ_4K; i++)
		ggtt[(RAM_GGTT >> 12) + i] = (RAM_DMA + i * (u64)SZ_4K) | GGTT_PRESENT;
	n_engines = dev->platform->n_engines;
	for (unsigned int i = 0; i < n_engines; i++)
		engines[i] = (struct engine){ .desc = &dev->platform->engines[i], .index = i };
	check(!xm_fw_create_stepped(dev));
	return 0;
}
