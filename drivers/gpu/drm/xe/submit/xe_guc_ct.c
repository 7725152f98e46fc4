// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC command transport (CT)
 *
 * Two rings in GGTT-mapped memory: host to GuC (H2G) and GuC to host (G2H). A *fast request*
 * gets no direct answer, but may cause an event later; a *request* blocks its sender until the
 * answer with the same fence arrives.
 *
 * Room. A sender needs room in the H2G ring, and it needs credits: dwords of the G2H ring set
 * aside for what the message will cause, so that the GuC never finds the ring full. Half of the
 * ring is not handed out at all, it is for events nobody asked for. Credits come back when the
 * answer is read. A sender that may sleep waits for room; the GuC makes it without help from
 * anything the sender could block. If the GuC moves nothing for about a second the channel is
 * declared broken and the GT is reset.
 *
 * Notification. The GuC looks at its ring when a register is written. Who sends several messages
 * in a row does that once, behind the last; who meanwhile finds no room does it before.
 *
 * Reception. The interrupt handler takes messages off the G2H ring as long as they are answers
 * to requests or events that the consumer handles in interrupt context (TLB invalidations). The
 * first message of another kind stops it and wakes the worker, which goes on from there in
 * order. Event handlers run by the worker must not wait for the GuC, therefore everything
 * that only waits for the worker makes progress, and the worker may be waited for in fence
 * signalling.
 *
 * States::
 *
 *     DISABLED --enable--> ENABLED --stop--> STOPPED --enable--> ENABLED
 *                             |                 ^
 *                             +---> BROKEN -----+   (requests a GT reset)
 *
 * Locking: &xe_guc_ct.g2h_lock serialises readers, &xe_guc_ct.lock senders; the former is taken
 * first. Both are taken with interrupts off.
 */

#include <linux/dma-fence.h>
#include <linux/jiffies.h>

#include <drm/drm_print.h>

#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "hw/xe_mmio.h"
#include "mem/xe_bo.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_types.h"

#define H2G_RING_DWORDS		(GUC_CT_H2G_RING_BYTES / sizeof(u32))
#define G2H_RING_DWORDS		(GUC_CT_G2H_RING_BYTES / sizeof(u32))
/* one dword stays free so that a full ring does not look empty */
#define G2H_CREDITS		(G2H_RING_DWORDS / 2 - 1)

#define CT_ANSWER_TIMEOUT_MS	1000
#define CT_STALL_DELAY_MAX_MS	512
#define CT_RETRY_COUNT		50
#define CT_RETRY_DELAY_MAX_MS	256

/**
 * struct ct_request - a sender waiting for its answer, on its stack
 */
struct ct_request {
	/** @link: entry in &xe_guc_ct.requests, under &xe_guc_ct.lock */
	struct list_head link;
	/** @header: HXG header of the answer */
	u32 header;
	/** @fence: what the answer will repeat */
	u16 fence;
	/** @done: @header is valid, or @aborted is set */
	bool done;
	/** @aborted: the channel went down */
	bool aborted;
};

static struct xe_guc *ct_to_guc(struct xe_guc_ct *ct)
{
	return container_of(ct, struct xe_guc, ct);
}

static struct xe_gt *ct_to_gt(struct xe_guc_ct *ct)
{
	return ct_to_guc(ct)->gt;
}

static u32 *ct_h2g_desc(struct xe_guc_ct *ct)
{
	return xe_bo_vaddr(ct->bo) + GUC_CT_H2G_DESC_OFFSET;
}

static u32 *ct_g2h_desc(struct xe_guc_ct *ct)
{
	return xe_bo_vaddr(ct->bo) + GUC_CT_G2H_DESC_OFFSET;
}

static u32 *ct_h2g_ring(struct xe_guc_ct *ct)
{
	return xe_bo_vaddr(ct->bo) + GUC_CT_H2G_RING_OFFSET;
}

