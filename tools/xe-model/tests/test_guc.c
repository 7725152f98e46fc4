// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The GuC from the host's side: upload, mailbox, rings, contexts and their scheduling.
 */

#include "tests/lib_guc.h"

#include <string.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "fw/guc.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_guc_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "util/clock.h"
#include "util/log.h"

/* --- loading --------------------------------------------------------------------------------- */

static void load_checks(void **state)
{
	struct machine *m = *state;
	u32 *css = machine_dw(m, AT_FW);

	css[GUC_CSS_SIZE_DW_OFFSET / 4]++;
	assert_int_equal(host_upload(m) >> 30, 1);
	css[GUC_CSS_SIZE_DW_OFFSET / 4]--;
	host_write(m, 0x941c, 8);
	assert_int_equal(host_read(m, GUC_STATUS), 1);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_write(m, 0x941c, 8);
	assert_int_equal(host_read(m, GUC_STATUS), 1);
}

static void mailbox_replies(void **state)
{
	struct machine *m = *state;

	assert_int_equal(host_mailbox(m, GUC_MMIO_SELF_CFG, GUC_KLV(0x1234, 1), 5, 0), 0xf0000000);
	assert_int_equal(host_mailbox(m, GUC_MMIO_GET_HWCONFIG, 0, 0, 0), 0xf000000c);
	host_mailbox(m, GUC_MMIO_GET_HWCONFIG, MEM_GGTT + AT_DATA, 0, 12);
	assert_int_equal(*machine_dw(m, AT_DATA + 8), 1);
	assert_int_equal(host_mailbox(m, 0x7777, 0, 0, 0) >> 28, 0xe);
	assert_int_equal(host_mailbox(m, GUC_MMIO_CLIENT_SOFT_RESET, 0, 0, 0), 0xf0000000);
}

/* A GuC without a thread, in a device with a seed, and the time in the test's hands */
static struct machine *setup_by_hand(u64 seed)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .strict = true,
				       .ggtt_map = true };
	struct machine *m;

	assert_int_equal(machine_setup_with((void **)&m, &cfg), 0);
	assert_int_equal(xm_fw_create_stepped(m->dev), 0);
	host_prepare(m);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	clock_set_stepped(1000000000);
	return m;
}

static void teardown_by_hand(struct machine *m)
{
	clock_set_real();
	xm_fw_destroy(m->dev);
	machine_teardown((void **)&m);
}

static void ask_by_hand(struct machine *m)
{
	host_write(m, GUC_MAILBOX(0), GUC_MMIO_GET_HWCONFIG);
	for (unsigned int i = 1; i < GUC_MAILBOX_COUNT; i++)
		host_write(m, GUC_MAILBOX(i), 0);
	host_write(m, GUC_HOST_INTERRUPT, 0);
}

/* Replies are late now and then, but never later than 2 ms, and come when they were announced. */
static unsigned int count_late(u64 seed)
{
	struct machine *m = setup_by_hand(seed);
	unsigned int late = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		u64 until;

		ask_by_hand(m);
		until = guc_step(m->dev);
		if (until) {
			late++;
			assert_in_range(until - clock_ns(), 1, 2000000);
			clock_step(until - clock_ns() - 1);
			assert_int_equal(guc_step(m->dev), until);
			assert_int_equal(host_read(m, GUC_MAILBOX(0)), GUC_MMIO_GET_HWCONFIG);
			clock_step(1);
			assert_int_equal(guc_step(m->dev), 0);
		}
		assert_int_equal(host_read(m, GUC_MAILBOX(0)), 0xf000000c);
	}
	teardown_by_hand(m);
	return late;
}

static void late_mailbox_replies(void **state)
{
	unsigned int late = count_late(1);

	assert_in_range(late, 80, 180);
	assert_int_equal(count_late(1), late);
	assert_int_equal(count_late(0), 0);
}

/* A reply that waits does not outlive the firmware that gave it. */
static void reset_before_the_reply(void **state)
{
	struct machine *m = setup_by_hand(1);

	do
		ask_by_hand(m);
	while (!guc_step(m->dev));
	host_write(m, 0x941c, 8);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	clock_step(10000000);
	assert_int_equal(guc_step(m->dev), 0);
	assert_int_equal(host_read(m, GUC_MAILBOX(0)), GUC_MMIO_GET_HWCONFIG);
	teardown_by_hand(m);
}

