// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC
 *
 * The GuC is the microcontroller that schedules the engines of a GT. Its life as the driver sees
 * it::
 *
 *     init --> load --> (stop --> hardware reset --> restart)* --> unload --> fini
 *
 * init finds the firmware and allocates everything that is shared with it. load resets the
 * microcontroller, hands over the parameters, uploads the firmware, waits until it reports
 * ready and opens the message rings. A reset of the GT is framed by stop and restart; queues keep
 * their jobs across it. unload waits until the firmware has let go of all contexts and silences
 * it while interrupts still work.
 *
 * Before the rings are open there is a register mailbox with one request at a time. It is used
 * by probe and by the reset worker only, which exclude each other, so it has no lock.
 *
 * The object lives until the DRM device is released: queues of open files may outlive the
 * hardware.
 */

#include <linux/delay.h>
#include <linux/iopoll.h>
#include <linux/ktime.h>
#include <linux/sizes.h>

#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "base/xe_print.h"
#include "base/xe_reset.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_irq.h"
#include "hw/xe_mmio.h"
#include "mem/xe_bo.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_guc_regs.h"
#include "regs/xe_irq_regs.h"
#include "submit/xe_guc.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_pc.h"
#include "submit/xe_guc_submit.h"
#include "submit/xe_guc_types.h"

#define GUC_RESET_TIMEOUT_US	(5 * 1000)
#define GUC_BOOT_TIMEOUT_MS	3000
#define GUC_BOOT_SLOW_MS	200
/* an answer takes microseconds, but the device may be an emulation that waits for a processor */
#define GUC_MAILBOX_TIMEOUT_US	(1000 * 1000)
#define GUC_MAILBOX_BUSY_US	(1000 * 1000)
#define GUC_MAILBOX_RETRIES	50
#define GUC_DRAIN_TIMEOUT_MS	5000

/* what the firmware may have left in GUC_EARLY_ERROR */
#define GUC_EARLY_CRASH_DUMP	0x00000002
#define GUC_EARLY_EXCEPTION	0x40000000

static void guc_ct_broken(void *data)
{
	struct xe_guc *guc = data;

	xe_device_request_gt_reset(guc->gt->xe, guc->gt->id);
}

static bool guc_fast_event(void *data, u32 action, const u32 *payload, u32 n_dwords)
{
	struct xe_guc *guc = data;

	if (action != GUC_G2H_TLB_INVALIDATION_DONE || n_dwords != 1)
		return false;
	xe_tlb_inval_done(guc->gt, payload[0]);

	return true;
}

static int guc_engine_failure(struct xe_guc *guc, const u32 *payload, u32 n_dwords)
{
	if (n_dwords != 3)
		return -EPROTO;

	xe_gt_err(guc->gt, "GuC could not reset engine %u of class %u, reason %#x\n", payload[1],
		  payload[0], payload[2]);
	xe_device_request_gt_reset(guc->gt->xe, guc->gt->id);

	return 0;
}

static int guc_event(void *data, u32 action, const u32 *payload, u32 n_dwords)
{
	struct xe_guc *guc = data;

	switch (action) {
	case GUC_G2H_SCHED_CONTEXT_MODE_DONE:
	case GUC_G2H_DEREGISTER_CONTEXT_DONE:
	case GUC_G2H_CONTEXT_RESET_NOTIFICATION:
	case GUC_G2H_MEMORY_CAT_ERROR:
		return xe_guc_submit_g2h(guc, action, payload, n_dwords);
	case GUC_G2H_ENGINE_FAILURE_NOTIFICATION:
		return guc_engine_failure(guc, payload, n_dwords);
	case GUC_G2H_STATE_CAPTURE_NOTIFICATION:
	case GUC_G2H_FLUSH_LOG_BUFFER_TO_FILE:
		return 0;
	case GUC_G2H_CRASH_DUMP_POSTED:
	case GUC_G2H_EXCEPTION:
		xe_gt_err(guc->gt, "GuC crashed (event %#x)\n", action);
		xe_device_request_gt_reset(guc->gt->xe, guc->gt->id);
		return 0;
	default:
		return -EPROTO;
	}
}

static const struct xe_guc_ct_ops guc_ct_ops = {
	.fast_event = guc_fast_event,
	.event = guc_event,
	.broken = guc_ct_broken,
};

