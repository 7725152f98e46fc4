// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_scene.h"

#include <string.h>
#include <unistd.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "tests/lib_cmocka.h"

#define WAITS 20000u
#define MSTR 0x190010u
#define MSTR_ENABLE 0x80000000u
#define GT_DW(bank) (0x190018u + 4 * (bank))
#define IDENTITY(bank) (0x190060u + 4 * (bank))
#define SELECTOR(bank) (0x190070u + 4 * (bank))

/* Contexts; the parallel one has two ids */
#define SPIN_A 0u
#define SPIN_B 1u
#define URGENT 2u
#define COPIER 3u
#define VIRTUAL 4u
#define PARALLEL 5u
#define HANGS 7u
#define FAULTS 8u
#define CONTEXTS 9u
/* Offsets in AT_DATA, behind the cells of the spinners 0, 1 and 2 */
#define CELL_URGENT 0x100u
#define CELL_HANDSHAKE 0x200u
#define CELL_PARALLEL 0x300u
#define CELL_DONE 0x400u
#define HANG_LOOP 2u

static u32 *cell(struct scene *s, u32 at)
{
	return machine_dw(s->m, AT_DATA + at);
}

static void record(struct scene *s, u64 what)
{
	s->reads = (s->reads ^ what) * 0x100000001b3ull;
}

static u32 rd(struct scene *s, u32 off)
{
	u32 val = host_read(s->m, off);

	record(s, (u64)off << 32 | val);
	return val;
}

/* --- interrupts and messages ------------------------------------------------------------------ */

static void handle_bank(struct scene *s, unsigned int bank)
{
	u32 dw = rd(s, GT_DW(bank));

	for (u32 bits = dw; bits; bits &= bits - 1) {
		host_write(s->m, SELECTOR(bank), bits & -bits);
		rd(s, IDENTITY(bank));
		host_write(s->m, IDENTITY(bank), ~0u);
	}
	host_write(s->m, GT_DW(bank), dw);
}

static void handle_interrupt(struct scene *s)
{
	u64 n;
	u32 top;

	if (read(s->irq_fd, &n, sizeof(n)) != sizeof(n))
		return;
	s->irqs++;
	record(s, n);
	host_write(s->m, MSTR, 0);
	top = rd(s, MSTR);
	for (unsigned int bank = 0; bank < 2; bank++)
		if (top & 1u << bank)
			handle_bank(s, bank);
	host_write(s->m, MSTR, MSTR_ENABLE);
}

static void take_event(struct scene *s, const u32 *dw)
{
	switch (dw[0]) {
	case 0x90000000 | GUC_G2H_SCHED_CONTEXT_MODE_DONE:
		*(dw[2] == GUC_CONTEXT_ENABLE ? &s->on : &s->off) |= 1u << dw[1];
		break;
	case 0x90000000 | GUC_G2H_DEREGISTER_CONTEXT_DONE:
		s->gone |= 1u << dw[1];
		break;
	case 0x90000000 | GUC_G2H_CONTEXT_RESET_NOTIFICATION:
		s->reset |= 1u << dw[1];
		break;
	case 0x90000000 | GUC_G2H_MEMORY_CAT_ERROR:
		s->faulted |= 1u << dw[1];
		break;
	case 0x90000000 | GUC_G2H_TLB_INVALIDATION_DONE:
		assert_int_equal(dw[1], s->tlb_seqno + 1);
		s->tlb_seqno = dw[1];
		break;
	default:
		fail_msg("message 0x%08x", dw[0]);
	}
}

/* One round of what a driver does while it waits. */
static void serve(struct scene *s)
{
	u32 header, dw[256], n;

	handle_interrupt(s);
	while ((n = host_g2h(s->m, &header, dw, 0))) {
		for (u32 i = 0; i < n; i++)
			record(s, dw[i]);
		s->messages++;
		take_event(s, dw);
	}
	machine_pause(s->m);
}

static void await_bits(struct scene *s, const u32 *word, u32 bits)
{
	for (unsigned int i = 0; (*word & bits) != bits; i++) {
		assert_true(i < WAITS);
		serve(s);
	}
}

static void await_cell(struct scene *s, u32 at, u32 value)
{
	for (unsigned int i = 0; __atomic_load_n(cell(s, at), __ATOMIC_ACQUIRE) != value; i++) {
		assert_true(i < WAITS);
		serve(s);
	}
}

