/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * An address space with a queue, and with memory of the process for its batches and for words that
 * they look at. That memory is shared, so that a child does not get a copy of it.
 */
#ifndef _XE_CLIENT_H_
#define _XE_CLIENT_H_

#include "xe_batch.h"

#define XE_BATCHES_SIZE		(2 * XE_PAGE)
/* What takes longer does not happen. */
#define XE_PATIENCE		(20 * NSEC_PER_SEC)

struct xe_client {
	int fd;
	uint32_t vm;
	uint32_t queue;
	/* sync object of the job that was submitted last */
	uint32_t out;
	/* mapped at XE_BATCH_ADDR */
	uint32_t *batches;
};

static inline volatile uint32_t *xe_client_word(const struct xe_client *c, unsigned int offset)
{
	return c->batches + offset / sizeof(*c->batches);
}

/* Bind, and wait until that is done. */
static inline int xe_client_bind(const struct xe_client *c, const struct drm_xe_vm_bind_op *op)
{
	uint64_t fence = 0;
	struct drm_xe_sync sync = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)&fence,
		.timeline_value = 1,
	};
	struct drm_xe_vm_bind args = {
		.vm_id = c->vm,
		.num_binds = 1,
		.bind = *op,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	struct drm_xe_wait_user_fence wait = {
		.addr = (uintptr_t)&fence,
		.value = 1,
		.mask = ~0ULL,
		.timeout = XE_PATIENCE,
	};
	int err;

	args.bind.pat_index = xe_pat_wb(c->fd);
	err = xe_call(c->fd, DRM_IOCTL_XE_VM_BIND, &args);

	return err ? err : xe_call(c->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &wait);
}

/* Begin a bind that waits for the sync object @in. */
static inline int xe_client_bind_behind(const struct xe_client *c,
					const struct drm_xe_vm_bind_op *op, uint32_t in)
{
	struct drm_xe_sync sync = { .type = DRM_XE_SYNC_TYPE_SYNCOBJ, .handle = in };
	struct drm_xe_vm_bind_op ops[] = { *op };

	ops[0].pat_index = xe_pat_wb(c->fd);

	return xe_bind_ops(c->fd, c->vm, 0, ops, 1, &sync, 1);
}

/* Map memory of the process. */
static inline int xe_client_bind_userptr(const struct xe_client *c, volatile void *memory,
					 uint64_t addr, uint64_t size, uint32_t flags)
{
	const struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP_USERPTR,
		.userptr = (uintptr_t)memory,
		.addr = addr,
		.range = size,
		.flags = flags,
	};

	return xe_client_bind(c, &op);
}

/* In an open file; @flags: of the VM. 0 or -1 */
static inline int xe_client_init(struct xe_client *c, int fd, uint32_t flags)
{
	struct drm_xe_engine_class_instance eci;

	c->fd = fd;
	c->vm = xe_vm_create(fd, flags);
	c->batches = mmap(NULL, XE_BATCHES_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!c->vm || (void *)c->batches == MAP_FAILED)
		return -1;
	memset(c->batches, 0, XE_BATCHES_SIZE);
	if (xe_client_bind_userptr(c, c->batches, XE_BATCH_ADDR, XE_BATCHES_SIZE, 0) ||
	    xe_find_engines(fd, 1, &eci))
		return -1;
	c->queue = xe_queue_create(fd, c->vm, &eci);
	c->out = xe_syncobj_create(fd, 0);

	return c->queue && c->out ? 0 : -1;
}

/* Start the batch at offset @batch. */
static inline int xe_client_start(const struct xe_client *c, unsigned int batch)
{
	return xe_exec_out(c->fd, c->queue, XE_BATCH_ADDR + batch, c->out);
}

/* Start the batch at offset @batch and wait for its end. */
static inline int xe_client_run(const struct xe_client *c, unsigned int batch)
{
	return xe_client_start(c, batch) ?: xe_syncobj_wait(c->fd, c->out, XE_PATIENCE);
}

/* Another client of the same file, on an engine that no other client uses. 0 or -1 */
static inline int xe_client_init_aside(struct xe_client *c, int fd)
{
	int err = xe_client_init(c, fd, 0);

	if (err)
		return err;
	xe_queue_destroy(fd, c->queue);
	c->queue = xe_queue_of_class(fd, c->vm, DRM_XE_ENGINE_CLASS_VIDEO_DECODE);

	return c->queue ? 0 : -1;
}

/* Is there somebody who stores @value to the word? */
static inline int xe_is_stored_to(volatile uint32_t *word, uint32_t value)
{
	const int64_t end = xe_now() + XE_PATIENCE;

	*word = ~value;
	while (*word != value) {
		if (xe_now() > end)
			return 0;
		usleep(1000);
	}

	return 1;
}

#endif
