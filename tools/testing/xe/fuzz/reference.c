// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The reference address space: an entry for each page, nothing else. What the driver does with
 * trees, splits, merges and large pages is a loop over pages here.
 *
 * A mapping of the driver is a run of neighbours with the same number: cutting a mapping leaves
 * pieces that something else separates.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

/* Pages of the address space */
#define ALL_PAGES	0x1000000000ull
/* PAT indices of Tiger Lake; the first one snoops */
#define PATS		4

static void verdict_add(struct ref_verdict *v, int err)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (v->err[i] == err)
			return;
	if (v->n < ARRAY_SIZE(v->err))
		v->err[v->n++] = err;
}

bool ref_verdict_allows(const struct ref_verdict *v, int ret)
{
	if (!ret)
		return v->may_pass;
	for (uint32_t i = 0; i < v->n; i++)
		if (v->err[i] == ret)
			return true;
	return false;
}

void ref_verdict_text(const struct ref_verdict *v, char *text, size_t size)
{
	size_t at = snprintf(text, size, "%s", v->may_pass ? "0" : "");

	for (uint32_t i = 0; i < v->n && at < size; i++)
		at += snprintf(text + at, size - at, "%s%d", at ? " or " : "", v->err[i]);
}

uint32_t ref_run_first(const struct ref_page *window, uint32_t page)
{
	while (page && window[page - 1].map == window[page].map &&
	       window[page - 1].kind == window[page].kind)
		page--;
	return page;
}

uint32_t ref_run_end(const struct ref_page *window, uint32_t page)
{
	uint32_t map = window[page].map;

	while (page < WINDOW && window[page].map == map && window[page].kind)
		page++;
	return page;
}

/* What comes of looking for a page of process memory: 0 or -errno */
static int user_errno(const struct ref_user *user, uint32_t index, bool ro)
{
	if (index >= ARENA || !user[index].present)
		return -EFAULT;
	return ro || user[index].writable ? 0 : -EPERM;
}

/* A mapping of process memory works as a whole or not at all. @v: gets the errnos, if not NULL */
static bool run_has_memory(const struct ref_page *window, uint32_t page,
			   const struct ref_user *user, struct ref_verdict *v)
{
	bool good = true;

	for (uint32_t i = ref_run_first(window, page); i < ref_run_end(window, page); i++) {
		int err = user_errno(user, window[i].index, window[i].ro);

		good &= !err;
		if (err && v)
			verdict_add(v, err);
	}
	return good;
}

/*
 * Whether a job may touch a page. Before a job the pages of process memory are found again, and if
 * one of a mapping is missing the entries are emptied.
 */
bool ref_accessible(const struct ref_page *window, uint32_t page, struct ref_memory memory)
{
	const struct ref_page *p = &window[page];

	if (p->kind == PAGE_BO)
		return memory.object[p->obj].advice == ADVICE_NEEDED;
	if (p->kind != PAGE_USER)
		return p->kind != PAGE_NONE;
	return !p->open && run_has_memory(window, page, memory.user, NULL);
}

/**
 * ref_advise() - what MADVISE does to mappings
 * @window: changed
 * @at: first page
 * @n: pages
 * @needed: the advice
 * @memory: objects
 *
 * A mapping that is advised in part is needed if one of the parts is. What others may use through
 * a dma-buf takes no notice.
 */
void ref_advise(struct ref_page *window, uint32_t at, uint32_t n, bool needed,
		struct ref_memory memory)
{
	for (uint32_t i = at; i < at + n && i < WINDOW; i++) {
		uint32_t first = ref_run_first(window, i), end = ref_run_end(window, i);

		if (window[i].kind != PAGE_BO)
			continue;
		if (needed || (first >= at && end <= at + n &&
			       !memory.object[window[i].obj].exported))
			while (first < end)
				window[first++].dontneed = !needed;
	}
}

/* Rules for single fields, those that need the object, and the size of the address space. */
static void judge_fields(const struct ref_bind *b, const struct op *op, struct ref_verdict *v)
{
	bool has_obj = op->kind == OP_MAP || op->kind == OP_UNMAP_ALL;
	int obj = op->bo < BOS ? b->obj[op->bo] : -1;

	if (op->pat >= PATS || op->bad)
		verdict_add(v, -EINVAL);
	if (op->kind == OP_USERPTR && op->pat)
		verdict_add(v, -EINVAL);
	/* An object that an operation may not have: see bind_op() in run.c */
	if (op->bo == BOS && !has_obj)
		verdict_add(v, -EINVAL);
	if (op->kind != OP_UNMAP_ALL && (!op->n || op->at + op->n > ALL_PAGES))
		verdict_add(v, -EINVAL);
	if (op->kind == OP_NULL && op->off)
		verdict_add(v, -EINVAL);
	if (!has_obj)
		return;
	if (obj < 0) {
		verdict_add(v, -ENOENT);
		return;
	}
	if (op->pat && op->pat < PATS && !b->memory.object[obj].wc)
		verdict_add(v, -EINVAL);
	if (op->kind == OP_MAP && (uint64_t)op->off + op->n > b->memory.object[obj].pages)
		verdict_add(v, -EINVAL);
	/* Its offset is looked at, too. */
	if (op->kind == OP_UNMAP_ALL && op->off > b->memory.object[obj].pages)
		verdict_add(v, -EINVAL);
}

/* A mapping that goes, or is cut, and is busy */
static void judge_page(const struct ref_bind *b, const struct ref_page *p, struct ref_verdict *v,
		       bool *must_fail)
{
	if (!p->kind || !p->ufence || b->ufence[p->ufence] == UFENCE_WRITTEN)
		return;
	verdict_add(v, -EBUSY);
	if (b->ufence[p->ufence] == UFENCE_HELD)
		*must_fail = true;
}

