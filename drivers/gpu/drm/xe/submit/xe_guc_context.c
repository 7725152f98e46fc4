// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Contexts and the GuC
 *
 * What the firmware knows about one queue, and the messages that change it. A context is
 * registered when the first job runs, so queues that never run a job cost the firmware
 * nothing. Registering is not confirmed; changes of the mode and deregistering are.
 *
 * ::
 *
 *                    register, policies
 *     unknown  ------------------------------>  registered
 *        ^                                       |      ^
 *        | DEREGISTER_DONE                enable |      | MODE_DONE(0)
 *        |                                       v      |
 *     deregistering                         enabling   disabling
 *        ^                                       |      ^
 *        |                          MODE_DONE(1) |      | disable
 *        +------- deregister ----------------    v      |
 *                 (from registered)             enabled ----> SCHED_CONTEXT per job
 *
 * Between *registered* and *enabling* a long-running queue may be told to wait (suspended): its
 * jobs are made ready, but the context is not enabled and nothing is announced.
 *
 * A reset of the GuC returns every context to *unknown* (xe_guc_context_forget()).
 *
 * A job may be announced while enabling is not confirmed, because the firmware handles messages
 * in order. Every other transition waits for the one before.
 *
 * State bits are set before the message goes out, as the confirmation may be faster than the
 * sender. A message that cannot be sent needs no undoing: the channel only fails for good, and
 * then the GuC is reset.
 *
 * Locking: bits change under &xe_guc_queue.lock. Transitions are made by the scheduler's run_job
 * or by a holder of &xe_guc_queue.ctl_lock who has paused the scheduler. Waiting ends early when
 * the GuC is stopped.
 */

#include <linux/jiffies.h>

#include "base/xe_print.h"
#include "base/xe_reset.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_types.h"

/* beside the time that the context itself may take to yield */
#define GUC_CONFIRM_TIMEOUT	(5 * HZ)
/* what a context gets that shall leave the engine at once */
#define GUC_FORCED_PREEMPT_US	1
/* a parallel queue may lose up to an item at the end of its work queue, and one must stay free */
#define GUC_WQ_LOST_ITEMS	2

static_assert(GUC_REGISTER_MULTI_LRC_DWORDS(XE_EXEC_QUEUE_MAX_WIDTH) <= GUC_CT_MSG_MAX_DWORDS);

static u32 context_state(const struct xe_guc_queue *gq)
{
	return READ_ONCE(gq->state);
}

static void context_change(struct xe_guc_queue *gq, u32 clear, u32 set)
{
	spin_lock(&gq->lock);
	WRITE_ONCE(gq->state, (gq->state & ~clear) | set);
	spin_unlock(&gq->lock);
}

/*
 * Wait until all @bits are clear. -ECANCELED if the GuC is stopped first; -ETIME if nothing
 * happens, in which case a GT reset has been requested.
 */
static int context_wait(struct xe_guc_queue *gq, u32 bits)
{
	struct xe_guc *guc = gq->guc;
	long left = GUC_CONFIRM_TIMEOUT + usecs_to_jiffies(gq->q->sched_props.preempt_timeout_us);

	left = wait_event_timeout(gq->wait,
				  !(context_state(gq) & bits) || READ_ONCE(guc->submit.stopped),
				  left);
	if (!(context_state(gq) & bits))
		return 0;
	if (left)
		return -ECANCELED;

	xe_gt_err(guc->gt, "GuC does not confirm a change of context %u, state %#x\n", gq->id,
		  context_state(gq));
	xe_device_request_gt_reset(guc->gt->xe, guc->gt->id);

	return -ETIME;
}

static u32 context_priority(const struct xe_exec_queue *q)
{
	static const u8 map[] = {
		[XE_QUEUE_PRIORITY_LOW] = GUC_PRIORITY_NORMAL,
		[XE_QUEUE_PRIORITY_NORMAL] = GUC_PRIORITY_KERNEL_NORMAL,
		[XE_QUEUE_PRIORITY_HIGH] = GUC_PRIORITY_HIGH,
		[XE_QUEUE_PRIORITY_KERNEL] = GUC_PRIORITY_KERNEL_HIGH,
	};

	return map[q->sched_props.priority];
}

