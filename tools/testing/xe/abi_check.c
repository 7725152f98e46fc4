// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Print the binary interface that a uAPI header describes: size of every struct, offset, size and
 * declared type of every field, value of every number. Built once for each of two headers, each
 * with the list of its own contents; the headers are compatible if both programs print the same.
 *
 * XE_DRM_HEADER is the header, ABI_LIST the file abi_list.py made of it.
 */
#include <stddef.h>
#include <stdio.h>

#include XE_DRM_HEADER

#define ABI_STRUCT(_name) \
	printf("struct %s: size %zu, alignment %zu\n", #_name, sizeof(struct _name), \
	       _Alignof(struct _name))

#define ABI_FIELD(_struct, _name, _type) \
	printf("struct %s.%s: offset %zu, size %zu, type %s\n", #_struct, #_name, \
	       offsetof(struct _struct, _name), sizeof(((struct _struct *)0)->_name), _type)

#define ABI_FLEX(_struct, _name, _type) \
	printf("struct %s.%s: offset %zu, element size %zu, type %s\n", #_struct, #_name, \
	       offsetof(struct _struct, _name), sizeof(((struct _struct *)0)->_name[0]), _type)

#define ABI_ENUM(_name) \
	printf("enum %s: size %zu\n", #_name, sizeof(enum _name))

#define ABI_NUMBER(_name) \
	printf("%s = %#llx\n", #_name, (unsigned long long)(_name))

int main(void)
{
#include ABI_LIST

	return 0;
}
