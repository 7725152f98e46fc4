/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PT_CHECK_H
#define XM_DEV_PT_CHECK_H

#include "dev/ppgtt.h"
#include "util/types.h"

struct pt_check;

/**
 * struct pt_finding - a broken rule
 * @rule: short name
 * @wrong: what is wrong
 * @va: address where it shows
 * @walk: the way to it
 * @two: @other counts
 * @other: the way to the table that is used twice, or that is mapped
 */
struct pt_finding {
	const char *rule;
	const char *wrong;
	u64 va;
	struct ppgtt_walk walk;
	bool two;
	struct ppgtt_walk other;
};

/**
 * struct pt_check_ops - what a check needs from outside
 * @read: reads @n entries at @addr, each in one piece; false if they cannot be read
 * @reach: how many of the @len bytes of memory at @addr the device may access, from the first on
 * @running: a number that stays the same as long as the tables below @root must exist because one
 *           and the same job uses them; 0 if there is no such job
 * @report: a rule is broken
 */
struct pt_check_ops {
	bool (*read)(void *ctx, u64 addr, u64 *entry, unsigned int n);
	u64 (*reach)(void *ctx, u64 addr, u64 len);
	u64 (*running)(void *ctx, u64 root);
	void (*report)(void *ctx, const struct pt_finding *finding);
};

/**
 * struct pt_check_count - figures
 * @rounds: whole trees looked at
 * @tables: tables read
 * @known: tables known now
 */
struct pt_check_count {
	unsigned long rounds;
	unsigned long tables;
	u32 known;
};

/**
 * pt_check_create() - start without address spaces
 * @fmt: format
 * @ops: callbacks, must stay
 *
 * Return: the check, NULL without memory.
 */
struct pt_check *pt_check_create(const struct ppgtt_format *fmt, const struct pt_check_ops *ops);

/**
 * pt_check_destroy() - free
 * @check: check, NULL is allowed
 */
void pt_check_destroy(struct pt_check *check);

/**
 * pt_check_want() - the tables of an address space may have changed
 * @check: check
 * @root: its root descriptor, not 0
 *
 * A walk that has begun is finished first, and another one follows.
 *
 * Return: true if the address space was never looked at, or so long ago that it was forgotten.
 */
bool pt_check_want(struct pt_check *check, u64 root);

/**
 * pt_check_step() - look at a part of an address space
 * @check: check
 * @root: its root descriptor, not 0; it must be certain until the call returns that its tables
 *        exist and that no table is freed that was detached after the call began
 * @now: time in nanoseconds
 * @budget: tables to read at most, give or take one per level
 * @ctx: first argument of the callbacks
 *
 * Context: whatever @read and @reach need.
 * Return: whether there is more to look at.
 */
bool pt_check_step(struct pt_check *check, u64 root, u64 now, unsigned int budget, void *ctx);

/** pt_check_count() - Return: figures. */
struct pt_check_count pt_check_count(const struct pt_check *check);

#endif