static int guc_tlb_send(void *data, u32 seqno, const u32 *cmd, u32 n_cmd)
{
	u32 msg[2 + XE_TLB_INVAL_CMD_DWORDS];
	struct xe_guc *guc = data;

	msg[0] = xe_hxg_fast_request(GUC_H2G_TLB_INVALIDATION);
	msg[1] = seqno;
	memcpy(msg + 2, cmd, n_cmd * sizeof(*cmd));

	return xe_guc_ct_send(&guc->ct, msg, 2 + n_cmd, GUC_G2H_LEN_TLB_INVAL_DONE,
			      XE_GUC_CT_ATOMIC);
}

static bool guc_tlb_is_up(void *data)
{
	struct xe_guc *guc = data;

	return xe_guc_ct_is_enabled(&guc->ct);
}

static const struct xe_tlb_inval_ops guc_tlb_inval_ops = {
	.send = guc_tlb_send,
	.is_up = guc_tlb_is_up,
	.stuck = guc_ct_broken,
};

/* Context: hard interrupt */
static void guc_irq(void *data, u16 vector)
{
	struct xe_guc *guc = data;

	if (vector & GUC_INTR_GUC2HOST)
		xe_guc_ct_irq(&guc->ct);
}

static int guc_mailbox_once(struct xe_guc *guc, const u32 *msg, u32 n_dwords, u32 *reply)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	u32 i, reg = guc->mailbox_reg;
	int ret;

	for (i = 0; i < n_dwords; i++)
		xe_mmio_write32(mmio, reg + 4 * i, msg[i]);
	/* the message has arrived before the notification */
	xe_mmio_read32(mmio, reg + 4 * (GUC_MAILBOX_COUNT - 1));
	xe_mmio_write32(mmio, guc->notify_reg, 0);

	ret = xe_mmio_wait32(mmio, reg, GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_MASK,
			     GUC_MAILBOX_TIMEOUT_US, reply, false);
	if (ret || xe_hxg_type(*reply) != GUC_HXG_TYPE_BUSY)
		return ret;

	return read_poll_timeout(xe_mmio_read32, *reply,
				 xe_hxg_type(*reply) != GUC_HXG_TYPE_BUSY, 1000,
				 GUC_MAILBOX_BUSY_US, false, mmio, reg);
}

/**
 * xe_guc_mmio_request - send a request through the register mailbox and wait for the answer
 * @guc: GuC whose firmware is up and whose rings are closed; forcewake of the GT held
 * @msg: HXG message, header included
 * @n_dwords: its length, 1 to GUC_MAILBOX_COUNT
 * @data0: receives bits 27:0 of the success message
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ETIMEDOUT - no answer
 * * -ENXIO - the GuC refused; the reason has been logged
 * * -EPROTO - the answer makes no sense
 */
int xe_guc_mmio_request(struct xe_guc *guc, const u32 *msg, u32 n_dwords, u32 *data0)
{
	unsigned int tries;
	u32 reply = 0;
	int ret;

	for (tries = 0; tries < GUC_MAILBOX_RETRIES; tries++) {
		ret = guc_mailbox_once(guc, msg, n_dwords, &reply);
		if (ret) {
			xe_gt_err(guc->gt, "GuC does not answer mailbox request %#x, reads %#x\n",
				  msg[0], reply);
			return ret;
		}

		switch (xe_hxg_type(reply)) {
		case GUC_HXG_TYPE_SUCCESS:
			*data0 = xe_hxg_data0(reply);
			return 0;
		case GUC_HXG_TYPE_FAILURE:
			xe_gt_err(guc->gt, "GuC refused mailbox request %#x: error %#x hint %#x\n",
				  msg[0], xe_hxg_error(reply), xe_hxg_hint(reply));
			return -ENXIO;
		case GUC_HXG_TYPE_RETRY:
			break;
		default:
			xe_gt_err(guc->gt, "GuC answered mailbox request %#x with %#x\n", msg[0],
				  reply);
			return -EPROTO;
		}
	}

	xe_gt_err(guc->gt, "GuC keeps postponing mailbox request %#x\n", msg[0]);
	return -EPROTO;
}

