// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_batch.h"

#include <string.h>

#include "tests/lib_cmocka.h"

static int setup(void **state, unsigned int guc_class, enum xm_hw_class hw_class)
{
	static struct box box;

	memset(&box, 0, sizeof(box));
	if (machine_setup((void **)&box.m))
		return -1;
	machine_use_engines(box.m);
	box.platform = *box.m->dev->platform;
	box.e = gfx_find(box.m->dev, guc_class, 0);
	box.desc = machine_context(box.m, CTX, hw_class, true);
	machine_map(box.m, VA_BATCH, BATCH, 0x4000, RW);
	machine_map(box.m, VA_DATA, DATA, 0x2000, RW);
	*state = &box;
	return 0;
}

int box_setup(void **state)
{
	return setup(state, 3, XM_CLASS_COPY);
}

int box_setup_render(void **state)
{
	return setup(state, 0, XM_CLASS_RENDER);
}

int box_setup_xe2(void **state)
{
	struct box *box;

	if (box_setup(state))
		return -1;
	box = *state;
	box->platform.graphics_ver = 2001;
	box->m->dev->platform = &box->platform;
	return 0;
}

int box_teardown(void **state)
{
	struct box *box = *state;

	return machine_teardown((void **)&box->m);
}

void box_batch(struct box *box, const u32 *dw, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		*machine_dw(box->m, BATCH + 4 * box->n++) = dw[i];
}

enum engine_stop go(struct box *box)
{
	enum engine_stop why;

	batch(box, MI_BATCH_BUFFER_END);
	ring(box, MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0);
	why = machine_run(box->m, box->e, box->desc);
	box->n = 0;
	return why;
}

u32 data(struct box *box, u32 off)
{
	return *machine_dw(box->m, DATA + off);
}

void put_data64(struct box *box, u32 off, u64 val)
{
	memcpy(box->m->mem + DATA + off, &val, 8);
}

u64 data64(struct box *box, u32 off)
{
	return data(box, off) | (u64)data(box, off + 4) << 32;
}
