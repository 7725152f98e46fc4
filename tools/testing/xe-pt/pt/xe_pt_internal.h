/* SPDX-License-Identifier: MIT */
/*
 * Copyright © 2026 The xe project authors
 *
 * User-space stand-in for the header of the same name in drivers/gpu/drm/xe: what pt/ needs of the
 * kernel, in the simplest form that is correct for one thread. Allocations can be made to fail, and
 * every store to a table page that the GPU may be reading is reported.
 */
#ifndef _XE_PT_INTERNAL_H_
#define _XE_PT_INTERNAL_H_

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef u64 dma_addr_t;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define struct_size(p, member, n) \
	(offsetof(__typeof__(*(p)), member) + sizeof((p)->member[0]) * (n))
#define BIT_ULL(n) (1ULL << (n))
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define hweight64(x) __builtin_popcountll(x)

#define min_t(type, a, b) ({ type __a = (a), __b = (b); __a < __b ? __a : __b; })
#define max_t(type, a, b) ({ type __a = (a), __b = (b); __a > __b ? __a : __b; })
#define min(a, b) min_t(__typeof__((a) + (b)), a, b)
#define max(a, b) max_t(__typeof__((a) + (b)), a, b)

static inline unsigned int roundup_pow_of_two(unsigned int n)
{
	return n <= 1 ? 1 : 1u << (32 - __builtin_clz(n - 1));
}

static inline void memset64(u64 *p, u64 v, size_t n)
{
	while (n--)
		*p++ = v;
}

/* Broken assumptions end the test program: the kernel would print a warning. */
#define WARN_ON(cond) ({ \
	bool __warn = !!(cond); \
	if (__warn) { \
		fprintf(stderr, "WARN_ON(%s) at %s:%d\n", #cond, __FILE__, __LINE__); \
		abort(); \
	} \
	__warn; \
})

#define MAX_ERRNO 4095

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)-MAX_ERRNO;
}

/* Memory: see harness.c. */
#define GFP_KERNEL 0
#define GFP_KERNEL_ACCOUNT 0
#define __GFP_NOWARN 0

void *stub_alloc(size_t size, bool zero);
void stub_free(const void *p);
bool stub_should_fail(void);

static inline void *kmalloc(size_t size, int gfp)
{
	(void)gfp;
	return stub_alloc(size, false);
}

static inline void *kzalloc(size_t size, int gfp)
{
	(void)gfp;
	return stub_alloc(size, true);
}

static inline void *kcalloc(size_t n, size_t size, int gfp)
{
	return kzalloc(n * size, gfp);
}

static inline void kfree(const void *p)
{
	stub_free(p);
}

#define kvmalloc kmalloc
#define kvfree kfree

/* Stores to live tables: see harness.c. */
extern void (*test_store_hook)(u64 *word);
extern unsigned int test_n_barriers;

static inline void xe_pt_store(u64 *word, u64 value)
{
	*(volatile u64 *)word = value;
	if (test_store_hook)
		test_store_hook(word);
}

static inline void xe_pt_barrier(void)
{
	test_n_barriers++;
}

/* Scatter tables. */
struct scatterlist {
	u64 dma_address;
	unsigned int dma_length;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents;
};

#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)
#define sg_next(sg) ((sg) + 1)

/* Locks and fences, for one thread. */
typedef struct {
	bool held;
} spinlock_t;

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

#define spin_lock_irqsave(lock, flags) do { \
	(void)(flags = 0); \
	assert(!(lock)->held); \
	(lock)->held = true; \
} while (0)
#define spin_unlock_irqrestore(lock, flags) do { \
	(void)(flags); \
	assert((lock)->held); \
	(lock)->held = false; \
} while (0)

#define spin_lock(lock) do { \
	assert(!(lock)->held); \
	(lock)->held = true; \
} while (0)
#define spin_unlock(lock) do { \
	assert((lock)->held); \
	(lock)->held = false; \
} while (0)

static inline void cond_resched(void)
{
}

struct dma_fence;
struct dma_fence_cb;
typedef void (*dma_fence_func_t)(struct dma_fence *fence, struct dma_fence_cb *cb);

struct dma_fence_cb {
	struct dma_fence_cb *next;
	dma_fence_func_t func;
};

struct dma_fence {
	spinlock_t *lock;
	spinlock_t own_lock;
	int refs;
	bool signalled;
	struct dma_fence_cb *cbs;
};

struct dma_fence *dma_fence_get(struct dma_fence *fence);
void dma_fence_put(struct dma_fence *fence);
int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb, dma_fence_func_t func);
long dma_fence_wait(struct dma_fence *fence, bool intr);
int dma_fence_signal(struct dma_fence *fence);

/* An "interval tree" that is a list: same interface, nothing to get wrong. */
struct rb_node {
	struct rb_node *next;
};

struct rb_root_cached {
	struct rb_node *first;
};

#define RB_ROOT_CACHED ((struct rb_root_cached){ NULL })

#define INTERVAL_TREE_DEFINE(type, rb, itype, subtree, START, LAST, scope, prefix) \
scope void prefix##_insert(type *node, struct rb_root_cached *root) \
{ \
	node->rb.next = root->first; \
	root->first = &node->rb; \
	node->subtree = LAST(node); \
} \
scope void prefix##_remove(type *node, struct rb_root_cached *root) \
{ \
	struct rb_node **link = &root->first; \
	while (*link != &node->rb) \
		link = &(*link)->next; \
	*link = node->rb.next; \
} \
static inline type *prefix##_scan(struct rb_node *pos, itype start, itype last) \
{ \
	for (; pos; pos = pos->next) { \
		type *node = container_of(pos, type, rb); \
		if (START(node) <= last && start <= LAST(node)) \
			return node; \
	} \
	return NULL; \
} \
scope type *prefix##_iter_first(struct rb_root_cached *root, itype start, itype last) \
{ \
	return prefix##_scan(root->first, start, last); \
} \
scope type *prefix##_iter_next(type *node, itype start, itype last) \
{ \
	return prefix##_scan(node->rb.next, start, last); \
}

#endif
