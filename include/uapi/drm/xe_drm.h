/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _UAPI_XE_DRM_H_
#define _UAPI_XE_DRM_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: uAPI principles
 *
 * This header is the whole contract between the xe driver and its clients.
 * Layout, numbers and names are those of Linux 6.12, so a client built against
 * either header runs on either driver.
 *
 * Rules that hold for every ioctl:
 *
 * - Members called ``pad`` or ``reserved``, and flag bits without a name here,
 *   must be zero on input. Anything else is %-EINVAL, so that they can get a
 *   meaning later.
 * - ``extensions`` is the head of a chain of struct drm_xe_user_extension, or
 *   zero. Only &DRM_IOCTL_XE_EXEC_QUEUE_CREATE knows extensions so far.
 * - User pointers are carried in 64-bit members, on 32-bit clients too.
 * - Address spaces and exec queues are named by small numbers, private to one
 *   open file and to their kind. Zero names nothing. Buffers are GEM handles.
 * - A failed call changes nothing; after %-EINTR the same arguments may be
 *   passed again.
 */

/* Ioctl numbers, relative to DRM_COMMAND_BASE. */
#define DRM_XE_DEVICE_QUERY		0x00
#define DRM_XE_GEM_CREATE		0x01
#define DRM_XE_GEM_MMAP_OFFSET		0x02
#define DRM_XE_VM_CREATE		0x03
#define DRM_XE_VM_DESTROY		0x04
#define DRM_XE_VM_BIND			0x05
#define DRM_XE_EXEC_QUEUE_CREATE	0x06
#define DRM_XE_EXEC_QUEUE_DESTROY	0x07
#define DRM_XE_EXEC_QUEUE_GET_PROPERTY	0x08
#define DRM_XE_EXEC			0x09
#define DRM_XE_WAIT_USER_FENCE		0x0a
#define DRM_XE_OBSERVATION		0x0b

#define DRM_IOCTL_XE_DEVICE_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_DEVICE_QUERY, struct drm_xe_device_query)
#define DRM_IOCTL_XE_GEM_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_GEM_CREATE, struct drm_xe_gem_create)
#define DRM_IOCTL_XE_GEM_MMAP_OFFSET \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_GEM_MMAP_OFFSET, struct drm_xe_gem_mmap_offset)
#define DRM_IOCTL_XE_VM_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_VM_CREATE, struct drm_xe_vm_create)
#define DRM_IOCTL_XE_VM_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_VM_DESTROY, struct drm_xe_vm_destroy)
#define DRM_IOCTL_XE_VM_BIND \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_VM_BIND, struct drm_xe_vm_bind)
#define DRM_IOCTL_XE_EXEC_QUEUE_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_EXEC_QUEUE_CREATE, struct drm_xe_exec_queue_create)
#define DRM_IOCTL_XE_EXEC_QUEUE_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_EXEC_QUEUE_DESTROY, struct drm_xe_exec_queue_destroy)
#define DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_EXEC_QUEUE_GET_PROPERTY, \
		 struct drm_xe_exec_queue_get_property)
#define DRM_IOCTL_XE_EXEC \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_EXEC, struct drm_xe_exec)
#define DRM_IOCTL_XE_WAIT_USER_FENCE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_WAIT_USER_FENCE, struct drm_xe_wait_user_fence)
#define DRM_IOCTL_XE_OBSERVATION \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_OBSERVATION, struct drm_xe_observation_param)

/* Building blocks shared by several ioctls. */

/**
 * struct drm_xe_user_extension - link of an extension chain
 *
 * Extension structures start with this header. A chain may have 16 links at
 * most (%-E2BIG beyond).
 */
struct drm_xe_user_extension {
	/** @next_extension: user address of the next link, 0 in the last one */
	__u64 next_extension;

	/** @name: which extension this is; each ioctl has a number space of its own */
	__u32 name;

	/** @pad: must be 0 */
	__u32 pad;
};

/**
 * struct drm_xe_ext_set_property - extension that sets one property
 */
struct drm_xe_ext_set_property {
	/** @base: chain link; its name says that this is a set-property extension */
	struct drm_xe_user_extension base;

	/** @property: number of the property, defined by the extended ioctl */
	__u32 property;

	/** @pad: must be 0 */
	__u32 pad;

	/** @value: new value of the property */
	__u64 value;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

#define DRM_XE_ENGINE_CLASS_RENDER		0
#define DRM_XE_ENGINE_CLASS_COPY		1
#define DRM_XE_ENGINE_CLASS_VIDEO_DECODE	2
#define DRM_XE_ENGINE_CLASS_VIDEO_ENHANCE	3
#define DRM_XE_ENGINE_CLASS_COMPUTE		4
/* Not hardware: a queue of this class puts VM_BIND calls in order. */
#define DRM_XE_ENGINE_CLASS_VM_BIND		5

/**
 * struct drm_xe_engine_class_instance - name of an engine
 */
struct drm_xe_engine_class_instance {
	/** @engine_class: one of DRM_XE_ENGINE_CLASS_* */
	__u16 engine_class;