static int context_send_policies(struct xe_guc_queue *gq, unsigned int flags)
{
	const struct xe_exec_queue *q = gq->q;
	u32 msg[8], n = 0;

	msg[n++] = xe_hxg_fast_request(GUC_H2G_UPDATE_CONTEXT_POLICIES);
	msg[n++] = gq->id;
	n += xe_guc_pack_klv1(GUC_KLV_CONTEXT_PRIORITY, context_priority(q), msg + n);
	n += xe_guc_pack_klv1(GUC_KLV_CONTEXT_EXEC_QUANTUM_US, q->sched_props.timeslice_us,
			      msg + n);
	n += xe_guc_pack_klv1(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US,
			      q->sched_props.preempt_timeout_us, msg + n);

	return xe_guc_ct_send(&gq->guc->ct, msg, n, 0, flags);
}

/**
 * xe_guc_context_update_policies - tell the firmware the queue's scheduling properties
 * @gq: a registered queue
 *
 * Context: may sleep for room in the message ring; may be used in fence signalling.
 * Return:
 * * 0 - success
 * * -ECANCELED, -ENODEV - the channel is down
 */
int xe_guc_context_update_policies(struct xe_guc_queue *gq)
{
	return context_send_policies(gq, 0);
}

/* Takes effect with the next message, which is to disable the context. */
static int context_force_preempt(struct xe_guc_queue *gq)
{
	u32 msg[4], n = 0;

	msg[n++] = xe_hxg_fast_request(GUC_H2G_UPDATE_CONTEXT_POLICIES);
	msg[n++] = gq->id;
	n += xe_guc_pack_klv1(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, GUC_FORCED_PREEMPT_US, msg + n);

	return xe_guc_ct_send(&gq->guc->ct, msg, n, 0, XE_GUC_CT_MORE);
}

static u32 *context_wq_desc(const struct xe_exec_queue *q)
{
	return xe_lrc_parallel_vaddr(q->lrc[0]);
}

static u32 *context_wq_item(const struct xe_exec_queue *q, u32 offset)
{
	return xe_lrc_parallel_vaddr(q->lrc[0]) + GUC_WQ_QUEUE_OFFSET - GUC_WQ_DESC_OFFSET + offset;
}

/* A message that enables or announces the context has to follow, or xe_guc_ct_notify(). */
static int context_register(struct xe_guc_queue *gq)
{
	u32 msg[GUC_REGISTER_MULTI_LRC_DWORDS(XE_EXEC_QUEUE_MAX_WIDTH)];
	const struct xe_exec_queue *q = gq->q;
	u64 lrc_desc[XE_EXEC_QUEUE_MAX_WIDTH];
	struct xe_guc_ctx_desc desc = {
		.id = gq->id,
		.guc_class = xe_guc_class(q->class),
		.submit_mask = q->logical_mask,
		.n_lrc = q->width,
		.lrc_desc = lrc_desc,
	};
	unsigned int i;
	int ret;

	for (i = 0; i < q->width; i++)
		lrc_desc[i] = xe_lrc_descriptor(q->lrc[i]);

	if (q->width > 1) {
		desc.wq_desc = xe_lrc_parallel_ggtt_addr(q->lrc[0]);
		desc.wq_base = desc.wq_desc + GUC_WQ_QUEUE_OFFSET - GUC_WQ_DESC_OFFSET;
		memset(context_wq_desc(q), 0, GUC_WQ_QUEUE_OFFSET - GUC_WQ_DESC_OFFSET);
		context_wq_desc(q)[GUC_WQ_DESC_STATUS] = GUC_WQ_STATUS_ACTIVE;
		gq->wq_tail = 0;
	}

	context_change(gq, 0, GUC_QUEUE_REGISTERED);
	ret = xe_guc_ct_send(&gq->guc->ct, msg, xe_guc_pack_register(&desc, msg), 0,
			     XE_GUC_CT_MORE);
	if (ret)
		return ret;

	return context_send_policies(gq, XE_GUC_CT_MORE);
}

