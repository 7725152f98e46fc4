// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Advice about mappings: what it forbids, when memory is purged and when not, and what is left of
 * it. The kernel is made to look for memory by way of drop_caches. Needs root.
 */
#define _GNU_SOURCE

#include <signal.h>
#include <sys/wait.h>

#include "xe_uapi.h"
#include "xe_drm_newer.h"

/* A fault maps up to 16 pages. */
#define BO_SIZE		(64 * XE_PAGE)
#define FAR_WORD	(48 * XE_PAGE / 4)
#define BO_ADDR		0x40000000ULL
#define OTHER_ADDR	0x50000000ULL
#define CONTENTS	0x600dcafe

#define MI_STORE_DWORD	0x10000002u

FIXTURE(madvise) {
	int fd;
	uint32_t vm;
	uint32_t bo;
	volatile uint32_t *map;
};

FIXTURE_SETUP(madvise)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	if (!(xe_config(self->fd, DRM_XE_QUERY_CONFIG_FLAGS) &
	      DRM_XE_QUERY_CONFIG_FLAG_HAS_PURGING_SUPPORT))
		SKIP(return, "the driver knows no purgeable objects");

	self->vm = xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE);
	ASSERT_NE(0, self->vm);
	self->bo = xe_gem_create(self->fd, BO_SIZE, 0);
	self->map = xe_gem_map(self->fd, self->bo, BO_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->map);
	*self->map = CONTENTS;
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, self->bo, BO_ADDR, BO_SIZE));
}

FIXTURE_TEARDOWN(madvise)
{
	close(self->fd);
}

/* The word for the answer of the call. */
static uint32_t answer;

static struct drm_xe_madvise advice(uint32_t vm, uint64_t addr, uint32_t state)
{
	return (struct drm_xe_madvise){
		.start = addr,
		.range = BO_SIZE,
		.vm_id = vm,
		.type = DRM_XE_VMA_ATTR_PURGEABLE_STATE,
		.purge_state_val.val = state,
		.purge_state_val.retained_ptr = (uintptr_t)&answer,
	};
}

/* 1 if the contents are still there, 0 if not, -errno. */
static int advise_at(int fd, uint32_t vm, uint64_t addr, uint32_t state)
{
	struct drm_xe_madvise args = advice(vm, addr, state);
	int err;

	answer = 0;
	err = xe_call(fd, DRM_IOCTL_XE_MADVISE, &args);

	return err ? err : (int)answer;
}

static int dontneed(int fd, uint32_t vm)
{
	return advise_at(fd, vm, BO_ADDR, DRM_XE_VMA_PURGEABLE_STATE_DONTNEED);
}

static int willneed(int fd, uint32_t vm)
{
	return advise_at(fd, vm, BO_ADDR, DRM_XE_VMA_PURGEABLE_STATE_WILLNEED);
}

/* Have the kernel ask all shrinkers. */
static int want_memory(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	int ok = fd >= 0 && write(fd, "2", 1) == 1;

	if (fd >= 0)
		close(fd);

	return ok ? 0 : -1;
}

/* errno of a new CPU mapping, 0 if there is one. */
static int map_errno(int fd, uint32_t bo)
{
	void *map = xe_gem_map(fd, bo, BO_SIZE);

	if (map == MAP_FAILED)
		return errno;
	munmap(map, BO_SIZE);

	return 0;
}

static int export_errno(int fd, uint32_t bo)
{
	struct drm_prime_handle args = { .handle = bo, .flags = DRM_CLOEXEC };
	int err = xe_call(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	if (!err)
		close(args.fd);

	return -err;
}

/* Signal that ends a process that reads there, 0 if none does. */
static int read_signal(volatile uint32_t *word)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		_exit(*word == 1);
	}
	waitpid(pid, &status, 0);

	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Unmap, and wait until the GPU has let go. */
static int unmap_wait(int fd, uint32_t vm, uint64_t addr, uint64_t size)
{
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = 1,
		.bind = xe_unmap_op(addr, size),
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int err = xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);

	return err ? err : xe_syncobj_wait(fd, sync.handle, 10 * NSEC_PER_SEC);
}

