/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A device with guest memory, a global table, one address space and contexts, for tests of the
 * engines and the GuC.
 */
#ifndef XM_TESTS_LIB_MACHINE_H
#define XM_TESTS_LIB_MACHINE_H

#include <pthread.h>

#include "dev/device.h"
#include "gfx/engine.h"

struct client;

#define MEM_BYTES (16u << 20)
#define MEM_DMA 0x10000000ull
/* The global table maps all of the memory, in order, from here. */
#define MEM_GGTT 0x1000000u

/* Offsets in the memory: page tables grow from TABLES, tests own everything from FREE on. */
#define AT_TABLES 0x0u
#define AT_FREE 0x100000u

/* Layout of a context: ring, status page, register page */
#define CTX_RING_BYTES 0x1000u
#define CTX_BYTES 0x4000u

/**
 * struct machine - a device and its memory
 * @dev: device with engines, NULL if it is at the other end of @client
 * @client: connection to a device in another process, or NULL
 * @stepped: the device is in stepped mode
 * @mem: host pointer to all memory
 * @fd: memory file
 * @next_table: next free page of AT_TABLES; page 0 is the root
 * @lock: protects @stops and @why
 * @cond: one of them changed
 * @stops: stopped() upcalls so far
 * @why: reason of the last one
 * @more: answer to the next more() upcall
 */
struct machine {
	struct xm_device *dev;
	struct client *client;
	bool stepped;
	u8 *mem;
	int fd;
	u32 next_table;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned int stops;
	enum engine_stop why;
	bool more;
};

/** machine_setup() - cmocka setup: *state is a struct machine. */
int machine_setup(void **state);

/**
 * machine_setup_with() - set up a machine with other options
 * @state: set to a struct machine
 * @cfg: options; a stepped device is left with its power domains asleep
 *
 * Return: 0 or -1.
 */
int machine_setup_with(void **state, const struct xm_config *cfg);

/**
 * machine_setup_memory() - set up a machine without a device
 * @state: set to a struct machine whose memory is not mapped anywhere
 *
 * Return: 0 or -1.
 */
int machine_setup_memory(void **state);

/** machine_teardown() - cmocka teardown. */
int machine_teardown(void **state);

/** machine_pause() - let time pass for the device: 1 ms, or some steps. */
void machine_pause(struct machine *m);

/** machine_use_engines() - let the test start contexts itself, without a GuC. */
void machine_use_engines(struct machine *m);

/** machine_map() - map @len bytes at address @va to memory offset @at with leaf bits @bits. */
void machine_map(struct machine *m, u64 va, u32 at, u32 len, u64 bits);

/** machine_leaf() - host pointer to the level-0 entry of @va. */
u64 *machine_leaf(struct machine *m, u64 va);

/** machine_root() - root descriptor of the address space. */
u64 machine_root(const struct machine *m);

/** machine_dw() - dword pointer at memory offset @at. */
u32 *machine_dw(struct machine *m, u32 at);

/**
 * machine_context() - write a context image
 * @m: machine
 * @at: memory offset of CTX_BYTES for ring, status page and register page
 * @hw_class: engine class
 * @ppgtt: give it the address space
 *
 * Return: descriptor. The ring is empty.
 */
u64 machine_context(struct machine *m, u32 at, unsigned int hw_class, bool ppgtt);

/** machine_image() - register page of the context at memory offset @at. */
u32 *machine_image(struct machine *m, u32 at);

/** machine_emit() - append @n dwords to the ring of the context at @at and move the tail. */
void machine_emit(struct machine *m, u32 at, const u32 *dw, unsigned int n);

/** machine_start() - run a context on engine @e without waiting. */
void machine_start(struct machine *m, struct engine *e, u64 desc);

/** machine_stops() - Return: stopped() upcalls so far; tests that poll must not read the member. */
unsigned int machine_stops(struct machine *m);

/** machine_wait() - wait for the next stopped(). Return: why. Fails the test after 10 s. */
enum engine_stop machine_wait(struct machine *m, unsigned int stops);

/** machine_run() - run a context to its end. Return: why it stopped. */
enum engine_stop machine_run(struct machine *m, struct engine *e, u64 desc);

/** machine_until() - wait until the dword at @at has the value. Return: false after 10 s. */
bool machine_until(struct machine *m, u32 at, u32 value);

#endif
