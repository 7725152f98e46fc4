// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Command buffers that need no shader. Copies and fills of Mesa on this hardware do need one, and
 * the model has no execution units; markers and events are commands of the streamer.
 */
#include "vks.h"

#include <stdlib.h>
#include <string.h>

/* Where in a block the marker goes, in bytes; another page of it for every block */
#define MARKER_AT(block) ((block) % 16 * 4096u + 64)

bool gpu_has_markers(struct vks *v)
{
	static VkExtensionProperties list[512];
	uint32_t n = ARRAY_SIZE(list);
	VkResult r = vkEnumerateDeviceExtensionProperties(v->phys, NULL, &n, list);

	if (r && r != VK_INCOMPLETE)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(list[i].extensionName, VK_AMD_BUFFER_MARKER_EXTENSION_NAME))
			return true;
	return false;
}

static VkCommandBuffer begin(struct vks *v)
{
	const VkCommandBufferAllocateInfo alloc = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
		.commandPool = v->pool,
		.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
		.commandBufferCount = 1,
	};
	const VkCommandBufferBeginInfo info = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
		.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
	};
	VkCommandBuffer cmd;

	MUST(vkAllocateCommandBuffers(v->device, &alloc, &cmd));
	MUST(vkBeginCommandBuffer(cmd, &info));
	return cmd;
}

static bool run(struct vks *v, VkCommandBuffer cmd, const char *name)
{
	const VkSubmitInfo info = {
		.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
		.commandBufferCount = 1,
		.pCommandBuffers = &cmd,
	};
	VkFence fence = fence_new(v);
	VkResult r = vkQueueSubmit(v->queue[0], 1, &info, fence);
	bool done;

	if (r)
		return expect(false, name, "vkQueueSubmit: %d", r);
	done = fence_wait(v, fence, name);
	vkDestroyFence(v->device, fence, NULL);
	vkFreeCommandBuffers(v->device, v->pool, 1, &cmd);
	return done;
}

/* The engine writes a marker into each block of the buffer, bound or not. */
static bool write_markers(struct vks *v, struct sparse *s, uint32_t value, const char *name)
{
	PFN_vkCmdWriteBufferMarkerAMD write = (PFN_vkCmdWriteBufferMarkerAMD)
		vkGetDeviceProcAddr(v->device, "vkCmdWriteBufferMarkerAMD");
	VkCommandBuffer cmd;

	if (!write)
		return expect(false, name, "no " VK_AMD_BUFFER_MARKER_EXTENSION_NAME);
	cmd = begin(v);
	for (uint32_t i = 0; i < s->blocks; i++)
		write(cmd, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, s->handle,
		      (VkDeviceSize)i * BLOCK + MARKER_AT(i), value + i);
	MUST(vkEndCommandBuffer(cmd));
	return run(v, cmd, name);
}

/* Markers that memory holds where it should not, or the other way round. */
static uint32_t count_wrong(const struct vks *v, const struct sparse *s, uint32_t value)
{
	uint32_t wrong = 0, found = 0, bound = 0;

	for (uint32_t i = 0; i < s->blocks; i++) {
		const struct place *at = &s->at[i];
		uint64_t byte = (uint64_t)at->block * BLOCK + MARKER_AT(i);

		if (at->mem)
			wrong += at->mem->map[byte / 4] != value + i;
		bound += !!at->mem;
	}
	for (unsigned int m = 0; m < v->n_memories; m++)
		for (uint64_t p = 0; p < (uint64_t)v->memory[m].blocks * 16; p++)
			found += v->memory[m].map[(p * 4096 + 64) / 4] != 0;
	return wrong + (found > bound ? found - bound : 0);
}

static void clear_markers(const struct vks *v)
{
	for (unsigned int m = 0; m < v->n_memories; m++)
		for (uint64_t p = 0; p < (uint64_t)v->memory[m].blocks * 16; p++)
			v->memory[m].map[(p * 4096 + 64) / 4] = 0;
}

/*
 * Whether what the engine writes through the buffer ends where the book says, as the processor sees
 * it; what goes to the null page must end nowhere. No memory may be bound twice.
 */
bool gpu_check_markers(struct vks *v, struct sparse *s, const char *name)
{
	static uint32_t value = 0x10000;
	uint32_t wrong;

	clear_markers(v);
	value += 0x10000;
	if (!write_markers(v, s, value, name))
		return false;
	wrong = count_wrong(v, s, value);
	return expect(!wrong, name, "%u markers, %u of them wrong", s->blocks, wrong);
}

/* A command buffer that holds up its queue until the event is set. */
VkCommandBuffer gpu_event_wait(struct vks *v, VkEvent event)
{
	VkCommandBuffer cmd = begin(v);

	vkCmdWaitEvents(cmd, 1, &event, VK_PIPELINE_STAGE_HOST_BIT,
			VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, NULL, 0, NULL, 0, NULL);
	MUST(vkEndCommandBuffer(cmd));
	return cmd;
}
