// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The register engine on rows of its own, then the register blocks of Tiger Lake.
 */

#include "tests/lib_cmocka.h"

#include <errno.h>
#include <string.h>

#include "dev/blocks.h"
#include "tests/lib_device.h"
#include "util/bits.h"
#include "util/clock.h"

/* Offsets no block of the platform uses. */
#define T_BASE 0x3f000u

static unsigned int after_calls;
static u32 after_raw;

static u32 add_one(struct xm_device *dev, u32 off, u32 stored)
{
	return stored + 1;
}

static u32 store_inverted(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return ~val;
}

static void note_after(struct xm_device *dev, u32 off, u32 raw)
{
	after_calls++;
	after_raw = raw;
	/* The lock is free here. */
	reg_poke(dev, off, 0x77);
}

static const struct reg_row rows[] = {
	{ .name = "STORAGE", .offset = T_BASE + 0x00, .reset = 0x1234 },
	{ .name = "RO_BITS", .offset = T_BASE + 0x04, .reset = 0xff00ff00, .ro = 0xffff0000 },
	{ .name = "RO", .offset = T_BASE + 0x08, .reset = 7, .flags = REG_READ_ONLY },
	{ .name = "W1C", .offset = T_BASE + 0x0c, .reset = 0xff, .w1c = 0xff },
	{ .name = "MASKED", .offset = T_BASE + 0x10, .reset = 0x00f0, .flags = REG_MASKED },
	{ .name = "RESERVED", .offset = T_BASE + 0x14, .reserved = 0xf },
	{ .name = "READ_FN", .offset = T_BASE + 0x18, .read = add_one },
	{ .name = "WRITE_FN", .offset = T_BASE + 0x1c, .write = store_inverted },
	{ .name = "AFTER", .offset = T_BASE + 0x20, .after = note_after },
	{ .name = "KEEP", .offset = T_BASE + 0x24, .reset = 1, .flags = REG_KEEP },
	{ .name = "ARRAY", .offset = T_BASE + 0x40, .count = 3, .stride = 8, .reset = 9 },
	{ .name = "MASKED_RO", .offset = T_BASE + 0x80, .reset = 0x200, .ro = 0x200,
	  .flags = REG_MASKED },
};

static int setup(void **state)
{
	static const struct xm_config cfg = {
		.platform = "tgl",
		.seed = 1,
		.strict = true,
		.ggtt_map = true,
	};
	struct xm_device *dev = xm_device_create(&cfg);

	if (!dev || reg_file_add(dev->regs, rows, ARRAY_SIZE(rows)) || !device_wake(dev))
		return -1;
	*state = dev;
	return 0;
}

/* offset from T_BASE, value before, written, value read after */
static const struct {
	u32 off, before, written, after;
} writes[] = {
	{ 0x00, 0x1234, 0xdeadbeef, 0xdeadbeef },
	{ 0x04, 0xff00ff00, 0x12345678, 0xff005678 },
	{ 0x08, 7, 0xffffffff, 7 },
	{ 0x0c, 0xff, 0x0f, 0xf0 },
	{ 0x0c, 0xf0, 0x00, 0xf0 },
	{ 0x0c, 0xf0, 0xffffff10, 0xffffffe0 },
	{ 0x10, 0x00f0, 0x00010001, 0x00f1 },
	{ 0x10, 0x00f1, 0x00f00000, 0x0001 },
	{ 0x10, 0x0001, 0x0000ffff, 0x0001 },
	{ 0x10, 0x0001, 0xffff8000, 0x8000 },
	{ 0x14, 0, 0xff, 0xf0 },
	{ 0x18, 1, 5, 6 },
	{ 0x1c, 0, 0xf0f0f0f0, 0x0f0f0f0f },
	{ 0x80, 0x200, 0xffff0100, 0x300 },
};

static void row_masks(void **state)
{
	struct xm_device *dev = *state;

	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		u32 off = T_BASE + writes[i].off;

		if (rd(dev, off) != writes[i].before)
			fail_msg("row %zu: 0x%x before", i, rd(dev, off));
		wr(dev, off, writes[i].written);
		if (rd(dev, off) != writes[i].after)
			fail_msg("row %zu: 0x%x after", i, rd(dev, off));
	}
}

