// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The fifteen ways in which a new mapping meets an old one, as drm_gpuvm draws them, what an unmap
 * leaves, prefetches, and arrays of all these: staged and taken back, prepared and taken back,
 * carried out. Every kind of mapping meets every other, large pages are cut, and the old mapping
 * may be one that waits for a rebind. Mappings, page tables, lists and reference counts are
 * compared with what they were, or with what the drawing says.
 */
#include <kunit/test.h>

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/list.h>
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

/* Extent of a drawing, and of every memory, in units; most pages that may be */
#define UNITS		4
#define MAX_PAGES	(UNITS * SZ_1M / SZ_4K)
/* Where a memory is mapped as a whole, to know its translations */
#define WINDOW		(16ULL * SZ_1G)

/*
 * Length of a unit and address of unit 0. Small drawings cross from one last-level table to the
 * next. Large ones begin with a large page, and half of it is a unit.
 */
struct scale {
	u32 unit;
	u64 base;
};

static const struct scale small = { .unit = 4 * SZ_4K, .base = SZ_1G + SZ_2M - 4 * SZ_4K };
static const struct scale large = { .unit = SZ_1M, .base = SZ_1G };

/* Both memories of a drawing; and what a request does that maps none */
enum mem { MEM_A, MEM_B, N_MEMS, UNMAP = N_MEMS, UNMAP_ALL, PREFETCH };

/* Units [first, end) mapped to memory @mem from unit @offset on; no units: not a piece */
struct piece {
	u8 first;
	u8 end;
	enum mem mem;
	u8 offset;
};

#define MAX_PIECES	3
#define MAX_REQS	5

struct drawing {
	const char *name;
	struct piece old;
	struct piece reqs[MAX_REQS];
	struct piece expect[MAX_PIECES];
	bool large;
};

#define A(first, end, offset)	{ first, end, MEM_A, offset }
#define B(first, end, offset)	{ first, end, MEM_B, offset }
#define NO(first, end)		{ first, end, UNMAP, 0 }
#define FETCH(first, end)	{ first, end, PREFETCH, 0 }
/* Unmaps the object that is memory A, wherever it is */
#define NO_A			{ 0, UNITS, UNMAP_ALL, 0 }

