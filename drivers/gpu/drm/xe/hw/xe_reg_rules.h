/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_REG_RULES_H_
#define _XE_REG_RULES_H_

#include <linux/bits.h>
#include <linux/types.h>

#include "base/xe_platform.h"

struct drm_printer;
struct xe_fuses;
struct xe_mmio;

/* Most registers one engine, or one default context, has rules for. */
#define XE_REG_LIST_MAX 32

#define XE_REG_MASKED	BIT(0)	/* bits 31:16 of a write select bits 15:0 */
#define XE_REG_MCR	BIT(1)	/* replicated register */
#define XE_REG_BASE	BIT(2)	/* tables only: the offset counts from the engine's base */
#define XE_REG_EVEN	BIT(3)	/* tables only: even engine instances only */

/**
 * struct xe_reg_value - one register change
 *
 * New value: (old & ~@clr) | @set. A masked register needs no old value: write
 * (@clr | @set) << 16 | @set.
 */
struct xe_reg_value {
	/** @reg: offset */
	u32 reg;
	/** @clr: bits to clear first */
	u32 clr;
	/** @set: bits to set */
	u32 set;
	/** @flags: XE_REG_ flags */
	u32 flags;
};

/**
 * struct xe_reg_list - changes to apply to one unit, in order of rising offset
 */
struct xe_reg_list {
	/** @n: valid entries */
	unsigned int n;
	/** @e: the entries */
	struct xe_reg_value e[XE_REG_LIST_MAX];
};

/**
 * struct xe_reg_engine - the engine a list is resolved for
 */
struct xe_reg_engine {
	/** @class: engine class */
	enum xe_engine_class class;
	/** @instance: physical instance */
	unsigned int instance;
	/** @mmio_base: register block */
	u32 mmio_base;
};

/**
 * struct xe_reg_save - register the GuC keeps over an engine reset
 */
struct xe_reg_save {
	/** @reg: offset */
	u32 reg;
	/** @masked: masked register */
	bool masked;
};

static inline u32 xe_reg_value_masked(const struct xe_reg_value *v)
{
	return ((v->clr | v->set) << 16) | v->set;
}

void xe_reg_rules_apply_gt(const struct xe_mmio *mmio, const struct xe_platform *platform,
			   const struct xe_fuses *fuses);
void xe_reg_rules_apply_engine(const struct xe_mmio *mmio, const struct xe_platform *platform,
			       const struct xe_fuses *fuses, const struct xe_reg_engine *engine);
void xe_reg_rules_gt(const struct xe_platform *platform, const struct xe_fuses *fuses,
		     struct xe_reg_list *out);
void xe_reg_rules_engine(const struct xe_platform *platform, const struct xe_reg_engine *engine,
			 struct xe_reg_list *out);
void xe_reg_rules_lrc(const struct xe_platform *platform, const struct xe_reg_engine *engine,
		      struct xe_reg_list *out);
unsigned int xe_reg_rules_save_list(const struct xe_platform *platform,
				    const struct xe_reg_engine *engine,
				    struct xe_reg_save *out, unsigned int max);
void xe_reg_list_print(const struct xe_reg_list *list, struct drm_printer *p);

#endif
