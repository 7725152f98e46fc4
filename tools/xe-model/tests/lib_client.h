/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A vfio-user client for tests and the benchmark.
 */
#ifndef XM_TESTS_LIB_CLIENT_H
#define XM_TESTS_LIB_CLIENT_H

#include "bus/vfu_msg.h"

/**
 * struct client - one end of a connection
 * @fd: socket
 * @id: number of the next message
 * @reply: header of the last reply
 * @data: payload of the last reply
 * @reply_fd: descriptor of the last reply, or -1; closed by the next call
 */
struct client {
	int fd;
	u16 id;
	struct vfu_hdr reply;
	u8 data[VFU_MAX_MSG];
	int reply_fd;
};

/**
 * struct client_msg - a message to send
 * @cmd: command
 * @flags: header flags
 * @size: header size field, 0 for the true size
 * @body: payload
 * @len: bytes of @body
 * @fds: descriptors to attach
 * @n_fds: number of @fds
 */
struct client_msg {
	u16 cmd;
	u32 flags;
	u32 size;
	const void *body;
	size_t len;
	const int *fds;
	unsigned int n_fds;
};

/** client_init() - use @fd as connection. */
void client_init(struct client *c, int fd);

/** client_send() - send without waiting. Return: 0 or -errno. */
int client_send(struct client *c, const struct client_msg *m);

/**
 * client_recv() - read one reply
 *
 * Return: 0, the negative errno of an error reply, or -ENOTCONN if the server closed the
 * connection.
 */
int client_recv(struct client *c);

/** client_call() - send and read the reply. Return: as client_recv(). */
int client_call(struct client *c, const struct client_msg *m);

/** client_simple() - call with a payload only. Return: as client_recv(). */
int client_simple(struct client *c, u16 cmd, const void *body, size_t len);

/** client_version() - say hello as QEMU does. Return: as client_recv(). */
int client_version(struct client *c);

/** client_read() - REGION_READ of at most 8 bytes into @val. Return: as client_recv(). */
int client_read(struct client *c, u32 region, u64 off, u32 count, u64 *val);

/** client_write() - REGION_WRITE of up to 8 bytes with header @flags. Return: as client_recv(). */
int client_write(struct client *c, u32 region, u64 off, u32 count, u64 val, u32 flags);

/** client_map() - DMA_MAP, @fd may be -1. Return: as client_recv(). */
int client_map(struct client *c, u64 addr, u64 len, u32 flags, int fd, u64 offset);

/** client_unmap() - DMA_UNMAP. Return: as client_recv(). */
int client_unmap(struct client *c, u64 addr, u64 len, u32 flags);

/** client_set_irqs() - SET_IRQS with eventfds. Return: as client_recv(). */
int client_set_irqs(struct client *c, u32 flags, u32 index, u32 start, u32 count, const int *fds,
		    unsigned int n_fds);

/** client_close() - close the connection and the last reply's descriptor. */
void client_close(struct client *c);

#endif
