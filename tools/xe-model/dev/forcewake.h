/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_DEV_FORCEWAKE_H
#define XM_DEV_FORCEWAKE_H

#include "util/rng.h"
#include "util/types.h"

struct xm_device;

/**
 * enum xm_fw_domain - power domains of a GT
 * @XM_FW_GT: shared parts and the copy engine
 * @XM_FW_RENDER: render engine and execution units
 * @XM_FW_VDBOX0: first video decoder; the others follow
 * @XM_FW_VEBOX0: first video enhancement unit; the others follow
 * @XM_FW_DOMAINS: number of domains
 */
enum xm_fw_domain {
	XM_FW_GT,
	XM_FW_RENDER,
	XM_FW_VDBOX0,
	XM_FW_VEBOX0 = XM_FW_VDBOX0 + 8,
	XM_FW_DOMAINS = XM_FW_VEBOX0 + 4,
};

/**
 * struct xm_fw_range - registers that sleep with a domain
 * @first: first byte offset
 * @last: last byte offset, inclusive
 * @domain: enum xm_fw_domain
 */
struct xm_fw_range {
	u32 first;
	u32 last;
	u8 domain;
};

/**
 * struct xm_fw_span - registers the host may write while their domain sleeps
 * @first: first byte offset
 * @last: last byte offset, inclusive
 *
 * Hardware keeps a shadow of these outside the domain and hands it over when the domain wakes.
 */
struct xm_fw_span {
	u32 first;
	u32 last;
};

/**
 * struct xm_fw_state - state of the domains, owned by dev/forcewake.c, under dev->lock
 * @due: clock_ns() at which the acknowledgment of each domain follows its request
 * @seen: request bits whose acknowledgment the host has read, by domain
 * @excused: the last request was made while an ordered fault held acknowledgments back, or the
 *	     device was reset while the domain was awake, and no request was made since
 * @rng: how long a domain takes
 */
struct xm_fw_state {
	u64 due[XM_FW_DOMAINS];
	u16 seen[XM_FW_DOMAINS];
	bool excused[XM_FW_DOMAINS];
	struct xm_rng rng;
};

/**
 * forcewake_allows() - check an access of the host
 * @dev: device
 * @off: byte offset, multiple of 4
 * @write: it is a write
 *
 * Context: any thread; takes dev->lock.
 * Return: true, or false if the register sleeps (reported).
 */
bool forcewake_allows(struct xm_device *dev, u32 off, bool write);

/**
 * forcewake_domain() - domain of a register
 * @dev: device
 * @off: byte offset
 *
 * Return: enum xm_fw_domain, or -1 for a register that never sleeps.
 */
int forcewake_domain(const struct xm_device *dev, u32 off);

#endif
