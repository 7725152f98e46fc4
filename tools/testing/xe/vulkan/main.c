// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * usage: vks DIRECTORY
 *
 * Sparse binding as Vulkan offers it, in three processes: "one" does all checks that need no other
 * process, then "left" and "right" bind at the same time. DIRECTORY is shared with the harness, see
 * report.c. No library is entered before the processes part, so that each has a device of its own.
 */
#include "vks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Seconds a process may take */
#define PROCESS_LIMIT 420

static struct vks client;

static void one(void)
{
	device_open(&client, "one");
	test_batches(&client);
	test_aliases(&client);
	test_image(&client);
	test_semaphores(&client);
	test_contents(&client);
	expect(true, "came to the end", "process one");
}

/* Both are at the same place when this returns true. */
static bool meet(int link)
{
	char c = 'x';

	return write(link, &c, 1) == 1 && read(link, &c, 1) == 1;
}

static void half(const char *name, uint32_t seed, int link)
{
	char what[64];

	device_open(&client, name);
	for (uint32_t i = 0; i < 3; i++) {
		if (!expect(meet(link), "both processes go on", "waited for the other one"))
			return;
		test_threads(&client, seed + i);
		snprintf(what, sizeof(what), "two processes, two queues each: round %u", i + 1);
		check_pages(&client, what);
	}
	/* Whoever ends first would take a part of the load away. */
	meet(link);
	expect(true, "came to the end", "process %s", name);
}

/**
 * struct part - what a process does
 * @name: of the process
 * @seed: of its random numbers
 * @link: socket to the other process, or -1
 * @other: the other end of it, which has to be closed here
 * @pid: of the process
 */
struct part {
	const char *name;
	uint32_t seed;
	int link;
	int other;
	pid_t pid;
};

static void part_start(struct part *p, const char *directory)
{
	p->pid = fork();
	if (p->pid < 0) {
		perror("fork");
		exit(2);
	}
	if (p->pid)
		return;
	report_open(directory, p->name);
	close(p->other);
	if (p->link < 0)
		one();
	else
		half(p->name, p->seed, p->link);
	/* Leave the device as a crash would. */
	_exit(0);
}

/* Waits for the process, ends it if it takes too long. Return: 0 if all went well */
static int part_end(struct part *p)
{
	const struct timespec nap = { .tv_nsec = 100000000 };
	int status = 0;

	for (int i = 0; i < PROCESS_LIMIT * 10; i++) {
		if (waitpid(p->pid, &status, WNOHANG) == p->pid) {
			if (status)
				fprintf(stderr, "%s ended with status 0x%x\n", p->name, status);
			return status;
		}
		nanosleep(&nap, NULL);
	}
	fprintf(stderr, "%s does not end\n", p->name);
	kill(p->pid, SIGKILL);
	waitpid(p->pid, &status, 0);
	return status;
}

int main(int argc, char **argv)
{
	struct part alone = { .name = "one", .link = -1, .other = -1 };
	struct part left = { .name = "left", .seed = 100 };
	struct part right = { .name = "right", .seed = 900 };
	int link[2], bad;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	part_start(&alone, argv[1]);
	bad = part_end(&alone);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, link)) {
		perror("socketpair");
		return 2;
	}
	left.link = link[0];
	left.other = link[1];
	right.link = link[1];
	right.other = link[0];
	part_start(&left, argv[1]);
	part_start(&right, argv[1]);
	close(link[0]);
	close(link[1]);
	bad |= part_end(&left);
	bad |= part_end(&right);
	return bad ? 1 : 0;
}