static void await_rounds(struct scene *s, u32 n, u32 more)
{
	u32 start = host_rounds(s->m, n);

	for (unsigned int i = 0; host_rounds(s->m, n) - start < more; i++) {
		assert_true(i < WAITS);
		serve(s);
	}
}

static void enable(struct scene *s, u32 id)
{
	host_mode(s->m, id, 1);
	await_bits(s, &s->on, 1u << id);
}

static void invalidate(struct scene *s, u32 n)
{
	u32 last = s->tlb_seqno + n;

	for (u32 seqno = s->tlb_seqno + 1; seqno <= last; seqno++)
		HOST_SEND(s->m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seqno,
			  GUC_TLB_INVAL_FLUSH_CACHE);
	for (unsigned int i = 0; s->tlb_seqno != last; i++) {
		assert_true(i < WAITS);
		serve(s);
	}
}

/* --- commands --------------------------------------------------------------------------------- */

static void emit_wait(struct scene *s, u32 id, u32 at, u32 value)
{
	const u32 dw[] = { MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_EQ << 12, value,
			   VA_DATA + at, 0 };

	machine_emit(s->m, AT_CTX(id), dw, 4);
}

/* Last commands of a context: leave a mark and interrupt the host. */
static void emit_done(struct scene *s, u32 id)
{
	const u32 dw[] = { MI_USER_INTERRUPT, MI_NOOP };

	host_emit_store(s->m, id, CELL_DONE + 4 * id, 1);
	machine_emit(s->m, AT_CTX(id), dw, 2);
}

static void await_done(struct scene *s, u32 id)
{
	await_cell(s, CELL_DONE + 4 * id, 1);
}

/* --- acts ------------------------------------------------------------------------------------- */

static void begin(struct scene *s)
{
	struct machine *m = s->m;

	host_wake(m);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_start_rings(m);
	/* User interrupts of all engines and messages of the GuC */
	host_write(m, 0x190030, 0x00010001);
	host_write(m, 0x190034, 0x00010001);
	host_write(m, 0x190038, 0x80000000);
	host_write(m, 0x190090, ~0x00010000u);
	host_write(m, 0x1900a0, ~0x00010000u);
	host_write(m, 0x1900a8, ~0x00010001u);
	host_write(m, 0x1900ac, ~0x00010001u);
	host_write(m, 0x1900e8, ~0x80000000u);
	host_write(m, MSTR, MSTR_ENABLE);
}

/* Two endless loops of equal importance: both get on, whoever began. */
static void time_slices(struct scene *s)
{
	for (u32 id = SPIN_A; id <= SPIN_B; id++) {
		host_context(s->m, id, GUC_CLASS_RENDER, 1, host_normal);
		host_emit_spin(s->m, id, id, true);
		emit_done(s, id);
		enable(s, id);
	}
	invalidate(s, 3);
	for (unsigned int i = 0; i < 2; i++) {
		await_rounds(s, SPIN_A, 20);
		await_rounds(s, SPIN_B, 20);
	}
}

/* A context on the copy engine and one on either video engine wait for each other. */
static void handshake(struct scene *s)
{
	host_context(s->m, COPIER, GUC_CLASS_COPY, 1, host_normal);
	emit_wait(s, COPIER, CELL_HANDSHAKE, 1);
	host_emit_store(s->m, COPIER, CELL_HANDSHAKE + 4, 2);
	emit_done(s, COPIER);
	host_context(s->m, VIRTUAL, GUC_CLASS_VIDEO, 3, host_normal);
	host_emit_store(s->m, VIRTUAL, CELL_HANDSHAKE, 1);
	emit_wait(s, VIRTUAL, CELL_HANDSHAKE + 4, 2);
	emit_done(s, VIRTUAL);
	enable(s, COPIER);
	enable(s, VIRTUAL);
	invalidate(s, 2);
	await_done(s, COPIER);
	await_done(s, VIRTUAL);
}

