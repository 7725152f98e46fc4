// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The GuC from the host's side: upload, mailbox, rings, contexts and their scheduling.
 */

#include "tests/lib_machine.h"

#include <string.h>
#include <time.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "abi/guc_messages.h"
#include "fw/guc.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_guc_regs.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "util/log.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define FW AT_FREE
#define FW_BYTES 0x1000u
#define ADS (AT_FREE + 0x2000)
#define CT (AT_FREE + 0x8000)
#define SLPC (AT_FREE + 0x2c000)
#define DATA (AT_FREE + 0x30000)
#define BATCH (AT_FREE + 0x31000)
#define CTX(n) (AT_FREE + 0x40000 + (n) * CTX_BYTES)
#define VA_BATCH 0x100000u
#define VA_DATA 0x200000u
#define H2G_DW (GUC_CT_H2G_RING_BYTES / 4)
#define G2H_DW (GUC_CT_G2H_RING_BYTES / 4)
#define FAST 0x20000000u

static void sleep_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static void w(struct machine *m, u32 off, u32 val)
{
	xm_bar0_write(m->dev, off, &val, 4);
}

static u32 r(struct machine *m, u32 off)
{
	u32 val;

	xm_bar0_read(m->dev, off, &val, 4);
	return val;
}

/* --- host side ------------------------------------------------------------------------------- */

static void write_image(struct machine *m)
{
	u32 *css = machine_dw(m, FW);

	memset(css, 0, FW_BYTES);
	css[GUC_CSS_HEADER_SIZE_DW_OFFSET / 4] = 0xa1;
	css[GUC_CSS_KEY_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_MODULUS_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_EXPONENT_SIZE_DW_OFFSET / 4] = 1;
	css[GUC_CSS_SIZE_DW_OFFSET / 4] = 0xa1 + (FW_BYTES - GUC_CSS_BYTES) / 4;
}

static void write_ads(struct machine *m)
{
	u8 *ads = m->mem + ADS;
	u32 *masks = (u32 *)(ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_ENABLED_MASKS_OFFSET);
	u8 *map = ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_MAPPING_OFFSET;
	const u32 ggtt = MEM_GGTT + ADS;

	memset(ads, 0, 0x2000);
	memset(map, GUC_INSTANCE_UNUSED, GUC_CLASS_COUNT * GUC_INSTANCE_COUNT);
	*(u32 *)(ads + GUC_ADS_SCHED_POLICIES_PTR_OFFSET) = ggtt + GUC_ADS_POLICIES_OFFSET;
	*(u32 *)(ads + GUC_ADS_SYSTEM_INFO_PTR_OFFSET) = ggtt + GUC_ADS_SYSTEM_INFO_OFFSET;
	*(u32 *)(ads + GUC_ADS_POLICIES_OFFSET + GUC_POLICIES_IS_VALID_OFFSET) = 1;
	masks[GUC_CLASS_RENDER] = 1;
	masks[GUC_CLASS_COPY] = 1;
	masks[GUC_CLASS_VIDEO] = 5;
	map[GUC_CLASS_RENDER * GUC_INSTANCE_COUNT] = 0;
	map[GUC_CLASS_COPY * GUC_INSTANCE_COUNT] = 0;
	map[GUC_CLASS_VIDEO * GUC_INSTANCE_COUNT] = 0;
	map[GUC_CLASS_VIDEO * GUC_INSTANCE_COUNT + 1] = 2;
}

static u32 upload(struct machine *m)
{
	w(m, GUC_WOPCM_SIZE, 0x1f3000);
	w(m, DMA_GUC_WOPCM_OFFSET, 0x4000);
	w(m, GUC_PARAM(GUC_PARAM_ADS), (MEM_GGTT + ADS) >> 12 << GUC_ADS_PAGE_SHIFT);
	w(m, DMA_ADDR_0_LOW, MEM_GGTT + FW);
	w(m, DMA_ADDR_0_HIGH, DMA_ADDRESS_SPACE_GGTT);
	w(m, DMA_ADDR_1_LOW, GUC_DMA_DESTINATION);
	w(m, DMA_ADDR_1_HIGH, DMA_ADDRESS_SPACE_WOPCM);
	w(m, DMA_COPY_SIZE, FW_BYTES);
	w(m, DMA_CTRL, (DMA_UOS_MOVE | DMA_START) << 16 | DMA_UOS_MOVE | DMA_START);
	return r(m, GUC_STATUS);
}

