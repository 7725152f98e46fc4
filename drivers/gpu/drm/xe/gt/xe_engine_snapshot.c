// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * What an engine is doing, as its registers tell. For debugfs and for dumps of hangs.
 */
#include "gt/xe_engine_snapshot.h"

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/string.h>

#include <drm/drm_print.h>

#include "gt/xe_gt.h"
#include "hw/xe_mmio.h"
#include "regs/xe_engine_regs.h"

/* Names are those that programs look for. An address is a pair of registers. */
static const struct {
	const char *name;
	u32 lo;
	u32 hi;
} snapshot_regs[] = {
	{ "RING_EXECLIST_STATUS", RING_EXECLIST_STATUS_LO(0), RING_EXECLIST_STATUS_HI(0) },
	{ "HWSTAM", RING_HWSTAM(0) },
	{ "RING_HWS_PGA", RING_HWS_PGA(0) },
	{ "RING_START", RING_START(0) },
	{ "RING_HEAD", RING_HEAD(0) },
	{ "RING_TAIL", RING_TAIL(0) },
	{ "RING_CTL", RING_CTL(0) },
	{ "RING_MI_MODE", RING_MI_MODE(0) },
	{ "RING_MODE", RING_MODE(0) },
	{ "RING_IMR", RING_IMR(0) },
	{ "RING_ESR", RING_ESR(0) },
	{ "RING_EMR", RING_EMR(0) },
	{ "RING_EIR", RING_EIR(0) },
	{ "IPEHR", RING_IPEHR(0) },
	{ "RING_INSTDONE", RING_INSTDONE(0) },
	{ "ACTHD", RING_ACTHD(0), RING_ACTHD_UDW(0) },
	{ "RING_BBADDR", RING_BBADDR(0), RING_BBADDR_UDW(0) },
	{ "RING_DMA_FADD", RING_DMA_FADD(0), RING_DMA_FADD_UDW(0) },
	{ "RING_CTX_TIMESTAMP", RING_CTX_TIMESTAMP(0) },
	{ "RING_TIMESTAMP", RING_TIMESTAMP(0) },
};

static_assert(ARRAY_SIZE(snapshot_regs) == XE_ENGINE_SNAPSHOT_REGS);

/**
 * xe_engine_snapshot_take - read the registers of an engine
 * @s: filled
 * @hwe: the engine; the domains of its registers are awake
 *
 * The registers are read one after the other: what a running engine shows need not fit together.
 *
 * Context: any.
 */
void xe_engine_snapshot_take(struct xe_engine_snapshot *s, const struct xe_engine *hwe)
{
	const struct xe_mmio *mmio = &hwe->gt->mmio;
	unsigned int i;

	strscpy(s->name, hwe->name, sizeof(s->name));
	s->logical_instance = hwe->logical_instance;

	for (i = 0; i < ARRAY_SIZE(snapshot_regs); i++) {
		s->value[i] = xe_mmio_read32(mmio, hwe->mmio_base + snapshot_regs[i].lo);
		if (snapshot_regs[i].hi)
			s->value[i] |= (u64)xe_mmio_read32(mmio, hwe->mmio_base +
							   snapshot_regs[i].hi) << 32;
	}
}

/**
 * xe_engine_snapshot_print - show what was read
 * @s: the snapshot
 * @p: where to
 *
 * Context: as @p demands.
 */
void xe_engine_snapshot_print(const struct xe_engine_snapshot *s, struct drm_printer *p)
{
	unsigned int i;

	drm_printf(p, "%s (physical), logical instance=%u\n", s->name, s->logical_instance);
	/* the driver has read them; the GuC offers to, but is not asked */
	drm_puts(p, "\tCapture_source: Manual\n");
	for (i = 0; i < ARRAY_SIZE(snapshot_regs); i++) {
		if (snapshot_regs[i].hi)
			drm_printf(p, "\t%s: 0x%016llx\n", snapshot_regs[i].name, s->value[i]);
		else
			drm_printf(p, "\t%s: 0x%08llx\n", snapshot_regs[i].name, s->value[i]);
	}
	drm_puts(p, "\n");
}
