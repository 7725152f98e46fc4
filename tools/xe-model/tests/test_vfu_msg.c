// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The message parser: every kind of malformed message gets its verdict without a socket.
 */

#include "tests/lib_cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/vfu_msg.h"

#define BAR0_SIZE 0x1000000ull

static const struct vfu_shape shape = {
	.region_size = { [0] = BAR0_SIZE, [VFU_REGION_CONFIG] = 4096 },
	.irq_count = { [1] = 4, [3] = 1 },
	.write_multi = true,
};

static const struct {
	const char *name;
	u32 size;
	u32 flags;
	enum vfu_verdict verdict;
} headers[] = {
	{ "empty", 0, 0, VFU_HDR_CLOSE },
	{ "one byte short", 15, 0, VFU_HDR_CLOSE },
	{ "smallest", 16, 0, VFU_HDR_OK },
	{ "largest", VFU_MAX_MSG, 0, VFU_HDR_OK },
	{ "one byte long", VFU_MAX_MSG + 1, 0, VFU_HDR_CLOSE },
	{ "huge", 0xffffffff, 0, VFU_HDR_CLOSE },
	{ "no reply wanted", 16, VFU_NO_REPLY, VFU_HDR_OK },
	{ "unexpected reply", 16, VFU_TYPE_REPLY, VFU_HDR_SKIP },
	{ "unexpected error reply", 16, VFU_TYPE_REPLY | VFU_ERROR, VFU_HDR_SKIP },
	{ "type 2", 16, 2, VFU_HDR_CLOSE },
	{ "type 15", 16, 15, VFU_HDR_CLOSE },
};

static void header_verdicts(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		struct vfu_hdr hdr = { .size = headers[i].size, .flags = headers[i].flags };

		if (vfu_check_hdr(&hdr) != headers[i].verdict)
			fail_msg("%s", headers[i].name);
	}
}

/* Parse a payload from an allocation of exactly its size, so that the sanitizer sees overreads. */
static int parse(u16 cmd, const void *body, size_t len, unsigned int n_fds, struct vfu_req *req,
		 u8 **keep)
{
	struct vfu_hdr hdr = { .cmd = cmd, .size = (u32)(VFU_HDR_SIZE + len) };
	u8 *exact = malloc(len ? len : 1);
	int err;

	assert_non_null(exact);
	memcpy(exact, body, len);
	err = vfu_parse(&shape, &hdr, exact, n_fds, req);
	*keep = exact;
	return err;
}

static int parse_err(u16 cmd, const void *body, size_t len, unsigned int n_fds)
{
	struct vfu_req req;
	u8 *bytes;
	int err = parse(cmd, body, len, n_fds, &req, &bytes);

	free(bytes);
	return err;
}

static const struct {
	u16 cmd;
	size_t fixed;
} fixed_sizes[] = {
	{ VFU_VERSION, 4 },	     { VFU_DMA_MAP, 32 },   { VFU_DMA_UNMAP, 24 },
	{ VFU_GET_INFO, 16 },	     { VFU_GET_REGION_INFO, 32 }, { VFU_GET_IRQ_INFO, 16 },
	{ VFU_SET_IRQS, 20 },	     { VFU_REGION_READ, 16 }, { VFU_REGION_WRITE, 16 },
	{ VFU_WRITE_MULTI, 8 },
};

static void short_payloads(void **state)
{
	u8 zeros[64] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(fixed_sizes); i++)
		for (size_t len = 0; len < fixed_sizes[i].fixed; len++)
			if (parse_err(fixed_sizes[i].cmd, zeros, len, 0) != -EINVAL)
				fail_msg("command %u with %zu bytes", fixed_sizes[i].cmd, len);
}

static void unknown_commands(void **state)
{
	static const u16 unknown[] = { 0, 6, 11, 12, 14, 16, 17, 18, 19, 255, 65535 };
	u8 zeros[64] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_int_equal(parse_err(unknown[i], zeros, sizeof(zeros), 0), -ENOSYS);
}

