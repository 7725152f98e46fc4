/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * The one header through which pt/ reaches the kernel. tools/testing/xe-pt provides a file of the
 * same name (and guard) that supplies these things in user space, so that the page-table code is
 * tested there unchanged.
 */
#ifndef _XE_PT_INTERNAL_H_
#define _XE_PT_INTERNAL_H_

#include <asm/barrier.h>
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/dma-fence.h>
#include <linux/err.h>
#include <linux/interval_tree_generic.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rbtree.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

/**
 * xe_pt_store() - store one page-table entry that the GPU may be reading
 * @word: entry in the CPU mapping of a table page
 * @value: new value of the entry
 *
 * One aligned 64-bit store, never torn: the walker sees either the old or the new entry.
 *
 * Context: any.
 */
static inline void xe_pt_store(u64 *word, u64 value)
{
	WRITE_ONCE(*word, value);
}

/**
 * xe_pt_barrier() - order all earlier CPU stores to table pages before all later ones
 *
 * Context: any.
 */
static inline void xe_pt_barrier(void)
{
	/*
	 * Pairs with the address dependency of the GPU's table walk: it can only fetch an entry of
	 * a table after it has fetched the parent entry that points to that table.
	 */
	wmb();
}

#endif
