// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: GuC firmware image
 *
 * The file consists of a 128-byte CSS header, micro-code, an RSA signature and, optionally, the
 * key the signature was made with. The driver checks that sizes agree with each other and with
 * the file and that the version speaks the protocol this driver speaks. Whether the signature is
 * good is decided by the hardware: a small DMA engine copies header and micro-code from the GGTT
 * into write-once protected memory (WOPCM), a boot ROM authenticates the copy and jumps into it.
 *
 * Nothing in here needs a lock: the image is immutable after probe, and uploads are ordered by
 * probe and the reset worker.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/firmware.h>
#include <linux/unaligned.h>

#include "base/xe_print.h"
#include "gt/xe_gt.h"
#include "hw/xe_mmio.h"
#include "mem/xe_bo.h"
#include "regs/xe_guc_regs.h"
#include "regs/xe_reg_bits.h"
#include "submit/xe_guc_types.h"

#define GUC_DMA_TIMEOUT_US	(100 * 1000)

static u32 css_word(const u8 *css, unsigned int offset)
{
	return get_unaligned_le32(css + offset);
}

static void fw_parse_version(u32 word, struct xe_uc_fw_version *out)
{
	out->major = FIELD_GET(GUC_CSS_VERSION_MAJOR_MASK, word);
	out->minor = FIELD_GET(GUC_CSS_VERSION_MINOR_MASK, word);
	out->patch = FIELD_GET(GUC_CSS_VERSION_PATCH_MASK, word);
}

static int fw_check_sizes(struct xe_gt *gt, struct xe_uc_fw *fw, const u8 *css, size_t bytes)
{
	u32 header_dw, key_dw, key_parts_dw, total_dw;

	if (bytes < GUC_CSS_BYTES) {
		xe_gt_err(gt, "firmware %s: %zu bytes are too few for a header\n", fw->path, bytes);
		return -ENODATA;
	}

	header_dw = css_word(css, GUC_CSS_HEADER_SIZE_DW_OFFSET);
	total_dw = css_word(css, GUC_CSS_SIZE_DW_OFFSET);
	key_dw = css_word(css, GUC_CSS_KEY_SIZE_DW_OFFSET);
	key_parts_dw = key_dw + css_word(css, GUC_CSS_MODULUS_SIZE_DW_OFFSET) +
		       css_word(css, GUC_CSS_EXPONENT_SIZE_DW_OFFSET);
	if (header_dw - key_parts_dw != GUC_CSS_BYTES / sizeof(u32) || total_dw < header_dw) {
		xe_gt_err(gt, "firmware %s: header of %u dwords, keys of %u, image of %u disagree\n",
			  fw->path, header_dw, key_parts_dw, total_dw);
		return -EPROTO;
	}

	if (total_dw - header_dw > bytes / sizeof(u32) || key_dw > bytes / sizeof(u32))
		goto truncated;
	fw->ucode_bytes = (total_dw - header_dw) * sizeof(u32);
	fw->rsa_bytes = key_dw * sizeof(u32);
	if (bytes < (size_t)GUC_CSS_BYTES + fw->ucode_bytes + fw->rsa_bytes)
		goto truncated;

	if (fw->rsa_bytes < GUC_RSA_IN_REGISTERS_BYTES) {
		xe_gt_err(gt, "firmware %s: signature of %u bytes is too short\n",
			  fw->path, fw->rsa_bytes);
		return -ENOEXEC;
	}

	return 0;

truncated:
	xe_gt_err(gt, "firmware %s: truncated, %zu bytes\n", fw->path, bytes);
	return -ENOEXEC;
}

