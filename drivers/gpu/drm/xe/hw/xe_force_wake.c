// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Forcewake
 *
 * Parts of a GT sleep when idle. Before registers of such a part are accessed, its power domain is
 * requested and the acknowledgment awaited; users are counted, so only the first request and the
 * last release reach the hardware.
 *
 * Locking: one spinlock per GT, held over request and acknowledgment, so that whoever finds a
 * count above zero may rely on the domain being awake. Hardware answers within microseconds; the
 * limit of 50 ms is only reached by a device that is broken or gone.
 */

#include "hw/xe_force_wake.h"

#include <linux/bitops.h>
#include <linux/spinlock.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "base/xe_print.h"
#include "hw/xe_mmio.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_reg_bits.h"

#define FW_ACK_TIMEOUT_US	50000
/*
 * First graphics version whose GT domain acknowledges in the GSI range: see
 * Documentation/hardware/mmio.md, 5.2.
 */
#define FW_ACK_GSI_VERX100	1270

static u32 request_reg(unsigned int domain)
{
	if (domain == __builtin_ctz(XE_FW_GT))
		return FORCEWAKE_GT;
	if (domain == __builtin_ctz(XE_FW_RENDER))
		return FORCEWAKE_RENDER;
	if (domain < 2 + XE_FW_VDBOX_COUNT)
		return FORCEWAKE_VDBOX(domain - 2);
	return FORCEWAKE_VEBOX(domain - 2 - XE_FW_VDBOX_COUNT);
}

static u32 ack_reg(const struct xe_force_wake *fw, unsigned int domain)
{
	if (domain == __builtin_ctz(XE_FW_GT))
		return fw->mmio->xe->platform->graphics_verx100 >= FW_ACK_GSI_VERX100 ?
			FORCEWAKE_ACK_GT_MTL : FORCEWAKE_ACK_GT;
	if (domain == __builtin_ctz(XE_FW_RENDER))
		return FORCEWAKE_ACK_RENDER;
	if (domain < 2 + XE_FW_VDBOX_COUNT)
		return FORCEWAKE_ACK_VDBOX(domain - 2);
	return FORCEWAKE_ACK_VEBOX(domain - 2 - XE_FW_VDBOX_COUNT);
}

/**
 * xe_force_wake_init - start with everything asleep
 * @fw: forcewake state to initialise
 * @mmio: register view of the GT; must outlive @fw
 * @engine_mask: BIT_ULL(enum xe_engine_id) of the engines that certainly exist. 0 is right before
 *	the fuses have been read: they are in the GT domain, which always exists
 *
 * Context: any.
 */
void xe_force_wake_init(struct xe_force_wake *fw, const struct xe_mmio *mmio, u64 engine_mask)
{
	*fw = (struct xe_force_wake) { .mmio = mmio, .present = XE_FW_GT };
	spin_lock_init(&fw->lock);
	xe_force_wake_set_engines(fw, engine_mask);
}

/**
 * xe_force_wake_set_engines - say which engines, and hence which domains, exist
 * @fw: forcewake state
 * @engine_mask: BIT_ULL(enum xe_engine_id) of the engines left by the fuses
 *
 * A domain that is in use stays known until its last user has put it.
 *
 * Context: any.
 */
void xe_force_wake_set_engines(struct xe_force_wake *fw, u64 engine_mask)
{
	u32 present = XE_FW_GT;
	unsigned long flags;
	unsigned int i;

	if (engine_mask & (XE_ENGINES_RCS | XE_ENGINES_BCS | XE_ENGINES_CCS))
		present |= XE_FW_RENDER;
	for (i = 0; i < XE_FW_VDBOX_COUNT; i++)
		if (engine_mask & BIT_ULL(XE_ENGINE_VCS0 + i))
			present |= XE_FW_VDBOX(i);
	for (i = 0; i < XE_FW_VEBOX_COUNT; i++)
		if (engine_mask & BIT_ULL(XE_ENGINE_VECS0 + i))
			present |= XE_FW_VEBOX(i);

	spin_lock_irqsave(&fw->lock, flags);
	fw->present = present | fw->awake;
	spin_unlock_irqrestore(&fw->lock, flags);
}

