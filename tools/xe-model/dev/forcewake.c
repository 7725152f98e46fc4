// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Forcewake
 *
 * Parts of the GT lose power when they are idle. The host has to ask for a domain, and to wait for
 * the acknowledgment, before it touches a register in it:
 *
 *	asleep --request--> waking --delay--> acknowledged --ack read--> awake
 *	  ^                                                                |
 *	  +----------------------------- release --------------------------+
 *
 * The acknowledgment follows its request after a random time of microseconds, in both directions.
 * A domain counts as awake only once the host has read the acknowledgment: that a domain happens
 * to be ready is no excuse for not having waited. A read of a sleeping register gives 0 and a write
 * is lost, and both are reported. Engines and the GuC keep awake what they use.
 *
 * Which registers sleep is a table of the platform, as is the list of those whose writes are kept
 * outside the domain until it wakes.
 *
 * Locking: the state is under dev->lock.
 */

#include "dev/forcewake.h"

#include <pthread.h>

#include "dev/blocks.h"
#include "dev/device.h"
#include "dev/fault.h"
#include "regs/xe_gt_regs.h"
#include "util/clock.h"
#include "util/log.h"

#define MIN_DELAY_NS 2000u
#define MAX_DELAY_NS 40000u

static const char *const domain_names[XM_FW_DOMAINS] = {
	"GT", "RENDER",
	"VDBOX0", "VDBOX1", "VDBOX2", "VDBOX3", "VDBOX4", "VDBOX5", "VDBOX6", "VDBOX7",
	"VEBOX0", "VEBOX1", "VEBOX2", "VEBOX3",
};

static u32 request_reg(unsigned int domain)
{
	if (domain == XM_FW_GT)
		return FORCEWAKE_GT;
	if (domain == XM_FW_RENDER)
		return FORCEWAKE_RENDER;
	if (domain < XM_FW_VEBOX0)
		return FORCEWAKE_VDBOX(domain - XM_FW_VDBOX0);
	return FORCEWAKE_VEBOX(domain - XM_FW_VEBOX0);
}

static u32 ack_reg(unsigned int domain)
{
	if (domain == XM_FW_GT)
		return FORCEWAKE_ACK_GT;
	if (domain == XM_FW_RENDER)
		return FORCEWAKE_ACK_RENDER;
	if (domain < XM_FW_VEBOX0)
		return FORCEWAKE_ACK_VDBOX(domain - XM_FW_VDBOX0);
	return FORCEWAKE_ACK_VEBOX(domain - XM_FW_VEBOX0);
}

/* Domain of a request or acknowledge register; one of them it is. */
static unsigned int domain_at(u32 off)
{
	for (unsigned int d = 0; d < XM_FW_DOMAINS; d++)
		if (request_reg(d) == off || ack_reg(d) == off)
			return d;
	return 0;
}

/* The acknowledgment as of now. */
static u32 settle_locked(struct xm_device *dev, unsigned int d)
{
	if (clock_ns() >= dev->fw_state.due[d] && !fault_active(dev, FAULT_FORCEWAKE))
		reg_poke_locked(dev, ack_reg(d), reg_peek_locked(dev, request_reg(d)));
	return reg_peek_locked(dev, ack_reg(d));
}

/* Nanoseconds until a request is acknowledged. */
static u64 delay(struct xm_device *dev)
{
	if (!dev->cfg.seed)
		return MIN_DELAY_NS;
	return MIN_DELAY_NS + rng_below(&dev->fw_state.rng, MAX_DELAY_NS - MIN_DELAY_NS);
}

static u32 write_request(struct xm_device *dev, u32 off, u32 stored, u32 val, u32 raw)
{
	struct xm_fw_state *s = &dev->fw_state;
	unsigned int d = domain_at(off);

	settle_locked(dev, d);
	if (val != stored)
		fault_hit(dev, FAULT_FORCEWAKE, FAULT_EVENT(.action = off));
	s->excused[d] = fault_active(dev, FAULT_FORCEWAKE);
	if (val != stored)
		s->due[d] = clock_ns() + delay(dev);
	s->seen[d] &= (u16)val;
	return val;
}

static u32 read_ack(struct xm_device *dev, u32 off, u32 stored)
{
	unsigned int d = domain_at(off);
	u32 ack = settle_locked(dev, d);

	dev->fw_state.seen[d] |= (u16)(ack & reg_peek_locked(dev, request_reg(d)));
	return ack;
}

