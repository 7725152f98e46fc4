// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of the trace events: what a client does shows up in the order that
 * Documentation/gpu/xe/observing.rst promises, with the numbers the client used. Each test has a
 * trace instance and a VM of its own, and looks at the events of that VM only. Needs root.
 */
#define _GNU_SOURCE

#include <stdarg.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "xe_uapi.h"

#define TRACEFS		"/sys/kernel/tracing"
#define TRACE_SIZE	0x100000
#define ADDR		0x40000000ULL
#define PAGES(_n)	((_n) * XE_PAGE)
#define SIZE_2M		0x200000ULL
#define ERROR_FAULT	"error=-14"

#define OFFSET_BEGUN		0x800
#define OFFSET_GO		0x840
#define MI_STORE_DWORD		0x10000002u
#define MI_SEMAPHORE_WAIT_EQ	0x0e00c002u

FIXTURE(trace) {
	int fd;
	char dir[64];
	char *text;
	uint32_t vm;
	uint64_t id;
	struct drm_xe_engine_class_instance eci;
};

/* 0 or -errno */
static int write_file(const char *dir, const char *name, const char *value)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return -errno;
	ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

/* All of a file as a string; what does not fit is dropped. */
static void read_file(const char *dir, const char *name, char *text)
{
	size_t n = 0;
	char path[128];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	do {
		got = fd < 0 ? 0 : read(fd, text + n, TRACE_SIZE - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0);
	text[n] = 0;
	if (fd >= 0)
		close(fd);
}

/* Value of "key=" in the line at @line; ~0 if it is not there. */
static uint64_t value(const char *line, const char *key)
{
	const char *end = strchr(line, '\n');
	const char *at = line;
	size_t len = strlen(key);

	while (at && (!end || at < end)) {
		at = strstr(at, key);
		if (at && (!end || at < end) && at[-1] == ' ' && at[len] == '=')
			return strtoull(at + len + 1, NULL, 0);
		at = at ? at + 1 : NULL;
	}

	return ~0ULL;
}

/* Context and number behind "fence=" in the line at @line; 0 if it is not there. */
static void read_fence(const char *line, unsigned long long *context, unsigned long long *seqno)
{
	const char *at = line ? strstr(line, "fence=") : NULL;
	char *end = NULL;

	*context = at ? strtoull(at + strlen("fence="), &end, 10) : 0;
	*seqno = end && *end == ':' ? strtoull(end + 1, NULL, 10) : 0;
}

/* Does the line at @line have all words of @words, which are separated by blanks? */
static int has_words(const char *line, const char *words)
{
	size_t n = strcspn(line, "\n");
	char copy[256], have[512], want[80], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", words);
	snprintf(have, sizeof(have), " %.*s ", (int)(n < 500 ? n : 500), line);
	while ((word = strsep(&rest, " "))) {
		snprintf(want, sizeof(want), " %s ", word);
		if (!strstr(have, want))
			return 0;
	}

	return 1;
}

/* First line at or after @from with all words of the formatted string; NULL if there is none. */
__attribute__((format(printf, 2, 3)))
static const char *find(const char *from, const char *format, ...)
{
	char words[256];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);

	while (from && *from && !has_words(from, words)) {
		from = strchr(from, '\n');
		from = from ? from + 1 : NULL;
	}

	return from && *from ? from : NULL;
}

