// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The run loop of an engine: what a command may rely on although commands are executed in bursts,
 * and how a running engine answers to the rest of the device.
 */

#include "tests/lib_machine.h"

#include <time.h>

#include "bus/dma.h"
#include "gfx/cs.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/log.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define DATA (AT_FREE + 0x20000)
#define MOVED (AT_FREE + 0x30000)
#define BIG (AT_FREE + 0x100000)
#define VA_BATCH 0x100000u
#define VA_DATA 0x200000u
#define VA_BIG 0x800000u
#define SDI (MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1))
#define SRM (MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE)
#define START (MI_BATCH_BUFFER_START | MI_BBS_PPGTT)
#define SEMAPHORE (MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | \
		   MI_COMPARE_EQ << MI_SEMAPHORE_COMPARE_SHIFT)

/**
 * struct box - a machine with a context on the copy engine
 * @m: machine
 * @e: engine
 * @desc: context
 * @n: dwords in the batch
 */
struct box {
	struct machine *m;
	struct engine *e;
	u64 desc;
	u32 n;
};

static int setup(void **state)
{
	/* Without a seed a burst is as long as it may be. */
	static const struct xm_config cfg = { .platform = "tgl", .strict = true, .ggtt_map = true };
	static struct box box;

	if (machine_setup_with((void **)&box.m, &cfg))
		return -1;
	machine_use_engines(box.m);
	box.e = gfx_find(box.m->dev, 3, 0);
	box.desc = machine_context(box.m, CTX, XM_CLASS_COPY, true);
	box.n = 0;
	machine_map(box.m, VA_BATCH, BATCH, 0x4000, RW);
	machine_map(box.m, VA_DATA, DATA, 0x2000, RW);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	struct box *box = *state;

	return machine_teardown((void **)&box->m);
}

#define put(box, ...)                                                             \
	do {                                                                      \
		const u32 dws_[] = { __VA_ARGS__ };                               \
		for (unsigned int i_ = 0; i_ < sizeof(dws_) / 4; i_++)            \
			*machine_dw((box)->m, BATCH + 4 * (box)->n++) = dws_[i_]; \
	} while (0)

static void start(struct box *box)
{
	const u32 ring[] = { START, VA_BATCH, 0 };

	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	machine_start(box->m, box->e, box->desc);
}

static enum engine_stop go(struct box *box)
{
	unsigned int stops = machine_stops(box->m) + 1;

	put(box, MI_BATCH_BUFFER_END);
	box->n = 0;
	start(box);
	return machine_wait(box->m, stops);
}

static u32 data(struct box *box, u32 off)
{
	return __atomic_load_n(machine_dw(box->m, DATA + off), __ATOMIC_ACQUIRE);
}

/* A batch that stores for ever. */
static void endless(struct box *box)
{
	put(box, SDI, VA_DATA, 0, 1, MI_ARB_CHECK, START, VA_BATCH, 0);
	start(box);
	assert_true(machine_until(box->m, DATA, 1));
}

/* A command may write the ones behind it, through either address space. */
static void batch_writes_itself(void **state)
{
	struct box *box = *state;

	put(box, SDI, VA_BATCH + 4 * 7, 0, 0x22);
	put(box, SDI, VA_DATA, 0, 0x11);
	put(box, SDI, VA_BATCH + 4 * 12, 0, MI_BATCH_BUFFER_END);
	put(box, MI_NOOP, SDI, VA_DATA + 4, 0, 0x33);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x22);
	assert_int_equal(data(box, 4), 0);
}

static void ring_writes_itself(void **state)
{
	const u32 ring[] = { SDI | MI_USE_GGTT, MEM_GGTT + CTX + 4 * 7, 0, 0x22,
			     SDI | MI_USE_GGTT, MEM_GGTT + DATA, 0, 0x11 };
	struct box *box = *state;

	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x22);
}

/* Commands cross pages that do not lie side by side in memory. */
static void batch_crosses_pages(void **state)
{
	struct box *box = *state;

	machine_map(box->m, VA_BATCH + 0x1000, MOVED, 0x1000, RW);
	while (box->n < 1022)
		put(box, MI_NOOP);
	put(box, SDI, VA_DATA);
	*machine_dw(box->m, MOVED) = 0;
	*machine_dw(box->m, MOVED + 4) = 0x11;
	*machine_dw(box->m, MOVED + 8) = MI_BATCH_BUFFER_END;
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 0x11);
}

