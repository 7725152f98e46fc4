// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Updates in flight, with the fences of the kernel: signalled under their lock, from interrupts and
 * by other threads. Which ranges overlap is tested exhaustively in user space
 * (tools/testing/xe-pt/test_range.c).
 */
#include <kunit/test.h>

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timer.h>

#include "pt/xe_range_track.h"

/* Updates in flight at once, one page of addresses each */
#define N_UPDATES	32
#define N_ROUNDS	400
/* Jiffies; a signal that comes later than this is a failure of its own */
#define PATIENCE	(10 * HZ)

struct update {
	struct dma_fence base;
	/* of the fence */
	spinlock_t lock;
	struct timer_list timer;
};

struct track_test {
	struct xe_range_tracker tracker;
	/* fences that exist */
	atomic_t live;
	u64 context;
};

static struct track_test *live_test;

static const char *fake_name(struct dma_fence *fence)
{
	return "update";
}

static void fake_release(struct dma_fence *fence)
{
	atomic_dec(&live_test->live);
	kfree(container_of(fence, struct update, base));
}

static const struct dma_fence_ops fake_ops = {
	.get_driver_name = fake_name,
	.get_timeline_name = fake_name,
	.release = fake_release,
};

/* In hard interrupt context, where fences of the hardware signal. The timer has a reference. */
static void timer_signals(struct timer_list *timer)
{
	struct update *u = from_timer(u, timer, timer);

	dma_fence_signal(&u->base);
	dma_fence_put(&u->base);
}

static struct update *make_update(struct kunit *test)
{
	struct track_test *t = test->priv;
	struct update *u = kzalloc(sizeof(*u), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, u);
	spin_lock_init(&u->lock);
	timer_setup(&u->timer, timer_signals, TIMER_IRQSAFE);
	dma_fence_init(&u->base, &fake_ops, &u->lock, t->context, 1);
	atomic_inc(&t->live);

	return u;
}

static void track(struct kunit *test, struct update *u, u64 first, u64 last)
{
	struct track_test *t = test->priv;
	struct xe_range_node *node = xe_range_node_alloc();

	KUNIT_ASSERT_NOT_NULL(test, node);
	xe_range_track_insert(&t->tracker, node, first, last, &u->base);
}

static int count_fence(void *ctx, struct dma_fence *fence)
{
	++*(unsigned int *)ctx;
	return 0;
}

static unsigned int count_deps(struct kunit *test, u64 first, u64 last)
{
	struct track_test *t = test->priv;
	unsigned int n = 0;

	KUNIT_EXPECT_EQ(test, xe_range_track_deps(&t->tracker, first, last, count_fence, &n), 0);

	return n;
}

static int track_test_init(struct kunit *test)
{
	struct track_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	xe_range_tracker_init(&t->tracker);
	t->context = dma_fence_context_alloc(1);
	live_test = t;
	test->priv = t;

	return 0;
}

/* Whatever the test did: nothing is in flight afterwards, and no reference was lost. */
static void track_test_exit(struct kunit *test)
{
	struct track_test *t = test->priv;

	xe_range_tracker_fini(&t->tracker);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&t->tracker.tree.rb_root));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->live), 0);
}

struct overlap_case {
	const char *name;
	u64 first, last;
	unsigned int n;
};

/* In flight are [10, 19], [15, 15], [20, 29] and the last page there is. */
static const struct overlap_case overlap_cases[] = {
	{ "before", 0, 9, 0 },
	{ "touches the first", 0, 10, 1 },
	{ "inside one", 11, 12, 1 },
	{ "a single address of two", 15, 15, 2 },
	{ "end of one", 19, 19, 1 },
	{ "border of two", 19, 20, 2 },
	{ "all but the last", 0, 1000, 3 },
	{ "between", 30, U64_MAX - 4096, 0 },
	{ "the highest address", U64_MAX, U64_MAX, 1 },
	{ "everything", 0, U64_MAX, 4 },
};

