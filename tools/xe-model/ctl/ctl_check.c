// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The command that compares an address space with what somebody expects of it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/dma.h"
#include "ctl/ctl_cmd.h"
#include "dev/device.h"
#include "dev/pt_expect.h"

/* Tables read under one hold of dma_read_lock(), and holds at most */
#define TABLES_AT_ONCE 16u
#define MAX_HOLDS 65536u
#define MAX_FILE_BYTES (16u << 20)
#define MAX_DEVIATIONS 1000u

/**
 * struct checking - a comparison while it goes on
 * @dev: device
 * @rows: deviations so far
 */
struct checking {
	struct xm_device *dev;
	json_t *rows;
};

/* The file as text, to be freed; NULL after noting why not. */
static char *read_file(struct ctl_request *r, const char *path)
{
	FILE *file = *path == '/' ? fopen(path, "re") : NULL;
	char *text = file ? calloc(1, MAX_FILE_BYTES + 1) : NULL;
	size_t n = text ? fread(text, 1, MAX_FILE_BYTES + 1, file) : 0;

	if (*path != '/')
		ctl_misuse(r, "the name of the file must be absolute");
	else if (!file || !text || ferror(file))
		ctl_fail(r, "%s: %s", path, strerror(errno));
	else if (n > MAX_FILE_BYTES)
		ctl_fail(r, "%s: the file is too large", path);
	if (file)
		fclose(file);
	if (!*r->error)
		return text;
	free(text);
	return NULL;
}

static bool read_table(void *ctx, u64 table, u64 *entry, unsigned int n)
{
	struct checking *c = ctx;

	return pt_read_sys(c->dev, table, entry, n);
}

static bool add_deviation(void *ctx, const struct pt_deviation *d)
{
	struct checking *c = ctx;

	json_array_append_new(c->rows, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "id", d->id,
						 "wrong", d->wrong, "first", ctl_hex(d->first),
						 "last", ctl_hex(d->last), "expected",
						 ctl_hex(d->want), "found", ctl_hex(d->got)));
	return json_array_size(c->rows) < MAX_DEVIATIONS;
}

/* Return: false if the tree is larger than anybody can wait for. */
static bool compare(struct checking *c, u64 root, const struct pt_expect *x)
{
	struct pt_compare cmp = { .read = read_table, .report = add_deviation, .ctx = c };
	struct ppgtt_format fmt = ppgtt_format_of(c->dev);
	enum pt_tree_status status = PT_TREE_MORE;

	pt_compare_begin(&cmp, &fmt, root, x);
	for (unsigned int i = 0; i < MAX_HOLDS && status == PT_TREE_MORE; i++) {
		dma_read_lock(c->dev->dma);
		status = pt_compare_step(&cmp, TABLES_AT_ONCE);
		dma_read_unlock(c->dev->dma);
	}
	return status != PT_TREE_MORE;
}

json_t *ctl_check(struct ctl_request *r)
{
	struct checking c = { .dev = r->env->dev };
	struct pt_expect x;
	json_t *result;
	char *text, why[256];
	u64 root;
	int err;

	if (!ctl_root(r, r->arg[0], &root))
		return NULL;
	text = read_file(r, r->arg[1]);
	if (!text)
		return NULL;
	err = pt_expect_parse(&x, text, why, sizeof(why));
	free(text);
	if (err)
		return ctl_fail(r, "%s: %s", r->arg[1], err == -EINVAL ? why : strerror(-err));
	c.rows = json_array();
	result = json_pack("{s:o, s:i}", "root", ctl_hex(root), "parts", (int)x.n_vmas);
	if (!compare(&c, root, &x))
		json_object_set_new(result, "given up", json_string("the tree is too large"));
	pt_expect_free(&x);
	if (json_array_size(c.rows) == MAX_DEVIATIONS)
		json_object_set_new(result, "cut after", json_integer(MAX_DEVIATIONS));
	json_object_set_new(result, "failed", json_boolean(json_array_size(c.rows) ||
							   json_object_get(result, "given up")));
	json_object_set_new(result, "deviations", c.rows);
	return result;
}
