/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_LRC_H_
#define _XE_LRC_H_

#include <linux/kref.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "base/xe_platform.h"
#include "gt/xe_hw_fence.h"
#include "gt/xe_ring.h"

struct xe_bo;
struct xe_engine;
struct xe_gt;
struct xe_ppgtt;

#define XE_LRC_RING_SIZE	SZ_16K
/* Jobs that fit into a ring whatever their frames look like: the credit limit of a queue. */
#define XE_LRC_MAX_JOBS		(XE_LRC_RING_SIZE / XE_RING_MAX_JOB_BYTES)

/**
 * struct xe_lrc - a logical ring context: ring, status page and register image
 *
 * One kernel buffer holds ring (offset 0, XE_LRC_RING_SIZE bytes), PPHWSP (4 KiB) and state.
 * The caller serialises everything that writes the ring; reading the words the GPU reports is
 * free of locks.
 */
struct xe_lrc {
	/** @ref: reference count */
	struct kref ref;
	/** @gt: the GT the context runs on */
	struct xe_gt *gt;
	/** @class: engine class the image is made for */
	enum xe_engine_class class;
	/** @bo: ring, PPHWSP and state in this order */
	struct xe_bo *bo;
	/** @desc: context descriptor as handed to the GuC */
	u64 desc;
	/** @tail: next byte the driver writes in the ring, 8-byte aligned */
	u32 tail;
	/** @accounted: run time that its client was charged for, wraps; &xe_usage.lock */
	u32 accounted;
	/** @next_seqno: sequence number of the next armed job */
	u32 next_seqno;
	/**
	 * @timeline: of the hardware fences, named after the engine it was made for; its next fence
	 * context is for the array fences of a parallel queue whose slot 0 this is
	 */
	struct xe_hw_fence_timeline timeline;
};

struct xe_lrc *xe_lrc_create(struct xe_engine *hwe, struct xe_ppgtt *ppgtt);
struct xe_lrc *xe_lrc_get(struct xe_lrc *lrc);
void xe_lrc_unmap(struct xe_lrc *lrc);
void xe_lrc_put(struct xe_lrc *lrc);

size_t xe_lrc_image_size(struct xe_gt *gt, enum xe_engine_class class);
const void *xe_lrc_image(struct xe_lrc *lrc);

u64 xe_lrc_descriptor(const struct xe_lrc *lrc);
u32 xe_lrc_ggtt_addr(const struct xe_lrc *lrc);
u32 xe_lrc_ring_ggtt_addr(const struct xe_lrc *lrc);

void xe_lrc_write_ring(struct xe_lrc *lrc, const u32 *dw, u32 n_dw);
u32 *xe_lrc_ring_space(const struct xe_lrc *lrc, u32 n_dw);
void xe_lrc_ring_written(struct xe_lrc *lrc, u32 n_dw);
void xe_lrc_write_tail(struct xe_lrc *lrc);
u32 xe_lrc_tail(const struct xe_lrc *lrc);
u32 xe_lrc_saved_head(const struct xe_lrc *lrc);
void xe_lrc_rewind(struct xe_lrc *lrc);

u32 xe_lrc_seqno(const struct xe_lrc *lrc);
u32 xe_lrc_start_seqno(const struct xe_lrc *lrc);
u32 xe_lrc_jobs_in_flight(const struct xe_lrc *lrc);
u32 xe_lrc_ctx_timestamp(const struct xe_lrc *lrc);
u32 xe_lrc_job_timestamp(const struct xe_lrc *lrc);

u32 xe_lrc_parallel_ggtt_addr(const struct xe_lrc *lrc);
void *xe_lrc_parallel_vaddr(const struct xe_lrc *lrc);

u32 xe_lrc_seqno_arm(struct xe_lrc *lrc);
u32 xe_lrc_fence_arm(struct xe_lrc *lrc, struct xe_hw_fence *fence);

#endif
