/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * What the fuzzers share: the functions of libFuzzer, which brings no header of its own, and the
 * check that ends a run.
 */
#ifndef XM_TESTS_FUZZ_H
#define XM_TESTS_FUZZ_H

#include <stdlib.h>

#include "util/types.h"

/** LLVMFuzzerInitialize() - called once at the start, before any input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** LLVMFuzzerTestOneInput() - run one input. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/** LLVMFuzzerCustomMutator() - change an input in place. Return: its bytes now, at most @max. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed);

/** LLVMFuzzerMutate() - the changes of libFuzzer, for a mutator of one's own. */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);

/** check() - end the run, so that libFuzzer keeps the input, unless @ok. */
static inline void check(bool ok)
{
	if (!ok)
		abort();
}

#endif
