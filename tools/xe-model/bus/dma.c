// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 */

/**
 * DOC: Guest memory
 *
 * A sorted table of guest ranges. The client sends a new descriptor of the same file with every
 * range, so files are told apart by device and inode and mapped once, as a whole. A removed range
 * leaves its file mapped until the connection ends: a pointer that outlives its range then still
 * points at memory of that guest and never at nothing.
 *
 * Files of a client can shrink under the mapping. A SIGBUS handler replaces the vanished page by a
 * zero page, so that a broken client loses its data and not the model.
 *
 * Locking: a reader/writer lock which prefers writers. Engines hold the read side for some commands
 * and let go when @writers says that somebody waits; the bus thread takes the write side to change
 * the table.
 */

#include "bus/dma.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "util/clock.h"
#include "util/log.h"

#define PAGE_MASK_4K 0xfffull
#define MAX_ENTRIES 65535u
#define MAX_FILES 64u

/**
 * struct dma_file - one file of the client, mapped as a whole
 * @dev: identity
 * @ino: identity
 * @base: mapping
 * @size: bytes mapped
 * @writable: mapped for writing
 */
struct dma_file {
	dev_t dev;
	ino_t ino;
	u8 *base;
	size_t size;
	bool writable;
};

/**
 * struct dma_entry - one guest range
 * @first: first byte
 * @last: last byte, inclusive, so that a range may end at 2^64
 * @ptr: host memory of @first, NULL if there is none
 * @rights: DMA_READ, DMA_WRITE
 */
struct dma_entry {
	u64 first;
	u64 last;
	u8 *ptr;
	u32 rights;
};

/**
 * struct dma_window - a range that is inaccessible for a time, see dma_set_window()
 * @first: first byte
 * @last: last byte
 * @until: clock_ns() when it is over, 0 = there is none
 */
struct dma_window {
	atomic_ullong first;
	atomic_ullong last;
	atomic_ullong until;
};

struct dma_space {
	pthread_rwlock_t lock;
	atomic_uint writers;
	u64 generation;
	struct dma_entry *entries;
	size_t n_entries;
	size_t room;
	struct dma_file files[MAX_FILES];
	unsigned int n_files;
	atomic_bool master;
	atomic_size_t last_hit;
	struct dma_window window;
};

/* --- protection against files that shrink ---------------------------------------------------- */

static struct {
	atomic_uintptr_t first;
	atomic_uintptr_t last;
} guarded[MAX_FILES];

static struct sigaction old_sigbus;

static void on_sigbus(int sig, siginfo_t *info, void *uctx)
{
	uintptr_t at = (uintptr_t)info->si_addr;

	for (unsigned int i = 0; i < MAX_FILES; i++) {
		uintptr_t first = guarded[i].first;

		if (!first || at < first || at > guarded[i].last)
			continue;
		at &= ~(uintptr_t)PAGE_MASK_4K;
		if (mmap((void *)at, SZ_4K, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
			return;
	}
	/* Not ours: the access is repeated under the previous handler. */
	sigaction(SIGBUS, &old_sigbus, NULL);
}

/* Again for every map: somebody may have replaced the handler since. */
static void install_sigbus(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };
	struct sigaction now;

	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGBUS, NULL, &now) || now.sa_sigaction == on_sigbus)
		return;
	old_sigbus = now;
	sigaction(SIGBUS, &sa, NULL);
}

static void guard(void *base, size_t size)
{
	for (unsigned int i = 0; i < MAX_FILES; i++) {
		uintptr_t none = 0;

		if (guarded[i].first)
			continue;
		guarded[i].last = (uintptr_t)base + size - 1;
		if (atomic_compare_exchange_strong(&guarded[i].first, &none, (uintptr_t)base))
			return;
	}
}