static const struct drawing drawings[] = {
	{ "1 same again", A(0, 1, 1), { A(0, 1, 1) }, { A(0, 1, 1) } },
	{ "2 other offset", A(0, 1, 1), { A(0, 1, 2) }, { A(0, 1, 2) } },
	{ "3 other memory", A(0, 1, 1), { B(0, 1, 1) }, { B(0, 1, 1) } },
	{ "4 grown at the end", A(0, 1, 1), { A(0, 2, 1) }, { A(0, 2, 1) } },
	{ "5 start replaced", A(0, 2, 1), { B(0, 1, 1) }, { B(0, 1, 1), A(1, 2, 2) } },
	{ "6 start again", A(0, 2, 1), { A(0, 1, 1) }, { A(0, 1, 1), A(1, 2, 2) } },
	{ "7 end replaced", A(0, 2, 1), { B(1, 2, 3) }, { A(0, 1, 1), B(1, 2, 3) } },
	{ "8 end again", A(0, 2, 1), { A(1, 2, 2) }, { A(0, 1, 1), A(1, 2, 2) } },
	{ "9 over the end", A(0, 2, 1), { B(1, 3, 2) }, { A(0, 1, 1), B(1, 3, 2) } },
	{ "10 over the end, continued", A(0, 2, 1), { A(1, 3, 2) }, { A(0, 1, 1), A(1, 3, 2) } },
	{ "11 middle replaced", A(0, 3, 1), { B(1, 2, 3) },
	  { A(0, 1, 1), B(1, 2, 3), A(2, 3, 3) } },
	{ "12 middle again", A(0, 3, 1), { A(1, 2, 2) }, { A(0, 1, 1), A(1, 2, 2), A(2, 3, 3) } },
	{ "13 grown at the start", A(1, 2, 2), { A(0, 2, 1) }, { A(0, 2, 1) } },
	{ "14 grown at both ends", A(1, 2, 2), { A(0, 3, 1) }, { A(0, 3, 1) } },
	{ "15 over the start", A(1, 3, 1), { B(0, 2, 2) }, { B(0, 2, 2), A(2, 3, 2) } },
	{ "nothing there", A(0, 1, 1), { B(2, 3, 1) }, { A(0, 1, 1), B(2, 3, 1) } },

	{ "unmap all", A(0, 2, 1), { NO(0, 2) } },
	{ "unmap more than there is", A(1, 2, 1), { NO(0, 3) } },
	{ "unmap the start", A(0, 2, 1), { NO(0, 1) }, { A(1, 2, 2) } },
	{ "unmap the end", A(0, 2, 1), { NO(1, 3) }, { A(0, 1, 1) } },
	{ "unmap the middle", A(0, 3, 1), { NO(1, 2) }, { A(0, 1, 1), A(2, 3, 3) } },
	{ "unmap nothing", A(0, 2, 1), { NO(2, 3) }, { A(0, 2, 1) } },
	{ "unmap the object", A(1, 3, 1), { NO_A } },

	{ "prefetch", A(1, 3, 0), { FETCH(0, 4) }, { A(1, 3, 0) } },
	{ "prefetch a part", A(0, 3, 1), { FETCH(1, 2) }, { A(0, 3, 1) } },
	{ "prefetch nothing", A(0, 2, 1), { FETCH(2, 3) }, { A(0, 2, 1) } },

	{ "requests see each other", A(1, 3, 1),
	  { B(0, 4, 0), A(1, 2, 0), NO(2, 3), A(0, 3, 1), NO(1, 2) },
	  { A(0, 1, 1), A(2, 3, 3), B(3, 4, 3) } },
	{ "cut, cut again", A(0, 4, 0), { NO(1, 2), B(0, 1, 2), NO(3, 4) },
	  { B(0, 1, 2), A(2, 3, 2) } },
	{ "cut, prefetch", A(0, 3, 1), { B(1, 2, 3), FETCH(0, 4) },
	  { A(0, 1, 1), B(1, 2, 3), A(2, 3, 3) } },
	{ "prefetch, cut", A(0, 3, 1), { FETCH(0, 4), B(1, 2, 3) },
	  { A(0, 1, 1), B(1, 2, 3), A(2, 3, 3) } },
	{ "cut, unmap the object", A(0, 3, 1), { B(1, 2, 3), NO_A }, { B(1, 2, 3) } },
	{ "unmap the object twice", A(0, 1, 1), { A(2, 4, 0), NO_A, A(1, 2, 0), NO_A } },
	{ "unmap the object, map it", A(0, 3, 1), { NO_A, A(1, 2, 3) }, { A(1, 2, 3) } },

	{ "large, middle replaced", A(0, 4, 0), { B(1, 3, 1) },
	  { A(0, 1, 0), B(1, 3, 1), A(3, 4, 3) }, true },
	{ "large, middle again", A(0, 4, 0), { A(1, 2, 1) },
	  { A(0, 1, 0), A(1, 2, 1), A(2, 4, 2) }, true },
	{ "large, grown at both ends", A(1, 2, 1), { A(0, 4, 0) }, { A(0, 4, 0) }, true },
	{ "large, unmap the start", A(0, 2, 0), { NO(0, 1) }, { A(1, 2, 1) }, true },
	{ "large, prefetch", A(0, 4, 0), { FETCH(1, 2) }, { A(0, 4, 0) }, true },
	{ "large, cut, unmap the object", A(0, 4, 0), { B(1, 2, 1), NO_A }, { B(1, 2, 1) }, true },
};

/* What the memories are, of the old mapping or of new ones */
enum kind { SHARED, PRIVATE, USERPTR, NOTHING, N_KINDS, N_BO_KINDS = USERPTR };

