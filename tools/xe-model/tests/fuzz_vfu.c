// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Feeds arbitrary bytes to the message parser. The first byte chooses the number of descriptors
 * and what the device offers, the rest is a message. Accepted requests are then held to what the
 * parser promises.
 */

#include <stdlib.h>
#include <string.h>

#include "bus/vfu_msg.h"
#include "tests/fuzz.h"

static void check_access(const struct vfu_shape *shape, u32 region, u64 offset, u32 count)
{
	check(region < VFU_REGIONS);
	check(count <= VFU_MAX_XFER);
	check(offset + count >= offset && offset + count <= shape->region_size[region]);
}

static void check_request(const struct vfu_shape *shape, const struct vfu_req *req, const u8 *end,
			  unsigned int n_fds)
{
	struct vfu_multi_entry e;
	const struct vfu_set_irqs *s = &req->set_irqs;

	check(req->n_fds <= n_fds);
	switch (req->hdr.cmd) {
	case VFU_REGION_WRITE:
		check(req->data + req->access.count == end);
		check_access(shape, req->access.region, req->access.offset, req->access.count);
		break;
	case VFU_REGION_READ:
		check_access(shape, req->access.region, req->access.offset, req->access.count);
		break;
	case VFU_SET_IRQS:
		check(s->index < VFU_IRQ_TYPES);
		check((u64)s->start + s->count <= shape->irq_count[s->index]);
		check(!req->n_fds || req->n_fds == s->count);
		if (req->data)
			check(req->data + s->count <= end);
		break;
	case VFU_WRITE_MULTI:
		for (u32 i = 0; i < req->n_multi; i++)
			if (vfu_multi_at(shape, req, i, &e))
				check_access(shape, e.region, e.offset, e.count);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct vfu_shape shape = {
		.region_size = { [0] = 0x1000000, [VFU_REGION_CONFIG] = 4096 },
		.irq_count = { [1] = 4, [3] = 1 },
	};
	struct vfu_hdr hdr;
	struct vfu_req req;
	unsigned int n_fds;
	u8 *payload;
	size_t len;

	if (size < 1 + sizeof(hdr))
		return 0;
	n_fds = data[0] & 0x1f;
	shape.write_multi = data[0] & 0x20;
	memcpy(&hdr, data + 1, sizeof(hdr));
	len = size - 1 - sizeof(hdr);
	/* Most inputs get a true size, so that the fuzzer reaches the parsers behind. */
	if (!(data[0] & 0x40))
		hdr.size = (u32)(sizeof(hdr) + len);
	if (!(data[0] & 0x80))
		hdr.cmd %= 20;
	if (vfu_check_hdr(&hdr) != VFU_HDR_OK || hdr.size - sizeof(hdr) > len)
		return 0;

	len = hdr.size - sizeof(hdr);
	payload = malloc(len ? len : 1);
	if (!payload)
		return 0;
	memcpy(payload, data + 1 + sizeof(hdr), len);
	if (!vfu_parse(&shape, &hdr, payload, n_fds, &req))
		check_request(&shape, &req, payload + len, n_fds);
	free(payload);
	return 0;
}
