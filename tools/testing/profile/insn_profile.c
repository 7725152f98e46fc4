// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A plugin for QEMU's translator: how often each block of kernel code ran while a program of the
 * guest wanted it counted.
 *
 * The program executes the marks of marks.h to switch the counting on or off, and to begin with
 * something else: then a line "= N" is written, N counting from 0, and a line for each block that
 * ran: address, instructions, times.
 * Blocks end at branches, so nearly all of them lie in one function.
 *
 * For one processor.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

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
static unsigned int part;
static FILE *out;

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

static void write_part(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	fprintf(out, "= %u\n", part++);
	for (struct block *b = blocks; b; b = b->next) {
		if (b->count)
			fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->addr, b->insns,
				b->count);
		b->count = 0;
	}
}

static const struct marks marks = { .on = switch_on, .off = switch_off, .next = write_part };

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b;

	(void)data;
	if (!(addr >> 63)) {
		find_marks(tb, n, &marks);
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
	(void)data;
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
			       char **argv)
{
	(void)info;
	out = plugin_open_out(argc, argv);
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
