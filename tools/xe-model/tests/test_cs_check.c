// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Rule cmd-reserved: reserved bits, undefined values, wrong lengths, engines without a command.
 */

#include "tests/lib_machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instructions/blt_cmds.h"
#include "instructions/gfx_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_cmocka.h"
#include "tests/lib_device.h"
#include "util/bits.h"
#include "util/log.h"

#define RW (PPGTT_PRESENT | PPGTT_WRITABLE)
#define CTX AT_FREE
#define BATCH (AT_FREE + 0x10000)
#define DATA (AT_FREE + 0x20000)
#define VA_BATCH 0x100000u
#define VA 0x200000u
#define MAX_DWORDS 24u
#define WAIT_MS 5000u
#define HANG_MS 5u

static unsigned long reported(void)
{
	return violations_of("cmd-reserved");
}

static int setup(void **state)
{
	struct machine *m;

	if (machine_setup(state))
		return -1;
	m = *state;
	machine_use_engines(m);
	machine_map(m, VA_BATCH, BATCH, 0x1000, RW);
	machine_map(m, VA, DATA, 0x10000, RW);
	return 0;
}

/* Run a batch on the first engine of a GuC class; a hanging engine is reset. Return: reports. */
static unsigned long run(struct machine *m, unsigned int guc_class, const u32 *dw, unsigned int n)
{
	const u32 start[] = { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH, 0 };
	struct engine *e = gfx_find(m->dev, guc_class, 0);
	unsigned long before = reported();
	unsigned int stops = machine_stops(m) + 1;
	u64 desc = machine_context(m, CTX, engine_desc(e)->hw_class, true);

	memcpy(m->mem + BATCH, dw, n * 4);
	*machine_dw(m, BATCH + n * 4) = MI_BATCH_BUFFER_END;
	machine_emit(m, CTX, start, 3);
	machine_start(m, e, desc);
	/* A report may mean that it hangs: it gets a little time then, else all it needs. */
	for (unsigned int ms = 0; ms < WAIT_MS && machine_stops(m) < stops; ms++) {
		if (reported() > before)
			ms = XM_MAX(ms, WAIT_MS - HANG_MS);
		usleep(1000);
	}
	engine_kill(e);
	machine_wait(m, stops);
	return reported() - before;
}

enum { RCS = 0, VCS = 1, BCS = 3 };

