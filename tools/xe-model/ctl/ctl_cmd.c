// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Commands of the control socket
 *
 * A request is a line of words. The first names a row of the table below, which says how many
 * arguments there may be; the last argument of some commands is the rest of the line, so that file
 * names may have spaces. The result of a command is a JSON object:
 *
 *	{"ok": true, "result": {...}}	or	{"ok": false, "error": "why", "usage": false}
 *
 * where "usage" says that the request can never work as it is written. A result with a true member
 * "failed" is one of a check that found something.
 *
 * Locking: commands run on the thread of the control socket and hold one lock at a time: the
 * firmware's to copy the contexts, an engine's (engine_visit()) to copy its state, and
 * dma_read_lock() for at most one table or dword. Each is waited for with a limit of one second or
 * held by its owner for a short time only. Results are put together without any lock.
 */

#include "ctl/ctl_cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_MEMORY "{\"ok\": false, \"error\": \"no memory\", \"usage\": false}\n"

/**
 * struct ctl_command - a row of the table of commands
 * @name: first word of the request
 * @args: arguments, for the help
 * @help: what it does
 * @min: fewest arguments
 * @max: most arguments
 * @rest: argument @max is the rest of the line
 * @run: carries it out
 */
struct ctl_command {
	const char *name;
	const char *args;
	const char *help;
	unsigned int min;
	unsigned int max;
	bool rest;
	json_t *(*run)(struct ctl_request *r);
};

static json_t *help(struct ctl_request *r);

static const struct ctl_command commands[] = {
	{ "help", "", "list the commands", 0, 0, false, help },
	{ "engines", "[NAME]", "engines; with a name, its last commands too", 0, 1, false,
	  ctl_engines },
	{ "contexts", "", "registered contexts", 0, 0, false, ctl_contexts },
	{ "spaces", "", "address spaces of the registered contexts", 0, 0, false, ctl_spaces },
	{ "map", "ROOT|ctx:ID [FIRST [LAST]]", "an address space, merged into runs", 1, 3, false,
	  ctl_map },
	{ "tables", "ROOT|ctx:ID", "where the page tables of an address space are", 1, 1, false,
	  ctl_tables },
	{ "check", "ROOT|ctx:ID FILE", "compare an address space with what FILE expects", 2, 2,
	  true, ctl_check },
	{ "translate", "ROOT|ctx:ID VA", "walk to an address, and what TLBs say about it", 2, 2,
	  false, ctl_translate },
	{ "ggtt", "[FIRST [LAST]]", "present entries of the global table, merged", 0, 2, false,
	  ctl_ggtt },
	{ "tlb", "[ENGINE [ROOT|ctx:ID]]",
	  "cached entries by engine and root; with an engine, each", 0, 2, false, ctl_tlb },
	{ "counters", "", "statistics since the start", 0, 0, false, ctl_counters },
	{ "violations", "", "broken rules, and the last reports", 0, 0, false, ctl_violations },
	{ "fault", "SPEC", "order a fault, as --fault does", 1, 1, true, ctl_fault },
	{ "faults", "[clear]", "ordered faults; or forget all of them", 0, 1, false, ctl_faults },
	{ "trace", "[on FILE | off | registers on|off]", "whether a trace is written; begin, end",
	  0, 2, true, ctl_trace },
	{ "dump", "", "state of everything as text", 0, 0, false, ctl_dump },
	{ "quit", "", "end the model", 0, 0, false, ctl_quit },
};

static json_t *help(struct ctl_request *r)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "command",
						      commands[i].name, "arguments",
						      commands[i].args, "does", commands[i].help));
	return json_pack("{s:o}", "commands", list);
}

/* --- helpers ---------------------------------------------------------------------------------- */

json_t *ctl_fail(struct ctl_request *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return NULL;
}

json_t *ctl_misuse(struct ctl_request *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	r->usage = true;
	return NULL;
}

json_t *ctl_hex(u64 value)
{
	return json_sprintf("0x%llx", (unsigned long long)value);
}

