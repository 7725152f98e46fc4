/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_UTIL_RNG_H
#define XM_UTIL_RNG_H

#include "util/types.h"

/**
 * struct xm_rng - small seeded generator (splitmix64), one per user, not locked
 * @state: counter
 */
struct xm_rng {
	u64 state;
};

/**
 * enum rng_stream - who draws random numbers; each user has a sequence of its own
 * @RNG_REPLY: delays of GuC messages
 * @RNG_IRQ: delays of interrupt messages
 * @RNG_SLICE: lengths of time slices
 * @RNG_ORDER: who runs next, in stepped mode
 * @RNG_FORCEWAKE: time a power domain takes to answer
 * @RNG_IRQ_THREAD: yields of the thread that sends late interrupts
 * @RNG_GUC_THREAD: yields of the GuC
 * @RNG_ENGINE: yields of engine 0; engine i uses RNG_ENGINE + i
 * @RNG_MAILBOX: delays of replies in the message registers
 * @RNG_FAULT: picks of the first ordered fault; the next one uses RNG_FAULT + 1, and so on
 */
enum rng_stream {
	RNG_REPLY,
	RNG_IRQ,
	RNG_SLICE,
	RNG_ORDER,
	RNG_FORCEWAKE,
	RNG_IRQ_THREAD,
	RNG_GUC_THREAD,
	RNG_ENGINE,
	RNG_MAILBOX = 0x80,
	RNG_FAULT = 0x100,
};

/* Scatter the bits of @z; every value is reached from exactly one. */
static inline u64 rng_mix(u64 z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/**
 * rng_init() - start a reproducible stream
 * @rng: generator
 * @seed: seed of the run (--seed)
 * @stream: enum rng_stream
 *
 * The seed is scattered first: the states of a generator are a fixed step apart, and seeds next to
 * each other would give the same sequence, shifted by one.
 */
static inline void rng_init(struct xm_rng *rng, u64 seed, u64 stream)
{
	rng->state = rng_mix(seed) + stream * 0xd1342543de82ef95ull;
}

/**
 * rng_u64() - Return: the next 64 random bits.
 * @rng: generator
 */
static inline u64 rng_u64(struct xm_rng *rng)
{
	return rng_mix(rng->state += 0x9e3779b97f4a7c15ull);
}

/**
 * rng_delay_ns() - how much later than possible something happens
 * @rng: generator
 *
 * Return: 0 in seven of eight cases, else nanoseconds: below 200 us, in one case of 256 below 2 ms.
 */
static inline u64 rng_delay_ns(struct xm_rng *rng)
{
	u64 r = rng_u64(rng);

	if (r % 8)
		return 0;
	return (r >> 16) % (r >> 3 & 31 ? 200000 : 2000000);
}

/**
 * rng_below() - Return: a number in [0, @n), 0 if @n is 0.
 * @rng: generator
 * @n: exclusive upper end
 */
static inline u64 rng_below(struct xm_rng *rng, u64 n)
{
	return n ? rng_u64(rng) % n : 0;
}

#endif
