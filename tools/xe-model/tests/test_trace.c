// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The trace of a machine with contexts: a JSON document whose events stand in the order of time,
 * whose spans are nested and ended, whose tracks have names, and in which the things that happened
 * can be found.
 */

#include "tests/lib_guc.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_klvs.h"
#include "dev/fault.h"
#include "instructions/lrc_layout.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_guc_regs.h"
#include "tests/lib_cmocka.h"
#include "util/log.h"
#include "util/trace.h"

#define RUN_DRY_MS 10000u

#define MAX_TID 64

static char path[64];

static int trace_setup(void **state)
{
	snprintf(path, sizeof(path), "/tmp/xe-trace-%d.json", (int)getpid());
	if (host_setup(state))
		return -1;
	trace_want_registers(false);
	return trace_open(path);
}

static int trace_teardown(void **state)
{
	trace_close();
	unlink(path);
	return host_teardown(state);
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/**
 * struct shape - what is known of a trace while it is checked
 * @track: name of each track
 * @depth: open spans of each track
 * @last: time of the last event
 * @flows: arrows that have started and not ended
 */
struct shape {
	const char *track[MAX_TID];
	unsigned int depth[MAX_TID];
	double last;
	json_t *flows;
};

static void check_event(struct shape *s, const json_t *event)
{
	const char *phase = text_at(event, "ph");
	size_t tid = (size_t)json_integer_value(json_object_get(event, "tid"));
	double ts = json_number_value(json_object_get(event, "ts"));

	assert_in_range(tid, 0, MAX_TID - 1);
	if (*phase == 'M') {
		if (!strcmp(text_at(event, "name"), "thread_name"))
			s->track[tid] = text_at(json_object_get(event, "args"), "name");
		return;
	}
	assert_true(ts >= s->last);
	s->last = ts;
	if (*phase == 'C') {
		assert_true(json_object_size(json_object_get(event, "args")) > 0);
		return;
	}
	assert_non_null(s->track[tid]);
	if (*phase != 'E')
		assert_true(*text_at(event, "name"));
	switch (*phase) {
	case 'B':
		s->depth[tid]++;
		break;
	case 'E':
		assert_true(s->depth[tid]-- > 0);
		break;
	case 's':
		assert_true(s->depth[tid] > 0);
		json_object_set_new(s->flows, text_at(event, "id"), json_true());
		break;
	case 'f':
		assert_true(s->depth[tid] > 0);
		assert_int_equal(json_object_del(s->flows, text_at(event, "id")), 0);
		break;
	default:
		assert_string_equal(phase, "i");
		break;
	}
}

/* Close the trace, read it, check its form. Return: the events, to be released. */
static json_t *finish_trace(void)
{
	struct shape s = { .flows = json_object() };
	json_error_t where;
	json_t *events, *event;
	size_t i;

	assert_int_equal(trace_close(), 0);
	events = json_load_file(path, 0, &where);
	if (!json_is_array(events))
		fail_msg("line %d: %s", where.line, where.text);
	json_array_foreach(events, i, event)
		check_event(&s, event);
	for (i = 0; i < MAX_TID; i++)
		assert_int_equal(s.depth[i], 0);
	json_decref(s.flows);
	return events;
}

static const char *track_of(const json_t *events, const json_t *event)
{
	json_int_t tid = json_integer_value(json_object_get(event, "tid"));
	const json_t *one;
	size_t i;

	json_array_foreach(events, i, one)
		if (!strcmp(text_at(one, "name"), "thread_name") &&
		    json_integer_value(json_object_get(one, "tid")) == tid)
			return text_at(json_object_get(one, "args"), "name");
	return "";
}

/* Number of events of a track with a type and a name that begins with @name; *last is one. */
static unsigned int find(const json_t *events, const char *track, char phase, const char *name,
			 const json_t **last)
{
	unsigned int n = 0;
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		if (*text_at(event, "ph") != phase ||
		    strncmp(text_at(event, "name"), name, strlen(name)) ||
		    strcmp(track_of(events, event), track))
			continue;
		*last = json_object_get(event, "args");
		n++;
	}
	return n;
}

