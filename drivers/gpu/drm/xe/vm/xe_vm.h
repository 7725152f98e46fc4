/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_VM_H_
#define _XE_VM_H_

#include <linux/bits.h>
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <drm/drm_gpuvm.h>

#include "base/xe_device.h"
#include "base/xe_trace_types.h"
#include "pt/xe_range_track.h"

struct xe_bind_queue;
struct xe_exec_queue;
struct xe_job;
struct xe_ppgtt;
struct xe_tlb_inval_fence;
struct xe_vm_fence;
struct xe_vm_update;

/* flags of xe_vm_create() */
/* unmapped addresses hit a dummy page instead of faulting */
#define XE_VM_SCRATCH		BIT(0)
/* long-running: jobs have no fences, queues are preempted when memory is to be moved */
#define XE_VM_LR		BIT(1)

/*
 * Objects a drm_exec transaction has room for at first: what most binds and jobs lock. It grows by
 * a page at a time, and starts with one if nothing is said, which has to be zeroed each time.
 */
#define XE_VM_EXEC_OBJECTS	8

/*
 * Usage of what jobs of a VM wait for in its reservation: moves and rebinds, which are KERNEL, and
 * binds that take the place of a rebind. These wait for whatever the user likes, and nobody else
 * has to wait for them, such as a CPU fault on a private BO. No other fence there has this usage.
 */
#define XE_VM_USAGE_JOBS	DMA_RESV_USAGE_WRITE

/**
 * enum xe_vm_state - bit numbers of &xe_vm.state; bits are only ever set
 * @XE_VM_CLOSED: its id is gone: no bind, no exec; the teardown is queued
 * @XE_VM_BANNED: its state is unknown, or long-running work cannot go on: no bind, no exec
 */
enum xe_vm_state {
	XE_VM_CLOSED,
	XE_VM_BANNED,
};

/**
 * struct xe_vm_stats - what happened to a VM, for debugfs
 *
 * Written and read with the VM lock for writing, or with the reservation of the VM, which a bind
 * holds together from prepare on; except for what is atomic.
 */
struct xe_vm_stats {
	/** @binds: VM_BIND ioctls that took effect */
	u64 binds;
	/** @unwound: VM_BIND ioctls that failed after they had begun, VM lock for writing */
	u64 unwound;
	/** @ops: operations of @binds */
	u64 ops;
	/** @steps: what split and merge made of @ops */
	u64 steps;
	/** @kept: pieces of mappings that were cut; their entries stay as they are */
	u64 kept;
	/** @split: large pages broken up for the sake of such pieces; translations do not change */
	u64 split;
	/** @updates: changes of the page tables: of binds and rebinds */
	u64 updates;
	/** @deferred: those of @updates that were left to a job */
	u64 deferred;
	/** @entries: page-table entries stored, those of new tables left out */
	u64 entries;
	/** @invals: those of @updates that needed a TLB invalidation; the others did without */
	u64 invals;
	/** @rebinds: rebinds carried out */
	u64 rebinds;
	/** @rebound: mappings whose entries rebinds wrote again */
	u64 rebound;
	/** @protected: times a fence was put in all external objects, on behalf of jobs */
	u64 protected;
	/** @userptr_invals: calls of the MMU notifier */
	atomic64_t userptr_invals;
};

/**
 * struct xe_vm - a GPU address space of a user
 */
