// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Trace file
 *
 * Writes the JSON array form of the Chrome trace format, which Perfetto reads too, and which stays
 * readable when the process dies before the closing bracket. Each track becomes a thread of one
 * process. One mutex serialises writers; trace_on() is the unlocked fast check.
 */

#include "util/trace.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "util/clock.h"

#define MAX_TRACKS 64

static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *trace_file;
static atomic_bool trace_active;
static char tracks[MAX_TRACKS][24];
static unsigned int n_tracks;

int trace_open(const char *path)
{
	trace_file = fopen(path, "we");
	if (!trace_file)
		return -errno;
	fputs("[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
	      "\"args\":{\"name\":\"xe-model\"}}", trace_file);
	n_tracks = 0;
	trace_active = true;
	return 0;
}

void trace_close(void)
{
	pthread_mutex_lock(&trace_lock);
	trace_active = false;
	if (trace_file) {
		fputs("\n]\n", trace_file);
		fclose(trace_file);
	}
	trace_file = NULL;
	pthread_mutex_unlock(&trace_lock);
}

bool trace_on(void)
{
	return atomic_load_explicit(&trace_active, memory_order_relaxed);
}

static unsigned int track_id(const char *track)
{
	unsigned int i;

	for (i = 0; i < n_tracks; i++)
		if (!strncmp(tracks[i], track, sizeof(tracks[i]) - 1))
			return i + 1;
	if (n_tracks == MAX_TRACKS)
		return MAX_TRACKS;
	snprintf(tracks[n_tracks], sizeof(tracks[n_tracks]), "%s", track);
	n_tracks++;
	fprintf(trace_file,
		",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}",
		n_tracks, tracks[n_tracks - 1]);
	return n_tracks;
}

static void put_event(const char *track, const char *name, u64 start_ns, const char *fmt,
		      va_list ap)
{
	u64 now = clock_ns();
	u64 begin = start_ns ? start_ns : now;

	fprintf(trace_file, ",\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%u,\"name\":\"%s\",\"ts\":%.3f",
		start_ns ? "X" : "i", track_id(track), name, (double)begin / 1000.0);
	if (start_ns)
		fprintf(trace_file, ",\"dur\":%.3f", (double)(now - begin) / 1000.0);
	else
		fputs(",\"s\":\"t\"", trace_file);
	fputs(",\"args\":{", trace_file);
	vfprintf(trace_file, fmt, ap);
	fputs("}}", trace_file);
}

void trace_instant(const char *track, const char *name, const char *fmt, ...)
{
	va_list ap;

	if (!trace_on())
		return;
	pthread_mutex_lock(&trace_lock);
	if (trace_file) {
		va_start(ap, fmt);
		put_event(track, name, 0, fmt, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&trace_lock);
}

void trace_span(const char *track, const char *name, u64 start_ns, const char *fmt, ...)
{
	va_list ap;

	if (!trace_on())
		return;
	pthread_mutex_lock(&trace_lock);
	if (trace_file) {
		va_start(ap, fmt);
		put_event(track, name, start_ns, fmt, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&trace_lock);
}
