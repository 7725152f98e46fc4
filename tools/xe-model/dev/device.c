// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Device
 *
 * Builds a device from its platform, routes BAR0, and orders resets: first the engines are parked
 * by the layers above, then registers and blocks go back to their defaults, so that nothing running
 * can see half a reset.
 *
 * Locking: dev->lock covers register values and the interrupt tree, see struct xm_device. The GGTT
 * array is shared with the guest and read with atomic loads, without lock; its caches have locks of
 * their own (dev/ggtt.c).
 */

#include "dev/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bus/pci.h"
#include "dev/ggtt.h"
#include "dev/fault.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/pace.h"

#define NSEC_PER_SEC 1000000000ull

/* --- configuration space effects -------------------------------------------------------------- */

static void on_bus_master(void *ctx, bool on)
{
	struct xm_device *dev = ctx;

	dma_set_bus_master(dev->dma, on);
}

static void on_flr(void *ctx)
{
	struct xm_device *dev = ctx;

	log_debug("function level reset, or back from D3hot");
	xm_device_reset(dev);
}

static const struct pci_ops pci_effects = {
	.bus_master = on_bus_master,
	.flr = on_flr,
};

/* --- life cycle ------------------------------------------------------------------------------- */

static int map_ggtt(struct xm_device *dev)
{
	const struct xm_platform *p = dev->platform;
	void *ptr;

	/* The file covers all of BAR0, so that file and BAR offsets are equal; it stays sparse. */
	dev->ggtt_fd = memfd_create("xe-model-bar0", MFD_CLOEXEC);
	if (dev->ggtt_fd < 0)
		return -errno;
	if (ftruncate(dev->ggtt_fd, p->bar0_size))
		return -errno;
	ptr = mmap(NULL, p->ggtt_size, PROT_READ | PROT_WRITE, MAP_SHARED, dev->ggtt_fd,
		   p->ggtt_offset);
	if (ptr == MAP_FAILED)
		return -errno;
	dev->ggtt = ptr;
	dev->ggtt_size = p->ggtt_size;
	return 0;
}

static int init_blocks(struct xm_device *dev)
{
	const struct xm_platform *p = dev->platform;

	for (unsigned int i = 0; i < p->n_blocks; i++) {
		const struct xm_block *b = p->blocks[i];
		int err = reg_file_add(dev->regs, b->rows, b->n_rows);

		if (!err && b->init)
			err = b->init(dev);
		if (err) {
			log_error("block %s: %s", b->name, strerror(-err));
			return err;
		}
	}
	return 0;
}

static int create_parts(struct xm_device *dev)
{
	static const unsigned int vectors[IRQ_TYPES] = { [IRQ_MSI] = 1, [IRQ_ERR] = 1 };
	const struct xm_platform *p = dev->platform;
	const struct pci_identity id = {
		.vendor = 0x8086,
		.device = p->device_id,
		.subsystem = 0x2212,
		.revision = p->revision,
		.class_code = 0x030000,
		.ggc = p->ggc,
		.bar0_size = p->bar0_size,
	};
	int err;

	dev->pace = pace_create(dev->cfg.stepped, dev->cfg.seed);
	dev->regs = reg_file_create();
	dev->dma = dma_create();
	dev->irq = irq_create(vectors);
	dev->pci = pci_create(&id, &pci_effects, dev);
	if (!dev->pace || !dev->regs || !dev->dma || !dev->irq || !dev->pci)
		return -ENOMEM;
	if (dev->cfg.forget_in_d3)
		pci_forget_in_d3(dev->pci);
	err = faults_create(dev);
	if (!err)
		err = map_ggtt(dev);
	if (!err)
		err = ggtt_create(dev);
	return err ? err : init_blocks(dev);
}

struct xm_device *xm_device_create(const struct xm_config *cfg)
{
	const struct xm_platform *p = xm_platform_find(cfg->platform);
	struct xm_device *dev;
	int err;

	if (!p) {
		log_error("there is no platform \"%s\"", cfg->platform);
		return NULL;
	}
	dev = calloc(1, sizeof(*dev));
	if (!dev) {
		log_error("no memory");
		return NULL;
	}
	dev->platform = p;
	dev->cfg = *cfg;
	dev->ggtt_fd = -1;
	pthread_mutex_init(&dev->lock, NULL);

	err = create_parts(dev);
	if (err) {
		log_error("cannot build the device: %s", strerror(-err));
		xm_device_destroy(dev);
		return NULL;
	}
	xm_device_reset(dev);
	return dev;
}

