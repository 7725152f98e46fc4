// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Argument checks of every ioctl: arguments that are shown to pass all checks, with one thing wrong
 * in them. They pass if the call succeeds, or if it gets so far as to look for an object that does
 * not exist. The rules are those of Documentation/hardware/uapi.md.
 */
#include <kunit/test.h>

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_ioctl.h>

#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "base/xe_device.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "submit/xe_sync.h"
#include "tests/xe_fake.h"
#include "uapi/xe_ioctl.h"

/* What the tests find in their file, by the names it gives: they count from 1. */
#define VM		1
#define BO		1
#define BO_SIZE		(4 * SZ_4K)

#define VA		0x40000000ull
#define BAD_POINTER	(~0xfffull)
#define MAGIC		0x1122334455667788ull
#define REPLY_WORDS	12

/* Arguments that ioctls read through pointers */
struct user_args {
	struct drm_xe_engine_class_instance engine[2];
	struct drm_xe_ext_set_property ext;
	struct drm_xe_query_uc_fw_version uc;
	struct drm_xe_vm_bind_op op[2];
	u64 reply[REPLY_WORDS];
	u64 fence;
};

/* Everything one call is given */
struct arg_set {
	union {
		struct drm_xe_device_query query;
		struct drm_xe_gem_create gem;
		struct drm_xe_gem_mmap_offset mmap;
		struct drm_xe_vm_create vm;
		struct drm_xe_vm_destroy vm_end;
		struct drm_xe_vm_get_property vm_get;
		struct drm_xe_madvise madvise;
		struct drm_xe_vm_query_mem_range_attr ranges;
		struct drm_xe_vm_bind bind;
		struct drm_xe_exec_queue_create queue;
		struct drm_xe_exec_queue_destroy queue_end;
		struct drm_xe_exec_queue_get_property queue_get;
		struct drm_xe_exec exec;
		struct drm_xe_wait_user_fence wait;
		struct drm_xe_observation_param oa;
	};
	struct user_args user;
};

struct args_test {
	struct xe_device *xe;
	struct drm_file *file;
	struct user_args __user *user;
	/* a page of the process, for userptrs */
	void __user *page;
	struct xe_gt *gt;
	struct xe_engine engines[3];
};

/* A kind of call */
struct call {
	unsigned int nr;
	/* result when nothing is wrong */
	int accepted;
	/* needs to find engines */
	bool gt;
	void (*fill)(const struct args_test *t, struct arg_set *s);
};

