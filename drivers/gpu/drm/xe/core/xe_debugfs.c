// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: debugfs
 *
 * Inspection and test hooks in the debugfs directory of the device, which DRM creates and removes.
 * Removal waits for readers and writers that are inside a file, so all of them see a device that
 * is alive; only the release of forcewake_all can come later.
 *
 * A file is a row of a table: name and print function. Functions take a printer and know nothing
 * of seq_file.
 */

#include "core/xe_debugfs.h"

#include <linux/array_size.h>
#include <linux/debugfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_choices.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_platform.h"
#include "base/xe_reset.h"
#include "core/xe_devcoredump.h"
#include "core/xe_reset.h"
#include "gt/xe_engine.h"
#include "gt/xe_engine_snapshot.h"
#include "gt/xe_gt.h"
#include "gt/xe_gt_tlb_invalidation.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_fuse.h"
#include "hw/xe_mcr.h"
#include "hw/xe_mmio.h"
#include "hw/xe_mocs.h"
#include "hw/xe_pat.h"
#include "hw/xe_reg_rules.h"
#include "mem/xe_ggtt.h"
#include "mem/xe_mem.h"
#include "submit/xe_guc.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_print.h"

/**
 * struct dbg_file - text file about the device or about a GT
 */
struct dbg_file {
	/** @name: file name */
	const char *name;
	/** @show: prints the content of a file about a GT. 0 or -errno */
	int (*show)(struct xe_gt *gt, struct drm_printer *p);
	/** @store: reacts to a number that is written, NULL for read-only files. 0 or -errno */
	int (*store)(struct xe_gt *gt, u32 val);
	/** @show_device: instead of @show, for a file about the device */
	int (*show_device)(struct xe_device *xe, struct drm_printer *p);
	/** @store_device: instead of @store, for a file about the device */
	int (*store_device)(struct xe_device *xe, u32 val);
	/** @domains: power domains to keep awake while @show runs */
	u32 domains;
};

/**
 * struct dbg_entry - one file of one object, the private data of its inode
 */
struct dbg_entry {
	/** @xe: the device */
	struct xe_device *xe;
	/** @gt: the GT, NULL for a file about the device */
	struct xe_gt *gt;
	/** @file: its row */
	const struct dbg_file *file;
};

static const char *stepping(u8 revid)
{
	return revid == 0 ? "A0" : revid == 1 ? "B0" : "**";
}

static int show_info(struct xe_device *xe, struct drm_printer *p)
{
	const struct xe_platform *platform = xe->platform;
	struct xe_gt *gt;
	unsigned int id;

	drm_printf(p, "graphics_verx100 %u\n", platform->graphics_verx100);
	drm_printf(p, "media_verx100 %u\n", platform->media_verx100);
	drm_printf(p, "stepping G:%s M:%s B:**\n", stepping(xe->revid), stepping(xe->revid));
	drm_printf(p, "is_dgfx %s\n", str_yes_no(platform->is_dgfx));
	drm_printf(p, "platform %u\n", platform->id);
	drm_printf(p, "subplatform 0\n");
	drm_printf(p, "devid 0x%x\n", xe->devid);
	drm_printf(p, "revid %u\n", xe->revid);
	drm_printf(p, "tile_count 1\n");
	drm_printf(p, "vm_max_level %u\n", platform->vm_max_level);
	drm_printf(p, "force_execlist no\n");
	drm_printf(p, "has_flat_ccs no\n");
	drm_printf(p, "has_usm %s\n", str_yes_no(platform->has_asid));
	drm_printf(p, "skip_guc_pc no\n");
	xe_for_each_gt(gt, xe, id) {
		drm_printf(p, "gt%u force wake %u\n", id,
			   xe_force_wake_users(&gt->fw, XE_FW_GT));
		drm_printf(p, "gt%u engine_mask 0x%llx\n", id, gt->fuses.engine_mask);
	}

	return 0;
}

static int show_sriov_info(struct xe_device *xe, struct drm_printer *p)
{
	drm_puts(p, "mode: none\n");
	return 0;
}

static int show_gtt_mm(struct xe_device *xe, struct drm_printer *p)
{
	xe_mem_sys_dump(xe, p);
	return 0;
}

