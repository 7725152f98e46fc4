// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Scheduling by the GuC in virtual time: limits are measured exactly, and every case is played with
 * several seeds, so with several interleavings of engines, GuC and host.
 */

#include "tests/lib_guc.h"

#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "fw/guc.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/clock.h"
#include "util/pace.h"

#define SEEDS 6u
#define US 1000ull
#define MS 1000000ull
#define TICKS_PER_MS 19200u
/* What may pass between a limit and what the host sees of it */
#define SLACK (3 * MS)
#define CELL(n) (0x400 + 16 * (n))

/* --- helpers --------------------------------------------------------------------------------- */

static void let_pass(struct machine *m, u64 ns)
{
	u64 end = clock_ns() + ns;

	while (clock_ns() < end)
		machine_pause(m);
}

static void policy(struct machine *m, u32 id, u32 key, u32 value)
{
	HOST_SEND(m, HOST_FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, id, GUC_KLV(key, 1), value);
}

static void enable(struct machine *m, u32 id)
{
	host_mode(m, id, 1);
	host_expect_mode(m, id, 1);
}

static void disable(struct machine *m, u32 id)
{
	host_mode(m, id, 0);
	host_expect_mode(m, id, 0);
}

static void submit(struct machine *m, u32 id)
{
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, id);
}

/* A context with an endless loop of its own number. */
static void spinner(struct machine *m, u32 id, u32 guc_class, u32 mask, struct host_policy p,
		    bool arb)
{
	host_context(m, id, guc_class, mask, p);
	host_emit_spin(m, id, id, arb);
}

static void await_spin(struct machine *m, u32 id)
{
	assert_true(machine_until(m, AT_DATA + 16 * id, 1));
}

/* Milliseconds context @id ran, as saved at its last switch. */
static u32 ran_ms(struct machine *m, u32 id)
{
	return machine_image(m, AT_CTX(id))[LRC_DW_CTX_TIMESTAMP] / TICKS_PER_MS;
}

static unsigned long switches(struct machine *m)
{
	struct guc_info info;

	assert_int_equal(guc_inspect(m->dev, &info), 0);
	return info.switches;
}

/* --- time slices ----------------------------------------------------------------------------- */

/* Engine time is shared in the ratio of the quanta, one slice of each in turn. */
static void quantum(struct machine *m)
{
	struct host_policy brief = { GUC_PRIORITY_KERNEL_NORMAL, 2000, 640000 };
	struct host_policy lengthy = { GUC_PRIORITY_KERNEL_NORMAL, 8000, 640000 };
	unsigned long before;
	u32 a, b;

	spinner(m, 0, GUC_CLASS_RENDER, 1, brief, true);
	spinner(m, 1, GUC_CLASS_RENDER, 1, lengthy, true);
	enable(m, 0);
	enable(m, 1);
	await_spin(m, 0);
	await_spin(m, 1);
	before = switches(m);
	a = ran_ms(m, 0);
	b = ran_ms(m, 1);
	let_pass(m, 500 * MS);
	a = ran_ms(m, 0) - a;
	b = ran_ms(m, 1) - b;
	assert_in_range(b, 3 * a, 5 * a);
	/* 500 ms of slices of 2 and 8 ms are 100; a seed makes them a quarter shorter at most. */
	assert_in_range(switches(m) - before, 95, 140);
}

/* A quantum of 0 never ends; a finite one set meanwhile counts from the next start. */
static void endless_quantum(struct machine *m)
{
	struct host_policy endless = { GUC_PRIORITY_KERNEL_NORMAL, 0, 640000 };

	spinner(m, 0, GUC_CLASS_RENDER, 1, endless, true);
	spinner(m, 1, GUC_CLASS_RENDER, 1, host_normal, true);
	enable(m, 0);
	await_spin(m, 0);
	enable(m, 1);
	let_pass(m, 100 * MS);
	assert_int_equal(*machine_dw(m, AT_DATA + 16), 0);
	host_end_spin(m, 0);
	await_spin(m, 1);
}

/* --- priorities ------------------------------------------------------------------------------ */