/* --- rings ----------------------------------------------------------------------------------- */

static void blocking_requests(void **state)
{
	static const u32 reset[] = { HOST_FAST | GUC_H2G_PC_SLPC_REQUEST, 0x0002,
				     MEM_GGTT + AT_SLPC, 0 };
	static const u32 query[] = { GUC_H2G_PC_SLPC_REQUEST, 0x0502, MEM_GGTT + AT_SLPC, 0 };
	static const u32 unknown[] = { 0x7abc };
	struct machine *m = *state;
	u32 header, dw[256];

	host_h2g(m, 0x8001, reset, 4);
	host_h2g(m, 0x0042, query, 4);
	assert_int_equal(host_g2h(m, &header, dw, 10000), 1);
	assert_int_equal(header, 0x00420001);
	assert_int_equal(dw[0], 0xf0000000);
	assert_int_equal(*machine_dw(m, AT_SLPC + 4), SLPC_STATE_RUNNING);
	assert_int_equal(*machine_dw(m, AT_SLPC + 0x84), 78 | 18 << 8 | 78 << 16 | 18u << 24);
	host_h2g(m, 0x0043, unknown, 1);
	assert_int_equal(host_g2h(m, &header, dw, 10000), 1);
	assert_int_equal(header, 0x00430001);
	assert_int_equal(dw[0], 0xe0000030);
}

/* More messages than either ring holds: zero dwords are skipped, the answers wrap. */
static void rings_wrap(void **state)
{
	struct machine *m = *state;

	for (u32 seq = 1; seq <= 12000; seq++) {
		HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seq, GUC_TLB_INVAL_FLUSH_CACHE);
		host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seq, 0);
	}
	assert_int_equal(host_h2g_desc(m)[GUC_CT_DESC_HEAD], host_h2g_desc(m)[GUC_CT_DESC_TAIL]);
	assert_int_equal(host_h2g_desc(m)[GUC_CT_DESC_STATUS], 0);
	assert_int_equal(host_g2h_desc(m)[GUC_CT_DESC_STATUS], 0);
}

static void broken_ring(void **state)
{
	struct machine *m = *state;
	unsigned long before = log_violations();

	host_h2g_desc(m)[GUC_CT_DESC_TAIL] = HOST_H2G_DW;
	host_write(m, GUC_HOST_INTERRUPT, 0);
	assert_true(machine_until(m, AT_CT + 8, GUC_CT_STATUS_OVERFLOW));
	assert_int_equal(log_violations(), before + 1);
}

/* --- contexts -------------------------------------------------------------------------------- */

static void life_of_a_context(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, 0, 0, 1);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	assert_true(machine_until(m, AT_DATA, 1));
	host_emit_store(m, 0, 0, 2);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, AT_DATA, 2));
	/* Without a word to the GuC nothing happens. */
	host_emit_store(m, 0, 0, 3);
	host_sleep_ms(20);
	assert_int_equal(*machine_dw(m, AT_DATA), 2);
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
	assert_int_equal(*machine_dw(m, AT_DATA), 2);
	host_expect_nothing(m, 5);
}

static void many_submissions(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	for (u32 i = 1; i <= 3000; i++) {
		host_emit_store(m, 0, 0, i);
		HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
		if (i % 50 == 0)
			assert_true(machine_until(m, AT_DATA, i));
	}
}

/* What was asked for is there when the doorbell has been rung, without waiting for it. */
static void prompt_doorbell(void **state)
{
	struct machine *m = *state;

	m->dev->cfg.prompt = true;
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	for (u32 i = 1; i <= 300; i++) {
		host_emit_store(m, 0, 0, i);
		HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
		assert_int_equal(*machine_dw(m, AT_DATA), i);
	}
}

/* An endless loop delays the host, and not for ever. */
static void prompt_doorbell_of_a_loop(void **state)
{
	struct machine *m = *state;
	u64 begin;

	m->dev->cfg.prompt = true;
	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_spin(m, 0, 0, true);
	begin = clock_ns();
	host_mode(m, 0, 1);
	assert_in_range(clock_ns() - begin, 90000000, 20000000000);
	host_expect_mode(m, 0, 1);
}

