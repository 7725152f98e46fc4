// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Tests of device coredumps: jobs that do not end and jobs that fault, and what the record says of
 * them: the job, the engine, and the contents of the mappings that were marked for it, which are
 * decoded and compared. Needs root; one test unbinds the driver.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "xe_uapi.h"

#define MI_ARB_CHECK		0x02800000u
#define MI_BATCH_START_PPGTT	0x18800101u

/* Big enough to keep the driver busy while the record can already be seen. */
#define BO_SIZE		0x400000ULL
#define BO_ADDR		0x10000000ULL
/* a part of a BO, not at its beginning */
#define PART_ADDR	0x20000000ULL
#define PART_OFFSET	(3 * XE_PAGE)
#define PART_SIZE	(5 * XE_PAGE)
#define PLAIN_ADDR	0x30000000ULL
#define USERPTR_ADDR	0x40000000ULL
#define USERPTR_SIZE	(40 * XE_PAGE)
#define NULL_ADDR	0x50000000ULL
#define NOWHERE		0x60000000ULL

#define JOB_TIMEOUT_MS	"500"
/* longer than the driver waits for an answer that needs no preemption */
#define LONG_PREEMPTION_US	"7000000"
#define DUMP_TIMEOUT	(40 * NSEC_PER_SEC)
#define TEST_SECONDS	150

/* A client with a VM, a queue, and things mapped in it. */
struct client {
	int fd;
	uint32_t vm;
	uint32_t queue;
	uint32_t *batch;
	uint32_t *bo;
	uint32_t *part;
	uint32_t *userptr;
	struct drm_xe_engine_class_instance eci;
};

/* Names of files of the device. */
struct files {
	unsigned int card;
	char data[80];
	char stats[64];
	char timeout[96];
};

FIXTURE(coredump) {
	struct client c;
	struct files f;
	char old_timeout[16];
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);

	return n == (ssize_t)strlen(text) ? 0 : -EIO;
}

/* All of a file, terminated; NULL if it cannot be read. */
static char *read_file(const char *path, size_t *len)
{
	size_t room = 1 << 16, sum = 0;
	char *text = malloc(room);
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0) {
		free(text);
		return NULL;
	}
	while ((n = read(fd, text + sum, room - sum - 1)) > 0) {
		sum += n;
		if (room - sum < 4096)
			text = realloc(text, room *= 2);
	}
	close(fd);
	text[sum] = 0;
	if (len)
		*len = sum;

	return text;
}

static int exists(const char *path)
{
	return !access(path, F_OK);
}

static int wait_exists(const char *path, int want)
{
	int64_t end = xe_now() + DUMP_TIMEOUT;

	while (exists(path) != want) {
		if (xe_now() > end)
			return -1;
		usleep(500);
	}

	return 0;
}

/* Number behind a name of the counters in debugfs; ~0 if there is none. */
static unsigned int counter(const char *path, const char *name)
{
	char *text = read_file(path, NULL), *at = text ? strstr(text, name) : NULL;
	unsigned int value = at ? strtoul(at + strlen(name), NULL, 10) : ~0u;

	free(text);
	return value;
}

static void fill(uint32_t *mem, size_t size, uint32_t seed)
{
	size_t i;

	for (i = 0; i < size / sizeof(*mem); i++) {
		seed = seed * 1664525 + 1013904223;
		/* some words are zero, which has a code of its own */
		mem[i] = seed & 0x700 ? seed : 0;
	}
}

/* Decode up to a line break; words, or -1 if it is malformed or longer than @n. */
static ssize_t decode(const char *s, uint32_t *out, size_t n)
{
	size_t words = 0;
	uint64_t value;
	int i;

	for (; *s != '\n'; words++) {
		if (words == n)
			return -1;
		if (*s == 'z') {
			out[words] = 0;
			s++;
			continue;
		}
		for (value = 0, i = 0; i < 5; i++, s++) {
			if (*s < '!' || *s > 'u')
				return -1;
			value = value * 85 + (*s - '!');
		}
		if (value > UINT32_MAX)
			return -1;
		out[words] = value;
	}

	return words;
}

