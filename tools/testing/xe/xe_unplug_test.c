// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The driver is taken away from its device while clients use it, and given back: what becomes of
 * memory that is shared with other devices, of fences of others that jobs wait for, of work that
 * does not end, and of what is just being freed. And of fences, when the driver is unloaded.
 */
#define _GNU_SOURCE

#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "xe_client.h"
#include "xe_uapi.h"

#define PATIENCE	(60 * NSEC_PER_SEC)
#define PATTERN		0x5eed1e55u
#define STORED		0x600dbeefu
#define DATA_ADDR	(64 * XE_BATCH_ADDR)
#define MI_STORE_DWORD	0x10000002u
/* Where a client has its batches; in a word behind them it says that its job runs. */
#define BATCH_LOOP	0
#define WORD_STORED	0x800
#define WORD_RUN	0x840
/* Neither a hung job nor a reset is a reason to need longer. */
#define PROMPT		(20 * NSEC_PER_SEC)

/* Freeing them has to last as long as the removal of the device */
#define CLOSED_FILES	24
#define BOS_OF_FILE	600

/* Entries of global addresses in BAR 0; the first ones belong to the firmware. */
#define TABLE_OFFSET	0x800000
#define TABLE_BYTES	0x800000
#define TABLE_FIRST	0x200

#define DRIVER		"/sys/bus/pci/drivers/xe/"
#define BUFINFO		"/sys/kernel/debug/dma_buf/bufinfo"
#define SW_SYNC		"/sys/kernel/debug/sync/sw_sync"
#define KERNEL_LOG	"/dev/kmsg"

struct sw_sync_create {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_CREATE_FENCE	_IOWR('W', 0, struct sw_sync_create)

/* Name of the PCI function behind an open file; 0 or -1. */
static int function_of(int fd, char *name, size_t size)
{
	char link[64], path[256];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -1;
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u/device", major(st.st_rdev),
		 minor(st.st_rdev));
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -1;
	path[n] = '\0';
	snprintf(name, size, "%s", strrchr(path, '/') + 1);

	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);

	return n < 0 ? -errno : 0;
}

/* Open the node of another driver; -1 if there is none. */
static int open_driver(const char *wanted)
{
	char path[32], name[16];
	int fd, n;

	for (n = 0; n < XE_MAX_NODES; n++) {
		struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

		memset(name, 0, sizeof(name));
		snprintf(path, sizeof(path), "/dev/dri/card%d", n);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!xe_call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, wanted))
			return fd;
		close(fd);
	}

	return -1;
}

/* The device of others: memory, and nothing else. */
static int open_vgem(void)
{
	int fd = open_driver("vgem");

	if (fd < 0 && !system("modprobe vgem"))
		fd = open_driver("vgem");

	return fd;
}

static int export_bo(int fd, uint32_t handle)
{
	struct drm_prime_handle args = { .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	return xe_call(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args) ? -1 : args.fd;
}

static uint32_t import_bo(int fd, int dma_buf)
{
	struct drm_prime_handle args = { .fd = dma_buf };

	return xe_call(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args) ? 0 : args.handle;
}

static volatile uint32_t *map_fd(int fd, uint64_t offset)
{
	void *p = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	return p == MAP_FAILED ? NULL : p;
}

FIXTURE(unplug) {
	int fd;
	char function[32];
};

FIXTURE_SETUP(unplug)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	ASSERT_EQ(0, function_of(self->fd, self->function, sizeof(self->function)));
}

FIXTURE_TEARDOWN(unplug)
{
	if (self->fd >= 0)
		close(self->fd);
	/* Fails if the test has bound it already. */
	write_file(DRIVER "bind", self->function);
}

/* Unbind, and see that it does not take for ever. */
static int unbind(const char *function)
{
	int64_t begin = xe_now();
	int ret = write_file(DRIVER "unbind", function);

	return ret ?: xe_now() - begin > PATIENCE ? -ETIME : 0;
}

/* And an address space, which has page tables as soon as there is a mapping. */
static int make_bos(int fd)
{
	uint32_t vm = xe_vm_create(fd, 0);
	int i;

	for (i = 0; i < BOS_OF_FILE; i++)
		if (!xe_gem_create(fd, XE_PAGE, 0))
			return -1;

	return xe_bind_wait(fd, vm, xe_gem_create(fd, XE_PAGE, 0), DATA_ADDR, XE_PAGE);
}