/* The arguments of the end of any span of @track that has the value @value of @key. */
static bool ended(const json_t *events, const char *track, const char *key, const char *value)
{
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
		if (*text_at(event, "ph") == 'E' &&
		    !strcmp(text_at(json_object_get(event, "args"), key), value) &&
		    !strcmp(track_of(events, event), track))
			return true;
	return false;
}

/* --- what is to be seen ----------------------------------------------------------------------- */

/* Wait until a context was saved with an empty ring: it is not switched off in the middle of it. */
static bool ran_dry(struct machine *m, u32 id)
{
	const u32 *image = machine_image(m, AT_CTX(id));

	for (unsigned int ms = 0; ms < RUN_DRY_MS; ms++) {
		if (__atomic_load_n(&image[LRC_DW_RING_HEAD], __ATOMIC_ACQUIRE) ==
		    __atomic_load_n(&image[LRC_DW_RING_TAIL], __ATOMIC_ACQUIRE))
			return true;
		host_sleep_ms(1);
	}
	return false;
}

static void contexts_and_batches(void **state)
{
	struct machine *m = *state;
	const json_t *args;
	json_t *events;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_context(m, 1, GUC_CLASS_RENDER, 1, host_normal);
	for (u32 i = 0; i < 2; i++) {
		host_emit_spin(m, i, i, true);
		host_mode(m, i, 1);
		host_expect_mode(m, i, 1);
	}
	/* Each has run and was displaced by the other at least once. */
	assert_true(machine_until(m, AT_DATA, 1) && machine_until(m, AT_DATA + 16, 1));
	host_sleep_ms(20);
	host_end_spin(m, 0);
	host_end_spin(m, 1);
	assert_true(ran_dry(m, 0) && ran_dry(m, 1));
	for (u32 i = 0; i < 2; i++) {
		host_mode(m, i, 0);
		host_expect_mode(m, i, 0);
		HOST_SEND(m, HOST_FAST | GUC_H2G_DEREGISTER_CONTEXT, i);
		host_expect(m, GUC_G2H_DEREGISTER_CONTEXT_DONE, 1, i, 0);
	}
	events = finish_trace();
	assert_true(find(events, "rcs0", 'B', "context 0", &args) > 1);
	assert_true(find(events, "rcs0", 'B', "context 1", &args) > 1);
	assert_int_equal(json_integer_value(json_object_get(args, "ctx")), 1);
	assert_true(find(events, "rcs0", 'B', "batch 0x100000", &args) > 0);
	/* The second one goes on inside of its loop, behind the start of the batch. */
	assert_true(find(events, "rcs0", 'B', "batch 0x10011", &args) > 0);
	assert_string_equal(text_at(args, "how"), "resumed");
	assert_true(ended(events, "rcs0", "end", "preempted"));
	assert_true(ended(events, "rcs0", "end", "ring empty"));
	assert_true(ended(events, "rcs0", "end", "batch end"));
	json_decref(events);
}

