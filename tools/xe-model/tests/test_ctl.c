// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The control socket: every command on a machine with contexts that run, what is refused, and the
 * socket with its client program.
 */

#include "tests/lib_guc.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "client/show.h"
#include "ctl/ctl.h"
#include "ctl/ctl_cmd.h"
#include "instructions/mi_cmds.h"
#include "tests/lib_cmocka.h"
#include "util/log.h"

#define SPIN_RENDER 0u
#define SPIN_COPY 1u
#define QUIET 2u
/* Nothing is there: a hook of the test makes it slow. */
#define SLOW_REGISTER 0x180000u

/* Counted on the thread of the control socket. */
static atomic_uint quits;

static void on_quit(void *ctx)
{
	quits++;
}

/* Two contexts that spin on their engines, one that is registered only. */
static int ctl_setup(void **state)
{
	struct machine *m;

	if (host_setup(state))
		return -1;
	m = *state;
	quits = 0;
	host_context(m, SPIN_RENDER, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, SPIN_COPY, GUC_CLASS_COPY, 1, host_normal);
	host_context(m, QUIET, GUC_CLASS_RENDER, 1, host_normal);
	for (u32 i = 0; i < 2; i++) {
		host_emit_spin(m, i, i, true);
		host_mode(m, i, 1);
		host_expect_mode(m, i, 1);
	}
	return machine_until(m, AT_DATA, 1) && machine_until(m, AT_DATA + 16, 1) ? 0 : -1;
}

static int ctl_teardown(void **state)
{
	host_end_spin(*state, 0);
	host_end_spin(*state, 1);
	return host_teardown(state);
}

