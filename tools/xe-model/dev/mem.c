// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/mem.h"

#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"

void mem_copy_in(void *dst, const void *src, size_t len)
{
	u8 *d = dst;
	const u8 *s = src;

	if (!((uintptr_t)s & 3)) {
		for (; len >= 4; len -= 4, d += 4, s += 4) {
			u32 v = __atomic_load_n((const u32 *)s, __ATOMIC_RELAXED);

			memcpy(d, &v, 4);
		}
	}
	memcpy(d, s, len);
}

void mem_copy_out(void *dst, const void *src, size_t len)
{
	u8 *d = dst;
	const u8 *s = src;

	if (!((uintptr_t)d & 3) && len >= 4) {
		u32 lo;
		u64 v;

		if ((uintptr_t)d & 4) {
			memcpy(&lo, s, 4);
			__atomic_store_n((u32 *)d, lo, __ATOMIC_RELEASE);
			len -= 4, d += 4, s += 4;
		}
		for (; len >= 8; len -= 8, d += 8, s += 8) {
			memcpy(&v, s, 8);
			__atomic_store_n((u64 *)d, v, __ATOMIC_RELEASE);
		}
		if (len >= 4) {
			memcpy(&lo, s, 4);
			__atomic_store_n((u32 *)d, lo, __ATOMIC_RELEASE);
			len -= 4, d += 4, s += 4;
		}
	}
	memcpy(d, s, len);
}

bool sys_read(struct xm_device *dev, u64 dma, void *buf, size_t len)
{
	u8 *out = buf;

	while (len) {
		size_t n;
		void *p = dma_ptr(dev->dma, dma, len, false, &n);

		if (!p)
			return false;
		n = XM_MIN(n, len);
		mem_copy_in(out, p, n);
		out += n;
		dma += n;
		len -= n;
	}
	return true;
}

bool sys_write(struct xm_device *dev, u64 dma, const void *buf, size_t len)
{
	const u8 *in = buf;

	while (len) {
		size_t n;
		void *p = dma_ptr(dev->dma, dma, len, true, &n);

		if (!p)
			return false;
		n = XM_MIN(n, len);
		mem_copy_out(p, in, n);
		in += n;
		dma += n;
		len -= n;
	}
	return true;
}

bool sys_read32(struct xm_device *dev, u64 dma, u32 *val)
{
	u32 *p = dma_ptr(dev->dma, dma & ~3ull, 4, false, NULL);

	if (!p)
		return false;
	*val = __atomic_load_n(p, __ATOMIC_ACQUIRE);
	return true;
}

bool sys_read64(struct xm_device *dev, u64 dma, u64 *val)
{
	u64 *p = dma_ptr(dev->dma, dma & ~7ull, 8, false, NULL);

	if (!p)
		return false;
	*val = __atomic_load_n(p, __ATOMIC_ACQUIRE);
	return true;
}

bool sys_write32(struct xm_device *dev, u64 dma, u32 val)
{
	u32 *p = dma_ptr(dev->dma, dma & ~3ull, 4, true, NULL);

	if (!p)
		return false;
	__atomic_store_n(p, val, __ATOMIC_RELEASE);
	return true;
}
