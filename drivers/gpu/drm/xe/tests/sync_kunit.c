// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Syncs: every rule of their arguments, broken in a sync that is valid otherwise; and what becomes
 * of fences, sync objects and user memory.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "submit/xe_sync.h"
#include "tests/xe_fake.h"

#define PATIENCE	(5 * HZ)
#define MAGIC		0x1122334455667788ull
#define BAD_POINTER	(~0xfffull)

/* Sync objects by handle; the table of a file counts from 1 */
enum {
	/* never had a fence */
	OBJ_EMPTY = 1,
	/* its fence is &sync_test.fence */
	OBJ_PENDING,
	/* timeline with point 5, whose fence is &sync_test.fence */
	OBJ_TIMELINE,
};

struct sync_test {
	struct xe_device *xe;
	struct drm_file *file;
	struct drm_syncobj *obj[OBJ_TIMELINE + 1];
	struct dma_fence *fence;
	/* of all fences of the test */
	spinlock_t fence_lock;
	struct drm_xe_sync __user *user;
	u64 __user *value;
	struct xe_sync room[XE_SYNC_ROOM];
};

static const char *fake_name(struct dma_fence *fence)
{
	return "xe-sync-test";
}

static const struct dma_fence_ops fake_fence_ops = {
	.get_driver_name = fake_name,
	.get_timeline_name = fake_name,
};

static struct dma_fence *make_fence(struct kunit *test, struct sync_test *t)
{
	struct dma_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	dma_fence_init(fence, &fake_fence_ops, &t->fence_lock, dma_fence_context_alloc(1), 1);

	return fence;
}

static void make_syncobj(struct kunit *test, struct sync_test *t, u32 want, struct dma_fence *fence)
{
	struct drm_syncobj *obj;
	u32 handle;

	KUNIT_ASSERT_EQ(test, drm_syncobj_create(&obj, 0, fence), 0);
	KUNIT_ASSERT_EQ(test, drm_syncobj_get_handle(t->file, obj, &handle), 0);
	KUNIT_ASSERT_EQ(test, handle, want);
	/* The handle keeps it. */
	drm_syncobj_put(obj);
	t->obj[want] = obj;
}

static int sync_test_init(struct kunit *test)
{
	struct sync_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct dma_fence_chain *chain;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	spin_lock_init(&t->fence_lock);
	t->xe = xe_fake_device(test);
	t->file = xe_fake_file(test, t->xe);
	t->user = xe_fake_user(test, PAGE_SIZE, NULL);
	t->value = xe_fake_user(test, PAGE_SIZE, NULL);
	t->fence = make_fence(test, t);
	make_syncobj(test, t, OBJ_EMPTY, NULL);
	make_syncobj(test, t, OBJ_PENDING, t->fence);
	make_syncobj(test, t, OBJ_TIMELINE, NULL);
	chain = dma_fence_chain_alloc();
	KUNIT_ASSERT_NOT_NULL(test, chain);
	drm_syncobj_add_point(t->obj[OBJ_TIMELINE], chain, t->fence, 5);

	return 0;
}

static void sync_test_exit(struct kunit *test)
{
	struct sync_test *t = test->priv;

	/* The lock of the fence goes with the test. */
	if (t && t->fence) {
		dma_fence_signal(t->fence);
		dma_fence_put(t->fence);
	}
}

#define BINARY_IN	{ .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .handle = OBJ_PENDING }
#define BINARY_OUT	{ .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .flags = DRM_XE_SYNC_FLAG_SIGNAL, \
			  .handle = OBJ_EMPTY }
#define TIMELINE_IN	{ .type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ, .handle = OBJ_TIMELINE, \
			  .timeline_value = 5 }
#define TIMELINE_OUT	{ .type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ, \
			  .flags = DRM_XE_SYNC_FLAG_SIGNAL, .handle = OBJ_TIMELINE, \
			  .timeline_value = 6 }
/* .addr: of &sync_test.value, filled in by the test */
#define UFENCE		{ .type = DRM_XE_SYNC_TYPE_USER_FENCE, .flags = DRM_XE_SYNC_FLAG_SIGNAL, \
			  .timeline_value = MAGIC }

