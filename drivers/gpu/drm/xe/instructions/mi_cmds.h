/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Memory-interface (MI) commands of the command streamers: header words, flag bits and lengths.
 * Numbers only, usable by the kernel and by user space.
 *
 * A header is the command with all flags 0 and the length field of its common form. The length
 * field counts total dwords minus 2. Bits 31:29 are the command type, bits 28:23 the opcode.
 */
#ifndef _XE_MI_CMDS_H_
#define _XE_MI_CMDS_H_

/* Decoding of a header word */
#define CMD_TYPE_MASK			0xe0000000
#define CMD_TYPE_SHIFT			29
#define CMD_TYPE_MI			0
#define CMD_TYPE_BLT			2
#define CMD_TYPE_GFX			3
#define MI_OPCODE_MASK			0x1f800000
#define MI_OPCODE_SHIFT			23

/* Opcodes. Those below MI_OPCODE_FIRST_LONG are one dword long and have no length field. */
#define MI_OP_NOOP			0x00
#define MI_OP_SET_PREDICATE		0x01
#define MI_OP_USER_INTERRUPT		0x02
#define MI_OP_WAIT_FOR_EVENT		0x03
#define MI_OP_FLUSH			0x04
#define MI_OP_ARB_CHECK			0x05
#define MI_OP_RS_CONTROL		0x06
#define MI_OP_REPORT_HEAD		0x07
#define MI_OP_ARB_ON_OFF		0x08
#define MI_OP_MEM_FENCE			0x09
#define MI_OP_BATCH_BUFFER_END		0x0a
#define MI_OP_SUSPEND_FLUSH		0x0b
#define MI_OP_PREDICATE			0x0c
#define MI_OP_TOPOLOGY_FILTER		0x0d
#define MI_OP_SET_APPID			0x0e
#define MI_OP_RS_CONTEXT		0x0f
#define MI_OPCODE_FIRST_LONG		0x10
#define MI_OP_MATH			0x1a
#define MI_OP_SEMAPHORE_SIGNAL		0x1b
#define MI_OP_SEMAPHORE_WAIT		0x1c
#define MI_OP_FORCE_WAKEUP		0x1d
#define MI_OP_STORE_DATA_IMM		0x20
#define MI_OP_STORE_DATA_INDEX		0x21
#define MI_OP_LOAD_REGISTER_IMM		0x22
#define MI_OP_UPDATE_GTT		0x23
#define MI_OP_STORE_REGISTER_MEM	0x24
#define MI_OP_FLUSH_DW			0x26
#define MI_OP_CLFLUSH			0x27
#define MI_OP_REPORT_PERF_COUNT		0x28
#define MI_OP_LOAD_REGISTER_MEM		0x29
#define MI_OP_LOAD_REGISTER_REG		0x2a
#define MI_OP_COPY_MEM_MEM		0x2e
#define MI_OP_ATOMIC			0x2f
#define MI_OP_BATCH_BUFFER_START	0x31
#define MI_OP_COND_BATCH_BUFFER_END	0x36
#define MI_OP_PRT_BATCH_BUFFER_START	0x39

/* Flag with the same place in all commands that access memory */
#define MI_USE_GGTT			0x00400000

#define MI_NOOP				0x00000000
#define   MI_NOOP_WRITE_ID		0x00400000
#define   MI_NOOP_ID_MASK		0x003fffff

/* Modes: never skip; skip while RESULT_2 or the predicate result is clear or set; always skip */
#define MI_SET_PREDICATE		0x00800000
#define   MI_SET_PREDICATE_MODE_MASK	0x0000000f
#define   MI_SET_PREDICATE_NEVER	0
#define   MI_SET_PREDICATE_RESULT2_CLEAR 1
#define   MI_SET_PREDICATE_RESULT2_SET	2
#define   MI_SET_PREDICATE_RESULT_CLEAR	3
#define   MI_SET_PREDICATE_RESULT_SET	4
#define   MI_SET_PREDICATE_ALWAYS	15
#define   MI_SET_PREDICATE_WPARID_MASK	0x00000030	/* Xe2 */
#define MI_USER_INTERRUPT		0x01000000
#define MI_WAIT_FOR_EVENT		0x01800000

/* Preemption point; bit 8 makes bit 0 change the pre-parser */
#define MI_ARB_CHECK			0x02800000
#define   MI_PREPARSER_WRITE		0x00000100
#define   MI_PREPARSER_OFF		0x00000001

#define MI_ARB_ON_OFF			0x04000000
#define   MI_ARB_ENABLE			0x00000001

/* Xe2. Sub-opcode 0; 0 release, 1 acquire, 3 write */
#define MI_MEM_FENCE			0x04800000
#define   MI_MEM_FENCE_TYPE_MASK	0x00000003
#define   MI_MEM_FENCE_WRITE		3

#define MI_BATCH_BUFFER_END		0x05000000
#define   MI_BBE_END_CONTEXT		0x00000001
#define   MI_BBE_PREDICATE		0x00008000	/* Xe2 */

