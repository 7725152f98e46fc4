// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: The bind pipeline
 *
 * A bind is a transaction. All its requests take effect or none does:
 *
 * =========  ==================================================================  ========
 * phase      what happens                                                        can fail
 * =========  ==================================================================  ========
 * stage      per request: find the split/merge steps, apply them to the VA tree   yes
 * prepare    pin userptrs, lock and validate BOs, plan page tables, allocate       yes
 * commit     link and unlink mappings, attach tables, arm the fence                no
 * execute    write the entries and invalidate TLBs, or push a job that does        no
 * finish     publish fences and signal syncs, or unwind; release                   no
 * =========  ==================================================================  ========
 *
 * Checks and look-ups come before, in xe_vm_args.c and xe_vm_ioctl.c.
 *
 * What reaches the page tables: a MAP request is one plan step over its whole range, which replaces
 * whatever was there; an UNMAP request is one step that skips holes. The pieces that a request
 * leaves of older mappings need no step at all: their entries stay as they are, and where a large
 * page has to be split, the planner swings its parent to a table that maps the same. Hence pieces
 * are valid at any time, and a bind never waits for jobs in order to cut a mapping.
 *
 * Consecutive UNMAP requests in ascending order are one step over all of their ranges if nothing is
 * mapped in between once the bind is over: what the step might clear there has to go anyway.
 *
 * No job waits for a bind, as a rule: that is what syncs are for. But entries of a mapping that has
 * lost its memory are harmless only as long as the next job has them rewritten, for which it has to
 * find the mapping. A bind that removes or rewrites such a mapping takes that duty over: jobs wait
 * until the update is complete, as they would for a rebind.
 *
 * A bind without steps in the page tables is an update with an empty plan: its fence still comes
 * after the in-syncs and after earlier work of the bind queue.
 *
 * Locking: the VM lock is held for writing throughout; one drm_exec transaction holds the
 * reservations of the VM and of all BOs of all requests from prepare to finish. Userptrs are
 * pinned before it, because pinning takes the mmap lock.
 */

#include "vm/xe_vm_bind.h"

#include <linux/dma-fence.h>
#include <linux/kconfig.h>
#include <linux/sched/signal.h>

#include <drm/ttm/ttm_bo.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_compat.h"
#include "base/xe_inject.h"
#include "base/xe_print.h"
#include "base/xe_trace.h"
#include "mem/xe_bo.h"
#include "mem/xe_bo_purge.h"
#include "pt/xe_pt_plan.h"
#include "submit/xe_bind_queue.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_sync.h"
#include "vm/xe_userptr.h"
#include "vm/xe_vm.h"
#include "vm/xe_vm_fence.h"
#include "vm/xe_vm_ops.h"
#include "vm/xe_vm_rebind.h"
#include "vm/xe_vm_update.h"
#include "vm/xe_vma.h"

/* Requests between two looks at who else wants the CPU, where one takes next to no time. */
#define XE_VM_BIND_BREATH	32
/* Most requests planned at once, which takes time that nobody can interrupt. */
#define XE_VM_BIND_MAX_MERGED	1024

/* No memory for the bookkeeping of an array means: split the array. */
static int xe_vm_bind_nomem(const struct xe_vm_bind *bind, int err)
{
	return err == -ENOMEM && bind->n_reqs > 1 ? -ENOBUFS : err;
}

/* Debug builds: fail here if the user asked for it and it is this place's turn. */
static int xe_vm_bind_inject(struct xe_vm_bind *bind, enum xe_vm_bind_inject point)
{
	u32 i;

	if (!IS_ENABLED(CONFIG_DRM_XE_DEBUG) || bind->vm->inject_point != point)
		return 0;

	for (i = 0; i < bind->n_reqs; i++) {
		if (!(bind->reqs[i].flags & XE_VM_BIND_FLAG_INJECT))
			continue;
		bind->vm->inject_point = (point + 1) % XE_VM_BIND_INJECT_POINTS;
		return -ENOSPC;
	}

	return 0;
}

/*
 * Call @fn for every step of the bind, in order, until one fails. Part of its callers, because the
 * call through a pointer costs more than what most steps need.
 */
static __always_inline int xe_vm_bind_walk(struct xe_vm_bind *bind,
					   int (*fn)(struct xe_vm_bind *bind,
						     struct xe_vma_op *op))
{
	struct drm_gpuva_op *base;
	int err;
	u32 i;

