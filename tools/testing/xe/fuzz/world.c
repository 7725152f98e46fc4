// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The objects of a running program: files, VMs, BOs, and the gate that holds binds back.
 */
#define _GNU_SOURCE
#include <stdarg.h>

#include "fuzz.h"
#include "../xe_calls.h"

/* Far from everything that the C library maps: holes in it stay holes. */
#define ARENA_ADDR	0x100000000000ull
#define ARENA_SPAN	0x1000000000ull

#define MI_SEMAPHORE_WAIT_EQ	0x0e00c002u
#define GATE_VA			0x100000ull
#define GATE_WORD		64
/* The watchman opens a gate that its thread has forgotten. */
#define GATE_LIMIT_NS		(3 * NSEC_PER_SEC / 2)

/* The first failure is the one that counts. */
void fail(struct thread *t, const char *fmt, ...)
{
	int expected = 0;
	va_list ap;

	if (!atomic_compare_exchange_strong(&result->failed, &expected, 1))
		return;
	result->step = t->step;
	va_start(ap, fmt);
	vsnprintf(result->text, sizeof(result->text), fmt, ap);
	va_end(ap);
	atomic_store(&result->failed, 2);
}

bool failed(void)
{
	return atomic_load(&result->failed);
}

uint64_t window_va(const struct thread *t, uint64_t page)
{
	if (page >= WINDOW)
		return page * XE_PAGE;
	return WINDOW_VA + (t->number * (uint64_t)WINDOW + page) * XE_PAGE;
}

/* --- VMs ------------------------------------------------------------------------------------- */

/*
 * A number that the harness finds in the page tables: null pages, read-only for a 1. A null page
 * apart ends it, so that scratch behind it is no part of a longer run.
 */
static bool vm_sign(int fd, const struct vm *vm)
{
	struct drm_xe_vm_bind_op op[SIGNATURE_BITS + 3] = { 0 };
	struct drm_xe_vm_bind args = { .vm_id = vm->id, .num_binds = ARRAY_SIZE(op) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(op); i++) {
		bool one = !i || (i <= SIGNATURE_BITS && vm->serial & (1u << (i - 1)));

		op[i].op = DRM_XE_VM_BIND_OP_MAP;
		op[i].flags = DRM_XE_VM_BIND_FLAG_NULL | (one ? DRM_XE_VM_BIND_FLAG_READONLY : 0);
		op[i].addr = SIGNATURE_VA + (i == ARRAY_SIZE(op) - 1 ? i + 1 : i) * XE_PAGE;
		op[i].range = XE_PAGE;
	}
	args.vector_of_binds = (uintptr_t)op;
	return !xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
}

struct ref_memory thread_memory(const struct thread *t)
{
	return (struct ref_memory){ .object = t->ref, .user = t->user };
}

/* Wait for a value in memory; @queue: that of the job that writes it, or 0. Return: 0 or -errno */
int ufence_wait(int fd, volatile uint64_t *at, uint64_t value, uint32_t queue)
{
	struct drm_xe_wait_user_fence args = {
		.addr = (uintptr_t)at,
		.op = DRM_XE_UFENCE_WAIT_OP_EQ,
		.value = value,
		.mask = ~0ull,
		.timeout = PATIENCE,
		.exec_queue_id = queue,
	};

	return xe_call(fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &args);
}

/* Map the memory for batches. */
static bool vm_bind_batch(struct thread *t, const struct vm *vm, uint64_t addr, uint64_t size)
{
	struct drm_xe_sync sync = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)t->ufence_page,
		.timeline_value = vm->serial,
	};
	struct drm_xe_vm_bind args = {
		.vm_id = vm->id,
		.num_binds = 1,
		.bind = {
			.op = DRM_XE_VM_BIND_OP_MAP,
			.obj = vm->batch_bo,
			.addr = addr,
			.range = size,
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int fd = t->fd[vm->file];

	if (!vm->lr)
		return !xe_bind_wait(fd, vm->id, vm->batch_bo, addr, size);
	return !xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args) &&
	       !ufence_wait(fd, t->ufence_page, vm->serial, 0);
}