static void show_vms_of_file(struct drm_file *file, struct drm_printer *p)
{
	struct xe_file *xef = to_xe_file(file);
	unsigned long id = 0;
	struct xe_vm *vm;

	while (xa_find(&xef->vm.xa, &id, ULONG_MAX, XA_PRESENT)) {
		vm = xe_file_vm_get(xef, id);
		if (vm) {
			drm_printf(p, "client %llu vm %lu\n", xef->client_id, id);
			xe_vm_print(vm, p);
			xe_vm_put(vm);
		}
		id++;
	}
}

static int show_vms(struct xe_device *xe, struct drm_printer *p)
{
	struct drm_file *file;
	int err;

	/* Files in the list have not been released. */
	err = mutex_lock_interruptible(&xe->drm.filelist_mutex);
	if (err)
		return err;
	list_for_each_entry(file, &xe->drm.filelist, lhead)
		if (file->driver_priv)
			show_vms_of_file(file, p);
	mutex_unlock(&xe->drm.filelist_mutex);

	return 0;
}

static int show_wedged_mode(struct xe_device *xe, struct drm_printer *p)
{
	drm_printf(p, "%d\n", READ_ONCE(xe->wedged.mode));
	return 0;
}

static int store_wedged_mode(struct xe_device *xe, u32 val)
{
	if (val >= XE_WEDGED_MODES)
		return -EINVAL;

	WRITE_ONCE(xe->wedged.mode, val);
	return 0;
}

static int show_pt_updates(struct xe_device *xe, struct drm_printer *p)
{
	drm_printf(p, "at_once: %lld\n", atomic64_read(&xe->pt_updates.at_once));
	drm_printf(p, "by_gpu: %lld\n", atomic64_read(&xe->pt_updates.by_gpu));
	drm_printf(p, "by_cpu: %lld\n", atomic64_read(&xe->pt_updates.by_cpu));
	drm_printf(p, "never_at_once: %d\n", READ_ONCE(xe->pt_updates.never_at_once));
	return 0;
}

static int store_pt_updates(struct xe_device *xe, u32 val)
{
	if (val > 1)
		return -EINVAL;

	WRITE_ONCE(xe->pt_updates.never_at_once, val);
	return 0;
}

static int show_coredump(struct xe_device *xe, struct drm_printer *p)
{
	xe_devcoredump_print_stats(xe, p);
	return 0;
}

static const struct dbg_file device_files[] = {
	{ .name = "info", .show_device = show_info },
	{ .name = "sriov_info", .show_device = show_sriov_info },
	{ .name = "gtt_mm", .show_device = show_gtt_mm },
	{ .name = "vms", .show_device = show_vms },
	{ .name = "coredump", .show_device = show_coredump },
	{
		.name = "pt_updates",
		.show_device = show_pt_updates,
		.store_device = store_pt_updates,
	},
	{
		.name = "wedged_mode",
		.show_device = show_wedged_mode,
		.store_device = store_wedged_mode,
	},
};

static int show_hw_engines(struct xe_gt *gt, struct drm_printer *p)
{
	struct xe_engine_snapshot s;
	enum xe_engine_id id;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		if (!gt->engines[id])
			continue;
		xe_engine_snapshot_take(&s, gt->engines[id]);
		xe_engine_snapshot_print(&s, p);
	}

	return 0;
}

static int show_topology(struct xe_gt *gt, struct drm_printer *p)
{
	xe_fuse_print(&gt->fuses, p);
	drm_printf(p, "reference clock:     %u Hz\n", gt->clock_hz);
	return 0;
}

static int show_steering(struct xe_gt *gt, struct drm_printer *p)
{
	xe_mcr_print(&gt->fuses, p);
	return 0;
}

static int show_ggtt(struct xe_gt *gt, struct drm_printer *p)
{
	xe_ggtt_dump(gt->xe->ggtt, p);
	return 0;
}

static int show_pat(struct xe_gt *gt, struct drm_printer *p)
{
	xe_pat_print(&gt->mmio, gt->xe->platform, p);
	return 0;
}

static int show_mocs(struct xe_gt *gt, struct drm_printer *p)
{
	xe_mocs_print(&gt->mmio, gt->xe->platform, p);
	return 0;
}