static void *close_files(void *arg)
{
	int *fd;

	for (fd = arg; fd < (int *)arg + CLOSED_FILES; fd++)
		close(*fd);

	return NULL;
}

/*
 * BOs whose last reference goes, one after the other, all the time that the device is removed; and
 * address spaces of files that are not open any more, but have not come to theirs. Debug kernels
 * tell if anything is still mapped for the device afterwards.
 */
TEST_F_TIMEOUT(unplug, last_references, 600)
{
	int fds[CLOSED_FILES], i;
	pthread_t thread;

	for (i = 0; i < CLOSED_FILES; i++) {
		fds[i] = xe_open();
		ASSERT_GE(fds[i], 0);
		ASSERT_EQ(0, make_bos(fds[i]));
	}

	ASSERT_EQ(0, pthread_create(&thread, NULL, close_files, fds));
	EXPECT_EQ(0, unbind(self->function));
	pthread_join(thread, NULL);
}

/* Have the GPU store a word to the first page of a BO; 0 or an error. */
static int store_by_gpu(int fd, uint32_t bo)
{
	uint32_t vm = xe_vm_create(fd, 0), batch_bo = xe_gem_create(fd, XE_PAGE, 0);
	uint32_t out = xe_syncobj_create(fd, 0), *dw = xe_gem_map(fd, batch_bo, XE_PAGE);
	struct drm_xe_engine_class_instance eci;
	uint32_t queue;
	int ret;

	if (!vm || !batch_bo || dw == MAP_FAILED || xe_find_engines(fd, 1, &eci))
		return -ENOMEM;
	*dw++ = MI_STORE_DWORD;
	*dw++ = DATA_ADDR;
	*dw++ = 0;
	*dw++ = STORED;
	*dw++ = XE_MI_BATCH_END;

	queue = xe_queue_create(fd, vm, &eci);
	ret = queue ? 0 : -EINVAL;
	if (!ret)
		ret = xe_bind_wait(fd, vm, batch_bo, XE_BATCH_ADDR, XE_PAGE);
	if (!ret)
		ret = xe_bind_wait(fd, vm, bo, DATA_ADDR, XE_PAGE);
	if (!ret)
		ret = xe_exec_out(fd, queue, XE_BATCH_ADDR, out);

	return ret ?: xe_syncobj_wait(fd, out, PATIENCE);
}

/*
 * One BO is exported, one is in use by another device, one is nobody else's business. The device
 * that comes back is another one for the dma-bufs: it imports what the old one has left.
 */
TEST_F_TIMEOUT(unplug, exported_memory_stays, 300)
{
	int other = open_vgem(), dma_bufs[2], fd, i;
	volatile uint32_t *shared[2], *private;
	uint32_t bo, imported;

	if (other < 0)
		SKIP(return, "no vgem device");

	for (i = 0; i < 2; i++) {
		bo = xe_gem_create(self->fd, XE_PAGE, 0);
		ASSERT_NE(0, bo);
		dma_bufs[i] = export_bo(self->fd, bo);
		ASSERT_GE(dma_bufs[i], 0);
		shared[i] = map_fd(dma_bufs[i], 0);
		ASSERT_NE(NULL, shared[i]);
		*shared[i] = PATTERN + i;
	}
	ASSERT_NE(0, import_bo(other, dma_bufs[1]));
	private = map_fd(self->fd, xe_gem_offset(self->fd, xe_gem_create(self->fd, XE_PAGE, 0)));
	ASSERT_NE(NULL, private);
	*private = PATTERN;

	ASSERT_EQ(0, unbind(self->function));
	EXPECT_EQ(0, *private);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(PATTERN + i, *shared[i]);

	/* Others do not lose what they hold when their exporter has closed everything, either. */
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, write_file(DRIVER "bind", self->function));
	fd = xe_open();
	ASSERT_GE(fd, 0);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(PATTERN + i, *shared[i]);
		imported = import_bo(fd, dma_bufs[i]);
		ASSERT_NE(0, imported);
		ASSERT_EQ(0, store_by_gpu(fd, imported));
		EXPECT_EQ(STORED, *shared[i]);
		close(dma_bufs[i]);
	}
	close(fd);
	close(other);
}

/* Devices that are attached to a dma-buf; -1 if it is not listed. */
static int attached_devices(int dma_buf)
{
	unsigned long inode;
	bool found = false;
	char line[256];
	struct stat st;
	int devices = -1;
	FILE *f = fopen(BUFINFO, "r");

	while (f && !fstat(dma_buf, &st) && devices < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*x %*x %*x %*u %*s %lu", &inode) == 1 && inode == st.st_ino)
			found = true;
		if (found)
			sscanf(line, "Total %d devices attached", &devices);
	}
	if (f)
		fclose(f);

	return devices;
}

