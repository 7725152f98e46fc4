// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Steps about what is known of mappings and objects, rather than about what they lead to: advice,
 * memory that is taken away because of it, the list of mappings, and sharing between files.
 *
 * Memory of an object that nobody needs may go at any time, so nothing is known of its contents. It
 * is asked for when the object is needed again: from then on either all is as before, or nothing
 * will ever be there.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "../xe_calls.h"
#include "xe_drm_newer.h"

/* Drivers older than these interfaces are referees for the others. */
static bool has_advice(const struct thread *t)
{
	static _Atomic int known;

	if (!atomic_load(&known)) {
		bool has = xe_config(t->fd[0], DRM_XE_QUERY_CONFIG_FLAGS) &
			   DRM_XE_QUERY_CONFIG_FLAG_HAS_PURGING_SUPPORT;

		atomic_store(&known, has ? 1 : 2);
	}
	return atomic_load(&known) == 1;
}

/* --- advice ---------------------------------------------------------------------------------- */

/* 1 if the contents are still there, 0 if not, -errno. */
static int call_madvise(struct thread *t, const struct vm *vm, uint32_t at, uint32_t n, bool needed)
{
	uint32_t retained = 0;
	struct drm_xe_madvise args = {
		.start = window_va(t, at),
		.range = n * XE_PAGE,
		.vm_id = vm->id ?: XE_UNKNOWN_ID,
		.type = DRM_XE_VMA_ATTR_PURGEABLE_STATE,
		.purge_state_val.val = needed ? DRM_XE_VMA_PURGEABLE_STATE_WILLNEED :
						DRM_XE_VMA_PURGEABLE_STATE_DONTNEED,
		.purge_state_val.retained_ptr = (uintptr_t)&retained,
	};
	int ret = xe_call(t->fd[vm->file], DRM_IOCTL_XE_MADVISE, &args);

	return ret ?: (int)retained;
}

static void object_is_purged(struct ref_object *ref)
{
	if (ref->advice != ADVICE_PURGED)
		atomic_fetch_add(&result->purged, 1);
	ref->advice = ADVICE_PURGED;
}

/* Advice about the whole of a mapping: what became of its object? */
static void learn(struct thread *t, struct vm *vm, uint32_t page)
{
	struct ref_object *ref = &t->ref[vm->window[page].obj];
	uint32_t first = ref_run_first(vm->window, page), end = ref_run_end(vm->window, page);
	int ret = call_madvise(t, vm, first, end - first, true);

	if (ret < 0)
		fail(t, "MADVISE of a mapping returned %d", ret);
	else if (ret && ref->advice == ADVICE_PURGED)
		fail(t, "what was purged is said to be there");
	else if (!ret && ref->advice == ADVICE_NEEDED)
		fail(t, "what was needed was purged");
	else if (!ret)
		object_is_purged(ref);
	ref_advise(vm->window, first, end - first, true, thread_memory(t));
}

/* A new CPU mapping is possible or not, by the state of an object. Return: errno; -1: no handle */
static int map_errno(struct thread *t, int obj)
{
	struct object *o = &t->object[obj];
	unsigned int file = 0;
	void *map;

	while (file < FILES && !o->handle[file])
		file++;
	if (file == FILES)
		return -1;
	map = xe_gem_map(t->fd[file], o->handle[file], XE_PAGE);
	if (map == MAP_FAILED)
		return errno;
	munmap(map, XE_PAGE);
	return 0;
}

static void probe(struct thread *t, int obj)
{
	struct ref_object *ref = &t->ref[obj];
	int err = map_errno(t, obj);

	if (err == EINVAL && ref->advice == ADVICE_DONTNEED)
		object_is_purged(ref);
	else if (err >= 0 && err != (ref->advice == ADVICE_DONTNEED ? EBUSY :
				     ref->advice == ADVICE_PURGED ? EINVAL : 0))
		fail(t, "mmap of object %d: errno %d, its advice is %u", obj, err, ref->advice);
}

/* All mappings went at once, and they did not agree: the last one to go decided. */
static void learn_unmapped(struct thread *t, int obj)
{
	int err = map_errno(t, obj);

	if (err == EINVAL)
		object_is_purged(&t->ref[obj]);
	else
		t->ref[obj].advice = err ? ADVICE_DONTNEED : ADVICE_NEEDED;
}

/**
 * advice_refresh() - what follows for objects from the advice about their mappings
 * @t: thread
 *
 * An object is needed if one of its mappings is. Without any it stays as it is.
 */
