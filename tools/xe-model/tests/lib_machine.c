// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_machine.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_client.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/pace.h"

#define WAIT_S 10

int machine_setup_memory(void **state)
{
	static struct machine m;

	memset(&m, 0, sizeof(m));
	pthread_mutex_init(&m.lock, NULL);
	pthread_cond_init(&m.cond, NULL);
	m.next_table = AT_TABLES + SZ_4K;
	m.fd = memfd_create("ram", MFD_CLOEXEC);
	if (m.fd < 0 || ftruncate(m.fd, MEM_BYTES))
		return -1;
	m.mem = mmap(NULL, MEM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, m.fd, 0);
	*state = &m;
	return m.mem == MAP_FAILED ? -1 : 0;
}

int machine_setup_with(void **state, const struct xm_config *cfg)
{
	struct machine *m;
	u64 *ggtt;

	if (machine_setup_memory(state))
		return -1;
	m = *state;
	m->stepped = cfg->stepped;
	m->dev = xm_device_create(cfg);
	if (!m->dev || (!m->stepped && !device_wake(m->dev)))
		return -1;
	if (dma_map(m->dev->dma, MEM_DMA, MEM_BYTES, DMA_READ | DMA_WRITE, m->fd, 0))
		return -1;
	dma_set_bus_master(m->dev->dma, true);
	ggtt = m->dev->ggtt;
	for (u32 i = 0; i < MEM_BYTES / SZ_4K; i++)
		ggtt[(MEM_GGTT >> 12) + i] = (MEM_DMA + i * (u64)SZ_4K) | GGTT_PRESENT;
	return xm_gfx_create(m->dev) ? -1 : 0;
}

int machine_setup(void **state)
{
	static const struct xm_config cfg = { .platform = "tgl", .seed = 1, .strict = true,
					      .ggtt_map = true };

	return machine_setup_with(state, &cfg);
}

int machine_teardown(void **state)
{
	struct machine *m = *state;

	if (m->dev) {
		gfx_park(m->dev);
		xm_gfx_destroy(m->dev);
		xm_device_destroy(m->dev);
	}
	munmap(m->mem, MEM_BYTES);
	close(m->fd);
	pthread_cond_destroy(&m->cond);
	pthread_mutex_destroy(&m->lock);
	return 0;
}

void machine_pause(struct machine *m)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	u64 val;

	if (m->client && m->stepped)
		assert_int_equal(client_read(m->client, 0, RING_TIMESTAMP(0x2000), 4, &val), 0);
	else if (m->stepped)
		pace_settle(m->dev->pace);
	else
		nanosleep(&ms, NULL);
}

static bool on_more(void *client, void *job)
{
	struct machine *m = client;
	bool more;

	pthread_mutex_lock(&m->lock);
	more = m->more;
	m->more = false;
	pthread_mutex_unlock(&m->lock);
	return more;
}

static void on_stopped(void *client, struct engine *e, void *job, enum engine_stop why)
{
	struct machine *m = client;

	pthread_mutex_lock(&m->lock);
	m->stops++;
	m->why = why;
	pthread_cond_broadcast(&m->cond);
	pthread_mutex_unlock(&m->lock);
}

void machine_use_engines(struct machine *m)
{
	static const struct engine_client_ops ops = { .more = on_more, .stopped = on_stopped };

	gfx_set_client(m->dev, &ops, m);
}

/* --- memory ---------------------------------------------------------------------------------- */

u32 *machine_dw(struct machine *m, u32 at)
{
	return (u32 *)(m->mem + at);
}

u64 machine_root(const struct machine *m)
{
	return (MEM_DMA + AT_TABLES) | PPGTT_PRESENT | PPGTT_WRITABLE;
}

u64 *machine_leaf(struct machine *m, u64 va)
{
	u64 *table = (u64 *)(m->mem + AT_TABLES);

	for (unsigned int level = 3; level; level--) {
		u64 *entry = &table[va >> (12 + 9 * level) & 511];

		if (!*entry) {
			*entry = (MEM_DMA + m->next_table) | PPGTT_PRESENT | PPGTT_WRITABLE;
			m->next_table += SZ_4K;
		}
		table = (u64 *)(m->mem + ((*entry & PPGTT_ADDR_MASK) - MEM_DMA));
	}
	return &table[va >> 12 & 511];
}

