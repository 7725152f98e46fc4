// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Programs: made at random, written as text, read from text.
 *
 *	threads 2
 *	0 bind vm=1 queue=0 in=0 out=1 wait=1 : map bo=2 at=512 n=16 off=0 ro=1 | unmap at=0 n=4
 *
 * A step begins with its thread. What it has no use for is not written, and reads as 0. Every step
 * means something in every state: an empty slot is an unknown id. So any subset of a program is a
 * program, which is what makes shrinking simple.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SPACE	"\n "

/**
 * struct kind - a kind of step
 * @name: in texts
 * @arg: names of its arguments
 * @weight: how often
 */
static const struct kind {
	const char *name;
	const char *arg[MAX_ARGS];
	unsigned int weight;
} kinds[STEP_KINDS] = {
	[STEP_VM_CREATE] = { "vm-create", { "vm", "file", "scratch", "lr" }, 30 },
	[STEP_VM_DESTROY] = { "vm-destroy", { "vm" }, 5 },
	[STEP_BO_CREATE] = { "bo-create", { "bo", "file", "pages", "private", "wc", "defer" }, 60 },
	[STEP_BO_CLOSE] = { "bo-close", { "bo", "drop" }, 12 },
	[STEP_QUEUE_CREATE] = { "queue-create", { "file", "queue" }, 10 },
	[STEP_QUEUE_DESTROY] = { "queue-destroy", { "file", "queue" }, 4 },
	[STEP_FILE_CLOSE] = { "file-close", { "file" }, 3 },
	[STEP_BIND] = { "bind", { "vm", "queue", "in", "out", "wait" }, 500 },
	[STEP_GATE] = { "gate", { "close" }, 30 },
	[STEP_MEMORY] = { "memory", { "what", "at", "n", "to" }, 60 },
	[STEP_CPU_WRITE] = { "cpu-write", { "bo", "at", "n", "value" }, 30 },
	[STEP_GPU_WRITE] = { "gpu-write", { "vm", "at", "n", "value", "engine" }, 100 },
	[STEP_CHECK] = { "check", { "vm", NULL, NULL, NULL, "engine" }, 130 },
	[STEP_ASK] = { "ask", { "vm" }, 8 },
	[STEP_FAULT] = { "fault", { "vm", "at", "write", NULL, "engine" }, 5 },
	[STEP_SHARE] = { "share", { "bo", "file", "keep" }, 15 },
	[STEP_ADVISE] = { "advise", { "vm", "at", "n", "need" }, 25 },
	[STEP_RECLAIM] = { "reclaim", { NULL }, 6 },
	[STEP_QUERY] = { "query", { "vm", "at", "n" }, 30 },
};

static const char * const op_names[OP_KINDS] = {
	"map", "null", "userptr", "unmap", "unmap-all", "prefetch",
};

/* --- random ---------------------------------------------------------------------------------- */

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t random_below(uint64_t *state, uint32_t n)
{
	return random_next(state) % n;
}

static bool one_in(uint64_t *r, uint32_t n)
{
	return !random_below(r, n);
}

static uint32_t random_pages(uint64_t *r)
{
	static const uint32_t usual[] = { 1, 1, 2, 3, 8, 16, 64, 511, 512, 513, 1024 };

	return usual[random_below(r, ARRAY_SIZE(usual))];
}

/* Where things meet: the ends of tables, and the beginning of the window. */
static uint64_t random_at(uint64_t *r)
{
	switch (random_below(r, 8)) {
	case 0:
	case 1:
		return random_below(r, WINDOW / 512) * 512;
	case 2:
		return (1 + random_below(r, WINDOW / 512)) * 512 - 1 - random_below(r, 16);
	case 3:
		return random_below(r, WINDOW);
	default:
		return random_below(r, 96);
	}
}

static uint32_t random_size(uint64_t *r)
{
	return one_in(r, 3) ? random_pages(r) : 1 + random_below(r, 24);
}

