// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of eviction: memory is taken away from idle objects and comes back with its contents, and
 * is not taken away from those that a job may still use. TTM is made to want memory by lowering its
 * limit of pages, which pushes objects out to files of shared memory. Needs root.
 *
 * Batches are in memory of the process, so that objects with data are all there is to be evicted.
 * That memory is shared, because a child that only evicts must not get a copy of it.
 */
#define _GNU_SOURCE

#include <signal.h>
#include <sys/wait.h>

#include "xe_client.h"
#include "xe_uapi.h"

#define LIMIT_FILE	"/sys/module/ttm/parameters/pages_limit"

/* Offsets in the memory of the batches */
#define BATCH_READ	0x0000
#define BATCH_WRITE	0x0400
#define BATCH_LATE	0x0800
#define BATCH_LATER	0x0c00
#define BATCH_LOOP	0x1000
#define BATCH_ROUND	0x1400
#define BATCH_WAIT	0x1700
#define WORD_GO		0x1800
#define WORD_GO_ON	0x1840
#define WORD_RUN	0x1880
#define WORDS_READ	0x1c00

#define DATA_ADDR	0x100000000ULL
#define DATA_SIZE	0x800000ULL
/* Words that are looked at, all over the object */
#define MARKS		16
#define MARK_SPACING	(DATA_SIZE / MARKS)
/* Words of their own, for jobs that have waited */
#define LATE_OFFSET	(DATA_SIZE - 0x1000)
#define LATER_OFFSET	(DATA_SIZE - 0x2000)
#define VALUE		0x600d0000u

/* Two address spaces that do not fit into memory together */
#define CROWD_BOS	4
#define CROWD_BO_SIZE	0x400000ULL
#define CROWD_PAGES	5000
#define CROWD_ROUNDS	12

FIXTURE(evict) {
	struct xe_client client;
	long limit;
	pid_t child;
	uint32_t bo;
	volatile uint32_t *data;
};

FIXTURE_VARIANT(evict) {
	bool private;
};

FIXTURE_VARIANT_ADD(evict, private) {
	.private = true,
};

FIXTURE_VARIANT_ADD(evict, shared) {
	.private = false,
};

static long read_limit(void)
{
	FILE *f = fopen(LIMIT_FILE, "r");
	long pages = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &pages) != 1)
		pages = -1;
	fclose(f);

	return pages;
}

static int write_limit(long pages)
{
	FILE *f = fopen(LIMIT_FILE, "w");

	if (!f)
		return -1;
	fprintf(f, "%ld\n", pages);

	return fclose(f);
}

/* The sum of the numbers behind all names in a file of /proc that begin with @prefix */
static uint64_t sum_lines(const char *path, const char *prefix)
{
	unsigned long long value;
	uint64_t sum = 0;
	char line[128];
	FILE *f;

	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, prefix, strlen(prefix)) &&
		    sscanf(line, "%*s %llu", &value) == 1)
			sum += value;
	if (f)
		fclose(f);

	return sum;
}

static uint64_t meminfo_bytes(const char *name)
{
	return sum_lines("/proc/meminfo", name) << 10;
}

/* Bytes in files of shared memory, where TTM puts what it evicts. */
static uint64_t swapped_bytes(void)
{
	return meminfo_bytes("Shmem:");
}

/* What earlier tests have left behind, and was evicted with the rest, may take a while to go. */
static bool is_swapped_less_than(uint64_t bytes)
{
	const int64_t end = xe_now() + XE_PATIENCE;

	while (swapped_bytes() >= bytes) {
		if (xe_now() > end)
			return false;
		usleep(1000);
	}

	return true;
}

/* Have TTM take whatever it can get. 0 or -1 */
static int evict_all(long limit)
{
	int fd = xe_open();
	int err;

	err = write_limit(1);
	if (!err && !xe_gem_create(fd, XE_PAGE, 0))
		err = -1;
	close(fd);

	return write_limit(limit) ?: err;
}