/* Execute a request. Return: the whole reply, to be released. */
static json_t *ask(struct machine *m, const char *line)
{
	const struct ctl_env env = { .dev = m->dev, .quit = on_quit };
	char *text = ctl_execute(&env, line, strlen(line));
	json_t *reply;

	assert_non_null(text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	reply = json_loads(text, 0, NULL);
	assert_non_null(reply);
	free(text);
	return reply;
}

/* Execute a request that has to work. Return: the result, to be released. */
static json_t *result_of(struct machine *m, const char *line)
{
	json_t *reply = ask(m, line), *result;

	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s: %s", line, json_string_value(json_object_get(reply, "error")));
	result = json_incref(json_object_get(reply, "result"));
	assert_true(json_is_object(result));
	json_decref(reply);
	return result;
}

/* A request that has to be refused with a text that contains @why. */
static void expect_refusal(struct machine *m, const char *line, bool usage, const char *why)
{
	json_t *reply = ask(m, line);
	const char *error = json_string_value(json_object_get(reply, "error"));

	assert_true(json_is_false(json_object_get(reply, "ok")));
	assert_int_equal(json_is_true(json_object_get(reply, "usage")), usage);
	assert_non_null(error);
	if (!strstr(error, why))
		fail_msg("%s: refused with \"%s\", not \"%s\"", line, error, why);
	json_decref(reply);
}

/* The row of the list @list of @result whose member @key is the text or number @value. */
static const json_t *row_of(const json_t *result, const char *list, const char *key,
			    const char *value)
{
	const json_t *rows = json_object_get(result, list), *one;
	size_t i;

	json_array_foreach(rows, i, one) {
		const json_t *v = json_object_get(one, key);
		char number[32];

		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		if (!strcmp(json_is_string(v) ? json_string_value(v) : number, value))
			return one;
	}
	fail_msg("no row of %s has %s %s", list, key, value);
	return NULL;
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_int_t number_at(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return json_integer_value(json_object_get(object, key));
}

/* --- commands --------------------------------------------------------------------------------- */

static void helps(void **state)
{
	json_t *result = result_of(*state, "help");

	row_of(result, "commands", "command", "engines");
	row_of(result, "commands", "command", "quit");
	json_decref(result);
}

static void lists_engines(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "engines");
	const json_t *e = row_of(result, "engines", "engine", "bcs0");
	char root[32];

	snprintf(root, sizeof(root), "0x%llx", (unsigned long long)machine_root(m));
	assert_int_equal(json_array_size(json_object_get(result, "engines")), 5);
	assert_string_equal(text_at(e, "state"), "running");
	assert_int_equal(number_at(e, "context"), SPIN_COPY);
	assert_string_equal(text_at(e, "root"), root);
	assert_string_equal(text_at(e, "in"), "batch");
	assert_true(number_at(e, "tlb") > 0);
	assert_string_equal(text_at(row_of(result, "engines", "engine", "vcs0"), "state"), "free");
	json_decref(result);

	result = result_of(m, "engines rcs0");
	assert_int_equal(json_array_size(json_object_get(result, "engines")), 1);
	row_of(result, "last commands", "command", "MI_BATCH_BUFFER_START");
	row_of(result, "last commands", "command", "MI_ARB_CHECK");
	json_decref(result);
	expect_refusal(m, "engines ccs7", true, "no engine \"ccs7\"");
	expect_refusal(m, "engines rcs0 rcs0", true, "too many arguments");
}

static void lists_contexts(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "contexts");
	const json_t *c = row_of(result, "contexts", "context", "0");
	json_int_t us = number_at(c, "run_us");

	assert_string_equal(text_at(c, "class"), "render");
	assert_string_equal(text_at(c, "state"), "running");
	assert_string_equal(text_at(c, "engine"), "rcs0");
	assert_string_equal(text_at(c, "head"), "0xc");
	assert_string_equal(text_at(c, "tail"), "0x10");
	assert_int_equal(number_at(c, "quantum_us"), host_normal.quantum);
	assert_int_equal(number_at(c, "priority"), host_normal.priority);
	assert_int_equal(number_at(c, "runs"), 1);
	c = row_of(result, "contexts", "context", "2");
	assert_string_equal(text_at(c, "state"), "disabled");
	assert_true(json_is_null(json_object_get(c, "engine")));
	assert_int_equal(number_at(c, "run_us"), 0);
	json_decref(result);

	host_sleep_ms(10);
	result = result_of(m, "contexts");
	assert_true(number_at(row_of(result, "contexts", "context", "0"), "run_us") >= us + 9000);
	json_decref(result);
	/* It yields, so its time stands still from here on. */
	host_mode(m, SPIN_RENDER, 0);
	host_expect_mode(m, SPIN_RENDER, 0);
	result = result_of(m, "contexts");
	c = row_of(result, "contexts", "context", "0");
	us = number_at(c, "run_us");
	assert_string_equal(text_at(c, "state"), "disabled");
	assert_true(us >= 10000);
	json_decref(result);
	result = result_of(m, "contexts");
	assert_int_equal(number_at(row_of(result, "contexts", "context", "0"), "run_us"), us);
	json_decref(result);
}

static void lists_spaces(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "spaces");
	const json_t *rows = json_object_get(result, "spaces");

	assert_int_equal(json_array_size(rows), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "contexts")), 3);
	json_decref(result);
	expect_refusal(m, "spaces 1", true, "too many arguments");
}

