/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_BLOCKS_H
#define XM_DEV_BLOCKS_H

#include "dev/reg.h"

/* Power domains: requests and acknowledgments. */
extern const struct xm_block xm_block_forcewake;
/* Resets, clock, power and cache policy registers common to all platforms. */
extern const struct xm_block xm_block_gt;
/* Fuses, frequencies and identity of Tiger Lake. */
extern const struct xm_block xm_block_gt_tgl;
/* Registers of each engine that are not part of its execution state. */
extern const struct xm_block xm_block_engine;
/* Steering selectors and the registers behind them. */
extern const struct xm_block xm_block_mcr;
/* Interrupt tree. */
extern const struct xm_block xm_block_irq;
/* GuC upload, scratch, mailbox and WOPCM registers. */
extern const struct xm_block xm_block_fw;
/* Power mailbox. */
extern const struct xm_block xm_block_pcode;
/* TLB invalidation of engines, the GuC and OA. */
extern const struct xm_block xm_block_tlb;

/**
 * tlb_reg_done() - an invalidation that was asked for by register is over
 * @dev: device
 * @hw_class: class of the engine, enum xm_hw_class
 * @instance: instance in the class
 *
 * Context: any thread, dev->lock not held.
 */
void tlb_reg_done(struct xm_device *dev, unsigned int hw_class, unsigned int instance);

#endif
