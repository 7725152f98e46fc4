// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/dma.h"

#define FILE_PAGES 64u
#define PAGE 0x1000ull

struct fixture {
	struct dma_space *dma;
	int fd;
};

/* Each page of the file starts with its own number. */
static int setup(void **state)
{
	static struct fixture f;

	f.dma = dma_create();
	f.fd = memfd_create("ram", MFD_CLOEXEC);
	if (!f.dma || f.fd < 0 || ftruncate(f.fd, FILE_PAGES * PAGE))
		return -1;
	for (u64 i = 0; i < FILE_PAGES; i++)
		if (pwrite(f.fd, &i, sizeof(i), (off_t)(i * PAGE)) != sizeof(i))
			return -1;
	dma_set_bus_master(f.dma, true);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dma_destroy(f->dma);
	close(f->fd);
	return 0;
}

/* Number stored in the file page behind @addr, -1 if not accessible. */
static long page_at(struct fixture *f, u64 addr)
{
	u64 *p;
	long v;

	dma_read_lock(f->dma);
	p = dma_ptr(f->dma, addr, sizeof(*p), false, NULL);
	v = p ? (long)*p : -1;
	dma_read_unlock(f->dma);
	return v;
}

static const struct {
	const char *name;
	u64 addr, len, offset;
	u32 rights;
	int err;
} maps[] = {
	{ "plain", 0x100000, 4 * PAGE, 0, 3, 0 },
	{ "read only", 0x100000, 4 * PAGE, 0, 1, 0 },
	{ "empty", 0x100000, 0, 0, 3, -EINVAL },
	{ "address unaligned", 0x100800, PAGE, 0, 3, -EINVAL },
	{ "length unaligned", 0x100000, PAGE + 1, 0, 3, -EINVAL },
	{ "offset unaligned", 0x100000, PAGE, 0x10, 3, -EINVAL },
	{ "end past 2^64", UINT64_MAX - PAGE + 1, 2 * PAGE, 0, 3, -EINVAL },
	{ "end at 2^64", UINT64_MAX - PAGE + 1, PAGE, 0, 3, 0 },
	{ "beyond the file", 0x100000, (FILE_PAGES + 1) * PAGE, 0, 3, -EINVAL },
	{ "offset beyond the file", 0x100000, PAGE, FILE_PAGES * PAGE, 3, -EINVAL },
	{ "offset huge", 0x100000, PAGE, ~0xfffull, 3, -EINVAL },
	{ "no rights", 0x100000, PAGE, 0, 0, -EINVAL },
	{ "unknown rights", 0x100000, PAGE, 0, 7, -EINVAL },
};

static void map_arguments(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int err = dma_map(f->dma, maps[i].addr, maps[i].len, maps[i].rights, f->fd,
				  maps[i].offset);

		if (err != maps[i].err)
			fail_msg("%s: %d", maps[i].name, err);
		assert_int_equal(dma_count(f->dma), err ? 0 : 1);
		dma_reset(f->dma);
	}
}

static void wrong_descriptors(void **state)
{
	struct fixture *f = *state;
	int pipes[2], ro;

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(dma_map(f->dma, 0, PAGE, 3, pipes[0], 0), -EINVAL);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(dma_map(f->dma, 0, PAGE, 3, pipes[0], 0), -EINVAL);

	ro = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_true(ro >= 0);
	assert_int_equal(dma_map(f->dma, 0, PAGE, 3, ro, 0), -EINVAL);
	assert_int_equal(dma_map(f->dma, 0, PAGE, 1, ro, 0), 0);
	close(ro);
}

