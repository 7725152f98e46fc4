// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Trace file
 *
 * Writes the JSON array form of the Chrome trace format, which Perfetto reads too, and which stays
 * readable when the process dies before the closing bracket. Each track becomes a thread of one
 * process. Time stamps are taken under the lock, so events stand in the file in the order of time.
 * Spans are a begin and an end event; those that are open at the end of the trace are ended there.
 *
 * The file is limited in size, because a guest in a loop must not fill a disk: the last event then
 * says so, and the run goes on without trace.
 *
 * Locking: one mutex serialises writers; nothing else is taken while it is held. trace_on() and
 * trace_registers() are the unlocked fast checks.
 */

#include "util/trace.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/clock.h"

#define MAX_TRACKS 64u
#define MAX_BYTES (2ull << 30)
#define BUFFER_BYTES SZ_1M

/**
 * struct track - a time line
 * @name: its name
 * @depth: spans that are open
 */
struct track {
	char name[24];
	unsigned int depth;
};

atomic_bool trace_active;
static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *trace_file;
static char file_path[512];
static atomic_bool want_registers;
static atomic_ulong n_events;
static atomic_ulong n_traces;
static struct track tracks[MAX_TRACKS];
static unsigned int n_tracks;
static u64 n_bytes;

static void put(const char *fmt, ...) XM_PRINTF(1, 2);

static void put(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(trace_file, fmt, ap);
	va_end(ap);
	n_bytes += n > 0 ? (u64)n : 0;
}

