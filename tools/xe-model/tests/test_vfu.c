// SPDX-License-Identifier: MIT
/*
 * Copyright © 2026 The xe project authors
 *
 * The server with a real device behind it, over a socket pair. The client first plays QEMU's
 * start-up, then everything a broken or hostile client could do.
 */

#include "tests/lib_cmocka.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/pci.h"
#include "dev/attach.h"
#include "dev/device.h"
#include "tests/lib_client.h"

#define RAM_SIZE 0x400000u
#define BAR0 0u
#define CONFIG VFU_REGION_CONFIG

struct fixture {
	struct xm_device *dev;
	struct vfu_device vfu;
	struct vfu_wake wake;
	int server_fd;
	pthread_t thread;
	bool running;
	struct vfu_end end;
	struct client c;
	int ram;
	unsigned int fds_before;
};

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void *server(void *arg)
{
	struct fixture *f = arg;

	f->end = vfu_serve(&f->vfu, f->server_fd, 50, &f->wake);
	close(f->server_fd);
	return NULL;
}

static void connect_client(struct fixture *f)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	client_init(&f->c, pair[0]);
	f->server_fd = pair[1];
	assert_int_equal(pthread_create(&f->thread, NULL, server, f), 0);
	f->running = true;
}

/* Close our end and wait until the server is done with the connection. */
static void hang_up(struct fixture *f)
{
	client_close(&f->c);
	if (f->running)
		pthread_join(f->thread, NULL);
	f->running = false;
}

static int setup_with(void **state, bool ggtt_map)
{
	const struct xm_config cfg = { .platform = "tgl", .seed = 1, .ggtt_map = ggtt_map };
	struct fixture *f = calloc(1, sizeof(*f));

	f->dev = xm_device_create(&cfg);
	f->ram = memfd_create("ram", MFD_CLOEXEC);
	if (!f->dev || f->ram < 0 || ftruncate(f->ram, RAM_SIZE) || vfu_wake_init(&f->wake))
		return -1;
	xm_device_attach(f->dev, &f->vfu);
	connect_client(f);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, true);
}

static int setup_trapped(void **state)
{
	return setup_with(state, false);
}

static int setup_greeted(void **state)
{
	struct fixture *f;

	if (setup_with(state, true))
		return -1;
	f = *state;
	if (client_version(&f->c))
		return -1;
	f->fds_before = open_fds();
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	hang_up(f);
	close(f->ram);
	vfu_wake_fini(&f->wake);
	xm_device_destroy(f->dev);
	free(f);
	return 0;
}

/* The server still answers, and holds no descriptor it should have closed. */
static void assert_alive(struct fixture *f)
{
	u64 v;

	assert_int_equal(client_read(&f->c, CONFIG, 0, 4, &v), 0);
	assert_int_equal(v, 0x9a498086);
	if (f->fds_before)
		assert_int_equal(open_fds(), f->fds_before);
}

static void assert_closed(struct fixture *f)
{
	assert_int_equal(client_recv(&f->c), -ENOTCONN);
	hang_up(f);
}

/* --- QEMU's start-up -------------------------------------------------------------------------- */

static void query_regions(struct client *c)
{
	struct {
		struct vfu_region_info info;
		struct vfu_sparse_cap cap;
		struct vfu_sparse_area area;
	} r;
	static const u32 indices[] = { 0, 1, 2, 3, 4, 5, 7 };

	for (size_t i = 0; i < ARRAY_SIZE(indices); i++) {
		u32 index = indices[i];

		memset(&r, 0, sizeof(r));
		r.info.argsz = sizeof(r.info);
		r.info.index = index;
		assert_int_equal(client_simple(c, VFU_GET_REGION_INFO, &r, sizeof(r.info)), 0);
		assert_int_equal(c->reply.size, VFU_HDR_SIZE + sizeof(r.info));
		memcpy(&r.info, c->data, sizeof(r.info));
		assert_true(r.info.size == (index == 0 ? SZ_16M : index == 7 ? 4096 : 0));
		assert_int_equal(c->reply_fd >= 0, index == 0);
		if (index)
			continue;

		/* The answer needs more room: ask again. */
		assert_int_equal(r.info.argsz, sizeof(r));
		assert_int_equal(r.info.flags, 7);
		r.info.flags = 0;
		assert_int_equal(client_simple(c, VFU_GET_REGION_INFO, &r, sizeof(r.info)), 0);
		assert_int_equal(c->reply.size, VFU_HDR_SIZE + sizeof(r));
		memcpy(&r, c->data, sizeof(r));
		assert_int_equal(r.info.flags, 15);
		assert_int_equal(r.info.cap_offset, 32);
		assert_int_equal(r.cap.id, 1);
		assert_int_equal(r.cap.version, 1);
		assert_int_equal(r.cap.n_areas, 1);
		assert_true(r.area.offset == SZ_8M && r.area.size == SZ_8M);
		assert_true(c->reply_fd >= 0);
	}
}

