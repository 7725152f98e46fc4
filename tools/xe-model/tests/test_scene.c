// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The whole device on all its threads, freely running, with a connection between it and the host.
 * Both sides are in this process, so that the thread sanitizer sees all of them. What happens is
 * checked by the scene; the order is the scheduler's.
 */

#include "tests/lib_scene.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/irq.h"
#include "dev/attach.h"
#include "fw/guc.h"
#include "tests/lib_client.h"
#include "tests/lib_cmocka.h"
#include "util/log.h"

/**
 * struct side - the device's side of the connection
 * @dev: device with engines and GuC
 * @vfu: its face to the connection
 * @wake: never raised
 * @fd: socket
 * @thread: serves @fd
 */
struct side {
	struct xm_device *dev;
	struct vfu_device vfu;
	struct vfu_wake wake;
	int fd;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct side *s = arg;

	vfu_serve(&s->vfu, s->fd, 20, &s->wake);
	close(s->fd);
	return NULL;
}

static void start(struct side *s, u64 seed, struct client *c)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = seed, .strict = true,
				       .ggtt_map = true };
	int fds[2];

	memset(s, 0, sizeof(*s));
	s->dev = xm_device_create(&cfg);
	assert_non_null(s->dev);
	assert_int_equal(xm_gfx_create(s->dev), 0);
	assert_int_equal(xm_fw_create(s->dev), 0);
	xm_device_attach(s->dev, &s->vfu);
	assert_int_equal(vfu_wake_init(&s->wake), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	s->fd = fds[0];
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	client_init(c, fds[1]);
}

static void finish(struct side *s)
{
	pthread_join(s->thread, NULL);
	xm_fw_destroy(s->dev);
	xm_gfx_destroy(s->dev);
	xm_device_destroy(s->dev);
	vfu_wake_fini(&s->wake);
}

static void attach(struct machine *m, struct client *c, int irq_fd)
{
	u64 table = xm_platform_find("tgl")->ggtt_offset + (MEM_GGTT >> 12) * sizeof(u64);

	m->client = c;
	assert_int_equal(client_version(c), 0);
	assert_int_equal(client_map(c, MEM_DMA, MEM_BYTES, DMA_READ | DMA_WRITE, m->fd, 0), 0);
	assert_int_equal(client_set_irqs(c, VFU_IRQ_DATA_EVENTFD | VFU_IRQ_ACT_TRIGGER, IRQ_MSI, 0,
					 1, &irq_fd, 1), 0);
	assert_int_equal(client_write(c, VFU_REGION_CONFIG, 4, 2, 6, 0), 0);
	for (u32 i = 0; i < MEM_BYTES / SZ_4K; i++)
		assert_int_equal(client_write(c, 0, table + 8 * i, 8,
					      (MEM_DMA + i * (u64)SZ_4K) | GGTT_PRESENT,
					      VFU_NO_REPLY), 0);
}

static void play(u64 seed)
{
	static struct client c;
	unsigned long before = log_violations();
	struct scene scene = { .irq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	struct side side;

	assert_int_equal(machine_setup_memory((void **)&scene.m), 0);
	host_prepare(scene.m);
	start(&side, seed, &c);
	attach(scene.m, &c, scene.irq_fd);
	scene_play(&scene);
	assert_true(scene.irqs > 0 && scene.messages > 0);
	client_close(&c);
	finish(&side);
	assert_int_equal(log_violations(), before);
	close(scene.irq_fd);
	machine_teardown((void **)&scene.m);
}

static void without_delays(void **state)
{
	play(0);
}

static void with_delays(void **state)
{
	play(1);
	play(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_delays), cmocka_unit_test(with_delays),
	};

	return cmocka_run_group_tests_name("scene", tests, NULL, NULL);
}
