/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands that jobs of tests are made of. Each function writes one at @dw and returns where the
 * next one goes.
 */
#ifndef _XE_BATCH_H_
#define _XE_BATCH_H_

#include <stdint.h>

#include "xe_calls.h"

#define XE_MI_STORE_DWORD	0x10000002u
#define XE_MI_COPY_DWORD	0x17000003u
/* Until the word in memory is the one in the command */
#define XE_MI_WAIT_EQ		0x0e00c002u
/* Unless the word in memory is above the one in the command */
#define XE_MI_END_UNLESS_ABOVE	0x1b200002u
#define XE_MI_JUMP		0x18800101u
#define XE_MI_INCREMENT		0x17800501u
/* Where others may have the engine */
#define XE_MI_YIELD		0x02800000u

static inline uint32_t *xe_put_address(uint32_t *dw, uint64_t addr)
{
	*dw++ = addr;
	*dw++ = addr >> 32;

	return dw;
}

/* Store @value at @addr. */
static inline uint32_t *xe_put_store(uint32_t *dw, uint64_t addr, uint32_t value)
{
	*dw++ = XE_MI_STORE_DWORD;
	dw = xe_put_address(dw, addr);
	*dw++ = value;

	return dw;
}

/* Add 1 to the word at @addr. */
static inline uint32_t *xe_put_increment(uint32_t *dw, uint64_t addr)
{
	*dw++ = XE_MI_INCREMENT;

	return xe_put_address(dw, addr);
}

/* Copy the word at @from to @to. */
static inline uint32_t *xe_put_copy(uint32_t *dw, uint64_t to, uint64_t from)
{
	*dw++ = XE_MI_COPY_DWORD;
	dw = xe_put_address(dw, to);

	return xe_put_address(dw, from);
}

/* Wait until there is a 1 at @addr. */
static inline uint32_t *xe_put_wait(uint32_t *dw, uint64_t addr)
{
	*dw++ = XE_MI_WAIT_EQ;
	*dw++ = 1;

	return xe_put_address(dw, addr);
}

static inline uint32_t *xe_put_end(uint32_t *dw)
{
	*dw++ = XE_MI_BATCH_END;

	return dw;
}

/* A batch at address @self that stores @value at @to again and again until there is a 0 at @run. */
static inline uint32_t *xe_put_store_loop(uint32_t *dw, uint64_t self, uint64_t to, uint32_t value,
					  uint64_t run)
{
	dw = xe_put_store(dw, to, value);
	*dw++ = XE_MI_END_UNLESS_ABOVE;
	*dw++ = 0;
	dw = xe_put_address(dw, run);
	*dw++ = XE_MI_YIELD;
	*dw++ = XE_MI_JUMP;

	return xe_put_address(dw, self);
}

#endif
