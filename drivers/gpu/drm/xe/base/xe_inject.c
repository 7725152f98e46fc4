// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Failures on request
 *
 * The kernel can make the n-th allocation of a thread fail (fail-nth in proc). What fails without
 * an allocation is not reached by that: a lock that is given up because of a signal, memory that
 * is not mapped, a DMA mapping, a handle that is gone. In debug builds (DRM_XE_DEBUG) for a kernel
 * with fault injection, such steps of the driver ask xe_inject() first. The kernel counts them
 * together with the allocations.
 *
 * It counts by thread, which leaves out what is done later by a work item. Work that somebody may
 * have been waiting for is put between xe_inject_work_begin() and xe_inject_work_end(). The number
 * in the file ``work-nth`` is handed to the first such work, and what is left of it to the next.
 *
 * In the directory ``fail_step`` of the device in debugfs:
 *
 * ==================  ===========================================================================
 * ``last``            name and errno of the step that was made to fail last. Reading forgets it
 * ``work-nth``        which step of work is to fail from now on; counts down; 0: none, or done.
 *                     Reading waits until no work is under way
 * ``named-nth``       which step with a name is to fail next of those that the thread comes to that
 *                     has written the number; counts down. How many allocations there are differs
 *                     from call to call, so a step may be missed if they are counted together
 * others              those of any source of failures, see fault-injection.rst of the kernel
 * ==================  ===========================================================================
 *
 * There is one such directory for each device, and one set of values for all.
 */

#include "base/xe_inject.h"

#if IS_ENABLED(CONFIG_DRM_XE_DEBUG) && IS_ENABLED(CONFIG_FAULT_INJECTION)

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/fault-inject.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

static DECLARE_FAULT_ATTR(fail_step);

/* The step that has failed last, or NULL */
static const char *last_step;
static int last_err;
static DEFINE_SPINLOCK(last_lock);

/* Whose steps with a name are counted, and how many more may pass; changed by that thread only */
static struct task_struct *named_thread;
static unsigned int named_nth;

/* What no work has been handed, and how much work is under way */
static atomic_t work_nth;
static atomic_t n_work;
static DECLARE_WAIT_QUEUE_HEAD(work_wq);

static bool named_is_due(void)
{
	return READ_ONCE(named_thread) == current && named_nth && !--named_nth;
}

/**
 * xe_inject - shall this step fail?
 * @step: its name, unique in the driver, without blanks; a literal
 * @err: the negative errno it fails with
 *
 * Takes the place of the step: who gets an error must not carry it out. -EINTR is for those only
 * who can get a signal, which kernel threads cannot.
 *
 * Context: any.
 * Return: 0, or @err
 */
int xe_inject(const char *step, int err)
{
	unsigned long flags;

	if (err == -EINTR && current->flags & PF_KTHREAD)
		return 0;
	if (!named_is_due() && !should_fail(&fail_step, 1))
		return 0;

	spin_lock_irqsave(&last_lock, flags);
	last_step = step;
	last_err = err;
	spin_unlock_irqrestore(&last_lock, flags);

	return err;
}

/**
 * xe_inject_work_begin - let steps of this thread count
 *
 * Context: process context of a work item, which ends with xe_inject_work_end().
 */
void xe_inject_work_begin(void)
{
	atomic_inc(&n_work);
	current->fail_nth = atomic_xchg(&work_nth, 0);
}

/**
 * xe_inject_work_end - let steps of this thread count no more
 *
 * Context: as xe_inject_work_begin().
 */
void xe_inject_work_end(void)
{
	atomic_add(current->fail_nth, &work_nth);
	current->fail_nth = 0;
	if (atomic_dec_and_test(&n_work))
		wake_up_all(&work_wq);
}

static int work_nth_get(void *unused, u64 *value)
{
	if (wait_event_killable(work_wq, !atomic_read(&n_work)))
		return -EINTR;
	*value = atomic_read(&work_nth);

	return 0;
}

static int work_nth_set(void *unused, u64 value)
{
	if (value > INT_MAX)
		return -EINVAL;
	atomic_set(&work_nth, value);

	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(work_nth_fops, work_nth_get, work_nth_set, "%llu\n");

static int named_nth_get(void *unused, u64 *value)
{
	*value = named_nth;

	return 0;
}

static int named_nth_set(void *unused, u64 value)
{
	if (value > INT_MAX)
		return -EINVAL;
	WRITE_ONCE(named_thread, NULL);
	named_nth = value;
	WRITE_ONCE(named_thread, value ? current : NULL);

	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(named_nth_fops, named_nth_get, named_nth_set, "%llu\n");

static int last_show(struct seq_file *m, void *unused)
{
	const char *step;
	int err;

	spin_lock_irq(&last_lock);
	step = last_step;
	err = last_err;
	last_step = NULL;
	spin_unlock_irq(&last_lock);

	if (step)
		seq_printf(m, "%s %d\n", step, err);

	return 0;
}

DEFINE_SHOW_ATTRIBUTE(last);

/**
 * xe_inject_debugfs - show what there is to set
 * @root: debugfs directory of the device
 *
 * Context: process, sleeps.
 */
void xe_inject_debugfs(struct dentry *root)
{
	struct dentry *dir = fault_create_debugfs_attr("fail_step", root, &fail_step);

	debugfs_create_file("last", 0400, dir, NULL, &last_fops);
	debugfs_create_file("work-nth", 0600, dir, NULL, &work_nth_fops);
	debugfs_create_file("named-nth", 0600, dir, NULL, &named_nth_fops);
}

#endif
