// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: vfio-user server
 *
 * One thread reads a message, has it checked by the parser, acts and replies, in order of arrival.
 *
 *	listening --accept--> greeting --VERSION--> running --end of file, stop, error--> lost
 *
 * While greeting anything but a good VERSION ends the connection; while running a request that
 * fails its checks gets an error reply, and only a stream that cannot be followed ends it.
 *
 * Locking: none of its own. The client's requests are never answered late: nothing here waits
 * for engines except a reset and an unmap, both bounded by one command.
 */

#include "bus/vfu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/dma.h"
#include "bus/irq.h"
#include "util/log.h"

static const char capabilities[] =
	"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576}}";
static const char capabilities_multi[] =
	"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
	"\"write_multiple\":true}}";

/**
 * struct reply - what goes back after the header
 * @bytes: payload
 * @len: bytes of @bytes
 * @data: more payload, or NULL
 * @data_len: bytes of @data
 * @fd: descriptor to attach, or -1; stays the owner's
 */
struct reply {
	u8 bytes[128];
	size_t len;
	const void *data;
	size_t data_len;
	int fd;
};

/**
 * struct conn - one connection
 * @dev: device
 * @shape: what the parser needs to know about @dev
 * @stream: socket
 * @greeted: VERSION was answered
 * @payload: payload of the current message
 * @xfer: data of the current read reply
 */
struct conn {
	const struct vfu_device *dev;
	struct vfu_shape shape;
	struct vfu_stream stream;
	bool greeted;
	u8 payload[VFU_MAX_MSG];
	u8 xfer[VFU_MAX_XFER];
};

static void put_reply(struct reply *r, const void *bytes, size_t len)
{
	memcpy(r->bytes + r->len, bytes, len);
	r->len += len;
}

static int act_version(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const char *json = c->dev->write_multi ? capabilities_multi : capabilities;
	size_t len = (c->dev->write_multi ? sizeof(capabilities_multi) : sizeof(capabilities));
	const struct vfu_version ours = { .major = 0, .minor = 0 };

	if (c->greeted)
		return -EINVAL;
	c->greeted = true;
	put_reply(r, &ours, sizeof(ours));
	/* The client has no room for a reply longer than its request. */
	if (sizeof(ours) + len <= req->hdr.size - VFU_HDR_SIZE) {
		r->data = json;
		r->data_len = len;
	}
	return 0;
}

