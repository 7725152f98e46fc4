/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Insides of the GuC block, shared by its files only.
 */
#ifndef _XE_GUC_TYPES_H_
#define _XE_GUC_TYPES_H_

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"
#include "abi/guc_messages.h"

struct xe_bo;
struct xe_gt;
struct xe_guc_ct_ops;

/**
 * struct xe_uc_fw_version - release number of a firmware
 */
struct xe_uc_fw_version {
	/** @major: incompatible changes */
	u16 major;
	/** @minor: new features */
	u16 minor;
	/** @patch: fixes */
	u16 patch;
};

/**
 * struct xe_uc_fw - a firmware image, checked and copied where the microcontroller can read it
 */
struct xe_uc_fw {
	/** @path: file name relative to the firmware directory */
	const char *path;
	/** @overridden: @path came from a module parameter */
	bool overridden;
	/** @bo: the file, GGTT mapped */
	struct xe_bo *bo;
	/** @ucode_bytes: size of the micro-code behind the CSS header */
	u32 ucode_bytes;
	/** @rsa_bytes: size of the signature behind the micro-code */
	u32 rsa_bytes;
	/** @private_bytes: scratch memory the firmware wants in the ADS */
	u32 private_bytes;
	/** @version: release version */
	struct xe_uc_fw_version version;
	/** @submission: version of the submission interface, shown to user space */
	struct xe_uc_fw_version submission;
};

/**
 * enum xe_guc_ct_state - what may be done with the command transport
 * @XE_GUC_CT_DISABLED: never enabled since probe, or gone for good: -ENODEV
 * @XE_GUC_CT_STOPPED: a reset is going on: -ECANCELED
 * @XE_GUC_CT_BROKEN: protocol lost, a reset was requested: -ECANCELED
 * @XE_GUC_CT_ENABLED: messages flow
 */
enum xe_guc_ct_state {
	XE_GUC_CT_DISABLED,
	XE_GUC_CT_STOPPED,
	XE_GUC_CT_BROKEN,
	XE_GUC_CT_ENABLED,
};

#define XE_GUC_CT_FAST_LOG	256

/**
 * struct xe_guc_ct - command transport: the two message rings
 */
struct xe_guc_ct {
	/** @ops: consumer of events */
	const struct xe_guc_ct_ops *ops;
	/** @data: handed to @ops */
	void *data;
	/** @bo: descriptors and rings, GUC_CT_BUFFER_BYTES */
	struct xe_bo *bo;
	/**
	 * @lock: protects everything on the send side: ring, credits, state, request list.
	 * Taken with interrupts off, innermost but for the register lock; may be taken in fence
	 * signalling.
	 */
	spinlock_t lock;
	/**
	 * @g2h_lock: makes one reader at a time of the G2H ring. Interrupts off; taken before
	 * @lock and before the lock of the TLB invalidation front end.
	 */
	spinlock_t g2h_lock;
	/** @state: what may be done; written under @lock */
	enum xe_guc_ct_state state;
	/** @h2g_tail: next dword to write in the H2G ring */
	u32 h2g_tail;
	/** @notify_due: the GuC has not been made to look at the last message yet */
	bool notify_due;
	/** @g2h_head: next dword to read in the G2H ring, under @g2h_lock */
	u32 g2h_head;
	/** @g2h_credits: dwords of the G2H ring not promised to an answer */
	u32 g2h_credits;
	/** @fence: counter of blocking requests */
	u16 fence;
	/** @fast_fence: counter of fast requests */
	u16 fast_fence;
	/**
	 * @fast_log: actions of the last fast requests, by fence modulo size; read without the
	 * lock, for a message
	 */
	u16 fast_log[XE_GUC_CT_FAST_LOG];
	/** @requests: blocking requests without an answer */
	struct list_head requests;
	/** @wait: woken when an answer came, credits returned or the state changed */
	wait_queue_head_t wait;
	/** @wq: runs @work; every fence of the GT may depend on it */
	struct workqueue_struct *wq;
	/** @work: handles the events that are not handled in the interrupt */
	struct work_struct work;
	/** @irq_msg: scratch of the interrupt path, under @g2h_lock */
	u32 irq_msg[GUC_CT_MSG_MAX_DWORDS + 1];
	/** @work_msg: scratch of @work */
	u32 work_msg[GUC_CT_MSG_MAX_DWORDS + 1];
};

/**
 * struct xe_guc_ads - tables for the firmware
 */
struct xe_guc_ads {
	/** @bo: the blob, GGTT mapped */
	struct xe_bo *bo;
	/** @golden_offset: start of the golden contexts, bytes */
	u32 golden_offset;
	/** @capture_offset: start of the empty capture list, bytes */
	u32 capture_offset;
	/** @private_offset: start of the firmware's private area, bytes */
	u32 private_offset;
	/** @size: bytes in all */
	u32 size;
};

/**
 * struct xe_guc_ids - allocator of context ids
 */
struct xe_guc_ids {
	/** @lock: protects the members below; innermost, may sleep, not in fence signalling */
	struct mutex lock;
	/** @map: bit set per id in use, GUC_ID_COUNT bits */
	unsigned long *map;
	/** @next: where the next search starts; ids are reused as late as possible */
	u32 next;
	/** @used: ids in use */
	u32 used;
};