void machine_map(struct machine *m, u64 va, u32 at, u32 len, u64 bits)
{
	for (u32 i = 0; i < len; i += SZ_4K)
		*machine_leaf(m, va + i) = (MEM_DMA + at + i) | bits;
}

/* --- contexts -------------------------------------------------------------------------------- */

u32 *machine_image(struct machine *m, u32 at)
{
	return machine_dw(m, at + CTX_RING_BYTES + LRC_STATE_OFFSET);
}

static unsigned int put_lri(u32 *page, unsigned int i, const u16 *regs, unsigned int n)
{
	page[i++] = MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_FORCE_POSTED | MI_LRI_LEN(n);
	for (unsigned int k = 0; k < n; k++, i += 2)
		page[i] = regs[k];
	return i;
}

u64 machine_context(struct machine *m, u32 at, unsigned int hw_class, bool ppgtt)
{
	static const u16 first[] = { 0x244, 0x034, 0x030, 0x038, 0x03c, 0x168, 0x140,
				     0x110, 0x1c0, 0x1c4, 0x1c8, 0x180, 0x2b4 };
	static const u16 second[] = { 0x3a8, 0x28c, 0x288, 0x284, 0x280, 0x27c, 0x278, 0x274,
				      0x270 };
	u32 *page = machine_image(m, at);
	u64 desc = (MEM_GGTT + at + CTX_RING_BYTES) | LRC_DESC_VALID | LRC_DESC_MODE_LEGACY64;

	memset(m->mem + at, 0, CTX_BYTES);
	put_lri(page, LRC_DW_LRI1_HEADER, first, ARRAY_SIZE(first));
	put_lri(page, LRC_DW_LRI2_HEADER, second, ARRAY_SIZE(second));
	page[LRC_DW_XELP_END] = MI_BATCH_BUFFER_END | MI_BBE_END_CONTEXT;
	page[LRC_DW_CONTEXT_CONTROL] = 0x00090009;
	page[LRC_DW_RING_START] = MEM_GGTT + at;
	page[LRC_DW_RING_CTL] = RING_CTL_SIZE(CTX_RING_BYTES) | RING_CTL_VALID;
	if (ppgtt) {
		page[LRC_DW_PDP0_UDW] = (u32)(machine_root(m) >> 32);
		page[LRC_DW_PDP0_LDW] = (u32)machine_root(m);
		desc |= LRC_DESC_PPGTT;
	}
	return desc | (u64)hw_class << 61;
}

void machine_emit(struct machine *m, u32 at, const u32 *dw, unsigned int n)
{
	u32 *page = machine_image(m, at);
	u32 tail = page[LRC_DW_RING_TAIL];

	for (unsigned int i = 0; i < n + n % 2; i++) {
		*machine_dw(m, at + tail) = i < n ? dw[i] : MI_NOOP;
		tail = (tail + 4) % CTX_RING_BYTES;
	}
	__atomic_store_n(&page[LRC_DW_RING_TAIL], tail, __ATOMIC_RELEASE);
}

/* --- running --------------------------------------------------------------------------------- */

void machine_start(struct machine *m, struct engine *e, u64 desc)
{
	struct engine_run run = { .desc = desc, .job = m, .ctx_id = 1 };

	engine_start(e, &run);
}

unsigned int machine_stops(struct machine *m)
{
	unsigned int stops;

	pthread_mutex_lock(&m->lock);
	stops = m->stops;
	pthread_mutex_unlock(&m->lock);
	return stops;
}

enum engine_stop machine_wait(struct machine *m, unsigned int stops)
{
	struct timespec until;
	enum engine_stop why;
	bool stopped;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&m->lock);
	while (m->stops < stops)
		if (pthread_cond_timedwait(&m->cond, &m->lock, &until))
			break;
	why = m->why;
	stopped = m->stops >= stops;
	pthread_mutex_unlock(&m->lock);
	/* Fails outside of the lock: the teardown stops engines, which take it. */
	assert_true(stopped);
	return why;
}

enum engine_stop machine_run(struct machine *m, struct engine *e, u64 desc)
{
	unsigned int stops = machine_stops(m) + 1;

	machine_start(m, e, desc);
	return machine_wait(m, stops);
}

bool machine_until(struct machine *m, u32 at, u32 value)
{
	for (unsigned int i = 0; i < WAIT_S * 1000; i++) {
		if (__atomic_load_n(machine_dw(m, at), __ATOMIC_ACQUIRE) == value)
			return true;
		machine_pause(m);
	}
	return false;
}
