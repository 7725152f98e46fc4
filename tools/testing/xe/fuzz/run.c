// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Carries out the steps of a program, each compared with what the reference says.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../xe_calls.h"

/* Calls of a bind that returns EAGAIN */
#define CHANCES		4

/* --- VMs, BOs, queues, files ----------------------------------------------------------------- */

static void vm_create(struct thread *t, const struct step *s)
{
	struct vm *vm = &t->vm[s->arg[A_VM]];

	if (!vm->id && s->arg[A_FILE])
		vm_open(t, vm, s);
}

static void vm_end_queues(struct thread *t, struct vm *vm)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(vm->queue); i++) {
		if (vm->queue[i])
			xe_queue_destroy(t->fd[vm->file], vm->queue[i]);
		vm->queue[i] = 0;
	}
}

/* Queues may outlive their VM, unless it is long-running. */
static void vm_destroy(struct thread *t, const struct step *s)
{
	struct vm *vm = &t->vm[s->arg[A_VM]];
	bool busy = vm->lr && (vm->queue[0] || vm->queue[1]);
	int ret, want = !vm->id ? -ENOENT : busy ? -EBUSY : 0;
	int fd = t->fd[vm->file];

	if (!s->arg[A_VM])
		return;
	advice_end(t, vm);
	ret = xe_vm_destroy(fd, vm->id ?: XE_UNKNOWN_ID);
	if (ret != want)
		fail(t, "VM_DESTROY returned %d, not %d", ret, want);
	vm_end_queues(t, vm);
	ret = busy ? xe_vm_destroy(fd, vm->id) : 0;
	if (ret)
		fail(t, "VM_DESTROY without queues returned %d", ret);
	vm_forget(vm);
}

static bool object_new(struct thread *t, uint32_t pages, const struct vm *owner, uint32_t handle,
		       unsigned int file)
{
	struct ref_object *ref = &t->ref[t->n_objects];
	struct object *o = &t->object[t->n_objects];

	ref->pages = pages;
	ref->private_of = owner ? owner->serial : 0;
	ref->value = calloc(pages, sizeof(*ref->value));
	o->handle[file] = handle;
	o->map = xe_gem_map(t->fd[file], handle, pages * XE_PAGE);
	t->pages += pages;
	if (ref->value && o->map != MAP_FAILED)
		return true;
	o->map = NULL;
	fail(t, "a BO cannot be mapped");
	return false;
}

static void bo_create(struct thread *t, const struct step *s)
{
	const struct vm *owner = s->arg[A_PRIVATE] < 0 ? NULL : &t->vm[s->arg[A_PRIVATE]];
	unsigned int file = owner ? owner->file : s->arg[A_FILE];
	struct drm_xe_gem_create args = xe_gem_args(s->arg[A_PAGES] * XE_PAGE);
	int *slot = &t->bo[s->arg[A_BO]];
	int ret, want = owner && !owner->id ? -ENOENT : 0;

	if (*slot >= 0 || t->n_objects == OBJECTS || t->pages + s->arg[A_PAGES] > MAX_PAGES)
		return;
	if (owner)
		args.vm_id = owner->id ?: XE_UNKNOWN_ID;
	if (s->arg[A_WC])
		args.cpu_caching = DRM_XE_GEM_CPU_CACHING_WC;
	if (s->arg[A_DEFER])
		args.flags = DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING;
	ret = xe_call(t->fd[file], DRM_IOCTL_XE_GEM_CREATE, &args);
	if (ret != want) {
		fail(t, "GEM_CREATE returned %d, not %d", ret, want);
		return;
	}
	if (!ret && object_new(t, s->arg[A_PAGES], owner, args.handle, file)) {
		t->ref[t->n_objects].wc = s->arg[A_WC];
		*slot = t->n_objects++;
	}
}

