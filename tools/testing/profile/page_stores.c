// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * A plugin for QEMU's translator: how many bytes the kernel has stored into which pages of memory,
 * from one mark of a program to the next.
 *
 * Whenever the program ends a stretch, a line "= N" is written, N counting from 0, and then one for
 * each page that was stored to: its physical address and the bytes, with every store counted, even
 * one that changes nothing.
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

#define PAGE_SHIFT	12
#define FIRST_SLOTS	4096u

/**
 * struct page - a page that was stored to
 * @number: 1 + its physical address / 4 KiB, 0 for a free slot
 * @bytes: stored so far
 */
struct page {
	uint64_t number;
	uint64_t bytes;
};

/* A hash table with open addressing, at most half full. */
static struct page *pages;
static size_t n_slots, n_used;
static unsigned int stretch;
static bool counting;
static FILE *out;

static struct page *slot_of(struct page *slots, size_t n, uint64_t number)
{
	size_t i = (number * 0x9e3779b97f4a7c15ull >> 32) & (n - 1);

	while (slots[i].number && slots[i].number != number)
		i = (i + 1) & (n - 1);
	return &slots[i];
}

static void grow(size_t n)
{
	struct page *bigger = calloc(n, sizeof(*bigger));

	if (!bigger)
		abort();
	for (size_t i = 0; i < n_slots; i++)
		if (pages[i].number)
			*slot_of(bigger, n, pages[i].number) = pages[i];
	free(pages);
	pages = bigger;
	n_slots = n;
}

static void stored(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *data)
{
	struct qemu_plugin_hwaddr *where;
	struct page *p;

	(void)vcpu;
	(void)data;
	if (!counting)
		return;
	where = qemu_plugin_get_hwaddr(info, vaddr);
	if (!where || qemu_plugin_hwaddr_is_io(where))
		return;
	if (2 * n_used >= n_slots)
		grow(2 * n_slots);
	p = slot_of(pages, n_slots, (qemu_plugin_hwaddr_phys_addr(where) >> PAGE_SHIFT) + 1);
	if (!p->number) {
		p->number = (qemu_plugin_hwaddr_phys_addr(where) >> PAGE_SHIFT) + 1;
		n_used++;
	}
	p->bytes += 1u << qemu_plugin_mem_size_shift(info);
}

static void begin(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	memset(pages, 0, n_slots * sizeof(*pages));
	n_used = 0;
	counting = true;
}

static void end(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	counting = false;
	fprintf(out, "= %u\n", stretch++);
	for (size_t i = 0; i < n_slots; i++)
		if (pages[i].number)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n",
				(pages[i].number - 1) << PAGE_SHIFT, pages[i].bytes);
}

static const struct marks marks = { .on = begin, .off = end };

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)data;
	if (!(qemu_plugin_tb_vaddr(tb) >> 63)) {
		find_marks(tb, n, &marks);
		return;
	}
	for (size_t i = 0; i < n; i++)
		qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), stored, CB_NO_REGS,
						 QEMU_PLUGIN_MEM_W, NULL);
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
	grow(FIRST_SLOTS);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
