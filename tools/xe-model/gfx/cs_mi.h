/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Executors of MI commands, for the table in cs_mi.c. Each gets the engine, the dwords of the
 * command and their number, which the table has checked.
 */
#ifndef XM_GFX_CS_MI_H
#define XM_GFX_CS_MI_H

#include "gfx/cs.h"

/** cs_address() - Return: 64-bit address in two dwords, without the flags in its low two bits. */
static inline u64 cs_address(const u32 *dw)
{
	return (dw[0] & ~3ull) | (u64)dw[1] << 32;
}

/** mi_predicate() - MI_PREDICATE. Return: CS_OK. */
enum cs_result mi_predicate(struct engine *e, const u32 *dw, unsigned int len);

/** mi_set_predicate() - MI_SET_PREDICATE. Return: CS_OK; CS_HANG for an undefined mode. */
enum cs_result mi_set_predicate(struct engine *e, const u32 *dw, unsigned int len);

/** mi_math() - MI_MATH. Return: CS_OK; CS_HANG for an undefined instruction. */
enum cs_result mi_math(struct engine *e, const u32 *dw, unsigned int len);

/**
 * mi_atomic() - MI_ATOMIC
 *
 * Return: CS_OK; CS_FAULT; CS_HANG for an undefined operation or a misaligned address.
 */
enum cs_result mi_atomic(struct engine *e, const u32 *dw, unsigned int len);

#endif