static void messages_and_arrows(void **state)
{
	static const u32 query[] = { GUC_H2G_PC_SLPC_REQUEST, 0x0502, MEM_GGTT + AT_SLPC, 0 };
	struct machine *m = *state;
	const json_t *args;
	json_t *events;
	u32 header, dw[256];

	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 7, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 7, 0);
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 8, GUC_TLB_INVAL_TYPE_RANGE |
		  GUC_TLB_INVAL_MODE_LITE, 0, VA_DATA, 0, 1);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 8, 0);
	host_h2g(m, 0x0042, query, 4);
	assert_int_equal(host_g2h(m, &header, dw, 10000), 1);
	host_mailbox(m, GUC_MMIO_GET_HWCONFIG, 0, 0, 0);
	events = finish_trace();
	assert_int_equal(find(events, "GuC", 'B', "TLB_INVALIDATION", &args), 2);
	assert_string_equal(text_at(args, "type"), "range");
	assert_string_equal(text_at(args, "mode"), "lite");
	assert_string_equal(text_at(args, "first"), "0x200000");
	assert_string_equal(text_at(args, "bytes"), "0x2000");
	assert_int_equal(json_integer_value(json_object_get(args, "seqno")), 8);
	assert_int_equal(find(events, "GuC to host", 'B', "TLB_INVALIDATION_DONE", &args), 2);
	assert_int_equal(find(events, "rcs0", 'i', "TLB flushed", &args), 1);
	assert_int_equal(find(events, "vecs0", 'i', "TLB flushed", &args), 1);
	assert_int_equal(find(events, "GuC", 's', "TLB_INVALIDATION", &args), 2);
	assert_int_equal(find(events, "GuC to host", 'f', "TLB_INVALIDATION_DONE", &args), 2);
	assert_int_equal(find(events, "GuC", 'B', "PC_SLPC_REQUEST", &args), 1);
	assert_int_equal(find(events, "GuC to host", 'f', "reply: success", &args), 1);
	assert_int_equal(find(events, "GuC", 'B', "GET_HWCONFIG", &args), 1);
	assert_true(json_is_true(json_object_get(args, "mailbox")));
	assert_true(ended(events, "GuC", "result", "0xf000000c"));
	assert_true(find(events, "host", 'i', "doorbell", &args) >= 3);
	json_decref(events);
}

