// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * What each kind of ordered fault does, from the host's side, and that it ends there: after the
 * fault, and a reset where one is needed, the device works again. None may count as a violation.
 */

#include "dev/fault.h"

#include <string.h>
#include <unistd.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "regs/xe_guc_regs.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "tests/lib_guc.h"
#include "util/clock.h"
#include "util/log.h"

#define GDRST 0x941cu
#define MSTR 0x190010u
#define MSTR_ENABLE 0x80000000u
#define GT_INTR_DW0 0x190018u
#define IDENTITY0 0x190060u
#define SELECTOR0 0x190070u
#define RCS0_BIT 1u
#define SEQNO 77u

static unsigned long violations;

static void order(struct machine *m, const char *spec)
{
	char why[200] = "";

	if (fault_add(m->dev, spec, why, sizeof(why)))
		fail_msg("%s: %s", spec, why);
}

/* How often the last order was carried out. */
static unsigned long hits(struct machine *m)
{
	struct fault_info info, last = { .hits = ~0ul };

	for (unsigned int i = 0; fault_list(m->dev, i, &info); i++)
		last = info;
	return last.hits;
}

static void wait_for_hit(struct machine *m)
{
	for (unsigned int i = 0; i < 10000 && !hits(m); i++)
		host_sleep_ms(1);
	assert_true(hits(m));
}

static void assert_hits(struct machine *m, unsigned long n)
{
	assert_int_equal(hits(m), n);
}

static void invalidate(struct machine *m, u32 seqno)
{
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seqno, GUC_TLB_INVAL_FLUSH_CACHE);
}

static void expect_invalidated(struct machine *m, u32 seqno)
{
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seqno, 0);
}

/* A full reset and a new start, as a driver does it; then a context runs. */
static void assert_recovers(struct machine *m)
{
	host_write(m, GDRST, 1);
	assert_int_equal(host_read(m, GDRST), 0);
	assert_int_equal(host_upload(m), 0x8000f0ec);
	host_start_rings(m);
	*machine_dw(m, AT_DATA + 0x800) = 0;
	host_context(m, 9, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, 9, 0x800, SEQNO);
	host_mode(m, 9, 1);
	host_expect_mode(m, 9, 1);
	assert_true(machine_until(m, AT_DATA + 0x800, SEQNO));
}

static int setup(void **state)
{
	violations = log_violations();
	return host_setup(state);
}

static int teardown(void **state)
{
	int ret = host_teardown(state);

	return ret || log_violations() != violations;
}

/* --- messages --------------------------------------------------------------------------------- */

static void reply_lost(void **state)
{
	struct machine *m = *state;

	order(m, "guc-reply-lost:action=0x7001,after=1");
	for (u32 seq = 1; seq <= 3; seq++)
		invalidate(m, seq);
	expect_invalidated(m, 1);
	expect_invalidated(m, 3);
	host_expect_nothing(m, 20);
	assert_hits(m, 1);
}

/* A response has no action of its own: it is picked by the request it answers. */
static void response_lost(void **state)
{
	static const u32 query[] = { GUC_H2G_PC_SLPC_REQUEST, 0x0502, MEM_GGTT + AT_SLPC, 0 };
	struct machine *m = *state;
	u32 header, dw[256];

	order(m, "guc-reply-lost:action=0x3003");
	invalidate(m, 1);
	expect_invalidated(m, 1);
	host_h2g(m, 0x0042, query, 4);
	host_expect_nothing(m, 20);
	assert_hits(m, 1);
	host_h2g(m, 0x0043, query, 4);
	assert_int_equal(host_g2h(m, &header, dw, 10000), 1);
	assert_int_equal(header, 0x00430001);
}

static void reply_lost_by_context(void **state)
{
	struct machine *m = *state;

	order(m, "guc-reply-lost:action=0x1002,ctx=3,count=0");
	host_context(m, 2, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 3, GUC_CLASS_RENDER, 1, host_normal);
	host_mode(m, 3, 1);
	host_mode(m, 2, 1);
	host_expect_mode(m, 2, 1);
	host_expect_nothing(m, 20);
	assert_hits(m, 1);
}

static void reply_late(void **state)
{
	struct machine *m = *state;
	u64 start = clock_ns();

	order(m, "guc-reply-late:ms=300");
	invalidate(m, 1);
	invalidate(m, 2);
	expect_invalidated(m, 2);
	expect_invalidated(m, 1);
	assert_true(clock_ns() - start >= 300000000);
}

