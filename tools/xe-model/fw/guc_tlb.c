// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: TLB invalidation by the GuC
 *
 * Requests are carried out and answered one after the other, so answers keep the order of requests
 * and one answer stands for all requests before it.
 *
 *	full		every engine forgets everything, translations of the global table included
 *	range, by ASID	every engine forgets the range in the address space of that number
 *	range, by context  the same for the address space of a context
 *	GuC		GuC and engines forget the global table
 *
 * Heavy requests wait until no engine is inside a command that began before; lite ones do not.
 * Nothing but what was asked for is forgotten.
 *
 * A platform without ASIDs has one for all address spaces, 0. It also has no ranges; a request for
 * one is reported, and carried out all the same.
 *
 * Locking: the firmware's lock.
 */

#include "fw/guc_tlb.h"

#include "abi/guc_actions.h"
#include "abi/guc_messages.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "fw/guc_ct.h"
#include "fw/guc_space.h"
#include "gfx/engine.h"
#include "util/bits.h"
#include "util/log.h"

#define TYPE_MASK 0xffu
#define KNOWN_BITS (TYPE_MASK | GUC_TLB_INVAL_MODE_LITE | GUC_TLB_INVAL_FLUSH_CACHE)
#define WHOLE_DWORDS 3u
#define RANGE_DWORDS 7u
#define ASID_MAX 0xfffffu
/* Size codes, log2 of the length in pages: small ranges, and large ones of 16 MiB at least */
#define CODE_SMALL_MAX 8u
#define CODE_LARGE_MIN 12u

/**
 * struct request - a request taken apart
 * @seqno: sequence number
 * @type: GUC_TLB_INVAL_TYPE_*
 * @lite: do not wait for accesses under way
 * @who: ASID, or id of a context
 * @first: first address
 * @code: log2 of the length in pages
 */
struct request {
	u32 seqno;
	u32 type;
	bool lite;
	u32 who;
	u64 first;
	u32 code;
};

