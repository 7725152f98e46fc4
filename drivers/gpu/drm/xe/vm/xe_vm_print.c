// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/*
 * Text about a VM, for debugfs. The list of mappings is made in one walk over the page tables:
 * mappings and leaves both come in the order of their addresses, so a cursor into the former is
 * enough to tell for each mapping by which page sizes it is mapped.
 */

#include "vm/xe_vm_print.h"

#include <linux/array_size.h>
#include <linux/dma-resv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <drm/drm_print.h>
#include <drm/drm_vma_manager.h>

#include "mem/xe_ppgtt.h"
#include "pt/xe_pt_check.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/* Where the walk is, and what has been found of the mapping there. */
struct xe_vm_print_walk {
	struct xe_vm *vm;
	struct drm_printer *p;
	/* next mapping to be printed, NULL behind the last one */
	struct drm_gpuva *va;
	/* bytes of it by level of the table that maps them: 4 KiB, 2 MiB, 1 GiB */
	u64 mapped[3];
	/* tables below the root */
	u64 n_tables;
};

static void xe_vm_print_sizes(const struct xe_vm_print_walk *w)
{
	static const char *const names[] = { "4K", "2M", "1G" };
	const char *sep = "";
	u64 n, sum = 0;
	unsigned int i;

	drm_puts(w->p, ", pages ");
	for (i = 0; i < ARRAY_SIZE(w->mapped); i++) {
		n = w->mapped[i] >> (12 + 9 * i);
		if (n)
			drm_printf(w->p, "%s%llux%s", sep, n, names[i]);
		sep = n ? "+" : sep;
		sum += w->mapped[i];
	}
	if (sum < w->va->va.range)
		drm_printf(w->p, "%s%llu bytes missing", *sep ? " " : "", w->va->va.range - sum);
}

static void xe_vm_print_state(const struct xe_vma *vma, struct drm_printer *p)
{
	const struct drm_gpuvm_bo *vm_bo = vma->gpuva.vm_bo;

	if (vma->gpuva.flags & XE_VMA_UNBACKED)
		drm_puts(p, ", memory gone");
	if (vma->gpuva.flags & XE_VMA_DONTNEED)
		drm_puts(p, ", not needed");
	/* Of an external object it changes with the reservation of that one; either will do. */
	if (vm_bo && data_race(vm_bo->evicted))
		drm_puts(p, ", evicted");
	if (!list_empty(&vma->stale_link) || !list_empty(&vma->rebind_link))
		drm_puts(p, ", to be rebound");
	if (xe_vma_is_busy(vma))
		drm_puts(p, ", user fence pending");
}

static void xe_vm_print_backing(const struct xe_vm_print_walk *w, const struct xe_vma *vma)
{
	const struct drm_gem_object *obj = vma->gpuva.gem.obj;

	if (xe_vma_is_null(vma))
		drm_puts(w->p, "null");
	else if (vma->userptr)
		drm_printf(w->p, "userptr %#llx", vma->gpuva.gem.offset);
	else
		drm_printf(w->p, "%s bo %llx of %#zx, offset %#llx",
			   drm_gpuvm_is_extobj(&w->vm->gpuvm, vma->gpuva.gem.obj) ? "shared" :
			   "private", obj->vma_node.vm_node.start, obj->size,
			   vma->gpuva.gem.offset);
}

/* Print the mapping under the cursor and go on to the next one. */
static void xe_vm_print_next(struct xe_vm_print_walk *w)
{
	const struct xe_vma *vma = to_xe_vma(w->va);

	drm_printf(w->p, "  [%012llx-%012llx] ", xe_vma_start(vma), xe_vma_end(vma) - 1);
	xe_vm_print_backing(w, vma);
	drm_printf(w->p, ", pat %u%s%s", vma->pat_index,
		   vma->gpuva.flags & XE_VMA_READONLY ? ", read-only" : "",
		   vma->gpuva.flags & XE_VMA_DUMPABLE ? ", dumpable" : "");
	xe_vm_print_sizes(w);
	xe_vm_print_state(vma, w->p);
	drm_puts(w->p, "\n");

	memset(w->mapped, 0, sizeof(w->mapped));
	w->va = list_is_last(&w->va->rb.entry, &w->vm->gpuvm.rb.list) ? NULL :
		list_next_entry(w->va, rb.entry);
}

/* A table, or a run of pages: count what it maps of the mappings it covers. */
static void xe_vm_print_leaves(void *arg, u64 va, u64 size, u8 level, struct xe_pte pte)
{
	struct xe_vm_print_walk *w = arg;
	u64 end = va + size, start, stop;

	if (!xe_pte_is_leaf(pte, level)) {
		w->n_tables++;
		return;
	}

	while (w->va && w->va->va.addr < end) {
		start = max(va, w->va->va.addr);
		stop = min(end, w->va->va.addr + w->va->va.range);
		if (stop > start && xe_pte_is_present(pte) && level < ARRAY_SIZE(w->mapped))
			w->mapped[level] += stop - start;
		if (w->va->va.addr + w->va->va.range > end)
			return;
		xe_vm_print_next(w);
	}
}

static void xe_vm_print_pte(void *p, u64 va, u64 size, u8 level, struct xe_pte pte)
{
	drm_printf(p, "  [%012llx-%012llx] level %u %s %016llx\n", va, va + size - 1, level,
		   xe_pte_is_leaf(pte, level) ? "page " : "table", pte.raw);
}

/* The mapping by which the walk over all of them tells of its object: one of each object does. */
static bool xe_vm_print_is_first_of_bo(const struct drm_gpuva *va)
{
	return va->vm_bo &&
	       list_first_entry(&va->vm_bo->list.gpuva, struct drm_gpuva, gem.entry) == va;
}

