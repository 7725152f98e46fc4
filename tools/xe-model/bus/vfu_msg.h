/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Messages of the vfio-user protocol: layout and validation. No I/O and no state, so that any byte
 * string can be fed to the parser.
 */
#ifndef XM_BUS_VFU_MSG_H
#define XM_BUS_VFU_MSG_H

#include "util/types.h"

#define VFU_HDR_SIZE 16u
/* Largest count of a region access; announced in the VERSION reply. */
#define VFU_MAX_XFER 0x100000u
/* Largest message accepted: header, largest fixed part, largest data. */
#define VFU_MAX_MSG (VFU_HDR_SIZE + 16u + VFU_MAX_XFER)
/* Descriptors the client may attach to one message; announced in the VERSION reply. */
#define VFU_MAX_FDS 16u
/* Region numbers are below this, interrupt types below VFU_IRQ_TYPES. */
#define VFU_REGIONS 9u
#define VFU_REGION_ROM 6u
#define VFU_REGION_CONFIG 7u
#define VFU_IRQ_TYPES 5u
#define VFU_MAX_MULTI 200u

/* Header flags */
#define VFU_TYPE_MASK 0xfu
#define VFU_TYPE_COMMAND 0u
#define VFU_TYPE_REPLY 1u
#define VFU_NO_REPLY 0x10u
#define VFU_ERROR 0x20u

/* Commands */
#define VFU_VERSION 1u
#define VFU_DMA_MAP 2u
#define VFU_DMA_UNMAP 3u
#define VFU_GET_INFO 4u
#define VFU_GET_REGION_INFO 5u
#define VFU_GET_REGION_IO_FDS 6u
#define VFU_GET_IRQ_INFO 7u
#define VFU_SET_IRQS 8u
#define VFU_REGION_READ 9u
#define VFU_REGION_WRITE 10u
#define VFU_DEVICE_RESET 13u
#define VFU_WRITE_MULTI 15u

/* DMA_UNMAP flag: drop the whole table. */
#define VFU_UNMAP_ALL 0x2u

/* GET_INFO flags */
#define VFU_INFO_RESET 0x1u
#define VFU_INFO_PCI 0x2u

/* GET_REGION_INFO flags */
#define VFU_REGION_F_READ 0x1u
#define VFU_REGION_F_WRITE 0x2u
#define VFU_REGION_F_MMAP 0x4u
#define VFU_REGION_F_CAPS 0x8u
#define VFU_CAP_SPARSE_MMAP 1u

/* GET_IRQ_INFO flags */
#define VFU_IRQ_F_EVENTFD 0x1u

/* SET_IRQS flags: exactly one of the first group and one of the second. */
#define VFU_IRQ_DATA_NONE 0x01u
#define VFU_IRQ_DATA_BOOL 0x02u
#define VFU_IRQ_DATA_EVENTFD 0x04u
#define VFU_IRQ_ACT_MASK 0x08u
#define VFU_IRQ_ACT_UNMASK 0x10u
#define VFU_IRQ_ACT_TRIGGER 0x20u

/**
 * struct vfu_hdr - message header as on the wire, little-endian
 * @id: chosen by the sender, repeated in the reply
 * @cmd: command, repeated in the reply
 * @size: bytes of the whole message
 * @flags: VFU_TYPE_*, VFU_NO_REPLY, VFU_ERROR
 * @error: errno in an error reply
 */
struct vfu_hdr {
	u16 id;
	u16 cmd;
	u32 size;
	u32 flags;
	u32 error;
};

/** struct vfu_version - payload of VERSION; JSON text follows */
struct vfu_version {
	u16 major;
	u16 minor;
};

/** struct vfu_dma_map - payload of DMA_MAP */
struct vfu_dma_map {
	u32 argsz;
	u32 flags;
	u64 offset;
	u64 addr;
	u64 len;
};

/** struct vfu_dma_unmap - payload of DMA_UNMAP and of its reply */
struct vfu_dma_unmap {
	u32 argsz;
	u32 flags;
	u64 addr;
	u64 len;
};

/** struct vfu_info - payload of GET_INFO and of its reply */
struct vfu_info {
	u32 argsz;
	u32 flags;
	u32 n_regions;
	u32 n_irqs;
};

/** struct vfu_region_info - payload of GET_REGION_INFO and of its reply */
struct vfu_region_info {
	u32 argsz;
	u32 flags;
	u32 index;
	u32 cap_offset;
	u64 size;
	u64 offset;
};