/* The line must be there, behind @_at, which moves to it. */
#define NEXT(_at, _format, ...) do { \
	const char *_found = find(_at, _format, ##__VA_ARGS__); \
	ASSERT_NE(NULL, _found) \
		TH_LOG("not there, or too early: " _format "\n%s", ##__VA_ARGS__, self->text); \
	(_at) = _found; \
} while (0)

/* Nowhere in the trace. */
#define NEVER(_format, ...) do { \
	const char *_found = find(self->text, _format, ##__VA_ARGS__); \
	EXPECT_EQ(NULL, _found) \
		TH_LOG("must not be there: " _format "\n%s", ##__VA_ARGS__, self->text); \
} while (0)

/* Read the trace until the formatted words are there, for events that come when the GPU is done. */
#define READ_UNTIL(_format, ...) do { \
	int _try = 0; \
	do { \
		if (_try) \
			usleep(20000); \
		read_file(self->dir, "trace", self->text); \
	} while (!find(self->text, _format, ##__VA_ARGS__) && ++_try < 250); \
	ASSERT_NE(NULL, find(self->text, _format, ##__VA_ARGS__)) \
		TH_LOG("never came: " _format "\n%s", ##__VA_ARGS__, self->text); \
} while (0)

/* Phases up to the point of no return, in order; leaves @_at at the commit. */
#define NEXT_COMMIT(_at, _id, _bind, _n) do { \
	unsigned int _i; \
	for (_i = 0; _i < (_n); _i++) { \
		NEXT(_at, "xe_bind_create: vm=%llu bind=%u index=%u", _id, _bind, _i); \
		NEXT(_at, "xe_bind_stage: vm=%llu bind=%u index=%u", _id, _bind, _i); \
	} \
	NEXT(_at, "xe_bind_parse: vm=%llu bind=%u", _id, _bind); \
	NEXT(_at, "xe_bind_commit: vm=%llu bind=%u", _id, _bind); \
} while (0)

FIXTURE_SETUP(trace)
{
	const char *at;

	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");

	if (access(TRACEFS "/instances", F_OK))
		ASSERT_EQ(0, mount("tracefs", TRACEFS, "tracefs", 0, NULL));
	snprintf(self->dir, sizeof(self->dir), TRACEFS "/instances/xe-%d", getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0700));
	self->text = malloc(TRACE_SIZE);
	ASSERT_NE(NULL, self->text);
	ASSERT_EQ(0, write_file(self->dir, "trace_clock", "global"));
	ASSERT_EQ(0, write_file(self->dir, "events/xe/enable", "1"));

	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &self->eci));
	read_file(self->dir, "trace", self->text);
	at = find(self->text, "xe_vm_create:");
	ASSERT_NE(NULL, at);
	self->id = value(at, "vm");
}

FIXTURE_TEARDOWN(trace)
{
	/* To look at, or to put on a page. */
	if (getenv("XE_SHOW_TRACE"))
		fputs(self->text, stdout);
	close(self->fd);
	free(self->text);
	write_file(self->dir, "events/xe/enable", "0");
	EXPECT_EQ(0, rmdir(self->dir));
}

static struct drm_xe_vm_bind_op map_op(int fd, uint64_t addr, uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = xe_gem_create(fd, size, 0),
		.addr = addr,
		.range = size,
		.pat_index = xe_pat_wb(fd),
	};
}

static struct drm_xe_vm_bind_op userptr_op(int fd, void *memory, uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
		.userptr = (uintptr_t)memory,
		.addr = ADDR,
		.range = size,
		.pat_index = xe_pat_wb(fd),
	};
}

/* VM_BIND of @n operations; 0 or -errno */
static int bind_ops(int fd, uint32_t vm, struct drm_xe_vm_bind_op *ops, uint32_t n,
		    struct drm_xe_sync *syncs, uint32_t n_syncs)
{
	return xe_bind_ops(fd, vm, 0, ops, n, syncs, n_syncs);
}

static int bind_one(int fd, uint32_t vm, struct drm_xe_vm_bind_op op)
{
	return bind_ops(fd, vm, &op, 1, NULL, 0);
}

/* A job that stores 1 to OFFSET_BEGUN and ends when the word at OFFSET_GO is 1. */
static void write_batch(uint32_t *page, uint64_t addr)
{
	const uint32_t batch[] = {
		MI_STORE_DWORD, addr + OFFSET_BEGUN, 0, 1,
		MI_SEMAPHORE_WAIT_EQ, 1, addr + OFFSET_GO, 0,
		XE_MI_BATCH_END,
	};

	memcpy(page, batch, sizeof(batch));
}

static void store_word(uint32_t *page, unsigned int offset, uint32_t val)
{
	*(volatile uint32_t *)(page + offset / sizeof(*page)) = val;
}

static int wait_word(uint32_t *page, unsigned int offset)
{
	int64_t end = xe_now() + 10 * NSEC_PER_SEC;

	while (!*(volatile uint32_t *)(page + offset / sizeof(*page)))
		if (xe_now() > end)
			return -1;

	return 0;
}

TEST_F(trace, bind_at_once)
{
	unsigned long long id = self->id;
	const char *at = self->text;

	ASSERT_EQ(0, bind_one(self->fd, self->vm, map_op(self->fd, ADDR, PAGES(2))));
	READ_UNTIL("xe_bind_done: vm=%llu bind=1", id);

	NEXT_COMMIT(at, id, 1, 1);
	NEXT(at, "xe_bind_write: vm=%llu bind=1", id);
	NEXT(at, "xe_bind_execute: vm=%llu bind=1 error=0", id);
	NEXT(at, "xe_bind_finish: vm=%llu bind=1 error=0", id);
	NEXT(at, "xe_bind_done: vm=%llu bind=1 error=0", id);

	at = self->text;
	NEXT(at, "xe_bind_create: op=map flags=0x0 addr=0x40000000 range=0x2000 steps=1");
	NEXT(at, "xe_bind_parse: deferred=0 inval=0");
	EXPECT_GE(ADDR, value(at, "first"));
	EXPECT_LE(ADDR + PAGES(2) - 1, value(at, "last"));
	EXPECT_LE(2, value(at, "entries"));
	NEVER("xe_bind_unwind:");
}

