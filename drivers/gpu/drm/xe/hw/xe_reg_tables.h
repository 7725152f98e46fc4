/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_REG_TABLES_H_
#define _XE_REG_TABLES_H_

#include <linux/bits.h>
#include <linux/types.h>

/**
 * struct xe_reg_rule - one row of a workaround, tuning or whitelist table
 *
 * A row applies to graphics versions @ver_first to @ver_last and, in engine tables, to the
 * classes of @classes.
 */
struct xe_reg_rule {
	/** @name: why, printed in debugfs and used in code review */
	const char *name;
	/** @ver_first: lowest graphics version times 100 */
	u16 ver_first;
	/** @ver_last: highest graphics version times 100, inclusive */
	u16 ver_last;
	/** @classes: BIT(enum xe_engine_class) */
	u16 classes;
	/** @flags: XE_REG_ flags */
	u16 flags;
	/** @reg: offset; from the engine's base with XE_REG_BASE */
	u32 reg;
	/** @clr: bits to clear; of a whitelist row: unused */
	u32 clr;
	/** @set: bits to set; of a whitelist row: access and range bits */
	u32 set;
};

/**
 * struct xe_reg_table - a table and its length
 */
struct xe_reg_table {
	/** @rules: the rows */
	const struct xe_reg_rule *rules;
	/** @n: their number */
	unsigned int n;
};

/** xe_gt_rules: applied once per GT */
extern const struct xe_reg_table xe_gt_rules;
/** xe_engine_rules: applied per engine */
extern const struct xe_reg_table xe_engine_rules;
/** xe_whitelist_rules: registers that unprivileged batches may access, one slot per row */
extern const struct xe_reg_table xe_whitelist_rules;
/** xe_lrc_rules: part of every context, recorded in the default context */
extern const struct xe_reg_table xe_lrc_rules;

#endif
