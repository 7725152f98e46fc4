// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_space.h"

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "instructions/lrc_layout.h"

static bool image_read(struct xm_device *dev, u64 desc, unsigned int index, u32 *val)
{
	u64 page = ((u32)desc & LRC_DESC_LRCA_MASK) + LRC_STATE_OFFSET;

	return ggtt_read32(dev, page + index * sizeof(u32), val);
}

bool guc_space_of(struct xm_device *dev, u64 desc, struct guc_space *space)
{
	u32 low = 0, high = 0, asid = 0;
	bool ok;

	if (!(desc & LRC_DESC_PPGTT))
		return false;
	dma_read_lock(dev->dma);
	ok = image_read(dev, desc, LRC_DW_PDP0_LDW, &low) &&
	     image_read(dev, desc, LRC_DW_PDP0_UDW, &high) &&
	     (!dev->platform->asid || image_read(dev, desc, LRC_DW_ASID, &asid));
	dma_read_unlock(dev->dma);
	space->root = low | (u64)high << 32;
	space->asid = asid;
	return ok;
}

void guc_space_each(struct guc_sched *sched, guc_space_fn fn, void *ctx)
{
	unsigned int seen = 0;
	struct guc_space space;

	for (u32 id = 0; id < GUC_MAX_CONTEXTS && seen < sched->n_ctx; id++) {
		const struct guc_context *c = sched->ctx[id];

		/* A parallel context takes an id for each LRC. */
		if (!c || c->id != id)
			continue;
		seen++;
		for (u32 i = 0; i < c->n_lrc; i++)
			if (guc_space_of(sched->dev, c->lrc[i].desc, &space))
				fn(&space, ctx);
	}
}
