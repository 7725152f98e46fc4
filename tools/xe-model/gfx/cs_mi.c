// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: MI commands
 *
 * The memory-interface commands every engine understands: the table of them all, and those that
 * store, transfer registers, start and end batches, arbitrate and synchronise. Arithmetic, atomics
 * and predication have files of their own.
 */

#include <string.h>

#include "dev/device.h"
#include "gfx/cs_mi.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/bits.h"

#define MI_OPCODE(h) (((h) & MI_OPCODE_MASK) >> MI_OPCODE_SHIFT)

/* --- stream control -------------------------------------------------------------------------- */

static enum cs_result mi_noop(struct engine *e, const u32 *dw, unsigned int len)
{
	if (dw[0] & MI_NOOP_WRITE_ID)
		cs_reg_set(e, RING_NOPID(0), dw[0] & MI_NOOP_ID_MASK);
	return CS_OK;
}

static enum cs_result mi_arb_check(struct engine *e, const u32 *dw, unsigned int len)
{
	/* Switching the pre-parser means nothing here: no command is read ahead. */
	return CS_ARB;
}

static enum cs_result mi_arb_on_off(struct engine *e, const u32 *dw, unsigned int len)
{
	e->arb = dw[0] & MI_ARB_ENABLE;
	return CS_OK;
}

static enum cs_result mi_user_interrupt(struct engine *e, const u32 *dw, unsigned int len)
{
	atomic_thread_fence(memory_order_seq_cst);
	irq_raise(e->dev, e->desc->hw_class, e->desc->instance, XM_IRQ_USER);
	return CS_OK;
}

static enum cs_result end_level(struct engine *e)
{
	if (e->level == CS_RING)
		return cs_hang(e, "MI_BATCH_BUFFER_END in the ring");
	e->level--;
	return CS_OK;
}

static enum cs_result mi_batch_buffer_end(struct engine *e, const u32 *dw, unsigned int len)
{
	return end_level(e);
}

static enum cs_result mi_batch_buffer_start(struct engine *e, const u32 *dw, unsigned int len)
{
	struct cs_ip *from = &e->ip[e->level];
	struct cs_ip to = { .addr = cs_address(dw + 1), .ppgtt = dw[0] & MI_BBS_PPGTT };
	u64 here = from->addr - len * 4;

	if (dw[0] & MI_BBS_PREDICATE && !(cs_reg(e, MI_PREDICATE_RESULT(0)) & 1))
		return CS_OK;
	if (e->level != CS_RING && from->ppgtt)
		to.ppgtt = true;
	if (e->level == CS_RING) {
		e->level = CS_BATCH;
	} else if (dw[0] & MI_BBS_SECOND_LEVEL) {
		if (e->level == CS_BATCH2)
			return cs_hang(e, "a second-level batch starts another one");
		e->level = CS_BATCH2;
	} else {
		*from = to;
		return to.addr <= here ? CS_LOOP : CS_OK;
	}
	e->ip[e->level] = to;
	return CS_OK;
}

static enum cs_result mi_cond_batch_buffer_end(struct engine *e, const u32 *dw, unsigned int len)
{
	unsigned int op = (dw[0] & MI_CBBE_COMPARE_MASK) >> MI_CBBE_COMPARE_SHIFT;
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	u64 addr = cs_address(dw + 2);
	u32 mem[2];

	if (!(dw[0] & MI_CBBE_COMPARE_ENABLE))
		return CS_OK;
	if (e->level == CS_RING)
		return cs_hang(e, "MI_CONDITIONAL_BATCH_BUFFER_END in the ring");
	if (dw[0] & MI_CBBE_MASK_MODE) {
		if (!cs_load(e, ggtt, addr & ~7ull, mem, 8))
			return CS_FAULT;
		mem[0] &= mem[1];
	} else if (!cs_load(e, ggtt, addr, mem, 4)) {
		return CS_FAULT;
	}
	if (cs_compare(op, mem[0], dw[1]))
		return CS_OK;
	if (!(dw[0] & MI_CBBE_END_LEVEL))
		e->level = CS_BATCH;
	return end_level(e);
}