static void maps(void **state)
{
	struct machine *m = *state;
	json_t *result;
	const json_t *run;

	machine_map(m, 0x40000000, AT_DATA, 0x4000, PPGTT_PRESENT);
	result = result_of(m, "map ctx:1");
	assert_int_equal(json_array_size(json_object_get(result, "map")), 3);
	run = row_of(result, "map", "first", "0x200000");
	assert_string_equal(text_at(run, "size"), "4 KiB");
	assert_string_equal(text_at(run, "access"), "rw");
	run = row_of(result, "map", "first", "0x40000000");
	assert_string_equal(text_at(run, "last"), "0x40003fff");
	assert_string_equal(text_at(run, "size"), "16 KiB");
	assert_string_equal(text_at(run, "page"), "4 KiB");
	assert_string_equal(text_at(run, "access"), "ro");
	assert_string_equal(text_at(run, "leads to"), "0x10130000");
	json_decref(result);

	/* The root table's address is as good as its descriptor; a range cuts. */
	result = result_of(m, "map 0x10000000 0x200000 0x3fffffff");
	assert_int_equal(json_array_size(json_object_get(result, "map")), 1);
	json_decref(result);
	/* Broken entries are listed, and looking breaks no rule. */
	*machine_leaf(m, 0x40004000) = 0x10130000 | 0x40 | HOST_RW;
	result = result_of(m, "map ctx:0");
	row_of(result, "broken", "rule", "pt-leaf-bits");
	assert_string_equal(text_at(row_of(result, "broken", "va", "0x40004000"), "entry"),
			    "0x10130043");
	json_decref(result);

	expect_refusal(m, "map", true, "too few arguments");
	expect_refusal(m, "map here", true, "\"here\" is no number");
	expect_refusal(m, "map ctx:", true, "\"\" is no number");
	expect_refusal(m, "map ctx:9", false, "context 9 is not registered");
	expect_refusal(m, "map ctx:70000", true, "larger than");
	expect_refusal(m, "map ctx:0 0x2000 0x1000", true, "behind the last");
	expect_refusal(m, "map ctx:0 0x1000000000000", true, "larger than");
}

/* The tables of a space, as the walk to an address shows them, are among those listed. */
static void lists_tables(void **state)
{
	struct machine *m = *state;
	json_t *before = result_of(m, "tables ctx:1"), *result, *walk;
	const json_t *step;
	size_t i;

	assert_string_equal(text_at(before, "root"), "0x10000003");
	machine_map(m, 0x40000000, AT_DATA, 0x4000, PPGTT_PRESENT);
	result = result_of(m, "tables 0x10000000");
	walk = result_of(m, "translate ctx:1 0x40003000");
	/* A new page directory and a new page table: the address is 1 GiB from the others. */
	assert_int_equal(json_array_size(json_object_get(result, "tables")),
			 json_array_size(json_object_get(before, "tables")) + 2);
	assert_int_equal(json_array_size(json_object_get(walk, "walk")), 4);
	json_array_foreach(json_object_get(walk, "walk"), i, step) {
		const json_t *table;
		bool found = false;
		size_t k;

		json_array_foreach(json_object_get(result, "tables"), k, table)
			found |= !strcmp(json_string_value(table), text_at(step, "table"));
		assert_true(found);
	}
	json_decref(walk);
	json_decref(result);
	json_decref(before);
	expect_refusal(m, "tables", true, "too few arguments");
	expect_refusal(m, "tables ctx:9", false, "context 9 is not registered");
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void checks(void **state)
{
	struct machine *m = *state;
	char file[64], line[128];
	json_t *result;

	snprintf(file, sizeof(file), "/tmp/xe-ctl-%d.vmas", (int)getpid());
	snprintf(line, sizeof(line), "check ctx:0 %s", file);
	write_file(file, "# two pages\n"
		   "0x100000 0x101000 memory 0x10131000+0x1000\n"
		   "0x200000 0x201000 memory 0x10130000+0x1000\n");
	result = result_of(m, line);
	assert_true(json_is_false(json_object_get(result, "failed")));
	assert_int_equal(number_at(result, "parts"), 2);
	json_decref(result);
	/* The wrong memory, and one mapping that nobody expects */
	write_file(file, "0x200000 0x201000 memory 0x10140000+0x1000\n");
	result = result_of(m, line);
	assert_true(json_is_true(json_object_get(result, "failed")));
	assert_string_equal(text_at(row_of(result, "deviations", "id", "C2"), "found"),
			    "0x10130000");
	assert_string_equal(text_at(row_of(result, "deviations", "id", "C1"), "first"),
			    "0x100000");
	json_decref(result);
	write_file(file, "0x200000 here memory\n");
	expect_refusal(m, line, false, "line 1");
	unlink(file);
	expect_refusal(m, line, false, "No such file");
	expect_refusal(m, "check ctx:0 x.vmas", true, "absolute");
	expect_refusal(m, "check ctx:0", true, "too few arguments");
	expect_refusal(m, "check ctx:9 /dev/null", false, "not registered");
	expect_refusal(m, "check ctx:0 /dev/zero", false, "too large");
}

static void translates(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "translate ctx:0 0x200123");
	const json_t *cached;

	assert_string_equal(text_at(result, "result"), "mapped");
	assert_string_equal(text_at(result, "address"), "0x10130123");
	assert_string_equal(text_at(result, "access"), "rw");
	assert_int_equal(json_array_size(json_object_get(result, "walk")), 4);
	assert_string_equal(text_at(row_of(result, "walk", "level", "0"), "entry"), "0x10130003");
	cached = row_of(result, "cached", "what", "page");
	assert_string_equal(text_at(cached, "tables say"), "the same");
	assert_string_equal(text_at(cached, "leads to"), "0x10130000");
	row_of(result, "cached", "what", "table of level 0");
	json_decref(result);

	/* A table that changes shows against what the engines remember. */
	*machine_leaf(m, VA_DATA) = (MEM_DMA + AT_DATA) | PPGTT_PRESENT;
	result = result_of(m, "translate ctx:0 0x200000");
	assert_string_equal(text_at(result, "access"), "ro");
	assert_string_equal(text_at(row_of(result, "cached", "what", "page"), "tables say"),
			    "something else");
	assert_string_equal(text_at(row_of(result, "cached", "what", "table of level 0"),
				    "tables say"), "the same");
	json_decref(result);
	*machine_leaf(m, VA_DATA) = (MEM_DMA + AT_DATA) | HOST_RW;

	result = result_of(m, "translate ctx:0 0x5000000");
	assert_string_equal(text_at(result, "result"), "not present");
	json_decref(result);
	result = result_of(m, "translate 0x8000000000 0");
	assert_string_equal(text_at(result, "result"), "table outside accessible memory");
	assert_true(strstr(text_at(result, "broken rule"), "pt-root"));
	json_decref(result);
	expect_refusal(m, "translate ctx:0", true, "too few arguments");
	expect_refusal(m, "translate ctx:0 -1", true, "is no number");
	expect_refusal(m, "translate ctx:0 0x", true, "is no number");
	expect_refusal(m, "translate ctx:0 99999999999999999999", true, "larger than");
}

