// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Questions to the harness, which looks at the page tables in the device model. They go by files in
 * a directory that host and guest share: ask.PID.N is the question, done.PID.N the answer,
 * "ok ..." or "BAD ...". Neither is complete before it has its name.
 *
 *	serial 17			which VM, by the number in it
 *	signature 0x10000 16		where it is, and its bits
 *	scratch 1
 *	window 0x7fffe00000 0x8000700000	addresses that the question is about
 *	bo 0x7fffe00000 16 o3 2 rw 0	VA, pages, object, its page, access, PAT index
 *	null 0x7fffe10000 1 rw
 *	user 0x7fffe20000 4 ro
 *	open 0x7fffe30000 4		nothing is said about these
 *	purgeable 0x7fffe40000 4	there or not; TLBs must know which
 *
 * What is in the window and not mentioned must not be mapped. The question "begin" is none: it says
 * that a new program begins.
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "fuzz.h"
#include "../xe_calls.h"

/* A question costs the harness one round trip for each address space. */
#define ANSWER_SECONDS	90

/* Whether two neighbours make one line. */
static bool goes_on(const struct ref_page *a, const struct ref_page *b)
{
	return a->kind == b->kind && a->ro == b->ro && a->obj == b->obj && a->pat == b->pat &&
	       (a->kind == PAGE_NULL || b->index == a->index + 1);
}

static void put_pages(FILE *f, struct thread *t, const struct vm *vm, uint32_t first, uint32_t n)
{
	const struct ref_page *p = &vm->window[first];
	unsigned long long va = window_va(t, first);
	const char *access = p->ro ? "ro" : "rw";

	if (p->kind == PAGE_BO && t->ref[p->obj].advice != ADVICE_NEEDED)
		fprintf(f, "purgeable 0x%llx %u\n", va, n);
	else if (p->kind == PAGE_BO)
		fprintf(f, "bo 0x%llx %u o%u %u %s %u\n", va, n, p->obj, p->index, access, p->pat);
	else if (p->kind == PAGE_NULL)
		fprintf(f, "null 0x%llx %u %s\n", va, n, access);
	else if (!ref_accessible(vm->window, first, thread_memory(t)))
		fprintf(f, "open 0x%llx %u\n", va, n);
	else
		fprintf(f, "user 0x%llx %u %s\n", va, n, access);
}

static void write_question(FILE *f, struct thread *t, const struct vm *vm)
{
	uint32_t first = 0, i;

	fprintf(f, "serial %u\nsignature 0x%llx %u\nscratch %u\nwindow 0x%llx 0x%llx\n",
		vm->serial, SIGNATURE_VA, SIGNATURE_BITS, vm->scratch,
		(unsigned long long)window_va(t, 0),
		(unsigned long long)window_va(t, WINDOW - 1) + XE_PAGE);
	for (i = 1; i <= WINDOW; i++) {
		const struct ref_page *p = &vm->window[i - 1];

		/* Access is a matter of a whole mapping, so lines end with mappings. */
		if (i < WINDOW && goes_on(p, &vm->window[i]) && p->map == vm->window[i].map)
			continue;
		if (p->kind != PAGE_NONE)
			put_pages(f, t, vm, first, i - first);
		first = i;
	}
}

/* Ask about a VM, or with NULL only say that a program begins. Gets the answer. */
static void consult(struct thread *t, const struct vm *vm, char *answer, size_t size)
{
	unsigned int number = atomic_fetch_add(&result->asked, 1);
	char path[300], aside[320];
	FILE *f;

	snprintf(answer, size, "BAD the harness does not answer");
	snprintf(path, sizeof(path), "%s/ask.%d.%u", options.ask, getpid(), number);
	snprintf(aside, sizeof(aside), "%s.part", path);
	f = fopen(aside, "w");
	if (f && vm)
		write_question(f, t, vm);
	else if (f)
		fputs("begin\n", f);
	if (!f || fclose(f) || rename(aside, path)) {
		snprintf(answer, size, "BAD cannot write %s", path);
		return;
	}
	snprintf(path, sizeof(path), "%s/done.%d.%u", options.ask, getpid(), number);
	f = NULL;
	for (int i = 0; !f && i < ANSWER_SECONDS * 50; i++) {
		usleep(20000);
		f = fopen(path, "r");
	}
	if (f && fgets(answer, size, f))
		answer[strcspn(answer, "\n")] = '\0';
	if (f)
		fclose(f);
	unlink(path);
}

/* What the model has complained about before this program must not be put down to it. */
void ask_begin(void)
{
	char answer[400];

	if (options.ask)
		consult(NULL, NULL, answer, sizeof(answer));
}

/* Compare a VM with what the model's page tables and TLBs hold; it has just passed a check. */
bool ask_model(struct thread *t, struct vm *vm)
{
	char answer[400];

	if (!options.ask)
		return true;
	consult(t, vm, answer, sizeof(answer));
	if (!strncmp(answer, "ok", 2))
		return true;
	fail(t, "the model says about VM %u: %s", vm->serial, answer);
	return false;
}
