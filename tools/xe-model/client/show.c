// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

#include "client/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 32u
#define INDENT 2u

/**
 * struct column - a column of a table
 * @name: its head
 * @width: characters of its widest cell
 * @right: numbers stand at the right
 */
struct column {
	const char *name;
	size_t width;
	bool right;
};

/* A value in one piece, to be freed; "-" for nothing. */
static char *cell(const json_t *value)
{
	char *text = NULL, *list;
	const json_t *item;
	size_t i;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (!json_is_array(value))
		return value && !json_is_null(value) ? json_dumps(value, JSON_ENCODE_ANY) :
						       strdup("-");
	text = strdup("");
	json_array_foreach(value, i, item) {
		char *one = cell(item);

		if (asprintf(&list, "%s%s%s", text, i ? " " : "", one) < 0)
			list = NULL;
		free(one);
		free(text);
		text = list;
	}
	return text;
}

static bool is_table(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

/* --- tables ----------------------------------------------------------------------------------- */

static struct column *find_column(struct column *columns, unsigned int *n, const char *name)
{
	for (unsigned int i = 0; i < *n; i++)
		if (!strcmp(columns[i].name, name))
			return &columns[i];
	if (*n == MAX_COLUMNS)
		return NULL;
	columns[*n] = (struct column){ .name = name, .width = strlen(name), .right = true };
	return &columns[(*n)++];
}

static unsigned int measure(const json_t *rows, struct column *columns)
{
	unsigned int n = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *name;
		json_t *value;

		json_object_foreach((json_t *)row, name, value) {
			struct column *c = find_column(columns, &n, name);
			char *text = cell(value);

			if (c && text && strlen(text) > c->width)
				c->width = strlen(text);
			if (c && json_is_string(value) &&
			    strncmp(json_string_value(value), "0x", 2))
				c->right = false;
			free(text);
		}
	}
	return n;
}

static void print_cell(FILE *out, const struct column *c, const char *text, bool last)
{
	if (c->right)
		fprintf(out, "  %*s", (int)c->width, text);
	else
		fprintf(out, "  %-*s", last ? 0 : (int)c->width, text);
}

static void print_table(FILE *out, const json_t *rows)
{
	struct column columns[MAX_COLUMNS];
	unsigned int n = measure(rows, columns);
	const json_t *row;
	size_t i;

	for (unsigned int k = 0; k < n; k++)
		print_cell(out, &columns[k], columns[k].name, k + 1 == n);
	fputc('\n', out);
	json_array_foreach(rows, i, row) {
		for (unsigned int k = 0; k < n; k++) {
			char *text = cell(json_object_get(row, columns[k].name));

			print_cell(out, &columns[k], text ? text : "?", k + 1 == n);
			free(text);
		}
		fputc('\n', out);
	}
}

/* --- objects ---------------------------------------------------------------------------------- */

static size_t widest_name(const json_t *object)
{
	size_t width = 0;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
		if (!json_is_object(value) && !is_table(value) && strlen(name) > width)
			width = strlen(name);
	return width;
}

static void print_long_texts(FILE *out, const json_t *texts)
{
	const json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
		fprintf(out, "%s\n", json_string_value(text));
}

static bool has_long_text(const json_t *value)
{
	const char *text = json_string_value(json_is_array(value) ? json_array_get(value, 0) :
								    value);

	return text && strchr(text, '\n');
}

static void print_object(FILE *out, const json_t *object, unsigned int indent);

static void print_member(FILE *out, const char *name, const json_t *value, unsigned int indent,
			 size_t width)
{
	char *text;

	if (json_is_object(value)) {
		fprintf(out, "%*s%s:\n", (int)indent, "", name);
		print_object(out, value, indent + INDENT);
	} else if (is_table(value)) {
		fprintf(out, "%*s%s:\n", (int)indent, "", name);
		print_table(out, value);
	} else if (has_long_text(value) && json_is_array(value)) {
		fprintf(out, "%*s%s:\n", (int)indent, "", name);
		print_long_texts(out, value);
	} else if (has_long_text(value)) {
		fprintf(out, "%s", json_string_value(value));
	} else {
		text = cell(value);
		fprintf(out, "%*s%-*s  %s\n", (int)indent, "", (int)width, name,
			text && *text ? text : "none");
		free(text);
	}
}

static void print_object(FILE *out, const json_t *object, unsigned int indent)
{
	size_t width = widest_name(object);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
		print_member(out, name, value, indent, width);
}

void show(FILE *out, const json_t *result)
{
	print_object(out, result, 0);
}

/* --- differences ------------------------------------------------------------------------------ */

json_t *show_difference(const json_t *now, const json_t *before)
{
	json_t *out = json_object();
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)now, name, value) {
		const json_t *old = json_object_get(before, name);
		json_t *inner = NULL;

		if (json_is_object(value)) {
			inner = show_difference(value, json_is_object(old) ? old : NULL);
			if (!json_object_size(inner)) {
				json_decref(inner);
				inner = NULL;
			}
		} else if (json_is_integer(value) &&
			   json_integer_value(value) != json_integer_value(old)) {
			inner = json_integer(json_integer_value(value) - json_integer_value(old));
		}
		if (inner)
			json_object_set_new(out, name, inner);
	}
	return out;
}
