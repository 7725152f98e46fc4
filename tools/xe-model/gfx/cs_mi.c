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

/* Xe2: what was given is the address of the address. */
static bool indirect_address(struct engine *e, struct cs_ip *to)
{
	u32 addr[2];

	if (!cs_load(e, !to->ppgtt, to->addr, addr, sizeof(addr)))
		return false;
	to->addr = cs_address(addr);
	return true;
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
	if (dw[0] & MI_BBS_INDIRECT && cs_is_xe2(e) && !indirect_address(e, &to))
		return CS_FAULT;
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

	if (dw[0] & MI_SEMAPHORE_INDIRECT && cs_is_xe2(e))
		return cs_hang(e, "MI_SEMAPHORE_WAIT with indirect data is not supported");
	/* Without polling it is looked at again after a signal only, or when it starts anew. */
	if (!(dw[0] & (MI_SEMAPHORE_POLL | MI_SEMAPHORE_REGISTER_POLL)) && e->waits &&
	    e->signals_seen == gfx_signals(e->dev))
		return CS_WAIT;
	e->signals_seen = gfx_signals(e->dev);
	if (dw[0] & MI_SEMAPHORE_REGISTER_POLL)
		cs_reg_read(e, cs_reg_offset(e, dw[2], false, false), &mem);
	else if (!cs_load(e, cs_operand_ggtt(e, dw[0] & MI_USE_GGTT), cs_address(dw + 2), &mem, 4))
		return CS_FAULT;
	return cs_compare(op, mem, dw[1]) ? CS_OK : CS_WAIT;
}

static enum cs_result mi_semaphore_signal(struct engine *e, const u32 *dw, unsigned int len)
{
	gfx_signal(e->dev);
	return CS_OK;
}

/* --- memory ---------------------------------------------------------------------------------- */

static enum cs_result mi_store_data_imm(struct engine *e, const u32 *dw, unsigned int len)
{
	bool ggtt = cs_operand_ggtt(e, dw[0] & MI_USE_GGTT);
	u64 addr = cs_address(dw + 1);
	unsigned int n = len - 3;

	if (dw[0] & MI_SDI_QWORD && (n % 2 || addr % 8))
		return cs_malformed(e, "MI_STORE_DATA_IMM of qwords: %u dwords at 0x%llx", n,
				    (unsigned long long)addr);
	if (!cs_store(e, ggtt, addr, dw + 3, n * 4))
		return CS_FAULT;
	if (e->level != CS_RING)
		xm_stat_add(e->dev, batch_imm_bytes, n * 4);
	return CS_OK;
}

static enum cs_result mi_store_data_index(struct engine *e, const u32 *dw, unsigned int len)
{
	u64 page = dw[0] & MI_SDX_PPHWSP ?
			   e->lrca : reg_peek(e->dev, RING_HWS_PGA(e->desc->mmio_base));

	if (!cs_privileged(e))
		return CS_OK;
	return cs_store(e, true, page + (dw[1] & 0xffc), dw + 2, (len - 2) * 4) ? CS_OK : CS_FAULT;
}

static enum cs_result mi_copy_mem_mem(struct engine *e, const u32 *dw, unsigned int len)
{
	bool src_ggtt = cs_operand_ggtt(e, dw[0] & MI_COPY_SRC_GGTT);
	bool dst_ggtt = cs_operand_ggtt(e, dw[0] & MI_COPY_DST_GGTT);
	u32 val;

	if (!cs_load(e, src_ggtt, cs_address(dw + 3), &val, 4) ||
	    !cs_store(e, dst_ggtt, cs_address(dw + 1), &val, 4))
		return CS_FAULT;
	return CS_OK;
}

static enum cs_result mi_report_perf_count(struct engine *e, const u32 *dw, unsigned int len)
{
	/* Counters do not exist: the report has an id, a time stamp and zeros. */
	u32 report[64] = { [0] = dw[3], [1] = (u32)xm_gpu_ticks(e->dev), [2] = e->run.ctx_id };
	u64 addr = (dw[1] & MI_REPORT_PERF_ADDR_MASK) | (u64)dw[2] << 32;
	bool ggtt = cs_operand_ggtt(e, dw[1] & MI_REPORT_PERF_GGTT);