static pid_t start_eviction(long limit)
{
	pid_t child = fork();

	if (!child)
		_exit(evict_all(limit) ? 1 : 0);

	return child;
}

/* It stays a child that can be waited for, so that its number is nobody else's. */
static bool has_ended(pid_t child)
{
	siginfo_t info = {};

	return waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == child;
}

/* Does the child wait for a fence? False also if it is through without. */
static bool waits_for_fence(pid_t child)
{
	const int64_t end = xe_now() + XE_PATIENCE;
	char path[64], where[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/wchan", child);
	while (xe_now() < end && !has_ended(child)) {
		f = fopen(path, "r");
		if (!f)
			return false;
		if (!fgets(where, sizeof(where), f))
			where[0] = 0;
		fclose(f);
		if (strstr(where, "dma_fence"))
			return true;
		usleep(1000);
	}

	return false;
}

/* 0 if the child has done what it should. */
static int wait_child(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return -1;

	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

/* Wait for a word, then store to a word of the data. */
static void write_late(uint32_t *dw, uint64_t go, uint64_t to)
{
	dw = xe_put_wait(dw, go);
	dw = xe_put_store(dw, to, VALUE);
	xe_put_end(dw);
}

static void write_batches(uint32_t *batches)
{
	uint32_t *dw = batches + BATCH_READ / 4;
	unsigned int i;

	for (i = 0; i < MARKS; i++)
		dw = xe_put_copy(dw, XE_BATCH_ADDR + WORDS_READ + 4 * i,
				 DATA_ADDR + i * MARK_SPACING);
	xe_put_end(dw);

	dw = batches + BATCH_WRITE / 4;
	for (i = 0; i < MARKS; i++)
		dw = xe_put_store(dw, DATA_ADDR + i * MARK_SPACING, VALUE + i);
	xe_put_end(dw);

	write_late(batches + BATCH_LATE / 4, XE_BATCH_ADDR + WORD_GO, DATA_ADDR + LATE_OFFSET);
	write_late(batches + BATCH_LATER / 4, XE_BATCH_ADDR + WORD_GO_ON, DATA_ADDR + LATER_OFFSET);
	xe_put_store_loop(batches + BATCH_LOOP / 4, XE_BATCH_ADDR + BATCH_LOOP, DATA_ADDR, VALUE,
			  XE_BATCH_ADDR + WORD_RUN);
	xe_put_end(xe_put_wait(batches + BATCH_WAIT / 4, XE_BATCH_ADDR + WORD_GO));
}

static struct drm_xe_vm_bind_op map_op(uint32_t bo, uint64_t addr, uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = bo,
		.addr = addr,
		.range = size,
	};
}

static int bind_data(const struct xe_client *c, uint32_t bo, uint64_t addr, uint64_t size)
{
	const struct drm_xe_vm_bind_op op = map_op(bo, addr, size);

	return xe_client_bind(c, &op);
}

static int open_vm(struct xe_client *c, int fd, uint32_t flags)
{
	int err = xe_client_init(c, fd, flags);

	if (!err)
		write_batches(c->batches);

	return err;
}

/* End whatever runs, then close. */
static void close_client(struct xe_client *c)
{
	if (c->batches && (void *)c->batches != MAP_FAILED) {
		*xe_client_word(c, WORD_GO) = 1;
		*xe_client_word(c, WORD_GO_ON) = 1;
		*xe_client_word(c, WORD_RUN) = 0;
	}
	close(c->fd);
}

FIXTURE_SETUP(evict)
{
	int fd = xe_open();

	if (fd < 0)
		SKIP(return, "no xe device");
	close(fd);
	self->limit = read_limit();
	if (self->limit < 0 || access(LIMIT_FILE, W_OK))
		SKIP(return, "the limit of TTM cannot be changed");

	ASSERT_EQ(0, open_vm(&self->client, xe_open(), 0));
	self->bo = xe_gem_create(self->client.fd, DATA_SIZE,
				 variant->private ? self->client.vm : 0);
	ASSERT_NE(0, self->bo);
	self->data = xe_gem_map(self->client.fd, self->bo, DATA_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->data);
}

FIXTURE_TEARDOWN(evict)
{
	if (self->limit > 0)
		write_limit(self->limit);
	if (self->client.fd > 0)
		close_client(&self->client);
	if (self->child > 0)
		kill(self->child, SIGKILL);
}

/* Number of marks that the GPU does not find as they should be. */
static unsigned int misread(const struct xe_client *c, uint32_t first)
{
	unsigned int i, n = 0;

	memset((void *)xe_client_word(c, WORDS_READ), 0, MARKS * sizeof(uint32_t));
	if (xe_client_run(c, BATCH_READ))
		return MARKS;
	for (i = 0; i < MARKS; i++)
		n += xe_client_word(c, WORDS_READ)[i] != first + i;

	return n;
}

#define EXPECT_EVICTED(_before) \
	EXPECT_GE(swapped_bytes(), (_before) + DATA_SIZE * 3 / 4)
#define EXPECT_NOT_EVICTED(_before) \
	EXPECT_TRUE(is_swapped_less_than((_before) + DATA_SIZE / 4))
/* Somebody wants the memory and waits for a job that may use it. */
#define ASSERT_EVICTION_WAITS() do { \
	self->child = start_eviction(self->limit); \
	ASSERT_TRUE(waits_for_fence(self->child)); \
} while (0)
/* That job has ended. */
#define EXPECT_EVICTION_ENDS(_before) do { \
	EXPECT_EQ(0, wait_child(self->child)); \
	self->child = 0; \
	EXPECT_EVICTED(_before); \
} while (0)

