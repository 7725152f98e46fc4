// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Contents: batches that store to pages and copy words out of pages.
 */
#include "fuzz.h"
#include "../xe_calls.h"

#define MI_STORE_DWORD		0x10000002u
#define MI_COPY_MEM_MEM		0x17000003u

/* Pages of the batch memory: commands before, results from here */
#define RESULT_PAGE	20u
#define FENCE_PAGE	30u
#define POISON		0xdeadbeefu

/* A batch being written */
struct batch {
	uint64_t va;
	uint32_t *dw;
	uint32_t *result;
};

static struct batch batch_begin(const struct thread *t, const struct vm *vm)
{
	return (struct batch){
		.va = BATCH_VA + t->number * BATCH_SPAN,
		.dw = vm->batch,
		.result = vm->batch + RESULT_PAGE * XE_PAGE / 4,
	};
}

static void put_address(struct batch *b, uint64_t addr)
{
	*b->dw++ = addr;
	*b->dw++ = addr >> 32;
}

static void put_store(struct batch *b, uint64_t addr, uint32_t value)
{
	*b->dw++ = MI_STORE_DWORD;
	put_address(b, addr);
	*b->dw++ = value;
}

static void put_copy(struct batch *b, uint64_t from, uint32_t slot)
{
	b->result[slot] = POISON;
	*b->dw++ = MI_COPY_MEM_MEM;
	put_address(b, b->va + RESULT_PAGE * XE_PAGE + slot * 4ull);
	put_address(b, from);
}

static uint64_t word_va(const struct thread *t, uint32_t page)
{
	return window_va(t, page) + WORD;
}

static uint32_t engine_queue(struct thread *t, struct vm *vm, unsigned int engine)
{
	struct drm_xe_engine_class_instance eci = {
		.engine_class = engine ? DRM_XE_ENGINE_CLASS_COPY : DRM_XE_ENGINE_CLASS_RENDER,
	};

	return xe_queue_create(t->fd[vm->file], vm->id, &eci);
}

/* --- waiting for binds ----------------------------------------------------------------------- */

/* In a long-running VM it needs an operation, so that it may have a user fence. */
static bool flush_lr_queue(struct thread *t, struct vm *vm, unsigned int slot)
{
	struct drm_xe_sync out = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)&t->ufence_page[UFENCES + slot],
		.timeline_value = ((uint64_t)vm->serial << 32) + vm->flushes[slot] + 1,
	};
	struct drm_xe_vm_bind args = {
		.vm_id = vm->id,
		.exec_queue_id = slot ? t->queue[vm->file][slot - 1] : 0,
		.num_binds = 1,
		.bind = {
			.op = DRM_XE_VM_BIND_OP_MAP,
			.flags = DRM_XE_VM_BIND_FLAG_NULL,
			.addr = BATCH_VA + t->number * BATCH_SPAN + (BATCH_PAGES + slot) * XE_PAGE,
			.range = XE_PAGE,
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)&out,
	};
	int ret = xe_call(t->fd[vm->file], DRM_IOCTL_XE_VM_BIND, &args);

	if (ret)
		fail(t, "a bind of a null page returned %d", ret);
	else
		vm->flushes[slot]++;
	return !ret;
}

static bool wait_lr_flush(struct thread *t, struct vm *vm, unsigned int slot)
{
	uint64_t value = ((uint64_t)vm->serial << 32) + vm->flushes[slot];
	int ret = ufence_wait(t->fd[vm->file], &t->ufence_page[UFENCES + slot], value, 0);

	if (ret)
		fail(t, "waiting for the binds of a long-running VM returned %d", ret);
	return !ret;
}

/* A bind queue whose last binds signal nothing: a bind without operations comes after them. */
static bool flush_queue(struct thread *t, struct vm *vm, unsigned int slot)
{
	int fd = t->fd[vm->file];
	struct drm_xe_sync out = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_xe_vm_bind args = {
		.vm_id = vm->id,
		.exec_queue_id = slot ? t->queue[vm->file][slot - 1] : 0,
		.num_syncs = 1,
		.syncs = (uintptr_t)&out,
	};
	int ret = xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);

	if (ret) {
		fail(t, "a bind without operations returned %d", ret);
		return false;
	}
	vm->pending[vm->n_pending].syncobj = out.handle;
	vm->pending[vm->n_pending++].point = 0;
	return true;
}