struct parse_case {
	const char *name;
	u32 flags;
	int err;
	struct drm_xe_sync valid;
	/* what is wrong with it: value to store at an offset; size 0: nothing, the flags are */
	u16 offset;
	u16 size;
	u64 value;
};

#define OK(name, flags, base)	{ name, flags, 0, base }
#define NOT_OK(name, flags, base, err)	{ name, flags, err, base }
#define BROKEN(name, base, member, to, err) \
	{ name ": " #member, XE_SYNC_BIND, err, base, offsetof(struct drm_xe_sync, member), \
	  sizeof_field(struct drm_xe_sync, member), to }

static const struct parse_case parse_cases[] = {
	OK("binary in, bind", XE_SYNC_BIND, BINARY_IN),
	OK("binary out, bind", XE_SYNC_BIND, BINARY_OUT),
	OK("timeline in, bind", XE_SYNC_BIND, TIMELINE_IN),
	OK("timeline out, bind", XE_SYNC_BIND, TIMELINE_OUT),
	OK("user fence, bind", XE_SYNC_BIND, UFENCE),
	OK("binary in, exec", XE_SYNC_EXEC, BINARY_IN),
	OK("binary out, exec", XE_SYNC_EXEC, BINARY_OUT),
	OK("timeline in, exec", XE_SYNC_EXEC, TIMELINE_IN),
	OK("timeline out, exec", XE_SYNC_EXEC, TIMELINE_OUT),
	OK("user fence, exec", XE_SYNC_EXEC, UFENCE),
	OK("binary in, long-running", XE_SYNC_BIND | XE_SYNC_LR, BINARY_IN),
	OK("timeline in, long-running", XE_SYNC_EXEC | XE_SYNC_LR, TIMELINE_IN),
	OK("user fence, long-running", XE_SYNC_EXEC | XE_SYNC_LR, UFENCE),
	OK("binary out, empty bind", XE_SYNC_BIND | XE_SYNC_NO_UFENCE, BINARY_OUT),
	NOT_OK("binary out, long-running", XE_SYNC_BIND | XE_SYNC_LR, BINARY_OUT, -EOPNOTSUPP),
	NOT_OK("timeline out, long-running", XE_SYNC_EXEC | XE_SYNC_LR, TIMELINE_OUT, -EOPNOTSUPP),
	NOT_OK("user fence, empty bind", XE_SYNC_BIND | XE_SYNC_NO_UFENCE, UFENCE, -EOPNOTSUPP),
	BROKEN("binary in", BINARY_IN, type, 3, -EINVAL),
	BROKEN("binary in", BINARY_IN, flags, 2, -EINVAL),
	BROKEN("binary in", BINARY_IN, reserved[0], 1, -EINVAL),
	BROKEN("binary in", BINARY_IN, reserved[1], 1, -EINVAL),
	BROKEN("binary in, upper half", BINARY_IN, addr, BIT_ULL(32) | OBJ_PENDING, -EINVAL),
	BROKEN("binary in, unknown", BINARY_IN, handle, XE_FAKE_UNKNOWN, -ENOENT),
	BROKEN("binary in, empty", BINARY_IN, handle, OBJ_EMPTY, -EINVAL),
	BROKEN("binary out, upper half", BINARY_OUT, addr, BIT_ULL(63) | OBJ_EMPTY, -EINVAL),
	BROKEN("binary out, unknown", BINARY_OUT, handle, XE_FAKE_UNKNOWN, -ENOENT),
	BROKEN("timeline in, zero", TIMELINE_IN, timeline_value, 0, -EINVAL),
	BROKEN("timeline in, not yet", TIMELINE_IN, timeline_value, 6, -EINVAL),
	BROKEN("timeline in, empty", TIMELINE_IN, handle, OBJ_EMPTY, -EINVAL),
	BROKEN("timeline in, unknown", TIMELINE_IN, handle, XE_FAKE_UNKNOWN, -ENOENT),
	BROKEN("timeline out, zero", TIMELINE_OUT, timeline_value, 0, -EINVAL),
	BROKEN("timeline out, unknown", TIMELINE_OUT, handle, XE_FAKE_UNKNOWN, -ENOENT),
	BROKEN("user fence as in-sync", UFENCE, flags, 0, -EOPNOTSUPP),
	BROKEN("user fence, misaligned", UFENCE, addr, 0x1004, -EINVAL),
	BROKEN("user fence, not mapped", UFENCE, addr, BAD_POINTER, -EFAULT),
};

