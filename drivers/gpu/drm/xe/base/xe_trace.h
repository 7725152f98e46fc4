/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Trace events of the driver, system "xe". They carry plain values only, so that every layer can
 * use them, and never a pointer: objects are told apart by numbers.
 *
 * dev		minor number of the card node
 * vm		&xe_vm.id, unique on the device; debugfs file "vms" tells whose it is
 * bind		number of a bind or rebind in its VM
 * fence	context and number of a dma_fence, as "context:number"
 *
 * What the events mean and in which order they come is told in
 * Documentation/gpu/xe/observing.rst.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xe

#if !defined(_XE_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _XE_TRACE_H_

#include <linux/dma-fence.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_trace_types.h"

#define xe_trace_op(op)	__print_symbolic(op, { DRM_XE_VM_BIND_OP_MAP, "map" }, \
					 { DRM_XE_VM_BIND_OP_UNMAP, "unmap" }, \
					 { DRM_XE_VM_BIND_OP_MAP_USERPTR, "map-userptr" }, \
					 { DRM_XE_VM_BIND_OP_UNMAP_ALL, "unmap-all" }, \
					 { DRM_XE_VM_BIND_OP_PREFETCH, "prefetch" })

/* Life of a VM */
DECLARE_EVENT_CLASS(xe_vm,
	TP_PROTO(u32 dev, u32 vm, u32 flags),
	TP_ARGS(dev, vm, flags),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, flags)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->vm = vm;
		__entry->flags = flags;
	),
	TP_printk("dev=%u vm=%u flags=%#x", __entry->dev, __entry->vm, __entry->flags)
);

DEFINE_EVENT(xe_vm, xe_vm_create,
	TP_PROTO(u32 dev, u32 vm, u32 flags),
	TP_ARGS(dev, vm, flags)
);

DEFINE_EVENT(xe_vm, xe_vm_close,
	TP_PROTO(u32 dev, u32 vm, u32 flags),
	TP_ARGS(dev, vm, flags)
);

DEFINE_EVENT(xe_vm, xe_vm_free,
	TP_PROTO(u32 dev, u32 vm, u32 flags),
	TP_ARGS(dev, vm, flags)
);

/* One operation of a VM_BIND on its way; steps: what split and merge make of it */
DECLARE_EVENT_CLASS(xe_bind_op,
	TP_PROTO(const struct xe_trace_bind *bind, u32 index, u32 op, u32 flags, u64 addr,
		 u64 range, u32 steps),
	TP_ARGS(bind, index, op, flags, addr, range, steps),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, bind)
		__field(u32, index)
		__field(u32, op)
		__field(u32, flags)
		__field(u64, addr)
		__field(u64, range)
		__field(u32, steps)
	),
	TP_fast_assign(
		__entry->dev = bind->dev;
		__entry->vm = bind->vm;
		__entry->bind = bind->number;
		__entry->index = index;
		__entry->op = op;
		__entry->flags = flags;
		__entry->addr = addr;
		__entry->range = range;
		__entry->steps = steps;
	),
	TP_printk("dev=%u vm=%u bind=%u index=%u op=%s flags=%#x addr=%#llx range=%#llx steps=%u",
		  __entry->dev, __entry->vm, __entry->bind, __entry->index,
		  xe_trace_op(__entry->op), __entry->flags, __entry->addr, __entry->range,
		  __entry->steps)
);

DEFINE_EVENT(xe_bind_op, xe_bind_create,
	TP_PROTO(const struct xe_trace_bind *bind, u32 index, u32 op, u32 flags, u64 addr,
		 u64 range, u32 steps),
	TP_ARGS(bind, index, op, flags, addr, range, steps)
);

DEFINE_EVENT(xe_bind_op, xe_bind_stage,
	TP_PROTO(const struct xe_trace_bind *bind, u32 index, u32 op, u32 flags, u64 addr,
		 u64 range, u32 steps),
	TP_ARGS(bind, index, op, flags, addr, range, steps)
);

