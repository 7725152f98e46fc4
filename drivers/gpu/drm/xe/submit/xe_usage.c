// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "submit/xe_usage.h"

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <drm/drm_drv.h>

#include "base/xe_device.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_mmio.h"
#include "regs/xe_engine_regs.h"
#include "submit/xe_exec_queue.h"

/* How far the count of a running context may lag */
#define XE_USAGE_LAG_MS		1000

/**
 * DOC: Engine time of clients
 *
 * A context counts the time it runs in a 32-bit word. The count is in the context image while the
 * context is off the hardware, and in a register of the engine while it is on it; the image then
 * holds what was saved at the last switch. An engine tells by the start address of its ring which
 * context it has loaded last, so a sample of these two registers of every engine, together with
 * the images, gives the time of each context up to now.
 *
 * Both are true values of one clock that never goes back, taken at different times: the later one
 * counts. What a context has gained since the last look is added to its client. The look is taken
 * when somebody asks, when a queue is destroyed, and when its contexts are freed, off the hardware.
 *
 * The image alone is exact for contexts that are switched out every few milliseconds, as nearly all
 * are. So the register is used when the image is more than a second behind; a count that is
 * shown lags by less than that. No time is lost by it: it comes with the next switch. And short
 * jobs count as a whole: who looks when one has just begun, and again when it has ended, finds all
 * of it in the difference. Tests of IGT depend on that where the first look takes long.
 *
 * A register keeps its value when its context is gone, and the address of the ring may be given to
 * another one. So whoever frees a context notes which engines still show it, and with which count:
 * an engine that shows the same later has not loaded the new one (xe_usage_retire()).
 *
 * What is later is told by the signed difference, so two looks must not be more than 2^31 ticks of
 * run time apart, 111 s at 19.2 MHz. Therefore the back end takes a look at the images, which costs
 * nothing, whenever it frees a job, too.
 *
 * Locking: a spinlock per client, innermost.
 */

/**
 * xe_usage_create - make the account of a client
 *
 * Context: may sleep.
 * Return: the account with one reference, NULL without memory
 */
struct xe_usage *xe_usage_create(void)
{
	struct xe_usage *usage = kzalloc(sizeof(*usage), GFP_KERNEL);

	if (!usage)
		return NULL;

	kref_init(&usage->ref);
	spin_lock_init(&usage->lock);

	return usage;
}

/**
 * xe_usage_get - take a reference
 * @usage: the account
 *
 * Context: any.
 * Return: @usage
 */
struct xe_usage *xe_usage_get(struct xe_usage *usage)
{
	kref_get(&usage->ref);
	return usage;
}

static void usage_release(struct kref *ref)
{
	kfree(container_of(ref, struct xe_usage, ref));
}

/**
 * xe_usage_put - drop a reference
 * @usage: the account, or NULL
 *
 * Context: any.
 */
void xe_usage_put(struct xe_usage *usage)
{
	if (usage)
		kref_put(&usage->ref, usage_release);
}

static s64 retired_key(u32 ring, u32 ticks)
{
	return (u64)ring << 32 | ticks;
}

/* A counter of two halves, of which the lower one may overflow in between. */
static u64 read_now(const struct xe_engine *hwe)
{
	const struct xe_mmio *mmio = &hwe->gt->mmio;
	u32 high = xe_mmio_read32(mmio, RING_TIMESTAMP_UDW(hwe->mmio_base));
	u32 low = xe_mmio_read32(mmio, RING_TIMESTAMP(hwe->mmio_base));
	u32 again = xe_mmio_read32(mmio, RING_TIMESTAMP_UDW(hwe->mmio_base));

	if (again != high)
		low = 0;

	return ((u64)again << 32 | low) & GENMASK_ULL(hwe->gt->xe->platform->timestamp_bits - 1, 0);
}

/*
 * The count belongs to the ring if that was loaded before and after, and to a context that exists
 * if it is not what a freed one has left.
 */
static void sample_engine(const struct xe_engine *hwe, struct xe_usage_sample *sample)
{
	const struct xe_mmio *mmio = &hwe->gt->mmio;
	u32 ring = xe_mmio_read32(mmio, RING_START(hwe->mmio_base)) & RING_START_ADDR_MASK;
	u32 ticks = xe_mmio_read32(mmio, RING_CTX_TIMESTAMP(hwe->mmio_base));

	if ((xe_mmio_read32(mmio, RING_START(hwe->mmio_base)) & RING_START_ADDR_MASK) != ring)
		return;

	if (atomic64_read(&hwe->retired) == retired_key(ring, ticks))
		return;

	sample->engine[hwe->id].ring = ring;
	sample->engine[hwe->id].ticks = ticks;
}