/* Operations that must be refused. */
static void spoil(uint64_t *r, struct op *op)
{
	switch (random_below(r, 6)) {
	case 0:
		/* beyond the end of the address space, by a page at least */
		op->at = (1ull << 36) - random_below(r, op->n);
		break;
	case 1:
		op->off = MAX_BO_PAGES;
		break;
	case 2:
		op->pat = 1 + random_below(r, 6);
		break;
	case 3:
		op->bad = 1 + random_below(r, 2);
		break;
	case 4:
		op->n = 0;
		break;
	default:
		op->bo = BOS;
		break;
	}
}

/* Sizes of what the BO slots of a thread probably hold, in pages */
static uint32_t slot_pages[MAX_THREADS][BOS];
/* What the VM slots of a thread probably hold */
static enum { VM_NONE, VM_USUAL, VM_LR } slot_vm[MAX_THREADS][VMS];

/* A slot with something in it, and a part of that */
static void choose_bo(uint64_t *r, struct op *op, const uint32_t *pages)
{
	for (int i = 0; i < 4 && !pages[op->bo]; i++)
		op->bo = random_below(r, BOS);
	if (op->kind != OP_MAP || !pages[op->bo])
		return;
	if (one_in(r, 3))
		op->off = random_below(r, pages[op->bo]);
	if (op->n > pages[op->bo] - op->off)
		op->n = pages[op->bo] - op->off;
}

static void make_op(uint64_t *r, struct op *op, const uint32_t *pages)
{
	static const uint8_t mix[] = {
		OP_MAP, OP_MAP, OP_MAP, OP_MAP, OP_MAP, OP_MAP, OP_NULL, OP_USERPTR, OP_USERPTR,
		OP_USERPTR, OP_UNMAP, OP_UNMAP, OP_UNMAP, OP_UNMAP, OP_UNMAP_ALL, OP_PREFETCH,
	};

	memset(op, 0, sizeof(*op));
	op->kind = mix[random_below(r, ARRAY_SIZE(mix))];
	op->bo = random_below(r, BOS);
	op->at = random_at(r);
	op->n = random_size(r);
	op->ro = one_in(r, 4);
	if (op->kind == OP_USERPTR) {
		op->off = random_below(r, ARENA);
		op->n = 1 + random_below(r, one_in(r, 3) ? ARENA - op->off : 12);
		if (op->off + op->n > ARENA)
			op->n = ARENA - op->off;
	} else {
		choose_bo(r, op, pages);
	}
	/* Ranges are cut at the end of the window, so that they belong to one thread. */
	if (op->at + op->n > WINDOW)
		op->n = WINDOW - op->at;
	if (one_in(r, 50))
		spoil(r, op);
}

static void make_bind(uint64_t *r, struct step *s)
{
	s->arg[A_QUEUE] = one_in(r, 3) ? random_below(r, QUEUES + 1) : 0;
	s->arg[A_IN] = one_in(r, 3);
	if (slot_vm[s->thread][s->arg[A_VM]] == VM_LR && !one_in(r, 20))
		s->arg[A_OUT] = one_in(r, 2) ? OUT_UFENCE : OUT_NONE;
	else
		s->arg[A_OUT] = one_in(r, 2) ? OUT_SYNCOBJ : random_below(r, OUT_KINDS);
	s->arg[A_WAIT] = one_in(r, 3);
	s->n_ops = one_in(r, 3) ? random_below(r, MAX_OPS + 1) : 1;
	for (unsigned int i = 0; i < s->n_ops; i++)
		make_op(r, &s->op[i], slot_pages[s->thread]);
}

/* @vm: slot */
static void make_vm(uint64_t *r, struct step *s, unsigned int vm)
{
	s->arg[A_VM] = vm;
	s->arg[A_FILE] = 1 + random_below(r, FILES - 1);
	s->arg[A_SCRATCH] = one_in(r, 3);
	s->arg[A_LR] = one_in(r, 4);
	if (slot_vm[s->thread][vm] == VM_NONE)
		slot_vm[s->thread][vm] = s->arg[A_LR] ? VM_LR : VM_USUAL;
}