static void xe_vm_print_objects(struct xe_vm *vm, struct drm_printer *p)
{
	struct drm_gpuva *va;

	drm_puts(p, " objects:\n");
	drm_gpuvm_for_each_va(va, &vm->gpuvm) {
		const struct drm_gem_object *obj = va->gem.obj;

		if (xe_vm_print_is_first_of_bo(va))
			drm_printf(p, "  bo %llx: %u references, of which mappings %zu\n",
				   obj->vma_node.vm_node.start, kref_read(&obj->refcount),
				   list_count_nodes(&va->vm_bo->list.gpuva));
	}
}

/* What only the driver needs to know; a call that fails has to leave it as it was. */
static void xe_vm_print_lists(struct xe_vm *vm, struct drm_printer *p)
{
	struct drm_gpuvm *gpuvm = &vm->gpuvm;
	size_t n_extobj, n_evicted, n_invalidated;

	spin_lock(&gpuvm->extobj.lock);
	n_extobj = list_count_nodes(&gpuvm->extobj.list);
	spin_unlock(&gpuvm->extobj.lock);
	spin_lock(&gpuvm->evict.lock);
	n_evicted = list_count_nodes(&gpuvm->evict.list);
	spin_unlock(&gpuvm->evict.lock);
	spin_lock(&vm->userptr.list_lock);
	n_invalidated = list_count_nodes(&vm->userptr.invalidated);
	spin_unlock(&vm->userptr.list_lock);

	drm_puts(p, " lists:\n");
	drm_printf(p, "  references: %u\n", kref_read(&gpuvm->kref));
	drm_printf(p, "  external objects: %zu\n", n_extobj);
	drm_printf(p, "  evicted objects: %zu\n", n_evicted);
	drm_printf(p, "  userptrs invalidated: %zu\n", n_invalidated);
	drm_printf(p, "  userptrs to be pinned: %zu\n", list_count_nodes(&vm->userptr.repin));
	drm_printf(p, "  userptrs pinned, not rebound: %zu\n",
		   list_count_nodes(&vm->userptr.stale));
	drm_printf(p, "  mappings to be rebound: %zu\n", list_count_nodes(&vm->rebind_list));
}

static void xe_vm_print_counters(struct xe_vm *vm, u64 n_tables, struct drm_printer *p)
{
	const struct xe_vm_stats *s = &vm->stats;

	drm_puts(p, " counters:\n");
	drm_printf(p, "  binds: %llu\n", s->binds);
	drm_printf(p, "  unwound: %llu\n", s->unwound);
	drm_printf(p, "  operations: %llu\n", s->ops);
	drm_printf(p, "  steps: %llu\n", s->steps);
	drm_printf(p, "  pieces kept: %llu\n", s->kept);
	drm_printf(p, "  large pages split: %llu\n", s->split);
	drm_printf(p, "  updates: %llu\n", s->updates);
	drm_printf(p, "  updates deferred: %llu\n", s->deferred);
	drm_printf(p, "  updates with invalidation: %llu\n", s->invals);
	drm_printf(p, "  entries stored: %llu\n", s->entries);
	drm_printf(p, "  page tables: %llu\n", n_tables);
	drm_printf(p, "  rebinds: %llu\n", s->rebinds);
	drm_printf(p, "  mappings rebound: %llu\n", s->rebound);
	drm_printf(p, "  external objects protected: %llu\n", s->protected);
	drm_printf(p, "  userptr invalidations: %lld\n", atomic64_read(&s->userptr_invals));
	drm_printf(p, "  preemptions: %u\n", atomic_read(&vm->lr.n_preemptions));
}

/**
 * xe_vm_print - list mappings, objects, counters and page tables of a VM
 * @vm: the VM
 * @p: where to; must not sleep for memory
 *
 * An entry of the page tables stands for a table, or for a run of pages that continue each other.
 * A bind that has not been carried out yet shows in the mappings only.
 *
 * Context: may sleep; takes the VM lock and the reservation of the VM.
 */
void xe_vm_print(struct xe_vm *vm, struct drm_printer *p)
{
	struct dma_resv *resv = drm_gpuvm_resv(&vm->gpuvm);
	struct xe_vm_print_walk w = { .vm = vm, .p = p };

	down_read(&vm->lock);
	dma_resv_lock(resv, NULL);

	drm_printf(p, " number %u%s%s%s\n", vm->id, vm->flags & XE_VM_SCRATCH ? ", scratch" : "",
		   vm->flags & XE_VM_LR ? ", long-running" : "",
		   test_bit(XE_VM_BANNED, &vm->state) ? ", banned" : "");
	if (vm->flags & XE_VM_LR)
		drm_printf(p, " queues: %u\n", READ_ONCE(vm->lr.n_queues));

	drm_puts(p, " mappings:\n");
	w.va = list_first_entry_or_null(&vm->gpuvm.rb.list, struct drm_gpuva, rb.entry);
	xe_pt_dump(&vm->ppgtt->tree, xe_vm_print_leaves, &w);
	while (w.va)
		xe_vm_print_next(&w);

	xe_vm_print_objects(vm, p);
	xe_vm_print_lists(vm, p);
	xe_vm_print_counters(vm, w.n_tables + 1, p);

	drm_printf(p, " page tables, address space %u:\n", vm->ppgtt->asid);
	xe_pt_dump(&vm->ppgtt->tree, xe_vm_print_pte, p);

	dma_resv_unlock(resv);
	up_read(&vm->lock);
}
