/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_DEVICE_H
#define XM_DEV_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "bus/dma.h"
#include "bus/irq.h"
#include "dev/forcewake.h"
#include "dev/platform.h"
#include "dev/reg.h"
#include "util/types.h"

struct ggtt_caches;
struct irq_delay;
struct pace;
struct pci_config;
struct cs_pt_shared;
struct pt_watch;
struct xm_faults;
struct xm_fw;
struct xm_gfx;
struct xm_device;

/**
 * struct xm_config - options of a run
 * @platform: name of the platform
 * @seed: seed of every random choice; 0: nothing is late on purpose
 * @stepped: one thread at a time, in virtual time (util/pace.h)
 * @strict: report broken rules as violations (log_violation()); false with --permissive
 * @verbose: print details
 * @ggtt_map: let the guest map the GGTT array instead of trapping each access
 * @forget_in_d3: come back from D3hot in power-on state, as after a sleep of the machine
 * @prompt: what a doorbell of the GuC asks for is done before the write to it ends, as far as that
 *          takes less than 100 ms; not in stepped mode
 */
struct xm_config {
	const char *platform;
	u64 seed;
	bool stepped;
	bool strict;
	bool verbose;
	bool ggtt_map;
	bool forget_in_d3;
	bool prompt;
};

/**
 * struct xm_stats - counters of a run, printed by the summary; update with atomic_fetch_add
 * @reg_reads: register reads by the host
 * @reg_writes: register writes by the host
 * @engine_reg_accesses: register accesses by commands
 * @irq_raised: events raised by engines and the GuC
 * @irq_gated: events dropped because they were disabled or masked
 * @irq_sent: interrupt messages sent
 * @jobs: requests (ring ranges) executed
 * @commands: commands executed
 * @commands_unknown: commands with an opcode the model does not know
 * @batch_imm_bytes: bytes that MI_STORE_DATA_IMM has stored in batches. A driver that has page
 *                   tables written by the GPU writes them like this
 * @walks: page-table walks
 * @tlb_fills: translations put into a TLB
 * @tlb_hits: translations served by a TLB
 * @tlb_checks: cached translations and tables compared with the page tables
 * @tlb_flushes: TLB invalidations, whatever their cause
 * @ggtt_fills: entries of the global table remembered
 * @ggtt_flushes: invalidations of a GGTT cache, whatever their cause
 * @faults: memory accesses of engines that failed
 * @h2g: GuC messages received
 * @g2h: GuC messages sent
 */
struct xm_stats {
	atomic_ulong reg_reads;
	atomic_ulong reg_writes;
	atomic_ulong engine_reg_accesses;
	atomic_ulong irq_raised;
	atomic_ulong irq_gated;
	atomic_ulong irq_sent;
	atomic_ulong jobs;
	atomic_ulong commands;
	atomic_ulong commands_unknown;
	atomic_ulong batch_imm_bytes;
	atomic_ulong walks;
	atomic_ulong tlb_fills;
	atomic_ulong tlb_hits;
	atomic_ulong tlb_checks;
	atomic_ulong tlb_flushes;
	atomic_ulong ggtt_fills;
	atomic_ulong ggtt_flushes;
	atomic_ulong faults;
	atomic_ulong h2g;
	atomic_ulong g2h;
};

/* Count one event of @field (a member of struct xm_stats). */
#define xm_stat_inc(dev, field) \
	atomic_fetch_add_explicit(&(dev)->stats.field, 1, memory_order_relaxed)

/* The same for @n events. */
#define xm_stat_add(dev, field, n) \
	atomic_fetch_add_explicit(&(dev)->stats.field, n, memory_order_relaxed)

/**
 * struct xm_fw_ops - what the register blocks ask of the firmware and engine layers
 * @upload: DMA_CTRL was started with UOS_MOVE: check the image, set GUC_STATUS by reg_poke()
 * @mailbox: the notify register 0x1901F0 was written: MMIO message or CT doorbell
 * @guc_reset: GDRST bit 3; GUC_STATUS is 1 already
 * @gt_reset: GDRST bit 0: engines and GuC; returns when all engine threads are parked
 * @device_reset: PCI reset, function level reset, or end of a connection: stop everything, forget
 *                everything; returns when all engine threads are parked and no thread of the
 *                layer will touch guest memory
 * @ggtt_invalidate: 0xCEE8 bit 0 was written
 * @tlb_invalidate: engines of a class have to forget their translations; when one has, it calls
 *                  tlb_reg_done(). @instances has a bit for each, and all of them exist
 *
 * Context: bus thread, dev->lock not held. None may wait for the guest. Every member is set.
 */