/* What is behind a line that begins with "[addr].what: "; NULL if there is none. */
static const char *item(const char *text, uint64_t addr, const char *what)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\n[%llx].%s: ", (unsigned long long)addr, what);
	at = strstr(text, key);

	return at ? at + strlen(key) : NULL;
}

/* Whether the contents of a mapping are in the record, and are those. */
static int has_contents(const char *text, uint64_t addr, const void *mem, size_t size)
{
	const char *length = item(text, addr, "length"), *data = item(text, addr, "data");
	uint32_t *words = malloc(size);
	int ok = length && data && strtoull(length, NULL, 0) == size &&
		 decode(data, words, size / 4) == (ssize_t)(size / 4) && !memcmp(words, mem, size);

	free(words);
	return ok && !item(text, addr, "error");
}

static int bind(struct client *c, struct drm_xe_vm_bind_op op)
{
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(c->fd, 0));
	struct drm_xe_vm_bind args = {
		.vm_id = c->vm,
		.num_binds = 1,
		.bind = op,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int ret;

	args.bind.pat_index = xe_pat_wb(c->fd);
	ret = xe_call(c->fd, DRM_IOCTL_XE_VM_BIND, &args);

	return ret ?: xe_syncobj_wait(c->fd, sync.handle, 10 * NSEC_PER_SEC);
}

static int bind_bo(struct client *c, uint32_t bo, uint64_t offset, uint64_t addr, uint64_t size,
		   uint32_t flags)
{
	return bind(c, (struct drm_xe_vm_bind_op) {
		.op = DRM_XE_VM_BIND_OP_MAP, .obj = bo, .obj_offset = offset, .addr = addr,
		.range = size, .flags = flags,
	});
}

/* A batch that never ends, in a mapping that is not to be dumped. */
static int client_init(struct client *c)
{
	uint32_t bo;

	c->fd = xe_open();
	if (c->fd < 0 || xe_find_engines(c->fd, 1, &c->eci))
		return -ENODEV;
	c->vm = xe_vm_create(c->fd, 0);
	bo = xe_gem_create(c->fd, XE_PAGE, c->vm);
	c->batch = xe_gem_map(c->fd, bo, XE_PAGE);
	if (!c->vm || c->batch == MAP_FAILED)
		return -ENOMEM;

	c->batch[0] = MI_ARB_CHECK;
	c->batch[1] = MI_BATCH_START_PPGTT;
	c->batch[2] = XE_BATCH_ADDR;
	c->batch[3] = 0;
	c->queue = xe_queue_create(c->fd, c->vm, &c->eci);

	return c->queue ? bind_bo(c, bo, 0, XE_BATCH_ADDR, XE_PAGE, 0) : -ENOMEM;
}

