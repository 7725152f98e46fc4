// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "submit/xe_default_ctx.h"

#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "hw/xe_mcr.h"
#include "hw/xe_reg_rules.h"
#include "instructions/mi_cmds.h"
#include "mem/xe_bo.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_job.h"

/**
 * DOC: Default contexts
 *
 * Only the hardware knows what a complete context image looks like. So the driver lets it save
 * one per engine class: a first context is loaded with its engine state marked invalid, sets the
 * registers that every context needs to have set, is switched out by a second context, and
 * loaded once more to see that the saved image works. A copy of that image is what all later
 * contexts of the class start from, and what the GuC restores after an engine reset.
 *
 * The batches of all classes are in one object, so that it costs one change of the GGTT. No two
 * classes share a batch with registers: an engine may have fetched ahead what is written next.
 */

/*
 * Limit for one of the three jobs. The stock driver gives each a second
 * (Documentation/hardware/commands.md, 6); the host of a guest may be busy for longer.
 */
#define JOB_TIMEOUT_MS		5000

/* The batch object: register writes of each class, behind them an empty batch for all */
#define BATCH_BYTES		SZ_2K
#define BATCH_NOP_OFFSET	(XE_ENGINE_CLASS_MAX * BATCH_BYTES)
#define BATCH_BO_SIZE		(BATCH_NOP_OFFSET + BATCH_BYTES)

struct recorder {
	struct xe_gt *gt;
	struct xe_engine *hwe;
	struct xe_bo *batch;
	struct xe_exec_queue *q;
	struct xe_exec_queue *nop_q;
};

static u32 register_value(struct xe_gt *gt, const struct xe_reg_value *v)
{
	u32 old;

	if (v->flags & XE_REG_MASKED)
		return xe_reg_value_masked(v);

	if (v->flags & XE_REG_MCR)
		old = xe_mcr_read(&gt->mmio, &gt->fuses, v->reg);
	else
		old = xe_mmio_read32(&gt->mmio, v->reg);

	return (old & ~v->clr) | v->set;
}

static u32 batch_offset(const struct recorder *r)
{
	return r->hwe->class * BATCH_BYTES;
}

static int write_batch(struct recorder *r)
{
	const struct xe_reg_engine target = {
		.class = r->hwe->class,
		.instance = r->hwe->instance,
		.mmio_base = r->hwe->mmio_base,
	};
	u32 *dw = xe_bo_vaddr(r->batch) + batch_offset(r);
	struct xe_reg_list *regs;
	unsigned int i;
	int err;

	/* header, pairs and end marker of the longest list fit */
	static_assert((2 * XE_REG_LIST_MAX + 2) * sizeof(u32) <= BATCH_BYTES);
	static_assert(XE_REG_LIST_MAX <= MI_LRI_MAX_REGS);

	regs = kzalloc(sizeof(*regs), GFP_KERNEL);
	if (!regs)
		return -ENOMEM;
	xe_reg_rules_lrc(r->gt->xe->platform, &target, regs);

	err = xe_force_wake_get(&r->gt->fw, XE_FORCEWAKE_ALL);
	if (err)
		goto out_free;

	if (regs->n)
		*dw++ = MI_LOAD_REGISTER_IMM | MI_LRI_LEN(regs->n);
	for (i = 0; i < regs->n; i++) {
		*dw++ = regs->e[i].reg;
		*dw++ = register_value(r->gt, &regs->e[i]);
	}
	*dw = MI_BATCH_BUFFER_END;
	xe_force_wake_put(&r->gt->fw, XE_FORCEWAKE_ALL);

out_free:
	kfree(regs);
	return err;
}