/* What a VM of a thread needs beside the VM itself. */
static bool vm_furnish(struct thread *t, struct vm *vm)
{
	uint64_t size = BATCH_PAGES * XE_PAGE;
	int fd = t->fd[vm->file];

	vm->window = calloc(WINDOW, sizeof(*vm->window));
	vm->batch_bo = xe_gem_create(fd, size, 0);
	vm->batch = xe_gem_map(fd, vm->batch_bo, size);
	vm->timeline = xe_syncobj_create(fd, 0);
	if (!vm->window || vm->batch == MAP_FAILED || !vm->timeline)
		return false;
	return vm_bind_batch(t, vm, BATCH_VA + t->number * BATCH_SPAN, size);
}

/* @s: STEP_VM_CREATE, or NULL for the one that threads share */
bool vm_open(struct thread *t, struct vm *vm, const struct step *s)
{
	*vm = (struct vm){
		.file = s ? s->arg[A_FILE] : 0,
		.scratch = s && s->arg[A_SCRATCH],
		.lr = s && s->arg[A_LR],
		.serial = atomic_fetch_add(&result->serial, 1) + 1,
	};
	vm->id = xe_vm_create(t->fd[vm->file],
			      (vm->scratch ? DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE : 0) |
			      (vm->lr ? DRM_XE_VM_CREATE_FLAG_LR_MODE : 0));
	if (!vm->id || !vm_sign(t->fd[vm->file], vm) || !vm_furnish(t, vm)) {
		fail(t, "a VM cannot be made");
		return false;
	}
	return true;
}

/* The VM that all threads share: each has its own window of it. */
bool vm_join(struct thread *t, struct vm *vm, const struct vm *shared)
{
	*vm = (struct vm){ .id = shared->id, .serial = shared->serial };
	if (!vm_furnish(t, vm)) {
		fail(t, "the shared VM cannot be used");
		return false;
	}
	return true;
}

/* Forget a VM that has been closed, with its file or alone. */
void vm_forget(struct vm *vm)
{
	if (vm->batch)
		munmap(vm->batch, BATCH_PAGES * XE_PAGE);
	free(vm->window);
	*vm = (struct vm){ 0 };
}

/* --- BOs ------------------------------------------------------------------------------------- */

static uint32_t import(int from, uint32_t handle, int to)
{
	struct drm_prime_handle args = { .handle = handle, .flags = O_CLOEXEC };
	uint32_t got = 0;

	if (xe_call(from, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args))
		return 0;
	if (!xe_call(to, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args))
		got = args.handle;
	close(args.fd);
	return got;
}

static bool only_handle(const struct object *o, unsigned int file)
{
	for (unsigned int i = 0; i < FILES; i++)
		if (i != file && o->handle[i])
			return false;
	return true;
}

/* Handle of an object in a file, imported if need be; 0 if there is no way. */
uint32_t object_handle(struct thread *t, int obj, unsigned int file)
{
	struct object *o = &t->object[obj];

	for (unsigned int i = 0; !o->handle[file] && i < FILES; i++)
		if (o->handle[i] && !t->ref[obj].private_of)
			o->handle[file] = import(t->fd[i], o->handle[i], t->fd[file]);
	t->ref[obj].exported |= o->handle[file] && !only_handle(o, file);
	return o->handle[file];
}

/* --- the gate -------------------------------------------------------------------------------- */

bool gate_open_file(struct thread *t)
{
	struct drm_xe_engine_class_instance eci = {
		.engine_class = DRM_XE_ENGINE_CLASS_VIDEO_DECODE,
	};
	struct gate *gate = &t->gate;
	uint64_t addr = GATE_VA;
	uint32_t vm, bo;

	gate->fd = xe_open();
	vm = xe_vm_create(gate->fd, 0);
	bo = xe_gem_create(gate->fd, XE_PAGE, 0);
	gate->batch = xe_gem_map(gate->fd, bo, XE_PAGE);
	if (gate->fd < 0 || gate->batch == MAP_FAILED ||
	    xe_bind_wait(gate->fd, vm, bo, addr, XE_PAGE))
		return false;
	gate->batch[0] = MI_SEMAPHORE_WAIT_EQ;
	gate->batch[1] = 1;
	gate->batch[2] = addr + GATE_WORD * 4;
	gate->batch[3] = 0;
	gate->batch[4] = XE_MI_BATCH_END;
	gate->queue = xe_queue_create(gate->fd, vm, &eci);
	gate->syncobj = xe_syncobj_create(gate->fd, 0);
	return gate->queue && gate->syncobj;
}

