// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_SEND_FDS 250

/* What QEMU 11.1 offers. */
static const char hello[] =
	"{\"capabilities\": {\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, "
	"\"max_msg_fds\": 16, \"max_data_xfer_size\": 1048576, \"max_dma_maps\": 65535, "
	"\"pgsizes\": 4096, \"write_multiple\": true}}";

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * MAX_SEND_FDS)];
};

void client_init(struct client *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->reply_fd = -1;
}

static void attach_fds(struct msghdr *msg, union control *control, const int *fds, unsigned int n)
{
	struct cmsghdr *cmsg;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control->bytes;
	msg->msg_controllen = CMSG_SPACE(sizeof(int) * n);
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n);
}

int client_send(struct client *c, const struct client_msg *m)
{
	struct vfu_hdr hdr = {
		.id = c->id++,
		.cmd = m->cmd,
		.size = m->size ? m->size : (u32)(VFU_HDR_SIZE + m->len),
		.flags = m->flags,
	};
	struct iovec iov[2] = {
		{ .iov_base = &hdr, .iov_len = sizeof(hdr) },
		{ .iov_base = (void *)m->body, .iov_len = m->len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = m->len ? 2 : 1 };
	size_t want = sizeof(hdr) + m->len;
	union control control;
	ssize_t n;

	if (m->n_fds)
		attach_fds(&msg, &control, m->fds, m->n_fds);
	n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	if (n < 0)
		return -errno;
	/* The rest of a message that did not fit at once. */
	while ((size_t)n < want) {
		const u8 *body = m->body;
		ssize_t more = send(c->fd, body + ((size_t)n - sizeof(hdr)), want - (size_t)n,
				    MSG_NOSIGNAL);

		if (more < 0)
			return -errno;
		n += more;
	}
	return 0;
}

static int read_all(struct client *c, void *buf, size_t len)
{
	union control control;
	u8 *at = buf;

	while (len) {
		struct iovec iov = { .iov_base = at, .iov_len = len };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.bytes,
			.msg_controllen = sizeof(control.bytes),
		};
		ssize_t n = recvmsg(c->fd, &msg, MSG_CMSG_CLOEXEC);
		struct cmsghdr *cmsg;

		if (n <= 0)
			return -ENOTCONN;
		cmsg = CMSG_FIRSTHDR(&msg);
		if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
			memcpy(&c->reply_fd, CMSG_DATA(cmsg), sizeof(int));
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int client_recv(struct client *c)
{
	if (c->reply_fd >= 0)
		close(c->reply_fd);
	c->reply_fd = -1;
	if (read_all(c, &c->reply, sizeof(c->reply)))
		return -ENOTCONN;
	if (c->reply.size < VFU_HDR_SIZE || c->reply.size > sizeof(c->data))
		return -EPROTO;
	if (read_all(c, c->data, c->reply.size - VFU_HDR_SIZE))
		return -ENOTCONN;
	return c->reply.flags & VFU_ERROR ? -(int)c->reply.error : 0;
}

int client_call(struct client *c, const struct client_msg *m)
{
	int err = client_send(c, m);

	if (err)
		return err == -EPIPE || err == -ECONNRESET ? -ENOTCONN : err;
	return client_recv(c);
}

int client_simple(struct client *c, u16 cmd, const void *body, size_t len)
{
	return client_call(c, &(struct client_msg){ .cmd = cmd, .body = body, .len = len });
}

int client_version(struct client *c)
{
	struct {
		struct vfu_version v;
		char json[sizeof(hello)];
	} body = { 0 };

	memcpy(body.json, hello, sizeof(hello));
	return client_simple(c, VFU_VERSION, &body, sizeof(body.v) + sizeof(hello));
}

int client_read(struct client *c, u32 region, u64 off, u32 count, u64 *val)
{
	struct vfu_access a = { .offset = off, .region = region, .count = count };
	int err = client_simple(c, VFU_REGION_READ, &a, sizeof(a));

	*val = 0;
	if (!err && c->reply.size == VFU_HDR_SIZE + sizeof(a) + count)
		memcpy(val, c->data + sizeof(a), count);
	else if (!err)
		err = -EPROTO;
	return err;
}

int client_write(struct client *c, u32 region, u64 off, u32 count, u64 val, u32 flags)
{
	struct {
		struct vfu_access a;
		u64 data;
	} body = { { .offset = off, .region = region, .count = count }, val };
	const struct client_msg m = {
		.cmd = VFU_REGION_WRITE,
		.flags = flags,
		.body = &body,
		.len = sizeof(body.a) + count,
	};

	return flags & VFU_NO_REPLY ? client_send(c, &m) : client_call(c, &m);
}

int client_map(struct client *c, u64 addr, u64 len, u32 flags, int fd, u64 offset)
{
	const struct vfu_dma_map m = {
		.argsz = sizeof(m),
		.flags = flags,
		.offset = offset,
		.addr = addr,
		.len = len,
	};

	return client_call(c, &(struct client_msg){ .cmd = VFU_DMA_MAP, .body = &m,
						    .len = sizeof(m), .fds = &fd,
						    .n_fds = fd >= 0 });
}

int client_unmap(struct client *c, u64 addr, u64 len, u32 flags)
{
	const struct vfu_dma_unmap u = {
		.argsz = sizeof(u),
		.flags = flags,
		.addr = addr,
		.len = len,
	};

	return client_simple(c, VFU_DMA_UNMAP, &u, sizeof(u));
}

int client_set_irqs(struct client *c, u32 flags, u32 index, u32 start, u32 count, const int *fds,
		    unsigned int n_fds)
{
	const struct vfu_set_irqs s = {
		.argsz = sizeof(s),
		.flags = flags,
		.index = index,
		.start = start,
		.count = count,
	};

	return client_call(c, &(struct client_msg){ .cmd = VFU_SET_IRQS, .body = &s,
						    .len = sizeof(s), .fds = fds,
						    .n_fds = n_fds });
}

void client_close(struct client *c)
{
	if (c->reply_fd >= 0)
		close(c->reply_fd);
	if (c->fd >= 0)
		close(c->fd);
	c->reply_fd = -1;
	c->fd = -1;
}
