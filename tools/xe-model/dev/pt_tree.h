/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PT_TREE_H
#define XM_DEV_PT_TREE_H

#include "dev/ppgtt.h"
#include "util/types.h"

struct xm_device;

/**
 * struct pt_run - neighbouring leaves that continue each other
 * @va: first address
 * @len: bytes
 * @addr: memory address of @va, 0 for NULL leaves
 * @page_shift: log2 of the page size of every leaf (12, 16, 21 or 30)
 * @pat: PAT index of every leaf
 * @writable: every entry from the root down allows writes
 * @null: reads give zero, writes vanish
 * @devmem: device memory
 * @atomic: atomic accesses are enabled
 * @hint: 64 KiB hint, on platforms that look at it
 */
struct pt_run {
	u64 va;
	u64 len;
	u64 addr;
	u8 page_shift;
	u8 pat;
	bool writable;
	bool null;
	bool devmem;
	bool atomic;
	bool hint;
};

/**
 * struct pt_table - a table of a tree
 * @table: its address
 * @va: first address it translates
 * @parent: address of the entry that names it, 0 for the root
 * @level: its level
 * @compact: only its first 32 entries exist
 * @entry: what it held when it was read, pt_table_entries() of them
 */
struct pt_table {
	u64 table;
	u64 va;
	u64 parent;
	u8 level;
	bool compact;
	const u64 *entry;
};

/**
 * struct pt_broken - an entry that breaks a rule
 * @va: first address it translates
 * @table: address of its table, 0 for the root descriptor
 * @entry: the entry
 * @index: its index in the table
 * @level: level of the table
 * @rule: short name of the rule
 * @wrong: what is wrong
 */
struct pt_broken {
	u64 va;
	u64 table;
	u64 entry;
	u16 index;
	u8 level;
	const char *rule;
	const char *wrong;
};

/**
 * enum pt_visit - what to do with a table
 * @PT_VISIT_ENTER: look at its entries
 * @PT_VISIT_SKIP: leave it out
 */
enum pt_visit {
	PT_VISIT_ENTER,
	PT_VISIT_SKIP,
};

/**
 * struct pt_tree_ops - what a walk over a tree reports; each member may be NULL
 * @run: a run, in ascending order of addresses. Return false to end the walk
 * @table: a table was found, before its entries are looked at
 * @broken: an entry breaks a rule of the format, or names a table that cannot be read
 */
struct pt_tree_ops {
	bool (*run)(void *ctx, const struct pt_run *run);
	enum pt_visit (*table)(void *ctx, const struct pt_table *table);
	void (*broken)(void *ctx, const struct pt_broken *broken);
};

/**
 * typedef pt_read_fn - reads a table, each entry in one piece
 * @ctx: as given to the walk
 * @table: address of the table
 * @entry: set to the entries
 * @n: how many
 *
 * Return: false if the table cannot be read.
 */
typedef bool (*pt_read_fn)(void *ctx, u64 table, u64 *entry, unsigned int n);

/**
 * enum pt_tree_status - how far a walk came
 * @PT_TREE_DONE: the end of the tree was reached
 * @PT_TREE_MORE: the budget is used up; call again to go on
 * @PT_TREE_STOPPED: ended by a callback
 */
enum pt_tree_status {
	PT_TREE_DONE,
	PT_TREE_MORE,
	PT_TREE_STOPPED,
};

/**
 * struct pt_tree - a walk over a whole tree, in as many pieces as wanted
 * @fmt: format
 * @root: root descriptor
 * @next: first address that was not visited yet
 * @next_level: level of the table to visit there; those above it were visited
 * @open: @run holds leaves that were not reported yet
 * @run: the run that is being put together
 */
struct pt_tree {
	struct ppgtt_format fmt;
	u64 root;
	u64 next;
	u8 next_level;
	bool open;
	struct pt_run run;
};

/** pt_table_entries() - Return: number of entries of a table. */
unsigned int pt_table_entries(bool compact);

/** pt_entry_shift() - Return: log2 of the bytes that one entry of a table translates. */
unsigned int pt_entry_shift(unsigned int level, bool compact);

/**
 * pt_tree_begin() - start at the lowest address
 * @tree: set
 * @fmt: format
 * @root: root descriptor; see ppgtt_root() for its rules
 */
void pt_tree_begin(struct pt_tree *tree, const struct ppgtt_format *fmt, u64 root);

/**
 * pt_tree_walk() - visit the next part of a tree
 * @tree: walk
 * @read: reads tables
 * @ctx: handed to @read and to the callbacks
 * @ops: callbacks
 * @budget: tables to read at most; the tables on the way back to where the last call ended (one
 *          per level) are not counted
 *
 * Each call enters from the root again, so the guest may free tables between two calls. A table
 * that is full of equal NULL leaves, and a table full of entries that lead to such a one, are read
 * once a call, however many entries lead there: they make the unmapped part of an address space
 * with a scratch page. Everything else costs as much as the tree is large, which for a tree whose
 * tables have many parents is more than anybody can wait for; a @table callback that skips what it
 * has seen, or a limit on the calls, avoids that.
 *
 * Context: dma_read_lock() held if @read is pt_read_sys().
 * Return: see enum pt_tree_status.
 */
enum pt_tree_status pt_tree_walk(struct pt_tree *tree, pt_read_fn read, void *ctx,
				 const struct pt_tree_ops *ops, unsigned int budget);

/**
 * pt_read_sys() - read a table in guest memory
 * @dev: device
 * @table: address of the table
 * @entry: set to the entries
 * @n: how many
 *
 * Context: dma_read_lock() held.
 * Return: false if the table cannot be read.
 */
bool pt_read_sys(struct xm_device *dev, u64 table, u64 *entry, unsigned int n);

#endif
