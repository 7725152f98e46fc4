// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/lib_device.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "regs/xe_gt_regs.h"
#include "util/clock.h"
#include "util/log.h"

#define ACK_TIMEOUT_NS 10000000000ull

int msi_fd;

u32 rd(struct xm_device *dev, u32 off)
{
	return reg_read(dev, off, REG_FROM_HOST);
}

void wr(struct xm_device *dev, u32 off, u32 val)
{
	reg_write(dev, off, val, REG_FROM_HOST);
}

int msi_open(struct xm_device *dev)
{
	msi_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return irq_set_fd(dev->irq, IRQ_MSI, 0, dup(msi_fd));
}

u64 messages(void)
{
	u64 n = 0;

	if (read(msi_fd, &n, sizeof(n)) != sizeof(n))
		n = 0;
	return n;
}

int device_teardown(void **state)
{
	xm_device_destroy(*state);
	clock_set_real();
	return 0;
}

static bool wake_one(struct xm_device *dev, u32 request, u32 ack)
{
	u64 end = clock_ns() + ACK_TIMEOUT_NS;

	wr(dev, request, 0x00010001);
	while (!(rd(dev, ack) & FORCEWAKE_KERNEL))
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