/* Mappings of the GPU keep what is behind them; the processor's may go, too. */
static void bo_close(struct thread *t, const struct step *s)
{
	int obj = s->arg[A_BO] < BOS ? t->bo[s->arg[A_BO]] : -1;

	if (obj < 0)
		return;
	t->bo[s->arg[A_BO]] = -1;
	t->ref[obj].vague |= t->ref[obj].exported;
	for (unsigned int i = 0; i < FILES; i++) {
		struct drm_gem_close args = { .handle = t->object[obj].handle[i] };

		if (args.handle && xe_call(t->fd[i], DRM_IOCTL_GEM_CLOSE, &args))
			fail(t, "GEM_CLOSE of a good handle failed");
		t->object[obj].handle[i] = 0;
	}
	if (s->arg[A_DROP]) {
		munmap(t->object[obj].map, t->ref[obj].pages * XE_PAGE);
		t->object[obj].map = NULL;
		t->pages -= t->ref[obj].pages;
	}
}

static void queue_create(struct thread *t, const struct step *s)
{
	unsigned int file = s->arg[A_QFILE];
	uint32_t *id = &t->queue[file][s->arg[A_QUEUE] % QUEUES];

	if (*id)
		return;
	*id = xe_bind_queue_create(t->fd[file], 0);
	if (!*id)
		fail(t, "a bind queue cannot be made");
}

static void queue_destroy(struct thread *t, const struct step *s)
{
	unsigned int file = s->arg[A_QFILE], slot = s->arg[A_QUEUE] % QUEUES, i;
	uint32_t *id = &t->queue[file][slot];
	int ret, want = *id ? 0 : -ENOENT;

	/* Nobody could tell any more when these binds are done. */
	for (i = 0; i < VMS; i++)
		if (t->vm[i].file == file && t->vm[i].unfenced & (2u << slot) &&
		    !vm_settle(t, &t->vm[i]))
			return;
	ret = xe_queue_destroy(t->fd[file], *id ?: XE_UNKNOWN_ID);
	if (ret != want)
		fail(t, "EXEC_QUEUE_DESTROY returned %d, not %d", ret, want);
	*id = 0;
}

static void file_close(struct thread *t, const struct step *s)
{
	unsigned int file = s->arg[A_QFILE], i;

	if (!file)
		return;
	for (i = 1; i < VMS; i++)
		if (t->vm[i].id && t->vm[i].file == file)
			advice_end(t, &t->vm[i]);
	close(t->fd[file]);
	for (i = 1; i < VMS; i++)
		if (t->vm[i].id && t->vm[i].file == file)
			vm_forget(&t->vm[i]);
	memset(t->queue[file], 0, sizeof(t->queue[file]));
	for (i = 0; i < t->n_objects; i++) {
		t->ref[i].vague |= t->ref[i].exported && t->object[i].handle[file];
		t->object[i].handle[file] = 0;
	}
	t->gate.copy[file] = 0;
	file_open(t, file);
}

/* --- binds ----------------------------------------------------------------------------------- */

/**
 * struct bind - a bind as it is handed to the driver, and what the reference says about it
 * @vm: the VM; without id if the slot is empty
 * @fd: file
 * @obj: see struct ref_bind
 * @op: operations
 * @sync: syncs
 * @args: arguments
 * @queue: bit of &vm.unfenced
 * @out: how it tells that it is done
 * @ufence: number of the user fence, or 0
 * @ref: facts for the reference
 */
struct bind {
	struct vm *vm;
	int fd;
	int obj[BOS];
	struct drm_xe_vm_bind_op op[MAX_OPS];
	struct drm_xe_sync sync[2];
	struct drm_xe_vm_bind args;
	uint32_t queue;
	enum out_kind out;
	uint32_t ufence;
	struct ref_bind ref;
};

static void bind_op(struct thread *t, struct bind *b, const struct op *op,
		    struct drm_xe_vm_bind_op *out)
{
	static const uint32_t kinds[OP_KINDS] = {
		[OP_MAP] = DRM_XE_VM_BIND_OP_MAP,
		[OP_NULL] = DRM_XE_VM_BIND_OP_MAP,
		[OP_USERPTR] = DRM_XE_VM_BIND_OP_MAP_USERPTR,
		[OP_UNMAP] = DRM_XE_VM_BIND_OP_UNMAP,
		[OP_UNMAP_ALL] = DRM_XE_VM_BIND_OP_UNMAP_ALL,
		[OP_PREFETCH] = DRM_XE_VM_BIND_OP_PREFETCH,
	};
	int obj = op->bo < BOS ? b->obj[op->bo] : -1;

