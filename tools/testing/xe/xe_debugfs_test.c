// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of what debugfs tells of VMs: mappings with backing, page sizes and state, and the counters
 * of Documentation/gpu/xe/observing.rst, which also tell how jobs protect what they may use. The
 * client compares it with what it has done. Needs root.
 */
#define _GNU_SOURCE

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "xe_uapi.h"

#define TEXT_SIZE	0x400000
#define SIZE_2M		0x200000ULL
#define SIZE_1G		0x40000000ULL
/* Where nobody else maps anything: tells our VM from those of other clients. */
#define NULL_ADDR	(0x5a0 * SIZE_1G)
#define BO_ADDR		(0x5b0 * SIZE_1G)
#define USERPTR_ADDR	(0x5c0 * SIZE_1G)
#define MI_SEMAPHORE_WAIT_EQ	0x0e00c002u
/* Offset in the page of a batch: the job ends when there is a 1. */
#define OFFSET_GO	0x800

FIXTURE(vms) {
	int fd;
	uint32_t vm;
	char path[64];
	char *text;
};

/* Read the file and cut it down to our VM, which has a mapping at NULL_ADDR. 0 or -1 */
static int read_vm(const char *path, char *text)
{
	char *at, *begin = text, *next;
	size_t n = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	do {
		got = read(fd, text + n, TEXT_SIZE - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0);
	close(fd);
	text[n] = 0;

	at = strstr(text, "  [016800000000-");
	if (!at)
		return -1;
	for (next = begin; next && next < at; next = strstr(next + 1, "client "))
		begin = next;
	next = strstr(at, "\nclient ");
	if (next)
		*next = 0;
	memmove(text, begin, strlen(begin) + 1);

	return 0;
}

/* Number behind "name: "; ~0 if there is no such counter. */
static uint64_t counter(const char *text, const char *name)
{
	const char *at;
	char key[64];

	snprintf(key, sizeof(key), "  %s: ", name);
	at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : ~0ULL;
}

FIXTURE_SETUP(vms)
{
	struct stat st;

	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	ASSERT_EQ(0, fstat(self->fd, &st));
	snprintf(self->path, sizeof(self->path), "/sys/kernel/debug/dri/%u/vms",
		 minor(st.st_rdev) - 128);
	self->text = malloc(TEXT_SIZE);
	ASSERT_NE(NULL, self->text);
	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
}

FIXTURE_TEARDOWN(vms)
{
	close(self->fd);
	free(self->text);
}

static int bind_ops(int fd, uint32_t vm, struct drm_xe_vm_bind_op *ops, uint32_t n)
{
	struct drm_xe_vm_bind args = { .vm_id = vm, .num_binds = n };

	if (n == 1)
		args.bind = ops[0];
	else
		args.vector_of_binds = (uintptr_t)ops;

	return xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
}

static struct drm_xe_vm_bind_op null_op(int fd, uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = DRM_XE_VM_BIND_FLAG_NULL,
		.addr = NULL_ADDR,
		.range = size,
		.pat_index = xe_pat_wb(fd),
	};
}

static int bind_object(int fd, uint32_t vm, uint32_t bo, uint64_t addr)
{
	struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = bo,
		.addr = addr,
		.range = XE_PAGE,
		.pat_index = xe_pat_wb(fd),
	};

	return bind_ops(fd, vm, &op, 1);
}

/* Bytes of BOs of @fd that fences protect, according to its fdinfo; ~0 if it does not say. */
static uint64_t active_bytes(int fd)
{
	char path[64], line[128], unit[8];
	uint64_t bytes = ~0ULL;
	unsigned long long n;
	FILE *f;
	int got;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	if (!f)
		return bytes;
	while (fgets(line, sizeof(line), f)) {
		got = sscanf(line, "drm-active-gtt: %llu %7s", &n, unit);
		if (got == 1)
			bytes = n;
		else if (got == 2)
			bytes = n << (*unit == 'K' ? 10 : 20);
	}
	fclose(f);

	return bytes;
}

#define EXPECT_LINE(_line) do { \
	const char *_at = strstr(self->text, _line); \
	EXPECT_NE(NULL, _at) TH_LOG("missing: %s\n%s", _line, self->text); \
} while (0)

#define EXPECT_COUNTER(_value, _name) do { \
	uint64_t _count = counter(self->text, _name); \
	EXPECT_EQ((uint64_t)(_value), _count) TH_LOG("%s: %s", _name, self->text); \
} while (0)

