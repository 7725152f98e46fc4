/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_REBIND_H_
#define _XE_VM_REBIND_H_

struct drm_gem_object;
struct xe_exec_queue;
struct xe_vm;

void xe_vm_rebind_init(struct xe_vm *vm);
void xe_vm_rebind_fini(struct xe_vm *vm);

int xe_vm_rebind_add_queue(struct xe_vm *vm, struct xe_exec_queue *q);
void xe_vm_rebind_remove_queue(struct xe_vm *vm, struct xe_exec_queue *q);
void xe_vm_rebind_kill_queues(struct xe_vm *vm);

int xe_vm_rebind_exec_begin(struct xe_vm *vm);
void xe_vm_rebind_exec_end(struct xe_vm *vm);

void xe_vm_rebind_protect(struct xe_vm *vm, struct drm_gem_object *obj);

#endif
