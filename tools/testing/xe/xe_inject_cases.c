// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: the calls. Mappings that belong together lie in a range of their own, so that
 * each needs page tables of its own.
 */
#define _GNU_SOURCE

#include "xe_inject.h"
#include "xe_drm_newer.h"

#define SIZE_1G		0x40000000ULL
#define BO_ADDR		(4 * SIZE_1G)
#define OTHER_ADDR	(8 * SIZE_1G)
#define NULL_ADDR	(12 * SIZE_1G)
#define USERPTR_ADDR	(16 * SIZE_1G)

/* Parts of a mapping that leave something of it on both sides */
#define MIDDLE		(8 * XE_PAGE)
#define MIDDLE_SIZE	(4 * XE_PAGE)

#define PATIENCE	(60 * NSEC_PER_SEC)
#define REST_US		20000

#define WITH_OUT	(XE_BIND_OUT | XE_BIND_IN_DONE)
#define DEFERRED	(XE_BIND_OUT | XE_BIND_IN_PENDING)
#define A_JOB		(XE_CASE_EXEC | XE_CASE_JOB)
#define BY_JOB		(XE_BIND_OUT | XE_BIND_BY_JOB)

static struct drm_xe_vm_bind_op map_op(const struct xe_env *env, uint32_t bo, uint64_t addr,
				       uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = bo,
		.addr = addr,
		.range = size,
		.pat_index = xe_pat_wb(env->fd),
	};
}

static struct drm_xe_vm_bind_op null_op(const struct xe_env *env, uint64_t addr, uint64_t size)
{
	struct drm_xe_vm_bind_op op = map_op(env, 0, addr, size);

	op.flags = DRM_XE_VM_BIND_FLAG_NULL;

	return op;
}

static struct drm_xe_vm_bind_op userptr_op(const struct xe_env *env)
{
	struct drm_xe_vm_bind_op op = map_op(env, 0, USERPTR_ADDR, XE_INJECT_BO_SIZE);

	op.op = DRM_XE_VM_BIND_OP_MAP_USERPTR;
	op.userptr = (uintptr_t)env->memory;

	return op;
}

static struct drm_xe_vm_bind_op prefetch_op(uint64_t addr, uint64_t size)
{
	struct drm_xe_vm_bind_op op = xe_unmap_op(addr, size);

	op.op = DRM_XE_VM_BIND_OP_PREFETCH;

	return op;
}

static struct drm_xe_vm_bind_op unmap_all_op(uint32_t bo)
{
	return (struct drm_xe_vm_bind_op){ .op = DRM_XE_VM_BIND_OP_UNMAP_ALL, .obj = bo };
}

static uint32_t map_shared(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->bos[0], BO_ADDR, XE_INJECT_BO_SIZE);
	return 1;
}

static uint32_t map_private(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->private_bo, BO_ADDR, XE_INJECT_BO_SIZE);
	return 1;
}

static uint32_t map_fresh(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->fresh_bo, BO_ADDR, XE_INJECT_BO_SIZE);
	ops[0].flags = DRM_XE_VM_BIND_FLAG_READONLY | DRM_XE_VM_BIND_FLAG_DUMPABLE;
	return 1;
}

static uint32_t map_userptr(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = userptr_op(env);
	return 1;
}

static uint32_t map_userptr_read_only(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = userptr_op(env);
	ops[0].flags = DRM_XE_VM_BIND_FLAG_READONLY;
	return 1;
}

static uint32_t map_null(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = null_op(env, NULL_ADDR, SIZE_1G);
	return 1;
}

/* Mappings of 4 pages and of 8 on both sides of others. */
static uint32_t map_pieces(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = userptr_op(env);
	ops[1] = null_op(env, USERPTR_ADDR + MIDDLE, MIDDLE_SIZE);
	return 2;
}

static uint32_t unmap(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	(void)env;
	ops[0] = xe_unmap_op(BO_ADDR, XE_INJECT_BO_SIZE);
	return 1;
}

/* A leaf of 1 GiB and one of 2 MiB become tables. */
static uint32_t unmap_hole(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	(void)env;
	ops[0] = xe_unmap_op(NULL_ADDR + MIDDLE, XE_PAGE);
	return 1;
}

static uint32_t map_over_middle(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->private_bo, BO_ADDR + MIDDLE, MIDDLE_SIZE);
	return 1;
}

static uint32_t null_over_userptr(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = null_op(env, USERPTR_ADDR + MIDDLE, MIDDLE_SIZE);
	return 1;
}