/* offset from T_BASE, value, whether the host may write it */
static const struct {
	u32 off, val;
	bool allowed;
} rules[] = {
	{ 0x00, 0xffffffff, true }, { 0x08, 0, false },		{ 0x10, 0x00ff0055, true },
	{ 0x10, 0x00ff0155, false }, { 0x14, 0xfffffff0, true }, { 0x14, 0x00000008, false },
	{ 0x04, 0xffffffff, true },
};

/* offset, value of a register of the platform that has bits it cannot take, value it can take */
static const struct {
	u32 off, bad, good;
} platform_rules[] = {
	{ 0x4804, 0x00000004, 0x00000003 },   { 0x4008, 0x00080000, 0x00060737 },
	{ 0xb020, 0x00300040, 0x00300010 },   { 0xa210, 0x00000004, 0x00007ffb },
	{ 0xfdc, 0x80000001, 0x88000000 },    { 0x22080, 0x00123004, 0x00123000 },
	{ 0x24d0, 0x80002349, 0x10002349 },   { 0xc050, 0x001f3002, 0x001f3000 },
	{ 0xc340, 0x00004004, 0x00004002 },   { 0x138124, 0x81000008, 0x80000008 },
	{ 0x941c, 0x00000002, 0x00000001 },   { 0x190070, 0x00000003, 0x00000001 },
	{ 0x9140, 0x00000000, 0 },	      { 0x600000, 0x00000001, 0 },
};

static void expect_reports(const char *what, size_t i, unsigned long before, unsigned long n)
{
	if (violations_of("reg-write") - before != n)
		fail_msg("%s %zu: %lu reports", what, i, violations_of("reg-write") - before);
}

static void rules_of_writing(void **state)
{
	struct xm_device *dev = *state;
	unsigned long before;
	u16 half = 1;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		before = violations_of("reg-write");
		reg_write(dev, T_BASE + rules[i].off, rules[i].val, REG_FROM_ENGINE);
		expect_reports("engine", i, before, 0);
		wr(dev, T_BASE + rules[i].off, rules[i].val);
		expect_reports("row", i, before, !rules[i].allowed);
	}
	for (size_t i = 0; i < ARRAY_SIZE(platform_rules); i++) {
		u32 good = platform_rules[i].good;

		before = violations_of("reg-write");
		wr(dev, platform_rules[i].off, platform_rules[i].bad);
		expect_reports("register", i, before, 1);
		/* Without a value it can take the register is not for the host at all. */
		if (good && platform_rules[i].off != 0xc050 && platform_rules[i].off != 0xc340)
			wr(dev, platform_rules[i].off, good);
		expect_reports("register", i, before, 1);
	}
	before = violations_of("reg-write");
	xm_bar0_write(dev, T_BASE, &half, sizeof(half));
	expect_reports("part", 0, before, 1);
	/* Locked by the writes above, with reserved bits dropped. */
	wr(dev, 0xc050, 0x1f3000);
	expect_reports("locked", 0, before, 1);
	wr(dev, 0xc050, 0x100000);
	expect_reports("locked", 1, before, 2);
	wr(dev, 0xc314, 0x00010001);
	expect_reports("upload", 0, before, 3);
}

static void side_effects(void **state)
{
	struct xm_device *dev = *state;

	after_calls = 0;
	wr(dev, T_BASE + 0x20, 0xabc);
	assert_int_equal(after_calls, 1);
	assert_int_equal(after_raw, 0xabc);
	assert_int_equal(rd(dev, T_BASE + 0x20), 0x77);
	/* Raw accesses have none. */
	reg_poke(dev, T_BASE + 0x20, 1);
	reg_poke(dev, T_BASE + 0x08, 2);
	assert_int_equal(after_calls, 1);
	assert_int_equal(reg_peek(dev, T_BASE + 0x08), 2);
}

