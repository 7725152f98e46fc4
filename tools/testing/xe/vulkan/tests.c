// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Checks within one queue: batches of every size and their times, aliases, an image, contents.
 */
#include "vks.h"

#include <stdio.h>
#include <string.h>

/* Largest batch; and blocks of the buffer, so that some are never bound */
#define MOST 1024u
#define BLOCKS (MOST + 256)
/* How often each batch is timed */
#define ROUNDS 9

/**
 * struct timing - the series of batches
 * @v: client
 * @s: buffer
 * @mem: memory
 * @fence: for every batch
 * @b: the batch
 */
struct timing {
	struct vks *v;
	struct sparse *s;
	struct memory *mem;
	VkFence fence;
	struct batch b;
};

/* @seed: which block goes where; @bind: else unbind */
static bool timed(struct timing *t, const char *op, unsigned int n, uint32_t seed, bool bind)
{
	const struct order o = { .fence = t->fence };
	uint64_t start, submit;

	batch_begin(&t->b, t->s, NULL);
	for (uint32_t i = 0; i < n; i++)
		batch_add(&t->b, shuffled(i, n, 1), bind ? t->mem : NULL, shuffled(i, n, seed));
	start = now_ns();
	submit = batch_submit(t->v, &t->b, 0, &o);
	if (!fence_wait(t->v, t->fence, op))
		return false;
	sample(op, n, submit, now_ns() - start);
	batch_book(&t->b);
	return true;
}

static bool round_of(struct timing *t, unsigned int n, bool look)
{
	char name[64];

	if (!timed(t, "bind", n, 2, true))
		return false;
	snprintf(name, sizeof(name), "batch of %u: bound", n);
	if (look && !check_pages(t->v, name))
		return false;
	if (!timed(t, "move", n, n / 2 + 3, true))
		return false;
	snprintf(name, sizeof(name), "batch of %u: moved", n);
	if (look && !check_pages(t->v, name))
		return false;
	if (!timed(t, "unbind", n, 0, false))
		return false;
	snprintf(name, sizeof(name), "batch of %u: unbound", n);
	return !look || check_pages(t->v, name);
}

/* Bind, move, unbind in batches of 1 to 1024; what was never bound leads to the null page. */
void test_batches(struct vks *v)
{
	static struct timing t;

	t.v = v;
	t.s = buffer_new(v, BLOCKS);
	t.mem = memory_new(v, MOST);
	t.fence = fence_new(v);
	check_pages(v, "never bound");
	for (unsigned int n = 1; n <= MOST; n *= 2)
		for (int i = 0; i < ROUNDS; i++)
			if (!round_of(&t, n, i == ROUNDS - 1))
				return;
}

/* Part of a batch is bound, the harness is told one wrong block: it has to notice. */
static void test_lie(struct vks *v, struct sparse *s, struct memory *mem, VkFence fence)
{
	static struct batch b;

	batch_begin(&b, s, NULL);
	for (uint32_t i = 0; i < 8; i++)
		batch_add(&b, i * 3, mem, shuffled(i, 8, 3));
	if (batch_run(v, &b, 0, fence))
		check_lie(v, "a wrong expectation is noticed");
}

/* The same memory in two buffers, and twice in one of them; then one of the aliases goes. */
void test_aliases(struct vks *v)
{
	static struct batch b;
	struct sparse *one = buffer_new(v, 32), *two = buffer_new(v, 32);
	struct memory *mem = memory_new(v, 16);
	VkFence fence = fence_new(v);

	test_lie(v, one, mem, fence);
	batch_begin(&b, one, NULL);
	for (uint32_t i = 0; i < 32; i++)
		batch_add(&b, i, mem, shuffled(i % 16, 16, i / 16));
	if (!batch_run(v, &b, 0, fence))
		return;
	batch_begin(&b, two, NULL);
	for (uint32_t i = 0; i < 16; i++)
		batch_add(&b, i * 2, mem, shuffled(i, 16, 5));
	if (!batch_run(v, &b, 0, fence) || !check_pages(v, "aliases: bound"))
		return;
	batch_begin(&b, one, NULL);
	for (uint32_t i = 0; i < 16; i++)
		batch_add(&b, i * 2, NULL, 0);
	if (batch_run(v, &b, 0, fence))
		check_pages(v, "aliases: one of two unbound");
}

void test_image(struct vks *v)
{
	static struct image img;
	static struct batch b;
	struct memory *mem = memory_new(v, 64);
	VkFence fence = fence_new(v);

	image_new(v, &img, 8, 6);
	/* All of it first: that tells the harness where the image is. */
	batch_begin(&b, NULL, &img);
	for (uint32_t i = 0; i < 48; i++)
		batch_add(&b, i, mem, shuffled(i, 64, 9));
	if (!batch_run(v, &b, 0, fence) || !check_pages(v, "image: bound"))
		return;
	batch_begin(&b, NULL, &img);
	for (uint32_t i = 0; i < 48; i += 2)
		batch_add(&b, shuffled(i, 48, 1), mem, shuffled(i, 64, 11));
	if (!batch_run(v, &b, 0, fence) || !check_pages(v, "image: half of it moved"))
		return;
	batch_begin(&b, NULL, &img);
	for (uint32_t i = 0; i < 48; i += 3)
		batch_add(&b, i, NULL, 0);
	if (batch_run(v, &b, 0, fence))
		check_pages(v, "image: a third of it unbound");
}

/* Translations that engines have used and cached: after a change they have to use the new ones. */
void test_contents(struct vks *v)
{
	static struct batch b;
	struct sparse *s = &v->buffer[0];
	struct memory *mem = &v->memory[0];
	VkFence fence = fence_new(v);

	batch_begin(&b, s, NULL);
	for (uint32_t i = 0; i < 512; i++)
		batch_add(&b, i, mem, shuffled(i, 512, 4));
	if (!batch_run(v, &b, 0, fence) || !gpu_check_markers(v, s, "contents: bound"))
		return;
	batch_begin(&b, s, NULL);
	for (uint32_t i = 0; i < 512; i++)
		batch_add(&b, i, mem, shuffled(i, 512, 6));
	if (!batch_run(v, &b, 0, fence) || !gpu_check_markers(v, s, "contents: moved"))
		return;
	batch_begin(&b, s, NULL);
	for (uint32_t i = 0; i < 512; i += 2)
		batch_add(&b, i, NULL, 0);
	if (batch_run(v, &b, 0, fence) && gpu_check_markers(v, s, "contents: half of it unbound"))
		check_pages(v, "contents: pages and cached translations");
}
