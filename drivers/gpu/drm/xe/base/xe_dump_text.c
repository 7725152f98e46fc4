// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Text of a dump
 *
 * The record of a hang is read in pieces of a page, at any offset, and may be many megabytes long.
 * So it is rendered once, memory contents included, and kept as text in page-sized blocks; a read
 * only copies.
 *
 * Memory is written in ascii85, which needs five characters for a word that is not zero and one
 * for a word that is. A piece of memory is one line, however long, because that is what the
 * programs that decode it expect.
 *
 * Running out of memory does not fail the dump: what does not fit is missing, and whoever adds
 * contents says so behind them.
 */

#include "base/xe_dump_text.h"

#include <linux/ascii85.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

/* Dumps are a luxury: they do not push others out of memory. */
#define DUMP_TEXT_GFP	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)
/* words that are encoded at a time */
#define DUMP_TEXT_WORDS	64
/* longest line of a printer, bytes */
#define DUMP_TEXT_LINE	256

/**
 * xe_ascii85_words - encode words
 * @out: room for XE_ASCII85_WORD characters per word; no terminating zero is written
 * @words: words in the order of the CPU
 * @n: their number
 *
 * Context: any. Pure.
 * Return: characters written
 */
size_t xe_ascii85_words(char *out, const u32 *words, size_t n)
{
	char buf[ASCII85_BUFSZ];
	const char *code;
	size_t i, len, sum = 0;

	for (i = 0; i < n; i++) {
		code = ascii85_encode(words[i], buf);
		len = strlen(code);
		memcpy(out + sum, code, len);
		sum += len;
	}

	return sum;
}

/**
 * xe_dump_text_init - start with an empty text
 * @t: the text
 * @limit: length up to which contents may be added, bytes; other text has no limit
 * @stop: becomes true when the writer has to come to an end; outlives the writer. NULL: never
 *
 * Context: any; allocates nothing.
 */
void xe_dump_text_init(struct xe_dump_text *t, size_t limit, const bool *stop)
{
	*t = (struct xe_dump_text) { .limit = limit, .stop = stop };
	mutex_init(&t->lock);
	xa_init(&t->blocks);
}

/**
 * xe_dump_text_fini - free the text
 * @t: the text; nobody writes or reads it
 *
 * Context: any context that may free memory.
 */
void xe_dump_text_fini(struct xe_dump_text *t)
{
	unsigned long i;
	void *block;

	xa_for_each(&t->blocks, i, block)
		free_page((unsigned long)block);
	xa_destroy(&t->blocks);
	mutex_destroy(&t->lock);
}

static int dump_text_grow(struct xe_dump_text *t)
{
	unsigned long block = __get_free_page(DUMP_TEXT_GFP);
	int err;

	if (!block)
		return -ENOMEM;

	err = xa_err(xa_store(&t->blocks, t->len / PAGE_SIZE, (void *)block, DUMP_TEXT_GFP));
	if (err)
		free_page(block);

	return err;
}

static int dump_text_add_locked(struct xe_dump_text *t, const char *s, size_t len)
{
	size_t at, n;
	char *block;
	int err;

	lockdep_assert_held(&t->lock);

	for (; len; s += n, len -= n) {
		at = t->len % PAGE_SIZE;
		if (!at) {
			err = dump_text_grow(t);
			if (err)
				return err;
		}
		n = min(len, PAGE_SIZE - at);
		block = xa_load(&t->blocks, t->len / PAGE_SIZE);
		memcpy(block + at, s, n);
		WRITE_ONCE(t->len, t->len + n);
	}

	return 0;
}

/**
 * xe_dump_text_is_over - whether there is no point in adding more
 * @t: the text
 *
 * Context: any; a "no" may be old when it arrives.
 * Return: true if it is frozen, or its writer has to come to an end
 */
bool xe_dump_text_is_over(const struct xe_dump_text *t)
{
	return READ_ONCE(t->frozen) || (t->stop && READ_ONCE(*t->stop));
}

/**
 * xe_dump_text_add - append
 * @t: the text
 * @s: characters, not necessarily terminated
 * @len: their number
 *
 * Context: may sleep.
 * Return:
 * * 0 - appended
 * * -ECANCELED - frozen, or about to be: the writer should stop
 * * -ENOMEM - no memory; a part may have been appended
 */