#define N_BOS	(N_BO_KINDS * N_MEMS)

static const char * const kind_names[N_KINDS] = {
	[SHARED] = "BO",
	[PRIVATE] = "private BO",
	[USERPTR] = "userptr",
	[NOTHING] = "NULL",
};

/*
 * What a mapping is told to be: a piece must keep it, and a new mapping must not get it from an old
 * one. In the first round the old mapping is the first, and new ones are the second.
 */
static const struct mark {
	u32 bind_flags;
	u32 flags;
	u16 pat_index;
} marks[] = {
	{ DRM_XE_VM_BIND_FLAG_READONLY, XE_VMA_READONLY, 2 },
	{ DRM_XE_VM_BIND_FLAG_DUMPABLE, XE_VMA_DUMPABLE, 1 },
};

#define N_ROUNDS	ARRAY_SIZE(marks)

/* One test. In the second round the old mapping waits for a rebind. */
struct combination {
	const struct drawing *d;
	const struct scale *scale;
	enum kind old;
	enum kind new;
	unsigned int round;
};

static bool maps(const struct piece *p)
{
	return p->end && p->mem < N_MEMS;
}

static bool has_request(const struct drawing *d, enum mem what)
{
	unsigned int i;

	for (i = 0; i < MAX_REQS; i++)
		if (d->reqs[i].end && d->reqs[i].mem == what)
			return true;

	return false;
}

/*
 * Rounds take turns, which halves the time: every drawing has both of them with each kind of old
 * mapping, if something new meets it.
 */
static struct combination combination_of(const void *param)
{
	unsigned long n = (unsigned long)param - 1;
	const struct drawing *d = &drawings[n / (N_KINDS * N_KINDS)];
	enum kind old = n / N_KINDS % N_KINDS, new = n % N_KINDS;

	return (struct combination) {
		.d = d,
		.scale = d->large ? &large : &small,
		.old = old,
		.new = new,
		.round = (d - drawings + old + new / 2) % N_ROUNDS,
	};
}

/* Without a new mapping its kind makes no difference; what to unmap by name has to have one. */
static bool makes_sense(const struct combination *c)
{
	bool has_map = has_request(c->d, MEM_A) || has_request(c->d, MEM_B);

	if (has_request(c->d, UNMAP_ALL))
		return c->old == c->new && c->old < N_BO_KINDS;

	return has_map || c->old == c->new;
}

/* Parameters are numbers from 1: each drawing with each pair of kinds. */
static const void *drawing_gen_params(const void *prev, char *desc)
{
	const void *next = prev;
	struct combination c;

	do {
		next++;
		if ((unsigned long)next > ARRAY_SIZE(drawings) * N_KINDS * N_KINDS)
			return NULL;
		c = combination_of(next);
	} while (!makes_sense(&c));
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s, %s%s", c.d->name, kind_names[c.old],
		 kind_names[c.new], c.round ? ", stale" : "");

	return next;
}

/* One mapping as the VA tree and the lists have it. Without holes: compared as bytes */
struct seen {
	const struct xe_vma *vma;
	const struct xe_userptr *userptr;
	const struct drm_gpuvm_bo *vm_bo;
	u64 start;
	u64 end;
	u64 offset;
	u32 flags;
	u32 pat_index;
	u32 linked;
	u32 stale;
	u32 userptr_refs;
	u32 vm_bo_refs;
};

#define MAX_SEEN	8

/* Everything a failed bind must not change */
struct state {
	u32 n;
	u32 n_tables;
	struct seen seen[MAX_SEEN];
	u64 addr[MAX_PAGES];
	u32 vm_refs;
	u32 bo_refs[N_BOS];
	u32 bo_mappings[N_BOS];
	u32 n_external;
	u32 n_evicted;
	u32 n_rebind;
	u32 n_stale;
	u32 n_invalidated;
	u32 n_repin;
};

