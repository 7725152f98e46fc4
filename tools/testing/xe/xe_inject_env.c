// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: clients that are ready for the call under test, and the two calls that most
 * cases are about, binds and execs.
 */
#define _GNU_SOURCE

#include "xe_inject.h"

#define BATCH_SIZE	(2 * XE_PAGE)
#define N_BATCH_ADDRS	500
#define BATCH_FENCE	XE_PAGE
#define PATIENCE	(60 * NSEC_PER_SEC)
#define TIMELINE_POINT	7
#define SW_SYNC		"/sys/kernel/debug/sync/sw_sync"

/* The time lines of the kernel's sw_sync, which it describes in no header of its uAPI. */
struct sw_sync_create_fence_data {
	uint32_t value;
	char name[32];
	int32_t fence;
};

#define SW_SYNC_IOC_CREATE_FENCE _IOWR('W', 0, struct sw_sync_create_fence_data)

static struct drm_xe_sync sync_of(uint32_t handle, uint32_t flags)
{
	return (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_SYNCOBJ,
		.flags = flags,
		.handle = handle,
	};
}

static uint32_t fill_syncs(struct xe_env *env, unsigned int flags, struct drm_xe_sync *syncs)
{
	uint32_t n = 0;

	if (flags & (XE_BIND_IN_DONE | XE_BIND_IN_PENDING))
		syncs[n++] = sync_of(env->in, 0);
	if (flags & XE_BIND_OUT)
		syncs[n++] = sync_of(env->out, DRM_XE_SYNC_FLAG_SIGNAL);
	if (flags & XE_BIND_OUT_POINT) {
		syncs[n] = sync_of(env->out, DRM_XE_SYNC_FLAG_SIGNAL);
		syncs[n].type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
		syncs[n++].timeline_value = TIMELINE_POINT;
	}
	if (flags & XE_BIND_USER_FENCE) {
		syncs[n++] = (struct drm_xe_sync){
			.type = DRM_XE_SYNC_TYPE_USER_FENCE,
			.flags = DRM_XE_SYNC_FLAG_SIGNAL,
			.addr = (uintptr_t)&env->user_fence,
			.timeline_value = 1,
		};
	}

	return n;
}

/**
 * xe_env_bind() - one VM_BIND
 * @env: the client
 * @ops: operations
 * @n: how many; 0 is allowed
 * @flags: XE_BIND_*
 *
 * Return: 0 or -errno.
 */
int xe_env_bind(struct xe_env *env, const struct drm_xe_vm_bind_op *ops, uint32_t n,
		unsigned int flags)
{
	struct drm_xe_sync syncs[4];
	struct drm_xe_vm_bind args = {
		.vm_id = env->vm,
		.exec_queue_id = flags & XE_BIND_QUEUE ? env->bind_queue : 0,
		.num_binds = n,
		.num_syncs = fill_syncs(env, flags, syncs),
		.syncs = (uintptr_t)syncs,
	};

	if (n == 1)
		args.bind = *ops;
	else if (n)
		args.vector_of_binds = (uintptr_t)ops;

	return xe_call_once(env->fd, DRM_IOCTL_XE_VM_BIND, &args);
}

/**
 * xe_env_exec() - submit the job
 * @env: the client
 * @flags: XE_BIND_OUT, XE_BIND_IN_DONE, XE_BIND_IN_PENDING; and XE_BIND_USER_FENCE, which the GPU
 *	stores then
 *
 * Return: 0 or -errno.
 */
int xe_env_exec(struct xe_env *env, unsigned int flags)
{
	struct drm_xe_sync syncs[4];
	struct drm_xe_exec args = {
		.exec_queue_id = env->queue,
		.num_batch_buffer = 1,
		.address = env->batch_addr,
		.num_syncs = fill_syncs(env, flags, syncs),
		.syncs = (uintptr_t)syncs,
	};

	if (flags & XE_BIND_USER_FENCE)
		syncs[args.num_syncs - 1].addr = env->batch_addr + BATCH_FENCE;

	return xe_call_once(env->fd, DRM_IOCTL_XE_EXEC, &args);
}

static int await_point(struct xe_env *env)
{
	uint64_t point = TIMELINE_POINT;
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)&env->out,
		.points = (uintptr_t)&point,
		.timeout_nsec = xe_now() + PATIENCE,
		.count_handles = 1,
	};

	return xe_call(env->fd, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
}