/* A waiting context that becomes more important displaces the running one at once. */
static void priority_change(struct machine *m)
{
	struct host_policy endless = { GUC_PRIORITY_KERNEL_NORMAL, 0, 640000 };
	struct host_policy low = { GUC_PRIORITY_NORMAL, 1000, 640000 };

	spinner(m, 0, GUC_CLASS_RENDER, 1, endless, true);
	enable(m, 0);
	await_spin(m, 0);
	host_context(m, 1, GUC_CLASS_RENDER, 1, low);
	host_emit_store(m, 1, CELL(1), 7);
	enable(m, 1);
	let_pass(m, 50 * MS);
	assert_int_equal(*machine_dw(m, AT_DATA + CELL(1)), 0);
	policy(m, 1, GUC_KLV_CONTEXT_PRIORITY, GUC_PRIORITY_HIGH);
	assert_true(machine_until(m, AT_DATA + CELL(1), 7));
	/* The displaced one goes on when the engine is free again. */
	host_end_spin(m, 0);
	host_emit_store(m, 0, CELL(0), 5);
	submit(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(0), 5));
}

/* --- preemption time-out --------------------------------------------------------------------- */

/* The reset comes when the time-out is over: not earlier, and not much later. */
static void preempt_timeout(struct machine *m)
{
	static const u32 limits_us[] = { 1, 2000, 7000, 20000 };
	u64 start, took, limit;

	for (u32 i = 0; i < ARRAY_SIZE(limits_us); i++) {
		struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, limits_us[i] };

		spinner(m, 0, GUC_CLASS_RENDER, 1, p, false);
		enable(m, 0);
		await_spin(m, 0);
		start = clock_ns();
		host_mode(m, 0, 0);
		host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
		took = clock_ns() - start;
		/* The firmware's clock is coarse: 2 ms is the least. */
		limit = XM_MAX(limits_us[i] * US, 2 * MS);
		assert_in_range(took, limit, limit + SLACK);
		host_expect_mode(m, 0, 0);
		HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
		host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
		*machine_dw(m, AT_DATA) = 0;
	}
}

/* Time that passes while an engine gets no processor does not count: it can be preempted. */
static void starved_engine(struct machine *m)
{
	struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 2000 };

	for (u32 i = 0; i < 20; i++) {
		spinner(m, 0, GUC_CLASS_RENDER, 1, p, true);
		enable(m, 0);
		await_spin(m, 0);
		host_mode(m, 0, 0);
		for (u32 j = 0; j < 20; j++) {
			clock_step(3 * MS);
			pace_point(m->dev->pace);
		}
		host_expect_mode(m, 0, 0);
		HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
		host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
		*machine_dw(m, AT_DATA) = 0;
	}
}

/* A time-out of 0 is patience without end. */
static void endless_timeout(struct machine *m)
{
	struct host_policy patient = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 0 };

	spinner(m, 0, GUC_CLASS_RENDER, 1, patient, false);
	enable(m, 0);
	await_spin(m, 0);
	host_mode(m, 0, 0);
	let_pass(m, 2000 * MS);
	host_expect_nothing(m, 1);
	host_end_spin(m, 0);
	host_expect_mode(m, 0, 0);
}

/* The host forbade engine resets: nothing happens when the time-out is over. */
static void resets_forbidden(struct machine *m)
{
	u32 *flags = machine_dw(m, AT_ADS + GUC_ADS_POLICIES_OFFSET +
				   GUC_POLICIES_GLOBAL_FLAGS_OFFSET);
	struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 5000 };

	*flags = GUC_POLICIES_NO_ENGINE_RESET;
	HOST_SEND(m, HOST_FAST | GUC_H2G_GLOBAL_SCHED_POLICY_CHANGE,
		  MEM_GGTT + AT_ADS + GUC_ADS_POLICIES_OFFSET);
	spinner(m, 0, GUC_CLASS_RENDER, 1, p, false);
	enable(m, 0);
	await_spin(m, 0);
	host_mode(m, 0, 0);
	let_pass(m, 100 * MS);
	host_expect_nothing(m, 1);
	host_end_spin(m, 0);
	host_expect_mode(m, 0, 0);
}

