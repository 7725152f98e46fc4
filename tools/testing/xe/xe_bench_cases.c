// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The cases of the benchmark.
 */

#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "xe_bench.h"

#define KB		1024ULL
#define MB		(1024ULL * KB)
#define ADDR		0x100000000ULL
#define ARRAY		512
#define ARRAY_GAP	(128 * KB)
#define SPARSE_PAGES	4096
#define SPARSE_ARRAY	128
#define SPARSE_PAGE	(64 * KB)
#define MANY		100000
#define MANY_ADDR	0x1000000000ULL
#define MANY_ARRAY	1000
#define OBJECTS		1000
#define USER_BYTES	MB

/* --- building blocks -------------------------------------------------------------------------- */

static struct drm_xe_vm_bind_op map_op(const struct bench *b, uint64_t offset, uint64_t addr,
				       uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.obj = b->bo,
		.obj_offset = offset,
		.addr = addr,
		.range = size,
		.op = DRM_XE_VM_BIND_OP_MAP,
		.pat_index = xe_pat_wb(b->fd),
	};
}

static struct drm_xe_vm_bind_op null_op(const struct bench *b, uint64_t addr, uint64_t size)
{
	struct drm_xe_vm_bind_op op = map_op(b, 0, addr, size);

	op.obj = 0;
	op.flags = DRM_XE_VM_BIND_FLAG_NULL;
	return op;
}

static void bind(struct bench *b, struct drm_xe_vm_bind_op *ops, unsigned int n,
		 struct drm_xe_sync *sync)
{
	struct drm_xe_vm_bind args = {
		.vm_id = b->vm,
		.exec_queue_id = sync ? b->queue : 0,
		.num_binds = n,
		.num_syncs = sync ? 1 : 0,
		.syncs = (uintptr_t)sync,
	};

	if (n == 1)
		args.bind = *ops;
	else
		args.vector_of_binds = (uintptr_t)ops;
	bench_check("VM_BIND", xe_call(b->fd, DRM_IOCTL_XE_VM_BIND, &args));
}

static void wait_sync(struct bench *b)
{
	bench_check("SYNCOBJ_WAIT", xe_syncobj_wait(b->fd, b->sync, 60 * NSEC_PER_SEC));
}

static void reset_sync(struct bench *b)
{
	struct drm_syncobj_array args = { .handles = (uintptr_t)&b->sync, .count_handles = 1 };

	bench_check("SYNCOBJ_RESET", xe_call(b->fd, DRM_IOCTL_SYNCOBJ_RESET, &args));
}

static void open_vm(struct bench *b)
{
	b->fd = xe_open();
	if (b->fd < 0)
		bench_die("no xe device");
	b->vm = xe_vm_create(b->fd, 0);
	b->sync = xe_syncobj_create(b->fd, 0);
	if (!b->vm || !b->sync)
		bench_die("VM_CREATE");
}

static uint32_t new_bo(struct bench *b, uint64_t size, uint32_t vm)
{
	uint32_t bo = xe_gem_create(b->fd, size, vm);

	if (!bo)
		bench_die("GEM_CREATE");
	return bo;
}

static struct drm_xe_vm_bind_op *new_ops(struct bench *b, unsigned int n)
{
	b->ops = calloc(n, sizeof(*b->ops));
	b->n_ops = n;
	if (!b->ops)
		bench_die("no memory");
	return b->ops;
}

/* --- no mapping ------------------------------------------------------------------------------- */

static void get_cap(struct bench *b)
{
	struct drm_get_cap args = { .capability = DRM_CAP_TIMESTAMP_MONOTONIC };

	bench_check("GET_CAP", xe_call(b->fd, DRM_IOCTL_GET_CAP, &args));
}

/* A bind that is refused as soon as its arguments are there: what any bind costs at least. */
static void bind_badly(struct bench *b)
{
	struct drm_xe_vm_bind args = { .vm_id = b->vm, .num_binds = 1, .pad = 1 };

	if (xe_call(b->fd, DRM_IOCTL_XE_VM_BIND, &args) != -EINVAL)
		bench_die("a bind with padding was not refused");
}

/* --- one mapping ------------------------------------------------------------------------------ */

static void setup_object(struct bench *b, uint64_t size)
{
	open_vm(b);
	b->bo = new_bo(b, size, b->vm);
	*new_ops(b, 1) = map_op(b, 0, ADDR, size);
	/* Pages are found at the first bind. */
	bind(b, b->ops, 1, NULL);
}

static void setup_64k(struct bench *b)
{
	setup_object(b, 64 * KB);
}

static void setup_64m(struct bench *b)
{
	setup_object(b, 64 * MB);
}

static void map_all(struct bench *b)
{
	bind(b, b->ops, b->n_ops, NULL);
}

static void unmap_all(struct bench *b)
{
	struct drm_xe_vm_bind_op op = xe_unmap_op(ADDR, 64 * MB);

	bind(b, &op, 1, NULL);
}

static void map_fenced(struct bench *b)
{
	struct drm_xe_sync sync = xe_sync_out(b->sync);

	bind(b, b->ops, 1, &sync);
	wait_sync(b);
}

