// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Address spaces at scale: 100,000 mappings in one VM, made and removed by arrays of 10,000
 * operations; 1,000 VMs; a sparse range of 256 GiB. The GPU goes through every mapping, which on
 * the model is a walk of the tables. Afterwards the slab caches hold what they held before. Needs
 * root.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <sys/stat.h>

#include "xe_batch.h"
#include "xe_uapi.h"

#define SIZE_1G			0x40000000ULL

#define N_MAPPINGS		100000u
#define N_OPS			10000u
#define N_VMS			1000u
#define SPARSE_SIZE		(256 * SIZE_1G)

/* Mapping i is page i of this range, and page i * PAGE_STEP, round and round, of the memory */
#define MAPPINGS_ADDR		(0x400 * SIZE_1G)
#define N_PAGES			512u
#define PAGE_STEP		7u
#define SPARSE_ADDR		(0x1000 * SIZE_1G)

/* Of the batches: MI_STORE_DWORD, address, value */
#define STORE_DWORDS		4u
#define BATCH_SIZE		ALIGN_UP((N_MAPPINGS * STORE_DWORDS + 1) * 4ULL, XE_PAGE)
/* A VM's own part of the memory they share: a batch, and the word it stores to */
#define VM_BATCH_SIZE		64u
#define VM_WORD			48u

#define ALIGN_UP(x, a)		(((x) + (a) - 1) / (a) * (a))

#define SLABS			"/sys/kernel/slab"
#define MAX_CACHES		512
/* Objects: other parts of the system allocate, too, and a processor keeps a slab or two at hand. */
#define SLAB_NOISE		400
#define SETTLE_TRIES		20
#define PATIENCE		(60 * NSEC_PER_SEC)

struct slab_count {
	char name[64];
	long objects;
};

struct slabs {
	unsigned int n;
	struct slab_count cache[MAX_CACHES];
};

/* Have every cache give back what is free, so that counts are exact. */
static void shrink_slabs(void)
{
	DIR *dir = opendir(SLABS);
	struct dirent *entry;
	char path[320];
	struct stat st;
	int fd;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), SLABS "/%s", entry->d_name);
		/* links are other names of merged caches */
		if (lstat(path, &st) || !S_ISDIR(st.st_mode))
			continue;
		snprintf(path, sizeof(path), SLABS "/%s/shrink", entry->d_name);
		fd = open(path, O_WRONLY);
		if (fd >= 0 && write(fd, "1", 1) != 1)
			perror(path);
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
}

/* 0 or -1 */
static int count_slabs(struct slabs *slabs)
{
	struct slab_count *c;
	char line[256];
	FILE *f;

	shrink_slabs();
	f = fopen("/proc/slabinfo", "r");
	if (!f)
		return -1;
	slabs->n = 0;
	while (slabs->n < MAX_CACHES && fgets(line, sizeof(line), f)) {
		c = &slabs->cache[slabs->n];
		if (sscanf(line, "%63s %ld", c->name, &c->objects) == 2)
			slabs->n++;
	}
	fclose(f);

	return slabs->n ? 0 : -1;
}

/* What file systems and processes keep changes all the time, and is no memory of a driver. */
static int is_counted(const char *name)
{
	static const char * const ours[] = { "kmalloc-", "dma_fence", "drm_", "sched_fence" };
	unsigned int i;

	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strncmp(name, ours[i], strlen(ours[i])))
			return 1;

	return 0;
}

/* The cache that has grown most since @before; NULL if none has. */
static const struct slab_count *grown_most(const struct slabs *before, const struct slabs *now,
					   long *by)
{
	const struct slab_count *worst = NULL;
	unsigned int i, k;

	*by = 0;
	for (i = 0; i < now->n; i++) {
		long old = 0;

		if (!is_counted(now->cache[i].name))
			continue;
		for (k = 0; k < before->n; k++)
			if (!strcmp(before->cache[k].name, now->cache[i].name))
				old = before->cache[k].objects;
		if (now->cache[i].objects - old > *by) {
			*by = now->cache[i].objects - old;
			worst = &now->cache[i];
		}
	}

	return worst;
}

FIXTURE(scale) {
	int fd;
	uint32_t vm;
	struct slabs before;
};

/* A VM with one mapping and one job: what the driver allocates once is allocated then. */
static int small_round(void)
{
	int fd = xe_open();
	uint32_t vm = xe_vm_create(fd, 0);
	uint32_t bo = xe_gem_create(fd, XE_PAGE, 0);
	int err = xe_bind_wait(fd, vm, bo, XE_BATCH_ADDR, XE_PAGE);

	close(fd);

	return err;
}

