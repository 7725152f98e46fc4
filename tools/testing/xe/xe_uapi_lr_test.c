// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of long-running VMs: errnos, and what only an unfinished job can show. The job is a batch
 * that says that it has begun, then waits for a word in memory.
 */
#define _GNU_SOURCE

#include "xe_uapi.h"

/* Offsets in the page of the batch. */
#define OFFSET_BEGUN	0x800
#define OFFSET_GO	0x840
#define OFFSET_FENCE	0x880

/* Addresses of other mappings; nothing is mapped there at first. */
#define OTHER_ADDR	(64 * XE_BATCH_ADDR)

#define MI_STORE_DWORD		0x10000002u
#define MI_SEMAPHORE_WAIT_EQ	0x0e00c002u

/* More jobs than any ring has room for. */
#define MANY_JOBS	1000

#define SECONDS(_n)	((_n) * NSEC_PER_SEC)

FIXTURE(lr) {
	int fd;
	uint32_t vm;
	uint32_t bo;
	uint32_t queue;
	uint32_t *page;
	struct drm_xe_engine_class_instance eci;
	struct drm_xe_sync sync;
	struct drm_xe_exec exec;
};

FIXTURE_VARIANT(lr) {
	uint32_t flags;
};

FIXTURE_VARIANT_ADD(lr, plain) {
	.flags = DRM_XE_VM_CREATE_FLAG_LR_MODE,
};

FIXTURE_VARIANT_ADD(lr, scratch) {
	.flags = DRM_XE_VM_CREATE_FLAG_LR_MODE | DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE,
};

/* Wait until the value at @addr is @value; 0 or -errno. */
static int wait_value(int fd, volatile void *addr, uint64_t value, uint64_t mask, int64_t timeout,
		      uint32_t queue)
{
	struct drm_xe_wait_user_fence wait = {
		.addr = (uintptr_t)addr,
		.value = value,
		.mask = mask,
		.timeout = timeout,
		.exec_queue_id = queue,
	};

	return xe_call(fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &wait);
}

static int bind_wait(int fd, uint32_t vm, const struct drm_xe_vm_bind_op *op)
{
	static uint64_t fence;
	struct drm_xe_sync sync = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)&fence,
		.timeline_value = 1,
	};
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = 1,
		.bind = *op,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int ret;

	fence = 0;
	args.bind.pat_index = xe_pat_wb(fd);
	ret = xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);

	return ret ?: wait_value(fd, &fence, 1, ~0ULL, SECONDS(5), 0);
}

static int bind_bo(int fd, uint32_t vm, uint32_t bo, uint64_t addr)
{
	const struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = bo,
		.addr = addr,
		.range = XE_PAGE,
	};

	return bind_wait(fd, vm, &op);
}

/* A job that stores 1 to OFFSET_BEGUN and ends when the word at @go is 1. */
static void write_batch(uint32_t *page, uint64_t go)
{
	const uint32_t batch[] = {
		MI_STORE_DWORD, XE_BATCH_ADDR + OFFSET_BEGUN, 0, 1,
		MI_SEMAPHORE_WAIT_EQ, 1, go, go >> 32,
		XE_MI_BATCH_END,
	};

	memcpy(page, batch, sizeof(batch));
}

static volatile uint32_t *word(uint32_t *page, unsigned int offset)
{
	return page + offset / sizeof(*page);
}

FIXTURE_SETUP(lr)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");

	self->vm = xe_vm_create(self->fd, variant->flags);
	ASSERT_NE(0, self->vm);
	self->bo = xe_gem_create(self->fd, XE_PAGE, 0);
	ASSERT_NE(0, self->bo);
	self->page = xe_gem_map(self->fd, self->bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)self->page);
	write_batch(self->page, XE_BATCH_ADDR + OFFSET_GO);
	ASSERT_EQ(0, bind_bo(self->fd, self->vm, self->bo, XE_BATCH_ADDR));

	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &self->eci));
	self->queue = xe_queue_create(self->fd, self->vm, &self->eci);
	ASSERT_NE(0, self->queue);
	self->sync = (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = XE_BATCH_ADDR + OFFSET_FENCE,
		.timeline_value = 1,
	};
	self->exec = (struct drm_xe_exec){
		.exec_queue_id = self->queue,
		.num_syncs = 1,
		.syncs = (uintptr_t)&self->sync,
		.address = XE_BATCH_ADDR,
		.num_batch_buffer = 1,
	};
}

