/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_IRQ_TRACE_H
#define XM_DEV_IRQ_TRACE_H

#include "util/types.h"

struct xm_device;
struct xm_irq_source;

/**
 * irq_trace() - put an event of the interrupt tree on the time line "interrupts"
 * @dev: device
 * @src: source of the event
 * @vector: event bits
 * @what: what became of it, e.g. "latched"
 *
 * Context: any thread; dev->lock may be held. Does nothing while no trace is being written.
 */
void irq_trace(const struct xm_device *dev, const struct xm_irq_source *src, u16 vector,
	       const char *what);

#endif