static void forget_copies(struct thread *t)
{
	struct gate *gate = &t->gate;

	for (unsigned int i = 0; i < FILES; i++) {
		struct drm_syncobj_destroy args = { .handle = gate->copy[i] };

		if (gate->copy[i])
			xe_call(t->fd[i], DRM_IOCTL_SYNCOBJ_DESTROY, &args);
		gate->copy[i] = 0;
	}
}

bool gate_close(struct thread *t)
{
	struct gate *gate = &t->gate;
	struct drm_xe_sync out = xe_sync_out(gate->syncobj);
	struct drm_xe_exec args = {
		.exec_queue_id = gate->queue,
		.num_batch_buffer = 1,
		.address = GATE_VA,
		.num_syncs = 1,
		.syncs = (uintptr_t)&out,
	};

	if (atomic_load(&gate->since))
		return true;
	forget_copies(t);
	/* The job before must not read the new value. */
	if (gate->forced || gate->batch[GATE_WORD])
		xe_syncobj_wait(gate->fd, gate->syncobj, 10 * NSEC_PER_SEC);
	gate->batch[GATE_WORD] = 0;
	atomic_store(&gate->forced, false);
	if (xe_call(gate->fd, DRM_IOCTL_XE_EXEC, &args)) {
		fail(t, "the gate's job was refused");
		return false;
	}
	atomic_store(&gate->since, xe_now());
	return true;
}

void gate_open(struct gate *gate)
{
	gate->batch[GATE_WORD] = 1;
	atomic_store(&gate->since, 0);
}

/*
 * Called by the watchman. A thread may block in the kernel on what its own gate holds back: an
 * munmap(), for instance, waits for all work of a VM.
 */
void gate_watch(struct gate *gate)
{
	int64_t since = atomic_load(&gate->since);

	if (!since || xe_now() - since < GATE_LIMIT_NS)
		return;
	atomic_store(&gate->forced, true);
	gate_open(gate);
}

/* Syncobj of the closed gate in a file; 0 if it is open. */
uint32_t gate_fence(struct thread *t, unsigned int file)
{
	struct gate *gate = &t->gate;
	struct drm_syncobj_handle args = { .handle = gate->syncobj };

	if (!atomic_load(&gate->since))
		return 0;
	if (gate->copy[file] || xe_call(gate->fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args))
		return gate->copy[file];
	args.handle = 0;
	if (!xe_call(t->fd[file], DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args))
		gate->copy[file] = args.handle;
	close(args.fd);
	return gate->copy[file];
}

/* --- threads --------------------------------------------------------------------------------- */

bool file_open(struct thread *t, unsigned int file)
{
	t->fd[file] = xe_open();
	if (t->fd[file] >= 0)
		return true;
	fail(t, "the device cannot be opened");
	return false;
}

bool thread_open(struct thread *t, const struct program *p, unsigned int number, int shared)
{
	unsigned int i;

	t->number = number;
	t->program = p;
	t->fd[0] = shared;
	for (i = 1; i < FILES; i++)
		if (!file_open(t, i))
			return false;
	for (i = 0; i < BOS; i++)
		t->bo[i] = -1;
	t->arena = mmap((void *)(ARENA_ADDR + number * ARENA_SPAN), ARENA * XE_PAGE,
			PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	t->ufence_page = mmap(NULL, (UFENCES + QUEUES + 1) * 8, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (t->arena == MAP_FAILED || t->ufence_page == MAP_FAILED || !gate_open_file(t)) {
		fail(t, "thread %u cannot begin", number);
		return false;
	}
	for (i = 0; i < ARENA; i++)
		t->user[i] = (struct ref_user){ .present = true, .writable = true };
	return true;
}
