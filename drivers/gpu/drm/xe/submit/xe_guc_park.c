// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * The way of queues into system sleep: off the hardware, with their contexts saved. What follows is
 * a stop and a restart, see xe_guc_submit.c.
 */

#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_submit.h"
#include "submit/xe_guc_types.h"

static int guc_queue_park(struct xe_guc_queue *gq)
{
	int ret = 0;

	mutex_lock(&gq->ctl_lock);
	if (!xe_guc_queue_is_stopped(gq)) {
		drm_sched_wqueue_stop(&gq->sched);
		ret = xe_guc_queue_is_dead(gq) ? xe_guc_context_evict(gq) :
						 xe_guc_context_disable(gq);
		spin_lock(&gq->lock);
		WRITE_ONCE(gq->state, gq->state | GUC_QUEUE_STOPPED |
			   (ret ? 0 : GUC_QUEUE_PARKED));
		spin_unlock(&gq->lock);
	}
	mutex_unlock(&gq->ctl_lock);

	return ret;
}

/**
 * xe_guc_submit_park - take all queues off the hardware, with what they have done so far saved
 * @guc: GuC that works, or does not answer
 *
 * Jobs that run are preempted. Those that do not yield to that meet an engine reset of the
 * firmware, as when their time slice is over. xe_guc_submit_stop() and xe_guc_submit_restart()
 * follow, the latter lets parked queues continue. A queue whose context was not confirmed to be
 * off the hardware is treated there as in a GT reset.
 *
 * Context: system sleep, GT resets disabled; may sleep. Interrupts must work.
 */
void xe_guc_submit_park(struct xe_guc *guc)
{
	struct xe_guc_submit *submit = &guc->submit;
	struct xe_guc_queue *gq;

	mutex_lock(&submit->lock);
	list_for_each_entry(gq, &submit->queues, link) {
		/* A GuC that does not answer once is not waited for again. */
		if (guc_queue_park(gq))
			break;
	}
	mutex_unlock(&submit->lock);
}
