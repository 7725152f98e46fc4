// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * MADVISE and VM_QUERY_MEM_RANGE_ATTRS. Of the attributes only the purgeable state can be set: the
 * others steer page faults and device memory, which none of the platforms has.
 */

#include "uapi/xe_madvise_ioctl.h"

#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>

#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_madvise.h"
#include "vm/xe_vma.h"

static_assert(sizeof(struct drm_xe_madvise) == 64);
static_assert(offsetof(struct drm_xe_madvise, purge_state_val.retained_ptr) == 40);
static_assert(sizeof(struct drm_xe_mem_range_attr) == 64);
static_assert(sizeof(struct drm_xe_vm_query_mem_range_attr) == 64);

/* Sets *@end, exclusive. */
static int check_range(struct xe_device *xe, u64 start, u64 range, u64 *end)
{
	if (XE_IOCTL_DBG(xe, !IS_ALIGNED(start | range, SZ_4K)) ||
	    XE_IOCTL_DBG(xe, !range) ||
	    XE_IOCTL_DBG(xe, check_add_overflow(start, range, end)))
		return -EINVAL;

	return 0;
}

static int check_madvise(struct xe_device *xe, const struct drm_xe_madvise *args, u64 *end)
{
	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]) ||
	    XE_IOCTL_DBG(xe, args->type > DRM_XE_VMA_ATTR_PURGEABLE_STATE))
		return -EINVAL;
	if (args->type != DRM_XE_VMA_ATTR_PURGEABLE_STATE) {
		xe_dbg(xe, "attribute %u needs page faults or device memory\n", args->type);
		return -EOPNOTSUPP;
	}
	if (XE_IOCTL_DBG(xe, args->purge_state_val.val > DRM_XE_VMA_PURGEABLE_STATE_DONTNEED) ||
	    XE_IOCTL_DBG(xe, args->purge_state_val.pad))
		return -EINVAL;

	return check_range(xe, args->start, args->range, end);
}

/* The user has to start from the safe answer, in case the true one cannot be written. */
static int check_retained(struct xe_device *xe, const struct drm_xe_madvise *args)
{
	u32 value;

	if (get_user(value, (u32 __user *)u64_to_user_ptr(args->purge_state_val.retained_ptr)))
		return -EFAULT;

	return XE_IOCTL_DBG(xe, value) ? -EINVAL : 0;
}

/**
 * xe_madvise_ioctl() - &DRM_IOCTL_XE_MADVISE
 * @drm: DRM device
 * @data: struct drm_xe_madvise
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or
 * * %-EINVAL - a value is not allowed, the range is not aligned or overflows, or the user's word is
 *   not 0
 * * %-EOPNOTSUPP - the attribute means nothing on this device
 * * %-ENOENT - no such VM, or it is closed or banned
 * * %-EFAULT - the user's word cannot be read or written
 * * %-EINTR - signal, to be repeated
 */
int xe_madvise_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	const struct drm_xe_madvise *args = data;
	bool retained = false, needed;
	struct xe_vm *vm;
	u64 end;
	int err;

	err = check_madvise(xe, args, &end);
	if (!err)
		err = check_retained(xe, args);
	if (err)
		return err;

	vm = xe_file_vm_get(to_xe_file(file), args->vm_id);
	if (XE_IOCTL_DBG(xe, !vm))
		return -ENOENT;

	needed = args->purge_state_val.val == DRM_XE_VMA_PURGEABLE_STATE_WILLNEED;
	err = down_write_killable(&vm->lock);
	if (!err) {
		if (XE_IOCTL_DBG(xe, xe_vm_is_closed_or_banned(vm)))
			err = -ENOENT;
		else
			err = xe_vm_advise_needed(vm, args->start, end, needed, &retained);
		up_write(&vm->lock);
	}
	xe_vm_put(vm);

	if (!err && put_user(retained ? 1U : 0U, (u32 __user *)
			     u64_to_user_ptr(args->purge_state_val.retained_ptr)))
		err = -EFAULT;

	return err;
}

static u32 count_ranges(struct xe_vm *vm, u64 start, u64 end)
{
	struct drm_gpuva *va;
	u32 n = 0;

	drm_gpuvm_for_each_va_range(va, &vm->gpuvm, start, end)
		n++;

	return n;
}

static int copy_ranges(struct xe_vm *vm, u64 start, u64 end,
		       struct drm_xe_mem_range_attr __user *out)
{
	struct drm_gpuva *va;

	drm_gpuvm_for_each_va_range(va, &vm->gpuvm, start, end) {
		const struct xe_vma *vma = to_xe_vma(va);
		struct drm_xe_mem_range_attr attr = {
			.start = xe_vma_start(vma),
			.end = xe_vma_end(vma),
			.preferred_mem_loc.devmem_fd = DRM_XE_PREFERRED_LOC_DEFAULT_SYSTEM,
			.preferred_mem_loc.migration_policy = DRM_XE_MIGRATE_ALL_PAGES,
			.atomic.val = DRM_XE_ATOMIC_UNDEFINED,
			.pat_index.val = vma->pat_index,
		};

		if (copy_to_user(out++, &attr, sizeof(attr)))
			return -EFAULT;
		cond_resched();
	}

	return 0;
}

static int query_ranges(struct xe_vm *vm, struct drm_xe_vm_query_mem_range_attr *args, u64 end)
{
	u32 n = count_ranges(vm, args->start, end);
	int err = 0;

	lockdep_assert_held(&vm->lock);

	if (args->vector_of_mem_attr) {
		if (n > args->num_mem_ranges)
			return -ENOSPC;
		err = copy_ranges(vm, args->start, end,
				  u64_to_user_ptr(args->vector_of_mem_attr));
	}
	args->num_mem_ranges = n;
	args->sizeof_mem_range_attr = sizeof(struct drm_xe_mem_range_attr);

	return err;
}

static int check_query(struct xe_device *xe, const struct drm_xe_vm_query_mem_range_attr *args,
		       u64 *end)
{
	u64 size = args->vector_of_mem_attr ? sizeof(struct drm_xe_mem_range_attr) : 0;

	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]) ||
	    XE_IOCTL_DBG(xe, args->sizeof_mem_range_attr != size) ||
	    XE_IOCTL_DBG(xe, !args->vector_of_mem_attr != !args->num_mem_ranges))
		return -EINVAL;

	return check_range(xe, args->start, args->range, end);
}

/**
 * xe_vm_query_mem_range_attrs_ioctl() - &DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS
 * @drm: DRM device
 * @data: struct drm_xe_vm_query_mem_range_attr
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or
 * * %-EINVAL - a value is not allowed, the range is not aligned or overflows
 * * %-ENOENT - no such VM, or it is closed or banned
 * * %-ENOSPC - there are more mappings than the user's array has room for
 * * %-EFAULT - the array cannot be written
 * * %-EINTR - killed
 */
int xe_vm_query_mem_range_attrs_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_xe_vm_query_mem_range_attr *args = data;
	struct xe_device *xe = to_xe_device(drm);
	struct xe_vm *vm;
	u64 end;
	int err;

	err = check_query(xe, args, &end);
	if (err)
		return err;

	vm = xe_file_vm_get(to_xe_file(file), args->vm_id);
	if (XE_IOCTL_DBG(xe, !vm))
		return -ENOENT;

	err = down_read_killable(&vm->lock);
	if (!err) {
		if (XE_IOCTL_DBG(xe, xe_vm_is_closed_or_banned(vm)))
			err = -ENOENT;
		else
			err = query_ranges(vm, args, end);
		up_read(&vm->lock);
	}
	xe_vm_put(vm);

	return err;
}
