// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "gt/xe_engine.h"

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "gt/xe_gt.h"
#include "hw/xe_irq.h"
#include "hw/xe_reg_rules.h"
#include "mem/xe_bo.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_irq_regs.h"
#include "regs/xe_reg_bits.h"

/**
 * DOC: Engines
 *
 * An engine object exists for every engine the fuses left. Its memory lives as long as the DRM
 * device, because queues of files that are still open name it; the hardware side (status page,
 * interrupt handler) lives from xe_engine_init() to xe_engine_fini().
 *
 * The interrupt handler does two things for a user interrupt: it signals the fences of the
 * engine's class that have completed, and wakes the waiters on user fences, whose value the job
 * has stored before the interrupt. A queue may run on any engine of its class, so the fences of
 * all of them wait on one list.
 */

static const struct {
	char name[XE_ENGINE_NAME_LEN];
	u32 mmio_base;
} engine_table[XE_NUM_ENGINES] = {
	[XE_ENGINE_RCS0] = { "rcs0", RENDER_RING_BASE },
	[XE_ENGINE_BCS0] = { "bcs0", BLT_RING_BASE },
	[XE_ENGINE_BCS1] = { "bcs1", XEHPC_BCS_RING_BASE(1) },
	[XE_ENGINE_BCS2] = { "bcs2", XEHPC_BCS_RING_BASE(2) },
	[XE_ENGINE_BCS3] = { "bcs3", XEHPC_BCS_RING_BASE(3) },
	[XE_ENGINE_BCS4] = { "bcs4", XEHPC_BCS_RING_BASE(4) },
	[XE_ENGINE_BCS5] = { "bcs5", XEHPC_BCS_RING_BASE(5) },
	[XE_ENGINE_BCS6] = { "bcs6", XEHPC_BCS_RING_BASE(6) },
	[XE_ENGINE_BCS7] = { "bcs7", XEHPC_BCS_RING_BASE(7) },
	[XE_ENGINE_BCS8] = { "bcs8", XEHPC_BCS8_RING_BASE },
	[XE_ENGINE_VCS0] = { "vcs0", VDBOX_RING_BASE(0) },
	[XE_ENGINE_VCS1] = { "vcs1", VDBOX_RING_BASE(1) },
	[XE_ENGINE_VCS2] = { "vcs2", VDBOX_RING_BASE(2) },
	[XE_ENGINE_VCS3] = { "vcs3", VDBOX_RING_BASE(3) },
	[XE_ENGINE_VCS4] = { "vcs4", VDBOX_RING_BASE(4) },
	[XE_ENGINE_VCS5] = { "vcs5", VDBOX_RING_BASE(5) },
	[XE_ENGINE_VCS6] = { "vcs6", VDBOX_RING_BASE(6) },
	[XE_ENGINE_VCS7] = { "vcs7", VDBOX_RING_BASE(7) },
	[XE_ENGINE_VECS0] = { "vecs0", VEBOX_RING_BASE(0) },
	[XE_ENGINE_VECS1] = { "vecs1", VEBOX_RING_BASE(1) },
	[XE_ENGINE_VECS2] = { "vecs2", VEBOX_RING_BASE(2) },
	[XE_ENGINE_VECS3] = { "vecs3", VEBOX_RING_BASE(3) },
	[XE_ENGINE_CCS0] = { "ccs0", COMPUTE0_RING_BASE },
	[XE_ENGINE_CCS1] = { "ccs1", COMPUTE1_RING_BASE },
	[XE_ENGINE_CCS2] = { "ccs2", COMPUTE2_RING_BASE },
	[XE_ENGINE_CCS3] = { "ccs3", COMPUTE3_RING_BASE },
};

static void engine_irq(void *data, u16 vector)
{
	struct xe_engine *hwe = data;

	if (!(vector & GT_RENDER_USER_INTERRUPT))
		return;

	xe_hw_fence_irq_run(&hwe->gt->fence_irq[hwe->class]);
	wake_up_all(&hwe->gt->xe->ufence_wq);
}

