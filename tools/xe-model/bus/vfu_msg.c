// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "bus/vfu_msg.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct vfu_hdr) == VFU_HDR_SIZE, "header");
static_assert(sizeof(struct vfu_version) == 4, "VERSION");
static_assert(sizeof(struct vfu_dma_map) == 32, "DMA_MAP");
static_assert(sizeof(struct vfu_dma_unmap) == 24, "DMA_UNMAP");
static_assert(sizeof(struct vfu_info) == 16, "GET_INFO");
static_assert(sizeof(struct vfu_region_info) == 32, "GET_REGION_INFO");
static_assert(sizeof(struct vfu_sparse_cap) == 16, "sparse capability");
static_assert(sizeof(struct vfu_sparse_area) == 16, "sparse area");
static_assert(sizeof(struct vfu_irq_info) == 16, "GET_IRQ_INFO");
static_assert(sizeof(struct vfu_set_irqs) == 20, "SET_IRQS");
static_assert(sizeof(struct vfu_access) == 16, "REGION_READ/WRITE");
static_assert(sizeof(struct vfu_multi_entry) == 24, "WRITE_MULTI entry");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "structures are used as on the wire");

/**
 * struct payload - the bytes of one message after its header
 * @shape: the device
 * @bytes: first byte
 * @len: number of bytes
 * @n_fds: descriptors of the message
 */
struct payload {
	const struct vfu_shape *shape;
	const u8 *bytes;
	size_t len;
	unsigned int n_fds;
};

enum vfu_verdict vfu_check_hdr(const struct vfu_hdr *hdr)
{
	if (hdr->size < VFU_HDR_SIZE || hdr->size > VFU_MAX_MSG)
		return VFU_HDR_CLOSE;
	switch (hdr->flags & VFU_TYPE_MASK) {
	case VFU_TYPE_COMMAND:
		return VFU_HDR_OK;
	case VFU_TYPE_REPLY:
		return VFU_HDR_SKIP;
	default:
		return VFU_HDR_CLOSE;
	}
}

static int parse_version(const struct payload *p, struct vfu_req *req)
{
	/* The JSON text is not looked at: nothing the client can do changes what we offer. */
	memcpy(&req->version, p->bytes, sizeof(req->version));
	return req->version.major ? -EINVAL : 0;
}

static int parse_dma_map(const struct payload *p, struct vfu_req *req)
{
	memcpy(&req->map, p->bytes, sizeof(req->map));
	if (req->map.argsz < sizeof(req->map))
		return -EINVAL;
	req->n_fds = XM_MIN(p->n_fds, 1u);
	return 0;
}

static int parse_dma_unmap(const struct payload *p, struct vfu_req *req)
{
	const struct vfu_dma_unmap *u = &req->unmap;

	memcpy(&req->unmap, p->bytes, sizeof(req->unmap));
	if (u->argsz < sizeof(*u) || u->flags & ~VFU_UNMAP_ALL)
		return -EINVAL;
	if (u->flags & VFU_UNMAP_ALL)
		return u->addr || u->len ? -EINVAL : 0;
	return u->len ? 0 : -EINVAL;
}

static int parse_info(const struct payload *p, struct vfu_req *req)
{
	struct vfu_info info;

	memcpy(&info, p->bytes, sizeof(info));
	return info.argsz < sizeof(info) ? -EINVAL : 0;
}

static int parse_region_info(const struct payload *p, struct vfu_req *req)
{
	memcpy(&req->region_info, p->bytes, sizeof(req->region_info));
	if (req->region_info.argsz < sizeof(req->region_info))
		return -EINVAL;
	return req->region_info.index < VFU_REGIONS ? 0 : -EINVAL;
}

static int parse_irq_info(const struct payload *p, struct vfu_req *req)
{
	memcpy(&req->irq_info, p->bytes, sizeof(req->irq_info));
	if (req->irq_info.argsz < sizeof(req->irq_info))
		return -EINVAL;
	return req->irq_info.index < VFU_IRQ_TYPES ? 0 : -EINVAL;
}

/* Exactly one bit of @mask is set in @v. */
static bool one_of(u32 v, u32 mask)
{
	v &= mask;
	return v && !(v & (v - 1));
}

