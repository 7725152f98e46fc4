// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Snapshot of a hang
 *
 * What the submission side knows when a queue hangs or faults: the rings to the GuC, the queue, its
 * contexts, the job in question, and the registers of the engines it may run on.
 *
 * A snapshot is taken where fences wait for the caller. So it holds values, and references to the
 * contexts, whose memory is read when the snapshot is printed: by then nothing runs them any more.
 *
 * Registers tell about a job only while it is on an engine. Therefore they are read first, when the
 * job is under suspicion, and thrown away if it turns out to be innocent. After a GT reset there is
 * nothing to be seen in them; a snapshot then has the registers of before, or none.
 *
 * Locking: &xe_guc_queue.ctl_lock is held and the scheduler paused whenever a snapshot that
 * belongs to a queue is touched.
 */

#include "submit/xe_guc_snapshot.h"

#include <linux/dma-fence.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <drm/drm_print.h>

#include "abi/guc_messages.h"
#include "base/xe_dump_text.h"
#include "gt/xe_engine_snapshot.h"
#include "gt/xe_gt.h"
#include "gt/xe_lrc.h"
#include "hw/xe_force_wake.h"
#include "instructions/lrc_layout.h"
#include "mem/xe_bo.h"
#include "submit/xe_guc_ct.h"
#include "submit/xe_guc_queue.h"
#include "submit/xe_guc_types.h"
#include "submit/xe_job.h"

#define SNAPSHOT_GFP	(GFP_NOWAIT | __GFP_NOWARN)

/* One context of the queue. */
struct snapshot_lrc {
	/* reference */
	struct xe_lrc *lrc;
	size_t image_size;
	u32 head;
	u32 tail;
	u32 seqno;
	u32 start_seqno;
	u32 in_flight;
	u32 timestamp;
	u32 job_timestamp;
};

struct xe_guc_snapshot {
	struct xe_uc_fw_version fw;
	struct xe_uc_fw_version submission;
	struct xe_guc_ct_snapshot ct;

	/* the queue; what, and what with, by value */
	char name[sizeof_field(struct xe_exec_queue, name)];
	const char *incident;
	u32 id;
	u32 guc_state;
	int error;
	u32 class;
	u32 logical_mask;
	u32 flags;
	unsigned long state;
	struct xe_queue_props props;
	u16 width;
	struct snapshot_lrc lrc[XE_EXEC_QUEUE_MAX_WIDTH];

	/* the oldest unfinished job */
	bool has_job;
	bool has_batch;
	u32 lrc_seqno;
	u64 fence_context;
	u64 fence_seqno;
	u64 batch[XE_EXEC_QUEUE_MAX_WIDTH];

	unsigned int n_engines;
	struct xe_engine_snapshot engines[XE_EXEC_QUEUE_MAX_WIDTH];
};

/**
 * xe_guc_ct_snapshot_take - note the state of the rings
 * @ct: transport
 * @s: filled
 *
 * Context: any; allocates nothing.
 */
void xe_guc_ct_snapshot_take(struct xe_guc_ct *ct, struct xe_guc_ct_snapshot *s)
{
	const u32 *h2g, *g2h;
	unsigned long flags;

	/* the buffer goes only after the state has told that there is none */
	spin_lock_irqsave(&ct->lock, flags);
	*s = (struct xe_guc_ct_snapshot) {
		.state = ct->state,
		.has_rings = ct->state != XE_GUC_CT_DISABLED,
	};
	if (s->has_rings) {
		h2g = xe_bo_vaddr(ct->bo) + GUC_CT_H2G_DESC_OFFSET;
		g2h = xe_bo_vaddr(ct->bo) + GUC_CT_G2H_DESC_OFFSET;
		s->h2g_head = READ_ONCE(h2g[GUC_CT_DESC_HEAD]);
		s->h2g_tail = READ_ONCE(h2g[GUC_CT_DESC_TAIL]);
		s->h2g_status = READ_ONCE(h2g[GUC_CT_DESC_STATUS]);
		s->g2h_head = READ_ONCE(g2h[GUC_CT_DESC_HEAD]);
		s->g2h_tail = READ_ONCE(g2h[GUC_CT_DESC_TAIL]);
		s->g2h_status = READ_ONCE(g2h[GUC_CT_DESC_STATUS]);
		s->g2h_credits = ct->g2h_credits;
	}
	spin_unlock_irqrestore(&ct->lock, flags);
}

