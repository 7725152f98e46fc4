// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Device query
 *
 * Most queries only report: they have a size and a function that fills a zeroed
 * buffer of that size. The two that take input with the buffer follow the same
 * protocol of sizes, but copy in as well as out.
 *
 * Everything reported is fixed after probe, except memory usage and time.
 */

#include "uapi/xe_query.h"

#include <linux/capability.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <uapi/drm/xe_drm.h>
#include <uapi/drm/xe_drm_newer.h>

#include "base/xe_device.h"
#include "base/xe_platform.h"
#include "base/xe_print.h"
#include "gt/xe_engine.h"
#include "gt/xe_gt.h"
#include "hw/xe_force_wake.h"
#include "hw/xe_fuse.h"
#include "hw/xe_mmio.h"
#include "mem/xe_mem.h"
#include "regs/xe_engine_regs.h"
#include "submit/xe_exec_queue.h"
#include "submit/xe_guc.h"

/* Lengths of the topology masks, bytes. */
#define TOPO_DSS_BYTES	16
#define TOPO_L3_BYTES	8
#define TOPO_EU_BYTES	8
#define TOPO_GT_BYTES	(4 * sizeof(struct drm_xe_query_topology_mask) + \
			 2 * TOPO_DSS_BYTES + TOPO_L3_BYTES + TOPO_EU_BYTES)

/**
 * struct xe_query_report - a query that only reports
 */
struct xe_query_report {
	/** @size: bytes of the reply */
	size_t (*size)(struct xe_device *xe);

	/** @fill: write the reply into a zeroed buffer of that size */
	void (*fill)(struct xe_device *xe, void *buf);

	/** @fault: errno if user memory cannot be written */
	int fault;
};

static const u16 user_engine_class[XE_ENGINE_CLASS_MAX] = {
	[XE_ENGINE_CLASS_RENDER] = DRM_XE_ENGINE_CLASS_RENDER,
	[XE_ENGINE_CLASS_COPY] = DRM_XE_ENGINE_CLASS_COPY,
	[XE_ENGINE_CLASS_VIDEO_DECODE] = DRM_XE_ENGINE_CLASS_VIDEO_DECODE,
	[XE_ENGINE_CLASS_VIDEO_ENHANCE] = DRM_XE_ENGINE_CLASS_VIDEO_ENHANCE,
	[XE_ENGINE_CLASS_COMPUTE] = DRM_XE_ENGINE_CLASS_COMPUTE,
};

/* Engine number @n of the device, in the order in which user space sees them; else NULL. */
static struct xe_engine *nth_engine(struct xe_device *xe, unsigned int n)
{
	struct xe_gt *gt;
	unsigned int gt_id, id;

	xe_for_each_gt(gt, xe, gt_id) {
		for (id = 0; id < XE_NUM_ENGINES; id++) {
			struct xe_engine *hwe = gt->engines[id];

			if (!hwe || hwe->class == XE_ENGINE_CLASS_OTHER)
				continue;
			if (!n--)
				return hwe;
		}
	}

	return NULL;
}

static unsigned int count_engines(struct xe_device *xe)
{
	unsigned int n = 0;

	while (nth_engine(xe, n))
		n++;
	return n;
}

static size_t engines_size(struct xe_device *xe)
{
	return struct_size_t(struct drm_xe_query_engines, engines, count_engines(xe));
}

static void engines_fill(struct xe_device *xe, void *buf)
{
	struct drm_xe_query_engines *reply = buf;
	struct xe_engine *hwe;

	while ((hwe = nth_engine(xe, reply->num_engines))) {
		struct drm_xe_engine_class_instance *eci;

		eci = &reply->engines[reply->num_engines++].instance;
		eci->engine_class = user_engine_class[hwe->class];
		eci->engine_instance = hwe->logical_instance;
		eci->gt_id = hwe->gt->id;
	}
}

static size_t mem_regions_size(struct xe_device *xe)
{
	return struct_size_t(struct drm_xe_query_mem_regions, mem_regions, 1);
}