FIXTURE_TEARDOWN(lr)
{
	if (self->fd >= 0)
		close(self->fd);
}

/* There is no interrupt when a job begins, so nothing would end a sleep in the kernel in time. */
static int wait_begun(uint32_t *page)
{
	const int64_t end = xe_now() + SECONDS(10);

	while (!*word(page, OFFSET_BEGUN)) {
		if (xe_now() > end)
			return -ETIME;
		usleep(1000);
	}

	return 0;
}

#define EXPECT_BEGUN() \
	EXPECT_EQ(0, wait_begun(self->page))
#define EXPECT_FENCE(_value) \
	EXPECT_EQ(0, wait_value(self->fd, word(self->page, OFFSET_FENCE), _value, ~0ULL, \
				SECONDS(10), self->queue))

TEST_F(lr, job_stores_its_fence)
{
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_BEGUN();
	EXPECT_EQ(0, *word(self->page, OFFSET_FENCE));

	*word(self->page, OFFSET_GO) = 1;
	EXPECT_FENCE(1);
	EXPECT_EQ(0, xe_queue_is_banned(self->fd, self->queue));
}

TEST_F(lr, vm_with_queue_is_busy)
{
	EXPECT_EQ(-EBUSY, xe_vm_destroy(self->fd, self->vm));
	EXPECT_EQ(0, xe_queue_destroy(self->fd, self->queue));
	EXPECT_EQ(0, xe_vm_destroy(self->fd, self->vm));
	EXPECT_EQ(-ENOENT, xe_vm_destroy(self->fd, self->vm));
}

TEST_F(lr, exec_sync_rules)
{
	const struct drm_xe_sync out = xe_sync_out(xe_syncobj_create(self->fd, 0));
	const struct drm_xe_sync fence = self->sync;

	*word(self->page, OFFSET_GO) = 1;

	self->sync = out;
	EXPECT_EQ(-EOPNOTSUPP, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec));
	self->sync.type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
	self->sync.timeline_value = 1;
	EXPECT_EQ(-EOPNOTSUPP, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec));
	self->sync = fence;
	self->sync.flags = 0;
	EXPECT_EQ(-EOPNOTSUPP, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec));

	/* To wait for a sync object is allowed; there must be something to wait for. */
	self->sync = out;
	self->sync.flags = 0;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec));
	self->sync.handle = xe_syncobj_create(self->fd, DRM_SYNCOBJ_CREATE_SIGNALED);
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);

	self->sync = fence;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_FENCE(1);
}

TEST_F(lr, bind_sync_rules)
{
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(self->fd, 0));
	struct drm_xe_vm_bind args = {
		.vm_id = self->vm,
		.num_binds = 1,
		.bind = {
			.addr = OTHER_ADDR,
			.range = XE_PAGE,
			.op = DRM_XE_VM_BIND_OP_UNMAP,
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};

	EXPECT_EQ(-EOPNOTSUPP, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &args));
	sync.type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
	sync.timeline_value = 1;
	EXPECT_EQ(-EOPNOTSUPP, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &args));

	sync.type = DRM_XE_SYNC_TYPE_SYNCOBJ;
	sync.flags = 0;
	sync.handle = xe_syncobj_create(self->fd, DRM_SYNCOBJ_CREATE_SIGNALED);
	ACCEPT(DRM_IOCTL_XE_VM_BIND, args);
	EXPECT_EQ(0, bind_wait(self->fd, self->vm, &args.bind));
}

TEST_F(lr, exec_without_batch)
{
	struct drm_xe_exec args = { .exec_queue_id = self->queue };

	ACCEPT(DRM_IOCTL_XE_EXEC, args);
}