static int client_map_all(struct client *c)
{
	const uint32_t dumpable = DRM_XE_VM_BIND_FLAG_DUMPABLE;
	uint32_t bo = xe_gem_create(c->fd, BO_SIZE, c->vm);
	uint32_t shared = xe_gem_create(c->fd, BO_SIZE, 0);
	int ret;

	c->bo = xe_gem_map(c->fd, bo, BO_SIZE);
	c->part = xe_gem_map(c->fd, shared, BO_SIZE);
	c->userptr = mmap(NULL, USERPTR_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fill(c->bo, BO_SIZE, 1);
	fill(c->part, BO_SIZE, 2);
	fill(c->userptr, USERPTR_SIZE, 3);

	ret = bind_bo(c, bo, 0, BO_ADDR, BO_SIZE, dumpable);
	ret = ret ?: bind_bo(c, shared, PART_OFFSET, PART_ADDR, PART_SIZE, dumpable);
	ret = ret ?: bind_bo(c, shared, 0, PLAIN_ADDR, PART_SIZE, DRM_XE_VM_BIND_FLAG_READONLY);
	ret = ret ?: bind(c, (struct drm_xe_vm_bind_op) {
		.op = DRM_XE_VM_BIND_OP_MAP_USERPTR, .userptr = (uintptr_t)c->userptr,
		.addr = USERPTR_ADDR, .range = USERPTR_SIZE, .flags = dumpable,
	});

	return ret ?: bind(c, (struct drm_xe_vm_bind_op) {
		.op = DRM_XE_VM_BIND_OP_MAP, .addr = NULL_ADDR, .range = XE_PAGE,
		.flags = DRM_XE_VM_BIND_FLAG_NULL | dumpable,
	});
}

static int run(struct client *c, uint64_t addr)
{
	struct drm_xe_exec exec = {
		.exec_queue_id = c->queue,
		.num_batch_buffer = 1,
		.address = addr,
	};

	return xe_call(c->fd, DRM_IOCTL_XE_EXEC, &exec);
}

static int wait_banned(struct client *c)
{
	int64_t end = xe_now() + DUMP_TIMEOUT;

	while (xe_queue_is_banned(c->fd, c->queue) != 1) {
		if (xe_now() > end)
			return -1;
		usleep(10000);
	}

	return 0;
}

/* Free the record, if there is one. */
static int drop(const char *path)
{
	if (!exists(path))
		return 0;

	return write_file(path, "1") ?: wait_exists(path, 0);
}

/* Names of the files of the device that the client has opened. 0 or -1 */
static int find_files(struct files *f, const struct client *c)
{
	static const char *const classes[] = { "rcs", "bcs", "vcs", "vecs", "ccs" };
	struct stat st;

	if (fstat(c->fd, &st))
		return -1;
	f->card = minor(st.st_rdev) - 128;
	snprintf(f->data, sizeof(f->data), "/sys/class/drm/card%u/device/devcoredump/data",
		 f->card);
	snprintf(f->stats, sizeof(f->stats), "/sys/kernel/debug/dri/%u/coredump", f->card);
	snprintf(f->timeout, sizeof(f->timeout),
		 "/sys/class/drm/card%u/device/tile0/gt0/engines/%s/job_timeout_ms", f->card,
		 classes[c->eci.engine_class]);

	return 0;
}

FIXTURE_SETUP(coredump)
{
	char *text;

	self->c.fd = xe_open();
	if (self->c.fd < 0)
		SKIP(return, "no xe device");
	close(self->c.fd);

	ASSERT_EQ(0, client_init(&self->c));
	ASSERT_EQ(0, find_files(&self->f, &self->c));
	text = read_file(self->f.timeout, NULL);
	ASSERT_NE(NULL, text);
	snprintf(self->old_timeout, sizeof(self->old_timeout), "%s", text);
	free(text);
	ASSERT_EQ(0, write_file(self->f.timeout, JOB_TIMEOUT_MS));
	ASSERT_EQ(0, drop(self->f.data));

	/* limits are those of the time when a queue is made */
	ASSERT_EQ(0, xe_queue_destroy(self->c.fd, self->c.queue));
	self->c.queue = xe_queue_create(self->c.fd, self->c.vm, &self->c.eci);
	ASSERT_NE(0, self->c.queue);
}

FIXTURE_TEARDOWN(coredump)
{
	EXPECT_EQ(0, write_file(self->f.timeout, self->old_timeout));
	EXPECT_EQ(0, drop(self->f.data));
	close(self->c.fd);
}

#define EXPECT_TEXT(_text, _what) do { \
	const char *_at = strstr(_text, _what); \
	EXPECT_NE(NULL, _at) TH_LOG("missing: %s", _what); \
} while (0)

/* Value of a register of the first engine in the record. */
static uint64_t engine_reg(const char *text, const char *name)
{
	const char *at = strstr(text, "**** HW Engines ****");
	char key[32];

	snprintf(key, sizeof(key), "\n\t%s: ", name);
	at = at ? strstr(at, key) : NULL;

	return at ? strtoull(at + strlen(key), NULL, 0) : 0;
}