static void mem_regions_fill(struct xe_device *xe, void *buf)
{
	struct drm_xe_query_mem_regions *reply = buf;
	struct drm_xe_mem_region *sys = &reply->mem_regions[0];

	reply->num_mem_regions = 1;
	sys->mem_class = DRM_XE_MEM_REGION_CLASS_SYSMEM;
	sys->instance = DRM_XE_MEM_REGION_CLASS_SYSMEM;
	sys->min_page_size = PAGE_SIZE;
	sys->total_size = xe_mem_sys_total(xe);
	sys->used = xe_mem_sys_used(xe);
}

static size_t config_size(struct xe_device *xe)
{
	return struct_size_t(struct drm_xe_query_config, info,
			     DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY + 1);
}

static void config_fill(struct xe_device *xe, void *buf)
{
	struct drm_xe_query_config *reply = buf;

	reply->num_params = DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY + 1;
	reply->info[DRM_XE_QUERY_CONFIG_REV_AND_DEVICE_ID] = (u32)xe->revid << 16 | xe->devid;
	if (xe->platform->is_dgfx)
		reply->info[DRM_XE_QUERY_CONFIG_FLAGS] |= DRM_XE_QUERY_CONFIG_FLAG_HAS_VRAM;
	reply->info[DRM_XE_QUERY_CONFIG_FLAGS] |= DRM_XE_QUERY_CONFIG_FLAG_HAS_PURGING_SUPPORT;
	reply->info[DRM_XE_QUERY_CONFIG_MIN_ALIGNMENT] = PAGE_SIZE;
	reply->info[DRM_XE_QUERY_CONFIG_VA_BITS] = xe->platform->va_bits;
	reply->info[DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY] =
		capable(CAP_SYS_NICE) ? XE_QUEUE_PRIORITY_HIGH : XE_QUEUE_PRIORITY_NORMAL;
}

static size_t gt_list_size(struct xe_device *xe)
{
	return struct_size_t(struct drm_xe_query_gt_list, gt_list, xe->n_gts);
}

static void gt_list_fill(struct xe_device *xe, void *buf)
{
	struct drm_xe_query_gt_list *reply = buf;
	struct xe_gt *gt;
	unsigned int id;

	xe_for_each_gt(gt, xe, id) {
		struct drm_xe_gt *entry = &reply->gt_list[reply->num_gt++];

		/* IP versions stay 0: these platforms have no register that tells. */
		entry->type = DRM_XE_QUERY_GT_TYPE_MAIN;
		entry->gt_id = gt->id;
		entry->reference_clock = gt->clock_hz;
		entry->near_mem_regions = BIT_ULL(DRM_XE_MEM_REGION_CLASS_SYSMEM);
	}
}

/* The GuC of these platforms has no table. */
static size_t hwconfig_size(struct xe_device *xe)
{
	return 0;
}

static void hwconfig_fill(struct xe_device *xe, void *buf)
{
}

static size_t topology_size(struct xe_device *xe)
{
	return xe->n_gts * TOPO_GT_BYTES;
}

static void *topology_put(void *pos, u16 gt_id, u16 type, u64 mask, u32 num_bytes)
{
	struct drm_xe_query_topology_mask *record = pos;
	__le64 bits = cpu_to_le64(mask);

	record->gt_id = gt_id;
	record->type = type;
	record->num_bytes = num_bytes;
	memcpy(record->mask, &bits, min_t(size_t, num_bytes, sizeof(bits)));

	return record->mask + num_bytes;
}

static void topology_fill(struct xe_device *xe, void *buf)
{
	struct xe_gt *gt;
	unsigned int id;

	xe_for_each_gt(gt, xe, id) {
		const struct xe_fuses *fuses = &gt->fuses;
		u16 eu_type = fuses->simd16_eus ? DRM_XE_TOPO_SIMD16_EU_PER_DSS :
						  DRM_XE_TOPO_EU_PER_DSS;

		buf = topology_put(buf, id, DRM_XE_TOPO_DSS_GEOMETRY, fuses->geometry_dss_mask,
				   TOPO_DSS_BYTES);
		buf = topology_put(buf, id, DRM_XE_TOPO_DSS_COMPUTE, fuses->compute_dss_mask,
				   TOPO_DSS_BYTES);
		buf = topology_put(buf, id, DRM_XE_TOPO_L3_BANK, fuses->l3_bank_mask,
				   TOPO_L3_BYTES);
		buf = topology_put(buf, id, eu_type, fuses->eu_per_dss_mask, TOPO_EU_BYTES);
	}
}

