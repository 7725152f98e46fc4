// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Feeds commands to engines of every class: a ring, a batch and a second-level batch of arbitrary
 * dwords, with a small scene of memory behind them: pages that can be written, read, or neither,
 * that are NULL, that lead to memory which is not there, and the page tables and the image of the
 * context themselves.
 *
 * Nothing has a thread here and time is stepped, so an input always does the same. The functions of
 * util/pace.h and gfx/engine.h below are stand-ins: the input says how long bursts are, and when
 * somebody asks for a switch, a flush of translations or a reset. Whoever executes too much or
 * waits too long is reset, as a driver would do it.
 *
 * Whatever the commands are, only memory they may write has changed afterwards, and a context that
 * was saved comes back as it was.
 *
 *	fuzz_cs --seeds DIR	write an input for every command into DIR, and end
 */

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "bus/dma.h"
#include "dev/ggtt.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/cs_input.h"
#include "tests/fuzz.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/pace.h"

#define ROM_DMA 0x20000000ull
#define NOWHERE_DMA 0x70000000ull
#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)

/* Pages of the memory file: the first ones can be reached, the last two cannot be written */
enum {
	AT_ROOT, AT_L2, AT_L1, AT_L0, AT_L0_64K, AT_RING, AT_STATUS, AT_IMAGE, AT_BATCH,
	AT_BATCH_END = AT_BATCH + 1, AT_BATCH2, AT_DATA, AT_DATA_END = AT_DATA + 3, RAM_PAGES,
	AT_ROM = RAM_PAGES, AT_BEHIND, FILE_PAGES,
};

#define GGTT_STATUS PAGE(N_PAGES)
#define GGTT_IMAGE PAGE(N_PAGES + 1)

#define PCODE_MAILBOX 0x138124u
#define START_NS 1000000000ull
#define COMMAND_NS 200u
#define MAX_COMMANDS 4000u
#define MAX_RESTS 40u
#define MAX_RUNS 4u
/* Copies can be long without being many commands. */
#define MAX_CPU_US 250000

static struct xm_device *dev;
static struct xm_platform xe2;
static struct engine engines[16], fresh[16];
static struct engine *volatile running;
static u8 *ram, template[FILE_PAGES * SZ_4K];
static struct cs_head head;
static unsigned int commands, rests, mores, signals;
static u32 slice;
static bool reset_device;
static struct xm_fw_state fw_state;
static struct undo {
	u32 off, val;
} undo[256];
static unsigned int n_undo;

/* --- stand-ins for the threads ---------------------------------------------------------------- */

struct pace {
	int unused;
};

struct pace *pace_create(bool stepped, u64 seed)
{
	static struct pace pace;

	return &pace;
}

void pace_destroy(struct pace *p)
{
}

int pace_thread_start(struct pace *p, struct pace_thread *t, u64 stream)
{
	return 0;
}

void pace_thread_join(struct pace_thread *t)
{
}

void pace_cond_init(pthread_cond_t *cond)
{
	pthread_cond_init(cond, NULL);
}

/* The only thread must not wait for another one. */
bool pace_wait(struct pace *p, pthread_cond_t *cond, pthread_mutex_t *mutex, u64 deadline)
{
	abort();
}

void pace_wake(struct pace *p, pthread_cond_t *cond)
{
}

void pace_lock(struct pace *p, pthread_mutex_t *mutex)
{
	check(!pthread_mutex_trylock(mutex));
}

void pace_unlock(struct pace *p, pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex);
}

void pace_settle(struct pace *p)
{
}

bool pace_stepped(const struct pace *p)
{
	return true;
}

unsigned int pace_room(struct pace *p)
{
	slice = slice * 1103515245 + 12345;
	return slice >> 16 & 3 ? 1 + (slice >> 20) % 8 : 1 + (slice >> 20) % 512;
}

static void ask(struct engine *e, unsigned int bits)
{
	atomic_fetch_or(&e->attention, bits);
}

static void event(struct engine *e)
{
	struct gfx_tlb_scope scope = {
		.what = head.event == CS_EVENT_TLB_ALL ? GFX_TLB_ALL : GFX_TLB_RANGE,
		.range = { .root = e->root, .first = 0, .last = PAGE(N_PAGES / 2) - 1 },
		.engines = 1u << e->index, .lite = true,
	};

	switch (head.event) {
	case CS_EVENT_PREEMPT:
		ask(e, CS_ATT_PREEMPT);
		break;
	case CS_EVENT_TLB_ALL:
	case CS_EVENT_TLB_RANGE:
		gfx_tlb_invalidate(dev, &scope);
		break;
	case CS_EVENT_KILL:
		ask(e, CS_ATT_KILL | CS_ATT_STAMP);
		break;
	case CS_EVENT_SIGNAL:
		gfx_signal(dev);
		break;
	default:
		break;
	}
}