/**
 * xe_guc_self_cfg - set one configuration value
 * @guc: GuC whose firmware is up and whose rings are closed; forcewake of the GT held
 * @key: GUC_KLV_SELF_CFG_ key
 * @len: length of the value in dwords, 1 or 2
 * @value: the value
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOKEY - the firmware does not know the key
 * * -ETIMEDOUT, -ENXIO, -EPROTO - see xe_guc_mmio_request()
 */
int xe_guc_self_cfg(struct xe_guc *guc, u16 key, u16 len, u64 value)
{
	const u32 msg[] = {
		xe_hxg_request(GUC_MMIO_SELF_CFG),
		GUC_KLV(key, len),
		lower_32_bits(value),
		upper_32_bits(value),
	};
	u32 n_keys;
	int ret;

	ret = xe_guc_mmio_request(guc, msg, ARRAY_SIZE(msg), &n_keys);
	if (ret)
		return ret;
	if (!n_keys)
		return -ENOKEY;

	return n_keys == 1 ? 0 : -EPROTO;
}

static int guc_reset_hw(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	u32 status;
	int ret;

	xe_mmio_write32(mmio, GDRST, GRDOM_GUC);
	ret = xe_mmio_wait32(mmio, GDRST, GRDOM_GUC, 0, GUC_RESET_TIMEOUT_US, NULL, false);
	if (ret) {
		xe_gt_err(guc->gt, "GuC reset does not complete\n");
		return ret;
	}

	status = xe_mmio_read32(mmio, GUC_STATUS);
	if (!(status & GS_MIA_IN_RESET)) {
		xe_gt_err(guc->gt, "GuC is not in reset after its reset, status %#x\n", status);
		return -EIO;
	}

	return 0;
}

static void guc_write_params(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	struct xe_device *xe = guc->gt->xe;
	u32 ads_page = xe_bo_ggtt_addr(guc->ads.bo) / SZ_4K;
	u32 params[GUC_PARAM_COUNT] = {
		[GUC_PARAM_LOG] = xe_guc_log_param(guc),
		[GUC_PARAM_WA] = xe->platform->id == XE_TIGERLAKE ? GUC_WA_TGL : 0,
		[GUC_PARAM_FEATURE] = GUC_FEATURE_SLPC,
		[GUC_PARAM_DEBUG] = xe_guc_log_debug_param(guc),
		[GUC_PARAM_ADS] = ads_page << GUC_ADS_PAGE_SHIFT,
		[GUC_PARAM_DEVID] = FIELD_PREP(GUC_DEVID_DEVICE_MASK, xe->devid) |
				    FIELD_PREP(GUC_DEVID_REVISION_MASK, xe->revid),
	};
	unsigned int i;

	xe_mmio_write32(mmio, SOFT_SCRATCH(0), 0);
	for (i = 0; i < GUC_PARAM_COUNT; i++)
		xe_mmio_write32(mmio, GUC_PARAM(i), params[i]);
}

static void guc_prepare_shim(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;

	xe_mmio_write32(mmio, GUC_SHIM_CONTROL, GUC_SHIM_TGL);
	xe_mmio_write32(mmio, GT_PM_CONFIG, GT_DOORBELL_ENABLE);
	/* the ARAT timer tick belongs to the firmware */
	xe_mmio_rmw32(mmio, PMINTRMSK, PMINTRMSK_ARAT_EXPIRED, 0);
}

/* Terminal states of boot ROM and micro-kernel but "ready": Documentation/hardware/guc.md, 5 */
static bool guc_status_is_fatal(u32 status)
{
	switch ((status & GS_BOOTROM_MASK) >> GS_BOOTROM_SHIFT) {
	case 0x13:	/* no key */
	case 0x2b:	/* wrong key */
	case 0x50:	/* signature */
	case 0x73:	/* PAVPC */
	case 0x74:	/* WOPCM */
	case 0x75:	/* load location */
	case 0x77:	/* jump */
	case 0x79:	/* RC6 context */
	case 0x7a:	/* MPU map */
	case 0x7e:	/* exception */
		return true;
	}

	switch ((status & GS_UKERNEL_MASK) >> GS_UKERNEL_SHIFT) {
	case 0x02:	/* device id */
	case 0x03:	/* build type */
	case 0x04:	/* device type */
	case 0x07:	/* hwconfig */
	case 0x08:	/* boot ROM version */
	case 0x60:	/* DPC */
	case 0x70:	/* exception */
	case 0x71:	/* init data */
	case 0x73:	/* MPU data */
	case 0x74:	/* save/restore list */
	case 0x75:	/* workaround KLV */
	case 0x76:	/* feature flags */
		return true;
	}

	return false;
}

