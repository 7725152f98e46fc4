// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Mappings of process memory
 *
 * The pages behind a userptr are not pinned for the life of the mapping, for a process could lock
 * all memory that way. HMM finds (and faults in) the pages; an MMU interval notifier tells when
 * the process is about to lose or move any of them.
 *
 * State of one page set::
 *
 *	created --pin--> pages valid --notifier--> invalidated --repin--> pages valid
 *	                                               |  ^
 *	                                        memory gone: its entries are emptied, and
 *	                                        pinning is tried again before every job
 *
 * In a long-running VM, whose jobs the kernel does not see begin, that is in every turn of the
 * worker (xe_vm_rebind.c): memory that comes back is not noticed before the VM is stopped once
 * more.
 *
 * Jobs and the notifier agree through the notifier lock. A job is published with the lock held for
 * reading and after a look at the list of invalidated page sets; the notifier puts the page set on
 * that list with the lock held for writing and then waits for all fences of the VM. So either the
 * job is not published, or the notifier waits for it. Pages are unmapped from DMA only after that
 * wait. A bind may commit entries of a page set that was invalidated meanwhile: they are replaced
 * before the next job, and range tracking keeps the order if the bind is deferred.
 *
 * That pages have been found says nothing about entries. All mappings of a page set that was hit
 * are stale, and in a list of these, until an update has rewritten or emptied their entries.
 *
 * What the GPU writes leaves no trace in the page tables of the process. So pages that it may write
 * are marked as dirty when they are mapped, else the kernel would not save them.
 *
 * One page set serves all pieces of a mapping that was cut. An invalidation of any part drops all
 * of its pages, because one notifier has one sequence number; each piece is pinned again by
 * itself, so memory that is gone behind one piece, or behind none, does not hurt the others.
 *
 * Locking: the VM lock for writing admits one pinner at a time and is taken before the mmap lock.
 * Pinning therefore happens before any reservation is taken. The notifier runs in reclaim: it takes
 * only the notifier lock and a spinlock, and waits for fences.
 */

#include "vm/xe_userptr.h"

#include <linux/bitmap.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "pt/xe_page_iter.h"
#include "vm/xe_vm.h"
#include "vm/xe_vma.h"

/* Pages found by one call of HMM: bounds the scratch array and the time the mmap lock is held. */
#define XE_USERPTR_CHUNK	2048UL

/* For arrays whose size the user chooses: fail rather than kill somebody for their sake. */
#define XE_USERPTR_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/*
 * Process and GPU use the pages at the same time, so there is no ownership to hand over with a
 * mapping, and several page sets may map one page.
 */
#define XE_USERPTR_DMA_ATTRS	DMA_ATTR_SKIP_CPU_SYNC

static enum dma_data_direction xe_userptr_dir(const struct xe_userptr *up)
{
	return up->readonly ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

/* The notifier lock is held for writing, or nobody else knows @up any more. */
static void xe_userptr_unmap_dma(struct xe_userptr *up)
{
	struct device *dev = up->vm->xe->drm.dev;
	unsigned long i;

	for_each_set_bit(i, up->mapped, up->n_pages)
		dma_unmap_page_attrs(dev, up->dma[i], PAGE_SIZE, xe_userptr_dir(up),
				     XE_USERPTR_DMA_ATTRS);
	bitmap_zero(up->mapped, up->n_pages);
}

static u64 xe_userptr_end(const struct xe_userptr *up)
{
	return up->start + ((u64)up->n_pages << PAGE_SHIFT);
}

/* Preempt the queues of a long-running VM all at once, rather than one after the other. */
static void xe_userptr_enable_signaling(struct xe_vm *vm)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_iter_begin(&cursor, drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_BOOKKEEP);
	dma_resv_for_each_fence_unlocked(&cursor, fence)
		dma_fence_enable_sw_signaling(fence);
	dma_resv_iter_end(&cursor);
}

