// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A sample for 'make sample', which draws it: a VM with a mapping of each kind, and jobs and binds
 * that wait for each other. Usage: xe_sample DIRECTORY TRACE
 *
 * In DIRECTORY it leaves what the driver tells, vms.txt and events.txt, and what the device model
 * tells, map.json. TRACE is the file for the model's trace, a path that the model understands.
 * Needs root, and the model's control socket as a serial port.
 */
#define _GNU_SOURCE

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "xe_batch.h"
#include "xe_model.h"

#define ARRAY_SIZE(_array)	(sizeof(_array) / sizeof((_array)[0]))

#define TRACE_DIR	"/sys/kernel/tracing/instances/xe-sample"
#define TEXT_SIZE	0x400000
#define PATIENCE	(60 * NSEC_PER_SEC)
/* In the replies of the model */
#define ROOT_KEY	"\"root\":\""

#define SIZE_1M		0x100000ULL
#define SIZE_2M		0x200000ULL
#define SIZE_1G		0x40000000ULL
#define HOLE_SIZE	0x10000ULL
#define USERPTR_SIZE	0x40000ULL

#define TILED_ADDR	SIZE_2M
#define HOLE_ADDR	(TILED_ADDR + 0x80000)
#define SHARED_ADDR	(4 * SIZE_2M)
#define NULL_ADDR	SIZE_1G
#define NULL_SMALL_ADDR	(2 * SIZE_1G)
#define USERPTR_ADDR	(4 * SIZE_1G)
/* Tells our address space from others. */
#define HIGH_ADDR	0x7f0000000000ULL
#define ALIAS_ADDR	(HIGH_ADDR + SIZE_1G)
#define LATE_ADDR	(HIGH_ADDR + 2 * SIZE_1G)

/* Batches in the page at XE_BATCH_ADDR, and the words that they look at */
#define BATCH_WAIT	0x100
#define BATCH_COUNT	0x200
#define WORD_GO		0x800
#define WORD_COUNT	0x840
/* Stores of a job that takes a while */
#define N_STORES	32

/* The client: device, VM, one queue on each of two engines, memory of the batches. */
struct sample {
	int fd;
	uint32_t vm;
	uint32_t render;
	uint32_t copy;
	volatile uint32_t *page;
	void *memory;
};

static void die(const char *what, int err)
{
	fprintf(stderr, "xe_sample: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(1);
}

/* @ret: of a call that returns 0 or -errno */
static void check(const char *what, int ret)
{
	if (ret)
		die(what, ret);
}

/* @id: of a new object; 0 is none */
static uint32_t made(const char *what, uint32_t id)
{
	if (!id)
		die(what, errno);

	return id;
}

static void put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(path, errno);
	close(fd);
}

static void put_result(const char *directory, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	put_file(path, text);
}

/* Copy a file of the kernel's, whose size nobody knows. */
static void copy_file(const char *from, const char *directory, const char *name)
{
	static char text[TEXT_SIZE];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		die(from, errno);
	do {
		got = read(fd, text + n, sizeof(text) - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0);
	if (got < 0 || n == sizeof(text) - 1)
		die(from, got < 0 ? errno : EFBIG);
	close(fd);
	text[n] = '\0';
	put_result(directory, name, text);
}

/* --- the device model ------------------------------------------------------------------------- */

static int port;

/* The reply to a request without its line end; good until the next request. */
static const char *ask(const char *request)
{
	static char reply[TEXT_SIZE];
	char line[600];

	snprintf(line, sizeof(line), "%s\n", request);
	if (xe_model_ask(port, line, reply, sizeof(reply)))
		die("the model does not answer", EIO);
	if (strncmp(reply, "{\"ok\":true", strlen("{\"ok\":true"))) {
		fprintf(stderr, "%s\n", reply);
		die(request, EPROTO);
	}

	return reply;
}

static void start_trace(const char *path)
{
	char request[560];

	snprintf(request, sizeof(request), "trace on %s", path);
	ask(request);
}

/* Keep what the device finds in the address space that has something at HIGH_ADDR. */
static void keep_map(const char *directory)
{
	char *spaces = strdup(ask("spaces")), mark[40], request[40];
	const char *at = spaces, *map;

	snprintf(mark, sizeof(mark), "\"first\":\"%#llx\"", (unsigned long long)HIGH_ADDR);
	while (at && (at = strstr(at, ROOT_KEY))) {
		at += strlen(ROOT_KEY);
		snprintf(request, sizeof(request), "map %.*s", (int)strcspn(at, "\""), at);
		map = ask(request);
		if (strstr(map, mark)) {
			put_result(directory, "map.json", map);
			free(spaces);
			return;
		}
	}
	die("the model does not know our address space", ENOENT);
}

/* --- the client ------------------------------------------------------------------------------- */

static void write_batches(uint32_t *page)
{
	uint32_t *dw = page + BATCH_COUNT / sizeof(*page), i;

	for (i = 0; i < N_STORES; i++)
		dw = xe_put_store(dw, XE_BATCH_ADDR + WORD_COUNT, i);
	xe_put_end(dw);
	dw = xe_put_wait(page + BATCH_WAIT / sizeof(*page), XE_BATCH_ADDR + WORD_GO);
	xe_put_end(dw);
}

static struct drm_xe_vm_bind_op map_op(int fd, uint32_t bo, uint64_t addr, uint64_t size,
				       uint32_t flags)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = flags,
		.obj = bo,
		.addr = addr,
		.range = size,
		.pat_index = xe_pat_wb(fd),
	};
}