/* What the processor wrote is what the GPU reads after an eviction, and the other way round. */
TEST_F_TIMEOUT(evict, contents_survive, 120)
{
	const struct xe_client *c = &self->client;
	uint64_t before;
	unsigned int i;

	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE));
	for (i = 0; i < MARKS; i++)
		self->data[i * MARK_SPACING / 4] = ~VALUE + i;
	EXPECT_EQ(0, misread(c, ~VALUE));

	before = swapped_bytes();
	ASSERT_EQ(0, evict_all(self->limit));
	EXPECT_EVICTED(before);
	EXPECT_EQ(0, misread(c, ~VALUE));
	EXPECT_NOT_EVICTED(before);

	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	ASSERT_EQ(0, evict_all(self->limit));
	EXPECT_EVICTED(before);
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(VALUE + i, self->data[i * MARK_SPACING / 4]);
	EXPECT_NOT_EVICTED(before);
	EXPECT_EQ(0, misread(c, VALUE));
}

/* An object in two address spaces: each job of either finds it where it is now. */
TEST_F_TIMEOUT(evict, two_address_spaces, 120)
{
	struct xe_client other = {};

	if (variant->private)
		SKIP(return, "a private object has one address space");

	ASSERT_EQ(0, open_vm(&other, self->client.fd, 0));
	ASSERT_EQ(0, bind_data(&self->client, self->bo, DATA_ADDR, DATA_SIZE));
	ASSERT_EQ(0, bind_data(&other, self->bo, DATA_ADDR, DATA_SIZE));

	ASSERT_EQ(0, xe_client_run(&self->client, BATCH_WRITE));
	EXPECT_EQ(0, misread(&other, VALUE));
	ASSERT_EQ(0, evict_all(self->limit));
	EXPECT_EQ(0, misread(&other, VALUE));
	EXPECT_EQ(0, misread(&self->client, VALUE));
	ASSERT_EQ(0, evict_all(self->limit));
	EXPECT_EQ(0, misread(&self->client, VALUE));
	EXPECT_EQ(0, misread(&other, VALUE));
}

/* A job that runs keeps what it may use; what it stores at the end is evicted with the rest. */
TEST_F_TIMEOUT(evict, running_job_keeps_memory, 120)
{
	const struct xe_client *c = &self->client;
	uint64_t before = swapped_bytes();

	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE));
	ASSERT_EQ(0, xe_client_start(c, BATCH_LATE));
	ASSERT_EVICTION_WAITS();
	EXPECT_NOT_EVICTED(before);

	*xe_client_word(c, WORD_GO) = 1;
	EXPECT_EVICTION_ENDS(before);
	EXPECT_EQ(VALUE, self->data[LATE_OFFSET / 4]);
}