static void ggtts(void **state)
{
	struct machine *m = *state;
	u64 *ggtt = m->dev->ggtt;
	json_t *result;
	const json_t *run;

	for (unsigned int i = 0; i < 4; i++)
		ggtt[0x8000 + i] = 0x10000000 | GGTT_PRESENT;
	result = result_of(m, "ggtt");
	assert_int_equal(json_array_size(json_object_get(result, "ggtt")), 2);
	run = row_of(result, "ggtt", "first", "0x1000000");
	assert_string_equal(text_at(run, "size"), "16 MiB");
	assert_string_equal(text_at(run, "leads to"), "0x10000000");
	assert_string_equal(text_at(run, "note"), "");
	run = row_of(result, "ggtt", "first", "0x8000000");
	assert_string_equal(text_at(run, "last"), "0x8003fff");
	assert_string_equal(text_at(run, "note"), "the same page all over");
	json_decref(result);
	ggtt[0x9000] = 1ull << 60 | GGTT_PRESENT;
	result = result_of(m, "ggtt 0x9000000 0x9000fff");
	assert_int_equal(json_array_size(json_object_get(result, "ggtt")), 1);
	row_of(result, "ggtt", "broken rule", "reserved bits set");
	json_decref(result);
	/* The last address there is */
	result = result_of(m, "ggtt 0xffffffff");
	assert_int_equal(json_array_size(json_object_get(result, "ggtt")), 0);
	json_decref(result);
	expect_refusal(m, "ggtt 0x100000000", true, "larger than");
	expect_refusal(m, "ggtt 2 1", true, "behind the last");
	expect_refusal(m, "ggtt 1 2 3", true, "too many arguments");
}

