// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * The phase "check" of the VM ioctls: values in, verdict out. No locks, no allocation, no look-ups.
 * The order of the rules is part of the user-space contract: the first one broken decides the
 * errno.
 */

#include "vm/xe_vm_args.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/overflow.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "hw/xe_pat.h"
#include "submit/xe_sync.h"
#include "vm/xe_vm_bind.h"

#define XE_VM_CREATE_FLAGS	(DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE | \
				 DRM_XE_VM_CREATE_FLAG_LR_MODE | \
				 DRM_XE_VM_CREATE_FLAG_FAULT_MODE)

#define XE_VM_BIND_FLAGS	(DRM_XE_VM_BIND_FLAG_READONLY | \
				 DRM_XE_VM_BIND_FLAG_IMMEDIATE | \
				 DRM_XE_VM_BIND_FLAG_NULL | \
				 DRM_XE_VM_BIND_FLAG_DUMPABLE | \
				 (IS_ENABLED(CONFIG_DRM_XE_DEBUG) ? XE_VM_BIND_FLAG_INJECT : 0))

/* user addresses, ranges and offsets are in units of this, whatever the page size of the CPU */
#define XE_VM_BIND_ALIGN_MASK	(BIT_ULL(12) - 1)

/* Memory regions a mapping can be moved to: system memory is region 0 and the only one. */
#define XE_VM_REGION_MASK	BIT_ULL(0)

/**
 * xe_vm_args_check_create - check the arguments of VM_CREATE
 * @xe: the device
 * @args: arguments
 *
 * Context: any.
 * Return: 0, or -EINVAL: unknown extension or flag, reserved field not 0, or a mode the platform
 * does not have
 */
int xe_vm_args_check_create(struct xe_device *xe, const struct drm_xe_vm_create *args)
{
	u32 fault = args->flags & DRM_XE_VM_CREATE_FLAG_FAULT_MODE;

	if (XE_IOCTL_DBG(xe, args->extensions))
		return -EINVAL;
	if (fault) {
		xe_dbg(xe, "recoverable page faults are not supported on %s\n",
		       xe->platform->name);
		return -EINVAL;
	}
	if (XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, args->flags & ~XE_VM_CREATE_FLAGS))
		return -EINVAL;

	return 0;
}

/**
 * xe_vm_args_check_destroy - check the arguments of VM_DESTROY
 * @xe: the device
 * @args: arguments
 *
 * Context: any.
 * Return: 0, or -EINVAL: padding or reserved field not 0
 */
int xe_vm_args_check_destroy(struct xe_device *xe, const struct drm_xe_vm_destroy *args)
{
	if (XE_IOCTL_DBG(xe, args->pad) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	return 0;
}

/**
 * xe_vm_args_check_bind - check the arguments of VM_BIND, without its operations
 * @xe: the device
 * @args: arguments
 *
 * Context: any.
 * Return: 0, or -EINVAL: unknown extension, padding or reserved field not 0, too many syncs
 */
int xe_vm_args_check_bind(struct xe_device *xe, const struct drm_xe_vm_bind *args)
{
	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->pad || args->pad2) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, args->num_syncs > XE_MAX_SYNCS))
		return -EINVAL;

	return 0;
}

/* Which fields an operation may use. */
static int xe_vm_args_check_op_kind(struct xe_device *xe, const struct drm_xe_vm_bind_op *op)
{
	bool null = op->flags & DRM_XE_VM_BIND_FLAG_NULL;

	if (XE_IOCTL_DBG(xe, null && op->obj) ||
	    XE_IOCTL_DBG(xe, null && op->obj_offset) ||
	    XE_IOCTL_DBG(xe, null && op->op != DRM_XE_VM_BIND_OP_MAP))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->op == DRM_XE_VM_BIND_OP_MAP && !op->obj && !null))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->op == DRM_XE_VM_BIND_OP_UNMAP_ALL &&
			 (!op->obj || op->addr || op->range)))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->obj && op->op != DRM_XE_VM_BIND_OP_MAP &&
			 op->op != DRM_XE_VM_BIND_OP_UNMAP_ALL))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->op == DRM_XE_VM_BIND_OP_MAP_USERPTR &&
			 xe_pat_coherency(xe, op->pat_index) == XE_COH_NONE))
		return -EINVAL;

	return 0;
}

/**
 * xe_vm_args_check_op - check one operation of VM_BIND
 * @xe: the device
 * @op: operation, a copy
 *
 * The offset of an UNMAP is ignored, except for its alignment; so are flags of operations they
 * mean nothing to.
 *
 * Context: any.
 * Return: 0, or -EINVAL: a rule for single fields, or for fields of one operation, is broken
 */
int xe_vm_args_check_op(struct xe_device *xe, const struct drm_xe_vm_bind_op *op)
{
	int err;

	if (XE_IOCTL_DBG(xe, op->extensions) ||
	    XE_IOCTL_DBG(xe, op->pad || op->pad2) ||
	    XE_IOCTL_DBG(xe, op->reserved[0] || op->reserved[1] || op->reserved[2]))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, !xe_pat_is_valid(xe, op->pat_index)))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->op > DRM_XE_VM_BIND_OP_PREFETCH))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->flags & ~XE_VM_BIND_FLAGS))
		return -EINVAL;

	err = xe_vm_args_check_op_kind(xe, op);
	if (err)
		return err;

	if (XE_IOCTL_DBG(xe, op->prefetch_mem_region_instance &&
			 op->op != DRM_XE_VM_BIND_OP_PREFETCH))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, op->prefetch_mem_region_instance >= BITS_PER_TYPE(u64)) ||
	    XE_IOCTL_DBG(xe, !(BIT_ULL(op->prefetch_mem_region_instance) & XE_VM_REGION_MASK)))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, (op->obj_offset | op->addr | op->range) & XE_VM_BIND_ALIGN_MASK))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, !op->range && op->op != DRM_XE_VM_BIND_OP_UNMAP_ALL))
		return -EINVAL;

	return 0;
}

/**
 * xe_vm_args_check_range - check an operation against the address space
 * @xe: the device
 * @op: operation
 * @va_size: size of the address space, bytes
 *
 * Context: any.
 * Return: 0, or -EINVAL: the range leaves the address space
 */
int xe_vm_args_check_range(struct xe_device *xe, const struct drm_xe_vm_bind_op *op, u64 va_size)
{
	u64 end;

	if (XE_IOCTL_DBG(xe, check_add_overflow(op->addr, op->range, &end)) ||
	    XE_IOCTL_DBG(xe, end > va_size))
		return -EINVAL;

	return 0;
}

/**
 * xe_vm_args_check_bo - check an operation against the BO it names
 * @xe: the device
 * @op: MAP or UNMAP_ALL
 * @bo: facts about the BO
 *
 * Context: any.
 * Return: 0, or -EINVAL: the range leaves the BO, or the GPU would see or leave stale data in CPU
 * caches
 */
int xe_vm_args_check_bo(struct xe_device *xe, const struct drm_xe_vm_bind_op *op,
			const struct xe_vm_args_bo *bo)
{
	bool snoops = xe_pat_coherency(xe, op->pat_index) != XE_COH_NONE;

	if (XE_IOCTL_DBG(xe, op->range > bo->size) ||
	    XE_IOCTL_DBG(xe, op->obj_offset > bo->size - op->range))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, bo->cpu_cached && !snoops) ||
	    XE_IOCTL_DBG(xe, bo->imported && !snoops))
		return -EINVAL;

	return 0;
}
