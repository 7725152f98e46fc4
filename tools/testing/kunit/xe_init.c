// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The one program of the kernel that ran the KUnit suites: it has the leak detector look for what
 * they left behind, tells whether the checks of the kernel are still awake, and ends the machine.
 * A kernel that has complained once about a lock checks locks no more, and one that has run out
 * of room for objects tracks memory no more; a log without complaints would mean little then.
 *
 * What is said here is read by scripts/run/kunit.py.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#define KMEMLEAK	"/debug/kmemleak"
#define LOCKDEP		"/proc/lockdep_stats"

/* Objects younger than five seconds are not reported: pointers to them may still be in registers */
#define SETTLE_SECONDS	6

static void say(const char *name, const char *value)
{
	printf("xe-kunit: %s=%s\n", name, value);
	fflush(stdout);
}

/* A scan that was left out counts as one that failed. */
static int scan(void)
{
	int fd = open(KMEMLEAK, O_WRONLY);
	int ok = fd >= 0 && write(fd, "scan", 4) == 4;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int print_leaks(void)
{
	FILE *f = fopen(KMEMLEAK, "r");
	char line[256];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		n += !strncmp(line, "unreferenced object", 19);
		printf("kmemleak: %s", line);
	}
	fclose(f);
	return n;
}

static void leaks(void)
{
	char text[16] = "unknown";
	int n = -1;

	/* One scan alone may miss what has just moved. */
	sleep(SETTLE_SECONDS);
	if (scan() && scan())
		n = print_leaks();
	if (n >= 0)
		snprintf(text, sizeof(text), "%d", n);
	say("leaks", text);
}

static void locks(void)
{
	FILE *f = fopen(LOCKDEP, "r");
	char text[16] = "unknown";
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, " debug_locks: %15s", text);
	if (f)
		fclose(f);
	say("debug_locks", text);
}

int main(void)
{
	mkdir("/proc", 0755);
	mkdir("/debug", 0755);
	if (mount("proc", "/proc", "proc", 0, "") || mount("debugfs", "/debug", "debugfs", 0, ""))
		perror("xe-kunit: mount");
	locks();
	leaks();
	say("end", "1");
	reboot(RB_AUTOBOOT);
	return 1;
}