static void parse_case_desc(const struct parse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(parse, parse_cases, parse_case_desc);

/* Put a sync where xe_sync_parse() reads it. */
static void write_sync(struct kunit *test, struct sync_test *t, unsigned int i,
		       struct drm_xe_sync sync)
{
	if (sync.type == DRM_XE_SYNC_TYPE_USER_FENCE && !sync.addr)
		sync.addr = (u64)t->value;
	KUNIT_ASSERT_EQ(test, copy_to_user(&t->user[i], &sync, sizeof(sync)), 0);
}

static int parse(struct kunit *test, struct drm_xe_sync sync, u32 flags, struct xe_sync *out)
{
	struct sync_test *t = test->priv;

	write_sync(test, t, 0, sync);

	return xe_sync_parse(t->xe, t->file, out, &t->user[0], flags);
}

static void test_parse(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	struct sync_test *t = test->priv;
	struct drm_xe_sync in = c->valid;
	u32 flags = c->err && !c->size ? XE_SYNC_BIND : c->flags;
	struct xe_sync sync;

	/* What is to be broken is good before. */
	KUNIT_EXPECT_EQ(test, parse(test, in, flags, &sync), 0);
	KUNIT_EXPECT_EQ(test, sync.type, in.type);
	KUNIT_EXPECT_EQ(test, sync.signal, in.flags == DRM_XE_SYNC_FLAG_SIGNAL);
	xe_sync_fini(&sync);
	if (!c->err)
		return;

	memcpy((u8 *)&in + c->offset, &c->value, c->size);
	memset(&sync, 0x5a, sizeof(sync));
	KUNIT_EXPECT_EQ(test, parse(test, in, c->flags, &sync), c->err);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(&sync, 0, sizeof(sync)), "the sync is not empty");
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(t->obj[OBJ_EMPTY]->fence), NULL);
}

static void test_parse_unreadable(struct kunit *test)
{
	struct sync_test *t = test->priv;
	struct xe_sync sync;

	KUNIT_EXPECT_EQ(test, -EFAULT, xe_sync_parse(t->xe, t->file, &sync,
						     u64_to_user_ptr(BAD_POINTER), XE_SYNC_BIND));
}

static int parse_two(struct kunit *test, struct drm_xe_sync a, struct drm_xe_sync b,
		     struct xe_sync **out)
{
	struct sync_test *t = test->priv;

	write_sync(test, t, 0, a);
	write_sync(test, t, 1, b);

	return xe_sync_parse_array(t->xe, t->file, out, t->room, (u64)t->user, 2, XE_SYNC_BIND);
}

static void test_parse_array(struct kunit *test)
{
	const struct drm_xe_sync in = BINARY_IN, out = BINARY_OUT, ufence = UFENCE;
	const struct drm_xe_sync unknown = { .handle = XE_FAKE_UNKNOWN };
	struct sync_test *t = test->priv;
	unsigned int refs = kref_read(&t->fence->refcount);
	struct xe_sync *syncs;

	KUNIT_EXPECT_EQ(test, parse_two(test, ufence, ufence, &syncs), -EINVAL);
	KUNIT_EXPECT_EQ(test, parse_two(test, in, unknown, &syncs), -ENOENT);
	KUNIT_EXPECT_NULL(test, syncs);
	KUNIT_EXPECT_EQ(test, kref_read(&t->fence->refcount), refs);
	KUNIT_EXPECT_EQ(test, -EFAULT, xe_sync_parse_array(t->xe, t->file, &syncs, t->room,
							   BAD_POINTER, 2, XE_SYNC_BIND));
	/* More than there is room for: an allocation. */
	KUNIT_EXPECT_EQ(test, -EFAULT, xe_sync_parse_array(t->xe, t->file, &syncs, t->room,
							   BAD_POINTER, XE_SYNC_ROOM + 1,
							   XE_SYNC_BIND));
	KUNIT_EXPECT_NULL(test, syncs);
	/* None are read where there are none. */
	KUNIT_EXPECT_EQ(test, 0, xe_sync_parse_array(t->xe, t->file, &syncs, t->room, BAD_POINTER,
						     0, XE_SYNC_BIND));
	KUNIT_EXPECT_NULL(test, syncs);

	KUNIT_ASSERT_EQ(test, parse_two(test, in, out, &syncs), 0);
	KUNIT_EXPECT_PTR_EQ(test, xe_sync_in_fence(&syncs[0]), t->fence);
	KUNIT_EXPECT_FALSE(test, xe_sync_is_signal(&syncs[0]));
	KUNIT_EXPECT_TRUE(test, xe_sync_is_signal(&syncs[1]));
	xe_sync_fini_array(syncs, t->room, 2);
	KUNIT_EXPECT_EQ(test, kref_read(&t->fence->refcount), refs);
}

