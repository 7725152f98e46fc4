// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Interrupts
 *
 * One message-signalled interrupt serves the whole device. Its source is found by descending the
 * tree: the top level names banks, a bank names units, and selecting a unit yields its identity
 * word: class, instance and a vector of events (Documentation/hardware/mmio.md, 5.12). Blocks
 * register one handler per class and instance; this file knows none of them.
 *
 * Locking: the table of handlers is read without a lock by the interrupt handler. A handler
 * appears with its data complete (release paired with the acquire in dispatch()); it disappears
 * with xe_irq_unregister(), which waits until no interrupt can still be using it. Registration and
 * removal of one entry are up to one owner. Enabling and disabling are ordered by core/.
 */

#include "hw/xe_irq.h"

#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "hw/xe_mmio.h"
#include "regs/xe_irq_regs.h"

#define IRQ_CLASSES		8
#define IRQ_INSTANCES		64
#define IRQ_UNITS_PER_BANK	32
#define IDENTITY_TIMEOUT_US	100
#define ENGINE_EVENTS		(GT_RENDER_USER_INTERRUPT | GT_RENDER_PIPECTL_NOTIFY)

struct irq_entry {
	xe_irq_handler_t fn;
	void *data;
};

struct xe_irq {
	/* Linux interrupt number; 0 while no handler is installed. */
	int line;
	/* The handler may look at the hardware. */
	bool enabled;
	struct irq_entry handlers[IRQ_CLASSES][IRQ_INSTANCES];
};

/* Enables are switched off and masks closed; units that a platform lacks ignore the writes. */
static void reset_gt_units(const struct xe_mmio *mmio)
{
	static const u32 enables[] = {
		RENDER_COPY_INTR_ENABLE, VCS_VECS_INTR_ENABLE,
	};
	static const u32 masks[] = {
		RCS0_RSVD_INTR_MASK, BCS_RSVD_INTR_MASK, VCS0_VCS1_INTR_MASK,
		VCS2_VCS3_INTR_MASK, VECS0_VECS1_INTR_MASK,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(enables); i++)
		xe_mmio_write32(mmio, enables[i], 0);
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		xe_mmio_write32(mmio, masks[i], ~0u);

	xe_mmio_write32(mmio, GPM_WGBOXPERF_INTR_ENABLE, 0);
	xe_mmio_write32(mmio, GPM_WGBOXPERF_INTR_MASK, ~0u);
	xe_mmio_write32(mmio, GUC_SG_INTR_ENABLE, 0);
	xe_mmio_write32(mmio, GUC_SG_INTR_MASK, ~0u);
}

/* The identity bits latch twice: two clearing writes are needed to be sure. */
static void reset_unit(const struct xe_mmio *mmio, u32 base)
{
	xe_mmio_write32(mmio, IRQ_UNIT_IMR(base), ~0u);
	xe_mmio_read32(mmio, IRQ_UNIT_IMR(base));
	xe_mmio_write32(mmio, IRQ_UNIT_IER(base), 0);
	xe_mmio_write32(mmio, IRQ_UNIT_IIR(base), ~0u);
	xe_mmio_read32(mmio, IRQ_UNIT_IIR(base));
	xe_mmio_write32(mmio, IRQ_UNIT_IIR(base), ~0u);
	xe_mmio_read32(mmio, IRQ_UNIT_IIR(base));
}

static u32 master_disable(const struct xe_mmio *mmio)
{
	xe_mmio_write32(mmio, GFX_MSTR_IRQ, 0);
	/* Also makes sure that the write has arrived. */
	return xe_mmio_read32(mmio, GFX_MSTR_IRQ);
}

static void master_enable(const struct xe_mmio *mmio)
{
	xe_mmio_write32(mmio, GFX_MSTR_IRQ, MASTER_IRQ);
}

static void irq_reset(const struct xe_mmio *mmio)
{
	master_disable(mmio);
	reset_gt_units(mmio);
	reset_unit(mmio, PCU_IRQ_BASE);
	reset_unit(mmio, GU_MISC_IRQ_BASE);
}