TEST_F(vms, page_sizes_and_splits)
{
	struct drm_xe_vm_bind_op op = null_op(self->fd, SIZE_1G);

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_LINE("  [016800000000-01683fffffff] null, pat ");
	EXPECT_LINE(", pages 1x1G\n");
	EXPECT_COUNTER(1, "binds");
	EXPECT_COUNTER(0, "pieces kept");
	EXPECT_COUNTER(0, "large pages split");
	EXPECT_COUNTER(0, "updates with invalidation");
	EXPECT_COUNTER(2, "page tables");

	/* A hole of one page: a 1 GiB page and a 2 MiB page go to pieces, the rest stays. */
	op = xe_unmap_op(NULL_ADDR + XE_PAGE, XE_PAGE);
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_LINE("  [016800000000-016800000fff] null");
	EXPECT_LINE("  [016800002000-01683fffffff] null");
	EXPECT_LINE(", pages 1x4K\n");
	EXPECT_LINE(", pages 510x4K+511x2M\n");
	EXPECT_COUNTER(2, "binds");
	EXPECT_COUNTER(2, "operations");
	EXPECT_COUNTER(2, "pieces kept");
	EXPECT_COUNTER(2, "large pages split");
	EXPECT_COUNTER(1, "updates with invalidation");
	EXPECT_COUNTER(4, "page tables");
}

/* An array of unmaps spares what lies between: a mapping, what the same array maps, and pieces. */
TEST_F(vms, unmap_array_spares_gaps)
{
	struct drm_xe_vm_bind_op ops[7];
	unsigned int i;

	for (i = 0; i < 7; i++) {
		ops[i] = null_op(self->fd, XE_PAGE);
		ops[i].addr += i * XE_PAGE;
	}
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 7));

	/* Gone: 0, 2, 3, 5. Page 5 is mapped anew by the same array, page 6 is not touched. */
	ops[6] = ops[5];
	ops[0] = xe_unmap_op(NULL_ADDR, XE_PAGE);
	ops[1] = xe_unmap_op(NULL_ADDR + 2 * XE_PAGE, 2 * XE_PAGE);
	ops[2] = xe_unmap_op(NULL_ADDR + 5 * XE_PAGE, XE_PAGE);
	ops[3] = ops[6];
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 4));

	ops[0] = null_op(self->fd, XE_PAGE);
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 1));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_LINE("  [016800000000-016800000fff] null");
	EXPECT_LINE("  [016800001000-016800001fff] null");
	EXPECT_EQ(NULL, strstr(self->text, "  [016800002000-"));
	EXPECT_EQ(NULL, strstr(self->text, "  [016800003000-"));
	EXPECT_LINE("  [016800004000-016800004fff] null");
	EXPECT_LINE("  [016800005000-016800005fff] null");
	EXPECT_LINE("  [016800006000-016800006fff] null");
	EXPECT_EQ(NULL, strstr(self->text, "missing"));
	/* One page table entry for each of them, and none for what is gone. */
	EXPECT_LINE("  [016800000000-016800001fff] level 0 page ");
	EXPECT_LINE("  [016800004000-016800006fff] level 0 page ");
}

/* Operations before it have cut one mapping of the BO and made another: both are gone. */
TEST_F(vms, unmap_all_sees_the_array)
{
	const uint32_t bo = xe_gem_create(self->fd, 4 * XE_PAGE, 0);
	const uint32_t other = xe_gem_create(self->fd, XE_PAGE, 0);
	struct drm_xe_vm_bind_op map = xe_map_page_op(self->fd, bo, 0, BO_ADDR);
	struct drm_xe_vm_bind_op ops[] = {
		null_op(self->fd, XE_PAGE),
		xe_unmap_op(BO_ADDR + XE_PAGE, XE_PAGE),
		xe_map_page_op(self->fd, bo, 0, BO_ADDR + 16 * XE_PAGE),
		xe_map_page_op(self->fd, other, 0, BO_ADDR + 17 * XE_PAGE),
		{ .op = DRM_XE_VM_BIND_OP_UNMAP_ALL, .obj = bo },
		xe_map_page_op(self->fd, bo, 0, BO_ADDR + 18 * XE_PAGE),
	};

	map.range = 4 * XE_PAGE;
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &map, 1));
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, sizeof(ops) / sizeof(*ops)));

	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_EQ(NULL, strstr(self->text, "  [016c00000000-016c00000fff]"));
	EXPECT_EQ(NULL, strstr(self->text, "  [016c00002000-"));
	EXPECT_EQ(NULL, strstr(self->text, "  [016c00010000-"));
	EXPECT_LINE("  [016c00011000-016c00011fff] shared bo ");
	EXPECT_LINE("  [016c00012000-016c00012fff] shared bo ");
	EXPECT_EQ(NULL, strstr(self->text, "missing"));
}