/* A job may also use what is bound after it has begun, as the first object of its VM. */
TEST_F_TIMEOUT(evict, bound_under_job, 120)
{
	const struct xe_client *c = &self->client;
	uint64_t before = swapped_bytes();

	ASSERT_EQ(0, xe_client_start(c, BATCH_LATE));
	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE));
	ASSERT_EVICTION_WAITS();
	EXPECT_NOT_EVICTED(before);

	*xe_client_word(c, WORD_GO) = 1;
	EXPECT_EVICTION_ENDS(before);
	EXPECT_EQ(VALUE, self->data[LATE_OFFSET / 4]);
}

/*
 * Entries name memory that was taken away, and the mapping that the next job would bring back goes
 * with a bind that has to wait: the job must not find what they name.
 */
TEST_F_TIMEOUT(evict, replaced_after_eviction, 120)
{
	const struct drm_xe_vm_bind_op null = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = DRM_XE_VM_BIND_FLAG_NULL,
		.addr = DATA_ADDR,
		.range = DATA_SIZE,
	};
	const struct xe_client *c = &self->client;
	struct xe_client aside = {};
	uint64_t before = swapped_bytes();
	volatile uint32_t *page;
	unsigned int i;

	page = xe_gem_map(c->fd, xe_gem_create(c->fd, XE_PAGE, variant->private ? c->vm : 0),
			  XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_EQ(0, xe_client_init_aside(&aside, c->fd));
	write_batches(aside.batches);
	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE));
	ASSERT_EQ(0, xe_client_run(c, BATCH_WRITE));
	ASSERT_EQ(0, evict_all(self->limit));
	EXPECT_EVICTED(before);

	ASSERT_EQ(0, xe_client_start(&aside, BATCH_WAIT));
	ASSERT_EQ(0, xe_client_bind_behind(c, &null, aside.out));
	memset((void *)xe_client_word(c, WORDS_READ), 0xff, MARKS * sizeof(uint32_t));
	ASSERT_EQ(0, xe_client_start(c, BATCH_READ));
	EXPECT_EQ(-ETIME, xe_syncobj_wait(c->fd, c->out, NSEC_PER_SEC / 5));

	/* That is for jobs to wait for, and not for the processor. */
	*page = VALUE;
	EXPECT_EQ(-ETIME, xe_syncobj_wait(c->fd, aside.out, 0));

	*xe_client_word(&aside, WORD_GO) = 1;
	ASSERT_EQ(0, xe_syncobj_wait(c->fd, c->out, XE_PATIENCE));
	for (i = 0; i < MARKS; i++)
		EXPECT_EQ(0, xe_client_word(c, WORDS_READ)[i]);
}

/* What is bound while a job runs belongs to the next one, although that does not look at it. */
TEST_F_TIMEOUT(evict, bound_between_jobs, 120)
{
	const struct xe_client *c = &self->client;
	uint32_t other = xe_gem_create(c->fd, XE_PAGE, 0), out = xe_syncobj_create(c->fd, 0);
	uint64_t before = swapped_bytes();

	/* A first job without the object, and an object that makes the VM look after such. */
	ASSERT_EQ(0, bind_data(c, other, DATA_ADDR + LATE_OFFSET, XE_PAGE));
	ASSERT_EQ(0, xe_client_start(c, BATCH_LATE));
	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE - XE_PAGE));
	ASSERT_EQ(0, xe_exec_out(c->fd, c->queue, XE_BATCH_ADDR + BATCH_LATER, out));

	ASSERT_EVICTION_WAITS();
	*xe_client_word(c, WORD_GO) = 1;
	ASSERT_EQ(0, xe_syncobj_wait(c->fd, c->out, XE_PATIENCE));
	usleep(100000);
	EXPECT_NOT_EVICTED(before);

	*xe_client_word(c, WORD_GO_ON) = 1;
	EXPECT_EVICTION_ENDS(before);
	EXPECT_EQ(VALUE, self->data[LATER_OFFSET / 4]);
}