	bind->last_obj = NULL;
	for (i = 0; i < bind->n_reqs; i++) {
		if (!(i % XE_VM_BIND_BREATH))
			cond_resched();
		drm_gpuva_for_each_op(base, &bind->reqs[i].ops) {
			err = fn(bind, to_xe_vma_op(base));
			if (err)
				return err;
		}
	}

	return 0;
}

/*
 * Arrays are often about one object. Has the walk under way dealt with this one in the step before?
 * If not it is about to.
 */
static bool xe_vm_bind_seen(struct xe_vm_bind *bind, struct drm_gem_object *obj)
{
	if (obj == bind->last_obj)
		return true;
	bind->last_obj = obj;

	return false;
}

/* Arrays may have millions of operations: leave others the CPU, and give up if killed. */
static int xe_vm_bind_breathe(void)
{
	cond_resched();

	return xe_inject("killed", -EINTR) || fatal_signal_pending(current) ? -EINTR : 0;
}

static void xe_vm_bind_trace_remaps(const struct xe_vm_bind *bind, const struct xe_vm_bind_req *req)
{
	struct drm_gpuva_op *base;

	drm_gpuva_for_each_op(base, &req->ops) {
		const struct xe_vma_op *op = to_xe_vma_op(base);
		const struct xe_vma *old = xe_vma_op_old(op);

		if (base->op == DRM_GPUVA_OP_REMAP)
			trace_xe_bind_remap(&bind->id, xe_vma_start(old), xe_vma_end(old),
					    op->prev ? xe_vma_end(op->prev) : xe_vma_start(old),
					    op->next ? xe_vma_start(op->next) : xe_vma_end(old));
	}
}

/* Phases create and, for one operation, parse. */
static int xe_vm_bind_stage_req(struct xe_vm_bind *bind, u32 i)
{
	struct xe_vm_bind_req *req = &bind->reqs[i];
	int err;

	if (req->op == DRM_XE_VM_BIND_OP_MAP_USERPTR || req->op == DRM_XE_VM_BIND_OP_PREFETCH)
		bind->may_pin = true;

	err = xe_vm_ops_create(bind->vm, &bind->pool, bind->reqs, i);
	if (err)
		return err;
	if (trace_xe_bind_create_enabled())
		trace_xe_bind_create(&bind->id, i, req->op, req->flags, req->addr, req->range,
				     list_count_nodes(&req->ops.list));

	err = xe_vm_ops_stage(bind->vm, req);
	if (err)
		return err;
	bind->busy |= req->busy;
	if (trace_xe_bind_stage_enabled())
		trace_xe_bind_stage(&bind->id, i, req->op, req->flags, req->addr, req->range,
				    list_count_nodes(&req->ops.list));
	if (trace_xe_bind_remap_enabled())
		xe_vm_bind_trace_remaps(bind, req);

	return 0;
}

/**
 * xe_vm_bind_stage - create and stage all requests
 * @bind: looked up
 *
 * Context: VM lock held for writing.
 * Return: 0; errors of xe_vm_ops_create() and xe_vm_ops_stage(), -ENOBUFS in place of -ENOMEM if
 * there is more than one request; -EINTR: killed
 */
int xe_vm_bind_stage(struct xe_vm_bind *bind)
{
	int err;
	u32 i;

	lockdep_assert_held_write(&bind->vm->lock);
	bind->id = xe_vm_next_bind(bind->vm);
	xe_vm_ops_pool_init(&bind->pool, bind->n_reqs);
	for (i = 0; i < bind->n_reqs; i++)
		INIT_LIST_HEAD(&bind->reqs[i].ops.list);

	for (i = 0; i < bind->n_reqs; i++) {
		err = xe_vm_bind_breathe();
		if (!err)
			err = xe_vm_bind_stage_req(bind, i);
		if (err)
			return xe_vm_bind_nomem(bind, err);
	}

	return 0;
}

static int xe_vm_bind_pin_op(struct xe_vm_bind *bind, struct xe_vma_op *op)
{
	bool prefetch = op->base.op == DRM_GPUVA_OP_PREFETCH;
	struct xe_vma *vma = prefetch ? xe_vma_op_old(op) : op->vma;
	int err;

	if (!vma || !vma->userptr)
		return 0;

	err = xe_userptr_pin(vma->userptr, vma->gpuva.gem.offset, vma->gpuva.va.range);

	return XE_IOCTL_DBG(bind->vm->xe, err) ? err : 0;
}

