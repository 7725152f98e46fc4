// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: the state that a failed call must not change. It is looked at from three
 * sides: debugfs, the device model, which the harness asks on our behalf, and the kernel's own
 * count of allocations by line of source.
 */
#define _GNU_SOURCE

#include "xe_inject.h"

#define TEXT_SIZE	0x100000
#define ASK_PAUSE_US	4000
#define ASK_PATIENCE	(60 * NSEC_PER_SEC)

static const char *ask_directory;

/**
 * xe_state_ask_in() - name the directory through which the harness is asked
 * @directory: it answers a file ask.N with a file done.N
 */
void xe_state_ask_in(const char *directory)
{
	ask_directory = directory;
}

/* A whole file as text; NULL on error. */
static char *read_file(const char *path)
{
	char *text = malloc(TEXT_SIZE);
	size_t n = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0 || !text) {
		free(text);
		return NULL;
	}
	do {
		got = read(fd, text + n, TEXT_SIZE - 1 - n);
		n += got > 0 ? got : 0;
	} while (got > 0);
	close(fd);
	text[n] = 0;

	return text;
}

/* The counter of failed binds is the one thing that a failed bind may change. */
static void drop_unwound(char *text)
{
	char *at = text, *end;

	while ((at = strstr(at, "  unwound: "))) {
		end = strchr(at, '\n');
		memmove(at, end + 1, strlen(end + 1) + 1);
	}
}