/**
 * xe_guc_ct_snapshot_print - show what was noted
 * @s: the snapshot
 * @p: where to
 *
 * Context: as @p demands.
 */
void xe_guc_ct_snapshot_print(const struct xe_guc_ct_snapshot *s, struct drm_printer *p)
{
	static const char * const names[] = {
		[XE_GUC_CT_DISABLED] = "disabled",
		[XE_GUC_CT_STOPPED] = "stopped",
		[XE_GUC_CT_BROKEN] = "broken",
		[XE_GUC_CT_ENABLED] = "enabled",
	};

	drm_printf(p, "CT %s\n", names[s->state]);
	if (!s->has_rings)
		return;

	drm_printf(p, "\tH2G head %u tail %u status %#x, room for events %u dwords\n",
		   s->h2g_head, s->h2g_tail, s->h2g_status, s->g2h_credits);
	drm_printf(p, "\tG2H head %u tail %u status %#x\n", s->g2h_head, s->g2h_tail,
		   s->g2h_status);
}

/* Engines the queue may run on: slot i runs i instances above slot 0. */
static u32 snapshot_engine_mask(const struct xe_exec_queue *q)
{
	u32 mask = 0;
	unsigned int i;

	for (i = 0; i < q->width; i++)
		mask |= q->logical_mask << i;

	return mask;
}

static void snapshot_read_engines(struct xe_guc_snapshot *snap, const struct xe_exec_queue *q)
{
	unsigned long mask = snapshot_engine_mask(q);
	struct xe_gt *gt = q->gt;
	const struct xe_engine *hwe;
	unsigned int i;

	if (xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL))
		return;

	for_each_set_bit(i, &mask, BITS_PER_TYPE(u32)) {
		hwe = xe_gt_engine(gt, q->class, i);
		if (hwe && snap->n_engines < ARRAY_SIZE(snap->engines))
			xe_engine_snapshot_take(&snap->engines[snap->n_engines++], hwe);
	}

	xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
}

/**
 * xe_guc_snapshot_take - read the engines' registers in case the queue is to blame
 * @gq: a queue, still on the hardware
 *
 * The result stays with the queue until xe_guc_snapshot_report() or xe_guc_snapshot_drop().
 *
 * Context: ctl_lock held, scheduler paused. Fence signalling.
 */
void xe_guc_snapshot_take(struct xe_guc_queue *gq)
{
	lockdep_assert_held(&gq->ctl_lock);

	xe_guc_snapshot_drop(gq);
	if (!READ_ONCE(gq->q->xe->coredump_ops))
		return;

	gq->snapshot = kzalloc(sizeof(*gq->snapshot), SNAPSHOT_GFP);
	if (gq->snapshot)
		snapshot_read_engines(gq->snapshot, gq->q);
}

/**
 * xe_guc_snapshot_drop - the queue was not to blame, or is going away
 * @gq: the queue, with or without a snapshot
 *
 * Context: ctl_lock held, or nobody else knows the queue. Fence signalling: what is dropped holds
 * no references yet.
 */
void xe_guc_snapshot_drop(struct xe_guc_queue *gq)
{
	kfree(gq->snapshot);
	gq->snapshot = NULL;
}

static void snapshot_note_lrc(struct snapshot_lrc *s, struct xe_lrc *lrc)
{
	s->lrc = xe_lrc_get(lrc);
	s->image_size = xe_lrc_image_size(lrc->gt, lrc->class);
	s->head = xe_lrc_saved_head(lrc);
	s->tail = xe_lrc_tail(lrc);
	s->seqno = xe_lrc_seqno(lrc);
	s->start_seqno = xe_lrc_start_seqno(lrc);
	s->in_flight = xe_lrc_jobs_in_flight(lrc);
	s->timestamp = xe_lrc_ctx_timestamp(lrc);
	s->job_timestamp = xe_lrc_job_timestamp(lrc);
}

