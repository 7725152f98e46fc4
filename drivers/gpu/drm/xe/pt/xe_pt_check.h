/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_PT_CHECK_H_
#define _XE_PT_CHECK_H_

#include "pt/xe_pt_internal.h"
#include "pt/xe_pte.h"

struct xe_pt_tree;

/**
 * struct xe_pt_translation - result of a table walk
 * @addr: address the GPU virtual address translates to, including the offset into the page
 * @page: the leaf, decoded
 * @pte: the leaf as stored
 * @shift: log2 of the page size: 12, 21 or 30
 */
struct xe_pt_translation {
	u64 addr;
	struct xe_pte_info page;
	struct xe_pte pte;
	u8 shift;
};

/**
 * struct xe_pt_flaw - first inconsistency found by xe_pt_check()
 * @rule: what does not hold
 * @va: first GPU virtual address of the entry
 * @word: the entry in memory
 * @level: level of its table
 * @slot: its slot
 */
struct xe_pt_flaw {
	const char *rule;
	u64 va;
	u64 word;
	u8 level;
	u16 slot;
};

/* What xe_pt_check() may assume. */
#define XE_PT_CHECK_WRITTEN	0x1	/* every committed plan is written: check memory too */

int xe_pt_check(struct xe_pt_tree *tree, u32 flags, struct xe_pt_flaw *flaw);
int xe_pt_translate(const struct xe_pt_tree *tree, u64 va, struct xe_pt_translation *out);

/**
 * typedef xe_pt_print_fn - receive one line of a dump
 * @arg: as given to xe_pt_dump()
 * @va: first GPU virtual address of a run of entries
 * @size: bytes the run covers
 * @level: level of the table
 * @pte: first entry of the run
 */
typedef void (*xe_pt_print_fn)(void *arg, u64 va, u64 size, u8 level, struct xe_pte pte);

void xe_pt_dump(const struct xe_pt_tree *tree, xe_pt_print_fn print, void *arg);

#endif