/* Legal commands, and how each of their dwords may be spoilt. */
static const struct {
	const char *name;
	u8 engine;
	u8 n;
	u32 dw[MAX_DWORDS];
	/* Up to four ways: dword, bits to flip */
	struct {
		u8 dword;
		u32 bits;
	} bad[4];
} commands[] = {
	{ "MI_NOOP", BCS, 1, { 0x007fffff }, { { 0 } } },
	{ "MI_SET_PREDICATE", BCS, 1, { MI_SET_PREDICATE | 1 }, { { 0, 4 }, { 0, 0x10 } } },
	{ "MI_USER_INTERRUPT", BCS, 1, { MI_USER_INTERRUPT }, { { 0, 1 } } },
	{ "MI_ARB_CHECK", BCS, 1, { MI_ARB_CHECK | 0x101 }, { { 0, 2 }, { 0, 0x200 } } },
	{ "MI_REPORT_HEAD", BCS, 1, { 0x03800000 }, { { 0, 1 } } },
	{ "MI_ARB_ON_OFF", BCS, 1, { MI_ARB_ON_OFF | 1 }, { { 0, 4 } } },
	{ "MI_BATCH_BUFFER_END", BCS, 1, { MI_BATCH_BUFFER_END | 1 },
	  { { 0, 2 }, { 0, MI_BBE_PREDICATE } } },
	{ "MI_PREDICATE", BCS, 1, { MI_PREDICATE | 0xdb }, { { 0, 0x20 }, { 0, 0x80 } } },
	{ "MI_SET_APPID", BCS, 1, { MI_SET_APPID | 0xff }, { { 0, 0x100 } } },
	{ "MI_MATH", BCS, 2, { MI_MATH, 0 }, { { 0, 0x100 }, { 1, MI_ALU(MI_ALU_SHL, 0, 0) } } },
	{ "MI_SEMAPHORE_SIGNAL", BCS, 2, { MI_SEMAPHORE_SIGNAL, 0 }, { { 0, 0x10000 } } },
	{ "MI_SEMAPHORE_WAIT", BCS, 4,
	  { MI_SEMAPHORE_WAIT | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12, 0, VA, 0 },
	  { { 0, MI_SEMAPHORE_INDIRECT }, { 0, 0x7000 }, { 2, 1 } } },
	{ "MI_SEMAPHORE_WAIT", BCS, 5,
	  { MI_SEMAPHORE_WAIT | 1 | MI_SEMAPHORE_POLL | MI_COMPARE_GE << 12, 0, VA, 0, 0x3e0 },
	  { { 4, 4 } } },
	{ "MI_FORCE_WAKEUP", BCS, 2, { 0x0e800000, 0 }, { { 0, 0x100 } } },
	{ "MI_STORE_DATA_IMM", BCS, 4, { MI_STORE_DATA_IMM | 2 | MI_USE_GGTT, VA, 0, 1 },
	  { { 0, MI_SDI_WPARID }, { 0, 0x80000 }, { 1, 2 } } },
	{ "MI_STORE_DATA_INDEX", BCS, 3, { MI_STORE_DATA_INDEX, 0x40, 1 },
	  { { 0, 0x1000 }, { 1, 0x1000 } } },
	{ "MI_LOAD_REGISTER_IMM", BCS, 5,
	  { MI_LOAD_REGISTER_IMM | MI_LRI_CS_BASE | 3, 0x600, 1, 0x604, 2 },
	  { { 0, 0x40000 }, { 1, 1 }, { 3, 0x800000 } } },
	{ "MI_STORE_REGISTER_MEM", BCS, 4,
	  { MI_STORE_REGISTER_MEM | MI_REG_MEM_CS_BASE, 0x600, VA, 0 },
	  { { 0, MI_SRM_WPARID }, { 1, 2 }, { 2, 3 } } },
	{ "MI_LOAD_REGISTER_MEM", BCS, 4,
	  { MI_LOAD_REGISTER_MEM | MI_REG_MEM_CS_BASE, 0x600, VA, 0 },
	  { { 0, 0x10000 }, { 1, 1u << 31 }, { 2, 1 } } },
	{ "MI_LOAD_REGISTER_REG", BCS, 3, { 0x150c0001, 0x600, 0x608 },
	  { { 0, 0x100000 }, { 1, 1 }, { 2, 1 } } },
	{ "MI_FLUSH_DW", BCS, 4, { MI_FLUSH_DW | 2 | MI_FLUSH_DW_WRITE_IMM, VA, 0, 1 },
	  { { 0, MI_FLUSH_DW_CCS }, { 0, MI_FLUSH_DW_VIDEO_INVALIDATE }, { 1, 1 },
	    { 2, 0x10000 } } },
	{ "MI_FLUSH_DW", BCS, 3, { MI_FLUSH_DW | 1, 0, 0 }, { { 0, 0x8000 }, { 0, 0x40 } } },
	{ "MI_FLUSH_DW", VCS, 3, { MI_FLUSH_DW | 1 | MI_FLUSH_DW_VIDEO_INVALIDATE, 0, 0 },
	  { { 0, 0x8000 } } },
	{ "MI_REPORT_PERF_COUNT", RCS, 4, { MI_REPORT_PERF_COUNT, VA, 0, 7 },
	  { { 0, 0x40 }, { 1, 2 } } },
	{ "MI_COPY_MEM_MEM", BCS, 5, { MI_COPY_MEM_MEM, VA, 0, VA + 4, 0 },
	  { { 0, 0x100000 }, { 1, 1 }, { 3, 2 } } },
	{ "MI_ATOMIC", BCS, 3, { MI_ATOMIC | 1 | MI_ATOMIC_INC << 8, VA, 0 },
	  { { 0, 0x1000 }, { 0, MI_ATOMIC_SIZE_MASK }, { 0, MI_ATOMIC_INLINE_DATA }, { 1, 1 } } },
	{ "MI_BATCH_BUFFER_START", BCS, 3,
	  { MI_BATCH_BUFFER_START | MI_BBS_PPGTT, VA_BATCH + 12, 0 },
	  { { 0, MI_BBS_INDIRECT }, { 1, 1 } } },
	{ "MI_CONDITIONAL_BATCH_BUFFER_END", BCS, 4,
	  { MI_CONDITIONAL_BATCH_BUFFER_END | MI_CBBE_COMPARE_ENABLE, 0, VA, 0 },
	  { { 0, 0x7000 }, { 0, MI_CBBE_PREDICATE }, { 2, 1 } } },
	{ "PIPE_CONTROL", RCS, 6,
	  { PIPE_CONTROL | PIPE_CONTROL0_HDC_FLUSH, 0x503030a1 & ~PIPE_CONTROL1_STORE_INDEX, VA,
	    0, 1, 2 },
	  { { 0, PIPE_CONTROL0_UNTYPED_FLUSH }, { 1, 0x40 }, { 1, 1u << 31 }, { 3, 1u << 16 } } },
	{ "XY_SETUP_CLIP_BLT", BCS, 3, { XY_SETUP_CLIP_BLT, 0, 4 << 16 | 4 }, { { 0, 0x800 } } },
	{ "XY_FAST_COPY_BLT", BCS, 10,
	  { XY_FAST_COPY_BLT, 0x33000100, 0, 2 << 16 | 2, VA, 0, 0, 0x100, VA + 0x1000, 0 },
	  { { 0, 0x1000 }, { 1, 0x100000 }, { 1, 0x05000000 }, { 7, 0x10000 } } },
	{ "XY_BLOCK_COPY_BLT", BCS, 12,
	  { XY_BLOCK_COPY_BLT | 2 << 19, 0x006000ff, 0, 2 << 16 | 2, VA, 0, 0, 0, 0x006000ff,
	    VA + 0x1000, 0, 0 },
	  { { 0, 0x200 }, { 1, 1u << 31 }, { 6, 1u << 31 }, { 0, 5 << 19 } } },
	{ "XY_FAST_COLOR_BLT", BCS, 11,
	  { 0x51100009, 0x00c000ff, 0, 2 << 16 | 2, VA, 0, 0x80000000, 1, 2, 3, 4 },
	  { { 0, 0x1000 }, { 1, 1u << 29 }, { 6, 0x4000 } } },
	{ "XY_COLOR_BLT", BCS, 7, { 0x54300005, 0x03f00100, 0, 2 << 16 | 2, VA, 0, 1 },
	  { { 0, 0x8000 }, { 1, 1u << 28 } } },
	{ "XY_SRC_COPY_BLT", BCS, 10,
	  { 0x54f00008, 0x03cc0100, 0, 2 << 16 | 2, VA, 0, 0, 0x100, VA + 0x1000, 0 },
	  { { 0, 0x1000 }, { 1, 1u << 31 }, { 7, 0x10000 } } },
};