	/**
	 * @engine_instance: logical instance: engines of one class on one GT are
	 * numbered from 0 without holes, whatever the fuses removed
	 */
	__u16 engine_instance;

	/** @gt_id: GT that has the engine, see struct drm_xe_gt */
	__u16 gt_id;

	/** @pad: must be 0 */
	__u16 pad;
};

/* DEVICE_QUERY: reply formats, in order of the query number. */

/**
 * struct drm_xe_engine - one engine in a reply
 */
struct drm_xe_engine {
	/** @instance: name of the engine */
	struct drm_xe_engine_class_instance instance;

	/** @reserved: zero */
	__u64 reserved[3];
};

/**
 * struct drm_xe_query_engines - reply to %DRM_XE_DEVICE_QUERY_ENGINES
 *
 * Lists the engines a client may create exec queues on.
 */
struct drm_xe_query_engines {
	/** @num_engines: number of elements of @engines */
	__u32 num_engines;

	/** @pad: zero */
	__u32 pad;

	/** @engines: the engines, GT by GT */
	struct drm_xe_engine engines[];
};

/**
 * enum drm_xe_memory_class - kinds of memory
 */
enum drm_xe_memory_class {
	/** @DRM_XE_MEM_REGION_CLASS_SYSMEM: main memory of the machine */
	DRM_XE_MEM_REGION_CLASS_SYSMEM = 0,

	/** @DRM_XE_MEM_REGION_CLASS_VRAM: memory on a discrete device */
	DRM_XE_MEM_REGION_CLASS_VRAM
};

/**
 * struct drm_xe_mem_region - one memory region in a reply
 */
struct drm_xe_mem_region {
	/** @mem_class: a value of enum drm_xe_memory_class */
	__u16 mem_class;

	/**
	 * @instance: number of the region: bit ``1 << instance`` selects it in
	 * &drm_xe_gem_create.placement and stands for it in struct drm_xe_gt
	 */
	__u16 instance;

	/**
	 * @min_page_size: bytes; sizes of buffers that may live here, and
	 * addresses and ranges they are bound with, must be multiples of this
	 */
	__u32 min_page_size;

	/** @total_size: usable bytes */
	__u64 total_size;

	/** @used: bytes in use now; an estimate */
	__u64 used;

	/**
	 * @cpu_visible_size: bytes the CPU can reach through the BAR, at most
	 * @total_size; 0 for main memory
	 */
	__u64 cpu_visible_size;

	/** @cpu_visible_used: part of @used that the CPU can reach; 0 for main memory */
	__u64 cpu_visible_used;

	/** @reserved: zero */
	__u64 reserved[6];
};

/**
 * struct drm_xe_query_mem_regions - reply to %DRM_XE_DEVICE_QUERY_MEM_REGIONS
 */
struct drm_xe_query_mem_regions {
	/** @num_mem_regions: number of elements of @mem_regions */
	__u32 num_mem_regions;

	/** @pad: zero */
	__u32 pad;

	/** @mem_regions: the regions; main memory comes first */
	struct drm_xe_mem_region mem_regions[];
};

/* PCI device id in bits 15:0, PCI revision from bit 16 up. */
#define DRM_XE_QUERY_CONFIG_REV_AND_DEVICE_ID		0
/* Mask of DRM_XE_QUERY_CONFIG_FLAG_*. */
#define DRM_XE_QUERY_CONFIG_FLAGS			1
/* The device has memory of its own. */
#define DRM_XE_QUERY_CONFIG_FLAG_HAS_VRAM		(1 << 0)
/* Granularity of every bind, in bytes. */
#define DRM_XE_QUERY_CONFIG_MIN_ALIGNMENT		2
/* Width of a GPU virtual address. */
#define DRM_XE_QUERY_CONFIG_VA_BITS			3
/* Highest exec queue priority open to the caller. */
#define DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY	4

/**
 * struct drm_xe_query_config - reply to %DRM_XE_DEVICE_QUERY_CONFIG
 */
struct drm_xe_query_config {
	/** @num_params: number of elements of @info */
	__u32 num_params;

	/** @pad: zero */
	__u32 pad;

	/** @info: values, indexed by the DRM_XE_QUERY_CONFIG_* that are not flags */
	__u64 info[];
};

#define DRM_XE_QUERY_GT_TYPE_MAIN		0
#define DRM_XE_QUERY_GT_TYPE_MEDIA		1

/**
 * struct drm_xe_gt - one GT (a group of engines with its own firmware)
 */
struct drm_xe_gt {
	/** @type: DRM_XE_QUERY_GT_TYPE_* */
	__u16 type;

	/** @tile_id: tile the GT belongs to */
	__u16 tile_id;