/*
 * Number of fences that an external object to be mapped may be given on behalf of what runs. It
 * does not grow as long as the reservation of the VM is held.
 */
static unsigned int xe_vm_bind_count_users(struct xe_vm *vm)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	unsigned int n = 0;

	if (vm->flags & XE_VM_LR)
		return READ_ONCE(vm->lr.n_queues);

	dma_resv_for_each_fence(&cursor, drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_BOOKKEEP, fence)
		n++;

	return n;
}

static int xe_vm_bind_lock_op(struct xe_vm_bind *bind, struct xe_vma_op *op)
{
	struct drm_gem_object *obj = xe_vma_op_obj(op);

	if (!drm_gpuvm_is_extobj(&bind->vm->gpuvm, obj) || xe_vm_bind_seen(bind, obj))
		return 0;

	if (!bind->n_slots)
		bind->n_slots = bind->vm->xe->n_gts + 2 + xe_vm_bind_count_users(bind->vm);

	return xe_inject("lock-object", -EINTR) ?:
	       drm_exec_prepare_obj(&bind->exec, obj, bind->n_slots);
}

/*
 * Lock the VM and all external objects, with room for one fence per GT, and in the objects for the
 * fence of the VM and those of its jobs, or its preempt fences. One more is for the exporter of an
 * import, who may move it when it is validated and puts the fence of that in the room which is
 * there.
 */
static int xe_vm_bind_lock(struct xe_vm_bind *bind)
{
	struct drm_exec *exec = &bind->exec;
	int err = 0;

	drm_exec_init(exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES,
		      XE_VM_EXEC_OBJECTS);
	bind->locked = true;

	drm_exec_until_all_locked(exec) {
		err = xe_inject("lock-reservation", -EINTR) ?:
		      drm_gpuvm_prepare_vm(&bind->vm->gpuvm, exec, bind->vm->xe->n_gts);
		drm_exec_retry_on_contention(exec);
		if (err)
			break;

		bind->n_slots = 0;
		err = xe_vm_bind_walk(bind, xe_vm_bind_lock_op);
		drm_exec_retry_on_contention(exec);
		if (err)
			break;
	}

	return err;
}

static int xe_vm_bind_validate_obj(struct xe_vm_bind *bind, struct drm_gem_object *obj)
{
	/* Too little memory is an error, as for GEM_CREATE: nobody is killed for a bind. */
	struct ttm_operation_ctx ctx = { .interruptible = true, .gfp_retry_mayfail = true };
	int err;

	err = xe_bo_check_needed(to_xe_bo(obj));
	if (XE_IOCTL_DBG(bind->vm->xe, err))
		return err;

	return xe_bo_validate(to_xe_bo(obj), &ctx);
}

/* Whatever becomes visible needs memory; a mapping that is new needs the pair of VM and BO, too. */
static int xe_vm_bind_back_op(struct xe_vm_bind *bind, struct xe_vma_op *op)
{
	struct drm_gem_object *obj = xe_vma_op_obj(op);
	struct drm_gpuvm_bo *vm_bo;
	int err;

	if (!obj || (op->base.op != DRM_GPUVA_OP_MAP && op->base.op != DRM_GPUVA_OP_PREFETCH))
		return 0;

	if (!xe_vm_bind_seen(bind, obj)) {
		err = xe_vm_bind_validate_obj(bind, obj);
		if (err)
			return err;
	}
	if (op->base.op == DRM_GPUVA_OP_PREFETCH)
		return 0;

	vm_bo = drm_gpuvm_bo_obtain_locked(&bind->vm->gpuvm, obj);
	if (IS_ERR(vm_bo))
		return xe_vm_bind_nomem(bind, PTR_ERR(vm_bo));
	op->vm_bo = vm_bo;

	return 0;
}

static int xe_vm_bind_unpair_op(struct xe_vm_bind *bind, struct xe_vma_op *op)
{
	drm_gpuvm_bo_put(op->vm_bo);
	op->vm_bo = NULL;

	return 0;
}

