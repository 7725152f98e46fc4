// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC power conservation (PC)
 *
 * Frequencies are chosen by a task of the firmware (SLPC), render standby (RC6) is entered by
 * the firmware as well. The driver starts both, and passes limits on that the user sets. The task
 * shows its state in a page shared with the driver. Limits are in MHz; the hardware counts
 * either in 50 MHz (fuses) or in 50/3 MHz (everything else).
 *
 * Limits chosen by the user survive a GT reset: they are sent again when the task was restarted.
 *
 * Locking: &xe_guc_pc.lock covers requests and limits. It is not taken in fence signalling, and
 * no other lock of the GuC layer that may sleep is taken under it.
 */

#include <linux/delay.h>
#include <linux/iopoll.h>

#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_mmio.h"
#include "hw/xe_pcode.h"
#include "mem/xe_bo.h"
#include "regs/xe_gt_regs.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_hxg.h"
#include "submit/xe_guc_pc.h"
#include "submit/xe_guc_types.h"

#define PC_FUSE_UNIT_MHZ	50
/* the interface promises 5 ms; be generous, the driver may run on an emulation */
#define PC_STATE_TIMEOUT_US	(1000 * 1000)

static struct xe_guc_pc *gt_to_pc(struct xe_gt *gt)
{
	return &gt->guc->pc;
}

static u32 pc_ratio_to_mhz(u32 ratio)
{
	return DIV_ROUND_CLOSEST(ratio * SLPC_FREQ_UNIT_NUM, SLPC_FREQ_UNIT_DEN);
}

static u32 pc_mhz_to_ratio(u32 mhz)
{
	return DIV_ROUND_CLOSEST(mhz * SLPC_FREQ_UNIT_DEN, SLPC_FREQ_UNIT_NUM);
}

static u32 *pc_shared(struct xe_guc_pc *pc, u32 offset)
{
	return xe_bo_vaddr(pc->bo) + offset;
}

static int pc_wait_running(struct xe_guc *guc)
{
	const u32 *state = pc_shared(&guc->pc, SLPC_SHARED_GLOBAL_STATE_OFFSET);
	u32 now;
	int ret;

	ret = read_poll_timeout(READ_ONCE, now, now == SLPC_STATE_RUNNING, 100,
				PC_STATE_TIMEOUT_US, false, *state);
	if (ret)
		xe_gt_err(guc->gt, "frequency control is in state %u, not running\n", now);

	return ret;
}

/* Start the task over. It reports on the shared page. */
static int pc_send_reset(struct xe_guc *guc)
{
	const u32 msg[] = {
		xe_hxg_fast_request(GUC_H2G_PC_SLPC_REQUEST),
		SLPC_EVENT(SLPC_EVENT_RESET, 2),
		xe_bo_ggtt_addr(guc->pc.bo),
		0,
	};

	return xe_guc_ct_send(&guc->ct, msg, ARRAY_SIZE(msg), 0, 0);
}

/* Make the task write its present limits to the shared page. */
static int pc_query(struct xe_guc *guc)
{
	const u32 msg[] = {
		xe_hxg_request(GUC_H2G_PC_SLPC_REQUEST),
		SLPC_EVENT(SLPC_EVENT_QUERY_TASK_STATE, 2),
		xe_bo_ggtt_addr(guc->pc.bo),
		0,
	};
	u32 status;
	int ret;

	ret = pc_wait_running(guc);
	if (!ret)
		ret = xe_guc_ct_request(&guc->ct, msg, ARRAY_SIZE(msg), &status);
	if (ret)
		return ret;
	if (status) {
		xe_gt_err(guc->gt, "frequency control refused a query: %#x\n", status);
		return -EIO;
	}

	return 0;
}

static int pc_set_param(struct xe_guc *guc, u32 id, u32 value)
{
	const u32 msg[] = {
		xe_hxg_fast_request(GUC_H2G_PC_SLPC_REQUEST),
		SLPC_EVENT(SLPC_EVENT_PARAMETER_SET, 2),
		id,
		value,
	};
	int ret;

	ret = pc_wait_running(guc);
	if (ret)
		return ret;

	return xe_guc_ct_send(&guc->ct, msg, ARRAY_SIZE(msg), 0, 0);
}

