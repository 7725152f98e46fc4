// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * Errno tests of exec queues, submission and syncs, in the manner of xe_uapi_test.c.
 */
#define _GNU_SOURCE

#include "xe_uapi.h"

/* EXEC_QUEUE_CREATE, _DESTROY, _GET_PROPERTY */

FIXTURE(queue) {
	int fd;
	uint32_t vm;
	struct drm_xe_engine_class_instance eci[XE_MAX_NODES];
	struct drm_xe_exec_queue_create args;
	struct drm_xe_ext_set_property property;
};

FIXTURE_SETUP(queue)
{
	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");

	self->vm = xe_vm_create(self->fd, 0);
	ASSERT_NE(0, self->vm);
	ASSERT_EQ(0, xe_find_engines(self->fd, 1, self->eci));
	self->args = (struct drm_xe_exec_queue_create){
		.width = 1,
		.num_placements = 1,
		.vm_id = self->vm,
		.instances = (uintptr_t)self->eci,
	};
	self->property.base.name = DRM_XE_EXEC_QUEUE_EXTENSION_SET_PROPERTY;
}

FIXTURE_TEARDOWN(queue)
{
	if (self->fd >= 0)
		close(self->fd);
}

TEST_F(queue, create_rules)
{
	struct drm_xe_exec_queue_create result = self->args;

	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, result);
	EXPECT_EQ(1, result.exec_queue_id);

	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, flags, 1u << 31);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, width, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, width, 10);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, num_placements, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, num_placements, 10);
	REJECT(EFAULT, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, instances, xe_bad_pointer());
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, vm_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, vm_id, XE_UNKNOWN_ID);
}

TEST_F(queue, create_engine_rules)
{
	struct drm_xe_engine_class_instance good = self->eci[0];
	struct drm_xe_engine_class_instance other;
	struct drm_xe_query_engines *list;

	self->eci[0].gt_id = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->eci[0] = good;
	self->eci[0].engine_class = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->eci[0] = good;
	self->eci[0].engine_instance = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));

	/* Two placements of different classes; then the same engine in both slots. */
	list = xe_query(self->fd, DRM_XE_DEVICE_QUERY_ENGINES, NULL);
	ASSERT_NE(NULL, list);
	other = list->engines[list->num_engines - 1].instance;
	ASSERT_NE(good.engine_class, other.engine_class);
	self->eci[0] = good;
	self->eci[1] = other;
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, num_placements, 2);
	self->eci[1] = good;
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, width, 2);
}

TEST_F(queue, create_bind_queue_rules)
{
	self->eci[0] = (struct drm_xe_engine_class_instance){
		.engine_class = DRM_XE_ENGINE_CLASS_VM_BIND,
	};
	self->eci[1] = self->eci[0];
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, width, 2);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, num_placements, 2);
	self->eci[0].engine_instance = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->eci[0].engine_instance = 0;

	/* The VM does not matter. */
	self->args.vm_id = 0;
	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args);
}

TEST_F(queue, create_extension_rules)
{
	struct drm_xe_ext_set_property chain[17] = {};
	unsigned int i;

	self->property.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE;
	self->property.value = 1000;
	self->args.extensions = (uintptr_t)&self->property;
	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args);
	self->args.exec_queue_id = 0;

	REJECT(EFAULT, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, extensions, xe_bad_pointer());
	REJECT(EFAULT, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args, extensions, ~0ULL);

	self->property.base.pad = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->property.base.pad = 0;
	self->property.base.name = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->property.base.name = DRM_XE_EXEC_QUEUE_EXTENSION_SET_PROPERTY;
	self->property.pad = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->property.pad = 0;
	self->property.property = 77;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));

	for (i = 0; i < ARRAY_SIZE(chain); i++) {
		chain[i].property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY;
		chain[i].value = 1;
		if (i)
			chain[i].base.next_extension = (uintptr_t)&chain[i - 1];
	}
	self->args.extensions = (uintptr_t)&chain[15];
	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args);
	self->args.exec_queue_id = 0;
	self->args.extensions = (uintptr_t)&chain[16];
	EXPECT_EQ(-E2BIG, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
}