static struct drm_xe_vm_bind_op userptr_op(const struct sample *s)
{
	struct drm_xe_vm_bind_op op = map_op(s->fd, 0, USERPTR_ADDR, USERPTR_SIZE, 0);

	op.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
	op.userptr = (uintptr_t)s->memory;

	return op;
}

/* On bind queue @queue; 0: the one of the VM. Without @syncs it is over at the return. */
static void bind(const struct sample *s, uint32_t queue, struct drm_xe_vm_bind_op *ops,
		 uint32_t n, struct drm_xe_sync *syncs, uint32_t n_syncs)
{
	check("bind", xe_bind_ops(s->fd, s->vm, queue, ops, n, syncs, n_syncs));
}

static void exec(const struct sample *s, uint32_t queue, uint64_t batch, struct drm_xe_sync *syncs,
		 uint32_t n_syncs)
{
	struct drm_xe_exec args = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR + batch,
		.num_syncs = n_syncs,
		.syncs = (uintptr_t)syncs,
	};

	check("exec", xe_call(s->fd, DRM_IOCTL_XE_EXEC, &args));
}

/* One array: private, shared, null, userptr, dumpable, read-only. */
static void map_all_kinds(const struct sample *s)
{
	uint32_t tiled = made("BO", xe_gem_create(s->fd, 2 * SIZE_2M, s->vm));
	uint32_t shared = made("BO", xe_gem_create(s->fd, SIZE_1M, 0));
	uint32_t high = made("BO", xe_gem_create(s->fd, SIZE_2M + HOLE_SIZE, s->vm));
	struct drm_xe_vm_bind_op ops[] = {
		map_op(s->fd, tiled, TILED_ADDR, 2 * SIZE_2M, 0),
		map_op(s->fd, shared, SHARED_ADDR, SIZE_1M, 0),
		map_op(s->fd, 0, NULL_ADDR, SIZE_1G, DRM_XE_VM_BIND_FLAG_NULL),
		map_op(s->fd, 0, NULL_SMALL_ADDR, 2 * SIZE_2M + 4 * XE_PAGE,
		       DRM_XE_VM_BIND_FLAG_NULL),
		userptr_op(s),
		map_op(s->fd, high, HIGH_ADDR, SIZE_2M + HOLE_SIZE,
		       DRM_XE_VM_BIND_FLAG_DUMPABLE),
		map_op(s->fd, shared, ALIAS_ADDR, SIZE_1M, DRM_XE_VM_BIND_FLAG_READONLY),
	};

	bind(s, 0, ops, ARRAY_SIZE(ops), NULL, 0);
}

static void wait_for(const struct sample *s, const struct drm_xe_sync *sync)
{
	check("wait", xe_syncobj_wait(s->fd, sync->handle, PATIENCE));
}

static struct drm_xe_sync new_sync(const struct sample *s)
{
	return xe_sync_out(made("sync object", xe_syncobj_create(s->fd, 0)));
}

/* The same sync object as something to wait for */
static struct drm_xe_sync as_in(struct drm_xe_sync sync)
{
	sync.flags = 0;

	return sync;
}