struct ops_test {
	struct combination c;
	struct xe_vm *vm;
	/* see bo_slot() */
	struct xe_bo *bo[N_BOS];
	u64 user[N_MEMS];
	/* address of each page of the memories */
	u64 addr[N_KINDS][N_MEMS][MAX_PAGES];
	struct state empty;
	struct state before;
	struct state after;
};

static unsigned int bo_slot(enum kind kind, enum mem mem)
{
	return kind * N_MEMS + mem;
}

static const struct mark *old_mark(const struct ops_test *t)
{
	return &marks[t->c.round];
}

static const struct mark *new_mark(const struct ops_test *t)
{
	return &marks[!t->c.round];
}

static bool old_is_stale(const struct ops_test *t)
{
	return t->c.round;
}

static unsigned int unit_pages(const struct ops_test *t)
{
	return t->c.scale->unit / SZ_4K;
}

/* Address and attributes of a page that is mapped */
static u64 page_word(u64 addr, u16 pat_index, bool writable, bool null)
{
	return addr | pat_index << 3 | null << 2 | writable << 1 | 1;
}

/* The same as the page tables have it; 0: not mapped */
static u64 translate(const struct ops_test *t, u64 va)
{
	struct xe_pt_translation found;

	if (xe_pt_translate(&t->vm->ppgtt->tree, va, &found))
		return 0;

	return page_word(found.page.attrs.null ? 0 : found.addr, found.page.attrs.pat_index,
			 found.page.attrs.writable, found.page.attrs.null);
}

/* A request for what @p says, in the window of a drawing or of a memory, at @base */
static struct xe_vm_bind_req make_req(const struct ops_test *t, u64 base, const struct piece *p,
				      enum kind kind, const struct mark *mark)
{
	u32 unit = t->c.scale->unit;
	struct xe_vm_bind_req req = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = base + p->first * unit,
		.range = (p->end - p->first) * unit,
	};

	switch (p->mem) {
	case UNMAP:
		return req;
	case PREFETCH:
		req.op = DRM_XE_VM_BIND_OP_PREFETCH;
		return req;
	case UNMAP_ALL:
		return (struct xe_vm_bind_req) {
			.op = DRM_XE_VM_BIND_OP_UNMAP_ALL,
			.bo = t->bo[bo_slot(kind, MEM_A)],
		};
	default:
		break;
	}

	req.op = DRM_XE_VM_BIND_OP_MAP;
	req.flags = mark->bind_flags;
	req.pat_index = mark->pat_index;
	req.offset = p->offset * unit;
	if (kind == NOTHING) {
		req.flags |= DRM_XE_VM_BIND_FLAG_NULL;
		req.offset = 0;
	} else if (kind == USERPTR) {
		req.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
		req.offset += t->user[p->mem];
	} else {
		req.bo = t->bo[bo_slot(kind, p->mem)];
	}

	return req;
}

enum stop { STOP_STAGED, STOP_PREPARED, STOP_NEVER };

/* Carry out what @bind is filled with, or up to @stop and back. */
static void run_bind(struct kunit *test, struct ops_test *t, struct xe_vm_bind *bind,
		     enum stop stop)
{
	int err;

	bind->vm = t->vm;
	down_write(&t->vm->lock);
	err = xe_vm_bind_stage(bind);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (!err && stop != STOP_STAGED) {
		err = xe_vm_bind_prepare(bind);
		KUNIT_EXPECT_EQ(test, err, 0);
	}
	if (!err && stop == STOP_NEVER) {
		xe_vm_bind_commit(bind);
		xe_vm_bind_execute(bind);
	}
	xe_vm_bind_finish(bind, stop == STOP_NEVER ? err : -EINTR);
	up_write(&t->vm->lock);
	xe_vm_bind_release(bind);
}

static void bind_one(struct kunit *test, struct ops_test *t, struct xe_vm_bind_req req)
{
	struct xe_vm_bind *bind = kunit_kzalloc(test, sizeof(*bind), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bind);
	bind->reqs = &req;
	bind->n_reqs = 1;
	run_bind(test, t, bind, STOP_NEVER);
}