static enum cs_result mi_wait_for_event(struct engine *e, const u32 *dw, unsigned int len)
{
	/* There is no display whose events could be waited for. */
	return CS_ARB;
}

static enum cs_result mi_semaphore_wait(struct engine *e, const u32 *dw, unsigned int len)
{
	unsigned int op = (dw[0] & MI_SEMAPHORE_COMPARE_MASK) >> MI_SEMAPHORE_COMPARE_SHIFT;
	u32 mem;

	if (dw[0] & MI_SEMAPHORE_REGISTER_POLL)
		cs_reg_read(e, cs_reg_offset(e, dw[2], false, false), &mem);
	else if (!cs_load(e, cs_operand_ggtt(e, dw[0] & MI_USE_GGTT), cs_address(dw + 2), &mem, 4))
		return CS_FAULT;
	return cs_compare(op, mem, dw[1]) ? CS_OK : CS_WAIT;
}

/* --- memory ---------------------------------------------------------------------------------- */

static enum cs_result mi_store_data_imm(struct engine *e, const u32 *dw, unsigned int len)
{
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	u64 addr = cs_address(dw + 1);
	unsigned int n = len - 3;

	if (dw[0] & MI_SDI_QWORD && (n % 2 || addr % 8))
		return cs_hang(e, "MI_STORE_DATA_IMM of qwords: %u dwords at 0x%llx", n,
			       (unsigned long long)addr);
	return cs_store(e, ggtt, addr, dw + 3, n * 4) ? CS_OK : CS_FAULT;
}

static enum cs_result mi_store_data_index(struct engine *e, const u32 *dw, unsigned int len)
{
	u64 page = dw[0] & MI_FLUSH_DW_STORE_INDEX ?
			   e->lrca : reg_peek(e->dev, RING_HWS_PGA(e->desc->mmio_base));

	if (!cs_privileged(e))
		return CS_OK;
	return cs_store(e, true, page + (dw[1] & 0xffc), dw + 2, (len - 2) * 4) ? CS_OK : CS_FAULT;
}

static enum cs_result mi_copy_mem_mem(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 val;

	if (!cs_load(e, cs_operand_ggtt(e, dw[0] & MI_COPY_SRC_GGTT), cs_address(dw + 3), &val, 4) ||
	    !cs_store(e, cs_operand_ggtt(e, dw[0] & MI_COPY_DST_GGTT), cs_address(dw + 1), &val, 4))
		return CS_FAULT;
	return CS_OK;
}

static enum cs_result mi_report_perf_count(struct engine *e, const u32 *dw, unsigned int len)
{
	/* Counters do not exist: the report has an id, a time stamp and zeros. */
	u32 report[64] = { [0] = dw[3], [1] = (u32)xm_gpu_ticks(e->dev), [2] = e->run.ctx_id };
	u64 addr = (dw[1] & ~0x3full) | (u64)dw[2] << 32;

	return cs_store(e, cs_operand_ggtt(e, dw[1] & 1), addr, report, sizeof(report)) ? CS_OK :
											  CS_FAULT;
}

static enum cs_result mi_flush_dw(struct engine *e, const u32 *dw, unsigned int len)
{
	u64 addr = (dw[1] & ~7ull) | (u64)(dw[2] & 0xffff) << 32;
	bool ggtt = cs_operand_ggtt(e, dw[1] & MI_FLUSH_DW_ADDR_GGTT);
	u64 val = 0;
	unsigned int bytes = len > 4 ? 8 : 4;