/**
 * xe_irq_init - allocate the handler table and bring the interrupt tree into a known, quiet state
 * @xe: device with mapped registers
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -ENOMEM: no memory
 */
int xe_irq_init(struct xe_device *xe)
{
	struct xe_irq *irq;

	/* Released with the device: late callers of unregister may outlive the unbind. */
	irq = drmm_kzalloc(&xe->drm, sizeof(*irq), GFP_KERNEL);
	if (!irq)
		return -ENOMEM;

	xe->irq = irq;
	irq_reset(xe->mmio);
	return 0;
}

/**
 * xe_irq_register - install the handler of a unit
 * @xe: device
 * @class: hardware class of the unit (XE_HW_CLASS_...)
 * @instance: hardware instance
 * @fn: handler, called in hard interrupt context
 * @data: its cookie; must stay valid until xe_irq_unregister() returns
 *
 * Context: process.
 * Return:
 * * 0
 * * -EINVAL: class or instance do not exist
 * * -EBUSY: the unit has a handler
 */
int xe_irq_register(struct xe_device *xe, u8 class, u8 instance, xe_irq_handler_t fn, void *data)
{
	struct irq_entry *e;

	if (class >= IRQ_CLASSES || instance >= IRQ_INSTANCES || !fn)
		return -EINVAL;

	e = &xe->irq->handlers[class][instance];
	if (READ_ONCE(e->fn))
		return -EBUSY;

	e->data = data;
	/* Pairs with the acquire in dispatch(): whoever sees the handler sees its data. */
	smp_store_release(&e->fn, fn);
	return 0;
}

/**
 * xe_irq_unregister - remove the handler of a unit
 * @xe: device; may be one whose interrupt block was never initialised
 * @class: hardware class
 * @instance: hardware instance
 *
 * The handler does not run any more when this returns. Harmless if there is none.
 *
 * Context: process, sleeps.
 */
void xe_irq_unregister(struct xe_device *xe, u8 class, u8 instance)
{
	if (!xe->irq || class >= IRQ_CLASSES || instance >= IRQ_INSTANCES)
		return;

	WRITE_ONCE(xe->irq->handlers[class][instance].fn, NULL);
	xe_irq_synchronize(xe);
}

static void dispatch(struct xe_irq *irq, u32 identity)
{
	unsigned int class = FIELD_GET(INTR_ENGINE_CLASS_MASK, identity);
	unsigned int instance = FIELD_GET(INTR_ENGINE_INSTANCE_MASK, identity);
	struct irq_entry *e = &irq->handlers[class][instance];
	/* Pairs with the release in xe_irq_register(). */
	xe_irq_handler_t fn = smp_load_acquire(&e->fn);

	if (fn)
		fn(e->data, FIELD_GET(INTR_ENGINE_INTR_MASK, identity));
}

/* Selects a unit and takes its identity word; 0 if the hardware does not produce one. */
static u32 take_identity(struct xe_device *xe, unsigned int bank, unsigned int bit)
{
	const struct xe_mmio *mmio = xe->mmio;
	u32 identity;
	int err;

	xe_mmio_write32(mmio, IIR_REG_SELECTOR(bank), BIT(bit));
	err = xe_mmio_wait32(mmio, INTR_IDENTITY_REG(bank), INTR_DATA_VALID, INTR_DATA_VALID,
			     IDENTITY_TIMEOUT_US, &identity, true);
	if (err) {
		xe_err_ratelimited(xe, "interrupt bank %u unit %u has no identity: %#x\n",
				   bank, bit, identity);
		return 0;
	}

	/* Any write acknowledges the word and frees the register for the next unit. */
	xe_mmio_write32(mmio, INTR_IDENTITY_REG(bank), identity);
	return identity;
}

