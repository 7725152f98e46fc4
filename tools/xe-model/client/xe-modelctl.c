// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: xe-modelctl
 *
 * Sends one command to the control socket of a running xe-model and prints the reply, as text for
 * people or as JSON. The commands are the model's: "help" asks it for them.
 */

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/show.h"

#define EXIT_USAGE 2
#define REQUEST_BYTES 4096u
#define DEFAULT_WAIT_S 60

/**
 * struct options - command line
 * @json: print JSON
 * @since: file with an earlier reply to "counters", or NULL
 * @socket: path of the control socket
 * @words: the command
 * @n_words: number of @words
 */
struct options {
	bool json;
	const char *since;
	const char *socket;
	char **words;
	int n_words;
};

static const char usage[] =
	"usage: xe-modelctl [options] SOCKET COMMAND [ARGUMENT...]\n\n"
	"Looks into a running xe-model that was started with --control SOCKET.\n\n"
	"  --json         print the result as JSON\n"
	"  --since FILE   counters only: the difference to FILE, written earlier by\n"
	"                 xe-modelctl --json SOCKET counters > FILE\n"
	"  --help         this text\n\n"
	"\"xe-modelctl SOCKET help\" asks the model for its commands. Numbers are decimal, or\n"
	"hexadecimal with 0x. A root is a root descriptor or the address of a root table;\n"
	"ctx:ID is the address space of a context.\n\n"
	"exit status: 0 good, 1 the command failed or a check found something, 2 bad usage\n";

/* Return: -1 to go on, or the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "since", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int id;

	while ((id = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (id) {
		case 'j':
			o->json = true;
			break;
		case 's':
			o->since = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (argc - optind < 2) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	o->socket = argv[optind];
	o->words = argv + optind + 1;
	o->n_words = argc - optind - 1;
	if (o->since && strcmp(o->words[0], "counters")) {
		fputs("xe-modelctl: --since goes with the command counters only\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

/* A word as the model needs it: names of files are its own only if they are absolute. */
static char *full_word(const struct options *o, int i)
{
	const char *const *at;
	static const char *const with_file[] = { "check", "trace", NULL };
	char *cwd, *path = NULL;

	for (at = with_file; *at && strcmp(o->words[0], *at); at++)
		;
	if (!*at || i != 2 || o->words[i][0] == '/')
		return strdup(o->words[i]);
	cwd = getcwd(NULL, 0);
	if (!cwd || asprintf(&path, "%s/%s", cwd, o->words[i]) < 0)
		path = NULL;
	free(cwd);
	return path;
}

/* Return: 0 or -errno. */
static int make_request(const struct options *o, char *line, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < o->n_words; i++) {
		char *word = full_word(o, i);
		int n = word && !strchr(word, '\n') ?
				snprintf(line + at, size - at, "%s%s", i ? " " : "", word) : -1;

		free(word);
		if (n < 0)
			return -EINVAL;
		at += (size_t)n;
		if (at + 2 > size)
			return -E2BIG;
	}
	line[at] = '\n';
	line[at + 1] = '\0';
	return 0;
}

/* Return: descriptor or -errno. */
static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = DEFAULT_WAIT_S };
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Send @line and read one line. Return: the reply, NULL with errno set. */
static char *converse(int fd, const char *line)
{
	FILE *in = fdopen(fd, "r");
	char *reply = NULL;
	size_t size = 0;

	if (!in) {
		close(fd);
		return NULL;
	}
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line) ||
	    getline(&reply, &size, in) < 0) {
		if (feof(in))
			errno = ECONNRESET;
		free(reply);
		reply = NULL;
	}
	fclose(in);
	return reply;
}

/* Return: the reply's object, NULL after saying why there is none. */
static json_t *ask(const struct options *o)
{
	char line[REQUEST_BYTES];
	json_error_t where;
	json_t *reply;
	char *text;
	int fd, err = make_request(o, line, sizeof(line));

	if (err) {
		fprintf(stderr, "xe-modelctl: the command cannot be sent: %s\n", strerror(-err));
		return NULL;
	}
	fd = connect_to(o->socket);
	text = fd >= 0 ? converse(fd, line) : NULL;
	if (!text) {
		fprintf(stderr, "xe-modelctl: %s: %s\n", o->socket,
			strerror(fd < 0 ? -fd : errno));
		return NULL;
	}
	reply = json_loads(text, 0, &where);
	free(text);
	if (!reply || !json_is_boolean(json_object_get(reply, "ok"))) {
		fprintf(stderr, "xe-modelctl: %s: no reply of an xe-model\n", o->socket);
		json_decref(reply);
		return NULL;
	}
	return reply;
}

/* Replace *@result by its difference to the file. Return: false after saying why not. */
static bool subtract(json_t **result, const char *file)
{
	json_error_t where;
	json_t *before = json_load_file(file, 0, &where), *difference;

	if (!json_is_object(before)) {
		fprintf(stderr, "xe-modelctl: %s: %s\n", file,
			before ? "not the output of counters" : where.text);
		json_decref(before);
		return false;
	}
	difference = show_difference(*result, before);
	json_decref(before);
	json_decref(*result);
	*result = difference;
	return true;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int status = parse_options(&o, argc, argv);
	json_t *reply, *result;

	if (status >= 0)
		return status;
	reply = ask(&o);
	if (!reply)
		return EXIT_FAILURE;
	if (!json_is_true(json_object_get(reply, "ok"))) {
		fprintf(stderr, "xe-modelctl: %s\n",
			json_string_value(json_object_get(reply, "error")));
		status = json_is_true(json_object_get(reply, "usage")) ? EXIT_USAGE : EXIT_FAILURE;
		json_decref(reply);
		return status;
	}
	result = json_incref(json_object_get(reply, "result"));
	json_decref(reply);
	status = !o.since || subtract(&result, o.since) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (!status && o.json) {
		json_dumpf(result, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!status) {
		show(stdout, result);
	}
	if (!status && json_is_true(json_object_get(result, "failed")))
		status = EXIT_FAILURE;
	json_decref(result);
	return fflush(stdout) ? EXIT_FAILURE : status;
}
