// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Errno tests of queries, BOs, VMs and user-fence waits. Every rule is broken once, starting from
 * arguments that are otherwise valid and are shown to be. Runs on a machine with the driver
 * loaded; without a device everything is skipped.
 */
#include "xe_uapi.h"
#include "xe_drm_newer.h"

FIXTURE(xe) {
	int fd;
};

FIXTURE_SETUP(xe)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
}

FIXTURE_TEARDOWN(xe)
{
	if (self->fd >= 0)
		close(self->fd);
}

/* DEVICE_QUERY */

TEST_F(xe, query_common_rules)
{
	struct drm_xe_device_query query = { .query = DRM_XE_DEVICE_QUERY_CONFIG };
	uint64_t buf[64];

	ACCEPT(DRM_IOCTL_XE_DEVICE_QUERY, query);
	ASSERT_GE(sizeof(buf), query.size);
	query.data = (uintptr_t)buf;
	ACCEPT(DRM_IOCTL_XE_DEVICE_QUERY, query);

	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, query, 0xffff);
	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, size, query.size - 1);
	REJECT(EINVAL, DRM_IOCTL_XE_DEVICE_QUERY, query, size, query.size + 1);
	REJECT(EFAULT, DRM_IOCTL_XE_DEVICE_QUERY, query, data, xe_bad_pointer());
}

TEST_F(xe, query_every_reply_has_two_steps)
{
	uint32_t id;

	for (id = DRM_XE_DEVICE_QUERY_ENGINES; id <= DRM_XE_DEVICE_QUERY_OA_UNITS; id++) {
		struct drm_xe_device_query query = { .query = id, .data = xe_bad_pointer() };

		ACCEPT(DRM_IOCTL_XE_DEVICE_QUERY, query);
		if (!query.size) {
			EXPECT_EQ(DRM_XE_DEVICE_QUERY_HWCONFIG, id);
			continue;
		}
		EXPECT_EQ(id == DRM_XE_DEVICE_QUERY_MEM_REGIONS ? -ENOSPC : -EFAULT,
			  xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query))
			TH_LOG("query %u", id);
		query.size++;
		EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query))
			TH_LOG("query %u", id);
	}
}

TEST_F(xe, query_contents)
{
	struct drm_xe_query_engines *engines;
	struct drm_xe_query_gt_list *gts;
	struct drm_xe_query_mem_regions *mem;
	uint64_t regions = 0;
	uint32_t i;

	mem = xe_query(self->fd, DRM_XE_DEVICE_QUERY_MEM_REGIONS, NULL);
	ASSERT_NE(NULL, mem);
	for (i = 0; i < mem->num_mem_regions; i++) {
		struct drm_xe_mem_region *region = &mem->mem_regions[i];

		regions |= 1ULL << region->instance;
		EXPECT_LE(region->used, region->total_size);
		EXPECT_LE(region->cpu_visible_size, region->total_size);
		EXPECT_LE(region->cpu_visible_used, region->used);
	}
	EXPECT_EQ(DRM_XE_MEM_REGION_CLASS_SYSMEM, mem->mem_regions[0].mem_class);

	gts = xe_query(self->fd, DRM_XE_DEVICE_QUERY_GT_LIST, NULL);
	ASSERT_NE(NULL, gts);
	for (i = 0; i < gts->num_gt; i++) {
		EXPECT_EQ(i, gts->gt_list[i].gt_id);
		EXPECT_NE(0, gts->gt_list[i].reference_clock);
		EXPECT_EQ(regions, gts->gt_list[i].near_mem_regions |
				   gts->gt_list[i].far_mem_regions);
	}

	engines = xe_query(self->fd, DRM_XE_DEVICE_QUERY_ENGINES, NULL);
	ASSERT_NE(NULL, engines);
	for (i = 0; i < engines->num_engines; i++) {
		struct drm_xe_engine *engine = &engines->engines[i];
		struct drm_xe_engine_class_instance *eci = &engine->instance;
		struct drm_xe_engine_class_instance *prev = &engine[i ? -1 : 0].instance;
		int expected = 0;

		EXPECT_GT(gts->num_gt, eci->gt_id);
		EXPECT_GT(DRM_XE_ENGINE_CLASS_VM_BIND, eci->engine_class);
		if (i && eci->engine_class == prev->engine_class && eci->gt_id == prev->gt_id)
			expected = prev->engine_instance + 1;
		EXPECT_EQ(expected, eci->engine_instance);
	}

	EXPECT_EQ(48, xe_config(self->fd, DRM_XE_QUERY_CONFIG_VA_BITS));
	EXPECT_EQ(XE_PAGE, xe_config(self->fd, DRM_XE_QUERY_CONFIG_MIN_ALIGNMENT));
}