static void arrays_and_conflicts(void **state)
{
	static const struct reg_row twice = { .name = "TWICE", .offset = T_BASE + 0x48 };
	static const struct reg_row gap = { .name = "GAP", .offset = T_BASE + 0x44 };
	static const struct reg_row odd = { .name = "ODD", .offset = T_BASE + 0x101 };
	static const struct reg_row far = { .name = "FAR", .offset = REG_SPACE };
	struct xm_device *dev = *state;

	for (u32 i = 0; i < 3; i++)
		assert_int_equal(rd(dev, T_BASE + 0x40 + 8 * i), 9);
	assert_string_equal(reg_name(dev, T_BASE + 0x50), "ARRAY");
	assert_string_equal(reg_name(dev, T_BASE + 0x44), "unknown");
	assert_int_equal(reg_file_add(dev->regs, &twice, 1), -EEXIST);
	assert_int_equal(reg_file_add(dev->regs, &gap, 1), 0);
	assert_int_equal(reg_file_add(dev->regs, &odd, 1), -EINVAL);
	assert_int_equal(reg_file_add(dev->regs, &far, 1), -EINVAL);
}

static bool hook_rd(struct xm_device *dev, u32 off, enum reg_origin origin, u32 *val, void *ctx)
{
	*val = *(u32 *)ctx;
	return origin == REG_FROM_ENGINE;
}

static bool hook_wr(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin, void *ctx)
{
	*(u32 *)ctx = val;
	return origin == REG_FROM_ENGINE;
}

static void hooks(void **state)
{
	struct xm_device *dev = *state;
	u32 live = 0x55;

	assert_int_equal(reg_add_hook(dev, T_BASE, T_BASE + 3, hook_rd, hook_wr, &live), 0);
	assert_int_equal(reg_add_hook(dev, 8, 4, hook_rd, hook_wr, &live), -EINVAL);
	assert_int_equal(reg_read(dev, T_BASE, REG_FROM_ENGINE), 0x55);
	assert_int_equal(rd(dev, T_BASE), 0x1234);
	reg_write(dev, T_BASE, 0x66, REG_FROM_ENGINE);
	assert_int_equal(live, 0x66);
	assert_int_equal(rd(dev, T_BASE), 0x1234);
	wr(dev, T_BASE, 0x99);
	assert_int_equal(rd(dev, T_BASE), 0x99);
	assert_int_equal(rd(dev, T_BASE + 4), 0xff00ff00);
}

static void unknown_registers_store(void **state)
{
	char buf[4096] = "";
	struct xm_device *dev = *state;
	FILE *out = fmemopen(buf, sizeof(buf), "w");

	assert_int_equal(rd(dev, 0x3e004), 0);
	wr(dev, 0x3e004, 42);
	assert_int_equal(rd(dev, 0x3e004), 42);
	assert_non_null(out);
	xm_summary(dev, out);
	fclose(out);
	assert_non_null(strstr(buf, "unknown registers: 1\n"));
	assert_non_null(strstr(buf, "0x03e004  3 accesses"));
}

static void resets(void **state)
{
	struct xm_device *dev = *state;

	wr(dev, T_BASE, 1);
	wr(dev, T_BASE + 0x24, 2);
	wr(dev, 0x3e004, 3);
	wr(dev, 0x144000, 4);
	xm_device_gt_reset(dev);
	assert_int_equal(rd(dev, T_BASE), 0x1234);
	assert_int_equal(rd(dev, T_BASE + 0x24), 2);
	assert_int_equal(rd(dev, 0x3e004), 0);
	assert_int_equal(rd(dev, 0x144000), 4);
	xm_device_reset(dev);
	assert_true(device_wake(dev));
	assert_int_equal(rd(dev, T_BASE + 0x24), 1);
	assert_int_equal(rd(dev, 0x144000), 0);
}

/* --- BAR0 ------------------------------------------------------------------------------------- */