static u32 mailbox(struct machine *m, u32 dw0, u32 dw1, u32 dw2, u32 dw3)
{
	w(m, GUC_MAILBOX(0), dw0);
	w(m, GUC_MAILBOX(1), dw1);
	w(m, GUC_MAILBOX(2), dw2);
	w(m, GUC_MAILBOX(3), dw3);
	w(m, GUC_HOST_INTERRUPT, 0);
	for (unsigned int i = 0; i < 5000; i++) {
		u32 reply = r(m, GUC_MAILBOX(0));

		if (reply & GUC_HXG_ORIGIN_MASK)
			return reply;
		sleep_ms(1);
	}
	return 0;
}

static void start_rings(struct machine *m)
{
	static const struct {
		u16 key;
		u16 len;
		u32 value;
	} keys[] = {
		{ GUC_KLV_SELF_CFG_H2G_DESC_ADDR, 2, MEM_GGTT + CT + GUC_CT_H2G_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_ADDR, 2, MEM_GGTT + CT + GUC_CT_H2G_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_SIZE, 1, GUC_CT_H2G_RING_BYTES },
		{ GUC_KLV_SELF_CFG_G2H_DESC_ADDR, 2, MEM_GGTT + CT + GUC_CT_G2H_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_ADDR, 2, MEM_GGTT + CT + GUC_CT_G2H_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_SIZE, 1, GUC_CT_G2H_RING_BYTES },
	};

	memset(m->mem + CT, 0, GUC_CT_H2G_RING_OFFSET);
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(mailbox(m, GUC_MMIO_SELF_CFG, GUC_KLV(keys[i].key, keys[i].len),
					 keys[i].value, 0), 0xf0000001);
	assert_int_equal(mailbox(m, GUC_MMIO_CONTROL_CTB, 1, 0, 0), 0xf0000000);
}

static u32 *h2g_desc(struct machine *m)
{
	return machine_dw(m, CT + GUC_CT_H2G_DESC_OFFSET);
}

static u32 *g2h_desc(struct machine *m)
{
	return machine_dw(m, CT + GUC_CT_G2H_DESC_OFFSET);
}

static void h2g(struct machine *m, u16 fence, const u32 *dw, u32 n)
{
	u32 *ring = machine_dw(m, CT + GUC_CT_H2G_RING_OFFSET);
	u32 tail = h2g_desc(m)[GUC_CT_DESC_TAIL];

	if (tail + n + 1 > H2G_DW) {
		while (tail < H2G_DW)
			ring[tail++] = 0;
		tail = 0;
	}
	ring[tail++] = (u32)fence << 16 | n;
	for (u32 i = 0; i < n; i++)
		ring[tail++] = dw[i];
	__atomic_store_n(&h2g_desc(m)[GUC_CT_DESC_TAIL], tail % H2G_DW, __ATOMIC_RELEASE);
	w(m, GUC_HOST_INTERRUPT, 0);
}

#define SEND(m, ...)                                              \
	do {                                                      \
		const u32 dws_[] = { __VA_ARGS__ };               \
		h2g(m, 0x8000, dws_, ARRAY_SIZE(dws_));           \
	} while (0)

/* Next message of the GuC. Return: dwords behind the CT header, 0 after @ms without one. */
static u32 g2h(struct machine *m, u32 *header, u32 *dw, long ms)
{
	const u32 *ring = machine_dw(m, CT + GUC_CT_G2H_RING_OFFSET);
	u32 *desc = g2h_desc(m);
	u32 head = desc[GUC_CT_DESC_HEAD];
	u32 n;

	while (__atomic_load_n(&desc[GUC_CT_DESC_TAIL], __ATOMIC_ACQUIRE) == head) {
		if (ms-- <= 0)
			return 0;
		sleep_ms(1);
	}
	*header = ring[head];
	n = *header & GUC_CT_NUM_DWORDS_MASK;
	for (u32 i = 0; i < n; i++)
		dw[i] = ring[(head + 1 + i) % G2H_DW];
	__atomic_store_n(&desc[GUC_CT_DESC_HEAD], (head + 1 + n) % G2H_DW, __ATOMIC_RELEASE);
	return n;
}

/* Expect an event with @n arguments. */
static void expect(struct machine *m, u32 action, unsigned int n, u32 a, u32 b)
{
	u32 header, dw[256];

	assert_int_equal(g2h(m, &header, dw, 10000), n + 1);
	assert_int_equal(header, n + 1);
	assert_int_equal(dw[0], 0x90000000 | action);
	assert_int_equal(dw[1], a);
	if (n > 1)
		assert_int_equal(dw[2], b);
}