FIXTURE_SETUP(scale)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");
	close(self->fd);
	ASSERT_EQ(0, small_round());
	usleep(200000);
	if (count_slabs(&self->before))
		SKIP(return, "no /proc/slabinfo");
	self->fd = xe_open();
	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
}

/* Close the file; then the caches have to come back to what they were. */
FIXTURE_TEARDOWN(scale)
{
	const struct slab_count *worst = NULL;
	static struct slabs now;
	int tries;
	long by;

	close(self->fd);
	for (tries = 0; tries < SETTLE_TRIES; tries++) {
		usleep(500000);
		ASSERT_EQ(0, count_slabs(&now));
		worst = grown_most(&self->before, &now, &by);
		if (by <= SLAB_NOISE)
			break;
	}
	TH_LOG("grown most: %s by %ld objects", worst ? worst->name : "nothing", by);
	EXPECT_LE(by, SLAB_NOISE);
}

static int bind_ops(int fd, uint32_t vm, const struct drm_xe_vm_bind_op *ops, uint32_t n)
{
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_syncobj_destroy destroy = { .handle = sync.handle };
	struct drm_xe_vm_bind args = {
		.vm_id = vm,
		.num_binds = n,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int err;

	if (n == 1)
		args.bind = *ops;
	else
		args.vector_of_binds = (uintptr_t)ops;

	err = xe_call(fd, DRM_IOCTL_XE_VM_BIND, &args);
	if (!err)
		err = xe_syncobj_wait(fd, sync.handle, PATIENCE);
	xe_call(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);

	return err;
}

static uint64_t mapping_addr(uint32_t i)
{
	return MAPPINGS_ADDR + i * XE_PAGE;
}

static uint32_t mapping_page(uint32_t i)
{
	return i * PAGE_STEP % N_PAGES;
}

/* Run the batch at @addr on the copy engine and wait for its end. */
static int run_batch(int fd, uint32_t vm, uint64_t addr)
{
	struct drm_xe_engine_class_instance eci = { .engine_class = DRM_XE_ENGINE_CLASS_COPY };
	struct drm_xe_sync sync = xe_sync_out(xe_syncobj_create(fd, 0));
	struct drm_syncobj_destroy destroy = { .handle = sync.handle };
	struct drm_xe_exec args = {
		.exec_queue_id = xe_queue_create(fd, vm, &eci),
		.num_batch_buffer = 1,
		.address = addr,
		.num_syncs = 1,
		.syncs = (uintptr_t)&sync,
	};
	int err;

	err = xe_call(fd, DRM_IOCTL_XE_EXEC, &args);
	if (!err)
		err = xe_syncobj_wait(fd, sync.handle, PATIENCE);
	/* the wait ends for jobs that were ended, too */
	if (!err && xe_queue_is_banned(fd, args.exec_queue_id))
		err = -EIO;
	xe_queue_destroy(fd, args.exec_queue_id);
	xe_call(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy);

	return err;
}

TEST_F_TIMEOUT(scale, a_hundred_thousand_mappings, 300)
{
	struct drm_xe_vm_bind_op *ops = calloc(N_OPS, sizeof(*ops));
	uint32_t data_bo, batch_bo, i, k, wrong = 0, *data, *batch, *dw;
	struct drm_xe_vm_bind_op op;

	data_bo = xe_gem_create(self->fd, N_PAGES * XE_PAGE, self->vm);
	data = xe_gem_map(self->fd, data_bo, N_PAGES * XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)data);
	batch_bo = xe_gem_create(self->fd, BATCH_SIZE, self->vm);
	batch = xe_gem_map(self->fd, batch_bo, BATCH_SIZE);
	ASSERT_NE(MAP_FAILED, (void *)batch);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, batch_bo, XE_BATCH_ADDR, BATCH_SIZE));

	for (i = 0; i < N_MAPPINGS; i += N_OPS) {
		for (k = 0; k < N_OPS; k++)
			ops[k] = xe_map_page_op(self->fd, data_bo, mapping_page(i + k) * XE_PAGE,
						mapping_addr(i + k));
		ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, N_OPS));
	}

	/* Each mapping has a word of its own in the page that it shares with others. */
	for (i = 0, dw = batch; i < N_MAPPINGS; i++)
		dw = xe_put_store(dw, mapping_addr(i) + i / N_PAGES * 4, i + 1);
	*dw = XE_MI_BATCH_END;
	ASSERT_EQ(0, run_batch(self->fd, self->vm, XE_BATCH_ADDR));
	for (i = 0; i < N_MAPPINGS; i++)
		wrong += data[mapping_page(i) * XE_PAGE / 4 + i / N_PAGES] != i + 1;
	EXPECT_EQ(0, wrong);

	/* Half of them go one by one, half of them at a stroke. */
	for (i = 0; i < N_MAPPINGS / 2; i += N_OPS) {
		for (k = 0; k < N_OPS; k++)
			ops[k] = xe_unmap_op(mapping_addr(i + k), XE_PAGE);
		ASSERT_EQ(0, bind_ops(self->fd, self->vm, ops, N_OPS));
	}
	op = xe_unmap_op(mapping_addr(i), (N_MAPPINGS - i) * XE_PAGE);
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1));

	munmap(batch, BATCH_SIZE);
	munmap(data, N_PAGES * XE_PAGE);
	free(ops);
}