static void bits_of_commands(void **state)
{
	struct machine *m = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
		u32 dw[MAX_DWORDS];

		memcpy(dw, commands[i].dw, sizeof(dw));
		if (run(m, commands[i].engine, dw, commands[i].n))
			fail_msg("%s: legal, but reported", commands[i].name);
		for (unsigned int k = 0; k < 4 && commands[i].bad[k].bits; k++) {
			dw[commands[i].bad[k].dword] ^= commands[i].bad[k].bits;
			if (!run(m, commands[i].engine, dw, commands[i].n))
				fail_msg("%s: not reported: dword %u is 0x%08x", commands[i].name,
					 commands[i].bad[k].dword, dw[commands[i].bad[k].dword]);
			dw[commands[i].bad[k].dword] ^= commands[i].bad[k].bits;
		}
	}
}

static void lengths(void **state)
{
	static const struct {
		u8 engine;
		u32 header;
	} wrong[] = {
		{ BCS, MI_SEMAPHORE_WAIT - 1 }, { BCS, MI_STORE_DATA_IMM | 1 },
		{ BCS, MI_LOAD_REGISTER_IMM | 2 }, { BCS, MI_STORE_REGISTER_MEM + 1 },
		{ BCS, MI_FLUSH_DW | 4 }, { BCS, MI_LOAD_REGISTER_REG + 1 },
		{ BCS, MI_COPY_MEM_MEM - 1 }, { BCS, MI_ATOMIC | 2 },
		{ BCS, MI_BATCH_BUFFER_START + 1 }, { BCS, MI_CONDITIONAL_BATCH_BUFFER_END + 1 },
		{ RCS, PIPE_CONTROL - 1 }, { BCS, XY_FAST_COPY_BLT + 1 },
		{ BCS, XY_BLOCK_COPY_BLT_XE2 }, { BCS, XY_FAST_COLOR_BLT_XE2 },
		{ BCS, XY_SRC_COPY_BLT - 1 }, { BCS, XY_COLOR_BLT + 1 },
		{ RCS, 0x7000fffe }, { RCS, 0x7000ffff },
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		u32 dw[32] = { wrong[i].header };

		if (run(m, wrong[i].engine, dw, ARRAY_SIZE(dw)) != 1)
			fail_msg("header 0x%08x: wrong length not reported", wrong[i].header);
	}
}