static void unmap_and_reset(struct bench *b)
{
	unmap_all(b);
	reset_sync(b);
}

static void unmap_64k(struct bench *b)
{
	struct drm_xe_vm_bind_op op = xe_unmap_op(ADDR, 64 * KB);

	bind(b, &op, 1, NULL);
}

static void punch(struct bench *b)
{
	struct drm_xe_vm_bind_op op = xe_unmap_op(ADDR + 32 * MB + 64 * KB, 64 * KB);

	bind(b, &op, 1, NULL);
}

static void refill(struct bench *b)
{
	struct drm_xe_vm_bind_op op = map_op(b, 32 * MB + 64 * KB, ADDR + 32 * MB + 64 * KB,
					     64 * KB);

	bind(b, &op, 1, NULL);
}

/* --- arrays ----------------------------------------------------------------------------------- */

static void setup_array(struct bench *b)
{
	unsigned int i;

	open_vm(b);
	b->bo = new_bo(b, ARRAY * 64 * KB, b->vm);
	new_ops(b, ARRAY);
	for (i = 0; i < ARRAY; i++)
		b->ops[i] = map_op(b, i * 64 * KB, ADDR + i * ARRAY_GAP, 64 * KB);
	map_all(b);
}

static void unmap_array(struct bench *b)
{
	static struct drm_xe_vm_bind_op ops[ARRAY];
	unsigned int i;

	for (i = 0; i < ARRAY; i++)
		ops[i] = xe_unmap_op(ADDR + i * ARRAY_GAP, 64 * KB);
	bind(b, ops, ARRAY, NULL);
}

/* --- user memory ------------------------------------------------------------------------------ */

