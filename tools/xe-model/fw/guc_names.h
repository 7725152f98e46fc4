/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_FW_GUC_NAMES_H
#define XM_FW_GUC_NAMES_H

#include "util/types.h"

/** guc_action_name() - Return: name of a request, event or mailbox action, "unknown" if none. */
const char *guc_action_name(u32 action);

/** guc_class_name() - Return: name of a GuC engine class, "unknown" if there is none. */
const char *guc_class_name(u32 guc_class);

#endif
