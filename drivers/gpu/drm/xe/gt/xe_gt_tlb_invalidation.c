// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: TLB invalidation
 *
 * The GuC carries invalidations out; this front end numbers the requests, keeps them in order
 * and turns the acknowledgments into dma-fences. A request travels through two lists:
 *
 * - *queued*: issued, not sent; because the message ring is full or the GuC is down;
 * - *pending*: sent, waiting for the acknowledgment. A later number acknowledges all earlier
 *   ones.
 *
 * Issuing never fails and never allocates, so it can be done in fence signalling. A request for
 * which there is no room is sent by the worker a moment later.
 *
 * A fence that signals promises that nothing of the old translations is in use. Around a GT reset
 * that promise can only be kept once the hardware has been reset, therefore a reset does not
 * complete requests but puts them back in the queue (xe_tlb_inval_reset()), from where they are
 * sent again when the GuC is up (xe_tlb_inval_resume()). If the GuC does not come back, its
 * engines are in reset, and all fences signal with an error (xe_tlb_inval_abandon()).
 *
 * A request that stays unanswered for too long makes the front end ask for a GT reset. It goes on
 * waiting, because memory would be freed under running engines otherwise; the reset ends that one
 * way or the other.
 *
 * GGTT translations are flushed by a register as long as the GuC does not listen, and until probe
 * connects the two, after the default contexts were recorded: recording makes and frees many
 * contexts, and a message with its answer and interrupt costs many times what a register does.
 *
 * Locking: &xe_tlb_inval.lock protects everything, taken with interrupts off, outside of the
 * sending lock of the message transport. Fences are signalled after it was dropped, but an
 * acknowledgment comes with the transport's receiving lock held (&xe_guc_ct.g2h_lock): callbacks
 * of these fences take only locks that rank after those of the transport.
 */

#include <linux/dma-fence.h>
#include <linux/fault-inject.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <drm/drm_managed.h>

#include "abi/guc_actions.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "gt/xe_hw_fence.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_mmio.h"
#include "mem/xe_ggtt.h"
#include "regs/xe_gt_regs.h"

/* 250 ms for the hardware, and twice the second the transport may stall */
#define TLB_INVAL_TIMEOUT_MS	2250
/* how long a caller waits for GGTT translations: long enough for a reset to be noticed and done */
#define TLB_INVAL_WAIT_MS	(2 * TLB_INVAL_TIMEOUT_MS)
#define TLB_INVAL_RESEND_MS	1

/**
 * struct xe_tlb_inval - invalidations of one GT
 */
struct xe_tlb_inval {
	/** @gt: the GT */
	struct xe_gt *gt;
	/** @ops: how to reach the GuC, NULL until it is known */
	const struct xe_tlb_inval_ops *ops;
	/** @data: handed to @ops */
	void *data;
	/**
	 * @lock: protects all members below. Interrupts off; taken in hard interrupts and in
	 * fence signalling.
	 */
	spinlock_t lock;
	/** @queued: issued and not sent, oldest first */
	struct list_head queued;
	/** @pending: sent and not acknowledged, oldest first */
	struct list_head pending;
	/** @seqno: number of the last request sent, 0 before the first */
	u32 seqno;
	/** @context: dma_fence context of the fences */
	u64 context;
	/** @fence_seqno: number of the last fence made */
	u64 fence_seqno;
	/** @down: a reset is going on, keep everything in @queued */
	bool down;
	/** @abandoned: the GuC will not come back */
	bool abandoned;
	/** @wq: runs @work; fences depend on it */
	struct workqueue_struct *wq;
	/** @work: sends what did not fit, and watches the oldest pending request */
	struct delayed_work work;
};

static const char *tlb_inval_fence_driver_name(struct dma_fence *fence)
{
	return "xe";
}

static const char *tlb_inval_fence_timeline_name(struct dma_fence *fence)
{
	return "tlb-inval";
}

static const struct dma_fence_ops tlb_inval_fence_ops = {
	.get_driver_name = tlb_inval_fence_driver_name,
	.get_timeline_name = tlb_inval_fence_timeline_name,
	.release = xe_fence_release,
};

static_assert(!offsetof(struct xe_tlb_inval_fence, base));

/**
 * xe_tlb_inval_is_fence - what kind of fence is this?
 * @fence: any fence
 *
 * Context: any.
 * Return: true if it is the one of an invalidation. Those of one GT, which have a context in
 * common, signal in the order in which they were issued.
 */
