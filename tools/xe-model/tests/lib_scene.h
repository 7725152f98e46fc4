/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * A scene on a machine: many contexts on all engines at once, driven by a script that depends on
 * nothing but what the device does.
 */
#ifndef XM_TESTS_LIB_SCENE_H
#define XM_TESTS_LIB_SCENE_H

#include "tests/lib_guc.h"

/**
 * struct scene - what a script has seen
 * @m: machine
 * @irq_fd: eventfd of the MSI
 * @irqs: interrupts handled
 * @messages: messages of the GuC
 * @reads: registers read and messages taken, in order, by hash
 * @tlb_seqno: last invalidation answered
 * @on: contexts enabled, a bit each
 * @off: contexts disabled
 * @gone: contexts deregistered
 * @reset: contexts reset
 * @faulted: contexts with a memory fault
 */
struct scene {
	struct machine *m;
	int irq_fd;
	unsigned int irqs;
	unsigned int messages;
	u64 reads;
	u32 tlb_seqno;
	u32 on;
	u32 off;
	u32 gone;
	u32 reset;
	u32 faulted;
};

/**
 * scene_play() - play the whole scene and check its outcome
 * @s: zeroed, with @m and @irq_fd set; memory mapped, nothing loaded
 *
 * Eight contexts on four engines: two spinners that share an engine by time slices, a more
 * important context that displaces them, semaphores between the copy engine and a virtual video
 * engine, a parallel context, one that hangs and one that faults; interrupts are handled and
 * translations invalidated meanwhile.
 */
void scene_play(struct scene *s);

#endif