TEST_F(queue, create_property_rules)
{
	self->args.extensions = (uintptr_t)&self->property;

	self->property.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY;
	self->property.value = 3;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->property.value = xe_config(self->fd, DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY);
	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, self->args);
	self->args.exec_queue_id = 0;

	self->property.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_TIMESLICE;
	self->property.value = 0;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
	self->property.value = 10000001;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));

	/* The process is the test's own, so it may give up its rights. */
	self->property.property = DRM_XE_EXEC_QUEUE_SET_PROPERTY_PRIORITY;
	self->property.value = 2;
	if (setresuid(65534, 65534, 65534))
		SKIP(return, "cannot give up CAP_SYS_NICE");
	EXPECT_EQ(1, xe_config(self->fd, DRM_XE_QUERY_CONFIG_MAX_EXEC_QUEUE_PRIORITY));
	EXPECT_EQ(-EPERM, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_CREATE, &self->args));
}

TEST_F(queue, destroy_rules)
{
	struct drm_xe_exec_queue_destroy args = {
		.exec_queue_id = xe_queue_create(self->fd, self->vm, self->eci),
	};

	ASSERT_EQ(1, args.exec_queue_id);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args, pad, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args, reserved[1], 1);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args, exec_queue_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args, exec_queue_id, XE_UNKNOWN_ID);

	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, args);
	EXPECT_EQ(-ENOENT, xe_call(self->fd, DRM_IOCTL_XE_EXEC_QUEUE_DESTROY, &args));
	EXPECT_EQ(1, xe_queue_create(self->fd, self->vm, self->eci));
}

TEST_F(queue, get_property_rules)
{
	struct drm_xe_exec_queue_get_property args = {
		.exec_queue_id = xe_queue_create(self->fd, self->vm, self->eci),
		.property = DRM_XE_EXEC_QUEUE_GET_PROPERTY_BAN,
		.value = 77,
	};

	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args);
	EXPECT_EQ(0, args.value);

	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args, property, 1);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args, exec_queue_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC_QUEUE_GET_PROPERTY, args, exec_queue_id, XE_UNKNOWN_ID);
}

/* EXEC and syncs */

FIXTURE(exec) {
	int fd;
	uint32_t vm, bo, queue, empty, signaled, timeline;
	struct drm_xe_engine_class_instance eci;
	struct drm_xe_sync sync[2];
	struct drm_xe_exec args;
};

FIXTURE_SETUP(exec)
{
	uint32_t *batch;

	self->fd = xe_open();
	if (self->fd < 0)
		SKIP(return, "no xe device");

	self->vm = xe_vm_create(self->fd, 0);
	self->bo = xe_gem_create(self->fd, XE_PAGE, self->vm);
	ASSERT_NE(0, self->bo);
	batch = xe_gem_map(self->fd, self->bo, XE_PAGE);
	ASSERT_NE(MAP_FAILED, batch);
	batch[0] = XE_MI_BATCH_END;
	munmap(batch, XE_PAGE);
	ASSERT_EQ(0, xe_bind_wait(self->fd, self->vm, self->bo, XE_BATCH_ADDR, XE_PAGE));

	ASSERT_EQ(0, xe_find_engines(self->fd, 1, &self->eci));
	self->queue = xe_queue_create(self->fd, self->vm, &self->eci);
	ASSERT_NE(0, self->queue);
	self->empty = xe_syncobj_create(self->fd, 0);
	self->signaled = xe_syncobj_create(self->fd, DRM_SYNCOBJ_CREATE_SIGNALED);
	self->timeline = xe_syncobj_create(self->fd, 0);
	self->sync[0] = (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_SYNCOBJ,
		.handle = self->signaled,
	};
	self->args = (struct drm_xe_exec){
		.exec_queue_id = self->queue,
		.num_syncs = 1,
		.syncs = (uintptr_t)self->sync,
		.address = XE_BATCH_ADDR,
		.num_batch_buffer = 1,
	};
}

FIXTURE_TEARDOWN(exec)
{
	if (self->fd >= 0)
		close(self->fd);
}

