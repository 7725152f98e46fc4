// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * VM_CREATE, VM_DESTROY, VM_GET_PROPERTY and VM_BIND: argument checks in contract order, look-ups,
 * and the sequence of phases. What the phases do is in vm/.
 */

#include "uapi/xe_vm_ioctl.h"

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>

#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "base/xe_device.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "mem/xe_bo.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_sync.h"
#include "uapi/xe_file.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_args.h"
#include "vm/xe_vm_bind.h"
#include "vm/xe_vm_ops.h"

/* For arrays whose size the user chooses: fail rather than kill somebody for their sake. */
#define XE_VM_BIND_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)
/* Operations dealt with at a time, before others may have the CPU */
#define XE_VM_BIND_SOME_OPS	256

/**
 * xe_vm_create_ioctl - DRM_IOCTL_XE_VM_CREATE
 * @drm: DRM device
 * @data: struct drm_xe_vm_create
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or -EINVAL: see xe_vm_args_check_create(); -ENOMEM
 */
int xe_vm_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_vm_create *args = data;
	struct xe_vm *vm;
	u32 flags = 0;
	int err;

	err = xe_vm_args_check_create(xe, args);
	if (err)
		return err;

	if (args->flags & DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE)
		flags |= XE_VM_SCRATCH;
	if (args->flags & DRM_XE_VM_CREATE_FLAG_LR_MODE)
		flags |= XE_VM_LR;

	vm = xe_vm_create(xe, flags);
	if (IS_ERR(vm))
		return PTR_ERR(vm);

	/* The VM is visible to other threads once it has an id. */
	err = xe_file_vm_add(to_xe_file(file), vm, &args->vm_id);
	if (err) {
		xe_vm_close(vm);
		xe_vm_put(vm);
	}

	return err;
}

/**
 * xe_vm_destroy_ioctl - DRM_IOCTL_XE_VM_DESTROY
 * @drm: DRM device
 * @data: struct drm_xe_vm_destroy
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or -EINVAL: see xe_vm_args_check_destroy(); -ENOENT: no such VM;
 * -EBUSY: a long-running VM has queues
 */
int xe_vm_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_vm_destroy *args = data;
	struct xe_vm *vm;
	int err;

	err = xe_vm_args_check_destroy(xe, args);
	if (err)
		return err;

	vm = xe_file_vm_remove(to_xe_file(file), args->vm_id);
	if (XE_IOCTL_DBG(xe, IS_ERR(vm)))
		return PTR_ERR(vm);

	xe_vm_close(vm);
	xe_vm_put(vm);

	return 0;
}

static_assert(sizeof(struct xe_vm_fault) == 48);
static_assert(offsetof(struct xe_vm_fault, access_type) == 12);
static_assert(sizeof(struct drm_xe_vm_get_property) == 56);
static_assert(offsetof(struct drm_xe_vm_get_property, data) == 24);

/**
 * xe_vm_get_property_ioctl - DRM_IOCTL_XE_VM_GET_PROPERTY
 * @drm: DRM device
 * @data: struct drm_xe_vm_get_property
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or
 * -EINVAL: extensions, padding or reserved fields are not zero; no such property; not its size;
 * -ENOENT: no such VM
 */
int xe_vm_get_property_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	const struct drm_xe_vm_get_property *args = data;
	struct xe_vm *vm;

	if (XE_IOCTL_DBG(xe, args->extensions || args->pad) ||
	    XE_IOCTL_DBG(xe, args->reserved[0] || args->reserved[1] || args->reserved[2]))
		return -EINVAL;

	vm = xe_file_vm_get(to_xe_file(file), args->vm_id);
	if (XE_IOCTL_DBG(xe, !vm))
		return -ENOENT;
	xe_vm_put(vm);

	if (XE_IOCTL_DBG(xe, args->property != DRM_XE_VM_GET_PROPERTY_FAULTS))
		return -EINVAL;

	/* The firmware reports that a context has faulted, not where: there is nothing to list. */
	return XE_IOCTL_DBG(xe, args->size) ? -EINVAL : 0;
}

