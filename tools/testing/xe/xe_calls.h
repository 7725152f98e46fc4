/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Valid calls of the uAPI, for tests and benchmarks.
 */
#ifndef _XE_CALLS_H_
#define _XE_CALLS_H_

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "xe_drm.h"

#define XE_PAGE			4096ULL
#define XE_MI_BATCH_END		0x05000000u
#define XE_BATCH_ADDR		0x100000ULL
#define XE_UNKNOWN_ID		0x7fffffffu
#define XE_MAX_NODES		16
#define NSEC_PER_MSEC		1000000LL
#define NSEC_PER_SEC		1000000000LL

/* Result of an ioctl: 0 or -errno. Interrupted calls are restarted. */
static inline int xe_call(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret == -1 && errno == EINTR);

	return ret ? -errno : 0;
}

/* Open render node number @n of an xe device; -1 if it is none. */
static inline int xe_open_node(int n)
{
	char path[32], name[8] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };
	int fd;

	snprintf(path, sizeof(path), "/dev/dri/renderD%d", 128 + n);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;

	if (!xe_call(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "xe"))
		return fd;

	close(fd);
	return -1;
}

/* Open the first xe device; -1 if there is none. */
static inline int xe_open(void)
{
	int fd, n;

	for (n = 0; n < XE_MAX_NODES; n++) {
		fd = xe_open_node(n);
		if (fd >= 0)
			return fd;
	}

	return -1;
}

/* Reply to a query; NULL on error and for an empty one. */
static inline void *xe_query(int fd, uint32_t id, uint32_t *size)
{
	struct drm_xe_device_query query = { .query = id };
	void *data;

	if (xe_call(fd, DRM_IOCTL_XE_DEVICE_QUERY, &query) || !query.size)
		return NULL;

	data = calloc(1, query.size);
	query.data = (uintptr_t)data;
	if (data && xe_call(fd, DRM_IOCTL_XE_DEVICE_QUERY, &query)) {
		free(data);
		return NULL;
	}
	if (size)
		*size = query.size;
	return data;
}

static inline uint64_t xe_config(int fd, unsigned int index)
{
	struct drm_xe_query_config *config = xe_query(fd, DRM_XE_DEVICE_QUERY_CONFIG, NULL);
	uint64_t value = config && index < config->num_params ? config->info[index] : 0;

	free(config);
	return value;
}

static inline int xe_is_tigerlake(int fd)
{
	return (xe_config(fd, DRM_XE_QUERY_CONFIG_REV_AND_DEVICE_ID) & 0xffff) == 0x9a49;
}

/* PAT index for cached memory. */
static inline uint16_t xe_pat_wb(int fd)
{
	return xe_is_tigerlake(fd) ? 0 : 2;
}

/* Find @n logically adjacent engines of one class; 0, or -1 if there are not as many. */
static inline int xe_find_engines(int fd, unsigned int n, struct drm_xe_engine_class_instance *out)
{
	struct drm_xe_query_engines *list = xe_query(fd, DRM_XE_DEVICE_QUERY_ENGINES, NULL);
	unsigned int i, run = 0;

	for (i = 0; list && i < list->num_engines && run < n; i++) {
		struct drm_xe_engine_class_instance *eci = &list->engines[i].instance;

		if (run && (eci->engine_class != out[run - 1].engine_class ||
			    eci->gt_id != out[run - 1].gt_id))
			run = 0;
		out[run++] = *eci;
	}

	free(list);
	return run == n ? 0 : -1;
}

static inline struct drm_xe_vm_bind_op xe_unmap_op(uint64_t addr, uint64_t size)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_UNMAP,
		.addr = addr,
		.range = size,
	};
}

static inline uint32_t xe_vm_create(int fd, uint32_t flags)
{
	struct drm_xe_vm_create args = { .flags = flags };

	return xe_call(fd, DRM_IOCTL_XE_VM_CREATE, &args) ? 0 : args.vm_id;
}

static inline int xe_vm_destroy(int fd, uint32_t vm)
{
	struct drm_xe_vm_destroy args = { .vm_id = vm };

	return xe_call(fd, DRM_IOCTL_XE_VM_DESTROY, &args);
}

static inline struct drm_xe_gem_create xe_gem_args(uint64_t size)
{
	return (struct drm_xe_gem_create){
		.size = size,
		.placement = 1,
		.cpu_caching = DRM_XE_GEM_CPU_CACHING_WB,
	};
}

static inline uint32_t xe_gem_create(int fd, uint64_t size, uint32_t vm)
{
	struct drm_xe_gem_create args = xe_gem_args(size);

	args.vm_id = vm;
	return xe_call(fd, DRM_IOCTL_XE_GEM_CREATE, &args) ? 0 : args.handle;
}

static inline uint64_t xe_gem_offset(int fd, uint32_t handle)
{
	struct drm_xe_gem_mmap_offset args = { .handle = handle };

	return xe_call(fd, DRM_IOCTL_XE_GEM_MMAP_OFFSET, &args) ? 0 : args.offset;
}

static inline void *xe_gem_map(int fd, uint32_t handle, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, xe_gem_offset(fd, handle));
}

static inline uint32_t xe_syncobj_create(int fd, uint32_t flags)
{
	struct drm_syncobj_create args = { .flags = flags };

	return xe_call(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args) ? 0 : args.handle;
}

