/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_GUC_CT_H_
#define _XE_GUC_CT_H_

#include <linux/bits.h>
#include <linux/types.h>

struct drm_printer;
struct xe_bo;
struct xe_guc_ct;

/**
 * enum xe_guc_ct_send_flags - how to send
 * @XE_GUC_CT_ATOMIC: do not sleep for room, return -EBUSY instead
 * @XE_GUC_CT_MORE: do not make the GuC look yet: another message or xe_guc_ct_notify() follows
 */
enum xe_guc_ct_send_flags {
	XE_GUC_CT_ATOMIC = BIT(0),
	XE_GUC_CT_MORE = BIT(1),
};

/**
 * struct xe_guc_ct_ops - what the transport calls for G2H events it does not handle itself
 */
struct xe_guc_ct_ops {
	/**
	 * @fast_event: an event that must not wait for a worker. Called with interrupts off.
	 * Return: true if the action is of this kind and was handled, false to see the event
	 * again in @event.
	 */
	bool (*fast_event)(void *data, u32 action, const u32 *payload, u32 n_dwords);
	/**
	 * @event: any other event; called from the transport's worker. Must not wait for an
	 * answer of the GuC. Return: 0, -EPROTO if the message makes no sense.
	 */
	int (*event)(void *data, u32 action, const u32 *payload, u32 n_dwords);
	/** @broken: the channel is dead until the GT was reset; any context */
	void (*broken)(void *data);
};

/**
 * struct xe_guc_ct_snapshot - the rings at one time; positions in dwords
 */
struct xe_guc_ct_snapshot {
	/** @state: enum xe_guc_ct_state */
	u32 state;
	/** @has_rings: there are rings: the members below are valid */
	bool has_rings;
	/** @h2g_head: where the GuC will read its next message */
	u32 h2g_head;
	/** @h2g_tail: where the driver will write its next message */
	u32 h2g_tail;
	/** @h2g_status: what the GuC complains about, 0: nothing */
	u32 h2g_status;
	/** @g2h_head: where the driver will read its next message */
	u32 g2h_head;
	/** @g2h_tail: where the GuC will write its next message */
	u32 g2h_tail;
	/** @g2h_status: what the driver complains about, 0: nothing */
	u32 g2h_status;
	/** @g2h_credits: room in the G2H ring that is not promised to an answer */
	u32 g2h_credits;
};

int xe_guc_ct_init_rings(struct xe_guc_ct *ct, struct xe_bo *bo);
int xe_guc_ct_init(struct xe_guc_ct *ct);
void xe_guc_ct_fini(struct xe_guc_ct *ct);
int xe_guc_ct_enable(struct xe_guc_ct *ct);
void xe_guc_ct_stop(struct xe_guc_ct *ct);
bool xe_guc_ct_is_enabled(const struct xe_guc_ct *ct);

int xe_guc_ct_send(struct xe_guc_ct *ct, const u32 *action, u32 n_dwords, u32 g2h_dwords,
		   unsigned int flags);
void xe_guc_ct_notify(struct xe_guc_ct *ct);
int xe_guc_ct_request(struct xe_guc_ct *ct, const u32 *action, u32 n_dwords, u32 *data0);

void xe_guc_ct_irq(struct xe_guc_ct *ct);

/* xe_guc_snapshot.c */
void xe_guc_ct_snapshot_take(struct xe_guc_ct *ct, struct xe_guc_ct_snapshot *s);
void xe_guc_ct_snapshot_print(const struct xe_guc_ct_snapshot *s, struct drm_printer *p);

#endif
