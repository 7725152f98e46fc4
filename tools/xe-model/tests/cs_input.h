/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Inputs of fuzz_cs: their form, commands made from the tables of the model, seeds, and changes
 * that keep commands whole.
 */
#ifndef XM_TESTS_CS_INPUT_H
#define XM_TESTS_CS_INPUT_H

#include <stddef.h>

#include "gfx/cs.h"
#include "util/rng.h"

/* Pages of the scene. They have the same numbers in both address spaces. */
#define PAGE(n) ((n) * 0x1000u)
#define PAGE_ABSENT 0u
#define PAGE_BATCH 1u
#define PAGE_BATCH2 3u
#define PAGE_DATA 4u
#define PAGE_READ_ONLY 8u
#define PAGE_NULL 9u
#define PAGE_UNMAPPED 10u
#define PAGE_ROM 11u
#define PAGE_TABLE 12u
#define PAGE_IMAGE 13u
#define PAGE_MALFORMED 14u
#define PAGE_RING 15u
#define N_PAGES 16u
#define VA_NULL_LARGE 0x200000u
#define VA_NO_WRITE 0x600000u
#define VA_64K 0x800000u

/* Where the memory of the scene begins, for entries of its page tables */
#define RAM_DMA 0x10000000ull

#define RING_DWORDS 1022u
#define BATCH_DWORDS 2048u
#define BATCH2_DWORDS 1024u

/* What somebody else does while the commands run */
enum cs_event {
	CS_EVENT_NONE,
	CS_EVENT_PREEMPT,
	CS_EVENT_TLB_ALL,
	CS_EVENT_TLB_RANGE,
	CS_EVENT_KILL,
	CS_EVENT_SIGNAL,
	CS_EVENTS,
};

/**
 * struct cs_head - first bytes of an input; the dwords of ring, batch and second-level batch follow
 * @engine: number of the engine; bit 7: it has the commands of Xe2
 * @flags: CS_HEAD_*
 * @event: enum cs_event
 * @when: commands in fours until @event
 * @slices: seed of the lengths of bursts
 * @pad: unused
 * @ring: dwords in the ring
 * @batch: dwords in the batch
 */
struct cs_head {
	u8 engine;
	u8 flags;
	u8 event;
	u8 when;
	u8 slices;
	u8 pad[3];
	u16 ring;
	u16 batch;
};

#define CS_HEAD_NO_PPGTT 0x1
#define CS_HEAD_MORE 0x2
#define CS_HEAD_XE2 0x80

_Static_assert(sizeof(struct cs_head) == 12, "inputs have no gaps");

/**
 * cs_input_mutate() - change an input, mostly by whole commands
 * @e: engine the input is for
 * @data: input
 * @size: its bytes
 * @max: bytes of @data
 * @seed: of the change
 *
 * Return: new size, or 0 if the input is better changed bytewise.
 */
size_t cs_input_mutate(const struct engine *e, u8 *data, size_t size, size_t max, u64 seed);

/**
 * cs_input_seeds() - write inputs with every command that an engine can have
 * @e: engine
 * @head: head for its inputs
 * @dir: where the files go: for each command one with legal bits, one with illegal ones
 *
 * Return: number of files, -1 if one could not be written.
 */
int cs_input_seeds(const struct engine *e, struct cs_head head, const char *dir);

#endif