void xm_device_destroy(struct xm_device *dev)
{
	if (!dev)
		return;
	for (unsigned int i = dev->platform->n_blocks; dev->regs && i--;)
		if (dev->platform->blocks[i]->fini)
			dev->platform->blocks[i]->fini(dev);
	ggtt_destroy(dev);
	if (dev->ggtt)
		munmap(dev->ggtt, dev->ggtt_size);
	if (dev->ggtt_fd >= 0)
		close(dev->ggtt_fd);
	faults_destroy(dev);
	pci_destroy(dev->pci);
	irq_destroy(dev->irq);
	dma_destroy(dev->dma);
	reg_file_destroy(dev->regs);
	pace_destroy(dev->pace);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}

static void reset_registers(struct xm_device *dev, enum reset_kind kind)
{
	const struct xm_platform *p = dev->platform;

	pthread_mutex_lock(&dev->lock);
	reg_file_reset_locked(dev, kind);
	for (unsigned int i = 0; i < p->n_blocks; i++)
		if (p->blocks[i]->reset)
			p->blocks[i]->reset(dev, kind);
	pthread_mutex_unlock(&dev->lock);
}

void xm_device_gt_reset(struct xm_device *dev)
{
	log_debug("GT reset");
	if (dev->fw_ops)
		dev->fw_ops->gt_reset(dev);
	reset_registers(dev, RESET_GT);
}

void xm_device_reset(struct xm_device *dev)
{
	log_debug("device reset");
	if (dev->fw_ops)
		dev->fw_ops->device_reset(dev);
	reset_registers(dev, RESET_DEVICE);
	irq_forget(dev->irq);
	pci_reset(dev->pci);
	/* Drops the pages: both this process and the guest read zeros from here on. */
	if (fallocate(dev->ggtt_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      dev->platform->ggtt_offset, (off_t)dev->ggtt_size))
		memset(dev->ggtt, 0, dev->ggtt_size);
	for (unsigned int i = 0; i < GGTT_CLIENTS; i++)
		ggtt_forget(dev, i);
}

/* --- BAR0 ------------------------------------------------------------------------------------- */

static void ggtt_access(struct xm_device *dev, size_t off, void *buf, size_t count, bool write)
{
	u8 *at = (u8 *)dev->ggtt + off;
	u64 v64;

	/* An entry is one unit: engines translate through it while it changes. */
	if (count == sizeof(v64) && !(off % sizeof(v64))) {
		if (write) {
			memcpy(&v64, buf, sizeof(v64));
			__atomic_store_n((u64 *)at, v64, __ATOMIC_RELEASE);
		} else {
			v64 = __atomic_load_n((u64 *)at, __ATOMIC_ACQUIRE);
			memcpy(buf, &v64, sizeof(v64));
		}
	} else if (write) {
		memcpy(at, buf, count);
	} else {
		memcpy(buf, at, count);
	}
}

static void regs_read(struct xm_device *dev, u32 off, u8 *buf, size_t count)
{
	while (count) {
		u32 skip = off % 4;
		size_t n = XM_MIN(count, 4 - skip);
		u32 val = reg_read(dev, off - skip, REG_FROM_HOST);

		val >>= 8 * skip;
		memcpy(buf, &val, n);
		off += (u32)n;
		buf += n;
		count -= n;
	}
}

static void regs_write(struct xm_device *dev, u32 off, const u8 *buf, size_t count)
{
	u32 val;

	if (off % 4 || count % 4) {
		log_violation("reg-write",
			      "%zu byte write to %s (0x%x): registers take whole dwords", count,
			      reg_name(dev, off), off);
		return;
	}
	for (; count; off += 4, buf += 4, count -= 4) {
		memcpy(&val, buf, sizeof(val));
		reg_write(dev, off, val, REG_FROM_HOST);
	}
}

/* How many of @count bytes at @off lie on the same side of the start of the GGTT array. */
static size_t one_side(const struct xm_device *dev, u64 off, size_t count)
{
	u64 border = dev->platform->ggtt_offset;

	return off < border ? XM_MIN(count, border - off) : count;
}

void xm_bar0_read(struct xm_device *dev, u64 off, void *buf, size_t count)
{
	u8 *at = buf;

	if (fault_gone(dev)) {
		memset(buf, 0xff, count);
		return;
	}
	while (count) {
		size_t n = one_side(dev, off, count);

		if (off < dev->platform->ggtt_offset)
			regs_read(dev, (u32)off, at, n);
		else
			ggtt_access(dev, off - dev->platform->ggtt_offset, at, n, false);
		off += n;
		at += n;
		count -= n;
	}
}

void xm_bar0_write(struct xm_device *dev, u64 off, const void *buf, size_t count)
{
	const u8 *at = buf;

	if (fault_gone(dev))
		return;
	while (count) {
		size_t n = one_side(dev, off, count);

		if (off < dev->platform->ggtt_offset)
			regs_write(dev, (u32)off, at, n);
		else
			ggtt_access(dev, off - dev->platform->ggtt_offset, (void *)at, n, true);
		off += n;
		at += n;
		count -= n;
	}
}

