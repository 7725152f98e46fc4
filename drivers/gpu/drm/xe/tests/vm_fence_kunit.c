// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The fence that stands for all jobs of a VM: what closes it, and when it signals.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>

#include "vm/xe_vm_fence.h"

static struct xe_vm_fence *make_fence(struct kunit *test)
{
	struct xe_vm_fence *vf = xe_vm_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(test, vf);
	xe_vm_fence_open(vf);
	test->priv = vf;

	return vf;
}

static void vm_fence_exit(struct kunit *test)
{
	struct xe_vm_fence *vf = test->priv;

	if (!vf)
		return;
	KUNIT_EXPECT_EQ(test, kref_read(&vf->base.refcount), 1);
	dma_fence_put(&vf->base);
}

static bool has_signaled(const struct xe_vm_fence *vf)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &vf->base.flags);
}

/* Jobs may come and go as long as nobody waits; after that they may only go. */
static void test_waiting_closes(struct kunit *test)
{
	struct xe_vm_fence *vf = make_fence(test);

	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(vf));
	xe_vm_fence_release(vf);
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_is_open(vf));
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(vf));
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(vf));

	KUNIT_EXPECT_EQ(test, dma_fence_wait_timeout(&vf->base, false, 1), 0);
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_is_open(vf));
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_hold(vf));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(&vf->base));

	xe_vm_fence_release(vf);
	KUNIT_EXPECT_FALSE(test, has_signaled(vf));
	xe_vm_fence_release(vf);
	KUNIT_EXPECT_TRUE(test, has_signaled(vf));
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_hold(vf));
}

static void test_closed_while_idle(struct kunit *test)
{
	struct xe_vm_fence *vf = make_fence(test);

	xe_vm_fence_close(vf);
	KUNIT_EXPECT_TRUE(test, has_signaled(vf));
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_hold(vf));
	xe_vm_fence_close(vf);
	xe_vm_fence_close(NULL);
}

/* Who polls is told the truth, and it stays true: no job may follow a "yes". */
static void test_polling(struct kunit *test)
{
	struct xe_vm_fence *vf = make_fence(test);

	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(vf));
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(&vf->base));
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_is_open(vf));
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(vf));
	xe_vm_fence_release(vf);
	xe_vm_fence_release(vf);
	KUNIT_EXPECT_FALSE(test, has_signaled(vf));

	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(&vf->base));
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_is_open(vf));
	KUNIT_EXPECT_FALSE(test, xe_vm_fence_hold(vf));
}

/* Two fences of one VM are not a timeline: the later one may signal first. */
static void test_no_order(struct kunit *test)
{
	struct xe_vm_fence *first = make_fence(test), *second = make_fence(test);

	KUNIT_EXPECT_NE(test, first->base.context, second->base.context);
	KUNIT_EXPECT_TRUE(test, xe_vm_fence_hold(first));
	xe_vm_fence_close(first);
	xe_vm_fence_close(second);
	KUNIT_EXPECT_TRUE(test, has_signaled(second));
	KUNIT_EXPECT_FALSE(test, has_signaled(first));

	xe_vm_fence_release(first);
	KUNIT_EXPECT_TRUE(test, has_signaled(first));
	dma_fence_put(&first->base);
}

static struct kunit_case vm_fence_cases[] = {
	KUNIT_CASE(test_waiting_closes),
	KUNIT_CASE(test_closed_while_idle),
	KUNIT_CASE(test_polling),
	KUNIT_CASE(test_no_order),
	{}
};

static struct kunit_suite vm_fence_suite = {
	.name = "xe_vm_fence",
	.exit = vm_fence_exit,
	.test_cases = vm_fence_cases,
};

kunit_test_suite(vm_fence_suite);
