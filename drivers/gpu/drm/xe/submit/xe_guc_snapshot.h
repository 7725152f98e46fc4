/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GUC_SNAPSHOT_H_
#define _XE_GUC_SNAPSHOT_H_

struct xe_dump_text;
struct xe_exec_queue;
struct xe_guc_snapshot;

/**
 * struct xe_coredump_ops - who is told when a queue hangs or faults
 */
struct xe_coredump_ops {
	/**
	 * @report: an incident. Takes over @snap, which may be NULL for want of memory. Called in
	 * fence signalling: allocates with GFP_NOWAIT only, takes no lock that anybody allocates
	 * or waits for fences under, and hands the rest to a worker. The queue is off the
	 * hardware or on its way; its address space is as the job has seen it.
	 */
	void (*report)(struct xe_exec_queue *q, struct xe_guc_snapshot *snap);
};

void xe_guc_snapshot_print(const struct xe_guc_snapshot *snap, struct xe_dump_text *t);
void xe_guc_snapshot_free(struct xe_guc_snapshot *snap);

#endif