/* One dword. The result is combined from the old one and a comparison of 64-bit registers. */
#define MI_PREDICATE			0x06000000
#define   MI_PREDICATE_LOAD_MASK	0x000000c0
#define   MI_PREDICATE_LOAD_SHIFT	6
#define   MI_PREDICATE_LOAD_KEEP	0
#define   MI_PREDICATE_LOAD		2
#define   MI_PREDICATE_LOAD_INVERTED	3
#define   MI_PREDICATE_COMBINE_MASK	0x00000018
#define   MI_PREDICATE_COMBINE_SHIFT	3
#define   MI_PREDICATE_COMBINE_SET	0
#define   MI_PREDICATE_COMBINE_AND	1
#define   MI_PREDICATE_COMBINE_OR	2
#define   MI_PREDICATE_COMBINE_XOR	3
#define   MI_PREDICATE_COMPARE_MASK	0x00000003
#define   MI_PREDICATE_COMPARE_TRUE	0
#define   MI_PREDICATE_COMPARE_FALSE	1
#define   MI_PREDICATE_COMPARE_EQUAL	2
#define   MI_PREDICATE_COMPARE_DELTAS	3

#define MI_SET_APPID			0x07000000
#define   MI_SET_APPID_MASK		0x000000ff

#define MI_MATH				0x0d000000
/* Instructions of MI_MATH: opcode in 31:20, first operand in 19:10, second in 9:0 */
#define   MI_ALU(op, a, b)		((op) << 20 | (a) << 10 | (b))
#define   MI_ALU_NOOP			0x000
#define   MI_ALU_LOAD			0x080
#define   MI_ALU_LOADINV		0x480
#define   MI_ALU_LOAD0			0x081
#define   MI_ALU_LOAD1			0x481
#define   MI_ALU_ADD			0x100
#define   MI_ALU_SUB			0x101
#define   MI_ALU_AND			0x102
#define   MI_ALU_OR			0x103
#define   MI_ALU_XOR			0x104
#define   MI_ALU_SHL			0x105	/* shifts: graphics 12.50 and later */
#define   MI_ALU_SHR			0x106
#define   MI_ALU_SAR			0x107
#define   MI_ALU_STORE			0x180
#define   MI_ALU_STOREINV		0x580
/* Operands, beside the general purpose registers 0 to 15 */
#define   MI_ALU_SRCA			0x20
#define   MI_ALU_SRCB			0x21
#define   MI_ALU_ACCU			0x31
#define   MI_ALU_ZF			0x32
#define   MI_ALU_CF			0x33

#define MI_SEMAPHORE_SIGNAL		0x0d800000
#define   MI_SEMAPHORE_SIGNAL_POST_SYNC	0x00200000
#define MI_SEMAPHORE_WAIT		0x0e000002
#define   MI_SEMAPHORE_INDIRECT		0x00020000	/* Xe2 */
#define   MI_SEMAPHORE_WPARID		0x00040000	/* Xe2 */
#define   MI_SEMAPHORE_REGISTER_POLL	0x00010000
#define   MI_SEMAPHORE_POLL		0x00008000
#define   MI_SEMAPHORE_COMPARE_MASK	0x00007000
#define   MI_SEMAPHORE_COMPARE_SHIFT	12

/* Comparisons of MI_SEMAPHORE_WAIT and MI_CONDITIONAL_BATCH_BUFFER_END, memory against data */
#define MI_COMPARE_GT			0
#define MI_COMPARE_GE			1
#define MI_COMPARE_LT			2
#define MI_COMPARE_LE			3
#define MI_COMPARE_EQ			4
#define MI_COMPARE_NE			5

/* Header for n dwords of data: length n + 1; for n qwords: length 2n + 1 and the qword flag */
#define MI_STORE_DATA_IMM		0x10000000
#define   MI_SDI_QWORD			0x00200000
#define   MI_SDI_FORCE_COMPLETION	0x00000400
#define   MI_SDI_WPARID			0x00000800	/* Xe2 */
#define   MI_SDI_ADDR_CORE_MODE		0x00000001
#define   MI_SDI_LEN_MASK		0x000003ff
#define   MI_SDI_LEN_DW(n)		((n) + 1)
#define   MI_SDI_LEN_QW(n)		(2 * (n) + 1)
#define   MI_SDI_MAX_QW			0x1fe

#define MI_STORE_DATA_INDEX		0x10800001
#define   MI_SDX_PPHWSP			0x00200000

/* Header for n registers: length 2n - 1 */
#define MI_REG_OFFSET_MASK		0x007ffffc
#define MI_LOAD_REGISTER_IMM		0x11000000
#define   MI_LRI_CS_BASE		0x00080000
#define   MI_LRI_REMAP			0x00020000
#define   MI_LRI_FORCE_POSTED		0x00001000
#define   MI_LRI_BYTE_DISABLE_MASK	0x00000f00
#define   MI_LRI_LEN_MASK		0x000000ff
#define   MI_LRI_LEN(n)			(2 * (n) - 1)
#define   MI_LRI_MAX_REGS		126

