// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The fifteen ways in which a new mapping meets an old one, as drm_gpuvm draws them, and what an
 * unmap leaves: staged and taken back, prepared and taken back, carried out; with BOs, read-only
 * BOs, NULL mappings and process memory. Mappings, page tables and reference counts are compared
 * with what they were, or with what the drawing says.
 */
#include <kunit/test.h>

#include <linux/errno.h>
#include <linux/sizes.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "mem/xe_bo.h"
#include "mem/xe_ppgtt.h"
#include "pt/xe_pt_check.h"
#include "tests/xe_fake.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_bind.h"
#include "vm/xe_vm_ops.h"
#include "vm/xe_vma.h"

/* One length unit of the drawings, in pages and bytes */
#define UNIT_PAGES	4
#define UNIT		(UNIT_PAGES * SZ_4K)
/* Extent of a drawing, and of either memory, in units */
#define UNITS		4
#define PAGES		(UNITS * UNIT_PAGES)
/* Address of unit 0: a drawing crosses from one last-level table to the next */
#define BASE		(SZ_1G + SZ_2M - UNIT)
/* Where either memory is mapped as a whole, to know its translations */
#define WINDOW(m)	(16ULL * SZ_1G + (m) * SZ_1G)

/* Both memories of a drawing; NONE is no mapping in @expect and an unmap in @req */
enum mem { MEM_A, MEM_B, N_MEMS, NONE };

/* Units [first, end) mapped to memory @mem from unit @offset on */
struct piece {
	u8 first;
	u8 end;
	enum mem mem;
	u8 offset;
};

#define MAX_PIECES	3

struct drawing {
	const char *name;
	struct piece old;
	struct piece req;
	u8 n;
	struct piece expect[MAX_PIECES];
};

#define A(first, end, offset)	{ first, end, MEM_A, offset }
#define B(first, end, offset)	{ first, end, MEM_B, offset }
#define NO(first, end)		{ first, end, NONE, 0 }

static const struct drawing drawings[] = {
	{ "1 same again", A(0, 1, 1), A(0, 1, 1), 1, { A(0, 1, 1) } },
	{ "2 other offset", A(0, 1, 1), A(0, 1, 2), 1, { A(0, 1, 2) } },
	{ "3 other memory", A(0, 1, 1), B(0, 1, 1), 1, { B(0, 1, 1) } },
	{ "4 grown at the end", A(0, 1, 1), A(0, 2, 1), 1, { A(0, 2, 1) } },
	{ "5 start replaced", A(0, 2, 1), B(0, 1, 1), 2, { B(0, 1, 1), A(1, 2, 2) } },
	{ "6 start again", A(0, 2, 1), A(0, 1, 1), 2, { A(0, 1, 1), A(1, 2, 2) } },
	{ "7 end replaced", A(0, 2, 1), B(1, 2, 3), 2, { A(0, 1, 1), B(1, 2, 3) } },
	{ "8 end again", A(0, 2, 1), A(1, 2, 2), 2, { A(0, 1, 1), A(1, 2, 2) } },
	{ "9 over the end", A(0, 2, 1), B(1, 3, 2), 2, { A(0, 1, 1), B(1, 3, 2) } },
	{ "10 over the end, continued", A(0, 2, 1), A(1, 3, 2), 2, { A(0, 1, 1), A(1, 3, 2) } },
	{ "11 middle replaced", A(0, 3, 1), B(1, 2, 3), 3,
	  { A(0, 1, 1), B(1, 2, 3), A(2, 3, 3) } },
	{ "12 middle again", A(0, 3, 1), A(1, 2, 2), 3, { A(0, 1, 1), A(1, 2, 2), A(2, 3, 3) } },
	{ "13 grown at the start", A(1, 2, 2), A(0, 2, 1), 1, { A(0, 2, 1) } },
	{ "14 grown at both ends", A(1, 2, 2), A(0, 3, 1), 1, { A(0, 3, 1) } },
	{ "15 over the start", A(1, 3, 1), B(0, 2, 2), 2, { B(0, 2, 2), A(2, 3, 2) } },
	{ "nothing there", A(0, 1, 1), B(2, 3, 1), 2, { A(0, 1, 1), B(2, 3, 1) } },
	{ "unmap all", A(0, 2, 1), NO(0, 2), 0 },
	{ "unmap more than there is", A(1, 2, 1), NO(0, 3), 0 },
	{ "unmap the start", A(0, 2, 1), NO(0, 1), 1, { A(1, 2, 2) } },
	{ "unmap the end", A(0, 2, 1), NO(1, 3), 1, { A(0, 1, 1) } },
	{ "unmap the middle", A(0, 3, 1), NO(1, 2), 2, { A(0, 1, 1), A(2, 3, 3) } },
	{ "unmap nothing", A(0, 2, 1), NO(2, 3), 1, { A(0, 2, 1) } },
};

