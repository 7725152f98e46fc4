// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Reserved bits of commands
 *
 * Hardware ignores a reserved bit today and gives it a meaning tomorrow; an undefined value or
 * length stops it, or worse. Both are reported as violations of the rule cmd-reserved. What is
 * reserved is data, in the rows of the command tables. After the report reserved bits are
 * ignored; a command without meaning stops the engine.
 *
 * Commands that are skipped by MI_SET_PREDICATE are not looked at, nor are the bodies of commands
 * that the model steps over.
 */

#include <stdarg.h>
#include <stdio.h>

#include "gfx/cs.h"
#include "util/bits.h"
#include "util/log.h"

#define RULE "cmd-reserved"
#define SHOWN_DWORDS 24u

static void report(struct engine *e, const char *what, const u32 *dw, unsigned int len)
{
	char text[2048], body[SHOWN_DWORDS * 11 + 16];
	size_t at = 0;

	body[0] = '\0';
	for (unsigned int i = 0; i < XM_MIN(len, SHOWN_DWORDS); i++)
		at += snprintf(body + at, sizeof(body) - at, " 0x%08x", dw[i]);
	cs_report(e, text, sizeof(text));
	log_violation(RULE, "%s: context %u: %s\n  command, %u dwords:%s%s\n%s", e->desc->name,
		      e->run.ctx_id, what, len, body, len > SHOWN_DWORDS ? " ..." : "", text);
}

static void check_masks(struct engine *e, const struct cs_command *c, const u32 *dw,
			unsigned int len)
{
	char what[160];

	for (unsigned int i = 0; i < len; i++) {
		unsigned int at = i;
		u32 bad;

		if (i >= c->n_masks && !c->repeat)
			break;
		if (i >= c->n_masks)
			at = c->repeat + (i - c->repeat) % (c->n_masks - c->repeat);
		bad = dw[i] & ~c->masks[at];
		if (!i && e->desc->hw_class != XM_CLASS_VIDEO_DECODE &&
		    e->desc->hw_class != XM_CLASS_VIDEO_ENHANCE)
			bad |= dw[0] & c->video;
		if (!bad)
			continue;
		snprintf(what, sizeof(what), "%s: reserved bits 0x%08x are set in dword %u",
			 c->name, bad, i);
		report(e, what, dw, len);
	}
}

static void check_fields(struct engine *e, const struct cs_command *c, const u32 *dw,
			 unsigned int len)
{
	char what[160];

	for (unsigned int i = 0; i < c->n_fields; i++) {
		const struct cs_field *f = &c->fields[i];
		u32 val;

		if (f->dword >= len)
			continue;
		val = dw[f->dword] >> f->shift & (BIT(f->bits) - 1);
		if (f->legal >> val & 1)
			continue;
		snprintf(what, sizeof(what), "%s: value %u of bits %u:%u in dword %u is undefined",
			 c->name, val, f->shift + f->bits - 1, f->shift, f->dword);
		report(e, what, dw, len);
	}
}

enum cs_result cs_check(struct engine *e, const struct cs_command *c, const u32 *dw,
			unsigned int len)
{
	char what[160];

	if (c->classes && !(c->classes >> e->desc->hw_class & 1)) {
		snprintf(what, sizeof(what), "%s does not exist on this engine", c->name);
		report(e, what, dw, len);
		return CS_HANG;
	}
	check_masks(e, c, dw, len);
	check_fields(e, c, dw, len);
	return CS_OK;
}

enum cs_result cs_malformed(struct engine *e, const char *fmt, ...)
{
	char why[256], text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	cs_report(e, text, sizeof(text));
	log_violation(RULE, "%s: context %u: engine hangs: %s\n%s", e->desc->name, e->run.ctx_id,
		      why, text);
	return CS_HANG;
}

/* --- work without effect --------------------------------------------------------------------- */

void cs_stepped_over(struct engine *e, const struct cs_command *c)
{
	atomic_fetch_add_explicit(&e->stepped_over[c->family], 1, memory_order_relaxed);
}

void cs_summary(struct xm_device *dev, FILE *out, void *ctx)
{
	static const char *const names[CS_FAMILIES] = {
		[CS_FAMILY_STATE] = "common state", [CS_FAMILY_3D_STATE] = "3D state",
		[CS_FAMILY_3D_PRIMITIVE] = "3D primitives",
		[CS_FAMILY_COMPUTE] = "compute and media pipe", [CS_FAMILY_MFX] = "MFX",
		[CS_FAMILY_HCP] = "HCP", [CS_FAMILY_AVP] = "AVP", [CS_FAMILY_VDENC] = "VDENC",
		[CS_FAMILY_HUC] = "HuC", [CS_FAMILY_VEBOX] = "VEBOX",
		[CS_FAMILY_GFX] = "GFX_STATE and GFX_EXEC",
	};

	for (unsigned int family = CS_FAMILY_STATE; family < CS_FAMILIES; family++) {
		unsigned long n = 0;

		for (unsigned int i = 0; i < gfx_engine_count(dev); i++)
			n += atomic_load_explicit(&gfx_engine(dev, i)->stepped_over[family],
						  memory_order_relaxed);
		if (n)
			fprintf(out, "  stepped over, %s: %lu\n", names[family], n);
	}
}
