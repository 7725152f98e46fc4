// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Everything that is made once: device, queues, memory, sparse resources. All of it lives until the
 * process ends, which lets the kernel clean up after a client that does not.
 */
#include "vks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell_device(struct vks *v)
{
	VkPhysicalDeviceDriverProperties driver = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
	};
	VkPhysicalDeviceProperties2 p = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
		.pNext = &driver,
	};
	const VkPhysicalDeviceSparseProperties *s = &p.properties.sparseProperties;

	vkGetPhysicalDeviceProperties2(v->phys, &p);
	tell("device", "%s", p.properties.deviceName);
	tell("Vulkan driver", "%s %s", driver.driverName, driver.driverInfo);
	tell("API version", "%u.%u", VK_API_VERSION_MAJOR(p.properties.apiVersion),
	     VK_API_VERSION_MINOR(p.properties.apiVersion));
	tell("sparse address space", "0x%llx",
	     (unsigned long long)p.properties.limits.sparseAddressSpaceSize);
	tell("sparse properties", "standard 2D block %u, 3D %u, aligned mip %u, strict %u",
	     s->residencyStandard2DBlockShape, s->residencyStandard3DBlockShape,
	     s->residencyAlignedMipSize, s->residencyNonResidentStrict);
	expect(s->residencyNonResidentStrict, "unbound reads as zero: promised",
	       "residencyNonResidentStrict is %u", s->residencyNonResidentStrict);
}

static void tell_features(const VkPhysicalDeviceFeatures *f)
{
	tell("sparse features", "binding %u, buffer %u, 2D %u, 3D %u, aliased %u", f->sparseBinding,
	     f->sparseResidencyBuffer, f->sparseResidencyImage2D, f->sparseResidencyImage3D,
	     f->sparseResidencyAliased);
	if (!expect(f->sparseBinding && f->sparseResidencyBuffer && f->sparseResidencyImage2D &&
		    f->sparseResidencyAliased, "sparse features", "offered"))
		exit(1);
}

static void tell_memory(struct vks *v)
{
	const VkPhysicalDeviceMemoryProperties *m = &v->memory_types;

	vkGetPhysicalDeviceMemoryProperties(v->phys, &v->memory_types);
	for (uint32_t i = 0; i < m->memoryTypeCount; i++) {
		char name[32];

		snprintf(name, sizeof(name), "memory type %u", i);
		tell(name, "heap %u, flags 0x%x", m->memoryTypes[i].heapIndex,
		     m->memoryTypes[i].propertyFlags);
	}
}

/* The first family whose queues bind and execute. */
static void find_queues(struct vks *v)
{
	const VkQueueFlags need = VK_QUEUE_SPARSE_BINDING_BIT | VK_QUEUE_TRANSFER_BIT;
	VkQueueFamilyProperties p[16];
	uint32_t n = ARRAY_SIZE(p);

	vkGetPhysicalDeviceQueueFamilyProperties(v->phys, &n, p);
	for (uint32_t i = n; i-- > 0;) {
		char name[32];

		snprintf(name, sizeof(name), "queue family %u", i);
		tell(name, "%u queues, flags 0x%x", p[i].queueCount, p[i].queueFlags);
		if ((p[i].queueFlags & need) != need)
			continue;
		v->family = i;
		v->n_queues = p[i].queueCount < MAX_QUEUES ? p[i].queueCount : MAX_QUEUES;
	}
	if (!expect(v->n_queues == MAX_QUEUES, "two sparse queues", "%u there", v->n_queues))
		exit(1);
}

static void open_instance(struct vks *v)
{
	const VkApplicationInfo app = {
		.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
		.pApplicationName = "xe sparse binding",
		.apiVersion = VK_API_VERSION_1_3,
	};
	const VkInstanceCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
		.pApplicationInfo = &app,
	};
	VkInstance instance;
	uint32_t n = 1;
	VkResult r;

	MUST(vkCreateInstance(&info, NULL, &instance));
	r = vkEnumeratePhysicalDevices(instance, &n, &v->phys);
	if ((r && r != VK_INCOMPLETE) || !n)
		fatal("no Vulkan device", r);
}