static void versions(void **state)
{
	static const struct {
		u16 major, minor;
		int err;
	} rows[] = { { 0, 0, 0 }, { 0, 7, 0 }, { 1, 0, -EINVAL }, { 0xffff, 0, -EINVAL } };
	char body[4 + 5] = "....{{{{{";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(body, &rows[i].major, 2);
		memcpy(body + 2, &rows[i].minor, 2);
		/* No JSON, and JSON that is neither closed nor terminated. */
		assert_int_equal(parse_err(VFU_VERSION, body, 4, 0), rows[i].err);
		assert_int_equal(parse_err(VFU_VERSION, body, sizeof(body), 0), rows[i].err);
	}
}

static const struct {
	const char *name;
	struct vfu_dma_unmap u;
	int err;
} unmaps[] = {
	{ "plain", { 24, 0, 0x1000, 0x1000 }, 0 },
	{ "empty", { 24, 0, 0x1000, 0 }, -EINVAL },
	{ "wrapped end", { 24, 0, 0xfef00000, 0xffffffff01100000 }, 0 },
	{ "everything", { 24, VFU_UNMAP_ALL, 0, 0 }, 0 },
	{ "everything of something", { 24, VFU_UNMAP_ALL, 0, 0x1000 }, -EINVAL },
	{ "dirty bitmap", { 24, 1, 0, 0x1000 }, -EINVAL },
	{ "argsz short", { 23, 0, 0, 0x1000 }, -EINVAL },
};

static void dma_unmaps(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(unmaps); i++)
		if (parse_err(VFU_DMA_UNMAP, &unmaps[i].u, 24, 0) != unmaps[i].err)
			fail_msg("%s", unmaps[i].name);
}

static void dma_map_takes_one_fd(void **state)
{
	struct vfu_dma_map m = { .argsz = 32, .flags = 3, .len = 0x1000 };
	struct vfu_req req;
	u8 *bytes;

	for (unsigned int fds = 0; fds < 5; fds++) {
		assert_int_equal(parse(VFU_DMA_MAP, &m, sizeof(m), fds, &req, &bytes), 0);
		assert_int_equal(req.n_fds, fds ? 1 : 0);
		free(bytes);
	}
	m.argsz = 31;
	assert_int_equal(parse_err(VFU_DMA_MAP, &m, sizeof(m), 0), -EINVAL);
}

static void info_queries(void **state)
{
	struct vfu_info info = { .argsz = 16 };
	struct vfu_region_info region = { .argsz = 32 };
	struct vfu_irq_info irq = { .argsz = 16 };

	assert_int_equal(parse_err(VFU_GET_INFO, &info, 16, 0), 0);
	info.argsz = 15;
	assert_int_equal(parse_err(VFU_GET_INFO, &info, 16, 0), -EINVAL);

	region.index = 8;
	assert_int_equal(parse_err(VFU_GET_REGION_INFO, &region, 32, 0), 0);
	region.index = 9;
	assert_int_equal(parse_err(VFU_GET_REGION_INFO, &region, 32, 0), -EINVAL);
	region.index = 0;
	region.argsz = 31;
	assert_int_equal(parse_err(VFU_GET_REGION_INFO, &region, 32, 0), -EINVAL);

	irq.index = 4;
	assert_int_equal(parse_err(VFU_GET_IRQ_INFO, &irq, 16, 0), 0);
	irq.index = 5;
	assert_int_equal(parse_err(VFU_GET_IRQ_INFO, &irq, 16, 0), -EINVAL);
}