static int context_set_mode(struct xe_guc_queue *gq, u32 mode, unsigned int flags)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT_MODE_SET), gq->id, mode };

	if (mode == GUC_CONTEXT_ENABLE)
		context_change(gq, 0, GUC_QUEUE_MODE_PENDING | GUC_QUEUE_ENABLED);
	else
		context_change(gq, GUC_QUEUE_ENABLED, GUC_QUEUE_MODE_PENDING);

	return xe_guc_ct_send(&gq->guc->ct, msg, ARRAY_SIZE(msg), GUC_G2H_LEN_SCHED_MODE_DONE,
			      flags);
}

static int context_announce(struct xe_guc_queue *gq)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_SCHED_CONTEXT), gq->id };

	return xe_guc_ct_send(&gq->guc->ct, msg, ARRAY_SIZE(msg), 0, 0);
}

static u32 context_wq_item_bytes(const struct xe_exec_queue *q)
{
	return GUC_WQ_ITEM_DWORDS(q->width) * sizeof(u32);
}

/**
 * xe_guc_context_max_jobs - how many jobs of a queue may be in flight
 * @q: the queue
 *
 * The rings always have room for that many. A parallel queue needs room for one item per job in
 * its work queue, too; a finished job's item has been read.
 *
 * Context: any.
 * Return: number of jobs, at least 1.
 */
u32 xe_guc_context_max_jobs(const struct xe_exec_queue *q)
{
	u32 items;

	if (q->width <= 1)
		return XE_LRC_MAX_JOBS;
	items = GUC_WQ_QUEUE_BYTES / context_wq_item_bytes(q) - GUC_WQ_LOST_ITEMS;

	return min_t(u32, XE_LRC_MAX_JOBS, items);
}

/* Tell a parallel context by how much its rings have grown. */
static int context_wq_append(struct xe_guc_queue *gq)
{
	const struct xe_exec_queue *q = gq->q;
	u32 *desc = context_wq_desc(q), *item;
	u32 bytes = context_wq_item_bytes(q);
	u32 to_end = GUC_WQ_QUEUE_BYTES - gq->wq_tail;
	u32 head = READ_ONCE(desc[GUC_WQ_DESC_HEAD]);
	u32 need = bytes + (to_end < bytes ? to_end : 0);
	unsigned int i, n = 0;

	/* cannot happen as long as head moves with the jobs, see xe_guc_context_max_jobs() */
	if (head >= GUC_WQ_QUEUE_BYTES ||
	    (head - gq->wq_tail - sizeof(u32)) % GUC_WQ_QUEUE_BYTES < need)
		return -EPROTO;

	if (to_end < bytes) {
		*context_wq_item(q, gq->wq_tail) =
			xe_guc_wq_item_header(GUC_WQ_TYPE_NOOP, to_end / sizeof(u32));
		gq->wq_tail = 0;
	}

	item = context_wq_item(q, gq->wq_tail);
	item[n++] = xe_guc_wq_item_header(GUC_WQ_TYPE_MULTI_LRC, bytes / sizeof(u32));
	item[n++] = lower_32_bits(xe_lrc_descriptor(q->lrc[0]));
	item[n++] = xe_guc_wq_item_context(gq->id, xe_lrc_tail(q->lrc[0]));
	item[n++] = 0;
	for (i = 1; i < q->width; i++)
		item[n++] = xe_lrc_tail(q->lrc[i]) / 8;

	gq->wq_tail = (gq->wq_tail + bytes) % GUC_WQ_QUEUE_BYTES;
	/* The item must be visible before the tail; the GuC reads tail, then item. */
	wmb();
	WRITE_ONCE(desc[GUC_WQ_DESC_TAIL], gq->wq_tail);

	return 0;
}

/**
 * xe_guc_context_submit - make the firmware run what was appended to the rings
 * @gq: queue with a new job in its rings, not disabled, unless suspended; registers and enables it
 * if need be. A suspended queue is left to xe_guc_context_enable()
 *
 * Context: the scheduler's run_job, or ctl_lock held with the scheduler paused. May sleep for
 * room in the message ring; fence signalling. There is no error: if the channel is down the GuC
 * is about to be reset, and the job will be submitted again or cancelled.
 */
