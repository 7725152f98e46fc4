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

#define DRM_XE_VM_GET_PROPERTY		0x0f

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

#if defined(__cplusplus)
}
#endif

#endif
