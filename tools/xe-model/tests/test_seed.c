// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Stepped mode as a whole: the same script with the same seed gives the same trace, the same
 * register reads and the same memory, in this process and over a socket.
 */

#include "tests/lib_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus/irq.h"
#include "fw/guc.h"
#include "tests/lib_client.h"
#include "tests/lib_cmocka.h"
#include "util/log.h"
#include "util/trace.h"

/**
 * struct outcome - what a run left behind
 * @scene: what the script saw
 * @trace: the trace file
 * @trace_len: bytes of @trace
 * @memory: all memory, by hash
 */
struct outcome {
	struct scene scene;
	char *trace;
	size_t trace_len;
	u64 memory;
};

static char dir[32];

static const char *in_dir(const char *name)
{
	static char path[2][128];
	static unsigned int turn;
	char *p = path[turn++ % 2];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static void load_trace(struct outcome *o)
{
	FILE *f = fopen(in_dir("trace"), "re");
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	o->trace_len = (size_t)st.st_size;
	o->trace = malloc(o->trace_len + 1);
	assert_non_null(o->trace);
	assert_int_equal(fread(o->trace, 1, o->trace_len, f), o->trace_len);
	o->trace[o->trace_len] = 0;
	fclose(f);
}

static u64 hash(const u8 *bytes, size_t n)
{
	u64 h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < n; i += sizeof(u64))
		h = (h ^ *(const u64 *)(bytes + i)) * 0x100000001b3ull;
	return h;
}

static void finish(struct outcome *o, struct machine *m)
{
	o->memory = hash(m->mem, MEM_BYTES);
	close(o->scene.irq_fd);
	load_trace(o);
}

/* --- in this process -------------------------------------------------------------------------- */

static void run_here(u64 seed, struct outcome *o)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .stepped = true,
				       .strict = true, .ggtt_map = true };
	unsigned long before = log_violations();
	struct machine *m;

	memset(o, 0, sizeof(*o));
	assert_int_equal(trace_open(in_dir("trace")), 0);
	assert_int_equal(machine_setup_with((void **)&m, &cfg), 0);
	assert_int_equal(xm_fw_create(m->dev), 0);
	host_prepare(m);
	o->scene.m = m;
	o->scene.irq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(irq_set_fd(m->dev->irq, IRQ_MSI, 0, dup(o->scene.irq_fd)), 0);
	scene_play(&o->scene);
	assert_int_equal(log_violations(), before);
	xm_fw_destroy(m->dev);
	trace_close();
	finish(o, m);
	machine_teardown((void **)&m);
}

/* --- over a socket ---------------------------------------------------------------------------- */

/* The program lies beside the directory of the tests. */
static void find_program(char *path)
{
	char self[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	snprintf(path, PATH_MAX, "%s/../xe-model-san", dirname(self));
	assert_int_equal(access(path, X_OK), 0);
}

static pid_t start_program(u64 seed)
{
	char program[PATH_MAX], number[24];
	pid_t pid;

	find_program(program);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
	pid = fork();
	if (!pid) {
		if (!freopen(in_dir("output"), "w", stdout) ||
		    !freopen(in_dir("output"), "a", stderr))
			_exit(126);
		execl(program, program, "--socket", in_dir("socket"), "--once", "--stepped",
		      "--seed", number, "--trace", in_dir("trace"), NULL);
		_exit(127);
	}
	return pid;
}

static int connect_program(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", in_dir("socket"));
	for (unsigned int tries = 0; tries < 1000; tries++) {
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		usleep(10000);
	}
	return -1;
}

/* Map all memory in the global table, in one message. */
static void fill_table(struct client *c)
{
	static struct {
		struct vfu_access a;
		u64 entry[MEM_BYTES / SZ_4K];
	} body;

	body.a.offset = xm_platform_find("tgl")->ggtt_offset + (MEM_GGTT >> 12) * sizeof(u64);
	body.a.count = sizeof(body.entry);
	for (u32 i = 0; i < ARRAY_SIZE(body.entry); i++)
		body.entry[i] = (MEM_DMA + i * (u64)SZ_4K) | GGTT_PRESENT;
	assert_int_equal(client_simple(c, VFU_REGION_WRITE, &body, sizeof(body)), 0);
}

/* What firmware and kernel of a guest would do: memory, interrupt, bus master, global table. */
static void connect_machine(struct machine *m, struct client *c, int irq_fd)
{
	int fd = connect_program();

	assert_true(fd >= 0);
	client_init(c, fd);
	m->client = c;
	m->stepped = true;
	assert_int_equal(client_version(c), 0);
	assert_int_equal(client_map(c, MEM_DMA, MEM_BYTES, DMA_READ | DMA_WRITE, m->fd, 0), 0);
	assert_int_equal(client_set_irqs(c, VFU_IRQ_DATA_EVENTFD | VFU_IRQ_ACT_TRIGGER, IRQ_MSI, 0,
					 1, &irq_fd, 1), 0);
	assert_int_equal(client_write(c, VFU_REGION_CONFIG, 4, 2, 6, 0), 0);
	fill_table(c);
}

static void run_there(u64 seed, struct outcome *o)
{
	static struct client c;
	pid_t pid = start_program(seed);
	struct machine *m;
	int status;

	memset(o, 0, sizeof(*o));
	assert_int_equal(machine_setup_memory((void **)&m), 0);
	host_prepare(m);
	o->scene.m = m;
	o->scene.irq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	connect_machine(m, &c, o->scene.irq_fd);
	scene_play(&o->scene);
	client_close(&c);
	/* Status 3 would mean that the script broke a rule. */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	finish(o, m);
	machine_teardown((void **)&m);
}

/* --- comparisons ------------------------------------------------------------------------------ */

static void same_line(const char *a, const char *b)
{
	unsigned int line = 1;

	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	if (*a != *b)
		fail_msg("the traces differ in line %u: \"%.60s\" and \"%.60s\"", line, a, b);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	same_line(a->trace, b->trace);
	assert_int_equal(a->scene.reads, b->scene.reads);
	assert_int_equal(a->scene.irqs, b->scene.irqs);
	assert_int_equal(a->scene.messages, b->scene.messages);
	assert_int_equal(a->memory, b->memory);
}

static void assert_different(const struct outcome *a, const struct outcome *b)
{
	assert_false(a->trace_len == b->trace_len && !memcmp(a->trace, b->trace, a->trace_len));
	assert_int_not_equal(a->scene.reads, b->scene.reads);
}

static void compare(void (*run)(u64 seed, struct outcome *o), u64 seeds)
{
	struct outcome first, again, last = { .trace = NULL };

	for (u64 seed = 0; seed < seeds; seed++) {
		run(seed, &first);
		run(seed, &again);
		assert_same(&first, &again);
		free(again.trace);
		assert_true(first.trace_len > 10000);
		if (last.trace)
			assert_different(&first, &last);
		free(last.trace);
		last = first;
	}
	free(last.trace);
}

static void in_process(void **state)
{
	compare(run_here, 4);
}

static void over_a_socket(void **state)
{
	compare(run_there, 2);
}

static int make_dir(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/xe-model-seed-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	unlink(in_dir("trace"));
	unlink(in_dir("output"));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_process),
		cmocka_unit_test(over_a_socket),
	};

	return cmocka_run_group_tests_name("seed", tests, make_dir, remove_dir);
}
