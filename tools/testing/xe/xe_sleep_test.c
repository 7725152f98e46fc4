// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * System sleep: mappings, jobs and binds of before go on after it. The kernel's own test mode ends
 * the sleep when all devices are asleep. In guests whose root is a file system of the host that is
 * the end of the root, so this program has to be in a tmpfs; with XE_POWER_OFF in the environment
 * it ends the machine when it is done. Needs root.
 */
#define _GNU_SOURCE

#include <sys/reboot.h>

#include "xe_batch.h"
#include "xe_uapi.h"

/* Offsets in the memory of the batches */
#define BATCH_STORE	0x000
#define BATCH_WAIT	0x100
#define WORD_GO		0x800
#define WORD_STORED	0x840
#define WORD_WAITED	0x880
#define WORD_FENCE	0x8c0
#define BO_SIZE		(4 * XE_PAGE)

#define DATA_ADDR	(64 * XE_BATCH_ADDR)
#define VALUE		0x600dcafe
#define FENCE_VALUE	0x5eed

#define PATIENCE	(10 * NSEC_PER_SEC)
#define SHORTLY		(NSEC_PER_SEC / 10)

static pid_t first_process;

static void power_off(void)
{
	if (getpid() == first_process && getenv("XE_POWER_OFF"))
		reboot(RB_POWER_OFF);
}

static void __attribute__((constructor)) remember_process(void)
{
	first_process = getpid();
	atexit(power_off);
}

static int put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);

	return ok ? 0 : -errno;
}

/* Sleep for a second, all devices in their sleeping state; 0 or -errno. */
static int sleep_system(void)
{
	int err;

	put_file("/sys/module/suspend/parameters/pm_test_delay", "1");
	put_file("/sys/power/mem_sleep", "s2idle");
	err = put_file("/sys/power/pm_test", "platform");
	if (!err)
		err = put_file("/sys/power/state", "freeze");

	return err;
}

FIXTURE(sleep) {
	int fd;
	uint32_t vm;
	uint32_t bo;
	uint32_t queue;
	uint32_t out;
	volatile uint32_t *mem;
};

FIXTURE_VARIANT(sleep) {
	uint16_t class;
};

FIXTURE_VARIANT_ADD(sleep, render) {
	.class = DRM_XE_ENGINE_CLASS_RENDER,
};

FIXTURE_VARIANT_ADD(sleep, copy) {
	.class = DRM_XE_ENGINE_CLASS_COPY,
};

static void write_batches(uint32_t *mem)
{
	uint32_t *dw = mem + BATCH_STORE / 4;

	dw = xe_put_store(dw, XE_BATCH_ADDR + WORD_STORED, VALUE);
	*dw = XE_MI_BATCH_END;

	dw = mem + BATCH_WAIT / 4;
	dw = xe_put_wait(dw, XE_BATCH_ADDR + WORD_GO);
	dw = xe_put_store(dw, XE_BATCH_ADDR + WORD_WAITED, VALUE);
	*dw = XE_MI_BATCH_END;
}

/* Memory with the batches, to be mapped at XE_BATCH_ADDR; NULL on error. */
static volatile uint32_t *make_memory(int fd, uint32_t *bo)
{
	uint32_t *mem;

	*bo = xe_gem_create(fd, BO_SIZE, 0);
	mem = xe_gem_map(fd, *bo, BO_SIZE);
	if (mem == MAP_FAILED)
		return NULL;
	write_batches(mem);

	return mem;
}

FIXTURE_SETUP(sleep)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = variant->class };

	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	if (access("/sys/power/pm_test", W_OK))
		SKIP(return, "the kernel cannot test system sleep");

	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
	self->mem = make_memory(self->fd, &self->bo);
	ASSERT_NE(NULL, (void *)self->mem);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, self->bo, XE_BATCH_ADDR, BO_SIZE));
	self->queue = xe_queue_create(self->fd, self->vm, &eci);
	ASSERT_NE(0, self->queue);
	self->out = xe_syncobj_create(self->fd, 0);
}

FIXTURE_TEARDOWN(sleep)
{
	if (self->mem)
		self->mem[WORD_GO / 4] = 1;
	close(self->fd);
}

/* Have the GPU store, and see that it has; 0 or -errno. */
static int store(int fd, uint32_t queue, uint32_t out, volatile uint32_t *mem)
{
	int err;

	mem[WORD_STORED / 4] = 0;
	err = xe_exec_out(fd, queue, XE_BATCH_ADDR + BATCH_STORE, out);
	if (!err)
		err = xe_syncobj_wait(fd, out, PATIENCE);

	return err ? err : mem[WORD_STORED / 4] == VALUE ? 0 : -ENODATA;
}