	*out = (struct drm_xe_vm_bind_op){ .op = kinds[op->kind], .pat_index = op->pat };
	if (op->kind != OP_UNMAP_ALL) {
		out->addr = window_va(t, op->at);
		out->range = op->n * XE_PAGE;
	}
	out->obj_offset = op->off * XE_PAGE;
	if (op->kind == OP_USERPTR)
		out->userptr = (uintptr_t)t->arena + op->off * XE_PAGE;
	if (op->kind == OP_MAP || op->kind == OP_UNMAP_ALL)
		out->obj = obj < 0 ? XE_UNKNOWN_ID : t->object[obj].handle[b->vm->file];
	else if (op->bo == BOS)
		out->obj = XE_UNKNOWN_ID;
	if (op->kind == OP_NULL)
		out->flags |= DRM_XE_VM_BIND_FLAG_NULL;
	if (op->ro)
		out->flags |= DRM_XE_VM_BIND_FLAG_READONLY;
	if (op->bad & 1)
		out->flags |= 1u << 20;
	if (op->bad & 2)
		out->addr += 8;
}

/* Handles of the BOs in the file of the VM. A private BO is for its own VM only. */
static void bind_objects(struct thread *t, struct bind *b, const struct step *s)
{
	for (unsigned int i = 0; i < BOS; i++)
		b->obj[i] = -1;
	for (unsigned int i = 0; i < s->n_ops; i++) {
		int obj = s->op[i].bo < BOS ? t->bo[s->op[i].bo] : -1;

		if (obj < 0 || (t->ref[obj].private_of && t->ref[obj].private_of != b->vm->serial))
			continue;
		if (object_handle(t, obj, b->vm->file))
			b->obj[s->op[i].bo] = obj;
	}
}

static void bind_out(struct thread *t, struct bind *b, const struct step *s)
{
	struct drm_xe_sync *sync = &b->sync[b->args.num_syncs];

	b->out = s->arg[A_OUT];
	if (b->out == OUT_UFENCE && t->n_ufences == UFENCES - 1)
		b->out = b->vm->lr ? OUT_NONE : OUT_SYNCOBJ;
	if (b->out == OUT_NONE)
		return;
	b->args.num_syncs++;
	*sync = (struct drm_xe_sync){ .flags = DRM_XE_SYNC_FLAG_SIGNAL };
	switch (b->out) {
	case OUT_TIMELINE:
		sync->type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
		sync->handle = b->vm->id ? b->vm->timeline : XE_UNKNOWN_ID;
		sync->timeline_value = b->vm->point + 1;
		break;
	case OUT_UFENCE:
		b->ufence = ++t->n_ufences;
		sync->type = DRM_XE_SYNC_TYPE_USER_FENCE;
		sync->addr = (uintptr_t)&t->ufence_page[b->ufence];
		sync->timeline_value = b->ufence;
		break;
	default:
		sync->type = DRM_XE_SYNC_TYPE_SYNCOBJ;
		sync->handle = xe_syncobj_create(b->fd, 0);
		break;
	}
}

static void bind_prepare(struct thread *t, struct bind *b, const struct step *s)
{
	unsigned int slot = s->arg[A_QUEUE];
	uint32_t gate;

	b->vm = &t->vm[s->arg[A_VM]];
	b->fd = t->fd[b->vm->file];
	b->args.vm_id = b->vm->id ?: XE_UNKNOWN_ID;
	b->queue = 1u << slot;
	if (slot)
		b->args.exec_queue_id = t->queue[b->vm->file][slot - 1] ?: XE_UNKNOWN_ID;
	bind_objects(t, b, s);
	for (unsigned int i = 0; i < s->n_ops; i++)
		bind_op(t, b, &s->op[i], &b->op[i]);
	b->args.num_binds = s->n_ops;
	if (s->n_ops == 1)
		b->args.bind = b->op[0];
	else
		b->args.vector_of_binds = (uintptr_t)b->op;
	gate = s->arg[A_IN] ? gate_fence(t, b->vm->file) : 0;
	if (gate)
		b->sync[b->args.num_syncs++] = (struct drm_xe_sync){
			.type = DRM_XE_SYNC_TYPE_SYNCOBJ,
			.handle = gate,
		};
	bind_out(t, b, s);
	b->args.syncs = (uintptr_t)b->sync;
	b->ref = (struct ref_bind){
		.serial = b->vm->serial,
		.obj = b->obj,
		.memory = thread_memory(t),
		.ufence = t->ufence,
		.referee = options.referee,
	};
}