static void make_device(struct vks *v)
{
	const float priority[MAX_QUEUES] = { 1.0f, 1.0f };
	const char *const marker = VK_AMD_BUFFER_MARKER_EXTENSION_NAME;
	const VkDeviceQueueCreateInfo queues = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
		.queueFamilyIndex = v->family,
		.queueCount = v->n_queues,
		.pQueuePriorities = priority,
	};
	VkPhysicalDeviceVulkan12Features more = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
		.timelineSemaphore = VK_TRUE,
		.bufferDeviceAddress = VK_TRUE,
	};
	const VkPhysicalDeviceFeatures features = {
		.sparseBinding = VK_TRUE,
		.sparseResidencyBuffer = VK_TRUE,
		.sparseResidencyImage2D = VK_TRUE,
		.sparseResidencyAliased = VK_TRUE,
	};
	const VkDeviceCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
		.pNext = &more,
		.queueCreateInfoCount = 1,
		.pQueueCreateInfos = &queues,
		.enabledExtensionCount = gpu_has_markers(v),
		.ppEnabledExtensionNames = &marker,
		.pEnabledFeatures = &features,
	};
	const VkCommandPoolCreateInfo pool = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
		.queueFamilyIndex = v->family,
	};

	MUST(vkCreateDevice(v->phys, &info, NULL, &v->device));
	for (uint32_t i = 0; i < v->n_queues; i++)
		vkGetDeviceQueue(v->device, v->family, i, &v->queue[i]);
	MUST(vkCreateCommandPool(v->device, &pool, NULL, &v->pool));
}

void device_open(struct vks *v, const char *name)
{
	VkPhysicalDeviceFeatures f;

	v->name = name;
	open_instance(v);
	vkGetPhysicalDeviceFeatures(v->phys, &f);
	tell_device(v);
	tell_features(&f);
	tell_memory(v);
	find_queues(v);
	make_device(v);
	expect(true, "device opens", "%u queues of family %u", v->n_queues, v->family);
}

/* --- memory and buffers ----------------------------------------------------------------------- */

static VkBuffer make_buffer(struct vks *v, uint32_t blocks, VkBufferCreateFlags flags)
{
	const VkBufferCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
		.flags = flags,
		.size = (VkDeviceSize)blocks * BLOCK,
		.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT |
			 VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
	};
	VkBuffer buffer;

	MUST(vkCreateBuffer(v->device, &info, NULL, &buffer));
	return buffer;
}

/* As page tables see it: addresses of the upper half come with their sign in the upper 16 bits. */
static VkDeviceAddress buffer_address(struct vks *v, VkBuffer buffer)
{
	const VkBufferDeviceAddressInfo info = {
		.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
		.buffer = buffer,
	};

	return vkGetBufferDeviceAddress(v->device, &info) & 0xffffffffffffull;
}

/* A type that the processor can read, and that suits the buffer. */
static uint32_t memory_type(struct vks *v, uint32_t allowed)
{
	const VkMemoryPropertyFlags need = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
					   VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;

	for (uint32_t i = 0; i < v->memory_types.memoryTypeCount; i++)
		if (allowed >> i & 1 &&
		    (v->memory_types.memoryTypes[i].propertyFlags & need) == need)
			return i;
	fatal("no type of memory suits", allowed);
}

struct memory *memory_new(struct vks *v, uint32_t blocks)
{
	const VkMemoryAllocateFlagsInfo flags = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
		.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
	};
	VkMemoryAllocateInfo info = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
		.pNext = &flags,
		.allocationSize = (VkDeviceSize)blocks * BLOCK,
	};
	struct memory *m = &v->memory[v->n_memories];
	VkMemoryRequirements need;
	void *map;

	if (v->n_memories == MAX_MEMORIES)
		fatal("too much memory", blocks);
	snprintf(m->name, sizeof(m->name), "m%u", v->n_memories++);
	m->blocks = blocks;
	m->plain = make_buffer(v, blocks, 0);
	vkGetBufferMemoryRequirements(v->device, m->plain, &need);
	info.memoryTypeIndex = memory_type(v, need.memoryTypeBits);
	MUST(vkAllocateMemory(v->device, &info, NULL, &m->handle));
	MUST(vkBindBufferMemory(v->device, m->plain, m->handle, 0));
	MUST(vkMapMemory(v->device, m->handle, 0, VK_WHOLE_SIZE, 0, &map));
	m->map = map;
	m->va = buffer_address(v, m->plain);
	return m;
}

