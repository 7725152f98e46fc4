// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands about engines and contexts.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "dev/mem.h"
#include "fw/guc_info.h"
#include "fw/guc_names.h"
#include "gfx/inspect.h"
#include "instructions/lrc_layout.h"
#include "regs/xe_engine_regs.h"
#include "regs/xe_pte_bits.h"

#define NS_PER_US 1000u

/* --- context images --------------------------------------------------------------------------- */

bool ctl_image_dword(const struct ctl_env *env, u64 desc, unsigned int index, u32 *value)
{
	struct xm_device *dev = env->dev;
	u64 addr = ((u32)desc & LRC_DESC_LRCA_MASK) + LRC_STATE_OFFSET + index * 4ull;
	u64 entry = ggtt_entry(dev, addr);
	bool ok;

	if (!(entry & GGTT_PRESENT))
		return false;
	dma_read_lock(dev->dma);
	ok = sys_read32(dev, (entry & GGTT_ADDR_MASK) | (addr & 0xfff), value);
	dma_read_unlock(dev->dma);
	return ok;
}

bool ctl_image_root(const struct ctl_env *env, u64 desc, u64 *root)
{
	u32 lo, hi;

	if (!(desc & LRC_DESC_PPGTT) || !ctl_image_dword(env, desc, LRC_DW_PDP0_LDW, &lo) ||
	    !ctl_image_dword(env, desc, LRC_DW_PDP0_UDW, &hi))
		return false;
	*root = lo | (u64)hi << 32;
	return true;
}

/* --- engines ---------------------------------------------------------------------------------- */

static const char *engine_state(const struct engine_info *info)
{
	if (!info->busy)
		return "free";
	if (info->waiting)
		return "waiting";
	return info->switching ? "switching" : "running";
}

static json_t *engine_row(const struct engine *e, const struct engine_info *info)
{
	json_t *row = json_pack("{s:s, s:s}", "engine", engine_desc(e)->name, "state",
				engine_state(info));

	if (info->busy) {
		json_object_set_new(row, "context", json_integer(info->ctx_id));
		json_object_set_new(row, "root", info->ppgtt ? ctl_hex(info->root) : json_null());
		json_object_set_new(row, "ring", ctl_hex(info->ring_start));
		json_object_set_new(row, "head", ctl_hex(info->head));
		json_object_set_new(row, "tail", ctl_hex(info->tail));
		json_object_set_new(row, "in", json_string(info->stream));
		json_object_set_new(row, "at", ctl_hex(info->ip));
	}
	json_object_set_new(row, "commands", json_integer((json_int_t)info->commands));
	json_object_set_new(row, "tlb", json_integer((json_int_t)info->tlb_entries));
	return row;
}

static json_t *past_rows(const struct engine_info *info)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < info->n_past; i++) {
		const struct engine_command *c = &info->past[i];

		json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "in", c->stream, "at",
						      ctl_hex(c->ip), "header", ctl_hex(c->header),
						      "command", c->name));
	}
	return list;
}

static json_t *deaf_row(const struct engine *e)
{
	return json_pack("{s:s, s:s}", "engine", engine_desc(e)->name, "state",
			 "in one command for more than a second");
}

json_t *ctl_engines(struct ctl_request *r)
{
	struct xm_device *dev = r->env->dev;
	json_t *rows = json_array();
	struct engine_info info = { 0 };
	json_t *result;

	for (unsigned int i = 0; i < gfx_engine_count(dev); i++) {
		struct engine *e = gfx_engine(dev, i);

		if (r->n_args && strcmp(r->arg[0], engine_desc(e)->name))
			continue;
		if (engine_inspect(e, &info))
			json_array_append_new(rows, engine_row(e, &info));
		else
			json_array_append_new(rows, deaf_row(e));
	}
	if (!json_array_size(rows)) {
		json_decref(rows);
		return ctl_misuse(r, "there is no engine \"%s\"", r->arg[0]);
	}
	result = json_pack("{s:o}", "engines", rows);
	if (r->n_args)
		json_object_set_new(result, "last commands", past_rows(&info));
	return result;
}

/* --- contexts --------------------------------------------------------------------------------- */

static bool list_contexts(struct ctl_request *r, struct guc_context_list *list)
{
	int err = guc_list_contexts(r->env->dev, list);

	if (err)
		ctl_fail(r, "contexts: %s", err == -EBUSY ? "the GuC is busy, try again" :
							    strerror(-err));
	return !err;
}