/* Have the GPU store @value at @addr; 0, or -errno. The batch is at XE_BATCH_ADDR. */
static int gpu_store(int fd, uint32_t vm, uint64_t addr, uint32_t value)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = DRM_XE_ENGINE_CLASS_COPY };
	uint32_t bo = xe_gem_create(fd, XE_PAGE, 0);
	uint32_t *dw = xe_gem_map(fd, bo, XE_PAGE);
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_xe_exec args = {
		.exec_queue_id = xe_queue_create(fd, vm, &eci),
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int err;

	dw[0] = MI_STORE_DWORD;
	dw[1] = addr;
	dw[2] = addr >> 32;
	dw[3] = value;
	dw[4] = XE_MI_BATCH_END;
	munmap(dw, XE_PAGE);

	err = xe_bind_wait(fd, vm, bo, XE_BATCH_ADDR, XE_PAGE);
	if (!err)
		err = xe_call(fd, DRM_IOCTL_XE_EXEC, &args);
	if (!err)
		err = xe_syncobj_wait(fd, sync.handle, 10 * NSEC_PER_SEC);
	if (!err && xe_queue_is_banned(fd, args.exec_queue_id))
		err = -EIO;
	xe_queue_destroy(fd, args.exec_queue_id);

	return err;
}

TEST_F(madvise, rules)
{
	struct drm_xe_madvise args = advice(self->vm, BO_ADDR, DRM_XE_VMA_PURGEABLE_STATE_WILLNEED);
	struct drm_xe_madvise result = args;
	uint32_t type;

	answer = 0;
	ACCEPT(DRM_IOCTL_XE_MADVISE, result);
	EXPECT_EQ(1, answer);
	/* The answer has to be zero before. */
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_MADVISE, &args));

	answer = 0;
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, start, BO_ADDR + 1);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, range, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, range, XE_PAGE / 2);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, range, -BO_ADDR);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, type, 4);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, purge_state_val.val, 2);
	REJECT(EINVAL, DRM_IOCTL_XE_MADVISE, args, purge_state_val.pad, 1);
	REJECT(EFAULT, DRM_IOCTL_XE_MADVISE, args, purge_state_val.retained_ptr, xe_bad_pointer());
	REJECT(ENOENT, DRM_IOCTL_XE_MADVISE, args, vm_id, XE_UNKNOWN_ID);
	for (type = 0; type < DRM_XE_VMA_ATTR_PURGEABLE_STATE; type++)
		REJECT(EOPNOTSUPP, DRM_IOCTL_XE_MADVISE, args, type, type);
	EXPECT_EQ(0, answer);
}

TEST_F(madvise, query_rules)
{
	struct drm_xe_mem_range_attr attrs[2] = {};
	struct drm_xe_vm_query_mem_range_attr args = {
		.vm_id = self->vm,
		.start = BO_ADDR,
		.range = 2 * BO_SIZE,
	};
	struct drm_xe_vm_query_mem_range_attr result = args;

	ASSERT_EQ(0, unmap_wait(self->fd, self->vm, BO_ADDR + XE_PAGE, XE_PAGE));
	ACCEPT(DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, result);
	EXPECT_EQ(2, result.num_mem_ranges);
	EXPECT_EQ(sizeof(attrs[0]), result.sizeof_mem_range_attr);
	result.vector_of_mem_attr = (uintptr_t)attrs;
	args = result;
	ACCEPT(DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, result);
	EXPECT_EQ(BO_ADDR, attrs[0].start);
	EXPECT_EQ(BO_ADDR + XE_PAGE, attrs[0].end);
	EXPECT_EQ(BO_ADDR + 2 * XE_PAGE, attrs[1].start);
	EXPECT_EQ(BO_ADDR + BO_SIZE, attrs[1].end);
	EXPECT_EQ(xe_pat_wb(self->fd), attrs[1].pat_index.val);
	EXPECT_EQ((uint32_t)DRM_XE_PREFERRED_LOC_DEFAULT_SYSTEM,
		  attrs[1].preferred_mem_loc.devmem_fd);

	REJECT(ENOSPC, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, num_mem_ranges, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, num_mem_ranges, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, sizeof_mem_range_attr, 32);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, vector_of_mem_attr, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, start, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, range, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, vm_id, XE_UNKNOWN_ID);
	REJECT(EFAULT, DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, args, vector_of_mem_attr,
	       xe_bad_pointer());
}