static u32 *ct_g2h_ring(struct xe_guc_ct *ct)
{
	return xe_bo_vaddr(ct->bo) + GUC_CT_G2H_RING_OFFSET;
}

static void ct_set_state_locked(struct xe_guc_ct *ct, enum xe_guc_ct_state state)
{
	struct ct_request *req, *next;

	lockdep_assert_held(&ct->lock);

	WRITE_ONCE(ct->state, state);
	if (state == XE_GUC_CT_ENABLED)
		return;

	list_for_each_entry_safe(req, next, &ct->requests, link) {
		list_del_init(&req->link);
		req->aborted = true;
		WRITE_ONCE(req->done, true);
	}
	wake_up_all(&ct->wait);
}

/* The channel cannot be trusted any more. Any context, &xe_guc_ct.lock not held. */
static void ct_break(struct xe_guc_ct *ct, const char *why)
{
	unsigned long flags;
	bool first;

	spin_lock_irqsave(&ct->lock, flags);
	first = ct->state == XE_GUC_CT_ENABLED;
	if (first)
		ct_set_state_locked(ct, XE_GUC_CT_BROKEN);
	spin_unlock_irqrestore(&ct->lock, flags);

	if (!first)
		return;

	xe_gt_err(ct_to_gt(ct), "GuC command transport is broken: %s\n", why);
	ct->ops->broken(ct->data);
}

static void ct_return_credits(struct xe_guc_ct *ct, u32 n_dwords)
{
	unsigned long flags;
	bool overflow;

	spin_lock_irqsave(&ct->lock, flags);
	overflow = n_dwords > G2H_CREDITS - ct->g2h_credits;
	if (!overflow)
		WRITE_ONCE(ct->g2h_credits, ct->g2h_credits + n_dwords);
	spin_unlock_irqrestore(&ct->lock, flags);

	if (overflow)
		ct_break(ct, "an event came that was not asked for");
	else
		wake_up_all(&ct->wait);
}

static int ct_state_errno(const struct xe_guc_ct *ct)
{
	switch (READ_ONCE(ct->state)) {
	case XE_GUC_CT_ENABLED:
		return 0;
	case XE_GUC_CT_DISABLED:
		return -ENODEV;
	default:
		return -ECANCELED;
	}
}

/* Make the GuC look at its ring, in which all messages are complete. */
static void ct_notify_locked(struct xe_guc_ct *ct)
{
	lockdep_assert_held(&ct->lock);

	ct->notify_due = false;
	/* The GuC must see the tail before the notification. */
	wmb();
	xe_mmio_write32(&ct_to_gt(ct)->mmio, ct_to_guc(ct)->notify_reg, 0);
}

/**
 * xe_guc_ct_notify - make the GuC look at what was sent with XE_GUC_CT_MORE
 * @ct: the transport
 *
 * Does nothing if it was made to look since.
 *
 * Context: any.
 */
void xe_guc_ct_notify(struct xe_guc_ct *ct)
{
	unsigned long flags;

	spin_lock_irqsave(&ct->lock, flags);
	if (ct->notify_due && ct->state == XE_GUC_CT_ENABLED)
		ct_notify_locked(ct);
	spin_unlock_irqrestore(&ct->lock, flags);
}

/*
 * Write a message into the ring, for a later notification. Returns 0, -EBUSY without room, -EPIPE
 * if the descriptor is corrupt, or the state's errno.
 */