/* A job that never yields. */
static void write_stubborn_batch(struct client *c)
{
	const uint32_t batch[] = { MI_BATCH_START_PPGTT, XE_BATCH_ADDR, 0 };

	memcpy(c->batch, batch, sizeof(batch));
}

/*
 * Whoever gives contexts long to yield wants the driver to wait as long, before it resets the GT
 * with all that others do there.
 */
TEST_F_TIMEOUT(coredump, long_preemption, TEST_SECONDS)
{
	char path[sizeof(self->f.timeout)], resets[64], *old, *text;
	unsigned int before;

	snprintf(resets, sizeof(resets), "/sys/kernel/debug/dri/%u/gt0/stats", self->f.card);
	before = counter(resets, "gt_reset_count: ");
	snprintf(path, sizeof(path), "%.*s/preempt_timeout_us",
		 (int)(strrchr(self->f.timeout, '/') - self->f.timeout), self->f.timeout);
	old = read_file(path, NULL);
	ASSERT_NE(NULL, old);
	ASSERT_EQ(0, write_file(path, LONG_PREEMPTION_US));
	ASSERT_EQ(0, xe_queue_destroy(self->c.fd, self->c.queue));
	self->c.queue = xe_queue_create(self->c.fd, self->c.vm, &self->c.eci);
	EXPECT_EQ(0, write_file(path, old));
	free(old);

	write_stubborn_batch(&self->c);
	ASSERT_EQ(0, run(&self->c, XE_BATCH_ADDR));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	text = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TEXT(text, "\tReason: engine reset\n");
	free(text);
	EXPECT_EQ(before, counter(resets, "gt_reset_count: "));
}

TEST_F_TIMEOUT(coredump, contents, TEST_SECONDS)
{
	unsigned int taken = counter(self->f.stats, "taken: ");
	char line[64];
	uint64_t at;
	char *text;

	ASSERT_EQ(0, client_map_all(&self->c));
	ASSERT_EQ(0, run(&self->c, XE_BATCH_ADDR));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	/* The driver has only begun: the first read has to wait. */
	text = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, text);

	EXPECT_EQ(0, strncmp(text, "**** Xe Device Coredump ****\nkernel: ", 37));
	snprintf(line, sizeof(line), "\nPID: %d\n", getpid());
	EXPECT_TEXT(text, line);
	EXPECT_TEXT(text, "\nProcess: xe_coredump_tes");
	EXPECT_TEXT(text, "\n**** GuC CT ****\nCT enabled\n");
	EXPECT_TEXT(text, "\n**** Contexts ****\nGuC ID: ");
	EXPECT_TEXT(text, "\tReason: its job ran for too long\n");
	EXPECT_TEXT(text, "\tTimeout: " JOB_TIMEOUT_MS " (ms)\n");
	EXPECT_TEXT(text, "\n\t[HWSP].data: ");
	EXPECT_TEXT(text, "\n\t[HWCTX].data: ");
	snprintf(line, sizeof(line), "\tbatch_addr[0]: 0x%016llx\n", XE_BATCH_ADDR);
	EXPECT_TEXT(text, line);
	/* The engine was looked at while the batch was on it. */
	at = engine_reg(text, "ACTHD");
	EXPECT_LE(XE_BATCH_ADDR, at);
	EXPECT_GT(XE_BATCH_ADDR + XE_PAGE, at);

	EXPECT_TRUE(has_contents(text, BO_ADDR, self->c.bo, BO_SIZE));
	EXPECT_TRUE(has_contents(text, PART_ADDR, (char *)self->c.part + PART_OFFSET, PART_SIZE));
	EXPECT_TRUE(has_contents(text, USERPTR_ADDR, self->c.userptr, USERPTR_SIZE));

	/* What was not marked is told, but not shown; neither is what has nothing behind it. */
	EXPECT_NE(NULL, item(text, PLAIN_ADDR, "length"));
	EXPECT_EQ(NULL, item(text, PLAIN_ADDR, "data"));
	EXPECT_EQ(0, strncmp(item(text, PLAIN_ADDR, "properties") ?: "", "read_only|bo|", 13));
	EXPECT_NE(NULL, item(text, XE_BATCH_ADDR, "length"));
	EXPECT_EQ(NULL, item(text, XE_BATCH_ADDR, "data"));
	EXPECT_NE(NULL, item(text, NULL_ADDR, "length"));
	EXPECT_EQ(NULL, item(text, NULL_ADDR, "data"));
	EXPECT_EQ(NULL, item(text, NULL_ADDR, "error"));
	free(text);

	EXPECT_EQ(0, wait_banned(&self->c));
	EXPECT_EQ(taken + 1, counter(self->f.stats, "taken: "));
	EXPECT_EQ(0, drop(self->f.data));
}

