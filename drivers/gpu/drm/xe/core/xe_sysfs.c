// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: sysfs
 *
 * Below the PCI device::
 *
 *	tile0/gt<N>/engines/<class>/{job_timeout,timeslice_duration,preempt_timeout}_*
 *	tile0/gt<N>/engines/<class>/.defaults/		the same, read-only
 *	tile0/gt<N>/freq0/{act,cur,rp0,rpe,rpn,min,max}_freq
 *
 * The knobs of a class apply to queues created afterwards. A knob's value must lie between its
 * minimum and its maximum, which in turn must lie within the built-in limits and not cross.
 *
 * Every directory is a kobject of its own. Removing it waits for readers and writers inside, so
 * none of them meets a device that is being taken apart.
 *
 * Locking: &xe_sysfs.lock serialises writers of knobs; queue creation reads single knobs without.
 */

#include "core/xe_sysfs.h"

#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "submit/xe_guc_pc.h"

/**
 * struct sysfs_dir - one directory
 */
struct sysfs_dir {
	/** @kobj: base */
	struct kobject kobj;
	/** @gt: GT the directory is about, NULL for the tile */
	struct xe_gt *gt;
	/** @class: engine class of a directory of knobs */
	enum xe_engine_class class;
	/** @defaults: the directory shows the built-in knobs */
	bool defaults;
};

/* tile + per GT: gt, engines, freq0, and two per class */
#define SYSFS_MAX_DIRS	(1 + XE_MAX_GTS * (3 + 2 * XE_ENGINE_CLASS_MAX))

/**
 * struct xe_sysfs - all directories of a device
 */
struct xe_sysfs {
	/** @lock: serialises writers of knobs; innermost, sleeps, not in reclaim */
	struct mutex lock;
	/** @n: directories made */
	unsigned int n;
	/** @dirs: the directories, parents before children */
	struct sysfs_dir *dirs[SYSFS_MAX_DIRS];
};

static struct sysfs_dir *to_dir(struct kobject *kobj)
{
	return container_of(kobj, struct sysfs_dir, kobj);
}

/**
 * struct dir_attr - file with its handlers
 */
struct dir_attr {
	/** @attr: base */
	struct attribute attr;
	/** @show: print the value */
	ssize_t (*show)(struct sysfs_dir *dir, const struct dir_attr *attr, char *buf);
	/** @store: parse and set the value; NULL for read-only files */
	int (*store)(struct sysfs_dir *dir, const struct dir_attr *attr, u32 val);
	/** @limit: of a knob: offset of its struct xe_sched_limit in struct xe_class_props */
	size_t limit;
	/** @member: of a knob: offset of the member in struct xe_sched_limit */
	size_t member;
	/** @get: of a frequency: reads it, MHz */
	int (*get)(struct xe_gt *gt, u32 *mhz);
	/** @set: of a frequency: sets it, MHz */
	int (*set)(struct xe_gt *gt, u32 mhz);
};

static const struct dir_attr *to_dir_attr(const struct attribute *attr)
{
	return container_of_const(attr, struct dir_attr, attr);
}

static ssize_t dir_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	return to_dir_attr(attr)->show(to_dir(kobj), to_dir_attr(attr), buf);
}

static ssize_t dir_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			 size_t count)
{
	const struct dir_attr *a = to_dir_attr(attr);
	u32 val;
	int err;

	if (!a->store)
		return -EACCES;

	err = kstrtou32(buf, 0, &val);
	if (!err)
		err = a->store(to_dir(kobj), a, val);

	return err ?: count;
}

static void dir_release(struct kobject *kobj)
{
	kfree(to_dir(kobj));
}

static const struct sysfs_ops dir_sysfs_ops = {
	.show = dir_show,
	.store = dir_store,
};

static const struct kobj_type dir_type = {
	.release = dir_release,
	.sysfs_ops = &dir_sysfs_ops,
};

static struct xe_sched_limit *knob_limit(struct sysfs_dir *dir, const struct dir_attr *a)
{
	return (void *)&dir->gt->props[dir->class] + a->limit;
}

static const struct xe_sched_limit *default_limit(const struct dir_attr *a)
{
	return (const void *)&xe_class_props_default + a->limit;
}

static ssize_t knob_show(struct sysfs_dir *dir, const struct dir_attr *a, char *buf)
{
	const struct xe_sched_limit *l = dir->defaults ? default_limit(a) : knob_limit(dir, a);
	const u32 *val = (const void *)l + a->member;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*val));
}