static void handle_bank(struct xe_device *xe, unsigned int bank)
{
	u32 identity[IRQ_UNITS_PER_BANK];
	unsigned long pending;
	unsigned int bit;
	u32 units;

	units = xe_mmio_read32(xe->mmio, GT_INTR_DW(bank));
	pending = units;

	/* All words are taken before the bank is cleared, as the hardware demands. */
	for_each_set_bit(bit, &pending, IRQ_UNITS_PER_BANK)
		identity[bit] = take_identity(xe, bank, bit);

	xe_mmio_write32(xe->mmio, GT_INTR_DW(bank), units);

	for_each_set_bit(bit, &pending, IRQ_UNITS_PER_BANK)
		if (identity[bit])
			dispatch(xe->irq, identity[bit]);
}

static irqreturn_t irq_handler(int line, void *arg)
{
	struct xe_device *xe = arg;
	const struct xe_mmio *mmio = xe->mmio;
	unsigned int bank;
	u32 master, iir;

	if (!READ_ONCE(xe->irq->enabled))
		return IRQ_NONE;

	master = master_disable(mmio);
	/* All ones: the device is gone, and there is nothing left to enable. */
	if (master == ~0u)
		return IRQ_NONE;
	if (!master) {
		master_enable(mmio);
		return IRQ_NONE;
	}

	for (bank = 0; bank < GT_INTR_BANKS; bank++)
		if (master & GT_DW_IRQ(bank))
			handle_bank(xe, bank);

	if (master & GU_MISC_IRQ) {
		iir = xe_mmio_read32(mmio, IRQ_UNIT_IIR(GU_MISC_IRQ_BASE));
		if (iir)
			xe_mmio_write32(mmio, IRQ_UNIT_IIR(GU_MISC_IRQ_BASE), iir);
	}

	/* Anything that came up meanwhile raises a new message with this write. */
	master_enable(mmio);
	return IRQ_HANDLED;
}

/**
 * xe_irq_resume - let interrupts through
 * @xe: device with an installed handler
 *
 * Units stay masked until xe_irq_enable_engines() and xe_irq_enable_guc() open them.
 *
 * Context: process.
 */
void xe_irq_resume(struct xe_device *xe)
{
	const struct xe_mmio *mmio = xe->mmio;

	WRITE_ONCE(xe->irq->enabled, true);

	xe_mmio_write32(mmio, IRQ_UNIT_IER(GU_MISC_IRQ_BASE), GU_MISC_GSE);
	xe_mmio_write32(mmio, IRQ_UNIT_IMR(GU_MISC_IRQ_BASE), (u32)~GU_MISC_GSE);
	xe_mmio_read32(mmio, IRQ_UNIT_IMR(GU_MISC_IRQ_BASE));
	master_enable(mmio);
	xe_mmio_read32(mmio, GFX_MSTR_IRQ);
}

/**
 * xe_irq_suspend - stop interrupts; no handler runs any more when this returns
 * @xe: device; nothing happens if no handler is installed
 *
 * Context: process, sleeps.
 */
void xe_irq_suspend(struct xe_device *xe)
{
	if (!xe->irq || !xe->irq->line)
		return;

	WRITE_ONCE(xe->irq->enabled, false);
	irq_reset(xe->mmio);
	xe_irq_synchronize(xe);
}

/**
 * xe_irq_install - allocate the message, install the handler and let interrupts through
 * @xe: device after xe_irq_init()
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -ENOSPC: the function offers no message-signalled interrupt
 * * other errors of the PCI and interrupt cores
 */
int xe_irq_install(struct xe_device *xe)
{
	struct pci_dev *pdev = to_xe_pci(xe);
	int err;

	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_MSIX);
	if (err < 0) {
		xe_err(xe, "cannot get a message-signalled interrupt: %d\n", err);
		return err;
	}

	err = request_irq(pci_irq_vector(pdev, 0), irq_handler, 0, xe->drm.driver->name, xe);
	if (err) {
		xe_err(xe, "cannot install the interrupt handler: %d\n", err);
		pci_free_irq_vectors(pdev);
		return err;
	}

	xe->irq->line = pci_irq_vector(pdev, 0);
	xe_irq_resume(xe);
	return 0;
}