/* flags, index, start, count, descriptors, bytes of booleans, expected error */
static const struct {
	const char *name;
	u32 flags, index, start, count;
	unsigned int fds;
	size_t bools;
	int err;
} set_irqs[] = {
	{ "connect one", 0x24, 1, 0, 1, 1, 0, 0 },
	{ "connect all", 0x24, 1, 0, 4, 4, 0, 0 },
	{ "disconnect", 0x24, 1, 0, 4, 0, 0, 0 },
	{ "more fds than count", 0x24, 1, 1, 2, 9, 0, 0 },
	{ "fewer fds than count", 0x24, 1, 0, 4, 3, 0, -EINVAL },
	{ "count beyond vectors", 0x24, 1, 0, 5, 5, 0, -EINVAL },
	{ "start beyond vectors", 0x24, 1, 5, 0, 0, 0, -EINVAL },
	{ "start + count overflow", 0x24, 1, 2, 0xffffffff, 0, 0, -EINVAL },
	{ "start huge", 0x24, 1, 0xffffffff, 2, 0, 0, -EINVAL },
	{ "index too big", 0x24, 5, 0, 1, 1, 0, -EINVAL },
	{ "index huge", 0x24, 0xffffffff, 0, 1, 1, 0, -EINVAL },
	{ "type absent", 0x24, 0, 0, 1, 1, 0, -EINVAL },
	{ "type absent, disable", 0x21, 0, 0, 0, 0, 0, 0 },
	{ "disable", 0x21, 1, 0, 0, 0, 0, 0 },
	{ "disable with a start", 0x21, 1, 1, 0, 0, 0, -EINVAL },
	{ "trigger", 0x21, 1, 1, 2, 0, 0, 0 },
	{ "trigger too many", 0x21, 1, 1, 4, 0, 0, -EINVAL },
	{ "booleans", 0x22, 1, 0, 3, 0, 3, 0 },
	{ "booleans missing", 0x22, 1, 0, 3, 0, 2, -EINVAL },
	{ "two data bits", 0x26, 1, 0, 1, 1, 0, -EINVAL },
	{ "no data bit", 0x20, 1, 0, 1, 0, 0, -EINVAL },
	{ "two action bits", 0x34, 1, 0, 1, 1, 0, -EINVAL },
	{ "no action bit", 0x04, 1, 0, 1, 1, 0, -EINVAL },
	{ "unknown bit", 0x64, 1, 0, 1, 1, 0, -EINVAL },
	{ "mask", 0x09, 1, 0, 1, 0, 0, -EINVAL },
	{ "unmask", 0x11, 1, 0, 1, 0, 0, -EINVAL },
	{ "unmask eventfd", 0x14, 1, 0, 1, 1, 0, -EINVAL },
};

static void set_irqs_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(set_irqs); i++) {
		struct {
			struct vfu_set_irqs s;
			u8 bools[8];
		} body = { { 20, set_irqs[i].flags, set_irqs[i].index, set_irqs[i].start,
			     set_irqs[i].count }, { 0 } };

		if (parse_err(VFU_SET_IRQS, &body, sizeof(body.s) + set_irqs[i].bools,
			      set_irqs[i].fds) != set_irqs[i].err)
			fail_msg("%s", set_irqs[i].name);
	}
}

static const struct {
	const char *name;
	u64 offset;
	u32 region, count;
	int err;
} accesses[] = {
	{ "first dword", 0, 0, 4, 0 },
	{ "last byte", BAR0_SIZE - 1, 0, 1, 0 },
	{ "one past the end", BAR0_SIZE, 0, 1, -EINVAL },
	{ "straddles the end", BAR0_SIZE - 4, 0, 8, -EINVAL },
	{ "count 0", 16, 0, 0, 0 },
	{ "count 0 at the end", BAR0_SIZE, 0, 0, 0 },
	{ "count 0 past the end", BAR0_SIZE + 1, 0, 0, -EINVAL },
	{ "offset + count wraps", UINT64_MAX - 3, 0, 8, -EINVAL },
	{ "offset huge", UINT64_MAX, 0, 1, -EINVAL },
	{ "unaligned", 3, 0, 7, 0 },
	{ "largest", 0, 0, VFU_MAX_XFER, 0 },
	{ "above the limit", 0, 0, VFU_MAX_XFER + 1, -EINVAL },
	{ "region absent", 0, 2, 4, -EINVAL },
	{ "ROM absent", 0, VFU_REGION_ROM, 4, -EINVAL },
	{ "region 9", 0, 9, 4, -EINVAL },
	{ "region huge", 0, 0xffffffff, 4, -EINVAL },
	{ "all of config", 0, VFU_REGION_CONFIG, 4096, 0 },
	{ "beyond config", 4094, VFU_REGION_CONFIG, 4, -EINVAL },
};