/* A mapping was cut: [start, end) was one, what remains lies below prev_end, from next_start on */
TRACE_EVENT(xe_bind_remap,
	TP_PROTO(const struct xe_trace_bind *bind, u64 start, u64 end, u64 prev_end,
		 u64 next_start),
	TP_ARGS(bind, start, end, prev_end, next_start),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, bind)
		__field(u64, start)
		__field(u64, end)
		__field(u64, prev_end)
		__field(u64, next_start)
	),
	TP_fast_assign(
		__entry->dev = bind->dev;
		__entry->vm = bind->vm;
		__entry->bind = bind->number;
		__entry->start = start;
		__entry->end = end;
		__entry->prev_end = prev_end;
		__entry->next_start = next_start;
	),
	TP_printk("dev=%u vm=%u bind=%u start=%#llx end=%#llx prev_end=%#llx next_start=%#llx",
		  __entry->dev, __entry->vm, __entry->bind, __entry->start, __entry->end,
		  __entry->prev_end, __entry->next_start)
);

/* Bind or rebind as a whole: first and last address, entries to be stored, how it is done */
DECLARE_EVENT_CLASS(xe_bind_plan,
	TP_PROTO(const struct xe_trace_bind *bind, u64 first, u64 last, u64 entries, bool deferred,
		 bool inval),
	TP_ARGS(bind, first, last, entries, deferred, inval),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, bind)
		__field(u64, first)
		__field(u64, last)
		__field(u64, entries)
		__field(bool, deferred)
		__field(bool, inval)
	),
	TP_fast_assign(
		__entry->dev = bind->dev;
		__entry->vm = bind->vm;
		__entry->bind = bind->number;
		__entry->first = first;
		__entry->last = last;
		__entry->entries = entries;
		__entry->deferred = deferred;
		__entry->inval = inval;
	),
	TP_printk("dev=%u vm=%u bind=%u first=%#llx last=%#llx entries=%llu deferred=%d inval=%d",
		  __entry->dev, __entry->vm, __entry->bind, __entry->first, __entry->last,
		  __entry->entries, __entry->deferred, __entry->inval)
);

DEFINE_EVENT(xe_bind_plan, xe_bind_parse,
	TP_PROTO(const struct xe_trace_bind *bind, u64 first, u64 last, u64 entries, bool deferred,
		 bool inval),
	TP_ARGS(bind, first, last, entries, deferred, inval)
);

DEFINE_EVENT(xe_bind_plan, xe_bind_write,
	TP_PROTO(const struct xe_trace_bind *bind, u64 first, u64 last, u64 entries, bool deferred,
		 bool inval),
	TP_ARGS(bind, first, last, entries, deferred, inval)
);

/* Stages of a bind or rebind that has a fence; error: of the fence, or why it was given up */
DECLARE_EVENT_CLASS(xe_bind,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, bind)
		__field(u64, context)
		__field(u64, seqno)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->dev = bind->dev;
		__entry->vm = bind->vm;
		__entry->bind = bind->number;
		__entry->context = fence ? fence->context : 0;
		__entry->seqno = fence ? fence->seqno : 0;
		__entry->error = error;
	),
	TP_printk("dev=%u vm=%u bind=%u fence=%llu:%llu error=%d", __entry->dev, __entry->vm,
		  __entry->bind, __entry->context, __entry->seqno, __entry->error)
);

