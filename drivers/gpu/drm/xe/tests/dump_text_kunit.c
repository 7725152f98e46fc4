// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Text of a dump: the encoding, and reads of every size at every place.
 */
#include <kunit/test.h>

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/xe_dump_text.h"

#define NO_LIMIT	SIZE_MAX
/* not a divisor of the block size, so that a block ends in the middle of a piece */
#define PIECE		"0123456789abcdefghijklm"

struct code_case {
	const char *name;
	u32 words[3];
	size_t n;
	const char *text;
};

static const struct code_case code_cases[] = {
	{ "nothing", {}, 0, "" },
	{ "zero", { 0 }, 1, "z" },
	{ "one", { 1 }, 1, "!!!!\"" },
	{ "highest digit", { 84 }, 1, "!!!!u" },
	{ "carry", { 85 }, 1, "!!!\"!" },
	{ "all ones", { 0xffffffff }, 1, "s8W-!" },
	{ "text", { 0x4d616e20 }, 1, "9jqo^" },
	{ "mixed", { 0, 0xffffffff, 0 }, 3, "zs8W-!z" },
};

static void code_case_name(const struct code_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(code, code_cases, code_case_name);

static void words(struct kunit *test)
{
	const struct code_case *c = test->param_value;
	char out[ARRAY_SIZE(c->words) * XE_ASCII85_WORD + 1] = {};

	KUNIT_EXPECT_EQ(test, xe_ascii85_words(out, c->words, c->n), strlen(c->text));
	KUNIT_EXPECT_STREQ(test, out, c->text);
}

/* The whole text in reads of @step bytes. */
static size_t read_all(const struct xe_dump_text *t, char *out, size_t step)
{
	size_t sum = 0;
	ssize_t n;

	while ((n = xe_dump_text_read(t, out + sum, sum, step)) > 0)
		sum += n;

	return sum;
}

static void pieces(struct kunit *test)
{
	static const size_t steps[] = { 1, 7, PAGE_SIZE - 1, PAGE_SIZE, 3 * PAGE_SIZE + 5 };
	const size_t n = strlen(PIECE), sum = 500 * n;
	char *out = kunit_kzalloc(test, sum + 1, GFP_KERNEL);
	struct xe_dump_text t;
	size_t i, at;

	KUNIT_ASSERT_NOT_NULL(test, out);
	xe_dump_text_init(&t, NO_LIMIT, NULL);
	for (i = 0; i < 500; i++)
		KUNIT_EXPECT_EQ(test, xe_dump_text_add(&t, PIECE, n), 0);
	KUNIT_EXPECT_TRUE(test, xe_dump_text_freeze(&t, ""));

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		memset(out, 0, sum);
		KUNIT_EXPECT_EQ(test, read_all(&t, out, steps[i]), sum);
		for (at = 0; at < sum; at += n)
			KUNIT_EXPECT_MEMEQ(test, out + at, PIECE, n);
	}
	KUNIT_EXPECT_EQ(test, xe_dump_text_read(&t, out, sum, 10), 0);
	KUNIT_EXPECT_EQ(test, xe_dump_text_read(&t, out, sum + 10, 10), 0);
	KUNIT_EXPECT_EQ(test, xe_dump_text_read(&t, out, sum - 3, 10), 3);
	xe_dump_text_fini(&t);
}

/* Contents longer than what is encoded at a time, and than a block. */
static void memory(struct kunit *test)
{
	const size_t n = 1537;
	u32 *mem = kunit_kcalloc(test, n, sizeof(*mem), GFP_KERNEL);
	size_t room = n * XE_ASCII85_WORD + 64, sum, len;
	char *want = kunit_kzalloc(test, room, GFP_KERNEL);
	char *got = kunit_kzalloc(test, room, GFP_KERNEL);
	struct xe_dump_text t;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	for (i = 0; i < n; i++)
		mem[i] = i % 3 ? i * 0x9e3779b9 : 0;

	len = scnprintf(want, room, "\t[X].length: 0x%zx\n\t[X].data: ", n * sizeof(*mem));
	len += xe_ascii85_words(want + len, mem, n);
	want[len++] = '\n';

	xe_dump_text_init(&t, NO_LIMIT, NULL);
	xe_dump_text_add_memory(&t, "X", mem, n * sizeof(*mem));
	xe_dump_text_freeze(&t, "");
	sum = read_all(&t, got, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, sum, len);
	KUNIT_EXPECT_STREQ(test, got, want);
	xe_dump_text_fini(&t);
}

static void limit(struct kunit *test)
{
	static const u32 mem[256] = { 1 };
	char out[2 * PAGE_SIZE / 16] = {};
	struct xe_dump_text t;

	xe_dump_text_init(&t, 0, NULL);
	KUNIT_EXPECT_EQ(test, xe_dump_text_add_words(&t, mem, ARRAY_SIZE(mem)), -EFBIG);
	xe_dump_text_add_memory(&t, "X", mem, sizeof(mem));
	xe_dump_text_freeze(&t, "");
	read_all(&t, out, sizeof(out));
	/* not a part of the contents is there, and the line has an end */
	KUNIT_EXPECT_NULL(test, strchr(out, 'z'));
	KUNIT_EXPECT_STREQ(test, strrchr(out, '\t'), "\t[X].error: -27\n");
	KUNIT_EXPECT_EQ(test, strrchr(out, '\t')[-1], '\n');
	xe_dump_text_fini(&t);
}

static void frozen(struct kunit *test)
{
	struct xe_dump_text t;
	bool stop = false;
	char out[16] = {};

	xe_dump_text_init(&t, NO_LIMIT, &stop);
	KUNIT_EXPECT_EQ(test, xe_dump_text_add(&t, "one ", 4), 0);
	stop = true;
	KUNIT_EXPECT_TRUE(test, xe_dump_text_is_over(&t));
	KUNIT_EXPECT_EQ(test, xe_dump_text_add(&t, "two ", 4), -ECANCELED);
	stop = false;
	KUNIT_EXPECT_FALSE(test, xe_dump_text_is_over(&t));
	KUNIT_EXPECT_TRUE(test, xe_dump_text_freeze(&t, "last"));
	KUNIT_EXPECT_FALSE(test, xe_dump_text_freeze(&t, "again"));
	KUNIT_EXPECT_EQ(test, xe_dump_text_add(&t, "three", 5), -ECANCELED);
	read_all(&t, out, 5);
	KUNIT_EXPECT_STREQ(test, out, "one last");
	xe_dump_text_fini(&t);
}

static struct kunit_case dump_text_cases[] = {
	KUNIT_CASE_PARAM(words, code_gen_params),
	KUNIT_CASE(pieces),
	KUNIT_CASE(memory),
	KUNIT_CASE(limit),
	KUNIT_CASE(frozen),
	{}
};

static struct kunit_suite dump_text_suite = {
	.name = "xe_dump_text",
	.test_cases = dump_text_cases,
};

kunit_test_suite(dump_text_suite);
