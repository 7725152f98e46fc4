// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * usage: xe_fuzz_ioctl [--seed N] [--steps N] [--seconds N]
 *
 * Malformed calls at every entry point of the driver. Each begins as one that might be good and is
 * then spoiled: in a member, in a pointer, in the size that the number of the ioctl tells. Three
 * threads call, on files that a fourth one closes below them; a fifth one sends signals, so that no
 * wait is for ever, and waits are interrupted.
 *
 * Nothing is expected of a call but an errno that is documented. What counts: the kernel log stays
 * clean, and between the rounds a client that does all it does right finds that all works.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "xe_calls.h"
#include "xe_drm_newer.h"
#include "fuzz/log.h"

#define CALLERS		3
#define FILES		2
/* Calls of all threads between two looks at the log, and the driver */
#define ROUND		3000u
#define NUDGE_US	20000
/* So much memory may a BO have that comes into being by accident, in bytes */
#define BO_LIMIT	0x400000ull
#define ARENA_SIZE	0x10000
/* A GPU address that no value here comes near */
#define NOWHERE		0x654321000000ull
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct entry - an ioctl and where its arguments have what
 * @nr: its number
 * @size: bytes of its arguments
 * @pointer: offsets of 64-bit pointers, 0 for none
 * @id: offsets of 32-bit ids and handles, 0xff for none
 * @weight: how often
 */
struct entry {
	unsigned long nr;
	uint16_t size;
	uint8_t pointer[2];
	uint8_t id[2];
	uint8_t weight;
};

#define AT(type, member) offsetof(struct type, member)
#define NO 0xff

