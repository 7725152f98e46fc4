/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Short integer names and the few macros every layer of the model uses.
 */
#ifndef XM_UTIL_TYPES_H
#define XM_UTIL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define XM_MIN(a, b) ((a) < (b) ? (a) : (b))
#define XM_MAX(a, b) ((a) > (b) ? (a) : (b))

#define SZ_4K 0x1000u
#define SZ_64K 0x10000u
#define SZ_1M 0x100000u
#define SZ_2M 0x200000u
#define SZ_8M 0x800000u
#define SZ_16M 0x1000000u

/* Marks printf-like functions; @f and @a are the argument numbers of the format and first value. */
#define XM_PRINTF(f, a) __attribute__((format(printf, f, a)))

#endif
