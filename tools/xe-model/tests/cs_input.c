// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "tests/cs_input.h"

#include <stdio.h>
#include <string.h>

#include "instructions/blt_cmds.h"
#include "instructions/gfx_cmds.h"
#include "instructions/mi_cmds.h"
#include "regs/xe_engine_regs.h"
#include "util/bits.h"

#define TYPE(h) ((h) >> CMD_TYPE_SHIFT)
#define MI_OPS 64u
#define BLT_OPS 128u
#define COMMAND_DWORDS 48u
#define HEAD_BYTES sizeof(struct cs_head)

/* Headers of the pipes: each row of their table, and families of which nothing is known */
static const u32 pipe_headers[] = {
	PIPE_CONTROL, 0x7a000000, 0x69040000, 0x61010014, 0x61020001, 0x61050000, 0x60000000,
	0x70000007, 0x70020002, 0x70040000, 0x7105000d, 0x72000004, 0x72020025, 0x7000ffff,
	0x7b000005, 0x78430000, 0x79170000, 0x68000000, 0x70800000, 0x71800000, 0x73800000,
	0x75800000, 0x70000fff, 0x80000001, 0xa0000002, 0x20000000, 0xc0000000, 0xe0000000,
};

/* Registers that do something when they are written */
static const u32 device_regs[] = {
	0x941c, 0x101010, 0xc314, 0x1901f0, 0xced8, 0xcedc, 0xcee0, 0xcee4, 0xcee8, 0x190010,
	0x190070, 0x138124, 0xa188, 0x9008, 0x4208, 0xc050, 0x190018, 0x190060, 0x7ffffc,
};

static bool one_in(struct xm_rng *rng, unsigned int n)
{
	return !rng_below(rng, n);
}

/* --- commands --------------------------------------------------------------------------------- */

static const struct cs_command *row_of(const struct engine *e, u32 header)
{
	switch (TYPE(header)) {
	case CMD_TYPE_MI:
		return cs_mi_command(e, header);
	case CMD_TYPE_BLT:
		return cs_blt_command(e, header);
	default:
		return cs_gfx_command(e, header);
	}
}

/* A header without flags and with some length, of any family; most of them mean something. */
static u32 some_header(const struct engine *e, struct xm_rng *rng)
{
	bool copy = e->desc->hw_class == XM_CLASS_COPY;
	u32 kind = (u32)rng_below(rng, 8), header = 0;

	for (unsigned int tries = 0; tries < 200; tries++) {
		if (kind < (copy ? 5 : 7))
			header = (u32)rng_below(rng, MI_OPS) << MI_OPCODE_SHIFT;
		else if (kind < (copy ? 8 : 0))
			header = (u32)CMD_TYPE_BLT << CMD_TYPE_SHIFT |
				 (u32)rng_below(rng, BLT_OPS) << BLT_OPCODE_SHIFT;
		else
			return pipe_headers[rng_below(rng, ARRAY_SIZE(pipe_headers))];
		if (row_of(e, header))
			break;
	}
	return header;
}

/* Values that lead somewhere: addresses, registers, small numbers. */
static u32 some_value(const struct engine *e, struct xm_rng *rng)
{
	static const u32 regs[] = {
		RING_GPR(0, 0), RING_GPR(0, 1), RING_GPR_UDW(0, 15), RING_TAIL(0), RING_HEAD(0),
		RING_START(0), RING_CTL(0), RING_CTX_TIMESTAMP(0), RING_CONTEXT_CONTROL(0),
		RING_ACTHD(0), RING_BBADDR(0), MI_PREDICATE_SRC0(0), MI_PREDICATE_DATA(0),
		MI_PREDICATE_RESULT(0), MI_PREDICATE_RESULT_2(0), RING_HWS_PGA(0),
		RING_FORCE_TO_NONPRIV(0, 0), BCS_SWCTRL(0), RING_TIMESTAMP(0), RING_PDP_LDW(0, 0),
	};
	static const u32 large[] = { VA_NULL_LARGE, VA_NO_WRITE, VA_64K, 0xa00000, 0xfffff000 };
	u32 off = (u32)rng_below(rng, 4) ? (u32)rng_below(rng, 64) * 4 : (u32)rng_below(rng, 4096);

	switch (rng_below(rng, 13)) {
	case 0:
	case 1:
		return 0;
	case 2:
		return (u32)rng_below(rng, 16);
	case 3:
		return regs[rng_below(rng, ARRAY_SIZE(regs))];
	case 4:
		return e->desc->mmio_base + regs[rng_below(rng, ARRAY_SIZE(regs))];
	case 5:
		return device_regs[rng_below(rng, ARRAY_SIZE(device_regs))];
	case 6:
		return large[rng_below(rng, ARRAY_SIZE(large))] + off;
	case 7:
		return (u32)rng_u64(rng);
	case 8:
		/* An entry of a page table */
		return (u32)RAM_DMA + PAGE((u32)rng_below(rng, N_PAGES)) + (u32)rng_below(rng, 4);
	default:
		return PAGE((u32)rng_below(rng, N_PAGES)) + off;
	}
}

