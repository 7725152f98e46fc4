// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of mappings of process memory: whatever the process does to its memory, the next job finds
 * what the process would find, and a job that runs keeps what it had when it began.
 */
#define _GNU_SOURCE

#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "xe_client.h"
#include "xe_uapi.h"

/* Offsets in the memory of the batches */
#define BATCH_READ	0x0000
#define BATCH_WRITE	0x0400
#define BATCH_LATE	0x0800
#define BATCH_LOOP	0x0c00
#define BATCH_EMPTY	0x1000
#define BATCH_WAIT	0x1400
#define WORD_GO		0x1800
#define WORD_RUN	0x1840
#define WORDS_READ	0x1c00

#define DATA_ADDR	0x100000000ULL
#define ALIAS_ADDR	0x200000000ULL
#define SIZE_2M		0x200000ULL
/* One word in each page, or in each part of a large one */
#define MARKS		16
#define DATA_SIZE	(MARKS * XE_PAGE)
#define LATE_OFFSET	(DATA_SIZE - 8)
/* The page that things happen to */
#define VICTIM		5
#define VALUE		0x600d0000u
/* More than the driver looks for at once */
#define BIG_SIZE	(8 * SIZE_2M)
/* More than the mappings of one page that a debug kernel can count, which are seven */
#define ROUNDS		32

/* A control group of memory, and what its members may have of it */
#define GROUPS		"/tmp/xe-groups"
#define GROUP		GROUPS "/poor"
#define GROUP_LIMIT	"4194304"
#define MORE_THAN_LIMIT	(64ULL << 20)

FIXTURE(userptr) {
	struct xe_client client;
	volatile uint32_t *data;
};

/* Copy a word of each of @MARKS parts, and store one to each; @spacing: of the parts. */
static void write_batches(uint32_t *batches, uint64_t spacing)
{
	uint32_t *dw = batches + BATCH_READ / 4;
	unsigned int i;

	for (i = 0; i < MARKS; i++)
		dw = xe_put_copy(dw, XE_BATCH_ADDR + WORDS_READ + 4 * i, DATA_ADDR + i * spacing);
	xe_put_end(dw);

	dw = batches + BATCH_WRITE / 4;
	for (i = 0; i < MARKS; i++)
		dw = xe_put_store(dw, DATA_ADDR + i * spacing, VALUE + i);
	xe_put_end(dw);

	dw = xe_put_wait(batches + BATCH_LATE / 4, XE_BATCH_ADDR + WORD_GO);
	xe_put_end(xe_put_store(dw, DATA_ADDR + LATE_OFFSET, VALUE));
	xe_put_store_loop(batches + BATCH_LOOP / 4, XE_BATCH_ADDR + BATCH_LOOP, DATA_ADDR, VALUE,
			  XE_BATCH_ADDR + WORD_RUN);
	xe_put_end(batches + BATCH_EMPTY / 4);
	xe_put_end(xe_put_wait(batches + BATCH_WAIT / 4, XE_BATCH_ADDR + WORD_GO));
}

