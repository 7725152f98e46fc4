// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include <linux/bitmap.h>
#include <linux/slab.h>

#include "submit/xe_guc_types.h"

/**
 * xe_guc_ids_init - set up the allocator
 * @ids: zeroed allocator
 *
 * Context: may sleep.
 * Return:
 * * 0 - success
 * * -ENOMEM - no memory for the bitmap
 */
int xe_guc_ids_init(struct xe_guc_ids *ids)
{
	mutex_init(&ids->lock);
	ids->map = bitmap_zalloc(GUC_ID_COUNT, GFP_KERNEL);

	return ids->map ? 0 : -ENOMEM;
}

/**
 * xe_guc_ids_fini - inverse of xe_guc_ids_init()
 * @ids: allocator, zeroed or initialised, with no id in use
 *
 * Context: may sleep.
 */
void xe_guc_ids_fini(struct xe_guc_ids *ids)
{
	WARN_ON(ids->used);
	bitmap_free(ids->map);
	ids->map = NULL;
}

/**
 * xe_guc_ids_alloc - take consecutive context ids
 * @ids: allocator
 * @n: how many, at least 1; a context of n LRCs owns n ids
 *
 * Context: may sleep; does not allocate memory.
 * Return:
 * * the first id
 * * -ENOSPC - no @n neighbours are free
 */
int xe_guc_ids_alloc(struct xe_guc_ids *ids, u32 n)
{
	unsigned long first;
	int ret = -ENOSPC;

	mutex_lock(&ids->lock);
	first = bitmap_find_next_zero_area(ids->map, GUC_ID_COUNT, ids->next, n, 0);
	if (first >= GUC_ID_COUNT)
		first = bitmap_find_next_zero_area(ids->map, GUC_ID_COUNT, 0, n, 0);
	if (first < GUC_ID_COUNT) {
		bitmap_set(ids->map, first, n);
		WRITE_ONCE(ids->used, ids->used + n);
		ids->next = (first + n) % GUC_ID_COUNT;
		ret = first + GUC_ID_FIRST;
	}
	mutex_unlock(&ids->lock);

	return ret;
}

/**
 * xe_guc_ids_free - give ids back once the GuC has forgotten the context
 * @ids: allocator
 * @first: first id
 * @n: how many
 *
 * Context: may sleep.
 */
void xe_guc_ids_free(struct xe_guc_ids *ids, u32 first, u32 n)
{
	mutex_lock(&ids->lock);
	bitmap_clear(ids->map, first - GUC_ID_FIRST, n);
	WRITE_ONCE(ids->used, ids->used - n);
	mutex_unlock(&ids->lock);
}
