// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/* The one place that makes code of the trace events; everybody else includes the declarations. */
#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "base/xe_trace.h"
#endif
