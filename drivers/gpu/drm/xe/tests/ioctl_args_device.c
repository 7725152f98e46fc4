// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Argument rules of queries, BOs, and VMs but for VM_BIND
 */
#include "tests/ioctl_args.h"

#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/time.h>

static void fill_query_size(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_CONFIG;
}

CALL(query_size, DEVICE_QUERY, QUERY_TABLE);

static void fill_report(const struct args_test *t, struct arg_set *s, u32 query, u32 size)
{
	s->query.query = query;
	s->query.size = size;
	s->query.data = addr_of(t->user->reply);
}

static void fill_query_config(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_CONFIG,
		    struct_size_t(struct drm_xe_query_config, info, 5));
}

CALL(query_config, DEVICE_QUERY, QUERY_TABLE);

static void fill_query_memory(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_MEM_REGIONS,
		    struct_size_t(struct drm_xe_query_mem_regions, mem_regions, 1));
}

CALL(query_memory, DEVICE_QUERY, QUERY_TABLE);

static void fill_query_engines(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_ENGINES,
		    struct_size_t(struct drm_xe_query_engines, engines, ARGS_N_ENGINES));
}

CALL(query_engines, DEVICE_QUERY, QUERY_TABLE, .gt = true);

static void fill_query_gts(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_GT_LIST,
		    struct_size_t(struct drm_xe_query_gt_list, gt_list, 1));
}

CALL(query_gts, DEVICE_QUERY, QUERY_TABLE, .gt = true);

/* Four masks, of 16, 16, 8 and 8 bytes */
static void fill_query_topology(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_GT_TOPOLOGY,
		    4 * sizeof(struct drm_xe_query_topology_mask) + 48);
}

CALL(query_topology, DEVICE_QUERY, QUERY_TABLE, .gt = true);

static void fill_query_oa(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_OA_UNITS, sizeof(struct drm_xe_query_oa_units));
}

CALL(query_oa, DEVICE_QUERY, QUERY_TABLE);

/* The reply is empty. */
static void fill_query_hwconfig(const struct args_test *t, struct arg_set *s)
{
	fill_report(t, s, DRM_XE_DEVICE_QUERY_HWCONFIG, 0);
}

CALL(query_hwconfig, DEVICE_QUERY, QUERY_TABLE);

/* The engine does not wake up: its device has no registers. */
static void fill_query_cycles(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_ENGINE_CYCLES;
	s->query.size = sizeof(s->user.cycles);
	s->query.data = addr_of(&t->user->cycles);
	s->user.cycles.clockid = CLOCK_MONOTONIC;
}

CALL(query_cycles, DEVICE_QUERY, CYCLES_TABLE, .accepted = -EIO, .row = 4, .gt = true);

static void fill_query_firmware(const struct args_test *t, struct arg_set *s)
{
	s->query.query = DRM_XE_DEVICE_QUERY_UC_FW_VERSION;
	s->query.size = sizeof(s->user.uc);
	s->query.data = addr_of(&t->user->uc);
	s->user.uc.uc_type = XE_QUERY_UC_TYPE_HUC;
}

CALL(query_firmware, DEVICE_QUERY, FIRMWARE_TABLE, .accepted = -ENODEV, .row = 4);

static void fill_gem(const struct args_test *t, struct arg_set *s)
{
	s->gem.size = SZ_4K;
	s->gem.placement = BIT(DRM_XE_MEM_REGION_CLASS_SYSMEM);
	s->gem.flags = DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING;
	s->gem.cpu_caching = DRM_XE_GEM_CPU_CACHING_WB;
}

CALL(gem, GEM_CREATE, GEM_TABLE);

static void fill_mmap(const struct args_test *t, struct arg_set *s)
{
	s->mmap.handle = BO;
}

CALL(mmap, GEM_MMAP_OFFSET, MMAP_TABLE);

static void fill_vm(const struct args_test *t, struct arg_set *s)
{
	s->vm.flags = DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE;
}

CALL(vm, VM_CREATE, VM_CREATE_TABLE);

static void fill_vm_end(const struct args_test *t, struct arg_set *s)
{
	s->vm_end.vm_id = XE_FAKE_UNKNOWN;
}

CALL(vm_end, VM_DESTROY, VM_DESTROY_TABLE, .accepted = -ENOENT, .row = 2);

static void fill_vm_get(const struct args_test *t, struct arg_set *s)
{
	s->vm_get.vm_id = VM;
	s->vm_get.property = DRM_XE_VM_GET_PROPERTY_FAULTS;
}

CALL(vm_get, VM_GET_PROPERTY, NO_TABLE);