static int ct_write_locked(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords, u16 fence,
			   u32 g2h_dwords)
{
	u32 head, pad, i, tail = ct->h2g_tail;
	u32 *desc, *ring;
	int ret;

	lockdep_assert_held(&ct->lock);

	/* the buffer exists only while the channel may be open */
	ret = ct_state_errno(ct);
	if (ret)
		return ret;

	desc = ct_h2g_desc(ct);
	ring = ct_h2g_ring(ct);
	head = READ_ONCE(desc[GUC_CT_DESC_HEAD]);
	if (READ_ONCE(desc[GUC_CT_DESC_STATUS]) || head >= H2G_RING_DWORDS)
		return -EPIPE;

	pad = xe_ct_ring_pad(tail, n_dwords + 1, H2G_RING_DWORDS);
	if (xe_ct_ring_room(head, tail, H2G_RING_DWORDS) < pad + n_dwords + 1 ||
	    ct->g2h_credits < g2h_dwords) {
		/* messages that nobody has shown to the GuC do not make room */
		if (ct->notify_due)
			ct_notify_locked(ct);
		return -EBUSY;
	}

	if (pad) {
		memset(&ring[tail], 0, pad * sizeof(u32));
		tail = 0;
	}
	ring[tail++] = xe_ct_header(fence, n_dwords);
	for (i = 0; i < n_dwords; i++)
		ring[tail++] = msg[i];

	WRITE_ONCE(ct->g2h_credits, ct->g2h_credits - g2h_dwords);
	ct->h2g_tail = tail % H2G_RING_DWORDS;

	/* The GuC must see the message before the tail. It reads tail, then message. */
	wmb();
	WRITE_ONCE(desc[GUC_CT_DESC_TAIL], ct->h2g_tail);
	ct->notify_due = true;

	return 0;
}

static int ct_send_fast_once(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords, u32 g2h_dwords,
			     unsigned int send_flags)
{
	unsigned long flags;
	u16 fence;
	int ret;

	spin_lock_irqsave(&ct->lock, flags);
	fence = ct->fast_fence | GUC_CT_FENCE_FAST_REQUEST;
	ret = ct_write_locked(ct, msg, n_dwords, fence, g2h_dwords);
	if (!ret) {
		WRITE_ONCE(ct->fast_log[fence % XE_GUC_CT_FAST_LOG], xe_hxg_action(msg[0]));
		ct->fast_fence++;
		if (!(send_flags & XE_GUC_CT_MORE))
			ct_notify_locked(ct);
	}
	spin_unlock_irqrestore(&ct->lock, flags);

	return ret;
}

static int ct_send_request_once(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords,
				struct ct_request *req)
{
	unsigned long flags;
	int ret;

	req->done = false;
	req->aborted = false;

	spin_lock_irqsave(&ct->lock, flags);
	req->fence = ct->fence & ~GUC_CT_FENCE_FAST_REQUEST;
	ret = ct_write_locked(ct, msg, n_dwords, req->fence, GUC_G2H_LEN_RESPONSE);
	if (!ret) {
		ct->fence++;
		list_add_tail(&req->link, &ct->requests);
		ct_notify_locked(ct);
	}
	spin_unlock_irqrestore(&ct->lock, flags);

	return ret;
}

/* What a stalled sender watches: any change means that the GuC is alive. */
static u32 ct_progress(struct xe_guc_ct *ct)
{
	return READ_ONCE(ct_h2g_desc(ct)[GUC_CT_DESC_HEAD]) ^
	       (READ_ONCE(ct->g2h_credits) << 16);
}

/*
 * Sleep until there may be room. @delay_ms doubles with each call; -ETIME once the GuC has not
 * moved for the sum of all delays.
 */
static int ct_wait_for_room(struct xe_guc_ct *ct, unsigned int *delay_ms, u32 *progress)
{
	u32 now;

	if (READ_ONCE(ct->state) != XE_GUC_CT_ENABLED)
		return 0;

	now = ct_progress(ct);
	if (!*delay_ms || now != *progress) {
		*progress = now;
		*delay_ms = 1;
	}
	if (*delay_ms > CT_STALL_DELAY_MAX_MS)
		return -ETIME;

	wait_event_timeout(ct->wait,
			   READ_ONCE(ct->state) != XE_GUC_CT_ENABLED || ct_progress(ct) != now,
			   msecs_to_jiffies(*delay_ms) ?: 1);
	*delay_ms *= 2;

	return 0;
}

