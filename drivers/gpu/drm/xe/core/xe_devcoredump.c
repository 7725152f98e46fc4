// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Device coredump
 *
 * When a queue hangs or faults, a record of it appears in ``/sys/class/devcoredump`` and, as long
 * as it is there, as ``devcoredump/data`` below the PCI device. There is one record at a time.
 * Until somebody has written to it, or an hour has passed, further incidents are only counted.
 *
 * ::
 *
 *	time-out handler        worker                           reader
 *	values, references -->  head, show the file
 *	                        queue, engines, VM, contents     waits
 *	                        freeze, drop references  ----->  copies text
 *
 * The handler is waited for by fences. It allocates with GFP_NOWAIT, and if that fails there is no
 * record. Everything that may sleep is left to the worker. Whatever goes wrong in here, the queue
 * is buried all the same.
 *
 * A reader waits for the worker, up to XE_COREDUMP_WAIT. After that the record is frozen as it is,
 * which ends the worker at its next step: what was read once does not change.
 *
 * The facility keeps a record and the module in memory, but needs neither device nor hardware:
 * after the worker, a record is text. It goes when the driver is unbound, because it would hold
 * the struct device.
 *
 * Locking: &xe_coredump.busy admits one record; it changes hands from handler to worker through
 * &xe_coredump.pending. The last of worker and facility frees it. Removing the device waits for a
 * handler that is at it, then for the worker, so that neither outlives the device.
 */

#include "core/xe_devcoredump.h"

#include <linux/completion.h>
#include <linux/devcoredump.h>
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/string_choices.h>
#include <linux/utsname.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_dump_text.h"
#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc_snapshot.h"
#include "vm/xe_vm_snapshot.h"

/* how long a record stays if nobody takes it */
#define XE_COREDUMP_KEEP	(60 * 60 * HZ)
/* how long a reader waits for the worker */
#define XE_COREDUMP_WAIT	(30 * HZ)
/* share of all memory that the text of a record may take */
#define XE_COREDUMP_SHARE	8

/**
 * struct xe_coredump - what a device has to do with dumps; outlives it if a record does
 */
struct xe_coredump {
	/** @ref: reference count: the device, and the record if there is one */
	struct kref ref;
	/** @xe: the device, for the worker only */
	struct xe_device *xe;
	/** @lock: protects the members below up to @dropped; a leaf, interrupts on */
	spinlock_t lock;
	/** @busy: there is a record, from the handler until it is freed */
	bool busy;
	/** @reporting: handlers on their way through coredump_report() */
	unsigned int reporting;
	/** @stop: the device is going away; may be read without the lock */
	bool stop;
	/** @taken: records that were begun */
	unsigned int taken;
	/** @dropped: incidents without a record */
	unsigned int dropped;
	/** @idle: woken when @reporting drops to 0 */
	wait_queue_head_t idle;
	/** @pending: record on its way to @work */
	struct xe_coredump_record *pending;
	/** @work: fills the record */
	struct work_struct work;
};

/* One incident. */
struct xe_coredump_record {
	/* worker and facility */
	struct kref ref;
	/* reference */
	struct xe_coredump *coredump;
	struct xe_dump_text text;
	/* the text is frozen */
	struct completion done;

	ktime_t time;
	ktime_t uptime;
	char comm[TASK_COMM_LEN];
	pid_t pid;
	u8 gt_id;
	struct xe_guc_snapshot *snap;
	struct xe_vm_snapshot *vm;
};

static void coredump_release(struct kref *ref)
{
	kfree(container_of(ref, struct xe_coredump, ref));
}

static void record_release(struct kref *ref)
{
	struct xe_coredump_record *r = container_of(ref, struct xe_coredump_record, ref);
	struct xe_coredump *c = r->coredump;

	xe_dump_text_fini(&r->text);
	kfree(r);
	spin_lock(&c->lock);
	WRITE_ONCE(c->busy, false);
	spin_unlock(&c->lock);
	kref_put(&c->ref, coredump_release);
}

/* What holds on to the device. */
static void record_drop_snapshots(struct xe_coredump_record *r)
{
	xe_guc_snapshot_free(r->snap);
	xe_vm_snapshot_free(r->vm);
	r->snap = NULL;
	r->vm = NULL;
}