static void unguard(void *base)
{
	for (unsigned int i = 0; i < MAX_FILES; i++)
		if (guarded[i].first == (uintptr_t)base)
			guarded[i].first = 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static struct dma_file *map_file(struct dma_space *space, int fd, const struct stat *st,
				 bool write)
{
	struct dma_file *file;
	void *base;

	for (unsigned int i = 0; i < space->n_files; i++) {
		file = &space->files[i];
		if (file->dev == st->st_dev && file->ino == st->st_ino &&
		    file->size == (size_t)st->st_size && (file->writable || !write))
			return file;
	}
	if (space->n_files == MAX_FILES)
		return NULL;

	base = mmap(NULL, (size_t)st->st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base != MAP_FAILED)
		write = true;
	else if (!write)
		base = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return NULL;

	file = &space->files[space->n_files++];
	file->dev = st->st_dev;
	file->ino = st->st_ino;
	file->base = base;
	file->size = (size_t)st->st_size;
	file->writable = write;
	guard(base, file->size);
	return file;
}

/* Find host memory for @len bytes at @offset of @fd. */
static u8 *back_range(struct dma_space *space, int fd, u64 offset, u64 len, bool write)
{
	struct dma_file *file;
	struct stat st;

	if (fstat(fd, &st) || st.st_size <= 0 || !S_ISREG(st.st_mode))
		return NULL;
	if (offset > (u64)st.st_size || len > (u64)st.st_size - offset)
		return NULL;
	file = map_file(space, fd, &st, write);
	return file ? file->base + offset : NULL;
}

/* --- table ------------------------------------------------------------------------------------ */

struct dma_space *dma_create(void)
{
	struct dma_space *space = calloc(1, sizeof(*space));
	pthread_rwlockattr_t attr;

	if (!space)
		return NULL;
	install_sigbus();
	space->generation = 1;
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&space->lock, &attr);
	pthread_rwlockattr_destroy(&attr);
	return space;
}

static void change_begin(struct dma_space *space)
{
	atomic_fetch_add(&space->writers, 1);
	pthread_rwlock_wrlock(&space->lock);
	space->generation++;
}

static void change_end(struct dma_space *space)
{
	atomic_fetch_sub(&space->writers, 1);
	pthread_rwlock_unlock(&space->lock);
}

void dma_destroy(struct dma_space *space)
{
	if (!space)
		return;
	dma_reset(space);
	pthread_rwlock_destroy(&space->lock);
	free(space->entries);
	free(space);
}