/* Send one way or the other, waiting for room. @req is NULL for a fast request. */
static int ct_send_wait(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords, u32 g2h_dwords,
			unsigned int send_flags, struct ct_request *req)
{
	unsigned int delay_ms = 0;
	u32 progress = 0;
	int ret;

	might_sleep();

	for (;;) {
		ret = req ? ct_send_request_once(ct, msg, n_dwords, req) :
			    ct_send_fast_once(ct, msg, n_dwords, g2h_dwords, send_flags);
		if (ret != -EBUSY)
			return ret;

		ret = ct_wait_for_room(ct, &delay_ms, &progress);
		if (ret) {
			ct_break(ct, "the GuC does not read its messages");
			return -ECANCELED;
		}
	}
}

/**
 * xe_guc_ct_send - send a fast request
 * @ct: the transport
 * @action: HXG message, header included; 1 to GUC_CT_MSG_MAX_DWORDS dwords
 * @n_dwords: its length
 * @g2h_dwords: length of the event it will cause, CT header included; 0 if none
 * @flags: &enum xe_guc_ct_send_flags
 *
 * Context: any with XE_GUC_CT_ATOMIC; otherwise may sleep until the GuC has made room. Does not
 * allocate, may be used in fence signalling.
 * Return:
 * * 0 - the message is in the ring
 * * -EBUSY - no room, and XE_GUC_CT_ATOMIC given
 * * -ECANCELED - the channel is stopped or broken; a reset will follow or is going on
 * * -ENODEV - the channel was never enabled, or is gone for good
 * * -EINVAL - the length is out of range
 */
int xe_guc_ct_send(struct xe_guc_ct *ct, const u32 *action, u32 n_dwords, u32 g2h_dwords,
		   unsigned int flags)
{
	int ret;

	if (WARN_ON(!n_dwords || n_dwords > GUC_CT_MSG_MAX_DWORDS))
		return -EINVAL;

	if (flags & XE_GUC_CT_ATOMIC)
		ret = ct_send_fast_once(ct, action, n_dwords, g2h_dwords, flags);
	else
		ret = ct_send_wait(ct, action, n_dwords, g2h_dwords, flags, NULL);

	if (ret == -EPIPE) {
		ct_break(ct, "H2G descriptor reports an error");
		ret = -ECANCELED;
	}

	return ret;
}

/* Wait for the answer to @req; on return @req is off the list. */
static int ct_wait_answer(struct xe_guc_ct *ct, struct ct_request *req)
{
	unsigned long flags;
	bool lost;

	if (!wait_event_timeout(ct->wait, READ_ONCE(req->done),
				msecs_to_jiffies(CT_ANSWER_TIMEOUT_MS))) {
		/* an interrupt may have gone missing: look at the ring before giving up */
		queue_work(ct->wq, &ct->work);
		flush_work(&ct->work);
	}

	spin_lock_irqsave(&ct->lock, flags);
	lost = !req->done;
	if (lost)
		list_del_init(&req->link);
	spin_unlock_irqrestore(&ct->lock, flags);

	if (lost)
		return -ETIME;

	return req->aborted ? -ECANCELED : 0;
}

static int ct_request_once(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords, u32 *header)
{
	struct ct_request req;
	int ret;

	ret = ct_send_wait(ct, msg, n_dwords, GUC_G2H_LEN_RESPONSE, 0, &req);
	if (ret == -EPIPE) {
		ct_break(ct, "H2G descriptor reports an error");
		ret = -ECANCELED;
	}
	if (ret)
		return ret;

	ret = ct_wait_answer(ct, &req);
	*header = req.header;

	return ret;
}