static bool xe_userptr_invalidate(struct mmu_interval_notifier *notifier,
				  const struct mmu_notifier_range *range,
				  unsigned long cur_seq)
{
	struct xe_userptr *up = container_of(notifier, struct xe_userptr, notifier);
	struct xe_vm *vm = up->vm;
	bool unused;

	if (!mmu_notifier_range_blockable(range))
		return false;

	trace_xe_userptr_invalidate(xe_device_minor(vm->xe), vm->id, up->start, xe_userptr_end(up));
	atomic64_inc(&vm->stats.userptr_invals);
	down_write(&vm->userptr.notifier_lock);
	mmu_interval_set_seq(notifier, cur_seq);
	unused = bitmap_empty(up->mapped, up->n_pages);
	if (!unused) {
		spin_lock(&vm->userptr.list_lock);
		if (list_empty(&up->invalid_link))
			list_add_tail(&up->invalid_link, &vm->userptr.invalidated);
		spin_unlock(&vm->userptr.list_lock);
	}
	up_write(&vm->userptr.notifier_lock);

	/*
	 * Finding the pages of a mapping copies those that were only read so far, one by one, each
	 * with a call of this. None is mapped then, so nobody can be using them, and entries that
	 * name others have been stale since they were unmapped.
	 */
	if (unused)
		return true;

	/* Whatever was published before the sequence changed may use the pages. */
	xe_userptr_enable_signaling(vm);
	dma_resv_wait_timeout(drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_BOOKKEEP,
			      false, MAX_SCHEDULE_TIMEOUT);

	/* Pinning waits for the end of this call; only another invalidation can be here too. */
	down_write(&vm->userptr.notifier_lock);
	xe_userptr_unmap_dma(up);
	up_write(&vm->userptr.notifier_lock);
	trace_xe_userptr_invalidate_done(xe_device_minor(vm->xe), vm->id, up->start,
					 xe_userptr_end(up));

	return true;
}

static const struct mmu_interval_notifier_ops xe_userptr_notifier_ops = {
	.invalidate = xe_userptr_invalidate,
};

/**
 * xe_userptr_create - start watching a range of the calling process
 * @vm: the VM
 * @start: CPU address, page aligned
 * @size: bytes, page aligned, not 0
 * @readonly: the GPU will only read
 *
 * Context: process context; takes the mmap lock.
 * Return: the page set with one reference, no page pinned yet, or an ERR_PTR:
 * -EFAULT: the range leaves the address space; -ENOMEM; -EINTR: fatal signal
 */
struct xe_userptr *xe_userptr_create(struct xe_vm *vm, u64 start, u64 size, bool readonly)
{
	unsigned long n_pages = size >> PAGE_SHIFT;
	struct xe_userptr *up;
	int err;

	if (XE_IOCTL_DBG(vm->xe, start + size < start || start + size > TASK_SIZE_MAX))
		return ERR_PTR(-EFAULT);

	up = kzalloc(sizeof(*up), GFP_KERNEL_ACCOUNT);
	if (!up)
		return ERR_PTR(-ENOMEM);

	kref_init(&up->ref);
	INIT_LIST_HEAD(&up->vmas);
	INIT_LIST_HEAD(&up->invalid_link);
	INIT_LIST_HEAD(&up->repin_link);
	up->start = start;
	up->n_pages = n_pages;
	up->readonly = readonly;

	up->dma = kvcalloc(n_pages, sizeof(*up->dma), XE_USERPTR_GFP);
	up->mapped = kvcalloc(BITS_TO_LONGS(n_pages), sizeof(long), XE_USERPTR_GFP);
	err = -ENOMEM;
	if (!up->dma || !up->mapped)
		goto free_arrays;

	/* The notifier may fire as soon as it is inserted. */
	up->vm = xe_vm_get(vm);
	err = xe_inject("watch-memory", -EINTR) ?:
	      mmu_interval_notifier_insert(&up->notifier, current->mm, start, size,
					   &xe_userptr_notifier_ops);
	if (err)
		goto put_vm;

	return up;

put_vm:
	xe_vm_put(vm);
free_arrays:
	kvfree(up->mapped);
	kvfree(up->dma);
	kfree(up);
	return ERR_PTR(err);
}

/**
 * xe_userptr_get - take a reference
 * @up: page set
 *
 * Context: any.
 * Return: @up
 */
struct xe_userptr *xe_userptr_get(struct xe_userptr *up)
{
	kref_get(&up->ref);
	return up;
}

static void xe_userptr_destroy(struct kref *ref)
{
	struct xe_userptr *up = container_of(ref, struct xe_userptr, ref);
	struct xe_vm *vm = up->vm;

	/* Waits for a notifier call in progress; there is none after it. */
	mmu_interval_notifier_remove(&up->notifier);

	spin_lock(&vm->userptr.list_lock);
	list_del_init(&up->invalid_link);
	spin_unlock(&vm->userptr.list_lock);

	xe_userptr_unmap_dma(up);
	kvfree(up->mapped);
	kvfree(up->dma);
	kfree(up);
	xe_vm_put(vm);
}

/**
 * xe_userptr_put - drop a reference
 * @up: page set, or NULL
 *
 * The last reference may only go when the GPU cannot reach the pages any more.
 *
 * Context: may sleep and wait for a notifier, hence for fences; no reservation held.
 */
