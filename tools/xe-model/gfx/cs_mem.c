// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Memory accesses of an engine
 *
 * Every access of a command goes through here: the global table, or the translation cache of the
 * engine with a walk of the page tables behind it. A translation that does not exist is a fault
 * of the context; a translation that breaks a rule of the format, or that leads to memory which is
 * not mapped for the device, is reported as a violation.
 *
 * Locking: the caller holds dma_read_lock().
 */

#include <stdio.h>
#include <string.h>

#include "bus/dma.h"
#include "dev/device.h"
#include "dev/ggtt.h"
#include "dev/mem.h"
#include "gfx/cs.h"
#include "gfx/pt_watch.h"
#include "util/log.h"
#include "util/trace.h"

#define PAGE_OFFSET(va) ((va) & 0xfffull)
#define VA_MASK ((1ull << 48) - 1)

static enum cs_mem fault(struct engine *e, bool ggtt, u64 va, bool write, const char *what)
{
	e->fault.va = va & VA_MASK;
	e->fault.ggtt = ggtt;
	e->fault.write = write;
	e->fault.what = what;
	return CS_MEM_FAULT;
}

static void where(struct engine *e, char *buf, size_t len)
{
	const struct cs_fault *f = &e->fault;
	size_t at = 0;

	buf[0] = '\0';
	if (!f->ggtt && f->walk.n_steps) {
		ppgtt_walk_print(&f->walk, buf, len);
		at = strlen(buf);
		if (at + 1 < len)
			buf[at++] = '\n';
	}
	cs_report(e, buf + at, len - at);
}

static void report_rule(struct engine *e, u64 va, bool write)
{
	const struct ppgtt_walk *walk = &e->fault.walk;
	char text[3072];

	e->fault.ggtt = false;
	where(e, text, sizeof(text));
	log_violation(walk->rule, "%s: context %u: %s 0x%012llx: %s\n%s", e->desc->name,
		      e->run.ctx_id, write ? "write to" : "read from",
		      (unsigned long long)(va & VA_MASK), walk->wrong, text);
}

void cs_fault_report(struct engine *e)
{
	const struct cs_fault *f = &e->fault;
	char text[3072];

	where(e, text, sizeof(text));
	cs_trace_fault(e);
	log_guest("%s: context %u: fault: %s %s 0x%012llx: %s\n%s", e->desc->name, e->run.ctx_id,
		  f->write ? "write to" : "read from", f->ggtt ? "GGTT" : "PPGTT",
		  (unsigned long long)f->va, f->what, text);
}

static enum cs_mem host_page(struct engine *e, bool ggtt, u64 va, u64 dma, bool write, void **ptr)
{
	char text[3072];

	*ptr = dma_ptr(e->dev->dma, dma, 1, write, NULL);
	if (*ptr)
		return CS_MEM_OK;
	fault(e, ggtt, va, write, "memory is not accessible to the device");
	where(e, text, sizeof(text));
	log_violation("dma-unmapped", "%s: context %u: %s %s 0x%012llx leads to 0x%012llx: %s\n%s",
		      e->desc->name, e->run.ctx_id, write ? "write to" : "read from",
		      ggtt ? "GGTT" : "PPGTT", (unsigned long long)(va & VA_MASK),
		      (unsigned long long)dma,
		      dma_state_name(dma_probe(e->dev->dma, dma, write)), text);
	return CS_MEM_FAULT;
}

static struct tlb_page *walk_into_tlb(struct engine *e, u64 va, bool write)
{
	struct cs_fault *f = &e->fault;
	struct ppgtt_start start;
	struct tlb_page *page;
	bool cached;

	memset(&f->walk, 0, sizeof(f->walk));
	f->walk.root = e->root;
	cached = tlb_start(e->tlb, &e->fmt, e->root, va, &start);
	if (!cached)
		start = ppgtt_root(&e->fmt, e->root, &f->walk);
	xm_stat_inc(e->dev, walks);
	f->result = ppgtt_walk(&e->fmt, start, va, ppgtt_read_sys, e->dev, &f->walk);
	if (trace_on())
		pt_watch_walk(e->dev, &f->walk);
	if (f->walk.rule)
		report_rule(e, va, write);
	if (cached)
		cs_stale_check_walk(e, start, write);
	if (f->result != WALK_OK && f->result != WALK_NULL)
		return NULL;
	page = tlb_fill(e->tlb, e->root, &f->walk, f->result);
	page->job = e->job;
	xm_stat_inc(e->dev, tlb_fills);
	return page;
}

/* The cached translation of @va, compared with the tables at its first use in a job. */
static struct tlb_page *cached_page(struct engine *e, u64 va, bool write)
{
	struct tlb_page *page = tlb_lookup(e->tlb, e->root, va);

	if (!page)
		return NULL;
	e->fault.walk.n_steps = 0;
	e->n_hits++;
	if (page->job != e->job) {
		page->job = e->job;
		cs_stale_check_page(e, va, write, page);
	}
	return page;
}

