// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Register rules
 *
 * Selects the rows of the tables in xe_reg_tables.c that match a platform and an engine, resolves
 * them to a list of register changes, and applies such lists. The same lists tell the GuC which
 * registers to keep over an engine reset, and which registers the default context contains.
 *
 * Resolving is pure. Applying needs forcewake; there is no other state.
 */

#include "hw/xe_reg_rules.h"

#include <linux/array_size.h>
#include <linux/bug.h>
#include <linux/string.h>
#include <linux/string_choices.h>

#include <drm/drm_print.h>

#include "hw/xe_fuse.h"
#include "hw/xe_mcr.h"
#include "hw/xe_mmio.h"
#include "hw/xe_reg_tables.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_gt_regs.h"
#include "regs/xe_reg_bits.h"

static bool rule_matches(const struct xe_reg_rule *rule, const struct xe_platform *platform,
			 const struct xe_reg_engine *engine)
{
	if (platform->graphics_verx100 < rule->ver_first ||
	    platform->graphics_verx100 > rule->ver_last)
		return false;
	if (!engine)
		return true;
	if (!(rule->classes & BIT(engine->class)))
		return false;

	return !(rule->flags & XE_REG_EVEN) || engine->instance % 2 == 0;
}

/* Keeps the list in order of rising offset; two changes of one register become one. */
static void reg_list_add(struct xe_reg_list *list, const struct xe_reg_value *v)
{
	unsigned int i = list->n;

	while (i && list->e[i - 1].reg > v->reg)
		i--;

	if (i && list->e[i - 1].reg == v->reg) {
		list->e[i - 1].clr |= v->clr;
		list->e[i - 1].set = (list->e[i - 1].set & ~v->clr) | v->set;
		return;
	}

	if (WARN_ON_ONCE(list->n == ARRAY_SIZE(list->e)))
		return;

	memmove(&list->e[i + 1], &list->e[i], (list->n - i) * sizeof(*v));
	list->e[i] = *v;
	list->n++;
}

static void resolve(const struct xe_reg_table *table, const struct xe_platform *platform,
		    const struct xe_reg_engine *engine, struct xe_reg_list *out)
{
	unsigned int i;

	for (i = 0; i < table->n; i++) {
		const struct xe_reg_rule *rule = &table->rules[i];
		struct xe_reg_value v = {
			.reg = rule->reg, .clr = rule->clr, .set = rule->set,
			.flags = rule->flags & (XE_REG_MASKED | XE_REG_MCR),
		};

		if (!rule_matches(rule, platform, engine))
			continue;
		if (rule->flags & XE_REG_BASE)
			v.reg += engine->mmio_base;
		reg_list_add(out, &v);
	}
}

/* Each whitelisted range takes one slot of the engine; slots are filled in table order. */
static void resolve_whitelist(const struct xe_platform *platform,
			      const struct xe_reg_engine *engine, struct xe_reg_list *out)
{
	unsigned int i, slot = 0;

	for (i = 0; i < xe_whitelist_rules.n; i++) {
		const struct xe_reg_rule *rule = &xe_whitelist_rules.rules[i];
		struct xe_reg_value v = { .clr = ~0u };
		u32 reg = rule->reg;

		if (!rule_matches(rule, platform, engine))
			continue;
		if (WARN_ON_ONCE(slot == RING_FORCE_TO_NONPRIV_SLOTS))
			return;
		if (rule->flags & XE_REG_BASE)
			reg += engine->mmio_base;

		v.reg = RING_FORCE_TO_NONPRIV(engine->mmio_base, slot++);
		v.set = (reg & NONPRIV_ADDR_MASK) | rule->set;
		reg_list_add(out, &v);
	}
}

/**
 * xe_reg_rules_gt - changes a GT needs
 * @platform: platform
 * @fuses: fuses of the GT
 * @out: the list; its former content is dropped
 *
 * Context: any.
 */
void xe_reg_rules_gt(const struct xe_platform *platform, const struct xe_fuses *fuses,
		     struct xe_reg_list *out)
{
	out->n = 0;
	resolve(&xe_gt_rules, platform, NULL, out);
}

/**
 * xe_reg_rules_engine - changes an engine needs, including its whitelist
 * @platform: platform
 * @engine: the engine
 * @out: the list; its former content is dropped
 *
 * Context: any.
 */
void xe_reg_rules_engine(const struct xe_platform *platform, const struct xe_reg_engine *engine,
			 struct xe_reg_list *out)
{
	out->n = 0;
	resolve(&xe_engine_rules, platform, engine, out);
	resolve_whitelist(platform, engine, out);
}

