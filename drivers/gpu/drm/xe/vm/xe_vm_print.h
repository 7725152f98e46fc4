/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_PRINT_H_
#define _XE_VM_PRINT_H_

struct drm_printer;
struct xe_vm;

void xe_vm_print(struct xe_vm *vm, struct drm_printer *p);

#endif