struct xm_fw_ops {
	void (*upload)(struct xm_device *dev);
	void (*mailbox)(struct xm_device *dev);
	void (*guc_reset)(struct xm_device *dev);
	void (*gt_reset)(struct xm_device *dev);
	void (*device_reset)(struct xm_device *dev);
	void (*ggtt_invalidate)(struct xm_device *dev);
	void (*tlb_invalidate)(struct xm_device *dev, unsigned int hw_class, u32 instances);
};

/* Most reporters that can be registered, and their signature. */
#define XM_MAX_REPORTERS 16
typedef void (*xm_report_fn)(struct xm_device *dev, FILE *out, void *ctx);

/**
 * struct xm_reporter - part of the summary or of the state dump
 * @fn: prints to the stream
 * @ctx: handed to @fn
 */
struct xm_reporter {
	xm_report_fn fn;
	void *ctx;
};

/**
 * struct xm_irq_state - state of the interrupt tree, owned by dev/blk_irq.c, under dev->lock
 * @pending: events of each source that were not handed out yet, by bank and bit
 * @identity: the two identity registers
 * @level: the enabled top level was non-zero at the last evaluation
 */
struct xm_irq_state {
	u16 pending[2][32];
	u32 identity[2];
	bool level;
};

/**
 * struct xm_device - one GPU
 * @platform: what it is
 * @cfg: options of the run
 * @lock: protects the register file's values, @irq_state, @irq_delay and @fw_state. A leaf: nothing
 *        else is taken and nothing is waited for while it is held, except the internal locks of
 *        @irq, @faults, @pace, the log and the trace
 * @pace: how the threads of the device share time
 * @regs: register file
 * @irq_state: interrupt tree
 * @irq_delay: interrupt messages on their way, dev/irq_delay.c
 * @fw_state: power domains
 * @pci: configuration space, bus thread only
 * @dma: guest memory
 * @irq: interrupt outlets
 * @ggtt: the GGTT array (8-byte entries), shared with the guest: entries change at any time
 * @ggtt_size: bytes of @ggtt
 * @ggtt_fd: memfd behind @ggtt
 * @ggtt_caches: what engines and the GuC remember of it (dev/ggtt.c)
 * @gfx: engines, set by xm_gfx_create()
 * @pt_watch: tables whose changes the trace shows, set by xm_gfx_create()
 * @cs_pt: checks of page tables as a whole, set by xm_gfx_create()
 * @fw: GuC, set by xm_fw_create()
 * @fw_ops: set by xm_fw_create(); NULL while there is no firmware layer (unit tests)
 * @faults: ordered faults, dev/fault.h
 * @fault_kinds: kinds that are ordered, bits by enum fault_kind
 * @stats: counters
 * @summaries: reporters called at exit
 * @n_summaries: number of @summaries
 * @dumps: reporters called on SIGUSR1
 * @n_dumps: number of @dumps
 */
struct xm_device {
	const struct xm_platform *platform;
	struct xm_config cfg;
	pthread_mutex_t lock;
	struct pace *pace;
	struct reg_file *regs;
	struct xm_irq_state irq_state;
	struct irq_delay *irq_delay;
	struct xm_fw_state fw_state;
	struct pci_config *pci;
	struct dma_space *dma;
	struct irq_sink *irq;
	void *ggtt;
	size_t ggtt_size;
	int ggtt_fd;
	struct ggtt_caches *ggtt_caches;
	struct xm_gfx *gfx;
	struct pt_watch *pt_watch;
	struct cs_pt_shared *cs_pt;
	struct xm_fw *fw;
	const struct xm_fw_ops *fw_ops;
	struct xm_faults *faults;
	atomic_uint fault_kinds;
	struct xm_stats stats;
	struct xm_reporter summaries[XM_MAX_REPORTERS];
	unsigned int n_summaries;
	struct xm_reporter dumps[XM_MAX_REPORTERS];
	unsigned int n_dumps;
};