/* @classes: bit per engine class. With @sample->now if @timed. */
static void sample_engines(struct xe_gt *gt, u32 classes, bool timed,
			   struct xe_usage_sample *sample)
{
	const struct xe_engine *last = NULL;
	enum xe_engine_id id;

	memset(sample, 0, sizeof(*sample));
	if (xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL))
		return;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		const struct xe_engine *hwe = gt->engines[id];

		if (!hwe || !(classes & BIT(hwe->class)))
			continue;
		sample_engine(hwe, sample);
		last = hwe;
	}
	/* Last, so that nobody has run for longer than the time that has passed. */
	if (timed && last)
		sample->now = read_now(last);
	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
}

/**
 * xe_usage_sample - look at the engines of a GT
 * @gt: the GT; its device has not been unplugged
 * @sample: out
 *
 * Context: any.
 */
void xe_usage_sample(struct xe_gt *gt, struct xe_usage_sample *sample)
{
	sample_engines(gt, ~0U, true, sample);
}

/* How far the register is ahead of @ticks, 0 if no engine has loaded the context last. */
static u32 running_ticks(const struct xe_exec_queue *q, const struct xe_lrc *lrc,
			 const struct xe_usage_sample *sample, u32 ticks)
{
	enum xe_engine_id id;
	s32 most = 0;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		const struct xe_engine *hwe = q->gt->engines[id];

		if (hwe && hwe->class == q->class &&
		    sample->engine[id].ring == xe_lrc_ring_ggtt_addr(lrc))
			most = max(most, (s32)(sample->engine[id].ticks - ticks));
	}

	return most;
}

/* @lag: ticks by which the image may be behind before the registers are believed */
static void account(struct xe_exec_queue *q, const struct xe_usage_sample *sample, u32 lag)
{
	struct xe_usage *usage = q->usage;
	unsigned int i;

	if (!usage)
		return;

	spin_lock(&usage->lock);
	for (i = 0; i < q->width; i++) {
		struct xe_lrc *lrc = q->lrc[i];
		u32 gained = max(0, (s32)(xe_lrc_ctx_timestamp(lrc) - lrc->accounted));
		u32 more = sample ? running_ticks(q, lrc, sample, lrc->accounted + gained) : 0;

		if (more > lag)
			gained += more;
		usage->ticks[q->class] += gained;
		lrc->accounted += gained;
	}
	spin_unlock(&usage->lock);
}

/**
 * xe_usage_account - add what a queue has run since the last look to its client
 * @q: the queue
 * @sample: state of the engines, NULL to look at the images only
 *
 * Context: any.
 */
void xe_usage_account(struct xe_exec_queue *q, const struct xe_usage_sample *sample)
{
	account(q, sample, q->gt->clock_hz / 1000 * XE_USAGE_LAG_MS);
}

/**
 * xe_usage_settle - add everything a queue has run to its client, to the last tick
 * @q: the queue, which nobody can use any more; its device has not been unplugged
 *
 * Context: any.
 */
void xe_usage_settle(struct xe_exec_queue *q)
{
	struct xe_usage_sample sample;

	if (!q->usage)
		return;

	sample_engines(q->gt, BIT(q->class), false, &sample);
	account(q, &sample, 0);
}

/**
 * xe_usage_retire - note what the engines show of contexts that are about to be freed
 * @q: the queue; its contexts are off the hardware
 *
 * Context: may sleep.
 */
void xe_usage_retire(struct xe_exec_queue *q)
{
	struct xe_usage_sample sample;
	enum xe_engine_id id;
	unsigned int i;
	int idx;

	if (!drm_dev_enter(&q->xe->drm, &idx))
		return;

	sample_engines(q->gt, BIT(q->class), false, &sample);
	for (id = 0; id < XE_NUM_ENGINES; id++)
		for (i = 0; i < q->width; i++)
			if (sample.engine[id].ring == xe_lrc_ring_ggtt_addr(q->lrc[i]))
				atomic64_set(&q->gt->engines[id]->retired,
					     retired_key(sample.engine[id].ring,
							 sample.engine[id].ticks));
	drm_dev_exit(idx);
}

/**
 * xe_usage_read - engine time of a client
 * @usage: its account
 * @ticks: out: by engine class, ticks of the reference clock
 *
 * Context: any.
 */
void xe_usage_read(struct xe_usage *usage, u64 ticks[XE_ENGINE_CLASS_MAX])
{
	spin_lock(&usage->lock);
	memcpy(ticks, usage->ticks, sizeof(usage->ticks));
	spin_unlock(&usage->lock);
}
