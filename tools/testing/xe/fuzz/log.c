// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static int log_fd = -1;

/* Read the kernel log from here on. Return: false if that is not allowed */
bool log_begin(void)
{
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return log_fd >= 0 && lseek(log_fd, 0, SEEK_END) >= 0;
}

static bool is_complaint(const char *line)
{
	static const char * const words[] = {
		"WARNING:", "BUG:", "Oops", "general protection", "KASAN", "UBSAN", "refcount_t:",
		"INFO: task", "INFO: possible", "corruption", "sleeping function", "*ERROR*",
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

/* Whether the kernel has complained since the last call; @text gets the first line of it. */
bool log_is_bad(char *text, size_t size)
{
	char record[2048];
	bool bad = false;
	ssize_t n;

	while (log_fd >= 0) {
		char *line;

		n = read(log_fd, record, sizeof(record) - 1);
		/* Records were overwritten before they could be read. */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		record[n] = '\0';
		line = strchr(record, ';');
		if (bad || !line || !is_complaint(line))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "kernel log: %s", line + 1);
		bad = true;
	}
	return bad;
}
