// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Measures an engine: commands per second, how fast waiting commands notice a change and what
 * waiting costs, and how long a change of the guest's memory map waits for a busy engine.
 *
 *	bench_cs [SECONDS-PER-LINE]
 *
 * Rates are per second of processor time of the engine's thread, so that a loaded machine does
 * not spoil them.
 */

#include "tests/lib_machine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "bus/dma.h"
#include "gfx/cs.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"
#include "util/clock.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define DATA (AT_FREE + 0x20000)
#define BATCH (AT_FREE + 0x100000)
#define BATCH_BYTES (4u << 20)
#define VA_DATA 0x200000u
#define VA_BATCH 0x1000000u
/* Dwords in the data page: what is waited for, and the answer */
#define WORD_EVENT 0u
#define WORD_ANSWER 16u
#define WORD_STAMP 17u
#define VA_EVENT (VA_DATA + 4 * WORD_EVENT)
#define VA_ANSWER (VA_DATA + 4 * WORD_ANSWER)
#define VA_STAMP (VA_DATA + 4 * WORD_STAMP)
#define BATCHES_PER_JOB 8u
#define MAX_SAMPLES 100000u
#define SDI (MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1))
#define COND_END (MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE | \
		  MI_COMPARE_NE << MI_CBBE_COMPARE_SHIFT)
/* When the engine noticed, by its own clock: this thread may see it much later. */
#define ANSWER(value) \
	MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE, RING_TIMESTAMP(0), VA_STAMP, 0, \
	SDI, VA_ANSWER, 0, value
#define SEMAPHORE (MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | \
		   MI_COMPARE_EQ << MI_SEMAPHORE_COMPARE_SHIFT)

static u32 samples[MAX_SAMPLES];
static struct machine *m;
static struct engine *e;
static u64 desc;
static double seconds;

static void die(const char *what)
{
	fprintf(stderr, "bench_cs: %s\n", what);
	exit(1);
}