TEST_F(xe, query_engine_cycles_rules)
{
	struct drm_xe_query_engine_cycles cycles = { .clockid = CLOCK_MONOTONIC };
	struct drm_xe_query_engine_cycles good;
	struct drm_xe_device_query query = {
		.query = DRM_XE_DEVICE_QUERY_ENGINE_CYCLES,
		.size = sizeof(cycles),
		.data = (uintptr_t)&cycles,
	};

	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &cycles.eci));
	good = cycles;
	ACCEPT(DRM_IOCTL_XE_DEVICE_QUERY, query);
	EXPECT_NE(0, cycles.width);
	EXPECT_NE(0, cycles.cpu_timestamp);

	cycles = good;
	cycles.clockid = CLOCK_PROCESS_CPUTIME_ID;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	cycles = good;
	cycles.eci.gt_id = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	cycles = good;
	cycles.eci.engine_class = DRM_XE_ENGINE_CLASS_VM_BIND;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	cycles = good;
	cycles.eci.engine_instance = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
}

TEST_F(xe, query_uc_fw_version_rules)
{
	struct drm_xe_query_uc_fw_version version = {};
	struct drm_xe_device_query query = {
		.query = DRM_XE_DEVICE_QUERY_UC_FW_VERSION,
		.size = sizeof(version),
		.data = (uintptr_t)&version,
	};
	int ret;

	version.uc_type = XE_QUERY_UC_TYPE_GUC_SUBMISSION;
	ACCEPT(DRM_IOCTL_XE_DEVICE_QUERY, query);
	EXPECT_TRUE(version.major_ver || version.minor_ver);
	EXPECT_EQ(0, version.branch_ver);

	version.pad = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	version.pad = 0;
	version.pad2 = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	version.pad2 = 0;
	version.reserved = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));
	version.reserved = 0;
	version.uc_type = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query));

	version.uc_type = XE_QUERY_UC_TYPE_HUC;
	ret = xe_call(self->fd, DRM_IOCTL_XE_DEVICE_QUERY, &query);
	EXPECT_TRUE(ret == -ENODEV || (!ret && version.major_ver));
}

/* GEM_CREATE, GEM_MMAP_OFFSET and mmap */

TEST_F(xe, gem_create_rules)
{
	struct drm_xe_gem_create args = xe_gem_args(XE_PAGE);
	struct drm_xe_gem_create result = args;

	ACCEPT(DRM_IOCTL_XE_GEM_CREATE, result);
	EXPECT_NE(0, result.handle);

	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, pad[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, pad[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, pad[2], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, placement, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, placement, 1u << 31);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, flags, 1u << 3);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, handle, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, size, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, size, XE_PAGE / 2);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, size, XE_PAGE + 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, flags,
	       DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, cpu_caching, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, cpu_caching, 3);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_CREATE, args, flags, DRM_XE_GEM_CREATE_FLAG_SCANOUT);
	REJECT(ENOENT, DRM_IOCTL_XE_GEM_CREATE, args, vm_id, XE_UNKNOWN_ID);
	REJECT(ENOSPC, DRM_IOCTL_XE_GEM_CREATE, args, size, 0xffffffff00000000ULL);
}

TEST_F(xe, gem_create_massive_private)
{
	struct drm_xe_gem_create args = xe_gem_args(0xffffffff00000000ULL);

	args.vm_id = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, args.vm_id);
	EXPECT_EQ(-ENOSPC, xe_call(self->fd, DRM_IOCTL_XE_GEM_CREATE, &args));
}

