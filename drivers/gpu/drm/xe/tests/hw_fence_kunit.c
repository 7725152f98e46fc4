// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Fences on numbers in memory: what an interrupt completes, and how much of the rest it looks at.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/list.h>

#include "gt/xe_hw_fence.h"

#define N_CONTEXTS	3
#define N_JOBS		4
/* Numbers pass zero. */
#define FIRST_SEQNO	((u32)-2)

struct fake_class {
	struct xe_hw_fence_irq irq;
	struct xe_hw_fence_timeline tl[N_CONTEXTS];
	u32 seqno[N_CONTEXTS];
	struct xe_hw_fence *fence[N_CONTEXTS][N_JOBS];
};

static struct xe_hw_fence *make_job(struct kunit *test, struct fake_class *c, unsigned int context,
				    unsigned int job)
{
	struct xe_hw_fence *fence = xe_hw_fence_alloc();

	KUNIT_ASSERT_NOT_NULL(test, fence);
	xe_hw_fence_init(fence, &c->tl[context], FIRST_SEQNO + job);
	c->fence[context][job] = fence;

	return fence;
}

/* Jobs of all contexts in turn, as if they were submitted by clients at the same time */
static int hw_fence_init(struct kunit *test)
{
	struct fake_class *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i, job;

	KUNIT_ASSERT_NOT_NULL(test, c);
	test->priv = c;
	xe_hw_fence_irq_init(&c->irq);
	for (i = 0; i < N_CONTEXTS; i++) {
		c->seqno[i] = FIRST_SEQNO - 1;
		xe_hw_fence_timeline_init(&c->tl[i], &c->irq, &c->seqno[i], "bcs0");
	}
	for (job = 0; job < N_JOBS; job++)
		for (i = 0; i < N_CONTEXTS; i++)
			xe_hw_fence_track(make_job(test, c, i, job));

	return 0;
}

static void hw_fence_exit(struct kunit *test)
{
	struct fake_class *c = test->priv;
	unsigned int i, job;

	for (i = 0; c && i < N_CONTEXTS; i++) {
		for (job = 0; job < N_JOBS; job++) {
			if (!c->fence[i][job])
				continue;
			xe_hw_fence_fail(c->fence[i][job], -ECANCELED);
			KUNIT_EXPECT_EQ(test, kref_read(&c->fence[i][job]->base.refcount), 1);
			dma_fence_put(&c->fence[i][job]->base);
		}
		KUNIT_EXPECT_TRUE(test, list_empty(&c->tl[i].pending));
	}
	if (c)
		KUNIT_EXPECT_TRUE(test, list_empty(&c->irq.busy));
}

/* Without asking the fence, which would signal it */
static bool has_signaled(const struct fake_class *c, unsigned int context, unsigned int job)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &c->fence[context][job]->base.flags);
}

static void test_in_order(struct kunit *test)
{
	struct fake_class *c = test->priv;
	unsigned int i, job;

	for (job = 0; job < N_JOBS; job++) {
		for (i = 0; i < N_CONTEXTS; i++)
			c->seqno[i] = FIRST_SEQNO + job;
		xe_hw_fence_irq_run(&c->irq);
		for (i = 0; i < N_CONTEXTS; i++) {
			KUNIT_EXPECT_TRUE(test, has_signaled(c, i, job));
			KUNIT_EXPECT_TRUE(test, job + 1 == N_JOBS || !has_signaled(c, i, job + 1));
			KUNIT_EXPECT_EQ(test, dma_fence_get_status(&c->fence[i][job]->base), 1);
		}
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&c->irq.busy));
}

/* One context gets on, by several jobs at once; the others stay where they are. */
static void test_alone(struct kunit *test)
{
	struct fake_class *c = test->priv;

	KUNIT_EXPECT_EQ(test, list_count_nodes(&c->irq.busy), N_CONTEXTS);
	c->seqno[1] = FIRST_SEQNO + N_JOBS - 1;
	xe_hw_fence_irq_run(&c->irq);
	KUNIT_EXPECT_TRUE(test, has_signaled(c, 1, 0));
	KUNIT_EXPECT_TRUE(test, has_signaled(c, 1, N_JOBS - 1));
	KUNIT_EXPECT_FALSE(test, has_signaled(c, 0, 0));
	KUNIT_EXPECT_FALSE(test, has_signaled(c, 2, 0));
	KUNIT_EXPECT_EQ(test, list_count_nodes(&c->irq.busy), N_CONTEXTS - 1);

	/* and is looked at again when it has something to do */
	dma_fence_put(&c->fence[1][0]->base);
	xe_hw_fence_track(make_job(test, c, 1, 0));
	KUNIT_EXPECT_EQ(test, list_count_nodes(&c->irq.busy), N_CONTEXTS);
}

/* Jobs that are given up leave the list at once, those that have finished keep their success. */
static void test_cancelled(struct kunit *test)
{
	struct fake_class *c = test->priv;
	unsigned int job;

	c->seqno[0] = FIRST_SEQNO;
	for (job = 0; job < N_JOBS; job++)
		xe_hw_fence_fail(c->fence[0][job], -EIO);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(&c->fence[0][0]->base), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(&c->fence[0][1]->base), -EIO);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(&c->fence[0][N_JOBS - 1]->base), -EIO);
	KUNIT_EXPECT_TRUE(test, list_empty(&c->tl[0].pending));
	KUNIT_EXPECT_EQ(test, list_count_nodes(&c->irq.busy), N_CONTEXTS - 1);

	/* One that somebody has asked has signalled, and is collected by the next interrupt. */
	c->seqno[2] = FIRST_SEQNO;
	KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(&c->fence[2][0]->base));
	KUNIT_EXPECT_EQ(test, kref_read(&c->fence[2][0]->base.refcount), 2);
	xe_hw_fence_irq_run(&c->irq);
	KUNIT_EXPECT_EQ(test, kref_read(&c->fence[2][0]->base.refcount), 1);
	KUNIT_EXPECT_FALSE(test, has_signaled(c, 2, 1));
}

static struct kunit_case hw_fence_cases[] = {
	KUNIT_CASE(test_in_order),
	KUNIT_CASE(test_alone),
	KUNIT_CASE(test_cancelled),
	{}
};

static struct kunit_suite hw_fence_suite = {
	.name = "xe_hw_fence",
	.init = hw_fence_init,
	.exit = hw_fence_exit,
	.test_cases = hw_fence_cases,
};

kunit_test_suite(hw_fence_suite);