static uint32_t map_twice(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->bos[0], BO_ADDR, XE_INJECT_BO_SIZE);
	ops[1] = map_op(env, env->bos[0], OTHER_ADDR, XE_INJECT_BO_SIZE);
	return 2;
}

static uint32_t unmap_all(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = unmap_all_op(env->bos[0]);
	return 1;
}

static uint32_t unmap_all_of_two(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = unmap_all_op(env->bos[0]);
	ops[1] = unmap_all_op(env->bos[1]);
	return 2;
}

static uint32_t prefetch_bo(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	(void)env;
	ops[0] = prefetch_op(BO_ADDR, XE_INJECT_BO_SIZE);
	return 1;
}

static uint32_t prefetch_userptr(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	(void)env;
	ops[0] = prefetch_op(USERPTR_ADDR, XE_INJECT_BO_SIZE);
	return 1;
}

static uint32_t before_mixed(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	ops[0] = map_op(env, env->bos[0], BO_ADDR, XE_INJECT_BO_SIZE);
	ops[1] = map_op(env, env->bos[1], OTHER_ADDR, XE_INJECT_BO_SIZE);
	ops[2] = null_op(env, NULL_ADDR, SIZE_1G);
	return 3;
}

/* Later operations meet what earlier ones have staged. */
static uint32_t mixed(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	map_over_middle(env, &ops[0]);
	unmap_hole(env, &ops[1]);
	ops[2] = userptr_op(env);
	ops[3] = prefetch_op(OTHER_ADDR, XE_INJECT_BO_SIZE);
	ops[4] = map_op(env, env->bos[1], BO_ADDR + MIDDLE + XE_PAGE, XE_PAGE);
	ops[5] = unmap_all_op(env->bos[1]);
	ops[6] = null_op(env, OTHER_ADDR + MIDDLE, MIDDLE_SIZE);
	ops[7] = xe_unmap_op(USERPTR_ADDR + MIDDLE, MIDDLE_SIZE);
	return 8;
}

static uint32_t nothing(const struct xe_env *env, struct drm_xe_vm_bind_op *ops)
{
	(void)env;
	(void)ops;
	return 0;
}

/* The MMU notifier makes the pages of a userptr stale; there will be others when it is needed. */
static void drop_pages(struct xe_env *env)
{
	madvise(env->memory, XE_INJECT_BO_SIZE, MADV_DONTNEED);
}

/* The same, and there are others. */
static void make_stale(struct xe_env *env)
{
	drop_pages(env);
	memset(env->memory, 2, XE_INJECT_BO_SIZE);
}

/* It is to be bound once more, behind a fence. */
static void unmap_and_pend(struct xe_env *env)
{
	struct drm_xe_vm_bind_op op = xe_unmap_op(BO_ADDR, XE_INJECT_BO_SIZE);

	xe_env_unpend(env);
	xe_env_bind(env, &op, 1, 0);
	xe_env_pend(env);
}

static int reset_out(struct xe_env *env)
{
	struct drm_syncobj_array args = {
		.handles = (uintptr_t)&env->out,
		.count_handles = 1,
	};

	return xe_call(env->fd, DRM_IOCTL_SYNCOBJ_RESET, &args);
}

/*
 * The queues of the VM are taken off the hardware, and its worker finds the new pages. A job makes
 * it bind them.
 */
static int run_stale_lr(struct xe_env *env)
{
	make_stale(env);
	usleep(REST_US);

	return xe_env_run(env, true);
}

/* A bind whose entries are stored when its fence has signalled. */
static int bind_deferred(struct xe_env *env)
{
	struct drm_xe_vm_bind_op op;
	int ret;

	map_shared(env, &op);
	ret = reset_out(env) ?: xe_env_bind(env, &op, 1, DEFERRED);
	xe_env_unpend(env);

	return ret ?: xe_syncobj_wait(env->fd, env->out, PATIENCE);
}

/* Is there a page? Looking must not bring it. */
static bool is_resident(void *page)
{
	unsigned char resident = 0;

	return !mincore(page, XE_PAGE, &resident) && resident & 1;
}

/*
 * The value of a user fence is stored by a work item, and by another one if the page is not there.
 * Whether it can or not, the bind is over.
 */
static int bind_user_fence(struct xe_env *env)
{
	void *page = mmap(NULL, XE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct drm_xe_sync sync = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)page,
		.timeline_value = 1,
	};
	int64_t end = xe_now() + PATIENCE;
	struct drm_xe_vm_bind_op op;
	int ret, i;

	if (page == MAP_FAILED)
		return -errno;
	map_shared(env, &op);
	ret = xe_bind_ops(env->fd, env->vm, 0, &op, 1, &sync, 1);
	if (ret)
		goto out;

	unmap(env, &op);
	do {
		ret = xe_env_bind(env, &op, 1, 0);
	} while (ret == -EBUSY && xe_now() < end);
	/* It was about to be stored. */
	for (i = 0; i < 100 && !is_resident(page); i++)
		usleep(2000);

