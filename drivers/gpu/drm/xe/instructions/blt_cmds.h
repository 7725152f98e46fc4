/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Commands of the copy engines: opcodes, headers and fields. Numbers only, usable by the kernel
 * and by user space.
 *
 * A header is the command with all flags 0 and its length, total dwords minus 2, in bits 7:0.
 */
#ifndef _XE_BLT_CMDS_H_
#define _XE_BLT_CMDS_H_

#define BLT_OPCODE_MASK			0x1fc00000
#define BLT_OPCODE_SHIFT		22

#define BLT_OP_SETUP_CLIP		0x03
#define BLT_OP_BLOCK_COPY		0x41
#define BLT_OP_FAST_COPY		0x42
#define BLT_OP_FAST_COLOR		0x44
#define BLT_OP_COLOR			0x50
#define BLT_OP_SRC_COPY			0x53
#define BLT_OP_MEM_COPY			0x5a
#define BLT_OP_MEM_SET			0x5b

/* Two dwords behind the header: left and top; right and bottom, exclusive */
#define XY_SETUP_CLIP_BLT		0x40c00001

/* Tilings of XY_FAST_COPY_BLT; 2 and 3 are Tile4 and Tile64 on Xe2 */
#define XY_FAST_COPY_BLT		0x50800008
#define   XY_FAST_COPY0_DST_TILING_MASK	0x00006000
#define   XY_FAST_COPY0_DST_TILING_SHIFT 13
#define   XY_FAST_COPY0_SRC_TILING_MASK	0x00300000
#define   XY_FAST_COPY0_SRC_TILING_SHIFT 20
#define   XY_FAST_COPY_LINEAR		0
#define   XY_FAST_COPY_TILE_X		1
#define   XY_FAST_COPY_TILE_Y		2
#define   XY_FAST_COPY_TILE_YS		3
#define   XY_FAST_COPY1_PITCH_MASK	0x0000ffff
#define   XY_FAST_COPY1_DEPTH_MASK	0x07000000
#define   XY_FAST_COPY1_DEPTH_SHIFT	24
#define   XY_FAST_COPY1_DST_SYSTEM	0x10000000	/* not Xe2 */
#define   XY_FAST_COPY1_SRC_SYSTEM	0x20000000	/* not Xe2 */
#define   XY_FAST_COPY1_DST_NEW_TILE	0x40000000
#define   XY_FAST_COPY1_SRC_NEW_TILE	0x80000000

/* Colour depths of XY_FAST_COPY_BLT, XY_SRC_COPY_BLT and XY_COLOR_BLT */
#define   BLT_DEPTH_8			0
#define   BLT_DEPTH_16_565		1
#define   BLT_DEPTH_16_1555		2
#define   BLT_DEPTH_32			3
#define   BLT_DEPTH_64			4
#define   BLT_DEPTH_128			5

#define XY_BLOCK_COPY_BLT		0x5040000a
#define XY_BLOCK_COPY_BLT_XE2		0x50400014
#define XY_FAST_COLOR_BLT		0x51000009
#define XY_FAST_COLOR_BLT_XE2		0x5100000e
#define   XY_BLOCK0_DEPTH_MASK		0x00380000
#define   XY_BLOCK0_DEPTH_SHIFT		19
/* Colour depths of these two */
#define   XY_BLOCK_DEPTH_8		0
#define   XY_BLOCK_DEPTH_16		1
#define   XY_BLOCK_DEPTH_32		2
#define   XY_BLOCK_DEPTH_64		3
#define   XY_BLOCK_DEPTH_96		4	/* linear only */
#define   XY_BLOCK_DEPTH_128		5
/* The dword that describes a surface; the pitch is stored minus 1 */
#define   XY_BLOCK_PITCH_MASK		0x0003ffff
#define   XY_BLOCK_MOCS_MASK		0x0fe00000
#define   XY_BLOCK_TILING_MASK		0xc0000000
#define   XY_BLOCK_TILING_SHIFT		30
#define   XY_BLOCK_TILE_Y		1
#define   XY_BLOCK_XE2_TILE_X		1
#define   XY_BLOCK_XE2_TILE_4		2
#define   XY_BLOCK_XE2_TILE_64		3
/* The dword that is added to the coordinates of a surface */
#define   XY_BLOCK_OFFSET_X_MASK	0x00003fff
#define   XY_BLOCK_OFFSET_Y_MASK	0x3fff0000
#define   XY_BLOCK_OFFSET_Y_SHIFT	16
#define   XY_BLOCK_OFFSET_SYSTEM	0x80000000

/* Not Xe2. BCS_SWCTRL selects what "tiled" means. */
#define XY_SRC_COPY_BLT			0x54c00008
#define XY_COLOR_BLT			0x54000005
#define   XY_OLD0_DST_TILED		0x00000800
#define   XY_OLD0_SRC_TILED		0x00008000
#define   XY_OLD0_WRITE_RGB		0x00100000	/* bytes 0 to 2 of 32-bit pixels */
#define   XY_OLD0_WRITE_ALPHA		0x00200000	/* byte 3 of 32-bit pixels */
#define   XY_OLD1_PITCH_MASK		0x0000ffff
#define   XY_OLD1_ROP_MASK		0x00ff0000
#define   XY_OLD1_ROP_SHIFT		16
#define   XY_OLD1_DEPTH_MASK		0x03000000
#define   XY_OLD1_DEPTH_SHIFT		24
#define   XY_OLD1_CLIP			0x40000000
#define   BLT_ROP_SRC_COPY		0xcc
#define   BLT_ROP_PAT_COPY		0xf0
/* in BCS_SWCTRL */
#define   BCS_SWCTRL_SRC_Y		0x00000001
#define   BCS_SWCTRL_DST_Y		0x00000002

/* Xe2. Widths, heights and pitches are stored minus 1. */
#define MEM_COPY			0x56800008
#define   MEM_COPY0_MATRIX		0x00020000
#define   MEM_COPY0_PAGES		0x00080000
#define   MEM_COPY_PAGE_BYTES		256
#define MEM_SET				0x56c00005
#define   MEM_SET0_TYPE_MASK		0x00060000
#define   MEM_SET0_TYPE_SHIFT		17
#define   MEM_SET_LINEAR		0
#define   MEM_SET_MATRIX		1
#define   MEM_SET0_MODE_MASK		0x00180000
#define   MEM_SET6_VALUE_SHIFT		24

#endif