static void mailbox_lost(void **state)
{
	static const u32 request = GUC_MMIO_GET_HWCONFIG;
	struct machine *m = *state;

	order(m, "guc-mailbox-lost:action=0x4100");
	for (unsigned int i = 0; i < 4; i++)
		host_write(m, GUC_MAILBOX(i), i ? 0 : request);
	host_write(m, GUC_HOST_INTERRUPT, 0);
	host_sleep_ms(20);
	assert_int_equal(host_read(m, GUC_MAILBOX(0)), request);
	assert_hits(m, 1);
	assert_int_equal(host_mailbox(m, request, 0, 0, 0), 0xf000000c);
}

/* --- rings ------------------------------------------------------------------------------------ */

static void ct_status(void **state)
{
	struct machine *m = *state;

	order(m, "ct-status");
	invalidate(m, 1);
	expect_invalidated(m, 1);
	assert_int_equal(host_g2h_desc(m)[GUC_CT_DESC_STATUS], GUC_CT_STATUS_MISMATCH);
	assert_recovers(m);
}

static void ct_head(void **state)
{
	struct machine *m = *state;

	order(m, "ct-head");
	invalidate(m, 1);
	expect_invalidated(m, 1);
	assert_true(host_h2g_desc(m)[GUC_CT_DESC_HEAD] >= HOST_H2G_DW);
	assert_recovers(m);
}

static void ct_tail(void **state)
{
	struct machine *m = *state;

	order(m, "ct-tail");
	invalidate(m, 1);
	assert_true(machine_until(m, AT_CT + GUC_CT_G2H_DESC_OFFSET + 4 * GUC_CT_DESC_TAIL,
				  HOST_G2H_DW + 3));
	assert_recovers(m);
}

static void ct_header(void **state)
{
	const u32 *ring;
	struct machine *m = *state;

	ring = machine_dw(m, AT_CT + GUC_CT_G2H_RING_OFFSET);
	order(m, "ct-header");
	invalidate(m, 1);
	assert_true(machine_until(m, AT_CT + GUC_CT_G2H_DESC_OFFSET + 4 * GUC_CT_DESC_TAIL, 3));
	assert_int_not_equal(ring[0] & GUC_CT_NUM_DWORDS_MASK, 2);
	assert_int_equal(ring[2], 1);
	assert_recovers(m);
}

/* A host that stops reading a ring which the model has spoiled is not to blame for what follows. */
static void spoiled_ring_excuses(void **state)
{
	struct machine *m = *state;
	unsigned long before = log_excused();

	order(m, "ct-tail");
	invalidate(m, 1);
	assert_true(machine_until(m, AT_CT + GUC_CT_G2H_DESC_OFFSET + 4 * GUC_CT_DESC_TAIL,
				  HOST_G2H_DW + 3));
	host_h2g_desc(m)[GUC_CT_DESC_TAIL] = HOST_H2G_DW;
	host_write(m, GUC_HOST_INTERRUPT, 0);
	assert_true(machine_until(m, AT_CT + 8, GUC_CT_STATUS_OVERFLOW));
	assert_int_equal(log_excused(), before + 1);

	/* New rings are judged again. */
	host_start_rings(m);
	host_h2g_desc(m)[GUC_CT_DESC_TAIL] = HOST_H2G_DW;
	host_write(m, GUC_HOST_INTERRUPT, 0);
	assert_true(machine_until(m, AT_CT + 8, GUC_CT_STATUS_OVERFLOW));
	assert_int_equal(log_excused(), before + 1);
	assert_int_equal(log_violations(), ++violations);
}

/* --- engines ---------------------------------------------------------------------------------- */

static void start_store(struct machine *m, u32 id)
{
	*machine_dw(m, AT_DATA + 0x400) = 0;
	host_context(m, id, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, id, 0x400, SEQNO);
	host_mode(m, id, 1);
	host_expect_mode(m, id, 1);
}

static void engine_hang(void **state)
{
	struct machine *m = *state;

	order(m, "engine-hang:engine=rcs0,ctx=1");
	start_store(m, 2);
	assert_true(machine_until(m, AT_DATA + 0x400, SEQNO));
	assert_hits(m, 0);
	start_store(m, 1);
	wait_for_hit(m);
	/* It gives way to nobody, so that it is reset when it is to be disabled. */
	HOST_SEND(m, HOST_FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, 1,
		  GUC_KLV(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 1), 10000);
	host_mode(m, 1, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 1, 0);
	host_expect_mode(m, 1, 0);
	assert_int_equal(*machine_dw(m, AT_DATA + 0x400), 0);
	assert_hits(m, 1);
	assert_recovers(m);
}