/* --- clock ------------------------------------------------------------------------------------ */

u64 xm_ticks_from_ns(struct xm_device *dev, u64 ns)
{
	u64 hz = dev->platform->ref_clock_hz;

	return ns / NSEC_PER_SEC * hz + ns % NSEC_PER_SEC * hz / NSEC_PER_SEC;
}

u64 xm_gpu_ticks(struct xm_device *dev)
{
	return xm_ticks_from_ns(dev, clock_ns());
}

u64 xm_timestamp(struct xm_device *dev)
{
	u8 bits = dev->platform->timestamp_bits;

	return xm_gpu_ticks(dev) & (bits < 64 ? (1ull << bits) - 1 : ~0ull);
}

/* --- reports ---------------------------------------------------------------------------------- */

static void add_reporter(struct xm_reporter *list, unsigned int *n, xm_report_fn fn, void *ctx)
{
	if (*n == XM_MAX_REPORTERS) {
		log_error("too many reporters");
		return;
	}
	list[(*n)++] = (struct xm_reporter){ fn, ctx };
}

void xm_add_summary(struct xm_device *dev, xm_report_fn fn, void *ctx)
{
	add_reporter(dev->summaries, &dev->n_summaries, fn, ctx);
}

void xm_add_dump(struct xm_device *dev, xm_report_fn fn, void *ctx)
{
	add_reporter(dev->dumps, &dev->n_dumps, fn, ctx);
}

static void print_violations(FILE *out)
{
	const char *kind;
	unsigned long n;

	fprintf(out, "  violations: %lu\n", log_violations());
	for (unsigned int i = 0; (n = log_violation_at(i, &kind)); i++)
		fprintf(out, "    %-28s %lu\n", kind, n);
	if (log_excused())
		fprintf(out, "  consequences of faults and resets: %lu\n", log_excused());
}

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "jobs", offsetof(struct xm_stats, jobs) },
	{ "commands", offsetof(struct xm_stats, commands) },
	{ "unknown commands", offsetof(struct xm_stats, commands_unknown) },
	{ "immediate bytes of batches", offsetof(struct xm_stats, batch_imm_bytes) },
	{ "page walks", offsetof(struct xm_stats, walks) },
	{ "TLB fills", offsetof(struct xm_stats, tlb_fills) },
	{ "TLB hits", offsetof(struct xm_stats, tlb_hits) },
	{ "TLB checks", offsetof(struct xm_stats, tlb_checks) },
	{ "TLB flushes", offsetof(struct xm_stats, tlb_flushes) },
	{ "GGTT fills", offsetof(struct xm_stats, ggtt_fills) },
	{ "GGTT flushes", offsetof(struct xm_stats, ggtt_flushes) },
	{ "memory faults", offsetof(struct xm_stats, faults) },
	{ "GuC messages in", offsetof(struct xm_stats, h2g) },
	{ "GuC messages out", offsetof(struct xm_stats, g2h) },
	{ "register reads", offsetof(struct xm_stats, reg_reads) },
	{ "register writes", offsetof(struct xm_stats, reg_writes) },
	{ "engine register accesses", offsetof(struct xm_stats, engine_reg_accesses) },
	{ "interrupt events", offsetof(struct xm_stats, irq_raised) },
	{ "interrupt events gated", offsetof(struct xm_stats, irq_gated) },
	{ "interrupt messages", offsetof(struct xm_stats, irq_sent) },
};

const char *xm_counter(const struct xm_device *dev, unsigned int i, unsigned long *value)
{
	if (i >= ARRAY_SIZE(counters))
		return NULL;
	*value = *(const atomic_ulong *)((const char *)&dev->stats + counters[i].offset);
	return counters[i].name;
}

void xm_summary(struct xm_device *dev, FILE *out)
{
	unsigned long value;
	const char *name;

	fprintf(out, "xe-model summary (%s, seed %llu)\n", dev->platform->name,
		(unsigned long long)dev->cfg.seed);
	for (unsigned int i = 0; (name = xm_counter(dev, i, &value)); i++)
		fprintf(out, "  %s: %lu\n", name, value);
	reg_file_summary(dev, out);
	for (unsigned int i = 0; i < dev->n_summaries; i++)
		dev->summaries[i].fn(dev, out, dev->summaries[i].ctx);
	print_violations(out);
	fflush(out);
}

void xm_dump(struct xm_device *dev, FILE *out)
{
	fprintf(out, "xe-model state\n  guest memory ranges: %zu, bus master %s\n",
		dma_count(dev->dma), dma_bus_master(dev->dma) ? "on" : "off");
	for (unsigned int i = 0; i < dev->n_dumps; i++)
		dev->dumps[i].fn(dev, out, dev->dumps[i].ctx);
	fflush(out);
}