/* Writes all requests first and waits afterwards: the domains then change state side by side. */
static int change_locked(struct xe_force_wake *fw, u32 domains, u32 want)
{
	unsigned long todo = domains;
	unsigned int bit;
	int ret = 0;
	u32 ack;

	lockdep_assert_held(&fw->lock);

	if (xe_mmio_is_gone(fw->mmio))
		return -ENODEV;

	for_each_set_bit(bit, &todo, XE_FW_DOMAIN_COUNT)
		xe_mmio_write32(fw->mmio, request_reg(bit), want ?
				XE_MASKED_SET(FORCEWAKE_KERNEL) : XE_MASKED_CLR(FORCEWAKE_KERNEL));

	for_each_set_bit(bit, &todo, XE_FW_DOMAIN_COUNT) {
		int err = xe_mmio_wait32(fw->mmio, ack_reg(fw, bit), FORCEWAKE_KERNEL, want,
					 FW_ACK_TIMEOUT_US, &ack, true);

		/* A device that fell off the bus reads all ones, which looks like an ack. */
		if (!err && ack == ~0u)
			err = -EIO;
		if (err) {
			ret = ret ?: err;
			xe_err_ratelimited(fw->mmio->xe,
					   "forcewake domain %u did not %s, acknowledge is %#x\n",
					   bit, want ? "wake up" : "go to sleep", ack);
		}
	}

	return ret;
}

/* Drops one user of each domain and lets those without users sleep. */
static void release_locked(struct xe_force_wake *fw, u32 domains)
{
	unsigned long todo = domains;
	unsigned int bit;
	u32 idle = 0;

	for_each_set_bit(bit, &todo, XE_FW_DOMAIN_COUNT) {
		if (drm_WARN_ON(&fw->mmio->xe->drm, !fw->refs[bit]))
			continue;
		WRITE_ONCE(fw->refs[bit], fw->refs[bit] - 1);
		if (!fw->refs[bit])
			idle |= BIT(bit);
	}

	if (!idle)
		return;
	fw->awake &= ~idle;
	/* Already reported; a domain that stays awake costs power only. */
	change_locked(fw, idle, 0);
}

/**
 * xe_force_wake_get - wake power domains up and keep them awake
 * @fw: forcewake state
 * @domains: mask of XE_FW_...; those that do not exist are ignored
 *
 * Either all domains are held afterwards, or none.
 *
 * Context: any. Takes the forcewake lock.
 * Return:
 * * 0
 * * -ETIMEDOUT: a domain did not acknowledge
 * * -EIO: the device does not answer
 * * -ENODEV: the driver has been unbound
 */
int xe_force_wake_get(struct xe_force_wake *fw, u32 domains)
{
	unsigned long flags, todo;
	unsigned int bit;
	u32 wake = 0;
	int ret = 0;

	spin_lock_irqsave(&fw->lock, flags);
	domains &= fw->present;
	todo = domains;
	for_each_set_bit(bit, &todo, XE_FW_DOMAIN_COUNT) {
		if (!fw->refs[bit])
			wake |= BIT(bit);
		WRITE_ONCE(fw->refs[bit], fw->refs[bit] + 1);
	}

	if (wake) {
		ret = change_locked(fw, wake, FORCEWAKE_KERNEL);
		if (ret)
			release_locked(fw, domains);
		else
			fw->awake |= wake;
	}
	spin_unlock_irqrestore(&fw->lock, flags);

	return ret;
}

/**
 * xe_force_wake_put - undo one xe_force_wake_get()
 * @fw: forcewake state
 * @domains: the mask that was given to the get
 *
 * Context: any. Takes the forcewake lock.
 */
void xe_force_wake_put(struct xe_force_wake *fw, u32 domains)
{
	unsigned long flags;

	spin_lock_irqsave(&fw->lock, flags);
	release_locked(fw, domains & fw->present);
	spin_unlock_irqrestore(&fw->lock, flags);
}

/**
 * xe_force_wake_users - how many users keep a domain awake
 * @fw: forcewake state
 * @domain: one XE_FW_... bit
 *
 * Context: any. The answer may be old when it arrives.
 * Return: the count.
 */
u32 xe_force_wake_users(struct xe_force_wake *fw, u32 domain)
{
	return READ_ONCE(fw->refs[__ffs(domain)]);
}
