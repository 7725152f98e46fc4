/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * User-space stand-ins for the bit macros of the kernel, so that the fact headers shared with the
 * driver build here too.
 */
#ifndef XM_UTIL_BITS_H
#define XM_UTIL_BITS_H

#include "util/types.h"

#ifndef BIT
#define BIT(n) (1u << (n))
#endif
#ifndef BIT_ULL
#define BIT_ULL(n) (1ull << (n))
#endif
#ifndef GENMASK
#define GENMASK(h, l) ((~0u << (l)) & (~0u >> (31 - (h))))
#endif
#ifndef GENMASK_ULL
#define GENMASK_ULL(h, l) ((~0ull << (l)) & (~0ull >> (63 - (h))))
#endif

/* Extract from @v the field that the contiguous mask @mask describes. */
#define FIELD_OF(mask, v) (((v) & (mask)) / ((mask) & -(mask)))

/* Place @v into the field that the contiguous mask @mask describes. */
#define FIELD_PUT(mask, v) (((v) * ((mask) & -(mask))) & (mask))

#endif