int forcewake_domain(const struct xm_device *dev, u32 off)
{
	const struct xm_platform *p = dev->platform;
	unsigned int lo = 0, hi = p->n_fw_ranges;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (off > p->fw_ranges[mid].last)
			lo = mid + 1;
		else if (off < p->fw_ranges[mid].first)
			hi = mid;
		else
			return p->fw_ranges[mid].domain;
	}
	return -1;
}

static bool is_in(const struct xm_fw_span *spans, unsigned int n, u32 off)
{
	for (unsigned int i = 0; i < n; i++)
		if (off >= spans[i].first && off <= spans[i].last)
			return true;
	return false;
}

bool forcewake_allows(struct xm_device *dev, u32 off, bool write)
{
	const struct xm_platform *p = dev->platform;
	int d = forcewake_domain(dev, off);
	u32 request, ack;
	bool awake, excused;

	if (d < 0 || (write && is_in(p->fw_shadowed, p->n_fw_shadowed, off)))
		return true;
	if (!write && is_in(p->fw_gt_reads, p->n_fw_gt_reads, off))
		d = XM_FW_GT;
	pthread_mutex_lock(&dev->lock);
	awake = dev->fw_state.seen[d];
	excused = dev->fw_state.excused[d];
	request = reg_peek_locked(dev, request_reg((unsigned int)d));
	ack = settle_locked(dev, (unsigned int)d);
	pthread_mutex_unlock(&dev->lock);
	if (awake)
		return true;
	log_excuse(excused);
	log_violation("forcewake", "%s of %s (0x%x): domain %s is not awake: %s\n"
		      "  request 0x%x, acknowledge 0x%x", write ? "write" : "read",
		      reg_name(dev, off), off, domain_names[d],
		      !request ? "it was not requested" :
		      ack & request ? "the acknowledgment was not read" :
				      "the request is not acknowledged yet", request, ack);
	log_excuse(false);
	return false;
}

/*
 * Requests survive a GT reset. A driver below which the device is reset does not know that its
 * domains have gone to sleep: until it asks for one again it is excused.
 */
static void reset_forcewake(struct xm_device *dev, enum reset_kind kind)
{
	struct xm_fw_state anew = { 0 };

	if (kind != RESET_DEVICE)
		return;
	for (unsigned int d = 0; d < XM_FW_DOMAINS; d++)
		anew.excused[d] = dev->fw_state.seen[d];
	dev->fw_state = anew;
	rng_init(&dev->fw_state.rng, dev->cfg.seed, RNG_FORCEWAKE);
}

#define REQUEST (REG_MASKED | REG_KEEP)
#define ACK (REG_READ_ONLY | REG_KEEP)

static const struct reg_row forcewake_rows[] = {
	{ .name = "FORCEWAKE_GT", .offset = FORCEWAKE_GT, .flags = REQUEST,
	  .write = write_request },
	{ .name = "FORCEWAKE_RENDER", .offset = FORCEWAKE_RENDER, .flags = REQUEST,
	  .write = write_request },
	{ .name = "FORCEWAKE_VDBOX", .offset = FORCEWAKE_VDBOX(0), .count = 8, .flags = REQUEST,
	  .write = write_request },
	{ .name = "FORCEWAKE_VEBOX", .offset = FORCEWAKE_VEBOX(0), .count = 4, .flags = REQUEST,
	  .write = write_request },
	{ .name = "FORCEWAKE_ACK_GT", .offset = FORCEWAKE_ACK_GT, .flags = ACK,
	  .read = read_ack },
	{ .name = "FORCEWAKE_ACK_RENDER", .offset = FORCEWAKE_ACK_RENDER, .flags = ACK,
	  .read = read_ack },
	{ .name = "FORCEWAKE_ACK_VDBOX", .offset = FORCEWAKE_ACK_VDBOX(0), .count = 8,
	  .flags = ACK, .read = read_ack },
	{ .name = "FORCEWAKE_ACK_VEBOX", .offset = FORCEWAKE_ACK_VEBOX(0), .count = 4,
	  .flags = ACK, .read = read_ack },
};

const struct xm_block xm_block_forcewake = {
	.name = "forcewake",
	.rows = forcewake_rows,
	.n_rows = ARRAY_SIZE(forcewake_rows),
	.reset = reset_forcewake,
};
