// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include <string.h>

#include "dev/fault.h"
#include "gfx/cs.h"

enum cs_result cs_ordered_fault(struct engine *e)
{
	const struct fault_event ev = { .ctx = e->run.ctx_id, .engine = e->desc->name };

	if (fault_hit(e->dev, FAULT_ENGINE_HANG, &ev))
		return cs_hang(e, "ordered fault");
	if (!fault_hit(e->dev, FAULT_CAT_ERROR, &ev))
		return CS_OK;
	memset(&e->fault, 0, sizeof(e->fault));
	e->fault.va = e->ip[e->level].addr;
	e->fault.ggtt = cs_stream_ggtt(e);
	e->fault.what = "ordered fault";
	return CS_FAULT;
}
