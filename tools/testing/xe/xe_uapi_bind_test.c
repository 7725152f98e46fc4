// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Binds that have to wait: who writes the page tables, and what a job sees that runs meanwhile.
 * A bind is held back by a job that waits for a word in memory. Another job stores to the address
 * all the time, so it has the old translation in its TLB until somebody takes it away.
 */
#define _GNU_SOURCE

#include <linux/userfaultfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "xe_batch.h"
#include "xe_uapi.h"

/* Offsets in the memory of the batches */
#define BATCH_WAIT	0x000
#define BATCH_LOOP	0x100
#define WORD_GO		0x200
#define WORD_RUN	0x240
#define BATCH_STORES	0x400
#define BATCH_BO_SIZE	(4 * XE_PAGE)

#define DATA_ADDR	(64 * XE_BATCH_ADDR)
#define DATA_VALUE	0x600dbeef

/* Tables of their own, 2 MiB each */
#define TABLES_ADDR	0x100000000ULL
#define TABLE_SPAN	0x200000ULL
#define SOME_TABLES	40
/* More than the copy engine has room for at a time */
#define MANY_TABLES	300
/* Pages of a BO that fills a table but for one entry, so that there is no large page in it */
#define WIDE_PAGES	511
/* Tables full of entries, together more than the 1 MiB that an array may leave to a job */
#define WIDE_TABLES	260

#define RESETS		4
#define BINDS		40
#define PATIENCE	(5 * NSEC_PER_SEC)

/* More than a workqueue has work going on at a time */
#define STALLED_FENCES	300
#define STALLED_VMS	300
#define STALLED_ADDR	0x200000000ULL
#define STALLED_VALUE	0x600df00dULL
#define VICTIM_SIZE	(16ULL << 20)

#define SW_SYNC		"/sys/kernel/debug/sync/sw_sync"

struct sw_sync_create {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_CREATE_FENCE	_IOWR('W', 0, struct sw_sync_create)
#define SW_SYNC_INC		_IOW('W', 1, uint32_t)

struct pt_updates {
	long long at_once;
	long long by_gpu;
	long long by_cpu;
};

static int write_debugfs(const char *name, int value)
{
	FILE *f = xe_open_debugfs(name, "w");

	if (!f)
		return -1;
	fprintf(f, "%d\n", value);

	return fclose(f);
}

static struct pt_updates read_updates(void)
{
	struct pt_updates u = { -1, -1, -1 };
	FILE *f = xe_open_debugfs("pt_updates", "r");

	if (!f)
		return u;
	if (fscanf(f, "at_once: %lld by_gpu: %lld by_cpu: %lld", &u.at_once, &u.by_gpu,
		   &u.by_cpu) != 3)
		u.by_gpu = -1;
	fclose(f);

	return u;
}

static struct drm_xe_sync sync_in(uint32_t handle)
{
	return (struct drm_xe_sync){ .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .handle = handle };
}

/* Wait until *@word is @value; 0 or -1. */
static int wait_word(volatile uint32_t *word, uint32_t value, int64_t patience)
{
	int64_t end = xe_now() + patience;

	while (*word != value) {
		if (xe_now() > end)
			return -1;
		usleep(1000);
	}

	return 0;
}

FIXTURE(bind) {
	int fd;
	uint32_t vm;
	uint32_t wait_queue;
	uint32_t loop_queue;
	uint32_t waited;
	uint32_t looped;
	uint32_t done;
	uint32_t *batch;
	uint32_t old_bo;
	uint32_t new_bo;
	volatile uint32_t *old_page;
	volatile uint32_t *new_page;
};

FIXTURE_VARIANT(bind) {
	uint16_t loop_class;
};

FIXTURE_VARIANT_ADD(bind, render) {
	.loop_class = DRM_XE_ENGINE_CLASS_RENDER,
};

/* The engine that writes the tables is taken away from its user. */
FIXTURE_VARIANT_ADD(bind, copy) {
	.loop_class = DRM_XE_ENGINE_CLASS_COPY,
};

/* Bind; wait for @in if it is not 0, and signal @out. */
static int bind_ops(int fd, uint32_t vm, const struct drm_xe_vm_bind_op *ops, uint32_t n,
		    uint32_t in, uint32_t out)
{
	struct drm_xe_sync syncs[] = { xe_sync_out(out), sync_in(in) };
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = n,
		.num_syncs = in ? 2 : 1,
		.syncs = (uintptr_t)syncs,
	};