/**
 * xe_guc_ct_request - send a request and wait for the answer
 * @ct: the transport
 * @action: HXG message, header included
 * @n_dwords: its length, 1 to GUC_CT_MSG_MAX_DWORDS dwords
 * @data0: receives bits 27:0 of the success message; may be NULL
 *
 * Context: may sleep, up to a second and more while the GuC asks to retry. Not in fence
 * signalling, not from an event handler of the transport.
 * Return:
 * * 0 - success
 * * -ETIME - no answer within a second
 * * -EIO - the GuC refused; the reason has been logged
 * * -EAGAIN - the GuC kept asking to retry
 * * -ECANCELED - the channel is stopped or broken
 * * -ENODEV - the channel was never enabled, or is gone for good
 * * -EINVAL - the length is out of range
 */
int xe_guc_ct_request(struct xe_guc_ct *ct, const u32 *action, u32 n_dwords, u32 *data0)
{
	struct xe_gt *gt = ct_to_gt(ct);
	u32 msg_action = xe_hxg_action(action[0]);
	unsigned int delay_ms = 1, tries;
	u32 header = 0;
	int ret;

	if (WARN_ON(!n_dwords || n_dwords > GUC_CT_MSG_MAX_DWORDS))
		return -EINVAL;

	for (tries = 0; tries < CT_RETRY_COUNT; tries++) {
		ret = ct_request_once(ct, action, n_dwords, &header);
		if (ret == -ETIME)
			xe_gt_err(gt, "GuC did not answer request %#x\n", msg_action);
		if (ret)
			return ret;

		switch (xe_hxg_type(header)) {
		case GUC_HXG_TYPE_SUCCESS:
			if (data0)
				*data0 = xe_hxg_data0(header);
			return 0;
		case GUC_HXG_TYPE_FAILURE:
			xe_gt_err(gt, "GuC refused request %#x: error %#x hint %#x\n", msg_action,
				  xe_hxg_error(header), xe_hxg_hint(header));
			return -EIO;
		default:
			wait_event_timeout(ct->wait, READ_ONCE(ct->state) != XE_GUC_CT_ENABLED,
					   msecs_to_jiffies(delay_ms) ?: 1);
			delay_ms = min(delay_ms * 2, CT_RETRY_DELAY_MAX_MS);
		}
	}

	xe_gt_err(gt, "GuC keeps postponing request %#x\n", msg_action);
	return -EAGAIN;
}

static void ct_handle_answer(struct xe_guc_ct *ct, u32 ct_hdr, u32 hxg_hdr)
{
	u16 fence = xe_ct_fence(ct_hdr);
	struct ct_request *req;
	unsigned long flags;
	bool found = false;

	if (fence & GUC_CT_FENCE_FAST_REQUEST) {
		xe_gt_err(ct_to_gt(ct), "GuC refused fast request %#x: error %#x hint %#x\n",
			  READ_ONCE(ct->fast_log[fence % XE_GUC_CT_FAST_LOG]),
			  xe_hxg_error(hxg_hdr), xe_hxg_hint(hxg_hdr));
		ct_break(ct, "a fast request was answered");
		return;
	}

	spin_lock_irqsave(&ct->lock, flags);
	list_for_each_entry(req, &ct->requests, link) {
		if (req->fence != fence)
			continue;
		list_del_init(&req->link);
		req->header = hxg_hdr;
		WRITE_ONCE(req->done, true);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&ct->lock, flags);

	if (!found)
		xe_gt_warn(ct_to_gt(ct), "late answer %#x for fence %u\n", hxg_hdr, fence);
	/* returns what the request reserved, and wakes its sender */
	ct_return_credits(ct, GUC_G2H_LEN_RESPONSE);
}

/*
 * Copy the next G2H message to @msg without taking it off the ring. Returns its length in dwords
 * (CT header included), 0 if there is none, -EPIPE if the ring is corrupt.
 */