static bool flush_queues(struct thread *t, struct vm *vm)
{
	for (unsigned int slot = 0; slot <= QUEUES; slot++)
		if (vm->unfenced & (1u << slot) && !flush_queue(t, vm, slot))
			return false;
	vm->unfenced = 0;
	return true;
}

/* The same, and wait: user fences cannot be waited for by others than the processor. */
static bool settle_lr_queues(struct thread *t, struct vm *vm)
{
	unsigned int slot;

	for (slot = 0; slot <= QUEUES; slot++)
		if (vm->unfenced & (1u << slot) && !flush_lr_queue(t, vm, slot))
			return false;
	gate_open(&t->gate);
	for (slot = 0; slot <= QUEUES; slot++)
		if (vm->unfenced & (1u << slot) && !wait_lr_flush(t, vm, slot))
			return false;
	vm->unfenced = 0;
	return true;
}

static unsigned int pending_syncs(const struct vm *vm, struct drm_xe_sync *sync)
{
	for (unsigned int i = 0; i < vm->n_pending; i++)
		sync[i] = (struct drm_xe_sync){
			.type = vm->pending[i].point ? DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ :
						       DRM_XE_SYNC_TYPE_SYNCOBJ,
			.handle = vm->pending[i].syncobj,
			.timeline_value = vm->pending[i].point,
		};
	return vm->n_pending;
}

static int wait_pending(const struct thread *t, const struct vm *vm, unsigned int i)
{
	uint32_t handle = vm->pending[i].syncobj;
	uint64_t point = vm->pending[i].point;
	struct drm_syncobj_timeline_wait args = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.count_handles = 1,
		.timeout_nsec = xe_now() + PATIENCE,
	};

	if (!point)
		return xe_syncobj_wait(t->fd[vm->file], handle, PATIENCE);
	return xe_call(t->fd[vm->file], DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &args);
}

static void drop_pending(struct thread *t, struct vm *vm)
{
	for (unsigned int i = 0; i < vm->n_pending; i++) {
		struct drm_syncobj_destroy args = { .handle = vm->pending[i].syncobj };

		if (!vm->pending[i].point)
			xe_call(t->fd[vm->file], DRM_IOCTL_SYNCOBJ_DESTROY, &args);
	}
	vm->n_pending = 0;
}

static bool wait_ufences(struct thread *t, struct vm *vm)
{
	for (unsigned int i = 0; i < vm->n_ufences; i++) {
		uint32_t number = vm->ufence_out[i];
		int ret = ufence_wait(t->fd[vm->file], &t->ufence_page[number], number, 0);

		if (ret) {
			fail(t, "waiting for the user fence of a bind returned %d", ret);
			return false;
		}
		t->ufence[number] = UFENCE_WRITTEN;
	}
	vm->n_ufences = 0;
	return true;
}

/* Wait for everything that was bound; what holds it back is let go. */
bool vm_settle(struct thread *t, struct vm *vm)
{
	if (vm->lr ? !settle_lr_queues(t, vm) : !flush_queues(t, vm))
		return false;
	gate_open(&t->gate);
	for (unsigned int i = 0; i < vm->n_pending; i++) {
		int ret = wait_pending(t, vm, i);

		if (ret) {
			fail(t, "waiting for a bind returned %d", ret);
			return false;
		}
	}
	drop_pending(t, vm);
	return wait_ufences(t, vm);
}

/* --- jobs ------------------------------------------------------------------------------------ */

/* A long-running job tells its end by a value it stores; a queue that is stopped by EIO. */
static bool run_lr_batch(struct thread *t, struct vm *vm, struct batch *b, uint32_t queue)
{
	volatile uint64_t *fence = (uint64_t *)(vm->batch + FENCE_PAGE * XE_PAGE / 4);
	struct drm_xe_sync out = {
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = b->va + FENCE_PAGE * XE_PAGE,
		.timeline_value = 1,
	};
	struct drm_xe_exec args = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = b->va,
		.num_syncs = 1,
		.syncs = (uintptr_t)&out,
	};
	int ret, fd = t->fd[vm->file];

	*b->dw++ = XE_MI_BATCH_END;
	if (!vm_settle(t, vm))
		return false;
	*fence = 0;
	ret = xe_call(fd, DRM_IOCTL_XE_EXEC, &args);
	if (ret) {
		fail(t, "exec of a long-running job returned %d", ret);
		return false;
	}
	ret = ufence_wait(fd, fence, 1, queue);
	if (ret && ret != -EIO)
		fail(t, "waiting for a long-running job returned %d", ret);
	return !failed();
}