bool ctl_root(struct ctl_request *r, const char *text, u64 *root)
{
	struct guc_context_list list;
	const struct guc_context_info *found = NULL;
	bool ok;
	u64 id;

	if (strncmp(text, "ctx:", 4)) {
		if (!ctl_number(r, text, "root", UINT64_MAX, root))
			return false;
		if (!(*root & 0xfff))
			*root |= PPGTT_PRESENT | PPGTT_WRITABLE;
		return true;
	}
	if (!ctl_number(r, text + 4, "context", GUC_MAX_CONTEXTS - 1, &id) ||
	    !list_contexts(r, &list))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (id >= list.ctx[i].id && id < list.ctx[i].id + list.ctx[i].n_lrc)
			found = &list.ctx[i];
	ok = found && ctl_image_root(r->env, found->lrc[id - found->id].desc, root);
	if (!found)
		ctl_fail(r, "context %s is not registered", text + 4);
	else if (!ok)
		ctl_fail(r, "context %s has no address space", text + 4);
	free(list.ctx);
	return ok;
}

/* Position in the ring: from the engine while it runs the LRC, else from the image. */
static void add_position(const struct ctl_request *r, const struct guc_lrc_info *lrc, json_t *row)
{
	struct engine_info info;
	u32 head, tail;

	if (lrc->engine && engine_inspect((struct engine *)lrc->engine, &info) && info.busy &&
	    info.desc == lrc->desc) {
		head = info.head;
		tail = info.tail;
	} else if (!ctl_image_dword(r->env, lrc->desc, LRC_DW_RING_HEAD, &head) ||
		   !ctl_image_dword(r->env, lrc->desc, LRC_DW_RING_TAIL, &tail)) {
		return;
	}
	json_object_set_new(row, "head", ctl_hex(head & RING_HEAD_ADDR_MASK));
	json_object_set_new(row, "tail", ctl_hex(tail & RING_TAIL_ADDR_MASK));
}

static json_t *context_row(const struct ctl_request *r, const struct guc_context_info *c,
			   unsigned int i)
{
	const struct guc_lrc_info *lrc = &c->lrc[i];
	json_t *row = json_pack("{s:I, s:s, s:o, s:I, s:I, s:I, s:s}", "context",
				(json_int_t)c->id + i, "class", guc_class_name(c->guc_class),
				"mask", ctl_hex(c->mask), "priority", (json_int_t)c->priority,
				"quantum_us", (json_int_t)c->quantum_us, "preempt_us",
				(json_int_t)c->preempt_us, "state", c->state);
	u64 root;

	if (c->n_lrc > 1)
		json_object_set_new(row, "parallel", json_sprintf("%u of %u", i + 1, c->n_lrc));
	json_object_set_new(row, "engine", lrc->engine ?
			    json_string(engine_desc(lrc->engine)->name) : json_null());
	if (ctl_image_root(r->env, lrc->desc, &root))
		json_object_set_new(row, "root", ctl_hex(root));
	add_position(r, lrc, row);
	json_object_set_new(row, "runs", json_integer((json_int_t)c->runs));
	json_object_set_new(row, "run_us", json_integer((json_int_t)(c->run_ns / NS_PER_US)));
	return row;
}

json_t *ctl_contexts(struct ctl_request *r)
{
	struct guc_context_list list;
	json_t *rows;

	if (!list_contexts(r, &list))
		return NULL;
	rows = json_array();
	for (size_t i = 0; i < list.n; i++)
		for (unsigned int k = 0; k < list.ctx[i].n_lrc; k++)
			json_array_append_new(rows, context_row(r, &list.ctx[i], k));
	free(list.ctx);
	return json_pack("{s:o}", "contexts", rows);
}

/* --- address spaces --------------------------------------------------------------------------- */

/* The row of @root, a new one if there is none. */
static json_t *space_row(json_t *rows, u64 root)
{
	json_t *name = ctl_hex(root);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		if (!json_equal(json_object_get(row, "root"), name))
			continue;
		json_decref(name);
		return row;
	}
	row = json_pack("{s:o, s:[]}", "root", name, "contexts");
	json_array_append_new(rows, row);
	return row;
}

json_t *ctl_spaces(struct ctl_request *r)
{
	struct guc_context_list list;
	json_t *rows;

	if (!list_contexts(r, &list))
		return NULL;
	rows = json_array();
	for (size_t i = 0; i < list.n; i++) {
		const struct guc_context_info *c = &list.ctx[i];
		u64 root;

		if (ctl_image_root(r->env, c->lrc[0].desc, &root))
			json_array_append_new(json_object_get(space_row(rows, root), "contexts"),
					      json_integer(c->id));
	}
	free(list.ctx);
	return json_pack("{s:o}", "spaces", rows);
}