TEST_F(madvise, what_is_not_needed_cannot_be_mapped_until_it_is)
{
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	EXPECT_EQ(EBUSY, map_errno(self->fd, self->bo));
	EXPECT_EQ(EBUSY, export_errno(self->fd, self->bo));
	EXPECT_EQ(-EBUSY, xe_bind_wait(self->fd, self->vm, self->bo, OTHER_ADDR, BO_SIZE));
	/* A page that was never touched; the first one is mapped already. */
	EXPECT_EQ(SIGBUS, read_signal(self->map + FAR_WORD));

	EXPECT_EQ(1, willneed(self->fd, self->vm));
	EXPECT_EQ(0, map_errno(self->fd, self->bo));
	EXPECT_EQ(0, xe_bind_wait(self->fd, self->vm, self->bo, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(0, read_signal(self->map + FAR_WORD));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(CONTENTS, *self->map);
	EXPECT_EQ(0, export_errno(self->fd, self->bo));
}

TEST_F(madvise, what_was_purged_is_gone_for_ever)
{
	EXPECT_EQ(0, gpu_store(self->fd, self->vm, BO_ADDR + 4, CONTENTS));
	EXPECT_EQ(CONTENTS, self->map[1]);
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ASSERT_EQ(0, want_memory());

	EXPECT_EQ(0, dontneed(self->fd, self->vm));
	EXPECT_EQ(0, willneed(self->fd, self->vm));
	EXPECT_EQ(EINVAL, map_errno(self->fd, self->bo));
	EXPECT_EQ(EINVAL, export_errno(self->fd, self->bo));
	EXPECT_EQ(-EINVAL, xe_bind_wait(self->fd, self->vm, self->bo, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(SIGBUS, read_signal(self->map));

	/* The VM lives on: scratch pages are where the BO was, and its mapping can be replaced. */
	EXPECT_EQ(0, gpu_store(self->fd, self->vm, BO_ADDR + 4, 1));
	self->bo = xe_gem_create(self->fd, BO_SIZE, 0);
	self->map = xe_gem_map(self->fd, self->bo, BO_SIZE);
	EXPECT_EQ(0, xe_bind_wait(self->fd, self->vm, self->bo, BO_ADDR, BO_SIZE));
	EXPECT_EQ(0, gpu_store(self->fd, self->vm, BO_ADDR + 4, CONTENTS));
	EXPECT_EQ(CONTENTS, self->map[1]);
}

TEST_F(madvise, private_objects_are_purged_alone)
{
	uint32_t bo = xe_gem_create(self->fd, BO_SIZE, self->vm);
	uint32_t kept = xe_gem_create(self->fd, BO_SIZE, self->vm);
	volatile uint32_t *map = xe_gem_map(self->fd, kept, BO_SIZE);

	*map = CONTENTS;
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, kept, OTHER_ADDR, BO_SIZE));
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, bo, BO_ADDR, BO_SIZE));
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(0, willneed(self->fd, self->vm));
	EXPECT_EQ(EINVAL, map_errno(self->fd, bo));
	EXPECT_EQ(0, gpu_store(self->fd, self->vm, OTHER_ADDR + 4, CONTENTS));
	EXPECT_EQ(CONTENTS, map[0]);
	EXPECT_EQ(CONTENTS, map[1]);
}

