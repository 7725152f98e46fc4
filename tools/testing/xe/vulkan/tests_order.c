// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Checks of order: semaphores between binds, binds that have to wait, two queues at a time.
 */
#include "vks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Blocks that are bound here */
#define PART 64u
/* How long a bind that must not happen yet is given, in nanoseconds */
#define PATIENCE_NS 200000000ull

/* The batch that binds PART blocks from @first on in the order of @seed. */
static void fill(struct batch *b, struct sparse *s, uint32_t first, const struct memory *mem,
		 uint32_t seed)
{
	batch_begin(b, s, NULL);
	for (uint32_t i = 0; i < PART; i++)
		batch_add(b, first + shuffled(i, PART, 1), mem, shuffled(i, PART, seed));
}

/* Every bind replaces the one before on the other queue: only their semaphores order them. */
static void test_chain(struct vks *v, struct sparse *s, struct memory *mem)
{
	static struct batch b;
	VkSemaphore before = VK_NULL_HANDLE;
	VkFence fence = fence_new(v);

	for (uint32_t i = 0; i < 16; i++) {
		struct order o = { .wait = before };

		if (i == 15)
			o.fence = fence;
		else
			o.signal = semaphore_new(v, false);
		fill(&b, s, 0, mem, 2 + i);
		batch_submit(v, &b, i % 2, &o);
		batch_book(&b);
		before = o.signal;
	}
	if (fence_wait(v, fence, "binary semaphores: 16 binds on two queues in turn"))
		check_pages(v, "binary semaphores: 16 binds on two queues in turn");
}

/* Holds up queue 0 until @event is set; @done is signalled then. */
static void hold(struct vks *v, VkEvent event, VkSemaphore done)
{
	VkCommandBuffer cmd = gpu_event_wait(v, event);
	const VkSubmitInfo info = {
		.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
		.commandBufferCount = 1,
		.pCommandBuffers = &cmd,
		.signalSemaphoreCount = 1,
		.pSignalSemaphores = &done,
	};

	MUST(vkQueueSubmit(v->queue[0], 1, &info, VK_NULL_HANDLE));
}

/*
 * A command buffer is held up on the engine, two binds wait for it, one by one, and partly for the
 * same blocks: nothing may change before it ends, and then both have to happen.
 */
static void test_held(struct vks *v, struct sparse *s, struct memory *mem)
{
	const VkEventCreateInfo info = { .sType = VK_STRUCTURE_TYPE_EVENT_CREATE_INFO };
	VkFence fence[2] = { fence_new(v), fence_new(v) };
	struct order first = { .wait = semaphore_new(v, false), .fence = fence[0] };
	struct order second = { .fence = fence[1] };
	static struct batch a, b;
	VkEvent event;
	VkResult r;

	MUST(vkCreateEvent(v->device, &info, NULL, &event));
	first.signal = semaphore_new(v, false);
	second.wait = first.signal;
	hold(v, event, first.wait);
	fill(&a, s, 0, mem, 40);
	batch_submit(v, &a, 1, &first);
	fill(&b, s, PART / 2, mem, 41);
	batch_submit(v, &b, 1, &second);
	r = vkWaitForFences(v->device, 2, fence, VK_FALSE, PATIENCE_NS);
	expect(r == VK_TIMEOUT, "held by the engine: fences wait with a limit", "result %d", r);
	check_pages(v, "held by the engine: nothing has changed");
	MUST(vkSetEvent(v->device, event));
	if (!fence_wait(v, fence[0], "held by the engine: first bind") ||
	    !fence_wait(v, fence[1], "held by the engine: second bind"))
		return;
	batch_book(&a);
	batch_book(&b);
	check_pages(v, "held by the engine: both binds after it");
}

static void signal_value(struct vks *v, VkSemaphore semaphore, uint64_t value)
{
	const VkSemaphoreSignalInfo info = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO,
		.semaphore = semaphore,
		.value = value,
	};

	MUST(vkSignalSemaphore(v->device, &info));
}