static int fw_check_version(struct xe_gt *gt, struct xe_uc_fw *fw, const u8 *css)
{
	const struct xe_uc_fw_version *v = &fw->version;

	fw_parse_version(css_word(css, GUC_CSS_SW_VERSION_OFFSET), &fw->version);
	fw_parse_version(css_word(css, GUC_CSS_SUBMISSION_VERSION_OFFSET), &fw->submission);
	fw->private_bytes = css_word(css, GUC_CSS_PRIVATE_DATA_SIZE_OFFSET);

	if (v->major < GUC_FW_WANTED_MAJOR ||
	    (v->major == GUC_FW_WANTED_MAJOR &&
	     (v->minor < GUC_FW_MIN_MINOR ||
	      (v->minor == GUC_FW_MIN_MINOR && v->patch < GUC_FW_MIN_PATCH)))) {
		xe_gt_err(gt, "firmware %s: version %u.%u.%u is older than %u.%u.%u\n", fw->path,
			  v->major, v->minor, v->patch, GUC_FW_WANTED_MAJOR, GUC_FW_MIN_MINOR,
			  GUC_FW_MIN_PATCH);
		return -EINVAL;
	}

	if (v->major != GUC_FW_WANTED_MAJOR && !fw->overridden) {
		xe_gt_err(gt, "firmware %s: major version %u, need %u\n", fw->path, v->major,
			  GUC_FW_WANTED_MAJOR);
		return -ENOEXEC;
	}

	if (fw->private_bytes > SZ_8M) {
		xe_gt_err(gt, "firmware %s: private area of %u bytes is implausible\n", fw->path,
			  fw->private_bytes);
		return -EPROTO;
	}

	return 0;
}

/**
 * xe_uc_fw_init - find, check and copy the firmware
 * @guc: the GuC; the file is the platform's, or the one of the module parameter
 *
 * Context: probe; may sleep and wait for user space to deliver the file.
 * Return:
 * * 0 - success
 * * -ENOENT - no such file
 * * -ENODATA - shorter than a header
 * * -EPROTO - sizes in the header contradict each other
 * * -ENOEXEC - truncated, signature too short, or wrong major version
 * * -EINVAL - version too old
 * * -ENOMEM, -ENOSPC - no memory or no GGTT space for the copy
 */
int xe_uc_fw_init(struct xe_guc *guc)
{
	struct xe_gt *gt = guc->gt;
	struct xe_device *xe = gt->xe;
	struct xe_uc_fw *fw = &guc->fw;
	const struct firmware *file;
	int ret;

	fw->path = xe->platform->guc_fw;
	if (xe->params.guc_firmware_path && *xe->params.guc_firmware_path) {
		fw->path = xe->params.guc_firmware_path;
		fw->overridden = true;
	}

	ret = request_firmware(&file, fw->path, xe->drm.dev);
	if (ret) {
		xe_gt_err(gt, "GuC firmware %s is missing (%pe); this GPU cannot run without it\n",
			  fw->path, ERR_PTR(ret));
		return ret;
	}

	ret = fw_check_sizes(gt, fw, file->data, file->size);
	if (!ret)
		ret = fw_check_version(gt, fw, file->data);
	if (ret)
		goto release;

	fw->bo = xe_bo_create_kernel(xe, PAGE_ALIGN(file->size),
				     XE_BO_GGTT | XE_BO_GGTT_INVALIDATE);
	if (IS_ERR(fw->bo)) {
		ret = PTR_ERR(fw->bo);
		fw->bo = NULL;
		goto release;
	}
	memcpy(xe_bo_vaddr(fw->bo), file->data, file->size);
	xe_gt_info(gt, "using GuC firmware %s version %u.%u.%u\n", fw->path, fw->version.major,
		   fw->version.minor, fw->version.patch);

release:
	release_firmware(file);
	return ret;
}

/**
 * xe_uc_fw_fini - drop the copy of the firmware
 * @guc: the GuC
 *
 * Context: may sleep.
 */
void xe_uc_fw_fini(struct xe_guc *guc)
{
	xe_bo_destroy_kernel(guc->fw.bo);
	guc->fw.bo = NULL;
}

static int wopcm_check(struct xe_guc *guc, u32 total, u32 base, u32 size)
{
	u32 limit = total - GUC_WOPCM_CONTEXT_RESERVED;
	u32 need = GUC_CSS_BYTES + guc->fw.ucode_bytes + GUC_WOPCM_GUC_RESERVED +
		   GUC_WOPCM_GUC_STACK;

	if (base < GUC_WOPCM_HUC_RESERVED || base >= limit || size > limit - base || need > size) {
		xe_gt_err(guc->gt, "WOPCM region %#x+%#x of %#x does not hold %#x bytes\n", base,
			  size, total, need);
		return -E2BIG;
	}

	return 0;
}

/**
 * xe_uc_fw_wopcm_init - divide the protected memory, or adopt the division made before
 * @guc: the GuC; forcewake of the GT held
 *
 * The registers are write-once until the next full reset, so a division left by an earlier
 * driver has to be lived with.
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -E2BIG - the firmware does not fit
 * * -EIO - the registers did not take the values
 */