/* What the memories are. Only the old mapping has @flags: its pieces must keep them. */
struct kind {
	const char *name;
	u32 flags;
	bool null;
	bool user;
	bool private;
};

static const struct kind kinds[] = {
	{ "BO" },
	{ "private BO", .private = true },
	{ "read-only BO", DRM_XE_VM_BIND_FLAG_READONLY | DRM_XE_VM_BIND_FLAG_DUMPABLE },
	{ "NULL", .null = true },
	{ "read-only NULL", DRM_XE_VM_BIND_FLAG_READONLY, .null = true },
	{ "userptr", .user = true },
	{ "read-only userptr", DRM_XE_VM_BIND_FLAG_READONLY, .user = true },
};

static const struct drawing *drawing_of(const void *param)
{
	return &drawings[((unsigned long)param - 1) / ARRAY_SIZE(kinds)];
}

static const struct kind *kind_of(const void *param)
{
	return &kinds[((unsigned long)param - 1) % ARRAY_SIZE(kinds)];
}

/* Parameters are numbers from 1: each drawing with each kind. */
static const void *drawing_gen_params(const void *prev, char *desc)
{
	const void *next = prev + 1;

	if ((unsigned long)next > ARRAY_SIZE(drawings) * ARRAY_SIZE(kinds))
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s", drawing_of(next)->name,
		 kind_of(next)->name);

	return next;
}

/* One mapping as the VA tree and the lists have it. Without holes: compared as bytes */
struct seen {
	const struct xe_vma *vma;
	const void *userptr;
	const void *vm_bo;
	u64 start;
	u64 end;
	u64 offset;
	u32 flags;
	u32 linked;
};

#define MAX_SEEN	8

/* Everything a failed bind must not change */
struct state {
	u32 n;
	struct seen seen[MAX_SEEN];
	u64 addr[PAGES];
	u32 refs[N_MEMS];
	u32 n_tables;
};

struct ops_test {
	struct xe_vm *vm;
	const struct kind *kind;
	struct xe_bo *bo[N_MEMS];
	u64 user[N_MEMS];
	/* translation of each page of the memories, and of a NULL mapping */
	u64 addr[N_MEMS][PAGES];
	struct state before;
	struct state after;
};

/* 0: not mapped. Bit 0: writable. Bit 1: null */
static u64 translate(const struct ops_test *t, u64 va)
{
	struct xe_pt_translation found;

	if (xe_pt_translate(&t->vm->ppgtt->tree, va, &found))
		return 0;

	return (found.page.attrs.null ? 0 : found.addr) | found.page.attrs.writable |
	       found.page.attrs.null << 1;
}

static struct xe_vm_bind_req make_req(const struct ops_test *t, u64 addr, u64 range,
				      const struct piece *p)
{
	struct xe_vm_bind_req req = { .op = DRM_XE_VM_BIND_OP_UNMAP, .addr = addr, .range = range };

	if (p->mem == NONE)
		return req;

	req.op = DRM_XE_VM_BIND_OP_MAP;
	req.offset = p->offset * UNIT;
	if (t->kind->null) {
		req.flags = DRM_XE_VM_BIND_FLAG_NULL;
		req.offset = 0;
	} else if (t->kind->user) {
		req.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
		req.offset += t->user[p->mem];
	} else {
		req.bo = t->bo[p->mem];
	}

	return req;
}

enum stop { STOP_STAGED, STOP_PREPARED, STOP_NEVER };

/* Carry a request out, or up to @stop and back. */
static void bind(struct kunit *test, struct ops_test *t, struct xe_vm_bind_req *req, enum stop stop)
{
	struct xe_vm_bind bind = { .vm = t->vm, .reqs = req, .n_reqs = 1 };
	int err;

	down_write(&t->vm->lock);
	err = xe_vm_bind_stage(&bind);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err && stop != STOP_STAGED) {
		err = xe_vm_bind_prepare(&bind);
		KUNIT_EXPECT_EQ(test, err, 0);
	}
	if (!err && stop == STOP_NEVER) {
		xe_vm_bind_commit(&bind);
		xe_vm_bind_execute(&bind);
	}
	xe_vm_bind_finish(&bind, stop == STOP_NEVER ? err : -EINTR);
	up_write(&t->vm->lock);
	xe_vm_bind_release(&bind);
}

