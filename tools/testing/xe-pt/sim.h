/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Binds against a reference: a window of address space is followed by two maps, one of what was
 * committed and one of what was written to memory. Every store is checked: it may take pages of the
 * bind's own ranges from their old translation to their new one, and nothing else.
 */
#ifndef _SIM_H_
#define _SIM_H_

#include "harness.h"

enum op_kind {
	OP_END,
	/* Contiguous memory from @phys on. */
	OP_MAP,
	/* The same pages in reverse order: no two are contiguous. */
	OP_MAP_REVERSED,
	/* Runs of random length from @phys on. */
	OP_MAP_RUNS,
	OP_MAP_NULL,
	OP_UNMAP,
};

struct op {
	enum op_kind kind;
	u64 start;
	u64 end;
	u64 phys;
	struct xe_pte_attrs attrs;
};

#define MAX_OPS 12
#define MAX_BINDS 16

/* One bind: planned, committed, and perhaps not written yet. */
struct bind {
	struct xe_pt_plan *plan;
	struct op ops[MAX_OPS];
	unsigned int n_ops;
	u64 *after[MAX_OPS];
	u64 first, last;
	bool written;
};

struct sim {
	struct env *env;
	struct ref_map soft;
	struct ref_map mem;
	struct bind binds[MAX_BINDS];
	unsigned int n_binds;
	dma_addr_t *addrs;
	u8 largest;
	bool sample;
};

void sim_init(struct sim *sim, enum xe_pt_format_id format, u32 flags, u64 base, u64 size);
void sim_fini(struct sim *sim);

/* Plan one operation; the reference map is not changed. */
int sim_plan_op(struct sim *sim, struct xe_pt_plan *plan, const struct op *op);
/* Commit a plan of @n_ops operations that have all been planned. */
struct bind *sim_commit(struct sim *sim, struct xe_pt_plan *plan, const struct op *ops,
			unsigned int n_ops);
/* Write bind @i; check each store. */
void sim_write(struct sim *sim, unsigned int i);
/* Free bind @i, which is written. */
void sim_free(struct sim *sim, unsigned int i);
/* Whether bind @i may be written: no earlier one that overlaps is waiting. */
bool sim_may_write(const struct sim *sim, unsigned int i);
/* Everything at once. */
void sim_bind(struct sim *sim, const struct op *ops, unsigned int n_ops);
/* Write and free all that is left, compare everything. */
void sim_drain(struct sim *sim);

struct op sim_random_op(struct sim *sim, u64 granularity, u64 max_size);

#endif
