// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: the state that a failed call must not change. It is looked at from three
 * sides: debugfs, the device model, whose control socket is a serial port, and the kernel's own
 * count of allocations by line of source.
 */
#define _GNU_SOURCE

#include "xe_inject.h"
#include "xe_model.h"

#define TEXT_SIZE	0x100000
#define ROOT_KEY	"\"root\":\""

static int port = -1;

/**
 * xe_state_open() - find the device model
 *
 * Return: 0, or -1 if there is none to ask.
 */
int xe_state_open(void)
{
	port = xe_model_open();

	return port < 0 ? -1 : 0;
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

/*
 * What the device makes of the page tables below @root: the part of its answer from the address of
 * the root on. NULL if there is no answer.
 */
static char *ask_map(const char *root)
{
	static char reply[TEXT_SIZE];
	char request[64];
	const char *at;

	snprintf(request, sizeof(request), "map %s\n", root);
	if (xe_model_ask(port, request, reply, sizeof(reply)))
		return NULL;
	at = strstr(reply, ROOT_KEY);

	return at ? strdup(at) : NULL;
}

/**
 * xe_state_find_space() - find out what the device calls the address space of a client
 * @env: the client; its VM is the only one with a mapping where its batch is
 */
void xe_state_find_space(struct xe_env *env)
{
	static char spaces[TEXT_SIZE];
	char *at = spaces, *map;
	char mark[40];

	snprintf(mark, sizeof(mark), "\"first\":\"0x%llx\"", (unsigned long long)env->batch_addr);
	if (port < 0 || xe_model_ask(port, "spaces\n", spaces, sizeof(spaces)))
		return;
	while (!*env->root && (at = strstr(at, ROOT_KEY))) {
		at += strlen(ROOT_KEY);
		snprintf(env->root, sizeof(env->root), "%.*s", (int)strcspn(at, "\""), at);
		map = ask_map(env->root);
		if (!map || !strstr(map, mark))
			*env->root = '\0';
		free(map);
	}
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
	char path[96];

	snprintf(path, sizeof(path), "%s/vms", xe_knobs_device());
	state->vms = read_file(path);
	state->map = *env->root ? ask_map(env->root) : NULL;
	if (!state->vms || (port >= 0 && env->vm && !state->map))
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

/**
 * xe_state_reread() - look at the state again
 * @env: the client
 * @state: replaced
 *
 * Return: as xe_state_read()
 */
int xe_state_reread(const struct xe_env *env, struct xe_state *state)
{
	xe_state_free(state);

	return xe_state_read(env, state);
}

/* Take out of @line what differs from client to client: the number that tells a BO from others. */
static void drop_number(char *line)
{
	char *at = strstr(line, " bo "), *end;

	if (!at)
		return;
	at += strlen(" bo ");
	end = at + strcspn(at, " :");
	memmove(at, end, strlen(end) + 1);
}

/**
 * xe_state_outcome() - what a call has made of the mappings, told so that clients can be compared
 * @env: the client
 * @state: after the call
 *
 * Mappings with kind, attributes, page sizes and state, as the driver tells of them, but that of
 * the batch, which every client has elsewhere.
 *
 * Return: text to be freed, NULL without memory for it.
 */
char *xe_state_outcome(const struct xe_env *env, const struct xe_state *state)
{
	char *text = calloc(1, strlen(state->vms) + 1), *copy = strdup(state->vms);
	char *line, *save = NULL, batch[32];
	bool inside = false;

	if (!text || !copy) {
		free(text);
		free(copy);
		return NULL;
	}
	snprintf(batch, sizeof(batch), "  [%012llx-", (unsigned long long)env->batch_addr);
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != ' ' || line[1] != ' ') {
			inside = !strcmp(line, " mappings:");
		} else if (inside && strncmp(line, batch, strlen(batch))) {
			drop_number(line);
			strcat(strcat(text, line), "\n");
		}
	}
	free(copy);

	return text;
}

/**
 * xe_same_text() - compare two texts
 * @a: one, or NULL: as good as any
 * @b: the other, or NULL
 * @what: what they are about
 * @why: filled in with the first line in which they differ, of a long one the part with the difference
 * @size: bytes of @why
 *
 * Return: whether they are equal.
 */
bool xe_same_text(const char *a, const char *b, const char *what, char *why, size_t size)
{
	const char *line_a = a, *line_b = b;

	if (!a || !b || !strcmp(a, b))
		return true;

	for (; *a && *a == *b; a++, b++) {
		if (*a == '\n' || *a == '{') {
			line_a = a + 1;
			line_b = b + 1;
		}
	}
	snprintf(why, size, "%s: '%.*s' has become '%.*s'", what, (int)strcspn(line_a, "\n}"),
		 line_a, (int)strcspn(line_b, "\n}"), line_b);

	return false;
}

/**
 * xe_state_equal_map() - compare what the device makes of two states
 * @a: before
 * @b: after
 * @why: filled in with the difference if there is one
 * @size: bytes of @why
 *
 * Return: whether it is the same.
 */
bool xe_state_equal_map(const struct xe_state *a, const struct xe_state *b, char *why, size_t size)
{
	return xe_same_text(a->map, b->map, "device", why, size);
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
	return xe_same_text(a->vms, b->vms, "driver", why, size) &&
	       xe_state_equal_map(a, b, why, size);
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

		if (l->bytes == k->bytes && l->count == k->count)
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
		usleep(200000);
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