static struct xe_vm_bind_req piece_req(const struct ops_test *t, const struct piece *p)
{
	return make_req(t, BASE + p->first * UNIT, (p->end - p->first) * UNIT, p);
}

static void look_at(struct kunit *test, const struct xe_vma *vma, struct state *s)
{
	const struct drm_gpuva *va = &vma->gpuva;

	KUNIT_ASSERT_LT(test, s->n, MAX_SEEN);
	s->seen[s->n++] = (struct seen) {
		.vma = vma,
		.userptr = vma->userptr,
		.vm_bo = va->vm_bo,
		.start = xe_vma_start(vma),
		.end = xe_vma_end(vma),
		.offset = va->gem.offset,
		.flags = va->flags,
		.linked = va->gem.obj ? !list_empty(&va->gem.entry) :
					!list_empty(&vma->userptr_link),
	};
}

static void look(struct kunit *test, struct ops_test *t, struct state *s)
{
	struct drm_gpuva *va;
	unsigned int i;

	memset(s, 0, sizeof(*s));
	down_read(&t->vm->lock);
	drm_gpuvm_for_each_va_range(va, &t->vm->gpuvm, BASE, BASE + UNITS * UNIT)
		look_at(test, to_xe_vma(va), s);
	up_read(&t->vm->lock);

	dma_resv_lock(drm_gpuvm_resv(&t->vm->gpuvm), NULL);
	for (i = 0; i < PAGES; i++)
		s->addr[i] = translate(t, BASE + i * SZ_4K);
	KUNIT_EXPECT_EQ(test, xe_pt_check(&t->vm->ppgtt->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
	dma_resv_unlock(drm_gpuvm_resv(&t->vm->gpuvm));

	for (i = 0; i < N_MEMS; i++)
		s->refs[i] = t->bo[i] ? kref_read(&t->bo[i]->ttm.base.refcount) : 0;
	xe_pt_tree_trim(&t->vm->ppgtt->tree);
	s->n_tables = atomic_read(&t->vm->ppgtt->n_tables);
}

/* Map either memory as a whole, and note what its pages translate to. */
static void learn(struct kunit *test, struct ops_test *t)
{
	struct xe_vm_bind_req req;
	unsigned int m, i;

	for (m = 0; m < N_MEMS; m++) {
		req = make_req(t, WINDOW(m), UNITS * UNIT, &(struct piece){ .mem = m });
		bind(test, t, &req, STOP_NEVER);
		for (i = 0; i < PAGES; i++) {
			t->addr[m][i] = translate(t, WINDOW(m) + i * SZ_4K);
			KUNIT_EXPECT_NE(test, t->addr[m][i], 0);
		}
	}
}

static struct ops_test *make_test(struct kunit *test, const struct kind *kind)
{
	struct ops_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct xe_device *xe = xe_fake_device(test);
	unsigned int m;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->kind = kind;
	t->vm = xe_fake_vm(test, xe, 0);
	for (m = 0; m < N_MEMS; m++) {
		if (kind->user)
			t->user[m] = (u64)xe_fake_user(test, UNITS * UNIT, NULL);
		else if (!kind->null)
			t->bo[m] = xe_fake_bo(test, xe, kind->private ? t->vm : NULL, UNITS * UNIT);
	}
	learn(test, t);

	return t;
}

/* The translation of a page of a piece that has the flags of the old mapping, or has none. */
static u64 expected_addr(const struct ops_test *t, const struct piece *p, unsigned int page,
			 bool old)
{
	u64 addr = t->addr[p->mem][p->offset * UNIT_PAGES + page];

	return old && t->kind->flags & DRM_XE_VM_BIND_FLAG_READONLY ? addr & ~1ULL : addr;
}

static void expect_piece(struct kunit *test, const struct ops_test *t, const struct piece *p,
			 const struct piece *req, const struct seen *seen)
{
	bool old = p->first != req->first || p->mem != req->mem;
	u32 flags = XE_VMA_IN_TREE | (t->kind->null ? DRM_GPUVA_SPARSE : 0);
	const struct state *s = &t->after;
	unsigned int i;
	u64 offset;

	if (old && t->kind->flags & DRM_XE_VM_BIND_FLAG_READONLY)
		flags |= XE_VMA_READONLY;
	if (old && t->kind->flags & DRM_XE_VM_BIND_FLAG_DUMPABLE)
		flags |= XE_VMA_DUMPABLE;
	KUNIT_EXPECT_EQ(test, seen->start, BASE + p->first * UNIT);
	KUNIT_EXPECT_EQ(test, seen->end, BASE + p->end * UNIT);
	KUNIT_EXPECT_EQ(test, seen->flags, flags);
	KUNIT_EXPECT_EQ(test, seen->linked, !t->kind->null);
	if (!t->kind->null) {
		offset = t->user[p->mem] + p->offset * UNIT;
		KUNIT_EXPECT_EQ(test, seen->offset, offset);
	}
	/* Pieces share the pages of what they were cut from. */
	if (t->kind->user)
		KUNIT_EXPECT_EQ(test, old, seen->userptr == t->before.seen[0].userptr);
	for (i = 0; i < (p->end - p->first) * UNIT_PAGES; i++)
		KUNIT_EXPECT_EQ_MSG(test, s->addr[p->first * UNIT_PAGES + i],
				    expected_addr(t, p, i, old), "page %u", i);
}

static void expect_drawing(struct kunit *test, const struct ops_test *t, const struct drawing *d)
{
	unsigned int mapped = 0, found = 0, i;

	KUNIT_ASSERT_EQ(test, t->after.n, d->n);
	for (i = 0; i < d->n; i++) {
		expect_piece(test, t, &d->expect[i], &d->req, &t->after.seen[i]);
		mapped += (d->expect[i].end - d->expect[i].first) * UNIT_PAGES;
	}
	for (i = 0; i < PAGES; i++)
		found += t->after.addr[i] != 0;
	KUNIT_EXPECT_EQ(test, found, mapped);
}

static void test_drawing(struct kunit *test)
{
	const struct drawing *d = drawing_of(test->param_value);
	struct ops_test *t = make_test(test, kind_of(test->param_value));
	struct xe_vm_bind_req req = piece_req(t, &d->old);
	enum stop stop;

	req.flags |= t->kind->flags;
	bind(test, t, &req, STOP_NEVER);
	look(test, t, &t->before);
	KUNIT_ASSERT_EQ(test, t->before.n, 1);

	for (stop = STOP_STAGED; stop < STOP_NEVER; stop++) {
		req = piece_req(t, &d->req);
		bind(test, t, &req, stop);
		look(test, t, &t->after);
		KUNIT_EXPECT_MEMEQ(test, &t->after, &t->before, sizeof(t->before));
	}

	req = piece_req(t, &d->req);
	bind(test, t, &req, STOP_NEVER);
	look(test, t, &t->after);
	expect_drawing(test, t, d);
}

/* Requests of one bind see each other's steps, and are taken back together. */
static void test_array(struct kunit *test)
{
	struct ops_test *t = make_test(test, &kinds[0]);
	const struct piece steps[] = { B(0, 4, 0), A(1, 2, 0), NO(2, 3), A(0, 3, 1), NO(1, 2) };
	struct xe_vm_bind_req reqs[ARRAY_SIZE(steps)];
	struct xe_vm_bind bind_all = { .vm = t->vm, .reqs = reqs, .n_reqs = ARRAY_SIZE(reqs) };
	struct xe_vm_bind_req old = piece_req(t, &(struct piece)A(1, 3, 1));
	const struct drawing last = {
		.req = { .first = UNITS, .mem = NONE }, .n = 3,
		.expect = { A(0, 1, 1), A(2, 3, 3), B(3, 4, 3) },
	};
	unsigned int i, round;

	bind(test, t, &old, STOP_NEVER);
	look(test, t, &t->before);

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(reqs); i++)
			reqs[i] = piece_req(t, &steps[i]);
		down_write(&t->vm->lock);
		KUNIT_EXPECT_EQ(test, xe_vm_bind_stage(&bind_all), 0);
		KUNIT_EXPECT_EQ(test, xe_vm_bind_prepare(&bind_all), 0);
		if (round) {
			xe_vm_bind_commit(&bind_all);
			xe_vm_bind_execute(&bind_all);
		}
		xe_vm_bind_finish(&bind_all, round ? 0 : -EINTR);
		up_write(&t->vm->lock);
		xe_vm_bind_release(&bind_all);
		look(test, t, &t->after);
		if (!round)
			KUNIT_EXPECT_MEMEQ(test, &t->after, &t->before, sizeof(t->before));
	}
	expect_drawing(test, t, &last);
}

static struct kunit_case vm_ops_cases[] = {
	KUNIT_CASE_PARAM(test_drawing, drawing_gen_params),
	KUNIT_CASE(test_array),
	{}
};

static struct kunit_suite vm_ops_suite = {
	.name = "xe_vm_ops",
	.test_cases = vm_ops_cases,
};

kunit_test_suite(vm_ops_suite);