void xe_userptr_put(struct xe_userptr *up)
{
	if (up)
		kref_put(&up->ref, xe_userptr_destroy);
}

static unsigned long xe_userptr_page_index(const struct xe_userptr *up, u64 addr)
{
	return (addr - up->start) >> PAGE_SHIFT;
}

/*
 * The CPU's dirty bits do not tell what the GPU writes. A page that the process may write and has
 * only read is clean, and would be dropped when its memory is wanted. Nobody cleans or truncates it
 * without a call of the notifier first, which the notifier lock keeps waiting, and after which it
 * comes here again; so it is marked once, and needs no lock of its own for that. File systems may
 * allocate for it: that must not reclaim, which would call the notifier.
 */
static void xe_userptr_mark_dirty(struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned int flags;

	if (folio_test_dirty(folio))
		return;

	flags = memalloc_noreclaim_save();
	folio_mark_dirty(folio);
	memalloc_noreclaim_restore(flags);
}

/* Make DMA mappings for freshly found pages. The notifier lock is held for reading. */
static int xe_userptr_map_chunk(struct xe_userptr *up, unsigned long first, unsigned long n,
				const unsigned long *pfns)
{
	struct device *dev = up->vm->xe->drm.dev;
	unsigned long i;

	for (i = 0; i < n; i++) {
		struct page *page;
		dma_addr_t dma;

		if (test_bit(first + i, up->mapped))
			continue;

		if (xe_inject("map-userptr", -ENOMEM))
			return -ENOMEM;
		page = hmm_pfn_to_page(pfns[i]);
		dma = dma_map_page_attrs(dev, page, 0, PAGE_SIZE, xe_userptr_dir(up),
					 XE_USERPTR_DMA_ATTRS);
		if (dma_mapping_error(dev, dma))
			return -ENOMEM;

		if (!up->readonly)
			xe_userptr_mark_dirty(page);
		up->dma[first + i] = dma;
		__set_bit(first + i, up->mapped);
	}

	return 0;
}

/*
 * HMM says EFAULT whatever a page fault has failed for. Ask again, for each page that it has not
 * found. Return: 0: they are all there now; -ENOMEM; -EFAULT
 */
static int xe_userptr_fault_in(struct mm_struct *mm, const struct hmm_range *range)
{
	unsigned int flags = FAULT_FLAG_REMOTE;
	const unsigned long *pfn = range->hmm_pfns;
	unsigned long addr;
	int err;

	if (range->default_flags & HMM_PFN_REQ_WRITE)
		flags |= FAULT_FLAG_WRITE;

	for (addr = range->start; addr < range->end; addr += PAGE_SIZE) {
		if (*pfn++ & HMM_PFN_VALID)
			continue;
		/* The core would complain of addresses below a stack. */
		err = vma_lookup(mm, addr) ? fixup_user_fault(mm, addr, flags, NULL) : -EFAULT;
		if (err)
			return err == -ENOMEM ? err : -EFAULT;
	}

	return 0;
}

/* Find, and fault in, the pages of a range. The mmap lock is held for reading. */
static int xe_userptr_find(struct mm_struct *mm, struct hmm_range *range)
{
	size_t n = (range->end - range->start) >> PAGE_SHIFT;
	bool again = false;
	int err;

	for (;;) {
		/* What HMM has not come to stays as it is. */
		memset(range->hmm_pfns, 0, n * sizeof(*range->hmm_pfns));
		err = hmm_range_fault(range);
		if (err != -EFAULT || again)
			return err;

		err = xe_userptr_fault_in(mm, range);
		if (err)
			return err;
		again = true;
	}
}

