/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands of the control socket, shared by the files of ctl/ only.
 */
#ifndef XM_CTL_CTL_CMD_H
#define XM_CTL_CTL_CMD_H

#include <jansson.h>

#include "ctl/ctl.h"
#include "util/types.h"

/* Longest request, the end of the line included */
#define CTL_LINE_BYTES 4096u
#define CTL_MAX_ARGS 4u
/* Most rows of a reply; a reply that was cut says so */
#define CTL_MAX_ROWS 32768u

/**
 * struct ctl_request - one request while it is executed
 * @env: what it works on
 * @arg: arguments
 * @n_args: number of @arg
 * @error: why it failed
 * @usage: it failed because of how it was written
 */
struct ctl_request {
	const struct ctl_env *env;
	const char *arg[CTL_MAX_ARGS];
	unsigned int n_args;
	char error[512];
	bool usage;
};

/**
 * ctl_execute() - execute one request
 * @env: what it works on
 * @line: the request, without its line end; need not be terminated
 * @len: bytes of @line
 *
 * Return: the reply with its line end, to be freed; NULL without memory.
 */
char *ctl_execute(const struct ctl_env *env, const char *line, size_t len);

/** ctl_refuse() - Return: an error reply that says @why, to be freed; NULL without memory. */
char *ctl_refuse(const char *why);

/* --- helpers of commands ---------------------------------------------------------------------- */

/** ctl_fail() - note why a request fails. Return: NULL, for the command to return. */
json_t *ctl_fail(struct ctl_request *r, const char *fmt, ...) XM_PRINTF(2, 3);

/** ctl_misuse() - as ctl_fail(), for a request that can never work. Return: NULL. */
json_t *ctl_misuse(struct ctl_request *r, const char *fmt, ...) XM_PRINTF(2, 3);

/** ctl_hex() - Return: @value as a string: JSON numbers are not exact to 64 bits everywhere. */
json_t *ctl_hex(u64 value);

/** ctl_size() - Return: @bytes as a string with a binary unit, such as "64 KiB". */
json_t *ctl_size(u64 bytes);

/**
 * ctl_number() - read a number
 * @r: request; the reason is noted if it fails
 * @text: decimal, or hexadecimal with 0x
 * @what: what it is, for the reason
 * @max: largest value
 * @value: set to it
 *
 * Return: true if @text is such a number.
 */
bool ctl_number(struct ctl_request *r, const char *text, const char *what, u64 max, u64 *value);

/**
 * ctl_range() - read the optional first and last address from argument @at on
 * @r: request; the reason is noted if it fails
 * @at: index of the first address; it and the last address may be missing
 * @max: largest address
 * @first: set to the first address, 0 if it is missing
 * @last: set to the last address, @max if it is missing
 *
 * Return: true if the range makes sense.
 */
bool ctl_range(struct ctl_request *r, unsigned int at, u64 max, u64 *first, u64 *last);

/**
 * ctl_root() - find an address space
 * @r: request; the reason is noted if it fails
 * @text: root descriptor, address of a root table, or ctx:ID
 * @root: set to the root descriptor
 *
 * Return: true if it was found.
 */
bool ctl_root(struct ctl_request *r, const char *text, u64 *root);

/**
 * ctl_image_root() - read the root descriptor out of a context image
 * @env: environment
 * @desc: context descriptor
 * @root: set to it
 *
 * Breaks no rule and reports none, whatever the descriptor is.
 *
 * Return: true, or false if the context has no address space or its image cannot be read.
 */
bool ctl_image_root(const struct ctl_env *env, u64 desc, u64 *root);

/**
 * ctl_image_dword() - read a dword of the register page of a context image
 * @env: environment
 * @desc: context descriptor
 * @index: LRC_DW_*
 * @value: set to it
 *
 * Return: true, or false if it cannot be read.
 */
bool ctl_image_dword(const struct ctl_env *env, u64 desc, unsigned int index, u32 *value);

/* --- commands: each returns the result, or NULL after ctl_fail() or without memory ----------- */

/** ctl_engines() - "engines [NAME]" */
json_t *ctl_engines(struct ctl_request *r);

/** ctl_contexts() - "contexts" */
json_t *ctl_contexts(struct ctl_request *r);

/** ctl_spaces() - "spaces" */
json_t *ctl_spaces(struct ctl_request *r);

/** ctl_tlb() - "tlb [ENGINE [ROOT]]" */
json_t *ctl_tlb(struct ctl_request *r);

/** ctl_map() - "map ROOT|ctx:ID [FIRST [LAST]]" */
json_t *ctl_map(struct ctl_request *r);

/** ctl_tables() - "tables ROOT|ctx:ID" */
json_t *ctl_tables(struct ctl_request *r);

/** ctl_check() - "check ROOT|ctx:ID FILE" */
json_t *ctl_check(struct ctl_request *r);

/** ctl_translate() - "translate ROOT VA" */
json_t *ctl_translate(struct ctl_request *r);

/** ctl_ggtt() - "ggtt [FIRST [LAST]]" */
json_t *ctl_ggtt(struct ctl_request *r);

/** ctl_counters() - "counters" */
json_t *ctl_counters(struct ctl_request *r);

/** ctl_violations() - "violations" */
json_t *ctl_violations(struct ctl_request *r);

/** ctl_fault() - "fault SPEC" */
json_t *ctl_fault(struct ctl_request *r);

/** ctl_faults() - "faults [clear]" */
json_t *ctl_faults(struct ctl_request *r);

/** ctl_trace() - "trace [on|off|registers|no-registers [FILE]]" */
json_t *ctl_trace(struct ctl_request *r);

/** ctl_dump() - "dump" */
json_t *ctl_dump(struct ctl_request *r);

/** ctl_quit() - "quit" */
json_t *ctl_quit(struct ctl_request *r);

#endif