bool xe_tlb_inval_is_fence(const struct dma_fence *fence)
{
	return fence->ops == &tlb_inval_fence_ops;
}

/* Signal the fences on a private list and drop the reference the list held. */
static void tlb_inval_signal(struct list_head *done, int error)
{
	struct xe_tlb_inval_fence *f, *next;

	list_for_each_entry_safe(f, next, done, link) {
		list_del_init(&f->link);
		if (error)
			dma_fence_set_error(&f->base, error);
		dma_fence_signal(&f->base);
		dma_fence_put(&f->base);
	}
}

static u32 tlb_inval_next_seqno(u32 seqno)
{
	return seqno >= GUC_TLB_INVAL_SEQNO_MAX ? 1 : seqno + 1;
}

/* Whether @seqno is @acked or came before it; numbers run from 1 to the maximum. */
static bool tlb_inval_seqno_past(u32 acked, u32 seqno)
{
	s32 diff = (s32)acked - (s32)seqno;
	s32 half = GUC_TLB_INVAL_SEQNO_MAX / 2;

	if (diff > half)
		diff -= GUC_TLB_INVAL_SEQNO_MAX;
	else if (diff < -half)
		diff += GUC_TLB_INVAL_SEQNO_MAX;

	return diff >= 0;
}

/*
 * As long as something is pending the work is due, no later than the oldest deadline. It is left
 * due when all has been acknowledged: to move a timer costs more than to look in vain now and then.
 */
static void tlb_inval_arm_timer_locked(struct xe_tlb_inval *ti)
{
	struct xe_tlb_inval_fence *f;
	long left;

	lockdep_assert_held(&ti->lock);

	f = list_first_entry_or_null(&ti->pending, struct xe_tlb_inval_fence, link);
	if (!f)
		return;
	left = (long)(f->deadline - jiffies);
	queue_delayed_work(ti->wq, &ti->work, max(left, 1L));
}

/* Ids of an invalidation in trace events. */
static u32 tlb_inval_dev(const struct xe_tlb_inval *ti)
{
	return xe_device_minor(ti->gt->xe);
}

static void tlb_inval_trace_send(const struct xe_tlb_inval *ti, const struct xe_tlb_inval_fence *f)
{
	trace_xe_tlb_inval_send(tlb_inval_dev(ti), ti->gt->id, &f->base, f->seqno, f->start,
				f->end);
}

/* Send from the head of the queue until something is in the way. */
static void tlb_inval_flush_locked(struct xe_tlb_inval *ti)
{
	struct xe_tlb_inval_fence *f, *next;
	u32 seqno;
	bool first;
	int ret;

	lockdep_assert_held(&ti->lock);

	if (ti->down || !ti->ops)
		return;

	list_for_each_entry_safe(f, next, &ti->queued, link) {
		seqno = tlb_inval_next_seqno(ti->seqno);
		ret = ti->ops->send(ti->data, seqno, f->cmd, f->n_cmd);
		if (ret == -EBUSY) {
			mod_delayed_work(ti->wq, &ti->work,
					 msecs_to_jiffies(TLB_INVAL_RESEND_MS) ?: 1);
			return;
		}
		if (ret)
			return;

		ti->seqno = seqno;
		f->seqno = seqno;
		f->deadline = jiffies + msecs_to_jiffies(TLB_INVAL_TIMEOUT_MS);
		tlb_inval_trace_send(ti, f);
		first = list_empty(&ti->pending);
		list_move_tail(&f->link, &ti->pending);
		atomic64_inc(&ti->gt->stats.tlb_inval_count);
		if (first)
			tlb_inval_arm_timer_locked(ti);
	}
}

static void tlb_inval_work(struct work_struct *work)
{
	struct xe_tlb_inval *ti = container_of(work, struct xe_tlb_inval, work.work);
	struct xe_tlb_inval_fence *f;
	bool cookie;

	cookie = dma_fence_begin_signalling();

	spin_lock_irq(&ti->lock);
	f = list_first_entry_or_null(&ti->pending, struct xe_tlb_inval_fence, link);
	if (f && !time_before(jiffies, f->deadline)) {
		xe_gt_err(ti->gt, "TLB invalidation %u was not acknowledged, last sent %u\n",
			  f->seqno, ti->seqno);
		f->deadline = jiffies + msecs_to_jiffies(TLB_INVAL_TIMEOUT_MS);
		if (ti->ops)
			ti->ops->stuck(ti->data);
	}
	tlb_inval_arm_timer_locked(ti);
	tlb_inval_flush_locked(ti);
	spin_unlock_irq(&ti->lock);

	dma_fence_end_signalling(cookie);
}

