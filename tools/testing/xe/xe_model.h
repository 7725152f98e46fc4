/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * The control socket of the device model, which the harness may show to a guest as a serial port.
 */
#ifndef _XE_MODEL_H_
#define _XE_MODEL_H_

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define XE_MODEL_PORT	"xe.model"
#define XE_MODEL_PORTS	"/sys/class/virtio-ports"

/* Open the port; -1 with errno if there is none. */
static inline int xe_model_open(void)
{
	char path[300], name[32] = "";
	struct dirent *entry;
	DIR *dir = opendir(XE_MODEL_PORTS);

	while (dir && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), XE_MODEL_PORTS "/%s/name", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%31s", name) != 1)
			*name = '\0';
		fclose(file);
		if (strcmp(name, XE_MODEL_PORT))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		closedir(dir);
		return open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	errno = ENOENT;
	return -1;
}

/* The reply to @request, a line, without its line end; -1 if there is none, or it is too long. */
static inline int xe_model_ask(int port, const char *request, char *reply, size_t size)
{
	size_t len = strlen(request), n = 0;

	if (write(port, request, len) != (ssize_t)len)
		return -1;
	do {
		ssize_t got = read(port, reply + n, size - 1 - n);

		if (got <= 0)
			return -1;
		n += got;
	} while (reply[n - 1] != '\n');
	reply[n - 1] = '\0';

	return 0;
}

#endif