/* Wait for moves under way before something is mapped: @obj, or NULL. */
static int xe_vm_bind_await_moves(struct xe_vm_bind *bind, struct drm_gem_object *obj)
{
	struct drm_gpuvm *gpuvm = &bind->vm->gpuvm;
	int err;

	if (!bind->awaits_vm) {
		err = xe_vm_update_add_resv_deps(bind->update, drm_gpuvm_resv(gpuvm),
						 DMA_RESV_USAGE_KERNEL);
		if (err)
			return err;
		bind->awaits_vm = true;
	}
	if (!drm_gpuvm_is_extobj(gpuvm, obj) || xe_vm_bind_seen(bind, obj))
		return 0;

	return xe_vm_update_add_resv_deps(bind->update, obj->resv, DMA_RESV_USAGE_KERNEL);
}

static int xe_vm_bind_plan_vma(struct xe_vm_bind *bind, const struct xe_vma *vma)
{
	struct xe_pte_attrs attrs = xe_vma_pte_attrs(vma);
	struct xe_page_iter it;
	int err;

	err = xe_vm_bind_await_moves(bind, vma->gpuva.gem.obj);
	if (err)
		return err;

	xe_vma_pages(vma, &it);

	return xe_pt_plan_map(bind->update->plan, xe_vma_start(vma), xe_vma_end(vma), &attrs, &it,
			      NULL);
}

static int xe_vm_bind_plan_op(struct xe_vm_bind *bind, const struct xe_vm_bind_req *req,
			      const struct xe_vma_op *op)
{
	const struct xe_vma *old = xe_vma_op_old(op);

	switch (op->base.op) {
	case DRM_GPUVA_OP_MAP:
		return xe_vm_bind_plan_vma(bind, op->vma);
	case DRM_GPUVA_OP_PREFETCH:
		return xe_vm_bind_plan_vma(bind, old);
	case DRM_GPUVA_OP_UNMAP:
		if (req->op == DRM_XE_VM_BIND_OP_UNMAP_ALL)
			return xe_pt_plan_unmap(bind->update->plan, xe_vma_start(old),
						xe_vma_end(old));
		return 0;
	default:
		/* What a MAP or UNMAP removes is covered by the range of the request. */
		return 0;
	}
}

static bool xe_vm_bind_unmaps_range(const struct xe_vm_bind_req *req)
{
	return req->op == DRM_XE_VM_BIND_OP_UNMAP && !list_empty(&req->ops.list);
}

/* Number of requests from @i on, an unmap, that are one step of the plan; @end: of the step */
static u32 xe_vm_bind_merge_unmaps(const struct xe_vm_bind *bind, u32 i, u64 *end)
{
	const struct xe_vm_bind_req *req = &bind->reqs[i];
	u32 n, max = min_t(u32, bind->n_reqs - i, XE_VM_BIND_MAX_MERGED);

	*end = req->addr + req->range;
	for (n = 1; n < max; n++) {
		req = &bind->reqs[i + n];
		if (!xe_vm_bind_unmaps_range(req) || req->addr < *end)
			break;
		if (req->addr > *end &&
		    drm_gpuva_find_first(&bind->vm->gpuvm, *end, req->addr - *end))
			break;
		*end = req->addr + req->range;
	}

	return n;
}

/* @n: out: number of requests that have been planned, the first one is @i */
static int xe_vm_bind_plan_reqs(struct xe_vm_bind *bind, u32 i, u32 *n)
{
	const struct xe_vm_bind_req *req = &bind->reqs[i];
	struct drm_gpuva_op *base;
	u64 end;
	int err;

	if (xe_vm_bind_unmaps_range(req)) {
		*n = xe_vm_bind_merge_unmaps(bind, i, &end);
		return xe_pt_plan_unmap(bind->update->plan, req->addr, end);
	}

	*n = 1;
	drm_gpuva_for_each_op(base, &req->ops) {
		err = xe_vm_bind_plan_op(bind, req, to_xe_vma_op(base));
		if (err)
			return err;
	}

	return 0;
}