	if (n == 1)
		args.bind = *ops;
	else
		args.vector_of_binds = (uintptr_t)ops;

	return xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
}

static void write_batches(uint32_t *batch)
{
	xe_put_end(xe_put_wait(batch + BATCH_WAIT / 4, XE_BATCH_ADDR + WORD_GO));
	xe_put_store_loop(batch + BATCH_LOOP / 4, XE_BATCH_ADDR + BATCH_LOOP, DATA_ADDR, DATA_VALUE,
			  XE_BATCH_ADDR + WORD_RUN);
}

FIXTURE_SETUP(bind)
{
	uint32_t bo;

	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	if (read_updates().by_gpu < 0)
		SKIP(return, "no debugfs file pt_updates");

	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
	bo = xe_gem_create(self->fd, BATCH_BO_SIZE, 0);
	self->batch = xe_gem_map(self->fd, bo, BATCH_BO_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->batch);
	write_batches(self->batch);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, bo, XE_BATCH_ADDR, BATCH_BO_SIZE));

	self->old_bo = xe_gem_create(self->fd, XE_PAGE, 0);
	self->new_bo = xe_gem_create(self->fd, XE_PAGE, 0);
	self->old_page = xe_gem_map(self->fd, self->old_bo, XE_PAGE);
	self->new_page = xe_gem_map(self->fd, self->new_bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)self->old_page);
	ASSERT_NE(MAP_FAILED, (void *)self->new_page);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, self->old_bo, DATA_ADDR, XE_PAGE));

	self->wait_queue = xe_queue_of_class(self->fd, self->vm, DRM_XE_ENGINE_CLASS_VIDEO_DECODE);
	self->loop_queue = xe_queue_of_class(self->fd, self->vm, variant->loop_class);
	ASSERT_NE(0, self->wait_queue);
	ASSERT_NE(0, self->loop_queue);
	self->waited = xe_syncobj_create(self->fd, 0);
	self->looped = xe_syncobj_create(self->fd, 0);
	self->done = xe_syncobj_create(self->fd, 0);
}

FIXTURE_TEARDOWN(bind)
{
	if (self->batch && self->batch != MAP_FAILED) {
		self->batch[WORD_GO / 4] = 1;
		self->batch[WORD_RUN / 4] = 0;
	}
	write_debugfs("pt_updates", 0);
	close(self->fd);
}

/* Is the page still stored to? */
static bool is_in_use(volatile uint32_t *page)
{
	*page = 0;
	return !wait_word(page, DATA_VALUE, NSEC_PER_SEC / 20);
}

TEST_F(bind, running_job_moves_over)
{
	struct drm_xe_vm_bind_op op = xe_map_page_op(self->fd, self->new_bo, 0, DATA_ADDR);
	struct pt_updates before, after;

	ASSERT_EQ(0, xe_exec_out(self->fd, self->wait_queue, XE_BATCH_ADDR + BATCH_WAIT,
				 self->waited));
	self->batch[WORD_RUN / 4] = 1;
	ASSERT_EQ(0, xe_exec_out(self->fd, self->loop_queue, XE_BATCH_ADDR + BATCH_LOOP,
				 self->looped));
	ASSERT_EQ(0, wait_word(self->old_page, DATA_VALUE, PATIENCE));

	before = read_updates();
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1, self->waited, self->done));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, self->done, NSEC_PER_SEC / 20));
	EXPECT_TRUE(is_in_use(self->old_page));
	EXPECT_EQ(0, *self->new_page);

	self->batch[WORD_GO / 4] = 1;
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));
	after = read_updates();
	EXPECT_FALSE(is_in_use(self->old_page));
	EXPECT_EQ(0, wait_word(self->new_page, DATA_VALUE, PATIENCE));
	EXPECT_EQ(before.at_once, after.at_once);
	EXPECT_EQ(before.by_gpu + 1, after.by_gpu);
	EXPECT_EQ(before.by_cpu, after.by_cpu);

	self->batch[WORD_RUN / 4] = 0;
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->looped, PATIENCE));
}