static void expect_mode(struct machine *m, u32 id, u32 mode)
{
	expect(m, GUC_G2H_SCHED_CONTEXT_MODE_DONE, 2, id, mode);
}

static void expect_nothing(struct machine *m, long ms)
{
	u32 header, dw[256];

	assert_int_equal(g2h(m, &header, dw, ms), 0);
}

/**
 * struct policy - scheduling policy of a test context
 * @priority: 0 is the most important
 * @quantum: microseconds
 * @preempt: microseconds
 */
struct policy {
	u32 priority, quantum, preempt;
};

static const struct policy normal = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 640000 };

static void make_context(struct machine *m, u32 id, u32 guc_class, u32 mask, struct policy p)
{
	static const u8 hw[] = { XM_CLASS_RENDER, XM_CLASS_VIDEO_DECODE, XM_CLASS_VIDEO_ENHANCE,
				 XM_CLASS_COPY };
	u64 desc = machine_context(m, CTX(id), hw[guc_class], true);

	SEND(m, FAST | GUC_H2G_REGISTER_CONTEXT, 1, id, guc_class, mask, 0, 0, 0, 0, 0, (u32)desc,
	     (u32)(desc >> 32));
	SEND(m, FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, id,
	     GUC_KLV(GUC_KLV_CONTEXT_PRIORITY, 1), p.priority,
	     GUC_KLV(GUC_KLV_CONTEXT_EXEC_QUANTUM_US, 1), p.quantum,
	     GUC_KLV(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 1), p.preempt);
}

static void mode(struct machine *m, u32 id, u32 on)
{
	SEND(m, FAST | GUC_H2G_SCHED_CONTEXT_MODE_SET, id, on);
}

/* Ring command: store @val at DATA + @off. */
static void emit_store(struct machine *m, u32 id, u32 off, u32 val)
{
	const u32 dw[] = { MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + off, 0, val };

	machine_emit(m, CTX(id), dw, 4);
}

static void emit_batch(struct machine *m, u32 id, u32 va)
{
	const u32 dw[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, va, 0 };

	machine_emit(m, CTX(id), dw, 3);
}

/*
 * Endless loop number @n at the end of the ring: sets DATA + 16n to 1, loops until DATA + 16n + 4
 * is 0, counts its rounds in DATA + 16n + 8.
 */
static void emit_spin(struct machine *m, u32 id, u32 n, bool arb)
{
	u32 at = VA_DATA + 16 * n, va = VA_BATCH + 256 * n;
	const u32 dw[] = {
		MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), at, 0, 1,
		arb ? MI_ARB_CHECK : MI_NOOP,
		0x17800501, at + 8, 0,
		0x1b200002, 0, at + 4, 0,
		MI_BATCH_BUFFER_START | MI_BBS_PPGTT, va + 16, 0,
	};

	memcpy(m->mem + BATCH + 256 * n, dw, sizeof(dw));
	*machine_dw(m, DATA + 16 * n + 4) = ~0u;
	emit_batch(m, id, va);
}

static void end_spin(struct machine *m, u32 n)
{
	__atomic_store_n(machine_dw(m, DATA + 16 * n + 4), 0, __ATOMIC_RELEASE);
}

static u32 rounds(struct machine *m, u32 n)
{
	return __atomic_load_n(machine_dw(m, DATA + 16 * n + 8), __ATOMIC_ACQUIRE);
}

static int setup_unloaded(void **state)
{
	struct machine *m;

	if (machine_setup(state) || xm_fw_create(((struct machine *)*state)->dev))
		return -1;
	m = *state;
	machine_map(m, VA_BATCH, BATCH, 0x1000, RW);
	machine_map(m, VA_DATA, DATA, 0x1000, RW);
	write_image(m);
	write_ads(m);
	return 0;
}

static int setup(void **state)
{
	if (setup_unloaded(state) || upload(*state) != 0x8000f0ec)
		return -1;
	start_rings(*state);
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	xm_fw_destroy(m->dev);
	return machine_teardown(state);
}

/* --- loading --------------------------------------------------------------------------------- */

static void load_checks(void **state)
{
	struct machine *m = *state;
	u32 *css = machine_dw(m, FW);

	css[GUC_CSS_SIZE_DW_OFFSET / 4]++;
	assert_int_equal(upload(m) >> 30, 1);
	css[GUC_CSS_SIZE_DW_OFFSET / 4]--;
	w(m, 0x941c, 8);
	assert_int_equal(r(m, GUC_STATUS), 1);
	assert_int_equal(upload(m), 0x8000f0ec);
	w(m, 0x941c, 8);
	assert_int_equal(r(m, GUC_STATUS), 1);
}