static void test_binary_out(struct kunit *test)
{
	const struct drm_xe_sync out = BINARY_OUT;
	struct sync_test *t = test->priv;
	struct dma_fence *found;
	struct xe_sync sync;

	KUNIT_ASSERT_EQ(test, parse(test, out, XE_SYNC_EXEC, &sync), 0);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(t->obj[OBJ_EMPTY]->fence), NULL);
	xe_sync_signal(&sync, t->fence);
	found = drm_syncobj_fence_get(t->obj[OBJ_EMPTY]);
	KUNIT_EXPECT_PTR_EQ(test, found, t->fence);
	dma_fence_put(found);
	xe_sync_fini(&sync);
}

static void test_timeline_out(struct kunit *test)
{
	const struct drm_xe_sync out = TIMELINE_OUT;
	struct drm_xe_sync in = TIMELINE_IN;
	struct sync_test *t = test->priv;
	struct dma_fence *second = make_fence(test, t);
	struct xe_sync sync;

	in.timeline_value = 6;
	KUNIT_ASSERT_EQ(test, parse(test, out, XE_SYNC_EXEC, &sync), 0);
	xe_sync_signal(&sync, second);
	xe_sync_fini(&sync);

	/* Point 6 has come once its own fence and that of point 5 have signalled. */
	KUNIT_ASSERT_EQ(test, parse(test, in, XE_SYNC_EXEC, &sync), 0);
	KUNIT_ASSERT_NOT_NULL(test, xe_sync_in_fence(&sync));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(xe_sync_in_fence(&sync)));
	dma_fence_signal(second);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(xe_sync_in_fence(&sync)));
	dma_fence_signal(t->fence);
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(xe_sync_in_fence(&sync)));
	xe_sync_fini(&sync);
	dma_fence_put(second);
}

/* Nothing may be left to allocate when a sync is signalled a second time. */
static void test_timeline_again(struct kunit *test)
{
	const struct drm_xe_sync out = TIMELINE_OUT;
	struct sync_test *t = test->priv;
	struct xe_sync sync;

	KUNIT_ASSERT_EQ(test, parse(test, out, XE_SYNC_EXEC, &sync), 0);
	KUNIT_EXPECT_NOT_NULL(test, sync.chain);
	xe_sync_signal(&sync, t->fence);
	KUNIT_EXPECT_NULL(test, sync.chain);
	KUNIT_EXPECT_EQ(test, xe_sync_prepare_signal(&sync), 0);
	KUNIT_EXPECT_NOT_NULL(test, sync.chain);
	xe_sync_fini(&sync);
}

static u64 read_value(struct kunit *test, struct sync_test *t)
{
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, copy_from_user(&value, t->value, sizeof(value)), 0);

	return value;
}

/* What cannot be written at once goes on as a fault. */
static void flush_ufences(struct sync_test *t)
{
	flush_workqueue(t->xe->ufence_write_wq);
	flush_workqueue(t->xe->ufence_fault_wq);
}

