// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "uapi/xe_queue_ioctl.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "submit/xe_bind_queue.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_usage.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_rebind.h"

/* Links an extension chain may have, to bound the walk through user memory. */
#define MAX_EXTENSIONS		16

/* What the user asked for, checked and translated. */
struct queue_request {
	struct xe_gt *gt;
	enum xe_engine_class class;
	bool bind;
	u16 width;
	u16 placements;
	u32 logical_mask;
	struct xe_queue_props props;
};

static void owner_put(void *owner)
{
	xe_vm_put(owner);
}

static int engine_class_from_user(u16 user_class, enum xe_engine_class *class)
{
	static const enum xe_engine_class map[] = {
		[DRM_XE_ENGINE_CLASS_RENDER] = XE_ENGINE_CLASS_RENDER,
		[DRM_XE_ENGINE_CLASS_COPY] = XE_ENGINE_CLASS_COPY,
		[DRM_XE_ENGINE_CLASS_VIDEO_DECODE] = XE_ENGINE_CLASS_VIDEO_DECODE,
		[DRM_XE_ENGINE_CLASS_VIDEO_ENHANCE] = XE_ENGINE_CLASS_VIDEO_ENHANCE,
		[DRM_XE_ENGINE_CLASS_COMPUTE] = XE_ENGINE_CLASS_COMPUTE,
	};

	if (user_class >= ARRAY_SIZE(map))
		return -EINVAL;
	*class = map[array_index_nospec(user_class, ARRAY_SIZE(map))];

	return 0;
}

/*
 * Entry placement * width + slot names the engine of one slot in one placement. All must be of
 * one class and GT, and slot i must be able to run exactly one instance above slot i - 1.
 */
static int check_engines(struct xe_device *xe, const struct drm_xe_engine_class_instance *eci,
			 struct queue_request *req)
{
	u32 mask, above = 0;
	unsigned int p, s;

	if (XE_IOCTL_DBG(xe, engine_class_from_user(eci[0].engine_class, &req->class)))
		return -EINVAL;

	for (s = 0; s < req->width; s++) {
		mask = 0;
		for (p = 0; p < req->placements; p++) {
			const struct drm_xe_engine_class_instance *e = &eci[p * req->width + s];

			if (XE_IOCTL_DBG(xe, e->pad) ||
			    XE_IOCTL_DBG(xe, e->engine_class != eci[0].engine_class) ||
			    XE_IOCTL_DBG(xe, e->gt_id != eci[0].gt_id) ||
			    XE_IOCTL_DBG(xe, !xe_gt_engine(req->gt, req->class,
							   e->engine_instance)))
				return -EINVAL;
			mask |= BIT(e->engine_instance);
		}
		if (s == 0)
			req->logical_mask = mask;
		else if (XE_IOCTL_DBG(xe, mask != above))
			return -EINVAL;
		above = mask << 1;
	}

	return 0;
}

static int check_placements(struct xe_device *xe, const struct drm_xe_exec_queue_create *args,
			    struct queue_request *req)
{
	struct drm_xe_engine_class_instance eci[XE_EXEC_QUEUE_MAX_WIDTH];
	u32 n = (u32)args->width * args->num_placements;
	u32 gt_id;

	if (XE_IOCTL_DBG(xe, !n || n > ARRAY_SIZE(eci)))
		return -EINVAL;
	if (XE_IOCTL_DBG(xe, copy_from_user(eci, u64_to_user_ptr(args->instances),
					    n * sizeof(eci[0]))))
		return -EFAULT;

	gt_id = eci[0].gt_id;
	if (XE_IOCTL_DBG(xe, gt_id >= xe->n_gts))
		return -EINVAL;
	req->gt = xe->gt[array_index_nospec(gt_id, XE_MAX_GTS)];
	req->width = args->width;
	req->placements = args->num_placements;

	if (eci[0].engine_class != DRM_XE_ENGINE_CLASS_VM_BIND)
		return check_engines(xe, eci, req);

	if (XE_IOCTL_DBG(xe, n != 1) || XE_IOCTL_DBG(xe, eci[0].engine_instance) ||
	    XE_IOCTL_DBG(xe, eci[0].pad))
		return -EINVAL;
	req->bind = true;
	/* only its limits count: a bind queue is not scheduled with other contexts */
	req->class = XE_ENGINE_CLASS_COPY;