/* A context that was reset is not run again; its engine and its id serve others. */
static void after_reset(struct machine *m)
{
	struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 5000 };

	spinner(m, 0, GUC_CLASS_COPY, 1, p, false);
	host_emit_store(m, 0, CELL(0), 1);
	enable(m, 0);
	await_spin(m, 0);
	host_context(m, 1, GUC_CLASS_COPY, 1, p);
	host_emit_store(m, 1, CELL(1), 1);
	enable(m, 1);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	assert_true(machine_until(m, AT_DATA + CELL(1), 1));
	host_end_spin(m, 0);
	submit(m, 0);
	let_pass(m, 20 * MS);
	assert_int_equal(*machine_dw(m, AT_DATA + CELL(0)), 0);
	disable(m, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
	host_context(m, 0, GUC_CLASS_COPY, 1, p);
	host_emit_store(m, 0, CELL(0), 2);
	enable(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(0), 2));
}

/* --- several engines ------------------------------------------------------------------------- */

/* A virtual engine goes where there is room, submission by submission. */
static void migration(struct machine *m)
{
	struct host_policy endless = { GUC_PRIORITY_KERNEL_NORMAL, 0, 640000 };

	host_context(m, 2, GUC_CLASS_VIDEO, 3, host_normal);
	enable(m, 2);
	for (u32 i = 0; i < 6; i++) {
		u32 busy = i % 2;

		spinner(m, busy, GUC_CLASS_VIDEO, 1u << busy, endless, true);
		enable(m, busy);
		await_spin(m, busy);
		host_emit_store(m, 2, CELL(2), i + 1);
		submit(m, 2);
		assert_true(machine_until(m, AT_DATA + CELL(2), i + 1));
		host_end_spin(m, busy);
		disable(m, busy);
		HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, busy);
		host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, busy, 0);
		*machine_dw(m, AT_DATA + 16 * busy) = 0;
	}
}

/*
 * Context 2 runs on video engine @to and writes @val to @va, after a flush if @flush. Meanwhile the
 * other engine is busy with its own context, which stays enabled.
 */
static void run_on(struct machine *m, u32 to, u32 va, u32 val, bool flush)
{
	const u32 tlb[] = { MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW | MI_FLUSH_DW_WRITE_IMM |
			    MI_FLUSH_DW_TLB_INVALIDATE | MI_FLUSH_DW_STORE_INDEX, 0xd0, 0, 0 };
	const u32 store[] = { MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), va, 0, val };
	u32 other = !to;

	host_emit_spin(m, other, other, true);
	submit(m, other);
	await_spin(m, other);
	if (flush)
		machine_emit(m, AT_CTX(2), tlb, 4);
	machine_emit(m, AT_CTX(2), store, 4);
	host_emit_store(m, 2, CELL(2), val);
	submit(m, 2);
	assert_true(machine_until(m, AT_DATA + CELL(2), val));
	host_end_spin(m, other);
	host_emit_store(m, other, CELL(other), val);
	submit(m, other);
	assert_true(machine_until(m, AT_DATA + CELL(other), val));
	memset(machine_dw(m, AT_DATA + 16 * other), 0, 16);
}

/*
 * After a rebind a driver flushes once for each queue, by the next job. A queue that went to
 * another engine meanwhile finds the translations of its last visit there gone: it is loaded anew.
 */
static void migration_reloads(struct machine *m)
{
	u32 va = VA_DATA + 0x100000, old = AT_CTX(8), new = AT_CTX(9);
	unsigned long before = violations_of("tlb-stale");
	struct host_policy endless = { GUC_PRIORITY_KERNEL_NORMAL, 0, 640000 };

	for (u32 id = 0; id < 2; id++) {
		host_context(m, id, GUC_CLASS_VIDEO, 1u << id, endless);
		enable(m, id);
	}
	machine_map(m, va, old, 0x1000, HOST_RW);
	host_context(m, 2, GUC_CLASS_VIDEO, 3, host_normal);
	enable(m, 2);
	run_on(m, 0, va, 1, false);
	run_on(m, 1, va, 2, false);
	assert_int_equal(*machine_dw(m, old), 2);
	machine_map(m, va, new, 0x1000, HOST_RW);
	run_on(m, 0, va, 3, true);
	assert_int_equal(*machine_dw(m, new), 3);
	run_on(m, 1, va, 4, false);
	assert_int_equal(*machine_dw(m, new), 4);
	assert_int_equal(violations_of("tlb-stale"), before);

	/* A queue that stays has to flush. */
	machine_map(m, va, old, 0x1000, HOST_RW);
	run_on(m, 1, va, 5, false);
	assert_int_equal(*machine_dw(m, new), 5);
	assert_int_equal(violations_of("tlb-stale"), before + 1);
}

