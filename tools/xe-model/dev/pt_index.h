/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_PT_INDEX_H
#define XM_DEV_PT_INDEX_H

#include "util/types.h"

struct pt_index;

/**
 * struct pt_known - a page that was a page table when it was last seen
 * @table: its address
 * @root: root descriptor of its tree
 * @va: first address it translates
 * @round: number of the walk over the tree that met it
 * @level: its level
 * @compact: compact table
 */
struct pt_known {
	u64 table;
	u64 root;
	u64 va;
	u32 round;
	u8 level;
	bool compact;
};

/**
 * typedef pt_keep_fn - says what is worth its place
 * @ctx: as given to pt_index_create()
 * @known: table
 *
 * Return: whether it may still be a table.
 */
typedef bool (*pt_keep_fn)(void *ctx, const struct pt_known *known);

/**
 * pt_index_create() - an index without tables
 * @keep: asked about every table when the index is full
 * @ctx: handed to @keep
 *
 * Return: the index, NULL without memory.
 */
struct pt_index *pt_index_create(pt_keep_fn keep, void *ctx);

/**
 * pt_index_destroy() - free
 * @index: index, NULL is allowed
 */
void pt_index_destroy(struct pt_index *index);

/**
 * pt_index_put() - know a table, in place of what was known about its page
 * @index: index
 * @known: the table
 *
 * An index that is full and may not grow any more leaves it out.
 */
void pt_index_put(struct pt_index *index, const struct pt_known *known);

/**
 * pt_index_drop() - a page is no table any more
 * @index: index
 * @table: its address
 */
void pt_index_drop(struct pt_index *index, u64 table);

/** pt_index_find() - Return: what is known about the page at @table, NULL if nothing. */
const struct pt_known *pt_index_find(const struct pt_index *index, u64 table);

/**
 * pt_index_find_in() - find the first table in a piece of memory
 * @index: index
 * @addr: first address, 4 KiB aligned
 * @len: bytes, a multiple of 4 KiB
 *
 * Return: the table with the lowest address, NULL if there is none.
 */
const struct pt_known *pt_index_find_in(const struct pt_index *index, u64 addr, u64 len);

/** pt_index_count() - Return: number of tables. */
u32 pt_index_count(const struct pt_index *index);

#endif