static void interrupts(void **state)
{
	struct machine *m = *state;
	const json_t *args;
	json_t *events;

	/* Not enabled, then masked, then let through. */
	irq_raise(m->dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	host_write(m, 0x190030, 0x00010001);
	irq_raise(m->dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	host_write(m, 0x1900a0, 0);
	host_write(m, 0x190010, 0x80000000);
	irq_raise(m->dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	host_write(m, 0x190070, 1u << 15);
	events = finish_trace();
	assert_int_equal(find(events, "interrupts", 'i', "bcs0 user: not enabled", &args), 1);
	assert_int_equal(find(events, "interrupts", 'i', "bcs0 user: masked", &args), 1);
	assert_int_equal(find(events, "interrupts", 'i', "bcs0 user: latched", &args), 1);
	assert_int_equal(find(events, "interrupts", 'i', "bcs0 user: taken", &args), 1);
	assert_int_equal(find(events, "interrupts", 'i', "MSI sent", &args), 1);
	json_decref(events);
}

static void faults_and_violations(void **state)
{
	struct machine *m = *state;
	char why[128];
	const json_t *args;
	json_t *events;

	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_emit_batch(m, 0, 0x900000);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	host_expect(m, GUC_G2H_MEMORY_CAT_ERROR, 1, 0, 0);
	host_expect(m, GUC_G2H_CONTEXT_RESET_NOTIFICATION, 1, 0, 0);
	assert_int_equal(fault_add(m->dev, "irq-lost", why, sizeof(why)), 0);
	irq_raise(m->dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	log_violation("test-kind", "a \"quoted\" text\nof two \x01 lines");
	events = finish_trace();
	assert_int_equal(find(events, "bcs0", 'i', "memory fault", &args), 1);
	assert_string_equal(text_at(args, "address"), "0x900000");
	assert_true(ended(events, "bcs0", "end", "fault"));
	assert_int_equal(find(events, "GuC to host", 'B', "MEMORY_CAT_ERROR", &args), 1);
	assert_int_equal(find(events, "injected faults", 'i', "irq-lost", &args), 1);
	assert_string_equal(text_at(args, "order"), "irq-lost");
	assert_int_equal(find(events, "violations", 'i', "test-kind", &args), 1);
	assert_true(strstr(text_at(args, "report"), "a \"quoted\" text\nof two ? lines"));
	json_decref(events);
}

static void registers_on_request(void **state)
{
	struct machine *m = *state;
	const json_t *args;
	json_t *events;

	host_read(m, GUC_STATUS);
	trace_want_registers(true);
	host_read(m, GUC_STATUS);
	host_write(m, GUC_MAILBOX(0), 5);
	trace_want_registers(false);
	host_read(m, GUC_STATUS);
	events = finish_trace();
	assert_int_equal(find(events, "host", 'i', "read GUC_STATUS", &args), 1);
	assert_string_equal(text_at(args, "value"), "0x8000f0ec");
	assert_int_equal(find(events, "host", 'i', "write", &args), 1);
	json_decref(events);
}

/* --- page tables ------------------------------------------------------------------------------ */

#define VA_TABLE 0x50000000u

/* An engine and the host change entries of a table that engines have walked. */
static void stores_into_tables(void **state)
{
	struct machine *m = *state;
	u64 *leaf = machine_leaf(m, VA_DATA);
	u32 table = (u32)((u8 *)leaf - m->mem) & ~0xfffu;
	u64 leaf_value = (MEM_DMA + AT_DATA) | HOST_RW;
	const json_t *args;
	json_t *events;
	char address[32];

	/* The table is mapped in its own address space; entries 8 and 9 of it are written. */
	machine_map(m, VA_TABLE, table, 0x1000, HOST_RW);
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_emit_store(m, 0, 0, 1);
	const u32 dw[] = {
		MI_STORE_DATA_IMM | MI_SDI_QWORD | MI_SDI_LEN_QW(2), VA_TABLE + 8 * 8, 0,
		(u32)leaf_value, (u32)(leaf_value >> 32), (u32)leaf_value, (u32)(leaf_value >> 32),
	};
	machine_emit(m, AT_CTX(0), dw, ARRAY_SIZE(dw));
	host_emit_store(m, 0, 0, 2);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	assert_true(machine_until(m, AT_DATA, 2));
	/* The host's store is found at the invalidation. */
	leaf[3] = leaf_value;
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 1, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 1, 0);
	/* And here at the walk through the entry. */
	leaf[4] = (MEM_DMA + AT_BATCH) | HOST_RW;
	host_emit_store(m, 0, 0x4000, 3);
	HOST_SEND(m, HOST_FAST | GUC_H2G_SCHED_CONTEXT, 0);
	assert_true(machine_until(m, AT_BATCH, 3));
	events = finish_trace();

	snprintf(address, sizeof(address), "0x%llx", (unsigned long long)MEM_DMA + table);
	assert_int_equal(find(events, "page tables", 'i', "table found", &args), 6);
	assert_int_equal(find(events, "page tables", 'i', "store of bcs0", &args), 1);
	assert_string_equal(text_at(args, "table"), address);
	assert_int_equal(json_integer_value(json_object_get(args, "index")), 8);
	assert_int_equal(json_integer_value(json_object_get(args, "entries")), 2);
	assert_int_equal(json_integer_value(json_object_get(args, "level")), 0);
	assert_string_equal(text_at(args, "va"), "0x208000");
	assert_string_equal(text_at(args, "old"), "0x0");
	assert_string_equal(text_at(args, "new"), "0x10130003");
	assert_int_equal(find(events, "page tables", 'i',
			      "store of the host, seen at an invalidation", &args), 1);
	assert_int_equal(json_integer_value(json_object_get(args, "index")), 3);
	assert_string_equal(text_at(args, "va"), "0x203000");
	assert_int_equal(find(events, "page tables", 'i', "store of the host, seen at a walk",
			      &args), 1);
	assert_int_equal(json_integer_value(json_object_get(args, "index")), 4);
	json_decref(events);
}

/* A table that is taken out of the tree is not watched any more: its page may hold anything. */
static void tables_that_go(void **state)
{
	struct machine *m = *state;
	u64 *leaf = machine_leaf(m, VA_TABLE);
	u64 *root = (u64 *)(m->mem + AT_TABLES);
	const json_t *args;
	json_t *events;

	machine_map(m, VA_TABLE, AT_DATA, 0x1000, HOST_RW);
	host_context(m, 0, GUC_CLASS_COPY, 1, host_normal);
	host_emit_store(m, 0, VA_TABLE - VA_DATA, 1);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	assert_true(machine_until(m, AT_DATA, 1));
	root[0] = 0;
	for (u32 seq = 1; seq <= 2; seq++) {
		HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, seq, GUC_TLB_INVAL_FLUSH_CACHE);
		host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, seq, 0);
		memset((u8 *)leaf, 0x77 + seq, 64);
	}
	/* The root itself turns into something else. */
	root[5] = 0x1234567890ull;
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 3, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 3, 0);
	root[5] = 0x9876543210ull;
	HOST_SEND(m, HOST_FAST | GUC_H2G_TLB_INVALIDATION, 4, GUC_TLB_INVAL_FLUSH_CACHE);
	host_expect(m, GUC_G2H_TLB_INVALIDATION_DONE, 1, 4, 0);
	events = finish_trace();
	assert_int_equal(find(events, "page tables", 'i', "table not linked", &args), 3);
	assert_int_equal(find(events, "page tables", 'i', "no table any more", &args), 1);
	/* One for the entry that was cleared, one for the strange one; none for the pages below. */
	assert_int_equal(find(events, "page tables", 'i', "store of the host", &args), 2);
	json_decref(events);
	root[5] = 0;
}