static int pc_setup_gucrc(struct xe_guc *guc, u32 owner, unsigned int flags)
{
	const u32 msg[] = { xe_hxg_fast_request(GUC_H2G_SETUP_PC_GUCRC), owner };

	return xe_guc_ct_send(&guc->ct, msg, ARRAY_SIZE(msg), 0, flags);
}

static u32 pc_shared_max(struct xe_guc_pc *pc)
{
	u32 limits = READ_ONCE(*pc_shared(pc, SLPC_SHARED_FREQ_LIMITS_OFFSET));

	return pc_ratio_to_mhz(FIELD_GET(SLPC_FREQ_MAX_UNSLICE_MASK, limits));
}

static u32 pc_shared_min(struct xe_guc_pc *pc)
{
	u32 limits = READ_ONCE(*pc_shared(pc, SLPC_SHARED_FREQ_LIMITS_OFFSET));

	return pc_ratio_to_mhz(FIELD_GET(SLPC_FREQ_MIN_UNSLICE_MASK, limits));
}

/* The firmware's idea of the maximum may exceed the fuses; the user's limits come on top. */
static int pc_adjust_limits(struct xe_guc *guc)
{
	struct xe_guc_pc *pc = &guc->pc;
	u32 max = pc->user_max;
	int ret = 0;

	if (!max && pc_shared_max(pc) > pc->rp0)
		max = pc->rp0;
	if (max)
		ret = pc_set_param(guc, SLPC_PARAM_MAX_UNSLICE_MHZ, max);
	if (!ret && pc->user_min)
		ret = pc_set_param(guc, SLPC_PARAM_MIN_UNSLICE_MHZ, pc->user_min);

	return ret;
}

/* The ring shared with the CPU follows the GT through a table in PCODE; integrated parts only. */
static void pc_init_ring_frequency(struct xe_guc *guc)
{
	const struct xe_device *xe = guc->gt->xe;
	int ret;

	if (xe->platform->is_dgfx)
		return;

	ret = xe_pcode_init_min_freq_table(xe->mmio, guc->pc.rpn / PC_FUSE_UNIT_MHZ,
					   guc->pc.rp0 / PC_FUSE_UNIT_MHZ);
	if (ret)
		xe_gt_notice(guc->gt, "ring frequency table was not accepted: %pe\n",
			     ERR_PTR(ret));
}

static int pc_start_locked(struct xe_guc *guc)
{
	struct xe_guc_pc *pc = &guc->pc;
	int ret;

	lockdep_assert_held(&pc->lock);

	memset(pc_shared(pc, 0), 0, SLPC_SHARED_BYTES);
	*pc_shared(pc, SLPC_SHARED_SIZE_OFFSET) = SLPC_SHARED_BYTES;

	ret = pc_send_reset(guc);
	if (!ret)
		ret = pc_query(guc);
	if (!ret)
		ret = pc_adjust_limits(guc);
	if (ret)
		return ret;

	pc_init_ring_frequency(guc);

	ret = pc_setup_gucrc(guc, GUCRC_FIRMWARE_CONTROL, 0);
	if (ret)
		return ret;
	WRITE_ONCE(pc->running, true);

	return 0;
}

/**
 * xe_guc_pc_start - start frequency control and render standby
 * @gt: the GT, its GuC loaded
 *
 * Context: probe or the reset worker; may sleep.
 * Return:
 * * 0 - success
 * * -ETIMEDOUT - the task did not start
 * * -ETIME, -EIO, -EAGAIN - the GuC did not answer or refused
 * * -ECANCELED - the channel to the GuC is down
 */
int xe_guc_pc_start(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;
	int ret;

	ret = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
	if (ret)
		return ret;

	mutex_lock(&guc->pc.lock);
	ret = pc_start_locked(guc);
	mutex_unlock(&guc->pc.lock);

	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	if (ret)
		xe_gt_err(gt, "frequency control did not start: %pe\n", ERR_PTR(ret));

	return ret;
}