TEST_F(madvise, one_mapping_that_is_needed_keeps_the_memory)
{
	uint32_t other_vm = xe_vm_create(self->fd, 0);

	ASSERT_EQ(0, xe_bind_wait(self->fd, other_vm, self->bo, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	EXPECT_EQ(0, map_errno(self->fd, self->bo));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(CONTENTS, *self->map);

	/* Without that mapping only the other opinion is left. */
	ASSERT_EQ(0, unmap_wait(self->fd, other_vm, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(EBUSY, map_errno(self->fd, self->bo));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(0, willneed(self->fd, self->vm));
}

TEST_F(madvise, a_part_that_is_needed_keeps_the_rest)
{
	struct drm_xe_madvise args = advice(self->vm, BO_ADDR, DRM_XE_VMA_PURGEABLE_STATE_DONTNEED);

	/* A range that ends within the mapping */
	answer = 0;
	args.range = BO_SIZE - XE_PAGE;
	ACCEPT(DRM_IOCTL_XE_MADVISE, args);
	EXPECT_EQ(0, map_errno(self->fd, self->bo));

	/* Pieces inherit what was said of the whole; then one of them is needed again. */
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ASSERT_EQ(0, unmap_wait(self->fd, self->vm, BO_ADDR + XE_PAGE, XE_PAGE));
	EXPECT_EQ(EBUSY, map_errno(self->fd, self->bo));
	answer = 0;
	args.range = XE_PAGE;
	args.purge_state_val.val = DRM_XE_VMA_PURGEABLE_STATE_WILLNEED;
	ACCEPT(DRM_IOCTL_XE_MADVISE, args);
	EXPECT_EQ(0, map_errno(self->fd, self->bo));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(CONTENTS, *self->map);
}

TEST_F(madvise, what_others_may_use_is_kept)
{
	struct drm_prime_handle args = { .handle = self->bo, .flags = DRM_CLOEXEC };

	ACCEPT(DRM_IOCTL_PRIME_HANDLE_TO_FD, args);
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(0, map_errno(self->fd, self->bo));
	EXPECT_EQ(CONTENTS, *self->map);
	close(args.fd);
}

/* Exported while another mapping was needed, which goes: who imported it may still want it. */
TEST_F(madvise, what_others_got_stays_usable)
{
	struct drm_prime_handle args = { .handle = self->bo, .flags = DRM_CLOEXEC };
	uint32_t other_vm = xe_vm_create(self->fd, 0);

	ASSERT_EQ(0, xe_bind_wait(self->fd, other_vm, self->bo, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ACCEPT(DRM_IOCTL_PRIME_HANDLE_TO_FD, args);
	ASSERT_EQ(0, unmap_wait(self->fd, other_vm, OTHER_ADDR, BO_SIZE));

	EXPECT_EQ(0, map_errno(self->fd, self->bo));
	EXPECT_EQ(0, read_signal(self->map + FAR_WORD));
	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(CONTENTS, *self->map);
	EXPECT_EQ(0, xe_bind_wait(self->fd, other_vm, self->bo, OTHER_ADDR, BO_SIZE));
	close(args.fd);
}

/* The same, until they have let go of it: the handle keeps the export alive, too. */
TEST_F(madvise, what_others_had_may_go)
{
	struct drm_prime_handle args = { .handle = self->bo, .flags = DRM_CLOEXEC };
	struct drm_gem_close close_bo = { .handle = self->bo };
	uint32_t other_vm = xe_vm_create(self->fd, 0);

	ASSERT_EQ(0, xe_bind_wait(self->fd, other_vm, self->bo, OTHER_ADDR, BO_SIZE));
	EXPECT_EQ(1, dontneed(self->fd, self->vm));
	ACCEPT(DRM_IOCTL_PRIME_HANDLE_TO_FD, args);
	ASSERT_EQ(0, unmap_wait(self->fd, other_vm, OTHER_ADDR, BO_SIZE));
	ACCEPT(DRM_IOCTL_GEM_CLOSE, close_bo);
	close(args.fd);

	ASSERT_EQ(0, want_memory());
	EXPECT_EQ(0, willneed(self->fd, self->vm));
}

TEST_HARNESS_MAIN
