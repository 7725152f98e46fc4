// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Global translation table
 *
 * One 8-byte entry per 4 KiB page, in memory shared with the guest (BAR 0, upper half), which
 * writes it at any time with 64-bit stores.
 *
 * Engines and the GuC each remember every present entry they used, without limit and for ever,
 * until they are told to forget. As long as the entry still says the same, nobody notices. Once it
 * says something else, the use of the remembered one is reported as "ggtt-stale", and goes where
 * the old entry points to, as on hardware. A shadow array holds what is remembered (0: nothing), so
 * that a hit costs two loads.
 *
 * Locking: the lock of a cache serialises filling and forgetting: an entry that was read before the
 * guest changed it must not be remembered after the invalidation for that change. Hits take no
 * lock; each word is read in one piece.
 */

#include "dev/ggtt.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/mem.h"
#include "regs/xe_pte_bits.h"
#include "util/log.h"

#define GGTT_PAGE_MASK 0xfffull
/* What has to stay the same for a remembered entry to be as good as the one in the table */
#define TARGET_MASK (GGTT_ADDR_MASK | GGTT_PRESENT)
#define CHUNK_ENTRIES 512u

/**
 * struct cache - what one kind of client remembers
 * @lock: see the head of this file
 * @entry: remembered entries by page, 0 for none
 * @told: by page: the use of a stale entry was reported since the entry was remembered
 * @used: by chunk of CHUNK_ENTRIES pages: something is remembered
 */
struct cache {
	pthread_mutex_t lock;
	u64 *entry;
	bool *told;
	bool *used;
};

/**
 * struct ggtt_caches - all of them
 * @n: pages of the table
 * @cache: by kind of client
 */
struct ggtt_caches {
	u64 n;
	struct cache cache[GGTT_CLIENTS];
};

int ggtt_create(struct xm_device *dev)
{
	struct ggtt_caches *all = calloc(1, sizeof(*all));
	bool ok = true;

	if (!all)
		return -ENOMEM;
	all->n = dev->ggtt_size / sizeof(u64);
	for (unsigned int i = 0; i < GGTT_CLIENTS; i++) {
		struct cache *c = &all->cache[i];

		pthread_mutex_init(&c->lock, NULL);
		c->entry = calloc(all->n, sizeof(*c->entry));
		c->told = calloc(all->n, sizeof(*c->told));
		c->used = calloc(all->n / CHUNK_ENTRIES + 1, sizeof(*c->used));
		ok = ok && c->entry && c->told && c->used;
	}
	dev->ggtt_caches = all;
	return ok ? 0 : -ENOMEM;
}

void ggtt_destroy(struct xm_device *dev)
{
	struct ggtt_caches *all = dev->ggtt_caches;

	if (!all)
		return;
	for (unsigned int i = 0; i < GGTT_CLIENTS; i++) {
		struct cache *c = &all->cache[i];

		pthread_mutex_destroy(&c->lock);
		free(c->entry);
		free(c->told);
		free(c->used);
	}
	free(all);
	dev->ggtt_caches = NULL;
}

void ggtt_forget(struct xm_device *dev, enum ggtt_client who)
{
	struct ggtt_caches *all = dev->ggtt_caches;
	struct cache *c = &all->cache[who];

	pthread_mutex_lock(&c->lock);
	for (u64 i = 0; i < all->n; i++) {
		if (!c->used[i / CHUNK_ENTRIES]) {
			i += CHUNK_ENTRIES - 1;
			continue;
		}
		__atomic_store_n(&c->entry[i], 0, __ATOMIC_RELAXED);
		c->told[i] = false;
		if (i % CHUNK_ENTRIES == CHUNK_ENTRIES - 1)
			c->used[i / CHUNK_ENTRIES] = false;
	}
	pthread_mutex_unlock(&c->lock);
	xm_stat_inc(dev, ggtt_flushes);
}

u64 ggtt_entry(struct xm_device *dev, u64 addr)
{
	u64 index = addr >> 12;

	if (index >= dev->ggtt_size / sizeof(u64))
		return 0;
	return __atomic_load_n((u64 *)dev->ggtt + index, __ATOMIC_ACQUIRE);
}

const char *ggtt_check(struct xm_device *dev, u64 entry)
{
	u64 addr = entry & GGTT_ADDR_MASK;

	if (entry & ~(GGTT_ADDR_MASK | GGTT_PRESENT))
		return "reserved bits set";
	if (addr >> dev->platform->dma_bits)
		return "address beyond the device's address width";
	return NULL;
}