TEST_F(xe, gem_create_kinds)
{
	static const struct {
		uint32_t flags;
		uint16_t caching;
	} kinds[] = {
		{ 0, DRM_XE_GEM_CPU_CACHING_WB },
		{ 0, DRM_XE_GEM_CPU_CACHING_WC },
		{ DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING, DRM_XE_GEM_CPU_CACHING_WB },
		{ DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING, DRM_XE_GEM_CPU_CACHING_WC },
		{ DRM_XE_GEM_CREATE_FLAG_SCANOUT, DRM_XE_GEM_CPU_CACHING_WC },
	};
	const size_t size = 16 * XE_PAGE;
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct drm_xe_gem_create args = xe_gem_args(size);
		uint64_t *map, sum = 0;
		size_t word;

		args.flags = kinds[i].flags;
		args.cpu_caching = kinds[i].caching;
		ACCEPT(DRM_IOCTL_XE_GEM_CREATE, args);

		map = xe_gem_map(self->fd, args.handle, size);
		ASSERT_NE(MAP_FAILED, map);
		for (word = 0; word < size / sizeof(*map); word++)
			sum |= map[word];
		EXPECT_EQ(0, sum) TH_LOG("kind %u is not zero", i);
		map[0] = ~0ULL;
		munmap(map, size);
	}
}

TEST_F(xe, gem_private_is_not_exported)
{
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC };
	uint32_t vm = xe_vm_create(self->fd, 0);

	prime.handle = xe_gem_create(self->fd, XE_PAGE, vm);
	ASSERT_NE(0, prime.handle);
	EXPECT_EQ(-EPERM, xe_call(self->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime));
}

TEST_F(xe, gem_import_of_own_export)
{
	struct drm_prime_handle prime = { .flags = DRM_CLOEXEC };
	uint32_t bo = xe_gem_create(self->fd, XE_PAGE, 0);
	int fd;

	prime.handle = bo;
	ACCEPT(DRM_IOCTL_PRIME_HANDLE_TO_FD, prime);
	EXPECT_EQ((off_t)XE_PAGE, lseek(prime.fd, 0, SEEK_END));
	fd = prime.fd;
	prime.handle = 0;
	ACCEPT(DRM_IOCTL_PRIME_FD_TO_HANDLE, prime);
	EXPECT_EQ(bo, prime.handle);
	close(fd);
}

TEST_F(xe, gem_mmap_offset_rules)
{
	struct drm_xe_gem_mmap_offset args = { .handle = xe_gem_create(self->fd, XE_PAGE, 0) };
	uint64_t offset;

	ACCEPT(DRM_IOCTL_XE_GEM_MMAP_OFFSET, args);
	offset = args.offset;
	ACCEPT(DRM_IOCTL_XE_GEM_MMAP_OFFSET, args);
	EXPECT_EQ(offset, args.offset);

	REJECT(EINVAL, DRM_IOCTL_XE_GEM_MMAP_OFFSET, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_MMAP_OFFSET, args, flags, 1u << 31);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_MMAP_OFFSET, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_GEM_MMAP_OFFSET, args, reserved[1], 1);
	REJECT(ENOENT, DRM_IOCTL_XE_GEM_MMAP_OFFSET, args, handle, XE_UNKNOWN_ID);
}

TEST_F(xe, gem_mmap_rules)
{
	uint32_t bo = xe_gem_create(self->fd, XE_PAGE, 0);
	uint64_t offset = xe_gem_offset(self->fd, bo);
	int other = xe_open();

	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * XE_PAGE, PROT_READ, MAP_SHARED, self->fd, offset));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, XE_PAGE, PROT_READ, MAP_SHARED, self->fd, 1ULL << 61));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->fd,
				   offset));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, XE_PAGE, PROT_READ, MAP_SHARED, other, offset));
	EXPECT_EQ(EACCES, errno);
	close(other);
}

/* VM_CREATE and VM_DESTROY */