/**
 * xe_engine_create - make the object of a present engine and enter it in its GT
 * @gt: the GT
 * @id: which engine
 * @logical_instance: how many engines of its class precede it
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 */
int xe_engine_create(struct xe_gt *gt, enum xe_engine_id id, u8 logical_instance)
{
	struct xe_engine *hwe = drmm_kzalloc(&gt->xe->drm, sizeof(*hwe), GFP_KERNEL);

	if (!hwe)
		return -ENOMEM;

	hwe->gt = gt;
	hwe->id = id;
	hwe->class = xe_engine_id_class(id);
	hwe->instance = xe_engine_id_instance(id);
	hwe->logical_instance = logical_instance;
	hwe->mmio_base = engine_table[id].mmio_base;
	strscpy(hwe->name, engine_table[id].name, sizeof(hwe->name));
	gt->engines[id] = hwe;

	return 0;
}

/**
 * xe_engine_init - give the engine its status page and its interrupt handler
 * @hwe: the engine
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -ENOMEM - no memory
 * * -ENOSPC - no room in the GGTT
 * * errors of xe_irq_register()
 */
int xe_engine_init(struct xe_engine *hwe)
{
	struct xe_bo *bo;
	int err;

	bo = xe_bo_create_kernel(hwe->gt->xe, SZ_4K, XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	/* interrupt classes are numbered like engine classes */
	static_assert((int)XE_ENGINE_CLASS_VIDEO_DECODE == XE_HW_CLASS_VIDEO_DECODE);
	static_assert((int)XE_ENGINE_CLASS_COPY == XE_HW_CLASS_COPY);
	static_assert((int)XE_ENGINE_CLASS_COMPUTE == XE_HW_CLASS_COMPUTE);

	err = xe_irq_register(hwe->gt->xe, hwe->class, hwe->instance, engine_irq, hwe);
	if (err) {
		xe_bo_destroy_kernel(bo);
		return err;
	}

	hwe->status_page = bo;
	hwe->irq_registered = true;

	return 0;
}

/**
 * xe_engine_program - bring the engine's registers into the state the GuC expects
 * @hwe: the engine, xe_engine_init() done; all power domains of the GT are awake
 *
 * Context: any.
 */
void xe_engine_program(struct xe_engine *hwe)
{
	const struct xe_mmio *mmio = &hwe->gt->mmio;
	const struct xe_reg_engine target = {
		.class = hwe->class,
		.instance = hwe->instance,
		.mmio_base = hwe->mmio_base,
	};

	xe_reg_rules_apply_engine(mmio, hwe->gt->xe->platform, &hwe->gt->fuses, &target);

	if (hwe->class == XE_ENGINE_CLASS_COMPUTE)
		xe_mmio_write32(mmio, RCU_MODE, XE_MASKED_SET(RCU_MODE_CCS_ENABLE));

	/* No interrupt reports into the status page: they are delivered as messages. */
	xe_mmio_write32(mmio, RING_HWSTAM(hwe->mmio_base), ~0u);
	xe_mmio_write32(mmio, RING_HWS_PGA(hwe->mmio_base), xe_bo_ggtt_addr(hwe->status_page));
	xe_mmio_write32(mmio, RING_MODE(hwe->mmio_base), XE_MASKED_SET(RING_MODE_DISABLE_LEGACY));
	xe_mmio_write32(mmio, RING_MI_MODE(hwe->mmio_base), XE_MASKED_CLR(MI_MODE_STOP_RING));
	/* Posts the writes before anybody lets the GuC use the engine. */
	xe_mmio_read32(mmio, RING_MI_MODE(hwe->mmio_base));
}

/**
 * xe_engine_fini - undo xe_engine_init(); nothing happens if it was not called
 * @hwe: the engine; the GuC is stopped or gone
 *
 * Context: may sleep.
 */
void xe_engine_fini(struct xe_engine *hwe)
{
	if (hwe->irq_registered)
		xe_irq_unregister(hwe->gt->xe, hwe->class, hwe->instance);
	hwe->irq_registered = false;

	xe_bo_destroy_kernel(hwe->status_page);
	hwe->status_page = NULL;
}