static int xe_userptr_pin_chunk(struct xe_userptr *up, struct mm_struct *mm,
				unsigned long first, unsigned long n, unsigned long *pfns)
{
	struct hmm_range range = {
		.notifier = &up->notifier,
		.start = up->start + (first << PAGE_SHIFT),
		.end = up->start + ((first + n) << PAGE_SHIFT),
		.hmm_pfns = pfns,
		.default_flags = HMM_PFN_REQ_FAULT | (up->readonly ? 0 : HMM_PFN_REQ_WRITE),
	};
	struct rw_semaphore *notifier_lock = &up->vm->userptr.notifier_lock;
	u64 begin, spent = 0;
	int err;

	for (;;) {
		range.notifier_seq = mmu_interval_read_begin(&up->notifier);

		mmap_read_lock(mm);
		/* It may have waited for what others unmap. Their time does not count. */
		begin = ktime_get_ns();
		err = xe_inject("find-pages", -EFAULT) ?: xe_inject("find-pages-again", -EBUSY) ?:
		      xe_userptr_find(mm, &range);
		mmap_read_unlock(mm);
		if (err && err != -EBUSY)
			return err == -ENOMEM || err == -EINTR || err == -EPERM ? err : -EFAULT;

		if (!err) {
			down_read(notifier_lock);
			if (!mmu_interval_read_retry(&up->notifier, range.notifier_seq)) {
				err = xe_userptr_map_chunk(up, first, n, pfns);
				up_read(notifier_lock);
				return err;
			}
			up_read(notifier_lock);
		}

		if (signal_pending(current))
			return -EINTR;
		/* Somebody keeps changing these pages; the caller may try again. */
		spent += ktime_get_ns() - begin;
		if (spent > HMM_RANGE_DEFAULT_TIMEOUT * (u64)NSEC_PER_MSEC)
			return -EAGAIN;
	}
}

/**
 * xe_userptr_pin - find the pages of a part of a page set and map them for DMA
 * @up: page set
 * @start: CPU address within it, page aligned
 * @size: bytes, page aligned, not 0
 *
 * Pages that are still valid are left alone.
 *
 * Context: process context (of any process); VM lock held for writing, no reservation held.
 * Return: 0, or
 * -EFAULT: not mapped by the process, or not readable;
 * -EPERM: the process may only read it, and the mapping is not read-only;
 * -EAGAIN: the memory keeps changing; -EINTR: signal;
 * -ENOMEM: no memory, among other things for a page of the process
 */
int xe_userptr_pin(struct xe_userptr *up, u64 start, u64 size)
{
	unsigned long first = xe_userptr_page_index(up, start);
	unsigned long end = first + (size >> PAGE_SHIFT);
	struct mm_struct *mm = up->notifier.mm;
	unsigned long *pfns;
	int err = 0;

	lockdep_assert_held_write(&up->vm->lock);

	if (!mmget_not_zero(mm))
		return -EFAULT;

	pfns = kvmalloc_array(min(end - first, XE_USERPTR_CHUNK), sizeof(*pfns), GFP_KERNEL);
	if (!pfns)
		err = -ENOMEM;

	while (!err && first < end) {
		unsigned long n = min(end - first, XE_USERPTR_CHUNK);

		err = xe_userptr_pin_chunk(up, mm, first, n, pfns);
		first += n;
	}

	kvfree(pfns);
	/* The last user of a dead process must not tear it down here, below the VM lock. */
	mmput_async(mm);

	return err;
}

/**
 * xe_userptr_pages - walk the pages of a part of a page set
 * @up: page set
 * @start: CPU address within it, page aligned
 * @size: bytes, page aligned, not 0
 * @it: out: iterator over DMA addresses
 *
 * Context: any. The part has been pinned at least once.
 */
void xe_userptr_pages(const struct xe_userptr *up, u64 start, u64 size, struct xe_page_iter *it)
{
	xe_page_iter_init_array(it, up->dma, start - up->start, size);
}

/**
 * xe_userptr_any_invalidated - whether a notifier fired since the last repin
 * @vm: the VM
 *
 * Context: any. Means something only with the notifier lock held.
 * Return: true if a page set is waiting to be pinned again
 */
bool xe_userptr_any_invalidated(struct xe_vm *vm)
{
	bool any;

	spin_lock(&vm->userptr.list_lock);
	any = !list_empty(&vm->userptr.invalidated);
	spin_unlock(&vm->userptr.list_lock);

	return any;
}

/**
 * xe_userptr_needs_repin - whether xe_userptr_repin_all() has work to do
 * @vm: the VM
 *
 * Context: VM lock held.
 * Return: true if there are invalidated page sets or some whose memory was gone
 */
bool xe_userptr_needs_repin(struct xe_vm *vm)
{
	lockdep_assert_held(&vm->lock);

	return !list_empty(&vm->userptr.repin) || xe_userptr_any_invalidated(vm);
}

/* Take a page set off the list of the notifier. Return: the set with a reference, or NULL */
static struct xe_userptr *xe_userptr_pop_invalidated(struct xe_vm *vm)
{
	struct xe_userptr *up;

	spin_lock(&vm->userptr.list_lock);
	while ((up = list_first_entry_or_null(&vm->userptr.invalidated, struct xe_userptr,
					      invalid_link))) {
		list_del_init(&up->invalid_link);
		/* A page set on its way out has no mapping left. */
		if (kref_get_unless_zero(&up->ref))
			break;
	}
	spin_unlock(&vm->userptr.list_lock);