static const struct entry entries[] = {
	{ DRM_IOCTL_XE_DEVICE_QUERY, sizeof(struct drm_xe_device_query),
	  { AT(drm_xe_device_query, data) }, { NO, NO }, 10 },
	{ DRM_IOCTL_XE_GEM_CREATE, sizeof(struct drm_xe_gem_create),
	  { 0 }, { AT(drm_xe_gem_create, vm_id), NO }, 10 },
	{ DRM_IOCTL_XE_GEM_MMAP_OFFSET, sizeof(struct drm_xe_gem_mmap_offset),
	  { 0 }, { AT(drm_xe_gem_mmap_offset, handle), NO }, 5 },
	{ DRM_IOCTL_XE_VM_CREATE, sizeof(struct drm_xe_vm_create), { 0 }, { NO, NO }, 8 },
	{ DRM_IOCTL_XE_VM_DESTROY, sizeof(struct drm_xe_vm_destroy),
	  { 0 }, { AT(drm_xe_vm_destroy, vm_id), NO }, 3 },
	{ DRM_IOCTL_XE_VM_BIND, sizeof(struct drm_xe_vm_bind),
	  { AT(drm_xe_vm_bind, vector_of_binds), AT(drm_xe_vm_bind, syncs) },
	  { AT(drm_xe_vm_bind, vm_id), AT(drm_xe_vm_bind, exec_queue_id) }, 60 },
	{ DRM_IOCTL_XE_EXEC_QUEUE_CREATE, sizeof(struct drm_xe_exec_queue_create),
	  { AT(drm_xe_exec_queue_create, instances), AT(drm_xe_exec_queue_create, extensions) },
	  { AT(drm_xe_exec_queue_create, vm_id), NO }, 10 },
	{ DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, sizeof(struct drm_xe_exec_queue_destroy),
	  { 0 }, { AT(drm_xe_exec_queue_destroy, exec_queue_id), NO }, 5 },
	{ DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, sizeof(struct drm_xe_exec_queue_get_property),
	  { 0 }, { AT(drm_xe_exec_queue_get_property, exec_queue_id), NO }, 4 },
	{ DRM_IOCTL_XE_EXEC, sizeof(struct drm_xe_exec),
	  { AT(drm_xe_exec, syncs), AT(drm_xe_exec, address) },
	  { AT(drm_xe_exec, exec_queue_id), NO }, 12 },
	{ DRM_IOCTL_XE_WAIT_USER_FENCE, sizeof(struct drm_xe_wait_user_fence),
	  { AT(drm_xe_wait_user_fence, addr) },
	  { AT(drm_xe_wait_user_fence, exec_queue_id), NO }, 8 },
	{ DRM_IOCTL_XE_OBSERVATION, sizeof(struct drm_xe_observation_param),
	  { AT(drm_xe_observation_param, param) }, { NO, NO }, 3 },
	{ DRM_IOCTL_GEM_CLOSE, sizeof(struct drm_gem_close), { 0 }, { 0, NO }, 5 },
	{ DRM_IOCTL_PRIME_HANDLE_TO_FD, sizeof(struct drm_prime_handle), { 0 }, { 0, NO }, 3 },
	{ DRM_IOCTL_PRIME_FD_TO_HANDLE, sizeof(struct drm_prime_handle), { 0 }, { NO, NO }, 3 },
	{ DRM_IOCTL_MODE_CREATE_DUMB, sizeof(struct drm_mode_create_dumb), { 0 }, { NO, NO }, 3 },
	{ DRM_IOCTL_MODE_MAP_DUMB, sizeof(struct drm_mode_map_dumb), { 0 }, { 0, NO }, 2 },
	{ DRM_IOCTL_MODE_DESTROY_DUMB, sizeof(struct drm_mode_destroy_dumb),
	  { 0 }, { 0, NO }, 1 },
	{ DRM_IOCTL_SYNCOBJ_CREATE, sizeof(struct drm_syncobj_create), { 0 }, { NO, NO }, 4 },
	{ DRM_IOCTL_SYNCOBJ_DESTROY, sizeof(struct drm_syncobj_destroy), { 0 }, { 0, NO }, 2 },
	{ DRM_IOCTL_SYNCOBJ_WAIT, sizeof(struct drm_syncobj_wait), { 0 }, { NO, NO }, 3 },
	{ DRM_IOCTL_SYNCOBJ_TRANSFER, sizeof(struct drm_syncobj_transfer),
	  { 0 }, { 0, AT(drm_syncobj_transfer, dst_handle) }, 2 },
	/* Of newer kernels */
	{ DRM_IOCTL_XE_MADVISE, sizeof(struct drm_xe_madvise),
	  { AT(drm_xe_madvise, purge_state_val.retained_ptr) },
	  { AT(drm_xe_madvise, vm_id), NO }, 8 },
	{ DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, sizeof(struct drm_xe_vm_query_mem_range_attr),
	  { AT(drm_xe_vm_query_mem_range_attr, vector_of_mem_attr) },
	  { AT(drm_xe_vm_query_mem_range_attr, vm_id), NO }, 6 },
	{ DRM_IOCTL_XE_VM_GET_PROPERTY, sizeof(struct drm_xe_vm_get_property),
	  { AT(drm_xe_vm_get_property, data) }, { AT(drm_xe_vm_get_property, vm_id), NO }, 3 },
	/* Numbers that no driver here knows */
	{ DRM_IOWR(DRM_COMMAND_BASE + 0xe, uint64_t[8]), 64, { 16 }, { 8, NO }, 2 },
	{ DRM_IOWR(DRM_COMMAND_BASE + 0x3f, uint64_t[8]), 64, { 0 }, { NO, NO }, 1 },
};

/**
 * struct call - for the report
 * @nr: ioctl
 * @ret: result
 * @args: as they were handed over
 */
struct call {
	unsigned long nr;
	int ret;
	uint8_t args[160];
};

/**
 * struct caller - a thread that calls
 * @number: index
 * @random: state of its random numbers
 * @arena: memory that pointers lead to; a page that is not mapped follows
 * @args: arguments end there, at a page that is not mapped
 * @dmabuf: the last export, or -1
 * @pipe: takes bytes of memory that may not be there
 * @last: last calls
 * @calls: how many there were
 * @good: how many succeeded
 */
