// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC
 *
 * The microcontroller, emulated by its interface: the upload handshake, the register mailbox and
 * the messages of the command transport. One thread takes messages and watches time limits; the
 * bus thread only wakes it.
 *
 * Locking: @lock protects the transport and the scheduler. Engines take it in their upcall, when
 * they do not count as executing, so it may be held while waiting for engines to pass a safe
 * point (TLB invalidation), but not while waiting for them to park. @wake_lock only guards the
 * wake-up flag; nothing is taken while it is held. dev->lock and dma_read_lock() are taken inside
 * @lock for single accesses.
 */

#include "fw/guc.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "abi/guc_messages.h"
#include "bus/dma.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "dev/ggtt.h"
#include "fw/guc_ads.h"
#include "fw/guc_boot.h"
#include "fw/guc_ct.h"
#include "fw/guc_ctx.h"
#include "fw/guc_tlb.h"
#include "fw/guc_names.h"
#include "fw/guc_trace.h"
#include "gfx/engine.h"
#include "regs/xe_guc_regs.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/pace.h"
#include "util/trace.h"

#define RP_STATE_CAP 0x145998u
#define MHZ_PER_RATIO 50u
#define PROMPT_POLL_NS 10000
#define PROMPT_MAX_NS 100000000ull

/**
 * struct guc_slpc - frequency control
 * @page: GGTT address of the shared page, 0 before it was given
 * @min_mhz: lower limit
 * @max_mhz: upper limit
 */
struct guc_slpc {
	u32 page;
	u32 min_mhz;
	u32 max_mhz;
};

/**
 * struct xm_fw - the GuC of a device
 * @dev: device
 * @thread: takes messages and watches time limits
 * @threaded: there is a @thread
 * @lock: see the head of this file
 * @wake_lock: protects @woken, @waiting, @quit, @mail_pending and @mail
 * @wake_cond: one of them changed
 * @woken: there may be something to do
 * @waiting: the thread has done all there was to do
 * @quit: the thread has to end
 * @mail_pending: @mail holds a request
 * @mail: request found in the message registers
 * @mail_rng: draws the delays of replies
 * @reply: reply that waits for its time
 * @reply_due: clock_ns() when it is put into the message registers, 0: none waits
 * @loaded: the firmware was uploaded and answers
 * @ads: what the host asked for
 * @ct: command transport
 * @sched: contexts
 * @tlb: TLB invalidation
 * @slpc: frequency control
 * @count: messages by action
 * @n_count: number of @count
 * @loads: firmware uploads
 */
struct xm_fw {
	struct xm_device *dev;
	struct pace_thread thread;
	bool threaded;
	pthread_mutex_t lock;
	pthread_mutex_t wake_lock;
	pthread_cond_t wake_cond;
	bool woken;
	bool waiting;
	bool quit;
	bool mail_pending;
	u32 mail[GUC_MAILBOX_COUNT];
	struct xm_rng mail_rng;
	u32 reply;
	u64 reply_due;
	bool loaded;
	struct guc_ads ads;
	struct guc_ct ct;
	struct guc_sched sched;
	struct guc_tlb tlb;
	struct guc_slpc slpc;
	struct guc_count count[GUC_COUNTS];
	unsigned int n_count;
	unsigned long loads;
};

static void wake(void *ctx)
{
	struct xm_fw *fw = ctx;

	pthread_mutex_lock(&fw->wake_lock);
	fw->woken = true;
	pace_wake(fw->dev->pace, &fw->wake_cond);
	pthread_mutex_unlock(&fw->wake_lock);
}

static void count(struct xm_fw *fw, u32 action)
{
	unsigned int i;

	for (i = 0; i < fw->n_count; i++)
		if (fw->count[i].action == action)
			break;
	if (i == GUC_COUNTS)
		return;
	if (i == fw->n_count)
		fw->count[fw->n_count++].action = action;
	fw->count[i].n++;
}

