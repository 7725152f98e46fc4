// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Control socket
 *
 * A request is one line, a reply is one line of JSON. Each connection goes round
 *
 *	reading --a line is complete--> command executed --> writing --all written--> reading
 *
 * and reads nothing while it writes, so that a client that never takes its replies costs one reply.
 * Number of connections and length of a line are limited. A line that is too long ends the
 * connection, for its end cannot be found any more.
 *
 * Locking: one thread owns everything here. It holds no lock between commands; what a command may
 * take is said in ctl/ctl_cmd.c. ctl_stop() only touches the wake-up descriptor.
 */

#include "ctl/ctl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/vfu_sock.h"
#include "ctl/ctl_cmd.h"
#include "util/log.h"
#include "util/types.h"

#define MAX_CONNS 8u
#define RETRY_US 100000u
#define FD_WAKE 0u
#define FD_LISTEN 1u
#define FD_CONNS 2u

/**
 * struct conn - one connection
 * @fd: socket, -1 for a free place
 * @in: bytes of the line that is being received
 * @n_in: number of @in
 * @out: reply, NULL while reading
 * @n_out: bytes of @out
 * @sent: bytes of @out already sent
 * @last: close it after the reply
 */
struct conn {
	int fd;
	char in[CTL_LINE_BYTES];
	size_t n_in;
	char *out;
	size_t n_out;
	size_t sent;
	bool last;
};

/**
 * struct ctl - the server
 * @env: what commands work on
 * @path: of the socket
 * @listener: listening socket
 * @wake: eventfd that ends the thread
 * @thread: serves
 * @conn: connections
 */
struct ctl {
	struct ctl_env env;
	char *path;
	int listener;
	int wake;
	pthread_t thread;
	struct conn conn[MAX_CONNS];
};

static void drop(struct conn *c)
{
	close(c->fd);
	free(c->out);
	*c = (struct conn){ .fd = -1 };
}

static void reply(struct conn *c, char *text)
{
	c->out = text;
	c->n_out = text ? strlen(text) : 0;
	c->sent = 0;
	if (!text)
		drop(c);
}

/* Send what fits. Return: false if the connection is gone. */
static bool flush_reply(struct conn *c)
{
	while (c->out) {
		ssize_t n = send(c->fd, c->out + c->sent, c->n_out - c->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n < 0) {
			drop(c);
			return false;
		}
		c->sent += (size_t)n;
		if (c->sent < c->n_out)
			continue;
		free(c->out);
		c->out = NULL;
	}
	if (c->last) {
		drop(c);
		return false;
	}
	return true;
}

/* Execute the lines that are complete, as long as their replies can be sent at once. */
static void take_lines(struct ctl *ctl, struct conn *c)
{
	while (c->fd >= 0 && !c->out) {
		char *end = memchr(c->in, '\n', c->n_in);
		size_t len;

		if (!end) {
			if (c->n_in < sizeof(c->in))
				return;
			c->last = true;
			c->n_in = 0;
			reply(c, ctl_refuse("the line is too long"));
			flush_reply(c);
			return;
		}
		len = (size_t)(end - c->in);
		reply(c, ctl_execute(&ctl->env, c->in, len));
		if (c->fd < 0)
			return;
		c->n_in -= len + 1;
		memmove(c->in, end + 1, c->n_in);
		flush_reply(c);
	}
}

static void receive(struct ctl *ctl, struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->n_in += (size_t)n;
	take_lines(ctl, c);
}

static void serve_conn(struct ctl *ctl, struct conn *c, short events)
{
	if (c->out) {
		if (flush_reply(c) && !c->out)
			take_lines(ctl, c);
	} else if (events & (POLLIN | POLLHUP | POLLERR)) {
		receive(ctl, c);
	}
}

static void accept_conn(struct ctl *ctl)
{
	int fd = accept4(ctl->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	char *text;

	if (fd < 0) {
		/* Without descriptors it would be tried again at once, for ever. */
		if (errno == EMFILE || errno == ENFILE)
			usleep(RETRY_US);
		return;
	}
	for (unsigned int i = 0; i < MAX_CONNS; i++) {
		if (ctl->conn[i].fd >= 0)
			continue;
		ctl->conn[i].fd = fd;
		return;
	}
	text = ctl_refuse("too many connections");
	if (text && send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("control socket: a refused client was not told why");
	free(text);
	close(fd);
}

static void *ctl_thread(void *arg)
{
	struct ctl *ctl = arg;
	struct pollfd fds[FD_CONNS + MAX_CONNS] = {
		[FD_WAKE] = { .fd = ctl->wake, .events = POLLIN },
		[FD_LISTEN] = { .fd = ctl->listener, .events = POLLIN },
	};

	for (;;) {
		for (unsigned int i = 0; i < MAX_CONNS; i++)
			fds[FD_CONNS + i] = (struct pollfd){
				.fd = ctl->conn[i].fd,
				.events = ctl->conn[i].out ? POLLOUT : POLLIN,
			};
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[FD_WAKE].revents)
			return NULL;
		for (unsigned int i = 0; i < MAX_CONNS; i++)
			if (ctl->conn[i].fd >= 0 && fds[FD_CONNS + i].revents)
				serve_conn(ctl, &ctl->conn[i], fds[FD_CONNS + i].revents);
		if (fds[FD_LISTEN].revents)
			accept_conn(ctl);
	}
}

static int open_sockets(struct ctl *ctl)
{
	/* Whoever may open the socket may read the guest's memory layout and end the program. */
	mode_t mask = umask(0177);
	int err = 0;

	ctl->listener = vfu_listen(ctl->path);
	umask(mask);
	if (ctl->listener < 0)
		return ctl->listener;
	ctl->wake = eventfd(0, EFD_CLOEXEC);
	if (ctl->wake < 0)
		err = -errno;
	else
		err = -pthread_create(&ctl->thread, NULL, ctl_thread, ctl);
	if (!err)
		return 0;
	if (ctl->wake >= 0)
		close(ctl->wake);
	close(ctl->listener);
	unlink(ctl->path);
	return err;
}

int ctl_start(const struct ctl_env *env, const char *path, struct ctl **out)
{
	struct ctl *ctl = calloc(1, sizeof(*ctl));
	int err = -ENOMEM;

	if (!ctl)
		return -ENOMEM;
	ctl->env = *env;
	ctl->path = strdup(path);
	for (unsigned int i = 0; i < MAX_CONNS; i++)
		ctl->conn[i].fd = -1;
	if (ctl->path)
		err = open_sockets(ctl);
	if (err) {
		free(ctl->path);
		free(ctl);
		return err;
	}
	pthread_setname_np(ctl->thread, "control");
	*out = ctl;
	return 0;
}

void ctl_stop(struct ctl *ctl)
{
	const u64 one = 1;

	if (!ctl)
		return;
	if (write(ctl->wake, &one, sizeof(one)) != sizeof(one))
		log_error("control socket: %s", strerror(errno));
	pthread_join(ctl->thread, NULL);
	for (unsigned int i = 0; i < MAX_CONNS; i++)
		if (ctl->conn[i].fd >= 0)
			drop(&ctl->conn[i]);
	close(ctl->wake);
	close(ctl->listener);
	unlink(ctl->path);
	free(ctl->path);
	free(ctl);
}
