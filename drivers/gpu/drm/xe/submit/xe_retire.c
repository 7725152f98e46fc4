// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Fences of jobs that are over
 *
 * What user space gets for a job is the finished fence of the scheduler, and it may keep that for
 * as long as it likes, in a sync file for instance. The fence points to its scheduler, for the sake
 * of a name, but schedulers go with queues and devices. So the fence of a job that is freed is made
 * to point to a scheduler that is a name and nothing else.
 *
 * That name is data of this module, which is not unloaded before its fences are gone
 * (xe_hw_fence.c). The finished fence counts as long as it holds the fence of the hardware, its
 * parent. A job that was cancelled before it could start has none, and neither has a bind that
 * invalidates nothing. They get the *keeper* for a parent, a fence that has signalled and that the
 * module itself holds.
 *
 * Locking: none. The keeper is constant between init and fini of the module.
 */

#include "submit/xe_retire.h"

#include <linux/build_bug.h>
#include <linux/dma-fence.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <drm/gpu_scheduler.h>

#include "gt/xe_hw_fence.h"

/**
 * struct xe_keeper - what keeps the module as long as somebody holds a fence with a name of its
 */
struct xe_keeper {
	/** @base: the fence, signalled; embedded first */
	struct dma_fence base;
	/** @lock: lock of @base */
	spinlock_t lock;
};

static_assert(!offsetof(struct xe_keeper, base));

static struct xe_keeper *keeper;

static struct drm_gpu_scheduler retired_sched = {
	.name = "xe-done",
};

static const char *keeper_driver_name(struct dma_fence *fence)
{
	return "xe";
}

static const char *keeper_timeline_name(struct dma_fence *fence)
{
	return "keeper";
}

static const struct dma_fence_ops keeper_ops = {
	.get_driver_name = keeper_driver_name,
	.get_timeline_name = keeper_timeline_name,
	.release = xe_fence_release,
};

/**
 * xe_retire_init - prepare for jobs
 *
 * Context: module init.
 * Return: 0, or -ENOMEM
 */
int xe_retire_init(void)
{
	keeper = kzalloc(sizeof(*keeper), GFP_KERNEL);
	if (!keeper)
		return -ENOMEM;

	spin_lock_init(&keeper->lock);
	xe_fence_init(&keeper->base, &keeper_ops, &keeper->lock, dma_fence_context_alloc(1), 1);
	dma_fence_signal(&keeper->base);

	return 0;
}

/**
 * xe_retire_fini - all jobs have been freed
 *
 * Fences that have the keeper for a parent count as alive until they go.
 *
 * Context: module exit.
 */
void xe_retire_fini(void)
{
	dma_fence_put(&keeper->base);
	keeper = NULL;
}

/**
 * xe_retire_sched_job - let the fence of a job outlive everything else
 * @job: job that is about to be freed; both of its fences have signalled
 *
 * Context: free_job of the scheduler.
 */
void xe_retire_sched_job(struct drm_sched_job *job)
{
	struct drm_sched_fence *fence = job->s_fence;

	WRITE_ONCE(fence->sched, &retired_sched);
	if (fence->parent)
		return;
	/* pairs with the acquire of whoever sets a deadline, which means nothing any more */
	smp_store_release(&fence->parent, dma_fence_get(&keeper->base));
}
