// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Argument rules of queues, of jobs, and of waits for user fences
 */
#include "tests/ioctl_args.h"

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>

#include "submit/xe_sync.h"

static void fill_queue(const struct args_test *t, struct arg_set *s)
{
	s->queue.width = 1;
	s->queue.num_placements = 1;
	s->queue.vm_id = XE_FAKE_UNKNOWN;
	s->queue.instances = addr_of(t->user->engine);
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_RENDER;
}

CALL(queue, EXEC_QUEUE_CREATE, QUEUE_TABLE, .accepted = -ENOENT, .row = 8, .gt = true);

static void fill_queue_wide(const struct args_test *t, struct arg_set *s)
{
	fill_queue(t, s);
	s->queue.width = 2;
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VIDEO_DECODE;
	s->user.engine[1].engine_class = DRM_XE_ENGINE_CLASS_VIDEO_DECODE;
	s->user.engine[1].engine_instance = 1;
}

CALL(queue_wide, EXEC_QUEUE_CREATE, QUEUE_TABLE, .accepted = -ENOENT, .gt = true);

/* A chain that ends in itself is good for as long as anybody looks. */
static void fill_chain(const struct args_test *t, struct arg_set *s, u32 property, u64 value)
{
	fill_queue(t, s);
	s->queue.vm_id = VM;
	s->queue.extensions = addr_of(&t->user->ext);
	s->user.ext.base.next_extension = s->queue.extensions;
	s->user.ext.property = property;
	s->user.ext.value = value;
}

static void fill_queue_chain(const struct args_test *t, struct arg_set *s)
{
	fill_chain(t, s, DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY, 1);
}

CALL(queue_chain, EXEC_QUEUE_CREATE, QUEUE_TABLE, .accepted = -E2BIG, .row = 9, .gt = true);

/* A bind queue needs no VM. */
static void fill_queue_bind(const struct args_test *t, struct arg_set *s)
{
	fill_queue_chain(t, s);
	s->queue.vm_id = XE_FAKE_UNKNOWN;
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VM_BIND;
}

CALL(queue_bind, EXEC_QUEUE_CREATE, QUEUE_TABLE, .accepted = -E2BIG, .gt = true);

static void fill_queue_priority(const struct args_test *t, struct arg_set *s)
{
	fill_queue_chain(t, s);
}

CALL(queue_priority, EXEC_QUEUE_CREATE, PROPS_TABLE, .accepted = -E2BIG, .gt = true);

static void fill_queue_humble(const struct args_test *t, struct arg_set *s)
{
	fill_queue_chain(t, s);
}

CALL(queue_humble, EXEC_QUEUE_CREATE, PROPS_TABLE, .accepted = -E2BIG, .gt = true, .humble = true);

static void fill_queue_timeslice(const struct args_test *t, struct arg_set *s)
{
	fill_chain(t, s, DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE, ARGS_TIMESLICE_MIN);
}

CALL(queue_timeslice, EXEC_QUEUE_CREATE, PROPS_TABLE, .accepted = -E2BIG, .gt = true);

static void fill_slice_humble(const struct args_test *t, struct arg_set *s)
{
	fill_queue_timeslice(t, s);
}

CALL(slice_humble, EXEC_QUEUE_CREATE, PROPS_TABLE, .accepted = -E2BIG, .gt = true, .humble = true);

static void fill_queue_end(const struct args_test *t, struct arg_set *s)
{
	s->queue_end.exec_queue_id = XE_FAKE_UNKNOWN;
}

CALL(queue_end, EXEC_QUEUE_DESTROY, NO_TABLE, .accepted = -ENOENT);

static void fill_queue_get(const struct args_test *t, struct arg_set *s)
{
	s->queue_get.exec_queue_id = QUEUE;
	s->queue_get.property = DRM_XE_EXEC_QUEUE_GET_PROPERTY_BAN;
}

CALL(queue_get, EXEC_QUEUE_GET_PROPERTY, NO_TABLE);

/* A job without batches does not get as far as to the hardware. */
static void fill_exec(const struct args_test *t, struct arg_set *s)
{
	s->exec.exec_queue_id = QUEUE;
	s->exec.address = VA;
}

CALL(exec, EXEC, EXEC_TABLE);

static void fill_exec_syncobj(const struct args_test *t, struct arg_set *s)
{
	fill_exec(t, s);
	s->exec.num_syncs = 1;
	s->exec.syncs = addr_of(t->user->sync);
	s->user.sync[0].flags = DRM_XE_SYNC_FLAG_SIGNAL;
	s->user.sync[0].handle = SYNCOBJ;
}

CALL(exec_syncobj, EXEC, EXEC_TABLE);