json_t *ctl_size(u64 bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned int i = 0;

	while (i + 1 < ARRAY_SIZE(units) && bytes && !(bytes % 1024)) {
		bytes /= 1024;
		i++;
	}
	return json_sprintf("%llu %s", (unsigned long long)bytes, units[i]);
}

bool ctl_number(struct ctl_request *r, const char *text, const char *what, u64 max, u64 *value)
{
	bool hex = !strncmp(text, "0x", 2) || !strncmp(text, "0X", 2);
	const char *digits = hex ? text + 2 : text;
	unsigned long long v;
	char *end;

	/* strtoull() takes blanks, signs and a second 0x, which are no numbers here. */
	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") !=
			strlen(digits)) {
		ctl_misuse(r, "%s: \"%.40s\" is no number (decimal, or hexadecimal with 0x)", what,
			   text);
		return false;
	}
	errno = 0;
	v = strtoull(digits, &end, hex ? 16 : 10);
	if (errno || v > max) {
		ctl_misuse(r, "%s: %s is larger than 0x%llx", what, text, (unsigned long long)max);
		return false;
	}
	*value = v;
	return true;
}

bool ctl_range(struct ctl_request *r, unsigned int at, u64 max, u64 *first, u64 *last)
{
	*first = 0;
	*last = max;
	if (r->n_args > at && !ctl_number(r, r->arg[at], "first address", max, first))
		return false;
	if (r->n_args > at + 1 && !ctl_number(r, r->arg[at + 1], "last address", max, last))
		return false;
	if (*first <= *last)
		return true;
	ctl_misuse(r, "the first address lies behind the last one");
	return false;
}

/* --- requests --------------------------------------------------------------------------------- */

static char *dump_reply(json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	char *line = NULL;

	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(reply);
	return line ? line : strdup(NO_MEMORY);
}

static char *error_reply(const char *why, bool usage)
{
	json_t *text = json_string(why);

	/* A word that was cut short may end in half a character. */
	if (!text)
		text = json_string("the request cannot be understood");
	return dump_reply(json_pack("{s:b, s:o, s:b}", "ok", 0, "error", text, "usage", usage));
}

char *ctl_refuse(const char *why)
{
	return error_reply(why, false);
}

static const struct ctl_command *find_command(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* The next word at *@at, or all that is left if @rest. Return: NULL if there is none. */
static char *next_word(char **at, bool rest)
{
	char *word = *at + strspn(*at, " \t");
	size_t len = rest ? strlen(word) : strcspn(word, " \t");

	if (!*word)
		return NULL;
	while (rest && len && strchr(" \t", word[len - 1]))
		len--;
	*at = word + len;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

static json_t *run_request(struct ctl_request *r, char *text)
{
	char *name = next_word(&text, false);
	const struct ctl_command *c = name ? find_command(name) : NULL;
	char *word;

	if (!name)
		return ctl_misuse(r, "empty request; try \"help\"");
	if (!c)
		return ctl_misuse(r, "there is no command \"%.40s\"; try \"help\"", name);
	while ((word = next_word(&text, c->rest && r->n_args + 1 == c->max))) {
		if (r->n_args == c->max)
			return ctl_misuse(r, "too many arguments; usage: %s %s", c->name, c->args);
		r->arg[r->n_args++] = word;
	}
	if (r->n_args < c->min)
		return ctl_misuse(r, "too few arguments; usage: %s %s", c->name, c->args);
	return c->run(r);
}

/* Printable characters in UTF-8 only: the words of a request come back in error texts. */
static bool readable(const char *line, size_t len)
{
	json_t *probe = json_stringn(line, len);

	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			len = 0;
	json_decref(probe);
	return probe && len;
}

char *ctl_execute(const struct ctl_env *env, const char *line, size_t len)
{
	struct ctl_request r = { .env = env };
	json_t *result = NULL;
	char *text;

	if (len && line[len - 1] == '\r')
		len--;
	if (len && !readable(line, len))
		return error_reply("the request is not a line of readable text", true);
	text = strndup(line, len);
	if (text)
		result = run_request(&r, text);
	free(text);
	if (result)
		return dump_reply(json_pack("{s:b, s:o}", "ok", 1, "result", result));
	return error_reply(*r.error ? r.error : "no memory", r.usage);
}