static void tlbs(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "tlb");
	const json_t *e = row_of(result, "tlb", "engine", "bcs0");

	assert_int_equal(number_at(e, "4 KiB pages"), 2);
	assert_int_equal(number_at(e, "tables"), 4);
	assert_string_equal(text_at(e, "root"), "0x10000000");
	json_decref(result);
	result = result_of(m, "tlb bcs0 ctx:0");
	assert_int_equal(number_at(result, "entries"), 6);
	assert_string_equal(text_at(row_of(result, "tlb", "va", "0x200000"), "what"),
			    "table of level 0");
	json_decref(result);
	result = result_of(m, "tlb bcs0 0x7000");
	assert_int_equal(number_at(result, "entries"), 0);
	json_decref(result);
	expect_refusal(m, "tlb xcs0", true, "no engine");
	expect_refusal(m, "tlb bcs0 ctx:77", false, "not registered");
}

static void counts(void **state)
{
	struct machine *m = *state;
	json_t *before = result_of(m, "counters");
	json_t *now, *difference;

	assert_true(number_at(json_object_get(before, "counters"), "commands") > 0);
	assert_int_equal(number_at(json_object_get(before, "requests"),
				   "REGISTER_CONTEXT (0x4502)"), 3);
	assert_int_equal(number_at(json_object_get(before, "guc"), "contexts"), 3);
	assert_true(json_is_true(json_object_get(json_object_get(before, "guc"), "loaded")));
	host_mode(m, QUIET, 1);
	host_expect_mode(m, QUIET, 1);
	now = result_of(m, "counters");
	difference = show_difference(now, before);
	assert_true(number_at(difference, "clock_us") > 0);
	assert_int_equal(number_at(json_object_get(difference, "requests"),
				   "SCHED_CONTEXT_MODE_SET (0x1001)"), 1);
	assert_null(json_object_get(json_object_get(difference, "requests"),
				    "REGISTER_CONTEXT (0x4502)"));
	assert_null(json_object_get(json_object_get(difference, "guc"), "loaded"));
	json_decref(difference);
	json_decref(now);
	json_decref(before);
}

static void shows_violations(void **state)
{
	struct machine *m = *state;
	unsigned long n = log_violations();
	json_t *result;
	const json_t *last;

	HOST_SEND(m, HOST_FAST | 0x7abc, 1);
	for (unsigned int i = 0; i < 1000 && log_violations() == n; i++)
		host_sleep_ms(1);
	result = result_of(m, "violations");
	assert_int_equal(number_at(result, "violations"), n + 1);
	assert_true(number_at(row_of(result, "kinds", "kind", "guc-request"), "number") >= 1);
	last = json_object_get(result, "last reports");
	assert_true(strstr(json_string_value(json_array_get(last, json_array_size(last) - 1)),
			   "request 0x7abc"));
	json_decref(result);
}

/* More reports than are kept: the latest ones are there, oldest first. */
static void last_reports(void **state)
{
	json_t *result;
	const json_t *last;

	for (unsigned int i = 0; i < 2 * LOG_LAST_REPORTS; i++)
		log_violation("test-kind", "report %u", i);
	result = result_of(*state, "violations");
	last = json_object_get(result, "last reports");
	assert_int_equal(json_array_size(last), LOG_LAST_REPORTS);
	assert_true(strstr(json_string_value(json_array_get(last, 0)), "report 16"));
	assert_true(strstr(json_string_value(json_array_get(last, 15)), "report 31"));
	json_decref(result);
}