/* As host_page(), remembered with the translation. */
static enum cs_mem cached_host(struct engine *e, u64 va, struct tlb_page *page, bool write,
			       void **ptr)
{
	struct dma_space *dma = e->dev->dma;

	if (page->host_gen != dma_generation(dma)) {
		page->host = dma_ptr(dma, page->addr, 1, false, NULL);
		page->host_writable = dma_ptr(dma, page->addr, 1, true, NULL);
		page->host_gen = dma_generation(dma);
	}
	if (!page->host || (write && !page->host_writable))
		return host_page(e, false, va, page->addr + PAGE_OFFSET(va), write, ptr);
	*ptr = page->host + PAGE_OFFSET(va);
	e->data = (struct cs_window){ .host = page->host, .page = va / SZ_4K,
				      .writable = page->writable && page->host_writable };
	return CS_MEM_OK;
}

static enum cs_mem map_ppgtt(struct engine *e, u64 va, bool write, void **ptr)
{
	struct tlb_page *page;

	if (!e->ppgtt) {
		e->fault.walk.n_steps = 0;
		return fault(e, false, va, write, "the context has no address space");
	}
	page = cached_page(e, va, write);
	if (!page)
		page = walk_into_tlb(e, va, write);
	if (!page)
		return fault(e, false, va, write, ppgtt_walk_result_name(e->fault.result));
	if (page->null)
		return CS_MEM_NULL;
	if (write && !page->writable)
		return fault(e, false, va, write, "read-only");
	return cached_host(e, va, page, write, ptr);
}

static void report_stale_ggtt(struct engine *e, u64 va, const struct ggtt_hit *hit)
{
	char entries[256], text[3072];

	ggtt_print_stale(hit, va, entries, sizeof(entries));
	cs_report(e, text, sizeof(text));
	log_violation("ggtt-stale", "%s: context %u: %s\n%s", e->desc->name, e->run.ctx_id, entries,
		      text);
}

static enum cs_mem map_ggtt(struct engine *e, u64 va, bool write, void **ptr)
{
	struct ggtt_hit hit;

	e->fault.walk.n_steps = 0;
	if (va >> 32 || !ggtt_lookup(e->dev, GGTT_ENGINES, va, &hit))
		return fault(e, true, va, write, "not present");
	if (hit.stale)
		report_stale_ggtt(e, va, &hit);
	return host_page(e, true, va, hit.dma, write, ptr);
}

enum cs_mem cs_map(struct engine *e, bool ggtt, u64 va, bool write, void **ptr, size_t *avail)
{
	*avail = SZ_4K - PAGE_OFFSET(va);
	va &= VA_MASK;
	return ggtt ? map_ggtt(e, va, write, ptr) : map_ppgtt(e, va, write, ptr);
}

/* The fast way to what lies in the page that was used last. */
static inline u8 *in_data_window(struct engine *e, bool ggtt, u64 va, size_t len)
{
	if (ggtt || !e->data.host || e->data.page != (va & VA_MASK) / SZ_4K ||
	    PAGE_OFFSET(va) + len > SZ_4K)
		return NULL;
	e->n_hits++;
	return e->data.host + PAGE_OFFSET(va);
}

bool cs_load(struct engine *e, bool ggtt, u64 va, void *buf, size_t len)
{
	const u8 *from = in_data_window(e, ggtt, va, len);
	u8 *out = buf;

	if (from) {
		mem_copy_in(out, from, len);
		return true;
	}
	while (len) {
		size_t n;
		void *p;

		switch (cs_map(e, ggtt, va, false, &p, &n)) {
		case CS_MEM_OK:
			n = XM_MIN(n, len);
			mem_copy_in(out, p, n);
			break;
		case CS_MEM_NULL:
			n = XM_MIN(n, len);
			memset(out, 0, n);
			break;
		default:
			return false;
		}
		out += n;
		va += n;
		len -= n;
	}
	return true;
}

/* As mem_copy_out(); a dword is what most commands store. */
static inline void copy_out(u8 *to, const u8 *from, size_t len)
{
	u32 val;

	if (len != 4 || (uintptr_t)to & 3) {
		mem_copy_out(to, from, len);
		return;
	}
	memcpy(&val, from, 4);
	__atomic_store_n((u32 *)to, val, __ATOMIC_RELEASE);
}

bool cs_store(struct engine *e, bool ggtt, u64 va, const void *buf, size_t len)
{
	u8 *to = e->data.writable ? in_data_window(e, ggtt, va, len) : NULL;
	const u8 *in = buf;

	if (to) {
		copy_out(to, in, len);
		return true;
	}
	while (len) {
		size_t n;
		void *p;

		switch (cs_map(e, ggtt, va, true, &p, &n)) {
		case CS_MEM_OK:
			n = XM_MIN(n, len);
			mem_copy_out(p, in, n);
			if (trace_on())
				pt_watch_store(e->dev, e->desc->name, p, n);
			break;
		case CS_MEM_NULL:
			n = XM_MIN(n, len);
			break;
		default:
			return false;
		}
		in += n;
		va += n;
		len -= n;
	}
	return true;
}
