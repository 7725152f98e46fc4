// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#include "pt/xe_page_index.h"

/**
 * DOC: Finding pages of a scatter table
 *
 * A scatter table can only be walked from its start. Who binds pages out of the middle of a large
 * object, as everybody with sparse resources does, would walk it once for each of them. So a table
 * of more than a few entries has an index: marks at regular distances, counted in entries. A search
 * by halves finds the mark, and the rest is a walk of less than XE_PAGE_INDEX_STRIDE entries.
 *
 * The index is made together with the DMA mapping and lives as long. It may be missing, for want of
 * memory: then the walk is long.
 */

/**
 * xe_page_index_create() - make the index of a scatter table
 * @sgt: table, mapped for DMA; outlives the index
 *
 * Context: may sleep.
 * Return: the index; NULL if the table is too short to need one, or without memory.
 */
struct xe_page_index *xe_page_index_create(const struct sg_table *sgt)
{
	unsigned int i, n = DIV_ROUND_UP(sgt->nents, XE_PAGE_INDEX_STRIDE);
	struct scatterlist *sg = sgt->sgl;
	struct xe_page_index *index;
	u64 offset = 0;

	if (n < 2)
		return NULL;
	index = kvmalloc(struct_size(index, marks, n), GFP_KERNEL | __GFP_NOWARN);
	if (!index)
		return NULL;

	index->n_marks = n;
	for (i = 0; i < sgt->nents; i++) {
		if (!(i % XE_PAGE_INDEX_STRIDE))
			index->marks[i / XE_PAGE_INDEX_STRIDE] = (struct xe_page_mark){
				.offset = offset,
				.sg = sg,
				.n_sg = sgt->nents - i,
			};
		offset += sg_dma_len(sg);
		sg = sg_next(sg);
	}
	return index;
}

/**
 * xe_page_index_free() - free an index
 * @index: the index, or NULL
 *
 * Context: may sleep.
 */
void xe_page_index_free(struct xe_page_index *index)
{
	kvfree(index);
}

/**
 * xe_page_index_find() - look up a position
 * @index: the index
 * @offset: bytes from the start of the table; may be past its end
 *
 * Context: any.
 * Return: the last mark that is not behind @offset.
 */
const struct xe_page_mark *xe_page_index_find(const struct xe_page_index *index, u64 offset)
{
	unsigned int lo = 0, hi = index->n_marks, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (index->marks[mid].offset <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return &index->marks[lo];
}