static void orders_faults(void **state)
{
	struct machine *m = *state;
	json_t *result = result_of(m, "fault irq-lost:after=1000");
	const json_t *one;

	json_decref(result);
	result = result_of(m, "faults");
	one = row_of(result, "faults", "spec", "irq-lost:after=1000");
	assert_string_equal(text_at(one, "kind"), "irq-lost");
	assert_int_equal(number_at(one, "hits"), 0);
	json_decref(result);
	result = result_of(m, "faults clear");
	assert_int_equal(json_array_size(json_object_get(result, "faults")), 0);
	json_decref(result);
	expect_refusal(m, "fault", true, "too few arguments");
	expect_refusal(m, "fault no-such-thing", true, "no-such-thing");
	expect_refusal(m, "faults all", true, "faults clear");
}

static void traces(void **state)
{
	struct machine *m = *state;
	char line[160], file[100];
	json_t *result = result_of(m, "trace");

	assert_string_equal(text_at(result, "trace"), "off");
	json_decref(result);
	snprintf(file, sizeof(file), "/tmp/xe ctl %d.json", (int)getpid());
	snprintf(line, sizeof(line), "trace on %s", file);
	result = result_of(m, line);
	assert_string_equal(text_at(result, "trace"), file);
	json_decref(result);
	expect_refusal(m, line, false, "written already");
	result = result_of(m, "trace registers on");
	assert_true(json_is_true(json_object_get(result, "registers")));
	json_decref(result);
	json_decref(result_of(m, "trace registers off"));
	json_decref(result_of(m, "trace off"));
	result = json_load_file(file, 0, NULL);
	assert_true(json_is_array(result));
	json_decref(result);
	unlink(file);
	expect_refusal(m, "trace on", true, "usage");
	expect_refusal(m, "trace on trace.json", true, "absolute");
	expect_refusal(m, "trace on /nonexistent/x", false, "No such file");
	expect_refusal(m, "trace maybe", true, "usage");
	expect_refusal(m, "trace registers", true, "usage");
}

static void dumps(void **state)
{
	json_t *result = result_of(*state, "dump");

	assert_true(strstr(text_at(result, "state"), "bcs0: busy"));
	assert_true(strstr(text_at(result, "state"), "guc: loaded"));
	json_decref(result);
}

static void ends_the_model(void **state)
{
	json_decref(result_of(*state, "quit"));
	assert_int_equal(quits, 1);
	expect_refusal(*state, "quit now", true, "too many arguments");
	assert_int_equal(quits, 1);
}