/* Everything about page tables and fences; the reservations are held. */
static int xe_vm_bind_plan(struct xe_vm_bind *bind)
{
	struct xe_vm_update *u;
	u32 i, n;
	int err;

	u = xe_vm_update_create(bind->vm, &bind->id);
	if (IS_ERR(u))
		return PTR_ERR(u);
	bind->update = u;
	bind->last_obj = NULL;

	for (i = 0; i < bind->n_syncs; i++) {
		err = xe_vm_update_add_dep(u, xe_sync_in_fence(&bind->syncs[i]));
		if (err)
			return err;
	}

	for (i = 0; i < bind->n_reqs; i += n) {
		err = xe_vm_bind_breathe();
		if (!err)
			err = xe_vm_bind_plan_reqs(bind, i, &n);
		if (err)
			return err;
	}

	err = xe_vm_bind_inject(bind, XE_VM_BIND_INJECT_PLANNED);
	if (err)
		return err;

	return xe_vm_update_prepare(u, bind->q ? bind->q->bind : bind->vm->bind_queue,
				    XE_VM_UPDATE_IN_ORDER |
				    (bind->n_reqs > 1 ? XE_VM_UPDATE_LIMITED : 0));
}

/**
 * xe_vm_bind_prepare - do everything that can still fail
 * @bind: staged
 *
 * Context: VM lock held for writing; locks all reservations until finish.
 * Return: 0, or
 * -EFAULT: userptr memory is not mapped, or not readable;
 * -EPERM: userptr memory is read-only, and the mapping is not;
 * -EBUSY: a mapping that goes has a user fence that is not written yet, or the contents of a BO to
 * be mapped are advised not to be needed; -EINVAL: it was purged;
 * -EAGAIN: userptr memory keeps changing; -EINTR: signal;
 * -ENOMEM: no memory for a BO or, with one request, for bookkeeping;
 * -ENOBUFS: with several requests, no memory for bookkeeping, or too much to be deferred;
 * other errors of xe_bo_validate()
 */
int xe_vm_bind_prepare(struct xe_vm_bind *bind)
{
	int err = 0;

	if (bind->may_pin)
		err = xe_vm_bind_walk(bind, xe_vm_bind_pin_op);
	if (!err && bind->busy)
		err = -EBUSY;
	if (err)
		return err;

	err = xe_vm_bind_lock(bind);
	if (err)
		return err;

	err = xe_vm_bind_inject(bind, XE_VM_BIND_INJECT_LOCKED);
	if (err)
		return err;

	err = xe_vm_bind_walk(bind, xe_vm_bind_back_op);
	if (err)
		return err;

	err = xe_vm_bind_plan(bind);
	if (err)
		return xe_vm_bind_nomem(bind, err);

	return xe_vm_bind_inject(bind, XE_VM_BIND_INJECT_PREPARED);
}

static struct xe_user_fence *xe_vm_bind_ufence(const struct xe_vm_bind *bind)
{
	u32 i;

	for (i = 0; i < bind->n_syncs; i++)
		if (xe_sync_is_ufence(&bind->syncs[i]))
			return xe_sync_ufence_get(&bind->syncs[i]);

	return NULL;
}

/* Jobs that run, and later ones, which do not look at external objects while the fence is open. */
static void xe_vm_bind_protect_from_jobs(struct xe_vm *vm, struct drm_gem_object *obj)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	if (xe_vm_fence_is_open(vm->fence))
		dma_resv_add_fence(obj->resv, &vm->fence->base, DMA_RESV_USAGE_BOOKKEEP);

	dma_resv_for_each_fence(&cursor, drm_gpuvm_resv(&vm->gpuvm), DMA_RESV_USAGE_BOOKKEEP, fence)
		if (!dma_fence_is_signaled(fence))
			dma_resv_add_fence(obj->resv, fence, DMA_RESV_USAGE_BOOKKEEP);
}

/*
 * Whatever runs in the VM may use a new object as soon as it has entries. So whoever wants to take
 * its memory away has to wait for jobs that were submitted before it was mapped, too. That is the
 * case already for objects that are not new.
 */
static void xe_vm_bind_protect(struct xe_vm_bind *bind)
{
	struct xe_vm *vm = bind->vm;
	struct drm_gem_object *obj;

	drm_exec_for_each_locked_object(&bind->exec, obj) {
		if (!drm_gpuvm_is_extobj(&vm->gpuvm, obj))
			continue;
		if (vm->flags & XE_VM_LR)
			xe_vm_rebind_protect(vm, obj);
		else
			xe_vm_bind_protect_from_jobs(vm, obj);
	}
}

/**
 * xe_vm_bind_commit - pass the point of no return
 * @bind: prepared
 *
 * Context: all locks of prepare held. Allocates nothing, cannot fail.
 */
