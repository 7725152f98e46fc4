// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Register file
 *
 * One 32-bit value per dword of the register space and, for known registers, a row that says how
 * the value reacts to reads and writes. A write passes these stages:
 *
 *	forcewake -> hooks of other layers -> masks of the row -> row's write -> stored
 *		  -> row's after
 *
 * A register without a row is plain storage; accesses to it are counted and listed at the end.
 *
 * Locking: values are under dev->lock. Hooks and "after" run without it; rows, hooks and the index
 * are fixed before the device is served and need no lock.
 */

#include "dev/reg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dev/device.h"
#include "dev/forcewake.h"
#include "util/log.h"
#include "util/trace.h"

#define N_REGS (REG_SPACE / 4)
#define MAX_HOOKS 32
#define MAX_ROWS 65534
#define MAX_COPIES 64

struct reg_hook {
	u32 first;
	u32 last;
	reg_hook_read read;
	reg_hook_write write;
	void *ctx;
};

/**
 * struct reg_file - values and behaviour
 * @value: stored value of each dword
 * @row_of: 1 + index into @rows for each dword, 0 without a row
 * @unknown: accesses by each dword without a row
 * @rows: rows
 * @n_rows: number of @rows
 * @copies: row arrays made by reg_file_add_at()
 * @n_copies: number of @copies
 * @hooks: hooks in order of registration
 * @n_hooks: number of @hooks
 */
struct reg_file {
	u32 *value;
	u16 *row_of;
	atomic_uint *unknown;
	const struct reg_row **rows;
	unsigned int n_rows;
	struct reg_row *copies[MAX_COPIES];
	unsigned int n_copies;
	struct reg_hook hooks[MAX_HOOKS];
	unsigned int n_hooks;
};

struct reg_file *reg_file_create(void)
{
	struct reg_file *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->value = calloc(N_REGS, sizeof(*r->value));
	r->row_of = calloc(N_REGS, sizeof(*r->row_of));
	r->unknown = calloc(N_REGS, sizeof(*r->unknown));
	if (!r->value || !r->row_of || !r->unknown) {
		reg_file_destroy(r);
		return NULL;
	}
	return r;
}

void reg_file_destroy(struct reg_file *regs)
{
	if (!regs)
		return;
	free(regs->value);
	free(regs->row_of);
	free(regs->unknown);
	free(regs->rows);
	for (unsigned int i = 0; i < regs->n_copies; i++)
		free(regs->copies[i]);
	free(regs);
}

static u32 row_count(const struct reg_row *row)
{
	return row->count ? row->count : 1;
}

static u32 row_stride(const struct reg_row *row)
{
	return row->stride ? row->stride : 4;
}

static int add_row(struct reg_file *regs, const struct reg_row *row)
{
	u32 off = row->offset;

	for (u32 i = 0; i < row_count(row); i++, off += row_stride(row)) {
		if (off % 4 || off >= REG_SPACE)
			return -EINVAL;
		if (regs->row_of[off / 4])
			return -EEXIST;
		regs->row_of[off / 4] = (u16)(regs->n_rows + 1);
		regs->value[off / 4] = row->reset;
	}
	regs->rows[regs->n_rows++] = row;
	return 0;
}