/** struct vfu_sparse_cap - sparse mmap capability; areas follow */
struct vfu_sparse_cap {
	u16 id;
	u16 version;
	u32 next;
	u32 n_areas;
	u32 reserved;
};

/** struct vfu_sparse_area - one mappable area of a region, page aligned */
struct vfu_sparse_area {
	u64 offset;
	u64 size;
};

/** struct vfu_irq_info - payload of GET_IRQ_INFO and of its reply */
struct vfu_irq_info {
	u32 argsz;
	u32 flags;
	u32 index;
	u32 count;
};

/** struct vfu_set_irqs - payload of SET_IRQS; booleans may follow */
struct vfu_set_irqs {
	u32 argsz;
	u32 flags;
	u32 index;
	u32 start;
	u32 count;
};

/** struct vfu_access - payload of REGION_READ, REGION_WRITE and of their replies; data follows */
struct vfu_access {
	u64 offset;
	u32 region;
	u32 count;
};

/** struct vfu_multi_entry - one write of WRITE_MULTI */
struct vfu_multi_entry {
	u64 offset;
	u32 region;
	u32 count;
	u8 data[8];
};

/**
 * struct vfu_shape - what the parser has to know about the device
 * @region_size: bytes of each region, 0 if absent
 * @irq_count: vectors of each interrupt type, 0 if absent
 * @write_multi: WRITE_MULTI was offered
 */
struct vfu_shape {
	u64 region_size[VFU_REGIONS];
	u32 irq_count[VFU_IRQ_TYPES];
	bool write_multi;
};

/**
 * struct vfu_req - a request that passed every check
 * @hdr: header
 * @n_fds: descriptors of the message that the command uses; the rest is to be closed
 * @version: VERSION
 * @map: DMA_MAP
 * @unmap: DMA_UNMAP
 * @region_info: GET_REGION_INFO
 * @irq_info: GET_IRQ_INFO
 * @set_irqs: SET_IRQS
 * @access: REGION_READ, REGION_WRITE: inside the region
 * @n_multi: WRITE_MULTI: number of valid entries
 * @n_multi_bad: WRITE_MULTI: number of entries left out
 * @data: REGION_WRITE: data, SET_IRQS: booleans, WRITE_MULTI: raw entries; points into the payload
 */
struct vfu_req {
	struct vfu_hdr hdr;
	unsigned int n_fds;
	union {
		struct vfu_version version;
		struct vfu_dma_map map;
		struct vfu_dma_unmap unmap;
		struct vfu_region_info region_info;
		struct vfu_irq_info irq_info;
		struct vfu_set_irqs set_irqs;
		struct vfu_access access;
		struct {
			u32 n_multi;
			u32 n_multi_bad;
		};
	};
	const u8 *data;
};

/**
 * enum vfu_verdict - what to do with a header
 * @VFU_HDR_OK: read the payload and parse
 * @VFU_HDR_SKIP: read the payload and ignore it (a reply nobody waits for)
 * @VFU_HDR_CLOSE: the stream cannot be followed any further
 */
enum vfu_verdict {
	VFU_HDR_OK,
	VFU_HDR_SKIP,
	VFU_HDR_CLOSE,
};

/**
 * vfu_check_hdr() - judge a header before reading on
 * @hdr: header
 *
 * Return: see enum vfu_verdict.
 */
enum vfu_verdict vfu_check_hdr(const struct vfu_hdr *hdr);

/**
 * vfu_parse() - validate a command completely
 * @shape: the device
 * @hdr: header that vfu_check_hdr() accepted
 * @payload: the hdr->size - 16 bytes after it; any alignment
 * @n_fds: descriptors that came with the message
 * @req: filled on success; points into @payload
 *
 * Return: 0, or the error of the reply:
 * * -EINVAL - too short, or a field is out of range
 * * -ENOSYS - unknown command, or one that was not offered
 */
int vfu_parse(const struct vfu_shape *shape, const struct vfu_hdr *hdr, const u8 *payload,
	      unsigned int n_fds, struct vfu_req *req);

/**
 * vfu_multi_at() - get one write of a WRITE_MULTI request
 * @shape: the device
 * @req: parsed request
 * @i: index from 0, below the count in the message
 * @entry: filled
 *
 * Return: true if the entry is valid, false if it is to be left out.
 */
bool vfu_multi_at(const struct vfu_shape *shape, const struct vfu_req *req, u32 i,
		  struct vfu_multi_entry *entry);

#endif
