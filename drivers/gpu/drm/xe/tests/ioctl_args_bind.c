// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Argument rules of VM_BIND
 */
#include "tests/ioctl_args.h"

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "submit/xe_sync.h"

#define BAD_OP		(DRM_XE_VM_BIND_OP_PREFETCH + 1)
/* On a Tiger Lake, of four */
#define PAT_NO_SNOOP	1
#define PAT_UNKNOWN	4

static const struct drm_xe_vm_bind_op map_op = {
	.op = DRM_XE_VM_BIND_OP_MAP, .obj = BO, .addr = VA, .range = 2 * SZ_4K,
};

static void fill_map(const struct args_test *t, struct arg_set *s)
{
	s->bind.vm_id = VM;
	s->bind.num_binds = 1;
	s->bind.bind = map_op;
}

CALL(map, VM_BIND, BIND_TABLE);

/* Gets past everything about BOs. */
static void fill_map_import(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.obj = IMPORT;
	s->bind.num_syncs = 1;
	s->bind.syncs = addr_of(t->user->sync);
	s->user.sync[0].handle = XE_FAKE_UNKNOWN;
}

CALL(map_import, VM_BIND, BIND_TABLE, .accepted = -ENOENT, .row = 27);

static void fill_map_null(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.obj = 0;
	s->bind.bind.flags = DRM_XE_VM_BIND_FLAG_NULL;
}

CALL(map_null, VM_BIND, BIND_TABLE);

static void fill_map_userptr(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
	s->bind.bind.obj = 0;
	s->bind.bind.userptr = addr_of(t->page);
	s->bind.bind.range = SZ_4K;
}

CALL(map_userptr, VM_BIND, BIND_TABLE);

static void fill_unmap(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_UNMAP;
	s->bind.bind.obj = 0;
	/* means nothing here, and is not looked at */
	s->bind.bind.obj_offset = SZ_4K;
}

CALL(unmap, VM_BIND, BIND_TABLE);

static void fill_unmap_all(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind = (struct drm_xe_vm_bind_op) { .op = DRM_XE_VM_BIND_OP_UNMAP_ALL, .obj = BO };
}

CALL(unmap_all, VM_BIND, BIND_TABLE);

static void fill_move(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_PREFETCH;
	s->bind.bind.obj = 0;
}

CALL(move, VM_BIND, BIND_TABLE);

static void fill_array(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.num_binds = 2;
	s->bind.vector_of_binds = addr_of(t->user->op);
	s->user.op[0] = map_op;
	s->user.op[1] = map_op;
}

CALL(array, VM_BIND, BIND_TABLE);

static void fill_no_binds(const struct args_test *t, struct arg_set *s)
{
	s->bind.vm_id = VM;
}

CALL(no_binds, VM_BIND, BIND_TABLE);

static void fill_map_syncobj(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.num_syncs = 1;
	s->bind.syncs = addr_of(t->user->sync);
	s->user.sync[0].flags = DRM_XE_SYNC_FLAG_SIGNAL;
	s->user.sync[0].handle = SYNCOBJ;
}

CALL(map_syncobj, VM_BIND, BIND_TABLE);

/* A second user fence is there, but does not count. */
static void fill_map_ufence(const struct args_test *t, struct arg_set *s)
{
	const struct drm_xe_sync ufence = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = addr_of(&t->user->fence),
		.timeline_value = MAGIC,
	};

	fill_map(t, s);
	s->bind.num_syncs = 1;
	s->bind.syncs = addr_of(t->user->sync);
	s->user.sync[0] = ufence;
	s->user.sync[1] = ufence;
}

CALL(map_ufence, VM_BIND, BIND_TABLE);

static void fill_map_beside(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
}

CALL(map_beside, VM_BIND, BIND_TABLE, .busy = true);

static void fill_unmap_beside(const struct args_test *t, struct arg_set *s)
{
	fill_unmap(t, s);
}

CALL(unmap_beside, VM_BIND, BIND_TABLE, .busy = true);