static void commands_are_counted(void **state)
{
	struct box *box = *state;
	u64 commands = box->m->dev->stats.commands;

	while (box->n < 3000)
		put(box, MI_NOOP);
	assert_int_equal(go(box), ENGINE_IDLE);
	/* And the start in the ring, its padding, and the end. */
	assert_int_equal(box->m->dev->stats.commands - commands, 3003);
}

/* Registers show the command that reads them. */
static void registers_are_current(void **state)
{
	const u32 ring[] = { START & ~MI_BBS_PPGTT, MEM_GGTT + BATCH, 0,
			     SRM | MI_USE_GGTT, RING_BBADDR(0), MEM_GGTT + DATA + 12, 0,
			     SRM | MI_USE_GGTT, RING_HEAD(0), MEM_GGTT + DATA + 16, 0, 0 };
	struct box *box = *state;
	u32 ggtt = MEM_GGTT + DATA;

	put(box, MI_NOOP, MI_NOOP);
	put(box, SRM | MI_USE_GGTT, RING_ACTHD(0), ggtt, 0);
	put(box, SRM | MI_USE_GGTT, RING_BBADDR(0), ggtt + 4, 0);
	put(box, SRM | MI_USE_GGTT, RING_IPEHR(0), ggtt + 8, 0);
	put(box, MI_NOOP, MI_BATCH_BUFFER_END);
	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), MEM_GGTT + BATCH + 8);
	assert_int_equal(data(box, 4), MEM_GGTT + BATCH + 24);
	assert_int_equal(data(box, 8), SRM | MI_USE_GGTT);
	/* Back in the ring: the batch has ended, the head moves on. */
	assert_int_equal(data(box, 12), MEM_GGTT + BATCH + 4 * 15);
	assert_int_equal(data(box, 16), 4 * 7);
}

/* What starts resets, uploads or invalidations waits for engines: none may start it. */
static void registers_of_the_host(void **state)
{
	static const u32 regs[] = { 0x941c, 0x101010, 0xc314, 0x1901f0, 0xced8, 0xcedc, 0xcee0,
				    0xcee4, 0xcee8 };
	struct box *box = *state;
	unsigned long before = violations_of("reg-write");
	unsigned int stops = machine_stops(box->m) + 1;

	reg_poke(box->m->dev, 0xa008, 0x1234);
	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		const u32 dw[] = { MI_LOAD_REGISTER_IMM | MI_LRI_LEN(1), regs[i], ~0u };

		machine_emit(box->m, CTX, dw, ARRAY_SIZE(dw));
	}
	put(box, SDI, VA_DATA, 0, 1, MI_BATCH_BUFFER_END);
	start(box);
	assert_int_equal(machine_wait(box->m, stops), ENGINE_IDLE);
	assert_int_equal(violations_of("reg-write"), before + ARRAY_SIZE(regs));
	assert_int_equal(reg_peek(box->m->dev, 0xa008), 0x1234);
	assert_int_equal(data(box, 0), 1);
}

/* An unmapped page is out of reach at once, for the next job and for the running one. */
static void unmapped_memory(void **state)
{
	struct box *box = *state;
	unsigned int stops;

	put(box, SDI, VA_DATA, 0, 1);
	assert_int_equal(go(box), ENGINE_IDLE);
	dma_unmap(box->m->dev->dma, MEM_DMA + DATA, SZ_4K);
	put(box, SDI, VA_DATA, 0, 2);
	assert_int_equal(go(box), ENGINE_FAULT);
	assert_int_equal(data(box, 0), 1);

	assert_int_equal(dma_map(box->m->dev->dma, MEM_DMA + DATA, SZ_4K, DMA_READ | DMA_WRITE,
				 box->m->fd, DATA), 0);
	box->desc = machine_context(box->m, CTX, XM_CLASS_COPY, true);
	stops = machine_stops(box->m) + 1;
	endless(box);
	dma_unmap(box->m->dev->dma, MEM_DMA + DATA, SZ_4K);
	*machine_dw(box->m, DATA) = 3;
	assert_int_equal(machine_wait(box->m, stops), ENGINE_FAULT);
	assert_int_equal(data(box, 0), 3);
}

static void read_only_memory(void **state)
{
	struct box *box = *state;

	dma_unmap(box->m->dev->dma, MEM_DMA + DATA, SZ_4K);
	assert_int_equal(dma_map(box->m->dev->dma, MEM_DMA + DATA, SZ_4K, DMA_READ, box->m->fd,
				 DATA), 0);
	*machine_dw(box->m, DATA + 4) = 7;
	put(box, SEMAPHORE, 7, VA_DATA + 4, 0);
	put(box, SDI, VA_DATA, 0, 1);
	assert_int_equal(go(box), ENGINE_FAULT);
	assert_int_equal(data(box, 0), 0);
}

