/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Engine register blocks: bases and the registers every command streamer has. Numbers only;
 * "base" is the MMIO base of the engine. Masked registers are marked "masked" (xe_reg_bits.h).
 */
#ifndef _XE_ENGINE_REGS_H_
#define _XE_ENGINE_REGS_H_

#define RENDER_RING_BASE		0x002000
#define BLT_RING_BASE			0x022000
#define XEHPC_BCS_RING_BASE(n)		(0x3e0000 + 0x2000 * ((n) - 1))	/* n = 1..7 */
#define XEHPC_BCS8_RING_BASE		0x3ee000
#define COMPUTE0_RING_BASE		0x01a000
#define COMPUTE1_RING_BASE		0x01c000
#define COMPUTE2_RING_BASE		0x01e000
#define COMPUTE3_RING_BASE		0x026000
#define VDBOX_RING_BASE(n)		(0x1c0000 + 0x10000 * ((n) / 2) + 0x4000 * ((n) % 2))
#define VEBOX_RING_BASE(n)		(0x1c8000 + 0x10000 * (n))
#define XE_ENGINE_MMIO_SIZE		0x1000

#define RING_TAIL(base)			((base) + 0x30)
#define   RING_TAIL_ADDR_MASK		0x001ffff8
#define RING_HEAD(base)			((base) + 0x34)
#define   RING_HEAD_ADDR_MASK		0x001ffffc
#define RING_START(base)		((base) + 0x38)
#define   RING_START_ADDR_MASK		0xfffff000
#define RING_CTL(base)			((base) + 0x3c)
#define   RING_CTL_VALID		0x00000001
#define   RING_CTL_SIZE_MASK		0x001ff000
#define   RING_CTL_SIZE(bytes)		((bytes) - 0x1000)
#define RING_START_UDW(base)		((base) + 0x48)
#define RING_PSMI_CTL(base)		((base) + 0x50)	/* masked */
#define   PSMI_RC_SEMA_IDLE_MSG_DISABLE	0x1000
#define   PSMI_WAIT_EVENT_PWR_CTX_DIS	0x0080
#define RING_ACTHD_UDW(base)		((base) + 0x5c)
#define RING_DMA_FADD_UDW(base)		((base) + 0x60)
#define RING_IPEHR(base)		((base) + 0x68)
#define RING_INSTDONE(base)		((base) + 0x6c)
#define RING_ACTHD(base)		((base) + 0x74)
#define RING_DMA_FADD(base)		((base) + 0x78)
#define RING_HWS_PGA(base)		((base) + 0x80)
#define RING_NOPID(base)		((base) + 0x94)
#define RING_HWSTAM(base)		((base) + 0x98)
#define RING_MI_MODE(base)		((base) + 0x9c)	/* masked */
#define   MI_MODE_STOP_RING		0x0100
#define   MI_MODE_IDLE			0x0200
#define RING_IMR(base)			((base) + 0xa8)
#define RING_EIR(base)			((base) + 0xb0)
#define RING_EMR(base)			((base) + 0xb4)
#define RING_ESR(base)			((base) + 0xb8)
#define RING_INSTPM(base)		((base) + 0xc0)	/* masked */
#define RING_CMD_CCTL(base)		((base) + 0xc4)	/* masked */
#define   CMD_CCTL_WRITE_MOCS_MASK	0x3f00
#define   CMD_CCTL_WRITE_MOCS_SHIFT	8
#define   CMD_CCTL_READ_MOCS_MASK	0x007e
#define   CMD_CCTL_READ_MOCS_SHIFT	1
#define CSFE_CHICKEN1(base)		((base) + 0xd4)	/* masked */
#define RING_BB_STATE(base)		((base) + 0x110)
#define RING_BBADDR(base)		((base) + 0x140)
#define RING_BBADDR_UDW(base)		((base) + 0x168)
#define RING_CCID(base)			((base) + 0x180)
#define BCS_SWCTRL(base)		((base) + 0x200)	/* masked */
#define BLIT_CCTL(base)			((base) + 0x204)
#define   BLIT_CCTL_DST_MOCS_MASK	0x7e00
#define   BLIT_CCTL_DST_MOCS_SHIFT	9
#define   BLIT_CCTL_SRC_MOCS_MASK	0x007e
#define   BLIT_CCTL_SRC_MOCS_SHIFT	1
#define RING_EXECLIST_STATUS_LO(base)	((base) + 0x234)
#define RING_EXECLIST_STATUS_HI(base)	((base) + 0x238)
#define RING_CONTEXT_CONTROL(base)	((base) + 0x244)	/* masked */
#define   CTX_CTRL_INHIBIT_SYN_SWITCH	0x0008
#define   CTX_CTRL_INHIBIT_RESTORE	0x0001
#define RING_SEMA_WAIT_POLL(base)	((base) + 0x24c)
#define RING_PDP_UDW(base, n)		((base) + 0x274 + 8 * (n))
#define RING_PDP_LDW(base, n)		((base) + 0x270 + 8 * (n))
#define RING_MODE(base)			((base) + 0x29c)	/* masked */
#define   RING_MODE_DISABLE_LEGACY	0x0008
#define RING_SEMAPHORE_TOKEN(base)	((base) + 0x2b4)
#define RING_TIMESTAMP(base)		((base) + 0x358)
#define RING_TIMESTAMP_UDW(base)	((base) + 0x35c)
#define RING_OACTXCONTROL(base)		((base) + 0x360)
#define RING_CTX_TIMESTAMP(base)	((base) + 0x3a8)
#define RING_CTX_TIMESTAMP_UDW(base)	((base) + 0x3ac)
#define RING_PREDICATE_RESULT(base)	((base) + 0x3b8)
#define MI_PREDICATE_RESULT_2(base)	((base) + 0x3bc)
#define MI_PREDICATE_SRC0(base)		((base) + 0x400)
#define MI_PREDICATE_SRC1(base)		((base) + 0x408)
#define MI_PREDICATE_DATA(base)		((base) + 0x410)
#define MI_PREDICATE_RESULT(base)	((base) + 0x418)
#define MI_PREDICATE_RESULT_1(base)	((base) + 0x41c)
#define RING_FORCE_TO_NONPRIV(base, i)	((base) + 0x4d0 + 4 * (i))
#define   RING_FORCE_TO_NONPRIV_SLOTS	12
#define   NONPRIV_ADDR_MASK		0x03fffffc
#define   NONPRIV_RANGE_1		0x00000000
#define   NONPRIV_RANGE_4		0x00000001
#define   NONPRIV_RANGE_16		0x00000002
#define   NONPRIV_RANGE_64		0x00000003
#define   NONPRIV_ACCESS_RW		0x00000000
#define   NONPRIV_ACCESS_RD		0x10000000
#define   NONPRIV_ACCESS_WR		0x20000000
#define   NONPRIV_DENY			0x40000000
#define RING_EXECLIST_SQ_CONTENTS_LO(base) ((base) + 0x510)
#define RING_EXECLIST_SQ_CONTENTS_HI(base) ((base) + 0x514)
#define RING_EXECLIST_CONTROL(base)	((base) + 0x550)
#define   EL_CTRL_LOAD			0x00000001
#define CS_CHICKEN1(base)		((base) + 0x580)	/* masked */
#define   CS_CHICKEN1_PREEMPT_GPGPU_MASK 0x0006
#define   CS_CHICKEN1_PREEMPT_GPGPU_THREAD_GROUP 0x0002
#define   CS_CHICKEN1_PREEMPT_3D_OBJECT	0x0001
#define RING_GPR(base, n)		((base) + 0x600 + 8 * (n))
#define RING_GPR_UDW(base, n)		((base) + 0x604 + 8 * (n))
#define VDBOX_CGCTL3F10(base)		((base) + 0x3f10)
#define   IECPUNIT_CLKGATE_DIS		0x00400000

#endif