void xe_vm_bind_commit(struct xe_vm_bind *bind)
{
	struct xe_user_fence *ufence = xe_vm_bind_ufence(bind);
	u32 i;

	/*
	 * Before the section that fences depend on, in which the lock this takes has no place.
	 * Slots were counted if there is any external object.
	 */
	if (bind->n_slots)
		xe_vm_bind_protect(bind);

	bind->cookie = dma_fence_begin_signalling();
	bind->vm->stats.binds++;
	bind->vm->stats.ops += bind->n_reqs;

	for (i = 0; i < bind->n_reqs; i++) {
		xe_vm_ops_commit(bind->vm, &bind->reqs[i], ufence, &bind->update->garbage);
		bind->stale |= bind->reqs[i].stale;
		bind->old_userptr |= bind->reqs[i].old_userptr;
		cond_resched();
	}
	if (ufence)
		xe_user_fence_put(ufence);

	xe_vm_update_commit(bind->update);
	trace_xe_bind_commit(&bind->id, bind->update->fence, 0);
}

/**
 * xe_vm_bind_execute - write the page tables, now or as soon as the dependencies allow
 * @bind: committed
 *
 * Context: all locks of prepare held. Allocates nothing, cannot fail.
 */
void xe_vm_bind_execute(struct xe_vm_bind *bind)
{
	xe_vm_update_execute(bind->update);
	trace_xe_bind_execute(&bind->id, bind->update->fence, 0);
}

/*
 * The notifier may hit a page set at any time, and if the mapping has gone by then the next job
 * does not find it. So either the notifier comes later, finds the fence of the update and waits for
 * it, or the next job waits. The lock is only tried, because fences have been armed.
 */
static void xe_vm_bind_publish_update(struct xe_vm_bind *bind)
{
	struct xe_vm *vm = bind->vm;
	bool shut_out = bind->old_userptr && down_read_trylock(&vm->userptr.notifier_lock);
	bool hit = bind->old_userptr && (!shut_out || xe_userptr_any_invalidated(vm));

	xe_vm_update_publish(bind->update, &bind->exec, bind->stale || hit ?
			     XE_VM_USAGE_JOBS : DMA_RESV_USAGE_BOOKKEEP);
	if (shut_out)
		up_read(&vm->userptr.notifier_lock);
}

static void xe_vm_bind_publish(struct xe_vm_bind *bind)
{
	struct xe_vm_update *u = bind->update;
	u32 i;

	xe_vm_bind_publish_update(bind);
	for (i = 0; i < bind->n_syncs; i++)
		if (xe_sync_is_signal(&bind->syncs[i]))
			xe_sync_signal(&bind->syncs[i], u->fence);
}

/**
 * xe_vm_bind_finish - end a bind, whatever became of it
 * @bind: executed, or failed in stage or prepare
 * @err: 0 if it was executed
 *
 * After a failure the VM is what it was before the bind.
 *
 * Context: VM lock held for writing; all other locks are released. Allocates nothing, cannot fail.
 * xe_vm_bind_release() follows when the VM is unlocked.
 */
void xe_vm_bind_finish(struct xe_vm_bind *bind, int err)
{
	u32 i;

	if (!err) {
		xe_vm_bind_publish(bind);
		dma_fence_end_signalling(bind->cookie);
		trace_xe_bind_finish(&bind->id, bind->update->fence, 0);
	} else {
		xe_vm_update_abort(bind->update);
		bind->update = NULL;
	}

	if (bind->locked) {
		if (err)
			xe_vm_bind_walk(bind, xe_vm_bind_unpair_op);
		drm_exec_fini(&bind->exec);
		bind->locked = false;
	}

	for (i = bind->n_reqs; err && i--;) {
		xe_vm_ops_unwind(bind->vm, &bind->reqs[i]);
		cond_resched();
	}
	xe_vm_ops_pool_fini(&bind->pool);
	if (err) {
		bind->vm->stats.unwound++;
		trace_xe_bind_unwind(&bind->id, NULL, err);
	}
}

/**
 * xe_vm_bind_release - let go of what a bind replaced
 * @bind: finished
 *
 * Separate from finish, because freeing a userptr may have to wait for an MMU notifier, hence for
 * jobs, which nobody else who wants the VM should be made to wait for.
 *
 * Context: may sleep; VM lock not held.
 */
void xe_vm_bind_release(struct xe_vm_bind *bind)
{
	xe_vm_update_release(bind->update);
	bind->update = NULL;
}