/*
 * The upper layers are attached by main.c (and by tests), in this order, after xm_device_create():
 *
 *	int xm_gfx_create(struct xm_device *dev);	gfx/engine.h, sets dev->gfx
 *	int xm_fw_create(struct xm_device *dev);	fw/guc.h, sets dev->fw and dev->fw_ops
 *
 * and taken off in reverse by xm_fw_destroy(dev) and xm_gfx_destroy(dev), after a last
 * xm_device_reset(). Both create functions return 0 or a negative errno.
 */

/**
 * xm_device_create() - build a device in its power-on state, without upper layers
 * @cfg: options, copied
 *
 * Return: the device, or NULL after logging why.
 */
struct xm_device *xm_device_create(const struct xm_config *cfg);

/**
 * xm_device_destroy() - free a device whose upper layers are gone
 * @dev: device, NULL is allowed
 */
void xm_device_destroy(struct xm_device *dev);

/**
 * xm_device_reset() - power-on state: engines, GuC, registers, interrupts, GGTT contents
 * @dev: device
 *
 * Guest memory stays mapped and interrupt descriptors stay connected; the client manages both.
 *
 * Context: bus thread, dev->lock not held.
 */
void xm_device_reset(struct xm_device *dev);

/**
 * xm_device_gt_reset() - full GT reset (GDRST bit 0)
 * @dev: device
 *
 * Context: bus thread, dev->lock not held.
 */
void xm_device_gt_reset(struct xm_device *dev);

/**
 * xm_bar0_read() - read from BAR0: registers and the GGTT array
 * @dev: device
 * @off: byte offset, any alignment
 * @buf: destination
 * @count: bytes; @off + @count must not exceed the BAR
 */
void xm_bar0_read(struct xm_device *dev, u64 off, void *buf, size_t count);

/**
 * xm_bar0_write() - write to BAR0: registers and the GGTT array
 * @dev: device
 * @off: byte offset, any alignment
 * @buf: source
 * @count: bytes; @off + @count must not exceed the BAR
 *
 * Register accesses that are not whole dwords are logged and dropped.
 */
void xm_bar0_write(struct xm_device *dev, u64 off, const void *buf, size_t count);

/**
 * xm_gpu_ticks() - the reference clock
 * @dev: device
 *
 * Context: any thread.
 * Return: 19.2 MHz ticks, 64 bits; see xm_timestamp() for what engines see.
 */
u64 xm_gpu_ticks(struct xm_device *dev);

/**
 * xm_timestamp() - the reference clock as engines see it
 * @dev: device
 *
 * Return: ticks, as many bits of them as the platform has
 */
u64 xm_timestamp(struct xm_device *dev);

/**
 * xm_ticks_from_ns() - convert a duration
 * @dev: device
 * @ns: nanoseconds
 *
 * Return: ticks of the reference clock, rounded down.
 */
u64 xm_ticks_from_ns(struct xm_device *dev, u64 ns);

/**
 * irq_raise() - an engine or the GuC has an event for the host (dev/blk_irq.c)
 * @dev: device
 * @hw_class: enum xm_hw_class
 * @instance: instance in the class
 * @vector: event bits, XM_IRQ_*
 *
 * Latched only if enabled for the class and not masked for the instance. Make memory writes that
 * the interrupt announces visible (release) before calling.
 *
 * Context: any thread, dev->lock not held.
 */
void irq_raise(struct xm_device *dev, unsigned int hw_class, unsigned int instance, u16 vector);

/**
 * xm_counter() - walk over the counters
 * @dev: device
 * @i: index from 0
 * @value: set to the value
 *
 * Context: any thread.
 * Return: name of the counter, NULL when @i is past the last one.
 */
const char *xm_counter(const struct xm_device *dev, unsigned int i, unsigned long *value);

/**
 * xm_add_summary() - print something at the end of a run
 * @dev: device
 * @fn: called once from the main thread, engines parked
 * @ctx: handed to @fn
 */
void xm_add_summary(struct xm_device *dev, xm_report_fn fn, void *ctx);

/**
 * xm_add_dump() - print live state on SIGUSR1
 * @dev: device
 * @fn: called from the main thread while engines run: take own locks with a time limit
 * @ctx: handed to @fn
 */
void xm_add_dump(struct xm_device *dev, xm_report_fn fn, void *ctx);

/**
 * xm_summary() - print counters, then every summary reporter
 * @dev: device
 * @out: stream
 */
void xm_summary(struct xm_device *dev, FILE *out);

/**
 * xm_dump() - print every dump reporter
 * @dev: device
 * @out: stream
 */
void xm_dump(struct xm_device *dev, FILE *out);

#endif