static u32 hxg(u32 type, u32 rest)
{
	return FIELD_PUT(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
	       FIELD_PUT(GUC_HXG_TYPE_MASK, type) | rest;
}

/* --- frequency control ------------------------------------------------------------------------ */

static u32 rp_mhz(struct xm_fw *fw, unsigned int shift)
{
	return (reg_peek(fw->dev, RP_STATE_CAP) >> shift & 0xff) * MHZ_PER_RATIO;
}

static void slpc_reset(struct xm_fw *fw, u32 page)
{
	bool ok;

	fw->slpc = (struct guc_slpc){ .page = page, .min_mhz = rp_mhz(fw, 16),
				      .max_mhz = rp_mhz(fw, 0) };
	dma_read_lock(fw->dev->dma);
	ok = ggtt_write32(fw->dev, page + SLPC_SHARED_GLOBAL_STATE_OFFSET, SLPC_STATE_RUNNING);
	dma_read_unlock(fw->dev->dma);
	if (!ok)
		log_violation("slpc-page", "SLPC page at GGTT 0x%08x is not mapped", page);
}

static u32 ratio(u32 mhz)
{
	return mhz * SLPC_FREQ_UNIT_DEN / SLPC_FREQ_UNIT_NUM;
}

static bool slpc_query(struct xm_fw *fw, u32 page)
{
	u32 lo = ratio(fw->slpc.min_mhz), hi = ratio(fw->slpc.max_mhz);
	u32 limits = FIELD_PUT(SLPC_FREQ_MAX_UNSLICE_MASK, hi) |
		     FIELD_PUT(SLPC_FREQ_MIN_UNSLICE_MASK, lo) |
		     FIELD_PUT(SLPC_FREQ_MAX_SLICE_MASK, hi) |
		     FIELD_PUT(SLPC_FREQ_MIN_SLICE_MASK, lo);
	bool ok;

	dma_read_lock(fw->dev->dma);
	ok = ggtt_write32(fw->dev, page + SLPC_SHARED_FREQ_LIMITS_OFFSET, limits);
	dma_read_unlock(fw->dev->dma);
	return ok;
}

static void slpc_set(struct xm_fw *fw, u32 id, u32 value)
{
	if (id == SLPC_PARAM_MIN_UNSLICE_MHZ)
		fw->slpc.min_mhz = value;
	else if (id == SLPC_PARAM_MAX_UNSLICE_MHZ)
		fw->slpc.max_mhz = value;
}

/* Return: 0 or a GUC_ERROR_*. */
static u32 slpc_request(struct xm_fw *fw, const u32 *dw, u32 len)
{
	u32 id = len > 1 ? dw[1] >> 8 : ~0u;
	u32 n_args = len > 1 ? dw[1] & 0xff : 0;

	if (len < 2 || len < 2 + n_args) {
		log_violation("slpc-request", "SLPC request of %u dwords is too short", len);
		return GUC_ERROR_INVALID_SIZE;
	}
	switch (id) {
	case SLPC_EVENT_RESET:
		if (n_args < 1)
			return GUC_ERROR_INVALID_SIZE;
		slpc_reset(fw, dw[2]);
		return 0;
	case SLPC_EVENT_QUERY_TASK_STATE:
		if (n_args < 1 || !slpc_query(fw, dw[2]))
			return GUC_ERROR_BAD_GGTT_ADDRESS;
		return 0;
	case SLPC_EVENT_PARAMETER_SET:
		if (n_args < 2)
			return GUC_ERROR_INVALID_SIZE;
		slpc_set(fw, dw[2], dw[3]);
		return 0;
	case SLPC_EVENT_PARAMETER_UNSET:
		if (n_args < 1)
			return GUC_ERROR_INVALID_SIZE;
		slpc_set(fw, dw[2], dw[2] == SLPC_PARAM_MAX_UNSLICE_MHZ ? rp_mhz(fw, 0) :
									  rp_mhz(fw, 16));
		return 0;
	default:
		log_violation("slpc-request", "SLPC event 0x%x is unknown", id);
		return GUC_ERROR_NOT_SUPPORTED;
	}
}

/* --- requests in the ring --------------------------------------------------------------------- */

static u32 policy_change(struct xm_fw *fw, const u32 *dw, u32 len)
{
	if (len < 2 || !guc_ads_policies(fw->dev, dw[1], &fw->ads.global_flags))
		return GUC_ERROR_BAD_GGTT_ADDRESS;
	return 0;
}

/**
 * struct guc_action - a row of the table of requests
 * @action: number
 * @min: fewest dwords
 * @run: carries it out; returns 0 or a GUC_ERROR_*
 */
struct guc_action {
	u32 action;
	u32 min;
	u32 (*run)(struct xm_fw *fw, const u32 *dw, u32 len);
};

static u32 run_register(struct xm_fw *fw, const u32 *dw, u32 len)
{
	guc_ctx_register(&fw->sched, dw, len);
	return 0;
}

static u32 run_deregister(struct xm_fw *fw, const u32 *dw, u32 len)
{
	guc_ctx_deregister(&fw->sched, dw[1]);
	return 0;
}

static u32 run_policies(struct xm_fw *fw, const u32 *dw, u32 len)
{
	guc_ctx_policies(&fw->sched, dw, len);
	return 0;
}

static u32 run_mode(struct xm_fw *fw, const u32 *dw, u32 len)
{
	if (dw[2] > GUC_CONTEXT_ENABLE)
		return GUC_ERROR_BAD_PARAMS;
	guc_ctx_mode(&fw->sched, dw[1], dw[2] == GUC_CONTEXT_ENABLE);
	return 0;
}

static u32 run_schedule(struct xm_fw *fw, const u32 *dw, u32 len)
{
	guc_ctx_schedule(&fw->sched, dw[1]);
	return 0;
}

static u32 run_tlb(struct xm_fw *fw, const u32 *dw, u32 len)
{
	guc_tlb_request(&fw->tlb, &fw->sched, dw, len);
	return 0;
}

static u32 run_nothing(struct xm_fw *fw, const u32 *dw, u32 len)
{
	return 0;
}

static const struct guc_action actions[] = {
	{ GUC_H2G_SCHED_CONTEXT, 2, run_schedule },
	{ GUC_H2G_SCHED_CONTEXT_MODE_SET, 3, run_mode },
	{ GUC_H2G_UPDATE_CONTEXT_POLICIES, 2, run_policies },
	{ GUC_H2G_REGISTER_CONTEXT, 3, run_register },
	{ GUC_H2G_REGISTER_CONTEXT_MULTI_LRC, 3, run_register },
	{ GUC_H2G_DEREGISTER_CONTEXT, 2, run_deregister },
	{ GUC_H2G_TLB_INVALIDATION, 3, run_tlb },
	{ GUC_H2G_PC_SLPC_REQUEST, 2, slpc_request },
	{ GUC_H2G_SETUP_PC_GUCRC, 2, run_nothing },
	{ GUC_H2G_GLOBAL_SCHED_POLICY_CHANGE, 2, policy_change },
	{ GUC_H2G_AUTHENTICATE_HUC, 2, run_nothing },
};

static u32 run_action(struct xm_fw *fw, const u32 *dw, u32 len)
{
	u32 action = dw[0] & GUC_HXG_ACTION_MASK;

	count(fw, action);
	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++) {
		if (actions[i].action != action)
			continue;
		if (len < actions[i].min) {
			log_violation("guc-request", "request 0x%04x has only %u dwords", action,
				      len);
			return GUC_ERROR_INVALID_SIZE;
		}
		return actions[i].run(fw, dw, len);
	}
	log_violation("guc-request", "request 0x%04x (%u dwords) is unknown", action, len);
	return GUC_ERROR_UNKNOWN_ACTION;
}

