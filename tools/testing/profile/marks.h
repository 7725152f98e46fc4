/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Instructions that nobody has a reason for, by which a program of the guest says from where to
 * where it shall be observed, and where something else begins.
 */
#ifndef MARKS_H
#define MARKS_H

#include <string.h>

#include "qemu_plugin.h"

/* xchg of a register with itself and a needless prefix: it changes nothing. The last byte tells. */
static const uint8_t mark[] = { 0x66, 0x66, 0x87 };

#define MARK_ON		0xd2
#define MARK_OFF	0xdb
#define MARK_NEXT	0xc9

/* What to call at each mark; NULL: nothing. */
struct marks {
	exec_cb on;
	exec_cb off;
	exec_cb next;
};

static inline exec_cb mark_meaning(const struct marks *m, uint8_t last)
{
	switch (last) {
	case MARK_ON:
		return m->on;
	case MARK_OFF:
		return m->off;
	case MARK_NEXT:
		return m->next;
	default:
		return NULL;
	}
}

/* Look for marks among the @n instructions of @tb. */
static inline void find_marks(struct qemu_plugin_tb *tb, size_t n, const struct marks *m)
{
	uint8_t bytes[sizeof(mark) + 1];

	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		exec_cb cb;

		if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) != sizeof(bytes) ||
		    memcmp(bytes, mark, sizeof(mark)))
			continue;
		cb = mark_meaning(m, bytes[sizeof(mark)]);
		if (cb)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, CB_NO_REGS, NULL);
	}
}

#endif