/* Map page i of @bo at page @page of table i, for @n tables, with one bind. */
static int map_tables(int fd, uint32_t vm, uint32_t bo, uint64_t page, uint32_t n, uint32_t in,
		      uint32_t out)
{
	struct drm_xe_vm_bind_op *ops = calloc(n, sizeof(*ops));
	uint32_t i;
	int ret;

	for (i = 0; i < n; i++)
		ops[i] = xe_map_page_op(fd, bo, i * XE_PAGE,
					TABLES_ADDR + i * TABLE_SPAN + page * XE_PAGE);
	ret = bind_ops(fd, vm, ops, n, in, out);
	free(ops);

	return ret;
}

/* Have a job store i + 1 to page @page of table i, for @n tables. */
static int store_tables(int fd, uint32_t queue, uint32_t *batch, uint64_t page, uint32_t n,
			uint32_t out)
{
	uint32_t *dw = batch + BATCH_STORES / 4;
	uint32_t i;
	int ret;

	for (i = 0; i < n; i++)
		dw = xe_put_store(dw, TABLES_ADDR + i * TABLE_SPAN + page * XE_PAGE, i + 1);
	xe_put_end(dw);

	ret = xe_exec_out(fd, queue, XE_BATCH_ADDR + BATCH_STORES, out);

	return ret ?: xe_syncobj_wait(fd, out, PATIENCE);
}

/* Every table exists already, so each takes a store of its own. */
TEST_F(bind, many_tables)
{
	const uint32_t sizes[] = { SOME_TABLES, MANY_TABLES };
	struct pt_updates before, after;
	uint32_t bo, i, t, *pages;

	bo = xe_gem_create(self->fd, MANY_TABLES * XE_PAGE, 0);
	pages = xe_gem_map(self->fd, bo, MANY_TABLES * XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)pages);
	ASSERT_EQ(0, map_tables(self->fd, self->vm, bo, 0, MANY_TABLES, 0, self->done));

	for (i = 0; i < 2; i++) {
		self->batch[WORD_GO / 4] = 0;
		ASSERT_EQ(0, xe_exec_out(self->fd, self->wait_queue, XE_BATCH_ADDR + BATCH_WAIT,
					 self->waited));
		before = read_updates();
		ASSERT_EQ(0, map_tables(self->fd, self->vm, bo, i + 1, sizes[i], self->waited,
					self->done));
		self->batch[WORD_GO / 4] = 1;
		ASSERT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));
		after = read_updates();
		EXPECT_EQ(before.by_gpu + !i, after.by_gpu);
		EXPECT_EQ(before.by_cpu + i, after.by_cpu);

		ASSERT_EQ(0, store_tables(self->fd, self->loop_queue, self->batch, i + 1,
					  sizes[i], self->looped));
		for (t = 0; t < sizes[i]; t++) {
			EXPECT_EQ(t + 1, pages[t * XE_PAGE / 4]);
			pages[t * XE_PAGE / 4] = 0;
		}
	}
}

/*
 * An array that would keep too much memory busy until a fence signals fails as a whole. A part of
 * it can wait, and all of it can be bound at once.
 */
TEST_F_TIMEOUT(bind, too_much_for_a_job, 120)
{
	struct drm_xe_vm_bind_op ops[WIDE_TABLES];
	const uint64_t size = WIDE_PAGES * XE_PAGE;
	uint32_t bo, i, never;

	bo = xe_gem_create(self->fd, size, 0);
	never = xe_syncobj_create(self->fd, 0);
	for (i = 0; i < WIDE_TABLES; i++) {
		ops[i] = xe_map_page_op(self->fd, bo, 0, TABLES_ADDR + i * TABLE_SPAN);
		ops[i].range = size;
	}
	ASSERT_EQ(0, xe_exec_out(self->fd, self->wait_queue, XE_BATCH_ADDR + BATCH_WAIT,
				 self->waited));
	EXPECT_EQ(-ENOBUFS, bind_ops(self->fd, self->vm, ops, WIDE_TABLES, self->waited, never));
	/* Nothing will signal it. */
	EXPECT_EQ(-EINVAL, xe_syncobj_wait(self->fd, never, 0));

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, WIDE_TABLES / 2, self->waited, self->done));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(self->fd, self->done, NSEC_PER_SEC / 20));
	self->batch[WORD_GO / 4] = 1;
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, WIDE_TABLES, 0, self->done));
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));
}

