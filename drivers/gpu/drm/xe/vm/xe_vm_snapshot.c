// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Snapshot of a VM
 *
 * A dump of a hang shows the mappings of the address space, and the contents of those that user
 * space has marked for it. The two parts are taken at different times.
 *
 * The list of mappings is made when the hang is found, before any fence of the hung job signals:
 * until then the VM cannot be torn down. It holds references to what is behind the mappings to be
 * dumped, so that contents outlive unmapping, destruction of the VM and exit of the process. Fences
 * wait for the caller, so the VM lock can only be tried: a bind may hold it and wait for just those
 * fences. If it is taken, the list is made later, of what is left.
 *
 * Contents are read by a worker, which may sleep. What the process has written meanwhile shows.
 * Process memory is read as far as it is resident: to fault it in might take as long as its owner
 * likes, with userfaultfd for instance. A mapping that was cut short by an error has the contents
 * up to there, then the error.
 *
 * Locking: &xe_vm.lock, tried, or taken in the worker. No reference is dropped before the worker
 * does.
 */

#include "vm/xe_vm_snapshot.h"

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <drm/drm_print.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_dump_text.h"
#include "mem/xe_bo.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

#define VM_SNAPSHOT_GFP		(GFP_NOWAIT | __GFP_NOWARN)
/* contents that are copied at a time, bytes */
#define VM_SNAPSHOT_CHUNK	SZ_64K

/* One mapping. */
struct vm_snapshot_vma {
	u64 addr;
	u64 size;
	/* offset in the BO, or CPU address */
	u64 offset;
	/* flags of &drm_gpuva */
	u32 flags;
	u16 pat_index;
	u16 cpu_caching;
	bool is_userptr;
	/* references, where contents are to be dumped: one of them, or none */
	struct xe_bo *bo;
	struct mm_struct *mm;
};

/* A page of them. */
struct vm_snapshot_block {
	struct list_head link;
	unsigned int n;
	struct vm_snapshot_vma vma[];
};

#define VM_SNAPSHOT_VMAS \
	((PAGE_SIZE - sizeof(struct vm_snapshot_block)) / sizeof(struct vm_snapshot_vma))

/**
 * struct xe_vm_snapshot - mappings of a VM, and what is behind them
 */
struct xe_vm_snapshot {
	/** @vm: the VM (reference) */
	struct xe_vm *vm;
	/** @blocks: mappings in the order of their addresses */
	struct list_head blocks;
	/** @n_vmas: number of mappings in @blocks */
	size_t n_vmas;
	/** @listed: @blocks is filled */
	bool listed;
	/** @late: @blocks was filled by the worker */
	bool late;
	/** @err: why @blocks ends early, 0: it does not */
	int err;
};

static struct vm_snapshot_vma *vm_snapshot_next(struct xe_vm_snapshot *s, gfp_t gfp)
{
	struct vm_snapshot_block *b = NULL;

	if (!list_empty(&s->blocks))
		b = list_last_entry(&s->blocks, struct vm_snapshot_block, link);
	if (!b || b->n == VM_SNAPSHOT_VMAS) {
		b = (void *)__get_free_page(gfp);
		if (!b)
			return NULL;
		b->n = 0;
		list_add_tail(&b->link, &s->blocks);
	}
	s->n_vmas++;

	return &b->vma[b->n++];
}

static void vm_snapshot_note(struct vm_snapshot_vma *out, const struct xe_vma *vma)
{
	struct drm_gem_object *obj = vma->gpuva.gem.obj;

	*out = (struct vm_snapshot_vma) {
		.addr = xe_vma_start(vma),
		.size = vma->gpuva.va.range,
		.offset = vma->gpuva.gem.offset,
		.flags = vma->gpuva.flags,
		.pat_index = vma->pat_index,
		.cpu_caching = obj ? to_xe_bo(obj)->cpu_caching : DRM_XE_GEM_CPU_CACHING_WB,
		.is_userptr = vma->userptr,
	};
	if (!(out->flags & XE_VMA_DUMPABLE))
		return;

	if (vma->userptr) {
		out->mm = vma->userptr->notifier.mm;
		mmgrab(out->mm);
	} else if (obj) {
		out->bo = xe_bo_get(to_xe_bo(obj));
	}
}

/* The VM lock is held. */
static void vm_snapshot_list(struct xe_vm_snapshot *s, gfp_t gfp)
{
	struct vm_snapshot_vma *out;
	struct drm_gpuva *va;

	lockdep_assert_held(&s->vm->lock);

	s->listed = true;
	drm_gpuvm_for_each_va(va, &s->vm->gpuvm) {
		out = vm_snapshot_next(s, gfp);
		if (!out) {
			s->err = -ENOMEM;
			return;
		}
		vm_snapshot_note(out, to_xe_vma(va));
	}
}

/**
 * xe_vm_snapshot_take - note the mappings of a VM
 * @vm: the VM
 *
 * Context: fence signalling; allocates with GFP_NOWAIT, does not sleep.
 * Return: the snapshot, or NULL without memory
 */
struct xe_vm_snapshot *xe_vm_snapshot_take(struct xe_vm *vm)
{
	struct xe_vm_snapshot *s = kzalloc(sizeof(*s), VM_SNAPSHOT_GFP);

	if (!s)
		return NULL;

	s->vm = xe_vm_get(vm);
	INIT_LIST_HEAD(&s->blocks);
	if (down_read_trylock(&vm->lock)) {
		vm_snapshot_list(s, VM_SNAPSHOT_GFP);
		up_read(&vm->lock);
	}