static bool guc_status_is_final(u32 status)
{
	return (status & GS_UKERNEL_MASK) >> GS_UKERNEL_SHIFT == GS_UKERNEL_READY ||
	       guc_status_is_fatal(status);
}

static int guc_wait_ready(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	ktime_t start = ktime_get();
	u32 status;
	s64 took;
	int ret;

	ret = read_poll_timeout(xe_mmio_read32, status, guc_status_is_final(status), 200,
				GUC_BOOT_TIMEOUT_MS * USEC_PER_MSEC, false, mmio, GUC_STATUS);
	took = ktime_ms_delta(ktime_get(), start);
	if (!ret && guc_status_is_fatal(status))
		ret = -EPROTO;
	if (ret) {
		xe_gt_err(guc->gt, "GuC did not start: status %#x after %lld ms, frequency %u MHz\n",
			  status, took, xe_guc_pc_act_freq(guc->gt));
		return ret;
	}

	if (took > GUC_BOOT_SLOW_MS)
		xe_gt_warn(guc->gt, "GuC took %lld ms to start, frequency %u MHz\n", took,
			   xe_guc_pc_act_freq(guc->gt));

	return 0;
}

static void guc_check_early_error(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	u32 word = xe_mmio_read32(mmio, GUC_EARLY_ERROR);

	xe_mmio_write32(mmio, GUC_EARLY_ERROR, 0);
	if (word & (GUC_EARLY_CRASH_DUMP | GUC_EARLY_EXCEPTION))
		xe_gt_err(guc->gt, "GuC reported an error while starting: %#x\n", word);
}

static int guc_boot(struct xe_guc *guc)
{
	int ret;

	ret = guc_reset_hw(guc);
	if (!ret)
		ret = xe_uc_fw_wopcm_init(guc);
	if (ret)
		return ret;

	xe_guc_ads_populate(guc);
	xe_guc_pc_raise_frequency(guc);
	guc_write_params(guc);
	guc_prepare_shim(guc);

	ret = xe_uc_fw_upload(guc);
	if (!ret)
		ret = guc_wait_ready(guc);
	if (ret)
		return ret;

	xe_irq_enable_guc(&guc->gt->mmio);
	ret = xe_guc_ct_enable(&guc->ct);
	if (ret)
		return ret;

	guc_check_early_error(guc);

	return 0;
}

/**
 * xe_guc_load - reset the GuC, start its firmware and open the message rings
 * @gt: the GT, its engines idle or in reset
 *
 * Context: probe, or the reset worker; may sleep for seconds.
 * Return:
 * * 0 - success
 * * -EIO - the GuC or the WOPCM registers do not behave
 * * -E2BIG - the firmware does not fit into the WOPCM
 * * -ETIMEDOUT - reset, upload, start or mailbox did not finish in time
 * * -EPROTO, -ENXIO, -ENOKEY - the firmware stopped with an error or refused its configuration
 */
int xe_guc_load(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;
	int ret;

	ret = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	if (ret)
		return ret;
	ret = guc_boot(guc);
	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	if (ret)
		return ret;

	guc->loaded = true;
	xe_tlb_inval_resume(gt);

	return 0;
}

/**
 * xe_guc_carry_invalidations - have the GuC carry out TLB invalidations from now on
 * @gt: the GT; its GuC is loaded and its default contexts have been recorded
 *
 * Up to here there are GGTT changes only, for which a register does. Of these the recording makes
 * most, so its contexts, which go in the background, are waited for. Should one of them not go in
 * time, its translations are dropped by message.
 *
 * Context: probe, before there are address spaces; may sleep.
 * Return: 0.
 */
int xe_guc_carry_invalidations(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;

	/* Off the list they wait for nothing any more, and only have to be freed. */
	if (xe_guc_submit_wait_empty(guc, msecs_to_jiffies(GUC_DRAIN_TIMEOUT_MS)))
		flush_workqueue(gt->xe->unordered_wq);
	xe_tlb_inval_set_ops(gt, &guc_tlb_inval_ops, guc);

	return 0;
}

/**
 * xe_guc_stop - stop talking to the GuC, pause all queues
 * @gt: the GT, about to be reset
 *
 * Jobs that were handed over stay with their queues until xe_guc_restart() or xe_guc_abandon().
 *
 * Context: the reset worker, or remove; may sleep.
 */