static void preempt_ignored(void **state)
{
	const struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 20000 };
	struct machine *m = *state;

	order(m, "preempt-ignored:ctx=1");
	/* A loop with arbitration points would yield at once. */
	host_context(m, 1, GUC_CLASS_RENDER, 1, p);
	host_run_spin(m, 1, 0, true);
	host_mode(m, 1, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 1, 0);
	host_expect_mode(m, 1, 0);
	assert_hits(m, 1);
	assert_recovers(m);
}

static void engine_reset_fails(void **state)
{
	const struct host_policy p = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 10000 };
	struct machine *m = *state;
	u32 header, dw[256];

	order(m, "engine-reset-fails:engine=rcs0");
	host_context(m, 1, GUC_CLASS_RENDER, 1, p);
	host_run_spin(m, 1, 0, false);
	host_mode(m, 1, 0);
	assert_int_equal(host_g2h(m, &header, dw, 10000), 4);
	assert_int_equal(dw[0], 0x90000000 | GUC_G2H_ENGINE_FAILURE_NOTIFICATION);
	assert_int_equal(dw[1], GUC_CLASS_RENDER);
	assert_int_equal(dw[2], 0);
	/* The engine stays dead: neither the context nor the disable is answered. */
	host_expect_nothing(m, 50);
	assert_recovers(m);
}

static void cat_error(void **state)
{
	struct machine *m = *state;

	order(m, "cat-error:ctx=1");
	start_store(m, 1);
	host_expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 1, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 1, 0);
	assert_int_equal(*machine_dw(m, AT_DATA + 0x400), 0);
	assert_recovers(m);
}

static void dma_window(void **state)
{
	struct machine *m = *state;

	order(m, "dma-window:addr=0x10130000,len=0x1000,ms=60000");
	start_store(m, 1);
	host_expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 1, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 1, 0);
	assert_int_equal(*machine_dw(m, AT_DATA + 0x400), 0);
	assert_true(log_excused());
	fault_clear(m->dev);
	assert_recovers(m);
}

/* All of it: the rings are gone, too. */
static void dma_window_everything(void **state)
{
	struct machine *m = *state;

	order(m, "dma-window");
	host_context(m, 1, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, 1, 0x400, SEQNO);
	host_mode(m, 1, 1);
	host_sleep_ms(20);
	invalidate(m, 5);
	host_sleep_ms(20);
	assert_int_equal(*machine_dw(m, AT_DATA + 0x400), 0);
	assert_hits(m, 1);
	fault_clear(m->dev);
	assert_recovers(m);
}

/* --- resets and firmware ---------------------------------------------------------------------- */

static void gt_reset_stuck(void **state)
{
	struct machine *m = *state;

	u64 start;

	order(m, "gt-reset-stuck");
	host_write(m, GDRST, 1);
	assert_int_equal(host_read(m, GDRST), 1);
	assert_int_equal(host_upload(m), 1);
	host_sleep_ms(20);
	assert_int_equal(host_read(m, GDRST), 1);
	fault_clear(m->dev);
	assert_recovers(m);

	order(m, "gt-reset-stuck:ms=30");
	start = clock_ns();
	host_write(m, GDRST, 1);
	for (unsigned int i = 0; i < 10000 && host_read(m, GDRST); i++)
		host_sleep_ms(1);
	assert_true(clock_ns() - start >= 30000000);
	assert_recovers(m);
}

static void upload_fails(void **state)
{
	struct machine *m = *state;

	order(m, "guc-upload-fails");
	host_write(m, GDRST, 1);
	assert_int_equal(host_upload(m) >> 30, 1);
	assert_recovers(m);
}

/* Bits of the request registers: two owners of the GT domain. */
#define FW_GT 0xa188u
#define FW_GT_ACK 0x130044u
#define FW_SLEEPER 0xa008u

