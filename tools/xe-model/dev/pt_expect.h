/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PT_EXPECT_H
#define XM_DEV_PT_EXPECT_H

#include "dev/pt_tree.h"
#include "util/types.h"

/**
 * enum pt_vma_kind - what a part of an address space should be
 * @PT_VMA_MEMORY: mapped to memory
 * @PT_VMA_NULL: mapped to nothing: reads give zero
 * @PT_VMA_EMPTY: not mapped, although its tables may still be there
 */
enum pt_vma_kind {
	PT_VMA_MEMORY,
	PT_VMA_NULL,
	PT_VMA_EMPTY,
};

/**
 * struct pt_backing - contiguous memory behind a part
 * @addr: memory address, 4 KiB aligned
 * @len: bytes, 4 KiB aligned
 * @devmem: device memory
 */
struct pt_backing {
	u64 addr;
	u64 len;
	bool devmem;
};

/**
 * struct pt_vma - a part of an address space
 * @start: first address, 4 KiB aligned
 * @end: exclusive
 * @kind: what it should be
 * @read_only: writes are not allowed
 * @atomic: atomic accesses are enabled
 * @pat: PAT index
 * @backing: index of its first backing, in order of addresses (PT_VMA_MEMORY)
 */
struct pt_vma {
	u64 start;
	u64 end;
	enum pt_vma_kind kind;
	bool read_only;
	bool atomic;
	u8 pat;
	unsigned int backing;
};

/**
 * struct pt_expect - what an address space should be
 * @scratch: what is not mapped leads to scratch
 * @scratch_pat: PAT index of scratch
 * @vma: parts, in ascending order, not overlapping
 * @n_vmas: number of @vma
 * @backing: memory behind all of them; the backings of a part add up to its size
 * @n_backings: number of @backing
 */
struct pt_expect {
	bool scratch;
	u8 scratch_pat;
	struct pt_vma *vma;
	unsigned int n_vmas;
	struct pt_backing *backing;
	unsigned int n_backings;
};

/**
 * pt_expect_parse() - read an expectation from text
 * @x: set; freed with pt_expect_free() if 0 is returned
 * @text: one part per line, in ascending order; "#" begins a comment:
 *
 *	scratch [pat=N]
 *	START END memory [ro] [atomic] [pat=N] ADDR+LEN ... (or dev:ADDR+LEN)
 *	START END null [ro] [atomic] [pat=N]
 *	START END empty
 *
 *        END is exclusive. Numbers as in C; everything is a multiple of 4 KiB. "scratch" says that
 *        what is not mapped leads to scratch.
 * @err: set to what is wrong, with the number of the line
 * @len: bytes at @err
 *
 * Return: 0, -EINVAL for a malformed text, or -ENOMEM.
 */
int pt_expect_parse(struct pt_expect *x, const char *text, char *err, size_t len);

/**
 * pt_expect_free() - free the lists of an expectation
 * @x: expectation
 */
void pt_expect_free(struct pt_expect *x);

/**
 * struct pt_deviation - a difference between expectation and tables
 * @id: C1 coverage, C2 address, C3 permission, C4 PAT index, C5 NULL, C6 atomic enable, C7 a leaf
 *      or a 64 KiB group that reaches over the border of a part, C9 a table without a live entry,
 *      C10 an entry that had to stay as it was
 * @wrong: in words
 * @first: first address concerned
 * @last: last address concerned
 * @want: expected value, if there is one: memory address, PAT index, 0 or 1, entry
 * @got: value found
 */
struct pt_deviation {
	const char *id;
	const char *wrong;
	u64 first;
	u64 last;
	u64 want;
	u64 got;
};

/**
 * typedef pt_deviation_fn - called for each difference
 * @ctx: as given to the comparison
 * @d: the difference
 *
 * Return: false to end the comparison.
 */
typedef bool (*pt_deviation_fn)(void *ctx, const struct pt_deviation *d);

/**
 * struct pt_compare - a comparison, in as many pieces as wanted
 * @x: expectation, must stay
 * @tree: the walk
 * @pos: first address that was not compared yet
 * @vma: first part that does not end before @pos
 * @read: reads tables
 * @report: called for each difference
 * @ctx: argument of @read and @report
 * @stopped: @report has ended it
 */
struct pt_compare {
	const struct pt_expect *x;
	struct pt_tree tree;
	u64 pos;
	unsigned int vma;
	pt_read_fn read;
	pt_deviation_fn report;
	void *ctx;
	bool stopped;
};

/**
 * pt_compare_begin() - start at the lowest address
 * @c: set, with @c->read, @c->report and @c->ctx kept
 * @fmt: format
 * @root: root descriptor
 * @x: expectation
 */
void pt_compare_begin(struct pt_compare *c, const struct ppgtt_format *fmt, u64 root,
		      const struct pt_expect *x);

/**
 * pt_compare_step() - compare the next part
 * @c: comparison
 * @budget: tables to read at most, as for pt_tree_walk()
 *
 * Context: whatever @c->read needs.
 * Return: see enum pt_tree_status.
 */
enum pt_tree_status pt_compare_step(struct pt_compare *c, unsigned int budget);

/**
 * struct pt_snapshot - leaves as they were at some time
 * @leaf: address, entry and level of each, in ascending order
 * @n: number of @leaf
 * @max: size of @leaf
 * @first: first address of interest
 * @last: last address of interest
 */
struct pt_snapshot {
	struct pt_leaf {
		u64 va;
		u64 entry;
		u8 level;
	} *leaf;
	size_t n;
	size_t max;
	u64 first;
	u64 last;
};

/**
 * pt_snapshot_take() - remember all leaves that touch a range
 * @s: zeroed, with @s->first and @s->last set
 * @fmt: format
 * @root: root descriptor
 * @read: reads tables
 * @ctx: its argument
 *
 * Context: whatever @read needs.
 * Return: 0 or -ENOMEM; free with pt_snapshot_free() in both cases.
 */
int pt_snapshot_take(struct pt_snapshot *s, const struct ppgtt_format *fmt, u64 root,
		     pt_read_fn read, void *ctx);

/**
 * pt_snapshot_compare() - report leaves that differ (C10)
 * @was: before
 * @is: after, of the same range
 * @report: called for each leaf that is missing, new, or has another entry
 * @ctx: its argument
 */
void pt_snapshot_compare(const struct pt_snapshot *was, const struct pt_snapshot *is,
			 pt_deviation_fn report, void *ctx);

/**
 * pt_snapshot_free() - free a snapshot
 * @s: snapshot
 */
void pt_snapshot_free(struct pt_snapshot *s);

#endif