TEST_F(xe, vm_create_rules)
{
	struct drm_xe_vm_create args = {};
	struct drm_xe_vm_create result = args;

	ACCEPT(DRM_IOCTL_XE_VM_CREATE, result);
	EXPECT_EQ(1, result.vm_id);
	EXPECT_EQ(2, xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE));
	EXPECT_EQ(3, xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_LR_MODE));
	EXPECT_EQ(4, xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_LR_MODE |
				  DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE));

	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, flags, 1u << 3);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, flags, 1u << 31);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, flags, DRM_XE_VM_CREATE_FLAG_FAULT_MODE);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, flags,
	       DRM_XE_VM_CREATE_FLAG_FAULT_MODE | DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE);
	if (xe_is_tigerlake(self->fd))
		REJECT(EINVAL, DRM_IOCTL_XE_VM_CREATE, args, flags,
		       DRM_XE_VM_CREATE_FLAG_FAULT_MODE | DRM_XE_VM_CREATE_FLAG_LR_MODE);
}

TEST_F(xe, vm_destroy_rules)
{
	struct drm_xe_vm_destroy args = { .vm_id = xe_vm_create(self->fd, 0) };

	REJECT(EINVAL, DRM_IOCTL_XE_VM_DESTROY, args, pad, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_DESTROY, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_DESTROY, args, reserved[1], 1);
	REJECT(ENOENT, DRM_IOCTL_XE_VM_DESTROY, args, vm_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_VM_DESTROY, args, vm_id, XE_UNKNOWN_ID);

	ACCEPT(DRM_IOCTL_XE_VM_DESTROY, args);
	EXPECT_EQ(-ENOENT, xe_call(self->fd, DRM_IOCTL_XE_VM_DESTROY, &args));
}

TEST_F(xe, vm_get_property_rules)
{
	struct drm_xe_vm_get_property args = { .vm_id = xe_vm_create(self->fd, 0) };
	struct drm_xe_vm_get_property result = args;

	ACCEPT(DRM_IOCTL_XE_VM_GET_PROPERTY, result);
	EXPECT_EQ(0, result.size);

	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, pad, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, reserved[2], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, property, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_GET_PROPERTY, args, size, sizeof(struct xe_vm_fault));
	REJECT(ENOENT, DRM_IOCTL_XE_VM_GET_PROPERTY, args, vm_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_VM_GET_PROPERTY, args, vm_id, XE_UNKNOWN_ID);
}

TEST_F(xe, vm_id_is_reused)
{
	uint32_t first = xe_vm_create(self->fd, 0);
	uint32_t second = xe_vm_create(self->fd, 0);

	EXPECT_EQ(first + 1, second);
	EXPECT_EQ(0, xe_vm_destroy(self->fd, first));
	EXPECT_EQ(first, xe_vm_create(self->fd, 0));
}

TEST_F(xe, vm_destroyed_is_unknown)
{
	struct drm_xe_engine_class_instance eci;
	struct drm_xe_gem_create gem = xe_gem_args(XE_PAGE);
	struct drm_xe_vm_bind bind = {};
	struct drm_xe_exec_queue_create queue = {
		.width = 1,
		.num_placements = 1,
		.instances = (uintptr_t)&eci,
	};
	uint32_t vm = xe_vm_create(self->fd, 0);

	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &eci));
	ASSERT_EQ(0, xe_vm_destroy(self->fd, vm));

	gem.vm_id = vm;
	bind.vm_id = vm;
	queue.vm_id = vm;
	EXPECT_EQ(-ENOENT, xe_call(self->fd, DRM_IOCTL_XE_GEM_CREATE, &gem));
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &bind));
	EXPECT_EQ(-ENOENT, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &queue));
}

/* WAIT_USER_FENCE */