static int act_dma_map(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_dma_map *m = &req->map;
	int fd = req->n_fds ? vfu_stream_take_fd(&c->stream, 0) : -1;
	int err;

	if (fd < 0 && m->flags & DMA_WRITE && !c->dev->ops->owns(c->dev->ctx, m->addr, m->len)) {
		log_debug("memory at 0x%llx+0x%llx came without a descriptor",
			  (unsigned long long)m->addr, (unsigned long long)m->len);
		/* Guest RAM starts at address 0, device memory of other functions does not. */
		if (!m->addr) {
			log_error("guest RAM is not shared: start QEMU with a memory backend "
				  "that has share=on");
			return -EINVAL;
		}
	}
	err = dma_map(c->dev->dma, m->addr, m->len, m->flags, fd, m->offset);
	if (err)
		log_guest("DMA_MAP 0x%llx+0x%llx flags 0x%x refused: %s",
			  (unsigned long long)m->addr, (unsigned long long)m->len, m->flags,
			  strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

static int act_dma_unmap(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_dma_unmap *u = &req->unmap;
	int err;

	if (u->flags & VFU_UNMAP_ALL) {
		err = dma_unmap(c->dev->dma, 0, UINT64_MAX);
		if (!err)
			err = dma_unmap(c->dev->dma, UINT64_MAX, 1);
	} else {
		err = dma_unmap(c->dev->dma, u->addr, u->len);
	}
	put_reply(r, u, sizeof(*u));
	return err;
}

static int act_info(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_info info = {
		.argsz = sizeof(info),
		.flags = VFU_INFO_RESET | VFU_INFO_PCI,
		.n_regions = VFU_REGIONS,
		.n_irqs = VFU_IRQ_TYPES,
	};

	put_reply(r, &info, sizeof(info));
	return 0;
}

static int act_region_info(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_region *region = &c->dev->regions[req->region_info.index];
	const struct vfu_sparse_cap cap = {
		.id = VFU_CAP_SPARSE_MMAP,
		.version = 1,
		.n_areas = 1,
	};
	struct vfu_region_info info = {
		.argsz = sizeof(info),
		.flags = region->flags,
		.index = req->region_info.index,
		.size = region->size,
		.offset = region->fd_offset,
	};
	bool sparse = region->flags & VFU_REGION_F_MMAP && region->area.size;

	if (sparse)
		info.argsz += sizeof(cap) + sizeof(region->area);
	/* A client without room for the capability asks again with the size told here. */
	if (sparse && req->region_info.argsz >= info.argsz) {
		info.flags |= VFU_REGION_F_CAPS;
		info.cap_offset = sizeof(info);
	}
	put_reply(r, &info, sizeof(info));
	if (info.flags & VFU_REGION_F_CAPS) {
		put_reply(r, &cap, sizeof(cap));
		put_reply(r, &region->area, sizeof(region->area));
	}
	if (region->flags & VFU_REGION_F_MMAP)
		r->fd = region->fd;
	return 0;
}

static int act_irq_info(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_irq_info info = {
		.argsz = sizeof(info),
		.flags = VFU_IRQ_F_EVENTFD,
		.index = req->irq_info.index,
		.count = c->shape.irq_count[req->irq_info.index],
	};

	put_reply(r, &info, sizeof(info));
	return 0;
}

static int act_set_irqs(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_set_irqs *s = &req->set_irqs;
	struct irq_sink *irq = c->dev->irq;

	if (s->flags & VFU_IRQ_DATA_EVENTFD) {
		for (u32 i = 0; i < s->count; i++)
			irq_set_fd(irq, s->index, s->start + i,
				   req->n_fds ? vfu_stream_take_fd(&c->stream, i) : -1);
		return 0;
	}
	if (!s->count) {
		if (s->flags & VFU_IRQ_DATA_NONE)
			irq_disable(irq, s->index);
		return 0;
	}
	for (u32 i = 0; i < s->count; i++)
		if (s->flags & VFU_IRQ_DATA_NONE || req->data[i])
			irq_signal(irq, s->index, s->start + i);
	return 0;
}

static int act_read(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_access *a = &req->access;

	c->dev->ops->region_read(c->dev->ctx, a->region, a->offset, c->xfer, a->count);
	put_reply(r, a, sizeof(*a));
	r->data = c->xfer;
	r->data_len = a->count;
	return 0;
}

static int act_write(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	const struct vfu_access *a = &req->access;

	c->dev->ops->region_write(c->dev->ctx, a->region, a->offset, req->data, a->count);
	put_reply(r, a, sizeof(*a));
	return 0;
}

static int act_multi(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	struct vfu_multi_entry e;

	if (req->n_multi_bad)
		log_guest("%u of %u entries of a WRITE_MULTI left out", req->n_multi_bad,
			  req->n_multi);
	for (u32 i = 0; i < req->n_multi; i++)
		if (vfu_multi_at(&c->shape, req, i, &e))
			c->dev->ops->region_write(c->dev->ctx, e.region, e.offset, e.data,
						  e.count);
	return 0;
}

static int act_reset(struct conn *c, const struct vfu_req *req, struct reply *r)
{
	c->dev->ops->reset(c->dev->ctx);
	return 0;
}

/* Indexed by command; the parser has refused every command without an entry. */
static int (*const actions[])(struct conn *c, const struct vfu_req *req, struct reply *r) = {
	[VFU_VERSION] = act_version,
	[VFU_DMA_MAP] = act_dma_map,
	[VFU_DMA_UNMAP] = act_dma_unmap,
	[VFU_GET_INFO] = act_info,
	[VFU_GET_REGION_INFO] = act_region_info,
	[VFU_GET_IRQ_INFO] = act_irq_info,
	[VFU_SET_IRQS] = act_set_irqs,
	[VFU_REGION_READ] = act_read,
	[VFU_REGION_WRITE] = act_write,
	[VFU_DEVICE_RESET] = act_reset,
	[VFU_WRITE_MULTI] = act_multi,
};

static int send_reply(struct conn *c, const struct vfu_hdr *cmd, const struct reply *r, int err)
{
	struct vfu_hdr hdr = { .id = cmd->id, .cmd = cmd->cmd, .flags = VFU_TYPE_REPLY };
	struct iovec iov[3] = { { .iov_base = &hdr, .iov_len = sizeof(hdr) } };
	unsigned int n = 1;

	hdr.size = VFU_HDR_SIZE;
	if (err) {
		hdr.flags |= VFU_ERROR;
		hdr.error = (u32)-err;
		return vfu_stream_send(&c->stream, iov, n, -1);
	}
	if (r->len) {
		iov[n].iov_base = (void *)r->bytes;
		iov[n++].iov_len = r->len;
	}
	if (r->data_len) {
		iov[n].iov_base = (void *)r->data;
		iov[n++].iov_len = r->data_len;
	}
	hdr.size += (u32)(r->len + r->data_len);
	return vfu_stream_send(&c->stream, iov, n, r->fd);
}

/* Handle one complete command. Return: 0, or a negative errno that ends the connection. */
static int handle(struct conn *c, const struct vfu_hdr *hdr)
{
	struct reply r = { .fd = -1 };
	struct vfu_req req;
	int err;

	err = vfu_parse(&c->shape, hdr, c->payload, c->stream.n_fds, &req);
	if (!c->greeted && (err || hdr->cmd != VFU_VERSION)) {
		log_guest("client did not introduce itself");
		return -EPROTO;
	}
	if (!err && c->stream.truncated)
		err = -EINVAL;
	if (!err)
		err = actions[hdr->cmd](c, &req, &r);
	if (err)
		log_guest("command %u of %u bytes: %s", hdr->cmd, hdr->size, strerror(-err));
	if (c->dev->ops->settle)
		c->dev->ops->settle(c->dev->ctx);
	if (hdr->flags & VFU_NO_REPLY)
		return 0;
	return send_reply(c, hdr, &r, err);
}

/* Read and handle one message. Return as handle(). */
static int one_message(struct conn *c)
{
	enum vfu_verdict verdict;
	struct vfu_hdr hdr;
	int err;

	err = vfu_stream_read(&c->stream, &hdr, sizeof(hdr));
	if (err)
		return err;
	verdict = vfu_check_hdr(&hdr);
	if (verdict == VFU_HDR_CLOSE) {
		log_guest("bad header: size %u, flags 0x%x", hdr.size, hdr.flags);
		return -EPROTO;
	}
	err = vfu_stream_read(&c->stream, c->payload, hdr.size - VFU_HDR_SIZE);
	if (err)
		return err == -ENOTCONN ? -EPIPE : err;
	return verdict == VFU_HDR_SKIP ? 0 : handle(c, &hdr);
}

static void learn_shape(struct conn *c)
{
	for (unsigned int i = 0; i < VFU_REGIONS; i++)
		c->shape.region_size[i] = c->dev->regions[i].size;
	for (unsigned int i = 0; i < VFU_IRQ_TYPES; i++)
		c->shape.irq_count[i] = irq_vectors(c->dev->irq, i);
	c->shape.write_multi = c->dev->write_multi;
}

struct vfu_end vfu_serve(const struct vfu_device *dev, int fd, unsigned int spin_us,
			 struct vfu_wake *wake)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct vfu_end end = { 0 };

	if (!c) {
		end.reason = -ENOMEM;
		return end;
	}
	c->dev = dev;
	learn_shape(c);
	vfu_stream_init(&c->stream, fd, spin_us, wake);

	while (!end.reason) {
		end.reason = one_message(c);
		vfu_stream_drop_fds(&c->stream);
		end.messages += !end.reason;
	}
	if (end.reason == -ENOTCONN)
		end.reason = 0;
	end.greeted = c->greeted;

	dev->ops->disconnect(dev->ctx);
	dma_reset(dev->dma);
	for (unsigned int t = 0; t < IRQ_TYPES; t++)
		irq_disable(dev->irq, t);
	free(c);
	return end;
}