int xe_uc_fw_wopcm_init(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	u32 total = guc->gt->xe->platform->wopcm_size;
	u32 offset_reg, size_reg, base, size;
	int ret;

	offset_reg = xe_mmio_read32(mmio, DMA_GUC_WOPCM_OFFSET);
	size_reg = xe_mmio_read32(mmio, GUC_WOPCM_SIZE);
	if ((offset_reg & GUC_WOPCM_OFFSET_VALID) && (size_reg & GUC_WOPCM_SIZE_LOCKED))
		return wopcm_check(guc, GUC_WOPCM_MAX_BYTES, offset_reg & GUC_WOPCM_OFFSET_MASK,
				   size_reg & GUC_WOPCM_SIZE_MASK);

	base = ALIGN(GUC_WOPCM_HUC_RESERVED, GUC_WOPCM_BASE_ALIGN);
	size = (total - GUC_WOPCM_CONTEXT_RESERVED - base) & GUC_WOPCM_SIZE_MASK;
	ret = wopcm_check(guc, total, base, size);
	if (ret)
		return ret;

	xe_mmio_write32(mmio, GUC_WOPCM_SIZE, size);
	size_reg = xe_mmio_read32(mmio, GUC_WOPCM_SIZE);
	xe_mmio_write32(mmio, DMA_GUC_WOPCM_OFFSET, base);
	offset_reg = xe_mmio_read32(mmio, DMA_GUC_WOPCM_OFFSET);
	if (size_reg != (size | GUC_WOPCM_SIZE_LOCKED) ||
	    (offset_reg & (GUC_WOPCM_OFFSET_MASK | GUC_WOPCM_OFFSET_VALID)) !=
	    (base | GUC_WOPCM_OFFSET_VALID)) {
		xe_gt_err(guc->gt, "WOPCM registers read back %#x, %#x\n", size_reg, offset_reg);
		return -EIO;
	}

	return 0;
}

static void fw_write_signature(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	const struct xe_uc_fw *fw = &guc->fw;
	u32 offset = GUC_CSS_BYTES + fw->ucode_bytes;
	const u8 *rsa = xe_bo_vaddr(fw->bo) + offset;
	unsigned int i;

	if (fw->rsa_bytes > GUC_RSA_IN_REGISTERS_BYTES) {
		xe_mmio_write32(mmio, UOS_RSA_SCRATCH(0), xe_bo_ggtt_addr(fw->bo) + offset);
		return;
	}

	for (i = 0; i < UOS_RSA_SCRATCH_COUNT; i++)
		xe_mmio_write32(mmio, UOS_RSA_SCRATCH(i), get_unaligned_le32(rsa + 4 * i));
}

/**
 * xe_uc_fw_upload - copy signature and micro-code into the GuC and start it
 * @guc: the GuC in reset, parameters written; forcewake of the GT held
 *
 * Context: may sleep.
 * Return:
 * * 0 - the copy is done and the core has been released
 * * -ETIMEDOUT - the DMA engine did not finish within 100 ms
 */
int xe_uc_fw_upload(struct xe_guc *guc)
{
	const struct xe_mmio *mmio = &guc->gt->mmio;
	const struct xe_uc_fw *fw = &guc->fw;
	u32 ctrl;
	int ret;

	fw_write_signature(guc);

	xe_mmio_write32(mmio, DMA_ADDR_0_LOW, xe_bo_ggtt_addr(fw->bo));
	xe_mmio_write32(mmio, DMA_ADDR_0_HIGH, DMA_ADDRESS_SPACE_GGTT);
	xe_mmio_write32(mmio, DMA_ADDR_1_LOW, GUC_DMA_DESTINATION);
	xe_mmio_write32(mmio, DMA_ADDR_1_HIGH, DMA_ADDRESS_SPACE_WOPCM);
	xe_mmio_write32(mmio, DMA_COPY_SIZE, GUC_CSS_BYTES + fw->ucode_bytes);
	xe_mmio_write32(mmio, DMA_CTRL, XE_MASKED_SET(DMA_UOS_MOVE | DMA_START));

	ret = xe_mmio_wait32(mmio, DMA_CTRL, DMA_START, 0, GUC_DMA_TIMEOUT_US, &ctrl, false);
	if (ret)
		xe_gt_err(guc->gt, "firmware copy did not finish, DMA control %#x\n", ctrl);

	/* the next copy must not start by itself */
	xe_mmio_write32(mmio, DMA_CTRL, XE_MASKED_CLR(DMA_UOS_MOVE));

	return ret;
}
