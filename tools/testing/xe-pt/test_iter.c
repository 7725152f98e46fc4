// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Page iterators: every way to start one yields the same pages, in maximal contiguous segments.
 *
 * Proven to notice (see mutants.py): touching scatter-list entries that are not merged; entries
 * past the mapped ones being read; a mark of an index that is too far, or not far enough.
 */
#include "harness.h"

#include "pt/xe_page_iter.h"

#define N 128

/* A random layout: runs of pages, described as an array and as a scatter list. */
static void make_layout(dma_addr_t *pages, struct scatterlist *sgl, struct sg_table *sgt)
{
	u64 addr = GIB;
	unsigned int i, n = 0;

	for (i = 0; i < N; i++) {
		addr += rnd(3) ? PAGE : PAGE * (2 + rnd(100));
		pages[i] = addr;
		if (n && sgl[n - 1].dma_address + sgl[n - 1].dma_length == addr && rnd(4)) {
			sgl[n - 1].dma_length += PAGE;
			continue;
		}
		sgl[n++] = (struct scatterlist){ .dma_address = addr, .dma_length = PAGE };
	}
	*sgt = (struct sg_table){ .sgl = sgl, .nents = n };
}

static void expect_pages(struct xe_page_iter *it, const dma_addr_t *pages, unsigned int n)
{
	unsigned int i = 0;

	assert_int_equal(it->remaining, n * PAGE);
	while (it->len) {
		u64 run = it->len / PAGE, step = 1 + rnd(run), k;

		assert_true(i + run <= n);
		for (k = 0; k < run; k++)
			assert_int_equal(it->addr + k * PAGE, pages[i + k]);
		/* Segments are maximal. */
		if (i + run < n)
			assert_int_not_equal(pages[i + run], pages[i + run - 1] + PAGE);
		xe_page_iter_advance(it, step * PAGE);
		i += step;
	}
	assert_int_equal(i, n);
	assert_int_equal(it->remaining, 0);
}

static void test_same_pages(void **state)
{
	struct xe_page_index *index;
	dma_addr_t pages[N];
	struct scatterlist sgl[N];
	struct sg_table sgt;
	struct xe_page_iter it;
	unsigned int round;

	for (round = 0; round < 2000; round++) {
		unsigned int first = rnd(N), n = 1 + rnd(N - first);

		make_layout(pages, sgl, &sgt);
		xe_page_iter_init_sgt(&it, &sgt, NULL, first * PAGE, n * PAGE);
		expect_pages(&it, pages + first, n);
		index = xe_page_index_create(&sgt);
		xe_page_iter_init_sgt(&it, &sgt, index, first * PAGE, n * PAGE);
		expect_pages(&it, pages + first, n);
		xe_page_index_free(index);
		xe_page_iter_init_array(&it, pages, first * PAGE, n * PAGE);
		expect_pages(&it, pages + first, n);
	}
}

static void test_null(void **state)
{
	struct xe_page_iter it;

	xe_page_iter_init_null(&it, 8 * PAGE);
	assert_true(it.null);
	assert_int_equal(it.len, 8 * PAGE);
	xe_page_iter_advance(&it, 3 * PAGE);
	assert_int_equal(it.remaining, 5 * PAGE);
	xe_page_iter_advance(&it, 5 * PAGE);
	assert_int_equal(it.len, 0);
	assert_int_equal(it.remaining, 0);
}

/* A source that ends early says so instead of running on. */
static void test_short(void **state)
{
	struct scatterlist sg = { .dma_address = GIB, .dma_length = 2 * PAGE };
	struct sg_table sgt = { .sgl = &sg, .nents = 1 };
	struct xe_page_iter it;

	xe_page_iter_init_sgt(&it, &sgt, NULL, 0, 4 * PAGE);
	assert_int_equal(it.len, 2 * PAGE);
	xe_page_iter_advance(&it, 2 * PAGE);
	assert_int_equal(it.len, 0);
	assert_int_equal(it.remaining, 0);

	xe_page_iter_init_sgt(&it, &sgt, NULL, 2 * PAGE, PAGE);
	assert_int_equal(it.len, 0);
	assert_int_equal(it.remaining, 0);
}

/* The last mark that is not behind the position, so that less than a stride is left to walk. */
static void test_index(void **state)
{
	struct scatterlist sgl[5 * XE_PAGE_INDEX_STRIDE + 3];
	struct sg_table sgt = { .sgl = sgl, .nents = ARRAY_SIZE(sgl) };
	struct xe_page_index *index;
	unsigned int i;
	u64 offset = 0;

	for (i = 0; i < ARRAY_SIZE(sgl); i++)
		sgl[i] = (struct scatterlist){ .dma_length = PAGE * (1 + i % 3) };

	index = xe_page_index_create(&sgt);
	assert_non_null(index);
	for (i = 0; i < ARRAY_SIZE(sgl); offset += sgl[i++].dma_length) {
		const unsigned int at = i - i % XE_PAGE_INDEX_STRIDE;
		const struct xe_page_mark *mark = xe_page_index_find(index, offset);

		assert_ptr_equal(mark->sg, &sgl[at]);
		assert_int_equal(mark->n_sg, ARRAY_SIZE(sgl) - at);
		assert_ptr_equal(xe_page_index_find(index, offset + sgl[i].dma_length - PAGE),
				 mark);
	}
	assert_int_equal(xe_page_index_find(index, offset)->n_sg, 3);
	xe_page_index_free(index);

	sgt.nents = XE_PAGE_INDEX_STRIDE;
	assert_null(xe_page_index_create(&sgt));
}

/* Past the end of a table with an index there is nothing, either. */
static void test_short_index(void **state)
{
	struct scatterlist sgl[2 * XE_PAGE_INDEX_STRIDE];
	struct sg_table sgt = { .sgl = sgl, .nents = ARRAY_SIZE(sgl) };
	struct xe_page_index *index;
	struct xe_page_iter it;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sgl); i++)
		sgl[i] = (struct scatterlist){ .dma_address = i * GIB, .dma_length = PAGE };
	index = xe_page_index_create(&sgt);

	xe_page_iter_init_sgt(&it, &sgt, index, (ARRAY_SIZE(sgl) - 1) * PAGE, 2 * PAGE);
	assert_int_equal(it.len, PAGE);
	xe_page_iter_advance(&it, PAGE);
	assert_int_equal(it.len, 0);

	xe_page_iter_init_sgt(&it, &sgt, index, ARRAY_SIZE(sgl) * PAGE, PAGE);
	assert_int_equal(it.len, 0);
	assert_int_equal(it.remaining, 0);
	xe_page_index_free(index);
}

const struct CMUnitTest iter_tests[] = {
	cmocka_unit_test(test_same_pages),
	cmocka_unit_test(test_index),
	cmocka_unit_test(test_short_index),
	cmocka_unit_test(test_null),
	cmocka_unit_test(test_short),
};

const size_t n_iter_tests = ARRAY_SIZE(iter_tests);