	/** @gt_id: number of the GT, unique on the device */
	__u16 gt_id;

	/** @pad: zero */
	__u16 pad[3];

	/** @reference_clock: frequency of GPU timestamps, Hz */
	__u32 reference_clock;

	/** @near_mem_regions: mask of the memory regions closest to the GT */
	__u64 near_mem_regions;

	/** @far_mem_regions: mask of the other regions the GT can use */
	__u64 far_mem_regions;

	/**
	 * @ip_ver_major: major version of the GT's hardware IP; all three version
	 * members are 0 on hardware that does not tell
	 */
	__u16 ip_ver_major;

	/** @ip_ver_minor: minor version of the IP */
	__u16 ip_ver_minor;

	/** @ip_ver_rev: revision (stepping) of the IP */
	__u16 ip_ver_rev;

	/** @pad2: zero */
	__u16 pad2;

	/** @reserved: zero */
	__u64 reserved[7];
};

/**
 * struct drm_xe_query_gt_list - reply to %DRM_XE_DEVICE_QUERY_GT_LIST
 */
struct drm_xe_query_gt_list {
	/** @num_gt: number of elements of @gt_list */
	__u32 num_gt;

	/** @pad: zero */
	__u32 pad;

	/** @gt_list: the GTs, ascending by number */
	struct drm_xe_gt gt_list[];
};

/* Dual subslices that can do geometry work. */
#define DRM_XE_TOPO_DSS_GEOMETRY	1
/* Dual subslices that can do compute work. */
#define DRM_XE_TOPO_DSS_COMPUTE		2
/* Banks of the L3 cache. */
#define DRM_XE_TOPO_L3_BANK		3
/* Execution units of each dual subslice, SIMD8 generation. */
#define DRM_XE_TOPO_EU_PER_DSS		4
/* Execution units of each dual subslice, SIMD16 generation. */
#define DRM_XE_TOPO_SIMD16_EU_PER_DSS	5

/**
 * struct drm_xe_query_topology_mask - record of %DRM_XE_DEVICE_QUERY_GT_TOPOLOGY
 *
 * The reply is a run of these, each followed directly by the next.
 */
struct drm_xe_query_topology_mask {
	/** @gt_id: GT described */
	__u16 gt_id;

	/** @type: what the bits stand for: DRM_XE_TOPO_* */
	__u16 type;

	/** @num_bytes: length of @mask */
	__u32 num_bytes;

	/** @mask: one bit per unit present, little endian */
	__u8 mask[];
};

/**
 * struct drm_xe_query_engine_cycles - data of %DRM_XE_DEVICE_QUERY_ENGINE_CYCLES
 *
 * Input and output share the structure. It takes a GPU and a CPU time stamp
 * close together, for clients that relate the two clocks.
 */
struct drm_xe_query_engine_cycles {
	/** @eci: in: engine whose counter is read */
	struct drm_xe_engine_class_instance eci;

	/**
	 * @clockid: in: CPU clock, one of CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
	 * CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI
	 */
	__s32 clockid;

	/** @width: out: number of valid bits of @engine_cycles */
	__u32 width;

	/** @engine_cycles: out: counter, in ticks of &drm_xe_gt.reference_clock */
	__u64 engine_cycles;

	/** @cpu_timestamp: out: CPU time just before the counter was read, ns */
	__u64 cpu_timestamp;

	/** @cpu_delta: out: how long the reading took, ns */
	__u64 cpu_delta;
};

#define XE_QUERY_UC_TYPE_GUC_SUBMISSION 0
#define XE_QUERY_UC_TYPE_HUC 1

/**
 * struct drm_xe_query_uc_fw_version - data of %DRM_XE_DEVICE_QUERY_UC_FW_VERSION
 */
struct drm_xe_query_uc_fw_version {
	/**
	 * @uc_type: in: XE_QUERY_UC_TYPE_GUC_SUBMISSION (version of the
	 * submission interface, not of the file) or XE_QUERY_UC_TYPE_HUC
	 */
	__u16 uc_type;

	/** @pad: must be 0 */
	__u16 pad;

	/** @branch_ver: out: branch */
	__u32 branch_ver;

	/** @major_ver: out: major version */
	__u32 major_ver;

	/** @minor_ver: out: minor version */
	__u32 minor_ver;

	/** @patch_ver: out: patch level */
	__u32 patch_ver;

	/** @pad2: must be 0 */
	__u32 pad2;

	/** @reserved: must be 0 */
	__u64 reserved;
};

/**
 * enum drm_xe_oa_unit_type - kinds of performance counter (OA) units
 */
enum drm_xe_oa_unit_type {
	/** @DRM_XE_OA_UNIT_TYPE_OAG: unit of render and compute engines */
	DRM_XE_OA_UNIT_TYPE_OAG,

