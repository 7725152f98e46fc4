/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * Copyright © 2026 The xe project authors
 */

#ifndef _UAPI_XE_DRM_NEWER_H_
#define _UAPI_XE_DRM_NEWER_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: Interfaces of newer kernels
 *
 * What clients of newer kernels ask for and Linux 6.12 has not got. It is apart from ``xe_drm.h``,
 * which is what Linux 6.12 has and nothing else. The principles told there hold here as well.
 */

#define DRM_XE_MADVISE			0x0c
#define DRM_XE_VM_QUERY_MEM_RANGE_ATTRS	0x0d
#define DRM_XE_VM_GET_PROPERTY		0x0f

#define DRM_IOCTL_XE_MADVISE \
	DRM_IOW(DRM_COMMAND_BASE + DRM_XE_MADVISE, struct drm_xe_madvise)
#define DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_VM_QUERY_MEM_RANGE_ATTRS, \
		 struct drm_xe_vm_query_mem_range_attr)
#define DRM_IOCTL_XE_VM_GET_PROPERTY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_XE_VM_GET_PROPERTY, struct drm_xe_vm_get_property)

/**
 * struct xe_vm_fault - one access to a VM that had no translation, or no permission
 */
struct xe_vm_fault {
	/** @address: what was accessed, bytes; exact to @address_precision */
	__u64 address;
	/** @address_precision: bytes, a power of two */
	__u32 address_precision;
	/** @access_type: 0 read, 1 write, 2 atomic */
	__u8 access_type;
	/** @fault_type: 0 not present, 1 write access, 2 atomic access */
	__u8 fault_type;
	/** @fault_level: level of the page table where the translation ended */
	__u8 fault_level;
	/** @pad: zero */
	__u8 pad;
	/** @reserved: zero */
	__u64 reserved[4];
};

/**
 * struct drm_xe_vm_get_property - argument of &DRM_IOCTL_XE_VM_GET_PROPERTY
 *
 * With @size zero the call returns the size of the property, in @size. With that size, and a buffer
 * at @data, it returns the property.
 *
 * DRM_XE_VM_GET_PROPERTY_FAULTS is an array of struct xe_vm_fault: faults since the VM was made.
 * Devices without recoverable faults do not tell the driver addresses, so for these the array is
 * always empty: the size is zero, and any other one is %-EINVAL.
 */
struct drm_xe_vm_get_property {
	/** @extensions: zero */
	__u64 extensions;

	/** @vm_id: the VM */
	__u32 vm_id;

#define DRM_XE_VM_GET_PROPERTY_FAULTS	0
	/** @property: which one */
	__u32 property;

	/** @size: bytes at @data; returns the size if it was zero */
	__u32 size;

	/** @pad: zero */
	__u32 pad;

	union {
		/** @data: user pointer, for properties that are arrays */
		__u64 data;
		/** @value: returns the value of properties that are numbers */
		__u64 value;
	};

	/** @reserved: zero */
	__u64 reserved[3];
};

/* Bit of &DRM_XE_QUERY_CONFIG_FLAGS: MADVISE knows DRM_XE_VMA_ATTR_PURGEABLE_STATE. */
#define DRM_XE_QUERY_CONFIG_FLAG_HAS_PURGING_SUPPORT	(1 << 5)

/**
 * struct drm_xe_madvise - argument of &DRM_IOCTL_XE_MADVISE
 *
 * Sets one attribute of all mappings in a range of addresses. Devices without page faults and
 * device memory know only DRM_XE_VMA_ATTR_PURGEABLE_STATE; the others give %-EOPNOTSUPP.
 *
 * DRM_XE_VMA_PURGEABLE_STATE_DONTNEED says that the contents behind a mapping are not needed for
 * now. When all mappings of a BO say so, in all VMs, its memory may be taken away at any time, for
 * ever. Until some mapping is needed again the BO cannot be mapped, neither by the GPU nor by the
 * CPU, nor exported: %-EBUSY. The GPU should not be made to touch it, and existing CPU mappings
 * may meet SIGBUS. Once it has been purged it cannot be mapped any more: %-EINVAL. What others may
 * use through a dma-buf takes no notice.
 *
 * A mapping that the range covers in part is needed if one of the parts is.
 */
struct drm_xe_madvise {
	/** @extensions: zero */
	__u64 extensions;

	/** @start: first address, multiple of 4 KiB */
	__u64 start;

	/** @range: bytes, multiple of 4 KiB, not zero */
	__u64 range;

	/** @vm_id: the VM */
	__u32 vm_id;

#define DRM_XE_MEM_RANGE_ATTR_PREFERRED_LOC	0
#define DRM_XE_MEM_RANGE_ATTR_ATOMIC		1
#define DRM_XE_MEM_RANGE_ATTR_PAT		2
#define DRM_XE_VMA_ATTR_PURGEABLE_STATE		3
	/** @type: attribute to set; names the member of the union */
	__u32 type;

