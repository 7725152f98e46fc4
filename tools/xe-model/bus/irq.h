/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_BUS_IRQ_H
#define XM_BUS_IRQ_H

#include "util/types.h"

/**
 * enum irq_type - interrupt types, numbered as in the protocol
 * @IRQ_INTX: pin
 * @IRQ_MSI: MSI
 * @IRQ_MSIX: MSI-X
 * @IRQ_ERR: error notification
 * @IRQ_REQ: device release request
 * @IRQ_TYPES: number of types
 */
enum irq_type {
	IRQ_INTX,
	IRQ_MSI,
	IRQ_MSIX,
	IRQ_ERR,
	IRQ_REQ,
	IRQ_TYPES,
};

/* Most vectors a type of this sink can have. */
#define IRQ_MAX_VECTORS 32

struct irq_sink;

/**
 * irq_create() - create the interrupt outlets of a device
 * @vectors: number of vectors of each type, at most IRQ_MAX_VECTORS each
 *
 * Return: the sink, NULL without memory.
 */
struct irq_sink *irq_create(const unsigned int vectors[IRQ_TYPES]);

/**
 * irq_destroy() - close all descriptors and free
 * @sink: sink, NULL is allowed
 */
void irq_destroy(struct irq_sink *sink);

/** irq_vectors() - Return: number of vectors of @type, 0 if the device does not have it. */
unsigned int irq_vectors(const struct irq_sink *sink, enum irq_type type);

/**
 * irq_set_fd() - connect or disconnect one vector
 * @sink: sink
 * @type: interrupt type
 * @vector: number below irq_vectors()
 * @fd: eventfd, consumed even on failure, or -1 to disconnect
 *
 * An interrupt that was raised while no descriptor was there is delivered at once.
 *
 * Context: bus thread.
 * Return: 0, or -EINVAL if the vector does not exist.
 */
int irq_set_fd(struct irq_sink *sink, enum irq_type type, unsigned int vector, int fd);

/**
 * irq_disable() - disconnect all vectors of a type and forget what is pending
 * @sink: sink
 * @type: interrupt type
 */
void irq_disable(struct irq_sink *sink, enum irq_type type);

/**
 * irq_forget() - forget pending interrupts of all types, keep descriptors (device reset)
 * @sink: sink
 */
void irq_forget(struct irq_sink *sink);

/**
 * irq_signal() - send an interrupt message
 * @sink: sink
 * @type: interrupt type
 * @vector: number below irq_vectors()
 *
 * Never blocks. Without a descriptor the interrupt stays pending.
 *
 * Context: any thread.
 * Return: true if a message left the device.
 */
bool irq_signal(struct irq_sink *sink, enum irq_type type, unsigned int vector);

#endif