void advice_refresh(struct thread *t)
{
	enum { NEEDED = 1, NOT_NEEDED = 2 };
	uint8_t seen[OBJECTS] = { 0 };

	if (!t->advised)
		return;
	for (unsigned int v = 0; v < VMS; v++) {
		const struct ref_page *window = t->vm[v].window;

		for (uint32_t i = 0; window && i < WINDOW; i++)
			if (window[i].kind == PAGE_BO)
				seen[window[i].obj] |= window[i].dontneed ? NOT_NEEDED : NEEDED;
	}
	for (unsigned int i = 0; i < t->n_objects; i++) {
		struct ref_object *ref = &t->ref[i];

		if (!seen[i] && ref->mixed && ref->advice != ADVICE_PURGED)
			learn_unmapped(t, i);
		else if (seen[i] && ref->advice != ADVICE_PURGED)
			ref->advice = seen[i] & NEEDED ? ADVICE_NEEDED : ADVICE_DONTNEED;
		ref->mixed = seen[i] == (NEEDED | NOT_NEEDED);
	}
}

/* Everything is needed again; what was purged meanwhile is found out. */
static void withdraw(struct thread *t, struct vm *vm, uint32_t at, uint32_t n)
{
	for (uint32_t i = at; vm->window && i < at + n && i < WINDOW && !failed(); i++)
		if (vm->window[i].dontneed)
			learn(t, vm, i);
}

/**
 * advice_end() - withdraw all advice before a VM goes
 * @t: thread
 * @vm: the VM
 *
 * When the mappings of a VM that was closed are gone is not known, so its objects are not advised
 * any more.
 */
void advice_end(struct thread *t, const struct vm *vm)
{
	if (!vm->id)
		return;
	for (unsigned int v = 0; t->advised && v < VMS; v++)
		if (t->vm[v].id)
			withdraw(t, &t->vm[v], 0, WINDOW);
	advice_refresh(t);
	for (uint32_t i = 0; i < WINDOW; i++)
		if (vm->window[i].kind == PAGE_BO)
			t->ref[vm->window[i].obj].vague = true;
}

static uint32_t next_run(const struct vm *vm, uint32_t page)
{
	return vm->window[page].kind ? ref_run_end(vm->window, page) : page + 1;
}

/* Facts about the objects in a range */
struct covered {
	bool vague;
	bool unsure;
	bool purged;
};

static struct covered cover(struct thread *t, const struct vm *vm, uint32_t at, uint32_t n)
{
	struct covered c = { 0 };

	for (uint32_t i = at; i < at + n; i++) {
		const struct ref_object *ref = &t->ref[vm->window[i].obj];

		if (vm->window[i].kind != PAGE_BO)
			continue;
		c.vague |= ref->vague;
		c.unsure |= ref->advice == ADVICE_DONTNEED;
		c.purged |= ref->advice == ADVICE_PURGED;
	}
	return c;
}

void advise(struct thread *t, const struct step *s)
{
	struct vm *vm = &t->vm[s->arg[A_VM]];
	uint32_t at = (uint32_t)s->arg[A_AT] % WINDOW, n = s->arg[A_N];
	bool needed = s->arg[A_NEED];
	struct covered c = { 0 };
	int ret;

	if (!n || n > WINDOW - at)
		n = WINDOW - at;
	if (vm->id)
		c = cover(t, vm, at, n);
	if (!has_advice(t) || (c.vague && !needed))
		return;
	ret = call_madvise(t, vm, at, n, needed);
	if (!vm->id) {
		if (ret != -ENOENT)
			fail(t, "MADVISE on no VM returned %d", ret);
		return;
	}
	if (ret < 0 || (c.purged && ret) || (needed && !c.purged && !c.unsure && !ret)) {
		fail(t, "MADVISE returned %d, objects in the range: %s purged, %s unsure", ret,
		     c.purged ? "some" : "none", c.unsure ? "some" : "none");
		return;
	}
	t->advised = true;
	if (needed)
		withdraw(t, vm, at, n);
	else
		ref_advise(vm->window, at, n, false, thread_memory(t));
	advice_refresh(t);
	for (uint32_t i = at; i < at + n && !failed(); i = next_run(vm, i))
		if (vm->window[i].kind == PAGE_BO)
			probe(t, vm->window[i].obj);
}

/* Ask the kernel for memory that it can have. */
void reclaim(struct thread *t, const struct step *s)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	(void)s;
	if (fd < 0 || write(fd, "2", 1) != 1)
		fail(t, "the kernel cannot be asked for memory: %s", strerror(errno));
	close(fd);
}

/* --- the list of mappings -------------------------------------------------------------------- */

static void query_compare(struct thread *t, const struct vm *vm, uint32_t at, uint32_t end,
			  const struct drm_xe_mem_range_attr *attr)
{
	for (uint32_t i = at; i < end; i = next_run(vm, i)) {
		uint32_t first = ref_run_first(vm->window, i), last = ref_run_end(vm->window, i);

		if (!vm->window[i].kind)
			continue;
		if (attr->start != window_va(t, first) ||
		    attr->end != window_va(t, last - 1) + XE_PAGE ||
		    attr->pat_index.val != vm->window[i].pat) {
			fail(t, "query: 0x%llx to 0x%llx has PAT %u, not pages %u to %u with %u",
			     (unsigned long long)attr->start, (unsigned long long)attr->end,
			     attr->pat_index.val, first, last, vm->window[i].pat);
			return;
		}
		attr++;
	}
}

