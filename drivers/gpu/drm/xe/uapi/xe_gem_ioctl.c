// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "uapi/xe_gem_ioctl.h"

#include <linux/bits.h>
#include <linux/math.h>
#include <linux/mm.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_mode.h>
#include <drm/drm_vma_manager.h>
#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"

#define GEM_CREATE_FLAGS	(DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING | \
				 DRM_XE_GEM_CREATE_FLAG_SCANOUT | \
				 DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM)

/* Placement bits: system memory is region 0, and the only one. */
#define PLACEMENT_SYSTEM	BIT(DRM_XE_MEM_REGION_CLASS_SYSMEM)
#define PLACEMENT_VRAM		0

/* Scan-out needs lines of whole cache lines. */
#define DUMB_PITCH_ALIGN	64

static int gem_create_check(struct xe_device *xe, const struct drm_xe_gem_create *args)
{
	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->pad[0] || args->pad[1] || args->pad[2]) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	if (XE_IOCTL_DBG(xe, args->placement & ~(PLACEMENT_SYSTEM | PLACEMENT_VRAM)) ||
	    XE_IOCTL_DBG(xe, !args->placement))
		return -EINVAL;

	if (XE_IOCTL_DBG(xe, args->flags & ~GEM_CREATE_FLAGS) ||
	    XE_IOCTL_DBG(xe, args->handle) ||
	    XE_IOCTL_DBG(xe, !args->size) ||
	    XE_IOCTL_DBG(xe, !PAGE_ALIGNED(args->size)))
		return -EINVAL;

	if (XE_IOCTL_DBG(xe, args->flags & DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM &&
			 !(args->placement & PLACEMENT_VRAM)))
		return -EINVAL;

	if (XE_IOCTL_DBG(xe, args->cpu_caching != DRM_XE_GEM_CPU_CACHING_WB &&
			 args->cpu_caching != DRM_XE_GEM_CPU_CACHING_WC) ||
	    XE_IOCTL_DBG(xe, args->placement & PLACEMENT_VRAM &&
			 args->cpu_caching != DRM_XE_GEM_CPU_CACHING_WC) ||
	    XE_IOCTL_DBG(xe, args->flags & DRM_XE_GEM_CREATE_FLAG_SCANOUT &&
			 args->cpu_caching == DRM_XE_GEM_CPU_CACHING_WB))
		return -EINVAL;

	return 0;
}

/* The handle takes over the only reference. */
static int gem_create_handle(struct drm_file *file, struct xe_bo *bo, u32 *handle)
{
	int ret;

	ret = drm_gem_handle_create(file, &bo->ttm.base, handle);
	xe_bo_put(bo);
	return ret;
}

/**
 * xe_gem_create_ioctl() - &DRM_IOCTL_XE_GEM_CREATE
 * @drm: DRM device
 * @data: struct drm_xe_gem_create
 * @file: caller
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-EINVAL - a value is not allowed
 * * %-ENOENT - unknown VM
 * * an error of xe_bo_create_user(), or of drm_gem_handle_create()
 */
int xe_gem_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_gem_create *args = data;
	struct xe_bo_user_args bo_args = {
		.size = args->size,
		.cpu_caching = args->cpu_caching,
	};
	struct xe_vm *vm = NULL;
	struct xe_bo *bo;
	int ret;

	ret = gem_create_check(xe, args);
	if (ret)
		return ret;

	if (args->flags & DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING)
		bo_args.flags |= XE_BO_DEFER_BACKING;
	if (args->flags & DRM_XE_GEM_CREATE_FLAG_SCANOUT)
		bo_args.flags |= XE_BO_SCANOUT;

	if (args->vm_id) {
		vm = xe_file_vm_get(to_xe_file(file), args->vm_id);
		if (XE_IOCTL_DBG(xe, !vm))
			return -ENOENT;
		bo_args.resv_obj = xe_vm_resv_obj(vm);
	}

	bo = xe_bo_create_user(xe, &bo_args);
	if (vm)
		xe_vm_put(vm);
	if (IS_ERR(bo)) {
		xe_dbg(xe, "no BO of %llu bytes: %pe\n", args->size, bo);
		return PTR_ERR(bo);
	}

	return gem_create_handle(file, bo, &args->handle);
}

/**
 * xe_gem_mmap_offset_ioctl() - &DRM_IOCTL_XE_GEM_MMAP_OFFSET
 * @drm: DRM device
 * @data: struct drm_xe_gem_mmap_offset
 * @file: caller
 *
 * Return: 0, or
 * * %-EINVAL - extensions, flags or reserved members are not zero
 * * %-ENOENT - unknown handle
 */
int xe_gem_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_gem_mmap_offset *args = data;
	struct drm_gem_object *gem;

	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]) ||
	    XE_IOCTL_DBG(xe, args->flags))
		return -EINVAL;

	gem = drm_gem_object_lookup(file, args->handle);
	if (XE_IOCTL_DBG(xe, !gem))
		return -ENOENT;

	/* Reserved when the BO was created. */
	args->offset = drm_vma_node_offset_addr(&gem->vma_node);
	drm_gem_object_put(gem);
	return 0;
}

/**
 * xe_gem_dumb_create() - &DRM_IOCTL_MODE_CREATE_DUMB
 * @file: caller
 * @drm: DRM device
 * @args: width, height and bits per pixel, not zero; returns pitch, size and handle
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-EINVAL - a line does not fit 32 bits
 * * an error of xe_bo_create_user(), or of drm_gem_handle_create()
 */
int xe_gem_dumb_create(struct drm_file *file, struct drm_device *drm,
		       struct drm_mode_create_dumb *args)
{
	struct xe_device *xe = to_xe_device(drm);
	struct xe_bo_user_args bo_args = {
		.flags = XE_BO_SCANOUT,
		.cpu_caching = DRM_XE_GEM_CPU_CACHING_WC,
	};
	u64 line = (u64)args->width * DIV_ROUND_UP(args->bpp, BITS_PER_BYTE);
	u64 pitch = round_up(line, DUMB_PITCH_ALIGN);
	struct xe_bo *bo;

	if (XE_IOCTL_DBG(xe, pitch > U32_MAX))
		return -EINVAL;

	args->pitch = pitch;
	args->size = PAGE_ALIGN(pitch * args->height);
	if (XE_IOCTL_DBG(xe, !args->size))
		return -EINVAL;

	bo_args.size = args->size;
	bo = xe_bo_create_user(xe, &bo_args);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	return gem_create_handle(file, bo, &args->handle);
}
