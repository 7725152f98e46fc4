/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_SYNC_H_
#define _XE_SYNC_H_

#include <linux/bits.h>
#include <linux/types.h>

struct dma_fence;
struct dma_fence_chain;
struct drm_file;
struct drm_syncobj;
struct drm_xe_sync;
struct xe_device;
struct xe_job;
struct xe_user_fence;

/* The largest num_syncs an ioctl accepts */
#define XE_MAX_SYNCS		1024

/* Syncs that callers of xe_sync_parse_array() have room for themselves: nearly all ioctls. */
#define XE_SYNC_ROOM		2

/* flags of xe_sync_parse(): where the sync comes from and what is allowed there */
/* EXEC: a user fence names a GPU address and is stored by the ring */
#define XE_SYNC_EXEC		BIT(0)
/* VM_BIND: a user fence names a CPU address and is stored by a worker */
#define XE_SYNC_BIND		BIT(1)
/* long-running VM: no dma-fence may come out */
#define XE_SYNC_LR		BIT(2)
/* a bind without operations: no user fence */
#define XE_SYNC_NO_UFENCE	BIT(3)

/**
 * struct xe_sync - one drm_xe_sync, looked up and ready to use
 *
 * All zero is a valid empty sync for xe_sync_fini().
 */
struct xe_sync {
	/** @type: DRM_XE_SYNC_TYPE_* */
	u32 type;
	/** @signal: out-sync, else in-sync */
	bool signal;
	/** @syncobj: out-sync: object to signal (reference) */
	struct drm_syncobj *syncobj;
	/** @fence: in-sync: fence to wait for (reference), NULL if it has signalled */
	struct dma_fence *fence;
	/** @chain: timeline out-sync: node that will carry the point */
	struct dma_fence_chain *chain;
	/** @ufence: bind user fence (reference) */
	struct xe_user_fence *ufence;
	/** @addr: exec user fence: GPU address, 8-byte aligned */
	u64 addr;
	/** @timeline_value: point, or value of the user fence */
	u64 timeline_value;
};

int xe_sync_parse(struct xe_device *xe, struct drm_file *file, struct xe_sync *out,
		  const struct drm_xe_sync __user *user, u32 flags);
int xe_sync_parse_array(struct xe_device *xe, struct drm_file *file, struct xe_sync **out,
			struct xe_sync room[XE_SYNC_ROOM], u64 user_syncs, u32 num_syncs,
			u32 flags);
void xe_sync_fini(struct xe_sync *sync);
void xe_sync_fini_array(struct xe_sync *syncs, const struct xe_sync *room, u32 num_syncs);

bool xe_sync_is_signal(const struct xe_sync *sync);
bool xe_sync_is_ufence(const struct xe_sync *sync);
struct dma_fence *xe_sync_in_fence(const struct xe_sync *sync);

int xe_sync_add_deps(const struct xe_sync *sync, struct xe_job *job);
int xe_sync_prepare_signal(struct xe_sync *sync);
void xe_sync_signal(struct xe_sync *sync, struct dma_fence *fence);
struct dma_fence *xe_sync_merge_in_fences(const struct xe_sync *syncs, u32 num_syncs,
					  struct dma_fence *extra);

struct xe_user_fence *xe_sync_ufence_get(const struct xe_sync *sync);
struct xe_user_fence *xe_user_fence_get(struct xe_user_fence *uf);
void xe_user_fence_put(struct xe_user_fence *uf);
bool xe_user_fence_done(const struct xe_user_fence *uf);

#endif