	/** @DRM_XE_OA_UNIT_TYPE_OAM: unit of media engines */
	DRM_XE_OA_UNIT_TYPE_OAM,
};

/* Basic counter streams work. */
#define DRM_XE_OA_CAPS_BASE		(1 << 0)
/* Streams accept syncs. */
#define DRM_XE_OA_CAPS_SYNCS		(1 << 1)

/**
 * struct drm_xe_oa_unit - one OA unit in a reply
 */
struct drm_xe_oa_unit {
	/** @extensions: zero */
	__u64 extensions;

	/** @oa_unit_id: number of the unit */
	__u32 oa_unit_id;

	/** @oa_unit_type: a value of enum drm_xe_oa_unit_type */
	__u32 oa_unit_type;

	/** @capabilities: mask of DRM_XE_OA_CAPS_* */
	__u64 capabilities;

	/** @oa_timestamp_freq: frequency of time stamps in reports, Hz */
	__u64 oa_timestamp_freq;

	/** @reserved: zero */
	__u64 reserved[4];

	/** @num_engines: number of elements of @eci */
	__u64 num_engines;

	/** @eci: engines whose work the unit counts */
	struct drm_xe_engine_class_instance eci[];
};

/**
 * struct drm_xe_query_oa_units - reply to %DRM_XE_DEVICE_QUERY_OA_UNITS
 */
struct drm_xe_query_oa_units {
	/** @extensions: zero */
	__u64 extensions;

	/** @num_oa_units: number of units in @oa_units */
	__u32 num_oa_units;

	/** @pad: zero */
	__u32 pad;

	/**
	 * @oa_units: struct drm_xe_oa_unit elements of varying length, packed: the
	 * next one starts where the engine array of the one before ends
	 */
	__u64 oa_units[];
};

#define DRM_XE_DEVICE_QUERY_ENGINES		0
#define DRM_XE_DEVICE_QUERY_MEM_REGIONS		1
#define DRM_XE_DEVICE_QUERY_CONFIG		2
#define DRM_XE_DEVICE_QUERY_GT_LIST		3
/* Table of key, length, values as 32-bit words from the firmware; may be empty. */
#define DRM_XE_DEVICE_QUERY_HWCONFIG		4
#define DRM_XE_DEVICE_QUERY_GT_TOPOLOGY		5
#define DRM_XE_DEVICE_QUERY_ENGINE_CYCLES	6
#define DRM_XE_DEVICE_QUERY_UC_FW_VERSION	7
#define DRM_XE_DEVICE_QUERY_OA_UNITS		8

/**
 * struct drm_xe_device_query - argument of &DRM_IOCTL_XE_DEVICE_QUERY
 *
 * Ask twice: with @size 0 to learn the length of the reply, then with exactly
 * that @size and a buffer at @data.
 */
struct drm_xe_device_query {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @query: DRM_XE_DEVICE_QUERY_* */
	__u32 query;

	/** @size: in: bytes at @data, or 0; out when it was 0: bytes needed */
	__u32 size;

	/** @data: user address of the buffer for the reply */
	__u64 data;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Buffers. */

/* Get no memory before the first bind or CPU access. */
#define DRM_XE_GEM_CREATE_FLAG_DEFER_BACKING		(1 << 0)
/* The buffer may be scanned out by a display; needs write-combined caching. */
#define DRM_XE_GEM_CREATE_FLAG_SCANOUT			(1 << 1)
/* If in VRAM, then in the part the CPU can reach. Needs a VRAM placement. */
#define DRM_XE_GEM_CREATE_FLAG_NEEDS_VISIBLE_VRAM	(1 << 2)

/* CPU mappings are cached. Main memory only; binds need a coherent PAT index. */
#define DRM_XE_GEM_CPU_CACHING_WB			1
/* CPU mappings are write-combined. */
#define DRM_XE_GEM_CPU_CACHING_WC			2

/**
 * struct drm_xe_gem_create - argument of &DRM_IOCTL_XE_GEM_CREATE
 *
 * Makes a buffer full of zeros.
 */
struct drm_xe_gem_create {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @size: bytes, a multiple of the &drm_xe_mem_region.min_page_size of its regions */
	__u64 size;

	/** @placement: mask of the memory regions the buffer may live in */
	__u32 placement;

	/** @flags: DRM_XE_GEM_CREATE_FLAG_* */
	__u32 flags;

	/**
	 * @vm_id: 0, or the only VM the buffer will ever be bound in. Private
	 * buffers cost nothing per submission and cannot be exported
	 */
	__u32 vm_id;

	/** @handle: in: must be 0; out: GEM handle */
	__u32 handle;

	/** @cpu_caching: DRM_XE_GEM_CPU_CACHING_* */
	__u16 cpu_caching;

	/** @pad: must be 0 */
	__u16 pad[3];

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/**
 * struct drm_xe_gem_mmap_offset - argument of &DRM_IOCTL_XE_GEM_MMAP_OFFSET
 */
struct drm_xe_gem_mmap_offset {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @handle: buffer */
	__u32 handle;