static void mailbox_replies(void **state)
{
	struct machine *m = *state;

	assert_int_equal(mailbox(m, GUC_MMIO_SELF_CFG, GUC_KLV(0x1234, 1), 5, 0), 0xf0000000);
	assert_int_equal(mailbox(m, GUC_MMIO_GET_HWCONFIG, 0, 0, 0), 0xf000000c);
	mailbox(m, GUC_MMIO_GET_HWCONFIG, MEM_GGTT + DATA, 0, 12);
	assert_int_equal(*machine_dw(m, DATA + 8), 1);
	assert_int_equal(mailbox(m, 0x7777, 0, 0, 0) >> 28, 0xe);
	assert_int_equal(mailbox(m, GUC_MMIO_CLIENT_SOFT_RESET, 0, 0, 0), 0xf0000000);
}

/* --- rings ----------------------------------------------------------------------------------- */

static void blocking_requests(void **state)
{
	static const u32 reset[] = { FAST | GUC_H2G_PC_SLPC_REQUEST, 0x0002, MEM_GGTT + SLPC, 0 };
	static const u32 query[] = { GUC_H2G_PC_SLPC_REQUEST, 0x0502, MEM_GGTT + SLPC, 0 };
	static const u32 unknown[] = { 0x7abc };
	struct machine *m = *state;
	u32 header, dw[256];

	h2g(m, 0x8001, reset, 4);
	h2g(m, 0x0042, query, 4);
	assert_int_equal(g2h(m, &header, dw, 10000), 1);
	assert_int_equal(header, 0x00420001);
	assert_int_equal(dw[0], 0xf0000000);
	assert_int_equal(*machine_dw(m, SLPC + 4), SLPC_STATE_RUNNING);
	assert_int_equal(*machine_dw(m, SLPC + 0x84), 78 | 18 << 8 | 78 << 16 | 18u << 24);
	h2g(m, 0x0043, unknown, 1);
	assert_int_equal(g2h(m, &header, dw, 10000), 1);
	assert_int_equal(header, 0x00430001);
	assert_int_equal(dw[0], 0xe0000030);
}

/* More messages than either ring holds: zero dwords are skipped, the answers wrap. */
static void rings_wrap(void **state)
{
	struct machine *m = *state;

	for (u32 seq = 1; seq <= 12000; seq++) {
		SEND(m, FAST | GUC_H2G_TLB_INVALIDATION, seq, GUC_TLB_INVAL_FLUSH_CACHE);
		expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seq, 0);
	}
	assert_int_equal(h2g_desc(m)[GUC_CT_DESC_HEAD], h2g_desc(m)[GUC_CT_DESC_TAIL]);
	assert_int_equal(h2g_desc(m)[GUC_CT_DESC_STATUS], 0);
	assert_int_equal(g2h_desc(m)[GUC_CT_DESC_STATUS], 0);
}

static void broken_ring(void **state)
{
	struct machine *m = *state;
	unsigned long before = log_violations();

	h2g_desc(m)[GUC_CT_DESC_TAIL] = H2G_DW;
	w(m, GUC_HOST_INTERRUPT, 0);
	assert_true(machine_until(m, CT + 8, GUC_CT_STATUS_OVERFLOW));
	assert_int_equal(log_violations(), before + 1);
}

/* --- contexts -------------------------------------------------------------------------------- */

static void life_of_a_context(void **state)
{
	struct machine *m = *state;

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	emit_store(m, 0, 0, 1);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	emit_store(m, 0, 0, 2);
	SEND(m, FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, DATA, 2));
	/* Without a word to the GuC nothing happens. */
	emit_store(m, 0, 0, 3);
	sleep_ms(20);
	assert_int_equal(*machine_dw(m, DATA), 2);
	mode(m, 0, 0);
	expect_mode(m, 0, 0);
	SEND(m, FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
	assert_int_equal(*machine_dw(m, DATA), 2);
	expect_nothing(m, 5);
}

static void many_submissions(void **state)
{
	struct machine *m = *state;

	make_context(m, 0, GUC_CLASS_COPY, 1, normal);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	for (u32 i = 1; i <= 3000; i++) {
		emit_store(m, 0, 0, i);
		SEND(m, FAST | GUC_H2G_SCHED_CONTEXT, 0);
		if (i % 50 == 0)
			assert_true(machine_until(m, DATA, i));
	}
}