struct xe_vm {
	/** @gpuvm: base class: VA tree, reservation, lists of external and evicted objects */
	struct drm_gpuvm gpuvm;
	/** @id: number of the VM on the device, for traces and debugfs; never 0 */
	u32 id;
	/** @last_bind: number of the newest bind or rebind, for traces */
	atomic_t last_bind;
	/** @xe: the device; the VM holds a reference on it until it is freed */
	struct xe_device *xe;
	/** @ppgtt: root table and address-space id (reference) */
	struct xe_ppgtt *ppgtt;
	/** @flags: XE_VM_SCRATCH, XE_VM_LR, fixed at creation */
	u32 flags;
	/** @state: atomic bits, enum xe_vm_state */
	unsigned long state;
	/**
	 * @lock: outermost lock. Write: changes of the VA tree, pinning of userptrs. Read: the
	 * tree is stable. Taken before mmap_lock and every reservation; never in reclaim or
	 * fence signalling.
	 */
	struct rw_semaphore lock;
	/** @bind_queue: queue of binds that name none, and of rebinds */
	struct xe_bind_queue *bind_queue;
	/** @ranges: page-table updates in flight, by address; has a lock of its own */
	struct xe_range_tracker ranges;
	/** @n_unwritten: updates that are committed and left to a job that has not run */
	atomic_t n_unwritten;
	/** @rebind_list: VMAs whose entries are stale (&xe_vma.rebind_link); VM reservation */
	struct list_head rebind_list;

	/**
	 * @fence: stands for all jobs in the reservations of external objects, open or closed
	 * (reference), or NULL; VM reservation
	 */
	struct xe_vm_fence *fence;

	/** @userptr: mappings of process memory */
	struct {
		/**
		 * @userptr.notifier_lock: makes "check that no userptr is stale, then publish
		 * the fence" atomic against the MMU notifier. Read: publishers. Write: notifier.
		 * Taken inside all reservations and inside reclaim: nothing may be allocated
		 * under it.
		 */
		struct rw_semaphore notifier_lock;
		/** @userptr.list_lock: protects @userptr.invalidated; innermost */
		spinlock_t list_lock;
		/** @userptr.invalidated: what the notifier hit (&xe_userptr.invalid_link) */
		struct list_head invalidated;
		/**
		 * @userptr.repin: page sets to pin before the next job (&xe_userptr.repin_link,
		 * each holds a reference), among them those whose memory was gone at the last
		 * attempt; changed with @lock held for writing
		 */
		struct list_head repin;
		/**
		 * @userptr.stale: VMAs whose entries are to be rewritten (&xe_vma.stale_link), as
		 * soon as nothing of their page sets is in @userptr.repin that can be pinned, on
		 * their way to @rebind_list; @lock for writing, or for reading and the VM
		 * reservation
		 */
		struct list_head stale;
	} userptr;

	/** @lr: queues of a long-running VM, see xe_vm_rebind.c */
	struct {
		/**
		 * @lr.lock: protects the members below. Inside reservations; not in fence
		 * signalling
		 */
		struct mutex lock;
		/** @lr.queues: every queue between creation and kill */
		struct list_head queues;
		/** @lr.n_queues: length of @lr.queues; may be read without the lock */
		unsigned int n_queues;
		/** @lr.dormant: queues are suspended and stay so until the next job */
		bool dormant;
		/** @lr.n_preemptions: times a queue was taken off the hardware */
		atomic_t n_preemptions;
		/** @lr.work: the worker; holds a reference while queued */
		struct work_struct work;
	} lr;

	/** @stats: counters for debugfs */
	struct xe_vm_stats stats;
	/** @inject_point: debug builds: next place where a bind may be made to fail; @lock */
	u8 inject_point;
	/** @close_inval: per GT, kept for the invalidation at close, which must not fail */
	struct xe_tlb_inval_fence *close_inval[XE_MAX_GTS];
	/** @teardown_work: drains and unmaps everything after close; holds a reference */
	struct work_struct teardown_work;
	/** @teardown_fence: what @teardown_work waited for last (reference), or NULL; its own */
	struct dma_fence *teardown_fence;
	/** @teardown_cb: on @teardown_fence, queues @teardown_work again */
	struct dma_fence_cb teardown_cb;
	/** @free_work: frees the VM, whatever context dropped the last reference */
	struct work_struct free_work;
};

/**
 * to_xe_vm - VM a DRM address space is part of
 * @base: embedded base, const or not
 */
