/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_RING_H_
#define _XE_RING_H_

#include <linux/types.h>

#include "base/xe_platform.h"

/* No job frame is longer than this; the ring is sized in units of it. */
#define XE_RING_MAX_JOB_DWORDS	48
#define XE_RING_MAX_JOB_BYTES	(XE_RING_MAX_JOB_DWORDS * 4)

/**
 * struct xe_ring_frame - what one job frame says, as plain values
 */
struct xe_ring_frame {
	/** @class: engine class, selects flush commands */
	enum xe_engine_class class;
	/** @has_aux_ccs: the platform keeps compression state in AUX tables */
	bool has_aux_ccs;
	/** @ppgtt: the batch lies in the PPGTT (else GGTT, privileged) */
	bool ppgtt;
	/** @has_batch: start a batch; otherwise the frame only signals */
	bool has_batch;
	/** @tlb_flush: invalidate the TLBs of the address space before the batch */
	bool tlb_flush;
	/** @has_ufence: store @ufence_value at @ufence_addr behind the batch */
	bool has_ufence;
	/** @pphwsp: GGTT address of the status page of the context, 4 KiB aligned */
	u32 pphwsp;
	/** @seqno: sequence number of the job */
	u32 seqno;
	/** @batch: GPU address of the batch, dword aligned */
	u64 batch;
	/** @ufence_addr: PPGTT address, 8-byte aligned */
	u64 ufence_addr;
	/** @ufence_value: value stored there */
	u64 ufence_value;
};

u32 xe_ring_emit_frame(const struct xe_ring_frame *frame, u32 dw[XE_RING_MAX_JOB_DWORDS]);

#endif