	return s;
}

/* A chunk of process memory, as far as it is resident. -EFAULT if a part of it is not. */
static int vm_snapshot_read_mm(struct mm_struct *mm, u64 addr, void *dst, size_t size)
{
	struct page *page;
	long n = 1;
	size_t at;

	/* The process may be gone, or going. */
	if (!mmget_not_zero(mm))
		return -EFAULT;

	mmap_read_lock(mm);
	for (at = 0; at < size; at += PAGE_SIZE) {
		n = get_user_pages_remote(mm, addr + at, 1, FOLL_NOFAULT, &page, NULL);
		if (n != 1)
			break;
		memcpy_from_page(dst + at, page, 0, PAGE_SIZE);
		put_page(page);
	}
	mmap_read_unlock(mm);
	/* The last user of a dead process must not tear it down here. */
	mmput_async(mm);

	return n == 1 ? 0 : -EFAULT;
}

static int vm_snapshot_read(const struct vm_snapshot_vma *vma, u64 at, void *dst, size_t size)
{
	if (vma->mm)
		return vm_snapshot_read_mm(vma->mm, vma->offset + at, dst, size);

	return xe_bo_read(vma->bo, vma->offset + at, dst, size);
}

static void vm_snapshot_print_data(const struct vm_snapshot_vma *vma, void *chunk,
				   struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	bool begun = false;
	int err = 0;
	size_t n;
	u64 at;

	for (at = 0; !err && at < vma->size; at += n) {
		n = min_t(u64, vma->size - at, VM_SNAPSHOT_CHUNK);
		err = chunk ? vm_snapshot_read(vma, at, chunk, n) : -ENOMEM;
		if (err)
			break;
		if (!begun)
			drm_printf(&p, "[%llx].data: ", vma->addr);
		begun = true;
		err = xe_dump_text_add_words(t, chunk, n / sizeof(u32));
		cond_resched();
	}

	if (begun)
		drm_puts(&p, "\n");
	if (err)
		drm_printf(&p, "[%llx].error: %d\n", vma->addr, err);
}

static void vm_snapshot_print_vma(const struct vm_snapshot_vma *vma, void *chunk,
				  struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	const char *what = "bo";

	if (vma->flags & DRM_GPUVA_SPARSE)
		what = "null_sparse";
	else if (vma->is_userptr)
		what = "userptr";

	drm_printf(&p, "[%llx].length: 0x%llx\n", vma->addr, vma->size);
	drm_printf(&p, "[%llx].properties: %s|%s|mem_region=0x1|pat_index=%u|cpu_caching=%u%s\n",
		   vma->addr, vma->flags & XE_VMA_READONLY ? "read_only" : "read_write", what,
		   vma->pat_index, vma->cpu_caching,
		   vma->flags & XE_VMA_DUMPABLE ? "|dumpable" : "");
	if (vma->bo || vma->mm)
		vm_snapshot_print_data(vma, chunk, t);
}

/**
 * xe_vm_snapshot_print - show mappings, and contents of those that were marked for it
 * @s: the snapshot; a list that could not be made in time is made now
 * @t: where to
 *
 * Context: may sleep; takes the VM lock for reading, mmap locks and reservations, one by one.
 */
void xe_vm_snapshot_print(struct xe_vm_snapshot *s, struct xe_dump_text *t)
{
	struct drm_printer p = xe_dump_text_printer(t);
	struct vm_snapshot_block *b;
	void *chunk;
	unsigned int i;

	if (!s->listed) {
		down_read(&s->vm->lock);
		vm_snapshot_list(s, GFP_KERNEL | __GFP_NOWARN);
		up_read(&s->vm->lock);
		s->late = true;
	}

	drm_printf(&p, "VM.uapi_flags: 0x%x\n",
		   (s->vm->flags & XE_VM_SCRATCH ? DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE : 0) |
		   (s->vm->flags & XE_VM_LR ? DRM_XE_VM_CREATE_FLAG_LR_MODE : 0));
	drm_printf(&p, "VM.number: %u\n", s->vm->id);
	drm_printf(&p, "VM.mappings: %zu%s\n", s->n_vmas,
		   s->late ? ", listed late: the VM was being changed" : "");
	if (s->err)
		drm_printf(&p, "VM.error: %d, mappings are missing\n", s->err);

	chunk = kvmalloc(VM_SNAPSHOT_CHUNK, GFP_KERNEL | __GFP_NOWARN);
	list_for_each_entry(b, &s->blocks, link)
		for (i = 0; i < b->n && !xe_dump_text_is_over(t); i++)
			vm_snapshot_print_vma(&b->vma[i], chunk, t);
	kvfree(chunk);
}

/**
 * xe_vm_snapshot_free - free a snapshot
 * @s: the snapshot or NULL
 *
 * Context: may sleep.
 */
void xe_vm_snapshot_free(struct xe_vm_snapshot *s)
{
	struct vm_snapshot_block *b, *next;
	unsigned int i;

	if (!s)
		return;

	list_for_each_entry_safe(b, next, &s->blocks, link) {
		for (i = 0; i < b->n; i++) {
			xe_bo_put(b->vma[i].bo);
			if (b->vma[i].mm)
				mmdrop(b->vma[i].mm);
		}
		free_page((unsigned long)b);
	}
	xe_vm_put(s->vm);
	kfree(s);
}
