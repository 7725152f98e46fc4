/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_BUS_VFU_SOCK_H
#define XM_BUS_VFU_SOCK_H

#include <stdatomic.h>
#include <sys/uio.h>

#include "util/types.h"

/* Descriptors one message can carry at all (SCM_MAX_FD of Linux): none may be left unclosed. */
#define VFU_SCM_MAX 253

/**
 * struct vfu_wake - lets another thread interrupt the bus thread
 * @fd: eventfd
 * @raised: vfu_wake_raise() was called since the last @poked
 * @stop: leave the loop
 * @poked: called by the bus thread after a wake-up, may set @stop; may be NULL
 * @ctx: handed to @poked
 */
struct vfu_wake {
	int fd;
	atomic_bool raised;
	atomic_bool stop;
	void (*poked)(void *ctx);
	void *ctx;
};

/**
 * vfu_wake_init() - prepare; fields other than @poked and @ctx are set
 * @wake: wake-up
 *
 * Return: 0 or -errno of eventfd().
 */
int vfu_wake_init(struct vfu_wake *wake);

/** vfu_wake_fini() - close the eventfd of @wake. */
void vfu_wake_fini(struct vfu_wake *wake);

/**
 * vfu_wake_raise() - interrupt the bus thread
 * @wake: wake-up
 *
 * Context: any thread.
 */
void vfu_wake_raise(struct vfu_wake *wake);

/**
 * struct vfu_stream - a connected socket with the descriptors of the current message
 * @fd: socket
 * @spin_us: microseconds to poll without sleeping before a blocking wait, 0 to sleep at once
 * @calm: waits left that sleep at once, because the processor is busy
 * @wake: wake-up
 * @fds: descriptors received and not claimed
 * @n_fds: number of @fds
 * @truncated: the kernel had to drop descriptors
 */
struct vfu_stream {
	int fd;
	unsigned int spin_us;
	unsigned int calm;
	struct vfu_wake *wake;
	int fds[VFU_SCM_MAX];
	unsigned int n_fds;
	bool truncated;
};

/**
 * vfu_stream_init() - start using a connected socket
 * @s: stream
 * @fd: socket, stays the caller's
 * @spin_us: see struct vfu_stream
 * @wake: wake-up
 */
void vfu_stream_init(struct vfu_stream *s, int fd, unsigned int spin_us, struct vfu_wake *wake);

/**
 * vfu_stream_read() - read exactly @len bytes, collecting descriptors
 * @s: stream
 * @buf: destination
 * @len: bytes
 *
 * Return: 0, or
 * * -ENOTCONN - end of file before the first byte
 * * -EPIPE - end of file in the middle
 * * -ECANCELED - told to stop
 * * another -errno of recvmsg()
 */
int vfu_stream_read(struct vfu_stream *s, void *buf, size_t len);

/**
 * vfu_stream_take_fd() - claim a descriptor of the current message
 * @s: stream
 * @i: number of the descriptor, in message order
 *
 * Return: the descriptor, now the caller's, or -1 if there is none.
 */
int vfu_stream_take_fd(struct vfu_stream *s, unsigned int i);

/** vfu_stream_drop_fds() - close every unclaimed descriptor of @s, at the end of each message. */
void vfu_stream_drop_fds(struct vfu_stream *s);

/**
 * vfu_stream_send() - send a message in one piece
 * @s: stream
 * @iov: pieces, modified
 * @n: number of pieces, at least 1
 * @fd: descriptor to attach, or -1
 *
 * Gives up after 5 seconds without progress, so that a client that never reads cannot block the
 * model for good.
 *
 * Return: 0 or -errno.
 */
int vfu_stream_send(struct vfu_stream *s, struct iovec *iov, unsigned int n, int fd);

/**
 * vfu_listen() - create the listening socket
 * @path: file system path; a stale socket is replaced
 *
 * Return: the socket, or
 * * -ENAMETOOLONG - @path does not fit a socket address
 * * -EADDRINUSE - somebody accepts connections at @path
 * * -EEXIST - @path is something other than a socket
 * * another -errno
 */
int vfu_listen(const char *path);

/**
 * vfu_accept() - wait for a client
 * @listener: socket of vfu_listen()
 * @wake: wake-up
 *
 * Return: connected socket, -ECANCELED when told to stop, or another -errno.
 */
int vfu_accept(int listener, struct vfu_wake *wake);

#endif
