/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_SNAPSHOT_H_
#define _XE_VM_SNAPSHOT_H_

struct xe_dump_text;
struct xe_vm;
struct xe_vm_snapshot;

struct xe_vm_snapshot *xe_vm_snapshot_take(struct xe_vm *vm);
void xe_vm_snapshot_print(struct xe_vm_snapshot *s, struct xe_dump_text *t);
void xe_vm_snapshot_free(struct xe_vm_snapshot *s);

#endif