#define CALL(_name, _nr, ...) \
	static const struct call _name = { .nr = (_nr), .fill = fill_##_name, ##__VA_ARGS__ }

static u64 addr_of(const void __user *p)
{
	return (u64)p;
}

static void fill_query_size(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_CONFIG;
}

CALL(query_size, DRM_XE_DEVICE_QUERY);

static void fill_query_config(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_CONFIG;
	s->query.size = sizeof(struct drm_xe_query_config) + 5 * sizeof(u64);
	s->query.data = addr_of(t->user->reply);
}

CALL(query_config, DRM_XE_DEVICE_QUERY);

static void fill_query_memory(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_MEM_REGIONS;
	s->query.size = struct_size_t(struct drm_xe_query_mem_regions, mem_regions, 1);
	s->query.data = addr_of(t->user->reply);
}

CALL(query_memory, DRM_XE_DEVICE_QUERY);

static void fill_query_firmware(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_UC_FW_VERSION;
	s->query.size = sizeof(s->user.uc);
	s->query.data = addr_of(&t->user->uc);
	s->user.uc.uc_type = XE_QUERY_UC_TYPE_HUC;
}

CALL(query_firmware, DRM_XE_DEVICE_QUERY, .accepted = -ENODEV);

static void fill_gem(const struct args_test *t, struct arg_set *s)
{
	s->gem.size = SZ_4K;
	s->gem.placement = BIT(DRM_XE_MEM_REGION_CLASS_SYSMEM);
	s->gem.flags = DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING;
	s->gem.cpu_caching = DRM_XE_GEM_CPU_CACHING_WB;
}

CALL(gem, DRM_XE_GEM_CREATE);

static void fill_mmap(const struct args_test *t, struct arg_set *s)
{
	s->mmap.handle = BO;
}

CALL(mmap, DRM_XE_GEM_MMAP_OFFSET);

static void fill_vm(const struct args_test *t, struct arg_set *s)
{
	s->vm.flags = DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE;
}

CALL(vm, DRM_XE_VM_CREATE);

static void fill_vm_end(const struct args_test *t, struct arg_set *s)
{
	s->vm_end.vm_id = XE_FAKE_UNKNOWN;
}

CALL(vm_end, DRM_XE_VM_DESTROY, .accepted = -ENOENT);

static void fill_vm_get(const struct args_test *t, struct arg_set *s)
{
	s->vm_get.vm_id = VM;
	s->vm_get.property = DRM_XE_VM_GET_PROPERTY_FAULTS;
}

CALL(vm_get, DRM_XE_VM_GET_PROPERTY);

static void fill_madvise(const struct args_test *t, struct arg_set *s)
{
	s->madvise.vm_id = VM;
	s->madvise.start = VA;
	s->madvise.range = SZ_4K;
	s->madvise.type = DRM_XE_VMA_ATTR_PURGEABLE_STATE;
	s->madvise.purge_state_val.val = DRM_XE_VMA_PURGEABLE_STATE_DONTNEED;
	s->madvise.purge_state_val.retained_ptr = addr_of(t->user->reply);
}

CALL(madvise, DRM_XE_MADVISE);

static void fill_ranges(const struct args_test *t, struct arg_set *s)
{
	s->ranges.vm_id = VM;
	s->ranges.start = VA;
	s->ranges.range = SZ_4K;
}

CALL(ranges, DRM_XE_VM_QUERY_MEM_RANGE_ATTRS);

static const struct drm_xe_vm_bind_op map_op = {
	.op = DRM_XE_VM_BIND_OP_MAP, .obj = BO, .addr = VA, .range = 2 * SZ_4K,
};

static void fill_map(const struct args_test *t, struct arg_set *s)
{
	s->bind.vm_id = VM;
	s->bind.num_binds = 1;
	s->bind.bind = map_op;
}

CALL(map, DRM_XE_VM_BIND);

static void fill_map_null(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.obj = 0;
	s->bind.bind.flags = DRM_XE_VM_BIND_FLAG_NULL;
}

CALL(map_null, DRM_XE_VM_BIND);

static void fill_map_userptr(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
	s->bind.bind.obj = 0;
	s->bind.bind.userptr = addr_of(t->page);
	s->bind.bind.range = SZ_4K;
}

CALL(map_userptr, DRM_XE_VM_BIND);

static void fill_unmap(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_UNMAP;
	s->bind.bind.obj = 0;
	/* means nothing here, and is not looked at */
	s->bind.bind.obj_offset = SZ_4K;
}

CALL(unmap, DRM_XE_VM_BIND);

static void fill_unmap_all(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind = (struct drm_xe_vm_bind_op) { .op = DRM_XE_VM_BIND_OP_UNMAP_ALL, .obj = BO };
}

CALL(unmap_all, DRM_XE_VM_BIND);

static void fill_move(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.bind.op = DRM_XE_VM_BIND_OP_PREFETCH;
	s->bind.bind.obj = 0;
}

CALL(move, DRM_XE_VM_BIND);

static void fill_array(const struct args_test *t, struct arg_set *s)
{
	fill_map(t, s);
	s->bind.num_binds = 2;
	s->bind.vector_of_binds = addr_of(t->user->op);
	s->user.op[0] = map_op;
	s->user.op[1] = map_op;
}

CALL(array, DRM_XE_VM_BIND);

static void fill_no_binds(const struct args_test *t, struct arg_set *s)
{
	s->bind.vm_id = VM;
}

CALL(no_binds, DRM_XE_VM_BIND);

static void fill_queue(const struct args_test *t, struct arg_set *s)
{
	s->queue.width = 1;
	s->queue.num_placements = 1;
	s->queue.vm_id = XE_FAKE_UNKNOWN;
	s->queue.instances = addr_of(t->user->engine);
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_RENDER;
}

CALL(queue, DRM_XE_EXEC_QUEUE_CREATE, .accepted = -ENOENT, .gt = true);

static void fill_queue_wide(const struct args_test *t, struct arg_set *s)
{
	fill_queue(t, s);
	s->queue.width = 2;
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VIDEO_DECODE;
	s->user.engine[1].engine_class = DRM_XE_ENGINE_CLASS_VIDEO_DECODE;
	s->user.engine[1].engine_instance = 1;
}

CALL(queue_wide, DRM_XE_EXEC_QUEUE_CREATE, .accepted = -ENOENT, .gt = true);

/* A bind queue needs no VM. A chain that ends in itself is good for as long as anybody looks. */
static void fill_queue_priority(const struct args_test *t, struct arg_set *s)
{
	fill_queue(t, s);
	s->queue.extensions = addr_of(&t->user->ext);
	s->user.engine[0].engine_class = DRM_XE_ENGINE_CLASS_VM_BIND;
	s->user.ext.base.next_extension = s->queue.extensions;
	s->user.ext.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY;
	s->user.ext.value = 1;
}

CALL(queue_priority, DRM_XE_EXEC_QUEUE_CREATE, .accepted = -E2BIG, .gt = true);

static void fill_queue_timeslice(const struct args_test *t, struct arg_set *s)
{
	fill_queue_priority(t, s);
	s->user.ext.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE;
	s->user.ext.value = 1000;
}

CALL(queue_timeslice, DRM_XE_EXEC_QUEUE_CREATE, .accepted = -E2BIG, .gt = true);

static void fill_queue_end(const struct args_test *t, struct arg_set *s)
{
	s->queue_end.exec_queue_id = XE_FAKE_UNKNOWN;
}

CALL(queue_end, DRM_XE_EXEC_QUEUE_DESTROY, .accepted = -ENOENT);

static void fill_queue_get(const struct args_test *t, struct arg_set *s)
{
	s->queue_get.exec_queue_id = XE_FAKE_UNKNOWN;
}

CALL(queue_get, DRM_XE_EXEC_QUEUE_GET_PROPERTY, .accepted = -ENOENT);

static void fill_exec(const struct args_test *t, struct arg_set *s)
{
	s->exec.exec_queue_id = XE_FAKE_UNKNOWN;
	s->exec.num_batch_buffer = 1;
	s->exec.address = VA;
}

CALL(exec, DRM_XE_EXEC, .accepted = -ENOENT);

static void fill_wait(const struct args_test *t, struct arg_set *s)
{
	s->wait.addr = addr_of(&t->user->fence);
	s->wait.op = DRM_XE_UFENCE_WAIT_OP_EQ;
	s->wait.value = MAGIC;
	s->wait.mask = U64_MAX;
	s->user.fence = MAGIC;
}

CALL(wait, DRM_XE_WAIT_USER_FENCE);

static void fill_oa(const struct args_test *t, struct arg_set *s)
{
	s->oa.observation_type = DRM_XE_OBSERVATION_TYPE_OA;
	s->oa.observation_op = DRM_XE_OBSERVATION_OP_STREAM_OPEN;
}

CALL(oa, DRM_XE_OBSERVATION, .accepted = -ENODEV);

/* One thing wrong: @value at @offset of the arguments */
struct rule {
	const char *name;
	const struct call *call;
	u16 offset;
	u16 size;
	u64 value;
	int err;
};

#define RULE(_call, _member, _value, _err) { \
	.name = #_call ": " #_member " = " #_value, \
	.call = &(_call), \
	.offset = offsetof(struct arg_set, _member), \
	.size = sizeof_field(struct arg_set, _member), \
	.value = (_value), .err = (_err) }