/* --- the file --------------------------------------------------------------------------------- */

/* A trace that begins while a span is open has no end without a beginning. */
static void begins_in_the_middle(void **state)
{
	struct machine *m = *state;
	const json_t *args;
	json_t *events;

	trace_close();
	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_spin(m, 0, 0, true);
	host_emit_store(m, 0, 0x100, 7);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	assert_true(machine_until(m, AT_DATA, 1));
	assert_int_equal(trace_open(path), 0);
	host_end_spin(m, 0);
	assert_true(machine_until(m, AT_DATA + 0x100, 7));
	host_mode(m, 0, 0);
	host_expect_mode(m, 0, 0);
	events = finish_trace();
	assert_int_equal(find(events, "rcs0", 'B', "context", &args), 0);
	json_decref(events);
}

/* Spans that are open at the end are ended there. */
static void ends_in_the_middle(void **state)
{
	struct machine *m = *state;
	const json_t *args;
	json_t *events;

	host_context(m, 0, GUC_CLASS_RENDER, 1, host_normal);
	host_emit_spin(m, 0, 0, true);
	host_mode(m, 0, 1);
	host_expect_mode(m, 0, 1);
	assert_true(machine_until(m, AT_DATA, 1));
	events = finish_trace();
	assert_int_equal(find(events, "rcs0", 'B', "context 0", &args), 1);
	json_decref(events);
	host_end_spin(m, 0);
}

static void files(void **state)
{
	assert_int_equal(trace_open("/tmp/other.json"), -EBUSY);
	assert_int_equal(trace_close(), 0);
	assert_int_equal(trace_close(), 0);
	assert_int_equal(trace_open("/nonexistent/trace.json"), -ENOENT);
	assert_false(trace_on());
	assert_int_equal(trace_open("/dev/full"), 0);
	trace_instant("host", "something", "%s", "");
	assert_int_equal(trace_close(), -ENOSPC);
}

/* The program itself, ended by a signal with a trace open: the file is complete. */
static void survives_sigterm(void **state)
{
	char self[512], socket[64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 32);
	struct stat st;
	pid_t pid;
	int status;

	assert_true(n > 0);
	trace_close();
	self[n] = '\0';
	for (unsigned int i = 0; i < 2; i++)
		*strrchr(self, '/') = '\0';
	strcat(self, "/xe-model-san");
	snprintf(socket, sizeof(socket), "/tmp/xe-trace-%d.sock", (int)getpid());
	pid = fork();
	if (!pid) {
		execl(self, "xe-model", "--socket", socket, "--trace", path, "--summary",
		      "/dev/null", NULL);
		_exit(127);
	}
	for (unsigned int i = 0; i < 5000 && stat(socket, &st); i++)
		host_sleep_ms(1);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	json_decref(finish_trace());
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, trace_setup, trace_teardown)
	const struct CMUnitTest tests[] = {
		T(contexts_and_batches), T(messages_and_arrows), T(interrupts),
		T(faults_and_violations), T(registers_on_request), T(stores_into_tables),
		T(tables_that_go), T(begins_in_the_middle),
		T(ends_in_the_middle), T(files), T(survives_sigterm),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
