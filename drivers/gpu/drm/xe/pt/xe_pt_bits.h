/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A set of slots of one page table: 512 bits, one per entry. Ranges are given by first and last
 * slot, both inclusive.
 */
#ifndef _XE_PT_BITS_H_
#define _XE_PT_BITS_H_

#include "pt/xe_pt_internal.h"
#include "regs/xe_pte_bits.h"

#define XE_PT_BITS_WORDS	(PPGTT_TABLE_ENTRIES / 64)
#define XE_PT_LAST_SLOT		(PPGTT_TABLE_ENTRIES - 1)

/**
 * struct xe_pt_bits - one bit per slot of a table
 * @w: bit (s % 64) of word (s / 64) belongs to slot s
 */
struct xe_pt_bits {
	u64 w[XE_PT_BITS_WORDS];
};

/* Bits of word @word that lie in [first, last]; the word must intersect the range. */
static inline u64 xe_pt_bits_mask(unsigned int word, unsigned int first, unsigned int last)
{
	unsigned int lo = word == first / 64 ? first % 64 : 0;
	unsigned int hi = word == last / 64 ? last % 64 : 63;

	return (~0ULL << lo) & (~0ULL >> (63 - hi));
}

/* Add all slots of [first, last]. */
static inline void xe_pt_bits_set(struct xe_pt_bits *b, unsigned int first, unsigned int last)
{
	unsigned int i;

	for (i = first / 64; i <= last / 64; i++)
		b->w[i] |= xe_pt_bits_mask(i, first, last);
}

/* Remove all slots of [first, last]. */
static inline void xe_pt_bits_clear(struct xe_pt_bits *b, unsigned int first, unsigned int last)
{
	unsigned int i;

	for (i = first / 64; i <= last / 64; i++)
		b->w[i] &= ~xe_pt_bits_mask(i, first, last);
}

/* Add all slots of another set. */
static inline void xe_pt_bits_add(struct xe_pt_bits *b, const struct xe_pt_bits *other)
{
	unsigned int i;

	for (i = 0; i < XE_PT_BITS_WORDS; i++)
		b->w[i] |= other->w[i];
}

/* Is @slot in the set? */
static inline bool xe_pt_bits_test(const struct xe_pt_bits *b, unsigned int slot)
{
	return b->w[slot / 64] >> (slot % 64) & 1;
}

/* Is any slot of [first, last] in the set? */
static inline bool xe_pt_bits_any(const struct xe_pt_bits *b, unsigned int first,
				  unsigned int last)
{
	unsigned int i;

	for (i = first / 64; i <= last / 64; i++)
		if (b->w[i] & xe_pt_bits_mask(i, first, last))
			return true;
	return false;
}

/* Is the set empty? */
static inline bool xe_pt_bits_empty(const struct xe_pt_bits *b)
{
	return !xe_pt_bits_any(b, 0, XE_PT_LAST_SLOT);
}

/* Is any slot outside of [first, last] in the set? */
static inline bool xe_pt_bits_any_outside(const struct xe_pt_bits *b, unsigned int first,
					  unsigned int last)
{
	unsigned int lo = first / 64, hi = last / 64, i;
	u64 any = 0;

	for (i = 0; i < lo; i++)
		any |= b->w[i];
	for (; i <= hi; i++)
		any |= b->w[i] & ~xe_pt_bits_mask(i, first, last);
	for (; i < XE_PT_BITS_WORDS; i++)
		any |= b->w[i];
	return any;
}

/* First slot >= @from in the set, or PPGTT_TABLE_ENTRIES. */
static inline unsigned int xe_pt_bits_next(const struct xe_pt_bits *b, unsigned int from)
{
	unsigned int i;

	for (i = from / 64; i < XE_PT_BITS_WORDS; i++) {
		u64 w = b->w[i];

		if (i == from / 64)
			w &= ~0ULL << (from % 64);
		if (w)
			return i * 64 + __builtin_ctzll(w);
	}
	return PPGTT_TABLE_ENTRIES;
}

/* First slot >= @from that is not in the set, or PPGTT_TABLE_ENTRIES. */
static inline unsigned int xe_pt_bits_next_zero(const struct xe_pt_bits *b, unsigned int from)
{
	unsigned int i;

	for (i = from / 64; i < XE_PT_BITS_WORDS; i++) {
		u64 w = ~b->w[i];

		if (i == from / 64)
			w &= ~0ULL << (from % 64);
		if (w)
			return i * 64 + __builtin_ctzll(w);
	}
	return PPGTT_TABLE_ENTRIES;
}

/* Visit all slots >= @from in the set, in ascending order. */
#define xe_pt_bits_for_each(slot, b, from) \
	for ((slot) = xe_pt_bits_next((b), (from)); (slot) < PPGTT_TABLE_ENTRIES; \
	     (slot) = xe_pt_bits_next((b), (slot) + 1))

/* Number of slots of [first, last] in the set. */
static inline unsigned int xe_pt_bits_count(const struct xe_pt_bits *b, unsigned int first,
					    unsigned int last)
{
	unsigned int i, n = 0;

	for (i = first / 64; i <= last / 64; i++)
		n += hweight64(b->w[i] & xe_pt_bits_mask(i, first, last));
	return n;
}

#endif