static void overlaps(void **state)
{
	static const struct {
		u64 addr, len;
		int err;
	} rows[] = {
		{ 0x10000, 4 * PAGE, -EEXIST }, { 0xf000, 2 * PAGE, -EEXIST },
		{ 0x13000, 2 * PAGE, -EEXIST }, { 0x11000, PAGE, -EEXIST },
		{ 0xf000, 6 * PAGE, -EEXIST },	{ 0xf000, PAGE, 0 },
		{ 0x14000, PAGE, 0 },
	};
	struct fixture *f = *state;

	assert_int_equal(dma_map(f->dma, 0x10000, 4 * PAGE, 3, f->fd, 8 * PAGE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(dma_map(f->dma, rows[i].addr, rows[i].len, 3, f->fd, 0),
				 rows[i].err);
	assert_int_equal(dma_count(f->dma), 3);
	assert_int_equal(page_at(f, 0x13000), 11);
}

/* Unmap [first, last] pages of an entry of pages 16..23; which pages stay accessible? */
static void unmap_splits(void **state)
{
	struct fixture *f = *state;

	for (u64 first = 14; first < 26; first++) {
		for (u64 last = first; last < 26; last++) {
			assert_int_equal(dma_map(f->dma, 16 * PAGE, 8 * PAGE, 3, f->fd,
						 32 * PAGE), 0);
			assert_int_equal(dma_unmap(f->dma, first * PAGE,
						   (last - first + 1) * PAGE), 0);
			for (u64 p = 16; p < 24; p++) {
				long want = p >= first && p <= last ? -1 : (long)(p + 16);

				assert_int_equal(page_at(f, p * PAGE), want);
			}
			assert_int_equal(dma_unmap(f->dma, 0, UINT64_MAX), 0);
			assert_int_equal(dma_count(f->dma), 0);
		}
	}
}

static void unmap_many(void **state)
{
	struct fixture *f = *state;

	for (u64 i = 0; i < 20; i++)
		assert_int_equal(dma_map(f->dma, 2 * i * PAGE, PAGE, 3, f->fd, i * PAGE), 0);
	/* Unknown range, then one that covers several entries, then one that wraps. */
	assert_int_equal(dma_unmap(f->dma, 0x100000000, 0x100000000), 0);
	assert_int_equal(dma_count(f->dma), 20);
	assert_int_equal(dma_unmap(f->dma, 3 * PAGE, 10 * PAGE), 0);
	assert_int_equal(dma_count(f->dma), 15);
	assert_int_equal(page_at(f, 2 * PAGE), 1);
	assert_int_equal(page_at(f, 4 * PAGE), -1);
	assert_int_equal(page_at(f, 14 * PAGE), 7);
	assert_int_equal(dma_unmap(f->dma, 30 * PAGE, UINT64_MAX), 0);
	assert_int_equal(page_at(f, 30 * PAGE), -1);
	assert_int_equal(page_at(f, 28 * PAGE), 14);
	assert_int_equal(dma_unmap(f->dma, 0, 0), -EINVAL);
}

static void access_rules(void **state)
{
	struct fixture *f = *state;
	size_t avail;

	assert_int_equal(dma_map(f->dma, 0x10000, 2 * PAGE, 1, f->fd, 0), 0);
	assert_int_equal(dma_map(f->dma, 0x12000, 2 * PAGE, 3, f->fd, 2 * PAGE), 0);
	assert_int_equal(dma_map(f->dma, 0x20000, PAGE, 3, -1, 0), 0);

	dma_read_lock(f->dma);
	assert_non_null(dma_ptr(f->dma, 0x10000, 4, false, NULL));
	assert_null(dma_ptr(f->dma, 0x10000, 4, true, NULL));
	assert_int_equal(dma_probe(f->dma, 0x10000, true), DMA_STATE_READ_ONLY);
	assert_non_null(dma_ptr(f->dma, 0x12000, 4, true, NULL));
	assert_null(dma_ptr(f->dma, 0x20000, 4, false, NULL));
	assert_int_equal(dma_probe(f->dma, 0x20000, false), DMA_STATE_NO_MEMORY);
	assert_int_equal(dma_probe(f->dma, 0x30000, false), DMA_STATE_UNMAPPED);

	/* A range that straddles two entries is handed out piece by piece. */
	assert_null(dma_ptr(f->dma, 0x11ffc, 8, false, NULL));
	assert_non_null(dma_ptr(f->dma, 0x11ffc, 8, false, &avail));
	assert_int_equal(avail, 4);
	assert_null(dma_ptr(f->dma, 0x14000, 8, false, &avail));
	assert_int_equal(avail, 0);
	dma_read_unlock(f->dma);

	dma_set_bus_master(f->dma, false);
	assert_int_equal(page_at(f, 0x10000), -1);
	assert_int_equal(dma_probe(f->dma, 0x10000, false), DMA_STATE_NO_MASTER);
}

static void table_limit(void **state)
{
	struct fixture *f = *state;

	for (u64 i = 0; i < 65535; i++)
		assert_int_equal(dma_map(f->dma, i * PAGE, PAGE, 3, -1, 0), 0);
	assert_int_equal(dma_map(f->dma, 65535 * PAGE, PAGE, 3, -1, 0), -ENOSPC);
	assert_int_equal(dma_count(f->dma), 65535);
}

/* A pointer taken before an unmap stays harmless; the file shrinking under it too. */
static void shrinking_file(void **state)
{
	struct fixture *f = *state;
	volatile u64 *p;

	/* cmocka has taken over SIGBUS before each test; a new map takes it back. */
	dma_destroy(f->dma);
	f->dma = dma_create();
	dma_set_bus_master(f->dma, true);

	assert_int_equal(dma_map(f->dma, 0, FILE_PAGES * PAGE, 3, f->fd, 0), 0);
	dma_read_lock(f->dma);
	p = dma_ptr(f->dma, 40 * PAGE, 8, true, NULL);
	dma_read_unlock(f->dma);
	assert_int_equal(*p, 40);
	assert_int_equal(dma_unmap(f->dma, 0, FILE_PAGES * PAGE), 0);
	assert_int_equal(*p, 40);
	assert_int_equal(ftruncate(f->fd, 8 * PAGE), 0);
	assert_int_equal(*p, 0);
	*p = 5;
	assert_int_equal(*p, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(map_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(overlaps, setup, teardown),
		cmocka_unit_test_setup_teardown(unmap_splits, setup, teardown),
		cmocka_unit_test_setup_teardown(unmap_many, setup, teardown),
		cmocka_unit_test_setup_teardown(access_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(table_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(shrinking_file, setup, teardown),
	};

	return cmocka_run_group_tests_name("dma", tests, NULL, NULL);
}