/* Where a track stands from the top: first who asks, then who answers, then who works. */
static unsigned int place_of(const char *name)
{
	static const char *const order[] = {
		"host", "GuC", "GuC to host", "interrupts", "violations", "injected faults",
		"page tables",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
		if (!strcmp(order[i], name))
			return i + 1;
	return ARRAY_SIZE(order) + 1;
}

/* Thread number of a track: its index plus one. */
static unsigned int find_track(const char *name)
{
	unsigned int i;

	for (i = 0; i < n_tracks; i++)
		if (!strncmp(tracks[i].name, name, sizeof(tracks[i].name) - 1))
			return i + 1;
	if (n_tracks == MAX_TRACKS)
		return MAX_TRACKS;
	tracks[i] = (struct track){ .depth = 0 };
	snprintf(tracks[i].name, sizeof(tracks[i].name), "%s", name);
	n_tracks++;
	put(",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\","
	    "\"args\":{\"name\":\"%s\"}}", n_tracks, tracks[i].name);
	put(",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_sort_index\","
	    "\"args\":{\"sort_index\":%u}}", n_tracks, place_of(name));
	return n_tracks;
}

/* Everything of an event up to its type and time. */
static void put_head(char phase, unsigned int tid)
{
	u64 now = clock_ns();

	n_events++;
	put(",\n{\"ph\":\"%c\",\"pid\":1,\"tid\":%u,\"ts\":%llu.%03u", phase, tid,
	    (unsigned long long)(now / 1000), (unsigned int)(now % 1000));
}

static void put_args(const char *fmt, va_list ap)
{
	int n;

	put(",\"args\":{");
	n = vfprintf(trace_file, fmt, ap);
	n_bytes += n > 0 ? (u64)n : 0;
	put("}}");
}

/* Take the lock if there is a trace to write to. */
static bool enter(void)
{
	if (!trace_on())
		return false;
	pthread_mutex_lock(&trace_lock);
	if (trace_file && trace_active)
		return true;
	pthread_mutex_unlock(&trace_lock);
	return false;
}

static void end_spans(void)
{
	for (unsigned int i = 0; i < n_tracks; i++) {
		for (; tracks[i].depth; tracks[i].depth--) {
			put_head('E', i + 1);
			put("}");
		}
	}
}

static void leave(void)
{
	if (n_bytes > MAX_BYTES) {
		end_spans();
		put_head('i', find_track("host"));
		put(",\"name\":\"the trace is full\",\"s\":\"g\"}");
		trace_active = false;
	}
	pthread_mutex_unlock(&trace_lock);
}

/* --- the file --------------------------------------------------------------------------------- */

int trace_open(const char *path)
{
	int err = 0;

	pthread_mutex_lock(&trace_lock);
	if (trace_file) {
		err = -EBUSY;
		goto unlock;
	}
	trace_file = fopen(path, "we");
	if (!trace_file) {
		err = -errno;
		goto unlock;
	}
	setvbuf(trace_file, NULL, _IOFBF, BUFFER_BYTES);
	snprintf(file_path, sizeof(file_path), "%s", path);
	n_tracks = 0;
	n_bytes = 0;
	n_events = 0;
	put("[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
	    "\"args\":{\"name\":\"xe-model\"}}");
	n_traces++;
	trace_active = true;
unlock:
	pthread_mutex_unlock(&trace_lock);
	return err;
}

int trace_close(void)
{
	int err = 0;

	pthread_mutex_lock(&trace_lock);
	trace_active = false;
	if (trace_file) {
		end_spans();
		put("\n]\n");
		if (ferror(trace_file))
			err = -EIO;
		if (fclose(trace_file) && !err)
			err = -errno;
	}
	trace_file = NULL;
	file_path[0] = '\0';
	pthread_mutex_unlock(&trace_lock);
	return err;
}

unsigned long trace_number(void)
{
	return n_traces;
}

void trace_path(char *buf, size_t len)
{
	pthread_mutex_lock(&trace_lock);
	snprintf(buf, len, "%s", file_path);
	pthread_mutex_unlock(&trace_lock);
}

unsigned long trace_events(void)
{
	return n_events;
}

void trace_want_registers(bool on)
{
	want_registers = on;
}

bool trace_registers(void)
{
	return trace_on() && atomic_load_explicit(&want_registers, memory_order_relaxed);
}

/* --- events ----------------------------------------------------------------------------------- */

void trace_instant(const char *track, const char *name, const char *fmt, ...)
{
	va_list ap;

	if (!enter())
		return;
	put_head('i', find_track(track));
	put(",\"name\":\"%s\",\"s\":\"t\"", name);
	va_start(ap, fmt);
	put_args(fmt, ap);
	va_end(ap);
	leave();
}

void trace_begin(const char *track, const char *name, const char *fmt, ...)
{
	unsigned int tid;
	va_list ap;

	if (!enter())
		return;
	tid = find_track(track);
	put_head('B', tid);
	put(",\"name\":\"%s\"", name);
	va_start(ap, fmt);
	put_args(fmt, ap);
	va_end(ap);
	tracks[tid - 1].depth++;
	leave();
}

void trace_end(const char *track, const char *fmt, ...)
{
	unsigned int tid;
	va_list ap;

	if (!enter())
		return;
	tid = find_track(track);
	if (tracks[tid - 1].depth) {
		tracks[tid - 1].depth--;
		put_head('E', tid);
		va_start(ap, fmt);
		put_args(fmt, ap);
		va_end(ap);
	}
	leave();
}

void trace_end_all(const char *track, const char *fmt, ...)
{
	unsigned int tid;
	va_list ap;

	if (!enter())
		return;
	tid = find_track(track);
	for (; tracks[tid - 1].depth > 1; tracks[tid - 1].depth--) {
		put_head('E', tid);
		put("}");
	}
	if (tracks[tid - 1].depth) {
		tracks[tid - 1].depth = 0;
		put_head('E', tid);
		va_start(ap, fmt);
		put_args(fmt, ap);
		va_end(ap);
	}
	leave();
}

void trace_counter(const char *name, const char *fmt, ...)
{
	va_list ap;

	if (!enter())
		return;
	put_head('C', 0);
	put(",\"name\":\"%s\"", name);
	va_start(ap, fmt);
	put_args(fmt, ap);
	va_end(ap);
	leave();
}

void trace_flow(const char *track, const char *name, u64 id, bool start)
{
	if (!enter())
		return;
	put_head(start ? 's' : 'f', find_track(track));
	put(",\"name\":\"%s\",\"cat\":\"flow\",\"id\":\"0x%llx\"%s}", name, (unsigned long long)id,
	    start ? "" : ",\"bp\":\"e\"");
	leave();
}

const char *trace_escape(const char *text, char *buf, size_t len)
{
	size_t at = 0;

	for (; *text && at + 3 < len; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			buf[at++] = '\\';
			buf[at++] = *text;
		} else if (c == '\n') {
			buf[at++] = '\\';
			buf[at++] = 'n';
		} else if (c >= ' ' && c < 0x7f) {
			buf[at++] = *text;
		} else {
			buf[at++] = '?';
		}
	}
	buf[at] = '\0';
	return buf;
}
