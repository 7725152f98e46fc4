// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A plugin for QEMU's translator: how often each block of kernel code ran while a program of the
 * guest wanted it counted.
 *
 * The program executes a mark, two instructions that nobody else has a reason for, to switch the
 * counting on or off. At the end a line is written for each block: address, instructions, times.
 * Blocks end at branches, so nearly all of them lie in one function.
 *
 * For one processor.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

/* Of the interface as QEMU has it since 11.1. */
EXPORT int qemu_plugin_version = 7;

/* xchg %dx,%dx with a needless prefix: 66 66 87 d2 switches on, 66 66 87 db (%bx) off */
static const uint8_t mark_on[] = { 0x66, 0x66, 0x87, 0xd2 };
static const uint8_t mark_off[] = { 0x66, 0x66, 0x87, 0xdb };

/**
 * struct block - a translated block; there may be several of one address
 * @next: next block
 * @addr: where it begins
 * @insns: its instructions
 * @count: how often it ran while counting
 */
struct block {
	struct block *next;
	uint64_t addr;
	uint64_t insns;
	uint64_t count;
};

static struct block *blocks;
static bool counting;
static const char *path = "profile.txt";

static void ran(unsigned int vcpu, void *data)
{
	struct block *b = data;

	(void)vcpu;
	if (counting)
		b->count++;
}

static void switch_on(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	counting = true;
}

static void switch_off(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	counting = false;
}

static void find_marks(struct qemu_plugin_tb *tb, size_t n)
{
	uint8_t bytes[sizeof(mark_on)];

	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) != sizeof(bytes))
			continue;
		if (!memcmp(bytes, mark_on, sizeof(bytes)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, switch_on, CB_NO_REGS, NULL);
		else if (!memcmp(bytes, mark_off, sizeof(bytes)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, switch_off, CB_NO_REGS, NULL);
	}
}

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b;

	(void)data;
	if (!(addr >> 63)) {
		find_marks(tb, n);
		return;
	}
	b = calloc(1, sizeof(*b));
	if (!b)
		return;
	b->addr = addr;
	b->insns = n;
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, ran, CB_NO_REGS, b);
}

static void finish(void *data)
{
	FILE *out = fopen(path, "w");

	(void)data;
	for (struct block *b = blocks; out && b; b = b->next)
		if (b->count)
			fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->addr, b->insns,
				b->count);
	if (out)
		fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			path = strdup(argv[i] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