/**
 * xe_reg_rules_lrc - registers that belong into the default context of an engine class
 * @platform: platform
 * @engine: first engine of the class
 * @out: the list; its former content is dropped. Masked entries are loaded with
 *	xe_reg_value_masked(); the others need the register's present value first
 *
 * Context: any.
 */
void xe_reg_rules_lrc(const struct xe_platform *platform, const struct xe_reg_engine *engine,
		      struct xe_reg_list *out)
{
	out->n = 0;
	resolve(&xe_lrc_rules, platform, engine, out);
}

static void apply(const struct xe_mmio *mmio, const struct xe_fuses *fuses,
		  const struct xe_reg_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		const struct xe_reg_value *v = &list->e[i];
		u32 val;

		if (v->flags & XE_REG_MASKED)
			val = xe_reg_value_masked(v);
		else if (v->clr == ~0u)
			val = v->set;
		else
			val = (xe_mcr_read(mmio, fuses, v->reg) & ~v->clr) | v->set;

		if (v->flags & XE_REG_MCR)
			xe_mcr_write(mmio, v->reg, val);
		else
			xe_mmio_write32(mmio, v->reg, val);
	}
}

/**
 * xe_reg_rules_apply_gt - apply the changes a GT needs
 * @mmio: register view of the GT; all its power domains are awake
 * @platform: platform
 * @fuses: fuses of the GT
 *
 * Context: process or any other with 600 bytes of stack to spare; at init and after a GT reset.
 */
void xe_reg_rules_apply_gt(const struct xe_mmio *mmio, const struct xe_platform *platform,
			   const struct xe_fuses *fuses)
{
	struct xe_reg_list list;

	xe_reg_rules_gt(platform, fuses, &list);
	apply(mmio, fuses, &list);
}

/**
 * xe_reg_rules_apply_engine - apply the changes an engine needs
 * @mmio: register view of the GT; all its power domains are awake
 * @platform: platform
 * @fuses: fuses of the GT
 * @engine: the engine
 *
 * Context: process or any other with 600 bytes of stack to spare; at init and after a GT reset.
 */
void xe_reg_rules_apply_engine(const struct xe_mmio *mmio, const struct xe_platform *platform,
			       const struct xe_fuses *fuses, const struct xe_reg_engine *engine)
{
	struct xe_reg_list list;

	xe_reg_rules_engine(platform, engine, &list);
	apply(mmio, fuses, &list);
}

struct save_cursor {
	struct xe_reg_save *out;
	unsigned int n, max;
};

static void save_add(struct save_cursor *c, u32 reg, bool masked)
{
	if (c->n < c->max) {
		c->out[c->n].reg = reg;
		c->out[c->n].masked = masked;
	}
	c->n++;
}

/**
 * xe_reg_rules_save_list - registers the GuC must keep over a reset of an engine
 * @platform: platform
 * @engine: the engine
 * @out: room for @max entries; may be NULL if @max is 0
 * @max: size of @out
 *
 * Everything that was programmed per engine, plus what every engine needs to run: see
 * Documentation/hardware/guc.md, 7.5.
 *
 * Context: any.
 * Return: number of registers; more than @max if @out was too small.
 */
unsigned int xe_reg_rules_save_list(const struct xe_platform *platform,
				    const struct xe_reg_engine *engine,
				    struct xe_reg_save *out, unsigned int max)
{
	struct save_cursor c = { .out = out, .max = max };
	const u32 base = engine->mmio_base;
	struct xe_reg_list list;
	unsigned int i;

	xe_reg_rules_engine(platform, engine, &list);
	for (i = 0; i < list.n; i++)
		save_add(&c, list.e[i].reg, list.e[i].flags & XE_REG_MASKED);

	save_add(&c, RING_MODE(base), true);
	save_add(&c, RING_HWS_PGA(base), false);
	save_add(&c, RING_IMR(base), false);

	if (engine->class == XE_ENGINE_CLASS_RENDER && engine->instance == 0) {
		save_add(&c, RCU_MODE, true);
		/* The L3 half of the MOCS table is lost in a render reset on graphics 12.00. */
		if (platform->graphics_verx100 < 1250)
			for (i = 0; i < LNCFCMOCS_REG_COUNT; i++)
				save_add(&c, LNCFCMOCS(i), false);
	}

	return c.n;
}

/**
 * xe_reg_list_print - show a list of register changes
 * @list: the list
 * @p: where to print
 *
 * Context: as the printer.
 */
void xe_reg_list_print(const struct xe_reg_list *list, struct drm_printer *p)
{
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		const struct xe_reg_value *v = &list->e[i];

		drm_printf(p, "REG[%#x] clr=%#010x set=%#010x masked=%s mcr=%s\n", v->reg, v->clr,
			   v->set, str_yes_no(v->flags & XE_REG_MASKED),
			   str_yes_no(v->flags & XE_REG_MCR));
	}
}
