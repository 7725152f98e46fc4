/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_MIGRATE_CMD_H_
#define _XE_MIGRATE_CMD_H_

#include <linux/types.h>

/* dwords in front of the first and behind the last store of a batch */
#define XE_MIGRATE_BEGIN_DWORDS		2
#define XE_MIGRATE_END_DWORDS		2

u32 xe_migrate_store_dwords(u32 n);
u32 xe_migrate_emit_begin(u32 *dw);
u32 xe_migrate_emit_store(u32 *dw, u64 addr, const u64 *values, u32 n);
u32 xe_migrate_emit_end(u32 *dw);

#endif
