// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels of distributions are built without CONFIG_SW_SYNC, a test facility that more than two
 * hundred of IGT's sync-object tests need. Its sources come from the source package of that very
 * kernel; this file makes a module of them.
 */
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sync_file.h>

/* The kernel keeps this helper to itself; only a debug listing of older ones asks for the name. */
static __maybe_unused char *sw_sync_file_name(struct sync_file *file, char *buf, int len)
{
	strscpy(buf, file->user_name, len);
	return buf;
}
#define sync_file_get_name sw_sync_file_name

#include "sw_sync.c"
#include "sync_debug.c"

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Software sync timelines for testing");