static u32 mask_of(const struct cs_command *c, unsigned int i)
{
	if (i < c->n_masks)
		return c->masks[i];
	if (c->repeat)
		return c->masks[c->repeat + (i - c->repeat) % (c->n_masks - c->repeat)];
	return ~0u;
}

/* Which dword of a command begins an address. */
static bool is_address(const struct cs_command *c, u32 header, unsigned int i)
{
	u32 op = (header & BLT_OPCODE_MASK) >> BLT_OPCODE_SHIFT;

	if (TYPE(header) != CMD_TYPE_BLT)
		return i && i < c->n_masks && (c->masks[i] | MI_SDI_ADDR_CORE_MODE) >= 0xfffffff8;
	if (op == BLT_OP_MEM_COPY)
		return i == 5 || i == 7;
	return i == 4 || i == (op == BLT_OP_BLOCK_COPY ? 9 : 8);
}

/* Rectangles, mostly small: large ones take their time and find nothing more. */
static u32 corner(struct xm_rng *rng)
{
	u32 limit = one_in(rng, 40) ? 0x10000 : 40;

	/* A row of some pages */
	if (one_in(rng, 6))
		return (u32)rng_below(rng, 2) << 16 | (u32)rng_below(rng, 0x3000);
	return (u32)rng_below(rng, limit) << 16 | (u32)rng_below(rng, limit);
}

/* Math instructions, of which a random dword would hardly be one. */
static u32 instruction(struct xm_rng *rng)
{
	static const u16 ops[] = {
		MI_ALU_NOOP, MI_ALU_LOAD, MI_ALU_LOADINV, MI_ALU_LOAD0, MI_ALU_LOAD1, MI_ALU_ADD,
		MI_ALU_SUB, MI_ALU_AND, MI_ALU_OR, MI_ALU_XOR, MI_ALU_SHL, MI_ALU_SHR, MI_ALU_SAR,
		MI_ALU_STORE, MI_ALU_STOREINV,
	};
	u32 op = ops[rng_below(rng, ARRAY_SIZE(ops))], reg = (u32)rng_below(rng, 16);

	if (one_in(rng, 20))
		return (u32)rng_u64(rng);
	if (op == MI_ALU_STORE || op == MI_ALU_STOREINV)
		return MI_ALU(op, reg, MI_ALU_ACCU + (u32)rng_below(rng, 3));
	return MI_ALU(op, MI_ALU_SRCA + (u32)rng_below(rng, 2), reg);
}

static u32 body_dword(const struct engine *e, const struct cs_command *c, u32 header,
		      unsigned int i, struct xm_rng *rng)
{
	bool blt = TYPE(header) == CMD_TYPE_BLT;

	if (c->run && is_address(c, header, i) && !one_in(rng, 8))
		return PAGE((u32)rng_below(rng, N_PAGES)) +
		       (u32)rng_below(rng, 64) * (blt && one_in(rng, 2) ? 1 : 8);
	if (c->run && i && is_address(c, header, i - 1) && !one_in(rng, 16))
		return 0;
	if (blt && (i == 2 || i == 3 || i == 6 || i == 7) && !one_in(rng, 16))
		return corner(rng);
	if (!blt && !strcmp(c->name, "MI_MATH"))
		return instruction(rng);
	return some_value(e, rng);
}