/* Which user fences the closed gate holds back for certain */
static void refresh_ufences(struct thread *t)
{
	int64_t since = atomic_load(&t->gate.since);

	for (uint32_t i = 1; i <= t->n_ufences; i++)
		if (t->ufence[i] != UFENCE_WRITTEN)
			t->ufence[i] = since && t->held[i] == since ? UFENCE_HELD : UFENCE_MAYBE;
}

static bool bind_is_right(struct thread *t, const struct bind *b, const struct step *s, int ret,
			  struct ref_verdict *v)
{
	static const struct ref_page nothing[WINDOW];

	*v = (struct ref_verdict){ 0 };
	if (!b->vm->id)
		v->err[v->n++] = -EINVAL;
	if (!b->vm->id && b->out == OUT_TIMELINE)
		v->err[v->n++] = -ENOENT;
	if (b->vm->lr && (b->out == OUT_SYNCOBJ || b->out == OUT_TIMELINE))
		v->err[v->n++] = -EOPNOTSUPP;
	if (b->args.exec_queue_id == XE_UNKNOWN_ID)
		v->err[v->n++] = -ENOENT;
	if (!s->n_ops && b->ufence)
		v->err[v->n++] = -EOPNOTSUPP;
	refresh_ufences(t);
	ref_judge(&b->ref, b->vm->window ?: nothing, s, v);
	return ref_verdict_allows(v, ret);
}

static void bind_done(struct thread *t, struct bind *b, const struct step *s, int64_t since)
{
	struct vm *vm = b->vm;
	unsigned int last = b->args.num_syncs - 1;

	ref_apply(&b->ref, vm->window, s, &t->map, b->ufence);
	advice_refresh(t);
	if (b->ufence) {
		t->ufence[b->ufence] = UFENCE_MAYBE;
		t->held[b->ufence] = b->args.num_syncs > 1 ? since : 0;
		vm->ufence_out[vm->n_ufences++] = b->ufence;
	}
	if (b->out == OUT_NONE || b->ufence) {
		vm->unfenced |= b->queue;
	} else {
		vm->pending[vm->n_pending].syncobj = b->sync[last].handle;
		vm->pending[vm->n_pending++].point = b->sync[last].timeline_value;
		vm->point += b->out == OUT_TIMELINE;
	}
	if (s->arg[A_WAIT])
		vm_settle(t, vm);
}

/* Who finds the memory of a process changing all the time may call again. */
static int bind_call(struct bind *b)
{
	int ret;

	for (int i = 0; i < CHANCES; i++) {
		ret = xe_call(b->fd, DRM_IOCTL_XE_VM_BIND, &b->args);
		if (ret != -EAGAIN)
			break;
	}
	return ret;
}

static void bind(struct thread *t, const struct step *s)
{
	struct bind b = { 0 };
	struct ref_verdict v;
	int64_t since = 0;
	char text[100];
	bool right;
	int ret;

	if (t->vm[s->arg[A_VM]].n_pending > PENDING - QUEUES - 3 &&
	    !vm_settle(t, &t->vm[s->arg[A_VM]]))
		return;
	bind_prepare(t, &b, s);
	if (b.args.num_syncs > 1)
		since = atomic_load(&t->gate.since);
	/* The watchman may open the gate meanwhile: what is right before or after is right. */
	right = bind_is_right(t, &b, s, 0, &v);
	ret = bind_call(&b);
	right = (right && !ret) || ref_verdict_allows(&v, ret) || bind_is_right(t, &b, s, ret, &v);
	atomic_fetch_add(&result->binds, 1);
	if (!right) {
		ref_verdict_text(&v, text, sizeof(text));
		fail(t, "VM_BIND returned %d, the reference says %s", ret, text);
	} else if (!ret) {
		bind_done(t, &b, s, since);
	} else {
		atomic_fetch_add(&result->refused, 1);
	}
}

/* --- memory of the process ------------------------------------------------------------------- */