/* Return: 0 or the GUC_ERROR_* it failed with. */
static u32 handle_message(struct xm_fw *fw, const struct guc_msg *msg)
{
	u32 type = FIELD_OF(GUC_HXG_TYPE_MASK, msg->dw[0]);
	u32 err, reply;

	if (FIELD_OF(GUC_HXG_ORIGIN_MASK, msg->dw[0]) != GUC_HXG_ORIGIN_HOST ||
	    (type != GUC_HXG_TYPE_REQUEST && type != GUC_HXG_TYPE_FAST_REQUEST &&
	     type != GUC_HXG_TYPE_EVENT)) {
		log_violation("guc-request", "message header 0x%08x is no request", msg->dw[0]);
		return GUC_ERROR_BAD_PARAMS;
	}
	err = run_action(fw, msg->dw, msg->len);
	if (type != GUC_HXG_TYPE_REQUEST) {
		if (err)
			log_guest("fast request 0x%04x failed: 0x%x",
				  msg->dw[0] & GUC_HXG_ACTION_MASK, err);
		return err;
	}
	reply = err ? hxg(GUC_HXG_TYPE_FAILURE, err) : hxg(GUC_HXG_TYPE_SUCCESS, 0);
	guc_ct_send(&fw->ct, msg->fence, &reply, 1);
	return err;
}

/* --- register mailbox ------------------------------------------------------------------------- */