	return 0;
}

/*
 * Whether a caller has CAP_SYS_NICE is asked last, and only if it makes a difference: the task that
 * has it is marked as one that used it, and the refusal of one that has not is logged.
 */
static int set_property(struct xe_device *xe, struct queue_request *req, u32 property, u64 value)
{
	const struct xe_sched_limit *limit = &req->gt->props[req->class].timeslice_us;
	const struct xe_sched_limit *builtin = &xe_class_props_default.timeslice_us;

	switch (property) {
	case DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY:
		if (XE_IOCTL_DBG(xe, value > XE_QUEUE_PRIORITY_HIGH))
			return -EINVAL;
		if (XE_IOCTL_DBG(xe, value == XE_QUEUE_PRIORITY_HIGH && !capable(CAP_SYS_NICE)))
			return -EPERM;
		req->props.priority = value;
		return 0;
	case DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE:
		if (XE_IOCTL_DBG(xe, value < builtin->min || value > builtin->max))
			return -EINVAL;
		if (XE_IOCTL_DBG(xe, (value < READ_ONCE(limit->min) ||
				      value > READ_ONCE(limit->max)) && !capable(CAP_SYS_NICE)))
			return -EINVAL;
		req->props.timeslice_us = value;
		return 0;
	default:
		xe_dbg(xe, "rejected: queue property %u is unknown\n", property);
		return -EINVAL;
	}
}

static int parse_extensions(struct xe_device *xe, u64 next, struct queue_request *req)
{
	struct drm_xe_ext_set_property ext;
	unsigned int n;
	int err;

	for (n = 0; next; n++) {
		if (XE_IOCTL_DBG(xe, n >= MAX_EXTENSIONS))
			return -E2BIG;
		if (XE_IOCTL_DBG(xe, copy_from_user(&ext.base, u64_to_user_ptr(next),
						    sizeof(ext.base))))
			return -EFAULT;
		if (XE_IOCTL_DBG(xe, ext.base.pad) ||
		    XE_IOCTL_DBG(xe, ext.base.name != DRM_XE_EXEC_QUEUE_EXTENSION_SET_PROPERTY))
			return -EINVAL;
		if (XE_IOCTL_DBG(xe, copy_from_user(&ext, u64_to_user_ptr(next), sizeof(ext))))
			return -EFAULT;
		/* the link may have changed between the two reads; only this copy counts */
		if (XE_IOCTL_DBG(xe, ext.pad))
			return -EINVAL;

		err = set_property(xe, req, ext.property, ext.value);
		if (err)
			return err;
		next = ext.base.next_extension;
	}

	return 0;
}

static struct xe_exec_queue *create_bind_queue(struct xe_device *xe,
					       const struct queue_request *req)
{
	struct xe_exec_queue_args args = {
		.gt = req->gt,
		.flags = XE_QUEUE_BIND,
		.bind_release = xe_bind_queue_put,
	};
	struct xe_exec_queue *q;

	args.bind = xe_bind_queue_create(xe);
	if (IS_ERR(args.bind))
		return ERR_CAST(args.bind);

	q = xe_exec_queue_create(&args);
	if (IS_ERR(q))
		xe_bind_queue_put(args.bind);

	return q;
}

static struct xe_exec_queue *create_engine_queue(struct xe_file *xef, struct xe_vm *vm,
						 const struct queue_request *req)
{
	const struct xe_exec_queue_args args = {
		.gt = req->gt,
		.class = req->class,
		.logical_mask = req->logical_mask,
		.width = req->width,
		.flags = vm->flags & XE_VM_LR ? XE_QUEUE_LR : 0,
		.ppgtt = vm->ppgtt,
		.props = &req->props,
		.owner = vm,
		.owner_put = owner_put,
		.usage = xef->usage,
	};

	return xe_exec_queue_create(&args);
}