/* The requests of the drawing. Return: what xe_vm_bind_commit() has found the old mapping to be */
static struct xe_vm_bind *bind_drawing(struct kunit *test, struct ops_test *t, enum stop stop)
{
	struct xe_vm_bind *bind = kunit_kzalloc(test, sizeof(*bind), GFP_KERNEL);
	struct xe_vm_bind_req reqs[MAX_REQS];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, bind);
	for (i = 0; i < MAX_REQS && t->c.d->reqs[i].end; i++)
		reqs[i] = make_req(t, t->c.scale->base, &t->c.d->reqs[i], t->c.new, new_mark(t));
	bind->reqs = reqs;
	bind->n_reqs = i;
	run_bind(test, t, bind, stop);
	bind->reqs = NULL;

	return bind;
}

/* Nobody holds a BO or a page set but its mappings, and whoever waits for pages. */
static void look_at(struct kunit *test, struct xe_vma *vma, struct state *s)
{
	const struct drm_gpuva *va = &vma->gpuva;
	struct xe_userptr *up = vma->userptr;
	struct drm_gpuvm_bo *vm_bo = va->vm_bo;

	if (s->n == MAX_SEEN) {
		KUNIT_FAIL(test, "more than %u mappings", MAX_SEEN);
		return;
	}
	s->seen[s->n++] = (struct seen) {
		.vma = vma,
		.userptr = up,
		.vm_bo = vm_bo,
		.start = xe_vma_start(vma),
		.end = xe_vma_end(vma),
		.offset = va->gem.offset,
		.flags = va->flags,
		.pat_index = vma->pat_index,
		.linked = !list_empty(vm_bo ? &va->gem.entry : &vma->userptr_link),
		.stale = !list_empty(&vma->rebind_link) + 2 * !list_empty(&vma->stale_link),
		.userptr_refs = up ? kref_read(&up->ref) : 0,
		.vm_bo_refs = vm_bo ? kref_read(&vm_bo->kref) : 0,
	};

	if (up)
		KUNIT_EXPECT_EQ(test, kref_read(&up->ref),
				list_count_nodes(&up->vmas) + !list_empty(&up->repin_link));
	if (vm_bo)
		KUNIT_EXPECT_EQ(test, kref_read(&vm_bo->kref),
				list_count_nodes(&vm_bo->list.gpuva));
}

static void look(struct kunit *test, struct ops_test *t, struct state *s)
{
	u64 base = t->c.scale->base;
	struct xe_vm *vm = t->vm;
	struct drm_gpuva *va;
	unsigned int i;

	memset(s, 0, sizeof(*s));
	down_read(&vm->lock);
	dma_resv_lock(drm_gpuvm_resv(&vm->gpuvm), NULL);
	drm_gpuvm_for_each_va_range(va, &vm->gpuvm, base, base + UNITS * t->c.scale->unit)
		look_at(test, to_xe_vma(va), s);
	for (i = 0; i < UNITS * unit_pages(t); i++)
		s->addr[i] = translate(t, base + i * SZ_4K);
	KUNIT_EXPECT_EQ(test, xe_pt_check(&vm->ppgtt->tree, XE_PT_CHECK_WRITTEN, NULL), 0);
	s->n_external = list_count_nodes(&vm->gpuvm.extobj.list);
	s->n_evicted = list_count_nodes(&vm->gpuvm.evict.list);
	s->n_rebind = list_count_nodes(&vm->rebind_list);
	s->n_stale = list_count_nodes(&vm->userptr.stale);
	s->n_invalidated = list_count_nodes(&vm->userptr.invalidated);
	s->n_repin = list_count_nodes(&vm->userptr.repin);
	dma_resv_unlock(drm_gpuvm_resv(&vm->gpuvm));
	up_read(&vm->lock);

	s->vm_refs = kref_read(&vm->gpuvm.kref);
	for (i = 0; i < N_BOS; i++) {
		s->bo_refs[i] = t->bo[i] ? kref_read(&t->bo[i]->ttm.base.refcount) : 0;
		s->bo_mappings[i] = t->bo[i] ? t->bo[i]->n_mappings : 0;
	}
	xe_pt_tree_trim(&vm->ppgtt->tree);
	s->n_tables = atomic_read(&vm->ppgtt->n_tables);
}