/* Run the batch behind all binds of the VM; the gate is opened once it is queued. */
static bool run_batch(struct thread *t, struct vm *vm, struct batch *b, uint32_t queue)
{
	int fd = t->fd[vm->file], ret;
	struct drm_xe_sync sync[PENDING + QUEUES + 2];
	struct drm_xe_exec args = {
		.exec_queue_id = queue,
		.num_batch_buffer = 1,
		.address = b->va,
	};
	uint32_t out = xe_syncobj_create(fd, 0);
	struct drm_syncobj_destroy destroy = { .handle = out };

	*b->dw++ = XE_MI_BATCH_END;
	if (!flush_queues(t, vm))
		return false;
	args.num_syncs = pending_syncs(vm, sync);
	sync[args.num_syncs++] = xe_sync_out(out);
	args.syncs = (uintptr_t)sync;
	ret = xe_call(fd, DRM_IOCTL_XE_EXEC, &args);
	gate_open(&t->gate);
	if (ret) {
		fail(t, "exec returned %d", ret);
		return false;
	}
	ret = xe_syncobj_wait(fd, out, PATIENCE);
	if (ret) {
		fail(t, "waiting for a job returned %d", ret);
		return false;
	}
	xe_call(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);
	return vm_settle(t, vm);
}

static bool run_on_engine(struct thread *t, struct vm *vm, struct batch *b, unsigned int engine)
{
	uint32_t *queue = &vm->queue[engine];

	if (!*queue)
		*queue = engine_queue(t, vm, engine);
	if (!*queue) {
		fail(t, "an exec queue cannot be made");
		return false;
	}
	if (vm->lr ? !run_lr_batch(t, vm, b, *queue) : !run_batch(t, vm, b, *queue))
		return false;
	if (xe_queue_is_banned(t->fd[vm->file], *queue)) {
		fail(t, "a job that touches mapped pages only was stopped");
		return false;
	}
	return true;
}

static uint32_t *page_value(struct thread *t, const struct ref_page *p)
{
	if (p->kind == PAGE_BO)
		return &t->ref[p->obj].value[p->index];
	return p->kind == PAGE_USER ? &t->user[p->index].value : NULL;
}

/* Whether a store is harmless: it lands where the reference says, or nowhere. */
static bool may_write(struct thread *t, const struct vm *vm, uint32_t page)
{
	const struct ref_page *p = &vm->window[page];

	if (p->kind == PAGE_NONE)
		return vm->scratch;
	return !p->ro && ref_accessible(vm->window, page, thread_memory(t));
}

bool gpu_write(struct thread *t, struct vm *vm, const struct step *s)
{
	struct batch b = batch_begin(t, vm);
	uint32_t end = s->arg[A_AT] + s->arg[A_N];
	uint32_t i;

	for (i = s->arg[A_AT]; i < end && i < WINDOW; i++)
		if (may_write(t, vm, i))
			put_store(&b, word_va(t, i), s->arg[A_VALUE] + i);
	if (!run_on_engine(t, vm, &b, s->arg[A_ENGINE]))
		return false;
	for (i = s->arg[A_AT]; i < end && i < WINDOW; i++) {
		uint32_t *value = page_value(t, &vm->window[i]);

		if (value && may_write(t, vm, i))
			*value = s->arg[A_VALUE] + i;
	}
	return true;
}