TEST_F_TIMEOUT(sleep, mappings_and_queues_survive, 120)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = variant->class };
	uint32_t vm, bo;
	volatile uint32_t *mem;

	ASSERT_EQ(0, store(self->fd, self->queue, self->out, self->mem));
	self->mem[WORD_FENCE / 4] = VALUE;
	ASSERT_EQ(0, sleep_system());

	EXPECT_EQ(VALUE, self->mem[WORD_STORED / 4]);
	EXPECT_EQ(VALUE, self->mem[WORD_FENCE / 4]);
	EXPECT_EQ(0, store(self->fd, self->queue, self->out, self->mem));

	/* What is made afterwards works, too; and a second sleep is like the first. */
	ASSERT_EQ(0, sleep_system());
	vm = xe_vm_create(self->fd, 0);
	mem = make_memory(self->fd, &bo);
	ASSERT_EQ(0, xe_bind_wait(self->fd, vm, bo, XE_BATCH_ADDR, BO_SIZE));
	EXPECT_EQ(0, store(self->fd, xe_queue_create(self->fd, vm, &eci), self->out, mem));
	EXPECT_EQ(0, store(self->fd, self->queue, self->out, self->mem));
}

TEST_F_TIMEOUT(sleep, running_job_goes_on, 120)
{
	uint32_t next = xe_syncobj_create(self->fd, 0);

	ASSERT_EQ(0, xe_exec_out(self->fd, self->queue, XE_BATCH_ADDR + BATCH_WAIT, self->out));
	ASSERT_EQ(0, xe_exec_out(self->fd, self->queue, XE_BATCH_ADDR + BATCH_STORE, next));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, self->out, SHORTLY));
	ASSERT_EQ(0, sleep_system());

	EXPECT_EQ(0, xe_queue_is_banned(self->fd, self->queue));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, self->out, SHORTLY));
	EXPECT_EQ(0, self->mem[WORD_WAITED / 4]);
	EXPECT_EQ(0, self->mem[WORD_STORED / 4]);

	self->mem[WORD_GO / 4] = 1;
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->out, PATIENCE));
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, next, PATIENCE));
	EXPECT_EQ(VALUE, self->mem[WORD_WAITED / 4]);
	EXPECT_EQ(VALUE, self->mem[WORD_STORED / 4]);
	EXPECT_EQ(0, xe_queue_is_banned(self->fd, self->queue));
}

TEST_F_TIMEOUT(sleep, waiting_bind_goes_on, 120)
{
	struct drm_xe_sync syncs[2] = {
		{ .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .handle = self->out },
		xe_sync_out(xe_syncobj_create(self->fd, 0)),
	};
	uint32_t bo = xe_gem_create(self->fd, XE_PAGE, 0), done = xe_syncobj_create(self->fd, 0);
	volatile uint32_t *page = xe_gem_map(self->fd, bo, XE_PAGE);
	struct drm_xe_vm_bind args = {
		.vm_id = self->vm,
		.num_binds = 1,
		.bind = {
			.obj = bo,
			.addr = DATA_ADDR,
			.range = XE_PAGE,
			.op = DRM_XE_VM_BIND_OP_MAP,
			.pat_index = xe_pat_wb(self->fd),
		},
		.num_syncs = 2,
		.syncs = (uintptr_t)syncs,
	};
	uint32_t *dw = (uint32_t *)self->mem + BATCH_STORE / 4;

	ASSERT_EQ(0, xe_exec_out(self->fd, self->queue, XE_BATCH_ADDR + BATCH_WAIT, self->out));
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &args));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, syncs[1].handle, SHORTLY));
	ASSERT_EQ(0, sleep_system());

	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, syncs[1].handle, SHORTLY));
	self->mem[WORD_GO / 4] = 1;
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, syncs[1].handle, PATIENCE));
	*xe_put_store(dw, DATA_ADDR, VALUE) = XE_MI_BATCH_END;
	ASSERT_EQ(0, xe_exec_out(self->fd, self->queue, XE_BATCH_ADDR + BATCH_STORE, done));
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, done, PATIENCE));
	EXPECT_EQ(VALUE, *page);
}

