// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Engine registers
 *
 * One set of rows for every engine of the platform, placed at its base. Registers that show what an
 * engine is doing right now are answered by hooks of the engine layer; the rows here give the idle
 * values and the behaviour of everything else.
 */

#include "dev/blocks.h"
#include "dev/device.h"

#define RING_TIMESTAMP 0x358u

static u32 read_timestamp_lo(struct xm_device *dev, u32 off, u32 stored)
{
	return (u32)xm_gpu_ticks(dev);
}

static u32 read_timestamp_hi(struct xm_device *dev, u32 off, u32 stored)
{
	return (u32)(xm_timestamp(dev) >> 32);
}

static const struct reg_row ring_rows[] = {
	{ .name = "RING_TAIL", .offset = 0x30 },
	{ .name = "RING_HEAD", .offset = 0x34 },
	{ .name = "RING_START", .offset = 0x38 },
	{ .name = "RING_CTL", .offset = 0x3c },
	{ .name = "RING_START_UDW", .offset = 0x48 },
	{ .name = "RING_PSMI_CTL", .offset = 0x50, .flags = REG_MASKED },
	{ .name = "RING_ACTHD_UDW", .offset = 0x5c },
	{ .name = "RING_DMA_FADD_UDW", .offset = 0x60 },
	{ .name = "RING_IPEIR", .offset = 0x64 },
	{ .name = "RING_IPEHR", .offset = 0x68 },
	{ .name = "RING_INSTDONE", .offset = 0x6c, .reset = ~0u },
	{ .name = "RING_ACTHD", .offset = 0x74 },
	{ .name = "RING_DMA_FADD", .offset = 0x78 },
	{ .name = "RING_HWS_PGA", .offset = 0x80, .reserved = 0xfff },
	{ .name = "RING_NOPID", .offset = 0x94 },
	{ .name = "RING_HWSTAM", .offset = 0x98, .reset = ~0u },
	/* Bit 9 says the ring is idle. */
	{ .name = "RING_MI_MODE", .offset = 0x9c, .reset = 0x200, .ro = 0x200,
	  .flags = REG_MASKED },
	{ .name = "RING_IMR", .offset = 0xa8, .reset = ~0u },
	{ .name = "RING_EIR", .offset = 0xb0 },
	{ .name = "RING_EMR", .offset = 0xb4, .reset = ~0u },
	{ .name = "RING_ESR", .offset = 0xb8 },
	{ .name = "RING_CMD_CCTL", .offset = 0xc4, .flags = REG_MASKED },
	{ .name = "CSFE_CHICKEN1", .offset = 0xd4, .flags = REG_MASKED },
	{ .name = "RING_BBADDR", .offset = 0x140 },
	{ .name = "RING_BBADDR_UDW", .offset = 0x168 },
	{ .name = "BLIT_CCTL", .offset = 0x204 },
	{ .name = "EXECLIST_STATUS", .offset = 0x234, .count = 2 },
	{ .name = "CONTEXT_CONTROL", .offset = 0x244, .flags = REG_MASKED },
	{ .name = "PDP", .offset = 0x270, .count = 8 },
	{ .name = "RING_MODE", .offset = 0x29c, .flags = REG_MASKED },
	{ .name = "RING_TIMESTAMP", .offset = RING_TIMESTAMP, .flags = REG_READ_ONLY,
	  .read = read_timestamp_lo },
	{ .name = "RING_TIMESTAMP_UDW", .offset = RING_TIMESTAMP + 4, .flags = REG_READ_ONLY,
	  .read = read_timestamp_hi },
	{ .name = "CTX_TIMESTAMP", .offset = 0x3a8, .count = 2 },
	/* Deny, access, address, range. */
	{ .name = "FORCE_TO_NONPRIV", .offset = 0x4d0, .count = 12, .reserved = 0x8c000000 },
	{ .name = "EXECLIST_SQ_CONTENTS", .offset = 0x510, .count = 16 },
	{ .name = "EXECLIST_CONTROL", .offset = 0x550 },
	{ .name = "CS_CHICKEN1", .offset = 0x580, .flags = REG_MASKED },
	{ .name = "CS_GPR", .offset = 0x600, .count = 32 },
};

/* Only the render engine has these. */
static const struct reg_row render_rows[] = {
	{ .name = "FF_THREAD_MODE", .offset = 0x20a0 },
	{ .name = "FF_SLICE_CS_CHICKEN1", .offset = 0x20e0, .flags = REG_MASKED },
	{ .name = "FF_SLICE_CS_CHICKEN2", .offset = 0x20e4, .flags = REG_MASKED },
	{ .name = "VFG_PREEMPTION_CHICKEN", .offset = 0x20ec, .flags = REG_MASKED },
};

static int init_engines(struct xm_device *dev)
{
	const struct xm_platform *p = dev->platform;

	for (unsigned int i = 0; i < p->n_engines; i++) {
		int err = reg_file_add_at(dev->regs, ring_rows, ARRAY_SIZE(ring_rows),
					  p->engines[i].mmio_base);

		if (err)
			return err;
	}
	return 0;
}

const struct xm_block xm_block_engine = {
	.name = "engine",
	.rows = render_rows,
	.n_rows = ARRAY_SIZE(render_rows),
	.init = init_engines,
};