/* @bo: slot */
static void make_bo(uint64_t *r, struct step *s, unsigned int bo)
{
	s->arg[A_BO] = bo;
	s->arg[A_FILE] = random_below(r, FILES);
	s->arg[A_PAGES] = random_pages(r);
	s->arg[A_PRIVATE] = one_in(r, 5) ? (int)random_below(r, VMS) : -1;
	s->arg[A_WC] = one_in(r, 4);
	s->arg[A_DEFER] = one_in(r, 4);
	if (!slot_pages[s->thread][bo])
		slot_pages[s->thread][bo] = s->arg[A_PAGES];
}

/* Advice is about whole mappings, so the range is often large; most of it is withdrawn again. */
static void make_advice(uint64_t *r, struct step *s)
{
	s->arg[A_AT] = one_in(r, 2) ? 0 : random_at(r);
	s->arg[A_N] = one_in(r, 2) ? WINDOW : random_size(r);
	s->arg[A_NEED] = one_in(r, 2);
}

static void make_args(uint64_t *r, struct step *s)
{
	switch (s->kind) {
	case STEP_VM_CREATE:
		make_vm(r, s, 1 + random_below(r, VMS - 1));
		break;
	case STEP_VM_DESTROY:
		if (s->arg[A_VM])
			slot_vm[s->thread][s->arg[A_VM]] = VM_NONE;
		break;
	case STEP_BO_CREATE:
		make_bo(r, s, random_below(r, BOS));
		break;
	case STEP_BO_CLOSE:
		s->arg[A_BO] = random_below(r, BOS);
		s->arg[A_DROP] = one_in(r, 2);
		slot_pages[s->thread][s->arg[A_BO]] = 0;
		break;
	case STEP_QUEUE_CREATE:
	case STEP_QUEUE_DESTROY:
		s->arg[A_QFILE] = random_below(r, FILES);
		s->arg[A_QUEUE] = random_below(r, QUEUES);
		break;
	case STEP_FILE_CLOSE:
		s->arg[A_QFILE] = 1 + random_below(r, FILES - 1);
		break;
	case STEP_GATE:
		s->arg[A_CLOSE] = !one_in(r, 3);
		break;
	case STEP_MEMORY:
		/* What gives memory back has to come more often than what takes it. */
		s->arg[A_WHAT] = one_in(r, 3) ? MEMORY_MAP : random_below(r, MEMORY_KINDS);
		s->arg[A_AT] = random_below(r, ARENA);
		s->arg[A_N] = 1 + random_below(r, s->arg[A_WHAT] == MEMORY_MAP ? 64 : 16);
		s->arg[A_TO] = random_below(r, ARENA);
		break;
	case STEP_CPU_WRITE:
		s->arg[A_BO] = random_below(r, BOS + 2);
		s->arg[A_AT] = random_below(r, 16);
		s->arg[A_N] = 1 + random_below(r, 32);
		s->arg[A_VALUE] = random_next(r) & 0xffffff;
		break;
	case STEP_GPU_WRITE:
		s->arg[A_AT] = random_at(r);
		s->arg[A_N] = 1 + random_below(r, 64);
		s->arg[A_VALUE] = random_next(r) & 0xffffff;
		break;
	case STEP_FAULT:
		s->arg[A_AT] = random_at(r);
		s->arg[A_WRITE] = !one_in(r, 3);
		break;
	case STEP_SHARE:
		s->arg[A_BO] = random_below(r, BOS);
		s->arg[A_FILE] = random_below(r, FILES);
		s->arg[A_KEEP] = !one_in(r, 3);
		break;
	case STEP_ADVISE:
		make_advice(r, s);
		break;
	case STEP_QUERY:
		s->arg[A_AT] = random_at(r);
		s->arg[A_N] = one_in(r, 2) ? WINDOW : random_size(r);
		break;
	default:
		break;
	}
}

static void make_step(uint64_t *r, struct step *s, unsigned int thread)
{
	unsigned int total = 0, pick, kind;

	memset(s, 0, sizeof(*s));
	for (kind = 0; kind < STEP_KINDS; kind++)
		total += kinds[kind].weight;
	pick = random_below(r, total);
	for (kind = 0; pick >= kinds[kind].weight; kind++)
		pick -= kinds[kind].weight;
	s->thread = thread;
	s->kind = kind;
	if (kinds[kind].arg[A_VM] && !strcmp(kinds[kind].arg[A_VM], "vm"))
		s->arg[A_VM] = random_below(r, VMS);
	if (kinds[kind].arg[A_ENGINE] && !strcmp(kinds[kind].arg[A_ENGINE], "engine"))
		s->arg[A_ENGINE] = random_below(r, 2);
	if (kind == STEP_BIND)
		make_bind(r, s);
	else
		make_args(r, s);
}