void xe_guc_context_submit(struct xe_guc_queue *gq)
{
	struct xe_guc *guc = gq->guc;
	bool parallel = gq->q->width > 1;
	int ret = 0;

	if (!(context_state(gq) & GUC_QUEUE_REGISTERED))
		ret = context_register(gq);

	if (!ret && parallel) {
		ret = context_wq_append(gq);
		if (ret) {
			xe_gt_err(guc->gt, "work queue of context %u is corrupt\n", gq->id);
			xe_device_request_gt_reset(guc->gt->xe, guc->gt->id);
			return;
		}
	}

	if (context_state(gq) & GUC_QUEUE_SUSPENDED) {
		xe_guc_ct_notify(&guc->ct);
		return;
	}

	if (!ret && !(context_state(gq) & GUC_QUEUE_ENABLED)) {
		/* enabling implies a look at the ring, but not at the work queue */
		ret = context_set_mode(gq, GUC_CONTEXT_ENABLE, parallel ? XE_GUC_CT_MORE : 0);
		if (!parallel)
			return;
	}

	if (!ret)
		context_announce(gq);
}

/**
 * xe_guc_context_enable - put a disabled queue back on the hardware
 * @gq: registered, disabled queue
 *
 * Context: ctl_lock held, scheduler paused; may sleep. Fence signalling.
 * Return:
 * * 0 - asked for; the confirmation is not awaited
 * * -ECANCELED, -ENODEV - the channel is down
 */
int xe_guc_context_enable(struct xe_guc_queue *gq)
{
	bool parallel = gq->q->width > 1;
	int ret;

	lockdep_assert_held(&gq->ctl_lock);

	ret = context_set_mode(gq, GUC_CONTEXT_ENABLE, parallel ? XE_GUC_CT_MORE : 0);
	if (!ret && parallel)
		ret = context_announce(gq);

	return ret;
}

/**
 * xe_guc_context_settle - wait until the firmware has confirmed the last change
 * @gq: queue in any state
 *
 * Context: ctl_lock held, scheduler paused or without jobs; may sleep. Fence signalling.
 * Return: as xe_guc_context_disable().
 */
int xe_guc_context_settle(struct xe_guc_queue *gq)
{
	lockdep_assert_held(&gq->ctl_lock);

	return context_wait(gq, GUC_QUEUE_MODE_PENDING | GUC_QUEUE_DEREGISTERING);
}

/**
 * xe_guc_context_disable - take a queue off the hardware and wait until it is
 * @gq: queue in any state
 *
 * When this succeeds the context image is saved and belongs to the driver.
 *
 * Context: ctl_lock held, scheduler paused; may sleep. Fence signalling.
 * Return:
 * * 0 - the hardware does not use the context
 * * -ETIME - no confirmation within 5 s and the preemption time-out of the queue; a GT reset has
 *   been requested
 * * -ECANCELED, -ENODEV - the channel is down, a GT reset is going on or will follow
 */
int xe_guc_context_disable(struct xe_guc_queue *gq)
{
	int ret;

	lockdep_assert_held(&gq->ctl_lock);

	ret = xe_guc_context_settle(gq);
	if (ret || !(context_state(gq) & GUC_QUEUE_ENABLED))
		return ret;

	ret = context_set_mode(gq, GUC_CONTEXT_DISABLE, 0);

	return ret ?: xe_guc_context_settle(gq);
}

/**
 * xe_guc_context_start_evict - ask the firmware to throw a context off the hardware
 * @gq: settled queue
 *
 * xe_guc_ct_notify() has to follow, and xe_guc_context_settle().
 *
 * Context: ctl_lock held, scheduler paused or without jobs; may sleep. Fence signalling.
 * Return:
 * * 0 - asked for, or the context was not enabled
 * * -ECANCELED, -ENODEV - the channel is down, a GT reset is going on or will follow
 */
