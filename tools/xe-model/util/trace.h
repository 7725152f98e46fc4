/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_TRACE_H
#define XM_UTIL_TRACE_H

#include <stdatomic.h>

#include "util/types.h"

/* Set while a trace is being written; for trace_on() only. */
extern atomic_bool trace_active;

/*
 * A track is a time line with a name, such as "rcs0" or "GuC". Events carry arguments: @fmt is the
 * printf format of the members of a JSON object, such as "\"ctx\":%u,\"seq\":%u", or "". Text that
 * may hold quotes or line ends goes through trace_escape() first.
 *
 * Every function may be called from any thread and takes only the internal lock of the trace, and
 * is a no-op while no trace is being written.
 */

/**
 * trace_open() - start writing a Chrome/Perfetto JSON trace
 * @path: file to create
 *
 * Return: 0, -EBUSY if a trace is being written, or the negative errno of the failed open.
 */
int trace_open(const char *path);

/**
 * trace_close() - end all open spans, complete the JSON document and close the file
 *
 * Return: 0, also if no trace is being written, or the negative errno of a failed write.
 */
int trace_close(void);

/** trace_on() - Return: true while a trace is being written; cheap, for guarding argument work. */
static inline bool trace_on(void)
{
	return atomic_load_explicit(&trace_active, memory_order_relaxed);
}

/** trace_number() - Return: how many traces were begun so far. */
unsigned long trace_number(void);

/** trace_path() - copy the name of the file into @buf of @len bytes; "" if there is none. */
void trace_path(char *buf, size_t len);

/** trace_events() - Return: number of events in the trace that is being written. */
unsigned long trace_events(void);

/** trace_want_registers() - trace register accesses too, from now on; they are very many. */
void trace_want_registers(bool on);

/** trace_registers() - Return: true while register accesses have to be traced. */
bool trace_registers(void);

/**
 * trace_instant() - record a point in time
 * @track: time line
 * @name: name of the event
 * @fmt: arguments
 */
void trace_instant(const char *track, const char *name, const char *fmt, ...) XM_PRINTF(3, 4);

/**
 * trace_begin() - begin a span, inside of the spans that are open on the track
 * @track: time line
 * @name: name of the span
 * @fmt: arguments
 */
void trace_begin(const char *track, const char *name, const char *fmt, ...) XM_PRINTF(3, 4);

/**
 * trace_end() - end the innermost span of a track; nothing happens without one
 * @track: time line
 * @fmt: more arguments of the span
 */
void trace_end(const char *track, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * trace_end_all() - end all spans of a track
 * @track: time line
 * @fmt: more arguments of the outermost span
 */
void trace_end_all(const char *track, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * trace_counter() - record values that are drawn as a graph
 * @name: name of the graph
 * @fmt: arguments: the values by name
 */
void trace_counter(const char *name, const char *fmt, ...) XM_PRINTF(2, 3);

/**
 * trace_flow() - one end of an arrow between the innermost spans of two tracks
 * @track: time line
 * @name: name of the arrow
 * @id: number that both ends share
 * @start: where the arrow starts; false: where it ends
 */
void trace_flow(const char *track, const char *name, u64 id, bool start);

/**
 * trace_escape() - make text fit into a JSON string
 * @text: any text
 * @buf: destination
 * @len: bytes at @buf; what does not fit is left out
 *
 * Return: @buf.
 */
const char *trace_escape(const char *text, char *buf, size_t len);

#endif