/* Commands that are malformed though each of their bits is legal */
static void meanings(void **state)
{
	static const struct {
		u8 engine;
		u8 n;
		u32 dw[12];
	} wrong[] = {
		/* Qwords: an odd number of dwords, a misaligned address */
		{ BCS, 4, { MI_STORE_DATA_IMM | MI_SDI_QWORD | 2, VA, 0, 1 } },
		{ BCS, 5, { MI_STORE_DATA_IMM | MI_SDI_QWORD | 3, VA + 4, 0, 1, 2 } },
		/* An immediate value that is not there */
		{ BCS, 3, { MI_FLUSH_DW | 1 | MI_FLUSH_DW_WRITE_IMM, VA, 0 } },
		/* TLB invalidation without a post-sync write */
		{ BCS, 3, { MI_FLUSH_DW | 1 | MI_FLUSH_DW_TLB_INVALIDATE, 0, 0 } },
		{ RCS, 2, { PIPE_CONTROL - 4, PIPE_CONTROL1_WRITE_QW } },
		/* Flushes on engines that have others */
		{ RCS, 3, { MI_FLUSH_DW | 1, 0, 0 } },
		{ BCS, 6, { PIPE_CONTROL, PIPE_CONTROL1_CS_STALL, 0, 0, 0, 0 } },
		/* Atomics: misaligned, 16-byte addition */
		{ BCS, 3, { MI_ATOMIC | 1 | 0x25 << 8 | 1 << 19, VA + 4, 0 } },
		{ BCS, 3, { MI_ATOMIC | 1 | 0x47 << 8 | 2 << 19, VA, 0 } },
		/* Inline operands that are not there, and operands that are not meant */
		{ BCS, 3, { MI_ATOMIC | 1 | MI_ATOMIC_INC << 8 | MI_ATOMIC_INLINE_DATA, VA, 0 } },
		{ BCS, 11, { MI_ATOMIC | 9 | MI_ATOMIC_INC << 8, VA, 0 } },
		/* Arithmetic: an operand that does not exist */
		{ BCS, 2, { MI_MATH, MI_ALU(MI_ALU_LOAD, MI_ALU_SRCA, 16) } },
		/* Blits: a pitch between tiles, a negative coordinate, tiles of 96-bit pixels */
		{ BCS, 10, { XY_FAST_COPY_BLT | 2 << 13, 0x03000030, 0, 2 << 16 | 2, VA, 0, 0, 0x80,
			     VA + 0x1000, 0 } },
		{ BCS, 10, { XY_FAST_COPY_BLT, 0x03000100, 0xffff, 2 << 16 | 2, VA, 0, 0, 0x80,
			     VA + 0x1000, 0 } },
		{ BCS, 12, { XY_BLOCK_COPY_BLT | 4 << 19, 1u << 30 | 31, 0, 2 << 16 | 2, VA, 0, 0,
			     0, 0x7f, VA + 0x1000, 0, 0 } },
	};
	struct machine *m = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++)
		if (run(m, wrong[i].engine, wrong[i].dw, wrong[i].n) != 1)
			fail_msg("case %u (0x%08x): not reported", i, wrong[i].dw[0]);
}

