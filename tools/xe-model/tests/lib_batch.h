/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A machine with a batch and some data, for tests of single commands.
 */
#ifndef XM_TESTS_LIB_BATCH_H
#define XM_TESTS_LIB_BATCH_H

#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_machine.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define DATA (AT_FREE + 0x20000)
#define VA_BATCH 0x100000u
#define VA_DATA 0x200000u
#define LRR_BOTH (MI_LOAD_REGISTER_REG | MI_LRR_SRC_CS_BASE | MI_LRR_DST_CS_BASE)
#define LRI(n) (MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | MI_LRI_LEN(n))
#define SRM (MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE)
#define LRM (MI_LOAD_REGISTER_MEM | MI_REG_MEM_CS_BASE)
#define SDI(n) (MI_STORE_DATA_IMM | MI_SDI_LEN_DW(n))

/**
 * struct box - a machine with a context on one engine and a mapped batch
 * @m: machine
 * @e: engine
 * @desc: context
 * @n: dwords in the batch
 * @platform: what the machine claims to be, if it is not Tiger Lake
 */
struct box {
	struct machine *m;
	struct engine *e;
	u64 desc;
	u32 n;
	struct xm_platform platform;
};

/** box_setup() - cmocka setup: *state is a struct box with a context on the copy engine. */
int box_setup(void **state);

/** box_setup_xe2() - the same, with the commands of Xe2. */
int box_setup_xe2(void **state);

/** box_setup_render() - the same on the render engine. */
int box_setup_render(void **state);

/** box_teardown() - cmocka teardown. */
int box_teardown(void **state);

/** box_batch() - append @n dwords to the batch. */
void box_batch(struct box *box, const u32 *dw, unsigned int n);

/** go() - run the batch, ended here, once. Return: why the engine stopped. */
enum engine_stop go(struct box *box);

/** data() - Return: dword at @off of the data pages. */
u32 data(struct box *box, u32 off);

/** put_data64() - write a qword at @off of the data pages. */
void put_data64(struct box *box, u32 off, u64 val);

/** data64() - Return: qword at @off of the data pages. */
u64 data64(struct box *box, u32 off);

#define batch(box, ...) \
	box_batch(box, (const u32[]){ __VA_ARGS__ }, ARRAY_SIZE(((const u32[]){ __VA_ARGS__ })))

#define ring(box, ...)                                             \
	machine_emit((box)->m, CTX, (const u32[]){ __VA_ARGS__ },  \
		     ARRAY_SIZE(((const u32[]){ __VA_ARGS__ })))

#endif