void pace_points(struct pace *p, unsigned int n)
{
	struct engine *e = running;
	unsigned int due = head.when * 4;

	check(e && n);
	clock_step((u64)n * COMMAND_NS);
	if (commands <= due && commands + n > due)
		event(e);
	commands += n;
	if (commands > MAX_COMMANDS)
		ask(e, CS_ATT_KILL);
}

void pace_point(struct pace *p)
{
	pace_points(p, 1);
}

/* --- stand-ins for the engines ---------------------------------------------------------------- */

void engine_rest(struct engine *e, unsigned int us)
{
	clock_step(us * 1000ull);
	if (us && ++rests > MAX_RESTS)
		ask(e, CS_ATT_KILL | CS_ATT_STAMP);
	pthread_mutex_lock(&e->lock);
	engine_tlb_settle_locked(e);
	pthread_mutex_unlock(&e->lock);
	atomic_fetch_and(&e->attention, ~CS_ATT_TLB);
}

unsigned int gfx_engine_count(struct xm_device *d)
{
	return d->platform->n_engines;
}

struct engine *gfx_engine(struct xm_device *d, unsigned int i)
{
	return &engines[i];
}

void gfx_signal(struct xm_device *d)
{
	signals++;
}

unsigned int gfx_signals(struct xm_device *d)
{
	return signals;
}

static bool on_more(void *client, void *job)
{
	return head.flags & CS_HEAD_MORE && mores++ < 2;
}

/* --- stand-ins for the firmware: none of this is an engine's to ask for ----------------------- */

static void forbidden(struct xm_device *d)
{
	check(!running);
}

static void forbidden_tlb(struct xm_device *d, unsigned int hw_class, u32 instances)
{
	check(!running);
}

static const struct xm_fw_ops fw_ops = {
	.upload = forbidden, .mailbox = forbidden, .guc_reset = forbidden, .gt_reset = forbidden,
	.device_reset = forbidden, .ggtt_invalidate = forbidden, .tlb_invalidate = forbidden_tlb,
};

/* --- the scene -------------------------------------------------------------------------------- */

static void *page_at(u8 *memory, unsigned int page)
{
	return memory + page * SZ_4K;
}

static u64 leaf(unsigned int page)
{
	return RAM_DMA + page * (u64)SZ_4K;
}

/* Where page @n of both address spaces lies, 0: nowhere. */
static u64 place_of(unsigned int n)
{
	static const u8 pages[N_PAGES] = {
		[PAGE_BATCH] = AT_BATCH, [PAGE_BATCH + 1] = AT_BATCH_END, [PAGE_BATCH2] = AT_BATCH2,
		[PAGE_DATA] = AT_DATA, [PAGE_DATA + 1] = AT_DATA + 1, [PAGE_DATA + 2] = AT_DATA + 2,
		[PAGE_DATA + 3] = AT_DATA_END, [PAGE_READ_ONLY] = AT_DATA, [PAGE_TABLE] = AT_L0,
		[PAGE_IMAGE] = AT_IMAGE, [PAGE_MALFORMED] = AT_DATA, [PAGE_RING] = AT_RING,
	};

	if (n == PAGE_ROM)
		return ROM_DMA;
	if (n == PAGE_UNMAPPED)
		return NOWHERE_DMA;
	return pages[n] ? leaf(pages[n]) : 0;
}