/* Whoever has waited for one job does not have the memory of the next one. */
TEST_F_TIMEOUT(evict, job_after_eviction_keeps_memory, 120)
{
	const struct xe_client *c = &self->client;
	uint64_t before = swapped_bytes();
	unsigned int i;

	ASSERT_EQ(0, bind_data(c, self->bo, DATA_ADDR, DATA_SIZE));
	for (i = 0; i < 3; i++) {
		*xe_client_word(c, WORD_GO) = 0;
		self->data[LATE_OFFSET / 4] = 0;
		ASSERT_EQ(0, xe_client_start(c, BATCH_LATE));
		ASSERT_EVICTION_WAITS();
		EXPECT_NOT_EVICTED(before);

		*xe_client_word(c, WORD_GO) = 1;
		EXPECT_EVICTION_ENDS(before);
		EXPECT_EQ(VALUE, self->data[LATE_OFFSET / 4]);
	}
}

/* A bind that waits for somebody else's job has planned where the memory is. */
TEST_F_TIMEOUT(evict, waiting_bind_keeps_memory, 120)
{
	const struct drm_xe_vm_bind_op map = map_op(self->bo, DATA_ADDR, DATA_SIZE);
	const struct xe_client *c = &self->client;
	struct xe_client other = {};
	uint64_t before = swapped_bytes();

	ASSERT_EQ(0, open_vm(&other, c->fd, 0));
	ASSERT_EQ(0, xe_exec_out(c->fd, other.queue, XE_BATCH_ADDR + BATCH_WAIT, c->out));
	self->data[0] = VALUE;
	ASSERT_EQ(0, xe_client_bind_behind(c, &map, c->out));
	ASSERT_EVICTION_WAITS();
	EXPECT_NOT_EVICTED(before);

	*xe_client_word(&other, WORD_GO) = 1;
	EXPECT_EVICTION_ENDS(before);
	ASSERT_EQ(0, xe_client_run(c, BATCH_READ));
	EXPECT_EQ(VALUE, *xe_client_word(c, WORDS_READ));
}

/* A long-running job is taken off the engine while its memory moves, and goes on afterwards. */
TEST_F_TIMEOUT(evict, long_running_job_goes_on, 120)
{
	struct xe_client lr = {};
	struct drm_xe_exec exec = {
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR + BATCH_LOOP,
	};
	volatile uint32_t *data;
	unsigned int i;
	uint32_t bo;

	ASSERT_EQ(0, open_vm(&lr, xe_open(), DRM_XE_VM_CREATE_FLAG_LR_MODE));
	bo = xe_gem_create(lr.fd, DATA_SIZE, variant->private ? lr.vm : 0);
	data = xe_gem_map(lr.fd, bo, DATA_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)data);
	ASSERT_EQ(0, bind_data(&lr, bo, DATA_ADDR, DATA_SIZE));
	data[LATE_OFFSET / 4] = ~VALUE;
	*xe_client_word(&lr, WORD_RUN) = 1;
	exec.exec_queue_id = lr.queue;
	ASSERT_EQ(0, xe_call(lr.fd, DRM_IOCTL_XE_EXEC, &exec));
	EXPECT_TRUE(xe_is_stored_to(data, VALUE));

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, evict_all(self->limit));
		EXPECT_TRUE(xe_is_stored_to(data, VALUE));
		EXPECT_EQ(~VALUE, data[LATE_OFFSET / 4]);
	}

	close_client(&lr);
}

/* Have the GPU store @round to a word of each object, one for each round. */
static int run_round(const struct xe_client *c, unsigned int round)
{
	uint32_t *dw = c->batches + BATCH_ROUND / 4;
	unsigned int i;

	for (i = 0; i < CROWD_BOS; i++)
		dw = xe_put_store(dw, DATA_ADDR + i * CROWD_BO_SIZE + round * XE_PAGE,
				  VALUE + round);
	xe_put_end(dw);

	return xe_client_start(c, BATCH_ROUND);
}