	/** @flags: must be 0 */
	__u32 flags;

	/** @offset: out: offset to mmap() the device file at; never changes */
	__u64 offset;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Address spaces. */

/* Access to unmapped addresses reads and writes a dummy page instead of faulting. */
#define DRM_XE_VM_CREATE_FLAG_SCRATCH_PAGE	(1 << 0)
/* Long-running work: no time-out, no fences out, user fences only. */
#define DRM_XE_VM_CREATE_FLAG_LR_MODE		(1 << 1)
/* Mappings are populated by GPU page faults; needs LR_MODE and the hardware. */
#define DRM_XE_VM_CREATE_FLAG_FAULT_MODE	(1 << 2)

/**
 * struct drm_xe_vm_create - argument of &DRM_IOCTL_XE_VM_CREATE
 */
struct drm_xe_vm_create {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @flags: DRM_XE_VM_CREATE_FLAG_* */
	__u32 flags;

	/** @vm_id: out: name of the VM */
	__u32 vm_id;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/**
 * struct drm_xe_vm_destroy - argument of &DRM_IOCTL_XE_VM_DESTROY
 *
 * The name is free at once. Jobs that run in the VM finish undisturbed.
 */
struct drm_xe_vm_destroy {
	/** @vm_id: VM */
	__u32 vm_id;

	/** @pad: must be 0 */
	__u32 pad;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Map a part of a buffer, or (flag NULL) nothing. Replaces what is there. */
#define DRM_XE_VM_BIND_OP_MAP		0x0
/* Unmap whatever is mapped in the range; mappings may be cut. */
#define DRM_XE_VM_BIND_OP_UNMAP		0x1
/* Map memory of the calling process. Replaces what is there. */
#define DRM_XE_VM_BIND_OP_MAP_USERPTR	0x2
/* Unmap every mapping of a buffer. */
#define DRM_XE_VM_BIND_OP_UNMAP_ALL	0x3
/* Move what is mapped in the range to a memory region. */
#define DRM_XE_VM_BIND_OP_PREFETCH	0x4

/* The GPU may not write. */
#define DRM_XE_VM_BIND_FLAG_READONLY	(1 << 0)
/* In a FAULT_MODE VM: populate now rather than at the first fault. */
#define DRM_XE_VM_BIND_FLAG_IMMEDIATE	(1 << 1)
/* Reads give zero, writes are dropped; there is no memory behind (sparse). */
#define DRM_XE_VM_BIND_FLAG_NULL	(1 << 2)
/* Include the contents in a device coredump. */
#define DRM_XE_VM_BIND_FLAG_DUMPABLE	(1 << 3)

/**
 * struct drm_xe_vm_bind_op - one operation of &DRM_IOCTL_XE_VM_BIND
 */
struct drm_xe_vm_bind_op {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @obj: buffer for MAP and UNMAP_ALL, else 0; 0 with flag NULL */
	__u32 obj;

	/**
	 * @pat_index: row of the page attribute table that sets caching and
	 * coherency of GPU accesses; checked for every operation
	 */
	__u16 pat_index;

	/** @pad: must be 0 */
	__u16 pad;

	union {
		/** @obj_offset: MAP: first byte of the buffer to map; page aligned */
		__u64 obj_offset;

		/** @userptr: MAP_USERPTR: CPU address; page aligned */
		__u64 userptr;
	};

	/** @range: bytes; page aligned; 0 for UNMAP_ALL only */
	__u64 range;

	/** @addr: GPU address; page aligned; 0 for UNMAP_ALL */
	__u64 addr;

	/** @op: DRM_XE_VM_BIND_OP_* */
	__u32 op;

	/** @flags: DRM_XE_VM_BIND_FLAG_* */
	__u32 flags;

	/** @prefetch_mem_region_instance: PREFETCH: &drm_xe_mem_region.instance, else 0 */
	__u32 prefetch_mem_region_instance;

	/** @pad2: must be 0 */
	__u32 pad2;

	/** @reserved: must be 0 */
	__u64 reserved[3];
};

/**
 * struct drm_xe_vm_bind - argument of &DRM_IOCTL_XE_VM_BIND
 *
 * Applies operations in array order, as one transaction: all of them or none.
 * Binds of one queue complete in order; binds of different queues are
 * independent unless their ranges meet.
 */
struct drm_xe_vm_bind {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @vm_id: VM to change */
	__u32 vm_id;

	/** @exec_queue_id: queue of class VM_BIND, or 0 for the default queue of the VM */
	__u32 exec_queue_id;

	/** @pad: must be 0 */
	__u32 pad;

	/** @num_binds: number of operations; 0 only moves syncs along the queue */
	__u32 num_binds;

	union {
		/** @bind: the operation, if @num_binds is 1 */
		struct drm_xe_vm_bind_op bind;

