// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_ring.h"

#include <linux/bug.h>
#include <linux/kernel.h>

#include "instructions/gfx_cmds.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_gt_regs.h"

/**
 * DOC: Ring frames
 *
 * A job is one frame in the ring of its context: sample the context's run time, invalidate what
 * the batch may read stale, note that the job has started, start the batch, flush what it
 * wrote, store the user's value, store the sequence number, raise the interrupt.
 *
 * The tail of a frame runs with arbitration off: once the batch is over, the context must not
 * be preempted between the writes that tell of its completion and the interrupt that makes
 * somebody look.
 *
 * This file turns values into dwords and knows nothing of locks or memory.
 */

/* Writes dwords one after the other; the frame size is bounded by construction. */
struct xe_ring_writer {
	u32 *dw;
	u32 n;
};

static void put1(struct xe_ring_writer *w, u32 a)
{
	if (WARN_ON_ONCE(w->n >= XE_RING_MAX_JOB_DWORDS))
		return;
	w->dw[w->n++] = a;
}

static void put_addr(struct xe_ring_writer *w, u64 addr)
{
	put1(w, lower_32_bits(addr));
	put1(w, upper_32_bits(addr));
}

static void put_preparser(struct xe_ring_writer *w, bool on)
{
	put1(w, MI_ARB_CHECK | MI_PREPARSER_WRITE | (on ? 0 : MI_PREPARSER_OFF));
}

static void put_store_timestamp(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	put1(w, MI_STORE_REGISTER_MEM | MI_USE_GGTT | MI_REG_MEM_CS_BASE);
	put1(w, RING_CTX_TIMESTAMP(0));
	put_addr(w, f->pphwsp + LRC_PPHWSP_START_TIMESTAMP);
}

static void put_store_started(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	put1(w, MI_STORE_DATA_IMM | MI_SDI_LEN_DW(1) | MI_USE_GGTT);
	put_addr(w, f->pphwsp + LRC_PPHWSP_START_SEQNO);
	put1(w, f->seqno);
}

/* Flush of a non-render engine that stores the job's number into a word of the PPHWSP. */
static void put_flush_dw_seqno(struct xe_ring_writer *w, const struct xe_ring_frame *f,
			       u32 flags, u32 word)
{
	put1(w, MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW | MI_FLUSH_DW_WRITE_IMM | flags);
	put_addr(w, (f->pphwsp + word) | MI_FLUSH_DW_ADDR_GGTT);
	put1(w, f->seqno);
}

static void put_aux_invalidate(struct xe_ring_writer *w, u32 reg)
{
	put1(w, MI_LOAD_REGISTER_IMM | MI_LRI_REMAP | MI_LRI_LEN(1));
	put1(w, reg);
	put1(w, GFX_AUX_INV);
	put1(w, MI_NOOP);
}

static void put_batch_start(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	if (!f->has_batch)
		return;

	put1(w, MI_BATCH_BUFFER_START | (f->ppgtt ? MI_BBS_PPGTT : 0));
	put_addr(w, f->batch);
}

static void put_store_ufence(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	put1(w, MI_STORE_DATA_IMM | MI_SDI_QWORD | MI_SDI_LEN_QW(1));
	put_addr(w, f->ufence_addr);
	put_addr(w, f->ufence_value);
}

static void put_interrupt(struct xe_ring_writer *w)
{
	put1(w, MI_USER_INTERRUPT);
	put1(w, MI_ARB_ON_OFF | MI_ARB_ENABLE);
	put1(w, MI_ARB_CHECK);
}

/* Batch and completion, the same on every engine that flushes with MI_FLUSH_DW. */
static void put_flush_dw_tail(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	put_batch_start(w, f);
	put1(w, MI_ARB_ON_OFF);
	if (f->has_ufence) {
		put1(w, MI_FLUSH_DW | MI_FLUSH_DW_LEN_DW);
		put_addr(w, 0);
		put1(w, 0);
		put_store_ufence(w, f);
	}
	put_flush_dw_seqno(w, f, 0, LRC_PPHWSP_SEQNO);
	put_interrupt(w);
}

static void emit_copy(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	if (f->tlb_flush) {
		put_preparser(w, false);
		put_flush_dw_seqno(w, f, MI_FLUSH_DW_TLB_INVALIDATE, LRC_PPHWSP_START_SEQNO);
		put_preparser(w, true);
	} else {
		put_store_started(w, f);
	}
	put_flush_dw_tail(w, f);
}

