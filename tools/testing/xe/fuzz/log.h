/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * The kernel log, read by the programs whose calls fill it.
 */
#ifndef FUZZ_LOG_H
#define FUZZ_LOG_H

#include <stdbool.h>
#include <stddef.h>

bool log_begin(void);
bool log_is_bad(char *text, size_t size);

#endif
