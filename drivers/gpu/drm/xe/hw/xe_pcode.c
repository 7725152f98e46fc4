// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Power firmware mailbox
 *
 * PCODE, the firmware that manages power, takes one command at a time through a mailbox register
 * and two data registers (Documentation/hardware/mmio.md, 5.14).
 *
 * Locking: &xe_device.pcode_lock is held over a conversation.
 */

#include "hw/xe_pcode.h"

#include <linux/bitfield.h>
#include <linux/mutex.h>

#include "base/xe_device.h"
#include "base/xe_print.h"
#include "hw/xe_mmio.h"
#include "regs/xe_pcode_regs.h"

#define PCODE_COMMAND_TIMEOUT_US 1000

static int pcode_errno(u32 status)
{
	switch (status) {
	case PCODE_SUCCESS:
		return 0;
	case PCODE_ILLEGAL_COMMAND:
		return -ENXIO;
	case PCODE_TIMEOUT:
		return -ETIMEDOUT;
	case PCODE_ILLEGAL_DATA:
	case PCODE_ILLEGAL_SUBCOMMAND:
		return -EINVAL;
	case PCODE_LOCKED:
		return -EBUSY;
	case PCODE_RATIO_OUT_OF_RANGE:
		return -EOVERFLOW;
	case PCODE_REJECTED:
		return -EACCES;
	default:
		return -EPROTO;
	}
}

static int pcode_run_locked(const struct xe_mmio *mmio, u32 command, u32 *data)
{
	u32 status;
	int err;

	lockdep_assert_held(&mmio->xe->pcode_lock);

	if (xe_mmio_read32(mmio, PCODE_MAILBOX) & PCODE_READY)
		return -EAGAIN;

	xe_mmio_write32(mmio, PCODE_DATA0, *data);
	xe_mmio_write32(mmio, PCODE_DATA1, 0);
	xe_mmio_write32(mmio, PCODE_MAILBOX, PCODE_READY | command);

	err = xe_mmio_wait32(mmio, PCODE_MAILBOX, PCODE_READY, 0, PCODE_COMMAND_TIMEOUT_US,
			     &status, false);
	if (err)
		return err;

	*data = xe_mmio_read32(mmio, PCODE_DATA0);
	return pcode_errno(FIELD_GET(PCODE_ERROR_MASK, status));
}

/**
 * xe_pcode_read - run a command that answers with a value
 * @mmio: root register view
 * @command: command, with its parameters in place
 * @data: in: value to hand over; out: the answer
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -EAGAIN: the mailbox is busy with somebody else's command
 * * -ETIMEDOUT: no answer within 1 ms
 * * -ENXIO, -EINVAL, -EBUSY, -EOVERFLOW, -EACCES, -EPROTO: the firmware refused the command as
 *   unknown, malformed, locked, out of range, not allowed, or for a reason we do not know
 */
int xe_pcode_read(const struct xe_mmio *mmio, u32 command, u32 *data)
{
	int err;

	mutex_lock(&mmio->xe->pcode_lock);
	err = pcode_run_locked(mmio, command, data);
	mutex_unlock(&mmio->xe->pcode_lock);

	if (err)
		xe_dbg(mmio->xe, "pcode command %#x failed: %d\n", command, err);
	return err;
}

/**
 * xe_pcode_write - run a command whose answer does not matter
 * @mmio: root register view
 * @command: command, with its parameters in place
 * @data: value to hand over
 *
 * Context: process, sleeps.
 * Return: 0 or the errors of xe_pcode_read().
 */
int xe_pcode_write(const struct xe_mmio *mmio, u32 command, u32 data)
{
	return xe_pcode_read(mmio, command, &data);
}

/**
 * xe_pcode_init_min_freq_table - tie the ring frequency to the GT frequency
 * @mmio: root register view
 * @min_ratio: lowest GT ratio, in units of 50 MHz
 * @max_ratio: highest GT ratio, in units of 50 MHz
 *
 * Integrated parts share the memory ring with the CPU; the table asks for a ring at least as fast
 * as the GT. A failure costs performance only.
 *
 * Context: process, sleeps.
 * Return:
 * * 0
 * * -EINVAL: the ratios are not a range
 * * an error of xe_pcode_read()
 */
int xe_pcode_init_min_freq_table(const struct xe_mmio *mmio, u32 min_ratio, u32 max_ratio)
{
	u32 ratio;
	int err;

	if (min_ratio > max_ratio)
		return -EINVAL;

	for (ratio = min_ratio; ratio <= max_ratio; ratio++) {
		err = xe_pcode_write(mmio, PCODE_WRITE_MIN_FREQ_TABLE, ratio << 16 | ratio);
		if (err)
			return err;
	}

	return 0;
}