		/**
		 * @vector_of_binds: user address of @num_binds struct
		 * drm_xe_vm_bind_op, if there are more than one
		 */
		__u64 vector_of_binds;
	};

	/** @pad2: must be 0 */
	__u32 pad2;

	/** @num_syncs: number of syncs, at most %DRM_XE_MAX_SYNCS */
	__u32 num_syncs;

	/** @syncs: user address of an array of struct drm_xe_sync */
	__u64 syncs;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Exec queues. */

/* Extension: struct drm_xe_ext_set_property. */
#define DRM_XE_EXEC_QUEUE_EXTENSION_SET_PROPERTY	0
/* 0 low, 1 normal, 2 high (needs CAP_SYS_NICE). */
#define DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY		0
/* Time slice on a shared engine, microseconds. */
#define DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE	1

/**
 * struct drm_xe_exec_queue_create - argument of &DRM_IOCTL_XE_EXEC_QUEUE_CREATE
 *
 * A queue submits @width batches at a time, to @width engines at once, and the
 * scheduler may pick any of @num_placements groups of engines.
 */
struct drm_xe_exec_queue_create {
	/** @extensions: chain of DRM_XE_EXEC_QUEUE_EXTENSION_*, or 0 */
	__u64 extensions;

	/** @width: batches per submission */
	__u16 width;

	/** @num_placements: number of groups of engines to choose from */
	__u16 num_placements;

	/** @vm_id: address space of the batches; not used by class VM_BIND */
	__u32 vm_id;

	/** @flags: must be 0 */
	__u32 flags;

	/** @exec_queue_id: out: name of the queue */
	__u32 exec_queue_id;

	/**
	 * @instances: user address of @width * @num_placements struct
	 * drm_xe_engine_class_instance, placement by placement
	 */
	__u64 instances;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/**
 * struct drm_xe_exec_queue_destroy - argument of &DRM_IOCTL_XE_EXEC_QUEUE_DESTROY
 *
 * Work that has not finished is cancelled.
 */
struct drm_xe_exec_queue_destroy {
	/** @exec_queue_id: queue */
	__u32 exec_queue_id;

	/** @pad: must be 0 */
	__u32 pad;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* 1 if the queue will not run anything any more. */
#define DRM_XE_EXEC_QUEUE_GET_PROPERTY_BAN	0

/**
 * struct drm_xe_exec_queue_get_property - argument of
 * &DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY
 */
struct drm_xe_exec_queue_get_property {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @exec_queue_id: queue */
	__u32 exec_queue_id;

	/** @property: DRM_XE_EXEC_QUEUE_GET_PROPERTY_* */
	__u32 property;

	/** @value: out: value of the property */
	__u64 value;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Submission and waiting. */

#define DRM_XE_SYNC_TYPE_SYNCOBJ		0x0
#define DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ	0x1
#define DRM_XE_SYNC_TYPE_USER_FENCE		0x2

/* Signal when the work is done; without the flag the work waits for the sync. */
#define DRM_XE_SYNC_FLAG_SIGNAL			(1 << 0)

/**
 * struct drm_xe_sync - something to wait for or to signal
 */
struct drm_xe_sync {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @type: DRM_XE_SYNC_TYPE_* */
	__u32 type;

	/** @flags: DRM_XE_SYNC_FLAG_*; a user fence can only be signalled */
	__u32 flags;

	union {
		/** @handle: sync object; the upper half of @addr must be 0 */
		__u32 handle;

		/**
		 * @addr: user fence: where to write, 8-byte aligned: a GPU address
		 * in &DRM_IOCTL_XE_EXEC, a CPU address in &DRM_IOCTL_XE_VM_BIND
		 */
		__u64 addr;
	};

	/**
	 * @timeline_value: point on the timeline, not 0; for a user fence the
	 * value that is written
	 */
	__u64 timeline_value;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Longest array of syncs one call takes. */
#define DRM_XE_MAX_SYNCS 1024

/**
 * struct drm_xe_exec - argument of &DRM_IOCTL_XE_EXEC
 */
struct drm_xe_exec {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @exec_queue_id: queue */
	__u32 exec_queue_id;

	/** @num_syncs: number of syncs, at most %DRM_XE_MAX_SYNCS */
	__u32 num_syncs;

	/** @syncs: user address of an array of struct drm_xe_sync */
	__u64 syncs;

	/**
	 * @address: width 1: GPU address of the batch; more: user address of an
	 * array of GPU addresses, one per batch
	 */
	__u64 address;

	/** @num_batch_buffer: width of the queue, or 0 to move syncs along the queue */
	__u16 num_batch_buffer;