/**
 * xe_guc_pc_stop - take render standby back before the GuC is stopped
 * @gt: the GT
 *
 * Context: may sleep. Does nothing if frequency control is not running.
 */
void xe_guc_pc_stop(struct xe_gt *gt)
{
	struct xe_guc *guc = gt->guc;

	if (!guc || !READ_ONCE(guc->pc.running))
		return;

	mutex_lock(&guc->pc.lock);
	WRITE_ONCE(guc->pc.running, false);
	/* Best effort: if the GuC does not listen, the reset that follows does it, too. */
	pc_setup_gucrc(guc, GUCRC_HOST_CONTROL, XE_GUC_CT_ATOMIC);
	mutex_unlock(&guc->pc.lock);
}

/**
 * xe_guc_pc_raise_frequency - go to the highest frequency while no firmware controls it
 * @guc: GuC in reset; forcewake of the GT held
 *
 * Loading the firmware takes long at the lowest frequency, which is what a reset leaves.
 *
 * Context: may sleep.
 */
void xe_guc_pc_raise_frequency(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;

	xe_mmio_write32(mmio, RP_CONTROL, RP_CONTROL_SW_ENABLE);
	xe_mmio_write32(mmio, RPNSWREQ, pc_mhz_to_ratio(guc->pc.rp0) << RPNSWREQ_RATIO_SHIFT);
	usleep_range(100, 300);
	xe_mmio_write32(mmio, RP_CONTROL, 0);
}

/**
 * xe_guc_pc_init - read the fused limits, allocate the shared page
 * @guc: the GuC
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space
 */
int xe_guc_pc_init(struct xe_guc *guc)
{
	struct xe_guc_pc *pc = &guc->pc;
	struct xe_gt *gt = guc->gt;
	struct xe_bo *bo;
	u32 cap;

	mutex_init(&pc->lock);

	/* outside of every power domain */
	cap = xe_mmio_read32(&gt->mmio, RP_STATE_CAP);
	pc->rp0 = FIELD_GET(RP0_CAP_MASK, cap) * PC_FUSE_UNIT_MHZ;
	pc->rpn = FIELD_GET(RPN_CAP_MASK, cap) * PC_FUSE_UNIT_MHZ;
	if (pc->rp0 < pc->rpn || !pc->rp0)
		xe_gt_warn(gt, "implausible frequency fuses: %u to %u MHz\n", pc->rpn, pc->rp0);

	bo = xe_bo_create_kernel(gt->xe, SLPC_SHARED_BYTES, XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(bo))
		return PTR_ERR(bo);
	pc->bo = bo;

	return 0;
}

/**
 * xe_guc_pc_fini - free the shared page
 * @guc: the GuC, in reset or never started
 *
 * Context: may sleep.
 */
void xe_guc_pc_fini(struct xe_guc *guc)
{
	xe_bo_destroy_kernel(guc->pc.bo);
	guc->pc.bo = NULL;
}

/**
 * xe_guc_pc_act_freq - frequency the GT runs at now
 * @gt: the GT
 *
 * Context: any.
 * Return: MHz, 0 while the GT is in standby.
 */
u32 xe_guc_pc_act_freq(struct xe_gt *gt)
{
	u32 status = xe_mmio_read32(&gt->mmio, GT_PERF_STATUS);

	return pc_ratio_to_mhz(FIELD_GET(GT_PERF_ACT_RATIO_MASK, status));
}

/**
 * xe_guc_pc_cur_freq - frequency the firmware asks for
 * @gt: the GT
 * @mhz: receives MHz
 *
 * Context: any. Wakes the GT up.
 * Return:
 * * 0 - success
 * * errors of xe_force_wake_get() - the GT did not wake up
 */
int xe_guc_pc_cur_freq(struct xe_gt *gt, u32 *mhz)
{
	u32 request;
	int ret;

	ret = xe_force_wake_get(&gt->fw, XE_FW_GT);
	if (ret)
		return ret;
	request = xe_mmio_read32(&gt->mmio, RPNSWREQ);
	xe_force_wake_put(&gt->fw, XE_FW_GT);
	*mhz = pc_ratio_to_mhz(FIELD_GET(RPNSWREQ_RATIO_MASK, request));

	return 0;
}

