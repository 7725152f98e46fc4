// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Range tracker: exactly the overlapping updates in flight are reported, and nothing stays behind.
 *
 * Proven to notice (see mutants.py): entries that stay after their fence signalled; a fence
 * reference that is not dropped.
 */
#include "harness.h"

#include "pt/xe_range_track.h"

#define N 40

struct update {
	struct dma_fence fence;
	u64 first, last;
	unsigned int reported;
};

static int count_fence(void *ctx, struct dma_fence *fence)
{
	container_of(fence, struct update, fence)->reported++;
	return 0;
}

static int refuse_fence(void *ctx, struct dma_fence *fence)
{
	(*(unsigned int *)ctx)++;
	return -EINTR;
}

static void update_init(struct update *u, u64 first, u64 last)
{
	*u = (struct update){ .first = first, .last = last };
	u->fence.refs = 1;
	u->fence.lock = &u->fence.own_lock;
}

static void track(struct xe_range_tracker *t, struct update *u)
{
	struct xe_range_node *node = xe_range_node_alloc();

	assert_non_null(node);
	xe_range_track_insert(t, node, u->first, u->last, &u->fence);
}

static void test_overlap(void **state)
{
	struct xe_range_tracker t;
	struct update u[N];
	unsigned int i, round;

	alloc_reset();
	xe_range_tracker_init(&t);
	for (i = 0; i < N; i++) {
		u64 first = rnd(100);

		update_init(&u[i], first, first + rnd(20));
		track(&t, &u[i]);
	}
	for (round = 0; round < 200; round++) {
		u64 first = rnd(120), last = first + rnd(10);

		if (round % 6 == 5 && !u[round / 6].fence.signalled)
			dma_fence_signal(&u[round / 6].fence);
		assert_int_equal(xe_range_track_deps(&t, first, last, count_fence, NULL), 0);
		for (i = 0; i < N; i++) {
			bool overlap = u[i].first <= last && first <= u[i].last;

			assert_int_equal(u[i].reported, overlap && !u[i].fence.signalled);
			u[i].reported = 0;
		}
	}
	xe_range_tracker_fini(&t);
	for (i = 0; i < N; i++) {
		assert_true(u[i].fence.signalled);
		assert_int_equal(u[i].fence.refs, 1);
	}
	assert_int_equal(alloc_outstanding(), 0);
}

static void test_already_signalled(void **state)
{
	struct xe_range_tracker t;
	struct update u;

	alloc_reset();
	xe_range_tracker_init(&t);
	update_init(&u, 0, 9);
	dma_fence_signal(&u.fence);
	track(&t, &u);
	assert_int_equal(xe_range_track_deps(&t, 0, 9, count_fence, NULL), 0);
	assert_int_equal(u.reported, 0);
	assert_int_equal(u.fence.refs, 1);
	assert_int_equal(alloc_outstanding(), 0);
	xe_range_tracker_fini(&t);
}

static void test_errors(void **state)
{
	struct xe_range_tracker t;
	struct update u[3];
	unsigned int i, calls = 0;

	alloc_reset();
	xe_range_tracker_init(&t);
	for (i = 0; i < 3; i++) {
		update_init(&u[i], i, i);
		track(&t, &u[i]);
	}
	assert_int_equal(xe_range_track_deps(&t, 0, 9, refuse_fence, &calls), -EINTR);
	assert_int_equal(calls, 1);

	alloc_fail_nth(1);
	assert_int_equal(xe_range_track_deps(&t, 0, 9, count_fence, NULL), -ENOMEM);
	alloc_fail_nth(1);
	assert_null(xe_range_node_alloc());
	alloc_fail_nth(0);

	xe_range_tracker_fini(&t);
	for (i = 0; i < 3; i++)
		assert_int_equal(u[i].fence.refs, 1);
	assert_int_equal(alloc_outstanding(), 0);
	xe_range_node_free(NULL);
}

const struct CMUnitTest range_tests[] = {
	cmocka_unit_test(test_overlap),
	cmocka_unit_test(test_already_signalled),
	cmocka_unit_test(test_errors),
};

const size_t n_range_tests = ARRAY_SIZE(range_tests);