/* Two endless loops of equal priority share an engine; a less important one does not. */
static void time_slices(void **state)
{
	struct machine *m = *state;
	struct policy low = { GUC_PRIORITY_NORMAL, 1000, 640000 };

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	make_context(m, 1, GUC_CLASS_RENDER, 1, normal);
	make_context(m, 2, GUC_CLASS_RENDER, 1, low);
	for (u32 i = 0; i < 3; i++) {
		emit_spin(m, i, i, true);
		emit_store(m, i, 16 * i + 12, 1);
		mode(m, i, 1);
		expect_mode(m, i, 1);
	}
	for (u32 i = 0; i < 2; i++)
		assert_true(machine_until(m, DATA + 16 * i, 1));
	for (unsigned int k = 0; k < 3; k++) {
		u32 a = rounds(m, 0), b = rounds(m, 1);

		sleep_ms(100);
		assert_true(rounds(m, 0) > a && rounds(m, 1) > b);
	}
	assert_int_equal(rounds(m, 2), 0);
	end_spin(m, 0);
	end_spin(m, 1);
	assert_true(machine_until(m, DATA + 12, 1));
	assert_true(machine_until(m, DATA + 28, 1));
	assert_true(machine_until(m, DATA + 32, 1));
	end_spin(m, 2);
	assert_true(machine_until(m, DATA + 44, 1));
}

static void priorities(void **state)
{
	struct machine *m = *state;
	struct policy high = { GUC_PRIORITY_HIGH, 1000, 640000 };

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	make_context(m, 1, GUC_CLASS_RENDER, 1, high);
	emit_spin(m, 0, 0, true);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	emit_store(m, 1, 0x100, 7);
	mode(m, 1, 1);
	expect_mode(m, 1, 1);
	assert_true(machine_until(m, DATA + 0x100, 7));
	end_spin(m, 0);
}

/* A loop without arbitration points is reset when another context wants the engine. */
static void hang_is_reset(void **state)
{
	struct machine *m = *state;
	struct policy impatient = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 20000 };

	make_context(m, 0, GUC_CLASS_RENDER, 1, impatient);
	make_context(m, 1, GUC_CLASS_RENDER, 1, impatient);
	emit_spin(m, 0, 0, false);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	sleep_ms(50);
	expect_nothing(m, 1);
	emit_store(m, 1, 0x100, 7);
	mode(m, 1, 1);
	expect_mode(m, 1, 1);
	expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	assert_true(machine_until(m, DATA + 0x100, 7));
	/* The driver still disables and deregisters it. */
	mode(m, 0, 0);
	expect_mode(m, 0, 0);
	SEND(m, FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
}

static void disable_while_running(void **state)
{
	struct machine *m = *state;
	u32 *page;
	u32 stamp;

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	page = machine_image(m, CTX(0));
	emit_spin(m, 0, 0, true);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	sleep_ms(20);
	mode(m, 0, 0);
	expect_mode(m, 0, 0);
	stamp = rounds(m, 0);
	/* Saved in the batch, with the time it ran. */
	assert_true(page[LRC_DW_BB_ADDR] & 1);
	assert_true(page[LRC_DW_CTX_TIMESTAMP] > 19200 * 10);
	sleep_ms(20);
	assert_int_equal(rounds(m, 0), stamp);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	sleep_ms(20);
	assert_true(rounds(m, 0) > stamp);
	/* One that does not yield: reset first, then the answer. */
	emit_spin(m, 0, 1, false);
	end_spin(m, 0);
	SEND(m, FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, DATA + 16, 1));
	SEND(m, FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, 0,
	     GUC_KLV(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 1), 1);
	mode(m, 0, 0);
	expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	expect_mode(m, 0, 0);
}

static void fault_notifies(void **state)
{
	struct machine *m = *state;

	make_context(m, 0, GUC_CLASS_COPY, 1, normal);
	make_context(m, 1, GUC_CLASS_COPY, 1, normal);
	emit_batch(m, 0, 0x900000);
	emit_store(m, 1, 0x100, 7);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 0, 0);
	expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	mode(m, 1, 1);
	expect_mode(m, 1, 1);
	assert_true(machine_until(m, DATA + 0x100, 7));
	mode(m, 0, 0);
	expect_mode(m, 0, 0);
}

