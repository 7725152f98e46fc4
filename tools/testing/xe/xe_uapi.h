/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * Helpers of the uAPI tests: valid calls, and what breaks one rule of them.
 */
#ifndef _XE_UAPI_H_
#define _XE_UAPI_H_

#include "kselftest_harness.h"
#include "xe_calls.h"

/* The base arguments in @_args with one member changed must give -@_err. */
#define REJECT(_err, _request, _args, _member, _value) do { \
	__typeof__(_args) _bad = (_args); \
	_bad._member = (_value); \
	EXPECT_EQ(-(_err), xe_call(self->fd, _request, &_bad)) \
		TH_LOG("%s: %s = %s", #_request, #_member, #_value); \
} while (0)

/* @_args must be accepted; outputs end up in @_args. */
#define ACCEPT(_request, _args) \
	ASSERT_EQ(0, xe_call(self->fd, _request, &(_args)))

#endif
