// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Measures the socket path the way a guest uses it: starts the model, connects, and times register
 * reads, writes and mixed messages over the real connection.
 *
 *	bench_vfu PATH-OF-XE-MODEL [SECONDS-PER-LINE]
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib_client.h"
#include "util/clock.h"

#define MAX_SAMPLES 2000000u
#define NSEC_PER_SEC 1000000000ull
#define BURST 4096u

static u32 samples[MAX_SAMPLES];

/**
 * struct run - one line of the table
 * @name: what is measured
 * @spin: value of --spin-us
 * @map: the GGTT is mappable
 * @pause_us: time between two requests, as a busy guest would need
 * @fn: does one unit of work; returns the number of messages or operations it stands for
 */
struct run {
	const char *name;
	const char *spin;
	bool map;
	unsigned int pause_us;
	unsigned int (*fn)(struct client *c);
};

static void die(const char *what)
{
	fprintf(stderr, "bench_vfu: %s\n", what);
	exit(1);
}

static unsigned int do_read(struct client *c)
{
	u64 v;

	if (client_read(c, 0, 0x130044, 4, &v))
		die("read failed");
	return 1;
}

static unsigned int do_write(struct client *c)
{
	if (client_write(c, 0, 0x190244, 4, 1, 0))
		die("write failed");
	return 1;
}

static unsigned int do_posted(struct client *c)
{
	for (unsigned int i = 0; i < BURST; i++)
		if (client_write(c, 0, 0x800000 + 8 * i, 8, i, VFU_NO_REPLY))
			die("posted write failed");
	return BURST + do_read(c);
}

static unsigned int do_multi(struct client *c)
{
	struct {
		u64 n;
		struct vfu_multi_entry e[VFU_MAX_MULTI];
	} body = { .n = VFU_MAX_MULTI };
	const struct client_msg m = {
		.cmd = VFU_WRITE_MULTI,
		.flags = VFU_NO_REPLY,
		.body = &body,
		.len = sizeof(body),
	};

	for (u32 i = 0; i < VFU_MAX_MULTI; i++) {
		body.e[i].offset = 0x800000 + 8 * i;
		body.e[i].count = 8;
	}
	for (unsigned int i = 0; i < 20; i++)
		if (client_send(c, &m))
			die("write batch failed");
	return 20 * VFU_MAX_MULTI + do_read(c);
}

static const struct run runs[] = {
	{ "register read", "100", true, 0, do_read },
	{ "register read, no spinning", "0", true, 0, do_read },
	{ "register read, guest busy 50 us", "100", true, 50, do_read },
	{ "register write, acknowledged", "100", true, 0, do_write },
	{ "GGTT write, posted", "100", false, 0, do_posted },
	{ "GGTT write, batches of 200", "100", false, 0, do_multi },
};

static pid_t start_model(const char *model, const char *sock, const struct run *r)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(1);
		execl(model, model, "--socket", sock, "--once", "--spin-us", r->spin,
		      r->map ? NULL : "--no-ggtt-map", NULL);
		_exit(127);
	}
	return pid;
}

static int connect_model(const char *sock)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", sock);
	for (unsigned int tries = 0; fd >= 0 && tries < 500; tries++) {
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		usleep(10000);
	}
	die("cannot connect to the model");
	return -1;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static double percentile(size_t n, unsigned int p)
{
	size_t i = n * p / 100;

	return samples[i < n ? i : n - 1] / 1000.0;
}

static void busy_wait(unsigned int us)
{
	u64 until = clock_ns() + us * 1000ull;

	while (us && clock_ns() < until)
		;
}

static void measure(struct client *c, const struct run *r, double seconds)
{
	u64 start = clock_ns(), end = start + (u64)(seconds * NSEC_PER_SEC);
	u64 now = start, busy = 0, ops = 0;
	size_t n = 0;

	while (now < end && n < MAX_SAMPLES) {
		u64 before = clock_ns();

		ops += r->fn(c);
		now = clock_ns();
		busy += now - before;
		samples[n++] = (u32)XM_MIN(now - before, 0xffffffffull);
		busy_wait(r->pause_us);
	}
	qsort(samples, n, sizeof(samples[0]), compare);
	printf("%-34s %10.0f %9.1f %9.1f %9.1f %9.1f\n", r->name,
	       (double)ops * NSEC_PER_SEC / (double)busy, percentile(n, 50), percentile(n, 90),
	       percentile(n, 99), percentile(n, 100));
	fflush(stdout);
}

static void run_line(const char *model, const char *sock, const struct run *r, double seconds)
{
	pid_t pid = start_model(model, sock, r);
	static struct client c;
	int status;

	client_init(&c, connect_model(sock));
	if (client_version(&c))
		die("the model does not answer");
	measure(&c, r, seconds);
	client_close(&c);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		die("the model did not end well");
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/xe-model-bench-XXXXXX";
	char sock[64];
	double seconds = argc > 2 ? atof(argv[2]) : 1.0;

	if (argc < 2)
		die("usage: bench_vfu PATH-OF-XE-MODEL [SECONDS-PER-LINE]");
	if (!mkdtemp(dir))
		die("mkdtemp");
	snprintf(sock, sizeof(sock), "%s/sock", dir);

	printf("%-34s %10s %9s %9s %9s %9s\n", "operation", "per second", "50% us", "90% us",
	       "99% us", "max us");
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		run_line(argv[1], sock, &runs[i], seconds);
	printf("(posted writes and batches: times are for bursts of %u and %u with one read)\n",
	       BURST, 20 * VFU_MAX_MULTI);
	unlink(sock);
	rmdir(dir);
	return 0;
}