#define ZERO(_call, _member)	RULE(_call, _member, 1, -EINVAL)

static const struct rule rules[] = {
	ZERO(query_size, query.extensions),
	ZERO(query_size, query.reserved[0]),
	ZERO(query_size, query.reserved[1]),
	RULE(query_size, query.query, 9, -EINVAL),
	RULE(query_size, query.size, 47, -EINVAL),
	RULE(query_config, query.size, 49, -EINVAL),
	RULE(query_config, query.data, BAD_POINTER, -EFAULT),
	RULE(query_memory, query.data, BAD_POINTER, -ENOSPC),
	RULE(query_firmware, query.data, BAD_POINTER, -EFAULT),
	ZERO(query_firmware, user.uc.pad),
	ZERO(query_firmware, user.uc.pad2),
	ZERO(query_firmware, user.uc.reserved),
	RULE(query_firmware, user.uc.uc_type, 2, -EINVAL),

	ZERO(gem, gem.extensions),
	ZERO(gem, gem.pad[0]),
	ZERO(gem, gem.pad[1]),
	ZERO(gem, gem.pad[2]),
	ZERO(gem, gem.reserved[0]),
	ZERO(gem, gem.reserved[1]),
	ZERO(gem, gem.handle),
	RULE(gem, gem.placement, 0, -EINVAL),
	RULE(gem, gem.placement, 2, -EINVAL),
	RULE(gem, gem.placement, 3, -EINVAL),
	RULE(gem, gem.flags, BIT(3), -EINVAL),
	RULE(gem, gem.flags, DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM, -EINVAL),
	RULE(gem, gem.flags, DRM_XE_GEM_CREATE_FLAG_SCANOUT, -EINVAL),
	RULE(gem, gem.size, 0, -EINVAL),
	RULE(gem, gem.size, SZ_4K + 1, -EINVAL),
	RULE(gem, gem.size, SZ_2K, -EINVAL),
	RULE(gem, gem.size, 0xffffffff00000000, -ENOSPC),
	RULE(gem, gem.cpu_caching, 0, -EINVAL),
	RULE(gem, gem.cpu_caching, 3, -EINVAL),
	RULE(gem, gem.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(mmap, mmap.extensions),
	ZERO(mmap, mmap.flags),
	ZERO(mmap, mmap.reserved[0]),
	ZERO(mmap, mmap.reserved[1]),
	RULE(mmap, mmap.handle, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(vm, vm.extensions),
	ZERO(vm, vm.reserved[0]),
	ZERO(vm, vm.reserved[1]),
	RULE(vm, vm.flags, BIT(3), -EINVAL),
	RULE(vm, vm.flags, DRM_XE_VM_CREATE_FLAG_FAULT_MODE, -EINVAL),
	RULE(vm, vm.flags, DRM_XE_VM_CREATE_FLAG_FAULT_MODE | DRM_XE_VM_CREATE_FLAG_LR_MODE,
	     -EINVAL),

	ZERO(vm_end, vm_end.pad),
	ZERO(vm_end, vm_end.reserved[0]),
	ZERO(vm_end, vm_end.reserved[1]),

	ZERO(vm_get, vm_get.extensions),
	ZERO(vm_get, vm_get.pad),
	ZERO(vm_get, vm_get.reserved[0]),
	ZERO(vm_get, vm_get.reserved[1]),
	ZERO(vm_get, vm_get.reserved[2]),
	ZERO(vm_get, vm_get.property),
	ZERO(vm_get, vm_get.size),
	RULE(vm_get, vm_get.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(madvise, madvise.extensions),
	ZERO(madvise, madvise.reserved[0]),
	ZERO(madvise, madvise.reserved[1]),
	ZERO(madvise, madvise.purge_state_val.pad),
	RULE(madvise, madvise.purge_state_val.val, 2, -EINVAL),
	RULE(madvise, madvise.purge_state_val.retained_ptr, 0, -EFAULT),
	RULE(madvise, madvise.type, DRM_XE_MEM_RANGE_ATTR_PREFERRED_LOC, -EOPNOTSUPP),
	RULE(madvise, madvise.type, DRM_XE_MEM_RANGE_ATTR_ATOMIC, -EOPNOTSUPP),
	RULE(madvise, madvise.type, DRM_XE_MEM_RANGE_ATTR_PAT, -EOPNOTSUPP),
	RULE(madvise, madvise.type, DRM_XE_VMA_ATTR_PURGEABLE_STATE + 1, -EINVAL),
	RULE(madvise, madvise.start, VA + 1, -EINVAL),
	RULE(madvise, madvise.range, 0, -EINVAL),
	RULE(madvise, madvise.range, SZ_4K / 2, -EINVAL),
	RULE(madvise, madvise.range, -VA, -EINVAL),
	RULE(madvise, madvise.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(ranges, ranges.extensions),
	ZERO(ranges, ranges.reserved[0]),
	ZERO(ranges, ranges.reserved[1]),
	ZERO(ranges, ranges.num_mem_ranges),
	ZERO(ranges, ranges.sizeof_mem_range_attr),
	RULE(ranges, ranges.start, VA + 1, -EINVAL),
	RULE(ranges, ranges.range, 0, -EINVAL),
	RULE(ranges, ranges.range, -VA, -EINVAL),
	RULE(ranges, ranges.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(map, bind.extensions),
	ZERO(map, bind.pad),
	ZERO(map, bind.pad2),
	ZERO(map, bind.reserved[0]),
	ZERO(map, bind.reserved[1]),
	RULE(map, bind.num_syncs, XE_MAX_SYNCS + 1, -EINVAL),
	RULE(map, bind.num_syncs, XE_MAX_SYNCS, -EFAULT),
	RULE(map, bind.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(map, bind.vm_id, XE_FAKE_UNKNOWN, -EINVAL),
	ZERO(map, bind.bind.extensions),
	ZERO(map, bind.bind.pad),
	ZERO(map, bind.bind.pad2),
	ZERO(map, bind.bind.reserved[0]),
	ZERO(map, bind.bind.reserved[1]),
	ZERO(map, bind.bind.reserved[2]),
	RULE(map, bind.bind.pat_index, 4, -EINVAL),
	RULE(map, bind.bind.pat_index, 3, -EINVAL),
	RULE(map, bind.bind.op, DRM_XE_VM_BIND_OP_PREFETCH + 1, -EINVAL),
	RULE(map, bind.bind.flags, BIT(4), -EINVAL),
	RULE(map, bind.bind.flags, DRM_XE_VM_BIND_FLAG_NULL, -EINVAL),
	RULE(map, bind.bind.obj, 0, -EINVAL),
	RULE(map, bind.bind.obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(map, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(map, bind.bind.obj_offset, 1, -EINVAL),
	RULE(map, bind.bind.obj_offset, BO_SIZE - SZ_4K, -EINVAL),
	RULE(map, bind.bind.obj_offset, BAD_POINTER, -EINVAL),
	RULE(map, bind.bind.range, 0, -EINVAL),
	RULE(map, bind.bind.range, SZ_4K + 1, -EINVAL),
	RULE(map, bind.bind.range, BO_SIZE + SZ_4K, -EINVAL),
	RULE(map, bind.bind.addr, VA + 1, -EINVAL),
	RULE(map, bind.bind.addr, BIT_ULL(48) - SZ_4K, -EINVAL),
	RULE(map, bind.bind.addr, BAD_POINTER, -EINVAL),

	RULE(map_null, bind.bind.obj, BO, -EINVAL),
	RULE(map_null, bind.bind.obj_offset, SZ_4K, -EINVAL),
	RULE(map_null, bind.bind.op, DRM_XE_VM_BIND_OP_UNMAP, -EINVAL),
	RULE(map_null, bind.bind.op, DRM_XE_VM_BIND_OP_PREFETCH, -EINVAL),
	RULE(map_null, bind.bind.op, DRM_XE_VM_BIND_OP_MAP_USERPTR, -EINVAL),

	RULE(map_userptr, bind.bind.obj, BO, -EINVAL),
	RULE(map_userptr, bind.bind.pat_index, 1, -EINVAL),
	RULE(map_userptr, bind.bind.userptr, 1, -EINVAL),
	RULE(map_userptr, bind.bind.userptr, SZ_4K, -EFAULT),
	RULE(map_userptr, bind.bind.userptr, BAD_POINTER, -EFAULT),

	RULE(unmap, bind.bind.obj, BO, -EINVAL),
	RULE(unmap, bind.bind.range, 0, -EINVAL),
	RULE(unmap, bind.bind.pat_index, 4, -EINVAL),
	RULE(unmap, bind.bind.obj_offset, 1, -EINVAL),

	RULE(unmap_all, bind.bind.obj, 0, -EINVAL),
	RULE(unmap_all, bind.bind.obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(unmap_all, bind.bind.addr, SZ_4K, -EINVAL),
	RULE(unmap_all, bind.bind.range, SZ_4K, -EINVAL),

	RULE(move, bind.bind.obj, BO, -EINVAL),
	RULE(move, bind.bind.range, 0, -EINVAL),
	RULE(move, bind.bind.prefetch_mem_region_instance, 1, -EINVAL),
	RULE(move, bind.bind.prefetch_mem_region_instance, 64, -EINVAL),

	RULE(array, bind.vector_of_binds, BAD_POINTER, -EFAULT),
	RULE(array, bind.num_binds, S32_MAX, -ENOBUFS),
	RULE(array, user.op[0].op, DRM_XE_VM_BIND_OP_PREFETCH + 1, -EINVAL),
	RULE(array, user.op[1].op, DRM_XE_VM_BIND_OP_PREFETCH + 1, -EINVAL),
	RULE(array, user.op[1].range, 0, -EINVAL),
	RULE(array, user.op[1].obj, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(array, user.op[1].addr, BIT_ULL(48), -EINVAL),

	RULE(no_binds, bind.vm_id, XE_FAKE_UNKNOWN, -EINVAL),
	ZERO(no_binds, bind.pad),

	ZERO(queue, queue.flags),
	ZERO(queue, queue.reserved[0]),
	ZERO(queue, queue.reserved[1]),
	RULE(queue, queue.width, 0, -EINVAL),
	RULE(queue, queue.width, 10, -EINVAL),
	RULE(queue, queue.num_placements, 0, -EINVAL),
	RULE(queue, queue.num_placements, 10, -EINVAL),
	RULE(queue, queue.instances, BAD_POINTER, -EFAULT),
	RULE(queue, user.engine[0].gt_id, 1, -EINVAL),
	RULE(queue, user.engine[0].engine_class, 6, -EINVAL),
	RULE(queue, user.engine[0].engine_class, DRM_XE_ENGINE_CLASS_COMPUTE, -EINVAL),
	RULE(queue, user.engine[0].engine_instance, 1, -EINVAL),
	ZERO(queue, user.engine[0].pad),

	RULE(queue_wide, user.engine[0].engine_instance, 1, -EINVAL),
	RULE(queue_wide, user.engine[1].engine_instance, 0, -EINVAL),
	RULE(queue_wide, user.engine[1].engine_instance, 2, -EINVAL),
	RULE(queue_wide, user.engine[1].engine_class, DRM_XE_ENGINE_CLASS_RENDER, -EINVAL),
	RULE(queue_wide, user.engine[1].gt_id, 1, -EINVAL),
	ZERO(queue_wide, user.engine[1].pad),

	RULE(queue_priority, queue.width, 2, -EINVAL),
	RULE(queue_priority, queue.num_placements, 2, -EINVAL),
	ZERO(queue_priority, user.engine[0].engine_instance),
	ZERO(queue_priority, user.engine[0].pad),
	RULE(queue_priority, queue.extensions, BAD_POINTER, -EFAULT),
	RULE(queue_priority, user.ext.base.next_extension, BAD_POINTER, -EFAULT),
	ZERO(queue_priority, user.ext.base.name),
	ZERO(queue_priority, user.ext.base.pad),
	ZERO(queue_priority, user.ext.pad),
	RULE(queue_priority, user.ext.property, 2, -EINVAL),
	RULE(queue_priority, user.ext.value, 3, -EINVAL),
	RULE(queue_timeslice, user.ext.value, 0, -EINVAL),
	RULE(queue_timeslice, user.ext.value, 10000001, -EINVAL),

	ZERO(queue_end, queue_end.pad),
	ZERO(queue_end, queue_end.reserved[0]),
	ZERO(queue_end, queue_end.reserved[1]),

	ZERO(queue_get, queue_get.reserved[0]),
	ZERO(queue_get, queue_get.reserved[1]),

	ZERO(exec, exec.extensions),
	ZERO(exec, exec.pad[0]),
	ZERO(exec, exec.pad[1]),
	ZERO(exec, exec.pad[2]),
	ZERO(exec, exec.reserved[0]),
	ZERO(exec, exec.reserved[1]),
	RULE(exec, exec.num_syncs, XE_MAX_SYNCS + 1, -EINVAL),

	ZERO(wait, wait.extensions),
	ZERO(wait, wait.pad),
	ZERO(wait, wait.pad2),
	ZERO(wait, wait.reserved[0]),
	ZERO(wait, wait.reserved[1]),
	RULE(wait, wait.flags, BIT(1), -EINVAL),
	RULE(wait, wait.op, DRM_XE_UFENCE_WAIT_OP_LTE + 1, -EINVAL),
	RULE(wait, wait.addr, 0x1004, -EINVAL),
	RULE(wait, wait.addr, BAD_POINTER, -EFAULT),
	RULE(wait, wait.exec_queue_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(wait, wait.value, MAGIC + 1, -ETIME),

	ZERO(oa, oa.extensions),
	RULE(oa, oa.observation_type, 1, -EINVAL),
	RULE(oa, oa.observation_op, 3, -EINVAL),
};

static void rule_desc(const struct rule *rule, char *desc)
{
	strscpy(desc, rule->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rule, rules, rule_desc);

static int call_ioctl(struct kunit *test, unsigned int nr, struct arg_set *s)
{
	struct args_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, copy_to_user(t->user, &s->user, sizeof(s->user)), 0);

	return xe_ioctls[nr].func(&t->xe->drm, s, t->file);
}

static int call(struct kunit *test, const struct rule *rule, bool broken)
{
	struct args_test *t = test->priv;
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, s);
	rule->call->fill(t, s);
	if (broken)
		memcpy((void *)s + rule->offset, &rule->value, rule->size);
	/* Nothing else may meet a GT without hardware. */
	if (rule->call->gt)
		t->xe->gt[0] = t->gt;
	err = call_ioctl(test, rule->call->nr, s);
	t->xe->gt[0] = NULL;

	return err;
}

static void test_rule(struct kunit *test)
{
	const struct rule *rule = test->param_value;

	KUNIT_ASSERT_EQ(test, call(test, rule, false), rule->call->accepted);
	KUNIT_EXPECT_EQ(test, call(test, rule, true), rule->err);
}

/* Every ioctl has rules above. */
static void test_all_ioctls(struct kunit *test)
{
	unsigned int nr, i;

	for (nr = 0; nr <= DRM_XE_VM_GET_PROPERTY; nr++) {
		if (!xe_ioctls[nr].func)
			continue;
		for (i = 0; i < ARRAY_SIZE(rules) && rules[i].call->nr != nr; i++)
			;
		KUNIT_EXPECT_LT_MSG(test, i, ARRAY_SIZE(rules), "ioctl %u", nr);
	}
}

static void make_gt(struct kunit *test, struct args_test *t)
{
	static const enum xe_engine_id ids[] = { XE_ENGINE_RCS0, XE_ENGINE_VCS0, XE_ENGINE_VCS2 };
	unsigned int class, i;

	t->gt = kunit_kzalloc(test, sizeof(*t->gt), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->gt);
	t->gt->xe = t->xe;
	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++)
		t->gt->props[class] = xe_class_props_default;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		t->engines[i] = (struct xe_engine) {
			.gt = t->gt,
			.id = ids[i],
			.class = xe_engine_id_class(ids[i]),
			.logical_instance = ids[i] == XE_ENGINE_VCS2,
		};
		t->gt->engines[ids[i]] = &t->engines[i];
	}
}

static int ioctl_args_init(struct kunit *test)
{
	struct args_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct arg_set *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_NOT_NULL(test, s);
	test->priv = t;
	t->xe = xe_fake_device(test);
	t->file = xe_fake_file(test, t->xe);
	t->user = xe_fake_user(test, sizeof(*t->user), NULL);
	t->page = xe_fake_user(test, PAGE_SIZE, NULL);
	make_gt(test, t);

	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_VM_CREATE, s), 0);
	KUNIT_ASSERT_EQ(test, s->vm.vm_id, VM);
	memset(s, 0, sizeof(*s));
	fill_gem(t, s);
	s->gem.size = BO_SIZE;
	KUNIT_ASSERT_EQ(test, call_ioctl(test, DRM_XE_GEM_CREATE, s), 0);
	KUNIT_ASSERT_EQ(test, s->gem.handle, BO);

	return 0;
}

static struct kunit_case ioctl_args_cases[] = {
	KUNIT_CASE_PARAM(test_rule, rule_gen_params),
	KUNIT_CASE(test_all_ioctls),
	{}
};

static struct kunit_suite ioctl_args_suite = {
	.name = "xe_ioctl_args",
	.init = ioctl_args_init,
	.test_cases = ioctl_args_cases,
};

kunit_test_suite(ioctl_args_suite);