/* A context that may run on two engines finds the free one. */
static void virtual_engine(void **state)
{
	struct machine *m = *state;

	for (u32 i = 0; i < 2; i++) {
		make_context(m, i, GUC_CLASS_VIDEO, 3, normal);
		emit_spin(m, i, i, false);
		mode(m, i, 1);
		expect_mode(m, i, 1);
	}
	assert_true(machine_until(m, DATA, 1));
	assert_true(machine_until(m, DATA + 16, 1));
	end_spin(m, 0);
	end_spin(m, 1);
}

static void parallel_context(void **state)
{
	struct machine *m = *state;
	u32 wq = CTX(0) + CTX_RING_BYTES + GUC_WQ_DESC_OFFSET;
	u64 a = machine_context(m, CTX(0), XM_CLASS_VIDEO_DECODE, true);
	u64 b = machine_context(m, CTX(1), XM_CLASS_VIDEO_DECODE, true);
	u32 *queue = machine_dw(m, wq + 1024);

	SEND(m, FAST | GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, 1, 0, GUC_CLASS_VIDEO, 1,
	     MEM_GGTT + wq, 0, MEM_GGTT + wq + 1024, 0, GUC_WQ_QUEUE_BYTES, 2, (u32)a,
	     (u32)(a >> 32), (u32)b, (u32)(b >> 32));
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	/* Each waits for the other: only possible when both run at once. */
	for (u32 i = 0; i < 2; i++) {
		const u32 dw[] = {
			MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + 4 * i, 0, 1,
			MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_EQ << 12, 1,
			VA_DATA + 4 * !i, 0,
			MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + 8 + 4 * i, 0, 1,
		};

		machine_emit(m, CTX(i), dw, 12);
		/* The tail reaches the image through the work item. */
		machine_image(m, CTX(i))[LRC_DW_RING_TAIL] = 0;
	}
	queue[0] = GUC_WQ_TYPE_MULTI_LRC | (GUC_WQ_ITEM_DWORDS(2) - 1) << 16;
	queue[1] = (u32)a;
	queue[2] = 48 / 8 << 18;
	queue[3] = 0;
	queue[4] = 48 / 8;
	machine_dw(m, wq)[GUC_WQ_DESC_TAIL] = 20;
	SEND(m, FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, DATA + 8, 1));
	assert_true(machine_until(m, DATA + 12, 1));
	assert_int_equal(machine_dw(m, wq)[GUC_WQ_DESC_HEAD], 20);
	mode(m, 0, 0);
	expect_mode(m, 0, 0);
	SEND(m, FAST | GUC_H2G_DEREGISTER_CONTEXT, 0);
	expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, 0, 0);
}

/* Invalidations are answered in order while a loop runs, and take effect. */
static void invalidation_under_load(void **state)
{
	struct machine *m = *state;

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	emit_spin(m, 0, 0, false);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	for (u32 seq = 1; seq <= 20; seq++)
		SEND(m, FAST | GUC_H2G_TLB_INVALIDATION, seq, GUC_TLB_INVAL_FLUSH_CACHE);
	for (u32 seq = 1; seq <= 20; seq++)
		expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seq, 0);
	/* Unmapped under it: the loop must fault now. */
	*machine_leaf(m, VA_DATA) = 0;
	sleep_ms(10);
	expect_nothing(m, 1);
	SEND(m, FAST | GUC_H2G_TLB_INVALIDATION, 21, GUC_TLB_INVAL_FLUSH_CACHE);
	expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 21, 0);
	expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 0, 0);
}

static void gt_reset_under_load(void **state)
{
	struct machine *m = *state;

	make_context(m, 0, GUC_CLASS_RENDER, 1, normal);
	emit_spin(m, 0, 0, false);
	mode(m, 0, 1);
	expect_mode(m, 0, 1);
	assert_true(machine_until(m, DATA, 1));
	w(m, 0x941c, 1);
	assert_int_equal(r(m, 0x941c), 0);
	assert_int_equal(upload(m), 0x8000f0ec);
	start_rings(m);
	life_of_a_context(state);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(load_checks, setup_unloaded, teardown),
		T(mailbox_replies), T(blocking_requests), T(rings_wrap), T(broken_ring),
		T(life_of_a_context), T(many_submissions), T(time_slices), T(priorities),
		T(hang_is_reset), T(disable_while_running), T(fault_notifies), T(virtual_engine),
		T(parallel_context), T(invalidation_under_load), T(gt_reset_under_load),
	};

	return cmocka_run_group_tests_name("guc", tests, NULL, NULL);
}
