/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A fuzzer of address spaces. It makes a random *program*, runs it against the driver, and keeps a
 * *reference* of what every page of every VM ought to lead to and hold. Documentation/gpu/xe/
 * testing.rst says what is compared when.
 *
 * Layers: random, program (steps as values and as text) -> ref (the reference) -> world (objects
 * of a running program), gpu, ask -> advice, run (steps carried out) -> shrink -> main.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_THREADS	4
#define MAX_STEPS	4096
#define MAX_OPS		8
#define MAX_ARGS	7

/* Slots of a thread. File and VM 0 are shared by all threads and never go away. */
#define FILES		3
#define VMS		4
#define BOS		6
#define QUEUES		3
#define OBJECTS		128
#define UFENCES		512
#define PENDING		24

/*
 * What the reference knows of a VM: a window for each thread, in pages. It begins 2 MiB below a
 * multiple of 512 GiB, so that tables of all levels are crossed. Windows of different threads
 * share a table of level 1.
 */
#define WINDOW		2304u
#define WINDOW_VA	0x7fffe00000ull
#define ARENA		192u
/* Signature of a VM, and memory for batches of each thread in it */
#define SIGNATURE_VA	0x10000ull
#define SIGNATURE_BITS	16
#define BATCH_VA	0x1000000ull
#define BATCH_SPAN	0x100000ull
#define BATCH_PAGES	32u
#define MAX_BO_PAGES	1024u
#define MAX_PAGES	24576u

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum step_kind {
	STEP_VM_CREATE,
	STEP_VM_DESTROY,
	STEP_BO_CREATE,
	STEP_BO_CLOSE,
	STEP_QUEUE_CREATE,
	STEP_QUEUE_DESTROY,
	STEP_FILE_CLOSE,
	STEP_BIND,
	STEP_GATE,
	STEP_MEMORY,
	STEP_CPU_WRITE,
	STEP_GPU_WRITE,
	STEP_CHECK,
	STEP_ASK,
	STEP_FAULT,
	STEP_SHARE,
	STEP_ADVISE,
	STEP_RECLAIM,
	STEP_QUERY,
	STEP_KINDS,
};

enum op_kind {
	OP_MAP,
	OP_NULL,
	OP_USERPTR,
	OP_UNMAP,
	OP_UNMAP_ALL,
	OP_PREFETCH,
	OP_KINDS,
};

/* What STEP_MEMORY does to the memory behind userptrs */
enum memory_kind {
	MEMORY_UNMAP,
	MEMORY_MAP,
	MEMORY_DONTNEED,
	MEMORY_MOVE,
	MEMORY_READONLY,
	MEMORY_WRITABLE,
	MEMORY_KINDS,
};

/* How a bind tells that it is done */
enum out_kind {
	OUT_NONE,
	OUT_SYNCOBJ,
	OUT_TIMELINE,
	OUT_UFENCE,
	OUT_KINDS,
};

/**
 * struct op - one operation of a bind
 * @kind: enum op_kind
 * @bo: slot of the BO
 * @at: page of the window; more than the window for ranges that are not allowed
 * @n: pages
 * @off: page of the BO or of the arena
 * @ro: read-only
 * @pat: PAT index
 * @bad: bit set in reserved places: 1 flags, 2 alignment
 */
struct op {
	uint8_t kind;
	uint8_t bo;
	uint8_t ro;
	uint8_t pat;
	uint8_t bad;
	uint64_t at;
	uint32_t n;
	uint32_t off;
};

/**
 * struct step - one step of a program
 * @thread: who does it
 * @kind: enum step_kind
 * @n_ops: operations, for STEP_BIND
 * @arg: by kind, see the table in program.c
 * @op: operations
 */
struct step {
	uint8_t thread;
	uint8_t kind;
	uint8_t n_ops;
	int32_t arg[MAX_ARGS];
	struct op op[MAX_OPS];
};