int xe_dump_text_add(struct xe_dump_text *t, const char *s, size_t len)
{
	int err = -ECANCELED;

	mutex_lock(&t->lock);
	if (!xe_dump_text_is_over(t))
		err = dump_text_add_locked(t, s, len);
	mutex_unlock(&t->lock);

	return err;
}

/**
 * xe_dump_text_add_words - append memory contents in ascii85, without a line break
 * @t: the text
 * @words: contents
 * @n: number of words
 *
 * Context: may sleep.
 * Return:
 * * 0 - appended
 * * -ECANCELED, -ENOMEM - as xe_dump_text_add()
 * * -EFBIG - the text has reached its limit
 */
int xe_dump_text_add_words(struct xe_dump_text *t, const u32 *words, size_t n)
{
	char buf[DUMP_TEXT_WORDS * XE_ASCII85_WORD];
	size_t some;
	int err;

	for (; n; words += some, n -= some) {
		some = min_t(size_t, n, DUMP_TEXT_WORDS);
		if (READ_ONCE(t->len) + sizeof(buf) > t->limit)
			return -EFBIG;
		err = xe_dump_text_add(t, buf, xe_ascii85_words(buf, words, some));
		if (err)
			return err;
	}

	return 0;
}

static void dump_text_puts(struct drm_printer *p, const char *str)
{
	xe_dump_text_add(p->arg, str, strlen(str));
}

static void dump_text_printfn(struct drm_printer *p, struct va_format *vaf)
{
	char line[DUMP_TEXT_LINE];

	xe_dump_text_add(p->arg, line, scnprintf(line, sizeof(line), "%pV", vaf));
}

/**
 * xe_dump_text_printer - print into a text
 * @t: the text, longer alive than the printer
 *
 * Context: printing may sleep. A line has less than DUMP_TEXT_LINE characters.
 * Return: the printer
 */
struct drm_printer xe_dump_text_printer(struct xe_dump_text *t)
{
	return (struct drm_printer) {
		.printfn = dump_text_printfn,
		.puts = dump_text_puts,
		.arg = t,
	};
}

/**
 * xe_dump_text_add_memory - append a named piece of kernel memory
 * @t: the text
 * @name: what decoders know it as
 * @mem: contents, word aligned
 * @size: bytes, multiple of 4
 *
 * Context: may sleep.
 */
void xe_dump_text_add_memory(struct xe_dump_text *t, const char *name, const void *mem,
			     size_t size)
{
	struct drm_printer p = xe_dump_text_printer(t);
	int err;

	drm_printf(&p, "\t[%s].length: 0x%zx\n\t[%s].data: ", name, size, name);
	err = xe_dump_text_add_words(t, mem, size / sizeof(u32));
	drm_puts(&p, "\n");
	if (err)
		drm_printf(&p, "\t[%s].error: %d\n", name, err);
}

/**
 * xe_dump_text_freeze - let nothing be added any more
 * @t: the text
 * @last: what to add before that, if it is not frozen already
 *
 * Context: may sleep. May be called more than once.
 * Return: true the first time
 */
bool xe_dump_text_freeze(struct xe_dump_text *t, const char *last)
{
	bool first;

	mutex_lock(&t->lock);
	first = !t->frozen;
	if (first)
		dump_text_add_locked(t, last, strlen(last));
	WRITE_ONCE(t->frozen, true);
	mutex_unlock(&t->lock);

	return first;
}

/**
 * xe_dump_text_read - copy a part
 * @t: a frozen text
 * @buf: where to
 * @offset: first byte, not negative
 * @count: bytes wanted
 *
 * Context: any.
 * Return: bytes copied; 0: @offset is at or behind the end
 */
ssize_t xe_dump_text_read(const struct xe_dump_text *t, char *buf, loff_t offset, size_t count)
{
	size_t at, n, done = 0;
	const char *block;

	if (offset >= t->len)
		return 0;

	count = min_t(size_t, count, t->len - offset);
	while (done < count) {
		at = (offset + done) % PAGE_SIZE;
		n = min(count - done, PAGE_SIZE - at);
		block = xa_load((struct xarray *)&t->blocks, (offset + done) / PAGE_SIZE);
		memcpy(buf + done, block + at, n);
		done += n;
	}

	return done;
}