static inline int64_t xe_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static inline int xe_syncobj_wait(int fd, uint32_t handle, int64_t timeout_ns)
{
	struct drm_syncobj_wait args = {
		.handles = (uintptr_t)&handle,
		.count_handles = 1,
		.timeout_nsec = xe_now() + timeout_ns,
	};

	return xe_call(fd, DRM_IOCTL_SYNCOBJ_WAIT, &args);
}

static inline int xe_timeline_signal(int fd, uint32_t handle, uint64_t point)
{
	struct drm_syncobj_timeline_array args = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.count_handles = 1,
	};

	return xe_call(fd, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &args);
}

static inline struct drm_xe_sync xe_sync_out(uint32_t handle)
{
	return (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_SYNCOBJ,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.handle = handle,
	};
}

/* Map a page of a BO. */
static inline struct drm_xe_vm_bind_op xe_map_page_op(int fd, uint32_t bo, uint64_t offset,
						      uint64_t addr)
{
	return (struct drm_xe_vm_bind_op){
		.op = DRM_XE_VM_BIND_OP_MAP,
		.obj = bo,
		.obj_offset = offset,
		.addr = addr,
		.range = XE_PAGE,
		.pat_index = xe_pat_wb(fd),
	};
}

/* VM_BIND of @n operations on bind queue @queue, 0 for the one of the VM; 0 or -errno */
static inline int xe_bind_ops(int fd, uint32_t vm, uint32_t queue, struct drm_xe_vm_bind_op *ops,
			      uint32_t n, struct drm_xe_sync *syncs, uint32_t n_syncs)
{
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.exec_queue_id = queue,
		.num_binds = n,
		.num_syncs = n_syncs,
		.syncs = (uintptr_t)syncs,
	};

	if (n == 1)
		args.bind = ops[0];
	else
		args.vector_of_binds = (uintptr_t)ops;

	return xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
}

/* Start the batch at @addr; sync object @out is signalled at its end. */
static inline int xe_exec_out(int fd, uint32_t queue, uint64_t addr, uint32_t out)
{
	struct drm_xe_sync sync = xe_sync_out(out);
	struct drm_xe_exec args = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = addr,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};

	return xe_call(fd, DRM_IOCTL_XE_EXEC, &args);
}

/* Map a BO and wait until it is mapped. */
static inline int xe_bind_wait(int fd, uint32_t vm, uint32_t bo, uint64_t addr, uint64_t size)
{
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = 1,
		.bind = {
			.obj = bo,
			.addr = addr,
			.range = size,
			.op = DRM_XE_VM_BIND_OP_MAP,
			.pat_index = xe_pat_wb(fd),
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	struct drm_syncobj_destroy destroy = { .handle = sync.handle };
	int ret;

	ret = xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
	if (!ret)
		ret = xe_syncobj_wait(fd, sync.handle, 10 * NSEC_PER_SEC);

	xe_call(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);
	return ret;
}

static inline uint32_t xe_queue_create(int fd, uint32_t vm,
				       const struct drm_xe_engine_class_instance *eci)
{
	struct drm_xe_exec_queue_create args = {
		.width = 1,
		.num_placements = 1,
		.vm_id = vm,
		.instances = (uintptr_t)eci,
	};

	return xe_call(fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &args) ? 0 : args.exec_queue_id;
}

/* On the first engine of a class; 0 if there is none. */
static inline uint32_t xe_queue_of_class(int fd, uint32_t vm, uint16_t class)
{
	struct drm_xe_query_engines *list = xe_query(fd, DRM_XE_DEVICE_QUERY_ENGINES, NULL);
	uint32_t queue = 0, i;

	for (i = 0; list && i < list->num_engines && !queue; i++)
		if (list->engines[i].instance.engine_class == class)
			queue = xe_queue_create(fd, vm, &list->engines[i].instance);
	free(list);

	return queue;
}

static inline uint32_t xe_bind_queue_create(int fd, uint32_t vm)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = DRM_XE_ENGINE_CLASS_VM_BIND };

	return xe_queue_create(fd, vm, &eci);
}

static inline int xe_queue_destroy(int fd, uint32_t queue)
{
	struct drm_xe_exec_queue_destroy args = { .exec_queue_id = queue };

	return xe_call(fd, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, &args);
}

/* 1 or 0; -errno on error. */
static inline int xe_queue_is_banned(int fd, uint32_t queue)
{
	struct drm_xe_exec_queue_get_property args = {
		.exec_queue_id = queue,
		.property = DRM_XE_EXEC_QUEUE_GET_PROPERTY_BAN,
	};
	int ret = xe_call(fd, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, &args);

	return ret ? ret : (int)args.value;
}

/* A file of the first xe device in debugfs; NULL if it cannot be opened. */
static inline FILE *xe_open_debugfs(const char *name, const char *mode)
{
	char path[80];
	FILE *f;
	int n;

	for (n = 0; n < XE_MAX_NODES; n++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/pt_updates", n);
		if (access(path, R_OK))
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/%s", n, name);
		f = fopen(path, mode);
		if (f)
			return f;
	}

	return NULL;
}

/* An address nothing can be read from or written to. */
static inline uint64_t xe_bad_pointer(void)
{
	return (uintptr_t)mmap(NULL, XE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

#endif