TEST_F(trace, bind_deferred)
{
	struct drm_xe_vm_bind_op op = map_op(self->fd, XE_BATCH_ADDR, XE_PAGE);
	uint32_t queue = xe_queue_create(self->fd, self->vm, &self->eci);
	uint32_t *page = xe_gem_map(self->fd, op.obj, XE_PAGE);
	struct drm_xe_sync syncs[] = {
		xe_sync_out(xe_syncobj_create(self->fd, 0)),
		xe_sync_out(xe_syncobj_create(self->fd, 0)),
	};
	struct drm_xe_exec exec = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)syncs,
	};
	unsigned long long id = self->id, context, seqno;
	const char *at = self->text;

	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_NE(0, queue);
	write_batch(page, XE_BATCH_ADDR);
	ASSERT_EQ(0, bind_one(self->fd, self->vm, op));
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &exec));

	/* The bind waits for the job, and the job for us. */
	op = map_op(self->fd, ADDR, XE_PAGE);
	syncs[0].flags = 0;
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1, syncs, 2));
	READ_UNTIL("xe_bind_finish: vm=%llu bind=2", id);
	NEVER("xe_bind_write: bind=2");
	NEVER("xe_bind_done: bind=2");
	NEXT(at, "xe_bind_commit: vm=%llu bind=2", id);
	read_fence(at, &context, &seqno);
	EXPECT_NE(0, context);

	store_word(page, OFFSET_GO, 1);
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, syncs[1].handle, 5 * NSEC_PER_SEC));
	READ_UNTIL("xe_bind_done: vm=%llu bind=2", id);
	at = self->text;
	NEXT_COMMIT(at, id, 2, 1);
	NEXT(at, "xe_bind_execute: vm=%llu bind=2 fence=%llu:%llu", id, context, seqno);
	NEXT(at, "xe_bind_finish: vm=%llu bind=2 fence=%llu:%llu", id, context, seqno);
	NEXT(at, "xe_bind_write: vm=%llu bind=2 deferred=1", id);
	NEXT(at, "xe_bind_done: vm=%llu bind=2 fence=%llu:%llu error=0", id, context, seqno);
}

TEST_F(trace, unmap_invalidates)
{
	unsigned long long id = self->id, context, seqno;
	const char *at = self->text;
	char fence[64];

	ASSERT_EQ(0, bind_one(self->fd, self->vm, map_op(self->fd, ADDR, XE_PAGE)));
	ASSERT_EQ(0, bind_one(self->fd, self->vm, xe_unmap_op(ADDR, XE_PAGE)));
	READ_UNTIL("xe_bind_done: vm=%llu bind=2", id);

	NEXT_COMMIT(at, id, 2, 1);
	NEXT(at, "xe_bind_write: vm=%llu bind=2 inval=1", id);
	NEXT(at, "xe_bind_execute: vm=%llu bind=2", id);
	read_fence(at, &context, &seqno);
	ASSERT_NE(0, context);
	snprintf(fence, sizeof(fence), "fence=%llu:%llu", context, seqno);

	/* The fence of the bind is that of its invalidation. */
	at = self->text;
	NEXT(at, "xe_bind_write: vm=%llu bind=2", id);
	NEXT(at, "xe_tlb_inval_issue: %s", fence);
	NEXT(at, "xe_tlb_inval_send: %s", fence);
	seqno = value(at, "number");
	EXPECT_NE(0, seqno);
	NEXT(at, "xe_tlb_inval_ack: %s number=%llu", fence, seqno);
	NEXT(at, "xe_bind_done: vm=%llu bind=2 %s error=0", id, fence);
}