/* What is skipped is not looked at, what is unknown is no violation. */
static void not_looked_at(void **state)
{
	struct machine *m = *state;
	const u32 dw[] = {
		MI_SET_PREDICATE | MI_SET_PREDICATE_ALWAYS, MI_ARB_ON_OFF | 0x40,
		MI_STORE_DATA_IMM | 1, 0, 0, MI_SET_PREDICATE, 0x1f000001, ~0u, ~0u,
	};

	assert_int_equal(run(m, BCS, dw, ARRAY_SIZE(dw)), 0);
	assert_int_equal(m->dev->stats.commands_unknown, 1);
}

/* One readable block: command, dword, bits, the command's dwords, and what ran before. */
static void report_text(void **state)
{
	const u32 dw[] = { MI_NOOP, MI_ARB_CHECK, MI_STORE_DATA_IMM | 2 | 0x80000, VA, 0, 0x1234 };
	struct machine *m = *state;
	int fd = memfd_create("log", MFD_CLOEXEC);
	char path[32], text[4096] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(log_open(path, false), 0);
	assert_int_equal(run(m, BCS, dw, ARRAY_SIZE(dw)), 1);
	log_close();
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	close(fd);
	assert_non_null(strstr(text, "cmd-reserved"));
	assert_non_null(strstr(text, "MI_STORE_DATA_IMM: reserved bits 0x00080000 are set in "
				     "dword 0"));
	assert_non_null(strstr(text, "4 dwords: 0x10080002 0x00200000 0x00000000 0x00001234"));
	assert_non_null(strstr(text, "0x02800000 MI_ARB_CHECK"));
	/* The bit is ignored. */
	assert_int_equal(*machine_dw(m, DATA), 0x1234);
}

/* Work without effect is counted by family. */
static void families(void **state)
{
	const u32 render[] = { 0x69040000, 0x61010001, 0, 0, 0x78130002, 0, 0, 0, 0x7b000005, 0, 0,
			       0, 0, 0, 0, 0x71050004, 0, 0, 0, 0, 0, 0x72020001, 0, 0 };
	const u32 video[] = { 0x68000000, 0x70000001, 0, 0, 0x70800000, 0, 0x73800000, 0,
			      0x75800000, 0, 0x71800000, 0 };
	struct machine *m = *state;
	char text[4096] = "";
	FILE *out;

	assert_int_equal(run(m, RCS, render, ARRAY_SIZE(render)), 0);
	assert_int_equal(run(m, VCS, video, ARRAY_SIZE(video)), 0);
	out = fmemopen(text, sizeof(text), "w");
	xm_summary(m->dev, out);
	fclose(out);
	assert_non_null(strstr(text, "stepped over, common state: 2\n"));
	assert_non_null(strstr(text, "stepped over, 3D state: 1\n"));
	assert_non_null(strstr(text, "stepped over, 3D primitives: 1\n"));
	assert_non_null(strstr(text, "stepped over, compute and media pipe: 2\n"));
	assert_non_null(strstr(text, "stepped over, MFX: 2\n"));
	assert_non_null(strstr(text, "stepped over, VDENC: 1\n"));
	assert_non_null(strstr(text, "stepped over, HCP: 1\n"));
	assert_non_null(strstr(text, "stepped over, HuC: 1\n"));
	assert_non_null(strstr(text, "stepped over, AVP: 1\n"));
	assert_non_null(strstr(text, "unknown commands: 0\n"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		/* The first: only so many reports of a kind are printed. */
		T(report_text), T(bits_of_commands), T(lengths), T(meanings), T(not_looked_at),
		T(families),
	};

	return cmocka_run_group_tests_name("cs_check", tests, NULL, NULL);
}