/* Returns the VM with a reference, NULL for bind queues, which belong to no VM. */
static struct xe_vm *lookup_vm(struct xe_device *xe, struct xe_file *xef, u32 vm_id,
			       const struct queue_request *req)
{
	struct xe_vm *vm;

	if (req->bind)
		return NULL;

	vm = xe_file_vm_get(xef, vm_id);
	if (XE_IOCTL_DBG(xe, !vm))
		return ERR_PTR(-ENOENT);
	if (XE_IOCTL_DBG(xe, xe_vm_is_closed_or_banned(vm))) {
		xe_vm_put(vm);
		return ERR_PTR(-ENOENT);
	}

	return vm;
}

/**
 * xe_exec_queue_create_ioctl - DRM_IOCTL_XE_EXEC_QUEUE_CREATE
 * @drm: the device
 * @data: struct drm_xe_exec_queue_create
 * @file: caller's file
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -EINVAL - unknown flag, reserved field, engine, shape or property value
 * * -EFAULT - engines or extensions cannot be read
 * * -E2BIG - extension chain too long
 * * -EPERM - priority above what the caller may have
 * * -ENOENT - no such VM, or it is closed or banned
 * * -ENOMEM, -ENOSPC - no memory, GGTT space or context id
 * * -EINTR - killed
 */
int xe_exec_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_exec_queue_create *args = data;
	struct queue_request req = {};
	struct xe_exec_queue *q;
	struct xe_vm *vm;
	int err;

	if (XE_IOCTL_DBG(xe, args->flags) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	err = check_placements(xe, args, &req);
	if (err)
		return err;

	vm = lookup_vm(xe, to_xe_file(file), args->vm_id, &req);
	if (IS_ERR(vm))
		return PTR_ERR(vm);

	xe_queue_props_default(req.gt, req.class, &req.props);
	err = parse_extensions(xe, args->extensions, &req);
	if (err)
		goto err_vm;

	q = req.bind ? create_bind_queue(xe, &req) :
		       create_engine_queue(to_xe_file(file), vm, &req);
	if (IS_ERR(q)) {
		err = PTR_ERR(q);
		goto err_vm;
	}

	/* the queue owns the VM reference now */
	if (q->flags & XE_QUEUE_LR)
		err = xe_vm_rebind_add_queue(vm, q);
	if (!err)
		err = xe_file_queue_add(to_xe_file(file), q, &args->exec_queue_id);
	if (err)
		xe_vm_end_queue(q);

	return err;

err_vm:
	xe_vm_put(vm);
	return err;
}

/**
 * xe_exec_queue_destroy_ioctl - DRM_IOCTL_XE_EXEC_QUEUE_DESTROY
 * @drm: the device
 * @data: struct drm_xe_exec_queue_destroy
 * @file: caller's file
 *
 * The id is free at once; the queue is killed and goes away in the background.
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -EINVAL - non-zero padding or reserved field
 * * -ENOENT - no such queue
 */
int xe_exec_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	const struct drm_xe_exec_queue_destroy *args = data;
	struct xe_exec_queue *q;

	if (XE_IOCTL_DBG(xe, args->pad) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	q = xe_file_queue_remove(to_xe_file(file), args->exec_queue_id);
	if (XE_IOCTL_DBG(xe, !q))
		return -ENOENT;

	/* Whoever looks at fdinfo does not find the queue any more. */
	xe_usage_settle(q);
	xe_vm_end_queue(q);

	return 0;
}

/**
 * xe_exec_queue_get_property_ioctl - DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY
 * @drm: the device
 * @data: struct drm_xe_exec_queue_get_property
 * @file: caller's file
 *
 * Context: may sleep.
 * Return:
 * * 0
 * * -EINVAL - non-zero reserved field or unknown property
 * * -ENOENT - no such queue
 */
int xe_exec_queue_get_property_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_exec_queue_get_property *args = data;
	struct xe_exec_queue *q;
	int err = 0;

	if (XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1]))
		return -EINVAL;

	q = xe_file_queue_get(to_xe_file(file), args->exec_queue_id);
	if (XE_IOCTL_DBG(xe, !q))
		return -ENOENT;

	switch (args->property) {
	case DRM_XE_EXEC_QUEUE_GET_PROPERTY_BAN:
		args->value = xe_exec_queue_is_banned(q);
		break;
	default:
		xe_dbg(xe, "rejected: queue property %u is unknown\n", args->property);
		err = -EINVAL;
	}
	xe_exec_queue_put(q);

	return err;
}
