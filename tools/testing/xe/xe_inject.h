/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Failure injection: what its parts tell each other. See xe_inject.c.
 */
#ifndef _XE_INJECT_H_
#define _XE_INJECT_H_

#include <stdbool.h>

#include "xe_calls.h"

#define ARRAY_SIZE(_array)	(sizeof(_array) / sizeof((_array)[0]))

#define XE_INJECT_MAX_OPS	8
#define XE_INJECT_N_BOS		2
#define XE_INJECT_BO_SIZE	(16 * XE_PAGE)
#define XE_INJECT_MEMORY_SIZE	0x200000ULL

/* What a bind is done with besides its operations */
#define XE_BIND_OUT		0x0001	/* signals a sync object */
#define XE_BIND_OUT_POINT	0x0002	/* signals a point of a time line */
#define XE_BIND_IN_DONE		0x0004	/* waits for a sync object that has signalled */
#define XE_BIND_IN_PENDING	0x0008	/* waits for one that signals when the client is closed */
#define XE_BIND_USER_FENCE	0x0010	/* stores a user fence */
#define XE_BIND_QUEUE		0x0020	/* on a bind queue of its own */
#define XE_BIND_BY_JOB		0x0040	/* the copy engine stores the entries */
/* Properties of a case */
#define XE_CASE_LR		0x0100	/* the VM is a long-running one */
#define XE_CASE_SCRATCH		0x0200	/* the VM has a scratch page */
#define XE_CASE_EXEC		0x0400	/* a job is submitted; mappings stay as they are */
#define XE_CASE_PROGRESS	0x0800	/* the driver may have come further: it is repeated */
#define XE_CASE_NO_VM		0x1000	/* the client has no VM */
#define XE_CASE_JOB		0x2000	/* with XE_CASE_EXEC: a job, whose end can be awaited */

/**
 * struct xe_env - a client, ready for the call under test
 */
struct xe_env {
	/** @fd: the device */
	int fd;
	/** @vm: a VM in which a job has run, so that the device knows its page tables; 0: none */
	uint32_t vm;
	/** @queue: queue of that job */
	uint32_t queue;
	/** @bind_queue: for XE_BIND_QUEUE */
	uint32_t bind_queue;
	/** @batch: the job: ends at once; two pages */
	uint32_t *batch;
	/** @batch_addr: where it is mapped; tells the VM from those of clients not long gone */
	uint64_t batch_addr;
	/** @eci: engine of @queue */
	struct drm_xe_engine_class_instance eci;
	/** @bos: objects that VMs share; they have memory */
	uint32_t bos[XE_INJECT_N_BOS];
	/** @private_bo: object of @vm; it has memory */
	uint32_t private_bo;
	/** @fresh_bo: a shared object without memory yet */
	uint32_t fresh_bo;
	/** @memory: memory of the process, aligned to its size */
	void *memory;
	/** @in: sync object to wait for; 0: none */
	uint32_t in;
	/** @timeline: file that @in hangs on if it is pending, else -1 */
	int timeline;
	/** @out: sync object without a fence */
	uint32_t out;
	/** @user_fence: memory of the user fence */
	uint64_t user_fence;
	/** @made: id of what the call has created */
	uint32_t made;
	/** @root: page table of @vm as the device model names it; empty: none, or nobody to ask */
	char root[32];
};

/**
 * struct xe_case - a call of which every step that can fail is to fail once
 */
struct xe_case {
	/** @name: without blanks */
	const char *name;
	/** @flags: XE_BIND_* and XE_CASE_* */
	unsigned int flags;
	/** @before: operations bound in advance; returns their number. May be NULL */
	uint32_t (*before)(const struct xe_env *env, struct drm_xe_vm_bind_op *ops);
	/** @ops: operations of the bind under test; NULL if it is no bind */
	uint32_t (*ops)(const struct xe_env *env, struct drm_xe_vm_bind_op *ops);
	/** @prepare: done before each attempt; may be NULL */
	void (*prepare)(struct xe_env *env);
	/** @call: a single ioctl, if it is no bind; 0 or -errno */
	int (*call)(struct xe_env *env);
	/** @destroy: takes back what a call has created; 0 or -errno. NULL if it creates nothing */
	int (*destroy)(struct xe_env *env, uint32_t id);
	/**
	 * @work: in place of @ops and @call: has work items do something, and waits for them; 0 or
	 * -errno. It is they whose steps are to fail, and nobody may notice
	 */
	int (*work)(struct xe_env *env);
	/**
	 * @again: operations that leave the page tables as they are if everything in them is what
	 * it should be; returns their number. May be NULL
	 */
	uint32_t (*again)(const struct xe_env *env, struct drm_xe_vm_bind_op *ops);
};

/**
 * struct xe_step - a step of the driver that was made to fail and has a name
 */
struct xe_step {
	/** @name: its name; empty: it was an allocation, or a copy from or to user space */
	char name[32];
	/** @err: the errno it has failed with, negative */
	int err;
};

/**
 * struct xe_state - what a failed call must not change
 */
struct xe_state {
	/** @vms: mappings, counters and page tables as the driver has them */
	char *vms;
	/** @map: page tables as the device model reads them; NULL without a model to ask */
	char *map;
};

/* xe_inject_cases.c */
extern const struct xe_case xe_cases[];
extern const unsigned int xe_n_cases;

/* Result of an ioctl, which an error may end early: 0 or -errno. */
static inline int xe_call_once(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

/* xe_inject_knobs.c */
int xe_knobs_open(void);
const char *xe_knobs_device(void);
void xe_knobs_arm(unsigned int n);
bool xe_knobs_disarm(void);
int xe_knobs_arm_named(unsigned int n);
bool xe_knobs_disarm_named(void);
int xe_knobs_arm_work(unsigned int n);
bool xe_knobs_disarm_work(void);
struct xe_step xe_knobs_last_step(void);
void xe_knobs_print_steps(void);

/* xe_inject_env.c */
int xe_env_open(struct xe_env *env, const struct xe_case *c);
void xe_env_close(struct xe_env *env);
int xe_env_bind(struct xe_env *env, const struct drm_xe_vm_bind_op *ops, uint32_t n,
		unsigned int flags);
int xe_env_exec(struct xe_env *env, unsigned int flags);
int xe_env_run(struct xe_env *env, bool lr);
int xe_env_await(struct xe_env *env, unsigned int flags);
int xe_env_pend(struct xe_env *env);
void xe_env_unpend(struct xe_env *env);

/* xe_inject_state.c */
int xe_state_open(void);
void xe_state_find_space(struct xe_env *env);
int xe_state_read(const struct xe_env *env, struct xe_state *state);
int xe_state_reread(const struct xe_env *env, struct xe_state *state);
void xe_state_free(struct xe_state *state);
bool xe_state_equal(const struct xe_state *a, const struct xe_state *b, char *why, size_t size);
bool xe_state_equal_map(const struct xe_state *a, const struct xe_state *b, char *why, size_t size);
char *xe_state_outcome(const struct xe_env *env, const struct xe_state *state);
bool xe_same_text(const char *a, const char *b, const char *what, char *why, size_t size);
struct xe_memory *xe_memory_quiet(int seconds);
void xe_memory_free(struct xe_memory *memory);
bool xe_memory_settles(const struct xe_memory *before, int seconds, char *why, size_t size);

#endif