/* The queue of the driver outlives resets of the GT, and so does everything it had to do. */
TEST_F(bind, gt_resets)
{
	const uint32_t bos[] = { self->old_bo, self->new_bo };
	struct pt_updates before, after;
	struct drm_xe_vm_bind_op op;
	int i, status;
	pid_t child;

	before = read_updates();
	ASSERT_EQ(0, write_debugfs("pt_updates", 1));
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		for (i = 0; i < RESETS; i++)
			if (write_debugfs("gt0/force_reset_sync", 1))
				_exit(1);
		_exit(0);
	}

	for (i = 0; i < BINDS; i++) {
		op = xe_map_page_op(self->fd, bos[(i + 1) % 2], 0, DATA_ADDR);
		ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1, 0, self->done));
		ASSERT_EQ(0, xe_syncobj_wait(self->fd, self->done, 2 * PATIENCE));
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, write_debugfs("pt_updates", 0));
	after = read_updates();
	EXPECT_EQ(before.by_gpu + BINDS, after.by_gpu);

	/* What was bound last is what a job sees. */
	EXPECT_EQ(0, xe_exec_out(self->fd, xe_queue_of_class(self->fd, self->vm, variant->loop_class),
				 XE_BATCH_ADDR + BATCH_LOOP, self->looped));
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->looped, PATIENCE));
	EXPECT_EQ(DATA_VALUE, bos[BINDS % 2] == self->old_bo ? *self->old_page : *self->new_page);
	EXPECT_EQ(0, bos[BINDS % 2] == self->old_bo ? *self->new_page : *self->old_page);
}

/* Memory in use that the GPU can access, bytes. */
static uint64_t used_memory(int fd)
{
	struct drm_xe_query_mem_regions *regions = xe_query(fd, DRM_XE_DEVICE_QUERY_MEM_REGIONS,
							    NULL);
	uint64_t used = regions ? regions->mem_regions[0].used : 0;

	free(regions);
	return used;
}

/* Have accesses to @page wait for us if it is not there; a file descriptor, or -1. */
static int catch_faults(void *page)
{
	struct uffdio_register args = {
		.range = { .start = (uintptr_t)page, .len = XE_PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &args)) {
		close(fd);
		return -1;
	}

	return fd;
}

static int bind_with_ufence(int fd, uint32_t vm, uint32_t bo, uint64_t addr, uint32_t in,
			    void *word)
{
	struct drm_xe_sync syncs[] = {
		sync_in(in),
		{
			.type = DRM_XE_SYNC_TYPE_USER_FENCE,
			.flags = DRM_XE_SYNC_FLAG_SIGNAL,
			.addr = (uintptr_t)word,
			.timeline_value = STALLED_VALUE,
		},
	};
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = 1,
		.bind = xe_map_page_op(fd, bo, 0, addr),
		.num_syncs = 2,
		.syncs = (uintptr_t)syncs,
	};

	return xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
}