DEFINE_EVENT(xe_bind, xe_bind_commit,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

DEFINE_EVENT(xe_bind, xe_bind_execute,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

DEFINE_EVENT(xe_bind, xe_bind_finish,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

DEFINE_EVENT(xe_bind, xe_bind_unwind,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

DEFINE_EVENT(xe_bind, xe_bind_done,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

DEFINE_EVENT(xe_bind, xe_rebind_execute,
	TP_PROTO(const struct xe_trace_bind *bind, struct dma_fence *fence, int error),
	TP_ARGS(bind, fence, error)
);

/* A mapping whose entries a rebind writes again; unbacked: they become empty */
TRACE_EVENT(xe_rebind_vma,
	TP_PROTO(const struct xe_trace_bind *bind, u64 start, u64 end, bool unbacked),
	TP_ARGS(bind, start, end, unbacked),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u32, bind)
		__field(u64, start)
		__field(u64, end)
		__field(bool, unbacked)
	),
	TP_fast_assign(
		__entry->dev = bind->dev;
		__entry->vm = bind->vm;
		__entry->bind = bind->number;
		__entry->start = start;
		__entry->end = end;
		__entry->unbacked = unbacked;
	),
	TP_printk("dev=%u vm=%u bind=%u start=%#llx end=%#llx unbacked=%d", __entry->dev,
		  __entry->vm, __entry->bind, __entry->start, __entry->end, __entry->unbacked)
);

/* Something in a VM that has only a result: a turn of the worker, a ban */
DECLARE_EVENT_CLASS(xe_vm_result,
	TP_PROTO(u32 dev, u32 vm, int error),
	TP_ARGS(dev, vm, error),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->vm = vm;
		__entry->error = error;
	),
	TP_printk("dev=%u vm=%u error=%d", __entry->dev, __entry->vm, __entry->error)
);

DEFINE_EVENT(xe_vm_result, xe_vm_ban,
	TP_PROTO(u32 dev, u32 vm, int error),
	TP_ARGS(dev, vm, error)
);

DEFINE_EVENT(xe_vm_result, xe_rebind_turn,
	TP_PROTO(u32 dev, u32 vm, int error),
	TP_ARGS(dev, vm, error)
);

/* Memory of a process, CPU addresses [start, end) */
DECLARE_EVENT_CLASS(xe_userptr,
	TP_PROTO(u32 dev, u32 vm, u64 start, u64 end),
	TP_ARGS(dev, vm, start, end),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, vm)
		__field(u64, start)
		__field(u64, end)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->vm = vm;
		__entry->start = start;
		__entry->end = end;
	),
	TP_printk("dev=%u vm=%u start=%#llx end=%#llx", __entry->dev, __entry->vm,
		  __entry->start, __entry->end)
);

DEFINE_EVENT(xe_userptr, xe_userptr_invalidate,
	TP_PROTO(u32 dev, u32 vm, u64 start, u64 end),
	TP_ARGS(dev, vm, start, end)
);

DEFINE_EVENT(xe_userptr, xe_userptr_invalidate_done,
	TP_PROTO(u32 dev, u32 vm, u64 start, u64 end),
	TP_ARGS(dev, vm, start, end)
);

DEFINE_EVENT(xe_userptr, xe_userptr_repin,
	TP_PROTO(u32 dev, u32 vm, u64 start, u64 end),
	TP_ARGS(dev, vm, start, end)
);

/* Long-running queues; the context of the fence stands for the queue */
DECLARE_EVENT_CLASS(xe_fence,
	TP_PROTO(const struct dma_fence *fence),
	TP_ARGS(fence),
	TP_STRUCT__entry(
		__field(u64, context)
		__field(u64, seqno)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->context = fence->context;
		__entry->seqno = fence->seqno;
		__entry->error = fence->error;
	),
	TP_printk("fence=%llu:%llu error=%d", __entry->context, __entry->seqno, __entry->error)
);