static void snapshot_note_queue(struct xe_guc_snapshot *snap, const struct xe_guc_queue *gq)
{
	const struct xe_exec_queue *q = gq->q;
	unsigned int i;

	strscpy(snap->name, q->name, sizeof(snap->name));
	snap->incident = READ_ONCE(gq->incident);
	snap->id = gq->id;
	snap->guc_state = READ_ONCE(gq->state);
	snap->error = READ_ONCE(gq->error);
	snap->class = q->class;
	snap->logical_mask = q->logical_mask;
	snap->flags = q->flags;
	snap->state = READ_ONCE(q->state);
	snap->props = q->sched_props;
	snap->width = q->width;
	for (i = 0; i < q->width; i++)
		snapshot_note_lrc(&snap->lrc[i], q->lrc[i]);
}

static void snapshot_note_job(struct xe_guc_snapshot *snap, const struct xe_job *job)
{
	unsigned int i;

	snap->has_job = true;
	snap->has_batch = job->has_batch;
	snap->lrc_seqno = job->lrc_seqno;
	snap->fence_context = job->drm.s_fence->finished.context;
	snap->fence_seqno = job->drm.s_fence->finished.seqno;
	for (i = 0; i < job->q->width; i++)
		snap->batch[i] = job->slot[i].batch;
}

/**
 * xe_guc_snapshot_report - report an incident, if there was one and it has not been reported
 * @gq: the queue
 * @job: its oldest unfinished job, NULL if there is none, or it is long-running
 *
 * Context: ctl_lock held, scheduler paused, no job cancelled yet: as long as jobs are unfinished
 * nobody takes the address space apart. Fence signalling.
 */
void xe_guc_snapshot_report(struct xe_guc_queue *gq, const struct xe_job *job)
{
	/* Pairs with the release in xe_devcoredump_init(). */
	const struct xe_coredump_ops *ops = smp_load_acquire(&gq->q->xe->coredump_ops);
	struct xe_guc_snapshot *snap;
	bool cookie;

	lockdep_assert_held(&gq->ctl_lock);

	if (!ops || !READ_ONCE(gq->incident) || gq->reported)
		return;
	gq->reported = true;

	cookie = dma_fence_begin_signalling();
	/* Once the GuC was stopped nothing is left in the registers. */
	if (!gq->snapshot && READ_ONCE(gq->state) & GUC_QUEUE_REGISTERED)
		xe_guc_snapshot_take(gq);
	if (!gq->snapshot)
		gq->snapshot = kzalloc(sizeof(*gq->snapshot), SNAPSHOT_GFP);

	snap = gq->snapshot;
	gq->snapshot = NULL;
	if (snap) {
		snap->fw = gq->guc->fw.version;
		snap->submission = gq->guc->fw.submission;
		xe_guc_ct_snapshot_take(&gq->guc->ct, &snap->ct);
		snapshot_note_queue(snap, gq);
		if (job)
			snapshot_note_job(snap, job);
	}
	ops->report(gq->q, snap);
	dma_fence_end_signalling(cookie);
}

static void snapshot_print_lrc(const struct snapshot_lrc *s, struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	const void *image = xe_lrc_image(s->lrc);

	drm_printf(&p, "\tHW Context Desc: 0x%016llx\n", xe_lrc_descriptor(s->lrc));
	drm_printf(&p, "\tHW Ring address: 0x%08x\n", xe_lrc_ring_ggtt_addr(s->lrc));
	drm_printf(&p, "\tLRC Head: (memory) %u\n", s->head);
	drm_printf(&p, "\tLRC Tail: (internal) %u\n", s->tail);
	drm_printf(&p, "\tStart seqno: (memory) %d\n", (s32)s->start_seqno);
	drm_printf(&p, "\tSeqno: (memory) %d\n", (s32)s->seqno);
	drm_printf(&p, "\tJobs in flight: %u\n", s->in_flight);
	drm_printf(&p, "\tTimestamp: 0x%08x\n", s->timestamp);
	drm_printf(&p, "\tJob Timestamp: 0x%08x\n", s->job_timestamp);

	xe_dump_text_add_memory(t, "HWSP", image, LRC_PPHWSP_SIZE);
	xe_dump_text_add_memory(t, "HWCTX", image + LRC_STATE_OFFSET,
				s->image_size - LRC_STATE_OFFSET);
}