/* Memory that is not there is found before a user fence that is not written. */
TEST_F(bind, order_of_errors)
{
	volatile uint64_t *word = mmap(NULL, 2 * XE_PAGE, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *gone = (uint8_t *)word + XE_PAGE;
	struct drm_xe_vm_bind_op ops[] = {
		xe_unmap_op(STALLED_ADDR, XE_PAGE),
		{
			.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
			.userptr = (uintptr_t)gone,
			.addr = STALLED_ADDR + XE_PAGE,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(self->fd),
		},
	};

	ASSERT_NE(MAP_FAILED, (void *)word);
	ASSERT_EQ(0, munmap(gone, XE_PAGE));
	ASSERT_EQ(0, xe_exec_out(self->fd, self->wait_queue, XE_BATCH_ADDR + BATCH_WAIT,
				 self->waited));
	ASSERT_EQ(0, bind_with_ufence(self->fd, self->vm, self->new_bo, STALLED_ADDR, self->waited,
				      (void *)word));
	EXPECT_EQ(-EBUSY, bind_ops(self->fd, self->vm, ops, 1, 0, self->done));
	EXPECT_EQ(-EFAULT, bind_ops(self->fd, self->vm, ops, 2, 0, self->done));
	/* The mapping is still there, and still busy. */
	EXPECT_EQ(-EBUSY, bind_ops(self->fd, self->vm, ops, 1, 0, self->done));

	self->batch[WORD_GO / 4] = 1;
	ASSERT_EQ(0, wait_word((volatile uint32_t *)word, (uint32_t)STALLED_VALUE, PATIENCE));
	EXPECT_EQ(0, bind_ops(self->fd, self->vm, ops, 1, 0, self->done));
	munmap((void *)word, XE_PAGE);
}

/*
 * Make a VM that holds the last reference to a BO, and close it; 0 if the memory is back soon. What
 * others leave behind meanwhile may go, too; it is little.
 */
static int memory_comes_back(int fd)
{
	struct drm_gem_close close_bo = {};
	int64_t end = xe_now() + 4 * PATIENCE;
	uint32_t vm = xe_vm_create(fd, 0);
	uint64_t held;

	close_bo.handle = xe_gem_create(fd, VICTIM_SIZE, 0);
	if (!vm || !close_bo.handle ||
	    xe_bind_wait(fd, vm, close_bo.handle, DATA_ADDR, VICTIM_SIZE) ||
	    xe_call(fd, DRM_IOCTL_GEM_CLOSE, &close_bo))
		return -EINVAL;
	held = used_memory(fd);
	if (held < VICTIM_SIZE || xe_vm_destroy(fd, vm))
		return -EINVAL;

	while (used_memory(fd) > held - VICTIM_SIZE) {
		if (xe_now() > end)
			return -ETIME;
		usleep(1000);
	}

	return 0;
}

/* A sync object whose fence signals when the timeline of @sw_sync advances; 0: there is none. */
static uint32_t held_fence(int fd, int sw_sync)
{
	struct sw_sync_create fence = { .value = 1, .name = "held" };
	struct drm_syncobj_handle args = {
		.handle = xe_syncobj_create(fd, 0),
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
	};
	int err;

	if (ioctl(sw_sync, SW_SYNC_CREATE_FENCE, &fence))
		return 0;
	args.fd = fence.fence;
	err = xe_call(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);
	close(fence.fence);

	return err ? 0 : args.handle;
}

/* Address spaces that are closed while a bind waits are in nobody's way, either. */
TEST_F(bind, closed_address_spaces)
{
	struct drm_xe_vm_bind_op op = xe_map_page_op(self->fd, self->new_bo, 0, DATA_ADDR);
	int sw_sync = open(SW_SYNC, O_RDWR | O_CLOEXEC);
	uint32_t held, vm, i, one = 1;

	if (sw_sync < 0)
		SKIP(return, "no sw_sync");
	held = held_fence(self->fd, sw_sync);
	ASSERT_NE(0, held);
	for (i = 0; i < STALLED_VMS; i++) {
		vm = xe_vm_create(self->fd, 0);
		ASSERT_NE(0, vm);
		ASSERT_EQ(0, bind_ops(self->fd, vm, &op, 1, held, self->done));
		ASSERT_EQ(0, xe_vm_destroy(self->fd, vm));
	}
	EXPECT_EQ(0, memory_comes_back(self->fd));

	ASSERT_EQ(0, ioctl(sw_sync, SW_SYNC_INC, &one));
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));
	close(sw_sync);
}

/* Values that wait for their memory are in nobody's way, and come when it is there. */
TEST_F(bind, stalled_user_fences)
{
	uint64_t *word = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);
	struct uffdio_zeropage zero = { .range = { (uintptr_t)word, XE_PAGE } };
	struct drm_xe_vm_bind_op op = xe_map_page_op(self->fd, self->new_bo, 0, DATA_ADDR);
	int64_t end;
	int faults;
	uint32_t i;

	ASSERT_NE(MAP_FAILED, (void *)word);
	*word = 0;
	ASSERT_EQ(0, xe_exec_out(self->fd, self->wait_queue, XE_BATCH_ADDR + BATCH_WAIT,
				 self->waited));
	for (i = 0; i < STALLED_FENCES; i++)
		ASSERT_EQ(0, bind_with_ufence(self->fd, self->vm, self->new_bo,
					      STALLED_ADDR + i * XE_PAGE, self->waited, word));
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1, self->waited, self->done));

	faults = catch_faults(word);
	if (faults < 0)
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, madvise(word, XE_PAGE, MADV_DONTNEED));
	self->batch[WORD_GO / 4] = 1;
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, self->done, PATIENCE));
	EXPECT_EQ(0, memory_comes_back(self->fd));

	ASSERT_EQ(0, ioctl(faults, UFFDIO_ZEROPAGE, &zero));
	for (end = xe_now() + PATIENCE; *(volatile uint64_t *)word != STALLED_VALUE;)
		ASSERT_GT(end, xe_now());
	close(faults);
	munmap(word, XE_PAGE);
}

TEST_HARNESS_MAIN