static void bar0_sizes(void **state)
{
	struct xm_device *dev = *state;
	u64 v = 0;
	u8 bytes[16];

	wr(dev, T_BASE, 0x44332211);
	wr(dev, 0x3e004, 0);
	xm_bar0_read(dev, T_BASE, &v, 8);
	assert_true(v == 0xff00ff0044332211ull);
	v = 0;
	xm_bar0_read(dev, T_BASE + 1, &v, 2);
	assert_int_equal(v, 0x3322);
	v = 0;
	xm_bar0_read(dev, T_BASE + 3, &v, 3);
	assert_int_equal(v, 0x00ff0044);

	v = 0x8877665544332211ull;
	xm_bar0_write(dev, 0x3e000, &v, 8);
	assert_int_equal(rd(dev, 0x3e000), 0x44332211);
	assert_int_equal(rd(dev, 0x3e004), 0x88776655);
	/* Parts of a register are not writable. */
	xm_bar0_write(dev, 0x3e000, &v, 2);
	xm_bar0_write(dev, 0x3e002, &v, 4);
	assert_int_equal(rd(dev, 0x3e000), 0x44332211);

	/* Reserved space between registers and GGTT. */
	xm_bar0_write(dev, 0x600000, &v, 4);
	xm_bar0_read(dev, 0x600000, &v, 4);
	assert_int_equal((u32)v, 0);

	/* Across the border: 8 reserved bytes, 8 bytes of the first entry. */
	v = 0x1122334455667788ull;
	xm_bar0_write(dev, 0x800000, &v, 8);
	xm_bar0_read(dev, 0x7ffff8, bytes, sizeof(bytes));
	assert_int_equal(bytes[7], 0);
	assert_memory_equal(bytes + 8, &v, 8);
	assert_memory_equal(dev->ggtt, &v, 8);
	xm_bar0_read(dev, 0x800003, &v, 2);
	assert_int_equal((u16)v, 0x4455);
	xm_bar0_read(dev, 0xffffff, &v, 1);

	xm_device_reset(dev);
	assert_int_equal(*(u64 *)dev->ggtt, 0);
}

/* --- blocks ----------------------------------------------------------------------------------- */

struct fw_calls {
	unsigned int upload, mailbox, guc_reset, gt_reset, device_reset, ggtt_invalidate;
	unsigned int tlb_class;
	u32 tlb_instances;
};

static struct fw_calls calls;

static void fw_upload(struct xm_device *dev)
{
	calls.upload++;
	reg_poke(dev, 0xc000, 0x8000f0ec);
}

static void fw_mailbox(struct xm_device *dev)
{
	calls.mailbox++;
}

static void fw_guc_reset(struct xm_device *dev)
{
	calls.guc_reset++;
}

static void fw_gt_reset(struct xm_device *dev)
{
	calls.gt_reset++;
}

static void fw_device_reset(struct xm_device *dev)
{
	calls.device_reset++;
}

static void fw_ggtt_invalidate(struct xm_device *dev)
{
	calls.ggtt_invalidate++;
}

static void fw_tlb_invalidate(struct xm_device *dev, unsigned int hw_class, u32 instances)
{
	calls.tlb_class = hw_class;
	calls.tlb_instances = instances;
}

static const struct xm_fw_ops fw_ops = {
	.upload = fw_upload,
	.mailbox = fw_mailbox,
	.guc_reset = fw_guc_reset,
	.gt_reset = fw_gt_reset,
	.device_reset = fw_device_reset,
	.ggtt_invalidate = fw_ggtt_invalidate,
	.tlb_invalidate = fw_tlb_invalidate,
};

/* Requests stay until they are done; engines that are not there are done at once. */
static void tlb_requests(void **state)
{
	struct xm_device *dev = *state;

	memset(&calls, 0, sizeof(calls));
	dev->fw_ops = &fw_ops;
	wr(dev, 0xced8, 1);
	assert_int_equal(calls.tlb_class, XM_CLASS_RENDER);
	assert_int_equal(calls.tlb_instances, 1);
	assert_int_equal(rd(dev, 0xced8), 1);
	wr(dev, 0xced8, 0);
	assert_int_equal(rd(dev, 0xced8), 1);
	tlb_reg_done(dev, XM_CLASS_COPY, 0);
	assert_int_equal(rd(dev, 0xced8), 1);
	tlb_reg_done(dev, XM_CLASS_RENDER, 0);
	assert_int_equal(rd(dev, 0xced8), 0);

	/* Video takes a mask; instance 1 is fused off. */
	wr(dev, 0xcedc, 0x00030007);
	assert_int_equal(calls.tlb_class, XM_CLASS_VIDEO_DECODE);
	assert_int_equal(calls.tlb_instances, 1);
	wr(dev, 0xcedc, 0x00040004);
	assert_int_equal(calls.tlb_instances, 4);
	assert_int_equal(rd(dev, 0xcedc), 5);
	tlb_reg_done(dev, XM_CLASS_VIDEO_DECODE, 0);
	assert_int_equal(rd(dev, 0xcedc), 4);
	calls.tlb_instances = 0;
	wr(dev, 0xcee0, 1);
	assert_int_equal(calls.tlb_instances, 0);
	wr(dev, 0xcee0, 0x00010001);
	assert_int_equal(calls.tlb_class, XM_CLASS_VIDEO_ENHANCE);
	wr(dev, 0xcee4, 2);
	assert_int_equal(rd(dev, 0xcee4), 0);
	wr(dev, 0xceec, 1);
	assert_int_equal(rd(dev, 0xceec), 0);
	dev->fw_ops = NULL;
}