	if (dw[0] & MI_FLUSH_DW_STORE_INDEX) {
		addr = e->lrca + (addr & 0xfff);
		ggtt = true;
	}
	if (dw[0] & MI_FLUSH_DW_TLB_INVALIDATE)
		cs_tlb_command(e);
	switch (dw[0] & MI_FLUSH_DW_POST_SYNC_MASK) {
	case MI_FLUSH_DW_WRITE_IMM:
		if (len > 3)
			memcpy(&val, dw + 3, (len > 4 ? 2 : 1) * 4);
		break;
	case MI_FLUSH_DW_WRITE_TIMESTAMP:
		val = xm_gpu_ticks(e->dev);
		bytes = 8;
		break;
	default:
		bytes = 0;
		break;
	}
	if (bytes && !cs_store(e, ggtt, addr, &val, bytes))
		return CS_FAULT;
	if (dw[0] & MI_FLUSH_DW_NOTIFY)
		irq_raise(e->dev, e->desc->hw_class, e->desc->instance, XM_IRQ_PIPE_NOTIFY);
	return CS_OK;
}

/* --- registers ------------------------------------------------------------------------------- */

static enum cs_result mi_load_register_imm(struct engine *e, const u32 *dw, unsigned int len)
{
	if (len % 2 == 0)
		return cs_hang(e, "MI_LOAD_REGISTER_IMM with %u dwords", len);
	for (unsigned int i = 1; i + 1 < len; i += 2)
		cs_reg_write(e, cs_reg_offset(e, dw[i], dw[0] & MI_LRI_CS_BASE,
					      dw[0] & MI_LRI_REMAP), dw[i + 1]);
	return CS_OK;
}

static u32 reg_mem_offset(const struct engine *e, const u32 *dw)
{
	return cs_reg_offset(e, dw[1], dw[0] & MI_REG_MEM_CS_BASE, dw[0] & MI_REG_MEM_REMAP);
}

static enum cs_result mi_store_register_mem(struct engine *e, const u32 *dw, unsigned int len)
{
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	u32 val;

	if (dw[0] & MI_SRM_PREDICATE && !(cs_reg(e, MI_PREDICATE_RESULT(0)) & 1))
		return CS_OK;
	if (!cs_reg_read(e, reg_mem_offset(e, dw), &val))
		return CS_OK;
	return cs_store(e, ggtt, cs_address(dw + 2), &val, 4) ? CS_OK : CS_FAULT;
}

static enum cs_result mi_load_register_mem(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 val;

	if (!cs_load(e, cs_operand_ggtt(e, dw[0] & MI_USE_GGTT), cs_address(dw + 2), &val, 4))
		return CS_FAULT;
	cs_reg_write(e, reg_mem_offset(e, dw), val);
	return CS_OK;
}

