/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_FAULT_H
#define XM_DEV_FAULT_H

#include <stdatomic.h>
#include <stdio.h>

#include "dev/device.h"
#include "util/types.h"

/**
 * enum fault_kind - what can go wrong on request
 * @FAULT_REPLY_LOST: a message of the GuC never reaches the ring
 * @FAULT_REPLY_LATE: a message of the GuC reaches the ring late, others overtake it
 * @FAULT_MAILBOX_LOST: a mailbox request is not answered
 * @FAULT_CT_STATUS: error bits appear in the status of the G2H descriptor
 * @FAULT_CT_HEAD: the head of the H2G descriptor is set outside of the ring
 * @FAULT_CT_TAIL: the tail of the G2H descriptor is set outside of the ring
 * @FAULT_CT_HEADER: a message of the GuC has a header that cannot be
 * @FAULT_ENGINE_HANG: an engine stands still at a command until it is reset
 * @FAULT_PREEMPT_IGNORED: a running context does not hear that it should yield
 * @FAULT_ENGINE_RESET: the GuC cannot reset an engine and asks the host to reset the GT
 * @FAULT_GT_RESET: the reset bit of GDRST stays set
 * @FAULT_UPLOAD: the boot ROM refuses the firmware
 * @FAULT_IRQ_SPURIOUS: an interrupt message without an event
 * @FAULT_IRQ_LOST: an event never reaches the interrupt tree
 * @FAULT_IRQ_TWICE: an event is handed out a second time
 * @FAULT_DMA_WINDOW: guest memory becomes inaccessible for a time
 * @FAULT_CAT_ERROR: a command of a context fails with a memory fault
 * @FAULT_FORCEWAKE: an acknowledge register does not follow its request for a time
 * @FAULT_DEVICE_GONE: the device leaves the bus: reads give all ones
 * @FAULT_KINDS: number of kinds
 */
enum fault_kind {
	FAULT_REPLY_LOST,
	FAULT_REPLY_LATE,
	FAULT_MAILBOX_LOST,
	FAULT_CT_STATUS,
	FAULT_CT_HEAD,
	FAULT_CT_TAIL,
	FAULT_CT_HEADER,
	FAULT_ENGINE_HANG,
	FAULT_PREEMPT_IGNORED,
	FAULT_ENGINE_RESET,
	FAULT_GT_RESET,
	FAULT_UPLOAD,
	FAULT_IRQ_SPURIOUS,
	FAULT_IRQ_LOST,
	FAULT_IRQ_TWICE,
	FAULT_DMA_WINDOW,
	FAULT_CAT_ERROR,
	FAULT_FORCEWAKE,
	FAULT_DEVICE_GONE,
	FAULT_KINDS,
};

/**
 * enum fault_on - occasions of the kinds that can start at any time
 * @FAULT_ON_RUN: a context is started on an engine
 * @FAULT_ON_ACCESS: the host accesses BAR 0
 * @FAULT_ON_ORDER: at once, when the fault is ordered
 */
enum fault_on {
	FAULT_ON_RUN,
	FAULT_ON_ACCESS,
	FAULT_ON_ORDER,
};

/**
 * struct fault_event - an event an ordered fault may pick
 * @action: number of the GuC message, or offset of the register
 * @ctx: context
 * @engine: name of the engine, "guc" for its interrupts; NULL if there is none
 * @on: the occasion, for kinds that can start at any time
 */
struct fault_event {
	u32 action;
	u32 ctx;
	const char *engine;
	enum fault_on on;
};

/* Build the last argument of fault_hit() in place, from any number of designated initialisers. */
#define FAULT_EVENT(...) (&(const struct fault_event){ __VA_ARGS__ })

/**
 * struct fault_info - an ordered fault, for listings
 * @spec: the order as it was given
 * @kind: name of the kind
 * @seen: events that matched it
 * @hits: how often it was injected
 * @spent: it will not be injected again
 */
struct fault_info {
	char spec[160];
	const char *kind;
	unsigned long seen;
	unsigned long hits;
	bool spent;
};

/**
 * faults_create() - prepare @dev for ordered faults; dev->faults is set
 * @dev: device
 *
 * Return: 0 or -ENOMEM.
 */
int faults_create(struct xm_device *dev);

