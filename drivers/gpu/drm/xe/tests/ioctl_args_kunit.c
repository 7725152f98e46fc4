// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Argument checks of every ioctl: arguments that are shown to pass all checks, with one thing wrong
 * in them. They pass if the call succeeds, or if it gets so far as to look for an object that does
 * not exist, or for hardware. The rules are rows of the tables of Documentation/hardware/uapi.md;
 * each of them is met, or said not to be here. ioctl_args_*.c have the calls and what to break.
 */
#include <kunit/test.h>

#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dma-fence.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_syncobj.h>

#include "base/xe_device.h"
#include "gt/xe_gt.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_mmio.h"
#include "mem/xe_bo.h"
#include "submit/xe_exec_queue.h"
#include "tests/ioctl_args.h"
#include "uapi/xe_file.h"
#include "uapi/xe_ioctl.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_rebind.h"

static const struct args_rules * const rule_sets[] = {
	&xe_args_device_rules,
	&xe_args_bind_rules,
	&xe_args_queue_rules,
};

/* One table of the contract, and the rows that are not met here: see testing.rst for where. */
struct contract {
	const char *name;
	u8 n_rows;
	u64 elsewhere;
};

static const struct contract contracts[N_TABLES] = {
	[QUERY_TABLE] = { "2 DEVICE_QUERY", 5 },
	[CYCLES_TABLE] = { "2.7 ENGINE_CYCLES", 4 },
	/* versions of firmware that runs */
	[FIRMWARE_TABLE] = { "2.8 UC_FW_VERSION", 5, BIT(2) | BIT(3) },
	/* device memory; no memory */
	[GEM_TABLE] = { "3 GEM_CREATE", 15, BIT(9) | BIT(12) | BIT(14) | BIT(15) },
	/* a result, no rule */
	[MMAP_TABLE] = { "4 GEM_MMAP_OFFSET", 5, BIT(4) },
	/* page faults, which row 2 refuses on this platform */
	[VM_CREATE_TABLE] = { "5 VM_CREATE", 6, BIT(5) | BIT(6) },
	[VM_DESTROY_TABLE] = { "6 VM_DESTROY", 3 },
	/* device memory; no memory */
	[BIND_TABLE] = { "7.2 VM_BIND", 32, BIT(24) | BIT_ULL(31) | BIT_ULL(32) },
	/* no memory */
	[QUEUE_TABLE] = { "8.1 EXEC_QUEUE_CREATE", 10, BIT(10) },
	[PROPS_TABLE] = { "8.1 SET_PROPERTY", 5 },
	/* a ring that is full; no memory */
	[EXEC_TABLE] = { "9 EXEC", 12, BIT(10) | BIT(12) },
	[WAIT_TABLE] = { "11 WAIT_USER_FENCE", 7 },
	/* hardware that no platform has */
	[OA_TABLE] = { "12 OBSERVATION", 5, BIT(5) },
};

/* The rule after @prev, the first one after NULL; NULL after the last one */
static const struct args_rule *next_rule(const struct args_rule *prev)
{
	bool found = !prev;
	unsigned int set, i;

	for (set = 0; set < ARRAY_SIZE(rule_sets); set++) {
		for (i = 0; i < rule_sets[set]->n; i++) {
			if (found)
				return &rule_sets[set]->rules[i];
			found = &rule_sets[set]->rules[i] == prev;
		}
	}

	return NULL;
}

static const void *rule_gen_params(const void *prev, char *desc)
{
	const struct args_rule *rule = next_rule(prev);

	if (rule)
		strscpy(desc, rule->name, KUNIT_PARAM_DESC_SIZE);

	return rule;
}

static int call_ioctl(struct kunit *test, unsigned int nr, struct arg_set *s)
{
	struct args_test *t = test->priv;
	int err;

	KUNIT_ASSERT_EQ(test, copy_to_user(t->user, &s->user, sizeof(s->user)), 0);

	/* There is no signal: threads of the kernel get none. */
	if (t->signal)
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	err = xe_ioctls[nr].func(&t->xe->drm, s, t->file);
	if (t->signal)
		clear_tsk_thread_flag(current, TIF_SIGPENDING);

	return err;
}

static int call_humbly(struct kunit *test, unsigned int nr, struct arg_set *s)
{
	struct cred *cred = prepare_creds();
	const struct cred *old;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cap_lower(cred->cap_effective, CAP_SYS_NICE);
	old = override_creds(cred);
	err = call_ioctl(test, nr, s);
	revert_creds(old);
	put_cred(cred);

	return err;
}