/**
 * xe_irq_fini - undo xe_irq_install()
 * @xe: device; nothing happens if no handler is installed
 *
 * Context: process, sleeps.
 */
void xe_irq_fini(struct xe_device *xe)
{
	if (!xe->irq || !xe->irq->line)
		return;

	xe_irq_suspend(xe);
	free_irq(xe->irq->line, xe);
	xe->irq->line = 0;
	pci_free_irq_vectors(to_xe_pci(xe));
}

/**
 * xe_irq_synchronize - wait until a handler that may be running has returned
 * @xe: device
 *
 * Context: process, sleeps. Not with a lock that a handler takes.
 */
void xe_irq_synchronize(struct xe_device *xe)
{
	if (xe->irq && xe->irq->line)
		synchronize_irq(xe->irq->line);
}

static u32 unit_pair(u64 engine_mask, u64 high, u64 low)
{
	return (engine_mask & high ? INTR_HIGH_UNIT(ENGINE_EVENTS) : 0) |
	       (engine_mask & low ? INTR_LOW_UNIT(ENGINE_EVENTS) : 0);
}

/**
 * xe_irq_enable_engines - open the interrupts of engines
 * @mmio: register view of their GT
 * @engine_mask: BIT_ULL(enum xe_engine_id) of the engines of this GT; the others of the same
 *	registers are closed
 *
 * Not affected by a GT reset.
 *
 * Context: any; at init and resume.
 */
void xe_irq_enable_engines(const struct xe_mmio *mmio, u64 engine_mask)
{
	const u64 vcs0 = BIT_ULL(XE_ENGINE_VCS0);
	const u64 vecs0 = BIT_ULL(XE_ENGINE_VECS0);
	const u64 bcs0 = BIT_ULL(XE_ENGINE_BCS0);

	if (engine_mask & (XE_ENGINES_RCS | bcs0)) {
		xe_mmio_write32(mmio, RENDER_COPY_INTR_ENABLE,
				unit_pair(engine_mask, XE_ENGINES_RCS, bcs0));
		xe_mmio_write32(mmio, RCS0_RSVD_INTR_MASK,
				~unit_pair(engine_mask, XE_ENGINES_RCS, 0));
		xe_mmio_write32(mmio, BCS_RSVD_INTR_MASK, ~unit_pair(engine_mask, bcs0, 0));
	}

	if (engine_mask & (XE_ENGINES_VCS | XE_ENGINES_VECS)) {
		xe_mmio_write32(mmio, VCS_VECS_INTR_ENABLE,
				unit_pair(engine_mask, XE_ENGINES_VCS, XE_ENGINES_VECS));
		xe_mmio_write32(mmio, VCS0_VCS1_INTR_MASK,
				~unit_pair(engine_mask, vcs0, vcs0 << 1));
		xe_mmio_write32(mmio, VCS2_VCS3_INTR_MASK,
				~unit_pair(engine_mask, vcs0 << 2, vcs0 << 3));
		xe_mmio_write32(mmio, VECS0_VECS1_INTR_MASK,
				~unit_pair(engine_mask, vecs0, vecs0 << 1));
	}
}

/**
 * xe_irq_enable_guc - open the interrupt of the GuC of a GT
 * @mmio: register view of the GT
 *
 * Context: any; after its handler is registered.
 */
void xe_irq_enable_guc(const struct xe_mmio *mmio)
{
	/* Both GuCs share one enable; the GuC of the media GT has the low half of the mask. */
	u32 events = mmio->gsi_offset ? INTR_LOW_UNIT(GUC_INTR_GUC2HOST) :
					INTR_HIGH_UNIT(GUC_INTR_GUC2HOST);

	xe_mmio_write32(mmio, GUC_SG_INTR_ENABLE, INTR_HIGH_UNIT(GUC_INTR_GUC2HOST));
	xe_mmio_rmw32(mmio, GUC_SG_INTR_MASK, events, 0);
}
