/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_USERPTR_H_
#define _XE_USERPTR_H_

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/types.h>

struct xe_page_iter;
struct xe_vm;
struct xe_vma;

/**
 * struct xe_userptr - a range of process memory and the pages last found in it
 *
 * Made by one MAP_USERPTR operation and shared by the pieces the mapping is cut into later. That
 * way a piece that stays keeps its pages, and its page-table entries need no change.
 */
struct xe_userptr {
	/** @ref: reference count; VMAs and &xe_vm.userptr.repin hold references */
	struct kref ref;
	/** @vm: the VM (reference) */
	struct xe_vm *vm;
	/** @notifier: tells when the process loses or moves the memory */
	struct mmu_interval_notifier notifier;
	/** @start: first CPU address, page aligned */
	u64 start;
	/** @n_pages: length in pages */
	unsigned long n_pages;
	/** @readonly: the GPU only reads: pages need not be writable */
	bool readonly;
	/**
	 * @dma: DMA address by page. Written while pinning (VM lock for writing), read by
	 * planners of updates. Values stay in place when a page is lost: whoever reads them late
	 * writes an entry that is rewritten before the next job can use it.
	 */
	dma_addr_t *dma;
	/**
	 * @mapped: bit per page: DMA mapped and valid. Set under the notifier lock for reading
	 * by the one pinner the VM lock admits, cleared under the notifier lock for writing.
	 */
	unsigned long *mapped;
	/** @vmas: committed mappings of parts of it (&xe_vma.userptr_link); VM lock */
	struct list_head vmas;
	/** @invalid_link: in &xe_vm.userptr.invalidated, under its spinlock */
	struct list_head invalid_link;
	/** @repin_link: in &xe_vm.userptr.repin, VM lock for writing; holds a reference */
	struct list_head repin_link;
};

struct xe_userptr *xe_userptr_create(struct xe_vm *vm, u64 start, u64 size, bool readonly);
struct xe_userptr *xe_userptr_get(struct xe_userptr *up);
void xe_userptr_put(struct xe_userptr *up);

int xe_userptr_pin(struct xe_userptr *up, u64 start, u64 size);
void xe_userptr_pages(const struct xe_userptr *up, u64 start, u64 size, struct xe_page_iter *it);

bool xe_userptr_needs_repin(struct xe_vm *vm);
bool xe_userptr_any_invalidated(struct xe_vm *vm);
int xe_userptr_repin_all(struct xe_vm *vm);
void xe_userptr_forget_all(struct xe_vm *vm);

#endif