static void forcewake_stuck(void **state)
{
	struct machine *m = *state;
	unsigned long before = log_excused();

	host_write(m, FW_GT, 0xffff0000);
	host_sleep_ms(1);
	assert_int_equal(host_read(m, FW_GT_ACK) & 0xffff, 0);
	order(m, "forcewake-stuck:action=0xa188");
	host_write(m, FW_GT, 0x00010001);
	host_sleep_ms(1);
	assert_int_equal(host_read(m, FW_GT_ACK) & 1, 0);
	/* The register sleeps, but the driver asked. */
	assert_int_equal(host_read(m, FW_SLEEPER), 0);
	assert_int_equal(log_excused(), before + 1);
	log_violation("test-kind", "not excused: another rule");
	assert_int_equal(log_violations(), ++violations);
	fault_clear(m->dev);
	assert_int_equal(host_read(m, FW_GT_ACK) & 1, 1);
	host_read(m, FW_SLEEPER);
	assert_int_equal(log_excused(), before + 1);

	/* Without a request afterwards there is no excuse. */
	host_write(m, FW_GT, 0xffff0000);
	host_sleep_ms(1);
	host_read(m, FW_SLEEPER);
	assert_int_equal(log_excused(), before + 1);
	assert_int_equal(log_violations(), ++violations);
	host_write(m, FW_GT, 0x00010001);
	host_sleep_ms(1);
	host_read(m, FW_GT_ACK);
}

/* --- interrupts ------------------------------------------------------------------------------- */

static void enable_interrupts(struct machine *m)
{
	m->dev->cfg.seed = 0;
	assert_int_equal(msi_open(m->dev), 0);
	host_write(m, 0x190030, 0x00110011);
	host_write(m, 0x190090, ~0x00110000u);
	host_write(m, MSTR, MSTR_ENABLE);
}

/* What a handler does. Return: the identity, 0 if nothing was pending. */
static u32 handle(struct machine *m)
{
	u32 identity = 0;

	host_write(m, MSTR, 0);
	if (host_read(m, GT_INTR_DW0) & RCS0_BIT) {
		host_write(m, SELECTOR0, RCS0_BIT);
		identity = host_read(m, IDENTITY0);
		host_write(m, IDENTITY0, identity);
		host_write(m, GT_INTR_DW0, RCS0_BIT);
	}
	host_write(m, MSTR, MSTR_ENABLE);
	return identity;
}

static void raise(struct machine *m)
{
	irq_raise(m->dev, XM_CLASS_RENDER, 0, XM_IRQ_USER);
}

static void irq_lost(void **state)
{
	struct machine *m = *state;

	enable_interrupts(m);
	order(m, "irq-lost:engine=guc,count=0");
	order(m, "irq-lost:engine=rcs0");
	raise(m);
	assert_int_equal(messages(), 0);
	assert_int_equal(handle(m), 0);
	raise(m);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0x80000001);
	assert_hits(m, 1);
	close(msi_fd);
}

static void irq_twice(void **state)
{
	struct machine *m = *state;

	enable_interrupts(m);
	order(m, "irq-twice:engine=rcs0");
	raise(m);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0x80000001);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0x80000001);
	assert_int_equal(messages(), 0);
	assert_int_equal(handle(m), 0);
	close(msi_fd);
}

static void irq_spurious(void **state)
{
	struct machine *m = *state;

	enable_interrupts(m);
	order(m, "irq-spurious:count=2");
	raise(m);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0x80000001);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0);
	assert_int_equal(messages(), 1);
	assert_int_equal(handle(m), 0);
	assert_int_equal(messages(), 0);
	close(msi_fd);
}

/* --- the whole device ------------------------------------------------------------------------- */

static void device_gone(void **state)
{
	struct machine *m = *state;

	enable_interrupts(m);
	order(m, "device-gone:on=run,ctx=1");
	host_context(m, 1, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_store(m, 1, 0x400, SEQNO);
	host_mode(m, 1, 1);
	wait_for_hit(m);
	/* Before the host notices: interrupts are still enabled. */
	raise(m);
	assert_int_equal(messages(), 0);
	assert_int_equal(host_read(m, GUC_STATUS), ~0u);
	host_write(m, GDRST, 1);
	assert_int_equal(*machine_dw(m, AT_DATA + 0x400), 0);

	/* It comes back as after power-on. */
	fault_clear(m->dev);
	assert_int_equal(host_read(m, FW_GT_ACK), 0);
	assert_true(device_wake(m->dev));
	assert_int_equal(host_read(m, GUC_STATUS), 1);
	assert_int_equal(host_read(m, MSTR), 0);
	close(msi_fd);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(reply_lost),
		T(response_lost),
		T(reply_lost_by_context),
		T(reply_late),
		T(mailbox_lost),
		T(ct_status),
		T(ct_head),
		T(ct_tail),
		T(ct_header),
		T(spoiled_ring_excuses),
		T(engine_hang),
		T(preempt_ignored),
		T(engine_reset_fails),
		T(cat_error),
		T(dma_window),
		T(dma_window_everything),
		T(gt_reset_stuck),
		T(upload_fails),
		T(forcewake_stuck),
		T(irq_lost),
		T(irq_twice),
		T(irq_spurious),
		T(device_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