/* A job that waits for us, a bind that waits for the job, a job that waits for the bind. */
static void run_chain(const struct sample *s)
{
	struct drm_xe_sync job = new_sync(s), bound = new_sync(s), end = new_sync(s);
	struct drm_xe_sync cut = new_sync(s);
	struct drm_xe_sync late_syncs[] = { as_in(job), bound };
	struct drm_xe_sync last_syncs[] = { as_in(bound), end };
	struct drm_xe_vm_bind_op hole = xe_unmap_op(HOLE_ADDR, HOLE_SIZE);
	struct drm_xe_vm_bind_op late =
		map_op(s->fd, made("BO", xe_gem_create(s->fd, USERPTR_SIZE, 0)), LATE_ADDR,
		       USERPTR_SIZE, 0);

	exec(s, s->render, BATCH_WAIT, &job, 1);
	bind(s, made("bind queue", xe_bind_queue_create(s->fd, s->vm)), &late, 1, late_syncs,
	     ARRAY_SIZE(late_syncs));
	exec(s, s->copy, BATCH_COUNT, last_syncs, ARRAY_SIZE(last_syncs));

	/* Meanwhile a hole is cut into a large page. */
	bind(s, 0, &hole, 1, &cut, 1);
	wait_for(s, &cut);

	s->page[WORD_GO / sizeof(*s->page)] = 1;
	wait_for(s, &end);
}

/* The kernel takes the memory of a userptr; the next job gets it back. */
static void lose_memory(const struct sample *s)
{
	struct drm_xe_sync out = new_sync(s);

	check("madvise", madvise(s->memory, USERPTR_SIZE, MADV_DONTNEED) ? -errno : 0);
	memset(s->memory, 1, USERPTR_SIZE);
	exec(s, s->render, BATCH_COUNT, &out, 1);
	wait_for(s, &out);
}

static void run_jobs(const struct sample *s)
{
	struct drm_xe_sync out[2] = { new_sync(s), new_sync(s) };
	int i;

	for (i = 0; i < 3; i++) {
		exec(s, s->render, BATCH_COUNT, &out[0], 1);
		exec(s, s->copy, BATCH_COUNT, &out[1], 1);
	}
	wait_for(s, &out[0]);
	wait_for(s, &out[1]);
}

static uint32_t make_queue(const struct sample *s, uint16_t class)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = class };

	return made("queue", xe_queue_create(s->fd, s->vm, &eci));
}

static void set_up(struct sample *s)
{
	struct drm_xe_vm_bind_op op;
	uint32_t batches;

	s->vm = made("VM", xe_vm_create(s->fd, 0));
	s->render = make_queue(s, DRM_XE_ENGINE_CLASS_RENDER);
	s->copy = make_queue(s, DRM_XE_ENGINE_CLASS_COPY);
	batches = made("BO", xe_gem_create(s->fd, HOLE_SIZE, 0));
	s->page = xe_gem_map(s->fd, batches, HOLE_SIZE);
	s->memory = mmap(NULL, USERPTR_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED || s->memory == MAP_FAILED)
		die("memory", errno);
	write_batches((uint32_t *)s->page);
	op = map_op(s->fd, batches, XE_BATCH_ADDR, HOLE_SIZE, 0);
	bind(s, 0, &op, 1, NULL, 0);
}

int main(int argc, char **argv)
{
	struct sample s = { .fd = xe_open() };
	char vms[64];
	struct stat st;

	if (argc != 3) {
		fprintf(stderr, "usage: xe_sample DIRECTORY TRACE\n");
		return 2;
	}
	port = xe_model_open();
	if (s.fd < 0 || port < 0 || fstat(s.fd, &st))
		die(s.fd < 0 ? "no xe device" : "no port to the model", errno);
	snprintf(vms, sizeof(vms), "/sys/kernel/debug/dri/%u/vms", minor(st.st_rdev) - 128);
	if (mkdir(TRACE_DIR, 0700))
		die(TRACE_DIR, errno);
	put_file(TRACE_DIR "/trace_clock", "mono");
	put_file(TRACE_DIR "/events/xe/enable", "1");
	start_trace(argv[2]);

	set_up(&s);
	map_all_kinds(&s);
	run_chain(&s);
	lose_memory(&s);
	run_jobs(&s);

	ask("trace off");
	put_file(TRACE_DIR "/events/xe/enable", "0");
	copy_file(TRACE_DIR "/trace", argv[1], "events.txt");
	copy_file(vms, argv[1], "vms.txt");
	keep_map(argv[1]);
	if (rmdir(TRACE_DIR))
		die(TRACE_DIR, errno);

	return 0;
}