	return cs_store(e, ggtt, addr, report, sizeof(report)) ? CS_OK : CS_FAULT;
}

static enum cs_result mi_flush_dw(struct engine *e, const u32 *dw, unsigned int len)
{
	u64 addr = (dw[1] & ~7ull) | (u64)(dw[2] & 0xffff) << 32;
	bool ggtt = cs_operand_ggtt(e, dw[1] & MI_FLUSH_DW_ADDR_GGTT);
	unsigned int bytes = len > 4 ? 8 : 4;
	u64 val = 0;

	if (dw[0] & MI_FLUSH_DW_TLB_INVALIDATE && !(dw[0] & MI_FLUSH_DW_POST_SYNC_MASK))
		return cs_malformed(e, "MI_FLUSH_DW: TLB invalidation without a post-sync write");
	if (dw[0] & MI_FLUSH_DW_STORE_INDEX) {
		addr = e->lrca + (addr & 0xfff);
		ggtt = true;
	}
	if (dw[0] & MI_FLUSH_DW_TLB_INVALIDATE)
		cs_tlb_command(e);
	switch (dw[0] & MI_FLUSH_DW_POST_SYNC_MASK) {
	case MI_FLUSH_DW_WRITE_IMM:
		if (len < 4)
			return cs_malformed(e, "MI_FLUSH_DW writes data that it does not have");
		memcpy(&val, dw + 3, bytes);
		break;
	case MI_FLUSH_DW_WRITE_TIMESTAMP:
		val = xm_timestamp(e->dev);
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

/* The bits of a register that the header's byte write disables protect. */
static u32 disabled_bytes(u32 header)
{
	u32 keep = 0;

	if (!(header & MI_LRI_BYTE_DISABLE_MASK))
		return 0;
	for (unsigned int i = 0; i < 4; i++)
		if (header >> (8 + i) & 1)
			keep |= 0xffu << 8 * i;
	return keep;
}

static enum cs_result mi_load_register_imm(struct engine *e, const u32 *dw, unsigned int len)
{
	u32 keep = disabled_bytes(dw[0]);

	for (unsigned int i = 1; i + 1 < len; i += 2) {
		u32 off = cs_reg_offset(e, dw[i], dw[0] & MI_LRI_CS_BASE, dw[0] & MI_LRI_REMAP);
		u32 old = 0;

		if (keep)
			cs_reg_read(e, off, &old);
		cs_reg_write(e, off, (dw[i + 1] & ~keep) | (old & keep));
	}
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
	u32 src = cs_reg_offset(e, dw[1], dw[0] & MI_LRR_SRC_CS_BASE, dw[0] & MI_LRR_SRC_REMAP);
	u32 dst = cs_reg_offset(e, dw[2], dw[0] & MI_LRR_DST_CS_BASE, dw[0] & MI_LRR_DST_REMAP);
	u32 val;

	if (cs_reg_read(e, src, &val))
		cs_reg_write(e, dst, val);
	return CS_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

/* Masks: a header with flags and 8-bit length, the halves of an address, a register, free dwords */
#define OPCODE (CMD_TYPE_MASK | MI_OPCODE_MASK)
#define HEAD(flags) (OPCODE | 0xffu | (flags))
#define ADDR 0xfffffffcu, 0xffffffffu
#define REG MI_REG_OFFSET_MASK
#define DATA 0xffffffffu

#define COMPARE { 0, MI_CBBE_COMPARE_SHIFT, 3, 0x3f }
#define NOT_RENDER (BIT(XM_CLASS_COPY) | BIT(XM_CLASS_VIDEO_DECODE) | \
		    BIT(XM_CLASS_VIDEO_ENHANCE) | BIT(XM_CLASS_OTHER))

#define ROW(op, str, lo, hi, fn, ...) \
	[op] = { .name = str, .min = lo, .max = hi, .run = fn, ##__VA_ARGS__ }

#define SDI_HEAD (OPCODE | MI_SDI_LEN_MASK | MI_SDI_FORCE_COMPLETION | MI_SDI_QWORD | MI_USE_GGTT)
#define SDI_BODY ADDR_CORE, DATA
#define ADDR_CORE (0xfffffffcu | MI_SDI_ADDR_CORE_MODE)
#define SRM_HEAD HEAD(MI_REG_MEM_CS_BASE | MI_REG_MEM_REMAP | MI_SRM_PREDICATE | MI_USE_GGTT)
#define FLUSH_HEAD (OPCODE | MI_FLUSH_DW_LEN_MASK | MI_FLUSH_DW_VIDEO_INVALIDATE | \
		    MI_FLUSH_DW_NOTIFY | MI_FLUSH_DW_LLC | MI_FLUSH_DW_POST_SYNC_MASK | \
		    MI_FLUSH_DW_TLB_INVALIDATE | MI_FLUSH_DW_STORE_INDEX | MI_FLUSH_DW_PROTECTED)
#define FLUSH_REST .classes = NOT_RENDER, .video = MI_FLUSH_DW_VIDEO_INVALIDATE, \
	CS_FIELDS({ 0, 14, 2, 0xb })
#define WAIT_HEAD HEAD(MI_SEMAPHORE_REGISTER_POLL | MI_SEMAPHORE_POLL | \
		       MI_SEMAPHORE_COMPARE_MASK | MI_USE_GGTT)
#define BBS_HEAD HEAD(MI_BBS_PPGTT | MI_BBS_PREDICATE | MI_BBS_CMD_CACHE | MI_BBS_SECOND_LEVEL)
#define CBBE_HEAD HEAD(MI_CBBE_COMPARE_MASK | MI_CBBE_END_LEVEL | MI_CBBE_MASK_MODE | \
		       MI_CBBE_COMPARE_ENABLE | MI_USE_GGTT)