TEST_F(exec, exec_rules)
{
	uint32_t bind_queue = xe_bind_queue_create(self->fd, self->vm);

	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);

	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, extensions, 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, pad[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, pad[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, pad[2], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, reserved[0], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, reserved[1], 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, num_syncs, DRM_XE_MAX_SYNCS + 1);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC, self->args, exec_queue_id, 0);
	REJECT(ENOENT, DRM_IOCTL_XE_EXEC, self->args, exec_queue_id, XE_UNKNOWN_ID);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, exec_queue_id, bind_queue);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, num_batch_buffer, 2);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, address, XE_BATCH_ADDR + 1);
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, address, XE_BATCH_ADDR + 2);
	REJECT(EFAULT, DRM_IOCTL_XE_EXEC, self->args, syncs, xe_bad_pointer());
}

TEST_F(exec, exec_signals)
{
	self->sync[1] = xe_sync_out(self->empty);
	self->args.num_syncs = 2;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->empty, NSEC_PER_SEC));
}

TEST_F(exec, exec_without_batch_signals)
{
	self->sync[1] = xe_sync_out(self->empty);
	self->args.num_syncs = 2;
	self->args.num_batch_buffer = 0;
	self->args.address = 0;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->empty, NSEC_PER_SEC));
}

TEST_F(exec, exec_in_destroyed_vm)
{
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	ASSERT_EQ(0, xe_vm_destroy(self->fd, self->vm));
	EXPECT_EQ(-ECANCELED, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args));
}

TEST_F(exec, exec_parallel_address)
{
	struct drm_xe_engine_class_instance pair[2];
	struct drm_xe_exec_queue_create queue = {
		.width = 2,
		.num_placements = 1,
		.vm_id = self->vm,
		.instances = (uintptr_t)pair,
	};
	uint64_t batches[2] = { XE_BATCH_ADDR, XE_BATCH_ADDR };

	if (xe_find_engines(self->fd, 2, pair))
		SKIP(return, "no two adjacent engines");

	ACCEPT(DRM_IOCTL_XE_EXEC_QUEUE_CREATE, queue);
	self->args.exec_queue_id = queue.exec_queue_id;
	self->args.num_batch_buffer = 2;
	self->args.address = (uintptr_t)batches;
	self->sync[0] = xe_sync_out(self->empty);
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->empty, NSEC_PER_SEC));
	REJECT(EFAULT, DRM_IOCTL_XE_EXEC, self->args, address, xe_bad_pointer());
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, num_batch_buffer, 1);
	batches[1]++;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args));
}

/* Break a rule of the first sync of self->args. */
#define REJECT_SYNC(_err, _member, _value) do { \
	struct drm_xe_sync _good = self->sync[0]; \
	self->sync[0]._member = (_value); \
	EXPECT_EQ(-(_err), xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args)) \
		TH_LOG("sync: %s = %s", #_member, #_value); \
	self->sync[0] = _good; \
} while (0)

TEST_F(exec, sync_rules)
{
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);

	REJECT_SYNC(EINVAL, flags, 1u << 1);
	REJECT_SYNC(EINVAL, reserved[0], 1);
	REJECT_SYNC(EINVAL, reserved[1], 1);
	REJECT_SYNC(EINVAL, type, 3);
	REJECT_SYNC(EINVAL, addr, 1ULL << 32 | self->signaled);
	REJECT_SYNC(ENOENT, handle, XE_UNKNOWN_ID);
	REJECT_SYNC(EINVAL, handle, self->empty);

	self->sync[0].flags = DRM_XE_SYNC_FLAG_SIGNAL;
	REJECT_SYNC(EINVAL, addr, 1ULL << 32 | self->signaled);
	REJECT_SYNC(ENOENT, handle, XE_UNKNOWN_ID);
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
}

TEST_F(exec, sync_timeline_rules)
{
	self->sync[0].type = DRM_XE_SYNC_TYPE_TIMELINE_SYNCOBJ;
	self->sync[0].handle = self->timeline;
	self->sync[0].timeline_value = 1;
	EXPECT_EQ(-EINVAL, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args));

	ASSERT_EQ(0, xe_timeline_signal(self->fd, self->timeline, 1));
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	REJECT_SYNC(EINVAL, timeline_value, 0);
	REJECT_SYNC(EINVAL, timeline_value, 2);
	REJECT_SYNC(ENOENT, handle, XE_UNKNOWN_ID);

	self->sync[0].flags = DRM_XE_SYNC_FLAG_SIGNAL;
	self->sync[0].timeline_value = 2;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	REJECT_SYNC(EINVAL, timeline_value, 0);

	/* The point exists now. */
	self->sync[0].flags = 0;
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
}