	/** @pad: must be 0 */
	__u16 pad[3];

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

#define DRM_XE_UFENCE_WAIT_OP_EQ	0x0
#define DRM_XE_UFENCE_WAIT_OP_NEQ	0x1
#define DRM_XE_UFENCE_WAIT_OP_GT	0x2
#define DRM_XE_UFENCE_WAIT_OP_GTE	0x3
#define DRM_XE_UFENCE_WAIT_OP_LT	0x4
#define DRM_XE_UFENCE_WAIT_OP_LTE	0x5

/* The time-out is a point on CLOCK_MONOTONIC, not a duration. */
#define DRM_XE_UFENCE_WAIT_FLAG_ABSTIME	(1 << 0)

/**
 * struct drm_xe_wait_user_fence - argument of &DRM_IOCTL_XE_WAIT_USER_FENCE
 *
 * Sleeps until ``(*addr & mask) op (value & mask)``, unsigned, is true.
 */
struct drm_xe_wait_user_fence {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @addr: CPU address of the 64-bit fence, 8-byte aligned */
	__u64 addr;

	/** @op: DRM_XE_UFENCE_WAIT_OP_* */
	__u16 op;

	/** @flags: DRM_XE_UFENCE_WAIT_FLAG_* */
	__u16 flags;

	/** @pad: must be 0 */
	__u32 pad;

	/** @value: right-hand side of the comparison */
	__u64 value;

	/** @mask: bits that are compared */
	__u64 mask;

	/**
	 * @timeout: ns; negative waits for ever, 0 looks once. A duration is
	 * replaced by what is left of it, so that the call can be restarted; an
	 * absolute time is not changed
	 */
	__s64 timeout;

	/** @exec_queue_id: 0, or a queue whose death ends the wait with %-EIO */
	__u32 exec_queue_id;

	/** @pad2: must be 0 */
	__u32 pad2;

	/** @reserved: must be 0 */
	__u64 reserved[2];
};

/* Observation: streams of performance counters. */

/**
 * enum drm_xe_observation_type - kinds of stream
 */
enum drm_xe_observation_type {
	/** @DRM_XE_OBSERVATION_TYPE_OA: counters of an OA unit */
	DRM_XE_OBSERVATION_TYPE_OA,
};

/**
 * enum drm_xe_observation_op - operations of &DRM_IOCTL_XE_OBSERVATION
 */
enum drm_xe_observation_op {
	/** @DRM_XE_OBSERVATION_OP_STREAM_OPEN: open a stream, return its file */
	DRM_XE_OBSERVATION_OP_STREAM_OPEN,

	/** @DRM_XE_OBSERVATION_OP_ADD_CONFIG: register a set of counters */
	DRM_XE_OBSERVATION_OP_ADD_CONFIG,

	/** @DRM_XE_OBSERVATION_OP_REMOVE_CONFIG: forget a set of counters */
	DRM_XE_OBSERVATION_OP_REMOVE_CONFIG,
};

/**
 * struct drm_xe_observation_param - argument of &DRM_IOCTL_XE_OBSERVATION
 */
struct drm_xe_observation_param {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @observation_type: a value of enum drm_xe_observation_type */
	__u64 observation_type;

	/** @observation_op: a value of enum drm_xe_observation_op */
	__u64 observation_op;

	/** @param: user address of what the operation takes */
	__u64 param;
};

/**
 * enum drm_xe_observation_ioctls - ioctls of the file of a stream
 */
enum drm_xe_observation_ioctls {
	/** @DRM_XE_OBSERVATION_IOCTL_ENABLE: start capturing */
	DRM_XE_OBSERVATION_IOCTL_ENABLE = _IO('i', 0x0),

	/** @DRM_XE_OBSERVATION_IOCTL_DISABLE: stop capturing */
	DRM_XE_OBSERVATION_IOCTL_DISABLE = _IO('i', 0x1),

	/** @DRM_XE_OBSERVATION_IOCTL_CONFIG: change properties */
	DRM_XE_OBSERVATION_IOCTL_CONFIG = _IO('i', 0x2),

	/** @DRM_XE_OBSERVATION_IOCTL_STATUS: ask why a read failed with EIO */
	DRM_XE_OBSERVATION_IOCTL_STATUS = _IO('i', 0x3),

	/** @DRM_XE_OBSERVATION_IOCTL_INFO: ask about the stream */
	DRM_XE_OBSERVATION_IOCTL_INFO = _IO('i', 0x4),
};

/**
 * enum drm_xe_oa_format_type - families of OA report formats
 */
enum drm_xe_oa_format_type {
	/** @DRM_XE_OA_FMT_TYPE_OAG: whole render unit */
	DRM_XE_OA_FMT_TYPE_OAG,

	/** @DRM_XE_OA_FMT_TYPE_OAR: one render context */
	DRM_XE_OA_FMT_TYPE_OAR,

	/** @DRM_XE_OA_FMT_TYPE_OAM: media unit */
	DRM_XE_OA_FMT_TYPE_OAM,

	/** @DRM_XE_OA_FMT_TYPE_OAC: one compute context */
	DRM_XE_OA_FMT_TYPE_OAC,

