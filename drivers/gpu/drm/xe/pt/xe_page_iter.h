/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * One way to walk backing memory, whatever describes it: a DMA-mapped scatter table, an array of
 * page addresses, or nothing at all. The iterator presents maximal contiguous segments, because the
 * page size that can be used for a mapping depends on them.
 */
#ifndef _XE_PAGE_ITER_H_
#define _XE_PAGE_ITER_H_

#include "pt/xe_page_index.h"
#include "pt/xe_pt_internal.h"
#include "regs/xe_pte_bits.h"

#define XE_PAGE_SIZE	BIT_ULL(PPGTT_PAGE_SHIFT)

/**
 * struct xe_page_iter - position in some backing memory
 * @addr: bus or device address of the current position, meaningless if @null
 * @len: bytes that are contiguous from @addr on, at most @remaining; 0 only at the end
 * @remaining: bytes from the current position to the end
 * @null: there is no memory: reads give zero, writes are dropped
 * @devmem: @addr is an address in device memory, not on the bus
 * @sg: scatter-list entry after the current segment; NULL unless made from a scatter table
 * @n_sg: number of scatter-list entries from @sg on
 * @pages: address of the page after the current segment; NULL unless made from an array
 *
 * Positions and lengths are multiples of 4 KiB. The iterator borrows the memory it walks.
 */
struct xe_page_iter {
	u64 addr;
	u64 len;
	u64 remaining;
	bool null;
	bool devmem;
	struct scatterlist *sg;
	unsigned int n_sg;
	const dma_addr_t *pages;
};

/* Start a segment @skip bytes into the next scatter-list entry; merge entries that touch. */
static inline void __xe_page_iter_load_sg(struct xe_page_iter *it, u64 skip)
{
	it->addr = sg_dma_address(it->sg) + skip;
	it->len = sg_dma_len(it->sg) - skip;
	for (;;) {
		it->sg = --it->n_sg ? sg_next(it->sg) : NULL;
		if (!it->sg || it->len >= it->remaining ||
		    sg_dma_address(it->sg) != it->addr + it->len)
			break;
		it->len += sg_dma_len(it->sg);
	}
}

/* Start a segment at the next page of the array; merge pages that touch. */
static inline void __xe_page_iter_load_pages(struct xe_page_iter *it)
{
	it->addr = *it->pages++;
	it->len = XE_PAGE_SIZE;
	while (it->len < it->remaining && *it->pages == it->addr + it->len) {
		it->pages++;
		it->len += XE_PAGE_SIZE;
	}
}

/* The current segment is used up: load the next one. */
static inline void __xe_page_iter_load(struct xe_page_iter *it, u64 skip)
{
	it->len = 0;
	if (!it->remaining)
		return;

	if (it->sg)
		__xe_page_iter_load_sg(it, skip);
	else if (it->pages)
		__xe_page_iter_load_pages(it);

	it->len = min(it->len, it->remaining);
	/* A source that is shorter than promised ends early: callers notice. */
	if (!it->len)
		it->remaining = 0;
}

/**
 * xe_page_iter_init_sgt() - walk part of a DMA-mapped scatter table
 * @it: iterator to initialise
 * @sgt: table, mapped for DMA
 * @index: index of @sgt; NULL: there is none, and the table is walked from its start
 * @offset: bytes into the table where the walk starts, multiple of 4 KiB
 * @size: bytes to walk, multiple of 4 KiB
 *
 * Context: any. If the table ends before @offset + @size, @it->remaining drops to zero early.
 */
static inline void xe_page_iter_init_sgt(struct xe_page_iter *it, const struct sg_table *sgt,
					 const struct xe_page_index *index, u64 offset, u64 size)
{
	const struct xe_page_mark *mark;

	*it = (struct xe_page_iter){ .remaining = size, .sg = sgt->sgl, .n_sg = sgt->nents };
	if (index) {
		mark = xe_page_index_find(index, offset);
		it->sg = mark->sg;
		it->n_sg = mark->n_sg;
		offset -= mark->offset;
	}

	while (it->sg && sg_dma_len(it->sg) <= offset) {
		offset -= sg_dma_len(it->sg);
		it->sg = --it->n_sg ? sg_next(it->sg) : NULL;
	}
	__xe_page_iter_load(it, offset);
}

/**
 * xe_page_iter_init_array() - walk part of an array of page addresses
 * @it: iterator to initialise
 * @pages: bus addresses of 4 KiB pages, at least (@offset + @size) / 4096 entries
 * @offset: bytes into the memory where the walk starts, multiple of 4 KiB
 * @size: bytes to walk, multiple of 4 KiB
 *
 * Context: any.
 */
static inline void xe_page_iter_init_array(struct xe_page_iter *it, const dma_addr_t *pages,
					   u64 offset, u64 size)
{
	*it = (struct xe_page_iter){
		.remaining = size,
		.pages = pages + (offset >> PPGTT_PAGE_SHIFT),
	};
	__xe_page_iter_load(it, 0);
}

/**
 * xe_page_iter_init_null() - walk a range that has no memory
 * @it: iterator to initialise
 * @size: bytes to walk, multiple of 4 KiB
 *
 * Context: any.
 */
static inline void xe_page_iter_init_null(struct xe_page_iter *it, u64 size)
{
	*it = (struct xe_page_iter){ .null = true, .len = size, .remaining = size };
}

/**
 * xe_page_iter_advance() - move forward
 * @it: iterator
 * @bytes: how far, multiple of 4 KiB, at most @it->len
 *
 * Context: any.
 */
static inline void xe_page_iter_advance(struct xe_page_iter *it, u64 bytes)
{
	it->addr += bytes;
	it->len -= bytes;
	it->remaining -= bytes;
	if (!it->len)
		__xe_page_iter_load(it, 0);
}

#endif