static u64 engine_cpu_ns(void)
{
	struct timespec ts;
	clockid_t clk;

	if (pthread_getcpuclockid(e->thread.thread, &clk) || clock_gettime(clk, &ts))
		die("no clock of the engine's thread");
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static double percentile_us(size_t n, unsigned int p)
{
	size_t i = n * p / 100;

	return samples[i < n ? i : n - 1] / 1000.0;
}

/* --- commands per second --------------------------------------------------------------------- */

static unsigned int put_noop(u32 *dw)
{
	dw[0] = MI_NOOP;
	return 1;
}

static unsigned int put_store(u32 *dw)
{
	static u32 n;

	dw[0] = SDI;
	dw[1] = VA_DATA + 64 + 4 * (n++ % 512);
	dw[2] = 0;
	dw[3] = n;
	return 4;
}

static unsigned int put_mix(u32 *dw)
{
	static unsigned int n;

	return n++ % 2 ? put_noop(dw) : put_store(dw);
}

static unsigned int put_arithmetic(u32 *dw)
{
	dw[0] = MI_MATH | 3;
	dw[1] = 0x080 << 20 | 0x20 << 10;
	dw[2] = 0x080 << 20 | 0x21 << 10 | 1;
	dw[3] = 0x100 << 20;
	dw[4] = 0x180 << 20 | 0x31;
	return 5;
}

static void bench_rate(const char *name, unsigned int (*put)(u32 *dw))
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	u64 begin, commands, cpu;
	unsigned int n = 0;

	while (n < BATCH_BYTES / 4 - 8)
		n += put(machine_dw(m, BATCH) + n);
	*machine_dw(m, BATCH + 4 * n) = MI_BATCH_BUFFER_END;
	commands = m->dev->stats.commands;
	cpu = engine_cpu_ns();
	begin = clock_ns();
	while (clock_ns() - begin < seconds * 1e9) {
		for (unsigned int i = 0; i < BATCHES_PER_JOB; i++)
			machine_emit(m, CTX, start, ARRAY_SIZE(start));
		if (machine_run(m, e, desc) != ENGINE_IDLE)
			die("the engine did not run to the end");
	}
	cpu = engine_cpu_ns() - cpu;
	commands = m->dev->stats.commands - commands;
	printf("%-34s %10.1f million per second\n", name, (double)commands * 1e3 / (double)cpu);
	fflush(stdout);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void sleep_us(unsigned int us)
{
	struct timespec t = { .tv_nsec = us * 1000l };

	nanosleep(&t, NULL);
}

static u32 load(unsigned int word)
{
	return __atomic_load_n(machine_dw(m, DATA) + word, __ATOMIC_ACQUIRE);
}

static void emit_semaphore(u32 value)
{
	const u32 dw[] = { SEMAPHORE, value, VA_EVENT, 0, ANSWER(value) };

	machine_emit(m, CTX, dw, ARRAY_SIZE(dw));
}

static u64 thread_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

/* What a nap is on this machine: no wait can be cheaper or sooner than that allows. */
static void bench_nap(void)
{
	const unsigned int n = 500;
	u64 cpu = thread_cpu_ns(), real = clock_ns();

	prctl(PR_SET_TIMERSLACK, 1000ul);
	for (unsigned int i = 0; i < n; i++)
		sleep_us(100);
	cpu = thread_cpu_ns() - cpu;
	real = clock_ns() - real;
	printf("%-34s %10.1f us long, costs %.1f us of a core\n", "a nap of 100 us, by itself",
	       (double)real / n / 1000, (double)cpu / n / 1000);
	fflush(stdout);
}

/* A batch that jumps to itself until the word has the value. */
static void emit_spinner(u32 value)
{
	const u32 batch[] = { MI_ARB_CHECK, COND_END, value, VA_EVENT, 0,
			      MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	const u32 ring[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0, ANSWER(value) };

	for (unsigned int i = 0; i < ARRAY_SIZE(batch); i++)
		__atomic_store_n(machine_dw(m, BATCH) + i, batch[i], __ATOMIC_RELEASE);
	machine_emit(m, CTX, ring, ARRAY_SIZE(ring));
}

/* Time from a change of the memory to the answer of the engine that waits for it. */
static u32 notice_ns(u32 value)
{
	u32 ticks = (u32)xm_gpu_ticks(m->dev);

	__atomic_store_n(machine_dw(m, DATA) + WORD_EVENT, value, __ATOMIC_RELEASE);
	for (unsigned int i = 0; load(WORD_ANSWER) != value; i++) {
		if (i > 10000)
			die("the engine does not notice the change");
		sleep_us(100);
	}
	return (u32)((load(WORD_STAMP) - ticks) * 1000ull * 10 / 192);
}

static void bench_wait(const char *name, void (*emit)(u32 value), unsigned int wait_us)
{
	static u32 value;
	u64 cpu = 0, waited = 0, begin = clock_ns();
	size_t n = 0;

	while (n < MAX_SAMPLES && (clock_ns() - begin < seconds * 1e9 || n < 5)) {
		unsigned int stops = machine_stops(m) + 1;
		u64 cpu_then, then;

		emit(++value);
		machine_start(m, e, desc);
		sleep_us(200);
		cpu_then = engine_cpu_ns();
		then = clock_ns();
		/* Not in step with the engine's naps */
		sleep_us(wait_us + (unsigned int)rand() % 1000);
		cpu += engine_cpu_ns() - cpu_then;
		waited += clock_ns() - then;
		samples[n++] = notice_ns(value);
		if (machine_wait(m, stops) != ENGINE_IDLE)
			die("the engine did not run to the end");
	}
	qsort(samples, n, sizeof(samples[0]), compare);
	printf("%-34s %10.1f %% of a core, notices in %.1f us (50%%), %.1f us (90%%)\n", name,
	       (double)cpu * 100 / (double)waited, percentile_us(n, 50), percentile_us(n, 90));
	fflush(stdout);
}

/* --- the memory map -------------------------------------------------------------------------- */

static void bench_unmap(void)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	u64 begin = clock_ns();
	unsigned int stops = 0;
	bool running = false;
	size_t n = 0;

	while (n < MAX_SAMPLES && clock_ns() - begin < seconds * 1e9) {
		u64 then;

		if (running && machine_stops(m) >= stops)
			running = false;
		if (!running) {
			stops = machine_stops(m) + 1;
			for (unsigned int i = 0; i < BATCHES_PER_JOB; i++)
				machine_emit(m, CTX, start, ARRAY_SIZE(start));
			machine_start(m, e, desc);
			running = true;
			sleep_us(500);
		}
		then = clock_ns();
		if (dma_map(m->dev->dma, MEM_DMA + MEM_BYTES, SZ_4K, DMA_READ, m->fd, 0))
			die("dma_map");
		samples[n++] = (u32)(clock_ns() - then);
		dma_unmap(m->dev->dma, MEM_DMA + MEM_BYTES, SZ_4K);
		sleep_us(100);
	}
	if (running)
		machine_wait(m, stops);
	qsort(samples, n, sizeof(samples[0]), compare);
	printf("%-34s %10.1f us (50%%), %.1f us (90%%), %.1f us (99%%)\n",
	       "DMA_MAP beside a busy engine", percentile_us(n, 50), percentile_us(n, 90),
	       percentile_us(n, 99));
}

static void open_machine(u64 seed)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .ggtt_map = true };

	if (machine_setup_with((void **)&m, &cfg))
		die("no machine");
	machine_use_engines(m);
	e = gfx_find(m->dev, 3, 0);
	desc = machine_context(m, CTX, XM_CLASS_COPY, true);
	machine_map(m, VA_DATA, DATA, 0x1000, RW);
	machine_map(m, VA_BATCH, BATCH, BATCH_BYTES, RW);
}

static void close_machine(void)
{
	machine_teardown((void **)&m);
}

int main(int argc, char **argv)
{
	seconds = argc > 1 ? atof(argv[1]) : 1.0;
	/* A seed makes threads yield and nap. */
	open_machine(1);
	bench_rate("both in turn, with a seed", put_mix);
	close_machine();
	open_machine(0);
	bench_rate("MI_NOOP", put_noop);
	bench_rate("MI_STORE_DATA_IMM into one page", put_store);
	bench_rate("both in turn", put_mix);
	bench_rate("MI_MATH of four instructions", put_arithmetic);
	bench_unmap();
	bench_nap();
	bench_wait("MI_SEMAPHORE_WAIT of 2 ms", emit_semaphore, 2000);
	bench_wait("MI_SEMAPHORE_WAIT of 200 ms", emit_semaphore, 200000);
	bench_wait("batch that polls for 2 ms", emit_spinner, 2000);
	bench_wait("batch that polls for 200 ms", emit_spinner, 200000);
	close_machine();
	return 0;
}