/* A sparse buffer, of which nothing is bound. */
struct sparse *buffer_new(struct vks *v, uint32_t blocks)
{
	struct sparse *s = &v->buffer[v->n_buffers];
	VkMemoryRequirements need;

	if (v->n_buffers++ == MAX_BUFFERS)
		fatal("too many buffers", MAX_BUFFERS);
	s->handle = make_buffer(v, blocks, VK_BUFFER_CREATE_SPARSE_BINDING_BIT |
				VK_BUFFER_CREATE_SPARSE_RESIDENCY_BIT |
				VK_BUFFER_CREATE_SPARSE_ALIASED_BIT);
	vkGetBufferMemoryRequirements(v->device, s->handle, &need);
	if (BLOCK % need.alignment)
		fatal("blocks are larger", (long)need.alignment);
	s->blocks = blocks;
	s->va = buffer_address(v, s->handle);
	s->at = calloc(blocks, sizeof(*s->at));
	if (!s->at)
		fatal("no memory", blocks);
	return s;
}

/* --- images ----------------------------------------------------------------------------------- */

static VkImageCreateInfo image_info(VkExtent3D size)
{
	return (VkImageCreateInfo) {
		.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
		.flags = VK_IMAGE_CREATE_SPARSE_BINDING_BIT |
			 VK_IMAGE_CREATE_SPARSE_RESIDENCY_BIT |
			 VK_IMAGE_CREATE_SPARSE_ALIASED_BIT,
		.imageType = VK_IMAGE_TYPE_2D,
		.format = VK_FORMAT_R8G8B8A8_UNORM,
		.extent = size,
		.mipLevels = 1,
		.arrayLayers = 1,
		.samples = VK_SAMPLE_COUNT_1_BIT,
		.tiling = VK_IMAGE_TILING_OPTIMAL,
		.usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT,
	};
}

/* The texels that one block holds. */
static VkExtent3D image_granularity(struct vks *v)
{
	const VkImageCreateInfo info = image_info((VkExtent3D){ 1, 1, 1 });
	VkSparseImageFormatProperties p[4];
	uint32_t n = ARRAY_SIZE(p);

	vkGetPhysicalDeviceSparseImageFormatProperties(v->phys, info.format, info.imageType,
						       info.samples, info.usage, info.tiling, &n,
						       p);
	if (!n)
		fatal("no sparse images of this format", info.format);
	tell("image block", "%u x %u texels", p[0].imageGranularity.width,
	     p[0].imageGranularity.height);
	return p[0].imageGranularity;
}

/* An image of @width by @height blocks, of which nothing is bound. */
void image_new(struct vks *v, struct image *img, uint32_t width, uint32_t height)
{
	VkSparseImageMemoryRequirements parts[4];
	uint32_t n = ARRAY_SIZE(parts);
	VkImageCreateInfo info;
	VkExtent3D size;

	img->granularity = image_granularity(v);
	img->width = width;
	img->height = height;
	snprintf(img->name, sizeof(img->name), "i0");
	size = (VkExtent3D){ width * img->granularity.width, height * img->granularity.height, 1 };
	info = image_info(size);
	MUST(vkCreateImage(v->device, &info, NULL, &img->handle));
	vkGetImageSparseMemoryRequirements(v->device, img->handle, &n, parts);
	/* A tail would have to be bound as a whole, before anything else. */
	if (n != 1 || !parts[0].imageMipTailFirstLod)
		fatal("the image is all tail", n);
	img->at = calloc((size_t)width * height, sizeof(*img->at));
	if (!img->at)
		fatal("no memory", 0);
	v->image = img;
}

/* --- fences and semaphores -------------------------------------------------------------------- */

VkFence fence_new(struct vks *v)
{
	const VkFenceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
	VkFence fence;

	MUST(vkCreateFence(v->device, &info, NULL, &fence));
	return fence;
}

VkSemaphore semaphore_new(struct vks *v, bool timeline)
{
	const VkSemaphoreTypeCreateInfo type = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
		.semaphoreType = timeline ? VK_SEMAPHORE_TYPE_TIMELINE : VK_SEMAPHORE_TYPE_BINARY,
	};
	const VkSemaphoreCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
		.pNext = &type,
	};
	VkSemaphore semaphore;

	MUST(vkCreateSemaphore(v->device, &info, NULL, &semaphore));
	return semaphore;
}