static void overlap_case_name(const struct overlap_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(overlap, overlap_cases, overlap_case_name);

static void test_overlap(struct kunit *test)
{
	static const u64 ranges[][2] = {
		{ 10, 19 }, { 15, 15 }, { 20, 29 }, { U64_MAX - 4095, U64_MAX },
	};
	const struct overlap_case *c = test->param_value;
	struct update *u[ARRAY_SIZE(ranges)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		u[i] = make_update(test);
		track(test, u[i], ranges[i][0], ranges[i][1]);
	}
	KUNIT_EXPECT_EQ(test, count_deps(test, c->first, c->last), c->n);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		dma_fence_signal(&u[i]->base);
		dma_fence_put(&u[i]->base);
	}
	KUNIT_EXPECT_EQ(test, count_deps(test, 0, U64_MAX), 0);
}

static void test_signalled_before(struct kunit *test)
{
	struct update *u = make_update(test);

	dma_fence_signal(&u->base);
	track(test, u, 0, 9);
	KUNIT_EXPECT_EQ(test, count_deps(test, 0, 9), 0);
	KUNIT_EXPECT_EQ(test, kref_read(&u->base.refcount), 1);
	dma_fence_put(&u->base);
}

/* The tracker keeps a fence that nobody else wants. */
static void test_last_reference(struct kunit *test)
{
	struct track_test *t = test->priv;
	struct update *u = make_update(test);

	track(test, u, 0, 9);
	dma_fence_put(&u->base);
	KUNIT_EXPECT_EQ(test, count_deps(test, 5, 5), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->live), 1);
	dma_fence_get(&u->base);
	dma_fence_signal(&u->base);
	dma_fence_put(&u->base);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->live), 0);
}

/* The end of an address space waits for what interrupts will signal. */
static void test_fini_waits(struct kunit *test)
{
	struct track_test *t = test->priv;
	struct update *u[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(u); i++) {
		u[i] = make_update(test);
		track(test, u[i], i, i);
		dma_fence_get(&u[i]->base);
		u[i]->timer.expires = jiffies + 1 + 2 * i;
		add_timer(&u[i]->timer);
	}
	xe_range_tracker_fini(&t->tracker);
	for (i = 0; i < ARRAY_SIZE(u); i++) {
		KUNIT_EXPECT_TRUE(test, dma_fence_is_signaled(&u[i]->base));
		timer_delete_sync(&u[i]->timer);
		dma_fence_put(&u[i]->base);
	}
}

struct signaller {
	struct update *u[N_UPDATES];
	struct completion go;
	struct completion done;
	bool end;
};

static int signal_all(void *data)
{
	struct signaller *s = data;
	unsigned int i;

	for (;;) {
		wait_for_completion(&s->go);
		if (s->end)
			break;
		for (i = 0; i < N_UPDATES; i++)
			dma_fence_signal(&s->u[i]->base);
		complete(&s->done);
	}
	complete(&s->done);

	return 0;
}

/* Updates end while others ask for them: each is found or is over, and none is found twice. */
static void test_signals_meanwhile(struct kunit *test)
{
	struct signaller s = {};
	struct task_struct *task;
	unsigned int round, i, n;

	init_completion(&s.go);
	init_completion(&s.done);
	task = kthread_run(signal_all, &s, "xe-signaller");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (round = 0; round < N_ROUNDS; round++) {
		for (i = 0; i < N_UPDATES; i++) {
			s.u[i] = make_update(test);
			track(test, s.u[i], i, i + 3);
		}
		complete(&s.go);
		for (n = 1; n;) {
			n = count_deps(test, 0, U64_MAX);
			KUNIT_EXPECT_LE(test, n, N_UPDATES);
			/* the only processor, without preemption, in a user-mode kernel */
			cond_resched();
		}
		KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
		for (i = 0; i < N_UPDATES; i++)
			dma_fence_put(&s.u[i]->base);
	}
	s.end = true;
	complete(&s.go);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&s.done, PATIENCE), 0);
}

static struct kunit_case track_cases[] = {
	KUNIT_CASE_PARAM(test_overlap, overlap_gen_params),
	KUNIT_CASE(test_signalled_before),
	KUNIT_CASE(test_last_reference),
	KUNIT_CASE(test_fini_waits),
	KUNIT_CASE(test_signals_meanwhile),
	{}
};

static struct kunit_suite track_suite = {
	.name = "xe_range_track",
	.init = track_test_init,
	.exit = track_test_exit,
	.test_cases = track_cases,
};

kunit_test_suite(track_suite);
