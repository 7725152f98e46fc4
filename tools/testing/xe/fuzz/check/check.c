// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * usage: xe_fuzz_check CORPUS...
 *
 * What of the fuzzer needs no device: which errnos the reference expects, and that programs survive
 * being written and read, without which no failure could be replayed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fuzz.h"

/* Has a macro of the name of a function there. */
#include <cmocka.h>

#define N_PROGRAMS	50

static struct program made, read_back;
static int n_files;
static char **files;

static struct ref_user arena[ARENA];
static struct ref_page window[WINDOW];
static uint8_t ufences[UFENCES];
static int objects[BOS];
static struct ref_object object[OBJECTS];
static const struct ref_memory memory = { .object = object, .user = arena };

static int set_up(void **state)
{
	memset(window, 0, sizeof(window));
	memset(objects, -1, sizeof(objects));
	memset(object, 0, sizeof(object));
	object[0].pages = 64;
	object[1].pages = 64;
	objects[0] = 0;
	objects[1] = 1;
	for (unsigned int i = 0; i < ARENA; i++)
		arena[i] = (struct ref_user){ .present = true, .writable = true };
	return 0;
}

/* Judge one operation, and carry it out if it may succeed. */
static struct ref_verdict bind_one(struct op op)
{
	const struct ref_bind b = { .obj = objects, .memory = memory, .ufence = ufences };
	struct step s = { .kind = STEP_BIND, .n_ops = 1, .op = { op } };
	struct ref_verdict v = { 0 };
	static uint32_t map;

	ref_judge(&b, window, &s, &v);
	if (v.may_pass)
		ref_apply(&b, window, &s, &map, 0);
	return v;
}

static void expect_only(struct ref_verdict v, int err)
{
	assert_int_equal(v.may_pass, !err);
	assert_int_equal(v.n, !!err);
	if (err)
		assert_int_equal(v.err[0], err);
}

static struct op userptr(uint64_t at, uint32_t n, uint32_t off, bool ro)
{
	return (struct op){ .kind = OP_USERPTR, .at = at, .n = n, .off = off, .ro = ro };
}

static void test_process_memory(void **state)
{
	arena[5].writable = false;
	arena[9].present = false;

	expect_only(bind_one(userptr(0, 5, 0, false)), 0);
	expect_only(bind_one(userptr(0, 6, 0, false)), -EPERM);
	expect_only(bind_one(userptr(0, 6, 0, true)), 0);
	expect_only(bind_one(userptr(0, 4, 6, false)), -EFAULT);
	expect_only(bind_one(userptr(0, 4, 6, true)), -EFAULT);
	expect_only(bind_one(userptr(0, 2, ARENA - 1, false)), -EFAULT);

	/* Which one is found first is the driver's business. */
	assert_int_equal(bind_one(userptr(0, 12, 0, false)).n, 2);
	assert_false(bind_one(userptr(0, 12, 0, false)).may_pass);
}

static void test_prefetch_needs_whole_mappings(void **state)
{
	const struct op prefetch = { .kind = OP_PREFETCH, .at = 12, .n = 1 };

	expect_only(bind_one(userptr(10, 8, 0, false)), 0);
	expect_only(bind_one(prefetch), 0);
	arena[7].writable = false;
	expect_only(bind_one(prefetch), -EPERM);
	assert_false(ref_accessible(window, 12, memory));
	arena[7].present = false;
	expect_only(bind_one(prefetch), -EFAULT);

	/* A piece that was cut off is a mapping of its own. */
	expect_only(bind_one((struct op){ .kind = OP_UNMAP, .at = 15, .n = 1 }), 0);
	expect_only(bind_one(prefetch), 0);
	assert_true(ref_accessible(window, 12, memory));
	assert_false(ref_accessible(window, 16, memory));
}

static struct op map(uint8_t bo, uint64_t at, uint32_t n)
{
	return (struct op){ .kind = OP_MAP, .bo = bo, .at = at, .n = n };
}