int reg_file_add(struct reg_file *regs, const struct reg_row *rows, unsigned int n)
{
	const struct reg_row **grown;

	if (regs->n_rows + n > MAX_ROWS)
		return -ENOSPC;
	if (!n)
		return 0;
	grown = realloc(regs->rows, (regs->n_rows + n) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	regs->rows = grown;
	for (unsigned int i = 0; i < n; i++) {
		int err = add_row(regs, &rows[i]);

		if (err) {
			log_error("register row %s at 0x%x cannot be added", rows[i].name,
				  rows[i].offset);
			return err;
		}
	}
	return 0;
}

int reg_file_add_at(struct reg_file *regs, const struct reg_row *rows, unsigned int n, u32 base)
{
	struct reg_row *copy;

	if (regs->n_copies == MAX_COPIES)
		return -ENOSPC;
	copy = calloc(n, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	regs->copies[regs->n_copies++] = copy;
	for (unsigned int i = 0; i < n; i++) {
		copy[i] = rows[i];
		copy[i].offset += base;
	}
	return reg_file_add(regs, copy, n);
}

int reg_add_hook(struct xm_device *dev, u32 first, u32 last, reg_hook_read read,
		 reg_hook_write write, void *ctx)
{
	struct reg_file *r = dev->regs;

	if (first > last)
		return -EINVAL;
	if (r->n_hooks == MAX_HOOKS)
		return -ENOSPC;
	r->hooks[r->n_hooks++] = (struct reg_hook){ first, last, read, write, ctx };
	return 0;
}

static const struct reg_row *row_at(const struct reg_file *r, u32 off)
{
	u16 i = r->row_of[off / 4];

	return i ? r->rows[i - 1] : NULL;
}

const char *reg_name(struct xm_device *dev, u32 off)
{
	const struct reg_row *row = off < REG_SPACE ? row_at(dev->regs, off & ~3u) : NULL;

	return row ? row->name : "unknown";
}

u32 reg_peek_locked(struct xm_device *dev, u32 off)
{
	return dev->regs->value[off / 4];
}

void reg_poke_locked(struct xm_device *dev, u32 off, u32 val)
{
	dev->regs->value[off / 4] = val;
}

u32 reg_peek(struct xm_device *dev, u32 off)
{
	u32 val;

	pthread_mutex_lock(&dev->lock);
	val = reg_peek_locked(dev, off);
	pthread_mutex_unlock(&dev->lock);
	return val;
}

void reg_poke(struct xm_device *dev, u32 off, u32 val)
{
	pthread_mutex_lock(&dev->lock);
	reg_poke_locked(dev, off, val);
	pthread_mutex_unlock(&dev->lock);
}

static void count_access(struct xm_device *dev, enum reg_origin origin, bool write)
{
	if (origin == REG_FROM_ENGINE)
		xm_stat_inc(dev, engine_reg_accesses);
	else if (write)
		xm_stat_inc(dev, reg_writes);
	else
		xm_stat_inc(dev, reg_reads);
}

static void trace_access(struct xm_device *dev, enum reg_origin origin, const char *what, u32 off,
			 u32 val)
{
	char name[64];

	if (!trace_registers())
		return;
	snprintf(name, sizeof(name), "%s %s", what, reg_name(dev, off));
	trace_instant(origin == REG_FROM_HOST ? "host" : "registers of commands", name,
		      "\"offset\":\"0x%x\",\"value\":\"0x%x\"", off, val);
}

static bool hook_read(struct xm_device *dev, u32 off, enum reg_origin origin, u32 *val)
{
	struct reg_file *r = dev->regs;

	for (unsigned int i = 0; i < r->n_hooks; i++) {
		const struct reg_hook *h = &r->hooks[i];

		if (off >= h->first && off <= h->last && h->read &&
		    h->read(dev, off, origin, val, h->ctx))
			return true;
	}
	return false;
}

static bool hook_write(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin)
{
	struct reg_file *r = dev->regs;

	for (unsigned int i = 0; i < r->n_hooks; i++) {
		const struct reg_hook *h = &r->hooks[i];

		if (off >= h->first && off <= h->last && h->write &&
		    h->write(dev, off, val, origin, h->ctx))
			return true;
	}
	return false;
}

u32 reg_read(struct xm_device *dev, u32 off, enum reg_origin origin)
{
	const struct reg_row *row;
	u32 val;

	count_access(dev, origin, false);
	if (off >= REG_SPACE)
		return 0;
	off &= ~3u;
	if (origin == REG_FROM_HOST && !forcewake_allows(dev, off, false))
		return 0;
	if (hook_read(dev, off, origin, &val)) {
		trace_access(dev, origin, "read", off, val);
		return val;
	}
	row = row_at(dev->regs, off);
	if (!row)
		atomic_fetch_add_explicit(&dev->regs->unknown[off / 4], 1, memory_order_relaxed);

	pthread_mutex_lock(&dev->lock);
	val = reg_peek_locked(dev, off);
	if (row && row->read)
		val = row->read(dev, off, val);
	pthread_mutex_unlock(&dev->lock);
	trace_access(dev, origin, "read", off, val);
	return val;
}

/* What of a write the register cannot take. Engines may try: a batch is not the driver's. */
static void check_write(const struct reg_row *row, u32 off, u32 raw)
{
	if (row->flags & REG_READ_ONLY)
		log_violation("reg-write", "%s (0x%x) is read only, written with 0x%x", row->name,
			      off, raw);
	else if (raw & row->reserved)
		log_violation("reg-write", "%s (0x%x): reserved bits 0x%x written (0x%x)",
			      row->name, off, raw & row->reserved, raw);
	else if (row->flags & REG_MASKED && raw & 0xffff & ~(raw >> 16))
		log_violation("reg-write", "%s (0x%x): bits 0x%x come without their mask (0x%x)",
			      row->name, off, raw & 0xffff & ~(raw >> 16), raw);
}

/* Apply the masks of @row to a write of @raw over @old. */
static u32 masked_value(const struct reg_row *row, u32 old, u32 raw)
{
	u32 val = raw & ~row->reserved;

	if (row->flags & REG_MASKED) {
		u32 change = raw >> 16;

		val = (old & ~change & 0xffff) | (raw & change);
	}
	/* Written ones clear, written zeros keep; everything else of the old value is settled. */
	val = (val & ~row->w1c) | (old & ~raw & row->w1c);
	return (val & ~row->ro) | (old & row->ro);
}

void reg_write(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin)
{
	const struct reg_row *row;
	u32 old, new;

	count_access(dev, origin, true);
	if (off >= REG_SPACE) {
		log_violation("reg-write", "write of 0x%x to reserved offset 0x%x", val, off);
		return;
	}
	off &= ~3u;
	trace_access(dev, origin, "write", off, val);
	if (origin == REG_FROM_HOST && !forcewake_allows(dev, off, true))
		return;
	if (hook_write(dev, off, val, origin))
		return;

	row = row_at(dev->regs, off);
	if (!row) {
		atomic_fetch_add_explicit(&dev->regs->unknown[off / 4], 1, memory_order_relaxed);
		reg_poke(dev, off, val);
		return;
	}
	if (origin == REG_FROM_HOST)
		check_write(row, off, val);
	if (row->flags & REG_READ_ONLY)
		return;
	/* A reset, for one, waits for the engines. */
	if (origin == REG_FROM_ENGINE && row->after) {
		log_violation("reg-write", "%s (0x%x) is for the host alone, a command wrote 0x%x",
			      row->name, off, val);
		return;
	}
	pthread_mutex_lock(&dev->lock);
	old = reg_peek_locked(dev, off);
	new = masked_value(row, old, val);
	if (row->write)
		new = row->write(dev, off, old, new, val);
	reg_poke_locked(dev, off, new);
	pthread_mutex_unlock(&dev->lock);
	if (row->after)
		row->after(dev, off, val);
}

/* What a GT reset clears of the registers without a row: GT registers and the media engines. */
static bool gt_domain(u32 off)
{
	return off < 0x40000 || (off >= 0x1c0000 && off < 0x200000);
}

void reg_file_reset_locked(struct xm_device *dev, enum reset_kind kind)
{
	struct reg_file *r = dev->regs;

	for (u32 off = 0; off < REG_SPACE; off += 4) {
		const struct reg_row *row = row_at(r, off);
		bool keep = row ? row->flags & REG_KEEP : !gt_domain(off);
		u32 val = row ? row->reset : 0;

		/* Compare first: untouched pages of the array stay unallocated. */
		if ((kind == RESET_DEVICE || !keep) && r->value[off / 4] != val)
			r->value[off / 4] = val;
	}
}

void reg_file_summary(struct xm_device *dev, FILE *out)
{
	struct reg_file *r = dev->regs;
	unsigned int listed = 0, total = 0;

	for (u32 off = 0; off < REG_SPACE; off += 4)
		total += r->unknown[off / 4] != 0;
	fprintf(out, "  unknown registers: %u\n", total);
	for (u32 off = 0; off < REG_SPACE && listed < 40; off += 4) {
		if (!r->unknown[off / 4])
			continue;
		fprintf(out, "    0x%06x  %u accesses\n", off, r->unknown[off / 4]);
		listed++;
	}
	if (total > listed)
		fprintf(out, "    ... and %u more\n", total - listed);
}
