// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Global translation table
 *
 * One 8-byte entry per 4 KiB page, in memory shared with the guest (BAR 0, upper half), which
 * writes it at any time with 64-bit stores. Each use reads the entry again: no translation of the
 * global table is cached.
 *
 * Locking: none; an entry is read in one piece.
 */

#include "dev/ggtt.h"

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/mem.h"
#include "regs/xe_pte_bits.h"
#include "util/log.h"

#define GGTT_PAGE_MASK 0xfffull

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

bool ggtt_translate(struct xm_device *dev, u64 addr, u64 *dma)
{
	u64 entry = ggtt_entry(dev, addr);
	const char *wrong;

	if (!(entry & GGTT_PRESENT))
		return false;
	wrong = ggtt_check(dev, entry);
	if (wrong)
		log_violation("ggtt-entry", "GGTT entry of 0x%08llx is 0x%016llx: %s",
			      (unsigned long long)addr, (unsigned long long)entry, wrong);
	*dma = (entry & GGTT_ADDR_MASK) | (addr & GGTT_PAGE_MASK);
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
