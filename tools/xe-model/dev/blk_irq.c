// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Interrupt tree
 *
 *	source (16 event bits) -> GT_INTR_DW of its bank -> GFX_MSTR_IRQ -> message
 *
 * An event is latched in its source if the class enable has its bit and the instance mask has not.
 * A bank bit is simply "the source has latched events", so writing 1 to GT_INTR_DW cannot lose an
 * event that arrived after the source was read out: the bit stays. Selecting a source moves its
 * events to the identity register.
 *
 * The message is an edge: one is sent when the enabled top level becomes non-zero, and one at each
 * write that enables it while it is non-zero.
 *
 * Locking: all state is under dev->lock.
 */

#include "dev/blocks.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "dev/irq_delay.h"
#include "dev/irq_trace.h"
#include "util/bits.h"
#include "util/log.h"

#define GFX_MSTR_IRQ 0x190010u
#define MSTR_ENABLE 0x80000000u
#define GT_INTR_DW 0x190018u
#define INTR_IDENTITY 0x190060u
#define IDENTITY_VALID 0x80000000u
#define IIR_SELECTOR 0x190070u

#define PCU_IMR 0x444e4u
#define GU_MISC_IMR 0x444f4u

static u32 bank_bits(const struct xm_device *dev, unsigned int bank)
{
	u32 bits = 0;

	for (unsigned int i = 0; i < 32; i++)
		bits |= (u32)(dev->irq_state.pending[bank][i] != 0) << i;
	return bits;
}

static u32 top_level(const struct xm_device *dev)
{
	return (u32)(bank_bits(dev, 0) != 0) | (u32)(bank_bits(dev, 1) != 0) << 1;
}

/* Work out the enabled top level and send a message if it rose. */
static void evaluate_locked(struct xm_device *dev)
{
	bool level = reg_peek_locked(dev, GFX_MSTR_IRQ) & MSTR_ENABLE && top_level(dev);
	bool rose = level && !dev->irq_state.level;

	dev->irq_state.level = level;
	if (rose)
		irq_delay_send_locked(dev);
}

static u32 read_master(struct xm_device *dev, u32 off, u32 stored)
{
	return (stored & MSTR_ENABLE) | top_level(dev);
}

static u32 write_master(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	/* Enabling is an edge of its own, even if it was enabled before. */
	reg_poke_locked(dev, off, val & MSTR_ENABLE);
	dev->irq_state.level = false;
	evaluate_locked(dev);
	if (val & MSTR_ENABLE && !dev->irq_state.level &&
	    fault_hit(dev, FAULT_IRQ_SPURIOUS, FAULT_EVENT()))
		irq_signal(dev->irq, IRQ_MSI, 0);
	return val & MSTR_ENABLE;
}

static u32 read_bank(struct xm_device *dev, u32 off, u32 stored)
{
	return bank_bits(dev, (off - GT_INTR_DW) / 4);
}

static u32 write_bank(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	return 0;
}

static const struct xm_irq_source *source_at(const struct xm_device *dev, unsigned int bank,
					     unsigned int bit)
{
	const struct xm_platform *p = dev->platform;

	for (unsigned int i = 0; i < p->n_irq_sources; i++)
		if (p->irq_sources[i].bank == bank && p->irq_sources[i].bit == bit)
			return &p->irq_sources[i];
	return NULL;
}

/* For ordered faults: engines by name, all other sources are the GuC's. */
static const char *source_name(const struct xm_device *dev, unsigned int hw_class,
			       unsigned int instance)
{
	const struct xm_platform *p = dev->platform;

	for (unsigned int i = 0; i < p->n_engines; i++)
		if (p->engines[i].hw_class == hw_class && p->engines[i].instance == instance)
			return p->engines[i].name;
	return "guc";
}

static bool source_fault(struct xm_device *dev, enum fault_kind kind, unsigned int hw_class,
			 unsigned int instance)
{
	return fault_hit(dev, kind, FAULT_EVENT(.engine = source_name(dev, hw_class, instance)));
}

static u32 write_selector(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	unsigned int bank = (off - IIR_SELECTOR) / 4;
	const struct xm_irq_source *src;
	unsigned int bit;

	dev->irq_state.identity[bank] = 0;
	if (!raw || raw & (raw - 1)) {
		if (raw)
			log_violation("reg-write", "interrupt selector %u is not one-hot: 0x%x",
				      bank, raw);
		return raw;
	}
	bit = (unsigned int)__builtin_ctz(raw);
	src = source_at(dev, bank, bit);
	if (!src || !dev->irq_state.pending[bank][bit])
		return raw;
	irq_trace(dev, src, dev->irq_state.pending[bank][bit], "taken by the host");
	dev->irq_state.identity[bank] = IDENTITY_VALID | (u32)src->instance << 20 |
					(u32)src->hw_class << 16 |
					dev->irq_state.pending[bank][bit];
	if (!source_fault(dev, FAULT_IRQ_TWICE, src->hw_class, src->instance))
		dev->irq_state.pending[bank][bit] = 0;
	evaluate_locked(dev);
	return raw;
}

static u32 read_identity(struct xm_device *dev, u32 off, u32 stored)
{
	return dev->irq_state.identity[(off - INTR_IDENTITY) / 4];
}

static u32 write_identity(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	dev->irq_state.identity[(off - INTR_IDENTITY) / 4] = 0;
	return 0;
}

static u16 half(u32 v, bool high)
{
	return (u16)(high ? v >> 16 : v);
}

