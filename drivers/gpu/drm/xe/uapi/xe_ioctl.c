// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "uapi/xe_ioctl.h"

#include <linux/module.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>
#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "uapi/xe_exec.h"
#include "uapi/xe_gem_ioctl.h"
#include "uapi/xe_madvise_ioctl.h"
#include "uapi/xe_query.h"
#include "uapi/xe_queue_ioctl.h"
#include "uapi/xe_vm_ioctl.h"
#include "uapi/xe_wait_ufence.h"

/**
 * xe_observation_ioctl() - &DRM_IOCTL_XE_OBSERVATION
 * @drm: DRM device
 * @data: struct drm_xe_observation_param
 * @file: caller
 *
 * Performance streams are not offered; valid requests learn that from the errno.
 *
 * Return:
 * * %-EINVAL - extensions given, or unknown type or operation
 * * %-ENODEV - no OA on this device
 */
int xe_observation_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_observation_param *args = data;

	if (XE_IOCTL_DBG(xe, args->extensions) ||
	    XE_IOCTL_DBG(xe, args->observation_type != DRM_XE_OBSERVATION_TYPE_OA) ||
	    XE_IOCTL_DBG(xe, args->observation_op > DRM_XE_OBSERVATION_OP_REMOVE_CONFIG))
		return -EINVAL;

	return -ENODEV;
}

/* For struct drm_driver. */
const struct drm_ioctl_desc xe_ioctls[] = {
	DRM_IOCTL_DEF_DRV(XE_DEVICE_QUERY, xe_query_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_GEM_CREATE, xe_gem_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_GEM_MMAP_OFFSET, xe_gem_mmap_offset_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_VM_CREATE, xe_vm_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_VM_DESTROY, xe_vm_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_VM_BIND, xe_vm_bind_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_EXEC_QUEUE_CREATE, xe_exec_queue_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_EXEC_QUEUE_DESTROY, xe_exec_queue_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_EXEC_QUEUE_GET_PROPERTY, xe_exec_queue_get_property_ioctl,
			  DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_EXEC, xe_exec_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_WAIT_USER_FENCE, xe_wait_user_fence_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_OBSERVATION, xe_observation_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_MADVISE, xe_madvise_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_VM_QUERY_MEM_RANGE_ATTRS, xe_vm_query_mem_range_attrs_ioctl,
			  DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(XE_VM_GET_PROPERTY, xe_vm_get_property_ioctl, DRM_RENDER_ALLOW),
};

/* A device that was given up answers nothing any more, ioctls of the DRM core included. */
static bool xe_file_is_wedged(struct file *filp)
{
	struct drm_file *file = filp->private_data;

	return xe_device_is_wedged(to_xe_device(file->minor->dev));
}

/*
 * Private ioctls keep the device from being taken apart while they run. Not so the wait for a
 * user fence, which may last for ever: it touches no hardware and notices an unbind by itself.
 */
static bool xe_ioctl_needs_device(unsigned int cmd)
{
	unsigned int nr = DRM_IOCTL_NR(cmd);

	return nr >= DRM_COMMAND_BASE && nr < DRM_COMMAND_END &&
	       nr != DRM_COMMAND_BASE + DRM_XE_WAIT_USER_FENCE;
}

static long xe_ioctl_call(struct file *filp, unsigned int cmd, unsigned long arg,
			  long (*call)(struct file *filp, unsigned int cmd, unsigned long arg))
{
	struct drm_file *file = filp->private_data;
	long ret;
	int idx;

	if (xe_file_is_wedged(filp))
		return -ECANCELED;
	if (!xe_ioctl_needs_device(cmd))
		return call(filp, cmd, arg);

	if (!drm_dev_enter(file->minor->dev, &idx))
		return -ENODEV;
	ret = call(filp, cmd, arg);
	drm_dev_exit(idx);

	return ret;
}

static long xe_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return xe_ioctl_call(filp, cmd, arg, drm_ioctl);
}

#ifdef CONFIG_COMPAT
static long xe_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return xe_ioctl_call(filp, cmd, arg, drm_compat_ioctl);
}
#else
#define xe_compat_ioctl NULL
#endif

/* For struct drm_driver. */
const struct file_operations xe_driver_fops = {
	.owner = THIS_MODULE,
	.open = drm_open,
	.release = drm_release,
	.unlocked_ioctl = xe_ioctl,
	.compat_ioctl = xe_compat_ioctl,
	.mmap = drm_gem_mmap,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.show_fdinfo = drm_show_fdinfo,
	.fop_flags = FOP_UNSIGNED_OFFSET,
};
