/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Tables of argument rules, which are several files, and what is in them: ioctl_args_kunit.c
 */
#ifndef _IOCTL_ARGS_H_
#define _IOCTL_ARGS_H_

#include <linux/bits.h>
#include <linux/sizes.h>
#include <linux/spinlock_types.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "gt/xe_engine.h"
#include "tests/xe_fake.h"

struct dma_fence;
struct drm_file;
struct xe_bo;
struct xe_device;
struct xe_gt;
struct xe_vm;

/* What the tests find in their file, by the names it gives: they count from 1. */
enum args_vm {
	VM = 1,
	/* banned */
	DEAD_VM,
	/* long-running, has LR_QUEUE */
	LR_VM,
};

enum args_bo {
	/* of BO_SIZE bytes, cached */
	BO = 1,
	/* passes for one of another device; write-combined */
	IMPORT,
};

enum args_queue {
	BIND_QUEUE = 1,
	/* the others have no contexts and must not get a job */
	QUEUE,
	BANNED_QUEUE,
	/* two slots, of DEAD_VM */
	WIDE_QUEUE,
	/* of DEAD_VM */
	DEAD_VM_QUEUE,
	LR_QUEUE,
};

enum args_syncobj {
	/* without a fence */
	SYNCOBJ = 1,
};

#define BO_SIZE		(4 * SZ_4K)
#define VA		0x40000000ull
/* Where an unfinished bind has mapped something, if the call asks for that */
#define BUSY_VA		0x80000000ull
#define VA_END		BIT_ULL(48)
#define BAD_POINTER	(~0xfffull)
#define MAGIC		0x1122334455667788ull
#define REPLY_WORDS	16
/* What sysfs allows callers without CAP_SYS_NICE, microseconds */
#define ARGS_TIMESLICE_MIN	500
#define ARGS_TIMESLICE_MAX	2000

/* Arguments that ioctls read through pointers */
struct user_args {
	struct drm_xe_engine_class_instance engine[2];
	struct drm_xe_ext_set_property ext;
	struct drm_xe_query_uc_fw_version uc;
	struct drm_xe_query_engine_cycles cycles;
	struct drm_xe_vm_bind_op op[2];
	struct drm_xe_sync sync[2];
	u64 batch[2];
	u64 reply[REPLY_WORDS];
	u64 fence;
};

/* Everything one call is given */
struct arg_set {
	union {
		struct drm_xe_device_query query;
		struct drm_xe_gem_create gem;
		struct drm_xe_gem_mmap_offset mmap;
		struct drm_xe_vm_create vm;
		struct drm_xe_vm_destroy vm_end;
		struct drm_xe_vm_get_property vm_get;
		struct drm_xe_madvise madvise;
		struct drm_xe_vm_query_mem_range_attr ranges;
		struct drm_xe_vm_bind bind;
		struct drm_xe_exec_queue_create queue;
		struct drm_xe_exec_queue_destroy queue_end;
		struct drm_xe_exec_queue_get_property queue_get;
		struct drm_xe_exec exec;
		struct drm_xe_wait_user_fence wait;
		struct drm_xe_observation_param oa;
	};
	struct user_args user;
};

#define ARGS_N_ENGINES	3

struct args_test {
	struct xe_device *xe;
	struct drm_file *file;
	struct user_args __user *user;
	/* a page of the process, for userptrs */
	void __user *page;
	struct xe_gt *gt;
	struct xe_engine engines[ARGS_N_ENGINES];
	struct xe_bo *import;
	/* the call under way is one with a signal waiting */
	bool signal;
	/* keeps a bind from finishing */
	struct dma_fence *fence;
	/* of @fence */
	spinlock_t fence_lock;
};

/* Tables of the contract, Documentation/hardware/uapi.md, whose rows are counted from 1 */
enum args_table {
	/* rules the contract has no table for */
	NO_TABLE,
	QUERY_TABLE,
	CYCLES_TABLE,
	FIRMWARE_TABLE,
	GEM_TABLE,
	MMAP_TABLE,
	VM_CREATE_TABLE,
	VM_DESTROY_TABLE,
	BIND_TABLE,
	QUEUE_TABLE,
	PROPS_TABLE,
	EXEC_TABLE,
	WAIT_TABLE,
	OA_TABLE,
	N_TABLES
};

/* A kind of call */
struct args_call {
	unsigned int nr;
	void (*fill)(const struct args_test *t, struct arg_set *s);
	/* result when nothing is wrong, and the row of @table that this is, 0 for none */
	int accepted;
	u8 row;
	enum args_table table;
	/* needs to find engines */
	bool gt;
	/* needs a mapping at BUSY_VA */
	bool busy;
	/* by a caller without CAP_SYS_NICE */
	bool humble;
	/* by a caller who has a signal waiting */
	bool signal;
};

#define CALL(_name, _nr, _table, ...) \
	static const struct args_call _name = { \
		.nr = DRM_XE_##_nr, .table = (_table), .fill = fill_##_name, ##__VA_ARGS__ }

/* One thing wrong: @value at @offset of the arguments. @row of the table of the call, 0 for none */
struct args_rule {
	const char *name;
	const struct args_call *call;
	u64 value;
	int err;
	u16 offset;
	u16 size;
	u8 row;
};

#define RULE(_call, _row, _member, _value, _err) { \
	.name = #_call ": " #_member " = " #_value, \
	.call = &(_call), \
	.value = (_value), .err = (_err), \
	.offset = offsetof(struct arg_set, _member), \
	.size = sizeof_field(struct arg_set, _member), \
	.row = (_row) }

#define ZERO(_call, _row, _member)	RULE(_call, _row, _member, 1, -EINVAL)

struct args_rules {
	const struct args_rule *rules;
	unsigned int n;
};

extern const struct args_rules xe_args_device_rules;
extern const struct args_rules xe_args_bind_rules;
extern const struct args_rules xe_args_queue_rules;

static inline u64 addr_of(const void __user *p)
{
	return (u64)p;
}

#endif