static void register_parallel(struct machine *m, u32 id)
{
	u32 wq = AT_CTX(id) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;
	u64 a = machine_context(m, AT_CTX(id), XM_CLASS_VIDEO_DECODE, true);
	u64 b = machine_context(m, AT_CTX(id + 1), XM_CLASS_VIDEO_DECODE, true);

	machine_dw(m, wq)[GUC_WQ_DESC_STATUS] = GUC_WQ_STATUS_ACTIVE;
	HOST_SEND(m, HOST_FAST | GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, 1, id, GUC_CLASS_VIDEO, 1,
		  MEM_GGTT + wq, 0, MEM_GGTT + wq + 1024, 0, GUC_WQ_QUEUE_BYTES, 2, (u32)a,
		  (u32)(a >> 32), (u32)b, (u32)(b >> 32));
}

/* Append an item with the tails of both rings, which reach the images through it. */
static void submit_parallel(struct machine *m, u32 id, u32 tail)
{
	u32 wq = AT_CTX(id) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;
	u32 at = machine_dw(m, wq)[GUC_WQ_DESC_TAIL];
	u32 *item = machine_dw(m, wq + 1024 + at);

	/* What does not fit before the end is filled. */
	if (at + 20 > GUC_WQ_QUEUE_BYTES) {
		item[0] = GUC_WQ_TYPE_NOOP | ((GUC_WQ_QUEUE_BYTES - at) / 4 - 1) << 16;
		item = machine_dw(m, wq + 1024);
		at = 0;
	}
	item[0] = GUC_WQ_TYPE_MULTI_LRC | (GUC_WQ_ITEM_DWORDS(2) - 1) << 16;
	item[1] = 0;
	item[2] = tail / 8 << 18;
	item[3] = 0;
	item[4] = tail / 8;
	machine_dw(m, wq)[GUC_WQ_DESC_TAIL] = at + 20;
	submit(m, id);
}

/* Both halves wait for each other, @rounds times. Return: tail of the rings. */
static u32 emit_rendezvous(struct machine *m, u32 id, u32 rounds)
{
	u32 tail = 0;

	for (u32 half = 0; half < 2; half++) {
		u32 *page = machine_image(m, AT_CTX(id + half));
		u32 before = page[LRC_DW_RING_TAIL];

		for (u32 i = 1; i <= rounds; i++) {
			const u32 dw[] = {
				MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1),
				VA_DATA + CELL(8) + 4 * half, 0, i,
				MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12, i,
				VA_DATA + CELL(8) + 4 * !half, 0,
			};

			machine_emit(m, AT_CTX(id + half), dw, 8);
		}
		host_emit_store(m, id + half, CELL(9) + 4 * half, 1);
		tail = page[LRC_DW_RING_TAIL];
		page[LRC_DW_RING_TAIL] = before;
	}
	return tail;
}

/* The halves of a parallel context run together, however often others take an engine away. */
static void parallel_shares(struct machine *m)
{
	struct host_policy brief = { GUC_PRIORITY_KERNEL_NORMAL, 200, 640000 };

	spinner(m, 0, GUC_CLASS_VIDEO, 1, brief, true);
	spinner(m, 1, GUC_CLASS_VIDEO, 2, brief, true);
	enable(m, 0);
	enable(m, 1);
	await_spin(m, 0);
	await_spin(m, 1);
	register_parallel(m, 2);
	policy(m, 2, GUC_KLV_CONTEXT_PRIORITY, GUC_PRIORITY_KERNEL_NORMAL);
	policy(m, 2, GUC_KLV_CONTEXT_EXEC_QUANTUM_US, 200);
	enable(m, 2);
	submit_parallel(m, 2, emit_rendezvous(m, 2, 60));
	for (u32 half = 0; half < 2; half++)
		assert_true(machine_until(m, AT_DATA + CELL(9) + 4 * half, 1));
	assert_int_equal(*machine_dw(m, AT_DATA + CELL(8)), 60);
	host_end_spin(m, 0);
	host_end_spin(m, 1);
}

