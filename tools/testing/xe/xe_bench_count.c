// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * What a case of the benchmark does beside executing instructions, from those who see it:
 *
 * - the device model, whose control socket is a serial port of the guest: messages, register
 *   accesses, interrupts, stores of the copy engine, and where page tables are;
 * - the kernel: histograms over the events of its allocators, which run between two marks only.
 *
 * One line of JSON for each case, with the replies of the model as they are. Which memory the
 * processor has stored to is written by insn_profile of tools/testing/profile, sample by sample.
 */

#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <x86intrin.h>

#include "xe_bench.h"
#include "xe_model.h"

#define TRACING		"/sys/kernel/tracing/"
#define WARM_UP		2
/* of cases that take long */
#define LONG_WARM_UP	1
#define STILL		20
#define SETTLE_TRIES	2000
#define REPLY_BYTES	(4 << 20)
/* Far from what the cases map, so that it shares no table but the root with them. */
#define ROUSE_ADDR	0x400000000000ULL

/* --- the model -------------------------------------------------------------------------------- */

static int port = -1;

/* The reply to @request, without its line end, in @reply of REPLY_BYTES. */
static void ask_model(const char *request, char *reply)
{
	if (xe_model_ask(port, request, reply, REPLY_BYTES))
		bench_die("the model does not answer");
}

/* The part of a reply that changes only when something happens. */
static const char *counters_in(const char *reply)
{
	const char *at = strstr(reply, "\"counters\":");

	if (!at)
		bench_die(reply);
	return at;
}

/* Print the counters once they stand still: then all that a call has set off is over. */
static void print_counters(const char *name)
{
	static char replies[2][REPLY_BYTES];
	int i, same = 0;

	ask_model("counters\n", replies[0]);
	for (i = 1; i <= SETTLE_TRIES && same < STILL; i++) {
		ask_model("counters\n", replies[i % 2]);
		same = strcmp(counters_in(replies[0]), counters_in(replies[1])) ? 0 : same + 1;
	}
	printf("\"%s\": %s, ", name, replies[0]);
}

/* Print the page tables of each address space that the model knows. */
static void print_tables(const char *name)
{
	static char spaces[REPLY_BYTES], reply[REPLY_BYTES];
	static const char key[] = "\"root\":\"";
	const char *separator = "";
	char *at = spaces;

	ask_model("spaces\n", spaces);
	printf("\"%s\": [", name);
	while ((at = strstr(at, key))) {
		char request[64];

		at += strlen(key);
		snprintf(request, sizeof(request), "tables 0x%llx\n", strtoull(at, NULL, 16));
		ask_model(request, reply);
		printf("%s%s", separator, reply);
		separator = ", ";
	}
	printf("], ");
}

/* --- the kernel ------------------------------------------------------------------------------- */

/**
 * struct memory - what was allocated while the histograms ran
 * @objects: objects of slab caches, kmalloc() included
 * @object_bytes: their sizes
 * @blocks: blocks of the page allocator, those that the caches take included
 * @block_bytes: their sizes
 */
struct memory {
	unsigned long long objects;
	unsigned long long object_bytes;
	unsigned long long blocks;
	unsigned long long block_bytes;
};

/**
 * struct event - an event of an allocator
 * @system: system it belongs to
 * @name: its name
 * @histogram: the trigger that counts it
 * @add: adds a row of the histogram
 */
struct event {
	const char *system;
	const char *name;
	const char *histogram;
	void (*add)(struct memory *m, const char *row);
};

/* Has no event of its own. */
static const char bulk_probe[] =
	"p:xe_bench/bulk kmem_cache_alloc_bulk_noprof size=s->object_size:u32 n=size:u64";

static int marker = -1;

/* A row is { KEY: number } hitcount: number  VALUE: number */
static unsigned long long number_behind(const char *row, const char *word)
{
	const char *at = strstr(row, word);

	at = at ? strchr(at, ':') : NULL;
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

static void add_objects(struct memory *m, const char *row)
{
	m->objects += number_behind(row, "hitcount");
	m->object_bytes += number_behind(row, "bytes_alloc");
}

static void add_bulk(struct memory *m, const char *row)
{
	unsigned long long n = number_behind(row, " n:");

	m->objects += n;
	m->object_bytes += n * number_behind(row, "size");
}

static void add_blocks(struct memory *m, const char *row)
{
	unsigned long long n = number_behind(row, "hitcount");

	m->blocks += n;
	m->block_bytes += n * XE_PAGE << number_behind(row, "order");
}

static const struct event events[] = {
	{ "kmem", "kmalloc", "hist:keys=common_type:vals=bytes_alloc:pause", add_objects },
	{ "kmem", "kmem_cache_alloc", "hist:keys=common_type:vals=bytes_alloc:pause",
	  add_objects },
	{ "xe_bench", "bulk", "hist:keys=size:vals=n:pause", add_bulk },
	{ "kmem", "mm_page_alloc", "hist:keys=order:pause", add_blocks },
};

#define N_EVENTS	(sizeof(events) / sizeof(*events))

static void put(const char *file, const char *text)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		bench_die(text);
	close(fd);
}