/* Break what @rule says, or nothing if it is NULL. */
static int call(struct kunit *test, const struct args_call *call, const struct args_rule *rule)
{
	struct args_test *t = test->priv;
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, s);
	call->fill(t, s);
	if (rule)
		memcpy((void *)s + rule->offset, &rule->value, rule->size);
	/* Nothing else may meet a GT without hardware. */
	if (call->gt)
		t->xe->gt[0] = t->gt;
	t->signal = call->signal;
	err = call->humble ? call_humbly(test, call->nr, s) : call_ioctl(test, call->nr, s);
	t->xe->gt[0] = NULL;

	return err;
}

/* Have something mapped by a bind that does not finish before the test does. */
static void make_busy(struct kunit *test)
{
	struct args_test *t = test->priv;
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct drm_syncobj *syncobj = drm_syncobj_find(t->file, SYNCOBJ);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_NOT_NULL(test, syncobj);
	drm_syncobj_replace_fence(syncobj, t->fence);
	drm_syncobj_put(syncobj);

	s->bind.vm_id = VM;
	s->bind.num_binds = 1;
	s->bind.bind.op = DRM_XE_VM_BIND_OP_MAP;
	s->bind.bind.obj = BO;
	s->bind.bind.addr = BUSY_VA;
	s->bind.bind.range = BO_SIZE;
	s->bind.num_syncs = 2;
	s->bind.syncs = addr_of(t->user->sync);
	s->user.sync[0].handle = SYNCOBJ;
	s->user.sync[1].type = DRM_XE_SYNC_TYPE_USER_FENCE;
	s->user.sync[1].flags = DRM_XE_SYNC_FLAG_SIGNAL;
	s->user.sync[1].addr = addr_of(&t->user->fence);
	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_VM_BIND, s), 0);
}

static void test_rule(struct kunit *test)
{
	const struct args_rule *rule = test->param_value;

	if (rule->call->busy)
		make_busy(test);
	KUNIT_ASSERT_EQ(test, call(test, rule->call, NULL), rule->call->accepted);
	KUNIT_EXPECT_EQ(test, call(test, rule->call, rule), rule->err);
}

/* Every ioctl has rules. */
static void test_all_ioctls(struct kunit *test)
{
	const struct args_rule *rule;
	unsigned int nr;

	for (nr = 0; nr <= DRM_XE_VM_GET_PROPERTY; nr++) {
		if (!xe_ioctls[nr].func)
			continue;
		for (rule = next_rule(NULL); rule && rule->call->nr != nr; rule = next_rule(rule))
			;
		KUNIT_EXPECT_NOT_NULL_MSG(test, rule, "ioctl %u", nr);
	}
}

/* Every row of every table has a rule, or is what a call is refused for without anything wrong. */
static void test_all_rows(struct kunit *test)
{
	const struct args_rule *rule;
	u64 met[N_TABLES] = {};
	unsigned int table, row;

	for (rule = next_rule(NULL); rule; rule = next_rule(rule)) {
		met[rule->call->table] |= BIT_ULL(rule->row);
		met[rule->call->table] |= BIT_ULL(rule->call->row);
	}

	for (table = NO_TABLE + 1; table < N_TABLES; table++) {
		const struct contract *c = &contracts[table];

		for (row = 1; row <= c->n_rows; row++)
			KUNIT_EXPECT_NE_MSG(test, !!(met[table] & BIT_ULL(row)),
					    !!(c->elsewhere & BIT_ULL(row)),
					    "%s, row %u", c->name, row);
		KUNIT_EXPECT_EQ_MSG(test, met[table] >> (c->n_rows + 1), 0, "%s", c->name);
	}
	KUNIT_EXPECT_EQ(test, met[NO_TABLE] & ~BIT_ULL(0), 0);
}

static const char *fake_name(struct dma_fence *fence)
{
	return "xe-args-test";
}

static const struct dma_fence_ops fake_fence_ops = {
	.get_driver_name = fake_name,
	.get_timeline_name = fake_name,
};