/* A job for the GPU. The VM comes last, which has none any more. */
static void fill_exec_ufence(const struct args_test *t, struct arg_set *s)
{
	const struct drm_xe_sync ufence = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = VA,
	};

	s->exec.exec_queue_id = DEAD_VM_QUEUE;
	s->exec.num_syncs = 1;
	s->exec.syncs = addr_of(t->user->sync);
	s->user.sync[0] = ufence;
	s->user.sync[1] = ufence;
}

CALL(exec_ufence, EXEC, EXEC_TABLE, .accepted = -ECANCELED, .row = 9);

static void fill_exec_signal(const struct args_test *t, struct arg_set *s)
{
	fill_exec_ufence(t, s);
}

CALL(exec_signal, EXEC, EXEC_TABLE, .accepted = -ERESTARTSYS, .row = 11, .signal = true);

static void fill_exec_wide(const struct args_test *t, struct arg_set *s)
{
	s->exec.exec_queue_id = WIDE_QUEUE;
	s->exec.num_batch_buffer = 2;
	s->exec.address = addr_of(t->user->batch);
	s->user.batch[0] = VA;
	s->user.batch[1] = VA;
}

CALL(exec_wide, EXEC, EXEC_TABLE, .accepted = -ECANCELED, .row = 9);

static void fill_wait(const struct args_test *t, struct arg_set *s)
{
	s->wait.addr = addr_of(&t->user->fence);
	s->wait.op = DRM_XE_UFENCE_WAIT_OP_EQ;
	s->wait.value = MAGIC;
	s->wait.mask = U64_MAX;
	s->user.fence = MAGIC;
}

CALL(wait, WAIT_USER_FENCE, WAIT_TABLE);

/* For a value that never comes */
static void fill_wait_vain(const struct args_test *t, struct arg_set *s)
{
	fill_wait(t, s);
	s->wait.exec_queue_id = QUEUE;
	s->user.fence = 0;
}

CALL(wait_vain, WAIT_USER_FENCE, WAIT_TABLE, .accepted = -ETIME, .row = 7);

static void fill_wait_signal(const struct args_test *t, struct arg_set *s)
{
	fill_wait_vain(t, s);
}

CALL(wait_signal, WAIT_USER_FENCE, WAIT_TABLE, .accepted = -ERESTARTSYS, .row = 5, .signal = true);

