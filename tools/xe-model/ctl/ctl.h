/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_CTL_CTL_H
#define XM_CTL_CTL_H

struct ctl;
struct xm_device;

/**
 * struct ctl_env - what commands work on
 * @dev: device with engines and GuC
 * @quit: ends the program; called on the thread of the control socket
 * @quit_ctx: handed to @quit
 */
struct ctl_env {
	struct xm_device *dev;
	void (*quit)(void *quit_ctx);
	void *quit_ctx;
};

/**
 * ctl_start() - serve the control socket on a thread of its own
 * @env: copied
 * @path: file system path of the socket; a stale socket is replaced
 * @ctl: set to the server, for ctl_stop()
 *
 * Return: 0, or
 * * -ENOMEM - no memory
 * * another -errno of vfu_listen(), of the wake-up descriptor or of the thread
 */
int ctl_start(const struct ctl_env *env, const char *path, struct ctl **ctl);

/**
 * ctl_stop() - close all connections, end the thread, remove the socket
 * @ctl: server, NULL is allowed
 *
 * Waits for the command that is being executed, a few seconds at most. Call it before the engines
 * and the GuC are destroyed.
 */
void ctl_stop(struct ctl *ctl);

#endif