/* Map all of a memory, note where its pages are, and unmap it. */
static void learn(struct kunit *test, struct ops_test *t, enum kind kind, enum mem mem)
{
	const struct piece all = { 0, UNITS, mem, 0 }, none = NO(0, UNITS);
	static const struct mark plain;
	unsigned int i;
	u64 word;

	bind_one(test, t, make_req(t, WINDOW, &all, kind, &plain));
	for (i = 0; i < UNITS * unit_pages(t); i++) {
		word = translate(t, WINDOW + i * SZ_4K);
		KUNIT_EXPECT_NE(test, word, 0);
		t->addr[kind][mem][i] = ALIGN_DOWN(word, SZ_4K);
	}
	bind_one(test, t, make_req(t, WINDOW, &none, kind, &plain));
}

static void make_memories(struct kunit *test, struct ops_test *t, enum kind kind)
{
	struct xe_vm *owner = kind == PRIVATE ? t->vm : NULL;
	u64 size = UNITS * t->c.scale->unit;
	enum mem m;

	for (m = 0; m < N_MEMS; m++) {
		if (kind == USERPTR)
			t->user[m] = (u64)xe_fake_user(test, size, NULL);
		else if (kind != NOTHING)
			t->bo[bo_slot(kind, m)] = xe_fake_bo(test, t->vm->xe, owner, size);
		learn(test, t, kind, m);
	}
}

static struct ops_test *make_test(struct kunit *test)
{
	struct ops_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->c = combination_of(test->param_value);
	t->vm = xe_fake_vm(test, xe_fake_device(test), 0);
	make_memories(test, t, t->c.old);
	if (t->c.new != t->c.old)
		make_memories(test, t, t->c.new);
	look(test, t, &t->empty);

	return t;
}

/* As if the old mapping had lost its memory for a while. */
static void make_stale(struct ops_test *t)
{
	u64 base = t->c.scale->base;
	struct xe_vm *vm = t->vm;
	struct xe_vma *vma;

	down_write(&vm->lock);
	dma_resv_lock(drm_gpuvm_resv(&vm->gpuvm), NULL);
	vma = to_xe_vma(drm_gpuva_find_first(&vm->gpuvm, base, UNITS * t->c.scale->unit));
	vma->gpuva.flags |= XE_VMA_UNBACKED;
	if (vma->userptr)
		list_add_tail(&vma->stale_link, &vm->userptr.stale);
	else
		list_add_tail(&vma->rebind_link, &vm->rebind_list);
	dma_resv_unlock(drm_gpuvm_resv(&vm->gpuvm));
	up_write(&vm->lock);
}

static void map_old(struct kunit *test, struct ops_test *t)
{
	bind_one(test, t, make_req(t, t->c.scale->base, &t->c.d->old, t->c.old, old_mark(t)));
	if (old_is_stale(t))
		make_stale(t);
	look(test, t, &t->before);
	KUNIT_ASSERT_EQ(test, t->before.n, 1);
}

/* Does what a request maps include this piece? */
static bool comes_from(const struct piece *p, const struct piece *req)
{
	return maps(req) && req->mem == p->mem && req->first <= p->first && req->end >= p->end &&
	       p->offset - req->offset == p->first - req->first;
}

static bool is_old(const struct ops_test *t, const struct piece *p)
{
	unsigned int i;

	for (i = 0; i < MAX_REQS; i++)
		if (comes_from(p, &t->c.d->reqs[i]))
			return false;

	return true;
}

/* Has the old mapping met a request? */
static bool old_is_touched(const struct ops_test *t)
{
	const struct drawing *d = t->c.d;
	unsigned int i;

	for (i = 0; i < MAX_REQS; i++)
		if (d->reqs[i].first < d->old.end && d->reqs[i].end > d->old.first)
			return true;

	return false;
}

