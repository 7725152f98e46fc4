/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Sparse binding through Vulkan. The program keeps a book of what every page of its resources ought
 * to lead to, and asks the harness to compare the book with the translations of the device model.
 * It runs in a guest, the harness on the host; they talk by files, see report.c.
 */
#ifndef VKS_H
#define VKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vulkan/vulkan.h>

/* What a sparse resource is bound in: the 64 KiB of a standard block, in bytes */
#define BLOCK 0x10000u
/* Longest wait for anything that has to happen, in nanoseconds */
#define LIMIT_NS 60000000000ull

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* Calls Vulkan; the process ends if that fails */
#define MUST(call) do {			\
	VkResult r_ = (call);		\
	if (r_)				\
		fatal(#call, r_);	\
} while (0)

/**
 * struct memory - device memory, and the plain buffer that shows where all of it is
 * @name: for the harness
 * @handle: Vulkan's handle
 * @plain: not sparse, bound to all of it
 * @va: GPU address of @plain
 * @blocks: its size in blocks
 * @map: its content, as dwords
 */
struct memory {
	char name[8];
	VkDeviceMemory handle;
	VkBuffer plain;
	VkDeviceAddress va;
	uint32_t blocks;
	volatile uint32_t *map;
};

/**
 * struct place - what a block of a sparse resource ought to lead to
 * @mem: memory, or NULL for the null page
 * @block: block of @mem
 */
struct place {
	const struct memory *mem;
	uint32_t block;
};

/**
 * struct sparse - a sparse buffer and its book
 * @handle: Vulkan's handle
 * @va: GPU address
 * @blocks: its size in blocks
 * @at: for each block
 */
struct sparse {
	VkBuffer handle;
	VkDeviceAddress va;
	uint32_t blocks;
	struct place *at;
};

/**
 * struct image - a sparse image of one level and its book
 * @name: for the harness, which has to find out where it is
 * @handle: Vulkan's handle
 * @granularity: texels of a block
 * @width: in blocks
 * @height: in blocks
 * @at: for each block, by rows
 */
struct image {
	char name[8];
	VkImage handle;
	VkExtent3D granularity;
	uint32_t width;
	uint32_t height;
	struct place *at;
};

#define MAX_MEMORIES 4
#define MAX_BUFFERS 8
#define MAX_QUEUES 2

/**
 * struct vks - one process as a client of Vulkan
 * @name: of the process
 * @phys: physical device
 * @device: device
 * @family: of the queues
 * @queue: queues that bind and execute
 * @n_queues: how many there are
 * @memory_types: what Vulkan says about memory
 * @pool: of command buffers
 * @memory: all memory that the harness has to know
 * @n_memories: how much there is
 * @buffer: all sparse buffers
 * @n_buffers: how many there are
 * @image: the sparse image, if there is one
 */
struct vks {
	const char *name;
	VkPhysicalDevice phys;
	VkDevice device;
	uint32_t family;
	VkQueue queue[MAX_QUEUES];
	uint32_t n_queues;
	VkPhysicalDeviceMemoryProperties memory_types;
	VkCommandPool pool;
	struct memory memory[MAX_MEMORIES];
	unsigned int n_memories;
	struct sparse buffer[MAX_BUFFERS];
	unsigned int n_buffers;
	struct image *image;
};

/**
 * struct batch - binds of one call, at most one resource each
 * @buffer: what is bound, or NULL
 * @image: what is bound, or NULL
 * @n: binds so far
 * @block: block of the resource, for each
 * @to: where it leads, for each
 */
struct batch {
	struct sparse *buffer;
	struct image *image;
	unsigned int n;
	uint32_t block[1024];
	struct place to[1024];
};

/**
 * struct order - what a batch waits for and what it signals; a handle may be VK_NULL_HANDLE
 * @wait: semaphore
 * @wait_value: of a timeline
 * @signal: semaphore
 * @signal_value: of a timeline
 * @fence: fence
 */
struct order {
	VkSemaphore wait;
	uint64_t wait_value;
	VkSemaphore signal;
	uint64_t signal_value;
	VkFence fence;
};

/* report.c: what the harness hears */
void report_open(const char *directory, const char *process);
bool expect(bool good, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void tell(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sample(const char *op, unsigned int batch, uint64_t submit_ns, uint64_t complete_ns);
_Noreturn void fatal(const char *what, long code);
bool check_pages(struct vks *v, const char *name);
void check_lie(struct vks *v, const char *name);

/* device.c: everything that is made once */
void device_open(struct vks *v, const char *name);
struct memory *memory_new(struct vks *v, uint32_t blocks);
struct sparse *buffer_new(struct vks *v, uint32_t blocks);
void image_new(struct vks *v, struct image *img, uint32_t width, uint32_t height);
VkFence fence_new(struct vks *v);
VkSemaphore semaphore_new(struct vks *v, bool timeline);

/* bind.c: batches */
void batch_begin(struct batch *b, struct sparse *buffer, struct image *img);
void batch_add(struct batch *b, uint32_t block, const struct memory *mem, uint32_t mem_block);
uint64_t batch_submit(struct vks *v, const struct batch *b, unsigned int queue,
		      const struct order *o);
void batch_book(const struct batch *b);
bool fence_wait(struct vks *v, VkFence fence, const char *name);
bool batch_run(struct vks *v, const struct batch *b, unsigned int queue, VkFence fence);
uint32_t shuffled(uint32_t i, uint32_t n, uint32_t seed);
uint64_t now_ns(void);

/* gpu.c: command buffers that need no shader */
bool gpu_has_markers(struct vks *v);
bool gpu_check_markers(struct vks *v, struct sparse *s, const char *name);
VkCommandBuffer gpu_event_wait(struct vks *v, VkEvent event);

/* The groups of checks */
void test_batches(struct vks *v);
void test_aliases(struct vks *v);
void test_image(struct vks *v);
void test_contents(struct vks *v);
void test_semaphores(struct vks *v);
void test_threads(struct vks *v, uint32_t seed);

#endif