/* Something to work with: VMs, BOs, and all bind queues but one of each file */
static void make_beginning(struct program *p, uint64_t *r, unsigned int thread, unsigned int steps)
{
	const unsigned int vms = VMS - 1, queues = FILES * (QUEUES - 1);

	for (unsigned int i = 0; i < vms + BOS + queues && p->n < steps; i++) {
		struct step *s = &p->step[p->n++];

		memset(s, 0, sizeof(*s));
		s->thread = thread;
		s->kind = i < vms ? STEP_VM_CREATE : i < vms + BOS ? STEP_BO_CREATE :
							   STEP_QUEUE_CREATE;
		if (i < vms) {
			make_vm(r, s, i + 1);
		} else if (i < vms + BOS) {
			make_bo(r, s, i - vms);
		} else {
			s->arg[A_QFILE] = (i - vms - BOS) % FILES;
			s->arg[A_QUEUE] = (i - vms - BOS) / FILES;
		}
	}
}

void program_make(struct program *p, uint64_t seed, unsigned int threads, unsigned int steps)
{
	uint64_t r = seed;

	p->seed = seed;
	p->threads = threads;
	p->n = 0;
	memset(slot_pages, 0, sizeof(slot_pages));
	memset(slot_vm, 0, sizeof(slot_vm));
	for (unsigned int t = 0; t < threads; t++)
		make_beginning(p, &r, t, steps);
	while (p->n < steps) {
		make_step(&r, &p->step[p->n], random_below(&r, threads));
		p->n++;
	}
}

/* --- text ------------------------------------------------------------------------------------ */

static size_t put(char *text, size_t size, size_t at, const char *name, unsigned long long value)
{
	if (at >= size)
		return at;
	return at + snprintf(text + at, size - at, " %s=%llu", name, value);
}

static size_t op_text(const struct op *op, char *text, size_t size, size_t at)
{
	if (at < size)
		at += snprintf(text + at, size - at, " %s", op_names[op->kind]);
	if (op->kind == OP_MAP || op->kind == OP_UNMAP_ALL || op->bo == BOS)
		at = put(text, size, at, "bo", op->bo);
	if (op->kind != OP_UNMAP_ALL) {
		at = put(text, size, at, "at", op->at);
		at = put(text, size, at, "n", op->n);
	}
	if (op->off)
		at = put(text, size, at, "off", op->off);
	if (op->ro)
		at = put(text, size, at, "ro", op->ro);
	if (op->pat)
		at = put(text, size, at, "pat", op->pat);
	if (op->bad)
		at = put(text, size, at, "bad", op->bad);
	return at;
}

void step_text(const struct step *s, char *text, size_t size)
{
	size_t at = snprintf(text, size, "%u %s", s->thread, kinds[s->kind].name);

	for (unsigned int i = 0; i < MAX_ARGS && at < size; i++)
		if (kinds[s->kind].arg[i])
			at += snprintf(text + at, size - at, " %s=%d", kinds[s->kind].arg[i],
				       s->arg[i]);
	for (unsigned int i = 0; i < s->n_ops && at < size; i++) {
		at += snprintf(text + at, size - at, i ? " |" : " :");
		at = op_text(&s->op[i], text, size, at);
	}
}

int program_write(const struct program *p, const char *path, const char *why)
{
	char text[2048];
	FILE *f = fopen(path, "w");

	if (!f)
		return -errno;
	if (why)
		fprintf(f, "# %s\n", why);
	fprintf(f, "# seed 0x%llx\nthreads %u\n", (unsigned long long)p->seed, p->threads);
	for (unsigned int i = 0; i < p->n; i++) {
		step_text(&p->step[i], text, sizeof(text));
		fprintf(f, "%s\n", text);
	}
	return fclose(f) ? -errno : 0;
}