/* Two address spaces take memory from each other with every job. */
TEST_F_TIMEOUT(evict, crowd, 240)
{
	struct xe_client c[2] = {};
	volatile uint32_t *data[2][CROWD_BOS];
	unsigned int i, k, round;
	uint32_t bo;

	ASSERT_EQ(0, write_limit(CROWD_PAGES));
	for (k = 0; k < 2; k++) {
		ASSERT_EQ(0, open_vm(&c[k], xe_open(), 0));
		for (i = 0; i < CROWD_BOS; i++) {
			bo = xe_gem_create(c[k].fd, CROWD_BO_SIZE, variant->private ? c[k].vm : 0);
			data[k][i] = xe_gem_map(c[k].fd, bo, CROWD_BO_SIZE);
			ASSERT_NE(MAP_FAILED, (void *)data[k][i]);
			ASSERT_EQ(0, bind_data(&c[k], bo, DATA_ADDR + i * CROWD_BO_SIZE,
					       CROWD_BO_SIZE));
		}
	}

	for (round = 0; round < CROWD_ROUNDS; round++) {
		for (k = 0; k < 2; k++)
			ASSERT_EQ(0, run_round(&c[k], round));
		for (k = 0; k < 2; k++)
			ASSERT_EQ(0, xe_syncobj_wait(c[k].fd, c[k].out, XE_PATIENCE));
		EXPECT_GE(swapped_bytes(), CROWD_BO_SIZE);
	}
	ASSERT_EQ(0, write_limit(self->limit));

	for (k = 0; k < 2; k++) {
		for (i = 0; i < CROWD_BOS; i++)
			for (round = 0; round < CROWD_ROUNDS; round++)
				EXPECT_EQ(VALUE + round, data[k][i][round * XE_PAGE / 4]);
		close_client(&c[k]);
	}
}

/* Somebody with memory of his own whom the kernel would rather kill than anybody else. */
static pid_t start_victim(void)
{
	const size_t size = 64 << 20;
	pid_t child = fork();
	FILE *f;
	char *m;

	if (child)
		return child;

	f = fopen("/proc/self/oom_score_adj", "w");
	m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!f || fprintf(f, "1000\n") < 0 || fclose(f) || m == MAP_FAILED)
		_exit(1);
	memset(m, 1, size);
	for (;;)
		pause();
}

#define EXCESS	(256UL << 20)

/*
 * Who binds more than there is gets an error. Nobody is killed for it, and nothing is thrown out of
 * memory to find out: no allocation of anybody has had to wait for pages to be given back.
 */
TEST_F_TIMEOUT(evict, not_at_the_cost_of_others, 300)
{
	struct drm_xe_gem_create args = xe_gem_args(0);
	const struct xe_client *c = &self->client;
	uint64_t stalls;
	void *ballast;

	if (!variant->private)
		SKIP(return, "the same for all objects");

	/* No object may be larger than all memory, but larger than what is left. */
	ballast = mmap(NULL, 2 * EXCESS, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, ballast);
	self->child = start_victim();
	ASSERT_LT(0, self->child);
	args.size = (meminfo_bytes("MemAvailable:") + EXCESS) & -(uint64_t)XE_PAGE;
	args.flags = DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING;
	args.vm_id = c->vm;
	ASSERT_EQ(0, xe_call(c->fd, DRM_IOCTL_XE_GEM_CREATE, &args));

	stalls = sum_lines("/proc/vmstat", "allocstall_");
	EXPECT_EQ(-ENOMEM, bind_data(c, args.handle, DATA_ADDR, args.size));
	EXPECT_EQ(stalls, sum_lines("/proc/vmstat", "allocstall_"));
	EXPECT_FALSE(has_ended(self->child));
	munmap(ballast, 2 * EXCESS);
}

TEST_HARNESS_MAIN