static void read_config(struct client *c)
{
	struct vfu_access a = { .region = CONFIG, .count = 4096 };
	u64 v;

	assert_int_equal(client_simple(c, VFU_REGION_READ, &a, sizeof(a)), 0);
	assert_int_equal(c->reply.size, VFU_HDR_SIZE + sizeof(a) + 4096);
	assert_int_equal(c->data[16] | c->data[17] << 8, 0x8086);
	/* No ROM: the sizing write does not read back. */
	assert_int_equal(client_write(c, CONFIG, 0x30, 4, 0xfffff800, 0), 0);
	assert_int_equal(client_read(c, CONFIG, 0x30, 4, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(client_read(c, CONFIG, 0x10, 4, &v), 0);
	assert_int_equal(v & 0xf, 4);
	assert_int_equal(client_read(c, CONFIG, PCI_CAP_MSI + 2, 2, &v), 0);
	assert_int_equal(v, 0x0100);
	assert_int_equal(client_read(c, CONFIG, 0x3d, 1, &v), 0);
	assert_int_equal(v, 0);
}

static void reset_device(struct client *c)
{
	u64 cmd;

	assert_int_equal(client_set_irqs(c, 0x21, IRQ_MSI, 0, 0, NULL, 0), 0);
	assert_int_equal(client_read(c, CONFIG, PCI_COMMAND, 2, &cmd), 0);
	assert_int_equal(client_write(c, CONFIG, PCI_COMMAND, 2, cmd & ~0x407u, 0), 0);
	assert_int_equal(client_simple(c, VFU_DEVICE_RESET, NULL, 0), 0);
	for (u32 bar = 0x10; bar <= 0x24; bar += 4)
		assert_int_equal(client_write(c, CONFIG, bar, 4, 0, 0), 0);
}

static void start_up(struct fixture *f)
{
	struct client *c = &f->c;
	struct vfu_info info = { .argsz = sizeof(info) };
	struct vfu_irq_info irq = { .argsz = sizeof(irq), .index = IRQ_ERR };
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_int_equal(client_version(c), 0);
	assert_int_equal(client_map(c, 0, 0x200000, 3, f->ram, 0), 0);
	assert_int_equal(client_map(c, 0xfffc0000, 0x40000, 1, -1, 0), 0);
	assert_int_equal(client_map(c, 0x100000000, 0x200000, 3, f->ram, 0x200000), 0);

	assert_int_equal(client_simple(c, VFU_GET_INFO, &info, sizeof(info)), 0);
	memcpy(&info, c->data, sizeof(info));
	assert_int_equal(info.flags, 3);
	assert_int_equal(info.n_regions, 9);
	assert_int_equal(info.n_irqs, 5);
	query_regions(c);
	assert_int_equal(client_simple(c, VFU_GET_IRQ_INFO, &irq, sizeof(irq)), 0);
	memcpy(&irq, c->data, sizeof(irq));
	assert_int_equal(irq.count, 1);
	read_config(c);
	assert_int_equal(client_set_irqs(c, 0x24, IRQ_ERR, 0, 1, &event, 1), 0);
	reset_device(c);
	close(event);
}

static void qemu_start_up(void **state)
{
	struct fixture *f = *state;

	start_up(f);
	assert_int_equal(dma_count(f->dev->dma), 3);
	hang_up(f);
	assert_true(f->end.greeted);
	assert_int_equal(f->end.reason, 0);
	assert_int_equal(dma_count(f->dev->dma), 0);
}

/* A second client finds a device in its power-on state: guest reboot, module reload. */
static void reconnect(void **state)
{
	struct fixture *f = *state;
	u64 v;

	for (unsigned int i = 0; i < 3; i++) {
		start_up(f);
		assert_int_equal(client_read(&f->c, BAR0, 0xa188, 4, &v), 0);
		assert_int_equal(v, 0);
		assert_int_equal(client_write(&f->c, BAR0, 0xa188, 4, 0x00010001, 0), 0);
		assert_int_equal(client_write(&f->c, CONFIG, PCI_COMMAND, 2, 6, 0), 0);
		assert_true(dma_bus_master(f->dev->dma));
		hang_up(f);
		assert_false(dma_bus_master(f->dev->dma));
		connect_client(f);
	}
}

static void mapped_ggtt(void **state)
{
	struct fixture *f = *state;
	u64 *map, v;
	int fd;

	start_up(f);
	query_regions(&f->c);
	{
		struct vfu_region_info info = { .argsz = sizeof(info) };

		assert_int_equal(client_simple(&f->c, VFU_GET_REGION_INFO, &info, sizeof(info)),
				 0);
	}
	fd = dup(f->c.reply_fd);
	map = mmap(NULL, SZ_8M, PROT_READ | PROT_WRITE, MAP_SHARED, fd, SZ_8M);
	assert_ptr_not_equal(map, MAP_FAILED);
	close(fd);

	map[5] = 0x1122334455667789ull;
	assert_true(((u64 *)f->dev->ggtt)[5] == map[5]);
	assert_int_equal(client_read(&f->c, BAR0, SZ_8M + 40, 8, &v), 0);
	assert_true(v == map[5]);
	assert_int_equal(client_write(&f->c, BAR0, SZ_16M - 8, 8, 77, 0), 0);
	assert_true(map[SZ_8M / 8 - 1] == 77);
	assert_int_equal(client_simple(&f->c, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_true(map[5] == 0);
	munmap(map, SZ_8M);
}

/* MSI is set up, an engine raises an interrupt, the client sees the event. */
static void msi_round_trip(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);
	u64 count = 0;

	start_up(f);
	assert_int_equal(client_set_irqs(&f->c, 0x21, IRQ_INTX, 0, 0, NULL, 0), 0);
	assert_int_equal(client_set_irqs(&f->c, 0x24, IRQ_MSI, 0, 1, &event, 1), 0);
	assert_int_equal(client_write(&f->c, BAR0, 0x190030, 4, 0x00110011, 0), 0);
	assert_int_equal(client_write(&f->c, BAR0, 0x1900a0, 4, 0, 0), 0);
	assert_int_equal(client_write(&f->c, BAR0, 0x190010, 4, 0x80000000, 0), 0);
	irq_raise(f->dev, XM_CLASS_COPY, 0, XM_IRQ_USER);
	assert_int_equal(read(event, &count, sizeof(count)), sizeof(count));
	assert_int_equal(count, 1);
	/* The client can fire a vector itself. */
	assert_int_equal(client_set_irqs(&f->c, 0x21, IRQ_MSI, 0, 1, NULL, 0), 0);
	assert_int_equal(read(event, &count, sizeof(count)), sizeof(count));
	close(event);
}

static void guest_memory(void **state)
{
	struct fixture *f = *state;
	u64 v = 0x1234;
	u64 *p;

	start_up(f);
	assert_int_equal(client_write(&f->c, CONFIG, PCI_COMMAND, 2, 6, 0), 0);
	assert_int_equal(pwrite(f->ram, &v, 8, 0x200010), 8);
	dma_read_lock(f->dev->dma);
	p = dma_ptr(f->dev->dma, 0x100000010, 8, true, NULL);
	assert_non_null(p);
	assert_true(*p == 0x1234);
	dma_read_unlock(f->dev->dma);
	assert_int_equal(client_unmap(&f->c, 0x100000000, 0x200000, 0), 0);
	assert_int_equal(f->c.reply.size, 40);
	dma_read_lock(f->dev->dma);
	assert_null(dma_ptr(f->dev->dma, 0x100000010, 8, true, NULL));
	dma_read_unlock(f->dev->dma);
	assert_int_equal(client_unmap(&f->c, 0, 0, VFU_UNMAP_ALL), 0);
	assert_int_equal(dma_count(f->dev->dma), 0);
}

static void own_bar_as_memory(void **state)
{
	struct fixture *f = *state;

	start_up(f);
	assert_int_equal(client_write(&f->c, CONFIG, PCI_BAR0, 4, 0xfd000000, 0), 0);
	assert_int_equal(client_map(&f->c, 0xfd800000, SZ_8M, 3, -1, 0), 0);
	assert_int_equal(client_unmap(&f->c, 0xfd800000, SZ_8M, 0), 0);
	/* Memory of other functions without a descriptor is accepted, RAM is not. */
	assert_int_equal(client_map(&f->c, 0xe0000000, SZ_16M, 3, -1, 0), 0);
	assert_int_equal(client_unmap(&f->c, 0, 0x200000, 0), 0);
	assert_int_equal(client_map(&f->c, 0, 0x200000, 3, -1, 0), -EINVAL);
}

static void flr_over_the_wire(void **state)
{
	struct fixture *f = *state;
	u64 v;

	start_up(f);
	assert_int_equal(client_write(&f->c, BAR0, 0xa188, 4, 0x00010001, 0), 0);
	assert_int_equal(client_write(&f->c, CONFIG, PCI_EXP_DEVCTL, 2, 0xa810, 0), 0);
	assert_int_equal(client_read(&f->c, CONFIG, PCI_EXP_DEVCTL, 2, &v), 0);
	assert_int_equal(v & 0x8000, 0);
	assert_int_equal(client_read(&f->c, BAR0, 0x130044, 4, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(dma_count(f->dev->dma), 3);
}

/* --- robustness ------------------------------------------------------------------------------- */

static void greeting(void **state)
{
	struct fixture *f = *state;
	struct vfu_version v = { .major = 1 };

	/* Another command first. */
	assert_int_equal(client_simple(&f->c, VFU_DEVICE_RESET, NULL, 0), -ENOTCONN);
	hang_up(f);
	assert_false(f->end.greeted);
	/* A version we do not speak. */
	connect_client(f);
	assert_int_equal(client_simple(&f->c, VFU_VERSION, &v, sizeof(v)), -ENOTCONN);
	hang_up(f);
	/* Nothing at all, and half a header. */
	connect_client(f);
	hang_up(f);
	assert_int_equal(f->end.reason, 0);
	connect_client(f);
	assert_int_equal(send(f->c.fd, "12345678", 8, 0), 8);
	hang_up(f);
	assert_int_equal(f->end.reason, -EPIPE);
	/* A client without room for our capabilities gets none. */
	connect_client(f);
	v.major = 0;
	assert_int_equal(client_simple(&f->c, VFU_VERSION, &v, sizeof(v)), 0);
	assert_int_equal(f->c.reply.size, 20);
	/* Twice. */
	assert_int_equal(client_version(&f->c), -EINVAL);
	assert_alive(f);
}

static void capabilities_fit(void **state)
{
	struct fixture *f = *state;
	const char *json = (const char *)f->c.data + 4;

	assert_int_equal(client_version(&f->c), 0);
	assert_true(f->c.reply.size <= 214);
	assert_int_equal(f->c.data[f->c.reply.size - VFU_HDR_SIZE - 1], 0);
	assert_non_null(strstr(json, "\"max_data_xfer_size\":1048576"));
	assert_int_equal(!!strstr(json, "write_multiple"), f->vfu.write_multi);
}

static const struct {
	u32 size, flags;
} bad_headers[] = {
	{ 15, 0 }, { 1, 0 }, { VFU_MAX_MSG + 1, 0 }, { 0xffffffff, 0 }, { 16, 2 }, { 16, 0xf },
};

static void broken_streams(void **state)
{
	const struct client_msg cut = { .cmd = 9, .size = 32, .body = "abcd", .len = 4 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad_headers); i++) {
		const struct client_msg m = {
			.cmd = VFU_DEVICE_RESET,
			.size = bad_headers[i].size,
			.flags = bad_headers[i].flags,
		};

		assert_int_equal(client_send(&f->c, &m), 0);
		assert_closed(f);
		assert_int_equal(f->end.reason, -EPROTO);
		connect_client(f);
		assert_int_equal(client_version(&f->c), 0);
	}
	/* End of file between header and payload, and inside the payload. */
	assert_int_equal(client_send(&f->c, &(struct client_msg){ .cmd = 9, .size = 32 }), 0);
	hang_up(f);
	assert_int_equal(f->end.reason, -EPIPE);
	connect_client(f);
	assert_int_equal(client_version(&f->c), 0);
	assert_int_equal(client_send(&f->c, &cut), 0);
	hang_up(f);
	assert_int_equal(f->end.reason, -EPIPE);
}

static void message_in_pieces(void **state)
{
	struct fixture *f = *state;
	struct {
		struct vfu_hdr hdr;
		struct vfu_access a;
	} m = { { .id = 99, .cmd = VFU_REGION_READ, .size = sizeof(m) },
		{ .region = CONFIG, .count = 4 } };

	for (size_t i = 0; i < sizeof(m); i++) {
		assert_int_equal(send(f->c.fd, (u8 *)&m + i, 1, 0), 1);
		if (i % 7 == 0)
			usleep(300);
	}
	assert_int_equal(client_recv(&f->c), 0);
	assert_int_equal(f->c.reply.id, 99);
	assert_int_equal(f->c.data[16], 0x86);
	assert_alive(f);
}

static void unknown_commands(void **state)
{
	static const u16 unknown[] = { 0, 6, 11, 12, 14, 15, 16, 17, 18, 1000, 65535 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		assert_int_equal(client_simple(&f->c, unknown[i], "0123456789", 10), -ENOSYS);
		assert_int_equal(f->c.reply.size, 16);
		assert_int_equal(f->c.reply.flags, VFU_TYPE_REPLY | VFU_ERROR);
		assert_int_equal(f->c.reply.cmd, unknown[i]);
		assert_alive(f);
	}
}

/* No command is ever answered when no reply is wanted, whether it succeeds or not. */
static void no_reply(void **state)
{
	struct fixture *f = *state;
	u8 body[64] = { 0 };

	for (u16 cmd = 0; cmd < 20; cmd++) {
		const struct client_msg m = {
			.cmd = cmd,
			.flags = VFU_NO_REPLY,
			.body = body,
			.len = sizeof(body),
		};

		assert_int_equal(client_send(&f->c, &m), 0);
	}
	assert_alive(f);
	assert_int_equal(f->c.reply.id, (u16)(f->c.id - 1));
}

static void stray_replies(void **state)
{
	struct fixture *f = *state;
	const struct client_msg m = {
		.cmd = 11,
		.flags = VFU_TYPE_REPLY,
		.body = "late answer",
		.len = 11,
		.fds = &f->ram,
		.n_fds = 1,
	};

	assert_int_equal(client_send(&f->c, &m), 0);
	assert_int_equal(client_send(&f->c, &m), 0);
	assert_alive(f);
}

/* Descriptors where none belong, too many, too few, and more than a message may carry. */
static void stray_descriptors(void **state)
{
	struct fixture *f = *state;
	const struct vfu_access read4 = { .region = CONFIG, .count = 4 };
	struct vfu_dma_map map = { .argsz = 32, .flags = 3, .addr = SZ_16M, .len = 0x1000 };
	int many[200];

	for (unsigned int i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = f->ram;
	for (unsigned int n = 1; n <= ARRAY_SIZE(many); n += 33) {
		assert_int_equal(client_call(&f->c, &(struct client_msg){
			.cmd = VFU_REGION_READ, .body = &read4, .len = sizeof(read4),
			.fds = many, .n_fds = n }), 0);
		assert_int_equal(client_call(&f->c, &(struct client_msg){
			.cmd = VFU_DMA_MAP, .body = &map, .len = sizeof(map),
			.fds = many, .n_fds = n }), 0);
		assert_int_equal(client_call(&f->c, &(struct client_msg){
			.cmd = 77, .fds = many, .n_fds = n }), -ENOSYS);
		assert_int_equal(client_set_irqs(&f->c, 0x24, IRQ_MSI, 0, 9, many, n), -EINVAL);
		assert_int_equal(client_set_irqs(&f->c, 0x22, IRQ_MSI, 0, 0, many, n), 0);
		assert_alive(f);
		map.addr += 0x1000;
	}
}

static void wrong_descriptors(void **state)
{
	struct fixture *f = *state;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	f->fds_before += 2;
	assert_int_equal(client_map(&f->c, SZ_1M, 0x1000, 3, pipes[0], 0), -EINVAL);
	assert_int_equal(client_map(&f->c, SZ_1M, RAM_SIZE + 0x1000, 3, f->ram, 0), -EINVAL);
	assert_int_equal(client_map(&f->c, SZ_1M, 0x1000, 3, f->ram, RAM_SIZE), -EINVAL);
	assert_int_equal(client_map(&f->c, SZ_1M, 0, 3, f->ram, 0), -EINVAL);
	assert_int_equal(client_map(&f->c, SZ_1M + 1, 0x1000, 3, f->ram, 0), -EINVAL);
	assert_int_equal(client_map(&f->c, ~0xfffull, 0x2000, 3, f->ram, 0), -EINVAL);
	assert_int_equal(client_map(&f->c, SZ_1M, 0x1000, 3, f->ram, 0), 0);
	assert_int_equal(client_map(&f->c, SZ_1M, 0x1000, 3, f->ram, 0), -EEXIST);
	assert_int_equal(dma_count(f->dev->dma), 1);
	assert_alive(f);
	close(pipes[0]);
	close(pipes[1]);
}

static void region_errors(void **state)
{
	static const struct {
		u32 region;
		u64 off;
		u32 count;
		int err;
	} rows[] = {
		{ 1, 0, 4, -EINVAL },		{ 6, 0, 4, -EINVAL },
		{ 8, 0, 4, -EINVAL },		{ 9, 0, 4, -EINVAL },
		{ 0xffffffff, 0, 4, -EINVAL },	{ BAR0, SZ_16M, 4, -EINVAL },
		{ BAR0, SZ_16M - 4, 8, -EINVAL }, { BAR0, UINT64_MAX - 1, 4, -EINVAL },
		{ CONFIG, 4095, 2, -EINVAL },	{ BAR0, 0, 0, 0 },
		{ BAR0, 0x600000, 8, 0 },	{ BAR0, 0x3ffffe, 4, 0 },
		{ BAR0, 0x7ffffc, 8, 0 },	{ BAR0, 0x1, 7, 0 },
	};
	struct fixture *f = *state;
	u64 v;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(client_read(&f->c, rows[i].region, rows[i].off, rows[i].count,
					     &v), rows[i].err);
		assert_int_equal(client_write(&f->c, rows[i].region, rows[i].off, rows[i].count,
					      0, 0), rows[i].err);
		assert_alive(f);
	}
}

static void big_transfers(void **state)
{
	struct fixture *f = *state;
	struct vfu_access a = { .offset = SZ_8M, .region = BAR0, .count = VFU_MAX_XFER };
	size_t len = sizeof(a) + VFU_MAX_XFER;
	u8 *body = malloc(len);

	assert_non_null(body);
	memset(body, 0x5a, len);
	memcpy(body, &a, sizeof(a));
	assert_int_equal(client_simple(&f->c, VFU_REGION_WRITE, body, len), 0);
	assert_int_equal(client_simple(&f->c, VFU_REGION_READ, &a, sizeof(a)), 0);
	assert_memory_equal(f->c.data, body, len);
	/* Registers are served in words. */
	a.offset = 0;
	assert_int_equal(client_simple(&f->c, VFU_REGION_READ, &a, sizeof(a)), 0);
	a.count++;
	assert_int_equal(client_simple(&f->c, VFU_REGION_READ, &a, sizeof(a)), -EINVAL);
	free(body);
	assert_alive(f);
}

static void repeated_resets(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(client_simple(&f->c, VFU_DEVICE_RESET, NULL, 0), 0);
	assert_alive(f);
}

static void write_batches(void **state)
{
	struct fixture *f = *state;
	struct {
		u64 n;
		struct vfu_multi_entry e[3];
	} body = { 3, { { SZ_8M, BAR0, 8, { 1 } }, { SZ_16M, BAR0, 8, { 2 } },
			{ SZ_8M + 8, BAR0, 8, { 3 } } } };
	struct client_msg m = {
		.cmd = VFU_WRITE_MULTI,
		.flags = VFU_NO_REPLY,
		.body = &body,
		.len = sizeof(body),
	};
	u64 v;

	assert_int_equal(client_version(&f->c), 0);
	assert_int_equal(client_send(&f->c, &m), 0);
	assert_int_equal(client_read(&f->c, BAR0, SZ_8M, 8, &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(client_read(&f->c, BAR0, SZ_8M + 8, 8, &v), 0);
	assert_int_equal(v, 3);
	/* A count that does not match the length: the message is dropped. */
	body.n = 2;
	body.e[0].data[0] = 9;
	assert_int_equal(client_send(&f->c, &m), 0);
	assert_int_equal(client_read(&f->c, BAR0, SZ_8M, 8, &v), 0);
	assert_int_equal(v, 1);
	/* Nothing can be mapped in this mode. */
	{
		struct vfu_region_info info = { .argsz = sizeof(info) };

		assert_int_equal(client_simple(&f->c, VFU_GET_REGION_INFO, &info, sizeof(info)),
				 0);
		memcpy(&info, f->c.data, sizeof(info));
		assert_int_equal(info.flags, 3);
		assert_int_equal(f->c.reply_fd, -1);
	}
}

static void posted_writes_keep_order(void **state)
{
	struct fixture *f = *state;
	u64 v;

	for (u32 i = 0; i < 2000; i++)
		assert_int_equal(client_write(&f->c, BAR0, 0x190244, 4, i, VFU_NO_REPLY), 0);
	assert_int_equal(client_read(&f->c, BAR0, 0x190244, 4, &v), 0);
	assert_int_equal(v, 1999);
}

/* Whatever the bytes, the server neither crashes nor hangs. */
static void random_messages(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = 20260101;
	u8 body[512];

	print_message("seed %u\n", seed);
	for (unsigned int i = 0; i < 4000; i++) {
		struct client_msg m = { .cmd = (u16)(rand_r(&seed) % 20), .body = body };

		m.len = (size_t)rand_r(&seed) % sizeof(body);
		for (size_t b = 0; b < m.len; b++)
			body[b] = rand_r(&seed) % 3 ? 0 : (u8)rand_r(&seed);
		if (m.cmd == VFU_REGION_READ || m.cmd == VFU_VERSION)
			continue;
		if (client_call(&f->c, &m) == -ENOTCONN)
			fail_msg("connection lost at message %u", i);
	}
	f->fds_before = 0;
	assert_alive(f);
}

static void told_to_stop(void **state)
{
	struct fixture *f = *state;

	f->wake.stop = true;
	vfu_wake_raise(&f->wake);
	assert_closed(f);
	assert_int_equal(f->end.reason, -ECANCELED);
}

/* The descriptor of a wake-up that was handled already is drained, not polled in circles. */
static void late_wake_up(void **state)
{
	struct fixture *f = *state;
	struct pollfd pfd = { .fd = f->wake.fd, .events = POLLIN };
	const u64 one = 1;

	assert_int_equal(write(f->wake.fd, &one, sizeof(one)), sizeof(one));
	for (unsigned int i = 0; i < 5000 && poll(&pfd, 1, 0); i++)
		usleep(1000);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_alive(f);
}

/* --- listening socket ------------------------------------------------------------------------- */

static void listening(void **state)
{
	char dir[] = "/tmp/xe-model-test-XXXXXX";
	char path[64], longer[200];
	int first, second;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;

	assert_int_equal(vfu_listen(longer), -ENAMETOOLONG);
	first = vfu_listen(path);
	assert_true(first >= 0);
	assert_int_equal(vfu_listen(path), -EADDRINUSE);
	/* Nobody listens any more: the stale socket is replaced. */
	close(first);
	second = vfu_listen(path);
	assert_true(second >= 0);
	close(second);
	unlink(path);
	/* A file is not ours to remove. */
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(vfu_listen(path), -EEXIST);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
#define CASE(fn, up) cmocka_unit_test_setup_teardown(fn, up, teardown)
	const struct CMUnitTest tests[] = {
		CASE(qemu_start_up, setup),
		CASE(reconnect, setup),
		CASE(mapped_ggtt, setup),
		CASE(msi_round_trip, setup),
		CASE(guest_memory, setup),
		CASE(own_bar_as_memory, setup),
		CASE(flr_over_the_wire, setup),
		CASE(greeting, setup),
		CASE(capabilities_fit, setup),
		CASE(capabilities_fit, setup_trapped),
		CASE(broken_streams, setup_greeted),
		CASE(message_in_pieces, setup_greeted),
		CASE(unknown_commands, setup_greeted),
		CASE(no_reply, setup_greeted),
		CASE(stray_replies, setup_greeted),
		CASE(stray_descriptors, setup_greeted),
		CASE(wrong_descriptors, setup_greeted),
		CASE(region_errors, setup_greeted),
		CASE(big_transfers, setup_greeted),
		CASE(repeated_resets, setup_greeted),
		CASE(write_batches, setup_trapped),
		CASE(posted_writes_keep_order, setup_greeted),
		CASE(random_messages, setup_greeted),
		CASE(told_to_stop, setup_greeted),
		CASE(late_wake_up, setup_greeted),
		cmocka_unit_test(listening),
	};

	return cmocka_run_group_tests_name("vfu", tests, NULL, NULL);
}