static void *map_memory(void *at, size_t size)
{
	return mmap(at, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
}

static void fill(volatile uint32_t *data, uint32_t first)
{
	unsigned int i;

	for (i = 0; i < MARKS; i++)
		data[i * XE_PAGE / 4] = first + i;
}

/* Number of pages whose mark is not as it should be. */
static unsigned int differ(const volatile uint32_t *data, uint32_t first)
{
	unsigned int i, n = 0;

	for (i = 0; i < MARKS; i++)
		n += data[i * XE_PAGE / 4] != first + i;

	return n;
}

/* Have the GPU look at the marks. Returns what it found, NULL if the job failed. */
static volatile uint32_t *look(const struct xe_client *c)
{
	volatile uint32_t *words = xe_client_word(c, WORDS_READ);
	unsigned int i;

	for (i = 0; i < MARKS; i++)
		words[i] = ~0u;

	return xe_client_run(c, BATCH_READ) ? NULL : words;
}

/* Number of marks that the GPU does not find as they should be. */
static unsigned int misread(const struct xe_client *c, uint32_t first)
{
	volatile uint32_t *words = look(c);
	unsigned int i, n = 0;

	for (i = 0; words && i < MARKS; i++)
		n += words[i] != first + i;

	return words ? n : MARKS;
}

/* Map memory of the process that has marks, and have the GPU look. Returns NULL if that fails. */
static volatile uint32_t *bind_marks(const struct xe_client *c)
{
	volatile uint32_t *data = map_memory(NULL, DATA_SIZE);

	if (data == MAP_FAILED)
		return NULL;
	fill(data, ~VALUE);

	return xe_client_bind_userptr(c, data, DATA_ADDR, DATA_SIZE, 0) || misread(c, ~VALUE) ?
	       NULL : data;
}

/* Number of marks that the GPU finds not to be 0. */
static unsigned int nonzero(const struct xe_client *c)
{
	volatile uint32_t *words = look(c);
	unsigned int i, n = 0;

	for (i = 0; words && i < MARKS; i++)
		n += !!words[i];

	return words ? n : MARKS;
}

/* Move memory elsewhere, and put other memory, all zero, in the place of its first @size bytes. */
static volatile uint32_t *exchange(volatile uint32_t *data, size_t whole, size_t size)
{
	void *there = map_memory(NULL, whole);

	if (mremap((void *)data, whole, whole, MREMAP_MAYMOVE | MREMAP_FIXED, there) != there ||
	    map_memory((void *)data, size) != data)
		return NULL;

	return there;
}

FIXTURE_SETUP(userptr)
{
	int fd = xe_open();

	if (fd < 0)
		SKIP(return, "no xe device");
	ASSERT_EQ(0, xe_client_init(&self->client, fd, 0));
	write_batches(self->client.batches, XE_PAGE);
	self->data = bind_marks(&self->client);
	ASSERT_NE(NULL, (void *)self->data);
}

FIXTURE_TEARDOWN(userptr)
{
	if (self->client.batches)
		*xe_client_word(&self->client, WORD_GO) = 1;
	close(self->client.fd);
}

TEST_F(userptr, pages_that_are_not_needed)
{
	const struct xe_client *c = &self->client;

	ASSERT_EQ(0, madvise((void *)self->data, DATA_SIZE, MADV_DONTNEED));
	EXPECT_EQ(0, nonzero(c));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));

	ASSERT_EQ(0, madvise((void *)self->data, DATA_SIZE, MADV_DONTNEED));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));
}

/* A hole takes the whole mapping out of use, nothing else; filling it brings the mapping back. */
TEST_F(userptr, hole)
{
	const struct xe_client *c = &self->client;
	uint8_t *page = (uint8_t *)self->data + VICTIM * XE_PAGE;

	ASSERT_EQ(0, munmap(page, XE_PAGE));
	EXPECT_EQ(0, xe_client_run(c, BATCH_EMPTY));
	EXPECT_EQ(0, xe_client_run(c, BATCH_EMPTY));

	ASSERT_EQ(page, map_memory(page, XE_PAGE));
	*(uint32_t *)page = ~VALUE + VICTIM;
	EXPECT_EQ(0, misread(c, ~VALUE));
	EXPECT_EQ(0, xe_queue_is_banned(c->fd, c->queue));
}

/* A mapping is of addresses, not of the pages that were there. */
TEST_F(userptr, moved_away)
{
	const struct xe_client *c = &self->client;
	volatile uint32_t *moved = exchange(self->data, DATA_SIZE, DATA_SIZE);

	ASSERT_NE(NULL, (void *)moved);
	EXPECT_EQ(0, nonzero(c));

	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));
	EXPECT_EQ(0, differ(moved, ~VALUE));
}

/* Parent and child have copies after a fork, and the GPU works on that of the parent. */
TEST_F(userptr, fork_makes_copies)
{
	const struct xe_client *c = &self->client;
	int written[2], status;
	pid_t child;
	char byte;

	ASSERT_EQ(0, pipe(written));
	child = fork();
	ASSERT_GE(child, 0);
	if (!child)
		_exit(read(written[0], &byte, 1) == 1 && !differ(self->data, ~VALUE) ? 0 : 1);

	EXPECT_EQ(0, misread(c, ~VALUE));
	EXPECT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));
	ASSERT_EQ(1, write(written[1], "", 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, misread(c, VALUE));
}

