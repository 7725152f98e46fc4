// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * What the harness hears, in the directory that host and guest share:
 *
 *	report.PROCESS		lines "check NAME VERDICT WHY", "fact NAME VALUE" and
 *				"time OP BATCH SUBMIT-NS COMPLETE-NS", words divided by tabs
 *	ask.PROCESS.N		the book: where memory is, what each block ought to lead to
 *	done.PROCESS.N		the answer, which the program waits for: "ok ..." or "BAD ..."
 *
 * While it waits no bind is under way, so that the model's tables hold still.
 */
#define _GNU_SOURCE
#include "vks.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The harness asks the model once a book; a busy host may take a while. */
#define ANSWER_SECONDS 90

static const char *directory;
static const char *process;
static FILE *out;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void report_open(const char *dir, const char *name)
{
	char path[256];

	directory = dir;
	process = name;
	snprintf(path, sizeof(path), "%s/report.%s", dir, name);
	out = fopen(path, "a");
	if (!out) {
		perror(path);
		exit(2);
	}
	setvbuf(out, NULL, _IOLBF, 0);
}

/* One line, here for people on the console and there for the harness. */
static void put(const char *line)
{
	pthread_mutex_lock(&lock);
	fprintf(out, "%s\n", line);
	printf("%s: %s\n", process, line);
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

bool expect(bool good, const char *name, const char *fmt, ...)
{
	char why[256], line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "check\t%s\t%s\t%s", name, good ? "pass" : "FAIL", why);
	put(line);
	return good;
}

void tell(const char *name, const char *fmt, ...)
{
	char value[256], line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "fact\t%s\t%s", name, value);
	put(line);
}

void sample(const char *op, unsigned int batch, uint64_t submit_ns, uint64_t complete_ns)
{
	fprintf(out, "time\t%s\t%u\t%llu\t%llu\n", op, batch, (unsigned long long)submit_ns,
		(unsigned long long)complete_ns);
}

void fatal(const char *what, long code)
{
	expect(false, "came to the end", "%s: %ld", what, code);
	exit(1);
}

static void write_place(FILE *f, const struct place *at)
{
	if (at->mem)
		fprintf(f, " %s 0x%llx\n", at->mem->name, (unsigned long long)at->block * BLOCK);
	else
		fprintf(f, " null\n");
}

/* @lie: the first block that leads to memory is said to lead to the block behind the right one. */
static void write_buffer(FILE *f, const struct sparse *s, bool *lie)
{
	for (uint32_t i = 0; i < s->blocks; i++) {
		struct place at = s->at[i];

		if (*lie && at.mem) {
			at.block++;
			*lie = false;
		}
		fprintf(f, "range 0x%llx 0x%x", (unsigned long long)s->va + (uint64_t)i * BLOCK,
			BLOCK);
		write_place(f, &at);
	}
}

static void write_image(FILE *f, const struct image *img)
{
	for (uint32_t i = 0; i < img->width * img->height; i++) {
		fprintf(f, "tile %s %u", img->name, i);
		write_place(f, &img->at[i]);
	}
}

static void write_book(const struct vks *v, const char *path, bool lie)
{
	char aside[280];
	FILE *f;

	snprintf(aside, sizeof(aside), "%s.part", path);
	f = fopen(aside, "w");
	if (!f)
		fatal(aside, 0);
	for (unsigned int i = 0; i < v->n_memories; i++)
		fprintf(f, "memory %s 0x%llx 0x%x\n", v->memory[i].name,
			(unsigned long long)v->memory[i].va, v->memory[i].blocks * BLOCK);
	for (unsigned int i = 0; i < v->n_buffers; i++)
		write_buffer(f, &v->buffer[i], &lie);
	if (v->image)
		write_image(f, v->image);
	if (fclose(f) || rename(aside, path))
		fatal(path, 0);
}

/* Hands out the book and waits for the verdict. */
static void consult(struct vks *v, bool lie, char *answer, size_t size)
{
	const struct timespec nap = { .tv_nsec = 50000000 };
	static unsigned int number;
	char path[256];
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/ask.%s.%u", directory, v->name, number);
	write_book(v, path, lie);
	snprintf(path, sizeof(path), "%s/done.%s.%u", directory, v->name, number++);
	for (int i = 0; !f && i < ANSWER_SECONDS * 20; i++) {
		nanosleep(&nap, NULL);
		f = fopen(path, "r");
	}
	snprintf(answer, size, "BAD the harness does not answer");
	if (f && fgets(answer, (int)size, f))
		answer[strcspn(answer, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* Whether every page is where the book says. */
bool check_pages(struct vks *v, const char *name)
{
	char answer[256];

	consult(v, false, answer, sizeof(answer));
	return expect(!strncmp(answer, "ok ", 3), name, "%s", answer);
}

/* Whether the harness would notice: one block of the book is wrong, its 16 pages must come back. */
void check_lie(struct vks *v, const char *name)
{
	char answer[256];

	consult(v, true, answer, sizeof(answer));
	expect(!strncmp(answer, "BAD 16 of ", 10), name, "%s", answer);
}
