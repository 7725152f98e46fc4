/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_REG_H
#define XM_DEV_REG_H

#include <stdio.h>

#include "util/types.h"

struct xm_device;
struct reg_file;
struct reg_row;

/* Bytes of BAR0 that are registers; the rest below the GGTT array reads 0. */
#define REG_SPACE 0x400000u

/**
 * enum reg_origin - who accesses a register
 * @REG_FROM_HOST: the driver, through BAR0
 * @REG_FROM_ENGINE: a command such as MI_LOAD_REGISTER_IMM
 */
enum reg_origin {
	REG_FROM_HOST,
	REG_FROM_ENGINE,
};

/**
 * reg_read() - read a register with all its behaviour
 * @dev: device
 * @off: byte offset in BAR0, multiple of 4; anything outside the register space reads 0
 * @origin: who reads
 *
 * Context: any thread, dev->lock not held.
 * Return: the value.
 */
u32 reg_read(struct xm_device *dev, u32 off, enum reg_origin origin);

/**
 * reg_write() - write a register with all its behaviour
 * @dev: device
 * @off: byte offset in BAR0, multiple of 4; writes outside the register space are dropped
 * @val: value as written
 * @origin: who writes
 *
 * Context: any thread, dev->lock not held.
 */
void reg_write(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin);

/**
 * reg_peek() - read the stored value, without behaviour
 * @dev: device
 * @off: byte offset, multiple of 4, inside the register space
 *
 * Context: any thread; takes dev->lock.
 * Return: the stored value.
 */
u32 reg_peek(struct xm_device *dev, u32 off);

/**
 * reg_poke() - replace the stored value, without behaviour
 * @dev: device
 * @off: byte offset, multiple of 4, inside the register space
 * @val: new value
 *
 * Context: any thread; takes dev->lock.
 */
void reg_poke(struct xm_device *dev, u32 off, u32 val);

/** reg_peek_locked() - reg_peek() for callers that hold dev->lock. */
u32 reg_peek_locked(struct xm_device *dev, u32 off);

/** reg_poke_locked() - reg_poke() for callers that hold dev->lock. */
void reg_poke_locked(struct xm_device *dev, u32 off, u32 val);

/**
 * typedef reg_hook_read - live value of a register that belongs to another layer
 * @dev: device
 * @off: byte offset
 * @origin: who reads
 * @val: set to the value
 * @ctx: as given to reg_add_hook()
 *
 * Context: called without dev->lock.
 * Return: true if @val was set, false to use the register file.
 */
typedef bool (*reg_hook_read)(struct xm_device *dev, u32 off, enum reg_origin origin, u32 *val,
			      void *ctx);

/**
 * typedef reg_hook_write - write to a register that belongs to another layer
 * @dev: device
 * @off: byte offset
 * @val: value as written
 * @origin: who writes
 * @ctx: as given to reg_add_hook()
 *
 * Context: called without dev->lock.
 * Return: true if the write was consumed, false to let the register file have it.
 */
typedef bool (*reg_hook_write)(struct xm_device *dev, u32 off, u32 val, enum reg_origin origin,
			       void *ctx);

/**
 * reg_add_hook() - let another layer handle a range first
 * @dev: device
 * @first: first byte offset
 * @last: last byte offset, inclusive
 * @read: read hook or NULL
 * @write: write hook or NULL
 * @ctx: handed to both
 *
 * Context: initialisation only, before the device is served.
 * Return: 0, or -ENOSPC when 32 hooks exist, -EINVAL for an empty range.
 */
int reg_add_hook(struct xm_device *dev, u32 first, u32 last, reg_hook_read read,
		 reg_hook_write write, void *ctx);

/* Row flags */
/* Bits 31:16 of a write say which of bits 15:0 change; only bits 15:0 are stored. */
#define REG_MASKED 0x1u
/* Survives a GT reset (GDRST bit 0); everything goes at a device reset. */
#define REG_KEEP 0x2u
/* The host must not write it: a write is dropped, and reported. */
#define REG_READ_ONLY 0x4u

/**
 * struct reg_row - behaviour of one register, or of an array of equal registers
 * @name: name for logs
 * @offset: byte offset of the first
 * @count: number of registers, 0 means 1
 * @stride: bytes between them, 0 means 4
 * @reset: value after reset
 * @ro: bits a write leaves alone
 * @w1c: bits a written 1 clears and a written 0 leaves alone
 * @reserved: bits that must be written as 0; a 1 is dropped, and reported if the host wrote it
 * @flags: REG_*
 * @read: computes the value read from the stored one, under dev->lock; may be NULL
 * @write: computes the value to store from the value the masks produced (@val), under dev->lock;
 *         @raw is what was written; may be NULL
 * @after: side effects after a write, without dev->lock; @raw is what was written; may be NULL
 */
struct reg_row {
	const char *name;
	u32 offset;
	u32 count;
	u32 stride;
	u32 reset;
	u32 ro;
	u32 w1c;
	u32 reserved;
	u32 flags;
	u32 (*read)(struct xm_device *dev, u32 off, u32 stored);
	u32 (*write)(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw);
	void (*after)(struct xm_device *dev, u32 off, u32 raw);
};

/**
 * enum reset_kind - how much a reset covers
 * @RESET_GT: GDRST bit 0
 * @RESET_DEVICE: power-on, function level reset, end of a connection
 */
enum reset_kind {
	RESET_GT,
	RESET_DEVICE,
};

/**
 * struct xm_block - one hardware block: its registers and life cycle
 * @name: name for logs
 * @rows: registers
 * @n_rows: number of @rows
 * @init: allocate private state; may be NULL; returns 0 or -ENOMEM
 * @reset: bring private state to its defaults, after the rows were reset, under dev->lock; may be
 *         NULL
 * @fini: free private state; may be NULL
 */
struct xm_block {
	const char *name;
	const struct reg_row *rows;
	unsigned int n_rows;
	int (*init)(struct xm_device *dev);
	void (*reset)(struct xm_device *dev, enum reset_kind kind);
	void (*fini)(struct xm_device *dev);
};

/** reg_file_create() - Return: an empty register file, NULL without memory. */
struct reg_file *reg_file_create(void);

/**
 * reg_file_destroy() - free
 * @regs: register file, NULL is allowed
 */
void reg_file_destroy(struct reg_file *regs);

/**
 * reg_file_add() - add rows
 * @regs: register file
 * @rows: array that lives as long as the register file
 * @n: number of rows
 *
 * Return: 0, -EINVAL if a row lies outside the register space, -EEXIST if two rows share an
 * offset, -ENOSPC if there are more than 65534 rows.
 */
int reg_file_add(struct reg_file *regs, const struct reg_row *rows, unsigned int n);

/**
 * reg_file_add_at() - add copies of rows, moved to an engine's base
 * @regs: register file, keeps the copies
 * @rows: array, copied
 * @n: number of rows
 * @base: added to the offset of each row
 *
 * Return: as reg_file_add(), or -ENOMEM.
 */
int reg_file_add_at(struct reg_file *regs, const struct reg_row *rows, unsigned int n, u32 base);

/**
 * reg_file_reset_locked() - put reset values into the registers a reset covers
 * @dev: device, dev->lock held
 * @kind: which registers
 */
void reg_file_reset_locked(struct xm_device *dev, enum reset_kind kind);

/** reg_name() - Return: name of the register at @off, "unknown" without a row. */
const char *reg_name(struct xm_device *dev, u32 off);

/**
 * reg_file_summary() - print the unknown registers that were accessed
 * @dev: device
 * @out: stream
 */
void reg_file_summary(struct xm_device *dev, FILE *out);

#endif