void xe_guc_stop(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;

	if (!guc)
		return;

	xe_guc_pc_stop(gt);
	xe_guc_ct_stop(&guc->ct);
	xe_guc_submit_stop(guc);
	xe_tlb_inval_reset(gt);
}

/**
 * xe_guc_park - take all contexts off the hardware before it is switched off
 * @gt: the GT; GT resets are disabled, no new job comes. xe_guc_stop() follows
 *
 * Context: system sleep; may sleep.
 */
void xe_guc_park(struct xe_gt *gt)
{
	if (!gt->guc->submit.abandoned)
		xe_guc_submit_park(gt->guc);
}

/**
 * xe_guc_restart - start the GuC after a GT reset and take up unfinished work
 * @gt: the GT, stopped, reset and programmed
 *
 * Queues whose oldest job had started are banned, the jobs of all others are written again. If
 * the GuC does not start, all jobs are cancelled as by xe_guc_abandon().
 *
 * Context: the reset worker; may sleep for seconds.
 * Return: 0, or an error of xe_guc_load().
 */
int xe_guc_restart(struct xe_gt *gt)
{
	int ret;

	ret = xe_guc_load(gt);
	if (ret) {
		xe_guc_abandon(gt);
		return ret;
	}
	xe_guc_submit_restart(gt->guc);

	return 0;
}

/**
 * xe_guc_abandon - give up a GuC that will not run again
 * @gt: the GT, stopped; its engines are in reset
 *
 * All fences of queues and TLB invalidations signal with an error, now and from now on.
 *
 * Context: the reset worker, or remove; may sleep.
 */
void xe_guc_abandon(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;

	if (!guc)
		return;

	xe_guc_ct_stop(&guc->ct);
	xe_tlb_inval_abandon(gt);
	xe_guc_submit_abandon(guc);
}

/**
 * xe_guc_unload - take all contexts off the GuC and silence it
 * @gt: the GT; interrupts still work, no new queue can be made
 *
 * Waits up to 5 s for the firmware to let go of the contexts. What is left then is stopped by a
 * reset of the engines, or cut off from memory, and its fences signal with an error.
 *
 * Context: remove; may sleep. A second call does nothing.
 */
void xe_guc_unload(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;
	bool drained;

	if (!guc)
		return;
	if (guc->submit.abandoned)
		goto flush;

	drained = xe_guc_submit_drain(guc, msecs_to_jiffies(GUC_DRAIN_TIMEOUT_MS));
	if (!drained)
		xe_gt_warn(gt, "queues are still in use, resetting the engines below them\n");

	xe_guc_stop(gt);

	if (!drained)
		xe_gt_halt(gt);
	if (guc->loaded && !xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL)) {
		guc_reset_hw(guc);
		xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	}

	xe_guc_abandon(gt);

flush:
	/* queues that wait for nothing any more are freed while the GGTT is still there */
	flush_workqueue(gt->xe->unordered_wq);
}

/**
 * xe_guc_fini - free what is shared with the GuC
 * @gt: the GT; unloaded, or loading failed
 *
 * Context: may sleep. Does nothing if xe_guc_init() has not run.
 */
void xe_guc_fini(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;

	if (!guc)
		return;

	xe_guc_unload(gt);

	if (guc->irq_registered)
		xe_irq_unregister(gt->xe, XE_HW_CLASS_OTHER, guc->irq_instance);
	guc->irq_registered = false;

	xe_tlb_inval_set_ops(gt, NULL, NULL);
	xe_guc_ct_fini(&guc->ct);
	xe_guc_pc_fini(guc);
	xe_guc_ads_fini(guc);
	xe_guc_log_fini(guc);
	xe_uc_fw_fini(guc);
}

static int guc_init_parts(struct xe_guc *guc)
{
	int ret;

	ret = xe_guc_submit_init(guc);
	if (!ret)
		ret = xe_uc_fw_init(guc);
	if (!ret)
		ret = xe_guc_log_init(guc);
	if (!ret)
		ret = xe_guc_ct_init(&guc->ct);
	if (!ret)
		ret = xe_guc_ads_init(guc);
	if (!ret)
		ret = xe_guc_pc_init(guc);

	return ret;
}