static bool op_set(struct op *op, const char *name, unsigned long long value)
{
	if (!strcmp(name, "bo") && value <= BOS)
		op->bo = value;
	else if (!strcmp(name, "at"))
		op->at = value;
	else if (!strcmp(name, "n"))
		op->n = value;
	else if (!strcmp(name, "off"))
		op->off = value;
	else if (!strcmp(name, "ro"))
		op->ro = !!value;
	else if (!strcmp(name, "pat"))
		op->pat = value;
	else if (!strcmp(name, "bad"))
		op->bad = value;
	else
		return false;
	return true;
}

static bool arg_set(struct step *s, const char *name, long value)
{
	for (unsigned int i = 0; i < MAX_ARGS; i++) {
		if (kinds[s->kind].arg[i] && !strcmp(kinds[s->kind].arg[i], name)) {
			s->arg[i] = value;
			return true;
		}
	}
	return false;
}

static bool op_begin(struct step *s, const char *word)
{
	for (unsigned int i = 0; word && i < OP_KINDS && s->n_ops < MAX_OPS; i++) {
		if (!strcmp(word, op_names[i])) {
			s->op[s->n_ops++].kind = i;
			return true;
		}
	}
	return false;
}

static bool step_parse(struct step *s, char *line)
{
	char *save, *word = strtok_r(line, SPACE, &save);

	memset(s, 0, sizeof(*s));
	s->thread = strtoul(word, NULL, 10);
	word = strtok_r(NULL, SPACE, &save);
	while (word && s->kind < STEP_KINDS && strcmp(word, kinds[s->kind].name))
		s->kind++;
	if (!word || s->kind == STEP_KINDS || s->thread >= MAX_THREADS)
		return false;
	while ((word = strtok_r(NULL, SPACE, &save))) {
		char *equals = strchr(word, '=');

		if (!strcmp(word, ":") || !strcmp(word, "|")) {
			if (!op_begin(s, strtok_r(NULL, SPACE, &save)))
				return false;
			continue;
		}
		if (!equals)
			return false;
		*equals++ = '\0';
		if (s->n_ops) {
			if (!op_set(&s->op[s->n_ops - 1], word, strtoull(equals, NULL, 0)))
				return false;
		} else if (!arg_set(s, word, strtol(equals, NULL, 0))) {
			return false;
		}
	}
	return true;
}

/* Slots have to exist; everything else may have any value. */
static bool step_is_safe(const struct step *s)
{
	const char * const *name = kinds[s->kind].arg;

	for (unsigned int i = 0; i < MAX_ARGS; i++) {
		int top = !name[i] ? 0 : !strcmp(name[i], "vm") ? VMS :
			  !strcmp(name[i], "file") ? FILES :
			  !strcmp(name[i], "queue") ? QUEUES + 1 :
			  !strcmp(name[i], "bo") ? BOS + 2 : !strcmp(name[i], "engine") ? 2 : 0;

		if (top && (s->arg[i] < 0 || s->arg[i] >= top))
			return false;
	}
	return s->kind != STEP_BO_CREATE ||
	       (s->arg[A_PRIVATE] < VMS && s->arg[A_BO] < BOS && s->arg[A_PAGES] > 0 &&
		s->arg[A_PAGES] <= (int)MAX_BO_PAGES);
}

int program_read(struct program *p, const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned int number = 0;
	char line[2048];

	if (!f)
		return -errno;
	p->n = 0;
	p->threads = 1;
	p->seed = 0;
	while (fgets(line, sizeof(line), f)) {
		struct step *s = &p->step[p->n];

		number++;
		if (line[0] == '#' || line[0] == '\n' ||
		    sscanf(line, "threads %u", &p->threads) == 1)
			continue;
		if (p->n == MAX_STEPS || !step_parse(s, line) || !step_is_safe(s) ||
		    s->thread >= p->threads || p->threads > MAX_THREADS) {
			fprintf(stderr, "%s:%u: not a step\n", path, number);
			fclose(f);
			return -EINVAL;
		}
		p->n++;
	}
	fclose(f);
	return 0;
}