TEST_F(vms, backing_and_attributes)
{
	void *memory = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	struct drm_xe_vm_bind_op ops[] = {
		null_op(self->fd, XE_PAGE),
		{
			.op = DRM_XE_VM_BIND_OP_MAP,
			.obj = xe_gem_create(self->fd, 4 * XE_PAGE, 0),
			.obj_offset = XE_PAGE,
			.flags = DRM_XE_VM_BIND_FLAG_READONLY | DRM_XE_VM_BIND_FLAG_DUMPABLE,
			.addr = BO_ADDR,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(self->fd),
		},
		{
			.op = DRM_XE_VM_BIND_OP_MAP,
			.obj = xe_gem_create(self->fd, XE_PAGE, self->vm),
			.addr = BO_ADDR + SIZE_2M,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(self->fd),
		},
		{
			.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
			.userptr = (uintptr_t)memory,
			.addr = USERPTR_ADDR,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(self->fd),
		},
	};
	char line[80];

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 4));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_LINE("  [016c00000000-016c00000fff] shared bo ");
	EXPECT_LINE(" of 0x4000, offset 0x1000, pat 0, read-only, dumpable, pages 1x4K\n");
	EXPECT_LINE("  [016c00200000-016c00200fff] private bo ");
	snprintf(line, sizeof(line), "  [017000000000-017000000fff] userptr %#llx,",
		 (unsigned long long)(uintptr_t)memory);
	EXPECT_LINE(line);
	EXPECT_COUNTER(1, "binds");
	EXPECT_COUNTER(4, "operations");
	EXPECT_COUNTER(1, "updates");
	EXPECT_COUNTER(0, "updates deferred");
	EXPECT_COUNTER(0, "userptr invalidations");
	/* The handle; what is bound holds objects through one reference each, however often. */
	EXPECT_LINE(": 2 references, of which mappings 1\n");
	EXPECT_COUNTER(1, "external objects");
	EXPECT_COUNTER(0, "userptrs invalidated");

	ASSERT_EQ(0, munmap(memory, XE_PAGE));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_COUNTER(1, "userptr invalidations");
}

/* A bind that fails changes one counter and nothing else. */
TEST_F(vms, failures_are_counted)
{
	struct drm_xe_vm_bind_op ops[] = {
		null_op(self->fd, XE_PAGE),
		{
			.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
			.userptr = xe_bad_pointer(),
			.addr = USERPTR_ADDR,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(self->fd),
		},
	};

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 1));
	ASSERT_EQ(-EFAULT, bind_ops(self->fd, self->vm, ops, 2));
	ASSERT_EQ(0, read_vm(self->path, self->text));
	EXPECT_COUNTER(1, "binds");
	EXPECT_COUNTER(1, "unwound");
	EXPECT_COUNTER(1, "operations");
	EXPECT_COUNTER(1, "steps");
	EXPECT_COUNTER(1, "updates");
	EXPECT_EQ(NULL, strstr(self->text, "userptr 0x"));
}

#define EXPECT_PROTECTED(_times) do { \
	ASSERT_EQ(0, read_vm(self->path, self->text)); \
	EXPECT_COUNTER(_times, "external objects protected"); \
} while (0)

/*
 * An exec looks at external objects only if they may have lost their protection. Which they have
 * as long as jobs run, no matter when they were bound, and no longer. Asking is what ends it.
 */
TEST_F(vms, external_objects)
{
	struct drm_xe_vm_bind_op marker = null_op(self->fd, XE_PAGE);
	const uint32_t batch[] = {
		MI_SEMAPHORE_WAIT_EQ, 1, XE_BATCH_ADDR + OFFSET_GO, 0,
		XE_MI_BATCH_END,
	};
	struct drm_xe_engine_class_instance eci;
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(self->fd, 0));
	struct drm_xe_exec exec = {
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	uint32_t *page, bo, i;

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &marker, 1));
	bo = xe_gem_create(self->fd, XE_PAGE, 0);
	page = xe_gem_map(self->fd, bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)page);
	memcpy(page, batch, sizeof(batch));
	ASSERT_EQ(0, bind_object(self->fd, self->vm, bo, XE_BATCH_ADDR));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, bind_object(self->fd, self->vm, xe_gem_create(self->fd, XE_PAGE, 0),
					 BO_ADDR + i * SIZE_2M));
	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &eci));
	exec.exec_queue_id = xe_queue_create(self->fd, self->vm, &eci);
	ASSERT_NE(0, exec.exec_queue_id);
	EXPECT_PROTECTED(0);

	/* Jobs that do not end, and a bind between them. */
	ACCEPT(DRM_IOCTL_XE_EXEC, exec);
	EXPECT_PROTECTED(1);
	EXPECT_EQ(3 * XE_PAGE, active_bytes(self->fd));
	ACCEPT(DRM_IOCTL_XE_EXEC, exec);
	EXPECT_PROTECTED(1);
	EXPECT_EQ(3 * XE_PAGE, active_bytes(self->fd));
	ASSERT_EQ(0, bind_object(self->fd, self->vm, xe_gem_create(self->fd, XE_PAGE, 0),
				 BO_ADDR + i * SIZE_2M));
	EXPECT_EQ(4 * XE_PAGE, active_bytes(self->fd));
	ACCEPT(DRM_IOCTL_XE_EXEC, exec);
	EXPECT_PROTECTED(1);

	*(volatile uint32_t *)(page + OFFSET_GO / sizeof(*page)) = 1;
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, sync.handle, 10 * NSEC_PER_SEC));
	ACCEPT(DRM_IOCTL_XE_EXEC, exec);
	EXPECT_PROTECTED(1);
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, sync.handle, 10 * NSEC_PER_SEC));

	EXPECT_EQ(0, active_bytes(self->fd));
	ACCEPT(DRM_IOCTL_XE_EXEC, exec);
	EXPECT_PROTECTED(2);
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, sync.handle, 10 * NSEC_PER_SEC));
}

