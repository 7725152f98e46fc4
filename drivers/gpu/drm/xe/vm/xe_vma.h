/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VMA_H_
#define _XE_VMA_H_

#include <linux/list.h>
#include <linux/types.h>

#include <drm/drm_gpuvm.h>

#include "pt/xe_page_iter.h"
#include "pt/xe_pte.h"

struct xe_user_fence;
struct xe_userptr;
struct xe_vm;

/*
 * Flags of a mapping, kept in &drm_gpuva.flags above the bits of the core. xe_vma.c checks at
 * compile time that they fit.
 */
enum xe_vma_flags {
	/* the GPU may not write */
	XE_VMA_READONLY = DRM_GPUVA_USERBITS << 0,
	/* contents belong in a device coredump */
	XE_VMA_DUMPABLE = DRM_GPUVA_USERBITS << 1,
	/* in the VA tree; cleared while a bind has it staged for removal */
	XE_VMA_IN_TREE = DRM_GPUVA_USERBITS << 2,
	/* backing was unreachable at the last attempt, so the entries are empty */
	XE_VMA_UNBACKED = DRM_GPUVA_USERBITS << 3,
	/* what is behind it is not needed for now; changes with the reservation of the BO held */
	XE_VMA_DONTNEED = DRM_GPUVA_USERBITS << 4,
};

/* number of bits used by enum xe_vma_flags */
#define XE_VMA_N_FLAGS	5
/* what a piece inherits from the mapping it was cut out of; DRM_GPUVA_SPARSE marks NULL mappings */
#define XE_VMA_INHERITED (XE_VMA_READONLY | XE_VMA_DUMPABLE | XE_VMA_UNBACKED | \
			  XE_VMA_DONTNEED | DRM_GPUVA_SPARSE)

/**
 * struct xe_vma - one mapping: a range of GPU addresses with one kind of backing
 *
 * The backing is a BO (&drm_gpuva.gem), memory of a process (@userptr; &drm_gpuva.gem.offset is
 * then the CPU address) or nothing at all (DRM_GPUVA_SPARSE).
 */
struct xe_vma {
	/** @gpuva: base class: address, range, BO and offset, position in the VA tree */
	struct drm_gpuva gpuva;
	/** @pat_index: row of the page attribute table */
	u16 pat_index;
	/** @userptr: page set (reference), NULL if not process memory */
	struct xe_userptr *userptr;
	/** @ufence: user fence of the bind that made the mapping (reference), or NULL */
	struct xe_user_fence *ufence;
	/** @userptr_link: in &xe_userptr.vmas while committed; VM lock */
	struct list_head userptr_link;
	/** @stale_link: in &xe_vm.userptr.stale */
	struct list_head stale_link;
	/** @rebind_link: in &xe_vm.rebind_list; VM reservation */
	struct list_head rebind_link;
	/** @garbage_link: in the list of what an update releases when it is complete */
	struct list_head garbage_link;
	/** @held_obj: keeps the BO of an unlinked VMA until the update is complete */
	struct drm_gem_object *held_obj;
};

/**
 * to_xe_vma - mapping a DRM GPU VA is part of
 * @base: embedded base, const or not
 */
#define to_xe_vma(base)	container_of_const(base, struct xe_vma, gpuva)

/**
 * struct xe_vma_attrs - what a user says about a new mapping
 */
struct xe_vma_attrs {
	/** @flags: XE_VMA_READONLY, XE_VMA_DUMPABLE, DRM_GPUVA_SPARSE */
	u32 flags;
	/** @pat_index: row of the page attribute table */
	u16 pat_index;
};

struct xe_vma *xe_vma_create(const struct drm_gpuva_op_map *op, const struct xe_vma_attrs *attrs);
struct xe_vma *xe_vma_create_piece(const struct xe_vma *old, const struct drm_gpuva_op_map *op);
void xe_vma_free(struct xe_vma *vma);

int xe_vma_insert(struct xe_vm *vm, struct xe_vma *vma);
void xe_vma_remove(struct xe_vma *vma);
void xe_vma_link(struct xe_vma *vma, struct drm_gpuvm_bo *vm_bo);
void xe_vma_unlink(struct xe_vma *vma);

bool xe_vma_is_busy(const struct xe_vma *vma);
bool xe_vma_is_stale(const struct xe_vma *vma);
void xe_vma_pages(const struct xe_vma *vma, struct xe_page_iter *it);
struct xe_pte_attrs xe_vma_pte_attrs(const struct xe_vma *vma);

/* First address of a mapping, bytes */
static inline u64 xe_vma_start(const struct xe_vma *vma)
{
	return vma->gpuva.va.addr;
}

/* End of a mapping, bytes, exclusive */
static inline u64 xe_vma_end(const struct xe_vma *vma)
{
	return vma->gpuva.va.addr + vma->gpuva.va.range;
}

/* Whether a mapping has nothing behind it: reads give zero, writes are dropped */
static inline bool xe_vma_is_null(const struct xe_vma *vma)
{
	return vma->gpuva.flags & DRM_GPUVA_SPARSE;
}

#endif