struct caller {
	unsigned int number;
	pthread_t thread;
	uint64_t random;
	uint8_t *arena;
	uint8_t *args;
	int dmabuf;
	int pipe[2];
	struct call last[8];
	atomic_ullong calls;
	atomic_ullong good;
};

static struct caller callers[CALLERS];
static int files[FILES];
/* Batches of parallel jobs, where no call can write. */
static const uint64_t batches[] = { XE_BATCH_ADDR, XE_BATCH_ADDR };
static uint64_t seed, steps = 20000, seconds;
static _Atomic bool stop, broken;

static uint64_t rnd(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static uint32_t below(struct caller *c, uint32_t n)
{
	return rnd(&c->random) % n;
}

static void print_args(const struct call *call)
{
	unsigned int n = sizeof(call->args);

	while (n && !call->args[n - 1])
		n--;
	for (unsigned int i = 0; i < n; i++)
		printf("%s%02x", i % 8 ? "" : " ", call->args[i]);
	printf("\n");
}

static void complain(const char *text)
{
	if (atomic_exchange(&broken, true))
		return;
	printf("FAILED: %s\n", text);
	for (unsigned int i = 0; i < CALLERS; i++) {
		for (unsigned int k = 1; k <= ARRAY_SIZE(callers[i].last); k++) {
			const struct caller *c = &callers[i];
			const struct call *call = &c->last[(c->calls - k) % ARRAY_SIZE(c->last)];

			printf("  thread %u, %u before: ioctl 0x%lx = %d:", i, k, call->nr,
			       call->ret);
			print_args(call);
		}
	}
	fflush(stdout);
}

/* --- values ---------------------------------------------------------------------------------- */

static uint64_t any_value(struct caller *c)
{
	static const uint64_t usual[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 255, 1024, 1025, 4095, 4096, 0x10000, 0x200000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffff, 0xfffffffff000,
		0x1000000000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, ~0ull,
	};

	return below(c, 6) ? usual[below(c, ARRAY_SIZE(usual))] : rnd(&c->random);
}

static uint64_t any_pointer(struct caller *c)
{
	switch (below(c, 12)) {
	case 0:
		return 0;
	case 1:
		return any_value(c);
	case 2:
		return 0xffff888000000000ull;
	case 3:
		/* The end of it cannot be read. */
		return (uintptr_t)c->arena + ARENA_SIZE - 8 * (1 + below(c, 12));
	case 4:
		return (uintptr_t)c->arena + below(c, ARENA_SIZE);
	default:
		return (uintptr_t)c->arena + below(c, 4) * 40;
	}
}

/* Operations and syncs lie in the same memory, so arrays overlap. */
static void fill_arena(struct caller *c)
{
	struct drm_xe_vm_bind_op *op = (void *)c->arena;
	struct drm_xe_sync *sync = (void *)(c->arena + ARENA_SIZE - 12 * sizeof(*sync));
	struct drm_xe_engine_class_instance *eci = (void *)(c->arena + ARENA_SIZE / 2);
	unsigned int i;

	for (i = 0; i < 8; i++)
		op[i] = (struct drm_xe_vm_bind_op){
			.op = below(c, 6),
			.obj = below(c, 3) ? 1 + below(c, 8) : 0,
			.addr = (uint64_t)below(c, 64) << 12,
			.range = (uint64_t)below(c, 32) << 12,
			.obj_offset = below(c, 2) ? 0 : (uintptr_t)c->arena & ~0xfffull,
			.flags = below(c, 4) ? 0 : below(c, 64),
			.pat_index = below(c, 4) ? 0 : below(c, 8),
		};
	for (i = 0; i < 12; i++)
		sync[i] = (struct drm_xe_sync){
			.type = below(c, 4),
			.flags = below(c, 3),
			.addr = below(c, 3) ? 1 + below(c, 8) : any_pointer(c),
			.timeline_value = any_value(c),
		};
	for (i = 0; i < 16; i++)
		eci[i] = (struct drm_xe_engine_class_instance){
			.engine_class = below(c, 7),
			.engine_instance = below(c, 3),
		};
	for (i = 0; i < 4 && !below(c, 2); i++)
		c->arena[below(c, ARENA_SIZE)] = rnd(&c->random);
}

/* --- arguments ------------------------------------------------------------------------------- */

static void seed_bind(struct caller *c, struct drm_xe_vm_bind *bind)
{
	struct drm_xe_sync *sync = (void *)(c->arena + ARENA_SIZE - 12 * sizeof(*sync));

	bind->num_binds = below(c, 9);
	bind->num_syncs = below(c, 4) ? 0 : below(c, 12);
	bind->syncs = (uintptr_t)sync;
	if (bind->num_binds == 1)
		bind->bind = ((struct drm_xe_vm_bind_op *)c->arena)[below(c, 8)];
}

static void seed_madvise(struct caller *c, struct drm_xe_madvise *advice)
{
	uint32_t *retained = (void *)(c->arena + ARENA_SIZE / 2 + XE_PAGE);

	*retained = 0;
	advice->start = (uint64_t)below(c, 64) << 12;
	advice->range = (uint64_t)(1 + below(c, 64)) << 12;
	advice->type = below(c, 5) ? DRM_XE_VMA_ATTR_PURGEABLE_STATE : below(c, 5);
	advice->purge_state_val.val = below(c, 2);
	if (below(c, 4))
		advice->purge_state_val.retained_ptr = (uintptr_t)retained;
}

static void seed_query(struct caller *c, struct drm_xe_vm_query_mem_range_attr *query)
{
	query->start = (uint64_t)below(c, 64) << 12;
	query->range = (uint64_t)(1 + below(c, 64)) << 12;
	if (below(c, 2)) {
		query->vector_of_mem_attr = 0;
		return;
	}
	query->num_mem_ranges = below(c, 16);
	query->sizeof_mem_range_attr = sizeof(struct drm_xe_mem_range_attr);
}

/* What might be good */
static void seed_args(struct caller *c, const struct entry *e, void *args)
{
	struct drm_xe_exec_queue_create *queue = args;
	struct drm_xe_device_query *query = args;
	struct drm_xe_wait_user_fence *wait = args;
	struct drm_mode_create_dumb *dumb = args;
	struct drm_xe_gem_create *gem = args;
	struct drm_prime_handle *prime = args;
	struct drm_xe_vm_create *vm = args;
	struct drm_xe_exec *exec = args;

	memset(args, 0, e->size);
	for (unsigned int i = 0; i < ARRAY_SIZE(e->pointer); i++)
		if (e->pointer[i])
			*(uint64_t *)((uint8_t *)args + e->pointer[i]) = any_pointer(c);
	for (unsigned int i = 0; i < ARRAY_SIZE(e->id); i++)
		if (e->id[i] != NO)
			*(uint32_t *)((uint8_t *)args + e->id[i]) = below(c, 7);
	switch (e->nr) {
	case DRM_IOCTL_XE_VM_BIND:
		seed_bind(c, args);
		break;
	case DRM_IOCTL_XE_GEM_CREATE:
		*gem = xe_gem_args((1 + below(c, 16)) * XE_PAGE);
		gem->vm_id = below(c, 2) ? 0 : below(c, 5);
		break;
	case DRM_IOCTL_XE_VM_CREATE:
		vm->flags = below(c, 4);
		break;
	case DRM_IOCTL_XE_EXEC_QUEUE_CREATE:
		queue->extensions = below(c, 4) ? 0 : queue->extensions;
		queue->width = 1 + below(c, 8) / 7;
		queue->num_placements = 1 + below(c, 8) / 7;
		queue->instances = (uintptr_t)c->arena + ARENA_SIZE / 2;
		break;
	case DRM_IOCTL_XE_EXEC:
		exec->num_batch_buffer = below(c, 3);
		exec->num_syncs = below(c, 4);
		exec->address = below(c, 4) ? XE_BATCH_ADDR : exec->address;
		break;
	case DRM_IOCTL_PRIME_FD_TO_HANDLE:
		prime->fd = below(c, 4) ? c->dmabuf : (int)below(c, 16) - 1;
		break;
	case DRM_IOCTL_MODE_CREATE_DUMB:
		dumb->width = 1 + below(c, 64);
		dumb->height = 1 + below(c, 64);
		dumb->bpp = below(c, 3) ? 32 : below(c, 40);
		break;
	case DRM_IOCTL_XE_DEVICE_QUERY:
		query->query = below(c, 10);
		query->size = below(c, 2) ? 0 : 8 * below(c, 40);
		break;
	case DRM_IOCTL_XE_MADVISE:
		seed_madvise(c, args);
		break;
	case DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS:
		seed_query(c, args);
		break;
	case DRM_IOCTL_XE_WAIT_USER_FENCE:
		wait->op = below(c, 6);
		wait->timeout = below(c, 1000000);
		break;
	}
}

static void spoil_args(struct caller *c, const struct entry *e, uint8_t *args)
{
	for (unsigned int n = below(c, 4); n; n--) {
		unsigned int at = below(c, e->size);
		uint64_t value = any_value(c);

		switch (below(c, 4)) {
		case 0:
			args[at] ^= 1u << below(c, 8);
			break;
		case 1:
			memcpy(args + (at & ~3u), &value, 4);
			break;
		case 2:
			at = at & ~7u;
			memcpy(args + at, &value, at + 8 <= e->size ? 8 : 4);
			break;
		default:
			value = any_pointer(c);
			at = at & ~7u;
			memcpy(args + at, &value, at + 8 <= e->size ? 8 : 4);
			break;
		}
	}
}

/*
 * A guest has little memory: what is good but large becomes small. What is absurd may stay. But the
 * core of Linux 6.12 warns when it is to wait for more sync objects than it can list.
 */
static void spare_memory(const struct entry *e, void *args)
{
	struct drm_xe_gem_create *gem = args;
	struct drm_mode_create_dumb *dumb = args;
	struct drm_syncobj_wait *wait = args;

	if (e->nr == DRM_IOCTL_MODE_CREATE_DUMB && dumb->width < 0x100000 &&
	    dumb->height < 0x100000) {
		dumb->width &= 0x1ff;
		dumb->height &= 0x1ff;
	}
	if (e->nr == DRM_IOCTL_XE_GEM_CREATE && gem->size > BO_LIMIT && gem->size < 1ull << 46)
		gem->size = BO_LIMIT;
	if (e->nr == DRM_IOCTL_SYNCOBJ_WAIT)
		wait->count_handles &= 0xffff;
}

/*
 * What engines execute is no matter of ioctls: a job has a batch that ends at once, or an address
 * that nothing is ever mapped to. Parallel queues, which read theirs from memory, get good or bad
 * memory, and none that changes.
 */
static void tame_job(struct caller *c, const struct entry *e, void *args)
{
	struct drm_xe_exec *exec = args;

	if (e->nr != DRM_IOCTL_XE_EXEC)
		return;
	if (exec->num_batch_buffer > 1)
		exec->address = below(c, 2) ? (uintptr_t)batches :
					      (uintptr_t)c->arena + ARENA_SIZE;
	else if (exec->address != XE_BATCH_ADDR)
		exec->address = NOWHERE + (exec->address & 0xffff);
}

/* Another size in the number: the core cuts or extends what the driver gets. */
static unsigned long spoil_nr(struct caller *c, const struct entry *e, unsigned int *size)
{
	static const unsigned int sizes[] = { 0, 1, 4, 8, 15, 16, 24, 64, 144 };

	*size = e->size;
	if (below(c, 12))
		return e->nr;
	*size = sizes[below(c, ARRAY_SIZE(sizes))];
	return _IOC(_IOC_DIR(e->nr) ?: _IOC_READ, _IOC_TYPE(e->nr), _IOC_NR(e->nr), *size);
}

static bool errno_is_documented(int err)
{
	static const int known[] = {
		0, EINVAL, ENOENT, EFAULT, ENOMEM, ENOBUFS, ENOSPC, EBUSY, ECANCELED, EINTR, EAGAIN,
		ETIME, EIO, EPERM, E2BIG, EOPNOTSUPP, ENODEV, EACCES, EBADF, ENOSYS,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == err)
			return true;
	return false;
}

static const struct entry *pick(struct caller *c)
{
	unsigned int total = 0, i, at;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		total += entries[i].weight;
	at = below(c, total);
	for (i = 0; at >= entries[i].weight; i++)
		at -= entries[i].weight;
	return &entries[i];
}

/* What an export has given, for imports; the one before is closed. */
static void keep_export(struct caller *c, int fd)
{
	if (c->dmabuf >= 0)
		close(c->dmabuf);
	c->dmabuf = fd;
}

/* Not every page of a mapping can be had, and looking at it must not end the process. */
static void look_at(struct caller *c, const uint8_t *memory, size_t size)
{
	uint8_t byte;

	for (size_t at = 0; at < size; at += 4 * XE_PAGE)
		if (write(c->pipe[1], memory + at, 1) == 1 && read(c->pipe[0], &byte, 1) != 1)
			return;
}

/* Map what an object's offset may be, some with too much, or in ways that are not allowed. */
static int call_mmap(struct caller *c)
{
	static const int protections[] = {
		PROT_READ, PROT_READ | PROT_WRITE, PROT_EXEC, PROT_NONE,
	};
	struct drm_xe_gem_mmap_offset offset = { .handle = below(c, 7) };
	size_t size = (1 + below(c, 20)) * XE_PAGE;
	int fd = files[below(c, FILES)];
	uint64_t at;
	void *p;

	at = below(c, 4) && !ioctl(fd, DRM_IOCTL_XE_GEM_MMAP_OFFSET, &offset) ? offset.offset :
									     any_value(c);
	if (!below(c, 4))
		at += below(c, 32) * XE_PAGE;
	p = mmap(NULL, size, protections[below(c, 4)], below(c, 4) ? MAP_SHARED : MAP_PRIVATE, fd,
		 at & ~(XE_PAGE - 1));
	if (p == MAP_FAILED)
		return -errno;
	look_at(c, p, size);
	munmap(p, size);
	return 0;
}

static int call_ioctl(struct caller *c, struct call *record)
{
	const struct entry *e = pick(c);
	uint8_t work[160] = { 0 };
	unsigned int size;
	void *arg;
	int ret;

	fill_arena(c);
	seed_args(c, e, work);
	spoil_args(c, e, work);
	spare_memory(e, work);
	tame_job(c, e, work);
	record->nr = spoil_nr(c, e, &size);
	memcpy(record->args, work, sizeof(work));
	memcpy(c->args - size, work, size);
	arg = c->args - size;
	/* Whatever else there is in memory has not been looked at by spare_memory(). */
	if (!below(c, 50) && e->nr != DRM_IOCTL_SYNCOBJ_WAIT)
		arg = (void *)(uintptr_t)any_pointer(c);
	ret = ioctl(files[below(c, FILES)], record->nr, arg);
	ret = ret ? -errno : 0;
	if (!ret && _IOC_NR(e->nr) == _IOC_NR(DRM_IOCTL_PRIME_HANDLE_TO_FD) &&
	    size >= sizeof(struct drm_prime_handle))
		keep_export(c, ((struct drm_prime_handle *)(c->args - size))->fd);
	return ret;
}

static void call(struct caller *c)
{
	struct call *record = &c->last[c->calls % ARRAY_SIZE(c->last)];
	char text[100];

	*record = (struct call){ 0 };
	record->ret = below(c, 60) ? call_ioctl(c, record) : call_mmap(c);
	/* What the core of memory management says to offsets that overflow with their size */
	if (!record->nr && record->ret == -EOVERFLOW)
		record->ret = -EINVAL;
	c->calls++;
	c->good += !record->ret;
	if (!errno_is_documented(-record->ret)) {
		snprintf(text, sizeof(text), "%s 0x%lx: %s", record->nr ? "ioctl" : "mmap",
			 record->nr, strerror(-record->ret));
		complain(text);
	}
}

/* --- threads --------------------------------------------------------------------------------- */

static void *caller_run(void *data)
{
	struct caller *c = data;

	while (!atomic_load(&stop))
		call(c);
	return NULL;
}

/* A parallel queue, where the hardware has two engines for it */
static void pair_new(int fd)
{
	struct drm_xe_engine_class_instance pair[2];
	struct drm_xe_exec_queue_create args = {
		.width = 2,
		.num_placements = 1,
		.vm_id = 1,
		.instances = (uintptr_t)pair,
	};

	if (!xe_find_engines(fd, 2, pair))
		xe_call(fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &args);
}

/* Something for small numbers to mean */
static int file_new(void)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = DRM_XE_ENGINE_CLASS_COPY };
	int fd = xe_open();
	volatile uint32_t *batch;
	uint32_t vm, bo;

	for (unsigned int i = 0; i < 3; i++) {
		vm = xe_vm_create(fd, i == 1 ? DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE :
				  i == 2 ? DRM_XE_VM_CREATE_FLAG_LR_MODE : 0);
		bo = xe_gem_create(fd, 16 * XE_PAGE, i == 1 ? vm : 0);
		xe_syncobj_create(fd, i);
		if (i == 2)
			break;
		batch = xe_gem_map(fd, bo, XE_PAGE);
		if (batch == MAP_FAILED)
			break;
		*batch = XE_MI_BATCH_END;
		munmap((void *)batch, XE_PAGE);
		xe_bind_wait(fd, vm, bo, XE_BATCH_ADDR, XE_PAGE);
		xe_queue_create(fd, vm, &eci);
		xe_bind_queue_create(fd, vm);
	}
	pair_new(fd);
	return fd;
}