/* What was one page of 2 MiB when it was mapped loses a small one out of its middle. */
TEST_F(userptr, huge_page_is_split)
{
	const uint64_t spacing = SIZE_2M / MARKS;
	struct xe_client *c = &self->client;
	volatile uint32_t *words, *huge;
	uint8_t *memory;
	unsigned int i;

	memory = map_memory(NULL, 2 * SIZE_2M);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	memory = (uint8_t *)(((uintptr_t)memory + SIZE_2M - 1) & -SIZE_2M);
	ASSERT_EQ(0, madvise(memory, SIZE_2M, MADV_HUGEPAGE));
	memset(memory, 0, SIZE_2M);
	huge = (uint32_t *)memory;
	write_batches(c->batches, spacing);
	ASSERT_EQ(0, xe_client_bind_userptr(c, memory, DATA_ADDR, SIZE_2M, 0));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	ASSERT_EQ(0, misread(c, VALUE));

	ASSERT_EQ(0, madvise(memory + VICTIM * spacing, XE_PAGE, MADV_DONTNEED));
	huge[(VICTIM + 1) * spacing / 4] = ~VALUE;
	words = look(c);
	ASSERT_NE(NULL, (void *)words);
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(i == VICTIM ? 0 : i == VICTIM + 1 ? ~VALUE : VALUE + i, words[i]);

	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(VALUE + i, huge[i * spacing / 4]);
}

/* The GPU may not do more than the process. */
TEST_F(userptr, permissions)
{
	const struct xe_client *c = &self->client;
	void *page = (uint8_t *)self->data + VICTIM * XE_PAGE;

	ASSERT_EQ(0, mprotect(page, XE_PAGE, PROT_READ));
	EXPECT_EQ(-EPERM, xe_client_bind_userptr(c, self->data, ALIAS_ADDR, DATA_SIZE, 0));
	EXPECT_EQ(0, xe_client_bind_userptr(c, self->data, ALIAS_ADDR, DATA_SIZE,
					    DRM_XE_VM_BIND_FLAG_READONLY));
	EXPECT_EQ(0, xe_client_run(c, BATCH_EMPTY));

	ASSERT_EQ(0, mprotect(page, XE_PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, xe_client_bind_userptr(c, self->data, ALIAS_ADDR, DATA_SIZE,
						  DRM_XE_VM_BIND_FLAG_READONLY));
	EXPECT_EQ(0, xe_client_run(c, BATCH_EMPTY));

	ASSERT_EQ(0, mprotect(page, XE_PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, misread(c, ~VALUE));
	EXPECT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));
}

/* Memory of a file changes behind the back of the process that maps it. */
TEST_F(userptr, file_loses_pages)
{
	const struct xe_client *c = &self->client;
	volatile uint32_t *file, *words;
	unsigned int i;
	int fd;

	fd = memfd_create("userptr", MFD_CLOEXEC);
	ASSERT_EQ(0, ftruncate(fd, DATA_SIZE));
	file = mmap(NULL, DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)file);
	ASSERT_EQ(0, xe_client_bind_userptr(c, file, DATA_ADDR, DATA_SIZE, 0));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(file, VALUE));

	ASSERT_EQ(0, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, VICTIM * XE_PAGE,
			       XE_PAGE));
	words = look(c);
	ASSERT_NE(NULL, (void *)words);
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(i == VICTIM ? 0 : VALUE + i, words[i]);

	/* There is memory, but nothing behind it. */
	ASSERT_EQ(0, ftruncate(fd, 0));
	EXPECT_EQ(0, xe_client_run(c, BATCH_EMPTY));
	ASSERT_EQ(0, ftruncate(fd, DATA_SIZE));
	EXPECT_EQ(0, nonzero(c));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(file, VALUE));
	close(fd);
}

/*
 * Pages that the process may write and has only read. They look to the kernel as if they could be
 * had from the file again, which is a hole, when it wants the memory.
 */
TEST_F(userptr, written_pages_are_not_dropped)
{
	const struct xe_client *c = &self->client;
	int file = memfd_create("clean", MFD_CLOEXEC);
	volatile uint32_t *clean;

	ASSERT_GE(file, 0);
	ASSERT_EQ(0, ftruncate(file, DATA_SIZE));
	clean = mmap(NULL, DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ASSERT_NE(MAP_FAILED, (void *)clean);
	EXPECT_EQ(MARKS, differ(clean, VALUE));

	ASSERT_EQ(0, xe_client_bind_userptr(c, clean, DATA_ADDR, DATA_SIZE, 0));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	ASSERT_EQ(0, madvise((void *)clean, DATA_SIZE, MADV_PAGEOUT));
	EXPECT_EQ(0, differ(clean, VALUE));
	EXPECT_EQ(0, misread(c, VALUE));

	/* Once more, with pages that have been found again. */
	fill(clean, ~VALUE);
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	ASSERT_EQ(0, madvise((void *)clean, DATA_SIZE, MADV_PAGEOUT));
	EXPECT_EQ(0, differ(clean, VALUE));
	close(file);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);

	return ret;
}

