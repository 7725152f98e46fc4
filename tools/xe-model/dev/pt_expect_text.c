// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Text form of expectations, see pt_expect_parse().
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pt_expect.h"
#include "util/bits.h"

#define SPACE_END BIT_ULL(48)
#define PAGE_MASK 0xfffull
#define SEPARATORS " \t\r"
#define PAT_MAX 31u

/**
 * struct parser - a text while it is read
 * @x: what was read
 * @line: number of the line
 * @err: where the message goes
 * @len: bytes at @err
 */
struct parser {
	struct pt_expect *x;
	unsigned int line;
	char *err;
	size_t len;
};

static int XM_PRINTF(2, 3) wrong(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(p->err, p->len, "line %u: ", p->line);
	if (n < 0 || (size_t)n >= p->len)
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(p->err + n, p->len - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A number up to @end, or to the end of the word. Return: false if it is none. */
static bool number(const char *s, char end, u64 *val, const char **rest)
{
	char *stop;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*val = strtoull(s, &stop, 0);
	if (errno || *stop != end)
		return false;
	if (rest)
		*rest = stop + 1;
	return true;
}

static bool pages(u64 val)
{
	return !(val & PAGE_MASK) && val <= SPACE_END;
}

static void *grow(void *array, unsigned int n, size_t size)
{
	/* To the next power of two whenever one is reached. */
	if (n & (n - 1))
		return array;
	return realloc(array, (n ? n * 2 : 1) * size);
}

static int parse_backing(struct parser *p, const char *word)
{
	struct pt_expect *x = p->x;
	struct pt_backing b = { 0 };
	const char *len;
	void *grown;

	if (!strncmp(word, "dev:", 4)) {
		b.devmem = true;
		word += 4;
	}
	if (!number(word, '+', &b.addr, &len) || !number(len, '\0', &b.len, NULL) ||
	    b.addr & PAGE_MASK || !pages(b.len) || !b.len)
		return wrong(p, "\"%s\" is no option and no ADDR+LEN in pages", word);
	grown = grow(x->backing, x->n_backings, sizeof(*x->backing));
	if (!grown)
		return -ENOMEM;
	x->backing = grown;
	x->backing[x->n_backings++] = b;
	return 0;
}

static int parse_pat(struct parser *p, const char *word, u8 *pat)
{
	u64 val;

	if (!number(word, '\0', &val, NULL) || val > PAT_MAX)
		return wrong(p, "PAT index \"%s\" is not between 0 and %u", word, PAT_MAX);
	*pat = (u8)val;
	return 0;
}

static int parse_options(struct parser *p, struct pt_vma *v, char **save)
{
	int err = 0;

	for (char *w; !err && (w = strtok_r(NULL, SEPARATORS, save));) {
		if (v->kind == PT_VMA_EMPTY)
			err = wrong(p, "\"%s\": an empty part has no options", w);
		else if (!strcmp(w, "ro"))
			v->read_only = true;
		else if (!strcmp(w, "atomic"))
			v->atomic = true;
		else if (!strncmp(w, "pat=", 4))
			err = parse_pat(p, w + 4, &v->pat);
		else if (v->kind == PT_VMA_MEMORY)
			err = parse_backing(p, w);
		else
			err = wrong(p, "\"%s\" is no option", w);
	}
	return err;
}

static int check_size(struct parser *p, const struct pt_vma *v)
{
	u64 sum = 0;

	if (v->kind != PT_VMA_MEMORY)
		return 0;
	for (unsigned int i = v->backing; i < p->x->n_backings; i++)
		sum += p->x->backing[i].len;
	if (sum != v->end - v->start)
		return wrong(p, "0x%llx bytes of memory for 0x%llx bytes of addresses",
			     (unsigned long long)sum, (unsigned long long)(v->end - v->start));
	return 0;
}

static int parse_vma(struct parser *p, const char *start, char **save)
{
	static const char *const kinds[] = { "memory", "null", "empty" };
	const char *end = strtok_r(NULL, SEPARATORS, save);
	const char *kind = strtok_r(NULL, SEPARATORS, save);
	struct pt_vma v = { .backing = p->x->n_backings };
	void *grown;
	int err;

	if (!end || !kind || !number(start, '\0', &v.start, NULL) ||
	    !number(end, '\0', &v.end, NULL))
		return wrong(p, "not START END KIND");
	if (!pages(v.start) || !pages(v.end) || v.start >= v.end)
		return wrong(p, "0x%llx to 0x%llx is no range of pages",
			     (unsigned long long)v.start, (unsigned long long)v.end);
	if (p->x->n_vmas && p->x->vma[p->x->n_vmas - 1].end > v.start)
		return wrong(p, "0x%llx lies before the end of the last part",
			     (unsigned long long)v.start);
	while (v.kind < ARRAY_SIZE(kinds) && strcmp(kinds[v.kind], kind))
		v.kind++;
	if (v.kind == ARRAY_SIZE(kinds))
		return wrong(p, "\"%s\" is not memory, null or empty", kind);
	err = parse_options(p, &v, save);
	if (!err)
		err = check_size(p, &v);
	if (err)
		return err;
	grown = grow(p->x->vma, p->x->n_vmas, sizeof(*p->x->vma));
	if (!grown)
		return -ENOMEM;
	p->x->vma = grown;
	p->x->vma[p->x->n_vmas++] = v;
	return 0;
}

static int parse_scratch(struct parser *p, char **save)
{
	const char *word = strtok_r(NULL, SEPARATORS, save);

	p->x->scratch = true;
	if (!word)
		return 0;
	if (strncmp(word, "pat=", 4))
		return wrong(p, "\"%s\" is not pat=N", word);
	return parse_pat(p, word + 4, &p->x->scratch_pat);
}

static int parse_line(struct parser *p, char *line)
{
	char *save, *word;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, SEPARATORS, &save);
	if (!word)
		return 0;
	return strcmp(word, "scratch") ? parse_vma(p, word, &save) : parse_scratch(p, &save);
}

int pt_expect_parse(struct pt_expect *x, const char *text, char *err, size_t len)
{
	struct parser p = { .x = x, .err = err, .len = len };
	char *copy = strdup(text), *rest = copy;
	int ret = 0;

	*x = (struct pt_expect){ 0 };
	if (!copy)
		return -ENOMEM;
	for (char *line; !ret && (line = strsep(&rest, "\n"));) {
		p.line++;
		ret = parse_line(&p, line);
	}
	free(copy);
	if (ret == -ENOMEM)
		snprintf(err, len, "no memory");
	if (ret)
		pt_expect_free(x);
	return ret;
}