static void write_tables(void)
{
	u64 *l1 = page_at(template, AT_L1), *l0 = page_at(template, AT_L0);
	u64 *l0_64k = page_at(template, AT_L0_64K);

	*(u64 *)page_at(template, AT_ROOT) = leaf(AT_L2) | RW;
	*(u64 *)page_at(template, AT_L2) = leaf(AT_L1) | RW;
	l1[0] = leaf(AT_L0) | RW;
	l1[VA_NULL_LARGE >> 21] = PPGTT_NULL | PPGTT_PDE_PAGE_SIZE | RW;
	l1[VA_NO_WRITE >> 21] = leaf(AT_L0) | PPGTT_PRESENT;
	l1[VA_64K >> 21] = leaf(AT_L0_64K) | RW;
	for (unsigned int i = 0; i < N_PAGES; i++)
		if (place_of(i))
			l0[i] = place_of(i) | RW;
	l0[PAGE_READ_ONLY] &= ~PPGTT_WRITABLE;
	l0[PAGE_NULL] = PPGTT_NULL | RW;
	l0[PAGE_MALFORMED] |= PPGTT_DEVMEM | PPGTT_PAT3;
	for (unsigned int i = 0; i < 16; i++)
		l0_64k[i] = leaf(i) | PPGTT_PTE_PS64 | RW;
}

static void write_ggtt(void)
{
	u64 *ggtt = dev->ggtt;

	for (unsigned int i = 0; i < N_PAGES; i++)
		if (place_of(i))
			ggtt[i] = place_of(i) | GGTT_PRESENT;
	ggtt[GGTT_STATUS / SZ_4K] = leaf(AT_STATUS) | GGTT_PRESENT;
	ggtt[GGTT_IMAGE / SZ_4K] = leaf(AT_IMAGE) | GGTT_PRESENT;
}

static void write_list(u32 *page, unsigned int i, const u16 *regs, unsigned int n)
{
	page[i++] = MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(n);
	for (unsigned int k = 0; k < n; k++, i += 2)
		page[i] = regs[k];
}

static void write_image(void)
{
	static const u16 ring[] = { 0x244, 0x034, 0x030, 0x038, 0x03c, 0x168, 0x140, 0x110, 0x1c0,
				    0x1c4, 0x1c8, 0x180, 0x2b4 };
	static const u16 space[] = { 0x3a8, 0x28c, 0x288, 0x284, 0x280, 0x27c, 0x278, 0x274,
				     0x270 };
	u32 *page = page_at(template, AT_IMAGE);

	write_list(page, LRC_DW_LRI1_HEADER, ring, ARRAY_SIZE(ring));
	write_list(page, LRC_DW_LRI2_HEADER, space, ARRAY_SIZE(space));
	page[LRC_DW_XELP_END] = MI_BATCH_BUFFER_END | MI_BBE_END_CONTEXT;
	page[LRC_DW_CONTEXT_CONTROL] = 0x00090009;
	page[LRC_DW_RING_START] = PAGE(PAGE_RING);
	page[LRC_DW_RING_CTL] = RING_CTL_SIZE(SZ_4K) | RING_CTL_VALID;
	page[LRC_DW_PDP0_LDW] = (u32)leaf(AT_ROOT) | (u32)RW;
}

/*
 * A reset of the device takes longer than most inputs, so registers get their values back one by
 * one. A command to the power controller replaces its data, too.
 */
static bool note_write(struct xm_device *d, u32 off, u32 val, enum reg_origin origin, void *ctx)
{
	for (unsigned int i = 0; i < (off == PCODE_MAILBOX ? 3u : 1u); i++)
		if (n_undo < ARRAY_SIZE(undo))
			undo[n_undo++] = (struct undo){ off + 4 * i, reg_peek(d, off + 4 * i) };
		else
			reset_device = true;
	return false;
}

static void undo_writes(void)
{
	while (n_undo) {
		n_undo--;
		reg_poke(dev, undo[n_undo].off, undo[n_undo].val);
	}
	if (reset_device) {
		xm_device_reset(dev);
		dma_set_bus_master(dev->dma, true);
		write_ggtt();
	}
	reset_device = false;
	dev->fw_state = fw_state;
	dev->irq_state = (struct xm_irq_state){ 0 };
}

static struct engine *fresh_machine(void)
{
	struct engine *e;

	undo_writes();
	memcpy(ram, template, RAM_PAGES * SZ_4K);
	clock_set_stepped(START_NS);
	dev->platform = head.engine & CS_HEAD_XE2 ? &xe2 : xm_platform_find("tgl");
	e = &engines[head.engine % CS_HEAD_XE2 % dev->platform->n_engines];
	tlb_flush(e->tlb);
	*e = fresh[e->index];
	/* What was found in the tables of the last input is not known to this one. */
	cs_pt_destroy(dev);
	dev->n_summaries = 0;
	check(cs_pt_create(dev));
	ggtt_forget(dev, GGTT_ENGINES);
	commands = 0;
	rests = 0;
	mores = 0;
	signals = 0;
	slice = head.slices;
	return e;
}