static void bus_master_off(void **state)
{
	struct box *box = *state;

	endless(box);
	dma_set_bus_master(box->m->dev->dma, false);
	*machine_dw(box->m, DATA) = 3;
	assert_int_equal(machine_wait(box->m, 1), ENGINE_FAULT);
	assert_int_equal(data(box, 0), 3);
}

/* After an invalidation the running batch walks again. */
static void invalidation_of_a_running_batch(void **state)
{
	struct box *box = *state;

	endless(box);
	machine_map(box->m, VA_DATA, MOVED, 0x1000, RW);
	gfx_tlb_flush(box->m->dev);
	*machine_dw(box->m, DATA) = 3;
	assert_true(machine_until(box->m, MOVED, 1));
	engine_kill(box->e);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_KILLED);
	assert_int_equal(data(box, 0), 3);
}

static void preempted_in_a_long_batch(void **state)
{
	struct box *box = *state;
	u32 n;

	/* Without an arbitration point no switch. */
	put(box, MI_ARB_ON_OFF, SDI, VA_DATA, 0, 1);
	put(box, SEMAPHORE, 7, VA_DATA + 4, 0);
	while (box->n < 3000)
		put(box, MI_NOOP);
	put(box, SDI, VA_DATA, 0, 2, MI_ARB_ON_OFF | MI_ARB_ENABLE, MI_ARB_CHECK);
	n = box->n;
	put(box, SDI, VA_DATA, 0, 3, MI_BATCH_BUFFER_END);
	start(box);
	assert_true(machine_until(box->m, DATA, 1));
	engine_preempt(box->e);
	__atomic_store_n(machine_dw(box->m, DATA + 4), 7, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_PREEMPTED);
	assert_int_equal(data(box, 0), 2);
	assert_int_equal(box->e->ip[CS_BATCH].addr, VA_BATCH + 4 * n);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 3);
}

/* A store in the page that was used last, and on into the next. */
static void data_crosses_pages(void **state)
{
	struct box *box = *state;

	machine_map(box->m, VA_DATA + 0x1000, MOVED, 0x1000, RW);
	put(box, SDI, VA_DATA, 0, 1);
	put(box, MI_STORE_DATA_IMM | MI_SDI_LEN_DW(4), VA_DATA + 0xff8, 0, 2, 3, 4, 5);
	assert_int_equal(go(box), ENGINE_IDLE);
	assert_int_equal(data(box, 0xffc), 3);
	assert_int_equal(*machine_dw(box->m, MOVED), 4);
	assert_int_equal(*machine_dw(box->m, MOVED + 4), 5);
	assert_int_equal(data(box, 0x1000), 0);
}

/* Whoever wants something waits for one command, not for all of a burst. */
static void requests_end_a_burst(void **state)
{
	const u32 copy[] = { 0x50800008, 0x03001000, 0, 256 << 16 | 1024, VA_BIG + (1 << 20), 0, 0,
			     0x1000, VA_BIG, 0 };
	struct box *box = *state;

	machine_map(box->m, VA_BIG, BIG, 2 << 20, RW);
	put(box, SDI, VA_DATA, 0, 1);
	for (unsigned int i = 0; i < 400; i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(copy); k++)
			put(box, copy[k]);
	put(box, SDI, VA_DATA, 0, 2, MI_BATCH_BUFFER_END);
	start(box);
	assert_true(machine_until(box->m, DATA, 1));
	assert_int_equal(dma_map(box->m->dev->dma, MEM_DMA + MEM_BYTES, SZ_4K, DMA_READ,
				 box->m->fd, 0), 0);
	assert_int_equal(data(box, 0), 1);
	gfx_tlb_flush(box->m->dev);
	assert_int_equal(data(box, 0), 1);
	engine_kill(box->e);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_KILLED);
	assert_int_equal(data(box, 0), 1);
}