static u32 self_config(struct xm_fw *fw, const u32 *dw)
{
	u32 key = FIELD_OF(GUC_KLV_KEY_MASK, dw[1]);
	u32 n = dw[1] & GUC_KLV_LEN_MASK;
	u64 value = dw[2] | (n > 1 ? (u64)dw[3] << 32 : 0);

	/* The reply says how many keys were taken. */
	return hxg(GUC_HXG_TYPE_SUCCESS, guc_ct_configure(&fw->ct, key, value) ? 1 : 0);
}

static u32 control_ctb(struct xm_fw *fw, const u32 *dw)
{
	u32 err = guc_ct_enable(&fw->ct, dw[1] & 1);

	return err ? hxg(GUC_HXG_TYPE_FAILURE, err) : hxg(GUC_HXG_TYPE_SUCCESS, 0);
}

static u32 get_hwconfig(struct xm_fw *fw, const u32 *dw)
{
	static const u32 table[] = { 1, 1, 1 };
	u64 addr = dw[1] | (u64)dw[2] << 32;
	bool ok;

	if (!addr)
		return hxg(GUC_HXG_TYPE_SUCCESS, sizeof(table));
	if (dw[3] < sizeof(table))
		return hxg(GUC_HXG_TYPE_FAILURE, GUC_ERROR_BAD_BUFFER_RANGE);
	dma_read_lock(fw->dev->dma);
	ok = ggtt_write(fw->dev, addr, table, sizeof(table));
	dma_read_unlock(fw->dev->dma);
	return ok ? hxg(GUC_HXG_TYPE_SUCCESS, sizeof(table)) :
		    hxg(GUC_HXG_TYPE_FAILURE, GUC_ERROR_BAD_GGTT_ADDRESS);
}

/* Stop all engines and forget all contexts. Takes fw->lock. */
static void stop_engines(struct xm_fw *fw)
{
	pace_lock(fw->dev->pace, &fw->lock);
	fw->sched.running = false;
	pace_unlock(fw->dev->pace, &fw->lock);
	gfx_park(fw->dev);
	pace_lock(fw->dev->pace, &fw->lock);
	guc_sched_forget(&fw->sched);
	pace_unlock(fw->dev->pace, &fw->lock);
}

static u32 client_soft_reset(struct xm_fw *fw)
{
	pace_unlock(fw->dev->pace, &fw->lock);
	stop_engines(fw);
	pace_lock(fw->dev->pace, &fw->lock);
	guc_ct_reset(&fw->ct);
	fw->sched.running = fw->loaded;
	return hxg(GUC_HXG_TYPE_SUCCESS, 0);
}

static u32 mailbox_request(struct xm_fw *fw, const u32 *dw)
{
	u32 action = dw[0] & GUC_HXG_ACTION_MASK;

	count(fw, action);
	switch (action) {
	case GUC_MMIO_SELF_CFG:
		return self_config(fw, dw);
	case GUC_MMIO_CONTROL_CTB:
		return control_ctb(fw, dw);
	case GUC_MMIO_GET_HWCONFIG:
		return get_hwconfig(fw, dw);
	case GUC_MMIO_CLIENT_SOFT_RESET:
		return client_soft_reset(fw);
	default:
		log_violation("guc-request", "mailbox request 0x%04x is unknown", action);
		return hxg(GUC_HXG_TYPE_FAILURE, GUC_ERROR_UNKNOWN_ACTION);
	}
}

/* Return: clock_ns() when a reply is due, 0 if none waits. */
static u64 deliver_reply(struct xm_fw *fw, u64 now)
{
	if (fw->reply_due && fw->reply_due <= now) {
		reg_poke(fw->dev, GUC_MAILBOX(0), fw->reply);
		fw->reply_due = 0;
	}
	return fw->reply_due;
}

static void post_reply(struct xm_fw *fw, u32 reply)
{
	u64 now = clock_ns();

	fw->reply = reply;
	fw->reply_due = now + (fw->dev->cfg.seed ? rng_delay_ns(&fw->mail_rng) : 0);
	deliver_reply(fw, now);
}