/* Names of @arg, by kind */
#define A_VM		0
#define A_FILE		1
#define A_SCRATCH	2
#define A_LR		3
#define A_QFILE		0
#define A_BO		0
#define A_PAGES		2
#define A_PRIVATE	3
#define A_WC		4
#define A_DEFER		5
#define A_DROP		1
#define A_QUEUE		1
#define A_IN		2
#define A_OUT		3
#define A_WAIT		4
#define A_CLOSE		0
#define A_WHAT		0
#define A_AT		1
#define A_N		2
#define A_TO		3
#define A_VALUE		3
#define A_ENGINE	4
#define A_WRITE		2
#define A_KEEP		2
#define A_NEED		3

/**
 * struct program - steps in the order in which they begin
 * @seed: of its random numbers, for people
 * @threads: threads that steps name
 * @n: number of steps
 * @step: steps
 */
struct program {
	uint64_t seed;
	unsigned int threads;
	unsigned int n;
	struct step step[MAX_STEPS];
};

/* --- reference ------------------------------------------------------------------------------- */

enum page_kind {
	PAGE_NONE,
	PAGE_BO,
	PAGE_NULL,
	PAGE_USER,
};

/**
 * struct ref_page - what a page of a window leads to
 * @kind: enum page_kind
 * @ro: the GPU may not write
 * @open: nothing is known about it: the memory behind it was gone for a while
 * @dontneed: PAGE_BO: its mapping is advised not to be needed
 * @pat: PAT index
 * @obj: object, PAGE_BO
 * @index: page of the object or of the arena
 * @map: number of the bind operation that made it: neighbours of one number are one mapping
 * @ufence: number of the user fence that keeps the mapping busy, or 0
 */
struct ref_page {
	uint8_t kind;
	uint8_t ro;
	uint8_t open;
	uint8_t dontneed;
	uint8_t pat;
	uint16_t obj;
	uint32_t index;
	uint32_t map;
	uint32_t ufence;
};

/* Whether memory of a BO is there. Of one not needed nobody knows until it is needed again. */
enum ref_advice {
	ADVICE_NEEDED,
	ADVICE_DONTNEED,
	ADVICE_PURGED,
};

/**
 * struct ref_object - a BO, for as long as anything may show its contents
 * @pages: size
 * @wc: write-combined for the CPU, so any PAT index will do
 * @exported: a dma-buf exists, or has existed
 * @mixed: some of its mappings are advised not to be needed, others are not
 * @vague: who else maps it, or whether the dma-buf still exists, is not known any more
 * @advice: enum ref_advice
 * @private_of: serial number of the VM it belongs to, or 0
 * @value: what the marked word of each page holds
 */
struct ref_object {
	uint32_t pages;
	bool wc;
	bool exported;
	bool mixed;
	bool vague;
	uint8_t advice;
	uint32_t private_of;
	uint32_t *value;
};

/**
 * struct ref_user - a page of the arena, the memory behind userptrs
 * @present: mapped
 * @writable: by the process
 * @value: what the marked word holds
 */
struct ref_user {
	bool present;
	bool writable;
	uint32_t value;
};

/* What mappings of a thread lead to: all its objects, and the arena */
struct ref_memory {
	const struct ref_object *object;
	const struct ref_user *user;
};

/* What may come of a bind: a set of errnos, and whether it may succeed */
struct ref_verdict {
	uint32_t n;
	int err[8];
	bool may_pass;
};

/**
 * struct ref_bind - facts about a bind that the reference needs
 * @serial: of the VM
 * @obj: for each BO slot: object, or -1
 * @memory: objects and arena
 * @ufence: state of each user fence
 * @referee: leave open where drivers are known to differ
 */
enum ufence_state { UFENCE_WRITTEN, UFENCE_MAYBE, UFENCE_HELD };
struct ref_bind {
	uint32_t serial;
	const int *obj;
	struct ref_memory memory;
	const uint8_t *ufence;
	bool referee;
};

