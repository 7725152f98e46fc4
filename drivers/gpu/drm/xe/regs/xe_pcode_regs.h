/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Mailbox of the power-management firmware. Numbers only.
 */
#ifndef _XE_PCODE_REGS_H_
#define _XE_PCODE_REGS_H_

#define PCODE_MAILBOX			0x138124
#define   PCODE_READY			0x80000000
#define   PCODE_PARAM2_MASK		0x00ff0000
#define   PCODE_PARAM2_SHIFT		16
#define   PCODE_PARAM1_MASK		0x0000ff00
#define   PCODE_PARAM1_SHIFT		8
#define   PCODE_COMMAND_MASK		0x000000ff
#define   PCODE_ERROR_MASK		0x000000ff
#define PCODE_DATA0			0x138128
#define PCODE_DATA1			0x13812c

#define   PCODE_SUCCESS			0x00
#define   PCODE_ILLEGAL_COMMAND		0x01
#define   PCODE_TIMEOUT			0x02
#define   PCODE_ILLEGAL_DATA		0x03
#define   PCODE_ILLEGAL_SUBCOMMAND	0x04
#define   PCODE_LOCKED			0x06
#define   PCODE_RATIO_OUT_OF_RANGE	0x10
#define   PCODE_REJECTED		0x11

#define PCODE_WRITE_MIN_FREQ_TABLE	0x08

#endif