static void emit_video(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	put_preparser(w, false);
	if (f->has_aux_ccs)
		put_aux_invalidate(w, f->class == XE_ENGINE_CLASS_VIDEO_DECODE ?
				   GFX_AUX_INV_VD0 : GFX_AUX_INV_VE0);
	if (f->tlb_flush)
		put_flush_dw_seqno(w, f, MI_FLUSH_DW_TLB_INVALIDATE, LRC_PPHWSP_START_SEQNO);
	put_preparser(w, true);
	if (!f->tlb_flush)
		put_store_started(w, f);
	put_flush_dw_tail(w, f);
}

static void put_pipe_control(struct xe_ring_writer *w, u32 flags0, u32 flags1, u64 addr, u64 data)
{
	put1(w, PIPE_CONTROL | flags0);
	put1(w, flags1);
	put_addr(w, addr);
	put_addr(w, data);
}

#define RENDER_INVALIDATE (PIPE_CONTROL1_CMD_CACHE_INVALIDATE | PIPE_CONTROL1_STORE_INDEX | \
			   PIPE_CONTROL1_CS_STALL | PIPE_CONTROL1_WRITE_QW | \
			   PIPE_CONTROL1_INSTRUCTION_INVALIDATE | \
			   PIPE_CONTROL1_TEXTURE_INVALIDATE | PIPE_CONTROL1_CONST_INVALIDATE | \
			   PIPE_CONTROL1_STATE_INVALIDATE)

#define RENDER_FLUSH (PIPE_CONTROL1_TILE_CACHE_FLUSH | PIPE_CONTROL1_CS_STALL | \
		      PIPE_CONTROL1_DEPTH_STALL | PIPE_CONTROL1_RT_FLUSH | \
		      PIPE_CONTROL1_FLUSH_ENABLE | PIPE_CONTROL1_DC_FLUSH | \
		      PIPE_CONTROL1_DEPTH_CACHE_FLUSH)

/* Flags that only mean something on an engine with a 3D pipe */
#define RENDER_ONLY (PIPE_CONTROL1_VF_INVALIDATE | PIPE_CONTROL1_TILE_CACHE_FLUSH | \
		     PIPE_CONTROL1_DEPTH_STALL | PIPE_CONTROL1_RT_FLUSH | \
		     PIPE_CONTROL1_DEPTH_CACHE_FLUSH)

static void emit_render(struct xe_ring_writer *w, const struct xe_ring_frame *f)
{
	u32 invalidate = RENDER_INVALIDATE | PIPE_CONTROL1_VF_INVALIDATE;
	u32 flush = RENDER_FLUSH;

	if (f->class == XE_ENGINE_CLASS_COMPUTE) {
		invalidate &= ~RENDER_ONLY;
		flush &= ~RENDER_ONLY;
	}
	if (f->tlb_flush)
		invalidate |= PIPE_CONTROL1_TLB_INVALIDATE;

	put_preparser(w, false);
	put_pipe_control(w, 0, invalidate, LRC_PPHWSP_FLUSH_SCRATCH, 0);
	if (f->has_aux_ccs)
		put_aux_invalidate(w, GFX_AUX_INV_RENDER);
	put_preparser(w, true);
	put_store_started(w, f);

	put_batch_start(w, f);
	put1(w, MI_ARB_ON_OFF);
	put_pipe_control(w, PIPE_CONTROL0_HDC_FLUSH, flush, 0, 0);
	if (f->has_ufence)
		put_store_ufence(w, f);
	put_pipe_control(w, 0, PIPE_CONTROL1_GGTT | PIPE_CONTROL1_CS_STALL |
			 PIPE_CONTROL1_WRITE_QW | PIPE_CONTROL1_FLUSH_ENABLE,
			 f->pphwsp + LRC_PPHWSP_SEQNO, f->seqno);
	put_interrupt(w);
}

/**
 * xe_ring_emit_frame - encode one job
 * @frame: what the frame has to say
 * @dw: out: the dwords, XE_RING_MAX_JOB_DWORDS entries; padded with MI_NOOP to an even number,
 * because the ring tail moves in units of 8 bytes
 *
 * Context: any; pure.
 * Return: number of dwords written, even, at most XE_RING_MAX_JOB_DWORDS
 */
u32 xe_ring_emit_frame(const struct xe_ring_frame *frame, u32 dw[XE_RING_MAX_JOB_DWORDS])
{
	struct xe_ring_writer w = { .dw = dw };

	put_store_timestamp(&w, frame);

	switch (frame->class) {
	case XE_ENGINE_CLASS_RENDER:
	case XE_ENGINE_CLASS_COMPUTE:
		emit_render(&w, frame);
		break;
	case XE_ENGINE_CLASS_VIDEO_DECODE:
	case XE_ENGINE_CLASS_VIDEO_ENHANCE:
		emit_video(&w, frame);
		break;
	default:
		emit_copy(&w, frame);
		break;
	}

	if (w.n & 1)
		put1(&w, MI_NOOP);

	return w.n;
}