/**
 * struct xe_guc_pc - frequency control
 */
struct xe_guc_pc {
	/** @bo: page shared with the SLPC task, SLPC_SHARED_BYTES */
	struct xe_bo *bo;
	/** @lock: serialises requests, protects the members below; not in fence signalling */
	struct mutex lock;
	/** @rp0: highest fused frequency, MHz */
	u32 rp0;
	/** @rpn: lowest fused frequency, MHz */
	u32 rpn;
	/** @user_min: lower limit chosen by the user, MHz; 0: firmware default */
	u32 user_min;
	/** @user_max: upper limit chosen by the user, MHz; 0: firmware default */
	u32 user_max;
	/** @running: SLPC was started and not stopped since */
	bool running;
};

/**
 * struct xe_guc_submit - all queues of one GuC
 */
struct xe_guc_submit {
	/**
	 * @lock: protects @queues and @stopped. Taken before &xe_guc_queue.ctl_lock. A reset holds
	 * it, so fences wait for its holders: nothing is allocated under it, nor is it taken in
	 * reclaim. May sleep.
	 */
	struct mutex lock;
	/** @queues: every queue between init and release, &xe_guc_queue.link */
	struct list_head queues;
	/** @dead: queues without references, to be taken off the firmware, &xe_guc_queue.dead */
	struct list_head dead;
	/** @dead_lock: protects @dead; a leaf, but for queueing @reap */
	spinlock_t dead_lock;
	/** @reap: ends the queues on @dead, all at a time */
	struct work_struct reap;
	/** @lookup: context id to queue */
	struct xarray lookup;
	/** @submit_wq: ordered; runs every queue's scheduler */
	struct workqueue_struct *submit_wq;
	/** @timeout_wq: runs time-outs, which may wait for the firmware */
	struct workqueue_struct *timeout_wq;
	/** @wait: woken when @queues becomes empty and when @epoch changes */
	wait_queue_head_t wait;
	/** @epoch: counts restarts; who lost the firmware waits for the next one */
	unsigned int epoch;
	/** @stopped: between stop and restart; new queues start paused */
	bool stopped;
	/** @abandoned: the firmware is gone for good, nothing is sent any more */
	bool abandoned;
};

/**
 * struct xe_guc - the GuC of one GT
 */
struct xe_guc {
	/** @gt: the GT */
	struct xe_gt *gt;
	/** @fw: firmware */
	struct xe_uc_fw fw;
	/** @ct: message rings */
	struct xe_guc_ct ct;
	/** @ads: tables for the firmware */
	struct xe_guc_ads ads;
	/** @log_bo: log buffer */
	struct xe_bo *log_bo;
	/** @log_level: 0 to 5, see xe_guc_log.c */
	int log_level;
	/** @ids: context ids */
	struct xe_guc_ids ids;
	/** @pc: frequency control */
	struct xe_guc_pc pc;
	/** @submit: queues */
	struct xe_guc_submit submit;
	/** @notify_reg: register that makes the firmware look at its rings */
	u32 notify_reg;
	/** @mailbox_reg: first of the four mailbox registers */
	u32 mailbox_reg;
	/** @irq_instance: instance of the interrupt source in class "other" */
	u8 irq_instance;
	/** @irq_registered: the handler is installed */
	bool irq_registered;
	/** @loaded: the firmware was up at least once */
	bool loaded;
};

/* xe_guc.c */
int xe_guc_mmio_request(struct xe_guc *guc, const u32 *msg, u32 n_dwords, u32 *data0);
int xe_guc_self_cfg(struct xe_guc *guc, u16 key, u16 len, u64 value);

/* xe_uc_fw.c */
int xe_uc_fw_init(struct xe_guc *guc);
void xe_uc_fw_fini(struct xe_guc *guc);
int xe_uc_fw_wopcm_init(struct xe_guc *guc);
int xe_uc_fw_upload(struct xe_guc *guc);

/* xe_guc_log.c */
int xe_guc_log_init(struct xe_guc *guc);
void xe_guc_log_fini(struct xe_guc *guc);
u32 xe_guc_log_param(const struct xe_guc *guc);
u32 xe_guc_log_debug_param(const struct xe_guc *guc);

/* xe_guc_ads.c */
int xe_guc_ads_init(struct xe_guc *guc);
void xe_guc_ads_fini(struct xe_guc *guc);
void xe_guc_ads_populate(struct xe_guc *guc);
u32 xe_guc_class(unsigned int engine_class);

/* xe_guc_ids.c */
int xe_guc_ids_init(struct xe_guc_ids *ids);
void xe_guc_ids_fini(struct xe_guc_ids *ids);
int xe_guc_ids_alloc(struct xe_guc_ids *ids, u32 n);
void xe_guc_ids_free(struct xe_guc_ids *ids, u32 first, u32 n);

/* xe_guc_pc.c */
int xe_guc_pc_init(struct xe_guc *guc);
void xe_guc_pc_fini(struct xe_guc *guc);
void xe_guc_pc_raise_frequency(struct xe_guc *guc);

#endif