/* Deal the dwords out to ring, batch and second-level batch. */
static void deal(const u8 *data, size_t size)
{
	u32 *image = page_at(ram, AT_IMAGE);
	size_t n = XM_MIN(head.ring % (RING_DWORDS + 1), size / 4);

	memcpy(page_at(ram, AT_RING), data, n * 4);
	image[LRC_DW_RING_TAIL] = (u32)(n + n % 2) * 4;
	data += n * 4;
	size -= n * 4;
	n = XM_MIN(XM_MIN(head.batch, BATCH_DWORDS), size / 4);
	memcpy(page_at(ram, AT_BATCH), data, n * 4);
	data += n * 4;
	size -= n * 4;
	memcpy(page_at(ram, AT_BATCH2), data, XM_MIN(BATCH2_DWORDS, size / 4) * 4);
}

/* --- what always holds ------------------------------------------------------------------------ */

static void check_engine(const struct engine *e)
{
	check(e->level < CS_LEVELS);
	check(e->ip[CS_RING].addr < e->ring_size && e->ip[CS_RING].addr % 4 == 0);
	for (unsigned int i = CS_BATCH; i <= e->level; i++)
		check(e->ip[i].addr % 4 == 0);
	check(e->n_unknown <= ARRAY_SIZE(e->unknown));
	check(e->n_dropped <= ARRAY_SIZE(e->dropped_regs));
}

static void check_memory(void)
{
	size_t at = RAM_PAGES * SZ_4K;

	check(!memcmp(ram + at, template + at, sizeof(template) - at));
}

/* The next dword of an image that no save changes: headers, and registers without their values */
static unsigned int next_fixed(unsigned int i)
{
	bool alone = !i || i == LRC_DW_LRI1_HEADER || i == LRC_DW_LRI2_HEADER ||
		     i >= LRC_DW_XELP_END;

	return i + (alone ? 1 : 2);
}

/* Whether the list of registers in the image still is the driver's: commands can reach it. */
static bool list_intact(void)
{
	const u32 *now = page_at(ram, AT_IMAGE), *then = page_at(template, AT_IMAGE);

	for (unsigned int i = 0; i < 0x80; i = next_fixed(i))
		if (now[i] != then[i])
			return false;
	return true;
}

static void check_same(const struct engine *a, const struct engine *b)
{
	check(a->level == b->level && a->skip == b->skip);
	for (unsigned int i = 0; i <= a->level; i++)
		check(a->ip[i].addr == b->ip[i].addr && a->ip[i].ppgtt == b->ip[i].ppgtt);
	check(!memcmp(a->clip, b->clip, sizeof(a->clip)));
	for (unsigned int i = 0; i < 16; i++)
		check(cs_gpr(a, i) == cs_gpr(b, i));
	for (unsigned int i = 0; i < 8; i++)
		check(cs_reg(a, MI_PREDICATE_SRC0(0) + 4 * i) ==
		      cs_reg(b, MI_PREDICATE_SRC0(0) + 4 * i));
	check(cs_reg(a, MI_PREDICATE_RESULT_2(0)) == cs_reg(b, MI_PREDICATE_RESULT_2(0)));
}

/* --- running ---------------------------------------------------------------------------------- */

static bool locked(struct engine *e, bool (*fn)(struct engine *e))
{
	bool ok;

	dma_read_lock(dev->dma);
	ok = fn(e);
	dma_read_unlock(dev->dma);
	return ok;
}

static bool save_stamp(struct engine *e)
{
	lrc_save_stamp(e);
	return true;
}

/* As the thread of an engine does it. Return: whether the context can go on. */
static bool run(struct engine *e)
{
	static struct engine saved;
	enum engine_stop why;

	why = cs_run(e);
	cs_pt_leave(e);
	check_engine(e);
	if (why == ENGINE_FAULT)
		cs_fault_report(e);
	if (why == ENGINE_KILLED)
		locked(e, save_stamp);
	if (why == ENGINE_FAULT || why == ENGINE_KILLED || !locked(e, lrc_save))
		return false;
	saved = *e;
	atomic_store(&e->attention, 0);
	if (!locked(e, lrc_load))
		return false;
	check_engine(e);
	if (list_intact())
		check_same(&saved, e);
	return why == ENGINE_PREEMPTED;
}

