/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_IRQ_H_
#define _XE_IRQ_H_

#include <linux/types.h>

struct xe_device;
struct xe_mmio;

/**
 * typedef xe_irq_handler_t - reaction of a unit to its interrupt
 * @data: cookie given at registration
 * @vector: event bits of the identity register (GT_RENDER_USER_INTERRUPT, GUC_INTR_GUC2HOST, ...)
 *
 * Context: hard interrupt.
 */
typedef void (*xe_irq_handler_t)(void *data, u16 vector);

int xe_irq_init(struct xe_device *xe);
int xe_irq_install(struct xe_device *xe);
void xe_irq_enable_engines(const struct xe_mmio *mmio, u64 engine_mask);
void xe_irq_enable_guc(const struct xe_mmio *mmio);
void xe_irq_suspend(struct xe_device *xe);
void xe_irq_resume(struct xe_device *xe);
void xe_irq_fini(struct xe_device *xe);
void xe_irq_synchronize(struct xe_device *xe);

int xe_irq_register(struct xe_device *xe, u8 class, u8 instance, xe_irq_handler_t fn, void *data);
void xe_irq_unregister(struct xe_device *xe, u8 class, u8 instance);

#endif