/* Closes a file while others are in calls on it: the number stays, the file behind it changes. */
static void file_replace(unsigned int i)
{
	int fd = file_new();

	if (fd < 0)
		return;
	dup2(fd, files[i]);
	close(fd);
}

static void on_signal(int number)
{
	(void)number;
}

static bool caller_open(unsigned int i)
{
	struct caller *c = &callers[i];
	uint8_t *p = mmap(NULL, ARENA_SIZE + 3 * XE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK) || mprotect(p + ARENA_SIZE, XE_PAGE, PROT_NONE) ||
	    mprotect(p + ARENA_SIZE + 2 * XE_PAGE, XE_PAGE, PROT_NONE))
		return false;
	c->number = i;
	c->dmabuf = -1;
	c->arena = p;
	c->args = p + ARENA_SIZE + 2 * XE_PAGE;
	c->random = seed + i;
	return true;
}

/* A client that does all it does right. Return: whether all works */
static bool is_alive(void)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = DRM_XE_ENGINE_CLASS_COPY };
	struct drm_xe_sync sync;
	struct drm_xe_exec args = {
		.num_batch_buffer = 1,
		.address = XE_BATCH_ADDR,
		.num_syncs = 1,
	};
	int fd = xe_open();
	uint32_t vm = xe_vm_create(fd, 0), bo = xe_gem_create(fd, XE_PAGE, 0);
	uint32_t *map = xe_gem_map(fd, bo, XE_PAGE);
	const uint32_t batch[] = {
		0x10000002u, XE_BATCH_ADDR + 0x80, 0, 0x600dbeef, XE_MI_BATCH_END,
	};
	bool good = false;

	if (map != MAP_FAILED && !xe_bind_wait(fd, vm, bo, XE_BATCH_ADDR, XE_PAGE)) {
		memcpy(map, batch, sizeof(batch));
		sync = xe_sync_out(xe_syncobj_create(fd, 0));
		args.exec_queue_id = xe_queue_create(fd, vm, &eci);
		args.syncs = (uintptr_t)&sync;
		good = !xe_call(fd, DRM_IOCTL_XE_EXEC, &args) &&
		       !xe_syncobj_wait(fd, sync.handle, 20 * NSEC_PER_SEC) &&
		       *(volatile uint32_t *)&map[0x20] == 0x600dbeef;
		munmap(map, XE_PAGE);
	}
	close(fd);
	return good;
}