TEST_F(exec, sync_user_fence_rules)
{
	self->sync[0] = (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = XE_BATCH_ADDR + XE_PAGE / 2,
		.timeline_value = 1,
	};
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	REJECT_SYNC(EOPNOTSUPP, flags, 0);
	REJECT_SYNC(EINVAL, addr, XE_BATCH_ADDR + 4);

	self->sync[1] = self->sync[0];
	REJECT(EINVAL, DRM_IOCTL_XE_EXEC, self->args, num_syncs, 2);
}

TEST_F(exec, sync_rules_of_bind)
{
	static uint64_t fence;
	struct drm_xe_vm_bind args = {
		.vm_id = self->vm,
		.num_binds = 1,
		.bind = {
			.addr = 2 * XE_BATCH_ADDR,
			.range = XE_PAGE,
			.op = DRM_XE_VM_BIND_OP_UNMAP,
		},
		.num_syncs = 1,
		.syncs = (uintptr_t)self->sync,
	};
	struct drm_xe_wait_user_fence wait = {
		.addr = (uintptr_t)&fence,
		.value = 1,
		.mask = ~0ULL,
		.timeout = NSEC_PER_SEC,
	};

	self->sync[0] = (struct drm_xe_sync){
		.type = DRM_XE_SYNC_TYPE_USER_FENCE,
		.flags = DRM_XE_SYNC_FLAG_SIGNAL,
		.addr = (uintptr_t)&fence,
		.timeline_value = 1,
	};
	ACCEPT(DRM_IOCTL_XE_VM_BIND, args);
	EXPECT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &wait));

	REJECT(EOPNOTSUPP, DRM_IOCTL_XE_VM_BIND, args, num_binds, 0);
	REJECT(EINVAL, DRM_IOCTL_XE_VM_BIND, args, num_syncs, DRM_XE_MAX_SYNCS + 1);
	REJECT(EFAULT, DRM_IOCTL_XE_VM_BIND, args, syncs, xe_bad_pointer());
	self->sync[1] = self->sync[0];
	REJECT(EINVAL, DRM_IOCTL_XE_VM_BIND, args, num_syncs, 2);
	self->sync[0].addr = xe_bad_pointer();
	EXPECT_EQ(-EFAULT, xe_call(self->fd, DRM_IOCTL_XE_VM_BIND, &args));
}

TEST_F(exec, error_leaves_syncs_alone)
{
	self->sync[0] = xe_sync_out(self->empty);
	self->sync[1] = xe_sync_out(XE_UNKNOWN_ID);
	self->args.num_syncs = 2;
	EXPECT_EQ(-ENOENT, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args));
	EXPECT_EQ(-EINVAL, xe_syncobj_wait(self->fd, self->empty, 0));
}

TEST_F(exec, banned_queue)
{
	static uint64_t fence;
	struct drm_xe_wait_user_fence wait = {
		.addr = (uintptr_t)&fence,
		.value = 1,
		.mask = ~0ULL,
		.timeout = 30 * NSEC_PER_SEC,
		.exec_queue_id = self->queue,
	};

	/* Nothing is mapped there, and the VM has no scratch page. */
	self->args.address = 64 * XE_BATCH_ADDR;
	self->sync[0] = xe_sync_out(self->empty);
	ACCEPT(DRM_IOCTL_XE_EXEC, self->args);
	EXPECT_EQ(-EIO, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &wait));
	EXPECT_EQ(0, xe_syncobj_wait(self->fd, self->empty, 30 * NSEC_PER_SEC));
	EXPECT_EQ(1, xe_queue_is_banned(self->fd, self->queue));
	EXPECT_EQ(-ECANCELED, xe_call(self->fd, DRM_IOCTL_XE_EXEC, &self->args));

	/* A fence that is true is true, whatever became of the queue. */
	wait.value = 0;
	EXPECT_EQ(0, xe_call(self->fd, DRM_IOCTL_XE_WAIT_USER_FENCE, &wait));
}

TEST_HARNESS_MAIN