/**
 * xe_guc_init - find the firmware, allocate shared memory and become the GT's back end
 * @gt: the GT; fuses read, GGTT usable, interrupt block initialised
 *
 * Context: probe; may sleep. After an error xe_guc_fini() may be called or not.
 * Return:
 * * 0 - success
 * * -ENOENT, -ENODATA, -EPROTO, -ENOEXEC, -EINVAL - see xe_uc_fw_init()
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space
 * * -EBUSY - somebody else handles the interrupt
 */
int xe_guc_init(struct xe_gt *gt)
{
	struct xe_device *xe = gt->xe;
	bool media = gt->id > 0;
	struct xe_guc *guc;
	int ret;

	guc = drmm_kzalloc(&xe->drm, sizeof(*guc), GFP_KERNEL);
	if (!guc)
		return -ENOMEM;

	guc->gt = gt;
	guc->notify_reg = media ? MEDIA_GUC_HOST_INTERRUPT : GUC_HOST_INTERRUPT;
	guc->mailbox_reg = media ? MEDIA_GUC_MAILBOX(0) : GUC_MAILBOX(0);
	guc->irq_instance = media ? XE_HW_OTHER_INSTANCE_MEDIA_GUC : XE_HW_OTHER_INSTANCE_GUC;
	guc->ct.ops = &guc_ct_ops;
	guc->ct.data = guc;
	gt->guc = guc;

	ret = guc_init_parts(guc);
	if (ret)
		goto fini;

	ret = xe_irq_register(xe, XE_HW_CLASS_OTHER, guc->irq_instance, guc_irq, guc);
	if (ret)
		goto fini;
	guc->irq_registered = true;

	gt->queue_ops = &xe_guc_exec_queue_ops;

	return 0;

fini:
	xe_guc_fini(gt);
	return ret;
}

/**
 * xe_guc_submission_version - version of the submission interface of the firmware
 * @gt: the GT, after xe_guc_init()
 * @major: receives the major number
 * @minor: receives the minor number
 * @patch: receives the patch number
 *
 * Context: any.
 * Return: the three numbers packed as major << 16 | minor << 8 | patch.
 */
u32 xe_guc_submission_version(struct xe_gt *gt, u32 *major, u32 *minor, u32 *patch)
{
	const struct xe_uc_fw_version *v = &gt->guc->fw.submission;

	*major = v->major;
	*minor = v->minor;
	*patch = v->patch;

	return *major << 16 | *minor << 8 | *patch;
}

/**
 * xe_guc_print_info - describe firmware, status and rings
 * @gt: the GT, after xe_guc_init()
 * @p: where to
 *
 * Context: may sleep.
 */
void xe_guc_print_info(struct xe_gt *gt, struct drm_printer *p)
{
	struct xe_guc *guc = gt->guc;
	const struct xe_uc_fw *fw = &guc->fw;
	struct xe_guc_ct_snapshot ct;
	u32 status;

	drm_printf(p, "GuC firmware: %s\n", fw->path);
	drm_printf(p, "\tversion: %u.%u.%u\n", fw->version.major, fw->version.minor,
		   fw->version.patch);
	drm_printf(p, "\tsubmission version: %u.%u.%u\n", fw->submission.major,
		   fw->submission.minor, fw->submission.patch);
	drm_printf(p, "\tmicro-code: %u bytes, signature: %u bytes\n", fw->ucode_bytes,
		   fw->rsa_bytes);

	if (!xe_force_wake_get(&gt->fw, XE_FW_GT)) {
		status = xe_mmio_read32(&gt->mmio, GUC_STATUS);
		xe_force_wake_put(&gt->fw, XE_FW_GT);
		drm_printf(p, "\tstatus: %#x (boot ROM %#x, micro-kernel %#x, core %u)\n", status,
			   (status & GS_BOOTROM_MASK) >> GS_BOOTROM_SHIFT,
			   (status & GS_UKERNEL_MASK) >> GS_UKERNEL_SHIFT,
			   (status & GS_MIA_MASK) >> GS_MIA_SHIFT);
	}

	drm_printf(p, "\tcontext ids in use: %u of %u\n", READ_ONCE(guc->ids.used), GUC_ID_COUNT);
	xe_guc_ct_snapshot_take(&guc->ct, &ct);
	xe_guc_ct_snapshot_print(&ct, p);
}