	union {
		/** @preferred_mem_loc: where pages should be */
		struct {
#define DRM_XE_PREFERRED_LOC_DEFAULT_DEVICE	0
#define DRM_XE_PREFERRED_LOC_DEFAULT_SYSTEM	-1
			/** @preferred_mem_loc.devmem_fd: file of a device, or one of the above */
			__u32 devmem_fd;

#define DRM_XE_MIGRATE_ALL_PAGES		0
#define DRM_XE_MIGRATE_ONLY_SYSTEM_PAGES	1
			/** @preferred_mem_loc.migration_policy: what may be moved there */
			__u16 migration_policy;

			/** @preferred_mem_loc.region_instance: memory region of that device */
			__u16 region_instance;

			/** @preferred_mem_loc.reserved: zero */
			__u64 reserved;
		} preferred_mem_loc;

		/** @atomic: who may use atomic operations */
		struct {
#define DRM_XE_ATOMIC_UNDEFINED	0
#define DRM_XE_ATOMIC_DEVICE	1
#define DRM_XE_ATOMIC_GLOBAL	2
#define DRM_XE_ATOMIC_CPU	3
			/** @atomic.val: DRM_XE_ATOMIC_* */
			__u32 val;

			/** @atomic.pad: zero */
			__u32 pad;

			/** @atomic.reserved: zero */
			__u64 reserved;
		} atomic;

		/** @pat_index: cache policy */
		struct {
			/** @pat_index.val: row of the page attribute table */
			__u32 val;

			/** @pat_index.pad: zero */
			__u32 pad;

			/** @pat_index.reserved: zero */
			__u64 reserved;
		} pat_index;

		/** @purge_state_val: whether contents are needed */
		struct {
#define DRM_XE_VMA_PURGEABLE_STATE_WILLNEED	0
#define DRM_XE_VMA_PURGEABLE_STATE_DONTNEED	1
			/** @purge_state_val.val: DRM_XE_VMA_PURGEABLE_STATE_* */
			__u32 val;

			/** @purge_state_val.pad: zero */
			__u32 pad;

			/**
			 * @purge_state_val.retained_ptr: user pointer to a __u32, which has to be
			 * zero; it becomes one if no contents in the range have been purged
			 */
			__u64 retained_ptr;
		} purge_state_val;
	};

	/** @reserved: zero */
	__u64 reserved[2];
};

/**
 * struct drm_xe_mem_range_attr - attributes of one mapping
 */
struct drm_xe_mem_range_attr {
	/** @extensions: zero */
	__u64 extensions;

	/** @start: first address */
	__u64 start;

	/** @end: end, exclusive */
	__u64 end;

	/** @preferred_mem_loc: where pages should be */
	struct {
		/** @preferred_mem_loc.devmem_fd: DRM_XE_PREFERRED_LOC_DEFAULT_SYSTEM */
		__u32 devmem_fd;

		/** @preferred_mem_loc.migration_policy: DRM_XE_MIGRATE_* */
		__u32 migration_policy;
	} preferred_mem_loc;

	/** @atomic: who may use atomic operations */
	struct {
		/** @atomic.val: DRM_XE_ATOMIC_* */
		__u32 val;

		/** @atomic.reserved: zero */
		__u32 reserved;
	} atomic;

	/** @pat_index: cache policy */
	struct {
		/** @pat_index.val: row of the page attribute table */
		__u32 val;

		/** @pat_index.reserved: zero */
		__u32 reserved;
	} pat_index;

	/** @reserved: zero */
	__u64 reserved[2];
};

/**
 * struct drm_xe_vm_query_mem_range_attr - argument of &DRM_IOCTL_XE_VM_QUERY_MEM_RANGE_ATTRS
 *
 * A first call with number, size and vector zero returns number and size. The second one, with a
 * vector of that many elements, fills it; %-ENOSPC if the mappings have become more since.
 */
struct drm_xe_vm_query_mem_range_attr {
	/** @extensions: zero */
	__u64 extensions;

	/** @vm_id: the VM */
	__u32 vm_id;

	/** @num_mem_ranges: elements of the vector; returns the number of mappings in the range */
	__u32 num_mem_ranges;

	/** @start: first address, multiple of 4 KiB */
	__u64 start;

	/** @range: bytes, multiple of 4 KiB, not zero */
	__u64 range;

	/** @sizeof_mem_range_attr: size of struct drm_xe_mem_range_attr */
	__u64 sizeof_mem_range_attr;

	/** @vector_of_mem_attr: user pointer to the vector */
	__u64 vector_of_mem_attr;

	/** @reserved: zero */
	__u64 reserved[2];
};

#if defined(__cplusplus)
}
#endif

#endif