TEST_F_TIMEOUT(unplug, imports_are_detached, 300)
{
	struct drm_mode_create_dumb dumb = { .width = 1024, .height = 1, .bpp = 32 };
	int other = open_vgem(), dma_buf;
	volatile uint32_t *page;
	uint32_t imported, vm;

	if (other < 0)
		SKIP(return, "no vgem device");

	ASSERT_EQ(0, xe_call(other, DRM_IOCTL_MODE_CREATE_DUMB, &dumb));
	dma_buf = export_bo(other, dumb.handle);
	ASSERT_GE(dma_buf, 0);
	page = map_fd(dma_buf, 0);
	ASSERT_NE(NULL, page);
	imported = import_bo(self->fd, dma_buf);
	ASSERT_NE(0, imported);
	vm = xe_vm_create(self->fd, 0);
	ASSERT_EQ(0, xe_bind_wait(self->fd, vm, imported, DATA_ADDR, XE_PAGE));
	*page = PATTERN;
	EXPECT_EQ(1, attached_devices(dma_buf));

	ASSERT_EQ(0, unbind(self->function));
	EXPECT_EQ(0, attached_devices(dma_buf));
	EXPECT_EQ(PATTERN, *page);
	close(dma_buf);
	close(other);
}

/* A sync file whose fence signals when @timeline is advanced or closed; -1 without sw_sync. */
static int foreign_fence(int timeline)
{
	struct sw_sync_create args = { .value = 1, .name = "never" };

	return ioctl(timeline, SW_SYNC_CREATE_FENCE, &args) ? -1 : args.fence;
}

static uint32_t syncobj_of(int fd, int sync_file)
{
	struct drm_syncobj_handle args = {
		.handle = xe_syncobj_create(fd, 0),
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = sync_file,
	};

	return xe_call(fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args) ? 0 : args.handle;
}

static int sync_file_of(int fd, uint32_t syncobj)
{
	struct drm_syncobj_handle args = {
		.handle = syncobj,
		.flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
	};

	return xe_call(fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args) ? -1 : args.fd;
}

/* 1: signalled; 0: pending; negative: signalled with an error. */
static int sync_file_status(int fd)
{
	struct sync_file_info info = {};

	return ioctl(fd, SYNC_IOC_FILE_INFO, &info) ? -EBADF : info.status;
}

static struct drm_xe_sync sync_in(uint32_t handle)
{
	return (struct drm_xe_sync){ .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .handle = handle };
}

/* A bind and a job wait for a fence that nobody will ever signal. */
TEST_F_TIMEOUT(unplug, foreign_fences, 300)
{
	struct drm_xe_sync syncs[] = { xe_sync_out(xe_syncobj_create(self->fd, 0)), {} };
	uint32_t vm = xe_vm_create(self->fd, 0), bo = xe_gem_create(self->fd, XE_PAGE, 0);
	struct drm_xe_vm_bind bind = {
		.vm_id = vm, .num_binds = 1, .num_syncs = 2, .syncs = (uintptr_t)syncs,
		.bind = xe_map_page_op(self->fd, bo, 0, DATA_ADDR),
	};
	struct drm_xe_exec exec = {
		.num_batch_buffer = 1, .address = XE_BATCH_ADDR, .num_syncs = 2,
		.syncs = (uintptr_t)syncs,
	};
	struct drm_xe_engine_class_instance eci;
	int timeline, fence, bound, ran;
	uint32_t *batch;

	timeline = open(SW_SYNC, O_RDWR | O_CLOEXEC);
	fence = foreign_fence(timeline);
	if (fence < 0)
		SKIP(return, "no sw_sync");
	syncs[1] = sync_in(syncobj_of(self->fd, fence));
	ASSERT_NE(0, syncs[1].handle);

	batch = xe_gem_map(self->fd, bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)batch);
	*batch = XE_MI_BATCH_END;
	ASSERT_EQ(0, xe_bind_wait(self->fd, vm, bo, XE_BATCH_ADDR, XE_PAGE));
	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &eci));
	exec.exec_queue_id = xe_queue_create(self->fd, vm, &eci);

	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &exec));
	ran = sync_file_of(self->fd, syncs[0].handle);
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &bind));
	bound = sync_file_of(self->fd, syncs[0].handle);
	ASSERT_GE(ran, 0);
	ASSERT_GE(bound, 0);
	EXPECT_EQ(0, sync_file_status(ran));
	EXPECT_EQ(0, sync_file_status(bound));

	ASSERT_EQ(0, unbind(self->function));
	EXPECT_GT(0, sync_file_status(ran));
	EXPECT_EQ(-ENODEV, sync_file_status(bound));
	EXPECT_EQ(0, sync_file_status(fence));

	close(ran);
	close(bound);
	close(fence);
	close(timeline);
}

