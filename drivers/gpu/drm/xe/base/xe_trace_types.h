/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_TRACE_TYPES_H_
#define _XE_TRACE_TYPES_H_

#include <linux/types.h>

/**
 * struct xe_trace_bind - what tells a bind or rebind from all others in a trace
 */
struct xe_trace_bind {
	/** @dev: xe_device_minor() */
	u32 dev;
	/** @vm: &xe_vm.id */
	u32 vm;
	/** @number: its number in the VM */
	u32 number;
};

#endif