out:
	munmap(page, XE_PAGE);
	return ret;
}

static int exec_out(struct xe_env *env)
{
	return xe_env_exec(env, WITH_OUT);
}

static int exec_deferred(struct xe_env *env)
{
	return xe_env_exec(env, DEFERRED);
}

static int exec_point(struct xe_env *env)
{
	return xe_env_exec(env, XE_BIND_OUT_POINT);
}

static int exec_lr(struct xe_env *env)
{
	return xe_env_exec(env, XE_BIND_USER_FENCE);
}

static int create_vm(struct xe_env *env, uint32_t flags)
{
	struct drm_xe_vm_create args = { .flags = flags };
	int ret = xe_call_once(env->fd, DRM_IOCTL_XE_VM_CREATE, &args);

	env->made = args.vm_id;

	return ret;
}

static int create_plain_vm(struct xe_env *env)
{
	return create_vm(env, 0);
}

static int create_scratch_vm(struct xe_env *env)
{
	return create_vm(env, DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE);
}

static int create_lr_vm(struct xe_env *env)
{
	return create_vm(env, DRM_XE_VM_CREATE_FLAG_LR_MODE);
}

static int destroy_vm(struct xe_env *env, uint32_t id)
{
	return xe_vm_destroy(env->fd, id);
}

static int create_queue_of(struct xe_env *env, const struct drm_xe_engine_class_instance *eci)
{
	struct drm_xe_exec_queue_create args = {
		.width = 1,
		.num_placements = 1,
		.vm_id = env->vm,
		.instances = (uintptr_t)eci,
	};
	int ret = xe_call_once(env->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &args);

	env->made = args.exec_queue_id;

	return ret;
}

static int create_queue(struct xe_env *env)
{
	return create_queue_of(env, &env->eci);
}

static int create_bind_queue(struct xe_env *env)
{
	const struct drm_xe_engine_class_instance eci = {
		.engine_class = DRM_XE_ENGINE_CLASS_VM_BIND,
	};

	return create_queue_of(env, &eci);
}

static int destroy_queue(struct xe_env *env, uint32_t id)
{
	return xe_queue_destroy(env->fd, id);
}

static int create_bo(struct xe_env *env, uint32_t vm)
{
	struct drm_xe_gem_create args = xe_gem_args(XE_INJECT_BO_SIZE);
	int ret;

	args.vm_id = vm;
	ret = xe_call_once(env->fd, DRM_IOCTL_XE_GEM_CREATE, &args);
	env->made = args.handle;

	return ret;
}

static int create_shared_bo(struct xe_env *env)
{
	return create_bo(env, 0);
}

static int create_private_bo(struct xe_env *env)
{
	return create_bo(env, env->vm);
}

static int destroy_bo(struct xe_env *env, uint32_t id)
{
	struct drm_gem_close args = { .handle = id };

	return xe_call(env->fd, DRM_IOCTL_GEM_CLOSE, &args);
}

/* What a client no longer needs of a BO may be taken from it. */
static int advise(struct xe_env *env)
{
	static uint32_t retained;
	struct drm_xe_madvise args = {
		.vm_id = env->vm,
		.start = BO_ADDR,
		.range = XE_INJECT_BO_SIZE,
		.type = DRM_XE_VMA_ATTR_PURGEABLE_STATE,
		.purge_state_val.val = DRM_XE_VMA_PURGEABLE_STATE_DONTNEED,
		.purge_state_val.retained_ptr = (uintptr_t)&retained,
	};

	/* The kernel writes to it, and wants to find it empty. */
	retained = 0;

	return xe_call_once(env->fd, DRM_IOCTL_XE_MADVISE, &args);
}