static void bad_requests(void **state)
{
	struct machine *m = *state;
	char line[CTL_LINE_BYTES];

	expect_refusal(m, "", true, "empty");
	expect_refusal(m, " \t ", true, "empty");
	expect_refusal(m, "Engines", true, "no command \"Engines\"");
	expect_refusal(m, "engines\x01", true, "readable");
	expect_refusal(m, "\xff\xfe", true, "readable");
	expect_refusal(m, "{\"command\": \"engines\"}", true, "no command");
	/* Half a character at the place where the name is cut */
	memset(line, 'x', 39);
	memcpy(line + 39, "\xc3\xa4", 3);
	expect_refusal(m, line, true, "");
	memset(line, 'y', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	expect_refusal(m, line, true, "no command");
	json_decref(result_of(m, "  engines\t rcs0 \r"));
}

static bool slow_write(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin, void *ctx)
{
	struct machine *m = ctx;

	__atomic_store_n(machine_dw(m, AT_DATA + 0x800), 1, __ATOMIC_RELEASE);
	return machine_until(m, AT_DATA + 0x804, 1);
}

/* An engine that is inside of one command for seconds is said to be there; the others answer. */
static void deaf_engine(void **state)
{
	struct machine *m = *state;
	const u32 dw[] = { MI_LOAD_REGISTER_IMM | MI_LRI_LEN(1), SLOW_REGISTER, 1 };
	json_t *result;

	assert_int_equal(reg_add_hook(m->dev, SLOW_REGISTER, SLOW_REGISTER, NULL, slow_write, m),
			 0);
	host_context(m, 3, GUC_CLASS_VIDEO, 1, host_normal);
	machine_emit(m, AT_CTX(3), dw, ARRAY_SIZE(dw));
	host_mode(m, 3, 1);
	host_expect_mode(m, 3, 1);
	assert_true(machine_until(m, AT_DATA + 0x800, 1));
	result = result_of(m, "engines");
	assert_true(strstr(text_at(row_of(result, "engines", "engine", "vcs0"), "state"),
			   "in one command"));
	assert_string_equal(text_at(row_of(result, "engines", "engine", "bcs0"), "state"),
			    "running");
	json_decref(result);
	expect_refusal(m, "tlb vcs0", false, "does not come to the end");
	__atomic_store_n(machine_dw(m, AT_DATA + 0x804), 1, __ATOMIC_RELEASE);
	host_mode(m, 3, 0);
	host_expect_mode(m, 3, 0);
	result = result_of(m, "engines vcs0");
	assert_string_equal(text_at(row_of(result, "engines", "engine", "vcs0"), "state"), "free");
	json_decref(result);
}

/* --- socket ----------------------------------------------------------------------------------- */

struct server {
	struct ctl *ctl;
	char path[64];
};

static void serve(struct machine *m, struct server *s)
{
	const struct ctl_env env = { .dev = m->dev, .quit = on_quit };

	snprintf(s->path, sizeof(s->path), "/tmp/xe-ctl-%d.sock", (int)getpid());
	assert_int_equal(ctl_start(&env, s->path, &s->ctl), 0);
}

static int dial(const struct server *s)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(addr.sun_path, s->path, sizeof(s->path));
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* One line of at most @size bytes; an empty string when the connection ends. */
static void hear(int fd, char *line, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && recv(fd, line + n, 1, 0) == 1 && line[n++] != '\n')
		;
	line[n] = '\0';
}

static void conversations(void **state)
{
	char line[65536];
	struct server s;
	struct stat st;
	int a, b;

	serve(*state, &s);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* Two at once; a request in pieces; two requests in one piece. */
	a = dial(&s);
	b = dial(&s);
	say(a, "eng");
	say(b, "help\nspaces\n");
	hear(b, line, sizeof(line));
	assert_true(strstr(line, "\"commands\""));
	hear(b, line, sizeof(line));
	assert_true(strstr(line, "\"spaces\""));
	say(a, "ines\n");
	hear(a, line, sizeof(line));
	assert_true(strstr(line, "\"engines\""));
	/* One that leaves in the middle of a word does no harm. */
	say(a, "engi");
	close(a);
	say(b, "nonsense\n");
	hear(b, line, sizeof(line));
	assert_true(strstr(line, "no command"));
	/* A line without end is refused and ends the connection. */
	memset(line, 'x', CTL_LINE_BYTES);
	line[CTL_LINE_BYTES] = '\0';
	say(b, line);
	hear(b, line, sizeof(line));
	assert_true(strstr(line, "too long"));
	hear(b, line, sizeof(line));
	assert_string_equal(line, "");
	close(b);
	ctl_stop(s.ctl);
	assert_int_equal(stat(s.path, &st), -1);
}