static void guc_upload_and_resets(void **state)
{
	struct xm_device *dev = *state;

	memset(&calls, 0, sizeof(calls));
	dev->fw_ops = &fw_ops;
	assert_int_equal(rd(dev, 0xc000), 1);
	/* Without START, and with a HuC image: no GuC upload. */
	wr(dev, 0xc314, 0x00100010);
	wr(dev, 0xc314, 0x00100000);
	wr(dev, 0xc314, 0x02010201);
	assert_int_equal(rd(dev, 0xc314), 0x0200);
	wr(dev, 0xc314, 0x02000000);
	assert_int_equal(calls.upload, 0);
	wr(dev, 0xc314, 0x00110011);
	assert_int_equal(calls.upload, 1);
	assert_int_equal(rd(dev, 0xc314), 0x0010);
	assert_int_equal(rd(dev, 0xc000), 0x8000f0ec);

	wr(dev, 0x1901f0, 0);
	assert_int_equal(calls.mailbox, 1);
	wr(dev, 0xcee8, 1);
	assert_int_equal(calls.ggtt_invalidate, 1);
	assert_int_equal(rd(dev, 0xcee8), 0);

	wr(dev, 0x941c, 8);
	assert_int_equal(rd(dev, 0x941c), 0);
	assert_int_equal(rd(dev, 0xc000), 1);
	assert_int_equal(calls.guc_reset, 1);
	wr(dev, 0xc314, 0x00110011);
	wr(dev, 0x941c, 1);
	assert_int_equal(rd(dev, 0x941c), 0);
	assert_int_equal(rd(dev, 0xc000), 1);
	assert_int_equal(calls.gt_reset, 1);
	assert_int_equal(calls.guc_reset, 1);
	/* The platform forbids the driver-initiated reset. */
	wr(dev, 0x101010, 0x80000000);
	assert_int_equal(rd(dev, 0x101010), 0);
	assert_int_equal(calls.device_reset, 0);
	reg_poke(dev, 0x10100c, 0);
	wr(dev, 0x101010, 0x80000000);
	assert_int_equal(calls.device_reset, 1);
	assert_int_equal(rd(dev, 0x101018), 0x80000000);
	wr(dev, 0x101018, 0x80000000);
	assert_int_equal(rd(dev, 0x101018), 0);
	dev->fw_ops = NULL;
}

static void wopcm_locks(void **state)
{
	struct xm_device *dev = *state;

	assert_int_equal(rd(dev, 0xc050) | rd(dev, 0xc340), 0);
	wr(dev, 0xc050, 0x1f3000);
	assert_int_equal(rd(dev, 0xc050), 0x1f3001);
	wr(dev, 0xc340, 0x4002);
	assert_int_equal(rd(dev, 0xc340), 0x4003);
	wr(dev, 0xc050, 0x100000);
	wr(dev, 0xc340, 0x8000);
	assert_int_equal(rd(dev, 0xc050), 0x1f3001);
	assert_int_equal(rd(dev, 0xc340), 0x4003);
	xm_device_gt_reset(dev);
	assert_int_equal(rd(dev, 0xc050) | rd(dev, 0xc340), 0);
}