/**
 * faults_destroy() - free what faults_create() made
 * @dev: device; a no-op without it
 */
void faults_destroy(struct xm_device *dev);

/**
 * fault_add() - order a fault
 * @dev: device
 * @spec: KIND[:KEY=VALUE,...], see fault_help()
 * @err: set to a sentence that says what is wrong with @spec
 * @len: bytes of @err
 *
 * Context: any thread; no lock of the model held.
 * Return: 0, -EINVAL with @err set, or -ENOSPC when too many are ordered (@err set).
 */
int fault_add(struct xm_device *dev, const char *spec, char *err, size_t len);

/**
 * fault_clear() - forget all orders and end what goes on for a time
 * @dev: device
 */
void fault_clear(struct xm_device *dev);

/**
 * fault_list() - describe an order
 * @dev: device
 * @i: number from 0, in the order of fault_add()
 * @info: filled
 *
 * Return: false past the last.
 */
bool fault_list(struct xm_device *dev, unsigned int i, struct fault_info *info);

/**
 * fault_help() - print kinds and keys
 * @out: stream
 */
void fault_help(FILE *out);

/** fault_pick() - the slow half of fault_hit(). */
bool fault_pick(struct xm_device *dev, enum fault_kind kind, const struct fault_event *ev,
		u64 *until);

/** fault_lasts() - the slow half of fault_active(). */
bool fault_lasts(struct xm_device *dev, enum fault_kind kind);

/** fault_host_access() - the slow half of fault_gone(). */
bool fault_host_access(struct xm_device *dev);

static inline bool fault_armed(struct xm_device *dev, enum fault_kind kind)
{
	return atomic_load_explicit(&dev->fault_kinds, memory_order_relaxed) & 1u << kind;
}

/**
 * fault_hit() - whether an event is to go wrong
 * @dev: device
 * @kind: kind of fault the caller can inject here
 * @ev: the event, counted by the orders it matches
 *
 * Costs one load while no such fault is ordered. Kinds that last begin here.
 *
 * Context: any thread and any lock; takes a leaf lock only.
 * Return: true if the caller must inject the fault.
 */
static inline bool fault_hit(struct xm_device *dev, enum fault_kind kind,
			     const struct fault_event *ev)
{
	return fault_armed(dev, kind) && fault_pick(dev, kind, ev, NULL);
}

/**
 * fault_until() - like fault_hit(), for kinds that delay something
 * @dev: device
 * @kind: kind
 * @ev: the event
 *
 * Return: clock_ns() when the delay is over, UINT64_MAX = never, 0 if the event is not picked.
 */
static inline u64 fault_until(struct xm_device *dev, enum fault_kind kind,
			      const struct fault_event *ev)
{
	u64 until = 0;

	return fault_armed(dev, kind) && fault_pick(dev, kind, ev, &until) ? until : 0;
}

/**
 * fault_active() - whether a fault that lasts has begun and is not over
 * @dev: device
 * @kind: kind
 *
 * Context: any thread and any lock.
 */
static inline bool fault_active(struct xm_device *dev, enum fault_kind kind)
{
	return fault_armed(dev, kind) && fault_lasts(dev, kind);
}

/**
 * fault_gone() - the host accesses the device: is it there?
 * @dev: device
 *
 * The first access to a device that has left the bus also resets it, so that it comes back in its
 * power-on state.
 *
 * Context: bus thread, no lock held.
 * Return: true if reads give all ones and writes vanish.
 */
static inline bool fault_gone(struct xm_device *dev)
{
	return (fault_armed(dev, FAULT_DEVICE_GONE) || fault_armed(dev, FAULT_DMA_WINDOW)) &&
	       fault_host_access(dev);
}

/**
 * fault_run() - a context is started on an engine: begin what begins with it
 * @dev: device
 * @engine: name of the engine
 * @ctx: context
 */
static inline void fault_run(struct xm_device *dev, const char *engine, u32 ctx)
{
	const struct fault_event ev = { .ctx = ctx, .engine = engine, .on = FAULT_ON_RUN };

	fault_hit(dev, FAULT_DMA_WINDOW, &ev);
	fault_hit(dev, FAULT_DEVICE_GONE, &ev);
}

#endif
