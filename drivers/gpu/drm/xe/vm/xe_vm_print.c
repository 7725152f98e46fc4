// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "vm/xe_vm_print.h"

#include <linux/dma-resv.h>

#include <drm/drm_print.h>

#include "mem/xe_ppgtt.h"
#include "pt/xe_pt_check.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

static void xe_vm_print_vma(const struct xe_vma *vma, struct drm_printer *p)
{
	const struct drm_gpuva *va = &vma->gpuva;

	drm_printf(p, "  %012llx-%012llx pat %u%s%s ", xe_vma_start(vma), xe_vma_end(vma),
		   vma->pat_index, va->flags & XE_VMA_READONLY ? " read-only" : "",
		   va->flags & XE_VMA_UNBACKED ? " unbacked" : "");
	if (xe_vma_is_null(vma))
		drm_puts(p, "null\n");
	else if (vma->userptr)
		drm_printf(p, "userptr %llx\n", va->gem.offset);
	else
		drm_printf(p, "bo of %zu bytes, offset %llx\n", va->gem.obj->size, va->gem.offset);
}

static void xe_vm_print_pte(void *p, u64 va, u64 size, u8 level, struct xe_pte pte)
{
	drm_printf(p, "  %012llx-%012llx level %u %016llx\n", va, va + size, level, pte.raw);
}

/**
 * xe_vm_print - list mappings and page tables of a VM
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
	struct drm_gpuva *va;

	down_read(&vm->lock);
	if (vm->flags & XE_VM_LR)
		drm_printf(p, " long-running: %u queues, %u preemptions\n",
			   READ_ONCE(vm->lr.n_queues), atomic_read(&vm->lr.n_preemptions));
	drm_printf(p, " rebinds: %u\n", atomic_read(&vm->n_rebinds));
	drm_puts(p, " mappings:\n");
	drm_gpuvm_for_each_va(va, &vm->gpuvm)
		xe_vm_print_vma(to_xe_vma(va), p);

	drm_printf(p, " page tables, address space %u:\n", vm->ppgtt->asid);
	dma_resv_lock(resv, NULL);
	xe_pt_dump(&vm->ppgtt->tree, xe_vm_print_pte, p);
	dma_resv_unlock(resv);
	up_read(&vm->lock);
}