static void pcode(void **state)
{
	static const struct {
		u32 command, data_in, error, data_out;
	} rows_[] = {
		{ 0x08, 0x00060006, 0, 0x00060006 },
		{ 0x7e, 0, 0, 1 },
		{ 0xfe, 5, 1, 5 },
	};
	struct xm_device *dev = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows_); i++) {
		wr(dev, 0x138128, rows_[i].data_in);
		wr(dev, 0x13812c, 0);
		wr(dev, 0x138124, 0x80000000 | rows_[i].command);
		assert_int_equal(rd(dev, 0x138124), rows_[i].error);
		assert_int_equal(rd(dev, 0x138128), rows_[i].data_out);
	}
}

static void timestamps(void **state)
{
	struct xm_device *dev = *state;

	clock_set_stepped(1000000000ull);
	assert_true(xm_gpu_ticks(dev) == 19200000);
	assert_int_equal(rd(dev, 0x2358), 19200000);
	clock_step(1000);
	assert_int_equal(rd(dev, 0x22358), 19200019);
	/* 36 valid bits: just below and above their wrap at 3579.1 s. */
	clock_set_stepped(3579ull * 1000000000);
	assert_int_equal(rd(dev, 0x235c), 0xf);
	clock_set_stepped(3580ull * 1000000000);
	assert_int_equal(rd(dev, 0x235c), 0);
	assert_true(xm_gpu_ticks(dev) >> 32 == 16);
	/* Crystal 38.4 MHz shifted by 1. */
	assert_int_equal(rd(dev, 0xd00), 0x14);
	assert_int_equal(rd(dev, 0xa26c), 0);
}

/* Fuses, engine table and interrupt sources have to tell the same story. */
static void platform_is_consistent(void **state)
{
	struct xm_device *dev = *state;
	const struct xm_platform *p = dev->platform;
	u32 absent = rd(dev, 0x9140);
	u32 vcs = 0, vecs = 0;

	for (unsigned int i = 0; i < p->n_engines; i++) {
		const struct xm_engine_desc *e = &p->engines[i];
		unsigned int sources = 0;

		if (e->hw_class == XM_CLASS_VIDEO_DECODE)
			vcs |= BIT(e->instance);
		if (e->hw_class == XM_CLASS_VIDEO_ENHANCE)
			vecs |= BIT(e->instance);
		for (unsigned int s = 0; s < p->n_irq_sources; s++)
			sources += p->irq_sources[s].hw_class == e->hw_class &&
				   p->irq_sources[s].instance == e->instance;
		assert_int_equal(sources, 1);
		assert_string_equal(reg_name(dev, e->mmio_base + 0x30), "RING_TAIL");
	}
	assert_int_equal(~absent & 0xff, vcs);
	assert_int_equal(~absent >> 16 & 0xf, vecs & 0xf);
	assert_true((rd(dev, 0x145998) & 0xff) > (rd(dev, 0x145998) >> 16 & 0xff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(row_masks, setup, device_teardown),
		cmocka_unit_test_setup_teardown(rules_of_writing, setup, device_teardown),
		cmocka_unit_test_setup_teardown(side_effects, setup, device_teardown),
		cmocka_unit_test_setup_teardown(arrays_and_conflicts, setup, device_teardown),
		cmocka_unit_test_setup_teardown(hooks, setup, device_teardown),
		cmocka_unit_test_setup_teardown(unknown_registers_store, setup, device_teardown),
		cmocka_unit_test_setup_teardown(resets, setup, device_teardown),
		cmocka_unit_test_setup_teardown(bar0_sizes, setup, device_teardown),
		cmocka_unit_test_setup_teardown(tlb_requests, setup, device_teardown),
		cmocka_unit_test_setup_teardown(guc_upload_and_resets, setup, device_teardown),
		cmocka_unit_test_setup_teardown(wopcm_locks, setup, device_teardown),
		cmocka_unit_test_setup_teardown(pcode, setup, device_teardown),
		cmocka_unit_test_setup_teardown(timestamps, setup, device_teardown),
		cmocka_unit_test_setup_teardown(platform_is_consistent, setup, device_teardown),
	};

	return cmocka_run_group_tests_name("reg", tests, NULL, NULL);
}