static VkResult wait_value(struct vks *v, VkSemaphore semaphore, uint64_t value, uint64_t limit)
{
	const VkSemaphoreWaitInfo info = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
		.semaphoreCount = 1,
		.pSemaphores = &semaphore,
		.pValues = &value,
	};

	return vkWaitSemaphores(v->device, &info, limit);
}

/* The bind that has to come last is submitted first, and all wait for the processor. */
static void test_timeline(struct vks *v, struct sparse *s, struct memory *mem)
{
	VkSemaphore line = semaphore_new(v, true);
	static struct batch early, late;
	const struct order last = { .wait = line, .wait_value = 2, .signal = line,
				    .signal_value = 3 };
	const struct order first = { .wait = line, .wait_value = 1, .signal = line,
				     .signal_value = 2 };
	VkResult r;

	fill(&early, s, 0, mem, 20);
	fill(&late, s, PART / 2, mem, 21);
	batch_submit(v, &late, 1, &last);
	batch_submit(v, &early, 0, &first);
	r = wait_value(v, line, 2, PATIENCE_NS);
	expect(r == VK_TIMEOUT, "timeline: waits with a limit", "result %d", r);
	check_pages(v, "timeline: nothing has changed");
	signal_value(v, line, 1);
	r = wait_value(v, line, 3, LIMIT_NS);
	if (!expect(!r, "timeline: both binds complete", "result %d", r))
		return;
	batch_book(&early);
	batch_book(&late);
	check_pages(v, "timeline: bound in the order of its values");
}

void test_semaphores(struct vks *v)
{
	struct sparse *s = &v->buffer[0];
	struct memory *mem = &v->memory[0];

	test_chain(v, s, mem);
	test_timeline(v, s, mem);
	test_held(v, s, mem);
}

/* --- two queues at a time --------------------------------------------------------------------- */

/* Batches of one thread */
#define CALLS 40
/* Blocks of a thread's buffer */
#define OWN 192u

/**
 * struct worker - a thread with a queue and a buffer of its own
 * @v: client
 * @queue: which of its queues
 * @s: buffer
 * @mem: memory, shared with the other thread
 * @random: state of the generator
 * @fence: for every batch
 * @b: the batch
 * @bad: a fence did not come
 */
struct worker {
	struct vks *v;
	unsigned int queue;
	struct sparse *s;
	const struct memory *mem;
	uint32_t random;
	VkFence fence;
	struct batch b;
	bool bad;
};

static uint32_t draw(struct worker *w, uint32_t n)
{
	w->random = w->random * 1664525 + 1013904223;
	return (w->random >> 8) % n;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < CALLS && !w->bad; i++) {
		uint32_t n = 1 + draw(w, OWN), order = draw(w, OWN);

		batch_begin(&w->b, w->s, NULL);
		while (w->b.n < n) {
			const struct memory *mem = draw(w, 3) ? w->mem : NULL;

			/* A batch may bind a block only once. */
			batch_add(&w->b, shuffled(w->b.n, OWN, order), mem,
				  mem ? draw(w, mem->blocks) : 0);
		}
		w->bad = !batch_run(w->v, &w->b, w->queue, w->fence);
	}
	return NULL;
}

static void make_workers(struct vks *v, struct worker *w)
{
	const struct memory *mem = memory_new(v, PART);

	for (unsigned int i = 0; i < MAX_QUEUES; i++) {
		w[i] = (struct worker){ .v = v, .queue = i, .mem = mem };
		w[i].s = buffer_new(v, OWN);
		w[i].fence = fence_new(v);
	}
}

/*
 * Random batches from two threads, each on a queue and a buffer of its own, with memory that both
 * bind. A second call goes on where the first one ended.
 */
void test_threads(struct vks *v, uint32_t seed)
{
	static struct worker w[MAX_QUEUES];
	pthread_t thread[MAX_QUEUES];

	if (!w[0].v)
		make_workers(v, w);
	for (unsigned int i = 0; i < MAX_QUEUES; i++) {
		w[i].random = seed * 2 + i;
		if (pthread_create(&thread[i], NULL, work, &w[i]))
			fatal("no thread", i);
	}
	for (unsigned int i = 0; i < MAX_QUEUES; i++)
		pthread_join(thread[i], NULL);
}
