/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_TRACE_H
#define XM_UTIL_TRACE_H

#include "util/types.h"

/**
 * trace_open() - start writing a Chrome/Perfetto JSON trace
 * @path: file to create
 *
 * Context: before other threads exist.
 * Return: 0, or the negative errno of the failed open.
 */
int trace_open(const char *path);

/** trace_close() - complete the JSON document and close the file; no-op if none is open. */
void trace_close(void);

/** trace_on() - Return: true while a trace is being written; cheap, for guarding argument work. */
bool trace_on(void);

/**
 * trace_instant() - record a point in time
 * @track: name of the time line, e.g. "rcs0", "guc", "host"
 * @name: name of the event
 * @fmt: printf format of the members of the JSON args object, e.g. "\"ctx\":%u,\"seq\":%u", or ""
 *
 * Context: any thread; takes the internal trace lock only.
 */
void trace_instant(const char *track, const char *name, const char *fmt, ...) XM_PRINTF(3, 4);

/**
 * trace_span() - record an interval that has just ended
 * @track: as for trace_instant()
 * @name: as for trace_instant()
 * @start_ns: clock_ns() at its start
 * @fmt: as for trace_instant()
 *
 * Context: any thread; takes the internal trace lock only.
 */
void trace_span(const char *track, const char *name, u64 start_ns, const char *fmt, ...)
	XM_PRINTF(4, 5);

#endif