static int parse_set_irqs(const struct payload *p, struct vfu_req *req)
{
	const u32 data = VFU_IRQ_DATA_NONE | VFU_IRQ_DATA_BOOL | VFU_IRQ_DATA_EVENTFD;
	const u32 action = VFU_IRQ_ACT_MASK | VFU_IRQ_ACT_UNMASK | VFU_IRQ_ACT_TRIGGER;
	struct vfu_set_irqs *s = &req->set_irqs;
	u32 vectors;

	memcpy(s, p->bytes, sizeof(*s));
	if (s->argsz < sizeof(*s) || s->index >= VFU_IRQ_TYPES)
		return -EINVAL;
	if (s->flags & ~(data | action) || !one_of(s->flags, data) || !one_of(s->flags, action))
		return -EINVAL;

	/* Disabling a type the device lacks changes nothing; clients do it before enabling MSI. */
	if (s->flags == (VFU_IRQ_DATA_NONE | VFU_IRQ_ACT_TRIGGER) && !s->count)
		return s->start ? -EINVAL : 0;

	/* No vector of this device is announced as maskable. */
	if (!(s->flags & VFU_IRQ_ACT_TRIGGER))
		return -EINVAL;
	vectors = p->shape->irq_count[s->index];
	if (!vectors || s->start > vectors || s->count > vectors - s->start)
		return -EINVAL;

	if (s->flags & VFU_IRQ_DATA_BOOL) {
		if (p->len - sizeof(*s) < s->count)
			return -EINVAL;
		req->data = p->bytes + sizeof(*s);
	}
	if (s->flags & VFU_IRQ_DATA_EVENTFD) {
		/* No descriptor at all means "disconnect". */
		if (p->n_fds && p->n_fds < s->count)
			return -EINVAL;
		req->n_fds = XM_MIN(p->n_fds, s->count);
	}
	return 0;
}

static bool access_fits(const struct vfu_shape *shape, u32 region, u64 offset, u64 count)
{
	u64 size;

	if (region >= VFU_REGIONS)
		return false;
	size = shape->region_size[region];
	return size && offset <= size && count <= size - offset;
}

static int parse_read(const struct payload *p, struct vfu_req *req)
{
	const struct vfu_access *a = &req->access;

	memcpy(&req->access, p->bytes, sizeof(req->access));
	if (a->count > VFU_MAX_XFER || !access_fits(p->shape, a->region, a->offset, a->count))
		return -EINVAL;
	return 0;
}

static int parse_write(const struct payload *p, struct vfu_req *req)
{
	int err = parse_read(p, req);

	if (err)
		return err;
	if (p->len - sizeof(req->access) != req->access.count)
		return -EINVAL;
	req->data = p->bytes + sizeof(req->access);
	return 0;
}

bool vfu_multi_at(const struct vfu_shape *shape, const struct vfu_req *req, u32 i,
		  struct vfu_multi_entry *entry)
{
	memcpy(entry, req->data + (size_t)i * sizeof(*entry), sizeof(*entry));
	return entry->count >= 1 && entry->count <= sizeof(entry->data) &&
	       access_fits(shape, entry->region, entry->offset, entry->count);
}

static int parse_multi(const struct payload *p, struct vfu_req *req)
{
	struct vfu_multi_entry entry;
	u64 n;

	if (!p->shape->write_multi)
		return -ENOSYS;
	memcpy(&n, p->bytes, sizeof(n));
	if (!n || n > VFU_MAX_MULTI || p->len - sizeof(n) != n * sizeof(entry))
		return -EINVAL;
	req->data = p->bytes + sizeof(n);
	req->n_multi = (u32)n;
	for (u32 i = 0; i < n; i++)
		req->n_multi_bad += !vfu_multi_at(p->shape, req, i, &entry);
	return 0;
}

static int parse_reset(const struct payload *p, struct vfu_req *req)
{
	return 0;
}

static const struct {
	size_t min_len;
	int (*parse)(const struct payload *p, struct vfu_req *req);
} parsers[] = {
	[VFU_VERSION] = { sizeof(struct vfu_version), parse_version },
	[VFU_DMA_MAP] = { sizeof(struct vfu_dma_map), parse_dma_map },
	[VFU_DMA_UNMAP] = { sizeof(struct vfu_dma_unmap), parse_dma_unmap },
	[VFU_GET_INFO] = { sizeof(struct vfu_info), parse_info },
	[VFU_GET_REGION_INFO] = { sizeof(struct vfu_region_info), parse_region_info },
	[VFU_GET_IRQ_INFO] = { sizeof(struct vfu_irq_info), parse_irq_info },
	[VFU_SET_IRQS] = { sizeof(struct vfu_set_irqs), parse_set_irqs },
	[VFU_REGION_READ] = { sizeof(struct vfu_access), parse_read },
	[VFU_REGION_WRITE] = { sizeof(struct vfu_access), parse_write },
	[VFU_DEVICE_RESET] = { 0, parse_reset },
	[VFU_WRITE_MULTI] = { sizeof(u64), parse_multi },
};

int vfu_parse(const struct vfu_shape *shape, const struct vfu_hdr *hdr, const u8 *payload,
	      unsigned int n_fds, struct vfu_req *req)
{
	const struct payload p = {
		.shape = shape,
		.bytes = payload,
		.len = hdr->size - VFU_HDR_SIZE,
		.n_fds = n_fds,
	};

	memset(req, 0, sizeof(*req));
	req->hdr = *hdr;
	if (hdr->cmd >= ARRAY_SIZE(parsers) || !parsers[hdr->cmd].parse)
		return -ENOSYS;
	if (p.len < parsers[hdr->cmd].min_len)
		return -EINVAL;
	return parsers[hdr->cmd].parse(&p, req);
}