/* Hand over what was emitted to both rings of parallel context @id, the shorter one filled up. */
static void submit_halves(struct machine *m, u32 id)
{
	static const u32 noop[2] = { MI_NOOP, MI_NOOP };
	u32 *tail[2];

	for (u32 half = 0; half < 2; half++)
		tail[half] = &machine_image(m, AT_CTX(id + half))[LRC_DW_RING_TAIL];
	while (*tail[0] != *tail[1])
		machine_emit(m, AT_CTX(id + (*tail[0] > *tail[1])), noop, 2);
	submit_parallel(m, id, *tail[0]);
}

static void emit_wait(struct machine *m, u32 id, u32 off, u32 val)
{
	const u32 dw[] = { MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12, val,
			   VA_DATA + off, 0 };

	machine_emit(m, AT_CTX(id), dw, 4);
}

/* The first ring goes on behind its batch when the second has ended its own, or after a while. */
static void parallel_keeps_step(struct machine *m)
{
	u32 *go = machine_dw(m, AT_DATA + CELL(8)), *end = machine_dw(m, AT_DATA + CELL(9));
	u32 *wait = machine_dw(m, AT_BATCH + 0x100);

	*machine_dw(m, AT_BATCH) = MI_BATCH_BUFFER_END;
	wait[0] = MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12;
	wait[2] = VA_DATA + CELL(8);
	wait[3] = 0;
	wait[4] = MI_BATCH_BUFFER_END;
	register_parallel(m, 0);
	enable(m, 0);
	for (u32 i = 1; i <= 3; i++) {
		host_emit_batch(m, 0, VA_BATCH);
		host_emit_store(m, 0, CELL(9), i);
		wait[1] = i;
		host_emit_batch(m, 1, VA_BATCH + 0x100);
		submit_halves(m, 0);
		if (i < 3) {
			let_pass(m, 50 * MS);
			assert_int_equal(*end, i - 1);
			*go = i;
		}
		assert_true(machine_until(m, AT_DATA + CELL(9), i));
		*go = i;
		/* Tails are written while both are off their engines. */
		let_pass(m, 5 * MS);
	}
}

/* An engine that has nothing left to do takes new work while the other one is still busy. */
static void parallel_stays(struct machine *m)
{
	register_parallel(m, 0);
	enable(m, 0);
	emit_wait(m, 0, CELL(8), 1);
	host_emit_store(m, 1, CELL(9), 1);
	submit_halves(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(9), 1));
	let_pass(m, 5 * MS);
	host_emit_store(m, 0, CELL(10), 1);
	host_emit_store(m, 1, CELL(9), 2);
	submit_halves(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(9), 2));
	assert_int_equal(*machine_dw(m, AT_DATA + CELL(10)), 0);
	*machine_dw(m, AT_DATA + CELL(8)) = 1;
	assert_true(machine_until(m, AT_DATA + CELL(10), 1));
}

/* Items go round the queue, with fillers at its end. */
static void queue_wraps(struct machine *m)
{
	u32 wq = AT_CTX(0) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;

	register_parallel(m, 0);
	enable(m, 0);
	for (u32 i = 1; i <= 130; i++) {
		u32 tail = 0;

		for (u32 half = 0; half < 2; half++) {
			u32 *at = &machine_image(m, AT_CTX(half))[LRC_DW_RING_TAIL];
			u32 before = *at;

			host_emit_store(m, half, CELL(8) + 4 * half, i);
			tail = *at;
			*at = before;
		}
		submit_parallel(m, 0, tail);
		for (u32 half = 0; half < 2; half++)
			assert_true(machine_until(m, AT_DATA + CELL(8) + 4 * half, i));
	}
	assert_int_equal(machine_dw(m, wq)[GUC_WQ_DESC_HEAD], machine_dw(m, wq)[GUC_WQ_DESC_TAIL]);
	assert_int_equal(machine_dw(m, wq)[GUC_WQ_DESC_STATUS], GUC_WQ_STATUS_ACTIVE);
}