static enum cs_result mi_load_register_reg(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 val;

	if (cs_reg_read(e, cs_reg_offset(e, dw[1], dw[0] & MI_LRR_SRC_CS_BASE, dw[0] & BIT(16)),
			&val))
		cs_reg_write(e, cs_reg_offset(e, dw[2], dw[0] & MI_LRR_DST_CS_BASE,
					      dw[0] & BIT(17)), val);
	return CS_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

#define ROW(op, str, lo, hi, fn) \
	[op] = { .name = str, .min = lo, .max = hi, .run = fn }

static const struct cs_command table[64] = {
	ROW(MI_OP_NOOP, "MI_NOOP", 1, 1, mi_noop),
	ROW(MI_OP_SET_PREDICATE, "MI_SET_PREDICATE", 1, 1, mi_set_predicate),
	ROW(MI_OP_USER_INTERRUPT, "MI_USER_INTERRUPT", 1, 1, mi_user_interrupt),
	ROW(MI_OP_WAIT_FOR_EVENT, "MI_WAIT_FOR_EVENT", 1, 1, mi_wait_for_event),
	ROW(MI_OP_FLUSH, "MI_FLUSH", 1, 1, NULL),
	ROW(MI_OP_ARB_CHECK, "MI_ARB_CHECK", 1, 1, mi_arb_check),
	ROW(MI_OP_RS_CONTROL, "MI_RS_CONTROL", 1, 1, NULL),
	ROW(MI_OP_REPORT_HEAD, "MI_REPORT_HEAD", 1, 1, NULL),
	ROW(MI_OP_ARB_ON_OFF, "MI_ARB_ON_OFF", 1, 1, mi_arb_on_off),
	ROW(MI_OP_MEM_FENCE, "MI_MEM_FENCE", 1, 1, NULL),
	ROW(MI_OP_BATCH_BUFFER_END, "MI_BATCH_BUFFER_END", 1, 1, mi_batch_buffer_end),
	ROW(MI_OP_SUSPEND_FLUSH, "MI_SUSPEND_FLUSH", 1, 1, NULL),
	ROW(MI_OP_PREDICATE, "MI_PREDICATE", 1, 1, mi_predicate),
	ROW(MI_OP_TOPOLOGY_FILTER, "MI_TOPOLOGY_FILTER", 1, 1, NULL),
	ROW(MI_OP_SET_APPID, "MI_SET_APPID", 1, 1, NULL),
	ROW(MI_OP_RS_CONTEXT, "MI_RS_CONTEXT", 1, 1, NULL),
	ROW(MI_OP_MATH, "MI_MATH", 2, 257, mi_math),
	ROW(MI_OP_SEMAPHORE_SIGNAL, "MI_SEMAPHORE_SIGNAL", 2, 2, NULL),
	ROW(MI_OP_SEMAPHORE_WAIT, "MI_SEMAPHORE_WAIT", 4, 5, mi_semaphore_wait),
	ROW(MI_OP_FORCE_WAKEUP, "MI_FORCE_WAKEUP", 2, 2, NULL),
	ROW(MI_OP_STORE_DATA_IMM, "MI_STORE_DATA_IMM", 4, 1024, mi_store_data_imm),
	ROW(MI_OP_STORE_DATA_INDEX, "MI_STORE_DATA_INDEX", 3, 4, mi_store_data_index),
	ROW(MI_OP_LOAD_REGISTER_IMM, "MI_LOAD_REGISTER_IMM", 3, 257, mi_load_register_imm),
	ROW(MI_OP_STORE_REGISTER_MEM, "MI_STORE_REGISTER_MEM", 4, 4, mi_store_register_mem),
	ROW(MI_OP_FLUSH_DW, "MI_FLUSH_DW", 3, 5, mi_flush_dw),
	ROW(MI_OP_CLFLUSH, "MI_CLFLUSH", 3, 1025, NULL),
	ROW(MI_OP_REPORT_PERF_COUNT, "MI_REPORT_PERF_COUNT", 4, 4, mi_report_perf_count),
	ROW(MI_OP_LOAD_REGISTER_MEM, "MI_LOAD_REGISTER_MEM", 4, 4, mi_load_register_mem),
	ROW(MI_OP_LOAD_REGISTER_REG, "MI_LOAD_REGISTER_REG", 3, 3, mi_load_register_reg),
	ROW(MI_OP_COPY_MEM_MEM, "MI_COPY_MEM_MEM", 5, 5, mi_copy_mem_mem),
	ROW(MI_OP_ATOMIC, "MI_ATOMIC", 3, 11, mi_atomic),
	ROW(MI_OP_BATCH_BUFFER_START, "MI_BATCH_BUFFER_START", 3, 3, mi_batch_buffer_start),
	ROW(MI_OP_COND_BATCH_BUFFER_END, "MI_CONDITIONAL_BATCH_BUFFER_END", 4, 4,
	    mi_cond_batch_buffer_end),
};

const struct cs_command *cs_mi_command(u32 header)
{
	const struct cs_command *c = &table[MI_OPCODE(header)];

	return c->name ? c : NULL;
}

unsigned int cs_mi_length(u32 header)
{
	switch (MI_OPCODE(header)) {
	case MI_OP_STORE_DATA_IMM:
	case MI_OP_UPDATE_GTT:
	case MI_OP_CLFLUSH:
		return (header & 0x3ff) + 2;
	case MI_OP_FLUSH_DW:
	case MI_OP_REPORT_PERF_COUNT:
		return (header & 0x3f) + 2;
	default:
		break;
	}
	return MI_OPCODE(header) < MI_OPCODE_FIRST_LONG ? 1 : (header & 0xff) + 2;
}