/* Whoever does not read its replies stops nobody else, and the ninth client is told. */
static void crowd(void **state)
{
	char line[65536], many[CTL_LINE_BYTES];
	struct server s;
	int fd[9];

	serve(*state, &s);
	for (unsigned int i = 0; i < 9; i++) {
		fd[i] = dial(&s);
		if (i == 8)
			break;
		say(fd[i], "help\n");
		hear(fd[i], line, sizeof(line));
		assert_true(strstr(line, "\"commands\""));
	}
	hear(fd[8], line, sizeof(line));
	assert_true(strstr(line, "too many connections"));
	close(fd[8]);
	for (size_t i = 0; i + 5 < sizeof(many); i += 5)
		memcpy(many + i, "help\n", 6);
	for (unsigned int i = 0; i < 64; i++)
		if (send(fd[0], many, strlen(many), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
	say(fd[1], "spaces\n");
	hear(fd[1], line, sizeof(line));
	assert_true(strstr(line, "\"spaces\""));
	for (unsigned int i = 0; i < 8; i++)
		close(fd[i]);
	fd[0] = dial(&s);
	say(fd[0], "spaces\n");
	hear(fd[0], line, sizeof(line));
	assert_true(strstr(line, "\"spaces\""));
	close(fd[0]);
	ctl_stop(s.ctl);
}

static void paths(void **state)
{
	struct machine *m = *state;
	const struct ctl_env env = { .dev = m->dev };
	char longer[200];
	struct ctl *ctl;
	struct server s;

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(ctl_start(&env, longer, &ctl), -ENAMETOOLONG);
	assert_int_equal(ctl_start(&env, "/nonexistent/x.sock", &ctl), -ENOENT);
	serve(m, &s);
	assert_int_equal(ctl_start(&env, s.path, &ctl), -EADDRINUSE);
	ctl_stop(s.ctl);
	ctl_stop(NULL);
}

/* --- client program --------------------------------------------------------------------------- */

/* Run xe-modelctl with @args; its output goes to @out. Return: its exit status. */
static int run_client(const char *args, char *out, size_t size)
{
	char self[512], command[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *pipe;
	size_t got;

	assert_true(n > 0);
	self[n] = '\0';
	for (unsigned int i = 0; i < 2; i++)
		*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command), "%s/xe-modelctl-san %s 2>&1", self, args);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	got = fread(out, 1, size - 1, pipe);
	out[got] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static void client(void **state)
{
	char out[65536], args[600];
	struct server s;

	serve(*state, &s);
	snprintf(args, sizeof(args), "%s contexts", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 0);
	assert_true(strstr(out, "quantum_us"));
	assert_true(strstr(out, "running"));
	snprintf(args, sizeof(args), "--json %s counters >%s.json", s.path, s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 0);
	snprintf(args, sizeof(args), "--since %s.json %s counters", s.path, s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 0);
	assert_true(strstr(out, "commands"));
	assert_null(strstr(out, "REGISTER_CONTEXT"));
	snprintf(args, sizeof(args), "%s map ctx:5", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 1);
	assert_string_equal(out, "xe-modelctl: context 5 is not registered\n");
	snprintf(args, sizeof(args), "%s.json engines", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 1);
	snprintf(args, sizeof(args), "--since %s %s counters", s.path, s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 1);
	snprintf(args, sizeof(args), "--since %s.json %s engines", s.path, s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 2);
	snprintf(args, sizeof(args), "%s frobnicate", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 2);
	assert_int_equal(run_client("--help", out, sizeof(out)), 0);
	assert_true(strstr(out, "usage: xe-modelctl"));
	assert_int_equal(run_client("", out, sizeof(out)), 2);
	assert_int_equal(run_client("--bogus x y", out, sizeof(out)), 2);
	snprintf(args, sizeof(args), "%s quit", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 0);
	assert_int_equal(quits, 1);
	ctl_stop(s.ctl);
	snprintf(args, sizeof(args), "%s engines", s.path);
	assert_int_equal(run_client(args, out, sizeof(out)), 1);
	snprintf(args, sizeof(args), "%s.json", s.path);
	unlink(args);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, ctl_setup, ctl_teardown)
	const struct CMUnitTest tests[] = {
		T(helps), T(lists_engines), T(lists_contexts), T(lists_spaces), T(maps),
		T(lists_tables), T(checks), T(translates), T(ggtts), T(tlbs), T(counts),
		T(shows_violations),
		T(last_reports), T(orders_faults), T(traces), T(dumps), T(ends_the_model),
		T(bad_requests), T(deaf_engine), T(conversations), T(crowd), T(paths), T(client),
	};

	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
