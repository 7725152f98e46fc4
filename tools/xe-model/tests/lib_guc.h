/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * The host's side of the GuC for tests: a machine with the firmware loaded and the rings open, and
 * functions that send requests, take events, and fill the rings of contexts.
 */
#ifndef XM_TESTS_LIB_GUC_H
#define XM_TESTS_LIB_GUC_H

#include "abi/guc_messages.h"
#include "regs/xe_pte_bits.h"
#include "tests/lib_machine.h"

#define HOST_RW (PPGTT_PRESENT | PPGTT_WRITABLE)
/* Offsets in the memory of the machine: firmware image, ADS, CT rings, SLPC page, data, batches */
#define AT_FW AT_FREE
#define AT_ADS (AT_FREE + 0x2000)
#define AT_CT (AT_FREE + 0x8000)
#define AT_SLPC (AT_FREE + 0x2c000)
#define AT_DATA (AT_FREE + 0x30000)
#define AT_BATCH (AT_FREE + 0x31000)
#define AT_CTX(n) (AT_FREE + 0x40000 + (n) * CTX_BYTES)
/* Where every address space has the pages of AT_BATCH and AT_DATA */
#define VA_BATCH 0x100000u
#define VA_DATA 0x200000u
#define HOST_H2G_DW (GUC_CT_H2G_RING_BYTES / 4)
#define HOST_G2H_DW (GUC_CT_G2H_RING_BYTES / 4)
/* Type of the HXG header for requests without a reply */
#define HOST_FAST 0x20000000u

/**
 * struct host_policy - scheduling policy of a test context
 * @priority: 0 is the most important
 * @quantum: microseconds
 * @preempt: microseconds
 */
struct host_policy {
	u32 priority, quantum, preempt;
};

/** host_normal - priority of a driver's own contexts, 1 ms slices, 640 ms to yield. */
extern const struct host_policy host_normal;

/* Send a request without reply. */
#define HOST_SEND(m, ...)                                         \
	do {                                                      \
		const u32 dws_[] = { __VA_ARGS__ };               \
		host_h2g(m, 0x8000, dws_, ARRAY_SIZE(dws_));      \
	} while (0)

/** host_setup() - cmocka setup: a machine with the GuC loaded and the rings open. */
int host_setup(void **state);

/** host_setup_unloaded() - cmocka setup: a machine with a GuC that was not loaded. */
int host_setup_unloaded(void **state);

/**
 * host_setup_stepped() - as host_setup(), in stepped mode
 * @state: set to a struct machine; ended by host_teardown()
 * @seed: seed of the run
 *
 * Return: 0 or -1.
 */
int host_setup_stepped(void **state, u64 seed);

/** host_wake() - wake the power domains of all engines of @m that the tests use. */
void host_wake(struct machine *m);

/** host_teardown() - cmocka teardown of both. */
int host_teardown(void **state);

/** host_prepare() - map batches and data, write firmware image and ADS into the memory of @m. */
void host_prepare(struct machine *m);

/** host_sleep_ms() - sleep @ms milliseconds. */
void host_sleep_ms(long ms);

/** host_write() - write @val to the register at @off. */
void host_write(struct machine *m, u32 off, u32 val);

/** host_read() - Return: the register at @off. */
u32 host_read(struct machine *m, u32 off);

/** host_upload() - load the firmware. Return: GUC_STATUS. */
u32 host_upload(struct machine *m);

/** host_mailbox() - register mailbox request of four dwords. Return: the reply, 0 after 5 s. */
u32 host_mailbox(struct machine *m, u32 dw0, u32 dw1, u32 dw2, u32 dw3);

/** host_start_rings() - register both CT rings and open them. */
void host_start_rings(struct machine *m);

/** host_h2g_desc() - Return: descriptor of the H2G ring. */
u32 *host_h2g_desc(struct machine *m);

/** host_g2h_desc() - Return: descriptor of the G2H ring. */
u32 *host_g2h_desc(struct machine *m);

/** host_h2g() - send an HXG message of @n dwords with @fence. */
void host_h2g(struct machine *m, u16 fence, const u32 *dw, u32 n);

/**
 * host_g2h() - take the next message of the GuC
 * @m: machine
 * @header: set to the CT header
 * @dw: set to the HXG message, at most 255 dwords
 * @ms: how long to wait
 *
 * Return: dwords of @dw, 0 after @ms without a message.
 */
u32 host_g2h(struct machine *m, u32 *header, u32 *dw, long ms);

/** host_expect() - take an event: @action with @n arguments @a, @b; fail after 10 s. */
void host_expect(struct machine *m, u32 action, unsigned int n, u32 a, u32 b);

/** host_expect_mode() - take the answer to host_mode(). */
void host_expect_mode(struct machine *m, u32 id, u32 mode);

/** host_expect_nothing() - fail if a message comes within @ms. */
void host_expect_nothing(struct machine *m, long ms);

/**
 * host_context() - write a context image and register it
 * @m: machine
 * @id: context; its image lies at AT_CTX(@id)
 * @guc_class: GUC_CLASS_*
 * @mask: logical instances
 * @p: policy
 */
void host_context(struct machine *m, u32 id, u32 guc_class, u32 mask, struct host_policy p);

/** host_mode() - enable (@on 1) or disable (0) scheduling of context @id. */
void host_mode(struct machine *m, u32 id, u32 on);

/** host_emit_store() - ring command of context @id: store @val at AT_DATA + @off. */
void host_emit_store(struct machine *m, u32 id, u32 off, u32 val);

/** host_emit_batch() - ring command of context @id: call the batch at @va. */
void host_emit_batch(struct machine *m, u32 id, u32 va);

/**
 * host_emit_spin() - endless loop at the end of a ring
 * @m: machine
 * @id: context
 * @n: number of the loop
 * @arb: it has an arbitration point
 *
 * Sets AT_DATA + 16n to 1, loops until AT_DATA + 16n + 4 is 0, counts its rounds in
 * AT_DATA + 16n + 8.
 */
void host_emit_spin(struct machine *m, u32 id, u32 n, bool arb);

/** host_run_spin() - the same, then enable the context and wait until the loop runs. */
void host_run_spin(struct machine *m, u32 id, u32 n, bool arb);

/** host_end_spin() - let loop @n end. */
void host_end_spin(struct machine *m, u32 n);

/** host_rounds() - Return: rounds of loop @n so far. */
u32 host_rounds(struct machine *m, u32 n);

#endif
