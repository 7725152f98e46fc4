// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Ring frames and context images, word by word against the hardware description.
 */
#include <kunit/test.h>

#include <linux/errno.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "gt/xe_lrc_image.h"
#include "gt/xe_ring.h"
#include "instructions/lrc_layout.h"

#define STATE_DWORDS	(LRC_STATE_PAGE_SIZE / 4)
#define VERX100_XELP	1200

struct frame_case {
	const char *name;
	struct xe_ring_frame frame;
	u32 n;
	u32 dw[XE_RING_MAX_JOB_DWORDS];
};

/* P = 0x00a00000, S = 0xffffff81, batch 0x123456789abc */
#define FRAME(_class, ...) { \
	.class = (_class), \
	.has_aux_ccs = true, \
	.pphwsp = 0x00a00000, \
	.seqno = 0xffffff81, \
	.batch = 0x123456789abcull, \
	.ufence_addr = 0x1f00000008ull, \
	.ufence_value = 0xc0ffee00deadbeefull, \
	__VA_ARGS__ }

#define USER_FRAME(_class, ...) \
	FRAME(_class, .ppgtt = true, .has_batch = true, ##__VA_ARGS__)

static const struct frame_case frame_cases[] = {
	{
		.name = "copy",
		.frame = USER_FRAME(XE_ENGINE_CLASS_COPY),
		.n = 20,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x10400002, 0x00a00208, 0, 0xffffff81,
			0x18800101, 0x56789abc, 0x1234, 0x04000000, 0x13004002, 0x00a00204, 0,
			0xffffff81, 0x01000000, 0x04000001, 0x02800000, 0,
		},
	}, {
		.name = "copy, GGTT batch",
		.frame = FRAME(XE_ENGINE_CLASS_COPY, .has_batch = true),
		.n = 20,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x10400002, 0x00a00208, 0, 0xffffff81,
			0x18800001, 0x56789abc, 0x1234, 0x04000000, 0x13004002, 0x00a00204, 0,
			0xffffff81, 0x01000000, 0x04000001, 0x02800000, 0,
		},
	}, {
		.name = "copy, no batch",
		.frame = FRAME(XE_ENGINE_CLASS_COPY, .ppgtt = true),
		.n = 16,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x10400002, 0x00a00208, 0, 0xffffff81,
			0x04000000, 0x13004002, 0x00a00204, 0, 0xffffff81, 0x01000000, 0x04000001,
			0x02800000,
		},
	}, {
		.name = "copy, TLB flush, user fence",
		.frame = USER_FRAME(XE_ENGINE_CLASS_COPY, .tlb_flush = true, .has_ufence = true),
		.n = 30,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x02800101, 0x13044002, 0x00a0020c, 0,
			0xffffff81, 0x02800100, 0x18800101, 0x56789abc, 0x1234, 0x04000000,
			0x13000002, 0, 0, 0, 0x10200003, 0x00000008, 0x1f, 0xdeadbeef, 0xc0ffee00,
			0x13004002, 0x00a00204, 0, 0xffffff81, 0x01000000, 0x04000001, 0x02800000,
		},
	}, {
		.name = "video decode, TLB flush",
		.frame = USER_FRAME(XE_ENGINE_CLASS_VIDEO_DECODE, .tlb_flush = true),
		.n = 26,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x02800101, 0x11020001, 0x4218, 1, 0,
			0x13044002, 0x00a0020c, 0, 0xffffff81, 0x02800100, 0x18800101, 0x56789abc,
			0x1234, 0x04000000, 0x13004002, 0x00a00204, 0, 0xffffff81, 0x01000000,
			0x04000001, 0x02800000, 0,
		},
	}, {
		.name = "video enhance",
		.frame = USER_FRAME(XE_ENGINE_CLASS_VIDEO_ENHANCE),
		.n = 26,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x02800101, 0x11020001, 0x4238, 1, 0,
			0x02800100, 0x10400002, 0x00a00208, 0, 0xffffff81, 0x18800101, 0x56789abc,
			0x1234, 0x04000000, 0x13004002, 0x00a00204, 0, 0xffffff81, 0x01000000,
			0x04000001, 0x02800000, 0,
		},
	}, {
		.name = "render",
		.frame = USER_FRAME(XE_ENGINE_CLASS_RENDER),
		.n = 40,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x02800101, 0x7a000004, 0x20304c1c,
			0xd0, 0, 0, 0, 0x11020001, 0x4208, 1, 0, 0x02800100, 0x10400002,
			0x00a00208, 0, 0xffffff81, 0x18800101, 0x56789abc, 0x1234, 0x04000000,
			0x7a000204, 0x101030a1, 0, 0, 0, 0, 0x7a000004, 0x01104080, 0x00a00200, 0,
			0xffffff81, 0, 0x01000000, 0x04000001, 0x02800000, 0,
		},
	}, {
		.name = "render, TLB flush, user fence",
		.frame = USER_FRAME(XE_ENGINE_CLASS_RENDER, .tlb_flush = true, .has_ufence = true),
		.n = 44,
		.dw = {
			0x12480002, 0x3a8, 0x00a00210, 0, 0x02800101, 0x7a000004, 0x20344c1c,
			0xd0, 0, 0, 0, 0x11020001, 0x4208, 1, 0, 0x02800100, 0x10400002,
			0x00a00208, 0, 0xffffff81, 0x18800101, 0x56789abc, 0x1234, 0x04000000,
			0x7a000204, 0x101030a1, 0, 0, 0, 0, 0x10200003, 0x00000008, 0x1f,
			0xdeadbeef, 0xc0ffee00, 0x7a000004, 0x01104080, 0x00a00200, 0, 0xffffff81,
			0, 0x01000000, 0x04000001, 0x02800000,
		},
	},
};

