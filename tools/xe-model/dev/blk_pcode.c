// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "util/log.h"

#define PCODE_MAILBOX 0x138124u
#define PCODE_DATA0 0x138128u
#define PCODE_DATA1 0x13812cu
#define PCODE_RUN 0x80000000u

#define PCODE_ERR_ILLEGAL_CMD 0x01u

#define PCODE_WRITE_MIN_FREQ_TABLE 0x08u
#define PCODE_INIT_STATUS 0x7eu
#define PCODE_INIT_DONE 0x1u

/* Carry out one command. Return: the error byte; *@data0 and *@data1 hold the reply. */
static u32 run_command(u8 command, u32 *data0, u32 *data1)
{
	switch (command) {
	case PCODE_WRITE_MIN_FREQ_TABLE:
		return 0;
	case PCODE_INIT_STATUS:
		*data0 = PCODE_INIT_DONE;
		*data1 = 0;
		return 0;
	default:
		log_guest("PCODE command 0x%x is not known", command);
		return PCODE_ERR_ILLEGAL_CMD;
	}
}

static u32 write_mailbox(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	u32 data0, data1, error;

	if (!(raw & PCODE_RUN))
		return val;
	data0 = reg_peek_locked(dev, PCODE_DATA0);
	data1 = reg_peek_locked(dev, PCODE_DATA1);
	error = run_command((u8)raw, &data0, &data1);
	reg_poke_locked(dev, PCODE_DATA0, data0);
	reg_poke_locked(dev, PCODE_DATA1, data1);
	return error;
}

static const struct reg_row pcode_rows[] = {
	{ .name = "PCODE_MAILBOX", .offset = PCODE_MAILBOX, .reserved = 0x7f000000,
	  .flags = REG_KEEP, .write = write_mailbox },
	{ .name = "PCODE_DATA", .offset = PCODE_DATA0, .count = 2, .flags = REG_KEEP },
};

const struct xm_block xm_block_pcode = {
	.name = "pcode",
	.rows = pcode_rows,
	.n_rows = ARRAY_SIZE(pcode_rows),
};