TEST_F_TIMEOUT(scale, a_thousand_vms, 300)
{
	uint32_t bo, i, wrong = 0, *vms = calloc(N_VMS, sizeof(*vms));
	uint64_t size = ALIGN_UP(N_VMS * VM_BATCH_SIZE, XE_PAGE);
	char *mem;

	bo = xe_gem_create(self->fd, size, 0);
	mem = xe_gem_map(self->fd, bo, size);
	ASSERT_NE(MAP_FAILED, (void *)mem);

	for (i = 0; i < N_VMS; i++) {
		uint32_t *dw = (uint32_t *)(mem + i * VM_BATCH_SIZE);

		vms[i] = xe_vm_create(self->fd, 0);
		ASSERT_NE(0, vms[i]);
		dw = xe_put_store(dw, XE_BATCH_ADDR + i * VM_BATCH_SIZE + VM_WORD, i + 1);
		*dw = XE_MI_BATCH_END;
		ASSERT_EQ(0, xe_bind_wait(self->fd, vms[i], bo, XE_BATCH_ADDR, size));
	}

	for (i = 0; i < N_VMS; i++)
		ASSERT_EQ(0, run_batch(self->fd, vms[i], XE_BATCH_ADDR + i * VM_BATCH_SIZE));
	for (i = 0; i < N_VMS; i++)
		wrong += *(uint32_t *)(mem + i * VM_BATCH_SIZE + VM_WORD) != i + 1;
	EXPECT_EQ(0, wrong);

	/* The other half goes with the file. */
	for (i = 0; i < N_VMS / 2; i++)
		ASSERT_EQ(0, xe_vm_destroy(self->fd, vms[i]));
	munmap(mem, size);
	free(vms);
}

TEST_F_TIMEOUT(scale, a_sparse_range_of_256_gib, 300)
{
	struct drm_xe_vm_bind_op op = {
		.op = DRM_XE_VM_BIND_OP_MAP,
		.flags = DRM_XE_VM_BIND_FLAG_NULL,
		.addr = SPARSE_ADDR,
		.range = SPARSE_SIZE,
		.pat_index = xe_pat_wb(self->fd),
	};
	uint64_t size = ALIGN_UP((2 * SPARSE_SIZE / SIZE_1G + 3) * STORE_DWORDS * 4, XE_PAGE);
	uint64_t middle = SPARSE_ADDR + SPARSE_SIZE / 2 + XE_PAGE, at;
	uint32_t bo, *batch, *dw, *data, data_bo;

	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1));
	bo = xe_gem_create(self->fd, size, self->vm);
	batch = xe_gem_map(self->fd, bo, size);
	ASSERT_NE(MAP_FAILED, (void *)batch);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, bo, XE_BATCH_ADDR, size));

	/* A page of memory in the middle of it; the sparse part on both sides stays. */
	data_bo = xe_gem_create(self->fd, XE_PAGE, self->vm);
	data = xe_gem_map(self->fd, data_bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, (void *)data);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, data_bo, middle, XE_PAGE));

	/* First and last word of each GiB: stores go nowhere, but an address must be valid. */
	for (dw = batch, at = 0; at < SPARSE_SIZE; at += SIZE_1G) {
		dw = xe_put_store(dw, SPARSE_ADDR + at, 1);
		dw = xe_put_store(dw, SPARSE_ADDR + at + SIZE_1G - 4, 1);
	}
	dw = xe_put_store(dw, middle - 4, 2);
	dw = xe_put_store(dw, middle + XE_PAGE, 2);
	dw = xe_put_store(dw, middle, 3);
	*dw = XE_MI_BATCH_END;
	ASSERT_EQ(0, run_batch(self->fd, self->vm, XE_BATCH_ADDR));
	EXPECT_EQ(3, *data);

	op = xe_unmap_op(SPARSE_ADDR, SPARSE_SIZE);
	ASSERT_EQ(0, bind_ops(self->fd, self->vm, &op, 1));
	munmap(data, XE_PAGE);
	munmap(batch, size);
}

TEST_HARNESS_MAIN