static int make_group(void)
{
	mkdir(GROUPS, 0700);
	if (mount("none", GROUPS, "cgroup2", 0, NULL))
		return -1;
	if (write_text(GROUPS "/cgroup.subtree_control", "+memory") ||
	    (mkdir(GROUP, 0700) && errno != EEXIST) ||
	    write_text(GROUP "/memory.max", GROUP_LIMIT)) {
		umount(GROUPS);
		return -1;
	}

	return 0;
}

/* Bind more than the group may have, as a process that nobody kills for that. */
static int bind_too_much(const struct xe_client *c)
{
	void *memory = map_memory(NULL, MORE_THAN_LIMIT);

	if (memory == MAP_FAILED || write_text("/proc/self/oom_score_adj", "-1000") ||
	    write_text(GROUP "/cgroup.procs", "0"))
		return 0;

	return -xe_client_bind_userptr(c, memory, ALIAS_ADDR, MORE_THAN_LIMIT, 0);
}

/* A page that there is no memory for is something else than an address where nothing is mapped. */
TEST_F(userptr, no_memory_is_no_hole)
{
	int status;
	pid_t pid;

	if (make_group())
		SKIP(return, "no control groups of memory");

	pid = fork();
	if (!pid)
		_exit(bind_too_much(&self->client));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(ENOMEM, WEXITSTATUS(status));

	rmdir(GROUP);
	umount(GROUPS);
	rmdir(GROUPS);
	EXPECT_EQ(0, misread(&self->client, ~VALUE));
}

/* Pieces of a mapping that was cut, and a second mapping of the same memory, all follow it. */
TEST_F(userptr, pieces_and_aliases)
{
	const struct xe_client *c = &self->client;
	const struct drm_xe_vm_bind_op unmap = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = DATA_ADDR + VICTIM * XE_PAGE,
		.range = XE_PAGE,
	};

	ASSERT_EQ(0, xe_client_bind(c, &unmap));
	ASSERT_EQ(0, xe_client_bind_userptr(c, (uint8_t *)self->data + VICTIM * XE_PAGE, unmap.addr,
					    XE_PAGE, 0));
	EXPECT_EQ(0, misread(c, ~VALUE));
	ASSERT_EQ(0, madvise((void *)self->data, DATA_SIZE, MADV_DONTNEED));
	EXPECT_EQ(0, nonzero(c));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(self->data, VALUE));
}

/* DMA mappings of the driver's devices; 0 if the kernel keeps no list of them */
static unsigned int count_dma_mappings(void)
{
	FILE *f = fopen("/sys/kernel/debug/dma-api/dump", "r");
	unsigned int n = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		n += !strncmp(line, "xe ", 3);
	if (f)
		fclose(f);

	return n;
}

/*
 * Each round maps the same memory anew, and its job ends before the next begins: in the end the
 * pages are mapped for the last one only. Debug kernels list the mappings; others check the data.
 */
TEST_F(userptr, replaced_mappings_let_go_of_pages)
{
	const struct xe_client *c = &self->client;
	unsigned int i, before = count_dma_mappings();
	int64_t end;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, xe_client_bind_userptr(c, self->data, DATA_ADDR, DATA_SIZE, 0));
		ASSERT_EQ(0, misread(c, ~VALUE));
	}

	/* A worker lets go, shortly after the job. */
	end = xe_now() + XE_PATIENCE;
	while (count_dma_mappings() > before && xe_now() < end)
		usleep(1000);
	EXPECT_GE(before, count_dma_mappings());
}

/* A thread that gives pages away. */
struct giver {
	pthread_t thread;
	void *data;
	/* 0 until it runs */
	volatile pid_t tid;
	volatile bool done;
};

static void *give_away(void *arg)
{
	struct giver *g = arg;

	g->tid = syscall(SYS_gettid);
	madvise(g->data, DATA_SIZE, MADV_DONTNEED);
	g->done = true;

	return NULL;
}