void ref_judge(const struct ref_bind *b, const struct ref_page *window, const struct step *s,
	       struct ref_verdict *v);
void ref_apply(const struct ref_bind *b, struct ref_page *window, const struct step *s,
	       uint32_t *map, uint32_t ufence);
bool ref_verdict_allows(const struct ref_verdict *v, int ret);
void ref_verdict_text(const struct ref_verdict *v, char *text, size_t size);
bool ref_accessible(const struct ref_page *window, uint32_t page, struct ref_memory memory);
void ref_advise(struct ref_page *window, uint32_t at, uint32_t n, bool needed,
		struct ref_memory memory);
uint32_t ref_run_first(const struct ref_page *window, uint32_t page);
uint32_t ref_run_end(const struct ref_page *window, uint32_t page);

/* --- program --------------------------------------------------------------------------------- */

uint64_t random_next(uint64_t *state);
uint32_t random_below(uint64_t *state, uint32_t n);
void program_make(struct program *p, uint64_t seed, unsigned int threads, unsigned int steps);
int program_write(const struct program *p, const char *path, const char *why);
int program_read(struct program *p, const char *path);
void step_text(const struct step *s, char *text, size_t size);

/* --- world ----------------------------------------------------------------------------------- */

/* Offset of the marked word in a page */
#define WORD		0x40u
/* How long anything may take that is waited for, ns */
#define PATIENCE	30000000000ll

/**
 * struct options - of the command line
 * @ask: directory shared with the harness, or NULL
 * @referee: see struct ref_bind
 * @verbose: print every step
 * @shrink_seconds: how long to make a failure smaller
 */
struct options {
	const char *ask;
	bool referee;
	bool verbose;
	unsigned int shrink_seconds;
};

extern struct options options;

/**
 * struct vm - a VM of a thread
 * @id: of the uAPI, 0 if the slot is empty
 * @file: slot
 * @serial: number in its signature
 * @scratch: unmapped pages lead to scratch
 * @lr: long-running: jobs and binds have user fences only
 * @queue: exec queues by engine, 0 if not made yet
 * @batch: batches and results
 * @timeline: syncobj
 * @point: last one
 * @pending: syncobjs that binds signal, with their points
 * @n_pending: how many
 * @unfenced: bind queue slots (bit 0: of the VM) with binds that signal nothing
 * @ufence_out: user fences not waited for
 * @n_ufences: how many
 * @flushes: binds made to learn when earlier ones are done, by bind queue; long-running VMs
 * @window: reference
 */
struct vm {
	uint32_t id;
	uint8_t file;
	uint32_t serial;
	bool scratch;
	bool lr;
	uint32_t queue[2];
	uint32_t *batch;
	uint32_t batch_bo;
	uint32_t timeline;
	uint64_t point;
	struct {
		uint32_t syncobj;
		uint64_t point;
	} pending[PENDING];
	unsigned int n_pending;
	uint32_t unfenced;
	uint32_t ufence_out[UFENCES];
	unsigned int n_ufences;
	uint32_t flushes[QUEUES + 1];
	struct ref_page *window;
};

/**
 * struct object - the real side of a struct ref_object
 * @handle: by file slot
 * @map: CPU mapping, or NULL
 */
struct object {
	uint32_t handle[FILES];
	uint8_t *map;
};

/**
 * struct gate - a job that waits until a word is set, and holds back binds that wait for it
 * @fd: a file of its own
 * @queue: exec queue
 * @batch: its memory
 * @syncobj: signalled by the job
 * @copy: the same by file slot, 0 if not imported
 * @since: when it was closed, 0 while open
 * @forced: opened by the watchman, not by its thread
 */
struct gate {
	int fd;
	uint32_t queue;
	volatile uint32_t *batch;
	uint32_t syncobj;
	uint32_t copy[FILES];
	atomic_llong since;
	atomic_bool forced;
};