/* Answer the request that was found in the message registers, if there is one. */
static void answer_mailbox(struct xm_fw *fw)
{
	u32 dw[GUC_MAILBOX_COUNT];
	bool pending, lost;
	u32 reply;

	pthread_mutex_lock(&fw->wake_lock);
	pending = fw->mail_pending;
	fw->mail_pending = false;
	memcpy(dw, fw->mail, sizeof(dw));
	pthread_mutex_unlock(&fw->wake_lock);
	if (!pending)
		return;
	guc_trace_mailbox(dw);
	reply = mailbox_request(fw, dw);
	guc_trace_done(reply);
	lost = fault_hit(fw->dev, FAULT_MAILBOX_LOST,
			 FAULT_EVENT(.action = dw[0] & GUC_HXG_ACTION_MASK));
	if (!lost)
		post_reply(fw, reply);
}

/* --- thread ----------------------------------------------------------------------------------- */

static void wait_until(struct xm_fw *fw, u64 deadline)
{
	pthread_mutex_lock(&fw->wake_lock);
	fw->waiting = true;
	while (!fw->woken && !fw->quit)
		if (!pace_wait(fw->dev->pace, &fw->wake_cond, &fw->wake_lock, deadline))
			break;
	fw->waiting = false;
	fw->woken = false;
	pthread_mutex_unlock(&fw->wake_lock);
}

/* One message at a time, so that engines get the lock in between. */
static bool take_message(struct xm_fw *fw)
{
	struct guc_msg msg;
	bool got;

	pace_lock(fw->dev->pace, &fw->lock);
	got = fw->loaded && fw->sched.running && guc_ct_receive(&fw->ct, &msg);
	if (got) {
		guc_trace_request(fw->dev, &msg);
		guc_trace_done(handle_message(fw, &msg));
	}
	pace_unlock(fw->dev->pace, &fw->lock);
	return got;
}

static bool should_quit(struct xm_fw *fw)
{
	bool quit;

	pthread_mutex_lock(&fw->wake_lock);
	quit = fw->quit;
	pthread_mutex_unlock(&fw->wake_lock);
	return quit;
}

/* The sooner of two times, of which 0 means never. */
static u64 sooner(u64 a, u64 b)
{
	return a && b ? XM_MIN(a, b) : a + b;
}

static u64 next_deadline(struct xm_fw *fw)
{
	u64 now = clock_ns();
	u64 until;

	pace_lock(fw->dev->pace, &fw->lock);
	until = guc_sched_tick(&fw->sched, now);
	until = sooner(until, guc_ct_deliver(&fw->ct, now));
	until = sooner(until, deliver_reply(fw, now));
	pace_unlock(fw->dev->pace, &fw->lock);
	return until;
}

u64 guc_step(struct xm_device *dev)
{
	struct xm_fw *fw = dev->fw;

	pace_lock(dev->pace, &fw->lock);
	if (fw->loaded)
		answer_mailbox(fw);
	pace_unlock(dev->pace, &fw->lock);
	while (take_message(fw))
		if (fw->threaded)
			pace_point(dev->pace);
	return next_deadline(fw);
}

static void guc_thread(void *arg)
{
	struct xm_fw *fw = arg;

	while (!should_quit(fw))
		wait_until(fw, guc_step(fw->dev));
}

/* --- operations of the register blocks -------------------------------------------------------- */

static void op_upload(struct xm_device *dev)
{
	struct xm_fw *fw = dev->fw;
	u32 status;

	pace_lock(fw->dev->pace, &fw->lock);
	if (fw->loaded)
		log_violation("guc-upload", "GuC upload without a GuC reset before it");
	status = guc_boot(dev, &fw->ads);
	fw->loads++;
	fw->loaded = status == GUC_BOOT_READY;
	fw->sched.running = fw->loaded;
	guc_ct_reset(&fw->ct);
	guc_tlb_reset(&fw->tlb);
	pace_unlock(fw->dev->pace, &fw->lock);
	log_debug("GuC upload %lu: status 0x%08x", fw->loads, status);
	reg_poke(dev, GUC_STATUS, status);
}

/* Engines first: only the GuC starts one, or an engine that stops. */
static bool is_settled(struct xm_fw *fw)
{
	bool settled;

	pace_lock(fw->dev->pace, &fw->lock);
	settled = !guc_sched_busy(&fw->sched);
	pace_unlock(fw->dev->pace, &fw->lock);

	pthread_mutex_lock(&fw->wake_lock);
	settled = settled && fw->waiting && !fw->woken;
	pthread_mutex_unlock(&fw->wake_lock);
	return settled;
}