static void test_bind_ufence(struct kunit *test)
{
	const struct drm_xe_sync in = UFENCE;
	struct sync_test *t = test->priv;
	struct xe_user_fence *uf;
	struct xe_sync sync;

	KUNIT_ASSERT_EQ(test, parse(test, in, XE_SYNC_BIND, &sync), 0);
	uf = xe_sync_ufence_get(&sync);
	KUNIT_ASSERT_NOT_NULL(test, uf);
	xe_sync_signal(&sync, t->fence);
	/* Nobody holds the sync any more when its fence signals. */
	xe_sync_fini(&sync);
	flush_ufences(t);
	KUNIT_EXPECT_FALSE(test, xe_user_fence_done(uf));
	KUNIT_EXPECT_EQ(test, read_value(test, t), 0);

	dma_fence_signal(t->fence);
	flush_ufences(t);
	KUNIT_EXPECT_TRUE(test, xe_user_fence_done(uf));
	KUNIT_EXPECT_EQ(test, read_value(test, t), MAGIC);
	xe_user_fence_put(uf);
}

/* The fence may have signalled before the user fence learns of it. */
static void test_bind_ufence_late(struct kunit *test)
{
	const struct drm_xe_sync in = UFENCE;
	struct sync_test *t = test->priv;
	struct xe_sync sync;

	dma_fence_signal(t->fence);
	KUNIT_ASSERT_EQ(test, parse(test, in, XE_SYNC_BIND, &sync), 0);
	xe_sync_signal(&sync, t->fence);
	xe_sync_fini(&sync);
	flush_ufences(t);
	KUNIT_EXPECT_EQ(test, read_value(test, t), MAGIC);
}

/* A user fence of EXEC is the ring's business. */
static void test_exec_ufence(struct kunit *test)
{
	const struct drm_xe_sync in = UFENCE;
	struct sync_test *t = test->priv;
	struct xe_sync sync;

	KUNIT_ASSERT_EQ(test, parse(test, in, XE_SYNC_EXEC, &sync), 0);
	KUNIT_EXPECT_TRUE(test, xe_sync_is_ufence(&sync));
	KUNIT_EXPECT_NULL(test, sync.ufence);
	KUNIT_EXPECT_EQ(test, sync.addr, (u64)t->value);
	KUNIT_EXPECT_EQ(test, sync.timeline_value, MAGIC);
	xe_sync_signal(&sync, t->fence);
	dma_fence_signal(t->fence);
	flush_ufences(t);
	KUNIT_EXPECT_EQ(test, read_value(test, t), 0);
	xe_sync_fini(&sync);
}

static void test_merge(struct kunit *test)
{
	const struct drm_xe_sync in = BINARY_IN, out = BINARY_OUT;
	struct sync_test *t = test->priv;
	struct dma_fence *extra = make_fence(test, t);
	struct dma_fence *merged;
	struct xe_sync *syncs;

	KUNIT_ASSERT_EQ(test, parse_two(test, in, out, &syncs), 0);
	merged = xe_sync_merge_in_fences(syncs, 2, extra);
	xe_sync_fini_array(syncs, t->room, 2);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, merged);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(merged));
	dma_fence_signal(t->fence);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(merged));
	dma_fence_signal(extra);
	KUNIT_EXPECT_GT(test, dma_fence_wait_timeout(merged, false, PATIENCE), 0);
	dma_fence_put(merged);
	dma_fence_put(extra);
}

static struct kunit_case sync_cases[] = {
	KUNIT_CASE_PARAM(test_parse, parse_gen_params),
	KUNIT_CASE(test_parse_unreadable),
	KUNIT_CASE(test_parse_array),
	KUNIT_CASE(test_binary_out),
	KUNIT_CASE(test_timeline_out),
	KUNIT_CASE(test_timeline_again),
	KUNIT_CASE(test_bind_ufence),
	KUNIT_CASE(test_bind_ufence_late),
	KUNIT_CASE(test_exec_ufence),
	KUNIT_CASE(test_merge),
	{}
};

static struct kunit_suite sync_suite = {
	.name = "xe_sync",
	.init = sync_test_init,
	.exit = sync_test_exit,
	.test_cases = sync_cases,
};

kunit_test_suite(sync_suite);