static void fill_madvise(const struct args_test *t, struct arg_set *s)
{
	s->madvise.vm_id = VM;
	s->madvise.start = VA;
	s->madvise.range = SZ_4K;
	s->madvise.type = DRM_XE_VMA_ATTR_PURGEABLE_STATE;
	s->madvise.purge_state_val.val = DRM_XE_VMA_PURGEABLE_STATE_DONTNEED;
	s->madvise.purge_state_val.retained_ptr = addr_of(t->user->reply);
}

CALL(madvise, MADVISE, NO_TABLE);

static void fill_ranges(const struct args_test *t, struct arg_set *s)
{
	s->ranges.vm_id = VM;
	s->ranges.start = VA;
	s->ranges.range = SZ_4K;
}

CALL(ranges, VM_QUERY_MEM_RANGE_ATTRS, NO_TABLE);

static void fill_oa(const struct args_test *t, struct arg_set *s)
{
	s->oa.observation_type = DRM_XE_OBSERVATION_TYPE_OA;
	s->oa.observation_op = DRM_XE_OBSERVATION_OP_STREAM_OPEN;
}

CALL(oa, OBSERVATION, OA_TABLE, .accepted = -ENODEV, .row = 4);

static const struct args_rule rules[] = {
	ZERO(query_size, 1, query.extensions),
	ZERO(query_size, 5, query.reserved[0]),
	ZERO(query_size, 5, query.reserved[1]),
	RULE(query_size, 2, query.query, 9, -EINVAL),
	RULE(query_size, 3, query.size, 47, -EINVAL),
	RULE(query_config, 3, query.size, 49, -EINVAL),
	RULE(query_config, 4, query.data, BAD_POINTER, -EFAULT),
	RULE(query_memory, 3, query.size, 1, -EINVAL),
	RULE(query_memory, 4, query.data, BAD_POINTER, -ENOSPC),
	RULE(query_engines, 3, query.size, 1, -EINVAL),
	RULE(query_engines, 4, query.data, BAD_POINTER, -EFAULT),
	RULE(query_gts, 3, query.size, 1, -EINVAL),
	RULE(query_gts, 4, query.data, BAD_POINTER, -EFAULT),
	RULE(query_topology, 3, query.size, 1, -EINVAL),
	RULE(query_topology, 4, query.data, BAD_POINTER, -EFAULT),
	RULE(query_oa, 3, query.size, 1, -EINVAL),
	RULE(query_oa, 4, query.data, BAD_POINTER, -EFAULT),
	RULE(query_hwconfig, 3, query.size, 1, -EINVAL),

	RULE(query_cycles, 0, query.size, 1, -EINVAL),
	RULE(query_cycles, 1, query.data, BAD_POINTER, -EFAULT),
	RULE(query_cycles, 2, user.cycles.clockid, CLOCK_THREAD_CPUTIME_ID, -EINVAL),
	RULE(query_cycles, 3, user.cycles.eci.gt_id, 1, -EINVAL),
	RULE(query_cycles, 3, user.cycles.eci.gt_id, U16_MAX, -EINVAL),
	RULE(query_cycles, 3, user.cycles.eci.engine_class, DRM_XE_ENGINE_CLASS_COPY, -EINVAL),
	RULE(query_cycles, 3, user.cycles.eci.engine_class, DRM_XE_ENGINE_CLASS_VM_BIND, -EINVAL),
	RULE(query_cycles, 3, user.cycles.eci.engine_instance, 1, -EINVAL),

	RULE(query_firmware, 0, query.size, 1, -EINVAL),
	RULE(query_firmware, 0, query.data, BAD_POINTER, -EFAULT),
	ZERO(query_firmware, 1, user.uc.pad),
	ZERO(query_firmware, 1, user.uc.pad2),
	ZERO(query_firmware, 1, user.uc.reserved),
	RULE(query_firmware, 5, user.uc.uc_type, 2, -EINVAL),

	ZERO(gem, 1, gem.extensions),
	ZERO(gem, 1, gem.pad[0]),
	ZERO(gem, 1, gem.pad[1]),
	ZERO(gem, 1, gem.pad[2]),
	ZERO(gem, 1, gem.reserved[0]),
	ZERO(gem, 1, gem.reserved[1]),
	RULE(gem, 2, gem.placement, 0, -EINVAL),
	RULE(gem, 2, gem.placement, 2, -EINVAL),
	RULE(gem, 2, gem.placement, 3, -EINVAL),
	RULE(gem, 3, gem.flags, BIT(3), -EINVAL),
	ZERO(gem, 4, gem.handle),
	RULE(gem, 5, gem.size, 0, -EINVAL),
	RULE(gem, 6, gem.size, SZ_4K + 1, -EINVAL),
	RULE(gem, 6, gem.size, SZ_2K, -EINVAL),
	RULE(gem, 7, gem.flags, DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM, -EINVAL),
	RULE(gem, 8, gem.cpu_caching, 0, -EINVAL),
	RULE(gem, 8, gem.cpu_caching, 3, -EINVAL),
	RULE(gem, 10, gem.flags, DRM_XE_GEM_CREATE_FLAG_SCANOUT, -EINVAL),
	RULE(gem, 11, gem.vm_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(gem, 13, gem.size, 0xffffffff00000000, -ENOSPC),

	ZERO(mmap, 1, mmap.extensions),
	RULE(mmap, 2, mmap.handle, XE_FAKE_UNKNOWN, -ENOENT),
	ZERO(mmap, 3, mmap.flags),
	ZERO(mmap, 5, mmap.reserved[0]),
	ZERO(mmap, 5, mmap.reserved[1]),

	ZERO(vm, 1, vm.extensions),
	RULE(vm, 2, vm.flags, DRM_XE_VM_CREATE_FLAG_FAULT_MODE, -EINVAL),
	RULE(vm, 2, vm.flags, DRM_XE_VM_CREATE_FLAG_FAULT_MODE | DRM_XE_VM_CREATE_FLAG_LR_MODE,
	     -EINVAL),
	ZERO(vm, 3, vm.reserved[0]),
	ZERO(vm, 3, vm.reserved[1]),
	RULE(vm, 4, vm.flags, BIT(3), -EINVAL),

	ZERO(vm_end, 1, vm_end.pad),
	ZERO(vm_end, 1, vm_end.reserved[0]),
	ZERO(vm_end, 1, vm_end.reserved[1]),
	RULE(vm_end, 3, vm_end.vm_id, LR_VM, -EBUSY),

	ZERO(vm_get, 0, vm_get.extensions),
	ZERO(vm_get, 0, vm_get.pad),
	ZERO(vm_get, 0, vm_get.reserved[0]),
	ZERO(vm_get, 0, vm_get.reserved[1]),
	ZERO(vm_get, 0, vm_get.reserved[2]),
	ZERO(vm_get, 0, vm_get.property),
	ZERO(vm_get, 0, vm_get.size),
	RULE(vm_get, 0, vm_get.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(madvise, 0, madvise.extensions),
	ZERO(madvise, 0, madvise.reserved[0]),
	ZERO(madvise, 0, madvise.reserved[1]),
	ZERO(madvise, 0, madvise.purge_state_val.pad),
	RULE(madvise, 0, madvise.purge_state_val.val, 2, -EINVAL),
	RULE(madvise, 0, madvise.purge_state_val.retained_ptr, 0, -EFAULT),
	RULE(madvise, 0, madvise.type, DRM_XE_MEM_RANGE_ATTR_PREFERRED_LOC, -EOPNOTSUPP),
	RULE(madvise, 0, madvise.type, DRM_XE_MEM_RANGE_ATTR_ATOMIC, -EOPNOTSUPP),
	RULE(madvise, 0, madvise.type, DRM_XE_MEM_RANGE_ATTR_PAT, -EOPNOTSUPP),
	RULE(madvise, 0, madvise.type, DRM_XE_VMA_ATTR_PURGEABLE_STATE + 1, -EINVAL),
	RULE(madvise, 0, madvise.start, VA + 1, -EINVAL),
	RULE(madvise, 0, madvise.range, 0, -EINVAL),
	RULE(madvise, 0, madvise.range, SZ_4K / 2, -EINVAL),
	RULE(madvise, 0, madvise.range, -VA, -EINVAL),
	RULE(madvise, 0, madvise.vm_id, XE_FAKE_UNKNOWN, -ENOENT),
	RULE(madvise, 0, madvise.vm_id, DEAD_VM, -ENOENT),

	ZERO(ranges, 0, ranges.extensions),
	ZERO(ranges, 0, ranges.reserved[0]),
	ZERO(ranges, 0, ranges.reserved[1]),
	ZERO(ranges, 0, ranges.num_mem_ranges),
	ZERO(ranges, 0, ranges.sizeof_mem_range_attr),
	RULE(ranges, 0, ranges.start, VA + 1, -EINVAL),
	RULE(ranges, 0, ranges.range, 0, -EINVAL),
	RULE(ranges, 0, ranges.range, -VA, -EINVAL),
	RULE(ranges, 0, ranges.vm_id, XE_FAKE_UNKNOWN, -ENOENT),

	ZERO(oa, 1, oa.extensions),
	RULE(oa, 2, oa.observation_type, 1, -EINVAL),
	RULE(oa, 3, oa.observation_op, 3, -EINVAL),
};

const struct args_rules xe_args_device_rules = { rules, ARRAY_SIZE(rules) };