/* Index of the first entry that ends at or after @addr; n_entries if none. */
static size_t lower_bound(const struct dma_space *space, u64 addr)
{
	size_t lo = 0, hi = space->n_entries;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (space->entries[mid].last < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int make_room(struct dma_space *space, size_t extra)
{
	size_t want = space->n_entries + extra;
	struct dma_entry *grown;

	if (want > MAX_ENTRIES)
		return -ENOSPC;
	if (want <= space->room)
		return 0;
	want = XM_MAX(want, space->room * 2);
	grown = realloc(space->entries, want * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	space->entries = grown;
	space->room = want;
	return 0;
}

static void insert_at(struct dma_space *space, size_t i, const struct dma_entry *e)
{
	memmove(&space->entries[i + 1], &space->entries[i],
		(space->n_entries - i) * sizeof(*e));
	space->entries[i] = *e;
	space->n_entries++;
}

static int map_locked(struct dma_space *space, struct dma_entry *e, int fd, u64 offset)
{
	size_t i = lower_bound(space, e->first);
	int err;

	if (i < space->n_entries && space->entries[i].first <= e->last)
		return -EEXIST;
	err = make_room(space, 1);
	if (err)
		return err;
	if (fd >= 0) {
		e->ptr = back_range(space, fd, offset, e->last - e->first + 1,
				    e->rights & DMA_WRITE);
		if (!e->ptr)
			return -EINVAL;
	}
	insert_at(space, i, e);
	return 0;
}

int dma_map(struct dma_space *space, u64 addr, u64 len, u32 rights, int fd, u64 offset)
{
	struct dma_entry e = { .first = addr, .last = addr + len - 1, .rights = rights };
	int err;

	if (!len || ((addr | len | offset) & PAGE_MASK_4K) || e.last < addr)
		return -EINVAL;
	if (!rights || rights & ~(DMA_READ | DMA_WRITE) || offset + len < offset)
		return -EINVAL;

	change_begin(space);
	err = map_locked(space, &e, fd, offset);
	change_end(space);
	return err;
}

static int unmap_locked(struct dma_space *space, u64 first, u64 last)
{
	size_t i = lower_bound(space, first);
	size_t end;
	struct dma_entry *e;

	if (i == space->n_entries)
		return 0;
	e = &space->entries[i];
	if (e->first < first && e->last > last) {
		struct dma_entry tail = *e;

		if (make_room(space, 1))
			return -ENOMEM;
		e = &space->entries[i];
		tail.first = last + 1;
		tail.ptr = e->ptr ? e->ptr + (tail.first - e->first) : NULL;
		e->last = first - 1;
		insert_at(space, i + 1, &tail);
		return 0;
	}
	if (e->first < first && e->last >= first) {
		e->last = first - 1;
		i++;
	}
	for (end = i; end < space->n_entries && space->entries[end].last <= last; end++)
		;
	if (end < space->n_entries && space->entries[end].first <= last) {
		e = &space->entries[end];
		if (e->ptr)
			e->ptr += last + 1 - e->first;
		e->first = last + 1;
	}
	memmove(&space->entries[i], &space->entries[end],
		(space->n_entries - end) * sizeof(*e));
	space->n_entries -= end - i;
	return 0;
}

int dma_unmap(struct dma_space *space, u64 addr, u64 len)
{
	u64 last = addr + len - 1;
	int err;

	if (!len)
		return -EINVAL;
	if (last < addr)
		last = UINT64_MAX;
	change_begin(space);
	err = unmap_locked(space, addr, last);
	space->last_hit = 0;
	change_end(space);
	return err;
}

void dma_reset(struct dma_space *space)
{
	change_begin(space);
	for (unsigned int i = 0; i < space->n_files; i++) {
		unguard(space->files[i].base);
		munmap(space->files[i].base, space->files[i].size);
	}
	space->n_files = 0;
	space->n_entries = 0;
	space->last_hit = 0;
	space->master = false;
	change_end(space);
}

size_t dma_count(struct dma_space *space)
{
	size_t n;

	pthread_rwlock_rdlock(&space->lock);
	n = space->n_entries;
	pthread_rwlock_unlock(&space->lock);
	return n;
}

void dma_set_bus_master(struct dma_space *space, bool on)
{
	change_begin(space);
	space->master = on;
	change_end(space);
}

bool dma_bus_master(struct dma_space *space)
{
	return space->master;
}

void dma_set_window(struct dma_space *space, u64 first, u64 last, u64 until)
{
	struct dma_window *w = &space->window;

	atomic_store(&w->until, 0);
	atomic_store(&w->first, first);
	atomic_store(&w->last, last);
	atomic_store(&w->until, until);
}

/* Bytes from @addr that the window leaves alone, at most @left. */
static u64 outside_window(struct dma_space *space, u64 addr, u64 left)
{
	struct dma_window *w = &space->window;
	u64 until = atomic_load_explicit(&w->until, memory_order_acquire);

	if (!until || clock_ns() >= until || addr > w->last || addr + left - 1 < w->first)
		return left;
	return addr < w->first ? w->first - addr : 0;
}

void dma_read_lock(struct dma_space *space)
{
	log_excuse(false);
	pthread_rwlock_rdlock(&space->lock);
}

void dma_read_unlock(struct dma_space *space)
{
	pthread_rwlock_unlock(&space->lock);
}

bool dma_write_wanted(const struct dma_space *space)
{
	return atomic_load_explicit(&space->writers, memory_order_relaxed);
}

u64 dma_generation(const struct dma_space *space)
{
	return space->generation;
}

static const struct dma_entry *find(struct dma_space *space, u64 addr)
{
	size_t i = atomic_load_explicit(&space->last_hit, memory_order_relaxed);
	const struct dma_entry *e;

	if (i < space->n_entries) {
		e = &space->entries[i];
		if (addr >= e->first && addr <= e->last)
			return e;
	}
	i = lower_bound(space, addr);
	if (i == space->n_entries || addr < space->entries[i].first)
		return NULL;
	atomic_store_explicit(&space->last_hit, i, memory_order_relaxed);
	return &space->entries[i];
}

static enum dma_state classify(struct dma_space *space, const struct dma_entry *e, bool write)
{
	if (!space->master)
		return DMA_STATE_NO_MASTER;
	if (!e)
		return DMA_STATE_UNMAPPED;
	if (!e->ptr)
		return DMA_STATE_NO_MEMORY;
	if (write && !(e->rights & DMA_WRITE))
		return DMA_STATE_READ_ONLY;
	return DMA_STATE_OK;
}

void *dma_ptr(struct dma_space *space, u64 addr, size_t len, bool write, size_t *avail)
{
	const struct dma_entry *e = find(space, addr);
	u64 left;

	if (avail)
		*avail = 0;
	if (classify(space, e, write) != DMA_STATE_OK)
		return NULL;
	left = outside_window(space, addr, e->last - addr + 1);
	if (!left)
		log_excuse(true);
	if (!left || (!avail && left < len))
		return NULL;
	if (avail)
		*avail = left;
	return e->ptr + (addr - e->first);
}

enum dma_state dma_probe(struct dma_space *space, u64 addr, bool write)
{
	enum dma_state state = classify(space, find(space, addr), write);

	if (state == DMA_STATE_OK && !outside_window(space, addr, 1))
		return DMA_STATE_WINDOW;
	return state;
}

const char *dma_state_name(enum dma_state state)
{
	static const char *const names[] = {
		[DMA_STATE_OK] = "accessible",
		[DMA_STATE_UNMAPPED] = "not mapped",
		[DMA_STATE_NO_MEMORY] = "no memory behind it",
		[DMA_STATE_READ_ONLY] = "read only",
		[DMA_STATE_NO_MASTER] = "bus mastering is off",
		[DMA_STATE_WINDOW] = "taken away by an ordered fault",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}