/* The host waits for its write, so nothing depends on how soon the threads of the model run. */
static void wait_settled(struct xm_fw *fw)
{
	const struct timespec nap = { .tv_nsec = PROMPT_POLL_NS };
	u64 end = clock_ns() + PROMPT_MAX_NS;

	while (!is_settled(fw) && clock_ns() < end)
		nanosleep(&nap, NULL);
}

/*
 * The same register announces messages in the ring and in the mailbox. The mailbox is read here,
 * on the thread that wrote it, so that a half-written request is never seen.
 */
static void op_mailbox(struct xm_device *dev)
{
	struct xm_fw *fw = dev->fw;
	u32 dw[GUC_MAILBOX_COUNT];

	trace_instant("host", "doorbell of the GuC", "%s", "");
	for (unsigned int i = 0; i < GUC_MAILBOX_COUNT; i++)
		dw[i] = reg_peek(dev, GUC_MAILBOX(i));
	/* A reply that still stands there carries the GuC's origin bit. */
	if (dw[0] && FIELD_OF(GUC_HXG_ORIGIN_MASK, dw[0]) == GUC_HXG_ORIGIN_HOST &&
	    FIELD_OF(GUC_HXG_TYPE_MASK, dw[0]) == GUC_HXG_TYPE_REQUEST) {
		pthread_mutex_lock(&fw->wake_lock);
		memcpy(fw->mail, dw, sizeof(dw));
		fw->mail_pending = true;
		pthread_mutex_unlock(&fw->wake_lock);
	}
	wake(fw);
	if (dev->cfg.prompt && fw->threaded)
		wait_settled(fw);
}

static void op_guc_reset(struct xm_device *dev)
{
	struct xm_fw *fw = dev->fw;

	stop_engines(fw);
	pace_lock(fw->dev->pace, &fw->lock);
	fw->loaded = false;
	fw->reply_due = 0;
	guc_ct_reset(&fw->ct);
	fw->slpc = (struct guc_slpc){ 0 };
	memset(&fw->ads, 0, sizeof(fw->ads));
	pace_unlock(fw->dev->pace, &fw->lock);
	ggtt_forget(dev, GGTT_GUC);
}

static void op_gt_reset(struct xm_device *dev)
{
	op_guc_reset(dev);
	gfx_reset(dev);
}

static void op_ggtt_invalidate(struct xm_device *dev)
{
	ggtt_forget(dev, GGTT_GUC);
	ggtt_forget(dev, GGTT_ENGINES);
}

static void op_tlb_invalidate(struct xm_device *dev, unsigned int hw_class, u32 instances)
{
	struct gfx_tlb_scope scope = { .what = GFX_TLB_ALL, .lite = true, .report = true };

	for (unsigned int i = 0; i < gfx_engine_count(dev); i++) {
		const struct xm_engine_desc *desc = engine_desc(gfx_engine(dev, i));

		if (desc->hw_class == hw_class && instances & BIT(desc->instance))
			scope.engines |= BIT(i);
	}
	gfx_tlb_invalidate(dev, &scope);
}

static const struct xm_fw_ops fw_ops = {
	.upload = op_upload,
	.mailbox = op_mailbox,
	.guc_reset = op_guc_reset,
	.gt_reset = op_gt_reset,
	.device_reset = op_gt_reset,
	.ggtt_invalidate = op_ggtt_invalidate,
	.tlb_invalidate = op_tlb_invalidate,
};

/* --- reports ---------------------------------------------------------------------------------- */

static bool lock_in_time(struct xm_fw *fw)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	return !pthread_mutex_timedlock(&fw->lock, &until);
}

int guc_with_lock(struct xm_device *dev, int (*fn)(struct guc_sched *sched, void *ctx), void *ctx)
{
	struct xm_fw *fw = dev->fw;
	int ret;

	if (!fw)
		return -ENODEV;
	if (!lock_in_time(fw))
		return -EBUSY;
	ret = fn(&fw->sched, ctx);
	pthread_mutex_unlock(&fw->lock);
	return ret;
}

int guc_inspect(struct xm_device *dev, struct guc_info *info)
{
	struct xm_fw *fw = dev->fw;

	if (!fw)
		return -ENODEV;
	if (!lock_in_time(fw))
		return -EBUSY;
	*info = (struct guc_info){
		.loaded = fw->loaded,
		.transport = fw->ct.enabled,
		.broken = fw->ct.broken,
		.loads = fw->loads,
		.switches = fw->sched.switches,
		.resets = fw->sched.resets,
		.faults = fw->sched.faults,
		.contexts = fw->sched.n_ctx,
	};
	pthread_mutex_unlock(&fw->lock);
	return 0;
}

