/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_FAKE_H_
#define _XE_FAKE_H_

#include <linux/compiler.h>
#include <linux/types.h>

struct drm_file;
struct kunit;
struct xe_bo;
struct xe_device;
struct xe_vm;

/* A queue id, VM id or handle that nothing has */
#define XE_FAKE_UNKNOWN		0x7777

struct xe_device *xe_fake_device(struct kunit *test);
struct drm_file *xe_fake_file(struct kunit *test, struct xe_device *xe);
struct xe_vm *xe_fake_vm(struct kunit *test, struct xe_device *xe, u32 flags);
struct xe_bo *xe_fake_bo(struct kunit *test, struct xe_device *xe, struct xe_vm *vm, u64 size);
void __user *xe_fake_user(struct kunit *test, size_t size, const void *init);

#endif