/* There may be millions of operations: leave others the CPU now and then, and give up if killed. */
static int xe_vm_bind_breathe(size_t i)
{
	if (!i || i % XE_VM_BIND_SOME_OPS)
		return 0;
	cond_resched();

	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Piece by piece: a copy that fails clears the rest, which may be gigabytes. */
static int xe_vm_bind_read_ops(struct drm_xe_vm_bind_op *ops, u64 from, size_t n)
{
	const struct drm_xe_vm_bind_op __user *src = u64_to_user_ptr(from);
	size_t i, part;

	for (i = 0; i < n; i += part) {
		part = min_t(size_t, n - i, XE_VM_BIND_SOME_OPS);
		if (copy_from_user(&ops[i], &src[i], part * sizeof(*ops)))
			return -EFAULT;
		if (xe_vm_bind_breathe(i))
			return -EINTR;
	}

	return 0;
}

/* Copy an array of operations to the kernel. *@out is NULL for one, which is in the arguments. */
static int xe_vm_bind_copy_ops(const struct drm_xe_vm_bind *args, struct drm_xe_vm_bind_op **out)
{
	size_t n = args->num_binds;
	struct drm_xe_vm_bind_op *ops;
	int err;

	*out = NULL;
	if (n <= 1)
		return 0;

	ops = kvmalloc_array(n, sizeof(*ops), XE_VM_BIND_GFP);
	if (!ops)
		return -ENOBUFS;

	err = xe_vm_bind_read_ops(ops, args->vector_of_binds, n);
	if (err) {
		kvfree(ops);
		return err;
	}
	*out = ops;

	return 0;
}

static int xe_vm_bind_check_ops(struct xe_device *xe, const struct drm_xe_vm_bind_op *ops, u32 n)
{
	int err = 0;
	u32 i;

	for (i = 0; i < n && !err; i++)
		err = xe_vm_args_check_op(xe, &ops[i]) ?: xe_vm_bind_breathe(i);

	return err;
}

/* Find queue and VM, and lock the VM. */
static int xe_vm_bind_lookup_vm(struct xe_vm_bind *bind, struct xe_file *xef,
				const struct drm_xe_vm_bind *args)
{
	struct xe_device *xe = xef->xe;
	struct xe_vm *vm;

	if (args->exec_queue_id) {
		bind->q = xe_file_queue_get(xef, args->exec_queue_id);
		if (XE_IOCTL_DBG(xe, !bind->q))
			return -ENOENT;
		if (XE_IOCTL_DBG(xe, !(bind->q->flags & XE_QUEUE_BIND)))
			return -EINVAL;
	}

	vm = xe_file_vm_get(xef, args->vm_id);
	if (XE_IOCTL_DBG(xe, !vm))
		return -EINVAL;

	if (xe_inject("lock-vm", -EINTR) || down_write_killable(&vm->lock)) {
		xe_vm_put(vm);
		return -EINTR;
	}
	/* From here on the VM is unlocked and released by xe_vm_bind_put(). */
	bind->vm = vm;

	return XE_IOCTL_DBG(xe, xe_vm_is_closed_or_banned(vm)) ? -ENOENT : 0;
}

/*
 * The BO of operation @i (reference), or NULL. Arrays are often about one object: whoever closes
 * the handle at the same time cannot tell whether it was looked up once or twice.
 */
static struct xe_bo *xe_vm_bind_find_bo(const struct xe_vm_bind *bind, struct drm_file *file,
					const struct drm_xe_vm_bind_op *ops, u32 i)
{
	struct drm_gem_object *gem;

	if (i && ops[i].obj == ops[i - 1].obj)
		return xe_bo_get(bind->reqs[i - 1].bo);

	gem = xe_inject("find-bo", -ENOENT) ? NULL : drm_gem_object_lookup(file, ops[i].obj);

	return gem ? to_xe_bo(gem) : NULL;
}

static int xe_vm_bind_lookup_bo(struct xe_vm_bind *bind, struct drm_file *file,
				const struct drm_xe_vm_bind_op *ops, u32 i)
{
	const struct drm_xe_vm_bind_op *op = &ops[i];
	struct xe_vm_bind_req *req = &bind->reqs[i];
	struct xe_device *xe = bind->vm->xe;
	struct xe_vm_args_bo facts;

	if (!op->obj)
		return 0;

	req->bo = xe_vm_bind_find_bo(bind, file, ops, i);
	if (XE_IOCTL_DBG(xe, !req->bo))
		return -ENOENT;

	facts = (struct xe_vm_args_bo) {
		.size = xe_bo_size(req->bo),
		.cpu_cached = req->bo->cpu_caching == DRM_XE_GEM_CPU_CACHING_WB,
		.imported = req->bo->flags & XE_BO_IMPORTED,
	};

	return xe_vm_args_check_bo(xe, op, &facts);
}

/* Turn user operations into requests: check them against the VM, find their BOs. */
static int xe_vm_bind_lookup_reqs(struct xe_vm_bind *bind, struct drm_file *file,
				  const struct drm_xe_vm_bind_op *ops, u32 n)
{
	struct xe_vm *vm = bind->vm;
	int err;
	u32 i;

	for (i = 0; i < n; i++) {
		err = xe_vm_args_check_range(vm->xe, &ops[i], vm->gpuvm.mm_range) ?:
		      xe_vm_bind_breathe(i);
		if (err)
			return err;
	}
	if (!n)
		return 0;

	bind->reqs = n > 1 ? kvmalloc_array(n, sizeof(*bind->reqs), XE_VM_BIND_GFP) :
			     &bind->single;
	if (!bind->reqs)
		return -ENOBUFS;

	for (i = 0; i < n; i++) {
		bind->reqs[i] = (struct xe_vm_bind_req) {
			.op = ops[i].op,
			.flags = ops[i].flags,
			.pat_index = ops[i].pat_index,
			.addr = ops[i].addr,
			.range = ops[i].range,
			.offset = ops[i].obj_offset,
		};
		bind->n_reqs = i + 1;
		err = xe_vm_bind_lookup_bo(bind, file, ops, i) ?: xe_vm_bind_breathe(i);
		if (err)
			return err;
	}

	return 0;
}

static int xe_vm_bind_lookup(struct xe_vm_bind *bind, struct drm_file *file,
			     const struct drm_xe_vm_bind *args,
			     const struct drm_xe_vm_bind_op *ops)
{
	u32 flags = XE_SYNC_BIND | (args->num_binds ? 0 : XE_SYNC_NO_UFENCE);
	struct xe_file *xef = to_xe_file(file);
	int err;

	err = xe_vm_bind_lookup_vm(bind, xef, args);
	if (err)
		return err;

	err = xe_vm_bind_lookup_reqs(bind, file, ops, args->num_binds);
	if (err)
		return err;

	if (bind->vm->flags & XE_VM_LR)
		flags |= XE_SYNC_LR;
	err = xe_sync_parse_array(xef->xe, file, &bind->syncs, bind->sync_room, args->syncs,
				  args->num_syncs, flags);
	if (!err)
		bind->n_syncs = args->num_syncs;

	return err;
}

/* Unlock the VM and release whatever the look-up has found and the bind has left. */
static void xe_vm_bind_put(struct xe_vm_bind *bind)
{
	u32 i;

	if (bind->vm)
		up_write(&bind->vm->lock);
	xe_vm_bind_release(bind);
	xe_sync_fini_array(bind->syncs, bind->sync_room, bind->n_syncs);
	for (i = 0; i < bind->n_reqs; i++) {
		xe_bo_put(bind->reqs[i].bo);
		xe_vm_bind_breathe(i);
	}
	if (bind->reqs != &bind->single)
		kvfree(bind->reqs);
	xe_vm_put(bind->vm);
	if (bind->q)
		xe_exec_queue_put(bind->q);
}

/* The phases that change something, once everything has been checked and found. */
static int xe_vm_bind_run(struct xe_vm_bind *bind)
{
	int err;

	err = xe_vm_bind_stage(bind);
	if (!err)
		err = xe_vm_bind_prepare(bind);
	if (!err) {
		/* Point of no return. */
		xe_vm_bind_commit(bind);
		xe_vm_bind_execute(bind);
	}
	xe_vm_bind_finish(bind, err);

	return err;
}

/**
 * xe_vm_bind_ioctl - DRM_IOCTL_XE_VM_BIND
 * @drm: DRM device
 * @data: struct drm_xe_vm_bind
 * @file: calling file
 *
 * Context: ioctl.
 * Return: 0, or
 * -EINVAL: a rule of the checks is broken, queue is no bind queue, no such VM;
 * -ENOENT: no such queue or BO, VM closed or banned;
 * -EFAULT: operations, syncs or userptr memory not accessible;
 * -EBUSY: a mapping to be removed has a pending user fence, or a BO to be mapped is advised not to
 * be needed;
 * -ENOMEM, -ENOBUFS: see xe_vm_bind_prepare();
 * -EINTR, -EAGAIN: to be repeated with unchanged arguments;
 * errors of xe_sync_parse_array()
 */
int xe_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	const struct drm_xe_vm_bind *args = data;
	const struct drm_xe_vm_bind_op *ops;
	struct drm_xe_vm_bind_op *array;
	struct xe_vm_bind bind = {};
	int err;

	err = xe_vm_args_check_bind(xe, args);
	if (err)
		return err;

	err = xe_vm_bind_copy_ops(args, &array);
	if (err)
		return err;
	ops = array ?: &args->bind;

	err = xe_vm_bind_check_ops(xe, ops, args->num_binds);
	if (!err)
		err = xe_vm_bind_lookup(&bind, file, args, ops);
	if (!err)
		err = xe_vm_bind_run(&bind);

	xe_vm_bind_put(&bind);
	kvfree(array);

	return err;
}