/* Two endless loops of equal priority share an engine; a less important one does not. */
static void time_slices(void **state)
{
	struct machine *m = *state;
	struct host_policy low = { GUC_PRIORITY_NORMAL, 1000, 640000 };

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 1, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 2, GUC_CLASS_RENDER, 1, low);
	for (u32 i = 0; i < 3; i++) {
		host_emit_spin(m, i, i, true);
		host_emit_store(m, i, 16 * i + 12, 1);
		host_mode(m, i, 1);
		host_expect_mode(m, i, 1);
	}
	for (u32 i = 0; i < 2; i++)
		assert_true(machine_until(m, AT_DATA + 16 * i, 1));
	for (unsigned int k = 0; k < 3; k++) {
		u32 a = host_rounds(m, 0), b = host_rounds(m, 1);

		host_sleep_ms(100);
		assert_true(host_rounds(m, 0) > a && host_rounds(m, 1) > b);
	}
	assert_int_equal(host_rounds(m, 2), 0);
	host_end_spin(m, 0);
	host_end_spin(m, 1);
	assert_true(machine_until(m, AT_DATA + 12, 1));
	assert_true(machine_until(m, AT_DATA + 28, 1));
	assert_true(machine_until(m, AT_DATA + 32, 1));
	host_end_spin(m, 2);
	assert_true(machine_until(m, AT_DATA + 44, 1));
}

static void priorities(void **state)
{
	struct machine *m = *state;
	struct host_policy high = { GUC_PRIORITY_HIGH, 1000, 640000 };

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 1, GUC_CLASS_RENDER, 1, high);
	host_run_spin(m, 0, 0, true);
	host_emit_store(m, 1, 0x100, 7);
	host_mode(m, 1, 1);
	host_expect_mode(m, 1, 1);
	assert_true(machine_until(m, AT_DATA + 0x100, 7));
	host_end_spin(m, 0);
}

/* A loop without arbitration points is reset when another context wants the engine. */
static void hang_is_reset(void **state)
{
	struct machine *m = *state;
	struct host_policy impatient = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 20000 };

	host_context(m, 0, GUC_CLASS_RENDER, 1, impatient);
	host_context(m, 1, GUC_CLASS_RENDER, 1, impatient);
	host_run_spin(m, 0, 0, false);
	host_sleep_ms(50);
	host_expect_nothing(m, 1);
	host_emit_store(m, 1, 0x100, 7);
	host_mode(m, 1, 1);
	host_expect_mode(m, 1, 1);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	assert_true(machine_until(m, AT_DATA + 0x100, 7));
	/* The driver still disables and deregisters it. */
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
}

static void disable_while_running(void **state)
{
	struct machine *m = *state;
	u32 *page;
	u32 stamp;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	page = machine_image(m, AT_CTX(0));
	host_run_spin(m, 0, 0, true);
	host_sleep_ms(20);
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
	stamp = host_rounds(m, 0);
	/* Saved in the batch, with the time it ran. */
	assert_true(page[LRC_DW_BB_ADDR] & 1);
	assert_true(page[LRC_DW_CTX_TIMESTAMP] > 19200 * 10);
	host_sleep_ms(20);
	assert_int_equal(host_rounds(m, 0), stamp);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	host_sleep_ms(20);
	assert_true(host_rounds(m, 0) > stamp);
	/* One that does not yield: reset first, then the answer. */
	host_emit_spin(m, 0, 1, false);
	host_end_spin(m, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, AT_DATA + 16, 1));
	HOST_SEND(m, HOST_FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, 0,
		  GUC_KLV(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 1), 1);
	host_mode(m, 0, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	host_expect_mode(m, 0, 0);
}

static void fault_notifies(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_context(m, 1, GUC_CLASS_COPY, 1, host_normal);
	host_emit_batch(m, 0, 0x900000);
	host_emit_store(m, 1, 0x100, 7);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	host_expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 0, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	host_mode(m, 1, 1);
	host_expect_mode(m, 1, 1);
	assert_true(machine_until(m, AT_DATA + 0x100, 7));
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
}