/* The last number that a line of a file has as @format wants it; ~0 if there is none */
static uint64_t scan_file(const char *dir, const char *name, const char *format)
{
	unsigned long long n = ~0ULL;
	char path[128], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, format, &n);
	if (f)
		fclose(f);

	return n;
}

/* Addresses of the global table in use, bytes; ~0 if the file cannot be read. */
static uint64_t ggtt_used(const char *dir)
{
	return scan_file(dir, "gt0/ggtt", "total: %*u, used %llu");
}

/* TLB invalidations of the first GT; ~0 if the file cannot be read */
static uint64_t invalidations(const char *dir)
{
	return scan_file(dir, "gt0/stats", "tlb_inval_count: %llu");
}

static int write_value(const char *dir, const char *name, const char *text)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);

	return ret;
}

static int read_value(const char *dir, const char *name)
{
	char path[128], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);

	return atoi(text);
}

/* Less than @used is as good: what earlier tests have left behind may have gone meanwhile. */
static int wait_ggtt(const char *dir, uint64_t used)
{
	int64_t end = xe_now() + 30 * NSEC_PER_SEC;

	while (ggtt_used(dir) > used) {
		if (xe_now() > end)
			return -1;
		usleep(10000);
	}

	return 0;
}

/* A context whose translations may still be in use keeps its memory until the GT was reset. */
TEST_F_TIMEOUT(vms, lost_ggtt_invalidation, 120)
{
	struct drm_xe_engine_class_instance eci;
	uint64_t before, with;
	char *dir = self->path;
	uint32_t queue;
	int i;

	*strrchr(dir, '/') = 0;
	if (write_value(dir, "fail_ggtt_inval/verbose", "0"))
		SKIP(return, "kernel without fault injection");

	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &eci));
	before = ggtt_used(dir);
	queue = xe_queue_create(self->fd, self->vm, &eci);
	ASSERT_NE(0, queue);
	with = ggtt_used(dir);
	ASSERT_LT(before, with);

	ASSERT_EQ(0, write_value(dir, "fail_ggtt_inval/times", "1"));
	ASSERT_EQ(0, write_value(dir, "fail_ggtt_inval/probability", "100"));
	ASSERT_EQ(0, xe_queue_destroy(self->fd, queue));
	for (i = 0; i < 3000 && read_value(dir, "fail_ggtt_inval/times"); i++)
		usleep(10000);
	EXPECT_EQ(0, read_value(dir, "fail_ggtt_inval/times"));
	EXPECT_EQ(0, write_value(dir, "fail_ggtt_inval/probability", "0"));

	usleep(500000);
	EXPECT_EQ(with, ggtt_used(dir));
	ASSERT_EQ(0, write_value(dir, "gt0/force_reset_sync", "1"));
	EXPECT_EQ(0, wait_ggtt(dir, before));
}

#define CROWD	32

/* Contexts that go together need one invalidation of the global table, or few, but not one each. */
TEST_F_TIMEOUT(vms, queues_go_together, 120)
{
	struct drm_xe_engine_class_instance eci;
	uint64_t before, sent;
	char *dir = self->path;
	uint32_t vm;
	int fd, i;

	*strrchr(dir, '/') = 0;
	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &eci));
	before = ggtt_used(dir);

	fd = xe_open();
	ASSERT_LE(0, fd);
	vm = xe_vm_create(fd, 0);
	ASSERT_NE(0, vm);
	for (i = 0; i < CROWD; i++)
		ASSERT_NE(0, xe_queue_create(fd, vm, &eci));

	sent = invalidations(dir);
	ASSERT_NE(~0ULL, sent);
	close(fd);
	EXPECT_EQ(0, wait_ggtt(dir, before));
	EXPECT_GT(CROWD / 2, invalidations(dir) - sent);
}

TEST_HARNESS_MAIN
