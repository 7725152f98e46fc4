/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_DEFAULT_CTX_H_
#define _XE_DEFAULT_CTX_H_

struct xe_gt;

int xe_default_ctx_record(struct xe_gt *gt);

#endif