/* What the CPU sees in all memory of the thread */
static bool cpu_check(struct thread *t)
{
	uint32_t i, page, got;

	for (i = 0; i < t->n_objects; i++) {
		if (t->ref[i].advice != ADVICE_NEEDED)
			continue;
		for (page = 0; t->object[i].map && page < t->ref[i].pages; page++) {
			got = *(volatile uint32_t *)(t->object[i].map + page * XE_PAGE + WORD);
			if (got == t->ref[i].value[page])
				continue;
			fail(t, "the processor finds 0x%x in page %u of object %u, not 0x%x", got,
			     page, i, t->ref[i].value[page]);
			return false;
		}
	}
	for (i = 0; i < ARENA; i++) {
		if (!t->user[i].present)
			continue;
		got = *(volatile uint32_t *)(t->arena + i * XE_PAGE + WORD);
		if (got != t->user[i].value) {
			fail(t, "the processor finds 0x%x in page %u of the arena, not 0x%x", got,
			     i, t->user[i].value);
			return false;
		}
	}
	return true;
}

/* Pages of a scratch VM that are read although nothing is there, so that TLBs know them */
static bool is_sample(uint32_t page)
{
	return page < 96 || (page + 2) % 512 < 4;
}

static bool compare(struct thread *t, const struct vm *vm, const struct batch *b)
{
	for (uint32_t i = 0; i < WINDOW; i++) {
		const struct ref_page *p = &vm->window[i];
		const uint32_t *value = page_value(t, p);
		uint32_t want = value ? *value : 0;

		if (p->kind == PAGE_NONE || !ref_accessible(vm->window, i, thread_memory(t)))
			continue;
		atomic_fetch_add(&result->pages, 1);
		if (b->result[i] == want)
			continue;
		fail(t, "the engine reads 0x%x at page %u (0x%llx) of VM %u, not 0x%x: %s %u of %u",
		     b->result[i], i, (unsigned long long)word_va(t, i), vm->serial, want,
		     p->kind == PAGE_BO ? "object's page" : p->kind == PAGE_USER ? "arena's page" :
		     "null page", p->index, p->obj);
		return false;
	}
	return true;
}

bool gpu_check(struct thread *t, struct vm *vm, unsigned int engine)
{
	struct batch b = batch_begin(t, vm);

	for (uint32_t i = 0; i < WINDOW; i++) {
		if (vm->window[i].kind ? ref_accessible(vm->window, i, thread_memory(t)) :
					 vm->scratch && is_sample(i))
			put_copy(&b, word_va(t, i), i);
	}
	return run_on_engine(t, vm, &b, engine) && compare(t, vm, &b) && cpu_check(t);
}

/* Must a job that does this with the page be stopped? If none is there, a scratch page may be. */
static bool must_fault(const struct vm *vm, const struct ref_page *p, bool write)
{
	if (p->kind == PAGE_NONE)
		return !vm->scratch;

	return p->ro && write && (p->kind == PAGE_BO || p->kind == PAGE_USER);
}

/* An access that must stop the queue, and nothing else. */
bool gpu_fault(struct thread *t, struct vm *vm, const struct step *s)
{
	const struct ref_page *p = &vm->window[s->arg[A_AT] % WINDOW];
	struct batch b = batch_begin(t, vm);
	uint64_t va = word_va(t, s->arg[A_AT] % WINDOW);
	struct drm_xe_exec again = { .num_batch_buffer = 1, .address = b.va };
	int ret, fd = t->fd[vm->file];
	uint32_t queue;

	if (!must_fault(vm, p, s->arg[A_WRITE]))
		return true;
	/* Where the contents have gone there may be scratch. */
	if (p->kind && !ref_accessible(vm->window, s->arg[A_AT] % WINDOW, thread_memory(t)))
		return true;
	queue = engine_queue(t, vm, s->arg[A_ENGINE]);
	if (s->arg[A_WRITE])
		put_store(&b, va, POISON);
	else
		put_copy(&b, va, 0);
	if (!queue || (vm->lr ? !run_lr_batch(t, vm, &b, queue) : !run_batch(t, vm, &b, queue)))
		return false;
	ret = xe_queue_is_banned(fd, queue);
	if (ret != 1)
		fail(t, "a job may %s page %u (0x%llx) of VM %u, which is %s",
		     s->arg[A_WRITE] ? "write to" : "read", s->arg[A_AT] % WINDOW,
		     (unsigned long long)va, vm->serial, p->kind ? "read-only" : "not mapped");
	again.exec_queue_id = queue;
	ret = xe_call(fd, DRM_IOCTL_XE_EXEC, &again);
	if (ret != -ECANCELED)
		fail(t, "exec on a banned queue returned %d", ret);
	xe_queue_destroy(fd, queue);
	return !failed();
}