/* Wait until the word at WORD_FENCE is what a user fence writes; 0 or -errno. */
static int wait_fence(int fd, uint32_t queue, volatile uint32_t *mem, int64_t timeout)
{
	struct drm_xe_wait_user_fence args = {
		.addr = (uintptr_t)(mem + WORD_FENCE / 4),
		.op = DRM_XE_UFENCE_WAIT_OP_EQ,
		.value = FENCE_VALUE,
		.mask = ~0ULL,
		.timeout = timeout,
		.exec_queue_id = queue,
	};

	return xe_call(fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args);
}

TEST_F_TIMEOUT(sleep, long_running_job_goes_on, 120)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = variant->class };
	uint32_t vm = xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_LR_MODE), bo, queue;
	volatile uint32_t *mem = make_memory(self->fd, &bo);
	struct drm_xe_sync sync = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)(mem + WORD_FENCE / 4),
		.timeline_value = FENCE_VALUE,
	};
	struct drm_xe_vm_bind bind = {
		.vm_id = vm,
		.num_binds = 1,
		.bind = {
			.obj = bo,
			.addr = XE_BATCH_ADDR,
			.range = BO_SIZE,
			.op = DRM_XE_VM_BIND_OP_MAP,
			.pat_index = xe_pat_wb(self->fd),
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	struct drm_xe_exec args = {
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR + BATCH_WAIT,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};

	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &bind));
	ASSERT_EQ(0, wait_fence(self->fd, 0, mem, PATIENCE));
	mem[WORD_FENCE / 4] = 0;
	queue = xe_queue_create(self->fd, vm, &eci);
	ASSERT_NE(0, queue);
	args.exec_queue_id = queue;
	sync.addr = XE_BATCH_ADDR + WORD_FENCE;
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &args));
	EXPECT_EQ(-ETIME, wait_fence(self->fd, queue, mem, SHORTLY));
	ASSERT_EQ(0, sleep_system());

	EXPECT_EQ(0, xe_queue_is_banned(self->fd, queue));
	EXPECT_EQ(-ETIME, wait_fence(self->fd, queue, mem, SHORTLY));
	mem[WORD_GO / 4] = 1;
	EXPECT_EQ(0, wait_fence(self->fd, queue, mem, PATIENCE));
	EXPECT_EQ(VALUE, mem[WORD_WAITED / 4]);
}

TEST(sleep_on_parallel_queue)
{
	struct drm_xe_engine_class_instance eci[2];
	struct drm_xe_exec_queue_create create = {
		.width = 2,
		.num_placements = 1,
		.instances = (uintptr_t)eci,
	};
	int fd = xe_open();
	uint64_t addresses[2] = { XE_BATCH_ADDR + BATCH_WAIT, XE_BATCH_ADDR + BATCH_STORE };
	struct drm_xe_sync sync;
	struct drm_xe_exec args = {
		.num_batch_buffer = 2,
		.address = (uintptr_t)addresses,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	volatile uint32_t *mem;
	uint32_t vm, bo;

	if (fd < 0 || xe_find_engines(fd, 2, eci))
		SKIP(return, "no two engines side by side");
	vm = xe_vm_create(fd, 0);
	mem = make_memory(fd, &bo);
	ASSERT_EQ(0, xe_bind_wait(fd, vm, bo, XE_BATCH_ADDR, BO_SIZE));
	create.vm_id = vm;
	ASSERT_EQ(0, xe_call(fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &create));
	args.exec_queue_id = create.exec_queue_id;
	sync = xe_sync_out(xe_syncobj_create(fd, 0));
	ASSERT_EQ(0, xe_call(fd, DRM_IOCTL_XE_EXEC, &args));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(fd, sync.handle, SHORTLY));
	ASSERT_EQ(0, sleep_system());

	EXPECT_EQ(-ETIME, xe_syncobj_wait(fd, sync.handle, SHORTLY));
	mem[WORD_GO / 4] = 1;
	EXPECT_EQ(0, xe_syncobj_wait(fd, sync.handle, PATIENCE));
	EXPECT_EQ(VALUE, mem[WORD_WAITED / 4]);

	/* The next job finds the work queue in order. */
	mem[WORD_WAITED / 4] = 0;
	EXPECT_EQ(0, xe_call(fd, DRM_IOCTL_XE_EXEC, &args));
	EXPECT_EQ(0, xe_syncobj_wait(fd, sync.handle, PATIENCE));
	EXPECT_EQ(VALUE, mem[WORD_WAITED / 4]);
	EXPECT_EQ(0, xe_queue_is_banned(fd, args.exec_queue_id));
	close(fd);
}

TEST_HARNESS_MAIN