/* Issue @f, whose command is complete. The queue takes a reference of its own. */
static void tlb_inval_issue(struct xe_tlb_inval *ti, struct xe_tlb_inval_fence *f)
{
	unsigned long flags;
	LIST_HEAD(refused);

	spin_lock_init(&f->lock);
	INIT_LIST_HEAD(&f->link);

	spin_lock_irqsave(&ti->lock, flags);
	xe_fence_init(&f->base, &tlb_inval_fence_ops, &f->lock, ti->context, ++ti->fence_seqno);
	dma_fence_get(&f->base);
	trace_xe_tlb_inval_issue(tlb_inval_dev(ti), ti->gt->id, &f->base, 0, f->start, f->end);
	if (ti->abandoned) {
		list_add_tail(&f->link, &refused);
	} else {
		list_add_tail(&f->link, &ti->queued);
		tlb_inval_flush_locked(ti);
	}
	spin_unlock_irqrestore(&ti->lock, flags);

	tlb_inval_signal(&refused, -ENODEV);
}

/*
 * Widen [start, end) to what the firmware accepts: a power of two, aligned to itself, and not
 * between 2 and 8 MiB, because large pages may be involved from 2 MiB on (see
 * Documentation/hardware/page-tables.md, 11.4).
 */
static void tlb_inval_widen(u64 *start, u64 end, u64 *len)
{
	u64 orig = *start, l;

	l = roundup_pow_of_two(max_t(u64, end - orig, SZ_4K));
	end = round_up(end, l);
	*start = round_down(orig, l);
	while (*start + l < end) {
		l <<= 1;
		*start = round_down(orig, l);
	}
	if (l >= SZ_2M) {
		l = max_t(u64, l, SZ_16M);
		*start = round_down(orig, l);
	}
	*len = l;
}

/**
 * xe_tlb_inval_fence_alloc - allocate the fence of an invalidation to come
 * @gt: the GT
 *
 * Context: may sleep.
 * Return: the fence, or NULL without memory. Until it is issued it is released with
 * xe_tlb_inval_fence_free(), afterwards with dma_fence_put().
 */
struct xe_tlb_inval_fence *xe_tlb_inval_fence_alloc(struct xe_gt *gt)
{
	return kzalloc(sizeof(struct xe_tlb_inval_fence), GFP_KERNEL);
}

/**
 * xe_tlb_inval_fence_free - free a fence that was not issued
 * @f: fence, or NULL
 *
 * Context: any.
 */
void xe_tlb_inval_fence_free(struct xe_tlb_inval_fence *f)
{
	kfree(f);
}

/**
 * xe_tlb_inval_range - drop the translations of a range of an address space
 * @gt: the GT
 * @f: fresh fence; becomes a live dma_fence whose reference belongs to the caller
 * @start: first address, bytes
 * @end: end of the range, exclusive, bytes; greater than @start
 * @asid: address space; ignored where the hardware has none
 *
 * The page-table writes must have been made visible (barrier) before. The fence signals when no
 * engine uses an old translation any more; with -ENODEV if the GuC is gone for good and the engines
 * have been stopped.
 *
 * Context: any, including fence signalling. Does not allocate, does not fail.
 */
void xe_tlb_inval_range(struct xe_gt *gt, struct xe_tlb_inval_fence *f, u64 start, u64 end,
			u32 asid)
{
	u64 len;

	f->n_cmd = 0;
	if (gt->xe->platform->has_range_tlb_inval) {
		tlb_inval_widen(&start, end, &len);
		f->start = start;
		f->end = start + len;
		f->cmd[f->n_cmd++] = GUC_TLB_INVAL_TYPE_RANGE | GUC_TLB_INVAL_FLUSH_CACHE;
		f->cmd[f->n_cmd++] = asid;
		f->cmd[f->n_cmd++] = lower_32_bits(start);
		f->cmd[f->n_cmd++] = upper_32_bits(start);
		f->cmd[f->n_cmd++] = ilog2(len) - ilog2(SZ_4K);
	} else {
		f->cmd[f->n_cmd++] = GUC_TLB_INVAL_TYPE_FULL | GUC_TLB_INVAL_FLUSH_CACHE;
	}

	tlb_inval_issue(gt->tlb_inval, f);
}