static int knob_store(struct sysfs_dir *dir, const struct dir_attr *a, u32 val)
{
	const struct xe_sched_limit *builtin = default_limit(a);
	struct xe_sched_limit *l = knob_limit(dir, a);

	guard(mutex)(&dir->gt->xe->sysfs->lock);

	switch (a->member) {
	case offsetof(struct xe_sched_limit, value):
		if (val < l->min || val > l->max)
			return -EINVAL;
		WRITE_ONCE(l->value, val);
		return 0;
	case offsetof(struct xe_sched_limit, min):
		if (val < builtin->min || val > l->max)
			return -EINVAL;
		WRITE_ONCE(l->min, val);
		return 0;
	default:
		if (val > builtin->max || val < l->min)
			return -EINVAL;
		WRITE_ONCE(l->max, val);
		return 0;
	}
}

#define KNOB(_name, _mode, _store, _limit, _member) { \
	.attr = { .name = _name, .mode = _mode }, \
	.show = knob_show, \
	.store = _store, \
	.limit = offsetof(struct xe_class_props, _limit), \
	.member = offsetof(struct xe_sched_limit, _member), \
}

#define KNOBS(_mode, _store) { \
	KNOB("job_timeout_ms", _mode, _store, job_timeout_ms, value), \
	KNOB("job_timeout_min", _mode, _store, job_timeout_ms, min), \
	KNOB("job_timeout_max", _mode, _store, job_timeout_ms, max), \
	KNOB("timeslice_duration_us", _mode, _store, timeslice_us, value), \
	KNOB("timeslice_duration_min", _mode, _store, timeslice_us, min), \
	KNOB("timeslice_duration_max", _mode, _store, timeslice_us, max), \
	KNOB("preempt_timeout_us", _mode, _store, preempt_timeout_us, value), \
	KNOB("preempt_timeout_min", _mode, _store, preempt_timeout_us, min), \
	KNOB("preempt_timeout_max", _mode, _store, preempt_timeout_us, max), \
}

static const struct dir_attr knobs[] = KNOBS(0644, knob_store);
static const struct dir_attr default_knobs[] = KNOBS(0444, NULL);

static ssize_t freq_show(struct sysfs_dir *dir, const struct dir_attr *a, char *buf)
{
	u32 mhz;
	int err;

	err = a->get(dir->gt, &mhz);
	if (err)
		return err;

	return sysfs_emit(buf, "%u\n", mhz);
}

static int freq_store(struct sysfs_dir *dir, const struct dir_attr *a, u32 val)
{
	return a->set(dir->gt, val);
}

static int get_act(struct xe_gt *gt, u32 *mhz)
{
	*mhz = xe_guc_pc_act_freq(gt);
	return 0;
}

static int get_rp0(struct xe_gt *gt, u32 *mhz)
{
	*mhz = xe_guc_pc_rp0_freq(gt);
	return 0;
}

static int get_rpe(struct xe_gt *gt, u32 *mhz)
{
	*mhz = xe_guc_pc_rpe_freq(gt);
	return 0;
}

static int get_rpn(struct xe_gt *gt, u32 *mhz)
{
	*mhz = xe_guc_pc_rpn_freq(gt);
	return 0;
}

#define FREQ_RO(_name, _get) { \
	.attr = { .name = _name, .mode = 0444 }, .show = freq_show, .get = _get, \
}

#define FREQ_RW(_name, _get, _set) { \
	.attr = { .name = _name, .mode = 0644 }, .show = freq_show, .store = freq_store, \
	.get = _get, .set = _set, \
}

static const struct dir_attr freqs[] = {
	FREQ_RO("act_freq", get_act),
	FREQ_RO("cur_freq", xe_guc_pc_cur_freq),
	FREQ_RO("rp0_freq", get_rp0),
	FREQ_RO("rpe_freq", get_rpe),
	FREQ_RO("rpn_freq", get_rpn),
	FREQ_RW("min_freq", xe_guc_pc_get_min_freq, xe_guc_pc_set_min_freq),
	FREQ_RW("max_freq", xe_guc_pc_get_max_freq, xe_guc_pc_set_max_freq),
};

