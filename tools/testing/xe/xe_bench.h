/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_BENCH_H_
#define _XE_BENCH_H_

#include "xe_calls.h"

/*
 * The marks that the plugins of tools/testing/profile look for: they observe from on to off, and
 * put what lies before and behind next apart. None changes a register.
 */
static inline void bench_profile_on(void)
{
	__asm__ volatile(".byte 0x66, 0x66, 0x87, 0xd2" ::: "memory");
}

static inline void bench_profile_off(void)
{
	__asm__ volatile(".byte 0x66, 0x66, 0x87, 0xdb" ::: "memory");
}

static inline void bench_profile_next(void)
{
	__asm__ volatile(".byte 0x66, 0x66, 0x87, 0xc9" ::: "memory");
}

/**
 * struct bench - what a case works with
 * @fd: the device
 * @vm: address space
 * @bo: object
 * @queue: exec queue, or bind queue
 * @sync: binary sync object
 * @memory: user memory
 * @ops: array of @n_ops operations
 * @n_ops: length of @ops
 */
struct bench {
	int fd;
	uint32_t vm;
	uint32_t bo;
	uint32_t queue;
	uint32_t sync;
	void *memory;
	struct drm_xe_vm_bind_op *ops;
	unsigned int n_ops;
};

/**
 * struct bench_case - a case
 * @name: word for the command line
 * @title: what is measured
 * @per: operations of a sample
 * @samples: number of samples if it is not the usual one, else 0
 * @setup: once; may be NULL
 * @before: before each sample, not counted; may be NULL
 * @run: what is counted
 * @after: after each sample, not counted; may be NULL
 */
struct bench_case {
	const char *name;
	const char *title;
	unsigned int per;
	unsigned int samples;
	void (*setup)(struct bench *b);
	void (*before)(struct bench *b);
	void (*run)(struct bench *b);
	void (*after)(struct bench *b);
};

/** bench_cases - all cases, up to one without a name */
extern const struct bench_case bench_cases[];

/** bench_die() - end the process with a message and errno. */
void bench_die(const char *what) __attribute__((noreturn));

/** bench_check() - end the process if @ret, 0 or -errno, is an error of @what. */
void bench_check(const char *what, int ret);

/** bench_let_others_run() - give the processor away for a while. Return: ticks others have used. */
uint64_t bench_let_others_run(void);

/** bench_count_open() - get ready for bench_count(), once; ends the process if it cannot. */
void bench_count_open(void);

/** bench_count() - print what @samples samples of @c do beside executing instructions. */
void bench_count(const struct bench_case *c, unsigned int samples);

#endif
