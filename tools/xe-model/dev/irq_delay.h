/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_IRQ_DELAY_H
#define XM_DEV_IRQ_DELAY_H

struct xm_device;

/**
 * irq_delay_create() - prepare the way of interrupt messages to the host
 * @dev: device with pace and outlets; dev->irq_delay is set
 *
 * Return: 0, -ENOMEM, or the error of a failed thread creation.
 */
int irq_delay_create(struct xm_device *dev);

/**
 * irq_delay_destroy() - end and free it
 * @dev: device; a no-op without irq_delay_create()
 */
void irq_delay_destroy(struct xm_device *dev);

/**
 * irq_delay_send_locked() - send the interrupt message, now or a little later
 * @dev: device, dev->lock held
 *
 * Unless the seed is 0, one message in eight is late, by 2 ms at most. A second one that is sent
 * meanwhile merges with it, as two messages do that the host has not taken yet.
 */
void irq_delay_send_locked(struct xm_device *dev);

/**
 * irq_delay_forget_locked() - drop the message that is on its way (device reset)
 * @dev: device, dev->lock held
 */
void irq_delay_forget_locked(struct xm_device *dev);

#endif