int xe_guc_context_start_evict(struct xe_guc_queue *gq)
{
	int ret;

	lockdep_assert_held(&gq->ctl_lock);

	if (!(context_state(gq) & GUC_QUEUE_ENABLED))
		return 0;

	ret = context_force_preempt(gq);

	return ret ?: context_set_mode(gq, GUC_CONTEXT_DISABLE, XE_GUC_CT_MORE);
}

/**
 * xe_guc_context_evict - xe_guc_context_disable() without mercy
 * @gq: queue in any state
 *
 * A context that does not yield at once is thrown off by an engine reset.
 *
 * Context: ctl_lock held, scheduler paused; may sleep. Fence signalling.
 * Return: as xe_guc_context_disable().
 */
int xe_guc_context_evict(struct xe_guc_queue *gq)
{
	int ret;

	ret = xe_guc_context_settle(gq) ?: xe_guc_context_start_evict(gq);
	if (ret)
		return ret;
	xe_guc_ct_notify(&gq->guc->ct);

	return xe_guc_context_settle(gq);
}

/**
 * xe_guc_context_start_deregister - ask the firmware to forget a context
 * @gq: settled, disabled queue
 *
 * xe_guc_ct_notify() has to follow. Once xe_guc_context_settle() succeeds, the firmware does not
 * know the context; its id and memory may be reused.
 *
 * Context: ctl_lock held, scheduler paused or without jobs; may sleep.
 * Return: as xe_guc_context_start_evict().
 */
int xe_guc_context_start_deregister(struct xe_guc_queue *gq)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_DEREGISTER_CONTEXT), gq->id };

	lockdep_assert_held(&gq->ctl_lock);

	if (!(context_state(gq) & GUC_QUEUE_REGISTERED))
		return 0;
	context_change(gq, 0, GUC_QUEUE_DEREGISTERING);

	return xe_guc_ct_send(&gq->guc->ct, msg, ARRAY_SIZE(msg), GUC_G2H_LEN_DEREGISTER_DONE,
			      XE_GUC_CT_MORE);
}

/**
 * xe_guc_context_forget - the GuC is stopped and will be reset: no context survives
 * @gq: queue in any state
 *
 * Context: ctl_lock held, scheduler paused.
 */
void xe_guc_context_forget(struct xe_guc_queue *gq)
{
	lockdep_assert_held(&gq->ctl_lock);

	context_change(gq, GUC_QUEUE_FW_BITS, 0);
}

/**
 * xe_guc_context_mode_done - the firmware has confirmed a change of mode
 * @gq: the queue
 * @mode: GUC_CONTEXT_ENABLE or GUC_CONTEXT_DISABLE
 *
 * Context: worker of the message transport.
 * Return:
 * * 0 - it was expected
 * * -EPROTO - it was not
 */
int xe_guc_context_mode_done(struct xe_guc_queue *gq, u32 mode)
{
	bool enabled = mode == GUC_CONTEXT_ENABLE;
	int ret = -EPROTO;

	spin_lock(&gq->lock);
	if ((gq->state & GUC_QUEUE_MODE_PENDING) &&
	    !!(gq->state & GUC_QUEUE_ENABLED) == enabled) {
		WRITE_ONCE(gq->state, gq->state & ~GUC_QUEUE_MODE_PENDING);
		ret = 0;
	}
	spin_unlock(&gq->lock);
	wake_up_all(&gq->wait);

	return ret;
}

/**
 * xe_guc_context_deregister_done - the firmware has forgotten the context
 * @gq: the queue
 *
 * Context: worker of the message transport.
 * Return:
 * * 0 - it was expected
 * * -EPROTO - it was not
 */
int xe_guc_context_deregister_done(struct xe_guc_queue *gq)
{
	int ret = -EPROTO;

	spin_lock(&gq->lock);
	if (gq->state & GUC_QUEUE_DEREGISTERING) {
		WRITE_ONCE(gq->state, gq->state & ~GUC_QUEUE_FW_BITS);
		ret = 0;
	}
	spin_unlock(&gq->lock);
	wake_up_all(&gq->wait);

	return ret;
}