static void user_set(struct thread *t, uint32_t at, uint32_t n, struct ref_user value)
{
	while (n--)
		t->user[at++] = value;
}

static void memory_move(struct thread *t, uint32_t at, uint32_t n, uint32_t to)
{
	struct ref_user saved[ARENA];
	uint32_t i;

	if ((at < to + n && to < at + n) || to + n > ARENA)
		return;
	for (i = 0; i < n; i++)
		if (!t->user[at + i].present || !t->user[at + i].writable)
			return;
	memcpy(saved, &t->user[at], n * sizeof(*saved));
	user_set(t, to, n, (struct ref_user){ 0 });
	/* It fails if the kernel keeps this memory in several areas; the target is gone even so. */
	if (mremap(t->arena + at * XE_PAGE, n * XE_PAGE, n * XE_PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED, t->arena + to * XE_PAGE) == MAP_FAILED) {
		munmap(t->arena + to * XE_PAGE, n * XE_PAGE);
		return;
	}
	memcpy(&t->user[to], saved, n * sizeof(*saved));
	user_set(t, at, n, (struct ref_user){ 0 });
}

static void memory_page(struct thread *t, uint32_t page, enum memory_kind what)
{
	struct ref_user *u = &t->user[page];
	uint8_t *p = t->arena + page * XE_PAGE;
	int ret;

	if (!u->present)
		return;
	if (what == MEMORY_DONTNEED) {
		ret = madvise(p, XE_PAGE, MADV_DONTNEED);
		u->value = 0;
	} else {
		u->writable = what == MEMORY_WRITABLE;
		ret = mprotect(p, XE_PAGE, PROT_READ | (u->writable ? PROT_WRITE : 0));
	}
	if (ret)
		fail(t, "page %u of the arena: %s", page, strerror(errno));
}

/*
 * What becomes of a mapping without memory differs between drivers. In long-running VMs memory that
 * comes back is noticed if the VM was dormant all the time, or when something else stops it.
 */
static void forget_gone(struct thread *t)
{
	for (unsigned int v = 0; v < VMS; v++) {
		struct ref_page *window = t->vm[v].window;

		if (!options.referee && !t->vm[v].lr)
			continue;
		for (uint32_t i = 0; window && i < WINDOW; i++)
			if (window[i].kind == PAGE_USER &&
			    !ref_accessible(window, i, thread_memory(t)))
				window[i].open = true;
	}
}

