// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Advice about mappings
 *
 * Advice is given to a range of addresses and stays with the mappings there; pieces of a mapping
 * that is cut inherit it. What the memory layer makes of it is told in xe_bo_purge.c.
 *
 * Memory of a BO goes as a whole or not at all. So of a mapping that the range covers in part, the
 * rest counts: the mapping is needed if any part of it is. Mappings of process memory, NULL
 * mappings and addresses without any mapping take no notice.
 *
 * Locking: the flag of a mapping changes with the VM lock held for writing and the reservation of
 * the BO, so either is enough to read it.
 */

#include "vm/xe_vm_madvise.h"

#include <linux/dma-resv.h>
#include <linux/lockdep.h>

#include "mem/xe_bo.h"
#include "mem/xe_bo_purge.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/* Whether the advice concerns a mapping, see above. */
static bool is_concerned(const struct xe_vma *vma, u64 start, u64 end, bool needed)
{
	return needed || (xe_vma_start(vma) >= start && xe_vma_end(vma) <= end);
}

static void advise_vma(struct xe_vma *vma, bool needed)
{
	struct xe_bo *bo = to_xe_bo(vma->gpuva.gem.obj);
	bool was_needed = !(vma->gpuva.flags & XE_VMA_DONTNEED);

	if (needed == was_needed || (!needed && !xe_bo_may_be_purged(bo)))
		return;

	if (needed)
		vma->gpuva.flags &= ~XE_VMA_DONTNEED;
	else
		vma->gpuva.flags |= XE_VMA_DONTNEED;
	xe_bo_count_mappings(bo, 0, needed ? -1 : 1);
}

/**
 * xe_vm_advise_needed - say whether the contents of BOs are needed
 * @vm: the VM
 * @start: first address
 * @end: end of the range, exclusive
 * @needed: whether they are
 * @retained: out: false if contents of the range have been purged
 *
 * Context: may sleep; VM lock held for writing.
 * Return: 0; -EINTR: signal, the advice has reached some mappings and may be given again
 */
int xe_vm_advise_needed(struct xe_vm *vm, u64 start, u64 end, bool needed, bool *retained)
{
	struct drm_gpuva *va;
	int err;

	lockdep_assert_held_write(&vm->lock);

	*retained = true;
	drm_gpuvm_for_each_va_range(va, &vm->gpuvm, start, end) {
		struct xe_vma *vma = to_xe_vma(va);

		if (!va->gem.obj)
			continue;

		err = dma_resv_lock_interruptible(va->gem.obj->resv, NULL);
		if (err)
			return err;
		if (is_concerned(vma, start, end, needed))
			advise_vma(vma, needed);
		if (to_xe_bo(va->gem.obj)->advice == XE_BO_PURGED)
			*retained = false;
		dma_resv_unlock(va->gem.obj->resv);
	}

	return 0;
}