static void make_legal(const struct cs_command *c, u32 *dw, unsigned int n, struct xm_rng *rng)
{
	for (unsigned int i = 1; i < n; i++)
		dw[i] &= mask_of(c, i);
	for (unsigned int i = 0; i < c->n_fields; i++) {
		const struct cs_field *f = &c->fields[i];
		u32 width = BIT(f->bits) - 1, val;

		if (f->dword >= n)
			continue;
		do
			val = (u32)rng_below(rng, width + 1);
		while (!(f->legal >> val & 1));
		dw[f->dword] = (dw[f->dword] & ~(width << f->shift)) | val << f->shift;
	}
}

/* The length of a command stands in its lowest bits, if it has one at all. */
static bool has_length(u32 header)
{
	if (TYPE(header) == CMD_TYPE_MI)
		return (header & MI_OPCODE_MASK) >> MI_OPCODE_SHIFT >= MI_OPCODE_FIRST_LONG;
	return true;
}

static unsigned int pick_length(const struct cs_command *c, u32 header, struct xm_rng *rng)
{
	unsigned int step = c->step ? c->step : 1, most = XM_MIN(c->max, COMMAND_DWORDS);

	if (TYPE(header) > CMD_TYPE_BLT && !c->n_masks)
		return XM_MIN((header & 0xff) + 2, COMMAND_DWORDS);
	if (most <= c->min)
		return c->min;
	return c->min + step * (unsigned int)rng_below(rng, XM_MIN((most - c->min) / step, 6) + 1);
}

/* Write a command with @header. Return: dwords, COMMAND_DWORDS at most. */
static unsigned int command(const struct engine *e, u32 header, bool legal, u32 *dw,
			    struct xm_rng *rng)
{
	const struct cs_command *c = row_of(e, header);
	unsigned int n;

	if (!c) {
		dw[0] = header | (has_length(header) ? (u32)rng_below(rng, 4) : 0);
		dw[1] = some_value(e, rng);
		return 2;
	}
	n = pick_length(c, header, rng);
	dw[0] = header;
	if (c->n_masks || TYPE(header) == CMD_TYPE_MI)
		dw[0] |= (u32)rng_u64(rng) & (c->n_masks ? c->masks[0] & ~0xffu : 0) &
			 ~(CMD_TYPE_MASK | (TYPE(header) == CMD_TYPE_MI ? MI_OPCODE_MASK :
									  0x1fff0000));
	if (has_length(header) && c->min > 1)
		dw[0] = (dw[0] & ~0xffu) | (n - 2);
	else if (c->n_masks && n == 1)
		dw[0] |= (u32)rng_u64(rng) & c->masks[0] & 0xff;
	for (unsigned int i = 1; i < n; i++)
		dw[i] = body_dword(e, c, header, i, rng);
	if (legal)
		make_legal(c, dw, n, rng);
	else
		dw[rng_below(rng, n)] ^= BIT(rng_below(rng, 32));
	return n;
}

/* --- changes ---------------------------------------------------------------------------------- */

/**
 * struct part - a run of dwords of an input
 * @dw: first of them
 * @n: how many
 */
struct part {
	u32 *dw;
	size_t n;
};

/* Part 0, 1 or 2 of the input: ring, batch, second-level batch */
static struct part part_of(u8 *data, size_t size, unsigned int which)
{
	struct cs_head head;
	size_t left = (size - HEAD_BYTES) / 4, skip = 0, n = 0;

	memcpy(&head, data, HEAD_BYTES);
	for (unsigned int i = 0; i <= which; i++) {
		skip += n;
		n = i == 0 ? head.ring % (RING_DWORDS + 1) : i == 1 ? head.batch : left;
		n = XM_MIN(n, left);
		left -= n;
	}
	return (struct part){ (u32 *)(data + HEAD_BYTES) + skip, n };
}