#define PREDICATE_MODES { 0, 0, 4, 0x801f }

static const struct cs_command table[64] = {
	ROW(MI_OP_NOOP, "MI_NOOP", 1, 1, mi_noop),
	ROW(MI_OP_SET_PREDICATE, "MI_SET_PREDICATE", 1, 1, mi_set_predicate,
	    CS_MASKS(OPCODE | MI_SET_PREDICATE_MODE_MASK), CS_FIELDS(PREDICATE_MODES)),
	ROW(MI_OP_USER_INTERRUPT, "MI_USER_INTERRUPT", 1, 1, mi_user_interrupt, CS_MASKS(OPCODE)),
	ROW(MI_OP_WAIT_FOR_EVENT, "MI_WAIT_FOR_EVENT", 1, 1, mi_wait_for_event),
	ROW(MI_OP_FLUSH, "MI_FLUSH", 1, 1, NULL),
	ROW(MI_OP_ARB_CHECK, "MI_ARB_CHECK", 1, 1, mi_arb_check,
	    CS_MASKS(OPCODE | MI_PREPARSER_WRITE | MI_PREPARSER_OFF)),
	ROW(MI_OP_RS_CONTROL, "MI_RS_CONTROL", 1, 1, NULL),
	ROW(MI_OP_REPORT_HEAD, "MI_REPORT_HEAD", 1, 1, NULL, CS_MASKS(OPCODE)),
	ROW(MI_OP_ARB_ON_OFF, "MI_ARB_ON_OFF", 1, 1, mi_arb_on_off,
	    CS_MASKS(OPCODE | MI_ARB_ENABLE)),
	ROW(MI_OP_BATCH_BUFFER_END, "MI_BATCH_BUFFER_END", 1, 1, mi_batch_buffer_end,
	    CS_MASKS(OPCODE | MI_BBE_END_CONTEXT)),
	ROW(MI_OP_SUSPEND_FLUSH, "MI_SUSPEND_FLUSH", 1, 1, NULL),
	ROW(MI_OP_PREDICATE, "MI_PREDICATE", 1, 1, mi_predicate,
	    CS_MASKS(OPCODE | MI_PREDICATE_LOAD_MASK | MI_PREDICATE_COMBINE_MASK |
		     MI_PREDICATE_COMPARE_MASK),
	    CS_FIELDS({ 0, MI_PREDICATE_LOAD_SHIFT, 2, 0xd })),
	ROW(MI_OP_TOPOLOGY_FILTER, "MI_TOPOLOGY_FILTER", 1, 1, NULL),
	ROW(MI_OP_SET_APPID, "MI_SET_APPID", 1, 1, NULL, CS_MASKS(OPCODE | MI_SET_APPID_MASK)),
	ROW(MI_OP_RS_CONTEXT, "MI_RS_CONTEXT", 1, 1, NULL),
	ROW(MI_OP_MATH, "MI_MATH", 2, 257, mi_math, CS_MASKS(HEAD(0))),
	ROW(MI_OP_SEMAPHORE_SIGNAL, "MI_SEMAPHORE_SIGNAL", 2, 2, mi_semaphore_signal,
	    CS_MASKS(HEAD(MI_SEMAPHORE_SIGNAL_POST_SYNC))),
	ROW(MI_OP_SEMAPHORE_WAIT, "MI_SEMAPHORE_WAIT", 4, 5, mi_semaphore_wait,
	    CS_MASKS(WAIT_HEAD, DATA, ADDR, 0x3e0), CS_FIELDS(COMPARE)),
	ROW(MI_OP_FORCE_WAKEUP, "MI_FORCE_WAKEUP", 2, 2, NULL, CS_MASKS(HEAD(0))),
	ROW(MI_OP_STORE_DATA_IMM, "MI_STORE_DATA_IMM", 4, 1024, mi_store_data_imm,
	    CS_MASKS(SDI_HEAD, SDI_BODY)),
	ROW(MI_OP_STORE_DATA_INDEX, "MI_STORE_DATA_INDEX", 3, 4, mi_store_data_index,
	    CS_MASKS(HEAD(MI_SDX_PPHWSP), 0xffc)),
	ROW(MI_OP_LOAD_REGISTER_IMM, "MI_LOAD_REGISTER_IMM", 3, 257, mi_load_register_imm,
	    .step = 2, .repeat = 1,
	    CS_MASKS(HEAD(MI_LRI_BYTE_DISABLE_MASK | MI_LRI_FORCE_POSTED | MI_LRI_REMAP |
			  MI_LRI_CS_BASE), REG, DATA)),
	ROW(MI_OP_STORE_REGISTER_MEM, "MI_STORE_REGISTER_MEM", 4, 4, mi_store_register_mem,
	    CS_MASKS(SRM_HEAD, REG, ADDR)),
	ROW(MI_OP_FLUSH_DW, "MI_FLUSH_DW", 3, 5, mi_flush_dw,
	    CS_MASKS(FLUSH_HEAD, 0xfffffffc, 0xffff), FLUSH_REST),
	ROW(MI_OP_CLFLUSH, "MI_CLFLUSH", 3, 1025, NULL,
	    CS_MASKS(OPCODE | 0x3ff | MI_USE_GGTT)),
	ROW(MI_OP_REPORT_PERF_COUNT, "MI_REPORT_PERF_COUNT", 4, 4, mi_report_perf_count,
	    CS_MASKS(OPCODE | 0x3f, MI_REPORT_PERF_ADDR_MASK | MI_REPORT_PERF_CORE_MODE |
		     MI_REPORT_PERF_GGTT)),
	ROW(MI_OP_LOAD_REGISTER_MEM, "MI_LOAD_REGISTER_MEM", 4, 4, mi_load_register_mem,
	    CS_MASKS(HEAD(MI_REG_MEM_CS_BASE | MI_REG_MEM_REMAP | MI_LRM_ASYNC | MI_USE_GGTT),
		     REG, ADDR)),
	ROW(MI_OP_LOAD_REGISTER_REG, "MI_LOAD_REGISTER_REG", 3, 3, mi_load_register_reg,
	    CS_MASKS(HEAD(MI_LRR_SRC_REMAP | MI_LRR_DST_REMAP | MI_LRR_SRC_CS_BASE |
			  MI_LRR_DST_CS_BASE), REG, REG)),
	ROW(MI_OP_COPY_MEM_MEM, "MI_COPY_MEM_MEM", 5, 5, mi_copy_mem_mem,
	    CS_MASKS(HEAD(MI_COPY_DST_GGTT | MI_COPY_SRC_GGTT), ADDR, ADDR)),
	ROW(MI_OP_ATOMIC, "MI_ATOMIC", 3, 11, mi_atomic, .step = 8,
	    CS_MASKS(HEAD(MI_ATOMIC_OP_MASK | MI_ATOMIC_RETURN_DATA | MI_ATOMIC_CS_STALL |
			  MI_ATOMIC_INLINE_DATA | MI_ATOMIC_SIZE_MASK | MI_ATOMIC_POST_SYNC |
			  MI_USE_GGTT), ADDR)),
	ROW(MI_OP_BATCH_BUFFER_START, "MI_BATCH_BUFFER_START", 3, 3, mi_batch_buffer_start,
	    CS_MASKS(BBS_HEAD | MI_BBS_POSH_ENABLE | MI_BBS_POSH_START, ADDR)),
	ROW(MI_OP_COND_BATCH_BUFFER_END, "MI_CONDITIONAL_BATCH_BUFFER_END", 4, 4,
	    mi_cond_batch_buffer_end, CS_MASKS(CBBE_HEAD, DATA, ADDR), CS_FIELDS(COMPARE)),
};

