/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_BIND_H_
#define _XE_VM_BIND_H_

#include <linux/bits.h>
#include <linux/types.h>

#include <drm/drm_exec.h>

#include "base/xe_trace_types.h"
#include "submit/xe_sync.h"
#include "vm/xe_vm_ops.h"

struct drm_gem_object;
struct xe_bind_queue;
struct xe_exec_queue;
struct xe_vm;
struct xe_vm_update;

/*
 * Flag of a bind operation, debug builds only: the bind fails with -ENOSPC, at the next of several
 * places, one after the other. Lets tests see that nothing is left behind.
 */
#define XE_VM_BIND_FLAG_INJECT	BIT(31)

/**
 * enum xe_vm_bind_inject - where a bind can be made to fail
 * @XE_VM_BIND_INJECT_LOCKED: objects have been locked, nothing is planned
 * @XE_VM_BIND_INJECT_PLANNED: the page-table change is planned
 * @XE_VM_BIND_INJECT_PREPARED: nothing is missing but the commit
 * @XE_VM_BIND_INJECT_POINTS: number of places
 */
enum xe_vm_bind_inject {
	XE_VM_BIND_INJECT_LOCKED,
	XE_VM_BIND_INJECT_PLANNED,
	XE_VM_BIND_INJECT_PREPARED,
	XE_VM_BIND_INJECT_POINTS,
};

/**
 * struct xe_vm_bind - one VM_BIND ioctl on its way through the phases
 *
 * The ioctl layer fills @vm (locked for writing), @q, @reqs and @syncs in its look-up, and releases
 * them at the end.
 */
struct xe_vm_bind {
	/** @vm: the VM; its lock is held for writing */
	struct xe_vm *vm;
	/** @id: what trace events call it */
	struct xe_trace_bind id;
	/** @q: bind queue the user named, or NULL for the default queue of @vm */
	struct xe_exec_queue *q;
	/** @reqs: @n_reqs requests in array order; @single or an allocation */
	struct xe_vm_bind_req *reqs;
	/** @single: for the ioctl layer: memory of @reqs if there is only one */
	struct xe_vm_bind_req single;
	/** @n_reqs: number of operations the user asked for */
	u32 n_reqs;
	/** @may_pin: among @reqs are some that may be about process memory */
	bool may_pin;
	/** @busy: among @reqs are some that have to wait for a user fence */
	bool busy;
	/** @pool: memory of the steps of @reqs, from stage to finish */
	struct xe_vm_ops_pool pool;
	/** @syncs: @n_syncs syncs, at most one of them a user fence */
	struct xe_sync *syncs;
	/** @sync_room: for the ioctl layer: memory of @syncs if there are few */
	struct xe_sync sync_room[XE_SYNC_ROOM];
	/** @n_syncs: number of syncs */
	u32 n_syncs;
	/** @exec: reservations, valid if @locked */
	struct drm_exec exec;
	/** @locked: @exec holds the reservations of the VM and of all BOs of the requests */
	bool locked;
	/** @n_slots: fences that an external object has to have room for, 0 if there is none */
	unsigned int n_slots;
	/** @stale: what was committed takes the place of a rebind, so jobs wait for it */
	bool stale;
	/** @old_userptr: among the mappings that go is memory of a process */
	bool old_userptr;
	/** @last_obj: object that a walk over the steps has dealt with last; NULL if none */
	struct drm_gem_object *last_obj;
	/** @awaits_vm: @update waits for the moves of private objects */
	bool awaits_vm;
	/** @update: change of the page tables, NULL before prepare and after a failure */
	struct xe_vm_update *update;
	/** @cookie: of dma_fence_begin_signalling(), from commit until all fences are published */
	bool cookie;
};

int xe_vm_bind_stage(struct xe_vm_bind *bind);
int xe_vm_bind_prepare(struct xe_vm_bind *bind);
void xe_vm_bind_commit(struct xe_vm_bind *bind);
void xe_vm_bind_execute(struct xe_vm_bind *bind);
void xe_vm_bind_finish(struct xe_vm_bind *bind, int err);
void xe_vm_bind_release(struct xe_vm_bind *bind);

#endif