static int ct_peek_locked(struct xe_guc_ct *ct, u32 *msg)
{
	u32 *desc = ct_g2h_desc(ct), *ring = ct_g2h_ring(ct);
	u32 tail, used, status, n, i;

	lockdep_assert_held(&ct->g2h_lock);

	status = READ_ONCE(desc[GUC_CT_DESC_STATUS]);
	if (status & ~GUC_CT_STATUS_DISABLED)
		return -EPIPE;

	tail = READ_ONCE(desc[GUC_CT_DESC_TAIL]);
	if (tail >= G2H_RING_DWORDS)
		return -EPIPE;
	used = xe_ct_ring_used(ct->g2h_head, tail, G2H_RING_DWORDS);
	if (!used)
		return 0;

	/* The tail has been read before the message; the GuC writes message, then tail. */
	rmb();

	msg[0] = ring[ct->g2h_head];
	n = xe_ct_n_dwords(msg[0]);
	if (xe_ct_format(msg[0]) != GUC_CT_FORMAT_HXG || !n || n + 1 > used)
		return -EPIPE;
	for (i = 1; i <= n; i++)
		msg[i] = ring[(ct->g2h_head + i) % G2H_RING_DWORDS];
	if (!xe_hxg_is_from_guc(msg[1]))
		return -EPIPE;

	return n + 1;
}

static void ct_consume_locked(struct xe_guc_ct *ct, u32 n_dwords)
{
	lockdep_assert_held(&ct->g2h_lock);

	ct->g2h_head = (ct->g2h_head + n_dwords) % G2H_RING_DWORDS;
	/* The message has been copied before the GuC may overwrite it. */
	mb();
	WRITE_ONCE(ct_g2h_desc(ct)[GUC_CT_DESC_HEAD], ct->g2h_head);
}

/* Credits an event gives back; the sender of the request it ends reserved as much. */
static u32 ct_event_credits(u32 action)
{
	switch (action) {
	case GUC_G2H_SCHED_CONTEXT_MODE_DONE:
		return GUC_G2H_LEN_SCHED_MODE_DONE;
	case GUC_G2H_DEREGISTER_CONTEXT_DONE:
		return GUC_G2H_LEN_DEREGISTER_DONE;
	case GUC_G2H_TLB_INVALIDATION_DONE:
		return GUC_G2H_LEN_TLB_INVAL_DONE;
	default:
		return 0;
	}
}

/* Returns true if @msg was handled here and now, false if the worker has to see it. */
static bool ct_handle_fast_locked(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords)
{
	u32 credits;

	lockdep_assert_held(&ct->g2h_lock);

	switch (xe_hxg_type(msg[1])) {
	case GUC_HXG_TYPE_SUCCESS:
	case GUC_HXG_TYPE_FAILURE:
	case GUC_HXG_TYPE_RETRY:
		ct_handle_answer(ct, msg[0], msg[1]);
		return true;
	case GUC_HXG_TYPE_EVENT:
		if (!ct->ops->fast_event(ct->data, xe_hxg_action(msg[1]), msg + 2, n_dwords - 2))
			return false;
		credits = ct_event_credits(xe_hxg_action(msg[1]));
		if (credits)
			ct_return_credits(ct, credits);
		return true;
	default:
		ct_break(ct, "message of unknown type");
		return true;
	}
}

static void ct_handle_event(struct xe_guc_ct *ct, const u32 *msg, u32 n_dwords)
{
	u32 action = xe_hxg_action(msg[1]);
	u32 credits = ct_event_credits(action);

	if (ct->ops->event(ct->data, action, msg + 2, n_dwords - 2))
		xe_gt_err(ct_to_gt(ct), "bad GuC event %#x, %*ph\n", action,
			  (int)min(n_dwords * 4, 64), msg);
	if (credits)
		ct_return_credits(ct, credits);
}

/**
 * xe_guc_ct_irq - the GuC has written messages
 * @ct: the transport
 *
 * Context: hard interrupt, or any other; takes &xe_guc_ct.g2h_lock.
 */