/* Context switches end what takes the processor for too long, as a driver's time-outs do. */
static void on_cpu_time(int sig)
{
	struct engine *e = running;

	if (e)
		ask(e, CS_ATT_KILL);
}

static void limit_cpu(long us)
{
	const struct timeval t = { .tv_usec = us };
	const struct itimerval timer = { .it_value = t, .it_interval = t };

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct engine *e;
	u64 desc = GGTT_STATUS | LRC_DESC_VALID | LRC_DESC_MODE_LEGACY64;

	if (size < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	e = fresh_machine();
	deal(data + sizeof(head), size - sizeof(head));
	desc |= (u64)e->desc->hw_class << 61;
	if (!(head.flags & CS_HEAD_NO_PPGTT))
		desc |= LRC_DESC_PPGTT;
	e->run = (struct engine_run){ .desc = desc, .ctx_id = 1 };
	e->executing = true;
	running = e;
	limit_cpu(MAX_CPU_US);
	if (locked(e, lrc_load))
		for (unsigned int i = 0; run(e) && i < MAX_RUNS; i++)
			head.when = (u8)(commands / 4 + 3);
	limit_cpu(0);
	running = NULL;
	check_memory();
	/* Would wait for ever for a lock that was left behind. */
	dma_set_bus_master(dev->dma, true);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	size_t n = 0;

	if (size >= sizeof(head)) {
		dev->platform = data[0] & CS_HEAD_XE2 ? &xe2 : xm_platform_find("tgl");
		n = cs_input_mutate(&engines[data[0] % CS_HEAD_XE2 % dev->platform->n_engines],
				    data, size, max, seed);
	}
	return n ? n : LLVMFuzzerMutate(data, size, max);
}

/* --- start ------------------------------------------------------------------------------------ */

static void create_engines(void)
{
	static const struct engine_client_ops ops = { .more = on_more };

	for (unsigned int i = 0; i < dev->platform->n_engines; i++) {
		struct engine *e = &engines[i];

		e->dev = dev;
		e->desc = &dev->platform->engines[i];
		e->index = i;
		e->fmt = ppgtt_format_of(dev);
		e->tlb = tlb_create();
		e->client_ops = &ops;
		check(e->tlb);
		pthread_mutex_init(&e->lock, NULL);
		check(!cs_reg_hook(e));
		fresh[i] = *e;
	}
}

static void create_memory(void)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);

	check(fd >= 0 && !ftruncate(fd, sizeof(template)));
	ram = mmap(NULL, sizeof(template), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(ram != MAP_FAILED);
	check(!dma_map(dev->dma, RAM_DMA, RAM_PAGES * SZ_4K, DMA_READ | DMA_WRITE, fd, 0));
	check(!dma_map(dev->dma, ROM_DMA, SZ_4K, DMA_READ, fd, AT_ROM * SZ_4K));
	dma_set_bus_master(dev->dma, true);
	memset(page_at(template, AT_ROM), 0x5a, 2 * SZ_4K);
	write_tables();
	write_image();
	write_ggtt();
	memcpy(ram, template, sizeof(template));
}

static void write_seeds(const char *dir)
{
	for (unsigned int i = 0; i < 2 * dev->platform->n_engines; i++) {
		struct cs_head h = { .engine = (u8)(i / 2 | (i % 2 ? CS_HEAD_XE2 : 0)),
				     .event = (u8)(i % CS_EVENTS), .when = 2, .slices = (u8)i };

		dev->platform = i % 2 ? &xe2 : xm_platform_find("tgl");
		check(cs_input_seeds(&engines[i / 2], h, dir) > 0);
	}
	exit(0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct xm_config cfg = { .platform = "tgl", .strict = true };
	const struct sigaction on_time = { .sa_handler = on_cpu_time, .sa_flags = SA_RESTART };

	/* Reports are the normal case here, and would be most of the time spent. */
	check(!log_open("/dev/null", false));
	dev = xm_device_create(&cfg);
	check(dev);
	xe2 = *dev->platform;
	xe2.graphics_ver = 2001;
	dev->fw_ops = &fw_ops;
	fw_state = dev->fw_state;
	check(!reg_add_hook(dev, 0, ~0u, NULL, note_write, NULL));
	create_engines();
	create_memory();
	sigaction(SIGVTALRM, &on_time, NULL);
	if (*argc == 3 && !strcmp((*argv)[1], "--seeds"))
		write_seeds((*argv)[2]);
	return 0;
}