/* Whoever is prefetched need not be rebound. */
static bool stays_stale(const struct ops_test *t)
{
	return old_is_stale(t) && !(has_request(t->c.d, PREFETCH) && old_is_touched(t));
}

static void expect_attrs(struct kunit *test, const struct ops_test *t, const struct piece *p,
			 const struct seen *seen)
{
	bool old = is_old(t, p), stale = old && stays_stale(t);
	const struct mark *mark = old ? old_mark(t) : new_mark(t);
	enum kind kind = old ? t->c.old : t->c.new;
	u32 flags = mark->flags | XE_VMA_IN_TREE;

	if (kind == NOTHING)
		flags |= DRM_GPUVA_SPARSE;
	if (stale)
		flags |= XE_VMA_UNBACKED;
	KUNIT_EXPECT_EQ(test, seen->flags, flags);
	KUNIT_EXPECT_EQ(test, seen->pat_index, mark->pat_index);
	KUNIT_EXPECT_EQ(test, seen->linked, kind != NOTHING);
	/* In the list in which the old mapping was */
	KUNIT_EXPECT_EQ(test, seen->stale, stale ? t->before.seen[0].stale : 0);
	KUNIT_EXPECT_EQ(test, !!seen->userptr, kind == USERPTR);
	KUNIT_EXPECT_EQ(test, !!seen->vm_bo, kind < N_BO_KINDS);
	/* Pieces share the pages of what they were cut from. */
	if (kind == USERPTR)
		KUNIT_EXPECT_EQ(test, old, seen->userptr == t->before.seen[0].userptr);
}

static void expect_piece(struct kunit *test, const struct ops_test *t, const struct piece *p,
			 const struct seen *seen)
{
	bool old = is_old(t, p);
	enum kind kind = old ? t->c.old : t->c.new;
	const struct mark *mark = old ? old_mark(t) : new_mark(t);
	const u64 *addr = &t->addr[kind][p->mem][p->offset * unit_pages(t)];
	const u64 *found = &t->after.addr[p->first * unit_pages(t)];
	u32 unit = t->c.scale->unit;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, seen->start, t->c.scale->base + p->first * unit);
	KUNIT_EXPECT_EQ(test, seen->end, t->c.scale->base + p->end * unit);
	if (kind != NOTHING)
		KUNIT_EXPECT_EQ(test, seen->offset,
				(kind == USERPTR ? t->user[p->mem] : 0) + p->offset * unit);
	expect_attrs(test, t, p, seen);
	for (i = 0; i < (p->end - p->first) * unit_pages(t); i++)
		KUNIT_EXPECT_EQ_MSG(test, found[i],
				    page_word(addr[i], mark->pat_index,
					      !(mark->flags & XE_VMA_READONLY), kind == NOTHING),
				    "page %u", i);
}

/* How many objects and page sets, which hold the VM, are behind the mappings */
static unsigned int count_memories(const struct state *s)
{
	const struct seen *seen = s->seen;
	unsigned int i, j, n = 0;

	for (i = 0; i < s->n; i++) {
		for (j = 0; j < i; j++)
			if (seen[j].vm_bo == seen[i].vm_bo && seen[j].userptr == seen[i].userptr)
				break;
		n += j == i && (seen[i].vm_bo || seen[i].userptr);
	}

	return n;
}

