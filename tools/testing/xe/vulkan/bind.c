// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Batches of binds: put together, submitted, waited for, and entered into the book.
 */
#include "vks.h"

#include <stdlib.h>
#include <time.h>

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/*
 * A permutation of 0 to n - 1, another one for every seed. Neighbours do not stay so if there is
 * another way: Mesa merges binds that continue each other, but a batch shall keep its size.
 */
uint32_t shuffled(uint32_t i, uint32_t n, uint32_t seed)
{
	uint32_t step = n / 2 + 1 + seed % 7, a, b, t;

	if (n < 3)
		return (i + seed) % n;
	/* The next step that has no divisor in common with n, and is neither 1 nor -1. */
	for (;; step++) {
		for (a = n, b = step % n; b; t = a % b, a = b, b = t)
			;
		if (a == 1 && step % n != 1 && step % n != n - 1)
			break;
		if (step > 3 * n) {
			step = 1;
			break;
		}
	}
	return (uint32_t)(((uint64_t)i * step + seed) % n);
}

void batch_begin(struct batch *b, struct sparse *buffer, struct image *img)
{
	b->buffer = buffer;
	b->image = img;
	b->n = 0;
}

/* @mem: NULL unbinds */
void batch_add(struct batch *b, uint32_t block, const struct memory *mem, uint32_t mem_block)
{
	if (b->n == ARRAY_SIZE(b->block))
		fatal("a batch is too large", b->n);
	b->block[b->n] = block;
	b->to[b->n++] = (struct place){ .mem = mem, .block = mem_block };
}

static VkSparseMemoryBind *buffer_binds(const struct batch *b)
{
	VkSparseMemoryBind *bind = calloc(b->n + 1, sizeof(*bind));

	for (unsigned int i = 0; bind && i < b->n; i++) {
		bind[i].resourceOffset = (VkDeviceSize)b->block[i] * BLOCK;
		bind[i].size = BLOCK;
		bind[i].memory = b->to[i].mem ? b->to[i].mem->handle : VK_NULL_HANDLE;
		bind[i].memoryOffset = (VkDeviceSize)b->to[i].block * BLOCK;
	}
	return bind;
}

static VkSparseImageMemoryBind *image_binds(const struct batch *b)
{
	VkSparseImageMemoryBind *bind = calloc(b->n + 1, sizeof(*bind));
	const struct image *img = b->image;

	for (unsigned int i = 0; bind && i < b->n; i++) {
		bind[i].subresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
		bind[i].offset.x = (int32_t)(b->block[i] % img->width * img->granularity.width);
		bind[i].offset.y = (int32_t)(b->block[i] / img->width * img->granularity.height);
		bind[i].extent = img->granularity;
		bind[i].memory = b->to[i].mem ? b->to[i].mem->handle : VK_NULL_HANDLE;
		bind[i].memoryOffset = (VkDeviceSize)b->to[i].block * BLOCK;
	}
	return bind;
}

/* Return: nanoseconds that the call took */
static uint64_t queue_bind(struct vks *v, unsigned int queue, VkBindSparseInfo *info,
			   const struct order *o)
{
	VkTimelineSemaphoreSubmitInfo values = {
		.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
		.waitSemaphoreValueCount = o->wait != VK_NULL_HANDLE,
		.pWaitSemaphoreValues = &o->wait_value,
		.signalSemaphoreValueCount = o->signal != VK_NULL_HANDLE,
		.pSignalSemaphoreValues = &o->signal_value,
	};
	uint64_t start;
	VkResult r;

	info->pNext = &values;
	info->waitSemaphoreCount = values.waitSemaphoreValueCount;
	info->pWaitSemaphores = &o->wait;
	info->signalSemaphoreCount = values.signalSemaphoreValueCount;
	info->pSignalSemaphores = &o->signal;
	start = now_ns();
	r = vkQueueBindSparse(v->queue[queue], 1, info, o->fence);
	if (r)
		fatal("vkQueueBindSparse", r);
	return now_ns() - start;
}

/* Return: nanoseconds that the call took */
uint64_t batch_submit(struct vks *v, const struct batch *b, unsigned int queue,
		      const struct order *o)
{
	VkSparseMemoryBind *of_buffer = b->buffer ? buffer_binds(b) : NULL;
	VkSparseImageMemoryBind *of_image = b->image ? image_binds(b) : NULL;
	VkSparseBufferMemoryBindInfo buffer = {
		.buffer = b->buffer ? b->buffer->handle : VK_NULL_HANDLE,
		.bindCount = b->n,
		.pBinds = of_buffer,
	};
	VkSparseImageMemoryBindInfo image = {
		.image = b->image ? b->image->handle : VK_NULL_HANDLE,
		.bindCount = b->n,
		.pBinds = of_image,
	};
	VkBindSparseInfo info = {
		.sType = VK_STRUCTURE_TYPE_BIND_SPARSE_INFO,
		.bufferBindCount = b->buffer && b->n,
		.pBufferBinds = &buffer,
		.imageBindCount = b->image && b->n,
		.pImageBinds = &image,
	};

	uint64_t took;

	if (!of_buffer && !of_image)
		fatal("no memory", 0);
	took = queue_bind(v, queue, &info, o);
	free(of_buffer);
	free(of_image);
	return took;
}

/* From now on the book says what the batch did. */
void batch_book(const struct batch *b)
{
	struct place *at = b->buffer ? b->buffer->at : b->image->at;

	for (unsigned int i = 0; i < b->n; i++)
		at[b->block[i]] = b->to[i];
}

/* Waits with a limit, and makes the fence ready for its next use. */
bool fence_wait(struct vks *v, VkFence fence, const char *name)
{
	VkResult r = vkWaitForFences(v->device, 1, &fence, VK_TRUE, LIMIT_NS);

	if (r)
		return expect(false, name, "vkWaitForFences: %d", r);
	vkResetFences(v->device, 1, &fence);
	return true;
}

/* Submits, waits, enters into the book. */
bool batch_run(struct vks *v, const struct batch *b, unsigned int queue, VkFence fence)
{
	const struct order o = { .fence = fence };

	batch_submit(v, b, queue, &o);
	if (!fence_wait(v, fence, "fence of a batch"))
		return false;
	batch_book(b);
	return true;
}