static void change_memory(struct thread *t, const struct step *s)
{
	uint32_t at = (uint32_t)s->arg[A_AT] % ARENA;
	uint32_t n = s->arg[A_N];
	uint8_t *p = t->arena + at * XE_PAGE;

	if (n > ARENA - at)
		n = ARENA - at;
	gate_open(&t->gate);
	switch (s->arg[A_WHAT]) {
	case MEMORY_UNMAP:
		munmap(p, n * XE_PAGE);
		user_set(t, at, n, (struct ref_user){ 0 });
		break;
	case MEMORY_MAP:
		if (mmap(p, n * XE_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p)
			fail(t, "no memory for the arena");
		user_set(t, at, n, (struct ref_user){ .present = true, .writable = true });
		break;
	case MEMORY_MOVE:
		memory_move(t, at, n, (uint32_t)s->arg[A_TO] % ARENA);
		break;
	default:
		while (n--)
			memory_page(t, at++, s->arg[A_WHAT]);
		break;
	}
	forget_gone(t);
}

static void cpu_write(struct thread *t, const struct step *s)
{
	int obj = s->arg[A_BO] < BOS ? t->bo[s->arg[A_BO]] : -1;

	for (uint32_t i = s->arg[A_AT]; i < (uint32_t)(s->arg[A_AT] + s->arg[A_N]); i++) {
		uint32_t value = s->arg[A_VALUE] + i;
		uint8_t *page = NULL;

		if (s->arg[A_BO] >= BOS && i < ARENA && t->user[i].present && t->user[i].writable) {
			page = t->arena + i * XE_PAGE;
			t->user[i].value = value;
		} else if (obj >= 0 && i < t->ref[obj].pages &&
			   t->ref[obj].advice == ADVICE_NEEDED) {
			page = t->object[obj].map + i * XE_PAGE;
			t->ref[obj].value[i] = value;
		}
		if (page)
			*(volatile uint32_t *)(page + WORD) = value;
	}
}

/* --- programs -------------------------------------------------------------------------------- */

static void step_gpu(struct thread *t, const struct step *s)
{
	struct vm *vm = &t->vm[s->arg[A_VM]];

	if (!vm->id)
		return;
	if (s->kind == STEP_GPU_WRITE)
		gpu_write(t, vm, s);
	else if (s->kind == STEP_FAULT)
		gpu_fault(t, vm, s);
	else if (gpu_check(t, vm, s->arg[A_ENGINE]) && s->kind == STEP_ASK)
		ask_model(t, vm);
}

static void step_gate(struct thread *t, const struct step *s)
{
	if (s->arg[A_CLOSE])
		gate_close(t);
	else
		gate_open(&t->gate);
}

static void run_step(struct thread *t, const struct step *s)
{
	static void (* const does[STEP_KINDS])(struct thread *t, const struct step *s) = {
		[STEP_VM_CREATE] = vm_create,
		[STEP_VM_DESTROY] = vm_destroy,
		[STEP_BO_CREATE] = bo_create,
		[STEP_BO_CLOSE] = bo_close,
		[STEP_QUEUE_CREATE] = queue_create,
		[STEP_QUEUE_DESTROY] = queue_destroy,
		[STEP_FILE_CLOSE] = file_close,
		[STEP_BIND] = bind,
		[STEP_GATE] = step_gate,
		[STEP_MEMORY] = change_memory,
		[STEP_CPU_WRITE] = cpu_write,
		[STEP_GPU_WRITE] = step_gpu,
		[STEP_CHECK] = step_gpu,
		[STEP_ASK] = step_gpu,
		[STEP_FAULT] = step_gpu,
		[STEP_SHARE] = share,
		[STEP_ADVISE] = advise,
		[STEP_RECLAIM] = reclaim,
		[STEP_QUERY] = query,
	};
	char text[2048];

	if (options.verbose) {
		step_text(s, text, sizeof(text));
		fprintf(stderr, "%4u: %s\n", t->step, text);
	}
	does[s->kind](t, s);
	atomic_fetch_add(&result->steps, 1);
}

/* Every VM is looked at once more when all is done. */
static void last_look(struct thread *t)
{
	for (unsigned int i = 0; i < VMS && !failed(); i++)
		if (t->vm[i].id && gpu_check(t, &t->vm[i], 0))
			ask_model(t, &t->vm[i]);
	gate_open(&t->gate);
}

static void *run_thread(void *data)
{
	struct thread *t = data;

	for (t->step = 0; t->step < t->program->n && !failed(); t->step++)
		if (t->program->step[t->step].thread == t->number)
			run_step(t, &t->program->step[t->step]);
	last_look(t);
	return NULL;
}

static struct thread threads[MAX_THREADS];
static _Atomic bool watching;

static void *watchman(void *data)
{
	unsigned int n = *(unsigned int *)data;

	while (atomic_load(&watching)) {
		usleep(100000);
		for (unsigned int i = 0; i < n; i++)
			gate_watch(&threads[i].gate);
	}
	return NULL;
}

/* Run a program in this process; struct result says how it went. */
void run_program(const struct program *p)
{
	struct thread *main_thread = &threads[0];
	unsigned int i, n = p->threads;
	struct vm shared = { 0 };
	pthread_t watch;

	if (!file_open(main_thread, 0) || !vm_open(main_thread, &shared, NULL))
		return;
	for (i = 0; i < n; i++)
		if (!thread_open(&threads[i], p, i, main_thread->fd[0]) ||
		    !vm_join(&threads[i], &threads[i].vm[0], &shared))
			return;
	atomic_store(&watching, true);
	pthread_create(&watch, NULL, watchman, &n);
	for (i = 0; i < n; i++)
		pthread_create(&threads[i].pthread, NULL, run_thread, &threads[i]);
	for (i = 0; i < n; i++)
		pthread_join(threads[i].pthread, NULL);
	atomic_store(&watching, false);
	pthread_join(watch, NULL);
	vm_forget(&shared);
}