#define MI_STORE_REGISTER_MEM		0x12000002
#define MI_LOAD_REGISTER_MEM		0x14800002
#define   MI_REG_MEM_CS_BASE		0x00080000
#define   MI_REG_MEM_REMAP		0x00020000
#define   MI_SRM_PREDICATE		0x00200000
#define   MI_SRM_WPARID			0x00010000	/* Xe2 */
#define   MI_LRM_ASYNC			0x00200000

#define MI_LOAD_REGISTER_REG		0x15000001
#define   MI_LRR_SRC_REMAP		0x00010000
#define   MI_LRR_DST_REMAP		0x00020000
#define   MI_LRR_SRC_CS_BASE		0x00040000
#define   MI_LRR_DST_CS_BASE		0x00080000

/* The GGTT flag and the kind of counters are in the address dword. */
#define MI_REPORT_PERF_COUNT		0x14000002
#define   MI_REPORT_PERF_ADDR_MASK	0xffffffc0
#define   MI_REPORT_PERF_CORE_MODE	0x00000010
#define   MI_REPORT_PERF_GGTT		0x00000001

#define MI_COPY_MEM_MEM			0x17000003
#define   MI_COPY_DST_GGTT		0x00200000
#define   MI_COPY_SRC_GGTT		0x00400000

/* Flush of copy, video and GSC engines; length 1: no data, 2: dword, 3: qword */
#define MI_FLUSH_DW			0x13000000
#define   MI_FLUSH_DW_LEN_MASK		0x0000003f
#define   MI_FLUSH_DW_LEN_NONE		0x00000001
#define   MI_FLUSH_DW_LEN_DW		0x00000002
#define   MI_FLUSH_DW_LEN_QW		0x00000003
#define   MI_FLUSH_DW_VIDEO_INVALIDATE	0x00000080
#define   MI_FLUSH_DW_NOTIFY		0x00000100
#define   MI_FLUSH_DW_LLC		0x00000200
#define   MI_FLUSH_DW_POST_SYNC_MASK	0x0000c000
#define   MI_FLUSH_DW_WRITE_IMM		0x00004000
#define   MI_FLUSH_DW_WRITE_TIMESTAMP	0x0000c000
#define   MI_FLUSH_DW_CCS		0x00010000	/* graphics 12.50 and later */
#define   MI_FLUSH_DW_TLB_INVALIDATE	0x00040000
#define   MI_FLUSH_DW_STORE_INDEX	0x00200000
#define   MI_FLUSH_DW_PROTECTED		0x00400000
/* in the address dword */
#define   MI_FLUSH_DW_ADDR_GGTT		0x00000004

#define MI_ATOMIC			0x17800000
#define   MI_ATOMIC_OP_MASK		0x0000ff00
#define   MI_ATOMIC_OP_SHIFT		8
#define   MI_ATOMIC_RETURN_DATA		0x00010000
#define   MI_ATOMIC_CS_STALL		0x00020000
#define   MI_ATOMIC_INLINE_DATA		0x00040000
#define   MI_ATOMIC_SIZE_MASK		0x00180000
#define   MI_ATOMIC_SIZE_SHIFT		19
#define   MI_ATOMIC_POST_SYNC		0x00200000
/* Operations on 4 bytes; on 8 and 16 bytes these and MI_ATOMIC_WIDER for each doubling */
#define   MI_ATOMIC_AND			0x01
#define   MI_ATOMIC_OR			0x02
#define   MI_ATOMIC_XOR			0x03
#define   MI_ATOMIC_MOVE		0x04
#define   MI_ATOMIC_INC			0x05
#define   MI_ATOMIC_DEC			0x06
#define   MI_ATOMIC_ADD			0x07
#define   MI_ATOMIC_SUB			0x08
#define   MI_ATOMIC_RSUB		0x09
#define   MI_ATOMIC_IMAX		0x0a
#define   MI_ATOMIC_IMIN		0x0b
#define   MI_ATOMIC_UMAX		0x0c
#define   MI_ATOMIC_UMIN		0x0d
#define   MI_ATOMIC_CMPWR		0x0e
#define   MI_ATOMIC_WIDER		0x20

#define MI_BATCH_BUFFER_START		0x18800001
#define   MI_BBS_PPGTT			0x00000100
#define   MI_BBS_PREDICATE		0x00008000
#define   MI_BBS_INDIRECT		0x00040000	/* Xe2 */
#define   MI_BBS_CMD_CACHE		0x00080000
#define   MI_BBS_POSH_ENABLE		0x00100000	/* not Xe2 */
#define   MI_BBS_POSH_START		0x00200000	/* not Xe2 */
#define   MI_BBS_SECOND_LEVEL		0x00400000

#define MI_CONDITIONAL_BATCH_BUFFER_END	0x1b000002
#define   MI_CBBE_COMPARE_MASK		0x00007000
#define   MI_CBBE_COMPARE_SHIFT		12
#define   MI_CBBE_PREDICATE		0x00008000	/* Xe2 */
#define   MI_CBBE_END_LEVEL		0x00040000
#define   MI_CBBE_MASK_MODE		0x00080000
#define   MI_CBBE_COMPARE_ENABLE	0x00200000

#endif