TEST_F(xe, wait_user_fence_rules)
{
	static uint64_t fence[2] = { 5 };
	struct drm_xe_wait_user_fence args = {
		.addr = (uintptr_t)fence,
		.value = 5,
		.mask = ~0ULL,
	};

	ACCEPT(DRM_IOCTL_XE_WAIT_USER_FENCE, args);

	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, pad, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, pad2, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, flags, 1 << 1);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, op, 6);
	REJECT(EINVAL, DRM_IOCTL_XE_WAIT_USER_FENCE, args, addr, (uintptr_t)fence + 4);
	REJECT(ENOENT, DRM_IOCTL_XE_WAIT_USER_FENCE, args, exec_queue_id, XE_UNKNOWN_ID);
	REJECT(EFAULT, DRM_IOCTL_XE_WAIT_USER_FENCE, args, addr, xe_bad_pointer());
	REJECT(ETIME, DRM_IOCTL_XE_WAIT_USER_FENCE, args, value, 6);
}

TEST_F(xe, wait_user_fence_ops)
{
	/* For each op whether it is true of a fence below, equal to and above the value. */
	static const int expected[][3] = {
		[DRM_XE_UFENCE_WAIT_OP_EQ] = { 0, 1, 0 },
		[DRM_XE_UFENCE_WAIT_OP_NEQ] = { 1, 0, 1 },
		[DRM_XE_UFENCE_WAIT_OP_GT] = { 0, 0, 1 },
		[DRM_XE_UFENCE_WAIT_OP_GTE] = { 0, 1, 1 },
		[DRM_XE_UFENCE_WAIT_OP_LT] = { 1, 0, 0 },
		[DRM_XE_UFENCE_WAIT_OP_LTE] = { 1, 1, 0 },
	};
	static uint64_t fence;
	uint16_t op;
	int i;

	for (op = 0; op < ARRAY_SIZE(expected); op++) {
		for (i = 0; i < 3; i++) {
			struct drm_xe_wait_user_fence args = {
				.addr = (uintptr_t)&fence,
				.op = op,
				.value = 0xab00000000000080ULL,
				.mask = 0xff,
			};

			/* Signed comparison, or one of the bits outside the mask, would differ. */
			fence = 0xcd0000000000007fULL + i;
			EXPECT_EQ(expected[op][i] ? 0 : -ETIME,
				  xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args))
				TH_LOG("op %u, case %d", op, i);
		}
	}
}

TEST_F(xe, wait_user_fence_timeouts)
{
	static uint64_t fence;
	struct drm_xe_wait_user_fence args = {
		.addr = (uintptr_t)&fence,
		.value = 1,
		.mask = ~0ULL,
		.timeout = 20 * NSEC_PER_MSEC,
	};
	int64_t start = xe_now();
	int64_t deadline;

	EXPECT_EQ(-ETIME, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args));
	EXPECT_LE(20 * NSEC_PER_MSEC, xe_now() - start);
	EXPECT_EQ(0, args.timeout);

	args.flags = DRM_XE_UFENCE_WAIT_FLAG_ABSTIME;
	deadline = xe_now() + 20 * NSEC_PER_MSEC;
	args.timeout = deadline;
	EXPECT_EQ(-ETIME, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args));
	EXPECT_LE(deadline, xe_now());
	EXPECT_EQ(deadline, args.timeout);

	/* In the past: look once. */
	EXPECT_EQ(-ETIME, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args));
	args.value = 0;
	EXPECT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args));

	/* Time that was not needed is handed back. */
	args.flags = 0;
	args.timeout = 10 * NSEC_PER_SEC;
	EXPECT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args));
	EXPECT_LT(0, args.timeout);
	EXPECT_GE(10 * NSEC_PER_SEC, args.timeout);
}

/* OBSERVATION */

TEST_F(xe, observation_rules)
{
	struct drm_xe_observation_param args = {
		.observation_type = DRM_XE_OBSERVATION_TYPE_OA,
		.observation_op = DRM_XE_OBSERVATION_OP_ADD_CONFIG,
	};

	REJECT(EINVAL, DRM_IOCTL_XE_OBSERVATION, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_OBSERVATION, args, observation_type, 77);
	REJECT(EINVAL, DRM_IOCTL_XE_OBSERVATION, args, observation_op, 77);
}

TEST_HARNESS_MAIN
