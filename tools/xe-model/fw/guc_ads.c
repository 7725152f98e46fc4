// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_ads.h"

#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "gfx/engine.h"
#include "util/bits.h"
#include "util/log.h"

static bool read_policies(struct xm_device *dev, u32 addr, u32 *flags)
{
	u32 valid;

	return ggtt_read32(dev, addr + GUC_POLICIES_IS_VALID_OFFSET, &valid) && valid &&
	       ggtt_read32(dev, addr + GUC_POLICIES_GLOBAL_FLAGS_OFFSET, flags);
}

bool guc_ads_policies(struct xm_device *dev, u32 addr, u32 *flags)
{
	bool ok;

	dma_read_lock(dev->dma);
	ok = read_policies(dev, addr, flags);
	dma_read_unlock(dev->dma);
	return ok;
}

static bool check_class(struct xm_device *dev, const struct guc_ads *ads, unsigned int c)
{
	u32 named = 0;

	for (unsigned int i = 0; i < GUC_INSTANCE_COUNT; i++) {
		if (ads->engine_mask[c] & BIT(i) && !gfx_find(dev, c, i)) {
			log_violation("ads-engines", "ADS enables class %u instance %u, which "
				      "does not exist", c, i);
			return false;
		}
		if (ads->mapping[c][i] < GUC_INSTANCE_COUNT)
			named |= BIT(ads->mapping[c][i]);
	}
	if (named == ads->engine_mask[c])
		return true;
	log_violation("ads-engines", "ADS class %u: enabled instances 0x%x, mapped ones 0x%x", c,
		      ads->engine_mask[c], named);
	return false;
}

static bool read_ads(struct xm_device *dev, struct guc_ads *ads, u32 addr)
{
	u32 policies, info;

	return ggtt_read32(dev, addr + GUC_ADS_SCHED_POLICIES_PTR_OFFSET, &policies) &&
	       ggtt_read32(dev, addr + GUC_ADS_SYSTEM_INFO_PTR_OFFSET, &info) &&
	       ggtt_read(dev, info + GUC_SYSINFO_MAPPING_OFFSET, ads->mapping,
			 sizeof(ads->mapping)) &&
	       ggtt_read(dev, info + GUC_SYSINFO_ENABLED_MASKS_OFFSET, ads->engine_mask,
			 sizeof(ads->engine_mask)) &&
	       read_policies(dev, policies, &ads->global_flags);
}

bool guc_ads_parse(struct xm_device *dev, struct guc_ads *ads, u32 addr)
{
	bool ok;

	memset(ads, 0, sizeof(*ads));
	dma_read_lock(dev->dma);
	ok = read_ads(dev, ads, addr);
	dma_read_unlock(dev->dma);
	if (!ok) {
		log_violation("ads-memory", "ADS at GGTT 0x%08x cannot be read", addr);
		return false;
	}
	for (unsigned int c = 0; c < GUC_CLASS_COUNT; c++)
		if (!check_class(dev, ads, c))
			return false;
	return true;
}

struct engine *guc_ads_engine(struct xm_device *dev, const struct guc_ads *ads,
			      unsigned int guc_class, unsigned int logical)
{
	unsigned int physical;

	if (guc_class >= GUC_CLASS_COUNT || logical >= GUC_INSTANCE_COUNT)
		return NULL;
	physical = ads->mapping[guc_class][logical];
	if (physical >= GUC_INSTANCE_COUNT || !(ads->engine_mask[guc_class] & BIT(physical)))
		return NULL;
	return gfx_find(dev, guc_class, physical);
}