/* Does the thread wait for a fence? False also if it is through without. */
static bool waits_for_fence(struct giver *g)
{
	const int64_t end = xe_now() + XE_PATIENCE;
	char path[64], where[64];
	FILE *f;

	while (xe_now() < end && !g->done) {
		usleep(1000);
		if (!g->tid)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", g->tid);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (!fgets(where, sizeof(where), f))
			where[0] = 0;
		fclose(f);
		if (strstr(where, "dma_fence"))
			return true;
	}

	return false;
}

/* Pages are not given away under a job, and what it stores before it ends goes with them. */
TEST_F(userptr, running_job_keeps_pages)
{
	const struct xe_client *c = &self->client;
	struct giver giver = { .data = (void *)self->data };

	if (access("/proc/self/wchan", R_OK))
		SKIP(return, "the kernel does not tell where a thread waits");

	ASSERT_EQ(0, xe_client_start(c, BATCH_LATE));
	ASSERT_EQ(0, pthread_create(&giver.thread, NULL, give_away, &giver));
	EXPECT_TRUE(waits_for_fence(&giver));
	*xe_client_word(c, WORD_GO) = 1;
	ASSERT_EQ(0, pthread_join(giver.thread, NULL));
	ASSERT_EQ(0, xe_syncobj_wait(c->fd, c->out, XE_PATIENCE));

	EXPECT_EQ(0, self->data[LATE_OFFSET / 4]);
	EXPECT_EQ(0, nonzero(c));
	EXPECT_EQ(0, xe_client_run(c, BATCH_LATE));
	EXPECT_EQ(VALUE, self->data[LATE_OFFSET / 4]);
}

/* A long-running job is taken off the engine while its pages go, and goes on with new ones. */
TEST_F(userptr, long_running_job_follows)
{
	struct xe_client lr = {};
	struct drm_xe_exec exec = {
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR + BATCH_LOOP,
	};
	unsigned int i;

	ASSERT_EQ(0, xe_client_init(&lr, self->client.fd, DRM_XE_VM_CREATE_FLAG_LR_MODE));
	write_batches(lr.batches, XE_PAGE);
	ASSERT_EQ(0, xe_client_bind_userptr(&lr, self->data, DATA_ADDR, DATA_SIZE, 0));
	*xe_client_word(&lr, WORD_RUN) = 1;
	exec.exec_queue_id = lr.queue;
	ASSERT_EQ(0, xe_call(lr.fd, DRM_IOCTL_XE_EXEC, &exec));
	EXPECT_TRUE(xe_is_stored_to(self->data, VALUE));

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, madvise((void *)self->data, DATA_SIZE, MADV_DONTNEED));
		EXPECT_TRUE(xe_is_stored_to(self->data, VALUE));
	}
	*xe_client_word(&lr, WORD_RUN) = 0;
	EXPECT_EQ(0, xe_queue_is_banned(lr.fd, lr.queue));
}

/*
 * What was found of a mapping before its other half turned out to be missing is no reason to leave
 * the entries of a piece of it alone.
 */
TEST_F(userptr, found_in_part_then_cut)
{
	const struct drm_xe_vm_bind_op prefetch = {
		.op = DRM_XE_VM_BIND_OP_PREFETCH,
		.addr = DATA_ADDR,
		.range = BIG_SIZE,
	};
	const struct drm_xe_vm_bind_op unmap = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = DATA_ADDR + BIG_SIZE / 2,
		.range = BIG_SIZE / 2,
	};
	const struct xe_client *c = &self->client;
	volatile uint32_t *big, *moved;

	big = map_memory(NULL, BIG_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)big);
	fill(big, ~VALUE);
	ASSERT_EQ(0, xe_client_bind_userptr(c, big, DATA_ADDR, BIG_SIZE, 0));
	ASSERT_EQ(0, misread(c, ~VALUE));

	moved = exchange(big, BIG_SIZE, BIG_SIZE / 2);
	ASSERT_NE(NULL, (void *)moved);
	EXPECT_EQ(-EFAULT, xe_client_bind(c, &prefetch));
	ASSERT_EQ(0, xe_client_bind(c, &unmap));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	EXPECT_EQ(0, differ(big, VALUE));
	EXPECT_EQ(0, differ(moved, ~VALUE));
}