static uint64_t calls_so_far(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < CALLERS; i++)
		sum += atomic_load(&callers[i].calls);
	return sum;
}

/* All that is not calling: closing, signals, and looking whether all is well. */
static void supervise(void)
{
	uint64_t state = seed ^ 0x5eed, next = ROUND, calls, seen = 0;
	int64_t end = xe_now() + seconds * NSEC_PER_SEC, since = xe_now();
	char text[300];

	while (!atomic_load(&broken)) {
		usleep(NUDGE_US);
		calls = calls_so_far();
		if (seconds ? xe_now() > end : calls >= steps)
			break;
		for (unsigned int i = 0; i < CALLERS; i++)
			pthread_kill(callers[i].thread, SIGUSR1);
		if (!(rnd(&state) % 8))
			file_replace(rnd(&state) % FILES);
		if (calls != seen)
			since = xe_now();
		seen = calls;
		if (xe_now() - since > 60 * NSEC_PER_SEC)
			complain("no call has come back for a minute");
		if (calls < next)
			continue;
		next = calls + ROUND;
		if (log_is_bad(text, sizeof(text)))
			complain(text);
		else if (!is_alive())
			complain("a job of a good client does not work any more");
	}
	atomic_store(&stop, true);
}

static const char usage[] =
	"usage: xe_fuzz_ioctl [--seed N] [--steps N] [--seconds N]\n"
	"\n"
	"Malformed ioctls at every entry point of the xe driver, from three threads, on files\n"
	"that are closed meanwhile.\n"
	"\n"
	"  --seed N     random numbers begin here (default: from the clock; it is printed)\n"
	"  --steps N    calls (default 20000)\n"
	"  --seconds N  end after N seconds, whatever --steps says\n"
	"\n"
	"Exit status: 0 if the kernel log stayed clean and the driver works, 1 if not, 2 for\n"
	"wrong usage or without a kernel log, 4 without a device.\n";

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "steps", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	seed = xe_now();
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			steps = strtoull(optarg, NULL, 0);
			break;
		case 't':
			seconds = strtoull(optarg, NULL, 0);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			exit(option == 'h' ? 0 : 2);
		}
	}
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal };
	const struct rlimit many = { 65536, 65536 };
	uint64_t good = 0;
	char text[300];
	unsigned int i;

	parse(argc, argv);
	printf("seed 0x%llx\n", (unsigned long long)seed);
	fflush(stdout);
	sigaction(SIGUSR1, &action, NULL);
	/* Exports whose number is cut off by a wrong size stay open. */
	setrlimit(RLIMIT_NOFILE, &many);
	if (!log_begin()) {
		fputs("xe_fuzz_ioctl: the kernel log cannot be read\n", stderr);
		return 2;
	}
	for (i = 0; i < FILES; i++) {
		files[i] = file_new();
		if (files[i] < 0) {
			fputs("xe_fuzz_ioctl: no xe device\n", stderr);
			return 4;
		}
	}
	for (i = 0; i < CALLERS; i++)
		if (!caller_open(i) ||
		    pthread_create(&callers[i].thread, NULL, caller_run, &callers[i]))
			return 2;
	supervise();
	for (i = 0; i < CALLERS && !broken; i++) {
		while (pthread_tryjoin_np(callers[i].thread, NULL)) {
			pthread_kill(callers[i].thread, SIGUSR1);
			usleep(NUDGE_US);
		}
	}
	for (i = 0; i < CALLERS; i++)
		good += callers[i].good;
	for (i = 0; i < FILES; i++)
		close(files[i]);
	if (log_is_bad(text, sizeof(text)))
		complain(text);
	else if (!broken && !is_alive())
		complain("a job of a good client does not work any more");
	printf("%llu calls, %llu of them accepted\n", (unsigned long long)calls_so_far(),
	       (unsigned long long)good);
	return broken;
}