/* No OA: a list without units. */
static size_t oa_units_size(struct xe_device *xe)
{
	return sizeof(struct drm_xe_query_oa_units);
}

static void oa_units_fill(struct xe_device *xe, void *buf)
{
}

static const struct xe_query_report reports[] = {
	[DRM_XE_DEVICE_QUERY_ENGINES] = { engines_size, engines_fill, -EFAULT },
	/* Not a typo: clients know this errno from this query. */
	[DRM_XE_DEVICE_QUERY_MEM_REGIONS] = { mem_regions_size, mem_regions_fill, -ENOSPC },
	[DRM_XE_DEVICE_QUERY_CONFIG] = { config_size, config_fill, -EFAULT },
	[DRM_XE_DEVICE_QUERY_GT_LIST] = { gt_list_size, gt_list_fill, -EFAULT },
	[DRM_XE_DEVICE_QUERY_HWCONFIG] = { hwconfig_size, hwconfig_fill, -EFAULT },
	[DRM_XE_DEVICE_QUERY_GT_TOPOLOGY] = { topology_size, topology_fill, -EFAULT },
	[DRM_XE_DEVICE_QUERY_OA_UNITS] = { oa_units_size, oa_units_fill, -EFAULT },
};

/* 1 if data shall be exchanged, 0 if only the size was asked for. */
static int query_check_size(struct xe_device *xe, struct drm_xe_device_query *query, size_t size)
{
	if (!query->size) {
		query->size = size;
		return 0;
	}

	return XE_IOCTL_DBG(xe, query->size != size) ? -EINVAL : 1;
}

static int query_report(struct xe_device *xe, struct drm_xe_device_query *query,
			const struct xe_query_report *report)
{
	size_t size = report->size(xe);
	void *buf;
	int ret;

	ret = query_check_size(xe, query, size);
	if (ret <= 0)
		return ret;

	buf = kzalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	report->fill(xe, buf);
	ret = copy_to_user(u64_to_user_ptr(query->data), buf, size) ? report->fault : 0;
	kfree(buf);
	return ret;
}

static u64 (*query_clock(s32 clockid))(void)
{
	switch (clockid) {
	case CLOCK_MONOTONIC:
		return ktime_get_ns;
	case CLOCK_MONOTONIC_RAW:
		return ktime_get_raw_ns;
	case CLOCK_REALTIME:
		return ktime_get_real_ns;
	case CLOCK_BOOTTIME:
		return ktime_get_boottime_ns;
	case CLOCK_TAI:
		return ktime_get_clocktai_ns;
	default:
		return NULL;
	}
}

static struct xe_engine *query_engine(struct xe_device *xe,
				      const struct drm_xe_engine_class_instance *eci)
{
	unsigned int class;
	struct xe_gt *gt;

	if (eci->gt_id >= XE_MAX_GTS)
		return NULL;

	gt = xe->gt[array_index_nospec(eci->gt_id, XE_MAX_GTS)];
	if (!gt)
		return NULL;

	for (class = 0; class < XE_ENGINE_CLASS_MAX; class++)
		if (class != XE_ENGINE_CLASS_OTHER && user_engine_class[class] == eci->engine_class)
			return xe_gt_engine(gt, class, eci->engine_instance);

	return NULL;
}

/*
 * The CPU's time stamp must be as close as possible to the read of the low half. The upper half is
 * read before and after; if it changed, the low half overflowed in between and all is read again.
 */
static void read_cycles(struct xe_engine *hwe, u64 (*clock)(void),
			struct drm_xe_query_engine_cycles *cycles)
{
	const struct xe_mmio *mmio = &hwe->gt->mmio;
	u32 low_reg = RING_TIMESTAMP(hwe->mmio_base);
	u32 high_reg = RING_TIMESTAMP_UDW(hwe->mmio_base);
	u32 high = xe_mmio_read32(mmio, high_reg);
	u32 low, before;
	int tries = 2;

	do {
		before = high;
		preempt_disable();
		cycles->cpu_delta = local_clock();
		cycles->cpu_timestamp = clock();
		low = xe_mmio_read32(mmio, low_reg);
		cycles->cpu_delta = local_clock() - cycles->cpu_delta;
		preempt_enable();
		high = xe_mmio_read32(mmio, high_reg);
	} while (high != before && --tries);

