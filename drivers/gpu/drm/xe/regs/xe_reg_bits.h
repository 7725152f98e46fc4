/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Helpers for "masked" registers: bits 31:16 of a write say which of bits 15:0 it changes.
 * Usable by the kernel and by user space: no includes, numbers only.
 */
#ifndef _XE_REG_BITS_H_
#define _XE_REG_BITS_H_

/* Value to write to a masked register to set / to clear the given bits, or to set a field. */
#define XE_MASKED_SET(bits)		((bits) * 0x10000u | (bits))
#define XE_MASKED_CLR(bits)		((bits) * 0x10000u)
#define XE_MASKED_FIELD(mask, val)	((mask) * 0x10000u | (val))

#endif
