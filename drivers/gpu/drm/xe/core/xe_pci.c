// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: PCI probe and remove
 *
 * Finds the platform of a PCI function, asks the parameter force_probe whether to bind it,
 * prepares the function and hands over to xe_device.c. There is no state here but the driver data
 * of the function, the device.
 */

#include "core/xe_pci.h"

#include <linux/ctype.h>
#include <linux/dma-mapping.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/string.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "base/xe_print.h"
#include "core/xe_device.h"
#include "core/xe_module.h"
#include "core/xe_sleep.h"
#include "regs/xe_pci_regs.h"

#define XE_PCI_MATCH(id) { \
	PCI_DEVICE(XE_PCI_VENDOR_INTEL, id), \
	.class = XE_PCI_BASE_CLASS_DISPLAY << 16, \
	.class_mask = 0xff << 16, \
}

static const struct pci_device_id xe_pci_ids[] = {
	XE_PCI_MATCH(XE_PCI_DEVICE_TGL),
	{ }
};
MODULE_DEVICE_TABLE(pci, xe_pci_ids);

/* One word of the list: "id", "!id", "*" or "!*"; anything else is ignored. */
static enum xe_probe_wish word_wish(const char *word, size_t len, u16 devid)
{
	enum xe_probe_wish wish = XE_PROBE_FORCE;
	char id[8];
	u16 value;

	if (len && *word == '!') {
		wish = XE_PROBE_BLOCK;
		word++;
		len--;
	}

	if (len == 1 && *word == '*')
		return wish;
	if (!len || len >= sizeof(id))
		return XE_PROBE_DEFAULT;

	memcpy(id, word, len);
	id[len] = '\0';
	if (kstrtou16(id, 16, &value) || value != devid)
		return XE_PROBE_DEFAULT;

	return wish;
}

/**
 * xe_pci_probe_wish - look a device up in a force_probe list
 * @list: words separated by commas or white space; NULL or empty is a list that says nothing
 * @devid: PCI device id
 *
 * Blocking beats forcing, so that "*,!9a49" means all but one.
 *
 * Context: any.
 * Return: what the list says.
 */
enum xe_probe_wish xe_pci_probe_wish(const char *list, u16 devid)
{
	static const char separators[] = ", \t\n";
	enum xe_probe_wish wish = XE_PROBE_DEFAULT;

	while (list && *list) {
		size_t len = strcspn(list, separators);
		enum xe_probe_wish w = word_wish(list, len, devid);

		if (w == XE_PROBE_BLOCK)
			return w;
		if (w == XE_PROBE_FORCE)
			wish = w;
		list += len;
		list += strspn(list, separators);
	}

	return wish;
}

static bool may_bind(struct pci_dev *pdev, const struct xe_platform *platform)
{
	switch (xe_pci_probe_wish(xe_modparam.force_probe, pdev->device)) {
	case XE_PROBE_FORCE:
		return true;
	case XE_PROBE_BLOCK:
		pci_info(pdev, "%s left alone as force_probe asks for\n", platform->name);
		return false;
	default:
		break;
	}

	if (!platform->require_force_probe)
		return true;

	pci_info(pdev, "%s is supported but not bound by default, use xe.force_probe=%04x\n",
		 platform->name, pdev->device);
	return false;
}

/*
 * The BAR is not claimed: programs that read registers map it through sysfs, which kernels with
 * IO_STRICT_DEVMEM allow for unclaimed regions only.
 */
static int enable_function(struct pci_dev *pdev, const struct xe_platform *platform)
{
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return dev_err_probe(&pdev->dev, err, "cannot enable the PCI function\n");

	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(platform->dma_bits));
	if (err)
		return dev_err_probe(&pdev->dev, err, "no DMA with %u address bits\n",
				     platform->dma_bits);

	pci_set_master(pdev);
	return 0;
}

static int xe_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct xe_platform *platform = xe_platform_find(pdev->device);
	struct xe_device *xe;
	int err;

	if (!platform || !may_bind(pdev, platform))
		return -ENODEV;

	if (xe_modparam.force_execlist) {
		pci_err(pdev, "force_execlist: submission without the GuC is not implemented\n");
		return -EINVAL;
	}

	/* Before the function is enabled, so that devres disables it before the device goes. */
	xe = xe_device_create(pdev, platform);
	if (IS_ERR(xe))
		return PTR_ERR(xe);

	err = enable_function(pdev, platform);
	if (err)
		return err;

	err = xe_device_probe(xe);
	if (err) {
		pci_clear_master(pdev);
		return err;
	}

	pci_set_drvdata(pdev, xe);
	return 0;
}

static void xe_pci_remove(struct pci_dev *pdev)
{
	struct xe_device *xe = pci_get_drvdata(pdev);

	xe_device_remove(xe);
	pci_clear_master(pdev);
	pci_set_drvdata(pdev, NULL);
}

static void xe_pci_shutdown(struct pci_dev *pdev)
{
	xe_device_shutdown(pci_get_drvdata(pdev));
}

/* Power states and configuration space are left to the PCI core. */
static int xe_pci_suspend(struct device *dev)
{
	return xe_device_suspend(dev_get_drvdata(dev));
}

static int xe_pci_resume(struct device *dev)
{
	return xe_device_resume(dev_get_drvdata(dev));
}

static DEFINE_SIMPLE_DEV_PM_OPS(xe_pm_ops, xe_pci_suspend, xe_pci_resume);

static struct pci_driver xe_pci_driver = {
	.name = "xe",
	.id_table = xe_pci_ids,
	.probe = xe_pci_probe,
	.remove = xe_pci_remove,
	.shutdown = xe_pci_shutdown,
	.driver.pm = pm_sleep_ptr(&xe_pm_ops),
};

/**
 * xe_pci_register - start binding devices
 *
 * Context: module init.
 * Return: 0, or an error of the driver core.
 */
int xe_pci_register(void)
{
	return pci_register_driver(&xe_pci_driver);
}

/**
 * xe_pci_unregister - let go of all devices
 *
 * Context: module exit.
 */
void xe_pci_unregister(void)
{
	pci_unregister_driver(&xe_pci_driver);
}
