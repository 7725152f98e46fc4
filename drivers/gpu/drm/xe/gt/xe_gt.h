/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GT_H_
#define _XE_GT_H_

#include <linux/atomic.h>
#include <linux/types.h>

#include "base/xe_platform.h"
#include "gt/xe_hw_fence.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_fuse.h"
#include "hw/xe_mmio.h"

struct xe_device;
struct xe_engine;
struct xe_exec_queue_ops;
struct xe_guc;
struct xe_tlb_inval;

/**
 * struct xe_sched_limit - one scheduling knob: its value and the range a user may choose from
 *
 * All three are read without a lock (READ_ONCE) and written by sysfs only.
 */
struct xe_sched_limit {
	/** @value: what a new queue gets */
	u32 value;
	/** @min: smallest accepted value, inclusive */
	u32 min;
	/** @max: largest accepted value, inclusive */
	u32 max;
};

/**
 * struct xe_class_props - scheduling knobs of one engine class
 */
struct xe_class_props {
	/** @job_timeout_ms: run time after which a job counts as hung, ms */
	struct xe_sched_limit job_timeout_ms;
	/** @timeslice_us: time a context may run while others wait, microseconds */
	struct xe_sched_limit timeslice_us;
	/** @preempt_timeout_us: time a context has to yield, microseconds */
	struct xe_sched_limit preempt_timeout_us;
};

/* The built-in knobs, the same for every class: Documentation/hardware/uapi.md, 14.2 */
extern const struct xe_class_props xe_class_props_default;

/**
 * struct xe_gt - one GT: registers, engines and the firmware that schedules them
 */
struct xe_gt {
	/** @xe: the device */
	struct xe_device *xe;
	/** @id: index in &xe_device.gt */
	u8 id;
	/** @mmio: register view of this GT */
	struct xe_mmio mmio;
	/** @fw: power domains of this GT */
	struct xe_force_wake fw;
	/** @kept_awake: @fw is held by probe, which is not done yet */
	bool kept_awake;
	/** @fuses: what is present after fuses */
	struct xe_fuses fuses;
	/** @clock_hz: reference clock of the time stamps, Hz */
	u32 clock_hz;
	/** @engines: present engines by hardware id, NULL where absent */
	struct xe_engine *engines[XE_NUM_ENGINES];
	/** @fence_irq: pending hardware fences by engine class */
	struct xe_hw_fence_irq fence_irq[XE_ENGINE_CLASS_MAX];
	/** @props: scheduling knobs by engine class */
	struct xe_class_props props[XE_ENGINE_CLASS_MAX];
	/**
	 * @default_image: recorded context image by class (PPHWSP and state, see
	 * xe_lrc_image_size()), NULL until recorded. Written once at probe.
	 */
	void *default_image[XE_ENGINE_CLASS_MAX];
	/** @guc: the GuC of this GT */
	struct xe_guc *guc;
	/** @queue_ops: how queues of this GT reach the hardware, set by the GuC layer */
	const struct xe_exec_queue_ops *queue_ops;
	/** @tlb_inval: TLB invalidation front end */
	struct xe_tlb_inval *tlb_inval;
	/** @stats: counters shown in debugfs */
	struct {
		/** @stats.tlb_inval_count: TLB invalidations sent */
		atomic64_t tlb_inval_count;
	} stats;
};

int xe_gt_create(struct xe_device *xe, u8 id);
int xe_gt_init_early(struct xe_gt *gt);
int xe_gt_init_engines(struct xe_gt *gt);
void xe_gt_fini(struct xe_gt *gt);

int xe_gt_reset_hw(struct xe_gt *gt);
void xe_gt_halt(struct xe_gt *gt);
void xe_gt_program(struct xe_gt *gt);

struct xe_engine *xe_gt_engine(struct xe_gt *gt, enum xe_engine_class class,
			       u16 logical_instance);
u32 xe_gt_logical_mask(struct xe_gt *gt, enum xe_engine_class class);

#endif
