// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_guc.h"

#include <string.h>
#include <time.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "fw/guc.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_guc_regs.h"
#include "tests/lib_client.h"
#include "tests/lib_cmocka.h"
#include "util/pace.h"

#define FW_BYTES 0x1000u

void host_sleep_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

void host_write(struct machine *m, u32 off, u32 val)
{
	if (m->client) {
		assert_int_equal(client_write(m->client, 0, off, 4, val, 0), 0);
		return;
	}
	xm_bar0_write(m->dev, off, &val, 4);
	pace_settle(m->dev->pace);
}

u32 host_read(struct machine *m, u32 off)
{
	u64 wide;
	u32 val;

	if (m->client) {
		assert_int_equal(client_read(m->client, 0, off, 4, &wide), 0);
		return (u32)wide;
	}
	xm_bar0_read(m->dev, off, &val, 4);
	pace_settle(m->dev->pace);
	return val;
}

static void wake_domain(struct machine *m, u32 request, u32 ack)
{
	host_write(m, request, 0x00010001);
	/* Each read lets time pass; others are not allowed before the answer. */
	for (unsigned int i = 0; !(host_read(m, ack) & FORCEWAKE_KERNEL); i++)
		assert_true(i < 100000);
}

void host_wake(struct machine *m)
{
	wake_domain(m, FORCEWAKE_GT, FORCEWAKE_ACK_GT);
	wake_domain(m, FORCEWAKE_RENDER, FORCEWAKE_ACK_RENDER);
	wake_domain(m, FORCEWAKE_VDBOX(0), FORCEWAKE_ACK_VDBOX(0));
	wake_domain(m, FORCEWAKE_VDBOX(2), FORCEWAKE_ACK_VDBOX(2));
}

int host_setup_stepped(void **state, u64 seed)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .stepped = true,
				       .strict = true, .ggtt_map = true };

	if (machine_setup_with(state, &cfg) || xm_fw_create(((struct machine *)*state)->dev))
		return -1;
	host_prepare(*state);
	host_wake(*state);
	if (host_upload(*state) != 0x8000f0ec)
		return -1;
	host_start_rings(*state);
	return 0;
}

/* --- host side ------------------------------------------------------------------------------- */

static void write_image(struct machine *m)
{
	u32 *css = machine_dw(m, AT_FW);

	memset(css, 0, FW_BYTES);
	css[GUC_CSS_HEADER_SIZE_DW_OFFSET / 4] = 0xa1;
	css[GUC_CSS_KEY_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_MODULUS_SIZE_DW_OFFSET / 4] = 0x40;
	css[GUC_CSS_EXPONENT_SIZE_DW_OFFSET / 4] = 1;
	css[GUC_CSS_SIZE_DW_OFFSET / 4] = 0xa1 + (FW_BYTES - GUC_CSS_BYTES) / 4;
}