	return up;
}

/*
 * Take what the notifier left behind. Every mapping of such a page set has lost its pages, whatever
 * is pinned for it from now on, by whom, and whether that works out: so all of them are stale.
 */
static void xe_userptr_collect(struct xe_vm *vm)
{
	struct xe_userptr *up;
	struct xe_vma *vma;

	while ((up = xe_userptr_pop_invalidated(vm))) {
		list_for_each_entry(vma, &up->vmas, userptr_link)
			list_move_tail(&vma->stale_link, &vm->userptr.stale);
		if (list_empty(&up->repin_link))
			list_add_tail(&up->repin_link, &vm->userptr.repin);
		else
			xe_userptr_put(up);
	}
}

static bool xe_userptr_is_mapped(const struct xe_userptr *up, u64 start, u64 size)
{
	unsigned long first = xe_userptr_page_index(up, start);
	unsigned long end = first + (size >> PAGE_SHIFT);
	bool mapped;

	/* The notifier may be called again, and takes all pages away while they are counted. */
	down_read(&up->vm->userptr.notifier_lock);
	mapped = find_next_zero_bit(up->mapped, end, first) >= end;
	up_read(&up->vm->userptr.notifier_lock);

	return mapped;
}

/* Return: 1 if the memory is gone, 0 if the pages are there, -errno to give up. */
static int xe_userptr_repin_vma(struct xe_vm *vm, struct xe_vma *vma)
{
	bool was_unbacked = vma->gpuva.flags & XE_VMA_UNBACKED;
	u64 size = vma->gpuva.va.range;
	u64 start = vma->gpuva.gem.offset;
	int err;

	if (!was_unbacked && xe_userptr_is_mapped(vma->userptr, start, size))
		return 0;

	err = xe_userptr_pin(vma->userptr, start, size);
	if (err && err != -EFAULT && err != -EPERM)
		return err;

	if (err) {
		vma->gpuva.flags |= XE_VMA_UNBACKED;
		if (was_unbacked)
			return 1;
		xe_dbg(vm->xe, "memory behind userptr mapping 0x%llx-0x%llx is gone\n",
		       xe_vma_start(vma), xe_vma_end(vma));
	} else {
		vma->gpuva.flags &= ~XE_VMA_UNBACKED;
	}

	/* That much has changed, if nothing else. */
	list_move_tail(&vma->stale_link, &vm->userptr.stale);

	return err ? 1 : 0;
}

static void xe_userptr_repin_done(struct xe_userptr *up)
{
	list_del_init(&up->repin_link);
	xe_userptr_put(up);
}

static int xe_userptr_repin(struct xe_vm *vm, struct xe_userptr *up)
{
	bool gone = false;
	struct xe_vma *vma;
	int ret;

	/* Wait for a notifier in progress: pages look valid until it has unmapped them. */
	mmu_interval_read_begin(&up->notifier);

	trace_xe_userptr_repin(xe_device_minor(vm->xe), vm->id, up->start, xe_userptr_end(up));
	list_for_each_entry(vma, &up->vmas, userptr_link) {
		ret = xe_userptr_repin_vma(vm, vma);
		if (ret < 0)
			return ret;
		gone |= ret;
	}

	if (!gone)
		xe_userptr_repin_done(up);

	return 0;
}

/**
 * xe_userptr_repin_all - pin everything that was invalidated
 * @vm: the VM
 *
 * Mappings whose pages changed or are gone end up in &xe_vm.userptr.stale. Missing memory is not
 * an error: the mapping stays, without backing, and is tried again next time.
 *
 * Context: VM lock held for writing, no reservation held.
 * Return: 0, -EAGAIN, -EINTR or -ENOMEM, see xe_userptr_pin(); may be called again
 */
int xe_userptr_repin_all(struct xe_vm *vm)
{
	struct xe_userptr *up, *next;
	int err;

	lockdep_assert_held_write(&vm->lock);

	xe_userptr_collect(vm);
	list_for_each_entry_safe(up, next, &vm->userptr.repin, repin_link) {
		err = xe_userptr_repin(vm, up);
		if (err)
			return err;
	}

	return 0;
}

/**
 * xe_userptr_forget_all - drop all plans to pin anything again
 * @vm: a VM that is being torn down
 *
 * Context: VM lock held for writing, no reservation held.
 */
void xe_userptr_forget_all(struct xe_vm *vm)
{
	struct xe_userptr *up, *next;

	lockdep_assert_held_write(&vm->lock);

	list_for_each_entry_safe(up, next, &vm->userptr.repin, repin_link)
		xe_userptr_repin_done(up);
}