/* Dwords of the command at @i, whatever it is. */
static size_t length_at(const struct engine *e, const struct part *p, size_t i)
{
	u32 header;
	size_t n;

	memcpy(&header, p->dw + i, 4);
	switch (TYPE(header)) {
	case CMD_TYPE_MI:
		n = cs_mi_length(header);
		break;
	case CMD_TYPE_GFX:
		n = cs_gfx_length(e, header);
		break;
	case 1:
	case 6:
	case 7:
		n = 1;
		break;
	default:
		n = (header & 0xff) + 2;
		break;
	}
	return XM_MIN(n, p->n - i);
}

/* A place between two commands, or behind the last one. */
static size_t some_place(const struct engine *e, const struct part *p, struct xm_rng *rng)
{
	size_t places[256], n = 0;

	for (size_t i = 0; i < p->n && n < ARRAY_SIZE(places) - 1; i += length_at(e, p, i))
		places[n++] = i;
	places[n++] = p->n;
	return places[rng_below(rng, n)];
}

/* Replace @drop dwords at @at of a part by @n new ones. Return: new size, 0 if there is no room. */
static size_t splice(u8 *data, size_t size, size_t max, unsigned int which, size_t at, size_t drop,
		     const u32 *dw, size_t n)
{
	struct part p = part_of(data, size, which);
	struct cs_head head;
	u8 *place = (u8 *)(p.dw + at);
	size_t rest = (size_t)(data + size - place) - drop * 4;

	if (size + n * 4 - drop * 4 > max)
		return 0;
	memmove(place + n * 4, place + drop * 4, rest);
	if (n)
		memcpy(place, dw, n * 4);
	memcpy(&head, data, HEAD_BYTES);
	if (which == 0)
		head.ring = (u16)XM_MIN(p.n + n - drop, RING_DWORDS);
	else if (which == 1)
		head.batch = (u16)(p.n + n - drop);
	memcpy(data, &head, HEAD_BYTES);
	return size + n * 4 - drop * 4;
}

static size_t change_head(u8 *data, size_t size, struct xm_rng *rng)
{
	struct cs_head head;

	memcpy(&head, data, HEAD_BYTES);
	head.ring %= RING_DWORDS + 1;
	switch (rng_below(rng, 4)) {
	case 0:
		head.engine = (u8)(rng_below(rng, 8) | (one_in(rng, 4) ? CS_HEAD_XE2 : 0));
		break;
	case 1:
		head.flags = (u8)rng_below(rng, 4);
		break;
	case 2:
		head.event = (u8)rng_below(rng, CS_EVENTS);
		head.when = (u8)rng_below(rng, 16);
		break;
	default:
		head.slices = (u8)rng_u64(rng);
		break;
	}
	memcpy(data, &head, HEAD_BYTES);
	return size;
}

/* The way into a batch, without which most of an input would never be read. */
static unsigned int call(u32 *dw, unsigned int level, struct xm_rng *rng)
{
	dw[0] = MI_BATCH_BUFFER_START | (one_in(rng, 4) ? 0 : MI_BBS_PPGTT) |
		(level ? MI_BBS_SECOND_LEVEL : 0);
	dw[1] = PAGE(level ? PAGE_BATCH2 : PAGE_BATCH);
	dw[2] = 0;
	return 3;
}

size_t cs_input_mutate(const struct engine *e, u8 *data, size_t size, size_t max, u64 seed)
{
	unsigned int which, what;
	u32 dw[COMMAND_DWORDS];
	struct xm_rng rng;
	struct part p;
	size_t at, n;

	rng_init(&rng, seed, 0);
	what = (unsigned int)rng_below(&rng, 16);
	if (size < HEAD_BYTES + 4 || what < 3)
		return 0;
	if (what == 3)
		return change_head(data, size, &rng);
	which = (unsigned int)rng_below(&rng, 3);
	p = part_of(data, size, which);
	at = some_place(e, &p, &rng);
	n = at < p.n ? length_at(e, &p, at) : 0;
	switch (what) {
	case 4:
		return n ? splice(data, size, max, which, at, n, NULL, 0) : 0;
	case 5:
		return splice(data, size, max, which, at, 0, dw, call(dw, which, &rng));
	case 6:
	case 7:
		if (!n)
			return 0;
		dw[0] = some_value(e, &rng);
		return splice(data, size, max, which, at + rng_below(&rng, n), 1, dw, 1);
	default:
		/* A command that is new, or that takes the place of another */
		return splice(data, size, max, which, at, what < 10 ? n : 0, dw,
			      command(e, some_header(e, &rng), !one_in(&rng, 5), dw, &rng));
	}
}