/* The same with pieces that a bind was about to make when it failed. */
TEST_F(userptr, found_for_pieces_then_cut)
{
	const struct xe_client *c = &self->client;
	const struct drm_xe_vm_bind_op unmap = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = DATA_ADDR + VICTIM * XE_PAGE,
		.range = XE_PAGE,
		.pat_index = xe_pat_wb(c->fd),
	};
	struct drm_xe_vm_bind_op ops[] = {
		unmap,
		{
			.op = DRM_XE_VM_BIND_OP_PREFETCH,
			.addr = DATA_ADDR,
			.range = DATA_SIZE,
		}, {
			.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
			.userptr = xe_bad_pointer(),
			.addr = ALIAS_ADDR,
			.range = XE_PAGE,
			.pat_index = xe_pat_wb(c->fd),
		},
	};
	volatile uint32_t *moved = exchange(self->data, DATA_SIZE, DATA_SIZE);
	const struct drm_xe_vm_bind_op null = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = DRM_XE_VM_BIND_FLAG_NULL,
		.addr = unmap.addr,
		.range = XE_PAGE,
	};
	unsigned int i;

	ASSERT_NE(NULL, (void *)moved);
	EXPECT_EQ(-EFAULT, xe_bind_ops(c->fd, c->vm, 0, ops, 3, NULL, 0));
	ASSERT_EQ(0, xe_client_bind(c, &null));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(i == VICTIM ? 0 : VALUE + i, self->data[i * XE_PAGE / 4]);
	EXPECT_EQ(0, differ(moved, ~VALUE));
}

/*
 * Entries name pages that the process has moved away, and a bind that has to wait for a job of
 * somebody else takes the mapping away from the next job, which would have had them rewritten.
 */
FIXTURE(behind) {
	struct xe_client client;
	struct xe_client aside;
	volatile uint32_t *data;
};

FIXTURE_VARIANT(behind) {
	struct drm_xe_vm_bind_op op;
	/* Marks that jobs store to the memory of the process afterwards: from here on none */
	unsigned int end;
};

FIXTURE_VARIANT_ADD(behind, prefetch) {
	.op = {
		.op = DRM_XE_VM_BIND_OP_PREFETCH,
		.addr = DATA_ADDR,
		.range = DATA_SIZE,
	},
	.end = MARKS,
};

FIXTURE_VARIANT_ADD(behind, unmap) {
	.op = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = DATA_ADDR,
		.range = DATA_SIZE,
	},
};

FIXTURE_VARIANT_ADD(behind, cut) {
	.op = {
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = DATA_ADDR + VICTIM * XE_PAGE,
		.range = DATA_SIZE - VICTIM * XE_PAGE,
	},
	.end = VICTIM,
};

FIXTURE_VARIANT_ADD(behind, null) {
	.op = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = DRM_XE_VM_BIND_FLAG_NULL,
		.addr = DATA_ADDR,
		.range = DATA_SIZE,
	},
};

FIXTURE_SETUP(behind)
{
	int fd = xe_open();

	if (fd < 0)
		SKIP(return, "no xe device");
	ASSERT_EQ(0, xe_client_init(&self->client, fd, DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE));
	ASSERT_EQ(0, xe_client_init_aside(&self->aside, fd));
	write_batches(self->client.batches, XE_PAGE);
	write_batches(self->aside.batches, XE_PAGE);
	self->data = bind_marks(&self->client);
	ASSERT_NE(NULL, (void *)self->data);
}

FIXTURE_TEARDOWN(behind)
{
	if (self->aside.batches)
		*xe_client_word(&self->aside, WORD_GO) = 1;
	close(self->client.fd);
}

TEST_F(behind, moved_away)
{
	const struct xe_client *c = &self->client, *aside = &self->aside;
	volatile uint32_t *moved;
	unsigned int i;

	ASSERT_EQ(0, xe_client_start(aside, BATCH_WAIT));
	moved = exchange(self->data, DATA_SIZE, DATA_SIZE);
	ASSERT_NE(NULL, (void *)moved);
	ASSERT_EQ(0, xe_client_bind_behind(c, &variant->op, aside->out));
	ASSERT_EQ(0, xe_client_start(c, BATCH_WRITE));

	/* Time to do harm; whether the job is through by then does not matter. */
	xe_syncobj_wait(c->fd, c->out, NSEC_PER_SEC / 5);
	*xe_client_word(aside, WORD_GO) = 1;
	ASSERT_EQ(0, xe_syncobj_wait(c->fd, c->out, XE_PATIENCE));
	EXPECT_EQ(0, differ(moved, ~VALUE));
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(i < variant->end ? VALUE + i : 0, self->data[i * XE_PAGE / 4]);
}

TEST_HARNESS_MAIN
