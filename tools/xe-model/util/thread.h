/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_THREAD_H
#define XM_UTIL_THREAD_H

/**
 * thread_urgent() - ask the host to prefer the calling thread
 *
 * For threads that stand for hardware, which runs whatever processors of the host are busy with.
 * A guest measures the device with its own clock: an engine that gets no processor for a while
 * looks like one that hangs. These threads sleep whenever they have nothing to do, so the
 * preference costs others little. Without the right to ask (an ordinary user) nothing changes.
 *
 * Context: the thread itself, at its start.
 */
void thread_urgent(void);

#endif