/* Memory of the process that is not there is an error of its mapping, not of the record. */
TEST_F_TIMEOUT(coredump, userptr_gone, TEST_SECONDS)
{
	char *text;

	ASSERT_EQ(0, client_map_all(&self->c));
	ASSERT_EQ(0, run(&self->c, XE_BATCH_ADDR));
	/* Waits for the job, that is, until it was given up. */
	ASSERT_EQ(0, munmap((char *)self->c.userptr + USERPTR_SIZE / 2, USERPTR_SIZE / 2));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	text = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(has_contents(text, BO_ADDR, self->c.bo, BO_SIZE));
	EXPECT_TRUE(item(text, USERPTR_ADDR, "error") ||
		    has_contents(text, USERPTR_ADDR, self->c.userptr, USERPTR_SIZE));
	free(text);
}

/* A second hang does not disturb the first record, and its queue is banned all the same. */
TEST_F_TIMEOUT(coredump, one_at_a_time, TEST_SECONDS)
{
	unsigned int taken = counter(self->f.stats, "taken: ");
	unsigned int dropped = counter(self->f.stats, "dropped: ");
	struct client second = {};
	char *before, *after;

	ASSERT_EQ(0, run(&self->c, XE_BATCH_ADDR));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	before = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, before);

	ASSERT_EQ(0, client_init(&second));
	ASSERT_EQ(0, run(&second, XE_BATCH_ADDR));
	ASSERT_EQ(0, wait_banned(&second));
	after = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, after);
	EXPECT_STREQ(before, after);
	EXPECT_EQ(taken + 1, counter(self->f.stats, "taken: "));
	EXPECT_EQ(dropped + 1, counter(self->f.stats, "dropped: "));
	free(before);
	free(after);
	close(second.fd);

	/* There is room again when it was dropped. */
	ASSERT_EQ(0, drop(self->f.data));
	ASSERT_EQ(0, client_init(&second));
	ASSERT_EQ(0, run(&second, XE_BATCH_ADDR));
	EXPECT_EQ(0, wait_exists(self->f.data, 1));
	EXPECT_EQ(taken + 2, counter(self->f.stats, "taken: "));
	close(second.fd);
}

/* No time-out, and the context is off the hardware before anybody can look. */
TEST_F_TIMEOUT(coredump, memory_fault, TEST_SECONDS)
{
	char *text;

	ASSERT_EQ(0, client_map_all(&self->c));
	ASSERT_EQ(0, run(&self->c, NOWHERE));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	text = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TEXT(text, "\tReason: memory fault\n");
	EXPECT_TEXT(text, "\tError: -5\n");
	EXPECT_TEXT(text, "\tbatch_addr[0]: 0x0000000060000000\n");
	EXPECT_TRUE(has_contents(text, BO_ADDR, self->c.bo, BO_SIZE));
	free(text);
}

/* A process with a job that does not end, and with or without other mappings. */
static pid_t fork_client(struct client *c, int map_all)
{
	int pipes[2];
	char ok = 0;
	pid_t pid;

	if (pipe(pipes))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "two\nlines");
		ok = !client_init(c) && (!map_all || !client_map_all(c)) && !run(c, XE_BATCH_ADDR);
		if (write(pipes[1], &ok, 1) == 1)
			pause();
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &ok, 1) != 1 || !ok)
		pid = -1;
	close(pipes[0]);

	return pid;
}

