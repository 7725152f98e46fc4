/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Engines and their translation caches as seen from outside, for the control socket.
 */
#ifndef XM_GFX_INSPECT_H
#define XM_GFX_INSPECT_H

#include "gfx/engine.h"
#include "gfx/tlb.h"
#include "util/types.h"

/* Most commands of struct engine_info */
#define ENGINE_PAST 16u

/**
 * struct engine_command - a command that was executed
 * @ip: where: ring offset or batch address
 * @header: first dword
 * @stream: "ring", "batch" or "batch2"
 * @name: name of the command
 */
struct engine_command {
	u64 ip;
	u32 header;
	const char *stream;
	const char *name;
};

/**
 * struct engine_info - an engine between two commands
 * @busy: it runs a context; the members up to @waiting describe that, or the last one
 * @ctx_id: context
 * @desc: context descriptor
 * @ppgtt: the context has an address space
 * @root: its root descriptor
 * @ring_start: GGTT address of the ring
 * @ring_size: bytes
 * @head: byte offset of the next command of the ring
 * @tail: byte offset of the end of the ring's commands
 * @stream: what it executes: "ring", "batch" or "batch2"
 * @ip: next command: ring offset or batch address
 * @waiting: the command at @ip waits for a condition
 * @switching: a switch to another context was requested
 * @commands: commands executed since the start of the program
 * @tlb_entries: cached translations and tables
 * @past: last commands, oldest first
 * @n_past: number of @past
 */
struct engine_info {
	bool busy;
	u32 ctx_id;
	u64 desc;
	bool ppgtt;
	u64 root;
	u32 ring_start;
	u32 ring_size;
	u32 head;
	u32 tail;
	const char *stream;
	u64 ip;
	bool waiting;
	bool switching;
	unsigned long commands;
	size_t tlb_entries;
	struct engine_command past[ENGINE_PAST];
	unsigned int n_past;
};

/**
 * engine_inspect() - describe an engine
 * @e: engine
 * @info: set to its state
 *
 * Context: as engine_visit().
 * Return: as engine_visit().
 */
bool engine_inspect(struct engine *e, struct engine_info *info);

/**
 * engine_tlb_list() - copy out what an engine has cached
 * @e: engine
 * @q: which entries
 * @out: destination, NULL to count only
 * @max: size of @out, in entries
 * @n: set to the number of entries that match; the first @max of them were copied
 *
 * Context: as engine_visit().
 * Return: as engine_visit().
 */
bool engine_tlb_list(struct engine *e, const struct tlb_query *q, struct tlb_entry *out, size_t max,
		     size_t *n);

#endif