static void make_syncobj(struct kunit *test, struct args_test *t)
{
	struct drm_syncobj *obj;
	u32 handle;

	KUNIT_ASSERT_EQ(test, drm_syncobj_create(&obj, 0, NULL), 0);
	KUNIT_ASSERT_EQ(test, drm_syncobj_get_handle(t->file, obj, &handle), 0);
	KUNIT_ASSERT_EQ(test, handle, SYNCOBJ);
	/* The handle keeps it. */
	drm_syncobj_put(obj);

	spin_lock_init(&t->fence_lock);
	t->fence = kzalloc(sizeof(*t->fence), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->fence);
	dma_fence_init(t->fence, &fake_fence_ops, &t->fence_lock, dma_fence_context_alloc(1), 1);
}

/* Engines of two classes, with limits that not every caller may exceed, and nothing behind them */
static void make_gt(struct kunit *test, struct args_test *t)
{
	static const enum xe_engine_id ids[ARGS_N_ENGINES] = {
		XE_ENGINE_RCS0, XE_ENGINE_VCS0, XE_ENGINE_VCS2,
	};
	unsigned int class, i;

	t->gt = kunit_kzalloc(test, sizeof(*t->gt), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->gt);
	t->gt->xe = t->xe;
	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++) {
		t->gt->props[class] = xe_class_props_default;
		t->gt->props[class].timeslice_us.min = ARGS_TIMESLICE_MIN;
		t->gt->props[class].timeslice_us.max = ARGS_TIMESLICE_MAX;
	}
	for (i = 0; i < ARGS_N_ENGINES; i++) {
		t->engines[i] = (struct xe_engine) {
			.gt = t->gt,
			.id = ids[i],
			.class = xe_engine_id_class(ids[i]),
			.logical_instance = ids[i] == XE_ENGINE_VCS2,
		};
		t->gt->engines[ids[i]] = &t->engines[i];
	}

	t->gt->mmio.xe = t->xe;
	xe_force_wake_init(&t->gt->fw, &t->gt->mmio, 0);
	xe_mmio_detach(t->xe);
}

static void make_vm(struct kunit *test, u32 flags, u32 want)
{
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->vm.flags = flags;
	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_VM_CREATE, s), 0);
	KUNIT_ASSERT_EQ(test, s->vm.vm_id, want);
}

static void make_bo(struct kunit *test, u16 cpu_caching, u32 want)
{
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->gem.size = BO_SIZE;
	s->gem.placement = BIT(DRM_XE_MEM_REGION_CLASS_SYSMEM);
	s->gem.flags = DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING;
	s->gem.cpu_caching = cpu_caching;
	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_GEM_CREATE, s), 0);
	KUNIT_ASSERT_EQ(test, s->gem.handle, want);
}

static void make_bind_queue(struct kunit *test, struct args_test *t)
{
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->queue.width = 1;
	s->queue.num_placements = 1;
	s->queue.instances = addr_of(t->user->engine);
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VM_BIND;
	t->xe->gt[0] = t->gt;
	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_EXEC_QUEUE_CREATE, s), 0);
	t->xe->gt[0] = NULL;
	KUNIT_ASSERT_EQ(test, s->queue.exec_queue_id, BIND_QUEUE);
}

static void fake_queue_kill(struct xe_exec_queue *q)
{
}

static void fake_queue_fini(struct xe_exec_queue *q)
{
	xe_vm_put(q->owner);
	kfree(q);
}

static const struct xe_exec_queue_ops fake_queue_ops = {
	.kill = fake_queue_kill,
	.fini = fake_queue_fini,
};

/* A queue without contexts; it goes with the file. */
static void make_queue(struct kunit *test, u32 vm_id, u32 flags, u16 width, u32 want)
{
	struct args_test *t = test->priv;
	struct xe_exec_queue *q = kzalloc(struct_size(q, lrc, width), GFP_KERNEL);
	struct xe_file *xef = to_xe_file(t->file);
	u32 id = 0;

	KUNIT_ASSERT_NOT_NULL(test, q);
	kref_init(&q->ref);
	spin_lock_init(&q->fence_lock);
	q->xe = t->xe;
	q->gt = t->gt;
	q->ops = &fake_queue_ops;
	q->flags = flags;
	q->width = width;
	q->owner = xe_file_vm_get(xef, vm_id);
	KUNIT_EXPECT_EQ(test, xe_file_queue_add(xef, q, &id), 0);
	KUNIT_ASSERT_EQ(test, id, want);

	if (want == BANNED_QUEUE)
		set_bit(XE_QUEUE_BANNED, &q->state);
	if (flags & XE_QUEUE_LR)
		KUNIT_ASSERT_EQ(test, xe_vm_rebind_add_queue(q->owner, q), 0);
}