static void remember_locked(struct xm_device *dev, struct cache *c, u64 addr, u64 entry)
{
	u64 index = addr >> 12;
	const char *wrong = ggtt_check(dev, entry);

	if (wrong)
		log_violation("ggtt-entry", "GGTT entry of 0x%08llx is 0x%016llx: %s",
			      (unsigned long long)addr, (unsigned long long)entry, wrong);
	__atomic_store_n(&c->entry[index], entry, __ATOMIC_RELEASE);
	c->told[index] = false;
	c->used[index / CHUNK_ENTRIES] = true;
	xm_stat_inc(dev, ggtt_fills);
}

/* Nothing is remembered, or it differs from the table. */
static void look_closer(struct xm_device *dev, struct cache *c, u64 addr, struct ggtt_hit *hit)
{
	u64 index = addr >> 12;

	pthread_mutex_lock(&c->lock);
	hit->entry = __atomic_load_n(&c->entry[index], __ATOMIC_RELAXED);
	hit->now = ggtt_entry(dev, addr);
	if (!hit->entry && hit->now & GGTT_PRESENT) {
		remember_locked(dev, c, addr, hit->now);
		hit->entry = hit->now;
	}
	if (hit->entry && (hit->entry ^ hit->now) & TARGET_MASK) {
		hit->stale = !c->told[index];
		c->told[index] = true;
	}
	pthread_mutex_unlock(&c->lock);
}

bool ggtt_lookup(struct xm_device *dev, enum ggtt_client who, u64 addr, struct ggtt_hit *hit)
{
	struct ggtt_caches *all = dev->ggtt_caches;
	u64 index = addr >> 12;

	*hit = (struct ggtt_hit){ 0 };
	if (index >= all->n)
		return false;
	hit->entry = __atomic_load_n(&all->cache[who].entry[index], __ATOMIC_ACQUIRE);
	if (!hit->entry || (hit->entry ^ ggtt_entry(dev, addr)) & TARGET_MASK)
		look_closer(dev, &all->cache[who], addr, hit);
	if (!(hit->entry & GGTT_PRESENT))
		return false;
	hit->dma = (hit->entry & GGTT_ADDR_MASK) | (addr & GGTT_PAGE_MASK);
	return true;
}

void ggtt_print_stale(const struct ggtt_hit *hit, u64 addr, char *buf, size_t len)
{
	snprintf(buf, len,
		 "GGTT 0x%08llx: the entry was changed without an invalidation\n"
		 "  remembered entry 0x%016llx, which is used\n"
		 "  entry in table   0x%016llx",
		 (unsigned long long)addr, (unsigned long long)hit->entry,
		 (unsigned long long)hit->now);
}

bool ggtt_translate(struct xm_device *dev, u64 addr, u64 *dma)
{
	struct ggtt_hit hit;
	char text[256];

	if (!ggtt_lookup(dev, GGTT_GUC, addr, &hit))
		return false;
	if (hit.stale) {
		ggtt_print_stale(&hit, addr, text, sizeof(text));
		log_violation("ggtt-stale", "GuC: %s", text);
	}
	*dma = hit.dma;
	return true;
}

bool ggtt_read(struct xm_device *dev, u64 addr, void *buf, size_t len)
{
	u8 *out = buf;

	while (len) {
		size_t n = XM_MIN(len, SZ_4K - (size_t)(addr & GGTT_PAGE_MASK));
		u64 dma;

		if (!ggtt_translate(dev, addr, &dma) || !sys_read(dev, dma, out, n))
			return false;
		out += n;
		addr += n;
		len -= n;
	}
	return true;
}

bool ggtt_write(struct xm_device *dev, u64 addr, const void *buf, size_t len)
{
	const u8 *in = buf;

	while (len) {
		size_t n = XM_MIN(len, SZ_4K - (size_t)(addr & GGTT_PAGE_MASK));
		u64 dma;

		if (!ggtt_translate(dev, addr, &dma) || !sys_write(dev, dma, in, n))
			return false;
		in += n;
		addr += n;
		len -= n;
	}
	return true;
}

bool ggtt_read32(struct xm_device *dev, u64 addr, u32 *val)
{
	u64 dma;

	return ggtt_translate(dev, addr, &dma) && sys_read32(dev, dma, val);
}

bool ggtt_write32(struct xm_device *dev, u64 addr, u32 val)
{
	u64 dma;

	return ggtt_translate(dev, addr, &dma) && sys_write32(dev, dma, val);
}
