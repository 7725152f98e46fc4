// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Preempt fences, on queues whose suspension takes as long as the test likes.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "base/xe_device.h"
#include "submit/xe_exec_queue.h"
#include "vm/xe_preempt_fence.h"

#define PATIENCE	(5 * HZ)

/* A queue without contexts and hardware. */
struct fake_queue {
	struct completion asked;
	struct completion off;
	struct completion notified;
	unsigned int n_suspends;
	bool signaled_at_notify;
	struct dma_fence *fence;
	struct xe_exec_queue q;
};

static void fake_suspend(struct xe_exec_queue *q)
{
	struct fake_queue *fake = container_of(q, struct fake_queue, q);

	fake->n_suspends++;
	complete(&fake->asked);
	wait_for_completion(&fake->off);
}

static void fake_notify(void *data)
{
	struct fake_queue *fake = data;

	fake->signaled_at_notify = dma_fence_is_signaled(fake->fence);
	complete(&fake->notified);
}

static const struct xe_exec_queue_ops fake_ops = {
	.suspend = fake_suspend,
};

static struct fake_queue *make_queue(struct kunit *test)
{
	struct fake_queue *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	const struct xe_preempt_fence_args args = {
		.q = &fake->q,
		.context = dma_fence_context_alloc(1),
		.seqno = 1,
		.notify = fake_notify,
		.data = fake,
	};
	struct xe_preempt_fence *pf = xe_preempt_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(test, fake);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	init_completion(&fake->asked);
	init_completion(&fake->off);
	init_completion(&fake->notified);
	kref_init(&fake->q.ref);
	fake->q.xe = test->priv;
	fake->q.ops = &fake_ops;
	fake->q.flags = XE_QUEUE_LR;

	xe_preempt_fence_init(pf, &args);
	fake->fence = &pf->base;

	return fake;
}

/* Every fence holds its queue, which is part of the test's memory: end it before the test ends. */
static void end_queue(struct kunit *test, struct fake_queue *fake)
{
	complete_all(&fake->off);
	dma_fence_enable_sw_signaling(fake->fence);
	KUNIT_EXPECT_GT(test, dma_fence_wait_timeout(fake->fence, false, PATIENCE), 0);
	flush_workqueue(fake->q.xe->preempt_wq);
	KUNIT_EXPECT_EQ(test, kref_read(&fake->q.ref), 1);
	dma_fence_put(fake->fence);
}

static void test_unasked_fence_does_nothing(struct kunit *test)
{
	struct fake_queue *fake = make_queue(test);

	flush_workqueue(fake->q.xe->preempt_wq);
	KUNIT_EXPECT_EQ(test, fake->n_suspends, 0);
	KUNIT_EXPECT_EQ(test, kref_read(&fake->q.ref), 2);
	KUNIT_EXPECT_TRUE(test, xe_preempt_fence_is_live(fake->fence));
	KUNIT_EXPECT_FALSE(test, xe_preempt_fence_is_pending(fake->fence));

	end_queue(test, fake);
	KUNIT_EXPECT_FALSE(test, xe_preempt_fence_is_live(fake->fence));
}

static void test_signals_after_suspension(struct kunit *test)
{
	struct fake_queue *fake = make_queue(test);

	dma_fence_enable_sw_signaling(fake->fence);
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&fake->asked, PATIENCE), 0);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(fake->fence));
	KUNIT_EXPECT_FALSE(test, xe_preempt_fence_is_live(fake->fence));
	KUNIT_EXPECT_TRUE(test, xe_preempt_fence_is_pending(fake->fence));
	KUNIT_EXPECT_FALSE(test, completion_done(&fake->notified));

	complete(&fake->off);
	KUNIT_EXPECT_GT(test, dma_fence_wait_timeout(fake->fence, false, PATIENCE), 0);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&fake->notified, PATIENCE), 0);
	KUNIT_EXPECT_TRUE(test, fake->signaled_at_notify);
	KUNIT_EXPECT_FALSE(test, xe_preempt_fence_is_pending(fake->fence));

	/* Asked once more, it has nothing left to do. */
	end_queue(test, fake);
	KUNIT_EXPECT_EQ(test, fake->n_suspends, 1);
}

/* The second suspension is asked for while the first one is on its way. */
static void test_suspensions_overlap(struct kunit *test)
{
	struct fake_queue *a = make_queue(test);
	struct fake_queue *b = make_queue(test);

	dma_fence_enable_sw_signaling(a->fence);
	dma_fence_enable_sw_signaling(b->fence);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&a->asked, PATIENCE), 0);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&b->asked, PATIENCE), 0);

	complete(&b->off);
	KUNIT_EXPECT_GT(test, dma_fence_wait_timeout(b->fence, false, PATIENCE), 0);
	KUNIT_EXPECT_FALSE(test, dma_fence_is_signaled(a->fence));

	end_queue(test, a);
	end_queue(test, b);
}

static int preempt_fence_init(struct kunit *test)
{
	struct xe_device *xe = kunit_kzalloc(test, sizeof(*xe), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, xe);
	xe->preempt_wq = alloc_workqueue("xe-preempt-test", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	KUNIT_ASSERT_NOT_NULL(test, xe->preempt_wq);
	test->priv = xe;

	return 0;
}

static void preempt_fence_exit(struct kunit *test)
{
	struct xe_device *xe = test->priv;

	if (xe)
		destroy_workqueue(xe->preempt_wq);
}

static struct kunit_case preempt_fence_cases[] = {
	KUNIT_CASE(test_unasked_fence_does_nothing),
	KUNIT_CASE(test_signals_after_suspension),
	KUNIT_CASE(test_suspensions_overlap),
	{}
};

static struct kunit_suite preempt_fence_suite = {
	.name = "xe_preempt_fence",
	.init = preempt_fence_init,
	.exit = preempt_fence_exit,
	.test_cases = preempt_fence_cases,
};

kunit_test_suite(preempt_fence_suite);