static bool has_range(u32 type)
{
	return type == GUC_TLB_INVAL_TYPE_RANGE || type == GUC_TLB_INVAL_TYPE_RANGE_CONTEXT;
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool parse(const u32 *dw, u32 len, struct request *r)
{
	u32 type = len > 2 ? dw[2] & TYPE_MASK : ~0u;
	u32 dwords = has_range(type) ? RANGE_DWORDS : WHOLE_DWORDS;

	if (type > GUC_TLB_INVAL_TYPE_GUC || len != dwords) {
		log_violation("tlb-request", "TLB invalidation of %u dwords, type 0x%x", len, type);
		return false;
	}
	*r = (struct request){ .seqno = dw[1], .type = type,
			       .lite = dw[2] & GUC_TLB_INVAL_MODE_LITE };
	if (dw[2] & ~KNOWN_BITS)
		log_violation("tlb-request", "TLB invalidation %u: reserved bits in operation "
			      "0x%08x", dw[1], dw[2]);
	if (!has_range(type))
		return true;
	r->who = dw[3];
	r->first = dw[4] | (u64)dw[5] << 32;
	r->code = dw[6];
	return true;
}

static void check_seqno(struct guc_tlb *tlb, u32 seqno)
{
	u32 next = tlb->seqno == GUC_TLB_INVAL_SEQNO_MAX ? 1 : tlb->seqno + 1;

	if (!seqno || seqno > GUC_TLB_INVAL_SEQNO_MAX)
		log_violation("tlb-request", "TLB invalidation with sequence number 0x%x", seqno);
	else if (tlb->seqno && seqno != next)
		log_violation("tlb-request",
			      "TLB invalidation with sequence number 0x%x after 0x%x",
			      seqno, tlb->seqno);
	tlb->seqno = seqno;
}

static const char *wrong_range(const struct xm_device *dev, const struct request *r)
{
	unsigned int va_pages = dev->platform->va_bits - 12;

	if (!dev->platform->range_invalidation)
		return "the platform cannot invalidate ranges";
	if ((r->code > CODE_SMALL_MAX && r->code < CODE_LARGE_MIN) || r->code > va_pages)
		return "illegal size";
	if (r->first >> dev->platform->va_bits)
		return "start beyond the address space";
	if (r->first & ((1ull << (r->code + 12)) - 1))
		return "start is not aligned to the size";
	if (r->type == GUC_TLB_INVAL_TYPE_RANGE && r->who > ASID_MAX)
		return "there are no such ASIDs";
	return NULL;
}

/* --- ranges ----------------------------------------------------------------------------------- */

/**
 * struct target - a range on its way to the engines
 * @dev: device
 * @asid: for guc_space_each(): the address spaces meant
 * @scope: what to invalidate
 */
struct target {
	struct xm_device *dev;
	u32 asid;
	struct gfx_tlb_scope scope;
};

static void invalidate_space(struct target *t, u64 root)
{
	t->scope.range.root = root;
	gfx_tlb_invalidate(t->dev, &t->scope);
}

static void if_asid(const struct guc_space *space, void *ctx)
{
	struct target *t = ctx;

	if (space->asid == t->asid)
		invalidate_space(t, space->root);
}

static void of_context(struct guc_sched *sched, struct target *t, u32 id)
{
	const struct guc_context *c = id < GUC_MAX_CONTEXTS ? sched->ctx[id] : NULL;
	struct guc_space space;

	if (!c) {
		log_violation("tlb-request", "TLB invalidation for context %u, which is not "
			      "registered", id);
		return;
	}
	for (u32 i = 0; i < c->n_lrc; i++)
		if (guc_space_of(t->dev, c->lrc[i].desc, &space))
			invalidate_space(t, space.root);
}

static void invalidate_range(struct guc_sched *sched, const struct request *r)
{
	u64 len = r->code < 52 ? 1ull << (r->code + 12) : 0;
	struct target t = {
		.dev = sched->dev,
		.asid = r->who,
		.scope = {
			.what = GFX_TLB_RANGE,
			.range = { .first = r->first, .last = r->first + len - 1 },
			.engines = GFX_ALL_ENGINES,
			.lite = r->lite,
		},
	};
	const char *wrong = wrong_range(sched->dev, r);

	if (wrong)
		log_violation("tlb-request", "TLB invalidation %u of 0x%012llx, size code %u, %s "
			      "%u: %s", r->seqno, (unsigned long long)r->first, r->code,
			      r->type == GUC_TLB_INVAL_TYPE_RANGE ? "ASID" : "context", r->who,
			      wrong);
	if (r->type == GUC_TLB_INVAL_TYPE_RANGE_CONTEXT)
		of_context(sched, &t, r->who);
	else if (sched->dev->platform->asid)
		guc_space_each(sched, if_asid, &t);
	else
		invalidate_space(&t, 0);
}

/* --- requests --------------------------------------------------------------------------------- */

static void invalidate_all(struct xm_device *dev, const struct request *r)
{
	const struct gfx_tlb_scope scope = {
		.what = r->type == GUC_TLB_INVAL_TYPE_FULL ? GFX_TLB_ALL : GFX_TLB_NOTHING,
		.engines = GFX_ALL_ENGINES,
		.lite = r->lite,
	};

	if (r->type == GUC_TLB_INVAL_TYPE_GUC)
		ggtt_forget(dev, GGTT_GUC);
	ggtt_forget(dev, GGTT_ENGINES);
	gfx_tlb_invalidate(dev, &scope);
}

void guc_tlb_reset(struct guc_tlb *tlb)
{
	*tlb = (struct guc_tlb){ 0 };
}

void guc_tlb_request(struct guc_tlb *tlb, struct guc_sched *sched, const u32 *dw, u32 len)
{
	u32 done[2] = {
		FIELD_PUT(GUC_HXG_ORIGIN_MASK, GUC_HXG_ORIGIN_GUC) |
		FIELD_PUT(GUC_HXG_TYPE_MASK, GUC_HXG_TYPE_EVENT) | GUC_G2H_TLB_INVALIDATION_DONE,
	};
	struct request r;

	if (!parse(dw, len, &r))
		return;
	check_seqno(tlb, r.seqno);
	if (has_range(r.type))
		invalidate_range(sched, &r);
	else
		invalidate_all(sched->dev, &r);
	done[1] = r.seqno;
	guc_ct_send(sched->ct, 0, done, ARRAY_SIZE(done));
}