/* Runs one GGTT batch to its end. Only this thread submits to the recorder's queues. */
static int run_batch(struct recorder *r, struct xe_exec_queue *q, u32 offset)
{
	u64 addr = xe_bo_ggtt_addr(r->batch) + offset;
	struct dma_fence *fence;
	struct xe_job *job;
	long left;
	int err = 0;

	job = xe_job_create(q, &addr);
	if (IS_ERR(job))
		return PTR_ERR(job);

	xe_job_arm(job);
	fence = dma_fence_get(xe_job_finished_fence(job));
	xe_job_push(job);
	xe_job_put(job);

	left = dma_fence_wait_timeout(fence, false, msecs_to_jiffies(JOB_TIMEOUT_MS));
	if (!left) {
		err = -ETIME;
		/* The batch must not be freed under the engine. */
		xe_exec_queue_kill(q);
		dma_fence_wait_timeout(fence, false, msecs_to_jiffies(JOB_TIMEOUT_MS));
	} else if (left < 0) {
		err = left;
	} else {
		err = fence->error;
	}
	dma_fence_put(fence);

	return err;
}

static struct xe_exec_queue *create_queue(struct recorder *r)
{
	const struct xe_exec_queue_args args = {
		.gt = r->gt,
		.class = r->hwe->class,
		.logical_mask = BIT(r->hwe->logical_instance),
		.width = 1,
		.flags = XE_QUEUE_KERNEL,
	};

	return xe_exec_queue_create(&args);
}

static int run_jobs(struct recorder *r)
{
	static const char * const what[] = { "first", "switch-out", "second" };
	struct xe_exec_queue *q[] = { r->q, r->nop_q, r->q };
	const u32 offset[] = { batch_offset(r), BATCH_NOP_OFFSET, BATCH_NOP_OFFSET };
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(q); i++) {
		err = run_batch(r, q[i], offset[i]);
		if (err) {
			xe_gt_err(r->gt, "default context of %s: %s job failed: %d\n",
				  r->hwe->name, what[i], err);
			return err;
		}
	}

	return 0;
}

static int create_queues(struct recorder *r)
{
	struct xe_exec_queue *q;

	q = create_queue(r);
	if (IS_ERR(q))
		return PTR_ERR(q);
	r->q = q;

	q = create_queue(r);
	if (IS_ERR(q))
		return PTR_ERR(q);
	r->nop_q = q;

	return 0;
}

/* Leaves the queues to the caller. */
static int record_engine(struct recorder *r)
{
	enum xe_engine_class class = r->hwe->class;
	size_t size = xe_lrc_image_size(r->gt, class);
	void *image;
	int err;

	image = kvmalloc(size, GFP_KERNEL);
	if (!image)
		return -ENOMEM;

	err = write_batch(r);
	if (!err)
		err = create_queues(r);
	if (!err)
		err = run_jobs(r);
	if (err) {
		kvfree(image);
		return err;
	}

	memcpy(image, xe_lrc_image(r->q->lrc[0]), size);
	r->gt->default_image[class] = image;

	return 0;
}

/**
 * xe_default_ctx_record - record the default context image of every engine class
 * @gt: the GT; its GuC is running
 *
 * Context: may sleep. Probe only.
 * Return:
 * * 0
 * * -ENOMEM, -ENOSPC - no memory, no room in the GGTT
 * * -ETIME - a job did not finish within a second
 * * errors of xe_force_wake_get() and of the jobs
 */
int xe_default_ctx_record(struct xe_gt *gt)
{
	struct recorder recorders[XE_ENGINE_CLASS_MAX] = { };
	unsigned int i, n = 0;
	enum xe_engine_id id;
	struct xe_bo *batch;
	int err = 0;
	u32 *dw;

	batch = xe_bo_create_kernel(gt->xe, BATCH_BO_SIZE, XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(batch))
		return PTR_ERR(batch);
	dw = xe_bo_vaddr(batch) + BATCH_NOP_OFFSET;
	*dw = MI_BATCH_BUFFER_END;

	for (id = 0; id < XE_NUM_ENGINES && !err; id++) {
		struct xe_engine *hwe = gt->engines[id];

		if (!hwe || hwe->logical_instance || gt->default_image[hwe->class])
			continue;
		recorders[n] = (struct recorder) { .gt = gt, .hwe = hwe, .batch = batch };
		err = record_engine(&recorders[n++]);
	}

	/* at once, so that they leave the firmware together */
	for (i = 0; i < n; i++) {
		xe_exec_queue_put(recorders[i].q);
		xe_exec_queue_put(recorders[i].nop_q);
	}
	xe_bo_destroy_kernel(batch);
	return err;
}
