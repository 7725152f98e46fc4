// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Messages of the GuC interface, word by word, and the arithmetic of the rings.
 */
#include <kunit/test.h>

#include <linux/string.h>

#include "submit/xe_guc_hxg.h"

#define RING_DWORDS	1024

static void header_words(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xe_hxg_request(GUC_MMIO_CONTROL_CTB), 0x00004509);
	KUNIT_EXPECT_EQ(test, xe_hxg_fast_request(GUC_H2G_REGISTER_CONTEXT), 0x20004502);
	KUNIT_EXPECT_EQ(test, xe_ct_header(0x8000, 12), 0x8000000c);
	KUNIT_EXPECT_EQ(test, xe_ct_header(2, 3), 0x00020003);
}

static void header_fields(struct kunit *test)
{
	const u32 event = 0x90001002, failure = 0xe1230030, success = 0xf0abcdef;

	KUNIT_EXPECT_TRUE(test, xe_hxg_is_from_guc(event));
	KUNIT_EXPECT_FALSE(test, xe_hxg_is_from_guc(0x20001001));
	KUNIT_EXPECT_EQ(test, xe_hxg_type(event), GUC_HXG_TYPE_EVENT);
	KUNIT_EXPECT_EQ(test, xe_hxg_action(event), GUC_G2H_SCHED_CONTEXT_MODE_DONE);
	KUNIT_EXPECT_EQ(test, xe_hxg_type(failure), GUC_HXG_TYPE_FAILURE);
	KUNIT_EXPECT_EQ(test, xe_hxg_error(failure), GUC_ERROR_UNKNOWN_ACTION);
	KUNIT_EXPECT_EQ(test, xe_hxg_hint(failure), 0x123);
	KUNIT_EXPECT_EQ(test, xe_hxg_type(success), GUC_HXG_TYPE_SUCCESS);
	KUNIT_EXPECT_EQ(test, xe_hxg_data0(success), 0xabcdef);
	KUNIT_EXPECT_EQ(test, xe_hxg_type(0xb0000001), GUC_HXG_TYPE_BUSY);
	KUNIT_EXPECT_EQ(test, xe_hxg_type(0xd0000000), GUC_HXG_TYPE_RETRY);

	KUNIT_EXPECT_EQ(test, xe_ct_fence(0x80010008), 0x8001);
	KUNIT_EXPECT_EQ(test, xe_ct_format(0x80010008), GUC_CT_FORMAT_HXG);
	KUNIT_EXPECT_EQ(test, xe_ct_n_dwords(0x80010008), 8);
}

struct ring_case {
	const char *name;
	u32 head, tail;
	u32 room, used;
};

static const struct ring_case ring_cases[] = {
	{ "empty at start", 0, 0, 1023, 0 },
	{ "empty in the middle", 500, 500, 1023, 0 },
	{ "one message", 0, 4, 1019, 4 },
	{ "tail wrapped", 1000, 8, 991, 32 },
	{ "full", 1, 0, 0, 1023 },
	{ "full at the end", 0, 1023, 0, 1023 },
	{ "one dword left", 10, 8, 1, 1022 },
};

static void ring_case_name(const struct ring_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ring, ring_cases, ring_case_name);

static void ring_room(struct kunit *test)
{
	const struct ring_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, xe_ct_ring_room(c->head, c->tail, RING_DWORDS), c->room);
	KUNIT_EXPECT_EQ(test, xe_ct_ring_used(c->head, c->tail, RING_DWORDS), c->used);
}

static void ring_pad(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xe_ct_ring_pad(0, 256, RING_DWORDS), 0);
	KUNIT_EXPECT_EQ(test, xe_ct_ring_pad(1020, 4, RING_DWORDS), 0);
	KUNIT_EXPECT_EQ(test, xe_ct_ring_pad(1021, 4, RING_DWORDS), 3);
	KUNIT_EXPECT_EQ(test, xe_ct_ring_pad(1023, 2, RING_DWORDS), 1);
}

static void register_context(struct kunit *test)
{
	static const u32 want[GUC_REGISTER_CONTEXT_DWORDS] = {
		0x20004502, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0x00a00019, 0,
	};
	const u64 lrc = 0x00a00019;
	const struct xe_guc_ctx_desc desc = {
		.submit_mask = 1,
		.n_lrc = 1,
		.lrc_desc = &lrc,
	};
	u32 msg[GUC_REGISTER_CONTEXT_DWORDS];

	KUNIT_EXPECT_EQ(test, xe_guc_pack_register(&desc, msg), ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, msg, want, sizeof(want));
}

static void register_multi_lrc(struct kunit *test)
{
	static const u32 want[GUC_REGISTER_MULTI_LRC_DWORDS(2)] = {
		0x20004601, 1, 7, GUC_CLASS_VIDEO, 1, 0x00a00800, 0, 0x00a00c00, 0, 1024, 2,
		0x00a00119, 0x20000000, 0x00b00119, 0x20020000,
	};
	static const u64 lrc[] = { 0x2000000000a00119ull, 0x2002000000b00119ull };
	const struct xe_guc_ctx_desc desc = {
		.id = 7,
		.guc_class = GUC_CLASS_VIDEO,
		.submit_mask = 1,
		.wq_desc = 0x00a00800,
		.wq_base = 0x00a00c00,
		.n_lrc = 2,
		.lrc_desc = lrc,
	};
	u32 msg[GUC_REGISTER_MULTI_LRC_DWORDS(2)];

	KUNIT_EXPECT_EQ(test, xe_guc_pack_register(&desc, msg), ARRAY_SIZE(want));
	KUNIT_EXPECT_MEMEQ(test, msg, want, sizeof(want));
}

static void policy_klv(struct kunit *test)
{
	u32 klv[2];

	KUNIT_EXPECT_EQ(test, xe_guc_pack_klv1(GUC_KLV_CONTEXT_PREEMPT_TIMEOUT_US, 640000, klv), 2);
	KUNIT_EXPECT_EQ(test, klv[0], 0x20020001);
	KUNIT_EXPECT_EQ(test, klv[1], 640000);
}

static void work_queue_item(struct kunit *test)
{
	/* two LRCs: five dwords; ring tail 0x3ff8 is 0x7ff units of eight bytes */
	KUNIT_EXPECT_EQ(test, GUC_WQ_ITEM_DWORDS(2), 5);
	KUNIT_EXPECT_EQ(test, xe_guc_wq_item_header(GUC_WQ_TYPE_MULTI_LRC, 5), 0x00040005);
	KUNIT_EXPECT_EQ(test, xe_guc_wq_item_header(GUC_WQ_TYPE_NOOP, 1), 0x00000004);
	KUNIT_EXPECT_EQ(test, xe_guc_wq_item_context(7, 0x3ff8), 0x1ffc0007);
	KUNIT_EXPECT_EQ(test, xe_guc_wq_item_context(65534, 0), 0x0000fffe);
}

static struct kunit_case guc_hxg_cases[] = {
	KUNIT_CASE(header_words),
	KUNIT_CASE(header_fields),
	KUNIT_CASE_PARAM(ring_room, ring_gen_params),
	KUNIT_CASE(ring_pad),
	KUNIT_CASE(register_context),
	KUNIT_CASE(register_multi_lrc),
	KUNIT_CASE(policy_klv),
	KUNIT_CASE(work_queue_item),
	{}
};

static struct kunit_suite guc_hxg_suite = {
	.name = "xe_guc_hxg",
	.test_cases = guc_hxg_cases,
};

kunit_test_suite(guc_hxg_suite);