static void write_ads(struct machine *m)
{
	u8 *ads = m->mem + AT_ADS;
	u32 *masks = (u32 *)(ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_ENABLED_MASKS_OFFSET);
	u8 *map = ads + GUC_ADS_SYSTEM_INFO_OFFSET + GUC_SYSINFO_MAPPING_OFFSET;
	const u32 ggtt = MEM_GGTT + AT_ADS;

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

u32 host_upload(struct machine *m)
{
	host_write(m, GUC_WOPCM_SIZE, 0x1f3000);
	host_write(m, DMA_GUC_WOPCM_OFFSET, 0x4000);
	host_write(m, GUC_PARAM(GUC_PARAM_ADS), (MEM_GGTT + AT_ADS) >> 12 << GUC_ADS_PAGE_SHIFT);
	host_write(m, DMA_ADDR_0_LOW, MEM_GGTT + AT_FW);
	host_write(m, DMA_ADDR_0_HIGH, DMA_ADDRESS_SPACE_GGTT);
	host_write(m, DMA_ADDR_1_LOW, GUC_DMA_DESTINATION);
	host_write(m, DMA_ADDR_1_HIGH, DMA_ADDRESS_SPACE_WOPCM);
	host_write(m, DMA_COPY_SIZE, FW_BYTES);
	host_write(m, DMA_CTRL, (DMA_UOS_MOVE | DMA_START) << 16 | DMA_UOS_MOVE | DMA_START);
	return host_read(m, GUC_STATUS);
}

u32 host_mailbox(struct machine *m, u32 dw0, u32 dw1, u32 dw2, u32 dw3)
{
	host_write(m, GUC_MAILBOX(0), dw0);
	host_write(m, GUC_MAILBOX(1), dw1);
	host_write(m, GUC_MAILBOX(2), dw2);
	host_write(m, GUC_MAILBOX(3), dw3);
	host_write(m, GUC_HOST_INTERRUPT, 0);
	for (unsigned int i = 0; i < 5000; i++) {
		u32 reply = host_read(m, GUC_MAILBOX(0));

		if (reply & GUC_HXG_ORIGIN_MASK)
			return reply;
		machine_pause(m);
	}
	return 0;
}

void host_start_rings(struct machine *m)
{
	static const struct {
		u16 key;
		u16 len;
		u32 value;
	} keys[] = {
		{ GUC_KLV_SELF_CFG_H2G_DESC_ADDR, 2, MEM_GGTT + AT_CT + GUC_CT_H2G_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_ADDR, 2, MEM_GGTT + AT_CT + GUC_CT_H2G_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_SIZE, 1, GUC_CT_H2G_RING_BYTES },
		{ GUC_KLV_SELF_CFG_G2H_DESC_ADDR, 2, MEM_GGTT + AT_CT + GUC_CT_G2H_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_ADDR, 2, MEM_GGTT + AT_CT + GUC_CT_G2H_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_SIZE, 1, GUC_CT_G2H_RING_BYTES },
	};

	memset(m->mem + AT_CT, 0, GUC_CT_H2G_RING_OFFSET);
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(host_mailbox(m, GUC_MMIO_SELF_CFG,
					      GUC_KLV(keys[i].key, keys[i].len), keys[i].value, 0),
				 0xf0000001);
	assert_int_equal(host_mailbox(m, GUC_MMIO_CONTROL_CTB, 1, 0, 0), 0xf0000000);
}

u32 *host_h2g_desc(struct machine *m)
{
	return machine_dw(m, AT_CT + GUC_CT_H2G_DESC_OFFSET);
}

u32 *host_g2h_desc(struct machine *m)
{
	return machine_dw(m, AT_CT + GUC_CT_G2H_DESC_OFFSET);
}

void host_h2g(struct machine *m, u16 fence, const u32 *dw, u32 n)
{
	u32 *ring = machine_dw(m, AT_CT + GUC_CT_H2G_RING_OFFSET);
	u32 tail = host_h2g_desc(m)[GUC_CT_DESC_TAIL];

	if (tail + n + 1 > HOST_H2G_DW) {
		while (tail < HOST_H2G_DW)
			ring[tail++] = 0;
		tail = 0;
	}
	ring[tail++] = (u32)fence << 16 | n;
	for (u32 i = 0; i < n; i++)
		ring[tail++] = dw[i];
	__atomic_store_n(&host_h2g_desc(m)[GUC_CT_DESC_TAIL], tail % HOST_H2G_DW, __ATOMIC_RELEASE);
	host_write(m, GUC_HOST_INTERRUPT, 0);
}

u32 host_g2h(struct machine *m, u32 *header, u32 *dw, long ms)
{
	const u32 *ring = machine_dw(m, AT_CT + GUC_CT_G2H_RING_OFFSET);
	u32 *desc = host_g2h_desc(m);
	u32 head = desc[GUC_CT_DESC_HEAD];
	u32 n;

	while (__atomic_load_n(&desc[GUC_CT_DESC_TAIL], __ATOMIC_ACQUIRE) == head) {
		if (ms-- <= 0)
			return 0;
		machine_pause(m);
	}
	*header = ring[head];
	n = *header & GUC_CT_NUM_DWORDS_MASK;
	for (u32 i = 0; i < n; i++)
		dw[i] = ring[(head + 1 + i) % HOST_G2H_DW];
	__atomic_store_n(&desc[GUC_CT_DESC_HEAD], (head + 1 + n) % HOST_G2H_DW, __ATOMIC_RELEASE);
	return n;
}

void host_expect(struct machine *m, u32 action, unsigned int n, u32 a, u32 b)
{
	u32 header, dw[256];

	assert_int_equal(host_g2h(m, &header, dw, 10000), n + 1);
	assert_int_equal(header, n + 1);
	assert_int_equal(dw[0], 0x90000000 | action);
	assert_int_equal(dw[1], a);
	if (n > 1)
		assert_int_equal(dw[2], b);
}

void host_expect_mode(struct machine *m, u32 id, u32 mode)
{
	host_expect(m, GUC_G2H_SCHED_CONTEXT_MODE_DONE, 2, id, mode);
}

void host_expect_nothing(struct machine *m, long ms)
{
	u32 header, dw[256];

	assert_int_equal(host_g2h(m, &header, dw, ms), 0);
}

const struct host_policy host_normal = { GUC_PRIORITY_KERNEL_NORMAL, 1000, 640000 };

void host_context(struct machine *m, u32 id, u32 guc_class, u32 mask, struct host_policy p)
{
	static const u8 hw[] = { XM_CLASS_RENDER, XM_CLASS_VIDEO_DECODE, XM_CLASS_VIDEO_ENHANCE,
				 XM_CLASS_COPY };
	u64 desc = machine_context(m, AT_CTX(id), hw[guc_class], true);

	HOST_SEND(m, HOST_FAST | GUC_H2G_REGISTER_CONTEXT, 1, id, guc_class, mask, 0, 0, 0, 0, 0,
		  (u32)desc, (u32)(desc >> 32));
	HOST_SEND(m, HOST_FAST | GUC_H2G_UPDATE_CONTEXT_POLICIES, id,
		  GUC_KLV(GUC_KLV_CONTEXT_PRIORITY, 1), p.priority,
		  GUC_KLV(GUC_KLV_CONTEXT_EXEC_QUANTUM_US, 1), p.quantum,
		  GUC_KLV(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 1), p.preempt);
}

void host_mode(struct machine *m, u32 id, u32 on)
{
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT_MODE_SET, id, on);
}

