/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef _XE_DUMP_TEXT_H_
#define _XE_DUMP_TEXT_H_

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <drm/drm_print.h>

/* most characters that xe_ascii85_words() makes of one word */
#define XE_ASCII85_WORD	5

/**
 * struct xe_dump_text - text that grows at its end until it is frozen, and may then be read
 *
 * Somebody else may freeze it while it is still being written: the writer is told and stops.
 */
struct xe_dump_text {
	/** @lock: protects everything below; memory is allocated under it */
	struct mutex lock;
	/** @blocks: the text in pieces of PAGE_SIZE bytes, without holes */
	struct xarray blocks;
	/** @len: bytes of text */
	size_t len;
	/** @limit: length up to which contents may be added, bytes */
	size_t limit;
	/** @frozen: nothing is added any more; readers need no lock then */
	bool frozen;
	/** @stop: becomes true when the writer has to come to an end, or NULL */
	const bool *stop;
};

size_t xe_ascii85_words(char *out, const u32 *words, size_t n);

void xe_dump_text_init(struct xe_dump_text *t, size_t limit, const bool *stop);
void xe_dump_text_fini(struct xe_dump_text *t);

int xe_dump_text_add(struct xe_dump_text *t, const char *s, size_t len);
int xe_dump_text_add_words(struct xe_dump_text *t, const u32 *words, size_t n);
void xe_dump_text_add_memory(struct xe_dump_text *t, const char *name, const void *mem,
			     size_t size);
struct drm_printer xe_dump_text_printer(struct xe_dump_text *t);

bool xe_dump_text_is_over(const struct xe_dump_text *t);
bool xe_dump_text_freeze(struct xe_dump_text *t, const char *last);
ssize_t xe_dump_text_read(const struct xe_dump_text *t, char *buf, loff_t offset, size_t count);

#endif