/* Addresses that are no multiples of 4, from an image or a register the guest wrote. */
static void odd_addresses(void **state)
{
	const u32 ring[] = { MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(1), RING_START(0),
			     MEM_GGTT + CTX + 2, SDI | MI_USE_GGTT, MEM_GGTT + DATA, 0, 4, 0 };
	struct box *box = *state;
	u32 *page = machine_image(box->m, CTX);

	put(box, SDI, VA_DATA, 0, 1);
	while (box->n < 1016)
		put(box, MI_NOOP);
	put(box, SEMAPHORE, 7, VA_DATA + 4, 0);
	while (box->n < 1030)
		put(box, SDI, VA_DATA, 0, 3);
	put(box, MI_BATCH_BUFFER_END);
	start(box);
	assert_true(machine_until(box->m, DATA, 1));
	engine_preempt(box->e);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_PREEMPTED);
	/* The engine's own part of the page: magic, level, addresses */
	assert_int_equal(page[0x201], CS_BATCH);
	page[0x202] |= 2;
	__atomic_store_n(machine_dw(box->m, DATA + 4), 7, __ATOMIC_RELEASE);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 3);

	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 0), 4);
}

/* A long wait does not drive what was before it out of the history. */
static void history_of_a_wait(void **state)
{
	struct timespec ms20 = { .tv_nsec = 20000000 };
	struct box *box = *state;
	u64 commands;

	put(box, SDI, VA_DATA, 0, 1, SEMAPHORE, 7, VA_DATA + 4, 0, MI_BATCH_BUFFER_END);
	start(box);
	assert_true(machine_until(box->m, DATA, 1));
	nanosleep(&ms20, NULL);
	commands = box->m->dev->stats.commands;
	__atomic_store_n(machine_dw(box->m, DATA + 4), 7, __ATOMIC_RELEASE);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_IDLE);
	assert_true(commands > 5);
	assert_int_equal(box->e->n_past, 5);
	assert_int_equal(box->e->past[1].header, SDI);
	assert_int_equal(box->e->past[2].header, SEMAPHORE);
	assert_int_equal(box->e->past[3].header, MI_BATCH_BUFFER_END);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* The driver shows the ring up to the middle of a store. */
static void show_half(struct box *box)
{
	const u32 ring[] = { SDI | MI_USE_GGTT, MEM_GGTT + DATA, 0, 0x11,
			     SDI | MI_USE_GGTT, MEM_GGTT + DATA + 4 };

	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	machine_start(box->m, box->e, box->desc);
	assert_true(machine_until(box->m, DATA, 0x11));
}

static void show_the_rest(struct box *box)
{
	const u32 ring[] = { 0, 0x22 };

	machine_emit(box->m, CTX, ring, ARRAY_SIZE(ring));
	pthread_mutex_lock(&box->m->lock);
	box->m->more = true;
	pthread_mutex_unlock(&box->m->lock);
}

static void await_violations(struct box *box, unsigned long n)
{
	for (unsigned int i = 0; i < 5000 && violations_of("ring-tail") < n; i++)
		machine_pause(box->m);
	assert_int_equal(violations_of("ring-tail"), n);
}

/* A command whose end is not shown yet is executed when it is; whoever shows half of it breaks a rule. */
static void tail_cuts_a_command(void **state)
{
	unsigned long before = log_violations(), n = violations_of("ring-tail");
	struct box *box = *state;

	show_half(box);
	await_violations(box, n + 1);
	assert_int_equal(data(box, 4), 0);
	assert_int_equal(machine_stops(box->m), 0);
	show_the_rest(box);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_IDLE);
	assert_int_equal(data(box, 4), 0x22);
	assert_int_equal(violations_of("ring-tail"), n + 1);
	assert_int_equal(log_violations(), before + 1);
}

/* It goes on after a switch; and what is allowed is counted, but not as a violation. */
static void switched_at_a_cut_command(void **state)
{
	unsigned long before = log_violations(), n = violations_of("ring-tail");
	struct box *box = *state;

	assert_true(log_allow("ring-tail"));
	show_half(box);
	await_violations(box, n + 1);
	log_forbid("ring-tail");
	assert_int_equal(log_violations(), before);
	engine_preempt(box->e);
	assert_int_equal(machine_wait(box->m, 1), ENGINE_PREEMPTED);
	show_the_rest(box);
	assert_int_equal(machine_run(box->m, box->e, box->desc), ENGINE_IDLE);
	assert_int_equal(data(box, 4), 0x22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(batch_writes_itself),
		T(ring_writes_itself),
		T(batch_crosses_pages),
		T(commands_are_counted),
		T(registers_are_current),
		T(registers_of_the_host),
		T(unmapped_memory),
		T(read_only_memory),
		T(bus_master_off),
		T(invalidation_of_a_running_batch),
		T(preempted_in_a_long_batch),
		T(data_crosses_pages),
		T(requests_end_a_burst),
		T(odd_addresses),
		T(history_of_a_wait),
		T(tail_cuts_a_command),
		T(switched_at_a_cut_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