int guc_requests(struct xm_device *dev, struct guc_count *list)
{
	struct xm_fw *fw = dev->fw;
	int n;

	if (!fw)
		return -ENODEV;
	if (!lock_in_time(fw))
		return -EBUSY;
	n = (int)fw->n_count;
	memcpy(list, fw->count, fw->n_count * sizeof(*list));
	pthread_mutex_unlock(&fw->lock);
	return n;
}

static void summary(struct xm_device *dev, FILE *out, void *ctx)
{
	struct xm_fw *fw = ctx;

	fprintf(out, "guc: %lu uploads, %lu context switches, %lu hangs, %lu faults\n", fw->loads,
		fw->sched.switches, fw->sched.resets, fw->sched.faults);
	for (unsigned int i = 0; i < fw->n_count; i++)
		fprintf(out, "  %s (0x%04x): %lu\n", guc_action_name(fw->count[i].action),
			fw->count[i].action, fw->count[i].n);
}

static void dump(struct xm_device *dev, FILE *out, void *ctx)
{
	struct xm_fw *fw = ctx;
	bool locked = lock_in_time(fw);

	if (!locked)
		fprintf(out, "guc: lock is held for more than a second\n");
	fprintf(out, "guc: %s, transport %s%s, H2G head %u, G2H tail %u\n",
		fw->loaded ? "loaded" : "not loaded", fw->ct.enabled ? "on" : "off",
		fw->ct.broken ? " (broken)" : "", fw->ct.h2g.pos, fw->ct.g2h.pos);
	guc_sched_dump(&fw->sched, out);
	if (locked)
		pace_unlock(fw->dev->pace, &fw->lock);
}

/* --- creation --------------------------------------------------------------------------------- */

int xm_fw_create_stepped(struct xm_device *dev)
{
	struct xm_fw *fw = calloc(1, sizeof(*fw));

	if (!fw)
		return -ENOMEM;
	fw->dev = dev;
	fw->ct.dev = dev;
	fw->ct.kick = wake;
	fw->ct.kick_ctx = fw;
	guc_ct_init(&fw->ct);
	rng_init(&fw->mail_rng, dev->cfg.seed, RNG_MAILBOX);
	pthread_mutex_init(&fw->lock, NULL);
	pthread_mutex_init(&fw->wake_lock, NULL);
	pace_cond_init(&fw->wake_cond);

	fw->sched.dev = dev;
	fw->sched.ct = &fw->ct;
	fw->sched.ads = &fw->ads;
	fw->sched.lock = &fw->lock;
	fw->sched.kick = wake;
	fw->sched.kick_ctx = fw;
	guc_sched_init(&fw->sched);

	dev->fw = fw;
	dev->fw_ops = &fw_ops;
	xm_add_summary(dev, summary, fw);
	xm_add_dump(dev, dump, fw);
	return 0;
}

int xm_fw_create(struct xm_device *dev)
{
	int err = xm_fw_create_stepped(dev);
	struct xm_fw *fw = dev->fw;

	if (err)
		return err;
	fw->thread.name = "guc";
	fw->thread.run = guc_thread;
	fw->thread.arg = fw;
	fw->threaded = true;
	err = pace_thread_start(dev->pace, &fw->thread, RNG_GUC_THREAD);
	if (err) {
		fw->threaded = false;
		xm_fw_destroy(dev);
	}
	return err;
}

void xm_fw_destroy(struct xm_device *dev)
{
	struct xm_fw *fw = dev->fw;

	if (!fw)
		return;
	stop_engines(fw);
	pthread_mutex_lock(&fw->wake_lock);
	fw->quit = true;
	pace_wake(fw->dev->pace, &fw->wake_cond);
	pthread_mutex_unlock(&fw->wake_lock);
	if (fw->threaded)
		pace_thread_join(&fw->thread);
	guc_ct_reset(&fw->ct);
	dev->fw = NULL;
	dev->fw_ops = NULL;
	pthread_cond_destroy(&fw->wake_cond);
	pthread_mutex_destroy(&fw->wake_lock);
	pthread_mutex_destroy(&fw->lock);
	free(fw);
}