static void make_queues(struct kunit *test, struct args_test *t)
{
	make_bind_queue(test, t);
	make_queue(test, VM, 0, 1, QUEUE);
	make_queue(test, VM, 0, 1, BANNED_QUEUE);
	make_queue(test, DEAD_VM, 0, 2, WIDE_QUEUE);
	make_queue(test, DEAD_VM, 0, 1, DEAD_VM_QUEUE);
	make_queue(test, LR_VM, XE_QUEUE_LR, 1, LR_QUEUE);
}

/* The driver would tell everybody. */
static void ban_quietly(struct kunit *test, struct args_test *t, u32 id)
{
	struct xe_vm *vm = xe_file_vm_get(to_xe_file(t->file), id);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	set_bit(XE_VM_BANNED, &vm->state);
	xe_vm_put(vm);
}

/* Importing takes another device. What it leaves is a flag, which has to go before the BO does. */
static void make_import(struct kunit *test, struct args_test *t)
{
	struct drm_gem_object *gem;

	make_bo(test, DRM_XE_GEM_CPU_CACHING_WC, IMPORT);
	gem = drm_gem_object_lookup(t->file, IMPORT);
	KUNIT_ASSERT_NOT_NULL(test, gem);
	t->import = to_xe_bo(gem);
	t->import->flags |= XE_BO_IMPORTED;
}

static int ioctl_args_init(struct kunit *test)
{
	struct args_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->xe = xe_fake_device(test);
	make_gt(test, t);
	t->file = xe_fake_file(test, t->xe);
	t->user = xe_fake_user(test, sizeof(*t->user), NULL);
	t->page = xe_fake_user(test, PAGE_SIZE, NULL);

	make_vm(test, 0, VM);
	make_vm(test, 0, DEAD_VM);
	make_vm(test, DRM_XE_VM_CREATE_FLAG_LR_MODE, LR_VM);
	make_queues(test, t);
	ban_quietly(test, t, DEAD_VM);
	make_bo(test, DRM_XE_GEM_CPU_CACHING_WB, BO);
	make_import(test, t);
	make_syncobj(test, t);

	return 0;
}

static void ioctl_args_exit(struct kunit *test)
{
	struct args_test *t = test->priv;

	if (!t)
		return;
	if (t->import) {
		t->import->flags &= ~XE_BO_IMPORTED;
		xe_bo_put(t->import);
	}
	/* Its lock goes with the test. */
	if (t->fence) {
		dma_fence_signal(t->fence);
		dma_fence_put(t->fence);
	}
}

/* A privilege that is used is noted, and so is one that is missed: ask if the answer matters. */
static void test_privilege(struct kunit *test)
{
	struct args_test *t = test->priv;
	static const struct {
		u32 property;
		u64 value;
		bool privileged;
	} cases[] = {
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY, 0, false },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY, 1, false },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY, 2, true },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY, 3, false },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, ARGS_TIMESLICE_MIN - 1, true },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, ARGS_TIMESLICE_MIN, false },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, ARGS_TIMESLICE_MAX, false },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, ARGS_TIMESLICE_MAX + 1, true },
		{ DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, 0, false },
	};
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->queue.width = 1;
	s->queue.num_placements = 1;
	s->queue.instances = addr_of(t->user->engine);
	s->queue.extensions = addr_of(&t->user->ext);
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VM_BIND;
	t->xe->gt[0] = t->gt;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		s->user.ext.property = cases[i].property;
		s->user.ext.value = cases[i].value;
		current->flags &= ~PF_SUPERPRIV;
		call_ioctl(test, DRM_XE_EXEC_QUEUE_CREATE, s);
		KUNIT_EXPECT_EQ_MSG(test, !!(current->flags & PF_SUPERPRIV), cases[i].privileged,
				    "property %u, %llu", cases[i].property, cases[i].value);
	}
	t->xe->gt[0] = NULL;
}

static struct kunit_case ioctl_args_cases[] = {
	KUNIT_CASE_PARAM(test_rule, rule_gen_params),
	KUNIT_CASE(test_all_ioctls),
	KUNIT_CASE(test_all_rows),
	KUNIT_CASE(test_privilege),
	{}
};

static struct kunit_suite ioctl_args_suite = {
	.name = "xe_ioctl_args",
	.init = ioctl_args_init,
	.exit = ioctl_args_exit,
	.test_cases = ioctl_args_cases,
};

kunit_test_suite(ioctl_args_suite);