/* The tail of each ring reaches its image through the work item. */
static void queue_item(struct scene *s, u32 wq, u64 desc)
{
	u32 *queue = machine_dw(s->m, wq + 1024);

	for (u32 i = 0; i < 2; i++) {
		u32 *tail = &machine_image(s->m, AT_CTX(PARALLEL + i))[LRC_DW_RING_TAIL];

		queue[i ? 4 : 2] = *tail / 8 << (i ? 0 : 18);
		*tail = 0;
	}
	queue[0] = GUC_WQ_TYPE_MULTI_LRC | (GUC_WQ_ITEM_DWORDS(2) - 1) << 16;
	queue[1] = (u32)desc;
	queue[3] = 0;
	machine_dw(s->m, wq)[GUC_WQ_DESC_TAIL] = 20;
}

static void parallel(struct scene *s)
{
	u32 wq = AT_CTX(PARALLEL) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;
	u64 a = machine_context(s->m, AT_CTX(PARALLEL), XM_CLASS_VIDEO_DECODE, true);
	u64 b = machine_context(s->m, AT_CTX(PARALLEL + 1), XM_CLASS_VIDEO_DECODE, true);

	HOST_SEND(s->m, HOST_FAST | GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, 1, PARALLEL,
		  GUC_CLASS_VIDEO, 1, MEM_GGTT + wq, 0, MEM_GGTT + wq + 1024, 0,
		  GUC_WQ_QUEUE_BYTES, 2, (u32)a, (u32)(a >> 32), (u32)b, (u32)(b >> 32));
	enable(s, PARALLEL);
	for (u32 i = 0; i < 2; i++) {
		host_emit_store(s->m, PARALLEL + i, CELL_PARALLEL + 4 * i, 1);
		emit_wait(s, PARALLEL + i, CELL_PARALLEL + 4 * !i, 1);
		emit_done(s, PARALLEL + i);
	}
	queue_item(s, wq, a);
	HOST_SEND(s->m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, PARALLEL);
	await_done(s, PARALLEL);
	await_done(s, PARALLEL + 1);
}

/* A more important context does not wait for a spinner. */
static void preemption(struct scene *s)
{
	struct host_policy high = { GUC_PRIORITY_HIGH, 1000, 640000 };

	host_context(s->m, URGENT, GUC_CLASS_RENDER, 1, high);
	host_emit_store(s->m, URGENT, CELL_URGENT, 7);
	emit_done(s, URGENT);
	enable(s, URGENT);
	await_done(s, URGENT);
	assert_int_equal(*cell(s, CELL_URGENT), 7);
	assert_int_equal(*cell(s, CELL_DONE + 4 * SPIN_A), 0);
	for (u32 id = SPIN_A; id <= SPIN_B; id++) {
		host_end_spin(s->m, id);
		await_done(s, id);
	}
}

static void accidents(struct scene *s)
{
	struct host_policy impatient = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 5000 };

	host_context(s->m, HANGS, GUC_CLASS_RENDER, 1, impatient);
	host_emit_spin(s->m, HANGS, HANG_LOOP, false);
	enable(s, HANGS);
	await_cell(s, 16 * HANG_LOOP, 1);
	host_context(s->m, FAULTS, GUC_CLASS_COPY, 1, host_normal);
	host_emit_batch(s->m, FAULTS, 0x900000);
	enable(s, FAULTS);
	host_emit_store(s->m, URGENT, CELL_URGENT + 4, 8);
	HOST_SEND(s->m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, URGENT);
	invalidate(s, 3);
	await_bits(s, &s->reset, 1u << HANGS | 1u << FAULTS);
	await_cell(s, CELL_URGENT + 4, 8);
	assert_int_equal(s->faulted, 1u << FAULTS);
}

static void end(struct scene *s)
{
	for (u32 id = 0; id < CONTEXTS; id++) {
		if (id == PARALLEL + 1)
			continue;
		host_mode(s->m, id, 0);
		await_bits(s, &s->off, 1u << id);
		HOST_SEND(s->m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, id);
	}
	await_bits(s, &s->gone, ((1u << CONTEXTS) - 1) & ~(1u << (PARALLEL + 1)));
}

void scene_play(struct scene *s)
{
	begin(s);
	time_slices(s);
	handshake(s);
	parallel(s);
	preemption(s);
	accidents(s);
	end(s);
	assert_int_equal(s->reset, 1u << HANGS | 1u << FAULTS);
	assert_true(s->irqs > 8);
}