/* Jobs wait in the ring; when it is full the caller has to. */
TEST_F(lr, full_ring)
{
	uint64_t n = 0;
	int ret;

	do {
		self->sync.timeline_value = n + 1;
		ret = xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec);
	} while (!ret && ++n < MANY_JOBS);
	EXPECT_EQ(-EAGAIN, ret);
	EXPECT_LE(64, n);

	*word(self->page, OFFSET_GO) = 1;
	EXPECT_FENCE(n);
	self->sync.timeline_value = n + 1;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_FENCE(n + 1);
}

/*
 * The process takes memory away that a job may be using: the job is preempted, not waited for, and
 * goes on afterwards.
 */
TEST_F(lr, unmap_does_not_wait_for_job)
{
	struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
		.addr = OTHER_ADDR,
		.range = XE_PAGE,
	};
	unsigned int i;
	void *memory;

	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_BEGUN();

	for (i = 0; i < 8; i++) {
		memory = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);
		ASSERT_NE(MAP_FAILED, memory);
		op.userptr = (uintptr_t)memory;
		ASSERT_EQ(0, bind_wait(self->fd, self->vm, &op));
		ASSERT_EQ(0, munmap(memory, XE_PAGE));
	}
	EXPECT_EQ(0, *word(self->page, OFFSET_FENCE));

	*word(self->page, OFFSET_GO) = 1;
	EXPECT_FENCE(1);
}

/* A job in the making of a second queue is not lost while the first one is preempted. */
TEST_F(lr, queues_come_and_go)
{
	uint32_t queue;
	unsigned int i;

	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_BEGUN();

	for (i = 0; i < 8; i++) {
		queue = xe_queue_create(self->fd, self->vm, &self->eci);
		ASSERT_NE(0, queue);
		*word(self->page, OFFSET_BEGUN) = 0;
		self->exec.exec_queue_id = queue;
		ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
		EXPECT_BEGUN();
		EXPECT_EQ(0, xe_queue_destroy(self->fd, queue));
	}
	EXPECT_EQ(0, xe_queue_is_banned(self->fd, self->queue));
	EXPECT_EQ(0, *word(self->page, OFFSET_FENCE));

	*word(self->page, OFFSET_GO) = 1;
	EXPECT_FENCE(1);
}

/* A job that runs sees what is mapped meanwhile, although it has used the scratch page there. */
TEST_F(lr, mapping_is_seen_by_running_job)
{
	uint32_t *other;
	uint32_t bo;

	if (!(variant->flags & DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE))
		SKIP(return, "there would be nothing at the address");

	bo = xe_gem_create(self->fd, XE_PAGE, 0);
	other = xe_gem_map(self->fd, bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)other);
	*word(other, 0) = 1;

	write_batch(self->page, OTHER_ADDR);
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_BEGUN();
	EXPECT_EQ(-ETIME, wait_value(self->fd, word(self->page, OFFSET_FENCE), 1, ~0ULL,
				     NSEC_PER_SEC / 5, self->queue));

	ASSERT_EQ(0, bind_bo(self->fd, self->vm, bo, OTHER_ADDR));
	EXPECT_FENCE(1);
}

TEST_F(lr, fault_bans_the_queue_alone)
{
	uint32_t queue;

	if (variant->flags & DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE)
		SKIP(return, "nothing faults in a VM with scratch page");

	queue = xe_queue_create(self->fd, self->vm, &self->eci);
	ASSERT_NE(0, queue);
	self->exec.exec_queue_id = queue;
	self->exec.address = OTHER_ADDR;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_EQ(-EIO, wait_value(self->fd, word(self->page, OFFSET_FENCE), 1, ~0ULL,
				   SECONDS(10), queue));
	EXPECT_EQ(1, xe_queue_is_banned(self->fd, queue));
	EXPECT_EQ(-ECANCELED, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->exec));

	*word(self->page, OFFSET_GO) = 1;
	self->exec.exec_queue_id = self->queue;
	self->exec.address = XE_BATCH_ADDR;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->exec);
	EXPECT_FENCE(1);
}

TEST_HARNESS_MAIN