/**
 * struct thread - everything one thread of a program owns
 * @number: index
 * @pthread: of the C library
 * @program: what is run
 * @step: index of the step being carried out
 * @fd: files; the first is shared by all threads
 * @vm: VM slots
 * @bo: BO slots: index of @object, or -1
 * @ref: what the reference knows of an object
 * @object: the object
 * @n_objects: how many were made
 * @pages: of objects that the processor has mapped
 * @queue: bind queue slots of each file
 * @arena: memory for userptrs
 * @user: what the reference knows of it
 * @ufence_page: user fences by number: 0 when a VM is made, from UFENCES on those of flushes
 * @ufence: enum ufence_state, UFENCE_HELD being derived from @held
 * @held: &gate.since of the gate that holds a user fence back, or 0
 * @n_ufences: last number
 * @map: last number of a mapping
 * @advised: some mapping was advised not to be needed
 * @gate: the gate
 */
struct thread {
	unsigned int number;
	pthread_t pthread;
	const struct program *program;
	unsigned int step;
	int fd[FILES];
	struct vm vm[VMS];
	int bo[BOS];
	struct ref_object ref[OBJECTS];
	struct object object[OBJECTS];
	unsigned int n_objects;
	uint32_t pages;
	uint32_t queue[FILES][QUEUES];
	uint8_t *arena;
	struct ref_user user[ARENA];
	volatile uint64_t *ufence_page;
	uint8_t ufence[UFENCES];
	int64_t held[UFENCES];
	uint32_t n_ufences;
	uint32_t map;
	bool advised;
	struct gate gate;
};

/**
 * struct result - what became of a run; shared between the processes
 * @failed: somebody has failed; @text and @step say how
 * @step: index in the program
 * @text: one line
 * @steps: steps carried out
 * @pages: pages whose contents were compared
 * @asked: questions to the model
 * @purged: objects that have lost their memory
 */
struct result {
	_Atomic int failed;
	int step;
	char text[600];
	_Atomic uint64_t steps;
	_Atomic uint64_t binds;
	_Atomic uint64_t refused;
	_Atomic uint64_t pages;
	_Atomic uint64_t asked;
	_Atomic uint64_t purged;
	_Atomic uint32_t serial;
};

extern struct result *result;

void fail(struct thread *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool failed(void);

bool thread_open(struct thread *t, const struct program *p, unsigned int number, int shared);
bool file_open(struct thread *t, unsigned int file);
bool vm_open(struct thread *t, struct vm *vm, const struct step *s);
bool vm_join(struct thread *t, struct vm *vm, const struct vm *shared);
void vm_forget(struct vm *vm);
uint64_t window_va(const struct thread *t, uint64_t page);
uint32_t object_handle(struct thread *t, int obj, unsigned int file);
struct ref_memory thread_memory(const struct thread *t);
int ufence_wait(int fd, volatile uint64_t *at, uint64_t value, uint32_t queue);

bool gate_open_file(struct thread *t);
bool gate_close(struct thread *t);
void gate_open(struct gate *gate);
uint32_t gate_fence(struct thread *t, unsigned int file);
void gate_watch(struct gate *gate);

bool vm_settle(struct thread *t, struct vm *vm);
bool gpu_write(struct thread *t, struct vm *vm, const struct step *s);
bool gpu_check(struct thread *t, struct vm *vm, unsigned int engine);
bool gpu_fault(struct thread *t, struct vm *vm, const struct step *s);
void ask_begin(void);
bool ask_model(struct thread *t, struct vm *vm);

/* --- advice ---------------------------------------------------------------------------------- */

void advise(struct thread *t, const struct step *s);
void advice_refresh(struct thread *t);
void advice_end(struct thread *t, const struct vm *vm);
void reclaim(struct thread *t, const struct step *s);
void query(struct thread *t, const struct step *s);
void share(struct thread *t, const struct step *s);

/* --- run ------------------------------------------------------------------------------------- */

void run_program(const struct program *p);
bool run_isolated(const struct program *p);
unsigned int shrink(struct program *p);

#endif
