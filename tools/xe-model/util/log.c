// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Messages and violations
 *
 * One process-wide log. Messages of all threads are serialised by one mutex, so that a report of
 * several lines stays together; the lock of the trace is taken inside of it. Guest errors and
 * violations are limited in number, never in count: a guest in a loop must not fill a disk.
 */

#include "util/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/trace.h"

#define GUEST_LINES 1000
#define BLOCKS_PER_KIND 50
#define MAX_KINDS 64
#define MAX_ALLOWED 8

struct violation_kind {
	const char *name;
	unsigned long count;
};

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *log_file;
static bool verbose_on;
static unsigned long guest_lines;
static struct violation_kind kinds[MAX_KINDS];
static unsigned int n_kinds;
static const char *allowed[MAX_ALLOWED];
static atomic_ulong violations;
static atomic_ulong consequences;
static _Thread_local bool excused;
static char *reports[LOG_LAST_REPORTS];
static unsigned long n_reports;

int log_open(const char *path, bool verbose)
{
	verbose_on = verbose;
	if (!path)
		return 0;
	log_file = fopen(path, "ae");
	if (!log_file)
		return -errno;
	setvbuf(log_file, NULL, _IOLBF, 0);
	return 0;
}

void log_close(void)
{
	pthread_mutex_lock(&log_lock);
	if (log_file)
		fclose(log_file);
	log_file = NULL;
	for (unsigned int i = 0; i < LOG_LAST_REPORTS; i++) {
		free(reports[i]);
		reports[i] = NULL;
	}
	pthread_mutex_unlock(&log_lock);
}

bool log_verbose(void)
{
	return verbose_on;
}

static void put_line(FILE *out, const char *level, const char *fmt, va_list ap)
{
	u64 us = clock_ns() / 1000;

	fprintf(out, "[%5llu.%06llu] %s", (unsigned long long)(us / 1000000),
		(unsigned long long)(us % 1000000), level);
	vfprintf(out, fmt, ap);
	fputc('\n', out);
}

static void put_everywhere(bool stderr_too, const char *level, const char *fmt, va_list ap)
{
	va_list copy;

	if (log_file) {
		va_copy(copy, ap);
		put_line(log_file, level, fmt, copy);
		va_end(copy);
	}
	if (stderr_too || !log_file)
		put_line(stderr, level, fmt, ap);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error: ",
		[LOG_GUEST] = "guest: ",
		[LOG_INFO] = "",
		[LOG_DEBUG] = "debug: ",
	};
	va_list ap;

	if (level == LOG_DEBUG && !verbose_on)
		return;

	pthread_mutex_lock(&log_lock);
	if (level == LOG_GUEST && ++guest_lines > GUEST_LINES) {
		if (guest_lines == GUEST_LINES + 1)
			fputs("guest: (further guest errors are not printed)\n",
			      log_file ? log_file : stderr);
		pthread_mutex_unlock(&log_lock);
		return;
	}
	va_start(ap, fmt);
	put_everywhere(level <= LOG_GUEST, names[level], fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&log_lock);
}

static struct violation_kind *find_kind(const char *name)
{
	for (unsigned int i = 0; i < n_kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	if (n_kinds == MAX_KINDS)
		return &kinds[MAX_KINDS - 1];
	kinds[n_kinds].name = name;
	return &kinds[n_kinds++];
}

/* Return: where @kind stands among those that are allowed, MAX_ALLOWED if it does not. */
static unsigned int find_allowed_locked(const char *kind)
{
	unsigned int i;

	for (i = 0; i < MAX_ALLOWED; i++)
		if (allowed[i] && !strcmp(allowed[i], kind))
			break;
	return i;
}

bool log_allow(const char *kind)
{
	unsigned int i;

	pthread_mutex_lock(&log_lock);
	for (i = 0; i < MAX_ALLOWED && allowed[i]; i++)
		;
	if (i < MAX_ALLOWED)
		allowed[i] = kind;
	pthread_mutex_unlock(&log_lock);
	return i < MAX_ALLOWED;
}

void log_forbid(const char *kind)
{
	unsigned int i;

	pthread_mutex_lock(&log_lock);
	while ((i = find_allowed_locked(kind)) < MAX_ALLOWED)
		allowed[i] = NULL;
	pthread_mutex_unlock(&log_lock);
}

void log_excuse(bool on)
{
	excused = on;
}

unsigned long log_excused(void)
{
	return consequences;
}

static void put_consequence_locked(const char *kind, const char *fmt, va_list ap)
{
	char head[96];

	if (++consequences > BLOCKS_PER_KIND)
		return;
	snprintf(head, sizeof(head), "consequence of a fault or reset (%s): ", kind);
	put_everywhere(false, head, fmt, ap);
}

/* Reports past the printed ones are kept all the same: they are the recent ones. */
static void keep_report_locked(const char *head, const char *fmt, va_list ap)
{
	char **place = &reports[n_reports++ % LOG_LAST_REPORTS];
	char *text;

	free(*place);
	*place = NULL;
	if (vasprintf(&text, fmt, ap) < 0)
		return;
	if (asprintf(place, "%s%s", head, text) < 0)
		*place = NULL;
	free(text);
}

/* Put the report that was just kept on the time line. */
static void trace_report_locked(const char *kind)
{
	const char *text = reports[(n_reports - 1) % LOG_LAST_REPORTS];
	char escaped[1024];

	if (trace_on() && text)
		trace_instant("violations", kind, "\"report\":\"%s\"",
			      trace_escape(text, escaped, sizeof(escaped)));
}

char *log_last_report(unsigned int back)
{
	const char *text = NULL;
	char *copy;

	pthread_mutex_lock(&log_lock);
	if (back < LOG_LAST_REPORTS && back < n_reports)
		text = reports[(n_reports - 1 - back) % LOG_LAST_REPORTS];
	copy = text ? strdup(text) : NULL;
	pthread_mutex_unlock(&log_lock);
	return copy;
}

void log_violation(const char *kind, const char *fmt, ...)
{
	struct violation_kind *k;
	char head[96];
	va_list ap;
	bool fails;

	pthread_mutex_lock(&log_lock);
	if (excused) {
		va_start(ap, fmt);
		put_consequence_locked(kind, fmt, ap);
		va_end(ap);
		pthread_mutex_unlock(&log_lock);
		return;
	}
	k = find_kind(kind);
	k->count++;
	fails = find_allowed_locked(kind) == MAX_ALLOWED;
	if (fails)
		violations++;
	snprintf(head, sizeof(head), "%s %s (number %lu): ",
		 fails ? "VIOLATION" : "allowed violation", kind, k->count);
	va_start(ap, fmt);
	keep_report_locked(head, fmt, ap);
	va_end(ap);
	trace_report_locked(kind);
	if (k->count <= BLOCKS_PER_KIND) {
		va_start(ap, fmt);
		put_everywhere(true, head, fmt, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&log_lock);
}

unsigned long log_violations(void)
{
	return violations;
}

unsigned long log_violation_at(unsigned int i, const char **kind)
{
	unsigned long count = 0;

	pthread_mutex_lock(&log_lock);
	if (i < n_kinds) {
		*kind = kinds[i].name;
		count = kinds[i].count;
	}
	pthread_mutex_unlock(&log_lock);
	return count;
}