static void frame_case_desc(const struct frame_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(frame, frame_cases, frame_case_desc);

static void test_frame(struct kunit *test)
{
	const struct frame_case *c = test->param_value;
	u32 dw[XE_RING_MAX_JOB_DWORDS] = {};
	u32 i, n;

	n = xe_ring_emit_frame(&c->frame, dw);

	KUNIT_ASSERT_EQ(test, n, c->n);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ_MSG(test, dw[i], c->dw[i], "dword %u", i);
}

struct image_case {
	const char *name;
	enum xe_engine_class class;
	u32 mmio_base;
	u32 pages;
	u32 n_words;
	/* index and value of words that must be there */
	u32 word[24][2];
};

static const struct image_case image_cases[] = {
	{
		.name = "copy",
		.class = XE_ENGINE_CLASS_COPY,
		.mmio_base = 0x22000,
		.pages = 2,
		.n_words = 11,
		.word = {
			{ 0x00, 0 }, { 0x01, 0x11081019 }, { 0x02, 0x22244 }, { 0x03, 0x00090009 },
			{ 0x09, 0x01234000 }, { 0x0b, 0x3001 }, { 0x21, 0x11081011 },
			{ 0x22, 0x223a8 }, { 0x31, 0x3 }, { 0x33, 0x45678003 },
			{ 0x34, 0x05000001 },
		},
	}, {
		.name = "render",
		.class = XE_ENGINE_CLASS_RENDER,
		.mmio_base = 0x2000,
		.pages = 14,
		.n_words = 19,
		.word = {
			{ 0x01, 0x11081019 }, { 0x03, 0x00090009 }, { 0x04, 0x2034 },
			{ 0x1a, 0x22b4 }, { 0x21, 0x11081011 }, { 0x24, 0x228c },
			{ 0x32, 0x2270 }, { 0x34, 0x11081005 }, { 0x39, 0x25ac },
			{ 0x41, 0x11080001 }, { 0x42, 0x20c8 }, { 0x51, 0x11081065 },
			{ 0x5c, 0x2588 }, { 0x60, 0x209c }, { 0x61, 0x01000000 },
			{ 0x74, 0x2600 }, { 0xb2, 0x267c }, { 0xb6, 0x2084 },
			{ 0xb9, 0x05000001 },
		},
	},
};

static void image_case_desc(const struct image_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(image, image_cases, image_case_desc);

static void test_image(struct kunit *test)
{
	const struct xe_lrc_values values = {
		.ring_start = 0x01234000,
		.ring_size = SZ_16K,
		.has_ppgtt = true,
		.root = 0x345678003ull,
	};
	const struct image_case *c = test->param_value;
	u32 *state = kunit_kcalloc(test, STATE_DWORDS, sizeof(*state), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, state);
	KUNIT_EXPECT_EQ(test, xe_lrc_image_pages(VERX100_XELP, c->class), c->pages);
	KUNIT_ASSERT_EQ(test, 0, xe_lrc_image_build(state, VERX100_XELP, c->class, c->mmio_base));
	xe_lrc_image_set_values(state, &values);

	for (i = 0; i < c->n_words; i++)
		KUNIT_EXPECT_EQ_MSG(test, state[c->word[i][0]], c->word[i][1],
				    "dword %#x", c->word[i][0]);
}

static void test_image_unknown(struct kunit *test)
{
	u32 *state = kunit_kcalloc(test, STATE_DWORDS, sizeof(*state), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, state);
	KUNIT_EXPECT_EQ(test, xe_lrc_image_pages(VERX100_XELP, XE_ENGINE_CLASS_COMPUTE), 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, xe_lrc_image_build(state, VERX100_XELP,
							  XE_ENGINE_CLASS_COMPUTE, 0x1a000));
	KUNIT_EXPECT_EQ(test, -EINVAL, xe_lrc_image_build(state, 2001,
							  XE_ENGINE_CLASS_RENDER, 0x2000));
}

/* A context without address space keeps the root its image came with. */
static void test_image_no_ppgtt(struct kunit *test)
{
	const struct xe_lrc_values values = { .ring_start = 0x4000, .ring_size = SZ_16K };
	u32 *state = kunit_kcalloc(test, STATE_DWORDS, sizeof(*state), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, state);
	state[LRC_DW_PDP0_UDW] = 0x11;
	state[LRC_DW_PDP0_LDW] = 0x22;
	state[LRC_DW_CTX_TIMESTAMP] = 0x33;
	xe_lrc_image_set_values(state, &values);

	KUNIT_EXPECT_EQ(test, state[LRC_DW_PDP0_UDW], 0x11);
	KUNIT_EXPECT_EQ(test, state[LRC_DW_PDP0_LDW], 0x22);
	KUNIT_EXPECT_EQ(test, state[LRC_DW_CTX_TIMESTAMP], 0);
}

static struct kunit_case lrc_cases[] = {
	KUNIT_CASE_PARAM(test_frame, frame_gen_params),
	KUNIT_CASE_PARAM(test_image, image_gen_params),
	KUNIT_CASE(test_image_unknown),
	KUNIT_CASE(test_image_no_ppgtt),
	{}
};

static struct kunit_suite lrc_suite = {
	.name = "xe_lrc",
	.test_cases = lrc_cases,
};

kunit_test_suite(lrc_suite);
