// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands about the model as a whole.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "fw/guc.h"
#include "fw/guc_names.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/trace.h"

static json_t *guc_counters(struct xm_device *dev)
{
	struct guc_info info;

	if (guc_inspect(dev, &info))
		return json_string("busy");
	return json_pack("{s:b, s:b, s:b, s:I, s:I, s:I, s:I, s:I}", "loaded", info.loaded,
			 "transport", info.transport, "broken", info.broken, "uploads",
			 (json_int_t)info.loads, "contexts", (json_int_t)info.contexts, "switches",
			 (json_int_t)info.switches, "resets", (json_int_t)info.resets, "faults",
			 (json_int_t)info.faults);
}

static json_t *request_counters(struct xm_device *dev)
{
	struct guc_count list[GUC_COUNTS];
	json_t *requests = json_object();
	int n = guc_requests(dev, list);

	for (int i = 0; i < n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s (0x%04x)", guc_action_name(list[i].action),
			 list[i].action);
		json_object_set_new(requests, name, json_integer((json_int_t)list[i].n));
	}
	return requests;
}

json_t *ctl_counters(struct ctl_request *r)
{
	struct xm_device *dev = r->env->dev;
	json_t *counters = json_object();
	unsigned long value;
	const char *name;

	for (unsigned int i = 0; (name = xm_counter(dev, i, &value)); i++)
		json_object_set_new(counters, name, json_integer((json_int_t)value));
	json_object_set_new(counters, "violations", json_integer((json_int_t)log_violations()));
	return json_pack("{s:I, s:o, s:o, s:o}", "clock_us", (json_int_t)(clock_ns() / 1000),
			 "counters", counters, "guc", guc_counters(dev), "requests",
			 request_counters(dev));
}

json_t *ctl_violations(struct ctl_request *r)
{
	json_t *kinds = json_array(), *last = json_array();
	const char *kind;
	unsigned long n;
	char *text;

	for (unsigned int i = 0; (n = log_violation_at(i, &kind)); i++)
		json_array_append_new(kinds, json_pack("{s:s, s:I}", "kind", kind, "number",
						       (json_int_t)n));
	for (unsigned int i = LOG_LAST_REPORTS; i--;) {
		text = log_last_report(i);
		if (text)
			json_array_append_new(last, json_string(text));
		free(text);
	}
	return json_pack("{s:I, s:o, s:o}", "violations", (json_int_t)log_violations(), "kinds",
			 kinds, "last reports", last);
}

json_t *ctl_fault(struct ctl_request *r)
{
	char why[256];
	int err = fault_add(r->env->dev, r->arg[0], why, sizeof(why));

	if (err == -EINVAL)
		return ctl_misuse(r, "%s", why);
	if (err)
		return ctl_fail(r, "%s", why);
	return json_pack("{s:s}", "ordered", r->arg[0]);
}

json_t *ctl_faults(struct ctl_request *r)
{
	struct fault_info info;
	json_t *rows;

	if (r->n_args && strcmp(r->arg[0], "clear"))
		return ctl_misuse(r, "\"faults\" or \"faults clear\"");
	if (r->n_args)
		fault_clear(r->env->dev);
	rows = json_array();
	for (unsigned int i = 0; fault_list(r->env->dev, i, &info); i++)
		json_array_append_new(rows, json_pack("{s:s, s:s, s:I, s:I, s:b}", "spec",
						      info.spec, "kind", info.kind, "seen",
						      (json_int_t)info.seen, "hits",
						      (json_int_t)info.hits, "spent", info.spent));
	return json_pack("{s:o}", "faults", rows);
}

static json_t *trace_state(void)
{
	char path[512];

	trace_path(path, sizeof(path));
	return json_pack("{s:s, s:b, s:I}", "trace", *path ? path : "off", "registers",
			 trace_registers(), "events", (json_int_t)trace_events());
}

json_t *ctl_trace(struct ctl_request *r)
{
	const char *what = r->n_args ? r->arg[0] : "", *arg = r->n_args > 1 ? r->arg[1] : "";
	int err = 0;

	if (!strcmp(what, "on") && *arg == '/')
		err = trace_open(arg);
	else if (!strcmp(what, "on") && *arg)
		return ctl_misuse(r, "the name of the file must be absolute");
	else if (!strcmp(what, "off") && !*arg)
		err = trace_close();
	else if (!strcmp(what, "registers") && (!strcmp(arg, "on") || !strcmp(arg, "off")))
		trace_want_registers(!strcmp(arg, "on"));
	else if (r->n_args)
		return ctl_misuse(r, "usage: trace [on FILE | off | registers on|off]");
	if (err == -EBUSY)
		return ctl_fail(r, "a trace is being written already");
	if (err)
		return ctl_fail(r, "trace: %s", strerror(-err));
	return trace_state();
}

json_t *ctl_dump(struct ctl_request *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *result;

	if (!out)
		return NULL;
	xm_dump(r->env->dev, out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	result = json_pack("{s:s}", "state", text);
	free(text);
	return result;
}

json_t *ctl_quit(struct ctl_request *r)
{
	if (!r->env->quit)
		return ctl_fail(r, "this model cannot be ended from here");
	r->env->quit(r->env->quit_ctx);
	return json_pack("{s:s}", "state", "ending");
}