static int await_user_fence(struct xe_env *env)
{
	volatile uint64_t *fence = (uint64_t *)((char *)env->batch + BATCH_FENCE);
	int64_t end = xe_now() + PATIENCE;

	while (*fence != 1 && xe_now() < end)
		usleep(1000);

	return *fence == 1 ? 0 : -ETIME;
}

/**
 * xe_env_await() - wait for the end of a job that xe_env_exec() has submitted
 * @env: the client; what the job waits for signals
 * @flags: as for xe_env_exec()
 *
 * Return: 0; -EINVAL if there is no fence, -ETIME if it does not signal.
 */
int xe_env_await(struct xe_env *env, unsigned int flags)
{
	xe_env_unpend(env);
	if (flags & XE_BIND_USER_FENCE)
		return await_user_fence(env);
	if (flags & XE_BIND_OUT_POINT)
		return await_point(env);

	return xe_syncobj_wait(env->fd, env->out, PATIENCE);
}

/**
 * xe_env_run() - submit the job and wait for its end
 * @env: the client
 * @lr: its VM is a long-running one
 *
 * Return: 0 or -errno.
 */
int xe_env_run(struct xe_env *env, bool lr)
{
	struct drm_syncobj_destroy destroy;
	uint32_t out = env->out;
	int ret;

	if (lr) {
		*(volatile uint64_t *)((char *)env->batch + BATCH_FENCE) = 0;
		return xe_env_exec(env, XE_BIND_USER_FENCE) ?: await_user_fence(env);
	}

	env->out = xe_syncobj_create(env->fd, 0);
	ret = xe_env_exec(env, XE_BIND_OUT) ?: xe_syncobj_wait(env->fd, env->out, PATIENCE);
	destroy = (struct drm_syncobj_destroy){ .handle = env->out };
	xe_call(env->fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);
	env->out = out;

	return ret;
}

/**
 * xe_env_pend() - make a sync object to wait for that has not signalled
 * @env: the client; &xe_env.in signals when &xe_env.timeline is closed
 *
 * Return: 0 or -errno.
 */
int xe_env_pend(struct xe_env *env)
{
	struct sw_sync_create_fence_data fence = { .value = 1, .name = "inject" };
	struct drm_syncobj_handle args = {
		.handle = xe_syncobj_create(env->fd, 0),
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
	};

	int ret;

	env->timeline = open(SW_SYNC, O_RDWR | O_CLOEXEC);
	if (env->timeline < 0 || ioctl(env->timeline, SW_SYNC_IOC_CREATE_FENCE, &fence))
		return -errno;
	args.fd = fence.fence;
	ret = xe_call(env->fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);
	close(fence.fence);
	env->in = args.handle;

	return ret;
}

/**
 * xe_env_unpend() - let what xe_env_pend() has made signal
 * @env: the client
 */
void xe_env_unpend(struct xe_env *env)
{
	if (env->timeline >= 0)
		close(env->timeline);
	env->timeline = -1;
}

/* A BO with memory. */
static uint32_t filled_bo(int fd, uint32_t vm)
{
	uint32_t bo = xe_gem_create(fd, XE_INJECT_BO_SIZE, vm);
	char *map = bo ? xe_gem_map(fd, bo, XE_INJECT_BO_SIZE) : MAP_FAILED;
	uint64_t i;

	if (map == MAP_FAILED)
		return 0;
	for (i = 0; i < XE_INJECT_BO_SIZE; i += XE_PAGE)
		map[i] = 1;
	munmap(map, XE_INJECT_BO_SIZE);

	return bo;
}

/* VM and batch, and one run of it. */
static int open_vm(struct xe_env *env, unsigned int flags)
{
	struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.addr = env->batch_addr,
		.range = BATCH_SIZE,
		.pat_index = xe_pat_wb(env->fd),
	};
	uint32_t vm_flags = 0;
	int ret;

	if (flags & XE_CASE_LR)
		vm_flags |= DRM_XE_VM_CREATE_FLAG_LR_MODE;
	if (flags & XE_CASE_SCRATCH)
		vm_flags |= DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE;
	env->vm = xe_vm_create(env->fd, vm_flags);
	op.obj = xe_gem_create(env->fd, BATCH_SIZE, env->vm);
	env->batch = op.obj ? xe_gem_map(env->fd, op.obj, BATCH_SIZE) : MAP_FAILED;
	if (env->batch == MAP_FAILED)
		return -ENOMEM;
	env->batch[0] = XE_MI_BATCH_END;

	ret = xe_env_bind(env, &op, 1, 0);
	if (ret)
		return ret;
	env->queue = xe_queue_create(env->fd, env->vm, &env->eci);

	return env->queue ? xe_env_run(env, flags & XE_CASE_LR) : -EINVAL;
}