/* Tails of a parallel context belong to the firmware. */
static void queue_and_host(struct machine *m)
{
	unsigned long before = violations_of("work-queue");
	u32 *tail = &machine_image(m, AT_CTX(1))[LRC_DW_RING_TAIL];
	u32 given;

	register_parallel(m, 0);
	enable(m, 0);
	for (u32 i = 1; i <= 3; i++) {
		for (u32 half = 0; half < 2; half++) {
			u32 *at = &machine_image(m, AT_CTX(half))[LRC_DW_RING_TAIL];
			u32 old = *at;

			host_emit_store(m, half, CELL(8) + 4 * half, i);
			given = *at;
			*at = old;
		}
		if (i == 3)
			*tail = given;
		submit_parallel(m, 0, given);
		for (u32 half = 0; half < 2; half++)
			assert_true(machine_until(m, AT_DATA + CELL(8) + 4 * half, i));
		assert_int_equal(violations_of("work-queue"), before + (i == 3));
	}
}

/* A queue that makes no sense is reported and given up, whatever stands in it. */
static void queue_malformed(struct machine *m)
{
	static const struct {
		u32 tail, item, stride, head;
	} rows[] = {
		/* tail in the middle of an item: two lengths fit the queue, one does not */
		{ 4, GUC_WQ_TYPE_NOOP | 1 << 16, 8, 0 },
		{ 64 + 12, GUC_WQ_TYPE_NOOP | 15 << 16, 64, 64 },
		{ 20 + 12, GUC_WQ_TYPE_MULTI_LRC | 4 << 16, 20, 20 },
		/* tail in the middle of a dword, tail outside */
		{ 22, GUC_WQ_TYPE_NOOP, 4, 20 },
		{ GUC_WQ_QUEUE_BYTES, GUC_WQ_TYPE_MULTI_LRC | 4 << 16, 20, 0 },
		/* item of another length or type */
		{ 24, GUC_WQ_TYPE_MULTI_LRC | 5 << 16, 24, 0 },
		{ 20, 0x77 | 4 << 16, 20, 0 },
	};
	u32 wq = AT_CTX(0) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long before = violations_of("work-queue");

		register_parallel(m, 0);
		machine_dw(m, wq)[GUC_WQ_DESC_HEAD] = 0;
		for (u32 at = 0; at < GUC_WQ_QUEUE_BYTES; at += rows[i].stride)
			*machine_dw(m, wq + 1024 + at) = rows[i].item;
		enable(m, 0);
		machine_dw(m, wq)[GUC_WQ_DESC_TAIL] = rows[i].tail;
		submit(m, 0);
		assert_true(machine_until(m, wq + 4 * GUC_WQ_DESC_STATUS, GUC_WQ_STATUS_CMD_ERROR));
		disable(m, 0);
		assert_int_equal(violations_of("work-queue"), before + 1);
		assert_int_equal(machine_dw(m, wq)[GUC_WQ_DESC_HEAD], rows[i].head);
		HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
		host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
	}
}

/* --- suspend --------------------------------------------------------------------------------- */

/* After a soft reset the firmware knows nothing, and what was saved can be run again. */
static void suspend_resume(struct machine *m)
{
	struct guc_info info;

	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_emit_store(m, 0, CELL(0), 1);
	enable(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(0), 1));
	disable(m, 0);
	assert_int_equal(host_mailbox(m, GUC_MMIO_CLIENT_SOFT_RESET, 0, 0, 0), 0xf0000000);
	assert_int_equal(guc_inspect(m->dev, &info), 0);
	assert_int_equal(info.contexts, 0);
	assert_false(info.transport);
	/* A doorbell for rings that were forgotten has no effect. */
	host_write(m, 0x1901f0, 0);
	host_start_rings(m);
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_emit_store(m, 0, CELL(0), 2);
	enable(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(0), 2));
}