void xe_guc_ct_irq(struct xe_guc_ct *ct)
{
	unsigned long flags;
	bool cookie, more = false;
	int n = 0;

	cookie = dma_fence_begin_signalling();
	spin_lock_irqsave(&ct->g2h_lock, flags);
	while (READ_ONCE(ct->state) == XE_GUC_CT_ENABLED) {
		n = ct_peek_locked(ct, ct->irq_msg);
		if (n <= 0)
			break;
		more = !ct_handle_fast_locked(ct, ct->irq_msg, n);
		if (more)
			break;
		ct_consume_locked(ct, n);
	}
	spin_unlock_irqrestore(&ct->g2h_lock, flags);
	dma_fence_end_signalling(cookie);

	if (n < 0)
		ct_break(ct, "G2H ring is corrupt");
	if (more)
		queue_work(ct->wq, &ct->work);
}

/* Take one message; handle it if it is fast. Returns its length if @work_msg needs handling. */
static int ct_receive_one(struct xe_guc_ct *ct, bool *slow)
{
	unsigned long flags;
	int n = 0;

	*slow = false;

	spin_lock_irqsave(&ct->g2h_lock, flags);
	if (READ_ONCE(ct->state) == XE_GUC_CT_ENABLED)
		n = ct_peek_locked(ct, ct->work_msg);
	if (n > 0) {
		*slow = !ct_handle_fast_locked(ct, ct->work_msg, n);
		ct_consume_locked(ct, n);
	}
	spin_unlock_irqrestore(&ct->g2h_lock, flags);

	return n;
}

static void ct_work(struct work_struct *work)
{
	struct xe_guc_ct *ct = container_of(work, struct xe_guc_ct, work);
	bool cookie, slow;
	int n;

	cookie = dma_fence_begin_signalling();
	while ((n = ct_receive_one(ct, &slow)) > 0) {
		if (slow)
			ct_handle_event(ct, ct->work_msg, n);
		cond_resched();
	}
	dma_fence_end_signalling(cookie);

	if (n < 0)
		ct_break(ct, "G2H ring is corrupt");
}

/**
 * xe_guc_ct_is_enabled - whether messages flow
 * @ct: the transport
 *
 * Context: any; the answer may be out of date at once.
 * Return: true if they do.
 */
bool xe_guc_ct_is_enabled(const struct xe_guc_ct *ct)
{
	return READ_ONCE(ct->state) == XE_GUC_CT_ENABLED;
}

/**
 * xe_guc_ct_init_rings - begin with rings that exist
 * @ct: zeroed transport with ops and data set
 * @bo: GUC_CT_BUFFER_BYTES of memory, CPU mapped, in the GGTT; the transport's if this succeeds
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM - no memory
 */
int xe_guc_ct_init_rings(struct xe_guc_ct *ct, struct xe_bo *bo)
{
	spin_lock_init(&ct->lock);
	spin_lock_init(&ct->g2h_lock);
	INIT_LIST_HEAD(&ct->requests);
	init_waitqueue_head(&ct->wait);
	INIT_WORK(&ct->work, ct_work);

	ct->wq = alloc_ordered_workqueue("xe-g2h", WQ_HIGHPRI | WQ_MEM_RECLAIM);
	if (!ct->wq)
		return -ENOMEM;
	ct->bo = bo;

	return 0;
}

/**
 * xe_guc_ct_init - allocate the rings
 * @ct: zeroed transport with ops and data set
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space
 */
