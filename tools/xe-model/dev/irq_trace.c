// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/irq_trace.h"

#include <stdio.h>

#include "dev/device.h"
#include "util/trace.h"

static const char *source_name(const struct xm_device *dev, const struct xm_irq_source *src)
{
	const struct xm_platform *p = dev->platform;

	if (src->hw_class == XM_CLASS_OTHER)
		return src->instance == XM_OTHER_GUC ? "GuC" : "other";
	for (unsigned int i = 0; i < p->n_engines; i++)
		if (p->engines[i].hw_class == src->hw_class &&
		    p->engines[i].instance == src->instance)
			return p->engines[i].name;
	return "absent engine";
}

static const char *vector_name(const struct xm_irq_source *src, u16 vector)
{
	if (src->hw_class == XM_CLASS_OTHER)
		return vector == XM_IRQ_GUC_TO_HOST ? "message" : "event";
	switch (vector) {
	case XM_IRQ_USER:
		return "user";
	case XM_IRQ_CS_ERROR:
		return "error";
	case XM_IRQ_PIPE_NOTIFY:
		return "flush done";
	case XM_IRQ_CTX_SWITCH:
		return "context switch";
	case XM_IRQ_SEMAPHORE:
		return "semaphore";
	default:
		return "event";
	}
}

void irq_trace(const struct xm_device *dev, const struct xm_irq_source *src, u16 vector,
	       const char *what)
{
	char name[48];

	if (!trace_on())
		return;
	snprintf(name, sizeof(name), "%s %s: %s", source_name(dev, src), vector_name(src, vector),
		 what);
	trace_instant("interrupts", name, "\"vector\":\"0x%x\"", vector);
}