DEFINE_EVENT(xe_fence, xe_preempt_trigger,
	TP_PROTO(const struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(xe_fence, xe_preempt_done,
	TP_PROTO(const struct dma_fence *fence),
	TP_ARGS(fence)
);

DEFINE_EVENT(xe_fence, xe_preempt_resume,
	TP_PROTO(const struct dma_fence *fence),
	TP_ARGS(fence)
);

/* The interrupt finds that the number of a job was reached, or the job was given up */
DEFINE_EVENT(xe_fence, xe_hw_fence_signal,
	TP_PROTO(const struct dma_fence *fence),
	TP_ARGS(fence)
);

/* TLB invalidation of [start, end), both 0: of everything; number: what the GuC knows it by */
DECLARE_EVENT_CLASS(xe_tlb_inval,
	TP_PROTO(u32 dev, u32 gt, const struct dma_fence *fence, u32 number, u64 start, u64 end),
	TP_ARGS(dev, gt, fence, number, start, end),
	TP_STRUCT__entry(
		__field(u32, dev)
		__field(u32, gt)
		__field(u64, context)
		__field(u64, seqno)
		__field(u32, number)
		__field(u64, start)
		__field(u64, end)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__entry->gt = gt;
		__entry->context = fence->context;
		__entry->seqno = fence->seqno;
		__entry->number = number;
		__entry->start = start;
		__entry->end = end;
	),
	TP_printk("dev=%u gt=%u fence=%llu:%llu number=%u start=%#llx end=%#llx", __entry->dev,
		  __entry->gt, __entry->context, __entry->seqno, __entry->number, __entry->start,
		  __entry->end)
);

DEFINE_EVENT(xe_tlb_inval, xe_tlb_inval_issue,
	TP_PROTO(u32 dev, u32 gt, const struct dma_fence *fence, u32 number, u64 start, u64 end),
	TP_ARGS(dev, gt, fence, number, start, end)
);

DEFINE_EVENT(xe_tlb_inval, xe_tlb_inval_send,
	TP_PROTO(u32 dev, u32 gt, const struct dma_fence *fence, u32 number, u64 start, u64 end),
	TP_ARGS(dev, gt, fence, number, start, end)
);

DEFINE_EVENT(xe_tlb_inval, xe_tlb_inval_ack,
	TP_PROTO(u32 dev, u32 gt, const struct dma_fence *fence, u32 number, u64 start, u64 end),
	TP_ARGS(dev, gt, fence, number, start, end)
);

/* A job; fence: its finished fence, number: in its contexts, batch: of slot 0 */
DECLARE_EVENT_CLASS(xe_job,
	TP_PROTO(u32 dev, const char *queue, const struct dma_fence *fence, u32 number, u64 batch),
	TP_ARGS(dev, queue, fence, number, batch),
	TP_STRUCT__entry(
		__field(u32, dev)
		__string(queue, queue)
		__field(u64, context)
		__field(u64, seqno)
		__field(u32, number)
		__field(u64, batch)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__assign_str(queue);
		__entry->context = fence->context;
		__entry->seqno = fence->seqno;
		__entry->number = number;
		__entry->batch = batch;
		__entry->error = fence->error;
	),
	TP_printk("dev=%u queue=%s fence=%llu:%llu number=%u batch=%#llx error=%d", __entry->dev,
		  __get_str(queue), __entry->context, __entry->seqno, __entry->number,
		  __entry->batch, __entry->error)
);

DEFINE_EVENT(xe_job, xe_job_push,
	TP_PROTO(u32 dev, const char *queue, const struct dma_fence *fence, u32 number, u64 batch),
	TP_ARGS(dev, queue, fence, number, batch)
);

DEFINE_EVENT(xe_job, xe_job_run,
	TP_PROTO(u32 dev, const char *queue, const struct dma_fence *fence, u32 number, u64 batch),
	TP_ARGS(dev, queue, fence, number, batch)
);

DEFINE_EVENT(xe_job, xe_job_done,
	TP_PROTO(u32 dev, const char *queue, const struct dma_fence *fence, u32 number, u64 batch),
	TP_ARGS(dev, queue, fence, number, batch)
);

/* A queue was given up; id: its context on the GuC */
TRACE_EVENT(xe_queue_ban,
	TP_PROTO(u32 dev, const char *queue, u32 id, int error),
	TP_ARGS(dev, queue, id, error),
	TP_STRUCT__entry(
		__field(u32, dev)
		__string(queue, queue)
		__field(u32, id)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->dev = dev;
		__assign_str(queue);
		__entry->id = id;
		__entry->error = error;
	),
	TP_printk("dev=%u queue=%s id=%u error=%d", __entry->dev, __get_str(queue), __entry->id,
		  __entry->error)
);

#endif

/* The file includes itself, by the directory the compiler is told to search first. */
#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH base
#define TRACE_INCLUDE_FILE xe_trace
#include <trace/define_trace.h>
