// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Socket
 *
 * Framing, descriptor passing and waiting. Reads never ask for more than the current message, so
 * descriptors always belong to the message being read.
 *
 * Waiting first polls for a short time: a guest that reads one register usually reads another
 * within microseconds, and waking a sleeping thread on an idle processor costs more than that. The
 * processor is offered to other threads between polls. If one took it, polling is a loss for both
 * sides, because a sleeper is woken ahead of busy threads and a poller is not: then the next waits
 * sleep at once.
 */

#include "bus/vfu_sock.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/clock.h"

#define SEND_TIMEOUT_S 5
/* A yield that takes longer than this gave the processor away. */
#define CONTENDED_YIELD_NS 20000u
/* Waits without polling after that. */
#define CALM_WAITS 256u

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * VFU_SCM_MAX)];
};

int vfu_wake_init(struct vfu_wake *wake)
{
	wake->raised = false;
	wake->stop = false;
	wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return wake->fd < 0 ? -errno : 0;
}

void vfu_wake_fini(struct vfu_wake *wake)
{
	close(wake->fd);
	wake->fd = -1;
}

void vfu_wake_raise(struct vfu_wake *wake)
{
	const u64 one = 1;
	ssize_t n;

	/* In this order: whoever drains the descriptor finds the flag set, or it was handled. */
	wake->raised = true;
	n = write(wake->fd, &one, sizeof(one));
	(void)n;
}

/* Return: true if the bus thread has to leave. */
static bool wake_handle(struct vfu_wake *wake)
{
	if (atomic_exchange(&wake->raised, false) && wake->poked)
		wake->poked(wake->ctx);
	return wake->stop;
}

static void wake_drain(struct vfu_wake *wake)
{
	u64 count;
	ssize_t n = read(wake->fd, &count, sizeof(count));

	(void)n;
}

/* Sleep until @fd is readable. Return: 0 or -ECANCELED or -errno. */
static int wait_readable(int fd, struct vfu_wake *wake)
{
	struct pollfd pfd[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = wake->fd, .events = POLLIN },
	};

	for (;;) {
		if (wake_handle(wake))
			return -ECANCELED;
		if (poll(pfd, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (pfd[1].revents)
			wake_drain(wake);
		else if (pfd[0].revents)
			return 0;
	}
}

void vfu_stream_init(struct vfu_stream *s, int fd, unsigned int spin_us, struct vfu_wake *wake)
{
	const struct timeval limit = { .tv_sec = SEND_TIMEOUT_S };

	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->spin_us = spin_us;
	s->wake = wake;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static void collect_fds(struct vfu_stream *s, struct msghdr *msg)
{
	if (msg->msg_flags & MSG_CTRUNC)
		s->truncated = true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (s->n_fds < VFU_SCM_MAX)
				s->fds[s->n_fds++] = fd;
			else
				close(fd);
		}
	}
}

/* One attempt. Return: bytes read, 0 at end of file, -EAGAIN if nothing is there, or -errno. */
static ssize_t try_read(struct vfu_stream *s, void *buf, size_t len)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	do {
		n = recvmsg(s->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (msg.msg_controllen)
		collect_fds(s, &msg);
	return n;
}

/* Poll for at most @spin_us. Return as try_read(). */
static ssize_t spin_read(struct vfu_stream *s, void *buf, size_t len)
{
	u64 now = clock_ns();
	u64 until = now + s->spin_us * 1000ull;
	ssize_t n;

	do {
		u64 before = now;

		sched_yield();
		n = try_read(s, buf, len);
		now = clock_ns();
		if (now - before > CONTENDED_YIELD_NS) {
			s->calm = CALM_WAITS;
			break;
		}
	} while (n == -EAGAIN && !s->wake->raised && now < until);
	return n;
}

/* Wait for data: poll, then sleep. Return as try_read(). */
static ssize_t patient_read(struct vfu_stream *s, void *buf, size_t len)
{
	ssize_t n;
	int err;

	for (;;) {
		/* Also while data keeps coming. */
		if (s->wake->raised && wake_handle(s->wake))
			return -ECANCELED;
		n = try_read(s, buf, len);
		if (n == -EAGAIN && s->spin_us) {
			if (s->calm)
				s->calm--;
			else
				n = spin_read(s, buf, len);
		}
		if (n != -EAGAIN)
			return n;
		err = wait_readable(s->fd, s->wake);
		if (err)
			return err;
	}
}

int vfu_stream_read(struct vfu_stream *s, void *buf, size_t len)
{
	u8 *at = buf;
	size_t done = 0;

	while (done < len) {
		ssize_t n = patient_read(s, at + done, len - done);

		if (n < 0)
			return (int)n;
		if (!n)
			return done ? -EPIPE : -ENOTCONN;
		done += (size_t)n;
	}
	return 0;
}

int vfu_stream_take_fd(struct vfu_stream *s, unsigned int i)
{
	int fd;

	if (i >= s->n_fds)
		return -1;
	fd = s->fds[i];
	s->fds[i] = -1;
	return fd;
}

void vfu_stream_drop_fds(struct vfu_stream *s)
{
	for (unsigned int i = 0; i < s->n_fds; i++)
		if (s->fds[i] >= 0)
			close(s->fds[i]);
	s->n_fds = 0;
	s->truncated = false;
}

/* Skip @n sent bytes. Return: pieces left. */
static unsigned int advance(struct iovec **iov, unsigned int left, size_t n)
{
	while (left && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		left--;
	}
	if (left) {
		(*iov)->iov_base = (u8 *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
	return left;
}

int vfu_stream_send(struct vfu_stream *s, struct iovec *iov, unsigned int n, int fd)
{
	union control control = { 0 };
	struct msghdr msg = { 0 };
	struct cmsghdr *c;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	while (n) {
		ssize_t sent;

		msg.msg_iov = iov;
		msg.msg_iovlen = n;
		sent = sendmsg(s->fd, &msg, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		/* A descriptor goes with the first byte only. */
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		n = advance(&iov, n, (size_t)sent);
	}
	return 0;
}

/* Remove a socket nobody listens on. Return: 0 or -errno. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(addr->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* EAGAIN: alive, its backlog is full. */
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) || errno == EAGAIN)
		err = -EADDRINUSE;
	close(fd);
	if (!err && unlink(addr->sun_path) && errno != ENOENT)
		err = -errno;
	return err;
}

int vfu_listen(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	err = remove_stale(&addr);
	if (err)
		return err;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 4)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int vfu_accept(int listener, struct vfu_wake *wake)
{
	int err = wait_readable(listener, wake);
	int fd;

	if (err)
		return err;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
