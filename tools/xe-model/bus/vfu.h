/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_BUS_VFU_H
#define XM_BUS_VFU_H

#include "bus/vfu_msg.h"
#include "bus/vfu_sock.h"

struct dma_space;
struct irq_sink;

/**
 * struct vfu_region - one region of the device
 * @size: bytes, 0 if absent
 * @flags: VFU_REGION_F_READ, _WRITE, _MMAP
 * @fd: file behind the mappable part, or -1
 * @fd_offset: file offset of region offset 0
 * @area: the part that can be mapped; a size of 0 means the whole region
 */
struct vfu_region {
	u64 size;
	u32 flags;
	int fd;
	u64 fd_offset;
	struct vfu_sparse_area area;
};

/**
 * struct vfu_dev_ops - the device behind the protocol; all calls come from the bus thread
 * @region_read: read @count bytes, inside the region
 * @region_write: write @count bytes, inside the region
 * @reset: DEVICE_RESET; returns when the device is idle
 * @disconnect: the client is gone: reset, and stop every use of guest memory
 * @settle: a message was handled and the client is about to be answered, NULL if it does not matter
 * @owns: true if [@addr, @addr + @len) is a mappable BAR of the device itself
 */
struct vfu_dev_ops {
	void (*region_read)(void *ctx, u32 region, u64 off, void *buf, u32 count);
	void (*region_write)(void *ctx, u32 region, u64 off, const void *buf, u32 count);
	void (*reset)(void *ctx);
	void (*disconnect)(void *ctx);
	void (*settle)(void *ctx);
	bool (*owns)(void *ctx, u64 addr, u64 len);
};

/**
 * struct vfu_device - what a server offers
 * @regions: regions by number
 * @write_multi: offer WRITE_MULTI
 * @dma: guest memory
 * @irq: interrupt outlets
 * @ops: the device
 * @ctx: handed to @ops
 */
struct vfu_device {
	struct vfu_region regions[VFU_REGIONS];
	bool write_multi;
	struct dma_space *dma;
	struct irq_sink *irq;
	const struct vfu_dev_ops *ops;
	void *ctx;
};

/**
 * struct vfu_end - how a connection ended
 * @greeted: the client sent a good VERSION
 * @messages: messages handled
 * @reason: 0 for end of file between messages, else a negative errno; -ECANCELED: told to stop
 */
struct vfu_end {
	bool greeted;
	u64 messages;
	int reason;
};

/**
 * vfu_serve() - serve one client until it leaves
 * @dev: device
 * @fd: connected socket, stays the caller's
 * @spin_us: see struct vfu_stream
 * @wake: wake-up
 *
 * On return the device was told about the disconnect, guest memory is unmapped and interrupt
 * descriptors are closed.
 *
 * Return: how it ended.
 */
struct vfu_end vfu_serve(const struct vfu_device *dev, int fd, unsigned int spin_us,
			 struct vfu_wake *wake);

#endif