void host_emit_store(struct machine *m, u32 id, u32 off, u32 val)
{
	const u32 dw[] = { MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), VA_DATA + off, 0, val };

	machine_emit(m, AT_CTX(id), dw, 4);
}

void host_emit_batch(struct machine *m, u32 id, u32 va)
{
	const u32 dw[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, va, 0 };

	machine_emit(m, AT_CTX(id), dw, 3);
}

void host_emit_spin(struct machine *m, u32 id, u32 n, bool arb)
{
	u32 at = VA_DATA + 16 * n, va = VA_BATCH + 256 * n;
	const u32 dw[] = {
		MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1), at, 0, 1,
		arb ? MI_ARB_CHECK : MI_NOOP,
		0x17800501, at + 8, 0,
		0x1b200002, 0, at + 4, 0,
		MI_BATCH_BUFFER_START | MI_BBS_PPGTT, va + 16, 0,
	};

	memcpy(m->mem + AT_BATCH + 256 * n, dw, sizeof(dw));
	*machine_dw(m, AT_DATA + 16 * n + 4) = ~0u;
	host_emit_batch(m, id, va);
}

void host_run_spin(struct machine *m, u32 id, u32 n, bool arb)
{
	host_emit_spin(m, id, n, arb);
	host_mode(m, id, 1);
	host_expect_mode(m, id, 1);
	assert_true(machine_until(m, AT_DATA + 16 * n, 1));
}

void host_end_spin(struct machine *m, u32 n)
{
	__atomic_store_n(machine_dw(m, AT_DATA + 16 * n + 4), 0, __ATOMIC_RELEASE);
}

u32 host_rounds(struct machine *m, u32 n)
{
	return __atomic_load_n(machine_dw(m, AT_DATA + 16 * n + 8), __ATOMIC_ACQUIRE);
}

void host_prepare(struct machine *m)
{
	machine_map(m, VA_BATCH, AT_BATCH, 0x1000, HOST_RW);
	machine_map(m, VA_DATA, AT_DATA, 0x1000, HOST_RW);
	write_image(m);
	write_ads(m);
}

int host_setup_unloaded(void **state)
{
	if (machine_setup(state) || xm_fw_create(((struct machine *)*state)->dev))
		return -1;
	host_prepare(*state);
	return 0;
}

int host_setup(void **state)
{
	if (host_setup_unloaded(state) || host_upload(*state) != 0x8000f0ec)
		return -1;
	host_start_rings(*state);
	return 0;
}

int host_teardown(void **state)
{
	struct machine *m = *state;

	xm_fw_destroy(m->dev);
	return machine_teardown(state);
}