static void snapshot_print_queue(const struct xe_guc_snapshot *snap, struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	unsigned int i;

	drm_printf(&p, "GuC ID: %u\n", snap->id);
	drm_printf(&p, "\tName: %s\n", snap->name);
	drm_printf(&p, "\tReason: %s\n", snap->incident);
	drm_printf(&p, "\tClass: %u\n", snap->class);
	drm_printf(&p, "\tLogical mask: 0x%x\n", snap->logical_mask);
	drm_printf(&p, "\tWidth: %u\n", snap->width);
	drm_printf(&p, "\tTimeout: %u (ms)\n", snap->props.job_timeout_ms);
	drm_printf(&p, "\tTimeslice: %u (us)\n", snap->props.timeslice_us);
	drm_printf(&p, "\tPreempt timeout: %u (us)\n", snap->props.preempt_timeout_us);
	drm_printf(&p, "\tPriority: %u\n", snap->props.priority);
	drm_printf(&p, "\tFlags: 0x%x\n", snap->flags);
	drm_printf(&p, "\tState: 0x%lx\n", snap->state);
	drm_printf(&p, "\tSchedule State: 0x%x\n", snap->guc_state);
	drm_printf(&p, "\tError: %d\n", snap->error);
	for (i = 0; i < snap->width; i++)
		snapshot_print_lrc(&snap->lrc[i], t);
}

static void snapshot_print_job(const struct xe_guc_snapshot *snap, struct drm_printer *p)
{
	unsigned int i;

	if (!snap->has_job)
		return;

	drm_printf(p, "\tSeqno: %llu\n", snap->fence_seqno);
	drm_printf(p, "\tFence context: %llu\n", snap->fence_context);
	drm_printf(p, "\tLRC seqno: %d\n", (s32)snap->lrc_seqno);
	for (i = 0; snap->has_batch && i < snap->width; i++)
		drm_printf(p, "\tbatch_addr[%u]: 0x%016llx\n", i, snap->batch[i]);
}

/**
 * xe_guc_snapshot_print - show rings, queue, contexts, job and engines
 * @snap: the snapshot
 * @t: where to
 *
 * Sections and names are those that programs look for.
 *
 * Context: may sleep. The device has not been removed.
 */
void xe_guc_snapshot_print(const struct xe_guc_snapshot *snap, struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	unsigned int i;

	drm_printf(&p, "GuC firmware: %u.%u.%u, submission %u.%u.%u\n", snap->fw.major,
		   snap->fw.minor, snap->fw.patch, snap->submission.major, snap->submission.minor,
		   snap->submission.patch);
	drm_puts(&p, "\n**** GuC CT ****\n");
	xe_guc_ct_snapshot_print(&snap->ct, &p);

	drm_puts(&p, "\n**** Contexts ****\n");
	snapshot_print_queue(snap, t);

	drm_puts(&p, "\n**** Job ****\n");
	snapshot_print_job(snap, &p);

	drm_puts(&p, "\n**** HW Engines ****\n");
	for (i = 0; i < snap->n_engines; i++)
		xe_engine_snapshot_print(&snap->engines[i], &p);
}

/**
 * xe_guc_snapshot_free - free a reported snapshot
 * @snap: the snapshot or NULL
 *
 * Context: may sleep. The device has not been removed: contexts may go with it.
 */
void xe_guc_snapshot_free(struct xe_guc_snapshot *snap)
{
	unsigned int i;

	if (!snap)
		return;

	for (i = 0; i < snap->width; i++)
		xe_lrc_put(snap->lrc[i].lrc);
	kfree(snap);
}