static void region_accesses(void **state)
{
	u8 *body = calloc(1, 16 + VFU_MAX_XFER + 1);

	assert_non_null(body);
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct vfu_access a = { accesses[i].offset, accesses[i].region,
					accesses[i].count };

		memcpy(body, &a, sizeof(a));
		if (parse_err(VFU_REGION_READ, &a, sizeof(a), 0) != accesses[i].err)
			fail_msg("read: %s", accesses[i].name);
		if (parse_err(VFU_REGION_WRITE, body, sizeof(a) + a.count, 0) != accesses[i].err)
			fail_msg("write: %s", accesses[i].name);
	}
	free(body);
}

static void write_size_must_match(void **state)
{
	u8 body[32] = { 0 };
	struct vfu_access a = { 0, 0, 8 };

	memcpy(body, &a, sizeof(a));
	assert_int_equal(parse_err(VFU_REGION_WRITE, body, 24, 0), 0);
	assert_int_equal(parse_err(VFU_REGION_WRITE, body, 23, 0), -EINVAL);
	assert_int_equal(parse_err(VFU_REGION_WRITE, body, 25, 0), -EINVAL);
	assert_int_equal(parse_err(VFU_REGION_WRITE, body, 16, 0), -EINVAL);
}

static void multi_counts(void **state)
{
	static const struct {
		u64 n;
		size_t entries;
		int err;
	} rows[] = {
		{ 1, 1, 0 },   { 200, 200, 0 },	     { 0, 0, -EINVAL },	     { 201, 201, -EINVAL },
		{ 2, 1, -EINVAL }, { 1, 2, -EINVAL }, { UINT64_MAX, 1, -EINVAL },
		/* n * 24 would wrap to the true length. */
		{ 0x0aaaaaaaaaaaaaabull, 1, -EINVAL },
	};
	u8 *body = calloc(1, 8 + 24 * 201);

	assert_non_null(body);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(body, &rows[i].n, 8);
		if (parse_err(VFU_WRITE_MULTI, body, 8 + 24 * rows[i].entries, 0) != rows[i].err)
			fail_msg("n = %llu", (unsigned long long)rows[i].n);
	}
	free(body);
}

static void multi_entries(void **state)
{
	struct {
		u64 n;
		struct vfu_multi_entry e[6];
	} body = {
		.n = 6,
		.e = { { 0, 0, 4, { 1 } },	     { 0, 0, 0, { 0 } },
		       { 0, 0, 9, { 0 } },	     { BAR0_SIZE, 0, 4, { 0 } },
		       { 0, 3, 4, { 0 } },	     { 0x50, VFU_REGION_CONFIG, 8, { 2 } } },
	};
	static const bool good[6] = { true, false, false, false, false, true };
	struct vfu_multi_entry e;
	struct vfu_req req;
	u8 *bytes;

	assert_int_equal(parse(VFU_WRITE_MULTI, &body, sizeof(body), 0, &req, &bytes), 0);
	assert_int_equal(req.n_multi, 6);
	assert_int_equal(req.n_multi_bad, 4);
	for (u32 i = 0; i < 6; i++)
		assert_int_equal(vfu_multi_at(&shape, &req, i, &e), good[i]);
	assert_int_equal(e.data[0], 2);
	free(bytes);
}

static void multi_only_if_offered(void **state)
{
	struct vfu_shape without = shape;
	struct vfu_hdr hdr = { .cmd = VFU_WRITE_MULTI, .size = VFU_HDR_SIZE + 32 };
	u8 body[32] = { 1 };
	struct vfu_req req;

	without.write_multi = false;
	assert_int_equal(vfu_parse(&without, &hdr, body, 0, &req), -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_verdicts),
		cmocka_unit_test(short_payloads),
		cmocka_unit_test(unknown_commands),
		cmocka_unit_test(versions),
		cmocka_unit_test(dma_unmaps),
		cmocka_unit_test(dma_map_takes_one_fd),
		cmocka_unit_test(info_queries),
		cmocka_unit_test(set_irqs_rows),
		cmocka_unit_test(region_accesses),
		cmocka_unit_test(write_size_must_match),
		cmocka_unit_test(multi_counts),
		cmocka_unit_test(multi_entries),
		cmocka_unit_test(multi_only_if_offered),
	};

	return cmocka_run_group_tests_name("vfu_msg", tests, NULL, NULL);
}