static int show_stats(struct xe_gt *gt, struct drm_printer *p)
{
	drm_printf(p, "tlb_inval_count: %llu\n", xe_tlb_inval_count(gt));
	drm_printf(p, "gt_reset_count: %d\n", atomic_read(&gt->xe->reset.count));
	return 0;
}

typedef void (*engine_rules_t)(const struct xe_platform *platform,
			       const struct xe_reg_engine *engine, struct xe_reg_list *out);

static int show_engine_rules(struct xe_gt *gt, struct drm_printer *p, engine_rules_t resolve)
{
	struct xe_reg_list *list;
	enum xe_engine_id id;

	list = kzalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;

	for (id = 0; id < XE_NUM_ENGINES; id++) {
		const struct xe_engine *hwe = gt->engines[id];
		struct xe_reg_engine target;

		if (!hwe)
			continue;
		target = (struct xe_reg_engine) {
			.class = hwe->class,
			.instance = hwe->instance,
			.mmio_base = hwe->mmio_base,
		};
		resolve(gt->xe->platform, &target, list);
		drm_printf(p, "Engine %s\n", hwe->name);
		xe_reg_list_print(list, p);
		drm_puts(p, "\n");
	}

	kfree(list);
	return 0;
}

static int show_save_restore(struct xe_gt *gt, struct drm_printer *p)
{
	struct xe_reg_list *list;
	int err;

	list = kzalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;

	xe_reg_rules_gt(gt->xe->platform, &gt->fuses, list);
	drm_puts(p, "GT\n");
	xe_reg_list_print(list, p);
	drm_puts(p, "\n");
	kfree(list);

	err = show_engine_rules(gt, p, xe_reg_rules_engine);
	if (err)
		return err;

	drm_puts(p, "Context\n");
	return show_engine_rules(gt, p, xe_reg_rules_lrc);
}

static int show_guc_info(struct xe_gt *gt, struct drm_printer *p)
{
	xe_guc_print_info(gt, p);
	return 0;
}

static int show_guc_log(struct xe_gt *gt, struct drm_printer *p)
{
	xe_guc_log_print(gt, p);
	return 0;
}

/* Nothing loads it: see the query of its version. */
static int show_huc_info(struct xe_gt *gt, struct drm_printer *p)
{
	drm_puts(p, "HuC disabled\n");
	return 0;
}

static int force_reset(struct xe_gt *gt)
{
	xe_device_request_gt_reset(gt->xe, gt->id);
	return 0;
}

static int force_reset_sync(struct xe_gt *gt)
{
	xe_device_request_gt_reset(gt->xe, gt->id);
	xe_reset_flush(gt->xe);
	return 0;
}

/* A read resets as well: that is what tests written for Linux 6.12 do. */
static int show_force_reset(struct xe_gt *gt, struct drm_printer *p)
{
	return force_reset(gt);
}

static int show_force_reset_sync(struct xe_gt *gt, struct drm_printer *p)
{
	return force_reset_sync(gt);
}

static int store_force_reset(struct xe_gt *gt, u32 val)
{
	return val == 1 ? force_reset(gt) : -EINVAL;
}

static int store_force_reset_sync(struct xe_gt *gt, u32 val)
{
	return val == 1 ? force_reset_sync(gt) : -EINVAL;
}

static const struct dbg_file gt_files[] = {
	{ .name = "hw_engines", .show = show_hw_engines, .domains = XE_FORCEWAKE_ALL },
	{ .name = "topology", .show = show_topology },
	{ .name = "steering", .show = show_steering },
	{ .name = "ggtt", .show = show_ggtt },
	{ .name = "register-save-restore", .show = show_save_restore },
	{ .name = "pat", .show = show_pat, .domains = XE_FW_GT },
	{ .name = "mocs", .show = show_mocs, .domains = XE_FW_GT | XE_FW_RENDER },
	{ .name = "stats", .show = show_stats },
	{ .name = "force_reset", .show = show_force_reset, .store = store_force_reset },
	{
		.name = "force_reset_sync",
		.show = show_force_reset_sync,
		.store = store_force_reset_sync,
	},
};

static const struct dbg_file uc_files[] = {
	{ .name = "guc_info", .show = show_guc_info },
	{ .name = "guc_log", .show = show_guc_log },
	{ .name = "huc_info", .show = show_huc_info },
};