/*
 * Have the histogram of @e run from count_on() to count_off(). One event cannot do both: a line for
 * the trace switches it on, a system call that nobody uses switches it off.
 */
static void set_up_event(const struct event *e)
{
	char text[200];

	snprintf(text, sizeof(text), "events/%s/%s/trigger", e->system, e->name);
	put(text, e->histogram);
	snprintf(text, sizeof(text), "enable_hist:%s:%s if buf == \"on\"", e->system, e->name);
	put("events/ftrace/print/trigger", text);
	snprintf(text, sizeof(text), "disable_hist:%s:%s", e->system, e->name);
	put("events/syscalls/sys_enter_personality/trigger", text);
}

static void count_on(void)
{
	if (write(marker, "on", 2) != 2)
		bench_die("trace_marker");
}

static void count_off(void)
{
	/* Asks, and changes nothing. */
	personality(0xffffffff);
}

static struct memory read_memory(void)
{
	struct memory m = { 0 };
	char path[200], row[512];
	unsigned int i;

	for (i = 0; i < N_EVENTS; i++) {
		FILE *file;

		snprintf(path, sizeof(path), TRACING "events/%s/%s/hist", events[i].system,
			 events[i].name);
		file = fopen(path, "r");
		if (!file)
			bench_die(path);
		while (fgets(row, sizeof(row), file))
			if (*row == '{')
				events[i].add(&m, row);
		fclose(file);
	}
	return m;
}

static void print_memory(struct memory from, struct memory to)
{
	printf("\"memory\": {\"objects\": %llu, \"object bytes\": %llu, \"blocks\": %llu, "
	       "\"block bytes\": %llu}", to.objects - from.objects,
	       to.object_bytes - from.object_bytes, to.blocks - from.blocks,
	       to.block_bytes - from.block_bytes);
}

void bench_count_open(void)
{
	unsigned int i;

	port = xe_model_open();
	if (port < 0)
		bench_die("no serial port " XE_MODEL_PORT " to the model");
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		bench_die("mount tracefs");
	put("kprobe_events", bulk_probe);
	for (i = 0; i < N_EVENTS; i++)
		set_up_event(&events[i]);
	marker = open(TRACING "trace_marker", O_WRONLY | O_CLOEXEC);
	if (marker < 0)
		bench_die("trace_marker");
}

/* --- samples ---------------------------------------------------------------------------------- */

/* The model learns of an address space from a job in it. */
static void rouse_vm(struct bench *b)
{
	struct drm_xe_engine_class_instance eci;
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(b->fd, 0));
	struct drm_xe_exec args = {
		.num_batch_buffer = 1,
		.address = ROUSE_ADDR,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	uint32_t bo = xe_gem_create(b->fd, XE_PAGE, b->vm);
	uint32_t *batch = bo ? xe_gem_map(b->fd, bo, XE_PAGE) : MAP_FAILED;

	if (batch == MAP_FAILED || xe_find_engines(b->fd, 1, &eci))
		bench_die("batch");
	*batch = XE_MI_BATCH_END;
	bench_check("VM_BIND", xe_bind_wait(b->fd, b->vm, bo, ROUSE_ADDR, XE_PAGE));
	args.exec_queue_id = xe_queue_create(b->fd, b->vm, &eci);
	bench_check("EXEC", xe_call(b->fd, DRM_IOCTL_XE_EXEC, &args));
	bench_check("SYNCOBJ_WAIT", xe_syncobj_wait(b->fd, sync.handle, 60 * NSEC_PER_SEC));
}

static void count_sample(const struct bench_case *c, struct bench *b)
{
	struct memory before, after;

	if (c->before)
		c->before(b);
	printf("{");
	print_tables("tables before");
	print_counters("before");
	before = read_memory();
	count_on();
	bench_profile_on();
	c->run(b);
	/* What a call leaves to kernel threads belongs to it. */
	bench_let_others_run();
	bench_profile_off();
	count_off();
	after = read_memory();
	print_counters("after");
	print_tables("tables after");
	print_memory(before, after);
	printf("}");
	if (c->after)
		c->after(b);
}

void bench_count(const struct bench_case *c, unsigned int samples)
{
	unsigned int warm_up = c->samples ? LONG_WARM_UP : WARM_UP;
	struct bench b = { .fd = -1 };
	unsigned int i;

	if (c->setup)
		c->setup(&b);
	if (b.vm)
		rouse_vm(&b);
	for (i = 0; i < warm_up; i++) {
		if (c->before)
			c->before(&b);
		c->run(&b);
		if (c->after)
			c->after(&b);
	}
	printf("{\"case\": \"%s\", \"per\": %u, \"samples\": [", c->name, c->per);
	for (i = 0; i < samples; i++) {
		printf(i ? ", " : "");
		count_sample(c, &b);
	}
	printf("]}\n");
	fflush(stdout);
}
