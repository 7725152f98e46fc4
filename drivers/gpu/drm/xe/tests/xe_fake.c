// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: A device without hardware
 *
 * For suites that need more than numbers: a Tiger Lake whose registers nobody has, and no GT. What
 * lies above the registers is the driver's own and works: files with handles, sync objects, VMs
 * with page tables in memory, BOs, binds written by the CPU. Everything is released when the test
 * ends, so that a reference a test or the driver has lost is found by the checks of the release
 * functions or by kmemleak.
 */
#include "tests/xe_fake.h"

#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/test.h>

#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include <uapi/drm/xe_drm.h>

#include "base/xe_device.h"
#include "core/xe_module.h"
#include "mem/xe_bo.h"
#include "mem/xe_mem.h"
#include "regs/xe_pci_regs.h"
#include "submit/xe_foreign_fence.h"
#include "uapi/xe_file.h"
#include "uapi/xe_ioctl.h"
#include "vm/xe_vm.h"

static const struct drm_driver fake_driver = {
	.driver_features = DRIVER_GEM | DRIVER_RENDER | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE | DRIVER_GEM_GPUVA,
	.open = xe_file_open,
	.postclose = xe_file_postclose,
	.fops = &xe_driver_fops,
	.name = "xe-fake",
	.desc = "Intel Xe Graphics without hardware",
	.date = "20261127",
	.major = 1,
};

static void fake_device_fini(void *data)
{
	struct xe_device *xe = data;

	xe_vm_fini_device(xe);
	xe_mem_fini(xe);
}

/**
 * xe_fake_device - make a device for one test
 * @test: the test
 *
 * Context: may sleep.
 * Return: the device, released with the test
 */
struct xe_device *xe_fake_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "gpu");
	struct xe_device *xe;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	/* As PCI devices have them. */
	dev->dma_parms = devm_kzalloc(dev, sizeof(*dev->dma_parms), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dev->dma_parms);
	xe = devm_drm_dev_alloc(dev, &fake_driver, struct xe_device, drm);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, xe);

	xe->platform = xe_platform_find(XE_PCI_DEVICE_TGL);
	xe->devid = XE_PCI_DEVICE_TGL;
	/* How many fences a reservation must have room for depends on it. */
	xe->n_gts = xe->platform->n_gts;
	xe->unordered_wq = xe_module_wq;
	xe->ufence_write_wq = xe_ufence_write_wq;
	xe->ufence_fault_wq = xe_ufence_fault_wq;
	xe_foreign_fence_init_device(xe);
	init_waitqueue_head(&xe->ufence_wq);
	KUNIT_ASSERT_EQ(test, xe_mem_init(xe), 0);
	KUNIT_ASSERT_EQ(test, xe_vm_init_device(xe), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_device_fini, xe), 0);

	return xe;
}

static void fake_file_close(void *filp)
{
	/* fput() of a thread of the kernel leaves it to a worker; tests want to know it is over. */
	__fput_sync(filp);
}

/**
 * xe_fake_file - open a device
 * @test: the test
 * @xe: device of the test
 *
 * Context: may sleep.
 * Return: the open file, closed when the test ends
 */
struct drm_file *xe_fake_file(struct kunit *test, struct xe_device *xe)
{
	struct file *filp = mock_drm_getfile(xe->drm.primary, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, filp);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_file_close, filp), 0);

	return filp->private_data;
}

static void fake_vm_close(void *vm)
{
	xe_vm_close(vm);
	xe_vm_put(vm);
}

/**
 * xe_fake_vm - make an address space
 * @test: the test
 * @xe: device of the test
 * @flags: as xe_vm_create()
 *
 * Context: may sleep.
 * Return: the VM, closed when the test ends
 */
struct xe_vm *xe_fake_vm(struct kunit *test, struct xe_device *xe, u32 flags)
{
	struct xe_vm *vm = xe_vm_create(xe, flags);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_vm_close, vm), 0);

	return vm;
}

static void fake_bo_put(void *bo)
{
	xe_bo_put(bo);
}

/**
 * xe_fake_bo - make a cached BO without memory, which comes when it is bound
 * @test: the test
 * @xe: device of the test
 * @vm: VM it is private to, or NULL
 * @size: bytes
 *
 * Context: may sleep.
 * Return: the BO; its reference is dropped when the test ends
 */
struct xe_bo *xe_fake_bo(struct kunit *test, struct xe_device *xe, struct xe_vm *vm, u64 size)
{
	const struct xe_bo_user_args args = {
		.size = size,
		.flags = XE_BO_DEFER_BACKING,
		.cpu_caching = DRM_XE_GEM_CPU_CACHING_WB,
		.resv_obj = vm ? xe_vm_resv_obj(vm) : NULL,
	};
	struct xe_bo *bo = xe_bo_create_user(xe, &args);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_bo_put, bo), 0);

	return bo;
}

/**
 * xe_fake_user - get memory of a process
 * @test: the test, which becomes a process by it
 * @size: bytes
 * @init: what to put there, or NULL
 *
 * Context: may sleep.
 * Return: address of zeroed memory, writable, page aligned; gone with the test
 */
void __user *xe_fake_user(struct kunit *test, size_t size, const void *init)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, PAGE_ALIGN(size), PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	void __user *user = (void __user *)addr;

	KUNIT_ASSERT_NE_MSG(test, addr, 0, "no memory");
	KUNIT_ASSERT_LT_MSG(test, addr, (unsigned long)TASK_SIZE, "no memory");
	if (init)
		KUNIT_ASSERT_EQ(test, copy_to_user(user, init, size), 0);

	return user;
}