/* The process is killed as soon as there is a record: VM and memory go while it is being made. */
TEST_F_TIMEOUT(coredump, process_killed, TEST_SECONDS)
{
	struct client child = {};
	uint32_t *want;
	char *text;
	pid_t pid;

	pid = fork_client(&child, 1);
	ASSERT_LT(0, pid);
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	text = read_file(self->f.data, NULL);
	ASSERT_NE(NULL, text);

	/* a name cannot forge a line */
	EXPECT_TEXT(text, "\nProcess: two\\nlines\n");
	want = malloc(BO_SIZE);
	fill(want, BO_SIZE, 1);
	EXPECT_TRUE(has_contents(text, BO_ADDR, want, BO_SIZE));
	fill(want, BO_SIZE, 2);
	EXPECT_TRUE(has_contents(text, PART_ADDR, (char *)want + PART_OFFSET, PART_SIZE));
	fill(want, USERPTR_SIZE, 3);
	EXPECT_TRUE(item(text, USERPTR_ADDR, "error") ||
		    has_contents(text, USERPTR_ADDR, want, USERPTR_SIZE));
	free(want);
	free(text);
}

/* A job that its owner gives up is no incident. With a userptr it would be: its owner waits. */
TEST_F_TIMEOUT(coredump, given_up, TEST_SECONDS)
{
	unsigned int taken = counter(self->f.stats, "taken: ");
	unsigned int dropped = counter(self->f.stats, "dropped: ");
	struct client child = {};
	pid_t pid;

	ASSERT_EQ(0, write_file(self->f.timeout, "5000"));
	pid = fork_client(&child, 0);
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	/* long enough for its context to be evicted */
	sleep(3);
	EXPECT_FALSE(exists(self->f.data));
	EXPECT_EQ(taken, counter(self->f.stats, "taken: "));
	EXPECT_EQ(dropped, counter(self->f.stats, "dropped: "));
}

static int count_records(void)
{
	DIR *dir = opendir("/sys/class/devcoredump");
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += !strncmp(entry->d_name, "devcd", 5);
	if (dir)
		closedir(dir);

	return n;
}

static int wait_device(void)
{
	int64_t end = xe_now() + DUMP_TIMEOUT;
	int fd;

	while ((fd = xe_open()) < 0) {
		if (xe_now() > end)
			return -1;
		usleep(100000);
	}
	close(fd);

	return 0;
}

/* The driver goes, and takes a record that nobody has read with it. */
TEST_F_TIMEOUT(coredump, unbind, TEST_SECONDS)
{
	char path[64], link[256] = "", *name;
	int held;

	snprintf(path, sizeof(path), "/sys/class/drm/card%u/device", self->f.card);
	ASSERT_LT(0, readlink(path, link, sizeof(link) - 1));
	name = strrchr(link, '/') + 1;

	ASSERT_EQ(0, client_map_all(&self->c));
	ASSERT_EQ(0, run(&self->c, XE_BATCH_ADDR));
	ASSERT_EQ(0, wait_exists(self->f.data, 1));
	EXPECT_EQ(1, count_records());
	/* Still being made, and held open. */
	held = open(self->f.data, O_RDONLY);
	EXPECT_LE(0, held);

	EXPECT_EQ(0, write_file("/sys/bus/pci/drivers/xe/unbind", name));
	EXPECT_EQ(0, count_records());
	EXPECT_EQ(-1, read(held, path, sizeof(path)));
	close(held);
	close(self->c.fd);

	EXPECT_EQ(0, write_file("/sys/bus/pci/drivers/xe/bind", name));
	EXPECT_EQ(0, wait_device());
	/* Mappings keep the old device, so the new one may have another number. */
	EXPECT_EQ(0, client_init(&self->c));
	EXPECT_EQ(0, find_files(&self->f, &self->c));
	EXPECT_EQ(0, counter(self->f.stats, "taken: "));
}

TEST_HARNESS_MAIN