static const struct args_rule rules[] = {
	ZERO(map, 1, bind.extensions),
	ZERO(map, 1, bind.pad),
	ZERO(map, 1, bind.pad2),
	ZERO(map, 1, bind.reserved[0]),
	ZERO(map, 1, bind.reserved[1]),
	ZERO(map, 0, bind.bind.extensions),
	ZERO(map, 0, bind.bind.pad),
	ZERO(map, 0, bind.bind.pad2),
	ZERO(map, 0, bind.bind.reserved[0]),
	ZERO(map, 0, bind.bind.reserved[1]),
	ZERO(map, 0, bind.bind.reserved[2]),
	ZERO(no_binds, 1, bind.pad),
	RULE(map, 2, bind.num_syncs, XE_MAX_SYNCS + 1, -EINVAL),
	RULE(array, 3, bind.num_binds, S32_MAX, -ENOBUFS),
	RULE(array, 4, bind.vector_of_binds, BAD_POINTER, -EFAULT),

	RULE(map, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(map_null, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(map_userptr, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(unmap, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(unmap_all, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(move, 5, bind.bind.pat_index, PAT_UNKNOWN, -EINVAL),
	RULE(map, 6, bind.bind.op, BAD_OP, -EINVAL),
	RULE(array, 6, user.op[0].op, BAD_OP, -EINVAL),
	RULE(array, 6, user.op[1].op, BAD_OP, -EINVAL),
	RULE(map, 7, bind.bind.flags, BIT(4), -EINVAL),
	RULE(unmap, 7, bind.bind.flags, BIT(4), -EINVAL),

	RULE(map, 8, bind.bind.flags, DRM_XE_VM_BIND_FLAG_NULL, -EINVAL),
	RULE(map_null, 8, bind.bind.obj, BO, -EINVAL),
	RULE(map_null, 8, bind.bind.obj_offset, SZ_4K, -EINVAL),
	RULE(map_null, 8, bind.bind.op, DRM_XE_VM_BIND_OP_UNMAP, -EINVAL),
	RULE(map_null, 8, bind.bind.op, DRM_XE_VM_BIND_OP_PREFETCH, -EINVAL),
	RULE(map_null, 8, bind.bind.op, DRM_XE_VM_BIND_OP_MAP_USERPTR, -EINVAL),
	RULE(unmap_all, 8, bind.bind.flags, DRM_XE_VM_BIND_FLAG_NULL, -EINVAL),
	RULE(map, 9, bind.bind.obj, 0, -EINVAL),
	RULE(unmap_all, 10, bind.bind.obj, 0, -EINVAL),
	RULE(unmap_all, 10, bind.bind.addr, SZ_4K, -EINVAL),
	RULE(unmap_all, 10, bind.bind.range, SZ_4K, -EINVAL),
	RULE(map_userptr, 11, bind.bind.obj, BO, -EINVAL),
	RULE(unmap, 11, bind.bind.obj, BO, -EINVAL),
	RULE(move, 11, bind.bind.obj, BO, -EINVAL),
	RULE(map_userptr, 12, bind.bind.pat_index, PAT_NO_SNOOP, -EINVAL),

	RULE(map, 13, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(map_null, 13, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(map_userptr, 13, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(unmap, 13, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(unmap_all, 13, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(move, 14, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(move, 14, bind.bind.prefetch_mem_region_instance, 63, -EINVAL),
	RULE(move, 14, bind.bind.prefetch_mem_region_instance, 64, -EINVAL),

	RULE(map, 15, bind.bind.obj_offset, 1, -EINVAL),
	RULE(map, 15, bind.bind.range, SZ_4K + 1, -EINVAL),
	RULE(map, 15, bind.bind.addr, VA + 1, -EINVAL),
	RULE(map_null, 15, bind.bind.range, SZ_4K + 1, -EINVAL),
	RULE(map_null, 15, bind.bind.addr, VA + 1, -EINVAL),
	RULE(map_userptr, 15, bind.bind.userptr, 1, -EINVAL),
	RULE(map_userptr, 15, bind.bind.range, SZ_2K, -EINVAL),
	RULE(map_userptr, 15, bind.bind.addr, VA + 1, -EINVAL),
	RULE(unmap, 15, bind.bind.obj_offset, 1, -EINVAL),
	RULE(unmap, 15, bind.bind.range, SZ_4K + 1, -EINVAL),
	RULE(unmap, 15, bind.bind.addr, VA + 1, -EINVAL),
	RULE(unmap_all, 15, bind.bind.obj_offset, 1, -EINVAL),
	RULE(move, 15, bind.bind.range, SZ_4K + 1, -EINVAL),
	RULE(move, 15, bind.bind.addr, VA + 1, -EINVAL),
	RULE(map, 16, bind.bind.range, 0, -EINVAL),
	RULE(map_null, 16, bind.bind.range, 0, -EINVAL),
	RULE(map_userptr, 16, bind.bind.range, 0, -EINVAL),
	RULE(unmap, 16, bind.bind.range, 0, -EINVAL),
	RULE(move, 16, bind.bind.range, 0, -EINVAL),
	RULE(array, 16, user.op[1].range, 0, -EINVAL),

	RULE(map, 17, bind.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(map, 18, bind.exec_queue_id, QUEUE, -EINVAL),
	RULE(map, 18, bind.exec_queue_id, BIND_QUEUE, 0),
	RULE(map, 19, bind.vm_id, XE_FAKE_UNKNOWN, -EINVAL),
	RULE(no_binds, 19, bind.vm_id, XE_FAKE_UNKNOWN, -EINVAL),
	RULE(map, 20, bind.vm_id, DEAD_VM, -ENOENT),
	RULE(no_binds, 20, bind.vm_id, DEAD_VM, -ENOENT),

	RULE(map, 21, bind.bind.addr, VA_END - SZ_4K, -EINVAL),
	RULE(map, 21, bind.bind.addr, BAD_POINTER, -EINVAL),
	RULE(map_null, 21, bind.bind.addr, VA_END - SZ_4K, -EINVAL),
	RULE(map_null, 21, bind.bind.range, VA_END, -EINVAL),
	RULE(map_userptr, 21, bind.bind.addr, VA_END, -EINVAL),
	RULE(unmap, 21, bind.bind.addr, VA_END - SZ_4K, -EINVAL),
	RULE(unmap, 21, bind.bind.range, VA_END, -EINVAL),
	RULE(unmap, 21, bind.bind.range, -VA, -EINVAL),
	RULE(move, 21, bind.bind.addr, VA_END - SZ_4K, -EINVAL),
	RULE(move, 21, bind.bind.range, VA_END, -EINVAL),
	RULE(array, 21, user.op[1].addr, VA_END, -EINVAL),

	RULE(map, 22, bind.bind.obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(unmap_all, 22, bind.bind.obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(array, 22, user.op[1].obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(map, 23, bind.bind.obj_offset, BO_SIZE - SZ_4K, -EINVAL),
	RULE(map, 23, bind.bind.obj_offset, BAD_POINTER, -EINVAL),
	RULE(map, 23, bind.bind.range, BO_SIZE + SZ_4K, -EINVAL),
	RULE(map, 25, bind.bind.pat_index, PAT_NO_SNOOP, -EINVAL),
	RULE(map, 25, bind.bind.pat_index, 3, -EINVAL),
	RULE(map_import, 26, bind.bind.pat_index, PAT_NO_SNOOP, -EINVAL),
	RULE(map_import, 26, bind.bind.pat_index, 3, -EINVAL),

	RULE(map, 27, bind.num_syncs, XE_MAX_SYNCS, -EFAULT),
	RULE(map_syncobj, 27, bind.syncs, BAD_POINTER, -EFAULT),
	RULE(map_syncobj, 27, user.sync[0].flags, 2, -EINVAL),
	RULE(map_syncobj, 27, user.sync[0].handle, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(map_syncobj, 27, bind.vm_id, LR_VM, -EOPNOTSUPP),
	RULE(map_ufence, 27, bind.num_binds, 0, -EOPNOTSUPP),
	RULE(map_ufence, 27, user.sync[0].flags, 0, -EOPNOTSUPP),
	RULE(map_ufence, 27, user.sync[0].addr, BAD_POINTER, -EFAULT),
	RULE(map_ufence, 28, bind.num_syncs, 2, -EINVAL),

	RULE(map_userptr, 29, bind.bind.userptr, SZ_4K, -EFAULT),
	RULE(map_userptr, 29, bind.bind.userptr, BAD_POINTER, -EFAULT),
	RULE(map_beside, 30, bind.bind.addr, BUSY_VA, -EBUSY),
	RULE(unmap_beside, 30, bind.bind.addr, BUSY_VA, -EBUSY),
};

const struct args_rules xe_args_bind_rules = { rules, ARRAY_SIZE(rules) };