/* Makes a directory; xe_sysfs_fini() removes it. */
static struct sysfs_dir *add_dir(struct xe_device *xe, struct kobject *parent, struct xe_gt *gt,
				 const char *name)
{
	struct xe_sysfs *s = xe->sysfs;
	struct sysfs_dir *dir;
	int err;

	if (drm_WARN_ON(&xe->drm, s->n == ARRAY_SIZE(s->dirs)))
		return ERR_PTR(-ENOSPC);

	dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	if (!dir)
		return ERR_PTR(-ENOMEM);

	dir->gt = gt;
	err = kobject_init_and_add(&dir->kobj, &dir_type, parent, "%s", name);
	if (err) {
		kobject_put(&dir->kobj);
		return ERR_PTR(err);
	}

	s->dirs[s->n++] = dir;
	return dir;
}

static int add_files(struct sysfs_dir *dir, const struct dir_attr *attrs, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		err = sysfs_create_file(&dir->kobj, &attrs[i].attr);
		if (err)
			return err;
	}

	return 0;
}

static int add_class(struct xe_gt *gt, struct sysfs_dir *engines, enum xe_engine_class class)
{
	struct sysfs_dir *dir, *defaults;
	int err;

	dir = add_dir(gt->xe, &engines->kobj, gt, xe_engine_class_name(class));
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	dir->class = class;

	defaults = add_dir(gt->xe, &dir->kobj, gt, ".defaults");
	if (IS_ERR(defaults))
		return PTR_ERR(defaults);
	defaults->class = class;
	defaults->defaults = true;

	err = add_files(dir, knobs, ARRAY_SIZE(knobs));
	if (err)
		return err;

	return add_files(defaults, default_knobs, ARRAY_SIZE(default_knobs));
}

static int add_gt(struct xe_gt *gt, struct sysfs_dir *tile)
{
	struct sysfs_dir *dir, *engines, *freq;
	enum xe_engine_class class;
	char name[8];
	int err;

	snprintf(name, sizeof(name), "gt%u", gt->id);
	dir = add_dir(gt->xe, &tile->kobj, gt, name);
	if (IS_ERR(dir))
		return PTR_ERR(dir);

	engines = add_dir(gt->xe, &dir->kobj, gt, "engines");
	if (IS_ERR(engines))
		return PTR_ERR(engines);

	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++) {
		if (!xe_gt_logical_mask(gt, class))
			continue;
		err = add_class(gt, engines, class);
		if (err)
			return err;
	}

	freq = add_dir(gt->xe, &dir->kobj, gt, "freq0");
	if (IS_ERR(freq))
		return PTR_ERR(freq);

	return add_files(freq, freqs, ARRAY_SIZE(freqs));
}

static int add_tile(struct xe_device *xe)
{
	struct sysfs_dir *tile;
	struct xe_gt *gt;
	unsigned int id;
	int err;

	tile = add_dir(xe, &xe->drm.dev->kobj, NULL, "tile0");
	if (IS_ERR(tile))
		return PTR_ERR(tile);

	xe_for_each_gt(gt, xe, id) {
		err = add_gt(gt, tile);
		if (err)
			return err;
	}

	return 0;
}

/**
 * xe_sysfs_init - create all files
 * @xe: device, fully initialised
 *
 * Context: probe.
 * Return: 0, or after undoing everything:
 * * -ENOMEM: no memory
 * * -EEXIST: somebody else has made such a file
 */
int xe_sysfs_init(struct xe_device *xe)
{
	int err;

	xe->sysfs = kzalloc(sizeof(*xe->sysfs), GFP_KERNEL);
	if (!xe->sysfs)
		return -ENOMEM;

	mutex_init(&xe->sysfs->lock);
	err = add_tile(xe);
	if (err)
		xe_sysfs_fini(xe);

	return err;
}

/**
 * xe_sysfs_fini - remove all files and wait for those who are inside
 * @xe: device; nothing happens if xe_sysfs_init() has not succeeded
 *
 * Context: remove.
 */
void xe_sysfs_fini(struct xe_device *xe)
{
	struct xe_sysfs *s = xe->sysfs;
	unsigned int i;

	if (!s)
		return;

	/* Children before parents. */
	for (i = s->n; i--;) {
		kobject_del(&s->dirs[i]->kobj);
		kobject_put(&s->dirs[i]->kobj);
	}

	mutex_destroy(&s->lock);
	kfree(s);
	xe->sysfs = NULL;
}