static void setup_user(struct bench *b)
{
	struct drm_xe_vm_bind_op *op;

	open_vm(b);
	b->memory = mmap(NULL, USER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (b->memory == MAP_FAILED)
		bench_die("mmap");
	madvise(b->memory, USER_BYTES, MADV_NOHUGEPAGE);
	memset(b->memory, 1, USER_BYTES);
	op = new_ops(b, 1);
	*op = null_op(b, ADDR, USER_BYTES);
	op->flags = 0;
	op->op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
	op->userptr = (uintptr_t)b->memory;
}

/* --- sparse ----------------------------------------------------------------------------------- */

/* Every page of the object once, in an order that has no neighbours: 4096 and 1237 are coprime. */
static unsigned int scattered(unsigned int i)
{
	return i * 1237 % SPARSE_PAGES;
}

static void setup_sparse(struct bench *b)
{
	struct drm_xe_vm_bind_op op;
	unsigned int i;

	open_vm(b);
	b->bo = new_bo(b, SPARSE_PAGES * SPARSE_PAGE, 0);
	b->queue = xe_bind_queue_create(b->fd, b->vm);
	op = null_op(b, ADDR, SPARSE_PAGES * SPARSE_PAGE);
	bind(b, &op, 1, NULL);
	new_ops(b, 2 * SPARSE_PAGES);
	for (i = 0; i < SPARSE_PAGES; i++) {
		uint64_t at = scattered(i) * SPARSE_PAGE;

		b->ops[i] = map_op(b, i * SPARSE_PAGE, ADDR + at, SPARSE_PAGE);
		b->ops[SPARSE_PAGES + i] = null_op(b, ADDR + at, SPARSE_PAGE);
	}
}

static void bind_sparse(struct bench *b)
{
	struct drm_xe_sync sync = xe_sync_out(b->sync);
	unsigned int i;

	for (i = 0; i < b->n_ops; i += SPARSE_ARRAY)
		bind(b, b->ops + i, SPARSE_ARRAY, &sync);
	wait_sync(b);
}

/* --- many mappings ---------------------------------------------------------------------------- */

static void fill_vm(struct bench *b, unsigned int n)
{
	struct drm_xe_vm_bind_op *ops = calloc(MANY_ARRAY, sizeof(*ops));
	unsigned int done, i, part;

	for (done = 0; done < n; done += part) {
		part = n - done < MANY_ARRAY ? n - done : MANY_ARRAY;
		for (i = 0; i < part; i++)
			ops[i] = map_op(b, 0, MANY_ADDR + (done + i) * 2 * XE_PAGE, XE_PAGE);
		bind(b, ops, part, NULL);
	}
	free(ops);
}

static void setup_few(struct bench *b)
{
	setup_64k(b);
	fill_vm(b, 10);
}

static void setup_many(struct bench *b)
{
	setup_64k(b);
	fill_vm(b, MANY);
}

/* --- exec ------------------------------------------------------------------------------------- */

static void setup_exec(struct bench *b)
{
	struct drm_xe_engine_class_instance eci;
	uint32_t *batch;

	open_vm(b);
	b->bo = new_bo(b, XE_PAGE, b->vm);
	batch = xe_gem_map(b->fd, b->bo, XE_PAGE);
	if (batch == MAP_FAILED || xe_find_engines(b->fd, 1, &eci))
		bench_die("batch");
	*batch = XE_MI_BATCH_END;
	bench_check("VM_BIND", xe_bind_wait(b->fd, b->vm, b->bo, XE_BATCH_ADDR, XE_PAGE));
	b->queue = xe_queue_create(b->fd, b->vm, &eci);
	if (!b->queue)
		bench_die("EXEC_QUEUE_CREATE");
}

static void setup_exec_objects(struct bench *b)
{
	unsigned int i;

	setup_exec(b);
	for (i = 0; i < OBJECTS; i++) {
		struct drm_xe_vm_bind_op op;

		b->bo = new_bo(b, XE_PAGE, 0);
		op = map_op(b, 0, ADDR + i * 2 * XE_PAGE, XE_PAGE);
		bind(b, &op, 1, NULL);
	}
}

static void exec(struct bench *b)
{
	struct drm_xe_sync sync = xe_sync_out(b->sync);
	struct drm_xe_exec args = {
		.exec_queue_id = b->queue,
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};

	bench_check("EXEC", xe_call(b->fd, DRM_IOCTL_XE_EXEC, &args));
	wait_sync(b);
}

/* --- module ----------------------------------------------------------------------------------- */

/*
 * Unloading waits for grace periods of RCU, milliseconds each. A processor that polls when idle
 * needs minutes for them: the emulator leaves its loop at each turn, so the clock, which counts
 * instructions, hardly moves. With something to do it does.
 */
static pid_t keep_busy(void)
{
	const struct sched_param param = { 0 };
	pid_t pid = fork();

	if (pid < 0)
		bench_die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_setscheduler(0, SCHED_IDLE, &param);
	for (;;)
		;
}

static void unload(struct bench *b)
{
	pid_t pid = keep_busy();
	int status = system("modprobe -r xe");

	(void)b;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (status)
		bench_die("modprobe -r xe");
}

static void load(struct bench *b)
{
	if (system("modprobe xe"))
		bench_die("modprobe xe");
	b->fd = xe_open();
	if (b->fd < 0 || !xe_config(b->fd, DRM_XE_QUERY_CONFIG_REV_AND_DEVICE_ID))
		bench_die("no xe device");
}

static void close_device(struct bench *b)
{
	close(b->fd);
}

/* --- list ------------------------------------------------------------------------------------- */

const struct bench_case bench_cases[] = {
	{
		"call", "a call that does nothing, for comparison: a capability of DRM", 1, 0,
		open_vm, NULL, get_cap, NULL,
	}, {
		"refused", "a bind that is refused at once", 1, 0,
		open_vm, NULL, bind_badly, NULL,
	}, {
		"map-64k", "map 64 KiB of a private object, from the call to its return", 1, 0,
		setup_64k, unmap_all, map_all, NULL,
	}, {
		"map-64k-fence", "the same with an out-fence, and waiting for it", 1, 0,
		setup_64k, unmap_and_reset, map_fenced, NULL,
	}, {
		"unmap-64k", "unmap 64 KiB", 1, 0,
		setup_64k, map_all, unmap_64k, NULL,
	}, {
		"map-512", "array of 512 maps of 64 KiB, with gaps between", ARRAY, 0,
		setup_array, unmap_array, map_all, NULL,
	}, {
		"unmap-512", "array of 512 unmaps of 64 KiB", ARRAY, 0,
		setup_array, map_all, unmap_array, NULL,
	}, {
		"map-64m", "map an object of 64 MiB", 1, 0,
		setup_64m, unmap_all, map_all, NULL,
	}, {
		"punch-64k", "punch 64 KiB out of a mapping of 64 MiB", 1, 0,
		setup_64m, map_all, punch, NULL,
	}, {
		"refill-64k", "map what was punched out", 1, 0,
		setup_64m, punch, refill, NULL,
	}, {
		"replace-64m", "map an object of 64 MiB over itself", 1, 0,
		setup_64m, NULL, map_all, NULL,
	}, {
		"userptr-1m", "map 1 MiB of user memory", 1, 0,
		setup_user, unmap_all, map_all, NULL,
	}, {
		"sparse", "4,096 scattered pages of 64 KiB bound and unbound, 128 per call",
		2 * SPARSE_PAGES, 7,
		setup_sparse, reset_sync, bind_sparse, NULL,
	}, {
		"map-64k-of-10", "map 64 KiB in a VM with 10 mappings", 1, 0,
		setup_few, unmap_64k, map_all, NULL,
	}, {
		"map-64k-of-100k", "map 64 KiB in a VM with 100,000 mappings", 1, 0,
		setup_many, unmap_64k, map_all, NULL,
	}, {
		"exec", "run an empty batch, and wait for it", 1, 0,
		setup_exec, reset_sync, exec, NULL,
	}, {
		"exec-1000", "the same in a VM with 1,000 external objects", 1, 0,
		setup_exec_objects, reset_sync, exec, NULL,
	}, {
		"load", "load the module, up to the first answer to a query", 1, 3,
		NULL, unload, load, close_device,
	},
	{ NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