static ssize_t record_read(char *buffer, loff_t offset, size_t count, void *data, size_t len)
{
	struct xe_coredump_record *r = data;
	long left;

	left = wait_for_completion_interruptible_timeout(&r->done, XE_COREDUMP_WAIT);
	if (left < 0)
		return left;
	if (!left && xe_dump_text_freeze(&r->text, "\nThe rest is missing: it took too long\n"))
		complete_all(&r->done);

	return xe_dump_text_read(&r->text, buffer, offset, count);
}

static void record_free(void *data)
{
	struct xe_coredump_record *r = data;

	/* nobody will read what a worker may still be adding */
	xe_dump_text_freeze(&r->text, "");
	kref_put(&r->ref, record_release);
}

static void print_time(struct drm_printer *p, const char *name, ktime_t time)
{
	struct timespec64 ts = ktime_to_timespec64(time);

	drm_printf(p, "%s: %lld.%09ld\n", name, (s64)ts.tv_sec, ts.tv_nsec);
}

static void print_head(const struct xe_coredump_record *r, struct drm_printer *p)
{
	const struct xe_device *xe = r->coredump->xe;
	struct xe_gt *gt = xe->gt[r->gt_id];

	drm_puts(p, "**** Xe Device Coredump ****\n");
	drm_printf(p, "kernel: %s\n", init_utsname()->release);
	drm_puts(p, "module: xe\n");
	print_time(p, "Snapshot time", r->time);
	print_time(p, "Uptime", r->uptime);
	/* a process names itself, and line breaks are ours */
	drm_printf(p, "Process: %*pE\n", (int)strlen(r->comm), r->comm);
	drm_printf(p, "PID: %d\n", r->pid);
	drm_printf(p, "PCI ID: 0x%04x\n", xe->devid);
	drm_printf(p, "PCI revision: 0x%02x\n", xe->revid);
	drm_printf(p, "GT id: %u\n", gt->id);
	drm_printf(p, "\tType: %s\n", gt->id ? "media" : "main");
	drm_printf(p, "\tIP ver: %u.%02u\n", xe->platform->graphics_verx100 / 100,
		   xe->platform->graphics_verx100 % 100);
	drm_printf(p, "\tCS reference clock: %u\n", gt->clock_hz);
	drm_printf(p, "\n**** GT #%u ****\n", gt->id);
}

static void coredump_work(struct work_struct *work)
{
	struct xe_coredump *c = container_of(work, struct xe_coredump, work);
	struct xe_coredump_record *r = xchg(&c->pending, NULL);
	struct drm_printer p;

	if (!r)
		return;

	p = xe_dump_text_printer(&r->text);
	print_head(r, &p);

	/* From here on it can be read, and may be freed: but for the worker's reference. */
	kref_get(&r->ref);
	dev_coredumpm_timeout(c->xe->drm.dev, THIS_MODULE, r, 0, GFP_KERNEL, record_read,
			      record_free, XE_COREDUMP_KEEP);

	if (r->snap)
		xe_guc_snapshot_print(r->snap, &r->text);
	drm_puts(&p, "\n**** VM state ****\n");
	if (r->vm)
		xe_vm_snapshot_print(r->vm, &r->text);
	record_drop_snapshots(r);

	if (xe_dump_text_freeze(&r->text, "\n"))
		complete_all(&r->done);
	kref_put(&r->ref, record_release);
}

static struct xe_coredump_record *record_create(struct xe_coredump *c, struct xe_exec_queue *q)
{
	struct xe_coredump_record *r = kzalloc(sizeof(*r), GFP_NOWAIT | __GFP_NOWARN);

	if (!r)
		return NULL;

	kref_init(&r->ref);
	kref_get(&c->ref);
	r->coredump = c;
	xe_dump_text_init(&r->text, (totalram_pages() / XE_COREDUMP_SHARE) << PAGE_SHIFT, &c->stop);
	init_completion(&r->done);
	r->time = ktime_get_real();
	r->uptime = ktime_get_boottime();
	strscpy(r->comm, q->creator.comm, sizeof(r->comm));
	r->pid = q->creator.pid;
	r->gt_id = q->gt->id;
	/* queues of the driver belong to something else than a VM, or to nothing */
	if (q->owner && !(q->flags & XE_QUEUE_KERNEL))
		r->vm = xe_vm_snapshot_take(q->owner);