/* Let another device write to memory until @sync_file signals. */
static int claim_memory(int dma_buf, int sync_file)
{
	struct dma_buf_import_sync_file args = { .flags = DMA_BUF_SYNC_WRITE, .fd = sync_file };

	return ioctl(dma_buf, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &args) ? -errno : 0;
}

/*
 * A BO that nobody has any more is not freed, because another device seems to use its memory. The
 * removal does not wait for that, but our mapping goes: debug kernels tell if it does not.
 */
TEST_F_TIMEOUT(unplug, memory_in_use_by_others, 300)
{
	struct drm_gem_close bo = { .handle = xe_gem_create(self->fd, XE_PAGE, 0) };
	uint32_t *page = xe_gem_map(self->fd, bo.handle, XE_PAGE);
	int timeline, fence, dma_buf;
	int64_t begin;

	timeline = open(SW_SYNC, O_RDWR | O_CLOEXEC);
	fence = foreign_fence(timeline);
	if (fence < 0)
		SKIP(return, "no sw_sync");
	ASSERT_NE(MAP_FAILED, (void *)page);
	*page = PATTERN;
	dma_buf = export_bo(self->fd, bo.handle);
	ASSERT_EQ(0, claim_memory(dma_buf, fence));
	close(dma_buf);
	munmap(page, XE_PAGE);
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_GEM_CLOSE, &bo));

	begin = xe_now();
	EXPECT_EQ(0, unbind(self->function));
	EXPECT_GT(PROMPT, xe_now() - begin);

	/* Now it goes. Before that the file could not be closed. */
	close(fence);
	close(timeline);
	close(self->fd);
	self->fd = -1;
}

/*
 * Nobody looks after the table of global addresses any more. Whoever still uses them, the display or
 * a console on the firmware's frame buffer, must not reach pages that were the driver's.
 */
TEST_F_TIMEOUT(unplug, global_table_is_empty, 300)
{
	volatile uint64_t *table;
	unsigned int i, n = 0;
	char path[128];
	int fd;

	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, unbind(self->function));

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", self->function);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		SKIP(return, "the kernel does not show registers");
	table = mmap(NULL, TABLE_BYTES, PROT_READ, MAP_SHARED, fd, TABLE_OFFSET);
	ASSERT_NE(MAP_FAILED, (void *)table);
	for (i = TABLE_FIRST; i < TABLE_BYTES / sizeof(*table); i++)
		n += !!table[i];
	EXPECT_EQ(0, n);
	munmap((void *)table, TABLE_BYTES);
	close(fd);
}

/* Start the batch of a long-running client; nobody will hear of its end. */
static int start_lr(const struct xe_client *c)
{
	struct drm_xe_exec args = {
		.exec_queue_id = c->queue,
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR + BATCH_LOOP,
	};

	return xe_call(c->fd, DRM_IOCTL_XE_EXEC, &args);
}

/* Nobody stops work that has no end but the driver, which has to let go of it. */
TEST_F_TIMEOUT(unplug, long_running, 300)
{
	struct xe_client c;
	int64_t begin;

	ASSERT_EQ(0, xe_client_init(&c, self->fd, DRM_XE_VM_CREATE_FLAG_LR_MODE));
	*xe_client_word(&c, WORD_RUN) = 1;
	xe_put_store_loop(c.batches + BATCH_LOOP, XE_BATCH_ADDR + BATCH_LOOP,
			  XE_BATCH_ADDR + WORD_STORED, STORED, XE_BATCH_ADDR + WORD_RUN);
	ASSERT_EQ(0, start_lr(&c));
	ASSERT_TRUE(xe_is_stored_to(xe_client_word(&c, WORD_STORED), STORED));

	begin = xe_now();
	ASSERT_EQ(0, unbind(self->function));
	EXPECT_GT(PROMPT, xe_now() - begin);
	/* The file still has names of what is gone. */
	close(self->fd);
	self->fd = -1;
}

