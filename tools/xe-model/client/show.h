/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 */
#ifndef XM_CLIENT_SHOW_H
#define XM_CLIENT_SHOW_H

#include <jansson.h>
#include <stdio.h>

/**
 * show() - print the result of a command for people
 * @out: stream
 * @result: JSON object
 *
 * A list of objects becomes a table whose columns are the members in the order in which they first
 * appear; an object becomes lines of name and value; text of several lines is printed as it is.
 */
void show(FILE *out, const json_t *result);

/**
 * show_difference() - what has changed between two results
 * @now: later result
 * @before: earlier result of the same command
 *
 * Return: a new object with the integers of @now, less those of @before at the same place; what
 * has not changed, and what is no integer, is left out. NULL without memory.
 */
json_t *show_difference(const json_t *now, const json_t *before);

#endif
