// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "fw/guc_names.h"

#include "abi/guc_actions.h"
#include "abi/guc_fwif.h"

#define NAME(prefix, name) { prefix##name, #name }

static const struct {
	u32 action;
	const char *name;
} actions[] = {
	NAME(GUC_MMIO_, SELF_CFG),
	NAME(GUC_MMIO_, GET_HWCONFIG),
	NAME(GUC_MMIO_, CONTROL_CTB),
	NAME(GUC_MMIO_, CLIENT_SOFT_RESET),
	NAME(GUC_H2G_, SCHED_CONTEXT),
	NAME(GUC_H2G_, SCHED_CONTEXT_MODE_SET),
	NAME(GUC_H2G_, UPDATE_CONTEXT_POLICIES),
	NAME(GUC_H2G_, REGISTER_CONTEXT),
	NAME(GUC_H2G_, DEREGISTER_CONTEXT),
	NAME(GUC_H2G_, REGISTER_CONTEXT_MULTI_LRC),
	NAME(GUC_H2G_, GLOBAL_SCHED_POLICY_CHANGE),
	NAME(GUC_H2G_, PC_SLPC_REQUEST),
	NAME(GUC_H2G_, SETUP_PC_GUCRC),
	NAME(GUC_H2G_, AUTHENTICATE_HUC),
	NAME(GUC_H2G_, PAGE_FAULT_RES_DESC),
	NAME(GUC_H2G_, TLB_INVALIDATION),
	NAME(GUC_G2H_, SCHED_CONTEXT_MODE_DONE),
	NAME(GUC_G2H_, SCHED_ENGINE_MODE_DONE),
	NAME(GUC_G2H_, CONTEXT_RESET_NOTIFICATION),
	NAME(GUC_G2H_, ENGINE_FAILURE_NOTIFICATION),
	NAME(GUC_G2H_, DEREGISTER_CONTEXT_DONE),
	NAME(GUC_G2H_, MEMORY_CAT_ERROR),
	NAME(GUC_G2H_, PAGE_FAULT_REQ_DESC),
	NAME(GUC_G2H_, ACCESS_COUNTER_NOTIFY),
	NAME(GUC_G2H_, TLB_INVALIDATION_DONE),
	NAME(GUC_G2H_, STATE_CAPTURE_NOTIFICATION),
	NAME(GUC_G2H_, FLUSH_LOG_BUFFER_TO_FILE),
	NAME(GUC_G2H_, CRASH_DUMP_POSTED),
	NAME(GUC_G2H_, EXCEPTION),
};

const char *guc_action_name(u32 action)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].action == action)
			return actions[i].name;
	return "unknown";
}

const char *guc_class_name(u32 guc_class)
{
	static const char *const names[] = {
		[GUC_CLASS_RENDER] = "render",
		[GUC_CLASS_VIDEO] = "video decode",
		[GUC_CLASS_VIDEO_ENHANCE] = "video enhance",
		[GUC_CLASS_COPY] = "copy",
		[GUC_CLASS_COMPUTE] = "compute",
	};

	return guc_class < ARRAY_SIZE(names) && names[guc_class] ? names[guc_class] : "unknown";
}