/**
 * xe_guc_pc_rp0_freq - highest frequency the part allows
 * @gt: the GT
 *
 * Context: any.
 * Return: MHz.
 */
u32 xe_guc_pc_rp0_freq(struct xe_gt *gt)
{
	return gt_to_pc(gt)->rp0;
}

/**
 * xe_guc_pc_rpe_freq - most efficient frequency, as the hardware sees it now
 * @gt: the GT
 *
 * Context: any.
 * Return: MHz.
 */
u32 xe_guc_pc_rpe_freq(struct xe_gt *gt)
{
	return FIELD_GET(RPE_MASK, xe_mmio_read32(&gt->mmio, FREQ_INFO_REC)) * PC_FUSE_UNIT_MHZ;
}

/**
 * xe_guc_pc_rpn_freq - lowest frequency the part allows
 * @gt: the GT
 *
 * Context: any.
 * Return: MHz.
 */
u32 xe_guc_pc_rpn_freq(struct xe_gt *gt)
{
	return gt_to_pc(gt)->rpn;
}

static int pc_get_limit(struct xe_gt *gt, u32 (*limit)(struct xe_guc_pc *pc), u32 *mhz)
{
	struct xe_guc_pc *pc = gt_to_pc(gt);
	int ret = -EAGAIN;

	mutex_lock(&pc->lock);
	if (pc->running)
		ret = pc_query(gt->guc);
	if (!ret)
		*mhz = limit(pc);
	mutex_unlock(&pc->lock);

	return ret;
}

/**
 * xe_guc_pc_get_min_freq - lower limit in force
 * @gt: the GT
 * @mhz: receives MHz
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -EAGAIN - frequency control is not running, a reset may be going on
 * * other errors - see xe_guc_ct_request()
 */
int xe_guc_pc_get_min_freq(struct xe_gt *gt, u32 *mhz)
{
	return pc_get_limit(gt, pc_shared_min, mhz);
}

/**
 * xe_guc_pc_get_max_freq - upper limit in force
 * @gt: the GT
 * @mhz: receives MHz
 *
 * Context: may sleep.
 * Return: as xe_guc_pc_get_min_freq().
 */
int xe_guc_pc_get_max_freq(struct xe_gt *gt, u32 *mhz)
{
	return pc_get_limit(gt, pc_shared_max, mhz);
}

static int pc_set_limit(struct xe_gt *gt, u32 id, u32 *remember, u32 mhz)
{
	struct xe_guc_pc *pc = gt_to_pc(gt);
	int ret = -EAGAIN;

	if (mhz < pc->rpn || mhz > pc->rp0)
		return -EINVAL;

	mutex_lock(&pc->lock);
	if (pc->running)
		ret = pc_set_param(gt->guc, id, mhz);
	if (!ret)
		*remember = mhz;
	mutex_unlock(&pc->lock);

	return ret;
}

/**
 * xe_guc_pc_set_min_freq - change the lower limit
 * @gt: the GT
 * @mhz: new limit, MHz
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -EINVAL - outside of what the part allows
 * * -EAGAIN - frequency control is not running, a reset may be going on
 * * -ETIMEDOUT, -ECANCELED - the GuC does not react
 */
int xe_guc_pc_set_min_freq(struct xe_gt *gt, u32 mhz)
{
	return pc_set_limit(gt, SLPC_PARAM_MIN_UNSLICE_MHZ, &gt_to_pc(gt)->user_min, mhz);
}

/**
 * xe_guc_pc_set_max_freq - change the upper limit
 * @gt: the GT
 * @mhz: new limit, MHz
 *
 * Context: may sleep.
 * Return: as xe_guc_pc_set_min_freq().
 */
int xe_guc_pc_set_max_freq(struct xe_gt *gt, u32 mhz)
{
	return pc_set_limit(gt, SLPC_PARAM_MAX_UNSLICE_MHZ, &gt_to_pc(gt)->user_max, mhz);
}
