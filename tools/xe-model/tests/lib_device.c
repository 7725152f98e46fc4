// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_device.h"

#include <string.h>

#include "regs/xe_gt_regs.h"
#include "util/clock.h"
#include "util/log.h"

#define ACK_TIMEOUT_NS 10000000000ull

static bool wake_one(struct xm_device *dev, u32 request, u32 ack)
{
	u64 end = clock_ns() + ACK_TIMEOUT_NS;

	reg_write(dev, request, 0x00010001, REG_FROM_HOST);
	while (!(reg_read(dev, ack, REG_FROM_HOST) & FORCEWAKE_KERNEL))
		if (clock_ns() >= end)
			return false;
	return true;
}

bool device_wake(struct xm_device *dev)
{
	bool ok = wake_one(dev, FORCEWAKE_GT, FORCEWAKE_ACK_GT) &&
		  wake_one(dev, FORCEWAKE_RENDER, FORCEWAKE_ACK_RENDER);

	for (unsigned int i = 0; ok && i < 8; i++)
		ok = wake_one(dev, FORCEWAKE_VDBOX(i), FORCEWAKE_ACK_VDBOX(i));
	for (unsigned int i = 0; ok && i < 4; i++)
		ok = wake_one(dev, FORCEWAKE_VEBOX(i), FORCEWAKE_ACK_VEBOX(i));
	return ok;
}

unsigned long violations_of(const char *kind)
{
	const char *name;
	unsigned long n;

	for (unsigned int i = 0; (n = log_violation_at(i, &name)); i++)
		if (!strcmp(name, kind))
			return n;
	return 0;
}