	/** @DRM_XE_OA_FMT_TYPE_OAM_MPEC: media unit, extended counters */
	DRM_XE_OA_FMT_TYPE_OAM_MPEC,

	/** @DRM_XE_OA_FMT_TYPE_PEC: programmable extended counters */
	DRM_XE_OA_FMT_TYPE_PEC,
};

/* Name of struct drm_xe_ext_set_property in the chain that describes a stream. */
#define DRM_XE_OA_EXTENSION_SET_PROPERTY	0

/* Parts of the value of DRM_XE_OA_PROPERTY_OA_FORMAT. */
#define DRM_XE_OA_FORMAT_MASK_FMT_TYPE		(0xffu << 0)
#define DRM_XE_OA_FORMAT_MASK_COUNTER_SEL	(0xffu << 8)
#define DRM_XE_OA_FORMAT_MASK_COUNTER_SIZE	(0xffu << 16)
#define DRM_XE_OA_FORMAT_MASK_BC_REPORT		(0xffu << 24)

/**
 * enum drm_xe_oa_property_id - properties of an OA stream
 */
enum drm_xe_oa_property_id {
	/** @DRM_XE_OA_PROPERTY_OA_UNIT_ID: unit to count with, 0 by default */
	DRM_XE_OA_PROPERTY_OA_UNIT_ID = 1,

	/** @DRM_XE_OA_PROPERTY_SAMPLE_OA: 1 to get raw reports through the file */
	DRM_XE_OA_PROPERTY_SAMPLE_OA,

	/** @DRM_XE_OA_PROPERTY_OA_METRIC_SET: set of counters, from ADD_CONFIG */
	DRM_XE_OA_PROPERTY_OA_METRIC_SET,

	/** @DRM_XE_OA_PROPERTY_OA_FORMAT: layout of reports */
	DRM_XE_OA_PROPERTY_OA_FORMAT,

	/**
	 * @DRM_XE_OA_PROPERTY_OA_PERIOD_EXPONENT: sample once every
	 * 2^(exponent + 1) ticks
	 */
	DRM_XE_OA_PROPERTY_OA_PERIOD_EXPONENT,

	/** @DRM_XE_OA_PROPERTY_OA_DISABLED: 1 to open without starting */
	DRM_XE_OA_PROPERTY_OA_DISABLED,

	/** @DRM_XE_OA_PROPERTY_EXEC_QUEUE_ID: count the work of one queue */
	DRM_XE_OA_PROPERTY_EXEC_QUEUE_ID,

	/** @DRM_XE_OA_PROPERTY_OA_ENGINE_INSTANCE: engine of that queue, 0 by default */
	DRM_XE_OA_PROPERTY_OA_ENGINE_INSTANCE,

	/** @DRM_XE_OA_PROPERTY_NO_PREEMPT: 1 to keep that queue on the engine */
	DRM_XE_OA_PROPERTY_NO_PREEMPT,

	/** @DRM_XE_OA_PROPERTY_NUM_SYNCS: number of syncs */
	DRM_XE_OA_PROPERTY_NUM_SYNCS,

	/** @DRM_XE_OA_PROPERTY_SYNCS: user address of an array of struct drm_xe_sync */
	DRM_XE_OA_PROPERTY_SYNCS,
};

/**
 * struct drm_xe_oa_config - set of counters for %DRM_XE_OBSERVATION_OP_ADD_CONFIG
 */
struct drm_xe_oa_config {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @uuid: name of the set as a UUID in text form, without a final NUL */
	char uuid[36];

	/** @n_regs: number of registers */
	__u32 n_regs;

	/** @regs_ptr: user address of @n_regs pairs of 32-bit register and value */
	__u64 regs_ptr;
};

#define DRM_XE_OASTATUS_MMIO_TRG_Q_FULL		(1 << 3)
#define DRM_XE_OASTATUS_COUNTER_OVERFLOW	(1 << 2)
#define DRM_XE_OASTATUS_BUFFER_OVERFLOW		(1 << 1)
#define DRM_XE_OASTATUS_REPORT_LOST		(1 << 0)

/**
 * struct drm_xe_oa_stream_status - reply of %DRM_XE_OBSERVATION_IOCTL_STATUS
 */
struct drm_xe_oa_stream_status {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @oa_status: mask of DRM_XE_OASTATUS_* */
	__u64 oa_status;

	/** @reserved: zero */
	__u64 reserved[3];
};

/**
 * struct drm_xe_oa_stream_info - reply of %DRM_XE_OBSERVATION_IOCTL_INFO
 */
struct drm_xe_oa_stream_info {
	/** @extensions: must be 0 */
	__u64 extensions;

	/** @oa_buf_size: bytes of the buffer for reports */
	__u64 oa_buf_size;

	/** @reserved: zero */
	__u64 reserved[3];
};

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_XE_DRM_H_ */