static uint32_t count_runs(const struct vm *vm, uint32_t at, uint32_t end)
{
	uint32_t n = 0;

	for (; vm->window && at < end; at = next_run(vm, at))
		n += !!vm->window[at].kind;
	return n;
}

void query(struct thread *t, const struct step *s)
{
	struct vm *vm = &t->vm[s->arg[A_VM]];
	uint32_t at = (uint32_t)s->arg[A_AT] % WINDOW, n = s->arg[A_N];
	uint32_t end = !n || n > WINDOW - at ? WINDOW : at + n;
	struct drm_xe_vm_query_mem_range_attr args = {
		.vm_id = vm->id ?: XE_UNKNOWN_ID,
		.start = window_va(t, at),
		.range = (end - at) * XE_PAGE,
	};
	uint32_t want = count_runs(vm, at, end);
	struct drm_xe_mem_range_attr *attr;
	int ret;

	if (!has_advice(t))
		return;
	ret = xe_call(t->fd[vm->file], DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, &args);
	if (ret != (vm->id ? 0 : -ENOENT) || (!ret && args.num_mem_ranges != want)) {
		fail(t, "VM_QUERY_MEM_RANGE_ATTRS returned %d: %u mappings, not %u", ret,
		     args.num_mem_ranges, want);
		return;
	}
	if (ret || !want)
		return;
	attr = calloc(want, sizeof(*attr));
	args.vector_of_mem_attr = (uintptr_t)attr;
	ret = xe_call(t->fd[vm->file], DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS, &args);
	if (ret)
		fail(t, "VM_QUERY_MEM_RANGE_ATTRS of %u mappings returned %d", want, ret);
	else
		query_compare(t, vm, at, end, attr);
	free(attr);
}

/* --- sharing --------------------------------------------------------------------------------- */

static bool export_is_right(const struct ref_object *ref, int ret)
{
	if (ref->private_of)
		return ret == -EPERM;
	if (ref->advice == ADVICE_NEEDED || (!ret && ref->exported))
		return !ret;
	return ret == -EINVAL || (ret == -EBUSY && ref->advice == ADVICE_DONTNEED);
}

/* The object as another file sees it: one handle for good, and the same memory. */
static void look_at_copy(struct thread *t, int obj, unsigned int file, uint32_t handle)
{
	struct ref_object *ref = &t->ref[obj];
	struct object *o = &t->object[obj];
	volatile uint32_t *map;

	if (o->handle[file] && o->handle[file] != handle)
		fail(t, "an object has got a second handle in a file");
	o->handle[file] = handle;
	if (ref->advice != ADVICE_NEEDED)
		return;
	map = xe_gem_map(t->fd[file], handle, XE_PAGE);
	if (map == MAP_FAILED)
		fail(t, "an object that was imported cannot be mapped");
	else if (map[WORD / 4] != ref->value[0])
		fail(t, "an object that was imported holds 0x%x, not 0x%x", map[WORD / 4],
		     ref->value[0]);
	if (map != MAP_FAILED)
		munmap((void *)map, XE_PAGE);
}

void share(struct thread *t, const struct step *s)
{
	int obj = s->arg[A_BO] < BOS ? t->bo[s->arg[A_BO]] : -1, ret;
	struct drm_prime_handle args = { .flags = O_CLOEXEC };
	unsigned int from = 0, to = s->arg[A_FILE];
	struct drm_gem_close gone = { 0 };

	while (obj >= 0 && from < FILES && !t->object[obj].handle[from])
		from++;
	if (obj < 0 || from == FILES)
		return;
	args.handle = t->object[obj].handle[from];
	ret = xe_call(t->fd[from], DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);
	if (!export_is_right(&t->ref[obj], ret)) {
		fail(t, "export of object %d returned %d, its advice is %u", obj, ret,
		     t->ref[obj].advice);
		return;
	}
	if (ret)
		return;
	t->ref[obj].exported = true;
	ret = xe_call(t->fd[to], DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);
	close(args.fd);
	if (ret) {
		fail(t, "import of object %d returned %d", obj, ret);
		return;
	}
	look_at_copy(t, obj, to, args.handle);
	if (s->arg[A_KEEP] || from == to)
		return;
	gone.handle = t->object[obj].handle[from];
	ret = xe_call(t->fd[from], DRM_IOCTL_GEM_CLOSE, &gone);
	if (ret)
		fail(t, "GEM_CLOSE of an object that lives in another file returned %d", ret);
	t->object[obj].handle[from] = 0;
	t->ref[obj].vague = true;
}