/* Lists and counts of what a VM is part of, from what is mapped in it */
static void expect_bookkeeping(struct kunit *test, const struct ops_test *t, const struct state *s)
{
	unsigned int n_external = 0, n_mappings = 0, n_linked = 0, n_stale = 0, i;

	KUNIT_EXPECT_EQ(test, s->vm_refs, t->empty.vm_refs + s->n + count_memories(s));
	for (i = 0; i < N_BOS; i++) {
		KUNIT_EXPECT_EQ(test, s->bo_refs[i], t->empty.bo_refs[i] + !!s->bo_mappings[i]);
		n_mappings += s->bo_mappings[i];
		n_external += i / N_MEMS == SHARED && s->bo_mappings[i];
	}
	for (i = 0; i < s->n; i++) {
		n_stale += !!s->seen[i].stale;
		n_linked += !!s->seen[i].vm_bo;
	}
	KUNIT_EXPECT_EQ(test, n_mappings, n_linked);
	KUNIT_EXPECT_EQ(test, s->n_external, n_external);
	KUNIT_EXPECT_EQ(test, s->n_rebind + s->n_stale, n_stale);
	KUNIT_EXPECT_EQ(test, s->n_evicted, 0);
	KUNIT_EXPECT_EQ(test, s->n_invalidated, 0);
	KUNIT_EXPECT_EQ(test, s->n_repin, 0);
}

static void expect_drawing(struct kunit *test, const struct ops_test *t)
{
	const struct piece *expect = t->c.d->expect;
	unsigned int mapped = 0, found = 0, n = 0, i;

	while (n < MAX_PIECES && expect[n].end)
		n++;
	KUNIT_ASSERT_EQ(test, t->after.n, n);
	for (i = 0; i < n; i++) {
		expect_piece(test, t, &expect[i], &t->after.seen[i]);
		mapped += (expect[i].end - expect[i].first) * unit_pages(t);
	}
	for (i = 0; i < UNITS * unit_pages(t); i++)
		found += t->after.addr[i] != 0;
	KUNIT_EXPECT_EQ(test, found, mapped);
	expect_bookkeeping(test, t, &t->after);
}

/* Is the first large page of a memory one? For BOs that is up to the allocator. */
static bool is_contiguous(const struct ops_test *t, enum kind kind)
{
	const u64 *addr = t->addr[kind][MEM_A];
	unsigned int i;

	for (i = 0; kind != NOTHING && i < SZ_2M / SZ_4K; i++)
		if (!IS_ALIGNED(addr[0], SZ_2M) || addr[i] != addr[0] + i * SZ_4K)
			return false;

	return true;
}

/* The old mapping of a large drawing that covers a large page is one. */
static void expect_large(struct kunit *test, const struct ops_test *t)
{
	struct xe_pt_translation found = {};

	if (!t->c.d->large || t->c.d->old.first || !is_contiguous(t, t->c.old))
		return;
	KUNIT_EXPECT_EQ(test, xe_pt_translate(&t->vm->ppgtt->tree, t->c.scale->base, &found), 0);
	KUNIT_EXPECT_EQ(test, BIT(found.shift), SZ_2M);
}

static void test_drawing(struct kunit *test)
{
	struct ops_test *t = make_test(test);
	struct xe_vm_bind *bind;
	enum stop stop;

	map_old(test, t);
	expect_bookkeeping(test, t, &t->before);
	expect_large(test, t);

	for (stop = STOP_STAGED; stop < STOP_NEVER; stop++) {
		bind_drawing(test, t, stop);
		look(test, t, &t->after);
		KUNIT_EXPECT_MEMEQ(test, &t->after, &t->before, sizeof(t->before));
	}

	bind = bind_drawing(test, t, STOP_NEVER);
	look(test, t, &t->after);
	expect_drawing(test, t);
	KUNIT_EXPECT_EQ(test, bind->stale, old_is_stale(t) && old_is_touched(t));
	/* What one request of an array maps, another may take away. */
	if (bind->n_reqs == 1)
		KUNIT_EXPECT_EQ(test, bind->old_userptr,
				t->c.old == USERPTR && old_is_touched(t));
}

static struct kunit_case vm_ops_cases[] = {
	KUNIT_CASE_PARAM(test_drawing, drawing_gen_params),
	{}
};

static struct kunit_suite vm_ops_suite = {
	.name = "xe_vm_ops",
	.test_cases = vm_ops_cases,
};

kunit_test_suite(vm_ops_suite);