static int tlb_inval_ggtt_register(struct xe_gt *gt)
{
	int ret;

	ret = xe_force_wake_get(&gt->fw, XE_FW_GT);
	if (ret)
		return ret;
	xe_mmio_write32(&gt->mmio, GUC_TLB_INV_CR, GUC_TLB_INV_CR_INVALIDATE);
	/* The memory behind may be freed next: the write must have arrived. */
	xe_mmio_read32(&gt->mmio, GUC_TLB_INV_CR);
	xe_force_wake_put(&gt->fw, XE_FW_GT);

	return 0;
}

/* Does the GuC listen? Whoever disconnects it may be at it. */
static bool tlb_inval_is_up(struct xe_tlb_inval *ti)
{
	unsigned long flags;
	bool up;

	spin_lock_irqsave(&ti->lock, flags);
	up = ti->ops && ti->ops->is_up(ti->data);
	spin_unlock_irqrestore(&ti->lock, flags);

	return up;
}

/**
 * xe_tlb_inval_ggtt - drop all GGTT translations of the GuC and the engines, and wait
 * @gt: the GT
 *
 * Context: may sleep; not in fence signalling.
 * Return:
 * * 0 - no old translation is in use
 * * -ETIME - the GuC did not answer in time; a GT reset has been requested
 * * -ENODEV - the GuC went away for good while waiting
 * * -ETIMEDOUT, -EIO - the GT did not wake up
 */
int xe_tlb_inval_ggtt(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;
	struct xe_tlb_inval_fence *f;
	long left;
	int ret;

	if (!ti || !tlb_inval_is_up(ti))
		return tlb_inval_ggtt_register(gt);

	f = xe_tlb_inval_fence_alloc(gt);
	if (!f)
		return tlb_inval_ggtt_register(gt);

	f->cmd[0] = GUC_TLB_INVAL_TYPE_GUC | GUC_TLB_INVAL_FLUSH_CACHE;
	f->n_cmd = 1;
	tlb_inval_issue(ti, f);

	left = dma_fence_wait_timeout(&f->base, false, msecs_to_jiffies(TLB_INVAL_WAIT_MS));
	ret = left > 0 ? dma_fence_get_status(&f->base) : -ETIME;
	dma_fence_put(&f->base);

	return ret < 0 ? ret : 0;
}

/**
 * xe_tlb_inval_done - the GuC has acknowledged a request
 * @gt: the GT
 * @seqno: its number; all earlier ones are done, too
 *
 * Context: any, including hard interrupts.
 */
void xe_tlb_inval_done(struct xe_gt *gt, u32 seqno)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;
	struct xe_tlb_inval_fence *f, *next;
	unsigned long flags;
	LIST_HEAD(done);

	spin_lock_irqsave(&ti->lock, flags);
	list_for_each_entry_safe(f, next, &ti->pending, link) {
		if (!tlb_inval_seqno_past(seqno, f->seqno))
			break;
		trace_xe_tlb_inval_ack(tlb_inval_dev(ti), ti->gt->id, &f->base, f->seqno, f->start,
				       f->end);
		list_move_tail(&f->link, &done);
	}
	tlb_inval_flush_locked(ti);
	spin_unlock_irqrestore(&ti->lock, flags);

	tlb_inval_signal(&done, 0);
}

/**
 * xe_tlb_inval_reset - a GT reset begins, the GuC has been stopped
 * @gt: the GT
 *
 * What has been sent goes back to the queue; nothing is sent before xe_tlb_inval_resume().
 *
 * Context: any.
 */
void xe_tlb_inval_reset(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;
	unsigned long flags;

	if (!ti)
		return;

	spin_lock_irqsave(&ti->lock, flags);
	ti->down = true;
	list_splice_init(&ti->pending, &ti->queued);
	spin_unlock_irqrestore(&ti->lock, flags);
}

/**
 * xe_tlb_inval_resume - the GuC listens again after a reset
 * @gt: the GT
 *
 * Context: any.
 */
void xe_tlb_inval_resume(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;
	unsigned long flags;

	spin_lock_irqsave(&ti->lock, flags);
	ti->down = false;
	ti->seqno = 0;
	tlb_inval_flush_locked(ti);
	spin_unlock_irqrestore(&ti->lock, flags);
}

/**
 * xe_tlb_inval_abandon - the GuC will not come back; signal everything with -ENODEV
 * @gt: the GT, whose engines have been stopped
 *
 * Context: any.
 */