static int export_bo(struct xe_env *env)
{
	struct drm_prime_handle args = { .handle = env->bos[0], .flags = DRM_CLOEXEC, .fd = -1 };
	int ret = xe_call_once(env->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	env->made = ret ? 0 : args.fd;

	return ret;
}

static int close_export(struct xe_env *env, uint32_t id)
{
	(void)env;

	return close(id) ? -errno : 0;
}

static int wait_user_fence(struct xe_env *env)
{
	struct drm_xe_wait_user_fence args = {
		.addr = (uintptr_t)&env->user_fence,
		.mask = ~0ULL,
		.timeout = NSEC_PER_SEC,
	};

	return xe_call_once(env->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args);
}

static int query_engines(struct xe_env *env)
{
	static char data[4096];
	struct drm_xe_device_query args = {
		.query = DRM_XE_DEVICE_QUERY_ENGINES,
		.size = env->made,
		.data = (uintptr_t)data,
	};

	return xe_call_once(env->fd, DRM_IOCTL_XE_DEVICE_QUERY, &args);
}

/* A query has to name the size of its answer. */
static void ask_size(struct xe_env *env)
{
	struct drm_xe_device_query args = { .query = DRM_XE_DEVICE_QUERY_ENGINES };

	xe_call(env->fd, DRM_IOCTL_XE_DEVICE_QUERY, &args);
	env->made = args.size;
}

const struct xe_case xe_cases[] = {
	/* Each operation, complete at once */
	{ .name = "map-private", .ops = map_private },
	{ .name = "map-shared", .ops = map_shared },
	{ .name = "map-without-memory", .ops = map_fresh },
	{ .name = "map-userptr", .ops = map_userptr },
	{ .name = "map-userptr-without-pages", .prepare = drop_pages, .ops = map_userptr },
	{ .name = "map-userptr-read-only", .ops = map_userptr_read_only },
	{ .name = "map-null", .ops = map_null },
	{ .name = "unmap", .before = map_shared, .ops = unmap },
	{ .name = "unmap-hole-of-1G", .before = map_null, .ops = unmap_hole },
	{ .name = "map-over-middle", .before = map_shared, .ops = map_over_middle },
	{ .name = "null-over-userptr", .before = map_userptr, .ops = null_over_userptr },
	{ .name = "unmap-all", .before = map_twice, .ops = unmap_all },
	{ .name = "unmap-all-of-two", .before = before_mixed, .ops = unmap_all_of_two },
	{ .name = "prefetch", .before = map_shared, .ops = prefetch_bo },
	{ .name = "prefetch-userptr", .flags = XE_CASE_PROGRESS, .before = map_userptr,
	  .ops = prefetch_userptr, .prepare = make_stale },
	{ .name = "array", .before = before_mixed, .ops = mixed },
	/* With fences in and out */
	{ .name = "map-shared+fences", .flags = WITH_OUT, .ops = map_shared },
	{ .name = "map-shared+point", .flags = XE_BIND_OUT_POINT, .ops = map_shared },
	{ .name = "map-shared+user-fence", .flags = XE_BIND_USER_FENCE, .ops = map_shared },
	{ .name = "array+fences", .flags = WITH_OUT | XE_BIND_QUEUE, .before = before_mixed,
	  .ops = mixed },
	{ .name = "prefetch+fences", .flags = WITH_OUT | XE_BIND_QUEUE, .before = map_shared,
	  .ops = prefetch_bo },
	{ .name = "nothing+fences", .flags = WITH_OUT, .before = map_shared, .ops = nothing },
	{ .name = "nothing+pending", .flags = DEFERRED, .before = map_shared, .ops = nothing },
	/* Left to a job, because there is something to wait for */
	{ .name = "map-shared+pending", .flags = DEFERRED, .ops = map_shared },
	{ .name = "map-userptr+pending", .flags = DEFERRED, .ops = map_userptr },
	{ .name = "unmap-hole-of-1G+pending", .flags = DEFERRED, .before = map_null,
	  .ops = unmap_hole },
	{ .name = "map-over-middle+pending", .flags = DEFERRED | XE_BIND_QUEUE,
	  .before = map_shared, .ops = map_over_middle },
	{ .name = "null-over-userptr+pending", .flags = DEFERRED, .before = map_userptr,
	  .ops = null_over_userptr },
	{ .name = "array+pending", .flags = DEFERRED, .before = before_mixed, .ops = mixed },
	/* Stored by the copy engine */
	{ .name = "map-shared+job", .flags = BY_JOB, .ops = map_shared },
	{ .name = "unmap+job", .flags = BY_JOB, .before = map_shared, .ops = unmap },
	{ .name = "unmap-hole-of-1G+job", .flags = BY_JOB, .before = map_null,
	  .ops = unmap_hole },
	{ .name = "null-over-userptr+job", .flags = BY_JOB, .before = map_userptr,
	  .ops = null_over_userptr },
	{ .name = "array+job", .flags = BY_JOB, .before = before_mixed, .ops = mixed },
	/* Long-running VMs, and scratch pages */
	{ .name = "map-shared+lr", .flags = XE_CASE_LR, .ops = map_shared },
	{ .name = "map-userptr+lr", .flags = XE_CASE_LR, .ops = map_userptr },
	{ .name = "unmap+lr", .flags = XE_CASE_LR | XE_BIND_USER_FENCE, .before = map_shared,
	  .ops = unmap },
	{ .name = "map-over-middle+lr", .flags = XE_CASE_LR, .before = map_shared,
	  .ops = map_over_middle },
	{ .name = "unmap-hole-of-1G+lr", .flags = XE_CASE_LR, .before = map_null,
	  .ops = unmap_hole },
	{ .name = "array+lr", .flags = XE_CASE_LR | XE_BIND_USER_FENCE, .before = before_mixed,
	  .ops = mixed },
	{ .name = "map-shared+scratch", .flags = XE_CASE_SCRATCH, .ops = map_shared },
	{ .name = "map-over-middle+scratch", .flags = XE_CASE_SCRATCH, .before = map_shared,
	  .ops = map_over_middle },
	{ .name = "unmap-hole-of-1G+scratch", .flags = XE_CASE_SCRATCH, .before = map_null,
	  .ops = unmap_hole },
	{ .name = "array+lr+scratch", .flags = XE_CASE_LR | XE_CASE_SCRATCH,
	  .before = before_mixed, .ops = mixed },
	/* Jobs */
	{ .name = "exec", .flags = WITH_OUT | A_JOB, .before = map_shared,
	  .call = exec_out },
	{ .name = "exec+pending", .flags = DEFERRED | A_JOB, .before = map_shared,
	  .call = exec_deferred },
	{ .name = "exec+point", .flags = XE_BIND_OUT_POINT | A_JOB, .before = map_shared,
	  .call = exec_point },
	{ .name = "exec+lr", .flags = XE_CASE_LR | A_JOB, .before = map_shared,
	  .call = exec_lr },
	{ .name = "exec-stale-userptr", .flags = A_JOB | XE_CASE_PROGRESS | WITH_OUT,
	  .before = map_userptr, .prepare = make_stale, .call = exec_out, .again = map_userptr },
	{ .name = "exec-userptr-without-pages",
	  .flags = A_JOB | XE_CASE_PROGRESS | WITH_OUT, .before = map_userptr,
	  .prepare = drop_pages, .call = exec_out, .again = map_userptr },
	{ .name = "exec-stale-pieces", .flags = A_JOB | XE_CASE_PROGRESS | WITH_OUT,
	  .before = map_pieces, .prepare = make_stale, .call = exec_out, .again = map_pieces },
	/* Left to work items */
	{ .name = "work-rebind+lr", .flags = XE_CASE_LR, .before = map_userptr,
	  .work = run_stale_lr, .again = map_userptr },
	{ .name = "work-rebind-pieces+lr", .flags = XE_CASE_LR, .before = map_pieces,
	  .work = run_stale_lr, .again = map_pieces },
	{ .name = "work-stores", .flags = XE_BIND_IN_PENDING, .prepare = unmap_and_pend,
	  .work = bind_deferred, .again = map_shared },
	{ .name = "work-user-fence", .work = bind_user_fence, .again = unmap },
	/* What the rest hangs on */
	{ .name = "vm-create", .flags = XE_CASE_NO_VM, .call = create_plain_vm,
	  .destroy = destroy_vm },
	{ .name = "vm-create+scratch", .flags = XE_CASE_NO_VM, .call = create_scratch_vm,
	  .destroy = destroy_vm },
	{ .name = "vm-create+lr", .flags = XE_CASE_NO_VM, .call = create_lr_vm,
	  .destroy = destroy_vm },
	{ .name = "queue-create", .call = create_queue, .destroy = destroy_queue },
	{ .name = "queue-create+lr", .flags = XE_CASE_LR, .call = create_queue,
	  .destroy = destroy_queue },
	{ .name = "bind-queue-create", .call = create_bind_queue, .destroy = destroy_queue },
	{ .name = "madvise", .before = map_shared, .call = advise },
	{ .name = "bo-export", .call = export_bo, .destroy = close_export },
	{ .name = "bo-create-shared", .call = create_shared_bo, .destroy = destroy_bo },
	{ .name = "bo-create-private", .call = create_private_bo, .destroy = destroy_bo },
	{ .name = "wait-user-fence", .flags = XE_CASE_EXEC, .call = wait_user_fence },
	{ .name = "query-engines", .flags = XE_CASE_EXEC, .prepare = ask_size,
	  .call = query_engines },
};

const unsigned int xe_n_cases = ARRAY_SIZE(xe_cases);