/* The worked example of Documentation/gpu/xe/vm-bind.rst. */
TEST_F(trace, cut_large_page)
{
	unsigned long long id = self->id, half = ADDR + SIZE_2M / 2, end = ADDR + SIZE_2M;
	const char *at = self->text;

	ASSERT_EQ(0, bind_one(self->fd, self->vm, map_op(self->fd, ADDR, SIZE_2M)));
	READ_UNTIL("xe_bind_done: vm=%llu bind=1", id);
	NEXT(at, "xe_bind_parse: vm=%llu bind=1", id);
	if (value(at, "entries") >= SIZE_2M / XE_PAGE)
		SKIP(return, "no 2 MiB of contiguous memory");

	ASSERT_EQ(0, bind_one(self->fd, self->vm, map_op(self->fd, half, SIZE_2M / 2)));
	READ_UNTIL("xe_bind_done: vm=%llu bind=2", id);

	at = self->text;
	NEXT(at, "xe_bind_create: vm=%llu bind=2 op=map addr=%#llx range=0x100000 steps=2", id,
	     half);
	NEXT(at, "xe_bind_remap: vm=%llu bind=2 start=%#llx end=%#llx prev_end=%#llx", id, ADDR,
	     end, half);
	/* A table of 512 entries for the page, and one store that leads to it. */
	NEXT(at, "xe_bind_parse: vm=%llu bind=2 first=%#llx last=%#llx entries=513 inval=1", id,
	     ADDR, end - 1);
	NEXT(at, "xe_bind_commit: vm=%llu bind=2", id);
	NEXT(at, "xe_bind_write: vm=%llu bind=2 entries=1 deferred=0 inval=1", id);
	NEXT(at, "xe_bind_execute: vm=%llu bind=2 error=0", id);
	NEXT(at, "xe_bind_done: vm=%llu bind=2 error=0", id);
}

TEST_F(trace, array_in_order)
{
	struct drm_xe_vm_bind_op ops[] = {
		map_op(self->fd, ADDR, PAGES(4)),
		xe_unmap_op(ADDR + PAGES(1), XE_PAGE),
		map_op(self->fd, ADDR + PAGES(8), XE_PAGE),
	};
	unsigned long long id = self->id;
	const char *at = self->text;

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, 3, NULL, 0));
	READ_UNTIL("xe_bind_done: vm=%llu bind=1", id);
	NEXT_COMMIT(at, id, 1, 3);
	NEXT(at, "xe_bind_finish: vm=%llu bind=1", id);
	NEXT(at, "xe_bind_done: vm=%llu bind=1", id);

	/* What the second operation cut out of the first. */
	at = self->text;
	NEXT(at, "xe_bind_stage: index=1 op=unmap steps=1");
	NEXT(at, "xe_bind_remap: vm=%llu bind=1 start=%#llx end=%#llx", id, ADDR, ADDR + PAGES(4));
	EXPECT_EQ(ADDR + PAGES(1), value(at, "prev_end"));
	EXPECT_EQ(ADDR + PAGES(2), value(at, "next_start"));
}

TEST_F(trace, failure_unwinds)
{
	struct drm_xe_vm_bind_op ops[] = {
		map_op(self->fd, ADDR + PAGES(16), XE_PAGE),
		userptr_op(self->fd, (void *)(uintptr_t)xe_bad_pointer(), XE_PAGE),
	};
	unsigned long long id = self->id;
	const char *at = self->text;

	ASSERT_EQ(-EFAULT, bind_ops(self->fd, self->vm, ops, 2, NULL, 0));
	READ_UNTIL("xe_bind_unwind: vm=%llu bind=1", id);
	NEXT(at, "xe_bind_create: vm=%llu bind=1 index=0", id);
	NEXT(at, "xe_bind_stage: vm=%llu bind=1 index=0", id);
	NEXT(at, "xe_bind_create: vm=%llu bind=1 index=1 op=map-userptr", id);
	NEXT(at, "xe_bind_stage: vm=%llu bind=1 index=1", id);
	NEXT(at, "xe_bind_unwind: vm=%llu bind=1 " ERROR_FAULT, id);
	NEVER("xe_bind_commit:");
	NEVER("xe_bind_finish:");
	NEVER("xe_bind_done:");

	/* The next bind has the next number. */
	ASSERT_EQ(0, bind_one(self->fd, self->vm, ops[0]));
	READ_UNTIL("xe_bind_finish: vm=%llu bind=2", id);
}

