/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_ADS_H
#define XM_FW_GUC_ADS_H

#include "abi/guc_fwif.h"
#include "util/types.h"

struct engine;
struct xm_device;

/**
 * struct guc_ads - what the GuC takes from the additional data structures
 * @engine_mask: physical instances of each class the host wants to use
 * @mapping: physical instance of each logical one, GUC_INSTANCE_UNUSED if there is none
 * @global_flags: flags of the scheduling policies
 */
struct guc_ads {
	u32 engine_mask[GUC_CLASS_COUNT];
	u8 mapping[GUC_CLASS_COUNT][GUC_INSTANCE_COUNT];
	u32 global_flags;
};

/**
 * guc_ads_parse() - read the structures the host prepared
 * @dev: device
 * @ads: filled
 * @addr: GGTT address
 *
 * Context: dma_read_lock() not held.
 * Return: true, or false if they cannot be read or name engines that do not exist (reported).
 */
bool guc_ads_parse(struct xm_device *dev, struct guc_ads *ads, u32 addr);

/**
 * guc_ads_policies() - read the global flags of a policies block
 * @dev: device
 * @addr: GGTT address of the block
 * @flags: set to the flags
 *
 * Context: dma_read_lock() not held.
 * Return: false if the block cannot be read or is not marked valid.
 */
bool guc_ads_policies(struct xm_device *dev, u32 addr, u32 *flags);

/**
 * guc_ads_engine() - engine of a logical instance
 * @dev: device
 * @ads: parsed structures
 * @guc_class: class
 * @logical: logical instance
 *
 * Return: the engine, NULL if there is none.
 */
struct engine *guc_ads_engine(struct xm_device *dev, const struct guc_ads *ads,
			      unsigned int guc_class, unsigned int logical);

#endif