/* A context that may run on two engines finds the free one. */
static void virtual_engine(void **state)
{
	struct machine *m = *state;

	for (u32 i = 0; i < 2; i++) {
		host_context(m, i, GUC_CLASS_VIDEO, 3, host_normal);
		host_emit_spin(m, i, i, false);
		host_mode(m, i, 1);
		host_expect_mode(m, i, 1);
	}
	assert_true(machine_until(m, AT_DATA, 1));
	assert_true(machine_until(m, AT_DATA + 16, 1));
	host_end_spin(m, 0);
	host_end_spin(m, 1);
}

static void parallel_context(void **state)
{
	struct machine *m = *state;
	u32 wq = AT_CTX(0) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;
	u64 a = machine_context(m, AT_CTX(0), XM_CLASS_VIDEO_DECODE, true);
	u64 b = machine_context(m, AT_CTX(1), XM_CLASS_VIDEO_DECODE, true);
	u32 *queue = machine_dw(m, wq + 1024);

	HOST_SEND(m, HOST_FAST | GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, 1, 0, GUC_CLASS_VIDEO, 1,
		  MEM_GGTT + wq, 0, MEM_GGTT + wq + 1024, 0, GUC_WQ_QUEUE_BYTES, 2, (u32)a,
		  (u32)(a >> 32), (u32)b, (u32)(b >> 32));
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	/* Each waits for the other: only possible when both run at once. */
	for (u32 i = 0; i < 2; i++) {
		const u32 dw[] = {
			MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + 4 * i, 0, 1,
			MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_EQ << 12, 1,
			VA_DATA + 4 * !i, 0,
			MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + 8 + 4 * i, 0, 1,
		};

		machine_emit(m, AT_CTX(i), dw, 12);
		/* The tail reaches the image through the work item. */
		machine_image(m, AT_CTX(i))[LRC_DW_RING_TAIL] = 0;
	}
	queue[0] = GUC_WQ_TYPE_MULTI_LRC | (GUC_WQ_ITEM_DWORDS(2) - 1) << 16;
	queue[1] = (u32)a;
	queue[2] = 48 / 8 << 18;
	queue[3] = 0;
	queue[4] = 48 / 8;
	machine_dw(m, wq)[GUC_WQ_DESC_TAIL] = 20;
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, AT_DATA + 8, 1));
	assert_true(machine_until(m, AT_DATA + 12, 1));
	assert_int_equal(machine_dw(m, wq)[GUC_WQ_DESC_HEAD], 20);
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
}

/* Invalidations are answered in order while a loop runs, and take effect. */
static void invalidation_under_load(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_run_spin(m, 0, 0, false);
	for (u32 seq = 1; seq <= 20; seq++)
		HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seq, GUC_TLB_INVAL_FLUSH_CACHE);
	for (u32 seq = 1; seq <= 20; seq++)
		host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seq, 0);
	/* It has used the page since. */
	for (u32 i = 0, n = host_rounds(m, 0) + 2; i < 10000 && host_rounds(m, 0) < n; i++)
		host_sleep_ms(1);
	/* Unmapped under it: the loop must fault now. */
	*machine_leaf(m, VA_DATA) = 0;
	host_sleep_ms(10);
	host_expect_nothing(m, 1);
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 21, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 21, 0);
	host_expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 0, 0);
}

static void gt_reset_under_load(void **state)
{
	struct machine *m = *state;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_run_spin(m, 0, 0, false);
	host_write(m, 0x941c, 1);
	assert_int_equal(host_read(m, 0x941c), 0);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_start_rings(m);
	life_of_a_context(state);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, host_setup, host_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(load_checks, host_setup_unloaded, host_teardown),
		cmocka_unit_test(late_mailbox_replies), cmocka_unit_test(reset_before_the_reply),
		T(mailbox_replies), T(blocking_requests), T(rings_wrap), T(broken_ring),
		T(life_of_a_context), T(many_submissions), T(prompt_doorbell),
		T(prompt_doorbell_of_a_loop), T(time_slices), T(priorities),
		T(hang_is_reset), T(disable_while_running), T(fault_notifies), T(virtual_engine),
		T(parallel_context), T(invalidation_under_load), T(gt_reset_under_load),
	};

	return cmocka_run_group_tests_name("guc", tests, NULL, NULL);
}