/* What Xe2 has in addition, or in another form. */
static const struct cs_command xe2_table[64] = {
	ROW(MI_OP_SET_PREDICATE, "MI_SET_PREDICATE", 1, 1, mi_set_predicate,
	    CS_MASKS(OPCODE | MI_SET_PREDICATE_MODE_MASK | MI_SET_PREDICATE_WPARID_MASK),
	    CS_FIELDS(PREDICATE_MODES)),
	ROW(MI_OP_MEM_FENCE, "MI_MEM_FENCE", 1, 1, NULL,
	    CS_MASKS(OPCODE | MI_MEM_FENCE_TYPE_MASK), CS_FIELDS({ 0, 0, 2, 0xb })),
	ROW(MI_OP_BATCH_BUFFER_END, "MI_BATCH_BUFFER_END", 1, 1, mi_batch_buffer_end,
	    CS_MASKS(OPCODE | MI_BBE_END_CONTEXT | MI_BBE_PREDICATE)),
	ROW(MI_OP_SEMAPHORE_WAIT, "MI_SEMAPHORE_WAIT", 4, 5, mi_semaphore_wait,
	    CS_MASKS(WAIT_HEAD | MI_SEMAPHORE_INDIRECT | MI_SEMAPHORE_WPARID, DATA, ADDR, 0x3fc),
	    CS_FIELDS(COMPARE)),
	ROW(MI_OP_STORE_DATA_IMM, "MI_STORE_DATA_IMM", 4, 1024, mi_store_data_imm,
	    CS_MASKS(SDI_HEAD | MI_SDI_WPARID, SDI_BODY)),
	ROW(MI_OP_STORE_REGISTER_MEM, "MI_STORE_REGISTER_MEM", 4, 4, mi_store_register_mem,
	    CS_MASKS(SRM_HEAD | MI_SRM_WPARID, REG, ADDR)),
	ROW(MI_OP_FLUSH_DW, "MI_FLUSH_DW", 3, 5, mi_flush_dw,
	    CS_MASKS(FLUSH_HEAD | MI_FLUSH_DW_CCS, 0xfffffffc, 0xffff), FLUSH_REST),
	ROW(MI_OP_BATCH_BUFFER_START, "MI_BATCH_BUFFER_START", 3, 3, mi_batch_buffer_start,
	    CS_MASKS(BBS_HEAD | MI_BBS_INDIRECT, 0xfffffffc, 0xffff)),
	ROW(MI_OP_COND_BATCH_BUFFER_END, "MI_CONDITIONAL_BATCH_BUFFER_END", 4, 4,
	    mi_cond_batch_buffer_end, CS_MASKS(CBBE_HEAD | MI_CBBE_PREDICATE, DATA, ADDR),
	    CS_FIELDS(COMPARE)),
};

const struct cs_command *cs_mi_command(const struct engine *e, u32 header)
{
	const struct cs_command *c = &table[MI_OPCODE(header)];

	if (cs_is_xe2(e) && xe2_table[MI_OPCODE(header)].name)
		c = &xe2_table[MI_OPCODE(header)];
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