/* What the device makes of the page tables; NULL if there is no answer. */
static char *ask_map(void)
{
	int64_t end = xe_now() + ASK_PATIENCE;
	static unsigned int number;
	char path[256], *text;
	int fd;

	snprintf(path, sizeof(path), "%s/ask.%u", ask_directory, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		return NULL;
	close(fd);

	snprintf(path, sizeof(path), "%s/done.%u", ask_directory, number++);
	do {
		text = read_file(path);
		if (text)
			return text;
		usleep(ASK_PAUSE_US);
	} while (xe_now() < end);

	return NULL;
}

/**
 * xe_state_read() - look at the state of a client's VMs
 * @env: the client
 * @state: filled in; release with xe_state_free()
 *
 * Return: 0, or -1 if it could not be read.
 */
int xe_state_read(const struct xe_env *env, struct xe_state *state)
{
	state->vms = read_file(env->vms);
	state->map = ask_directory && env->vm ? ask_map() : NULL;
	if (!state->vms || (ask_directory && env->vm && !state->map))
		return -1;
	drop_unwound(state->vms);

	return 0;
}

/**
 * xe_state_free() - release what xe_state_read() has filled in
 * @state: may have been released before
 */
void xe_state_free(struct xe_state *state)
{
	free(state->vms);
	free(state->map);
	state->vms = NULL;
	state->map = NULL;
}

/* Tell the first line in which two texts differ. */
static bool same_text(const char *a, const char *b, const char *what, char *why, size_t size)
{
	const char *line_a = a, *line_b = b;

	if (!a || !b || !strcmp(a, b))
		return true;

	for (; *a && *a == *b; a++, b++) {
		if (*a == '\n') {
			line_a = a + 1;
			line_b = b + 1;
		}
	}
	snprintf(why, size, "%s: '%.*s' has become '%.*s'", what, (int)strcspn(line_a, "\n"),
		 line_a, (int)strcspn(line_b, "\n"), line_b);

	return false;
}

/**
 * xe_state_equal() - compare two states
 * @a: before
 * @b: after
 * @why: filled in with the difference if there is one
 * @size: bytes of @why
 *
 * Return: whether they are equal.
 */
bool xe_state_equal(const struct xe_state *a, const struct xe_state *b, char *why, size_t size)
{
	return same_text(a->vms, b->vms, "driver", why, size) &&
	       same_text(a->map, b->map, "device", why, size);
}

/* A line of source and what it has allocated that is not freed yet. */
struct memory_line {
	char *where;
	unsigned long long bytes;
	unsigned long long count;
};

struct xe_memory {
	char *text;
	size_t n;
	struct memory_line *lines;
};

/* The driver, what it calls to make and keep its objects, and the fences they leave behind. */
static bool is_watched(const char *where)
{
	return strstr(where, "[xe]") || !strncmp(where, "drivers/gpu/", 12) ||
	       !strncmp(where, "drivers/dma-buf/", 16) || strstr(where, "[drm_") ||
	       strstr(where, "[gpu_sched]") || strstr(where, "[ttm]");
}

/*
 * drm_gpuva_sm_step() of Linux 6.12 loses one of its parts if there is no memory for the last one.
 * The driver cannot tell and does not get hold of it.
 */
static bool is_known(const char *where)
{
	return strstr(where, "func:drm_gpuva_sm_step");
}

/* Count allocations by line of source; NULL if the kernel does not. */
static struct xe_memory *xe_memory_read(void)
{
	struct xe_memory *m = calloc(1, sizeof(*m));
	char *line, *save = NULL;
	int skip;

	m->text = read_file("/proc/allocinfo");
	if (!m->text) {
		free(m);
		return NULL;
	}
	m->lines = calloc(TEXT_SIZE / 32, sizeof(*m->lines));
	for (line = strtok_r(m->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct memory_line *l = &m->lines[m->n];

		if (sscanf(line, "%llu %llu %n", &l->bytes, &l->count, &skip) != 2)
			continue;
		l->where = line + skip;
		m->n += is_watched(l->where);
	}

	return m;
}

/**
 * xe_memory_free() - release counts
 * @memory: result of xe_memory_quiet(), or NULL
 */
void xe_memory_free(struct xe_memory *memory)
{
	if (!memory)
		return;
	free(memory->text);
	free(memory->lines);
	free(memory);
}

static bool same_memory(const struct xe_memory *a, const struct xe_memory *b, char *why,
			size_t size)
{
	size_t i;

	if (a->n != b->n) {
		snprintf(why, size, "memory: other lines of source than before");
		return false;
	}
	for (i = 0; i < a->n; i++) {
		const struct memory_line *l = &a->lines[i], *k = &b->lines[i];

		if ((l->bytes == k->bytes && l->count == k->count) || is_known(l->where))
			continue;
		snprintf(why, size, "memory: %llu objects (%llu bytes) are now %llu (%llu): %s",
			 l->count, l->bytes, k->count, k->bytes, l->where);
		return false;
	}

	return true;
}

/* Objects that wait for an RCU grace period otherwise wait for more of their kind first. */
static void hurry_rcu(void)
{
	FILE *f = fopen("/proc/sys/vm/drop_caches", "w");

	if (!f)
		return;
	fputs("2\n", f);
	fclose(f);
}

/**
 * xe_memory_quiet() - wait until nothing is freed any more, and count
 * @seconds: how long to wait at most
 *
 * Return: allocations by line of source, to be released with xe_memory_free(); NULL if the kernel
 * does not count.
 */
struct xe_memory *xe_memory_quiet(int seconds)
{
	int64_t end = xe_now() + seconds * NSEC_PER_SEC;
	struct xe_memory *last = NULL, *now;
	char why[256];
	bool same;

	for (;;) {
		now = xe_memory_read();
		same = last && now && same_memory(last, now, why, sizeof(why));
		xe_memory_free(last);
		if (!now || same || xe_now() > end)
			return now;
		last = now;
		hurry_rcu();
		usleep(500000);
	}
}

/**
 * xe_memory_settles() - wait until as much is allocated as before
 * @before: as much as that
 * @seconds: how long to wait
 * @why: filled in with a difference if it remains
 * @size: bytes of @why
 *
 * Return: whether it is as before.
 */
bool xe_memory_settles(const struct xe_memory *before, int seconds, char *why, size_t size)
{
	int64_t end = xe_now() + seconds * NSEC_PER_SEC;
	struct xe_memory *now;
	bool same;

	do {
		now = xe_memory_read();
		same = now && same_memory(before, now, why, size);
		xe_memory_free(now);
		if (same)
			return true;
		hurry_rcu();
		usleep(100000);
	} while (xe_now() < end);

	return false;
}