static int dbg_show(struct seq_file *m, void *unused)
{
	const struct dbg_entry *e = m->private;
	struct drm_printer p = drm_seq_file_printer(m);
	int err;

	if (!e->gt)
		return e->file->show_device(e->xe, &p);

	if (e->file->domains) {
		err = xe_force_wake_get(&e->gt->fw, e->file->domains);
		if (err)
			return err;
	}

	err = e->file->show(e->gt, &p);
	if (e->file->domains)
		xe_force_wake_put(&e->gt->fw, e->file->domains);

	return err;
}

static int dbg_open(struct inode *inode, struct file *file)
{
	return single_open(file, dbg_show, inode->i_private);
}

static ssize_t dbg_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	const struct dbg_entry *e = ((struct seq_file *)file->private_data)->private;
	u32 val;
	int err;

	err = kstrtou32_from_user(ubuf, len, 0, &val);
	if (err)
		return err;

	err = e->gt ? e->file->store(e->gt, val) : e->file->store_device(e->xe, val);
	return err ?: len;
}

static const struct file_operations dbg_ro_fops = {
	.owner = THIS_MODULE,
	.open = dbg_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct file_operations dbg_rw_fops = {
	.owner = THIS_MODULE,
	.open = dbg_open,
	.read = seq_read,
	.write = dbg_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* The device stays until the file is closed, which may be after the driver was unbound. */
static int forcewake_open(struct inode *inode, struct file *file)
{
	struct xe_device *xe = inode->i_private;
	struct xe_gt *gt;
	unsigned int id;
	int err;

	xe_for_each_gt(gt, xe, id) {
		err = xe_force_wake_get(&gt->fw, XE_FORCEWAKE_ALL);
		if (err)
			goto put;
	}

	drm_dev_get(&xe->drm);
	return 0;

put:
	while (id--)
		if (xe->gt[id])
			xe_force_wake_put(&xe->gt[id]->fw, XE_FORCEWAKE_ALL);
	return err;
}

static int forcewake_release(struct inode *inode, struct file *file)
{
	struct xe_device *xe = inode->i_private;
	struct xe_gt *gt;
	unsigned int id;

	xe_for_each_gt(gt, xe, id)
		xe_force_wake_put(&gt->fw, XE_FORCEWAKE_ALL);
	drm_dev_put(&xe->drm);

	return 0;
}

static const struct file_operations forcewake_fops = {
	.owner = THIS_MODULE,
	.open = forcewake_open,
	.release = forcewake_release,
};

static void add_files(struct xe_device *xe, struct xe_gt *gt, struct dentry *dir,
		      const struct dbg_file *files, unsigned int n)
{
	struct dbg_entry *entries;
	unsigned int i;

	/* Without debugfs files the device works just as well. */
	entries = drmm_kcalloc(&xe->drm, n, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return;

	for (i = 0; i < n; i++) {
		bool writable = files[i].store || files[i].store_device;

		entries[i] = (struct dbg_entry) { .xe = xe, .gt = gt, .file = &files[i] };
		debugfs_create_file(files[i].name, writable ? 0600 : 0444, dir, &entries[i],
				    writable ? &dbg_rw_fops : &dbg_ro_fops);
	}
}

/**
 * xe_debugfs_init - create all files
 * @minor: primary node of the device, whose directory DRM has made and will remove
 *
 * Context: probe.
 */
void xe_debugfs_init(struct drm_minor *minor)
{
	struct xe_device *xe = to_xe_device(minor->dev);
	struct dentry *root = minor->debugfs_root;
	struct dentry *dir;
	struct xe_gt *gt;
	unsigned int id;
	char name[8];

	add_files(xe, NULL, root, device_files, ARRAY_SIZE(device_files));
	debugfs_create_file("forcewake_all", 0400, root, xe, &forcewake_fops);
	xe_reset_debugfs(root);
	xe_inject_debugfs(root);
	xe_tlb_inval_debugfs(root);

	xe_for_each_gt(gt, xe, id) {
		snprintf(name, sizeof(name), "gt%u", id);
		dir = debugfs_create_dir(name, root);
		add_files(xe, gt, dir, gt_files, ARRAY_SIZE(gt_files));
		add_files(xe, gt, debugfs_create_dir("uc", dir), uc_files, ARRAY_SIZE(uc_files));
	}
}