void xe_tlb_inval_abandon(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;
	unsigned long flags;
	LIST_HEAD(lost);

	if (!ti)
		return;

	spin_lock_irqsave(&ti->lock, flags);
	ti->abandoned = true;
	list_splice_init(&ti->pending, &lost);
	list_splice_tail_init(&ti->queued, &lost);
	spin_unlock_irqrestore(&ti->lock, flags);

	tlb_inval_signal(&lost, -ENODEV);
}

/**
 * xe_tlb_inval_count - invalidations sent since probe
 * @gt: the GT
 *
 * Context: any.
 * Return: the count.
 */
u64 xe_tlb_inval_count(struct xe_gt *gt)
{
	return atomic64_read(&gt->stats.tlb_inval_count);
}

/**
 * xe_tlb_inval_set_ops - connect the front end to the GuC
 * @gt: the GT
 * @ops: how to reach the GuC; NULL to disconnect when nothing can be issued any more
 * @data: handed to @ops
 *
 * Context: probe and remove.
 */
void xe_tlb_inval_set_ops(struct xe_gt *gt, const struct xe_tlb_inval_ops *ops, void *data)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;

	if (!ti)
		return;

	spin_lock_irq(&ti->lock);
	ti->ops = ops;
	ti->data = data;
	spin_unlock_irq(&ti->lock);
}

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
static DECLARE_FAULT_ATTR(fail_ggtt_inval);

static bool ggtt_inval_shall_fail(void)
{
	return should_fail(&fail_ggtt_inval, 1);
}

/**
 * xe_tlb_inval_debugfs - offer to lose GGTT invalidations, in kernels with fault injection
 * @root: debugfs directory of the device
 *
 * Context: process, sleeps.
 */
void xe_tlb_inval_debugfs(struct dentry *root)
{
	fault_create_debugfs_attr("fail_ggtt_inval", root, &fail_ggtt_inval);
}
#else
static bool ggtt_inval_shall_fail(void)
{
	return false;
}

void xe_tlb_inval_debugfs(struct dentry *root)
{
}
#endif

static int tlb_inval_ggtt_hook(void *data)
{
	struct xe_device *xe = data;
	int ret, failed = 0;
	struct xe_gt *gt;
	unsigned int id;

	if (ggtt_inval_shall_fail())
		return -ETIME;

	xe_for_each_gt(gt, xe, id) {
		ret = xe_tlb_inval_ggtt(gt);
		/* If the GuC is gone for good the engines have been stopped. */
		if (!ret || ret == -ENODEV)
			continue;
		xe_gt_err(gt, "GGTT translations may be stale: %pe\n", ERR_PTR(ret));
		failed = ret;
	}

	return failed;
}

static const struct xe_ggtt_ops tlb_inval_ggtt_ops = {
	.invalidate = tlb_inval_ggtt_hook,
};

/**
 * xe_tlb_inval_init - set up the front end and become the GGTT's invalidation hook
 * @gt: the GT; its registers can be accessed
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM - no memory
 */
int xe_tlb_inval_init(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti;

	ti = drmm_kzalloc(&gt->xe->drm, sizeof(*ti), GFP_KERNEL);
	if (!ti)
		return -ENOMEM;

	ti->wq = alloc_ordered_workqueue("xe-tlb-inval", WQ_MEM_RECLAIM);
	if (!ti->wq)
		return -ENOMEM;

	ti->gt = gt;
	spin_lock_init(&ti->lock);
	INIT_LIST_HEAD(&ti->queued);
	INIT_LIST_HEAD(&ti->pending);
	INIT_DELAYED_WORK(&ti->work, tlb_inval_work);
	ti->context = dma_fence_context_alloc(1);

	gt->tlb_inval = ti;
	xe_ggtt_set_ops(gt->xe->ggtt, &tlb_inval_ggtt_ops, gt->xe);

	return 0;
}

/**
 * xe_tlb_inval_fini - stop the front end
 * @gt: the GT; its GuC is gone, GGTT changes still flush by register
 *
 * The object stays until the DRM device is released: address spaces of open files may still
 * issue invalidations, which signal at once.
 *
 * Context: may sleep. A second call does nothing.
 */
void xe_tlb_inval_fini(struct xe_gt *gt)
{
	struct xe_tlb_inval *ti = gt->tlb_inval;

	if (!ti || !ti->wq)
		return;

	xe_tlb_inval_set_ops(gt, NULL, NULL);
	xe_tlb_inval_abandon(gt);
	cancel_delayed_work_sync(&ti->work);
	destroy_workqueue(ti->wq);
	ti->wq = NULL;
}