static const struct args_rule rules[] = {
	ZERO(queue, 1, queue.flags),
	ZERO(queue, 1, queue.reserved[0]),
	ZERO(queue, 1, queue.reserved[1]),
	RULE(queue, 2, queue.width, 0, -EINVAL),
	RULE(queue, 2, queue.width, 10, -EINVAL),
	RULE(queue, 2, queue.num_placements, 0, -EINVAL),
	RULE(queue, 2, queue.num_placements, 10, -EINVAL),
	RULE(queue, 3, queue.instances, BAD_POINTER, -EFAULT),
	RULE(queue, 4, user.engine[0].gt_id, 1, -EINVAL),
	RULE(queue_bind, 4, user.engine[0].gt_id, 1, -EINVAL),
	RULE(queue_bind, 5, queue.width, 2, -EINVAL),
	RULE(queue_bind, 5, queue.num_placements, 2, -EINVAL),
	ZERO(queue_bind, 5, user.engine[0].engine_instance),
	ZERO(queue_bind, 0, user.engine[0].pad),
	RULE(queue, 6, user.engine[0].engine_class, 6, -EINVAL),
	RULE(queue, 6, user.engine[0].engine_class, DRM_XE_ENGINE_CLASS_COMPUTE, -EINVAL),
	RULE(queue, 6, user.engine[0].engine_instance, 1, -EINVAL),
	ZERO(queue, 0, user.engine[0].pad),
	RULE(queue_wide, 6, user.engine[1].engine_instance, 2, -EINVAL),
	RULE(queue_wide, 6, user.engine[1].engine_class, DRM_XE_ENGINE_CLASS_RENDER, -EINVAL),
	RULE(queue_wide, 6, user.engine[1].gt_id, 1, -EINVAL),
	ZERO(queue_wide, 0, user.engine[1].pad),
	RULE(queue_wide, 7, user.engine[0].engine_instance, 1, -EINVAL),
	RULE(queue_wide, 7, user.engine[1].engine_instance, 0, -EINVAL),
	RULE(queue_chain, 8, queue.vm_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(queue_chain, 8, queue.vm_id, DEAD_VM, -ENOENT),
	RULE(queue_chain, 9, queue.extensions, BAD_POINTER, -EFAULT),
	RULE(queue_chain, 9, user.ext.base.next_extension, BAD_POINTER, -EFAULT),
	ZERO(queue_chain, 9, user.ext.base.name),
	ZERO(queue_chain, 9, user.ext.base.pad),

	RULE(queue_priority, 1, user.ext.value, 2, -E2BIG),
	RULE(queue_priority, 1, user.ext.value, 3, -EINVAL),
	RULE(queue_humble, 1, user.ext.value, 2, -EPERM),
	RULE(queue_humble, 1, user.ext.value, 3, -EINVAL),
	RULE(queue_timeslice, 2, user.ext.value, 0, -EINVAL),
	RULE(queue_timeslice, 2, user.ext.value, 10000001, -EINVAL),
	RULE(queue_timeslice, 2, user.ext.value, ARGS_TIMESLICE_MIN - 1, -E2BIG),
	RULE(queue_timeslice, 2, user.ext.value, ARGS_TIMESLICE_MAX + 1, -E2BIG),
	RULE(slice_humble, 2, user.ext.value, ARGS_TIMESLICE_MIN - 1, -EINVAL),
	RULE(slice_humble, 2, user.ext.value, ARGS_TIMESLICE_MAX, -E2BIG),
	RULE(slice_humble, 2, user.ext.value, ARGS_TIMESLICE_MAX + 1, -EINVAL),
	RULE(queue_priority, 3, user.ext.property, 2, -EINVAL),
	ZERO(queue_priority, 4, user.ext.pad),
	RULE(queue_priority, 5, queue.extensions, BAD_POINTER, -EFAULT),

	ZERO(queue_end, 0, queue_end.pad),
	ZERO(queue_end, 0, queue_end.reserved[0]),
	ZERO(queue_end, 0, queue_end.reserved[1]),

	ZERO(queue_get, 0, queue_get.reserved[0]),
	ZERO(queue_get, 0, queue_get.reserved[1]),
	RULE(queue_get, 0, queue_get.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	ZERO(queue_get, 0, queue_get.property),

	ZERO(exec, 1, exec.extensions),
	ZERO(exec, 1, exec.pad[0]),
	ZERO(exec, 1, exec.pad[1]),
	ZERO(exec, 1, exec.pad[2]),
	ZERO(exec, 1, exec.reserved[0]),
	ZERO(exec, 1, exec.reserved[1]),
	RULE(exec, 1, exec.num_syncs, XE_MAX_SYNCS + 1, -EINVAL),
	RULE(exec, 2, exec.exec_queue_id, 0, -ENOENT),
	RULE(exec, 2, exec.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(exec, 3, exec.exec_queue_id, BIND_QUEUE, -EINVAL),
	RULE(exec, 4, exec.num_batch_buffer, 2, -EINVAL),
	RULE(exec_wide, 4, exec.num_batch_buffer, 1, -EINVAL),
	RULE(exec_wide, 4, exec.num_batch_buffer, 3, -EINVAL),
	RULE(exec, 5, exec.exec_queue_id, BANNED_QUEUE, -ECANCELED),
	RULE(exec_syncobj, 6, exec.syncs, BAD_POINTER, -EFAULT),
	RULE(exec_syncobj, 6, user.sync[0].flags, 2, -EINVAL),
	RULE(exec_syncobj, 6, user.sync[0].handle, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(exec_syncobj, 6, exec.exec_queue_id, LR_QUEUE, -EOPNOTSUPP),
	RULE(exec_ufence, 6, user.sync[0].flags, 0, -EOPNOTSUPP),
	RULE(exec_ufence, 7, exec.num_syncs, 2, -EINVAL),
	RULE(exec_wide, 8, exec.address, BAD_POINTER, -EFAULT),
	RULE(exec_wide, 0, user.batch[1], VA + 2, -EINVAL),
	RULE(exec, 9, exec.exec_queue_id, DEAD_VM_QUEUE, -ECANCELED),
	RULE(exec_signal, 5, exec.exec_queue_id, BANNED_QUEUE, -ECANCELED),

	ZERO(wait, 1, wait.extensions),
	ZERO(wait, 1, wait.pad),
	ZERO(wait, 1, wait.pad2),
	ZERO(wait, 1, wait.reserved[0]),
	ZERO(wait, 1, wait.reserved[1]),
	RULE(wait, 1, wait.flags, BIT(1), -EINVAL),
	RULE(wait, 1, wait.op, DRM_XE_UFENCE_WAIT_OP_LTE + 1, -EINVAL),
	RULE(wait, 1, wait.addr, 0x1004, -EINVAL),
	RULE(wait, 2, wait.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(wait, 3, wait.addr, BAD_POINTER, -EFAULT),
	RULE(wait, 4, wait.exec_queue_id, BANNED_QUEUE, 0),
	RULE(wait_signal, 4, user.fence, MAGIC, 0),
	RULE(wait, 7, wait.value, MAGIC + 1, -ETIME),
	RULE(wait_vain, 6, wait.exec_queue_id, BANNED_QUEUE, -EIO),
};

const struct args_rules xe_args_queue_rules = { rules, ARRAY_SIZE(rules) };
