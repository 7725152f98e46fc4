/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PAGE_INDEX_H_
#define _XE_PAGE_INDEX_H_

#include "pt/xe_pt_internal.h"

/* Scatter-list entries from one mark to the next: the most that are passed over one by one. */
#define XE_PAGE_INDEX_STRIDE	16

/**
 * struct xe_page_mark - where an entry of a scatter table begins
 * @offset: bytes from the start of the table
 * @sg: the entry
 * @n_sg: number of entries from @sg on
 */
struct xe_page_mark {
	u64 offset;
	struct scatterlist *sg;
	unsigned int n_sg;
};

/**
 * struct xe_page_index - places in a scatter table, to be found by offset
 * @n_marks: number of @marks, at least 2
 * @marks: every XE_PAGE_INDEX_STRIDE-th entry, in the order of the table
 */
struct xe_page_index {
	unsigned int n_marks;
	struct xe_page_mark marks[];
};

struct xe_page_index *xe_page_index_create(const struct sg_table *sgt);
void xe_page_index_free(struct xe_page_index *index);
const struct xe_page_mark *xe_page_index_find(const struct xe_page_index *index, u64 offset);

#endif
