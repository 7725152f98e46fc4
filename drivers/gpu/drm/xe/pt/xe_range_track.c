// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_range_track.h"

/**
 * DOC: Updates in flight, by range
 *
 * Page-table plans of one address space that have been committed but not carried out are ordered
 * only where the addresses they affect overlap. The tracker remembers the fence of each plan with
 * its extent (see xe_pt_plan_extent()) until the fence signals; a new plan asks for the fences of
 * its own extent and waits for those.
 *
 * Locking: insertions and look-ups are serialised by the bind lock of the address space. Nodes
 * remove themselves from fence callbacks, hence the spinlock, which is taken inside the lock of the
 * fence.
 */

/**
 * struct xe_range_node - one update in flight
 * @rb: node of the interval tree
 * @first: first address
 * @last: last address, inclusive
 * @subtree_last: highest @last in the subtree of @rb
 * @tracker: tracker the node is in
 * @fence: signals when the update is done; holds a reference
 * @cb: callback on @fence
 */
struct xe_range_node {
	struct rb_node rb;
	u64 first;
	u64 last;
	u64 subtree_last;
	struct xe_range_tracker *tracker;
	struct dma_fence *fence;
	struct dma_fence_cb cb;
};

#define NODE_FIRST(node) ((node)->first)
#define NODE_LAST(node) ((node)->last)

INTERVAL_TREE_DEFINE(struct xe_range_node, rb, u64, subtree_last, NODE_FIRST, NODE_LAST,
		     static, range)

/**
 * xe_range_tracker_init() - start with nothing in flight
 * @tracker: memory to initialise
 *
 * Context: any.
 */
void xe_range_tracker_init(struct xe_range_tracker *tracker)
{
	spin_lock_init(&tracker->lock);
	tracker->tree = RB_ROOT_CACHED;
}

/* Reference to the fence of any node, or NULL. */
static struct dma_fence *tracker_get_any(struct xe_range_tracker *tracker)
{
	struct xe_range_node *node;
	struct dma_fence *fence = NULL;
	unsigned long flags;

	spin_lock_irqsave(&tracker->lock, flags);
	node = range_iter_first(&tracker->tree, 0, ~0ULL);
	if (node)
		fence = dma_fence_get(node->fence);
	spin_unlock_irqrestore(&tracker->lock, flags);
	return fence;
}

/**
 * xe_range_tracker_fini() - wait until nothing is in flight
 * @tracker: tracker; nothing is inserted any more
 *
 * Context: may sleep; not where fences are signalled.
 */
void xe_range_tracker_fini(struct xe_range_tracker *tracker)
{
	struct dma_fence *fence;

	while ((fence = tracker_get_any(tracker))) {
		dma_fence_wait(fence, false);
		dma_fence_put(fence);
		/* The callback that removes the node may be running, with interrupts off. */
		cond_resched();
	}
}

/**
 * xe_range_node_alloc() - allocate what xe_range_track_insert() needs
 *
 * Context: may sleep.
 * Return: a node, or NULL if out of memory.
 */
struct xe_range_node *xe_range_node_alloc(void)
{
	return kzalloc(sizeof(struct xe_range_node), GFP_KERNEL_ACCOUNT);
}

/**
 * xe_range_node_free() - free a node that was not inserted
 * @node: node; NULL is fine
 *
 * Context: any.
 */
void xe_range_node_free(struct xe_range_node *node)
{
	kfree(node);
}

static void node_remove(struct xe_range_node *node)
{
	struct xe_range_tracker *tracker = node->tracker;
	unsigned long flags;

	spin_lock_irqsave(&tracker->lock, flags);
	range_remove(node, &tracker->tree);
	spin_unlock_irqrestore(&tracker->lock, flags);

	dma_fence_put(node->fence);
	kfree(node);
}

static void node_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	node_remove(container_of(cb, struct xe_range_node, cb));
}

/**
 * xe_range_track_insert() - note an update in flight
 * @tracker: tracker
 * @node: from xe_range_node_alloc(); consumed
 * @first: first address the update affects
 * @last: last address, inclusive
 * @fence: signals when the update is done; a reference is taken
 *
 * The entry goes away by itself when @fence signals. @tracker must exist until then.
 *
 * Context: any. The bind lock is held; allocates nothing and does not sleep.
 */
void xe_range_track_insert(struct xe_range_tracker *tracker, struct xe_range_node *node,
			   u64 first, u64 last, struct dma_fence *fence)
{
	unsigned long flags;

	node->tracker = tracker;
	node->first = first;
	node->last = last;
	node->fence = dma_fence_get(fence);

	spin_lock_irqsave(&tracker->lock, flags);
	range_insert(node, &tracker->tree);
	spin_unlock_irqrestore(&tracker->lock, flags);

	if (dma_fence_add_callback(fence, &node->cb, node_signalled))
		node_remove(node);
}

/* References to at most @max fences of [first, last]; returns how many there are. */
static size_t tracker_collect(struct xe_range_tracker *tracker, u64 first, u64 last,
			      struct dma_fence **fences, size_t max)
{
	struct xe_range_node *node;
	unsigned long flags;
	size_t n = 0;

	spin_lock_irqsave(&tracker->lock, flags);
	for (node = range_iter_first(&tracker->tree, first, last); node;
	     node = range_iter_next(node, first, last), n++)
		if (n < max)
			fences[n] = dma_fence_get(node->fence);
	spin_unlock_irqrestore(&tracker->lock, flags);
	return n;
}

/**
 * xe_range_track_deps() - list the updates in flight that overlap a range
 * @tracker: tracker
 * @first: first address
 * @last: last address, inclusive
 * @add: called for each fence, without a lock of the tracker; consumes no reference and takes its
 *	own if it keeps the fence
 * @ctx: first argument of @add
 *
 * Context: may sleep. The bind lock is held, so that no update is added meanwhile.
 * Return: 0; -ENOMEM; or the first error of @add.
 */
int xe_range_track_deps(struct xe_range_tracker *tracker, u64 first, u64 last,
			int (*add)(void *ctx, struct dma_fence *fence), void *ctx)
{
	struct dma_fence **fences;
	size_t max, n, i;
	int err = 0;

	max = tracker_collect(tracker, first, last, NULL, 0);
	if (!max)
		return 0;

	/* There may be more than an allocation can hold, which is no reason to complain. */
	fences = kcalloc(max, sizeof(*fences), GFP_KERNEL | __GFP_NOWARN);
	if (!fences)
		return -ENOMEM;

	/* There cannot be more than before, but some may have signalled. */
	n = min(tracker_collect(tracker, first, last, fences, max), max);
	for (i = 0; i < n; i++) {
		if (!err)
			err = add(ctx, fences[i]);
		dma_fence_put(fences[i]);
	}
	kfree(fences);
	return err;
}