/* What a sync file says about its only fence; 0 or -errno. */
static int sync_file_fence(int fd, struct sync_fence_info *fence)
{
	struct sync_file_info info = {
		.num_fences = 1,
		.sync_fence_info = (uintptr_t)fence,
	};

	return ioctl(fd, SYNC_IOC_FILE_INFO, &info) ? -errno : 0;
}

/* Unload the driver, in a process that waits for it. */
static pid_t unload(void)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("modprobe", "modprobe", "-r", "xe", NULL);
		_exit(127);
	}

	return pid;
}

/* The driver has let go of all devices; 0 or -ETIME. */
static int wait_unregistered(void)
{
	const int64_t end = xe_now() + PATIENCE;

	while (!access(DRIVER, F_OK)) {
		if (xe_now() > end)
			return -ETIME;
		usleep(10000);
	}

	return 0;
}

/*
 * A bind that invalidates nothing, and a job that is cancelled before it could start, leave fences
 * that never had to do with the hardware. Their names are the driver's nevertheless.
 */
TEST_F_TIMEOUT(unplug, fences_outlive_driver, 300)
{
	struct drm_xe_sync syncs[] = { {}, {} };
	struct sync_fence_info info = {};
	struct drm_xe_vm_bind bind = { .num_binds = 1, .num_syncs = 2, .syncs = (uintptr_t)syncs };
	struct drm_xe_exec exec = {
		.num_batch_buffer = 1, .address = XE_BATCH_ADDR, .num_syncs = 2,
		.syncs = (uintptr_t)syncs,
	};
	int timeline, fence, files[2], status, i;
	struct xe_client c;
	pid_t pid;

	timeline = open(SW_SYNC, O_RDWR | O_CLOEXEC);
	fence = foreign_fence(timeline);
	if (fence < 0)
		SKIP(return, "no sw_sync");
	ASSERT_EQ(0, xe_client_init(&c, self->fd, 0));
	*c.batches = XE_MI_BATCH_END;
	syncs[0] = xe_sync_out(c.out);
	syncs[1] = sync_in(syncobj_of(self->fd, fence));
	exec.exec_queue_id = c.queue;
	bind.vm_id = c.vm;
	bind.bind = xe_map_page_op(self->fd, xe_gem_create(self->fd, XE_PAGE, 0), 0, DATA_ADDR);
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &exec));
	files[0] = sync_file_of(self->fd, c.out);
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &bind));
	files[1] = sync_file_of(self->fd, c.out);

	/* Both go on when the file is closed, the job to its end at once. */
	close(self->fd);
	self->fd = -1;
	close(timeline);
	close(fence);

	pid = unload();
	ASSERT_EQ(0, wait_unregistered());
	usleep(500000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, sync_file_fence(files[i], &info));
		EXPECT_STREQ("drm_sched", info.driver_name);
		EXPECT_EQ(0, strncmp("xe", info.obj_name, 2));
		EXPECT_NE(0, info.status);
	}

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
		close(files[i]);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, system("modprobe xe"));
}

/* The end of the kernel's log; -1 if it cannot be read. */
static int open_log(void)
{
	int fd = open(KERNEL_LOG, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);

	return fd;
}

/* Does what came since contain @text? */
static bool is_logged(int log, const char *text)
{
	char record[8192];
	bool found = false;
	ssize_t n;

	for (;;) {
		n = read(log, record, sizeof(record) - 1);
		/* Records may be gone before they are read. */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n < 0)
			return found;
		record[n] = '\0';
		found |= !!strstr(record, text);
	}
}

/* Memory that the process has mapped, and knows no handle of any more. */
TEST_F_TIMEOUT(unplug, mappings_without_handles, 300)
{
	struct drm_gem_close args = { .handle = xe_gem_create(self->fd, XE_PAGE, 0) };
	volatile uint32_t *page = xe_gem_map(self->fd, args.handle, XE_PAGE);
	int log = open_log();

	ASSERT_GE(log, 0);
	ASSERT_NE(MAP_FAILED, (void *)page);
	*page = PATTERN;
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_GEM_CLOSE, &args));
	EXPECT_EQ(PATTERN, *page);

	ASSERT_EQ(0, unbind(self->function));
	EXPECT_FALSE(is_logged(log, "still being freed"));
	EXPECT_EQ(0, *page);
	munmap((void *)page, XE_PAGE);
	close(log);
}

TEST_HARNESS_MAIN