static bool op_touches(const struct ref_bind *b, const struct op *op, const struct ref_page *p,
		       uint32_t page)
{
	if (op->kind == OP_PREFETCH)
		return false;
	if (op->kind == OP_UNMAP_ALL)
		return p->kind == PAGE_BO && p->obj == b->obj[op->bo];
	return page >= op->at && page < op->at + op->n;
}

/* Pages of the window that an operation may touch */
static uint32_t op_first(const struct op *op)
{
	return op->kind == OP_UNMAP_ALL ? 0 : op->at < WINDOW ? op->at : WINDOW;
}

static uint32_t op_end(const struct op *op)
{
	return op->kind == OP_UNMAP_ALL || op->at + op->n > WINDOW ? WINDOW : op->at + op->n;
}

/* Process memory that is not there, or read-only, when a bind needs it */
static void judge_user(const struct ref_bind *b, const struct ref_page *window, const struct op *op,
		       struct ref_verdict *v, bool *must_fail)
{
	for (uint32_t i = 0; op->kind == OP_USERPTR && i < op->n; i++) {
		int err = user_errno(b->memory.user, op->off + i, op->ro);

		if (err) {
			verdict_add(v, err);
			*must_fail = true;
		}
	}
	for (uint32_t i = op_first(op); op->kind == OP_PREFETCH && i < op_end(op); i++) {
		if (window[i].kind != PAGE_USER)
			continue;
		if (b->referee && window[i].open)
			verdict_add(v, -EFAULT);
		if (!run_has_memory(window, i, b->memory.user, v))
			*must_fail |= !b->referee;
	}
}

/* An object whose contents may go, or have gone, cannot be mapped. */
static void judge_advice(const struct ref_bind *b, int obj, struct ref_verdict *v, bool *must_fail)
{
	if (obj < 0 || b->memory.object[obj].advice == ADVICE_NEEDED)
		return;
	if (b->memory.object[obj].advice == ADVICE_DONTNEED)
		verdict_add(v, -EBUSY);
	verdict_add(v, -EINVAL);
	*must_fail = true;
}

static void judge_objects(const struct ref_bind *b, const struct ref_page *window,
			  const struct op *op, struct ref_verdict *v, bool *must_fail)
{
	if (op->kind == OP_MAP)
		judge_advice(b, b->obj[op->bo], v, must_fail);
	if (op->kind == OP_PREFETCH)
		for (uint32_t i = op_first(op); i < op_end(op); i++)
			if (window[i].kind == PAGE_BO)
				judge_advice(b, window[i].obj, v, must_fail);
}

/* Drivers may look for the memory of pieces at once: open in referee mode. */
static void judge_pieces(const struct ref_bind *b, const struct ref_page *window,
			 const struct op *op, struct ref_verdict *v)
{
	for (uint32_t i = op_first(op); b->referee && i < op_end(op); i++)
		if (window[i].kind == PAGE_USER && op_touches(b, op, &window[i], i) &&
		    (!run_has_memory(window, i, b->memory.user, v) || window[i].open))
			verdict_add(v, -EFAULT);
}

static void apply_op(const struct ref_bind *b, struct ref_page *window, const struct op *op,
		     uint32_t map, uint32_t ufence)
{
	for (uint32_t i = op_first(op); i < op_end(op); i++) {
		struct ref_page *p = &window[i];

		if (!op_touches(b, op, p, i))
			continue;
		*p = (struct ref_page){ 0 };
		if (op->kind == OP_UNMAP || op->kind == OP_UNMAP_ALL)
			continue;
		p->kind = op->kind == OP_MAP ? PAGE_BO :
			  op->kind == OP_NULL ? PAGE_NULL : PAGE_USER;
		p->ro = op->ro;
		p->pat = op->pat;
		p->obj = op->kind == OP_MAP ? b->obj[op->bo] : 0;
		p->index = op->kind == OP_NULL ? 0 : op->off + (i - op->at);
		p->map = map;
		p->ufence = ufence;
	}
}

/**
 * ref_apply() - what a bind that succeeds does
 * @b: facts
 * @window: changed
 * @s: STEP_BIND
 * @map: last number of a mapping, changed
 * @ufence: number of the user fence, or 0
 */
void ref_apply(const struct ref_bind *b, struct ref_page *window, const struct step *s,
	       uint32_t *map, uint32_t ufence)
{
	for (unsigned int i = 0; i < s->n_ops; i++)
		apply_op(b, window, &s->op[i], ++*map, ufence);
}

/**
 * ref_judge() - what may come of a bind
 * @b: facts
 * @window: as it is before
 * @s: STEP_BIND
 * @v: verdict; what the caller has found already is kept
 *
 * Which of several errors is reported is not judged: xe_uapi_test knows the order.
 */
void ref_judge(const struct ref_bind *b, const struct ref_page *window, const struct step *s,
	       struct ref_verdict *v)
{
	struct ref_page copy[WINDOW];
	bool must_fail = false;

	for (unsigned int i = 0; i < s->n_ops; i++)
		judge_fields(b, &s->op[i], v);
	v->may_pass = !v->n;
	if (v->n)
		return;

	memcpy(copy, window, sizeof(copy));
	for (unsigned int i = 0; i < s->n_ops; i++) {
		const struct op *op = &s->op[i];

		for (uint32_t page = op_first(op); page < op_end(op); page++)
			if (op_touches(b, op, &copy[page], page))
				judge_page(b, &copy[page], v, &must_fail);
		judge_user(b, copy, op, v, &must_fail);
		judge_objects(b, copy, op, v, &must_fail);
		judge_pieces(b, copy, op, v);
		apply_op(b, copy, op, UINT32_MAX - i, 0);
	}
	v->may_pass = !must_fail;
}
