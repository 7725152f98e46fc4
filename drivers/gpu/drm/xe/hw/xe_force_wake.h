/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_FORCE_WAKE_H_
#define _XE_FORCE_WAKE_H_

#include <linux/bits.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct xe_mmio;

#define XE_FW_VDBOX_COUNT	8
#define XE_FW_VEBOX_COUNT	4

/* Power domains; a mask of them is the argument of get and put */
#define XE_FW_GT		BIT(0)
#define XE_FW_RENDER		BIT(1)
#define XE_FW_VDBOX(n)		BIT(2 + (n))
#define XE_FW_VEBOX(n)		BIT(2 + XE_FW_VDBOX_COUNT + (n))
#define XE_FW_DOMAIN_COUNT	(2 + XE_FW_VDBOX_COUNT + XE_FW_VEBOX_COUNT)
#define XE_FORCEWAKE_ALL	GENMASK(XE_FW_DOMAIN_COUNT - 1, 0)

/**
 * struct xe_force_wake - power domains of one GT
 */
struct xe_force_wake {
	/** @mmio: register view of the GT */
	const struct xe_mmio *mmio;
	/**
	 * @lock: protects the counts and the order of request and acknowledge. Innermost
	 * lock, taken with interrupts off.
	 */
	spinlock_t lock;
	/** @present: domains that exist; others are ignored by get and put */
	u32 present;
	/** @awake: domains that are requested and have acknowledged */
	u32 awake;
	/** @refs: users per domain, indexed by bit number */
	u32 refs[XE_FW_DOMAIN_COUNT];
};

void xe_force_wake_init(struct xe_force_wake *fw, const struct xe_mmio *mmio, u64 engine_mask);
void xe_force_wake_set_engines(struct xe_force_wake *fw, u64 engine_mask);
int xe_force_wake_get(struct xe_force_wake *fw, u32 domains);
void xe_force_wake_put(struct xe_force_wake *fw, u32 domains);
u32 xe_force_wake_users(struct xe_force_wake *fw, u32 domain);

#endif