TEST_F(trace, userptr_and_job)
{
	void *memory = mmap(NULL, PAGES(2), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long long id = self->id, start = (uintptr_t)memory;
	struct drm_xe_vm_bind_op op = map_op(self->fd, XE_BATCH_ADDR, XE_PAGE);
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(self->fd, 0));
	struct drm_xe_exec exec = {
		.exec_queue_id = xe_queue_create(self->fd, self->vm, &self->eci),
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	uint32_t *page = xe_gem_map(self->fd, op.obj, XE_PAGE);
	unsigned long long context, seqno;
	const char *at = self->text;

	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_NE(MAP_FAILED, (void *)page);
	page[0] = XE_MI_BATCH_END;
	ASSERT_EQ(0, bind_one(self->fd, self->vm, op));
	ASSERT_EQ(0, bind_one(self->fd, self->vm, userptr_op(self->fd, memory, PAGES(2))));
	ASSERT_EQ(0, munmap(memory, PAGES(2)));
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &exec));
	ASSERT_EQ(0, xe_syncobj_wait(self->fd, sync.handle, 5 * NSEC_PER_SEC));
	READ_UNTIL("xe_job_done:");

	NEXT(at, "xe_bind_finish: vm=%llu bind=2", id);
	NEXT(at, "xe_userptr_invalidate: vm=%llu start=%#llx end=%#llx", id, start,
	     start + PAGES(2));
	NEXT(at, "xe_userptr_invalidate_done: vm=%llu start=%#llx", id, start);
	NEXT(at, "xe_userptr_repin: vm=%llu start=%#llx", id, start);
	NEXT(at, "xe_bind_parse: vm=%llu bind=3", id);
	NEXT(at, "xe_rebind_vma: vm=%llu bind=3 start=%#llx end=%#llx unbacked=1", id, ADDR,
	     ADDR + PAGES(2));
	NEXT(at, "xe_rebind_execute: vm=%llu bind=3", id);
	NEXT(at, "xe_job_push: batch=%#llx", XE_BATCH_ADDR);
	read_fence(at, &context, &seqno);
	NEXT(at, "xe_job_run: fence=%llu:%llu", context, seqno);
	NEXT(at, "xe_job_done: fence=%llu:%llu error=0", context, seqno);
}

TEST_F(trace, preempt_and_resume)
{
	uint32_t vm = xe_vm_create(self->fd, DRM_XE_VM_CREATE_FLAG_LR_MODE);
	void *memory = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct drm_xe_vm_bind_op op = map_op(self->fd, XE_BATCH_ADDR, XE_PAGE);
	uint32_t queue = xe_queue_create(self->fd, vm, &self->eci);
	struct drm_xe_exec exec = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
	};
	unsigned long long context, seqno;
	const char *at = self->text;
	uint32_t *page = xe_gem_map(self->fd, op.obj, XE_PAGE);

	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_NE(0, queue);
	write_batch(page, XE_BATCH_ADDR);
	ASSERT_EQ(0, bind_one(self->fd, vm, op));
	ASSERT_EQ(0, bind_one(self->fd, vm, userptr_op(self->fd, memory, XE_PAGE)));
	ASSERT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &exec));
	ASSERT_EQ(0, wait_word(page, OFFSET_BEGUN));

	/* The kernel takes the page: the queue leaves the hardware, then comes back. */
	ASSERT_EQ(0, madvise(memory, XE_PAGE, MADV_DONTNEED));
	READ_UNTIL("xe_preempt_done:");
	read_fence(find(self->text, "xe_preempt_done:"), &context, &seqno);
	ASSERT_NE(0, context);
	READ_UNTIL("xe_preempt_resume: fence=%llu:%llu", context, seqno + 1);
	store_word(page, OFFSET_GO, 1);

	NEXT(at, "xe_preempt_resume: fence=%llu:%llu", context, seqno);
	NEXT(at, "xe_userptr_invalidate: start=%#llx", (unsigned long long)(uintptr_t)memory);
	NEXT(at, "xe_preempt_trigger: fence=%llu:%llu", context, seqno);
	NEXT(at, "xe_preempt_done: fence=%llu:%llu", context, seqno);
	NEXT(at, "xe_rebind_vma: start=%#llx unbacked=0", ADDR);
	NEXT(at, "xe_rebind_execute:");
	NEXT(at, "xe_preempt_resume: fence=%llu:%llu", context, seqno + 1);
}

TEST_F(trace, no_pointers)
{
	ASSERT_EQ(0, bind_one(self->fd, self->vm, map_op(self->fd, ADDR, XE_PAGE)));
	ASSERT_EQ(0, bind_one(self->fd, self->vm, xe_unmap_op(ADDR, XE_PAGE)));
	READ_UNTIL("xe_bind_done: bind=2");
	EXPECT_EQ(NULL, strstr(self->text, "ffff8")) TH_LOG("%s", self->text);
	EXPECT_EQ(NULL, strstr(self->text, "ffffc")) TH_LOG("%s", self->text);
}

TEST_HARNESS_MAIN