/* --- resets ---------------------------------------------------------------------------------- */

/* A GT reset in the middle of everything leaves nothing behind, and the device starts anew. */
static void gt_reset(struct machine *m)
{
	spinner(m, 0, GUC_CLASS_RENDER, 1, host_normal, false);
	spinner(m, 1, GUC_CLASS_RENDER, 1, host_normal, true);
	spinner(m, 2, GUC_CLASS_VIDEO, 3, host_normal, true);
	for (u32 id = 0; id < 3; id++)
		host_mode(m, id, 1);
	await_spin(m, 2);
	for (u32 seqno = 1; seqno <= 4; seqno++)
		HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seqno,
			  GUC_TLB_INVAL_FLUSH_CACHE);
	host_write(m, 0x941c, 1);
	while (host_read(m, 0x941c) & 1)
		;
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_start_rings(m);
	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, 0, CELL(0), 1);
	enable(m, 0);
	assert_true(machine_until(m, AT_DATA + CELL(0), 1));
	host_expect_nothing(m, 20);
}

/* --- wake-ups -------------------------------------------------------------------------------- */

/* However a submission meets the end of the ring, its commands are executed. */
static void no_lost_submission(struct machine *m)
{
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_context(m, 1, GUC_CLASS_VIDEO, 3, host_normal);
	enable(m, 0);
	enable(m, 1);
	for (u32 i = 1; i <= 300; i++) {
		u32 id = i % 3 == 0;

		/* The second of two meets the end of the first; nothing follows that would help. */
		host_emit_store(m, id, CELL(id), 2 * i);
		submit(m, id);
		host_emit_store(m, id, CELL(id), 2 * i + 1);
		submit(m, id);
		assert_true(machine_until(m, AT_DATA + CELL(id), 2 * i + 1));
	}
}

/* --- with several seeds ---------------------------------------------------------------------- */

static void play(void (*scene)(struct machine *m))
{
	struct machine *m;

	for (u64 seed = 0; seed < SEEDS; seed++) {
		assert_int_equal(host_setup_stepped((void **)&m, seed), 0);
		scene(m);
		host_teardown((void **)&m);
	}
}

#define SCENE(name) \
	static void play_##name(void **state) \
	{ \
		play(name); \
	}

SCENE(quantum)
SCENE(endless_quantum)
SCENE(priority_change)
SCENE(preempt_timeout)
SCENE(starved_engine)
SCENE(endless_timeout)
SCENE(resets_forbidden)
SCENE(after_reset)
SCENE(migration)
SCENE(migration_reloads)
SCENE(parallel_shares)
SCENE(parallel_keeps_step)
SCENE(parallel_stays)
SCENE(queue_wraps)
SCENE(queue_and_host)
SCENE(queue_malformed)
SCENE(suspend_resume)
SCENE(gt_reset)
SCENE(no_lost_submission)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(play_quantum),
		cmocka_unit_test(play_endless_quantum),
		cmocka_unit_test(play_priority_change),
		cmocka_unit_test(play_preempt_timeout),
		cmocka_unit_test(play_starved_engine),
		cmocka_unit_test(play_endless_timeout),
		cmocka_unit_test(play_resets_forbidden),
		cmocka_unit_test(play_after_reset),
		cmocka_unit_test(play_migration),
		cmocka_unit_test(play_migration_reloads),
		cmocka_unit_test(play_parallel_shares),
		cmocka_unit_test(play_parallel_keeps_step),
		cmocka_unit_test(play_parallel_stays),
		cmocka_unit_test(play_queue_wraps),
		cmocka_unit_test(play_queue_and_host),
		cmocka_unit_test(play_queue_malformed),
		cmocka_unit_test(play_suspend_resume),
		cmocka_unit_test(play_gt_reset),
		cmocka_unit_test(play_no_lost_submission),
	};

	return cmocka_run_group_tests_name("guc sched", tests, NULL, NULL);
}