#define to_xe_vm(base)	container_of_const(base, struct xe_vm, gpuvm)

int xe_vm_init_device(struct xe_device *xe);
void xe_vm_fini_device(struct xe_device *xe);

struct xe_vm *xe_vm_create(struct xe_device *xe, u32 flags);
struct xe_vm *xe_vm_get(struct xe_vm *vm);
void xe_vm_put(struct xe_vm *vm);
void xe_vm_close(struct xe_vm *vm);
void xe_vm_ban(struct xe_vm *vm, const char *why, int err);
bool xe_vm_is_busy(const struct xe_vm *vm);
void xe_vm_end_queue(struct xe_exec_queue *q);
bool xe_vm_is_closed_or_banned(const struct xe_vm *vm);
bool xe_vm_needs_ring_flush(struct xe_vm *vm, struct xe_exec_queue *q);

/**
 * xe_vm_resv_obj - object whose reservation all private objects of a VM share
 * @vm: the VM
 *
 * Context: any.
 * Return: the object, borrowed from the VM
 */
static inline struct drm_gem_object *xe_vm_resv_obj(struct xe_vm *vm)
{
	return drm_gpuvm_resv_obj(&vm->gpuvm);
}

/**
 * xe_vm_next_bind - number a new bind or rebind
 * @vm: the VM
 *
 * Context: any.
 * Return: what trace events call it
 */
static inline struct xe_trace_bind xe_vm_next_bind(struct xe_vm *vm)
{
	return (struct xe_trace_bind) {
		.dev = xe_device_minor(vm->xe),
		.vm = vm->id,
		.number = atomic_inc_return(&vm->last_bind),
	};
}

/**
 * struct xe_vm_exec - a VM held still and made valid for one job
 *
 * Lives on the stack of the exec ioctl. Order of calls: xe_vm_exec_lock(),
 * xe_vm_exec_add_deps(), xe_vm_exec_begin_publish(), xe_vm_exec_publish_job(),
 * xe_vm_exec_end_publish(), xe_vm_exec_unlock(). The worker of a long-running VM calls two parts
 * of the first one, xe_vm_exec_lock_objects() and xe_vm_exec_make_valid(), by itself, and publishes
 * preempt fences with xe_vm_exec_publish().
 */
struct xe_vm_exec {
	/** @vm: the VM, borrowed from the caller */
	struct xe_vm *vm;
	/** @ge: reservations of the VM and of all external objects, unless @alone */
	struct drm_gpuvm_exec ge;
	/** @alone: the reservation of the VM is held and nothing else, without @ge */
	bool alone;
	/** @fence: &xe_vm.fence if the job is to hold it, else external objects get its fence */
	struct xe_vm_fence *fence;
	/** @next_fence: to become &xe_vm.fence with the job, else NULL */
	struct xe_vm_fence *next_fence;
	/** @update: the rebind this exec needed, NULL if none; released at unlock */
	struct xe_vm_update *update;
};

int xe_vm_exec_lock(struct xe_vm_exec *e, struct xe_vm *vm);
int xe_vm_exec_lock_objects(struct xe_vm_exec *e, struct xe_vm *vm);
bool xe_vm_exec_is_stale(const struct xe_vm_exec *e);
int xe_vm_exec_make_valid(struct xe_vm_exec *e);
enum dma_resv_usage xe_vm_exec_deps_usage(const struct xe_vm_exec *e, const struct dma_resv *resv);
int xe_vm_exec_add_deps(struct xe_vm_exec *e, struct xe_job *job);
int xe_vm_exec_begin_publish(struct xe_vm_exec *e);
void xe_vm_exec_publish(struct xe_vm_exec *e, struct dma_fence *fence);
void xe_vm_exec_publish_job(struct xe_vm_exec *e, struct xe_job *job);
void xe_vm_exec_end_publish(struct xe_vm_exec *e);
void xe_vm_exec_unlock(struct xe_vm_exec *e);

#endif