static void latch_locked(struct xm_device *dev, const struct xm_irq_source *src, u16 vector)
{
	u16 enabled = half(reg_peek_locked(dev, src->enable_reg), src->enable_hi);
	u16 masked = half(reg_peek_locked(dev, src->mask_reg), src->mask_hi);

	if (!(vector & enabled & (u16)~masked)) {
		irq_trace(dev, src, vector, vector & enabled ? "masked" : "not enabled");
		xm_stat_inc(dev, irq_gated);
		return;
	}
	vector &= enabled & (u16)~masked;
	irq_trace(dev, src, vector, "latched");
	dev->irq_state.pending[src->bank][src->bit] |= vector;
	evaluate_locked(dev);
}

void irq_raise(struct xm_device *dev, unsigned int hw_class, unsigned int instance, u16 vector)
{
	const struct xm_platform *p = dev->platform;

	xm_stat_inc(dev, irq_raised);
	if (fault_active(dev, FAULT_DEVICE_GONE) ||
	    source_fault(dev, FAULT_IRQ_LOST, hw_class, instance))
		return;
	for (unsigned int i = 0; i < p->n_irq_sources; i++) {
		const struct xm_irq_source *src = &p->irq_sources[i];

		if (src->hw_class != hw_class || src->instance != instance)
			continue;
		pthread_mutex_lock(&dev->lock);
		latch_locked(dev, src, vector);
		pthread_mutex_unlock(&dev->lock);
		return;
	}
	log_error("no interrupt source for class %u instance %u", hw_class, instance);
}

static void reset_irq(struct xm_device *dev, enum reset_kind kind)
{
	/* The tree is outside the GT: a GT reset leaves it alone. */
	if (kind != RESET_DEVICE)
		return;
	dev->irq_state = (struct xm_irq_state){ 0 };
	irq_delay_forget_locked(dev);
}

/* Enables are 0 and masks all ones after reset: nothing is delivered until the driver asks. */
static const struct reg_row irq_rows[] = {
	{ .name = "DG1_MSTR_TILE_INTR", .offset = 0x190008, .flags = REG_KEEP },
	{ .name = "GFX_MSTR_IRQ", .offset = GFX_MSTR_IRQ, .flags = REG_KEEP,
	  .read = read_master, .write = write_master },
	{ .name = "GT_INTR_DW", .offset = GT_INTR_DW, .count = 2, .flags = REG_KEEP,
	  .read = read_bank, .write = write_bank },
	{ .name = "RENDER_COPY_INTR_ENABLE", .offset = 0x190030, .flags = REG_KEEP },
	{ .name = "VCS_VECS_INTR_ENABLE", .offset = 0x190034, .flags = REG_KEEP },
	{ .name = "GUC_SG_INTR_ENABLE", .offset = 0x190038, .flags = REG_KEEP },
	{ .name = "GPM_WGBOXPERF_INTR_ENABLE", .offset = 0x19003c, .flags = REG_KEEP },
	{ .name = "GUNIT_GSC_INTR_ENABLE", .offset = 0x190044, .flags = REG_KEEP },
	{ .name = "CCS_RSVD_INTR_ENABLE", .offset = 0x190048, .flags = REG_KEEP },
	{ .name = "INTR_IDENTITY", .offset = INTR_IDENTITY, .count = 2, .flags = REG_KEEP,
	  .read = read_identity, .write = write_identity },
	{ .name = "IIR_SELECTOR", .offset = IIR_SELECTOR, .count = 2, .flags = REG_KEEP,
	  .write = write_selector },
	{ .name = "RCS0_RSVD_INTR_MASK", .offset = 0x190090, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "BCS_RSVD_INTR_MASK", .offset = 0x1900a0, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "VCS_INTR_MASK", .offset = 0x1900a8, .count = 2, .reset = ~0u,
	  .flags = REG_KEEP },
	{ .name = "VECS_INTR_MASK", .offset = 0x1900d0, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "HECI2_RSVD_INTR_MASK", .offset = 0x1900e4, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "GUC_SG_INTR_MASK", .offset = 0x1900e8, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "GPM_WGBOXPERF_INTR_MASK", .offset = 0x1900ec, .reset = ~0u,
	  .flags = REG_KEEP },
	{ .name = "GUNIT_GSC_INTR_MASK", .offset = 0x1900f4, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "CCS_INTR_MASK", .offset = 0x190100, .count = 2, .reset = ~0u,
	  .flags = REG_KEEP },
	{ .name = "BCS_PAIR_INTR_MASK", .offset = 0x190110, .count = 4, .reset = ~0u,
	  .flags = REG_KEEP },

	{ .name = "PCU_ISR", .offset = 0x444e0, .flags = REG_KEEP | REG_READ_ONLY },
	{ .name = "PCU_IMR", .offset = PCU_IMR, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "PCU_IIR", .offset = PCU_IMR + 4, .w1c = ~0u, .flags = REG_KEEP },
	{ .name = "PCU_IER", .offset = PCU_IMR + 8, .flags = REG_KEEP },
	{ .name = "GU_MISC_ISR", .offset = 0x444f0, .flags = REG_KEEP | REG_READ_ONLY },
	{ .name = "GU_MISC_IMR", .offset = GU_MISC_IMR, .reset = ~0u, .flags = REG_KEEP },
	{ .name = "GU_MISC_IIR", .offset = GU_MISC_IMR + 4, .w1c = ~0u, .flags = REG_KEEP },
	{ .name = "GU_MISC_IER", .offset = GU_MISC_IMR + 8, .flags = REG_KEEP },
};

const struct xm_block xm_block_irq = {
	.name = "irq",
	.rows = irq_rows,
	.n_rows = ARRAY_SIZE(irq_rows),
	.init = irq_delay_create,
	.fini = irq_delay_destroy,
	.reset = reset_irq,
};