static int set_by_job(bool on)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s/pt_updates", xe_knobs_device());
	f = fopen(path, "w");
	if (!f)
		return -errno;
	fprintf(f, "%d\n", on);

	return fclose(f);
}

/* Memory of the process, backed by pages. */
static int open_memory(struct xe_env *env)
{
	char *at = mmap(NULL, 2 * XE_INJECT_MEMORY_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	env->memory = (void *)(((uintptr_t)at + XE_INJECT_MEMORY_SIZE - 1) &
			       -XE_INJECT_MEMORY_SIZE);
	munmap(at, (char *)env->memory - at);
	munmap((char *)env->memory + XE_INJECT_MEMORY_SIZE,
	       at + XE_INJECT_MEMORY_SIZE - (char *)env->memory);
	madvise(env->memory, XE_INJECT_MEMORY_SIZE, MADV_NOHUGEPAGE);
	memset(env->memory, 1, XE_INJECT_BO_SIZE);

	return 0;
}

static int open_objects(struct xe_env *env, const struct xe_case *c)
{
	struct drm_xe_vm_bind_op ops[XE_INJECT_MAX_OPS];
	int ret;

	env->bos[0] = filled_bo(env->fd, 0);
	env->bos[1] = filled_bo(env->fd, 0);
	env->private_bo = filled_bo(env->fd, env->vm);
	env->fresh_bo = xe_gem_create(env->fd, XE_INJECT_BO_SIZE, 0);
	env->bind_queue = xe_bind_queue_create(env->fd, env->vm);
	env->out = xe_syncobj_create(env->fd, 0);
	if (!(c->flags & XE_BIND_IN_PENDING))
		env->in = xe_syncobj_create(env->fd, DRM_SYNCOBJ_CREATE_SIGNALED);
	else if (xe_env_pend(env))
		return -EIO;
	if (!env->bos[0] || !env->bos[1] || !env->private_bo || !env->fresh_bo || !env->in ||
	    !env->bind_queue)
		return -ENOMEM;

	ret = open_memory(env);
	if (!ret && c->before)
		ret = xe_env_bind(env, ops, c->before(env, ops), 0);

	return ret;
}

/**
 * xe_env_open() - open a client
 * @env: filled in; closed again with xe_env_close(), also after an error
 * @c: the case it is for
 *
 * Return: 0 or -errno.
 */
int xe_env_open(struct xe_env *env, const struct xe_case *c)
{
	static unsigned int number;
	int ret;

	*env = (struct xe_env){
		.timeline = -1,
		.batch = MAP_FAILED,
		.batch_addr = XE_BATCH_ADDR + number++ % N_BATCH_ADDRS * XE_BATCH_ADDR,
		.memory = MAP_FAILED,
	};
	env->fd = xe_open();
	if (env->fd < 0)
		return -ENODEV;
	ret = xe_find_engines(env->fd, 1, &env->eci);
	if (ret || c->flags & XE_CASE_NO_VM)
		return ret;

	ret = open_vm(env, c->flags);
	if (!ret)
		ret = open_objects(env, c);
	if (!ret)
		ret = set_by_job(c->flags & XE_BIND_BY_JOB);
	if (!ret)
		xe_state_find_space(env);

	return ret;
}

/**
 * xe_env_close() - close a client
 * @env: the client
 */
void xe_env_close(struct xe_env *env)
{
	xe_env_unpend(env);
	if (env->fd < 0)
		return;
	set_by_job(false);
	if (env->batch != MAP_FAILED)
		munmap(env->batch, BATCH_SIZE);
	close(env->fd);
	if (env->memory != MAP_FAILED)
		munmap(env->memory, XE_INJECT_MEMORY_SIZE);
}