int xe_guc_ct_init(struct xe_guc_ct *ct)
{
	struct xe_bo *bo;
	int ret;

	bo = xe_bo_create_kernel(ct_to_gt(ct)->xe, GUC_CT_BUFFER_BYTES,
				 XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	ret = xe_guc_ct_init_rings(ct, bo);
	if (ret)
		xe_bo_destroy_kernel(bo);

	return ret;
}

/**
 * xe_guc_ct_fini - free the rings
 * @ct: transport, stopped; the interrupt handler is gone
 *
 * Later sends return -ENODEV, so queues that outlive the device find a closed door.
 *
 * Context: may sleep.
 */
void xe_guc_ct_fini(struct xe_guc_ct *ct)
{
	if (!ct->wq)
		return;

	spin_lock_irq(&ct->lock);
	ct_set_state_locked(ct, XE_GUC_CT_DISABLED);
	spin_unlock_irq(&ct->lock);

	destroy_workqueue(ct->wq);
	ct->wq = NULL;
	xe_bo_destroy_kernel(ct->bo);
	ct->bo = NULL;
}

static int ct_describe(struct xe_guc_ct *ct)
{
	struct xe_guc *guc = ct_to_guc(ct);
	u32 base = xe_bo_ggtt_addr(ct->bo);
	const struct {
		u16 key, len;
		u32 value;
	} cfg[] = {
		{ GUC_KLV_SELF_CFG_H2G_DESC_ADDR, 2, base + GUC_CT_H2G_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_ADDR, 2, base + GUC_CT_H2G_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_H2G_SIZE, 1, GUC_CT_H2G_RING_BYTES },
		{ GUC_KLV_SELF_CFG_G2H_DESC_ADDR, 2, base + GUC_CT_G2H_DESC_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_ADDR, 2, base + GUC_CT_G2H_RING_OFFSET },
		{ GUC_KLV_SELF_CFG_G2H_SIZE, 1, GUC_CT_G2H_RING_BYTES },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cfg); i++) {
		ret = xe_guc_self_cfg(guc, cfg[i].key, cfg[i].len, cfg[i].value);
		if (ret)
			return ret;
	}

	return 0;
}

static int ct_control(struct xe_guc_ct *ct, bool enable)
{
	const u32 msg[] = { xe_hxg_request(GUC_MMIO_CONTROL_CTB), enable };
	u32 data0;
	int ret;

	ret = xe_guc_mmio_request(ct_to_guc(ct), msg, ARRAY_SIZE(msg), &data0);
	if (ret)
		return ret;

	return data0 ? -EPROTO : 0;
}

/**
 * xe_guc_ct_enable - empty the rings, tell the firmware about them and open the channel
 * @ct: transport, not enabled; the firmware is up, its interrupt is on
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ETIMEDOUT, -ENXIO, -EPROTO, -ENOKEY - the mailbox exchange failed
 */
int xe_guc_ct_enable(struct xe_guc_ct *ct)
{
	int ret;

	memset(ct_h2g_desc(ct), 0, GUC_CT_DESC_BYTES);
	memset(ct_g2h_desc(ct), 0, GUC_CT_DESC_BYTES);

	spin_lock_irq(&ct->g2h_lock);
	ct->g2h_head = 0;
	spin_unlock_irq(&ct->g2h_lock);

	ret = ct_describe(ct);
	if (!ret)
		ret = ct_control(ct, true);
	if (ret) {
		xe_gt_err(ct_to_gt(ct), "GuC did not accept its message rings: %pe\n",
			  ERR_PTR(ret));
		return ret;
	}

	spin_lock_irq(&ct->lock);
	ct->h2g_tail = 0;
	WRITE_ONCE(ct->g2h_credits, G2H_CREDITS);
	ct_set_state_locked(ct, XE_GUC_CT_ENABLED);
	spin_unlock_irq(&ct->lock);

	return 0;
}

/**
 * xe_guc_ct_stop - close the channel; nothing is sent or received after return
 * @ct: transport in any state
 *
 * Senders and waiters get -ECANCELED. Messages in the rings are dropped.
 *
 * Context: may sleep.
 */
void xe_guc_ct_stop(struct xe_guc_ct *ct)
{
	if (!ct->wq)
		return;

	spin_lock_irq(&ct->lock);
	if (ct->state != XE_GUC_CT_DISABLED)
		ct_set_state_locked(ct, XE_GUC_CT_STOPPED);
	spin_unlock_irq(&ct->lock);

	/* whoever still reads has seen the new state when the lock is free */
	spin_lock_irq(&ct->g2h_lock);
	spin_unlock_irq(&ct->g2h_lock);
	cancel_work_sync(&ct->work);
}
