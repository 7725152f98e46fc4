// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "dev/blocks.h"
#include "util/types.h"

/*
 * Replicated registers have a single instance here, so every steering target reads the same value
 * and a multicast write reaches all there is.
 */
static const struct reg_row mcr_rows[] = {
	/* The selector stays in multicast mode unless a read steers it. */
	{ .name = "MCR_SELECTOR", .offset = 0xfdc, .reset = 0x80000000,
	  .reserved = 0x00ffffff },
	{ .name = "MISCCPCTL_DFR", .offset = 0x9550 },
	{ .name = "SAMPLER_INSTDONE", .offset = 0xe160 },
	{ .name = "ROW_INSTDONE", .offset = 0xe164 },
	{ .name = "SAMPLER_MODE", .offset = 0xe18c, .flags = REG_MASKED },
	{ .name = "HALF_SLICE_CHICKEN7", .offset = 0xe194, .flags = REG_MASKED },
	{ .name = "ROW_CHICKEN", .offset = 0xe48c, .flags = REG_MASKED },
	{ .name = "ROW_CHICKEN2", .offset = 0xe4f4, .flags = REG_MASKED },
	{ .name = "SC_INSTDONE", .offset = 0x7100, .count = 3 },
};

const struct xm_block xm_block_mcr = {
	.name = "mcr",
	.rows = mcr_rows,
	.n_rows = ARRAY_SIZE(mcr_rows),
};
