// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "util/thread.h"

#include <sys/resource.h>
#include <unistd.h>

#include "util/log.h"

#define URGENT_NICE (-10)

void thread_urgent(void)
{
	/* On Linux the nice value belongs to the thread. */
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), URGENT_NICE))
		log_debug("no right to raise the priority of a thread");
}