	return r;
}

/* Claim the only place; counts the incident. */
static bool coredump_begin(struct xe_coredump *c)
{
	bool ok;

	spin_lock(&c->lock);
	ok = !c->busy && !c->stop;
	if (ok) {
		WRITE_ONCE(c->busy, true);
		WRITE_ONCE(c->reporting, c->reporting + 1);
		WRITE_ONCE(c->taken, c->taken + 1);
	} else {
		WRITE_ONCE(c->dropped, c->dropped + 1);
	}
	spin_unlock(&c->lock);

	return ok;
}

static void coredump_end(struct xe_coredump *c, bool ok)
{
	spin_lock(&c->lock);
	WRITE_ONCE(c->reporting, c->reporting - 1);
	if (!ok) {
		WRITE_ONCE(c->busy, false);
		WRITE_ONCE(c->taken, c->taken - 1);
		WRITE_ONCE(c->dropped, c->dropped + 1);
	}
	spin_unlock(&c->lock);
	wake_up_all(&c->idle);
}

/* &xe_coredump_ops.report. No reference dropped here is the last one: the queue has it, too. */
static void coredump_report(struct xe_exec_queue *q, struct xe_guc_snapshot *snap)
{
	struct xe_coredump *c = q->xe->coredump;
	struct xe_coredump_record *r;

	if (!coredump_begin(c)) {
		xe_guc_snapshot_free(snap);
		return;
	}

	r = record_create(c, q);
	if (r) {
		r->snap = snap;
		/* pairs with the one of the worker */
		xchg(&c->pending, r);
		queue_work(q->xe->unordered_wq, &c->work);
	} else {
		xe_guc_snapshot_free(snap);
	}
	coredump_end(c, r);
}

static const struct xe_coredump_ops coredump_ops = {
	.report = coredump_report,
};

static void coredump_put(struct drm_device *drm, void *c)
{
	kref_put(&((struct xe_coredump *)c)->ref, coredump_release);
}

/**
 * xe_devcoredump_init - record hangs from now on
 * @xe: the device
 *
 * Context: probe.
 * Return: 0, or -ENOMEM
 */
int xe_devcoredump_init(struct xe_device *xe)
{
	struct xe_coredump *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;

	kref_init(&c->ref);
	c->xe = xe;
	spin_lock_init(&c->lock);
	init_waitqueue_head(&c->idle);
	INIT_WORK(&c->work, coredump_work);
	err = drmm_add_action_or_reset(&xe->drm, coredump_put, c);
	if (err)
		return err;

	xe->coredump = c;
	/* Queues look at the table first. Pairs with the acquire in xe_guc_snapshot_report(). */
	smp_store_release(&xe->coredump_ops, &coredump_ops);

	return 0;
}

/**
 * xe_devcoredump_fini - record nothing any more, and take the record away
 * @xe: the device, its hardware and memory still in place
 *
 * Context: remove, or a failed probe; waits for the worker, which is told to hurry.
 */
void xe_devcoredump_fini(struct xe_device *xe)
{
	struct xe_coredump *c = xe->coredump;
	struct xe_coredump_record *r;

	if (!c)
		return;

	spin_lock(&c->lock);
	WRITE_ONCE(c->stop, true);
	spin_unlock(&c->lock);
	wait_event(c->idle, !READ_ONCE(c->reporting));
	cancel_work_sync(&c->work);

	r = xchg(&c->pending, NULL);
	if (r) {
		record_drop_snapshots(r);
		kref_put(&r->ref, record_release);
	}
	dev_coredump_put(xe->drm.dev);
}

/**
 * xe_devcoredump_print_stats - how many hangs were recorded
 * @xe: the device
 * @p: where to
 *
 * Context: as @p demands.
 */
void xe_devcoredump_print_stats(struct xe_device *xe, struct drm_printer *p)
{
	struct xe_coredump *c = xe->coredump;

	drm_printf(p, "taken: %u\n", READ_ONCE(c->taken));
	drm_printf(p, "dropped: %u\n", READ_ONCE(c->dropped));
	drm_printf(p, "present: %s\n", str_yes_no(READ_ONCE(c->busy)));
}
