/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Bits of global (GGTT) and per-process (PPGTT) page-table entries. Numbers only.
 *
 * The page-attribute (PAT) index of a PPGTT leaf is scattered: bits 0 and 1 sit at 3 and 4 in every
 * entry, bit 2 sits at 7 in a 4 KiB leaf but at 12 in larger leaves (7 is "page size" there), bits
 * 3 and 4 sit at 62 and 61. Entries that point to a table carry PAT bits 0 and 1 only.
 */
#ifndef _XE_PTE_BITS_H_
#define _XE_PTE_BITS_H_

#define PPGTT_PRESENT			0x0000000000000001ULL
#define PPGTT_WRITABLE			0x0000000000000002ULL
#define PPGTT_PAT0			0x0000000000000008ULL
#define PPGTT_PAT1			0x0000000000000010ULL
#define PPGTT_COMPACT_CHILD		0x0000000000000040ULL
#define PPGTT_PTE_PAT2			0x0000000000000080ULL
#define PPGTT_PDE_PAGE_SIZE		0x0000000000000080ULL
#define PPGTT_PTE_PS64			0x0000000000000100ULL
#define PPGTT_NULL			0x0000000000000200ULL
#define PPGTT_ATOMIC			0x0000000000000400ULL
#define PPGTT_DEVMEM			0x0000000000000800ULL
#define PPGTT_PDE_PAT2			0x0000000000001000ULL
#define PPGTT_PAT4			0x2000000000000000ULL
#define PPGTT_PAT3			0x4000000000000000ULL

/* Architected address field; a platform may implement fewer bits. */
#define PPGTT_ADDR_MASK			0x00003ffffffff000ULL

#define PPGTT_TABLE_ENTRIES		512
#define PPGTT_TABLE_SHIFT		9
#define PPGTT_PAGE_SHIFT		12

#define GGTT_PRESENT			0x0000000000000001ULL
#define GGTT_DEVMEM			0x0000000000000002ULL
#define GGTT_VFID_SHIFT			2
#define GGTT_ADDR_MASK			0x00003ffffffff000ULL
#define GGTT_PAT0			0x0010000000000000ULL
#define GGTT_PAT1			0x0020000000000000ULL

#endif
