// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Fuzzes the requests of the control socket: whatever the line, the reply is one line that holds a
 * JSON object, with a result or with the reason why there is none.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "fw/guc.h"
#include "gfx/engine.h"
#include "tests/fuzz.h"

static struct xm_device *device(void)
{
	static const struct xm_config cfg = { .platform = "tgl", .strict = true };
	static struct xm_device *dev;

	if (dev)
		return dev;
	dev = xm_device_create(&cfg);
	if (!dev || xm_gfx_create(dev) || xm_fw_create(dev))
		abort();
	return dev;
}

/* The one command that creates files is left out. */
static bool writes_files(const u8 *data, size_t size)
{
	return memmem(data, size, "trace", 5);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct ctl_env env = { .dev = device() };
	json_t *reply;
	char *text;
	bool ok;

	if (size >= CTL_LINE_BYTES || memchr(data, '\n', size) || writes_files(data, size))
		return 0;
	text = ctl_execute(&env, (const char *)data, size);
	if (!text || strchr(text, '\n') != text + strlen(text) - 1)
		abort();
	reply = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ok = json_is_true(json_object_get(reply, "ok"));
	if (!reply || ok != json_is_object(json_object_get(reply, "result")) ||
	    ok == json_is_string(json_object_get(reply, "error")))
		abort();
	json_decref(reply);
	free(text);
	fault_clear(env.dev);
	return 0;
}