	cycles->engine_cycles = ((u64)high << 32 | low) & GENMASK_ULL(cycles->width - 1, 0);
}

static int query_engine_cycles(struct xe_device *xe, struct drm_xe_device_query *query)
{
	struct drm_xe_query_engine_cycles cycles;
	void __user *data = u64_to_user_ptr(query->data);
	u64 (*clock)(void);
	struct xe_engine *hwe;
	int ret;

	ret = query_check_size(xe, query, sizeof(cycles));
	if (ret <= 0)
		return ret;

	if (copy_from_user(&cycles, data, sizeof(cycles)))
		return -EFAULT;

	clock = query_clock(cycles.clockid);
	if (XE_IOCTL_DBG(xe, !clock))
		return -EINVAL;

	hwe = query_engine(xe, &cycles.eci);
	if (XE_IOCTL_DBG(xe, !hwe))
		return -EINVAL;

	if (xe_force_wake_get(&hwe->gt->fw, XE_FORCEWAKE_ALL))
		return -EIO;

	cycles.width = xe->platform->timestamp_bits;
	read_cycles(hwe, clock, &cycles);
	xe_force_wake_put(&hwe->gt->fw, XE_FORCEWAKE_ALL);

	return copy_to_user(data, &cycles, sizeof(cycles)) ? -EFAULT : 0;
}

static int query_uc_fw_version(struct xe_device *xe, struct drm_xe_device_query *query)
{
	struct drm_xe_query_uc_fw_version version;
	void __user *data = u64_to_user_ptr(query->data);
	int ret;

	ret = query_check_size(xe, query, sizeof(version));
	if (ret <= 0)
		return ret;

	if (copy_from_user(&version, data, sizeof(version)))
		return -EFAULT;

	if (XE_IOCTL_DBG(xe, version.pad || version.pad2 || version.reserved))
		return -EINVAL;

	switch (version.uc_type) {
	case XE_QUERY_UC_TYPE_GUC_SUBMISSION:
		xe_guc_submission_version(xe->gt[0], &version.major_ver, &version.minor_ver,
					  &version.patch_ver);
		break;
	case XE_QUERY_UC_TYPE_HUC:
		/* The HuC is not loaded. */
		return -ENODEV;
	default:
		xe_dbg(xe, "no firmware of type %u\n", version.uc_type);
		return -EINVAL;
	}

	version.branch_ver = 0;
	return copy_to_user(data, &version, sizeof(version)) ? -EFAULT : 0;
}

/**
 * xe_query_ioctl() - &DRM_IOCTL_XE_DEVICE_QUERY
 * @drm: DRM device
 * @data: struct drm_xe_device_query
 * @file: caller
 *
 * Context: sleeps.
 * Return: 0, or
 * * %-EINVAL - unknown query, wrong size, or a value is not allowed
 * * %-EFAULT - user memory cannot be accessed
 * * %-ENOSPC - the same, when memory regions were asked for
 * * %-ENODEV - version of a firmware that does not run
 * * %-EIO - the engine does not wake up
 * * %-ENOMEM - no memory
 */
int xe_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct xe_device *xe = to_xe_device(drm);
	struct drm_xe_device_query *query = data;

	if (XE_IOCTL_DBG(xe, query->extensions) ||
	    XE_IOCTL_DBG(xe, query->reserved[0] || query->reserved[1]))
		return -EINVAL;

	switch (query->query) {
	case DRM_XE_DEVICE_QUERY_ENGINES:
	case DRM_XE_DEVICE_QUERY_MEM_REGIONS:
	case DRM_XE_DEVICE_QUERY_CONFIG:
	case DRM_XE_DEVICE_QUERY_GT_LIST:
	case DRM_XE_DEVICE_QUERY_HWCONFIG:
	case DRM_XE_DEVICE_QUERY_GT_TOPOLOGY:
	case DRM_XE_DEVICE_QUERY_OA_UNITS:
		return query_report(xe, query, &reports[query->query]);
	case DRM_XE_DEVICE_QUERY_ENGINE_CYCLES:
		return query_engine_cycles(xe, query);
	case DRM_XE_DEVICE_QUERY_UC_FW_VERSION:
		return query_uc_fw_version(xe, query);
	default:
		xe_dbg(xe, "no query %u\n", query->query);
		return -EINVAL;
	}
}