/* --- seeds ------------------------------------------------------------------------------------ */

static bool write_seed(const char *dir, const char *name, const struct cs_head *head,
		       const u32 *dw, size_t n)
{
	char path[512];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *p = path + strlen(dir); *p; p++)
		if (*p == ' ' || *p == ',')
			*p = '-';
	f = fopen(path, "we");
	if (!f)
		return false;
	ok = fwrite(head, HEAD_BYTES, 1, f) == 1 && fwrite(dw, 4, n, f) == n;
	return !fclose(f) && ok;
}

/* One command, four times with other values, in the ring, in a batch, and in one below it. */
static bool seed(const struct engine *e, struct cs_head head, const char *dir, u32 header,
		 bool legal)
{
	u32 dw[3 * (4 * COMMAND_DWORDS + 8)], n = 0, from;
	const struct cs_command *c = row_of(e, header);
	struct xm_rng rng;
	char name[128];

	rng_init(&rng, header, legal);
	n += call(dw, 0, &rng);
	for (unsigned int level = 0; level < CS_LEVELS; level++) {
		from = level ? n : 0;
		if (level == CS_BATCH)
			n += call(dw + n, 1, &rng);
		for (unsigned int i = 0; i < (legal ? 4u : 1u); i++)
			n += command(e, header, legal, dw + n, &rng);
		if (level)
			dw[n++] = MI_BATCH_BUFFER_END;
		if (!level)
			head.ring = (u16)n;
		else if (level == CS_BATCH)
			head.batch = (u16)(n - from);
	}
	snprintf(name, sizeof(name), "%s-%08x%s-%s", e->desc->name, header,
		 head.engine & CS_HEAD_XE2 ? "-xe2" : "", legal ? "legal" : "illegal");
	return (c || legal) ? write_seed(dir, name, &head, dw, n) : true;
}

/* All bits of each register that acts, written by the ring. */
static bool seed_registers(const struct engine *e, struct cs_head head, const char *dir)
{
	u32 dw[3 * ARRAY_SIZE(device_regs)];
	char name[64];

	for (unsigned int i = 0; i < ARRAY_SIZE(device_regs); i++) {
		dw[3 * i] = MI_LOAD_REGISTER_IMM | MI_LRI_LEN(1);
		dw[3 * i + 1] = device_regs[i];
		dw[3 * i + 2] = ~0u;
	}
	head.ring = ARRAY_SIZE(dw);
	head.batch = 0;
	snprintf(name, sizeof(name), "%s-registers%s", e->desc->name,
		 head.engine & CS_HEAD_XE2 ? "-xe2" : "");
	return write_seed(dir, name, &head, dw, ARRAY_SIZE(dw));
}

int cs_input_seeds(const struct engine *e, struct cs_head head, const char *dir)
{
	unsigned int total = MI_OPS + BLT_OPS + ARRAY_SIZE(pipe_headers);
	int n = 1;

	if (!seed_registers(e, head, dir))
		return -1;
	for (unsigned int i = 0; i < total; i++) {
		u32 header = i < MI_OPS ? i << MI_OPCODE_SHIFT :
			     i < MI_OPS + BLT_OPS ? (u32)CMD_TYPE_BLT << CMD_TYPE_SHIFT |
						    (i - MI_OPS) << BLT_OPCODE_SHIFT :
						    pipe_headers[i - MI_OPS - BLT_OPS];

		if (i < MI_OPS + BLT_OPS && !row_of(e, header))
			continue;
		if (!seed(e, head, dir, header, true) || !seed(e, head, dir, header, false))
			return -1;
		n += 2;
	}
	return n;
}