static void test_advice(void **state)
{
	expect_only(bind_one(map(0, 0, 16)), 0);
	expect_only(bind_one(map(1, 16, 16)), 0);

	/* Of a mapping that is covered in part the rest counts. */
	ref_advise(window, 8, 24, false, memory);
	assert_false(window[7].dontneed || window[8].dontneed);
	assert_true(window[16].dontneed && window[31].dontneed);
	ref_advise(window, 20, 1, true, memory);
	assert_false(window[16].dontneed || window[31].dontneed);

	/* What others may use takes no notice. */
	object[0].exported = true;
	ref_advise(window, 0, 32, false, memory);
	assert_false(window[0].dontneed);
	assert_true(window[16].dontneed);
}

static void test_what_is_not_needed_cannot_be_mapped(void **state)
{
	const struct op prefetch = { .kind = OP_PREFETCH, .at = 12, .n = 1 };
	struct ref_verdict v;

	expect_only(bind_one(map(0, 0, 16)), 0);
	object[0].advice = ADVICE_DONTNEED;
	v = bind_one(map(0, 100, 1));
	assert_true(ref_verdict_allows(&v, -EBUSY) && ref_verdict_allows(&v, -EINVAL));
	assert_false(v.may_pass || bind_one(prefetch).may_pass);
	assert_false(ref_accessible(window, 3, memory));
	object[0].advice = ADVICE_PURGED;
	expect_only(bind_one(map(0, 100, 1)), -EINVAL);
	expect_only(bind_one(prefetch), -EINVAL);
	expect_only(bind_one(map(1, 100, 1)), 0);
	expect_only(bind_one((struct op){ .kind = OP_UNMAP, .at = 0, .n = 16 }), 0);
}

static bool same_step(const struct step *a, const struct step *b)
{
	char left[2048], right[2048];

	step_text(a, left, sizeof(left));
	step_text(b, right, sizeof(right));
	return a->thread == b->thread && a->kind == b->kind && a->n_ops == b->n_ops &&
	       !memcmp(a->arg, b->arg, sizeof(a->arg)) && !strcmp(left, right);
}

static void test_programs_survive_text(void **state)
{
	unsigned int kinds[STEP_KINDS] = { 0 }, i;
	char path[] = "/tmp/xe-fuzz-check.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	for (uint64_t seed = 0; seed < N_PROGRAMS; seed++) {
		program_make(&made, seed, 1 + seed % MAX_THREADS, 300);
		assert_int_equal(program_write(&made, path, "why"), 0);
		assert_int_equal(program_read(&read_back, path), 0);
		assert_int_equal(read_back.n, made.n);
		assert_int_equal(read_back.threads, made.threads);
		for (i = 0; i < made.n; i++) {
			assert_true(same_step(&made.step[i], &read_back.step[i]));
			kinds[made.step[i].kind]++;
		}
	}
	unlink(path);
	for (i = 0; i < STEP_KINDS; i++)
		assert_int_not_equal(kinds[i], 0);
}

static void test_seed_says_it_all(void **state)
{
	program_make(&made, 4711, 2, 300);
	program_make(&read_back, 4711, 2, 300);
	for (unsigned int i = 0; i < made.n; i++)
		assert_true(same_step(&made.step[i], &read_back.step[i]));
	program_make(&read_back, 4712, 2, 300);
	assert_false(same_step(&made.step[200], &read_back.step[200]) &&
		     same_step(&made.step[201], &read_back.step[201]));
}

static void test_corpus(void **state)
{
	for (int i = 0; i < n_files; i++) {
		assert_int_equal(program_read(&made, files[i]), 0);
		assert_int_not_equal(made.n, 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_process_memory, set_up),
		cmocka_unit_test_setup(test_prefetch_needs_whole_mappings, set_up),
		cmocka_unit_test_setup(test_advice, set_up),
		cmocka_unit_test_setup(test_what_is_not_needed_cannot_be_mapped, set_up),
		cmocka_unit_test(test_programs_survive_text),
		cmocka_unit_test(test_seed_says_it_all),
		cmocka_unit_test(test_corpus),
	};

	files = argv + 1;
	n_files = argc - 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
