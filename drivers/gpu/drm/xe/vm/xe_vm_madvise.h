/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_MADVISE_H_
#define _XE_VM_MADVISE_H_

#include <linux/types.h>

struct xe_vm;

int xe_vm_advise_needed(struct xe_vm *vm, u64 start, u64 end, bool needed, bool *retained);

#endif
